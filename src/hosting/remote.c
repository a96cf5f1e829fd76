/*
 * Calls of a provider at the other end of a channel; see remote.h.
 *
 * `r->lock` guards the list of calls, their queues and whether the other end is
 * alive. Each call is waited for by the thread that makes it, which hands the
 * objects to the sink; the reading thread only sorts, so that no consumer keeps
 * another call's objects from coming. A frame beyond the window, as anything
 * else that is against the protocol, ends the connection and the process.
 */
#include "hosting/remote.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct remote_call {
    struct remote_call *next;
    uint32_t id;
    IWbemObjectSink *sink;        /* borrowed; to find it by */
    void (*began)(void *closure); /* may be NULL; at the first frame without objects */
    void *closure;
    struct wire_message queue[REMOTE_WINDOW]; /* WIRE_OBJECTS, under lock as all that follows */
    unsigned first, count;
    bool ended;
    bool cancelled;
    struct wire_message end; /* once ended */
};

struct remote {
    struct com_refs refs;
    struct channel channel;
    struct process *process; /* the reader's; NULL: not ours */
    int wake;                /* an eventfd that remote_close() raises */
    char *name;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct remote_call *calls; /* under lock, as all that follows */
    uint32_t last_id;
    bool closing;
    bool dead;
    char how[160]; /* it ended, once dead */
};

struct remote *remote_ref(struct remote *r)
{
    (void)com_ref_inc(&r->refs);
    return r;
}

void remote_unref(struct remote *r)
{
    if (r && com_ref_dec(&r->refs) == 0) {
        channel_done(&r->channel);
        (void)close(r->wake);
        pthread_cond_destroy(&r->changed);
        pthread_mutex_destroy(&r->lock);
        free(r->name);
        free(r);
    }
}

/* The reading thread may not have come to the end yet that is there to be read. */
bool remote_alive(struct remote *r)
{
    char next;
    pthread_mutex_lock(&r->lock);
    bool alive = !r->dead && !r->closing;
    pthread_mutex_unlock(&r->lock);
    return alive && recv(r->channel.fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) != 0;
}

bool remote_closing(struct remote *r)
{
    pthread_mutex_lock(&r->lock);
    bool closing = r->closing;
    pthread_mutex_unlock(&r->lock);
    return closing;
}

void remote_close(struct remote *r)
{
    pthread_mutex_lock(&r->lock);
    r->closing = true;
    pthread_mutex_unlock(&r->lock);
    channel_finish(&r->channel);
    (void)eventfd_write(r->wake, 1);
}

/* ---- the reading thread ------------------------------------------------------------------ */

/* Under lock. */
static struct remote_call *find_call(struct remote *r, uint32_t id)
{
    struct remote_call *c = r->calls;
    while (c && c->id != id) {
        c = c->next;
    }
    return c;
}

/* Takes the message. What comes for a call that nobody waits for any more is dropped. */
static HRESULT sort(struct remote *r, struct wire_message *m)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&r->lock);
    struct remote_call *c = find_call(r, m->call);
    if (m->type != WIRE_OBJECTS && m->type != WIRE_END) {
        hr = WBEM_E_INVALID_OBJECT;
    } else if (c && c->ended) {
        hr = WBEM_E_INVALID_OBJECT;
    } else if (c && m->type == WIRE_OBJECTS && c->count == REMOTE_WINDOW) {
        hr = WBEM_E_INVALID_OBJECT;
    } else if (c && m->type == WIRE_OBJECTS) {
        c->queue[(c->first + c->count++) % REMOTE_WINDOW] = *m;
        *m = (struct wire_message){0};
    } else if (c) {
        c->end = *m;
        c->ended = true;
        *m = (struct wire_message){0};
    }
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    wire_message_done(m);
    return hr;
}

/* Until something can be read. One that was told to go and stays is not waited for for ever. */
static bool wait_readable(struct remote *r)
{
    struct pollfd p[] = {{.fd = r->channel.fd, .events = POLLIN},
                         {.fd = r->wake, .events = POLLIN}};
    bool closing = false;
    for (;;) {
        int got = poll(p, closing ? 1 : 2, closing ? REMOTE_END_SECONDS * 1000 : -1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        if (p[0].revents) {
            return true;
        }
        closing = true; /* `wake` is never read: it stays so */
    }
}

static void set_dead(struct remote *r, const char *how)
{
    pthread_mutex_lock(&r->lock);
    snprintf(r->how, sizeof r->how, "%s", how);
    r->dead = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
}

static void *reader_main(void *closure)
{
    struct remote *r = closure;
    HRESULT hr = WBEM_S_NO_ERROR;
    char how[160] = "closed the connection";
    (void)CoInitializeEx(NULL, COINIT_MULTITHREADED);
    while (hr == WBEM_S_NO_ERROR) {
        struct wire_message m;
        hr = wait_readable(r) ? channel_receive(&r->channel, &m) : WBEM_E_TRANSPORT_FAILURE;
        if (hr == WBEM_S_NO_ERROR) {
            hr = sort(r, &m);
        }
    }
    channel_cut(&r->channel);
    if (r->process) {
        process_kill(r->process); /* one that ends already has its status by now */
        process_end(TAKE(r->process), how, sizeof how);
    }
    if (hr == WBEM_E_INVALID_OBJECT) {
        snprintf(how, sizeof how, "sent what is not of the protocol and was ended");
    }
    set_dead(r, how);
    remote_unref(r);
    CoUninitialize();
    return NULL;
}

/* Signals are the program's affair, so our threads take none. */
static HRESULT start_reader(struct remote *r)
{
    pthread_t thread;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&thread, NULL, reader_main, remote_ref(r));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error) {
        remote_unref(r);
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_detach(thread);
    return WBEM_S_NO_ERROR;
}

HRESULT remote_create(int fd, struct process *p, const wchar_t *name, struct remote **ret)
{
    char how[160];
    struct remote *r = calloc(1, sizeof *r);
    char *text = com_utf8_from_wide(name);
    int wake = eventfd(0, EFD_CLOEXEC);
    if (!r || !text || wake < 0 || FAILED(cond_init_monotonic(&r->changed))) {
        if (wake >= 0) {
            (void)close(wake);
        }
        free(text);
        free(r);
        (void)close(fd);
        if (p) {
            process_kill(p);
            process_end(p, how, sizeof how);
        }
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_ref_init(&r->refs);
    pthread_mutex_init(&r->lock, NULL);
    channel_init(&r->channel, fd, REMOTE_SEND_SECONDS);
    r->process = p;
    r->wake = wake;
    r->name = text;
    HRESULT hr = start_reader(r);
    if (FAILED(hr)) {
        if (p) {
            process_kill(p);
            process_end(p, how, sizeof how);
        }
        remote_unref(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

/* ---- calls ------------------------------------------------------------------------------------
 */

/* Leaves an error object that says how the other end went. */
static HRESULT raise_dead(struct remote *r)
{
    IErrorInfo *info = NULL;
    char text[320];
    pthread_mutex_lock(&r->lock);
    snprintf(text, sizeof text, "provider %s: its process %s", r->name, r->how);
    pthread_mutex_unlock(&r->lock);
    (void)error_create(WBEM_E_PROVIDER_FAILURE, "wbem-provider-host", NULL, r->name, text, &info);
    (void)SetErrorInfo(0, info);
    com_release(info);
    return WBEM_E_PROVIDER_FAILURE;
}

static void add_call(struct remote *r, struct remote_call *c)
{
    pthread_mutex_lock(&r->lock);
    do { /* 0 is nobody's; after four thousand millions a long call may still have its number */
        c->id = ++r->last_id;
    } while (c->id == 0 || find_call(r, c->id));
    c->next = r->calls;
    r->calls = c;
    pthread_mutex_unlock(&r->lock);
}

static void remove_call(struct remote *r, struct remote_call *c)
{
    pthread_mutex_lock(&r->lock);
    struct remote_call **at = &r->calls;
    while (*at != c) {
        at = &(*at)->next;
    }
    *at = c->next;
    pthread_mutex_unlock(&r->lock);
    for (; c->count > 0; c->count--) {
        wire_message_done(&c->queue[c->first++ % REMOTE_WINDOW]);
    }
    wire_message_done(&c->end);
}

enum event {
    EVENT_OBJECTS,
    EVENT_END,
    EVENT_CANCELLED,
    EVENT_DEAD,
    EVENT_LATE
};

/* What is next for the call; with EVENT_OBJECTS *ret is the caller's. until: NULL: at any time. */
static enum event wait_event(struct remote *r, struct remote_call *c, const struct timespec *until,
                             struct wire_message *ret)
{
    enum event e = EVENT_LATE;
    int error = 0;
    pthread_mutex_lock(&r->lock);
    while (!c->cancelled && c->count == 0 && !c->ended && !r->dead && error != ETIMEDOUT) {
        error = until ? pthread_cond_timedwait(&r->changed, &r->lock, until)
                      : pthread_cond_wait(&r->changed, &r->lock);
    }
    if (c->cancelled) {
        e = EVENT_CANCELLED;
    } else if (c->count > 0) {
        e = EVENT_OBJECTS;
        *ret = c->queue[c->first];
        c->first = (c->first + 1) % REMOTE_WINDOW;
        c->count--;
    } else if (c->ended) {
        e = EVENT_END;
    } else if (r->dead) {
        e = EVENT_DEAD;
    }
    pthread_mutex_unlock(&r->lock);
    return e;
}

static void tell(struct remote *r, enum wire_type type, uint32_t id, uint32_t number)
{
    const struct wire_message m = {.type = type, .call = id, .number = number};
    (void)channel_send(&r->channel, &m);
}

/* Hands a frame's objects on and makes room for another. */
static HRESULT deliver(struct remote *r, const struct remote_call *c, struct wire_message *m)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    if (c->began && m->object_count == 0) {
        c->began(c->closure);
    } else if (c->sink && m->object_count > 0) {
        hr = IWbemObjectSink_Indicate(c->sink, (LONG)m->object_count, m->objects);
    }
    wire_message_done(m);
    tell(r, FAILED(hr) ? WIRE_CANCEL : WIRE_CREDIT, c->id, 1);
    return hr;
}

static HRESULT finish(const struct remote_call *c, struct remote_answer *ret)
{
    const struct wire_message *m = &c->end;
    IErrorInfo *info = NULL;
    if (FAILED(m->status)) {
        if (m->object_count == 0 || !m->objects[0] ||
            FAILED(error_from_status(m->objects[0], &info))) {
            info = NULL;
        }
        (void)SetErrorInfo(0, info);
        com_release(info);
        return m->status;
    }
    if (c->sink) {
        (void)IWbemObjectSink_SetStatus(c->sink, WBEM_STATUS_COMPLETE, m->status, m->text[0], NULL);
    }
    if (ret) {
        ret->status = m->status;
        ret->number = m->number;
        (void)VariantCopy(&ret->value, &m->value);
    }
    return m->status;
}

static HRESULT follow(struct remote *r, struct remote_call *c, LONG milliseconds,
                      struct remote_answer *ret)
{
    const struct timespec until = deadline_after(milliseconds);
    for (;;) {
        struct wire_message m;
        HRESULT hr;
        switch (wait_event(r, c, milliseconds ? &until : NULL, &m)) {
        case EVENT_OBJECTS:
            hr = deliver(r, c, &m);
            if (FAILED(hr)) {
                return hr;
            }
            break;
        case EVENT_END:
            return finish(c, ret);
        case EVENT_CANCELLED:
            return WBEM_E_CALL_CANCELLED;
        case EVENT_DEAD:
            return raise_dead(r);
        default:
            tell(r, WIRE_CANCEL, c->id, 0);
            return error_raise(WBEM_E_PROVIDER_TIMED_OUT, "wbem-provider-host", r->name,
                               "provider %s: its process does not answer", r->name);
        }
    }
}

static HRESULT make_call(struct remote *r, struct wire_message *m, struct remote_call *c,
                         LONG milliseconds, struct remote_answer *ret)
{
    if (ret) {
        *ret = (struct remote_answer){0};
    }
    add_call(r, c);
    m->type = WIRE_CALL;
    m->call = c->id;
    HRESULT hr = channel_send(&r->channel, m);
    if (hr == WBEM_E_TRANSPORT_FAILURE) {
        hr = follow(r, c, milliseconds, ret); /* the reader is about to learn how it ended */
    } else if (FAILED(hr)) {
        hr = error_raise(hr, "wbem-provider-host", r->name,
                         "what provider %s is asked can't be sent to its process", r->name);
    } else {
        hr = follow(r, c, milliseconds, ret);
    }
    remove_call(r, c);
    return hr;
}

HRESULT remote_call(struct remote *r, struct wire_message *m, IWbemObjectSink *sink,
                    LONG milliseconds, struct remote_answer *ret)
{
    struct remote_call c = {.sink = sink};
    return make_call(r, m, &c, milliseconds, ret);
}

HRESULT remote_call_events(struct remote *r, struct wire_message *m, IWbemObjectSink *sink,
                           void (*began)(void *closure), void *closure)
{
    struct remote_call c = {.sink = sink, .began = began, .closure = closure};
    return make_call(r, m, &c, 0, NULL);
}

HRESULT remote_cancel(struct remote *r, IWbemObjectSink *sink)
{
    uint32_t id = 0;
    pthread_mutex_lock(&r->lock);
    for (struct remote_call *c = r->calls; c && !id; c = c->next) {
        if (c->sink == sink && !c->cancelled) {
            c->cancelled = true;
            id = c->id;
        }
    }
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    if (!id) {
        return WBEM_E_NOT_FOUND;
    }
    tell(r, WIRE_CANCEL, id, 0);
    return WBEM_S_NO_ERROR;
}

void remote_forget(struct remote *r, uint32_t target)
{
    const struct wire_message m = {.type = WIRE_RELEASE, .target = target};
    (void)channel_send(&r->channel, &m);
}
