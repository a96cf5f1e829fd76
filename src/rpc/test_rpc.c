/*
 * Client against server over loopback: at each level, in fragments, at once,
 * with faults, cancelled, timed out, stopped.
 */
#include "rpc/test_support.h"

static void echoes(struct rpc_connection *c, const struct rpc_syntax *syntax, size_t size)
{
    struct rpc_reply reply;
    uint8_t *stub = malloc(size + 1);
    for (size_t i = 0; i < size; i++) {
        stub[i] = pattern(i);
    }
    assert_int_equal(echo_call(c, syntax, ECHO_BACK, stub, size, &reply), S_OK);
    assert_int_equal(reply.size, size);
    assert_memory_equal(reply.data, stub, size);
    rpc_reply_done(&reply);
    free(stub);
}

static void calls_of_every_size(void **state)
{
    static const unsigned levels[] = {RPC_C_AUTHN_LEVEL_NONE, RPC_C_AUTHN_LEVEL_CONNECT,
                                      RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
                                      RPC_C_AUTHN_LEVEL_PKT_PRIVACY};
    static const size_t sizes[] = {0,    1,    7,    8,    15,   16,    17,    5700,   5751,
                                   5752, 5784, 5800, 5816, 5817, 11631, 11633, 100001, 3000000};
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    for (size_t i = 0; i < ARRAYSIZE(levels); i++) {
        struct rpc_connection *c = echo_connect(&s, levels[i]);
        for (size_t k = 0; k < ARRAYSIZE(sizes); k++) {
            echoes(c, &echo, sizes[k]);
        }
        rpc_connection_unref(c);
    }
    echo_stop(&s);
}

static void the_server_knows_level_and_peer(void **state)
{
    static const struct {
        unsigned asked;
        const char *seen;
    } cases[] = {{RPC_C_AUTHN_LEVEL_NONE, "1 -"},       {RPC_C_AUTHN_LEVEL_CONNECT, "2 "},
                 {RPC_C_AUTHN_LEVEL_PKT, "5 "},         {RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, "5 "},
                 {RPC_C_AUTHN_LEVEL_PKT_PRIVACY, "6 "}, {RPC_C_AUTHN_LEVEL_DEFAULT, "6 "}};
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        struct rpc_reply reply;
        struct rpc_connection *c = echo_connect(&s, cases[i].asked);
        assert_int_equal(echo_call(c, &echo, ECHO_PEER, NULL, 0, &reply), S_OK);
        assert_memory_equal(reply.data, cases[i].seen, strlen(cases[i].seen));
        if (cases[i].asked != RPC_C_AUTHN_LEVEL_NONE) {
            assert_non_null(strstr((char *)reply.data, "wmi"));
        }
        rpc_reply_done(&reply);
        rpc_connection_unref(c);
    }
    echo_stop(&s);
}

static void below_the_floor_is_refused(void **state)
{
    struct rpc_reply reply;
    struct echo_server s;
    echo_start(&s, NULL, 0, "127.0.0.1");
    for (unsigned level = RPC_C_AUTHN_LEVEL_NONE; level <= RPC_C_AUTHN_LEVEL_CONNECT; level++) {
        struct rpc_connection *c = echo_connect(&s, level);
        uint8_t stub[20000] = {0};
        assert_int_equal(echo_call(c, &echo, ECHO_BACK, stub, sizeof stub, &reply), E_ACCESSDENIED);
        rpc_connection_unref(c);
    }
    assert_int_equal(atomic_load(&s.served), 0);
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY);
    echoes(c, &echo, 10);
    rpc_connection_unref(c);
    echo_stop(&s);
}

static void a_wrong_password_is_refused(void **state)
{
    static const unsigned levels[] = {RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
                                      RPC_C_AUTHN_LEVEL_PKT_PRIVACY};
    struct rpc_reply reply;
    struct echo_server s;
    echo_start(&s, NULL, 0, "127.0.0.1");
    for (size_t i = 0; i < ARRAYSIZE(levels); i++) {
        struct rpc_connection *c = echo_connect_as(&s, levels[i], "wrong");
        assert_int_equal(echo_call(c, &echo, ECHO_BACK, "x", 1, &reply), E_ACCESSDENIED);
        IErrorInfo *error = NULL;
        assert_int_equal(GetErrorInfo(0, &error), S_OK);
        IErrorInfo_Release(error);
        rpc_connection_unref(c);
    }
    assert_int_equal(atomic_load(&s.served), 0);
    echo_stop(&s);
}

static void interfaces_are_negotiated_as_they_are_called(void **state)
{
    struct rpc_reply reply;
    struct echo_server s;
    struct rpc_syntax other = echo_too;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    assert_int_equal(echo_call(c, &nothing, ECHO_BACK, "x", 1, &reply),
                     HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF));
    echoes(c, &echo, 100);
    echoes(c, &echo_too, 100);
    other.minor = 1; /* an older one will do */
    echoes(c, &other, 100);
    other.minor = 3; /* a newer one won't */
    assert_int_equal(echo_call(c, &other, ECHO_BACK, "x", 1, &reply),
                     HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF));
    other = (struct rpc_syntax){echo.uuid, 2, 0};
    assert_int_equal(echo_call(c, &other, ECHO_BACK, "x", 1, &reply),
                     HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF));
    echoes(c, &echo, 100);
    rpc_connection_unref(c);
    echo_stop(&s);
}

static void faults_are_hresults(void **state)
{
    static const struct {
        uint32_t status;
        HRESULT hr;
    } cases[] = {{0x1c010002, HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE)},
                 {5, E_ACCESSDENIED},
                 {1783, HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA)},
                 {0x80010108, RPC_E_DISCONNECTED},
                 {0x1c00000d, HRESULT_FROM_WIN32(RPC_S_CALL_CANCELLED)},
                 {0x1c00001b, HRESULT_FROM_WIN32(RPC_S_OUT_OF_MEMORY)},
                 {0x1cffffff, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED)}};
    struct rpc_reply reply;
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        assert_int_equal(echo_call(c, &echo, ECHO_FAULT, &cases[i].status, 4, &reply), cases[i].hr);
    }
    echoes(c, &echo, 100);
    rpc_connection_unref(c);
    echo_stop(&s);
}

struct at_once {
    struct rpc_connection *c;
    uint32_t seed;
};

static void *call_often(void *arg)
{
    struct at_once *a = arg;
    for (uint32_t i = 0; i < 40; i++) {
        struct rpc_reply reply;
        uint32_t size = (a->seed * 7919 + i * 977) % 40000;
        const struct rpc_syntax *syntax = i % 3 ? &echo : &echo_too;
        if (FAILED(echo_call(a->c, syntax, ECHO_GROW, &size, 4, &reply)) || reply.size != size ||
            (size > 0 && reply.data[size - 1] != pattern(size - 1))) {
            abort();
        }
        rpc_reply_done(&reply);
    }
    return NULL;
}

static void threads_share_a_connection(void **state)
{
    struct echo_server s;
    pthread_t threads[8];
    struct at_once a[ARRAYSIZE(threads)];
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        a[i] = (struct at_once){c, (uint32_t)i};
        assert_int_equal(pthread_create(&threads[i], NULL, call_often, &a[i]), 0);
    }
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&s.served), 40 * ARRAYSIZE(threads));
    rpc_connection_unref(c);
    echo_stop(&s);
}

struct outcome {
    sem_t done;
    HRESULT hr;
    size_t size;
    unsigned times;
};

static void note(void *context, HRESULT hr, struct rpc_reply *reply)
{
    struct outcome *o = context;
    o->hr = hr;
    o->size = reply->size;
    o->times++;
    rpc_reply_done(reply);
    sem_post(&o->done);
}

static void a_call_is_cancelled(void **state)
{
    struct echo_server s;
    struct outcome o = {.hr = E_FAIL};
    struct rpc_pending *pending;
    sem_init(&o.done, 0, 0);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    struct rpc_request q = {.syntax = &echo, .opnum = ECHO_LATER, .stub = "later", .size = 5};
    assert_int_equal(rpc_call_begin(c, &q, note, &o, &pending), S_OK);
    sem_wait(&s.held);
    assert_false(rpc_server_call_cancelled(s.later));
    rpc_call_cancel(pending);
    rpc_call_cancel(pending);
    sem_wait(&o.done);
    assert_int_equal(o.hr, HRESULT_FROM_WIN32(RPC_S_CALL_CANCELLED));
    echoes(c, &echo, 100); /* behind the cancel on the wire */
    assert_true(rpc_server_call_cancelled(s.later));
    rpc_server_reply(s.later, "too late", 8);
    echoes(c, &echo, 100);
    assert_int_equal(o.times, 1);
    rpc_pending_unref(pending);
    rpc_connection_unref(c);
    echo_stop(&s);
    sem_destroy(&o.done);
}

static void a_call_is_answered_later(void **state)
{
    struct echo_server s;
    struct outcome o = {.hr = E_FAIL};
    sem_init(&o.done, 0, 0);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY);
    struct rpc_request q = {.syntax = &echo, .opnum = ECHO_LATER, .stub = "later", .size = 5};
    assert_int_equal(rpc_call_begin(c, &q, note, &o, NULL), S_OK);
    sem_wait(&s.held);
    echoes(c, &echo, 100); /* others overtake it */
    rpc_server_reply(s.later, "now", 3);
    sem_wait(&o.done);
    assert_int_equal(o.hr, S_OK);
    assert_int_equal(o.size, 3);
    rpc_connection_unref(c);
    echo_stop(&s);
    sem_destroy(&o.done);
}

static void a_call_times_out_and_the_connection_stays(void **state)
{
    struct rpc_reply reply;
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    echoes(c, &echo, 1);
    struct rpc_request q = {.syntax = &echo, .opnum = ECHO_HOLD, .timeout_ms = 1};
    assert_int_equal(rpc_call(c, &q, &reply), RPC_E_TIMEOUT);
    sem_post(&s.go);
    echoes(c, &echo, 100);
    rpc_connection_unref(c);
    echo_stop(&s);
}

static void calls_end_with_their_connection(void **state)
{
    struct rpc_reply reply;
    struct echo_server s;
    struct outcome o = {.hr = S_OK};
    sem_init(&o.done, 0, 0);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_NONE);
    struct rpc_request q = {
        .syntax = &echo, .opnum = ECHO_HOLD, .timeout_ms = INFINITE, .stub = "x", .size = 1};
    assert_int_equal(rpc_call_begin(c, &q, note, &o, NULL), S_OK);
    sem_wait(&s.held);
    rpc_connection_close(c);
    sem_wait(&o.done);
    assert_int_equal(o.hr, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED));
    assert_false(rpc_connection_is_open(c));
    assert_int_equal(rpc_call(c, &q, &reply), HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE));
    sem_post(&s.go);
    rpc_connection_unref(c);
    echo_stop(&s);
    assert_int_equal(atomic_load(&s.closed), 1);
    sem_destroy(&o.done);
}

static void the_server_goes_while_calls_wait(void **state)
{
    struct echo_server s;
    struct outcome o = {.hr = S_OK};
    sem_init(&o.done, 0, 0);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    struct rpc_request q = {.syntax = &echo, .opnum = ECHO_HOLD, .timeout_ms = INFINITE};
    assert_int_equal(rpc_call_begin(c, &q, note, &o, NULL), S_OK);
    sem_wait(&s.held);
    sem_post(&s.go); /* let it end; whether the reply comes through is left to chance */
    rpc_server_stop(s.server, false);
    sem_wait(&o.done);
    assert_true(o.hr == S_OK || o.hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED));
    rpc_connection_unref(c);
    echo_stop(&s);
    sem_destroy(&o.done);
}

static void *stop_gracefully(void *server)
{
    rpc_server_stop(server, true);
    return NULL;
}

static void a_graceful_stop_answers_first(void **state)
{
    struct echo_server s;
    struct outcome o = {.hr = E_FAIL};
    pthread_t thread;
    sem_init(&o.done, 0, 0);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    uint8_t stub[50000] = {1};
    struct rpc_request q = {.syntax = &echo, .opnum = ECHO_HOLD, .stub = stub, .size = sizeof stub};
    assert_int_equal(rpc_call_begin(c, &q, note, &o, NULL), S_OK);
    sem_wait(&s.held);
    assert_int_equal(pthread_create(&thread, NULL, stop_gracefully, s.server), 0);
    sem_post(&s.go);
    sem_wait(&o.done);
    pthread_join(thread, NULL);
    assert_int_equal(o.hr, S_OK);
    assert_int_equal(o.size, sizeof stub);
    rpc_connection_unref(c);
    echo_stop(&s);
    sem_destroy(&o.done);
}

static void nobody_there_is_unavailable(void **state)
{
    struct rpc_connection *c;
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    uint16_t port = s.port;
    echo_stop(&s);
    struct rpc_client_options o = {
        .host = "127.0.0.1", .port = port, .level = RPC_C_AUTHN_LEVEL_NONE};
    assert_int_equal(rpc_connection_open(&o, &c), HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE));
    IErrorInfo *error = NULL;
    assert_int_equal(GetErrorInfo(0, &error), S_OK);
    IErrorInfo_Release(error);
    o.host = "no.such.host.invalid";
    assert_int_equal(rpc_connection_open(&o, &c), HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE));
}

static void both_families_are_served(void **state)
{
    static const char *const hosts[] = {"127.0.0.1", "::1", "[::1]", "localhost"};
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, NULL);
    for (size_t i = 0; i < ARRAYSIZE(hosts); i++) {
        struct rpc_connection *c;
        struct rpc_client_options o = {
            .host = hosts[i], .port = s.port, .level = RPC_C_AUTHN_LEVEL_NONE};
        HRESULT hr = rpc_connection_open(&o, &c);
        if (FAILED(hr) && strchr(hosts[i], ':')) {
            continue; /* a machine without IPv6 */
        }
        assert_int_equal(hr, S_OK);
        echoes(c, &echo, 10);
        rpc_connection_unref(c);
    }
    echo_stop(&s);
}

static void a_request_beyond_the_limit_is_refused(void **state)
{
    struct rpc_reply reply;
    struct echo_server s;
    struct rpc_server_options o = {.limits = {.request_bytes = 10000}};
    echo_start(&s, &o, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    uint8_t stub[10001] = {0};
    assert_int_equal(echo_call(c, &echo, ECHO_BACK, stub, sizeof stub, &reply),
                     HRESULT_FROM_WIN32(RPC_S_OUT_OF_MEMORY));
    echoes(c, &echo, 10000);
    rpc_connection_unref(c);
    echo_stop(&s);
}

static void connections_beyond_the_limit_are_refused(void **state)
{
    struct rpc_reply reply;
    struct echo_server s;
    struct rpc_server_options o = {.limits = {.connections_per_peer = 2}};
    echo_start(&s, &o, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c[3];
    for (size_t i = 0; i < ARRAYSIZE(c); i++) {
        c[i] = echo_connect(&s, RPC_C_AUTHN_LEVEL_NONE);
        if (i < 2) {
            echoes(c[i], &echo, 1);
        }
    }
    assert_true(FAILED(echo_call(c[2], &echo, ECHO_BACK, "x", 1, &reply)));
    for (size_t i = 0; i < ARRAYSIZE(c); i++) {
        rpc_connection_unref(c[i]);
    }
    echo_stop(&s);
}

static void count_calls(void *context, const struct rpc_trace_event *event)
{
    if (event->kind == RPC_TRACE_CALL) {
        assert_int_equal(event->result, S_OK);
        atomic_fetch_add((atomic_size_t *)context, event->sent + 1000 * event->received);
    }
}

static void calls_are_traced(void **state)
{
    struct echo_server s;
    atomic_size_t server = 0, client = 0;
    struct rpc_server_options so = {.trace = count_calls, .trace_context = &server};
    echo_start(&s, &so, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c;
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = s.port,
                                   .level = RPC_C_AUTHN_LEVEL_NONE,
                                   .trace = count_calls,
                                   .trace_context = &client};
    assert_int_equal(rpc_connection_open(&o, &c), S_OK);
    uint32_t size = 77;
    struct rpc_reply reply;
    assert_int_equal(echo_call(c, &echo, ECHO_GROW, &size, 4, &reply), S_OK);
    rpc_reply_done(&reply);
    rpc_connection_unref(c);
    echo_stop(&s);
    assert_int_equal(atomic_load(&client), 4 + 1000 * 77);
    assert_int_equal(atomic_load(&server), 77 + 1000 * 4);
}

static int drain(void **state)
{
    pool_drain();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_of_every_size),
        cmocka_unit_test(the_server_knows_level_and_peer),
        cmocka_unit_test(below_the_floor_is_refused),
        cmocka_unit_test(a_wrong_password_is_refused),
        cmocka_unit_test(interfaces_are_negotiated_as_they_are_called),
        cmocka_unit_test(faults_are_hresults),
        cmocka_unit_test(threads_share_a_connection),
        cmocka_unit_test(a_call_is_cancelled),
        cmocka_unit_test(a_call_is_answered_later),
        cmocka_unit_test(a_call_times_out_and_the_connection_stays),
        cmocka_unit_test(calls_end_with_their_connection),
        cmocka_unit_test(the_server_goes_while_calls_wait),
        cmocka_unit_test(a_graceful_stop_answers_first),
        cmocka_unit_test(nobody_there_is_unavailable),
        cmocka_unit_test(both_families_are_served),
        cmocka_unit_test(a_request_beyond_the_limit_is_refused),
        cmocka_unit_test(connections_beyond_the_limit_are_refused),
        cmocka_unit_test(calls_are_traced),
    };
    return cmocka_run_group_tests(tests, NULL, drain);
}
