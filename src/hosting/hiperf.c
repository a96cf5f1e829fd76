/*
 * Providers that fill refreshers (wbemprov nn-wbemprov-iwbemhiperfprovider):
 * loaded as others are, asked for refreshable objects instead of instances.
 */
#include "hosting/hosting_private.h"
#include "providers/refresh.h"

static void let_go(void *closure)
{
    hosted_release(closure);
}

HRESULT hosting_refresh_create(struct repository_namespace *n, const wchar_t *provider,
                               IWbemServices *services, struct refresh_set **ret)
{
    struct registration *r;
    struct hosted *h;
    HRESULT hr = registration_find(n, provider, "AddObject", &r);
    if (FAILED(hr)) {
        return hr;
    }
    hr = hosted_acquire(n, r, &h);
    registration_unref(r);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_release) IWbemHiPerfProvider *fast = NULL;
    hr = IUnknown_QueryInterface(hosted_object(h), &IID_IWbemHiPerfProvider, (void **)&fast);
    if (FAILED(hr)) {
        hosted_release(h);
        return WBEM_S_FALSE;
    }
    return hiperf_refresh_create(fast, services, let_go, h, ret);
}

HRESULT hiperf_query_instances(struct repository_namespace *n, IWbemHiPerfProvider *provider,
                               const struct provider_call *call, IWbemObjectSink *sink)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    if (call->kind != CALL_ENUMERATE) {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    HRESULT hr = hosting_services(n, &services);
    return SUCCEEDED(hr) ? IWbemHiPerfProvider_QueryInstances(provider, services, call->text, 0,
                                                              call->context, sink)
                         : hr;
}
