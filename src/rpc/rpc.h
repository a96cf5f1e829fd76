/*
 * DCE/RPC over TCP (C706 with the extensions of [MS-RPCE]), as a client and as a
 * server. Carries stubs as bytes; ndr.h reads and writes what is in them.
 *
 * All may be called from any thread unless said otherwise. No lock is held while a callback runs.
 * Every failure is an HRESULT with an error object that says host, port and step.
 */
#ifndef WBEM_RPC_RPC_H
#define WBEM_RPC_RPC_H

#include "auth/auth.h"
#include "rpc/ndr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

/* An interface or a transfer syntax and its version. */
struct rpc_syntax {
    GUID uuid;
    uint16_t major, minor;
};
bool rpc_syntax_equal(const struct rpc_syntax *a, const struct rpc_syntax *b);

/* ---- tracing -------------------------------------------------------------------- */

enum rpc_trace_kind {
    RPC_TRACE_CONNECT, /* client: TCP; server: accepted */
    RPC_TRACE_BIND,    /* an interface was negotiated, or a security context */
    RPC_TRACE_CALL,    /* a call ended */
    RPC_TRACE_CLOSE,
};

/* What happened, without any content: no stub, no token, no name of a user. Borrowed. */
struct rpc_trace_event {
    enum rpc_trace_kind kind;
    bool server;
    const char *peer; /* address and port */
    uint64_t connection;
    uint32_t call;            /* call id on the connection */
    struct rpc_syntax syntax; /* BIND and CALL */
    uint16_t opnum;           /* CALL */
    unsigned level;           /* RPC_C_AUTHN_LEVEL_* */
    size_t sent, received;    /* bytes of stub; CLOSE: of everything on the wire */
    unsigned fragments_sent, fragments_received; /* CALL */
    uint32_t fault;                              /* CALL: its status on the wire; 0: none */
    uint64_t started;                            /* nanoseconds of CLOCK_MONOTONIC */
    uint64_t duration;                           /* nanoseconds */
    HRESULT result;
};
/* Must be quick: it is called on the thread that does the network's work. */
typedef void rpc_trace_fn(void *context, const struct rpc_trace_event *event);

/* ---- client --------------------------------------------------------------------------- */

/* One TCP connection as one identity at one level; counted. */
struct rpc_connection;

struct rpc_client_options {
    const char *host; /* name or address */
    uint16_t port;
    enum auth_mechanism mechanism; /* AUTH_*, which are RPC_C_AUTHN_* */
    unsigned level; /* RPC_C_AUTHN_LEVEL_*; NONE: not authenticated; DEFAULT: packet privacy. CALL
                     * and PKT become PKT_INTEGRITY, which protects more ([MS-RPCE] 2.2.1.1.8) */
    const struct auth_credentials *credentials; /* borrowed for the call; needed above NONE */
    const char *target;          /* service principal, such as "host/name"; may be NULL for NTLM */
    unsigned auth_flags;         /* AUTH_IDENTIFY, AUTH_DELEGATE */
    unsigned connect_timeout_ms; /* looking up the name and TCP; 0: 10 s */
    unsigned bind_timeout_ms;    /* each answer to a bind or a token; 0: as connect_timeout_ms */
    unsigned call_timeout_ms;    /* of calls that give none; 0: 60 s */
    unsigned dead_peer_ms;       /* what is sent and not acknowledged by TCP; 0: 60 s */
    size_t reply_max;            /* bytes of one reply; 0: 64 MiB */
    rpc_trace_fn *trace;         /* may be NULL */
    void *trace_context;
};

/* Resolves the name and connects, trying all addresses of both families. The interface is bound and
 * authentication done with the first call. HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE). */
HRESULT rpc_connection_open(const struct rpc_client_options *options, struct rpc_connection **ret);
void rpc_connection_ref(struct rpc_connection *c);
/* The last one closes it: calls in progress fail. May come from inside a callback. */
void rpc_connection_unref(struct rpc_connection *c); /* NULL is fine */
/* Calls in progress and to come fail with HRESULT_FROM_WIN32(RPC_S_CALL_FAILED). */
void rpc_connection_close(struct rpc_connection *c);
bool rpc_connection_is_open(struct rpc_connection *c);
/* The peer's address and port as text; borrowed from the connection. */
const char *rpc_connection_peer(const struct rpc_connection *c);

struct rpc_request {
    const struct rpc_syntax *syntax; /* the interface */
    const GUID *object;              /* NULL: none */
    uint16_t opnum;
    const void *stub; /* copied */
    size_t size;
    unsigned timeout_ms; /* 0: the connection's; INFINITE: none, but a dead peer ends it still */
    bool maybe;          /* no reply is expected (C706 6.1.2) */
    /* With rpc_call_begin(): called with its context when the beginning of a reply of several
     * fragments has come, so the call has been carried out. On the network's thread: be quick.
     * Before `done`; may be NULL. */
    void (*replying)(void *context);
};

struct rpc_reply {
    uint8_t *data; /* owned by who gets it; free() */
    size_t size;
    uint32_t drep;
};
static inline void rpc_reply_done(struct rpc_reply *reply) /* for CLEANUP */
{
    free(reply->data);
    reply->data = NULL;
}

/* Binds the interface when this connection has not yet, sends, and waits for the reply. Any number
 * of calls may be outstanding.
 *
 * Failures: the peer's fault as rpc_status_to_hresult() has it; HRESULT_FROM_WIN32 of
 * RPC_S_SERVER_UNAVAILABLE (never reached), RPC_S_CALL_FAILED (lost while in progress),
 * RPC_S_CALL_FAILED_DNE (lost before anything was sent), RPC_S_CALL_CANCELLED,
 * RPC_S_PROTOCOL_ERROR, RPC_S_UNKNOWN_IF, RPC_S_UNSUPPORTED_TRANS_SYN; RPC_E_TIMEOUT;
 * E_ACCESSDENIED; SEC_E_* of the handshake; E_OUTOFMEMORY. */
HRESULT rpc_call(struct rpc_connection *c, const struct rpc_request *request,
                 struct rpc_reply *ret);

/* The same without waiting: `done` is called exactly once, on a thread of the library's pool,
 * unless this fails at once. The reply is the callback's; the error object is the calling thread's
 * there. */
struct rpc_pending;
typedef void rpc_done_fn(void *context, HRESULT hr, struct rpc_reply *reply);
HRESULT rpc_call_begin(struct rpc_connection *c, const struct rpc_request *request,
                       rpc_done_fn *done, void *context, struct rpc_pending **ret);
/* Ends it with RPC_S_CALL_CANCELLED as HRESULT, unless it has ended; tells the server by orphaned
 * or co_cancel. */
void rpc_call_cancel(struct rpc_pending *p);
void rpc_pending_unref(struct rpc_pending *p); /* NULL is fine */

/* What a fault's status is: nca_s_* (C706 appendix E) and Win32 RPC codes as HRESULT, others as
 * they are. Never a success. And what a fault says of an HRESULT. */
HRESULT rpc_status_to_hresult(uint32_t status);
uint32_t rpc_status_from_hresult(HRESULT hr);

/* ---- server -------------------------------------------------------------------------------- */

struct rpc_server;
struct rpc_server_connection;

/* Each 0 is the default that stands behind it. */
struct rpc_server_limits {
    unsigned connections;          /* 4096 */
    unsigned connections_per_peer; /* of one address, or one /64 of IPv6: 256 */
    unsigned unauthenticated;      /* connections that have not authenticated yet, in all: 512; one
                                    * more ends the oldest of them */
    size_t request_bytes;          /* of one request: 16 MiB, at most half of the next */
    size_t pending_bytes;          /* of all requests and replies on a connection: 64 MiB */
    unsigned calls;                /* at once on one connection: 128 */
    unsigned contexts;             /* presentation contexts, and security contexts: 256 */
    unsigned handshake_ms;         /* from being accepted to the first authenticated call: 30 s */
    unsigned stall_ms; /* a peer that takes, or a fragment that makes, no progress: 60 s */
    unsigned idle_ms;  /* with no call in progress: 0 is for ever */
};

/* Who is let in beside what the limits say. Each function may be NULL and may be called on several
 * threads of the pool at once. */
struct rpc_server_call;
struct rpc_server_guard {
    /* Somebody has authenticated on a connection, on which others may have before. May take its
     * time, and give (malloc'd) the name under which he is known here, which may be said in several
     * ways: it is the peer's name from then on. A failure is what all requests under this security
     * context fail with. */
    HRESULT(*admit)
    (void *context, uint64_t connection, const struct auth_principal *peer, const char *address,
     char **ret_name);
    /* A call is about to be dispatched; a failure is its fault. `end` is called once for each that
     * was let in, before its answer goes out. */
    HRESULT (*begin)(void *context, const struct rpc_server_call *call);
    void (*end)(void *context, const struct rpc_server_call *call);
    /* A connection keeps so many bytes more (or fewer, below 0) for requests and replies. False for
     * more is too many: they count until they are given back, but the request fails with
     * nca_no_memory. On the connection's loop thread: has to be quick. */
    bool (*hold)(void *context, uint64_t connection, int64_t bytes);
    void *context;
};

struct rpc_server_options {
    struct rpc_server_guard guard;
    const struct auth_acceptor *acceptor; /* borrowed; NULL: nobody can authenticate */
    unsigned minimum_level; /* of interfaces that say none; 0: RPC_C_AUTHN_LEVEL_PKT_INTEGRITY */
    struct rpc_server_limits limits;
    /* On a pool thread when a connection has gone and its calls have ended; may be NULL. */
    void (*closed)(void *context, uint64_t connection);
    void *closed_context;
    rpc_trace_fn *trace; /* may be NULL */
    void *trace_context;
};

/* A request, until it is answered. */
struct rpc_server_call {
    struct rpc_syntax syntax;
    bool has_object;
    GUID object; /* GUID_NULL: none */
    uint16_t opnum;
    const uint8_t *stub; /* without verification trailer and padding */
    size_t size;
    uint32_t drep;
    unsigned level;                    /* RPC_C_AUTHN_LEVEL_* it came at */
    const struct auth_principal *peer; /* NULL: not authenticated */
    const char *address;               /* the peer's, with port */
    uint64_t connection;               /* a number never used twice in a process */
};

struct rpc_interface {
    struct rpc_syntax syntax;
    unsigned minimum_level; /* 0: the server's; RPC_C_AUTHN_LEVEL_NONE: anybody */
    /* On a thread of the library's pool; may answer later. The call is borrowed until it is
     * answered. */
    void (*dispatch)(struct rpc_server_call *call, void *context);
    void *context;
};

HRESULT rpc_server_new(const struct rpc_server_options *options, struct rpc_server **ret);
/* At any time; copied. Replaces one of the same uuid and major version. */
HRESULT rpc_server_register(struct rpc_server *s, const struct rpc_interface *served);
/* address NULL: all, IPv6 and IPv4. port 0: any; *actual (may be NULL) is what it became. May be
 * called several times. */
HRESULT rpc_server_listen(struct rpc_server *s, const char *address, uint16_t port,
                          uint16_t *actual);
/* The same on a socket that listens already, which is taken, also on failure. */
HRESULT rpc_server_listen_socket(struct rpc_server *s, int fd, uint16_t *actual);
/* For connections to come; those that are there keep theirs. The acceptor is borrowed until the
 * last of them has gone. `minimum_level` and the interval of the timers stay. */
void rpc_server_change(struct rpc_server *s, const struct auth_acceptor *acceptor,
                       const struct rpc_server_limits *limits);
/* Connections that are there now. */
unsigned rpc_server_connections(struct rpc_server *s);
/* No new connections or calls; graceful: calls in progress are answered first. Waits until all
 * connections are gone and no dispatch runs. Not from inside a dispatch. */
void rpc_server_stop(struct rpc_server *s, bool graceful);
/* While another thread waits in rpc_server_stop(): gracefully no longer. Dispatches that run it
 * still waits for. */
void rpc_server_stop_now(struct rpc_server *s);
/* After it has stopped, or does it ungracefully. NULL is fine. */
void rpc_server_free(struct rpc_server *s);

/* Ends a call, exactly once, from any thread. Data is copied. */
void rpc_server_reply(struct rpc_server_call *call, const void *data, size_t size);
/* The same, taking `data` from malloc(). */
void rpc_server_reply_take(struct rpc_server_call *call, uint8_t *data, size_t size);
/* status: as rpc_status_from_hresult() makes it of an HRESULT. Not for RPC_S_* that are reserved.
 */
void rpc_server_fault(struct rpc_server_call *call, uint32_t status);
/* Has the client given it up (co_cancel, orphaned), or gone? */
bool rpc_server_call_cancelled(const struct rpc_server_call *call);

#endif
