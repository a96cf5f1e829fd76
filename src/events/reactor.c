/*
 * The thread that waits: epoll over the descriptors, with the time until the
 * first of the timers (a binary heap) as its limit. It is a job of the pool
 * that ends when nothing is left to wait for.
 *
 * `reactor.lock` guards everything here and is not held during callbacks.
 * `current` is whose callback runs; who stops that one waits for its end.
 */
#include "events/reactor.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "com/com.h"
#include "enumerator/pool.h"

enum {
    READY_AT_ONCE = 64
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t idle; /* a callback has returned */
    struct pool_job job;
    pthread_t thread; /* while `running` */
    bool running;
    bool prepared;
    int epoll, wake;
    struct reactor_watch *watches;
    struct reactor_timer **heap;
    size_t timers, capacity;
    const void *current;
} reactor = {.lock = PTHREAD_MUTEX_INITIALIZER, .idle = PTHREAD_COND_INITIALIZER};

int64_t reactor_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* ---- the heap (under lock) --------------------------------------------------------- */

static void place(size_t i, struct reactor_timer *t)
{
    reactor.heap[i] = t;
    t->place = i + 1;
}

static void sift_up(size_t i, struct reactor_timer *t)
{
    while (i > 0 && t->at < reactor.heap[(i - 1) / 2]->at) {
        place(i, reactor.heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    place(i, t);
}

static void sift_down(size_t i, struct reactor_timer *t)
{
    for (;;) {
        size_t child = 2 * i + 1;
        if (child + 1 < reactor.timers && reactor.heap[child + 1]->at < reactor.heap[child]->at) {
            child++;
        }
        if (child >= reactor.timers || t->at <= reactor.heap[child]->at) {
            break;
        }
        place(i, reactor.heap[child]);
        i = child;
    }
    place(i, t);
}

static void take_out(struct reactor_timer *t)
{
    size_t i = t->place - 1;
    t->place = 0;
    struct reactor_timer *last = reactor.heap[--reactor.timers];
    if (last != t) {
        if (i > 0 && last->at < reactor.heap[(i - 1) / 2]->at) {
            sift_up(i, last);
        } else {
            sift_down(i, last);
        }
    }
}

static bool reserve(void)
{
    if (reactor.timers < reactor.capacity) {
        return true;
    }
    size_t capacity = reactor.capacity ? 2 * reactor.capacity : 16;
    struct reactor_timer **heap = realloc(reactor.heap, capacity * sizeof(*heap));
    if (!heap) {
        return false;
    }
    reactor.heap = heap;
    reactor.capacity = capacity;
    return true;
}

/* ---- the thread ------------------------------------------------------------------------ */

static void interrupt(void)
{
    uint64_t one = 1;
    (void)!write(reactor.wake, &one, sizeof(one)); /* full is as good */
}

/* Under lock: call out for one, which may go away meanwhile. */
static void run_timer(struct reactor_timer *t)
{
    take_out(t);
    reactor.current = t;
    pthread_mutex_unlock(&reactor.lock);
    t->expired(t);
    pthread_mutex_lock(&reactor.lock);
    reactor.current = NULL;
    pthread_cond_broadcast(&reactor.idle);
}

static void run_watch(struct reactor_watch *w, uint32_t events)
{
    reactor.current = w;
    pthread_mutex_unlock(&reactor.lock);
    w->ready(w, events);
    pthread_mutex_lock(&reactor.lock);
    reactor.current = NULL;
    pthread_cond_broadcast(&reactor.idle);
}

static bool is_watched(const struct reactor_watch *w)
{
    struct reactor_watch *i = reactor.watches;
    while (i && i != w) {
        i = i->next;
    }
    return i != NULL;
}

/* Under lock: milliseconds for epoll_wait(), rounded up so that it does not return too early. */
static int time_left(void)
{
    if (reactor.timers == 0) {
        return -1;
    }
    int64_t left = reactor.heap[0]->at - reactor_now();
    int64_t ms = left <= 0 ? 0 : (left + 999999) / 1000000;
    return ms < 3600000 ? (int)ms : 3600000;
}

static void reactor_run(struct pool_job *job)
{
    struct epoll_event ready[READY_AT_ONCE];
    pthread_mutex_lock(&reactor.lock);
    reactor.thread = pthread_self();
    while (reactor.watches || reactor.timers > 0) {
        int wait = time_left();
        pthread_mutex_unlock(&reactor.lock);
        int count = epoll_wait(reactor.epoll, ready, READY_AT_ONCE, wait);
        pthread_mutex_lock(&reactor.lock);
        for (int i = 0; i < count; i++) {
            struct reactor_watch *w = ready[i].data.ptr;
            uint64_t drained;
            if (!w) {
                (void)!read(reactor.wake, &drained, sizeof(drained));
            } else if (is_watched(w)) { /* not stopped by one before it */
                run_watch(w, ready[i].events);
            }
        }
        int64_t now = reactor_now();
        while (reactor.timers > 0 && reactor.heap[0]->at <= now) {
            run_timer(reactor.heap[0]);
        }
    }
    free(reactor.heap);
    reactor.heap = NULL;
    reactor.capacity = 0;
    reactor.running = false;
    pthread_mutex_unlock(&reactor.lock);
}

/* Under lock. The two descriptors stay open once they were needed. */
static HRESULT prepare(void)
{
    if (reactor.prepared) {
        return WBEM_S_NO_ERROR;
    }
    reactor.epoll = epoll_create1(EPOLL_CLOEXEC);
    reactor.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event e = {.events = EPOLLIN};
    if (reactor.epoll < 0 || reactor.wake < 0 ||
        epoll_ctl(reactor.epoll, EPOLL_CTL_ADD, reactor.wake, &e) != 0) {
        HRESULT hr = com_hresult_from_errno(errno);
        if (reactor.epoll >= 0) {
            close(reactor.epoll);
        }
        if (reactor.wake >= 0) {
            close(reactor.wake);
        }
        return hr;
    }
    reactor.prepared = true;
    return WBEM_S_NO_ERROR;
}

/* Under lock, once there is something to wait for. */
static HRESULT ensure_running(void)
{
    if (reactor.running) {
        interrupt();
        return WBEM_S_NO_ERROR;
    }
    reactor.job.run = reactor_run;
    HRESULT hr = pool_submit(&reactor.job);
    reactor.running = SUCCEEDED(hr);
    return hr;
}

/* Under lock: wait until no callback for it runs, unless this is the callback. */
static void wait_idle(const void *whose)
{
    while (reactor.current == whose && !pthread_equal(reactor.thread, pthread_self())) {
        pthread_cond_wait(&reactor.idle, &reactor.lock);
    }
}

/* ---- watches and timers --------------------------------------------------------------------- */

static void unlink_watch(struct reactor_watch *w)
{
    struct reactor_watch **link = &reactor.watches;
    while (*link != w) {
        link = &(*link)->next;
    }
    *link = w->next;
    w->active = false;
    (void)epoll_ctl(reactor.epoll, EPOLL_CTL_DEL, w->fd, NULL);
}

HRESULT reactor_watch(struct reactor_watch *w, int fd, uint32_t events)
{
    pthread_mutex_lock(&reactor.lock);
    HRESULT hr = prepare();
    struct epoll_event e = {.events = events, .data.ptr = w};
    if (SUCCEEDED(hr) && epoll_ctl(reactor.epoll, EPOLL_CTL_ADD, fd, &e) != 0) {
        hr = com_hresult_from_errno(errno);
    }
    if (SUCCEEDED(hr)) {
        w->fd = fd;
        w->next = reactor.watches;
        w->active = true;
        reactor.watches = w;
        hr = ensure_running();
        if (FAILED(hr)) {
            unlink_watch(w);
        }
    }
    pthread_mutex_unlock(&reactor.lock);
    return hr;
}

void reactor_unwatch(struct reactor_watch *w)
{
    pthread_mutex_lock(&reactor.lock);
    if (w->active) {
        unlink_watch(w);
        interrupt();
    }
    wait_idle(w);
    pthread_mutex_unlock(&reactor.lock);
}

HRESULT reactor_set(struct reactor_timer *t, int64_t at)
{
    pthread_mutex_lock(&reactor.lock);
    HRESULT hr = prepare();
    if (SUCCEEDED(hr) && !t->place && !reserve()) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        if (t->place) {
            take_out(t);
        }
        t->at = at;
        sift_up(reactor.timers++, t);
        hr = ensure_running();
        if (FAILED(hr)) {
            take_out(t);
        }
    }
    pthread_mutex_unlock(&reactor.lock);
    return hr;
}

void reactor_unset(struct reactor_timer *t)
{
    pthread_mutex_lock(&reactor.lock);
    if (t->place) {
        take_out(t);
        interrupt();
    }
    wait_idle(t);
    pthread_mutex_unlock(&reactor.lock);
}
