/*
 * Numbers, dates and booleans as BSTRs and back: automation's Var*From* functions.
 */
#include "com/variant.h"

#include <float.h>
#include <math.h>
#include <string.h>
#include <wchar.h>

static HRESULT bstr_from_number(struct number n, BSTR *ret)
{
    char text[NUMBER_TEXT_SIZE];
    if (!ret) {
        return E_INVALIDARG;
    }

    number_print(n, text);
    return com_bstr_from_utf8(text, ret);
}

static HRESULT bstr_from_real(double v, bool single, BSTR *ret)
{
    char text[NUMBER_TEXT_SIZE];
    if (!ret) {
        return E_INVALIDARG;
    }

    real_print(v, single, text);
    return com_bstr_from_utf8(text, ret);
}

HRESULT VarBstrFromUI1(BYTE v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_uint(v), ret);
}

HRESULT VarBstrFromI1(CHAR v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_int((signed char)v), ret);
}

HRESULT VarBstrFromI2(SHORT v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_int(v), ret);
}

HRESULT VarBstrFromUI2(USHORT v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_uint(v), ret);
}

HRESULT VarBstrFromI4(LONG v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_int(v), ret);
}

HRESULT VarBstrFromUI4(ULONG v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_uint(v), ret);
}

HRESULT VarBstrFromI8(LONG64 v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_int(v), ret);
}

HRESULT VarBstrFromUI8(ULONG64 v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_uint(v), ret);
}

HRESULT VarBstrFromR4(FLOAT v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_real(v, true, ret);
}

HRESULT VarBstrFromR8(DOUBLE v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_real(v, false, ret);
}

HRESULT VarBstrFromCy(CY v, LCID lcid, ULONG flags, BSTR *ret)
{
    return bstr_from_number(number_from_cy(v), ret);
}

HRESULT VarBstrFromDec(const DECIMAL *v, LCID lcid, ULONG flags, BSTR *ret)
{
    struct number n;
    HRESULT hr = v ? number_from_decimal(v, &n) : E_INVALIDARG;
    return FAILED(hr) ? hr : bstr_from_number(n, ret);
}

HRESULT VarBstrFromDate(DATE v, LCID lcid, ULONG flags, BSTR *ret)
{
    char text[DATE_TEXT_SIZE];
    HRESULT hr = ret ? date_print(v, flags, text) : E_INVALIDARG;
    return FAILED(hr) ? hr : com_bstr_from_utf8(text, ret);
}

HRESULT VarBstrFromBool(VARIANT_BOOL v, LCID lcid, ULONG flags, BSTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }
    if (flags & (VARIANT_ALPHABOOL | VARIANT_LOCALBOOL)) {
        return com_bstr_from_utf8(v ? "True" : "False", ret);
    }
    return com_bstr_from_utf8(v ? "-1" : "0", ret);
}

/* ---- and back --------------------------------------------------------------------- */

static HRESULT parse_int(LPCOLESTR text, int64_t low, int64_t high, int64_t *ret)
{
    struct number n;
    HRESULT hr = number_parse(text, &n);
    return FAILED(hr) ? hr : number_to_int(n, low, high, ret);
}

static HRESULT parse_uint(LPCOLESTR text, uint64_t high, uint64_t *ret)
{
    struct number n;
    HRESULT hr = number_parse(text, &n);
    return FAILED(hr) ? hr : number_to_uint(n, high, ret);
}

HRESULT VarI1FromStr(LPCOLESTR text, LCID lcid, ULONG flags, CHAR *ret)
{
    int64_t v;
    HRESULT hr = parse_int(text, INT8_MIN, INT8_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (CHAR)v;
    return S_OK;
}

HRESULT VarI2FromStr(LPCOLESTR text, LCID lcid, ULONG flags, SHORT *ret)
{
    int64_t v;
    HRESULT hr = parse_int(text, INT16_MIN, INT16_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (SHORT)v;
    return S_OK;
}

HRESULT VarI4FromStr(LPCOLESTR text, LCID lcid, ULONG flags, LONG *ret)
{
    int64_t v;
    HRESULT hr = parse_int(text, INT32_MIN, INT32_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (LONG)v;
    return S_OK;
}

HRESULT VarI8FromStr(LPCOLESTR text, LCID lcid, ULONG flags, LONG64 *ret)
{
    int64_t v;
    HRESULT hr = parse_int(text, INT64_MIN, INT64_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (LONG64)v;
    return S_OK;
}

HRESULT VarUI1FromStr(LPCOLESTR text, LCID lcid, ULONG flags, BYTE *ret)
{
    uint64_t v;
    HRESULT hr = parse_uint(text, UINT8_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (BYTE)v;
    return S_OK;
}

HRESULT VarUI2FromStr(LPCOLESTR text, LCID lcid, ULONG flags, USHORT *ret)
{
    uint64_t v;
    HRESULT hr = parse_uint(text, UINT16_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (USHORT)v;
    return S_OK;
}

HRESULT VarUI4FromStr(LPCOLESTR text, LCID lcid, ULONG flags, ULONG *ret)
{
    uint64_t v;
    HRESULT hr = parse_uint(text, UINT32_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (ULONG)v;
    return S_OK;
}

HRESULT VarUI8FromStr(LPCOLESTR text, LCID lcid, ULONG flags, ULONG64 *ret)
{
    uint64_t v;
    HRESULT hr = parse_uint(text, UINT64_MAX, &v);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (ULONG64)v;
    return S_OK;
}

HRESULT VarR8FromStr(LPCOLESTR text, LCID lcid, ULONG flags, DOUBLE *ret)
{
    struct number n;
    HRESULT hr = number_parse(text, &n);
    return FAILED(hr) ? hr : number_to_real(n, ret);
}

HRESULT VarR4FromStr(LPCOLESTR text, LCID lcid, ULONG flags, FLOAT *ret)
{
    double v;
    HRESULT hr = VarR8FromStr(text, lcid, flags, &v);
    if (FAILED(hr)) {
        return hr;
    }
    if (fabs(v) > FLT_MAX) {
        return DISP_E_OVERFLOW;
    }
    *ret = (FLOAT)v;
    return S_OK;
}

HRESULT VarDateFromStr(LPCOLESTR text, LCID lcid, ULONG flags, DATE *ret)
{
    return date_parse(text, flags, ret);
}

HRESULT VarCyFromStr(LPCOLESTR text, LCID lcid, ULONG flags, CY *ret)
{
    struct number n;
    HRESULT hr = number_parse(text, &n);
    return FAILED(hr) ? hr : number_to_cy(n, ret);
}

HRESULT VarDecFromStr(LPCOLESTR text, LCID lcid, ULONG flags, DECIMAL *ret)
{
    struct number n;
    HRESULT hr = number_parse(text, &n);
    return FAILED(hr) ? hr : number_to_decimal(n, ret);
}

HRESULT VarBoolFromStr(LPCOLESTR text, LCID lcid, ULONG flags, VARIANT_BOOL *ret)
{
    if (!text) {
        return DISP_E_TYPEMISMATCH;
    }
    if (wcscasecmp(text, L"True") == 0 || wcscmp(text, L"#TRUE#") == 0) {
        *ret = VARIANT_TRUE;
        return S_OK;
    }
    if (wcscasecmp(text, L"False") == 0 || wcscmp(text, L"#FALSE#") == 0) {
        *ret = VARIANT_FALSE;
        return S_OK;
    }
    struct number n;
    HRESULT hr = number_parse(text, &n);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = number_is_zero(n) ? VARIANT_FALSE : VARIANT_TRUE;
    return S_OK;
}
