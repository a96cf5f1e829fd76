/*
 * A transport within the process, on which credentials are a principal's name.
 * Each call is a thread that runs the server's dispatch function. A call is ended
 * by whoever claims it first: its answer, its timeout, or who cancels it.
 */
#include "dcom/test_peer.h"

#include <string.h>
#include <time.h>

const bool peer_in_process = true;

struct service {
    struct service *next;
    IID iid;
    uint16_t version;
    const struct channel_service *served;
};

struct rpc_server {
    struct rpc_server *next;
    uint16_t port;
    struct service *services;
    unsigned calls;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static struct rpc_server *servers; /* these, and all in them, under lock */

static struct rpc_server *server_find(uint16_t port)
{
    struct rpc_server *s = servers;
    while (s && s->port != port) {
        s = s->next;
    }
    return s;
}

static atomic_uint_fast64_t numbers = 1; /* of connections */

/* ---- connections --------------------------------------------------------------------------- */

struct channel {
    struct com_refs refs;
    uint16_t port;
    char peer[64];
    uint32_t level;
    uint64_t number;
    atomic_bool open;
};

static HRESULT loop_open(const struct channel_options *options, struct channel **ret)
{
    pthread_mutex_lock(&lock);
    bool there = strcmp(options->host, PEER_HOST) == 0 && server_find(options->port);
    pthread_mutex_unlock(&lock);
    struct channel *c = there ? calloc(1, sizeof *c) : NULL;
    if (!c) {
        return there ? E_OUTOFMEMORY : HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE);
    }
    com_ref_init(&c->refs);
    atomic_init(&c->open, true);
    c->port = options->port;
    c->number = atomic_fetch_add(&numbers, 1);
    c->level = RPC_C_AUTHN_LEVEL_NONE;
    if (options->security) {
        c->level = options->security->authn_level;
        memcpy(c->peer, options->security->credentials,
               strlen((const char *)options->security->credentials) + 1);
    }
    *ret = c;
    return S_OK;
}

static void loop_ref(struct channel *c)
{
    (void)com_ref_inc(&c->refs);
}

static void loop_unref(struct channel *c)
{
    if (com_ref_dec(&c->refs) == 0) {
        free(c);
    }
}

static void loop_close(struct channel *c)
{
    atomic_store(&c->open, false);
}

static bool loop_is_open(struct channel *c)
{
    return atomic_load(&c->open);
}

/* Names last as long as the test. */
static void loop_credentials(struct auth_credentials *credentials)
{
}

/* ---- calls ---------------------------------------------------------------------------------- */

struct rpc_server_call {
    struct com_refs refs;
    struct channel_incoming in;
    struct channel *channel;
    struct rpc_server *server;
    const struct channel_service *service; /* NULL: none such */
    uint8_t *stub;
    atomic_bool ended;
    channel_done *done;
    void *arg;
};

static void call_unref(struct rpc_server_call *call)
{
    if (com_ref_dec(&call->refs) == 0) {
        loop_unref(call->channel);
        free(call->stub);
        free(call);
    }
}

static void end(struct rpc_server_call *call, HRESULT hr, const uint8_t *stub, size_t size)
{
    struct channel_reply reply = {NULL, size, NDR_DREP};
    if (atomic_exchange(&call->ended, true)) {
        return;
    }
    if (SUCCEEDED(hr)) {
        reply.stub = malloc(size + 1);
        if (reply.stub) {
            memcpy(reply.stub, stub, size);
        } else {
            hr = E_OUTOFMEMORY;
        }
    }
    call->done(call->arg, hr, &reply);
}

static void loop_reply(struct rpc_server_call *call, const uint8_t *stub, size_t size)
{
    end(call, S_OK, stub, size);
    call_unref(call);
}

static void loop_fault(struct rpc_server_call *call, HRESULT hr)
{
    end(call, hr, NULL, 0);
    call_unref(call);
}

static void *serve(void *arg)
{
    struct rpc_server_call *call = arg;
    struct rpc_server *s = call->server;
    if (call->service) {
        call->service->dispatch(call->service->arg, &call->in);
    } else {
        loop_fault(call, HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF));
    }
    pthread_mutex_lock(&lock);
    if (--s->calls == 0) {
        pthread_cond_broadcast(&idle);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static HRESULT call_new(struct channel *c, const struct channel_request *q, channel_done *done,
                        void *arg, struct rpc_server_call **ret)
{
    struct rpc_server_call *call = calloc(1, sizeof *call);
    uint8_t *stub = malloc(q->size + 1);
    if (!call || !stub) {
        free(call);
        free(stub);
        return E_OUTOFMEMORY;
    }
    if (q->size > 0) {
        memcpy(stub, q->stub, q->size);
    }
    com_ref_init(&call->refs);
    loop_ref(c);
    call->channel = c;
    call->stub = stub;
    call->done = done;
    call->arg = arg;
    call->in = (struct channel_incoming){.iid = *q->iid,
                                         .object = q->object ? *q->object : GUID_NULL,
                                         .opnum = q->opnum,
                                         .stub = stub,
                                         .size = q->size,
                                         .drep = NDR_DREP,
                                         .peer = c->peer,
                                         .authn_service = RPC_C_AUTHN_WINNT,
                                         .authn_level = c->level,
                                         .imp_level = RPC_C_IMP_LEVEL_IMPERSONATE,
                                         .connection = c->number,
                                         .rpc = call};
    *ret = call;
    return S_OK;
}

/* Finds who serves it. Under the lock. */
static HRESULT route(struct rpc_server_call *call, uint16_t version)
{
    struct rpc_server *s = server_find(call->channel->port);
    if (!s || !loop_is_open(call->channel)) {
        loop_close(call->channel);
        return HRESULT_FROM_WIN32(RPC_S_CALL_FAILED);
    }
    call->server = s;
    for (struct service *e = s->services; e; e = e->next) {
        if (IsEqualIID(&e->iid, &call->in.iid) && e->version == version) {
            call->service = e->served;
        }
    }
    s->calls++;
    return S_OK;
}

struct channel_call {
    struct rpc_server_call *call; /* counted */
};

static HRESULT loop_call_begin(struct channel *c, const struct channel_request *request,
                               channel_done *done, void *arg, struct channel_call **ret)
{
    struct rpc_server_call *call;
    pthread_t thread;
    HRESULT hr = call_new(c, request, done, arg, &call);
    if (FAILED(hr)) {
        return hr;
    }
    struct channel_call *handle = calloc(1, sizeof *handle);
    pthread_mutex_lock(&lock);
    hr = handle ? route(call, request->version) : E_OUTOFMEMORY;
    pthread_mutex_unlock(&lock);
    if (FAILED(hr)) {
        free(handle);
        call_unref(call);
        return hr;
    }
    (void)com_ref_inc(&call->refs);
    handle->call = call;
    *ret = handle;
    if (pthread_create(&thread, NULL, serve, call) != 0) {
        abort(); /* of a test */
    }
    pthread_detach(thread);
    return S_OK;
}

static void loop_call_cancel(struct channel_call *call)
{
    end(call->call, RPC_E_CALL_CANCELED, NULL, 0);
}

static void loop_call_unref(struct channel_call *call)
{
    call_unref(call->call);
    free(call);
}

struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    HRESULT hr;
    struct channel_reply *ret;
};

static void wake(void *arg, HRESULT hr, struct channel_reply *reply)
{
    struct waiter *w = arg;
    pthread_mutex_lock(&w->lock);
    w->hr = hr;
    *w->ret = *reply;
    w->done = true;
    pthread_cond_signal(&w->ended);
    pthread_mutex_unlock(&w->lock);
}

static HRESULT loop_call(struct channel *c, const struct channel_request *request,
                         struct channel_reply *ret)
{
    struct waiter w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, S_OK, ret};
    struct channel_call *call;
    struct timespec at;
    *ret = (struct channel_reply){0};
    HRESULT hr = loop_call_begin(c, request, wake, &w, &call);
    if (FAILED(hr)) {
        return hr;
    }
    (void)clock_gettime(CLOCK_REALTIME, &at);
    at.tv_sec += request->timeout_ms / 1000 + 1;
    pthread_mutex_lock(&w.lock);
    while (!w.done && pthread_cond_timedwait(&w.ended, &w.lock, &at) == 0) {
    }
    bool late = !w.done;
    pthread_mutex_unlock(&w.lock);
    if (late) {
        end(call->call, RPC_E_TIMEOUT, NULL, 0);
    }
    pthread_mutex_lock(&w.lock);
    while (!w.done) {
        pthread_cond_wait(&w.ended, &w.lock);
    }
    pthread_mutex_unlock(&w.lock);
    loop_call_unref(call);
    return w.hr;
}

/* ---- servers -------------------------------------------------------------------------------- */

static HRESULT loop_serve(struct rpc_server *rpc, const IID *iid, uint16_t version,
                          const struct channel_service *service)
{
    struct service *e = calloc(1, sizeof *e);
    if (!e) {
        return E_OUTOFMEMORY;
    }
    *e = (struct service){NULL, *iid, version, service};
    pthread_mutex_lock(&lock);
    e->next = rpc->services;
    rpc->services = e;
    pthread_mutex_unlock(&lock);
    return S_OK;
}

static const struct channel_transport loop = {
    loop_open,        loop_ref,        loop_unref,       loop_close,      loop_is_open,
    loop_call,        loop_call_begin, loop_call_cancel, loop_call_unref, loop_credentials,
    loop_credentials, loop_serve,      loop_reply,       loop_fault,
};

__attribute__((constructor)) static void set_transport(void)
{
    channel_set_transport(&loop);
}

struct dcom_security peer_security(const char *user)
{
    return (struct dcom_security){.credentials = (struct auth_credentials *)user};
}

void peer_start(struct peer *p, struct dcom_server_options *options)
{
    static const char *const addresses[] = {PEER_HOST};
    static uint16_t next = 50000;
    struct rpc_server *s = calloc(1, sizeof *s);
    if (!s) {
        abort();
    }
    s->port = next++;
    pthread_mutex_lock(&lock);
    s->next = servers;
    servers = s;
    pthread_mutex_unlock(&lock);
    *p = (struct peer){s, s->port, options->ping_period_ms};
    options->rpc = s;
    options->addresses = addresses;
    options->address_count = ARRAYSIZE(addresses);
    options->resolver_port = options->object_port = s->port;
}

void peer_stop(struct peer *p)
{
    pthread_mutex_lock(&lock);
    struct rpc_server **at = &servers;
    while (*at != p->rpc) {
        at = &(*at)->next;
    }
    *at = p->rpc->next;
    while (p->rpc->calls > 0) {
        pthread_cond_wait(&idle, &lock);
    }
    pthread_mutex_unlock(&lock);
}

void peer_done(struct peer *p)
{
    while (p->rpc->services) {
        struct service *e = p->rpc->services;
        p->rpc->services = e->next;
        free(e);
    }
    free(p->rpc);
}
