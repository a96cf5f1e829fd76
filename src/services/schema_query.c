/*
 * SELECT * FROM meta_class [WHERE …]: class definitions ([WmiSdk] "SELECT
 * Statement for Schema Queries"). The condition is bound to each class in turn,
 * which decides it, for it looks at system properties alone.
 */
#include <stdlib.h>
#include <wchar.h>

#include "hosting/hosting.h"
#include "services/services_private.h"

struct class_search {
    struct repository_namespace *name_space;
    const struct wql_query *query;
    const wchar_t *text;
    const struct query_options *options;
    IWbemClassObject **found;
    ULONG count, capacity;
};

static void nothing(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    *ret = (struct cim_value){.null = true};
}

static HRESULT keep(struct class_search *f, IWbemClassObject *cls)
{
    if (f->count == f->capacity) {
        ULONG capacity = f->capacity ? 2 * f->capacity : 64;
        IWbemClassObject **found = realloc(f->found, capacity * sizeof(IWbemClassObject *));
        if (!found) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        f->found = found;
        f->capacity = capacity;
    }
    IWbemClassObject_AddRef(cls);
    f->found[f->count++] = cls;
    return WBEM_S_NO_ERROR;
}

static HRESULT look_at(void *closure, IWbemClassObject *cls)
{
    struct class_search *f = closure;
    struct schema *s;
    struct wql_plan *plan;
    struct wql_error e = {0};
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) {
        hr = wql_plan_create_for_class(f->query, s, repository_namespace_decoration(f->name_space),
                                       &plan, &e);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_INVALID_QUERY ? raise_query_error(hr, f->options, f->text, &e) : hr;
    }
    bool matches = wql_plan_matches(plan, nothing, NULL);
    wql_plan_destroy(plan);
    return matches ? keep(f, cls) : WBEM_S_NO_ERROR;
}

/* A condition that fits no class must be refused even where there is none to ask. */
static HRESULT check_condition(struct class_search *f)
{
    IWbemClassObject *cls = NULL;
    HRESULT hr = object_create_class(&cls);
    if (FAILED(hr)) {
        return hr;
    }
    struct class_search trial = *f;
    VARIANT v = {0};
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"meta_class");
    hr = V_BSTR(&v) ? IWbemClassObject_Put(cls, L"__CLASS", 0, &v, 0) : WBEM_E_OUT_OF_MEMORY;
    VariantClear(&v);
    if (SUCCEEDED(hr)) {
        hr = look_at(&trial, cls);
    }
    if (trial.count) {
        IWbemClassObject_Release(trial.found[0]);
    }
    free(trial.found);
    IWbemClassObject_Release(cls);
    return hr;
}

/* The families that the condition leaves, each once: `names` may hold a class and one below it. */
static HRESULT visit_families(struct class_search *f, struct repository_snapshot *at,
                              const wchar_t *const *names, size_t count)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++) {
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        struct schema *s;
        hr = repository_get_class_at(at, f->name_space, names[i], f->options->amended, &cls);
        if (hr == WBEM_E_NOT_FOUND) {
            hr = WBEM_S_NO_ERROR;
            continue;
        }
        hr = SUCCEEDED(hr) ? schema_of(cls, &s) : hr;
        bool inside = false;
        for (size_t k = 0; k < count && SUCCEEDED(hr) && !inside; k++) {
            inside = k != i && schema_is_a(s, names[k]);
        }
        if (FAILED(hr) || inside) {
            continue;
        }
        hr = look_at(f, cls);
        if (SUCCEEDED(hr)) {
            hr = repository_visit_classes_at(at, f->name_space, names[i], true, f->options->amended,
                                             look_at, f);
        }
    }
    return hr;
}

static HRESULT search(struct class_search *f)
{
    struct repository_snapshot *at;
    const wchar_t **names = NULL;
    size_t count = 0;
    HRESULT hr = repository_snapshot_take(repository_of(f->name_space), &at);
    if (FAILED(hr)) {
        return hr;
    }
    hr = wql_query_isa(f->query, L"__this", &names, &count);
    if (SUCCEEDED(hr) && count > 0) {
        hr = visit_families(f, at, names, count);
    } else if (SUCCEEDED(hr)) {
        hr = repository_visit_classes_at(at, f->name_space, NULL, true, f->options->amended,
                                         look_at, f);
    }
    free(names);
    repository_snapshot_unref(at);
    if (SUCCEEDED(hr)) {
        hr = hosting_visit_classes(f->name_space, NULL, true, f->options->operation, look_at, f);
    }
    return hr;
}

HRESULT schema_query_source(struct repository_namespace *n, const struct wql_query *q,
                            const wchar_t *text, const struct query_options *options,
                            struct source **ret)
{
    struct class_search f = {.name_space = n, .query = q, .text = text, .options = options};
    HRESULT hr = check_condition(&f);
    if (SUCCEEDED(hr)) {
        hr = search(&f);
    }
    if (FAILED(hr)) {
        for (ULONG i = 0; i < f.count; i++) {
            IWbemClassObject_Release(f.found[i]);
        }
        free(f.found);
        return hr;
    }
    hr = source_from_objects(f.found, f.count, ret); /* takes the references */
    free(f.found);
    return hr;
}
