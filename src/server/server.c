/*
 * What all stubs have in common: the way from a call to its method and back,
 * pointers to results, the objects' IUnknown.
 */
#include "server/server_private.h"

#include "object/object.h"
#include "rpc/rpc.h"

static atomic_bool stopping;

void server_stop_waiting(void)
{
    atomic_store(&stopping, true);
}

bool server_should_end(struct request *q)
{
    return atomic_load(&stopping) || rpc_server_call_cancelled(q->call->rpc);
}

void server_dispatch(struct dcom_server_call *call, method_fn *const *methods, size_t count)
{
    struct request q = {.call = call, .in = &call->in};
    size_t i = (size_t)(call->opnum - 3);
    if (call->opnum < 3 || i >= count) {
        dcom_server_fault(call, HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE));
        return;
    }
    HRESULT hr = methods[i](&q);
    if (FAILED(q.in->status)) {
        ndr_writer_done(&q.out);
        dcom_server_fault(call, q.in->status);
        return;
    }
    ndr_write_align(&q.out, 4);
    ndr_write_u32(&q.out, (uint32_t)hr);
    dcom_server_reply(call, &q.out, hr);
}

/* ---- pointers ---------------------------------------------------------------- */

bool read_place(struct request *q)
{
    if (!ndr_read_pointer(q->in)) {
        return false;
    }
    if (ndr_read_pointer(q->in)) {
        /* MInterfacePointer, [MS-DCOM] 2.2.14: the conformance comes first. */
        uint32_t size = ndr_read_count(q->in, 1);
        (void)ndr_read_u32(q->in);
        (void)ndr_read_bytes(q->in, size);
    }
    return true;
}

void write_placed_object(struct request *q, bool place, IWbemClassObject *object)
{
    if (ndr_write_pointer(&q->out, place)) {
        wire_write_object(&q->out, object);
    }
    ndr_write_align(&q->out, 4);
}

HRESULT write_placed_interface(struct request *q, bool place, void *object, REFIID riid)
{
    HRESULT hr = S_OK;
    if (ndr_write_pointer(&q->out, place)) {
        hr = dcom_server_write_interface(q->call, &q->out, object, riid);
    }
    ndr_write_align(&q->out, 4);
    return hr;
}

HRESULT write_interface(struct request *q, HRESULT hr, void *object, REFIID riid)
{
    HRESULT written =
        dcom_server_write_interface(q->call, &q->out, SUCCEEDED(hr) ? object : NULL, riid);
    if (written == RPC_E_OUT_OF_RESOURCES) {
        written = error_raise(WBEM_E_QUOTA_VIOLATION, "wbemd", NULL,
                              "this client refers to as many objects as it may; release some");
    }
    return SUCCEEDED(hr) && FAILED(written) ? written : hr;
}

/* ---- objects --------------------------------------------------------------------- */

static struct server_object *object_of(IUnknown *iface)
{
    return COM_CONTAINER(iface, struct server_object, iface);
}

static HRESULT STDMETHODCALLTYPE object_query_interface(IUnknown *iface, REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    bool known = IsEqualIID(riid, &IID_IUnknown);
    for (const IID *const *p = object_of(iface)->iids; !known && *p; p++) {
        known = IsEqualIID(riid, *p);
    }
    if (!known) {
        return E_NOINTERFACE;
    }
    com_addref(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE object_add_ref(IUnknown *iface)
{
    return com_ref_inc(&object_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE object_release(IUnknown *iface)
{
    ULONG left = com_ref_dec(&object_of(iface)->refs);
    if (left == 0) {
        object_of(iface)->destroy(object_of(iface));
    }
    return left;
}

static IUnknownVtbl object_vtbl = {
    .QueryInterface = object_query_interface,
    .AddRef = object_add_ref,
    .Release = object_release,
};

void server_object_init(struct server_object *o, const IID *const *iids,
                        void (*destroy)(struct server_object *self))
{
    o->iface.lpVtbl = &object_vtbl;
    com_ref_init(&o->refs);
    o->iids = iids;
    o->destroy = destroy;
}

/* ---- what there is --------------------------------------------------------------- */

HRESULT server_register(struct dcom_server *s)
{
    static const struct dcom_stub *const stubs[] = {
        &level1_login_stub,     &login_client_id_stub, &services_stub,    &enumerator_stub,
        &fetch_smart_enum_stub, &smart_enum_stub,      &call_result_stub, &object_sink_stub,
        &backup_stub,           &backup_ex_stub,       &refreshing_stub,  &remote_refresher_stub,
    };
    static const struct dcom_server_class classes[] = {
        {&CLSID_WbemLevel1Login, login_activate, NULL},
        {&CLSID_WbemBackupRestore, backup_activate, NULL},
    };
    HRESULT hr = sink_credentials();
    dcom_server_on_vanish(s, sinks_of_vanished);
    for (size_t i = 0; SUCCEEDED(hr) && i < ARRAYSIZE(stubs); i++) {
        hr = dcom_server_register_stub(s, stubs[i]);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < ARRAYSIZE(classes); i++) {
        hr = dcom_server_register_class(s, &classes[i]);
    }
    return hr;
}
