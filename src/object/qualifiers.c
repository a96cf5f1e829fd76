/*
 * Qualifier sets: as bytes, [MS-WMIO] 2.2.59, and as lists that can be edited.
 */
#include "object/object_private.h"

/* QualifierName, QualifierFlavor, QualifierType: 2.2.60. The value follows. */
#define QUALIFIER_FIXED_SIZE 9u

/* ---- bytes ------------------------------------------------------------------ */

HRESULT qualifier_open(const uint8_t *set, const uint8_t *limit, struct heap heap,
                       struct qualifier_cursor *ret)
{
    size_t left = set <= limit ? (size_t)(limit - set) : 0;
    if (left < 4 || get_u32(set) < 4 || get_u32(set) > left) {
        return WBEM_E_INVALID_OBJECT;
    }
    *ret = (struct qualifier_cursor){.at = set + 4, .end = set + get_u32(set), .heap = heap};
    return WBEM_S_NO_ERROR;
}

/* The fixed fields of the next one; *ret_slot is where its value stands. */
static HRESULT qualifier_step(struct qualifier_cursor *c, struct qualifier_view *ret,
                              const uint8_t **ret_slot)
{
    if (c->at == c->end) {
        return WBEM_S_FALSE;
    }
    if ((size_t)(c->end - c->at) < QUALIFIER_FIXED_SIZE) {
        return WBEM_E_INVALID_OBJECT;
    }
    /* 2.2.82: only the lower 16 bits of a CimType are used. */
    ret->value.type = (CIMTYPE)(get_u32(c->at + 5) & 0xffff);
    ret->flavor = c->at[4];
    HRESULT hr = string_at(c->heap, get_u32(c->at), &ret->name);
    *ret_slot = c->at + QUALIFIER_FIXED_SIZE;
    uint32_t size = cim_size(ret->value.type);
    if (FAILED(hr) || size == 0 || size > (size_t)(c->end - *ret_slot)) {
        return WBEM_E_INVALID_OBJECT;
    }
    c->at = *ret_slot + size;
    return WBEM_S_NO_ERROR;
}

HRESULT qualifier_next(struct qualifier_cursor *c, struct qualifier_view *ret)
{
    const uint8_t *slot;
    HRESULT hr = qualifier_step(c, ret, &slot);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    return value_at(ret->value.type, slot, c->heap, &ret->value);
}

/* Of one set: they are searched one by one. */
#define QUALIFIERS_MOST 4096u

HRESULT qualifier_set_check(const uint8_t *set, const uint8_t *limit, struct heap heap,
                            struct check *check, const uint8_t **ret_end)
{
    struct qualifier_cursor c;
    struct qualifier_view q;
    const uint8_t *slot;
    HRESULT hr = qualifier_open(set, limit, heap, &c);
    if (FAILED(hr)) {
        return hr;
    }
    *ret_end = c.end;
    uint32_t count = 0;
    while ((hr = qualifier_step(&c, &q, &slot)) == WBEM_S_NO_ERROR) {
        if (++count > QUALIFIERS_MOST || q.name.length + QUALIFIER_FIXED_SIZE > check->budget) {
            return WBEM_E_INVALID_OBJECT;
        }
        check->budget -= q.name.length + QUALIFIER_FIXED_SIZE;
        hr = value_check(q.value.type, slot, heap, check);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return SUCCEEDED(hr) ? WBEM_S_NO_ERROR : hr;
}

unsigned qualifier_set_trues(const uint8_t *set, const uint8_t *limit, struct heap heap,
                             const wchar_t *const *names, unsigned count)
{
    struct qualifier_cursor c;
    unsigned found = 0;
    if (FAILED(qualifier_open(set, limit, heap, &c))) {
        return 0;
    }
    while ((size_t)(c.end - c.at) >= QUALIFIER_FIXED_SIZE + 2) {
        CIMTYPE type = (CIMTYPE)(get_u32(c.at + 5) & 0xffff);
        uint32_t size = cim_size(type);
        struct cim_string name;
        if (size == 0 || size > (size_t)(c.end - c.at) - QUALIFIER_FIXED_SIZE) {
            break;
        }
        /* Names are looked at of those alone that are true: few. */
        if (type == CIM_BOOLEAN && get_u16(c.at + QUALIFIER_FIXED_SIZE) &&
            SUCCEEDED(string_at(heap, get_u32(c.at), &name))) {
            for (unsigned i = 0; i < count; i++) {
                found |= string_is(&name, names[i]) ? 1u << i : 0;
            }
        }
        c.at += QUALIFIER_FIXED_SIZE + size;
    }
    return found;
}

/* ---- lists -------------------------------------------------------------------- */

static void qualifier_done(struct qualifier *q)
{
    free(q->name);
    value_done(&q->value);
}

void qualifier_list_done(struct qualifier_list *l)
{
    for (uint32_t i = 0; i < l->count; i++) {
        qualifier_done(&l->items[i]);
    }
    free(l->items);
    *l = (struct qualifier_list){0};
}

struct qualifier *qualifier_list_find(const struct qualifier_list *l, const wchar_t *name)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (name_equal(l->items[i].name, name)) {
            return &l->items[i];
        }
    }
    return NULL;
}

/* Takes the name, also on failure. */
static HRESULT qualifier_list_add(struct qualifier_list *l, wchar_t *name,
                                  const struct cim_value *value, uint8_t flavor)
{
    struct qualifier made = {.name = name, .flavor = flavor};
    HRESULT hr = name ? value_copy(value, &made.value) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr) && l->count == l->capacity) {
        uint32_t capacity = l->capacity ? l->capacity * 2 : 4;
        struct qualifier *items = realloc(l->items, capacity * sizeof *items);
        if (items) {
            l->items = items;
            l->capacity = capacity;
        } else {
            hr = WBEM_E_OUT_OF_MEMORY;
        }
    }
    if (FAILED(hr)) {
        qualifier_done(&made);
        return hr;
    }
    l->items[l->count++] = made;
    return WBEM_S_NO_ERROR;
}

HRESULT qualifier_list_put(struct qualifier_list *l, const wchar_t *name,
                           const struct cim_value *value, uint8_t flavor)
{
    struct qualifier *q = qualifier_list_find(l, name);
    if (!q) {
        return qualifier_list_add(l, name_copy(name), value, flavor);
    }
    struct value copy = {0};
    HRESULT hr = value_copy(value, &copy);
    if (FAILED(hr)) {
        return hr;
    }
    value_done(&q->value);
    q->value = copy;
    q->flavor = flavor;
    return WBEM_S_NO_ERROR;
}

void qualifier_list_remove(struct qualifier_list *l, struct qualifier *q)
{
    qualifier_done(q);
    size_t after = (size_t)(l->items + l->count - (q + 1));
    memmove(q, q + 1, after * sizeof *q);
    l->count--;
}

HRESULT qualifier_list_read(struct qualifier_cursor *c, struct qualifier_list *ret)
{
    struct qualifier_view q;
    HRESULT hr;
    while ((hr = qualifier_next(c, &q)) == WBEM_S_NO_ERROR) {
        hr = qualifier_list_add(ret, string_wide_copy(&q.name), &q.value, q.flavor);
        if (FAILED(hr)) {
            break;
        }
    }
    if (FAILED(hr)) {
        qualifier_list_done(ret);
        return hr;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT copy_some(const struct qualifier_list *from, uint8_t must, uint8_t add,
                         struct qualifier_list *ret)
{
    for (uint32_t i = 0; i < from->count; i++) {
        const struct qualifier *q = &from->items[i];
        if ((q->flavor & must) != must) {
            continue;
        }
        HRESULT hr =
            qualifier_list_add(ret, name_copy(q->name), &q->value.v, (uint8_t)(q->flavor | add));
        if (FAILED(hr)) {
            qualifier_list_done(ret);
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

HRESULT qualifier_list_copy(const struct qualifier_list *from, struct qualifier_list *ret)
{
    return copy_some(from, 0, 0, ret);
}

HRESULT qualifier_list_propagate(const struct qualifier_list *from, uint8_t flavor,
                                 struct qualifier_list *ret)
{
    return copy_some(from, flavor, WBEM_FLAVOR_ORIGIN_PROPAGATED, ret);
}

void qualifier_list_drop_amended(struct qualifier_list *l)
{
    for (uint32_t i = l->count; i-- > 0;) {
        if (l->items[i].flavor & WBEM_FLAVOR_AMENDED) {
            qualifier_list_remove(l, &l->items[i]);
        }
    }
}

bool qualifier_list_equal(const struct qualifier_list *a, const struct qualifier_list *b,
                          bool ignore_case, bool ignore_flavor)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct qualifier *x = &a->items[i], *y = &b->items[i];
        if (!name_equal(x->name, y->name)) { /* in another order */
            y = qualifier_list_find(b, x->name);
        }
        if (!y || !value_equal(&x->value.v, &y->value.v, ignore_case) ||
            (!ignore_flavor && x->flavor != y->flavor)) {
            return false;
        }
    }
    return true;
}

/* ---- writing -------------------------------------------------------------------- */

static uint32_t set_size(const struct qualifier_list *l)
{
    uint32_t size = 4;
    for (uint32_t i = 0; i < l->count; i++) {
        size += QUALIFIER_FIXED_SIZE + cim_size(l->items[i].value.v.type);
    }
    return size;
}

static void name_append(const wchar_t *name, uint8_t *slot, struct buffer *heap)
{
    struct value text = {0};
    if (FAILED(value_from_wide(CIM_STRING, name, wcslen(name), &text))) {
        heap->failed = true;
        return;
    }
    string_append(&text.v.string, true, slot, heap);
    value_done(&text);
}

/* One qualifier; `to` has room for it. Values of strings are not taken from the dictionary:
 * Windows does so only for names ([MS-WMIO] 3, the value "read" aside, never meets one). */
static uint32_t qualifier_write(const struct qualifier *q, uint8_t *to, struct buffer *heap)
{
    name_append(q->name, to, heap);
    to[4] = q->flavor;
    put_u32(to + 5, (uint32_t)q->value.v.type);
    value_append(&q->value.v, to + QUALIFIER_FIXED_SIZE, heap);
    return QUALIFIER_FIXED_SIZE + cim_size(q->value.v.type);
}

void qualifier_list_write(const struct qualifier_list *l, struct buffer *out, struct buffer *heap)
{
    uint32_t size = set_size(l);
    uint8_t *to = buffer_add(out, size);
    if (!to) {
        return;
    }
    put_u32(to, size);
    to += 4;
    for (uint32_t i = 0; i < l->count; i++) {
        to += qualifier_write(&l->items[i], to, heap);
    }
}

void qualifier_list_write_on_heap(const struct qualifier_list *l, struct buffer *heap)
{
    uint8_t one[QUALIFIER_FIXED_SIZE + 8];
    uint32_t at = heap->size, size = set_size(l);
    if (!buffer_add(heap, size)) {
        return;
    }
    put_u32(heap->bytes + at, size);
    at += 4;
    for (uint32_t i = 0; i < l->count && !heap->failed; i++) {
        uint32_t used = qualifier_write(&l->items[i], one, heap);
        if (!heap->failed) {
            memcpy(heap->bytes + at, one, used);
        }
        at += used;
    }
}
