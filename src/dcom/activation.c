/*
 * What a client asks of an activation: the properties of [MS-DCOM] 2.2.22.2.1
 * to 2.2.22.2.7, and the BLOB that carries them or the answer.
 */
#include "dcom/activation.h"

#include <string.h>

/* 2.2.28.1: MAX_ACTPROP_LIMIT. */
#define MAX_PROPERTIES 10
/* 2.2.22.1: MSHCTX_DIFFERENTMACHINE, as Windows sends it. */
#define OTHER_MACHINE 2

/* ---- the BLOB ------------------------------------------------------------------------- */

static void write_header(struct ndr_writer *w, const struct activation_property *properties,
                         uint32_t count, uint32_t header_size)
{
    uint32_t total = header_size;
    for (uint32_t i = 0; i < count; i++) {
        total += (uint32_t)properties[i].writer.size;
    }
    size_t begun = ndr_write_type_begin(w);
    ndr_write_u32(w, total);
    ndr_write_u32(w, header_size);
    ndr_write_u32(w, 0);
    ndr_write_u32(w, OTHER_MACHINE);
    ndr_write_u32(w, count);
    ndr_write_guid(w, &GUID_NULL);
    (void)ndr_write_pointer(w, true);
    (void)ndr_write_pointer(w, true);
    (void)ndr_write_pointer(w, false);
    ndr_write_u32(w, count);
    for (uint32_t i = 0; i < count; i++) {
        ndr_write_guid(w, properties[i].clsid);
    }
    ndr_write_u32(w, count);
    for (uint32_t i = 0; i < count; i++) {
        ndr_write_u32(w, (uint32_t)properties[i].writer.size);
    }
    ndr_write_type_end(w, begun);
}

HRESULT activation_blob_write(REFIID iid, REFCLSID clsid, struct activation_property *properties,
                              uint32_t count, uint8_t **ret, size_t *ret_size)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer sizing = {0};
    write_header(&sizing, properties, count, 0);
    if (sizing.size > UINT32_MAX / 2) {
        return E_INVALIDARG;
    }
    uint32_t total = (uint32_t)sizing.size;
    for (uint32_t i = 0; i < count; i++) {
        if (FAILED(properties[i].writer.status)) {
            return properties[i].writer.status;
        }
        if (properties[i].writer.size > UINT32_MAX / 2 - total) {
            return E_INVALIDARG;
        }
        total += (uint32_t)properties[i].writer.size;
    }
    ndr_write_u32(&w, total);
    ndr_write_u32(&w, 0);
    write_header(&w, properties, count, (uint32_t)sizing.size);
    for (uint32_t i = 0; i < count; i++) {
        ndr_write_bytes(&w, properties[i].writer.data, properties[i].writer.size);
    }
    if (FAILED(w.status)) {
        return w.status;
    }
    struct dcom_objref ref = {.kind = DCOM_OBJREF_CUSTOM,
                              .iid = *iid,
                              .clsid = *clsid,
                              .data = w.data,
                              .data_size = w.size};
    return dcom_objref_write(&ref, ret, ret_size);
}

/* The CLSIDs and sizes of CustomHeader, and the size of it all. */
static void read_header(struct ndr_reader *outer, struct activation_blob *blob, uint32_t *sizes,
                        uint32_t *header_size)
{
    struct ndr_reader r;
    ndr_read_type(outer, &r);
    (void)ndr_read_u32(&r); /* totalSize */
    *header_size = ndr_read_u32(&r);
    (void)ndr_read_u32(&r);
    (void)ndr_read_u32(&r); /* destCtx */
    blob->count = ndr_read_u32(&r);
    GUID class_info;
    ndr_read_guid(&r, &class_info);
    bool clsids = ndr_read_pointer(&r);
    bool has_sizes = ndr_read_pointer(&r);
    (void)ndr_read_pointer(&r);
    if (blob->count == 0 || blob->count > MAX_PROPERTIES || !clsids || !has_sizes ||
        ndr_read_count(&r, sizeof(GUID)) != blob->count) {
        ndr_read_fail(&r, NDR_E_BAD_DATA);
    }
    for (uint32_t i = 0; SUCCEEDED(r.status) && i < blob->count; i++) {
        ndr_read_guid(&r, &blob->properties[i].clsid);
    }
    if (ndr_read_count(&r, 4) != blob->count) {
        ndr_read_fail(&r, NDR_E_BAD_DATA);
    }
    for (uint32_t i = 0; SUCCEEDED(r.status) && i < blob->count; i++) {
        sizes[i] = ndr_read_u32(&r);
    }
    ndr_read_fail(outer, r.status);
}

HRESULT activation_blob_read(const void *bytes, size_t size, REFCLSID clsid,
                             struct activation_blob *ret)
{
    uint32_t sizes[MAX_PROPERTIES];
    uint32_t header_size = 0;
    *ret = (struct activation_blob){0};
    HRESULT hr = dcom_objref_read(bytes, size, &ret->ref);
    if (FAILED(hr)) {
        return hr;
    }
    struct ndr_reader r;
    ndr_reader_init(&r, ret->ref.data, ret->ref.data_size, NDR_DREP);
    if (ret->ref.kind != DCOM_OBJREF_CUSTOM || !IsEqualCLSID(&ret->ref.clsid, clsid)) {
        ndr_read_fail(&r, RPC_E_INVALID_OBJREF);
    }
    (void)ndr_read_u32(&r); /* dwSize */
    (void)ndr_read_u32(&r);
    size_t begun = r.offset;
    read_header(&r, ret, sizes, &header_size);
    /* The header says itself where it ends. */
    if (SUCCEEDED(r.status) && (header_size < r.offset - begun || header_size > r.size - begun)) {
        ndr_read_fail(&r, RPC_E_INVALID_OBJREF);
    }
    if (SUCCEEDED(r.status)) {
        r.offset = begun + header_size;
    }
    for (uint32_t i = 0; SUCCEEDED(r.status) && i < ret->count; i++) {
        ret->properties[i].size = sizes[i];
        ret->properties[i].bytes = ndr_read_bytes(&r, sizes[i]);
    }
    if (FAILED(r.status)) {
        dcom_objref_done(&ret->ref);
        return r.status == E_OUTOFMEMORY ? E_OUTOFMEMORY : RPC_E_INVALID_OBJREF;
    }
    return S_OK;
}

bool activation_blob_find(const struct activation_blob *blob, REFCLSID clsid,
                          struct ndr_reader *ret)
{
    for (uint32_t i = 0; i < blob->count; i++) {
        if (IsEqualCLSID(&blob->properties[i].clsid, clsid)) {
            struct ndr_reader outer;
            ndr_reader_init(&outer, blob->properties[i].bytes, blob->properties[i].size, NDR_DREP);
            ndr_read_type(&outer, ret);
            return true;
        }
    }
    return false;
}

/* ---- properties of the request, written -------------------------------------------------- */

/* 2.2.22.2.1 */
static void write_instantiation(struct ndr_writer *w, const struct dcom_activation_request *q,
                                uint32_t this_size)
{
    size_t begun = ndr_write_type_begin(w);
    ndr_write_guid(w, &q->clsid);
    ndr_write_u32(w, q->class_context);
    ndr_write_u32(w, q->flags);
    ndr_write_u32(w, 0); /* fIsSurrogate */
    ndr_write_u32(w, q->iid_count);
    ndr_write_u32(w, 0); /* instFlag */
    (void)ndr_write_pointer(w, true);
    ndr_write_u32(w, this_size);
    ndr_write_u16(w, q->client_version.major);
    ndr_write_u16(w, q->client_version.minor);
    ndr_write_u32(w, q->iid_count);
    for (uint32_t i = 0; i < q->iid_count; i++) {
        ndr_write_guid(w, &q->iids[i]);
    }
    ndr_write_type_end(w, begun);
}

/* 2.2.20: a context without properties, by value. */
static HRESULT context_objref(uint8_t **ret, size_t *ret_size)
{
    GUID id;
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {.packed = true};
    HRESULT hr = CoCreateGuid(&id);
    if (FAILED(hr)) {
        return hr;
    }
    ndr_write_u16(&w, 1); /* MajorVersion */
    ndr_write_u16(&w, 1); /* MinVersion */
    ndr_write_guid(&w, &id);
    ndr_write_u32(&w, 2); /* Flags: CTXMSHLFLAGS_BYVAL */
    ndr_write_u32(&w, 0); /* Reserved */
    ndr_write_u32(&w, 0); /* dwNumExtents */
    ndr_write_u32(&w, 0); /* cbExtents */
    ndr_write_u32(&w, 0); /* MshlFlags */
    ndr_write_u32(&w, 0); /* Count */
    ndr_write_u32(&w, 1); /* Frozen */
    if (FAILED(w.status)) {
        return w.status;
    }
    struct dcom_objref ref = {.kind = DCOM_OBJREF_CUSTOM,
                              .iid = dcom_iid_context,
                              .clsid = dcom_clsid_context_marshaler,
                              .data = w.data,
                              .data_size = w.size};
    return dcom_objref_write(&ref, ret, ret_size);
}

/* 2.2.22.2.5 */
static void write_context(struct ndr_writer *w)
{
    CLEANUP(com_cleanup_free) uint8_t *context = NULL;
    size_t size = 0;
    HRESULT hr = context_objref(&context, &size);
    if (FAILED(hr)) {
        ndr_write_fail(w, hr);
        return;
    }
    struct dcom_bytes bytes = {context, size};
    size_t begun = ndr_write_type_begin(w);
    (void)ndr_write_space(w, 16); /* clientOK and three reserved fields */
    (void)ndr_write_pointer(w, true);
    (void)ndr_write_pointer(w, false); /* no prototype context */
    dcom_write_interface_bytes(w, &bytes);
    ndr_write_type_end(w, begun);
}

/* 2.2.22.2.6 */
static void write_location(struct ndr_writer *w)
{
    size_t begun = ndr_write_type_begin(w);
    (void)ndr_write_space(w, 16);
    ndr_write_type_end(w, begun);
}

/* 2.2.22.2.4 */
static void write_scm_request(struct ndr_writer *w, const struct dcom_activation_request *q)
{
    size_t begun = ndr_write_type_begin(w);
    (void)ndr_write_pointer(w, false);
    (void)ndr_write_pointer(w, true);
    ndr_write_u32(w, q->imp_level);
    ndr_write_u16(w, q->protseq_count);
    if (ndr_write_pointer(w, q->protseq_count > 0)) {
        ndr_write_u32(w, q->protseq_count);
        for (uint16_t i = 0; i < q->protseq_count; i++) {
            ndr_write_u16(w, q->protseqs[i]);
        }
    }
    ndr_write_type_end(w, begun);
}

/* 2.2.22.2.2 */
static void write_special(struct ndr_writer *w, const struct dcom_activation_request *q)
{
    size_t begun = ndr_write_type_begin(w);
    ndr_write_u32(w, 0xFFFFFFFF); /* dwSessionId: none in particular */
    ndr_write_u32(w, 0);          /* fRemoteThisSessionId */
    ndr_write_u32(w, 0);          /* fClientImpersonating */
    ndr_write_u32(w, 0);          /* fPartitionIDPresent */
    ndr_write_u32(w, q->default_authn_level);
    ndr_write_guid(w, &GUID_NULL);
    ndr_write_u32(w, 0); /* dwPRTFlags */
    ndr_write_u32(w, q->class_context);
    ndr_write_u32(w, 0); /* dwFlags */
    ndr_write_u32(w, 0);
    ndr_write_u64(w, 0);
    (void)ndr_write_space(w, 20);
    ndr_write_type_end(w, begun);
}

/* 2.2.22.2.7 */
static void write_security(struct ndr_writer *w, const struct dcom_activation_request *q)
{
    size_t begun = ndr_write_type_begin(w);
    ndr_write_u32(w, 0); /* dwAuthnFlags */
    if (ndr_write_pointer(w, q->server != NULL)) {
        (void)ndr_write_pointer(w, false);
        ndr_write_u32(w, 0); /* COSERVERINFO.dwReserved1 */
        (void)ndr_write_pointer(w, true);
        (void)ndr_write_pointer(w, false);
        ndr_write_u32(w, 0);
        ndr_write_string(w, q->server);
    } else {
        (void)ndr_write_pointer(w, false);
    }
    ndr_write_type_end(w, begun);
}

HRESULT dcom_activation_request_write(const struct dcom_activation_request *request, REFIID iid,
                                      uint8_t **ret, size_t *ret_size)
{
    if (request->iid_count == 0 || request->iid_count > DCOM_ACTIVATION_INTERFACES ||
        request->protseq_count > DCOM_ACTIVATION_PROTSEQS) {
        return E_INVALIDARG;
    }
    struct activation_property p[] = {
        {.clsid = &dcom_clsid_special_properties},      {.clsid = &dcom_clsid_instantiation_info},
        {.clsid = &dcom_clsid_activation_context_info}, {.clsid = &dcom_clsid_security_info},
        {.clsid = &dcom_clsid_server_location_info},    {.clsid = &dcom_clsid_scm_request_info},
    };
    struct ndr_writer sizing = {0};
    write_special(&p[0].writer, request);
    write_instantiation(&sizing, request, 0);
    write_instantiation(&p[1].writer, request, (uint32_t)sizing.size);
    write_context(&p[2].writer);
    write_security(&p[3].writer, request);
    write_location(&p[4].writer);
    write_scm_request(&p[5].writer, request);
    HRESULT hr =
        activation_blob_write(iid, &dcom_clsid_properties_in, p, ARRAYSIZE(p), ret, ret_size);
    ndr_writer_done(&sizing);
    for (size_t i = 0; i < ARRAYSIZE(p); i++) {
        ndr_writer_done(&p[i].writer);
    }
    return hr;
}

/* ---- properties of the request, read --------------------------------------------------------- */

static void read_instantiation(struct ndr_reader *r, struct dcom_activation_request *q)
{
    ndr_read_guid(r, &q->clsid);
    q->class_context = ndr_read_u32(r);
    q->flags = ndr_read_u32(r);
    (void)ndr_read_u32(r);
    uint32_t count = ndr_read_u32(r);
    (void)ndr_read_u32(r); /* instFlag */
    bool present = ndr_read_pointer(r);
    (void)ndr_read_u32(r); /* thisSize */
    q->client_version.major = ndr_read_u16(r);
    q->client_version.minor = ndr_read_u16(r);
    if (!present || count == 0 || ndr_read_count(r, sizeof(GUID)) != count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    if (count > DCOM_ACTIVATION_INTERFACES) {
        ndr_read_fail(r, E_INVALIDARG);
    }
    for (uint32_t i = 0; SUCCEEDED(r->status) && i < count; i++) {
        ndr_read_guid(r, &q->iids[i]);
        q->iid_count = i + 1;
    }
}

static void read_scm_request(struct ndr_reader *r, struct dcom_activation_request *q)
{
    (void)ndr_read_pointer(r);
    if (!ndr_read_pointer(r)) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    q->imp_level = ndr_read_u32(r);
    uint16_t count = ndr_read_u16(r);
    if (!ndr_read_pointer(r) || FAILED(r->status)) {
        return;
    }
    if (ndr_read_count(r, 2) != count) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
    }
    for (uint16_t i = 0; SUCCEEDED(r->status) && i < count; i++) {
        uint16_t protseq = ndr_read_u16(r);
        if (q->protseq_count < DCOM_ACTIVATION_PROTSEQS) {
            q->protseqs[q->protseq_count++] = protseq;
        }
    }
}

static void read_special(struct ndr_reader *r, struct dcom_activation_request *q)
{
    (void)ndr_read_bytes(r, 16);
    q->default_authn_level = ndr_read_u32(r);
}

static void read_security(struct ndr_reader *r, struct dcom_activation_request *q)
{
    (void)ndr_read_u32(r);
    bool info = ndr_read_pointer(r);
    (void)ndr_read_pointer(r);
    if (!info) {
        return;
    }
    (void)ndr_read_u32(r);
    bool name = ndr_read_pointer(r);
    (void)ndr_read_pointer(r);
    (void)ndr_read_u32(r);
    if (name) {
        q->server = ndr_read_string(r);
    }
}

/* 2.2.22.2.3: only whether it asks for a persistent object, which no class of ours is. */
static void read_instance(struct ndr_reader *r, struct dcom_activation_request *q)
{
    bool file = ndr_read_pointer(r);
    (void)ndr_read_u32(r); /* mode */
    bool rot = ndr_read_pointer(r);
    bool storage = ndr_read_pointer(r);
    q->has_instance_info = SUCCEEDED(r->status) && (file || rot || storage);
}

void dcom_activation_request_done(struct dcom_activation_request *r)
{
    free(r->server);
    *r = (struct dcom_activation_request){0};
}

HRESULT dcom_activation_request_read(const void *bytes, size_t size,
                                     struct dcom_activation_request *ret)
{
    static const struct {
        const CLSID *clsid;
        void (*read)(struct ndr_reader *r, struct dcom_activation_request *q);
        bool required; /* 3.1.2.5.2.3.3 */
    } known[] = {
        {&dcom_clsid_instantiation_info, read_instantiation, true},
        {&dcom_clsid_scm_request_info, read_scm_request, true},
        {&dcom_clsid_special_properties, read_special, false},
        {&dcom_clsid_security_info, read_security, false},
        {&dcom_clsid_instance_info, read_instance, false},
    };
    struct activation_blob blob;
    HRESULT hr = activation_blob_read(bytes, size, &dcom_clsid_properties_in, &blob);
    if (FAILED(hr)) {
        return hr;
    }
    struct dcom_activation_request q = {0};
    for (size_t i = 0; SUCCEEDED(hr) && i < ARRAYSIZE(known); i++) {
        struct ndr_reader r;
        if (activation_blob_find(&blob, known[i].clsid, &r)) {
            known[i].read(&r, &q);
            hr = r.status;
        } else if (known[i].required) {
            hr = E_INVALIDARG;
        }
    }
    dcom_objref_done(&blob.ref);
    if (FAILED(hr)) {
        dcom_activation_request_done(&q);
        return hr == NDR_E_BAD_DATA ? RPC_E_INVALID_OBJREF : hr;
    }
    *ret = q;
    return S_OK;
}
