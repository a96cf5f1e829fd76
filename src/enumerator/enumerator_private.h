/*
 * What the files of this folder share: the result set that clones read from,
 * and the queue of calls that stands before each enumerator.
 *
 * Lock order: enumerator.lock, then result_set.lock; the pool's lock and those
 * of the table of sinks come last and are never held while another is taken.
 * None is held while a source, a sink, an object's or an owner's code runs.
 */
#ifndef WBEM_ENUMERATOR_PRIVATE_H
#define WBEM_ENUMERATOR_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "com/com.h"
#include "enumerator/enumerator.h"
#include "enumerator/pool.h"

/* At most so many objects in one Indicate: enough that the cost of a call and of our locks is
 * spread thin, few enough that objects of a few hundred bytes are still in the cache when the
 * sink looks at them and when they are released. */
#define DELIVERY_BATCH 256
/* Objects produced ahead of demand unless the options say otherwise. */
#define READ_AHEAD_DEFAULT 256

/* ---- result_set.c: what the source has yielded ---------------------------- */

enum read_outcome {
    READ_MORE,     /* as many as were waited for; there may be more */
    READ_END,      /* nothing comes after these */
    READ_FAILED,   /* nothing comes after these: the source failed */
    READ_STOPPED,  /* the stop flag was set; nothing was taken */
    READ_TIMEDOUT, /* fewer than were waited for */
};

/* One position in a result set. Used by one thread at a time. */
struct reader {
    struct result_set *set; /* a reference */
    struct reader *next;    /* under set->lock */
    uint64_t position;      /* under set->lock: objects before it were taken */
    uint64_t wake_at;       /* under set->lock: how many must have been produced to go on */
    bool waiting;           /* under set->lock */
    pthread_cond_t ready;   /* with set->lock */
};

struct read_request {
    ULONG most;                      /* take at most this many */
    ULONG least;                     /* wait for this many, at most DELIVERY_BATCH */
    uint64_t wanted;                 /* what the call wants in all, from here on */
    const bool *stop;                /* written by reader_stop() */
    const struct timespec *deadline; /* CLOCK_MONOTONIC; NULL: wait for ever */
    /* NULL, for a set that is not forward-only: just move the position. Otherwise forward-only
     * sets hand over their references, others lend theirs for as long as the set lives. */
    IWbemClassObject **objects;
    ULONG count; /* out: how many were taken */
};

/* Takes the source, also on failure. */
HRESULT result_set_create(struct source *source, LONG flags, ULONG read_ahead,
                          struct result_set **ret);
/* Counts it as a call that goes on in the background: WBEM_E_QUOTA_VIOLATION. */
HRESULT result_set_begin_work(struct result_set *r);
struct result_set *result_set_ref(struct result_set *r);
void result_set_unref(struct result_set *r);
bool result_set_is_forward_only(const struct result_set *r);
/* Enumerators in use: when the last has left, the source is cancelled. */
void result_set_enter(struct result_set *r);
void result_set_leave(struct result_set *r);
/* Begin reading ahead, for a source that is better not waited for. */
void result_set_prefetch(struct result_set *r);
/* How the source failed; *ret_error is a new reference, or NULL. */
HRESULT result_set_failure(struct result_set *r, IErrorInfo **ret_error);
/* The string that the operation yields; taken. Before the source has ended. */
void result_set_set_text(struct result_set *r, BSTR text);
/* Borrowed for as long as the set lives; NULL: there is none. After the source has ended. */
BSTR result_set_text(struct result_set *r);
/* Objects yielded so far, and whether that is all. */
uint64_t result_set_produced(struct result_set *r, bool *ret_done);

/* Takes the caller's reference to the set. */
HRESULT reader_init(struct reader *rd, struct result_set *set, uint64_t position);
void reader_done(struct reader *rd);
enum read_outcome reader_read(struct reader *rd, struct read_request *q);
/* Is anything left to read? Does not wait: READ_MORE also when that is not known. */
enum read_outcome reader_peek(struct reader *rd, const bool *stop);
/* Wait until the set is complete, or, for a forward-only one, holds an object. */
enum read_outcome reader_wait(struct reader *rd, const bool *stop);
uint64_t reader_position(struct reader *rd);
void reader_rewind(struct reader *rd);
/* Set the flag so that no read that looks at it takes anything any more. */
void reader_stop(struct reader *rd, bool *flag);

/* ---- call.c: the queue of calls before an enumerator ------------------------ */

/* A call that stands in the queue. The head is being served; whoever serves it alone uses the
 * enumerator's reader. */
struct call {
    struct call *next, *prev; /* under e->lock */
    struct enumerator *e;     /* the call is counted in e->holds while it is queued */
    pthread_cond_t turn;      /* with e->lock; initialised only while has_turn */
    bool has_turn;            /* under e->lock: a thread waits for this call's turn */
    bool is_async;            /* served by the courier, once it is no longer held */
    bool held;                /* under e->lock: its caller is still inside NextAsync */
    bool in_status;           /* under e->lock: its final status is decided */
    bool rewind_after;        /* under e->lock: Reset was called after this call */
    bool nested;              /* made in SetStatus of the head: not in the queue */
    bool cancelled;           /* written under e->lock and set->lock, read under either */

    /* Deliveries only. */
    IWbemObjectSink *sink; /* a reference once not held */
    IUnknown *owner;       /* a reference, or NULL */
    uint64_t wanted;
    LONG flags;
    DWORD authn_level;                  /* what the sink's calls carry */
    struct call *sink_next, *sink_prev; /* under the bucket's lock */
    uint64_t serial;
    bool cancel_seen; /* under the bucket's lock */
};

struct enumerator {
    atomic_uint holds; /* one for each face, each running method, the courier */
    atomic_uint faces; /* COM objects (enumerator.c) that stand before this */
    pthread_mutex_t lock;
    pthread_cond_t courier_wake;
    struct call *head, *tail; /* under lock */
    bool courier;             /* under lock: a pool job serves the deliveries */
    bool closed;              /* written under lock and set->lock, read under either */
    bool uncontrolled;        /* one delivery without a COM face; closed when it ends */
    bool failure_reported;    /* used by whoever serves the head */
    struct reader reader;
    struct pool_job courier_job;
    struct principal *principal; /* who may call; security.c */
    bool internal;               /* everybody may */
};

/* Takes the reference to the set, also on failure. */
HRESULT enumerator_new(struct result_set *set, uint64_t position, struct enumerator **ret);
void enumerator_hold(struct enumerator *e);
void enumerator_unhold(struct enumerator *e);
/* Cancel everything, for good. */
void enumerator_close(struct enumerator *e);
/* Cancel deliveries to the sink that are not younger than `serial`; false: there was none. */
bool enumerator_cancel_sink(struct enumerator *e, IWbemObjectSink *sink, uint64_t serial);
/* What stands behind a COM object that enumerator_create() or Clone made. */
struct enumerator *enumerator_behind(IEnumWbemClassObject *iface);

/* Join the queue and wait for the turn: WBEM_S_NO_ERROR at the head, WBEM_S_TIMEDOUT,
 * WBEM_E_CALL_CANCELLED, or WBEM_E_INVALID_OPERATION inside a callback that the call would have to
 * wait for. On WBEM_S_NO_ERROR call_leave() is owed. */
HRESULT call_enter(struct enumerator *e, struct call *c, const struct timespec *deadline);
void call_leave(struct enumerator *e, struct call *c);
/* The same in steps, under e->lock. */
void call_append(struct enumerator *e, struct call *c);
void call_remove(struct enumerator *e, struct call *c);
HRESULT call_wait(struct enumerator *e, struct call *c, const struct timespec *deadline);
/* Reset: from the beginning for what is called from now on. */
void call_rewind(struct enumerator *e);

/* The callbacks that this thread is in, innermost first. */
struct callback {
    struct enumerator *e;
    struct call *call;
    struct callback *outer;
};
/* The innermost one that serves this enumerator, or NULL. */
const struct callback *callback_of(const struct enumerator *e);
void callback_push(struct callback *b);
void callback_pop(struct callback *b);

/* ---- delivery.c: the courier and the table of sinks ---------------------------- */

/* The rest of NextAsync once its parameters are found good. */
HRESULT delivery_next_async(struct enumerator *e, ULONG count, IWbemObjectSink *sink,
                            DWORD authn_level);
void sink_table_add(struct call *c);
void sink_table_remove(struct call *c);

/* ---- security.c ------------------------------------------------------------------ */

/* Who is calling; *ret is NULL for the process itself. */
HRESULT principal_capture(struct principal **ret);
HRESULT principal_copy(const struct principal *p, struct principal **ret);
void principal_destroy(struct principal *p);
/* WBEM_E_ACCESS_DENIED for another than `p`. */
HRESULT principal_check(const struct principal *p);

/* E_ACCESSDENIED when the sink, through IClientSecurity, demands more than `authn_level`. */
HRESULT sink_accepts_level(IWbemObjectSink *sink, DWORD authn_level);
/* While calling a sink: what CoQueryClientBlanket tells it. */
struct sink_context {
    struct com_call_context context;
};
void sink_context_push(struct sink_context *s, const struct principal *p, DWORD authn_level);
void sink_context_pop(struct sink_context *s);

/* The level that an enumerator starts with: that of the call that makes it; nothing is weaker than
 * a call inside one process. */
DWORD starting_level(void);

/* ---- small things ------------------------------------------------------------------ */

/* `timeout` milliseconds from now on CLOCK_MONOTONIC. */
struct timespec deadline_after(LONG timeout);
HRESULT cond_init_monotonic(pthread_cond_t *cond);

#endif
