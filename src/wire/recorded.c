/*
 * Objects from recorded bytes, whatever of the protocols' wrappings is still
 * around them: wbem_objects_decode() and its reverse.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wbem.h>

#include "com/com.h"
#include "dcom/dcom_data.h"
#include "object/bytes.h"
#include "object/object.h"
#include "wire/wire.h"

enum {
    UNIT_SIGNATURE = 0x12345678,   /* [MS-WMIO] 2.2.77 */
    OBJREF_SIGNATURE = 0x574f454d, /* "MEOW", [MS-DCOM] 2.2.18 */
    ARRAY_SIGNATURE_AT = 4,        /* [MS-WMI] 2.2.14 */
    MARSHALED_HEADER = 8,          /* MInterfacePointer behind its pointer: conformance, size */
};

static HRESULT refuse(const char *what, const char *expected)
{
    return error_raise(WBEM_E_INVALID_OBJECT, "wbem_objects_decode", what,
                       "the bytes are taken for %s, but %s", what, expected);
}

static HRESULT one(HRESULT hr, IWbemClassObject *object, IWbemClassObject ***ret, size_t *ret_count)
{
    if (FAILED(hr)) {
        return hr;
    }
    *ret = malloc(sizeof(IWbemClassObject *));
    if (!*ret) {
        IWbemClassObject_Release(object);
        return WBEM_E_OUT_OF_MEMORY;
    }
    **ret = object;
    *ret_count = 1;
    return WBEM_S_NO_ERROR;
}

static HRESULT read_unit(const uint8_t *bytes, size_t size, IWbemClassObject ***ret,
                         size_t *ret_count)
{
    IWbemClassObject *object = NULL;
    if (get_u32(bytes + 4) > size - 8) {
        char text[96];
        (void)snprintf(text, sizeof text, "its block of %u bytes is cut off: %zu are there",
                       get_u32(bytes + 4), size - 8);
        return refuse("an EncodingUnit ([MS-WMIO] 2.2.1)", text);
    }
    HRESULT hr = wire_object_read(bytes, size, &object);
    return hr == WBEM_E_INVALID_OBJECT
               ? refuse("an EncodingUnit ([MS-WMIO] 2.2.1)", "its object block is not valid")
               : one(hr, object, ret, ret_count);
}

static HRESULT read_reference(const uint8_t *bytes, size_t size, IWbemClassObject ***ret,
                              size_t *ret_count)
{
    static const char what[] = "an object reference ([MS-DCOM] 2.2.18)";
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    HRESULT hr = dcom_objref_read(bytes, size, &ref);
    if (hr == WBEM_E_OUT_OF_MEMORY || hr == E_OUTOFMEMORY) {
        return hr;
    }
    if (FAILED(hr)) {
        return refuse(what, "it is not a valid one");
    }
    if (ref.kind != DCOM_OBJREF_CUSTOM || ref.data_size < 8 ||
        get_u32(ref.data) != UNIT_SIGNATURE) {
        return refuse(what, "it carries no object: it is none of the custom kind with an "
                            "EncodingUnit");
    }
    return read_unit(ref.data, ref.data_size, ret, ret_count);
}

static HRESULT read_array(const uint8_t *bytes, size_t size, IWbemClassObject ***ret,
                          size_t *ret_count)
{
    static const char what[] = "an ObjectArray ([MS-WMI] 2.2.14)";
    struct wire_decoder *d;
    uint32_t count = 0;
    HRESULT hr = wire_decoder_create(&d);
    if (FAILED(hr)) {
        return hr;
    }
    hr = wire_decoder_read(d, bytes, size, ret, &count);
    wire_decoder_destroy(d);
    *ret_count = count;
    if (hr == WBEM_E_INVALID_STREAM) {
        return refuse(what, "it has instances of a class that an earlier one brought");
    }
    return hr == WBEM_E_INVALID_OBJECT ? refuse(what, "it is not a valid one") : hr;
}

static bool is_array(const uint8_t *bytes, size_t size)
{
    return size >= ARRAY_SIGNATURE_AT + 8 && memcmp(bytes + ARRAY_SIGNATURE_AT, "WBEMDATA", 8) == 0;
}

WBEM_EXPORT HRESULT wbem_objects_decode(const void *bytes, size_t size, IWbemClassObject ***ret,
                                        size_t *ret_count)
{
    const uint8_t *at = bytes;
    IWbemClassObject *object = NULL;
    if (!bytes || !ret || !ret_count) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "wbem_objects_decode", NULL,
                           "the parameters must not be NULL");
    }
    *ret = NULL;
    *ret_count = 0;
    if (size >= 8 && get_u32(at) == UNIT_SIGNATURE) {
        return read_unit(at, size, ret, ret_count);
    }
    if (size >= 4 && get_u32(at) == OBJREF_SIGNATURE) {
        return read_reference(at, size, ret, ret_count);
    }
    if (size >= MARSHALED_HEADER + 4 && get_u32(at + MARSHALED_HEADER) == OBJREF_SIGNATURE) {
        return read_reference(at + MARSHALED_HEADER, size - MARSHALED_HEADER, ret, ret_count);
    }
    if (is_array(at, size)) {
        return read_array(at, size, ret, ret_count);
    }
    HRESULT hr = object_decode(at, size, &object);
    return hr == WBEM_E_INVALID_OBJECT
               ? refuse("an ObjectBlock ([MS-WMIO] 2.2.2), since they begin as nothing else does",
                        "it is not a valid one")
               : one(hr, object, ret, ret_count);
}

WBEM_EXPORT HRESULT wbem_object_encode(IWbemClassObject *object, void **ret, size_t *ret_size)
{
    uint8_t *bytes;
    uint32_t size;
    if (!object || !ret || !ret_size || !object_is_ours(object)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "wbem_object_encode", "object",
                           "the object must be one of this library's, and no parameter NULL");
    }
    HRESULT hr = wire_object_write(object, &bytes, &size);
    if (SUCCEEDED(hr)) {
        *ret = bytes;
        *ret_size = size;
    }
    return hr;
}
