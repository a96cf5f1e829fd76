/*
 * Error objects beside a failed call: the error information extension of
 * ORPCTHAT, [MS-DCOM] 2.2.21.1 and 2.2.21.2.
 */
#include "dcom/dcom_private.h"

/* 2.2.21.2: whether a string follows. */
#define NO_STRING 0u
#define STRING_FOLLOWS 0xFFFFFFFFu

static const struct dcom_error_codec *registered; /* set before main() */

void dcom_set_error_codec(const struct dcom_error_codec *codec)
{
    registered = codec;
}

/* ---- reading ------------------------------------------------------------------------- */

/* An optional string; NULL for none. To free(). */
static wchar_t *read_string(struct ndr_reader *r)
{
    uint32_t signature = ndr_read_u32(r);
    if (signature == NO_STRING) {
        return NULL;
    }
    uint32_t maximum = ndr_read_u32(r);
    uint32_t offset = ndr_read_u32(r);
    uint32_t actual = ndr_read_u32(r);
    if (signature != STRING_FOLLOWS || offset != 0 || actual > maximum) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return NULL;
    }
    return ndr_read_utf16(r, actual);
}

static HRESULT read_plain(const uint8_t *bytes, size_t size, IErrorInfo **ret)
{
    struct ndr_reader r;
    ndr_reader_init(&r, bytes, size, NDR_DREP);
    r.packed = true;
    GUID iid;
    uint32_t version = ndr_read_u32(&r);
    uint32_t help_context = ndr_read_u32(&r);
    ndr_read_guid(&r, &iid);
    CLEANUP(com_cleanup_free) wchar_t *source = read_string(&r);
    CLEANUP(com_cleanup_free) wchar_t *description = read_string(&r);
    CLEANUP(com_cleanup_free) wchar_t *help_file = read_string(&r);
    if (FAILED(r.status) || version != 0) {
        return FAILED(r.status) ? r.status : RPC_E_INVALID_EXTENSION;
    }

    CLEANUP(com_cleanup_release) ICreateErrorInfo *create = NULL;
    HRESULT hr = CreateErrorInfo(&create);
    if (SUCCEEDED(hr)) {
        hr = ICreateErrorInfo_SetGUID(create, &iid);
    }
    if (SUCCEEDED(hr)) {
        hr = ICreateErrorInfo_SetHelpContext(create, help_context);
    }
    if (SUCCEEDED(hr) && source) {
        hr = ICreateErrorInfo_SetSource(create, source);
    }
    if (SUCCEEDED(hr) && description) {
        hr = ICreateErrorInfo_SetDescription(create, description);
    }
    if (SUCCEEDED(hr) && help_file) {
        hr = ICreateErrorInfo_SetHelpFile(create, help_file);
    }
    return FAILED(hr) ? hr : ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)ret);
}

static HRESULT read_objref(const uint8_t *bytes, size_t size, IErrorInfo **ret)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    HRESULT hr = dcom_objref_read(bytes, size, &ref);
    if (FAILED(hr) || ref.kind != DCOM_OBJREF_CUSTOM) {
        return FAILED(hr) ? hr : RPC_E_INVALID_OBJREF;
    }
    if (registered && IsEqualCLSID(&ref.clsid, registered->clsid)) {
        return registered->read(ref.data, ref.data_size, ret);
    }
    if (IsEqualCLSID(&ref.clsid, &dcom_clsid_error_object)) {
        return read_plain(ref.data, ref.data_size, ret);
    }
    return RPC_E_INVALID_OBJREF;
}

/* The extension's data is an MInterfacePointer without its pointer, as Windows sends it (the count,
 * then the reference), or the reference alone, as the specification has it. */
static bool starts_with_signature(const uint8_t *bytes, size_t size)
{
    return size >= 4 && bytes[0] == 'M' && bytes[1] == 'E' && bytes[2] == 'O' && bytes[3] == 'W';
}

HRESULT dcom_error_from_extents(const struct dcom_extent *extents, size_t count, IErrorInfo **ret)
{
    *ret = NULL;
    for (size_t i = 0; i < count; i++) {
        const uint8_t *data = extents[i].data;
        size_t size = extents[i].size;
        if (!IsEqualGUID(&extents[i].id, &dcom_error_extension)) {
            continue;
        }
        while (size > 8 && !starts_with_signature(data, size) && data - extents[i].data < 8) {
            data += 4;
            size -= 4;
        }
        if (SUCCEEDED(read_objref(data, size, ret))) {
            return S_OK;
        }
        *ret = NULL;
    }
    return S_FALSE;
}

/* ---- writing ------------------------------------------------------------------------- */

static void write_string(struct ndr_writer *w, const wchar_t *text)
{
    if (!text) {
        ndr_write_u32(w, NO_STRING);
        return;
    }
    ndr_write_u32(w, STRING_FOLLOWS);
    ndr_write_string(w, text);
}

static HRESULT write_plain(IErrorInfo *error, REFIID iid, struct ndr_writer *w)
{
    CLEANUP(com_cleanup_bstr) BSTR source = NULL;
    CLEANUP(com_cleanup_bstr) BSTR description = NULL;
    CLEANUP(com_cleanup_bstr) BSTR help_file = NULL;
    GUID guid = *iid;
    DWORD help_context = 0;
    (void)IErrorInfo_GetGUID(error, &guid);
    (void)IErrorInfo_GetSource(error, &source);
    (void)IErrorInfo_GetDescription(error, &description);
    (void)IErrorInfo_GetHelpFile(error, &help_file);
    (void)IErrorInfo_GetHelpContext(error, &help_context);
    if (IsEqualGUID(&guid, &GUID_NULL)) {
        guid = *iid;
    }
    ndr_write_u32(w, 0); /* dwVersion */
    ndr_write_u32(w, help_context);
    ndr_write_guid(w, &guid);
    write_string(w, source);
    write_string(w, description);
    write_string(w, help_file);
    return w->status;
}

HRESULT dcom_error_write(IErrorInfo *error, REFIID iid, uint8_t **ret, size_t *ret_size)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer w = {.packed = true};
    struct dcom_objref ref = {.kind = DCOM_OBJREF_CUSTOM, .iid = IID_IErrorInfo};
    HRESULT hr = S_FALSE;
    if (registered && registered->write) {
        hr = registered->write(error, &w);
        ref.clsid = *registered->clsid;
    }
    if (hr == S_FALSE) {
        ndr_writer_done(&w);
        hr = write_plain(error, iid, &w);
        ref.clsid = dcom_clsid_error_object;
    }
    if (FAILED(hr)) {
        return hr;
    }
    ref.data = w.data;
    ref.data_size = w.size;
    return dcom_objref_write(&ref, ret, ret_size);
}
