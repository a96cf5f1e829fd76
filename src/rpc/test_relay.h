/*
 * Somebody on the way between a client and a server of RPC: sees each PDU, and may
 * change it, keep it, or say something of its own.
 */
#ifndef WBEM_RPC_TEST_RELAY_H
#define WBEM_RPC_TEST_RELAY_H

#include "rpc/test_support.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#define RELAY_PDU_MAX 65536

struct relay;
/* A PDU on its way; *size may be changed (0: it is kept). More may be sent before it with
 * relay_send(). One thread for each direction. */
typedef void relay_fn(struct relay *r, bool to_server, uint8_t *pdu, size_t *size);

struct relay {
    relay_fn *edit;
    void *context;
    int listener, client, server;
    uint16_t port, server_port;
    pthread_t accepting, back;
};

static inline void relay_send(int fd, const uint8_t *bytes, size_t size)
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

static inline void relay_pump(struct relay *r, bool to_server)
{
    int from = to_server ? r->client : r->server, to = to_server ? r->server : r->client;
    uint8_t *pdu = malloc(RELAY_PDU_MAX);
    while (pdu && recv(from, pdu, 16, MSG_WAITALL) == 16) {
        size_t size = pdu[8] | (size_t)pdu[9] << 8;
        if (size > 16 && recv(from, pdu + 16, size - 16, MSG_WAITALL) != (ssize_t)(size - 16)) {
            break;
        }
        r->edit(r, to_server, pdu, &size);
        relay_send(to, pdu, size);
    }
    (void)shutdown(to, SHUT_WR);
    free(pdu);
}

static inline void *relay_back(void *arg)
{
    relay_pump(arg, false);
    return NULL;
}

static inline void *relay_run(void *arg)
{
    struct relay *r = arg;
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(r->server_port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    r->client = accept(r->listener, NULL, NULL);
    r->server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(r->server, (struct sockaddr *)&to, sizeof to) != 0 ||
        pthread_create(&r->back, NULL, relay_back, r) != 0) {
        abort();
    }
    relay_pump(r, true);
    pthread_join(r->back, NULL);
    (void)close(r->client);
    (void)close(r->server);
    return NULL;
}

/* For one connection, which has to come. */
static inline void relay_start(struct relay *r, uint16_t server_port, relay_fn *edit, void *context)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    *r = (struct relay){.edit = edit, .context = context, .server_port = server_port};
    r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(r->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(r->listener, 1), 0);
    assert_int_equal(getsockname(r->listener, (struct sockaddr *)&at, &size), 0);
    r->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&r->accepting, NULL, relay_run, r), 0);
}

/* Once the connection has ended. */
static inline void relay_stop(struct relay *r)
{
    pthread_join(r->accepting, NULL);
    (void)close(r->listener);
}

#endif
