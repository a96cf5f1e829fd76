/*
 * Remote interface pointers: unmarshalling, QueryInterface, marshalling on, and
 * what happens when the last reference goes. [MS-DCOM] 3.2.4.1.2, 3.2.4.3, 3.2.4.4.
 */
#include "dcom/client_private.h"

#include <string.h>

/* Opnums of IRemUnknown, 3.1.1.5.6. */
enum {
    REM_QUERY_INTERFACE = 3,
    REM_ADD_REF = 4
};
#define REFS_AT_ONCE 5 /* as Windows asks: enough to marshal on a few times */

/* ---- pinged objects -------------------------------------------------------------------------- */

static struct client_oid **oid_bucket(struct dcom_client *c, uint64_t oid)
{
    return &c->oids[(oid ^ oid >> 32 ^ oid >> 8) % CLIENT_OID_BUCKETS];
}

HRESULT client_oid_get(struct dcom_client *c, uint64_t oid, struct client_resolver *r,
                       struct client_oid **ret)
{
    struct client_oid **bucket = oid_bucket(c, oid);
    struct client_oid *o = *bucket;
    while (o && (o->oid != oid || o->resolver != r)) {
        o = o->next;
    }
    if (!o) {
        o = calloc(1, sizeof *o);
        if (!o) {
            return E_OUTOFMEMORY;
        }
        o->oid = oid;
        o->resolver = r;
        o->next = *bucket;
        *bucket = o;
    }
    o->refs++;
    *ret = o;
    return S_OK;
}

void client_oid_put(struct dcom_client *c, struct client_oid *o)
{
    if (--o->refs > 0 || o->in_set) { /* the next ping takes it out of the set */
        return;
    }
    struct client_oid **at = oid_bucket(c, o->oid);
    while (*at != o) {
        at = &(*at)->next;
    }
    *at = o->next;
    free(o);
}

/* ---- objects ----------------------------------------------------------------------------------
 */

HRESULT client_object_new(struct dcom_client *c, struct client_oxid *x,
                          const struct dcom_stdobjref *std, REFIID iid, struct dcom_object **ret)
{
    struct dcom_object *o = calloc(1, sizeof *o);
    if (!o) {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = client_security_copy(&c->security.value, &o->security);
    if (FAILED(hr)) {
        free(o);
        return hr;
    }
    com_ref_init(&o->refs);
    o->client = c;
    o->oxid = x;
    o->oid_value = std->oid;
    o->ipid = std->ipid;
    o->iid = *iid;
    o->public_refs = std->public_refs;
    pthread_mutex_lock(&c->lock);
    hr = client_run(c);
    if (SUCCEEDED(hr) && (std->flags & DCOM_SORF_NOPING) == 0) {
        hr = client_oid_get(c, std->oid, x->resolver, &o->oid);
    }
    pthread_mutex_unlock(&c->lock);
    if (FAILED(hr)) {
        client_security_done(&o->security);
        free(o);
        return hr;
    }
    dcom_client_ref(c);
    *ret = o;
    return S_OK;
}

void dcom_object_ref(struct dcom_object *o)
{
    (void)com_ref_inc(&o->refs);
}

void dcom_object_unref(struct dcom_object *o)
{
    if (!o || com_ref_dec(&o->refs) > 0) {
        return;
    }
    struct dcom_client *c = o->client;
    /* Without memory the references stay, until the server misses our pings. */
    struct client_release *release = o->public_refs > 0 ? calloc(1, sizeof *release) : NULL;
    pthread_mutex_lock(&c->lock);
    if (release) {
        *release = (struct client_release){c->releases, o->oxid, o->ipid, o->public_refs};
        if (!c->releases) {
            c->release_due = dcom_now() + c->release_delay_ms;
            house_schedule(c, c->release_due);
        }
        c->releases = release;
    }
    if (o->oid) {
        client_oid_put(c, o->oid);
    }
    pthread_mutex_unlock(&c->lock);
    client_security_done(&o->security);
    free(o);
    client_unref_without_waiting(c);
}

const IID *dcom_object_iid(const struct dcom_object *o)
{
    return &o->iid;
}

const IPID *dcom_object_ipid(const struct dcom_object *o)
{
    return &o->ipid;
}

struct dcom_client *dcom_object_client(struct dcom_object *o)
{
    return o->client;
}

bool dcom_object_same(const struct dcom_object *a, const struct dcom_object *b)
{
    return a->oxid->oxid == b->oxid->oxid && a->oid_value == b->oid_value;
}

HRESULT dcom_object_set_security(struct dcom_object *o, const struct dcom_security *security)
{
    struct client_security copy;
    HRESULT hr = client_security_copy(security, &copy);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&o->client->lock);
    struct client_security old = o->security;
    o->security = copy;
    pthread_mutex_unlock(&o->client->lock);
    client_security_done(&old);
    return S_OK;
}

/* ---- references ---------------------------------------------------------------------------------
 */

static HRESULT add_references(struct dcom_client *c, struct client_oxid *x, const IPID *ipid,
                              uint32_t count)
{
    struct ndr_writer in = {0};
    ndr_write_u16(&in, 1);
    ndr_write_u32(&in, 1);
    ndr_write_guid(&in, ipid);
    ndr_write_u32(&in, count);
    ndr_write_u32(&in, 0);
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    HRESULT hr = client_rem_unknown(c, x, REM_ADD_REF, &in, c->call_timeout_ms, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    uint32_t results = ndr_read_count(&reply.reader, 4);
    HRESULT each = (HRESULT)ndr_read_u32(&reply.reader);
    if (results != 1) {
        ndr_read_fail(&reply.reader, NDR_E_BAD_DATA);
    }
    return FAILED(reply.reader.status) ? reply.reader.status : each;
}

/* The array of REMQIRESULT for one interface. */
static HRESULT read_query_result(struct ndr_reader *r, struct dcom_stdobjref *ret)
{
    bool present = ndr_read_pointer(r);
    if (!present || ndr_read_count(r, 48) != 1) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    ndr_read_align(r, 8);
    HRESULT hr = (HRESULT)ndr_read_u32(r);
    ndr_read_align(r, 8);
    ret->flags = ndr_read_u32(r);
    ret->public_refs = ndr_read_u32(r);
    ret->oxid = ndr_read_u64(r);
    ret->oid = ndr_read_u64(r);
    ndr_read_guid(r, &ret->ipid);
    return FAILED(r->status) ? r->status : hr;
}

HRESULT dcom_query_interface(struct dcom_object *o, REFIID riid, struct dcom_object **ret)
{
    *ret = NULL;
    struct ndr_writer in = {0};
    ndr_write_guid(&in, &o->ipid);
    ndr_write_u32(&in, REFS_AT_ONCE);
    ndr_write_u16(&in, 1);
    ndr_write_u32(&in, 1);
    ndr_write_guid(&in, riid);
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    HRESULT hr = client_rem_unknown(o->client, o->oxid, REM_QUERY_INTERFACE, &in,
                                    o->client->call_timeout_ms, &reply);
    struct dcom_stdobjref std = {0};
    if (SUCCEEDED(hr)) {
        hr = read_query_result(&reply.reader, &std);
    }
    if (SUCCEEDED(hr) && std.oxid != o->oxid->oxid) {
        hr = RPC_E_INVALID_OBJREF;
    }
    if (SUCCEEDED(hr)) {
        hr = client_object_new(o->client, o->oxid, &std, riid, ret);
    }
    return FAILED(hr) ? client_raise(o->client, hr, "QueryInterface") : S_OK;
}

HRESULT dcom_unmarshal_objref(struct dcom_client *c, const struct dcom_objref *ref, REFIID riid,
                              struct dcom_object **ret)
{
    *ret = NULL;
    /* A handler or a context is more than the reference: what can be called is the same. */
    if (ref->kind != DCOM_OBJREF_STANDARD && ref->kind != DCOM_OBJREF_HANDLER &&
        ref->kind != DCOM_OBJREF_EXTENDED) {
        return RPC_E_INVALID_OBJREF;
    }
    struct client_oxid *x;
    HRESULT hr = client_oxid_resolve(c, ref, &x);
    if (FAILED(hr)) {
        return client_raise(c, hr, "finding the object's server");
    }
    struct dcom_stdobjref std = ref->std;
    if (std.public_refs == 0) { /* 2.2.18.1: whoever gets it asks for his own */
        std.public_refs = REFS_AT_ONCE;
        hr = add_references(c, x, &std.ipid, std.public_refs);
        if (FAILED(hr)) {
            return client_raise(c, hr, "AddRef");
        }
    }
    struct dcom_bindings copy = {0};
    pthread_mutex_lock(&c->lock);
    if (x->resolver_bindings.string_count == 0 &&
        SUCCEEDED(dcom_bindings_copy(&ref->resolver, &copy))) {
        dcom_bindings_done(&x->resolver_bindings);
        x->resolver_bindings = copy;
    }
    pthread_mutex_unlock(&c->lock);
    struct dcom_object *o;
    hr = client_object_new(c, x, &std, &ref->iid, &o);
    if (FAILED(hr)) {
        return hr;
    }
    if (IsEqualIID(riid, &ref->iid) || IsEqualIID(riid, &IID_IUnknown)) {
        *ret = o;
        return S_OK;
    }
    hr = dcom_query_interface(o, riid, ret);
    dcom_object_unref(o);
    return hr;
}

HRESULT dcom_unmarshal(struct dcom_client *c, const void *bytes, size_t size, REFIID riid,
                       struct dcom_object **ret)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    *ret = NULL;
    HRESULT hr = dcom_objref_read(bytes, size, &ref);
    return FAILED(hr) ? hr : dcom_unmarshal_objref(c, &ref, riid, ret);
}

HRESULT dcom_object_marshal(struct dcom_object *o, struct dcom_objref *ret)
{
    struct dcom_client *c = o->client;
    struct dcom_objref ref = {.kind = DCOM_OBJREF_STANDARD,
                              .iid = o->iid,
                              .std = {.flags = o->oid ? 0 : DCOM_SORF_NOPING,
                                      .public_refs = 1,
                                      .oxid = o->oxid->oxid,
                                      .oid = o->oid_value,
                                      .ipid = o->ipid}};
    /* 3.2.4.3: one of ours, when there is more than one; otherwise more are asked for. */
    pthread_mutex_lock(&c->lock);
    bool spare = o->public_refs > 1;
    o->public_refs -= spare;
    HRESULT hr = dcom_bindings_copy(&o->oxid->resolver_bindings, &ref.resolver);
    pthread_mutex_unlock(&c->lock);
    if (SUCCEEDED(hr) && !spare) {
        hr = add_references(c, o->oxid, &o->ipid, REFS_AT_ONCE);
        if (SUCCEEDED(hr)) {
            pthread_mutex_lock(&c->lock);
            o->public_refs += REFS_AT_ONCE - 1;
            pthread_mutex_unlock(&c->lock);
        }
    }
    if (SUCCEEDED(hr) && ref.resolver.string_count == 0) {
        hr = dcom_bindings_add_string(&ref.resolver, DCOM_TOWER_TCP, o->oxid->resolver->host);
    }
    if (FAILED(hr)) {
        dcom_objref_done(&ref);
        return hr;
    }
    *ret = ref;
    return S_OK;
}
