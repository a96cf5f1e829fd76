/*
 * Activation as a server: IRemoteSCMActivator and IActivation, [MS-DCOM] 3.1.2.5.2;
 * and class objects, IClassFactory, for those who ask for them.
 */
#include "dcom/server_private.h"

#include <string.h>

enum {
    REMOTE_ACTIVATION = 0,
    REMOTE_GET_CLASS_OBJECT = 3,
    REMOTE_CREATE_INSTANCE = 4
};
#define MODE_GET_CLASS_OBJECT 0xFFFFFFFFu

/* ---- class objects ----------------------------------------------------------------------------
 */

struct factory {
    IClassFactory iface;
    struct com_refs refs;
    struct dcom_server_class class;
    char *peer; /* who got it */
};

static struct factory *factory_of(IClassFactory *iface)
{
    return COM_CONTAINER(iface, struct factory, iface);
}

static HRESULT STDMETHODCALLTYPE factory_query(IClassFactory *iface, REFIID riid, void **ret)
{
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IClassFactory)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    (void)com_ref_inc(&factory_of(iface)->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE factory_addref(IClassFactory *iface)
{
    return com_ref_inc(&factory_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE factory_release(IClassFactory *iface)
{
    struct factory *f = factory_of(iface);
    ULONG left = com_ref_dec(&f->refs);
    if (left == 0) {
        free(f->peer);
        free(f);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE factory_create(IClassFactory *iface, IUnknown *outer, REFIID riid,
                                                void **ret)
{
    struct factory *f = factory_of(iface);
    *ret = NULL;
    return outer ? CLASS_E_NOAGGREGATION : f->class.activate(f->class.arg, f->peer, riid, ret);
}

static HRESULT STDMETHODCALLTYPE factory_lock(IClassFactory *iface, BOOL lock)
{
    return S_OK; /* the server runs as long as it runs */
}

static const IClassFactoryVtbl factory_vtbl = {factory_query, factory_addref, factory_release,
                                               factory_create, factory_lock};

static HRESULT factory_new(const struct dcom_server_class *class, const char *peer, REFIID riid,
                           void **ret)
{
    struct factory *f = calloc(1, sizeof *f);
    char *copy = strdup(peer);
    if (!f || !copy) {
        free(f);
        free(copy);
        return E_OUTOFMEMORY;
    }
    f->iface.lpVtbl = &factory_vtbl;
    com_ref_init(&f->refs);
    f->class = *class;
    f->peer = copy;
    HRESULT hr = IClassFactory_QueryInterface(&f->iface, riid, ret);
    IClassFactory_Release(&f->iface);
    return hr;
}

/* RemoteCreateInstance(riid) and RemoteLockServer(lock), as the wire has the two methods. */
static void factory_dispatch(struct dcom_server_call *call)
{
    IClassFactory *factory = (IClassFactory *)call->object;
    struct ndr_writer out = {0};
    IUnknown *object = NULL;
    HRESULT hr;
    if (call->opnum == 4) {
        hr = IClassFactory_LockServer(factory, (BOOL)ndr_read_u32(&call->in));
        dcom_server_reply_result(call, hr);
        return;
    }
    IID iid;
    ndr_read_guid(&call->in, &iid);
    if (FAILED(call->in.status)) {
        dcom_server_fault(call, call->in.status);
        return;
    }
    hr = IClassFactory_CreateInstance(factory, NULL, &iid, (void **)&object);
    HRESULT exported = dcom_server_write_interface(call, &out, SUCCEEDED(hr) ? object : NULL, &iid);
    hr = FAILED(hr) ? hr : exported;
    com_release(object);
    ndr_write_u32(&out, (uint32_t)hr);
    dcom_server_reply(call, &out, hr);
}

const struct dcom_stub server_class_factory_stub = {&IID_IClassFactory, 5, factory_dispatch};

/* ---- what is activated
 * --------------------------------------------------------------------------- */

static HRESULT find_class(struct dcom_server *s, REFCLSID clsid, struct dcom_server_class *ret)
{
    HRESULT hr = REGDB_E_CLASSNOTREG;
    pthread_mutex_lock(&s->lock);
    for (struct server_class *e = s->classes; e && FAILED(hr); e = e->next) {
        if (IsEqualCLSID(&e->clsid, clsid)) {
            *ret = e->value; /* classes stay */
            hr = S_OK;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

static HRESULT make(struct dcom_server *s, const struct channel_incoming *request, REFCLSID clsid,
                    bool class_object, REFIID riid, IUnknown **ret)
{
    struct dcom_server_class class;
    HRESULT hr = find_class(s, clsid, &class);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    struct com_call_context context;
    server_context(request, &context, &name);
    com_call_context_push(&context);
    dcom_callback_depth++;
    hr = class_object ? factory_new(&class, request->peer, riid, (void **)ret)
                      : class.activate(class.arg, request->peer, riid, (void **)ret);
    dcom_callback_depth--;
    com_call_context_pop(&context);
    return hr;
}

static HRESULT export_one(struct dcom_server *s, const struct channel_incoming *request,
                          IUnknown *object, struct dcom_activation_result *result)
{
    struct dcom_stdobjref std = {0};
    struct dcom_objref ref;
    HRESULT hr = server_export(s, object, &result->iid, request->peer, request->connection,
                               SERVER_REFS, &std);
    server_objref(s, &std, &result->iid, &ref, &hr);
    if (SUCCEEDED(hr)) {
        hr = dcom_objref_write(&ref, &result->objref, &result->objref_size);
    }
    dcom_objref_done(&ref);
    return hr;
}

/* All that is asked for; a failure when none of the interfaces was had. */
static HRESULT activate(struct dcom_server *s, const struct channel_incoming *request,
                        const struct dcom_activation_request *q, bool class_object,
                        struct dcom_activation_reply *ret)
{
    CLEANUP(com_cleanup_release) IUnknown *object = NULL;
    if (q->has_instance_info) {
        return E_NOTIMPL; /* no class here is initialised from a file or a storage */
    }
    HRESULT hr = make(s, request, &q->clsid, class_object, &q->iids[0], &object);
    if (FAILED(hr)) {
        return hr;
    }
    ret->results = calloc(q->iid_count, sizeof *ret->results);
    if (!ret->results) {
        return E_OUTOFMEMORY;
    }
    ret->result_count = q->iid_count;
    hr = E_NOINTERFACE;
    for (uint32_t i = 0; i < q->iid_count; i++) {
        ret->results[i].iid = q->iids[i];
        ret->results[i].hr = export_one(s, request, object, &ret->results[i]);
        if (i == 0 || SUCCEEDED(ret->results[i].hr)) {
            hr = ret->results[i].hr;
        }
    }
    if (FAILED(hr)) {
        return hr;
    }
    ret->oxid = s->oxid;
    ret->rem_unknown = s->rem_unknown;
    ret->authn_hint = s->authn_level;
    ret->version = (struct dcom_version){DCOM_VERSION_MAJOR, DCOM_VERSION_MINOR};
    return server_bindings(s, false, &ret->bindings);
}

/* ---- IRemoteSCMActivator
 * ------------------------------------------------------------------------------ */

static HRESULT read_request(struct ndr_reader *r, uint16_t opnum,
                            struct dcom_activation_request *ret)
{
    struct dcom_this orpc;
    struct dcom_version version;
    struct dcom_bytes bytes = {0};
    HRESULT hr = server_read_this(r, &orpc, &version);
    if (FAILED(hr)) {
        return hr;
    }
    if (opnum == REMOTE_CREATE_INSTANCE && ndr_read_pointer(r)) {
        return CLASS_E_NOAGGREGATION; /* 3.1.2.5.2.3.3: pUnkOuter MUST be NULL */
    }
    if (!ndr_read_pointer(r)) {
        return FAILED(r->status) ? r->status : E_INVALIDARG;
    }
    dcom_read_interface_bytes(r, &bytes);
    return FAILED(r->status) ? r->status
                             : dcom_activation_request_read(bytes.bytes, bytes.size, ret);
}

static HRESULT answer_properties(struct dcom_server *s, struct channel_incoming *request,
                                 struct dcom_bytes *ret)
{
    struct ndr_reader r;
    struct dcom_activation_request q = {0};
    struct dcom_activation_reply reply = {0};
    uint8_t *bytes = NULL;
    ndr_reader_init(&r, request->stub, request->size, request->drep);
    HRESULT hr = read_request(&r, request->opnum, &q);
    struct dcom_version version;
    if (SUCCEEDED(hr)) {
        hr = dcom_version_agree(q.client_version, &version);
    }
    if (SUCCEEDED(hr)) {
        hr = activate(s, request, &q, request->opnum == REMOTE_GET_CLASS_OBJECT, &reply);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_activation_reply_write(&reply, &bytes, &ret->size);
        ret->bytes = bytes;
    }
    dcom_activation_request_done(&q);
    dcom_activation_reply_done(&reply);
    return hr;
}

void server_dispatch_activator(void *arg, struct channel_incoming *request)
{
    struct dcom_server *s = arg;
    if (!server_level_is_enough(s, request)) {
        channel_fault(request->rpc, E_ACCESSDENIED);
        return;
    }
    if (request->opnum != REMOTE_GET_CLASS_OBJECT && request->opnum != REMOTE_CREATE_INSTANCE) {
        channel_fault(request->rpc, HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE));
        return;
    }
    struct dcom_bytes bytes = {0};
    struct ndr_writer out = {0};
    HRESULT hr = answer_properties(s, request, &bytes);
    if (hr == NDR_E_BAD_DATA) {
        channel_fault(request->rpc, hr);
        return;
    }
    dcom_that_write(&out, &(struct dcom_that){0});
    if (ndr_write_pointer(&out, bytes.bytes != NULL)) {
        dcom_write_interface_bytes(&out, &bytes);
    }
    ndr_write_u32(&out, (uint32_t)hr);
    free((void *)bytes.bytes);
    server_answer(request, &out);
}

/* ---- IActivation
 * ------------------------------------------------------------------------------------------ */

static void read_protseqs(struct ndr_reader *r)
{
    uint16_t count = ndr_read_u16(r);
    if (ndr_read_count(r, 2) != count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
}

static void read_old(struct ndr_reader *r, struct dcom_activation_request *q, bool *class_object)
{
    ndr_read_guid(r, &q->clsid);
    if (ndr_read_pointer(r)) { /* pwszObjectName: a persistent object */
        free(ndr_read_string(r));
        q->has_instance_info = true;
    }
    if (ndr_read_pointer(r)) { /* pObjectStorage */
        struct dcom_bytes storage;
        dcom_read_interface_bytes(r, &storage);
        q->has_instance_info = true;
    }
    q->imp_level = ndr_read_u32(r);
    *class_object = ndr_read_u32(r) == MODE_GET_CLASS_OBJECT;
    uint32_t count = ndr_read_u32(r);
    bool present = ndr_read_pointer(r);
    if (!present || count == 0 || count > DCOM_ACTIVATION_INTERFACES ||
        ndr_read_count(r, sizeof(IID)) != count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    for (uint32_t i = 0; SUCCEEDED(r->status) && i < count; i++) {
        ndr_read_guid(r, &q->iids[i]);
        q->iid_count = i + 1;
    }
    read_protseqs(r);
}

static void write_old(struct ndr_writer *out, const struct dcom_activation_reply *y, uint32_t count,
                      HRESULT hr)
{
    dcom_that_write(out, &(struct dcom_that){0});
    ndr_write_u64(out, y->oxid);
    if (ndr_write_pointer(out, SUCCEEDED(hr))) {
        dcom_bindings_write(out, &y->bindings);
    }
    ndr_write_guid(out, &y->rem_unknown);
    ndr_write_u32(out, y->authn_hint);
    ndr_write_u16(out, y->version.major);
    ndr_write_u16(out, y->version.minor);
    ndr_write_u32(out, (uint32_t)hr);
    ndr_write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        (void)ndr_write_pointer(out, i < y->result_count && y->results[i].objref);
    }
    for (uint32_t i = 0; i < count && i < y->result_count; i++) {
        struct dcom_bytes bytes = {y->results[i].objref, y->results[i].objref_size};
        if (bytes.bytes) {
            dcom_write_interface_bytes(out, &bytes);
        }
    }
    ndr_write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        ndr_write_u32(out, (uint32_t)(i < y->result_count ? y->results[i].hr : hr));
    }
    ndr_write_u32(out, 0); /* error_status_t: what failed stands in phr */
}

void server_dispatch_activation(void *arg, struct channel_incoming *request)
{
    struct dcom_server *s = arg;
    struct ndr_reader r;
    struct dcom_this orpc;
    struct dcom_version version;
    struct dcom_activation_request q = {0};
    struct dcom_activation_reply reply = {0};
    struct ndr_writer out = {0};
    bool class_object = false;
    ndr_reader_init(&r, request->stub, request->size, request->drep);
    HRESULT hr =
        server_level_is_enough(s, request) ? server_read_this(&r, &orpc, &version) : E_ACCESSDENIED;
    if (SUCCEEDED(hr) && request->opnum != REMOTE_ACTIVATION) {
        hr = HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE);
    }
    if (SUCCEEDED(hr)) {
        read_old(&r, &q, &class_object);
        hr = r.status;
    }
    if (FAILED(hr)) {
        channel_fault(request->rpc, hr);
        return;
    }
    hr = activate(s, request, &q, class_object, &reply);
    write_old(&out, &reply, q.iid_count, hr);
    dcom_activation_reply_done(&reply);
    server_answer(request, &out);
}
