/*
 * From the text of an event query to a subscription: [MS-WMI] 3.1.4.3.20,
 * wbemcli/nf-wbemcli-iwbemservices-execnotificationquery.
 */
#include <wchar.h>

#include "events/feed.h"
#include "events/files.h"
#include "events/poller.h"
#include "events/timers.h"
#include "providers/provider.h"

#define SHORTEST_POLL INT64_C(10000000) /* ns */
#define LONGEST INT64_C(1000000000000000000)

/* What one call of events_source() works with. */
struct request {
    struct repository_namespace *name_space;
    IWbemServices *services;
    const wchar_t *text;
    const char *operation;
};

static int64_t nanoseconds(double seconds)
{
    return seconds * 1e9 < (double)LONGEST ? (int64_t)(seconds * 1e9) : LONGEST;
}

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

/* The select list, the condition and the grouping. */
static HRESULT bind(const struct request *q, struct subscription *s)
{
    struct wql_query *query = NULL;
    HRESULT hr = parse(q, &query);
    if (SUCCEEDED(hr)) {
        hr = find_class(q, query, &s->cls);
    }
    if (FAILED(hr)) {
        wql_destroy(query);
        return hr;
    }
    struct wql_error e = {0};
    hr = event_filter_create(query, s->cls, &e, &s->filter);
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY ? hr : raise_at(hr, q, &e);
    }
    s->query = query;
    double seconds;
    if (wql_query_group_within(query, &seconds)) {
        hr = grouping_create(s, nanoseconds(seconds), &s->grouping);
    }
    return hr;
}

/* ---- intrinsic events --------------------------------------------------------------------- */

/* True when the query is for the events of one family only; *ret says which. */
static bool find_family(const struct subscription *s, enum intrinsic_family *ret)
{
    static const enum intrinsic_family all[] = {OF_INSTANCES, OF_CLASSES, OF_NAMESPACES};
    struct schema *schema;
    for (size_t i = 0; SUCCEEDED(schema_of(s->cls, &schema)) && i < ARRAYSIZE(all); i++) {
        if (schema_is_a(schema, intrinsic_families[all[i]].operation)) {
            *ret = all[i];
            return true;
        }
    }
    return false;
}

static HRESULT find_targets(struct subscription *s, enum intrinsic_family family)
{
    return wql_query_isa(s->query, intrinsic_families[family].target, &s->targets,
                         &s->target_count);
}

static HRESULT poll_all(const struct request *q, struct subscription *s,
                        enum intrinsic_family family, double seconds)
{
    if (family == OF_INSTANCES && s->target_count == 0) {
        return raise_class(WBEMESS_E_REGISTRATION_TOO_BROAD, q, s->query,
                           "which class is meant must be said with TargetInstance ISA 'class'; "
                           "the instances of all classes can't be polled");
    }
    struct poll_request p = {.family = family,
                             .interval = nanoseconds(seconds),
                             .services = q->services,
                             .operation = q->operation};
    p.interval = p.interval > SHORTEST_POLL ? p.interval : SHORTEST_POLL;
    if (family != OF_INSTANCES) { /* what is named may not be there yet */
        return poller_attach(s, &p);
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < s->target_count; i++) {
        p.target = s->targets[i];
        hr = poller_attach(s, &p);
    }
    return hr;
}

/* Files of folders that the condition names: looked at when a folder changes. *ret_all: that is all
 * that the query is about. */
static HRESULT watch_files(const struct request *q, struct subscription *s, double seconds,
                           bool *ret_all)
{
    struct poll_request p = {.family = OF_INSTANCES,
                             .interval = nanoseconds(seconds),
                             .services = q->services,
                             .operation = q->operation};
    p.interval = p.interval > SHORTEST_POLL ? p.interval : SHORTEST_POLL;
    struct file_looks looks = {.items = NULL};
    *ret_all = false;
    if (s->target_count != 1) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = file_looks_find(s->query, s->targets[0], &looks);
    *ret_all = looks.count > 0;
    p.target = s->targets[0];
    for (size_t i = 0; SUCCEEDED(hr) && i < looks.count; i++) {
        p.query = looks.items[i].query;
        p.folder = looks.items[i].folder;
        hr = poller_attach(s, &p);
    }
    file_looks_done(&looks);
    return hr;
}

/* Nobody but a provider knows of the instances of such a class. */
static HRESULT refuse_live(void *closure, IWbemClassObject *cls)
{
    (void)closure;
    struct schema *schema;
    HRESULT hr = schema_of(cls, &schema);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_release) IWbemQualifierSet *qualifiers = NULL;
    bool dynamic = provider_find(schema_class_name(schema)) != NULL;
    if (!dynamic && SUCCEEDED(IWbemClassObject_GetQualifierSet(cls, &qualifiers))) {
        dynamic = IWbemQualifierSet_Get(qualifiers, L"dynamic", 0, NULL, NULL) == WBEM_S_NO_ERROR;
    }
    return dynamic ? WBEMESS_E_REGISTRATION_TOO_PRECISE : WBEM_S_NO_ERROR;
}

static HRESULT check_stored(const struct request *q, struct subscription *s)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < s->target_count; i++) {
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        hr = repository_get_class(q->name_space, s->targets[i], false, &cls);
        if (SUCCEEDED(hr)) {
            hr = refuse_live(NULL, cls);
        }
        if (SUCCEEDED(hr)) {
            hr = repository_visit_classes(q->name_space, s->targets[i], true, false, refuse_live,
                                          NULL);
        }
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(s->targets[i]);
        if (hr == WBEM_E_NOT_FOUND) {
            return error_raise(WBEM_E_INVALID_CLASS, q->operation, name,
                               "there is no class '%s' in this namespace", name);
        }
        if (hr == WBEMESS_E_REGISTRATION_TOO_PRECISE) {
            return error_raise(hr, q->operation, name,
                               "the instances of %s come from a provider and must be polled: the "
                               "query needs WITHIN a number of seconds before WHERE",
                               name);
        }
    }
    return hr;
}

/* Where the events come from that nobody supplies. */
static HRESULT find_source(const struct request *q, struct subscription *s, bool is_intrinsic,
                           enum intrinsic_family family)
{
    double seconds = 1;
    HRESULT hr = WBEM_S_NO_ERROR;
    bool polled = is_intrinsic && wql_query_within(s->query, &seconds);
    if (is_intrinsic && family == OF_INSTANCES) {
        bool all = false;
        hr = watch_files(q, s, seconds, &all);
        if (FAILED(hr) || all) {
            return hr;
        }
    }
    if (polled) {
        return poll_all(q, s, family, seconds);
    }
    if (is_intrinsic && family == OF_INSTANCES) {
        hr = check_stored(q, s);
    }
    bool is_system = wql_query_class(s->query)[0] == L'_';
    if (SUCCEEDED(hr) && is_system) {
        hr = static_listen(repository_of(q->name_space));
        s->listening = SUCCEEDED(hr);
    }
    return hr;
}

static HRESULT start(const struct request *q, struct subscription *s)
{
    HRESULT hr = bind(q, s);
    if (FAILED(hr)) {
        return hr;
    }
    enum intrinsic_family family = OF_INSTANCES;
    bool is_intrinsic = find_family(s, &family);
    if (is_intrinsic) {
        hr = find_targets(s, family);
    }
    bool supplied = false;
    if (SUCCEEDED(hr)) {
        hr = hub_join(s, &supplied);
    }
    return SUCCEEDED(hr) && !supplied ? find_source(q, s, is_intrinsic, family) : hr;
}

HRESULT events_source(struct repository_namespace *n, IWbemServices *services, const wchar_t *query,
                      const char *operation, struct source **ret)
{
    const struct request q = {
        .name_space = n, .services = services, .text = query, .operation = operation};
    struct subscription *s = NULL;
    HRESULT hr = feeds_start();
    if (SUCCEEDED(hr)) {
        hr = timers_start();
    }
    if (SUCCEEDED(hr)) {
        hr = subscription_create(n, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    s->text = com_wide_copy(query);
    hr = s->text ? start(&q, s) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
        (void)GetErrorInfo(0, &error); /* what cleaning up says is not the reason */
        source_destroy(&s->source);
        (void)SetErrorInfo(0, error);
        return hr;
    }
    *ret = &s->source;
    return WBEM_S_NO_ERROR;
}
