/*
 * Functions on BSTR, VARIANT, SAFEARRAY, dates and decimals, and this thread's
 * error object.
 */
#ifndef WBEM_OLEAUTO_H
#define WBEM_OLEAUTO_H

#include "oaidl.h"
#include "minwinbase.h"

#define WINOLEAUTAPI STDAPI
#define WINOLEAUTAPI_(type) STDAPI_(type)

/* ---- BSTR ------------------------------------------------------------------------- */

/* NULL for NULL, and when memory runs out. Whoever gets a BSTR frees it; NULL may be freed. */
WINOLEAUTAPI_(BSTR) SysAllocString(const OLECHAR *psz);
WINOLEAUTAPI_(INT) SysReAllocString(BSTR *pbstr, const OLECHAR *psz);
/* ui characters, with NULs among them as they are; a null strIn leaves them unset. */
WINOLEAUTAPI_(BSTR) SysAllocStringLen(const OLECHAR *strIn, UINT ui);
WINOLEAUTAPI_(INT) SysReAllocStringLen(BSTR *pbstr, const OLECHAR *psz, UINT len);
WINOLEAUTAPI_(BSTR) SysAllocStringByteLen(LPCSTR psz, UINT len);
WINOLEAUTAPI_(void) SysFreeString(BSTR bstrString);
WINOLEAUTAPI_(UINT) SysStringLen(BSTR pbstr);
WINOLEAUTAPI_(UINT) SysStringByteLen(BSTR bstr);

/* ---- VARIANT ------------------------------------------------------------------------ */

#ifdef NONAMELESSUNION
#define V_UNION(X, Y) ((X)->n1.n2.n3.Y)
#define V_VT(X) ((X)->n1.n2.vt)
#define V_RECORDINFO(X) ((X)->n1.n2.n3.brecVal.pRecInfo)
#define V_RECORD(X) ((X)->n1.n2.n3.brecVal.pvRecord)
#define V_DECIMAL(X) ((X)->n1.decVal)
#else
#define V_UNION(X, Y) ((X)->Y)
#define V_VT(X) ((X)->vt)
#define V_RECORDINFO(X) ((X)->pRecInfo)
#define V_RECORD(X) ((X)->pvRecord)
#define V_DECIMAL(X) ((X)->decVal)
#endif
#define V_ISBYREF(X) (V_VT(X) & VT_BYREF)
#define V_ISARRAY(X) (V_VT(X) & VT_ARRAY)
#define V_ISVECTOR(X) (V_VT(X) & VT_VECTOR)
#define V_NONE(X) V_I2(X)
#define V_UI1(X) V_UNION(X, bVal)
#define V_UI1REF(X) V_UNION(X, pbVal)
#define V_I2(X) V_UNION(X, iVal)
#define V_I2REF(X) V_UNION(X, piVal)
#define V_I4(X) V_UNION(X, lVal)
#define V_I4REF(X) V_UNION(X, plVal)
#define V_I8(X) V_UNION(X, llVal)
#define V_I8REF(X) V_UNION(X, pllVal)
#define V_R4(X) V_UNION(X, fltVal)
#define V_R4REF(X) V_UNION(X, pfltVal)
#define V_R8(X) V_UNION(X, dblVal)
#define V_R8REF(X) V_UNION(X, pdblVal)
#define V_BOOL(X) V_UNION(X, boolVal)
#define V_BOOLREF(X) V_UNION(X, pboolVal)
#define V_ERROR(X) V_UNION(X, scode)
#define V_ERRORREF(X) V_UNION(X, pscode)
#define V_CY(X) V_UNION(X, cyVal)
#define V_CYREF(X) V_UNION(X, pcyVal)
#define V_DATE(X) V_UNION(X, date)
#define V_DATEREF(X) V_UNION(X, pdate)
#define V_BSTR(X) V_UNION(X, bstrVal)
#define V_BSTRREF(X) V_UNION(X, pbstrVal)
#define V_UNKNOWN(X) V_UNION(X, punkVal)
#define V_UNKNOWNREF(X) V_UNION(X, ppunkVal)
#define V_DISPATCH(X) V_UNION(X, pdispVal)
#define V_DISPATCHREF(X) V_UNION(X, ppdispVal)
#define V_ARRAY(X) V_UNION(X, parray)
#define V_ARRAYREF(X) V_UNION(X, pparray)
#define V_VARIANTREF(X) V_UNION(X, pvarVal)
#define V_BYREF(X) V_UNION(X, byref)
#define V_I1(X) V_UNION(X, cVal)
#define V_I1REF(X) V_UNION(X, pcVal)
#define V_UI2(X) V_UNION(X, uiVal)
#define V_UI2REF(X) V_UNION(X, puiVal)
#define V_UI4(X) V_UNION(X, ulVal)
#define V_UI4REF(X) V_UNION(X, pulVal)
#define V_UI8(X) V_UNION(X, ullVal)
#define V_UI8REF(X) V_UNION(X, pullVal)
#define V_INT(X) V_UNION(X, intVal)
#define V_INTREF(X) V_UNION(X, pintVal)
#define V_UINT(X) V_UNION(X, uintVal)
#define V_UINTREF(X) V_UNION(X, puintVal)
#define V_INT_PTR(X) V_UNION(X, llVal)
#define V_UINT_PTR(X) V_UNION(X, ullVal)
#define V_DECIMALREF(X) V_UNION(X, pdecVal)

WINOLEAUTAPI_(void) VariantInit(VARIANTARG *pvarg);
/* Frees what the value owns (nothing behind VT_BYREF) and makes it VT_EMPTY.
 * DISP_E_ARRAYISLOCKED, DISP_E_BADVARTYPE. */
WINOLEAUTAPI VariantClear(VARIANTARG *pvarg);
/* A deep copy; objects are counted instead. The destination is cleared first. */
WINOLEAUTAPI VariantCopy(VARIANTARG *pvargDest, const VARIANTARG *pvargSrc);
/* The same, of what VT_BYREF points to. */
WINOLEAUTAPI VariantCopyInd(VARIANT *pvarDest, const VARIANTARG *pvargSrc);

/* For wFlags. */
#define VARIANT_NOVALUEPROP 0x1
#define VARIANT_ALPHABOOL 0x2 /* "True" and "False" instead of "-1" and "0" */
#define VARIANT_NOUSEROVERRIDE 0x4
#define VARIANT_CALENDAR_HIJRI 0x8
#define VARIANT_LOCALBOOL 0x10
#define VARIANT_CALENDAR_THAI 0x20
#define VARIANT_CALENDAR_GREGORIAN 0x40
#define VARIANT_USE_NLS 0x80
#define VAR_TIMEVALUEONLY ((DWORD)0x1)
#define VAR_DATEVALUEONLY ((DWORD)0x2)

/* Convert to another type, in place when the two are the same; locale-independent (as for
 * LOCALE_INVARIANT) whatever lcid says. On failure the destination is as it was.
 * DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW, DISP_E_BADVARTYPE, E_OUTOFMEMORY. */
WINOLEAUTAPI VariantChangeType(VARIANTARG *pvargDest, const VARIANTARG *pvarSrc, USHORT wFlags,
                               VARTYPE vt);
WINOLEAUTAPI VariantChangeTypeEx(VARIANTARG *pvargDest, const VARIANTARG *pvarSrc, LCID lcid,
                                 USHORT wFlags, VARTYPE vt);

/* VarCmp's answers. */
#define VARCMP_LT 0
#define VARCMP_EQ 1
#define VARCMP_GT 2
#define VARCMP_NULL 3
#define NORM_IGNORECASE 0x1
/* Compares numbers as numbers and strings as strings. */
WINOLEAUTAPI VarCmp(LPVARIANT pvarLeft, LPVARIANT pvarRight, LCID lcid, ULONG dwFlags);
WINOLEAUTAPI VarBstrCmp(BSTR bstrLeft, BSTR bstrRight, LCID lcid, ULONG dwFlags);
WINOLEAUTAPI VarBstrCat(BSTR bstrLeft, BSTR bstrRight, BSTR *pbstrResult);

/* Numbers, dates and booleans as text; free the result with SysFreeString. */
WINOLEAUTAPI VarBstrFromUI1(BYTE bVal, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromI1(CHAR cIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromI2(SHORT iVal, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromUI2(USHORT uiIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromI4(LONG lIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromUI4(ULONG ulIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromI8(LONG64 i64In, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromUI8(ULONG64 ui64In, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromR4(FLOAT fltIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromR8(DOUBLE dblIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromCy(CY cyIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromDate(DATE dateIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromBool(VARIANT_BOOL boolIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);
WINOLEAUTAPI VarBstrFromDec(const DECIMAL *pdecIn, LCID lcid, ULONG dwFlags, BSTR *pbstrOut);

/* And back. */
WINOLEAUTAPI VarUI1FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, BYTE *pbOut);
WINOLEAUTAPI VarI1FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, CHAR *pcOut);
WINOLEAUTAPI VarI2FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, SHORT *psOut);
WINOLEAUTAPI VarUI2FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, USHORT *puiOut);
WINOLEAUTAPI VarI4FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, LONG *plOut);
WINOLEAUTAPI VarUI4FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, ULONG *pulOut);
WINOLEAUTAPI VarI8FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, LONG64 *pi64Out);
WINOLEAUTAPI VarUI8FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, ULONG64 *pui64Out);
WINOLEAUTAPI VarR4FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, FLOAT *pfltOut);
WINOLEAUTAPI VarR8FromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, DOUBLE *pdblOut);
WINOLEAUTAPI VarDateFromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, DATE *pdateOut);
WINOLEAUTAPI VarBoolFromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, VARIANT_BOOL *pboolOut);
WINOLEAUTAPI VarCyFromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, CY *pcyOut);
WINOLEAUTAPI VarDecFromStr(LPCOLESTR strIn, LCID lcid, ULONG dwFlags, DECIMAL *pdecOut);

/* ---- dates ---------------------------------------------------------------------------- */

/* Years 100 to 9999. FALSE when the value is none. Seconds are the finest. */
WINOLEAUTAPI_(INT) SystemTimeToVariantTime(LPSYSTEMTIME lpSystemTime, DOUBLE *pvtime);
WINOLEAUTAPI_(INT) VariantTimeToSystemTime(DOUBLE vtime, LPSYSTEMTIME lpSystemTime);
WINOLEAUTAPI_(INT) DosDateTimeToVariantTime(USHORT wDosDate, USHORT wDosTime, DOUBLE *pvtime);
WINOLEAUTAPI_(INT) VariantTimeToDosDateTime(DOUBLE vtime, USHORT *pwDosDate, USHORT *pwDosTime);

/* ---- SAFEARRAY ------------------------------------------------------------------------- */

/* NULL when memory runs out or the element type can't be one of an array. Dimensions count from 1,
 * the leftmost first, here and below. */
WINOLEAUTAPI_(SAFEARRAY *) SafeArrayCreate(VARTYPE vt, UINT cDims, SAFEARRAYBOUND *rgsabound);
WINOLEAUTAPI_(SAFEARRAY *)
SafeArrayCreateEx(VARTYPE vt, UINT cDims, SAFEARRAYBOUND *rgsabound, PVOID pvExtra);
WINOLEAUTAPI_(SAFEARRAY *) SafeArrayCreateVector(VARTYPE vt, LONG lLbound, ULONG cElements);
WINOLEAUTAPI_(SAFEARRAY *)
SafeArrayCreateVectorEx(VARTYPE vt, LONG lLbound, ULONG cElements, PVOID pvExtra);
WINOLEAUTAPI SafeArrayAllocDescriptor(UINT cDims, SAFEARRAY **ppsaOut);
WINOLEAUTAPI SafeArrayAllocDescriptorEx(VARTYPE vt, UINT cDims, SAFEARRAY **ppsaOut);
WINOLEAUTAPI SafeArrayAllocData(SAFEARRAY *psa);
/* DISP_E_ARRAYISLOCKED while it is locked. NULL may be destroyed. */
WINOLEAUTAPI SafeArrayDestroy(SAFEARRAY *psa);
WINOLEAUTAPI SafeArrayDestroyData(SAFEARRAY *psa);
WINOLEAUTAPI SafeArrayDestroyDescriptor(SAFEARRAY *psa);
WINOLEAUTAPI SafeArrayCopy(SAFEARRAY *psa, SAFEARRAY **ppsaOut);
WINOLEAUTAPI SafeArrayCopyData(SAFEARRAY *psaSource, SAFEARRAY *psaTarget);
/* Changes the last (rightmost) dimension. */
WINOLEAUTAPI SafeArrayRedim(SAFEARRAY *psa, SAFEARRAYBOUND *psaboundNew);
WINOLEAUTAPI_(UINT) SafeArrayGetDim(SAFEARRAY *psa);
WINOLEAUTAPI_(UINT) SafeArrayGetElemsize(SAFEARRAY *psa);
WINOLEAUTAPI SafeArrayGetLBound(SAFEARRAY *psa, UINT nDim, LONG *plLbound);
WINOLEAUTAPI SafeArrayGetUBound(SAFEARRAY *psa, UINT nDim, LONG *plUbound);
WINOLEAUTAPI SafeArrayLock(SAFEARRAY *psa);
WINOLEAUTAPI SafeArrayUnlock(SAFEARRAY *psa);
WINOLEAUTAPI SafeArrayAccessData(SAFEARRAY *psa, void **ppvData);
WINOLEAUTAPI SafeArrayUnaccessData(SAFEARRAY *psa);
/* Get copies the element out (the caller frees it), Put copies it in; for VT_BSTR, VT_UNKNOWN and
 * VT_DISPATCH Put takes the BSTR or the pointer itself, not its address. DISP_E_BADINDEX. */
WINOLEAUTAPI SafeArrayGetElement(SAFEARRAY *psa, LONG *rgIndices, void *pv);
WINOLEAUTAPI SafeArrayPutElement(SAFEARRAY *psa, LONG *rgIndices, void *pv);
/* Only while the array is locked does the address stay good. */
WINOLEAUTAPI SafeArrayPtrOfIndex(SAFEARRAY *psa, LONG *rgIndices, void **ppvData);
WINOLEAUTAPI SafeArrayGetVartype(SAFEARRAY *psa, VARTYPE *pvt);
WINOLEAUTAPI SafeArraySetIID(SAFEARRAY *psa, REFGUID guid);
WINOLEAUTAPI SafeArrayGetIID(SAFEARRAY *psa, GUID *pguid);
WINOLEAUTAPI SafeArraySetRecordInfo(SAFEARRAY *psa, IRecordInfo *prinfo);
WINOLEAUTAPI SafeArrayGetRecordInfo(SAFEARRAY *psa, IRecordInfo **prinfo);
/* Bytes of a BSTR as an array of VT_UI1, and back. */
WINOLEAUTAPI VectorFromBstr(BSTR bstr, SAFEARRAY **ppsa);
WINOLEAUTAPI BstrFromVector(SAFEARRAY *psa, BSTR *pbstr);

/* ---- error objects ----------------------------------------------------------------------- */

/* Each thread has one; a failed call sets it, GetErrorInfo takes it out (S_FALSE: there is none).
 * dwReserved is 0. */
WINOLEAUTAPI SetErrorInfo(ULONG dwReserved, IErrorInfo *perrinfo);
WINOLEAUTAPI GetErrorInfo(ULONG dwReserved, IErrorInfo **pperrinfo);
/* An empty one to fill; QueryInterface gives its IErrorInfo. */
WINOLEAUTAPI CreateErrorInfo(ICreateErrorInfo **pperrinfo);

/* On Windows `long` is LONG. Where it has 64 bits, C++ programs that pass a `long` where the
 * documentation says so are served by these; indices that need more than 32 bits do not exist. */
#if defined(__cplusplus) && defined(__LP64__)
inline HRESULT SafeArrayGetLBound(SAFEARRAY *psa, UINT nDim, long *plLbound)
{
    LONG bound = 0;
    HRESULT hr = SafeArrayGetLBound(psa, nDim, &bound);
    if (SUCCEEDED(hr)) {
        *plLbound = bound;
    }
    return hr;
}

inline HRESULT SafeArrayGetUBound(SAFEARRAY *psa, UINT nDim, long *plUbound)
{
    LONG bound = 0;
    HRESULT hr = SafeArrayGetUBound(psa, nDim, &bound);
    if (SUCCEEDED(hr)) {
        *plUbound = bound;
    }
    return hr;
}

/* At most 60 dimensions, which is COM's own limit for SAFEARRAYs in a VARIANT. */
inline HRESULT wbem_narrow_indices(SAFEARRAY *psa, const long *wide, LONG (&narrow)[60])
{
    UINT dims = SafeArrayGetDim(psa);
    if (dims == 0 || dims > 60 || !wide) {
        return E_INVALIDARG;
    }
    for (UINT i = 0; i < dims; i++) {
        narrow[i] = (LONG)wide[i];
        if (narrow[i] != wide[i]) {
            return DISP_E_BADINDEX;
        }
    }
    return S_OK;
}

inline HRESULT SafeArrayGetElement(SAFEARRAY *psa, long *rgIndices, void *pv)
{
    LONG narrow[60];
    HRESULT hr = wbem_narrow_indices(psa, rgIndices, narrow);
    return FAILED(hr) ? hr : SafeArrayGetElement(psa, narrow, pv);
}

inline HRESULT SafeArrayPutElement(SAFEARRAY *psa, long *rgIndices, void *pv)
{
    LONG narrow[60];
    HRESULT hr = wbem_narrow_indices(psa, rgIndices, narrow);
    return FAILED(hr) ? hr : SafeArrayPutElement(psa, narrow, pv);
}

inline HRESULT SafeArrayPtrOfIndex(SAFEARRAY *psa, long *rgIndices, void **ppvData)
{
    LONG narrow[60];
    HRESULT hr = wbem_narrow_indices(psa, rgIndices, narrow);
    return FAILED(hr) ? hr : SafeArrayPtrOfIndex(psa, narrow, ppvData);
}
#endif

#endif
