/*
 * Reading PDUs. Numbers come in the sender's byte order (C706 14.1).
 */
#include "rpc/pdu.h"

#include "com/com.h"
#include "object/bytes.h"

#include <string.h>

#define BAD_PDU HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR)

const struct rpc_syntax pdu_ndr = {
    {0x8a885d04, 0x1ceb, 0x11c9, {0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60}}, 2, 0};
const struct rpc_syntax pdu_ndr64 = {
    {0x71710533, 0xbeba, 0x4937, {0x83, 0x19, 0xb5, 0xdb, 0xef, 0x9c, 0xcc, 0x36}}, 1, 0};

/* [MS-RPCE] 3.3.1.5.3: the first half of a UUID whose second half is bits. */
static const struct rpc_syntax features = {{0x6cb71c2c, 0x9812, 0x4540, {0}}, 1, 0};

bool rpc_syntax_equal(const struct rpc_syntax *a, const struct rpc_syntax *b)
{
    return IsEqualGUID(&a->uuid, &b->uuid) && a->major == b->major && a->minor == b->minor;
}

static bool is_type(uint8_t type)
{
    return type == PDU_REQUEST || type == PDU_RESPONSE || type == PDU_FAULT ||
           (type >= PDU_BIND && type <= PDU_ORPHANED);
}

HRESULT pdu_read_header(const uint8_t bytes[PDU_HEADER_SIZE], struct pdu *ret)
{
    *ret = (struct pdu){0};
    struct ndr_reader r;
    ndr_reader_init(&r, bytes, PDU_HEADER_SIZE, get_u32(bytes + 4));
    uint8_t major = ndr_read_u8(&r);
    uint8_t minor = ndr_read_u8(&r);
    uint8_t type = ndr_read_u8(&r);
    ret->flags = ndr_read_u8(&r);
    (void)ndr_read_bytes(&r, 4);
    ret->drep = get_u32(bytes + 4);
    ret->length = ndr_read_u16(&r);
    ret->auth_length = ndr_read_u16(&r);
    ret->call_id = ndr_read_u32(&r);
    ret->type = (enum pdu_type)type;
    if (FAILED(r.status) || major != 5 || minor > 1 || !is_type(type) ||
        ret->length < PDU_HEADER_SIZE) {
        return BAD_PDU;
    }
    if (ret->auth_length > 0 &&
        ret->auth_length + PDU_TRAILER_SIZE > ret->length - PDU_HEADER_SIZE) {
        return BAD_PDU;
    }
    return S_OK;
}

HRESULT pdu_read(uint8_t *bytes, size_t size, struct pdu *ret)
{
    HRESULT hr = size < PDU_HEADER_SIZE ? BAD_PDU : pdu_read_header(bytes, ret);
    if (FAILED(hr) || ret->length != size) {
        return BAD_PDU;
    }
    ret->bytes = bytes;
    ret->body_end = size;
    if (ret->auth_length == 0) {
        return S_OK;
    }
    ret->body_end = size - ret->auth_length - PDU_TRAILER_SIZE;
    struct ndr_reader r;
    ndr_reader_init(&r, bytes + ret->body_end, PDU_TRAILER_SIZE, ret->drep);
    ret->auth_type = ndr_read_u8(&r);
    ret->auth_level = ndr_read_u8(&r);
    ret->auth_pad = ndr_read_u8(&r);
    (void)ndr_read_u8(&r);
    ret->auth_context_id = ndr_read_u32(&r);
    ret->token = bytes + ret->body_end + PDU_TRAILER_SIZE;
    return ret->auth_pad > ret->body_end - PDU_HEADER_SIZE ? BAD_PDU : r.status;
}

/* The body, alignment counted from the start of the PDU. */
static struct ndr_reader body_of(const struct pdu *p)
{
    struct ndr_reader r;
    size_t end = p->body_end - p->auth_pad;
    ndr_reader_init(&r, p->bytes, end, p->drep);
    r.offset = PDU_HEADER_SIZE;
    return r;
}

static void read_syntax(struct ndr_reader *r, struct rpc_syntax *ret)
{
    ndr_read_guid(r, &ret->uuid);
    uint32_t version = ndr_read_u32(r); /* major below, minor above: C706 12.6.3.1 */
    ret->major = (uint16_t)version;
    ret->minor = (uint16_t)(version >> 16);
}

static HRESULT status_of(const struct ndr_reader *r)
{
    return FAILED(r->status) ? BAD_PDU : S_OK;
}

HRESULT pdu_read_bind(const struct pdu *p, struct pdu_bind *ret)
{
    struct ndr_reader r = body_of(p);
    ret->max_send = ndr_read_u16(&r);
    ret->max_receive = ndr_read_u16(&r);
    ret->group = ndr_read_u32(&r);
    ret->count = ndr_read_u8(&r);
    (void)ndr_read_bytes(&r, 3);
    ret->reader = r;
    return status_of(&r);
}

static bool is_features(const struct rpc_syntax *s)
{
    return memcmp(&s->uuid, &features.uuid, 8) == 0 && s->major == 1 && s->minor == 0;
}

HRESULT pdu_read_context(struct pdu_bind *bind, struct pdu_context *ret)
{
    struct ndr_reader *r = &bind->reader;
    *ret = (struct pdu_context){0};
    ret->id = ndr_read_u16(r);
    ret->count = ndr_read_u8(r);
    (void)ndr_read_u8(r);
    read_syntax(r, &ret->abstract);
    for (unsigned i = 0; i < ret->count && SUCCEEDED(r->status); i++) {
        struct rpc_syntax s;
        read_syntax(r, &s);
        ret->ndr = ret->ndr || rpc_syntax_equal(&s, &pdu_ndr);
        if (is_features(&s) && ret->count == 1) {
            ret->features = true;
            ret->bits = s.uuid.Data4[0];
        }
    }
    return status_of(r);
}

HRESULT pdu_read_bind_ack(const struct pdu *p, struct pdu_bind *ret)
{
    struct ndr_reader r = body_of(p);
    ret->max_send = ndr_read_u16(&r);
    ret->max_receive = ndr_read_u16(&r);
    ret->group = ndr_read_u32(&r);
    (void)ndr_read_bytes(&r, ndr_read_u16(&r)); /* secondary address: of no use on TCP */
    ndr_read_align(&r, 4);
    ret->count = ndr_read_u8(&r);
    (void)ndr_read_bytes(&r, 3);
    ret->reader = r;
    return status_of(&r);
}

HRESULT pdu_read_result(struct pdu_bind *ack, struct pdu_result *ret)
{
    ret->result = ndr_read_u16(&ack->reader);
    ret->reason = ndr_read_u16(&ack->reader);
    read_syntax(&ack->reader, &ret->transfer);
    return status_of(&ack->reader);
}

HRESULT pdu_read_bind_nak(const struct pdu *p, uint16_t *reason)
{
    struct ndr_reader r = body_of(p);
    *reason = ndr_read_u16(&r);
    return status_of(&r);
}

HRESULT pdu_read_request(const struct pdu *p, struct pdu_request *ret)
{
    /* auth_pad is not taken off: it is encrypted along with the stub. */
    struct ndr_reader r;
    ndr_reader_init(&r, p->bytes, p->body_end, p->drep);
    r.offset = PDU_HEADER_SIZE;
    *ret = (struct pdu_request){0};
    ret->alloc_hint = ndr_read_u32(&r);
    ret->context_id = ndr_read_u16(&r);
    ret->opnum = ndr_read_u16(&r);
    ret->has_object = (p->flags & PFC_OBJECT) != 0;
    if (ret->has_object) {
        ndr_read_guid(&r, &ret->object);
    }
    ret->header_size = r.offset;
    return status_of(&r);
}

HRESULT pdu_read_response(const struct pdu *p, struct pdu_response *ret)
{
    struct ndr_reader r;
    ndr_reader_init(&r, p->bytes, p->body_end, p->drep);
    r.offset = PDU_HEADER_SIZE;
    *ret = (struct pdu_response){0};
    ret->alloc_hint = ndr_read_u32(&r);
    ret->context_id = ndr_read_u16(&r);
    ret->cancel_count = ndr_read_u8(&r);
    (void)ndr_read_u8(&r);
    if (p->type == PDU_FAULT) {
        ret->status = ndr_read_u32(&r);
    }
    return status_of(&r);
}
