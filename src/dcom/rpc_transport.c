/*
 * DCOM's transport: src/rpc, with src/auth's credentials.
 */
#include "dcom/channel.h"
#include "rpc/rpc.h"

#include <stdio.h>

/* ---- client ------------------------------------------------------------------------------ */

/* A channel is a connection, and a call one of its own. */
static struct rpc_connection *connection_of(struct channel *c)
{
    return (struct rpc_connection *)c;
}

static pthread_mutex_t trace_lock = PTHREAD_MUTEX_INITIALIZER;
static dcom_trace_fn *trace; /* under trace_lock */
static void *trace_context;  /* under trace_lock */

void dcom_set_trace(dcom_trace_fn *fn, void *context)
{
    pthread_mutex_lock(&trace_lock);
    trace = fn;
    trace_context = context;
    pthread_mutex_unlock(&trace_lock);
}

static enum auth_mechanism mechanism_of(uint32_t authn_service)
{
    switch (authn_service) {
    case RPC_C_AUTHN_WINNT:
        return AUTH_NTLM;
    case RPC_C_AUTHN_GSS_KERBEROS:
        return AUTH_KERBEROS;
    default:
        return AUTH_SPNEGO;
    }
}

static unsigned flags_of(uint32_t imp_level)
{
    switch (imp_level) {
    case RPC_C_IMP_LEVEL_ANONYMOUS:
    case RPC_C_IMP_LEVEL_IDENTIFY:
        return AUTH_IDENTIFY;
    case RPC_C_IMP_LEVEL_DELEGATE:
        return AUTH_DELEGATE;
    default:
        return 0;
    }
}

static HRESULT open_as(const struct channel_options *o, const struct auth_credentials *credentials,
                       struct channel **ret)
{
    char target[300];
    struct rpc_client_options options = {.host = o->host,
                                         .port = o->port,
                                         .level = RPC_C_AUTHN_LEVEL_NONE,
                                         .connect_timeout_ms = o->connect_timeout_ms};
    pthread_mutex_lock(&trace_lock);
    options.trace = trace;
    options.trace_context = trace_context;
    pthread_mutex_unlock(&trace_lock);
    if (o->security) {
        options.mechanism = mechanism_of(o->security->authn_service);
        options.level = o->security->authn_level;
        options.credentials = credentials;
        options.auth_flags = flags_of(o->security->imp_level);
        options.target = o->security->target;
        if (!options.target) {
            if (snprintf(target, sizeof target, "host/%s", o->target_host) >= (int)sizeof target) {
                return E_INVALIDARG;
            }
            options.target = target;
        }
    }
    return rpc_connection_open(&options, (struct rpc_connection **)ret);
}

static HRESULT transport_open(const struct channel_options *options, struct channel **ret)
{
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *own = NULL;
    const struct auth_credentials *credentials =
        options->security ? options->security->credentials : NULL;
    if (options->security && !credentials &&
        options->security->authn_level > RPC_C_AUTHN_LEVEL_NONE) {
        HRESULT hr = auth_credentials_ccache(NULL, NULL, NULL, &own); /* the user's tickets */
        if (FAILED(hr)) {
            return hr;
        }
        credentials = own;
    }
    return open_as(options, credentials, ret);
}

static void transport_ref(struct channel *c)
{
    rpc_connection_ref(connection_of(c));
}

static void transport_unref(struct channel *c)
{
    rpc_connection_unref(connection_of(c));
}

static void transport_close(struct channel *c)
{
    rpc_connection_close(connection_of(c));
}

static bool transport_is_open(struct channel *c)
{
    return rpc_connection_is_open(connection_of(c));
}

/* What a call of RPC ends with, as COM has it. */
static HRESULT com_result(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(RPC_S_CALL_CANCELLED) ? RPC_E_CALL_CANCELED : hr;
}

static void request_of(const struct channel_request *request, struct rpc_syntax *syntax,
                       struct rpc_request *ret)
{
    *syntax = (struct rpc_syntax){*request->iid, request->version, 0};
    *ret = (struct rpc_request){.syntax = syntax,
                                .object = request->object,
                                .opnum = request->opnum,
                                .stub = request->stub,
                                .size = request->size,
                                .timeout_ms = request->timeout_ms};
}

static HRESULT transport_call(struct channel *c, const struct channel_request *request,
                              struct channel_reply *ret)
{
    struct rpc_syntax syntax;
    struct rpc_request q;
    struct rpc_reply reply = {0};
    request_of(request, &syntax, &q);
    HRESULT hr = rpc_call(connection_of(c), &q, &reply);
    *ret = (struct channel_reply){0};
    if (SUCCEEDED(hr)) {
        *ret = (struct channel_reply){reply.data, reply.size, reply.drep};
    }
    return com_result(hr);
}

/* Until the callback. */
struct pending {
    channel_done *done;
    void (*replying)(void *arg);
    void *arg;
};

static void replying(void *context)
{
    struct pending *p = context;
    p->replying(p->arg);
}

static void ended(void *context, HRESULT hr, struct rpc_reply *from)
{
    struct pending p = *(struct pending *)context;
    struct channel_reply reply = {0};
    free(context);
    if (SUCCEEDED(hr)) {
        reply = (struct channel_reply){TAKE(from->data), from->size, from->drep};
    }
    p.done(p.arg, com_result(hr), &reply);
}

static HRESULT transport_call_begin(struct channel *c, const struct channel_request *request,
                                    channel_done *done, void *arg, struct channel_call **ret)
{
    struct rpc_syntax syntax;
    struct rpc_request q;
    struct pending *p = malloc(sizeof *p);
    if (!p) {
        return E_OUTOFMEMORY;
    }
    *p = (struct pending){done, request->replying, arg};
    request_of(request, &syntax, &q);
    q.replying = request->replying ? replying : NULL;
    HRESULT hr = rpc_call_begin(connection_of(c), &q, ended, p, (struct rpc_pending **)ret);
    if (FAILED(hr)) {
        free(p);
    }
    return hr;
}

static void transport_call_cancel(struct channel_call *call)
{
    rpc_call_cancel((struct rpc_pending *)call);
}

static void transport_call_unref(struct channel_call *call)
{
    rpc_pending_unref((struct rpc_pending *)call);
}

static void transport_credentials_ref(struct auth_credentials *credentials)
{
    (void)auth_credentials_ref(credentials);
}

/* ---- server -------------------------------------------------------------------------------- */

static void dispatch(struct rpc_server_call *call, void *context)
{
    const struct channel_service *service = context;
    const struct auth_principal *peer = call->peer;
    bool known = peer && !peer->anonymous;
    struct channel_incoming in = {
        .iid = call->syntax.uuid,
        .object = call->object,
        .opnum = call->opnum,
        .stub = call->stub,
        .size = call->size,
        .drep = call->drep,
        .peer = known ? peer->name : "",
        .authn_service = peer ? (uint32_t)peer->mechanism : RPC_C_AUTHN_NONE,
        .authn_level = call->level,
        .imp_level =
            known && !peer->identify_only ? RPC_C_IMP_LEVEL_IMPERSONATE : RPC_C_IMP_LEVEL_IDENTIFY,
        .connection = call->connection,
        .rpc = call};
    service->dispatch(service->arg, &in);
}

static HRESULT transport_serve(struct rpc_server *rpc, const IID *iid, uint16_t version,
                               const struct channel_service *service)
{
    struct rpc_interface served = {.syntax = {*iid, version, 0},
                                   .minimum_level = service->authn_level,
                                   .dispatch = dispatch,
                                   .context = (void *)service};
    return rpc_server_register(rpc, &served);
}

static void transport_fault(struct rpc_server_call *rpc, HRESULT hr)
{
    rpc_server_fault(rpc, rpc_status_from_hresult(hr));
}

static void transport_reply(struct rpc_server_call *rpc, const uint8_t *stub, size_t size)
{
    rpc_server_reply(rpc, stub, size);
}

const struct channel_transport channel_rpc = {
    .open = transport_open,
    .ref = transport_ref,
    .unref = transport_unref,
    .close = transport_close,
    .is_open = transport_is_open,
    .call = transport_call,
    .call_begin = transport_call_begin,
    .call_cancel = transport_call_cancel,
    .call_unref = transport_call_unref,
    .credentials_ref = transport_credentials_ref,
    .credentials_unref = auth_credentials_unref,
    .serve = transport_serve,
    .reply = transport_reply,
    .fault = transport_fault,
};
