/*
 * The asynchronous methods of IWbemServices for clients ([MS-WMI] 3.1.4.3): the
 * local call delivers to the client's sink. What is wrong with the call itself
 * it is told at once, and the sink then hears nothing.
 */
#include "server/server_private.h"

typedef HRESULT STDMETHODCALLTYPE name_async_fn(IWbemServices *s, const BSTR name, LONG flags,
                                                IWbemContext *context, IWbemObjectSink *sink);
typedef HRESULT STDMETHODCALLTYPE put_async_fn(IWbemServices *s, IWbemClassObject *object,
                                               LONG flags, IWbemContext *context,
                                               IWbemObjectSink *sink);
typedef HRESULT STDMETHODCALLTYPE query_async_fn(IWbemServices *s, const BSTR language,
                                                 const BSTR query, LONG flags,
                                                 IWbemContext *context, IWbemObjectSink *sink);

static IWbemServices *services_of(struct request *q)
{
    return (IWbemServices *)(void *)q->call->object;
}

static const IWbemServicesVtbl *methods_of(struct request *q)
{
    return services_of(q)->lpVtbl;
}

/* Flags, context and sink, with which all of them end. */
struct tail {
    LONG flags;
    IWbemContext *context;
    IWbemObjectSink *sink;
    HRESULT hr; /* of the sink */
};

static void tail_done(struct tail *t)
{
    com_release(t->context);
    com_release(t->sink);
}

static void read_context(struct request *q, struct tail *t)
{
    t->flags = (LONG)ndr_read_u32(q->in);
    t->context = wire_read_context(q->in);
}

/* False: the call ends with t->hr. */
static bool read_tail_sink(struct request *q, struct tail *t)
{
    t->sink = read_sink(q, &t->hr);
    if (FAILED(q->in->status)) {
        t->hr = q->in->status;
    } else if (t->sink) {
        t->hr = sink_serves(t->sink, q->call->object);
    }
    return SUCCEEDED(t->hr);
}

static HRESULT by_name(struct request *q, name_async_fn *method)
{
    CLEANUP(tail_done) struct tail t = {0};
    CLEANUP(com_cleanup_bstr) BSTR name = wire_read_bstr(q->in);
    read_context(q, &t);
    return read_tail_sink(q, &t) ? method(services_of(q), name, t.flags, t.context, t.sink) : t.hr;
}

static HRESULT put(struct request *q, put_async_fn *method)
{
    CLEANUP(tail_done) struct tail t = {0};
    CLEANUP(com_cleanup_release) IWbemClassObject *object = wire_read_object(q->in);
    read_context(q, &t);
    return read_tail_sink(q, &t) ? method(services_of(q), object, t.flags, t.context, t.sink)
                                 : t.hr;
}

static HRESULT by_query(struct request *q, query_async_fn *method)
{
    CLEANUP(tail_done) struct tail t = {0};
    CLEANUP(com_cleanup_bstr) BSTR language = wire_read_bstr(q->in);
    CLEANUP(com_cleanup_bstr) BSTR query = wire_read_bstr(q->in);
    read_context(q, &t);
    return read_tail_sink(q, &t)
               ? method(services_of(q), language, query, t.flags, t.context, t.sink)
               : t.hr;
}

HRESULT get_object_async(struct request *q)
{
    return by_name(q, methods_of(q)->GetObjectAsync);
}

HRESULT put_class_async(struct request *q)
{
    return put(q, methods_of(q)->PutClassAsync);
}

HRESULT delete_class_async(struct request *q)
{
    return by_name(q, methods_of(q)->DeleteClassAsync);
}

HRESULT create_class_enum_async(struct request *q)
{
    return by_name(q, methods_of(q)->CreateClassEnumAsync);
}

HRESULT put_instance_async(struct request *q)
{
    return put(q, methods_of(q)->PutInstanceAsync);
}

HRESULT delete_instance_async(struct request *q)
{
    return by_name(q, methods_of(q)->DeleteInstanceAsync);
}

HRESULT create_instance_enum_async(struct request *q)
{
    return by_name(q, methods_of(q)->CreateInstanceEnumAsync);
}

HRESULT exec_query_async(struct request *q)
{
    return by_query(q, methods_of(q)->ExecQueryAsync);
}

HRESULT exec_notification_query_async(struct request *q)
{
    return by_query(q, methods_of(q)->ExecNotificationQueryAsync);
}

HRESULT exec_method_async(struct request *q)
{
    CLEANUP(tail_done) struct tail t = {0};
    CLEANUP(com_cleanup_bstr) BSTR path = wire_read_bstr(q->in);
    CLEANUP(com_cleanup_bstr) BSTR method = wire_read_bstr(q->in);
    read_context(q, &t);
    CLEANUP(com_cleanup_release) IWbemClassObject *in = wire_read_object(q->in);
    return read_tail_sink(q, &t) ? IWbemServices_ExecMethodAsync(services_of(q), path, method,
                                                                 t.flags, t.context, in, t.sink)
                                 : t.hr;
}

/* 3.1.4.3.2 */
HRESULT cancel_async_call(struct request *q)
{
    HRESULT hr;
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = read_sink(q, &hr);
    return FAILED(q->in->status) || FAILED(hr)
               ? hr
               : IWbemServices_CancelAsyncCall(services_of(q), sink);
}

/* ---- the server's own sink ------------------------------------------------------------ */

/* 3.1.4.3.3 */
HRESULT query_object_sink(struct request *q)
{
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = NULL;
    LONG flags = (LONG)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemServices_QueryObjectSink(services_of(q), flags, &sink);
    return write_interface(q, hr, sink, &IID_IWbemObjectSink);
}

static IWbemObjectSink *own_sink_of(struct request *q)
{
    return (IWbemObjectSink *)(void *)q->call->object;
}

/* 3.1.4.2.1: events that the client brings. */
static HRESULT own_indicate(struct request *q)
{
    uint32_t said = ndr_read_u32(q->in), count;
    IWbemClassObject **objects = wire_read_objects(q->in, false, &count);
    if (SUCCEEDED(q->in->status) && said != count) {
        ndr_read_fail(q->in, NDR_E_BAD_DATA);
    }
    HRESULT hr = FAILED(q->in->status)
                     ? q->in->status
                     : IWbemObjectSink_Indicate(own_sink_of(q), (LONG)count, objects);
    for (uint32_t i = 0; i < count; i++) {
        com_release(objects[i]);
    }
    free(objects);
    return hr;
}

/* 3.1.4.2.2 */
static HRESULT own_set_status(struct request *q)
{
    LONG flags = (LONG)ndr_read_u32(q->in);
    HRESULT result = (HRESULT)ndr_read_u32(q->in);
    CLEANUP(com_cleanup_bstr) BSTR text = wire_read_bstr(q->in);
    CLEANUP(com_cleanup_release) IWbemClassObject *object = wire_read_object(q->in);
    return FAILED(q->in->status)
               ? q->in->status
               : IWbemObjectSink_SetStatus(own_sink_of(q), flags, result, text, object);
}

static void object_sink_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {own_indicate, own_set_status};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub object_sink_stub = {&IID_IWbemObjectSink, 5, object_sink_dispatch};
