/*
 * Being told that the repository has changed: by this process through its
 * observers; by others, since the file changes (inotify). What comes close
 * together is told once.
 *
 * `lock` guards `running` and `stopping`; the rest is the reactor's thread's.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "enumerator/pool.h"
#include "events/events_private.h"

#define PAUSE INT64_C(100000000) /* ns */

struct change_watch {
    const struct change_watch_ops *ops;
    void *closure;
    struct repository_observer *observer;
    int fd; /* inotify; -1: there is no file */
    struct reactor_watch file;
    struct reactor_timer timer;
    struct pool_job job;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    bool scheduled; /* under lock: the timer is set, and not moved while it is */
    bool running;   /* under lock: the job */
    bool stopping;  /* under lock */
};

static void schedule(struct change_watch *w)
{
    pthread_mutex_lock(&w->lock);
    if (!w->scheduled && !w->stopping) {
        w->scheduled = SUCCEEDED(reactor_set(&w->timer, reactor_now() + PAUSE));
    }
    pthread_mutex_unlock(&w->lock);
}

static void run(struct pool_job *job)
{
    struct change_watch *w = COM_CONTAINER(job, struct change_watch, job);
    w->ops->changed(w->closure);
    pthread_mutex_lock(&w->lock);
    w->running = false;
    pthread_cond_broadcast(&w->idle);
    pthread_mutex_unlock(&w->lock);
}

static void expired(struct reactor_timer *t)
{
    struct change_watch *w = COM_CONTAINER(t, struct change_watch, timer);
    pthread_mutex_lock(&w->lock);
    w->scheduled = false;
    bool again = w->running && !w->stopping;
    if (!w->running && !w->stopping) {
        w->job.run = run;
        w->running = SUCCEEDED(pool_submit(&w->job));
        again = !w->running;
    }
    pthread_mutex_unlock(&w->lock);
    if (again) {
        schedule(w);
    }
}

static void file_changed(struct reactor_watch *watch, uint32_t events)
{
    struct change_watch *w = COM_CONTAINER(watch, struct change_watch, file);
    char buffer[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
    (void)events;
    while (read(w->fd, buffer, sizeof(buffer)) > 0) {
    }
    schedule(w);
}

static void happened(void *closure, const struct repository_event *e)
{
    struct change_watch *w = closure;
    switch (w->ops->concern(w->closure, e)) {
    case CHANGE_NOW:
        w->ops->changed(w->closure);
        break;
    case CHANGE_LATER:
        schedule(w);
        break;
    case CHANGE_IGNORED:
        break;
    }
}

/* Without it (no file, too many watches) changes of other processes go unnoticed. */
static void watch_file(struct change_watch *w, const char *place)
{
    char name[PATH_MAX];
    w->fd = -1;
    if (strcmp(place, ":memory:") == 0 || strlen(place) + 16 > sizeof(name)) {
        return;
    }
    stpcpy(stpcpy(name, place), "/data.mdb");
    w->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    w->file.ready = file_changed;
    if (w->fd >= 0 && (inotify_add_watch(w->fd, name, IN_MODIFY) < 0 ||
                       FAILED(reactor_watch(&w->file, w->fd, EPOLLIN)))) {
        close(w->fd);
        w->fd = -1;
    }
}

HRESULT change_watch_start(struct repository *r, const struct change_watch_ops *ops, void *closure,
                           struct change_watch **ret)
{
    struct change_watch *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    w->ops = ops;
    w->closure = closure;
    w->timer.expired = expired;
    w->fd = -1;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->idle, NULL);
    HRESULT hr = repository_observe(r, happened, w, &w->observer);
    if (FAILED(hr)) {
        change_watch_stop(w);
        return hr;
    }
    watch_file(w, repository_place(r));
    *ret = w;
    return WBEM_S_NO_ERROR;
}

void change_watch_stop(struct change_watch *w)
{
    if (!w) {
        return;
    }
    if (w->observer) {
        repository_unobserve(w->observer);
    }
    if (w->fd >= 0) {
        reactor_unwatch(&w->file);
        close(w->fd);
    }
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_mutex_unlock(&w->lock);
    reactor_unset(&w->timer);
    pthread_mutex_lock(&w->lock);
    while (w->running) {
        pthread_cond_wait(&w->idle, &w->lock);
    }
    pthread_mutex_unlock(&w->lock);
    pthread_cond_destroy(&w->idle);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
