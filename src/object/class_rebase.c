/*
 * What a store of classes and instances needs when a class changes: the class
 * derived anew from its superclass, the question whether stored instances still
 * fit, and instances carried over to a new form of their class.
 */
#include "object/object_private.h"

#include <stdlib.h>

wchar_t cim_fold(wchar_t c)
{
    return (wchar_t)fold((uint32_t)c);
}

wchar_t *cim_string_wide(const struct cim_string *s)
{
    return string_wide_copy(s);
}

/* ---- qualifiers ------------------------------------------------------------------- */

/* Puts the class's own qualifiers over what it inherits. A qualifier that the superclass does not
 * let its subclasses override stands in the way ([WmiSdk] "Qualifier Flavors"). */
static HRESULT overlay_qualifiers(const struct qualifier_list *own, bool force,
                                  struct qualifier_list *onto)
{
    for (uint32_t i = 0; i < own->count; i++) {
        const struct qualifier *q = &own->items[i];
        if (q->flavor & WBEM_FLAVOR_ORIGIN_PROPAGATED) {
            continue;
        }
        const struct qualifier *inherited = qualifier_list_find(onto, q->name);
        bool fixed = inherited && (inherited->flavor & WBEM_FLAVOR_NOT_OVERRIDABLE) &&
                     (inherited->flavor & WBEM_FLAVOR_ORIGIN_PROPAGATED);
        if (fixed && value_equal(&inherited->value.v, &q->value.v, true)) {
            continue; /* says what the superclass says anyway */
        }
        if (fixed) {
            if (!force) {
                return WBEM_E_OVERRIDE_NOT_ALLOWED;
            }
            continue;
        }
        HRESULT hr = qualifier_list_put(onto, q->name, &q->value.v, q->flavor);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

/* Texts for people that the new definition, read without them, does not carry. */
static HRESULT keep_amended(const struct qualifier_list *old, struct qualifier_list *onto)
{
    for (uint32_t i = 0; i < old->count; i++) {
        const struct qualifier *q = &old->items[i];
        if (!(q->flavor & WBEM_FLAVOR_AMENDED) || (q->flavor & WBEM_FLAVOR_ORIGIN_PROPAGATED) ||
            qualifier_list_find(onto, q->name)) {
            continue;
        }
        HRESULT hr = qualifier_list_put(onto, q->name, &q->value.v, q->flavor);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

/* ---- a class over its superclass ------------------------------------------------------ */

static HRESULT replace_value(struct draft_property *p, const struct cim_value *v)
{
    struct value copy = {0};
    HRESULT hr = value_copy(v, &copy);
    if (SUCCEEDED(hr)) {
        value_done(&p->value);
        p->value = copy;
    }
    return hr;
}

static HRESULT rebase_property(const struct draft_property *own, bool force, struct draft *d)
{
    struct draft_property *p = draft_find(d, own->name);
    HRESULT hr;
    if (!p) {
        if (own->inherited) {
            return WBEM_S_NO_ERROR; /* the superclass has it no more */
        }
        hr = draft_add_property(d, own->name, own->type, &p);
        if (SUCCEEDED(hr)) {
            hr = replace_value(p, &own->value.v);
        }
        return SUCCEEDED(hr) ? qualifier_list_copy(&own->qualifiers, &p->qualifiers) : hr;
    }
    if (p->type != own->type) {
        return force ? WBEM_S_NO_ERROR : WBEM_E_UPDATE_TYPE_MISMATCH;
    }
    if (!own->inherited || !own->default_inherited) {
        hr = replace_value(p, &own->value.v);
        if (FAILED(hr)) {
            return hr;
        }
        p->default_inherited = false;
    }
    return overlay_qualifiers(&own->qualifiers, force, &p->qualifiers);
}

static HRESULT copy_block(const uint8_t *bytes, uint32_t size, uint8_t **ret, uint32_t *ret_size)
{
    uint8_t *copy = NULL;
    if (bytes) {
        copy = malloc(size);
        if (!copy) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        memcpy(copy, bytes, size);
    }
    free(*ret);
    *ret = copy;
    *ret_size = bytes ? size : 0;
    return WBEM_S_NO_ERROR;
}

static HRESULT rebase_method(const struct draft_method *own, bool force, struct draft *d)
{
    struct draft_method *m = draft_find_method(d, own->name);
    HRESULT hr = WBEM_S_NO_ERROR;
    if (!m && own->inherited) {
        return WBEM_S_NO_ERROR;
    }
    if (!m) {
        hr = draft_add_method(d, own->name, &m);
    }
    if (SUCCEEDED(hr) && !own->inherited) {
        hr = copy_block(own->in, own->in_size, &m->in, &m->in_size);
        if (SUCCEEDED(hr)) {
            hr = copy_block(own->out, own->out_size, &m->out, &m->out_size);
        }
    }
    return SUCCEEDED(hr) ? overlay_qualifiers(&own->qualifiers, force, &m->qualifiers) : hr;
}

static HRESULT rebase_draft(const struct draft *own, bool force, struct draft *d)
{
    HRESULT hr =
        own->name && (d->name = name_copy(own->name)) ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = overlay_qualifiers(&own->qualifiers, force, &d->qualifiers);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < own->property_count; i++) {
        hr = rebase_property(&own->properties[i], force, d);
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < own->method_count; i++) {
        hr = rebase_method(&own->methods[i], force, d);
    }
    return hr;
}

static HRESULT merge_amended(const struct draft *old, struct draft *d)
{
    HRESULT hr = keep_amended(&old->qualifiers, &d->qualifiers);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < old->property_count; i++) {
        struct draft_property *p = draft_find(d, old->properties[i].name);
        hr = p ? keep_amended(&old->properties[i].qualifiers, &p->qualifiers) : hr;
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < old->method_count; i++) {
        struct draft_method *m = draft_find_method(d, old->methods[i].name);
        hr = m ? keep_amended(&old->methods[i].qualifiers, &m->qualifiers) : hr;
    }
    return hr;
}

HRESULT object_rebase_class(IWbemClassObject *cls, struct schema *parent, struct schema *old,
                            bool force, IWbemClassObject **ret)
{
    struct object *o = object_of(cls);
    struct draft *own = NULL;
    struct draft *was = NULL;
    struct draft *d = NULL;
    struct object *made = NULL;
    if (!o->is_class || !object_class_name(o)) {
        return WBEM_E_INVALID_OBJECT;
    }
    /* Its own draft may be shared by readers, so a copy by way of the encoding. */
    struct schema *s = NULL;
    HRESULT hr = object_schema(o, &s);
    if (SUCCEEDED(hr)) {
        hr = draft_from_schema(s, &own);
    }
    if (SUCCEEDED(hr)) {
        hr = parent ? draft_derive(parent, &d) : draft_create(&d);
    }
    if (SUCCEEDED(hr)) {
        hr = rebase_draft(own, force, d);
    }
    if (SUCCEEDED(hr) && old) {
        hr = draft_from_schema(old, &was);
        if (SUCCEEDED(hr)) {
            hr = merge_amended(was, d);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = object_class_from_draft(d, NULL, &made); /* takes the draft, also on failure */
        d = NULL;
    }
    draft_destroy(own);
    draft_destroy(was);
    draft_destroy(d);
    if (SUCCEEDED(hr)) {
        *ret = &made->iface;
    }
    return hr;
}

/* ---- how two forms of a class differ ---------------------------------------------------- */

bool schema_same_layout(const struct schema *a, const struct schema *b)
{
    if (a->property_count != b->property_count || a->values_size != b->values_size) {
        return false;
    }
    for (uint32_t i = 0; i < a->property_count; i++) {
        const struct schema_property *p = &a->properties[i], *q = &b->properties[i];
        struct cim_value x;
        struct cim_value y;
        if (p->type != q->type || p->value_offset != q->value_offset || p->key != q->key ||
            !name_equal(p->name, q->name) || FAILED(schema_default(a, i, &x)) ||
            FAILED(schema_default(b, i, &y)) || x.null != y.null ||
            (!x.null && !value_equal(&x, &y, false))) {
            return false;
        }
        if (a->lookup[i] != b->lookup[i]) {
            return false; /* instances keep their properties' qualifiers in that order */
        }
    }
    return a->singleton == b->singleton;
}

/* Those that say how instances are kept and found; others are texts and hints. */
static bool is_important(const wchar_t *name)
{
    static const wchar_t *const names[] = {L"key",      L"indexed",    L"singleton",
                                           L"dynamic",  L"provider",   L"association",
                                           L"abstract", L"indication", L"not_null"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (name_equal(name, names[i])) {
            return true;
        }
    }
    return false;
}

static bool important_in(const struct qualifier_list *a, const struct qualifier_list *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (is_important(a->items[i].name)) {
            const struct qualifier *q = qualifier_list_find(b, a->items[i].name);
            if (!q || !value_equal(&q->value.v, &a->items[i].value.v, true)) {
                return true;
            }
        }
    }
    return false;
}

static bool important_differ(const struct qualifier_list *a, const struct qualifier_list *b)
{
    return important_in(a, b) || important_in(b, a);
}

HRESULT schema_compare_important(struct schema *a, struct schema *b, bool *ret_differ)
{
    struct draft *x = NULL;
    struct draft *y = NULL;
    *ret_differ = true;
    if (!schema_same_layout(a, b)) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = draft_from_schema(a, &x);
    if (SUCCEEDED(hr)) {
        hr = draft_from_schema(b, &y);
    }
    if (SUCCEEDED(hr)) {
        *ret_differ = important_differ(&x->qualifiers, &y->qualifiers);
        for (uint32_t i = 0; !*ret_differ && i < x->property_count; i++) {
            *ret_differ =
                important_differ(&x->properties[i].qualifiers, &y->properties[i].qualifiers);
        }
    }
    draft_destroy(x);
    draft_destroy(y);
    return hr;
}

/* ---- instances ---------------------------------------------------------------------------- */

HRESULT object_convert_instance(IWbemClassObject *instance, struct schema *to,
                                struct decoration *where, IWbemClassObject **ret)
{
    struct schema *from;
    struct object *made = NULL;
    HRESULT hr = schema_of(instance, &from);
    if (FAILED(hr)) {
        return hr;
    }
    struct instance_value *values = calloc(to->property_count + 1u, sizeof *values);
    struct value *owned = calloc(to->property_count + 1u, sizeof *owned);
    hr = values && owned ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < to->property_count; i++) {
        uint32_t ordinal;
        struct cim_value v;
        values[i].is_default = true;
        if (FAILED(schema_find(from, to->properties[i].name, &ordinal)) ||
            instance_is_default(object_of(instance), ordinal)) {
            continue;
        }
        hr = instance_get(object_of(instance), ordinal, &v);
        if (FAILED(hr)) {
            break;
        }
        /* A value of a type that no longer fits is given up for the default. */
        if (v.null) {
            values[i].v = value_null(to->properties[i].type);
            values[i].is_default = false;
        } else if (SUCCEEDED(value_convert(&v, to->properties[i].type, &owned[i]))) {
            values[i].v = owned[i].v;
            values[i].is_default = false;
        }
    }
    if (SUCCEEDED(hr)) {
        hr = instance_build(to, values, NULL, NULL, where, &made);
    }
    for (uint32_t i = 0; owned && i < to->property_count; i++) {
        value_done(&owned[i]);
    }
    free(values);
    free(owned);
    if (SUCCEEDED(hr)) {
        *ret = &made->iface;
    }
    return hr;
}

/* ---- instances as bytes --------------------------------------------------------------------- */

HRESULT instance_view_open(const struct schema *s, const void *bytes, size_t size,
                           struct instance_view *ret)
{
    struct instance_layout l;
    HRESULT hr = instance_layout(s, bytes, size, &l);
    if (SUCCEEDED(hr)) {
        *ret = (struct instance_view){s, bytes, l.nd_table, l.values, l.heap, l.heap_size};
    }
    return hr;
}

HRESULT instance_bytes_check(const struct schema *s, const void *bytes, size_t size)
{
    struct check check = {.budget = size < SIZE_MAX / 16 ? size * 8 + 4096 : SIZE_MAX};
    struct instance_layout layout;
    return instance_check(s, bytes, size, &check, &layout);
}

void instance_view_get(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    const struct instance_view *v = from;
    const struct schema_property *p = &v->schema->properties[ordinal];
    unsigned nd = nd_get(v->part + v->nd_table, ordinal);
    HRESULT hr = WBEM_S_NO_ERROR;
    if (nd & ND_NULL) {
        *ret = value_null(p->type);
    } else if (nd & ND_INHERITED) {
        hr = schema_default(v->schema, ordinal, ret);
    } else {
        hr = value_at(p->type, v->part + v->values + p->value_offset,
                      (struct heap){v->part + v->heap, v->heap_size}, ret);
    }
    if (FAILED(hr)) {
        *ret = value_null(p->type); /* damaged: matches nothing, and reading it will say so */
    }
}
