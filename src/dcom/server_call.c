/*
 * Calls on exported objects: who may make them, what goes to the stub, how it is
 * answered. [MS-DCOM] 3.1.1.5.3.
 */
#include "dcom/server_private.h"

#include <string.h>

/* A call while it is served. */
struct server_call {
    struct dcom_server_call public;
    struct server_object *object; /* counted; holds the interface pointer */
    char *peer;
};

/* ---- before -------------------------------------------------------------------------------- */

bool server_level_is_enough(struct dcom_server *s, const struct channel_incoming *request)
{
    return request->authn_level >= s->authn_level;
}

HRESULT server_read_this(struct ndr_reader *r, struct dcom_this *orpc, struct dcom_version *version)
{
    dcom_this_read(r, orpc);
    return FAILED(r->status) ? r->status : dcom_version_agree(orpc->version, version);
}

void server_context(const struct channel_incoming *request, struct com_call_context *ret,
                    wchar_t **ret_name)
{
    *ret_name = com_wide_from_utf8(request->peer);
    *ret = (struct com_call_context){.authn_svc = request->authn_service,
                                     .authz_svc = RPC_C_AUTHZ_NONE,
                                     .authn_level = request->authn_level,
                                     .imp_level = request->imp_level,
                                     .client = *ret_name};
}

/* Finds the interface and holds its object. */
static HRESULT find(struct dcom_server *s, const struct channel_incoming *request,
                    struct server_object **ret, const struct dcom_stub **ret_stub,
                    IUnknown **ret_iface)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&s->lock);
    struct server_ipid *p = server_ipid_find(s, &request->object);
    if (!p) {
        hr = RPC_E_DISCONNECTED;
    } else if (!server_object_is_for(p->object, request->peer)) {
        hr = E_ACCESSDENIED;
    } else if (!IsEqualIID(p->stub->iid, &request->iid)) {
        hr = RPC_E_INVALID_IPID;
    } else if (request->opnum < 3 || request->opnum >= p->stub->methods) {
        /* IUnknown's own are IRemUnknown's on the wire. */
        hr = HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE);
    } else {
        p->object->touched = dcom_now();
        (void)com_ref_inc(&p->object->refs);
        *ret = p->object;
        *ret_stub = p->stub;
        *ret_iface = p->iface;
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

static HRESULT call_new(struct dcom_server *s, const struct channel_incoming *request,
                        struct server_object *object, IUnknown *iface, struct server_call **ret)
{
    struct server_call *call = calloc(1, sizeof *call);
    char *peer = strdup(request->peer);
    if (!call || !peer) {
        free(call);
        free(peer);
        return E_OUTOFMEMORY;
    }
    call->object = object;
    call->peer = peer;
    call->public = (struct dcom_server_call){.server = s,
                                             .object = iface,
                                             .iid = request->iid,
                                             .opnum = request->opnum,
                                             .peer = peer,
                                             .authn_service = request->authn_service,
                                             .authn_level = request->authn_level,
                                             .imp_level = request->imp_level,
                                             .connection = request->connection,
                                             .rpc = request->rpc};
    struct dcom_this orpc;
    ndr_reader_init(&call->public.in, request->stub, request->size, request->drep);
    HRESULT hr = server_read_this(&call->public.in, &orpc, &call->public.version);
    if (FAILED(hr)) {
        free(peer);
        free(call);
        return hr;
    }
    call->public.causality = orpc.causality;
    *ret = call;
    return S_OK;
}

void server_dispatch_object(void *arg, struct channel_incoming *request)
{
    struct dcom_server *s = arg;
    struct server_object *object = NULL;
    const struct dcom_stub *stub = NULL;
    IUnknown *iface = NULL;
    struct server_call *call = NULL;
    HRESULT hr = server_level_is_enough(s, request) ? find(s, request, &object, &stub, &iface)
                                                    : E_ACCESSDENIED;
    if (SUCCEEDED(hr)) {
        hr = call_new(s, request, object, iface, &call);
    }
    if (FAILED(hr)) {
        if (object) {
            server_object_unref(object);
        }
        channel_fault(request->rpc, hr);
        return;
    }
    /* From here the call may be answered, and gone, at any moment. */
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    struct com_call_context context;
    server_context(request, &context, &name);
    struct dcom_causality before = dcom_causality_push(&call->public.causality);
    com_call_context_push(&context);
    (void)SetErrorInfo(0, NULL);
    dcom_callback_depth++;
    stub->dispatch(&call->public);
    dcom_callback_depth--;
    (void)SetErrorInfo(0, NULL);
    com_call_context_pop(&context);
    dcom_causality_pop(before);
}

/* ---- after -------------------------------------------------------------------------------------
 */

static void call_free(struct dcom_server_call *public)
{
    struct server_call *call = COM_CONTAINER(public, struct server_call, public);
    ndr_reader_done(&call->public.in);
    server_object_unref(call->object);
    free(call->peer);
    free(call);
}

void dcom_server_fault(struct dcom_server_call *call, HRESULT hr)
{
    struct rpc_server_call *rpc = call->rpc;
    call_free(call);
    channel_fault(rpc, hr);
}

/* ORPCTHAT, with the error object when there is one to go along. */
static void write_that(struct ndr_writer *w, REFIID iid, HRESULT result)
{
    struct dcom_that that = {0};
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    size_t size = 0;
    if (FAILED(result) && GetErrorInfo(0, &error) == S_OK &&
        SUCCEEDED(dcom_error_write(error, iid, &bytes, &size)) && size <= UINT32_MAX) {
        that.extents[0] = (struct dcom_extent){dcom_error_extension, bytes, (uint32_t)size};
        that.extent_count = 1;
    }
    dcom_that_write(w, &that);
    ndr_write_align(w, 8); /* so that the results are aligned as they were written */
}

void dcom_server_reply(struct dcom_server_call *call, struct ndr_writer *out, HRESULT result)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    write_that(&w, &call->iid, result);
    ndr_write_bytes(&w, out->data, out->size);
    ndr_write_fail(&w, out->status);
    ndr_writer_done(out);
    if (FAILED(w.status)) {
        dcom_server_fault(call, w.status);
        return;
    }
    /* The object is let go of first: who has the answer may look for it. */
    struct rpc_server_call *rpc = call->rpc;
    call_free(call);
    channel_reply(rpc, w.data, w.size);
}

void dcom_server_reply_result(struct dcom_server_call *call, HRESULT result)
{
    struct ndr_writer out = {0};
    ndr_write_u32(&out, (uint32_t)result);
    dcom_server_reply(call, &out, result);
}

void server_answer(struct channel_incoming *request, struct ndr_writer *out)
{
    if (FAILED(out->status)) {
        channel_fault(request->rpc, out->status);
    } else {
        channel_reply(request->rpc, out->data, out->size);
    }
    ndr_writer_done(out);
}

HRESULT dcom_server_unmarshal(struct dcom_server *s, const struct dcom_objref *ref, REFIID riid,
                              const struct dcom_security *security, struct dcom_object **ret)
{
    *ret = NULL;
    struct dcom_client *client;
    struct dcom_client_options options = {.security = *security,
                                          .ping_period_ms = (unsigned)s->ping_period_ms};
    HRESULT hr = dcom_client_new(&options, &client);
    if (FAILED(hr)) {
        return hr;
    }
    hr = dcom_unmarshal_objref(client, ref, riid, ret);
    dcom_client_unref(client); /* the object holds it */
    return hr;
}
