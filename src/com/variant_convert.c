/*
 * VariantChangeType: every scalar as an exact number, a real, a date or text, and from there into
 * the type asked for. [MS-OAUT] 2.2.29 lists the types; rounding is to even halves.
 */
#include "com/variant.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* ---- what the source is ------------------------------------------------------------ */

enum kind {
    KIND_NUMBER, /* exact */
    KIND_REAL,
    KIND_TEXT,
    KIND_NONE /* not a scalar that converts */
};

struct scalar {
    enum kind kind;
    struct number number;
    double real;
    bool single; /* a VT_R4 */
    const OLECHAR *text;
};

static struct scalar scalar_from_number(struct number n)
{
    return (struct scalar){.kind = KIND_NUMBER, .number = n};
}

static struct scalar scalar_from_int(int64_t v)
{
    return scalar_from_number(number_from_int(v));
}

static struct scalar scalar_from_uint(uint64_t v)
{
    return scalar_from_number(number_from_uint(v));
}

static struct scalar scalar_of(const VARIANT *v)
{
    switch (V_VT(v)) {
    case VT_EMPTY:
        return scalar_from_int(0);
    case VT_I1:
        return scalar_from_int((signed char)V_I1(v));
    case VT_I2:
        return scalar_from_int(V_I2(v));
    case VT_I4:
    case VT_INT:
        return scalar_from_int(V_I4(v));
    case VT_I8:
        return scalar_from_int(V_I8(v));
    case VT_UI1:
        return scalar_from_uint(V_UI1(v));
    case VT_UI2:
        return scalar_from_uint(V_UI2(v));
    case VT_UI4:
    case VT_UINT:
        return scalar_from_uint(V_UI4(v));
    case VT_UI8:
        return scalar_from_uint(V_UI8(v));
    case VT_BOOL:
        return scalar_from_int(V_BOOL(v) ? -1 : 0);
    case VT_CY:
        return scalar_from_number(number_from_cy(V_CY(v)));
    case VT_DECIMAL: {
        struct number n;
        return SUCCEEDED(number_from_decimal(&V_DECIMAL(v), &n))
                   ? scalar_from_number(n)
                   : (struct scalar){.kind = KIND_NONE};
    }
    case VT_R4:
        return (struct scalar){.kind = KIND_REAL, .real = V_R4(v), .single = true};
    case VT_R8:
    case VT_DATE:
        return (struct scalar){.kind = KIND_REAL, .real = V_R8(v)};
    case VT_BSTR:
        return (struct scalar){.kind = KIND_TEXT, .text = V_BSTR(v) ? V_BSTR(v) : L""};
    default:
        return (struct scalar){.kind = KIND_NONE};
    }
}

/* Text becomes the number that it says. */
static HRESULT resolve_text(struct scalar *s)
{
    if (s->kind == KIND_TEXT) {
        struct number n;
        HRESULT hr = number_parse(s->text, &n);
        if (FAILED(hr)) {
            return hr;
        }
        *s = scalar_from_number(n);
    }
    return s->kind == KIND_NONE ? DISP_E_TYPEMISMATCH : S_OK;
}

/* ---- into each type ------------------------------------------------------------------ */

static HRESULT scalar_to_int(struct scalar s, int64_t low, int64_t high, int64_t *ret)
{
    HRESULT hr = resolve_text(&s);
    if (FAILED(hr)) {
        return hr;
    }
    if (s.kind == KIND_NUMBER) {
        return number_to_int(s.number, low, high, ret);
    }
    double rounded = rint(s.real);
    /* 2^63 itself is not an int64_t, though (double)INT64_MAX is 2^63. */
    if (isnan(rounded) || rounded < (double)low || rounded > (double)high ||
        rounded >= 9223372036854775808.0) {
        return DISP_E_OVERFLOW;
    }
    *ret = (int64_t)rounded;
    return S_OK;
}

static HRESULT scalar_to_uint(struct scalar s, uint64_t high, uint64_t *ret)
{
    HRESULT hr = resolve_text(&s);
    if (FAILED(hr)) {
        return hr;
    }
    if (s.kind == KIND_NUMBER) {
        return number_to_uint(s.number, high, ret);
    }
    double rounded = rint(s.real);
    if (isnan(rounded) || rounded < 0 || rounded > (double)high ||
        rounded >= 18446744073709551616.0) {
        return DISP_E_OVERFLOW;
    }
    *ret = (uint64_t)rounded;
    return S_OK;
}

static HRESULT scalar_to_real(struct scalar s, double *ret)
{
    HRESULT hr = resolve_text(&s);
    if (FAILED(hr)) {
        return hr;
    }
    if (s.kind == KIND_NUMBER) {
        return number_to_real(s.number, ret);
    }
    *ret = s.real;
    return S_OK;
}

static HRESULT scalar_to_number(struct scalar s, struct number *ret)
{
    HRESULT hr = resolve_text(&s);
    if (FAILED(hr)) {
        return hr;
    }
    if (s.kind == KIND_REAL) {
        return number_from_real(s.real, s.single, ret);
    }
    *ret = s.number;
    return S_OK;
}

static HRESULT scalar_to_single(struct scalar s, FLOAT *ret)
{
    double real;
    HRESULT hr = scalar_to_real(s, &real);
    if (FAILED(hr)) {
        return hr;
    }
    if (isfinite(real) && fabs(real) > FLT_MAX) {
        return DISP_E_OVERFLOW;
    }
    *ret = (FLOAT)real;
    return S_OK;
}

static HRESULT scalar_to_bool(struct scalar s, VARIANT_BOOL *ret)
{
    if (s.kind == KIND_TEXT) {
        return VarBoolFromStr(s.text, LOCALE_INVARIANT, 0, ret);
    }
    if (s.kind == KIND_NONE) {
        return DISP_E_TYPEMISMATCH;
    }
    bool set = s.kind == KIND_REAL ? s.real != 0 : !number_is_zero(s.number);
    *ret = set ? VARIANT_TRUE : VARIANT_FALSE;
    return S_OK;
}

static HRESULT scalar_to_date(struct scalar s, ULONG flags, DATE *ret)
{
    if (s.kind == KIND_TEXT && SUCCEEDED(date_parse(s.text, flags, ret))) {
        return S_OK;
    }

    double real;
    HRESULT hr = scalar_to_real(s, &real);
    if (FAILED(hr)) {
        return hr;
    }
    if (!date_in_range(real)) {
        return DISP_E_OVERFLOW;
    }
    *ret = real;
    return S_OK;
}

static HRESULT scalar_to_cy(struct scalar s, CY *ret)
{
    struct number n;
    HRESULT hr = scalar_to_number(s, &n);
    return FAILED(hr) ? hr : number_to_cy(n, ret);
}

static HRESULT scalar_to_decimal(struct scalar s, DECIMAL *ret)
{
    struct number n;
    HRESULT hr = scalar_to_number(s, &n);
    return FAILED(hr) ? hr : number_to_decimal(n, ret);
}

/* Text form depends on the type itself, not only on the value. */
static HRESULT variant_to_bstr(const VARIANT *v, ULONG flags, BSTR *ret)
{
    switch (V_VT(v)) {
    case VT_EMPTY:
        return com_bstr_from_wide(L"", ret);
    case VT_BOOL:
        return VarBstrFromBool(V_BOOL(v), LOCALE_INVARIANT, flags, ret);
    case VT_DATE:
        return VarBstrFromDate(V_DATE(v), LOCALE_INVARIANT, flags, ret);
    case VT_BSTR:
        return com_bstr_from_wide_n(V_BSTR(v) ? V_BSTR(v) : L"", SysStringLen(V_BSTR(v)), ret);
    default:
        break;
    }

    struct scalar s = scalar_of(v);
    char text[NUMBER_TEXT_SIZE];
    if (s.kind == KIND_NUMBER) {
        number_print(s.number, text);
    } else if (s.kind == KIND_REAL) {
        real_print(s.real, s.single, text);
    } else {
        return DISP_E_TYPEMISMATCH;
    }
    return com_bstr_from_utf8(text, ret);
}

/* ---- dispatch ----------------------------------------------------------------------------- */

static HRESULT to_signed(const VARIANT *from, VARTYPE vt, VARIANT *ret)
{
    struct scalar s = scalar_of(from);
    int64_t v = 0;
    HRESULT hr;
    switch (vt) {
    case VT_I1:
        hr = scalar_to_int(s, INT8_MIN, INT8_MAX, &v);
        V_I1(ret) = (CHAR)v;
        return hr;
    case VT_I2:
        hr = scalar_to_int(s, INT16_MIN, INT16_MAX, &v);
        V_I2(ret) = (SHORT)v;
        return hr;
    case VT_I8:
        hr = scalar_to_int(s, INT64_MIN, INT64_MAX, &v);
        V_I8(ret) = v;
        return hr;
    default: /* VT_I4, VT_INT */
        hr = scalar_to_int(s, INT32_MIN, INT32_MAX, &v);
        V_I4(ret) = (LONG)v;
        return hr;
    }
}

static HRESULT to_unsigned(const VARIANT *from, VARTYPE vt, VARIANT *ret)
{
    struct scalar s = scalar_of(from);
    uint64_t v = 0;
    HRESULT hr;
    switch (vt) {
    case VT_UI1:
        hr = scalar_to_uint(s, UINT8_MAX, &v);
        V_UI1(ret) = (BYTE)v;
        return hr;
    case VT_UI2:
        hr = scalar_to_uint(s, UINT16_MAX, &v);
        V_UI2(ret) = (USHORT)v;
        return hr;
    case VT_UI8:
        hr = scalar_to_uint(s, UINT64_MAX, &v);
        V_UI8(ret) = v;
        return hr;
    default: /* VT_UI4, VT_UINT */
        hr = scalar_to_uint(s, UINT32_MAX, &v);
        V_UI4(ret) = (ULONG)v;
        return hr;
    }
}

static HRESULT to_object(const VARIANT *from, VARTYPE vt, VARIANT *ret)
{
    if (V_VT(from) != VT_UNKNOWN && V_VT(from) != VT_DISPATCH) {
        return DISP_E_TYPEMISMATCH;
    }
    if (!V_UNKNOWN(from)) {
        V_UNKNOWN(ret) = NULL;
        return S_OK;
    }
    const IID *iid = vt == VT_DISPATCH ? &IID_IDispatch : &IID_IUnknown;
    HRESULT hr = IUnknown_QueryInterface(V_UNKNOWN(from), iid, (void **)&V_UNKNOWN(ret));
    return FAILED(hr) ? DISP_E_TYPEMISMATCH : S_OK;
}

/* The value of *from, which is not by reference, as `vt` in *ret, which owns nothing. */
static HRESULT convert(const VARIANT *from, ULONG flags, VARTYPE vt, VARIANT *ret)
{
    HRESULT hr;
    switch (vt) {
    case VT_EMPTY:
        return DISP_E_TYPEMISMATCH;
    case VT_NULL:
        return V_VT(from) == VT_EMPTY ? S_OK : DISP_E_TYPEMISMATCH;
    case VT_I1:
    case VT_I2:
    case VT_I4:
    case VT_INT:
    case VT_I8:
        return to_signed(from, vt, ret);
    case VT_UI1:
    case VT_UI2:
    case VT_UI4:
    case VT_UINT:
    case VT_UI8:
        return to_unsigned(from, vt, ret);
    case VT_R4:
        return scalar_to_single(scalar_of(from), &V_R4(ret));
    case VT_R8:
        return scalar_to_real(scalar_of(from), &V_R8(ret));
    case VT_BOOL:
        return scalar_to_bool(scalar_of(from), &V_BOOL(ret));
    case VT_DATE:
        return scalar_to_date(scalar_of(from), flags, &V_DATE(ret));
    case VT_CY:
        return scalar_to_cy(scalar_of(from), &V_CY(ret));
    case VT_DECIMAL:
        hr = scalar_to_decimal(scalar_of(from), &V_DECIMAL(ret));
        V_VT(ret) = vt; /* the decimal lies over it */
        return hr;
    case VT_BSTR:
        return variant_to_bstr(from, flags, &V_BSTR(ret));
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return to_object(from, vt, ret);
    default: /* VT_ERROR converts from nothing but itself; arrays likewise */
        return DISP_E_TYPEMISMATCH;
    }
}

HRESULT VariantChangeTypeEx(VARIANTARG *to, const VARIANTARG *from, LCID lcid, USHORT flags,
                            VARTYPE vt)
{
    if (!to || !from) {
        return E_INVALIDARG;
    }
    if (!variant_type_is_valid(V_VT(from)) || !variant_type_is_valid(vt) || (vt & VT_BYREF)) {
        return DISP_E_BADVARTYPE;
    }

    VARIANT value;
    VariantInit(&value);
    HRESULT hr = VariantCopyInd(&value, from);
    if (FAILED(hr)) {
        return hr;
    }
    VARIANT result;
    VariantInit(&result);
    if (V_VT(&value) == vt) {
        result = value;
        VariantInit(&value);
    } else {
        V_VT(&result) = vt;
        hr = convert(&value, flags, vt, &result);
    }
    (void)VariantClear(&value);
    if (SUCCEEDED(hr)) {
        hr = VariantClear(to);
        if (FAILED(hr)) {
            (void)VariantClear(&result);
            return hr;
        }
        *to = result;
    }
    return hr;
}

HRESULT VariantChangeType(VARIANTARG *to, const VARIANTARG *from, USHORT flags, VARTYPE vt)
{
    return VariantChangeTypeEx(to, from, LOCALE_USER_DEFAULT, flags, vt);
}
