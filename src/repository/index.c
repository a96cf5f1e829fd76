/*
 * Indexes of references and of properties with the qualifier [indexed]: value →
 * canonical keys of the instances that have it. Null has no entry. Values that are too long or
 * fold alike share one; the condition is always asked as well.
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

static int by_name(const void *a, const void *b)
{
    const struct object_path_key *x = a;
    const struct object_path_key *y = b;
    return x->name && y->name ? wcscasecmp(x->name, y->name) : 0;
}

/* A path without what may be left out of it or stand in any order: server, namespace, the name of
 * an only key, the lack of quotes around a number. Takes the path. */
static HRESULT normalize(struct object_path *p, wchar_t **ret)
{
    free(p->server);
    free(p->name_space);
    p->server = p->name_space = NULL;
    qsort(p->keys, p->key_count, sizeof(*p->keys), by_name);
    for (uint32_t i = 0; i < p->key_count; i++) {
        p->keys[i].type = CIM_STRING;
    }
    if (p->key_count == 1) {
        free(p->keys[0].name);
        p->keys[0].name = NULL;
    }
    HRESULT hr = object_path_print(p, ret);
    object_path_destroy(p);
    return hr;
}

/* What is no path stands as it is. Without memory there is no key: one of another form would not be
 * found again. */
static HRESULT key_reference(struct key *k, const struct cim_value *v)
{
    CLEANUP(com_cleanup_free) wchar_t *text = cim_string_wide(&v->string);
    CLEANUP(com_cleanup_free) wchar_t *normal = NULL;
    struct object_path *p = NULL;
    HRESULT hr = text ? object_path_parse(text, &p, NULL) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = normalize(p, &normal);
    }
    if (hr == WBEM_E_OUT_OF_MEMORY) {
        return hr;
    }
    key_text(k, SUCCEEDED(hr) ? normal : text, KEY_INDEX_MOST);
    return WBEM_S_NO_ERROR;
}

bool index_has(const struct schema *s, uint32_t ordinal)
{
    CIMTYPE type = schema_property_type(s, ordinal);
    return type == CIM_REFERENCE || (!(type & CIM_FLAG_ARRAY) && type != CIM_OBJECT &&
                                     schema_property_is_indexed(s, ordinal));
}

HRESULT index_key(struct key *k, uint32_t class_id, const struct schema *s, uint32_t ordinal,
                  const struct cim_value *v)
{
    k->size = 0;
    key_u32(k, class_id);
    key_text(k, schema_property_name(s, ordinal), KEY_INDEX_MOST);
    if (v->type == CIM_REFERENCE) {
        return key_reference(k, v);
    }
    key_value(k, v, KEY_INDEX_MOST);
    return WBEM_S_NO_ERROR;
}

HRESULT index_add(struct repository *r, MDB_txn *txn, uint32_t class_id, struct schema *s,
                  const struct key *canonical, const struct instance_view *view)
{
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        struct cim_value v;
        if (!index_has(s, i)) {
            continue;
        }
        instance_view_get(view, i, &v);
        if (v.null) {
            continue;
        }
        struct key k;
        HRESULT hr = index_key(&k, class_id, s, i, &v);
        if (SUCCEEDED(hr)) {
            hr = store_put(r, txn, r->indexes, &k, canonical->bytes, canonical->size);
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

HRESULT index_remove(struct repository *r, MDB_txn *txn, uint32_t class_id, struct schema *s,
                     const struct key *canonical, const struct instance_view *view)
{
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        struct cim_value v;
        if (!index_has(s, i)) {
            continue;
        }
        instance_view_get(view, i, &v);
        if (v.null) {
            continue;
        }
        struct key k;
        HRESULT hr = index_key(&k, class_id, s, i, &v);
        if (FAILED(hr)) {
            return hr;
        }
        MDB_val key = key_val(&k);
        MDB_val entry = key_val(canonical);
        int rc = mdb_del(txn, r->indexes, &key, &entry);
        if (rc != 0 && rc != MDB_NOTFOUND) {
            return store_error(r, rc, "it can't be written");
        }
    }
    return WBEM_S_NO_ERROR;
}
