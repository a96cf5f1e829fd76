/*
 * Connections of a client: opening, counting, ending.
 *
 * Any thread may begin and cancel calls and drop references: each of these only posts a task to the
 * loop that all clients share. `users` are the references handed out; with the last of them the
 * connection closes. `holds` keep the memory: the users together, the loop while anything of it
 * refers to the connection, and each pending call.
 */
#include "object/object.h"
#include "rpc/client_private.h"

#include <string.h>

#define CONNECT_MS 10000
#define CALL_MS 60000
#define DEAD_PEER_MS 60000
#define REPLY_MAX ((size_t)64 << 20)

void client_trace(struct rpc_connection *c, struct rpc_trace_event *event)
{
    if (c->options.trace) {
        event->peer = c->peer;
        event->connection = c->number;
        event->duration = loop_clock() - event->started;
        c->options.trace(c->options.trace_context, event);
    }
}

/* ---- memory --------------------------------------------------------------------------------- */

static void destroy(struct rpc_connection *c)
{
    security_destroy(c->security);
    while (c->controls) {
        struct control_pdu *pdu = c->controls;
        c->controls = pdu->next;
        free(pdu->bytes);
        free(pdu);
    }
    buffer_done(&c->out);
    buffer_done(&c->in);
    buffer_done(&c->step_in);
    buffer_done(&c->step_out);
    com_release(c->step_error);
    free(c->presented);
    free((char *)c->options.host);
    free((char *)c->options.target);
    auth_credentials_unref((struct auth_credentials *)c->options.credentials);
    (void)pthread_cond_destroy(&c->opened);
    (void)pthread_mutex_destroy(&c->lock);
    struct loop *loop = c->loop;
    free(c);
    if (loop) {
        loop_client_release(loop);
    }
}

void client_hold(struct rpc_connection *c)
{
    (void)com_ref_inc(&c->holds);
}

void client_unhold(struct rpc_connection *c)
{
    if (com_ref_dec(&c->holds) == 0) {
        destroy(c);
    }
}

void client_gone(struct rpc_connection *c)
{
    if (--c->handles == 0 && c->phase == CLIENT_CLOSED) {
        client_unhold(c);
    }
}

/* ---- the end ----------------------------------------------------------------------------------
 */

static void timer_closed(uv_handle_t *handle)
{
    client_gone(handle->data);
}

static void stream_closed(uv_handle_t *handle)
{
    struct rpc_connection *c = ((struct attempt *)handle)->connection;
    free(handle);
    client_gone(c);
}

static HRESULT lost_call(const struct rpc_pending *call)
{
    bool begun = call->state == CALL_SENT || call->sent > 0;
    return HRESULT_FROM_WIN32(begun ? RPC_S_CALL_FAILED : RPC_S_CALL_FAILED_DNE);
}

static void end_calls(struct rpc_connection *c, HRESULT hr, IErrorInfo *error, const char *text)
{
    while (c->active || c->waiting) {
        struct rpc_pending *call = c->active ? c->active : c->waiting;
        client_end(call, hr == S_FALSE ? lost_call(call) : hr, error, "%s", text);
    }
}

void client_fail(struct rpc_connection *c, HRESULT hr, IErrorInfo *error, const char *format, ...)
{
    char text[CLIENT_TEXT];
    va_list args;
    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    bool connecting = c->phase == CLIENT_CONNECTING;
    c->phase = CLIENT_CLOSED;
    atomic_store(&c->open, false);
    c->in.size = 0;
    end_calls(c, hr, error, text);
    if (connecting) {
        (void)uv_cancel((uv_req_t *)&c->resolve);
        client_close_attempts(c);
        memcpy(c->open_text, text, sizeof text);
    }
    if (c->stream) {
        uv_close((uv_handle_t *)c->stream, stream_closed);
        c->stream = NULL;
    }
    uv_close((uv_handle_t *)&c->timer, timer_closed);
    client_trace(c, &(struct rpc_trace_event){
                        .kind = connecting ? RPC_TRACE_CONNECT : RPC_TRACE_CLOSE,
                        .sent = c->sent,
                        .received = c->received,
                        .started = c->started,
                        .result = hr == S_FALSE ? HRESULT_FROM_WIN32(RPC_S_CALL_FAILED) : hr});
    if (connecting) {
        client_opened(c, hr);
    }
}

static void close_task(struct loop_task *task)
{
    struct rpc_connection *c = COM_CONTAINER(task, struct rpc_connection, close_task);
    client_fail(c, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), NULL, "the connection to %s was closed",
                c->peer);
    client_unhold(c);
}

void rpc_connection_close(struct rpc_connection *c)
{
    if (atomic_exchange(&c->open, false)) {
        client_hold(c);
        c->close_task.run = close_task;
        loop_post(c->loop, &c->close_task);
    }
}

void rpc_connection_ref(struct rpc_connection *c)
{
    (void)com_ref_inc(&c->users);
}

void rpc_connection_unref(struct rpc_connection *c)
{
    if (c && com_ref_dec(&c->users) == 0) {
        rpc_connection_close(c);
        client_unhold(c);
    }
}

bool rpc_connection_is_open(struct rpc_connection *c)
{
    return atomic_load(&c->open);
}

const char *rpc_connection_peer(const struct rpc_connection *c)
{
    return c->peer;
}

/* ---- the beginning ------------------------------------------------------------------------------
 */

void client_opened(struct rpc_connection *c, HRESULT hr)
{
    if (SUCCEEDED(hr)) {
        client_trace(c, &(struct rpc_trace_event){.kind = RPC_TRACE_CONNECT,
                                                  .started = c->started,
                                                  .level = c->options.level});
        client_set_timer(c);
    }
    pthread_mutex_lock(&c->lock);
    c->open_result = hr;
    c->is_opened = true;
    pthread_cond_signal(&c->opened);
    pthread_mutex_unlock(&c->lock);
}

/* "[::1]" is "::1". */
static char *copy_host(const char *host)
{
    size_t length = strlen(host);
    if (length > 2 && host[0] == '[' && host[length - 1] == ']') {
        return strndup(host + 1, length - 2);
    }
    return strdup(host);
}

static HRESULT copy_options(struct rpc_connection *c, const struct rpc_client_options *options)
{
    struct rpc_client_options *o = &c->options;
    *o = *options;
    o->host = copy_host(options->host);
    o->target = options->target ? strdup(options->target) : NULL;
    o->credentials = NULL;
    if (o->level == RPC_C_AUTHN_LEVEL_DEFAULT) {
        o->level = RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
    } else if (o->level == RPC_C_AUTHN_LEVEL_CALL || o->level == RPC_C_AUTHN_LEVEL_PKT) {
        o->level = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    }
    if (options->credentials) {
        o->credentials = auth_credentials_ref(options->credentials);
    }
    o->connect_timeout_ms = o->connect_timeout_ms ? o->connect_timeout_ms : CONNECT_MS;
    o->bind_timeout_ms = o->bind_timeout_ms ? o->bind_timeout_ms : o->connect_timeout_ms;
    o->dead_peer_ms = o->dead_peer_ms ? o->dead_peer_ms : DEAD_PEER_MS;
    o->call_timeout_ms = o->call_timeout_ms ? o->call_timeout_ms : CALL_MS;
    o->reply_max = o->reply_max ? o->reply_max : REPLY_MAX;
    (void)snprintf(c->peer, sizeof c->peer, "%s[%u]", options->host, options->port);
    return !o->host || (options->target && !o->target) ? E_OUTOFMEMORY : S_OK;
}

static HRESULT new_connection(const struct rpc_client_options *options, struct rpc_connection **ret)
{
    static atomic_uint_fast64_t numbers;
    struct rpc_connection *c = calloc(1, sizeof(*c));
    if (!c) {
        return E_OUTOFMEMORY;
    }
    com_ref_init(&c->users);
    com_ref_init(&c->holds);
    atomic_init(&c->open, true);
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->opened, NULL);
    c->number = 1 + atomic_fetch_add(&numbers, 1);
    c->next_call_id = 1;
    c->max_send = PDU_FRAGMENT_LEAST;
    c->started = loop_clock();
    HRESULT hr = copy_options(c, options);
    if (SUCCEEDED(hr)) {
        hr = loop_client_acquire(&c->loop);
    }
    if (FAILED(hr)) {
        client_unhold(c);
        return hr;
    }
    *ret = c;
    return S_OK;
}

HRESULT rpc_connection_open(const struct rpc_client_options *options, struct rpc_connection **ret)
{
    struct rpc_connection *c;
    unsigned level = options->level;
    if (level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY) {
        return error_raise(HRESULT_FROM_WIN32(RPC_S_UNKNOWN_AUTHN_LEVEL), "rpc_connection_open",
                           options->host, "there is no authentication level %u", level);
    }
    HRESULT hr = new_connection(options, &c);
    if (FAILED(hr)) {
        return error_raise(hr, "rpc_connection_open", options->host,
                           "cannot prepare a connection to %s[%u]", options->host, options->port);
    }
    client_hold(c); /* the loop's */
    c->open_task.run = client_connect;
    loop_post(c->loop, &c->open_task);
    pthread_mutex_lock(&c->lock);
    while (!c->is_opened) {
        pthread_cond_wait(&c->opened, &c->lock);
    }
    hr = c->open_result;
    pthread_mutex_unlock(&c->lock);
    if (FAILED(hr)) {
        (void)error_raise(hr, "rpc_connection_open", c->peer, "%s", c->open_text);
        rpc_connection_unref(c);
        return hr;
    }
    *ret = c;
    return S_OK;
}
