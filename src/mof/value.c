/*
 * Values of the tree as the VARIANTs that IWbemClassObject::Put and
 * IWbemQualifierSet::Put take ([WmiSdk] "Numbers", "MOF Data Types").
 */
#include "mof/compiler_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

HRESULT mof_name(struct mof_compiler *c, struct mof_slice name, wchar_t out[MOF_MAX_NAME + 1])
{
    if (name.length > MOF_MAX_NAME) {
        return mof_fail(c, name, WBEM_E_INVALID_PARAMETER, "a name has at most %d characters",
                        MOF_MAX_NAME);
    }
    out[mof_decode_name(name, out)] = L'\0';
    return WBEM_S_NO_ERROR;
}

HRESULT mof_string(struct mof_compiler *c, const struct mof_value *value, size_t *ret_length)
{
    if (c->scratch_room <= value->text.length) {
        size_t room = value->text.length * 2 + 64;
        wchar_t *grown = realloc(c->scratch, room * sizeof *grown);
        if (grown == NULL) {
            return mof_fail(c, value->text, WBEM_E_OUT_OF_MEMORY, "out of memory");
        }
        c->scratch = grown;
        c->scratch_room = room;
    }
    *ret_length = mof_decode_string(value->text, c->scratch);
    c->scratch[*ret_length] = L'\0';
    return WBEM_S_NO_ERROR;
}

static HRESULT mismatch(struct mof_compiler *c, const struct mof_value *value, const char *wanted)
{
    return mof_fail(c, value->text, WBEMMOF_E_TYPE_MISMATCH, "the type asks for %s", wanted);
}

static HRESULT take_bstr(struct mof_compiler *c, const struct mof_value *value, BSTR text,
                         VARIANT *ret)
{
    if (text == NULL) {
        return mof_fail(c, value->text, WBEM_E_OUT_OF_MEMORY, "out of memory");
    }
    V_VT(ret) = VT_BSTR;
    V_BSTR(ret) = text;
    return WBEM_S_NO_ERROR;
}

static HRESULT string_value(struct mof_compiler *c, const struct mof_value *value, VARIANT *ret)
{
    size_t length = 0;
    if (value->kind != MOF_VALUE_STRING) {
        return mismatch(c, value, "a string");
    }
    HRESULT hr = mof_string(c, value, &length);
    if (FAILED(hr)) {
        return hr;
    }
    return take_bstr(c, value, SysAllocStringLen(c->scratch, (UINT)length), ret);
}

/* ---- numbers ---------------------------------------------------------------- */

static const struct integer_type {
    CIMTYPE type;
    VARTYPE variant;
    uint64_t max, min_magnitude;
} integer_types[] = {
    {CIM_SINT8, VT_I2, INT8_MAX, 128},
    {CIM_UINT8, VT_UI1, UINT8_MAX, 0},
    {CIM_SINT16, VT_I2, INT16_MAX, 32768},
    {CIM_UINT16, VT_I4, UINT16_MAX, 0},
    {CIM_SINT32, VT_I4, INT32_MAX, UINT64_C(2147483648)},
    {CIM_UINT32, VT_I4, UINT32_MAX, 0},
    {CIM_SINT64, VT_BSTR, INT64_MAX, UINT64_C(1) << 63},
    {CIM_UINT64, VT_BSTR, UINT64_MAX, 0},
    {CIM_CHAR16, VT_I2, UINT16_MAX, 0},
};

static const struct integer_type *integer_type_of(CIMTYPE type)
{
    for (size_t i = 0; i < sizeof integer_types / sizeof integer_types[0]; i++) {
        if (integer_types[i].type == type) {
            return &integer_types[i];
        }
    }
    return NULL;
}

static BSTR print_integer(uint64_t magnitude, bool negative)
{
    wchar_t text[24];
    int length = swprintf(text, sizeof text / sizeof text[0], L"%ls%llu", negative ? L"-" : L"",
                          (unsigned long long)magnitude);
    return SysAllocStringLen(text, (UINT)length);
}

/* 64-bit integers are strings in VARIANTs and so in GetObjectText. */
static HRESULT read_quoted_integer(struct mof_compiler *c, const struct mof_value *value,
                                   struct mof_value *ret)
{
    size_t length = 0;
    HRESULT hr = mof_string(c, value, &length);
    char digits[24];
    if (FAILED(hr)) {
        return hr;
    }
    if (length == 0 || length >= sizeof digits) {
        return mismatch(c, value, "an integer");
    }
    for (size_t i = 0; i < length; i++) {
        bool digit = c->scratch[i] >= L'0' && c->scratch[i] <= L'9';
        bool sign = i == 0 && length > 1 && c->scratch[i] == L'-';
        if (!digit && !sign) {
            return mismatch(c, value, "an integer");
        }
        digits[i] = (char)c->scratch[i];
    }
    /* Decimal always, leading zeros or not. */
    size_t skip = digits[0] == '-' ? 1 : 0;
    while (skip + 1 < length && digits[skip] == '0') {
        skip++;
    }
    *ret = (struct mof_value){.kind = MOF_VALUE_INTEGER, .text = value->text};
    bool unused;
    if (!mof_decode_integer((struct mof_slice){digits + skip, length - skip},
                            &ret->integer.magnitude, &unused)) {
        return mof_fail(c, value->text, WBEMMOF_E_OUT_OF_RANGE, "does not fit in 64 bits");
    }
    ret->integer.negative = digits[0] == '-';
    return WBEM_S_NO_ERROR;
}

static HRESULT integer_value(struct mof_compiler *c, const struct mof_value *value,
                             const struct integer_type *type, VARIANT *ret)
{
    struct mof_value read = *value;
    if (value->kind == MOF_VALUE_STRING && type->variant == VT_BSTR) {
        HRESULT hr = read_quoted_integer(c, value, &read);
        if (FAILED(hr)) {
            return hr;
        }
    } else if (value->kind == MOF_VALUE_CHAR && type->type == CIM_CHAR16) {
        read.integer.magnitude = (uint64_t)mof_decode_char(value->text);
        read.integer.negative = false;
    } else if (value->kind != MOF_VALUE_INTEGER) {
        return mismatch(c, value, type->type == CIM_CHAR16 ? "a character" : "an integer");
    }

    uint64_t magnitude = read.integer.magnitude;
    bool negative = read.integer.negative && magnitude != 0;
    if (magnitude > (negative ? type->min_magnitude : type->max)) {
        return mof_fail(c, value->text, WBEMMOF_E_OUT_OF_RANGE, "out of the type's range");
    }
    if (type->variant == VT_BSTR) {
        return take_bstr(c, value, print_integer(magnitude, negative), ret);
    }
    int64_t number = negative ? -(int64_t)magnitude : (int64_t)magnitude;
    V_VT(ret) = type->variant;
    switch (type->variant) {
    case VT_UI1:
        V_UI1(ret) = (BYTE)number;
        break;
    case VT_I2:
        V_I2(ret) = (SHORT)number;
        break;
    default:
        V_I4(ret) = (LONG)number;
        break;
    }
    return WBEM_S_NO_ERROR;
}

/* What no literal can write, GetObjectText writes as a string. */
static HRESULT read_special_real(struct mof_compiler *c, const struct mof_value *value, double *ret)
{
    static const struct {
        const wchar_t *word;
        double value;
    } words[] = {{L"INF", INFINITY}, {L"-INF", -INFINITY}, {L"NaN", NAN}};
    size_t length = 0;
    HRESULT hr = mof_string(c, value, &length);
    if (FAILED(hr)) {
        return hr;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (wcscmp(c->scratch, words[i].word) == 0) {
            *ret = words[i].value;
            return WBEM_S_NO_ERROR;
        }
    }
    return mismatch(c, value, "a number");
}

static HRESULT real_value(struct mof_compiler *c, const struct mof_value *value, bool wide,
                          VARIANT *ret)
{
    double number = 0;
    HRESULT hr = WBEM_S_NO_ERROR;
    switch (value->kind) {
    case MOF_VALUE_REAL:
        number = value->real;
        break;
    case MOF_VALUE_INTEGER:
        number = (double)value->integer.magnitude * (value->integer.negative ? -1 : 1);
        break;
    case MOF_VALUE_STRING:
        hr = read_special_real(c, value, &number);
        break;
    default:
        hr = mismatch(c, value, "a number");
        break;
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (wide) {
        V_VT(ret) = VT_R8;
        V_R8(ret) = number;
    } else {
        V_VT(ret) = VT_R4;
        V_R4(ret) = (float)number;
    }
    return WBEM_S_NO_ERROR;
}

/* ---- the other types ----------------------------------------------------------- */

static HRESULT boolean_value(struct mof_compiler *c, const struct mof_value *value, VARIANT *ret)
{
    if (value->kind != MOF_VALUE_BOOLEAN) {
        return mismatch(c, value, "TRUE or FALSE");
    }
    V_VT(ret) = VT_BOOL;
    V_BOOL(ret) = value->boolean ? VARIANT_TRUE : VARIANT_FALSE;
    return WBEM_S_NO_ERROR;
}

static HRESULT datetime_value(struct mof_compiler *c, const struct mof_value *value, VARIANT *ret)
{
    HRESULT hr = string_value(c, value, ret);
    if (FAILED(hr)) {
        return hr;
    }
    uint8_t bytes[26];
    struct cim_string text = {.bytes = bytes, .length = SysStringLen(V_BSTR(ret))};
    struct cim_datetime unused;
    bool valid = text.length < sizeof bytes;
    for (uint32_t i = 0; valid && i < text.length; i++) {
        valid = V_BSTR(ret)[i] > 0 && V_BSTR(ret)[i] < 0x80;
        bytes[i] = (uint8_t)V_BSTR(ret)[i];
    }
    if (!valid || FAILED(cim_datetime_parse(&text, false, &unused))) {
        (void)VariantClear(ret);
        return mismatch(c, value, "a datetime: yyyymmddHHMMSS.mmmmmm+UUU");
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT reference_value(struct mof_compiler *c, const struct mof_value *value, VARIANT *ret)
{
    if (value->kind != MOF_VALUE_ALIAS) {
        return string_value(c, value, ret);
    }
    BSTR path;
    HRESULT hr = mof_alias_path(c, value, &path);
    return FAILED(hr) ? hr : take_bstr(c, value, path, ret);
}

static HRESULT object_value(struct mof_compiler *c, const struct mof_value *value, VARIANT *ret)
{
    IWbemClassObject *object = NULL;
    HRESULT hr;
    if (value->kind == MOF_VALUE_OBJECT) {
        hr = mof_make_instance(c, value->object, &object);
    } else if (value->kind == MOF_VALUE_ALIAS) {
        hr = mof_alias_object(c, value, &object);
    } else {
        return mismatch(c, value, "an object: instance of …");
    }
    if (FAILED(hr)) {
        return hr;
    }
    V_VT(ret) = VT_UNKNOWN;
    V_UNKNOWN(ret) = (IUnknown *)object;
    return WBEM_S_NO_ERROR;
}

static HRESULT scalar_value(struct mof_compiler *c, const struct mof_value *value, CIMTYPE type,
                            VARIANT *ret)
{
    if (value->kind == MOF_VALUE_ARRAY) {
        return mof_fail(c, value->text, WBEMMOF_E_UNEXPECTED_ARRAY_INIT,
                        "the type asks for one value");
    }
    const struct integer_type *integer = integer_type_of(type);
    if (integer != NULL) {
        return integer_value(c, value, integer, ret);
    }
    switch (type) {
    case CIM_STRING:
        return string_value(c, value, ret);
    case CIM_BOOLEAN:
        return boolean_value(c, value, ret);
    case CIM_REAL32:
    case CIM_REAL64:
        return real_value(c, value, type == CIM_REAL64, ret);
    case CIM_DATETIME:
        return datetime_value(c, value, ret);
    case CIM_REFERENCE:
        return reference_value(c, value, ret);
    case CIM_OBJECT:
        return object_value(c, value, ret);
    default:
        return mof_fail(c, value->text, WBEM_E_INVALID_CIM_TYPE, "no value has this type");
    }
}

/* ---- arrays --------------------------------------------------------------------------- */

/* Moves what the VARIANT holds into the array's element. */
static void store(void *data, uint32_t i, VARIANT *item)
{
    switch (V_VT(item)) {
    case VT_UI1:
        ((BYTE *)data)[i] = V_UI1(item);
        break;
    case VT_I2:
        ((SHORT *)data)[i] = V_I2(item);
        break;
    case VT_BOOL:
        ((VARIANT_BOOL *)data)[i] = V_BOOL(item);
        break;
    case VT_I4:
        ((LONG *)data)[i] = V_I4(item);
        break;
    case VT_R4:
        ((float *)data)[i] = V_R4(item);
        break;
    case VT_R8:
        ((double *)data)[i] = V_R8(item);
        break;
    case VT_BSTR:
        ((BSTR *)data)[i] = V_BSTR(item);
        break;
    default:
        ((IUnknown **)data)[i] = V_UNKNOWN(item);
        break;
    }
}

static HRESULT fill_array(struct mof_compiler *c, const struct mof_value *value, CIMTYPE type,
                          void *data)
{
    uint32_t i = 0;
    for (const struct mof_value *item = value->array.items; item != NULL; item = item->next) {
        VARIANT one;
        VariantInit(&one);
        if (item->kind == MOF_VALUE_NULL) {
            return mof_fail(c, item->text, WBEMMOF_E_NULL_ARRAY_ELEM,
                            "an array's elements are not NULL");
        }
        HRESULT hr = scalar_value(c, item, type, &one);
        if (FAILED(hr)) {
            return hr;
        }
        store(data, i++, &one);
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT array_value(struct mof_compiler *c, const struct mof_value *value, CIMTYPE type,
                           VARIANT *ret)
{
    if (value->kind != MOF_VALUE_ARRAY) {
        return mismatch(c, value, "an array: { …, … }");
    }
    VARTYPE element = cim_variant_type(type);
    SAFEARRAY *array = SafeArrayCreateVector(element, 0, value->array.count);
    void *data = NULL;
    if (array == NULL || FAILED(SafeArrayAccessData(array, &data))) {
        (void)SafeArrayDestroy(array);
        return mof_fail(c, value->text, WBEM_E_OUT_OF_MEMORY, "out of memory");
    }
    HRESULT hr = fill_array(c, value, type, data);
    (void)SafeArrayUnaccessData(array);
    if (FAILED(hr)) {
        (void)SafeArrayDestroy(array);
        return hr;
    }
    V_VT(ret) = VT_ARRAY | element;
    V_ARRAY(ret) = array;
    return WBEM_S_NO_ERROR;
}

HRESULT mof_property_value(struct mof_compiler *c, const struct mof_value *value, CIMTYPE type,
                           VARIANT *ret)
{
    VariantInit(ret);
    if (value->kind == MOF_VALUE_ABSENT || value->kind == MOF_VALUE_NULL) {
        V_VT(ret) = VT_NULL;
        return WBEM_S_NO_ERROR;
    }
    if ((type & CIM_FLAG_ARRAY) != 0) {
        return array_value(c, value, type & ~CIM_FLAG_ARRAY, ret);
    }
    return scalar_value(c, value, type, ret);
}

/* ---- qualifiers ------------------------------------------------------------------------------ */

/* The type that a literal has by itself; [WmiSdk] "Applying a Qualifier". Integers beyond 32 bits,
 * for which qualifiers have no type, are kept as the text of their value. */
static HRESULT natural_type(struct mof_compiler *c, const struct mof_value *value, CIMTYPE *ret)
{
    switch (value->kind) {
    case MOF_VALUE_STRING:
        *ret = CIM_STRING;
        return WBEM_S_NO_ERROR;
    case MOF_VALUE_BOOLEAN:
        *ret = CIM_BOOLEAN;
        return WBEM_S_NO_ERROR;
    case MOF_VALUE_REAL:
        *ret = CIM_REAL64;
        return WBEM_S_NO_ERROR;
    case MOF_VALUE_INTEGER:
        if (value->integer.magnitude <= INT32_MAX || value->integer.negative) {
            *ret = value->integer.magnitude <= (uint64_t)INT32_MAX + 1 ? CIM_SINT32 : CIM_SINT64;
        } else {
            *ret = value->integer.magnitude <= UINT32_MAX ? CIM_UINT32 : CIM_UINT64;
        }
        return WBEM_S_NO_ERROR;
    default:
        return mof_fail(c, value->text, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE,
                        "a qualifier's value is a string, a number or TRUE or FALSE");
    }
}

HRESULT mof_qualifier_value(struct mof_compiler *c, const struct mof_qualifier *qualifier,
                            VARIANT *ret)
{
    const struct mof_value *value = &qualifier->value;
    CIMTYPE type = CIM_STRING;
    VariantInit(ret);
    if (value->kind == MOF_VALUE_ABSENT) {
        V_VT(ret) = VT_BOOL;
        V_BOOL(ret) = VARIANT_TRUE;
        return WBEM_S_NO_ERROR;
    }
    if (value->kind != MOF_VALUE_ARRAY) {
        HRESULT hr = natural_type(c, value, &type);
        return FAILED(hr) ? hr : scalar_value(c, value, type, ret);
    }
    if (value->array.items != NULL) {
        HRESULT hr = natural_type(c, value->array.items, &type);
        if (FAILED(hr)) {
            return hr;
        }
    }
    /* The first element decides; a later, larger number would change the type. */
    return array_value(c, value, type == CIM_UINT32 ? CIM_SINT32 : type, ret);
}
