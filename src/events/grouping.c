/*
 * GROUP WITHIN for a subscription: its groups, the clock they close by and the
 * __AggregateEvent that each becomes, if HAVING lets it.
 *
 * `lock` is taken before the subscription's own.
 */
#include <stdlib.h>

#include "events/events_private.h"
#include "events/group.h"

struct grouping {
    struct subscription *subscription;
    pthread_mutex_t lock;
    struct event_groups *groups; /* under lock */
    bool ticking;                /* under lock: the timer is set */
    struct reactor_timer timer;
    const wchar_t **by; /* owned; the names are the query's */
};

static HRESULT aggregate(struct subscription *s, IWbemClassObject *representative, uint32_t count,
                         IWbemClassObject **ret)
{
    struct row *r = NULL;
    HRESULT hr = event_row(s->name_space, L"__AggregateEvent", &r);
    if (SUCCEEDED(hr)) {
        hr = event_set_object(r, L"Representative", representative);
    }
    if (SUCCEEDED(hr)) {
        hr = event_set_uint(r, L"NumberOfEvents", count);
    }
    if (SUCCEEDED(hr)) {
        hr = event_encode(r, s->name_space, ret);
    }
    row_destroy(r);
    return hr;
}

static void group_closed(void *closure, IWbemClassObject *representative, uint32_t count)
{
    struct subscription *s = closure;
    IWbemClassObject *event;
    if (wql_query_having_matches(s->query, count) &&
        SUCCEEDED(aggregate(s, representative, count, &event))) {
        subscription_enqueue(s, event);
    }
}

/* Under lock. */
static void wind(struct grouping *g)
{
    int64_t due = event_groups_due(g->groups);
    g->ticking = due != INT64_MAX && SUCCEEDED(reactor_set(&g->timer, due));
}

static void expired(struct reactor_timer *t)
{
    struct grouping *g = COM_CONTAINER(t, struct grouping, timer);
    pthread_mutex_lock(&g->lock);
    event_groups_expire(g->groups, reactor_now(), group_closed, g->subscription);
    wind(g);
    pthread_mutex_unlock(&g->lock);
}

void grouping_add(struct grouping *g, IWbemClassObject *event, IWbemClassObject *shown)
{
    pthread_mutex_lock(&g->lock);
    (void)event_groups_add(g->groups, event, shown, reactor_now(), group_closed, g->subscription);
    if (!g->ticking) {
        wind(g);
    }
    pthread_mutex_unlock(&g->lock);
}

HRESULT grouping_create(struct subscription *s, int64_t window, struct grouping **ret)
{
    size_t count = 0;
    while (wql_query_group_by(s->query, count)) {
        count++;
    }
    struct grouping *g = calloc(1, sizeof(*g));
    if (g) {
        g->by = calloc(count + 1, sizeof(*g->by));
    }
    if (!g || !g->by) {
        free(g);
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        g->by[i] = wql_query_group_by(s->query, i);
    }
    g->subscription = s;
    g->timer.expired = expired;
    pthread_mutex_init(&g->lock, NULL);
    HRESULT hr = event_groups_create(g->by, count, window, &g->groups);
    if (FAILED(hr)) {
        grouping_destroy(g);
        return hr;
    }
    *ret = g;
    return WBEM_S_NO_ERROR;
}

void grouping_destroy(struct grouping *g)
{
    if (!g) {
        return;
    }
    reactor_unset(&g->timer);
    event_groups_destroy(g->groups);
    pthread_mutex_destroy(&g->lock);
    free(g->by);
    free(g);
}
