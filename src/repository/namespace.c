/*
 * Namespaces: a record for each by its full name, a handle for each that was
 * ever opened ([WmiSdk] "Creating a Namespace", __NAMESPACE).
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

/* ---- names -------------------------------------------------------------------- */

static HRESULT raise_namespace(HRESULT hr, const wchar_t *name, const char *what)
{
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
    return error_raise(hr, "Namespace", text, "%s '%s'", what, text ? text : "?");
}

/* The full name of a child; free() it. */
static wchar_t *join(const wchar_t *parent, const wchar_t *child)
{
    size_t size = wcslen(parent) + wcslen(child) + 2;
    wchar_t *full = calloc(size, sizeof(*full));
    if (full) {
        swprintf(full, size, L"%ls\\%ls", parent, child);
    }
    return full;
}

static bool same_name(const wchar_t *a, const wchar_t *b)
{
    struct key x = {.size = 0};
    struct key y = {.size = 0};
    key_namespace(&x, a);
    key_namespace(&y, b);
    return x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0;
}

/* The part of a full name before its last backslash; NULL for "root" (and out of memory). */
static wchar_t *parent_of(const wchar_t *name)
{
    wchar_t *parent = wcsdup(name);
    wchar_t *cut = NULL;
    for (wchar_t *c = parent; c && *c; c++) {
        cut = *c == L'\\' || *c == L'/' ? c : cut;
    }
    if (!cut) {
        free(parent);
        return NULL;
    }
    *cut = L'\0';
    return parent;
}

/* ---- records -------------------------------------------------------------------- */

/* id 4 | the name as UTF-8, without a terminator */
static HRESULT record_get(struct repository *r, MDB_txn *txn, const wchar_t *name, uint32_t *ret_id,
                          wchar_t **ret_name)
{
    struct key k = {.size = 0};
    MDB_val v;
    key_namespace(&k, name);
    HRESULT hr = store_get(r, txn, r->namespaces, &k, &v);
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_E_INVALID_NAMESPACE : hr;
    }
    if (v.mv_size < 4) {
        return raise_namespace(WBEM_E_CRITICAL_ERROR, name,
                               "the repository has a damaged record of");
    }
    *ret_id = get_u32(v.mv_data);
    if (ret_name) {
        CLEANUP(com_cleanup_free) char *utf8 = strndup((const char *)v.mv_data + 4, v.mv_size - 4);
        *ret_name = utf8 ? com_wide_from_utf8(utf8) : NULL;
        return *ret_name ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    }
    return WBEM_S_NO_ERROR;
}

HRESULT namespace_id(struct repository *r, MDB_txn *txn, const wchar_t *name, uint32_t *ret)
{
    return record_get(r, txn, name, ret, NULL);
}

HRESULT namespace_children(struct repository *r, MDB_txn *txn, const wchar_t *name,
                           HRESULT (*visit)(void *closure, const wchar_t *name), void *closure)
{
    struct key prefix = {.size = 0};
    struct walk w;
    key_namespace(&prefix, name);
    prefix.bytes[prefix.size - 1] = '\\'; /* for the terminator */
    HRESULT hr = walk_open(r, txn, r->namespaces, &prefix, &w);
    while (SUCCEEDED(hr) && (hr = walk_next(r, &w)) == WBEM_S_NO_ERROR) {
        const char *rest = (const char *)w.key.mv_data + prefix.size;
        if (memchr(rest, '\\', w.key.mv_size - prefix.size) || w.value.mv_size < 4) {
            continue; /* further down */
        }
        CLEANUP(com_cleanup_free)
        char *utf8 = strndup((const char *)w.value.mv_data + 4, w.value.mv_size - 4);
        CLEANUP(com_cleanup_free) wchar_t *full = utf8 ? com_wide_from_utf8(utf8) : NULL;
        if (!full) {
            hr = WBEM_E_OUT_OF_MEMORY;
            break;
        }
        const wchar_t *last = wcsrchr(full, L'\\');
        hr = visit(closure, last ? last + 1 : full);
    }
    walk_close(&w);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* ---- handles ---------------------------------------------------------------------- */

static HRESULT handle_create(struct repository *r, const wchar_t *name,
                             struct repository_namespace **ret)
{
    struct repository_namespace *n = calloc(1, sizeof(*n));
    if (!n) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    n->repository = r;
    n->name = wcsdup(name);
    HRESULT hr =
        n->name ? decoration_create(r->server, n->name, &n->decoration) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        free(n->name);
        free(n);
        return hr;
    }
    *ret = n;
    return WBEM_S_NO_ERROR;
}

HRESULT namespace_handle(struct repository *r, MDB_txn *txn, const wchar_t *name,
                         struct repository_namespace **ret)
{
    uint32_t id;
    CLEANUP(com_cleanup_free) wchar_t *given = NULL;
    HRESULT hr = record_get(r, txn, name, &id, &given);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&r->lock);
    struct repository_namespace *n = r->handles;
    while (n && !same_name(n->name, given)) {
        n = n->next;
    }
    if (!n) {
        hr = handle_create(r, given, &n);
        if (SUCCEEDED(hr)) {
            n->next = r->handles;
            r->handles = n;
        }
    }
    pthread_mutex_unlock(&r->lock);
    if (SUCCEEDED(hr)) {
        *ret = n;
    }
    return hr;
}

HRESULT namespace_object(struct repository *r, MDB_txn *txn, const wchar_t *name,
                         IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_free) wchar_t *parent = parent_of(name);
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *made = NULL;
    struct repository_namespace *n;
    struct class_record record;
    uint32_t id;
    if (!parent) {
        return WBEM_E_NOT_FOUND;
    }
    HRESULT hr = namespace_handle(r, txn, parent, &n);
    if (SUCCEEDED(hr)) {
        hr = namespace_id(r, txn, parent, &id);
    }
    if (SUCCEEDED(hr)) {
        hr = class_record_get(r, txn, id, L"__NAMESPACE", &record);
    }
    if (SUCCEEDED(hr)) {
        hr = class_decode(n, &record, &cls);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_SpawnInstance(cls, 0, &made);
    }
    VARIANT v;
    VariantInit(&v);
    if (SUCCEEDED(hr)) {
        const wchar_t *last = name + wcslen(parent) + 1;
        V_VT(&v) = VT_BSTR;
        V_BSTR(&v) = SysAllocString(last);
        hr = V_BSTR(&v) ? IWbemClassObject_Put(made, L"Name", 0, &v, 0) : WBEM_E_OUT_OF_MEMORY;
    }
    VariantClear(&v);
    if (SUCCEEDED(hr)) {
        *ret = TAKE(made);
    }
    return hr;
}

/* ---- changes ------------------------------------------------------------------------- */

static HRESULT record_put(struct repository_change *c, const wchar_t *name, uint32_t id)
{
    struct repository *r = c->repository;
    struct key k = {.size = 0};
    struct buffer b = {0};
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(name);
    if (!utf8) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (char *at = utf8; *at; at++) {
        *at = *at == '/' ? '\\' : *at;
    }
    key_namespace(&k, name);
    buffer_u32(&b, id);
    buffer_put(&b, utf8, strlen(utf8));
    HRESULT hr =
        b.failed ? WBEM_E_OUT_OF_MEMORY : store_put(r, c->txn, r->namespaces, &k, b.bytes, b.size);
    buffer_done(&b);
    return hr;
}

/* Letters, digits, _ and what else a path can hold; the length keeps the key whole. */
static bool is_name(const wchar_t *name)
{
    size_t length = 0;
    for (const wchar_t *part = name; *part; part++, length++) {
        if (*part < L' ' || wcschr(L":*?\"<>|=.,", *part)) {
            return false;
        }
        bool separator = *part == L'\\' || *part == L'/';
        if (separator && (part == name || part[1] == L'\\' || part[1] == L'/' || !part[1])) {
            return false;
        }
    }
    return length > 0 && length < KEY_TEXT_MOST / 4;
}

HRESULT namespace_create(struct repository_change *c, const wchar_t *name)
{
    struct repository *r = c->repository;
    uint32_t parent_id = 0;
    uint32_t id;
    uint64_t next;
    if (!is_name(name)) {
        return raise_namespace(WBEM_E_INVALID_NAMESPACE, name, "this can't be a namespace's name:");
    }
    HRESULT hr = namespace_id(r, c->txn, name, &id);
    if (SUCCEEDED(hr)) {
        return raise_namespace(WBEM_E_ALREADY_EXISTS, name, "there is already a namespace");
    }
    CLEANUP(com_cleanup_free) wchar_t *parent = parent_of(name);
    if (parent) {
        hr = namespace_id(r, c->txn, parent, &parent_id);
        if (FAILED(hr)) {
            return raise_namespace(hr, parent, "there is no namespace");
        }
    }
    hr = store_next_number(r, c->txn, "namespace", &next);
    if (SUCCEEDED(hr)) {
        hr = record_put(c, name, (uint32_t)next);
    }
    if (SUCCEEDED(hr) && parent) {
        hr = class_copy_system(c, parent_id, (uint32_t)next);
    }
    if (FAILED(hr) || !parent) {
        return hr;
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    hr = namespace_object(r, c->txn, name, &object);
    return SUCCEEDED(hr) ? change_note(c, REPOSITORY_CREATED, false, parent, NULL, object) : hr;
}

struct deletion {
    struct repository_change *change;
    const wchar_t *name;
};

static HRESULT delete_child(void *closure, const wchar_t *child)
{
    struct deletion *d = closure;
    CLEANUP(com_cleanup_free) wchar_t *full = join(d->name, child);
    return full ? namespace_delete(d->change, full) : WBEM_E_OUT_OF_MEMORY;
}

/* Children are gathered first: deleting moves the walk. */
struct names {
    wchar_t **items;
    size_t count;
};

static HRESULT gather_name(void *closure, const wchar_t *name)
{
    struct names *l = closure;
    wchar_t **items = realloc(l->items, (l->count + 1) * sizeof(*items));
    if (!items) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    l->items = items;
    l->items[l->count] = wcsdup(name);
    return l->items[l->count] ? (l->count++, WBEM_S_NO_ERROR) : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT delete_children(struct repository_change *c, const wchar_t *name)
{
    struct deletion d = {c, name};
    struct names list = {0};
    HRESULT hr = namespace_children(c->repository, c->txn, name, gather_name, &list);
    for (size_t i = 0; i < list.count; i++) {
        if (SUCCEEDED(hr)) {
            hr = delete_child(&d, list.items[i]);
        }
        free(list.items[i]);
    }
    free(list.items);
    return hr;
}

HRESULT namespace_delete(struct repository_change *c, const wchar_t *name)
{
    struct repository *r = c->repository;
    uint32_t id;
    struct key k = {.size = 0};
    CLEANUP(com_cleanup_free) wchar_t *parent = parent_of(name);
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    HRESULT hr = namespace_id(r, c->txn, name, &id);
    if (FAILED(hr)) {
        return hr == WBEM_E_INVALID_NAMESPACE
                   ? raise_namespace(WBEM_E_NOT_FOUND, name, "there is no namespace")
                   : hr;
    }
    if (!parent) {
        return raise_namespace(WBEM_E_INVALID_OPERATION, name, "this namespace can't be deleted:");
    }
    hr = namespace_object(r, c->txn, name, &object);
    if (SUCCEEDED(hr)) {
        hr = delete_children(c, name);
    }
    if (SUCCEEDED(hr)) {
        hr = class_delete_all(c, id);
    }
    if (SUCCEEDED(hr)) {
        hr = security_forget(c, id);
    }
    if (SUCCEEDED(hr)) {
        key_namespace(&k, name);
        hr = store_delete(r, c->txn, r->namespaces, &k);
    }
    return SUCCEEDED(hr) ? change_note(c, REPOSITORY_DELETED, false, parent, object, NULL) : hr;
}
