/*
 * Automation: VARIANT, SAFEARRAY, error objects, IDispatch. The layout is the
 * SDK's: [MS-OAUT] 2.2.29 and 2.2.30 describe the same values on the wire.
 */
#ifndef WBEM_OAIDL_H
#define WBEM_OAIDL_H

#include "objidl.h"

interface IDispatch;
typedef interface IRecordInfo IRecordInfo;
typedef interface ITypeInfo ITypeInfo;
typedef interface ITypeLib ITypeLib;

EXTERN_C WBEM_EXPORT const IID IID_IDispatch;
EXTERN_C WBEM_EXPORT const IID IID_IEnumVARIANT;
EXTERN_C WBEM_EXPORT const IID IID_IErrorInfo;
EXTERN_C WBEM_EXPORT const IID IID_ICreateErrorInfo;
EXTERN_C WBEM_EXPORT const IID IID_ISupportErrorInfo;
EXTERN_C WBEM_EXPORT const IID IID_ITypeInfo;

typedef LONG DISPID;
typedef DISPID MEMBERID;
typedef DWORD HREFTYPE;
#define DISPID_UNKNOWN (-1)
#define DISPID_VALUE 0
#define DISPID_PROPERTYPUT (-3)
#define DISPID_NEWENUM (-4)
#define DISPATCH_METHOD 0x1
#define DISPATCH_PROPERTYGET 0x2
#define DISPATCH_PROPERTYPUT 0x4
#define DISPATCH_PROPERTYPUTREF 0x8

/* ---- SAFEARRAY ------------------------------------------------------------------- */

typedef struct tagSAFEARRAYBOUND {
    ULONG cElements;
    LONG lLbound;
} SAFEARRAYBOUND, *LPSAFEARRAYBOUND;

/* Elements lie in column-major order (the leftmost index runs fastest); rgsabound holds the bounds
 * with the rightmost dimension first. */
typedef struct tagSAFEARRAY {
    USHORT cDims;
    USHORT fFeatures; /* FADF_* */
    ULONG cbElements;
    ULONG cLocks;
    PVOID pvData;
    SAFEARRAYBOUND rgsabound[1];
} SAFEARRAY, *LPSAFEARRAY;

#define FADF_AUTO 0x1
#define FADF_STATIC 0x2
#define FADF_EMBEDDED 0x4
#define FADF_FIXEDSIZE 0x10
#define FADF_RECORD 0x20
#define FADF_HAVEIID 0x40
#define FADF_HAVEVARTYPE 0x80
#define FADF_BSTR 0x100
#define FADF_UNKNOWN 0x200
#define FADF_DISPATCH 0x400
#define FADF_VARIANT 0x800
#define FADF_RESERVED 0xf008

/* ---- VARIANT ---------------------------------------------------------------------- */

#ifdef NONAMELESSUNION
#define __VARIANT_NAME_1 n1
#define __VARIANT_NAME_2 n2
#define __VARIANT_NAME_3 n3
#define __VARIANT_NAME_4 brecVal
#else
#define __VARIANT_NAME_1
#define __VARIANT_NAME_2
#define __VARIANT_NAME_3
#define __VARIANT_NAME_4
#endif

typedef struct tagVARIANT VARIANT;

WBEM_EXTENSION struct tagVARIANT {
    _ANONYMOUS_UNION union {
        _ANONYMOUS_STRUCT struct {
            VARTYPE vt;
            WORD wReserved1;
            WORD wReserved2;
            WORD wReserved3;
            _ANONYMOUS_UNION union {
                LONGLONG llVal;
                LONG lVal;
                BYTE bVal;
                SHORT iVal;
                FLOAT fltVal;
                DOUBLE dblVal;
                VARIANT_BOOL boolVal;
                SCODE scode;
                CY cyVal;
                DATE date;
                BSTR bstrVal;
                IUnknown *punkVal;
                interface IDispatch *pdispVal;
                SAFEARRAY *parray;
                BYTE *pbVal;
                SHORT *piVal;
                LONG *plVal;
                LONGLONG *pllVal;
                FLOAT *pfltVal;
                DOUBLE *pdblVal;
                VARIANT_BOOL *pboolVal;
                SCODE *pscode;
                CY *pcyVal;
                DATE *pdate;
                BSTR *pbstrVal;
                IUnknown **ppunkVal;
                interface IDispatch **ppdispVal;
                SAFEARRAY **pparray;
                VARIANT *pvarVal;
                PVOID byref;
                CHAR cVal;
                USHORT uiVal;
                ULONG ulVal;
                ULONGLONG ullVal;
                INT intVal;
                UINT uintVal;
                DECIMAL *pdecVal;
                CHAR *pcVal;
                USHORT *puiVal;
                ULONG *pulVal;
                ULONGLONG *pullVal;
                INT *pintVal;
                UINT *puintVal;
                _ANONYMOUS_STRUCT struct {
                    PVOID pvRecord;
                    IRecordInfo *pRecInfo;
                } __VARIANT_NAME_4;
            } __VARIANT_NAME_3;
        } __VARIANT_NAME_2;
        DECIMAL decVal; /* over all of it: vt lies in the decimal's reserved word */
    } __VARIANT_NAME_1;
};

typedef VARIANT *LPVARIANT;
typedef VARIANT VARIANTARG;
typedef VARIANT *LPVARIANTARG;

typedef struct tagDISPPARAMS {
    VARIANTARG *rgvarg;
    DISPID *rgdispidNamedArgs;
    UINT cArgs;
    UINT cNamedArgs;
} DISPPARAMS;

typedef struct tagEXCEPINFO {
    WORD wCode;
    WORD wReserved;
    BSTR bstrSource;
    BSTR bstrDescription;
    BSTR bstrHelpFile;
    DWORD dwHelpContext;
    PVOID pvReserved;
    HRESULT(STDAPICALLTYPE *pfnDeferredFillIn)(struct tagEXCEPINFO *);
    SCODE scode;
} EXCEPINFO, *LPEXCEPINFO;

/* ---- interfaces --------------------------------------------------------------------- */

#undef INTERFACE
#define INTERFACE IDispatch
DECLARE_INTERFACE_IID_(IDispatch, IUnknown, "00020400-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(GetTypeInfoCount)(THIS_ UINT * pctinfo) PURE;
    STDMETHOD(GetTypeInfo)(THIS_ UINT iTInfo, LCID lcid, ITypeInfo * *ppTInfo) PURE;
    STDMETHOD(GetIDsOfNames)
    (THIS_ REFIID riid, LPOLESTR * rgszNames, UINT cNames, LCID lcid, DISPID * rgDispId) PURE;
    STDMETHOD(Invoke)
    (THIS_ DISPID dispIdMember, REFIID riid, LCID lcid, WORD wFlags, DISPPARAMS * pDispParams,
     VARIANT * pVarResult, EXCEPINFO * pExcepInfo, UINT * puArgErr) PURE;
};
typedef IDispatch *LPDISPATCH;

#ifdef COBJMACROS
#define IDispatch_QueryInterface(This, riid, ppvObject)                                            \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IDispatch_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IDispatch_Release(This) ((This)->lpVtbl->Release(This))
#define IDispatch_GetTypeInfoCount(This, pctinfo) ((This)->lpVtbl->GetTypeInfoCount(This, pctinfo))
#define IDispatch_GetTypeInfo(This, iTInfo, lcid, ppTInfo)                                         \
    ((This)->lpVtbl->GetTypeInfo(This, iTInfo, lcid, ppTInfo))
#define IDispatch_GetIDsOfNames(This, riid, rgszNames, cNames, lcid, rgDispId)                     \
    ((This)->lpVtbl->GetIDsOfNames(This, riid, rgszNames, cNames, lcid, rgDispId))
#define IDispatch_Invoke(This, dispIdMember, riid, lcid, wFlags, pDispParams, pVarResult,          \
                         pExcepInfo, puArgErr)                                                     \
    ((This)->lpVtbl->Invoke(This, dispIdMember, riid, lcid, wFlags, pDispParams, pVarResult,       \
                            pExcepInfo, puArgErr))
#endif

#undef INTERFACE
#define INTERFACE IEnumVARIANT
DECLARE_INTERFACE_IID_(IEnumVARIANT, IUnknown, "00020404-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(Next)(THIS_ ULONG celt, VARIANT * rgVar, ULONG * pCeltFetched) PURE;
    STDMETHOD(Skip)(THIS_ ULONG celt) PURE;
    STDMETHOD(Reset)(THIS) PURE;
    STDMETHOD(Clone)(THIS_ interface IEnumVARIANT * *ppEnum) PURE;
};
typedef IEnumVARIANT *LPENUMVARIANT;

#ifdef COBJMACROS
#define IEnumVARIANT_QueryInterface(This, riid, ppvObject)                                         \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IEnumVARIANT_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IEnumVARIANT_Release(This) ((This)->lpVtbl->Release(This))
#define IEnumVARIANT_Next(This, celt, rgVar, pCeltFetched)                                         \
    ((This)->lpVtbl->Next(This, celt, rgVar, pCeltFetched))
#define IEnumVARIANT_Skip(This, celt) ((This)->lpVtbl->Skip(This, celt))
#define IEnumVARIANT_Reset(This) ((This)->lpVtbl->Reset(This))
#define IEnumVARIANT_Clone(This, ppEnum) ((This)->lpVtbl->Clone(This, ppEnum))
#endif

/* What went wrong in the last call of this thread that failed: see GetErrorInfo. */
#undef INTERFACE
#define INTERFACE IErrorInfo
DECLARE_INTERFACE_IID_(IErrorInfo, IUnknown, "1CF2B120-547D-101B-8E65-08002B2BD119")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(GetGUID)(THIS_ GUID * pGUID) PURE;
    STDMETHOD(GetSource)(THIS_ BSTR * pBstrSource) PURE;
    STDMETHOD(GetDescription)(THIS_ BSTR * pBstrDescription) PURE;
    STDMETHOD(GetHelpFile)(THIS_ BSTR * pBstrHelpFile) PURE;
    STDMETHOD(GetHelpContext)(THIS_ DWORD * pdwHelpContext) PURE;
};
typedef IErrorInfo *LPERRORINFO;

#ifdef COBJMACROS
#define IErrorInfo_QueryInterface(This, riid, ppvObject)                                           \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IErrorInfo_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IErrorInfo_Release(This) ((This)->lpVtbl->Release(This))
#define IErrorInfo_GetGUID(This, pGUID) ((This)->lpVtbl->GetGUID(This, pGUID))
#define IErrorInfo_GetSource(This, pBstrSource) ((This)->lpVtbl->GetSource(This, pBstrSource))
#define IErrorInfo_GetDescription(This, pBstrDescription)                                          \
    ((This)->lpVtbl->GetDescription(This, pBstrDescription))
#define IErrorInfo_GetHelpFile(This, pBstrHelpFile)                                                \
    ((This)->lpVtbl->GetHelpFile(This, pBstrHelpFile))
#define IErrorInfo_GetHelpContext(This, pdwHelpContext)                                            \
    ((This)->lpVtbl->GetHelpContext(This, pdwHelpContext))
#endif

#undef INTERFACE
#define INTERFACE ICreateErrorInfo
DECLARE_INTERFACE_IID_(ICreateErrorInfo, IUnknown, "22F03340-547D-101B-8E65-08002B2BD119")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(SetGUID)(THIS_ REFGUID rguid) PURE;
    STDMETHOD(SetSource)(THIS_ LPOLESTR szSource) PURE;
    STDMETHOD(SetDescription)(THIS_ LPOLESTR szDescription) PURE;
    STDMETHOD(SetHelpFile)(THIS_ LPOLESTR szHelpFile) PURE;
    STDMETHOD(SetHelpContext)(THIS_ DWORD dwHelpContext) PURE;
};
typedef ICreateErrorInfo *LPCREATEERRORINFO;

#ifdef COBJMACROS
#define ICreateErrorInfo_QueryInterface(This, riid, ppvObject)                                     \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define ICreateErrorInfo_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define ICreateErrorInfo_Release(This) ((This)->lpVtbl->Release(This))
#define ICreateErrorInfo_SetGUID(This, rguid) ((This)->lpVtbl->SetGUID(This, rguid))
#define ICreateErrorInfo_SetSource(This, szSource) ((This)->lpVtbl->SetSource(This, szSource))
#define ICreateErrorInfo_SetDescription(This, szDescription)                                       \
    ((This)->lpVtbl->SetDescription(This, szDescription))
#define ICreateErrorInfo_SetHelpFile(This, szHelpFile)                                             \
    ((This)->lpVtbl->SetHelpFile(This, szHelpFile))
#define ICreateErrorInfo_SetHelpContext(This, dwHelpContext)                                       \
    ((This)->lpVtbl->SetHelpContext(This, dwHelpContext))
#endif

#undef INTERFACE
#define INTERFACE ISupportErrorInfo
DECLARE_INTERFACE_IID_(ISupportErrorInfo, IUnknown, "DF0B3D60-548F-101B-8E65-08002B2BD119")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(InterfaceSupportsErrorInfo)(THIS_ REFIID riid) PURE;
};
typedef ISupportErrorInfo *LPSUPPORTERRORINFO;

#ifdef COBJMACROS
#define ISupportErrorInfo_QueryInterface(This, riid, ppvObject)                                    \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define ISupportErrorInfo_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define ISupportErrorInfo_Release(This) ((This)->lpVtbl->Release(This))
#define ISupportErrorInfo_InterfaceSupportsErrorInfo(This, riid)                                   \
    ((This)->lpVtbl->InterfaceSupportsErrorInfo(This, riid))
#endif

#undef INTERFACE
#endif
