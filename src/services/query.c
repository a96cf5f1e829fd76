/*
 * From a parsed query to a source of objects: finds the class, the subclasses
 * and their providers, binds the query to each ([MS-WMI] 3.1.4.3.18).
 */
#include <stdlib.h>
#include <string.h>

#include "hosting/hosting.h"
#include "providers/live_provider.h"
#include "providers/provider.h"
#include "services/services_private.h"

/* Where the instances of a class come from. */
enum origin {
    ORIGIN_NOWHERE,
    ORIGIN_NAMESPACES,
    ORIGIN_SERVICES, /* the services themselves: __SystemSecurity */
    ORIGIN_DIRECT,   /* a provider that gives rows */
    ORIGIN_HOSTED,   /* any other */
    ORIGIN_REPOSITORY,
};

struct class_origin {
    enum origin kind;
    const struct provider_class *own; /* ORIGIN_SERVICES */
    wchar_t *provider;                /* ORIGIN_DIRECT, ORIGIN_HOSTED: its name; owned */
    struct direct_provider *direct;   /* ORIGIN_DIRECT; owned */
};

static void origin_done(struct class_origin *o)
{
    com_release(o->direct);
    free(o->provider);
}

/* Everything while the sources of one query are gathered. */
struct gathering {
    struct repository_namespace *name_space;
    struct repository_snapshot *at; /* classes and static instances of one moment */
    const struct wql_query *query;
    const wchar_t *text;
    const struct query_options *options;
    struct source **sources;
    ULONG count;
    ULONG capacity;
    bool below;               /* classes now visited are subclasses of the one asked for */
    struct class_origin last; /* how the provider asked last is asked */
};

static void gathering_done(struct gathering *g)
{
    origin_done(&g->last);
    for (ULONG i = 0; i < g->count; i++) {
        source_destroy(g->sources[i]);
    }
    free(g->sources);
    repository_snapshot_unref(g->at);
}

/* A query that doesn't fit the class: say where and at which word. */
HRESULT raise_query_error(HRESULT hr, const struct query_options *o, const wchar_t *text,
                          const struct wql_error *e)
{
    CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(text);
    return error_raise(hr, o->operation, query, "line %u, column %u, at '%s': expected %s",
                       e->at.line, e->at.column, e->token, e->expected);
}

static HRESULT plan_for(const struct gathering *g, IWbemClassObject *cls, struct wql_plan **ret)
{
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (FAILED(hr)) {
        return hr;
    }
    struct wql_error e = {0};
    hr = wql_plan_create_at(g->query, s, repository_namespace_decoration(g->name_space), ret, &e);
    if (FAILED(hr)) {
        return hr == WBEM_E_INVALID_QUERY ? raise_query_error(hr, g->options, g->text, &e) : hr;
    }
    if (g->options->locatable) {
        wql_plan_select_keys(*ret);
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT gather_source(struct gathering *g, struct source *s)
{
    if (g->count == g->capacity) {
        ULONG capacity = g->capacity ? 2 * g->capacity : 8;
        struct source **sources = realloc(g->sources, capacity * sizeof(struct source *));
        if (!sources) {
            source_destroy(s);
            return WBEM_E_OUT_OF_MEMORY;
        }
        g->sources = sources;
        g->capacity = capacity;
    }
    g->sources[g->count++] = s;
    return WBEM_S_NO_ERROR;
}

/* How to ask the provider that the class names. The provider of the class before is mostly that of
 * the next one too. */
static HRESULT provider_origin(struct gathering *g, struct class_origin *ret)
{
    bool same = g->last.provider && wcscasecmp(g->last.provider, ret->provider) == 0;
    if (!same) {
        origin_done(&g->last);
        g->last = (struct class_origin){.provider = com_wide_copy(ret->provider)};
        HRESULT hr = !g->last.provider
                         ? WBEM_E_OUT_OF_MEMORY
                         : hosting_direct(g->name_space, ret->provider, HOSTING_NEEDS_INSTANCES,
                                          g->options->operation, &g->last.direct);
        if (FAILED(hr)) {
            return hr;
        }
        g->last.kind = hr == WBEM_S_NO_ERROR ? ORIGIN_DIRECT : ORIGIN_HOSTED;
    }
    ret->kind = g->last.kind;
    ret->direct = g->last.direct;
    com_addref(ret->direct);
    return WBEM_S_NO_ERROR;
}

static HRESULT origin_of(struct gathering *g, IWbemClassObject *cls, struct schema *s,
                         struct class_origin *ret)
{
    const wchar_t *name = schema_class_name(s);
    bool stored = false;
    ret->kind = ORIGIN_NAMESPACES;
    if (wcscasecmp(name, L"__NAMESPACE") == 0) {
        return WBEM_S_NO_ERROR;
    }
    ret->own = services_find_class(name);
    ret->kind = ORIGIN_SERVICES;
    if (ret->own) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = schema_has_true(s, L"dynamic") ? hosting_class_provider(cls, true, &ret->provider)
                                                : WBEM_S_FALSE;
    if (hr != WBEM_S_FALSE) {
        return FAILED(hr) ? hr : provider_origin(g, ret);
    }
    hr = repository_has_instances(g->at, g->name_space, name, &stored);
    ret->kind = stored ? ORIGIN_REPOSITORY : ORIGIN_NOWHERE;
    return hr;
}

/* Takes the plan. A provider's values come before the condition. */
static HRESULT stored_source(const struct gathering *g, const struct hosting_request *hosted,
                             struct source **ret)
{
    struct source *stored;
    if (!hosting_has_dynamic_properties(hosted->cls)) {
        return repository_instance_source(g->at, g->name_space, hosted->cls, hosted->plan, ret);
    }
    HRESULT hr = repository_instance_source(g->at, g->name_space, hosted->cls, NULL, &stored);
    if (FAILED(hr)) {
        wql_plan_destroy(hosted->plan);
        return hr;
    }
    return hosting_property_source(hosted, stored, ret);
}

static HRESULT get_class(void *name_space, const wchar_t *name, IWbemClassObject **ret)
{
    return repository_get_class(name_space, name, false, ret);
}

/* Takes the plan. */
static HRESULT origin_source(const struct gathering *g, IWbemClassObject *cls,
                             const struct class_origin *origin, struct wql_plan *plan,
                             struct source **ret)
{
    const struct hosting_request hosted = {.name_space = g->name_space,
                                           .cls = cls,
                                           .provider = origin->provider,
                                           .query = g->query,
                                           .text = g->text,
                                           .plan = plan,
                                           .operation = g->options->operation};
    const struct provider_place place = {.where = repository_namespace_decoration(g->name_space),
                                         .get_class = get_class,
                                         .closure = g->name_space};
    switch (origin->kind) {
    case ORIGIN_NAMESPACES:
        return namespace_source(g->name_space, cls, plan, ret);
    case ORIGIN_SERVICES:
        return provider_source(origin->own, cls, plan, g->below, &place, ret);
    case ORIGIN_DIRECT:
        return origin->direct->vtbl->source(origin->direct, cls, plan, g->below, &place, ret);
    case ORIGIN_HOSTED:
        return hosting_source(&hosted, ret);
    default:
        return stored_source(g, &hosted, ret);
    }
}

/* A class that names a provider which does not have it. */
static HRESULT raise_not_provided(const struct gathering *g, const struct schema *s,
                                  const wchar_t *provider)
{
    CLEANUP(com_cleanup_free) char *cls = com_utf8_from_wide(schema_class_name(s));
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(provider);
    return error_raise(WBEM_E_PROVIDER_NOT_CAPABLE, g->options->operation, cls,
                       "provider %s does not provide the class %s", name ? name : "?",
                       cls ? cls : "?");
}

/* Adds the class's own instances, if something provides them. */
static HRESULT gather_class(void *closure, IWbemClassObject *cls)
{
    struct gathering *g = closure;
    struct class_origin origin = {0};
    struct wql_plan *plan;
    struct source *source;
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) {
        hr = origin_of(g, cls, s, &origin);
    }
    bool somewhere = SUCCEEDED(hr) && origin.kind != ORIGIN_NOWHERE;
    if (somewhere) {
        hr = plan_for(g, cls, &plan);
    }
    if (somewhere && SUCCEEDED(hr)) {
        hr = origin_source(g, cls, &origin, plan, &source);
        if (SUCCEEDED(hr)) {
            hr = gather_source(g, source);
        } else if (hr == WBEM_E_NOT_FOUND && origin.kind == ORIGIN_DIRECT) {
            hr = raise_not_provided(g, s, origin.provider);
        }
    }
    origin_done(&origin);
    return hr;
}

/* WBEM_FLAG_PROTOTYPE: one object, the class that the answer's objects would be of. */
static HRESULT prototype_source(const struct gathering *g, IWbemClassObject *cls,
                                struct source **ret)
{
    IWbemClassObject *answer = NULL;
    HRESULT hr;
    if (wql_query_kind(g->query) == WQL_COUNT) {
        hr = count_class(repository_namespace_decoration(g->name_space), &answer);
    } else {
        struct wql_plan *plan;
        hr = plan_for(g, cls, &plan);
        if (FAILED(hr)) {
            return hr;
        }
        hr = object_project_class(cls, wql_plan_selected(plan), &answer);
        wql_plan_destroy(plan);
    }
    return FAILED(hr) ? hr : source_from_objects(&answer, 1, ret);
}

static HRESULT raise_unknown_class(const struct wql_query *q, const wchar_t *text,
                                   const struct query_options *o)
{
    CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(text);
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(wql_query_class(q));
    struct wql_position at = wql_query_class_position(q);
    return error_raise(WBEM_E_INVALID_CLASS, o->operation, query,
                       "line %u, column %u, at '%s': there is no such class in this namespace",
                       at.line, at.column, name ? name : "?");
}

static HRESULT gather_all(struct gathering *g, IWbemClassObject *cls)
{
    HRESULT hr = gather_class(g, cls);
    if (FAILED(hr) || g->options->shallow) {
        return hr;
    }
    g->below = true;
    const wchar_t *name = wql_query_class(g->query);
    hr = repository_visit_classes_at(g->at, g->name_space, name, true, g->options->amended,
                                     gather_class, g);
    if (FAILED(hr) && hr != WBEM_E_NOT_FOUND) { /* a class provider's class is not there */
        return hr;
    }
    return hosting_visit_classes(g->name_space, name, true, g->options->operation, gather_class, g);
}

/* The class asked for: a query that does not fit it is refused even when nothing provides it. */
static HRESULT check_query(const struct gathering *g, IWbemClassObject *cls)
{
    struct wql_plan *plan;
    HRESULT hr = plan_for(g, cls, &plan);
    if (SUCCEEDED(hr)) {
        wql_plan_destroy(plan);
    }
    return hr;
}

/* All sources as one; takes what was gathered. */
static HRESULT gathering_source(struct gathering *g, struct source **ret)
{
    struct source *all;
    HRESULT hr = source_concat(g->sources, g->count, &all); /* takes the sources */
    free(g->sources);
    repository_snapshot_unref(g->at);
    origin_done(&g->last);
    if (SUCCEEDED(hr) && wql_query_kind(g->query) == WQL_COUNT) {
        return count_source(all, repository_namespace_decoration(g->name_space), ret);
    }
    if (SUCCEEDED(hr)) {
        *ret = all;
    }
    return hr;
}

HRESULT query_source(struct repository_namespace *n, const struct wql_query *q, const wchar_t *text,
                     const struct query_options *options, struct source **ret)
{
    struct gathering g = {.name_space = n,
                          .query = q,
                          .text = text,
                          .options = options,
                          .below = options->by_the_way};
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct wql_error e = {0};
    HRESULT hr = wql_query_refuse_event_clauses(q, &e);
    if (FAILED(hr)) {
        return raise_query_error(hr, options, text, &e);
    }
    if (wql_query_association(q)) {
        return association_source(n, q, text, options, ret);
    }
    if (wql_query_is_schema(q)) {
        return schema_query_source(n, q, text, options, ret);
    }
    hr = repository_snapshot_take(repository_of(n), &g.at);
    if (SUCCEEDED(hr)) {
        hr = repository_get_class_at(g.at, n, wql_query_class(q), options->amended, &cls);
        if (hr == WBEM_E_NOT_FOUND) {
            hr = hosting_get_class(n, wql_query_class(q), options->operation, &cls);
        }
        hr = hr == WBEM_E_NOT_FOUND ? raise_unknown_class(q, text, options) : hr;
    }
    if (SUCCEEDED(hr) && options->prototype) {
        hr = prototype_source(&g, cls, ret);
        gathering_done(&g);
        return hr;
    }
    if (SUCCEEDED(hr)) {
        hr = check_query(&g, cls);
    }
    if (SUCCEEDED(hr)) {
        hr = gather_all(&g, cls);
    }
    if (FAILED(hr)) {
        gathering_done(&g);
        return hr;
    }
    return gathering_source(&g, ret);
}
