/*
 * What the files of the client share. All of a connection but its counts and
 * `open` belongs to the loop's thread.
 */
#ifndef WBEM_RPC_CLIENT_PRIVATE_H
#define WBEM_RPC_CLIENT_PRIVATE_H

#include "com/com.h"
#include "enumerator/pool.h"
#include "object/bytes.h"
#include "rpc/loop.h"
#include "rpc/pdu.h"
#include "rpc/security.h"

#include <pthread.h>

#define CLIENT_TEXT 240
#define CLIENT_ADDRESSES 16

enum call_state {
    CALL_WAITING, /* for its interface to be bound */
    CALL_SENDING, /* some fragments still to be sent */
    CALL_SENT,
    CALL_ENDED,
};

struct rpc_pending {
    struct com_refs refs;              /* the caller's, the loop's */
    struct rpc_connection *connection; /* held */
    struct rpc_pending *next;
    enum call_state state;
    struct rpc_syntax syntax;
    GUID object;
    void (*replying)(void *context); /* may be NULL */
    bool has_object, maybe;
    uint16_t opnum, context_id;
    uint32_t id;
    uint8_t *stub; /* with a verification trailer behind it once it is being sent */
    size_t size, whole, sent;
    unsigned fragments_sent, fragments_received;
    uint32_t fault;
    unsigned timeout_ms;
    uint64_t deadline; /* of the loop's clock; UINT64_MAX: none */
    uint64_t started;
    struct buffer reply;
    uint32_t drep;
    struct loop_task begin, cancel;
    atomic_bool cancelling;
    /* The end. */
    HRESULT hr;
    char text[CLIENT_TEXT];
    IErrorInfo *error; /* instead of the text; owned */
    rpc_done_fn *done; /* NULL: somebody waits */
    void *context;
    struct pool_job job;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool over; /* under lock */
};

struct attempt {
    uv_tcp_t tcp; /* first */
    uv_connect_t request;
    struct rpc_connection *connection;
    bool closing;
};

enum client_phase {
    CLIENT_CONNECTING,
    CLIENT_IDLE,     /* nothing is being negotiated */
    CLIENT_STEPPING, /* a step of the handshake runs on a pool thread */
    CLIENT_BINDING,  /* waiting for an answer to bind or alter_context */
    CLIENT_CLOSED,
};

struct presented {
    struct rpc_syntax syntax;
    uint16_t id;
    HRESULT refused; /* S_OK: accepted */
};

struct control_pdu {
    struct control_pdu *next;
    uint8_t *bytes;
    size_t size;
};

struct rpc_connection {
    struct com_refs users;
    struct com_refs holds; /* the users together, the loop, each pending call */
    atomic_bool open;
    struct loop *loop;
    struct rpc_client_options options; /* strings and credentials owned */
    uint64_t number;
    char peer[128];
    struct loop_task open_task, close_task;
    enum client_phase phase;
    unsigned handles; /* of libuv, requests and steps, that still are to end */
    uv_timer_t timer;
    /* Connecting. */
    uv_getaddrinfo_t resolve;
    struct sockaddr_storage addresses[CLIENT_ADDRESSES];
    unsigned address_count, next_address, attempt_count;
    struct attempt *attempts[CLIENT_ADDRESSES];
    uint64_t deadline, next_attempt; /* loop's milliseconds */
    int last_error;
    /* Who opened it waits. */
    pthread_mutex_t lock;
    pthread_cond_t opened;
    bool is_opened; /* under lock, with these two */
    HRESULT open_result;
    char open_text[CLIENT_TEXT];
    /* Connected. */
    uv_stream_t *stream;
    bool writing;
    uv_write_t write;
    struct buffer out, in;
    struct control_pdu *controls, *last_control;
    struct rpc_pending *waiting, *last_waiting, *active;
    uint64_t sent, received, started;
    /* Negotiated. */
    bool confirmed; /* a reply with a good signature has come */
    bool bound, concurrent, keep_on_orphan, header_sign;
    uint16_t max_send;
    uint32_t next_call_id, binding_id, group;
    struct presented *presented;
    unsigned presented_count;
    uint16_t next_context_id;
    struct rpc_syntax binding; /* what is being negotiated */
    uint16_t binding_context;
    uint64_t binding_started;
    struct security *security; /* NULL: none, or not yet */
    /* A step of the handshake. */
    struct pool_job step_job;
    struct loop_task step_task;
    struct buffer step_in, step_out;
    HRESULT step_result;
    bool step_done;
    IErrorInfo *step_error;
};

/* client.c */
void client_hold(struct rpc_connection *c);
void client_unhold(struct rpc_connection *c);
void client_opened(struct rpc_connection *c, HRESULT hr);
/* Ends it and all its calls. hr S_FALSE: it was lost, which means a different code for each call.
 * error may be NULL and is borrowed. */
void client_fail(struct rpc_connection *c, HRESULT hr, IErrorInfo *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* One of c->handles has ended; the last one after the close gives up the loop's hold. */
void client_gone(struct rpc_connection *c);
void client_trace(struct rpc_connection *c, struct rpc_trace_event *event);

/* client_connect.c */
void client_connect(struct loop_task *task);
/* Time has come for another attempt, or to give up. */
void client_connect_timer(struct rpc_connection *c, uint64_t now);
void client_close_attempts(struct rpc_connection *c);

/* client_bind.c: what to do for the first waiting call */
void client_negotiate(struct rpc_connection *c, const struct rpc_syntax *syntax);
/* " during …" while something is being negotiated; "" otherwise. */
const char *client_doing(const struct rpc_connection *c);
const struct presented *client_presented(struct rpc_connection *c, const struct rpc_syntax *syntax);
void client_bind_answer(struct rpc_connection *c, const struct pdu *p);

/* client_call.c */
void client_pump(struct rpc_connection *c);
void client_reply(struct rpc_connection *c, struct pdu *p);
void client_end(struct rpc_pending *call, HRESULT hr, IErrorInfo *error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void client_call_begin(struct loop_task *task);
void client_call_cancel(struct loop_task *task);
void client_expire(struct rpc_connection *c, uint64_t now);
uint64_t client_next_deadline(const struct rpc_connection *c);
void pending_unref(struct rpc_pending *call);

/* client_io.c */
void client_send_control(struct rpc_connection *c, struct ndr_writer *w, size_t auth_length);
void client_read_start(struct rpc_connection *c);
void client_write(struct rpc_connection *c);
void client_set_timer(struct rpc_connection *c);
/* Cuts fragments of calls; client_call.c. */
void client_output(struct rpc_connection *c, struct buffer *out, size_t want);

#endif
