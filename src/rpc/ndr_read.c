/*
 * Reading NDR. Everything goes through take(), which gives bytes that are
 * there or fails; no count is believed before the bytes for it were seen.
 */
#include "com/com.h"
#include "rpc/ndr.h"
#include "rpc/ndr_private.h"

#include <string.h>

#define DEEPEST_POINTEE 64

void ndr_reader_init(struct ndr_reader *r, const void *data, size_t size, uint32_t drep)
{
    *r = (struct ndr_reader){.data = data, .size = size};
    /* C706 14.1: the high half of the first octet is the integers' order, the low half the
     * characters' code; the second octet is the floats'. We know ASCII and IEEE. */
    unsigned order = (drep >> 4) & 0xF;
    r->big_endian = order == 0;
    if (order > 1 || (drep & 0xF) != 0 || ((drep >> 8) & 0xFF) != 0) {
        r->status = NDR_E_BAD_DATA;
    }
}

void ndr_reader_done(struct ndr_reader *r)
{
    ndr_deferred_free(TAKE(r->first));
    r->last = NULL;
}

void ndr_read_fail(struct ndr_reader *r, HRESULT hr)
{
    if (SUCCEEDED(r->status)) {
        r->status = hr;
    }
}

size_t ndr_read_left(const struct ndr_reader *r)
{
    return FAILED(r->status) ? 0 : r->size - r->offset;
}

/* The next `size` bytes, or NULL and a failure. */
static const uint8_t *take(struct ndr_reader *r, size_t size)
{
    if (FAILED(r->status)) {
        return NULL;
    }
    if (size > r->size - r->offset) {
        r->status = NDR_E_BAD_DATA;
        return NULL;
    }
    const uint8_t *at = r->data + r->offset;
    r->offset += size;
    return at;
}

void ndr_read_align(struct ndr_reader *r, size_t alignment)
{
    if (!r->packed) {
        (void)take(r, (0 - (r->offset - r->base)) & (alignment - 1));
    }
}

static uint64_t read_number(struct ndr_reader *r, size_t size)
{
    ndr_read_align(r, size);
    const uint8_t *at = take(r, size);
    uint64_t value = 0;
    for (size_t i = 0; at && i < size; i++) {
        value |= (uint64_t)at[r->big_endian ? size - 1 - i : i] << (8 * i);
    }
    return value;
}

uint8_t ndr_read_u8(struct ndr_reader *r)
{
    return (uint8_t)read_number(r, 1);
}

uint16_t ndr_read_u16(struct ndr_reader *r)
{
    return (uint16_t)read_number(r, 2);
}

uint32_t ndr_read_u32(struct ndr_reader *r)
{
    return (uint32_t)read_number(r, 4);
}

uint64_t ndr_read_u64(struct ndr_reader *r)
{
    return read_number(r, 8);
}

double ndr_read_double(struct ndr_reader *r)
{
    uint64_t bits = ndr_read_u64(r);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void ndr_read_guid(struct ndr_reader *r, GUID *ret)
{
    memset(ret, 0, sizeof(*ret));
    ret->Data1 = ndr_read_u32(r);
    ret->Data2 = ndr_read_u16(r);
    ret->Data3 = ndr_read_u16(r);
    const uint8_t *rest = take(r, sizeof ret->Data4);
    if (rest) {
        memcpy(ret->Data4, rest, sizeof ret->Data4);
    } else {
        memset(ret, 0, sizeof(*ret));
    }
}

const uint8_t *ndr_read_bytes(struct ndr_reader *r, size_t size)
{
    return take(r, size);
}

uint32_t ndr_read_count(struct ndr_reader *r, size_t element_size)
{
    uint32_t count = ndr_read_u32(r);
    /* [MS-RPCE] allows 2^31-1 elements; we believe no count that the bytes still to come could
     * not hold. */
    if (count > ndr_read_left(r) / element_size) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return 0;
    }
    return count;
}

bool ndr_read_pointer(struct ndr_reader *r)
{
    return ndr_read_u32(r) != 0;
}

bool ndr_read_defer(struct ndr_reader *r, ndr_read_fn *read, void *target)
{
    if (!ndr_read_pointer(r)) {
        return false;
    }
    struct ndr_deferred *d = calloc(1, sizeof(*d));
    if (!d) {
        ndr_read_fail(r, E_OUTOFMEMORY);
        return false;
    }
    d->read = read;
    d->target = target;
    if (r->last) {
        r->last->next = d;
    } else {
        r->first = d;
    }
    r->last = d;
    return true;
}

void ndr_read_deferred(struct ndr_reader *r)
{
    struct ndr_deferred *d = TAKE(r->first);
    r->last = NULL;
    if (d && ++r->depth > DEEPEST_POINTEE) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    bool deeper = d != NULL;
    while (d && SUCCEEDED(r->status)) {
        struct ndr_deferred *next = d->next;
        d->read(r, d->target);
        free(d);
        d = next;
        if (r->first) {
            ndr_read_deferred(r);
        }
    }
    ndr_deferred_free(d);
    r->depth -= deeper;
}

const uint8_t *ndr_read_byte_array(struct ndr_reader *r, uint32_t *count)
{
    *count = ndr_read_count(r, 1);
    const uint8_t *bytes = take(r, *count);
    if (!bytes) {
        *count = 0;
    }
    return bytes;
}

/* Text from bytes of the other order. */
static wchar_t *wide_of_swapped(const uint8_t *bytes, size_t units)
{
    CLEANUP(com_cleanup_free) uint8_t *swapped = malloc(2 * units + 1);
    if (!swapped) {
        return NULL;
    }
    for (size_t i = 0; i < units; i++) {
        swapped[2 * i] = bytes[2 * i + 1];
        swapped[2 * i + 1] = bytes[2 * i];
    }
    size_t length = com_wide_length_of_utf16(swapped, units);
    wchar_t *text = malloc((length + 1) * sizeof(wchar_t));
    if (text) {
        *com_wide_put_utf16(text, swapped, units) = 0;
    }
    return text;
}

wchar_t *ndr_read_utf16(struct ndr_reader *r, size_t units)
{
    if (units > ndr_read_left(r) / 2) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return NULL;
    }
    const uint8_t *bytes = take(r, 2 * units);
    if (!bytes) {
        return NULL;
    }
    wchar_t *text;
    if (r->big_endian) {
        text = wide_of_swapped(bytes, units);
    } else {
        size_t length = com_wide_length_of_utf16(bytes, units);
        text = malloc((length + 1) * sizeof(wchar_t));
        if (text) {
            *com_wide_put_utf16(text, bytes, units) = 0;
        }
    }
    if (!text) {
        ndr_read_fail(r, E_OUTOFMEMORY);
    }
    return text;
}

wchar_t *ndr_read_string(struct ndr_reader *r)
{
    uint32_t maximum = ndr_read_u32(r);
    uint32_t offset = ndr_read_u32(r);
    uint32_t actual = ndr_read_u32(r);
    if (offset != 0 || actual > maximum) { /* C706 14.3.4.2: strings begin at their beginning */
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return NULL;
    }
    return ndr_read_utf16(r, actual);
}

void ndr_read_type(struct ndr_reader *r, struct ndr_reader *inner)
{
    /* [MS-RPCE] 2.2.6.1 and 2.2.6.2; both headers are in the order that the first one names. */
    const uint8_t *common = take(r, 8);
    const uint8_t *private_header = take(r, 8);
    *inner = (struct ndr_reader){.status = NDR_E_BAD_DATA};
    if (!common || !private_header) {
        return;
    }
    bool big = common[1] == 0;
    if (common[0] != 1 || (common[1] != 0x10 && !big)) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return;
    }
    struct ndr_reader header;
    ndr_reader_init(&header, private_header, 8, common[1]);
    uint32_t length = ndr_read_u32(&header);
    const uint8_t *bytes = take(r, length);
    if (bytes) {
        ndr_reader_init(inner, bytes, length, common[1]);
    }
}
