/*
 * IRemUnknown and IRemUnknown2: QueryInterface, AddRef and Release from afar,
 * [MS-DCOM] 3.1.1.5.6 and 3.1.1.5.7.
 */
#include "dcom/server_private.h"

enum {
    REM_QUERY_INTERFACE = 3,
    REM_ADD_REF = 4,
    REM_RELEASE = 5,
    REM_QUERY_INTERFACE2 = 6
};
#define MOST_AT_ONCE 4096
#define MOST_REFS 1000000000u /* of one interface: nobody counts further in earnest */

/* ---- QueryInterface -------------------------------------------------------------------------- */

/* The object that an IPID belongs to, counted; whose it is for exports. */
static HRESULT find_object(struct dcom_server *s, const struct channel_incoming *request,
                           const IPID *ipid, struct server_object **ret, bool *ret_everybodys)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&s->lock);
    struct server_ipid *p = server_ipid_find(s, ipid);
    if (!p) {
        hr = RPC_E_INVALID_OBJECT;
    } else if (!server_object_is_for(p->object, request->peer)) {
        hr = E_ACCESSDENIED;
    } else {
        *ret = p->object;
        *ret_everybodys = p->object->owner == NULL;
        p->object->touched = dcom_now();
        (void)com_ref_inc(&p->object->refs);
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

/* Asks the object itself, under the caller's context. */
static HRESULT query(struct dcom_server *s, const struct channel_incoming *request,
                     struct server_object *o, bool everybodys, const IID *iid, uint32_t refs,
                     struct dcom_stdobjref *ret)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    struct com_call_context context;
    server_context(request, &context, &name);
    com_call_context_push(&context);
    HRESULT hr = server_export(s, o->identity, iid, everybodys ? NULL : request->peer,
                               request->connection, refs, ret);
    com_call_context_pop(&context);
    return hr;
}

static void write_std(struct ndr_writer *w, const struct dcom_stdobjref *std)
{
    ndr_write_align(w, 8);
    ndr_write_u32(w, std->flags);
    ndr_write_u32(w, std->public_refs);
    ndr_write_u64(w, std->oxid);
    ndr_write_u64(w, std->oid);
    ndr_write_guid(w, &std->ipid);
}

static HRESULT summary(uint32_t good, uint32_t count)
{
    if (good == count) {
        return S_OK;
    }
    return good > 0 ? S_FALSE : E_NOINTERFACE;
}

/* The array of IIDs, at most MOST_AT_ONCE. */
static uint32_t read_iid_count(struct ndr_reader *r)
{
    uint16_t count = ndr_read_u16(r);
    uint32_t conformance = ndr_read_count(r, sizeof(IID));
    if (conformance != count || count == 0 || count > MOST_AT_ONCE) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    return FAILED(r->status) ? 0 : count;
}

static void query_interface(struct dcom_server *s, struct channel_incoming *request,
                            struct ndr_reader *r, struct ndr_writer *out)
{
    IPID ipid;
    struct server_object *o = NULL;
    bool everybodys = false;
    ndr_read_guid(r, &ipid);
    uint32_t refs = ndr_read_u32(r);
    uint32_t count = read_iid_count(r);
    if (FAILED(r->status)) {
        ndr_write_fail(out, r->status);
        return;
    }
    if (refs == 0 || refs > MOST_REFS) {
        refs = 1;
    }
    HRESULT hr = find_object(s, request, &ipid, &o, &everybodys);
    if (!ndr_write_pointer(out, SUCCEEDED(hr))) {
        ndr_write_u32(out, (uint32_t)hr);
        return;
    }
    uint32_t good = 0;
    ndr_write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        IID iid;
        struct dcom_stdobjref std = {0};
        ndr_read_guid(r, &iid);
        HRESULT each = query(s, request, o, everybodys, &iid, refs, &std);
        good += SUCCEEDED(each);
        ndr_write_align(out, 8);
        ndr_write_u32(out, (uint32_t)each);
        write_std(out, &std);
    }
    server_object_unref(o);
    ndr_write_u32(out, (uint32_t)summary(good, count));
}

/* 3.1.1.5.7.1: the same, answered with whole references. */
static void query_interface2(struct dcom_server *s, struct channel_incoming *request,
                             struct ndr_reader *r, struct ndr_writer *out)
{
    IPID ipid;
    struct server_object *o = NULL;
    bool everybodys = false;
    ndr_read_guid(r, &ipid);
    uint32_t count = read_iid_count(r);
    if (FAILED(r->status)) {
        ndr_write_fail(out, r->status);
        return;
    }
    CLEANUP(com_cleanup_free) struct dcom_objref *refs = calloc(count, sizeof *refs);
    CLEANUP(com_cleanup_free) HRESULT *results = calloc(count, sizeof *results);
    if (!refs || !results) {
        ndr_write_fail(out, E_OUTOFMEMORY);
        return;
    }
    HRESULT hr = find_object(s, request, &ipid, &o, &everybodys);
    uint32_t good = 0;
    for (uint32_t i = 0; i < count; i++) {
        IID iid;
        struct dcom_stdobjref std = {0};
        ndr_read_guid(r, &iid);
        results[i] = FAILED(hr) ? hr : query(s, request, o, everybodys, &iid, SERVER_REFS, &std);
        server_objref(s, &std, &iid, &refs[i], &results[i]);
        good += SUCCEEDED(results[i]);
    }
    ndr_write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        ndr_write_u32(out, (uint32_t)results[i]);
    }
    ndr_write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        (void)ndr_write_pointer(out, SUCCEEDED(results[i]));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (SUCCEEDED(results[i])) {
            dcom_write_objref(out, &refs[i]);
        }
        dcom_objref_done(&refs[i]);
    }
    if (o) {
        server_object_unref(o);
    }
    ndr_write_u32(out, (uint32_t)(FAILED(hr) ? hr : summary(good, count)));
}

/* ---- AddRef and Release -------------------------------------------------------------------------
 */

static uint32_t read_ref_count(struct ndr_reader *r)
{
    uint16_t count = ndr_read_u16(r);
    uint32_t conformance = ndr_read_count(r, 24);
    if (conformance != count || count > MOST_AT_ONCE) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    return FAILED(r->status) ? 0 : count;
}

struct interface_ref {
    IPID ipid;
    uint32_t public_refs;
    uint32_t private_refs;
};

static struct interface_ref read_ref(struct ndr_reader *r)
{
    struct interface_ref ref;
    ndr_read_guid(r, &ref.ipid);
    ref.public_refs = ndr_read_u32(r);
    ref.private_refs = ndr_read_u32(r);
    return ref;
}

static HRESULT add_ref(struct dcom_server *s, const char *peer, const struct interface_ref *ref)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&s->lock);
    struct server_ipid *p = server_ipid_find(s, &ref->ipid);
    if (!p) {
        hr = RPC_E_INVALID_OBJECT;
    } else if (!server_object_is_for(p->object, peer)) {
        hr = E_ACCESSDENIED;
    } else if (p->public_refs > MOST_REFS || p->private_refs > MOST_REFS) {
        hr = RPC_E_OUT_OF_RESOURCES;
    } else {
        p->public_refs += ref->public_refs;
        p->private_refs += ref->private_refs;
        p->object->touched = dcom_now();
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

static void add_refs(struct dcom_server *s, struct channel_incoming *request, struct ndr_reader *r,
                     struct ndr_writer *out)
{
    HRESULT hr = S_OK;
    uint32_t count = read_ref_count(r);
    ndr_write_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        struct interface_ref ref = read_ref(r);
        HRESULT each = add_ref(s, request->peer, &ref);
        hr = FAILED(each) ? each : hr;
        ndr_write_u32(out, (uint32_t)each);
    }
    ndr_write_fail(out, r->status);
    ndr_write_u32(out, (uint32_t)hr);
}

/* An interface that is not there (any more) is released already: impacket does it twice. */
static HRESULT release(struct dcom_server *s, const char *peer, const struct interface_ref *ref)
{
    HRESULT hr = S_OK;
    struct server_object *gone = NULL;
    pthread_mutex_lock(&s->lock);
    struct server_ipid *p = server_ipid_find(s, &ref->ipid);
    if (p && !server_object_is_for(p->object, peer)) {
        hr = E_ACCESSDENIED;
    } else if (p) {
        gone = server_ipid_release(s, p, ref->public_refs, ref->private_refs);
    }
    pthread_mutex_unlock(&s->lock);
    if (gone) {
        server_object_unref(gone);
    }
    return hr;
}

static void releases(struct dcom_server *s, struct channel_incoming *request, struct ndr_reader *r,
                     struct ndr_writer *out)
{
    HRESULT hr = S_OK;
    uint32_t count = read_ref_count(r);
    ndr_write_fail(out, r->status);
    for (uint32_t i = 0; i < count; i++) {
        struct interface_ref ref = read_ref(r);
        HRESULT each = release(s, request->peer, &ref);
        hr = FAILED(each) ? each : hr;
    }
    ndr_write_u32(out, (uint32_t)hr);
}

/* ---- dispatch
 * -------------------------------------------------------------------------------------- */

static HRESULT check(struct dcom_server *s, const struct channel_incoming *request,
                     struct ndr_reader *r)
{
    struct dcom_this orpc;
    struct dcom_version version;
    if (!server_level_is_enough(s, request)) {
        return E_ACCESSDENIED;
    }
    if (!IsEqualGUID(&request->object, &s->rem_unknown)) {
        return RPC_E_DISCONNECTED;
    }
    return server_read_this(r, &orpc, &version);
}

void server_dispatch_unknown(void *arg, struct channel_incoming *request)
{
    struct dcom_server *s = arg;
    struct ndr_reader r;
    struct ndr_writer out = {0};
    ndr_reader_init(&r, request->stub, request->size, request->drep);
    HRESULT hr = check(s, request, &r);
    if (FAILED(hr)) {
        channel_fault(request->rpc, hr);
        return;
    }
    dcom_that_write(&out, &(struct dcom_that){0});
    dcom_callback_depth++; /* objects' own QueryInterface and Release */
    switch (request->opnum) {
    case REM_QUERY_INTERFACE:
        query_interface(s, request, &r, &out);
        break;
    case REM_ADD_REF:
        add_refs(s, request, &r, &out);
        break;
    case REM_RELEASE:
        releases(s, request, &r, &out);
        break;
    case REM_QUERY_INTERFACE2:
        if (IsEqualIID(&request->iid, &dcom_iid_rem_unknown2)) {
            query_interface2(s, request, &r, &out);
            break;
        }
        /* fall through */
    default:
        ndr_write_fail(&out, HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE));
        break;
    }
    dcom_callback_depth--;
    server_answer(request, &out);
}
