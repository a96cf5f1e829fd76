/*
 * The live provider's operations, for WMI's own caller of providers and for
 * anybody else's (wbemcli/nf-wbemcli-iwbemservices-*async, as a provider
 * implements them). Each call returns at once and delivers in the background.
 */
#include "providers/live_private.h"

#include <stdlib.h>
#include <wchar.h>

#include "enumerator/enumerator.h"
#include "providers/provider.h"
#include "wql/wql.h"

#define SINK_FLAGS (WBEM_FLAG_SEND_STATUS | WBEM_FLAG_DEEP | WBEM_FLAG_SHALLOW)

static HRESULT check(const struct live_provider *p, const void *text, IWbemObjectSink *sink)
{
    if (!text || !sink) {
        return WBEM_E_INVALID_PARAMETER;
    }
    return p->of ? WBEM_S_NO_ERROR : WBEM_E_INITIALIZATION_FAILURE;
}

/* ---- classes and sources ------------------------------------------------------------------ */

static HRESULT get_class(void *closure, const wchar_t *name, IWbemClassObject **ret)
{
    const struct live_provider *p = closure;
    CLEANUP(com_cleanup_bstr) BSTR path = SysAllocString(name);
    *ret = NULL;
    return path ? IWbemServices_GetObject(p->of, path, 0, NULL, ret, NULL) : WBEM_E_OUT_OF_MEMORY;
}

/* What answers the query; NULL: all instances of `name`. */
static HRESULT source_of(struct live_provider *p, const wchar_t *name, const struct wql_query *q,
                         struct source **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    const struct provider_place place = {.where = p->where, .get_class = get_class, .closure = p};
    struct wql_plan *plan = NULL;
    struct wql_error e;
    struct schema *s;
    HRESULT hr = provider_find(name) ? get_class(p, name, &cls) : WBEM_E_INVALID_CLASS;
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (SUCCEEDED(hr) && q) {
        hr = wql_plan_create_at(q, s, p->where, &plan, &e);
    }
    if (SUCCEEDED(hr) && q) { /* WMI filters again (WmiSdk "Supporting Queries in a Provider") */
        wql_plan_select_keys(plan);
        wql_plan_select_tested(plan);
    }
    return SUCCEEDED(hr) ? live_source(cls, plan, false, &place, ret) : hr;
}

static HRESULT query_source(struct live_provider *p, const wchar_t *text, struct source **ret)
{
    CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
    HRESULT hr = wql_parse(text, &q, NULL);
    if (FAILED(hr)) {
        return hr;
    }
    /* Associations, schemas, events and counting are WMI's own affair. */
    if (wql_query_association(q) || wql_query_is_schema(q) || wql_query_kind(q) != WQL_SELECT) {
        return WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY;
    }
    return source_of(p, wql_query_class(q), q, ret);
}

HRESULT STDMETHODCALLTYPE live_cancel(IWbemServices *iface, IWbemObjectSink *sink)
{
    return sink ? delivery_cancel(sink) : WBEM_E_INVALID_PARAMETER;
}

HRESULT STDMETHODCALLTYPE live_enumerate(IWbemServices *iface, const BSTR name, LONG flags,
                                         IWbemContext *context, IWbemObjectSink *sink)
{
    struct live_provider *p = live_of_services(iface);
    struct source *source;
    HRESULT hr = check(p, name, sink);
    if (SUCCEEDED(hr)) {
        hr = source_of(p, name, NULL, &source);
    }
    return SUCCEEDED(hr) ? delivery_start(source, flags & SINK_FLAGS, (IUnknown *)iface, sink) : hr;
}

HRESULT STDMETHODCALLTYPE live_query(IWbemServices *iface, const BSTR language, const BSTR query,
                                     LONG flags, IWbemContext *context, IWbemObjectSink *sink)
{
    struct live_provider *p = live_of_services(iface);
    struct source *source;
    HRESULT hr = check(p, language ? query : NULL, sink);
    if (SUCCEEDED(hr)) {
        hr = wcscasecmp(language, L"WQL") == 0 ? query_source(p, query, &source)
                                               : WBEM_E_INVALID_QUERY_TYPE;
    }
    return SUCCEEDED(hr) ? delivery_start(source, flags & SINK_FLAGS, (IUnknown *)iface, sink) : hr;
}

/* ---- one object -------------------------------------------------------------------------------
 */

struct work {
    struct live_provider *provider; /* a reference */
    IWbemContext *context;          /* a reference, as the next; may be NULL */
    IWbemClassObject *in;
    wchar_t *path, *method;
};

static void work_destroy(void *closure)
{
    struct work *w = closure;
    com_release(&w->provider->services);
    com_release(w->context);
    com_release(w->in);
    free(w->path);
    free(w->method);
    free(w);
}

static struct work *work_create(struct live_provider *p, const wchar_t *path, const wchar_t *method,
                                IWbemContext *context, IWbemClassObject *in)
{
    struct work *w = calloc(1, sizeof *w);
    if (!w) {
        return NULL;
    }
    com_addref(&p->services);
    com_addref(context);
    com_addref(in);
    *w = (struct work){p, context, in, com_wide_copy(path), method ? com_wide_copy(method) : NULL};
    if (!w->path || (method && !w->method)) {
        work_destroy(w);
        return NULL;
    }
    return w;
}

static HRESULT first_of(struct source *source, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY |
                                                        WBEM_FLAG_RETURN_IMMEDIATELY,
                                               .read_ahead = 1,
                                               .internal = true};
    ULONG got = 0;
    HRESULT hr = enumerator_create(source, &options, &e);
    if (SUCCEEDED(hr)) {
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, ret, &got);
    }
    return FAILED(hr) ? hr : got ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
}

static HRESULT find_instance(struct live_provider *p, const struct object_path *path,
                             IWbemClassObject *cls, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    struct source *source;
    struct schema *s;
    const char *why;
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) {
        hr = wql_text_of_path(path, s, false, &text, &why);
    }
    if (SUCCEEDED(hr)) {
        hr = query_source(p, text, &source);
    }
    return SUCCEEDED(hr) ? first_of(source, ret) : hr;
}

/* The class of a path, and the instance if it leads to one. */
static HRESULT find(struct live_provider *p, const wchar_t *text, IWbemClassObject **ret_class,
                    IWbemClassObject **ret_instance)
{
    struct object_path *path;
    HRESULT hr = object_path_parse(text, &path, NULL);
    if (FAILED(hr)) {
        return hr;
    }
    hr = path->class_name ? get_class(p, path->class_name, ret_class) : WBEM_E_INVALID_OBJECT_PATH;
    if (SUCCEEDED(hr) && path->is_instance) {
        hr = find_instance(p, path, *ret_class, ret_instance);
    }
    object_path_destroy(path);
    return hr;
}

static HRESULT run_get(void *closure, IWbemClassObject **ret)
{
    struct work *w = closure;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = find(w->provider, w->path, &cls, ret);
    return SUCCEEDED(hr) && !*ret ? WBEM_E_PROVIDER_NOT_CAPABLE : hr; /* classes are WMI's */
}

HRESULT STDMETHODCALLTYPE live_get_object(IWbemServices *iface, const BSTR path, LONG flags,
                                          IWbemContext *context, IWbemObjectSink *sink)
{
    struct live_provider *p = live_of_services(iface);
    HRESULT hr = check(p, path, sink);
    if (FAILED(hr)) {
        return hr;
    }
    struct work *w = work_create(p, path, NULL, context, NULL);
    return w ? delivery_run(run_get, w, work_destroy, (IUnknown *)iface, sink)
             : WBEM_E_OUT_OF_MEMORY;
}

/* ---- methods --------------------------------------------------------------------------------- */

static HRESULT run_method(void *closure, IWbemClassObject **ret)
{
    struct work *w = closure;
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *instance = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *out_class = NULL;
    struct schema *s;
    HRESULT hr = find(w->provider, w->path, &cls, &instance);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethod(cls, w->method, 0, NULL, &out_class);
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    const struct provider_method *m = live_find_method(s, w->method);
    struct provider_call call = {.in = w->in, .instance = instance, .context = w->context};
    return m ? provider_run_method(m, &call, out_class, w->provider->where, ret)
             : WBEM_E_PROVIDER_NOT_CAPABLE;
}

HRESULT STDMETHODCALLTYPE live_method(IWbemServices *iface, const BSTR path, const BSTR method,
                                      LONG flags, IWbemContext *context, IWbemClassObject *in,
                                      IWbemObjectSink *sink)
{
    struct live_provider *p = live_of_services(iface);
    HRESULT hr = check(p, method ? path : NULL, sink);
    if (FAILED(hr)) {
        return hr;
    }
    struct work *w = work_create(p, path, method, context, in);
    return w ? delivery_run(run_method, w, work_destroy, (IUnknown *)iface, sink)
             : WBEM_E_OUT_OF_MEMORY;
}
