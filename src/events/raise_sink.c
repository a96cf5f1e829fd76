/*
 * The sink of IWbemServices::QueryObjectSink: what it is told of becomes events
 * of its namespace (wbemcli/nf-wbemcli-iwbemservices-queryobjectsink).
 */
#include <stdlib.h>

#include "events/events_private.h"

struct raise_sink {
    IWbemObjectSink iface;
    struct com_refs refs;
    struct repository_namespace *name_space;
};

static struct raise_sink *sink_of(IWbemObjectSink *iface)
{
    return COM_CONTAINER(iface, struct raise_sink, iface);
}

static HRESULT STDMETHODCALLTYPE sink_query_interface(IWbemObjectSink *iface, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        return E_NOINTERFACE;
    }
    IWbemObjectSink_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_add_ref(IWbemObjectSink *iface)
{
    return com_ref_inc(&sink_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE sink_release(IWbemObjectSink *iface)
{
    struct raise_sink *s = sink_of(iface);
    ULONG left = com_ref_dec(&s->refs);
    if (left == 0) {
        free(s);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemObjectSink *iface, LONG count,
                                               IWbemClassObject **objects)
{
    struct raise_sink *s = sink_of(iface);
    if (count < 0 || (count > 0 && !objects)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Indicate", "apObjArray",
                           "there is no array of %d objects", (int)count);
    }
    for (LONG i = 0; i < count; i++) {
        HRESULT hr = objects[i] ? events_raise(s->name_space, objects[i]) : WBEM_E_INVALID_OBJECT;
        if (FAILED(hr)) {
            return error_raise(hr, "Indicate", "apObjArray",
                               "object %d is not an instance of a class derived from __Event",
                               (int)i);
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemObjectSink *iface, LONG flags, HRESULT status,
                                                 BSTR text, IWbemClassObject *object)
{
    (void)iface;
    (void)flags;
    (void)status;
    (void)text;
    (void)object;
    return WBEM_S_NO_ERROR; /* events have no end */
}

static const IWbemObjectSinkVtbl raise_sink_vtbl = {
    .QueryInterface = sink_query_interface,
    .AddRef = sink_add_ref,
    .Release = sink_release,
    .Indicate = sink_indicate,
    .SetStatus = sink_set_status,
};

HRESULT events_sink_create(struct repository_namespace *n, IWbemObjectSink **ret)
{
    struct raise_sink *s = calloc(1, sizeof(*s));
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->iface.lpVtbl = &raise_sink_vtbl;
    com_ref_init(&s->refs);
    s->name_space = n;
    *ret = &s->iface;
    return WBEM_S_NO_ERROR;
}
