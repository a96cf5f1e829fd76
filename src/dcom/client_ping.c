/*
 * What client_keep_house() sends: references that go back, several at once
 * ([MS-DCOM] 3.2.4.4.2), and pings with what changed in the set (3.2.6.1).
 */
#include "dcom/client_private.h"

enum {
    SIMPLE_PING = 1,
    COMPLEX_PING = 2,
    REM_RELEASE = 5
};
#define RELEASES_AT_ONCE 200
#define CHANGES_AT_ONCE 2000
/* Who lets go of a client waits for what is on its way. */
#define HOUSEKEEPING_TIMEOUT_MS 5000

static unsigned ping_timeout(struct dcom_client *c)
{
    return c->call_timeout_ms < HOUSEKEEPING_TIMEOUT_MS ? c->call_timeout_ms
                                                        : HOUSEKEEPING_TIMEOUT_MS;
}

/* ---- releases ----------------------------------------------------------------------------- */

/* Sends the releases of the first one's exporter, up to a number; returns the rest. */
static struct client_release *send_some(struct dcom_client *c, struct client_release *first)
{
    struct client_oxid *x = first->oxid;
    struct client_release *rest = NULL;
    CLEANUP(ndr_cleanup_writer) struct ndr_writer refs = {0};
    uint16_t count = 0;
    while (first) {
        struct client_release *release = first;
        first = release->next;
        if (release->oxid != x || count == RELEASES_AT_ONCE) {
            release->next = rest;
            rest = release;
            continue;
        }
        ndr_write_guid(&refs, &release->ipid);
        ndr_write_u32(&refs, release->public_refs);
        ndr_write_u32(&refs, 0);
        count++;
        free(release);
    }
    struct ndr_writer in = {0};
    ndr_write_u16(&in, count);
    ndr_write_u32(&in, count);
    ndr_write_bytes(&in, refs.data, refs.size);
    ndr_write_fail(&in, refs.status);
    /* What doesn't arrive is made up for by the pings that cease: nobody waits for a host that is
     * gone. */
    if (!client_oxid_is_lost(x)) {
        struct dcom_reply reply;
        (void)client_rem_unknown(c, x, REM_RELEASE, &in, ping_timeout(c), &reply);
        dcom_reply_done(&reply);
    }
    ndr_writer_done(&in);
    return rest;
}

void client_send_releases(struct dcom_client *c, struct client_release *first)
{
    while (first) {
        first = send_some(c, first);
    }
}

/* ---- pings ----------------------------------------------------------------------------------- */

struct changes {
    uint64_t added[CHANGES_AT_ONCE];
    uint64_t removed[CHANGES_AT_ONCE];
    uint16_t add_count;
    uint16_t remove_count;
    bool any; /* there are objects in the set or to be put there */
};

static void gather(struct dcom_client *c, struct client_resolver *r, struct changes *ret)
{
    ret->add_count = ret->remove_count = 0;
    ret->any = false;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < CLIENT_OID_BUCKETS; i++) {
        for (struct client_oid *o = c->oids[i]; o; o = o->next) {
            if (o->resolver != r) {
                continue;
            }
            ret->any = true;
            if (!o->in_set && o->refs > 0 && ret->add_count < CHANGES_AT_ONCE) {
                ret->added[ret->add_count++] = o->oid;
            } else if (o->in_set && o->refs == 0 && ret->remove_count < CHANGES_AT_ONCE) {
                ret->removed[ret->remove_count++] = o->oid;
            }
        }
    }
    pthread_mutex_unlock(&c->lock);
}

/* Marks an object as in the set or not. Under c->lock. */
static void mark(struct dcom_client *c, struct client_resolver *r, uint64_t oid, bool in_set)
{
    struct client_oid *o;
    /* Counted for the moment, so that what nobody refers to goes by the ordinary way. */
    if (FAILED(client_oid_get(c, oid, r, &o))) {
        return;
    }
    o->in_set = in_set && o->refs > 1;
    client_oid_put(c, o);
}

static void forget_set(struct dcom_client *c, struct client_resolver *r)
{
    r->setid = 0;
    pthread_mutex_lock(&c->lock);
    for (size_t i = 0; i < CLIENT_OID_BUCKETS; i++) {
        struct client_oid *next;
        for (struct client_oid *o = c->oids[i]; o; o = next) {
            next = o->next;
            if (o->resolver == r && o->in_set) {
                o->in_set = false;
                o->refs++;
                client_oid_put(c, o);
            }
        }
    }
    pthread_mutex_unlock(&c->lock);
}

static void write_oids(struct ndr_writer *w, const uint64_t *oids, uint16_t count)
{
    if (ndr_write_pointer(w, count > 0)) {
        ndr_write_u32(w, count);
        for (uint16_t i = 0; i < count; i++) {
            ndr_write_u64(w, oids[i]);
        }
    }
}

static HRESULT complex_ping(struct dcom_client *c, struct client_resolver *r, struct changes *d)
{
    struct ndr_writer in = {0};
    struct channel_reply reply;
    struct ndr_reader reader;
    r->sequence++;
    ndr_write_u64(&in, r->setid);
    ndr_write_u16(&in, r->sequence);
    ndr_write_u16(&in, d->add_count);
    ndr_write_u16(&in, d->remove_count);
    write_oids(&in, d->added, d->add_count);
    write_oids(&in, d->removed, d->remove_count);
    HRESULT hr = client_resolver_call(c, r, &dcom_iid_object_exporter, COMPLEX_PING,
                                      ping_timeout(c), &in, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    ndr_reader_init(&reader, reply.stub, reply.size, reply.drep);
    uint64_t setid = ndr_read_u64(&reader);
    (void)ndr_read_u16(&reader); /* pPingBackoffFactor: we don't ping less often */
    uint32_t status = ndr_read_u32(&reader);
    free(reply.stub);
    if (FAILED(reader.status) || status != 0) {
        return FAILED(reader.status) ? reader.status : HRESULT_FROM_WIN32(status);
    }
    r->setid = setid;
    pthread_mutex_lock(&c->lock);
    for (uint16_t i = 0; i < d->add_count; i++) {
        mark(c, r, d->added[i], true);
    }
    for (uint16_t i = 0; i < d->remove_count; i++) {
        mark(c, r, d->removed[i], false);
    }
    pthread_mutex_unlock(&c->lock);
    return S_OK;
}

static HRESULT simple_ping(struct dcom_client *c, struct client_resolver *r)
{
    struct ndr_writer in = {0};
    struct channel_reply reply;
    struct ndr_reader reader;
    ndr_write_u64(&in, r->setid);
    HRESULT hr = client_resolver_call(c, r, &dcom_iid_object_exporter, SIMPLE_PING, ping_timeout(c),
                                      &in, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    ndr_reader_init(&reader, reply.stub, reply.size, reply.drep);
    uint32_t status = ndr_read_u32(&reader);
    free(reply.stub);
    return FAILED(reader.status) ? reader.status : HRESULT_FROM_WIN32(status);
}

static void ping(struct dcom_client *c, struct client_resolver *r, struct changes *d)
{
    gather(c, r, d);
    if (!d->any) { /* a set without objects may be forgotten on both sides */
        r->setid = 0;
        return;
    }
    bool changed = d->add_count > 0 || d->remove_count > 0;
    if (!changed && r->setid == 0) {
        return;
    }
    HRESULT hr = changed ? complex_ping(c, r, d) : simple_ping(c, r);
    if (hr == HRESULT_FROM_WIN32(OR_INVALID_SET)) { /* the server has forgotten it: all anew */
        forget_set(c, r);
        gather(c, r, d);
        if (d->add_count > 0) {
            (void)complex_ping(c, r, d);
        }
    }
}

void client_ping_all(struct dcom_client *c)
{
    CLEANUP(com_cleanup_free) struct changes *d = malloc(sizeof *d);
    if (!d) {
        return; /* until the next time */
    }
    /* New resolvers are put before the others, and none goes while its client lives. */
    pthread_mutex_lock(&c->lock);
    struct client_resolver *first = c->resolvers;
    pthread_mutex_unlock(&c->lock);
    for (struct client_resolver *r = first; r; r = r->next) {
        ping(c, r, d);
    }
}
