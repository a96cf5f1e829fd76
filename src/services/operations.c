/*
 * The operations of IWbemServices that yield objects, each in its forms:
 * through an enumerator, to a sink, as one object. Sources: the pages
 * wbemcli/nf-wbemcli-iwbemservices-* and [MS-WMI] 3.1.4.3.*.
 */
#include <stdlib.h>
#include <wchar.h>

#include "services/services_private.h"

/* Flags of calls that return an enumerator, of calls that take a sink, and of both. */
#define ENUM_FLAGS (WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY)
#define SINK_FLAGS (WBEM_FLAG_SEND_STATUS | WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY)
#define QUERY_FLAGS                                                                                \
    (WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_ENSURE_LOCATABLE | WBEM_FLAG_PROTOTYPE |         \
     WBEM_FLAG_DIRECT_READ)
#define INSTANCE_FLAGS                                                                             \
    (WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_SHALLOW | WBEM_FLAG_DIRECT_READ)
#define CLASS_FLAGS (WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_SHALLOW)
#define OBJECT_FLAGS (WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_DIRECT_READ)

HRESULT services_check_flags(const char *operation, LONG flags, LONG allowed)
{
    if (flags & ~allowed) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "lFlags",
                           "flags 0x%x are not known to this operation",
                           (unsigned)(flags & ~allowed));
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT raise_null(const char *operation, const char *parameter)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                       "the parameter must not be NULL");
}

static HRESULT enumerate(struct source *source, LONG flags, IEnumWbemClassObject **ret)
{
    const struct enumerator_options options = {.flags = flags};
    return enumerator_create(source, &options, ret);
}

/* ---- ExecQuery ----------------------------------------------------------------- */

static HRESULT parse_query(const char *operation, const wchar_t *language, const wchar_t *text,
                           struct wql_query **ret)
{
    if (wcscasecmp(language, L"WQL") != 0) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(language);
        return error_raise(WBEM_E_INVALID_QUERY_TYPE, operation, name,
                           "the query language '%s' is not known; it must be WQL", name);
    }
    struct wql_error e = {0};
    HRESULT hr = wql_parse(text, ret, &e);
    if (FAILED(hr) && hr != WBEM_E_OUT_OF_MEMORY) {
        CLEANUP(com_cleanup_free) char *query = com_utf8_from_wide(text);
        return error_raise(hr, operation, query, "line %u, column %u, at '%s': expected %s",
                           e.at.line, e.at.column, e.token, e.expected);
    }
    return hr;
}

static HRESULT exec_query_source(struct services *s, const char *operation, const wchar_t *language,
                                 const wchar_t *text, LONG flags, struct source **ret)
{
    if (!language || !text) {
        return raise_null(operation, language ? "strQuery" : "strQueryLanguage");
    }
    CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
    HRESULT hr = parse_query(operation, language, text, &q);
    if (FAILED(hr)) {
        return hr;
    }
    const struct query_options options = {.shallow = flags & WBEM_FLAG_DIRECT_READ,
                                          .locatable = flags & WBEM_FLAG_ENSURE_LOCATABLE,
                                          .amended = services_texts(s, flags),
                                          .prototype = flags & WBEM_FLAG_PROTOTYPE,
                                          .operation = operation};
    return query_source(s->name_space, q, text, &options, ret);
}

HRESULT services_exec_query(struct services *s, const wchar_t *language, const wchar_t *text,
                            LONG flags, IEnumWbemClassObject **ret)
{
    if (!ret) {
        return raise_null("ExecQuery", "ppEnum");
    }
    *ret = NULL;
    HRESULT hr = services_check_flags("ExecQuery", flags, QUERY_FLAGS | ENUM_FLAGS);
    struct source *source = NULL;
    if (SUCCEEDED(hr)) {
        hr = exec_query_source(s, "ExecQuery", language, text, flags, &source);
    }
    return FAILED(hr) ? hr : enumerate(source, flags, ret);
}

HRESULT services_exec_query_async(struct services *s, const wchar_t *language, const wchar_t *text,
                                  LONG flags, IWbemObjectSink *sink)
{
    if (!sink) {
        return raise_null("ExecQueryAsync", "pResponseHandler");
    }
    HRESULT hr = services_check_flags("ExecQueryAsync", flags, QUERY_FLAGS | SINK_FLAGS);
    struct source *source = NULL;
    if (SUCCEEDED(hr)) {
        hr = exec_query_source(s, "ExecQueryAsync", language, text, flags, &source);
    }
    return FAILED(hr) ? hr : delivery_start(source, flags, (IUnknown *)&s->iface, sink);
}

/* ---- CreateInstanceEnum ----------------------------------------------------------- */

/* SELECT * FROM class, built as text so that there is one way from a query to its source. */
static HRESULT instance_source(struct services *s, const char *operation, const wchar_t *name,
                               LONG flags, struct source **ret)
{
    if (!name || !*name) {
        return raise_null(operation, "strFilter");
    }
    size_t size = wcslen(name) + 16;
    CLEANUP(com_cleanup_free) wchar_t *text = calloc(size, sizeof(*text));
    if (!text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    swprintf(text, size, L"SELECT * FROM %ls", name);
    CLEANUP(wql_query_cleanup) struct wql_query *q = NULL;
    HRESULT hr = wql_parse(text, &q, NULL);
    /* What parses must also be a name and nothing more ("A WHERE B = 1" is no class). */
    if (FAILED(hr) || wcscmp(wql_query_class(q), name) != 0) {
        CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(name);
        return error_raise(WBEM_E_INVALID_CLASS, operation, utf8, "'%s' is not the name of a class",
                           utf8);
    }
    const struct query_options options = {.shallow =
                                              flags & (WBEM_FLAG_SHALLOW | WBEM_FLAG_DIRECT_READ),
                                          .amended = services_texts(s, flags),
                                          .operation = operation};
    return query_source(s->name_space, q, text, &options, ret);
}

HRESULT services_create_instance_enum(struct services *s, const wchar_t *name, LONG flags,
                                      IEnumWbemClassObject **ret)
{
    if (!ret) {
        return raise_null("CreateInstanceEnum", "ppEnum");
    }
    *ret = NULL;
    HRESULT hr = services_check_flags("CreateInstanceEnum", flags, INSTANCE_FLAGS | ENUM_FLAGS);
    struct source *source = NULL;
    if (SUCCEEDED(hr)) {
        hr = instance_source(s, "CreateInstanceEnum", name, flags, &source);
    }
    return FAILED(hr) ? hr : enumerate(source, flags, ret);
}

HRESULT services_create_instance_enum_async(struct services *s, const wchar_t *name, LONG flags,
                                            IWbemObjectSink *sink)
{
    static const char operation[] = "CreateInstanceEnumAsync";
    if (!sink) {
        return raise_null(operation, "pResponseHandler");
    }
    HRESULT hr = services_check_flags(operation, flags, INSTANCE_FLAGS | SINK_FLAGS);
    struct source *source = NULL;
    if (SUCCEEDED(hr)) {
        hr = instance_source(s, operation, name, flags, &source);
    }
    return FAILED(hr) ? hr : delivery_start(source, flags, (IUnknown *)&s->iface, sink);
}

/* ---- CreateClassEnum ----------------------------------------------------------------- */

static HRESULT classes(struct services *s, const char *operation, const wchar_t *superclass,
                       LONG flags, struct source **ret)
{
    HRESULT hr = class_source(s->name_space, superclass, flags, services_texts(s, flags), ret);
    if (hr == WBEM_E_NOT_FOUND) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(superclass);
        return error_raise(WBEM_E_INVALID_CLASS, operation, name,
                           "there is no class '%s' in this namespace", name);
    }
    return hr;
}

HRESULT services_create_class_enum(struct services *s, const wchar_t *superclass, LONG flags,
                                   IEnumWbemClassObject **ret)
{
    if (!ret) {
        return raise_null("CreateClassEnum", "ppEnum");
    }
    *ret = NULL;
    HRESULT hr = services_check_flags("CreateClassEnum", flags, CLASS_FLAGS | ENUM_FLAGS);
    struct source *source = NULL;
    if (SUCCEEDED(hr)) {
        hr = classes(s, "CreateClassEnum", superclass, flags, &source);
    }
    return FAILED(hr) ? hr : enumerate(source, flags, ret);
}

HRESULT services_create_class_enum_async(struct services *s, const wchar_t *superclass, LONG flags,
                                         IWbemObjectSink *sink)
{
    if (!sink) {
        return raise_null("CreateClassEnumAsync", "pResponseHandler");
    }
    HRESULT hr = services_check_flags("CreateClassEnumAsync", flags, CLASS_FLAGS | SINK_FLAGS);
    struct source *source = NULL;
    if (SUCCEEDED(hr)) {
        hr = classes(s, "CreateClassEnumAsync", superclass, flags, &source);
    }
    return FAILED(hr) ? hr : delivery_start(source, flags, (IUnknown *)&s->iface, sink);
}

/* ---- GetObject ------------------------------------------------------------------------- */

/* What a GetObject in the background needs, after the caller's strings are gone. */
struct get_work {
    struct repository_namespace *name_space;
    wchar_t *path; /* NULL: an empty class is wanted */
    LONG flags;
    class_texts amended;
};

static void get_work_destroy(void *closure)
{
    struct get_work *w = closure;
    free(w->path);
    free(w);
}

static HRESULT get_work_run(void *closure, IWbemClassObject **ret)
{
    struct get_work *w = closure;
    return get_object(w->name_space, w->path, w->flags, w->amended, ret);
}

static HRESULT start_get(struct services *s, const wchar_t *path, LONG flags, IWbemObjectSink *sink)
{
    struct get_work *w = calloc(1, sizeof(*w));
    if (!w) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    w->name_space = s->name_space;
    w->flags = flags;
    w->amended = services_texts(s, flags);
    w->path = path ? wcsdup(path) : NULL;
    if (path && !w->path) {
        free(w);
        return WBEM_E_OUT_OF_MEMORY;
    }
    return delivery_run(get_work_run, w, get_work_destroy, (IUnknown *)&s->iface, sink);
}

HRESULT services_get_object(struct services *s, const wchar_t *path, LONG flags,
                            IWbemClassObject **ret, IWbemCallResult **ret_result)
{
    if (ret) {
        *ret = NULL;
    }
    if (ret_result) {
        *ret_result = NULL;
    }
    HRESULT hr =
        services_check_flags("GetObject", flags, OBJECT_FLAGS | WBEM_FLAG_RETURN_IMMEDIATELY);
    if (FAILED(hr)) {
        return hr;
    }
    if (!(flags & WBEM_FLAG_RETURN_IMMEDIATELY)) {
        return ret ? get_object(s->name_space, path, flags, services_texts(s, flags), ret)
                   : raise_null("GetObject", "ppObject");
    }

    /* Semisynchronous: the object comes through the call result (3.2.4.2.7). */
    if (!ret_result) {
        return raise_null("GetObject", "ppCallResult");
    }
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = NULL;
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    hr = call_result_create(&result, &sink);
    if (SUCCEEDED(hr)) {
        hr = start_get(s, path, flags, sink);
    }
    if (SUCCEEDED(hr)) {
        *ret_result = TAKE(result);
    }
    return hr;
}

HRESULT services_get_object_async(struct services *s, const wchar_t *path, LONG flags,
                                  IWbemObjectSink *sink)
{
    if (!sink) {
        return raise_null("GetObjectAsync", "pResponseHandler");
    }
    HRESULT hr =
        services_check_flags("GetObjectAsync", flags, OBJECT_FLAGS | WBEM_FLAG_SEND_STATUS);
    return FAILED(hr) ? hr : start_get(s, path, flags, sink);
}
