/*
 * The polling thread: one for all subscriptions, a job of the pool that ends
 * with the last of them. Subscriptions to the same class at the same interval
 * share a poll: one enumeration, one comparison, events made once.
 *
 * `poller.lock` guards everything here; it is not held during an enumeration.
 * A subscription that joins waits among the newcomers for the next one, which is
 * what its first comparison starts from. Files of a folder are looked at when the
 * folder changes instead. A poll whose last subscription has left
 * is freed by whoever comes last, the leaver or the thread that is inside it.
 */
#include "events/poller.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "enumerator/enumerator.h"
#include "enumerator/pool.h"
#include "events/snapshot.h"

#define SETTLE INT64_C(20000000)           /* ns: what changes together is one look */
#define NEVER INT64_C(1000000000000000000) /* ns from now */
#define PATIENCE INT64_C(1000000000)       /* ns that a caller waits for the first enumeration */

enum {
    BATCH = 64
};

struct member {
    struct member *next;
    struct subscription *subscription;
    bool joined; /* it gets events; otherwise a newcomer */
};

struct poll {
    struct poll *next;
    struct repository_namespace *name_space;
    enum intrinsic_family family;
    wchar_t *target; /* may be NULL */
    wchar_t *query;  /* may be NULL */
    char *folder;    /* may be NULL, as without what follows */
    int fd;          /* inotify */
    struct reactor_watch watch;
    bool touched; /* since the last look began */
    int64_t interval, due;
    IWbemServices *services;
    struct member *members;
    struct snapshot last;
    bool busy;                     /* the thread is inside */
    IEnumWbemClassObject *running; /* what it enumerates; borrowed */
    HRESULT first_failure;         /* of the enumeration that newcomers waited for */
    IErrorInfo *first_error;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool ready; /* `changed` has its clock */
    bool running;
    struct pool_job job;
    struct poll *first;
} poller = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- enumerating ------------------------------------------------------------------------- */

static const wchar_t *key_of(const struct poll *p)
{
    return p->family == OF_CLASSES ? L"__CLASS" : L"__RELPATH";
}

static HRESULT begin_enumeration(const struct poll *p, IEnumWbemClassObject **ret)
{
    const LONG flags = WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY;
    if (p->query) {
        CLEANUP(com_cleanup_bstr) BSTR language = SysAllocString(L"WQL");
        CLEANUP(com_cleanup_bstr) BSTR query = SysAllocString(p->query);
        return language && query
                   ? IWbemServices_ExecQuery(p->services, language, query, flags, NULL, ret)
                   : WBEM_E_OUT_OF_MEMORY;
    }
    const wchar_t *name = p->family == OF_NAMESPACES ? L"__NAMESPACE" : p->target;
    CLEANUP(com_cleanup_bstr) BSTR cls = SysAllocString(name); /* NULL: all classes */
    if (name && !cls) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    return p->family == OF_CLASSES
               ? IWbemServices_CreateClassEnum(p->services, cls, flags, NULL, ret)
               : IWbemServices_CreateInstanceEnum(p->services, cls, flags, NULL, ret);
}

static HRESULT collect(const struct poll *p, IEnumWbemClassObject *e, struct snapshot *ret)
{
    IWbemClassObject *objects[BATCH];
    HRESULT hr;
    ULONG got;
    do {
        got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, BATCH, objects, &got);
        for (ULONG i = 0; i < got; i++) {
            HRESULT added = SUCCEEDED(hr) ? snapshot_add(ret, objects[i], key_of(p)) : hr;
            if (FAILED(hr)) {
                IWbemClassObject_Release(objects[i]);
            }
            hr = FAILED(added) ? added : hr;
        }
    } while (hr == WBEM_S_NO_ERROR);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* Under lock, which it drops. */
static HRESULT enumerate(struct poll *p, struct snapshot *ret)
{
    IEnumWbemClassObject *e = NULL;
    pthread_mutex_unlock(&poller.lock);
    HRESULT hr = begin_enumeration(p, &e);
    pthread_mutex_lock(&poller.lock);
    if (FAILED(hr)) {
        return hr;
    }
    p->running = e;
    if (p->members) {
        pthread_mutex_unlock(&poller.lock);
        hr = collect(p, e, ret);
        pthread_mutex_lock(&poller.lock);
    }
    p->running = NULL;
    pthread_mutex_unlock(&poller.lock);
    IEnumWbemClassObject_Release(e);
    pthread_mutex_lock(&poller.lock);
    return hr;
}

/* ---- comparing (under lock) ------------------------------------------------------------------ */

static HRESULT tell_members(void *closure, IWbemClassObject *before, IWbemClassObject *after)
{
    const struct poll *p = closure;
    const wchar_t *name = intrinsic_class(p->family, before, after);
    CLEANUP(com_cleanup_release) IWbemClassObject *event = NULL;
    for (const struct member *m = p->members; m; m = m->next) {
        struct subscription *s = m->subscription;
        if (!m->joined || !intrinsic_covers(wql_query_class(s->query), p->family, name)) {
            continue;
        }
        if (!event) {
            HRESULT hr = intrinsic_event(p->name_space, p->family, before, after, &event);
            if (FAILED(hr)) {
                return hr;
            }
        }
        subscription_offer(s, event);
    }
    return WBEM_S_NO_ERROR;
}

static void let_newcomers_in(struct poll *p)
{
    for (struct member *m = p->members; m; m = m->next) {
        m->joined = true;
    }
    pthread_cond_broadcast(&poller.changed);
}

/* A class that is gone can't be polled again; what else goes wrong may go right the next time. */
static bool is_final(HRESULT hr)
{
    return hr == WBEM_E_INVALID_CLASS || hr == WBEM_E_NOT_FOUND || hr == WBEM_E_INVALID_NAMESPACE ||
           hr == WBEM_E_QUOTA_VIOLATION;
}

static void note_failure(struct poll *p, HRESULT hr)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    (void)GetErrorInfo(0, &error);
    bool any_newcomer = false;
    for (struct member *m = p->members; m; m = m->next) {
        any_newcomer |= !m->joined;
        if (m->joined && is_final(hr)) {
            subscription_fail(m->subscription, hr, error);
        }
    }
    if (any_newcomer) {
        com_release(p->first_error);
        p->first_failure = hr;
        p->first_error = TAKE(error);
        pthread_cond_broadcast(&poller.changed);
    }
}

/* ---- folders that are watched (under lock) --------------------------------------------------- */

/* From now on changes in the folder are noticed. Each look begins with it: the folder may be
 * another one by that name, or be there only now. */
static bool watch_folder(struct poll *p)
{
    p->touched = false;
    return p->folder &&
           inotify_add_watch(p->fd, p->folder,
                             IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY |
                                 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR) >= 0;
}

/* On the reactor's thread, without the lock. */
static void folder_changed(struct reactor_watch *w, uint32_t events)
{
    struct poll *p = COM_CONTAINER(w, struct poll, watch);
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    (void)events;
    while (read(p->fd, buffer, sizeof(buffer)) > 0) {
    }
    pthread_mutex_lock(&poller.lock);
    int64_t soon = reactor_now() + SETTLE;
    p->touched = true;
    p->due = p->due < soon ? p->due : soon;
    pthread_cond_broadcast(&poller.changed);
    pthread_mutex_unlock(&poller.lock);
}

static void run_poll(struct poll *p)
{
    struct snapshot now = {0};
    bool watched = watch_folder(p);
    int64_t begun = reactor_now();
    HRESULT hr = enumerate(p, &now);
    if (SUCCEEDED(hr) && p->members) {
        hr = snapshot_compare(&p->last, &now, tell_members, p);
    }
    if (SUCCEEDED(hr)) {
        struct snapshot old = p->last;
        p->last = now;
        now = old;
        p->first_failure = WBEM_S_NO_ERROR;
        let_newcomers_in(p);
    } else {
        note_failure(p, hr);
    }
    snapshot_done(&now);
    int64_t moment = reactor_now();
    if (watched) { /* a large folder that changes all the time gets a tenth of the time at most */
        p->due = moment + (p->touched ? SETTLE + 9 * (moment - begun) : NEVER);
        return;
    }
    p->due += p->interval;
    if (p->due < moment) { /* late by more than a turn: those are left out */
        p->due = moment + p->interval;
    }
}

/* ---- the thread
 * ---------------------------------------------------------------------------------- */

static void poll_free(struct poll *p)
{
    if (p->folder) {
        reactor_unwatch(&p->watch);
        close(p->fd);
    }
    free(p->folder);
    free(p->query);
    com_release(p->services);
    com_release(p->first_error);
    snapshot_done(&p->last);
    free(p->target);
    free(p);
}

static void unlink_poll(struct poll *p)
{
    struct poll **link = &poller.first;
    while (*link != p) {
        link = &(*link)->next;
    }
    *link = p->next;
}

static struct poll *earliest(void)
{
    struct poll *best = poller.first;
    for (struct poll *p = poller.first; p; p = p->next) {
        if (p->due < best->due) {
            best = p;
        }
    }
    return best;
}

static void poller_run(struct pool_job *job)
{
    (void)job;
    pthread_mutex_lock(&poller.lock);
    for (struct poll *p; (p = earliest()) != NULL;) {
        if (p->due > reactor_now()) {
            struct timespec until = {.tv_sec = p->due / 1000000000, .tv_nsec = p->due % 1000000000};
            pthread_cond_timedwait(&poller.changed, &poller.lock, &until);
            continue;
        }
        p->busy = true;
        run_poll(p);
        p->busy = false;
        if (!p->members) {
            unlink_poll(p);
            pthread_mutex_unlock(&poller.lock);
            poll_free(p);
            pthread_mutex_lock(&poller.lock);
        }
    }
    poller.running = false;
    pthread_mutex_unlock(&poller.lock);
}

/* ---- joining and leaving (under lock)
 * ---------------------------------------------------------------- */

static bool same_target(const wchar_t *a, const wchar_t *b)
{
    return a && b ? wcscasecmp(a, b) == 0 : a == b;
}

static bool same_query(const wchar_t *a, const wchar_t *b)
{
    return a && b ? wcscmp(a, b) == 0 : a == b;
}

static struct poll *find_poll(const struct subscription *s, const struct poll_request *q)
{
    struct poll *p = poller.first;
    while (p && (p->name_space != s->name_space || p->family != q->family ||
                 p->interval != q->interval || !same_target(p->target, q->target) ||
                 !same_query(p->query, q->query))) {
        p = p->next;
    }
    return p;
}

static HRESULT prepare_folder(struct poll *p, const char *folder)
{
    p->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    p->watch.ready = folder_changed;
    HRESULT hr =
        p->fd < 0 ? com_hresult_from_errno(errno) : reactor_watch(&p->watch, p->fd, EPOLLIN);
    p->folder = SUCCEEDED(hr) ? strdup(folder) : NULL;
    if (!p->folder && p->fd >= 0) {
        reactor_unwatch(&p->watch); /* no folder is watched yet, so nothing calls */
        close(p->fd);
    }
    return SUCCEEDED(hr) && !p->folder ? WBEM_E_OUT_OF_MEMORY : hr;
}

static HRESULT make_poll(const struct subscription *s, const struct poll_request *q,
                         struct poll **ret)
{
    struct poll *p = calloc(1, sizeof(*p));
    if (p) {
        p->target = com_wide_copy(q->target);
        p->query = com_wide_copy(q->query);
    }
    if (!p || (q->target && !p->target) || (q->query && !p->query)) {
        if (p) {
            poll_free(p);
        }
        return WBEM_E_OUT_OF_MEMORY;
    }
    /* Without it (too many of them) the interval serves. */
    if (q->folder && prepare_folder(p, q->folder) == WBEM_E_OUT_OF_MEMORY) {
        poll_free(p);
        return WBEM_E_OUT_OF_MEMORY;
    }
    p->name_space = s->name_space;
    p->family = q->family;
    p->interval = q->interval;
    p->services = q->services;
    com_addref(p->services);
    p->next = poller.first;
    poller.first = p;
    *ret = p;
    return WBEM_S_NO_ERROR;
}

static HRESULT ensure_running(void)
{
    if (!poller.ready) {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&poller.changed, &attributes);
        pthread_condattr_destroy(&attributes);
        poller.ready = true;
    }
    if (!poller.running) {
        poller.job.run = poller_run;
        HRESULT hr = pool_submit(&poller.job);
        if (FAILED(hr)) {
            return hr;
        }
        poller.running = true;
    }
    pthread_cond_broadcast(&poller.changed);
    return WBEM_S_NO_ERROR;
}

static HRESULT wait_for_first(struct poll *p, const struct member *m)
{
    int64_t end = reactor_now() + PATIENCE;
    const struct timespec until = {.tv_sec = end / 1000000000, .tv_nsec = end % 1000000000};
    int expired = 0;
    while (!m->joined && SUCCEEDED(p->first_failure) && expired != ETIMEDOUT) {
        expired = pthread_cond_timedwait(&poller.changed, &poller.lock, &until);
    }
    if (!m->joined && FAILED(p->first_failure)) {
        (void)SetErrorInfo(0, p->first_error);
        return p->first_failure;
    }
    return WBEM_S_NO_ERROR;
}

HRESULT poller_attach(struct subscription *s, const struct poll_request *q)
{
    struct member *m = calloc(1, sizeof(*m));
    if (!m) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    m->subscription = s;
    pthread_mutex_lock(&poller.lock);
    struct poll *p = find_poll(s, q);
    HRESULT hr = p ? WBEM_S_NO_ERROR : make_poll(s, q, &p);
    if (FAILED(hr)) {
        pthread_mutex_unlock(&poller.lock);
        free(m);
        return hr;
    }
    m->next = p->members;
    p->members = m;
    s->polled = true;
    p->first_failure = WBEM_S_NO_ERROR;
    p->due = reactor_now(); /* also when others are there: what is new counts from now on */
    hr = ensure_running();
    if (SUCCEEDED(hr)) {
        hr = wait_for_first(p, m);
    }
    pthread_mutex_unlock(&poller.lock);
    return hr; /* on failure, poller_detach() cleans up */
}

static struct member **find_member(struct poll *p, const struct subscription *s)
{
    struct member **link = &p->members;
    while (*link && (*link)->subscription != s) {
        link = &(*link)->next;
    }
    return link;
}

void poller_detach(struct subscription *s)
{
    IEnumWbemClassObject *stop = NULL; /* the thread is inside one at most */
    struct poll *gone = NULL;
    if (!s->polled) {
        return;
    }
    pthread_mutex_lock(&poller.lock);
    for (struct poll *p = poller.first, *next; p; p = next) {
        next = p->next;
        struct member **link = find_member(p, s);
        if (!*link) {
            continue;
        }
        struct member *m = *link;
        *link = m->next;
        free(m);
        if (!p->members && p->busy) { /* the thread frees it */
            stop = p->running;
            com_addref(stop);
        } else if (!p->members) {
            unlink_poll(p);
            p->next = gone;
            gone = p;
        }
    }
    if (poller.ready) {
        pthread_cond_broadcast(&poller.changed);
    }
    pthread_mutex_unlock(&poller.lock);
    if (stop) {
        enumerator_cancel(stop);
        IEnumWbemClassObject_Release(stop);
    }
    for (struct poll *next; gone; gone = next) {
        next = gone->next;
        poll_free(gone);
    }
}
