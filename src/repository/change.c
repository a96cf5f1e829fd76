/*
 * A change: LMDB's write transaction, with what observers are told once it is
 * committed.
 */
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

static HRESULT raise_read_only(struct repository *r)
{
    return error_raise(WBEM_E_ACCESS_DENIED, "Repository", repository_place(r),
                       "the repository can't be changed: %s",
                       r->why_read_only ? r->why_read_only : "it was opened for reading only");
}

HRESULT repository_change_begin(struct repository *r, struct repository_change **ret)
{
    if (r->read_only) {
        return raise_read_only(r);
    }
    struct repository_change *c = calloc(1, sizeof(*c));
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->repository = r;
    c->last_event = &c->events;
    int rc = mdb_txn_begin(r->env, NULL, 0, &c->txn);
    if (rc != 0) {
        free(c);
        return store_error(r, rc, "it can't be written");
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

HRESULT repository_change_commit(struct repository_change *c)
{
    struct repository *r = c->repository;
    /* Taken while no other writer can be: observers hear of changes in that order. */
    pthread_mutex_lock(&r->lock);
    uint64_t ticket = r->next_ticket++;
    pthread_mutex_unlock(&r->lock);
    int rc = mdb_txn_commit(c->txn);
    if (rc != 0) {
        change_forget_events(c);
    }
    change_tell_observers(c, ticket);
    change_forget_events(c);
    free(c);
    return rc == 0 ? WBEM_S_NO_ERROR : store_error(r, rc, "the change can't be written");
}

void repository_change_abort(struct repository_change *c)
{
    if (!c) {
        return;
    }
    mdb_txn_abort(c->txn);
    change_forget_events(c);
    free(c);
}

HRESULT repository_change_get_class(struct repository_change *c, const wchar_t *name_space,
                                    const wchar_t *name, IWbemClassObject **ret)
{
    struct repository_namespace *n;
    struct key k;
    uint32_t id;
    HRESULT hr = namespace_handle(c->repository, c->txn, name_space, &n);
    if (SUCCEEDED(hr)) {
        hr = namespace_id(c->repository, c->txn, name_space, &id);
    }
    if (FAILED(hr)) {
        return hr;
    }
    class_key(&k, id, name);
    return class_fetch(c, n, &k, ret);
}

/* ---- observers ------------------------------------------------------------------ */

/* One commit at a time tells all observers, without the lock; an observer's memory goes when
 * nobody tells. */
struct repository_observer {
    struct repository_observer *next; /* under the repository's lock */
    struct repository *repository;
    void (*happened)(void *closure, const struct repository_event *e);
    void *closure;
    bool gone; /* under the repository's lock */
};

/* What this thread is telling, so that an observer may leave from within its call. */
static _Thread_local const struct repository *telling;

HRESULT repository_observe(struct repository *r,
                           void (*happened)(void *closure, const struct repository_event *e),
                           void *closure, struct repository_observer **ret)
{
    struct repository_observer *o = calloc(1, sizeof(*o));
    if (!o) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    o->repository = r;
    o->happened = happened;
    o->closure = closure;
    pthread_mutex_lock(&r->lock);
    o->next = r->observers;
    r->observers = o;
    pthread_mutex_unlock(&r->lock);
    *ret = o;
    return WBEM_S_NO_ERROR;
}

/* Under lock, while nobody tells. */
static void remove_gone(struct repository *r)
{
    for (struct repository_observer **at = &r->observers, *o; (o = *at) != NULL;) {
        if (o->gone) {
            *at = o->next;
            free(o);
        } else {
            at = &o->next;
        }
    }
}

void repository_unobserve(struct repository_observer *o)
{
    if (!o) {
        return;
    }
    struct repository *r = o->repository;
    pthread_mutex_lock(&r->lock);
    o->gone = true;
    if (telling != r) {
        while (r->is_telling) {
            pthread_cond_wait(&r->told, &r->lock);
        }
        remove_gone(r);
    }
    pthread_mutex_unlock(&r->lock);
}

static void tell(struct repository *r, const struct repository_change *c)
{
    for (struct repository_observer *o = r->observers; o; o = o->next) {
        for (const struct change_event *e = c->events; e && !o->gone; e = e->next) {
            const struct repository_event event = {.kind = e->kind,
                                                   .is_class = e->is_class,
                                                   .name_space = e->name_space,
                                                   .before = e->before,
                                                   .after = e->after};
            pthread_mutex_unlock(&r->lock);
            o->happened(o->closure, &event);
            pthread_mutex_lock(&r->lock);
        }
    }
}

void change_tell_observers(const struct repository_change *c, uint64_t ticket)
{
    struct repository *r = c->repository;
    pthread_mutex_lock(&r->lock);
    while (r->now_served != ticket) {
        pthread_cond_wait(&r->told, &r->lock);
    }
    if (c->events && r->observers) {
        r->is_telling = true;
        telling = r;
        tell(r, c);
        telling = NULL;
        r->is_telling = false;
        remove_gone(r);
    }
    r->now_served++;
    pthread_cond_broadcast(&r->told);
    pthread_mutex_unlock(&r->lock);
}

/* ---- what is told ------------------------------------------------------------------- */

HRESULT change_note(struct repository_change *c, enum repository_event_kind kind, bool is_class,
                    const wchar_t *name_space, IWbemClassObject *before, IWbemClassObject *after)
{
    struct change_event *e = calloc(1, sizeof(*e));
    wchar_t *name = e ? wcsdup(name_space) : NULL;
    if (!name) {
        free(e);
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->kind = kind;
    e->is_class = is_class;
    e->name_space = name;
    e->before = before;
    e->after = after;
    if (before) {
        IWbemClassObject_AddRef(before);
    }
    if (after) {
        IWbemClassObject_AddRef(after);
    }
    *c->last_event = e;
    c->last_event = &e->next;
    return WBEM_S_NO_ERROR;
}

void change_forget_events(struct repository_change *c)
{
    for (struct change_event *e = c->events, *next; e; e = next) {
        next = e->next;
        if (e->before) {
            IWbemClassObject_Release(e->before);
        }
        if (e->after) {
            IWbemClassObject_Release(e->after);
        }
        free(e->name_space);
        free(e);
    }
    c->events = NULL;
    c->last_event = &c->events;
}
