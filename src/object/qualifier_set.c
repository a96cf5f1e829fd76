/*
 * IWbemQualifierSet (wbemcli nn-wbemcli-iwbemqualifierset): the qualifiers of an
 * object, a property or a method, found anew in their owner at each call.
 */
#include "object/object_private.h"

struct qualifier_set {
    IWbemQualifierSet iface;
    atomic_uint refs;
    struct object *object; /* a reference */
    enum qualifier_owner owner;
    wchar_t *name; /* of the property or method */
    bool walked;
    LONG walk_flags;
    uint32_t walk_at;
};

static struct qualifier_set *set_of(IWbemQualifierSet *iface)
{
    return (struct qualifier_set *)((char *)iface - offsetof(struct qualifier_set, iface));
}

/* ---- where the lists are ----------------------------------------------------------- */

/* The list that can be edited: the class's, or what the instance itself says. */
static HRESULT editable(struct qualifier_set *q, struct qualifier_list **ret)
{
    struct object *o = q->object;
    if (!o->is_class) {
        struct instance_qualifiers *own;
        uint32_t ordinal = 0;
        HRESULT hr = WBEM_S_NO_ERROR;
        if (q->owner == QUALIFIERS_OF_PROPERTY) {
            hr = schema_find(atomic_load_explicit(&o->schema, memory_order_relaxed), q->name,
                             &ordinal);
        }
        if (SUCCEEDED(hr)) {
            hr = instance_qualifiers(o, &own);
        }
        if (SUCCEEDED(hr)) {
            *ret = q->owner == QUALIFIERS_OF_PROPERTY ? &own->properties[ordinal] : &own->own;
        }
        return hr;
    }

    struct draft *d;
    HRESULT hr = object_draft(o, &d);
    if (FAILED(hr)) {
        return hr;
    }
    if (q->owner == QUALIFIERS_OF_PROPERTY) {
        struct draft_property *p = draft_find(d, q->name);
        *ret = p ? &p->qualifiers : NULL;
    } else if (q->owner == QUALIFIERS_OF_METHOD) {
        struct draft_method *m = draft_find_method(d, q->name);
        *ret = m ? &m->qualifiers : NULL;
    } else {
        *ret = &d->qualifiers;
    }
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND; /* deleted meanwhile */
}

/* All of them as a reader sees them; qualifier_list_done() it. */
static HRESULT visible(struct qualifier_set *q, struct qualifier_list *ret)
{
    struct qualifier_list *own;
    if (!q->object->is_class) {
        return object_qualifiers(q->object, q->name, ret);
    }
    HRESULT hr = editable(q, &own);
    return SUCCEEDED(hr) ? qualifier_list_copy(own, ret) : hr;
}

static HRESULT parent_method(const struct schema *s, const wchar_t *name,
                             struct qualifier_cursor *ret)
{
    for (uint32_t i = 0; s->methods_part && i < methods_count(s->methods_part); i++) {
        struct method_view m;
        HRESULT hr = methods_get(s->methods_part, s->methods_part_size, i, &m);
        if (FAILED(hr)) {
            return hr;
        }
        if (string_is(&m.name, name)) {
            *ret = m.qualifiers;
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_E_NOT_FOUND;
}

/* What a class inherits here from its superclass, an instance from its class: a list to be freed,
 * empty when there is nothing. */
static HRESULT inherited(struct qualifier_set *q, struct qualifier_list *ret)
{
    struct object *o = q->object;
    struct qualifier_list all = {0};
    struct qualifier_cursor c;
    struct draft *d;
    uint32_t ordinal;
    const struct schema *from;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (o->is_class) {
        hr = object_draft(o, &d);
        from = SUCCEEDED(hr) ? d->parent : NULL;
    } else {
        from = atomic_load_explicit(&o->schema, memory_order_relaxed);
    }
    if (FAILED(hr) || !from) {
        return hr;
    }
    if (q->owner == QUALIFIERS_OF_PROPERTY) {
        hr = schema_find(from, q->name, &ordinal);
        hr = SUCCEEDED(hr) ? schema_property_qualifiers(from, ordinal, &c) : hr;
    } else if (q->owner == QUALIFIERS_OF_METHOD) {
        hr = parent_method(from, q->name, &c);
    } else {
        hr = schema_qualifiers(from, &c);
    }
    if (hr == WBEM_E_NOT_FOUND) {
        return WBEM_S_NO_ERROR;
    }
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_read(&c, &all);
    }
    if (SUCCEEDED(hr)) {
        hr = qualifier_list_propagate(&all,
                                      o->is_class ? WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS
                                                  : WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE,
                                      ret);
    }
    qualifier_list_done(&all);
    return hr;
}

static HRESULT changing(struct qualifier_set *q)
{
    struct object_extras *e;
    object_changing(q->object);
    if (q->object->is_class) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = object_extras(q->object, &e);
    if (SUCCEEDED(hr)) {
        e->qualifiers_dirty = true;
    }
    return hr;
}

/* ---- Get ------------------------------------------------------------------------------ */

static HRESULT give(const struct qualifier *q, VARIANT *value, LONG *flavor)
{
    if (value) {
        HRESULT hr = value_to_variant(&q->value.v, value);
        if (FAILED(hr)) {
            return hr;
        }
    }
    if (flavor) {
        *flavor = q->flavor;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE set_get(IWbemQualifierSet *iface, LPCWSTR name, LONG flags,
                                         VARIANT *value, LONG *flavor)
{
    struct qualifier_list l = {0};
    if (!name || flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = visible(set_of(iface), &l);
    if (FAILED(hr)) {
        return hr;
    }
    const struct qualifier *q = qualifier_list_find(&l, name);
    hr = q ? give(q, value, flavor) : WBEM_E_NOT_FOUND;
    qualifier_list_done(&l);
    return hr;
}

/* ---- Put ------------------------------------------------------------------------------ */

/* Put's page: VT_I4, VT_R8, VT_BSTR, VT_BOOL and arrays of them. */
static HRESULT read_argument(const VARIANT *value, struct value *ret)
{
    switch (V_VT(value) & ~VT_ARRAY) {
    case VT_I4:
    case VT_R8:
    case VT_BSTR:
    case VT_BOOL:
        return value_from_variant(value, 0, ret);
    default:
        return WBEM_E_INVALID_QUALIFIER_TYPE;
    }
}

static bool is_key_type(CIMTYPE type)
{
    return !cim_is_array(type) && type != CIM_OBJECT && type != CIM_REAL32 && type != CIM_REAL64;
}

/* A class may make an inherited property its key, as CIM_System does with Name, but not where the
 * superclass has keys: what identifies an instance is then settled. */
static HRESULT check_key(struct qualifier_set *q, const struct cim_value *v,
                         const struct qualifier *inherited_key)
{
    struct draft *d;
    if (q->owner != QUALIFIERS_OF_PROPERTY || !q->object->is_class || v->type != CIM_BOOLEAN) {
        return WBEM_E_CANNOT_BE_KEY;
    }
    HRESULT hr = object_draft(q->object, &d);
    if (FAILED(hr)) {
        return hr;
    }
    const struct draft_property *p = draft_find(d, q->name);
    bool settled = d->parent && d->parent->key_count > 0;
    if (!p || !is_key_type(p->type) || (p->inherited && !inherited_key && settled)) {
        return WBEM_E_CANNOT_BE_KEY;
    }
    return WBEM_S_NO_ERROR;
}

static bool starts_with(const struct cim_string *s, const wchar_t *prefix)
{
    uint32_t at = 0;
    for (; *prefix; prefix++) {
        if (at == s->length || fold(string_next(s, &at)) != fold((uint32_t)*prefix)) {
            return false;
        }
    }
    return at == s->length || s->bytes[(size_t)at * (s->wide ? 2 : 1)] == ':';
}

/* [WmiSdk] "CIMType Qualifier": besides naming the class of a reference or object, it makes a
 * string property a datetime or a reference. */
static HRESULT apply_cimtype(struct qualifier_set *q, const struct cim_value *v)
{
    struct draft *d;
    if (v->type != CIM_STRING || v->null) {
        return WBEM_E_INVALID_QUALIFIER_TYPE;
    }
    if (!q->object->is_class) {
        return WBEM_E_OVERRIDE_NOT_ALLOWED;
    }
    HRESULT hr = object_draft(q->object, &d);
    struct draft_property *p = SUCCEEDED(hr) ? draft_find(d, q->name) : NULL;
    if (!p) {
        return FAILED(hr) ? hr : WBEM_E_NOT_FOUND;
    }
    CIMTYPE base = CIM_BASE(p->type), wanted = base;
    if (starts_with(&v->string, L"ref")) {
        wanted = CIM_REFERENCE;
    } else if (starts_with(&v->string, L"object")) {
        wanted = CIM_OBJECT;
    } else if (starts_with(&v->string, L"datetime")) {
        wanted = CIM_DATETIME;
    } else if (starts_with(&v->string, L"string")) {
        wanted = CIM_STRING;
    } else if (cim_is_string(base) || base == CIM_OBJECT) {
        return WBEM_E_TYPE_MISMATCH;
    }
    if (wanted != base && (!cim_is_string(base) || !cim_is_string(wanted) || p->inherited)) {
        return WBEM_E_TYPE_MISMATCH;
    }
    p->type = wanted | (p->type & CIM_FLAG_ARRAY);
    p->value.v.type = p->type;
    return WBEM_S_NO_ERROR;
}

static bool is_cimtype(const struct qualifier_set *q, LPCWSTR name)
{
    return q->owner == QUALIFIERS_OF_PROPERTY && name_equal(name, L"CIMTYPE");
}

static HRESULT store(struct qualifier_set *q, LPCWSTR name, const struct cim_value *v,
                     uint8_t flavor)
{
    struct qualifier_list *own, from = {0};
    bool is_key = name_equal(name, L"key");
    HRESULT hr = editable(q, &own);
    if (SUCCEEDED(hr)) {
        hr = inherited(q, &from);
    }
    if (FAILED(hr)) {
        return hr;
    }
    const struct qualifier *above = qualifier_list_find(&from, name);
    if (is_key) {
        hr = check_key(q, v, above);
        flavor = WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                 WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS | WBEM_FLAVOR_NOT_OVERRIDABLE;
    }
    bool fixed = above && (above->flavor & WBEM_FLAVOR_NOT_OVERRIDABLE);
    bool same = above && value_equal(&above->value.v, v, true);
    qualifier_list_done(&from);
    if (SUCCEEDED(hr) && fixed) {
        /* Saying again what is so anyway is no override, and leaves it inherited. */
        return same ? WBEM_S_NO_ERROR : WBEM_E_OVERRIDE_NOT_ALLOWED;
    }
    if (SUCCEEDED(hr) && is_cimtype(q, name)) {
        hr = apply_cimtype(q, v);
        flavor =
            WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE | WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS;
    }
    if (SUCCEEDED(hr)) {
        hr = changing(q);
    }
    return SUCCEEDED(hr) ? qualifier_list_put(own, name, v, flavor) : hr;
}

static HRESULT STDMETHODCALLTYPE set_put(IWbemQualifierSet *iface, LPCWSTR name, VARIANT *value,
                                         LONG flavor)
{
    const LONG settable = WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                          WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS |
                          WBEM_FLAVOR_NOT_OVERRIDABLE | WBEM_FLAVOR_AMENDED;
    struct value v = {0};
    size_t length = name ? wcslen(name) : 0;
    if (length == 0 || !value || (flavor & ~(settable | WBEM_FLAVOR_MASK_ORIGIN)) != 0 ||
        name[0] == '_' || name[length - 1] == '_') {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (length > 255) {
        return WBEM_E_QUALIFIER_NAME_TOO_WIDE;
    }
    HRESULT hr = read_argument(value, &v);
    if (SUCCEEDED(hr)) {
        hr = store(set_of(iface), name, &v.v, (uint8_t)(flavor & settable));
        value_done(&v);
    }
    return hr;
}

/* ---- Delete ----------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE set_delete(IWbemQualifierSet *iface, LPCWSTR name)
{
    struct qualifier_set *q = set_of(iface);
    struct qualifier_list *own, from = {0};
    if (!name) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = editable(q, &own);
    if (SUCCEEDED(hr)) {
        hr = inherited(q, &from);
    }
    if (FAILED(hr)) {
        return hr;
    }
    struct qualifier *mine = qualifier_list_find(own, name);
    const struct qualifier *above = qualifier_list_find(&from, name);
    if (!mine || (mine->flavor & WBEM_FLAVOR_ORIGIN_PROPAGATED)) {
        hr = mine || above ? WBEM_E_PROPAGATED_QUALIFIER : WBEM_E_NOT_FOUND;
    } else if (is_cimtype(q, name) && !above) {
        hr = WBEM_E_INVALID_OPERATION;
    } else {
        hr = changing(q);
        if (SUCCEEDED(hr) && above) {
            if (q->object->is_class) {
                hr = qualifier_list_put(own, name, &above->value.v, above->flavor);
            } else {
                qualifier_list_remove(own, mine);
            }
            hr = SUCCEEDED(hr) ? WBEM_S_RESET_TO_DEFAULT : hr;
        } else if (SUCCEEDED(hr)) {
            qualifier_list_remove(own, mine);
        }
    }
    qualifier_list_done(&from);
    return hr;
}

/* ---- names and the walk ------------------------------------------------------------------ */

static bool matches(LONG flags, const struct qualifier *q)
{
    bool propagated = (q->flavor & WBEM_FLAVOR_ORIGIN_PROPAGATED) != 0;
    return flags == 0 || propagated == (flags == WBEM_FLAG_PROPAGATED_ONLY);
}

static bool flags_are_valid(LONG flags)
{
    return flags == 0 || flags == WBEM_FLAG_LOCAL_ONLY || flags == WBEM_FLAG_PROPAGATED_ONLY;
}

static HRESULT STDMETHODCALLTYPE set_get_names(IWbemQualifierSet *iface, LONG flags,
                                               SAFEARRAY **ret)
{
    struct qualifier_list l = {0};
    uint32_t count = 0;
    BSTR *data = NULL;
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (!flags_are_valid(flags)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = visible(set_of(iface), &l);
    if (FAILED(hr)) {
        return hr;
    }
    for (uint32_t i = 0; i < l.count; i++) {
        count += matches(flags, &l.items[i]);
    }
    SAFEARRAY *array = SafeArrayCreateVector(VT_BSTR, 0, count);
    hr = array ? SafeArrayAccessData(array, (void **)&data) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        for (uint32_t i = 0, n = 0; i < l.count; i++) {
            if (matches(flags, &l.items[i])) {
                data[n] = SysAllocString(l.items[i].name);
                hr = data[n++] ? hr : WBEM_E_OUT_OF_MEMORY;
            }
        }
        SafeArrayUnaccessData(array);
    }
    qualifier_list_done(&l);
    if (FAILED(hr)) {
        SafeArrayDestroy(array);
        return hr;
    }
    *ret = array;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE set_begin(IWbemQualifierSet *iface, LONG flags)
{
    struct qualifier_set *q = set_of(iface);
    if (!flags_are_valid(flags)) {
        return WBEM_E_INVALID_PARAMETER;
    }
    q->walked = true;
    q->walk_flags = flags;
    q->walk_at = 0;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE set_next(IWbemQualifierSet *iface, LONG flags, BSTR *name,
                                          VARIANT *value, LONG *flavor)
{
    struct qualifier_set *s = set_of(iface);
    struct qualifier_list l = {0};
    if (name) {
        *name = NULL;
    }
    if (flags != 0) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (!s->walked) {
        return WBEM_E_UNEXPECTED;
    }
    HRESULT hr = visible(s, &l);
    if (FAILED(hr)) {
        return hr;
    }
    while (s->walk_at < l.count && !matches(s->walk_flags, &l.items[s->walk_at])) {
        s->walk_at++;
    }
    if (s->walk_at >= l.count) {
        hr = WBEM_S_NO_MORE_DATA;
    } else {
        const struct qualifier *q = &l.items[s->walk_at++];
        BSTR copy = name ? SysAllocString(q->name) : NULL;
        hr = name && !copy ? WBEM_E_OUT_OF_MEMORY : give(q, value, flavor);
        if (FAILED(hr)) {
            SysFreeString(copy);
        } else if (name) {
            *name = copy;
        }
    }
    qualifier_list_done(&l);
    return hr;
}

static HRESULT STDMETHODCALLTYPE set_end(IWbemQualifierSet *iface)
{
    set_of(iface)->walked = false;
    return WBEM_S_NO_ERROR;
}

/* ---- IUnknown --------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE set_query_interface(IWbemQualifierSet *iface, REFIID iid,
                                                     void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IWbemQualifierSet)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    *ret = iface;
    atomic_fetch_add_explicit(&set_of(iface)->refs, 1, memory_order_relaxed);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE set_add_ref(IWbemQualifierSet *iface)
{
    return (ULONG)(atomic_fetch_add_explicit(&set_of(iface)->refs, 1, memory_order_relaxed) + 1);
}

static ULONG STDMETHODCALLTYPE set_release(IWbemQualifierSet *iface)
{
    struct qualifier_set *q = set_of(iface);
    ULONG left = (ULONG)(atomic_fetch_sub_explicit(&q->refs, 1, memory_order_acq_rel) - 1);
    if (left == 0) {
        object_release(q->object);
        free(q->name);
        free(q);
    }
    return left;
}

static const IWbemQualifierSetVtbl vtable = {
    .QueryInterface = set_query_interface,
    .AddRef = set_add_ref,
    .Release = set_release,
    .Get = set_get,
    .Put = set_put,
    .Delete = set_delete,
    .GetNames = set_get_names,
    .BeginEnumeration = set_begin,
    .Next = set_next,
    .EndEnumeration = set_end,
};

HRESULT qualifier_set_create(struct object *o, enum qualifier_owner owner, LPCWSTR name,
                             IWbemQualifierSet **ret)
{
    struct qualifier_list *own;
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    if (owner != QUALIFIERS_OF_OBJECT && !name) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (owner == QUALIFIERS_OF_PROPERTY && system_property_find(name) >= 0) {
        return WBEM_E_SYSTEM_PROPERTY;
    }
    if (owner == QUALIFIERS_OF_METHOD && !o->is_class) {
        return WBEM_E_ILLEGAL_OPERATION;
    }
    struct qualifier_set *q = calloc(1, sizeof *q);
    if (!q) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    q->iface.lpVtbl = &vtable;
    atomic_init(&q->refs, 1);
    q->owner = owner;
    q->object = o;
    q->name = name ? name_copy(name) : NULL;
    HRESULT hr = name && !q->name ? WBEM_E_OUT_OF_MEMORY : editable(q, &own);
    if (FAILED(hr)) {
        free(q->name);
        free(q);
        return hr;
    }
    atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
    *ret = &q->iface;
    return WBEM_S_NO_ERROR;
}

bool qualifier_set_is_true(IWbemQualifierSet *set, const wchar_t *name)
{
    VARIANT v;
    VariantInit(&v);
    bool is_true = SUCCEEDED(IWbemQualifierSet_Get(set, name, 0, &v, NULL)) &&
                   V_VT(&v) == VT_BOOL && V_BOOL(&v);
    VariantClear(&v);
    return is_true;
}
