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

/* A sink whose Indicate raises (QueryObjectSink, IWbemUnboundObjectSink's kin). */
HRESULT events_sink_create(struct repository_namespace *n, IWbemObjectSink **ret);

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
