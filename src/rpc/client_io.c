/*
 * Bytes between a connected socket and the connection's state; its one timer.
 */
#include "rpc/client_private.h"

#include <string.h>

#define OUTPUT_CHUNK 65536

/* ---- in ------------------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    struct rpc_connection *c = handle->data;
    size_t size = 0;
    char *buffer = loop_buffer(c->loop, &size);
    *ret = uv_buf_init(buffer, (unsigned)size);
}

static void bad_pdu(struct rpc_connection *c)
{
    client_fail(c, HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR), NULL,
                "%s sent what is no RPC, or not in this order", c->peer);
}

static void take_pdu(struct rpc_connection *c, uint8_t *bytes, size_t size)
{
    struct pdu p;
    if (FAILED(pdu_read(bytes, size, &p))) {
        bad_pdu(c);
        return;
    }
    bool binding = c->phase == CLIENT_BINDING && p.call_id == c->binding_id;
    if (binding && (p.type == PDU_BIND_ACK || p.type == PDU_BIND_NAK || p.type == PDU_FAULT ||
                    p.type == PDU_ALTER_CONTEXT_RESP)) {
        client_bind_answer(c, &p);
    } else if ((p.type == PDU_RESPONSE || p.type == PDU_FAULT) && c->bound) {
        client_reply(c, &p);
    } else if (p.type != PDU_SHUTDOWN || !c->bound) { /* which only asks us to close when idle */
        bad_pdu(c);
    }
}

static void take_fragments(struct rpc_connection *c)
{
    size_t at = 0;
    while (c->phase != CLIENT_CLOSED && c->in.size - at >= PDU_HEADER_SIZE) {
        struct pdu p;
        bool good = SUCCEEDED(pdu_read_header(c->in.bytes + at, &p));
        bool data = p.type == PDU_RESPONSE || p.type == PDU_FAULT;
        if (!good || (data && p.length > PDU_FRAGMENT_SIZE)) {
            bad_pdu(c);
            return;
        }
        if (c->in.size - at < p.length) {
            break;
        }
        take_pdu(c, c->in.bytes + at, p.length);
        at += p.length;
    }
    if (at > 0 && at <= c->in.size) {
        memmove(c->in.bytes, c->in.bytes + at, c->in.size - at);
        c->in.size -= (uint32_t)at;
    }
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buffer)
{
    struct rpc_connection *c = stream->data;
    if (size < 0) {
        client_fail(c, S_FALSE, NULL, "%s closed the connection%s%s%s", c->peer, client_doing(c),
                    size == UV_EOF ? "" : ": ", size == UV_EOF ? "" : uv_strerror((int)size));
        return;
    }
    c->received += (uint64_t)size;
    buffer_put(&c->in, buffer->base, (size_t)size);
    if (c->in.failed) {
        client_fail(c, E_OUTOFMEMORY, NULL, "no memory for what %s sends", c->peer);
        return;
    }
    take_fragments(c);
    client_pump(c);
}

void client_read_start(struct rpc_connection *c)
{
    int error = uv_read_start(c->stream, on_alloc, on_read);
    if (error) {
        client_fail(c, S_FALSE, NULL, "cannot read from %s: %s", c->peer, uv_strerror(error));
    }
}

/* ---- out ------------------------------------------------------------------------------------- */

void client_send_control(struct rpc_connection *c, struct ndr_writer *w, size_t auth_length)
{
    uint8_t *bytes = NULL;
    size_t size;
    pdu_finish(w, auth_length);
    HRESULT hr = ndr_writer_take(w, &bytes, &size);
    struct control_pdu *pdu = FAILED(hr) ? NULL : calloc(1, sizeof(*pdu));
    if (!pdu) {
        free(bytes);
        client_fail(c, FAILED(hr) ? hr : E_OUTOFMEMORY, NULL, "cannot make a PDU for %s", c->peer);
        return;
    }
    pdu->bytes = bytes;
    pdu->size = size;
    if (c->last_control) {
        c->last_control->next = pdu;
    } else {
        c->controls = pdu;
    }
    c->last_control = pdu;
}

static void on_written(uv_write_t *request, int status)
{
    struct rpc_connection *c = request->data;
    c->writing = false;
    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    if (status < 0) {
        client_fail(c, S_FALSE, NULL, "lost the connection to %s: %s", c->peer,
                    uv_strerror(status));
        return;
    }
    client_pump(c);
}

void client_write(struct rpc_connection *c)
{
    if (c->writing || c->phase == CLIENT_CLOSED || c->phase == CLIENT_CONNECTING) {
        return;
    }
    c->out.size = 0;
    while (c->controls) {
        struct control_pdu *pdu = c->controls;
        c->controls = pdu->next;
        buffer_put(&c->out, pdu->bytes, pdu->size);
        free(pdu->bytes);
        free(pdu);
    }
    c->last_control = NULL;
    client_output(c, &c->out, OUTPUT_CHUNK);
    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    if (c->out.failed) { /* perhaps of the first byte */
        client_fail(c, E_OUTOFMEMORY, NULL, "no memory to send to %s", c->peer);
        return;
    }
    if (c->out.size == 0) {
        return;
    }
    uv_buf_t buffer = uv_buf_init((char *)c->out.bytes, c->out.size);
    c->write.data = c;
    c->sent += c->out.size;
    int error = uv_write(&c->write, c->stream, &buffer, 1, on_written);
    if (error) {
        client_fail(c, S_FALSE, NULL, "lost the connection to %s: %s", c->peer, uv_strerror(error));
        return;
    }
    c->writing = true;
}

/* ---- time --------------------------------------------------------------------------------------
 */

static void on_timer(uv_timer_t *timer)
{
    struct rpc_connection *c = timer->data;
    uint64_t now = uv_now(timer->loop);
    if (c->phase == CLIENT_CONNECTING) {
        client_connect_timer(c, now);
    } else if (c->phase == CLIENT_BINDING && now >= c->deadline) {
        client_fail(c, RPC_E_TIMEOUT, NULL, "%s did not answer within %u ms%s", c->peer,
                    c->options.bind_timeout_ms, client_doing(c));
    }
    if (c->phase != CLIENT_CLOSED) {
        client_expire(c, now);
        client_pump(c);
    }
}

void client_set_timer(struct rpc_connection *c)
{
    if (c->phase == CLIENT_CLOSED) {
        return;
    }
    uint64_t due = client_next_deadline(c), now = uv_now(loop_uv(c->loop));
    if (c->phase == CLIENT_CONNECTING || c->phase == CLIENT_BINDING) {
        due = c->deadline < due ? c->deadline : due;
    }
    if (c->phase == CLIENT_CONNECTING && c->next_attempt < due) {
        due = c->next_attempt;
    }
    if (due == UINT64_MAX) {
        (void)uv_timer_stop(&c->timer);
    } else {
        (void)uv_timer_start(&c->timer, on_timer, due > now ? due - now : 0, 0);
    }
}
