/*
 * The values of an instance alone, as a remote refresher sends them: RefreshedSingleInstance and
 * WBEM_INSTANCE_BLOB, [MS-WMI] 2.2.16 to 2.2.19.
 *
 *   heap size 4 | NdTable | values | QualifierSet, InstPropQualSetFlag [sets] | heap
 *
 * The parts are those of the instance part, [MS-WMIO] 2.2.53, which has a header before them and
 * the heap's size right before the heap.
 */
#include "wire/wire.h"

#include "object/bytes.h"
#include "object/object.h"

#define PART_HEADER 9u /* EncodingLength, flags, InstanceClassName */
#define NULL_REF 0xFFFFFFFFu
#define HEAP_MARK 0x80000000u
#define BLOB_VERSION 1u

HRESULT wire_refreshed_write(IWbemClassObject *instance, struct buffer *out)
{
    const uint8_t *part;
    uint32_t size;
    struct schema *s;
    struct instance_view view;
    HRESULT hr = object_instance_bytes(instance, &part, &size);
    if (SUCCEEDED(hr)) {
        hr = schema_of(instance, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = instance_view_open(s, part, size, &view);
    }
    if (SUCCEEDED(hr)) {
        buffer_u32(out, view.heap_size);
        buffer_put(out, part + PART_HEADER, view.heap - 4 - PART_HEADER);
        buffer_put(out, part + view.heap, view.heap_size);
    }
    return hr;
}

HRESULT wire_refreshed_write_many(IWbemClassObject *const *instances, uint32_t count,
                                  struct buffer *out)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    buffer_u32(out, BLOB_VERSION);
    buffer_u32(out, count);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        uint32_t at = out->size;
        buffer_u32(out, 0); /* blobSize, later */
        hr = wire_refreshed_write(instances[i], out);
        buffer_set_u32(out, at, out->size - at - 4);
    }
    return hr;
}

/* The specification leaves open whether the heap brings its own length along (its size stands at
 * the beginning): with `heap_header` 4 it does. */
static HRESULT read_with(struct schema *s, struct decoration *where, const uint8_t *bytes,
                         size_t size, uint32_t heap_header, IWbemClassObject **ret)
{
    uint32_t heap = get_u32(bytes) & ~HEAP_MARK;
    if (heap > size - 4 || size - 4 - heap < heap_header) {
        return WBEM_E_INVALID_OBJECT;
    }
    struct buffer part = {0};
    size_t tables = size - 4 - heap - heap_header;
    buffer_u32(&part, (uint32_t)(PART_HEADER + tables + 4 + heap));
    buffer_u8(&part, 0);
    buffer_u32(&part, NULL_REF); /* the class is known */
    buffer_put(&part, bytes + 4, tables);
    buffer_u32(&part, heap | HEAP_MARK);
    buffer_put(&part, bytes + size - heap, heap);
    if (!part.failed) {
        instance_bytes_put_name(s, part.bytes, part.size);
    }
    HRESULT hr = part.failed ? WBEM_E_OUT_OF_MEMORY
                             : object_decode_instance(s, where, part.bytes, part.size, ret);
    buffer_done(&part);
    return hr;
}

HRESULT wire_refreshed_read(struct schema *s, struct decoration *where, const uint8_t *bytes,
                            size_t size, IWbemClassObject **ret)
{
    if (size < 4 || size > UINT32_MAX / 2) {
        return WBEM_E_INVALID_OBJECT;
    }
    HRESULT hr = read_with(s, where, bytes, size, 0, ret);
    return hr == WBEM_E_INVALID_OBJECT ? read_with(s, where, bytes, size, 4, ret) : hr;
}

static void release_all(IWbemClassObject **objects, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
    free(objects);
}

HRESULT wire_refreshed_read_many(struct schema *s, struct decoration *where, const uint8_t *bytes,
                                 size_t size, IWbemClassObject ***ret, uint32_t *ret_count)
{
    *ret = NULL;
    *ret_count = 0;
    if (size < 8 || get_u32(bytes) != BLOB_VERSION || get_u32(bytes + 4) > (size - 8) / 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    uint32_t count = get_u32(bytes + 4), done = 0;
    IWbemClassObject **objects = calloc(count ? count : 1, sizeof(IWbemClassObject *));
    HRESULT hr = objects ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    for (size_t at = 8; SUCCEEDED(hr) && done < count;) {
        uint32_t one = size - at < 4 ? UINT32_MAX : get_u32(bytes + at);
        hr = size - at < 4 || one > size - at - 4
                 ? WBEM_E_INVALID_OBJECT
                 : wire_refreshed_read(s, where, bytes + at + 4, one, &objects[done]);
        if (SUCCEEDED(hr)) {
            done++;
            at += 4 + (size_t)one;
        }
    }
    if (FAILED(hr)) {
        release_all(objects, done);
        return hr;
    }
    *ret = objects;
    *ret_count = count;
    return WBEM_S_NO_ERROR;
}
