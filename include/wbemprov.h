/*
 * The WMI provider API: how code that supplies instances, events and their consumers, and
 * refreshed counters, is started and called.
 *
 * Names, values, interface identifiers and the order of methods are those of Microsoft's
 * wbemprov.h (learn.microsoft.com/windows/win32/api/wbemprov). The conventions are those that
 * wbemcli.h states at its top.
 */
#ifndef WBEMPROV_H
#define WBEMPROV_H

#include "wbemcli.h"

#ifdef __clang__
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wtypedef-redefinition"
#endif

typedef interface IWbemPropertyProvider IWbemPropertyProvider;
typedef interface IWbemUnboundObjectSink IWbemUnboundObjectSink;
typedef interface IWbemEventProvider IWbemEventProvider;
typedef interface IWbemEventProviderQuerySink IWbemEventProviderQuerySink;
typedef interface IWbemEventProviderSecurity IWbemEventProviderSecurity;
typedef interface IWbemEventConsumerProvider IWbemEventConsumerProvider;
typedef interface IWbemProviderInitSink IWbemProviderInitSink;
typedef interface IWbemProviderInit IWbemProviderInit;
typedef interface IWbemHiPerfProvider IWbemHiPerfProvider;
typedef interface IWbemDecoupledRegistrar IWbemDecoupledRegistrar;
typedef interface IWbemProviderIdentity IWbemProviderIdentity;
typedef interface IWbemDecoupledBasicEventProvider IWbemDecoupledBasicEventProvider;
typedef interface IWbemEventSink IWbemEventSink;

typedef VARIANT WBEM_VARIANT;
typedef LPWSTR WBEM_WSTR;
typedef LPCWSTR WBEM_CWSTR;

/* Sent to event providers with WBEM_STATUS_REQUIREMENTS: who filters the events. */
typedef enum tag_WBEM_PROVIDER_REQUIREMENTS_TYPE {
    WBEM_REQUIREMENTS_START_POSTFILTER = 0,
    WBEM_REQUIREMENTS_STOP_POSTFILTER = 1,
    WBEM_REQUIREMENTS_RECHECK_SUBSCRIPTIONS = 2
} WBEM_PROVIDER_REQUIREMENTS_TYPE;

/* clang-format off */

/**
 * Implemented by a provider of single property values of stored instances. The mapping strings are
 * the values of the ClassContext, InstanceContext and PropertyContext qualifiers.
 * Page: wbemprov/nn-wbemprov-iwbempropertyprovider
 */
EXTERN_C const IID IID_IWbemPropertyProvider;
#undef INTERFACE
#define INTERFACE IWbemPropertyProvider
DECLARE_INTERFACE_IID_(IWbemPropertyProvider, IUnknown, "ce61e841-65bc-11d0-b6bd-00aa003240c7")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Give a value; WMI clears it.
     * Page: wbemprov/nf-wbemprov-iwbempropertyprovider-getproperty
     */
    STDMETHOD(GetProperty)(THIS_ LONG lFlags, const BSTR strLocale, const BSTR strClassMapping,
                           const BSTR strInstMapping, const BSTR strPropMapping,
                           VARIANT *pvValue) PURE;

    /**
     * Set a value, which is borrowed.
     * Page: wbemprov/nf-wbemprov-iwbempropertyprovider-putproperty
     */
    STDMETHOD(PutProperty)(THIS_ LONG lFlags, const BSTR strLocale, const BSTR strClassMapping,
                           const BSTR strInstMapping, const BSTR strPropMapping,
                           const VARIANT *pvValue) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemPropertyProvider_QueryInterface(This, riid, ppvObject)                                \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemPropertyProvider_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemPropertyProvider_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemPropertyProvider_GetProperty(This, lFlags, strLocale, strClassMapping,                \
        strInstMapping, strPropMapping, pvValue)                                                   \
    ((This)->lpVtbl->GetProperty(This, lFlags, strLocale, strClassMapping, strInstMapping,         \
                                 strPropMapping, pvValue))
#define IWbemPropertyProvider_PutProperty(This, lFlags, strLocale, strClassMapping,                \
        strInstMapping, strPropMapping, pvValue)                                                   \
    ((This)->lpVtbl->PutProperty(This, lFlags, strLocale, strClassMapping, strInstMapping,         \
                                 strPropMapping, pvValue))
#endif

/**
 * Implemented by an event consumer: receives events for every logical consumer that it serves.
 * Page: wbemprov/nn-wbemprov-iwbemunboundobjectsink
 */
EXTERN_C const IID IID_IWbemUnboundObjectSink;
#undef INTERFACE
#define INTERFACE IWbemUnboundObjectSink
DECLARE_INTERFACE_IID_(IWbemUnboundObjectSink, IUnknown, "e246107b-b06e-11d0-ad61-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Here are events. AddRef what is to be kept.
     * Page: wbemprov/nf-wbemprov-iwbemunboundobjectsink-indicatetoconsumer
     */
    STDMETHOD(IndicateToConsumer)(THIS_ IWbemClassObject *pLogicalConsumer, LONG lNumObjects,
                                  IWbemClassObject **apObjects) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemUnboundObjectSink_QueryInterface(This, riid, ppvObject)                               \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemUnboundObjectSink_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemUnboundObjectSink_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemUnboundObjectSink_IndicateToConsumer(This, pLogicalConsumer, lNumObjects, apObjects)  \
    ((This)->lpVtbl->IndicateToConsumer(This, pLogicalConsumer, lNumObjects, apObjects))
#endif

/**
 * Implemented by a provider of events.
 * Page: wbemprov/nn-wbemprov-iwbemeventprovider
 */
EXTERN_C const IID IID_IWbemEventProvider;
#undef INTERFACE
#define INTERFACE IWbemEventProvider
DECLARE_INTERFACE_IID_(IWbemEventProvider, IUnknown, "e245105b-b06e-11d0-ad61-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Begin to send events to a sink; AddRef it and return at once.
     * Page: wbemprov/nf-wbemprov-iwbemeventprovider-provideevents
     */
    STDMETHOD(ProvideEvents)(THIS_ IWbemObjectSink *pSink, LONG lFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemEventProvider_QueryInterface(This, riid, ppvObject)                                   \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemEventProvider_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemEventProvider_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemEventProvider_ProvideEvents(This, pSink, lFlags)                                      \
    ((This)->lpVtbl->ProvideEvents(This, pSink, lFlags))
#endif

/**
 * Implemented by an event provider that wants to know what is asked for.
 * Page: wbemprov/nn-wbemprov-iwbemeventproviderquerysink
 */
EXTERN_C const IID IID_IWbemEventProviderQuerySink;
#undef INTERFACE
#define INTERFACE IWbemEventProviderQuerySink
DECLARE_INTERFACE_IID_(IWbemEventProviderQuerySink, IUnknown,
                       "580acaf8-fa1c-11d0-ad72-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * A query is now active. @return WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY refuses it.
     * Page: wbemprov/nf-wbemprov-iwbemeventproviderquerysink-newquery
     */
    STDMETHOD(NewQuery)(THIS_ ULONG dwId, WBEM_WSTR wszQueryLanguage, WBEM_WSTR wszQuery) PURE;

    /**
     * It no longer is.
     * Page: wbemprov/nf-wbemprov-iwbemeventproviderquerysink-cancelquery
     */
    STDMETHOD(CancelQuery)(THIS_ ULONG dwId) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemEventProviderQuerySink_QueryInterface(This, riid, ppvObject)                          \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemEventProviderQuerySink_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemEventProviderQuerySink_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemEventProviderQuerySink_NewQuery(This, dwId, wszQueryLanguage, wszQuery)               \
    ((This)->lpVtbl->NewQuery(This, dwId, wszQueryLanguage, wszQuery))
#define IWbemEventProviderQuerySink_CancelQuery(This, dwId)                                        \
    ((This)->lpVtbl->CancelQuery(This, dwId))
#endif

/**
 * Implemented by an event provider that decides who may subscribe.
 * Page: wbemprov/nn-wbemprov-iwbemeventprovidersecurity
 */
EXTERN_C const IID IID_IWbemEventProviderSecurity;
#undef INTERFACE
#define INTERFACE IWbemEventProviderSecurity
DECLARE_INTERFACE_IID_(IWbemEventProviderSecurity, IUnknown, "631f7d96-d993-11d2-b339-00105a1f4aaf")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * May this user, or with a NULL pSid the impersonated one, make this query?
     * @return WBEM_S_NO_ERROR, WBEM_S_SUBJECT_TO_SDS (let the sink's descriptor decide) or
     *         WBEM_E_ACCESS_DENIED.
     * Page: wbemprov/nf-wbemprov-iwbemeventprovidersecurity-accesscheck
     */
    STDMETHOD(AccessCheck)(THIS_ WBEM_CWSTR wszQueryLanguage, WBEM_CWSTR wszQuery, LONG lSidLength,
                           const BYTE *pSid) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemEventProviderSecurity_QueryInterface(This, riid, ppvObject)                           \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemEventProviderSecurity_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemEventProviderSecurity_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemEventProviderSecurity_AccessCheck(This, wszQueryLanguage, wszQuery, lSidLength,       \
        pSid)                                                                                      \
    ((This)->lpVtbl->AccessCheck(This, wszQueryLanguage, wszQuery, lSidLength, pSid))
#endif

/**
 * Implemented by an event consumer.
 * Page: wbemprov/nn-wbemprov-iwbemeventconsumerprovider
 */
EXTERN_C const IID IID_IWbemEventConsumerProvider;
#undef INTERFACE
#define INTERFACE IWbemEventConsumerProvider
DECLARE_INTERFACE_IID_(IWbemEventConsumerProvider, IUnknown, "e246107a-b06e-11d0-ad61-00c04fd8fdff")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * The sink that serves a logical consumer; WMI releases it.
     * Page: wbemprov/nf-wbemprov-iwbemeventconsumerprovider-findconsumer
     */
    STDMETHOD(FindConsumer)(THIS_ IWbemClassObject *pLogicalConsumer,
                            IWbemUnboundObjectSink **ppConsumer) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemEventConsumerProvider_QueryInterface(This, riid, ppvObject)                           \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemEventConsumerProvider_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemEventConsumerProvider_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemEventConsumerProvider_FindConsumer(This, pLogicalConsumer, ppConsumer)                \
    ((This)->lpVtbl->FindConsumer(This, pLogicalConsumer, ppConsumer))
#endif

/**
 * Where a provider reports that it is ready.
 * Page: wbemprov/nn-wbemprov-iwbemproviderinitsink
 */
EXTERN_C const IID IID_IWbemProviderInitSink;
#undef INTERFACE
#define INTERFACE IWbemProviderInitSink
DECLARE_INTERFACE_IID_(IWbemProviderInitSink, IUnknown, "1be41571-91dd-11d1-aeb2-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * @lStatus WBEM_S_INITIALIZED, WBEM_S_LIMITED_SERVICE or WBEM_E_FAILED.
     * Page: wbemprov/nf-wbemprov-iwbemproviderinitsink-setstatus
     */
    STDMETHOD(SetStatus)(THIS_ LONG lStatus, LONG lFlags) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemProviderInitSink_QueryInterface(This, riid, ppvObject)                                \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemProviderInitSink_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemProviderInitSink_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemProviderInitSink_SetStatus(This, lStatus, lFlags)                                     \
    ((This)->lpVtbl->SetStatus(This, lStatus, lFlags))
#endif

/**
 * Implemented by every provider but event consumers.
 * Page: wbemprov/nn-wbemprov-iwbemproviderinit
 */
EXTERN_C const IID IID_IWbemProviderInit;
#undef INTERFACE
#define INTERFACE IWbemProviderInit
DECLARE_INTERFACE_IID_(IWbemProviderInit, IUnknown, "1be41572-91dd-11d1-aeb2-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Get ready, and say so through pInitSink, before or after returning.
     * @wszUser    the user, for a provider registered once per user; else NULL.
     * @pNamespace for calls back into WMI; AddRef to keep.
     * Page: wbemprov/nf-wbemprov-iwbemproviderinit-initialize
     */
    STDMETHOD(Initialize)(THIS_ LPWSTR wszUser, LONG lFlags, LPWSTR wszNamespace, LPWSTR wszLocale,
                          IWbemServices *pNamespace, IWbemContext *pCtx,
                          IWbemProviderInitSink *pInitSink) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemProviderInit_QueryInterface(This, riid, ppvObject)                                    \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemProviderInit_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemProviderInit_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemProviderInit_Initialize(This, wszUser, lFlags, wszNamespace, wszLocale, pNamespace,   \
        pCtx, pInitSink)                                                                           \
    ((This)->lpVtbl->Initialize(This, wszUser, lFlags, wszNamespace, wszLocale, pNamespace,        \
                                pCtx, pInitSink))
#endif

/**
 * Implemented by a provider that fills refreshers.
 * Page: wbemprov/nn-wbemprov-iwbemhiperfprovider
 */
EXTERN_C const IID IID_IWbemHiPerfProvider;
#undef INTERFACE
#define INTERFACE IWbemHiPerfProvider
DECLARE_INTERFACE_IID_(IWbemHiPerfProvider, IUnknown, "49353c93-516b-11d1-aea6-00c04fb68820")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Deliver the instances of a class to a sink.
     * Page: wbemprov/nf-wbemprov-iwbemhiperfprovider-queryinstances
     */
    STDMETHOD(QueryInstances)(THIS_ IWbemServices *pNamespace, WCHAR *wszClass, LONG lFlags,
                              IWbemContext *pCtx, IWbemObjectSink *pSink) PURE;

    /**
     * Give a refresher for objects and enumerators to be added to.
     * Page: wbemprov/nf-wbemprov-iwbemhiperfprovider-createrefresher
     */
    STDMETHOD(CreateRefresher)(THIS_ IWbemServices *pNamespace, LONG lFlags,
                               IWbemRefresher **ppRefresher) PURE;

    /**
     * Add an object to a refresher. @plId what StopRefreshing will be told.
     * Page: wbemprov/nf-wbemprov-iwbemhiperfprovider-createrefreshableobject
     */
    STDMETHOD(CreateRefreshableObject)(THIS_ IWbemServices *pNamespace,
                                       IWbemObjectAccess *pTemplate, IWbemRefresher *pRefresher,
                                       LONG lFlags, IWbemContext *pContext,
                                       IWbemObjectAccess **ppRefreshable, LONG *plId) PURE;

    /**
     * Remove an object or enumerator.
     * Page: wbemprov/nf-wbemprov-iwbemhiperfprovider-stoprefreshing
     */
    STDMETHOD(StopRefreshing)(THIS_ IWbemRefresher *pRefresher, LONG lId, LONG lFlags) PURE;

    /**
     * Have an enumerator kept up to date.
     * Page: wbemprov/nf-wbemprov-iwbemhiperfprovider-createrefreshableenum
     */
    STDMETHOD(CreateRefreshableEnum)(THIS_ IWbemServices *pNamespace, LPCWSTR wszClass,
                                     IWbemRefresher *pRefresher, LONG lFlags,
                                     IWbemContext *pContext, IWbemHiPerfEnum *pHiPerfEnum,
                                     LONG *plId) PURE;

    /**
     * Fill objects whose keys are set.
     * Page: wbemprov/nf-wbemprov-iwbemhiperfprovider-getobjects
     */
    STDMETHOD(GetObjects)(THIS_ IWbemServices *pNamespace, LONG lNumObjects,
                          IWbemObjectAccess **apObj, LONG lFlags, IWbemContext *pContext) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemHiPerfProvider_QueryInterface(This, riid, ppvObject)                                  \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemHiPerfProvider_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemHiPerfProvider_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemHiPerfProvider_QueryInstances(This, pNamespace, wszClass, lFlags, pCtx, pSink)        \
    ((This)->lpVtbl->QueryInstances(This, pNamespace, wszClass, lFlags, pCtx, pSink))
#define IWbemHiPerfProvider_CreateRefresher(This, pNamespace, lFlags, ppRefresher)                 \
    ((This)->lpVtbl->CreateRefresher(This, pNamespace, lFlags, ppRefresher))
#define IWbemHiPerfProvider_CreateRefreshableObject(This, pNamespace, pTemplate, pRefresher,       \
        lFlags, pContext, ppRefreshable, plId)                                                     \
    ((This)->lpVtbl->CreateRefreshableObject(This, pNamespace, pTemplate, pRefresher, lFlags,      \
                                             pContext, ppRefreshable, plId))
#define IWbemHiPerfProvider_StopRefreshing(This, pRefresher, lId, lFlags)                          \
    ((This)->lpVtbl->StopRefreshing(This, pRefresher, lId, lFlags))
#define IWbemHiPerfProvider_CreateRefreshableEnum(This, pNamespace, wszClass, pRefresher,          \
        lFlags, pContext, pHiPerfEnum, plId)                                                       \
    ((This)->lpVtbl->CreateRefreshableEnum(This, pNamespace, wszClass, pRefresher, lFlags,         \
                                           pContext, pHiPerfEnum, plId))
#define IWbemHiPerfProvider_GetObjects(This, pNamespace, lNumObjects, apObj, lFlags, pContext)     \
    ((This)->lpVtbl->GetObjects(This, pNamespace, lNumObjects, apObj, lFlags, pContext))
#endif

/**
 * By which a running program offers itself as a provider: CoCreateInstance of
 * CLSID_WbemDecoupledRegistrar gives one.
 * Page: wbemprov/nn-wbemprov-iwbemdecoupledregistrar
 */
EXTERN_C const IID IID_IWbemDecoupledRegistrar;
#undef INTERFACE
#define INTERFACE IWbemDecoupledRegistrar
DECLARE_INTERFACE_IID_(IWbemDecoupledRegistrar, IUnknown, "1005cbcf-e64f-4646-bcd3-3a089d8a84b4")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * Offer pIUnknown as the provider a_Registration in the namespace a_Scope.
     * Page: wbemprov/nf-wbemprov-iwbemdecoupledregistrar-register
     */
    STDMETHOD(Register)(THIS_ LONG a_Flags, IWbemContext *a_Context, LPCWSTR a_User,
                        LPCWSTR a_Locale, LPCWSTR a_Scope, LPCWSTR a_Registration,
                        IUnknown *pIUnknown) PURE;

    /**
     * No longer.
     * Page: wbemprov/nf-wbemprov-iwbemdecoupledregistrar-unregister
     */
    STDMETHOD(UnRegister)(THIS) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemDecoupledRegistrar_QueryInterface(This, riid, ppvObject)                              \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemDecoupledRegistrar_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemDecoupledRegistrar_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemDecoupledRegistrar_Register(This, a_Flags, a_Context, a_User, a_Locale, a_Scope,      \
        a_Registration, pIUnknown)                                                                 \
    ((This)->lpVtbl->Register(This, a_Flags, a_Context, a_User, a_Locale, a_Scope,                 \
                              a_Registration, pIUnknown))
#define IWbemDecoupledRegistrar_UnRegister(This) ((This)->lpVtbl->UnRegister(This))
#endif

/** Makes an IWbemLocator for system components. */
EXTERN_C const CLSID CLSID_WbemAdministrativeLocator;
WBEM_UUID_DECL_CLASS(WbemAdministrativeLocator, "cb8555cc-9128-11d1-ad9b-00c04fd8fdff")

/** Makes an IWbemLocator for system components. */
EXTERN_C const CLSID CLSID_WbemAuthenticatedLocator;
WBEM_UUID_DECL_CLASS(WbemAuthenticatedLocator, "cd184336-9128-11d1-ad9b-00c04fd8fdff")

/** Makes an IWbemLocator that leaves the proxy's security as it is. */
EXTERN_C const CLSID CLSID_WbemUnauthenticatedLocator;
WBEM_UUID_DECL_CLASS(WbemUnauthenticatedLocator, "443e7b79-de31-11d2-b340-00104bcc4b4a")

/** Makes an IWbemDecoupledRegistrar. */
EXTERN_C const CLSID CLSID_WbemDecoupledRegistrar;
WBEM_UUID_DECL_CLASS(WbemDecoupledRegistrar, "4cfc7932-0f9d-4bef-9c32-8ea2a6b56fcb")

/** Makes an IWbemDecoupledBasicEventProvider. */
EXTERN_C const CLSID CLSID_WbemDecoupledBasicEventProvider;
WBEM_UUID_DECL_CLASS(WbemDecoupledBasicEventProvider, "f5f75737-2843-4f22-933d-c76a97cda62f")

/**
 * Implemented by a provider registered under several names, to learn which one is meant.
 * Page: wbemprov/nn-wbemprov-iwbemprovideridentity
 */
EXTERN_C const IID IID_IWbemProviderIdentity;
#undef INTERFACE
#define INTERFACE IWbemProviderIdentity
DECLARE_INTERFACE_IID_(IWbemProviderIdentity, IUnknown, "631f7d97-d993-11d2-b339-00105a1f4aaf")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /**
     * @pProvReg the __Win32Provider instance; AddRef to keep.
     * Page: wbemprov/nf-wbemprov-iwbemprovideridentity-setregistrationobject
     */
    STDMETHOD(SetRegistrationObject)(THIS_ LONG lFlags, IWbemClassObject *pProvReg) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemProviderIdentity_QueryInterface(This, riid, ppvObject)                                \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemProviderIdentity_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemProviderIdentity_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemProviderIdentity_SetRegistrationObject(This, lFlags, pProvReg)                        \
    ((This)->lpVtbl->SetRegistrationObject(This, lFlags, pProvReg))
#endif

/* Codes of providers: what Initialize reports to IWbemProviderInitSink, and requests to retry. */
typedef enum tag_WBEM_EXTRA_RETURN_CODES {
    WBEM_S_INITIALIZED = 0,           /* ready for any call */
    WBEM_S_LIMITED_SERVICE = 0x43001, /* ready for some calls */
    WBEM_S_INDIRECTLY_UPDATED = 0x43002,
    WBEM_S_SUBJECT_TO_SDS = 0x43003,
    WBEM_E_RETRY_LATER = (int)0x80043001,
    WBEM_E_RESOURCE_CONTENTION = (int)0x80043002
} WBEM_EXTRA_RETURN_CODES;

typedef enum tag_WBEM_PROVIDER_FLAGS {
    WBEM_FLAG_OWNER_UPDATE = 0x10000 /* the update comes from the owner of the class */
} WBEM_PROVIDER_FLAGS;

/**
 * A ready-made decoupled event provider: register, then send events to its sink.
 * Page: wbemprov/nn-wbemprov-iwbemdecoupledbasiceventprovider
 */
EXTERN_C const IID IID_IWbemDecoupledBasicEventProvider;
#undef INTERFACE
#define INTERFACE IWbemDecoupledBasicEventProvider
DECLARE_INTERFACE_IID_(IWbemDecoupledBasicEventProvider, IWbemDecoupledRegistrar,
                       "86336d20-ca11-4786-9ef1-bc8a946b42fc")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /* IWbemDecoupledRegistrar */
    STDMETHOD(Register)(THIS_ LONG a_Flags, IWbemContext *a_Context, LPCWSTR a_User,
                        LPCWSTR a_Locale, LPCWSTR a_Scope, LPCWSTR a_Registration,
                        IUnknown *pIUnknown) PURE;
    STDMETHOD(UnRegister)(THIS) PURE;

    /* IWbemDecoupledBasicEventProvider */

    /**
     * Where to send events; the caller's.
     * Page: wbemprov/nf-wbemprov-iwbemdecoupledbasiceventprovider-getsink
     */
    STDMETHOD(GetSink)(THIS_ LONG a_Flags, IWbemContext *a_Context, IWbemObjectSink **a_Sink) PURE;

    /**
     * The namespace registered in; the caller's.
     * Page: wbemprov/nf-wbemprov-iwbemdecoupledbasiceventprovider-getservice
     */
    STDMETHOD(GetService)(THIS_ LONG a_Flags, IWbemContext *a_Context,
                          IWbemServices **a_Service) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemDecoupledBasicEventProvider_QueryInterface(This, riid, ppvObject)                     \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemDecoupledBasicEventProvider_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemDecoupledBasicEventProvider_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemDecoupledBasicEventProvider_Register(This, a_Flags, a_Context, a_User, a_Locale,      \
        a_Scope, a_Registration, pIUnknown)                                                        \
    ((This)->lpVtbl->Register(This, a_Flags, a_Context, a_User, a_Locale, a_Scope,                 \
                              a_Registration, pIUnknown))
#define IWbemDecoupledBasicEventProvider_UnRegister(This) ((This)->lpVtbl->UnRegister(This))
#define IWbemDecoupledBasicEventProvider_GetSink(This, a_Flags, a_Context, a_Sink)                 \
    ((This)->lpVtbl->GetSink(This, a_Flags, a_Context, a_Sink))
#define IWbemDecoupledBasicEventProvider_GetService(This, a_Flags, a_Context, a_Service)           \
    ((This)->lpVtbl->GetService(This, a_Flags, a_Context, a_Service))
#endif

/* lFlags of IWbemEventSink::SetBatchingParameters. */
typedef enum tag_WBEM_BATCH_TYPE {
    WBEM_FLAG_BATCH_IF_NEEDED = 0,
    WBEM_FLAG_MUST_BATCH = 0x1,
    WBEM_FLAG_MUST_NOT_BATCH = 0x2
} WBEM_BATCH_TYPE;

/**
 * What an event provider gets from ProvideEvents; query the sink for it.
 * Page: wbemprov/nn-wbemprov-iwbemeventsink
 */
EXTERN_C const IID IID_IWbemEventSink;
#undef INTERFACE
#define INTERFACE IWbemEventSink
DECLARE_INTERFACE_IID_(IWbemEventSink, IWbemObjectSink, "3ae0080a-7e3a-4366-bf89-0feedc931659")
{
    BEGIN_INTERFACE

    WBEM_IUNKNOWN_METHODS

    /* IWbemObjectSink */
    STDMETHOD(Indicate)(THIS_ LONG lObjectCount, IWbemClassObject **apObjArray) PURE;
    STDMETHOD(SetStatus)(THIS_ LONG lFlags, HRESULT hResult, BSTR strParam,
                         IWbemClassObject *pObjParam) PURE;

    /* IWbemEventSink */

    /**
     * Who may receive what goes through this sink: a self-relative security descriptor of lSDLength
     * bytes; NULL for all who may subscribe.
     * Page: wbemprov/nf-wbemprov-iwbemeventsink-setsinksecurity
     */
    STDMETHOD(SetSinkSecurity)(THIS_ LONG lSDLength, BYTE *pSD) PURE;

    /**
     * WBEM_S_NO_ERROR if anyone listens, else WBEM_S_FALSE.
     * Page: wbemprov/nf-wbemprov-iwbemeventsink-isactive
     */
    STDMETHOD(IsActive)(THIS) PURE;

    /**
     * A sink for events of certain queries only, so that IsActive can be asked for these.
     * @pCallback optional: an IWbemEventProviderQuerySink.
     * @ppSink    the caller's.
     * Page: wbemprov/nf-wbemprov-iwbemeventsink-getrestrictedsink
     */
    STDMETHOD(GetRestrictedSink)(THIS_ LONG lNumQueries, const LPCWSTR *awszQueries,
                                 IUnknown *pCallback, IWbemEventSink **ppSink) PURE;

    /**
     * How events are collected before they are sent.
     * @lFlags WBEM_BATCH_TYPE. @dwMaxBufferSize bytes. @dwMaxSendLatency milliseconds, or
     * WBEM_INFINITE.
     * Page: wbemprov/nf-wbemprov-iwbemeventsink-setbatchingparameters
     */
    STDMETHOD(SetBatchingParameters)(THIS_ LONG lFlags, DWORD dwMaxBufferSize,
                                     DWORD dwMaxSendLatency) PURE;

    END_INTERFACE
};

#ifdef WBEM_COBJMACROS
#define IWbemEventSink_QueryInterface(This, riid, ppvObject)                                       \
    ((This)->lpVtbl->QueryInterface(This, riid, ppvObject))
#define IWbemEventSink_AddRef(This) ((This)->lpVtbl->AddRef(This))
#define IWbemEventSink_Release(This) ((This)->lpVtbl->Release(This))
#define IWbemEventSink_Indicate(This, lObjectCount, apObjArray)                                    \
    ((This)->lpVtbl->Indicate(This, lObjectCount, apObjArray))
#define IWbemEventSink_SetStatus(This, lFlags, hResult, strParam, pObjParam)                       \
    ((This)->lpVtbl->SetStatus(This, lFlags, hResult, strParam, pObjParam))
#define IWbemEventSink_SetSinkSecurity(This, lSDLength, pSD)                                       \
    ((This)->lpVtbl->SetSinkSecurity(This, lSDLength, pSD))
#define IWbemEventSink_IsActive(This) ((This)->lpVtbl->IsActive(This))
#define IWbemEventSink_GetRestrictedSink(This, lNumQueries, awszQueries, pCallback, ppSink)        \
    ((This)->lpVtbl->GetRestrictedSink(This, lNumQueries, awszQueries, pCallback, ppSink))
#define IWbemEventSink_SetBatchingParameters(This, lFlags, dwMaxBufferSize, dwMaxSendLatency)      \
    ((This)->lpVtbl->SetBatchingParameters(This, lFlags, dwMaxBufferSize, dwMaxSendLatency))
#endif

    /* clang-format on */

#ifdef __clang__
#pragma clang diagnostic pop
#endif

#endif /* WBEMPROV_H */
