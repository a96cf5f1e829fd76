/*
 * MOF into the repository, and the library's own classes: put there once for
 * each version of the library, which a digest of their MOF tells apart.
 */
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "mof/mof.h"
#include "providers/builtin_mof.h"
#include "repository/repository_private.h"

/* ---- mof_target over a change ------------------------------------------------------ */

static HRESULT target_get_class(void *closure, const wchar_t *name_space, const wchar_t *name,
                                IWbemClassObject **ret)
{
    return repository_change_get_class(closure, name_space, name, ret);
}

static HRESULT target_put_class(void *closure, const wchar_t *name_space, IWbemClassObject *cls,
                                LONG flags)
{
    return repository_change_put_class(closure, name_space, cls, flags);
}

static HRESULT target_put_instance(void *closure, const wchar_t *name_space,
                                   IWbemClassObject *instance, LONG flags)
{
    return repository_change_put_instance(closure, name_space, instance, flags, NULL);
}

static HRESULT target_delete_class(void *closure, const wchar_t *name_space, const wchar_t *name)
{
    return repository_change_delete_class(closure, name_space, name);
}

static HRESULT target_delete_instance(void *closure, const wchar_t *name_space, const wchar_t *path)
{
    struct object_path *p;
    HRESULT hr = object_path_parse(path, &p, NULL);
    if (SUCCEEDED(hr)) {
        hr = repository_change_delete_instance(closure, name_space, p);
        object_path_destroy(p);
    }
    return hr;
}

/* WBEM_S_NO_ERROR also when it is there already. */
static HRESULT target_make_namespace(void *closure, const wchar_t *name_space)
{
    struct repository_change *c = closure;
    CLEANUP(com_cleanup_free) wchar_t *name = wcsdup(name_space);
    HRESULT hr = name ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    for (wchar_t *end = name; SUCCEEDED(hr) && end;) {
        uint32_t id;
        end = wcspbrk(end, L"\\/");
        wchar_t separator = end ? *end : L'\0';
        if (end) {
            *end = L'\0';
        }
        hr = namespace_id(c->repository, c->txn, name, &id);
        if (hr == WBEM_E_INVALID_NAMESPACE) {
            hr = namespace_create(c, name);
        }
        if (end) {
            *end++ = separator;
        }
    }
    return hr;
}

/* The reason that a target left as this thread's error object, as UTF-8; free() it; may be NULL. */
static char *reason(void)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    BSTR text = NULL;
    char *utf8 = NULL;
    if (GetErrorInfo(0, &error) == S_OK && error &&
        SUCCEEDED(IErrorInfo_GetDescription(error, &text))) {
        utf8 = com_utf8_from_wide(text);
    }
    SysFreeString(text);
    return utf8;
}

static HRESULT compile(struct repository_change *c, const struct repository_mof *m,
                       struct mof_counts *ret_counts, struct mof_error *e)
{
    const struct mof_target target = {.get_class = target_get_class,
                                      .put_class = target_put_class,
                                      .put_instance = target_put_instance,
                                      .delete_class = target_delete_class,
                                      .delete_instance = target_delete_instance,
                                      .make_namespace = target_make_namespace,
                                      .closure = c};
    SetErrorInfo(0, NULL);
    HRESULT hr =
        mof_compile_all(m->inputs, m->count, m->name_space, m->options, &target, ret_counts, e);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *why = reason();
        size_t length = strlen(e->message);
        if (why && !strstr(e->message, why)) {
            snprintf(e->message + length, sizeof(e->message) - length, ": %s", why);
        }
        return error_raise(hr, "CompileFile", e->file, "%s, line %u, column %u, at '%s': %s",
                           e->file, e->line, e->column, e->token, e->message);
    }
    return hr;
}

HRESULT builtin_load(struct repository_change *c, const char *file, const char *text, size_t size,
                     const wchar_t *name_space)
{
    const struct mof_input input = {file, text, size};
    const struct repository_mof m = {.inputs = &input, .count = 1, .name_space = name_space};
    struct mof_error e = {0};
    return compile(c, &m, NULL, &e);
}

HRESULT repository_compile_mof(struct repository *r, const struct repository_mof *m,
                               struct mof_counts *ret_counts, struct mof_error *ret_error)
{
    struct repository_change *c;
    struct mof_error e = {0};
    HRESULT hr = repository_change_begin(r, &c);
    if (SUCCEEDED(hr)) {
        hr = compile(c, m, ret_counts, &e);
        if (FAILED(hr) || m->check_only) {
            repository_change_abort(c);
        } else {
            hr = repository_change_commit(c);
        }
    }
    if (ret_error) {
        e.status = hr;
        *ret_error = e;
    }
    return hr;
}

HRESULT repository_load_mof(struct repository *r, const char *file, const char *text, size_t size,
                            const wchar_t *name_space)
{
    const struct mof_input input = {file, text, size};
    const struct repository_mof m = {.inputs = &input, .count = 1, .name_space = name_space};
    return repository_compile_mof(r, &m, NULL, NULL);
}

/* ---- the library's own classes -------------------------------------------------------- */

static void builtin_digest(uint8_t ret[DIGEST_SIZE])
{
    struct sha256_ctx digest;
    sha256_init(&digest);
    for (size_t i = 0; i < builtin_mof_count; i++) {
        const struct builtin_mof *m = &builtin_mofs[i];
        sha256_update(&digest, strlen(m->name) + 1, (const uint8_t *)m->name);
        sha256_update(&digest, m->size, (const uint8_t *)m->text);
    }
    sha256_digest(&digest, DIGEST_SIZE, ret);
}

static void stamp_key(struct key *k)
{
    static const char name[] = "builtin";
    k->size = sizeof(name) - 1;
    memcpy(k->bytes, name, k->size);
}

static HRESULT is_present(struct repository *r, MDB_txn *txn, const uint8_t wanted[DIGEST_SIZE])
{
    struct key k;
    MDB_val v;
    stamp_key(&k);
    HRESULT hr = store_get(r, txn, r->meta, &k, &v);
    if (SUCCEEDED(hr) &&
        (v.mv_size != DIGEST_SIZE || memcmp(v.mv_data, wanted, DIGEST_SIZE) != 0)) {
        hr = WBEM_E_NOT_FOUND;
    }
    return hr;
}

HRESULT builtin_present(struct repository *r)
{
    uint8_t wanted[DIGEST_SIZE];
    struct repository_snapshot *at;
    builtin_digest(wanted);
    HRESULT hr = repository_snapshot_take(r, &at);
    if (SUCCEEDED(hr)) {
        hr = is_present(r, at->txn, wanted);
        repository_snapshot_unref(at);
    }
    return hr;
}

/* System classes are in every namespace, new ones get them from root. */
static bool is_system(const struct builtin_mof *m)
{
    return strncmp(m->name, "system", 6) == 0;
}

static HRESULT make_namespaces(struct repository_change *c)
{
    static const wchar_t *const names[] = {L"root\\cimv2", L"root\\default", L"root\\subscription"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        uint32_t id;
        HRESULT hr = namespace_id(c->repository, c->txn, names[i], &id);
        if (hr == WBEM_E_INVALID_NAMESPACE) {
            hr = namespace_create(c, names[i]);
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

/* Loads the system classes into a namespace and those below it. */
struct system_load {
    struct repository_change *change;
    const wchar_t *name_space;
};

static HRESULT load_system(struct repository_change *c, const wchar_t *name_space);

static HRESULT load_system_below(void *closure, const wchar_t *child)
{
    const struct system_load *l = closure;
    size_t size = wcslen(l->name_space) + wcslen(child) + 2;
    CLEANUP(com_cleanup_free) wchar_t *full = calloc(size, sizeof(*full));
    if (!full) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    swprintf(full, size, L"%ls\\%ls", l->name_space, child);
    return load_system(l->change, full);
}

static HRESULT load_system(struct repository_change *c, const wchar_t *name_space)
{
    struct system_load l = {c, name_space};
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < builtin_mof_count; i++) {
        const struct builtin_mof *m = &builtin_mofs[i];
        if (is_system(m)) {
            hr = builtin_load(c, m->name, m->text, m->size, name_space);
        }
    }
    return SUCCEEDED(hr)
               ? namespace_children(c->repository, c->txn, name_space, load_system_below, &l)
               : hr;
}

static HRESULT install(struct repository_change *c, const uint8_t stamp[DIGEST_SIZE])
{
    struct repository *r = c->repository;
    uint32_t root;
    struct key k;
    HRESULT hr = namespace_id(r, c->txn, L"root", &root);
    if (hr == WBEM_E_INVALID_NAMESPACE) {
        hr = namespace_create(c, L"root");
    }
    if (SUCCEEDED(hr)) {
        hr = load_system(c, L"root");
    }
    if (SUCCEEDED(hr)) {
        hr = make_namespaces(c);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < builtin_mof_count; i++) {
        const struct builtin_mof *m = &builtin_mofs[i];
        if (!is_system(m)) {
            hr = builtin_load(c, m->name, m->text, m->size, L"root\\cimv2");
        }
    }
    if (SUCCEEDED(hr)) {
        stamp_key(&k);
        hr = store_put(r, c->txn, r->meta, &k, stamp, DIGEST_SIZE);
    }
    return hr;
}

HRESULT builtin_install(struct repository *r)
{
    uint8_t stamp[DIGEST_SIZE];
    HRESULT hr = builtin_present(r);
    if (hr != WBEM_E_NOT_FOUND) {
        return hr;
    }
    builtin_digest(stamp);
    struct repository_change *c;
    hr = repository_change_begin(r, &c);
    if (FAILED(hr)) {
        return hr;
    }
    c->internal = true;
    hr = is_present(r, c->txn, stamp); /* another process may have been faster */
    if (hr == WBEM_E_NOT_FOUND) {
        hr = install(c, stamp);
    }
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    return repository_change_commit(c);
}
