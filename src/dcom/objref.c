/*
 * OBJREF, [MS-DCOM] 2.2.18, and MInterfacePointer around it, 2.2.14. OBJREF is
 * little-endian and packed whatever the data representation of the call.
 */
#include "dcom/dcom_private.h"

#include <string.h>

#define OBJREF_SIGNATURE 0x574F454Du   /* "MEOW" */
#define EXTENDED_SIGNATURE 0x4E535956u /* "VYSN", 2.2.18.7 */

void dcom_objref_done(struct dcom_objref *ref)
{
    dcom_bindings_done(&ref->resolver);
    free(ref->data);
    *ref = (struct dcom_objref){0};
}

/* ---- reading -------------------------------------------------------------------- */

static void read_std(struct ndr_reader *r, struct dcom_stdobjref *ret)
{
    ret->flags = ndr_read_u32(r);
    ret->public_refs = ndr_read_u32(r);
    ret->oxid = ndr_read_u64(r);
    ret->oid = ndr_read_u64(r);
    ndr_read_guid(r, &ret->ipid);
}

static void read_data(struct ndr_reader *r, size_t size, struct dcom_objref *ret)
{
    const uint8_t *bytes = ndr_read_bytes(r, size);
    if (!bytes) {
        return;
    }
    ret->data = malloc(size + 1);
    if (!ret->data) {
        ndr_read_fail(r, E_OUTOFMEMORY);
        return;
    }
    memcpy(ret->data, bytes, size);
    ret->data_size = size;
}

/* 2.2.18.6. What follows the data belongs to nobody: Windows sends its size in the reserved field,
 * others do not. */
static void read_custom(struct ndr_reader *r, struct dcom_objref *ret)
{
    ndr_read_guid(r, &ret->clsid);
    uint32_t extension = ndr_read_u32(r);
    (void)ndr_read_u32(r); /* reserved */
    if (extension != 0) {  /* MUST be zero: there is no extension */
        (void)ndr_read_bytes(r, extension);
    }
    read_data(r, ndr_read_left(r), ret);
}

/* 2.2.18.7: one element, the envoy context. */
static void read_extended(struct ndr_reader *r, struct dcom_objref *ret)
{
    read_std(r, &ret->std);
    if (ndr_read_u32(r) != EXTENDED_SIGNATURE) {
        ndr_read_fail(r, RPC_E_INVALID_OBJREF);
    }
    dcom_bindings_read_packed(r, &ret->resolver);
    uint32_t elements = ndr_read_u32(r);
    if (ndr_read_u32(r) != EXTENDED_SIGNATURE || elements != 1) {
        ndr_read_fail(r, RPC_E_INVALID_OBJREF);
    }
    ndr_read_guid(r, &ret->clsid); /* dataID */
    uint32_t size = ndr_read_u32(r);
    uint32_t rounded = ndr_read_u32(r);
    if (rounded < size) {
        ndr_read_fail(r, RPC_E_INVALID_OBJREF);
    }
    read_data(r, size, ret);
}

HRESULT dcom_objref_read(const void *bytes, size_t size, struct dcom_objref *ret)
{
    struct dcom_objref ref = {0};
    struct ndr_reader r;
    ndr_reader_init(&r, bytes, size, NDR_DREP);
    r.packed = true;
    uint32_t signature = ndr_read_u32(&r);
    ref.kind = ndr_read_u32(&r);
    ndr_read_guid(&r, &ref.iid);
    if (signature != OBJREF_SIGNATURE) {
        ndr_read_fail(&r, RPC_E_INVALID_OBJREF);
    }
    /* 3.2.4.1.2: a wrong signature, or any but one known flag, is refused. */
    switch (ref.kind) {
    case DCOM_OBJREF_STANDARD:
        read_std(&r, &ref.std);
        dcom_bindings_read_packed(&r, &ref.resolver);
        break;
    case DCOM_OBJREF_HANDLER:
        read_std(&r, &ref.std);
        ndr_read_guid(&r, &ref.clsid);
        dcom_bindings_read_packed(&r, &ref.resolver);
        break;
    case DCOM_OBJREF_CUSTOM:
        read_custom(&r, &ref);
        break;
    case DCOM_OBJREF_EXTENDED:
        read_extended(&r, &ref);
        break;
    default:
        ndr_read_fail(&r, RPC_E_INVALID_OBJREF);
        break;
    }
    if (FAILED(r.status)) {
        dcom_objref_done(&ref);
        return r.status == E_OUTOFMEMORY ? E_OUTOFMEMORY : RPC_E_INVALID_OBJREF;
    }
    *ret = ref;
    return S_OK;
}

/* ---- writing -------------------------------------------------------------------- */

static void write_std(struct ndr_writer *w, const struct dcom_stdobjref *std)
{
    ndr_write_u32(w, std->flags);
    ndr_write_u32(w, std->public_refs);
    ndr_write_u64(w, std->oxid);
    ndr_write_u64(w, std->oid);
    ndr_write_guid(w, &std->ipid);
}

static void write_custom(struct ndr_writer *w, const struct dcom_objref *ref)
{
    ndr_write_guid(w, &ref->clsid);
    ndr_write_u32(w, 0);                /* cbExtension */
    ndr_write_count(w, ref->data_size); /* 2.2.18.6: ignored; Windows puts the size here */
    ndr_write_bytes(w, ref->data, ref->data_size);
}

static void write_extended(struct ndr_writer *w, const struct dcom_objref *ref)
{
    write_std(w, &ref->std);
    ndr_write_u32(w, EXTENDED_SIGNATURE);
    dcom_bindings_write_packed(w, &ref->resolver);
    ndr_write_u32(w, 1);
    ndr_write_u32(w, EXTENDED_SIGNATURE);
    ndr_write_guid(w, &ref->clsid);
    ndr_write_count(w, ref->data_size);
    size_t rounded = (ref->data_size + 7) & ~(size_t)7;
    ndr_write_count(w, rounded);
    ndr_write_bytes(w, ref->data, ref->data_size);
    (void)ndr_write_space(w, rounded - ref->data_size);
}

HRESULT dcom_objref_write(const struct dcom_objref *ref, uint8_t **ret, size_t *ret_size)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {.packed = true};
    ndr_write_u32(&w, OBJREF_SIGNATURE);
    ndr_write_u32(&w, ref->kind);
    ndr_write_guid(&w, &ref->iid);
    switch (ref->kind) {
    case DCOM_OBJREF_STANDARD:
        write_std(&w, &ref->std);
        dcom_bindings_write_packed(&w, &ref->resolver);
        break;
    case DCOM_OBJREF_HANDLER:
        write_std(&w, &ref->std);
        ndr_write_guid(&w, &ref->clsid);
        dcom_bindings_write_packed(&w, &ref->resolver);
        break;
    case DCOM_OBJREF_CUSTOM:
        write_custom(&w, ref);
        break;
    case DCOM_OBJREF_EXTENDED:
        write_extended(&w, ref);
        break;
    default:
        return E_INVALIDARG;
    }
    return ndr_writer_take(&w, ret, ret_size);
}

/* ---- MInterfacePointer ------------------------------------------------------------ */

void dcom_write_interface_bytes(struct ndr_writer *w, const void *dcom_bytes)
{
    const struct dcom_bytes *b = dcom_bytes;
    ndr_write_count(w, b->size); /* of the conformant array, then ulCntData */
    ndr_write_byte_array(w, b->bytes, b->size);
}

void dcom_write_objref(struct ndr_writer *w, const void *objref)
{
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    size_t size = 0;
    HRESULT hr = dcom_objref_write(objref, &bytes, &size);
    if (FAILED(hr)) {
        ndr_write_fail(w, hr);
        return;
    }
    struct dcom_bytes b = {bytes, size};
    dcom_write_interface_bytes(w, &b);
}

void dcom_read_interface_bytes(struct ndr_reader *r, void *dcom_bytes)
{
    struct dcom_bytes *b = dcom_bytes;
    uint32_t conformance = ndr_read_u32(r);
    uint32_t size;
    b->bytes = ndr_read_byte_array(r, &size);
    b->size = size;
    if (conformance != size) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    if (FAILED(r->status)) {
        *b = (struct dcom_bytes){0};
    }
}

void dcom_read_objref(struct ndr_reader *r, struct dcom_objref *ret, bool *ret_null)
{
    *ret = (struct dcom_objref){0};
    *ret_null = true;
    struct dcom_bytes b = {0};
    if (!ndr_read_pointer(r)) {
        return;
    }
    dcom_read_interface_bytes(r, &b);
    if (FAILED(r->status)) {
        return;
    }
    HRESULT hr = dcom_objref_read(b.bytes, b.size, ret);
    if (FAILED(hr)) {
        ndr_read_fail(r, hr);
        return;
    }
    *ret_null = false;
}
