/*
 * GetObject: a path to a class or an instance (WmiSdk "Describing the Location
 * of a WMI Object"; wbemcli/nf-wbemcli-iwbemservices-getobject). An instance
 * is asked of its provider by a query on the keys, so that one reads one.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "hosting/hosting.h"
#include "services/services_private.h"

static HRESULT raise_path(HRESULT hr, const wchar_t *path, const char *why)
{
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(path);
    return error_raise(hr, "GetObject", text, "%s", why);
}

static HRESULT first_of(struct source *source, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *e = NULL;
    const struct enumerator_options options = {
        .flags = WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, .read_ahead = 1};
    HRESULT hr = enumerator_create(source, &options, &e);
    if (FAILED(hr)) {
        return hr;
    }
    ULONG got = 0;
    hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, ret, &got);
    if (FAILED(hr)) {
        return hr;
    }
    return got ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
}

struct get_options {
    bool shallow, keys_only;
    class_texts amended;
};

static HRESULT get_instance(struct repository_namespace *n, const struct object_path *p,
                            const wchar_t *path, const struct get_options *o, IWbemClassObject *cls,
                            IWbemClassObject **ret)
{
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_free) wchar_t *text = NULL;
    const char *why = "";
    hr = wql_text_of_path(p, s, o->keys_only, &text, &why);
    if (FAILED(hr)) {
        return raise_path(hr, path, why);
    }
    CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
    hr = wql_parse(text, &q, NULL);
    if (FAILED(hr)) {
        return raise_path(WBEM_E_INVALID_OBJECT_PATH, path, "the path's keys are not valid");
    }

    const struct query_options options = {
        .shallow = o->shallow, .amended = o->amended, .operation = "GetObject"};
    struct source *source;
    hr = query_source(n, q, text, &options, &source);
    if (SUCCEEDED(hr)) {
        hr = first_of(source, ret);
    }
    if (hr == WBEM_E_NOT_FOUND) {
        return raise_path(hr, path, "there is no such instance");
    }
    return hr;
}

/* A path may repeat where it is already; it can't lead elsewhere. */
static bool is_here(const struct object_path *p, struct repository_namespace *n)
{
    return !p->name_space || wcscasecmp(p->name_space, repository_namespace_name(n)) == 0;
}

static HRESULT get_parsed(struct repository_namespace *n, const struct object_path *p,
                          const wchar_t *path, const struct get_options *o, IWbemClassObject **ret)
{
    if (!p->class_name || !is_here(p, n)) {
        return raise_path(
            p->class_name ? WBEM_E_INVALID_NAMESPACE : WBEM_E_INVALID_OBJECT_PATH, path,
            p->class_name ? "the path leads to another namespace" : "the path names no class");
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = hosting_find_class(n, p->class_name, o->amended, "GetObject", &cls);
    if (hr == WBEM_E_NOT_FOUND) {
        return p->is_instance
                   ? raise_path(WBEM_E_INVALID_CLASS, path, "there is no such class")
                   : raise_path(WBEM_E_NOT_FOUND, path, "there is no such class in this namespace");
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (p->is_instance) {
        return get_instance(n, p, path, o, cls, ret);
    }
    return IWbemClassObject_Clone(cls, ret); /* the caller's own, free to be changed */
}

static HRESULT get_by_text(struct repository_namespace *n, const wchar_t *path,
                           const struct get_options *o, IWbemClassObject **ret)
{
    struct object_path *p;
    size_t offset = 0;
    HRESULT hr = object_path_parse(path, &p, &offset);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(path);
        return error_raise(hr, "GetObject", text, "the path is not valid from character %zu on",
                           offset + 1);
    }
    hr = get_parsed(n, p, path, o, ret);
    object_path_destroy(p);
    return hr;
}

HRESULT get_object(struct repository_namespace *n, const wchar_t *path, LONG flags,
                   class_texts amended, IWbemClassObject **ret)
{
    if (!path || !*path) {
        return object_create_class(ret); /* an empty class to start a definition from */
    }
    const struct get_options o = {.shallow = flags & WBEM_FLAG_DIRECT_READ, .amended = amended};
    return get_by_text(n, path, &o, ret);
}

HRESULT get_object_keys(struct repository_namespace *n, const wchar_t *path, class_texts amended,
                        IWbemClassObject **ret)
{
    const struct get_options o = {.keys_only = true, .amended = amended};
    return get_by_text(n, path, &o, ret);
}
