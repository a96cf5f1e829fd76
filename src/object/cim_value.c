/*
 * Values as they stand in a value table, an array or a qualifier, [MS-WMIO]
 * 2.2.71: numbers inline, all else a reference into the heap of the block.
 */
#include "com/com.h"
#include "object/object_private.h"

uint32_t cim_size(CIMTYPE type)
{
    switch (CIM_BASE(type)) {
    case CIM_SINT8:
    case CIM_UINT8:
        return cim_is_array(type) ? 4 : 1;
    case CIM_SINT16:
    case CIM_UINT16:
    case CIM_BOOLEAN:
    case CIM_CHAR16:
        return cim_is_array(type) ? 4 : 2;
    case CIM_SINT64:
    case CIM_UINT64:
    case CIM_REAL64:
        return cim_is_array(type) ? 4 : 8;
    case CIM_SINT32:
    case CIM_UINT32:
    case CIM_REAL32:
    case CIM_STRING:
    case CIM_DATETIME:
    case CIM_REFERENCE:
    case CIM_OBJECT:
        return 4;
    default:
        return 0;
    }
}

bool cim_is_signed(CIMTYPE base)
{
    return base == CIM_SINT8 || base == CIM_SINT16 || base == CIM_SINT32 || base == CIM_SINT64;
}

bool cim_is_unsigned(CIMTYPE base)
{
    return base == CIM_UINT8 || base == CIM_UINT16 || base == CIM_UINT32 || base == CIM_UINT64;
}

/* ---- reading ------------------------------------------------------------------ */

static void number_at(CIMTYPE base, const uint8_t *slot, struct cim_value *ret)
{
    uint32_t bits;
    uint64_t long_bits;
    float single;

    switch (base) {
    case CIM_SINT8:
        ret->sint = (int8_t)slot[0];
        break;
    case CIM_UINT8:
        ret->uint = slot[0];
        break;
    case CIM_SINT16:
        ret->sint = (int16_t)get_u16(slot);
        break;
    case CIM_UINT16:
        ret->uint = get_u16(slot);
        break;
    case CIM_CHAR16:
        ret->sint = get_u16(slot);
        break;
    case CIM_BOOLEAN:
        ret->sint = get_u16(slot) != 0;
        break;
    case CIM_SINT32:
        ret->sint = (int32_t)get_u32(slot);
        break;
    case CIM_UINT32:
        ret->uint = get_u32(slot);
        break;
    case CIM_SINT64:
    case CIM_UINT64:
        ret->uint = get_u64(slot);
        break;
    case CIM_REAL32:
        bits = get_u32(slot);
        memcpy(&single, &bits, sizeof single);
        ret->real = single;
        break;
    default: /* CIM_REAL64 */
        long_bits = get_u64(slot);
        memcpy(&ret->real, &long_bits, sizeof ret->real);
        break;
    }
}

/* 2.2.79: a count, then that many values. */
static HRESULT array_at(CIMTYPE type, uint32_t ref, struct heap heap, struct cim_value *ret)
{
    if (ref > heap.size || heap.size - ref < 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    uint32_t count = get_u32(heap.bytes + ref);
    uint32_t item_size = cim_size(CIM_BASE(type));
    if (item_size == 0 || count > (heap.size - ref - 4) / item_size) {
        return WBEM_E_INVALID_OBJECT;
    }
    ret->array.items = heap.bytes + ref + 4;
    ret->array.count = count;
    ret->array.heap = heap.bytes;
    ret->array.heap_size = heap.size;
    return WBEM_S_NO_ERROR;
}

HRESULT value_at(CIMTYPE type, const uint8_t *slot, struct heap heap, struct cim_value *ret)
{
    CIMTYPE base = CIM_BASE(type);
    ret->type = type;
    ret->null = false;
    if (!cim_is_array(type) && !cim_is_string(base) && base != CIM_OBJECT) {
        number_at(base, slot, ret);
        return WBEM_S_NO_ERROR;
    }

    uint32_t ref = get_u32(slot);
    if (ref == HEAP_REF_NULL) {
        ret->null = true;
        return WBEM_S_NO_ERROR;
    }
    if (cim_is_array(type)) {
        return array_at(type, ref, heap, ret);
    }
    if (base != CIM_OBJECT) {
        return string_at(heap, ref, &ret->string);
    }
    if (ref > heap.size || heap.size - ref < 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    uint32_t size = get_u32(heap.bytes + ref);
    if (size > heap.size - ref - 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    ret->object.bytes = heap.bytes + ref + 4;
    ret->object.size = size;
    return WBEM_S_NO_ERROR;
}

HRESULT cim_array_get(const struct cim_value *array, uint32_t i, struct cim_value *ret)
{
    if (array->null || !cim_is_array(array->type) || i >= array->array.count) {
        return WBEM_E_INVALID_PARAMETER;
    }
    CIMTYPE base = CIM_BASE(array->type);
    struct heap heap = {array->array.heap, array->array.heap_size};
    return value_at(base, array->array.items + (size_t)i * cim_size(base), heap, ret);
}

/* ---- validation ------------------------------------------------------------------ */

static bool check_spend(struct check *check, size_t size)
{
    if (size > check->budget) {
        return false;
    }
    check->budget -= size;
    return true;
}

static HRESULT object_check(const struct cim_value *v, struct check *check)
{
    struct object *o = NULL;
    if (check->depth >= WBEM_MAX_OBJECT_NESTING) {
        return WBEM_E_INVALID_OBJECT;
    }
    check->depth++;
    HRESULT hr = object_decode_checked(v->object.bytes, v->object.size, check, &o);
    check->depth--;
    if (SUCCEEDED(hr)) {
        object_release(o);
    }
    return hr;
}

HRESULT value_check(CIMTYPE type, const uint8_t *slot, struct heap heap, struct check *check)
{
    struct cim_value v;
    HRESULT hr = value_at(type, slot, heap, &v);
    if (FAILED(hr) || v.null) {
        return hr;
    }
    if (cim_is_array(type)) {
        CIMTYPE base = CIM_BASE(type);
        uint32_t size = cim_size(base);
        if (!check_spend(check, (size_t)v.array.count * size)) {
            return WBEM_E_INVALID_OBJECT;
        }
        if (cim_is_string(base) || base == CIM_OBJECT) {
            for (uint32_t i = 0; SUCCEEDED(hr) && i < v.array.count; i++) {
                hr = value_check(base, v.array.items + (size_t)i * size, heap, check);
            }
        }
        return hr;
    }
    if (cim_is_string(type)) {
        return check_spend(check, v.string.length) ? WBEM_S_NO_ERROR : WBEM_E_INVALID_OBJECT;
    }
    return CIM_BASE(type) == CIM_OBJECT ? object_check(&v, check) : WBEM_S_NO_ERROR;
}

/* ---- writing --------------------------------------------------------------------- */

static void number_write(const struct cim_value *v, uint8_t *slot)
{
    float single;
    uint32_t bits;
    uint64_t long_bits;

    switch (v->type) {
    case CIM_SINT8:
    case CIM_UINT8:
        slot[0] = (uint8_t)v->uint;
        break;
    case CIM_SINT16:
    case CIM_UINT16:
    case CIM_CHAR16:
        put_u16(slot, (uint16_t)v->uint);
        break;
    case CIM_BOOLEAN: /* 2.2.75 */
        put_u16(slot, v->sint ? 0xffff : 0);
        break;
    case CIM_SINT32:
    case CIM_UINT32:
        put_u32(slot, (uint32_t)v->uint);
        break;
    case CIM_SINT64:
    case CIM_UINT64:
        put_u64(slot, v->uint);
        break;
    case CIM_REAL32:
        single = (float)v->real;
        memcpy(&bits, &single, sizeof bits);
        put_u32(slot, bits);
        break;
    default: /* CIM_REAL64 */
        memcpy(&long_bits, &v->real, sizeof long_bits);
        put_u64(slot, long_bits);
        break;
    }
}

uint32_t value_heap_size(const struct cim_value *v)
{
    CIMTYPE base = CIM_BASE(v->type);
    if (v->null) {
        return 0;
    }
    if (cim_is_array(v->type)) {
        uint64_t size = 4 + (uint64_t)v->array.count * cim_size(base);
        if (cim_is_string(base) || base == CIM_OBJECT) {
            struct cim_value item;
            for (uint32_t i = 0; i < v->array.count && size < ENCODING_SIZE_MAX; i++) {
                size += SUCCEEDED(cim_array_get(v, i, &item)) ? value_heap_size(&item) : 0;
            }
        }
        return size < ENCODING_SIZE_MAX ? (uint32_t)size : ENCODING_SIZE_MAX;
    }
    if (cim_is_string(base)) {
        return string_encoded_size(&v->string);
    }
    return base == CIM_OBJECT ? v->object.size + 4 : 0;
}

static void array_write(const struct cim_value *v, uint8_t *heap, uint32_t *heap_used)
{
    CIMTYPE base = CIM_BASE(v->type);
    uint32_t size = cim_size(base);
    uint8_t *items = heap + *heap_used + 4;
    put_u32(heap + *heap_used, v->array.count);
    *heap_used += 4 + v->array.count * size;
    if (!cim_is_string(base) && base != CIM_OBJECT) {
        if (v->array.count > 0) {
            memcpy(items, v->array.items, (size_t)v->array.count * size);
        }
        return;
    }
    for (uint32_t i = 0; i < v->array.count; i++) {
        struct cim_value item;
        if (FAILED(cim_array_get(v, i, &item))) {
            item = value_null(base);
        }
        value_write(&item, items + (size_t)i * size, heap, heap_used);
    }
}

void value_write(const struct cim_value *v, uint8_t *slot, uint8_t *heap, uint32_t *heap_used)
{
    CIMTYPE base = CIM_BASE(v->type);
    if (v->null) { /* 2.2.74 */
        memset(slot, 0xff, cim_size(v->type));
        return;
    }
    if (!cim_is_array(v->type) && !cim_is_string(base) && base != CIM_OBJECT) {
        number_write(v, slot);
        return;
    }
    put_u32(slot, *heap_used);
    if (cim_is_array(v->type)) {
        array_write(v, heap, heap_used);
    } else if (cim_is_string(base)) {
        *heap_used = (uint32_t)(string_write(&v->string, heap + *heap_used) - heap);
    } else {
        put_u32(heap + *heap_used, v->object.size);
        memcpy(heap + *heap_used + 4, v->object.bytes, v->object.size);
        *heap_used += v->object.size + 4;
    }
}

void value_append(const struct cim_value *v, uint8_t *slot, struct buffer *heap)
{
    uint32_t used = heap->size;
    if (buffer_add(heap, value_heap_size(v))) {
        value_write(v, slot, heap->bytes, &used);
    } else {
        memset(slot, 0xff, cim_size(v->type));
    }
}

void string_append(const struct cim_string *s, bool use_dictionary, uint8_t *slot,
                   struct buffer *heap)
{
    int i = use_dictionary ? dictionary_find(s) : -1;
    if (i >= 0) {
        put_u32(slot, HEAP_REF_DICTIONARY | (uint32_t)i);
        return;
    }
    put_u32(slot, heap->size);
    uint8_t *to = buffer_add(heap, string_encoded_size(s));
    if (to) {
        string_write(s, to);
    }
}

/* ---- values of their own ------------------------------------------------------------- */

void value_done(struct value *v)
{
    free(v->storage);
    *v = (struct value){0};
}

HRESULT value_copy(const struct cim_value *from, struct value *ret)
{
    uint32_t size = value_heap_size(from);
    uint8_t slot[8];
    if (size >= ENCODING_SIZE_MAX) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (size == 0) {
        *ret = (struct value){.v = *from};
        return WBEM_S_NO_ERROR;
    }

    uint8_t *storage = malloc(size);
    if (!storage) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    uint32_t used = 0;
    value_write(from, slot, storage, &used);
    HRESULT hr = value_at(from->type, slot, (struct heap){storage, used}, &ret->v);
    if (FAILED(hr)) {
        free(storage);
        return hr;
    }
    ret->storage = storage;
    return WBEM_S_NO_ERROR;
}

HRESULT value_from_wide(CIMTYPE type, const wchar_t *text, size_t length, struct value *ret)
{
    bool wide;
    uint32_t size = text_encoded_size(text, length, &wide);
    uint8_t *storage = size < ENCODING_SIZE_MAX ? malloc(size + 1u) : NULL;
    if (!storage) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    text_write(text, length, wide, storage);
    ret->storage = storage;
    ret->v = (struct cim_value){
        .type = type, .string = {.bytes = storage, .length = wide ? size / 2 : size, .wide = wide}};
    return WBEM_S_NO_ERROR;
}

/* Bytes may differ where objects do not: heaps in another order, defaults written out. */
static bool objects_equal(const struct cim_value *a, const struct cim_value *b, bool ignore_case)
{
    if (a->object.size == b->object.size &&
        memcmp(a->object.bytes, b->object.bytes, a->object.size) == 0) {
        return true;
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *x = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *y = NULL;
    return SUCCEEDED(object_decode(a->object.bytes, a->object.size, &x)) &&
           SUCCEEDED(object_decode(b->object.bytes, b->object.size, &y)) &&
           IWbemClassObject_CompareTo(x, ignore_case ? WBEM_FLAG_IGNORE_CASE : 0, y) == WBEM_S_SAME;
}

bool value_equal(const struct cim_value *a, const struct cim_value *b, bool ignore_case)
{
    if (a->type != b->type || a->null != b->null) {
        return false;
    }
    if (a->null) {
        return true;
    }
    if (cim_is_array(a->type)) {
        if (a->array.count != b->array.count) {
            return false;
        }
        for (uint32_t i = 0; i < a->array.count; i++) {
            struct cim_value x, y;
            if (FAILED(cim_array_get(a, i, &x)) || FAILED(cim_array_get(b, i, &y)) ||
                !value_equal(&x, &y, ignore_case)) {
                return false;
            }
        }
        return true;
    }
    if (cim_is_string(a->type)) {
        return ignore_case ? cim_string_compare(&a->string, &b->string) == 0
                           : string_identical(&a->string, &b->string);
    }
    if (a->type == CIM_OBJECT) {
        return objects_equal(a, b, ignore_case);
    }
    if (a->type == CIM_REAL32 || a->type == CIM_REAL64) {
        /* By representation: a NaN equals itself, and 0.0 is not -0.0. */
        return a->uint == b->uint;
    }
    return a->uint == b->uint;
}
