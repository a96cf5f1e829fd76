/*
 * A single object as the custom data of its reference: the EncodingUnit of
 * [MS-WMIO] 2.2.1, signature, length, object block.
 */
#include "wire/wire.h"

#include "object/bytes.h"
#include "object/object.h"

#define SIGNATURE 0x12345678u
#define HEADER_SIZE 8u

HRESULT wire_object_write(IWbemClassObject *object, uint8_t **ret, uint32_t *ret_size)
{
    const uint8_t *block;
    uint32_t size;
    struct buffer out = {0};
    HRESULT hr = object_encoding(object, &block, &size);
    if (FAILED(hr)) {
        return hr;
    }
    buffer_u32(&out, SIGNATURE);
    buffer_u32(&out, size);
    buffer_put(&out, block, size);
    if (out.failed) {
        buffer_done(&out);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = out.bytes;
    *ret_size = out.size;
    return WBEM_S_NO_ERROR;
}

HRESULT wire_object_read(const uint8_t *bytes, size_t size, IWbemClassObject **ret)
{
    /* Bytes behind the block are padding ([MS-WMIO] 2.2.1 says nothing of them). */
    if (size < HEADER_SIZE || get_u32(bytes) != SIGNATURE ||
        get_u32(bytes + 4) > size - HEADER_SIZE) {
        return WBEM_E_INVALID_OBJECT;
    }
    return object_decode(bytes + HEADER_SIZE, get_u32(bytes + 4), ret);
}
