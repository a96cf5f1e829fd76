/*
 * IWbemPath: the methods (wmiutils/nn-wmiutils-iwbempath). The parts and their
 * text are in path_parts.c, what the path says of itself in path_info.c.
 */
#include <wchar.h>

#include "path/path_private.h"

static HRESULT raise_null(const char *operation, const char *parameter)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                       "the parameter must not be NULL");
}

static HRESULT check_reserved(const char *operation, const char *parameter, LONG value)
{
    return value == 0 ? WBEM_S_NO_ERROR
                      : error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                                    "the parameter is reserved and must be 0");
}

static HRESULT raise_missing(const char *operation, const char *what)
{
    return error_raise(WBEM_E_NOT_AVAILABLE, operation, NULL, "the path has no %s", what);
}

static HRESULT raise_index(const char *operation, ULONG index, ULONG count)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, "uIndex", "index %u of %u", index,
                       count);
}

/* Takes `copy`, a part of the path or NULL when there is none or no memory for it. */
static HRESULT give_part(const char *operation, const char *what, bool there, wchar_t *copy,
                         ULONG *size, wchar_t *buffer)
{
    if (!there) {
        return raise_missing(operation, what);
    }
    HRESULT hr =
        copy != NULL ? path_give_text(operation, copy, size, buffer) : WBEM_E_OUT_OF_MEMORY;
    free(copy);
    return hr;
}

/* ---- identity ----------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE path_query_interface(IWbemPath *iface, REFIID riid, void **ret)
{
    if (ret == NULL) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemPath)) {
        return E_NOINTERFACE;
    }
    com_ref_inc(&path_of(iface)->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE path_add_ref(IWbemPath *iface)
{
    return com_ref_inc(&path_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE path_release(IWbemPath *iface)
{
    struct wbem_path *p = path_of(iface);
    ULONG left = com_ref_dec(&p->refs);
    if (left == 0) {
        path_clear(p);
        pthread_mutex_destroy(&p->lock);
        free(p);
    }
    return left;
}

/* ---- the whole ------------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE path_set_text_method(IWbemPath *iface, ULONG mode, LPCWSTR text)
{
    const ULONG accepting = WBEMPATH_CREATE_ACCEPT_RELATIVE | WBEMPATH_CREATE_ACCEPT_ABSOLUTE |
                            WBEMPATH_CREATE_ACCEPT_ALL;
    if (!(mode & accepting) || mode & ~(accepting | WBEMPATH_TREAT_SINGLE_IDENT_AS_NS)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "IWbemPath::SetText", "uMode",
                           "mode 0x%x is not of the WBEMPATH_CREATE_ACCEPT_ flags", mode);
    }
    if (text == NULL) {
        return raise_null("IWbemPath::SetText", "pszPath");
    }
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    HRESULT hr = path_set_text(p, mode, text);
    pthread_mutex_unlock(&p->lock);
    return hr;
}

/* With p->lock held. Where one is asked for, a path without a server is this machine's; but a class
 * alone stays relative, since a server without a namespace leads to no class. */
static void put_server(const struct wbem_path *p, bool wanted, struct path_text *t)
{
    bool class_alone = p->namespace_count == 0 && p->class_name != NULL;
    if (p->server != NULL || (wanted && !class_alone)) {
        path_text_put(t, L"\\\\");
        path_text_put(t, p->server != NULL ? p->server : L".");
        path_text_put(t, p->namespace_count > 0 || class_alone ? L"\\" : L"");
    }
}

/* With p->lock held. */
static HRESULT print(const struct wbem_path *p, LONG flags, wchar_t **ret)
{
    const bool whole = flags == 0 || flags == WBEMPATH_GET_SERVER_TOO;
    struct path_text t = {0};
    if (p->is_parent && (whole || flags == WBEMPATH_GET_RELATIVE_ONLY)) {
        path_text_put(&t, L"..");
        return path_text_done(&t, ret);
    }
    if (flags != WBEMPATH_GET_RELATIVE_ONLY && flags != WBEMPATH_GET_NAMESPACE_ONLY) {
        put_server(p, flags != 0, &t);
    }
    if (flags != WBEMPATH_GET_RELATIVE_ONLY) {
        path_put_namespaces(p, &t);
    }
    if (whole && p->class_name != NULL && t.length > 0) {
        path_text_put(&t, L":");
    }
    if (whole || flags == WBEMPATH_GET_RELATIVE_ONLY) {
        path_put_class_part(p, &t);
    }
    return path_text_done(&t, ret);
}

static HRESULT STDMETHODCALLTYPE path_get_text(IWbemPath *iface, LONG flags, ULONG *size,
                                               LPWSTR buffer)
{
    static const char operation[] = "IWbemPath::GetText";
    switch (flags) {
    case 0:
    case WBEMPATH_GET_RELATIVE_ONLY:
    case WBEMPATH_GET_SERVER_TOO:
    case WBEMPATH_GET_SERVER_AND_NAMESPACE_ONLY:
    case WBEMPATH_GET_NAMESPACE_ONLY:
    case WBEMPATH_GET_ORIGINAL:
        break;
    default: /* WBEMPATH_COMPRESSED among them, which is not to be used */
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "lFlags",
                           "0x%x is not one of the WBEMPATH_GET_ flags", (unsigned)flags);
    }
    struct wbem_path *p = path_of(iface);
    wchar_t *text = NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&p->lock);
    bool there = flags != WBEMPATH_GET_ORIGINAL || p->original != NULL;
    if (flags == WBEMPATH_GET_ORIGINAL) {
        text = com_wide_copy(p->original);
    } else {
        hr = print(p, flags, &text);
    }
    pthread_mutex_unlock(&p->lock);
    return FAILED(hr) ? hr : give_part(operation, "text of SetText", there, text, size, buffer);
}

static HRESULT STDMETHODCALLTYPE path_get_info(IWbemPath *iface, ULONG requested, ULONGLONG *ret)
{
    HRESULT hr = check_reserved("IWbemPath::GetInfo", "uRequestedInfo", (LONG)requested);
    if (FAILED(hr)) {
        return hr;
    }
    if (ret == NULL) {
        return raise_null("IWbemPath::GetInfo", "puResponse");
    }
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    *ret = path_info(p);
    pthread_mutex_unlock(&p->lock);
    return WBEM_S_NO_ERROR;
}

/* ---- server ----------------------------------------------------------------------------- */

/* NULL or "" takes the server away. */
static HRESULT STDMETHODCALLTYPE path_set_server(IWbemPath *iface, LPCWSTR name)
{
    wchar_t *copy = NULL;
    if (name != NULL && *name != L'\0') {
        HRESULT hr = path_check_part("IWbemPath::SetServer", "Name", PATH_SERVER, name);
        copy = SUCCEEDED(hr) ? com_wide_copy(name) : NULL;
        if (copy == NULL) {
            return FAILED(hr) ? hr : WBEM_E_OUT_OF_MEMORY;
        }
    }
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    free(p->server);
    p->server = copy;
    p->is_parent = false;
    pthread_mutex_unlock(&p->lock);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE path_get_server(IWbemPath *iface, ULONG *size, LPWSTR buffer)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    bool there = p->server != NULL;
    wchar_t *copy = com_wide_copy(p->server);
    pthread_mutex_unlock(&p->lock);
    return give_part("IWbemPath::GetServer", "server", there, copy, size, buffer);
}

/* ---- namespaces --------------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE path_get_namespace_count(IWbemPath *iface, ULONG *ret)
{
    if (ret == NULL) {
        return raise_null("IWbemPath::GetNamespaceCount", "puCount");
    }
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    *ret = p->namespace_count;
    pthread_mutex_unlock(&p->lock);
    return WBEM_S_NO_ERROR;
}

/* An index as large as the count adds at the end. */
static HRESULT STDMETHODCALLTYPE path_set_namespace_at(IWbemPath *iface, ULONG index, LPCWSTR name)
{
    static const char operation[] = "IWbemPath::SetNamespaceAt";
    HRESULT hr = path_check_part(operation, "pszName", PATH_NAMESPACE, name);
    if (FAILED(hr)) {
        return hr;
    }
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    hr = index <= p->namespace_count ? path_insert_namespace(p, index, name)
                                     : raise_index(operation, index, p->namespace_count);
    p->is_parent = p->is_parent && FAILED(hr);
    pthread_mutex_unlock(&p->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE path_get_namespace_at(IWbemPath *iface, ULONG index, ULONG *size,
                                                       LPWSTR buffer)
{
    static const char operation[] = "IWbemPath::GetNamespaceAt";
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    ULONG count = p->namespace_count;
    wchar_t *copy = index < count ? com_wide_copy(p->namespaces[index]) : NULL;
    pthread_mutex_unlock(&p->lock);
    return index < count ? give_part(operation, NULL, true, copy, size, buffer)
                         : raise_index(operation, index, count);
}

static HRESULT STDMETHODCALLTYPE path_remove_namespace_at(IWbemPath *iface, ULONG index)
{
    struct wbem_path *p = path_of(iface);
    HRESULT hr = WBEM_S_NO_ERROR;
    pthread_mutex_lock(&p->lock);
    if (index < p->namespace_count) {
        path_remove_namespace(p, index);
    } else {
        hr = raise_index("IWbemPath::RemoveNamespaceAt", index, p->namespace_count);
    }
    pthread_mutex_unlock(&p->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE path_remove_all_namespaces(IWbemPath *iface)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    while (p->namespace_count > 0) {
        path_remove_namespace(p, p->namespace_count - 1);
    }
    pthread_mutex_unlock(&p->lock);
    return WBEM_S_NO_ERROR;
}

/* ---- class part ------------------------------------------------------------------------------ */

/* With p->lock held. */
static HRESULT rename_class(struct wbem_path *p, const wchar_t *name)
{
    if (p->class_name == NULL) {
        return path_set_class(p, name, NULL);
    }
    wchar_t *copy = com_wide_copy(name);
    if (copy == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    free(p->class_name);
    p->class_name = copy;
    return WBEM_S_NO_ERROR;
}

/* The keys stay. */
static HRESULT STDMETHODCALLTYPE path_set_class_name(IWbemPath *iface, LPCWSTR name)
{
    HRESULT hr = path_check_part("IWbemPath::SetClassName", "Name", PATH_CLASS, name);
    if (SUCCEEDED(hr)) {
        struct wbem_path *p = path_of(iface);
        pthread_mutex_lock(&p->lock);
        hr = rename_class(p, name);
        pthread_mutex_unlock(&p->lock);
    }
    return hr;
}

static HRESULT give_class_name(const char *operation, struct wbem_path *p, ULONG *size,
                               wchar_t *buffer)
{
    pthread_mutex_lock(&p->lock);
    bool there = p->class_name != NULL;
    wchar_t *copy = com_wide_copy(p->class_name);
    pthread_mutex_unlock(&p->lock);
    return give_part(operation, "class", there, copy, size, buffer);
}

static HRESULT STDMETHODCALLTYPE path_get_class_name(IWbemPath *iface, ULONG *size, LPWSTR buffer)
{
    return give_class_name("IWbemPath::GetClassName", path_of(iface), size, buffer);
}

static HRESULT give_keys(const char *operation, struct wbem_path *p, IWbemPathKeyList **ret)
{
    *ret = NULL;
    pthread_mutex_lock(&p->lock);
    if (p->keys != NULL) {
        *ret = &p->keys->iface;
        IWbemPathKeyList_AddRef(*ret);
    }
    pthread_mutex_unlock(&p->lock);
    return *ret != NULL ? WBEM_S_NO_ERROR : raise_missing(operation, "class, so no keys");
}

static HRESULT STDMETHODCALLTYPE path_get_key_list(IWbemPath *iface, IWbemPathKeyList **ret)
{
    return ret != NULL ? give_keys("IWbemPath::GetKeyList", path_of(iface), ret)
                       : raise_null("IWbemPath::GetKeyList", "pOut");
}

static HRESULT replace_class_part(const char *operation, struct wbem_path *p, const char *parameter,
                                  const wchar_t *name)
{
    HRESULT hr = path_check_part(operation, parameter, PATH_CLASS, name);
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&p->lock);
        hr = path_set_class(p, name, NULL);
        pthread_mutex_unlock(&p->lock);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE path_create_class_part(IWbemPath *iface, LONG flags, LPCWSTR name)
{
    static const char operation[] = "IWbemPath::CreateClassPart";
    HRESULT hr = check_reserved(operation, "lFlags", flags);
    return FAILED(hr) ? hr : replace_class_part(operation, path_of(iface), "Name", name);
}

static HRESULT remove_class_part(const char *operation, struct wbem_path *p)
{
    pthread_mutex_lock(&p->lock);
    bool there = p->class_name != NULL;
    HRESULT hr = path_set_class(p, NULL, NULL);
    pthread_mutex_unlock(&p->lock);
    return there ? hr : raise_missing(operation, "class");
}

static HRESULT STDMETHODCALLTYPE path_delete_class_part(IWbemPath *iface, LONG flags)
{
    static const char operation[] = "IWbemPath::DeleteClassPart";
    HRESULT hr = check_reserved(operation, "lFlags", flags);
    return FAILED(hr) ? hr : remove_class_part(operation, path_of(iface));
}

/* ---- scopes: WMI has none, so the class part is the one there may be, at index 0 ------------ */

static HRESULT check_scope(const char *operation, ULONG index)
{
    return index == 0 ? WBEM_S_NO_ERROR
                      : error_raise(WBEM_E_INVALID_PARAMETER, operation, "uIndex",
                                    "the class part is the only scope, with index 0");
}

static HRESULT STDMETHODCALLTYPE path_get_scope_count(IWbemPath *iface, ULONG *ret)
{
    if (ret == NULL) {
        return raise_null("IWbemPath::GetScopeCount", "puCount");
    }
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    *ret = p->class_name != NULL ? 1 : 0;
    pthread_mutex_unlock(&p->lock);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE path_set_scope(IWbemPath *iface, ULONG index, LPWSTR name)
{
    static const char operation[] = "IWbemPath::SetScope";
    HRESULT hr = check_scope(operation, index);
    return FAILED(hr) ? hr : replace_class_part(operation, path_of(iface), "pszClass", name);
}

/* "Class" or "Class.Key=value". */
static HRESULT STDMETHODCALLTYPE path_set_scope_from_text(IWbemPath *iface, ULONG index,
                                                          LPWSTR text)
{
    static const char operation[] = "IWbemPath::SetScopeFromText";
    HRESULT hr = check_scope(operation, index);
    if (FAILED(hr)) {
        return hr;
    }
    if (text == NULL) {
        return raise_null(operation, "pszText");
    }
    struct object_path *path = NULL;
    hr = object_path_parse(text, &path, NULL);
    if (hr == WBEM_E_OUT_OF_MEMORY) {
        return hr;
    }
    if (FAILED(hr) || path->name_space != NULL || path->class_name == NULL) {
        object_path_destroy(path);
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "pszText",
                           "the text is not a class with or without keys");
    }
    struct key_list *keys = NULL;
    hr = key_list_from_path(path, &keys);
    if (SUCCEEDED(hr)) {
        struct wbem_path *p = path_of(iface);
        pthread_mutex_lock(&p->lock);
        hr = path_set_class(p, path->class_name, keys);
        pthread_mutex_unlock(&p->lock);
    }
    object_path_destroy(path);
    return hr;
}

/* The list or the name may be left out by NULL. */
static HRESULT STDMETHODCALLTYPE path_get_scope(IWbemPath *iface, ULONG index, ULONG *size,
                                                LPWSTR buffer, IWbemPathKeyList **ret)
{
    static const char operation[] = "IWbemPath::GetScope";
    if (ret != NULL) {
        *ret = NULL;
    }
    HRESULT hr = check_scope(operation, index);
    if (SUCCEEDED(hr) && (size != NULL || buffer != NULL)) {
        hr = give_class_name(operation, path_of(iface), size, buffer);
    }
    return SUCCEEDED(hr) && ret != NULL ? give_keys(operation, path_of(iface), ret) : hr;
}

static HRESULT STDMETHODCALLTYPE path_get_scope_as_text(IWbemPath *iface, ULONG index, ULONG *size,
                                                        LPWSTR buffer)
{
    static const char operation[] = "IWbemPath::GetScopeAsText";
    HRESULT hr = check_scope(operation, index);
    if (FAILED(hr)) {
        return hr;
    }
    struct wbem_path *p = path_of(iface);
    struct path_text t = {0};
    wchar_t *text;
    pthread_mutex_lock(&p->lock);
    bool there = p->class_name != NULL;
    path_put_class_part(p, &t);
    pthread_mutex_unlock(&p->lock);
    hr = path_text_done(&t, &text);
    if (FAILED(hr)) {
        return hr;
    }
    if (!there) {
        free(text);
        return raise_missing(operation, "scope");
    }
    return give_part(operation, NULL, true, text, size, buffer);
}

static HRESULT STDMETHODCALLTYPE path_remove_scope(IWbemPath *iface, ULONG index)
{
    static const char operation[] = "IWbemPath::RemoveScope";
    HRESULT hr = check_scope(operation, index);
    return FAILED(hr) ? hr : remove_class_part(operation, path_of(iface));
}

static HRESULT STDMETHODCALLTYPE path_remove_all_scopes(IWbemPath *iface)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    HRESULT hr = path_set_class(p, NULL, NULL);
    pthread_mutex_unlock(&p->lock);
    return hr;
}

/* ---- questions --------------------------------------------------------------------------------
 */

static BOOL STDMETHODCALLTYPE path_is_relative_method(IWbemPath *iface, LPWSTR machine,
                                                      LPWSTR name_space)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    bool yes = path_is_relative(p, machine, name_space, false);
    pthread_mutex_unlock(&p->lock);
    return yes;
}

static BOOL STDMETHODCALLTYPE path_is_relative_or_child(IWbemPath *iface, LPWSTR machine,
                                                        LPWSTR name_space, LONG flags)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    bool yes = flags == 0 && path_is_relative(p, machine, name_space, true);
    pthread_mutex_unlock(&p->lock);
    return yes;
}

static BOOL STDMETHODCALLTYPE path_is_local_method(IWbemPath *iface, LPCWSTR machine)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    bool yes = path_is_local(p, machine);
    pthread_mutex_unlock(&p->lock);
    return yes;
}

static BOOL STDMETHODCALLTYPE path_is_same_class_name(IWbemPath *iface, LPCWSTR name)
{
    struct wbem_path *p = path_of(iface);
    pthread_mutex_lock(&p->lock);
    bool yes = p->class_name != NULL && name != NULL && wcscasecmp(p->class_name, name) == 0;
    pthread_mutex_unlock(&p->lock);
    return yes;
}

static const IWbemPathVtbl path_vtbl = {
    .QueryInterface = path_query_interface,
    .AddRef = path_add_ref,
    .Release = path_release,
    .SetText = path_set_text_method,
    .GetText = path_get_text,
    .GetInfo = path_get_info,
    .SetServer = path_set_server,
    .GetServer = path_get_server,
    .GetNamespaceCount = path_get_namespace_count,
    .SetNamespaceAt = path_set_namespace_at,
    .GetNamespaceAt = path_get_namespace_at,
    .RemoveNamespaceAt = path_remove_namespace_at,
    .RemoveAllNamespaces = path_remove_all_namespaces,
    .GetScopeCount = path_get_scope_count,
    .SetScope = path_set_scope,
    .SetScopeFromText = path_set_scope_from_text,
    .GetScope = path_get_scope,
    .GetScopeAsText = path_get_scope_as_text,
    .RemoveScope = path_remove_scope,
    .RemoveAllScopes = path_remove_all_scopes,
    .SetClassName = path_set_class_name,
    .GetClassName = path_get_class_name,
    .GetKeyList = path_get_key_list,
    .CreateClassPart = path_create_class_part,
    .DeleteClassPart = path_delete_class_part,
    .IsRelative = path_is_relative_method,
    .IsRelativeOrChild = path_is_relative_or_child,
    .IsLocal = path_is_local_method,
    .IsSameClassName = path_is_same_class_name,
};

HRESULT wbem_path_create(IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer != NULL) {
        return CLASS_E_NOAGGREGATION;
    }
    struct wbem_path *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return E_OUTOFMEMORY;
    }
    p->iface.lpVtbl = &path_vtbl;
    com_ref_init(&p->refs);
    pthread_mutex_init(&p->lock, NULL);
    HRESULT hr = path_query_interface(&p->iface, riid, ret);
    path_release(&p->iface);
    return hr;
}

static const struct com_class classes[] = {{&CLSID_WbemDefPath, wbem_path_create}};
static struct com_class_table table = {classes, ARRAYSIZE(classes), NULL};

__attribute__((constructor)) static void register_classes(void)
{
    com_register_classes(&table);
}
