/*
 * ClassPart, [MS-WMIO] 2.2.15: bytes to a parsed class. Everything that later
 * code relies on is checked here, once.
 *
 *   EncodingLength 4 | reserved 1 | ClassNameRef 4 | NdTableValueTableLength 4 |
 *   DerivationList | ClassQualifierSet | PropertyCount 4 |
 *   PropertyCount x (PropertyNameRef 4, PropertyInfoRef 4) | NdTable | ValueTable |
 *   HeapLength 4 | heap
 */
#include "object/object_private.h"

#define CLASS_HEADER_SIZE 13u
/* 2.2.30: PropertyType, DeclarationOrder, ValueTableOffset, ClassOfOrigin; its qualifiers follow.
 */
#define PROPERTY_INFO_SIZE 14u
#define PROPERTY_INHERITED 0x4000u /* 2.2.32 */

/* Where the parser is; everything before `at` has been taken. */
struct parse {
    struct schema *s;
    const uint8_t *at, *end;
    struct check *check;
    const uint8_t *derivation; /* its first name */
    size_t letters;            /* of the names that were met, with terminators */
    wchar_t *names;            /* where the next one goes */
};

HRESULT part_size(const uint8_t *bytes, size_t size, size_t minimum, size_t *ret)
{
    if (size < 4 || get_u32(bytes) < minimum || get_u32(bytes) > size) {
        return WBEM_E_INVALID_OBJECT;
    }
    *ret = get_u32(bytes);
    return WBEM_S_NO_ERROR;
}

static size_t left(const struct parse *p)
{
    return (size_t)(p->end - p->at);
}

static bool spend(struct parse *p, size_t size)
{
    if (size > p->check->budget) {
        return false;
    }
    p->check->budget -= size;
    return true;
}

/* 2.2.17: the names of the superclasses, the immediate one first. Each is followed by its length
 * (2.2.18). */
static HRESULT parse_derivation(struct parse *p)
{
    size_t size;
    HRESULT hr = part_size(p->at, left(p), 4, &size);
    if (FAILED(hr)) {
        return hr;
    }
    const uint8_t *end = p->at + size;
    p->derivation = p->at + 4;
    for (const uint8_t *at = p->derivation; at < end; p->s->ancestor_count++) {
        struct cim_string name;
        size_t used;
        hr = string_parse(at, (size_t)(end - at), &name, &used);
        if (FAILED(hr) || (size_t)(end - at) - used < 4) {
            return WBEM_E_INVALID_OBJECT;
        }
        at += used + 4;
        p->letters += string_wide_length(&name) + 1u;
    }
    p->at = end;
    return WBEM_S_NO_ERROR;
}

/* The parts between the derivation list and the heap, which only tell where things are. */
static HRESULT parse_tables(struct parse *p, const uint8_t **ret_lookup, uint32_t tables_size)
{
    struct schema *s = p->s;
    size_t size;
    HRESULT hr = part_size(p->at, left(p), 4, &size);
    if (FAILED(hr)) {
        return hr;
    }
    s->class_qualifiers = (uint32_t)(p->at - s->class_part);
    p->at += size;

    if (left(p) < 4 || get_u32(p->at) > (left(p) - 4) / 8 || get_u32(p->at) >= UINT16_MAX) {
        return WBEM_E_INVALID_OBJECT;
    }
    s->property_count = get_u32(p->at);
    *ret_lookup = p->at + 4;
    p->at += 4 + (size_t)s->property_count * 8;

    s->nd_size = nd_table_size(s->property_count);
    if (tables_size < s->nd_size || left(p) < (size_t)tables_size + 4) {
        return WBEM_E_INVALID_OBJECT;
    }
    s->nd_table = (uint32_t)(p->at - s->class_part);
    s->values = s->nd_table + s->nd_size;
    s->values_size = tables_size - s->nd_size;
    p->at += tables_size;

    uint32_t heap_size = get_u32(p->at) & ~HEAP_REF_DICTIONARY;
    p->at += 4;
    if (heap_size > left(p)) {
        return WBEM_E_INVALID_OBJECT;
    }
    s->heap = (struct heap){p->at, heap_size};
    return WBEM_S_NO_ERROR;
}

static wchar_t *put_name(struct parse *p, const struct cim_string *name)
{
    wchar_t *to = p->names;
    string_to_wide(name, to);
    p->names += string_wide_length(name) + 1u;
    return to;
}

static void *carve(uint8_t **at, size_t size)
{
    uint8_t *piece = *at;
    *at += size;
    return piece;
}

/* One block for all tables and names of the class, the most aligned first. The lookup table is not
 * longer than the class part, the names not longer than the budget. */
static HRESULT make_room(struct parse *p, const uint8_t *lookup, bool named)
{
    struct schema *s = p->s;
    uint32_t slots = 8;
    for (uint32_t i = 0; i < s->property_count; i++) {
        struct cim_string name;
        if (FAILED(string_at(s->heap, get_u32(lookup + (size_t)i * 8), &name)) ||
            !spend(p, name.length + PROPERTY_INFO_SIZE)) {
            return WBEM_E_INVALID_OBJECT;
        }
        p->letters += string_wide_length(&name) + 1u;
    }
    if (named) {
        p->letters += string_wide_length(&s->encoded_name) + 1u;
    }
    while (slots < s->property_count * 2) {
        slots *= 2;
    }
    const size_t n = s->property_count, properties = n * sizeof *s->properties,
                 ancestors = s->ancestor_count * sizeof *s->ancestors,
                 checks = n * sizeof *s->checks, order = n * sizeof *s->lookup,
                 letters = p->letters * sizeof(wchar_t);
    uint8_t *at =
        calloc(1, properties + ancestors + checks + order + letters + slots * sizeof *s->slots);
    if (!at) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->tables = at;
    s->properties = carve(&at, properties);
    s->ancestors = carve(&at, ancestors);
    s->checks = carve(&at, checks);
    s->lookup = carve(&at, order);
    p->names = carve(&at, letters);
    s->slots = carve(&at, slots * sizeof *s->slots);
    s->slot_mask = slots - 1;
    return WBEM_S_NO_ERROR;
}

static void take_ancestors(struct parse *p)
{
    const uint8_t *at = p->derivation;
    for (uint32_t i = 0; i < p->s->ancestor_count; i++) {
        struct cim_string name;
        size_t used;
        (void)string_parse(at, (size_t)(p->end - at), &name, &used);
        p->s->ancestors[i] = put_name(p, &name);
        at += used + 4;
    }
}

static HRESULT parse_property(struct parse *p, const uint8_t *lookup, uint32_t index)
{
    struct schema *s = p->s;
    struct cim_string name;
    uint32_t ref = get_u32(lookup + 4);
    HRESULT hr = string_at(s->heap, get_u32(lookup), &name);
    if (FAILED(hr) || ref > s->heap.size || s->heap.size - ref < PROPERTY_INFO_SIZE) {
        return WBEM_E_INVALID_OBJECT;
    }

    const uint8_t *info = s->heap.bytes + ref;
    uint32_t ordinal = get_u16(info + 4);
    if (ordinal >= s->property_count || s->properties[ordinal].name) {
        return WBEM_E_INVALID_OBJECT;
    }
    struct schema_property *d = &s->properties[ordinal];
    d->type = (CIMTYPE)(get_u16(info) & ~PROPERTY_INHERITED);
    d->inherited = (get_u16(info) & PROPERTY_INHERITED) != 0;
    d->value_size = cim_size(d->type);
    d->value_offset = get_u32(info + 6);
    d->origin = get_u32(info + 10);
    d->qualifiers = ref + PROPERTY_INFO_SIZE;
    if (d->value_size == 0 || d->value_offset > s->values_size ||
        s->values_size - d->value_offset < d->value_size) {
        return WBEM_E_INVALID_OBJECT;
    }

    const uint8_t *limit = s->heap.bytes + s->heap.size, *end;
    hr = qualifier_set_check(info + PROPERTY_INFO_SIZE, limit, s->heap, p->check, &end);
    if (FAILED(hr)) {
        return hr;
    }
    static const wchar_t *const names[] = {L"key", L"indexed", L"not_null"};
    unsigned trues = qualifier_set_trues(info + PROPERTY_INFO_SIZE, limit, s->heap, names, 3);
    d->key = (trues & 1) != 0;
    d->indexed = (trues & 2) != 0;
    d->not_null = (trues & 4) != 0;
    s->key_count += d->key;
    s->lookup[index] = ordinal;
    d->name = put_name(p, &name);
    return WBEM_S_NO_ERROR;
}

/* A table of twice the size, open addressing. Two properties of one name are refused. */
static HRESULT index_properties(struct parse *p)
{
    struct schema *s = p->s;
    for (uint32_t i = 0; i < s->property_count; i++) {
        struct schema_property *d = &s->properties[i];
        d->hash = name_hash(d->name, &d->name_length);
        uint32_t slot = d->hash & s->slot_mask;
        for (; s->slots[slot]; slot = (slot + 1) & s->slot_mask) {
            const struct schema_property *o = &s->properties[s->slots[slot] - 1];
            bool alike = o->hash == d->hash && o->name_length == d->name_length;
            /* Names that were chosen to collide must not take longer than their bytes warrant. */
            if (!spend(p, alike ? 1 + d->name_length : 1) ||
                (alike && name_equal(o->name, d->name))) {
                return WBEM_E_INVALID_OBJECT;
            }
        }
        s->slots[slot] = (uint16_t)(i + 1);
    }
    return WBEM_S_NO_ERROR;
}

/* Numbers are good whatever their bits are. */
static void list_checks(struct schema *s)
{
    for (uint32_t i = 0; i < s->property_count; i++) {
        const struct schema_property *p = &s->properties[i];
        bool text = cim_is_string(p->type);
        if (text || cim_is_array(p->type) || p->type == CIM_OBJECT) {
            s->checks[s->check_count++] = (struct schema_check){p->value_offset, (uint16_t)i, text};
        }
    }
}

static HRESULT parse_properties(struct parse *p, const uint8_t *lookup)
{
    struct schema *s = p->s;
    for (uint32_t i = 0; i < s->property_count; i++) {
        HRESULT hr = parse_property(p, lookup + (size_t)i * 8, i);
        if (FAILED(hr)) {
            return hr;
        }
    }
    list_checks(s);
    /* Every ordinal below the count came once, so each has its name now. */
    HRESULT hr = index_properties(p);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < s->property_count; i++) {
        if (!(nd_get(s->class_part + s->nd_table, i) & ND_NULL)) {
            hr = value_check(s->properties[i].type,
                             s->class_part + s->values + s->properties[i].value_offset, s->heap,
                             p->check);
        }
    }
    return hr;
}

static HRESULT parse_class(struct parse *p)
{
    struct schema *s = p->s;
    const uint8_t *lookup, *end;
    uint32_t name_ref = get_u32(p->at + 5), tables_size = get_u32(p->at + 9);
    p->at += CLASS_HEADER_SIZE;

    HRESULT hr = parse_derivation(p);
    if (SUCCEEDED(hr)) {
        hr = parse_tables(p, &lookup, tables_size);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (name_ref != HEAP_REF_NULL) {
        hr = string_at(s->heap, name_ref, &s->encoded_name);
    }
    if (SUCCEEDED(hr)) {
        hr = make_room(p, lookup, name_ref != HEAP_REF_NULL);
    }
    if (FAILED(hr)) {
        return hr;
    }
    take_ancestors(p);
    s->name = name_ref != HEAP_REF_NULL ? put_name(p, &s->encoded_name) : NULL;
    const uint8_t *qualifiers = s->class_part + s->class_qualifiers;
    const uint8_t *limit = qualifiers + get_u32(qualifiers);
    hr = qualifier_set_check(qualifiers, limit, s->heap, p->check, &end);
    if (FAILED(hr)) {
        return hr;
    }
    s->singleton =
        qualifier_set_trues(qualifiers, limit, s->heap, &(const wchar_t *){L"singleton"}, 1) != 0;
    return parse_properties(p, lookup);
}

static uint8_t *copy_bytes(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size);
    return copy ? memcpy(copy, bytes, size) : NULL;
}

HRESULT schema_parse(const uint8_t *class_part, size_t class_part_size, const uint8_t *methods,
                     size_t methods_size, struct schema *parent, struct check *check,
                     struct schema **ret)
{
    if (class_part_size < CLASS_HEADER_SIZE || class_part_size > ENCODING_SIZE_MAX ||
        methods_size > ENCODING_SIZE_MAX) {
        return WBEM_E_INVALID_OBJECT;
    }
    struct schema *s = calloc(1, sizeof *s);
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    atomic_init(&s->refs, 1);
    s->parent = schema_ref(parent);
    s->class_part = copy_bytes(class_part, class_part_size);
    s->class_part_size = (uint32_t)class_part_size;

    HRESULT hr = WBEM_E_OUT_OF_MEMORY;
    if (s->class_part) {
        struct parse p = {
            .s = s, .at = s->class_part, .end = s->class_part + class_part_size, .check = check};
        hr = parse_class(&p);
    }
    if (SUCCEEDED(hr) && methods) {
        hr = methods_check(methods, methods_size, check);
        s->methods_part = SUCCEEDED(hr) ? copy_bytes(methods, methods_size) : NULL;
        s->methods_part_size = (uint32_t)methods_size;
        if (SUCCEEDED(hr) && !s->methods_part) {
            hr = WBEM_E_OUT_OF_MEMORY;
        }
    }
    if (FAILED(hr)) {
        schema_unref(s);
        return hr;
    }
    *ret = s;
    return WBEM_S_NO_ERROR;
}
