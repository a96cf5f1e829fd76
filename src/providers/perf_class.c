/*
 * Queries on the classes of a performance object. A formatted class computes
 * from the sample that the last query on it took; the first one has none, so
 * what needs two samples shows 0.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "providers/perf.h"

const struct perf_class *perf_class_of(const struct provider_class *provider)
{
    bool is_perf =
        provider && (provider->open == perf_raw_open || provider->open == perf_formatted_open);
    return is_perf ? (const struct perf_class *)((const char *)provider -
                                                 offsetof(struct perf_class, provider))
                   : NULL;
}

static void fill(struct provider_row *row, const struct perf_object *object,
                 const struct perf_item *item, const struct perf_numbers *n)
{
    if (!object->singleton) {
        provider_set_string(row, PERF_COLUMN_NAME, item->name);
    }
    for (unsigned i = PERF_COLUMN_NAME + 1; i < PERF_COLUMN_COUNTERS + object->counter_count; i++) {
        if (n->known >> i & 1) {
            provider_set_uint(row, i, n->values[i]);
        }
    }
}

/* ---- raw -------------------------------------------------------------------------- */

struct raw_cursor {
    struct perf_pass pass;
    struct perf_item item;
};

void perf_raw_close(void *cursor)
{
    struct raw_cursor *c = cursor;
    if (c) {
        c->pass.object->close(c->pass.reader);
        free(c);
    }
}

static uint64_t wanted_counters(const struct provider_request *q, const struct perf_object *object)
{
    uint64_t wanted = 0;
    for (unsigned i = 0; i < object->counter_count; i++) {
        if (provider_request_wants(q, PERF_COLUMN_COUNTERS + i)) {
            wanted |= UINT64_C(1) << i;
        }
    }
    return wanted;
}

HRESULT perf_raw_open(const struct provider_request *q, void **ret)
{
    const struct perf_object *object = perf_class_of(provider_request_class(q))->object;
    struct raw_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    void *reader;
    HRESULT hr = object->open(&reader);
    if (FAILED(hr)) {
        free(c);
        return hr;
    }
    hr = perf_pass_begin(&c->pass, object, reader, wanted_counters(q, object));
    if (FAILED(hr)) {
        perf_raw_close(c);
        return hr;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

HRESULT perf_raw_next(void *cursor, struct provider_row *row)
{
    struct raw_cursor *c = cursor;
    struct perf_numbers n;
    if (!perf_pass_next(&c->pass, &c->item)) {
        return WBEM_S_FALSE;
    }
    perf_raw_numbers(c->pass.object, &c->pass.stamp, &c->item, &n);
    fill(row, c->pass.object, &c->item, &n);
    return WBEM_S_NO_ERROR;
}

/* ---- formatted ------------------------------------------------------------------------ */

/* A sample of everything; shared, and not changed once it is. */
struct perf_table {
    atomic_uint refs;
    struct perf_stamp stamp;
    size_t count, capacity;
    struct perf_item *items;
};

struct formatted_cursor {
    const struct perf_object *object;
    struct perf_table *before; /* NULL: this is the first query */
    struct perf_table *now;
    size_t at, at_before;
};

static void table_unref(struct perf_table *t)
{
    if (t && atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) == 1) {
        free(t->items);
        free(t);
    }
}

static HRESULT table_grow(struct perf_table *t)
{
    size_t capacity = t->capacity ? 2 * t->capacity : 8;
    struct perf_item *items = reallocarray(t->items, capacity, sizeof *items);
    if (!items) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    t->items = items;
    t->capacity = capacity;
    return WBEM_S_NO_ERROR;
}

static HRESULT table_fill(struct perf_table *t, const struct perf_object *object, void *reader)
{
    struct perf_pass pass;
    HRESULT hr = perf_pass_begin(&pass, object, reader, ~UINT64_C(0));
    t->stamp = pass.stamp;
    while (SUCCEEDED(hr)) {
        if (t->count == t->capacity) {
            hr = table_grow(t);
            continue;
        }
        if (!perf_pass_next(&pass, &t->items[t->count])) {
            break;
        }
        t->count++;
    }
    return hr;
}

static HRESULT table_read(const struct perf_object *object, struct perf_table **ret)
{
    struct perf_table *t = calloc(1, sizeof *t);
    if (!t) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    atomic_init(&t->refs, 1);
    void *reader;
    HRESULT hr = object->open(&reader);
    if (SUCCEEDED(hr)) {
        hr = table_fill(t, object, reader);
        object->close(reader);
    }
    if (FAILED(hr)) {
        table_unref(t);
        return hr;
    }
    *ret = t;
    return WBEM_S_NO_ERROR;
}

/* Leaves this sample for the next query and takes the one that was left for us. */
static struct perf_table *exchange(struct perf_history *h, struct perf_table *now)
{
    atomic_fetch_add_explicit(&now->refs, 1, memory_order_relaxed);
    pthread_mutex_lock(&h->lock);
    struct perf_table *before = h->last;
    h->last = now;
    pthread_mutex_unlock(&h->lock);
    return before;
}

HRESULT perf_formatted_open(const struct provider_request *q, void **ret)
{
    struct formatted_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->object = perf_class_of(provider_request_class(q))->object;
    HRESULT hr = table_read(c->object, &c->now);
    if (FAILED(hr)) {
        free(c);
        return hr;
    }
    c->before = exchange(c->object->history, c->now);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

void perf_formatted_close(void *cursor)
{
    struct formatted_cursor *c = cursor;
    if (c) {
        table_unref(c->before);
        table_unref(c->now);
        free(c);
    }
}

/* Both samples have their things in the same order, so the search mostly ends where it begins. */
static const struct perf_item *find_before(struct formatted_cursor *c, const struct perf_item *item)
{
    size_t count = c->before ? c->before->count : 0;
    for (size_t i = 0; i < count; i++) {
        size_t at = (c->at_before + i) % count;
        if (perf_same(&c->before->items[at], item)) {
            c->at_before = at + 1;
            return &c->before->items[at];
        }
    }
    return NULL;
}

HRESULT perf_formatted_next(void *cursor, struct provider_row *row)
{
    struct formatted_cursor *c = cursor;
    if (c->at == c->now->count) {
        return WBEM_S_FALSE;
    }
    const struct perf_item *item = &c->now->items[c->at++];
    const struct perf_item *first = find_before(c, item);
    struct perf_numbers n;
    perf_formatted_numbers(c->object, first ? &c->before->stamp : NULL, first, &c->now->stamp, item,
                           &n);
    fill(row, c->object, item, &n);
    return WBEM_S_NO_ERROR;
}
