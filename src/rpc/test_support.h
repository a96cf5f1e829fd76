/*
 * What the tests of this folder share: cmocka, an interface that echoes, a server
 * of it, credentials that it believes.
 */
#ifndef WBEM_RPC_TEST_SUPPORT_H
#define WBEM_RPC_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "com/com.h"
#include "enumerator/pool.h"
#include "rpc/rpc.h"

#include <semaphore.h>
#include <string.h>

/* Opnums of the interface. */
enum {
    ECHO_BACK = 0,  /* replies with the stub */
    ECHO_FAULT = 1, /* faults with the status in the stub */
    ECHO_HOLD = 2,  /* posts `held`, waits for `go`, echoes */
    ECHO_GROW = 3,  /* replies with as many bytes as the stub says, a pattern */
    ECHO_PEER = 4,  /* replies with the level and the peer's name */
    ECHO_LATER = 5, /* is answered by the test */
};

static const struct rpc_syntax echo = {
    {0x5a1c0001, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}}, 1, 0};
static const struct rpc_syntax echo_too = {
    {0x5a1c0002, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}}, 1, 2};
static const struct rpc_syntax nothing = {
    {0x5a1c0003, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}}, 1, 0};

struct echo_server {
    struct rpc_server *server;
    uint16_t port;
    struct auth_acceptor acceptor;
    sem_t held, go;
    atomic_uint served, closed;
    struct rpc_server_call *later;
};

static inline uint8_t pattern(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static inline void echo_grow(struct rpc_server_call *call)
{
    struct ndr_reader r;
    ndr_reader_init(&r, call->stub, call->size, call->drep);
    uint32_t size = ndr_read_u32(&r);
    uint8_t *bytes = malloc(size + 1);
    if (!bytes || FAILED(r.status)) {
        abort();
    }
    for (size_t i = 0; i < size; i++) {
        bytes[i] = pattern(i);
    }
    rpc_server_reply_take(call, bytes, size);
}

static inline void echo_dispatch(struct rpc_server_call *call, void *context)
{
    struct echo_server *s = context;
    atomic_fetch_add(&s->served, 1);
    struct ndr_reader r;
    char text[128];
    switch (call->opnum) {
    case ECHO_FAULT:
        ndr_reader_init(&r, call->stub, call->size, call->drep);
        rpc_server_fault(call, ndr_read_u32(&r));
        return;
    case ECHO_HOLD:
        sem_post(&s->held);
        sem_wait(&s->go);
        break;
    case ECHO_GROW:
        echo_grow(call);
        return;
    case ECHO_PEER:
        (void)snprintf(text, sizeof text, "%u %s", call->level,
                       call->peer ? call->peer->name : "-");
        rpc_server_reply(call, text, strlen(text) + 1);
        return;
    case ECHO_LATER:
        s->later = call;
        sem_post(&s->held);
        return;
    default:
        break;
    }
    rpc_server_reply(call, call->stub, call->size);
}

static inline void echo_closed(void *context, uint64_t connection)
{
    atomic_fetch_add(&((struct echo_server *)context)->closed, 1);
}

static inline HRESULT echo_lookup(void *context, const char *domain, const char *user,
                                  uint8_t hash[AUTH_NT_HASH_SIZE])
{
    return strcmp(user, "wmi") == 0 ? auth_nt_hash("secret", hash) : S_FALSE;
}

static inline void echo_start(struct echo_server *s, struct rpc_server_options *options,
                              unsigned minimum_level, const char *address)
{
    memset(s, 0, sizeof(*s));
    sem_init(&s->held, 0, 0);
    sem_init(&s->go, 0, 0);
    s->acceptor.lookup = echo_lookup;
    struct rpc_server_options o = options ? *options : (struct rpc_server_options){0};
    o.acceptor = &s->acceptor;
    o.minimum_level = minimum_level;
    o.closed = echo_closed;
    o.closed_context = s;
    assert_int_equal(rpc_server_new(&o, &s->server), S_OK);
    const struct rpc_interface served[] = {{echo, 0, echo_dispatch, s},
                                           {echo_too, 0, echo_dispatch, s}};
    for (size_t i = 0; i < ARRAYSIZE(served); i++) {
        assert_int_equal(rpc_server_register(s->server, &served[i]), S_OK);
    }
    assert_int_equal(rpc_server_listen(s->server, address, 0, &s->port), S_OK);
}

static inline void echo_stop(struct echo_server *s)
{
    rpc_server_free(s->server);
    sem_destroy(&s->held);
    sem_destroy(&s->go);
}

static inline struct rpc_connection *echo_connect_as(struct echo_server *s, unsigned level,
                                                     const char *password)
{
    struct rpc_connection *c;
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *credentials = NULL;
    assert_int_equal(auth_credentials_password("", "wmi", password, &credentials), S_OK);
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = s->port,
                                   .mechanism = AUTH_NTLM,
                                   .level = level,
                                   .credentials = credentials};
    assert_int_equal(rpc_connection_open(&o, &c), S_OK);
    return c;
}

static inline struct rpc_connection *echo_connect(struct echo_server *s, unsigned level)
{
    return echo_connect_as(s, level, "secret");
}

static inline HRESULT echo_call(struct rpc_connection *c, const struct rpc_syntax *syntax,
                                uint16_t opnum, const void *stub, size_t size,
                                struct rpc_reply *ret)
{
    struct rpc_request q = {.syntax = syntax, .opnum = opnum, .stub = stub, .size = size};
    return rpc_call(c, &q, ret);
}

#endif
