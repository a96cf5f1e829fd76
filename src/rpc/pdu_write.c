/*
 * Writing PDUs, always little-endian.
 */
#include "com/com.h"
#include "object/bytes.h"
#include "rpc/pdu.h"

#include <string.h>

static void put_header(uint8_t *at, enum pdu_type type, uint8_t flags, uint32_t call_id)
{
    static const uint8_t begin[4] = {5, 0, 0, 0};
    memcpy(at, begin, sizeof begin);
    at[2] = (uint8_t)type;
    at[3] = flags;
    put_u32(at + 4, NDR_DREP);
    put_u32(at + 8, 0);
    put_u32(at + 12, call_id);
}

void pdu_write_header(struct ndr_writer *w, enum pdu_type type, uint8_t flags, uint32_t call_id)
{
    size_t offset = ndr_write_space(w, PDU_HEADER_SIZE);
    if (SUCCEEDED(w->status)) {
        put_header(w->data + offset, type, flags, call_id);
    }
}

void pdu_write_auth(struct ndr_writer *w, uint8_t type, uint8_t level, uint32_t context_id,
                    const void *token, size_t size)
{
    size_t before = w->size;
    ndr_write_align(w, 4);
    size_t pad = w->size - before;
    ndr_write_u8(w, type);
    ndr_write_u8(w, level);
    ndr_write_u8(w, (uint8_t)pad);
    ndr_write_u8(w, 0);
    ndr_write_u32(w, context_id);
    ndr_write_bytes(w, token, size);
}

void pdu_put_lengths(uint8_t *at, size_t length, size_t auth_length)
{
    put_u16(at + 8, (uint16_t)length);
    put_u16(at + 10, (uint16_t)auth_length);
}

void pdu_finish(struct ndr_writer *w, size_t auth_length)
{
    /* A ticket with much authorization data may not fit: Windows itself sends bind PDUs beyond the
     * negotiated size then, up to what 16 bits hold. */
    if (w->size > UINT16_MAX || auth_length > UINT16_MAX) {
        ndr_write_fail(w, HRESULT_FROM_WIN32(RPC_S_SEC_PKG_ERROR));
    }
    if (SUCCEEDED(w->status)) {
        pdu_put_lengths(w->data, w->size, auth_length);
    }
}

static void write_syntax(struct ndr_writer *w, const struct rpc_syntax *s)
{
    ndr_write_guid(w, &s->uuid);
    ndr_write_u32(w, s->major | (uint32_t)s->minor << 16);
}

static void write_context(struct ndr_writer *w, uint16_t id, const struct rpc_syntax *abstract,
                          const struct rpc_syntax *transfer)
{
    ndr_write_u16(w, id);
    ndr_write_u8(w, 1);
    ndr_write_u8(w, 0);
    write_syntax(w, abstract);
    write_syntax(w, transfer);
}

void pdu_write_bind(struct ndr_writer *w, uint32_t group, uint16_t context_id,
                    const struct rpc_syntax *abstract, bool with_features)
{
    static const struct rpc_syntax features = {
        {0x6cb71c2c, 0x9812, 0x4540, {PDU_FEATURES, 0, 0, 0, 0, 0, 0, 0}}, 1, 0};
    ndr_write_u16(w, PDU_FRAGMENT_SIZE);
    ndr_write_u16(w, PDU_FRAGMENT_SIZE);
    ndr_write_u32(w, group);
    ndr_write_u32(w, with_features ? 2 : 1);
    write_context(w, context_id, abstract, &pdu_ndr);
    if (with_features) {
        write_context(w, (uint16_t)(context_id + 1), abstract, &features);
    }
}

void pdu_write_bind_ack(struct ndr_writer *w, uint16_t max_send, uint16_t max_receive,
                        uint32_t group, const char *address, const struct pdu_result *results,
                        unsigned count)
{
    size_t length = address[0] ? strlen(address) + 1 : 0;
    ndr_write_u16(w, max_send);
    ndr_write_u16(w, max_receive);
    ndr_write_u32(w, group);
    ndr_write_u16(w, (uint16_t)length);
    ndr_write_bytes(w, address, length);
    ndr_write_align(w, 4);
    ndr_write_u32(w, count);
    for (unsigned i = 0; i < count; i++) {
        ndr_write_u16(w, results[i].result);
        ndr_write_u16(w, results[i].reason);
        write_syntax(w, &results[i].transfer);
    }
}

void pdu_write_bind_nak(struct ndr_writer *w, uint16_t reason)
{
    ndr_write_u16(w, reason);
    ndr_write_u8(w, 1); /* the one protocol version we speak: 5.0 */
    ndr_write_u8(w, 5);
    ndr_write_u8(w, 0);
    ndr_write_u8(w, 0);
    ndr_write_u16(w, 0);
}

size_t pdu_put_request(uint8_t *at, uint8_t flags, uint32_t call_id, uint32_t alloc_hint,
                       uint16_t context_id, uint16_t opnum, const GUID *object)
{
    put_header(at, PDU_REQUEST, (uint8_t)(flags | (object ? PFC_OBJECT : 0)), call_id);
    put_u32(at + 16, alloc_hint);
    put_u16(at + 20, context_id);
    put_u16(at + 22, opnum);
    if (!object) {
        return PDU_REQUEST_SIZE;
    }
    put_u32(at + 24, object->Data1);
    put_u16(at + 28, object->Data2);
    put_u16(at + 30, object->Data3);
    memcpy(at + 32, object->Data4, 8);
    return PDU_REQUEST_SIZE + sizeof(GUID);
}

size_t pdu_put_response(uint8_t *at, uint8_t flags, uint32_t call_id, uint32_t alloc_hint,
                        uint16_t context_id)
{
    put_header(at, PDU_RESPONSE, flags, call_id);
    put_u32(at + 16, alloc_hint);
    put_u16(at + 20, context_id);
    put_u16(at + 22, 0);
    return PDU_RESPONSE_SIZE;
}

size_t pdu_put_fault(uint8_t *at, uint8_t flags, uint32_t call_id, uint16_t context_id,
                     uint32_t status)
{
    put_header(at, PDU_FAULT, flags, call_id);
    put_u32(at + 16, 32); /* [MS-RPCE] 2.2.2.8: no extended error information */
    put_u16(at + 20, context_id);
    put_u16(at + 22, 0);
    put_u32(at + 24, status);
    put_u32(at + 28, 0);
    return 32;
}

/* ---- verification trailer ------------------------------------------------------------- */

static const uint8_t signature[8] = {0x8a, 0xe3, 0x13, 0x71, 0x02, 0xf4, 0x36, 0x71};
/* 2.2.2.13.2: commands, and flags beside them. */
enum {
    BITMASK_1 = 1,
    PCONTEXT = 2,
    HEADER2 = 3
};
#define LAST_COMMAND 0x4000u
#define MUST_PROCESS 0x8000u
#define COMMAND_MASK 0x3fffu
#define CLIENT_HEADER_SIGN 0x1u
/* No trailer with the commands that exist is larger. */
#define TRAILER_MAX 256

void pdu_write_verification(struct ndr_writer *w, const struct pdu_verified *v)
{
    ndr_write_align(w, 4);
    ndr_write_bytes(w, signature, sizeof signature);
    ndr_write_u16(w, BITMASK_1);
    ndr_write_u16(w, 4);
    ndr_write_u32(w, v->header_sign ? CLIENT_HEADER_SIGN : 0);
    ndr_write_u16(w, PCONTEXT);
    ndr_write_u16(w, 40);
    write_syntax(w, v->abstract);
    write_syntax(w, &pdu_ndr);
    ndr_write_u16(w, HEADER2 | LAST_COMMAND);
    ndr_write_u16(w, 16);
    ndr_write_u32(w, PDU_REQUEST);
    ndr_write_u32(w, v->drep);
    ndr_write_u32(w, v->call_id);
    ndr_write_u16(w, v->context_id);
    ndr_write_u16(w, v->opnum);
}

static bool pcontext_fits(struct ndr_reader *r, const struct pdu_verified *v)
{
    const struct rpc_syntax *const expected[] = {v->abstract, &pdu_ndr};
    bool fits = true;
    for (size_t i = 0; i < ARRAYSIZE(expected); i++) {
        GUID uuid;
        ndr_read_guid(r, &uuid);
        uint32_t version = ndr_read_u32(r);
        fits = fits && IsEqualGUID(&uuid, &expected[i]->uuid) &&
               version == (expected[i]->major | (uint32_t)expected[i]->minor << 16);
    }
    return fits;
}

static bool header_fits(const uint8_t *at, const struct pdu_verified *v)
{
    struct ndr_reader r;
    ndr_reader_init(&r, at, 16, v->drep);
    (void)ndr_read_bytes(&r, 8);
    uint32_t call_id = ndr_read_u32(&r);
    uint16_t context_id = ndr_read_u16(&r);
    uint16_t opnum = ndr_read_u16(&r);
    return at[0] == PDU_REQUEST && get_u32(at + 4) == v->drep && call_id == v->call_id &&
           context_id == v->context_id && opnum == v->opnum;
}

/* Commands that fill the bytes exactly? *fits: and what they say is so. */
static bool read_commands(const uint8_t *bytes, size_t size, const struct pdu_verified *v,
                          bool *fits)
{
    struct ndr_reader r;
    ndr_reader_init(&r, bytes, size, v->drep);
    *fits = true;
    for (;;) {
        uint16_t command = ndr_read_u16(&r);
        uint16_t length = ndr_read_u16(&r);
        const uint8_t *value = ndr_read_bytes(&r, length);
        if (!value || length % 4 != 0) {
            return false;
        }
        struct ndr_reader inner;
        ndr_reader_init(&inner, value, length, v->drep);
        unsigned kind = command & COMMAND_MASK;
        if (kind == PCONTEXT && length == 40) {
            *fits = pcontext_fits(&inner, v) && *fits;
        } else if (kind == HEADER2 && length == 16) {
            *fits = header_fits(value, v) && *fits;
        } else if (kind == BITMASK_1 && length == 4) {
            /* Who could have signed headers has said so in its bind: 2.2.2.13.2. */
            *fits = *fits && (v->header_sign || !(ndr_read_u32(&inner) & CLIENT_HEADER_SIGN));
        } else {
            *fits = *fits && !(command & MUST_PROCESS);
        }
        if (command & LAST_COMMAND) {
            return ndr_read_left(&r) == 0;
        }
    }
}

HRESULT pdu_check_verification(const uint8_t *stub, size_t *size, const struct pdu_verified *v)
{
    /* Padding may stand before it, so it is looked for, from the end: it has to fill what is left
     * of the stub. The signature stands at a multiple of 4. */
    size_t end = *size, least = end > TRAILER_MAX ? end - TRAILER_MAX : 0;
    if (end < sizeof signature) {
        return S_FALSE;
    }
    for (size_t at = (end - sizeof signature) & ~(size_t)3; at + 4 > least; at -= 4) {
        bool fits;
        if (memcmp(stub + at, signature, sizeof signature) == 0 &&
            read_commands(stub + at + 8, end - at - 8, v, &fits)) {
            *size = at;
            return fits ? S_OK : E_ACCESSDENIED;
        }
        if (at == 0) {
            break;
        }
    }
    return S_FALSE;
}
