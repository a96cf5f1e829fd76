/*
 * The activation properties BLOB ([MS-DCOM] 2.2.22), as request and answer share it.
 */
#ifndef WBEM_DCOM_ACTIVATION_H
#define WBEM_DCOM_ACTIVATION_H

#include "dcom/dcom_private.h"

/* One to be written: the bytes of its type serialization. */
struct activation_property {
    const CLSID *clsid;
    struct ndr_writer writer;
};
/* The OBJREF_CUSTOM of the properties, to free(). */
HRESULT activation_blob_write(REFIID iid, REFCLSID clsid, struct activation_property *properties,
                              uint32_t count, uint8_t **ret, size_t *ret_size);

struct activation_blob {
    struct dcom_objref ref; /* owned: has the bytes */
    uint32_t count;
    struct {
        CLSID clsid;
        const uint8_t *bytes;
        uint32_t size;
    } properties[10]; /* 2.2.28.1: MAX_ACTPROP_LIMIT */
};
HRESULT activation_blob_read(const void *bytes, size_t size, REFCLSID clsid,
                             struct activation_blob *ret);
/* A reader of the first property of a kind. */
bool activation_blob_find(const struct activation_blob *blob, REFCLSID clsid,
                          struct ndr_reader *ret);

#endif
