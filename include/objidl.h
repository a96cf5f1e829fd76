/*
 * Interfaces of COM itself: security of calls, allocation, streams, marshalling;
 * and the structures that CoCreateInstanceEx and CoInitializeSecurity take.
 */
#ifndef WBEM_OBJIDL_H
#define WBEM_OBJIDL_H

#include "unknwn.h"

typedef interface IBindCtx IBindCtx;
typedef interface IMoniker IMoniker;
typedef interface IRunningObjectTable IRunningObjectTable;

EXTERN_C WBEM_EXPORT const IID IID_IClientSecurity;
EXTERN_C WBEM_EXPORT const IID IID_IServerSecurity;
EXTERN_C WBEM_EXPORT const IID IID_IMalloc;
EXTERN_C WBEM_EXPORT const IID IID_ISequentialStream;
EXTERN_C WBEM_EXPORT const IID IID_IStream;
EXTERN_C WBEM_EXPORT const IID IID_IMarshal;
EXTERN_C WBEM_EXPORT const IID IID_IEnumUnknown;
EXTERN_C WBEM_EXPORT const IID IID_IPersist;

/* The host to make an object on. */
typedef struct _COSERVERINFO {
    DWORD dwReserved1;
    LPWSTR pwszName;
    COAUTHINFO *pAuthInfo;
    DWORD dwReserved2;
} COSERVERINFO;

/* One interface asked of a new object, and the answer. */
typedef struct tagMULTI_QI {
    const IID *pIID;
    IUnknown *pItf;
    HRESULT hr;
} MULTI_QI;

/* What CoInitializeSecurity and CoSetProxyBlanket are asked to do besides. */
typedef enum tagEOLE_AUTHENTICATION_CAPABILITIES {
    EOAC_NONE = 0,
    EOAC_MUTUAL_AUTH = 0x1,
    EOAC_SECURE_REFS = 0x2,
    EOAC_ACCESS_CONTROL = 0x4,
    EOAC_APPID = 0x8,
    EOAC_DYNAMIC = 0x10,
    EOAC_STATIC_CLOAKING = 0x20,
    EOAC_DYNAMIC_CLOAKING = 0x40,
    EOAC_ANY_AUTHORITY = 0x80,
    EOAC_MAKE_FULLSIC = 0x100,
    EOAC_REQUIRE_FULLSIC = 0x200,
    EOAC_AUTO_IMPERSONATE = 0x400,
    EOAC_DEFAULT = 0x800,
    EOAC_DISABLE_AAA = 0x1000,
    EOAC_NO_CUSTOM_MARSHAL = 0x2000
} EOLE_AUTHENTICATION_CAPABILITIES;

#define COLE_DEFAULT_PRINCIPAL ((OLECHAR *)(INT_PTR)-1)
#define COLE_DEFAULT_AUTHINFO ((void *)(INT_PTR)-1)

typedef struct tagSOLE_AUTHENTICATION_SERVICE {
    DWORD dwAuthnSvc;
    DWORD dwAuthzSvc;
    OLECHAR *pPrincipalName;
    HRESULT hr;
} SOLE_AUTHENTICATION_SERVICE, *PSOLE_AUTHENTICATION_SERVICE;

/* An element of CoInitializeSecurity's pAuthList. */
typedef struct tagSOLE_AUTHENTICATION_INFO {
    DWORD dwAuthnSvc;
    DWORD dwAuthzSvc;
    void *pAuthInfo;
} SOLE_AUTHENTICATION_INFO, *PSOLE_AUTHENTICATION_INFO;

typedef struct tagSOLE_AUTHENTICATION_LIST {
    DWORD cAuthInfo;
    SOLE_AUTHENTICATION_INFO *aAuthInfo;
} SOLE_AUTHENTICATION_LIST, *PSOLE_AUTHENTICATION_LIST;

typedef struct tagSTATSTG {
    LPOLESTR pwcsName;
    DWORD type;
    ULARGE_INTEGER cbSize;
    FILETIME mtime;
    FILETIME ctime;
    FILETIME atime;
    DWORD grfMode;
    DWORD grfLocksSupported;
    CLSID clsid;
    DWORD grfStateBits;
    DWORD reserved;
} STATSTG;

typedef enum tagSTREAM_SEEK {
    STREAM_SEEK_SET = 0,
    STREAM_SEEK_CUR = 1,
    STREAM_SEEK_END = 2
} STREAM_SEEK;

typedef enum tagSTATFLAG {
    STATFLAG_DEFAULT = 0,
    STATFLAG_NONAME = 1,
    STATFLAG_NOOPEN = 2
} STATFLAG;

typedef enum tagSTGTY {
    STGTY_STORAGE = 1,
    STGTY_STREAM = 2,
    STGTY_LOCKBYTES = 3,
    STGTY_PROPERTY = 4
} STGTY;

/* The authentication of calls through one proxy. An object that reaches another host answers it. */
#undef INTERFACE
#define INTERFACE IClientSecurity
DECLARE_INTERFACE_IID_(IClientSecurity, IUnknown, "0000013D-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(QueryBlanket)
    (THIS_ IUnknown * pProxy, DWORD * pAuthnSvc, DWORD * pAuthzSvc, OLECHAR * *pServerPrincName,
     DWORD * pAuthnLevel, DWORD * pImpLevel, void **pAuthInfo, DWORD *pCapabilites) PURE;
    STDMETHOD(SetBlanket)
    (THIS_ IUnknown * pProxy, DWORD dwAuthnSvc, DWORD dwAuthzSvc, OLECHAR * pServerPrincName,
     DWORD dwAuthnLevel, DWORD dwImpLevel, void *pAuthInfo, DWORD dwCapabilities) PURE;
    STDMETHOD(CopyProxy)(THIS_ IUnknown * pProxy, IUnknown * *ppCopy) PURE;
};
typedef IClientSecurity *LPCLIENTSECURITY;

#ifdef COBJMACROS
#define IClientSecurity_QueryInterface(This, riid, ppvObject)                                      \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IClientSecurity_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IClientSecurity_Release(This) ((This)->lpVtbl->Release(This))
#define IClientSecurity_QueryBlanket(This, pProxy, pAuthnSvc, pAuthzSvc, pServerPrincName,         \
                                     pAuthnLevel, pImpLevel, pAuthInfo, pCapabilites)              \
    ((This)->lpVtbl->QueryBlanket(This, pProxy, pAuthnSvc, pAuthzSvc, pServerPrincName,            \
                                  pAuthnLevel, pImpLevel, pAuthInfo, pCapabilites))
#define IClientSecurity_SetBlanket(This, pProxy, dwAuthnSvc, dwAuthzSvc, pServerPrincName,         \
                                   dwAuthnLevel, dwImpLevel, pAuthInfo, dwCapabilities)            \
    ((This)->lpVtbl->SetBlanket(This, pProxy, dwAuthnSvc, dwAuthzSvc, pServerPrincName,            \
                                dwAuthnLevel, dwImpLevel, pAuthInfo, dwCapabilities))
#define IClientSecurity_CopyProxy(This, pProxy, ppCopy)                                            \
    ((This)->lpVtbl->CopyProxy(This, pProxy, ppCopy))
#endif

/* Who is calling: what CoGetCallContext gives while a call is served. */
#undef INTERFACE
#define INTERFACE IServerSecurity
DECLARE_INTERFACE_IID_(IServerSecurity, IUnknown, "0000013E-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(QueryBlanket)
    (THIS_ DWORD * pAuthnSvc, DWORD * pAuthzSvc, OLECHAR * *pServerPrincName, DWORD * pAuthnLevel,
     DWORD * pImpLevel, void **pPrivs, DWORD *pCapabilities) PURE;
    STDMETHOD(ImpersonateClient)(THIS) PURE;
    STDMETHOD(RevertToSelf)(THIS) PURE;
    STDMETHOD_(BOOL, IsImpersonating)(THIS) PURE;
};
typedef IServerSecurity *LPSERVERSECURITY;

#ifdef COBJMACROS
#define IServerSecurity_QueryInterface(This, riid, ppvObject)                                      \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IServerSecurity_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IServerSecurity_Release(This) ((This)->lpVtbl->Release(This))
#define IServerSecurity_QueryBlanket(This, pAuthnSvc, pAuthzSvc, pServerPrincName, pAuthnLevel,    \
                                     pImpLevel, pPrivs, pCapabilities)                             \
    ((This)->lpVtbl->QueryBlanket(This, pAuthnSvc, pAuthzSvc, pServerPrincName, pAuthnLevel,       \
                                  pImpLevel, pPrivs, pCapabilities))
#define IServerSecurity_ImpersonateClient(This) ((This)->lpVtbl->ImpersonateClient(This))
#define IServerSecurity_RevertToSelf(This) ((This)->lpVtbl->RevertToSelf(This))
#define IServerSecurity_IsImpersonating(This) ((This)->lpVtbl->IsImpersonating(This))
#endif

/* The allocator of CoTaskMemAlloc as an object. */
#undef INTERFACE
#define INTERFACE IMalloc
DECLARE_INTERFACE_IID_(IMalloc, IUnknown, "00000002-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD_(void *, Alloc)(THIS_ SIZE_T cb) PURE;
    STDMETHOD_(void *, Realloc)(THIS_ void *pv, SIZE_T cb) PURE;
    STDMETHOD_(void, Free)(THIS_ void *pv) PURE;
    STDMETHOD_(SIZE_T, GetSize)(THIS_ void *pv) PURE;
    STDMETHOD_(int, DidAlloc)(THIS_ void *pv) PURE;
    STDMETHOD_(void, HeapMinimize)(THIS) PURE;
};
typedef IMalloc *LPMALLOC;

#ifdef COBJMACROS
#define IMalloc_QueryInterface(This, riid, ppvObject)                                              \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IMalloc_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IMalloc_Release(This) ((This)->lpVtbl->Release(This))
#define IMalloc_Alloc(This, cb) ((This)->lpVtbl->Alloc(This, cb))
#define IMalloc_Realloc(This, pv, cb) ((This)->lpVtbl->Realloc(This, pv, cb))
#define IMalloc_Free(This, pv) ((This)->lpVtbl->Free(This, pv))
#define IMalloc_GetSize(This, pv) ((This)->lpVtbl->GetSize(This, pv))
#define IMalloc_DidAlloc(This, pv) ((This)->lpVtbl->DidAlloc(This, pv))
#define IMalloc_HeapMinimize(This) ((This)->lpVtbl->HeapMinimize(This))
#endif

#undef INTERFACE
#define INTERFACE ISequentialStream
DECLARE_INTERFACE_IID_(ISequentialStream, IUnknown, "0C733A30-2A1C-11CE-ADE5-00AA0044773D")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(Read)(THIS_ void *pv, ULONG cb, ULONG *pcbRead) PURE;
    STDMETHOD(Write)(THIS_ const void *pv, ULONG cb, ULONG *pcbWritten) PURE;
};
typedef ISequentialStream *LPSEQUENTIALSTREAM;

#ifdef COBJMACROS
#define ISequentialStream_QueryInterface(This, riid, ppvObject)                                    \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define ISequentialStream_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define ISequentialStream_Release(This) ((This)->lpVtbl->Release(This))
#define ISequentialStream_Read(This, pv, cb, pcbRead) ((This)->lpVtbl->Read(This, pv, cb, pcbRead))
#define ISequentialStream_Write(This, pv, cb, pcbWritten)                                          \
    ((This)->lpVtbl->Write(This, pv, cb, pcbWritten))
#endif

#undef INTERFACE
#define INTERFACE IStream
DECLARE_INTERFACE_IID_(IStream, ISequentialStream, "0000000C-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
#if !defined(__cplusplus) || defined(CINTERFACE)
    STDMETHOD(Read)(THIS_ void *pv, ULONG cb, ULONG *pcbRead) PURE;
    STDMETHOD(Write)(THIS_ const void *pv, ULONG cb, ULONG *pcbWritten) PURE;
#endif
    STDMETHOD(Seek)
    (THIS_ LARGE_INTEGER dlibMove, DWORD dwOrigin, ULARGE_INTEGER * plibNewPosition) PURE;
    STDMETHOD(SetSize)(THIS_ ULARGE_INTEGER libNewSize) PURE;
    STDMETHOD(CopyTo)
    (THIS_ interface IStream * pstm, ULARGE_INTEGER cb, ULARGE_INTEGER * pcbRead,
     ULARGE_INTEGER * pcbWritten) PURE;
    STDMETHOD(Commit)(THIS_ DWORD grfCommitFlags) PURE;
    STDMETHOD(Revert)(THIS) PURE;
    STDMETHOD(LockRegion)(THIS_ ULARGE_INTEGER libOffset, ULARGE_INTEGER cb, DWORD dwLockType) PURE;
    STDMETHOD(UnlockRegion)
    (THIS_ ULARGE_INTEGER libOffset, ULARGE_INTEGER cb, DWORD dwLockType) PURE;
    STDMETHOD(Stat)(THIS_ STATSTG * pstatstg, DWORD grfStatFlag) PURE;
    STDMETHOD(Clone)(THIS_ interface IStream * *ppstm) PURE;
};
typedef IStream *LPSTREAM;

#ifdef COBJMACROS
#define IStream_QueryInterface(This, riid, ppvObject)                                              \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IStream_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IStream_Release(This) ((This)->lpVtbl->Release(This))
#define IStream_Read(This, pv, cb, pcbRead) ((This)->lpVtbl->Read(This, pv, cb, pcbRead))
#define IStream_Write(This, pv, cb, pcbWritten) ((This)->lpVtbl->Write(This, pv, cb, pcbWritten))
#define IStream_Seek(This, dlibMove, dwOrigin, plibNewPosition)                                    \
    ((This)->lpVtbl->Seek(This, dlibMove, dwOrigin, plibNewPosition))
#define IStream_SetSize(This, libNewSize) ((This)->lpVtbl->SetSize(This, libNewSize))
#define IStream_CopyTo(This, pstm, cb, pcbRead, pcbWritten)                                        \
    ((This)->lpVtbl->CopyTo(This, pstm, cb, pcbRead, pcbWritten))
#define IStream_Commit(This, grfCommitFlags) ((This)->lpVtbl->Commit(This, grfCommitFlags))
#define IStream_Revert(This) ((This)->lpVtbl->Revert(This))
#define IStream_LockRegion(This, libOffset, cb, dwLockType)                                        \
    ((This)->lpVtbl->LockRegion(This, libOffset, cb, dwLockType))
#define IStream_UnlockRegion(This, libOffset, cb, dwLockType)                                      \
    ((This)->lpVtbl->UnlockRegion(This, libOffset, cb, dwLockType))
#define IStream_Stat(This, pstatstg, grfStatFlag)                                                  \
    ((This)->lpVtbl->Stat(This, pstatstg, grfStatFlag))
#define IStream_Clone(This, ppstm) ((This)->lpVtbl->Clone(This, ppstm))
#endif

#undef INTERFACE
#define INTERFACE IMarshal
DECLARE_INTERFACE_IID_(IMarshal, IUnknown, "00000003-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(GetUnmarshalClass)
    (THIS_ REFIID riid, void *pv, DWORD dwDestContext, void *pvDestContext, DWORD mshlflags,
     CLSID *pCid) PURE;
    STDMETHOD(GetMarshalSizeMax)
    (THIS_ REFIID riid, void *pv, DWORD dwDestContext, void *pvDestContext, DWORD mshlflags,
     DWORD *pSize) PURE;
    STDMETHOD(MarshalInterface)
    (THIS_ IStream * pStm, REFIID riid, void *pv, DWORD dwDestContext, void *pvDestContext,
     DWORD mshlflags) PURE;
    STDMETHOD(UnmarshalInterface)(THIS_ IStream * pStm, REFIID riid, void **ppv) PURE;
    STDMETHOD(ReleaseMarshalData)(THIS_ IStream * pStm) PURE;
    STDMETHOD(DisconnectObject)(THIS_ DWORD dwReserved) PURE;
};
typedef IMarshal *LPMARSHAL;

#ifdef COBJMACROS
#define IMarshal_QueryInterface(This, riid, ppvObject)                                             \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IMarshal_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IMarshal_Release(This) ((This)->lpVtbl->Release(This))
#define IMarshal_GetUnmarshalClass(This, riid, pv, dwDestContext, pvDestContext, mshlflags, pCid)  \
    ((This)->lpVtbl->GetUnmarshalClass(This, riid, pv, dwDestContext, pvDestContext, mshlflags,    \
                                       pCid))
#define IMarshal_GetMarshalSizeMax(This, riid, pv, dwDestContext, pvDestContext, mshlflags, pSize) \
    ((This)->lpVtbl->GetMarshalSizeMax(This, riid, pv, dwDestContext, pvDestContext, mshlflags,    \
                                       pSize))
#define IMarshal_MarshalInterface(This, pStm, riid, pv, dwDestContext, pvDestContext, mshlflags)   \
    ((This)->lpVtbl->MarshalInterface(This, pStm, riid, pv, dwDestContext, pvDestContext,          \
                                      mshlflags))
#define IMarshal_UnmarshalInterface(This, pStm, riid, ppv)                                         \
    ((This)->lpVtbl->UnmarshalInterface(This, pStm, riid, ppv))
#define IMarshal_ReleaseMarshalData(This, pStm) ((This)->lpVtbl->ReleaseMarshalData(This, pStm))
#define IMarshal_DisconnectObject(This, dwReserved)                                                \
    ((This)->lpVtbl->DisconnectObject(This, dwReserved))
#endif

#undef INTERFACE
#define INTERFACE IEnumUnknown
DECLARE_INTERFACE_IID_(IEnumUnknown, IUnknown, "00000100-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(Next)(THIS_ ULONG celt, IUnknown * *rgelt, ULONG * pceltFetched) PURE;
    STDMETHOD(Skip)(THIS_ ULONG celt) PURE;
    STDMETHOD(Reset)(THIS) PURE;
    STDMETHOD(Clone)(THIS_ interface IEnumUnknown * *ppenum) PURE;
};
typedef IEnumUnknown *LPENUMUNKNOWN;

#ifdef COBJMACROS
#define IEnumUnknown_QueryInterface(This, riid, ppvObject)                                         \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IEnumUnknown_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IEnumUnknown_Release(This) ((This)->lpVtbl->Release(This))
#define IEnumUnknown_Next(This, celt, rgelt, pceltFetched)                                         \
    ((This)->lpVtbl->Next(This, celt, rgelt, pceltFetched))
#define IEnumUnknown_Skip(This, celt) ((This)->lpVtbl->Skip(This, celt))
#define IEnumUnknown_Reset(This) ((This)->lpVtbl->Reset(This))
#define IEnumUnknown_Clone(This, ppenum) ((This)->lpVtbl->Clone(This, ppenum))
#endif

#undef INTERFACE
#define INTERFACE IPersist
DECLARE_INTERFACE_IID_(IPersist, IUnknown, "0000010C-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(GetClassID)(THIS_ CLSID * pClassID) PURE;
};
typedef IPersist *LPPERSIST;

#ifdef COBJMACROS
#define IPersist_QueryInterface(This, riid, ppvObject)                                             \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IPersist_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IPersist_Release(This) ((This)->lpVtbl->Release(This))
#define IPersist_GetClassID(This, pClassID) ((This)->lpVtbl->GetClassID(This, pClassID))
#endif

#undef INTERFACE
#endif
