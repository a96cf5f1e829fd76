/*
 * The sink that shows objects, and the main thread's loop around it: it asks
 * for a batch with NextAsync, waits for the batch's final status, asks again.
 * Meanwhile it minds the clock, Ctrl-C and the progress line.
 *
 * The sink writes from the library's thread, the main thread flushes what a table
 * holds back; a write may last for as long as the reader of a pipe likes. So
 * screen.writing guards `out`, and is only ever tried by the main thread, and
 * screen.lock guards what the two tell each other.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "delivery.h"

enum {
    FLUSH_MS = 100,     /* a terminal's table waits so long for more rows to align with */
    PROGRESS_MS = 2000, /* a progress line after so long without a row */
    FAREWELL_MS = 1000, /* after a cancellation, for a sink stuck in a write */
};

struct screen {
    IWbemObjectSink sink;
    atomic_ulong refs;
    int wake; /* eventfd: a final status is there */

    pthread_mutex_t writing; /* taken before lock */
    struct output *out;      /* under writing; NULL: nothing is to be shown any more */

    pthread_mutex_t lock;
    size_t shown;             /* under lock */
    bool broken;              /* under lock; writing failed */
    int write_error;          /* under lock; the errno of that */
    bool complete;            /* under lock; the call has its final status */
    HRESULT status;           /* under lock */
    IWbemClassObject *detail; /* under lock; owned */
};

static struct screen *screen_of(IWbemObjectSink *sink)
{
    return (struct screen *)((char *)sink - offsetof(struct screen, sink));
}

static HRESULT STDMETHODCALLTYPE screen_query_interface(IWbemObjectSink *sink, REFIID riid,
                                                        void **ret)
{
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    IWbemObjectSink_AddRef(sink);
    *ret = sink;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE screen_add_ref(IWbemObjectSink *sink)
{
    struct screen *s = screen_of(sink);
    return (ULONG)atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE screen_release(IWbemObjectSink *sink)
{
    struct screen *s = screen_of(sink);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        if (s->detail) {
            IWbemClassObject_Release(s->detail);
        }
        close(s->wake);
        pthread_mutex_destroy(&s->writing);
        pthread_mutex_destroy(&s->lock);
        free(s);
    }
    return left;
}

/* Right after the write that failed, on its thread. */
static void note_broken(struct screen *s)
{
    int error = errno;
    pthread_mutex_lock(&s->lock);
    s->broken = true;
    s->write_error = error;
    pthread_mutex_unlock(&s->lock);
}

static void note_shown(struct screen *s)
{
    pthread_mutex_lock(&s->lock);
    s->shown++;
    pthread_mutex_unlock(&s->lock);
}

static bool is_broken(struct screen *s)
{
    pthread_mutex_lock(&s->lock);
    bool broken = s->broken;
    pthread_mutex_unlock(&s->lock);
    return broken;
}

static HRESULT STDMETHODCALLTYPE screen_indicate(IWbemObjectSink *sink, LONG count,
                                                 IWbemClassObject **objects)
{
    struct screen *s = screen_of(sink);
    pthread_mutex_lock(&s->writing);
    bool good = s->out && !is_broken(s);
    for (LONG i = 0; i < count && good; i++) {
        good = output_object(s->out, objects[i]);
        if (good) {
            note_shown(s);
        } else {
            note_broken(s);
        }
    }
    if (good && !output_push(s->out)) {
        note_broken(s);
        good = false;
    }
    pthread_mutex_unlock(&s->writing);
    return good ? WBEM_S_NO_ERROR : WBEM_E_CALL_CANCELLED; /* a failure stops the call */
}

static HRESULT STDMETHODCALLTYPE screen_set_status(IWbemObjectSink *sink, LONG flags, HRESULT hr,
                                                   BSTR text, IWbemClassObject *detail)
{
    if (flags != WBEM_STATUS_COMPLETE) {
        return WBEM_S_NO_ERROR;
    }
    struct screen *s = screen_of(sink);
    pthread_mutex_lock(&s->lock);
    s->status = hr;
    s->complete = true;
    if (detail && !s->detail) {
        IWbemClassObject_AddRef(detail);
        s->detail = detail;
    }
    pthread_mutex_unlock(&s->lock);
    uint64_t one = 1;
    (void)!write(s->wake, &one, sizeof(one)); /* an eventfd never blocks at 1 */
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl screen_vtbl = {
    .QueryInterface = screen_query_interface,
    .AddRef = screen_add_ref,
    .Release = screen_release,
    .Indicate = screen_indicate,
    .SetStatus = screen_set_status,
};

static struct screen *screen_create(struct output *out)
{
    struct screen *s = calloc(1, sizeof(*s));
    if (!s) {
        return NULL;
    }
    s->sink.lpVtbl = &screen_vtbl;
    atomic_init(&s->refs, 1);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->writing, NULL);
    s->out = out;
    s->complete = true;
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->wake < 0) {
        IWbemObjectSink_Release(&s->sink);
        return NULL;
    }
    return s;
}

/* ---- the main thread ----------------------------------------------------------- */

struct clock {
    int64_t start;    /* milliseconds */
    int64_t deadline; /* INT64_MAX: none */
    bool patient;     /* the deadline is the end that was asked for */
    bool progress;    /* a progress line may be shown */
    bool line_shown;
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What ended a wait. */
enum wake {
    WAKE_STATUS,
    WAKE_SIGNAL,
    WAKE_DEADLINE,
};

static void clear_progress(struct clock *c)
{
    if (c->line_shown) {
        fputs("\r\033[K", stderr);
        c->line_shown = false;
    }
}

static void show_progress(struct clock *c, struct screen *s)
{
    if (!c->progress || now_ms() - c->start < PROGRESS_MS) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    size_t shown = s->shown;
    pthread_mutex_unlock(&s->lock);
    fprintf(stderr, "\r\033[Kwaiting, %zu objects so far, %lld s (Ctrl-C ends)", shown,
            (long long)((now_ms() - c->start) / 1000));
    c->line_shown = true;
}

static enum wake wait_for_status(struct screen *s, struct clock *c, int signals, int *ret_signal)
{
    for (;;) {
        int64_t left = c->deadline - now_ms();
        if (left <= 0) {
            return WAKE_DEADLINE;
        }
        struct pollfd fds[] = {{.fd = s->wake, .events = POLLIN},
                               {.fd = signals, .events = POLLIN}};
        int ready = poll(fds, 2, left < FLUSH_MS ? (int)left : FLUSH_MS);
        if (fds[1].revents & POLLIN) {
            struct signalfd_siginfo info;
            if (read(signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
                *ret_signal = (int)info.ssi_signo;
                return WAKE_SIGNAL;
            }
        }
        if (fds[0].revents & POLLIN) {
            uint64_t count;
            (void)!read(s->wake, &count, sizeof(count));
            clear_progress(c);
            return WAKE_STATUS;
        }
        if (ready == 0) { /* quiet for a while: show what a table holds back */
            if (pthread_mutex_trylock(&s->writing) == 0) {
                clear_progress(c);
                if (!is_broken(s) && !output_flush(s->out)) {
                    note_broken(s);
                }
                pthread_mutex_unlock(&s->writing);
            }
            show_progress(c, s);
        }
    }
}

static void set_complete(struct screen *s, bool complete)
{
    pthread_mutex_lock(&s->lock);
    s->complete = complete;
    pthread_mutex_unlock(&s->lock);
}

/* One NextAsync and its wait. True: more may come; otherwise *ret_exit is set. */
static bool deliver_batch(const struct options *o, IEnumWbemClassObject *e, struct screen *s,
                          struct clock *c, int signals, const char *what, int *ret_exit,
                          int *ret_signal)
{
    pthread_mutex_lock(&s->lock);
    unsigned long want = o->batch;
    if (o->limit && o->limit - s->shown < want) {
        want = o->limit - s->shown;
    }
    s->complete = false;
    pthread_mutex_unlock(&s->lock);

    *ret_exit = EXIT_OK;
    HRESULT hr = IEnumWbemClassObject_NextAsync(e, (ULONG)want, &s->sink);
    if (hr == WBEM_S_FALSE || FAILED(hr)) { /* the sink is not touched */
        set_complete(s, true);
        *ret_exit = FAILED(hr) ? fail(what, hr) : EXIT_OK; /* else nothing is left */
        return false;
    }
    enum wake why = wait_for_status(s, c, signals, ret_signal);
    if (why == WAKE_DEADLINE) {
        clear_progress(c);
        if (c->patient) {
            return false;
        }
        fprintf(stderr, "wbem: gave up after %g seconds\n", o->timeout);
        *ret_exit = EXIT_TIMEOUT;
        return false;
    }
    if (why == WAKE_SIGNAL) {
        clear_progress(c);
        return false;
    }

    pthread_mutex_lock(&s->lock);
    hr = s->status;
    IWbemClassObject *detail = s->detail;
    bool broken = s->broken;
    bool enough = o->limit && s->shown >= o->limit;
    pthread_mutex_unlock(&s->lock);
    if (FAILED(hr) && !broken) {
        *ret_exit = fail_with(what, hr, detail);
    }
    return hr == WBEM_S_NO_ERROR && !broken && !enough;
}

/* Ends the pending call and waits, but not for ever: the sink may be stuck in a write. False: it
 * is; else it shows nothing more. */
static bool end_delivery(IEnumWbemClassObject *e, struct screen *s)
{
    IEnumWbemClassObject_Release(e);
    pthread_mutex_lock(&s->lock);
    bool complete = s->complete;
    pthread_mutex_unlock(&s->lock);
    if (!complete) {
        struct pollfd fd = {.fd = s->wake, .events = POLLIN};
        (void)poll(&fd, 1, FAREWELL_MS);
    }
    if (pthread_mutex_trylock(&s->writing) != 0) {
        return false;
    }
    s->out = NULL;
    pthread_mutex_unlock(&s->writing);
    return true;
}

/* Dies by the signal, as a shell expects; everything is cleaned up. */
static _Noreturn void die_by(int signal_number, const sigset_t *caught)
{
    signal(signal_number, SIG_DFL);
    raise(signal_number);
    pthread_sigmask(SIG_UNBLOCK, caught, NULL);
    _exit(128 + signal_number);
}

int deliver(const struct options *o, IEnumWbemClassObject *e, struct output *out, const char *what,
            size_t *ret_shown)
{
    sigset_t caught;
    sigemptyset(&caught);
    sigaddset(&caught, SIGINT);
    sigaddset(&caught, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &caught, NULL);
    int signals = signalfd(-1, &caught, SFD_CLOEXEC);
    struct screen *s = signals < 0 ? NULL : screen_create(out);
    if (!s) {
        IEnumWbemClassObject_Release(e);
        return fail(what, WBEM_E_OUT_OF_MEMORY);
    }
    struct clock c = {.start = now_ms(), .deadline = INT64_MAX};
    c.progress = !o->quiet && isatty(STDERR_FILENO);
    if (o->timeout > 0) {
        c.deadline = c.start + (int64_t)(o->timeout * 1000);
    }
    if (o->duration > 0 && (o->timeout <= 0 || o->duration <= o->timeout)) {
        c.deadline = c.start + (int64_t)(o->duration * 1000);
        c.patient = true;
    }

    int code = EXIT_OK;
    int signal_number = 0;
    while (deliver_batch(o, e, s, &c, signals, what, &code, &signal_number)) {
    }
    bool idle = end_delivery(e, s);
    pthread_mutex_lock(&s->lock);
    bool broken = s->broken;
    int write_error = s->write_error;
    *ret_shown = s->shown;
    pthread_mutex_unlock(&s->lock);
    if (signal_number) {
        if (idle) {
            output_flush(out);
        }
        die_by(signal_number, &caught);
    }
    if (!idle) {
        _exit(code); /* nobody reads; what is in the sink's hands can't be had back */
    }
    if (broken) {
        errno = write_error;
        code = fail_output();
    }
    close(signals);
    IWbemObjectSink_Release(&s->sink);
    pthread_sigmask(SIG_UNBLOCK, &caught, NULL); /* what is left to write may wait for a reader */
    return code;
}

int show_answer(const struct options *o, const char *query, IEnumWbemClassObject *e,
                const char *what)
{
    struct columns columns = {0};
    if (!o->system) {
        columns_of_query(query, &columns);
    }
    struct output *out = output_create(o, &columns, stdout);
    if (!out) {
        IEnumWbemClassObject_Release(e);
        columns_done(&columns);
        return fail(what, WBEM_E_OUT_OF_MEMORY);
    }
    size_t shown = 0;
    int code = deliver(o, e, out, what, &shown);
    if (!output_destroy(out) && code == EXIT_OK) {
        code = fail_output();
    }
    columns_done(&columns);
    return code;
}
