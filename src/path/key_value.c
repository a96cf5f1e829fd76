/*
 * Values of keys: from and to raw data and VARIANTs ([WmiSdk]
 * IWbemPathKeyList::SetKey and GetKey; "Numbers" for the VARIANTs).
 */
#include <inttypes.h>
#include <oleauto.h>
#include <string.h>
#include <wchar.h>

#include "path/path_private.h"

/* Real numbers and objects are no keys ([WmiSdk] "Key Qualifier"). */
static const struct key_type {
    CIMTYPE type;
    uint8_t size; /* of its raw data; 0: text */
    bool is_signed;
    VARTYPE variant;
} key_types[] = {
    {CIM_SINT8, 1, true, VT_I2},        {CIM_UINT8, 1, false, VT_UI1},
    {CIM_SINT16, 2, true, VT_I2},       {CIM_UINT16, 2, false, VT_I4},
    {CIM_SINT32, 4, true, VT_I4},       {CIM_UINT32, 4, false, VT_I4},
    {CIM_SINT64, 8, true, VT_BSTR},     {CIM_UINT64, 8, false, VT_BSTR},
    {CIM_BOOLEAN, 2, true, VT_BOOL},    {CIM_CHAR16, 2, false, VT_I2},
    {CIM_STRING, 0, false, VT_BSTR},    {CIM_DATETIME, 0, false, VT_BSTR},
    {CIM_REFERENCE, 0, false, VT_BSTR},
};

static const struct key_type *find_type(CIMTYPE type)
{
    for (size_t i = 0; i < ARRAYSIZE(key_types); i++) {
        if (key_types[i].type == type) {
            return &key_types[i];
        }
    }
    return NULL;
}

bool key_is_text(const struct object_path_key *key)
{
    return key->type == CIM_STRING || key->type == CIM_DATETIME || key->type == CIM_REFERENCE;
}

void key_clear(struct object_path_key *key)
{
    free(key->name);
    free(key->text);
    *key = (struct object_path_key){0};
}

HRESULT key_copy(const struct object_path_key *key, struct object_path_key *ret)
{
    *ret = *key;
    ret->name = com_wide_copy(key->name);
    ret->text = com_wide_copy(key->text);
    if (ret->text == NULL || (key->name != NULL && ret->name == NULL)) {
        key_clear(ret);
        return WBEM_E_OUT_OF_MEMORY;
    }
    return WBEM_S_NO_ERROR;
}

/* ---- in -------------------------------------------------------------------------- */

static HRESULT raise_type(const char *operation, CIMTYPE type)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, "uCimType",
                       "CIM type %d can't be a key's type", (int)type);
}

static HRESULT set_text(const wchar_t *text, CIMTYPE type, struct object_path_key *ret)
{
    *ret = (struct object_path_key){.type = type, .text = com_wide_copy(text)};
    return ret->text != NULL ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT set_number(int64_t number, CIMTYPE type, struct object_path_key *ret)
{
    wchar_t text[24];
    if (type == CIM_BOOLEAN) {
        number = number != 0;
        swprintf(text, ARRAYSIZE(text), L"%ls", number ? L"TRUE" : L"FALSE");
    } else if (type == CIM_UINT64) {
        swprintf(text, ARRAYSIZE(text), L"%" PRIu64, (uint64_t)number);
    } else {
        swprintf(text, ARRAYSIZE(text), L"%" PRId64, number);
    }
    HRESULT hr = set_text(text, type, ret);
    ret->number = number;
    return hr;
}

/* The number of this size at an address of any alignment. */
static int64_t load(const void *data, const struct key_type *t)
{
    uint64_t bits = 0;
    memcpy(&bits, data, t->size);
    int unused = 64 - 8 * t->size;
    return t->is_signed ? (int64_t)(bits << unused) >> unused : (int64_t)bits;
}

HRESULT key_from_data(const char *operation, CIMTYPE type, const void *data,
                      struct object_path_key *ret)
{
    const struct key_type *t = find_type(type);
    if (t == NULL) {
        return raise_type(operation, type);
    }
    if (data == NULL) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "pKeyVal",
                           "the parameter must not be NULL");
    }
    return t->size == 0 ? set_text(data, type, ret) : set_number(load(data, t), type, ret);
}

static bool fits(int64_t number, const struct key_type *t)
{
    if (t->size == 8) {
        return true;
    }
    int bits = 8 * t->size - (t->is_signed ? 1 : 0);
    int64_t limit = (int64_t)1 << bits;
    return number < limit && number >= (t->is_signed ? -limit : 0);
}

static HRESULT variant_to_number(const VARIANT *value, const struct key_type *t, int64_t *ret)
{
    VARIANT number;
    VariantInit(&number);
    /* A uint32 comes as VT_I4 and so may be negative there ([WmiSdk] "Numbers"). */
    if (t->type == CIM_UINT32 && V_VT(value) == VT_I4) {
        *ret = (int64_t)(uint32_t)V_I4(value);
        return WBEM_S_NO_ERROR;
    }
    if (t->type == CIM_BOOLEAN) {
        HRESULT hr = VariantChangeType(&number, value, 0, VT_BOOL);
        *ret = SUCCEEDED(hr) && V_BOOL(&number) != VARIANT_FALSE;
        return hr;
    }
    HRESULT hr = VariantChangeType(&number, value, 0, t->type == CIM_UINT64 ? VT_UI8 : VT_I8);
    if (SUCCEEDED(hr)) {
        *ret = t->type == CIM_UINT64 ? (int64_t)V_UI8(&number) : V_I8(&number);
    }
    return hr;
}

HRESULT key_from_variant(const char *operation, CIMTYPE type, const VARIANT *value,
                         struct object_path_key *ret)
{
    const struct key_type *t = find_type(type);
    if (t == NULL) {
        return raise_type(operation, type);
    }
    if (value == NULL) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "pKeyVal",
                           "the parameter must not be NULL");
    }
    if (t->size == 0) {
        return V_VT(value) == VT_BSTR && V_BSTR(value) != NULL
                   ? set_text(V_BSTR(value), type, ret)
                   : error_raise(WBEM_E_TYPE_MISMATCH, operation, "pKeyVal",
                                 "a string key's value is VT_BSTR, not type %d", V_VT(value));
    }
    int64_t number = 0;
    HRESULT hr = variant_to_number(value, t, &number);
    if (FAILED(hr) || !fits(number, t)) {
        return error_raise(WBEM_E_TYPE_MISMATCH, operation, "pKeyVal",
                           "the value does not fit CIM type %d", (int)type);
    }
    return set_number(number, type, ret);
}

/* ---- out ------------------------------------------------------------------------- */

HRESULT key_to_variant(const struct object_path_key *key, VARIANT *ret)
{
    const struct key_type *t = find_type(key->type);
    VariantInit(ret);
    switch (t->variant) {
    case VT_UI1:
        V_UI1(ret) = (BYTE)key->number;
        break;
    case VT_I2:
        V_I2(ret) = (SHORT)key->number;
        break;
    case VT_I4:
        V_I4(ret) = (LONG)key->number;
        break;
    case VT_BOOL:
        V_BOOL(ret) = key->number ? VARIANT_TRUE : VARIANT_FALSE;
        break;
    default:
        V_BSTR(ret) = SysAllocString(key->text);
        if (V_BSTR(ret) == NULL) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        break;
    }
    V_VT(ret) = t->variant;
    return WBEM_S_NO_ERROR;
}

HRESULT key_to_data(const char *operation, const struct object_path_key *key, ULONG *size,
                    void *buffer)
{
    const struct key_type *t = find_type(key->type);
    if (t->size == 0) {
        return path_give_text(operation, key->text, size, buffer);
    }
    ULONG room = *size;
    *size = t->size;
    if (buffer == NULL && room == 0) {
        return WBEM_S_NO_ERROR;
    }
    if (buffer == NULL || room < t->size) {
        return error_raise(buffer == NULL ? WBEM_E_INVALID_PARAMETER : WBEM_E_BUFFER_TOO_SMALL,
                           operation, "pKeyVal", "the number needs %u bytes", t->size);
    }
    int64_t number = t->type == CIM_BOOLEAN && key->number ? (int64_t)VARIANT_TRUE : key->number;
    memcpy(buffer, &number, t->size); /* the low bytes come first */
    return WBEM_S_NO_ERROR;
}
