/*
 * What a server answers to an activation: PropsOutInfo and ScmReplyInfo, [MS-DCOM]
 * 2.2.22.2.8 and 2.2.22.2.9, in this order, which clients rely on.
 */
#include "dcom/activation.h"

#include <string.h>

void dcom_activation_reply_done(struct dcom_activation_reply *r)
{
    for (uint32_t i = 0; i < r->result_count; i++) {
        free(r->results[i].objref);
    }
    free(r->results);
    dcom_bindings_done(&r->bindings);
    *r = (struct dcom_activation_reply){0};
}

/* ---- writing ---------------------------------------------------------------------------- */

static void write_props_out(struct ndr_writer *w, const struct dcom_activation_reply *y)
{
    size_t begun = ndr_write_type_begin(w);
    ndr_write_u32(w, y->result_count);
    (void)ndr_write_pointer(w, true);
    (void)ndr_write_pointer(w, true);
    (void)ndr_write_pointer(w, true);
    ndr_write_u32(w, y->result_count);
    for (uint32_t i = 0; i < y->result_count; i++) {
        ndr_write_guid(w, &y->results[i].iid);
    }
    ndr_write_u32(w, y->result_count);
    for (uint32_t i = 0; i < y->result_count; i++) {
        ndr_write_u32(w, (uint32_t)y->results[i].hr);
    }
    ndr_write_u32(w, y->result_count);
    for (uint32_t i = 0; i < y->result_count; i++) {
        (void)ndr_write_pointer(w, y->results[i].objref != NULL);
    }
    for (uint32_t i = 0; i < y->result_count; i++) {
        struct dcom_bytes bytes = {y->results[i].objref, y->results[i].objref_size};
        if (bytes.bytes) {
            dcom_write_interface_bytes(w, &bytes);
        }
    }
    ndr_write_type_end(w, begun);
}

static void write_scm_reply(struct ndr_writer *w, const struct dcom_activation_reply *y)
{
    size_t begun = ndr_write_type_begin(w);
    (void)ndr_write_pointer(w, false);
    (void)ndr_write_pointer(w, true);
    ndr_write_u64(w, y->oxid);
    (void)ndr_write_pointer(w, true);
    ndr_write_guid(w, &y->rem_unknown);
    ndr_write_u32(w, y->authn_hint);
    ndr_write_u16(w, y->version.major);
    ndr_write_u16(w, y->version.minor);
    dcom_bindings_write(w, &y->bindings);
    ndr_write_type_end(w, begun);
}

HRESULT dcom_activation_reply_write(const struct dcom_activation_reply *reply, uint8_t **ret,
                                    size_t *ret_size)
{
    struct activation_property p[] = {
        {.clsid = &dcom_clsid_properties_out}, /* CLSID_PropsOutInfo is the same */
        {.clsid = &dcom_clsid_scm_reply_info},
    };
    write_props_out(&p[0].writer, reply);
    write_scm_reply(&p[1].writer, reply);
    HRESULT hr = activation_blob_write(&dcom_iid_properties_out, &dcom_clsid_properties_out, p,
                                       ARRAYSIZE(p), ret, ret_size);
    for (size_t i = 0; i < ARRAYSIZE(p); i++) {
        ndr_writer_done(&p[i].writer);
    }
    return hr;
}

/* ---- reading ------------------------------------------------------------------------------ */

static void read_interface(struct ndr_reader *r, struct dcom_activation_result *result)
{
    struct dcom_bytes bytes = {0};
    dcom_read_interface_bytes(r, &bytes);
    if (FAILED(r->status)) {
        return;
    }
    result->objref = malloc(bytes.size + 1);
    if (!result->objref) {
        ndr_read_fail(r, E_OUTOFMEMORY);
        return;
    }
    memcpy(result->objref, bytes.bytes, bytes.size);
    result->objref_size = bytes.size;
}

static void read_results(struct ndr_reader *r, struct dcom_activation_reply *y)
{
    for (uint32_t i = 0; i < y->result_count; i++) {
        ndr_read_guid(r, &y->results[i].iid);
    }
    if (ndr_read_count(r, 4) != y->result_count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    for (uint32_t i = 0; i < y->result_count; i++) {
        y->results[i].hr = (HRESULT)ndr_read_u32(r);
    }
    if (ndr_read_count(r, 4) != y->result_count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    bool present[DCOM_ACTIVATION_INTERFACES];
    for (uint32_t i = 0; i < y->result_count; i++) {
        present[i] = ndr_read_pointer(r);
    }
    for (uint32_t i = 0; SUCCEEDED(r->status) && i < y->result_count; i++) {
        if (present[i]) {
            read_interface(r, &y->results[i]);
        }
    }
}

static void read_props_out(struct ndr_reader *r, struct dcom_activation_reply *y)
{
    uint32_t count = ndr_read_u32(r);
    bool iids = ndr_read_pointer(r);
    bool hresults = ndr_read_pointer(r);
    bool interfaces = ndr_read_pointer(r);
    if (!iids || !hresults || !interfaces || count == 0 || count > DCOM_ACTIVATION_INTERFACES ||
        ndr_read_count(r, sizeof(GUID)) != count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    if (FAILED(r->status)) {
        return;
    }
    y->results = calloc(count, sizeof *y->results);
    if (!y->results) {
        ndr_read_fail(r, E_OUTOFMEMORY);
        return;
    }
    y->result_count = count;
    read_results(r, y);
}

static void read_scm_reply(struct ndr_reader *r, struct dcom_activation_reply *y)
{
    (void)ndr_read_pointer(r);
    if (!ndr_read_pointer(r)) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    y->oxid = ndr_read_u64(r);
    bool bindings = ndr_read_pointer(r);
    ndr_read_guid(r, &y->rem_unknown);
    y->authn_hint = ndr_read_u32(r);
    y->version.major = ndr_read_u16(r);
    y->version.minor = ndr_read_u16(r);
    if (bindings) {
        dcom_bindings_read(r, &y->bindings);
    }
}

HRESULT dcom_activation_reply_read(const void *bytes, size_t size,
                                   struct dcom_activation_reply *ret)
{
    struct activation_blob blob;
    HRESULT hr = activation_blob_read(bytes, size, &dcom_clsid_properties_out, &blob);
    if (FAILED(hr)) {
        return hr;
    }
    struct dcom_activation_reply y = {0};
    struct ndr_reader r;
    if (!activation_blob_find(&blob, &dcom_clsid_properties_out, &r)) {
        hr = RPC_E_INVALID_OBJREF;
    } else {
        read_props_out(&r, &y);
        hr = r.status;
    }
    if (SUCCEEDED(hr)) {
        if (!activation_blob_find(&blob, &dcom_clsid_scm_reply_info, &r)) {
            hr = RPC_E_INVALID_OBJREF;
        } else {
            read_scm_reply(&r, &y);
            hr = r.status;
        }
    }
    dcom_objref_done(&blob.ref);
    if (FAILED(hr)) {
        dcom_activation_reply_done(&y);
        return hr == NDR_E_BAD_DATA ? RPC_E_INVALID_OBJREF : hr;
    }
    *ret = y;
    return S_OK;
}
