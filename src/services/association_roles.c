/*
 * Which association classes ([association]) have a reference that can lead to
 * an object of the source's class: one declared to lead to that class or one
 * above it. What the query says of the classes and roles is decided here, so
 * that no association is asked in vain.
 */
#include "services/association.h"

#include <stdlib.h>
#include <wchar.h>

struct search {
    struct repository_namespace *name_space;
    struct repository_snapshot *at;
    const struct wql_query *query;
    const struct wql_association *wanted;
    const struct schema *source;
    class_texts amended;
    struct association_roles *roles;
};

void association_roles_done(struct association_roles *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        IWbemClassObject_Release(r->items[i].cls);
    }
    free(r->items);
    *r = (struct association_roles){0};
}

bool association_has_qualifier(IWbemClassObject *object, const wchar_t *name)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    return !name || (SUCCEEDED(IWbemClassObject_GetQualifierSet(object, &set)) &&
                     SUCCEEDED(IWbemQualifierSet_Get(set, name, 0, NULL, NULL)));
}

/* CIMTYPE is "ref:Class", or "ref" alone, or "ref:object" for a reference to anything. */
HRESULT association_target(IWbemClassObject *cls, uint32_t ordinal, wchar_t **ret)
{
    struct schema *s;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    CLEANUP(com_cleanup_variant) VARIANT v;
    VariantInit(&v);
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetPropertyQualifierSet(cls, schema_property_name(s, ordinal), &set);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemQualifierSet_Get(set, L"CIMTYPE", 0, &v, NULL);
        hr = hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
    }
    if (FAILED(hr)) {
        return hr;
    }
    const wchar_t *type = V_VT(&v) == VT_BSTR ? V_BSTR(&v) : L"";
    const wchar_t *name = wcschr(type, L':');
    name = name && wcscasecmp(name, L":object") != 0 ? name + 1 : L"";
    *ret = com_wide_copy(name);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

bool association_is_end(const struct wql_query *q, const struct schema *s, uint32_t role,
                        uint32_t ordinal)
{
    const wchar_t *wanted = wql_query_association(q)->result_role;
    return ordinal != role && schema_property_type(s, ordinal) == CIM_REFERENCE &&
           (!wanted || wcscasecmp(wanted, schema_property_name(s, ordinal)) == 0);
}

/* Can something of the one class be of the other? *ret is true as well for a class that is not
 * there: what has been lost need not be. */
static HRESULT may_be(struct search *f, const wchar_t *declared, const wchar_t *wanted, bool *ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *a = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *b = NULL;
    struct schema *x;
    struct schema *y;
    *ret = true;
    HRESULT hr = repository_get_class_at(f->at, f->name_space, declared, false, &a);
    if (SUCCEEDED(hr)) {
        hr = repository_get_class_at(f->at, f->name_space, wanted, false, &b);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
    }
    hr = schema_of(a, &x);
    if (SUCCEEDED(hr)) {
        hr = schema_of(b, &y);
    }
    if (SUCCEEDED(hr)) {
        *ret = schema_is_a(x, wanted) || schema_is_a(y, declared);
    }
    return hr;
}

/* Is there another end, of a class that can be ResultClass, or can become it? */
static HRESULT has_end(struct search *f, IWbemClassObject *cls, struct schema *s, uint32_t role,
                       bool *ret)
{
    *ret = f->wanted->schema_only; /* there the ends are looked at one by one */
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; i < schema_property_count(s) && SUCCEEDED(hr) && !*ret; i++) {
        if (!association_is_end(f->query, s, role, i)) {
            continue;
        }
        CLEANUP(com_cleanup_free) wchar_t *declared = NULL;
        *ret = true;
        hr = association_target(cls, i, &declared);
        if (SUCCEEDED(hr) && *declared && f->wanted->result_class) {
            hr = may_be(f, declared, f->wanted->result_class, ret);
        }
    }
    return hr;
}

static HRESULT is_role(struct search *f, IWbemClassObject *cls, struct schema *s, uint32_t i,
                       bool *ret)
{
    *ret = false;
    if (schema_property_type(s, i) != CIM_REFERENCE ||
        (f->wanted->role && wcscasecmp(f->wanted->role, schema_property_name(s, i)) != 0)) {
        return WBEM_S_NO_ERROR;
    }
    CLEANUP(com_cleanup_free) wchar_t *declared = NULL;
    HRESULT hr = association_target(cls, i, &declared);
    if (FAILED(hr) || (*declared && !schema_is_a(f->source, declared))) {
        return hr;
    }
    *ret = true;
    return wql_query_kind(f->query) == WQL_ASSOCIATORS ? has_end(f, cls, s, i, ret) : hr;
}

static HRESULT add_role(struct search *f, IWbemClassObject *cls, struct schema *s, uint32_t i)
{
    struct association_roles *r = f->roles;
    struct association_role *items = realloc(r->items, (r->count + 1) * sizeof(*items));
    if (!items) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->items = items;
    items[r->count] = (struct association_role){.cls = cls, .schema = s, .ordinal = i};
    items[r->count].same_class = r->count > 0 && items[r->count - 1].cls == cls;
    IWbemClassObject_AddRef(cls);
    r->count++;
    return WBEM_S_NO_ERROR;
}

/* What the query says of the association class itself. */
static bool is_wanted(const struct search *f, IWbemClassObject *cls, const struct schema *s)
{
    const struct wql_association *a = f->wanted;
    if (!schema_has_true(s, L"association")) {
        return false;
    }
    if (wql_query_kind(f->query) == WQL_ASSOCIATORS) {
        return (!a->assoc_class || schema_is_a(s, a->assoc_class)) &&
               association_has_qualifier(cls, a->required_assoc_qualifier);
    }
    return (!a->result_class || schema_is_a(s, a->result_class)) &&
           association_has_qualifier(cls, a->required_qualifier);
}

static HRESULT look_at(void *closure, IWbemClassObject *cls)
{
    struct search *f = closure;
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (FAILED(hr) || !is_wanted(f, cls, s)) {
        return hr;
    }
    for (uint32_t i = 0; i < schema_property_count(s) && SUCCEEDED(hr); i++) {
        bool role;
        hr = is_role(f, cls, s, i, &role);
        if (SUCCEEDED(hr) && role) {
            hr = add_role(f, cls, s, i);
        }
    }
    return hr;
}

HRESULT association_roles_find(struct repository_namespace *n, const struct wql_query *q,
                               const struct schema *source, class_texts amended,
                               struct association_roles *ret)
{
    const struct wql_association *a = wql_query_association(q);
    /* The class whose family to look through. */
    const wchar_t *above = wql_query_kind(q) == WQL_REFERENCES ? a->result_class : a->assoc_class;
    struct search f = {.name_space = n,
                       .query = q,
                       .wanted = a,
                       .source = source,
                       .amended = amended,
                       .roles = ret};
    *ret = (struct association_roles){0};
    HRESULT hr = repository_snapshot_take(repository_of(n), &f.at);
    if (SUCCEEDED(hr) && above) {
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        hr = repository_get_class_at(f.at, n, above, amended, &cls);
        hr = SUCCEEDED(hr) ? look_at(&f, cls) : hr;
    }
    if (SUCCEEDED(hr)) {
        hr = repository_visit_classes_at(f.at, n, above, true, amended, look_at, &f);
    }
    repository_snapshot_unref(f.at);
    if (FAILED(hr)) {
        association_roles_done(ret);
    }
    return hr;
}
