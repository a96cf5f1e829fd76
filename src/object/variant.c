/*
 * Values as VARIANTs and back, as IWbemClassObject::Get and Put document it:
 * each CIM type has one VARIANT type, and what comes in is coerced.
 */
#include "object/object_private.h"

#include <stdio.h>

/* ---- out ------------------------------------------------------------------------ */

VARTYPE cim_variant_type(CIMTYPE base)
{
    switch (base) {
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_CHAR16:
        return VT_I2;
    case CIM_UINT8:
        return VT_UI1;
    case CIM_UINT16:
    case CIM_SINT32:
    case CIM_UINT32:
        return VT_I4;
    case CIM_REAL32:
        return VT_R4;
    case CIM_REAL64:
        return VT_R8;
    case CIM_BOOLEAN:
        return VT_BOOL;
    case CIM_OBJECT:
        return VT_UNKNOWN;
    default: /* strings, and the integers that no VARIANT of scripts could hold */
        return VT_BSTR;
    }
}

static HRESULT long_to_bstr(const struct cim_value *v, BSTR *ret)
{
    char digits[24];
    OLECHAR text[24];
    int length = v->type == CIM_SINT64
                     ? snprintf(digits, sizeof digits, "%lld", (long long)v->sint)
                     : snprintf(digits, sizeof digits, "%llu", (unsigned long long)v->uint);
    for (int i = 0; i < length; i++) {
        text[i] = (OLECHAR)digits[i];
    }
    *ret = SysAllocStringLen(text, (UINT)length);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT object_to_unknown(const struct cim_value *v, IUnknown **ret)
{
    IWbemClassObject *object = NULL;
    HRESULT hr = object_decode(v->object.bytes, v->object.size, &object);
    *ret = (IUnknown *)object;
    return hr;
}

/* The value where a VARIANT or an array of its type keeps it. */
static HRESULT store(const struct cim_value *v, void *to)
{
    switch (v->type) {
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_CHAR16:
        *(SHORT *)to = (SHORT)v->sint;
        return WBEM_S_NO_ERROR;
    case CIM_UINT8:
        *(BYTE *)to = (BYTE)v->uint;
        return WBEM_S_NO_ERROR;
    case CIM_UINT16:
    case CIM_SINT32:
    case CIM_UINT32:
        *(LONG *)to = (LONG)v->uint;
        return WBEM_S_NO_ERROR;
    case CIM_REAL32:
        *(FLOAT *)to = (FLOAT)v->real;
        return WBEM_S_NO_ERROR;
    case CIM_REAL64:
        *(DOUBLE *)to = v->real;
        return WBEM_S_NO_ERROR;
    case CIM_BOOLEAN:
        *(VARIANT_BOOL *)to = v->sint ? VARIANT_TRUE : VARIANT_FALSE;
        return WBEM_S_NO_ERROR;
    case CIM_SINT64:
    case CIM_UINT64:
        return long_to_bstr(v, to);
    case CIM_OBJECT:
        return object_to_unknown(v, to);
    default:
        return (*(BSTR *)to = string_to_bstr(&v->string)) ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
}

/* Written in place, field by field: a VARIANT put together elsewhere and copied here waits for its
 * own narrow stores, which for numbers took longer than all else. */
static void set_type(VARIANT *ret, VARTYPE type)
{
    V_VT(ret) = type;
    ret->wReserved1 = ret->wReserved2 = ret->wReserved3 = 0;
}

static HRESULT array_to_variant(const struct cim_value *v, VARIANT *ret)
{
    VARTYPE type = cim_variant_type(CIM_BASE(v->type));
    SAFEARRAY *array = SafeArrayCreateVector(type, 0, v->array.count);
    if (!array) {
        return WBEM_E_OUT_OF_MEMORY;
    }

    void *data = NULL;
    HRESULT hr = SafeArrayAccessData(array, &data);
    if (SUCCEEDED(hr)) {
        UINT size = SafeArrayGetElemsize(array);
        for (uint32_t i = 0; SUCCEEDED(hr) && i < v->array.count; i++) {
            struct cim_value item;
            hr = cim_array_get(v, i, &item);
            if (SUCCEEDED(hr) && !item.null) {
                hr = store(&item, (char *)data + (size_t)i * size);
            }
        }
        SafeArrayUnaccessData(array);
    }
    if (FAILED(hr)) {
        SafeArrayDestroy(array);
        return hr;
    }
    set_type(ret, (VARTYPE)(VT_ARRAY | type));
    V_ARRAY(ret) = array;
    return WBEM_S_NO_ERROR;
}

HRESULT value_to_variant(const struct cim_value *v, VARIANT *ret)
{
    void *made = NULL;
    HRESULT hr;
    if (v->null) {
        set_type(ret, VT_NULL);
        return WBEM_S_NO_ERROR;
    }
    if (cim_is_array(v->type)) {
        return array_to_variant(v, ret);
    }

    VARTYPE type = cim_variant_type(v->type);
    if (type == VT_BSTR || type == VT_UNKNOWN) {
        hr = store(v, &made);
        if (FAILED(hr)) {
            return hr;
        }
        V_BYREF(ret) = made;
    } else {
        (void)store(v, &V_I4(ret));
    }
    set_type(ret, type);
    return WBEM_S_NO_ERROR;
}

/* ---- in -------------------------------------------------------------------------- */

/* The CIM type that a VARIANT type suggests; CIM_ILLEGAL when none. */
static CIMTYPE natural_type(VARTYPE type)
{
    switch (type) {
    case VT_I1:
        return CIM_SINT8;
    case VT_UI1:
        return CIM_UINT8;
    case VT_I2:
        return CIM_SINT16;
    case VT_UI2:
        return CIM_UINT16;
    case VT_I4:
    case VT_INT:
        return CIM_SINT32;
    case VT_UI4:
    case VT_UINT:
        return CIM_UINT32;
    case VT_I8:
        return CIM_SINT64;
    case VT_UI8:
        return CIM_UINT64;
    case VT_R4:
        return CIM_REAL32;
    case VT_R8:
        return CIM_REAL64;
    case VT_BOOL:
        return CIM_BOOLEAN;
    case VT_BSTR:
        return CIM_STRING;
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return CIM_OBJECT;
    default:
        return CIM_ILLEGAL;
    }
}

/* An embedded object is copied: [wbemcli] IWbemClassObject::Put. */
static HRESULT object_from_unknown(IUnknown *unknown, struct value *ret)
{
    IWbemClassObject *object = NULL;
    const uint8_t *bytes;
    uint32_t size;
    if (!unknown) {
        ret->v = value_null(CIM_OBJECT);
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = unknown->lpVtbl->QueryInterface(unknown, &IID_IWbemClassObject, (void **)&object);
    if (FAILED(hr)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    hr = object_is_ours(object) ? object_encoding(object, &bytes, &size) : WBEM_E_TYPE_MISMATCH;
    if (SUCCEEDED(hr)) {
        struct cim_value v = {.type = CIM_OBJECT, .object = {.bytes = bytes, .size = size}};
        hr = value_copy(&v, ret);
    }
    object->lpVtbl->Release(object);
    return hr;
}

/* One element of VARIANT type `type` at `from`, as the CIM type that it suggests. */
static HRESULT load(VARTYPE type, const void *from, struct value *ret)
{
    ret->v = (struct cim_value){.type = natural_type(type)};
    switch (type) {
    case VT_I1:
        ret->v.sint = *(const signed char *)from;
        return WBEM_S_NO_ERROR;
    case VT_UI1:
        ret->v.uint = *(const BYTE *)from;
        return WBEM_S_NO_ERROR;
    case VT_I2:
        ret->v.sint = *(const SHORT *)from;
        return WBEM_S_NO_ERROR;
    case VT_UI2:
        ret->v.uint = *(const USHORT *)from;
        return WBEM_S_NO_ERROR;
    case VT_I4:
    case VT_INT:
        ret->v.sint = *(const LONG *)from;
        return WBEM_S_NO_ERROR;
    case VT_UI4:
    case VT_UINT:
        ret->v.uint = *(const ULONG *)from;
        return WBEM_S_NO_ERROR;
    case VT_I8:
        ret->v.sint = *(const LONGLONG *)from;
        return WBEM_S_NO_ERROR;
    case VT_UI8:
        ret->v.uint = *(const ULONGLONG *)from;
        return WBEM_S_NO_ERROR;
    case VT_R4:
        ret->v.real = (double)*(const FLOAT *)from;
        return WBEM_S_NO_ERROR;
    case VT_R8:
        ret->v.real = *(const DOUBLE *)from;
        return WBEM_S_NO_ERROR;
    case VT_BOOL:
        ret->v.sint = *(const VARIANT_BOOL *)from != VARIANT_FALSE;
        return WBEM_S_NO_ERROR;
    case VT_BSTR: {
        BSTR text = *(const BSTR *)from;
        return value_from_wide(CIM_STRING, text ? text : L"", SysStringLen(text), ret);
    }
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return object_from_unknown(*(IUnknown *const *)from, ret);
    default:
        return WBEM_E_TYPE_MISMATCH;
    }
}

/* What Put's page says of uint32, on top of the usual coercion: VT_I4 is its own VARIANT type and
 * holds the upper half as negative numbers; VT_I2 is refused, and arrays of VT_R8. */
static HRESULT coerce(VARTYPE from, bool in_array, struct value *value, CIMTYPE type,
                      struct value *ret)
{
    if (type == CIM_UINT32 && (from == VT_I4 || from == VT_INT)) {
        *ret = *value;
        ret->v.type = type;
        ret->v.uint = (uint32_t)value->v.sint;
        return WBEM_S_NO_ERROR;
    }
    if (type == CIM_UINT32 && (from == VT_I2 || (in_array && from == VT_R8))) {
        return WBEM_E_TYPE_MISMATCH;
    }
    return value_convert(&value->v, type, ret);
}

static HRESULT element_from_variant(VARTYPE type, const void *from, bool in_array, CIMTYPE to,
                                    struct value *ret)
{
    struct value loaded = {0};
    if (type == VT_VARIANT) {
        const VARIANT *inner = from;
        type = V_VT(inner);
        from = &V_I4(inner);
    }
    HRESULT hr = load(type, from, &loaded);
    if (SUCCEEDED(hr) && loaded.v.type == to && to != CIM_DATETIME) {
        *ret = loaded;
        return hr;
    }
    if (SUCCEEDED(hr)) {
        hr = coerce(type, in_array, &loaded, to, ret);
    }
    value_done(&loaded);
    return hr;
}

/* VT_ARRAY|VT_VARIANT takes its type from the property, or from its first element. */
static CIMTYPE array_base(VARTYPE element, const void *data, uint32_t count)
{
    if (element == VT_VARIANT && count > 0) {
        return natural_type(V_VT((const VARIANT *)data));
    }
    return natural_type(element);
}

static HRESULT array_from_variant(const VARIANT *from, CIMTYPE type, struct value *ret)
{
    SAFEARRAY *array = V_ARRAY(from);
    VARTYPE element = (VARTYPE)(V_VT(from) & VT_TYPEMASK);
    LONG lower, upper;
    void *data;
    if (!array || SafeArrayGetDim(array) != 1 || (type && !cim_is_array(type)) ||
        FAILED(SafeArrayGetLBound(array, 1, &lower)) ||
        FAILED(SafeArrayGetUBound(array, 1, &upper)) || upper < lower - 1) {
        return WBEM_E_TYPE_MISMATCH;
    }
    uint32_t count = (uint32_t)(upper - lower + 1);
    HRESULT hr = SafeArrayAccessData(array, &data);
    if (FAILED(hr)) {
        return hr;
    }

    CIMTYPE base = type ? CIM_BASE(type) : array_base(element, data, count);
    UINT size = SafeArrayGetElemsize(array);
    struct buffer b = {0};
    if (cim_size(base) == 0) {
        hr = WBEM_E_TYPE_MISMATCH;
    } else {
        array_begin(&b, base, count);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct value item = {0};
        hr = element_from_variant(element, (char *)data + (size_t)i * size, true, base, &item);
        if (SUCCEEDED(hr)) {
            array_set(&b, base, i, &item.v);
        }
        value_done(&item);
    }
    SafeArrayUnaccessData(array);
    if (FAILED(hr)) {
        buffer_done(&b);
        return hr;
    }
    return array_end(&b, base, count, ret);
}

HRESULT value_from_variant(const VARIANT *from, CIMTYPE type, struct value *ret)
{
    VARTYPE vt = V_VT(from);
    if (type && cim_size(type) == 0) {
        return WBEM_E_INVALID_CIM_TYPE;
    }
    if (vt == VT_NULL || vt == VT_EMPTY) {
        ret->v = value_null(type);
        return type ? WBEM_S_NO_ERROR : WBEM_E_INVALID_PROPERTY_TYPE;
    }
    if (vt & VT_BYREF) {
        return WBEM_E_TYPE_MISMATCH;
    }
    if (vt & VT_ARRAY) {
        return array_from_variant(from, type, ret);
    }
    if (type == 0) {
        type = natural_type(vt);
    }
    if (cim_is_array(type) || cim_size(type) == 0) {
        return WBEM_E_TYPE_MISMATCH;
    }
    return element_from_variant(vt, &V_I4(from), false, type, ret);
}
