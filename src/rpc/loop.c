/*
 * l->lock guards the queue of tasks and `stopping`; everything of libuv but
 * uv_async_send() happens on the loop's own thread.
 */
#include "rpc/loop.h"

#include "com/com.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    pthread_t thread;
    pthread_mutex_t lock;
    struct loop_task *first, *last; /* under lock */
    bool stopping;                  /* under lock */
    bool parted;                    /* under lock: frees itself */
    bool halted; /* under lock: the program ends, and the thread with it; nothing is freed */
    char buffer[65536];
};

uint64_t loop_clock(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct loop_task *take_tasks(struct loop *l, bool *stopping, bool *halted)
{
    pthread_mutex_lock(&l->lock);
    struct loop_task *tasks = TAKE(l->first);
    l->last = NULL;
    *stopping = l->stopping;
    *halted = l->halted;
    pthread_mutex_unlock(&l->lock);
    return tasks;
}

static void on_wake(uv_async_t *wake)
{
    struct loop *l = wake->data;
    bool stopping = false, halted = false;
    for (struct loop_task *t; (t = take_tasks(l, &stopping, &halted)) != NULL;) {
        while (t) {
            struct loop_task *next = t->next;
            t->run(t);
            t = next;
        }
    }
    if (halted) {
        uv_stop(&l->uv);
    } else if (stopping) {
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
    bool parted = l->parted && !l->halted;
    pthread_mutex_unlock(&l->lock);
    if (parted) {
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

char *loop_buffer(struct loop *l, size_t *size)
{
    *size = sizeof l->buffer;
    return l->buffer;
}

bool loop_is_current(const struct loop *l)
{
    return pthread_equal(pthread_self(), l->thread) != 0;
}

/* ---- threads that end themselves ------------------------------------------------------------- */

/* The one that did so last, not joined yet: it is waited for at the end. */
static struct {
    pthread_mutex_t lock;
    pthread_t thread; /* under lock, as the next */
    bool there;
} parting = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Another in its place, or none; then it is joined. */
static void replace_parting(const pthread_t *by)
{
    pthread_mutex_lock(&parting.lock);
    pthread_t before = parting.thread;
    bool there = parting.there;
    parting.there = by != NULL;
    if (by) {
        parting.thread = *by;
    }
    pthread_mutex_unlock(&parting.lock);
    if (there) {
        (void)pthread_join(before, NULL); /* EDEADLK: it is that thread that ends the program */
    }
}

void loop_stop(struct loop *l)
{
    pthread_t thread = l->thread;
    pthread_mutex_lock(&l->lock);
    bool halted = l->halted;
    l->stopping = true;
    l->parted = loop_is_current(l);
    bool wait = !l->parted;
    (void)uv_async_send(&l->wake);
    pthread_mutex_unlock(&l->lock);
    if (halted) {
        return; /* who halted it waits for it */
    }
    if (wait) {
        (void)pthread_join(thread, NULL);
        loop_free(l);
    } else {
        replace_parting(&thread);
    }
}

/* ---- the clients' ------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    struct loop *loop;
    unsigned users;
    bool over;              /* no more loops: the program ends */
    _Atomic(pid_t) process; /* whose threads there are: a forked one has none */
} clients = {.lock = PTHREAD_MUTEX_INITIALIZER};

HRESULT loop_client_acquire(struct loop **ret)
{
    pthread_mutex_lock(&clients.lock);
    HRESULT hr = clients.over   ? HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)
                 : clients.loop ? S_OK
                                : loop_start(&clients.loop);
    if (SUCCEEDED(hr)) {
        clients.users++;
        atomic_store(&clients.process, getpid());
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

/* ---- the end of the program, or of the library in it ------------------------------------------
 */

/* Connections may be open still; whose thread is not there any more when the libraries that it
 * uses, Kerberos' among them, end after us. */
static bool halt_clients(pthread_t *ret_thread)
{
    pthread_mutex_lock(&clients.lock);
    struct loop *l = clients.loop; /* nobody stops it before it is taken out of here */
    clients.over = true;
    if (l) {
        pthread_mutex_lock(&l->lock);
        l->halted = true;
        *ret_thread = l->thread;
        (void)uv_async_send(&l->wake);
        pthread_mutex_unlock(&l->lock);
    }
    pthread_mutex_unlock(&clients.lock);
    return l != NULL;
}

static __attribute__((destructor)) void end_threads(void)
{
    enum {
        PATIENCE_S = 1 /* a trace function of the program's may hang in it */
    };
    struct timespec until;
    pthread_t thread;
    if (atomic_load(&clients.process) != getpid()) {
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (halt_clients(&thread)) {
        (void)pthread_timedjoin_np(thread, NULL, &until);
    }
    replace_parting(NULL);
}
