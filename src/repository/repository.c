/*
 * The repository: namespaces by name, filled from MOF. What it hands out are
 * references to shared objects that nobody changes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "com/com.h"
#include "mof/mof.h"
#include "providers/builtin_mof.h"
#include "repository/repository_private.h"

/* ---- creation ------------------------------------------------------------- */

/* __SERVER is the machine's name without its domain, as Windows' NetBIOS name is. */
static HRESULT local_server_name(wchar_t **ret)
{
    char host[256];
    if (gethostname(host, sizeof(host) - 1) != 0) {
        return com_hresult_from_errno(errno);
    }
    host[sizeof(host) - 1] = '\0';
    host[strcspn(host, ".")] = '\0';
    *ret = com_wide_from_utf8(host);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

HRESULT namespace_add(struct repository *r, const wchar_t *name, struct repository_namespace **ret)
{
    struct repository_namespace *n = calloc(1, sizeof(*n));
    if (!n) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    n->repository = r;
    n->name = wcsdup(name);
    wchar_t *server = NULL;
    HRESULT hr = n->name ? local_server_name(&server) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        for (wchar_t *c = n->name; *c; c++) {
            *c = *c == L'/' ? L'\\' : *c;
        }
        hr = decoration_create(server, n->name, &n->decoration);
        free(server);
    }
    if (FAILED(hr)) {
        namespace_destroy(n);
        return hr;
    }

    struct repository_namespace **end = &r->namespaces;
    while (*end) {
        end = &(*end)->next;
    }
    *end = n;
    *ret = n;
    return WBEM_S_NO_ERROR;
}

HRESULT repository_create(struct repository **ret)
{
    struct repository *r = calloc(1, sizeof(*r));
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_rwlock_init(&r->lock, NULL);
    struct repository_namespace *n;
    HRESULT hr = namespace_add(r, L"root", &n);
    if (SUCCEEDED(hr)) {
        hr = namespace_add(r, L"root\\cimv2", &n);
    }
    if (FAILED(hr)) {
        repository_destroy(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

void repository_destroy(struct repository *r)
{
    if (!r) {
        return;
    }
    for (struct repository_namespace *n = r->namespaces, *next; n; n = next) {
        next = n->next;
        namespace_destroy(n);
    }
    pthread_rwlock_destroy(&r->lock);
    free(r);
}

/* ---- filling ---------------------------------------------------------------- */

/* mof_target functions; load_mof() holds the write lock around the whole compilation. */

static HRESULT target_get_class(void *closure, const wchar_t *name_space, const wchar_t *name,
                                IWbemClassObject **ret)
{
    struct repository_namespace *n = namespace_find(closure, name_space);
    struct class_entry *e = n ? namespace_find_class(n, name) : NULL;
    if (!e) {
        return WBEM_E_NOT_FOUND;
    }
    IWbemClassObject_AddRef(e->full);
    *ret = e->full;
    return WBEM_S_NO_ERROR;
}

static HRESULT target_put_class(void *closure, const wchar_t *name_space, IWbemClassObject *cls,
                                LONG flags)
{
    struct repository_namespace *n = namespace_find(closure, name_space);
    return n ? namespace_put_class(n, cls) : WBEM_E_INVALID_NAMESPACE;
}

/* An instance of __NAMESPACE makes the namespace it names (WmiSdk "Creating a Namespace"). Other
 * static instances need the persistent repository. */
static HRESULT target_put_instance(void *closure, const wchar_t *name_space,
                                   IWbemClassObject *instance, LONG flags)
{
    struct schema *s;
    HRESULT hr = schema_of(instance, &s);
    if (FAILED(hr)) {
        return hr;
    }
    if (!schema_is_a(s, L"__NAMESPACE")) {
        return WBEM_E_NOT_SUPPORTED;
    }

    VARIANT name;
    VariantInit(&name);
    hr = IWbemClassObject_Get(instance, L"Name", 0, &name, NULL, NULL);
    if (SUCCEEDED(hr) && V_VT(&name) != VT_BSTR) {
        hr = WBEM_E_ILLEGAL_NULL;
    }
    wchar_t *full = NULL;
    if (SUCCEEDED(hr)) {
        size_t size = wcslen(name_space) + wcslen(V_BSTR(&name)) + 2;
        full = calloc(size, sizeof(*full));
        hr = full ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
        if (full) {
            swprintf(full, size, L"%ls\\%ls", name_space, V_BSTR(&name));
        }
    }
    if (SUCCEEDED(hr) && !namespace_find(closure, full)) {
        struct repository_namespace *n;
        hr = namespace_add(closure, full, &n);
    }
    free(full);
    VariantClear(&name);
    return hr;
}

HRESULT repository_load_mof(struct repository *r, const char *file, const char *text, size_t size,
                            const wchar_t *name_space)
{
    const struct mof_target target = {.get_class = target_get_class,
                                      .put_class = target_put_class,
                                      .put_instance = target_put_instance,
                                      .closure = r};
    struct mof_error e = {0};
    pthread_rwlock_wrlock(&r->lock);
    HRESULT hr = mof_compile(file, text, size, name_space, &target, &e);
    pthread_rwlock_unlock(&r->lock);
    if (FAILED(hr)) {
        return error_raise(hr, "CompileFile", file, "%s, line %u, column %u, at '%s': %s", file,
                           e.line, e.column, e.token, e.message);
    }
    return hr;
}

/* The library's own classes go to root\cimv2; the system classes are in every namespace. */
static HRESULT load_builtin(struct repository *r)
{
    for (size_t i = 0; i < builtin_mof_count; i++) {
        const struct builtin_mof *m = &builtin_mofs[i];
        HRESULT hr = WBEM_S_NO_ERROR;
        if (strcmp(m->name, "system.mof") == 0) {
            hr = repository_load_mof(r, m->name, m->text, m->size, L"root");
        }
        if (SUCCEEDED(hr)) {
            hr = repository_load_mof(r, m->name, m->text, m->size, L"root\\cimv2");
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static struct repository *default_repository; /* under default_lock */

HRESULT repository_default(struct repository **ret)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&default_lock);
    if (!default_repository) {
        struct repository *r = NULL;
        hr = repository_create(&r);
        if (SUCCEEDED(hr)) {
            hr = load_builtin(r);
        }
        if (SUCCEEDED(hr)) {
            default_repository = r;
        } else {
            repository_destroy(r);
        }
    }
    *ret = default_repository;
    pthread_mutex_unlock(&default_lock);
    return hr;
}

/* ---- reading ---------------------------------------------------------------- */

HRESULT repository_open(struct repository *r, const wchar_t *name,
                        struct repository_namespace **ret)
{
    pthread_rwlock_rdlock(&r->lock);
    struct repository_namespace *n = namespace_find(r, name);
    pthread_rwlock_unlock(&r->lock);
    if (!n) {
        return WBEM_E_INVALID_NAMESPACE;
    }
    *ret = n;
    return WBEM_S_NO_ERROR;
}

const wchar_t *repository_namespace_name(const struct repository_namespace *n)
{
    return n->name;
}

struct decoration *repository_namespace_decoration(const struct repository_namespace *n)
{
    return n->decoration;
}

/* The form of the class that was asked for, as a new reference. */
static HRESULT entry_object(struct repository *r, struct class_entry *e, bool amended,
                            IWbemClassObject **ret)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_rwlock_rdlock(&r->lock);
    IWbemClassObject *found = amended ? e->full : e->plain;
    if (!found) {
        pthread_rwlock_unlock(&r->lock);
        pthread_rwlock_wrlock(&r->lock);
        if (!e->plain) { /* nobody was faster */
            hr = object_without_amended(e->full, &e->plain);
        }
        found = e->plain;
    }
    if (found) {
        IWbemClassObject_AddRef(found);
        *ret = found;
    }
    pthread_rwlock_unlock(&r->lock);
    return hr;
}

HRESULT repository_get_class(struct repository_namespace *n, const wchar_t *name, bool amended,
                             IWbemClassObject **ret)
{
    pthread_rwlock_rdlock(&n->repository->lock);
    struct class_entry *e = namespace_find_class(n, name);
    pthread_rwlock_unlock(&n->repository->lock);
    return e ? entry_object(n->repository, e, amended, ret) : WBEM_E_NOT_FOUND;
}

/* The entry after `e` in the subtree of `root` (NULL: all), parents first. Entries are never
 * removed and links only ever added, so a walk may drop the lock between two steps. */
static struct class_entry *next_entry(struct repository *r, struct class_entry *e,
                                      struct class_entry *root, bool deep)
{
    struct class_entry *next = NULL;
    pthread_rwlock_rdlock(&r->lock);
    if (deep && e->first_child) {
        next = e->first_child;
    } else {
        while (e && !e->next_sibling) {
            e = deep && e->parent != root ? e->parent : NULL;
        }
        next = e ? e->next_sibling : NULL;
    }
    pthread_rwlock_unlock(&r->lock);
    return next;
}

HRESULT repository_visit_classes(struct repository_namespace *n, const wchar_t *name, bool deep,
                                 bool amended, HRESULT (*visit)(void *closure, IWbemClassObject *c),
                                 void *closure)
{
    struct repository *r = n->repository;
    struct class_entry *root = NULL;
    struct class_entry *e;
    pthread_rwlock_rdlock(&r->lock);
    if (name && *name) {
        root = namespace_find_class(n, name);
        e = root ? root->first_child : NULL;
    } else {
        e = n->first_top;
    }
    pthread_rwlock_unlock(&r->lock);
    if (name && *name && !root) {
        return WBEM_E_NOT_FOUND;
    }

    for (; e; e = next_entry(r, e, root, deep)) {
        CLEANUP(com_cleanup_release) IWbemClassObject *c = NULL;
        HRESULT hr = entry_object(r, e, amended, &c);
        if (SUCCEEDED(hr)) {
            hr = visit(closure, c);
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

/* The last part of the name when `n` lies directly below `parent`, otherwise NULL. */
static const wchar_t *child_name(const struct repository_namespace *parent,
                                 const struct repository_namespace *n)
{
    size_t length = wcslen(parent->name);
    if (wcslen(n->name) <= length || n->name[length] != L'\\' ||
        namespace_name_compare_n(n->name, parent->name, length) != 0) {
        return NULL;
    }
    const wchar_t *rest = n->name + length + 1;
    return wcschr(rest, L'\\') ? NULL : rest;
}

HRESULT repository_visit_namespaces(struct repository_namespace *n,
                                    HRESULT (*visit)(void *closure, const wchar_t *name),
                                    void *closure)
{
    struct repository *r = n->repository;
    pthread_rwlock_rdlock(&r->lock);
    struct repository_namespace *at = r->namespaces;
    pthread_rwlock_unlock(&r->lock);
    while (at) {
        const wchar_t *name = child_name(n, at);
        HRESULT hr = name ? visit(closure, name) : WBEM_S_NO_ERROR;
        if (FAILED(hr)) {
            return hr;
        }
        pthread_rwlock_rdlock(&r->lock);
        at = at->next;
        pthread_rwlock_unlock(&r->lock);
    }
    return WBEM_S_NO_ERROR;
}
