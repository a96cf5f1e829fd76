/*
 * Protocol towers of the endpoint mapper: C706 appendices I and L. Five floors:
 * interface, transfer syntax, RPC protocol, port, host.
 */
#include "com/com.h"
#include "dcom/dcom_data.h"

#include <string.h>

enum floor {
    FLOOR_UUID = 0x0D,
    FLOOR_RPC_CO = 0x0B,
    FLOOR_TCP = 0x07,
    FLOOR_IP = 0x09
};

/* NDR, version 2.0. */
static const GUID ndr_syntax = {
    0x8A885D04, 0x1CEB, 0x11C9, {0x9F, 0xE8, 0x08, 0x00, 0x2B, 0x10, 0x48, 0x60}};

/* ---- writing ---------------------------------------------------------------------------- */

static void write_uuid_floor(struct ndr_writer *w, const GUID *uuid, uint16_t major, uint16_t minor)
{
    ndr_write_u16(w, 19);
    ndr_write_u8(w, FLOOR_UUID);
    ndr_write_guid(w, uuid);
    ndr_write_u16(w, major);
    ndr_write_u16(w, 2);
    ndr_write_u16(w, minor);
}

static void write_floor(struct ndr_writer *w, enum floor protocol, const uint8_t *right,
                        uint16_t size)
{
    ndr_write_u16(w, 1);
    ndr_write_u8(w, (uint8_t)protocol);
    ndr_write_u16(w, size);
    ndr_write_bytes(w, right, size);
}

HRESULT dcom_tower_write(const struct dcom_tower *tower, uint8_t **ret, size_t *ret_size)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {.packed = true};
    uint8_t minor[2] = {0, 0};
    /* Port and address are big-endian. */
    uint8_t port[2] = {(uint8_t)(tower->port >> 8), (uint8_t)tower->port};
    ndr_write_u16(&w, 5);
    write_uuid_floor(&w, &tower->iid, tower->version_major, tower->version_minor);
    write_uuid_floor(&w, &ndr_syntax, 2, 0);
    write_floor(&w, FLOOR_RPC_CO, minor, sizeof minor);
    write_floor(&w, FLOOR_TCP, port, sizeof port);
    write_floor(&w, FLOOR_IP, tower->address, sizeof tower->address);
    return ndr_writer_take(&w, ret, ret_size);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* Both sides of a floor, borrowed; the left one without its first byte, the protocol. */
struct sides {
    uint8_t protocol;
    struct ndr_reader left;
    struct ndr_reader right;
};

static struct ndr_reader side(struct ndr_reader *r, size_t size)
{
    struct ndr_reader ret = {.status = NDR_E_BAD_DATA};
    const uint8_t *bytes = ndr_read_bytes(r, size);
    if (bytes) {
        ret = (struct ndr_reader){.data = bytes, .size = size, .packed = true};
    }
    return ret;
}

static void read_floor(struct ndr_reader *r, struct sides *ret)
{
    uint16_t left = ndr_read_u16(r);
    if (left == 0) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    ret->protocol = ndr_read_u8(r);
    ret->left = side(r, left == 0 ? 0 : left - 1u);
    ret->right = side(r, ndr_read_u16(r));
}

static void read_interface(struct ndr_reader *r, GUID *uuid, uint16_t *major, uint16_t *minor)
{
    struct sides s;
    read_floor(r, &s);
    if (s.protocol != FLOOR_UUID) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    ndr_read_guid(&s.left, uuid);
    *major = ndr_read_u16(&s.left);
    *minor = ndr_read_u16(&s.right);
    ndr_read_fail(r, FAILED(s.left.status) ? s.left.status : s.right.status);
}

HRESULT dcom_tower_read(const uint8_t *bytes, size_t size, struct dcom_tower *ret)
{
    struct dcom_tower t = {0};
    struct ndr_reader r;
    ndr_reader_init(&r, bytes, size, NDR_DREP);
    r.packed = true;
    uint16_t floors = ndr_read_u16(&r);
    if (floors < 3) {
        ndr_read_fail(&r, NDR_E_BAD_DATA);
    }
    GUID syntax;
    uint16_t major, minor;
    read_interface(&r, &t.iid, &t.version_major, &t.version_minor);
    read_interface(&r, &syntax, &major, &minor);
    bool ndr = IsEqualGUID(&syntax, &ndr_syntax) && major == 2;
    struct sides s;
    read_floor(&r, &s);
    bool connected = s.protocol == FLOOR_RPC_CO;
    if (SUCCEEDED(r.status) && floors >= 5 && ndr && connected) {
        read_floor(&r, &s);
        t.tcp = s.protocol == FLOOR_TCP;
        const uint8_t *port = ndr_read_bytes(&s.right, 2);
        t.port = (uint16_t)(port ? port[0] << 8 | port[1] : 0);
        read_floor(&r, &s);
        const uint8_t *address = ndr_read_bytes(&s.right, sizeof t.address);
        if (t.tcp && s.protocol == FLOOR_IP && address) {
            memcpy(t.address, address, sizeof t.address);
        } else {
            t.tcp = false;
        }
    }
    if (FAILED(r.status)) {
        return r.status;
    }
    *ret = t;
    return S_OK;
}
