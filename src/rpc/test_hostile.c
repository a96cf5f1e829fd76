/*
 * Peers that lie, stall, cut and flood: no call hangs, no connection is kept for
 * nothing, and those who behave are served.
 *
 * Recorded traffic is replayed over plain sockets, cut at every byte.
 */
#include "rpc/test_support.h"

#include <arpa/inet.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- plain sockets --------------------------------------------------------------------------- */

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static int plain_connect(uint16_t port)
{
    struct sockaddr_in to = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static int plain_listen(uint16_t *port)
{
    struct sockaddr_in at = loopback(0);
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

static void send_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t part = send(fd, bytes, size, MSG_NOSIGNAL);
        if (part <= 0) {
            return;
        }
        bytes += part;
        size -= (size_t)part;
    }
}

/* Reads until the peer closes. */
static size_t read_to_end(int fd)
{
    uint8_t bytes[4096];
    size_t all = 0;
    for (ssize_t part; (part = recv(fd, bytes, sizeof bytes, 0)) > 0;) {
        all += (size_t)part;
    }
    return all;
}

/* One PDU. */
static size_t read_pdu(int fd, uint8_t *bytes, size_t room)
{
    if (recv(fd, bytes, 16, MSG_WAITALL) != 16) {
        return 0;
    }
    size_t length = bytes[8] | (size_t)bytes[9] << 8;
    assert_true(length >= 16 && length <= room);
    assert_int_equal(recv(fd, bytes + 16, length - 16, MSG_WAITALL), length - 16);
    return length;
}

/* ---- traffic ------------------------------------------------------------------------------------
 */

/* bind of the echoing interface with NDR, and a request for as many bytes as it says. */
static const uint8_t bind_pdu[] = {
    5,    0,    11,   3,    0x10, 0,    0,    0,    72,   0,    0,    0,    1,    0,    0,
    0,    0xd0, 0x16, 0xd0, 0x16, 0,    0,    0,    0,    1,    0,    0,    0,    0,    0,
    1,    0,    0x01, 0x00, 0x1c, 0x5a, 0x11, 0x11, 0x22, 0x22, 1,    2,    3,    4,    5,
    6,    7,    8,    1,    0,    0,    0,    0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
    0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 2,    0,    0,    0};
static const uint8_t request_pdu[] = {5, 0, 0, 3, 0x10, 0, 0, 0, 28,        0, 0,   0, 2, 0,
                                      0, 0, 4, 0, 0,    0, 0, 0, ECHO_GROW, 0, 100, 0, 0, 0};
#define TRAFFIC (sizeof bind_pdu + sizeof request_pdu)

static void all_traffic(uint8_t traffic[TRAFFIC])
{
    memcpy(traffic, bind_pdu, sizeof bind_pdu);
    memcpy(traffic + sizeof bind_pdu, request_pdu, sizeof request_pdu);
}

static void is_served(struct echo_server *s)
{
    struct rpc_reply reply;
    struct rpc_connection *c = echo_connect(s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    assert_int_equal(echo_call(c, &echo, ECHO_BACK, "well", 4, &reply), S_OK);
    rpc_reply_done(&reply);
    rpc_connection_unref(c);
}

/* How many calls ended, and how. */
struct tally {
    atomic_size_t left, good;
    sem_t done;
};

static void tally(void *context, HRESULT hr, struct rpc_reply *reply)
{
    struct tally *t = context;
    atomic_fetch_add(&t->good, SUCCEEDED(hr) && reply->size == 4);
    rpc_reply_done(reply);
    if (atomic_fetch_sub(&t->left, 1) == 1) {
        sem_post(&t->done);
    }
}

/* ---- against the server
 * --------------------------------------------------------------------------- */

static void a_client_may_be_cut_at_every_byte(void **state)
{
    struct echo_server s;
    uint8_t traffic[TRAFFIC];
    all_traffic(traffic);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    for (size_t cut = 0; cut <= sizeof traffic; cut++) {
        int fd = plain_connect(s.port);
        send_all(fd, traffic, cut);
        (void)shutdown(fd, SHUT_WR);
        (void)read_to_end(fd);
        (void)close(fd);
    }
    is_served(&s);
    echo_stop(&s);
    assert_int_equal(atomic_load(&s.closed), sizeof traffic + 2);
}

static void a_client_may_dribble(void **state)
{
    struct echo_server s;
    uint8_t traffic[TRAFFIC], answer[512];
    all_traffic(traffic);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    int fd = plain_connect(s.port);
    for (size_t i = 0; i < sizeof traffic; i++) {
        send_all(fd, traffic + i, 1);
    }
    assert_true(read_pdu(fd, answer, sizeof answer) > 0);
    assert_int_equal(answer[2], 12);
    assert_int_equal(read_pdu(fd, answer, sizeof answer), 24 + 100);
    assert_int_equal(answer[2], 2);
    (void)close(fd);
    echo_stop(&s);
}

/* Whoever says nothing, or begins and does not go on, is dropped. */
static void who_stalls_is_dropped(void **state)
{
    struct echo_server s;
    uint8_t traffic[TRAFFIC];
    all_traffic(traffic);
    struct rpc_server_options o = {.limits = {.handshake_ms = 40, .stall_ms = 40}};
    echo_start(&s, &o, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    static const size_t cuts[] = {0,          1, 15, 16, sizeof bind_pdu - 1, sizeof bind_pdu + 1,
                                  TRAFFIC - 1};
    for (size_t i = 0; i < ARRAYSIZE(cuts); i++) {
        int fd = plain_connect(s.port);
        send_all(fd, traffic, cuts[i]);
        (void)read_to_end(fd); /* hangs if it is not dropped */
        (void)close(fd);
    }
    echo_stop(&s);
}

/* A request that is begun, in whole fragments, and does not go on. */
static void who_leaves_a_request_unfinished_is_dropped(void **state)
{
    struct echo_server s;
    uint8_t traffic[TRAFFIC];
    all_traffic(traffic);
    traffic[sizeof bind_pdu + 3] = 1; /* the first fragment, and not the last */
    struct rpc_server_options o = {.limits = {.stall_ms = 40}};
    echo_start(&s, &o, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    int fd = plain_connect(s.port);
    send_all(fd, traffic, sizeof traffic);
    (void)read_to_end(fd); /* hangs if it is not dropped */
    (void)close(fd);
    /* One that waits for its answer is no such thing. */
    struct tally t = {.left = 1};
    sem_init(&t.done, 0, 0);
    struct rpc_connection *c = echo_connect(&s, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    struct rpc_request q = {.syntax = &echo, .opnum = ECHO_HOLD, .stub = "well", .size = 4};
    assert_int_equal(rpc_call_begin(c, &q, tally, &t, NULL), S_OK);
    sem_wait(&s.held);
    (void)usleep(150000);
    sem_post(&s.go);
    sem_wait(&t.done);
    assert_int_equal(atomic_load(&t.good), 1);
    sem_destroy(&t.done);
    rpc_connection_unref(c);
    echo_stop(&s);
}

/* With authentication asked for, a bind alone does not keep a connection. */
static void who_does_not_authenticate_is_dropped(void **state)
{
    struct echo_server s;
    struct rpc_server_options o = {.limits = {.handshake_ms = 40}};
    echo_start(&s, &o, 0, "127.0.0.1");
    int fd = plain_connect(s.port);
    send_all(fd, bind_pdu, sizeof bind_pdu);
    assert_true(read_to_end(fd) > 0);
    (void)close(fd);
    echo_stop(&s);
}

/* Asks for much and reads nothing: dropped, with all that was waiting for it. */
static void who_does_not_read_is_dropped(void **state)
{
    struct echo_server s;
    uint8_t request[sizeof request_pdu];
    struct rpc_server_options o = {.limits = {.stall_ms = 40, .pending_bytes = 1 << 20}};
    echo_start(&s, &o, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    int fd = plain_connect(s.port);
    send_all(fd, bind_pdu, sizeof bind_pdu);
    for (uint32_t id = 2; id < 66; id++) {
        memcpy(request, request_pdu, sizeof request);
        memcpy(request + 12, &id, sizeof id);
        request[26] = 8; /* half a megabyte */
        send_all(fd, request, sizeof request);
    }
    while (atomic_load(&s.closed) == 0) {
        (void)usleep(1000);
    }
    (void)close(fd);
    is_served(&s);
    echo_stop(&s);
}

/* Who holds connections and says nothing keeps nobody out: its oldest make room. */
static void the_silent_make_room(void **state)
{
    struct echo_server s;
    int silent[20];
    struct rpc_server_options o = {.limits = {.unauthenticated = 4}};
    echo_start(&s, &o, 0, "127.0.0.1");
    for (size_t i = 0; i < ARRAYSIZE(silent); i++) {
        silent[i] = plain_connect(s.port);
    }
    is_served(&s);
    for (size_t i = 0; i < ARRAYSIZE(silent) - 4; i++) {
        assert_int_equal(read_to_end(silent[i]), 0); /* hangs if it is kept */
    }
    for (size_t i = 0; i < ARRAYSIZE(silent); i++) {
        (void)close(silent[i]);
    }
    echo_stop(&s);
}

/* As many connections as this process may have, at both ends, all with a call at once; between them
 * some that say nothing, some that begin, and some that ask for much and do not read. */
static void thousands_are_served_at_once(void **state)
{
    enum {
        MOST = 2000
    };
    struct rlimit files;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    size_t room = files.rlim_cur > 200 ? (files.rlim_cur - 200) / 2 : 0;
    size_t count = room < MOST ? room : MOST, bad = count / 10;
    struct rpc_connection **c = calloc(count, sizeof(*c));
    int *fds = calloc(count, sizeof(*fds));
    struct echo_server s;
    struct rpc_server_options o = {
        .limits = {.connections_per_peer = UINT32_MAX, .connections = UINT32_MAX}};
    struct tally t = {.left = 0};
    sem_init(&t.done, 0, 0);
    echo_start(&s, &o, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    uint8_t greedy[sizeof request_pdu];
    memcpy(greedy, request_pdu, sizeof greedy);
    greedy[26] = 1; /* 64 KiB */
    for (size_t i = 0; i < bad; i++) {
        fds[i] = plain_connect(s.port);
        send_all(fds[i], bind_pdu, i % 3 == 0 ? 0 : i % 3 == 1 ? 20 : sizeof bind_pdu);
        if (i % 3 == 2) {
            send_all(fds[i], greedy, sizeof greedy);
        }
    }
    size_t good = count - bad;
    for (size_t i = 0; i < good; i++) {
        struct rpc_client_options co = {
            .host = "127.0.0.1", .port = s.port, .level = RPC_C_AUTHN_LEVEL_NONE};
        assert_int_equal(rpc_connection_open(&co, &c[i]), S_OK);
    }
    atomic_store(&t.left, good);
    for (size_t i = 0; i < good; i++) {
        struct rpc_request q = {.syntax = &echo, .opnum = ECHO_BACK, .stub = "many", .size = 4};
        assert_int_equal(rpc_call_begin(c[i], &q, tally, &t, NULL), S_OK);
    }
    sem_wait(&t.done);
    assert_int_equal(atomic_load(&t.good), good);
    assert_true(rpc_server_connections(s.server) >= good);
    for (size_t i = 0; i < good; i++) {
        rpc_connection_unref(c[i]);
    }
    for (size_t i = 0; i < bad; i++) {
        (void)close(fds[i]);
    }
    echo_stop(&s);
    sem_destroy(&t.done);
    free(c);
    free(fds);
}

/* NDR64 alone is refused, and no more than that; what comes next on the connection is served. */
static void ndr64_is_refused(void **state)
{
    static const uint8_t ndr64[20] = {0x33, 0x05, 0x71, 0x71, 0xba, 0xbe, 0x37, 0x49, 0x83, 0x19,
                                      0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36, 1,    0,    0,    0};
    struct echo_server s;
    uint8_t pdu[sizeof bind_pdu], answer[512];
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    int fd = plain_connect(s.port);
    memcpy(pdu, bind_pdu, sizeof pdu);
    memcpy(pdu + sizeof pdu - sizeof ndr64, ndr64, sizeof ndr64);
    send_all(fd, pdu, sizeof pdu);
    size_t size = read_pdu(fd, answer, sizeof answer);
    assert_int_equal(answer[2],
                     12); /* bind_ack: one result, a provider's rejection of the syntax */
    assert_int_equal(answer[size - 28], 1);
    assert_int_equal(answer[size - 24], 2);
    assert_int_equal(answer[size - 22], 2);
    send_all(fd, request_pdu, sizeof request_pdu);
    assert_true(read_pdu(fd, answer, sizeof answer) >= 32);
    assert_int_equal(answer[2], 3); /* a fault: nothing was negotiated */
    memcpy(pdu, bind_pdu, sizeof pdu);
    pdu[2] = 14; /* alter_context */
    send_all(fd, pdu, sizeof pdu);
    size = read_pdu(fd, answer, sizeof answer);
    assert_int_equal(answer[2], 15);
    assert_int_equal(answer[size - 24], 0);
    send_all(fd, request_pdu, sizeof request_pdu);
    assert_int_equal(read_pdu(fd, answer, sizeof answer), 24 + 100);
    (void)close(fd);
    echo_stop(&s);
}

static void what_is_no_rpc_is_dropped(void **state)
{
    static const char *const lines[] = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                                        "\x05\x00\x00\x03\x10\x00\x00\x00\x10\x00\x00\x00\x01\x00"};
    struct echo_server s;
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    int fd = plain_connect(s.port);
    send_all(fd, (const uint8_t *)lines[0], strlen(lines[0]));
    assert_int_equal(read_to_end(fd), 0);
    (void)close(fd);
    fd = plain_connect(s.port); /* a request before any bind */
    send_all(fd, request_pdu, sizeof request_pdu);
    assert_int_equal(read_to_end(fd), 0);
    (void)close(fd);
    is_served(&s);
    echo_stop(&s);
    assert_int_equal(atomic_load(&s.served), 1);
}

/* ---- against the client
 * ------------------------------------------------------------------------------ */

/* Accepts once, lets the client speak, answers with bytes, and closes (or holds until told). */
struct liar {
    int listener;
    uint16_t port;
    const uint8_t *bytes;
    size_t size;
    bool hold;
    sem_t go;
    pthread_t thread;
};

static void *lie(void *arg)
{
    struct liar *l = arg;
    uint8_t heard[8192];
    int fd = accept(l->listener, NULL, NULL);
    (void)read_pdu(fd, heard, sizeof heard);
    /* The first PDU, and the rest when the request for it has come. */
    size_t first = l->size < 16 ? l->size : l->bytes[8] | (size_t)l->bytes[9] << 8;
    first = first < l->size ? first : l->size;
    send_all(fd, l->bytes, first);
    if (first < l->size && read_pdu(fd, heard, sizeof heard) > 0) {
        send_all(fd, l->bytes + first, l->size - first);
    }
    if (l->hold) {
        sem_wait(&l->go);
    }
    (void)shutdown(fd, SHUT_WR);
    (void)read_to_end(fd);
    (void)close(fd);
    return NULL;
}

static void liar_start(struct liar *l, const uint8_t *bytes, size_t size, bool hold)
{
    *l = (struct liar){.bytes = bytes, .size = size, .hold = hold};
    l->listener = plain_listen(&l->port);
    sem_init(&l->go, 0, 0);
    assert_int_equal(pthread_create(&l->thread, NULL, lie, l), 0);
}

static void liar_stop(struct liar *l)
{
    sem_post(&l->go);
    pthread_join(l->thread, NULL);
    (void)close(l->listener);
    sem_destroy(&l->go);
}

static HRESULT call_liar(struct liar *l, unsigned timeout_ms)
{
    struct rpc_connection *c;
    struct rpc_reply reply = {0};
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = l->port,
                                   .level = RPC_C_AUTHN_LEVEL_NONE,
                                   .connect_timeout_ms = 100000};
    assert_int_equal(rpc_connection_open(&o, &c), S_OK);
    uint32_t size = 100;
    struct rpc_request q = {
        .syntax = &echo, .opnum = ECHO_GROW, .stub = &size, .size = 4, .timeout_ms = timeout_ms};
    HRESULT hr = rpc_call(c, &q, &reply);
    rpc_reply_done(&reply);
    rpc_connection_unref(c);
    return hr;
}

/* What an honest server answers to bind and request. */
static size_t honest_answer(uint8_t *bytes, size_t room)
{
    struct echo_server s;
    uint8_t traffic[TRAFFIC];
    all_traffic(traffic);
    echo_start(&s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    int fd = plain_connect(s.port);
    send_all(fd, traffic, sizeof traffic);
    size_t size = read_pdu(fd, bytes, room);
    size += read_pdu(fd, bytes + size, room - size);
    (void)close(fd);
    echo_stop(&s);
    return size;
}

static void a_server_may_be_cut_at_every_byte(void **state)
{
    uint8_t answer[512];
    size_t size = honest_answer(answer, sizeof answer);
    for (size_t cut = 0; cut <= size; cut++) {
        struct liar l;
        liar_start(&l, answer, cut, false);
        HRESULT hr = call_liar(&l, INFINITE);
        if (cut == size) {
            assert_int_equal(hr, S_OK);
        } else {
            assert_true(hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED) ||
                        hr == HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE));
        }
        liar_stop(&l);
    }
}

static void a_server_that_never_answers_times_out(void **state)
{
    uint8_t answer[512];
    size_t size = honest_answer(answer, sizeof answer);
    static const size_t shares[] = {0, 1, 2};
    for (size_t i = 0; i < ARRAYSIZE(shares); i++) {
        struct liar l;
        liar_start(&l, answer, size * shares[i] / 3, true);
        assert_int_equal(call_liar(&l, 20), RPC_E_TIMEOUT);
        liar_stop(&l);
    }
}

static void a_server_that_lies_is_left(void **state)
{
    static const char *const what[] = {"HTTP/1.1 400 Bad Request\r\n\r\n",
                                       "\x05\x00\x02\x03\x10\x00\x00\x00\x18\x00\x00\x00\x09\x00"
                                       "\x00\x00\x00\x00\x00\x00\x00\x00\x00"};
    static const size_t sizes[] = {28, 24};
    for (size_t i = 0; i < ARRAYSIZE(what); i++) {
        struct liar l;
        liar_start(&l, (const uint8_t *)what[i], sizes[i], true);
        assert_int_equal(call_liar(&l, INFINITE), HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR));
        liar_stop(&l);
    }
}

/* Every byte of an honest answer changed: an error or a reply, no crash and no hang. */
static void a_changed_answer_does_no_harm(void **state)
{
    uint8_t answer[512];
    size_t size = honest_answer(answer, sizeof answer);
    for (size_t i = 0; i < size; i++) {
        struct liar l;
        answer[i] ^= 0x41;
        liar_start(&l, answer, size, false);
        (void)call_liar(&l, 1000);
        liar_stop(&l);
        answer[i] ^= 0x41;
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
        cmocka_unit_test(a_client_may_be_cut_at_every_byte),
        cmocka_unit_test(a_client_may_dribble),
        cmocka_unit_test(who_stalls_is_dropped),
        cmocka_unit_test(who_leaves_a_request_unfinished_is_dropped),
        cmocka_unit_test(who_does_not_authenticate_is_dropped),
        cmocka_unit_test(who_does_not_read_is_dropped),
        cmocka_unit_test(the_silent_make_room),
        cmocka_unit_test(thousands_are_served_at_once),
        cmocka_unit_test(ndr64_is_refused),
        cmocka_unit_test(what_is_no_rpc_is_dropped),
        cmocka_unit_test(a_server_may_be_cut_at_every_byte),
        cmocka_unit_test(a_server_that_never_answers_times_out),
        cmocka_unit_test(a_server_that_lies_is_left),
        cmocka_unit_test(a_changed_answer_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, drain);
}
