/*
 * Client against server over loopback: at each level, in fragments, at once,
 * with faults, cancelled, timed out, stopped.
 */
#include "rpc/test_support.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

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

static void expect_text(const wchar_t *part)
{
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    assert_int_equal(GetErrorInfo(0, &info), S_OK);
    assert_int_equal(info->lpVtbl->GetDescription(info, &text), S_OK);
    if (!wcsstr(text, part)) {
        print_error("'%ls' is not in '%ls'\n", part, text);
        fail();
    }
}

static int small_listener(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 0), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* Refused, filtered, no such name: all unavailable, told apart by what they say. */
static void why_nobody_is_there_is_told(void **state)
{
    struct rpc_connection *c;
    uint16_t port;
    int others[4], listener = small_listener(&port);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    /* A full backlog drops SYN, as firewalls do. */
    for (size_t i = 0; i < ARRAYSIZE(others); i++) {
        others[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(others[i], (struct sockaddr *)&to, sizeof to);
    }
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = port,
                                   .level = RPC_C_AUTHN_LEVEL_NONE,
                                   .connect_timeout_ms = 50};
    HRESULT unavailable = HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE);
    assert_int_equal(rpc_connection_open(&o, &c), unavailable);
    expect_text(L"within 50 ms");
    for (size_t i = 0; i < ARRAYSIZE(others); i++) {
        (void)close(others[i]);
    }
    (void)close(listener);
    o.connect_timeout_ms = 0;
    assert_int_equal(rpc_connection_open(&o, &c), unavailable);
    expect_text(L"refused");
    o.host = "no.such.host.invalid";
    assert_int_equal(rpc_connection_open(&o, &c), unavailable);
    expect_text(L"cannot find");
}

/* A peer that takes what a client says first, and answers that (nothing: resets; silent: waits). */
struct answerer {
    int listener;
    const uint8_t *answer;
    size_t size;
    bool silent;
};

static void *answer_bind(void *arg)
{
    struct answerer *a = arg;
    uint8_t heard[512];
    int fd = accept(a->listener, NULL, NULL);
    (void)recv(fd, heard, sizeof heard, 0);
    (void)send(fd, a->answer, a->size, MSG_NOSIGNAL);
    if (a->size == 0 && !a->silent) {
        struct linger reset = {1, 0};
        (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    } else {
        while (recv(fd, heard, sizeof heard, 0) > 0) {
        }
    }
    (void)close(fd);
    return NULL;
}

static HRESULT bind_with(unsigned level, struct answerer *a)
{
    pthread_t thread;
    uint16_t port;
    struct rpc_connection *c;
    struct rpc_reply reply;
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *credentials = NULL;
    assert_int_equal(auth_credentials_password("", "wmi", "secret", &credentials), S_OK);
    a->listener = small_listener(&port);
    assert_int_equal(pthread_create(&thread, NULL, answer_bind, a), 0);
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = port,
                                   .mechanism = AUTH_NTLM,
                                   .level = level,
                                   .credentials = credentials,
                                   .bind_timeout_ms = a->silent ? 50 : 0};
    assert_int_equal(rpc_connection_open(&o, &c), S_OK);
    HRESULT hr = echo_call(c, &echo, ECHO_BACK, "x", 1, &reply);
    rpc_connection_unref(c);
    pthread_join(thread, NULL);
    (void)close(a->listener);
    return hr;
}

static void why_a_bind_failed_is_told(void **state)
{
    static const struct {
        uint8_t reason;
        HRESULT hr;
        const wchar_t *text;
    } naks[] = {{1, HRESULT_FROM_WIN32(RPC_S_SERVER_TOO_BUSY), L"too much to do (reason 1)"},
                {8, HRESULT_FROM_WIN32(RPC_S_UNKNOWN_AUTHN_SERVICE), L"(reason 8)"},
                {9, E_ACCESSDENIED, L"does not accept the credentials (reason 9)"},
                {0, HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE), L"no reason (reason 0)"}};
    for (size_t i = 0; i < ARRAYSIZE(naks); i++) {
        uint8_t nak[24] = {5, 0, 13, 3, 0x10, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, naks[i].reason};
        struct answerer a = {.answer = nak, .size = sizeof nak};
        assert_int_equal(bind_with(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &a), naks[i].hr);
        expect_text(naks[i].text);
    }
    struct answerer resets = {.size = 0};
    assert_int_equal(bind_with(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &resets),
                     HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE));
    expect_text(L"during authentication");
    assert_int_equal(bind_with(RPC_C_AUTHN_LEVEL_NONE, &resets),
                     HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE));
    expect_text(L"during the bind");
    struct answerer silent = {.silent = true};
    assert_int_equal(bind_with(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &silent), RPC_E_TIMEOUT);
    expect_text(L"within 50 ms during authentication");
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

struct traced {
    struct rpc_trace_event calls[2];
    atomic_uint count;
};

static void keep_calls(void *context, const struct rpc_trace_event *event)
{
    struct traced *t = context;
    if (event->kind == RPC_TRACE_CALL) {
        t->calls[atomic_fetch_add(&t->count, 1) % 2] = *event;
    }
}

static void expect_traced(const struct rpc_trace_event *e, bool server, uint16_t opnum, size_t in,
                          unsigned in_fragments, size_t out, unsigned out_fragments)
{
    assert_int_equal(e->server, server);
    assert_int_equal(e->opnum, opnum);
    assert_true(rpc_syntax_equal(&e->syntax, &echo));
    assert_int_equal(e->level, RPC_C_AUTHN_LEVEL_NONE);
    assert_true(e->duration > 0);
    assert_int_equal(server ? e->received : e->sent, in);
    assert_int_equal(server ? e->fragments_received : e->fragments_sent, in_fragments);
    assert_int_equal(server ? e->sent : e->received, out);
    assert_int_equal(server ? e->fragments_sent : e->fragments_received, out_fragments);
}

static void calls_are_traced(void **state)
{
    struct echo_server s;
    struct traced t[2] = {0};
    struct rpc_server_options so = {.trace = keep_calls, .trace_context = &t[1]};
    echo_start(&s, &so, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    struct rpc_connection *c;
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = s.port,
                                   .level = RPC_C_AUTHN_LEVEL_NONE,
                                   .trace = keep_calls,
                                   .trace_context = &t[0]};
    assert_int_equal(rpc_connection_open(&o, &c), S_OK);
    uint8_t stub[7000] = {0x70, 0x17}; /* 6000 */
    uint32_t status = 5;
    struct rpc_reply reply;
    assert_int_equal(echo_call(c, &echo, ECHO_GROW, stub, sizeof stub, &reply), S_OK);
    rpc_reply_done(&reply);
    assert_int_equal(echo_call(c, &echo, ECHO_FAULT, &status, 4, &reply), E_ACCESSDENIED);
    rpc_connection_unref(c);
    echo_stop(&s);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(atomic_load(&t[i].count), 2);
        expect_traced(&t[i].calls[0], i == 1, ECHO_GROW, sizeof stub, 2, 6000, 2);
        assert_int_equal(t[i].calls[0].result, S_OK);
        assert_int_equal(t[i].calls[0].fault, 0);
        expect_traced(&t[i].calls[1], i == 1, ECHO_FAULT, 4, 1, 0, 1);
        assert_int_equal(t[i].calls[1].result, E_ACCESSDENIED);
        assert_int_equal(t[i].calls[1].fault, status);
    }
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
        cmocka_unit_test(why_nobody_is_there_is_told),
        cmocka_unit_test(why_a_bind_failed_is_told),
        cmocka_unit_test(both_families_are_served),
        cmocka_unit_test(a_request_beyond_the_limit_is_refused),
        cmocka_unit_test(connections_beyond_the_limit_are_refused),
        cmocka_unit_test(calls_are_traced),
    };
    return cmocka_run_group_tests(tests, NULL, drain);
}
