/*
 * IWbemDecoupledRegistrar and IWbemDecoupledBasicEventProvider (wbemprov/
 * nn-wbemprov-iwbemdecoupledregistrar, -iwbemdecoupledbasiceventprovider): one
 * kind of object for both, of which the second is its own event provider.
 */
#include <stdlib.h>
#include <wchar.h>

#include "hosting/event_sink.h"
#include "hosting/remote.h"

enum {
    SINKS_MAX = 1024
};

/* What a basic event provider registers: hands each event to the sinks of all who ask. */
struct source_of_events {
    IWbemEventProvider iface;
    struct com_refs refs;
    pthread_mutex_t lock;
    IWbemObjectSink *sinks[SINKS_MAX]; /* under lock; references */
    unsigned count;
};

struct registrar {
    IWbemDecoupledBasicEventProvider iface; /* begins as IWbemDecoupledRegistrar does */
    struct com_refs refs;
    struct source_of_events *events; /* a reference; NULL: a plain registrar */
    pthread_mutex_t lock;
    struct offer *offer; /* under lock, as the next */
    wchar_t *scope;
};

/* ---- the events ---------------------------------------------------------------------------- */

static struct source_of_events *events_of(IWbemEventProvider *iface)
{
    return COM_CONTAINER(iface, struct source_of_events, iface);
}

static HRESULT STDMETHODCALLTYPE events_query_interface(IWbemEventProvider *iface, REFIID riid,
                                                        void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemEventProvider)) {
        return E_NOINTERFACE;
    }
    (void)IWbemEventProvider_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE events_addref(IWbemEventProvider *iface)
{
    return com_ref_inc(&events_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE events_release(IWbemEventProvider *iface)
{
    struct source_of_events *e = events_of(iface);
    ULONG left = com_ref_dec(&e->refs);
    if (left == 0) {
        for (unsigned i = 0; i < e->count; i++) {
            com_release(e->sinks[i]);
        }
        pthread_mutex_destroy(&e->lock);
        free(e);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE events_provide(IWbemEventProvider *iface, IWbemObjectSink *sink,
                                                LONG flags)
{
    struct source_of_events *e = events_of(iface);
    HRESULT hr = sink ? WBEM_E_QUOTA_VIOLATION : WBEM_E_INVALID_PARAMETER;
    pthread_mutex_lock(&e->lock);
    if (sink && e->count < SINKS_MAX) {
        com_addref(sink);
        e->sinks[e->count++] = sink;
        hr = WBEM_S_NO_ERROR;
    }
    pthread_mutex_unlock(&e->lock);
    return hr;
}

static const IWbemEventProviderVtbl events_vtbl = {events_query_interface, events_addref,
                                                   events_release, events_provide};

/* The sinks of now, with a reference each; free() it. */
static IWbemObjectSink **copy_sinks(struct source_of_events *e, unsigned *ret_count)
{
    pthread_mutex_lock(&e->lock);
    IWbemObjectSink **all = calloc(e->count + 1, sizeof(IWbemObjectSink *));
    *ret_count = all ? e->count : 0;
    for (unsigned i = 0; i < *ret_count; i++) {
        all[i] = e->sinks[i];
        com_addref(all[i]);
    }
    pthread_mutex_unlock(&e->lock);
    return all;
}

static void remove_sink(struct source_of_events *e, IWbemObjectSink *sink)
{
    IWbemObjectSink *gone = NULL;
    pthread_mutex_lock(&e->lock);
    for (unsigned i = 0; i < e->count && !gone; i++) {
        if (e->sinks[i] == sink) {
            gone = sink;
            e->sinks[i] = e->sinks[--e->count];
        }
    }
    pthread_mutex_unlock(&e->lock);
    com_release(gone);
}

/* One whose client is gone is let go of. */
static HRESULT sink_indicate(void *closure, uint32_t count, IWbemClassObject **objects)
{
    struct source_of_events *e = closure;
    unsigned all_count;
    HRESULT hr = WBEM_S_NO_ERROR;
    IWbemObjectSink **all = copy_sinks(e, &all_count);
    if (!all) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (unsigned i = 0; i < all_count; i++) {
        HRESULT one = IWbemObjectSink_Indicate(all[i], (LONG)count, objects);
        if (one == WBEM_E_CALL_CANCELLED || one == WBEM_E_TRANSPORT_FAILURE) {
            remove_sink(e, all[i]);
        } else if (FAILED(one)) {
            hr = one;
        }
        com_release(all[i]);
    }
    free(all);
    return hr;
}

static void sink_failed(void *closure, HRESULT hr, IWbemClassObject *detail)
{
    struct source_of_events *e = closure;
    unsigned count;
    IWbemObjectSink **all = copy_sinks(e, &count);
    for (unsigned i = 0; all && i < count; i++) {
        (void)IWbemObjectSink_SetStatus(all[i], WBEM_STATUS_COMPLETE, hr, NULL, detail);
        com_release(all[i]);
    }
    free(all);
}

static bool sink_active(void *closure, const wchar_t *const *classes, size_t count)
{
    struct source_of_events *e = closure;
    pthread_mutex_lock(&e->lock);
    bool active = e->count > 0;
    pthread_mutex_unlock(&e->lock);
    return active;
}

static void sink_destroy(void *closure)
{
    struct source_of_events *e = closure;
    (void)IWbemEventProvider_Release(&e->iface);
}

static const struct event_sink_ops sink_ops = {sink_indicate, sink_failed, sink_active,
                                               sink_destroy};

/* ---- the registrar ---------------------------------------------------------------------------
 */

static struct registrar *registrar_of(IWbemDecoupledBasicEventProvider *iface)
{
    return COM_CONTAINER(iface, struct registrar, iface);
}

static HRESULT STDMETHODCALLTYPE registrar_query_interface(IWbemDecoupledBasicEventProvider *iface,
                                                           REFIID riid, void **ret)
{
    struct registrar *r = registrar_of(iface);
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemDecoupledRegistrar) &&
        !(r->events && IsEqualIID(riid, &IID_IWbemDecoupledBasicEventProvider))) {
        return E_NOINTERFACE;
    }
    (void)com_ref_inc(&r->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE registrar_addref(IWbemDecoupledBasicEventProvider *iface)
{
    return com_ref_inc(&registrar_of(iface)->refs);
}

static HRESULT STDMETHODCALLTYPE registrar_unregister(IWbemDecoupledBasicEventProvider *iface)
{
    struct registrar *r = registrar_of(iface);
    pthread_mutex_lock(&r->lock);
    struct offer *offer = TAKE(r->offer);
    wchar_t *scope = TAKE(r->scope);
    pthread_mutex_unlock(&r->lock);
    free(scope);
    if (!offer) {
        return WBEM_E_NOT_FOUND;
    }
    decoupled_withdraw(offer);
    return WBEM_S_NO_ERROR;
}

static ULONG STDMETHODCALLTYPE registrar_release(IWbemDecoupledBasicEventProvider *iface)
{
    struct registrar *r = registrar_of(iface);
    ULONG left = com_ref_dec(&r->refs);
    if (left == 0) {
        (void)registrar_unregister(iface);
        if (r->events) {
            (void)IWbemEventProvider_Release(&r->events->iface);
        }
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
    return left;
}

/* \\.\root\cimv2, root/cimv2: as namespaces are named here. free() it. */
static wchar_t *plain_scope(const wchar_t *scope)
{
    bool full = wcsncmp(scope, L"\\\\.\\", 4) == 0 || wcsncmp(scope, L"//./", 4) == 0;
    wchar_t *copy = com_wide_copy(full ? scope + 4 : scope);
    for (wchar_t *c = copy; c && *c; c++) {
        *c = *c == L'/' ? L'\\' : *c;
    }
    return copy;
}

static HRESULT STDMETHODCALLTYPE registrar_register(IWbemDecoupledBasicEventProvider *iface,
                                                    LONG flags, IWbemContext *context, LPCWSTR user,
                                                    LPCWSTR locale, LPCWSTR scope,
                                                    LPCWSTR registration, IUnknown *object)
{
    struct registrar *r = registrar_of(iface);
    IUnknown *offered = object ? object : r->events ? (IUnknown *)&r->events->iface : NULL;
    if (!registration || !*registration || !offered) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Register",
                           offered ? "a_Registration" : "pIUnknown",
                           "the parameter must not be NULL");
    }
    CLEANUP(com_cleanup_free) wchar_t *plain = scope && *scope ? plain_scope(scope) : NULL;
    if (scope && *scope && !plain) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&r->lock);
    HRESULT hr =
        r->offer ? WBEM_E_ALREADY_EXISTS : decoupled_offer(plain, registration, offered, &r->offer);
    if (SUCCEEDED(hr)) {
        r->scope = TAKE(plain);
    }
    pthread_mutex_unlock(&r->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE registrar_get_sink(IWbemDecoupledBasicEventProvider *iface,
                                                    LONG flags, IWbemContext *context,
                                                    IWbemObjectSink **ret)
{
    struct registrar *r = registrar_of(iface);
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    (void)com_ref_inc(&r->events->refs);
    HRESULT hr = event_sink_create(&sink_ops, r->events, ret);
    if (FAILED(hr)) {
        sink_destroy(r->events);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE registrar_get_service(IWbemDecoupledBasicEventProvider *iface,
                                                       LONG flags, IWbemContext *context,
                                                       IWbemServices **ret)
{
    struct registrar *r = registrar_of(iface);
    struct repository *repository;
    struct repository_namespace *n;
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    pthread_mutex_lock(&r->lock);
    CLEANUP(com_cleanup_free) wchar_t *scope = r->scope ? com_wide_copy(r->scope) : NULL;
    bool registered = r->offer != NULL;
    pthread_mutex_unlock(&r->lock);
    if (!registered || !scope) {
        return error_raise(WBEM_E_INVALID_OPERATION, "GetService", NULL,
                           registered ? "it is registered in no namespace in particular"
                                      : "it is not registered");
    }
    HRESULT hr = repository_default(&repository);
    if (SUCCEEDED(hr)) {
        hr = repository_open(repository, scope, &n);
    }
    return SUCCEEDED(hr) ? hosting_services(n, ret) : hr;
}

static const IWbemDecoupledBasicEventProviderVtbl registrar_vtbl = {
    registrar_query_interface, registrar_addref,   registrar_release,    registrar_register,
    registrar_unregister,      registrar_get_sink, registrar_get_service};

static HRESULT create(bool with_events, IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    struct registrar *r = calloc(1, sizeof *r);
    struct source_of_events *e = with_events ? calloc(1, sizeof *e) : NULL;
    if (!r || (with_events && !e)) {
        free(r);
        free(e);
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->iface.lpVtbl = &registrar_vtbl;
    com_ref_init(&r->refs);
    pthread_mutex_init(&r->lock, NULL);
    if (e) {
        e->iface.lpVtbl = &events_vtbl;
        com_ref_init(&e->refs);
        pthread_mutex_init(&e->lock, NULL);
        r->events = e;
    }
    HRESULT hr = registrar_query_interface(&r->iface, riid, ret);
    (void)registrar_release(&r->iface);
    return hr;
}

HRESULT decoupled_registrar_create(IUnknown *outer, REFIID riid, void **ret)
{
    return create(false, outer, riid, ret);
}

HRESULT decoupled_events_create(IUnknown *outer, REFIID riid, void **ret)
{
    return create(true, outer, riid, ret);
}
