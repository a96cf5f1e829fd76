/*
 * Objects from objects: Clone, SpawnDerivedClass, SpawnInstance, projections,
 * the copy without amended qualifiers (wbemcli
 * nf-wbemcli-iwbemclassobject-clone, -spawnderivedclass, -spawninstance).
 */
#include "object/object_private.h"

static HRESULT clone_instance(struct object *o, struct object **ret)
{
    HRESULT hr = instance_flush(o);
    if (FAILED(hr)) {
        return hr;
    }
    hr = object_instance_from_part(atomic_load_explicit(&o->schema, memory_order_relaxed), o->where,
                                   o->part, o->part_size, &o->layout, ret);
    if (SUCCEEDED(hr)) {
        (*ret)->wire_flags = o->wire_flags;
        (*ret)->garbage = o->garbage;
    }
    return hr;
}

HRESULT object_clone(struct object *o, IWbemClassObject **ret)
{
    struct object *copy;
    struct schema *s;
    HRESULT hr;
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (o->is_class) {
        hr = object_schema(o, &s);
        if (SUCCEEDED(hr)) {
            hr = object_class_from_schema(s, o->where, &copy);
        }
        if (SUCCEEDED(hr)) {
            copy->wire_flags = o->wire_flags;
        }
    } else {
        hr = clone_instance(o, &copy);
    }
    if (SUCCEEDED(hr)) {
        *ret = &copy->iface;
    }
    return hr;
}

HRESULT object_spawn_derived(struct object *o, LONG flags, IWbemClassObject **ret)
{
    struct schema *s;
    struct draft *d;
    struct object *made;
    if (!ret || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (!o->is_class) {
        return WBEM_E_INVALID_OPERATION;
    }
    if (!object_class_name(o)) {
        return WBEM_E_INCOMPLETE_CLASS;
    }
    HRESULT hr = object_schema(o, &s);
    if (SUCCEEDED(hr)) {
        hr = draft_derive(s, &d);
    }
    if (SUCCEEDED(hr)) {
        hr = object_class_from_draft(d, o->where, &made);
    }
    if (SUCCEEDED(hr)) {
        *ret = &made->iface;
    }
    return hr;
}

HRESULT object_spawn_instance(struct object *o, LONG flags, IWbemClassObject **ret)
{
    struct schema *s;
    struct object *made;
    if (!ret || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (!o->is_class) {
        return WBEM_E_INVALID_OPERATION;
    }
    if (!object_class_name(o)) {
        return WBEM_E_INCOMPLETE_CLASS;
    }
    HRESULT hr = object_schema(o, &s);
    if (FAILED(hr)) {
        return hr;
    }
    struct instance_value *values = calloc(s->property_count + 1u, sizeof *values);
    if (!values) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < s->property_count; i++) {
        values[i].is_default = true;
    }
    hr = instance_build(s, values, NULL, NULL, o->where, &made);
    free(values);
    if (SUCCEEDED(hr)) {
        *ret = &made->iface;
    }
    return hr;
}

/* The own qualifiers of an instance, those of the projection's properties. Borrows the lists. */
static HRESULT project_qualifiers(struct object *o, const struct schema *as, const uint32_t *map,
                                  struct instance_qualifiers *ret)
{
    struct instance_qualifiers *own;
    HRESULT hr = instance_qualifiers(o, &own);
    if (FAILED(hr)) {
        return hr;
    }
    ret->own = own->own;
    ret->property_count = as->property_count;
    ret->properties = calloc(as->property_count + 1u, sizeof *ret->properties);
    if (!ret->properties) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < as->property_count; i++) {
        ret->properties[i] = own->properties[map ? map[i] : i];
    }
    return WBEM_S_NO_ERROR;
}

HRESULT object_project(IWbemClassObject *object, struct schema *as, const uint32_t *map,
                       IWbemClassObject **ret)
{
    struct object *o = object_is_ours(object) ? object_of(object) : NULL, *made;
    struct instance_qualifiers q = {0};
    struct instance_value *values;
    if (!o || o->is_class) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = instance_values(o, &values);
    if (FAILED(hr)) {
        return hr;
    }
    hr = project_qualifiers(o, as, map, &q);
    if (SUCCEEDED(hr)) {
        hr = instance_build(as, values, map, &q, o->where, &made);
    }
    free(q.properties);
    free(values);
    if (SUCCEEDED(hr)) {
        *ret = &made->iface;
    }
    return hr;
}

/* ---- amended qualifiers ------------------------------------------------------------- */

static HRESULT strip_signature(uint8_t **bytes, uint32_t *size)
{
    IWbemClassObject *object = NULL, *stripped = NULL;
    const uint8_t *block;
    uint32_t block_size;
    if (!*bytes) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = object_decode(*bytes, *size, &object);
    if (SUCCEEDED(hr)) {
        hr = object_without_amended(object, &stripped);
        object_release(object_of(object));
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = object_encoding(stripped, &block, &block_size);
    uint8_t *copy = SUCCEEDED(hr) ? malloc(block_size) : NULL;
    if (copy) {
        memcpy(copy, block, block_size);
        free(*bytes);
        *bytes = copy;
        *size = block_size;
    }
    object_release(object_of(stripped));
    return FAILED(hr) ? hr : copy ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT strip_draft(struct draft *d)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    qualifier_list_drop_amended(&d->qualifiers);
    for (uint32_t i = 0; i < d->property_count; i++) {
        qualifier_list_drop_amended(&d->properties[i].qualifiers);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < d->method_count; i++) {
        qualifier_list_drop_amended(&d->methods[i].qualifiers);
        hr = strip_signature(&d->methods[i].in, &d->methods[i].in_size);
        if (SUCCEEDED(hr)) {
            hr = strip_signature(&d->methods[i].out, &d->methods[i].out_size);
        }
    }
    return hr;
}

static HRESULT strip_instance(struct object *o)
{
    struct instance_qualifiers *q;
    struct object_extras *e;
    HRESULT hr = instance_qualifiers(o, &q);
    if (SUCCEEDED(hr)) {
        hr = object_extras(o, &e);
    }
    if (FAILED(hr)) {
        return hr;
    }
    qualifier_list_drop_amended(&q->own);
    for (uint32_t i = 0; i < q->property_count; i++) {
        qualifier_list_drop_amended(&q->properties[i]);
    }
    e->qualifiers_dirty = true;
    return WBEM_S_NO_ERROR;
}

HRESULT object_without_amended(IWbemClassObject *object, IWbemClassObject **ret)
{
    IWbemClassObject *copy = NULL;
    struct draft *d;
    if (!object_is_ours(object)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = object_clone(object_of(object), &copy);
    if (FAILED(hr)) {
        return hr;
    }
    struct object *o = object_of(copy);
    if (o->is_class) {
        hr = object_draft(o, &d);
        if (SUCCEEDED(hr)) {
            object_changing(o);
            hr = strip_draft(d);
        }
    } else {
        hr = strip_instance(o);
    }
    if (FAILED(hr)) {
        object_release(o);
        return hr;
    }
    *ret = copy;
    return WBEM_S_NO_ERROR;
}

/* ---- in place ------------------------------------------------------------------------- */

HRESULT object_put_uints(IWbemClassObject *instance, uint64_t which, const uint32_t *ordinals,
                         const uint64_t *values, uint64_t known)
{
    struct object *o = object_is_ours(instance) ? object_of(instance) : NULL;
    return o && !o->is_class ? instance_put_uints(o, which, ordinals, values, known)
                             : WBEM_E_INVALID_PARAMETER;
}

static bool same_properties(const struct schema *a, const struct schema *b)
{
    if (a == b) {
        return true;
    }
    if (a->property_count != b->property_count || !a->name || !b->name ||
        !name_equal(a->name, b->name)) {
        return false;
    }
    for (uint32_t i = 0; i < a->property_count; i++) {
        if (a->properties[i].type != b->properties[i].type ||
            !name_equal(a->properties[i].name, b->properties[i].name)) {
            return false;
        }
    }
    return true;
}

HRESULT object_assign(IWbemClassObject *instance, IWbemClassObject *from)
{
    struct schema *to_schema, *from_schema;
    if (!object_is_ours(instance) || !object_is_ours(from) || object_of(instance)->is_class ||
        object_of(from)->is_class) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = object_schema(object_of(instance), &to_schema);
    if (SUCCEEDED(hr)) {
        hr = object_schema(object_of(from), &from_schema);
    }
    if (SUCCEEDED(hr) && !same_properties(to_schema, from_schema)) {
        hr = WBEM_E_INVALID_CLASS;
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < to_schema->property_count; i++) {
        struct cim_value v, old;
        if (instance_is_default(object_of(from), i)) {
            hr = instance_reset(object_of(instance), i);
            continue;
        }
        hr = instance_get(object_of(from), i, &v);
        if (FAILED(hr)) {
            return hr;
        }
        /* What is the same already stays where it is: a heap is not made longer for nothing. */
        if (instance_is_default(object_of(instance), i) ||
            FAILED(instance_get(object_of(instance), i, &old)) || !value_equal(&v, &old, false)) {
            hr = instance_put(object_of(instance), i, &v);
        }
    }
    return hr;
}
