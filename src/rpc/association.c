/*
 * Fragments in, control PDUs and replies out; what each PDU means is in
 * association_bind.c and association_call.c.
 */
#include "rpc/association.h"

#include "com/com.h"

#include <string.h>

/* Faults and the like that wait for a peer who asks more than it reads. */
#define CONTROLS_MAX 64

HRESULT association_init(struct association *a, const struct association_options *options)
{
    *a = (struct association){.options = *options, .max_send = PDU_FRAGMENT_LEAST};
    a->step.association = a;
    return S_OK;
}

static void free_incoming(struct incoming *call)
{
    buffer_done(&call->stub);
    free(call->reply);
    free(call);
}

static void unlink_call(struct association *a, struct incoming *call)
{
    struct incoming **at = &a->calls;
    while (*at && *at != call) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = call->next;
        a->call_count--;
    }
}

bool association_hold(struct association *a, int64_t bytes)
{
    a->pending_bytes = (size_t)((int64_t)a->pending_bytes + bytes);
    return bytes == 0 || !a->options.ops->hold || a->options.ops->hold(a, bytes);
}

/* A call that is in no list is over. */
static void end_call(struct association *a, struct incoming *call)
{
    (void)association_hold(a, -(int64_t)(call->stub.size + call->reply_size));
    if (call->dispatched) {
        a->options.ops->ended(a, call);
    }
    free_incoming(call);
}

void association_done(struct association *a)
{
    association_lost(a);
    while (a->securities) {
        struct security *s = a->securities;
        a->securities = s->next;
        security_destroy(s);
    }
    free(a->presentations);
    free(a->results);
    buffer_done(&a->input);
    buffer_done(&a->step.in);
    buffer_done(&a->step.out);
}

void association_fail(struct association *a)
{
    a->state = ASSOCIATION_FAILED;
    a->input.size = 0;
}

void association_lost(struct association *a)
{
    a->state = ASSOCIATION_FAILED;
    while (a->controls) {
        struct control *c = a->controls;
        a->controls = c->next;
        free(c->bytes);
        free(c);
    }
    a->last_control = NULL;
    while (a->replies) {
        struct incoming *call = a->replies;
        a->replies = call->next;
        end_call(a, call);
    }
    a->last_reply = NULL;
    a->reply_count = 0;
    association_drain(a);
    for (struct incoming *call = a->calls; call; call = call->next) {
        atomic_store_explicit(&call->cancelled, true, memory_order_relaxed);
        call->orphaned = true;
    }
}

void association_drain(struct association *a)
{
    struct incoming **at = &a->calls;
    while (*at) {
        struct incoming *call = *at;
        if (call->dispatched) {
            at = &call->next;
        } else {
            *at = call->next;
            a->call_count--;
            end_call(a, call);
        }
    }
}

struct security *association_security(struct association *a, uint32_t id)
{
    struct security *s = a->securities;
    while (s && s->id != id) {
        s = s->next;
    }
    return s;
}

/* ---- in ---------------------------------------------------------------------------- */

static void take_pdu(struct association *a, uint8_t *bytes, size_t size)
{
    struct pdu p;
    if (FAILED(pdu_read(bytes, size, &p))) {
        association_fail(a);
        return;
    }
    bool bound = a->state == ASSOCIATION_BOUND;
    if (p.type == PDU_BIND && !bound) {
        association_bind(a, &p);
    } else if (p.type == PDU_ALTER_CONTEXT && bound) {
        association_bind(a, &p);
    } else if (p.type == PDU_AUTH3 && bound) {
        association_auth3(a, &p);
    } else if (p.type == PDU_REQUEST && bound) {
        association_request(a, &p);
    } else if ((p.type == PDU_CO_CANCEL || p.type == PDU_ORPHANED) && bound) {
        association_cancel(a, &p);
    } else {
        association_fail(a); /* only servers send the others */
    }
}

/* The fragment that begins at `at`. Before anything is negotiated a bind may carry a large ticket;
 * what carries stubs keeps to the size that we offer. */
static HRESULT next_fragment(const struct association *a, size_t at, size_t *ret)
{
    struct pdu p;
    size_t left = a->input.size - at;
    *ret = 0;
    if (left < PDU_HEADER_SIZE) {
        return S_FALSE;
    }
    HRESULT hr = pdu_read_header(a->input.bytes + at, &p);
    bool data = p.type == PDU_REQUEST || p.type == PDU_CO_CANCEL || p.type == PDU_ORPHANED;
    if (FAILED(hr) || (data && p.length > PDU_FRAGMENT_SIZE) ||
        (a->state == ASSOCIATION_NEW && p.type != PDU_BIND)) {
        return E_FAIL;
    }
    *ret = p.length;
    return left < p.length ? S_FALSE : S_OK;
}

/* As many fragments as may be looked at now. */
void association_take(struct association *a)
{
    struct buffer *in = &a->input;
    size_t at = 0;
    while (a->state != ASSOCIATION_FAILED && !a->stepping && in->size > at) {
        size_t length;
        HRESULT hr = next_fragment(a, at, &length);
        if (FAILED(hr)) {
            association_fail(a);
        }
        if (hr != S_OK) {
            break;
        }
        take_pdu(a, in->bytes + at, length);
        at += length;
    }
    if (a->state != ASSOCIATION_FAILED && at > 0) {
        memmove(in->bytes, in->bytes + at, in->size - at);
        in->size -= (uint32_t)at;
    }
    a->fragment_begun = at == 0 ? in->size : 0;
}

void association_input(struct association *a, const uint8_t *bytes, size_t size)
{
    if (a->state == ASSOCIATION_FAILED) {
        return;
    }
    buffer_put(&a->input, bytes, size);
    if (a->input.failed) {
        association_fail(a);
        return;
    }
    association_take(a);
}

bool association_wants_input(const struct association *a)
{
    return a->state != ASSOCIATION_FAILED && !a->stepping &&
           a->pending_bytes < a->options.limits.pending_bytes && a->control_count < CONTROLS_MAX &&
           a->reply_count < a->options.limits.calls;
}

bool association_waits(const struct association *a, uint64_t since)
{
    const struct incoming *call = a->calls;
    while (call && (call->dispatched || call->heard >= since)) {
        call = call->next;
    }
    return call != NULL;
}

/* ---- out ------------------------------------------------------------------------------ */

void association_send(struct association *a, struct ndr_writer *w, size_t auth_length)
{
    pdu_finish(w, auth_length);
    uint8_t *bytes = NULL;
    size_t size;
    HRESULT hr = ndr_writer_take(w, &bytes, &size);
    struct control *c = FAILED(hr) ? NULL : calloc(1, sizeof(*c));
    if (!c) {
        free(bytes);
        association_fail(a);
        return;
    }
    c->bytes = bytes;
    c->size = size;
    if (a->last_control) {
        a->last_control->next = c;
    } else {
        a->controls = c;
    }
    a->last_control = c;
    a->control_count++;
}

static void append(struct association *a, struct buffer *out, const uint8_t *bytes, size_t size)
{
    buffer_put(out, bytes, size);
    if (out->failed) {
        association_fail(a);
    }
}

/* Faults go unsigned, whatever the level: their status has to be read before a context is, and they
 * promise nothing but failure. */
static size_t put_fault(uint8_t *fragment, uint32_t id, uint16_t context_id, uint32_t status,
                        bool executed)
{
    uint8_t flags = PFC_FIRST | PFC_LAST | (executed ? 0 : PFC_DID_NOT_EXECUTE);
    size_t size = pdu_put_fault(fragment, flags, id, context_id, status);
    pdu_put_lengths(fragment, size, 0);
    return size;
}

void association_send_fault(struct association *a, uint32_t id, uint16_t context_id,
                            uint32_t status)
{
    uint8_t fragment[64];
    struct ndr_writer w = {0};
    ndr_write_bytes(&w, fragment, put_fault(fragment, id, context_id, status, false));
    association_send(a, &w, 0);
}

/* One fragment of a reply; true when it was the last. */
static bool put_reply(struct association *a, struct incoming *call, struct buffer *out)
{
    uint8_t fragment[PDU_FRAGMENT_SIZE];
    size_t room, size;
    HRESULT hr = S_OK;
    bool last = true;
    call->fragments_sent++;
    if (call->fault) {
        size = put_fault(fragment, call->id, call->context_id, call->fault, true);
    } else {
        hr = security_room(call->security, a->max_send, PDU_RESPONSE_SIZE, &room);
        size_t left = call->reply_size - call->sent;
        last = FAILED(hr) || left <= room;
        size_t part = last ? left : room;
        if (SUCCEEDED(hr)) {
            uint8_t flags = (uint8_t)((call->sent == 0 ? PFC_FIRST : 0) | (last ? PFC_LAST : 0));
            (void)pdu_put_response(fragment, flags, call->id, (uint32_t)left, call->context_id);
            if (part > 0) {
                memcpy(fragment + PDU_RESPONSE_SIZE, call->reply + call->sent, part);
            }
            hr = security_protect(call->security, fragment, PDU_RESPONSE_SIZE, part, &size);
            call->sent += part;
        }
    }
    if (FAILED(hr)) {
        association_fail(a);
        return true;
    }
    append(a, out, fragment, size);
    return last;
}

bool association_has_output(const struct association *a)
{
    return a->controls || a->replies;
}

void association_output(struct association *a, struct buffer *out, size_t want)
{
    while (out->size < want && association_has_output(a) && !out->failed) {
        if (a->controls) {
            struct control *c = a->controls;
            a->controls = c->next;
            a->control_count--;
            if (!a->controls) {
                a->last_control = NULL;
            }
            append(a, out, c->bytes, c->size);
            free(c->bytes);
            free(c);
            continue;
        }
        struct incoming *call = a->replies;
        if (put_reply(a, call, out)) {
            a->replies = call->next;
            a->reply_count--;
            if (!a->replies) {
                a->last_reply = NULL;
            }
            end_call(a, call);
        }
    }
}

void association_answer(struct association *a, struct incoming *call)
{
    unlink_call(a, call);
    (void)association_hold(a, (int64_t)call->reply_size);
    call->next = NULL;
    if (call->orphaned || call->maybe || a->state == ASSOCIATION_FAILED) {
        end_call(a, call);
        return;
    }
    if (a->last_reply) {
        a->last_reply->next = call;
    } else {
        a->replies = call;
    }
    a->last_reply = call;
    a->reply_count++;
}
