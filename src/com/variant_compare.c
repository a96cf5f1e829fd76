/*
 * VarCmp and the functions on two BSTRs.
 */
#include "com/variant.h"

#include <math.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static HRESULT order(int sign)
{
    return sign < 0 ? VARCMP_LT : sign > 0 ? VARCMP_GT : VARCMP_EQ;
}

HRESULT VarBstrCmp(BSTR left, BSTR right, LCID lcid, ULONG flags)
{
    UINT left_length = SysStringLen(left);
    UINT right_length = SysStringLen(right);
    for (UINT i = 0; i < left_length && i < right_length; i++) {
        wint_t a = (wint_t)left[i];
        wint_t b = (wint_t)right[i];
        if (flags & NORM_IGNORECASE) {
            a = towlower(a);
            b = towlower(b);
        }
        if (a != b) {
            return order(a < b ? -1 : 1);
        }
    }
    return order((left_length > right_length) - (left_length < right_length));
}

HRESULT VarBstrCat(BSTR left, BSTR right, BSTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    UINT left_length = SysStringLen(left);
    UINT right_length = SysStringLen(right);
    UINT length;
    *ret = __builtin_add_overflow(left_length, right_length, &length)
               ? NULL
               : SysAllocStringLen(NULL, length);
    if (!*ret) {
        return E_OUTOFMEMORY;
    }
    if (left_length > 0) {
        memcpy(*ret, left, left_length * sizeof(WCHAR));
    }
    if (right_length > 0) {
        memcpy(*ret + left_length, right, right_length * sizeof(WCHAR));
    }
    return S_OK;
}

static bool is_real(const VARIANT *v)
{
    return V_VT(v) == VT_R4 || V_VT(v) == VT_R8 || V_VT(v) == VT_DATE;
}

static HRESULT compare_reals(const VARIANT *left, const VARIANT *right)
{
    VARIANT a;
    VARIANT b;
    VariantInit(&a);
    VariantInit(&b);
    HRESULT hr = VariantChangeType(&a, left, 0, VT_R8);
    if (SUCCEEDED(hr)) {
        hr = VariantChangeType(&b, right, 0, VT_R8);
    }
    if (FAILED(hr)) {
        return hr;
    }
    return order((V_R8(&a) > V_R8(&b)) - (V_R8(&a) < V_R8(&b)));
}

/* Integers, CY and DECIMAL all fit a DECIMAL, in which they are compared exactly. */
static HRESULT compare_exact(const VARIANT *left, const VARIANT *right)
{
    VARIANT a;
    VARIANT b;
    VariantInit(&a);
    VariantInit(&b);
    HRESULT hr = VariantChangeType(&a, left, 0, VT_DECIMAL);
    if (SUCCEEDED(hr)) {
        hr = VariantChangeType(&b, right, 0, VT_DECIMAL);
    }
    if (FAILED(hr)) {
        return hr;
    }
    struct number x;
    struct number y;
    hr = number_from_decimal(&V_DECIMAL(&a), &x);
    if (SUCCEEDED(hr)) {
        hr = number_from_decimal(&V_DECIMAL(&b), &y);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (x.negative != y.negative) {
        return order(x.negative ? -1 : 1);
    }
    /* To one scale; a product that is too large is larger than anything the other can be. */
    int sign = x.negative ? -1 : 1;
    while (x.scale != y.scale) {
        struct number *low = x.scale < y.scale ? &x : &y;
        if (__builtin_mul_overflow(low->digits, (unsigned __int128)10, &low->digits)) {
            return order(low == &x ? sign : -sign);
        }
        low->scale++;
    }
    return order(sign * ((x.digits > y.digits) - (x.digits < y.digits)));
}

HRESULT VarCmp(LPVARIANT left, LPVARIANT right, LCID lcid, ULONG flags)
{
    if (!left || !right) {
        return E_INVALIDARG;
    }
    if (V_VT(left) == VT_NULL || V_VT(right) == VT_NULL) {
        return VARCMP_NULL;
    }
    if (V_VT(left) == VT_EMPTY && V_VT(right) == VT_EMPTY) {
        return VARCMP_EQ;
    }
    if (V_VT(left) == VT_BSTR && V_VT(right) == VT_BSTR) {
        return VarBstrCmp(V_BSTR(left), V_BSTR(right), lcid, flags);
    }
    /* A number is less than any text; an empty VARIANT is the empty text then. */
    if (V_VT(left) == VT_BSTR) {
        return V_VT(right) != VT_EMPTY ? VARCMP_GT : order(SysStringLen(V_BSTR(left)) > 0);
    }
    if (V_VT(right) == VT_BSTR) {
        return V_VT(left) != VT_EMPTY ? VARCMP_LT : order(-(SysStringLen(V_BSTR(right)) > 0));
    }
    return is_real(left) || is_real(right) ? compare_reals(left, right)
                                           : compare_exact(left, right);
}
