/*
 * IWbemBackupRestore and IWbemBackupRestoreEx over the process's repository
 * (wbemcli nn-wbemcli-iwbembackuprestoreex; [MS-WMI] 3.1.4.10, 3.1.4.11).
 *
 * Pause holds the repository's write lock, which belongs to a thread, so a
 * thread of its own holds it until Resume, the object's end or fifteen minutes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <wbem.h>

#include "services/services_private.h"

enum {
    PAUSE_SECONDS = 15 * 60, /* nf-wbemcli-iwbembackuprestoreex-pause */
};

struct backup_restore {
    IWbemBackupRestoreEx iface;
    atomic_ulong refs;
    struct repository *repository;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    pthread_t holder;
    bool has_holder; /* under lock: the thread is to be joined */
    bool holding;    /* under lock: the change has begun and not ended */
    bool resume;     /* under lock: it is to end */
    HRESULT begun;   /* under lock: how it began; valid once `answered` */
    bool answered;
    IErrorInfo *error; /* under lock: why it did not begin; owned */
};

static struct backup_restore *backup_of(IWbemBackupRestoreEx *iface)
{
    return COM_CONTAINER(iface, struct backup_restore, iface);
}

/* ---- pausing --------------------------------------------------------------------- */

static void wait_for_resume(struct backup_restore *b)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PAUSE_SECONDS;
    pthread_mutex_lock(&b->lock);
    while (!b->resume && pthread_cond_timedwait(&b->changed, &b->lock, &until) != ETIMEDOUT) {
    }
    pthread_mutex_unlock(&b->lock);
}

static void *hold(void *closure)
{
    struct backup_restore *b = closure;
    struct repository_change *c = NULL;
    HRESULT hr = repository_change_begin(b->repository, &c);
    pthread_mutex_lock(&b->lock);
    b->begun = hr;
    b->answered = true;
    b->holding = SUCCEEDED(hr);
    if (FAILED(hr) && GetErrorInfo(0, &b->error) != S_OK) {
        b->error = NULL;
    }
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    if (FAILED(hr)) {
        return NULL;
    }
    wait_for_resume(b);
    repository_change_abort(c);
    pthread_mutex_lock(&b->lock);
    b->holding = false;
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

/* Ends the pause if there is one. */
static bool resume(struct backup_restore *b)
{
    pthread_mutex_lock(&b->lock);
    bool had = b->has_holder;
    bool held = b->holding;
    pthread_t holder = b->holder;
    b->resume = true;
    b->has_holder = false;
    pthread_cond_broadcast(&b->changed);
    pthread_mutex_unlock(&b->lock);
    if (had) {
        pthread_join(holder, NULL);
    }
    return held;
}

static HRESULT start_holding(struct backup_restore *b)
{
    b->resume = false;
    b->answered = false;
    int error = pthread_create(&b->holder, NULL, hold, b);
    if (error != 0) {
        return error_raise(WBEM_E_OUT_OF_MEMORY, "Pause", NULL, "no thread can be had");
    }
    b->has_holder = true;
    while (!b->answered) {
        pthread_cond_wait(&b->changed, &b->lock);
    }
    HRESULT hr = b->begun;
    if (FAILED(hr)) {
        SetErrorInfo(0, b->error);
        if (b->error) {
            IErrorInfo_Release(b->error);
        }
        b->error = NULL;
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE backup_pause(IWbemBackupRestoreEx *iface)
{
    struct backup_restore *b = backup_of(iface);
    pthread_mutex_lock(&b->lock);
    bool paused = b->holding;
    pthread_mutex_unlock(&b->lock);
    if (paused) {
        return error_raise(WBEM_E_INVALID_OPERATION, "Pause", NULL, "it is paused already");
    }
    (void)resume(b); /* one that ran out by itself */
    pthread_mutex_lock(&b->lock);
    HRESULT hr = start_holding(b);
    pthread_mutex_unlock(&b->lock);
    if (FAILED(hr)) {
        (void)resume(b);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE backup_resume(IWbemBackupRestoreEx *iface)
{
    return resume(backup_of(iface))
               ? WBEM_S_NO_ERROR
               : error_raise(WBEM_E_INVALID_OPERATION, "Resume", NULL, "it is not paused");
}

/* ---- backing up ---------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE backup_backup(IWbemBackupRestoreEx *iface, LPCWSTR file,
                                               LONG flags)
{
    if (!file || !*file || flags != 0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Backup", flags ? "lFlags" : "strBackupToFile",
                           flags ? "no flags are defined" : "the parameter must not be empty");
    }
    CLEANUP(com_cleanup_free) char *path = com_utf8_from_wide(file);
    return path ? repository_backup(backup_of(iface)->repository, path) : WBEM_E_OUT_OF_MEMORY;
}

/* Clients go on with the state that they see, so none need be shut down, forced or not. */
static HRESULT STDMETHODCALLTYPE backup_restore(IWbemBackupRestoreEx *iface, LPCWSTR file,
                                                LONG flags)
{
    struct backup_restore *b = backup_of(iface);
    if (!file || !*file || (flags & ~WBEM_FLAG_BACKUP_RESTORE_FORCE_SHUTDOWN)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Restore",
                           file && *file ? "lFlags" : "strRestoreFromFile",
                           file && *file ? "only WBEM_FLAG_BACKUP_RESTORE_FORCE_SHUTDOWN is defined"
                                         : "the parameter must not be empty");
    }
    pthread_mutex_lock(&b->lock);
    bool paused = b->holding;
    pthread_mutex_unlock(&b->lock);
    if (paused) {
        return error_raise(WBEM_E_INVALID_OPERATION, "Restore", NULL,
                           "the repository is paused by this very object");
    }
    CLEANUP(com_cleanup_free) char *path = com_utf8_from_wide(file);
    return path ? repository_restore(b->repository, path) : WBEM_E_OUT_OF_MEMORY;
}

/* ---- the object ------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE backup_query_interface(IWbemBackupRestoreEx *iface, REFIID riid,
                                                        void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemBackupRestore) &&
        !IsEqualIID(riid, &IID_IWbemBackupRestoreEx)) {
        return E_NOINTERFACE;
    }
    IWbemBackupRestoreEx_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE backup_add_ref(IWbemBackupRestoreEx *iface)
{
    return (ULONG)atomic_fetch_add_explicit(&backup_of(iface)->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE backup_release(IWbemBackupRestoreEx *iface)
{
    struct backup_restore *b = backup_of(iface);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        (void)resume(b);
        pthread_cond_destroy(&b->changed);
        pthread_mutex_destroy(&b->lock);
        free(b);
    }
    return left;
}

static IWbemBackupRestoreExVtbl backup_vtbl = {
    .QueryInterface = backup_query_interface,
    .AddRef = backup_add_ref,
    .Release = backup_release,
    .Backup = backup_backup,
    .Restore = backup_restore,
    .Pause = backup_pause,
    .Resume = backup_resume,
};

HRESULT backup_restore_create(IUnknown *outer, REFIID riid, void **ret)
{
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    struct repository *r;
    HRESULT hr = repository_default(&r);
    if (FAILED(hr)) {
        return hr;
    }
    struct backup_restore *b = calloc(1, sizeof(*b));
    if (!b) {
        return E_OUTOFMEMORY;
    }
    b->iface.lpVtbl = &backup_vtbl;
    atomic_init(&b->refs, 1);
    b->repository = r;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    hr = backup_query_interface(&b->iface, riid, ret);
    backup_release(&b->iface);
    return hr;
}

/* ---- beyond Microsoft's API (wbem.h) -------------------------------------------------------- */

WBEM_EXPORT HRESULT wbem_repository_check(void)
{
    struct repository *r;
    HRESULT hr = repository_default(&r);
    return SUCCEEDED(hr) ? repository_check(r) : hr;
}

WBEM_EXPORT const char *wbem_repository_place(void)
{
    struct repository *r;
    return SUCCEEDED(repository_default(&r)) ? repository_place(r) : NULL;
}

WBEM_EXPORT HRESULT wbem_set_repository(const char *place)
{
    return place && *place ? repository_set_default_place(place)
                           : error_raise(WBEM_E_INVALID_PARAMETER, "wbem_set_repository", "place",
                                         "the parameter must not be empty");
}
