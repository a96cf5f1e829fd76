/*
 * The sink that QueryObjectSink gives: events that are handed to it are raised
 * on the other host. [MS-WMI] 3.1.4.3.3, 3.1.4.7 (IWbemObjectSink).
 */
#include "remote/remote_private.h"

#include "object/object.h"
#include "wire/marshal.h"

enum {
    OPNUM_INDICATE = 3,
    OPNUM_SET_STATUS = 4,
};

struct remote_sink {
    IWbemObjectSink iface;
    struct com_refs refs;
    struct remote_host *host;
    struct dcom_object *object;
};

static struct remote_sink *sink_of(IWbemObjectSink *iface)
{
    return COM_CONTAINER(iface, struct remote_sink, iface);
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
    (void)com_ref_inc(&sink_of(iface)->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_add_ref(IWbemObjectSink *iface)
{
    return com_ref_inc(&sink_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE sink_release(IWbemObjectSink *iface)
{
    struct remote_sink *s = sink_of(iface);
    ULONG left = com_ref_dec(&s->refs);
    if (left == 0) {
        dcom_object_unref(s->object);
        remote_host_unref(s->host);
        free(s);
    }
    return left;
}

static HRESULT call(struct remote_sink *s, uint16_t opnum, struct ndr_writer *in, const char *step)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    return remote_invoke(s->host, s->object, opnum, in, s->host->settings.call_ms, step, &reply);
}

static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemObjectSink *iface, LONG count,
                                               IWbemClassObject **objects)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    if (count < 0 || (count > 0 && !objects)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Indicate",
                           count < 0 ? "lObjectCount" : "apObjArray", "there are no objects");
    }
    if (count == 0) {
        return WBEM_S_NO_ERROR;
    }
    ndr_write_u32(&in, (uint32_t)count);
    wire_write_objects(&in, objects, (uint32_t)count, (uint32_t)count, false);
    return call(sink_of(iface), OPNUM_INDICATE, &in, "Indicate");
}

static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemObjectSink *iface, LONG flags, HRESULT result,
                                                 BSTR text, IWbemClassObject *object)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    ndr_write_u32(&in, (uint32_t)flags);
    ndr_write_u32(&in, (uint32_t)result);
    wire_write_bstr(&in, text);
    wire_write_object(&in, object);
    return call(sink_of(iface), OPNUM_SET_STATUS, &in, "SetStatus");
}

HRESULT remote_sink_create(struct remote_host *h, struct dcom_object *object, IWbemObjectSink **ret)
{
    static const IWbemObjectSinkVtbl vtbl = {
        .QueryInterface = sink_query_interface,
        .AddRef = sink_add_ref,
        .Release = sink_release,
        .Indicate = sink_indicate,
        .SetStatus = sink_set_status,
    };
    struct remote_sink *s = calloc(1, sizeof(*s));
    if (!s) {
        dcom_object_unref(object);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->iface.lpVtbl = (IWbemObjectSinkVtbl *)&vtbl;
    com_ref_init(&s->refs);
    s->host = remote_host_ref(h);
    s->object = object;
    *ret = &s->iface;
    return S_OK;
}
