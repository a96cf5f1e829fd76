/*
 * Finding things: object resolvers, object exporters by their OXID, ports by the
 * endpoint mapper. [MS-DCOM] 3.2.4.1.2, C706 appendix O.
 */
#include "dcom/client_private.h"

#include <string.h>
#include <strings.h>

/* Opnums of IObjectExporter, 3.1.2.5.1. */
enum {
    RESOLVE_OXID = 0,
    SERVER_ALIVE = 3,
    RESOLVE_OXID2 = 4,
    SERVER_ALIVE2 = 5
};
enum {
    EPT_MAP = 3
};
enum {
    MOST_ATTEMPTS = 16
};

static HRESULT gone(struct dcom_client *c)
{
    pthread_mutex_lock(&c->lock);
    bool disconnected = c->disconnected;
    pthread_mutex_unlock(&c->lock);
    return disconnected ? RPC_E_DISCONNECTED : S_OK;
}

/* ---- resolvers ------------------------------------------------------------------------------ */

HRESULT client_resolver_get(struct dcom_client *c, const char *host, uint16_t port,
                            struct client_resolver **ret)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&c->lock);
    struct client_resolver *r = c->resolvers;
    while (r && (strcasecmp(r->host, host) != 0 || r->port != port)) {
        r = r->next;
    }
    if (!r) {
        r = calloc(1, sizeof *r);
        char *name = strdup(host);
        if (!r || !name) {
            free(r);
            free(name);
            r = NULL;
            hr = E_OUTOFMEMORY;
        } else {
            r->host = name;
            r->port = port;
            pthread_mutex_init(&r->connecting, NULL);
            r->next = c->resolvers;
            c->resolvers = r;
        }
    }
    pthread_mutex_unlock(&c->lock);
    *ret = r;
    return hr;
}

HRESULT client_resolver_main(struct dcom_client *c, struct client_resolver **ret)
{
    if (!c->host) {
        return E_INVALIDARG;
    }
    return client_resolver_get(c, c->host, c->port, ret);
}

static HRESULT open_channel(struct dcom_client *c, const char *host, uint16_t port,
                            const struct dcom_security *security, struct channel **ret)
{
    struct channel_options options = {.host = host,
                                      .port = port,
                                      .security = security,
                                      .target_host = c->host ? c->host : host,
                                      .connect_timeout_ms = c->connect_timeout_ms};
    HRESULT hr = gone(c);
    return FAILED(hr) ? hr : channel_open(&options, ret);
}

static HRESULT resolver_channel(struct dcom_client *c, struct client_resolver *r,
                                struct channel **ret)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&r->connecting);
    if (r->channel && !channel_is_open(r->channel)) {
        channel_unref(TAKE(r->channel));
    }
    if (!r->channel) {
        hr = open_channel(c, r->host, r->port, &c->security.value, &r->channel);
    }
    if (SUCCEEDED(hr)) {
        channel_ref(r->channel);
        *ret = r->channel;
    }
    pthread_mutex_unlock(&r->connecting);
    return hr;
}

static HRESULT call_native(struct channel *channel, const IID *iid, uint16_t version,
                           uint16_t opnum, unsigned timeout_ms, struct ndr_writer *in,
                           struct channel_reply *ret)
{
    if (FAILED(in->status)) {
        return in->status;
    }
    struct channel_request request = {.iid = iid,
                                      .version = version,
                                      .opnum = opnum,
                                      .stub = in->data,
                                      .size = in->size,
                                      .timeout_ms = timeout_ms};
    return channel_call(channel, &request, ret);
}

HRESULT client_resolver_call(struct dcom_client *c, struct client_resolver *r, const IID *iid,
                             uint16_t opnum, unsigned timeout_ms, struct ndr_writer *in,
                             struct channel_reply *ret)
{
    struct channel *channel = NULL;
    *ret = (struct channel_reply){0};
    HRESULT hr = resolver_channel(c, r, &channel);
    if (SUCCEEDED(hr)) {
        hr = call_native(channel, iid, 0, opnum, timeout_ms, in, ret);
        channel_unref(channel);
    }
    ndr_writer_done(in);
    return hr;
}

/* ---- is it there? -----------------------------------------------------------------------------
 */

/* 3.2.4.1.2.1, without authentication; ServerAlive for those that know no ServerAlive2. */
static HRESULT alive(struct dcom_client *c, const char *host, uint16_t port,
                     struct dcom_version *ret, struct dcom_bindings *ret_bindings)
{
    struct channel *channel = NULL;
    *ret_bindings = (struct dcom_bindings){0};
    HRESULT hr = open_channel(c, host, port, NULL, &channel);
    if (FAILED(hr)) {
        return hr;
    }
    struct ndr_writer in = {0};
    struct channel_reply reply = {0};
    struct ndr_reader r;
    hr = call_native(channel, &dcom_iid_object_exporter, 0, SERVER_ALIVE2, c->call_timeout_ms, &in,
                     &reply);
    if (hr == HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE)) {
        *ret = (struct dcom_version){DCOM_VERSION_MAJOR, 1}; /* the least that we speak */
        hr = call_native(channel, &dcom_iid_object_exporter, 0, SERVER_ALIVE, c->call_timeout_ms,
                         &in, &reply);
        ndr_reader_init(&r, reply.stub, reply.size, reply.drep);
    } else if (SUCCEEDED(hr)) {
        ndr_reader_init(&r, reply.stub, reply.size, reply.drep);
        ret->major = ndr_read_u16(&r);
        ret->minor = ndr_read_u16(&r);
        if (ndr_read_pointer(&r)) {
            dcom_bindings_read(&r, ret_bindings);
        }
        (void)ndr_read_u32(&r); /* pReserved */
    }
    if (SUCCEEDED(hr)) {
        uint32_t status = ndr_read_u32(&r);
        hr = FAILED(r.status) ? r.status : HRESULT_FROM_WIN32(status);
        if (FAILED(hr)) {
            dcom_bindings_done(ret_bindings);
        }
    }
    free(reply.stub);
    channel_unref(channel);
    return hr;
}

HRESULT dcom_server_alive(struct dcom_client *c, struct dcom_version *ret,
                          struct dcom_bindings *ret_bindings)
{
    struct dcom_bindings bindings;
    if (!c->host) {
        return E_INVALIDARG;
    }
    HRESULT hr = alive(c, c->host, c->port, ret, &bindings);
    if (FAILED(hr)) {
        return client_raise(c, hr, "ServerAlive2");
    }
    if (ret_bindings) {
        *ret_bindings = bindings;
    } else {
        dcom_bindings_done(&bindings);
    }
    return S_OK;
}

/* ---- endpoint mapper
 * ------------------------------------------------------------------------------ */

static HRESULT read_towers(struct channel_reply *reply, uint16_t *ret_port)
{
    struct ndr_reader r;
    ndr_reader_init(&r, reply->stub, reply->size, reply->drep);
    (void)ndr_read_bytes(&r, 20); /* entry_handle */
    uint32_t count = ndr_read_u32(&r);
    (void)ndr_read_u32(&r); /* maximum */
    (void)ndr_read_u32(&r); /* offset */
    uint32_t actual = ndr_read_count(&r, 4);
    const uint8_t *pointers = ndr_read_bytes(&r, (size_t)actual * 4);
    uint16_t port = 0;
    if (actual != count) {
        ndr_read_fail(&r, NDR_E_BAD_DATA);
    }
    for (uint32_t i = 0; SUCCEEDED(r.status) && i < actual; i++) {
        const uint8_t *p = pointers + (size_t)i * 4;
        if ((p[0] | p[1] | p[2] | p[3]) == 0) {
            continue;
        }
        struct dcom_tower tower;
        uint32_t size, conformance = ndr_read_u32(&r);
        const uint8_t *bytes = ndr_read_byte_array(&r, &size);
        if (conformance != size) {
            ndr_read_fail(&r, NDR_E_BAD_DATA);
        }
        if (bytes && port == 0 && SUCCEEDED(dcom_tower_read(bytes, size, &tower)) && tower.tcp) {
            port = tower.port;
        }
    }
    uint32_t status = ndr_read_u32(&r);
    if (FAILED(r.status)) {
        return r.status;
    }
    if (status != 0 || port == 0) {
        return HRESULT_FROM_WIN32(EPT_S_NOT_REGISTERED);
    }
    *ret_port = port;
    return S_OK;
}

HRESULT client_map_endpoint(struct dcom_client *c, const char *host, const IID *iid,
                            uint16_t *ret_port)
{
    struct dcom_tower wanted = {.iid = *iid, .tcp = true};
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    size_t size = 0;
    HRESULT hr = dcom_tower_write(&wanted, &bytes, &size);
    struct channel *channel = NULL;
    if (SUCCEEDED(hr)) {
        hr = open_channel(c, host, c->port, NULL, &channel);
    }
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    (void)ndr_write_pointer(&in, false); /* object */
    (void)ndr_write_pointer(&in, true);  /* map_tower: a twr_t */
    ndr_write_count(&in, size);
    ndr_write_byte_array(&in, bytes, size);
    ndr_write_align(&in, 4);
    (void)ndr_write_space(&in, 20); /* entry_handle: none */
    ndr_write_u32(&in, 4);          /* max_towers */
    struct channel_reply reply = {0};
    hr = call_native(channel, &dcom_iid_endpoint_mapper, 3, EPT_MAP, c->call_timeout_ms, &in,
                     &reply);
    if (SUCCEEDED(hr)) {
        hr = read_towers(&reply, ret_port);
    }
    free(reply.stub);
    channel_unref(channel);
    return hr;
}

/* ---- exporters
 * --------------------------------------------------------------------------------------- */

static struct client_oxid *oxid_find(struct dcom_client *c, uint64_t oxid)
{
    struct client_oxid *x = c->oxids;
    while (x && x->oxid != oxid) {
        x = x->next;
    }
    return x;
}

HRESULT client_oxid_add(struct dcom_client *c, struct client_resolver *resolver, uint64_t oxid,
                        const IPID *rem_unknown, struct dcom_version version, uint32_t authn_hint,
                        struct dcom_bindings *bindings, struct client_oxid **ret)
{
    struct dcom_version agreed;
    HRESULT hr = dcom_version_agree(version, &agreed);
    if (FAILED(hr)) {
        return hr;
    }
    struct client_oxid *x = calloc(1, sizeof *x);
    if (!x) {
        return E_OUTOFMEMORY;
    }
    pthread_mutex_init(&x->connecting, NULL);
    pthread_mutex_lock(&c->lock);
    *ret = oxid_find(c, oxid);
    if (!*ret) {
        x->oxid = oxid;
        x->resolver = resolver;
        x->rem_unknown = *rem_unknown;
        x->version = agreed;
        x->authn_hint = authn_hint;
        x->bindings = *bindings;
        *bindings = (struct dcom_bindings){0};
        x->next = c->oxids;
        c->oxids = x;
        *ret = TAKE(x);
    }
    pthread_mutex_unlock(&c->lock);
    if (x) { /* another thread was faster */
        pthread_mutex_destroy(&x->connecting);
        free(x);
    }
    return S_OK;
}

static HRESULT resolve_with(struct dcom_client *c, struct client_resolver *resolver, uint64_t oxid,
                            uint16_t opnum, struct client_oxid **ret)
{
    struct ndr_writer in = {0};
    ndr_write_u64(&in, oxid);
    ndr_write_u16(&in, 1);
    ndr_write_u32(&in, 1);
    ndr_write_u16(&in, DCOM_TOWER_TCP);
    struct channel_reply reply;
    HRESULT hr = client_resolver_call(c, resolver, &dcom_iid_object_exporter, opnum,
                                      c->call_timeout_ms, &in, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    struct ndr_reader r;
    struct dcom_bindings bindings = {0};
    struct dcom_version version = {DCOM_VERSION_MAJOR, 1};
    IPID rem_unknown;
    ndr_reader_init(&r, reply.stub, reply.size, reply.drep);
    if (ndr_read_pointer(&r)) {
        dcom_bindings_read(&r, &bindings);
    }
    ndr_read_guid(&r, &rem_unknown);
    uint32_t hint = ndr_read_u32(&r);
    if (opnum == RESOLVE_OXID2) {
        version.major = ndr_read_u16(&r);
        version.minor = ndr_read_u16(&r);
    }
    uint32_t status = ndr_read_u32(&r);
    free(reply.stub);
    hr = FAILED(r.status) ? r.status : HRESULT_FROM_WIN32(status);
    if (SUCCEEDED(hr)) {
        hr = client_oxid_add(c, resolver, oxid, &rem_unknown, version, hint, &bindings, ret);
    }
    dcom_bindings_done(&bindings);
    return hr;
}

static HRESULT resolve_at(struct dcom_client *c, const char *host, uint16_t port, uint64_t oxid,
                          struct client_oxid **ret)
{
    struct client_resolver *resolver;
    HRESULT hr = client_resolver_get(c, host, port, &resolver);
    if (FAILED(hr)) {
        return hr;
    }
    /* 5.2 brought ResolveOxid2. */
    hr = resolve_with(c, resolver, oxid, RESOLVE_OXID2, ret);
    if (hr == HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE)) {
        hr = resolve_with(c, resolver, oxid, RESOLVE_OXID, ret);
    }
    return hr;
}

/* A list of bindings is the peer's word: some are tried, and for some time. */
struct attempts {
    unsigned left;
    uint64_t until; /* of dcom_now() */
};

static struct attempts attempts_of(const struct dcom_client *c)
{
    return (struct attempts){MOST_ATTEMPTS, dcom_now() + c->call_timeout_ms};
}

static bool may_try(struct attempts *a)
{
    if (a->left == 0 || dcom_now() > a->until) {
        return false;
    }
    a->left--;
    return true;
}

HRESULT client_oxid_resolve(struct dcom_client *c, const struct dcom_objref *ref,
                            struct client_oxid **ret)
{
    pthread_mutex_lock(&c->lock);
    *ret = oxid_find(c, ref->std.oxid);
    pthread_mutex_unlock(&c->lock);
    if (*ret) {
        return S_OK;
    }
    /* Most references come from the host that we talk to, which we know how to reach. */
    HRESULT hr = HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE);
    if (c->host) {
        hr = resolve_at(c, c->host, c->port, ref->std.oxid, ret);
        if (SUCCEEDED(hr)) {
            return hr;
        }
    }
    struct attempts attempts = attempts_of(c);
    for (size_t i = 0; i < ref->resolver.string_count; i++) {
        CLEANUP(com_cleanup_free) char *host = NULL;
        uint16_t port = 0;
        struct dcom_version version;
        struct dcom_bindings bindings;
        if (ref->resolver.strings[i].tower != DCOM_TOWER_TCP ||
            FAILED(dcom_address_split(ref->resolver.strings[i].address, &host, &port)) ||
            !may_try(&attempts)) {
            continue;
        }
        port = port ? port : 135;
        HRESULT there = alive(c, host, port, &version, &bindings);
        if (SUCCEEDED(there)) {
            dcom_bindings_done(&bindings);
            hr = resolve_at(c, host, port, ref->std.oxid, ret);
            if (SUCCEEDED(hr)) {
                return hr;
            }
        }
    }
    return hr;
}

/* ---- connections to exporters
 * --------------------------------------------------------------------------- */

/* Do two names mean the host that we know under the first one? "srv.example.com" does, for "SRV".
 */
static bool same_host(const char *known, const char *other)
{
    size_t label = strcspn(known, ".");
    bool name = known[strspn(known, "0123456789.:")] != '\0';
    return strcasecmp(known, other) == 0 ||
           (name && strlen(other) == label && strncasecmp(known, other, label) == 0);
}

static HRESULT connect_to(struct dcom_client *c, const char *host, uint16_t port,
                          const struct dcom_security *security, struct channel **ret)
{
    if (port == 0) {
        HRESULT hr = client_map_endpoint(c, host, &dcom_iid_rem_unknown, &port);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return open_channel(c, host, port, security, ret);
}

/* One pass over the bindings, in the server's order: those of the host as we know it (which is how
 * we reached it), or the others. A refusal for security is final: other addresses of the same
 * machine would refuse too. */
static HRESULT connect_pass(struct dcom_client *c, struct client_oxid *x, bool known,
                            struct attempts *attempts, const struct dcom_security *security,
                            struct channel **ret)
{
    HRESULT hr = HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE);
    const char *via = x->resolver->host;
    for (size_t i = 0; i < x->bindings.string_count; i++) {
        CLEANUP(com_cleanup_free) char *host = NULL;
        uint16_t port = 0;
        if (x->bindings.strings[i].tower != DCOM_TOWER_TCP ||
            FAILED(dcom_address_split(x->bindings.strings[i].address, &host, &port)) ||
            same_host(via, host) != known || !may_try(attempts)) {
            continue;
        }
        hr = connect_to(c, known ? via : host, port, security, ret);
        if (SUCCEEDED(hr) || hr == E_ACCESSDENIED || hr == RPC_E_DISCONNECTED) {
            return hr;
        }
    }
    return hr;
}

/* The port of the first binding at the address by which we reached the resolver: for hosts behind
 * address translation, whose own addresses mean nothing here. */
static HRESULT connect_translated(struct dcom_client *c, struct client_oxid *x,
                                  const struct dcom_security *security, struct channel **ret)
{
    for (size_t i = 0; i < x->bindings.string_count; i++) {
        CLEANUP(com_cleanup_free) char *host = NULL;
        uint16_t port = 0;
        if (x->bindings.strings[i].tower == DCOM_TOWER_TCP &&
            SUCCEEDED(dcom_address_split(x->bindings.strings[i].address, &host, &port))) {
            return connect_to(c, x->resolver->host, port, security, ret);
        }
    }
    return HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE);
}

static HRESULT connect_exporter(struct dcom_client *c, struct client_oxid *x,
                                const struct dcom_security *security, struct channel **ret)
{
    struct attempts attempts = attempts_of(c);
    HRESULT hr = connect_pass(c, x, true, &attempts, security, ret);
    if (hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)) {
        hr = connect_pass(c, x, false, &attempts, security, ret);
    }
    if (hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)) {
        hr = connect_translated(c, x, security, ret);
    }
    return hr;
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_security(const struct dcom_security *a, const struct dcom_security *b)
{
    return a->authn_service == b->authn_service && a->authn_level == b->authn_level &&
           a->imp_level == b->imp_level && a->credentials == b->credentials &&
           same_text(a->target, b->target);
}

/* Under x->connecting. */
static HRESULT channel_entry(struct client_oxid *x, const struct dcom_security *security,
                             struct client_channel **ret)
{
    struct client_channel *entry = x->channels;
    while (entry && !same_security(&entry->security.value, security)) {
        entry = entry->next;
    }
    if (!entry) {
        entry = calloc(1, sizeof *entry);
        if (!entry) {
            return E_OUTOFMEMORY;
        }
        HRESULT hr = client_security_copy(security, &entry->security);
        if (FAILED(hr)) {
            free(entry);
            return hr;
        }
        entry->next = x->channels;
        x->channels = entry;
    }
    *ret = entry;
    return S_OK;
}

HRESULT client_oxid_channel(struct dcom_client *c, struct client_oxid *x,
                            const struct dcom_security *security, struct channel **ret)
{
    /* No weaker than the exporter takes. */
    struct dcom_security wanted = *security;
    if (wanted.authn_level < x->authn_hint && x->authn_hint <= RPC_C_AUTHN_LEVEL_PKT_PRIVACY) {
        wanted.authn_level = x->authn_hint;
    }
    struct client_channel *entry = NULL;
    pthread_mutex_lock(&x->connecting);
    HRESULT hr = gone(c);
    if (SUCCEEDED(hr)) {
        hr = channel_entry(x, &wanted, &entry);
    }
    if (SUCCEEDED(hr) && entry->channel && !channel_is_open(entry->channel)) {
        channel_unref(TAKE(entry->channel));
    }
    if (SUCCEEDED(hr) && !entry->channel) {
        hr = connect_exporter(c, x, &wanted, &entry->channel);
    }
    if (SUCCEEDED(hr)) {
        channel_ref(entry->channel);
        *ret = entry->channel;
    }
    pthread_mutex_unlock(&x->connecting);
    return hr;
}

bool client_oxid_is_lost(struct client_oxid *x)
{
    bool connected = false, known = false;
    pthread_mutex_lock(&x->connecting);
    for (struct client_channel *entry = x->channels; entry; entry = entry->next) {
        known = known || entry->channel;
        connected = connected || (entry->channel && channel_is_open(entry->channel));
    }
    pthread_mutex_unlock(&x->connecting);
    return known && !connected;
}
