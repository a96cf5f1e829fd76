/*
 * From a parsed query to a source of objects: finds the class, the subclasses
 * and their providers, binds the query to each ([MS-WMI] 3.1.4.3.18).
 */
#include <stdlib.h>
#include <string.h>

#include "providers/provider.h"
#include "services/services_private.h"

/* Everything while the sources of one query are gathered. */
struct gathering {
    struct repository_namespace *name_space;
    const struct wql_query *query;
    const wchar_t *text;
    const struct query_options *options;
    struct source **sources;
    ULONG count;
    ULONG capacity;
    bool below; /* classes now visited are subclasses of the one asked for */
};

static void gathering_done(struct gathering *g)
{
    for (ULONG i = 0; i < g->count; i++) {
        source_destroy(g->sources[i]);
    }
    free(g->sources);
}

/* A query that doesn't fit the class: say where and at which word. */
static HRESULT raise_query_error(HRESULT hr, const struct query_options *o, const wchar_t *text,
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
    hr = wql_plan_create(g->query, s, ret, &e);
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

/* Adds the class's own instances, if something provides them. */
static HRESULT gather_class(void *closure, IWbemClassObject *cls)
{
    struct gathering *g = closure;
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (FAILED(hr)) {
        return hr;
    }
    const wchar_t *name = schema_class_name(s);
    bool is_namespace = wcscasecmp(name, L"__NAMESPACE") == 0;
    const struct provider_class *provider = is_namespace ? NULL : provider_find(name);
    if (!provider && !is_namespace) {
        return WBEM_S_NO_ERROR;
    }

    struct wql_plan *plan;
    hr = plan_for(g, cls, &plan);
    if (FAILED(hr)) {
        return hr;
    }
    struct source *source;
    hr = is_namespace ? namespace_source(g->name_space, cls, plan, &source)
                      : provider_source(provider, cls, plan, g->below,
                                        repository_namespace_decoration(g->name_space), &source);
    return FAILED(hr) ? hr : gather_source(g, source);
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
    return repository_visit_classes(g->name_space, wql_query_class(g->query), true,
                                    g->options->amended, gather_class, g);
}

HRESULT query_source(struct repository_namespace *n, const struct wql_query *q, const wchar_t *text,
                     const struct query_options *options, struct source **ret)
{
    struct gathering g = {.name_space = n, .query = q, .text = text, .options = options};
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = repository_get_class(n, wql_query_class(q), options->amended, &cls);
    if (FAILED(hr)) {
        return hr == WBEM_E_NOT_FOUND ? raise_unknown_class(q, text, options) : hr;
    }
    if (options->prototype) {
        return prototype_source(&g, cls, ret);
    }

    /* A query that does not fit the class asked for is refused even when nothing provides it. */
    struct wql_plan *plan;
    hr = plan_for(&g, cls, &plan);
    if (FAILED(hr)) {
        return hr;
    }
    wql_plan_destroy(plan);

    hr = gather_all(&g, cls);
    if (FAILED(hr)) {
        gathering_done(&g);
        return hr;
    }
    struct source *all;
    hr = source_concat(g.sources, g.count, &all); /* takes the sources */
    free(g.sources);
    if (SUCCEEDED(hr) && wql_query_kind(q) == WQL_COUNT) {
        return count_source(all, repository_namespace_decoration(n), ret);
    }
    if (SUCCEEDED(hr)) {
        *ret = all;
    }
    return hr;
}
