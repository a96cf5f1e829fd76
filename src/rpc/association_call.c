/*
 * Requests: put together from their fragments, checked, dispatched. What a
 * caller may not ask for is refused by its first fragment and never kept.
 */
#include "rpc/association.h"

#include "com/com.h"

#include <string.h>

#define NCA_PROTOCOL_ERROR 0x1c01000bu
#define NCA_UNKNOWN_INTERFACE 0x1c010003u
#define NCA_TOO_BUSY 0x1c010014u
#define NCA_NO_MEMORY 0x1c00001bu
/* What those may ask whom nobody knows: a resolver's questions and pings are short. */
#define STRANGER_REQUEST 131072
#define STRANGER_CALLS 4

static struct incoming *find_call(struct association *a, uint32_t id)
{
    struct incoming *call = a->calls;
    while (call && call->id != id) {
        call = call->next;
    }
    return call;
}

static void remove_call(struct association *a, struct incoming *call)
{
    struct incoming **at = &a->calls;
    while (*at != call) {
        at = &(*at)->next;
    }
    *at = call->next;
    a->call_count--;
    (void)association_hold(a, -(int64_t)call->stub.size);
    buffer_done(&call->stub);
    free(call);
}

/* The security context of a request: the one its trailer names. Without one, the only context of
 * the connection, when that is at connect ([MS-RPCE] 3.3.1.5.4). E_ACCESSDENIED: none that is done.
 */
static HRESULT security_of(struct association *a, const struct pdu *p, struct security **ret)
{
    struct security *s = a->securities;
    *ret = NULL;
    if (p->auth_length == 0) {
        if (s && !s->next && s->done && !security_signs(s)) {
            *ret = s;
        }
        return S_OK;
    }
    s = association_security(a, p->auth_context_id);
    if (!s || !s->done || s->type != p->auth_type || s->level != p->auth_level) {
        return E_ACCESSDENIED;
    }
    *ret = s;
    return S_OK;
}

static const struct presentation *presentation_of(const struct association *a, uint16_t id)
{
    for (unsigned i = 0; i < a->presentation_count; i++) {
        if (a->presentations[i].id == id) {
            return &a->presentations[i];
        }
    }
    return NULL;
}

/* Without proof of who it is, where others need one. */
static bool is_stranger(const struct association *a, unsigned level)
{
    return level <= RPC_C_AUTHN_LEVEL_NONE && a->options.minimum_level > RPC_C_AUTHN_LEVEL_NONE;
}

/* Why a request is not to be had; 0: it is. */
static uint32_t refusal(const struct association *a, const struct presentation *p, unsigned level)
{
    if (!p) {
        return NCA_UNKNOWN_INTERFACE;
    }
    unsigned least = p->served.minimum_level;
    if (level < (least ? least : a->options.minimum_level)) {
        return ERROR_ACCESS_DENIED;
    }
    unsigned most = a->options.limits.calls;
    if (is_stranger(a, level) && most > STRANGER_CALLS) {
        most = STRANGER_CALLS;
    }
    return a->call_count > most ? NCA_TOO_BUSY : 0;
}

static struct incoming *new_call(struct association *a, const struct pdu *p,
                                 const struct pdu_request *q, struct security *s)
{
    struct incoming *call = calloc(1, sizeof(*call));
    if (!call) {
        return NULL;
    }
    const struct presentation *presented = presentation_of(a, q->context_id);
    call->association = a;
    call->owner = a->options.owner;
    call->id = p->call_id;
    call->context_id = q->context_id;
    call->maybe = (p->flags & PFC_MAYBE) != 0;
    call->security = s;
    call->started = loop_clock();
    call->call = (struct rpc_server_call){
        .has_object = q->has_object,
        .object = q->object,
        .opnum = q->opnum,
        .drep = p->drep,
        .level = s ? s->level : RPC_C_AUTHN_LEVEL_NONE,
        .peer = s ? auth_peer(s->context) : NULL,
        .address = a->options.address,
        .connection = a->options.number,
    };
    atomic_init(&call->cancelled, false);
    a->call_count++;
    call->refused = s && s->refusal ? s->refusal : refusal(a, presented, call->call.level);
    if (presented) {
        call->call.syntax = presented->syntax;
        call->served = presented->served;
    }
    call->next = a->calls;
    a->calls = call;
    return call;
}

/* Unfinished requests get half of what a connection may keep: what is left is for those that are
 * worked on, which end without the client, so that it is always read from again. */
static bool has_room(const struct association *a, const struct incoming *call, size_t size)
{
    const struct rpc_server_limits *l = &a->options.limits;
    size_t most = is_stranger(a, call->call.level) && l->request_bytes > STRANGER_REQUEST
                      ? STRANGER_REQUEST
                      : l->request_bytes;
    size_t unfinished = size;
    for (const struct incoming *c = a->calls; c; c = c->next) {
        unfinished += c->dispatched ? 0 : c->stub.size;
    }
    return size <= most - call->stub.size && unfinished <= l->pending_bytes / 2;
}

static void keep_stub(struct association *a, struct incoming *call, const uint8_t *stub,
                      size_t size)
{
    if (call->refused) {
        return;
    }
    if (!has_room(a, call, size)) {
        call->refused = NCA_NO_MEMORY;
    } else {
        size_t before = call->stub.size;
        buffer_put(&call->stub, stub, size);
        bool room = association_hold(a, (int64_t)(call->stub.size - before));
        call->refused = call->stub.failed || !room ? NCA_NO_MEMORY : 0;
    }
    if (call->refused) {
        (void)association_hold(a, -(int64_t)call->stub.size);
        buffer_done(&call->stub);
    }
}

static void complete(struct association *a, struct incoming *call)
{
    size_t size = call->stub.size;
    const struct pdu_verified expected = {
        .abstract = &call->call.syntax,
        .drep = call->call.drep,
        .call_id = call->id,
        .context_id = call->context_id,
        .opnum = call->call.opnum,
        .header_sign = a->header_sign,
    };
    if (!call->refused && FAILED(pdu_check_verification(call->stub.bytes, &size, &expected))) {
        call->refused = ERROR_ACCESS_DENIED;
    }
    if (call->refused) {
        if (!call->maybe) {
            association_send_fault(a, call->id, call->context_id, call->refused);
        }
        remove_call(a, call);
        return;
    }
    call->call.stub = call->stub.bytes;
    call->call.size = size;
    call->received = size;
    call->dispatched = true;
    a->options.ops->dispatch(a, call);
}

void association_request(struct association *a, struct pdu *p)
{
    struct pdu_request q;
    struct security *s;
    size_t size;
    HRESULT hr = pdu_read_request(p, &q);
    if (FAILED(hr)) {
        association_fail(a);
        return;
    }
    hr = security_of(a, p, &s);
    if (SUCCEEDED(hr)) {
        hr = security_unprotect(s, p, q.header_size, &size);
    }
    if (FAILED(hr)) {
        /* A wrong signature, or what a failed handshake left: nothing behind it can be believed. */
        association_send_fault(a, p->call_id, q.context_id, ERROR_ACCESS_DENIED);
        association_fail(a);
        return;
    }
    struct incoming *call = find_call(a, p->call_id);
    bool first = (p->flags & PFC_FIRST) != 0;
    if (first ? call != NULL
              : !call || call->dispatched || call->context_id != q.context_id ||
                    call->security != s || call->call.opnum != q.opnum) {
        association_send_fault(a, p->call_id, q.context_id, NCA_PROTOCOL_ERROR);
        association_fail(a);
        return;
    }
    /* Calls that were refused wait for their last fragment; nobody needs many of those. */
    if (first && a->call_count < 2 * a->options.limits.calls) {
        call = new_call(a, p, &q, s);
    }
    if (!call) {
        association_fail(a);
        return;
    }
    call->fragments_received++;
    call->heard = loop_clock();
    keep_stub(a, call, p->bytes + q.header_size, size);
    if (p->flags & PFC_LAST) {
        complete(a, call);
    }
}

void association_cancel(struct association *a, const struct pdu *p)
{
    struct incoming *call = find_call(a, p->call_id);
    if (!call) {
        return; /* its answer is on its way already */
    }
    atomic_store_explicit(&call->cancelled, true, memory_order_relaxed);
    if (p->type == PDU_ORPHANED) {
        call->orphaned = true;
        if (!call->dispatched) {
            remove_call(a, call);
        }
    }
}
