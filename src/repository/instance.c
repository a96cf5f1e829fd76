/*
 * Static instances: PutInstance and DeleteInstance of what is stored (wbemcli
 * nf-wbemcli-iwbemservices-putinstance, -deleteinstance), and one instance by
 * its path.
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

void instance_key(struct key *k, uint32_t class_id, const struct key *canonical)
{
    k->size = 0;
    key_u32(k, class_id);
    size_t size =
        canonical->size < sizeof(k->bytes) - k->size ? canonical->size : sizeof(k->bytes) - k->size;
    memcpy(k->bytes + k->size, canonical->bytes, size);
    k->size += size;
}

static void class_prefix(struct key *k, uint32_t class_id)
{
    k->size = 0;
    key_u32(k, class_id);
}

HRESULT instances_any(struct repository *r, MDB_txn *txn, uint32_t class_id, bool *ret)
{
    struct key prefix;
    class_prefix(&prefix, class_id);
    return walk_any(r, txn, r->instances, &prefix, ret);
}

/* ---- the classes that a path may mean ---------------------------------------------- */

static bool has_keys(const struct schema *s)
{
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        if (schema_property_is_key(s, i)) {
            return true;
        }
    }
    return false;
}

/* The topmost class of the dynasty that has keys: within its subtree a path is unique. */
static HRESULT key_root(struct repository_change *c, struct repository_namespace *n,
                        uint32_t name_space, const struct schema *s, struct key *ret)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; SUCCEEDED(hr) && schema_ancestor(s, i); i++) {
        CLEANUP(com_cleanup_release) IWbemClassObject *above = NULL;
        struct schema *t;
        struct key name;
        class_key(&name, name_space, schema_ancestor(s, i));
        hr = class_fetch(c, n, &name, &above);
        if (SUCCEEDED(hr)) {
            hr = schema_of(above, &t);
        }
        if (FAILED(hr) || !has_keys(t)) {
            break;
        }
        *ret = name;
    }
    return hr;
}

/* Looks for the key in one class after another. */
struct search {
    struct repository *repository;
    MDB_txn *txn;
    const struct key *canonical;
    uint32_t class_id; /* of the one that has it */
    struct key name;   /* its class's record */
    MDB_val bytes;
    bool found;
};

static HRESULT search_class(void *closure, const struct key *name, uint32_t id)
{
    struct search *s = closure;
    struct key k;
    instance_key(&k, id, s->canonical);
    HRESULT hr = store_get(s->repository, s->txn, s->repository->instances, &k, &s->bytes);
    if (SUCCEEDED(hr)) {
        s->found = true;
        s->class_id = id;
        s->name = *name;
        return WBEM_E_ALREADY_EXISTS; /* ends the visit */
    }
    return hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
}

static HRESULT search_tree(struct search *s, uint32_t name_space, const struct key *name,
                           uint32_t id)
{
    HRESULT hr = search_class(s, name, id);
    if (SUCCEEDED(hr)) {
        hr = class_visit_ids(s->repository, s->txn, name_space, id, true, search_class, s);
    }
    return s->found ? WBEM_S_NO_ERROR : hr;
}

/* ---- one instance by its path ---------------------------------------------------------- */

/* A class for a change, or (NULL) for a snapshot's reader. */
static HRESULT get_class(struct repository_change *c, struct repository_namespace *n, MDB_txn *txn,
                         const struct key *name, IWbemClassObject **ret)
{
    return c ? class_fetch(c, n, name, ret) : class_read(n, txn, name, false, ret);
}

static HRESULT make_instance(struct repository_change *c, struct repository_namespace *n,
                             struct search *s, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *schema;
    HRESULT hr = get_class(c, n, s->txn, &s->name, &cls);
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &schema);
    }
    return SUCCEEDED(hr) ? object_from_instance_bytes(schema, n->decoration, s->bytes.mv_data,
                                                      s->bytes.mv_size, ret)
                         : hr;
}

/* *ret tells where it is. WBEM_E_INVALID_CLASS, WBEM_E_NOT_FOUND. */
static HRESULT find(struct repository_change *c, struct repository_namespace *n, MDB_txn *txn,
                    const struct object_path *path, struct key *canonical, struct search *ret)
{
    struct repository *r = n->repository;
    struct class_record record;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s;
    struct key name;
    uint32_t name_space;
    HRESULT hr = namespace_id(r, txn, n->name, &name_space);
    if (FAILED(hr)) {
        return hr;
    }
    class_key(&name, name_space, path->class_name);
    hr = class_record_get_folded(r, txn, &name, &record);
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_E_INVALID_CLASS : hr;
    }
    hr = get_class(c, n, txn, &name, &cls);
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = key_of_path(canonical, s, path);
    }
    *ret = (struct search){.repository = r, .txn = txn, .canonical = canonical};
    if (SUCCEEDED(hr)) {
        hr = search_tree(ret, name_space, &name, record.id);
    }
    return SUCCEEDED(hr) && !ret->found ? WBEM_E_NOT_FOUND : hr;
}

HRESULT instance_get_at(struct repository_namespace *n, MDB_txn *txn,
                        const struct object_path *path, IWbemClassObject **ret)
{
    struct key canonical;
    struct search s;
    HRESULT hr = find(NULL, n, txn, path, &canonical, &s);
    return SUCCEEDED(hr) ? make_instance(NULL, n, &s, ret) : hr;
}

/* ---- putting --------------------------------------------------------------------------------- */

/* One instance being put. */
struct put {
    struct repository_change *change;
    struct repository_namespace *name_space;
    uint32_t name_space_id;
    LONG flags;
    const char *name; /* of its class, UTF-8, for messages */
    struct class_record record;
    struct key class_name;
    struct key canonical;
    struct schema *schema; /* borrowed from the class */
};

static HRESULT raise_put(const struct put *p, HRESULT hr, const char *what)
{
    return error_raise(hr, "PutInstance", p->name, "instance of '%s': %s", p->name, what);
}

/* A class that can have stored instances. */
static HRESULT check_class(const struct put *p)
{
    if (schema_has_true(p->schema, L"abstract")) {
        return raise_put(p, WBEM_E_INVALID_OBJECT, "the class is abstract");
    }
    if (schema_has_true(p->schema, L"dynamic")) {
        return raise_put(p, WBEM_E_PROVIDER_NOT_CAPABLE,
                         "its instances come from a provider, which does not take changes");
    }
    if (!has_keys(p->schema) && !schema_has_true(p->schema, L"singleton")) {
        return raise_put(p, WBEM_E_INVALID_OBJECT, "the class has no key");
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT check_values(const struct put *p, IWbemClassObject *instance)
{
    for (uint32_t i = 0; i < schema_property_count(p->schema); i++) {
        struct cim_value v;
        bool key = schema_property_is_key(p->schema, i);
        if (!key && !schema_property_is_not_null(p->schema, i)) {
            continue;
        }
        getter_of_object(instance, i, &v);
        if (v.null) {
            CLEANUP(com_cleanup_free)
            char *name = com_utf8_from_wide(schema_property_name(p->schema, i));
            return error_raise(WBEM_E_ILLEGAL_NULL, "PutInstance", name,
                               "instance of '%s': property '%s' must have a value", p->name,
                               name ? name : "?");
        }
    }
    return WBEM_S_NO_ERROR;
}

/* An instance made from an older form of the class is carried over to the stored one. */
static HRESULT fit(const struct put *p, IWbemClassObject *given, IWbemClassObject **ret)
{
    struct schema *s;
    HRESULT hr = schema_of(given, &s);
    if (FAILED(hr)) {
        return hr;
    }
    if (schema_same_layout(s, p->schema)) {
        IWbemClassObject_AddRef(given);
        *ret = given;
        return WBEM_S_NO_ERROR;
    }
    return object_convert_instance(given, p->schema, p->name_space->decoration, ret);
}

/* Is there one with this path already, in this class or another of the dynasty? */
static HRESULT find_same(const struct put *p, struct search *ret)
{
    struct repository_change *c = p->change;
    struct class_record root;
    struct key name = p->class_name;
    *ret = (struct search){.repository = c->repository, .txn = c->txn, .canonical = &p->canonical};
    HRESULT hr = search_class(ret, &name, p->record.id); /* mostly it is there or nowhere */
    if (ret->found) {
        return WBEM_S_NO_ERROR;
    }
    if (SUCCEEDED(hr)) {
        hr = key_root(c, p->name_space, p->name_space_id, p->schema, &name);
    }
    if (SUCCEEDED(hr)) {
        hr = class_record_get_folded(c->repository, c->txn, &name, &root);
    }
    return SUCCEEDED(hr) ? search_tree(ret, p->name_space_id, &name, root.id) : hr;
}

static HRESULT store(const struct put *p, IWbemClassObject *instance, IWbemClassObject *before)
{
    struct repository_change *c = p->change;
    struct repository *r = c->repository;
    struct instance_view view;
    const uint8_t *bytes;
    uint32_t size;
    struct key k;
    instance_key(&k, p->record.id, &p->canonical);
    HRESULT hr = WBEM_S_NO_ERROR;
    if (before) {
        hr = object_instance_bytes(before, &bytes, &size);
        if (SUCCEEDED(hr)) {
            hr = instance_view_open(p->schema, bytes, size, &view);
        }
        if (SUCCEEDED(hr)) {
            hr = index_remove(r, c->txn, p->record.id, p->schema, &p->canonical, &view);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = object_instance_bytes(instance, &bytes, &size);
    }
    if (SUCCEEDED(hr)) {
        hr = instance_view_open(p->schema, bytes, size, &view);
    }
    if (SUCCEEDED(hr)) {
        hr = store_put(r, c->txn, r->instances, &k, bytes, size);
    }
    return SUCCEEDED(hr) ? index_add(r, c->txn, p->record.id, p->schema, &p->canonical, &view) : hr;
}

static HRESULT put_fitted(struct put *p, IWbemClassObject *instance)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *before = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *after = NULL;
    struct search same;
    HRESULT hr = check_values(p, instance);
    if (SUCCEEDED(hr)) {
        hr = key_of_instance(&p->canonical, p->schema, getter_of_object, instance);
    }
    if (SUCCEEDED(hr)) {
        hr = find_same(p, &same);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (same.found && same.class_id != p->record.id) {
        return raise_put(p, WBEM_E_ALREADY_EXISTS,
                         "another class of the dynasty has an instance with these keys");
    }
    if (same.found && (p->flags & WBEM_FLAG_CREATE_ONLY)) {
        return raise_put(p, WBEM_E_ALREADY_EXISTS, "there is already one with these keys");
    }
    if (!same.found && (p->flags & WBEM_FLAG_UPDATE_ONLY)) {
        return raise_put(p, WBEM_E_NOT_FOUND, "there is none with these keys to update");
    }
    if (same.found) {
        hr = make_instance(p->change, p->name_space, &same, &before);
    }
    if (SUCCEEDED(hr)) {
        hr = store(p, instance, before);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Clone(instance, &after);
    }
    if (SUCCEEDED(hr)) {
        hr = object_decorate(after, p->name_space->decoration);
    }
    return SUCCEEDED(hr) ? change_note(p->change, before ? REPOSITORY_MODIFIED : REPOSITORY_CREATED,
                                       false, p->name_space->name, before, after)
                         : hr;
}

static HRESULT get_text(IWbemClassObject *object, const wchar_t *property, wchar_t **ret)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(object, property, 0, &v, NULL, NULL);
    if (SUCCEEDED(hr)) {
        *ret = V_VT(&v) == VT_BSTR ? wcsdup(V_BSTR(&v)) : NULL;
        hr = *ret ? WBEM_S_NO_ERROR : WBEM_E_ILLEGAL_NULL;
        VariantClear(&v);
    }
    return hr;
}

/* The full name of the namespace that an instance of __NAMESPACE stands for. */
static HRESULT child_namespace(const wchar_t *name_space, const wchar_t *child, wchar_t **ret)
{
    size_t size = wcslen(name_space) + wcslen(child) + 2;
    *ret = calloc(size, sizeof(**ret));
    if (!*ret) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    swprintf(*ret, size, L"%ls\\%ls", name_space, child);
    return WBEM_S_NO_ERROR;
}

/* Making one that exists is fine unless it must be new. */
static HRESULT put_namespace(struct repository_change *c, const wchar_t *name_space,
                             IWbemClassObject *instance, LONG flags)
{
    CLEANUP(com_cleanup_free) wchar_t *child = NULL;
    CLEANUP(com_cleanup_free) wchar_t *full = NULL;
    uint32_t id;
    HRESULT hr = get_text(instance, L"Name", &child);
    if (FAILED(hr)) {
        return error_raise(hr, "PutInstance", "Name", "the namespace has no name");
    }
    if (wcspbrk(child, L"\\/")) {
        return error_raise(WBEM_E_INVALID_NAMESPACE, "PutInstance", "Name",
                           "the name of a namespace in another has no separator");
    }
    hr = child_namespace(name_space, child, &full);
    if (FAILED(hr)) {
        return hr;
    }
    bool exists = SUCCEEDED(namespace_id(c->repository, c->txn, full, &id));
    if (exists && !(flags & WBEM_FLAG_CREATE_ONLY)) {
        return WBEM_S_NO_ERROR;
    }
    if (!exists && (flags & WBEM_FLAG_UPDATE_ONLY)) {
        return error_raise(WBEM_E_NOT_FOUND, "PutInstance", "Name", "there is no such namespace");
    }
    return namespace_create(c, full);
}

/* The class that the instance is of, as it is stored now. */
static HRESULT load_class(struct put *p, const wchar_t *class_name, IWbemClassObject **ret)
{
    struct repository_change *c = p->change;
    class_key(&p->class_name, p->name_space_id, class_name);
    HRESULT hr = class_record_get_folded(c->repository, c->txn, &p->class_name, &p->record);
    if (hr == WBEM_E_NOT_FOUND) {
        return raise_put(p, WBEM_E_INVALID_CLASS, "there is no such class in this namespace");
    }
    if (SUCCEEDED(hr)) {
        hr = class_fetch(c, p->name_space, &p->class_name, ret);
    }
    return SUCCEEDED(hr) ? schema_of(*ret, &p->schema) : hr;
}

static HRESULT put_instance(struct put *p, const wchar_t *class_name, IWbemClassObject *given,
                            wchar_t **ret_path)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *instance = NULL;
    wchar_t *path = NULL;
    HRESULT hr = load_class(p, class_name, &cls);
    if (SUCCEEDED(hr)) {
        hr = check_class(p);
    }
    if (SUCCEEDED(hr)) {
        hr = fit(p, given, &instance);
    }
    if (SUCCEEDED(hr) && ret_path) {
        hr = check_values(p, instance);
        if (SUCCEEDED(hr)) {
            hr = get_text(instance, L"__RELPATH", &path);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = put_fitted(p, instance);
    }
    if (SUCCEEDED(hr) && ret_path) {
        *ret_path = TAKE(path);
    }
    free(path);
    return hr;
}

HRESULT repository_change_put_instance(struct repository_change *c, const wchar_t *name_space,
                                       IWbemClassObject *instance, LONG flags, wchar_t **ret_path)
{
    struct put p = {.change = c, .flags = flags};
    struct schema *s;
    HRESULT hr = namespace_handle(c->repository, c->txn, name_space, &p.name_space);
    if (SUCCEEDED(hr)) {
        hr = namespace_id(c->repository, c->txn, name_space, &p.name_space_id);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(instance, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!schema_class_name(s)) {
        return error_raise(WBEM_E_INVALID_OBJECT, "PutInstance", NULL, "the instance has no class");
    }
    if (schema_is_a(s, L"__NAMESPACE")) {
        hr = put_namespace(c, name_space, instance, flags);
        return SUCCEEDED(hr) && ret_path ? get_text(instance, L"__RELPATH", ret_path) : hr;
    }
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(schema_class_name(s));
    p.name = name ? name : "?";
    return put_instance(&p, schema_class_name(s), instance, ret_path);
}

/* ---- deleting
 * ------------------------------------------------------------------------------------ */

static HRESULT delete_found(struct repository_change *c, struct repository_namespace *n,
                            const struct key *canonical, struct search *s)
{
    struct repository *r = c->repository;
    CLEANUP(com_cleanup_release) IWbemClassObject *before = NULL;
    struct schema *schema;
    struct instance_view view;
    const uint8_t *bytes;
    uint32_t size;
    struct key k;
    HRESULT hr = make_instance(c, n, s, &before);
    if (SUCCEEDED(hr)) {
        hr = schema_of(before, &schema);
    }
    if (SUCCEEDED(hr)) {
        hr = object_instance_bytes(before, &bytes, &size);
    }
    if (SUCCEEDED(hr)) {
        hr = instance_view_open(schema, bytes, size, &view);
    }
    if (SUCCEEDED(hr)) {
        hr = index_remove(r, c->txn, s->class_id, schema, canonical, &view);
    }
    if (SUCCEEDED(hr)) {
        instance_key(&k, s->class_id, canonical);
        hr = store_delete(r, c->txn, r->instances, &k);
    }
    return SUCCEEDED(hr) ? change_note(c, REPOSITORY_DELETED, false, n->name, before, NULL) : hr;
}

static HRESULT delete_namespace(struct repository_change *c, const wchar_t *name_space,
                                const struct object_path *path)
{
    CLEANUP(com_cleanup_free) wchar_t *full = NULL;
    if (path->key_count != 1) {
        return WBEM_E_INVALID_OBJECT_PATH;
    }
    HRESULT hr = child_namespace(name_space, path->keys[0].text, &full);
    return SUCCEEDED(hr) ? namespace_delete(c, full) : hr;
}

HRESULT repository_change_delete_instance(struct repository_change *c, const wchar_t *name_space,
                                          const struct object_path *path)
{
    struct repository_namespace *n;
    struct key canonical;
    struct search s;
    if (!path->class_name || !path->is_instance) {
        return WBEM_E_INVALID_OBJECT_PATH;
    }
    if (wcscasecmp(path->class_name, L"__NAMESPACE") == 0) {
        return delete_namespace(c, name_space, path);
    }
    HRESULT hr = namespace_handle(c->repository, c->txn, name_space, &n);
    if (SUCCEEDED(hr)) {
        hr = find(c, n, c->txn, path, &canonical, &s);
    }
    return SUCCEEDED(hr) ? delete_found(c, n, &canonical, &s) : hr;
}

HRESULT repository_change_get_instance(struct repository_change *c, const wchar_t *name_space,
                                       const struct object_path *path, IWbemClassObject **ret)
{
    struct repository_namespace *n;
    struct key canonical;
    struct search s;
    HRESULT hr = namespace_handle(c->repository, c->txn, name_space, &n);
    if (SUCCEEDED(hr)) {
        hr = find(c, n, c->txn, path, &canonical, &s);
    }
    return SUCCEEDED(hr) ? make_instance(c, n, &s, ret) : hr;
}

/* ---- all instances of a class
 * ----------------------------------------------------------------------- */

HRESULT instances_delete(struct repository_change *c, struct repository_namespace *n,
                         const struct class_record *record)
{
    struct repository *r = c->repository;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s;
    struct key prefix;
    struct walk w;
    class_prefix(&prefix, record->id);
    HRESULT hr = class_decode(n, record, &cls);
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = walk_open(r, c->txn, r->instances, &prefix, &w);
    }
    if (FAILED(hr)) {
        return hr;
    }
    while ((hr = walk_next(r, &w)) == WBEM_S_NO_ERROR) {
        CLEANUP(com_cleanup_release) IWbemClassObject *before = NULL;
        hr =
            object_from_instance_bytes(s, n->decoration, w.value.mv_data, w.value.mv_size, &before);
        if (SUCCEEDED(hr)) {
            hr = change_note(c, REPOSITORY_DELETED, false, n->name, before, NULL);
        }
        if (FAILED(hr)) {
            break;
        }
    }
    walk_close(&w);
    if (SUCCEEDED(hr)) {
        hr = walk_delete(r, c->txn, r->instances, &prefix);
    }
    return SUCCEEDED(hr) ? walk_delete(r, c->txn, r->indexes, &prefix) : hr;
}

/* The keys of all instances of a class, gathered before they are written anew. */
struct keys {
    struct key *items;
    size_t count, capacity;
};

static HRESULT gather_keys(struct repository_change *c, uint32_t class_id, struct keys *ret)
{
    struct repository *r = c->repository;
    struct key prefix;
    struct walk w;
    class_prefix(&prefix, class_id);
    HRESULT hr = walk_open(r, c->txn, r->instances, &prefix, &w);
    while (SUCCEEDED(hr) && (hr = walk_next(r, &w)) == WBEM_S_NO_ERROR) {
        if (ret->count == ret->capacity) {
            size_t capacity = ret->capacity ? 2 * ret->capacity : 64;
            struct key *items = realloc(ret->items, capacity * sizeof(*items));
            if (!items) {
                hr = WBEM_E_OUT_OF_MEMORY;
                break;
            }
            ret->items = items;
            ret->capacity = capacity;
        }
        struct key *k = &ret->items[ret->count++];
        k->size = w.key.mv_size - prefix.size;
        memcpy(k->bytes, (const uint8_t *)w.key.mv_data + prefix.size, k->size);
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT convert_one(struct repository_change *c, struct repository_namespace *n,
                           uint32_t class_id, const struct key *canonical, struct schema *from,
                           struct schema *to)
{
    struct repository *r = c->repository;
    CLEANUP(com_cleanup_release) IWbemClassObject *before = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *after = NULL;
    struct instance_view view;
    const uint8_t *bytes;
    uint32_t size;
    MDB_val v;
    struct key k;
    instance_key(&k, class_id, canonical);
    HRESULT hr = store_get(r, c->txn, r->instances, &k, &v);
    if (SUCCEEDED(hr)) {
        hr = object_from_instance_bytes(from, n->decoration, v.mv_data, v.mv_size, &before);
    }
    if (SUCCEEDED(hr)) {
        hr = object_convert_instance(before, to, n->decoration, &after);
    }
    if (SUCCEEDED(hr)) {
        hr = object_instance_bytes(after, &bytes, &size);
    }
    if (SUCCEEDED(hr)) {
        hr = instance_view_open(to, bytes, size, &view);
    }
    if (SUCCEEDED(hr)) {
        hr = store_put(r, c->txn, r->instances, &k, bytes, size);
    }
    return SUCCEEDED(hr) ? index_add(r, c->txn, class_id, to, canonical, &view) : hr;
}

HRESULT instances_convert(struct repository_change *c, struct repository_namespace *n,
                          uint32_t class_id, struct schema *from, struct schema *to)
{
    struct keys all = {0};
    struct key prefix;
    class_prefix(&prefix, class_id);
    HRESULT hr = gather_keys(c, class_id, &all);
    if (SUCCEEDED(hr) && all.count > 0) {
        hr = walk_delete(c->repository, c->txn, c->repository->indexes, &prefix);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < all.count; i++) {
        hr = convert_one(c, n, class_id, &all.items[i], from, to);
    }
    free(all.items);
    return hr;
}
