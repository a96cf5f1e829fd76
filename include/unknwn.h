/*
 * IUnknown, which every COM object answers, and IClassFactory, which makes them.
 */
#ifndef WBEM_UNKNWN_H
#define WBEM_UNKNWN_H

#include "wtypes.h"

EXTERN_C WBEM_EXPORT const IID IID_IUnknown;
EXTERN_C WBEM_EXPORT const IID IID_IClassFactory;

#undef INTERFACE
#define INTERFACE IUnknown
DECLARE_INTERFACE_IID(IUnknown, "00000000-0000-0000-C000-000000000046")
{
    /* Another face of the same object: *ppvObject gets a counted reference, or NULL with
     * E_NOINTERFACE. */
    STDMETHOD(QueryInterface)(THIS_ REFIID riid, void **ppvObject) PURE;
    STDMETHOD_(ULONG, AddRef)(THIS) PURE;
    STDMETHOD_(ULONG, Release)(THIS) PURE;
#if defined(__cplusplus) && !defined(CINTERFACE)
    template <class Q> HRESULT QueryInterface(Q * *pp)
    {
        return QueryInterface(__uuidof(Q), reinterpret_cast<void **>(pp));
    }
#endif
};
typedef IUnknown *LPUNKNOWN;

#ifdef COBJMACROS
#define IUnknown_QueryInterface(This, riid, ppvObject)                                             \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IUnknown_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IUnknown_Release(This) ((This)->lpVtbl->Release(This))
#endif

#undef INTERFACE
#define INTERFACE IClassFactory
DECLARE_INTERFACE_IID_(IClassFactory, IUnknown, "00000001-0000-0000-C000-000000000046")
{
    WBEM_IUNKNOWN_METHODS
    STDMETHOD(CreateInstance)(THIS_ IUnknown * pUnkOuter, REFIID riid, void **ppvObject) PURE;
    STDMETHOD(LockServer)(THIS_ BOOL fLock) PURE;
};
typedef IClassFactory *LPCLASSFACTORY;

#ifdef COBJMACROS
#define IClassFactory_QueryInterface(This, riid, ppvObject)                                        \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IClassFactory_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IClassFactory_Release(This) ((This)->lpVtbl->Release(This))
#define IClassFactory_CreateInstance(This, pUnkOuter, riid, ppvObject)                             \
    ((This)->lpVtbl->CreateInstance(This, pUnkOuter, riid, ppvObject))
#define IClassFactory_LockServer(This, fLock) ((This)->lpVtbl->LockServer(This, fLock))
#endif

#undef INTERFACE
#endif
