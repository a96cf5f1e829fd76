/*
 * Negotiation by a client: the first interface and the security context with a
 * bind, each further interface with an alter_context.
 *
 *     bind(token) -> bind_ack(token) -> auth3(token)                       NTLM, three legs
 *     bind(token) -> bind_ack(token) -> alter_context(token) -> ..._resp   the others
 *
 * Steps of the handshake run on a pool thread, since they may ask a domain controller.
 */
#include "object/object.h"
#include "rpc/client_private.h"

#include <string.h>

#define SEND_LEAST 512

const struct presented *client_presented(struct rpc_connection *c, const struct rpc_syntax *syntax)
{
    for (unsigned i = 0; i < c->presented_count; i++) {
        if (rpc_syntax_equal(&c->presented[i].syntax, syntax)) {
            return &c->presented[i];
        }
    }
    return NULL;
}

static bool authenticates(const struct rpc_connection *c)
{
    return c->options.level > RPC_C_AUTHN_LEVEL_NONE;
}

static void wait_for_answer(struct rpc_connection *c)
{
    c->phase = CLIENT_BINDING;
    c->deadline = uv_now(loop_uv(c->loop)) + c->options.bind_timeout_ms;
}

/* A PDU of the negotiation under way, with the token of the last step if there is one. */
static void send_pdu(struct rpc_connection *c, enum pdu_type type)
{
    struct ndr_writer w = {0};
    uint8_t flags = PFC_FIRST | PFC_LAST;
    if (type != PDU_AUTH3) {
        flags |= (uint8_t)(PFC_CONCURRENT | (authenticates(c) ? PFC_HEADER_SIGN : 0));
    }
    pdu_write_header(&w, type, flags, c->binding_id);
    if (type == PDU_AUTH3) {
        ndr_write_u32(&w, 0); /* [MS-RPCE] 2.2.2.10: pad */
    } else {
        pdu_write_bind(&w, c->group, c->binding_context, &c->binding, type == PDU_BIND);
    }
    size_t token = c->step_out.size;
    if (token > 0) {
        pdu_write_auth(&w, c->security->type, c->security->level, c->security->id,
                       c->step_out.bytes, token);
    }
    client_send_control(c, &w, token);
    c->step_out.size = 0;
}

static void trace_bind(struct rpc_connection *c, HRESULT hr)
{
    client_trace(c, &(struct rpc_trace_event){.kind = RPC_TRACE_BIND,
                                              .call = c->binding_id,
                                              .syntax = c->binding,
                                              .level = c->options.level,
                                              .started = c->binding_started,
                                              .result = hr});
}

const char *client_doing(const struct rpc_connection *c)
{
    bool negotiating = c->phase == CLIENT_STEPPING || c->phase == CLIENT_BINDING;
    if (!negotiating) {
        return "";
    }
    return authenticates(c) && !c->bound ? " during authentication" : " during the bind";
}

static void refused(struct rpc_connection *c, HRESULT hr, IErrorInfo *error, const char *what)
{
    trace_bind(c, hr);
    client_fail(c, hr, error, "%s %s", c->peer, what);
}

/* ---- steps of the handshake -------------------------------------------------------------------
 */

static HRESULT new_security(struct rpc_connection *c)
{
    const struct rpc_client_options *o = &c->options;
    struct security *s = calloc(1, sizeof(*s));
    if (!s) {
        return E_OUTOFMEMORY;
    }
    s->type = (uint8_t)o->mechanism;
    s->level = (uint8_t)o->level;
    s->id = (uint32_t)c->number;
    HRESULT hr = auth_client_new(o->mechanism, o->credentials, o->target, o->level,
                                 AUTH_DCE_STYLE | o->auth_flags, &s->context);
    if (FAILED(hr)) {
        free(s);
        return hr;
    }
    c->security = s;
    return S_OK;
}

static void stepped(struct loop_task *task);

static void step_job(struct pool_job *job)
{
    struct rpc_connection *c = COM_CONTAINER(job, struct rpc_connection, step_job);
    HRESULT hr = c->security ? S_OK : new_security(c);
    if (SUCCEEDED(hr)) {
        hr = auth_step(c->security->context, c->step_in.size ? c->step_in.bytes : NULL,
                       c->step_in.size, &c->step_out, &c->step_done);
    }
    if (SUCCEEDED(hr) && c->step_out.failed) {
        hr = E_OUTOFMEMORY;
    }
    c->step_result = hr;
    com_release(TAKE(c->step_error));
    (void)GetErrorInfo(0, &c->step_error);
    c->step_task.run = stepped;
    loop_post(c->loop, &c->step_task);
}

static void step(struct rpc_connection *c, const void *token, size_t size)
{
    c->step_in.size = c->step_out.size = 0;
    c->step_done = false;
    buffer_put(&c->step_in, token, size);
    c->phase = CLIENT_STEPPING;
    c->handles++;
    c->step_job.run = step_job;
    HRESULT hr = c->step_in.failed ? E_OUTOFMEMORY : pool_submit(&c->step_job);
    if (FAILED(hr)) {
        c->handles--;
        refused(c, E_OUTOFMEMORY, NULL, "cannot be authenticated with: no thread");
    }
}

static void negotiated(struct rpc_connection *c)
{
    trace_bind(c, S_OK);
    c->bound = true;
    c->phase = CLIENT_IDLE;
}

static void go_on(struct rpc_connection *c)
{
    bool three_legs = c->security->type == AUTH_NTLM;
    if (!c->bound && c->binding_id == 0) {
        c->binding_id = c->next_call_id++;
        send_pdu(c, PDU_BIND);
        wait_for_answer(c);
    } else if (c->step_out.size == 0) {
        c->security->done = c->step_done;
        if (c->step_done) {
            negotiated(c);
        } else {
            refused(c, SEC_E_INVALID_TOKEN, NULL, "ended the authentication too early");
        }
    } else if (c->step_done && three_legs) {
        send_pdu(c, PDU_AUTH3);
        c->security->done = true;
        negotiated(c);
    } else {
        c->security->done = c->step_done;
        send_pdu(c, PDU_ALTER_CONTEXT);
        wait_for_answer(c);
    }
}

static void stepped(struct loop_task *task)
{
    struct rpc_connection *c = COM_CONTAINER(task, struct rpc_connection, step_task);
    if (c->phase == CLIENT_STEPPING && FAILED(c->step_result)) {
        refused(c, c->step_result, c->step_error, "cannot be authenticated with");
    } else if (c->phase == CLIENT_STEPPING) {
        go_on(c);
        client_pump(c);
    }
    client_gone(c);
}

/* ---- beginning ----------------------------------------------------------------------------------
 */

void client_negotiate(struct rpc_connection *c, const struct rpc_syntax *syntax)
{
    c->binding = *syntax;
    c->binding_context = c->next_context_id;
    c->next_context_id = (uint16_t)(c->next_context_id + (c->bound ? 1 : 2));
    c->binding_started = loop_clock();
    c->step_out.size = 0;
    if (!c->bound && authenticates(c)) {
        c->binding_id = 0;
        step(c, NULL, 0);
        return;
    }
    c->binding_id = c->next_call_id++;
    send_pdu(c, c->bound ? PDU_ALTER_CONTEXT : PDU_BIND);
    wait_for_answer(c);
}

/* ---- answers
 * -------------------------------------------------------------------------------------- */

static HRESULT meaning_of(const struct pdu_result *r)
{
    if (r->result == PDU_ACCEPTED) {
        bool ours = rpc_syntax_equal(&r->transfer, &pdu_ndr);
        return ours ? S_OK : HRESULT_FROM_WIN32(RPC_S_UNSUPPORTED_TRANS_SYN);
    }
    switch (r->reason) {
    case PDU_ABSTRACT_UNKNOWN:
        return HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF);
    case PDU_TRANSFER_UNKNOWN:
        return HRESULT_FROM_WIN32(RPC_S_UNSUPPORTED_TRANS_SYN);
    case PDU_TOO_MANY:
        return HRESULT_FROM_WIN32(RPC_S_OUT_OF_RESOURCES);
    default:
        return HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE);
    }
}

static HRESULT meaning_of_nak(uint16_t reason)
{
    switch (reason) {
    case PDU_NAK_CONGESTION:
        return HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY);
    case PDU_NAK_VERSION:
        return HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR);
    case PDU_NAK_AUTH_TYPE:
        return HRESULT_FROM_WIN32(RPC_S_UNKNOWN_AUTHN_SERVICE);
    case PDU_NAK_CHECKSUM:
        return E_ACCESSDENIED;
    default:
        return HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE);
    }
}

/* [MS-RPCE] 2.2.2.5 and C706 12.6.3.1, in words. */
static const char *words_of_nak(uint16_t reason)
{
    switch (reason) {
    case PDU_NAK_CONGESTION:
        return "it has too much to do";
    case PDU_NAK_VERSION:
        return "it does not speak this version of RPC";
    case PDU_NAK_AUTH_TYPE:
        return "it does not know this kind of authentication";
    case PDU_NAK_CHECKSUM:
        return "it does not accept the credentials";
    default:
        return "it gives no reason";
    }
}

static HRESULT keep_result(struct rpc_connection *c, HRESULT refusal)
{
    if (client_presented(c, &c->binding)) {
        return S_OK; /* a further leg of the same negotiation */
    }
    struct presented *grown =
        realloc(c->presented, (c->presented_count + 1) * sizeof(*c->presented));
    if (!grown) {
        return E_OUTOFMEMORY;
    }
    c->presented = grown;
    grown[c->presented_count++] = (struct presented){c->binding, c->binding_context, refusal};
    return S_OK;
}

static HRESULT read_ack(struct rpc_connection *c, const struct pdu *p)
{
    struct pdu_bind ack;
    struct pdu_result first = {PDU_PROVIDER_REJECTION, 0}, features = {0};
    HRESULT hr = pdu_read_bind_ack(p, &ack);
    if (SUCCEEDED(hr) && ack.count > 0) {
        hr = pdu_read_result(&ack, &first);
    }
    if (SUCCEEDED(hr) && ack.count > 1) {
        hr = pdu_read_result(&ack, &features);
    }
    if (FAILED(hr) || (ack.count == 0 && p->type == PDU_BIND_ACK)) {
        return HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR);
    }
    if (p->type == PDU_BIND_ACK) {
        if (ack.max_receive < SEND_LEAST) {
            return HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR);
        }
        c->max_send = ack.max_receive < PDU_FRAGMENT_SIZE ? ack.max_receive : PDU_FRAGMENT_SIZE;
        c->group = ack.group;
        c->concurrent = (p->flags & PFC_CONCURRENT) != 0;
        c->header_sign = authenticates(c) && (p->flags & PFC_HEADER_SIGN);
        c->keep_on_orphan =
            features.result == PDU_NEGOTIATE_ACK && (features.reason & PDU_FEATURE_KEEP_ON_ORPHAN);
        if (c->security) {
            auth_set_header_signing(c->security->context, c->header_sign);
        }
    }
    return keep_result(c, meaning_of(&first));
}

/* Why a bind or alter_context was refused as a whole. */
static void take_refusal(struct rpc_connection *c, const struct pdu *p)
{
    uint16_t reason = 0;
    struct pdu_response fault = {0};
    char what[CLIENT_TEXT / 2];
    const char *of = authenticates(c) && !c->bound ? "the bind or the authentication" : "the bind";
    HRESULT hr =
        p->type == PDU_FAULT ? pdu_read_response(p, &fault) : pdu_read_bind_nak(p, &reason);
    if (FAILED(hr)) {
        (void)snprintf(what, sizeof what, "refused %s with what makes no sense", of);
    } else if (p->type == PDU_FAULT) {
        hr = rpc_status_to_hresult(fault.status);
        (void)snprintf(what, sizeof what, "refused %s with fault 0x%08x", of,
                       (unsigned)fault.status);
    } else {
        hr = meaning_of_nak(reason);
        (void)snprintf(what, sizeof what, "refused %s: %s (reason %u)", of, words_of_nak(reason),
                       (unsigned)reason);
    }
    refused(c, hr, NULL, what);
}

void client_bind_answer(struct rpc_connection *c, const struct pdu *p)
{
    if (p->type == PDU_BIND_NAK || p->type == PDU_FAULT) {
        take_refusal(c, p);
        return;
    }
    bool handshaking = authenticates(c) && !c->bound;
    bool first = handshaking || !c->bound ? c->presented_count == 0 : false;
    if (first != (p->type == PDU_BIND_ACK)) {
        refused(c, HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR), NULL, "answered out of order");
        return;
    }
    HRESULT hr = read_ack(c, p);
    if (FAILED(hr)) {
        refused(c, hr, NULL, "answered the bind with what makes no sense");
    } else if (!handshaking || c->security->done) {
        negotiated(c);
    } else if (p->auth_length == 0 || p->auth_context_id != c->security->id) {
        refused(c, SEC_E_INVALID_TOKEN, NULL, "did not authenticate itself");
    } else {
        step(c, p->token, p->auth_length);
    }
}
