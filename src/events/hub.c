/*
 * Who is subscribed to what, and who supplies events on demand.
 *
 * `hub.list` is held for reading while an event is offered, for writing while a
 * subscription joins or leaves. `hub.lock` guards the suppliers and what they
 * have taken on; it is not held during their calls: a call counts in
 * supply->calls, a subscription that is shown to a supplier in its `pins`, and
 * whoever takes one of them away waits for those. Lock order: lock, list.
 */
#include <stdlib.h>
#include <string.h>

#include "events/poller.h"

struct event_supply {
    struct event_supply *next;
    const struct event_supplier *ops;
    void *closure;
    unsigned refs;  /* under lock: its own, and each subscription that it supplies */
    unsigned calls; /* under lock: running */
    bool ended;     /* under lock */
};

static struct {
    pthread_rwlock_t list;
    struct subscription *first; /* under list */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct event_supply *supplies;
} hub = {.list = PTHREAD_RWLOCK_INITIALIZER,
         .lock = PTHREAD_MUTEX_INITIALIZER,
         .changed = PTHREAD_COND_INITIALIZER};

/* ---- calls to suppliers (under lock, which they drop) ------------------------------------- */

static struct event_demand demand_of(const struct subscription *s)
{
    return (struct event_demand){.id = s->id,
                                 .name_space = s->name_space,
                                 .query = s->text,
                                 .class_name = wql_query_class(s->query),
                                 .targets = s->targets,
                                 .target_count = s->target_count,
                                 .cls = s->cls};
}

static void supply_unref(struct event_supply *p)
{
    if (--p->refs == 0) {
        free(p);
    }
}

static HRESULT supply_begin(struct event_supply *p, struct subscription *s)
{
    struct event_supply **grown =
        realloc(s->supplied_by, (s->supplies + 1) * sizeof(struct event_supply *));
    if (!grown) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->supplied_by = grown;
    const struct event_demand d = demand_of(s);
    p->refs++;
    p->calls++;
    s->pins++;
    pthread_mutex_unlock(&hub.lock);
    HRESULT hr = p->ops->begin(p->closure, &d);
    pthread_mutex_lock(&hub.lock);
    s->pins--;
    p->calls--;
    pthread_cond_broadcast(&hub.changed);
    if (hr == WBEM_S_NO_ERROR) {
        s->supplied_by[s->supplies++] = p;
    } else {
        supply_unref(p);
    }
    return hr;
}

static void supply_end(struct event_supply *p, struct subscription *s)
{
    if (!p->ended) {
        const struct event_demand d = demand_of(s);
        p->calls++;
        pthread_mutex_unlock(&hub.lock);
        p->ops->end(p->closure, &d);
        pthread_mutex_lock(&hub.lock);
        p->calls--;
        pthread_cond_broadcast(&hub.changed);
    }
    supply_unref(p);
}

static bool is_supplied_by(const struct subscription *s, const struct event_supply *p)
{
    for (unsigned i = 0; i < s->supplies; i++) {
        if (s->supplied_by[i] == p) {
            return true;
        }
    }
    return false;
}

/* ---- subscriptions -------------------------------------------------------------------------- */

static void list_subscription(struct subscription *s)
{
    pthread_rwlock_wrlock(&hub.list);
    s->next = hub.first;
    if (s->next) {
        s->next->prev = s;
    }
    hub.first = s;
    s->listed = true;
    pthread_rwlock_unlock(&hub.list);
}

static void unlist_subscription(struct subscription *s)
{
    pthread_rwlock_wrlock(&hub.list);
    if (s->listed) {
        if (s->next) {
            s->next->prev = s->prev;
        }
        if (s->prev) {
            s->prev->next = s->next;
        } else {
            hub.first = s->next;
        }
        s->listed = false;
    }
    pthread_rwlock_unlock(&hub.list);
}

/* Under lock: the suppliers of now, with a reference each; free() it. */
static struct event_supply **all_supplies(size_t *ret_count)
{
    size_t count = 0;
    for (struct event_supply *p = hub.supplies; p; p = p->next) {
        count++;
    }
    struct event_supply **all = calloc(count + 1, sizeof(struct event_supply *));
    size_t n = 0;
    for (struct event_supply *p = hub.supplies; all && p; p = p->next) {
        p->refs++;
        all[n++] = p;
    }
    *ret_count = n;
    return all;
}

HRESULT hub_join(struct subscription *s, bool *ret_supplied)
{
    size_t count;
    pthread_mutex_lock(&hub.lock);
    struct event_supply **all = all_supplies(&count);
    HRESULT hr = all ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        list_subscription(s);
    }
    for (size_t i = 0; i < count; i++) {
        if (SUCCEEDED(hr) && !all[i]->ended) {
            hr = supply_begin(all[i], s);
        }
        supply_unref(all[i]);
    }
    free(all);
    *ret_supplied = s->supplies > 0;
    pthread_mutex_unlock(&hub.lock);
    return hr;
}

void hub_leave(struct subscription *s)
{
    pthread_mutex_lock(&hub.lock);
    unlist_subscription(s);
    while (s->pins > 0) {
        pthread_cond_wait(&hub.changed, &hub.lock);
    }
    while (s->supplies > 0) {
        supply_end(s->supplied_by[--s->supplies], s);
    }
    free(s->supplied_by);
    s->supplied_by = NULL;
    pthread_mutex_unlock(&hub.lock);
}

HRESULT hub_raise(struct repository_namespace *n, IWbemClassObject *event,
                  const struct subscription *except)
{
    struct schema *schema;
    HRESULT hr = schema_of(event, &schema);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_rwlock_rdlock(&hub.list);
    for (struct subscription *s = hub.first; s; s = s->next) {
        if (s->name_space == n && s != except && !s->polled &&
            schema_is_a(schema, wql_query_class(s->query))) {
            subscription_offer(s, event);
        }
    }
    pthread_rwlock_unlock(&hub.list);
    return WBEM_S_NO_ERROR;
}

bool hub_wants(const struct repository_namespace *n, enum intrinsic_family family,
               const wchar_t *event)
{
    bool wanted = false;
    pthread_rwlock_rdlock(&hub.list);
    for (struct subscription *s = hub.first; s && !wanted; s = s->next) {
        wanted = s->name_space == n && !s->polled &&
                 intrinsic_covers(wql_query_class(s->query), family, event);
    }
    pthread_rwlock_unlock(&hub.list);
    return wanted;
}

void hub_fail(struct repository_namespace *n, const wchar_t *class_name, HRESULT hr,
              IErrorInfo *error)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *schema;
    if (FAILED(repository_get_class(n, class_name, false, &cls)) ||
        FAILED(schema_of(cls, &schema))) {
        return;
    }
    pthread_rwlock_rdlock(&hub.list);
    for (struct subscription *s = hub.first; s; s = s->next) {
        const wchar_t *wanted = wql_query_class(s->query);
        bool system = wanted[0] == L'_' && wanted[1] == L'_'; /* did not start the provider */
        if (s->name_space == n && !s->polled && !system && schema_is_a(schema, wanted)) {
            subscription_fail(s, hr, error);
        }
    }
    pthread_rwlock_unlock(&hub.list);
}

HRESULT events_raise(struct repository_namespace *n, IWbemClassObject *event)
{
    if (!object_is_ours(event)) {
        return WBEM_E_INVALID_OBJECT;
    }
    struct schema *schema;
    HRESULT hr = schema_of(event, &schema);
    if (FAILED(hr)) {
        return hr;
    }
    if (!schema_is_a(schema, L"__Event")) {
        return WBEM_E_INVALID_OBJECT;
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *timed = NULL;
    hr = event_with_time(event, &timed);
    return FAILED(hr) ? hr : hub_raise(n, timed, NULL);
}

/* ---- suppliers ------------------------------------------------------------------------------- */

/* Under lock: the first subscription that the supplier has not been asked about; the subscriptions
 * go by growing id, so that one which says no is not asked twice. */
static struct subscription *next_unasked(const struct event_supply *p, uint64_t after)
{
    struct subscription *best = NULL;
    pthread_rwlock_rdlock(&hub.list);
    for (struct subscription *s = hub.first; s; s = s->next) {
        if (s->id > after && (!best || s->id < best->id) && !is_supplied_by(s, p)) {
            best = s;
        }
    }
    pthread_rwlock_unlock(&hub.list);
    return best; /* it can't leave: that takes the lock */
}

HRESULT events_supply(const struct event_supplier *ops, void *closure, struct event_supply **ret)
{
    struct event_supply *p = calloc(1, sizeof(*p));
    if (!p) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    p->ops = ops;
    p->closure = closure;
    p->refs = 1;
    pthread_mutex_lock(&hub.lock);
    struct event_supply **end = &hub.supplies;
    while (*end) {
        end = &(*end)->next;
    }
    *end = p;
    uint64_t after = 0;
    for (struct subscription *s; (s = next_unasked(p, after)) != NULL;) {
        after = s->id;
        (void)supply_begin(p, s); /* the query was accepted without this one */
    }
    pthread_mutex_unlock(&hub.lock);
    *ret = p;
    return WBEM_S_NO_ERROR;
}

void events_supply_end(struct event_supply *p)
{
    if (!p) {
        return;
    }
    pthread_mutex_lock(&hub.lock);
    struct event_supply **link = &hub.supplies;
    while (*link != p) {
        link = &(*link)->next;
    }
    *link = p->next;
    p->ended = true;
    while (p->calls > 0) {
        pthread_cond_wait(&hub.changed, &hub.lock);
    }
    supply_unref(p);
    pthread_mutex_unlock(&hub.lock);
}
