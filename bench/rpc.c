/* RPC over loopback, client and server in this process: calls and bytes a second at each level,
 * each against the level of no protection. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "rpc/rpc.h"

#define PACKET 200000 /* bytes of a reply that brings about 800 objects */
#define ABREAST 32    /* calls that wait for their replies at once */
#define OPNUM_ECHO 0
#define OPNUM_FILL 1

static const struct rpc_syntax measured = {
    {0x5a1c0010, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}}, 1, 0};

static const struct {
    unsigned level;
    const char *name;
} levels[] = {{RPC_C_AUTHN_LEVEL_CONNECT, "connect"},
              {RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, "packet integrity"},
              {RPC_C_AUTHN_LEVEL_PKT_PRIVACY, "packet privacy"}};
#define LEVELS (sizeof(levels) / sizeof(levels[0]))
#define ROUNDS_MAX 16

static HRESULT lookup(void *context, const char *domain, const char *user,
                      uint8_t hash[AUTH_NT_HASH_SIZE])
{
    return auth_nt_hash("secret", hash);
}

static void serve(struct rpc_server_call *call, void *context)
{
    if (call->opnum == OPNUM_FILL) {
        uint8_t *bytes = calloc(PACKET, 1);
        bench_check("make a reply", bytes ? S_OK : E_OUTOFMEMORY);
        rpc_server_reply_take(call, bytes, PACKET);
    } else {
        rpc_server_reply(call, call->stub, call->size);
    }
}

static struct rpc_connection *connect_at(uint16_t port, unsigned level)
{
    struct auth_credentials *credentials;
    struct rpc_connection *c;
    bench_check("make credentials", auth_credentials_password("", "u", "secret", &credentials));
    const struct rpc_client_options o = {.host = "127.0.0.1",
                                         .port = port,
                                         .mechanism = AUTH_NTLM,
                                         .level = level,
                                         .credentials = credentials};
    bench_check("connect", rpc_connection_open(&o, &c));
    auth_credentials_unref(credentials);
    return c;
}

/* Seconds for so many calls, one after the other. */
static double in_turn(struct rpc_connection *c, uint16_t opnum, size_t count)
{
    const uint8_t stub[64] = {0};
    const struct rpc_request q = {
        .syntax = &measured, .opnum = opnum, .stub = stub, .size = sizeof(stub)};
    double begun = bench_seconds();
    for (size_t i = 0; i < count; i++) {
        struct rpc_reply reply;
        bench_check("call", rpc_call(c, &q, &reply));
        rpc_reply_done(&reply);
    }
    return bench_seconds() - begun;
}

struct crowd {
    sem_t room, done;
    atomic_size_t left;
};

static void one_less(void *context, HRESULT hr, struct rpc_reply *reply)
{
    struct crowd *w = context;
    bench_check("call", hr);
    rpc_reply_done(reply);
    sem_post(&w->room);
    if (atomic_fetch_sub(&w->left, 1) == 1) {
        sem_post(&w->done);
    }
}

/* The same, many abreast on one connection. */
static double abreast(struct rpc_connection *c, size_t count)
{
    const uint8_t stub[64] = {0};
    const struct rpc_request q = {.syntax = &measured, .stub = stub, .size = sizeof(stub)};
    struct crowd w;
    sem_init(&w.room, 0, ABREAST);
    sem_init(&w.done, 0, 0);
    atomic_init(&w.left, count);
    double begun = bench_seconds();
    for (size_t i = 0; i < count; i++) {
        sem_wait(&w.room);
        bench_check("call", rpc_call_begin(c, &q, one_less, &w, NULL));
    }
    sem_wait(&w.done);
    double taken = bench_seconds() - begun;
    sem_destroy(&w.room);
    sem_destroy(&w.done);
    return taken;
}

enum what {
    IN_TURN,
    AT_ONCE,
    PACKETS,
    KINDS
};

static double measure(struct rpc_connection *c, enum what what, size_t calls)
{
    switch (what) {
    case IN_TURN:
        return (double)calls / in_turn(c, OPNUM_ECHO, calls);
    case AT_ONCE:
        return (double)calls / abreast(c, calls);
    default:
        calls = calls / 40 + 1;
        return (double)calls * PACKET / 1e6 / in_turn(c, OPNUM_FILL, calls);
    }
}

/* Level after level within each round, so that a noisy machine moves all of them. */
static void compare(struct rpc_connection *const c[LEVELS], enum what what,
                    const struct bench_size *size)
{
    static const char *const names[KINDS] = {"RPC calls one after the other",
                                             "RPC calls, 32 at once", "RPC replies of 200 kB"};
    double runs[LEVELS][ROUNDS_MAX], plain = 0;
    unsigned rounds = size->repeats < ROUNDS_MAX ? size->repeats : ROUNDS_MAX;
    for (unsigned i = 0; i < rounds; i++) {
        for (size_t level = 0; level < LEVELS; level++) {
            runs[level][i] = measure(c[level], what, size->objects / 100);
        }
    }
    for (size_t level = 0; level < LEVELS; level++) {
        double figure = bench_median(runs[level], rounds);
        plain = level == 0 ? figure : plain;
        bench_row(bench_format("%s, %s", names[what], levels[level].name),
                  bench_format("%.0f %s", figure, what == PACKETS ? "MB/s" : "calls/s"),
                  bench_format("%.2f x connect", figure / plain), NULL);
    }
}

void bench_rpc(const struct bench_size *size)
{
    const struct auth_acceptor acceptor = {.lookup = lookup};
    const struct rpc_server_options options = {.acceptor = &acceptor,
                                               .minimum_level = RPC_C_AUTHN_LEVEL_NONE};
    const struct rpc_interface served = {.syntax = measured, .dispatch = serve};
    struct rpc_server *server;
    struct rpc_connection *c[LEVELS];
    uint16_t port;
    bench_heading("RPC over loopback, NTLM");
    bench_check("make a server", rpc_server_new(&options, &server));
    bench_check("serve", rpc_server_register(server, &served));
    bench_check("listen", rpc_server_listen(server, "127.0.0.1", 0, &port));
    for (size_t level = 0; level < LEVELS; level++) {
        c[level] = connect_at(port, levels[level].level);
        (void)in_turn(c[level], OPNUM_ECHO, 1); /* the handshake */
    }
    for (enum what what = IN_TURN; what < KINDS; what++) {
        compare(c, what, size);
    }
    for (size_t level = 0; level < LEVELS; level++) {
        rpc_connection_unref(c[level]);
    }
    rpc_server_free(server);
}
