/*
 * One subscription: a bounded queue of events and the source that empties it
 * into an enumerator. Those who raise events never wait for those who take them.
 *
 * What does not fit is dropped; where it would have stood, the queue then holds
 * one __EventQueueOverflowEvent for the whole gap (WmiSdk
 * "__EventQueueOverflowEvent class").
 */
#include <stdlib.h>
#include <string.h>

#include "events/poller.h"

enum {
    RING_FIRST = 16,
    BATCH = 64
};

/* ---- the queue (under lock) ------------------------------------------------------------- */

static bool ring_reserve(struct subscription *s)
{
    if (s->count < s->capacity) {
        return true;
    }
    size_t capacity = s->capacity ? 2 * s->capacity : RING_FIRST;
    IWbemClassObject **ring = malloc(capacity * sizeof(IWbemClassObject *));
    if (!ring) {
        return false;
    }
    for (size_t i = 0; i < s->count; i++) {
        ring[i] = s->ring[(s->first + i) & (s->capacity - 1)];
    }
    free(s->ring);
    s->ring = ring;
    s->capacity = capacity;
    s->first = 0;
    return true;
}

static bool ring_put(struct subscription *s, IWbemClassObject *object, size_t size)
{
    if (!ring_reserve(s)) {
        return false;
    }
    s->ring[(s->first + s->count++) & (s->capacity - 1)] = object;
    s->bytes += size;
    return true;
}

static IWbemClassObject *ring_take(struct subscription *s)
{
    IWbemClassObject *object = s->ring[s->first];
    s->first = (s->first + 1) & (s->capacity - 1);
    s->count--;
    size_t size = event_size(object);
    s->bytes -= size < s->bytes ? size : s->bytes;
    return object;
}

/* What tells of the gap: without its place in memory there is none, so it has to be made now. */
static HRESULT overflow_event(struct subscription *s, IWbemClassObject **ret)
{
    struct row *r = NULL;
    HRESULT hr = event_row(s->name_space, L"__EventQueueOverflowEvent", &r);
    if (SUCCEEDED(hr)) {
        hr = event_set_uint(r, L"CurrentQueueSize", s->bytes);
    }
    if (SUCCEEDED(hr) && s->last_lost) {
        hr = event_set_object(r, L"Event", s->last_lost);
    }
    if (SUCCEEDED(hr)) {
        hr = event_encode(r, s->name_space, ret);
    }
    row_destroy(r);
    return hr;
}

static void close_gap(struct subscription *s)
{
    IWbemClassObject *event = NULL;
    if (s->dropped == 0 || FAILED(overflow_event(s, &event))) {
        return;
    }
    if (!ring_put(s, event, event_size(event))) {
        IWbemClassObject_Release(event);
        return;
    }
    s->dropped = 0;
    com_release(TAKE(s->last_lost));
    com_release(s->announce);
    IWbemClassObject_AddRef(event);
    s->announce = event;
}

void subscription_enqueue(struct subscription *s, IWbemClassObject *object)
{
    size_t size = event_size(object);
    IWbemClassObject *lost = NULL;
    pthread_mutex_lock(&s->lock);
    /* Half of the queue must be free before it is open again: one gap, not thousands. */
    bool full = s->dropped ? s->count > EVENT_QUEUE_OBJECTS / 2 || s->bytes > EVENT_QUEUE_BYTES / 2
                           : s->count >= EVENT_QUEUE_OBJECTS || s->bytes + size > EVENT_QUEUE_BYTES;
    if (s->cancelled || FAILED(s->failure)) {
        lost = object;
    } else {
        if (!full) {
            close_gap(s);
        }
        if (full || !ring_put(s, object, size)) {
            s->dropped++;
            lost = s->last_lost;
            s->last_lost = object;
        } else if (s->count == 1) {
            pthread_cond_signal(&s->changed);
        }
    }
    pthread_mutex_unlock(&s->lock);
    com_release(lost);
}

void subscription_offer(struct subscription *s, IWbemClassObject *event)
{
    IWbemClassObject *wanted = NULL;
    if (event_filter_apply(s->filter, event, &wanted) != WBEM_S_NO_ERROR) {
        return;
    }
    if (s->grouping) {
        grouping_add(s->grouping, event, wanted);
        IWbemClassObject_Release(wanted);
    } else {
        subscription_enqueue(s, wanted);
    }
}

void subscription_fail(struct subscription *s, HRESULT hr, IErrorInfo *error)
{
    pthread_mutex_lock(&s->lock);
    if (SUCCEEDED(s->failure)) {
        s->failure = hr;
        com_addref(error);
        s->error = error;
        pthread_cond_signal(&s->changed);
    }
    pthread_mutex_unlock(&s->lock);
}

/* ---- the source ------------------------------------------------------------------------------ */

/* Waits for objects, takes at most `most`. */
static ULONG take(struct subscription *s, IWbemClassObject **objects, ULONG most,
                  IWbemClassObject **ret_announce, HRESULT *ret)
{
    ULONG n = 0;
    *ret = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&s->lock);
    while (s->count == 0 && !s->cancelled && SUCCEEDED(s->failure)) {
        if (s->dropped) {
            close_gap(s);
            if (s->count > 0) {
                break;
            }
        }
        pthread_cond_wait(&s->changed, &s->lock);
    }
    if (s->cancelled) {
        *ret = WBEM_E_CALL_CANCELLED;
    } else if (s->count == 0) {
        *ret = s->failure;
        (void)SetErrorInfo(0, s->error);
    }
    while (!s->cancelled && n < most && s->count > 0) {
        objects[n++] = ring_take(s);
    }
    *ret_announce = TAKE(s->announce);
    pthread_mutex_unlock(&s->lock);
    return n;
}

static HRESULT subscription_pull(struct source *source, ULONG demand, struct result_set *out)
{
    struct subscription *s = COM_CONTAINER(source, struct subscription, source);
    IWbemClassObject *objects[BATCH];
    HRESULT hr;
    IWbemClassObject *announce = NULL;
    ULONG n = take(s, objects, demand < BATCH ? demand : BATCH, &announce, &hr);
    if (announce) { /* whoever watches the event service hears of it as well */
        (void)hub_raise(s->name_space, announce, s);
        IWbemClassObject_Release(announce);
    }
    return n > 0 ? result_set_put_many(out, objects, n) : hr;
}

static void subscription_cancel(struct source *source)
{
    struct subscription *s = COM_CONTAINER(source, struct subscription, source);
    pthread_mutex_lock(&s->lock);
    s->cancelled = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->lock);
}

static void subscription_destroy(struct source *source)
{
    struct subscription *s = COM_CONTAINER(source, struct subscription, source);
    hub_leave(s);
    poller_detach(s);
    if (s->listening) {
        static_unlisten(repository_of(s->name_space));
    }
    grouping_destroy(s->grouping);
    while (s->count > 0) {
        com_release(ring_take(s));
    }
    free(s->ring);
    com_release(s->last_lost);
    com_release(s->announce);
    com_release(s->error);
    com_release(s->cls);
    event_filter_destroy(s->filter);
    free(s->text);
    free(s->targets);
    pthread_cond_destroy(&s->changed);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

static const struct source_ops subscription_ops = {
    .pull = subscription_pull,
    .cancel = subscription_cancel,
    .destroy = subscription_destroy,
};

HRESULT subscription_create(struct repository_namespace *n, struct subscription **ret)
{
    static atomic_uint_fast64_t last_id;
    struct subscription *s = calloc(1, sizeof(*s));
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->source.ops = &subscription_ops;
    s->name_space = n;
    s->id = atomic_fetch_add_explicit(&last_id, 1, memory_order_relaxed) + 1;
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->changed, NULL);
    *ret = s;
    return WBEM_S_NO_ERROR;
}
