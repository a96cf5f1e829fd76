/*
 * Opening a repository, and reading it: namespaces, snapshots, classes, single
 * instances.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

#include "repository/repository_private.h"

struct repository_moment repository_now(const struct repository *r)
{
    MDB_envinfo info = {0};
    (void)mdb_env_info(r->env, &info);
    return (struct repository_moment){r->serial, info.me_last_txnid};
}

struct repository_moment repository_moment_of(const struct repository_snapshot *s)
{
    return (struct repository_moment){s->repository->serial, mdb_txn_id(s->txn)};
}

/* ---- opening ------------------------------------------------------------------ */

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

static HRESULT repository_new(struct repository **ret)
{
    struct repository *r = calloc(1, sizeof(*r));
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = local_server_name(&r->server);
    if (FAILED(hr)) {
        free(r);
        return hr;
    }
    static atomic_uint_fast64_t last_serial;
    r->serial = atomic_fetch_add(&last_serial, 1) + 1;
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->told, NULL);
    *ret = r;
    return WBEM_S_NO_ERROR;
}

/* `read_only`: it must be there already, with the library's classes in it. */
static HRESULT repository_open_place(const char *place, bool read_only, struct repository **ret)
{
    struct repository *r;
    HRESULT hr = repository_new(&r);
    if (FAILED(hr)) {
        return hr;
    }
    hr = store_open(r, place, read_only);
    if (SUCCEEDED(hr)) {
        hr = read_only ? builtin_present(r) : builtin_install(r);
    }
    if (FAILED(hr)) {
        repository_destroy(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

HRESULT repository_open_backup(const char *file, struct repository **ret)
{
    struct repository *r;
    HRESULT hr = repository_new(&r);
    if (FAILED(hr)) {
        return hr;
    }
    hr = store_open_file(r, file);
    if (FAILED(hr)) {
        repository_destroy(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

HRESULT repository_create(const char *place, struct repository **ret)
{
    return repository_open_place(place, false, ret);
}

void repository_destroy(struct repository *r)
{
    if (!r) {
        return;
    }
    class_cache_clear(r);
    for (struct repository_namespace *n = r->handles, *next; n; n = next) {
        next = n->next;
        decoration_unref(n->decoration);
        free(n->name);
        free(n);
    }
    store_close(r);
    pthread_cond_destroy(&r->told);
    pthread_mutex_destroy(&r->lock);
    free(r->why_read_only);
    free(r->server);
    free(r);
}

const char *repository_place(const struct repository *r)
{
    return r->place ? r->place : ":memory:";
}

/* ---- the process's own ------------------------------------------------------------ */

static pthread_mutex_t default_lock = PTHREAD_MUTEX_INITIALIZER;
static struct repository *default_repository; /* under default_lock */
static char *default_place;                   /* under default_lock */

HRESULT repository_set_default_place(const char *place)
{
    char *copy = strdup(place);
    if (!copy) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&default_lock);
    bool late = default_repository != NULL;
    if (!late) {
        char *old = default_place;
        default_place = copy;
        copy = old;
    }
    pthread_mutex_unlock(&default_lock);
    free(copy);
    return late ? error_raise(WBEM_E_INVALID_OPERATION, "Repository", place,
                              "a repository is in use already")
                : WBEM_S_NO_ERROR;
}

/* Where the user's data is ([XDG Base Directory]); the system's own service keeps it in
 * /var/lib. free() it. */
static char *usual_place(void)
{
    const char *given = getenv("WBEM_REPOSITORY");
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    char *place = NULL;
    int size;
    if (given && *given) {
        return strdup(given);
    }
    if (geteuid() == 0) {
        return strdup("/var/lib/wbem/repository");
    }
    if (data && *data == '/') {
        size = asprintf(&place, "%s/wbem/repository", data);
    } else {
        size = asprintf(&place, "%s/.local/share/wbem/repository", home && *home ? home : "");
    }
    return size < 0 ? NULL : place;
}

/* The library's classes without a place to keep anything else: queries work, changes say why not.
 */
static HRESULT open_without_place(struct repository **ret)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    BSTR why = NULL;
    if (GetErrorInfo(0, &error) == S_OK) {
        (void)IErrorInfo_GetDescription(error, &why);
    }
    HRESULT hr = repository_create(NULL, ret);
    if (SUCCEEDED(hr)) {
        (*ret)->read_only = true;
        (*ret)->why_read_only = why ? com_utf8_from_wide(why) : NULL;
    }
    SysFreeString(why);
    return hr;
}

static HRESULT open_default(const char *place, struct repository **ret)
{
    if (strcmp(place, ":memory:") == 0) {
        return repository_create(NULL, ret);
    }
    HRESULT hr = repository_create(place, ret);
    if (hr != WBEM_E_ACCESS_DENIED && hr != WBEM_E_OUT_OF_DISK_SPACE && hr != WBEM_E_FAILED &&
        hr != WBEM_E_NOT_FOUND) {
        return hr; /* damaged, or another version's: not to be passed over in silence */
    }
    if (SUCCEEDED(repository_open_place(place, true, ret))) {
        return WBEM_S_NO_ERROR;
    }
    return open_without_place(ret);
}

static HRESULT open_to_change(const char *place, struct repository **ret)
{
    return repository_create(strcmp(place, ":memory:") == 0 ? NULL : place, ret);
}

static HRESULT default_by(HRESULT (*open)(const char *place, struct repository **ret),
                          struct repository **ret)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&default_lock);
    if (!default_repository) {
        char *place = default_place ? strdup(default_place) : usual_place();
        hr = place ? open(place, &default_repository) : WBEM_E_OUT_OF_MEMORY;
        free(place);
        if (FAILED(hr)) {
            default_repository = NULL;
        } else {
            SetErrorInfo(0, NULL);
        }
    }
    *ret = default_repository;
    pthread_mutex_unlock(&default_lock);
    return hr;
}

HRESULT repository_default(struct repository **ret)
{
    return default_by(open_default, ret);
}

HRESULT repository_default_to_change(struct repository **ret)
{
    return default_by(open_to_change, ret);
}

/* ---- snapshots -------------------------------------------------------------------------- */

HRESULT repository_snapshot_take(struct repository *r, struct repository_snapshot **ret)
{
    struct repository_snapshot *s = calloc(1, sizeof(*s));
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    int rc = mdb_txn_begin(r->env, NULL, MDB_RDONLY, &s->txn);
    if (rc != 0) {
        free(s);
        return store_error(r, rc, "it can't be read");
    }
    atomic_init(&s->refs, 1);
    s->repository = r;
    *ret = s;
    return WBEM_S_NO_ERROR;
}

struct repository_snapshot *repository_snapshot_ref(struct repository_snapshot *s)
{
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void repository_snapshot_unref(struct repository_snapshot *s)
{
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
        mdb_txn_abort(s->txn);
        free(s);
    }
}

/* The given snapshot, or one of this moment; release with repository_snapshot_unref(). */
static HRESULT snapshot_or_now(struct repository *r, struct repository_snapshot *at,
                               struct repository_snapshot **ret)
{
    if (at) {
        *ret = repository_snapshot_ref(at);
        return WBEM_S_NO_ERROR;
    }
    return repository_snapshot_take(r, ret);
}

/* ---- namespaces ------------------------------------------------------------------------------ */

HRESULT repository_open(struct repository *r, const wchar_t *name,
                        struct repository_namespace **ret)
{
    struct repository_snapshot *at = NULL;
    HRESULT hr = repository_snapshot_take(r, &at);
    if (FAILED(hr)) {
        return hr;
    }
    hr = namespace_handle(r, at->txn, name, ret);
    repository_snapshot_unref(at);
    return hr;
}

struct repository *repository_of(const struct repository_namespace *n)
{
    return n->repository;
}

const wchar_t *repository_namespace_name(const struct repository_namespace *n)
{
    return n->name;
}

struct decoration *repository_namespace_decoration(const struct repository_namespace *n)
{
    return n->decoration;
}

HRESULT repository_visit_namespaces(struct repository_namespace *n,
                                    HRESULT (*visit)(void *closure, const wchar_t *name),
                                    void *closure)
{
    struct repository_snapshot *at = NULL;
    HRESULT hr = repository_snapshot_take(n->repository, &at);
    if (SUCCEEDED(hr)) {
        hr = namespace_children(n->repository, at->txn, n->name, visit, closure);
        repository_snapshot_unref(at);
    }
    return hr;
}

/* ---- classes -----------------------------------------------------------------------------------
 */

HRESULT repository_get_class_at(struct repository_snapshot *given, struct repository_namespace *n,
                                const wchar_t *name, class_texts amended, IWbemClassObject **ret)
{
    struct repository_snapshot *at = NULL;
    struct key k;
    uint32_t id;
    HRESULT hr = snapshot_or_now(n->repository, given, &at);
    if (FAILED(hr)) {
        return hr;
    }
    hr = namespace_id(n->repository, at->txn, n->name, &id);
    if (SUCCEEDED(hr)) {
        class_key(&k, id, name);
        hr = class_read(n, at->txn, &k, amended, ret);
    }
    repository_snapshot_unref(at);
    return hr;
}

HRESULT repository_get_class(struct repository_namespace *n, const wchar_t *name,
                             class_texts amended, IWbemClassObject **ret)
{
    return repository_get_class_at(NULL, n, name, amended, ret);
}

struct class_visit {
    struct repository_namespace *name_space;
    MDB_txn *txn;
    class_texts amended;
    HRESULT (*visit)(void *closure, IWbemClassObject *c);
    void *closure;
};

static HRESULT visit_class(void *closure, const struct key *name, uint32_t id)
{
    struct class_visit *v = closure;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = class_read(v->name_space, v->txn, name, v->amended, &cls);
    return SUCCEEDED(hr) ? v->visit(v->closure, cls) : hr;
}

HRESULT repository_visit_classes_at(struct repository_snapshot *given,
                                    struct repository_namespace *n, const wchar_t *name, bool deep,
                                    class_texts amended,
                                    HRESULT (*visit)(void *closure, IWbemClassObject *c),
                                    void *closure)
{
    struct repository_snapshot *at = NULL;
    struct class_record root = {.id = 0};
    uint32_t id;
    HRESULT hr = snapshot_or_now(n->repository, given, &at);
    if (FAILED(hr)) {
        return hr;
    }
    hr = namespace_id(n->repository, at->txn, n->name, &id);
    if (SUCCEEDED(hr) && name && *name) {
        hr = class_record_get(n->repository, at->txn, id, name, &root);
    }
    if (SUCCEEDED(hr)) {
        struct class_visit v = {n, at->txn, amended, visit, closure};
        hr = class_visit_ids(n->repository, at->txn, id, root.id, deep, visit_class, &v);
    }
    repository_snapshot_unref(at);
    return hr;
}

HRESULT repository_visit_classes(struct repository_namespace *n, const wchar_t *name, bool deep,
                                 class_texts amended,
                                 HRESULT (*visit)(void *closure, IWbemClassObject *c),
                                 void *closure)
{
    return repository_visit_classes_at(NULL, n, name, deep, amended, visit, closure);
}

/* ---- instances
 * ------------------------------------------------------------------------------------ */

HRESULT repository_get_instance(struct repository_namespace *n, const struct object_path *path,
                                IWbemClassObject **ret)
{
    struct repository_snapshot *at = NULL;
    HRESULT hr = repository_snapshot_take(n->repository, &at);
    if (FAILED(hr)) {
        return hr;
    }
    hr = instance_get_at(n, at->txn, path, ret);
    repository_snapshot_unref(at);
    return hr;
}
