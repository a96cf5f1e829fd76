/*
 * What an event provider gets from ProvideEvents: IWbemObjectSink, and
 * IWbemEventSink for who asks (wbemprov/nn-wbemprov-iwbemeventsink). Where the
 * events go is the affair of whoever makes it.
 */
#include <stdlib.h>
#include <wchar.h>

#include "hosting/event_sink.h"
#include "wql/wql.h"

struct event_sink {
    IWbemEventSink iface;
    struct com_refs refs;
    const struct event_sink_ops *ops;
    void *closure;
    struct event_sink *whole; /* a reference, of a restricted one; else NULL */
    wchar_t **classes;        /* of a restricted one: what its queries select from */
    size_t class_count;
};

static struct event_sink *sink_of(IWbemEventSink *iface)
{
    return COM_CONTAINER(iface, struct event_sink, iface);
}

static HRESULT STDMETHODCALLTYPE sink_query_interface(IWbemEventSink *iface, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink) &&
        !IsEqualIID(riid, &IID_IWbemEventSink)) {
        return E_NOINTERFACE;
    }
    (void)IWbemEventSink_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_addref(IWbemEventSink *iface)
{
    return com_ref_inc(&sink_of(iface)->refs);
}

static void sink_destroy(struct event_sink *s)
{
    if (s->whole) {
        (void)IWbemEventSink_Release(&s->whole->iface);
    } else if (s->ops->destroy) {
        s->ops->destroy(s->closure);
    }
    for (size_t i = 0; i < s->class_count; i++) {
        free(s->classes[i]);
    }
    free(s->classes);
    free(s);
}

static ULONG STDMETHODCALLTYPE sink_release(IWbemEventSink *iface)
{
    struct event_sink *s = sink_of(iface);
    ULONG left = com_ref_dec(&s->refs);
    if (left == 0) {
        sink_destroy(s);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemEventSink *iface, LONG count,
                                               IWbemClassObject **objects)
{
    struct event_sink *s = sink_of(iface);
    if (count < 0 || (count > 0 && !objects)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    for (LONG i = 0; i < count; i++) {
        if (!objects[i] || !object_is_ours(objects[i])) {
            return WBEM_E_INVALID_OBJECT;
        }
    }
    return count > 0 ? s->ops->indicate(s->closure, (uint32_t)count, objects) : WBEM_S_NO_ERROR;
}

/* WBEM_STATUS_REQUIREMENTS says who filters: WMI does in any case. */
static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemEventSink *iface, LONG flags, HRESULT status,
                                                 BSTR text, IWbemClassObject *detail)
{
    struct event_sink *s = sink_of(iface);
    if (flags == WBEM_STATUS_COMPLETE && FAILED(status)) {
        s->ops->failed(s->closure, status, detail);
    }
    return WBEM_S_NO_ERROR;
}

/* Events go to subscriptions of this user only; a descriptor for others has nobody to let in or
 * keep out, and would not be heeded. */
static HRESULT STDMETHODCALLTYPE sink_security(IWbemEventSink *iface, LONG size, BYTE *descriptor)
{
    return descriptor ? WBEM_E_NOT_SUPPORTED : WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE sink_is_active(IWbemEventSink *iface)
{
    struct event_sink *s = sink_of(iface);
    bool active = s->ops->active(s->closure, (const wchar_t *const *)s->classes, s->class_count);
    return active ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static HRESULT restrict_to(struct event_sink *s, LONG count, const LPCWSTR *queries)
{
    s->classes = calloc((size_t)count, sizeof *s->classes);
    if (!s->classes) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (LONG i = 0; i < count; i++) {
        CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
        struct wql_error error;
        HRESULT hr = queries[i] ? wql_parse(queries[i], &q, &error) : WBEM_E_INVALID_PARAMETER;
        if (FAILED(hr)) {
            return hr;
        }
        s->classes[i] = com_wide_copy(wql_query_class(q));
        if (!s->classes[i]) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        s->class_count++;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE sink_restricted(IWbemEventSink *iface, LONG count,
                                                 const LPCWSTR *queries, IUnknown *callback,
                                                 IWbemEventSink **ret);

/* Nothing is held back, so there is nothing to collect. */
static HRESULT STDMETHODCALLTYPE sink_batching(IWbemEventSink *iface, LONG flags, DWORD size,
                                               DWORD latency)
{
    return flags == WBEM_FLAG_BATCH_IF_NEEDED || flags == WBEM_FLAG_MUST_BATCH ||
                   flags == WBEM_FLAG_MUST_NOT_BATCH
               ? WBEM_S_NO_ERROR
               : WBEM_E_INVALID_PARAMETER;
}

static const IWbemEventSinkVtbl sink_vtbl = {sink_query_interface, sink_addref,     sink_release,
                                             sink_indicate,        sink_set_status, sink_security,
                                             sink_is_active,       sink_restricted, sink_batching};

static struct event_sink *sink_alloc(const struct event_sink_ops *ops, void *closure)
{
    struct event_sink *s = calloc(1, sizeof *s);
    if (s) {
        s->iface.lpVtbl = &sink_vtbl;
        com_ref_init(&s->refs);
        s->ops = ops;
        s->closure = closure;
    }
    return s;
}

static HRESULT STDMETHODCALLTYPE sink_restricted(IWbemEventSink *iface, LONG count,
                                                 const LPCWSTR *queries, IUnknown *callback,
                                                 IWbemEventSink **ret)
{
    struct event_sink *whole = sink_of(iface);
    if (!ret || count <= 0 || !queries) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (callback) {
        return WBEM_E_NOT_SUPPORTED;
    }
    struct event_sink *s = sink_alloc(whole->ops, whole->closure);
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    (void)IWbemEventSink_AddRef(iface);
    s->whole = whole;
    HRESULT hr = restrict_to(s, count, queries);
    if (FAILED(hr)) {
        sink_destroy(s);
        return hr;
    }
    *ret = &s->iface;
    return WBEM_S_NO_ERROR;
}

HRESULT event_sink_create(const struct event_sink_ops *ops, void *closure, IWbemObjectSink **ret)
{
    struct event_sink *s = sink_alloc(ops, closure);
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = (IWbemObjectSink *)&s->iface; /* begins with the same methods */
    return WBEM_S_NO_ERROR;
}
