/* The types of [MS-WMI]'s methods in NDR; see marshal.h. */
#include "wire/marshal.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "dcom/dcom.h"
#include "object/object.h"
#include "wire/wire.h"

/* The unmarshalers that [MS-WMI] 2.2.4 and 2.2.13 name: of class objects, of contexts. */
static const CLSID clsid_object = {
    0x4590f812, 0x1d3a, 0x11d0, {0x89, 0x1f, 0x00, 0xaa, 0x00, 0x4b, 0x2e, 0x24}};
static const CLSID clsid_context = {
    0x674b6698, 0xee92, 0x11d0, {0xad, 0x71, 0x00, 0xc0, 0x4f, 0xd8, 0xfd, 0xff}};

/* ---- strings ------------------------------------------------------------------------ */

static size_t units_of(const wchar_t *text, size_t length)
{
    size_t units = length;
    for (size_t i = 0; i < length; i++) {
        units += (uint32_t)text[i] > 0xffff;
    }
    return units;
}

/* FLAGGED_WORD_BLOB: maximum count, cBytes, clSize, the words. */
void wire_write_bstr(struct ndr_writer *w, const wchar_t *text)
{
    if (!ndr_write_pointer(w, text != NULL)) {
        return;
    }
    size_t length = wcslen(text), units = units_of(text, length);
    if (units > INT32_MAX / 2) {
        ndr_write_fail(w, E_INVALIDARG);
        return;
    }
    ndr_write_u32(w, (uint32_t)units);
    ndr_write_u32(w, (uint32_t)units * 2);
    ndr_write_u32(w, (uint32_t)units);
    ndr_write_utf16(w, text, length);
}

BSTR wire_read_bstr(struct ndr_reader *r)
{
    if (!ndr_read_pointer(r)) {
        return NULL;
    }
    uint32_t room = ndr_read_count(r, 2);
    uint32_t bytes = ndr_read_u32(r), units = ndr_read_u32(r);
    /* 0xFFFFFFFF bytes: a null string where a pointer had to be. */
    if (bytes == UINT32_MAX && units == 0) {
        return NULL;
    }
    if (units > room || bytes / 2 > units) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return NULL;
    }
    CLEANUP(com_cleanup_free) wchar_t *text = ndr_read_utf16(r, units);
    BSTR ret = text ? SysAllocString(text) : NULL;
    if (text && !ret) {
        ndr_read_fail(r, E_OUTOFMEMORY);
    }
    return ret;
}

void wire_write_string_pointer(struct ndr_writer *w, const wchar_t *text)
{
    if (ndr_write_pointer(w, text != NULL)) {
        ndr_write_string(w, text);
    }
}

wchar_t *wire_read_string_pointer(struct ndr_reader *r)
{
    return ndr_read_pointer(r) ? ndr_read_string(r) : NULL;
}

/* ---- objects by value ------------------------------------------------------------------ */

/* The pointee: bytes that a custom reference carries. Takes them. */
static void write_custom(struct ndr_writer *w, const IID *iid, const CLSID *clsid, uint8_t *bytes,
                         uint32_t size)
{
    struct dcom_objref ref = {
        .kind = DCOM_OBJREF_CUSTOM, .iid = *iid, .clsid = *clsid, .data = bytes, .data_size = size};
    dcom_write_objref(w, &ref);
    free(bytes);
}

void wire_write_object_pointee(struct ndr_writer *w, const void *object)
{
    uint8_t *bytes;
    uint32_t size;
    HRESULT hr = wire_object_write((IWbemClassObject *)(uintptr_t)object, &bytes, &size);
    if (FAILED(hr)) {
        ndr_write_fail(w, hr);
        return;
    }
    write_custom(w, &IID_IWbemClassObject, &clsid_object, bytes, size);
}

void wire_write_object(struct ndr_writer *w, IWbemClassObject *object)
{
    if (ndr_write_pointer(w, object != NULL)) {
        wire_write_object_pointee(w, object);
    }
}

/* The custom data of a reference to `iid`; borrowed from *ref. */
static bool is_custom(const struct dcom_objref *ref, const IID *iid)
{
    return ref->kind == DCOM_OBJREF_CUSTOM && IsEqualIID(&ref->iid, iid);
}

HRESULT wire_object_of_bytes(const struct dcom_bytes *bytes, IWbemClassObject **ret)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    HRESULT hr = dcom_objref_read(bytes->bytes, bytes->size, &ref);
    if (SUCCEEDED(hr) && !is_custom(&ref, &IID_IWbemClassObject)) {
        hr = NDR_E_BAD_DATA;
    }
    return SUCCEEDED(hr) ? wire_object_read(ref.data, ref.data_size, ret) : hr;
}

static void read_object_bytes(struct ndr_reader *r, const struct dcom_bytes *bytes,
                              IWbemClassObject **ret)
{
    HRESULT hr = FAILED(r->status) ? S_OK : wire_object_of_bytes(bytes, ret);
    if (FAILED(hr)) {
        ndr_read_fail(r, hr);
    }
}

IWbemClassObject *wire_read_object(struct ndr_reader *r)
{
    struct dcom_bytes bytes = {0};
    IWbemClassObject *object = NULL;
    if (ndr_read_pointer(r)) {
        dcom_read_interface_bytes(r, &bytes);
        read_object_bytes(r, &bytes, &object);
    }
    return object;
}

void wire_write_objects(struct ndr_writer *w, IWbemClassObject *const *objects, uint32_t count,
                        uint32_t room, bool varying)
{
    ndr_write_u32(w, room);
    if (varying) {
        ndr_write_u32(w, 0);
        ndr_write_u32(w, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        ndr_write_defer(w, wire_write_object_pointee, objects[i]);
    }
    ndr_write_deferred(w);
}

/* As many as a server gives at once: each takes some twenty times the bytes of its pointer. */
#define OBJECTS_MOST 65536u

/* One of the array while it is read: pointees come after all pointers. */
struct slot {
    struct dcom_bytes bytes;
    bool present;
};

IWbemClassObject **wire_read_objects(struct ndr_reader *r, bool varying, uint32_t *ret_count)
{
    uint32_t room = ndr_read_u32(r), count = room;
    *ret_count = 0;
    if (varying) {
        uint32_t offset = ndr_read_u32(r);
        count = ndr_read_u32(r);
        if (offset != 0 || count > room) {
            ndr_read_fail(r, NDR_E_BAD_DATA);
        }
    }
    if (FAILED(r->status) || count > OBJECTS_MOST || count > ndr_read_left(r) / 4) {
        ndr_read_fail(r, NDR_E_BAD_DATA);
        return NULL;
    }
    if (count == 0) {
        return NULL;
    }
    CLEANUP(com_cleanup_free) struct slot *slots = calloc(count, sizeof(*slots));
    IWbemClassObject **objects = calloc(count, sizeof(IWbemClassObject *));
    if (!slots || !objects) {
        ndr_read_fail(r, E_OUTOFMEMORY);
    }
    for (uint32_t i = 0; SUCCEEDED(r->status) && i < count; i++) {
        slots[i].present = ndr_read_defer(r, dcom_read_interface_bytes, &slots[i].bytes);
    }
    ndr_read_deferred(r);
    uint32_t made = 0;
    for (; SUCCEEDED(r->status) && made < count; made++) {
        if (slots[made].present) {
            read_object_bytes(r, &slots[made].bytes, &objects[made]);
        }
    }
    if (FAILED(r->status)) {
        for (uint32_t i = 0; objects && i < made; i++) {
            com_release(objects[i]);
        }
        free(objects);
        return NULL;
    }
    *ret_count = count;
    return objects;
}

/* ---- contexts ------------------------------------------------------------------------- */

void wire_write_context(struct ndr_writer *w, IWbemContext *context)
{
    uint8_t *bytes;
    uint32_t size;
    if (!ndr_write_pointer(w, context != NULL)) {
        return;
    }
    HRESULT hr = wire_context_write(context, &bytes, &size);
    if (FAILED(hr)) {
        ndr_write_fail(w, hr);
        return;
    }
    write_custom(w, &IID_IWbemContext, &clsid_context, bytes, size);
}

IWbemContext *wire_read_context(struct ndr_reader *r)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    IWbemContext *context = NULL;
    bool null = true;
    dcom_read_objref(r, &ref, &null);
    if (FAILED(r->status) || null) {
        return NULL;
    }
    HRESULT hr = is_custom(&ref, &IID_IWbemContext)
                     ? wire_context_read(ref.data, ref.data_size, &context)
                     : NDR_E_BAD_DATA;
    if (FAILED(hr)) {
        ndr_read_fail(r, hr);
    }
    return context;
}

/* ---- error objects beside failures --------------------------------------------------- */

/* WMI's error objects are class objects, and travel as such ([MS-DCOM] 2.2.21.1). */
static HRESULT error_read(const uint8_t *bytes, size_t size, IErrorInfo **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *status = NULL;
    HRESULT hr = wire_object_read(bytes, size, &status);
    return SUCCEEDED(hr) ? error_from_status(status, ret) : hr;
}

static HRESULT error_write(IErrorInfo *error, struct ndr_writer *w)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *status = NULL;
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    uint32_t size;
    if (FAILED(IErrorInfo_QueryInterface(error, &IID_IWbemClassObject, (void **)&status)) ||
        !object_is_ours(status)) {
        return S_FALSE;
    }
    HRESULT hr = wire_object_write(status, &bytes, &size);
    if (SUCCEEDED(hr)) {
        ndr_write_bytes(w, bytes, size);
        hr = w->status;
    }
    return hr;
}

__attribute__((constructor)) static void register_errors(void)
{
    static const struct dcom_error_codec codec = {&clsid_object, error_read, error_write};
    dcom_set_error_codec(&codec);
}
