/*
 * IObjectExporter ([MS-DCOM] 3.1.2.5.1) and the endpoint mapper (C706 appendix O):
 * where our objects are to be found, and which of them are still wanted.
 */
#include "dcom/server_private.h"

#include <arpa/inet.h>
#include <string.h>

enum {
    RESOLVE_OXID = 0,
    SIMPLE_PING = 1,
    COMPLEX_PING = 2,
    SERVER_ALIVE = 3,
    RESOLVE_OXID2 = 4,
    SERVER_ALIVE2 = 5
};
enum {
    EPT_MAP = 3,
    EPT_LOOKUP_HANDLE_FREE = 4
};
#define EPT_MOST_TOWERS 500u
/* C706 appendix O, as error_status_t: no such endpoint. */
#define EPT_NOT_REGISTERED 0x16C9A0D6u

/* ---- resolution --------------------------------------------------------------------------------
 */

static void write_pointer_to_bindings(struct dcom_server *s, bool resolver, struct ndr_writer *out)
{
    struct dcom_bindings b;
    HRESULT hr = server_bindings(s, resolver, &b);
    if (FAILED(hr)) {
        ndr_write_fail(out, hr);
        return;
    }
    (void)ndr_write_pointer(out, true);
    dcom_bindings_write(out, &b);
    dcom_bindings_done(&b);
}

static void resolve(struct dcom_server *s, uint16_t opnum, struct ndr_reader *r,
                    struct ndr_writer *out)
{
    uint64_t oxid = ndr_read_u64(r);
    uint16_t protseqs = ndr_read_u16(r);
    if (ndr_read_count(r, 2) != protseqs) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    ndr_write_fail(out, r->status);
    bool ours = oxid == s->oxid;
    if (ours) {
        write_pointer_to_bindings(s, false, out);
    } else {
        (void)ndr_write_pointer(out, false);
    }
    ndr_write_guid(out, ours ? &s->rem_unknown : &GUID_NULL);
    ndr_write_u32(out, ours ? s->authn_level : 0);
    if (opnum == RESOLVE_OXID2) {
        ndr_write_u16(out, DCOM_VERSION_MAJOR);
        ndr_write_u16(out, DCOM_VERSION_MINOR);
    }
    ndr_write_u32(out, ours ? 0 : OR_INVALID_OXID);
}

static void server_alive2(struct dcom_server *s, struct ndr_writer *out)
{
    ndr_write_u16(out, DCOM_VERSION_MAJOR);
    ndr_write_u16(out, DCOM_VERSION_MINOR);
    write_pointer_to_bindings(s, true, out);
    ndr_write_u32(out, 0); /* pReserved */
    ndr_write_u32(out, 0);
}

/* ---- pings
 * ------------------------------------------------------------------------------------------ */

static void simple_ping(struct dcom_server *s, const char *peer, struct ndr_reader *r,
                        struct ndr_writer *out)
{
    uint64_t setid = ndr_read_u64(r);
    ndr_write_fail(out, r->status);
    ndr_write_u32(out, FAILED(server_set_ping(s, setid, peer)) ? OR_INVALID_SET : 0);
}

/* The array behind a unique pointer, to free(); NULL for none. */
static uint64_t *read_oids(struct ndr_reader *r, uint16_t count)
{
    if (!ndr_read_pointer(r)) {
        if (count > 0) {
            ndr_read_fail(r, NDR_E_BAD_DATA);
        }
        return NULL;
    }
    if (ndr_read_count(r, 8) != count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return NULL;
    }
    uint64_t *oids = malloc((size_t)count * sizeof *oids + 1);
    if (!oids) {
        ndr_read_fail(r, E_OUTOFMEMORY);
        return NULL;
    }
    for (uint16_t i = 0; i < count; i++) {
        oids[i] = ndr_read_u64(r);
    }
    return oids;
}

static void complex_ping(struct dcom_server *s, const char *peer, struct ndr_reader *r,
                         struct ndr_writer *out)
{
    uint64_t setid = ndr_read_u64(r);
    uint16_t sequence = ndr_read_u16(r);
    uint16_t add_count = ndr_read_u16(r);
    uint16_t remove_count = ndr_read_u16(r);
    CLEANUP(com_cleanup_free) uint64_t *added = read_oids(r, add_count);
    CLEANUP(com_cleanup_free) uint64_t *removed = read_oids(r, remove_count);
    if (FAILED(r->status)) {
        ndr_write_fail(out, r->status);
        return;
    }
    uint32_t status =
        server_set_change(s, &setid, sequence, peer, added, add_count, removed, remove_count);
    ndr_write_u64(out, setid);
    ndr_write_u16(out, 0); /* pPingBackoffFactor: ping as usual */
    ndr_write_u32(out, status);
}

void server_dispatch_resolver(void *arg, struct channel_incoming *request)
{
    struct dcom_server *s = arg;
    struct ndr_reader r;
    struct ndr_writer out = {0};
    ndr_reader_init(&r, request->stub, request->size, request->drep);
    switch (request->opnum) {
    case RESOLVE_OXID:
    case RESOLVE_OXID2:
        resolve(s, request->opnum, &r, &out);
        break;
    case SIMPLE_PING:
        simple_ping(s, request->peer, &r, &out);
        break;
    case COMPLEX_PING:
        complex_ping(s, request->peer, &r, &out);
        break;
    case SERVER_ALIVE:
        ndr_write_u32(&out, 0);
        break;
    case SERVER_ALIVE2:
        server_alive2(s, &out);
        break;
    default:
        ndr_write_fail(&out, HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE));
        break;
    }
    server_answer(request, &out);
}

/* ---- endpoint mapper
 * ----------------------------------------------------------------------------------- */

/* Which port serves an interface; 0: none. */
static uint16_t port_of(struct dcom_server *s, const GUID *iid)
{
    uint16_t port = 0;
    pthread_mutex_lock(&s->lock);
    if (IsEqualGUID(iid, &dcom_iid_object_exporter) || IsEqualGUID(iid, &dcom_iid_activation) ||
        IsEqualGUID(iid, &dcom_iid_scm_activator) || IsEqualGUID(iid, &dcom_iid_endpoint_mapper)) {
        port = s->resolver_port;
    } else if (IsEqualGUID(iid, &dcom_iid_rem_unknown) ||
               IsEqualGUID(iid, &dcom_iid_rem_unknown2) || server_stub_find(s, iid)) {
        port = s->object_port;
    }
    pthread_mutex_unlock(&s->lock);
    return port;
}

/* Our first IPv4 address; zeros, which stand for the one that was asked, when there is none. */
static void own_address(struct dcom_server *s, uint8_t ret[4])
{
    memset(ret, 0, 4);
    for (size_t i = 0; i < s->address_count; i++) {
        if (inet_pton(AF_INET, s->addresses[i], ret) == 1) {
            return;
        }
    }
}

static void write_map(struct ndr_writer *out, uint32_t maximum, const struct dcom_tower *tower)
{
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    size_t size = 0;
    HRESULT hr = tower ? dcom_tower_write(tower, &bytes, &size) : S_OK;
    if (FAILED(hr)) {
        ndr_write_fail(out, hr);
    }
    (void)ndr_write_space(out, 20); /* entry_handle: nothing more to come */
    ndr_write_u32(out, tower ? 1 : 0);
    ndr_write_u32(out, maximum);
    ndr_write_u32(out, 0);
    ndr_write_u32(out, tower ? 1 : 0);
    if (tower) {
        (void)ndr_write_pointer(out, true);
        ndr_write_count(out, size);
        ndr_write_byte_array(out, bytes, size);
    }
    ndr_write_u32(out, tower ? 0 : EPT_NOT_REGISTERED);
}

static void map(struct dcom_server *s, struct ndr_reader *r, struct ndr_writer *out)
{
    struct dcom_tower tower = {0};
    if (ndr_read_pointer(r)) { /* object: our interfaces are the same for all */
        GUID object;
        ndr_read_guid(r, &object);
    }
    bool known = false;
    if (ndr_read_pointer(r)) {
        uint32_t size, conformance = ndr_read_u32(r);
        const uint8_t *bytes = ndr_read_byte_array(r, &size);
        known = bytes && conformance == size && SUCCEEDED(dcom_tower_read(bytes, size, &tower)) &&
                tower.tcp;
    }
    ndr_read_align(r, 4);
    (void)ndr_read_bytes(r, 20);
    uint32_t maximum = ndr_read_u32(r);
    if (maximum > EPT_MOST_TOWERS) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    ndr_write_fail(out, r->status);
    tower.port = known && maximum > 0 ? port_of(s, &tower.iid) : 0;
    own_address(s, tower.address);
    write_map(out, maximum, tower.port ? &tower : NULL);
}

void server_dispatch_mapper(void *arg, struct channel_incoming *request)
{
    struct dcom_server *s = arg;
    struct ndr_reader r;
    struct ndr_writer out = {0};
    ndr_reader_init(&r, request->stub, request->size, request->drep);
    if (request->opnum == EPT_MAP) {
        map(s, &r, &out);
    } else if (request->opnum == EPT_LOOKUP_HANDLE_FREE) {
        (void)ndr_write_space(&out, 20);
        ndr_write_u32(&out, 0);
    } else { /* ept_insert and the like: registration is not by the wire */
        ndr_write_fail(&out, HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE));
    }
    server_answer(request, &out);
}
