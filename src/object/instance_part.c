/*
 * The instance part, [MS-WMIO] 2.2.53 after CurrentClass: checking it, reading
 * and changing values in it, building one.
 *
 *   EncodingLength 4 | flags 1 | InstanceClassName 4 | NdTable | values |
 *   QualifierSet | InstPropQualSetFlag 1 [QualifierSet for each property] |
 *   HeapLength 4 | heap
 *
 * The heap stands last, so a value that grows is appended to it.
 */
#include "object/object_private.h"

#define INSTANCE_HEADER_SIZE 9u
#define PROPERTY_QUALIFIERS_NONE 1u
#define PROPERTY_QUALIFIERS_ALL 2u

/* ---- layout and validation -------------------------------------------------------- */

HRESULT instance_layout(const struct schema *s, const uint8_t *part, size_t size,
                        struct instance_layout *ret)
{
    uint32_t tables = s->nd_size + s->values_size;
    if (size > ENCODING_SIZE_MAX || size < (size_t)INSTANCE_HEADER_SIZE + tables + 4 + 1 + 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    ret->nd_table = INSTANCE_HEADER_SIZE;
    ret->values = INSTANCE_HEADER_SIZE + s->nd_size;
    ret->qualifiers = INSTANCE_HEADER_SIZE + tables;

    uint32_t at = ret->qualifiers, set = get_u32(part + at);
    if (set < 4 || set > size - at || size - at - set < 5) {
        return WBEM_E_INVALID_OBJECT;
    }
    at += set;
    ret->property_qualifiers = at;
    uint8_t flag = part[at++];
    if (flag == PROPERTY_QUALIFIERS_ALL) {
        for (uint32_t i = 0; i < s->property_count; i++) {
            if (size - at < 4 || get_u32(part + at) < 4 || get_u32(part + at) > size - at) {
                return WBEM_E_INVALID_OBJECT;
            }
            at += get_u32(part + at);
        }
    } else if (flag != PROPERTY_QUALIFIERS_NONE) {
        return WBEM_E_INVALID_OBJECT;
    }
    if (size - at < 4 || (get_u32(part + at) & ~HEAP_REF_DICTIONARY) > size - at - 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    ret->heap_size = get_u32(part + at) & ~HEAP_REF_DICTIONARY;
    ret->heap = at + 4;
    return WBEM_S_NO_ERROR;
}

static HRESULT check_qualifiers(const struct schema *s, const uint8_t *part,
                                const struct instance_layout *l, struct check *check)
{
    struct heap heap = {part + l->heap, l->heap_size};
    const uint8_t *limit = part + l->heap - 4, *end;
    HRESULT hr = qualifier_set_check(part + l->qualifiers, limit, heap, check, &end);
    if (SUCCEEDED(hr) && part[l->property_qualifiers] == PROPERTY_QUALIFIERS_ALL) {
        end++;
        for (uint32_t i = 0; SUCCEEDED(hr) && i < s->property_count; i++) {
            hr = qualifier_set_check(end, limit, heap, check, &end);
        }
    }
    return hr;
}

/* Where the first zero byte is from `at` on, or `size`. Strings are mostly too short for a call to
 * pay; eight bytes at a time, the first that has its highest bit set in `zeros` is exact. */
static inline uint32_t find_zero(const uint8_t *bytes, uint32_t at, uint32_t size)
{
    const uint64_t ones = 0x0101010101010101u;
    for (; size - at >= 8; at += 8) {
        uint64_t v = get_u64(bytes + at), zeros = (v - ones) & ~v & (ones << 7);
        if (zeros) {
            return at + (uint32_t)__builtin_ctzll(zeros) / 8;
        }
    }
    while (at < size && bytes[at]) {
        at++;
    }
    return at;
}

/* value_check() of what most such values are: a string of one byte a character in the heap; false
 * where more must be looked at: of the dictionary, in UTF-16, null, or wrong. */
static inline bool is_plain_string(const uint8_t *slot, struct heap heap, struct check *check)
{
    uint32_t ref = get_u32(slot);
    if (ref >= heap.size || heap.bytes[ref] != 0) {
        return false;
    }
    uint32_t end = find_zero(heap.bytes, ref + 1, heap.size);
    if (end == heap.size || end - ref - 1 > check->budget) {
        return false;
    }
    check->budget -= end - ref - 1;
    return true;
}

HRESULT instance_check(const struct schema *s, const uint8_t *part, size_t size,
                       struct check *check, struct instance_layout *ret)
{
    struct cim_string name;
    HRESULT hr = instance_layout(s, part, size, ret);
    if (FAILED(hr)) {
        return hr;
    }
    struct heap heap = {part + ret->heap, ret->heap_size};
    if (get_u32(part + 5) != HEAP_REF_NULL) {
        hr = string_at(heap, get_u32(part + 5), &name);
    }
    const uint8_t *nd = part + ret->nd_table, *values = part + ret->values;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < s->check_count; i++) {
        const struct schema_check *c = &s->checks[i];
        const uint8_t *slot = values + c->value_offset;
        if (nd_get(nd, c->ordinal) == 0 && !(c->text && is_plain_string(slot, heap, check))) {
            hr = value_check(s->properties[c->ordinal].type, slot, heap, check);
        }
    }
    return SUCCEEDED(hr) ? check_qualifiers(s, part, ret, check) : hr;
}

/* ---- reading ------------------------------------------------------------------------ */

static struct schema *schema_of_instance(const struct object *o)
{
    return atomic_load_explicit(&o->schema, memory_order_relaxed);
}

HRESULT instance_get(const struct object *o, uint32_t ordinal, struct cim_value *ret)
{
    const struct schema *s = schema_of_instance(o);
    const struct schema_property *p = &s->properties[ordinal];
    unsigned nd = nd_get(o->part + o->layout.nd_table, ordinal);
    if (nd & ND_NULL) {
        *ret = value_null(p->type);
        return WBEM_S_NO_ERROR;
    }
    if (nd & ND_INHERITED) {
        return schema_default(s, ordinal, ret);
    }
    return value_at(p->type, o->part + o->layout.values + p->value_offset,
                    (struct heap){o->part + o->layout.heap, o->layout.heap_size}, ret);
}

bool instance_is_default(const struct object *o, uint32_t ordinal)
{
    return (nd_get(o->part + o->layout.nd_table, ordinal) & ND_INHERITED) != 0;
}

/* ---- changing ------------------------------------------------------------------------- */

/* How many bytes of the heap the present value occupies, and where; 0: none of its own. */
static uint32_t occupied(const struct object *o, uint32_t ordinal, uint32_t *ret_at)
{
    const struct schema_property *p = &schema_of_instance(o)->properties[ordinal];
    struct cim_value v;
    if (nd_get(o->part + o->layout.nd_table, ordinal) != 0 ||
        !(cim_is_array(p->type) || cim_is_string(p->type) || p->type == CIM_OBJECT)) {
        return 0;
    }
    uint32_t ref = get_u32(o->part + o->layout.values + p->value_offset);
    *ret_at = ref;
    if (ref & HEAP_REF_DICTIONARY || FAILED(instance_get(o, ordinal, &v))) {
        return 0;
    }
    return cim_is_string(p->type)
               ? v.string.length * (v.string.wide ? 2 : 1) + (v.string.wide ? 3 : 2)
               : value_heap_size(&v);
}

/* Memory of its own for the part, with room for `more` bytes at the end. */
static HRESULT part_reserve(struct object *o, uint32_t more)
{
    if (more > ENCODING_SIZE_MAX - o->part_size) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (o->part_size + more <= o->part_capacity) {
        return WBEM_S_NO_ERROR;
    }
    size_t capacity = (size_t)o->part_size + more + o->part_size / 2;
    if (capacity > ENCODING_SIZE_MAX) {
        capacity = ENCODING_SIZE_MAX;
    }
    bool own = o->part_capacity > 0;
    uint8_t *part = realloc(own ? o->part : NULL, capacity);
    if (!part) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (!own) {
        memcpy(part, o->part, o->part_size);
    }
    o->part = part;
    o->part_capacity = (uint32_t)capacity;
    return WBEM_S_NO_ERROR;
}

static void set_heap_size(struct object *o, uint32_t heap_size)
{
    o->layout.heap_size = heap_size;
    o->part_size = o->layout.heap + heap_size;
    put_u32(o->part + o->layout.heap - 4, heap_size | HEAP_REF_DICTIONARY);
    put_u32(o->part, o->part_size);
}

/* 2.3.4: what fits where the old value was goes there, all else to the end of the heap. */
static HRESULT put_on_heap(struct object *o, uint32_t ordinal, const struct cim_value *v)
{
    uint32_t at = 0, old = occupied(o, ordinal, &at), needed = value_heap_size(v);
    uint32_t offset = schema_of_instance(o)->properties[ordinal].value_offset;
    uint32_t used = o->layout.heap_size;
    if (needed >= ENCODING_SIZE_MAX) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (needed <= old && cim_is_string(v->type)) {
        used = at;
        value_write(v, o->part + o->layout.values + offset, o->part + o->layout.heap, &used);
        o->garbage += old - needed;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = part_reserve(o, needed);
    if (FAILED(hr)) {
        return hr;
    }
    value_write(v, o->part + o->layout.values + offset, o->part + o->layout.heap, &used);
    set_heap_size(o, used);
    o->garbage += old;
    return WBEM_S_NO_ERROR;
}

/* Build the part anew when most of its heap is refuse. */
static HRESULT collect_garbage(struct object *o)
{
    if (o->garbage < 1024 || o->garbage < o->layout.heap_size / 2) {
        return WBEM_S_NO_ERROR;
    }
    struct object_extras *extras = atomic_load_explicit(&o->extras, memory_order_relaxed);
    struct instance_qualifiers *q = NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (!extras || !extras->qualifiers) {
        hr = instance_qualifiers(o, &q); /* what stands in the part must move along */
        extras = atomic_load_explicit(&o->extras, memory_order_relaxed);
    }
    if (SUCCEEDED(hr)) {
        extras->qualifiers_dirty = true;
        hr = instance_flush(o);
    }
    return hr;
}

HRESULT instance_put(struct object *o, uint32_t ordinal, const struct cim_value *v)
{
    const struct schema_property *p = &schema_of_instance(o)->properties[ordinal];
    HRESULT hr = WBEM_S_NO_ERROR;
    object_changing(o);
    if (v->null) {
        uint32_t at;
        o->garbage += occupied(o, ordinal, &at);
        memset(o->part + o->layout.values + p->value_offset, 0xff, p->value_size);
    } else if (cim_is_array(p->type) || cim_is_string(p->type) || p->type == CIM_OBJECT) {
        hr = put_on_heap(o, ordinal, v);
    } else {
        value_write(v, o->part + o->layout.values + p->value_offset, NULL, NULL);
    }
    if (FAILED(hr)) {
        return hr;
    }
    nd_set(o->part + o->layout.nd_table, ordinal, v->null ? ND_NULL : 0);
    return collect_garbage(o);
}

static unsigned default_bits(const struct schema *s, uint32_t ordinal)
{
    return ND_INHERITED | (nd_get(s->class_part + s->nd_table, ordinal) & ND_NULL);
}

HRESULT instance_reset(struct object *o, uint32_t ordinal)
{
    const struct schema *s = schema_of_instance(o);
    uint32_t at;
    object_changing(o);
    o->garbage += occupied(o, ordinal, &at);
    memset(o->part + o->layout.values + s->properties[ordinal].value_offset, 0,
           s->properties[ordinal].value_size);
    nd_set(o->part + o->layout.nd_table, ordinal, default_bits(s, ordinal));
    return collect_garbage(o);
}

HRESULT instance_put_uints(struct object *o, uint64_t which, const uint32_t *ordinals,
                           const uint64_t *values, uint64_t known)
{
    const struct schema *s = schema_of_instance(o);
    object_changing(o);
    for (unsigned i = 0; which >> i; i++) {
        if (!(which >> i & 1)) {
            continue;
        }
        const struct schema_property *p =
            ordinals[i] < s->property_count ? &s->properties[ordinals[i]] : NULL;
        if (!p || !cim_is_unsigned(p->type)) {
            return p ? WBEM_E_TYPE_MISMATCH : WBEM_E_NOT_FOUND;
        }
        bool is_known = known >> i & 1;
        uint64_t v = is_known ? values[i] : UINT64_MAX;
        uint8_t *slot = o->part + o->layout.values + p->value_offset;
        for (unsigned b = 0; b < p->value_size; b++) {
            slot[b] = (uint8_t)(v >> 8 * b);
        }
        nd_set(o->part + o->layout.nd_table, ordinals[i], is_known ? 0 : ND_NULL);
    }
    return WBEM_S_NO_ERROR;
}

/* ---- building ---------------------------------------------------------------------------- */

/* The qualifier sets and the strings that they refer to. */
static void write_qualifiers(const struct schema *s, const struct instance_qualifiers *q,
                             struct buffer *sets, struct buffer *heap)
{
    static const struct qualifier_list none;
    bool any = false;
    qualifier_list_write(q ? &q->own : &none, sets, heap);
    for (uint32_t i = 0; q && i < q->property_count; i++) {
        any = any || q->properties[i].count > 0;
    }
    buffer_u8(sets, any ? PROPERTY_QUALIFIERS_ALL : PROPERTY_QUALIFIERS_NONE);
    for (uint32_t i = 0; any && i < s->property_count; i++) {
        qualifier_list_write(&q->properties[s->lookup[i]], sets, heap);
    }
}

static void write_values(const struct schema *s, const struct instance_value *values,
                         const uint32_t *map, uint8_t *part, uint8_t *heap, uint32_t *used)
{
    uint8_t *nd = part + INSTANCE_HEADER_SIZE, *table = nd + s->nd_size;
    memset(nd, 0, s->nd_size + s->values_size);
    for (uint32_t i = 0; i < s->property_count; i++) {
        const struct instance_value *v = &values[map ? map[i] : i];
        if (v->is_default) {
            nd_set(nd, i, default_bits(s, i));
        } else {
            nd_set(nd, i, v->v.null ? ND_NULL : 0);
            value_write(&v->v, table + s->properties[i].value_offset, heap, used);
        }
    }
}

HRESULT instance_build(struct schema *s, const struct instance_value *values, const uint32_t *map,
                       const struct instance_qualifiers *qualifiers, struct decoration *where,
                       struct object **ret)
{
    static const uint8_t no_qualifiers[] = {4, 0, 0, 0, PROPERTY_QUALIFIERS_NONE};
    struct buffer sets = {.bytes = (uint8_t *)(uintptr_t)no_qualifiers, .size = 5}, strings = {0};
    if (qualifiers) {
        sets = (struct buffer){0};
        write_qualifiers(s, qualifiers, &sets, &strings);
    }
    uint64_t heap_size = strings.size + (s->name ? string_encoded_size(&s->encoded_name) : 0u);
    for (uint32_t i = 0; i < s->property_count; i++) {
        const struct instance_value *v = &values[map ? map[i] : i];
        heap_size += v->is_default ? 0 : value_heap_size(&v->v);
    }
    uint32_t before_heap = INSTANCE_HEADER_SIZE + s->nd_size + s->values_size + sets.size + 4;
    uint64_t size = before_heap + heap_size;
    struct object *o = NULL;
    if (!sets.failed && !strings.failed && size < ENCODING_SIZE_MAX) {
        o = object_alloc(size);
    }
    if (o) {
        uint8_t *part = o->bytes, *heap = part + before_heap;
        uint32_t used = strings.size;
        if (used > 0) {
            memcpy(heap, strings.bytes, used);
        }
        put_u32(part, (uint32_t)size);
        part[4] = 0;
        put_u32(part + 5, s->name ? used : HEAP_REF_NULL);
        if (s->name) {
            used = (uint32_t)(string_write(&s->encoded_name, heap + used) - heap);
        }
        write_values(s, values, map, part, heap, &used);
        memcpy(part + before_heap - 4 - sets.size, sets.bytes, sets.size);
        put_u32(part + before_heap - 4, (uint32_t)heap_size | HEAP_REF_DICTIONARY);
        atomic_init(&o->schema, schema_ref(s));
        o->where = decoration_ref(where);
        o->part = part;
        o->part_size = (uint32_t)size;
        o->layout = (struct instance_layout){.nd_table = INSTANCE_HEADER_SIZE,
                                             .values = INSTANCE_HEADER_SIZE + s->nd_size,
                                             .qualifiers =
                                                 INSTANCE_HEADER_SIZE + s->nd_size + s->values_size,
                                             .heap = before_heap,
                                             .heap_size = (uint32_t)heap_size};
        o->layout.property_qualifiers = o->layout.qualifiers + get_u32(part + o->layout.qualifiers);
    }
    if (qualifiers) {
        buffer_done(&sets);
        buffer_done(&strings);
    }
    *ret = o;
    return o ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

HRESULT instance_values(const struct object *o, struct instance_value **ret)
{
    uint32_t count = schema_of_instance(o)->property_count;
    struct instance_value *values = calloc(count + 1u, sizeof *values);
    if (!values) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        values[i].is_default = instance_is_default(o, i);
        if (!values[i].is_default) {
            HRESULT hr = instance_get(o, i, &values[i].v);
            if (FAILED(hr)) {
                free(values);
                return hr;
            }
        }
    }
    *ret = values;
    return WBEM_S_NO_ERROR;
}
