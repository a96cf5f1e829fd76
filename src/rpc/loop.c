/*
 * l->lock guards the queue of tasks and `stopping`; everything of libuv but
 * uv_async_send() happens on the loop's own thread.
 */
#include "rpc/loop.h"

#include "com/com.h"

#include <signal.h>
#include <time.h>

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    pthread_t thread;
    pthread_mutex_t lock;
    struct loop_task *first, *last; /* under lock */
    bool stopping;                  /* under lock */
    bool detached;                  /* under lock: frees itself */
};

uint64_t loop_clock(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct loop_task *take_tasks(struct loop *l, bool *stopping)
{
    pthread_mutex_lock(&l->lock);
    struct loop_task *tasks = TAKE(l->first);
    l->last = NULL;
    *stopping = l->stopping;
    pthread_mutex_unlock(&l->lock);
    return tasks;
}

static void on_wake(uv_async_t *wake)
{
    struct loop *l = wake->data;
    bool stopping = false;
    for (struct loop_task *t; (t = take_tasks(l, &stopping)) != NULL;) {
        while (t) {
            struct loop_task *next = t->next;
            t->run(t);
            t = next;
        }
    }
    if (stopping) {
        uv_close((uv_handle_t *)wake, NULL);
    }
}

static void loop_free(struct loop *l)
{
    (void)uv_loop_close(&l->uv);
    (void)pthread_mutex_destroy(&l->lock);
    free(l);
}

static void *loop_main(void *closure)
{
    struct loop *l = closure;
    (void)uv_run(&l->uv, UV_RUN_DEFAULT);
    pthread_mutex_lock(&l->lock);
    bool detached = l->detached;
    pthread_mutex_unlock(&l->lock);
    if (detached) {
        loop_free(l);
    }
    return NULL;
}

HRESULT loop_start(struct loop **ret)
{
    struct loop *l = calloc(1, sizeof(*l));
    if (!l) {
        return E_OUTOFMEMORY;
    }
    int error = uv_loop_init(&l->uv);
    if (error) {
        free(l);
        return com_hresult_from_errno(-error);
    }
    (void)pthread_mutex_init(&l->lock, NULL);
    l->wake.data = l;
    error = uv_async_init(&l->uv, &l->wake, on_wake);
    if (error == 0) {
        /* Signals are the program's affair, so our threads take none. */
        sigset_t all, before;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = -pthread_create(&l->thread, NULL, loop_main, l);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (error) {
            uv_close((uv_handle_t *)&l->wake, NULL);
            (void)uv_run(&l->uv, UV_RUN_DEFAULT);
        }
    }
    if (error) {
        loop_free(l);
        return com_hresult_from_errno(-error);
    }
    *ret = l;
    return S_OK;
}

void loop_post(struct loop *l, struct loop_task *task)
{
    task->next = NULL;
    pthread_mutex_lock(&l->lock);
    if (l->last) {
        l->last->next = task;
    } else {
        l->first = task;
    }
    l->last = task;
    /* Under the lock: once it is free, the task may already have ended the loop. */
    (void)uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

uv_loop_t *loop_uv(struct loop *l)
{
    return &l->uv;
}

bool loop_is_current(const struct loop *l)
{
    return pthread_equal(pthread_self(), l->thread) != 0;
}

void loop_stop(struct loop *l)
{
    pthread_t thread = l->thread;
    pthread_mutex_lock(&l->lock);
    l->stopping = true;
    l->detached = loop_is_current(l);
    bool wait = !l->detached;
    (void)uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
    if (wait) {
        (void)pthread_join(thread, NULL);
        loop_free(l);
    } else {
        (void)pthread_detach(thread);
    }
}

/* ---- the clients' ------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    struct loop *loop;
    unsigned users;
} clients = {.lock = PTHREAD_MUTEX_INITIALIZER};

HRESULT loop_client_acquire(struct loop **ret)
{
    pthread_mutex_lock(&clients.lock);
    HRESULT hr = clients.loop ? S_OK : loop_start(&clients.loop);
    if (SUCCEEDED(hr)) {
        clients.users++;
        *ret = clients.loop;
    }
    pthread_mutex_unlock(&clients.lock);
    return hr;
}

void loop_client_release(struct loop *l)
{
    pthread_mutex_lock(&clients.lock);
    bool last = --clients.users == 0;
    if (last) {
        clients.loop = NULL;
    }
    pthread_mutex_unlock(&clients.lock);
    if (last) {
        loop_stop(l);
    }
}
