/*
 * What one connection of a server keeps for its client, which is never more than
 * it is meant to: the state machine alone, without a socket.
 */
#include "rpc/test_support.h"

#include "rpc/association.h"

/* ---- an association whose calls and handshakes this test runs ---------------------------------
 */

struct bench {
    struct association a;
    struct auth_acceptor acceptor;
    unsigned least; /* the interface's level; 0: the server's */
    unsigned dispatched, ended;
    bool hold; /* calls are not answered */
};

static struct bench *bench_of(struct association *a)
{
    return a->options.owner;
}

static bool find(struct association *a, const struct rpc_syntax *syntax, struct rpc_interface *ret)
{
    *ret = (struct rpc_interface){.syntax = *syntax, .minimum_level = bench_of(a)->least};
    return true;
}

static void dispatch(struct association *a, struct incoming *call)
{
    bench_of(a)->dispatched++;
    if (!bench_of(a)->hold) {
        association_answer(a, call);
    }
}

static void work(struct association *a, struct step *step)
{
    step_run(step); /* input() goes on with it */
}

static void ended(struct association *a, const struct incoming *call)
{
    bench_of(a)->ended++;
}

static void bench_start(struct bench *b, unsigned minimum_level, unsigned least,
                        const struct rpc_server_limits *limits)
{
    static const struct association_ops ops = {find, dispatch, work, ended, NULL};
    memset(b, 0, sizeof *b);
    b->acceptor.lookup = echo_lookup;
    b->least = least;
    struct association_options o = {.ops = &ops,
                                    .owner = b,
                                    .acceptor = &b->acceptor,
                                    .minimum_level = minimum_level,
                                    .limits = *limits,
                                    .address = "test",
                                    .number = 1};
    assert_int_equal(association_init(&b->a, &o), S_OK);
}

static const struct rpc_server_limits roomy = {
    .calls = 8, .contexts = 256, .request_bytes = 16 << 20, .pending_bytes = 64 << 20};

static void input(struct bench *b, const struct ndr_writer *w)
{
    assert_int_equal(w->status, S_OK);
    association_input(&b->a, w->data, w->size);
    while (b->a.stepping) {
        association_stepped(&b->a);
    }
}

/* ---- what a client sends ----------------------------------------------------------------------
 */

static void send_bind(struct bench *b, enum pdu_type type, uint32_t call_id, uint32_t security_id)
{
    static const uint8_t negotiate[] = {
        'N', 'T', 'L', 'M', 'S', 'S', 'P', 0,
        1,   0,   0,   0,   1,   0,   8,   0x20}; /* Unicode, extended, 128 bits */
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    pdu_write_header(&w, type, PFC_FIRST | PFC_LAST, call_id);
    pdu_write_bind(&w, 0, 0, &echo, false);
    if (security_id) {
        pdu_write_auth(&w, AUTH_NTLM, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, security_id, negotiate,
                       sizeof negotiate);
    }
    pdu_finish(&w, security_id ? sizeof negotiate : 0);
    input(b, &w);
}

static void send_fragment(struct bench *b, uint8_t flags, uint32_t call_id, size_t size)
{
    static const uint8_t zeros[PDU_FRAGMENT_SIZE];
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    pdu_write_header(&w, PDU_REQUEST, flags, call_id);
    ndr_write_u32(&w, 0); /* alloc_hint */
    ndr_write_u16(&w, 0);
    ndr_write_u16(&w, ECHO_BACK);
    ndr_write_bytes(&w, zeros, size);
    pdu_finish(&w, 0);
    input(b, &w);
}

/* The status of the next fault to be sent; 0: there is none. */
static uint32_t next_fault(struct bench *b)
{
    CLEANUP(buffer_done) struct buffer out = {0};
    uint32_t fault = 0;
    while (fault == 0 && association_has_output(&b->a)) {
        struct pdu p;
        struct pdu_response r;
        out.size = 0;
        association_output(&b->a, &out, 1);
        assert_int_equal(pdu_read(out.bytes, out.size, &p), S_OK);
        if (p.type == PDU_FAULT) {
            assert_int_equal(pdu_read_response(&p, &r), S_OK);
            fault = r.status;
        }
    }
    return fault;
}

#define NCA_TOO_BUSY 0x1c010014u
#define NCA_NO_MEMORY 0x1c00001bu
#define ACCESS_DENIED 5u

/* ---- tests ------------------------------------------------------------------------------------
 */

static void replies_that_are_not_taken_stop_the_reading(void **state)
{
    struct bench b;
    bench_start(&b, RPC_C_AUTHN_LEVEL_NONE, 0, &roomy);
    send_bind(&b, PDU_BIND, 1, 0);
    for (uint32_t id = 2; association_wants_input(&b.a); id++) {
        assert_true(id < 100);
        send_fragment(&b, PFC_FIRST | PFC_LAST, id, 0);
    }
    assert_int_equal(b.dispatched, roomy.calls);
    assert_int_equal(next_fault(&b), 0); /* takes all of them */
    assert_int_equal(b.ended, roomy.calls);
    assert_true(association_wants_input(&b.a));
    association_done(&b.a);
}

static void unfinished_requests_leave_room(void **state)
{
    struct bench b;
    struct rpc_server_limits limits = roomy;
    limits.pending_bytes = 64 << 10;
    bench_start(&b, RPC_C_AUTHN_LEVEL_NONE, 0, &limits);
    send_bind(&b, PDU_BIND, 1, 0);
    for (uint32_t id = 2; id < 10; id++) {
        for (unsigned i = 0; i < 8; i++) { /* more than a quarter each */
            send_fragment(&b, i == 0 ? PFC_FIRST : 0, id, 4096);
        }
    }
    assert_true(association_wants_input(&b.a)); /* or nothing would ever change */
    assert_true(b.a.pending_bytes <= limits.pending_bytes / 2);
    send_fragment(&b, PFC_LAST, 2, 0);
    assert_int_equal(b.dispatched, 1);
    for (uint32_t id = 3; id < 10; id++) {
        send_fragment(&b, PFC_LAST, id, 0);
        assert_int_equal(next_fault(&b), NCA_NO_MEMORY);
    }
    assert_int_equal(b.dispatched, 1);
    association_done(&b.a);
}

static void unfinished_requests_are_told_from_finished_ones(void **state)
{
    struct bench b;
    bench_start(&b, RPC_C_AUTHN_LEVEL_NONE, 0, &roomy);
    b.hold = true;
    send_bind(&b, PDU_BIND, 1, 0);
    assert_false(association_waits(&b.a, UINT64_MAX));
    uint64_t before = loop_clock();
    send_fragment(&b, PFC_FIRST, 2, 100);
    assert_false(association_waits(&b.a, before));
    assert_true(association_waits(&b.a, UINT64_MAX));
    send_fragment(&b, PFC_LAST, 2, 100);
    assert_false(
        association_waits(&b.a, UINT64_MAX)); /* it is worked on, for as long as it takes */
    association_answer(&b.a, b.a.calls);
    association_done(&b.a);
}

static void strangers_may_ask_little(void **state)
{
    struct bench b;
    bench_start(&b, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, RPC_C_AUTHN_LEVEL_NONE, &roomy);
    b.hold = true;
    send_bind(&b, PDU_BIND, 1, 0);
    for (unsigned i = 0; i < 40; i++) {
        send_fragment(&b, i == 0 ? PFC_FIRST : 0, 2, 4096);
    }
    assert_int_equal(b.a.pending_bytes, 0); /* it was too much, and is forgotten */
    send_fragment(&b, PFC_LAST, 2, 0);
    assert_int_equal(next_fault(&b), NCA_NO_MEMORY);
    for (uint32_t id = 3; id < 7; id++) {
        send_fragment(&b, PFC_FIRST | PFC_LAST, id, 10);
    }
    assert_int_equal(b.dispatched, 4);
    send_fragment(&b, PFC_FIRST | PFC_LAST, 7, 10);
    assert_int_equal(next_fault(&b), NCA_TOO_BUSY);
    while (b.a.calls) {
        association_answer(&b.a, b.a.calls);
    }
    association_done(&b.a);
}

static void nothing_below_the_level_is_kept(void **state)
{
    struct bench b;
    bench_start(&b, RPC_C_AUTHN_LEVEL_NONE, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, &roomy);
    send_bind(&b, PDU_BIND, 1, 0);
    send_fragment(&b, PFC_FIRST, 2, 4096);
    send_fragment(&b, 0, 2, 4096);
    assert_int_equal(b.a.pending_bytes, 0);
    send_fragment(&b, PFC_LAST, 2, 0);
    assert_int_equal(next_fault(&b), ACCESS_DENIED);
    assert_int_equal(b.dispatched, 0);
    association_done(&b.a);
}

static void few_handshakes_are_open_at_once(void **state)
{
    struct bench b;
    bench_start(&b, 0, 0, &roomy);
    send_bind(&b, PDU_BIND, 1, 1);
    for (uint32_t id = 2; id <= 4; id++) {
        send_bind(&b, PDU_ALTER_CONTEXT, id, id);
        assert_int_equal(next_fault(&b), 0);
    }
    assert_int_equal(b.a.security_count, 4);
    send_bind(&b, PDU_ALTER_CONTEXT, 5, 5);
    assert_int_equal(next_fault(&b), ACCESS_DENIED);
    assert_int_equal(b.a.state, ASSOCIATION_FAILED);
    association_done(&b.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replies_that_are_not_taken_stop_the_reading),
        cmocka_unit_test(unfinished_requests_leave_room),
        cmocka_unit_test(unfinished_requests_are_told_from_finished_ones),
        cmocka_unit_test(strangers_may_ask_little),
        cmocka_unit_test(nothing_below_the_level_is_kept),
        cmocka_unit_test(few_handshakes_are_open_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
