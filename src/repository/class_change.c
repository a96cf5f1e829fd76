/*
 * PutClass and DeleteClass (wbemcli nf-wbemcli-iwbemservices-putclass,
 * -deleteclass; [MS-WMI] 3.1.4.3.5, 3.1.4.3.7): what may be changed when there
 * are subclasses or instances, and subclasses derived anew.
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

/* One class being put. */
struct put {
    struct repository_change *change;
    struct repository_namespace *name_space;
    uint32_t name_space_id;
    LONG flags;
    const char *name; /* UTF-8, for messages */
};

static HRESULT raise_put(const struct put *p, HRESULT hr, const char *what)
{
    return error_raise(hr, "PutClass", p->name, "class '%s': %s", p->name, what);
}

/* ---- links in the tree ---------------------------------------------------------- */

static void link_key(struct key *k, uint32_t name_space, uint32_t superclass, uint32_t id)
{
    child_key(k, name_space, superclass);
    key_u32(k, id);
}

static HRESULT link_class(struct repository_change *c, uint32_t name_space, uint32_t superclass,
                          uint32_t id, const struct key *name)
{
    struct key k;
    link_key(&k, name_space, superclass, id);
    return store_put(c->repository, c->txn, c->repository->children, &k, name->bytes, name->size);
}

static HRESULT unlink_class(struct repository_change *c, uint32_t name_space, uint32_t superclass,
                            uint32_t id)
{
    struct key k;
    link_key(&k, name_space, superclass, id);
    HRESULT hr = store_delete(c->repository, c->txn, c->repository->children, &k);
    return hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
}

/* ---- subtrees, gathered before anything in them is changed ------------------------- */

struct subclass {
    struct key name;
    uint32_t id;
};

struct subclasses {
    struct subclass *items;
    size_t count, capacity;
};

static HRESULT gather(void *closure, const struct key *name, uint32_t id)
{
    struct subclasses *l = closure;
    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 16;
        struct subclass *items = realloc(l->items, capacity * sizeof(*items));
        if (!items) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        l->items = items;
        l->capacity = capacity;
    }
    l->items[l->count++] = (struct subclass){*name, id};
    return WBEM_S_NO_ERROR;
}

/* Does the class or one below it have instances? */
static HRESULT any_instances(struct repository_change *c, uint32_t id,
                             const struct subclasses *below, bool *ret)
{
    HRESULT hr = instances_any(c->repository, c->txn, id, ret);
    for (size_t i = 0; SUCCEEDED(hr) && !*ret && i < below->count; i++) {
        hr = instances_any(c->repository, c->txn, below->items[i].id, ret);
    }
    return hr;
}

/* ---- a class's new form --------------------------------------------------------------- */

static HRESULT parent_schema(const struct put *p, const wchar_t *superclass,
                             IWbemClassObject **ret_class, struct schema **ret)
{
    struct class_record record;
    *ret = NULL;
    if (!superclass) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = class_record_get(p->change->repository, p->change->txn, p->name_space_id,
                                  superclass, &record);
    if (hr == WBEM_E_NOT_FOUND) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(superclass);
        return error_raise(WBEM_E_INVALID_SUPERCLASS, "PutClass", text,
                           "class '%s': there is no superclass '%s' in this namespace", p->name,
                           text ? text : "?");
    }
    if (SUCCEEDED(hr)) {
        hr = class_decode(p->name_space, &record, ret_class);
    }
    return SUCCEEDED(hr) ? schema_of(*ret_class, ret) : hr;
}

/* The class as it will be stored. */
static HRESULT new_form(const struct put *p, IWbemClassObject *cls, struct schema *old,
                        IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *parent = NULL;
    struct schema *given;
    struct schema *above;
    HRESULT hr = schema_of(cls, &given);
    if (SUCCEEDED(hr)) {
        hr = parent_schema(p, schema_ancestor(given, 0), &parent, &above);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = object_rebase_class(cls, above, old, p->flags & WBEM_FLAG_UPDATE_FORCE_MODE, ret);
    switch (hr) {
    case WBEM_E_UPDATE_TYPE_MISMATCH:
        return raise_put(p, hr, "a property has another type than in the superclass");
    case WBEM_E_OVERRIDE_NOT_ALLOWED:
        return raise_put(p, hr, "a qualifier can't be overridden");
    default:
        return hr;
    }
}

/* Store the new form of a class that is there, and carry its instances over if need be. */
static HRESULT replace(const struct put *p, const struct key *name, uint32_t id,
                       IWbemClassObject *before, IWbemClassObject *after)
{
    struct repository_change *c = p->change;
    struct schema *from;
    struct schema *to;
    HRESULT hr = schema_of(before, &from);
    if (SUCCEEDED(hr)) {
        hr = schema_of(after, &to);
    }
    if (SUCCEEDED(hr)) {
        hr = class_record_put(c, name, id, after);
    }
    bool differ = false;
    if (SUCCEEDED(hr)) {
        hr = schema_compare_important(from, to, &differ);
    }
    if (SUCCEEDED(hr) && differ) {
        hr = instances_convert(c, p->name_space, id, from, to);
    }
    if (SUCCEEDED(hr)) {
        hr = object_decorate(after, p->name_space->decoration);
    }
    return SUCCEEDED(hr)
               ? change_note(c, REPOSITORY_MODIFIED, true, p->name_space->name, before, after)
               : hr;
}

static HRESULT rederive(const struct put *p, const struct subclasses *below)
{
    struct repository *r = p->change->repository;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < below->count; i++) {
        struct class_record record;
        CLEANUP(com_cleanup_release) IWbemClassObject *before = NULL;
        CLEANUP(com_cleanup_release) IWbemClassObject *after = NULL;
        hr = class_record_get_folded(r, p->change->txn, &below->items[i].name, &record);
        if (SUCCEEDED(hr)) {
            hr = class_decode(p->name_space, &record, &before);
        }
        if (SUCCEEDED(hr)) {
            hr = new_form(p, before, NULL, &after); /* parents come first, so theirs is there */
        }
        if (SUCCEEDED(hr)) {
            hr = replace(p, &below->items[i].name, below->items[i].id, before, after);
        }
    }
    return hr;
}

/* ---- rules of an update --------------------------------------------------------------------- */

/* wbemcli PutClass: instances forbid a change that matters in every mode; subclasses forbid it in
 * the compatible mode, in the safe mode only where they conflict. */
static HRESULT may_update(const struct put *p, uint32_t id, const struct subclasses *below,
                          bool important)
{
    bool any = false;
    if (!important || p->change->internal) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = any_instances(p->change, id, below, &any);
    if (SUCCEEDED(hr) && any) {
        return raise_put(p, WBEM_E_CLASS_HAS_INSTANCES,
                         "it or a subclass has instances, so only texts about it can be changed");
    }
    if (SUCCEEDED(hr) && below->count > 0 &&
        !(p->flags & (WBEM_FLAG_UPDATE_SAFE_MODE | WBEM_FLAG_UPDATE_FORCE_MODE))) {
        return raise_put(p, WBEM_E_CLASS_HAS_CHILDREN,
                         "it has subclasses; WBEM_FLAG_UPDATE_SAFE_MODE changes those as well");
    }
    return hr;
}

/* Another superclass: only for a class on which nothing depends. */
static HRESULT move(const struct put *p, const struct class_record *record, const struct key *name,
                    const struct subclasses *below, struct schema *from, struct schema *to)
{
    struct repository_change *c = p->change;
    uint32_t old_parent;
    uint32_t new_parent;
    bool any = false;
    HRESULT hr = class_superclass_id(c->repository, c->txn, p->name_space_id, from, &old_parent);
    if (SUCCEEDED(hr)) {
        hr = class_superclass_id(c->repository, c->txn, p->name_space_id, to, &new_parent);
    }
    if (FAILED(hr) || old_parent == new_parent) {
        return hr;
    }
    if (below->count > 0) {
        return raise_put(p, WBEM_E_CLASS_HAS_CHILDREN, "its superclass can't be changed");
    }
    hr = any_instances(c, record->id, below, &any);
    if (SUCCEEDED(hr) && any) {
        return raise_put(p, WBEM_E_CLASS_HAS_INSTANCES, "its superclass can't be changed");
    }
    if (SUCCEEDED(hr)) {
        hr = unlink_class(c, p->name_space_id, old_parent, record->id);
    }
    return SUCCEEDED(hr) ? link_class(c, p->name_space_id, new_parent, record->id, name) : hr;
}

/* Is the new form the stored one? What is stored has no decoration either. */
static HRESULT is_stored_form(const struct class_record *record, IWbemClassObject *after, bool *ret)
{
    const uint8_t *bytes;
    uint32_t size;
    HRESULT hr = object_encoding(after, &bytes, &size);
    *ret = SUCCEEDED(hr) && size == record->block_size && memcmp(bytes, record->block, size) == 0;
    return hr;
}

static HRESULT update(const struct put *p, const struct key *name, IWbemClassObject *cls,
                      const struct class_record *record)
{
    struct repository *r = p->change->repository;
    CLEANUP(com_cleanup_release) IWbemClassObject *before = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *after = NULL;
    struct subclasses below = {0};
    struct schema *from = NULL;
    struct schema *to = NULL;
    bool same = false;
    bool important = true;
    HRESULT hr = class_decode(p->name_space, record, &before);
    if (SUCCEEDED(hr)) {
        hr = schema_of(before, &from);
    }
    if (SUCCEEDED(hr)) {
        hr = new_form(p, cls, p->change->internal ? NULL : from, &after);
    }
    if (SUCCEEDED(hr)) {
        hr = is_stored_form(record, after, &same);
    }
    if (FAILED(hr) || same) {
        return hr;
    }
    hr = schema_of(after, &to);
    if (SUCCEEDED(hr)) {
        hr = schema_compare_important(from, to, &important);
    }
    if (SUCCEEDED(hr)) {
        hr = class_visit_ids(r, p->change->txn, p->name_space_id, record->id, true, gather, &below);
    }
    if (SUCCEEDED(hr)) {
        hr = may_update(p, record->id, &below, important);
    }
    if (SUCCEEDED(hr)) {
        hr = move(p, record, name, &below, from, to);
    }
    if (SUCCEEDED(hr)) {
        hr = replace(p, name, record->id, before, after);
    }
    if (SUCCEEDED(hr)) {
        hr = rederive(p, &below);
    }
    free(below.items);
    return hr;
}

static HRESULT create(const struct put *p, const struct key *name, IWbemClassObject *cls)
{
    struct repository_change *c = p->change;
    CLEANUP(com_cleanup_release) IWbemClassObject *made = NULL;
    struct schema *s = NULL;
    uint32_t superclass = 0;
    uint64_t id = 0;
    HRESULT hr = new_form(p, cls, NULL, &made);
    if (SUCCEEDED(hr)) {
        hr = schema_of(made, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = class_superclass_id(c->repository, c->txn, p->name_space_id, s, &superclass);
    }
    if (SUCCEEDED(hr)) {
        hr = store_next_number(c->repository, c->txn, "class", &id);
    }
    if (SUCCEEDED(hr)) {
        hr = class_record_put(c, name, (uint32_t)id, made);
    }
    if (SUCCEEDED(hr)) {
        hr = link_class(c, p->name_space_id, superclass, (uint32_t)id, name);
    }
    if (SUCCEEDED(hr)) {
        hr = object_decorate(made, p->name_space->decoration);
    }
    return SUCCEEDED(hr) ? change_note(c, REPOSITORY_CREATED, true, p->name_space->name, NULL, made)
                         : hr;
}

static HRESULT put_class(struct put *p, IWbemClassObject *cls, const struct schema *s)
{
    struct key name;
    struct class_record record;
    class_key(&name, p->name_space_id, schema_class_name(s));
    HRESULT hr = class_record_get_folded(p->change->repository, p->change->txn, &name, &record);
    if (hr == WBEM_E_NOT_FOUND) {
        return p->flags & WBEM_FLAG_UPDATE_ONLY
                   ? raise_put(p, WBEM_E_NOT_FOUND, "there is no such class to update")
                   : create(p, &name, cls);
    }
    if (FAILED(hr)) {
        return hr;
    }
    return p->flags & WBEM_FLAG_CREATE_ONLY
               ? raise_put(p, WBEM_E_ALREADY_EXISTS, "there is already such a class")
               : update(p, &name, cls, &record);
}

HRESULT repository_change_put_class(struct repository_change *c, const wchar_t *name_space,
                                    IWbemClassObject *cls, LONG flags)
{
    struct put p = {.change = c, .flags = flags};
    struct schema *s = NULL;
    HRESULT hr = namespace_handle(c->repository, c->txn, name_space, &p.name_space);
    if (SUCCEEDED(hr)) {
        hr = namespace_id(c->repository, c->txn, name_space, &p.name_space_id);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    const wchar_t *class_name = schema_class_name(s);
    if (!class_name || !*class_name) {
        return error_raise(WBEM_E_INVALID_OBJECT, "PutClass", "__CLASS", "the class has no name");
    }
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(class_name);
    p.name = name ? name : "?";
    if (wcsncmp(class_name, L"__", 2) == 0 && !c->internal) {
        return raise_put(&p, WBEM_E_INVALID_OBJECT,
                         "names that begin with two underscores are the system's own");
    }
    return put_class(&p, cls, s);
}

/* ---- deleting
 * ------------------------------------------------------------------------------------- */

static HRESULT delete_one(struct repository_change *c, struct repository_namespace *n,
                          uint32_t name_space, const struct key *name)
{
    struct repository *r = c->repository;
    struct class_record record;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s = NULL;
    uint32_t superclass = 0;
    HRESULT hr = class_record_get_folded(r, c->txn, name, &record);
    if (SUCCEEDED(hr)) {
        hr = class_decode(n, &record, &cls);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = class_superclass_id(r, c->txn, name_space, s, &superclass);
    }
    if (SUCCEEDED(hr)) {
        hr = instances_delete(c, n, &record);
    }
    if (SUCCEEDED(hr)) {
        hr = unlink_class(c, name_space, superclass, record.id);
    }
    if (SUCCEEDED(hr)) {
        c->classes_changed = true;
        hr = store_delete(r, c->txn, r->classes, name);
    }
    return SUCCEEDED(hr) ? change_note(c, REPOSITORY_DELETED, true, n->name, cls, NULL) : hr;
}

HRESULT repository_change_delete_class(struct repository_change *c, const wchar_t *name_space,
                                       const wchar_t *name)
{
    struct repository *r = c->repository;
    struct repository_namespace *n;
    struct class_record record;
    struct subclasses below = {0};
    struct key k;
    uint32_t id;
    HRESULT hr = namespace_handle(r, c->txn, name_space, &n);
    if (SUCCEEDED(hr)) {
        hr = namespace_id(r, c->txn, name_space, &id);
    }
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
    if (wcsncmp(name, L"__", 2) == 0 && !c->internal) {
        return error_raise(WBEM_E_INVALID_OPERATION, "DeleteClass", text,
                           "'%s' is one of the system's own classes", text ? text : "?");
    }
    class_key(&k, id, name);
    hr = class_record_get_folded(r, c->txn, &k, &record);
    if (hr == WBEM_E_NOT_FOUND) {
        return error_raise(hr, "DeleteClass", text, "there is no class '%s' in this namespace",
                           text ? text : "?");
    }
    if (SUCCEEDED(hr)) {
        hr = class_visit_ids(r, c->txn, id, record.id, true, gather, &below);
    }
    for (size_t i = below.count; SUCCEEDED(hr) && i > 0; i--) { /* children first */
        hr = delete_one(c, n, id, &below.items[i - 1].name);
    }
    free(below.items);
    return SUCCEEDED(hr) ? delete_one(c, n, id, &k) : hr;
}

/* ---- whole namespaces
 * -------------------------------------------------------------------------------- */

HRESULT class_delete_all(struct repository_change *c, uint32_t name_space)
{
    struct repository *r = c->repository;
    struct subclasses all = {0};
    struct key prefix = {.size = 0};
    c->classes_changed = true;
    HRESULT hr = class_visit_ids(r, c->txn, name_space, 0, true, gather, &all);
    for (size_t i = 0; SUCCEEDED(hr) && i < all.count; i++) {
        prefix.size = 0;
        key_u32(&prefix, all.items[i].id);
        hr = walk_delete(r, c->txn, r->instances, &prefix);
        if (SUCCEEDED(hr)) {
            hr = walk_delete(r, c->txn, r->indexes, &prefix);
        }
    }
    free(all.items);
    prefix.size = 0;
    key_u32(&prefix, name_space);
    if (SUCCEEDED(hr)) {
        hr = walk_delete(r, c->txn, r->classes, &prefix);
    }
    return SUCCEEDED(hr) ? walk_delete(r, c->txn, r->children, &prefix) : hr;
}

HRESULT class_copy_system(struct repository_change *c, uint32_t from, uint32_t to)
{
    struct repository *r = c->repository;
    struct subclasses all = {0};
    HRESULT hr = class_visit_ids(r, c->txn, from, 0, true, gather, &all);
    for (size_t i = 0; SUCCEEDED(hr) && i < all.count; i++) {
        const struct key *name = &all.items[i].name;
        struct class_record record;
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        struct schema *s = NULL;
        uint32_t superclass = 0;
        uint64_t id = 0;
        struct key copy = {.size = 0};
        if (name->size < 6 || memcmp(name->bytes + 4, "__", 2) != 0) {
            continue;
        }
        key_u32(&copy, to);
        memcpy(copy.bytes + copy.size, name->bytes + 4, name->size - 4);
        copy.size = name->size;
        hr = class_record_get_folded(r, c->txn, name, &record);
        if (SUCCEEDED(hr)) {
            hr = object_decode(record.block, record.block_size, &cls);
        }
        if (SUCCEEDED(hr)) {
            hr = schema_of(cls, &s);
        }
        if (SUCCEEDED(hr)) {
            hr = class_superclass_id(r, c->txn, to, s, &superclass);
        }
        if (SUCCEEDED(hr)) {
            hr = store_next_number(r, c->txn, "class", &id);
        }
        if (SUCCEEDED(hr)) {
            hr = class_record_put(c, &copy, (uint32_t)id, cls);
        }
        if (SUCCEEDED(hr)) {
            hr = link_class(c, to, superclass, (uint32_t)id, &copy);
        }
    }
    free(all.items);
    return hr;
}
