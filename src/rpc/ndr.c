/*
 * Writing NDR. Everything goes through reserve(), which makes the room; a count
 * of bytes never wraps, since the memory for it was had.
 */
#include "rpc/ndr.h"

#include "com/com.h"
#include "rpc/ndr_private.h"

#include <string.h>

void ndr_deferred_free(struct ndr_deferred *first)
{
    while (first) {
        struct ndr_deferred *next = first->next;
        free(first);
        first = next;
    }
}

void ndr_writer_done(struct ndr_writer *w)
{
    bool packed = w->packed;
    ndr_deferred_free(w->first);
    free(w->data);
    *w = (struct ndr_writer){.packed = packed};
}

void ndr_write_fail(struct ndr_writer *w, HRESULT hr)
{
    if (SUCCEEDED(w->status)) {
        w->status = hr;
    }
}

/* Room for `size` more bytes, zeroed and counted; NULL after a failure. */
static uint8_t *reserve(struct ndr_writer *w, size_t size)
{
    if (FAILED(w->status)) {
        return NULL;
    }
    if (!w->data || size > w->capacity - w->size) {
        size_t capacity = w->capacity ? w->capacity : 128;
        while (capacity - w->size < size && capacity <= SIZE_MAX / 2) {
            capacity *= 2;
        }
        uint8_t *data = capacity - w->size < size ? NULL : realloc(w->data, capacity);
        if (!data) {
            w->status = E_OUTOFMEMORY;
            return NULL;
        }
        w->data = data;
        w->capacity = capacity;
    }
    uint8_t *at = w->data + w->size;
    memset(at, 0, size);
    w->size += size;
    return at;
}

HRESULT ndr_writer_take(struct ndr_writer *w, uint8_t **ret, size_t *size)
{
    (void)reserve(w, 0);
    HRESULT hr = w->status;
    if (SUCCEEDED(hr)) {
        *size = w->size;
        *ret = TAKE(w->data);
    }
    ndr_writer_done(w);
    return hr;
}

void ndr_write_align(struct ndr_writer *w, size_t alignment)
{
    if (!w->packed) {
        (void)reserve(w, (0 - (w->size - w->base)) & (alignment - 1));
    }
}

size_t ndr_write_space(struct ndr_writer *w, size_t size)
{
    size_t offset = w->size;
    (void)reserve(w, size);
    return offset;
}

void ndr_write_bytes(struct ndr_writer *w, const void *bytes, size_t size)
{
    uint8_t *at = reserve(w, size);
    if (at && size > 0) {
        memcpy(at, bytes, size);
    }
}

static void put_little(uint8_t *at, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

static void write_number(struct ndr_writer *w, uint64_t value, size_t size)
{
    ndr_write_align(w, size);
    uint8_t *at = reserve(w, size);
    if (at) {
        put_little(at, value, size);
    }
}

void ndr_write_u8(struct ndr_writer *w, uint8_t value)
{
    write_number(w, value, 1);
}

void ndr_write_u16(struct ndr_writer *w, uint16_t value)
{
    write_number(w, value, 2);
}

void ndr_write_u32(struct ndr_writer *w, uint32_t value)
{
    write_number(w, value, 4);
}

void ndr_write_u64(struct ndr_writer *w, uint64_t value)
{
    write_number(w, value, 8);
}

void ndr_write_double(struct ndr_writer *w, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    ndr_write_u64(w, bits);
}

void ndr_write_guid(struct ndr_writer *w, const GUID *value)
{
    ndr_write_u32(w, value->Data1);
    ndr_write_u16(w, value->Data2);
    ndr_write_u16(w, value->Data3);
    ndr_write_bytes(w, value->Data4, sizeof value->Data4);
}

void ndr_write_count(struct ndr_writer *w, size_t count)
{
    if (count > UINT32_MAX) {
        ndr_write_fail(w, E_INVALIDARG);
        return;
    }
    ndr_write_u32(w, (uint32_t)count);
}

void ndr_put_u32(struct ndr_writer *w, size_t offset, uint32_t value)
{
    if (SUCCEEDED(w->status)) {
        put_little(w->data + offset, value, 4);
    }
}

bool ndr_write_pointer(struct ndr_writer *w, bool present)
{
    /* Any number but 0 will do, each once in a stub (C706 14.3.10). */
    ndr_write_u32(w, present ? 0x00020000u + 4 * w->referents++ : 0);
    return present;
}

void ndr_write_defer(struct ndr_writer *w, ndr_write_fn *write, const void *pointee)
{
    if (!ndr_write_pointer(w, pointee != NULL) || FAILED(w->status)) {
        return;
    }
    struct ndr_deferred *d = calloc(1, sizeof(*d));
    if (!d) {
        w->status = E_OUTOFMEMORY;
        return;
    }
    d->write = write;
    d->pointee = pointee;
    if (w->last) {
        w->last->next = d;
    } else {
        w->first = d;
    }
    w->last = d;
}

void ndr_write_deferred(struct ndr_writer *w)
{
    /* Each pointee with what it points to, before the next one: its own queue. */
    struct ndr_deferred *d = TAKE(w->first);
    w->last = NULL;
    while (d && SUCCEEDED(w->status)) {
        struct ndr_deferred *next = d->next;
        d->write(w, d->pointee);
        free(d);
        d = next;
        if (w->first) {
            ndr_write_deferred(w);
        }
    }
    ndr_deferred_free(d);
}

void ndr_write_byte_array(struct ndr_writer *w, const void *bytes, size_t size)
{
    ndr_write_count(w, size);
    ndr_write_bytes(w, bytes, size);
}

void ndr_write_utf16(struct ndr_writer *w, const wchar_t *text, size_t length)
{
    uint8_t *at = reserve(w, 2 * com_utf16_length_of_wide(text, length));
    if (at) {
        (void)com_utf16_put_wide(at, text, length);
    }
}

void ndr_write_string(struct ndr_writer *w, const wchar_t *text)
{
    size_t length = wcslen(text);
    size_t units = com_utf16_length_of_wide(text, length) + 1;
    ndr_write_count(w, units);
    ndr_write_u32(w, 0);
    ndr_write_count(w, units);
    ndr_write_utf16(w, text, length);
    ndr_write_u16(w, 0);
}

size_t ndr_write_type_begin(struct ndr_writer *w)
{
    /* [MS-RPCE] 2.2.6.1: version, endianness, header length, filler. */
    static const uint8_t common[8] = {1, 0x10, 8, 0, 0xCC, 0xCC, 0xCC, 0xCC};
    ndr_write_bytes(w, common, sizeof common);
    /* 2.2.6.2: the length of the type, and filler. */
    size_t length = ndr_write_space(w, 8);
    w->base = w->size;
    return length;
}

void ndr_write_type_end(struct ndr_writer *w, size_t begun)
{
    size_t filled = w->size - w->base;
    (void)reserve(w, (0 - filled) & 7);
    if (w->size - w->base > UINT32_MAX) {
        ndr_write_fail(w, E_INVALIDARG);
    }
    ndr_put_u32(w, begun, (uint32_t)(w->size - w->base));
    w->base = 0;
}
