/*
 * Values of one CIM type as another, and the order of two values: what Put
 * coerces and what WQL compares.
 */
#include "object/object_private.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>

/* ---- arrays ------------------------------------------------------------------- */

/* The elements and what they refer to share one block, which is its own heap. */
void array_begin(struct buffer *b, CIMTYPE base, uint32_t count)
{
    uint8_t *items = buffer_add(b, (size_t)count * cim_size(base));
    if (items) {
        memset(items, 0xff, (size_t)count * cim_size(base));
    }
}

void array_set(struct buffer *b, CIMTYPE base, uint32_t i, const struct cim_value *item)
{
    uint8_t slot[8];
    value_append(item, slot, b);
    if (!b->failed) {
        memcpy(b->bytes + (size_t)i * cim_size(base), slot, cim_size(base));
    }
}

HRESULT array_end(struct buffer *b, CIMTYPE base, uint32_t count, struct value *ret)
{
    if (b->failed) {
        buffer_done(b);
        return WBEM_E_OUT_OF_MEMORY;
    }
    ret->storage = b->bytes;
    ret->v = (struct cim_value){
        .type = base | CIM_FLAG_ARRAY,
        .array = {.items = b->bytes, .heap = b->bytes, .heap_size = b->size, .count = count}};
    *b = (struct buffer){0};
    return WBEM_S_NO_ERROR;
}

/* ---- numbers in common terms ------------------------------------------------------ */

/* An integer of either sign, or a real. */
struct number {
    bool real, negative;
    uint64_t magnitude;
    double value;
};

static void number_from_signed(int64_t v, struct number *ret)
{
    *ret = (struct number){.negative = v < 0, .magnitude = v < 0 ? 0 - (uint64_t)v : (uint64_t)v};
}

/* Text of a number, blanks around it allowed. */
static bool number_from_text(const struct cim_string *s, struct number *ret)
{
    char text[64], *end;
    uint32_t length = 0;
    for (uint32_t at = 0; at < s->length;) {
        uint32_t c = string_next(s, &at);
        if (c == 0 || c >= 0x80 || length == sizeof text - 1) {
            return false;
        }
        text[length++] = (char)c;
    }
    text[length] = 0;

    char *p = text;
    while (*p == ' ' || *p == '\t') {
        p++;
    }
    bool negative = *p == '-';
    p += negative || *p == '+';
    if (*p >= '0' && *p <= '9') {
        bool hex = p[0] == '0' && (p[1] | 0x20) == 'x';
        errno = 0;
        unsigned long long v = strtoull(p, &end, hex ? 16 : 10);
        while (*end == ' ') {
            end++;
        }
        if (*end == 0 && errno == 0) {
            *ret = (struct number){.negative = negative && v != 0, .magnitude = v};
            return true;
        }
    }
    if ((*p < '0' || *p > '9') && *p != '.') {
        return false;
    }
    double real = strtod(p, &end);
    if (end == p || *end != 0) {
        return false;
    }
    *ret = (struct number){.real = true, .value = negative ? -real : real};
    return true;
}

static bool number_from_value(const struct cim_value *v, struct number *ret)
{
    if (cim_is_signed(v->type) || v->type == CIM_BOOLEAN || v->type == CIM_CHAR16) {
        number_from_signed(v->sint, ret);
        return true;
    }
    if (cim_is_unsigned(v->type)) {
        *ret = (struct number){.magnitude = v->uint};
        return true;
    }
    if (v->type == CIM_REAL32 || v->type == CIM_REAL64) {
        *ret = (struct number){.real = true, .value = v->real};
        return true;
    }
    return v->type == CIM_STRING && number_from_text(&v->string, ret);
}

static long double number_real(const struct number *n)
{
    long double m = (long double)n->magnitude;
    return n->real ? n->value : n->negative ? -m : m;
}

/* Reals become integers as VariantChangeType has it: to the nearest, halves to even. */
static bool number_round(struct number *n)
{
    if (n->real) {
        double v = nearbyint(n->value);
        if (!(fabs(v) < 18446744073709551616.0)) {
            return false;
        }
        *n = (struct number){.negative = v < 0, .magnitude = (uint64_t)fabs(v)};
    }
    return true;
}

static int number_compare(const struct number *a, const struct number *b)
{
    if (a->real || b->real) {
        long double x = number_real(a), y = number_real(b);
        return (x > y) - (x < y);
    }
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    int order = (a->magnitude > b->magnitude) - (a->magnitude < b->magnitude);
    return a->negative ? -order : order;
}

/* ---- converting -------------------------------------------------------------------- */

static HRESULT to_integer(struct number n, CIMTYPE type, struct cim_value *ret)
{
    unsigned bits = 8 * cim_size(type);
    if (!number_round(&n)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    if (cim_is_signed(type)) {
        uint64_t limit = (uint64_t)1 << (bits - 1);
        if (n.magnitude > limit || (n.magnitude == limit && !n.negative)) {
            return WBEM_E_TYPE_MISMATCH;
        }
        ret->sint = (int64_t)(n.negative ? 0 - n.magnitude : n.magnitude);
        return WBEM_S_NO_ERROR;
    }
    if (n.negative || (bits < 64 && n.magnitude >> bits)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    ret->uint = n.magnitude;
    return WBEM_S_NO_ERROR;
}

static HRESULT to_boolean(const struct cim_value *from, struct cim_value *ret)
{
    struct number n;
    if (from->type == CIM_STRING && string_is(&from->string, L"TRUE")) {
        ret->sint = 1;
    } else if (from->type == CIM_STRING && string_is(&from->string, L"FALSE")) {
        ret->sint = 0;
    } else if (number_from_value(from, &n)) {
        ret->sint = n.real ? n.value != 0 : n.magnitude != 0;
    } else {
        return WBEM_E_TYPE_MISMATCH;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT to_char16(const struct cim_value *from, struct cim_value *ret)
{
    struct number n;
    if (from->type == CIM_STRING && from->string.length == 1) {
        uint32_t at = 0;
        ret->sint = string_next(&from->string, &at);
        return WBEM_S_NO_ERROR;
    }
    /* A VARIANT holds a char16 as VT_I2, so its upper half comes as negative numbers. */
    if (!number_from_value(from, &n) || !number_round(&n) ||
        n.magnitude > (n.negative ? 0x8000u : 0xffffu)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    ret->sint = (uint16_t)(n.negative ? 0 - n.magnitude : n.magnitude);
    return WBEM_S_NO_ERROR;
}

static HRESULT to_string(const struct cim_value *from, CIMTYPE type, struct value *ret)
{
    char text[64];
    if (from->type == CIM_CHAR16) {
        wchar_t c = (wchar_t)from->sint;
        return value_from_wide(type, &c, 1, ret);
    }
    if (from->type == CIM_BOOLEAN) {
        snprintf(text, sizeof text, "%s", from->sint ? "True" : "False");
    } else if (cim_is_signed(from->type)) {
        snprintf(text, sizeof text, "%lld", (long long)from->sint);
    } else if (cim_is_unsigned(from->type)) {
        snprintf(text, sizeof text, "%llu", (unsigned long long)from->uint);
    } else if (from->type == CIM_REAL32 || from->type == CIM_REAL64) {
        snprintf(text, sizeof text, "%.*g", from->type == CIM_REAL32 ? 7 : 15, from->real);
    } else {
        return WBEM_E_TYPE_MISMATCH;
    }
    struct cim_value v = {
        .type = type, .string = {.bytes = (const uint8_t *)text, .length = (uint32_t)strlen(text)}};
    return value_copy(&v, ret);
}

static HRESULT convert_string(const struct cim_value *from, CIMTYPE type, struct value *ret)
{
    if (!cim_is_string(from->type)) {
        return type == CIM_STRING ? to_string(from, type, ret) : WBEM_E_TYPE_MISMATCH;
    }
    struct cim_datetime moment;
    struct cim_value v = *from;
    v.type = type;
    if (type == CIM_DATETIME && FAILED(cim_datetime_parse(&v.string, false, &moment))) {
        return WBEM_E_TYPE_MISMATCH;
    }
    return value_copy(&v, ret);
}

static HRESULT convert_array(const struct cim_value *from, CIMTYPE type, struct value *ret)
{
    CIMTYPE base = CIM_BASE(type);
    struct buffer b = {0};
    HRESULT hr = WBEM_S_NO_ERROR;
    array_begin(&b, base, from->array.count);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < from->array.count; i++) {
        struct cim_value item;
        struct value converted = {0};
        hr = cim_array_get(from, i, &item);
        if (SUCCEEDED(hr)) {
            hr = item.null ? WBEM_E_TYPE_MISMATCH : value_convert(&item, base, &converted);
        }
        if (SUCCEEDED(hr)) {
            array_set(&b, base, i, &converted.v);
        }
        value_done(&converted);
    }
    if (FAILED(hr)) {
        buffer_done(&b);
        return hr;
    }
    return array_end(&b, base, from->array.count, ret);
}

HRESULT value_convert(const struct cim_value *from, CIMTYPE type, struct value *ret)
{
    struct number n;
    if (cim_size(type) == 0) {
        return WBEM_E_INVALID_CIM_TYPE;
    }
    if (from->null) {
        ret->v = value_null(type);
        return WBEM_S_NO_ERROR;
    }
    if (from->type == type && CIM_BASE(type) != CIM_DATETIME) {
        return value_copy(from, ret);
    }
    if (cim_is_array(from->type) != cim_is_array(type)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    if (cim_is_array(type)) {
        return convert_array(from, type, ret);
    }
    if (cim_is_string(type)) {
        return convert_string(from, type, ret);
    }

    ret->v = (struct cim_value){.type = type};
    switch (type) {
    case CIM_BOOLEAN:
        return to_boolean(from, &ret->v);
    case CIM_CHAR16:
        return to_char16(from, &ret->v);
    case CIM_OBJECT:
        return WBEM_E_TYPE_MISMATCH;
    case CIM_REAL32:
    case CIM_REAL64:
        if (!number_from_value(from, &n)) {
            return WBEM_E_TYPE_MISMATCH;
        }
        ret->v.real = (double)number_real(&n);
        return WBEM_S_NO_ERROR;
    default:
        if (from->type == CIM_BOOLEAN && from->sint) { /* VARIANT_TRUE is -1 */
            number_from_signed(cim_is_signed(type) ? -1 : 1, &n);
        } else if (!number_from_value(from, &n)) {
            return WBEM_E_TYPE_MISMATCH;
        }
        return to_integer(n, type, &ret->v);
    }
}

/* ---- comparing --------------------------------------------------------------------- */

static HRESULT compare_datetimes(const struct cim_value *a, const struct cim_value *b,
                                 int *ret_order)
{
    struct cim_datetime x, y;
    if (!cim_is_string(a->type) || !cim_is_string(b->type) ||
        FAILED(cim_datetime_parse(&a->string, true, &x)) ||
        FAILED(cim_datetime_parse(&b->string, true, &y)) || x.interval != y.interval) {
        return WBEM_E_TYPE_MISMATCH;
    }
    *ret_order = (x.microseconds > y.microseconds) - (x.microseconds < y.microseconds);
    return WBEM_S_NO_ERROR;
}

HRESULT cim_compare(const struct cim_value *a, const struct cim_value *b, int *ret_order)
{
    struct number x, y;
    struct cim_value truth = {.type = CIM_BOOLEAN};
    if (a->null || b->null || cim_is_array(a->type) || cim_is_array(b->type) ||
        a->type == CIM_OBJECT || b->type == CIM_OBJECT) {
        return WBEM_E_TYPE_MISMATCH;
    }
    if (a->type == CIM_DATETIME || b->type == CIM_DATETIME) {
        return compare_datetimes(a, b, ret_order);
    }
    if (cim_is_string(a->type) && cim_is_string(b->type)) {
        *ret_order = cim_string_compare(&a->string, &b->string);
        return WBEM_S_NO_ERROR;
    }
    if (a->type == CIM_BOOLEAN && b->type == CIM_STRING) {
        HRESULT hr = to_boolean(b, &truth);
        b = &truth;
        if (FAILED(hr)) {
            return hr;
        }
    } else if (b->type == CIM_BOOLEAN && a->type == CIM_STRING) {
        HRESULT hr = to_boolean(a, &truth);
        a = &truth;
        if (FAILED(hr)) {
            return hr;
        }
    } else if ((a->type == CIM_CHAR16 && b->type == CIM_STRING) ||
               (b->type == CIM_CHAR16 && a->type == CIM_STRING)) {
        HRESULT hr = to_char16(a->type == CIM_STRING ? a : b, &truth);
        if (SUCCEEDED(hr)) {
            truth.type = CIM_CHAR16;
            if (a->type == CIM_STRING) {
                a = &truth;
            } else {
                b = &truth;
            }
        }
    }
    if (!number_from_value(a, &x) || !number_from_value(b, &y)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    *ret_order = number_compare(&x, &y);
    return WBEM_S_NO_ERROR;
}
