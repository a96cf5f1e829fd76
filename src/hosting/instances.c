/*
 * The instances of a class from its provider, as a source: chooses how to ask
 * (by key, by query, for all), checks what comes, keeps what matches and gives
 * it the form the query wants. What a provider filters is filtered again, as
 * WMI does (WmiSdk "Supporting Queries in a Provider").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "hosting/hosting_private.h"

struct instance_source {
    struct source source;
    struct repository_namespace *name_space;
    struct registration *registration;
    struct schema *schema;
    struct schema *projected;
    uint32_t *map;         /* from `projected` to `schema` */
    struct wql_plan *plan; /* may be NULL */
    struct row *row;
    const char *operation_name;
    struct provider_call fallback; /* when the provider can't do the first call */
    bool has_fallback;
    bool one;     /* the call is a GetObject: not to find it is no error */
    bool started; /* the provider was asked */
    bool yielded; /* it has given an object */

    pthread_mutex_t lock; /* guards `operation` against cancel() while it is replaced */
    struct operation *operation;
    bool cancelled;

    struct schema *seen; /* the objects' schema for which `from` is; a reference */
    uint32_t *from;      /* ordinal in `schema` to ordinal in `seen`, or NOWHERE */
};

#define NOWHERE UINT32_MAX

static struct instance_source *source_of(struct source *s)
{
    return COM_CONTAINER(s, struct instance_source, source);
}

/* ---- how to ask ---------------------------------------------------------------------------- */

/* One quoted and escaped value for a path. */
static void put_key(FILE *to, const struct cim_value *v)
{
    if (v->type == CIM_STRING || v->type == CIM_DATETIME || v->type == CIM_REFERENCE) {
        BSTR text = NULL;
        HRESULT hr = v->string.wide
                         ? com_bstr_from_utf16(v->string.bytes, v->string.length, &text)
                         : com_bstr_from_latin1(v->string.bytes, v->string.length, &text);
        fputwc(L'"', to);
        for (const wchar_t *c = SUCCEEDED(hr) ? text : L""; *c; c++) {
            if (*c == L'"' || *c == L'\\') {
                fputwc(L'\\', to);
            }
            fputwc(*c, to);
        }
        fputwc(L'"', to);
        SysFreeString(text);
    } else if (v->type == CIM_BOOLEAN) {
        fputws(v->sint ? L"TRUE" : L"FALSE", to);
    } else if (v->type == CIM_UINT8 || v->type == CIM_UINT16 || v->type == CIM_UINT32 ||
               v->type == CIM_UINT64) {
        fwprintf(to, L"%llu", (unsigned long long)v->uint);
    } else {
        fwprintf(to, L"%lld", (long long)v->sint);
    }
}

/* The path of the one instance that the condition leaves, when it gives each key one value. */
static BSTR path_of_point(const struct schema *s, const struct wql_plan *plan)
{
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    size_t size = 0;
    FILE *to = plan ? open_wmemstream(&text, &size) : NULL;
    if (!to) {
        return NULL;
    }
    fputws(schema_class_name(s), to);
    uint32_t keys = 0;
    bool all = true;
    for (uint32_t i = 0; i < schema_property_count(s) && all; i++) {
        const struct cim_value *values;
        uint32_t count;
        if (!schema_property_is_key(s, i)) {
            continue;
        }
        all = wql_plan_points(plan, i, &values, &count) && count == 1 && !values[0].null;
        if (all) {
            fwprintf(to, L"%lc%ls=", keys++ ? L',' : L'.', schema_property_name(s, i));
            put_key(to, &values[0]);
        }
    }
    bool broken = ferror(to);
    broken |= fclose(to) != 0;
    return all && keys > 0 && !broken ? SysAllocString(text) : NULL;
}

/* The query with this class in the place of the one it names, which may be a superclass. */
static BSTR query_for(const struct hosting_request *q, const struct schema *s)
{
    size_t at = wql_query_class_position(q->query).offset;
    size_t end = at + wcslen(wql_query_class(q->query));
    const wchar_t *name = schema_class_name(s);
    size_t length = wcslen(q->text);
    if (end > length) {
        return NULL;
    }
    CLEANUP(com_cleanup_free) wchar_t *text = calloc(length + wcslen(name) + 1, sizeof *text);
    if (!text) {
        return NULL;
    }
    wmemcpy(text, q->text, at);
    wcscpy(text + at, name);
    wcscat(text, q->text + end);
    return SysAllocString(text);
}

static bool has_condition(const struct schema *s, const struct wql_plan *plan)
{
    for (uint32_t i = 0; plan && i < schema_property_count(s); i++) {
        if (wql_plan_tested(plan)[i]) {
            return true;
        }
    }
    return false;
}

/* First what reads least; second, when the provider turns out not to be able to, all instances. */
static HRESULT choose_call(struct instance_source *s, const struct hosting_request *q,
                           struct provider_call *ret)
{
    unsigned can = s->registration->can;
    const struct provider_call all = {.kind = CALL_ENUMERATE};
    *ret = all;
    if (can & PROVIDER_GET) {
        ret->text = path_of_point(s->schema, s->plan);
        ret->kind = CALL_GET;
        s->one = ret->text != NULL;
    }
    if (!ret->text && (can & PROVIDER_QUERY) && q->query &&
        wql_query_kind(q->query) == WQL_SELECT &&
        (has_condition(s->schema, s->plan) || !wql_plan_selects_all(s->plan) ||
         !(can & PROVIDER_ENUMERATE))) {
        ret->text = query_for(q, s->schema);
        ret->method = SysAllocString(L"WQL");
        ret->kind = CALL_QUERY;
    }
    s->has_fallback = ret->text && (can & PROVIDER_ENUMERATE);
    if (s->has_fallback) {
        s->fallback = all;
        s->fallback.text = SysAllocString(schema_class_name(s->schema));
    } else if (!ret->text && (can & PROVIDER_ENUMERATE)) {
        ret->kind = CALL_ENUMERATE;
        ret->text = SysAllocString(schema_class_name(s->schema));
    } else if (!ret->text) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(s->registration->name);
        return error_raise(WBEM_E_PROVIDER_NOT_CAPABLE, q->operation, name,
                           "provider %s is not registered as one that enumerates instances",
                           name ? name : "?");
    }
    return ret->text && (!s->has_fallback || s->fallback.text) ? WBEM_S_NO_ERROR
                                                               : WBEM_E_OUT_OF_MEMORY;
}

/* What providers answer that can't do a call; all instances may still be had. */
static bool is_not_capable(HRESULT hr)
{
    return hr == WBEM_E_PROVIDER_NOT_CAPABLE || hr == WBEM_E_NOT_SUPPORTED ||
           hr == WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY || hr == WBEM_E_INVALID_QUERY ||
           hr == WBEM_E_QUERY_NOT_IMPLEMENTED || hr == E_NOTIMPL ||
           hr == WBEM_E_METHOD_NOT_IMPLEMENTED;
}

/* Asks again, for all. */
static HRESULT fall_back(struct instance_source *s)
{
    struct operation *second;
    s->has_fallback = false;
    s->one = false;
    const struct operation_target target = {s->name_space, s->registration, NULL};
    HRESULT hr = operation_create(&target, &s->fallback, s->operation_name, &second);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&s->lock);
    struct operation *first = s->operation;
    s->operation = second;
    bool cancelled = s->cancelled;
    pthread_mutex_unlock(&s->lock);
    operation_unref(first);
    return cancelled ? WBEM_E_CALL_CANCELLED : operation_start(second);
}

/* ---- what comes --------------------------------------------------------------------------------
 */

/* Where the schema of an object has this class's properties. The provider's class object may be an
 * older or newer one than the query's. */
static HRESULT map_schema(struct instance_source *s, struct schema *of)
{
    if (s->seen == of) {
        return WBEM_S_NO_ERROR;
    }
    if (wcscasecmp(schema_class_name(of), schema_class_name(s->schema)) != 0) {
        CLEANUP(com_cleanup_free) char *got = com_utf8_from_wide(schema_class_name(of));
        CLEANUP(com_cleanup_free) char *wanted = com_utf8_from_wide(schema_class_name(s->schema));
        return operation_fault(s->operation, "it was asked for %s and gave an instance of %s",
                               wanted ? wanted : "?", got ? got : "?");
    }
    uint32_t count = schema_property_count(s->schema);
    if (!s->from) {
        s->from = calloc(count + 1, sizeof *s->from);
        if (!s->from) {
            return WBEM_E_OUT_OF_MEMORY;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (FAILED(schema_find(of, schema_property_name(s->schema, i), &s->from[i]))) {
            s->from[i] = NOWHERE;
        }
    }
    schema_unref(s->seen);
    s->seen = schema_ref(of);
    return WBEM_S_NO_ERROR;
}

static HRESULT fill_row(struct instance_source *s, IWbemClassObject *object)
{
    row_clear(s->row);
    for (uint32_t i = 0; i < schema_property_count(s->schema); i++) {
        struct cim_value v;
        if (s->from[i] == NOWHERE) {
            continue;
        }
        HRESULT hr = object_get_value(object, s->from[i], &v);
        if (SUCCEEDED(hr)) {
            hr = v.null ? row_set_null(s->row, i) : row_set_value(s->row, i, &v);
        }
        if (FAILED(hr)) {
            CLEANUP(com_cleanup_free)
            char *name = com_utf8_from_wide(schema_property_name(s->schema, i));
            return operation_fault(s->operation, "the value it gave for %s does not fit",
                                   name ? name : "?");
        }
    }
    return WBEM_S_NO_ERROR;
}

static void get_from_row(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    row_get(from, ordinal, ret);
}

static void get_from_object(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    if (FAILED(object_get_value((IWbemClassObject *)from, ordinal, ret))) {
        *ret = (struct cim_value){.null = true};
    }
}

/* Takes the object. *ret stays NULL when it does not match. */
static HRESULT accept(struct instance_source *s, IWbemClassObject *object, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *mine = object;
    struct decoration *where = repository_namespace_decoration(s->name_space);
    struct schema *of;
    HRESULT hr = schema_of(object, &of);
    if (SUCCEEDED(hr) && of == s->schema && s->projected == s->schema) {
        if (s->plan && !wql_plan_matches(s->plan, get_from_object, object)) {
            return WBEM_S_NO_ERROR;
        }
        hr = object_decorate(object, where); /* a copy of our own, operation.c made it */
        if (SUCCEEDED(hr)) {
            *ret = TAKE(mine);
        }
        return hr;
    }
    if (SUCCEEDED(hr)) {
        hr = map_schema(s, of);
    }
    if (SUCCEEDED(hr)) {
        hr = fill_row(s, object);
    }
    if (FAILED(hr) || (s->plan && !wql_plan_matches(s->plan, get_from_row, s->row))) {
        return hr;
    }
    return row_encode(s->row, s->projected, s->map, where, ret);
}

/* ---- the source
 * ------------------------------------------------------------------------------------- */

static HRESULT next_object(struct instance_source *s, IWbemClassObject **ret)
{
    IWbemClassObject *object = NULL;
    HRESULT hr = operation_next(s->operation, &object);
    if (FAILED(hr) && is_not_capable(hr) && s->has_fallback && !s->yielded) {
        hr = fall_back(s);
        return FAILED(hr) ? hr : next_object(s, ret);
    }
    if (s->one && hr == WBEM_E_NOT_FOUND) {
        (void)SetErrorInfo(0, NULL);
        return WBEM_S_FALSE;
    }
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    s->yielded = true;
    return accept(s, object, ret);
}

static HRESULT instances_pull(struct source *source, ULONG demand, struct result_set *out)
{
    struct instance_source *s = source_of(source);
    if (!s->started) {
        s->started = true;
        HRESULT hr = operation_start(s->operation);
        if (FAILED(hr)) {
            return hr;
        }
    }
    bool any = false;
    while (demand > 0 && (!any || operation_ready(s->operation))) {
        IWbemClassObject *object = NULL;
        HRESULT hr = next_object(s, &object);
        if (hr != WBEM_S_NO_ERROR) {
            return hr;
        }
        if (!object) {
            continue;
        }
        hr = result_set_put(out, object);
        if (FAILED(hr)) {
            return hr;
        }
        any = true;
        demand--;
    }
    return WBEM_S_NO_ERROR;
}

static void instances_cancel(struct source *source)
{
    struct instance_source *s = source_of(source);
    pthread_mutex_lock(&s->lock);
    s->cancelled = true;
    operation_cancel(s->operation); /* runs nobody's code */
    pthread_mutex_unlock(&s->lock);
}

static void instances_destroy(struct source *source)
{
    struct instance_source *s = source_of(source);
    operation_unref(s->operation);
    provider_call_done(&s->fallback);
    registration_unref(s->registration);
    wql_plan_destroy(s->plan);
    row_destroy(s->row);
    schema_unref(s->seen);
    schema_unref(s->projected);
    schema_unref(s->schema);
    pthread_mutex_destroy(&s->lock);
    free(s->from);
    free(s->map);
    free(s);
}

static const struct source_ops instances_ops = {
    .pull = instances_pull,
    .cancel = instances_cancel,
    .destroy = instances_destroy,
};

static HRESULT prepare(struct instance_source *s, const struct hosting_request *q)
{
    struct schema *schema;
    HRESULT hr = schema_of(q->cls, &schema);
    if (FAILED(hr)) {
        return hr;
    }
    s->schema = schema_ref(schema);
    if (s->plan && !wql_plan_selects_all(s->plan)) {
        hr = schema_project(schema, wql_plan_selected(s->plan), &s->projected, &s->map);
    } else {
        s->projected = schema_ref(schema);
    }
    if (SUCCEEDED(hr)) {
        hr = row_create(schema, &s->row);
    }
    if (SUCCEEDED(hr)) {
        hr = registration_find(q->name_space, q->provider, q->operation, &s->registration);
    }
    struct provider_call call = {0};
    if (SUCCEEDED(hr)) {
        hr = choose_call(s, q, &call);
    }
    if (FAILED(hr)) {
        provider_call_done(&call);
        return hr;
    }
    const struct operation_target target = {q->name_space, s->registration, NULL};
    return operation_create(&target, &call, q->operation, &s->operation);
}

HRESULT hosting_source(const struct hosting_request *q, struct source **ret)
{
    struct instance_source *s = calloc(1, sizeof *s);
    if (!s) {
        wql_plan_destroy(q->plan);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->source.ops = &instances_ops;
    s->plan = q->plan;
    s->name_space = q->name_space;
    s->operation_name = q->operation;
    pthread_mutex_init(&s->lock, NULL);
    HRESULT hr = prepare(s, q);
    if (FAILED(hr)) {
        instances_destroy(&s->source);
        return hr;
    }
    *ret = &s->source;
    return WBEM_S_NO_ERROR;
}
