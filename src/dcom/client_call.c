/*
 * Calls on remote objects: ORPCTHIS before the arguments, ORPCTHAT before the
 * results, [MS-DCOM] 3.2.4.2; causality ids; calls that are not waited for.
 */
#include "dcom/client_private.h"

#include <string.h>

/* ---- causality --------------------------------------------------------------------------- */

static _Thread_local struct dcom_causality current;

struct dcom_causality dcom_causality_push(const GUID *id)
{
    struct dcom_causality before = current;
    current = (struct dcom_causality){*id, true};
    return before;
}

void dcom_causality_pop(struct dcom_causality before)
{
    current = before;
}

/* ---- requests and replies ------------------------------------------------------------------ */

HRESULT client_request(struct client_oxid *x, struct ndr_writer *in, uint8_t **ret, size_t *size)
{
    struct dcom_this orpc = {.version = x->version, .causality = current.id};
    HRESULT hr = current.set ? S_OK : CoCreateGuid(&orpc.causality);
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    dcom_this_write(&w, &orpc);
    /* 32 bytes: the arguments' alignment is as before. */
    ndr_write_bytes(&w, in->data, in->size);
    if (SUCCEEDED(hr)) {
        hr = in->status;
    }
    ndr_writer_done(in);
    return FAILED(hr) ? hr : ndr_writer_take(&w, ret, size);
}

void dcom_reply_done(struct dcom_reply *reply)
{
    ndr_reader_done(&reply->reader);
    if (reply->error) {
        IErrorInfo_Release(reply->error);
    }
    free(reply->stub);
    *reply = (struct dcom_reply){0};
}

HRESULT client_take_reply(struct channel_reply *from, struct dcom_reply *ret)
{
    struct dcom_that that;
    size_t size = from->size;
    *ret = (struct dcom_reply){.stub = TAKE(from->stub)};
    ndr_reader_init(&ret->reader, ret->stub, size, from->drep);
    dcom_that_read(&ret->reader, &that);
    /* The last thing in the stub is what the method returned. */
    struct ndr_reader last;
    size_t left = ndr_read_left(&ret->reader);
    ndr_reader_init(&last, ret->stub + size - (left >= 4 ? 4 : 0), left >= 4 ? 4 : 0, from->drep);
    ret->result = (HRESULT)ndr_read_u32(&last);
    if (FAILED(last.status)) {
        ret->result = NDR_E_BAD_DATA;
        return NDR_E_BAD_DATA;
    }
    ret->replied = true;
    if (FAILED(ret->result)) {
        (void)dcom_error_from_extents(that.extents, that.extent_count, &ret->error);
    }
    return ret->result;
}

/* ---- calls that are waited for --------------------------------------------------------------- */

static HRESULT call(struct dcom_client *c, struct client_oxid *x,
                    const struct dcom_security *security, struct channel_request *request,
                    struct ndr_writer *in, struct dcom_reply *ret)
{
    uint8_t *stub = NULL;
    struct channel *channel = NULL;
    struct channel_reply reply = {0};
    *ret = (struct dcom_reply){0};
    HRESULT hr = client_request(x, in, &stub, &request->size);
    request->stub = stub;
    /* A connection that was found lost before anything was sent, as an idle one may be, is opened
     * anew; once. */
    for (int tries = 0; SUCCEEDED(hr) && tries < 2; tries++) {
        hr = client_oxid_channel(c, x, security, &channel);
        if (FAILED(hr)) {
            break;
        }
        hr = channel_call(channel, request, &reply);
        channel_unref(channel);
        if (hr != HRESULT_FROM_WIN32(RPC_S_CALL_FAILED_DNE)) {
            break;
        }
        hr = tries == 0 ? S_OK : hr;
    }
    free(stub);
    if (SUCCEEDED(hr)) {
        return client_take_reply(&reply, ret);
    }
    ret->result = hr;
    return hr;
}

HRESULT client_rem_unknown(struct dcom_client *c, struct client_oxid *x, uint16_t opnum,
                           struct ndr_writer *in, unsigned timeout_ms, struct dcom_reply *ret)
{
    struct channel_request request = {.iid = &dcom_iid_rem_unknown,
                                      .object = &x->rem_unknown,
                                      .opnum = opnum,
                                      .timeout_ms = timeout_ms};
    return call(c, x, &c->security.value, &request, in, ret);
}

static HRESULT object_security(struct dcom_object *o, struct client_security *ret)
{
    pthread_mutex_lock(&o->client->lock);
    HRESULT hr = client_security_copy(&o->security.value, ret);
    pthread_mutex_unlock(&o->client->lock);
    return hr;
}

static struct channel_request object_request(struct dcom_object *o, uint16_t opnum,
                                             unsigned timeout_ms)
{
    return (struct channel_request){.iid = &o->iid,
                                    .object = &o->ipid,
                                    .opnum = opnum,
                                    .timeout_ms =
                                        timeout_ms ? timeout_ms : o->client->call_timeout_ms};
}

HRESULT dcom_call(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in, unsigned timeout_ms,
                  struct dcom_reply *ret)
{
    struct channel_request request = object_request(o, opnum, timeout_ms);
    struct client_security security;
    *ret = (struct dcom_reply){0};
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = object_security(o, &security);
    if (FAILED(hr)) {
        ndr_writer_done(in);
        ret->result = hr;
        return hr;
    }
    hr = call(o->client, o->oxid, &security.value, &request, in, ret);
    client_security_done(&security);
    if (ret->error) {
        (void)SetErrorInfo(0, ret->error);
    } else if (FAILED(hr) && !ret->replied) {
        (void)client_raise(o->client, hr, "the call");
    }
    return hr;
}

/* ---- calls that are not ------------------------------------------------------------------------
 */

/* Lives until both the callback was called and the caller has let go. */
struct dcom_call {
    struct com_refs refs;
    struct channel_call *call; /* the holder's; set before it has the pointer */
    struct dcom_object *object;
    dcom_call_done *done;
    void (*replying)(void *arg);
    void *arg;
};

void dcom_call_unref(struct dcom_call *call)
{
    if (call && com_ref_dec(&call->refs) == 0) {
        channel_call_unref(call->call);
        dcom_object_unref(call->object);
        free(call);
    }
}

void dcom_call_cancel(struct dcom_call *call)
{
    channel_call_cancel(call->call);
}

static void ended(void *arg, HRESULT hr, struct channel_reply *from)
{
    struct dcom_call *call = arg;
    struct dcom_reply reply = {.result = hr};
    if (SUCCEEDED(hr)) {
        hr = client_take_reply(from, &reply);
    } else {
        (void)GetErrorInfo(0, &reply.error); /* the transport's */
    }
    dcom_callback_depth++;
    call->done(call->arg, hr, &reply);
    dcom_reply_done(&reply);
    dcom_call_unref(call);
    dcom_callback_depth--;
}

static void began_to_reply(void *arg)
{
    struct dcom_call *call = arg;
    call->replying(call->arg);
}

static HRESULT begin(struct dcom_call *call, struct channel_request *request, struct ndr_writer *in)
{
    struct dcom_object *o = call->object;
    struct client_security security = {0};
    struct channel *channel = NULL;
    uint8_t *stub = NULL;
    HRESULT hr = client_request(o->oxid, in, &stub, &request->size);
    request->stub = stub;
    if (SUCCEEDED(hr)) {
        hr = object_security(o, &security);
    }
    if (SUCCEEDED(hr)) {
        hr = client_oxid_channel(o->client, o->oxid, &security.value, &channel);
    }
    if (SUCCEEDED(hr)) {
        hr = channel_call_begin(channel, request, ended, call, &call->call);
        channel_unref(channel);
    }
    client_security_done(&security);
    free(stub);
    return hr;
}

HRESULT dcom_call_begin(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                        unsigned timeout_ms, dcom_call_done *done, void *arg,
                        struct dcom_call **ret)
{
    return dcom_call_begin_told(o, opnum, in, timeout_ms, done, NULL, arg, ret);
}

HRESULT dcom_call_begin_told(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                             unsigned timeout_ms, dcom_call_done *done, void (*replying)(void *arg),
                             void *arg, struct dcom_call **ret)
{
    if (ret) {
        *ret = NULL;
    }
    struct dcom_call *call = calloc(1, sizeof *call);
    if (!call) {
        ndr_writer_done(in);
        return E_OUTOFMEMORY;
    }
    com_ref_init(&call->refs);
    (void)com_ref_inc(&call->refs); /* the callback's */
    dcom_object_ref(o);
    call->object = o;
    call->done = done;
    call->replying = replying;
    call->arg = arg;
    struct channel_request request = object_request(o, opnum, timeout_ms);
    request.replying = replying ? began_to_reply : NULL;
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = begin(call, &request, in);
    if (FAILED(hr)) {
        dcom_call_unref(call); /* there will be no callback */
        dcom_call_unref(call);
        return client_raise(o->client, hr, "the call");
    }
    if (ret) {
        *ret = call;
    } else {
        dcom_call_unref(call);
    }
    return S_OK;
}
