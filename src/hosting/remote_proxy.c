/*
 * What stands in this process for the object of a provider in another one: its
 * interfaces make calls of remote.h of what they are asked. Each method returns
 * when the call has ended, which the thread of an operation may wait for.
 */
#include <stdlib.h>

#include "hosting/remote.h"
#include "providers/async_services.h"

struct proxy {
    IWbemServices services; /* the first, and the object's identity */
    IWbemEventProvider events;
    IWbemEventProviderQuerySink query_sink;
    IWbemEventProviderSecurity security;
    IWbemPropertyProvider properties;
    IWbemEventConsumerProvider consumers;
    IWbemUnboundObjectSink unbound;
    struct com_refs refs;
    struct remote *remote;
    unsigned interfaces;
    uint32_t target; /* 0: the provider, which closes the connection when it goes */
};

static HRESULT proxy_create(struct remote *r, unsigned interfaces, uint32_t target,
                            struct proxy **ret);

/* ---- IUnknown ----------------------------------------------------------------------------- */

static HRESULT proxy_query_interface(struct proxy *p, REFIID riid, void **ret)
{
    const struct {
        const IID *iid;
        unsigned has;
        void *face;
    } faces[] = {
        {&IID_IUnknown, ~0u, &p->services},
        {&IID_IWbemServices, REMOTE_SERVICES, &p->services},
        {&IID_IWbemEventProvider, REMOTE_EVENTS, &p->events},
        {&IID_IWbemEventProviderQuerySink, REMOTE_QUERY_SINK, &p->query_sink},
        {&IID_IWbemEventProviderSecurity, REMOTE_SECURITY, &p->security},
        {&IID_IWbemPropertyProvider, REMOTE_PROPERTIES, &p->properties},
        {&IID_IWbemEventConsumerProvider, REMOTE_CONSUMERS, &p->consumers},
        {&IID_IWbemUnboundObjectSink, REMOTE_UNBOUND_SINK, &p->unbound},
    };
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    for (size_t i = 0; i < ARRAYSIZE(faces); i++) {
        if ((p->interfaces & faces[i].has) && IsEqualIID(riid, faces[i].iid)) {
            (void)com_ref_inc(&p->refs);
            *ret = faces[i].face;
            return S_OK;
        }
    }
    return E_NOINTERFACE;
}

static ULONG proxy_release(struct proxy *p)
{
    ULONG left = com_ref_dec(&p->refs);
    if (left == 0) {
        if (p->target == 0) {
            remote_close(p->remote);
        } else {
            remote_forget(p->remote, p->target);
        }
        remote_unref(p->remote);
        free(p);
    }
    return left;
}

#define PROXY_UNKNOWN(prefix, type, member)                                                        \
    static struct proxy *prefix##_of(type *iface)                                                  \
    {                                                                                              \
        return COM_CONTAINER(iface, struct proxy, member);                                         \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE prefix##_query_interface(type *iface, REFIID riid,            \
                                                              void **ret)                          \
    {                                                                                              \
        return proxy_query_interface(prefix##_of(iface), riid, ret);                               \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE prefix##_addref(type *iface)                                    \
    {                                                                                              \
        return com_ref_inc(&prefix##_of(iface)->refs);                                             \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE prefix##_release(type *iface)                                   \
    {                                                                                              \
        return proxy_release(prefix##_of(iface));                                                  \
    }

PROXY_UNKNOWN(services, IWbemServices, services)
PROXY_UNKNOWN(events, IWbemEventProvider, events)
PROXY_UNKNOWN(query_sink, IWbemEventProviderQuerySink, query_sink)
PROXY_UNKNOWN(security, IWbemEventProviderSecurity, security)
PROXY_UNKNOWN(properties, IWbemPropertyProvider, properties)
PROXY_UNKNOWN(consumers, IWbemEventConsumerProvider, consumers)
PROXY_UNKNOWN(unbound, IWbemUnboundObjectSink, unbound)

/* ---- IWbemServices -------------------------------------------------------------------------- */

static HRESULT ask(IWbemServices *iface, enum wire_method method, const wchar_t *text,
                   const wchar_t *second, LONG flags, IWbemContext *context, IWbemClassObject *in,
                   IWbemObjectSink *sink)
{
    struct proxy *p = services_of(iface);
    struct com_caller caller;
    HRESULT hr = sink ? com_caller_capture(&caller) : WBEM_E_INVALID_PARAMETER;
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_bstr) BSTR client = caller.name ? SysAllocString(caller.name) : NULL;
    struct wire_message m = {.target = p->target,
                             .method = method,
                             .flags = flags,
                             .number = caller.authn_level,
                             .text = {(BSTR)text, (BSTR)second, [WIRE_CLIENT] = client},
                             .context = context,
                             .objects = in ? &in : NULL,
                             .object_count = in ? 1 : 0};
    hr = caller.name && !client ? WBEM_E_OUT_OF_MEMORY : remote_call(p->remote, &m, sink, 0, NULL);
    com_caller_done(&caller);
    return hr;
}

static HRESULT STDMETHODCALLTYPE services_cancel(IWbemServices *iface, IWbemObjectSink *sink)
{
    return remote_cancel(services_of(iface)->remote, sink);
}

static HRESULT STDMETHODCALLTYPE services_get_object(IWbemServices *iface, const BSTR path,
                                                     LONG flags, IWbemContext *context,
                                                     IWbemObjectSink *sink)
{
    return ask(iface, METHOD_GET_OBJECT, path, NULL, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_put_class(IWbemServices *iface, IWbemClassObject *object,
                                                    LONG flags, IWbemContext *context,
                                                    IWbemObjectSink *sink)
{
    return ask(iface, METHOD_PUT_CLASS, NULL, NULL, flags, context, object, sink);
}

static HRESULT STDMETHODCALLTYPE services_delete_class(IWbemServices *iface, const BSTR name,
                                                       LONG flags, IWbemContext *context,
                                                       IWbemObjectSink *sink)
{
    return ask(iface, METHOD_DELETE_CLASS, name, NULL, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_class_enum(IWbemServices *iface, const BSTR name,
                                                     LONG flags, IWbemContext *context,
                                                     IWbemObjectSink *sink)
{
    return ask(iface, METHOD_CLASS_ENUM, name, NULL, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_put_instance(IWbemServices *iface,
                                                       IWbemClassObject *object, LONG flags,
                                                       IWbemContext *context, IWbemObjectSink *sink)
{
    return ask(iface, METHOD_PUT_INSTANCE, NULL, NULL, flags, context, object, sink);
}

static HRESULT STDMETHODCALLTYPE services_delete_instance(IWbemServices *iface, const BSTR path,
                                                          LONG flags, IWbemContext *context,
                                                          IWbemObjectSink *sink)
{
    return ask(iface, METHOD_DELETE_INSTANCE, path, NULL, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_instance_enum(IWbemServices *iface, const BSTR name,
                                                        LONG flags, IWbemContext *context,
                                                        IWbemObjectSink *sink)
{
    return ask(iface, METHOD_INSTANCE_ENUM, name, NULL, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_query(IWbemServices *iface, const BSTR language,
                                                const BSTR query, LONG flags, IWbemContext *context,
                                                IWbemObjectSink *sink)
{
    return ask(iface, METHOD_QUERY, query, language, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_notification(IWbemServices *iface, const BSTR language,
                                                       const BSTR query, LONG flags,
                                                       IWbemContext *context, IWbemObjectSink *sink)
{
    return ask(iface, METHOD_NOTIFICATION_QUERY, query, language, flags, context, NULL, sink);
}

static HRESULT STDMETHODCALLTYPE services_method(IWbemServices *iface, const BSTR path,
                                                 const BSTR method, LONG flags,
                                                 IWbemContext *context, IWbemClassObject *in,
                                                 IWbemObjectSink *sink)
{
    return ask(iface, METHOD_EXECUTE, path, method, flags, context, in, sink);
}

static const IWbemServicesVtbl services_vtbl = {
    .QueryInterface = services_query_interface,
    .AddRef = services_addref,
    .Release = services_release,
    ASYNC_SERVICES_REST,
    .CancelAsyncCall = services_cancel,
    .GetObjectAsync = services_get_object,
    .PutClassAsync = services_put_class,
    .DeleteClassAsync = services_delete_class,
    .CreateClassEnumAsync = services_class_enum,
    .PutInstanceAsync = services_put_instance,
    .DeleteInstanceAsync = services_delete_instance,
    .CreateInstanceEnumAsync = services_instance_enum,
    .ExecQueryAsync = services_query,
    .ExecNotificationQueryAsync = services_notification,
    .ExecMethodAsync = services_method,
};

/* ---- events ------------------------------------------------------------------------------------
 */

/* Events come until the provider goes; the call that they come by has a thread of its own. */
struct event_call {
    struct pool_job job;
    struct com_refs refs;
    struct remote *remote;
    IWbemObjectSink *sink;
    uint32_t target;
    LONG flags;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool began, ended; /* under lock, as the next two */
    HRESULT status;
    IErrorInfo *error;
};

static void event_call_unref(struct event_call *c)
{
    if (com_ref_dec(&c->refs) > 0) {
        return;
    }
    com_release(c->error);
    com_release(c->sink);
    remote_unref(c->remote);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static void events_began(void *closure)
{
    struct event_call *c = closure;
    pthread_mutex_lock(&c->lock);
    c->began = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

/* How events end that have begun is for the sink; else it is what ProvideEvents returns. */
static void events_ended(struct event_call *c, HRESULT hr)
{
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *status = NULL;
    if (GetErrorInfo(0, &info) != S_OK) {
        info = NULL;
    }
    pthread_mutex_lock(&c->lock);
    bool began = c->began;
    c->ended = true;
    c->status = hr;
    if (!began) {
        c->error = TAKE(info);
    }
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    if (began && FAILED(hr) && !remote_closing(c->remote)) {
        if (info) {
            (void)IErrorInfo_QueryInterface(info, &IID_IWbemClassObject, (void **)&status);
        }
        (void)IWbemObjectSink_SetStatus(c->sink, WBEM_STATUS_COMPLETE, hr, NULL, status);
    }
}

static void run_events(struct pool_job *job)
{
    struct event_call *c = COM_CONTAINER(job, struct event_call, job);
    struct wire_message m = {
        .target = c->target, .method = METHOD_PROVIDE_EVENTS, .flags = c->flags};
    HRESULT apartment = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    (void)SetErrorInfo(0, NULL);
    events_ended(c, remote_call_events(c->remote, &m, c->sink, events_began, c));
    event_call_unref(c);
    if (SUCCEEDED(apartment)) {
        CoUninitialize();
    }
}

static HRESULT wait_for_events(struct event_call *c)
{
    pthread_mutex_lock(&c->lock);
    while (!c->began && !c->ended) {
        pthread_cond_wait(&c->changed, &c->lock);
    }
    HRESULT hr = c->began ? WBEM_S_NO_ERROR : c->status;
    pthread_mutex_unlock(&c->lock);
    if (FAILED(hr)) {
        (void)SetErrorInfo(0, c->error);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE events_provide(IWbemEventProvider *iface, IWbemObjectSink *sink,
                                                LONG flags)
{
    struct proxy *p = events_of(iface);
    struct event_call *c = sink ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        return sink ? WBEM_E_OUT_OF_MEMORY : WBEM_E_INVALID_PARAMETER;
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    com_ref_init(&c->refs);
    (void)com_ref_inc(&c->refs); /* the job's */
    c->job.run = run_events;
    c->remote = remote_ref(p->remote);
    c->sink = sink;
    com_addref(sink);
    c->target = p->target;
    c->flags = flags;
    HRESULT hr = pool_submit(&c->job);
    if (SUCCEEDED(hr)) {
        hr = wait_for_events(c);
    } else {
        event_call_unref(c); /* the job's */
    }
    event_call_unref(c);
    return hr;
}

static const IWbemEventProviderVtbl events_vtbl = {events_query_interface, events_addref,
                                                   events_release, events_provide};

/* Short questions, whose answer is a status. */
static HRESULT question(struct proxy *p, struct wire_message *m)
{
    struct remote_answer answer;
    m->target = p->target;
    HRESULT hr = remote_call(p->remote, m, NULL, REMOTE_SEND_SECONDS * 1000, &answer);
    (void)VariantClear(&answer.value);
    return hr;
}

static HRESULT STDMETHODCALLTYPE query_sink_new(IWbemEventProviderQuerySink *iface, ULONG id,
                                                WBEM_WSTR language, WBEM_WSTR query)
{
    CLEANUP(com_cleanup_bstr) BSTR first = SysAllocString(query);
    CLEANUP(com_cleanup_bstr) BSTR second = SysAllocString(language);
    struct wire_message m = {
        .method = METHOD_NEW_QUERY, .number = (uint32_t)id, .text = {first, second}};
    return question(query_sink_of(iface), &m);
}

static HRESULT STDMETHODCALLTYPE query_sink_cancel(IWbemEventProviderQuerySink *iface, ULONG id)
{
    struct wire_message m = {.method = METHOD_CANCEL_QUERY, .number = (uint32_t)id};
    return question(query_sink_of(iface), &m);
}

static const IWbemEventProviderQuerySinkVtbl query_sink_vtbl = {
    query_sink_query_interface, query_sink_addref, query_sink_release, query_sink_new,
    query_sink_cancel};

/* The user is the one whose processes both are, whom the provider impersonates; no SID goes over.
 */
static HRESULT STDMETHODCALLTYPE security_check(IWbemEventProviderSecurity *iface,
                                                WBEM_CWSTR language, WBEM_CWSTR query, LONG length,
                                                const BYTE *sid)
{
    CLEANUP(com_cleanup_bstr) BSTR first = SysAllocString(query);
    CLEANUP(com_cleanup_bstr) BSTR second = SysAllocString(language);
    struct wire_message m = {.method = METHOD_ACCESS_CHECK, .text = {first, second}};
    return question(security_of(iface), &m);
}

static const IWbemEventProviderSecurityVtbl security_vtbl = {
    security_query_interface, security_addref, security_release, security_check};

/* ---- properties --------------------------------------------------------------------------------
 */

static HRESULT STDMETHODCALLTYPE properties_get(IWbemPropertyProvider *iface, LONG flags,
                                                const BSTR locale, const BSTR cls,
                                                const BSTR instance, const BSTR property,
                                                VARIANT *ret)
{
    struct proxy *p = properties_of(iface);
    struct remote_answer answer;
    struct wire_message m = {.target = p->target,
                             .method = METHOD_GET_PROPERTY,
                             .flags = flags,
                             .text = {locale, cls, instance, property}};
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = remote_call(p->remote, &m, NULL, 0, &answer);
    *ret = answer.value; /* moved */
    return hr;
}

static HRESULT STDMETHODCALLTYPE properties_put(IWbemPropertyProvider *iface, LONG flags,
                                                const BSTR locale, const BSTR cls,
                                                const BSTR instance, const BSTR property,
                                                const VARIANT *value)
{
    struct wire_message m = {
        .method = METHOD_PUT_PROPERTY, .flags = flags, .text = {locale, cls, instance, property}};
    if (!value) {
        return WBEM_E_INVALID_PARAMETER;
    }
    m.value = *value; /* borrowed */
    return question(properties_of(iface), &m);
}

static const IWbemPropertyProviderVtbl properties_vtbl = {properties_query_interface,
                                                          properties_addref, properties_release,
                                                          properties_get, properties_put};

/* ---- consumers of events -------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE consumers_find(IWbemEventConsumerProvider *iface,
                                                IWbemClassObject *consumer,
                                                IWbemUnboundObjectSink **ret)
{
    struct proxy *p = consumers_of(iface);
    struct remote_answer answer;
    struct proxy *found;
    struct wire_message m = {.target = p->target,
                             .method = METHOD_FIND_CONSUMER,
                             .objects = &consumer,
                             .object_count = 1};
    if (!ret || !consumer) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    HRESULT hr = remote_call(p->remote, &m, NULL, 0, &answer);
    (void)VariantClear(&answer.value);
    if (FAILED(hr) || answer.number == 0) {
        return FAILED(hr) ? hr : WBEM_E_PROVIDER_FAILURE;
    }
    hr = proxy_create(p->remote, REMOTE_UNBOUND_SINK, answer.number, &found);
    if (SUCCEEDED(hr)) {
        *ret = &found->unbound;
    }
    return hr;
}

static const IWbemEventConsumerProviderVtbl consumers_vtbl = {
    consumers_query_interface, consumers_addref, consumers_release, consumers_find};

static HRESULT STDMETHODCALLTYPE unbound_indicate(IWbemUnboundObjectSink *iface,
                                                  IWbemClassObject *consumer, LONG count,
                                                  IWbemClassObject **objects)
{
    struct proxy *p = unbound_of(iface);
    if (!consumer || count < 0 || count >= WIRE_OBJECTS_MAX || (count > 0 && !objects)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    IWbemClassObject **all = calloc((size_t)count + 1, sizeof(IWbemClassObject *));
    if (!all) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    all[0] = consumer;
    for (LONG i = 0; i < count; i++) {
        all[i + 1] = objects[i];
    }
    struct wire_message m = {.target = p->target,
                             .method = METHOD_INDICATE_TO_CONSUMER,
                             .objects = all,
                             .object_count = (uint32_t)count + 1};
    HRESULT hr = remote_call(p->remote, &m, NULL, 0, NULL);
    free(all);
    return hr;
}

static const IWbemUnboundObjectSinkVtbl unbound_vtbl = {unbound_query_interface, unbound_addref,
                                                        unbound_release, unbound_indicate};

/* ---- making ------------------------------------------------------------------------------------
 */

static HRESULT proxy_create(struct remote *r, unsigned interfaces, uint32_t target,
                            struct proxy **ret)
{
    struct proxy *p = calloc(1, sizeof *p);
    if (!p) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    p->services.lpVtbl = &services_vtbl;
    p->events.lpVtbl = &events_vtbl;
    p->query_sink.lpVtbl = &query_sink_vtbl;
    p->security.lpVtbl = &security_vtbl;
    p->properties.lpVtbl = &properties_vtbl;
    p->consumers.lpVtbl = &consumers_vtbl;
    p->unbound.lpVtbl = &unbound_vtbl;
    com_ref_init(&p->refs);
    p->remote = remote_ref(r);
    p->interfaces = interfaces;
    p->target = target;
    *ret = p;
    return WBEM_S_NO_ERROR;
}

HRESULT remote_proxy_create(struct remote *r, unsigned interfaces, IUnknown **ret)
{
    struct proxy *p;
    HRESULT hr = proxy_create(r, interfaces, 0, &p);
    if (SUCCEEDED(hr)) {
        *ret = (IUnknown *)&p->services;
    }
    return hr;
}
