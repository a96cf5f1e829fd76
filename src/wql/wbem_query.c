/*
 * IWbemQuery: a query parsed and taken apart for providers that serve queries.
 * Pages: wmiutils/nn-wmiutils-iwbemquery and those of its methods.
 */
#include <pthread.h>
#include <stdlib.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/analysis.h"

/* What GetAnalysis has given and FreeMemory has not yet taken back. */
struct given {
    struct given *next;
    struct analysis *analysis;
};

struct wbem_query {
    IWbemQuery iface;
    struct com_refs refs;
    pthread_mutex_t lock;
    struct wql_query *query; /* under lock, as all that follows; NULL: none */
    wchar_t *text;
    struct given *given;
};

static struct wbem_query *query_of(IWbemQuery *iface)
{
    return COM_CONTAINER(iface, struct wbem_query, iface);
}

static HRESULT STDMETHODCALLTYPE query_query_interface(IWbemQuery *iface, REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemQuery)) {
        return E_NOINTERFACE;
    }
    com_ref_inc(&query_of(iface)->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE query_add_ref(IWbemQuery *iface)
{
    return com_ref_inc(&query_of(iface)->refs);
}

/* Analyses that nobody freed go with the object. */
static void destroy(struct wbem_query *q)
{
    for (struct given *g = q->given, *next; g; g = next) {
        next = g->next;
        analysis_destroy(g->analysis);
        free(g);
    }
    wql_destroy(q->query);
    free(q->text);
    pthread_mutex_destroy(&q->lock);
    free(q);
}

static ULONG STDMETHODCALLTYPE query_release(IWbemQuery *iface)
{
    struct wbem_query *q = query_of(iface);
    ULONG left = com_ref_dec(&q->refs);
    if (left == 0) {
        destroy(q);
    }
    return left;
}

/* Takes both; NULL: none. */
static void set_query(struct wbem_query *q, struct wql_query *query, wchar_t *text)
{
    pthread_mutex_lock(&q->lock);
    struct wql_query *old = q->query;
    wchar_t *old_text = q->text;
    q->query = query;
    q->text = text;
    pthread_mutex_unlock(&q->lock);
    wql_destroy(old);
    free(old_text);
}

static HRESULT STDMETHODCALLTYPE query_empty(IWbemQuery *iface)
{
    set_query(query_of(iface), NULL, NULL);
    return WBEM_S_NO_ERROR;
}

static HRESULT raise_not_implemented(const char *operation)
{
    return error_raise(E_NOTIMPL, operation, NULL,
                       "IWbemQuery::%s is documented as not implemented", operation);
}

/* "Not implemented. Returns E_NOTIMPL if called": the page of IWbemQuery on this and the next. */
static HRESULT STDMETHODCALLTYPE query_set_language_features(IWbemQuery *iface, ULONG flags,
                                                             ULONG size, ULONG *features)
{
    return raise_not_implemented("SetLanguageFeatures");
}

static HRESULT STDMETHODCALLTYPE query_test_language_features(IWbemQuery *iface, ULONG flags,
                                                              ULONG *size, ULONG *features)
{
    return raise_not_implemented("TestLanguageFeatures");
}

/* ---- parsing ----------------------------------------------------------------------------------
 */

static HRESULT STDMETHODCALLTYPE query_parse(IWbemQuery *iface, LPCWSTR language, LPCWSTR text,
                                             ULONG flags)
{
    if (!language || !text) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Parse", language ? "pszQuery" : "pszLang",
                           "the parameter must not be NULL");
    }
    if (flags != 0) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "Parse", "uFlags", "flags must be 0");
    }
    if (wcscmp(language, L"WQL") != 0 && wcscmp(language, L"SQL") != 0) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(language);
        return error_raise(WBEM_E_INVALID_PARAMETER, "Parse", "pszLang",
                           "the language '%s' is not known; it must be WQL or SQL, in capitals",
                           name ? name : "?");
    }
    struct wql_query *query = NULL;
    struct wql_error e = {0};
    HRESULT hr = wql_parse(text, &query, &e);
    if (hr == WBEM_E_INVALID_QUERY) {
        CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
        return error_raise(WBEM_E_INVALID_SYNTAX, "Parse", utf8,
                           "line %u, column %u, at '%s': expected %s", e.at.line, e.at.column,
                           e.token, e.expected);
    }
    if (FAILED(hr)) {
        return hr;
    }
    wchar_t *copy = com_wide_copy(text);
    if (!copy) {
        wql_destroy(query);
        return WBEM_E_OUT_OF_MEMORY;
    }
    set_query(query_of(iface), query, copy);
    return WBEM_S_NO_ERROR;
}

/* ---- analyses ---------------------------------------------------------------------------------
 */

static HRESULT make_path(const wchar_t *text, IWbemPath **ret)
{
    HRESULT hr = CoCreateInstance(&CLSID_WbemDefPath, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemPath,
                                  (void **)ret);
    return FAILED(hr) ? hr : IWbemPath_SetText(*ret, WBEMPATH_CREATE_ACCEPT_ALL, text);
}

static HRESULT analyse(const struct wql_query *query, const wchar_t *text, ULONG type,
                       struct analysis *a)
{
    const struct wql_association *association = wql_query_association(query);
    HRESULT hr = WBEM_S_NO_ERROR;
    if (type == WMIQ_ANALYSIS_QUERY_TEXT) {
        a->result = analysis_text(a, text);
    } else if ((type == WMIQ_ANALYSIS_ASSOC_QUERY) != (association != NULL)) {
        return error_raise(WBEM_E_NOT_FOUND, "GetAnalysis", "uAnalysisType",
                           "the query is %s, which has no such analysis",
                           association ? "ASSOCIATORS OF or REFERENCES OF" : "a SELECT");
    } else if (association) {
        hr = make_path(association->path_text, &a->path);
        if (SUCCEEDED(hr)) {
            analyse_association(a, query, text);
        }
    } else {
        analyse_select(a, query);
    }
    return SUCCEEDED(hr) && a->failed ? WBEM_E_OUT_OF_MEMORY : hr;
}

static HRESULT STDMETHODCALLTYPE query_get_analysis(IWbemQuery *iface, ULONG type, ULONG flags,
                                                    LPVOID *ret)
{
    struct wbem_query *q = query_of(iface);
    if (!ret) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "GetAnalysis", "pAnalysis",
                           "the parameter must not be NULL");
    }
    *ret = NULL;
    if (flags != 0 || (type != WMIQ_ANALYSIS_RPN_SEQUENCE && type != WMIQ_ANALYSIS_ASSOC_QUERY &&
                       type != WMIQ_ANALYSIS_QUERY_TEXT)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "GetAnalysis",
                           flags ? "uFlags" : "uAnalysisType", "the value is reserved");
    }
    struct given *g = calloc(1, sizeof(*g));
    HRESULT hr = g ? analysis_create(&g->analysis) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        free(g);
        return hr;
    }
    pthread_mutex_lock(&q->lock);
    hr = q->query ? analyse(q->query, q->text, type, g->analysis)
                  : error_raise(WBEM_E_INVALID_OPERATION, "GetAnalysis", NULL,
                                "no query has been parsed");
    if (SUCCEEDED(hr)) {
        g->next = q->given;
        q->given = g;
        *ret = g->analysis->result;
    }
    pthread_mutex_unlock(&q->lock);
    if (FAILED(hr)) {
        analysis_destroy(g->analysis);
        free(g);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE query_free_memory(IWbemQuery *iface, LPVOID memory)
{
    struct wbem_query *q = query_of(iface);
    if (!memory) {
        return WBEM_S_NO_ERROR;
    }
    pthread_mutex_lock(&q->lock);
    struct given **at = &q->given;
    while (*at && (*at)->analysis->result != memory) {
        at = &(*at)->next;
    }
    struct given *g = *at;
    if (g) {
        *at = g->next;
    }
    pthread_mutex_unlock(&q->lock);
    if (!g) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "FreeMemory", "pMem",
                           "it is not what GetAnalysis of this object gave");
    }
    analysis_destroy(g->analysis);
    free(g);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE query_get_query_info(IWbemQuery *iface, ULONG type, ULONG info,
                                                      ULONG size, LPVOID buffer)
{
    return raise_not_implemented("GetQueryInfo");
}

/* ---- making -----------------------------------------------------------------------------------
 */

static const IWbemQueryVtbl query_vtable = {
    .QueryInterface = query_query_interface,
    .AddRef = query_add_ref,
    .Release = query_release,
    .Empty = query_empty,
    .SetLanguageFeatures = query_set_language_features,
    .TestLanguageFeatures = query_test_language_features,
    .Parse = query_parse,
    .GetAnalysis = query_get_analysis,
    .FreeMemory = query_free_memory,
    .GetQueryInfo = query_get_query_info,
};

static HRESULT wbem_query_create(IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    struct wbem_query *q = calloc(1, sizeof(*q));
    if (!q) {
        return E_OUTOFMEMORY;
    }
    q->iface.lpVtbl = &query_vtable;
    com_ref_init(&q->refs);
    pthread_mutex_init(&q->lock, NULL);
    HRESULT hr = query_query_interface(&q->iface, riid, ret);
    query_release(&q->iface);
    return hr;
}

static const struct com_class classes[] = {{&CLSID_WbemQuery, wbem_query_create}};
static struct com_class_table table = {classes, ARRAYSIZE(classes), NULL};

__attribute__((constructor)) static void register_classes(void)
{
    com_register_classes(&table);
}
