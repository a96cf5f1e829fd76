/*
 * From a name to a connected socket: all addresses of both families, a new one
 * tried when the last has failed or is slow (RFC 8305); the first to answer stays.
 */
#include "rpc/client_private.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define NEXT_ATTEMPT_MS 250
#define KEEPALIVE_S 30

#define UNREACHABLE HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)

static void attempt_closed(uv_handle_t *handle)
{
    struct rpc_connection *c = ((struct attempt *)handle)->connection;
    free(handle);
    client_gone(c);
}

static void close_attempt(struct attempt *t)
{
    if (!t->closing) {
        t->closing = true;
        uv_close((uv_handle_t *)&t->tcp, attempt_closed);
    }
}

void client_close_attempts(struct rpc_connection *c)
{
    for (unsigned i = 0; i < c->next_address; i++) {
        if (c->attempts[i]) {
            close_attempt(c->attempts[i]);
            c->attempts[i] = NULL;
        }
    }
}

static void set_options(uv_tcp_t *tcp, unsigned timeout)
{
    int fd = -1;
    (void)uv_tcp_nodelay(tcp, 1);
    (void)uv_tcp_keepalive(tcp, 1, KEEPALIVE_S);
    if (uv_fileno((uv_handle_t *)tcp, &fd) == 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
    }
}

static void try_next(struct rpc_connection *c);

static void on_connected(uv_connect_t *request, int status)
{
    struct attempt *t = request->data;
    struct rpc_connection *c = t->connection;
    if (t->closing) {
        return;
    }
    for (unsigned i = 0; i < c->next_address; i++) {
        if (c->attempts[i] == t) {
            c->attempts[i] = NULL;
        }
    }
    c->attempt_count--;
    if (status < 0) {
        c->last_error = status;
        close_attempt(t);
        try_next(c);
        return;
    }
    client_close_attempts(c);
    set_options(&t->tcp, c->options.dead_peer_ms);
    c->stream = (uv_stream_t *)&t->tcp;
    c->stream->data = c;
    c->phase = CLIENT_IDLE;
    client_read_start(c);
    client_opened(c, S_OK);
}

static int attempt(struct rpc_connection *c, unsigned i)
{
    struct attempt *t = calloc(1, sizeof(*t));
    if (!t) {
        return UV_ENOMEM;
    }
    t->connection = c;
    t->request.data = t;
    (void)uv_tcp_init(loop_uv(c->loop), &t->tcp);
    c->handles++;
    int error = uv_tcp_connect(&t->request, &t->tcp, (const struct sockaddr *)&c->addresses[i],
                               on_connected);
    if (error) {
        close_attempt(t);
        return error;
    }
    c->attempts[i] = t;
    c->attempt_count++;
    return 0;
}

static void try_next(struct rpc_connection *c)
{
    while (c->next_address < c->address_count) {
        int error = attempt(c, c->next_address++);
        if (error == 0) {
            c->next_attempt = uv_now(loop_uv(c->loop)) + NEXT_ATTEMPT_MS;
            client_set_timer(c);
            return;
        }
        c->last_error = error;
    }
    c->next_attempt = UINT64_MAX;
    if (c->attempt_count == 0) {
        client_fail(c, UNREACHABLE, NULL, "cannot connect to %s: %s", c->peer,
                    c->last_error ? uv_strerror(c->last_error) : "no address");
        return;
    }
    client_set_timer(c);
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct rpc_connection *c = request->data;
    if (c->phase == CLIENT_CONNECTING) {
        for (struct addrinfo *i = list; i && c->address_count < CLIENT_ADDRESSES; i = i->ai_next) {
            if (i->ai_addrlen <= sizeof c->addresses[0]) {
                memcpy(&c->addresses[c->address_count++], i->ai_addr, i->ai_addrlen);
            }
        }
        if (status < 0) {
            client_fail(c, UNREACHABLE, NULL, "cannot find %s: %s", c->peer, uv_strerror(status));
        } else {
            try_next(c);
        }
    }
    uv_freeaddrinfo(list);
    client_gone(c);
}

void client_connect_timer(struct rpc_connection *c, uint64_t now)
{
    if (now >= c->deadline) {
        client_fail(c, UNREACHABLE, NULL, "no connection to %s within %u ms", c->peer,
                    c->options.connect_timeout_ms);
    } else if (now >= c->next_attempt) {
        try_next(c);
    }
}

void client_connect(struct loop_task *task)
{
    struct rpc_connection *c = COM_CONTAINER(task, struct rpc_connection, open_task);
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    char service[8];
    (void)snprintf(service, sizeof service, "%u", c->options.port);
    uv_loop_t *uv = loop_uv(c->loop);
    uv_update_time(uv);
    (void)uv_timer_init(uv, &c->timer);
    c->timer.data = c;
    c->handles++;
    c->deadline = uv_now(uv) + c->options.connect_timeout_ms;
    c->next_attempt = UINT64_MAX;
    client_set_timer(c);
    c->resolve.data = c;
    int error = uv_getaddrinfo(uv, &c->resolve, on_resolved, c->options.host, service, &hints);
    if (error) {
        client_fail(c, UNREACHABLE, NULL, "cannot look up %s: %s", c->peer, uv_strerror(error));
        return;
    }
    c->handles++;
}
