/*
 * Events: event queries become sources of event objects; whoever has an event
 * raises it in a namespace, and it reaches the subscriptions there that want it.
 * See docs/events.md.
 */
#ifndef WBEM_EVENTS_EVENTS_H
#define WBEM_EVENTS_EVENTS_H

#include "enumerator/source.h"
#include "repository/repository.h"

/* ---- subscribing ------------------------------------------------------------------- */

/* A source of the events that match an event query, from now on; it ends when it is cancelled.
 * `services` are of the same namespace; what is polled is asked of them. `operation` is for error
 * objects. WBEM_E_UNPARSABLE_QUERY, WBEM_E_INVALID_QUERY, WBEM_E_INVALID_CLASS,
 * WBEM_E_INVALID_EVENT_CLASS…, and what the providers of the events fail with. */
HRESULT events_source(struct repository_namespace *n, IWbemServices *services, const wchar_t *query,
                      const char *operation, struct source **ret);

/* What one subscription may hold; afterwards events are dropped, which an
 * __EventQueueOverflowEvent tells in their place. */
enum {
    EVENT_QUEUE_OBJECTS = 10000,
    EVENT_QUEUE_BYTES = 16 << 20
};

/* ---- raising ---------------------------------------------------------------------------- */

/* Hand an event, an instance of a class derived from __Event, to the subscriptions of the
 * namespace. TIME_CREATED is filled in when it is null. Any thread; the events of one thread keep
 * their order. It does not wait for consumers. WBEM_E_INVALID_OBJECT. */
HRESULT events_raise(struct repository_namespace *n, IWbemClassObject *event);

/* Tell that a consumer of permanent subscriptions has failed to take an event, by a
 * __ConsumerFailureEvent in the consumer's namespace. `path` is the consumer's, `error` may be
 * NULL. Nothing is raised when the event itself tells of an event that was dropped. */
HRESULT events_consumer_failed(struct repository_namespace *n, IWbemClassObject *event,
                               const wchar_t *path, HRESULT failure, IErrorInfo *error);

/* A sink whose Indicate raises (QueryObjectSink, IWbemUnboundObjectSink's kin). */
HRESULT events_sink_create(struct repository_namespace *n, IWbemObjectSink **ret);

/* ---- changes of the repository --------------------------------------------------------------- */

enum change_concern {
    CHANGE_IGNORED,
    CHANGE_LATER, /* soon, once for many */
    CHANGE_NOW    /* before the call that made the change returns */
};

struct change_watch_ops {
    /* How much a change that this process has made matters. Many a call, so it is to be quick. */
    enum change_concern (*concern)(void *closure, const struct repository_event *e);
    /* Something has changed that matters, or another process has changed anything. On any thread,
     * and on several at a time. */
    void (*changed)(void *closure);
};

struct change_watch;

HRESULT change_watch_start(struct repository *r, const struct change_watch_ops *ops, void *closure,
                           struct change_watch **ret);
/* When it returns, no call is running or will come. Not from within one. NULL is fine. */
void change_watch_stop(struct change_watch *w);

/* ---- supplying on demand ------------------------------------------------------------------- */

/* A query that begins or has ended. */
struct event_demand {
    uint64_t id; /* of the subscription, never used again */
    struct repository_namespace *name_space;
    const wchar_t *query;          /* as given */
    const wchar_t *class_name;     /* that it selects from */
    const wchar_t *const *targets; /* the classes that TargetInstance (TargetClass, …) must be of */
    size_t target_count;           /* 0: any */
    IWbemClassObject *cls;         /* the class selected from */
};

/* Who raises events only while somebody wants them: providers of the kernel's events, adapters of
 * IWbemEventProvider and IWbemEventProviderQuerySink. */
struct event_supplier {
    /* Before the subscription gets its first event. WBEM_S_NO_ERROR: events for it are supplied
     * from now on, so an intrinsic query needs no WITHIN and is not polled. WBEM_S_FALSE: not
     * mine. A failure, with its error object, fails the query. */
    HRESULT (*begin)(void *closure, const struct event_demand *d);
    /* For each begin() that gave WBEM_S_NO_ERROR. The events may go on for a while. */
    void (*end)(void *closure, const struct event_demand *d);
};

struct event_supply;

/* Queries that are active already are told of at once, within this call. */
HRESULT events_supply(const struct event_supplier *s, void *closure, struct event_supply **ret);
/* When it returns, no call of the supplier is running or will come. */
void events_supply_end(struct event_supply *s);

#endif
