/*
 * The courier: one pool job for each enumerator that has deliveries to make,
 * and the process-wide table by which CancelAsyncCall finds a sink's calls.
 *
 * A call to a sink is made by the courier of its enumerator and nobody else, so
 * the calls of one enumerator never overlap, and with no lock held. The courier
 * stays as long as a delivery is queued, even while synchronous calls are before
 * it: what NextAsync has promised needs no thread that might not be had later.
 * It claims a call (`in_status`, under e->lock) before the final SetStatus;
 * cancelling a call that is claimed finds nothing. It leaves a call at the head
 * of the queue until SetStatus and the sink's Release have returned.
 *
 * A table bucket's lock guards its list; the enumerator of a call in the table is
 * alive, because the caller or the courier holds it until the call is out.
 */
#include "enumerator/enumerator_private.h"
#include "object/object.h"

#include <stdlib.h>

/* ---- the table of sinks ------------------------------------------------------ */

#define BUCKETS 64

static struct {
    pthread_mutex_t lock;
    struct call *first;
} buckets[BUCKETS];

static atomic_uint_fast64_t last_serial;
static pthread_once_t buckets_once = PTHREAD_ONCE_INIT;

static void buckets_init(void)
{
    for (unsigned i = 0; i < BUCKETS; i++) {
        pthread_mutex_init(&buckets[i].lock, NULL);
    }
}

static unsigned bucket_of(const IWbemObjectSink *sink)
{
    uint64_t hash = (uint64_t)(uintptr_t)sink * UINT64_C(0x9E3779B97F4A7C15);
    return (unsigned)(hash >> 58);
}

void sink_table_add(struct call *c)
{
    pthread_once(&buckets_once, buckets_init);
    unsigned i = bucket_of(c->sink);
    pthread_mutex_lock(&buckets[i].lock);
    c->serial = atomic_fetch_add_explicit(&last_serial, 1, memory_order_relaxed) + 1;
    c->sink_prev = NULL;
    c->sink_next = buckets[i].first;
    if (c->sink_next) {
        c->sink_next->sink_prev = c;
    }
    buckets[i].first = c;
    pthread_mutex_unlock(&buckets[i].lock);
}

void sink_table_remove(struct call *c)
{
    unsigned i = bucket_of(c->sink);
    pthread_mutex_lock(&buckets[i].lock);
    if (c->sink_next) {
        c->sink_next->sink_prev = c->sink_prev;
    }
    if (c->sink_prev) {
        c->sink_prev->sink_next = c->sink_next;
    } else {
        buckets[i].first = c->sink_next;
    }
    pthread_mutex_unlock(&buckets[i].lock);
}

/* An enumerator, held, with a call for the sink that was not looked at yet. */
static struct enumerator *next_with_sink(IWbemObjectSink *sink, uint64_t serial)
{
    struct enumerator *e = NULL;
    unsigned i = bucket_of(sink);
    pthread_mutex_lock(&buckets[i].lock);
    for (struct call *c = buckets[i].first; c && !e; c = c->sink_next) {
        if (c->sink == sink && c->serial <= serial && !c->cancel_seen) {
            c->cancel_seen = true;
            e = c->e;
            enumerator_hold(e);
        }
    }
    pthread_mutex_unlock(&buckets[i].lock);
    return e;
}

HRESULT delivery_cancel(IWbemObjectSink *sink)
{
    pthread_once(&buckets_once, buckets_init);
    /* Calls that the sink makes on being told of the cancellation are not meant. */
    uint64_t serial = atomic_load_explicit(&last_serial, memory_order_relaxed);
    bool found = false;
    for (struct enumerator *e; (e = next_with_sink(sink, serial)) != NULL;) {
        found |= enumerator_cancel_sink(e, sink, serial);
        enumerator_unhold(e);
    }
    return found ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
}

void delivery_drain(void)
{
    pool_drain();
}

/* ---- serving one call ------------------------------------------------------------- */

static void release_batch(const struct enumerator *e, IWbemClassObject **objects, ULONG count)
{
    if (!result_set_is_forward_only(e->reader.set)) {
        return; /* the set keeps them */
    }
    for (ULONG i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
}

/* WBEM_FLAG_SEND_STATUS: how many so far in the low word, of how many in the high word, as far as
 * that is known and fits. */
static void send_progress(struct enumerator *e, struct call *c)
{
    bool done;
    uint64_t total = result_set_produced(e->reader.set, &done);
    uint64_t given = reader_position(&e->reader);
    if (!done) {
        total = 0;
    }
    given = given < 0xFFFF ? given : 0xFFFF;
    total = total < 0xFFFF ? total : 0xFFFF;
    (void)IWbemObjectSink_SetStatus(c->sink, WBEM_STATUS_PROGRESS,
                                    (HRESULT)(uint32_t)(total << 16 | given), NULL, NULL);
}

/* Deliver what the call wants. Its final status; *ret_error is set when the source failed. */
static HRESULT serve_objects(struct enumerator *e, struct call *c, IErrorInfo **ret_error)
{
    IWbemClassObject *objects[DELIVERY_BATCH];
    uint64_t wanted = c->wanted;
    while (wanted > 0) {
        struct read_request q = {.most = wanted < DELIVERY_BATCH ? (ULONG)wanted : DELIVERY_BATCH,
                                 .least = 1,
                                 .wanted = wanted,
                                 .stop = &c->cancelled,
                                 .objects = objects};
        enum read_outcome outcome = reader_read(&e->reader, &q);
        if (outcome == READ_STOPPED) {
            return WBEM_E_CALL_CANCELLED;
        }
        wanted -= q.count;
        if (q.count > 0) {
            HRESULT hr = IWbemObjectSink_Indicate(c->sink, (LONG)q.count, objects);
            release_batch(e, objects, q.count);
            if (FAILED(hr)) {
                return WBEM_E_CALL_CANCELLED;
            }
            if (c->flags & WBEM_FLAG_SEND_STATUS) {
                send_progress(e, c);
            }
        }
        if (wanted > 0 && outcome == READ_END) {
            return e->uncontrolled ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
        }
        if (wanted > 0 && outcome == READ_FAILED) {
            e->failure_reported = true;
            return result_set_failure(e->reader.set, ret_error);
        }
    }
    return WBEM_S_NO_ERROR;
}

/* From here on nobody can cancel the call; false: somebody has. */
static bool claim(struct enumerator *e, struct call *c)
{
    pthread_mutex_lock(&e->lock);
    c->in_status = true;
    sink_table_remove(c);
    bool cancelled = c->cancelled;
    pthread_mutex_unlock(&e->lock);
    return !cancelled;
}

static void serve(struct enumerator *e, struct call *c)
{
    struct callback here = {.e = e, .call = c};
    callback_push(&here);
    struct sink_context context;
    sink_context_push(&context, e->principal, c->authn_level);
    IErrorInfo *error = NULL;
    HRESULT hr = serve_objects(e, c, &error);
    if (!claim(e, c)) {
        hr = WBEM_E_CALL_CANCELLED;
    }

    IWbemClassObject *status = NULL; /* __ExtendedStatus */
    if (error && FAILED(hr)) {
        (void)IErrorInfo_QueryInterface(error, &IID_IWbemClassObject, (void **)&status);
    }
    BSTR text = e->uncontrolled && SUCCEEDED(hr) ? result_set_text(e->reader.set) : NULL;
    (void)IWbemObjectSink_SetStatus(c->sink, WBEM_STATUS_COMPLETE, hr, text, status);
    if (status) {
        IWbemClassObject_Release(status);
    }
    if (error) {
        IErrorInfo_Release(error);
    }
    IWbemObjectSink_Release(c->sink);
    if (c->owner) {
        IUnknown_Release(c->owner);
    }
    sink_context_pop(&context);
    callback_pop(&here);
}

/* ---- the courier --------------------------------------------------------------------- */

/* Under lock: the delivery to make now. A cancelled one need not wait for its turn, since its
 * sink gets no objects. *ret_any: there are deliveries at all. */
static struct call *pick(struct enumerator *e, bool *ret_any)
{
    *ret_any = false;
    for (struct call *c = e->head; c; c = c->next) {
        if (c->is_async && !c->held) {
            *ret_any = true;
            if (c == e->head || c->cancelled) {
                return c;
            }
        }
    }
    return NULL;
}

static void courier_run(struct pool_job *job)
{
    struct enumerator *e = COM_CONTAINER(job, struct enumerator, courier_job);
    pthread_mutex_lock(&e->lock);
    for (;;) {
        bool any;
        struct call *c = pick(e, &any);
        if (c) {
            pthread_mutex_unlock(&e->lock);
            serve(e, c);
            pthread_mutex_lock(&e->lock);
            call_remove(e, c);
            free(c);
        } else if (any) {
            pthread_cond_wait(&e->courier_wake, &e->lock);
        } else {
            break;
        }
    }
    e->courier = false;
    pthread_mutex_unlock(&e->lock);
    if (e->uncontrolled) {
        enumerator_close(e);
    }
    enumerator_unhold(e);
}

/* Under lock: let the courier have a call whose caller is done with it. */
static HRESULT hand_over(struct enumerator *e, struct call *c)
{
    if (!e->courier) {
        e->courier_job.run = courier_run;
        HRESULT hr = pool_submit(&e->courier_job);
        if (FAILED(hr)) {
            return hr;
        }
        e->courier = true;
        enumerator_hold(e);
    } else {
        pthread_cond_signal(&e->courier_wake);
    }
    c->held = false;
    return WBEM_S_NO_ERROR;
}

/* ---- NextAsync ---------------------------------------------------------------------------- */

/* Join the queue and come to the point where it can be said whether anything remains, or, inside a
 * callback that can't wait, to where it can't: *ret_known. */
static HRESULT next_async_enter(struct enumerator *e, struct call *c, bool *ret_known)
{
    const struct callback *b = callback_of(e);
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&e->lock);
    if (e->closed) {
        hr = WBEM_E_CALL_CANCELLED;
    } else {
        call_append(e, c);
        if (b) {
            *ret_known = c->prev == b->call && e->head == b->call && b->call->in_status;
        } else {
            hr = call_wait(e, c, NULL);
            *ret_known = hr == WBEM_S_NO_ERROR;
        }
        if (FAILED(hr)) {
            call_remove(e, c);
        }
    }
    pthread_mutex_unlock(&e->lock);
    return hr;
}

/* What NextAsync returns when it won't use the sink; WBEM_S_NO_ERROR when it will. */
static HRESULT nothing_left(struct enumerator *e, const struct call *c)
{
    switch (reader_peek(&e->reader, &c->cancelled)) {
    case READ_END:
        return WBEM_S_FALSE;
    case READ_STOPPED:
        return WBEM_E_CALL_CANCELLED;
    case READ_FAILED:
        /* The first call to come to a failure tells it through SetStatus (N12, N13), whether or
         * not the failure was known when it was made; later ones have nothing to deliver. */
        if (e->failure_reported) {
            IErrorInfo *error;
            HRESULT hr = result_set_failure(e->reader.set, &error);
            SetErrorInfo(0, error);
            if (error) {
                IErrorInfo_Release(error);
            }
            return hr;
        }
        return WBEM_S_NO_ERROR;
    default:
        return WBEM_S_NO_ERROR;
    }
}

static HRESULT refuse_sink(IWbemObjectSink *sink, DWORD authn_level)
{
    HRESULT hr = sink_accepts_level(sink, authn_level);
    if (FAILED(hr)) {
        return error_raise(hr, "NextAsync", "pSink",
                           "The sink demands a higher authentication level than the enumerator's "
                           "(%u); raise that with CoSetProxyBlanket.",
                           (unsigned)authn_level);
    }
    return WBEM_S_NO_ERROR;
}

HRESULT delivery_next_async(struct enumerator *e, ULONG count, IWbemObjectSink *sink,
                            DWORD authn_level)
{
    struct call *c = calloc(1, sizeof(*c));
    if (!c) {
        return error_raise(WBEM_E_OUT_OF_MEMORY, "NextAsync", NULL, "Out of memory.");
    }
    c->is_async = true;
    c->held = true;
    c->sink = sink;
    c->wanted = count;
    c->authn_level = authn_level;
    bool known = false;
    HRESULT hr = next_async_enter(e, c, &known);
    if (FAILED(hr)) {
        free(c);
        return error_raise(hr, "NextAsync", NULL,
                           hr == WBEM_E_CALL_CANCELLED
                               ? "The call was cancelled before its turn had come."
                               : "Out of memory.");
    }

    hr = known ? nothing_left(e, c) : WBEM_S_NO_ERROR;
    if (hr == WBEM_S_NO_ERROR) {
        hr = refuse_sink(sink, authn_level);
    }
    bool used = hr == WBEM_S_NO_ERROR;
    if (used) {
        IWbemObjectSink_AddRef(sink);
    }
    pthread_mutex_lock(&e->lock);
    if (used) {
        hr = c->cancelled ? WBEM_E_CALL_CANCELLED : hand_over(e, c);
    }
    bool kept = hr == WBEM_S_NO_ERROR;
    if (!kept) {
        call_remove(e, c);
    }
    pthread_mutex_unlock(&e->lock);

    if (!kept) {
        free(c);
        if (used) {
            IWbemObjectSink_Release(sink);
        }
        if (hr == WBEM_E_CALL_CANCELLED || hr == WBEM_E_OUT_OF_MEMORY) {
            (void)error_raise(hr, "NextAsync", NULL,
                              "The call was cancelled or no thread could "
                              "be had; the sink was not used.");
        }
    }
    return hr;
}

/* ---- uncontrolled deliveries ------------------------------------------------------------- */

HRESULT delivery_start(struct source *source, LONG flags, IUnknown *owner, IWbemObjectSink *sink)
{
    struct result_set *set;
    struct enumerator *e;
    HRESULT hr =
        sink ? sink_accepts_level(sink, RPC_C_AUTHN_LEVEL_PKT_PRIVACY) : WBEM_E_INVALID_PARAMETER;
    if (FAILED(hr)) {
        source_destroy(source);
        return hr;
    }
    hr = result_set_create(source, WBEM_FLAG_FORWARD_ONLY, 0, &set);
    if (FAILED(hr)) {
        return hr;
    }
    hr = result_set_begin_work(set);
    if (FAILED(hr)) {
        result_set_unref(set);
        return hr;
    }
    hr = enumerator_new(set, 0, &e);
    if (FAILED(hr)) {
        return hr;
    }
    e->uncontrolled = true;
    struct call *c = calloc(1, sizeof(*c));
    if (!c) {
        enumerator_close(e);
        enumerator_unhold(e);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->is_async = true;
    c->sink = sink;
    c->owner = owner;
    c->wanted = UINT64_MAX;
    c->flags = flags;
    c->authn_level = RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
    IWbemObjectSink_AddRef(sink);
    if (owner) {
        IUnknown_AddRef(owner);
    }
    pthread_mutex_lock(&e->lock);
    call_append(e, c);
    hr = hand_over(e, c);
    if (FAILED(hr)) {
        call_remove(e, c);
    }
    pthread_mutex_unlock(&e->lock);
    if (FAILED(hr)) {
        free(c);
        enumerator_close(e);
        IWbemObjectSink_Release(sink);
        if (owner) {
            IUnknown_Release(owner);
        }
    }
    enumerator_unhold(e);
    return hr;
}

/* A source of the one object that a function makes, or of none but a string. */
struct work_source {
    struct source source;
    HRESULT (*work)(void *closure, IWbemClassObject **ret);
    HRESULT (*work_text)(void *closure, BSTR *ret_text);
    void (*done)(void *closure);
    void *closure;
};

static HRESULT work_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct work_source *w = COM_CONTAINER(s, struct work_source, source);
    IWbemClassObject *object = NULL;
    BSTR text = NULL;
    HRESULT hr = w->work ? w->work(w->closure, &object) : w->work_text(w->closure, &text);
    if (FAILED(hr)) {
        return hr;
    }
    result_set_set_text(out, text);
    if (object) {
        hr = result_set_put(out, object);
    }
    return FAILED(hr) ? hr : WBEM_S_FALSE;
}

static void work_destroy(struct source *s)
{
    struct work_source *w = COM_CONTAINER(s, struct work_source, source);
    if (w->done) {
        w->done(w->closure);
    }
    free(w);
}

/* Not prompt, though it needs no read-ahead: the sink is told of a cancellation at once, while the
 * work may go on for long. */
static const struct source_ops work_ops = {.pull = work_pull, .destroy = work_destroy};

/* Takes the work. */
static HRESULT work_start(struct work_source work, IUnknown *owner, IWbemObjectSink *sink)
{
    struct work_source *w = malloc(sizeof(*w));
    if (!w) {
        if (work.done) {
            work.done(work.closure);
        }
        return WBEM_E_OUT_OF_MEMORY;
    }
    *w = work;
    w->source.ops = &work_ops;
    return delivery_start(&w->source, 0, owner, sink);
}

HRESULT delivery_run(HRESULT (*work)(void *closure, IWbemClassObject **ret), void *closure,
                     void (*done)(void *closure), IUnknown *owner, IWbemObjectSink *sink)
{
    return work_start((struct work_source){.work = work, .done = done, .closure = closure}, owner,
                      sink);
}

HRESULT delivery_run_text(HRESULT (*work)(void *closure, BSTR *ret_text), void *closure,
                          void (*done)(void *closure), IUnknown *owner, IWbemObjectSink *sink)
{
    return work_start((struct work_source){.work_text = work, .done = done, .closure = closure},
                      owner, sink);
}
