/*
 * Two contexts that talk to each other, for the tests of every mechanism.
 */
#ifndef WBEM_AUTH_TEST_PAIR_H
#define WBEM_AUTH_TEST_PAIR_H

#include "auth/auth_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <rpcdce.h>
#include <string.h>

struct pair {
    struct auth_context *client, *server;
    HRESULT client_hr, server_hr;
    unsigned legs; /* tokens that travelled */
    /* May change a token on its way. */
    void (*meddle)(unsigned leg, struct buffer *token);
};

static inline void pair_done(struct pair *p)
{
    auth_context_destroy(p->client);
    auth_context_destroy(p->server);
}

/* Runs the handshake to its end or its first failure. */
static inline void pair_talk(struct pair *p)
{
    struct buffer token = {0}, reply = {0};
    bool client_done = false, server_done = false;
    p->client_hr = auth_step(p->client, NULL, 0, &token, &client_done);
    p->server_hr = S_OK;
    p->legs = 0;
    while (SUCCEEDED(p->client_hr) && SUCCEEDED(p->server_hr) && token.size > 0) {
        bool to_server = p->legs % 2 == 0;
        p->legs++;
        assert_true(p->legs < 10);
        if (p->meddle) {
            p->meddle(p->legs, &token);
        }
        reply = (struct buffer){0};
        if (to_server) {
            assert_false(server_done);
            p->server_hr = auth_step(p->server, token.bytes, token.size, &reply, &server_done);
        } else {
            assert_false(client_done);
            p->client_hr = auth_step(p->client, token.bytes, token.size, &reply, &client_done);
        }
        buffer_done(&token);
        token = reply;
    }
    buffer_done(&token);
    if (SUCCEEDED(p->client_hr) && SUCCEEDED(p->server_hr)) {
        assert_true(client_done);
        assert_true(server_done);
    }
}

/* One message; true when it arrived as it was sent. Header and trailer are covered when `cover`. */
static inline void pair_send(struct auth_context *from, struct auth_context *to, bool privacy,
                             size_t size)
{
    uint8_t header[24], trailer[8], signature[AUTH_SIGNATURE_MAX];
    uint8_t *body = malloc(size + 1), *copy = malloc(size + 1);
    assert_true(body && copy);
    memset(header, 'h', sizeof header);
    memset(trailer, 't', sizeof trailer);
    for (size_t i = 0; i < size; i++) {
        body[i] = copy[i] = (uint8_t)(i * 7);
    }
    size_t signature_size = 0;
    assert_int_equal(auth_signature_size(from, privacy, size, &signature_size), S_OK);
    assert_in_range(signature_size, 16, AUTH_SIGNATURE_MAX);
    assert_int_equal(auth_protect(from, privacy, header, sizeof header, body, size, trailer,
                                  sizeof trailer, signature, signature_size),
                     S_OK);
    if (size > 8) {
        assert_int_equal(memcmp(body, copy, size) != 0, privacy);
    }
    assert_int_equal(auth_unprotect(to, privacy, header, sizeof header, body, size, trailer,
                                    sizeof trailer, signature, signature_size),
                     S_OK);
    assert_memory_equal(body, copy, size);
    free(body);
    free(copy);
}

/* What the receiver says when byte `at` of header, body, trailer, signature is another. */
static inline HRESULT pair_send_damaged(struct auth_context *from, struct auth_context *to,
                                        bool privacy, unsigned part)
{
    uint8_t header[24] = {1}, body[32] = {2}, trailer[8] = {3}, signature[AUTH_SIGNATURE_MAX];
    uint8_t *parts[] = {header, body, trailer, signature + 6};
    size_t signature_size = 0;
    assert_int_equal(auth_signature_size(from, privacy, sizeof body, &signature_size), S_OK);
    assert_int_equal(auth_protect(from, privacy, header, sizeof header, body, sizeof body, trailer,
                                  sizeof trailer, signature, signature_size),
                     S_OK);
    parts[part][1] ^= 0x40;
    return auth_unprotect(to, privacy, header, sizeof header, body, sizeof body, trailer,
                          sizeof trailer, signature, signature_size);
}

#endif
