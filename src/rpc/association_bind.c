/*
 * Negotiation: presentation contexts, features, security contexts ([MS-RPCE]
 * 3.3.1.5.2 to 3.3.1.5.4). A connection may hold several security contexts,
 * one for each auth_context_id.
 */
#include "rpc/association.h"

#include "com/com.h"

#include <string.h>

/* Smaller than everybody must take (C706 12.6.3.1), but still room for a signature and some stub.
 */
#define SEND_LEAST 512
/* Handshakes that have begun and not ended: what they keep is for somebody unknown. */
#define UNFINISHED_MOST 4

static struct presentation *presentation_of(struct association *a, uint16_t id)
{
    for (unsigned i = 0; i < a->presentation_count; i++) {
        if (a->presentations[i].id == id) {
            return &a->presentations[i];
        }
    }
    return NULL;
}

static bool add_presentation(struct association *a, const struct pdu_context *c,
                             const struct rpc_interface *served)
{
    struct presentation *p = presentation_of(a, c->id);
    if (!p) {
        if (a->presentation_count >= a->options.limits.contexts) {
            return false;
        }
        struct presentation *grown =
            realloc(a->presentations, (a->presentation_count + 1) * sizeof(*p));
        if (!grown) {
            return false;
        }
        a->presentations = grown;
        p = &grown[a->presentation_count++];
    }
    *p = (struct presentation){c->id, c->abstract, *served};
    return true;
}

static struct pdu_result answer_context(struct association *a, const struct pdu_context *c,
                                        bool first)
{
    struct rpc_interface served;
    struct pdu_result r = {PDU_PROVIDER_REJECTION, 0, {{0}, 0, 0}};
    if (c->features) {
        r.result = PDU_NEGOTIATE_ACK;
        r.reason = c->bits & PDU_FEATURES;
        if (first) {
            a->keep_on_orphan = (c->bits & PDU_FEATURE_KEEP_ON_ORPHAN) != 0;
        }
    } else if (!a->options.ops->find(a, &c->abstract, &served)) {
        r.reason = PDU_ABSTRACT_UNKNOWN;
    } else if (!c->ndr) { /* NDR64 alone, or what nobody knows */
        r.reason = PDU_TRANSFER_UNKNOWN;
    } else if (!add_presentation(a, c, &served)) {
        r.reason = PDU_TOO_MANY;
    } else {
        r = (struct pdu_result){PDU_ACCEPTED, 0, pdu_ndr};
    }
    return r;
}

static HRESULT answer_contexts(struct association *a, struct pdu_bind *bind, bool first)
{
    free(a->results);
    a->result_count = 0;
    a->results = calloc(bind->count + 1, sizeof(*a->results)); /* 255 at most */
    if (!a->results) {
        return E_OUTOFMEMORY;
    }
    for (unsigned i = 0; i < bind->count; i++) {
        struct pdu_context c;
        HRESULT hr = pdu_read_context(bind, &c);
        if (FAILED(hr)) {
            return hr;
        }
        a->results[a->result_count++] = answer_context(a, &c, first);
    }
    return S_OK;
}

static void send_nak(struct association *a, uint32_t call_id, uint16_t reason)
{
    struct ndr_writer w = {0};
    pdu_write_header(&w, PDU_BIND_NAK, PFC_FIRST | PFC_LAST, call_id);
    pdu_write_bind_nak(&w, reason);
    association_send(a, &w, 0);
    association_fail(a);
}

/* bind_ack or alter_context_resp, with the token if there is one. */
static void send_answer(struct association *a, const struct security *s, const struct buffer *token)
{
    char address[8] = "";
    struct ndr_writer w = {0};
    if (a->answer_type == PDU_BIND_ACK) {
        (void)snprintf(address, sizeof address, "%u", a->options.port);
    }
    uint8_t flags = PFC_FIRST | PFC_LAST | (a->answer_header_sign ? PFC_HEADER_SIGN : 0);
    pdu_write_header(&w, a->answer_type, flags | PFC_CONCURRENT, a->answer_id);
    pdu_write_bind_ack(&w, PDU_FRAGMENT_SIZE, PDU_FRAGMENT_SIZE, a->group, address, a->results,
                       a->result_count);
    size_t size = token ? token->size : 0;
    if (size > 0) {
        pdu_write_auth(&w, s->type, s->level, s->id, token->bytes, size);
    }
    association_send(a, &w, size);
}

/* ---- security ---------------------------------------------------------------------------- */

static unsigned unfinished(const struct association *a)
{
    unsigned count = 0;
    for (const struct security *s = a->securities; s; s = s->next) {
        count += !s->done;
    }
    return count;
}

/* The security context that a handshake's token belongs to: a new one, or one on its way. */
static HRESULT security_for(struct association *a, const struct pdu *p, struct security **ret)
{
    struct security *s = association_security(a, p->auth_context_id);
    if (s) {
        bool same = s->type == p->auth_type && s->level == p->auth_level;
        *ret = s;
        return s->done || !same ? E_ACCESSDENIED : S_OK;
    }
    bool known =
        p->auth_type == AUTH_NTLM || p->auth_type == AUTH_KERBEROS || p->auth_type == AUTH_SPNEGO;
    if (!known || !a->options.acceptor || p->auth_level < RPC_C_AUTHN_LEVEL_CONNECT ||
        p->auth_level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY ||
        a->security_count >= a->options.limits.contexts || unfinished(a) >= UNFINISHED_MOST ||
        p->type == PDU_AUTH3) {
        return E_ACCESSDENIED;
    }
    s = calloc(1, sizeof(*s));
    if (!s) {
        return E_OUTOFMEMORY;
    }
    HRESULT hr =
        auth_server_new((enum auth_mechanism)p->auth_type, a->options.acceptor, &s->context);
    if (FAILED(hr)) {
        free(s);
        return hr;
    }
    auth_set_header_signing(s->context, a->header_sign);
    s->id = p->auth_context_id;
    s->type = p->auth_type;
    s->level = p->auth_level;
    s->next = a->securities;
    a->securities = s;
    a->security_count++;
    *ret = s;
    return S_OK;
}

static HRESULT start_step(struct association *a, const struct pdu *p)
{
    struct step *step = &a->step;
    HRESULT hr = security_for(a, p, &step->security);
    if (FAILED(hr)) {
        return hr;
    }
    step->in.size = step->out.size = 0;
    step->done = false;
    buffer_put(&step->in, p->token, p->auth_length);
    if (step->in.failed) {
        return E_OUTOFMEMORY;
    }
    a->stepping = true;
    a->options.ops->work(a, step);
    return S_OK;
}

void step_run(struct step *step)
{
    step->hr =
        auth_step(step->security->context, step->in.bytes, step->in.size, &step->out, &step->done);
    (void)SetErrorInfo(0, NULL);
    if (SUCCEEDED(step->hr) && step->out.failed) {
        step->hr = E_OUTOFMEMORY;
    }
}

static void refuse(struct association *a)
{
    if (a->answer_type == PDU_BIND_ACK) {
        send_nak(a, a->answer_id, PDU_NAK_CHECKSUM);
        return;
    }
    /* [MS-RPCE] 3.3.1.5.2.1: an alter_context gets a fault. */
    association_send_fault(a, a->answer_id, 0, ERROR_ACCESS_DENIED);
    association_fail(a);
}

void association_stepped(struct association *a)
{
    struct step *step = &a->step;
    a->stepping = false;
    if (a->state == ASSOCIATION_FAILED) {
        return;
    }
    /* Kerberos and SPNEGO have tokens that say why, such as clocks that differ: they go where any
     * other does, and the context is of no use to the client. */
    if (FAILED(step->hr) && a->answer_wanted && step->out.size == 0) {
        refuse(a);
        return;
    }
    /* auth3 has no answer: the first request under a context that failed gets a fault instead. */
    if (SUCCEEDED(step->hr) && step->done) {
        step->security->done = true;
        a->authenticated |= step->security->refusal == 0;
    }
    if (a->answer_wanted) {
        send_answer(a, step->security, &step->out);
    }
    association_take(a);
}

/* ---- the PDUs ------------------------------------------------------------------------------ */

void association_bind(struct association *a, const struct pdu *p)
{
    bool first = p->type == PDU_BIND;
    struct pdu_bind bind;
    a->answer_type = first ? PDU_BIND_ACK : PDU_ALTER_CONTEXT_RESP;
    a->answer_id = p->call_id;
    a->answer_wanted = true;
    if (FAILED(pdu_read_bind(p, &bind))) {
        association_fail(a);
        return;
    }
    if (first) {
        if (bind.max_receive < SEND_LEAST) {
            send_nak(a, p->call_id, PDU_NAK_REASON_NONE);
            return;
        }
        a->max_send =
            (uint16_t)(bind.max_receive < PDU_FRAGMENT_SIZE ? bind.max_receive : PDU_FRAGMENT_SIZE);
        a->header_sign = (p->flags & PFC_HEADER_SIGN) != 0;
        a->group = bind.group ? bind.group : (uint32_t)a->options.number | 0x10000u;
        a->state = ASSOCIATION_BOUND;
    }
    a->answer_header_sign = a->header_sign && (p->flags & PFC_HEADER_SIGN);
    HRESULT hr = answer_contexts(a, &bind, first);
    if (FAILED(hr)) {
        association_fail(a);
    } else if (p->auth_length == 0) {
        send_answer(a, NULL, NULL);
    } else if (FAILED(start_step(a, p))) {
        if (first) {
            send_nak(a, p->call_id, PDU_NAK_AUTH_TYPE);
        } else {
            refuse(a);
        }
    }
}

void association_auth3(struct association *a, const struct pdu *p)
{
    a->answer_type = PDU_AUTH3;
    a->answer_id = p->call_id;
    a->answer_wanted = false;
    if (p->auth_length == 0 || FAILED(start_step(a, p))) {
        refuse(a);
    }
}
