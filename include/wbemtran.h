/*
 * How a WMI connection is made: the login interface that a server offers over DCOM
 * ([MS-WMI] 3.1.4.1), and the transports behind IWbemLocator.
 *
 * Programs use IWbemLocator instead; these declarations are for those who look below it. The
 * conventions are those that wbemcli.h states at its top.
 */
#ifndef WBEMTRAN_H
#define WBEMTRAN_H

#include "wbemcli.h"

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtypedef-redefinition"
#endif

typedef interface IWbemTransport IWbemTransport;
typedef interface IWbemLevel1Login IWbemLevel1Login;
typedef interface IWbemConnectorLogin IWbemConnectorLogin;
typedef interface IWbemAddressResolution IWbemAddressResolution;
typedef interface IWbemClientTransport IWbemClientTransport;
typedef interface IWbemClientConnectionTransport IWbemClientConnectionTransport;
typedef interface IWbemConstructClassObject IWbemConstructClassObject;

/* Where the caller of a login is, and how it proves who it is. */
typedef enum tag_WBEM_LOGIN_TYPE {
    WBEM_FLAG_INPROC_LOGIN = 0,
    WBEM_FLAG_LOCAL_LOGIN = 1,
    WBEM_FLAG_REMOTE_LOGIN = 2,
    WBEM_AUTHENTICATION_METHOD_MASK = 0xf,
    WBEM_FLAG_USE_MULTIPLE_CHALLENGES = 0x10
} WBEM_LOGIN_TYPE;

/* Sixteen bytes. */
typedef BYTE *WBEM_128BITS;

/* clang-format off */

/** Implemented by a transport that must be started. */
EXTERN_C const IID IID_IWbemTransport;
#undef INTERFACE
#define INTERFACE IWbemTransport
DECLARE_INTERFACE_IID_(IWbemTransport, IUnknown, "553fe584-2156-11d0-b6ae-00aa003240c7")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /** Start. */
    STDMETHOD(Initialize)(THIS) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemTransport_QueryInterface(This, riid, ppvObject)                                       \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemTransport_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemTransport_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemTransport_Initialize(This) ((This)->lpVtbl->Initialize(This))
#endif

/**
 * Where a remote client begins, after activating CLSID_WbemLevel1Login.
 * [MS-WMI] 3.1.4.1
 */
EXTERN_C const IID IID_IWbemLevel1Login;
#undef INTERFACE
#define INTERFACE IWbemLevel1Login
DECLARE_INTERFACE_IID_(IWbemLevel1Login, IUnknown, "f309ad18-d86a-11d0-a075-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Historical; a server answers WBEM_S_NO_ERROR or E_NOTIMPL.
     * [MS-WMI] 3.1.4.1.1
     */
    STDMETHOD(EstablishPosition)(THIS_ LPWSTR wszLocaleList, DWORD dwNumLocales,
                                 DWORD *reserved) PURE;

    /**
     * Not to be called; a server answers WBEM_E_NOT_SUPPORTED.
     * [MS-WMI] 3.1.4.1.2
     */
    STDMETHOD(RequestChallenge)(THIS_ LPWSTR wszNetworkResource, LPWSTR wszUser,
                                WBEM_128BITS Nonce) PURE;

    /**
     * Not to be called; a server answers E_NOTIMPL.
     * [MS-WMI] 3.1.4.1.3
     */
    STDMETHOD(WBEMLogin)(THIS_ LPWSTR wszPreferredLocale, WBEM_128BITS AccessToken, LONG lFlags,
                         IWbemContext *pCtx, IWbemServices **ppNamespace) PURE;

    /**
     * Open a namespace as the user of the connection.
     * @wszNetworkResource the namespace, such as "\\host\root\cimv2".
     * @wszPreferredLocale locales in order, such as "MS_409,en-US"; may be NULL.
     * @ppNamespace        the caller's.
     * @return WBEM_E_INVALID_NAMESPACE, WBEM_E_ACCESS_DENIED.
     * [MS-WMI] 3.1.4.1.4
     */
    STDMETHOD(NTLMLogin)(THIS_ LPWSTR wszNetworkResource, LPWSTR wszPreferredLocale, LONG lFlags,
                         IWbemContext *pCtx, IWbemServices **ppNamespace) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemLevel1Login_QueryInterface(This, riid, ppvObject)                                     \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemLevel1Login_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemLevel1Login_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemLevel1Login_EstablishPosition(This, wszLocaleList, dwNumLocales, reserved)            \
    ((This)->lpVtbl->EstablishPosition(This, wszLocaleList, dwNumLocales, reserved))
#define IWbemLevel1Login_RequestChallenge(This, wszNetworkResource, wszUser, Nonce)                \
    ((This)->lpVtbl->RequestChallenge(This, wszNetworkResource, wszUser, Nonce))
#define IWbemLevel1Login_WBEMLogin(This, wszPreferredLocale, AccessToken, lFlags, pCtx,            \
        ppNamespace)                                                                               \
    ((This)->lpVtbl->WBEMLogin(This, wszPreferredLocale, AccessToken, lFlags, pCtx, ppNamespace))
#define IWbemLevel1Login_NTLMLogin(This, wszNetworkResource, wszPreferredLocale, lFlags, pCtx,     \
        ppNamespace)                                                                               \
    ((This)->lpVtbl->NTLMLogin(This, wszNetworkResource, wszPreferredLocale, lFlags, pCtx,         \
                               ppNamespace))
#endif

/** A login that can give other interfaces than IWbemServices. */
EXTERN_C const IID IID_IWbemConnectorLogin;
#undef INTERFACE
#define INTERFACE IWbemConnectorLogin
DECLARE_INTERFACE_IID_(IWbemConnectorLogin, IUnknown, "d8ec9cb1-b135-4f10-8b1b-c7188bb0d186")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /** Open a namespace and give the interface that riid names. */
    STDMETHOD(ConnectorLogin)(THIS_ LPWSTR wszNetworkResource, LPWSTR wszPreferredLocale,
                              LONG lFlags, IWbemContext *pCtx, REFIID riid, void **pInterface) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemConnectorLogin_QueryInterface(This, riid, ppvObject)                                  \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemConnectorLogin_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemConnectorLogin_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemConnectorLogin_ConnectorLogin(This, wszNetworkResource, wszPreferredLocale, lFlags,   \
        pCtx, riid, pInterface)                                                                    \
    ((This)->lpVtbl->ConnectorLogin(This, wszNetworkResource, wszPreferredLocale, lFlags, pCtx,    \
                                    riid, pInterface))
#endif

/** Implemented by a module that finds the address of a server. */
EXTERN_C const IID IID_IWbemAddressResolution;
#undef INTERFACE
#define INTERFACE IWbemAddressResolution
DECLARE_INTERFACE_IID_(IWbemAddressResolution, IUnknown, "f7ce2e12-8c90-11d1-9e7b-00c04fc324a8")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /** The address for a namespace path, as bytes to be freed with CoTaskMemFree. */
    STDMETHOD(Resolve)(THIS_ LPWSTR wszNamespacePath, LPWSTR wszAddressType,
                       DWORD *pdwAddressLength, BYTE **pabBinaryAddress) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemAddressResolution_QueryInterface(This, riid, ppvObject)                               \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemAddressResolution_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemAddressResolution_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemAddressResolution_Resolve(This, wszNamespacePath, wszAddressType, pdwAddressLength,   \
        pabBinaryAddress)                                                                          \
    ((This)->lpVtbl->Resolve(This, wszNamespacePath, wszAddressType, pdwAddressLength,             \
                             pabBinaryAddress))
#endif

/** What a remote client activates: an IWbemLevel1Login. */
EXTERN_C const CLSID CLSID_WbemLevel1Login;
WBEM_UUID_DECL_CLASS(WbemLevel1Login, "8bc3f05e-d86b-11d0-a075-00c04fb68820")

/** Makes an IWbemAddressResolution for the local machine. */
EXTERN_C const CLSID CLSID_WbemLocalAddrRes;
WBEM_UUID_DECL_CLASS(WbemLocalAddrRes, "a1044801-8f7e-11d1-9e7c-00c04fc324a8")

/** Makes an IWbemClassObject and IWbemConstructClassObject. */
EXTERN_C const CLSID CLSID_WbemUninitializedClassObject;
WBEM_UUID_DECL_CLASS(WbemUninitializedClassObject, "7a0227f6-7108-11d1-ad90-00c04fd8fdff")

/** Implemented by a transport: IWbemLocator::ConnectServer to a resolved address. */
EXTERN_C const IID IID_IWbemClientTransport;
#undef INTERFACE
#define INTERFACE IWbemClientTransport
DECLARE_INTERFACE_IID_(IWbemClientTransport, IUnknown, "f7ce2e11-8c90-11d1-9e7b-00c04fc324a8")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /** See IWbemLocator::ConnectServer. */
    STDMETHOD(ConnectServer)(THIS_ BSTR strAddressType, DWORD dwBinaryAddressLength,
                             BYTE *abBinaryAddress, BSTR strNetworkResource, BSTR strUser,
                             BSTR strPassword, BSTR strLocale, LONG lSecurityFlags,
                             BSTR strAuthority, IWbemContext *pCtx,
                             IWbemServices **ppNamespace) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemClientTransport_QueryInterface(This, riid, ppvObject)                                 \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemClientTransport_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemClientTransport_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemClientTransport_ConnectServer(This, strAddressType, dwBinaryAddressLength,            \
        abBinaryAddress, strNetworkResource, strUser, strPassword, strLocale, lSecurityFlags,      \
        strAuthority, pCtx, ppNamespace)                                                           \
    ((This)->lpVtbl->ConnectServer(This, strAddressType, dwBinaryAddressLength, abBinaryAddress,   \
                                   strNetworkResource, strUser, strPassword, strLocale,            \
                                   lSecurityFlags, strAuthority, pCtx, ppNamespace))
#endif

/** Implemented by a transport that can give other interfaces than IWbemServices. */
EXTERN_C const IID IID_IWbemClientConnectionTransport;
#undef INTERFACE
#define INTERFACE IWbemClientConnectionTransport
DECLARE_INTERFACE_IID_(IWbemClientConnectionTransport, IUnknown,
                       "a889c72a-fcc1-4a9e-af61-ed071333fb5b")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /** Connect and give the interface that riid names, now or through pCallRes. */
    STDMETHOD(Open)(THIS_ BSTR strAddressType, DWORD dwBinaryAddressLength, BYTE *abBinaryAddress,
                    BSTR strObject, BSTR strUser, BSTR strPassword, BSTR strLocale, LONG lFlags,
                    IWbemContext *pCtx, REFIID riid, void **pInterface,
                    IWbemCallResult **pCallRes) PURE;

    /** Open, delivered to a sink. */
    STDMETHOD(OpenAsync)(THIS_ BSTR strAddressType, DWORD dwBinaryAddressLength,
                         BYTE *abBinaryAddress, BSTR strObject, BSTR strUser, BSTR strPassword,
                         BSTR strLocale, LONG lFlags, IWbemContext *pCtx, REFIID riid,
                         IWbemObjectSink *pResponseHandler) PURE;

    /** Cancel what OpenAsync began for a sink. */
    STDMETHOD(Cancel)(THIS_ LONG lFlags, IWbemObjectSink *pHandler) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemClientConnectionTransport_QueryInterface(This, riid, ppvObject)                       \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemClientConnectionTransport_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemClientConnectionTransport_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemClientConnectionTransport_Open(This, strAddressType, dwBinaryAddressLength,           \
        abBinaryAddress, strObject, strUser, strPassword, strLocale, lFlags, pCtx, riid,           \
        pInterface, pCallRes)                                                                      \
    ((This)->lpVtbl->Open(This, strAddressType, dwBinaryAddressLength, abBinaryAddress,            \
                          strObject, strUser, strPassword, strLocale, lFlags, pCtx, riid,          \
                          pInterface, pCallRes))
#define IWbemClientConnectionTransport_OpenAsync(This, strAddressType, dwBinaryAddressLength,      \
        abBinaryAddress, strObject, strUser, strPassword, strLocale, lFlags, pCtx, riid,           \
        pResponseHandler)                                                                          \
    ((This)->lpVtbl->OpenAsync(This, strAddressType, dwBinaryAddressLength, abBinaryAddress,       \
                               strObject, strUser, strPassword, strLocale, lFlags, pCtx, riid,     \
                               pResponseHandler))
#define IWbemClientConnectionTransport_Cancel(This, lFlags, pHandler)                              \
    ((This)->lpVtbl->Cancel(This, lFlags, pHandler))
#endif

/** The transport over DCOM. */
EXTERN_C const CLSID CLSID_WbemDCOMTransport;
WBEM_UUID_DECL_CLASS(WbemDCOMTransport, "f7ce2e13-8c90-11d1-9e7b-00c04fc324a8")

/** Sets what a class object has from where it is stored; for transports. */
EXTERN_C const IID IID_IWbemConstructClassObject;
#undef INTERFACE
#define INTERFACE IWbemConstructClassObject
DECLARE_INTERFACE_IID_(IWbemConstructClassObject, IUnknown, "9ef76194-70d5-11d1-ad90-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /** The names of the ancestors. */
    STDMETHOD(SetInheritanceChain)(THIS_ LONG lNumAntecedents, LPWSTR *awszAntecedents) PURE;

    /** Which ancestor declares a property. */
    STDMETHOD(SetPropertyOrigin)(THIS_ LPCWSTR wszPropertyName, LONG lOriginIndex) PURE;

    /** Which ancestor declares a method. */
    STDMETHOD(SetMethodOrigin)(THIS_ LPCWSTR wszMethodName, LONG lOriginIndex) PURE;

    /** Where the object comes from. */
    STDMETHOD(SetServerNamespace)(THIS_ LPCWSTR wszServer, LPCWSTR wszNamespace) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemConstructClassObject_QueryInterface(This, riid, ppvObject)                            \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemConstructClassObject_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemConstructClassObject_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemConstructClassObject_SetInheritanceChain(This, lNumAntecedents, awszAntecedents)      \
    ((This)->lpVtbl->SetInheritanceChain(This, lNumAntecedents, awszAntecedents))
#define IWbemConstructClassObject_SetPropertyOrigin(This, wszPropertyName, lOriginIndex)           \
    ((This)->lpVtbl->SetPropertyOrigin(This, wszPropertyName, lOriginIndex))
#define IWbemConstructClassObject_SetMethodOrigin(This, wszMethodName, lOriginIndex)               \
    ((This)->lpVtbl->SetMethodOrigin(This, wszMethodName, lOriginIndex))
#define IWbemConstructClassObject_SetServerNamespace(This, wszServer, wszNamespace)                \
    ((This)->lpVtbl->SetServerNamespace(This, wszServer, wszNamespace))
#endif

    /* clang-format on */

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif /* WBEMTRAN_H */
