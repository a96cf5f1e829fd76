/*
 * A provider for another process, from its inside: takes messages from a socket,
 * makes the provider's calls of them and sends back what they give. Instances,
 * methods and events go through operation.h, so a provider is checked here as
 * in process, and who asks gets only what is well made.
 *
 * One thread reads; each call has a thread of the pool. `host.lock` guards the
 * list of calls and targets; no code of a provider runs under it.
 */
#include "hosting/host.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "hosting/event_sink.h"
#include "hosting/remote.h"

enum {
    TARGETS_MAX = 65536
};

struct host_call {
    struct pool_job job;
    struct host *host;
    struct host_call *next;
    struct wire_message m;       /* the call */
    struct operation *operation; /* under host.lock, as all that follows; borrowed */
    unsigned window;             /* frames that may be sent */
    bool cancelled;
};

struct host {
    struct com_refs refs; /* who serves, and each sink of events that a provider may keep */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool own_process; /* its program is wbem-provider-host, whose repository is yet to be chosen */
    struct channel channel;
    struct host_call *calls; /* under lock, as all that follows */
    IUnknown **targets;      /* consumers' sinks; target t is at t - 1; NULL: free */
    uint32_t target_count;
    struct repository_namespace *name_space; /* set by the first load, then constant */
    struct registration *registration;
    struct hosted *hosted;
    bool loaded, loading;
};

static void host_unref(struct host *h)
{
    if (com_ref_dec(&h->refs) == 0) {
        channel_done(&h->channel);
        pthread_cond_destroy(&h->changed);
        pthread_mutex_destroy(&h->lock);
        free(h);
    }
}

static bool here;

bool host_is_here(void)
{
    return here;
}

/* ---- ends ----------------------------------------------------------------------------------- */

/* Sends the end with what `m` has besides; a failure takes this thread's error object along. */
static void send_end(const struct host_call *c, HRESULT hr, const struct wire_message *m)
{
    struct host *h = c->host;
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *status = NULL;
    struct wire_message end = *m;
    end.type = WIRE_END;
    end.call = c->m.call;
    end.status = hr;
    if (FAILED(hr) && GetErrorInfo(0, &info) == S_OK && info &&
        SUCCEEDED(IErrorInfo_QueryInterface(info, &IID_IWbemClassObject, (void **)&status))) {
        end.objects = &status;
        end.object_count = 1;
    }
    if (FAILED(channel_send(&h->channel, &end))) {
        const struct wire_message plain = {
            .type = WIRE_END, .call = c->m.call, .status = FAILED(hr) ? hr : WBEM_E_FAILED};
        (void)channel_send(&h->channel, &plain);
    }
}

static void end_plainly(const struct host_call *c, HRESULT hr)
{
    struct wire_message m = {0};
    send_end(c, hr, &m);
}

/* ---- loading --------------------------------------------------------------------------------- */

static unsigned interfaces_of(IUnknown *object)
{
    static const struct {
        const IID *iid;
        unsigned has;
    } faces[] = {
        {&IID_IWbemServices, REMOTE_SERVICES},
        {&IID_IWbemEventProvider, REMOTE_EVENTS},
        {&IID_IWbemEventProviderQuerySink, REMOTE_QUERY_SINK},
        {&IID_IWbemEventProviderSecurity, REMOTE_SECURITY},
        {&IID_IWbemPropertyProvider, REMOTE_PROPERTIES},
        {&IID_IWbemEventConsumerProvider, REMOTE_CONSUMERS},
        {&IID_IWbemUnboundObjectSink, REMOTE_UNBOUND_SINK},
        {&IID_IWbemHiPerfProvider, REMOTE_SERVICES}, /* operations ask it all the same */
    };
    unsigned has = 0;
    for (size_t i = 0; i < ARRAYSIZE(faces); i++) {
        CLEANUP(com_cleanup_release) IUnknown *face = NULL;
        if (SUCCEEDED(IUnknown_QueryInterface(object, faces[i].iid, (void **)&face))) {
            has |= faces[i].has;
        }
    }
    return has;
}

/* Text fields: the repository's place, the namespace, the provider's name. */
static HRESULT load_registered(struct host *h, const struct wire_message *m)
{
    struct repository *r;
    CLEANUP(com_cleanup_free) char *place = com_utf8_from_wide(m->text[0]);
    if (!place) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = h->own_process ? repository_set_default_place(place) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr)) {
        hr = repository_default(&r);
    }
    if (SUCCEEDED(hr) && strcmp(repository_place(r), place) != 0) {
        return error_raise(WBEM_E_PROVIDER_LOAD_FAILURE, "Load", place,
                           "the provider's program works with another repository, %s",
                           repository_place(r));
    }
    if (SUCCEEDED(hr)) {
        hr = repository_open(r, m->text[1], &h->name_space);
    }
    if (SUCCEEDED(hr)) {
        hr = registration_find(h->name_space, m->text[2], "Load", &h->registration);
    }
    if (SUCCEEDED(hr) && !h->own_process) { /* a program offers only what it has registered */
        CLEANUP(com_cleanup_release) IUnknown *object = decoupled_find(m->text[1], m->text[2]);
        if (!object || h->registration->model != HOSTING_DECOUPLED) {
            return WBEM_E_PROVIDER_LOAD_FAILURE;
        }
    }
    return SUCCEEDED(hr) ? hosted_acquire(h->name_space, h->registration, &h->hosted) : hr;
}

static void load(struct host_call *c)
{
    struct host *h = c->host;
    const struct wire_message *m = &c->m;
    pthread_mutex_lock(&h->lock);
    bool again = h->loading;
    h->loading = true;
    pthread_mutex_unlock(&h->lock);
    if (again || m->number != WIRE_VERSION || !m->text[0] || !m->text[1] || !m->text[2]) {
        end_plainly(c, WBEM_E_INVALID_OPERATION);
        return;
    }
    HRESULT hr = load_registered(h, m);
    struct wire_message end = {0};
    if (SUCCEEDED(hr)) {
        end.number = interfaces_of(hosted_object(h->hosted));
        pthread_mutex_lock(&h->lock);
        h->loaded = true;
        pthread_mutex_unlock(&h->lock);
    }
    send_end(c, hr, &end);
}

/* ---- calls that give objects -------------------------------------------------------------------
 */

static bool stream_kind(enum wire_method method, enum provider_call_kind *ret,
                        const char **ret_name)
{
    static const struct {
        enum wire_method method;
        enum provider_call_kind kind;
        const char *name;
    } kinds[] = {
        {METHOD_GET_OBJECT, CALL_GET, "GetObject"},
        {METHOD_PUT_CLASS, CALL_PUT_CLASS, "PutClass"},
        {METHOD_DELETE_CLASS, CALL_DELETE_CLASS, "DeleteClass"},
        {METHOD_CLASS_ENUM, CALL_CLASS_ENUM, "CreateClassEnum"},
        {METHOD_PUT_INSTANCE, CALL_PUT, "PutInstance"},
        {METHOD_DELETE_INSTANCE, CALL_DELETE, "DeleteInstance"},
        {METHOD_INSTANCE_ENUM, CALL_ENUMERATE, "CreateInstanceEnum"},
        {METHOD_QUERY, CALL_QUERY, "ExecQuery"},
        {METHOD_NOTIFICATION_QUERY, CALL_NOTIFICATION_QUERY, "ExecNotificationQuery"},
        {METHOD_EXECUTE, CALL_METHOD, "ExecMethod"},
    };
    for (size_t i = 0; i < ARRAYSIZE(kinds); i++) {
        if (kinds[i].method == method) {
            *ret = kinds[i].kind;
            *ret_name = kinds[i].name;
            return true;
        }
    }
    return false;
}

/* Waits until a frame may be sent; false: nobody wants it any more. */
static bool take_window(struct host_call *c)
{
    struct host *h = c->host;
    pthread_mutex_lock(&h->lock);
    while (c->window == 0 && !c->cancelled) {
        pthread_cond_wait(&h->changed, &h->lock);
    }
    bool wanted = !c->cancelled;
    c->window -= wanted;
    pthread_mutex_unlock(&h->lock);
    return wanted;
}

/* The objects that are there, as one frame. Takes them. */
static HRESULT send_objects(struct host_call *c, IWbemClassObject **objects, uint32_t count)
{
    struct host *h = c->host;
    const struct wire_message m = {
        .type = WIRE_OBJECTS, .call = c->m.call, .objects = objects, .object_count = count};
    HRESULT hr = WBEM_S_NO_ERROR;
    if (count > 0) {
        hr = take_window(c) ? channel_send(&h->channel, &m) : WBEM_E_CALL_CANCELLED;
    }
    for (uint32_t i = 0; i < count; i++) {
        com_release(objects[i]);
    }
    return hr;
}

static HRESULT pump(struct host_call *c, struct operation *o)
{
    IWbemClassObject *objects[REMOTE_BATCH];
    for (;;) {
        uint32_t count = 0;
        HRESULT hr = WBEM_S_NO_ERROR;
        do {
            hr = operation_next(o, &objects[count]);
            count += hr == WBEM_S_NO_ERROR;
        } while (hr == WBEM_S_NO_ERROR && count < REMOTE_BATCH && operation_ready(o));
        HRESULT sent = send_objects(c, objects, count);
        if (FAILED(sent)) {
            return sent;
        }
        if (hr != WBEM_S_NO_ERROR) {
            return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
        }
    }
}

static void stream(struct host_call *c, enum provider_call_kind kind, const char *name)
{
    struct host *h = c->host;
    struct wire_message *m = &c->m;
    struct provider_call call = {.kind = kind,
                                 .text = TAKE(m->text[0]),
                                 .method = TAKE(m->text[1]),
                                 .flags = m->flags,
                                 .context = TAKE(m->context)};
    const struct operation_target target = {h->name_space, h->registration,
                                            hosted_object(h->hosted)};
    struct operation *o = NULL;
    struct wire_message end = {0};
    if (m->object_count > 0) {
        call.in = TAKE(m->objects[0]);
    }
    const struct com_caller caller = {m->text[WIRE_CLIENT], RPC_C_AUTHN_DEFAULT, m->number};
    struct com_call_context context;
    com_call_context_for(&caller, &context);
    com_call_context_push(&context);
    HRESULT hr = operation_create(&target, &call, name, &o);
    com_call_context_pop(&context);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&h->lock);
        c->operation = o;
        bool wanted = !c->cancelled;
        pthread_mutex_unlock(&h->lock);
        hr = wanted ? operation_start(o) : WBEM_E_CALL_CANCELLED;
    }
    if (SUCCEEDED(hr)) {
        hr = pump(c, o);
    }
    CLEANUP(com_cleanup_bstr)
    BSTR text = SUCCEEDED(hr) && operation_text(o) ? SysAllocString(operation_text(o)) : NULL;
    end.text[0] = text;
    send_end(c, hr, &end);
    pthread_mutex_lock(&h->lock);
    c->operation = NULL;
    pthread_mutex_unlock(&h->lock);
    operation_unref(o);
}

/* ---- events -----------------------------------------------------------------------------------
 */

/* What the provider keeps of a ProvideEvents call; `call` is NULL once that has ended. */
struct events {
    struct com_refs refs;
    struct host *host;      /* a reference */
    struct host_call *call; /* under host.lock, as the next three */
    unsigned sending;
    bool failed;
    HRESULT status;
    IErrorInfo *error;
};

static void events_unref(void *closure)
{
    struct events *e = closure;
    if (com_ref_dec(&e->refs) == 0) {
        com_release(e->error);
        host_unref(e->host);
        free(e);
    }
}

/* Waits for room, so that the provider is not ahead of who reads by more than the window. */
static HRESULT events_indicate(void *closure, uint32_t count, IWbemClassObject **objects)
{
    struct events *e = closure;
    struct host *h = e->host;
    pthread_mutex_lock(&h->lock);
    struct host_call *c = e->call;
    e->sending += c != NULL;
    pthread_mutex_unlock(&h->lock);
    HRESULT hr = c ? WBEM_S_NO_ERROR : WBEM_E_CALL_CANCELLED;
    for (uint32_t at = 0; at < count && SUCCEEDED(hr); at += REMOTE_BATCH) {
        const struct wire_message m = {.type = WIRE_OBJECTS,
                                       .call = c->m.call,
                                       .objects = objects + at,
                                       .object_count =
                                           count - at < REMOTE_BATCH ? count - at : REMOTE_BATCH};
        hr = take_window(c) ? channel_send(&h->channel, &m) : WBEM_E_CALL_CANCELLED;
    }
    if (c) {
        pthread_mutex_lock(&h->lock);
        e->sending--;
        pthread_cond_broadcast(&h->changed);
        pthread_mutex_unlock(&h->lock);
    }
    return hr;
}

static void events_failed(void *closure, HRESULT hr, IWbemClassObject *detail)
{
    struct events *e = closure;
    struct host *h = e->host;
    IErrorInfo *error = NULL;
    if (detail && FAILED(error_from_status(detail, &error))) {
        error = NULL;
    }
    pthread_mutex_lock(&h->lock);
    if (!e->failed) {
        e->failed = true;
        e->status = hr;
        e->error = TAKE(error);
    }
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    com_release(error);
}

/* Whoever asks has started the provider because somebody wants its events. */
static bool events_active(void *closure, const wchar_t *const *classes, size_t count)
{
    struct events *e = closure;
    struct host *h = e->host;
    pthread_mutex_lock(&h->lock);
    bool active = e->call != NULL;
    pthread_mutex_unlock(&h->lock);
    return active;
}

static const struct event_sink_ops events_ops = {events_indicate, events_failed, events_active,
                                                 events_unref};

static HRESULT call_provide(struct host *h, IWbemObjectSink *sink, LONG flags)
{
    CLEANUP(com_cleanup_release) IWbemEventProvider *provider = NULL;
    struct com_call_context context;
    HRESULT hr = IUnknown_QueryInterface(hosted_object(h->hosted), &IID_IWbemEventProvider,
                                         (void **)&provider);
    if (FAILED(hr)) {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    com_call_context_local(&context);
    com_call_context_push(&context);
    (void)SetErrorInfo(0, NULL);
    hr = IWbemEventProvider_ProvideEvents(provider, sink, flags);
    com_call_context_pop(&context);
    return hr;
}

/* Until who asks cancels, or the provider says that there will be no more. */
static HRESULT wait_for_end(struct host_call *c, struct events *e)
{
    struct host *h = c->host;
    pthread_mutex_lock(&h->lock);
    while (!c->cancelled && !e->failed) {
        pthread_cond_wait(&h->changed, &h->lock);
    }
    HRESULT hr = e->failed ? e->status : WBEM_E_CALL_CANCELLED;
    pthread_mutex_unlock(&h->lock);
    if (e->failed) {
        (void)SetErrorInfo(0, e->error);
    }
    return hr;
}

static void provide_events(struct host_call *c)
{
    struct host *h = c->host;
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = NULL;
    const struct wire_message began = {.type = WIRE_OBJECTS, .call = c->m.call};
    struct events *e = calloc(1, sizeof *e);
    if (!e) {
        end_plainly(c, WBEM_E_OUT_OF_MEMORY);
        return;
    }
    com_ref_init(&e->refs);
    (void)com_ref_inc(&e->refs); /* the sink's */
    (void)com_ref_inc(&h->refs);
    e->host = h;
    e->call = c;
    HRESULT hr = event_sink_create(&events_ops, e, &sink);
    if (FAILED(hr)) {
        events_unref(e);
    } else {
        hr = call_provide(h, sink, c->m.flags);
    }
    if (SUCCEEDED(hr) && take_window(c)) {
        hr = channel_send(&h->channel, &began);
    }
    if (SUCCEEDED(hr)) {
        hr = wait_for_end(c, e);
    }
    pthread_mutex_lock(&h->lock);
    c->cancelled = true;
    e->call = NULL;
    pthread_cond_broadcast(&h->changed);
    while (e->sending > 0) {
        pthread_cond_wait(&h->changed, &h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    end_plainly(c, hr);
    events_unref(e);
}

/* ---- calls that give an answer ---------------------------------------------------------------
 */

static HRESULT new_query(struct host *h, const struct wire_message *m)
{
    CLEANUP(com_cleanup_release) IWbemEventProviderQuerySink *sink = NULL;
    HRESULT hr = IUnknown_QueryInterface(hosted_object(h->hosted), &IID_IWbemEventProviderQuerySink,
                                         (void **)&sink);
    if (FAILED(hr)) {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    return m->method == METHOD_NEW_QUERY
               ? IWbemEventProviderQuerySink_NewQuery(sink, m->number, m->text[1], m->text[0])
               : IWbemEventProviderQuerySink_CancelQuery(sink, m->number);
}

static HRESULT access_check(struct host *h, const struct wire_message *m)
{
    CLEANUP(com_cleanup_release) IWbemEventProviderSecurity *security = NULL;
    HRESULT hr = IUnknown_QueryInterface(hosted_object(h->hosted), &IID_IWbemEventProviderSecurity,
                                         (void **)&security);
    return FAILED(hr)
               ? WBEM_E_PROVIDER_NOT_CAPABLE
               : IWbemEventProviderSecurity_AccessCheck(security, m->text[1], m->text[0], 0, NULL);
}

static HRESULT property(struct host *h, const struct wire_message *m, VARIANT *ret)
{
    CLEANUP(com_cleanup_release) IWbemPropertyProvider *provider = NULL;
    HRESULT hr = IUnknown_QueryInterface(hosted_object(h->hosted), &IID_IWbemPropertyProvider,
                                         (void **)&provider);
    if (FAILED(hr)) {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    return m->method == METHOD_GET_PROPERTY
               ? IWbemPropertyProvider_GetProperty(provider, m->flags, m->text[0], m->text[1],
                                                   m->text[2], m->text[3], ret)
               : IWbemPropertyProvider_PutProperty(provider, m->flags, m->text[0], m->text[1],
                                                   m->text[2], m->text[3], &m->value);
}

/* Takes the reference. */
static HRESULT add_target(struct host *h, IUnknown *object, uint32_t *ret)
{
    HRESULT hr = WBEM_E_OUT_OF_MEMORY;
    pthread_mutex_lock(&h->lock);
    uint32_t at = 0;
    while (at < h->target_count && h->targets[at]) {
        at++;
    }
    IUnknown **grown = h->targets;
    if (at == h->target_count && at < TARGETS_MAX) {
        grown = realloc(h->targets, (at + 1) * sizeof(IUnknown *));
    }
    if (grown && at < TARGETS_MAX) {
        h->targets = grown;
        h->target_count += at == h->target_count;
        h->targets[at] = TAKE(object);
        *ret = at + 1;
        hr = WBEM_S_NO_ERROR;
    }
    pthread_mutex_unlock(&h->lock);
    com_release(object);
    return hr;
}

static IUnknown *take_target(struct host *h, uint32_t target, bool keep)
{
    IUnknown *object = NULL;
    pthread_mutex_lock(&h->lock);
    if (target > 0 && target <= h->target_count) {
        object = h->targets[target - 1];
        if (keep) {
            com_addref(object);
        } else {
            h->targets[target - 1] = NULL;
        }
    }
    pthread_mutex_unlock(&h->lock);
    return object;
}

static HRESULT find_consumer(struct host *h, const struct wire_message *m, uint32_t *ret)
{
    CLEANUP(com_cleanup_release) IWbemEventConsumerProvider *provider = NULL;
    IWbemUnboundObjectSink *sink = NULL;
    HRESULT hr = IUnknown_QueryInterface(hosted_object(h->hosted), &IID_IWbemEventConsumerProvider,
                                         (void **)&provider);
    if (FAILED(hr) || m->object_count != 1 || !m->objects[0]) {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    hr = IWbemEventConsumerProvider_FindConsumer(provider, m->objects[0], &sink);
    if (SUCCEEDED(hr) && !sink) {
        hr = WBEM_E_PROVIDER_FAILURE;
    }
    return SUCCEEDED(hr) ? add_target(h, (IUnknown *)sink, ret) : hr;
}

static HRESULT indicate_to_consumer(struct host *h, const struct wire_message *m)
{
    CLEANUP(com_cleanup_release) IUnknown *object = take_target(h, m->target, true);
    CLEANUP(com_cleanup_release) IWbemUnboundObjectSink *sink = NULL;
    IUnknown *to = object ? object : hosted_object(h->hosted);
    HRESULT hr = IUnknown_QueryInterface(to, &IID_IWbemUnboundObjectSink, (void **)&sink);
    if (FAILED(hr) || m->object_count == 0) {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    return IWbemUnboundObjectSink_IndicateToConsumer(sink, m->objects[0], (LONG)m->object_count - 1,
                                                     m->objects + 1);
}

static void answer(struct host_call *c)
{
    struct wire_message end = {0};
    struct com_call_context context;
    HRESULT hr = WBEM_E_INVALID_OPERATION;
    com_call_context_local(&context);
    com_call_context_push(&context);
    (void)SetErrorInfo(0, NULL);
    switch (c->m.method) {
    case METHOD_NEW_QUERY:
    case METHOD_CANCEL_QUERY:
        hr = new_query(c->host, &c->m);
        break;
    case METHOD_ACCESS_CHECK:
        hr = access_check(c->host, &c->m);
        break;
    case METHOD_GET_PROPERTY:
    case METHOD_PUT_PROPERTY:
        hr = property(c->host, &c->m, &end.value);
        break;
    case METHOD_FIND_CONSUMER:
        hr = find_consumer(c->host, &c->m, &end.number);
        break;
    case METHOD_INDICATE_TO_CONSUMER:
        hr = indicate_to_consumer(c->host, &c->m);
        break;
    default:
        break;
    }
    com_call_context_pop(&context);
    send_end(c, hr, &end);
    (void)VariantClear(&end.value);
}

/* ---- the loop ----------------------------------------------------------------------------------
 */

static void remove_call(struct host_call *c)
{
    struct host *h = c->host;
    pthread_mutex_lock(&h->lock);
    struct host_call **at = &h->calls;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    wire_message_done(&c->m);
    free(c);
}

static void run_call(struct pool_job *job)
{
    struct host_call *c = COM_CONTAINER(job, struct host_call, job);
    struct host *h = c->host;
    enum provider_call_kind kind;
    const char *name;
    (void)CoInitializeEx(NULL, COINIT_MULTITHREADED);
    pthread_mutex_lock(&h->lock);
    bool loaded = h->loaded;
    pthread_mutex_unlock(&h->lock);
    if (c->m.method == METHOD_LOAD) {
        load(c);
    } else if (!loaded) {
        end_plainly(c, WBEM_E_INVALID_OPERATION);
    } else if (c->m.method == METHOD_PROVIDE_EVENTS) {
        provide_events(c);
    } else if (stream_kind(c->m.method, &kind, &name)) {
        stream(c, kind, name);
    } else {
        answer(c);
    }
    (void)SetErrorInfo(0, NULL);
    CoUninitialize();
    remove_call(c);
}

/* Takes the message. */
static HRESULT begin_call(struct host *h, struct wire_message *m)
{
    struct host_call *c = calloc(1, sizeof *c);
    if (!c) {
        wire_message_done(m);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->host = h;
    c->m = *m;
    c->job.run = run_call;
    c->window = REMOTE_WINDOW;
    pthread_mutex_lock(&h->lock);
    c->next = h->calls;
    h->calls = c;
    pthread_mutex_unlock(&h->lock);
    HRESULT hr = pool_submit(&c->job);
    if (FAILED(hr)) {
        end_plainly(c, hr);
        remove_call(c);
    }
    return WBEM_S_NO_ERROR;
}

/* Under lock. operation_cancel() runs nobody's code. */
static void cancel_call(struct host_call *c)
{
    struct host *h = c->host;
    c->cancelled = true;
    if (c->operation) {
        operation_cancel(c->operation);
    }
    pthread_cond_broadcast(&h->changed);
}

static void change_call(struct host *h, const struct wire_message *m)
{
    pthread_mutex_lock(&h->lock);
    struct host_call *c = h->calls;
    while (c && c->m.call != m->call) {
        c = c->next;
    }
    if (c && m->type == WIRE_CANCEL) {
        cancel_call(c);
    } else if (c && c->window < REMOTE_WINDOW) {
        c->window++;
        pthread_cond_broadcast(&h->changed);
    }
    pthread_mutex_unlock(&h->lock);
}

static HRESULT dispatch(struct host *h, struct wire_message *m)
{
    IUnknown *gone;
    switch (m->type) {
    case WIRE_CALL:
        return begin_call(h, m);
    case WIRE_CREDIT:
    case WIRE_CANCEL:
        change_call(h, m);
        break;
    case WIRE_RELEASE:
        gone = take_target(h, m->target, false);
        com_release(gone);
        break;
    default:
        wire_message_done(m);
        return WBEM_E_INVALID_OBJECT;
    }
    wire_message_done(m);
    return WBEM_S_NO_ERROR;
}

static void wind_up(struct host *h)
{
    pthread_mutex_lock(&h->lock);
    for (struct host_call *c = h->calls; c; c = c->next) {
        cancel_call(c);
    }
    while (h->calls) {
        pthread_cond_wait(&h->changed, &h->lock);
    }
    pthread_mutex_unlock(&h->lock);
    for (uint32_t i = 0; i < h->target_count; i++) {
        com_release(h->targets[i]);
    }
    free(h->targets);
    h->targets = NULL;
    h->target_count = 0;
    hosted_release(h->hosted);
    registration_unref(h->registration);
}

static HRESULT host_create(int fd, bool own_process, struct host **ret)
{
    struct host *h = calloc(1, sizeof *h);
    if (!h) {
        (void)close(fd);
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_ref_init(&h->refs);
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    h->own_process = own_process;
    /* A client that reads nothing must not keep a program's provider for ever. */
    channel_init(&h->channel, fd, own_process ? 0 : REMOTE_SEND_SECONDS);
    *ret = h;
    return WBEM_S_NO_ERROR;
}

static HRESULT serve(struct host *h)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    while (hr == WBEM_S_NO_ERROR) {
        struct wire_message m;
        hr = channel_receive(&h->channel, &m);
        if (hr == WBEM_S_NO_ERROR) {
            hr = dispatch(h, &m);
        }
    }
    return hr;
}

void host_serve(int fd)
{
    struct host *h;
    if (SUCCEEDED(host_create(fd, false, &h))) {
        (void)serve(h);
        channel_cut(&h->channel);
        wind_up(h);
        host_unref(h);
    }
}

/* A provider that does not end its calls is ended by the alarm, which nothing here catches. */
int wbem_provider_host_run(int fd)
{
    struct host *h;
    here = true;
    (void)CoInitializeEx(NULL, COINIT_MULTITHREADED);
    HRESULT hr = host_create(fd, true, &h);
    if (SUCCEEDED(hr)) {
        hr = serve(h);
        (void)alarm(REMOTE_END_SECONDS / 2);
        wind_up(h);
        hosting_unload_idle();
        host_unref(h);
    }
    CoUninitialize();
    return FAILED(hr) ? 1 : 0;
}
