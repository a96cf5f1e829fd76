/*
 * A whole connection of an RPC server, from the first byte that a stranger sends:
 * binds, handshakes, requests in fragments, cancels. The first byte of the input
 * says how it is cut. What the server sends back has to be PDUs.
 */
#include "fuzz.h"

#include "com/com.h"
#include "rpc/association.h"

#define HELD_MAX 8

static struct incoming *held[HELD_MAX];
static size_t held_count;

static bool find(struct association *a, const struct rpc_syntax *syntax, struct rpc_interface *ret)
{
    *ret = (struct rpc_interface){.syntax = *syntax};
    ret->minimum_level =
        syntax->uuid.Data1 & 1 ? RPC_C_AUTHN_LEVEL_PKT_INTEGRITY : RPC_C_AUTHN_LEVEL_NONE;
    return (syntax->uuid.Data1 & 2) == 0;
}

static void answer(struct incoming *call)
{
    if (call->call.opnum & 1) {
        call->fault = 5;
    } else {
        call->reply_size = call->call.size * (call->call.opnum & 2 ? 3 : 1);
        call->reply = calloc(1, call->reply_size + 1);
        FUZZ_ASSERT(call->reply != NULL);
    }
    association_answer(call->association, call);
}

static void dispatch(struct association *a, struct incoming *call)
{
    FUZZ_ASSERT(call->call.level >= call->served.minimum_level);
    if ((call->call.opnum & 4) && held_count < HELD_MAX) {
        held[held_count++] = call;
    } else {
        answer(call);
    }
}

static struct step *pending;

static void work(struct association *a, struct step *step)
{
    FUZZ_ASSERT(!pending);
    pending = step;
}

static void ended(struct association *a, const struct incoming *call)
{
}

static const struct association_ops ops = {find, dispatch, work, ended};

static HRESULT lookup(void *context, const char *domain, const char *user,
                      uint8_t hash[AUTH_NT_HASH_SIZE])
{
    return auth_nt_hash("", hash);
}

static void take_output(struct association *a)
{
    struct buffer out = {0};
    association_output(a, &out, 1 << 20);
    for (size_t at = 0; at < out.size;) {
        struct pdu p;
        FUZZ_ASSERT(out.size - at >= PDU_HEADER_SIZE);
        FUZZ_ASSERT(SUCCEEDED(pdu_read_header(out.bytes + at, &p)));
        FUZZ_ASSERT(p.length <= out.size - at);
        FUZZ_ASSERT(SUCCEEDED(pdu_read(out.bytes + at, p.length, &p)));
        at += p.length;
    }
    buffer_done(&out);
}

static void settle(struct association *a)
{
    while (pending) {
        struct step *step = pending;
        pending = NULL;
        step_run(step);
        association_stepped(a);
    }
    take_output(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct auth_acceptor acceptor = {
        .lookup = lookup, .netbios_computer = "FUZZ", .allow_anonymous = true};
    struct association a;
    struct association_options o = {
        .ops = &ops,
        .acceptor = &acceptor,
        .minimum_level = RPC_C_AUTHN_LEVEL_NONE,
        .limits = {.request_bytes = 4096, .pending_bytes = 65536, .calls = 4, .contexts = 4},
        .address = "stranger[1]",
        .port = 135,
        .number = 1};
    if (size == 0) {
        return 0;
    }
    size_t cut = (size_t)data[0] + 1, at = 1;
    FUZZ_ASSERT(SUCCEEDED(association_init(&a, &o)));
    while (at < size && a.state != ASSOCIATION_FAILED) {
        size_t part = size - at < cut ? size - at : cut;
        association_input(&a, data + at, part);
        at += part;
        settle(&a);
        if (held_count == HELD_MAX) {
            answer(held[--held_count]);
        }
    }
    /* The calls of others come home after the connection has gone. */
    association_lost(&a);
    while (held_count > 0) {
        answer(held[--held_count]);
    }
    FUZZ_ASSERT(a.call_count == 0 && a.pending_bytes == 0);
    association_done(&a);
    return 0;
}
