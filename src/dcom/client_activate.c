/*
 * Activation as a client: RemoteCreateInstance and RemoteGetClassObject, and for
 * servers that know neither RemoteActivation. [MS-DCOM] 3.2.4.1.1, 3.1.2.5.2.
 */
#include "dcom/client_private.h"

#include <string.h>

enum {
    REMOTE_ACTIVATION = 0,
    REMOTE_GET_CLASS_OBJECT = 3,
    REMOTE_CREATE_INSTANCE = 4
};
#define CLASS_CONTEXT 0x14u /* CLSCTX_LOCAL_SERVER | CLSCTX_REMOTE_SERVER */
#define MODE_GET_CLASS_OBJECT 0xFFFFFFFFu

static void write_this(struct ndr_writer *w, struct dcom_version version)
{
    struct dcom_this orpc = {.version = version};
    HRESULT hr = CoCreateGuid(&orpc.causality);
    if (FAILED(hr)) {
        ndr_write_fail(w, hr);
    }
    dcom_this_write(w, &orpc);
}

/* ---- by properties ----------------------------------------------------------------------------
 */

static HRESULT write_properties(struct dcom_client *c, REFCLSID clsid, REFIID riid,
                                struct ndr_writer *in)
{
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    CLEANUP(com_cleanup_free) wchar_t *server = com_wide_from_utf8(c->host);
    size_t size = 0;
    struct dcom_activation_request q = {.clsid = *clsid,
                                        .class_context = CLASS_CONTEXT,
                                        .iids = {*riid},
                                        .iid_count = 1,
                                        .client_version = {DCOM_VERSION_MAJOR, DCOM_VERSION_MINOR},
                                        .imp_level = c->security.value.imp_level,
                                        .protseqs = {DCOM_TOWER_TCP},
                                        .protseq_count = 1,
                                        .server = server,
                                        .default_authn_level = c->security.value.authn_level};
    HRESULT hr = server ? dcom_activation_request_write(&q, &dcom_iid_properties_in, &bytes, &size)
                        : E_OUTOFMEMORY;
    if (FAILED(hr)) {
        return hr;
    }
    struct dcom_bytes b = {bytes, size};
    (void)ndr_write_pointer(in, true);
    dcom_write_interface_bytes(in, &b);
    return in->status;
}

static HRESULT read_properties(struct channel_reply *reply, struct dcom_activation_reply *ret)
{
    struct ndr_reader r;
    struct dcom_that that;
    struct dcom_bytes bytes = {0};
    ndr_reader_init(&r, reply->stub, reply->size, reply->drep);
    dcom_that_read(&r, &that);
    bool present = ndr_read_pointer(&r);
    if (present) {
        dcom_read_interface_bytes(&r, &bytes);
    }
    HRESULT hr = (HRESULT)ndr_read_u32(&r);
    if (FAILED(r.status) || FAILED(hr)) {
        return FAILED(r.status) ? r.status : hr;
    }
    return present ? dcom_activation_reply_read(bytes.bytes, bytes.size, ret)
                   : RPC_E_INVALID_OBJREF;
}

static HRESULT activate(struct dcom_client *c, struct client_resolver *resolver, uint16_t opnum,
                        REFCLSID clsid, REFIID riid, struct dcom_activation_reply *ret,
                        bool *ret_answered)
{
    struct ndr_writer in = {0};
    struct channel_reply reply;
    write_this(&in, (struct dcom_version){DCOM_VERSION_MAJOR, DCOM_VERSION_MINOR});
    if (opnum == REMOTE_CREATE_INSTANCE) {
        (void)ndr_write_pointer(&in, false); /* pUnkOuter */
    }
    HRESULT hr = write_properties(c, clsid, riid, &in);
    if (FAILED(hr)) {
        ndr_writer_done(&in);
        return hr;
    }
    hr = client_resolver_call(c, resolver, &dcom_iid_scm_activator, opnum, c->call_timeout_ms, &in,
                              &reply);
    *ret_answered = SUCCEEDED(hr);
    if (SUCCEEDED(hr)) {
        hr = read_properties(&reply, ret);
        free(reply.stub);
    }
    return hr;
}

/* ---- RemoteActivation, 3.1.2.5.2.3.1
 * -------------------------------------------------------------- */

static void write_old(struct dcom_client *c, uint16_t opnum, REFCLSID clsid, REFIID riid,
                      struct ndr_writer *in)
{
    write_this(in, (struct dcom_version){DCOM_VERSION_MAJOR, 1});
    ndr_write_guid(in, clsid);
    (void)ndr_write_pointer(in, false); /* pwszObjectName */
    (void)ndr_write_pointer(in, false); /* pObjectStorage */
    ndr_write_u32(in, c->security.value.imp_level);
    ndr_write_u32(in, opnum == REMOTE_GET_CLASS_OBJECT ? MODE_GET_CLASS_OBJECT : 0);
    ndr_write_u32(in, 1);
    (void)ndr_write_pointer(in, true);
    ndr_write_u32(in, 1);
    ndr_write_guid(in, riid);
    ndr_write_u16(in, 1);
    ndr_write_u32(in, 1);
    ndr_write_u16(in, DCOM_TOWER_TCP);
}

static void read_old_interface(struct ndr_reader *r, struct dcom_activation_result *result)
{
    struct dcom_bytes bytes = {0};
    bool present = ndr_read_count(r, 4) == 1 && ndr_read_pointer(r);
    if (present) {
        dcom_read_interface_bytes(r, &bytes);
    }
    if (bytes.bytes) {
        result->objref = malloc(bytes.size + 1);
        if (!result->objref) {
            ndr_read_fail(r, E_OUTOFMEMORY);
            return;
        }
        memcpy(result->objref, bytes.bytes, bytes.size);
        result->objref_size = bytes.size;
    }
    if (ndr_read_count(r, 4) != 1) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    result->hr = (HRESULT)ndr_read_u32(r);
}

static HRESULT read_old(struct channel_reply *reply, REFIID riid, struct dcom_activation_reply *ret)
{
    struct ndr_reader r;
    struct dcom_that that;
    struct dcom_activation_reply y = {.result_count = 1};
    y.results = calloc(1, sizeof *y.results);
    if (!y.results) {
        return E_OUTOFMEMORY;
    }
    y.results[0].iid = *riid;
    ndr_reader_init(&r, reply->stub, reply->size, reply->drep);
    dcom_that_read(&r, &that);
    y.oxid = ndr_read_u64(&r);
    if (ndr_read_pointer(&r)) {
        dcom_bindings_read(&r, &y.bindings);
    }
    ndr_read_guid(&r, &y.rem_unknown);
    y.authn_hint = ndr_read_u32(&r);
    y.version.major = ndr_read_u16(&r);
    y.version.minor = ndr_read_u16(&r);
    HRESULT hr = (HRESULT)ndr_read_u32(&r); /* phr */
    read_old_interface(&r, &y.results[0]);
    uint32_t status = ndr_read_u32(&r);
    if (FAILED(r.status)) {
        hr = r.status;
    } else if (status != 0) {
        hr = HRESULT_FROM_WIN32(status);
    }
    if (FAILED(hr)) {
        dcom_activation_reply_done(&y);
        return hr;
    }
    *ret = y;
    return S_OK;
}

static HRESULT activate_old(struct dcom_client *c, struct client_resolver *resolver, uint16_t opnum,
                            REFCLSID clsid, REFIID riid, struct dcom_activation_reply *ret,
                            bool *ret_answered)
{
    struct ndr_writer in = {0};
    struct channel_reply reply;
    write_old(c, opnum, clsid, riid, &in);
    HRESULT hr = client_resolver_call(c, resolver, &dcom_iid_activation, REMOTE_ACTIVATION,
                                      c->call_timeout_ms, &in, &reply);
    *ret_answered = SUCCEEDED(hr);
    if (SUCCEEDED(hr)) {
        hr = read_old(&reply, riid, ret);
        free(reply.stub);
    }
    return hr;
}

/* ---- both
 * ------------------------------------------------------------------------------------------- */

static HRESULT take_reply(struct dcom_client *c, struct client_resolver *resolver,
                          struct dcom_activation_reply *reply, REFIID riid,
                          struct dcom_object **ret)
{
    struct client_oxid *x;
    HRESULT hr = client_oxid_add(c, resolver, reply->oxid, &reply->rem_unknown, reply->version,
                                 reply->authn_hint, &reply->bindings, &x);
    if (FAILED(hr)) {
        return hr;
    }
    const struct dcom_activation_result *result = &reply->results[0];
    if (FAILED(result->hr)) {
        return result->hr;
    }
    if (!result->objref) {
        return RPC_E_INVALID_OBJREF;
    }
    return dcom_unmarshal(c, result->objref, result->objref_size, riid, ret);
}

HRESULT client_activate(struct dcom_client *c, uint16_t opnum, bool old, REFCLSID clsid,
                        REFIID riid, struct dcom_object **ret, bool *ret_answered)
{
    *ret = NULL;
    bool answered = false;
    struct client_resolver *resolver;
    struct dcom_activation_reply reply = {0};
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = client_resolver_main(c, &resolver);
    if (SUCCEEDED(hr)) {
        hr = old ? HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF)
                 : activate(c, resolver, opnum, clsid, riid, &reply, &answered);
    }
    if (hr == HRESULT_FROM_WIN32(RPC_S_UNKNOWN_IF)) { /* IRemoteSCMActivator came with 5.6 */
        hr = activate_old(c, resolver, opnum, clsid, riid, &reply, &answered);
    }
    if (SUCCEEDED(hr)) {
        hr = take_reply(c, resolver, &reply, riid, ret);
        dcom_activation_reply_done(&reply);
    }
    if (ret_answered) {
        *ret_answered = answered;
    }
    return FAILED(hr) ? client_raise(c, hr, "activation") : S_OK;
}

HRESULT dcom_activate(struct dcom_client *c, REFCLSID clsid, REFIID riid, struct dcom_object **ret)
{
    return client_activate(c, REMOTE_CREATE_INSTANCE, false, clsid, riid, ret, NULL);
}

HRESULT dcom_activate_told(struct dcom_client *c, REFCLSID clsid, REFIID riid,
                           struct dcom_object **ret, bool *ret_answered)
{
    return client_activate(c, REMOTE_CREATE_INSTANCE, false, clsid, riid, ret, ret_answered);
}

HRESULT dcom_get_class_object(struct dcom_client *c, REFCLSID clsid, REFIID riid,
                              struct dcom_object **ret)
{
    return client_activate(c, REMOTE_GET_CLASS_OBJECT, false, clsid, riid, ret, NULL);
}
