/*
 * What is exported: objects by OID and by their identity, interfaces by IPID;
 * whose they are and how many each client may have.
 */
#include "dcom/server_private.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

/* ---- tables -------------------------------------------------------------------------- */

static struct server_ipid **ipid_bucket(struct dcom_server *s, const IPID *ipid)
{
    return &s->ipids[ipid->Data1 % SERVER_BUCKETS]; /* random all over */
}

static struct server_object **oid_bucket(struct dcom_server *s, uint64_t oid)
{
    return &s->by_oid[oid % SERVER_BUCKETS];
}

static struct server_object **identity_bucket(struct dcom_server *s, const IUnknown *identity)
{
    uintptr_t key = (uintptr_t)identity;
    return &s->by_identity[(key >> 4 ^ key >> 16) % SERVER_BUCKETS];
}

struct server_ipid *server_ipid_find(struct dcom_server *s, const IPID *ipid)
{
    struct server_ipid *p = *ipid_bucket(s, ipid);
    while (p && !IsEqualGUID(&p->ipid, ipid)) {
        p = p->next;
    }
    return p;
}

struct server_object *server_oid_find(struct dcom_server *s, uint64_t oid)
{
    struct server_object *o = *oid_bucket(s, oid);
    while (o && o->oid != oid) {
        o = o->next_by_oid;
    }
    return o;
}

/* Principals are names without case ([MS-NLMP] compares them so). */
static bool same_owner(const struct server_owner *owner, const char *name)
{
    return owner ? name && strcasecmp(owner->name, name) == 0 : name == NULL;
}

static struct server_object *identity_find(struct dcom_server *s, const IUnknown *identity,
                                           const char *owner)
{
    struct server_object *o = *identity_bucket(s, identity);
    while (o && (o->identity != identity || !same_owner(o->owner, owner))) {
        o = o->next_by_identity;
    }
    return o;
}

bool server_object_is_for(const struct server_object *o, const char *peer)
{
    return !o->owner || strcasecmp(o->owner->name, peer) == 0;
}

/* ---- owners --------------------------------------------------------------------------------- */

/* By a name (djb2, without regard to case), or by a connection. */
static struct server_owner **owner_bucket(struct dcom_server *s, const char *name,
                                          uint64_t connection)
{
    uint64_t key = name ? 5381 : connection;
    for (; name && *name; name++) {
        key = key * 33 + (uint64_t)tolower((unsigned char)*name);
    }
    return &s->owners[key % SERVER_BUCKETS];
}

static struct server_owner *owner_get(struct dcom_server *s, const char *name, uint64_t connection)
{
    struct server_owner **bucket = owner_bucket(s, name, connection), *e = *bucket;
    while (e && (name ? !e->name || strcasecmp(e->name, name) != 0
                      : e->name || e->connection != connection)) {
        e = e->next;
    }
    if (e) {
        return e;
    }
    e = calloc(1, sizeof *e);
    char *copy = name ? strdup(name) : NULL;
    if (!e || (name && !copy)) {
        free(e);
        free(copy);
        return NULL;
    }
    e->name = copy;
    e->connection = connection;
    e->next = *bucket;
    *bucket = e;
    return e;
}

/* Those with objects stay; the others go. */
static void owner_put(struct dcom_server *s, struct server_owner *e)
{
    if (!e || e->objects > 0) {
        return;
    }
    struct server_owner **at = owner_bucket(s, e->name, e->connection);
    while (*at != e) {
        at = &(*at)->next;
    }
    *at = e->next;
    free(e->name);
    free(e);
}

void server_owners_done(struct dcom_server *s)
{
    for (size_t i = 0; i < SERVER_BUCKETS; i++) {
        while (s->owners[i]) {
            s->owners[i]->objects = 0;
            owner_put(s, s->owners[i]);
        }
    }
}

/* Counts an object for both; a failure leaves nothing counted. */
static HRESULT count_object(struct dcom_server *s, struct server_object *o, const char *owner,
                            uint64_t connection)
{
    o->owner = owner ? owner_get(s, owner, 0) : NULL;
    o->connection = connection ? owner_get(s, NULL, connection) : NULL;
    HRESULT hr = S_OK;
    if ((owner && !o->owner) || (connection && !o->connection)) {
        hr = E_OUTOFMEMORY;
    } else if (s->object_count >= s->in_all || (o->owner && o->owner->objects >= s->per_client) ||
               (o->connection && o->connection->objects >= s->per_connection)) {
        hr = RPC_E_OUT_OF_RESOURCES;
    }
    if (FAILED(hr)) {
        owner_put(s, o->owner);
        owner_put(s, o->connection);
        return hr;
    }
    s->object_count++;
    if (o->owner) {
        o->owner->objects++;
    }
    if (o->connection) {
        o->connection->objects++;
    }
    return S_OK;
}

/* ---- objects -----------------------------------------------------------------------------------
 */

void server_object_unref(struct server_object *o)
{
    if (com_ref_dec(&o->refs) > 0) {
        return;
    }
    while (o->ipids) {
        struct server_ipid *p = o->ipids;
        o->ipids = p->next_of_same;
        com_release(p->iface);
        free(p);
    }
    com_release(o->identity);
    free(o);
}

static void unlink_ipid(struct dcom_server *s, struct server_ipid *p)
{
    struct server_ipid **at = ipid_bucket(s, &p->ipid);
    while (*at != p) {
        at = &(*at)->next;
    }
    *at = p->next;
}

void server_object_remove(struct dcom_server *s, struct server_object *o)
{
    struct server_object **at = oid_bucket(s, o->oid);
    while (*at != o) {
        at = &(*at)->next_by_oid;
    }
    *at = o->next_by_oid;
    at = identity_bucket(s, o->identity);
    while (*at != o) {
        at = &(*at)->next_by_identity;
    }
    *at = o->next_by_identity;
    for (struct server_ipid *p = o->ipids; p; p = p->next_of_same) {
        unlink_ipid(s, p);
    }
    o->gone = true;
    s->object_count--;
    if (o->owner) {
        o->owner->objects--;
        owner_put(s, o->owner);
    }
    if (o->connection) {
        o->connection->objects--;
        owner_put(s, o->connection);
    }
}

struct server_object *server_ipid_release(struct dcom_server *s, struct server_ipid *p,
                                          uint64_t public_refs, uint64_t private_refs)
{
    /* Clients release more than they have: impacket the same pointer twice. */
    p->public_refs -= public_refs < p->public_refs ? public_refs : p->public_refs;
    p->private_refs -= private_refs < p->private_refs ? private_refs : p->private_refs;
    for (struct server_ipid *other = p->object->ipids; other; other = other->next_of_same) {
        if (other->public_refs > 0 || other->private_refs > 0) {
            return NULL;
        }
    }
    server_object_remove(s, p->object);
    return p->object;
}

/* ---- exporting ----------------------------------------------------------------------------------
 */

static HRESULT object_new(struct dcom_server *s, IUnknown *identity, const char *owner,
                          uint64_t connection, struct server_object **ret)
{
    struct server_object *o = calloc(1, sizeof *o);
    if (!o) {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = server_random(&o->oid);
    if (SUCCEEDED(hr)) {
        hr = count_object(s, o, owner, connection);
    }
    if (FAILED(hr)) {
        free(o);
        return hr;
    }
    com_ref_init(&o->refs);
    o->identity = identity;
    struct server_object **bucket = oid_bucket(s, o->oid);
    o->next_by_oid = *bucket;
    *bucket = o;
    bucket = identity_bucket(s, identity);
    o->next_by_identity = *bucket;
    *bucket = o;
    *ret = o;
    return S_OK;
}

static HRESULT ipid_new(struct dcom_server *s, struct server_object *o, IUnknown *iface,
                        const struct dcom_stub *stub, struct server_ipid **ret)
{
    struct server_ipid *p = calloc(1, sizeof *p);
    if (!p) {
        return E_OUTOFMEMORY;
    }
    HRESULT hr = CoCreateGuid(&p->ipid);
    if (FAILED(hr)) {
        free(p);
        return hr;
    }
    p->object = o;
    p->iface = iface;
    p->stub = stub;
    p->next_of_same = o->ipids;
    o->ipids = p;
    struct server_ipid **bucket = ipid_bucket(s, &p->ipid);
    p->next = *bucket;
    *bucket = p;
    *ret = p;
    return S_OK;
}

/* Under the lock; takes from *identity and *iface what it keeps. A failure may leave an object
 * without interfaces, given in *ret_dropped. */
static HRESULT export_locked(struct dcom_server *s, IUnknown **identity, IUnknown **iface,
                             REFIID riid, const char *owner, uint64_t connection,
                             struct server_ipid **ret, struct server_object **ret_dropped)
{
    const struct dcom_stub *stub = server_stub_find(s, riid);
    if (!stub) {
        return E_NOINTERFACE;
    }
    HRESULT hr = S_OK;
    struct server_object *o = identity_find(s, *identity, owner);
    bool fresh = !o;
    if (fresh) {
        hr = object_new(s, *identity, owner, connection, &o);
        if (FAILED(hr)) {
            return hr;
        }
        *identity = NULL;
    }
    struct server_ipid *p = o->ipids;
    while (p && p->stub != stub) {
        p = p->next_of_same;
    }
    if (!p) {
        hr = ipid_new(s, o, *iface, stub, &p);
        if (SUCCEEDED(hr)) {
            *iface = NULL;
        } else if (fresh) {
            server_object_remove(s, o);
            *ret_dropped = o;
        }
    }
    o->touched = dcom_now();
    *ret = p;
    return hr;
}

HRESULT server_export(struct dcom_server *s, IUnknown *object, REFIID riid, const char *owner,
                      uint64_t connection, uint32_t refs, struct dcom_stdobjref *ret)
{
    CLEANUP(com_cleanup_release) IUnknown *identity = NULL;
    CLEANUP(com_cleanup_release) IUnknown *iface = NULL;
    HRESULT hr = IUnknown_QueryInterface(object, &IID_IUnknown, (void **)&identity);
    if (SUCCEEDED(hr)) {
        hr = IUnknown_QueryInterface(object, riid, (void **)&iface);
    }
    if (FAILED(hr)) {
        return hr;
    }
    struct server_ipid *p = NULL;
    struct server_object *dropped = NULL;
    pthread_mutex_lock(&s->lock);
    hr = s->closing ? RPC_E_DISCONNECTED
                    : export_locked(s, &identity, &iface, riid, owner, connection, &p, &dropped);
    if (SUCCEEDED(hr)) {
        p->public_refs += refs;
        *ret = (struct dcom_stdobjref){
            .public_refs = refs, .oxid = s->oxid, .oid = p->object->oid, .ipid = p->ipid};
    }
    pthread_mutex_unlock(&s->lock);
    if (dropped) {
        server_object_unref(dropped);
    }
    return hr;
}

void server_objref(struct dcom_server *s, const struct dcom_stdobjref *std, REFIID iid,
                   struct dcom_objref *ref, HRESULT *hr)
{
    *ref = (struct dcom_objref){.kind = DCOM_OBJREF_STANDARD, .iid = *iid, .std = *std};
    if (SUCCEEDED(*hr)) {
        *hr = server_bindings(s, true, &ref->resolver);
    }
}

static HRESULT export_for(struct dcom_server *s, IUnknown *object, REFIID riid, const char *owner,
                          uint64_t connection, struct dcom_objref *ret)
{
    struct dcom_stdobjref std = {0};
    *ret = (struct dcom_objref){0};
    HRESULT hr = server_export(s, object, riid, owner, connection, SERVER_REFS, &std);
    server_objref(s, &std, riid, ret, &hr);
    return hr;
}

HRESULT dcom_export(struct dcom_server *s, IUnknown *object, REFIID riid, const char *owner,
                    struct dcom_objref *ret)
{
    return export_for(s, object, riid, owner, 0, ret);
}

HRESULT dcom_server_call_export(struct dcom_server_call *call, IUnknown *object, REFIID riid,
                                struct dcom_objref *ret)
{
    return export_for(call->server, object, riid, call->peer, call->connection, ret);
}

HRESULT dcom_server_write_interface(struct dcom_server_call *call, struct ndr_writer *out,
                                    IUnknown *object, REFIID riid)
{
    struct dcom_objref ref = {0};
    HRESULT hr = object ? dcom_server_call_export(call, object, riid, &ref) : S_FALSE;
    if (ndr_write_pointer(out, hr == S_OK)) {
        dcom_write_objref(out, &ref);
    }
    dcom_objref_done(&ref);
    return FAILED(hr) ? hr : S_OK;
}

void dcom_unexport(struct dcom_server *s, IUnknown *object)
{
    CLEANUP(com_cleanup_release) IUnknown *identity = NULL;
    if (FAILED(IUnknown_QueryInterface(object, &IID_IUnknown, (void **)&identity))) {
        return;
    }
    for (;;) { /* one for each owner */
        pthread_mutex_lock(&s->lock);
        struct server_object *o = *identity_bucket(s, identity);
        while (o && o->identity != identity) {
            o = o->next_by_identity;
        }
        if (o) {
            server_object_remove(s, o);
        }
        pthread_mutex_unlock(&s->lock);
        if (!o) {
            return;
        }
        server_object_unref(o);
    }
}

IUnknown *dcom_server_find(struct dcom_server *s, const struct dcom_objref *ref, const char *owner)
{
    IUnknown *found = NULL;
    struct server_object *o = NULL;
    if (ref->kind == DCOM_OBJREF_CUSTOM || ref->std.oxid != s->oxid) {
        return NULL;
    }
    pthread_mutex_lock(&s->lock);
    struct server_ipid *p = server_ipid_find(s, &ref->std.ipid);
    if (p && server_object_is_for(p->object, owner ? owner : "")) {
        o = p->object;
        found = p->iface;
        (void)com_ref_inc(&o->refs);
    }
    pthread_mutex_unlock(&s->lock);
    if (o) {
        com_addref(found);
        server_object_unref(o);
    }
    return found;
}
