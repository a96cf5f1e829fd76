/* What of IWbemServices no provider has, or not this one. */
#include "providers/async_services.h"

HRESULT STDMETHODCALLTYPE async_no_open_namespace(IWbemServices *iface, const BSTR name, LONG flags,
                                                  IWbemContext *context, IWbemServices **ret,
                                                  IWbemCallResult **result)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_object_sink(IWbemServices *iface, LONG flags,
                                               IWbemObjectSink **ret)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_get(IWbemServices *iface, const BSTR path, LONG flags,
                                       IWbemContext *context, IWbemClassObject **ret,
                                       IWbemCallResult **result)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_put(IWbemServices *iface, IWbemClassObject *object, LONG flags,
                                       IWbemContext *context, IWbemCallResult **result)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_delete(IWbemServices *iface, const BSTR path, LONG flags,
                                          IWbemContext *context, IWbemCallResult **result)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_enum(IWbemServices *iface, const BSTR name, LONG flags,
                                        IWbemContext *context, IEnumWbemClassObject **ret)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_query(IWbemServices *iface, const BSTR language,
                                         const BSTR query, LONG flags, IWbemContext *context,
                                         IEnumWbemClassObject **ret)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_no_method(IWbemServices *iface, const BSTR path, const BSTR method,
                                          LONG flags, IWbemContext *context, IWbemClassObject *in,
                                          IWbemClassObject **ret, IWbemCallResult **result)
{
    return WBEM_E_NOT_SUPPORTED;
}

HRESULT STDMETHODCALLTYPE async_incapable_put(IWbemServices *iface, IWbemClassObject *object,
                                              LONG flags, IWbemContext *context,
                                              IWbemObjectSink *sink)
{
    return WBEM_E_PROVIDER_NOT_CAPABLE;
}

HRESULT STDMETHODCALLTYPE async_incapable_path(IWbemServices *iface, const BSTR path, LONG flags,
                                               IWbemContext *context, IWbemObjectSink *sink)
{
    return WBEM_E_PROVIDER_NOT_CAPABLE;
}

HRESULT STDMETHODCALLTYPE async_incapable_query(IWbemServices *iface, const BSTR language,
                                                const BSTR query, LONG flags, IWbemContext *context,
                                                IWbemObjectSink *sink)
{
    return WBEM_E_PROVIDER_NOT_CAPABLE;
}
