/*
 * GetNames and the walk with BeginEnumeration, Next, EndEnumeration (wbemcli
 * nf-wbemcli-iwbemclassobject-getnames, -beginenumeration, -next). System
 * properties come first, then the class's in the order of their declaration.
 */
#include "object/object_private.h"

/* One step of a walk: what the conditions look at. */
struct candidate {
    const wchar_t *name;
    CIMTYPE type;
    LONG flavor;
    bool overridden; /* in this class, though declared by an ancestor */
};

static HRESULT count_properties(struct object *o, uint32_t *ret)
{
    if (o->is_class) {
        struct draft *d;
        HRESULT hr = object_draft(o, &d);
        *ret = SUCCEEDED(hr) ? d->property_count : 0;
        return hr;
    }
    *ret = atomic_load_explicit(&o->schema, memory_order_relaxed)->property_count;
    return WBEM_S_NO_ERROR;
}

/* The property at position i, the system's before all others. The draft is there by now. */
static void candidate_at(struct object *o, uint32_t i, struct candidate *ret)
{
    if (i < SYSTEM_PROPERTY_COUNT) {
        *ret = (struct candidate){.name = system_property_names[i],
                                  .type = system_property_type(i),
                                  .flavor = WBEM_FLAVOR_ORIGIN_SYSTEM};
        return;
    }
    i -= SYSTEM_PROPERTY_COUNT;
    if (o->is_class) {
        const struct draft_property *p =
            &atomic_load_explicit(&o->draft, memory_order_acquire)->properties[i];
        *ret = (struct candidate){.name = p->name,
                                  .type = p->type,
                                  .flavor = p->inherited ? WBEM_FLAVOR_ORIGIN_PROPAGATED
                                                         : WBEM_FLAVOR_ORIGIN_LOCAL,
                                  .overridden = draft_property_overrides(p)};
        return;
    }
    const struct schema_property *p =
        &atomic_load_explicit(&o->schema, memory_order_relaxed)->properties[i];
    *ret = (struct candidate){.name = p->name,
                              .type = p->type,
                              .flavor = instance_is_default(o, i) ? WBEM_FLAVOR_ORIGIN_PROPAGATED
                                                                  : WBEM_FLAVOR_ORIGIN_LOCAL};
}

static bool origin_matches(LONG flags, const struct candidate *c)
{
    switch (flags & WBEM_MASK_CONDITION_ORIGIN) {
    case WBEM_FLAG_LOCAL_ONLY:
        return c->flavor == WBEM_FLAVOR_ORIGIN_LOCAL;
    case WBEM_FLAG_PROPAGATED_ONLY:
        return c->flavor == WBEM_FLAVOR_ORIGIN_PROPAGATED;
    case WBEM_FLAG_SYSTEM_ONLY:
        return c->flavor == WBEM_FLAVOR_ORIGIN_SYSTEM;
    case WBEM_FLAG_NONSYSTEM_ONLY:
        return c->flavor != WBEM_FLAVOR_ORIGIN_SYSTEM;
    default:
        return true;
    }
}

static bool class_condition_matches(LONG flags, const struct candidate *c)
{
    switch (flags & WBEM_MASK_CLASS_CONDITION) {
    case WBEM_FLAG_CLASS_OVERRIDES_ONLY:
        return c->overridden;
    case WBEM_FLAG_CLASS_LOCAL_AND_OVERRIDES:
        return c->overridden || c->flavor == WBEM_FLAVOR_ORIGIN_LOCAL;
    default:
        return true;
    }
}

static bool is_key(struct object *o, uint32_t i)
{
    if (!o->is_class) {
        return atomic_load_explicit(&o->schema, memory_order_relaxed)->properties[i].key;
    }
    const struct draft *d = atomic_load_explicit(&o->draft, memory_order_acquire);
    const struct qualifier *q = qualifier_list_find(&d->properties[i].qualifiers, L"key");
    return q && q->value.v.type == CIM_BOOLEAN && q->value.v.sint;
}

static bool matches(struct object *o, LONG flags, uint32_t i, const struct candidate *c)
{
    if (!origin_matches(flags, c) || !class_condition_matches(flags, c)) {
        return false;
    }
    if (flags & WBEM_FLAG_KEYS_ONLY &&
        (i < SYSTEM_PROPERTY_COUNT || !is_key(o, i - SYSTEM_PROPERTY_COUNT))) {
        return false;
    }
    return !(flags & WBEM_FLAG_REFS_ONLY) || CIM_BASE(c->type) == CIM_REFERENCE;
}

static bool flags_are_valid(const struct object *o, LONG flags, LONG more)
{
    LONG known = WBEM_FLAG_KEYS_ONLY | WBEM_FLAG_REFS_ONLY | WBEM_MASK_CONDITION_ORIGIN |
                 (o->is_class ? WBEM_MASK_CLASS_CONDITION : 0) | more;
    return (flags & ~known) == 0 &&
           (flags & WBEM_MASK_CONDITION_ORIGIN) <= WBEM_FLAG_NONSYSTEM_ONLY &&
           (flags & WBEM_MASK_CLASS_CONDITION) != WBEM_MASK_CLASS_CONDITION &&
           (flags & (WBEM_FLAG_KEYS_ONLY | WBEM_FLAG_REFS_ONLY)) !=
               (WBEM_FLAG_KEYS_ONLY | WBEM_FLAG_REFS_ONLY);
}

/* ---- GetNames --------------------------------------------------------------------- */

/* The qualifier condition; system properties have no qualifiers. */
static HRESULT qualifier_matches(struct object *o, const struct candidate *c, LONG condition,
                                 LPCWSTR qualifier, VARIANT *value, bool *ret)
{
    struct qualifier_list l = {0};
    HRESULT hr = WBEM_S_NO_ERROR;
    if (c->flavor != WBEM_FLAVOR_ORIGIN_SYSTEM) {
        hr = object_qualifiers(o, c->name, &l);
    }
    if (FAILED(hr)) {
        return hr;
    }
    const struct qualifier *q = qualifier_list_find(&l, qualifier);
    *ret = condition == WBEM_FLAG_ONLY_IF_FALSE ? !q : q != NULL;
    if (condition == WBEM_FLAG_ONLY_IF_IDENTICAL && q) {
        struct value wanted = {0};
        *ret = SUCCEEDED(value_from_variant(value, q->value.v.type, &wanted)) &&
               value_equal(&wanted.v, &q->value.v, true);
        value_done(&wanted);
    }
    qualifier_list_done(&l);
    return WBEM_S_NO_ERROR;
}

static HRESULT to_safearray(struct object *o, const bool *chosen, uint32_t total, uint32_t count,
                            SAFEARRAY **ret)
{
    BSTR *data = NULL;
    SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, count);
    if (!array || FAILED(SafeArrayAccessData(array, (void **)&data))) {
        SafeArrayDestroy(array);
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0, n = 0; i < total; i++) {
        struct candidate c;
        if (chosen[i]) {
            candidate_at(o, i, &c);
            data[n] = SysAllocString(c.name);
            hr = data[n++] ? hr : WBEM_E_OUT_OF_MEMORY;
        }
    }
    SafeArrayUnaccessData(array);
    if (FAILED(hr)) {
        SafeArrayDestroy(array);
        return hr;
    }
    *ret = array;
    return WBEM_S_NO_ERROR;
}

HRESULT object_get_names(struct object *o, LPCWSTR qualifier, LONG flags, VARIANT *value,
                         SAFEARRAY **ret)
{
    LONG condition = flags & WBEM_MASK_PRIMARY_CONDITION;
    uint32_t total, count = 0;
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (!flags_are_valid(o, flags, WBEM_MASK_PRIMARY_CONDITION) || (condition && !qualifier) ||
        (condition == WBEM_FLAG_ONLY_IF_IDENTICAL && !value)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = count_properties(o, &total);
    if (FAILED(hr)) {
        return hr;
    }
    total += SYSTEM_PROPERTY_COUNT;
    bool *chosen = calloc(total, sizeof *chosen);
    if (!chosen) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < total; i++) {
        struct candidate c;
        candidate_at(o, i, &c);
        chosen[i] = matches(o, flags, i, &c);
        if (chosen[i] && condition) {
            hr = qualifier_matches(o, &c, condition, qualifier, value, &chosen[i]);
        }
        count += chosen[i];
    }
    if (SUCCEEDED(hr)) {
        hr = to_safearray(o, chosen, total, count, ret);
    }
    free(chosen);
    return hr;
}

/* ---- the walk ------------------------------------------------------------------------ */

HRESULT object_begin_enumeration(struct object *o, LONG flags)
{
    if (!flags_are_valid(o, flags, 0)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    o->names_walked = true;
    o->names_flags = flags;
    o->names_at = 0;
    return WBEM_S_NO_ERROR;
}

HRESULT object_end_enumeration(struct object *o)
{
    o->names_walked = false;
    return WBEM_S_NO_ERROR;
}

static HRESULT give(struct object *o, const struct candidate *c, BSTR *name, VARIANT *value,
                    CIMTYPE *type, LONG *flavor)
{
    BSTR copy = name ? SysAllocString(c->name) : NULL;
    if (name && !copy) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (value) {
        HRESULT hr = object_get(o, c->name, 0, value, NULL, NULL);
        if (FAILED(hr)) {
            SysFreeString(copy);
            return hr;
        }
    }
    if (name) {
        *name = copy;
    }
    if (type) {
        *type = c->type;
    }
    if (flavor) {
        *flavor = c->flavor;
    }
    return WBEM_S_NO_ERROR;
}

HRESULT object_next(struct object *o, LONG flags, BSTR *name, VARIANT *value, CIMTYPE *type,
                    LONG *flavor)
{
    uint32_t total;
    if (name) {
        *name = NULL;
    }
    if (flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (!o->names_walked) {
        return WBEM_E_UNEXPECTED;
    }
    HRESULT hr = count_properties(o, &total);
    if (FAILED(hr)) {
        return hr;
    }
    total += SYSTEM_PROPERTY_COUNT;
    while (o->names_at < total) {
        struct candidate c;
        uint32_t i = o->names_at++;
        candidate_at(o, i, &c);
        if (matches(o, o->names_flags, i, &c)) {
            return give(o, &c, name, value, type, flavor);
        }
    }
    return WBEM_S_NO_MORE_DATA;
}
