/*
 * Calls of a client: waiting for their interface, being sent, being answered,
 * ended. A call ends once, on the loop, by client_end(): answered, timed out,
 * cancelled, or with its connection.
 */
#include "object/object.h"
#include "rpc/client_private.h"

#include <string.h>

/* ---- ending ---------------------------------------------------------------------------------- */

static void free_call(struct rpc_pending *call)
{
    client_unhold(call->connection);
    com_release(call->error);
    free(call->stub);
    buffer_done(&call->reply);
    (void)pthread_cond_destroy(&call->ended);
    (void)pthread_mutex_destroy(&call->lock);
    free(call);
}

void pending_unref(struct rpc_pending *call)
{
    if (com_ref_dec(&call->refs) == 0) {
        free_call(call);
    }
}

void rpc_pending_unref(struct rpc_pending *call)
{
    if (call) {
        pending_unref(call);
    }
}

/* On the thread that gets the result: its error object. */
static void raise_error(struct rpc_pending *call)
{
    if (SUCCEEDED(call->hr)) {
        return;
    }
    if (call->error) {
        (void)SetErrorInfo(0, call->error);
    } else {
        char what[192];
        wchar_t uuid[40];
        (void)StringFromGUID2(&call->syntax.uuid, uuid, ARRAYSIZE(uuid));
        (void)snprintf(what, sizeof what, "%.38ls opnum %u", uuid, call->opnum);
        (void)error_raise(call->hr, "rpc_call", what, "%s", call->text);
    }
}

static struct rpc_reply take_reply(struct rpc_pending *call)
{
    struct rpc_reply reply = {NULL, 0, call->drep};
    if (SUCCEEDED(call->hr)) {
        reply.size = call->reply.size;
        reply.data = TAKE(call->reply.bytes);
        call->reply.size = 0;
    }
    return reply;
}

static void tell(struct pool_job *job)
{
    struct rpc_pending *call = COM_CONTAINER(job, struct rpc_pending, job);
    struct rpc_reply reply = take_reply(call);
    (void)SetErrorInfo(0, NULL);
    raise_error(call);
    call->done(call->context, call->hr, &reply);
    (void)SetErrorInfo(0, NULL);
    pending_unref(call);
}

static void unlink_call(struct rpc_connection *c, struct rpc_pending *call)
{
    bool waiting = call->state == CALL_WAITING;
    struct rpc_pending **at = waiting ? &c->waiting : &c->active, *before = NULL;
    while (*at && *at != call) {
        before = *at;
        at = &before->next;
    }
    if (*at) {
        *at = call->next;
        if (waiting && c->last_waiting == call) {
            c->last_waiting = before;
        }
    }
}

void client_end(struct rpc_pending *call, HRESULT hr, IErrorInfo *error, const char *format, ...)
{
    struct rpc_connection *c = call->connection;
    va_list args;
    unlink_call(c, call);
    call->state = CALL_ENDED;
    call->hr = hr;
    if (SUCCEEDED(hr) && !call->reply.bytes) { /* `maybe`: there are bytes on every success */
        call->hr = buffer_add(&call->reply, 1) ? S_OK : E_OUTOFMEMORY;
        call->reply.size = 0;
    }
    va_start(args, format);
    (void)vsnprintf(call->text, sizeof call->text, format, args);
    va_end(args);
    if (error) {
        com_addref(error);
        call->error = error;
    }
    client_trace(c, &(struct rpc_trace_event){.kind = RPC_TRACE_CALL,
                                              .call = call->id,
                                              .syntax = call->syntax,
                                              .opnum = call->opnum,
                                              .level = c->options.level,
                                              .sent = call->sent,
                                              .received = call->reply.size,
                                              .fragments_sent = call->fragments_sent,
                                              .fragments_received = call->fragments_received,
                                              .fault = call->fault,
                                              .started = call->started,
                                              .result = hr});
    if (call->done) {
        call->job.run = tell;
        if (FAILED(pool_submit(&call->job))) {
            tell(&call->job); /* late is worse than here */
        }
        return;
    }
    pthread_mutex_lock(&call->lock);
    call->over = true;
    pthread_cond_signal(&call->ended);
    pthread_mutex_unlock(&call->lock);
    pending_unref(call);
}

/* ---- giving up ----------------------------------------------------------------------------------
 */

/* The server is told, so that it neither works nor sends on. Before it has all of the request, and
 * where it keeps the connection then ([MS-RPCE] 3.3.1.5.10), by orphaned; otherwise by co_cancel,
 * and the reply is dropped when it comes. */
static void tell_server(struct rpc_connection *c, const struct rpc_pending *call)
{
    bool partial = call->state == CALL_SENDING && call->sent > 0;
    if (!partial && call->state != CALL_SENT) {
        return;
    }
    struct ndr_writer w = {0};
    pdu_write_header(&w, partial || c->keep_on_orphan ? PDU_ORPHANED : PDU_CO_CANCEL,
                     PFC_FIRST | PFC_LAST, call->id);
    client_send_control(c, &w, 0);
}

static void give_up(struct rpc_pending *call, HRESULT hr, const char *why)
{
    struct rpc_connection *c = call->connection;
    (void)com_ref_inc(&call->refs);
    tell_server(c, call); /* which may fail, and end all calls */
    if (call->state != CALL_ENDED) {
        client_end(call, hr, NULL, "%s: %s", c->peer, why);
    }
    pending_unref(call);
}

void client_call_cancel(struct loop_task *task)
{
    struct rpc_pending *call = COM_CONTAINER(task, struct rpc_pending, cancel);
    struct rpc_connection *c = call->connection;
    if (call->state != CALL_ENDED) {
        give_up(call, HRESULT_FROM_WIN32(RPC_S_CALL_CANCELLED), "the call was cancelled");
        client_pump(c);
    }
    pending_unref(call);
}

void rpc_call_cancel(struct rpc_pending *call)
{
    if (!atomic_exchange(&call->cancelling, true)) {
        (void)com_ref_inc(&call->refs);
        call->cancel.run = client_call_cancel;
        loop_post(call->connection->loop, &call->cancel);
    }
}

static struct rpc_pending *expired(struct rpc_pending *list, uint64_t now)
{
    while (list && list->deadline > now) {
        list = list->next;
    }
    return list;
}

void client_expire(struct rpc_connection *c, uint64_t now)
{
    for (struct rpc_pending *call;
         (call = expired(c->active, now)) != NULL || (call = expired(c->waiting, now)) != NULL;) {
        give_up(call, RPC_E_TIMEOUT, "no reply in time");
    }
}

uint64_t client_next_deadline(const struct rpc_connection *c)
{
    uint64_t due = UINT64_MAX;
    for (const struct rpc_pending *call = c->active; call; call = call->next) {
        due = call->deadline < due ? call->deadline : due;
    }
    for (const struct rpc_pending *call = c->waiting; call; call = call->next) {
        due = call->deadline < due ? call->deadline : due;
    }
    return due;
}

/* ---- sending
 * --------------------------------------------------------------------------------------- */

/* Behind the stub, when the signature does not cover the header: [MS-RPCE] 2.2.2.13. */
static HRESULT add_verification(struct rpc_connection *c, struct rpc_pending *call)
{
    call->whole = call->size;
    if (!security_signs(c->security) || c->header_sign) {
        return S_OK;
    }
    struct ndr_writer w = {0};
    ndr_write_bytes(&w, call->stub, call->size);
    pdu_write_verification(&w, &(struct pdu_verified){.abstract = &call->syntax,
                                                      .drep = NDR_DREP,
                                                      .call_id = call->id,
                                                      .context_id = call->context_id,
                                                      .opnum = call->opnum,
                                                      .header_sign = true});
    uint8_t *stub;
    HRESULT hr = ndr_writer_take(&w, &stub, &call->whole);
    if (SUCCEEDED(hr)) {
        free(call->stub);
        call->stub = stub;
    }
    return hr;
}

static void activate(struct rpc_connection *c, struct rpc_pending *call, uint16_t context_id)
{
    unlink_call(c, call);
    call->id = c->next_call_id++;
    call->context_id = context_id;
    call->state = CALL_SENDING;
    call->next = NULL;
    struct rpc_pending **at = &c->active; /* they are sent in their order */
    while (*at) {
        at = &(*at)->next;
    }
    *at = call;
    HRESULT hr = add_verification(c, call);
    if (FAILED(hr)) {
        client_end(call, hr, NULL, "no memory for a request to %s", c->peer);
    }
}

/* Calls whose interface is bound go on their way; for the first other one it is bound now. */
static void start_waiting(struct rpc_connection *c)
{
    while (c->phase == CLIENT_IDLE && c->waiting) {
        struct rpc_pending *call = c->waiting;
        if (c->bound && !c->concurrent && c->active) {
            return; /* the server takes one at a time */
        }
        const struct presented *p = client_presented(c, &call->syntax);
        if (!p) {
            client_negotiate(c, &call->syntax);
            return;
        }
        if (FAILED(p->refused)) {
            client_end(call, p->refused, NULL, "%s does not offer this interface", c->peer);
        } else {
            activate(c, call, p->id);
        }
    }
}

void client_pump(struct rpc_connection *c)
{
    if (c->phase == CLIENT_CLOSED || c->phase == CLIENT_CONNECTING) {
        return;
    }
    start_waiting(c);
    client_write(c);
    client_set_timer(c);
}

static HRESULT put_fragment(struct rpc_connection *c, struct rpc_pending *call, struct buffer *out)
{
    uint8_t fragment[PDU_FRAGMENT_SIZE];
    const GUID *object = call->has_object ? &call->object : NULL;
    size_t header = PDU_REQUEST_SIZE + (object ? sizeof(GUID) : 0), room, size;
    HRESULT hr = security_room(c->security, c->max_send, header, &room);
    if (FAILED(hr)) {
        return hr;
    }
    size_t left = call->whole - call->sent;
    bool last = left <= room;
    size_t part = last ? left : room;
    uint8_t flags = (uint8_t)((call->sent == 0 ? PFC_FIRST : 0) | (last ? PFC_LAST : 0) |
                              (call->maybe ? PFC_MAYBE : 0));
    (void)pdu_put_request(fragment, flags, call->id, (uint32_t)left, call->context_id, call->opnum,
                          object);
    if (part > 0) {
        memcpy(fragment + header, call->stub + call->sent, part);
    }
    hr = security_protect(c->security, fragment, header, part, &size);
    if (SUCCEEDED(hr)) {
        buffer_put(out, fragment, size);
        if (out->failed) {
            return E_OUTOFMEMORY;
        }
        call->sent += part;
        call->fragments_sent++;
        call->state = last ? CALL_SENT : CALL_SENDING;
    }
    return hr;
}

void client_output(struct rpc_connection *c, struct buffer *out, size_t want)
{
    for (struct rpc_pending *call = c->active, *next; call && out->size < want; call = next) {
        HRESULT hr = S_OK;
        next = call->next;
        while (call->state == CALL_SENDING && out->size < want && SUCCEEDED(hr)) {
            hr = put_fragment(c, call, out);
        }
        if (FAILED(hr)) {
            client_fail(c, hr, NULL, "cannot protect a request to %s", c->peer);
            return;
        }
        if (call->state == CALL_SENT && call->maybe) {
            client_end(call, S_OK, NULL, "sent");
        }
    }
}

/* ---- receiving
 * --------------------------------------------------------------------------------------- */

static struct rpc_pending *find_call(struct rpc_connection *c, uint32_t id)
{
    struct rpc_pending *call = c->active;
    while (call && call->id != id) {
        call = call->next;
    }
    return call;
}

static void take_part(struct rpc_connection *c, struct rpc_pending *call, const struct pdu *p,
                      size_t size)
{
    bool first = (p->flags & PFC_FIRST) != 0;
    if (first != (call->drep == 0 && call->reply.size == 0)) {
        client_fail(c, HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR), NULL,
                    "%s sent fragments of a reply out of order", c->peer);
        return;
    }
    if (size > c->options.reply_max - call->reply.size) {
        give_up(call, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), "the reply is larger than is allowed");
        return;
    }
    call->drep = p->drep;
    if (first) {
        (void)buffer_add(&call->reply, 1);
        call->reply.size = 0;
    }
    buffer_put(&call->reply, p->bytes + PDU_RESPONSE_SIZE, size);
    if (call->reply.failed) {
        give_up(call, E_OUTOFMEMORY, "no memory for the reply");
    } else if (p->flags & PFC_LAST) {
        client_end(call, S_OK, NULL, "answered");
    } else if (first && call->replying) {
        call->replying(call->context);
    }
}

/* The last message of NTLM's handshake has no answer, so who is not let in hears of it by a fault
 * of the first call, which was not executed then. */
static void take_fault(struct rpc_connection *c, struct rpc_pending *call, const struct pdu *p,
                       uint32_t status)
{
    HRESULT hr = rpc_status_to_hresult(status);
    bool unsure =
        c->security && !c->confirmed && hr == E_ACCESSDENIED && (p->flags & PFC_DID_NOT_EXECUTE);
    client_end(call, hr, NULL, "%s answered with fault 0x%08x%s", c->peer, (unsigned)status,
               unsure
                   ? " before it accepted the credentials, or refuses the level of authentication"
                   : "");
}

void client_reply(struct rpc_connection *c, struct pdu *p)
{
    struct pdu_response r;
    size_t size = 0;
    bool fault = p->type == PDU_FAULT;
    HRESULT hr = pdu_read_response(p, &r);
    bool signed_too = !fault || p->auth_length > 0;
    if (SUCCEEDED(hr) && signed_too) {
        hr = security_unprotect(c->security, p, PDU_RESPONSE_SIZE, &size);
        if (SUCCEEDED(hr) && fault) {
            hr = pdu_read_response(p, &r); /* the status was encrypted */
        }
    }
    if (FAILED(hr)) {
        client_fail(c, hr, NULL, "%s sent a reply whose signature is wrong or that is none",
                    c->peer);
        return;
    }
    struct rpc_pending *call = find_call(c, p->call_id);
    if (!call) {
        /* One that was given up; nobody waits for it. But after an auth3, which has no answer. */
        if (fault && p->call_id == c->binding_id) {
            client_fail(c, rpc_status_to_hresult(r.status), NULL, "%s refused the authentication",
                        c->peer);
        } else if (p->call_id >= c->next_call_id) {
            client_fail(c, HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR), NULL,
                        "%s answered a call that was not made", c->peer);
        }
        return;
    }
    call->fragments_received++;
    if (fault) {
        call->fault = r.status;
        (void)com_ref_inc(&call->refs);
        if (call->state == CALL_SENDING) {
            tell_server(c, call); /* the rest of the request is not sent */
        }
        if (call->state != CALL_ENDED) {
            take_fault(c, call, p, r.status);
        }
        pending_unref(call);
        return;
    }
    c->confirmed |= security_signs(c->security);
    take_part(c, call, p, size);
}

/* ---- beginning
 * ---------------------------------------------------------------------------------------- */

void client_call_begin(struct loop_task *task)
{
    struct rpc_pending *call = COM_CONTAINER(task, struct rpc_pending, begin);
    struct rpc_connection *c = call->connection;
    call->next = NULL;
    if (c->last_waiting && c->waiting) {
        c->last_waiting->next = call;
    } else {
        c->waiting = call;
    }
    c->last_waiting = call;
    if (c->phase == CLIENT_CLOSED) {
        client_end(call, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE), NULL,
                   "the connection to %s is closed", c->peer);
        return;
    }
    uv_update_time(loop_uv(c->loop));
    call->deadline =
        call->timeout_ms == INFINITE ? UINT64_MAX : uv_now(loop_uv(c->loop)) + call->timeout_ms;
    client_pump(c);
}

static HRESULT new_call(struct rpc_connection *c, const struct rpc_request *q,
                        struct rpc_pending **ret)
{
    struct rpc_pending *call = calloc(1, sizeof(*call));
    uint8_t *stub = malloc(q->size + 1);
    if (!call || !stub) {
        free(call);
        free(stub);
        return error_raise(E_OUTOFMEMORY, "rpc_call", c->peer, "no memory for a request");
    }
    if (q->size > 0) {
        memcpy(stub, q->stub, q->size);
    }
    com_ref_init(&call->refs);
    atomic_init(&call->cancelling, false);
    (void)pthread_mutex_init(&call->lock, NULL);
    (void)pthread_cond_init(&call->ended, NULL);
    client_hold(c);
    call->connection = c;
    call->stub = stub;
    call->size = q->size;
    call->syntax = *q->syntax;
    call->has_object = q->object != NULL;
    call->object = q->object ? *q->object : GUID_NULL;
    call->opnum = q->opnum;
    call->maybe = q->maybe;
    call->replying = q->replying;
    call->timeout_ms = q->timeout_ms ? q->timeout_ms : c->options.call_timeout_ms;
    call->deadline = UINT64_MAX;
    call->started = loop_clock();
    call->begin.run = client_call_begin;
    *ret = call;
    return S_OK;
}

HRESULT rpc_call(struct rpc_connection *c, const struct rpc_request *request, struct rpc_reply *ret)
{
    struct rpc_pending *call;
    HRESULT hr = new_call(c, request, &call);
    if (FAILED(hr)) {
        return hr;
    }
    (void)com_ref_inc(&call->refs); /* the loop's */
    loop_post(c->loop, &call->begin);
    pthread_mutex_lock(&call->lock);
    while (!call->over) {
        pthread_cond_wait(&call->ended, &call->lock);
    }
    pthread_mutex_unlock(&call->lock);
    hr = call->hr;
    if (SUCCEEDED(hr)) {
        *ret = take_reply(call);
    } else {
        raise_error(call);
    }
    pending_unref(call);
    return hr;
}

HRESULT rpc_call_begin(struct rpc_connection *c, const struct rpc_request *request,
                       rpc_done_fn *done, void *context, struct rpc_pending **ret)
{
    struct rpc_pending *call;
    HRESULT hr = new_call(c, request, &call);
    if (FAILED(hr)) {
        return hr;
    }
    call->done = done;
    call->context = context;
    if (ret) {
        (void)com_ref_inc(&call->refs);
        *ret = call;
    }
    loop_post(c->loop, &call->begin);
    return S_OK;
}
