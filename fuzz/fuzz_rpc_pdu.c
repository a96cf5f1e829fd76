/*
 * Every PDU of RPC taken apart as it comes, the verification trailer, and NDR:
 * read without harm; numbers that were read are written as the same bytes.
 */
#include "fuzz.h"

#include "com/com.h"
#include "rpc/pdu.h"

static void read_bind(const struct pdu *p, bool ack)
{
    struct pdu_bind bind;
    HRESULT hr = ack ? pdu_read_bind_ack(p, &bind) : pdu_read_bind(p, &bind);
    for (unsigned i = 0; SUCCEEDED(hr) && i < bind.count; i++) {
        struct pdu_context c;
        struct pdu_result r;
        hr = ack ? pdu_read_result(&bind, &r) : pdu_read_context(&bind, &c);
    }
}

static void read_pdu(uint8_t *bytes, size_t size)
{
    struct pdu p;
    uint16_t reason;
    struct pdu_request q;
    struct pdu_response r;
    if (FAILED(pdu_read(bytes, size, &p))) {
        return;
    }
    FUZZ_ASSERT(p.body_end <= size && p.auth_pad <= p.body_end);
    read_bind(&p, false);
    read_bind(&p, true);
    (void)pdu_read_bind_nak(&p, &reason);
    (void)pdu_read_response(&p, &r);
    if (SUCCEEDED(pdu_read_request(&p, &q))) {
        FUZZ_ASSERT(q.header_size <= p.body_end);
        struct pdu_verified v = {.abstract = &pdu_ndr, .drep = p.drep};
        size_t left = p.body_end - q.header_size, before = left;
        HRESULT hr = pdu_check_verification(bytes + q.header_size, &left, &v);
        FUZZ_ASSERT(left <= before && (hr != S_FALSE || left == before));
    }
}

static void read_tree(struct ndr_reader *r, void *target)
{
    unsigned *budget = target;
    for (unsigned n = ndr_read_count(r, 4); n > 0 && *budget > 0 && SUCCEEDED(r->status); n--) {
        --*budget;
        (void)ndr_read_defer(r, read_tree, target);
    }
}

static void read_ndr(const uint8_t *data, size_t size, uint32_t drep)
{
    CLEANUP(ndr_cleanup_reader) struct ndr_reader r = {0};
    struct ndr_reader inner;
    unsigned budget = 1000;
    uint32_t count;
    GUID guid;
    ndr_reader_init(&r, data, size, drep);
    while (ndr_read_left(&r) > 0) {
        switch (ndr_read_u8(&r) % 8) {
        case 0:
            (void)ndr_read_u64(&r);
            break;
        case 1:
            free(ndr_read_string(&r));
            break;
        case 2:
            (void)ndr_read_byte_array(&r, &count);
            break;
        case 3:
            ndr_read_guid(&r, &guid);
            break;
        case 4:
            read_tree(&r, &budget);
            ndr_read_deferred(&r);
            break;
        case 5:
            ndr_read_type(&r, &inner);
            free(ndr_read_string(&inner));
            break;
        default:
            free(ndr_read_utf16(&r, ndr_read_u16(&r)));
            break;
        }
    }
    FUZZ_ASSERT(r.status == S_OK || r.status == NDR_E_BAD_DATA || r.status == E_OUTOFMEMORY);
}

/* What aligned numbers of a kind say comes out as it went in. */
static void write_again(const uint8_t *data, size_t size)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    struct ndr_reader r;
    ndr_reader_init(&r, data, size & ~(size_t)3, NDR_DREP);
    while (ndr_read_left(&r) > 0) {
        ndr_write_u32(&w, ndr_read_u32(&r));
    }
    FUZZ_ASSERT(FAILED(w.status) || w.size == (size & ~(size_t)3));
    FUZZ_ASSERT(w.size == 0 || memcmp(w.data, data, w.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    FUZZ_ASSERT(copy != NULL);
    memcpy(copy, data, size);
    read_pdu(copy, size);
    free(copy);
    read_ndr(data, size, NDR_DREP);
    read_ndr(data, size, 0);
    write_again(data, size);
    return 0;
}
