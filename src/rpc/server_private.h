/*
 * What the files of the server share.
 */
#ifndef WBEM_RPC_SERVER_PRIVATE_H
#define WBEM_RPC_SERVER_PRIVATE_H

#include "rpc/association.h"

#include <pthread.h>

struct listener {
    uv_tcp_t tcp; /* first */
    struct rpc_server *server;
    struct listener *next;
    bool waiting; /* somebody is to be accepted, for whom there was no memory */
};

struct rpc_server {
    struct rpc_server_options options; /* defaults filled in */
    struct loop *loop;
    pthread_mutex_t lock;
    pthread_cond_t quiet;             /* `alive` or `running` became 0 */
    struct rpc_interface *interfaces; /* under lock, with their count */
    size_t interface_count;
    unsigned alive;   /* under lock: connections, and the timer */
    unsigned running; /* under lock: dispatches */
    bool hurried;     /* under lock: `hurry` is on its way */
    struct loop_task hurry;
    bool stopped; /* the owner's: stop was called */
    /* The loop's own: */
    struct listener *listeners;
    struct connection *connections;
    unsigned connection_count;
    bool draining;
    uv_timer_t timer;
    char buffer[65536]; /* for whatever connection is being read */
};

struct connection {
    uv_tcp_t tcp; /* first */
    struct rpc_server *server;
    struct connection *next, **at;
    struct association association;
    char address[64]; /* with port */
    char host[48];
    uint8_t
        network[9];    /* whom limits of one address count together: an IPv4 address, an IPv6 /64 */
    uint64_t accepted; /* all in milliseconds of the loop */
    uint64_t progress; /* bytes were written, or nothing was to be written */
    uint64_t heard;    /* a fragment was begun, or bytes came while none was */
    uint64_t active;   /* a call ended */
    uint64_t read_since; /* it is read from, or not; of loop_clock() */
    bool reading, writing, closing, closed, fragment;
    struct buffer out;
    uv_write_t write;
    struct pool_job job;
    uint64_t sent, received, started;
};

void server_accept(uv_stream_t *listener, int status);
void connection_pump(struct connection *c);
void connection_close(struct connection *c, HRESULT why);
void connection_check(struct connection *c);
void server_trace(struct rpc_server *s, const struct rpc_trace_event *event);

#endif
