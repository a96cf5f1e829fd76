/* From an instance of __FilterToConsumerBinding to what is to be done (WmiSdk
 * "__FilterToConsumerBinding class", "__EventFilter class"). */
#include <wchar.h>

#include "hosting/hosting.h"
#include "object/object.h"
#include "subscriptions/subscriptions_private.h"

static const char operation[] = "__FilterToConsumerBinding";

static HRESULT open_namespace(struct repository_namespace *near, const wchar_t *name,
                              struct repository_namespace **ret)
{
    if (!name || !*name) {
        *ret = near;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = repository_open(repository_of(near), name, ret);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
        return error_raise(hr, operation, text, "there is no namespace '%s'", text);
    }
    return hr;
}

/* The object that a reference leads to, and the namespace it is in. */
static HRESULT follow(struct repository_namespace *n, IWbemClassObject *instance,
                      const wchar_t *property, IWbemClassObject **ret,
                      struct repository_namespace **ret_space)
{
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    struct object_path *path = NULL;
    HRESULT hr = consumer_text(instance, property, &text);
    CLEANUP(com_cleanup_free) char *shown = com_utf8_from_wide(text ? text : property);
    if (hr != WBEM_S_NO_ERROR) {
        return hr == WBEM_S_FALSE ? error_raise(WBEM_E_INVALID_OBJECT, operation, shown,
                                                "the binding has no %s", shown)
                                  : hr;
    }
    hr = object_path_parse(text, &path, NULL);
    if (SUCCEEDED(hr)) {
        hr = open_namespace(n, path->name_space, ret_space);
    }
    if (SUCCEEDED(hr)) {
        hr = repository_get_instance(*ret_space, path, ret);
        if (FAILED(hr)) {
            hr = error_raise(hr, operation, shown, "there is no %s", shown);
        }
    }
    object_path_destroy(path);
    return hr;
}

static HRESULT read_filter(struct repository_namespace *n, IWbemClassObject *instance,
                           struct binding *b)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *filter = NULL;
    CLEANUP(com_cleanup_free) wchar_t *language = NULL;
    CLEANUP(com_cleanup_free) wchar_t *event_space = NULL;
    struct repository_namespace *home;
    struct schema *s;
    HRESULT hr = follow(n, instance, L"Filter", &filter, &home);
    if (SUCCEEDED(hr)) {
        hr = schema_of(filter, &s);
    }
    if (SUCCEEDED(hr) && !schema_is_a(s, L"__EventFilter")) {
        hr = error_raise(WBEM_E_INVALID_OBJECT, operation, "Filter",
                         "the filter is no instance of __EventFilter");
    }
    if (SUCCEEDED(hr)) {
        hr = consumer_text(filter, L"QueryLanguage", &language);
    }
    if (hr == WBEM_S_NO_ERROR && wcscasecmp(language, L"WQL") != 0) {
        hr = error_raise(WBEM_E_INVALID_QUERY_TYPE, operation, "QueryLanguage",
                         "the filter's language is not WQL");
    }
    if (SUCCEEDED(hr)) {
        hr = consumer_text(filter, L"Query", &b->query);
    }
    if (SUCCEEDED(hr) && !b->query) {
        hr = error_raise(WBEM_E_INVALID_QUERY, operation, "Query", "the filter has no query");
    }
    if (SUCCEEDED(hr)) {
        hr = consumer_text(filter, L"EventNamespace", &event_space);
    }
    return SUCCEEDED(hr) ? open_namespace(home, event_space, &b->event_space) : hr;
}

static HRESULT read_consumer(struct repository_namespace *n, IWbemClassObject *instance,
                             struct binding *b)
{
    struct schema *s;
    CLEANUP(com_cleanup_variant) VARIANT path = {0};
    HRESULT hr = follow(n, instance, L"Consumer", &b->consumer, &b->consumer_space);
    if (SUCCEEDED(hr)) {
        hr = schema_of(b->consumer, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    b->deliver = consumer_find(b->consumer);
    hr = b->deliver ? hr : hosting_consumer_provider(b->consumer_space, b->consumer, &b->provider);
    if (FAILED(hr)) {
        return hr;
    }
    if (!b->deliver && !b->provider) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(schema_class_name(s));
        return error_raise(WBEM_E_NOT_SUPPORTED, operation, name,
                           "there is nothing that serves consumers of the class %s", name);
    }
    hr = IWbemClassObject_Get(b->consumer, L"__PATH", 0, &path, NULL, NULL);
    if (SUCCEEDED(hr) && V_VT(&path) == VT_BSTR) {
        b->consumer_path = com_wide_copy(V_BSTR(&path));
        hr = b->consumer_path ? hr : WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

HRESULT binding_read(struct repository_namespace *n, IWbemClassObject *instance,
                     struct binding *ret)
{
    struct binding b = {.query = NULL};
    HRESULT hr = read_filter(n, instance, &b);
    if (SUCCEEDED(hr)) {
        hr = read_consumer(n, instance, &b);
    }
    if (FAILED(hr)) {
        binding_done(&b);
        return hr;
    }
    *ret = b;
    return WBEM_S_NO_ERROR;
}

void binding_done(struct binding *b)
{
    free(b->query);
    free(b->consumer_path);
    free(b->provider);
    com_release(b->consumer);
    *b = (struct binding){.query = NULL};
}
