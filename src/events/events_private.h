/* What the files of the events module share. */
#ifndef WBEM_EVENTS_PRIVATE_H
#define WBEM_EVENTS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "com/com.h"
#include "events/events.h"
#include "events/reactor.h"
#include "wql/wql.h"

/* ---- making event objects (event_object.c) --------------------------------------------- */

/* 100 nanosecond intervals since 1601-01-01 UTC: TIME_CREATED. */
uint64_t event_time_now(void);
/* The same of a moment in nanoseconds of CLOCK_MONOTONIC. */
uint64_t event_time_of(int64_t monotonic);
/* Bytes that an object takes in a queue. */
size_t event_size(IWbemClassObject *object);
/* Set a property by name; a name that the class lacks is passed over. */
HRESULT event_set_uint(struct row *r, const wchar_t *name, uint64_t v);
HRESULT event_set_object(struct row *r, const wchar_t *name, IWbemClassObject *v);
/* A row for an event of the class, TIME_CREATED filled in where it has that. */
HRESULT event_row(struct repository_namespace *n, const wchar_t *class_name, struct row **ret);
HRESULT event_encode(struct row *r, struct repository_namespace *n, IWbemClassObject **ret);
/* `event` itself, or a copy with TIME_CREATED; a new reference. */
HRESULT event_with_time(IWbemClassObject *event, IWbemClassObject **ret);

/* ---- which events, and what of them (filter.c) --------------------------------------------- */

struct event_filter;

/* Takes the query, also on failure. `cls`: the class selected from. */
HRESULT event_filter_create(struct wql_query *q, IWbemClassObject *cls, struct wql_error *ret_error,
                            struct event_filter **ret);
void event_filter_destroy(struct event_filter *f);
/* WBEM_S_NO_ERROR with *ret, the event as the select list wants it (a new reference);
 * WBEM_S_FALSE: it is not wanted. Any thread. */
HRESULT event_filter_apply(struct event_filter *f, IWbemClassObject *event, IWbemClassObject **ret);

/* ---- a subscription: its queue, and the source before it (subscription.c) -------------------- */

struct subscription {
    struct source source;
    struct repository_namespace *name_space;
    struct event_filter *filter;
    struct wql_query *query; /* owned by the filter */
    wchar_t *text;
    const wchar_t **targets; /* the names are the query's */
    size_t target_count;
    struct grouping *grouping; /* NULL: events go to the queue themselves */
    bool listening;            /* static_listen() */
    IWbemClassObject *cls;
    uint64_t id;
    atomic_bool polled; /* what is raised is not for it */

    struct subscription *next, *prev; /* in the hub, under its lock */
    bool listed;                      /* under the hub's lock, as the next three */
    unsigned pins;
    struct event_supply **supplied_by;
    unsigned supplies;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    IWbemClassObject **ring;       /* under lock, as all that follows */
    size_t capacity, first, count; /* capacity is a power of two */
    size_t bytes;
    bool cancelled;
    uint64_t dropped;            /* since the last overflow event */
    IWbemClassObject *announce;  /* an overflow event to be raised for others */
    IWbemClassObject *last_lost; /* of those */
    HRESULT failure;
    IErrorInfo *error;
};

HRESULT subscription_create(struct repository_namespace *n, struct subscription **ret);
/* An event for it if its filter lets it pass. */
void subscription_offer(struct subscription *s, IWbemClassObject *event);
/* An object for its queue as it is; takes the reference. */
void subscription_enqueue(struct subscription *s, IWbemClassObject *object);
/* End it after what is queued; takes a reference to the details (may be NULL). */
void subscription_fail(struct subscription *s, HRESULT hr, IErrorInfo *error);

/* ---- who is subscribed, who supplies (hub.c) ---------------------------------------------------
 */

/* Tells the suppliers and lists it. *ret_supplied: somebody supplies its events. */
HRESULT hub_join(struct subscription *s, bool *ret_supplied);
void hub_leave(struct subscription *s);
/* Offer the event to the namespace's subscriptions but `except` (may be NULL). */
HRESULT hub_raise(struct repository_namespace *n, IWbemClassObject *event,
                  const struct subscription *except);
/* End the namespace's subscriptions whose query covers the class. */
void hub_fail(struct repository_namespace *n, const wchar_t *class_name, HRESULT hr,
              IErrorInfo *error);

/* ---- changes made by this process (static.c)
 * ------------------------------------------------------ */

HRESULT static_listen(struct repository *r);
void static_unlisten(struct repository *r);

/* ---- GROUP (grouping.c)
 * ------------------------------------------------------------------------------ */

struct grouping;

/* `window` in ns. */
HRESULT grouping_create(struct subscription *s, int64_t window, struct grouping **ret);
void grouping_destroy(struct grouping *g); /* NULL is fine */
/* Count an event, by whose values it is grouped; `shown` is it as the select list wants it. */
void grouping_add(struct grouping *g, IWbemClassObject *event, IWbemClassObject *shown);

#endif
