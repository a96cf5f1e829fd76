/*
 * Get, Put, Delete and GetPropertyOrigin of IWbemClassObject (wbemcli
 * nf-wbemcli-iwbemclassobject-get, -put, -delete, -getpropertyorigin).
 */
#include "object/object_private.h"

/* ---- Get ---------------------------------------------------------------------------- */

static HRESULT give(const struct cim_value *v, VARIANT *value, CIMTYPE *type)
{
    if (value) {
        HRESULT hr = value_to_variant(v, value);
        if (FAILED(hr)) {
            return hr;
        }
    }
    if (type) {
        *type = v->type;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT get_system(struct object *o, unsigned i, VARIANT *value, CIMTYPE *type, LONG *flavor)
{
    struct value v = {0};
    HRESULT hr = system_property_get(o, i, &v);
    if (SUCCEEDED(hr)) {
        hr = give(&v.v, value, type);
        value_done(&v);
    }
    if (SUCCEEDED(hr) && flavor) {
        *flavor = WBEM_FLAVOR_ORIGIN_SYSTEM;
    }
    return hr;
}

static HRESULT get_of_class(struct object *o, LPCWSTR name, VARIANT *value, CIMTYPE *type,
                            LONG *flavor)
{
    struct draft *d;
    HRESULT hr = object_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    const struct draft_property *p = draft_find(d, name);
    if (!p) {
        return WBEM_E_NOT_FOUND;
    }
    hr = give(&p->value.v, value, type);
    if (SUCCEEDED(hr) && flavor) {
        *flavor = p->inherited ? WBEM_FLAVOR_ORIGIN_PROPAGATED : WBEM_FLAVOR_ORIGIN_LOCAL;
    }
    return hr;
}

/* The short way for what is read most: 32-bit numbers and strings of one byte a character that the
 * instance has itself. False: nothing was done, take the long way. */
static bool get_quickly(const struct object *o, const struct schema *s, uint32_t ordinal,
                        VARIANT *value)
{
    const struct schema_property *p = &s->properties[ordinal];
    const uint8_t *slot = o->part + o->layout.values + p->value_offset;
    if (nd_get(o->part + o->layout.nd_table, ordinal) != 0 ||
        (p->type != CIM_UINT32 && p->type != CIM_SINT32 && p->type != CIM_STRING)) {
        return false;
    }
    uint32_t number = get_u32(slot);
    if (p->type != CIM_STRING) {
        V_I4(value) = (LONG)number;
        V_VT(value) = VT_I4;
        return true;
    }
    /* References into the dictionary and the null one are beyond any heap. */
    if (number >= o->layout.heap_size || o->part[o->layout.heap + number] != 0) {
        return false;
    }
    const uint8_t *text = o->part + o->layout.heap + number + 1;
    const uint8_t *end = memchr(text, 0, o->layout.heap_size - number - 1);
    BSTR copy = end ? SysAllocStringLen(NULL, (UINT)(end - text)) : NULL;
    if (!copy) {
        return false;
    }
    for (size_t i = 0; i < (size_t)(end - text); i++) {
        copy[i] = text[i];
    }
    V_BSTR(value) = copy;
    V_VT(value) = VT_BSTR;
    return true;
}

HRESULT object_get(struct object *o, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE *type,
                   LONG *flavor)
{
    uint32_t ordinal;
    struct cim_value v;
    if (!name || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    int system = name[0] == '_' ? system_property_find(name) : -1;
    if (system >= 0) {
        return get_system(o, (unsigned)system, value, type, flavor);
    }
    if (o->is_class) {
        return get_of_class(o, name, value, type, flavor);
    }

    const struct schema *s = atomic_load_explicit(&o->schema, memory_order_relaxed);
    HRESULT hr = schema_find(s, name, &ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    if (value && get_quickly(o, s, ordinal, value)) {
        if (type) {
            *type = s->properties[ordinal].type;
        }
    } else {
        hr = instance_get(o, ordinal, &v);
        if (SUCCEEDED(hr)) {
            hr = give(&v, value, type);
        }
    }
    if (SUCCEEDED(hr) && flavor) {
        *flavor = instance_is_default(o, ordinal) ? WBEM_FLAVOR_ORIGIN_PROPAGATED
                                                  : WBEM_FLAVOR_ORIGIN_LOCAL;
    }
    return hr;
}

/* ---- Put ---------------------------------------------------------------------------- */

static bool is_name_start(wchar_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

static bool is_name(const wchar_t *name)
{
    if (!is_name_start(name[0])) {
        return false;
    }
    for (; *name; name++) {
        if (!is_name_start(*name) && !(*name >= '0' && *name <= '9')) {
            return false;
        }
    }
    return true;
}

/* Put's page: names that begin or end with an underscore are the system's. */
static HRESULT check_new_name(const wchar_t *name)
{
    size_t length = wcslen(name);
    if (length > 255) {
        return WBEM_E_PROPERTY_NAME_TOO_WIDE;
    }
    return is_name(name) && name[0] != '_' && name[length - 1] != '_' ? WBEM_S_NO_ERROR
                                                                      : WBEM_E_INVALID_PARAMETER;
}

/* Put's page: of the system properties only a class's __CLASS can be written. */
static HRESULT put_system(struct object *o, unsigned i, const VARIANT *value)
{
    struct draft *d;
    if (!o->is_class || !name_equal(system_property_names[i], L"__CLASS")) {
        return WBEM_E_READ_ONLY;
    }
    if (!value || V_VT(value) != VT_BSTR) {
        return value && V_VT(value) != VT_NULL ? WBEM_E_TYPE_MISMATCH : WBEM_E_INVALID_PARAMETER;
    }
    BSTR name = V_BSTR(value);
    if (!name || !is_name(name)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (wcslen(name) > 255) {
        return WBEM_E_CLASS_NAME_TOO_WIDE;
    }
    HRESULT hr = object_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    wchar_t *copy = name_copy(name);
    if (!copy) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    object_changing(o);
    free(d->name);
    d->name = copy;
    return WBEM_S_NO_ERROR;
}

static HRESULT read_argument(const VARIANT *value, CIMTYPE type, struct value *ret)
{
    static const VARIANT null = {.vt = VT_NULL};
    return value_from_variant(value ? value : &null, type, ret);
}

/* [MS-WMI] 2.2.32: every property has a CIMTYPE; its flavor as in the examples of [MS-WMIO] 3. */
static HRESULT add_cimtype(struct draft_property *p)
{
    const wchar_t *name = cim_type_name(p->type);
    struct value v = {0};
    HRESULT hr = value_from_wide(CIM_STRING, name, wcslen(name), &v);
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_put(&p->qualifiers, L"CIMTYPE", &v.v,
                                WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                    WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS);
        value_done(&v);
    }
    return hr;
}

static HRESULT put_new(struct object *o, struct draft *d, LPCWSTR name, const VARIANT *value,
                       CIMTYPE type)
{
    struct value v = {0};
    struct draft_property *p;
    HRESULT hr = check_new_name(name);
    if (FAILED(hr)) {
        return hr;
    }
    if (d->property_count >= WBEM_MAX_USER_PROPERTIES) {
        return WBEM_E_TOO_MANY_PROPERTIES;
    }
    hr = read_argument(value, type, &v);
    if (hr == WBEM_E_INVALID_CIM_TYPE) {
        hr = WBEM_E_INVALID_PROPERTY_TYPE;
    }
    if (FAILED(hr)) {
        return hr;
    }

    object_changing(o);
    hr = draft_add_property(d, name, v.v.type, &p);
    if (FAILED(hr)) {
        value_done(&v);
        return hr;
    }
    p->value = v;
    hr = add_cimtype(p);
    if (FAILED(hr)) {
        draft_remove_property(d, p);
    }
    return hr;
}

static bool is_not_null(const struct qualifier_list *l)
{
    const struct qualifier *q = qualifier_list_find(l, L"not_null");
    return q && q->value.v.type == CIM_BOOLEAN && q->value.v.sint;
}

static HRESULT put_of_class(struct object *o, LPCWSTR name, const VARIANT *value, CIMTYPE type)
{
    struct draft *d;
    struct value v = {0};
    HRESULT hr = object_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    struct draft_property *p = draft_find(d, name);
    if (!p) {
        return put_new(o, d, name, value, type);
    }
    bool retype = type != 0 && type != p->type;
    if (retype && p->inherited) {
        return WBEM_E_TYPE_MISMATCH;
    }
    hr = read_argument(value, retype ? type : p->type, &v);
    if (FAILED(hr)) {
        return hr;
    }

    object_changing(o);
    value_done(&p->value);
    p->value = v;
    p->default_inherited = false;
    if (retype) {
        p->type = type;
        hr = add_cimtype(p);
    }
    return hr;
}

static HRESULT check_null(struct object *o, LPCWSTR name)
{
    struct qualifier_list l = {0};
    HRESULT hr = object_qualifiers(o, name, &l);
    if (SUCCEEDED(hr) && is_not_null(&l)) {
        hr = WBEM_E_ILLEGAL_NULL;
    }
    qualifier_list_done(&l);
    return hr;
}

static HRESULT put_of_instance(struct object *o, LPCWSTR name, const VARIANT *value, CIMTYPE type)
{
    struct schema *s = atomic_load_explicit(&o->schema, memory_order_relaxed);
    struct value v = {0};
    uint32_t ordinal;
    HRESULT hr = schema_find(s, name, &ordinal);
    if (FAILED(hr)) {
        return hr;
    }
    /* The page wants 0 here, and its own example passes the property's type. */
    if (type != 0 && type != s->properties[ordinal].type) {
        return WBEM_E_TYPE_MISMATCH;
    }
    hr = read_argument(value, s->properties[ordinal].type, &v);
    if (SUCCEEDED(hr) && v.v.null) {
        hr = check_null(o, name);
    }
    if (SUCCEEDED(hr)) {
        hr = instance_put(o, ordinal, &v.v);
    }
    value_done(&v);
    return hr;
}

HRESULT object_put(struct object *o, LPCWSTR name, LONG flags, VARIANT *value, CIMTYPE type)
{
    if (!name || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    int system = system_property_find(name);
    if (system >= 0) {
        return put_system(o, (unsigned)system, value);
    }
    return o->is_class ? put_of_class(o, name, value, type) : put_of_instance(o, name, value, type);
}

/* ---- Delete ---------------------------------------------------------------------------- */

/* Back to what the superclass says: its default, and of its qualifiers those that propagate. */
static HRESULT restore_inherited(struct draft *d, struct draft_property *p)
{
    struct cim_value v;
    struct qualifier_cursor c;
    struct qualifier_list all = {0}, kept = {0};
    struct value copy = {0};
    uint32_t ordinal;
    /* Bytes from outside may give the superclass another idea of the property. */
    if (!d->parent || FAILED(schema_find(d->parent, p->name, &ordinal)) ||
        d->parent->properties[ordinal].type != p->type) {
        return WBEM_E_PROPAGATED_PROPERTY;
    }
    HRESULT hr = schema_default(d->parent, ordinal, &v);
    if (SUCCEEDED(hr)) {
        hr = value_copy(&v, &copy);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_property_qualifiers(d->parent, ordinal, &c);
    }
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_read(&c, &all);
    }
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_propagate(&all, WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS, &kept);
    }
    qualifier_list_done(&all);
    if (FAILED(hr)) {
        value_done(&copy);
        return hr;
    }
    value_done(&p->value);
    qualifier_list_done(&p->qualifiers);
    p->value = copy;
    p->qualifiers = kept;
    p->default_inherited = true;
    return WBEM_S_RESET_TO_DEFAULT;
}

HRESULT object_delete(struct object *o, LPCWSTR name)
{
    if (!name) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (system_property_find(name) >= 0) {
        return WBEM_E_SYSTEM_PROPERTY;
    }
    if (!o->is_class) {
        uint32_t ordinal;
        HRESULT hr =
            schema_find(atomic_load_explicit(&o->schema, memory_order_relaxed), name, &ordinal);
        if (SUCCEEDED(hr)) {
            hr = instance_reset(o, ordinal);
        }
        return SUCCEEDED(hr) ? WBEM_S_RESET_TO_DEFAULT : hr;
    }

    struct draft *d;
    HRESULT hr = object_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    struct draft_property *p = draft_find(d, name);
    if (!p) {
        return WBEM_E_NOT_FOUND;
    }
    if (p->inherited && !draft_property_overrides(p)) {
        return WBEM_E_PROPAGATED_PROPERTY;
    }
    object_changing(o);
    if (p->inherited) {
        return restore_inherited(d, p);
    }
    draft_remove_property(d, p);
    return WBEM_S_NO_ERROR;
}

/* ---- GetPropertyOrigin ------------------------------------------------------------------- */

/* Origins count from the top-most class, as the bytes in [MS-WMIO] 3 do (2.2.35 says otherwise). */
static const wchar_t *origin_name(const wchar_t *name, wchar_t *const *ancestors, uint32_t count,
                                  uint32_t origin)
{
    return origin < count ? ancestors[count - 1 - origin] : name ? name : L"";
}

HRESULT object_property_origin(struct object *o, LPCWSTR name, BSTR *ret)
{
    if (!name || !ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    const wchar_t *origin = NULL;
    if (system_property_find(name) >= 0) {
        origin = L"___SYSTEM";
    } else if (o->is_class) {
        struct draft *d;
        HRESULT hr = object_draft(o, &d);
        if (FAILED(hr)) {
            return hr;
        }
        const struct draft_property *p = draft_find(d, name);
        if (p) {
            origin = origin_name(d->name, d->ancestors, d->ancestor_count, p->origin);
        }
    } else {
        uint32_t ordinal;
        const struct schema *s = atomic_load_explicit(&o->schema, memory_order_relaxed);
        if (SUCCEEDED(schema_find(s, name, &ordinal))) {
            origin = origin_name(s->name, s->ancestors, s->ancestor_count,
                                 s->properties[ordinal].origin);
        }
    }
    if (!origin) {
        return WBEM_E_NOT_FOUND;
    }
    *ret = SysAllocString(origin);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}
