/*
 * Constants converted once, when the query is bound ([WmiSdk] "WQL-Supported
 * Data Types"): numbers may be in quotes, dates come in several forms, TRUE
 * may be 1. An integer that the property's type can't hold stays a 64-bit one,
 * so that it compares as what it is.
 */
#include "wql/bind_constant.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"

bool constant_type_is_text(CIMTYPE type)
{
    return type == CIM_STRING || type == CIM_DATETIME || type == CIM_REFERENCE;
}

HRESULT constant_text(const wchar_t *text, CIMTYPE type, struct cim_value *ret,
                      uint8_t **ret_storage)
{
    size_t length = wcslen(text);
    bool wide = false;
    for (size_t i = 0; i < length; i++) {
        wide = wide || (uint32_t)text[i] > 0xff;
    }
    size_t units = wide ? com_utf16_length_of_wide(text, length) : length;
    uint8_t *bytes = malloc(wide ? 2 * units + 2 : units + 1);
    if (!bytes) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (wide) {
        com_utf16_put_wide(bytes, text, length);
    } else {
        for (size_t i = 0; i < length; i++) {
            bytes[i] = (uint8_t)text[i];
        }
    }
    *ret = (struct cim_value){.type = type,
                              .string = {.bytes = bytes, .length = (uint32_t)units, .wide = wide}};
    *ret_storage = bytes;
    return S_OK;
}

/* ---- numbers ------------------------------------------------------------------------- */

static void set_integer(CIMTYPE type, bool negative, uint64_t magnitude, struct cim_value *ret)
{
    static const struct {
        CIMTYPE type;
        unsigned bits;
        bool is_signed;
    } types[] = {
        {CIM_UINT8, 8, false},   {CIM_UINT16, 16, false}, {CIM_UINT32, 32, false},
        {CIM_UINT64, 64, false}, {CIM_SINT8, 8, true},    {CIM_SINT16, 16, true},
        {CIM_SINT32, 32, true},  {CIM_SINT64, 64, true},  {CIM_CHAR16, 16, false},
    };
    *ret = (struct cim_value){.type = negative ? CIM_SINT64 : CIM_UINT64};
    if (negative) {
        ret->sint = (int64_t)(0 - magnitude);
    } else {
        ret->uint = magnitude;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (types[i].type != type) {
            continue;
        }
        uint64_t most = types[i].is_signed ? ((uint64_t)1 << (types[i].bits - 1)) - !negative
                                           : UINT64_MAX >> (64 - types[i].bits);
        bool fits = magnitude <= most && (types[i].is_signed || !negative || magnitude == 0);
        if (fits && (types[i].is_signed || type == CIM_CHAR16)) {
            *ret = (struct cim_value){.type = type,
                                      .sint = (int64_t)(negative ? 0 - magnitude : magnitude)};
        } else if (fits) {
            *ret = (struct cim_value){.type = type, .uint = magnitude};
        }
    }
}

/* A number in quotes. */
static bool number_of_text(const wchar_t *text, CIMTYPE type, struct cim_value *ret)
{
    struct lexer l;
    struct token t;
    struct token end;
    lexer_init(&l, text);
    lexer_next(&l, &t);
    lexer_next(&l, &end);
    if ((t.kind != TOKEN_INTEGER && t.kind != TOKEN_REAL) || end.kind != TOKEN_END) {
        return false;
    }
    const wchar_t *digits = t.start + (*t.start == L'-' || *t.start == L'+');
    bool hex = digits[0] == L'0' && (digits[1] == L'x' || digits[1] == L'X');
    errno = 0;
    if (t.kind == TOKEN_REAL) {
        *ret = (struct cim_value){.type = CIM_REAL64, .real = wcstod(t.start, NULL)};
    } else {
        set_integer(type, *t.start == L'-', wcstoull(digits, NULL, hex ? 16 : 10), ret);
    }
    return errno == 0;
}

static bool is_real(CIMTYPE type)
{
    return type == CIM_REAL32 || type == CIM_REAL64;
}

static double real_of(const struct cim_value *v)
{
    return is_real(v->type) ? v->real : v->type == CIM_SINT64 ? (double)v->sint : (double)v->uint;
}

static HRESULT bind_number(const struct operand *o, CIMTYPE type, struct cim_value *ret)
{
    switch (o->kind) {
    case OPERAND_INTEGER:
        set_integer(type, o->negative, o->integer, ret);
        break;
    case OPERAND_REAL:
        *ret = (struct cim_value){.type = CIM_REAL64, .real = o->real};
        break;
    case OPERAND_BOOLEAN:
        set_integer(type, false, o->boolean, ret);
        break;
    case OPERAND_STRING:
        if (type == CIM_CHAR16 && wcslen(o->text) == 1) {
            set_integer(type, false, (uint64_t)o->text[0], ret);
        } else if (!number_of_text(o->text, type, ret)) {
            return WBEM_E_INVALID_QUERY;
        }
        break;
    default:
        return WBEM_E_INVALID_QUERY;
    }
    if (is_real(type)) {
        double v = real_of(ret);
        *ret = (struct cim_value){.type = CIM_REAL64, .real = v};
    }
    return S_OK;
}

static HRESULT bind_boolean(const struct operand *o, struct cim_value *ret)
{
    bool truth;
    if (o->kind == OPERAND_BOOLEAN) {
        truth = o->boolean;
    } else if (o->kind == OPERAND_INTEGER) {
        truth = o->integer != 0;
    } else if (o->kind == OPERAND_STRING &&
               (wcscasecmp(o->text, L"true") == 0 || wcscmp(o->text, L"1") == 0)) {
        truth = true;
    } else if (o->kind == OPERAND_STRING &&
               (wcscasecmp(o->text, L"false") == 0 || wcscmp(o->text, L"0") == 0)) {
        truth = false;
    } else {
        return WBEM_E_INVALID_QUERY;
    }
    *ret = (struct cim_value){.type = CIM_BOOLEAN, .sint = truth};
    return S_OK;
}

/* ---- texts ------------------------------------------------------------------------------ */

static HRESULT bind_datetime(const struct operand *o, struct cim_value *ret, uint8_t **ret_storage)
{
    if (o->kind != OPERAND_STRING) {
        return WBEM_E_INVALID_QUERY;
    }
    HRESULT hr = constant_text(o->text, CIM_DATETIME, ret, ret_storage);
    struct cim_datetime d;
    if (FAILED(hr)) {
        return hr;
    }
    if (FAILED(cim_datetime_parse(&ret->string, true, &d))) {
        return WBEM_E_INVALID_QUERY;
    }
    /* Kept in the form that rows hold, which is read fastest. */
    char text[26];
    cim_datetime_print(&d, text);
    free(*ret_storage);
    *ret_storage = (uint8_t *)strdup(text);
    ret->string = (struct cim_string){.bytes = *ret_storage, .length = 25};
    return *ret_storage ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT bind_text(const struct operand *o, CIMTYPE type, struct cim_value *ret,
                         uint8_t **ret_storage)
{
    switch (o->kind) {
    case OPERAND_STRING:
    case OPERAND_INTEGER: /* as written */
    case OPERAND_REAL:
        return constant_text(o->text, type, ret, ret_storage);
    case OPERAND_BOOLEAN:
        return constant_text(o->boolean ? L"TRUE" : L"FALSE", type, ret, ret_storage);
    default:
        return WBEM_E_INVALID_QUERY;
    }
}

HRESULT constant_bind(const struct operand *o, CIMTYPE type, struct cim_value *ret,
                      uint8_t **ret_storage, const char **ret_expected)
{
    *ret_storage = NULL;
    switch (type) {
    case CIM_STRING:
    case CIM_REFERENCE:
        *ret_expected = "a string";
        return bind_text(o, type, ret, ret_storage);
    case CIM_DATETIME:
        *ret_expected = "a date and time in quotes, as in '20240131120000.000000+000'";
        return bind_datetime(o, ret, ret_storage);
    case CIM_BOOLEAN:
        *ret_expected = "TRUE or FALSE";
        return bind_boolean(o, ret);
    case CIM_OBJECT:
        *ret_expected = "a property that is no embedded object";
        return WBEM_E_INVALID_QUERY;
    default:
        *ret_expected = "a number";
        return bind_number(o, type, ret);
    }
}
