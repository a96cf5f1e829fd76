/*
 * Event consumer providers: who takes the events of permanent subscriptions for
 * logical consumers, instances of the classes that an
 * __EventConsumerProviderRegistration of their namespace names (WmiSdk "Writing
 * an Event Consumer Provider", wbemprov/nf-wbemprov-iwbemeventconsumerprovider-findconsumer).
 */
#include <stdlib.h>
#include <wchar.h>

#include "hosting/hosting_private.h"

static const char operation[] = "__FilterToConsumerBinding";

struct hosted_consumer {
    struct hosted *hosted;
    IWbemUnboundObjectSink *sink;
    wchar_t *provider;
};

/* ---- whose ---------------------------------------------------------------------------- */

struct search {
    const struct schema *schema; /* of the logical consumer */
    wchar_t *provider;           /* NULL: not found yet */
};

static bool names_class(IWbemClassObject *registration, const struct schema *s)
{
    CLEANUP(com_cleanup_variant) VARIANT names = {0};
    LONG low = 0, high = -1;
    bool found = false;
    if (FAILED(IWbemClassObject_Get(registration, L"ConsumerClassNames", 0, &names, NULL, NULL)) ||
        V_VT(&names) != (VT_ARRAY | VT_BSTR)) {
        return false;
    }
    (void)SafeArrayGetLBound(V_ARRAY(&names), 1, &low);
    (void)SafeArrayGetUBound(V_ARRAY(&names), 1, &high);
    for (LONG i = low; !found && i <= high; i++) {
        CLEANUP(com_cleanup_bstr) BSTR name = NULL;
        found = SUCCEEDED(SafeArrayGetElement(V_ARRAY(&names), &i, &name)) && name &&
                schema_is_a(s, name);
    }
    return found;
}

static HRESULT visit(void *closure, IWbemClassObject *registration)
{
    struct search *s = closure;
    return !s->provider && names_class(registration, s->schema)
               ? registration_provider_name(registration, &s->provider)
               : WBEM_S_NO_ERROR;
}

HRESULT hosting_consumer_provider(struct repository_namespace *n, IWbemClassObject *consumer,
                                  wchar_t **ret)
{
    struct search search = {.provider = NULL};
    struct schema *s;
    *ret = NULL;
    HRESULT hr = schema_of(consumer, &s);
    if (SUCCEEDED(hr)) {
        search.schema = s;
        hr = registration_visit(n, L"__EventConsumerProviderRegistration", visit, &search);
    }
    if (FAILED(hr)) {
        free(search.provider);
        return hr;
    }
    *ret = search.provider;
    return *ret ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

/* ---- its sink ------------------------------------------------------------------------------ */

/* What the provider has not said itself. */
static HRESULT raise_provider(const wchar_t *provider, HRESULT hr, const char *what)
{
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(provider);
    const char *code = com_status_name(hr);
    if (GetErrorInfo(0, &info) == S_OK && info) {
        (void)SetErrorInfo(0, info);
        return hr;
    }
    return error_raise(hr, operation, name, "provider %s %s: 0x%08x%s%s", name ? name : "?", what,
                       (unsigned)hr, code ? " " : "", code ? code : "");
}

static HRESULT acquire(struct repository_namespace *n, const wchar_t *provider, struct hosted **ret)
{
    struct registration *r;
    HRESULT hr = registration_find(n, provider, operation, &r);
    if (SUCCEEDED(hr)) {
        hr = hosted_acquire(n, r, ret);
        registration_unref(r);
    }
    return hr;
}

static HRESULT find_sink(struct hosted_consumer *c, IWbemClassObject *consumer)
{
    CLEANUP(com_cleanup_release) IWbemEventConsumerProvider *provider = NULL;
    HRESULT hr = IUnknown_QueryInterface(hosted_object(c->hosted), &IID_IWbemEventConsumerProvider,
                                         (void **)&provider);
    if (FAILED(hr)) {
        return raise_provider(c->provider, WBEM_E_PROVIDER_NOT_CAPABLE,
                              "has no IWbemEventConsumerProvider");
    }
    (void)SetErrorInfo(0, NULL);
    hr = IWbemEventConsumerProvider_FindConsumer(provider, consumer, &c->sink);
    if (SUCCEEDED(hr) && !c->sink) {
        hr = WBEM_E_PROVIDER_FAILURE;
    }
    return FAILED(hr) ? raise_provider(c->provider, hr, "found no sink for the consumer") : hr;
}

HRESULT hosting_consumer_open(struct repository_namespace *n, const wchar_t *provider,
                              IWbemClassObject *consumer, struct hosted_consumer **ret)
{
    struct hosted_consumer *c = calloc(1, sizeof(*c));
    HRESULT hr = c ? acquire(n, provider, &c->hosted) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        c->provider = com_wide_copy(provider);
        hr = c->provider ? find_sink(c, consumer) : WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(hr)) {
        hosting_consumer_close(c);
        return hr;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

HRESULT hosting_consumer_deliver(struct hosted_consumer *c, IWbemClassObject *consumer,
                                 IWbemClassObject *event)
{
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = IWbemUnboundObjectSink_IndicateToConsumer(c->sink, consumer, 1, &event);
    return FAILED(hr) ? raise_provider(c->provider, hr, "did not take the event") : WBEM_S_NO_ERROR;
}

void hosting_consumer_close(struct hosted_consumer *c)
{
    if (c) {
        com_release(c->sink);
        hosted_release(c->hosted);
        free(c->provider);
        free(c);
    }
}
