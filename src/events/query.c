/*
 * From the text of an event query to a subscription: [MS-WMI] 3.1.4.3.20,
 * wbemcli/nf-wbemcli-iwbemservices-execnotificationquery.
 */
#include <wchar.h>

#include "events/events_private.h"
#include "events/feed.h"

/* What one call of events_source() works with. */
struct request {
    struct repository_namespace *name_space;
    IWbemServices *services;
    const wchar_t *text;
    const char *operation;
};

static HRESULT raise_at(HRESULT hr, const struct request *q, const struct wql_error *e)
{
    CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(q->text);
    return error_raise(hr, q->operation, query, "line %u, column %u, at '%s': expected %s",
                       e->at.line, e->at.column, e->token, e->expected);
}

static HRESULT raise_class(HRESULT hr, const struct request *q, const struct wql_query *query,
                           const char *problem)
{
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(q->text);
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(wql_query_class(query));
    struct wql_position at = wql_query_class_position(query);
    return error_raise(hr, q->operation, text, "line %u, column %u, at '%s': %s", at.line,
                       at.column, name ? name : "?", problem);
}

static HRESULT parse(const struct request *q, struct wql_query **ret)
{
    struct wql_error e = {0};
    HRESULT hr = wql_parse(q->text, ret, &e);
    if (hr == WBEM_E_INVALID_QUERY) {
        return raise_at(WBEM_E_UNPARSABLE_QUERY, q, &e);
    }
    return FAILED(hr) && hr != WBEM_E_OUT_OF_MEMORY ? raise_at(hr, q, &e) : hr;
}

static HRESULT find_class(const struct request *q, const struct wql_query *query,
                          IWbemClassObject **ret)
{
    struct schema *schema;
    HRESULT hr = repository_get_class(q->name_space, wql_query_class(query), false, ret);
    if (hr == WBEM_E_NOT_FOUND) {
        return raise_class(WBEM_E_INVALID_CLASS, q, query,
                           "there is no such class in this namespace");
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(*ret, &schema);
    }
    if (SUCCEEDED(hr) && !schema_is_a(schema, L"__Event")) {
        hr =
            raise_class(WBEM_E_NOT_EVENT_CLASS, q, query,
                        "this is no class of events (derived from __Event); to be told of changes "
                        "to its instances, select from __InstanceOperationEvent WITHIN a number of "
                        "seconds WHERE TargetInstance ISA the class");
    }
    return hr;
}

static HRESULT bind(const struct request *q, struct subscription *s)
{
    HRESULT hr = parse(q, &s->query);
    if (SUCCEEDED(hr)) {
        hr = find_class(q, s->query, &s->cls);
        if (FAILED(hr)) {
            wql_destroy(s->query);
        }
    }
    if (FAILED(hr)) {
        return hr;
    }
    struct wql_error e = {0};
    hr = event_filter_create(s->query, s->cls, &e, &s->filter);
    return hr == WBEM_E_INVALID_QUERY ? raise_at(hr, q, &e) : hr;
}

HRESULT events_source(struct repository_namespace *n, IWbemServices *services, const wchar_t *query,
                      const char *operation, struct source **ret)
{
    const struct request q = {
        .name_space = n, .services = services, .text = query, .operation = operation};
    struct subscription *s = NULL;
    HRESULT hr = feeds_start();
    if (SUCCEEDED(hr)) {
        hr = subscription_create(n, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    s->text = com_wide_copy(query);
    hr = s->text ? bind(&q, s) : WBEM_E_OUT_OF_MEMORY;
    bool supplied;
    if (SUCCEEDED(hr)) {
        hr = hub_join(s, &supplied);
    }
    if (FAILED(hr)) {
        source_destroy(&s->source);
        return hr;
    }
    *ret = &s->source;
    return WBEM_S_NO_ERROR;
}
