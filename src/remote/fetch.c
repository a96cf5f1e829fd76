/* One call of an enumeration; see fetch.h. */
#include "remote/fetch.h"

#include <string.h>
#include <time.h>

#include "com/com.h"

/* Counted: the caller's reference, and the completion's. */
struct fetch {
    struct com_refs refs;
    struct dcom_call *call; /* set before anybody else has the fetch */
    int64_t began_us;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool replying, done;     /* under lock, as all that follows */
    HRESULT hr;              /* of the call */
    struct dcom_reply reply; /* owned */
    int64_t ended_us;
};

static int64_t now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void fetch_ref(struct fetch *f)
{
    (void)com_ref_inc(&f->refs);
}

void fetch_unref(struct fetch *f)
{
    if (f && com_ref_dec(&f->refs) == 0) {
        dcom_reply_done(&f->reply);
        dcom_call_unref(f->call);
        pthread_mutex_destroy(&f->lock);
        pthread_cond_destroy(&f->changed);
        free(f);
    }
}

static void fetch_replying(void *arg)
{
    struct fetch *f = arg;
    pthread_mutex_lock(&f->lock);
    f->replying = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void fetch_done(void *arg, HRESULT hr, struct dcom_reply *reply)
{
    struct fetch *f = arg;
    pthread_mutex_lock(&f->lock);
    f->hr = hr;
    f->reply = *reply;
    memset(reply, 0, sizeof(*reply));
    f->ended_us = now_us();
    f->done = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    fetch_unref(f);
}

HRESULT fetch_begin(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                    unsigned timeout_ms, struct fetch **ret)
{
    struct fetch *f = calloc(1, sizeof(*f));
    if (!f || FAILED(in->status)) {
        HRESULT hr = f ? in->status : E_OUTOFMEMORY;
        free(f);
        ndr_writer_done(in);
        (void)SetErrorInfo(0, NULL);
        return hr;
    }
    com_ref_init(&f->refs);
    fetch_ref(f);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    f->began_us = now_us();
    HRESULT hr =
        dcom_call_begin_told(o, opnum, in, timeout_ms, fetch_done, fetch_replying, f, &f->call);
    if (FAILED(hr)) {
        fetch_unref(f); /* there will be no completion */
        fetch_unref(f);
        return hr;
    }
    *ret = f;
    return S_OK;
}

void fetch_cancel(struct fetch *f)
{
    dcom_call_cancel(f->call);
}

bool fetch_wait_for_reply(struct fetch *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->done && !f->replying) {
        pthread_cond_wait(&f->changed, &f->lock);
    }
    bool done = f->done;
    pthread_mutex_unlock(&f->lock);
    return done;
}

HRESULT fetch_take(struct fetch *f, struct dcom_reply *ret, int64_t *began_us, int64_t *ended_us)
{
    pthread_mutex_lock(&f->lock);
    while (!f->done) {
        pthread_cond_wait(&f->changed, &f->lock);
    }
    HRESULT hr = f->hr;
    *ret = f->reply;
    memset(&f->reply, 0, sizeof(f->reply));
    *began_us = f->began_us;
    *ended_us = f->ended_us;
    pthread_mutex_unlock(&f->lock);
    return hr;
}
