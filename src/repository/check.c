/*
 * A full check: every record by itself, and every link between records. For
 * people who doubt their disk, and for the tests of what a crash leaves.
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

struct known_class {
    uint32_t id;
    uint32_t name_space;
    struct key name;
};

struct check_state {
    struct repository *repository;
    MDB_txn *txn;
    uint32_t *name_spaces;
    size_t name_space_count;
    struct known_class *classes;
    size_t class_count;
    uint64_t index_entries; /* that the instances ask for */
};

static HRESULT damaged(const struct check_state *c, const char *what, const struct key *name)
{
    /* Keys are folded UTF-8 after four bytes of an id, with a zero byte at the end. */
    char text[KEY_MOST + 1] = "";
    if (name && name->size > 5) {
        memcpy(text, name->bytes + 4, name->size - 5);
        text[name->size - 5] = '\0';
    }
    return error_raise(WBEM_E_CRITICAL_ERROR, "Check", repository_place(c->repository),
                       "the repository in %s is damaged: %s%s%s", repository_place(c->repository),
                       what, *text ? ": " : "", text);
}

static void key_of_val(const MDB_val *v, struct key *ret)
{
    ret->size = v->mv_size < sizeof(ret->bytes) ? v->mv_size : sizeof(ret->bytes);
    memcpy(ret->bytes, v->mv_data, ret->size);
}

static bool same_key(const struct key *a, const struct key *b)
{
    return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* Every record of a database. */
static HRESULT for_each(struct check_state *c, MDB_dbi db,
                        HRESULT (*visit)(struct check_state *c, const struct key *key,
                                         const MDB_val *value))
{
    static const struct key all = {.size = 0};
    struct walk w;
    HRESULT hr = walk_open(c->repository, c->txn, db, &all, &w);
    while (SUCCEEDED(hr) && (hr = walk_next(c->repository, &w)) == WBEM_S_NO_ERROR) {
        struct key key;
        key_of_val(&w.key, &key);
        hr = visit(c, &key, &w.value);
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT grow(void **items, size_t count, size_t size)
{
    if (count % 64 != 0) {
        return WBEM_S_NO_ERROR;
    }
    void *more = realloc(*items, (count + 64) * size);
    if (!more) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    *items = more;
    return WBEM_S_NO_ERROR;
}

/* ---- namespaces -------------------------------------------------------------------- */

static HRESULT check_namespace(struct check_state *c, const struct key *key, const MDB_val *value)
{
    struct key again = {.size = 0};
    if (value->mv_size < 5) {
        return damaged(c, "the record of a namespace is cut short", NULL);
    }
    CLEANUP(com_cleanup_free)
    char *utf8 = strndup((const char *)value->mv_data + 4, value->mv_size - 4);
    CLEANUP(com_cleanup_free) wchar_t *name = utf8 ? com_wide_from_utf8(utf8) : NULL;
    HRESULT hr = name ? grow((void **)&c->name_spaces, c->name_space_count, sizeof(uint32_t))
                      : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        return hr;
    }
    key_namespace(&again, name);
    if (!same_key(&again, key)) {
        return damaged(c, "a namespace stands under another's name", NULL);
    }
    c->name_spaces[c->name_space_count++] = get_u32(value->mv_data);
    return WBEM_S_NO_ERROR;
}

static bool has_namespace(const struct check_state *c, uint32_t id)
{
    for (size_t i = 0; i < c->name_space_count; i++) {
        if (c->name_spaces[i] == id) {
            return true;
        }
    }
    return false;
}

/* ---- classes ------------------------------------------------------------------------- */

static uint32_t key_number(const struct key *k, size_t at)
{
    uint32_t v = 0;
    if (k->size >= at + 4) {
        memcpy(&v, k->bytes + at, sizeof(v));
    }
    return be32toh(v);
}

static HRESULT decode(struct check_state *c, const struct key *name, IWbemClassObject **ret,
                      struct schema **ret_schema, struct class_record *ret_record)
{
    HRESULT hr = class_record_get_folded(c->repository, c->txn, name, ret_record);
    if (SUCCEEDED(hr)) {
        hr = object_decode(ret_record->block, ret_record->block_size, ret);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(*ret, ret_schema);
    }
    return hr == WBEM_E_INVALID_OBJECT ? damaged(c, "a class can't be read", name) : hr;
}

/* The class stands under its name, below its superclass. */
static HRESULT check_class(struct check_state *c, const struct key *key, const MDB_val *value)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct class_record record;
    struct schema *s;
    struct key again;
    struct key link;
    uint32_t superclass = 0;
    uint32_t name_space = key_number(key, 0);
    MDB_val v;
    HRESULT hr = decode(c, key, &cls, &s, &record);
    if (FAILED(hr)) {
        return hr;
    }
    if (!has_namespace(c, name_space) || !schema_class_name(s)) {
        return damaged(c, "a class is in no namespace", key);
    }
    class_key(&again, name_space, schema_class_name(s));
    if (!same_key(&again, key)) {
        return damaged(c, "a class stands under another's name", key);
    }
    hr = class_superclass_id(c->repository, c->txn, name_space, s, &superclass);
    if (FAILED(hr)) {
        return damaged(c, "a class's superclass is missing", key);
    }
    child_key(&link, name_space, superclass);
    key_u32(&link, record.id);
    hr = store_get(c->repository, c->txn, c->repository->children, &link, &v);
    if (FAILED(hr) || v.mv_size != key->size || memcmp(v.mv_data, key->bytes, key->size) != 0) {
        return damaged(c, "a class is not found from its superclass", key);
    }
    hr = grow((void **)&c->classes, c->class_count, sizeof(*c->classes));
    if (SUCCEEDED(hr)) {
        c->classes[c->class_count++] = (struct known_class){record.id, name_space, *key};
    }
    return hr;
}

static HRESULT count_records(struct check_state *c, MDB_dbi db, uint64_t *ret)
{
    MDB_stat stat;
    int rc = mdb_stat(c->txn, db, &stat);
    *ret = rc == 0 ? stat.ms_entries : 0;
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(c->repository, rc, "it can't be read");
}

static int by_id(const void *a, const void *b)
{
    const struct known_class *x = a;
    const struct known_class *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static HRESULT check_classes(struct check_state *c)
{
    uint64_t links = 0;
    HRESULT hr = for_each(c, c->repository->classes, check_class);
    if (SUCCEEDED(hr)) {
        hr = count_records(c, c->repository->children, &links);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (links != c->class_count) {
        return damaged(c, "there are links to classes that do not exist", NULL);
    }
    qsort(c->classes, c->class_count, sizeof(*c->classes), by_id);
    for (size_t i = 1; i < c->class_count; i++) {
        if (c->classes[i].id == c->classes[i - 1].id) {
            return damaged(c, "two classes have one number", &c->classes[i].name);
        }
    }
    return WBEM_S_NO_ERROR;
}

/* ---- instances -------------------------------------------------------------------------- */

static HRESULT check_index(struct check_state *c, const struct known_class *cls, struct schema *s,
                           const struct key *canonical, const struct instance_view *view)
{
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        struct cim_value v;
        struct key k;
        MDB_cursor *cursor;
        if (!index_has(s, i)) {
            continue;
        }
        instance_view_get(view, i, &v);
        if (v.null) {
            continue;
        }
        HRESULT hr = index_key(&k, cls->id, s, i, &v);
        if (FAILED(hr)) {
            return hr;
        }
        MDB_val key = key_val(&k);
        MDB_val entry = key_val(canonical);
        int rc = mdb_cursor_open(c->txn, c->repository->indexes, &cursor);
        if (rc == 0) {
            rc = mdb_cursor_get(cursor, &key, &entry, MDB_GET_BOTH);
            mdb_cursor_close(cursor);
        }
        if (rc == MDB_NOTFOUND) {
            return damaged(c, "an instance is missing in an index", &cls->name);
        }
        if (rc != 0) {
            return store_error(c->repository, rc, "it can't be read");
        }
        c->index_entries++;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT check_instance(struct check_state *c, const struct known_class *cls,
                              struct schema *s, const struct key *canonical, const MDB_val *value)
{
    struct instance_view view;
    struct key again;
    HRESULT hr = instance_bytes_check(s, value->mv_data, value->mv_size);
    if (SUCCEEDED(hr)) {
        hr = instance_view_open(s, value->mv_data, value->mv_size, &view);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_INVALID_OBJECT
                   ? damaged(c, "an instance can't be read; it is of the class", &cls->name)
                   : hr;
    }
    hr = key_of_instance(&again, s, instance_view_get, &view);
    if (FAILED(hr) || !same_key(&again, canonical)) {
        return damaged(c, "an instance stands under another's keys; it is of the class",
                       &cls->name);
    }
    return check_index(c, cls, s, canonical, &view);
}

static HRESULT check_instances_of(struct check_state *c, const struct known_class *known,
                                  uint64_t *count)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct class_record record;
    struct schema *s;
    struct key prefix = {.size = 0};
    struct walk w;
    HRESULT hr = decode(c, &known->name, &cls, &s, &record);
    if (FAILED(hr)) {
        return hr;
    }
    key_u32(&prefix, known->id);
    hr = walk_open(c->repository, c->txn, c->repository->instances, &prefix, &w);
    while (SUCCEEDED(hr) && (hr = walk_next(c->repository, &w)) == WBEM_S_NO_ERROR) {
        struct key canonical;
        const MDB_val rest = {.mv_size = w.key.mv_size - prefix.size,
                              .mv_data = (uint8_t *)w.key.mv_data + prefix.size};
        key_of_val(&rest, &canonical);
        hr = check_instance(c, known, s, &canonical, &w.value);
        ++*count;
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT check_instances(struct check_state *c)
{
    uint64_t seen = 0;
    uint64_t all = 0;
    uint64_t indexed = 0;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < c->class_count; i++) {
        hr = check_instances_of(c, &c->classes[i], &seen);
    }
    if (SUCCEEDED(hr)) {
        hr = count_records(c, c->repository->instances, &all);
    }
    if (SUCCEEDED(hr)) {
        hr = count_records(c, c->repository->indexes, &indexed);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (seen != all) {
        return damaged(c, "there are instances of classes that do not exist", NULL);
    }
    return indexed == c->index_entries
               ? WBEM_S_NO_ERROR
               : damaged(c, "an index has entries of instances that do not exist", NULL);
}

HRESULT repository_check(struct repository *r)
{
    struct repository_snapshot *at;
    HRESULT hr = repository_snapshot_take(r, &at);
    if (FAILED(hr)) {
        return hr;
    }
    struct check_state c = {.repository = r, .txn = at->txn};
    hr = for_each(&c, r->namespaces, check_namespace);
    if (SUCCEEDED(hr)) {
        hr = check_classes(&c);
    }
    if (SUCCEEDED(hr)) {
        hr = check_instances(&c);
    }
    free(c.name_spaces);
    free(c.classes);
    repository_snapshot_unref(at);
    return hr;
}
