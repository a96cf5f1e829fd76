/*
 * MethodsPart, [MS-WMIO] 2.2.38: the methods of a class, their signatures
 * being classes of their own.
 *
 *   EncodingLength 4 | MethodCount 2 | padding 2 | MethodCount x description | HeapLength 4 | heap
 */
#include "object/object_private.h"

#define METHODS_HEADER_SIZE 8u
/* 2.2.41: name 4, flags 1, padding 3, origin 4, qualifiers 4, input 4, output 4 */
#define METHOD_DESCRIPTION_SIZE 24u

static HRESULT methods_heap(const uint8_t *part, size_t size, struct heap *ret)
{
    if (size < METHODS_HEADER_SIZE) {
        return WBEM_E_INVALID_OBJECT;
    }
    size_t at = METHODS_HEADER_SIZE + (size_t)methods_count(part) * METHOD_DESCRIPTION_SIZE;
    if (at > size || size - at < 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    uint32_t heap_size = get_u32(part + at) & ~HEAP_REF_DICTIONARY;
    if (heap_size > size - at - 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    *ret = (struct heap){part + at + 4, heap_size};
    return WBEM_S_NO_ERROR;
}

uint32_t methods_count(const uint8_t *part)
{
    return get_u16(part + 4);
}

/* 2.2.70: a length that leaves itself out, then the object block; either may be missing. */
static HRESULT signature_at(struct heap heap, uint32_t ref, const uint8_t **ret, uint32_t *ret_size)
{
    *ret = NULL;
    *ret_size = 0;
    if (ref == HEAP_REF_NULL) {
        return WBEM_S_NO_ERROR;
    }
    if (ref > heap.size || heap.size - ref < 4 || get_u32(heap.bytes + ref) > heap.size - ref - 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    *ret_size = get_u32(heap.bytes + ref);
    *ret = *ret_size ? heap.bytes + ref + 4 : NULL;
    return WBEM_S_NO_ERROR;
}

HRESULT methods_get(const uint8_t *part, size_t size, uint32_t i, struct method_view *ret)
{
    struct heap heap;
    HRESULT hr = methods_heap(part, size, &heap);
    if (FAILED(hr)) {
        return hr;
    }
    if (i >= methods_count(part)) {
        return WBEM_E_NOT_FOUND;
    }

    const uint8_t *d = part + METHODS_HEADER_SIZE + (size_t)i * METHOD_DESCRIPTION_SIZE;
    static const uint8_t no_qualifiers[4] = {4};
    uint32_t qualifiers = get_u32(d + 12);
    hr = string_at(heap, get_u32(d), &ret->name);
    ret->flags = d[4];
    ret->origin = get_u32(d + 8);
    if (FAILED(hr)) {
        return hr;
    }
    if (qualifiers == HEAP_REF_NULL) {
        hr = qualifier_open(no_qualifiers, no_qualifiers + 4, heap, &ret->qualifiers);
    } else if (qualifiers < heap.size) {
        hr =
            qualifier_open(heap.bytes + qualifiers, heap.bytes + heap.size, heap, &ret->qualifiers);
    } else {
        hr = WBEM_E_INVALID_OBJECT;
    }
    if (SUCCEEDED(hr)) {
        hr = signature_at(heap, get_u32(d + 16), &ret->in, &ret->in_size);
    }
    if (SUCCEEDED(hr)) {
        hr = signature_at(heap, get_u32(d + 20), &ret->out, &ret->out_size);
    }
    return hr;
}

static HRESULT signature_check(const uint8_t *bytes, uint32_t size, struct check *check)
{
    struct object *o = NULL;
    if (!bytes) {
        return WBEM_S_NO_ERROR;
    }
    if (check->depth >= WBEM_MAX_OBJECT_NESTING) {
        return WBEM_E_INVALID_OBJECT;
    }
    check->depth++;
    HRESULT hr = object_decode_checked(bytes, size, check, &o);
    check->depth--;
    if (SUCCEEDED(hr)) {
        hr = o->is_class ? hr : WBEM_E_INVALID_OBJECT;
        object_release(o);
    }
    return hr;
}

HRESULT methods_check(const uint8_t *part, size_t size, struct check *check)
{
    struct heap heap;
    HRESULT hr = methods_heap(part, size, &heap);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < methods_count(part); i++) {
        struct method_view m;
        const uint8_t *end;
        hr = methods_get(part, size, i, &m);
        if (FAILED(hr)) {
            break;
        }
        if (m.name.length + METHOD_DESCRIPTION_SIZE > check->budget) {
            return WBEM_E_INVALID_OBJECT;
        }
        check->budget -= m.name.length + METHOD_DESCRIPTION_SIZE;
        hr = qualifier_set_check(m.qualifiers.at - 4, m.qualifiers.end, heap, check, &end);
        if (SUCCEEDED(hr)) {
            hr = signature_check(m.in, m.in_size, check);
        }
        if (SUCCEEDED(hr)) {
            hr = signature_check(m.out, m.out_size, check);
        }
    }
    return hr;
}
