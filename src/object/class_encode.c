/*
 * A draft to the bytes of ClassPart and MethodsPart; the heap in the order that
 * the examples of [MS-WMIO] 3 have: class name, class qualifiers, then for each
 * property, sorted by name, its name, its PropertyInfo and what that refers to;
 * default values last.
 */
#include "object/object_private.h"

/* 2.2.38: a class without methods has this all the same. */
const uint8_t empty_methods_part[12] = {12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80};

struct encoding {
    const struct draft *d;
    struct buffer out, heap;
    uint32_t *sorted;  /* declaration orders, by name */
    uint32_t *offsets; /* in the value table, by declaration order */
};

static void text_append(const wchar_t *text, struct buffer *to)
{
    struct value v = {0};
    uint8_t slot[4];
    if (FAILED(value_from_wide(CIM_STRING, text, wcslen(text), &v))) {
        to->failed = true;
        return;
    }
    string_append(&v.v.string, false, slot, to);
    value_done(&v);
}

/* 2.2.17 */
static void write_derivation(const struct draft *d, struct buffer *out)
{
    uint32_t start = out->size;
    buffer_u32(out, 0);
    for (uint32_t i = 0; i < d->ancestor_count; i++) {
        uint32_t at = out->size;
        text_append(d->ancestors[i], out);
        buffer_u32(out, out->size - at);
    }
    buffer_set_u32(out, start, out->size - start);
}

static int compare_properties(const void *a, const void *b, void *properties)
{
    const struct draft_property *p = properties;
    return name_compare(p[*(const uint32_t *)a].name, p[*(const uint32_t *)b].name);
}

/* 2.2.21 and, on the heap, 2.2.30 */
static void write_property(struct encoding *e, uint32_t index)
{
    const struct draft_property *p = &e->d->properties[index];
    buffer_u32(&e->out, e->heap.size);
    text_append(p->name, &e->heap);
    buffer_u32(&e->out, e->heap.size);
    buffer_u32(&e->heap, (uint32_t)p->type | (p->inherited ? 0x4000u : 0));
    buffer_u16(&e->heap, (uint16_t)index);
    buffer_u32(&e->heap, e->offsets[index]);
    buffer_u32(&e->heap, p->origin);
    qualifier_list_write_on_heap(&p->qualifiers, &e->heap);
}

/* 2.2.26, 2.2.29 */
static void write_defaults(struct encoding *e, uint32_t nd_size, uint32_t values_size)
{
    uint8_t *tables = buffer_add(&e->out, (size_t)nd_size + values_size);
    if (!tables) {
        return;
    }
    memset(tables, 0, nd_size);
    memset(tables + nd_size, 0xff, values_size);
    for (uint32_t i = 0; i < e->d->property_count; i++) {
        const struct draft_property *p = &e->d->properties[e->sorted[i]];
        nd_set(tables, e->sorted[i],
               (p->value.v.null ? ND_NULL : 0) | (p->default_inherited ? ND_INHERITED : 0));
        if (!p->value.v.null) {
            value_append(&p->value.v, tables + nd_size + e->offsets[e->sorted[i]], &e->heap);
        }
    }
}

static void write_class(struct encoding *e)
{
    const struct draft *d = e->d;
    uint32_t values_size = 0, nd_size = nd_table_size(d->property_count);
    for (uint32_t i = 0; i < d->property_count; i++) {
        e->sorted[i] = i;
        e->offsets[i] = values_size;
        values_size += cim_size(d->properties[i].type);
    }
    if (d->property_count > 0) {
        qsort_r(e->sorted, d->property_count, sizeof *e->sorted, compare_properties, d->properties);
    }

    bool named = d->name && d->name[0];
    buffer_u32(&e->out, 0);
    buffer_u8(&e->out, 0);
    buffer_u32(&e->out, named ? 0 : HEAP_REF_NULL);
    buffer_u32(&e->out, nd_size + values_size);
    if (named) {
        text_append(d->name, &e->heap);
    }
    write_derivation(d, &e->out);
    qualifier_list_write(&d->qualifiers, &e->out, &e->heap);
    buffer_u32(&e->out, d->property_count);
    for (uint32_t i = 0; i < d->property_count; i++) {
        write_property(e, e->sorted[i]);
    }
    write_defaults(e, nd_size, values_size);
    buffer_u32(&e->out, e->heap.size | HEAP_REF_DICTIONARY);
    buffer_put(&e->out, e->heap.bytes, e->heap.size);
    buffer_set_u32(&e->out, 0, e->out.size);
    e->out.failed = e->out.failed || e->heap.failed;
}

static void write_signature(const uint8_t *bytes, uint32_t size, struct buffer *heap)
{
    buffer_u32(heap, size);
    if (bytes) {
        buffer_put(heap, bytes, size);
    }
}

static void write_methods(const struct draft *d, struct buffer *out)
{
    struct buffer heap = {0};
    buffer_u32(out, 0);
    buffer_u16(out, (uint16_t)d->method_count);
    buffer_u16(out, 0);
    for (uint32_t i = 0; i < d->method_count; i++) {
        const struct draft_method *m = &d->methods[i];
        uint32_t name = heap.size;
        text_append(m->name, &heap);
        uint32_t in = heap.size;
        write_signature(m->in, m->in_size, &heap);
        uint32_t signature_out = heap.size;
        write_signature(m->out, m->out_size, &heap);
        uint32_t qualifiers = heap.size;
        qualifier_list_write_on_heap(&m->qualifiers, &heap);
        buffer_u32(out, name);
        buffer_u32(out, m->inherited ? WBEM_FLAVOR_ORIGIN_PROPAGATED : 0); /* and the padding */
        buffer_u32(out, m->origin);
        buffer_u32(out, qualifiers);
        buffer_u32(out, in);
        buffer_u32(out, signature_out);
    }
    buffer_u32(out, heap.size | HEAP_REF_DICTIONARY);
    buffer_put(out, heap.bytes, heap.size);
    buffer_set_u32(out, 0, out->size);
    out->failed = out->failed || heap.failed;
    buffer_done(&heap);
}

HRESULT draft_encode(const struct draft *d, struct schema **ret)
{
    struct encoding e = {.d = d};
    struct buffer methods = {0};
    /* Our own bytes, in which nothing is shared; embedded objects were checked when they came. */
    struct check check = {.budget = SIZE_MAX};
    HRESULT hr = WBEM_E_OUT_OF_MEMORY;
    e.sorted = malloc((d->property_count + 1) * sizeof *e.sorted);
    e.offsets = malloc((d->property_count + 1) * sizeof *e.offsets);
    if (e.sorted && e.offsets) {
        write_class(&e);
        write_methods(d, &methods);
    }
    if (e.sorted && e.offsets && !e.out.failed && !methods.failed) {
        hr = schema_parse(e.out.bytes, e.out.size, methods.bytes, methods.size, d->parent, &check,
                          ret);
    }
    if (SUCCEEDED(hr)) {
        (*ret)->keys_missing = d->keys_missing;
    }
    buffer_done(&e.out);
    buffer_done(&e.heap);
    buffer_done(&methods);
    free(e.sorted);
    free(e.offsets);
    return hr;
}
