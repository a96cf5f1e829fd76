/*
 * VARIANT: initialising, freeing and copying. Conversions are in variant_convert.c.
 */
#include "com/variant.h"

#include <string.h>

bool variant_type_is_valid(VARTYPE vt)
{
    VARTYPE base = vt & VT_TYPEMASK;
    if (vt & (VT_VECTOR | VT_RESERVED)) {
        return false;
    }
    if (vt & VT_ARRAY) {
        return base == VT_RECORD || base == VT_VARIANT || base == VT_INT || base == VT_UINT ||
               (base >= VT_I2 && base <= VT_DECIMAL) || (base >= VT_I1 && base <= VT_UI8);
    }
    if (vt & VT_BYREF) {
        return base != VT_EMPTY && base != VT_NULL && base != 15 &&
               (base <= VT_UINT || base == VT_RECORD);
    }
    return base != 15 && base != VT_VARIANT && (base <= VT_UINT);
}

void VariantInit(VARIANTARG *v)
{
    memset(v, 0, sizeof *v);
}

HRESULT VariantClear(VARIANTARG *v)
{
    if (!v) {
        return E_INVALIDARG;
    }

    VARTYPE vt = V_VT(v);
    if (!variant_type_is_valid(vt)) {
        return DISP_E_BADVARTYPE;
    }
    if (vt & VT_BYREF) {
        /* owned by somebody else */
    } else if (vt & VT_ARRAY) {
        HRESULT hr = SafeArrayDestroy(V_ARRAY(v));
        if (FAILED(hr)) {
            return hr;
        }
    } else if (vt == VT_BSTR) {
        SysFreeString(V_BSTR(v));
    } else if (vt == VT_UNKNOWN || vt == VT_DISPATCH) {
        com_release(V_UNKNOWN(v));
    }
    VariantInit(v);
    return S_OK;
}

/* A deep copy of *from, which is valid, into *ret, which owns nothing. */
static HRESULT variant_duplicate(const VARIANT *from, VARIANT *ret)
{
    VARIANT copy = *from;
    VARTYPE vt = V_VT(from);
    HRESULT hr = S_OK;
    if (vt & VT_BYREF) {
        /* the pointer is copied, not what it points to */
    } else if (vt & VT_ARRAY) {
        hr = SafeArrayCopy(V_ARRAY(from), &V_ARRAY(&copy));
    } else if (vt == VT_BSTR && V_BSTR(from)) {
        V_BSTR(&copy) =
            SysAllocStringByteLen((LPCSTR)(void *)V_BSTR(from), SysStringByteLen(V_BSTR(from)));
        hr = V_BSTR(&copy) ? S_OK : E_OUTOFMEMORY;
    } else if (vt == VT_UNKNOWN || vt == VT_DISPATCH) {
        com_addref(V_UNKNOWN(&copy));
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = copy;
    return S_OK;
}

/* Clear *to and move *value in; if *to can't be cleared the value is freed. */
static HRESULT variant_replace(VARIANT *to, VARIANT *value)
{
    HRESULT hr = VariantClear(to);
    if (FAILED(hr)) {
        (void)VariantClear(value);
        return hr;
    }
    *to = *value;
    return S_OK;
}

HRESULT VariantCopy(VARIANTARG *to, const VARIANTARG *from)
{
    if (!to || !from) {
        return E_INVALIDARG;
    }
    if (!variant_type_is_valid(V_VT(from))) {
        return DISP_E_BADVARTYPE;
    }
    if (to == from) {
        return S_OK;
    }

    VARIANT copy;
    HRESULT hr = variant_duplicate(from, &copy);
    return FAILED(hr) ? hr : variant_replace(to, &copy);
}

/* The value behind VT_BYREF, as a VARIANT that owns nothing. */
HRESULT variant_dereference(const VARIANT *v, VARIANT *ret)
{
    VARTYPE base = V_VT(v) & VT_TYPEMASK;
    VariantInit(ret);
    if (!V_BYREF(v)) {
        return E_INVALIDARG;
    }
    if (V_VT(v) & VT_ARRAY) {
        V_VT(ret) = (VARTYPE)(base | VT_ARRAY);
        V_ARRAY(ret) = *V_ARRAYREF(v);
        return S_OK;
    }
    if (base == VT_VARIANT) {
        /* One level only: a VARIANT by reference may hold no other one by reference. */
        *ret = *V_VARIANTREF(v);
        if (V_VT(ret) == (VT_VARIANT | VT_BYREF)) {
            return E_INVALIDARG;
        }
        return variant_type_is_valid(V_VT(ret)) ? S_OK : DISP_E_BADVARTYPE;
    }
    if (base == VT_DECIMAL) {
        V_DECIMAL(ret) = *V_DECIMALREF(v);
        V_VT(ret) = VT_DECIMAL; /* after: it lies in the decimal's first word */
        return S_OK;
    }
    ULONG size = safearray_element_size(base);
    if (size == 0) {
        return DISP_E_BADVARTYPE;
    }
    V_VT(ret) = base;
    memcpy(&V_I8(ret), V_BYREF(v), size);
    return S_OK;
}

HRESULT VariantCopyInd(VARIANT *to, const VARIANTARG *from)
{
    if (!to || !from) {
        return E_INVALIDARG;
    }
    if (!V_ISBYREF(from)) {
        return VariantCopy(to, from);
    }
    if (!variant_type_is_valid(V_VT(from))) {
        return DISP_E_BADVARTYPE;
    }

    VARIANT value;
    HRESULT hr = variant_dereference(from, &value);
    if (SUCCEEDED(hr) && V_ISBYREF(&value)) {
        VARIANT outer = value;
        hr = variant_dereference(&outer, &value);
    }
    VARIANT copy;
    if (SUCCEEDED(hr)) {
        hr = variant_duplicate(&value, &copy);
    }
    return FAILED(hr) ? hr : variant_replace(to, &copy);
}
