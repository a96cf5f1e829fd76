/*
 * A set of refreshable things over a provider of others: each call is handed on
 * to its IWbemHiPerfProvider and to the refresher that it gave for this set.
 */
#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "object/object.h"
#include "providers/refresh.h"

struct hiperf_refresh {
    struct refresh_set set;
    IWbemHiPerfProvider *provider;
    IWbemServices *services;
    IWbemRefresher *refresher; /* the provider's own */
    void (*done)(void *closure);
    void *closure;
};

static struct hiperf_refresh *of(struct refresh_set *s)
{
    return (struct hiperf_refresh *)((char *)s - offsetof(struct hiperf_refresh, set));
}

/* A provider's failure, with whatever it said of it itself. */
static HRESULT fault(HRESULT hr, const char *method)
{
    CLEANUP(com_cleanup_release) IErrorInfo *said = NULL;
    if (hr == WBEM_E_NOT_FOUND) {
        return hr;
    }
    if (GetErrorInfo(0, &said) == S_OK) {
        (void)SetErrorInfo(0, said);
        return hr;
    }
    return error_raise(hr, method, NULL, "the provider's %s failed with 0x%08x", method,
                       (unsigned)hr);
}

/* wbemprov/nf-wbemprov-iwbemhiperfprovider-createrefreshableobject */
static HRESULT add_object(struct refresh_set *set, IWbemClassObject *template,
                          IWbemContext *context, IWbemClassObject **ret, LONG *ret_id)
{
    struct hiperf_refresh *r = of(set);
    CLEANUP(com_cleanup_release) IWbemObjectAccess *keys = NULL;
    CLEANUP(com_cleanup_release) IWbemObjectAccess *made = NULL;
    HRESULT hr = IWbemClassObject_QueryInterface(template, &IID_IWbemObjectAccess, (void **)&keys);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemHiPerfProvider_CreateRefreshableObject(r->provider, r->services, keys, r->refresher,
                                                     0, context, &made, ret_id);
    if (SUCCEEDED(hr) && !made) {
        hr = WBEM_E_PROVIDER_FAILURE;
    }
    if (FAILED(hr)) {
        return fault(hr, "CreateRefreshableObject");
    }
    hr = IWbemObjectAccess_QueryInterface(made, &IID_IWbemClassObject, (void **)ret);
    if (FAILED(hr)) {
        (void)IWbemHiPerfProvider_StopRefreshing(r->provider, r->refresher, *ret_id, 0);
    }
    return hr;
}

/* wbemprov/nf-wbemprov-iwbemhiperfprovider-createrefreshableenum */
static HRESULT add_enum(struct refresh_set *set, IWbemClassObject *cls, IWbemContext *context,
                        IWbemHiPerfEnum *to, LONG *ret_id)
{
    struct hiperf_refresh *r = of(set);
    VARIANT name;
    VariantInit(&name);
    HRESULT hr = IWbemClassObject_Get(cls, L"__CLASS", 0, &name, NULL, NULL);
    if (FAILED(hr)) {
        return hr;
    }
    hr = V_VT(&name) == VT_BSTR
             ? IWbemHiPerfProvider_CreateRefreshableEnum(r->provider, r->services, V_BSTR(&name),
                                                         r->refresher, 0, context, to, ret_id)
             : WBEM_E_INVALID_CLASS;
    (void)VariantClear(&name);
    return FAILED(hr) ? fault(hr, "CreateRefreshableEnum") : WBEM_S_NO_ERROR;
}

static void remove_one(struct refresh_set *set, LONG id)
{
    struct hiperf_refresh *r = of(set);
    (void)IWbemHiPerfProvider_StopRefreshing(r->provider, r->refresher, id, 0);
}

static HRESULT refresh(struct refresh_set *set, LONG flags)
{
    HRESULT hr = IWbemRefresher_Refresh(of(set)->refresher, flags);
    return FAILED(hr) ? fault(hr, "Refresh") : hr;
}

/* The provider cleans up what was added when its refresher goes
 * (wbemprov/nf-wbemprov-iwbemhiperfprovider-createrefresher). */
static void destroy(struct refresh_set *set)
{
    struct hiperf_refresh *r = of(set);
    com_cleanup_release(&r->refresher);
    com_cleanup_release(&r->provider);
    com_cleanup_release(&r->services);
    if (r->done) {
        r->done(r->closure);
    }
    free(r);
}

static const struct refresh_ops ops = {
    .add_object = add_object,
    .add_enum = add_enum,
    .remove = remove_one,
    .refresh = refresh,
    .destroy = destroy,
};

HRESULT hiperf_refresh_create(IWbemHiPerfProvider *provider, IWbemServices *services,
                              void (*done)(void *closure), void *closure, struct refresh_set **ret)
{
    struct hiperf_refresh *r = calloc(1, sizeof *r);
    if (!r) {
        if (done) {
            done(closure);
        }
        return WBEM_E_OUT_OF_MEMORY;
    }
    *r = (struct hiperf_refresh){.set.ops = &ops, .done = done, .closure = closure};
    IWbemHiPerfProvider_AddRef(provider);
    r->provider = provider;
    IWbemServices_AddRef(services);
    r->services = services;
    HRESULT hr = IWbemHiPerfProvider_CreateRefresher(provider, services, 0, &r->refresher);
    if (SUCCEEDED(hr) && !r->refresher) {
        hr = WBEM_E_PROVIDER_FAILURE;
    }
    if (FAILED(hr)) {
        hr = fault(hr, "CreateRefresher");
        destroy(&r->set);
        return hr;
    }
    *ret = &r->set;
    return WBEM_S_NO_ERROR;
}
