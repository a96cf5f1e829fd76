/*
 * Class providers: class definitions that are not in the repository, from
 * providers registered by __ClassProviderRegistration (WmiSdk "Writing a Class
 * Provider", "Implementing the Primary Interface for a Class Provider"). The
 * repository's definition of a name comes before theirs, an earlier
 * registration's before a later one's.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "hosting/hosting_private.h"

/* Names: of the providers, or of classes that were seen. */
struct names {
    wchar_t **items;
    size_t count, capacity;
};

static void names_done(struct names *n)
{
    for (size_t i = 0; i < n->count; i++) {
        free(n->items[i]);
    }
    free(n->items);
}

static bool names_have(const struct names *n, const wchar_t *name)
{
    for (size_t i = 0; i < n->count; i++) {
        if (wcscasecmp(n->items[i], name) == 0) {
            return true;
        }
    }
    return false;
}

/* Takes the name, also on failure. */
static HRESULT names_add(struct names *n, wchar_t *name)
{
    if (!name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (n->count == n->capacity) {
        size_t capacity = n->capacity ? 2 * n->capacity : 8;
        wchar_t **items = realloc(n->items, capacity * sizeof *items);
        if (!items) {
            free(name);
            return WBEM_E_OUT_OF_MEMORY;
        }
        n->items = items;
        n->capacity = capacity;
    }
    n->items[n->count++] = name;
    return WBEM_S_NO_ERROR;
}

/* ---- who is registered ----------------------------------------------------------------- */

static HRESULT visit_registration(void *closure, IWbemClassObject *object)
{
    struct names *providers = closure;
    wchar_t *name = NULL;
    HRESULT hr = registration_provider_name(object, &name);
    if (FAILED(hr) || !name || names_have(providers, name)) {
        free(name);
        return hr;
    }
    return names_add(providers, name);
}

/* The class providers of the namespace. Without any this is one look into the repository. */
static HRESULT providers_of(struct repository_namespace *n, struct names *ret)
{
    struct repository_snapshot *at;
    bool any = false;
    HRESULT hr = repository_snapshot_take(repository_of(n), &at);
    if (FAILED(hr)) {
        return hr;
    }
    hr = repository_has_instances(at, n, L"__ClassProviderRegistration", &any);
    repository_snapshot_unref(at);
    return SUCCEEDED(hr) && any
               ? registration_visit(n, L"__ClassProviderRegistration", visit_registration, ret)
               : hr;
}

/* System classes are the repository's; registrations, which are read for all this, among them. */
static bool is_system(const wchar_t *name)
{
    return wcsncmp(name, L"__", 2) == 0;
}

/* ---- what comes -------------------------------------------------------------------------- */

/* A class without `provider` whose provider has instances: they are its. */
static HRESULT name_provider(IWbemClassObject *cls, const struct registration *r)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    CLEANUP(com_cleanup_free) wchar_t *provider = NULL;
    CLEANUP(com_cleanup_variant) VARIANT name = {0};
    const LONG flavor =
        WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE | WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS;
    HRESULT hr = hosting_class_provider(cls, false, &provider);
    if (hr != WBEM_S_FALSE || !(r->can & PROVIDER_INSTANCES)) {
        return hr;
    }
    VARIANT yes = {0};
    V_VT(&yes) = VT_BOOL;
    V_BOOL(&yes) = VARIANT_TRUE;
    V_VT(&name) = VT_BSTR;
    V_BSTR(&name) = SysAllocString(r->name);
    hr = V_BSTR(&name) ? IWbemClassObject_GetQualifierSet(cls, &set) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = IWbemQualifierSet_Put(set, L"dynamic", &yes, flavor);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemQualifierSet_Put(set, L"provider", &name, flavor);
    }
    return hr;
}

/* The next class that the provider gives, checked. WBEM_S_FALSE: there is none. */
static HRESULT next_class(struct operation *o, struct repository_namespace *n,
                          const struct registration *r, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s;
    bool is_class = false;
    HRESULT hr = operation_next(o, &cls);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    hr = object_is_class(cls, &is_class);
    if (SUCCEEDED(hr) && !is_class) {
        return operation_fault(o, "it was asked for classes and gave an instance");
    }
    hr = SUCCEEDED(hr) ? name_provider(cls, r) : hr;
    hr = SUCCEEDED(hr) ? object_decorate(cls, repository_namespace_decoration(n)) : hr;
    if (FAILED(hr) || FAILED(schema_of(cls, &s)) || !schema_class_name(s) ||
        !*schema_class_name(s)) {
        return operation_fault(o, "it gave a class without a name");
    }
    *ret = TAKE(cls);
    return WBEM_S_NO_ERROR;
}

static HRESULT ask(struct repository_namespace *n, struct registration *r,
                   const struct provider_call *what, const wchar_t *text, const char *operation,
                   struct operation **ret)
{
    struct provider_call call = *what;
    call.text = SysAllocString(text);
    if (!call.text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    const struct operation_target target = {n, r, NULL};
    HRESULT hr = operation_create(&target, &call, operation, ret);
    if (FAILED(hr)) {
        return hr;
    }
    hr = operation_start(*ret);
    if (FAILED(hr)) {
        operation_unref(*ret);
    }
    return hr;
}

/* ---- one class --------------------------------------------------------------------------- */

static bool is_named(IWbemClassObject *cls, const wchar_t *name)
{
    struct schema *s;
    return SUCCEEDED(schema_of(cls, &s)) && wcscasecmp(schema_class_name(s), name) == 0;
}

/* By GetObjectAsync, or from among all when the provider can't. WBEM_S_FALSE: it has none. */
static HRESULT get_from(struct repository_namespace *n, struct registration *r, const wchar_t *name,
                        const char *operation, IWbemClassObject **ret)
{
    struct operation *o = NULL;
    bool one = r->can & PROVIDER_CLASS_GET;
    const struct provider_call call = {.kind = one ? CALL_GET : CALL_CLASS_ENUM};
    HRESULT hr = ask(n, r, &call, one ? name : L"", operation, &o);
    if (FAILED(hr)) {
        return hr;
    }
    do {
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        hr = next_class(o, n, r, &cls);
        if (hr == WBEM_S_NO_ERROR && is_named(cls, name)) {
            *ret = TAKE(cls);
            break;
        }
        if (hr == WBEM_S_NO_ERROR && one) {
            hr = operation_fault(o, "it was asked for one class and gave another");
        }
    } while (hr == WBEM_S_NO_ERROR);
    operation_unref(o);
    if (hr == WBEM_E_NOT_FOUND || hr == WBEM_E_INVALID_CLASS) {
        (void)SetErrorInfo(0, NULL);
        hr = WBEM_S_FALSE;
    }
    return hr;
}

HRESULT hosting_get_class(struct repository_namespace *n, const wchar_t *name,
                          const char *operation, IWbemClassObject **ret)
{
    struct names providers = {0};
    if (is_system(name)) {
        return WBEM_E_NOT_FOUND;
    }
    HRESULT hr = providers_of(n, &providers);
    bool found = false;
    for (size_t i = 0; SUCCEEDED(hr) && !found && i < providers.count; i++) {
        struct registration *r;
        hr = registration_find(n, providers.items[i], operation, &r);
        if (SUCCEEDED(hr)) {
            if (r->can & (PROVIDER_CLASS_GET | PROVIDER_CLASS_ENUMERATE)) {
                hr = get_from(n, r, name, operation, ret);
                found = hr == WBEM_S_NO_ERROR;
            }
            registration_unref(r);
        }
    }
    names_done(&providers);
    return FAILED(hr) ? hr : found ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
}

HRESULT hosting_find_class(struct repository_namespace *n, const wchar_t *name, class_texts amended,
                           const char *operation, IWbemClassObject **ret)
{
    HRESULT hr = repository_get_class(n, name, amended, ret);
    return hr == WBEM_E_NOT_FOUND ? hosting_get_class(n, name, operation, ret) : hr;
}

/* ---- all ------------------------------------------------------------------------------------ */

struct class_walk {
    struct repository_namespace *name_space;
    const wchar_t *superclass; /* "": none */
    bool deep;
    struct names seen;
    HRESULT (*visit)(void *closure, IWbemClassObject *cls);
    void *closure;
};

/* Was it asked for? Providers may give more. */
static bool is_wanted(const struct class_walk *w, const struct schema *s)
{
    const wchar_t *parent = schema_ancestor(s, 0);
    if (!w->deep) {
        return wcscasecmp(parent ? parent : L"", w->superclass) == 0;
    }
    return !*w->superclass ||
           (schema_is_a(s, w->superclass) && wcscasecmp(schema_class_name(s), w->superclass) != 0);
}

static HRESULT walk_class(struct class_walk *w, IWbemClassObject *cls)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *stored = NULL;
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (FAILED(hr) || !is_wanted(w, s) || is_system(schema_class_name(s)) ||
        names_have(&w->seen, schema_class_name(s))) {
        return hr;
    }
    hr = repository_get_class(w->name_space, schema_class_name(s), false, &stored);
    if (hr != WBEM_E_NOT_FOUND) {
        return hr; /* the repository's own */
    }
    hr = names_add(&w->seen, com_wide_copy(schema_class_name(s)));
    return SUCCEEDED(hr) ? w->visit(w->closure, cls) : hr;
}

static HRESULT walk_provider(struct class_walk *w, struct registration *r, const char *operation)
{
    struct operation *o = NULL;
    const struct provider_call call = {.kind = CALL_CLASS_ENUM,
                                       .flags = w->deep ? WBEM_FLAG_DEEP : WBEM_FLAG_SHALLOW};
    HRESULT hr = ask(w->name_space, r, &call, w->superclass, operation, &o);
    if (FAILED(hr)) {
        return hr;
    }
    do {
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        hr = next_class(o, w->name_space, r, &cls);
        if (hr == WBEM_S_NO_ERROR) {
            hr = walk_class(w, cls);
        }
    } while (hr == WBEM_S_NO_ERROR);
    operation_unref(o);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

HRESULT hosting_visit_classes(struct repository_namespace *n, const wchar_t *superclass, bool deep,
                              const char *operation,
                              HRESULT (*visit)(void *closure, IWbemClassObject *cls), void *closure)
{
    struct names providers = {0};
    struct class_walk w = {.name_space = n,
                           .superclass = superclass ? superclass : L"",
                           .deep = deep,
                           .visit = visit,
                           .closure = closure};
    if (is_system(w.superclass)) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = providers_of(n, &providers);
    for (size_t i = 0; SUCCEEDED(hr) && i < providers.count; i++) {
        struct registration *r;
        hr = registration_find(n, providers.items[i], operation, &r);
        if (SUCCEEDED(hr)) {
            hr = r->can & PROVIDER_CLASS_ENUMERATE ? walk_provider(&w, r, operation) : hr;
            registration_unref(r);
        }
    }
    names_done(&w.seen);
    names_done(&providers);
    return hr;
}
