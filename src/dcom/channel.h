/*
 * What DCOM needs of RPC: connections as a client, requests as a server. A table
 * of functions, so that both sides of DCOM can be tested without a network.
 */
#ifndef WBEM_DCOM_CHANNEL_H
#define WBEM_DCOM_CHANNEL_H

#include "dcom/dcom_private.h"

/* ---- client ------------------------------------------------------------------------------ */

/* A connection with one identity at one level. Counted. */
struct channel;

struct channel_options {
    const char *host;
    uint16_t port;
    const struct dcom_security *security; /* NULL: not authenticated */
    const char *target_host;              /* whom to authenticate, when not by address */
    unsigned connect_timeout_ms;
};
/* HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) when nobody is there. */
HRESULT channel_open(const struct channel_options *options, struct channel **ret);
void channel_ref(struct channel *c);
/* The last one closes it; may come from inside a callback. */
void channel_unref(struct channel *c); /* NULL is fine */
/* Calls in progress fail with RPC_E_DISCONNECTED or the like, and those to come. */
void channel_close(struct channel *c);
bool channel_is_open(struct channel *c);

struct channel_request {
    const IID *iid; /* the interface: abstract syntax */
    uint16_t version;
    const IPID *object; /* NULL: none */
    uint16_t opnum;
    const uint8_t *stub; /* borrowed until the call was begun */
    size_t size;
    unsigned timeout_ms;
    void (*replying)(void *arg); /* channel_call_begin(): as rpc.h has it, with its arg */
};
struct channel_reply {
    uint8_t *stub; /* owned; NULL when nothing came */
    size_t size;
    uint32_t drep;
};
HRESULT channel_call(struct channel *c, const struct channel_request *request,
                     struct channel_reply *ret);

/* `done` once, also when begun calls fail; what it gets is its own. A failure returned here means
 * that it is not called. */
struct channel_call;
typedef void channel_done(void *arg, HRESULT hr, struct channel_reply *reply);
HRESULT channel_call_begin(struct channel *c, const struct channel_request *request,
                           channel_done *done, void *arg, struct channel_call **ret);
void channel_call_cancel(struct channel_call *call);
void channel_call_unref(struct channel_call *call); /* NULL is fine */

void channel_credentials_ref(struct auth_credentials *credentials);   /* NULL is fine */
void channel_credentials_unref(struct auth_credentials *credentials); /* NULL is fine */

/* ---- server ------------------------------------------------------------------------------- */

/* A request. Stays until it is answered. */
struct channel_incoming {
    IID iid;
    GUID object;
    uint16_t opnum;
    const uint8_t *stub;
    size_t size;
    uint32_t drep;
    const char *peer; /* "" for none */
    uint32_t authn_service;
    uint32_t authn_level;
    uint32_t imp_level;
    uint64_t connection; /* a number never used twice */
    struct rpc_server_call *rpc;
};
/* Answers by one of the two functions below, now or later, on any thread. */
typedef void channel_dispatch(void *arg, struct channel_incoming *request);
struct channel_service {
    channel_dispatch *dispatch;
    void *arg;
    unsigned authn_level; /* nothing below is put together, let alone dispatched */
};
/* `service` stays until the rpc server has stopped. */
HRESULT channel_serve(struct rpc_server *rpc, const IID *iid, uint16_t version,
                      const struct channel_service *service);
void channel_reply(struct rpc_server_call *rpc, const uint8_t *stub, size_t size);
void channel_fault(struct rpc_server_call *rpc, HRESULT hr);

/* ---- who does it ------------------------------------------------------------------------------
 */

/* Each as the channel_ function of its name. */
struct channel_transport {
    HRESULT (*open)(const struct channel_options *options, struct channel **ret);
    void (*ref)(struct channel *c);
    void (*unref)(struct channel *c);
    void (*close)(struct channel *c);
    bool (*is_open)(struct channel *c);
    HRESULT(*call)
    (struct channel *c, const struct channel_request *request, struct channel_reply *ret);
    HRESULT(*call_begin)
    (struct channel *c, const struct channel_request *request, channel_done *done, void *arg,
     struct channel_call **ret);
    void (*call_cancel)(struct channel_call *call);
    void (*call_unref)(struct channel_call *call);
    void (*credentials_ref)(struct auth_credentials *credentials);
    void (*credentials_unref)(struct auth_credentials *credentials);
    HRESULT(*serve)
    (struct rpc_server *rpc, const IID *iid, uint16_t version,
     const struct channel_service *service);
    void (*reply)(struct rpc_server_call *rpc, const uint8_t *stub, size_t size);
    void (*fault)(struct rpc_server_call *rpc, HRESULT hr);
};
/* src/rpc's; and another one instead, before anything else is called. */
extern const struct channel_transport channel_rpc;
void channel_set_transport(const struct channel_transport *transport);

#endif
