/*
 * A query against events. It selects from one class, but the events may be of
 * any class derived from that one: the query is bound to each as it appears.
 *
 * `lock` guards the list of those, the one used last first.
 */
#include <stdlib.h>

#include "events/events_private.h"

enum {
    BINDINGS_MOST = 16
};

/* The query bound to one class of events. */
struct binding {
    struct binding *next;
    struct schema *schema;
    struct wql_plan *plan;
    struct schema *projected; /* NULL: SELECT * */
    uint32_t *map;
};

struct event_filter {
    pthread_mutex_t lock;
    struct wql_query *query;
    struct binding *bindings;
};

static void binding_destroy(struct binding *b)
{
    if (b) {
        wql_plan_destroy(b->plan);
        schema_unref(b->projected);
        schema_unref(b->schema);
        free(b->map);
        free(b);
    }
}

static HRESULT binding_create(const struct wql_query *q, struct schema *s, struct wql_error *e,
                              struct binding **ret)
{
    struct binding *b = calloc(1, sizeof(*b));
    if (!b) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    b->schema = schema_ref(s);
    HRESULT hr = wql_plan_create(q, s, &b->plan, e);
    if (SUCCEEDED(hr) && !wql_plan_selects_all(b->plan)) {
        hr = schema_project(s, wql_plan_selected(b->plan), &b->projected, &b->map);
    }
    if (FAILED(hr)) {
        binding_destroy(b);
        return hr;
    }
    *ret = b;
    return WBEM_S_NO_ERROR;
}

/* Under lock. Objects that were sent from elsewhere bring a schema each, so only the ones used
 * last are kept. */
static HRESULT find_binding(struct event_filter *f, struct schema *s, struct binding **ret)
{
    struct binding **link = &f->bindings;
    unsigned looked_at = 0;
    while (*link && (*link)->schema != s && ++looked_at < BINDINGS_MOST) {
        link = &(*link)->next;
    }
    struct binding *b = *link;
    if (b && b->schema == s) {
        *link = b->next;
    } else {
        if (b) { /* the list is full: its end goes */
            *link = NULL;
            binding_destroy(b);
        }
        HRESULT hr = binding_create(f->query, s, NULL, &b);
        if (FAILED(hr)) {
            return hr;
        }
    }
    b->next = f->bindings;
    f->bindings = b;
    *ret = b;
    return WBEM_S_NO_ERROR;
}

HRESULT event_filter_apply(struct event_filter *f, IWbemClassObject *event, IWbemClassObject **ret)
{
    struct schema *s;
    struct binding *b;
    HRESULT hr = schema_of(event, &s);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&f->lock);
    hr = find_binding(f, s, &b);
    if (SUCCEEDED(hr) && !wql_plan_matches_object(b->plan, event)) {
        hr = WBEM_S_FALSE;
    }
    if (hr == WBEM_S_NO_ERROR && b->projected) {
        hr = object_project(event, b->projected, b->map, ret);
    } else if (hr == WBEM_S_NO_ERROR) {
        IWbemClassObject_AddRef(event);
        *ret = event;
    }
    pthread_mutex_unlock(&f->lock);
    return hr;
}

HRESULT event_filter_create(struct wql_query *q, IWbemClassObject *cls, struct wql_error *ret_error,
                            struct event_filter **ret)
{
    struct event_filter *f = calloc(1, sizeof(*f));
    if (!f) {
        wql_destroy(q);
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_mutex_init(&f->lock, NULL);
    f->query = q;
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) { /* a query that does not fit the class asked for is refused now */
        hr = binding_create(q, s, ret_error, &f->bindings);
    }
    if (FAILED(hr)) {
        event_filter_destroy(f);
        return hr;
    }
    *ret = f;
    return WBEM_S_NO_ERROR;
}

void event_filter_destroy(struct event_filter *f)
{
    if (!f) {
        return;
    }
    for (struct binding *b = f->bindings, *next; b; b = next) {
        next = b->next;
        binding_destroy(b);
    }
    wql_destroy(f->query);
    pthread_mutex_destroy(&f->lock);
    free(f);
}
