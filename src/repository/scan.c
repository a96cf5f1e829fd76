/*
 * The stored instances of one class as a source: by key or by index where the
 * condition names the values, otherwise record after record. Conditions look at
 * the stored bytes; only what matches becomes an object.
 */
#include <stdlib.h>

#include "enumerator/source.h"
#include "repository/repository_private.h"
#include "wql/wql.h"

enum {
    BATCH = 64,          /* objects made together */
    EXAMINED_MOST = 512, /* records of one pull: it must not take long */
    POINTS_MOST = 4096,
};

struct scan {
    struct source source;
    struct repository_snapshot *at;
    struct repository_namespace *name_space;
    struct schema *schema;    /* of the class */
    struct schema *projected; /* NULL: the same */
    uint32_t *map;
    struct wql_plan *plan; /* NULL: everything */
    uint32_t class_id;

    /* By keys: an array of canonical keys, found through the keys' points or an index. */
    struct key *keys;
    size_t key_count, key_at;
    bool by_keys;
    /* Otherwise every record. */
    struct walk walk;
    bool ended;
};

static struct scan *scan_of(struct source *s)
{
    return (struct scan *)s;
}

/* ---- which records --------------------------------------------------------------- */

static HRESULT add_key(struct scan *s, const void *bytes, size_t size)
{
    if (s->key_count % 64 == 0) {
        struct key *keys = realloc(s->keys, (s->key_count + 64) * sizeof(*keys));
        if (!keys) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        s->keys = keys;
    }
    struct key *k = &s->keys[s->key_count++];
    k->size = size < sizeof(k->bytes) ? size : sizeof(k->bytes);
    memcpy(k->bytes, bytes, k->size);
    return WBEM_S_NO_ERROR;
}

static void get_from_row(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    row_get(from, ordinal, ret);
}

/* Equal references and datetimes may be written in several ways, so their texts are no points. */
static bool is_plain(CIMTYPE type)
{
    return type != CIM_REFERENCE && type != CIM_DATETIME;
}

/* The number of combinations of key values, or 0 where a key is not limited. */
static size_t key_combinations(const struct scan *s)
{
    size_t combinations = 0;
    for (uint32_t i = 0; i < schema_property_count(s->schema); i++) {
        const struct cim_value *values;
        uint32_t count;
        if (!schema_property_is_key(s->schema, i)) {
            continue;
        }
        if (!is_plain(schema_property_type(s->schema, i)) ||
            !wql_plan_points(s->plan, i, &values, &count) || count == 0 || count > POINTS_MOST) {
            return 0;
        }
        combinations = (combinations ? combinations : 1) * count;
        if (combinations > POINTS_MOST) {
            return 0;
        }
    }
    return combinations;
}

/* The n-th combination as a canonical key; WBEM_S_FALSE when a value can't be the property's. */
static HRESULT key_combination(const struct scan *s, size_t n, struct row *row, struct key *ret)
{
    row_clear(row);
    for (uint32_t i = 0; i < schema_property_count(s->schema); i++) {
        const struct cim_value *values;
        uint32_t count;
        if (!schema_property_is_key(s->schema, i)) {
            continue;
        }
        (void)wql_plan_points(s->plan, i, &values, &count);
        const struct cim_value *v = &values[n % count];
        n /= count;
        if (v->null) {
            return WBEM_S_FALSE;
        }
        HRESULT hr = row_set_value(row, i, v);
        if (hr == WBEM_E_TYPE_MISMATCH) {
            return WBEM_S_FALSE;
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return key_of_instance(ret, s->schema, get_from_row, row);
}

static HRESULT choose_keys(struct scan *s)
{
    size_t combinations = key_combinations(s);
    struct row *row = NULL;
    if (combinations == 0) {
        return WBEM_S_FALSE;
    }
    HRESULT hr = row_create(s->schema, &row);
    for (size_t i = 0; SUCCEEDED(hr) && i < combinations; i++) {
        struct key k;
        hr = key_combination(s, i, row, &k);
        if (hr == WBEM_S_NO_ERROR) {
            hr = add_key(s, k.bytes, k.size);
        }
    }
    row_destroy(row);
    s->by_keys = true;
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* All instances whose property has this value. */
static HRESULT gather_index(struct scan *s, uint32_t ordinal, const struct cim_value *v)
{
    struct repository *r = s->name_space->repository;
    MDB_cursor *cursor;
    struct key k;
    HRESULT hr = index_key(&k, s->class_id, s->schema, ordinal, v);
    if (FAILED(hr)) {
        return hr;
    }
    int rc = mdb_cursor_open(s->at->txn, r->indexes, &cursor);
    if (rc != 0) {
        return store_error(r, rc, "it can't be read");
    }
    MDB_val key = key_val(&k);
    MDB_val entry;
    rc = mdb_cursor_get(cursor, &key, &entry, MDB_SET_KEY);
    while (rc == 0 && SUCCEEDED(hr)) {
        hr = add_key(s, entry.mv_data, entry.mv_size);
        rc = mdb_cursor_get(cursor, &key, &entry, MDB_NEXT_DUP);
    }
    mdb_cursor_close(cursor);
    return rc != 0 && rc != MDB_NOTFOUND ? store_error(r, rc, "it can't be read") : hr;
}

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a;
    const struct key *y = b;
    size_t common = x->size < y->size ? x->size : y->size;
    int order = memcmp(x->bytes, y->bytes, common);
    return order ? order : (x->size > y->size) - (x->size < y->size);
}

/* Several values may lead to one instance: each once, in the order of a scan. */
static void sort_keys(struct scan *s)
{
    size_t kept = 0;
    if (s->key_count == 0) {
        return;
    }
    qsort(s->keys, s->key_count, sizeof(*s->keys), compare_keys);
    for (size_t i = 1; i < s->key_count; i++) {
        if (compare_keys(&s->keys[kept], &s->keys[i]) != 0) {
            s->keys[++kept] = s->keys[i];
        }
    }
    s->key_count = kept + 1;
}

/* The point as a value of the property's own type, whose index entries it must meet. */
static HRESULT gather_point(struct scan *s, struct row *row, uint32_t ordinal,
                            const struct cim_value *point)
{
    struct cim_value v;
    if (point->null) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = row_set_value(row, ordinal, point);
    if (FAILED(hr)) {
        return hr == WBEM_E_TYPE_MISMATCH ? WBEM_S_NO_ERROR : hr;
    }
    row_get(row, ordinal, &v);
    return gather_index(s, ordinal, &v);
}

static HRESULT choose_index(struct scan *s)
{
    const struct cim_value *values;
    uint32_t count;
    uint32_t ordinal = 0;
    while (ordinal < schema_property_count(s->schema) &&
           (!index_has(s->schema, ordinal) ||
            schema_property_type(s->schema, ordinal) == CIM_DATETIME ||
            !wql_plan_points(s->plan, ordinal, &values, &count) || count > POINTS_MOST)) {
        ordinal++;
    }
    if (ordinal == schema_property_count(s->schema)) {
        return WBEM_S_FALSE;
    }
    struct row *row;
    HRESULT hr = row_create(s->schema, &row);
    if (FAILED(hr)) {
        return hr;
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = gather_point(s, row, ordinal, &values[i]);
    }
    row_destroy(row);
    sort_keys(s);
    s->by_keys = true;
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT choose(struct scan *s)
{
    HRESULT hr = s->plan ? choose_keys(s) : WBEM_S_FALSE;
    if (hr == WBEM_S_FALSE && s->plan) {
        hr = choose_index(s);
    }
    if (hr != WBEM_S_FALSE) {
        return hr;
    }
    struct key prefix = {.size = 0};
    key_u32(&prefix, s->class_id);
    return walk_open(s->name_space->repository, s->at->txn, s->name_space->repository->instances,
                     &prefix, &s->walk);
}

/* ---- pulling -------------------------------------------------------------------------- */

/* The next record; WBEM_S_FALSE after the last. */
static HRESULT next_record(struct scan *s, MDB_val *ret)
{
    struct repository *r = s->name_space->repository;
    if (!s->by_keys) {
        HRESULT hr = walk_next(r, &s->walk);
        *ret = s->walk.value;
        return hr;
    }
    while (s->key_at < s->key_count) {
        struct key k;
        instance_key(&k, s->class_id, &s->keys[s->key_at++]);
        HRESULT hr = store_get(r, s->at->txn, r->instances, &k, ret);
        if (hr != WBEM_E_NOT_FOUND) {
            return hr;
        }
    }
    return WBEM_S_FALSE;
}

static HRESULT raise_damaged(const struct scan *s)
{
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(schema_class_name(s->schema));
    return error_raise(WBEM_E_CRITICAL_ERROR, "Repository",
                       repository_place(s->name_space->repository),
                       "the repository in %s is damaged: an instance of '%s' can't be read",
                       repository_place(s->name_space->repository), name ? name : "?");
}

/* Instances with only the selected properties. */
static HRESULT project(const struct scan *s, IWbemClassObject **objects, uint32_t count)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; s->projected && SUCCEEDED(hr) && i < count; i++) {
        IWbemClassObject *reduced;
        hr = object_project(objects[i], s->projected, s->map, &reduced);
        if (SUCCEEDED(hr)) {
            IWbemClassObject_Release(objects[i]);
            objects[i] = reduced;
        }
    }
    return hr;
}

static HRESULT put_batch(const struct scan *s, const struct object_bytes *parts, uint32_t count,
                         struct result_set *out)
{
    IWbemClassObject *objects[BATCH];
    if (count == 0) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr =
        objects_from_instance_bytes(s->schema, s->name_space->decoration, parts, count, objects);
    if (FAILED(hr)) {
        return hr == WBEM_E_INVALID_OBJECT ? raise_damaged(s) : hr;
    }
    hr = project(s, objects, count);
    if (FAILED(hr)) {
        for (uint32_t i = 0; i < count; i++) {
            IWbemClassObject_Release(objects[i]);
        }
        return hr;
    }
    return result_set_put_many(out, objects, count);
}

static HRESULT matches(const struct scan *s, const MDB_val *record, bool *ret)
{
    struct instance_view view;
    *ret = true;
    if (!s->plan) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = instance_view_open(s->schema, record->mv_data, record->mv_size, &view);
    if (FAILED(hr)) {
        return raise_damaged(s);
    }
    *ret = wql_plan_matches(s->plan, instance_view_get, &view);
    return WBEM_S_NO_ERROR;
}

static HRESULT scan_pull(struct source *source, ULONG demand, struct result_set *out)
{
    struct scan *s = scan_of(source);
    struct object_bytes parts[BATCH];
    uint32_t count = 0;
    ULONG given = 0;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (unsigned examined = 0; given + count < demand && examined < EXAMINED_MOST; examined++) {
        MDB_val record;
        bool match;
        hr = next_record(s, &record);
        if (hr == WBEM_S_NO_ERROR) {
            hr = matches(s, &record, &match);
        }
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        if (match) {
            parts[count++] = (struct object_bytes){record.mv_data, record.mv_size};
        }
        if (count == BATCH) {
            hr = put_batch(s, parts, count, out);
            given += count;
            count = 0;
            if (FAILED(hr)) {
                return hr;
            }
        }
    }
    HRESULT put = FAILED(hr) ? hr : put_batch(s, parts, count, out);
    return FAILED(put) ? put : hr;
}

static void scan_destroy(struct source *source)
{
    struct scan *s = scan_of(source);
    walk_close(&s->walk);
    repository_snapshot_unref(s->at);
    wql_plan_destroy(s->plan);
    schema_unref(s->schema);
    schema_unref(s->projected);
    free(s->map);
    free(s->keys);
    free(s);
}

/* Records are in mapped memory, and a pull examines few. */
static BOOL scan_is_prompt(struct source *source)
{
    return TRUE;
}

static const struct source_ops scan_ops = {
    .pull = scan_pull, .destroy = scan_destroy, .is_prompt = scan_is_prompt};

/* ---- making one --------------------------------------------------------------------------- */

static HRESULT prepare(struct scan *s, IWbemClassObject *cls)
{
    struct repository *r = s->name_space->repository;
    struct class_record record;
    struct schema *schema;
    uint32_t name_space;
    HRESULT hr = schema_of(cls, &schema);
    if (SUCCEEDED(hr)) {
        s->schema = schema_ref(schema);
        hr = namespace_id(r, s->at->txn, s->name_space->name, &name_space);
    }
    if (SUCCEEDED(hr)) {
        hr = class_record_get(r, s->at->txn, name_space, schema_class_name(schema), &record);
    }
    if (SUCCEEDED(hr)) {
        s->class_id = record.id;
        if (s->plan && !wql_plan_selects_all(s->plan)) {
            hr = schema_project(s->schema, wql_plan_selected(s->plan), &s->projected, &s->map);
        }
    }
    return SUCCEEDED(hr) ? choose(s) : hr;
}

HRESULT repository_instance_source(struct repository_snapshot *at, struct repository_namespace *n,
                                   IWbemClassObject *cls, struct wql_plan *plan,
                                   struct source **ret)
{
    struct scan *s = calloc(1, sizeof(*s));
    if (!s) {
        wql_plan_destroy(plan);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->source.ops = &scan_ops;
    s->name_space = n;
    s->plan = plan;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (at) {
        s->at = repository_snapshot_ref(at);
    } else {
        hr = repository_snapshot_take(n->repository, &s->at);
    }
    if (SUCCEEDED(hr)) {
        hr = prepare(s, cls);
    }
    if (FAILED(hr)) {
        scan_destroy(&s->source);
        return hr;
    }
    *ret = &s->source;
    return WBEM_S_NO_ERROR;
}

HRESULT repository_has_instances(struct repository_snapshot *at, struct repository_namespace *n,
                                 const wchar_t *class_name, bool *ret)
{
    struct repository *r = n->repository;
    struct class_record record;
    uint32_t name_space;
    *ret = false;
    HRESULT hr = namespace_id(r, at->txn, n->name, &name_space);
    if (SUCCEEDED(hr)) {
        hr = class_record_get(r, at->txn, name_space, class_name, &record);
    }
    return SUCCEEDED(hr) ? instances_any(r, at->txn, record.id, ret) : hr;
}
