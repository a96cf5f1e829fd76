/*
 * What a source has yielded so far: MS-WMI's SemiSinkResultSetObject. Clones
 * share one and keep a position each; a forward-only one keeps only what has
 * not been taken yet.
 *
 * `lock` guards all fields but the last two groups. Whoever sets `fetching`
 * alone pulls, and alone touches `stage`, until it clears it. A pull runs on a
 * pool job of its own, or, when the source says that it is prompt, on the
 * reader's thread, which then waits for nobody. `pins` counts who is inside the
 * source (a pull, a cancel); the last one out destroys it once it is `retired`.
 */
#include "enumerator/budget.h"
#include "enumerator/enumerator_private.h"
#include "object/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEMAND_FIRST 16  /* of a prompt source; doubled up to DELIVERY_BATCH */
#define DEMAND_MOST 4096 /* of others */

struct result_set {
    pthread_mutex_t lock;
    atomic_uint refs;
    bool forward_only, prompt;    /* constant */
    ULONG read_ahead;             /* constant */
    struct result_budget *budget; /* constant, counted; NULL: nobody counts what is kept */

    bool is_work;             /* counts as a call in the background */
    struct com_caller caller; /* who has asked */
    struct source *source;
    unsigned users; /* open enumerators */
    unsigned pins;
    bool retired;  /* the source will not be pulled again */
    bool fetching; /* somebody pulls, or a job that will is on its way */
    bool done;     /* ended, failed or cancelled */
    HRESULT failure;
    IErrorInfo *error;
    BSTR text; /* set once, before `done` */
    struct reader *readers;
    uint64_t target;         /* produce up to this many objects */
    uint64_t produced;       /* objects yielded so far */
    uint64_t base;           /* of which the first that is still kept */
    uint64_t kept_bytes;     /* of what is kept, where there is a budget */
    size_t capacity;         /* of ring; a power of two */
    IWbemClassObject **ring; /* object i stands at i % capacity */

    /* The one who pulls. */
    struct pool_job job;
    ULONG prompt_demand;
    bool staging;
    ULONG staged;
    IWbemClassObject *stage[DELIVERY_BATCH];

    atomic_bool cancelled; /* written under lock */
};

/* ---- storage ----------------------------------------------------------- */

/* Under lock. */
static bool ring_reserve(struct result_set *r, uint64_t more)
{
    uint64_t kept = r->produced - r->base;
    if (kept + more <= r->capacity) {
        return true;
    }
    size_t capacity = r->capacity ? r->capacity : 64;
    while (capacity < kept + more) {
        capacity *= 2;
    }
    IWbemClassObject **ring = malloc(capacity * sizeof(IWbemClassObject *));
    if (!ring) {
        return false;
    }
    for (uint64_t i = r->base; i < r->produced; i++) {
        ring[i & (capacity - 1)] = r->ring[i & (r->capacity - 1)];
    }
    free(r->ring);
    r->ring = ring;
    r->capacity = capacity;
    return true;
}

/* Under lock, reserved before. */
static void ring_append(struct result_set *r, IWbemClassObject **objects, ULONG count)
{
    if (count == 0) {
        return;
    }
    size_t at = (size_t)r->produced & (r->capacity - 1);
    size_t run = r->capacity - at < count ? r->capacity - at : count;
    memcpy(r->ring + at, objects, run * sizeof(*objects));
    memcpy(r->ring, objects + run, (count - run) * sizeof(*objects));
    r->produced += count;
}

/* Under lock. */
static void ring_copy(const struct result_set *r, uint64_t from, IWbemClassObject **objects,
                      ULONG count)
{
    size_t at = (size_t)from & (r->capacity - 1);
    size_t run = r->capacity - at < count ? r->capacity - at : count;
    memcpy(objects, r->ring + at, run * sizeof(*objects));
    memcpy(objects + run, r->ring, (count - run) * sizeof(*objects));
}

static void release_all(IWbemClassObject **objects, ULONG count)
{
    for (ULONG i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
}

/* ---- life --------------------------------------------------------------- */

HRESULT result_set_create(struct source *source, LONG flags, ULONG read_ahead,
                          struct result_set **ret)
{
    struct result_set *r = calloc(1, sizeof(*r));
    if (!r || FAILED(com_caller_capture(&r->caller)) || pthread_mutex_init(&r->lock, NULL) != 0) {
        if (r) {
            com_caller_done(&r->caller);
        }
        free(r);
        source_destroy(source);
        return WBEM_E_OUT_OF_MEMORY;
    }
    atomic_init(&r->refs, 1);
    atomic_init(&r->cancelled, false);
    r->source = source;
    r->forward_only = (flags & WBEM_FLAG_FORWARD_ONLY) != 0;
    r->prompt = source->ops->is_prompt && source->ops->is_prompt(source);
    r->read_ahead = read_ahead ? read_ahead : READ_AHEAD_DEFAULT;
    r->prompt_demand = DEMAND_FIRST;
    r->budget = result_budget_ref(result_budget_in_use());
    *ret = r;
    return WBEM_S_NO_ERROR;
}

HRESULT result_set_begin_work(struct result_set *r)
{
    if (r->budget && !result_budget_begin_work(r->budget)) {
        return error_raise(WBEM_E_QUOTA_VIOLATION, "IWbemServices", NULL,
                           "as many calls of this user as may go on in the background do");
    }
    r->is_work = r->budget != NULL;
    return WBEM_S_NO_ERROR;
}

struct result_set *result_set_ref(struct result_set *r)
{
    atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed);
    return r;
}

void result_set_unref(struct result_set *r)
{
    if (!r || atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    source_destroy(r->source);
    for (uint64_t i = r->base; i < r->produced; i++) {
        IWbemClassObject_Release(r->ring[i & (r->capacity - 1)]);
    }
    if (r->budget) {
        result_budget_give(r->budget, r->produced - r->base, r->kept_bytes);
        if (r->is_work) {
            result_budget_end_work(r->budget);
        }
        result_budget_unref(r->budget);
    }
    if (r->error) {
        IErrorInfo_Release(r->error);
    }
    SysFreeString(r->text);
    com_caller_done(&r->caller);
    free(r->ring);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

bool result_set_is_forward_only(const struct result_set *r)
{
    return r->forward_only;
}

/* Under lock: the source, if it is the caller's to destroy now, outside the lock. */
static struct source *source_if_last(struct result_set *r)
{
    struct source *s = NULL;
    if (r->retired && r->pins == 0) {
        s = r->source;
        r->source = NULL;
    }
    return s;
}

/* Under lock. */
static void wake_readers(struct result_set *r)
{
    for (struct reader *rd = r->readers; rd; rd = rd->next) {
        if (rd->waiting && (r->done || r->produced >= rd->wake_at)) {
            pthread_cond_signal(&rd->ready);
        }
    }
}

static void wake_all_readers(struct result_set *r)
{
    for (struct reader *rd = r->readers; rd; rd = rd->next) {
        if (rd->waiting) {
            pthread_cond_signal(&rd->ready);
        }
    }
}

void result_set_enter(struct result_set *r)
{
    pthread_mutex_lock(&r->lock);
    r->users++;
    pthread_mutex_unlock(&r->lock);
}

void result_set_leave(struct result_set *r)
{
    pthread_mutex_lock(&r->lock);
    struct source *running = NULL;
    if (--r->users == 0) {
        atomic_store_explicit(&r->cancelled, true, memory_order_relaxed);
        if (!r->fetching) {
            r->done = true;
            r->retired = true;
        } else if (!r->done && r->source && r->source->ops->cancel) {
            running = r->source;
            r->pins++;
        }
        wake_all_readers(r);
    }
    if (running) {
        pthread_mutex_unlock(&r->lock);
        running->ops->cancel(running);
        pthread_mutex_lock(&r->lock);
        r->pins--;
    }
    struct source *last = source_if_last(r);
    pthread_mutex_unlock(&r->lock);
    source_destroy(last);
}

/* ---- the source's side ------------------------------------------------------ */

/* Under lock: the sequence ends here, whatever the source makes of it. */
static HRESULT end_with(struct result_set *r, HRESULT failure)
{
    r->failure = failure;
    r->done = true;
    wake_readers(r);
    return failure;
}

static uint64_t memory_of(IWbemClassObject **objects, uint64_t count)
{
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < count; i++) {
        bytes += object_memory(objects[i]);
    }
    return bytes;
}

/* Under lock: room for so many more with so many bytes, in memory and in the budget. */
static HRESULT reserve(struct result_set *r, uint64_t count, uint64_t bytes)
{
    if (!ring_reserve(r, count)) {
        return end_with(r, WBEM_E_OUT_OF_MEMORY);
    }
    if (r->budget && !result_budget_take(r->budget, count, bytes)) {
        (void)error_create(WBEM_E_QUOTA_VIOLATION, "Enumerate", NULL, NULL,
                           "The enumerators of this user keep as many objects as they may; read "
                           "forward only, or release some.",
                           &r->error);
        return end_with(r, WBEM_E_QUOTA_VIOLATION);
    }
    r->kept_bytes += bytes;
    return WBEM_S_NO_ERROR;
}

/* Under lock: a reader has taken what stands before its position, for good. */
static void let_go(struct result_set *r, uint64_t position)
{
    if (r->budget) {
        uint64_t bytes = 0;
        for (uint64_t i = r->base; i < position; i++) {
            bytes += object_memory(r->ring[i & (r->capacity - 1)]);
        }
        bytes = bytes < r->kept_bytes ? bytes : r->kept_bytes;
        r->kept_bytes -= bytes;
        result_budget_give(r->budget, position - r->base, bytes);
    }
    r->base = position;
}

/* Hand over what a prompt pull has put, and what else there is, in order. */
static HRESULT append(struct result_set *r, IWbemClassObject **objects, ULONG count)
{
    pthread_mutex_lock(&r->lock);
    ULONG staged = r->staging ? r->staged : 0;
    uint64_t bytes = r->budget ? memory_of(r->stage, staged) + memory_of(objects, count) : 0;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (atomic_load_explicit(&r->cancelled, memory_order_relaxed) || r->done) {
        hr = WBEM_E_CALL_CANCELLED;
    } else if (SUCCEEDED(hr = reserve(r, (uint64_t)staged + count, bytes))) {
        ring_append(r, r->stage, staged);
        ring_append(r, objects, count);
        wake_readers(r);
    }
    if (staged) {
        r->staged = 0;
    }
    pthread_mutex_unlock(&r->lock);
    if (FAILED(hr)) {
        release_all(r->stage, staged);
        release_all(objects, count);
    }
    return hr;
}

HRESULT result_set_put(struct result_set *r, IWbemClassObject *object)
{
    if (r->staging && r->staged < DELIVERY_BATCH &&
        !atomic_load_explicit(&r->cancelled, memory_order_relaxed)) {
        r->stage[r->staged++] = object;
        return WBEM_S_NO_ERROR;
    }
    return append(r, &object, 1);
}

HRESULT result_set_put_many(struct result_set *r, IWbemClassObject **objects, ULONG count)
{
    if (r->staging && count <= DELIVERY_BATCH - r->staged &&
        !atomic_load_explicit(&r->cancelled, memory_order_relaxed)) {
        memcpy(r->stage + r->staged, objects, count * sizeof(*objects));
        r->staged += count;
        return WBEM_S_NO_ERROR;
    }
    return append(r, objects, count);
}

BOOL result_set_cancelled(struct result_set *r)
{
    return atomic_load_explicit(&r->cancelled, memory_order_relaxed);
}

void result_set_set_text(struct result_set *r, BSTR text)
{
    pthread_mutex_lock(&r->lock);
    BSTR old = r->text;
    r->text = text;
    pthread_mutex_unlock(&r->lock);
    SysFreeString(old);
}

BSTR result_set_text(struct result_set *r)
{
    pthread_mutex_lock(&r->lock);
    BSTR text = r->done ? r->text : NULL;
    pthread_mutex_unlock(&r->lock);
    return text;
}

/* One pull, by the one who has set `fetching`. False: there will be no other. */
static bool pull_once(struct result_set *r, ULONG demand)
{
    struct source *s = r->source; /* stays: we hold a pin */
    struct com_call_context context;
    const struct com_call_context *now = com_call_context_current();
    bool told = !r->caller.name || (now && now->client);
    if (!told) { /* for whom this is, on a thread that doesn't know */
        com_call_context_for(&r->caller, &context);
        com_call_context_push(&context);
    }
    SetErrorInfo(0, NULL);
    HRESULT hr = s->ops->pull(s, demand, r);
    if (!told) {
        com_call_context_pop(&context);
    }
    IErrorInfo *error = NULL;
    if (FAILED(hr) && !result_set_cancelled(r)) {
        if (GetErrorInfo(0, &error) != S_OK) {
            error = NULL;
            (void)error_create(hr, "Enumerate", NULL, NULL, "The source of the objects failed.",
                               &error);
        }
    }
    if (r->staging && r->staged) {
        (void)append(r, NULL, 0); /* a failure is in r->failure */
    }

    pthread_mutex_lock(&r->lock);
    if (!r->done && (hr == WBEM_S_FALSE || FAILED(hr) || result_set_cancelled(r))) {
        r->done = true;
        r->failure = FAILED(hr) ? hr : WBEM_S_NO_ERROR;
        r->error = error;
        error = NULL;
    }
    bool more = !r->done;
    pthread_mutex_unlock(&r->lock);
    if (error) {
        IErrorInfo_Release(error);
    }
    return more;
}

/* Give up `fetching`; under lock on entry, not on return. */
static void fetch_end(struct result_set *r)
{
    r->fetching = false;
    r->pins--;
    r->retired = r->retired || r->done;
    wake_all_readers(r);
    struct source *last = source_if_last(r);
    pthread_mutex_unlock(&r->lock);
    source_destroy(last);
}

static void fetch_run(struct pool_job *job)
{
    struct result_set *r = COM_CONTAINER(job, struct result_set, job);
    pthread_mutex_lock(&r->lock);
    while (!r->done && r->produced < r->target && !result_set_cancelled(r)) {
        uint64_t demand = r->target - r->produced;
        pthread_mutex_unlock(&r->lock);
        (void)pull_once(r, demand < DEMAND_MOST ? (ULONG)demand : DEMAND_MOST);
        pthread_mutex_lock(&r->lock);
    }
    if (result_set_cancelled(r)) {
        r->done = true;
    }
    fetch_end(r);
    result_set_unref(r);
}

/* Under lock on entry and return: have a job pull. */
static void fetch_start(struct result_set *r)
{
    r->fetching = true;
    r->pins++;
    r->job.run = fetch_run;
    result_set_ref(r);
    HRESULT hr = pool_submit(&r->job);
    if (FAILED(hr)) {
        r->fetching = false;
        r->pins--;
        r->failure = hr;
        r->done = true;
        wake_readers(r);
        result_set_unref(r); /* never the last: the reader has one */
    }
}

/* Under lock on entry and return: pull for ourselves from a prompt source. */
static void fetch_here(struct result_set *r, uint64_t wanted)
{
    r->fetching = true;
    r->pins++;
    ULONG demand = r->prompt_demand;
    r->prompt_demand = demand < DELIVERY_BATCH ? demand * 2 : demand;
    if (demand > wanted) {
        demand = (ULONG)wanted;
    }
    pthread_mutex_unlock(&r->lock);
    r->staging = true;
    (void)pull_once(r, demand);
    r->staging = false;
    pthread_mutex_lock(&r->lock);
    fetch_end(r);
    pthread_mutex_lock(&r->lock);
}

/* ---- the readers' side ---------------------------------------------------------- */

HRESULT reader_init(struct reader *rd, struct result_set *set, uint64_t position)
{
    HRESULT hr = cond_init_monotonic(&rd->ready);
    if (FAILED(hr)) {
        result_set_unref(set);
        return hr;
    }
    rd->set = set;
    rd->position = position;
    rd->waiting = false;
    pthread_mutex_lock(&set->lock);
    rd->next = set->readers;
    set->readers = rd;
    pthread_mutex_unlock(&set->lock);
    return WBEM_S_NO_ERROR;
}

void reader_done(struct reader *rd)
{
    struct result_set *r = rd->set;
    pthread_mutex_lock(&r->lock);
    struct reader **at = &r->readers;
    while (*at != rd) {
        at = &(*at)->next;
    }
    *at = rd->next;
    pthread_mutex_unlock(&r->lock);
    pthread_cond_destroy(&rd->ready);
    result_set_unref(r);
}

/* Under lock: what may be produced ahead of this reader. The window that is added to the
 * read-ahead is small even for a call that wants millions: a slow sink must not make us hold
 * them. */
static void raise_target(struct result_set *r, uint64_t position, uint64_t wanted)
{
    uint64_t window = wanted < DELIVERY_BATCH ? wanted : DELIVERY_BATCH;
    uint64_t target = position + window + r->read_ahead;
    if (target > r->target) {
        r->target = target;
    }
}

/* Under lock: wait until `until` objects exist, or no more will. */
static enum read_outcome await(struct reader *rd, uint64_t until, uint64_t wanted, const bool *stop,
                               const struct timespec *deadline)
{
    struct result_set *r = rd->set;
    bool expired = false;
    for (bool first = true;; first = false) {
        if (*stop) {
            return READ_STOPPED;
        }
        if (r->produced >= until || r->done) {
            return READ_MORE;
        }
        if (expired) {
            return READ_TIMEDOUT;
        }
        if (r->prompt && !r->fetching) {
            if (!first && deadline) {
                struct timespec now = deadline_after(0);
                expired = now.tv_sec > deadline->tv_sec ||
                          (now.tv_sec == deadline->tv_sec && now.tv_nsec >= deadline->tv_nsec);
            }
            if (!expired) {
                uint64_t ready = r->produced - rd->position;
                fetch_here(r, wanted > ready ? wanted - ready : 1);
            }
            continue;
        }
        if (!r->prompt && !r->fetching) {
            fetch_start(r);
            continue;
        }
        rd->wake_at = until;
        rd->waiting = true;
        if (!deadline) {
            pthread_cond_wait(&rd->ready, &r->lock);
        } else {
            expired = pthread_cond_timedwait(&rd->ready, &r->lock, deadline) == ETIMEDOUT;
        }
        rd->waiting = false;
    }
}

/* Under lock: what a reader that stands at the last object has come to. */
static enum read_outcome outcome_here(const struct reader *rd, enum read_outcome otherwise)
{
    const struct result_set *r = rd->set;
    if (!r->done || rd->position < r->produced) {
        return otherwise;
    }
    return FAILED(r->failure) ? READ_FAILED : READ_END;
}

enum read_outcome reader_read(struct reader *rd, struct read_request *q)
{
    struct result_set *r = rd->set;
    q->count = 0;
    pthread_mutex_lock(&r->lock);
    raise_target(r, rd->position, q->wanted);
    uint64_t least = q->least;
    if (r->prompt && least < r->prompt_demand) {
        /* Nothing to wait for, so rather full batches; small ones first, for the first object. */
        least = q->most < r->prompt_demand ? q->most : r->prompt_demand;
    }
    enum read_outcome outcome = await(rd, rd->position + least, q->wanted, q->stop, q->deadline);
    if (outcome == READ_STOPPED) {
        pthread_mutex_unlock(&r->lock);
        return outcome;
    }

    uint64_t ready = r->produced - rd->position;
    q->count = ready < q->most ? (ULONG)ready : q->most;
    if (q->objects && q->count > 0) {
        ring_copy(r, rd->position, q->objects, q->count);
    }
    rd->position += q->count;
    if (r->forward_only) {
        let_go(r, rd->position);
    }
    /* Have the next objects made while these are looked at; but not one by one. */
    raise_target(r, rd->position, q->wanted - q->count);
    if (!r->prompt && !r->fetching && !r->done && r->target > r->produced &&
        r->target - r->produced > r->read_ahead / 2) {
        fetch_start(r);
    }
    outcome = outcome_here(rd, outcome);
    pthread_mutex_unlock(&r->lock);
    return outcome;
}

enum read_outcome reader_peek(struct reader *rd, const bool *stop)
{
    struct result_set *r = rd->set;
    enum read_outcome outcome = READ_MORE;
    pthread_mutex_lock(&r->lock);
    /* A prompt source costs no wait, so ask it whether there is anything. */
    if (r->prompt) {
        outcome = await(rd, rd->position + 1, 1, stop, NULL);
    }
    if (outcome != READ_STOPPED) {
        outcome = outcome_here(rd, READ_MORE);
    }
    pthread_mutex_unlock(&r->lock);
    return outcome;
}

enum read_outcome reader_wait(struct reader *rd, const bool *stop)
{
    struct result_set *r = rd->set;
    pthread_mutex_lock(&r->lock);
    uint64_t until = rd->position + 1;
    if (r->forward_only) {
        raise_target(r, rd->position, 1);
    } else {
        until = UINT64_MAX;
        r->target = UINT64_MAX;
    }
    enum read_outcome outcome = await(rd, until, DELIVERY_BATCH, stop, NULL);
    if (outcome != READ_STOPPED && r->done && FAILED(r->failure) &&
        (!r->forward_only || r->produced == rd->position)) {
        outcome = READ_FAILED;
    }
    pthread_mutex_unlock(&r->lock);
    return outcome;
}

uint64_t reader_position(struct reader *rd)
{
    pthread_mutex_lock(&rd->set->lock);
    uint64_t position = rd->position;
    pthread_mutex_unlock(&rd->set->lock);
    return position;
}

void reader_rewind(struct reader *rd)
{
    pthread_mutex_lock(&rd->set->lock);
    rd->position = 0;
    pthread_mutex_unlock(&rd->set->lock);
}

void reader_stop(struct reader *rd, bool *flag)
{
    pthread_mutex_lock(&rd->set->lock);
    *flag = true;
    if (rd->waiting) {
        pthread_cond_signal(&rd->ready);
    }
    pthread_mutex_unlock(&rd->set->lock);
}

/* ---- the set as a whole ------------------------------------------------------------- */

void result_set_prefetch(struct result_set *r)
{
    pthread_mutex_lock(&r->lock);
    if (!r->prompt && !r->fetching && !r->done) {
        raise_target(r, 0, 0);
        fetch_start(r);
    }
    pthread_mutex_unlock(&r->lock);
}

HRESULT result_set_failure(struct result_set *r, IErrorInfo **ret_error)
{
    pthread_mutex_lock(&r->lock);
    HRESULT hr = r->failure;
    IErrorInfo *error = r->error;
    pthread_mutex_unlock(&r->lock);
    if (error) {
        IErrorInfo_AddRef(error); /* never changed once set, and the set holds it */
    }
    *ret_error = error;
    return hr;
}

uint64_t result_set_produced(struct result_set *r, bool *ret_done)
{
    pthread_mutex_lock(&r->lock);
    uint64_t produced = r->produced;
    *ret_done = r->done;
    pthread_mutex_unlock(&r->lock);
    return produced;
}
