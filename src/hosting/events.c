/*
 * Event providers of others as a supplier of the hub: a query that covers what
 * a provider is registered for (EventQueryList of __EventProviderRegistration)
 * loads it, and lets it go when it ends (WmiSdk "Writing an Event Provider").
 * What the provider indicates is raised in the namespace, where each query is
 * applied to it.
 *
 * `demands.lock` guards the list of queries that providers serve. It is not held
 * while a provider is called.
 */
#include <stdlib.h>
#include <wchar.h>

#include "events/events_private.h"
#include "hosting/event_sink.h"
#include "wql/wql.h"

/* One query that one provider serves. */
struct demand {
    struct demand *next;
    uint64_t id;
    struct hosted *hosted; /* a use of it */
    struct repository_namespace *name_space;
    wchar_t *class_name; /* that the query selects from */
    bool told;           /* NewQuery was called */
};

static struct {
    pthread_mutex_t lock;
    struct demand *first;
} demands = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void demand_destroy(struct demand *d)
{
    hosted_release(d->hosted);
    free(d->class_name);
    free(d);
}

static bool is_a(struct repository_namespace *n, const wchar_t *name, const wchar_t *superclass)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    struct schema *s;
    return wcscasecmp(name, superclass) == 0 ||
           (SUCCEEDED(repository_get_class(n, name, false, &cls)) &&
            SUCCEEDED(schema_of(cls, &s)) && schema_is_a(s, superclass));
}

/* ---- the sink --------------------------------------------------------------------------------
 */

/* What a provider's sink raises in. */
struct target {
    struct repository_namespace *name_space;
    const struct hosted *hosted; /* to know its demands by; not a reference */
    wchar_t **classes;           /* it is registered for */
    size_t class_count;
};

static void target_destroy(void *closure)
{
    struct target *t = closure;
    for (size_t i = 0; i < t->class_count; i++) {
        free(t->classes[i]);
    }
    free(t->classes);
    free(t);
}

static HRESULT target_indicate(void *closure, uint32_t count, IWbemClassObject **objects)
{
    struct target *t = closure;
    for (uint32_t i = 0; i < count; i++) {
        /* A copy: the provider may go on to change what it has indicated. */
        CLEANUP(com_cleanup_release) IWbemClassObject *copy = NULL;
        HRESULT hr = IWbemClassObject_Clone(objects[i], &copy);
        if (SUCCEEDED(hr)) {
            hr = events_raise(t->name_space, copy);
        }
        if (FAILED(hr)) {
            return hr;
        }
    }
    return WBEM_S_NO_ERROR;
}

static void target_failed(void *closure, HRESULT hr, IWbemClassObject *detail)
{
    struct target *t = closure;
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    if (detail && FAILED(error_from_status(detail, &error))) {
        error = NULL;
    }
    for (size_t i = 0; i < t->class_count; i++) {
        hub_fail(t->name_space, t->classes[i], hr, error);
    }
}

static bool target_active(void *closure, const wchar_t *const *classes, size_t count)
{
    struct target *t = closure;
    bool active = false;
    pthread_mutex_lock(&demands.lock);
    for (struct demand *d = demands.first; d && !active; d = d->next) {
        if (d->hosted != t->hosted) {
            continue;
        }
        active = count == 0;
        for (size_t i = 0; i < count && !active; i++) {
            active = is_a(t->name_space, classes[i], d->class_name) ||
                     is_a(t->name_space, d->class_name, classes[i]);
        }
    }
    pthread_mutex_unlock(&demands.lock);
    return active;
}

static const struct event_sink_ops target_ops = {target_indicate, target_failed, target_active,
                                                 target_destroy};

/* ---- what a registration covers ----------------------------------------------------------- */

/* Does a registered query cover the one that is asked? For events of changes, whose target classes
 * count too, it must cover it whole, or what it lacks would not be polled. */
static bool covers(const struct event_demand *d, const struct wql_query *registered)
{
    const wchar_t *name = wql_query_class(registered);
    const wchar_t **targets = NULL;
    size_t count = 0;
    if (name[0] != L'_') {
        return is_a(d->name_space, name, d->class_name) || is_a(d->name_space, d->class_name, name);
    }
    if (!is_a(d->name_space, d->class_name, name) ||
        FAILED(wql_query_isa(registered, L"TargetInstance", &targets, &count))) {
        return false;
    }
    bool all = d->target_count > 0;
    for (size_t i = 0; i < d->target_count && all; i++) {
        all = count == 0;
        for (size_t j = 0; j < count && !all; j++) {
            all = is_a(d->name_space, d->targets[i], targets[j]);
        }
    }
    free(targets);
    return all;
}

/* The classes of a registration's EventQueryList; *ret_covers: one of its queries covers d's. */
static HRESULT read_queries(const struct event_demand *d, IWbemClassObject *registration,
                            struct target *t, bool *ret_covers)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    LONG last = -1;
    HRESULT hr = IWbemClassObject_Get(registration, L"EventQueryList", 0, &v, NULL, NULL);
    if (FAILED(hr) || V_VT(&v) != (VT_ARRAY | VT_BSTR)) {
        return hr;
    }
    (void)SafeArrayGetUBound(V_ARRAY(&v), 1, &last);
    t->classes = calloc((size_t)last + 2, sizeof *t->classes);
    for (LONG i = 0; t->classes && i <= last; i++) {
        CLEANUP(com_cleanup_bstr) BSTR text = NULL;
        CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
        struct wql_error error;
        if (FAILED(SafeArrayGetElement(V_ARRAY(&v), &i, &text)) || !text ||
            FAILED(wql_parse(text, &q, &error))) {
            continue; /* what can't be read covers nothing */
        }
        t->classes[t->class_count] = com_wide_copy(wql_query_class(q));
        if (!t->classes[t->class_count]) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        t->class_count++;
        *ret_covers |= covers(d, q);
    }
    return t->classes ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

/* ---- beginning and ending ------------------------------------------------------------------- */

/* Once for each time that it is loaded. Takes the target, also on failure. */
static HRESULT provide(struct hosted *h, struct target *t)
{
    CLEANUP(com_cleanup_release) IWbemEventProvider *provider = NULL;
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = NULL;
    HRESULT hr = event_sink_create(&target_ops, t, &sink);
    if (FAILED(hr)) {
        target_destroy(t);
        return hr;
    }
    if (!hosted_begin_events(h)) {
        return WBEM_S_NO_ERROR;
    }
    hr = IUnknown_QueryInterface(hosted_object(h), &IID_IWbemEventProvider, (void **)&provider);
    if (SUCCEEDED(hr)) {
        hr = IWbemEventProvider_ProvideEvents(provider, sink, 0);
    } else {
        hr = WBEM_E_PROVIDER_NOT_CAPABLE;
    }
    hosted_end_events(h, SUCCEEDED(hr));
    return hr;
}

/* The provider may refuse the user; a query that it can't read is applied by WMI all the same. */
static HRESULT announce(struct demand *d, const struct event_demand *asked)
{
    CLEANUP(com_cleanup_release) IWbemEventProviderSecurity *security = NULL;
    CLEANUP(com_cleanup_release) IWbemEventProviderQuerySink *sink = NULL;
    CLEANUP(com_cleanup_bstr) BSTR language = SysAllocString(L"WQL");
    CLEANUP(com_cleanup_bstr) BSTR query = SysAllocString(asked->query);
    IUnknown *object = hosted_object(d->hosted);
    HRESULT hr = language && query ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr) && SUCCEEDED(IUnknown_QueryInterface(object, &IID_IWbemEventProviderSecurity,
                                                           (void **)&security))) {
        hr = IWbemEventProviderSecurity_AccessCheck(security, language, query, 0, NULL);
    }
    if (SUCCEEDED(hr) && SUCCEEDED(IUnknown_QueryInterface(object, &IID_IWbemEventProviderQuerySink,
                                                           (void **)&sink))) {
        hr = IWbemEventProviderQuerySink_NewQuery(sink, (ULONG)asked->id, language, query);
        d->told = SUCCEEDED(hr);
        hr = hr == WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY ? WBEM_S_NO_ERROR : hr;
    }
    return hr;
}

static HRESULT raise_refused(HRESULT hr, const struct event_demand *d, const wchar_t *provider)
{
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(d->query);
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(provider);
    if (GetErrorInfo(0, &info) == S_OK && info) {
        (void)SetErrorInfo(0, info); /* it has said why */
        return hr;
    }
    const char *code = com_status_name(hr);
    return error_raise(hr, "ExecNotificationQuery", query,
                       "event provider %s refuses the query (0x%08x%s%s)", name ? name : "?",
                       (unsigned)hr, code ? " " : "", code ? code : "");
}

static HRESULT serve(const struct event_demand *asked, struct registration *r, struct target *t)
{
    struct demand *d = calloc(1, sizeof *d);
    if (!d) {
        target_destroy(t);
        return WBEM_E_OUT_OF_MEMORY;
    }
    d->id = asked->id;
    d->name_space = asked->name_space;
    d->class_name = com_wide_copy(asked->class_name);
    HRESULT hr =
        d->class_name ? hosted_acquire(asked->name_space, r, &d->hosted) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        d->hosted = NULL;
        target_destroy(t);
        demand_destroy(d);
        return hr;
    }
    t->hosted = d->hosted;
    pthread_mutex_lock(&demands.lock); /* before it is told, so that its sink is active then */
    d->next = demands.first;
    demands.first = d;
    pthread_mutex_unlock(&demands.lock);
    (void)SetErrorInfo(0, NULL);
    struct com_call_context context;
    com_call_context_local(&context);
    com_call_context_push(&context);
    hr = provide(d->hosted, t);
    if (SUCCEEDED(hr)) {
        hr = announce(d, asked);
    }
    com_call_context_pop(&context);
    return FAILED(hr) ? raise_refused(hr, asked, r->name) : WBEM_S_NO_ERROR;
}

struct search {
    const struct event_demand *demand;
    bool any;
};

static HRESULT visit_registration(void *closure, IWbemClassObject *object)
{
    struct search *s = closure;
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    bool wanted = false;
    struct target *t = calloc(1, sizeof *t);
    if (!t) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    t->name_space = s->demand->name_space;
    HRESULT hr = read_queries(s->demand, object, t, &wanted);
    if (SUCCEEDED(hr) && wanted) {
        hr = registration_provider_name(object, &name);
    }
    if (FAILED(hr) || !wanted || !name || wcscasecmp(name, LIBRARY_PROVIDER) == 0) {
        target_destroy(t);
        return hr;
    }
    struct registration *r;
    hr = registration_find(s->demand->name_space, name, "ExecNotificationQuery", &r);
    if (FAILED(hr)) {
        target_destroy(t);
        return hr;
    }
    hr = serve(s->demand, r, t);
    registration_unref(r);
    s->any |= SUCCEEDED(hr);
    return hr;
}

static struct demand *take_demand(uint64_t id)
{
    pthread_mutex_lock(&demands.lock);
    struct demand **at = &demands.first;
    while (*at && (*at)->id != id) {
        at = &(*at)->next;
    }
    struct demand *d = *at;
    if (d) {
        *at = d->next;
    }
    pthread_mutex_unlock(&demands.lock);
    return d;
}

static void supply_end(void *closure, const struct event_demand *asked)
{
    for (struct demand *d; (d = take_demand(asked->id)) != NULL;) {
        CLEANUP(com_cleanup_release) IWbemEventProviderQuerySink *sink = NULL;
        if (d->told &&
            SUCCEEDED(IUnknown_QueryInterface(hosted_object(d->hosted),
                                              &IID_IWbemEventProviderQuerySink, (void **)&sink))) {
            (void)IWbemEventProviderQuerySink_CancelQuery(sink, (ULONG)d->id);
        }
        demand_destroy(d);
    }
}

static HRESULT supply_begin(void *closure, const struct event_demand *asked)
{
    struct search s = {.demand = asked};
    HRESULT hr = registration_visit(asked->name_space, L"__EventProviderRegistration",
                                    visit_registration, &s);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
        (void)GetErrorInfo(0, &error); /* what ending says is not the reason */
        supply_end(closure, asked);
        (void)SetErrorInfo(0, error);
        return hr;
    }
    return s.any ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static const struct event_supplier supplier = {.begin = supply_begin, .end = supply_end};

__attribute__((constructor)) static void offer_events(void)
{
    static struct event_supply *supply; /* for good */
    (void)events_supply(&supplier, NULL, &supply);
}
