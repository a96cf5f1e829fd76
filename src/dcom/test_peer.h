/*
 * Where a test's DCOM server and client meet: within the process (test_peer.c),
 * or over TCP (test_peer_rpc.c).
 */
#ifndef WBEM_DCOM_TEST_PEER_H
#define WBEM_DCOM_TEST_PEER_H

#include "dcom/channel.h"

#define PEER_HOST "127.0.0.1"
#define PEER_NOWHERE "nowhere[1]" /* a binding that nobody answers to */

struct peer {
    struct rpc_server *rpc;
    uint16_t port; /* of the resolver and of objects */
    unsigned ping_period_ms;
};

extern const bool peer_in_process;

/* Fills in where the server is. */
void peer_start(struct peer *p, struct dcom_server_options *options);
/* Waits for the calls in progress. Then the DCOM server goes, then the rest. */
void peer_stop(struct peer *p);
void peer_done(struct peer *p);
/* Of "TEST\\name". */
struct dcom_security peer_security(const char *user);

#endif
