/*
 * IWbemServices as providers implement it: WMI calls them by the asynchronous
 * methods only (WmiSdk "Writing an Instance Provider"), the others answer
 * WBEM_E_NOT_SUPPORTED, and those operations that a provider lacks
 * WBEM_E_PROVIDER_NOT_CAPABLE.
 */
#ifndef WBEM_PROVIDERS_ASYNC_SERVICES_H
#define WBEM_PROVIDERS_ASYNC_SERVICES_H

#include <wbemcli.h>

HRESULT STDMETHODCALLTYPE async_no_open_namespace(IWbemServices *iface, const BSTR name, LONG flags,
                                                  IWbemContext *context, IWbemServices **ret,
                                                  IWbemCallResult **result);
HRESULT STDMETHODCALLTYPE async_no_object_sink(IWbemServices *iface, LONG flags,
                                               IWbemObjectSink **ret);
HRESULT STDMETHODCALLTYPE async_no_get(IWbemServices *iface, const BSTR path, LONG flags,
                                       IWbemContext *context, IWbemClassObject **ret,
                                       IWbemCallResult **result);
HRESULT STDMETHODCALLTYPE async_no_put(IWbemServices *iface, IWbemClassObject *object, LONG flags,
                                       IWbemContext *context, IWbemCallResult **result);
HRESULT STDMETHODCALLTYPE async_no_delete(IWbemServices *iface, const BSTR path, LONG flags,
                                          IWbemContext *context, IWbemCallResult **result);
HRESULT STDMETHODCALLTYPE async_no_enum(IWbemServices *iface, const BSTR name, LONG flags,
                                        IWbemContext *context, IEnumWbemClassObject **ret);
HRESULT STDMETHODCALLTYPE async_no_query(IWbemServices *iface, const BSTR language,
                                         const BSTR query, LONG flags, IWbemContext *context,
                                         IEnumWbemClassObject **ret);
HRESULT STDMETHODCALLTYPE async_no_method(IWbemServices *iface, const BSTR path, const BSTR method,
                                          LONG flags, IWbemContext *context, IWbemClassObject *in,
                                          IWbemClassObject **ret, IWbemCallResult **result);

HRESULT STDMETHODCALLTYPE async_incapable_put(IWbemServices *iface, IWbemClassObject *object,
                                              LONG flags, IWbemContext *context,
                                              IWbemObjectSink *sink);
HRESULT STDMETHODCALLTYPE async_incapable_path(IWbemServices *iface, const BSTR path, LONG flags,
                                               IWbemContext *context, IWbemObjectSink *sink);
HRESULT STDMETHODCALLTYPE async_incapable_query(IWbemServices *iface, const BSTR language,
                                                const BSTR query, LONG flags, IWbemContext *context,
                                                IWbemObjectSink *sink);

/* The entries of an IWbemServicesVtbl that no provider has. */
#define ASYNC_SERVICES_REST                                                                        \
    .OpenNamespace = async_no_open_namespace, .QueryObjectSink = async_no_object_sink,             \
    .GetObject = async_no_get, .PutClass = async_no_put, .DeleteClass = async_no_delete,           \
    .CreateClassEnum = async_no_enum, .PutInstance = async_no_put,                                 \
    .DeleteInstance = async_no_delete, .CreateInstanceEnum = async_no_enum,                        \
    .ExecQuery = async_no_query, .ExecNotificationQuery = async_no_query,                          \
    .ExecMethod = async_no_method

#endif
