/*
 * One connection of a server: moves bytes between a socket and its association.
 * Everything runs on the server's loop but what says otherwise.
 *
 * Output is made when the socket takes it, so a slow reader costs its replies and nothing more; who
 * takes nothing for limits.stall_ms is dropped.
 */
#include "com/com.h"
#include "rpc/server_private.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define OUTPUT_CHUNK 65536
/* What a connection with nothing to send may keep of its memory for it. */
#define OUTPUT_KEPT 4096
#define KEEPALIVE_S 60

void server_trace(struct rpc_server *s, const struct rpc_trace_event *event)
{
    if (s->options.trace) {
        s->options.trace(s->options.trace_context, event);
    }
}

/* ---- the end -------------------------------------------------------------------------------- */

static void tell_closed(struct pool_job *job)
{
    struct connection *c = COM_CONTAINER(job, struct connection, job);
    struct rpc_server *s = c->server;
    if (s->options.closed) {
        s->options.closed(s->options.closed_context, c->association.options.number);
    }
    association_done(&c->association);
    buffer_done(&c->out);
    free(c);
    pthread_mutex_lock(&s->lock);
    s->alive--;
    pthread_cond_broadcast(&s->quiet);
    pthread_mutex_unlock(&s->lock);
}

/* Frees it when nothing refers to it any more. */
static void free_unused(struct connection *c)
{
    if (!c->closed || c->association.stepping || c->association.call_count > 0) {
        return;
    }
    *c->at = c->next;
    if (c->next) {
        c->next->at = c->at;
    }
    c->server->connection_count--;
    c->job.run = tell_closed;
    if (!c->server->options.closed || FAILED(pool_submit(&c->job))) {
        tell_closed(&c->job);
    }
}

static void on_closed(uv_handle_t *handle)
{
    struct connection *c = (struct connection *)handle;
    c->closed = true;
    association_lost(&c->association);
    free_unused(c);
}

void connection_close(struct connection *c, HRESULT why)
{
    if (c->closing) {
        return;
    }
    c->closing = true;
    server_trace(c->server, &(struct rpc_trace_event){.kind = RPC_TRACE_CLOSE,
                                                      .server = true,
                                                      .peer = c->address,
                                                      .connection = c->association.options.number,
                                                      .sent = c->sent,
                                                      .received = c->received,
                                                      .started = c->started,
                                                      .duration = loop_clock() - c->started,
                                                      .result = why});
    uv_close((uv_handle_t *)&c->tcp, on_closed);
}

/* ---- calls and steps, in the background ------------------------------------------------------ */

static void dispatch_job(struct pool_job *job)
{
    struct incoming *call = COM_CONTAINER(job, struct incoming, job);
    struct rpc_server *s = ((struct connection *)call->owner)->server;
    const struct rpc_server_guard *g = &s->options.guard;
    HRESULT hr = g->begin ? g->begin(g->context, &call->call) : S_OK;
    call->admitted = SUCCEEDED(hr);
    if (FAILED(hr)) {
        rpc_server_fault(&call->call, rpc_status_from_hresult(hr));
    } else {
        call->served.dispatch(&call->call, call->served.context);
    }
    pthread_mutex_lock(&s->lock);
    if (--s->running == 0) {
        pthread_cond_broadcast(&s->quiet);
    }
    pthread_mutex_unlock(&s->lock);
}

static void answered(struct loop_task *task)
{
    struct incoming *call = COM_CONTAINER(task, struct incoming, task);
    struct connection *c = call->owner;
    association_answer(&c->association, call);
    connection_pump(c);
}

static void answer(struct incoming *call)
{
    const struct rpc_server_guard *g = &((struct connection *)call->owner)->server->options.guard;
    if (call->admitted && g->end) {
        g->end(g->context, &call->call);
    }
    call->task.run = answered;
    loop_post(((struct connection *)call->owner)->server->loop, &call->task);
}

void rpc_server_reply_take(struct rpc_server_call *rpc, uint8_t *data, size_t size)
{
    struct incoming *call = (struct incoming *)rpc;
    call->reply = data;
    call->reply_size = size;
    answer(call);
}

void rpc_server_reply(struct rpc_server_call *rpc, const void *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (!copy) {
        rpc_server_fault(rpc, rpc_status_from_hresult(E_OUTOFMEMORY));
        return;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    rpc_server_reply_take(rpc, copy, size);
}

void rpc_server_fault(struct rpc_server_call *rpc, uint32_t status)
{
    struct incoming *call = (struct incoming *)rpc;
    call->fault = status ? status : rpc_status_from_hresult(E_FAIL);
    answer(call);
}

bool rpc_server_call_cancelled(const struct rpc_server_call *rpc)
{
    const struct incoming *call = (const struct incoming *)rpc;
    return atomic_load_explicit(&call->cancelled, memory_order_relaxed);
}

static void dispatch(struct association *a, struct incoming *call)
{
    struct connection *c = a->options.owner;
    pthread_mutex_lock(&c->server->lock);
    c->server->running++;
    pthread_mutex_unlock(&c->server->lock);
    call->job.run = dispatch_job;
    if (FAILED(pool_submit(&call->job))) {
        pthread_mutex_lock(&c->server->lock);
        if (--c->server->running == 0) {
            pthread_cond_broadcast(&c->server->quiet);
        }
        pthread_mutex_unlock(&c->server->lock);
        rpc_server_fault(&call->call, rpc_status_from_hresult(E_OUTOFMEMORY));
    }
}

static void stepped(struct loop_task *task)
{
    struct step *step = COM_CONTAINER(task, struct step, task);
    struct connection *c = step->owner;
    server_trace(c->server, &(struct rpc_trace_event){.kind = RPC_TRACE_BIND,
                                                      .server = true,
                                                      .peer = c->address,
                                                      .connection = c->association.options.number,
                                                      .level = step->security->level,
                                                      .sent = step->out.size,
                                                      .received = step->in.size,
                                                      .started = loop_clock(),
                                                      .result = step->hr});
    association_stepped(&c->association);
    connection_pump(c);
}

/* Who has proved who it is may still not be welcome; what the client asks for then gets this fault,
 * since the last message of a handshake has no answer. */
static void admit(struct connection *c, struct step *step)
{
    const struct rpc_server_guard *g = &c->server->options.guard;
    const struct auth_principal *peer = auth_peer(step->security->context);
    if (FAILED(step->hr) || !step->done || !g->admit || !peer) {
        return;
    }
    CLEANUP(com_cleanup_free) char *name = NULL;
    HRESULT hr = g->admit(g->context, c->association.options.number, peer, c->host, &name);
    if (SUCCEEDED(hr) && name) {
        hr = auth_name_peer(step->security->context, name);
    }
    (void)SetErrorInfo(0, NULL);
    step->security->refusal = FAILED(hr) ? rpc_status_from_hresult(hr) : 0;
}

static void step_job(struct pool_job *job)
{
    struct step *step = COM_CONTAINER(job, struct step, job);
    step_run(step);
    admit(step->owner, step);
    step->task.run = stepped;
    loop_post(((struct connection *)step->owner)->server->loop, &step->task);
}

static void work(struct association *a, struct step *step)
{
    struct connection *c = a->options.owner;
    step->owner = c;
    step->job.run = step_job;
    if (FAILED(pool_submit(&step->job))) {
        step->hr = E_OUTOFMEMORY;
        step->task.run = stepped;
        loop_post(c->server->loop, &step->task);
    }
}

static bool find(struct association *a, const struct rpc_syntax *syntax, struct rpc_interface *ret)
{
    struct rpc_server *s = ((struct connection *)a->options.owner)->server;
    bool found = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->interface_count && !found; i++) {
        const struct rpc_syntax *have = &s->interfaces[i].syntax;
        found = IsEqualGUID(&have->uuid, &syntax->uuid) && have->major == syntax->major &&
                have->minor >= syntax->minor;
        if (found) {
            *ret = s->interfaces[i];
        }
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}

static void ended(struct association *a, const struct incoming *call)
{
    struct connection *c = a->options.owner;
    c->active = uv_now(loop_uv(c->server->loop));
    server_trace(c->server, &(struct rpc_trace_event){
                                .kind = RPC_TRACE_CALL,
                                .server = true,
                                .peer = c->address,
                                .connection = a->options.number,
                                .call = call->id,
                                .syntax = call->call.syntax,
                                .opnum = call->call.opnum,
                                .level = call->call.level,
                                .sent = call->reply_size,
                                .received = call->received,
                                .fragments_sent = call->fragments_sent,
                                .fragments_received = call->fragments_received,
                                .fault = call->fault,
                                .started = call->started,
                                .duration = loop_clock() - call->started,
                                .result = call->fault ? rpc_status_to_hresult(call->fault) : S_OK});
}

static bool hold(struct association *a, int64_t bytes)
{
    struct connection *c = a->options.owner;
    const struct rpc_server_guard *g = &c->server->options.guard;
    return !g->hold || g->hold(g->context, a->options.number, bytes);
}

static const struct association_ops ops = {find, dispatch, work, ended, hold};

/* ---- bytes --------------------------------------------------------------------------------- */

static void on_written(uv_write_t *request, int status)
{
    struct connection *c = request->data;
    c->writing = false;
    c->progress = uv_now(request->handle->loop);
    if (status < 0) {
        connection_close(c, com_hresult_from_errno(-status));
        return;
    }
    connection_pump(c);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct rpc_server *s = ((struct connection *)handle)->server;
    *ret = uv_buf_init(s->buffer, sizeof s->buffer);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct connection *c = (struct connection *)stream;
    if (size < 0) {
        connection_close(c, size == UV_EOF ? S_OK : com_hresult_from_errno((int)-size));
        return;
    }
    c->received += (uint64_t)size;
    association_input(&c->association, (const uint8_t *)buffer->base, (size_t)size);
    connection_pump(c);
}

static void write_output(struct connection *c)
{
    c->out.size = 0;
    association_output(&c->association, &c->out, OUTPUT_CHUNK);
    if (c->out.failed) {
        connection_close(c, E_OUTOFMEMORY); /* what is lost was half sent */
        return;
    }
    if (c->out.size == 0) {
        if (c->out.capacity > OUTPUT_KEPT) {
            buffer_done(&c->out);
        }
        return;
    }
    uv_buf_t buffer = uv_buf_init((char *)c->out.bytes, c->out.size);
    c->write.data = c;
    c->sent += c->out.size;
    int error = uv_write(&c->write, (uv_stream_t *)&c->tcp, &buffer, 1, on_written);
    if (error) {
        connection_close(c, com_hresult_from_errno(-error));
        return;
    }
    c->writing = true;
    c->progress = uv_now(c->tcp.loop);
}

void connection_pump(struct connection *c)
{
    struct association *a = &c->association;
    if (c->closing) {
        free_unused(c);
        return;
    }
    /* Does a fragment hang in the air since now? */
    if (!c->fragment || a->fragment_begun == 0 || a->fragment_begun < a->input.size) {
        c->heard = uv_now(c->tcp.loop);
    }
    c->fragment = a->input.size > 0 && !a->stepping;
    if (!c->writing) {
        write_output(c);
    }
    if (c->server->draining) { /* a step of authentication may have let in the half of a request */
        association_drain(a);
    }
    bool busy = c->writing || association_has_output(a) || a->stepping;
    bool drained = c->server->draining && a->call_count == 0;
    if (!c->closing && !busy && (a->state == ASSOCIATION_FAILED || drained)) {
        connection_close(
            c, a->state == ASSOCIATION_FAILED ? HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR) : S_OK);
    }
    bool read = !c->closing && association_wants_input(a) && !c->server->draining;
    if (read != c->reading && !c->closing) {
        if (read) {
            (void)uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
        } else {
            (void)uv_read_stop((uv_stream_t *)&c->tcp);
        }
        c->reading = read;
        c->read_since = loop_clock();
    }
}

void connection_check(struct connection *c)
{
    const struct rpc_server_limits *l = &c->server->options.limits;
    const struct association *a = &c->association;
    uint64_t now = uv_now(c->tcp.loop);
    bool settled =
        a->authenticated || (c->server->options.minimum_level <= RPC_C_AUTHN_LEVEL_NONE &&
                             a->state == ASSOCIATION_BOUND);
    uint64_t clock = loop_clock(), stall = (uint64_t)l->stall_ms * 1000000;
    uint64_t since = clock > stall ? clock - stall : 0; /* soon after the machine's start */
    bool waits = c->reading && c->read_since < since && association_waits(a, since);
    bool idle = a->call_count == 0 && !c->writing && !c->fragment;
    if ((!settled && now - c->accepted > l->handshake_ms) ||
        (c->writing && now - c->progress > l->stall_ms) ||
        (c->fragment && c->reading && now - c->heard > l->stall_ms) || waits ||
        (idle && l->idle_ms && now - c->active > l->idle_ms)) {
        connection_close(c, RPC_E_TIMEOUT);
    }
}

/* ---- the beginning ------------------------------------------------------------------------- */

static void name_network(struct connection *c, const struct sockaddr_storage *address)
{
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)address)->sin6_addr;
    if (address->ss_family == AF_INET) {
        memcpy(c->network + 1, &((const struct sockaddr_in *)address)->sin_addr, 4);
    } else if (address->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6)) {
        memcpy(c->network + 1, v6->s6_addr + 12, 4);
    } else if (address->ss_family == AF_INET6) {
        c->network[0] = 6;
        memcpy(c->network + 1, v6->s6_addr, 8);
    }
}

static void name_peer(struct connection *c)
{
    struct sockaddr_storage address = {0};
    int size = sizeof address, port = 0;
    (void)snprintf(c->host, sizeof c->host, "?");
    if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&address, &size) == 0) {
        (void)uv_ip_name((struct sockaddr *)&address, c->host, sizeof c->host);
        port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                   : ((struct sockaddr_in *)&address)->sin_port);
    }
    (void)snprintf(c->address, sizeof c->address, "%s[%d]", c->host, port);
    name_network(c, &address);
}

static uint16_t own_port(const uv_tcp_t *tcp)
{
    struct sockaddr_storage address;
    int size = sizeof address;
    if (uv_tcp_getsockname(tcp, (struct sockaddr *)&address, &size) != 0) {
        return 0;
    }
    return ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                               : ((struct sockaddr_in *)&address)->sin_port);
}

/* Too many who have not said who they are: the one that has had longest to do so makes room. Who
 * only holds connections would keep everybody out otherwise. */
static bool is_welcome(const struct connection *c)
{
    const struct rpc_server *s = c->server;
    const struct rpc_server_limits *l = &s->options.limits;
    struct connection *oldest = NULL;
    unsigned same = 0, unauthenticated = 0;
    if (s->draining || s->connection_count >= l->connections) {
        return false;
    }
    if (s->connection_count < l->connections_per_peer && s->connection_count < l->unauthenticated) {
        return true; /* so few in all can't be too many of one kind */
    }
    for (struct connection *o = s->connections; o; o = o->next) { /* the newest first */
        same += memcmp(o->network, c->network, sizeof c->network) == 0;
        if (!o->association.authenticated && !o->closing) {
            unauthenticated++;
            oldest = o;
        }
    }
    if (same >= l->connections_per_peer) {
        return false;
    }
    if (s->options.minimum_level > RPC_C_AUTHN_LEVEL_NONE &&
        unauthenticated >= l->unauthenticated) {
        connection_close(oldest, HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY));
    }
    return true;
}

static void set_options(struct connection *c)
{
    int fd = -1;
    unsigned timeout = c->server->options.limits.stall_ms;
    (void)uv_tcp_nodelay(&c->tcp, 1);
    (void)uv_tcp_keepalive(&c->tcp, 1, KEEPALIVE_S);
    if (uv_fileno((uv_handle_t *)&c->tcp, &fd) == 0) {
        (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
    }
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

void server_accept(uv_stream_t *stream, int status)
{
    static atomic_uint_fast64_t numbers;
    struct rpc_server *s = ((struct listener *)stream)->server;
    struct connection *c = status < 0 ? NULL : calloc(1, sizeof(*c));
    /* libuv accepts nobody further before this one is; the server's timer tries again. */
    ((struct listener *)stream)->waiting = status >= 0 && !c;
    if (!c) {
        return;
    }
    c->server = s;
    (void)uv_tcp_init(stream->loop, &c->tcp);
    if (uv_accept(stream, (uv_stream_t *)&c->tcp) != 0) {
        uv_close((uv_handle_t *)&c->tcp, free_handle);
        return;
    }
    name_peer(c);
    if (!is_welcome(c)) {
        uv_close((uv_handle_t *)&c->tcp, free_handle);
        return;
    }
    set_options(c);
    association_init(&c->association, &(struct association_options){
                                          .ops = &ops,
                                          .owner = c,
                                          .acceptor = s->options.acceptor,
                                          .minimum_level = s->options.minimum_level,
                                          .limits = s->options.limits,
                                          .address = c->address,
                                          .port = own_port(&c->tcp),
                                          .number = 1 + atomic_fetch_add(&numbers, 1),
                                      });
    c->accepted = c->progress = c->heard = c->active = uv_now(stream->loop);
    c->started = loop_clock();
    c->at = &s->connections;
    c->next = s->connections;
    if (c->next) {
        c->next->at = &c->next;
    }
    s->connections = c;
    s->connection_count++;
    pthread_mutex_lock(&s->lock);
    s->alive++;
    pthread_mutex_unlock(&s->lock);
    server_trace(s, &(struct rpc_trace_event){.kind = RPC_TRACE_CONNECT,
                                              .server = true,
                                              .peer = c->address,
                                              .connection = c->association.options.number,
                                              .started = c->started});
    connection_pump(c);
}
