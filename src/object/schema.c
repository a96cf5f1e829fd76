/*
 * Parsed classes: shared, immutable, found by name in a hash table.
 */
#include "object/object_private.h"

struct schema *schema_ref(struct schema *s)
{
    if (s) {
        atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    }
    return s;
}

static void schema_destroy(struct schema *s)
{
    free(s->tables);
    free(s->class_part);
    free(s->methods_part);
    free(s);
}

void schema_unref(struct schema *s)
{
    /* Parents in a loop: a chain of classes may be longer than the stack is deep. */
    while (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
        struct schema *parent = s->parent;
        schema_destroy(s);
        s = parent;
    }
}

const wchar_t *schema_class_name(const struct schema *s)
{
    return s->name ? s->name : L"";
}

uint32_t schema_property_count(const struct schema *s)
{
    return s->property_count;
}

const wchar_t *schema_property_name(const struct schema *s, uint32_t ordinal)
{
    return s->properties[ordinal].name;
}

CIMTYPE schema_property_type(const struct schema *s, uint32_t ordinal)
{
    return s->properties[ordinal].type;
}

bool schema_property_is_key(const struct schema *s, uint32_t ordinal)
{
    return s->properties[ordinal].key;
}

bool schema_property_is_indexed(const struct schema *s, uint32_t ordinal)
{
    return s->properties[ordinal].indexed;
}

bool schema_property_is_not_null(const struct schema *s, uint32_t ordinal)
{
    return s->properties[ordinal].not_null;
}

bool schema_has_true(const struct schema *s, const wchar_t *name)
{
    const uint8_t *set = s->class_part + s->class_qualifiers;
    return qualifier_set_trues(set, set + get_u32(set), s->heap, &name, 1) != 0;
}

static HRESULT find_hashed(const struct schema *s, const wchar_t *name, uint32_t *ret)
{
    uint32_t length, hash = name_hash(name, &length);
    for (uint32_t slot = hash & s->slot_mask; s->slots[slot]; slot = (slot + 1) & s->slot_mask) {
        const struct schema_property *p = &s->properties[s->slots[slot] - 1];
        if (p->hash == hash && p->name_length == length && name_equal(p->name, name)) {
            *ret = s->slots[slot] - 1u;
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_E_NOT_FOUND;
}

/* Shorter than a call of wcscmp(), names being short. */
static inline bool same_spelling(const wchar_t *a, const wchar_t *b)
{
    while (*a == *b) {
        if (*a == 0) {
            return true;
        }
        a++;
        b++;
    }
    return false;
}

HRESULT schema_find(const struct schema *s, const wchar_t *name, uint32_t *ret_ordinal)
{
    uintptr_t address = (uintptr_t)name;
    size_t i = (address >> 2 ^ address >> 8) % (sizeof s->hints / sizeof s->hints[0]);
    /* Only the hints of a schema ever change. */
    _Atomic uint16_t *hint = (_Atomic uint16_t *)&s->hints[i];
    uint32_t guess = atomic_load_explicit(hint, memory_order_relaxed);
    if (guess < s->property_count && same_spelling(s->properties[guess].name, name)) {
        *ret_ordinal = guess;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = find_hashed(s, name, ret_ordinal);
    if (SUCCEEDED(hr)) {
        atomic_store_explicit(hint, (uint16_t)*ret_ordinal, memory_order_relaxed);
    }
    return hr;
}

bool schema_is_a(const struct schema *s, const wchar_t *ancestor)
{
    if (s->name && name_equal(s->name, ancestor)) {
        return true;
    }
    for (uint32_t i = 0; i < s->ancestor_count; i++) {
        if (name_equal(s->ancestors[i], ancestor)) {
            return true;
        }
    }
    return false;
}

HRESULT schema_default(const struct schema *s, uint32_t ordinal, struct cim_value *ret)
{
    const struct schema_property *p = &s->properties[ordinal];
    if (nd_get(s->class_part + s->nd_table, ordinal) & ND_NULL) {
        *ret = value_null(p->type);
        return WBEM_S_NO_ERROR;
    }
    return value_at(p->type, s->class_part + s->values + p->value_offset, s->heap, ret);
}

HRESULT schema_qualifiers(const struct schema *s, struct qualifier_cursor *ret)
{
    const uint8_t *set = s->class_part + s->class_qualifiers;
    return qualifier_open(set, set + get_u32(set), s->heap, ret);
}

HRESULT schema_property_qualifiers(const struct schema *s, uint32_t ordinal,
                                   struct qualifier_cursor *ret)
{
    return qualifier_open(s->heap.bytes + s->properties[ordinal].qualifiers,
                          s->heap.bytes + s->heap.size, s->heap, ret);
}

/* Leave out what the draft has and `wanted` does not; ordinals close up. */
static void draft_reduce(struct draft *d, const bool *wanted, uint32_t *map)
{
    uint32_t kept = 0, ordinal = 0;
    for (uint32_t i = 0; i < d->property_count; ordinal++) {
        struct draft_property *p = &d->properties[i];
        if (wanted[ordinal]) {
            map[kept++] = ordinal;
            i++;
            continue;
        }
        struct qualifier *key = qualifier_list_find(&p->qualifiers, L"key");
        d->keys_missing = d->keys_missing || (key && key->value.v.sint);
        draft_remove_property(d, p);
    }
}

HRESULT schema_project(struct schema *s, const bool *wanted, struct schema **ret,
                       uint32_t **ret_map)
{
    struct draft *d = NULL;
    uint32_t *map = malloc((s->property_count + 1) * sizeof *map);
    HRESULT hr = map ? draft_from_schema(s, &d) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        draft_reduce(d, wanted, map);
        hr = draft_encode(d, ret);
    }
    draft_destroy(d);
    if (FAILED(hr) || !ret_map) {
        free(map);
        return hr;
    }
    *ret_map = map;
    return WBEM_S_NO_ERROR;
}
