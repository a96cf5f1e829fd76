/*
 * When clients have releases or pings to send: one thread knows for all of the
 * process, and hands each client that is due to a thread of the pool, since a host
 * that does not answer must not keep the others waiting. A thread a host would cost
 * more than the connection.
 *
 * `house.lock` guards everything here and the clients' `house` parts. It is taken after a
 * client's lock, and before the pool's.
 */
#include "dcom/client_private.h"

#include <signal.h>

#define NEVER UINT64_MAX
/* The list is looked through no more often than this, in ms. */
#define LEAST_PAUSE_MS 10
/* Jobs at once: so many hosts that are gone can't make the others' pings late. */
#define MOST_JOBS 128

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ready; /* `wake` has its clock */
    struct dcom_client *first;
    pthread_t thread;
    unsigned generation; /* a thread of another one ends */
    unsigned jobs;
    uint64_t next; /* when the thread wakes up */
} house = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void house_wake(uint64_t due)
{
    if (due < house.next) {
        house.next = due;
        pthread_cond_broadcast(&house.wake);
    }
}

static void work(struct pool_job *job)
{
    struct dcom_client *c = COM_CONTAINER(job, struct dcom_client, house.job);
    dcom_callback_depth++; /* nothing here may wait for this thread */
    client_keep_house(c);
    dcom_callback_depth--;
    (void)SetErrorInfo(0, NULL); /* nobody hears of failures, nor the thread's next job */
}

/* Hands it to the pool; under house.lock. */
static bool begin(struct dcom_client *c)
{
    c->house.due = NEVER;
    c->house.busy = SUCCEEDED(pool_submit(&c->house.job));
    house.jobs += c->house.busy;
    return c->house.busy;
}

/* The first client that is due and should have its job; *ret_next: when others will be. */
static struct dcom_client *find_due(uint64_t now, uint64_t *ret_next)
{
    uint64_t next = NEVER;
    for (struct dcom_client *c = house.first; c; c = c->house.next) {
        if (c->house.busy || c->house.due == NEVER) {
            continue;
        }
        if (c->house.due <= now && house.jobs < MOST_JOBS && !begin(c)) {
            return c;
        }
        next = c->house.due < next ? c->house.due : next;
    }
    *ret_next = house.jobs < MOST_JOBS ? next : NEVER;
    return NULL;
}

static void *house_main(void *arg)
{
    unsigned generation = (unsigned)(uintptr_t)arg;
    pthread_mutex_lock(&house.lock);
    while (generation == house.generation) {
        uint64_t now = dcom_now(), next = NEVER;
        struct dcom_client *c = find_due(now, &next);
        if (c) { /* no thread could be had for it: better late than not at all */
            c->house.busy = true;
            house.jobs++;
            pthread_mutex_unlock(&house.lock);
            work(&c->house.job);
            pthread_mutex_lock(&house.lock);
            continue;
        }
        house.next = next < now + LEAST_PAUSE_MS ? now + LEAST_PAUSE_MS : next;
        while (generation == house.generation && house.next > dcom_now()) {
            if (house.next == NEVER) {
                (void)pthread_cond_wait(&house.wake, &house.lock);
                continue;
            }
            struct timespec at = {.tv_sec = (time_t)(house.next / 1000),
                                  .tv_nsec = (long)(house.next % 1000) * 1000000};
            (void)pthread_cond_timedwait(&house.wake, &house.lock, &at);
        }
    }
    pthread_mutex_unlock(&house.lock);
    return NULL;
}

/* Under house.lock. Signals are the program's affair, so our threads take none. */
static HRESULT start_thread(void)
{
    sigset_t all, before;
    if (!house.ready) {
        pthread_condattr_t attributes;
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&house.wake, &attributes);
        pthread_condattr_destroy(&attributes);
        house.ready = true;
    }
    house.next = NEVER;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error =
        pthread_create(&house.thread, NULL, house_main, (void *)(uintptr_t)house.generation);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error ? com_hresult_from_errno(error) : S_OK;
}

HRESULT house_enter(struct dcom_client *c, uint64_t due)
{
    pthread_mutex_lock(&house.lock);
    HRESULT hr = house.first ? S_OK : start_thread();
    if (SUCCEEDED(hr)) {
        c->house.job.run = work;
        c->house.due = due;
        c->house.previous = NULL;
        c->house.next = house.first;
        if (house.first) {
            house.first->house.previous = c;
        }
        house.first = c;
        house_wake(due);
    }
    pthread_mutex_unlock(&house.lock);
    return hr;
}

void house_schedule(struct dcom_client *c, uint64_t due)
{
    pthread_mutex_lock(&house.lock);
    if (!c->house.busy && due < c->house.due) { /* its job looks at the end what there is to do */
        c->house.due = due;
        house_wake(due);
    }
    pthread_mutex_unlock(&house.lock);
}

void house_hurry(struct dcom_client *c)
{
    pthread_mutex_lock(&house.lock);
    if (!c->house.busy && !begin(c)) {
        c->house.due = 0;
        house_wake(0);
    }
    pthread_mutex_unlock(&house.lock);
}

/* One job fewer: others may have waited for that. */
static void end_job(struct dcom_client *c)
{
    c->house.busy = false;
    if (house.jobs-- >= MOST_JOBS) {
        house_wake(0);
    }
}

void house_rest(struct dcom_client *c, uint64_t due)
{
    pthread_mutex_lock(&house.lock);
    end_job(c);
    c->house.due = due;
    house_wake(due);
    pthread_mutex_unlock(&house.lock);
}

void house_leave(struct dcom_client *c)
{
    pthread_mutex_lock(&house.lock);
    end_job(c);
    if (c->house.previous) {
        c->house.previous->house.next = c->house.next;
    } else {
        house.first = c->house.next;
    }
    if (c->house.next) {
        c->house.next->house.previous = c->house.previous;
    }
    pthread_t thread = house.thread;
    bool last = !house.first;
    if (last) {
        house.generation++;
        pthread_cond_broadcast(&house.wake);
    }
    pthread_mutex_unlock(&house.lock);
    if (last && pthread_equal(thread, pthread_self())) {
        (void)pthread_detach(thread);
    } else if (last) {
        (void)pthread_join(thread, NULL);
    }
}
