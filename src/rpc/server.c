/*
 * A server: listeners, the table of interfaces, start and stop. server_connection.c
 * has what happens on a connection.
 */
#include "com/com.h"
#include "object/object.h"
#include "rpc/server_private.h"

#include <string.h>
#include <unistd.h>

#define BACKLOG 512

/* ---- options -------------------------------------------------------------------------------- */

static void fill_in(struct rpc_server_options *o)
{
    o->minimum_level = o->minimum_level ? o->minimum_level : RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
}

static void fill_in_limits(struct rpc_server_limits *l)
{
    struct {
        unsigned *limit;
        unsigned standard;
    } counts[] = {{&l->connections, 4096},    {&l->connections_per_peer, 256},
                  {&l->unauthenticated, 512}, {&l->calls, 128},
                  {&l->contexts, 256},        {&l->handshake_ms, 30000},
                  {&l->stall_ms, 60000}};
    for (size_t i = 0; i < ARRAYSIZE(counts); i++) {
        if (*counts[i].limit == 0) {
            *counts[i].limit = counts[i].standard;
        }
    }
    l->request_bytes = l->request_bytes ? l->request_bytes : (size_t)16 << 20;
    l->pending_bytes = l->pending_bytes ? l->pending_bytes : (size_t)64 << 20;
}

/* How often to look at what is due. */
static unsigned tick_of(const struct rpc_server_limits *l)
{
    unsigned least = l->handshake_ms < l->stall_ms ? l->handshake_ms : l->stall_ms;
    if (l->idle_ms && l->idle_ms < least) {
        least = l->idle_ms;
    }
    least /= 4;
    return least > 1000 ? 1000 : least < 10 ? 10 : least;
}

/* ---- work that is to be waited for ------------------------------------------------------------
 */

struct errand {
    struct loop_task task;
    struct rpc_server *server;
    void (*run)(struct errand *e);
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool done;
    const char *address;
    uint16_t port;
    int fd;
    bool graceful;
    int error;
    const struct auth_acceptor *acceptor;
    struct rpc_server_limits limits;
    unsigned count;
};

static void run_errand(struct loop_task *task)
{
    struct errand *e = COM_CONTAINER(task, struct errand, task);
    e->run(e);
    pthread_mutex_lock(&e->lock);
    e->done = true;
    pthread_cond_signal(&e->ended);
    pthread_mutex_unlock(&e->lock);
}

static void wait_for(struct errand *e)
{
    (void)pthread_mutex_init(&e->lock, NULL);
    (void)pthread_cond_init(&e->ended, NULL);
    e->task.run = run_errand;
    loop_post(e->server->loop, &e->task);
    pthread_mutex_lock(&e->lock);
    while (!e->done) {
        pthread_cond_wait(&e->ended, &e->lock);
    }
    pthread_mutex_unlock(&e->lock);
    (void)pthread_cond_destroy(&e->ended);
    (void)pthread_mutex_destroy(&e->lock);
}

/* ---- life ---------------------------------------------------------------------------------------
 */

static void on_timer(uv_timer_t *timer)
{
    struct rpc_server *s = timer->data;
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (!c->closing) {
            connection_check(c);
        }
    }
    for (struct listener *l = s->listeners; l; l = l->next) {
        if (l->waiting) {
            server_accept((uv_stream_t *)&l->tcp, 0);
        }
    }
}

static void start_timer(struct errand *e)
{
    struct rpc_server *s = e->server;
    unsigned tick = tick_of(&s->options.limits);
    s->timer.data = s;
    (void)uv_timer_init(loop_uv(s->loop), &s->timer);
    (void)uv_timer_start(&s->timer, on_timer, tick, tick);
}

HRESULT rpc_server_new(const struct rpc_server_options *options, struct rpc_server **ret)
{
    struct rpc_server *s = calloc(1, sizeof(*s));
    if (!s) {
        return error_raise(E_OUTOFMEMORY, "rpc_server_new", NULL, "no memory for a server");
    }
    s->options = *options;
    fill_in(&s->options);
    fill_in_limits(&s->options.limits);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->quiet, NULL);
    HRESULT hr = loop_start(&s->loop);
    if (FAILED(hr)) {
        s->stopped = true;
        rpc_server_free(s);
        return error_raise(hr, "rpc_server_new", NULL,
                           "no thread for the network could be started");
    }
    struct errand e = {.server = s, .run = start_timer};
    s->alive = 1;
    wait_for(&e);
    *ret = s;
    return S_OK;
}

HRESULT rpc_server_register(struct rpc_server *s, const struct rpc_interface *served)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&s->lock);
    size_t i = 0;
    while (i < s->interface_count &&
           !(IsEqualGUID(&s->interfaces[i].syntax.uuid, &served->syntax.uuid) &&
             s->interfaces[i].syntax.major == served->syntax.major)) {
        i++;
    }
    struct rpc_interface *at = i < s->interface_count ? &s->interfaces[i] : NULL;
    if (!at) {
        struct rpc_interface *grown =
            realloc(s->interfaces, (s->interface_count + 1) * sizeof(*grown));
        at = grown ? grown + s->interface_count : NULL;
        if (grown) {
            s->interfaces = grown;
            s->interface_count++;
        }
    }
    if (at) {
        *at = *served;
    } else {
        hr = E_OUTOFMEMORY;
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

static void free_listener(uv_handle_t *handle)
{
    free(handle);
}

static int bind_to(struct listener *l, const char *address, uint16_t port)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    if (uv_ip4_addr(address, port, &v4) == 0) {
        return uv_tcp_bind(&l->tcp, (const struct sockaddr *)&v4, 0);
    }
    int error = uv_ip6_addr(address, port, &v6);
    return error ? error : uv_tcp_bind(&l->tcp, (const struct sockaddr *)&v6, 0);
}

static uint16_t port_of(const struct listener *l)
{
    struct sockaddr_storage bound = {0};
    int size = sizeof bound;
    (void)uv_tcp_getsockname(&l->tcp, (struct sockaddr *)&bound, &size);
    return ntohs(bound.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&bound)->sin6_port
                                             : ((struct sockaddr_in *)&bound)->sin_port);
}

/* On an address, or (NULL) on the socket that the errand has. */
static int listen_on(struct errand *e, const char *address)
{
    struct rpc_server *s = e->server;
    struct listener *l = calloc(1, sizeof(*l));
    if (!l) {
        return UV_ENOMEM;
    }
    l->server = s;
    (void)uv_tcp_init(loop_uv(s->loop), &l->tcp);
    int error = address ? bind_to(l, address, e->port) : uv_tcp_open(&l->tcp, e->fd);
    if (error == 0) {
        e->fd = -1; /* the handle's now, if it was one */
        error = uv_listen((uv_stream_t *)&l->tcp, BACKLOG, server_accept);
    }
    if (error) {
        uv_close((uv_handle_t *)&l->tcp, free_listener);
        return error;
    }
    e->port = port_of(l);
    l->next = s->listeners;
    s->listeners = l;
    return 0;
}

static void run_listen(struct errand *e)
{
    /* :: takes IPv4 as well, where there is IPv6 at all. */
    e->error = listen_on(e, e->address ? e->address : "::");
    if (e->error && !e->address) {
        e->error = listen_on(e, "0.0.0.0");
    }
}

HRESULT rpc_server_listen(struct rpc_server *s, const char *address, uint16_t port,
                          uint16_t *actual)
{
    struct errand e = {.server = s, .run = run_listen, .address = address, .port = port};
    wait_for(&e);
    if (e.error) {
        return error_raise(com_hresult_from_errno(-e.error), "rpc_server_listen", address,
                           "cannot listen on %s, port %u: %s", address ? address : "any address",
                           port, uv_strerror(e.error));
    }
    if (actual) {
        *actual = e.port;
    }
    return S_OK;
}

static void run_listen_socket(struct errand *e)
{
    e->error = listen_on(e, NULL);
}

HRESULT rpc_server_listen_socket(struct rpc_server *s, int fd, uint16_t *actual)
{
    struct errand e = {.server = s, .run = run_listen_socket, .fd = fd};
    wait_for(&e);
    if (e.fd >= 0) {
        (void)close(e.fd);
    }
    if (e.error) {
        return error_raise(com_hresult_from_errno(-e.error), "rpc_server_listen_socket", NULL,
                           "cannot listen on the socket %d: %s", fd, uv_strerror(e.error));
    }
    if (actual) {
        *actual = e.port;
    }
    return S_OK;
}

/* ---- changes ------------------------------------------------------------------------------- */

static void run_change(struct errand *e)
{
    e->server->options.acceptor = e->acceptor;
    e->server->options.limits = e->limits;
}

void rpc_server_change(struct rpc_server *s, const struct auth_acceptor *acceptor,
                       const struct rpc_server_limits *limits)
{
    struct errand e = {.server = s, .run = run_change, .acceptor = acceptor, .limits = *limits};
    fill_in_limits(&e.limits);
    wait_for(&e);
}

static void run_count(struct errand *e)
{
    e->count = e->server->connection_count;
}

unsigned rpc_server_connections(struct rpc_server *s)
{
    struct errand e = {.server = s, .run = run_count};
    wait_for(&e);
    return e.count;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void timer_closed(uv_handle_t *handle)
{
    struct rpc_server *s = handle->data;
    pthread_mutex_lock(&s->lock);
    s->alive--;
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
}

static void run_stop(struct errand *e)
{
    struct rpc_server *s = e->server;
    s->draining = true;
    while (s->listeners) {
        struct listener *l = s->listeners;
        s->listeners = l->next;
        uv_close((uv_handle_t *)&l->tcp, free_listener);
    }
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        if (!e->graceful) {
            connection_close(c, S_OK);
        } else {
            association_drain(&c->association);
            connection_pump(c);
        }
    }
}

static void hurry(struct loop_task *task)
{
    struct rpc_server *s = COM_CONTAINER(task, struct rpc_server, hurry);
    for (struct connection *c = s->connections, *next; c; c = next) {
        next = c->next;
        connection_close(c, S_OK);
    }
}

static void run_last(struct errand *e)
{
    uv_close((uv_handle_t *)&e->server->timer, timer_closed);
}

static void wait_quiet(struct rpc_server *s, unsigned alive)
{
    pthread_mutex_lock(&s->lock);
    while (s->alive > alive || s->running > 0) {
        pthread_cond_wait(&s->quiet, &s->lock);
    }
    pthread_mutex_unlock(&s->lock);
}

void rpc_server_stop(struct rpc_server *s, bool graceful)
{
    if (s->stopped) {
        return;
    }
    s->stopped = true;
    struct errand stop = {.server = s, .run = run_stop, .graceful = graceful};
    wait_for(&stop);
    wait_quiet(s, 1);
    struct errand last = {.server = s, .run = run_last};
    wait_for(&last);
    wait_quiet(s, 0);
    loop_stop(s->loop);
    s->loop = NULL;
}

void rpc_server_stop_now(struct rpc_server *s)
{
    /* The loop ends under s->lock only after `alive` is 0, so while it is not there is one. */
    pthread_mutex_lock(&s->lock);
    if (s->loop && s->alive > 1 && !s->hurried) {
        s->hurried = true;
        s->hurry.run = hurry;
        loop_post(s->loop, &s->hurry);
    }
    pthread_mutex_unlock(&s->lock);
}

void rpc_server_free(struct rpc_server *s)
{
    if (!s) {
        return;
    }
    rpc_server_stop(s, false);
    (void)pthread_cond_destroy(&s->quiet);
    (void)pthread_mutex_destroy(&s->lock);
    free(s->interfaces);
    free(s);
}
