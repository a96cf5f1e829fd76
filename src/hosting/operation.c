/*
 * One call of a provider: its …Async method runs on a thread of the pool, what
 * it tells its sink waits here in a bounded queue for whoever reads
 * (wbemcli/nn-wbemcli-iwbemobjectsink, WmiSdk "Writing an Instance Provider").
 *
 * operation.lock guards the fields marked so; `changed` is signalled when the
 * queue, the status or the provider's references change. The lock is not held
 * while a provider's or an object's code runs.
 *
 * The operation lives while its reader, its running job or the provider (as
 * one, however many references it has to the sink) needs it. The provider
 * itself is held while it may still use the sink.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "hosting/hosting_private.h"

struct operation {
    IWbemObjectSink sink; /* what the provider sees */
    struct pool_job run_job, cancel_job;
    struct com_refs refs;
    struct operation_target target; /* registration and object are references */
    struct provider_call call;
    struct com_caller caller; /* who has asked: what the provider is told */
    const char *name;         /* of the API's operation, for error objects */
    char *provider;           /* its name in UTF-8 */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    IWbemClassObject *queue[OPERATION_QUEUE]; /* under lock, as all that follows */
    unsigned first, count;
    struct hosted *hosted; /* a use of it while the provider may use the sink */
    IUnknown *callee;      /* its object, or the target's; NULL before there is one */
    ULONG given;           /* the provider's references to the sink */
    bool calling;          /* the method runs */
    bool complete;
    HRESULT status;    /* once complete */
    IErrorInfo *error; /* owned; explains a failed status */
    wchar_t *text;     /* owned; of the final SetStatus */
    bool cancelled;
    bool told;           /* CancelAsyncCall is made, or about to be */
    uint64_t activity;   /* counts what the provider tells, so that silence can be noticed */
    bool indicate_waits; /* silence is then not the provider's */
};

static struct operation *operation_of(IWbemObjectSink *sink)
{
    return COM_CONTAINER(sink, struct operation, sink);
}

void provider_call_done(struct provider_call *c)
{
    SysFreeString(c->text);
    SysFreeString(c->method);
    com_release(c->context);
    com_release(c->in);
    *c = (struct provider_call){0};
}

static void unref(struct operation *o)
{
    if (com_ref_dec(&o->refs) > 0) {
        return;
    }
    for (; o->count > 0; o->count--) {
        com_release(o->queue[o->first++ % OPERATION_QUEUE]);
    }
    hosted_release(o->hosted);
    provider_call_done(&o->call);
    registration_unref(o->target.registration);
    com_release(o->target.object);
    com_release(o->error);
    pthread_cond_destroy(&o->changed);
    pthread_mutex_destroy(&o->lock);
    com_caller_done(&o->caller);
    free(o->provider);
    free(o->text);
    free(o);
}

/* ---- how it ends ---------------------------------------------------------------------- */

/* Under o->lock. The first end counts; takes the error. */
static bool end(struct operation *o, HRESULT status, IErrorInfo *error)
{
    if (o->complete) {
        com_release(error);
        return false;
    }
    o->complete = true;
    o->status = status;
    o->error = error;
    pthread_cond_broadcast(&o->changed);
    return true;
}

/* Under o->lock: the provider's use ends when it neither runs nor holds the sink. The caller
 * releases what is returned, without the lock. */
static struct hosted *take_hosted_if_done(struct operation *o)
{
    return !o->calling && o->given == 0 ? TAKE(o->hosted) : NULL;
}

static IErrorInfo *fault(const struct operation *o, HRESULT hr, const char *what)
{
    IErrorInfo *info = NULL;
    char text[1024];
    snprintf(text, sizeof text, "provider %s: %s", o->provider, what);
    CLEANUP(com_cleanup_free) char *parameter = com_utf8_from_wide(o->call.text);
    return SUCCEEDED(error_create(hr, o->name, parameter, o->provider, text, &info)) ? info : NULL;
}

HRESULT operation_fault(struct operation *o, const char *format, ...)
{
    char text[768];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    IErrorInfo *error = fault(o, WBEM_E_PROVIDER_FAILURE, text);
    (void)SetErrorInfo(0, error);
    pthread_mutex_lock(&o->lock);
    (void)end(o, WBEM_E_PROVIDER_FAILURE, error);
    pthread_mutex_unlock(&o->lock);
    operation_cancel(o);
    return WBEM_E_PROVIDER_FAILURE;
}

/* The provider's own words for a failure, else the code's. */
static IErrorInfo *explain(const struct operation *o, HRESULT status, IWbemClassObject *detail)
{
    IErrorInfo *error = NULL;
    if (detail && SUCCEEDED(error_from_status(detail, &error))) {
        return error;
    }
    const char *name = com_status_name(status);
    const char *meaning = com_status_text(status);
    char text[512];
    snprintf(text, sizeof text, "it failed with 0x%08x%s%s%s%s", (unsigned)status, name ? " " : "",
             name ? name : "", meaning ? ": " : "", meaning ? meaning : "");
    return fault(o, status, text);
}

/* ---- the sink ------------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE sink_query_interface(IWbemObjectSink *sink, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        return E_NOINTERFACE;
    }
    (void)IWbemObjectSink_AddRef(sink);
    *ret = sink;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_addref(IWbemObjectSink *sink)
{
    struct operation *o = operation_of(sink);
    pthread_mutex_lock(&o->lock);
    ULONG given = ++o->given;
    pthread_mutex_unlock(&o->lock);
    if (given == 1) {
        (void)com_ref_inc(&o->refs);
    }
    return given;
}

/* A release too many does no harm while the call runs: that holds the operation by itself. */
static ULONG STDMETHODCALLTYPE sink_release(IWbemObjectSink *sink)
{
    struct operation *o = operation_of(sink);
    struct hosted *done = NULL;
    pthread_mutex_lock(&o->lock);
    bool surplus = o->given == 0;
    ULONG given = surplus ? 0 : --o->given;
    if (given == 0 && !surplus && !o->calling) {
        if (!o->complete) {
            (void)end(o, WBEM_E_PROVIDER_FAILURE,
                      fault(o, WBEM_E_PROVIDER_FAILURE,
                            "it let go of its sink without a final SetStatus"));
        }
        done = take_hosted_if_done(o);
    }
    pthread_mutex_unlock(&o->lock);
    if (given == 0 && !surplus) {
        unref(o);
    }
    hosted_release(done);
    return given;
}

/* Waits for room; false: nobody wants more. */
static bool queue_put(struct operation *o, IWbemClassObject *object)
{
    pthread_mutex_lock(&o->lock);
    while (o->count == OPERATION_QUEUE && !o->cancelled && !o->complete) {
        o->indicate_waits = true;
        pthread_cond_wait(&o->changed, &o->lock);
        o->indicate_waits = false;
        o->activity++;
    }
    bool wanted = !o->cancelled && !o->complete;
    if (wanted) {
        o->queue[(o->first + o->count++) % OPERATION_QUEUE] = object;
        pthread_cond_broadcast(&o->changed);
    }
    pthread_mutex_unlock(&o->lock);
    if (!wanted) {
        com_release(object);
    }
    return wanted;
}

/* Under no lock: WBEM_S_NO_ERROR when the sink may be told something now. */
static HRESULT sink_enter(struct operation *o)
{
    pthread_mutex_lock(&o->lock);
    HRESULT hr = o->cancelled  ? WBEM_E_CALL_CANCELLED
                 : o->complete ? WBEM_E_INVALID_OPERATION
                               : WBEM_S_NO_ERROR;
    o->activity++;
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
    return hr;
}

/* Objects are copied: a provider may go on to change those it has indicated. */
static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemObjectSink *sink, LONG count,
                                               IWbemClassObject **objects)
{
    struct operation *o = operation_of(sink);
    HRESULT hr = sink_enter(o);
    if (FAILED(hr)) {
        return hr;
    }
    if (count < 0 || (count > 0 && !objects)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    for (LONG i = 0; i < count; i++) {
        if (!objects[i] || !object_is_ours(objects[i])) {
            (void)operation_fault(o, "it indicated %s",
                                  objects[i] ? "an object that WMI did not make" : "a NULL object");
            return WBEM_E_INVALID_PARAMETER;
        }
        IWbemClassObject *copy;
        hr = IWbemClassObject_Clone(objects[i], &copy);
        if (FAILED(hr)) {
            return hr;
        }
        if (!queue_put(o, copy)) {
            return WBEM_E_CALL_CANCELLED;
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemObjectSink *sink, LONG flags, HRESULT status,
                                                 BSTR text, IWbemClassObject *detail)
{
    struct operation *o = operation_of(sink);
    HRESULT hr = sink_enter(o);
    if (flags != WBEM_STATUS_COMPLETE) {
        return SUCCEEDED(hr) ? WBEM_S_NO_ERROR : hr;
    }
    IErrorInfo *error = FAILED(status) ? explain(o, status, detail) : NULL;
    wchar_t *copy = text ? com_wide_copy(text) : NULL;
    pthread_mutex_lock(&o->lock);
    bool first = end(o, status, error);
    if (first) {
        o->text = TAKE(copy);
    }
    pthread_mutex_unlock(&o->lock);
    free(copy);
    return first ? WBEM_S_NO_ERROR : WBEM_E_INVALID_OPERATION;
}

static const IWbemObjectSinkVtbl sink_vtbl = {sink_query_interface, sink_addref, sink_release,
                                              sink_indicate, sink_set_status};

/* ---- calling the provider ----------------------------------------------------------------------
 */

static HRESULT call_services(struct operation *o, IWbemServices *to)
{
    const struct provider_call *c = &o->call;
    IWbemObjectSink *sink = &o->sink;
    switch (c->kind) {
    case CALL_ENUMERATE:
        return IWbemServices_CreateInstanceEnumAsync(to, c->text, c->flags, c->context, sink);
    case CALL_QUERY:
        return IWbemServices_ExecQueryAsync(to, c->method, c->text, c->flags, c->context, sink);
    case CALL_GET:
        return IWbemServices_GetObjectAsync(to, c->text, c->flags, c->context, sink);
    case CALL_PUT:
        return IWbemServices_PutInstanceAsync(to, c->in, c->flags, c->context, sink);
    case CALL_DELETE:
        return IWbemServices_DeleteInstanceAsync(to, c->text, c->flags, c->context, sink);
    case CALL_METHOD:
        return IWbemServices_ExecMethodAsync(to, c->text, c->method, c->flags, c->context, c->in,
                                             sink);
    case CALL_PUT_CLASS:
        return IWbemServices_PutClassAsync(to, c->in, c->flags, c->context, sink);
    case CALL_DELETE_CLASS:
        return IWbemServices_DeleteClassAsync(to, c->text, c->flags, c->context, sink);
    case CALL_CLASS_ENUM:
        return IWbemServices_CreateClassEnumAsync(to, c->text, c->flags, c->context, sink);
    case CALL_NOTIFICATION_QUERY:
        return IWbemServices_ExecNotificationQueryAsync(to, c->method, c->text, c->flags,
                                                        c->context, sink);
    }
    return WBEM_E_FAILED;
}

static HRESULT call_method(struct operation *o)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    CLEANUP(com_cleanup_release) IWbemHiPerfProvider *fast = NULL;
    (void)IUnknown_QueryInterface(o->callee, &IID_IWbemServices, (void **)&services);
    if (services) {
        return call_services(o, services);
    }
    (void)IUnknown_QueryInterface(o->callee, &IID_IWbemHiPerfProvider, (void **)&fast);
    return fast ? hiperf_query_instances(o->target.name_space, fast, &o->call, &o->sink)
                : operation_fault(o, "its object has no IWbemServices");
}

/* Providers ask CoImpersonateClient and CoQueryClientBlanket who calls. */
static HRESULT call_in_context(struct operation *o)
{
    struct com_call_context context;
    com_call_context_for(&o->caller, &context);
    com_call_context_push(&context);
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = call_method(o);
    com_call_context_pop(&context);
    return hr;
}

/* The call has returned; a failure is its end, if it has not said another. */
static void call_returned(struct operation *o, HRESULT hr, IErrorInfo *error)
{
    if (FAILED(hr) && !error) {
        error = explain(o, hr, NULL);
    }
    pthread_mutex_lock(&o->lock);
    o->calling = false;
    if (FAILED(hr)) {
        (void)end(o, hr, TAKE(error));
    }
    pthread_mutex_unlock(&o->lock);
    com_release(error);
}

static void run(struct pool_job *job)
{
    struct operation *o = COM_CONTAINER(job, struct operation, run_job);
    struct hosted *h = NULL;
    IErrorInfo *error = NULL;
    HRESULT apartment = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    HRESULT hr = o->target.object
                     ? WBEM_S_NO_ERROR
                     : hosted_acquire(o->target.name_space, o->target.registration, &h);
    bool called = SUCCEEDED(hr);
    if (called) {
        (void)sink_addref(&o->sink); /* ours for the time of the call */
        pthread_mutex_lock(&o->lock);
        o->hosted = h;
        o->callee = h ? hosted_object(h) : o->target.object;
        bool wanted = !o->cancelled;
        pthread_mutex_unlock(&o->lock);
        hr = wanted ? call_in_context(o) : WBEM_E_CALL_CANCELLED;
    }
    if (FAILED(hr)) {
        (void)GetErrorInfo(0, &error);
    }
    call_returned(o, hr, error);
    if (called) {
        (void)sink_release(&o->sink);
    }
    if (SUCCEEDED(apartment)) {
        CoUninitialize();
    }
    unref(o);
}

HRESULT operation_start(struct operation *o)
{
    (void)com_ref_inc(&o->refs);
    o->run_job.run = run;
    o->calling = true; /* nobody else knows the operation yet */
    HRESULT hr = pool_submit(&o->run_job);
    if (FAILED(hr)) {
        o->calling = false;
        unref(o);
    }
    return hr;
}

/* ---- cancelling
 * ------------------------------------------------------------------------------------ */

static void run_cancel(struct pool_job *job)
{
    struct operation *o = COM_CONTAINER(job, struct operation, cancel_job);
    CLEANUP(com_cleanup_release) IWbemServices *provider = NULL;
    HRESULT apartment = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(IUnknown_QueryInterface(o->callee, &IID_IWbemServices, (void **)&provider))) {
        struct com_call_context context;
        com_call_context_for(&o->caller, &context);
        com_call_context_push(&context);
        (void)IWbemServices_CancelAsyncCall(provider, &o->sink);
        com_call_context_pop(&context);
        com_release(TAKE(provider));
    }
    (void)sink_release(&o->sink);
    if (SUCCEEDED(apartment)) {
        CoUninitialize();
    }
    unref(o);
}

void operation_cancel(struct operation *o)
{
    pthread_mutex_lock(&o->lock);
    o->cancelled = true;
    (void)end(o, WBEM_E_CALL_CANCELLED, NULL);
    /* A provider that has ended, or was never called, need not know. */
    bool tell = o->callee && o->given > 0 && !o->told;
    o->told |= tell;
    if (tell) {
        o->given++; /* holds the provider; there is a reference to the operation for `given` */
    }
    pthread_cond_broadcast(&o->changed);
    pthread_mutex_unlock(&o->lock);
    if (tell) {
        (void)com_ref_inc(&o->refs);
        o->cancel_job.run = run_cancel;
        if (FAILED(pool_submit(&o->cancel_job))) {
            (void)sink_release(&o->sink);
            unref(o);
        }
    }
}

/* ---- the reader's side
 * ------------------------------------------------------------------------------- */

HRESULT operation_create(const struct operation_target *target, struct provider_call *call,
                         const char *operation, struct operation **ret)
{
    struct operation *o = calloc(1, sizeof *o);
    char *provider = com_utf8_from_wide(target->registration->name);
    if (!o || !provider || FAILED(com_caller_capture(&o->caller)) ||
        FAILED(cond_init_monotonic(&o->changed))) {
        if (o) {
            com_caller_done(&o->caller);
        }
        provider_call_done(call);
        free(provider);
        free(o);
        return WBEM_E_OUT_OF_MEMORY;
    }
    o->sink.lpVtbl = &sink_vtbl;
    com_ref_init(&o->refs);
    pthread_mutex_init(&o->lock, NULL);
    o->target = *target;
    (void)registration_ref(target->registration);
    com_addref(target->object);
    o->call = *call;
    *call = (struct provider_call){0};
    o->name = operation;
    o->provider = provider;
    *ret = o;
    return WBEM_S_NO_ERROR;
}

void operation_unref(struct operation *o)
{
    if (o) {
        operation_cancel(o);
        unref(o);
    }
}

bool operation_ready(struct operation *o)
{
    pthread_mutex_lock(&o->lock);
    bool ready = o->count > 0 || o->complete;
    pthread_mutex_unlock(&o->lock);
    return ready;
}

const wchar_t *operation_text(const struct operation *o)
{
    return o->text;
}

/* Under o->lock, with nothing there: false once the provider has been silent too long. */
static bool wait_for_provider(struct operation *o)
{
    LONG timeout = o->target.registration->operation_timeout;
    if (timeout == 0) {
        pthread_cond_wait(&o->changed, &o->lock);
        return true;
    }
    uint64_t before = o->activity;
    struct timespec until = deadline_after(timeout);
    while (o->count == 0 && !o->complete && o->activity == before) {
        if (pthread_cond_timedwait(&o->changed, &o->lock, &until) == ETIMEDOUT) {
            return o->activity != before || o->count > 0 || o->complete || o->indicate_waits;
        }
    }
    return true;
}

HRESULT operation_next(struct operation *o, IWbemClassObject **ret)
{
    IErrorInfo *error = NULL;
    bool silent = false;
    pthread_mutex_lock(&o->lock);
    while (o->count == 0 && !o->complete && !silent) {
        silent = !wait_for_provider(o);
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    if (silent) {
        hr = WBEM_E_PROVIDER_TIMED_OUT;
        (void)end(o, hr,
                  fault(o, hr, "it was silent for longer than its OperationTimeoutInterval"));
    }
    if (o->count > 0 && !o->cancelled) {
        *ret = o->queue[o->first++ % OPERATION_QUEUE];
        o->first %= OPERATION_QUEUE;
        o->count--;
        pthread_cond_broadcast(&o->changed);
    } else {
        hr = FAILED(o->status) ? o->status : WBEM_S_FALSE;
        error = o->error;
    }
    pthread_mutex_unlock(&o->lock);
    if (silent) {
        operation_cancel(o);
    }
    if (FAILED(hr)) {
        (void)SetErrorInfo(0, error); /* the operation's, which the caller holds */
    }
    return hr;
}

/* ---- as a source
 * ----------------------------------------------------------------------------------- */

struct plain_source {
    struct source source;
    struct operation *operation;
    bool started;
};

static struct plain_source *plain_of(struct source *s)
{
    return COM_CONTAINER(s, struct plain_source, source);
}

static HRESULT plain_pull(struct source *source, ULONG demand, struct result_set *out)
{
    struct plain_source *s = plain_of(source);
    HRESULT hr = s->started ? WBEM_S_NO_ERROR : operation_start(s->operation);
    s->started = true;
    for (bool any = false;
         hr == WBEM_S_NO_ERROR && demand > 0 && (!any || operation_ready(s->operation));
         any = true, demand--) {
        IWbemClassObject *object = NULL;
        hr = operation_next(s->operation, &object);
        if (hr == WBEM_S_NO_ERROR) {
            hr = result_set_put(out, object);
        }
    }
    return hr;
}

static void plain_cancel(struct source *source)
{
    operation_cancel(plain_of(source)->operation);
}

static void plain_destroy(struct source *source)
{
    operation_unref(plain_of(source)->operation);
    free(plain_of(source));
}

static const struct source_ops plain_ops = {
    .pull = plain_pull,
    .cancel = plain_cancel,
    .destroy = plain_destroy,
};

HRESULT operation_source(struct operation *o, struct source **ret)
{
    struct plain_source *s = calloc(1, sizeof *s);
    if (!s) {
        operation_unref(o);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->source.ops = &plain_ops;
    s->operation = o;
    *ret = &s->source;
    return WBEM_S_NO_ERROR;
}
