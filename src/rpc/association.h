/*
 * The server's side of one connection as a state machine: bytes in, calls and
 * bytes out. Knows no socket and no thread, so tests and fuzzers drive it whole.
 *
 * Everything is for one thread at a time. Order of things on a connection: a bind first, then any
 * number of alter_contexts and requests; while a handshake step is worked on (it may ask a file or
 * a domain controller) nothing more of the input is looked at.
 */
#ifndef WBEM_RPC_ASSOCIATION_H
#define WBEM_RPC_ASSOCIATION_H

#include "enumerator/pool.h"
#include "object/bytes.h"
#include "rpc/loop.h"
#include "rpc/pdu.h"
#include "rpc/security.h"

#include <stdatomic.h>

struct association;

/* A request from its first fragment until its answer is sent. */
struct incoming {
    struct rpc_server_call call; /* first: what the dispatcher sees */
    struct association *association;
    struct incoming *next;
    struct security *security; /* borrowed; NULL: none */
    struct rpc_interface served;
    uint32_t id;
    uint16_t context_id;
    bool maybe, dispatched, orphaned;
    bool admitted; /* by the server's guard, which hears of its end */
    atomic_bool cancelled;
    uint32_t refused; /* a fault's status: nothing of it is kept */
    struct buffer stub;
    uint64_t started, heard; /* of loop_clock(): its first fragment, its last so far */
    size_t received;
    /* The answer. */
    uint8_t *reply;
    size_t reply_size, sent;
    uint32_t fault;
    unsigned fragments_sent, fragments_received;
    /* For who works on it. */
    struct pool_job job;
    struct loop_task task;
    void *owner;
};

/* A step of a handshake, to be run in the background. */
struct step {
    struct association *association;
    struct pool_job job;
    struct loop_task task;
    void *owner;
    struct buffer in, out;
    struct security *security;
    HRESULT hr;
    bool done;
};

struct association_ops {
    /* An interface that serves this one: same uuid and major version, minor not below. */
    bool (*find)(struct association *a, const struct rpc_syntax *syntax, struct rpc_interface *ret);
    /* Has the call's served.dispatch run; association_answer() comes later, or at once. */
    void (*dispatch)(struct association *a, struct incoming *call);
    /* Has step_run() run on it, then association_stepped(). */
    void (*work)(struct association *a, struct step *step);
    /* A call is over and about to be freed. */
    void (*ended)(struct association *a, const struct incoming *call);
    /* Bytes of requests and replies are kept, or (below 0) given back; false: it's too many. May be
     * NULL. */
    bool (*hold)(struct association *a, int64_t bytes);
};

struct association_options {
    const struct association_ops *ops;
    void *owner;
    const struct auth_acceptor *acceptor;
    unsigned minimum_level;
    struct rpc_server_limits limits; /* none of them 0, but idle_ms */
    const char *address;             /* the peer's; borrowed */
    uint16_t port;                   /* ours, for the secondary address */
    uint64_t number;
};

enum association_state {
    ASSOCIATION_NEW,
    ASSOCIATION_BOUND,
    ASSOCIATION_FAILED, /* send what is left, then close */
};

struct presentation {
    uint16_t id;
    struct rpc_syntax syntax;
    struct rpc_interface served;
};

/* A control PDU waiting to be sent, ready as it is. */
struct control {
    struct control *next;
    uint8_t *bytes;
    size_t size;
};

struct association {
    struct association_options options;
    enum association_state state;
    bool stepping; /* a handshake step is out */
    bool header_sign, features, keep_on_orphan;
    bool authenticated; /* one security context at least is done */
    uint16_t max_send;
    uint32_t group;
    struct presentation *presentations;
    unsigned presentation_count;
    struct security *securities;
    unsigned security_count;
    struct incoming *calls; /* being received, or in progress */
    unsigned call_count;
    size_t pending_bytes; /* of stubs and replies */
    struct incoming *replies, *last_reply;
    unsigned reply_count;
    struct control *controls, *last_control;
    unsigned control_count;
    struct step step;
    /* The answer to a bind that waits for its step. */
    enum pdu_type answer_type;
    uint32_t answer_id;
    bool answer_header_sign, answer_wanted;
    struct pdu_result *results;
    unsigned result_count;
    struct buffer input;
    size_t fragment_begun; /* bytes of an unfinished fragment: for the stall timer */
};

HRESULT association_init(struct association *a, const struct association_options *options);
/* No call may be in progress. */
void association_done(struct association *a);

/* What has come. After it look at a->state and association_output(). */
void association_input(struct association *a, const uint8_t *bytes, size_t size);
/* Should more be read? Not while a step is out, or too much is pending. */
bool association_wants_input(const struct association *a);
/* Appends fragments to send until `want` bytes are there or nothing is left. */
void association_output(struct association *a, struct buffer *out, size_t want);
bool association_has_output(const struct association *a);
/* On any thread: the step's work. Then, on the association's: */
void step_run(struct step *step);
void association_stepped(struct association *a);
/* The call's reply or fault is filled in. */
void association_answer(struct association *a, struct incoming *call);
/* Does a request miss its next fragment since before then (of loop_clock())? */
bool association_waits(const struct association *a, uint64_t since);
/* The connection has gone: calls that are not with a dispatcher end, the others are told. */
void association_lost(struct association *a);

/* Forgets what is not with a dispatcher: no more input will come. */
void association_drain(struct association *a);

/* ---- for the files of this folder ---------------------------------------------------- */

void association_fail(struct association *a);
/* See association_ops.hold. */
bool association_hold(struct association *a, int64_t bytes);
/* Takes the writer's bytes. */
void association_send(struct association *a, struct ndr_writer *w, size_t auth_length);
void association_send_fault(struct association *a, uint32_t id, uint16_t context_id,
                            uint32_t status);
/* Looks at what has come so far. */
void association_take(struct association *a);
struct security *association_security(struct association *a, uint32_t id);
void association_bind(struct association *a, const struct pdu *p);
void association_auth3(struct association *a, const struct pdu *p);
void association_request(struct association *a, struct pdu *p);
void association_cancel(struct association *a, const struct pdu *p);

#endif
