/*
 * Property providers: values of single properties of stored instances (WmiSdk
 * "Writing a Property Provider"). A class with the qualifier DynProps has them;
 * a property that is `dynamic` names its `provider`, and says by the qualifiers
 * ClassContext, InstanceContext and PropertyContext where its value is. They are
 * filled in before a query's condition is applied.
 */
#include <stdlib.h>
#include <wchar.h>

#include "enumerator/enumerator.h"
#include "hosting/hosting_private.h"

enum {
    PROVIDERS_MAX = 32
};

/* The providers that one operation has met. */
struct property_providers {
    struct repository_namespace *name_space;
    const char *operation;
    struct {
        wchar_t *name;
        unsigned can;
        struct hosted *hosted;
        IWbemPropertyProvider *provider;
    } entry[PROVIDERS_MAX];
    unsigned count;
};

static void providers_done(struct property_providers *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        com_release(p->entry[i].provider);
        hosted_release(p->entry[i].hosted);
        free(p->entry[i].name);
    }
    p->count = 0;
}

static HRESULT load(struct property_providers *p, const wchar_t *name)
{
    struct registration *r;
    HRESULT hr = registration_find(p->name_space, name, p->operation, &r);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
    const char *shown = text ? text : "?";
    unsigned i = p->count;
    if (!(r->can & PROVIDER_PROPERTIES) || i == PROVIDERS_MAX) {
        registration_unref(r);
        return error_raise(WBEM_E_PROVIDER_NOT_CAPABLE, p->operation, text,
                           "provider %s is not registered as one of properties", shown);
    }
    p->entry[i].can = r->can;
    hr = hosted_acquire(p->name_space, r, &p->entry[i].hosted);
    registration_unref(r);
    if (FAILED(hr)) {
        return hr;
    }
    p->entry[i].name = com_wide_copy(name);
    hr = IUnknown_QueryInterface(hosted_object(p->entry[i].hosted), &IID_IWbemPropertyProvider,
                                 (void **)&p->entry[i].provider);
    if (FAILED(hr) || !p->entry[i].name) {
        com_release(SUCCEEDED(hr) ? p->entry[i].provider : NULL);
        free(p->entry[i].name);
        hosted_release(p->entry[i].hosted);
        return FAILED(hr) ? error_raise(WBEM_E_PROVIDER_NOT_CAPABLE, p->operation, text,
                                        "provider %s has no IWbemPropertyProvider", shown)
                          : WBEM_E_OUT_OF_MEMORY;
    }
    p->count++;
    return WBEM_S_NO_ERROR;
}

static HRESULT find(struct property_providers *p, const wchar_t *name, unsigned *ret)
{
    for (unsigned i = 0; i < p->count; i++) {
        if (wcscasecmp(p->entry[i].name, name) == 0) {
            *ret = i;
            return WBEM_S_NO_ERROR;
        }
    }
    *ret = p->count;
    return load(p, name);
}

/* ---- what the qualifiers say ------------------------------------------------------------------
 */

/* A text qualifier of the first set that has it, or NULL. */
static HRESULT get_text(IWbemQualifierSet *set, IWbemQualifierSet *otherwise, const wchar_t *name,
                        BSTR *ret)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    *ret = NULL;
    if (FAILED(IWbemQualifierSet_Get(set, name, 0, &v, NULL)) &&
        (!otherwise || FAILED(IWbemQualifierSet_Get(otherwise, name, 0, &v, NULL)))) {
        return WBEM_S_NO_ERROR;
    }
    return V_VT(&v) == VT_BSTR ? com_bstr_from_wide(V_BSTR(&v), ret) : WBEM_S_NO_ERROR;
}

/* Of one property of one instance. */
struct mapping {
    BSTR provider, cls, instance, property;
};

static void mapping_done(struct mapping *m)
{
    SysFreeString(m->provider);
    SysFreeString(m->cls);
    SysFreeString(m->instance);
    SysFreeString(m->property);
}

/* WBEM_S_FALSE: its value is stored. An instance's qualifiers come before its class's, which an
 * instance need not have itself (flavor ToInstance). */
static HRESULT read_mapping(IWbemClassObject *cls, IWbemClassObject *object, const wchar_t *name,
                            struct mapping *ret)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *mine = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *general = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *of_object = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *of_class = NULL;
    *ret = (struct mapping){0};
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(object, name, &mine);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetPropertyQualifierSet(cls, name, &general);
    }
    if (FAILED(hr) ||
        (!qualifier_set_is_true(mine, L"dynamic") && !qualifier_set_is_true(general, L"dynamic"))) {
        return FAILED(hr) ? hr : WBEM_S_FALSE;
    }
    hr = IWbemClassObject_GetQualifierSet(object, &of_object);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetQualifierSet(cls, &of_class);
    }
    if (SUCCEEDED(hr)) {
        hr = get_text(mine, general, L"provider", &ret->provider);
    }
    if (SUCCEEDED(hr) && !ret->provider) {
        return WBEM_S_FALSE;
    }
    if (SUCCEEDED(hr)) {
        hr = get_text(mine, general, L"PropertyContext", &ret->property);
    }
    if (SUCCEEDED(hr)) {
        hr = get_text(of_object, NULL, L"InstanceContext", &ret->instance);
    }
    return SUCCEEDED(hr) ? get_text(of_class, NULL, L"ClassContext", &ret->cls) : hr;
}

bool hosting_has_dynamic_properties(IWbemClassObject *cls)
{
    struct schema *s;
    return SUCCEEDED(schema_of(cls, &s)) && schema_has_true(s, L"DynProps");
}

/* ---- values -----------------------------------------------------------------------------------
 */

static HRESULT raise_property(const struct property_providers *p, unsigned at,
                              const wchar_t *property, HRESULT hr, const char *what)
{
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_free) char *provider = com_utf8_from_wide(p->entry[at].name);
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(property);
    const char *code = com_status_name(hr);
    if (GetErrorInfo(0, &info) == S_OK && info) {
        (void)SetErrorInfo(0, info); /* it has said why */
        return hr;
    }
    return error_raise(hr, p->operation, name, "provider %s: %s %s: 0x%08x%s%s",
                       provider ? provider : "?", what, name ? name : "?", (unsigned)hr,
                       code ? " " : "", code ? code : "");
}

static HRESULT fill_one(struct property_providers *p, const struct mapping *m, const wchar_t *name,
                        IWbemClassObject *object)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    unsigned at;
    HRESULT hr = find(p, m->provider, &at);
    if (FAILED(hr)) {
        return hr;
    }
    if (!(p->entry[at].can & PROVIDER_GET)) {
        return WBEM_S_NO_ERROR;
    }
    (void)SetErrorInfo(0, NULL);
    hr = IWbemPropertyProvider_GetProperty(p->entry[at].provider, 0, NULL, m->cls, m->instance,
                                           m->property, &v);
    if (FAILED(hr)) {
        return raise_property(p, at, name, hr, "it can't tell the value of");
    }
    hr = IWbemClassObject_Put(object, name, 0, &v, 0);
    return FAILED(hr) ? raise_property(p, at, name, hr, "it gave a value that does not fit") : hr;
}

static HRESULT put_one(struct property_providers *p, const struct mapping *m, const wchar_t *name,
                       IWbemClassObject *object)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    unsigned at;
    HRESULT hr = find(p, m->provider, &at);
    if (FAILED(hr) || !(p->entry[at].can & PROVIDER_PUT)) {
        return hr;
    }
    hr = IWbemClassObject_Get(object, name, 0, &v, NULL, NULL);
    if (FAILED(hr)) {
        return hr;
    }
    (void)SetErrorInfo(0, NULL);
    hr = IWbemPropertyProvider_PutProperty(p->entry[at].provider, 0, NULL, m->cls, m->instance,
                                           m->property, &v);
    return FAILED(hr) ? raise_property(p, at, name, hr, "it can't set") : hr;
}

/* For each dynamic property of the object. */
static HRESULT each(struct property_providers *p, IWbemClassObject *cls, IWbemClassObject *object,
                    HRESULT (*one)(struct property_providers *p, const struct mapping *m,
                                   const wchar_t *name, IWbemClassObject *object))
{
    struct schema *s;
    struct com_caller caller;
    struct com_call_context context;
    HRESULT hr = com_caller_capture(&caller);
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    com_call_context_for(&caller, &context);
    com_call_context_push(&context);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < schema_property_count(s); i++) {
        struct mapping m;
        const wchar_t *name = schema_property_name(s, i);
        hr = read_mapping(cls, object, name, &m);
        if (hr == WBEM_S_NO_ERROR) {
            hr = one(p, &m, name, object);
        }
        mapping_done(&m);
    }
    com_call_context_pop(&context);
    com_caller_done(&caller);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

HRESULT hosting_put_properties(struct repository_namespace *n, IWbemClassObject *cls,
                               IWbemClassObject *instance)
{
    struct property_providers p = {.name_space = n, .operation = "PutInstance"};
    HRESULT hr = each(&p, cls, instance, put_one);
    providers_done(&p);
    return hr;
}

/* ---- the source ---------------------------------------------------------------------------------
 */

struct property_source {
    struct source source;
    struct property_providers providers;
    IWbemClassObject *cls;
    IEnumWbemClassObject *stored; /* the instances as they are in the repository */
    struct wql_plan *plan;        /* may be NULL */
    struct schema *projected;     /* NULL: objects go as they are */
    uint32_t *map;
    struct row *row;
};

static struct property_source *source_of(struct source *s)
{
    return COM_CONTAINER(s, struct property_source, source);
}

static HRESULT project(struct property_source *s, IWbemClassObject *object, IWbemClassObject **ret)
{
    struct schema *schema;
    HRESULT hr = schema_of(object, &schema);
    row_clear(s->row);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < schema_property_count(schema); i++) {
        struct cim_value v;
        hr = object_get_value(object, i, &v);
        if (SUCCEEDED(hr)) {
            hr = v.null ? row_set_null(s->row, i) : row_set_value(s->row, i, &v);
        }
    }
    return SUCCEEDED(hr) ? row_encode(s->row, s->projected, s->map,
                                      repository_namespace_decoration(s->providers.name_space), ret)
                         : hr;
}

/* The next instance that matches. */
static HRESULT next(struct property_source *s, IWbemClassObject **ret)
{
    for (;;) {
        CLEANUP(com_cleanup_release) IWbemClassObject *stored = NULL;
        CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
        ULONG got = 0;
        HRESULT hr = IEnumWbemClassObject_Next(s->stored, WBEM_INFINITE, 1, &stored, &got);
        if (FAILED(hr) || got == 0) {
            return FAILED(hr) ? hr : WBEM_S_FALSE;
        }
        hr = IWbemClassObject_Clone(stored, &object);
        if (SUCCEEDED(hr)) {
            hr = each(&s->providers, s->cls, object, fill_one);
        }
        if (FAILED(hr)) {
            return hr;
        }
        if (s->plan && !wql_plan_matches_object(s->plan, object)) {
            continue;
        }
        if (s->projected) {
            return project(s, object, ret);
        }
        *ret = TAKE(object);
        return WBEM_S_NO_ERROR;
    }
}

static HRESULT properties_pull(struct source *source, ULONG demand, struct result_set *out)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (; demand > 0 && hr == WBEM_S_NO_ERROR; demand--) {
        IWbemClassObject *object = NULL;
        hr = next(source_of(source), &object);
        if (hr == WBEM_S_NO_ERROR) {
            hr = result_set_put(out, object);
        }
    }
    return hr;
}

static void properties_destroy(struct source *source)
{
    struct property_source *s = source_of(source);
    com_release(s->stored);
    providers_done(&s->providers);
    row_destroy(s->row);
    schema_unref(s->projected);
    wql_plan_destroy(s->plan);
    com_release(s->cls);
    free(s->map);
    free(s);
}

static const struct source_ops properties_ops = {.pull = properties_pull,
                                                 .destroy = properties_destroy};

static HRESULT prepare(struct property_source *s, struct source *stored)
{
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY |
                                                        WBEM_FLAG_RETURN_IMMEDIATELY,
                                               .read_ahead = 1,
                                               .internal = true};
    struct schema *schema;
    HRESULT hr = enumerator_create(stored, &options, &s->stored);
    if (SUCCEEDED(hr)) {
        hr = schema_of(s->cls, &schema);
    }
    if (SUCCEEDED(hr) && s->plan && !wql_plan_selects_all(s->plan)) {
        hr = schema_project(schema, wql_plan_selected(s->plan), &s->projected, &s->map);
    }
    return SUCCEEDED(hr) ? row_create(schema, &s->row) : hr;
}

HRESULT hosting_property_source(const struct hosting_request *q, struct source *stored,
                                struct source **ret)
{
    struct property_source *s = calloc(1, sizeof *s);
    if (!s) {
        wql_plan_destroy(q->plan);
        source_destroy(stored);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->source.ops = &properties_ops;
    s->providers.name_space = q->name_space;
    s->providers.operation = q->operation;
    s->plan = q->plan;
    s->cls = q->cls;
    com_addref(q->cls);
    HRESULT hr = prepare(s, stored);
    if (FAILED(hr)) {
        properties_destroy(&s->source);
        return hr;
    }
    *ret = &s->source;
    return WBEM_S_NO_ERROR;
}
