/*
 * Groups of events: a hash table by the values of the BY properties, and a list
 * in the order of beginning, which is that of ending too (WmiSdk "GROUP Clause":
 * the interval runs from a group's first event).
 */
#include "events/group.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"

enum {
    BUCKETS = 256
};

struct event_group {
    struct event_group *next; /* in the bucket */
    struct event_group *younger;
    uint32_t hash;
    int64_t due;
    uint32_t count;
    IWbemClassObject *representative;
    size_t key_size;
    uint8_t key[];
};

struct event_groups {
    const wchar_t *const *by;
    size_t by_count;
    int64_t window;
    size_t count;
    struct event_group *oldest, *youngest;
    struct event_group *buckets[BUCKETS];
};

struct key_bytes {
    uint8_t *bytes;
    size_t size, capacity;
};

/* ---- what events are told apart by ----------------------------------------------------------- */

static HRESULT put(struct key_bytes *k, const void *bytes, size_t size)
{
    if (k->capacity - k->size < size) {
        size_t capacity = 2 * k->capacity + size + 64;
        uint8_t *grown = realloc(k->bytes, capacity);
        if (!grown) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        k->bytes = grown;
        k->capacity = capacity;
    }
    if (size > 0) {
        memcpy(k->bytes + k->size, bytes, size);
        k->size += size;
    }
    return WBEM_S_NO_ERROR;
}

/* Text is put the same way whether it is held in one byte a character or in two. */
static HRESULT put_string(struct key_bytes *k, const struct cim_string *s)
{
    HRESULT hr = put(k, &s->length, sizeof(s->length));
    for (uint32_t i = 0; SUCCEEDED(hr) && i < s->length; i++) {
        uint8_t unit[2] = {s->bytes[s->wide ? 2 * i : i], s->wide ? s->bytes[2 * i + 1] : 0};
        hr = put(k, unit, sizeof(unit));
    }
    return hr;
}

static HRESULT put_value(struct key_bytes *k, const struct cim_value *v)
{
    uint8_t null = v->null;
    HRESULT hr = put(k, &null, 1);
    if (FAILED(hr) || v->null) {
        return hr;
    }
    if (v->type & CIM_FLAG_ARRAY) {
        hr = put(k, &v->array.count, sizeof(v->array.count));
        for (uint32_t i = 0; SUCCEEDED(hr) && i < v->array.count; i++) {
            struct cim_value item;
            hr = cim_array_get(v, i, &item);
            if (SUCCEEDED(hr)) {
                hr = put_value(k, &item);
            }
        }
        return hr;
    }
    switch (v->type) {
    case CIM_STRING:
    case CIM_DATETIME:
    case CIM_REFERENCE:
        return put_string(k, &v->string);
    case CIM_OBJECT:
        hr = put(k, &v->object.size, sizeof(v->object.size));
        return FAILED(hr) ? hr : put(k, v->object.bytes, v->object.size);
    default:
        return put(k, &v->uint, sizeof(v->uint));
    }
}

/* A property by its name, which may lead through embedded objects. What is not there is null. */
static HRESULT put_property(struct key_bytes *k, IWbemClassObject *object, const wchar_t *name)
{
    struct cim_value v = {.type = CIM_STRING, .null = true};
    struct schema *s;
    uint32_t ordinal;
    const wchar_t *dot = wcschr(name, L'.');
    CLEANUP(com_cleanup_free)
    wchar_t *first = com_wide_copy_n(name, dot ? (size_t)(dot - name) : wcslen(name));
    HRESULT hr = first ? schema_of(object, &s) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        return hr;
    }
    if (FAILED(schema_find(s, first, &ordinal)) || FAILED(object_get_value(object, ordinal, &v)) ||
        !dot || v.null) {
        return put_value(k, &v);
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *embedded = NULL;
    if (v.type != CIM_OBJECT || FAILED(object_decode(v.object.bytes, v.object.size, &embedded))) {
        v = (struct cim_value){.type = CIM_STRING, .null = true};
        return put_value(k, &v);
    }
    return put_property(k, embedded, dot + 1);
}

static uint32_t hash_of(const struct key_bytes *k)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < k->size; i++) {
        h = (h ^ k->bytes[i]) * 16777619u;
    }
    return h;
}

/* ---- groups
 * --------------------------------------------------------------------------------------- */

static void close_oldest(struct event_groups *g, event_groups_closed *closed, void *closure)
{
    struct event_group *e = g->oldest;
    g->oldest = e->younger;
    if (!g->oldest) {
        g->youngest = NULL;
    }
    struct event_group **link = &g->buckets[e->hash % BUCKETS];
    while (*link != e) {
        link = &(*link)->next;
    }
    *link = e->next;
    g->count--;
    if (closed) {
        closed(closure, e->representative, e->count);
    }
    IWbemClassObject_Release(e->representative);
    free(e);
}

static HRESULT open_group(struct event_groups *g, const struct key_bytes *k, uint32_t hash,
                          IWbemClassObject *shown, int64_t now)
{
    struct event_group *e = calloc(1, sizeof(*e) + k->size);
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->hash = hash;
    e->due = now + g->window;
    e->count = 1;
    e->representative = shown;
    IWbemClassObject_AddRef(shown);
    e->key_size = k->size;
    if (k->size > 0) {
        memcpy(e->key, k->bytes, k->size);
    }
    e->next = g->buckets[hash % BUCKETS];
    g->buckets[hash % BUCKETS] = e;
    if (g->youngest) {
        g->youngest->younger = e;
    } else {
        g->oldest = e;
    }
    g->youngest = e;
    g->count++;
    return WBEM_S_NO_ERROR;
}

HRESULT event_groups_add(struct event_groups *g, IWbemClassObject *event, IWbemClassObject *shown,
                         int64_t now, event_groups_closed *closed, void *closure)
{
    struct key_bytes k = {0};
    HRESULT hr = WBEM_S_NO_ERROR;
    event_groups_expire(g, now, closed, closure);
    for (size_t i = 0; SUCCEEDED(hr) && i < g->by_count; i++) {
        hr = put_property(&k, event, g->by[i]);
    }
    if (SUCCEEDED(hr)) {
        uint32_t hash = hash_of(&k);
        struct event_group *e = g->buckets[hash % BUCKETS];
        while (e && (e->hash != hash || e->key_size != k.size ||
                     (k.size > 0 && memcmp(e->key, k.bytes, k.size) != 0))) {
            e = e->next;
        }
        if (e) {
            e->count += e->count < UINT32_MAX;
        } else {
            if (g->count >= GROUPS_MOST) {
                close_oldest(g, closed, closure);
            }
            hr = open_group(g, &k, hash, shown, now);
        }
    }
    free(k.bytes);
    return hr;
}

int64_t event_groups_due(const struct event_groups *g)
{
    return g->oldest ? g->oldest->due : INT64_MAX;
}

void event_groups_expire(struct event_groups *g, int64_t now, event_groups_closed *closed,
                         void *closure)
{
    while (g->oldest && g->oldest->due <= now) {
        close_oldest(g, closed, closure);
    }
}

HRESULT event_groups_create(const wchar_t *const *by, size_t by_count, int64_t window,
                            struct event_groups **ret)
{
    struct event_groups *g = calloc(1, sizeof(*g));
    if (!g) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    g->by = by;
    g->by_count = by_count;
    g->window = window;
    *ret = g;
    return WBEM_S_NO_ERROR;
}

void event_groups_destroy(struct event_groups *g)
{
    while (g && g->oldest) {
        close_oldest(g, NULL, NULL);
    }
    free(g);
}
