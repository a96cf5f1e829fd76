/*
 * ORPCTHIS and ORPCTHAT, which go before the arguments and before the results
 * of each call: [MS-DCOM] 2.2.13, 2.2.21.
 */
#include "dcom/dcom_private.h"

/* ---- extensions: ORPC_EXTENT_ARRAY ------------------------------------------------ */

static uint32_t padded(uint32_t size)
{
    return (size + 7) & ~7u;
}

static void write_extents(struct ndr_writer *w, const struct dcom_extent *extents, size_t count)
{
    if (!ndr_write_pointer(w, count > 0)) {
        return;
    }
    /* The array has an even number of pointers, each extent's data a multiple of 8 bytes. */
    uint32_t pointers = ((uint32_t)count + 1) & ~1u;
    ndr_write_u32(w, (uint32_t)count);
    ndr_write_u32(w, 0); /* reserved */
    (void)ndr_write_pointer(w, true);
    ndr_write_u32(w, pointers);
    for (uint32_t i = 0; i < pointers; i++) {
        (void)ndr_write_pointer(w, i < count);
    }
    for (size_t i = 0; i < count; i++) {
        if (extents[i].size > UINT32_MAX - 7) {
            ndr_write_fail(w, E_INVALIDARG);
            return;
        }
        uint32_t room = padded(extents[i].size);
        ndr_write_u32(w, room); /* of the conformant structure */
        ndr_write_guid(w, &extents[i].id);
        ndr_write_u32(w, extents[i].size);
        ndr_write_bytes(w, extents[i].data, extents[i].size);
        (void)ndr_write_space(w, room - extents[i].size);
    }
}

static void read_extent(struct ndr_reader *r, struct dcom_extent *extents, size_t *count)
{
    struct dcom_extent e = {0};
    uint32_t room = ndr_read_u32(r);
    ndr_read_guid(r, &e.id);
    e.size = ndr_read_u32(r);
    e.data = ndr_read_bytes(r, room);
    if (room < e.size) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    if (SUCCEEDED(r->status) && *count < DCOM_EXTENTS) {
        extents[(*count)++] = e;
    }
}

static void read_extents(struct ndr_reader *r, struct dcom_extent *extents, size_t *ret_count)
{
    *ret_count = 0;
    if (!ndr_read_pointer(r)) {
        return;
    }
    uint32_t size = ndr_read_u32(r);
    (void)ndr_read_u32(r);
    if (!ndr_read_pointer(r)) {
        return;
    }
    uint32_t pointers = ndr_read_count(r, 4);
    if (size > pointers) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    const uint8_t *ids = ndr_read_bytes(r, (size_t)pointers * 4);
    for (uint32_t i = 0; SUCCEEDED(r->status) && i < pointers; i++) {
        const uint8_t *id = ids + (size_t)i * 4;
        if ((id[0] | id[1] | id[2] | id[3]) != 0) {
            read_extent(r, extents, ret_count);
        }
    }
    if (FAILED(r->status)) {
        *ret_count = 0;
    }
}

/* ---- this and that ------------------------------------------------------------------ */

void dcom_this_write(struct ndr_writer *w, const struct dcom_this *value)
{
    ndr_write_align(w, 4);
    ndr_write_u16(w, value->version.major);
    ndr_write_u16(w, value->version.minor);
    ndr_write_u32(w, value->flags);
    ndr_write_u32(w, 0); /* reserved1 */
    ndr_write_guid(w, &value->causality);
    write_extents(w, value->extents, value->extent_count);
}

void dcom_this_read(struct ndr_reader *r, struct dcom_this *ret)
{
    *ret = (struct dcom_this){0};
    ndr_read_align(r, 4);
    ret->version.major = ndr_read_u16(r);
    ret->version.minor = ndr_read_u16(r);
    ret->flags = ndr_read_u32(r);
    (void)ndr_read_u32(r);
    ndr_read_guid(r, &ret->causality);
    read_extents(r, ret->extents, &ret->extent_count);
}

void dcom_that_write(struct ndr_writer *w, const struct dcom_that *value)
{
    ndr_write_u32(w, value->flags);
    write_extents(w, value->extents, value->extent_count);
}

void dcom_that_read(struct ndr_reader *r, struct dcom_that *ret)
{
    *ret = (struct dcom_that){0};
    ret->flags = ndr_read_u32(r);
    read_extents(r, ret->extents, &ret->extent_count);
}

HRESULT dcom_version_agree(struct dcom_version theirs, struct dcom_version *ret)
{
    if (theirs.major != DCOM_VERSION_MAJOR) {
        return RPC_E_VERSION_MISMATCH;
    }
    *ret = theirs;
    if (ret->minor > DCOM_VERSION_MINOR) {
        ret->minor = DCOM_VERSION_MINOR;
    }
    return S_OK;
}
