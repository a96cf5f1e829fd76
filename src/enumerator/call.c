/*
 * The queue of calls before an enumerator: one is served at a time, in the
 * order in which they were made (N6, N7, N21).
 *
 * `e->lock` guards the queue. The head alone, or rather whoever serves it, uses
 * e->reader and e->failure_reported; that right passes on under the lock. A
 * synchronous call is served by its own thread, a delivery by the courier
 * (delivery.c). `closed` and a call's `cancelled` are written under e->lock and
 * the result set's lock both, so that a reader that waits can look at them.
 * Only the courier makes the final SetStatus of a delivery; a call whose caller
 * is still inside NextAsync (`held`) is ended by that caller, without its sink.
 */
#include "enumerator/enumerator_private.h"

#include <errno.h>
#include <stdlib.h>

/* ---- callbacks of this thread -------------------------------------------- */

static _Thread_local struct callback *innermost;

void callback_push(struct callback *b)
{
    b->outer = innermost;
    innermost = b;
}

void callback_pop(struct callback *b)
{
    innermost = b->outer;
}

const struct callback *callback_of(const struct enumerator *e)
{
    const struct callback *b = innermost;
    while (b && b->e != e) {
        b = b->outer;
    }
    return b;
}

struct callback *callback_innermost(void)
{
    return innermost;
}

struct callback *callback_swap(struct callback *other)
{
    struct callback *before = innermost;
    innermost = other;
    return before;
}

/* ---- life ------------------------------------------------------------------- */

HRESULT enumerator_new(struct result_set *set, uint64_t position, struct enumerator **ret)
{
    struct enumerator *e = calloc(1, sizeof(*e));
    if (!e) {
        result_set_unref(set);
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = reader_init(&e->reader, set, position);
    if (FAILED(hr)) {
        free(e);
        return hr;
    }
    if (pthread_mutex_init(&e->lock, NULL) != 0) {
        hr = WBEM_E_OUT_OF_MEMORY;
    } else if (pthread_cond_init(&e->courier_wake, NULL) != 0) {
        pthread_mutex_destroy(&e->lock);
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(hr)) {
        reader_done(&e->reader);
        free(e);
        return hr;
    }
    atomic_init(&e->holds, 1);
    atomic_init(&e->faces, 0);
    result_set_enter(set);
    *ret = e;
    return WBEM_S_NO_ERROR;
}

void enumerator_hold(struct enumerator *e)
{
    atomic_fetch_add_explicit(&e->holds, 1, memory_order_relaxed);
}

void enumerator_unhold(struct enumerator *e)
{
    if (atomic_fetch_sub_explicit(&e->holds, 1, memory_order_acq_rel) != 1) {
        return;
    }
    reader_done(&e->reader);
    principal_destroy(e->principal);
    pthread_cond_destroy(&e->courier_wake);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

/* Under lock: have whoever waits with this call look again. */
static void call_wake(struct call *c)
{
    if (c->has_turn) {
        pthread_cond_signal(&c->turn);
    } else {
        pthread_cond_signal(&c->e->courier_wake);
    }
}

void enumerator_close(struct enumerator *e)
{
    pthread_mutex_lock(&e->lock);
    bool first = !e->closed;
    if (first) {
        reader_stop(&e->reader, &e->closed);
        for (struct call *c = e->head; c; c = c->next) {
            reader_stop(&e->reader, &c->cancelled);
            call_wake(c);
        }
    }
    pthread_mutex_unlock(&e->lock);
    if (first) {
        result_set_leave(e->reader.set);
    }
}

bool enumerator_cancel_sink(struct enumerator *e, IWbemObjectSink *sink, uint64_t serial)
{
    bool found = false;
    pthread_mutex_lock(&e->lock);
    for (struct call *c = e->head; c; c = c->next) {
        if (c->sink == sink && c->serial <= serial && !c->in_status && !c->cancelled) {
            reader_stop(&e->reader, &c->cancelled);
            call_wake(c);
            found = true;
        }
    }
    pthread_mutex_unlock(&e->lock);
    /* Nobody else wants anything of an uncontrolled delivery: stop its source as well. */
    if (found && e->uncontrolled) {
        enumerator_close(e);
    }
    return found;
}

/* ---- the queue ------------------------------------------------------------------ */

void call_append(struct enumerator *e, struct call *c)
{
    c->e = e;
    c->next = NULL;
    c->prev = e->tail;
    if (e->tail) {
        e->tail->next = c;
    } else {
        e->head = c;
    }
    e->tail = c;
    if (c->is_async) {
        sink_table_add(c);
    }
}

/* Under lock, by whoever may use the reader. */
static void rewind_now(struct enumerator *e)
{
    reader_rewind(&e->reader);
    e->failure_reported = false;
}

void call_remove(struct enumerator *e, struct call *c)
{
    if (c->is_async && !c->in_status) {
        sink_table_remove(c);
    }
    if (c->next) {
        c->next->prev = c->prev;
    } else {
        e->tail = c->prev;
    }
    if (c->prev) {
        c->prev->next = c->next;
        c->prev->rewind_after |= c->rewind_after;
        return;
    }
    e->head = c->next;
    if (c->rewind_after) {
        rewind_now(e);
    }
    if (e->head) {
        call_wake(e->head);
    }
}

HRESULT call_wait(struct enumerator *e, struct call *c, const struct timespec *deadline)
{
    if (e->head == c && !e->closed) {
        return WBEM_S_NO_ERROR;
    }
    if (FAILED(cond_init_monotonic(&c->turn))) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->has_turn = true;
    bool expired = false;
    while (e->head != c && !e->closed && !c->cancelled && !expired) {
        if (!deadline) {
            pthread_cond_wait(&c->turn, &e->lock);
        } else {
            expired = pthread_cond_timedwait(&c->turn, &e->lock, deadline) == ETIMEDOUT;
        }
    }
    c->has_turn = false;
    pthread_cond_destroy(&c->turn);
    if (e->closed || c->cancelled) {
        return WBEM_E_CALL_CANCELLED;
    }
    return e->head == c ? WBEM_S_NO_ERROR : WBEM_S_TIMEDOUT;
}

/* Under lock: may a call made in this callback be served before the head leaves the queue? It may
 * when the head has had all its objects and nobody else is waiting. */
static bool head_is_over(const struct enumerator *e, const struct callback *b)
{
    return e->head == b->call && b->call->in_status && b->call->next == NULL;
}

HRESULT call_enter(struct enumerator *e, struct call *c, const struct timespec *deadline)
{
    const struct callback *b = callback_of(e);
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&e->lock);
    if (e->closed) {
        hr = WBEM_E_CALL_CANCELLED;
    } else if (b) {
        c->nested = true;
        if (!head_is_over(e, b)) {
            hr = WBEM_E_INVALID_OPERATION;
        }
    } else {
        call_append(e, c);
        hr = call_wait(e, c, deadline);
        if (hr != WBEM_S_NO_ERROR) {
            call_remove(e, c);
        }
    }
    pthread_mutex_unlock(&e->lock);
    return hr;
}

void call_leave(struct enumerator *e, struct call *c)
{
    if (c->nested) {
        return;
    }
    pthread_mutex_lock(&e->lock);
    call_remove(e, c);
    pthread_mutex_unlock(&e->lock);
}

void call_rewind(struct enumerator *e)
{
    const struct callback *b = callback_of(e);
    pthread_mutex_lock(&e->lock);
    if (!e->tail || (b && head_is_over(e, b))) {
        rewind_now(e);
    } else {
        e->tail->rewind_after = true;
    }
    pthread_mutex_unlock(&e->lock);
}
