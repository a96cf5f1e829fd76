/*
 * CompareTo and InheritsFrom (wbemcli nf-wbemcli-iwbemclassobject-compareto,
 * -inheritsfrom).
 */
#include "object/object_private.h"

#define COMPARISON_FLAGS                                                                           \
    (WBEM_FLAG_IGNORE_QUALIFIERS | WBEM_FLAG_IGNORE_OBJECT_SOURCE |                                \
     WBEM_FLAG_IGNORE_DEFAULT_VALUES | WBEM_FLAG_IGNORE_CLASS | WBEM_FLAG_IGNORE_CASE |            \
     WBEM_FLAG_IGNORE_FLAVOR)

static bool same_text(const wchar_t *a, const wchar_t *b)
{
    return name_equal(a ? a : L"", b ? b : L""); /* no name and an empty one are the same */
}

static bool same_source(const struct object *a, const struct object *b)
{
    if (!a->where || !b->where) {
        return a->where == b->where;
    }
    return name_equal(a->where->server, b->where->server) &&
           name_equal(a->where->name_space, b->where->name_space);
}

static bool same_lists(const struct qualifier_list *a, const struct qualifier_list *b, LONG flags)
{
    return (flags & WBEM_FLAG_IGNORE_QUALIFIERS) != 0 ||
           qualifier_list_equal(a, b, (flags & WBEM_FLAG_IGNORE_CASE) != 0,
                                (flags & WBEM_FLAG_IGNORE_FLAVOR) != 0);
}

static bool same_signature(const uint8_t *a, uint32_t a_size, const uint8_t *b, uint32_t b_size,
                           LONG flags)
{
    IWbemClassObject *x = NULL, *y = NULL;
    if (!a || !b) {
        return a == b;
    }
    bool same =
        SUCCEEDED(object_decode(a, a_size, &x)) && SUCCEEDED(object_decode(b, b_size, &y)) &&
        object_compare_to(object_of(x), flags | WBEM_FLAG_IGNORE_OBJECT_SOURCE, y) == WBEM_S_SAME;
    if (x) {
        object_release(object_of(x));
    }
    if (y) {
        object_release(object_of(y));
    }
    return same;
}

static bool same_properties(const struct draft *a, const struct draft *b, LONG flags)
{
    if (a->property_count != b->property_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->property_count; i++) {
        const struct draft_property *p = &a->properties[i], *q = draft_find(b, p->name);
        if (!q || p->type != q->type || p->origin != q->origin ||
            (!(flags & WBEM_FLAG_IGNORE_DEFAULT_VALUES) &&
             !value_equal(&p->value.v, &q->value.v, (flags & WBEM_FLAG_IGNORE_CASE) != 0)) ||
            !same_lists(&p->qualifiers, &q->qualifiers, flags)) {
            return false;
        }
    }
    return true;
}

static bool same_methods(const struct draft *a, const struct draft *b, LONG flags)
{
    if (a->method_count != b->method_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->method_count; i++) {
        const struct draft_method *m = &a->methods[i], *n = draft_find_method(b, m->name);
        if (!n || !same_lists(&m->qualifiers, &n->qualifiers, flags) ||
            !same_signature(m->in, m->in_size, n->in, n->in_size, flags) ||
            !same_signature(m->out, m->out_size, n->out, n->out_size, flags)) {
            return false;
        }
    }
    return true;
}

static bool same_drafts(const struct draft *a, const struct draft *b, LONG flags)
{
    if (!same_text(a->name, b->name) || a->ancestor_count != b->ancestor_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->ancestor_count; i++) {
        if (!name_equal(a->ancestors[i], b->ancestors[i])) {
            return false;
        }
    }
    return same_lists(&a->qualifiers, &b->qualifiers, flags) && same_properties(a, b, flags) &&
           same_methods(a, b, flags);
}

static HRESULT compare_classes(struct object *a, struct object *b, LONG flags, bool *ret)
{
    struct draft *x, *y;
    HRESULT hr = object_draft(a, &x);
    if (SUCCEEDED(hr)) {
        hr = object_draft(b, &y);
    }
    if (SUCCEEDED(hr)) {
        *ret = same_drafts(x, y, flags);
    }
    return hr;
}

static HRESULT compare_values(struct object *a, struct object *b, LONG flags, bool *ret)
{
    const struct schema *s = atomic_load_explicit(&a->schema, memory_order_relaxed);
    const struct schema *t = atomic_load_explicit(&b->schema, memory_order_relaxed);
    *ret = s->property_count == t->property_count;
    for (uint32_t i = 0; *ret && i < s->property_count; i++) {
        struct cim_value x, y;
        uint32_t j = i;
        if (s != t && FAILED(schema_find(t, s->properties[i].name, &j))) {
            *ret = false;
            break;
        }
        HRESULT hr = instance_get(a, i, &x);
        if (SUCCEEDED(hr)) {
            hr = instance_get(b, j, &y);
        }
        if (FAILED(hr)) {
            return hr;
        }
        *ret = value_equal(&x, &y, (flags & WBEM_FLAG_IGNORE_CASE) != 0);
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT compare_instances(struct object *a, struct object *b, LONG flags, bool *ret)
{
    struct schema *s = atomic_load_explicit(&a->schema, memory_order_relaxed);
    struct schema *t = atomic_load_explicit(&b->schema, memory_order_relaxed);
    struct instance_qualifiers *p, *q;
    if (!(flags & WBEM_FLAG_IGNORE_CLASS) && s != t && !same_text(s->name, t->name)) {
        *ret = false;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = compare_values(a, b, flags, ret);
    if (FAILED(hr) || !*ret || flags & WBEM_FLAG_IGNORE_QUALIFIERS) {
        return hr;
    }
    hr = instance_qualifiers(a, &p);
    if (SUCCEEDED(hr)) {
        hr = instance_qualifiers(b, &q);
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = same_lists(&p->own, &q->own, flags);
    for (uint32_t i = 0; *ret && i < p->property_count; i++) {
        uint32_t j = i;
        *ret = (s == t || SUCCEEDED(schema_find(t, s->properties[i].name, &j))) &&
               same_lists(&p->properties[i], &q->properties[j], flags);
    }
    return WBEM_S_NO_ERROR;
}

HRESULT object_compare_to(struct object *o, LONG flags, IWbemClassObject *other)
{
    bool same = false;
    if (!other || !object_is_ours(other) || (flags & ~COMPARISON_FLAGS) != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    struct object *b = object_of(other);
    if (o->is_class != b->is_class ||
        (!(flags & WBEM_FLAG_IGNORE_OBJECT_SOURCE) && !same_source(o, b))) {
        return WBEM_S_DIFFERENT;
    }
    HRESULT hr =
        o->is_class ? compare_classes(o, b, flags, &same) : compare_instances(o, b, flags, &same);
    return FAILED(hr) ? hr : same ? WBEM_S_SAME : WBEM_S_DIFFERENT;
}

HRESULT object_inherits_from(struct object *o, LPCWSTR ancestor)
{
    if (!ancestor) {
        return WBEM_E_INVALID_PARAMETER;
    }
    const struct draft *d = atomic_load_explicit(&o->draft, memory_order_acquire);
    if (!d) {
        const struct schema *s = atomic_load_explicit(&o->schema, memory_order_acquire);
        return schema_is_a(s, ancestor) ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
    }
    if (d->name && name_equal(d->name, ancestor)) {
        return WBEM_S_NO_ERROR;
    }
    for (uint32_t i = 0; i < d->ancestor_count; i++) {
        if (name_equal(d->ancestors[i], ancestor)) {
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_S_FALSE;
}
