/*
 * Methods of a class (wbemcli nf-wbemcli-iwbemclassobject-getmethod, -putmethod,
 * -deletemethod, -beginmethodenumeration, -nextmethod, -getmethodorigin). Their
 * signatures are classes named __PARAMETERS, [MS-WMIO] 2.3.3.
 */
#include "object/object_private.h"

#include <stdio.h>

/* ---- signatures ---------------------------------------------------------------- */

struct parameter {
    const wchar_t *name;
    CIMTYPE type;
    int64_t id;
    const struct qualifier_list *qualifiers;
};

struct parameters {
    struct parameter *items;
    uint32_t count;
};

static HRESULT collect(IWbemClassObject *signature, bool out, struct parameters *all)
{
    struct draft *d;
    if (!object_is_ours(signature) || !object_of(signature)->is_class) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = object_draft(object_of(signature), &d);
    if (FAILED(hr)) {
        return hr;
    }
    struct parameter *items =
        realloc(all->items, ((size_t)all->count + d->property_count + 1) * sizeof *items);
    if (!items) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    all->items = items;
    for (uint32_t i = 0; i < d->property_count; i++) {
        const struct draft_property *p = &d->properties[i];
        const struct qualifier *id = qualifier_list_find(&p->qualifiers, L"ID");
        if (out && name_equal(p->name, L"ReturnValue")) {
            if (id) {
                return WBEM_E_PARAMETER_ID_ON_RETVAL;
            }
            continue;
        }
        if (!id || id->value.v.type != CIM_SINT32 || id->value.v.null) {
            return WBEM_E_MISSING_PARAMETER_ID;
        }
        if (id->value.v.sint < 0) {
            return WBEM_E_INVALID_PARAMETER_ID;
        }
        all->items[all->count++] =
            (struct parameter){p->name, p->type, id->value.v.sint, &p->qualifiers};
    }
    return WBEM_S_NO_ERROR;
}

static int compare_ids(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

/* IDs count from 0 without gaps; one that comes twice is an [in, out] parameter, alike in both. */
static HRESULT check_ids(struct parameters *all)
{
    int64_t expected = 0;
    if (all->count > 0) {
        qsort(all->items, all->count, sizeof *all->items, compare_ids);
    }
    for (uint32_t i = 0; i < all->count; expected++) {
        const struct parameter *p = &all->items[i++];
        if (p->id != expected) {
            return WBEM_E_NONCONSECUTIVE_PARAMETER_IDS;
        }
        if (i < all->count && all->items[i].id == p->id) {
            const struct parameter *q = &all->items[i++];
            if (!name_equal(p->name, q->name)) {
                return WBEM_E_NONCONSECUTIVE_PARAMETER_IDS;
            }
            if (p->type != q->type ||
                !qualifier_list_equal(p->qualifiers, q->qualifiers, true, true)) {
                return WBEM_E_INVALID_DUPLICATE_PARAMETER;
            }
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT check_signatures(IWbemClassObject *in, IWbemClassObject *out)
{
    struct parameters all = {0};
    HRESULT hr = in ? collect(in, false, &all) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr) && out) {
        hr = collect(out, true, &all);
    }
    if (SUCCEEDED(hr)) {
        hr = check_ids(&all);
    }
    free(all.items);
    return hr;
}

static HRESULT copy_block(IWbemClassObject *object, uint8_t **ret, uint32_t *ret_size)
{
    const uint8_t *bytes;
    *ret = NULL;
    *ret_size = 0;
    if (!object) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = object_encoding(object, &bytes, ret_size);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = malloc(*ret_size);
    if (!*ret) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    memcpy(*ret, bytes, *ret_size);
    return WBEM_S_NO_ERROR;
}

/* The same parameters of the same types, whatever their qualifiers. */
static bool same_parameters(const uint8_t *bytes, uint32_t size, IWbemClassObject *signature)
{
    IWbemClassObject *object;
    struct draft *a, *b;
    if (!bytes || !signature) {
        return !bytes && !signature;
    }
    if (FAILED(object_decode(bytes, size, &object))) {
        return false;
    }
    bool same = SUCCEEDED(object_draft(object_of(object), &a)) &&
                SUCCEEDED(object_draft(object_of(signature), &b)) &&
                a->property_count == b->property_count;
    for (uint32_t i = 0; same && i < a->property_count; i++) {
        const struct draft_property *p = draft_find(b, a->properties[i].name);
        same = p && p->type == a->properties[i].type;
    }
    object_release(object_of(object));
    return same;
}

/* ---- one method -------------------------------------------------------------------- */

static HRESULT class_draft(struct object *o, struct draft **ret)
{
    return o->is_class ? object_draft(o, ret) : WBEM_E_ILLEGAL_OPERATION;
}

static HRESULT decode_signature(const uint8_t *bytes, uint32_t size, IWbemClassObject **ret)
{
    return bytes && ret ? object_decode(bytes, size, ret) : WBEM_S_NO_ERROR;
}

static HRESULT give(const struct draft_method *m, IWbemClassObject **in, IWbemClassObject **out)
{
    HRESULT hr = decode_signature(m->in, m->in_size, in);
    if (SUCCEEDED(hr)) {
        hr = decode_signature(m->out, m->out_size, out);
        if (FAILED(hr) && in && *in) {
            object_release(object_of(*in));
            *in = NULL;
        }
    }
    return hr;
}

HRESULT object_get_method(struct object *o, LPCWSTR name, LONG flags, IWbemClassObject **in,
                          IWbemClassObject **out)
{
    struct draft *d;
    if (in) {
        *in = NULL;
    }
    if (out) {
        *out = NULL;
    }
    if (!name || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = class_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    const struct draft_method *m = draft_find_method(d, name);
    return m ? give(m, in, out) : WBEM_E_NOT_FOUND;
}

static HRESULT check_method_name(const wchar_t *name)
{
    size_t length = wcslen(name);
    if (length > 255) {
        return WBEM_E_METHOD_NAME_TOO_WIDE;
    }
    return length > 0 && name[0] != '_' && name[length - 1] != '_' ? WBEM_S_NO_ERROR
                                                                   : WBEM_E_INVALID_PARAMETER;
}

HRESULT object_put_method(struct object *o, LPCWSTR name, LONG flags, IWbemClassObject *in,
                          IWbemClassObject *out)
{
    struct draft *d;
    uint8_t *in_bytes = NULL, *out_bytes = NULL;
    uint32_t in_size, out_size;
    if (!name || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = class_draft(o, &d);
    if (SUCCEEDED(hr)) {
        hr = check_method_name(name);
    }
    if (SUCCEEDED(hr)) {
        hr = check_signatures(in, out);
    }
    if (FAILED(hr)) {
        return hr;
    }
    struct draft_method *m = draft_find_method(d, name);
    if (m && m->inherited &&
        (!same_parameters(m->in, m->in_size, in) || !same_parameters(m->out, m->out_size, out))) {
        return WBEM_E_PROPAGATED_METHOD;
    }
    hr = copy_block(in, &in_bytes, &in_size);
    if (SUCCEEDED(hr)) {
        hr = copy_block(out, &out_bytes, &out_size);
    }
    if (SUCCEEDED(hr)) {
        object_changing(o);
        hr = m ? WBEM_S_NO_ERROR : draft_add_method(d, name, &m);
    }
    if (FAILED(hr)) {
        free(in_bytes);
        free(out_bytes);
        return hr;
    }
    free(m->in);
    free(m->out);
    m->in = in_bytes;
    m->in_size = in_size;
    m->out = out_bytes;
    m->out_size = out_size;
    m->inherited = false; /* redeclared: the class has its own from here on */
    return WBEM_S_NO_ERROR;
}

HRESULT object_delete_method(struct object *o, LPCWSTR name)
{
    struct draft *d;
    if (!name) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = class_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    struct draft_method *m = draft_find_method(d, name);
    if (!m) {
        return WBEM_E_NOT_FOUND;
    }
    if (m->inherited) {
        return WBEM_E_PROPAGATED_METHOD;
    }
    object_changing(o);
    draft_remove_method(d, m);
    return WBEM_S_NO_ERROR;
}

HRESULT object_method_origin(struct object *o, LPCWSTR name, BSTR *ret)
{
    struct draft *d;
    if (!name || !ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    HRESULT hr = class_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    const struct draft_method *m = draft_find_method(d, name);
    if (!m) {
        return WBEM_E_NOT_FOUND;
    }
    /* From the top-most class, as for properties. */
    const wchar_t *origin =
        m->origin < d->ancestor_count ? d->ancestors[d->ancestor_count - 1 - m->origin] : d->name;
    *ret = SysAllocString(origin ? origin : L"");
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

/* ---- the walk ----------------------------------------------------------------------- */

HRESULT object_begin_methods(struct object *o, LONG flags)
{
    struct draft *d;
    if (flags != 0 && flags != WBEM_FLAG_LOCAL_ONLY && flags != WBEM_FLAG_PROPAGATED_ONLY) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = class_draft(o, &d);
    if (SUCCEEDED(hr)) {
        o->methods_walked = true;
        o->methods_flags = flags;
        o->methods_at = 0;
    }
    return hr;
}

HRESULT object_end_methods(struct object *o)
{
    o->methods_walked = false;
    return o->is_class ? WBEM_S_NO_ERROR : WBEM_E_ILLEGAL_OPERATION;
}

HRESULT object_next_method(struct object *o, LONG flags, BSTR *name, IWbemClassObject **in,
                           IWbemClassObject **out)
{
    struct draft *d;
    if (name) {
        *name = NULL;
    }
    if (in) {
        *in = NULL;
    }
    if (out) {
        *out = NULL;
    }
    if (flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = class_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    if (!o->methods_walked) {
        return WBEM_E_UNEXPECTED;
    }
    while (o->methods_at < d->method_count) {
        const struct draft_method *m = &d->methods[o->methods_at++];
        if (o->methods_flags && m->inherited != (o->methods_flags == WBEM_FLAG_PROPAGATED_ONLY)) {
            continue;
        }
        BSTR copy = name ? SysAllocString(m->name) : NULL;
        hr = name && !copy ? WBEM_E_OUT_OF_MEMORY : give(m, in, out);
        if (FAILED(hr)) {
            SysFreeString(copy);
            return hr;
        }
        if (name) {
            *name = copy;
        }
        return WBEM_S_NO_ERROR;
    }
    return WBEM_S_NO_MORE_DATA;
}
