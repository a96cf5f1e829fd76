/*
 * Qualifiers of an instance and of its properties: read from its part when first
 * asked for, written back when it is encoded; and the view of them together with
 * what the class propagates.
 */
#include "object/object_private.h"

static struct instance_qualifiers *loaded(const struct object *o)
{
    struct object_extras *e = atomic_load_explicit(&o->extras, memory_order_acquire);
    return e ? atomic_load_explicit(&e->qualifiers, memory_order_acquire) : NULL;
}

void instance_qualifiers_destroy(struct instance_qualifiers *q)
{
    if (q) {
        for (uint32_t i = 0; i < q->property_count; i++) {
            qualifier_list_done(&q->properties[i]);
        }
        qualifier_list_done(&q->own);
        free(q->properties);
        free(q);
    }
}

static HRESULT read_sets(const struct object *o, const struct schema *s,
                         struct instance_qualifiers *q)
{
    const struct instance_layout *l = &o->layout;
    struct heap heap = {o->part + l->heap, l->heap_size};
    const uint8_t *limit = heap.bytes - 4;
    struct qualifier_cursor c;
    HRESULT hr = qualifier_open(o->part + l->qualifiers, limit, heap, &c);
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_read(&c, &q->own);
    }
    const uint8_t *at = o->part + l->property_qualifiers + 1;
    bool all = o->part[l->property_qualifiers] == 2; /* 2.2.65 */
    for (uint32_t i = 0; all && SUCCEEDED(hr) && i < s->property_count; i++) {
        hr = qualifier_open(at, limit, heap, &c);
        if (SUCCEEDED(hr)) {
            at = c.end;
            hr = qualifier_list_read(&c, &q->properties[s->lookup[i]]);
        }
    }
    return hr;
}

HRESULT instance_qualifiers(struct object *o, struct instance_qualifiers **ret)
{
    const struct schema *s = atomic_load_explicit(&o->schema, memory_order_relaxed);
    struct object_extras *e;
    struct instance_qualifiers *q = loaded(o), *none = NULL;
    if (q) {
        *ret = q;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = object_extras(o, &e);
    if (FAILED(hr)) {
        return hr;
    }
    q = calloc(1, sizeof *q);
    if (q) {
        q->property_count = s->property_count;
        q->properties = calloc(s->property_count + 1u, sizeof *q->properties);
    }
    hr = q && q->properties ? read_sets(o, s, q) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        if (q && !q->properties) {
            q->property_count = 0;
        }
        instance_qualifiers_destroy(q);
        return hr;
    }
    if (!atomic_compare_exchange_strong_explicit(&e->qualifiers, &none, q, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        instance_qualifiers_destroy(q);
        q = none;
    }
    *ret = q;
    return WBEM_S_NO_ERROR;
}

HRESULT instance_flush(struct object *o)
{
    struct object_extras *e = atomic_load_explicit(&o->extras, memory_order_acquire);
    struct instance_value *values;
    struct object *built = NULL;
    if (!e || !e->qualifiers_dirty) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = instance_values(o, &values);
    if (FAILED(hr)) {
        return hr;
    }
    hr = instance_build(atomic_load_explicit(&o->schema, memory_order_relaxed), values, NULL,
                        loaded(o), NULL, &built);
    free(values);
    if (FAILED(hr)) {
        return hr;
    }
    uint8_t *part = malloc(built->part_size);
    if (part) {
        memcpy(part, built->part, built->part_size);
        if (o->part_capacity > 0) {
            free(o->part);
        }
        o->part = part;
        o->part_size = o->part_capacity = built->part_size;
        o->layout = built->layout;
        o->garbage = 0;
        e->qualifiers_dirty = false;
    }
    object_release(built);
    return part ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

/* ---- own and propagated ------------------------------------------------------------------ */

/* Add to `own` what the class propagates to instances and they do not override. */
static HRESULT add_propagated(struct qualifier_cursor *c, struct qualifier_list *ret)
{
    struct qualifier_view q;
    HRESULT hr;
    while ((hr = qualifier_next(c, &q)) == WBEM_S_NO_ERROR) {
        if (!(q.flavor & WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE)) {
            continue;
        }
        wchar_t *name = string_wide_copy(&q.name);
        if (!name) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        if (!qualifier_list_find(ret, name)) {
            hr = qualifier_list_put(ret, name, &q.value,
                                    (uint8_t)(q.flavor | WBEM_FLAVOR_ORIGIN_PROPAGATED));
        }
        free(name);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return SUCCEEDED(hr) ? WBEM_S_NO_ERROR : hr;
}

static HRESULT of_instance(struct object *o, const wchar_t *property, struct qualifier_list *ret)
{
    const struct schema *s = atomic_load_explicit(&o->schema, memory_order_relaxed);
    struct instance_qualifiers *own;
    struct qualifier_cursor c;
    uint32_t ordinal = 0;
    HRESULT hr = property ? schema_find(s, property, &ordinal) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr)) {
        hr = instance_qualifiers(o, &own);
    }
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_copy(property ? &own->properties[ordinal] : &own->own, ret);
    }
    if (SUCCEEDED(hr)) {
        hr = property ? schema_property_qualifiers(s, ordinal, &c) : schema_qualifiers(s, &c);
    }
    if (SUCCEEDED(hr)) {
        hr = add_propagated(&c, ret);
    }
    if (FAILED(hr)) {
        qualifier_list_done(ret);
    }
    return hr;
}

HRESULT object_qualifiers(struct object *o, const wchar_t *property, struct qualifier_list *ret)
{
    struct draft *d;
    if (!o->is_class) {
        return of_instance(o, property, ret);
    }
    HRESULT hr = object_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    const struct draft_property *p = property ? draft_find(d, property) : NULL;
    if (property && !p) {
        return WBEM_E_NOT_FOUND;
    }
    return qualifier_list_copy(p ? &p->qualifiers : &d->qualifiers, ret);
}
