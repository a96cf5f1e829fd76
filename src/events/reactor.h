/*
 * One thread for all that events wait for: descriptors that become ready and
 * moments that come. It runs while there is something to wait for.
 */
#ifndef WBEM_EVENTS_REACTOR_H
#define WBEM_EVENTS_REACTOR_H

#include <stdbool.h>
#include <stdint.h>
#include <wbemcli.h>

/* Nanoseconds of CLOCK_MONOTONIC. */
int64_t reactor_now(void);

/* Embedded in what waits. The callbacks run on the reactor's thread, no lock held; they may start,
 * move and stop any watch or timer, and must not take long. */
struct reactor_watch {
    void (*ready)(struct reactor_watch *w, uint32_t events);
    int fd;
    struct reactor_watch *next; /* the reactor's */
    bool active;                /* the reactor's */
};

/* `events` as for epoll_ctl(2); level-triggered. The descriptor stays the caller's. */
HRESULT reactor_watch(struct reactor_watch *w, int fd, uint32_t events);
/* When it returns, ready() is not running and won't be called (but when called from within). */
void reactor_unwatch(struct reactor_watch *w);

struct reactor_timer {
    void (*expired)(struct reactor_timer *t);
    int64_t at;
    size_t place; /* the reactor's: 1 + its place in the heap; 0: not set */
};

/* Call expired() once, at `at` or soon after; setting it anew moves it. */
HRESULT reactor_set(struct reactor_timer *t, int64_t at);
/* As reactor_unwatch(). */
void reactor_unset(struct reactor_timer *t);

#endif
