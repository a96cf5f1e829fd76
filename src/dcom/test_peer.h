/*
 * Where a test's DCOM server and client meet: a transport within the process, on
 * which credentials are a principal's name.
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

/* Fills in where the server is. */
void peer_start(struct peer *p, struct dcom_server_options *options);
/* Waits for the calls in progress. */
void peer_stop(struct peer *p);
struct dcom_security peer_security(const char *user);

#endif
