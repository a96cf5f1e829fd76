/*
 * Reading classes: by name and down the tree that inheritance makes. Decoded
 * classes are kept with the version of their record, so that a reader of any
 * snapshot knows whether the kept one is right.
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

/* Under its own name? A class that stands under another's would be answered for it. */
static bool stands_right(const struct class_record *record, IWbemClassObject *cls)
{
    struct schema *s;
    struct key k;
    uint32_t name_space;
    if (FAILED(schema_of(cls, &s)) || !schema_class_name(s)) {
        return false;
    }
    memcpy(&name_space, record->key.bytes, sizeof(name_space));
    class_key(&k, be32toh(name_space), schema_class_name(s));
    return k.size == record->key.size && memcmp(k.bytes, record->key.bytes, k.size) == 0;
}

HRESULT class_decode(struct repository_namespace *n, const struct class_record *record,
                     IWbemClassObject **ret)
{
    struct repository *r = n->repository;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = object_decode(record->block, record->block_size, &cls);
    if (hr == WBEM_E_INVALID_OBJECT || (SUCCEEDED(hr) && !stands_right(record, cls))) {
        return error_raise(WBEM_E_CRITICAL_ERROR, "Repository", repository_place(r),
                           "the repository in %s is damaged: a class can't be read",
                           repository_place(r));
    }
    if (SUCCEEDED(hr)) {
        hr = object_decorate(cls, n->decoration);
    }
    if (SUCCEEDED(hr)) {
        *ret = TAKE(cls);
    }
    return hr;
}

/* ---- the cache ------------------------------------------------------------------- */

/* FNV-1a; the key is folded. */
static size_t bucket_of(const struct key *k)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < k->size; i++) {
        h = (h ^ k->bytes[i]) * 16777619u;
    }
    return h % CLASS_BUCKETS;
}

/* Under lock. */
static struct class_entry *cache_find(struct repository *r, const struct key *k)
{
    struct class_entry *e = r->buckets[bucket_of(k)];
    while (e && (e->name_size != k->size || memcmp(e->name, k->bytes, k->size) != 0)) {
        e = e->next;
    }
    return e;
}

static void release_objects(struct class_entry *e)
{
    if (e->full) {
        IWbemClassObject_Release(e->full);
    }
    if (e->plain) {
        IWbemClassObject_Release(e->plain);
    }
    com_release(e->localized.object);
    e->full = NULL;
    e->plain = NULL;
    e->localized = (struct class_localized){0};
}

/* The entry's object of this version as a new reference; NULL when it has none. */
static IWbemClassObject *cache_get(struct repository *r, const struct key *k, uint64_t version,
                                   bool amended)
{
    pthread_mutex_lock(&r->lock);
    struct class_entry *e = cache_find(r, k);
    IWbemClassObject *found = NULL;
    if (e && e->version == version) {
        found = amended ? e->full : e->plain;
        if (found) {
            IWbemClassObject_AddRef(found);
        }
    }
    pthread_mutex_unlock(&r->lock);
    return found;
}

/* Under lock: the entry for the key, made from `spare` if there is none; NULL without memory. */
static struct class_entry *cache_enter(struct repository *r, const struct key *k,
                                       struct class_entry **spare)
{
    struct class_entry *e = cache_find(r, k);
    if (!e && *spare) {
        e = *spare;
        *spare = NULL;
        e->name = (uint8_t *)(e + 1);
        e->name_size = k->size;
        memcpy(e->name, k->bytes, k->size);
        e->next = r->buckets[bucket_of(k)];
        r->buckets[bucket_of(k)] = e;
    }
    return e;
}

/* Keep what was read, unless something newer is kept. *object becomes the kept one where somebody
 * was faster, so that readers share. */
static void cache_put(struct repository *r, const struct key *k, uint64_t version, bool amended,
                      IWbemClassObject **object)
{
    struct class_entry *spare = calloc(1, sizeof(*spare) + k->size);
    struct class_entry old = {0};
    IWbemClassObject *unused = NULL;
    pthread_mutex_lock(&r->lock);
    struct class_entry *e = cache_enter(r, k, &spare);
    if (e && e->version < version) {
        old = *e;
        e->full = NULL;
        e->plain = NULL;
        e->localized = (struct class_localized){0};
        e->version = version;
    }
    if (e && e->version == version) {
        IWbemClassObject **slot = amended ? &e->full : &e->plain;
        if (*slot) {
            unused = *object;
            *object = *slot;
        } else {
            *slot = *object;
        }
        IWbemClassObject_AddRef(*object);
    }
    pthread_mutex_unlock(&r->lock);
    free(spare);
    release_objects(&old);
    if (unused) {
        IWbemClassObject_Release(unused);
    }
}

IWbemClassObject *class_cache_get_localized(struct repository *r, const struct class_record *record,
                                            const struct class_localized *wanted)
{
    IWbemClassObject *found = NULL;
    pthread_mutex_lock(&r->lock);
    const struct class_entry *e = cache_find(r, &record->key);
    if (e && e->version == record->version && e->localized.object &&
        e->localized.texts == wanted->texts && e->localized.stamp == wanted->stamp) {
        found = e->localized.object;
        com_addref(found);
    }
    pthread_mutex_unlock(&r->lock);
    return found;
}

void class_cache_put_localized(struct repository *r, const struct class_record *record,
                               const struct class_localized *as, IWbemClassObject *object)
{
    IWbemClassObject *old = NULL;
    pthread_mutex_lock(&r->lock);
    struct class_entry *e = cache_find(r, &record->key);
    if (e && e->version == record->version) {
        old = e->localized.object;
        com_addref(object);
        e->localized = (struct class_localized){as->texts, as->stamp, object};
    }
    pthread_mutex_unlock(&r->lock);
    com_release(old);
}

void class_cache_clear(struct repository *r)
{
    for (size_t i = 0; i < CLASS_BUCKETS; i++) {
        for (struct class_entry *e = r->buckets[i], *next; e; e = next) {
            next = e->next;
            release_objects(e);
            free(e);
        }
        r->buckets[i] = NULL;
    }
}

HRESULT class_read(struct repository_namespace *n, MDB_txn *txn, const struct key *k,
                   class_texts amended, IWbemClassObject **ret)
{
    struct repository *r = n->repository;
    struct class_record record;
    HRESULT hr = class_record_get_folded(r, txn, k, &record);
    if (FAILED(hr)) {
        return hr;
    }
    IWbemClassObject *found =
        amended <= TEXTS_OWN ? cache_get(r, k, record.version, amended == TEXTS_OWN) : NULL;
    if (found) {
        *ret = found;
        return WBEM_S_NO_ERROR;
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *full = cache_get(r, k, record.version, true);
    if (!full) {
        hr = class_decode(n, &record, &full);
        if (FAILED(hr)) {
            return hr;
        }
        cache_put(r, k, record.version, true, &full);
    }
    if (amended > TEXTS_OWN) {
        return class_with_texts(n, txn, &record, amended, full, ret);
    }
    if (amended == TEXTS_NONE) {
        IWbemClassObject *plain = NULL;
        hr = object_without_amended(full, &plain);
        if (FAILED(hr)) {
            return hr;
        }
        cache_put(r, k, record.version, false, &plain);
        *ret = plain;
        return WBEM_S_NO_ERROR;
    }
    *ret = TAKE(full);
    return WBEM_S_NO_ERROR;
}

HRESULT class_fetch(struct repository_change *c, struct repository_namespace *n,
                    const struct key *k, IWbemClassObject **ret)
{
    struct class_record record;
    if (!c->classes_changed) {
        return class_read(n, c->txn, k, true, ret);
    }
    HRESULT hr = class_record_get_folded(c->repository, c->txn, k, &record);
    return SUCCEEDED(hr) ? class_decode(n, &record, ret) : hr;
}

/* ---- the tree ------------------------------------------------------------------------ */

void child_key(struct key *k, uint32_t name_space, uint32_t superclass)
{
    k->size = 0;
    key_u32(k, name_space);
    key_u32(k, superclass);
}

HRESULT class_superclass_id(struct repository *r, MDB_txn *txn, uint32_t name_space,
                            const struct schema *s, uint32_t *ret)
{
    const wchar_t *superclass = schema_ancestor(s, 0);
    struct class_record record;
    *ret = 0;
    if (!superclass) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = class_record_get(r, txn, name_space, superclass, &record);
    if (SUCCEEDED(hr)) {
        *ret = record.id;
    }
    return hr == WBEM_E_NOT_FOUND ? WBEM_E_INVALID_SUPERCLASS : hr;
}

/* One level of the tree that is being walked; a walk may be deep but never deeper than classes
 * are, so a path of ids is kept instead of recursion. */
struct level {
    struct walk walk;
    struct level *above;
};

static HRESULT push_level(struct repository *r, MDB_txn *txn, uint32_t name_space,
                          uint32_t superclass, struct level **top)
{
    struct level *l = calloc(1, sizeof(*l));
    if (!l) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    struct key prefix;
    child_key(&prefix, name_space, superclass);
    HRESULT hr = walk_open(r, txn, r->children, &prefix, &l->walk);
    if (FAILED(hr)) {
        free(l);
        return hr;
    }
    l->above = *top;
    *top = l;
    return WBEM_S_NO_ERROR;
}

static void pop_level(struct level **top)
{
    struct level *l = *top;
    *top = l->above;
    walk_close(&l->walk);
    free(l);
}

static uint32_t get_be32(const uint8_t *bytes)
{
    uint32_t v;
    memcpy(&v, bytes, sizeof(v));
    return be32toh(v);
}

HRESULT class_visit_ids(struct repository *r, MDB_txn *txn, uint32_t name_space,
                        uint32_t superclass, bool deep,
                        HRESULT (*visit)(void *closure, const struct key *name, uint32_t id),
                        void *closure)
{
    struct level *top = NULL;
    HRESULT hr = push_level(r, txn, name_space, superclass, &top);
    while (SUCCEEDED(hr) && top) {
        struct walk *w = &top->walk;
        hr = walk_next(r, w);
        if (hr == WBEM_S_FALSE) {
            pop_level(&top);
            hr = WBEM_S_NO_ERROR;
            continue;
        }
        if (FAILED(hr)) {
            break;
        }
        struct key name;
        if (w->key.mv_size != 12 || w->value.mv_size > sizeof(name.bytes)) {
            hr = WBEM_E_CRITICAL_ERROR;
            break;
        }
        uint32_t id = get_be32((const uint8_t *)w->key.mv_data + 8);
        memcpy(name.bytes, w->value.mv_data, w->value.mv_size);
        name.size = w->value.mv_size;
        hr = visit(closure, &name, id);
        if (SUCCEEDED(hr) && deep) {
            hr = push_level(r, txn, name_space, id, &top);
        }
    }
    while (top) {
        pop_level(&top);
    }
    return hr;
}
