/*
 * Elastic pool of threads: a job gets an idle thread or a new one, never a
 * place behind a job that blocks. Threads that stay idle end by themselves.
 *
 * `pool.lock` guards everything here and is taken last of all locks. Each
 * queued job is matched by a thread that is idle or just starting, so no job
 * can be stranded behind one that blocks.
 */
#include "enumerator/enumerator_private.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define IDLE_SECONDS 10

struct worker {
    pthread_t thread;
    struct worker *next; /* among the dead */
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t work; /* a job was queued, or a drain began */
    pthread_cond_t gone; /* a job ended, or a thread */
    bool ready;          /* `work` has its clock */
    struct pool_job *first, *last;
    unsigned queued, idle, threads;
    unsigned draining;
    struct worker *dead; /* ended during a drain, for it to join */
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER, .gone = PTHREAD_COND_INITIALIZER};

static _Thread_local bool on_pool_thread;

struct timespec deadline_after(LONG timeout)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += timeout / 1000;
    t.tv_nsec += (long)(timeout % 1000) * 1000000L;
    if (t.tv_nsec >= 1000000000L) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000L;
    }
    return t;
}

HRESULT cond_init_monotonic(pthread_cond_t *cond)
{
    pthread_condattr_t attr;
    if (pthread_condattr_init(&attr) != 0) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    int error = pthread_cond_init(cond, &attr);
    pthread_condattr_destroy(&attr);
    return error ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}

/* Under pool.lock: the next job, waiting for one a while; NULL: time for the thread to end. */
static struct pool_job *next_job(void)
{
    struct timespec until = deadline_after(IDLE_SECONDS * 1000);
    pool.idle++;
    bool expired = false;
    while (!pool.first && !expired && !pool.draining) {
        expired = pthread_cond_timedwait(&pool.work, &pool.lock, &until) == ETIMEDOUT;
    }
    pool.idle--;
    struct pool_job *job = pool.first;
    if (job) {
        pool.first = job->next;
        if (!pool.first) {
            pool.last = NULL;
        }
        pool.queued--;
    }
    return job;
}

static void *worker_main(void *closure)
{
    struct worker *self = closure;
    on_pool_thread = true;
    pthread_mutex_lock(&pool.lock);
    for (struct pool_job *job; (job = next_job()) != NULL;) {
        pthread_mutex_unlock(&pool.lock);
        job->run(job);
        pthread_mutex_lock(&pool.lock);
    }
    pool.threads--;
    if (pool.draining) {
        self->next = pool.dead;
        pool.dead = self;
        pthread_cond_broadcast(&pool.gone);
        self = NULL;
    }
    pthread_mutex_unlock(&pool.lock);
    if (self) {
        pthread_detach(self->thread);
        free(self);
    }
    return NULL;
}

/* Under pool.lock. Signals are the program's affair, so our threads take none. */
static HRESULT add_thread(void)
{
    struct worker *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&w->thread, NULL, worker_main, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        free(w);
        return WBEM_E_OUT_OF_MEMORY;
    }
    pool.threads++;
    return WBEM_S_NO_ERROR;
}

HRESULT pool_submit(struct pool_job *job)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&pool.lock);
    if (!pool.ready) {
        hr = cond_init_monotonic(&pool.work);
        pool.ready = SUCCEEDED(hr);
    }
    if (SUCCEEDED(hr) && pool.queued >= pool.idle) {
        hr = add_thread();
    }
    if (SUCCEEDED(hr)) {
        job->next = NULL;
        if (pool.last) {
            pool.last->next = job;
        } else {
            pool.first = job;
        }
        pool.last = job;
        pool.queued++;
        pthread_cond_signal(&pool.work);
    }
    pthread_mutex_unlock(&pool.lock);
    return hr;
}

void pool_drain(void)
{
    if (on_pool_thread) {
        return;
    }
    pthread_mutex_lock(&pool.lock);
    pool.draining++;
    if (pool.ready) {
        pthread_cond_broadcast(&pool.work);
    }
    while (pool.threads || pool.dead) {
        struct worker *w = pool.dead;
        if (w) {
            pool.dead = w->next;
            pthread_mutex_unlock(&pool.lock);
            pthread_join(w->thread, NULL);
            free(w);
            pthread_mutex_lock(&pool.lock);
        } else {
            pthread_cond_wait(&pool.gone, &pool.lock);
        }
    }
    pool.draining--;
    pthread_mutex_unlock(&pool.lock);
}
