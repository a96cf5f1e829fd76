/*
 * IWbemPathKeyList: the keys of a path's class part (wmiutils/
 * nn-wmiutils-iwbempathkeylist).
 */
#include <string.h>
#include <wchar.h>

#include "path/path_private.h"

/* As many as the path parser takes. */
#define MAX_KEYS 256

static struct key_list *list_of(IWbemPathKeyList *iface)
{
    return COM_CONTAINER(iface, struct key_list, iface);
}

static HRESULT check_reserved(const char *operation, const char *parameter, ULONG value)
{
    return value == 0 ? WBEM_S_NO_ERROR
                      : error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                                    "the parameter is reserved and must be 0");
}

static HRESULT raise_null(const char *operation, const char *parameter)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, operation, parameter,
                       "the parameter must not be NULL");
}

static void clear_keys(struct key_list *list)
{
    for (ULONG i = 0; i < list->count; i++) {
        key_clear(&list->keys[i]);
    }
    free(list->keys);
    list->keys = NULL;
    list->count = 0;
}

static bool is_nameless(const wchar_t *name)
{
    return name == NULL || *name == L'\0';
}

/* The key's index, or `count`; without a name the one that has none. */
static ULONG find_key(const struct key_list *list, const wchar_t *name)
{
    ULONG i = 0;
    while (i < list->count) {
        const wchar_t *own = list->keys[i].name;
        if (is_nameless(name) ? own == NULL : own != NULL && wcscasecmp(own, name) == 0) {
            break;
        }
        i++;
    }
    return i;
}

/* ---- identity --------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE list_query_interface(IWbemPathKeyList *iface, REFIID riid,
                                                      void **ret)
{
    if (ret == NULL) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemPathKeyList)) {
        return E_NOINTERFACE;
    }
    com_ref_inc(&list_of(iface)->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE list_add_ref(IWbemPathKeyList *iface)
{
    return com_ref_inc(&list_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE list_release(IWbemPathKeyList *iface)
{
    struct key_list *list = list_of(iface);
    ULONG left = com_ref_dec(&list->refs);
    if (left == 0) {
        clear_keys(list);
        pthread_mutex_destroy(&list->lock);
        free(list);
    }
    return left;
}

/* ---- setting ---------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE list_get_count(IWbemPathKeyList *iface, ULONG *ret)
{
    if (ret == NULL) {
        return raise_null("IWbemPathKeyList::GetCount", "puKeyCount");
    }
    struct key_list *list = list_of(iface);
    pthread_mutex_lock(&list->lock);
    *ret = list->count;
    pthread_mutex_unlock(&list->lock);
    return WBEM_S_NO_ERROR;
}

/* With list->lock held; takes the key's parts on success. */
static HRESULT put_key(const char *operation, struct key_list *list, struct object_path_key *key)
{
    if (key->name == NULL) {
        clear_keys(list); /* the page: without a name, all that were there go */
    }
    ULONG i = find_key(list, key->name);
    if (i < list->count) {
        key_clear(&list->keys[i]);
        list->keys[i] = *key;
        return WBEM_S_NO_ERROR;
    }
    if (list->count == 1 && list->keys[0].name == NULL) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "wszName",
                           "a key without a name is the only one its path has");
    }
    if (list->count == MAX_KEYS) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "wszName",
                           "a path has at most %d keys", MAX_KEYS);
    }
    struct object_path_key *grown = realloc(list->keys, (list->count + 1) * sizeof *grown);
    if (grown == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    list->keys = grown;
    grown[list->count++] = *key;
    list->singleton = false;
    return WBEM_S_NO_ERROR;
}

/* The value in *key is taken over or freed. */
static HRESULT add_key(const char *operation, IWbemPathKeyList *iface, const wchar_t *name,
                       struct object_path_key *key)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    if (!is_nameless(name)) {
        key->name = com_wide_copy(name);
        hr = key->name != NULL ? path_check_part(operation, "wszName", PATH_KEY, name)
                               : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr)) {
        struct key_list *list = list_of(iface);
        pthread_mutex_lock(&list->lock);
        hr = put_key(operation, list, key);
        pthread_mutex_unlock(&list->lock);
    }
    if (FAILED(hr)) {
        key_clear(key);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE list_set_key(IWbemPathKeyList *iface, LPCWSTR name, ULONG flags,
                                              ULONG type, LPVOID value)
{
    static const char operation[] = "IWbemPathKeyList::SetKey";
    struct object_path_key key = {0};
    HRESULT hr = check_reserved(operation, "uFlags", flags);
    if (SUCCEEDED(hr)) {
        hr = key_from_data(operation, (CIMTYPE)type, value, &key);
    }
    return FAILED(hr) ? hr : add_key(operation, iface, name, &key);
}

static HRESULT STDMETHODCALLTYPE list_set_key2(IWbemPathKeyList *iface, LPCWSTR name, ULONG flags,
                                               ULONG type, VARIANT *value)
{
    static const char operation[] = "IWbemPathKeyList::SetKey2";
    struct object_path_key key = {0};
    HRESULT hr = check_reserved(operation, "uFlags", flags);
    if (SUCCEEDED(hr)) {
        hr = key_from_variant(operation, (CIMTYPE)type, value, &key);
    }
    return FAILED(hr) ? hr : add_key(operation, iface, name, &key);
}

static HRESULT STDMETHODCALLTYPE list_remove_key(IWbemPathKeyList *iface, LPCWSTR name, ULONG flags)
{
    static const char operation[] = "IWbemPathKeyList::RemoveKey";
    HRESULT hr = check_reserved(operation, "uFlags", flags);
    if (FAILED(hr)) {
        return hr;
    }
    struct key_list *list = list_of(iface);
    pthread_mutex_lock(&list->lock);
    ULONG i = find_key(list, name);
    if (i == list->count) {
        hr = error_raise(WBEM_E_NOT_FOUND, operation, "wszName", "the path has no such key");
    } else {
        key_clear(&list->keys[i]);
        list->count--;
        memmove(list->keys + i, list->keys + i + 1, (list->count - i) * sizeof *list->keys);
    }
    pthread_mutex_unlock(&list->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE list_remove_all_keys(IWbemPathKeyList *iface, ULONG flags)
{
    HRESULT hr = check_reserved("IWbemPathKeyList::RemoveAllKeys", "uFlags", flags);
    if (SUCCEEDED(hr)) {
        struct key_list *list = list_of(iface);
        pthread_mutex_lock(&list->lock);
        clear_keys(list);
        list->singleton = false; /* the path then names the class */
        pthread_mutex_unlock(&list->lock);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE list_make_singleton(IWbemPathKeyList *iface, BOOLEAN set)
{
    struct key_list *list = list_of(iface);
    pthread_mutex_lock(&list->lock);
    if (set) {
        clear_keys(list);
    }
    list->singleton = set != 0;
    pthread_mutex_unlock(&list->lock);
    return WBEM_S_NO_ERROR;
}

/* ---- getting ---------------------------------------------------------------------- */

/* A copy of the key at an index, to give its parts without the lock. */
static HRESULT snapshot(const char *operation, IWbemPathKeyList *iface, ULONG index, ULONG flags,
                        struct object_path_key *ret)
{
    HRESULT hr = check_reserved(operation, "uFlags", flags);
    if (FAILED(hr)) {
        return hr;
    }
    struct key_list *list = list_of(iface);
    pthread_mutex_lock(&list->lock);
    ULONG count = list->count;
    hr = index < count ? key_copy(&list->keys[index], ret) : WBEM_E_INVALID_PARAMETER;
    pthread_mutex_unlock(&list->lock);
    return index < count ? hr
                         : error_raise(WBEM_E_INVALID_PARAMETER, operation, "uKeyIx",
                                       "the path has %u keys, none at index %u", count, index);
}

/* A key without a name has an empty one. NULL for the size: the name is not wanted. */
static HRESULT give_name(const char *operation, const struct object_path_key *key, ULONG *size,
                         wchar_t *buffer)
{
    if (size == NULL && buffer == NULL) {
        return WBEM_S_NO_ERROR;
    }
    return path_give_text(operation, key->name != NULL ? key->name : L"", size, buffer);
}

static HRESULT STDMETHODCALLTYPE list_get_key(IWbemPathKeyList *iface, ULONG index, ULONG flags,
                                              ULONG *name_size, LPWSTR name, ULONG *value_size,
                                              LPVOID value, ULONG *ret_type)
{
    static const char operation[] = "IWbemPathKeyList::GetKey";
    struct object_path_key key;
    HRESULT hr = snapshot(operation, iface, index, flags, &key);
    if (FAILED(hr)) {
        return hr;
    }
    if (ret_type != NULL) {
        *ret_type = (ULONG)key.type;
    }
    /* Both sizes are told before either buffer can be too small. */
    HRESULT value_hr = WBEM_S_NO_ERROR;
    if (value_size != NULL) {
        value_hr = key_to_data(operation, &key, value_size, value);
    } else if (value != NULL) {
        value_hr = raise_null(operation, "puKeyValBufSize");
    }
    hr = give_name(operation, &key, name_size, name);
    key_clear(&key);
    return FAILED(hr) ? hr : value_hr;
}

static HRESULT STDMETHODCALLTYPE list_get_key2(IWbemPathKeyList *iface, ULONG index, ULONG flags,
                                               ULONG *name_size, LPWSTR name, VARIANT *value,
                                               ULONG *ret_type)
{
    static const char operation[] = "IWbemPathKeyList::GetKey2";
    struct object_path_key key;
    HRESULT hr = snapshot(operation, iface, index, flags, &key);
    if (FAILED(hr)) {
        return hr;
    }
    if (ret_type != NULL) {
        *ret_type = (ULONG)key.type;
    }
    hr = give_name(operation, &key, name_size, name);
    if (value != NULL) {
        HRESULT value_hr = WBEM_S_NO_ERROR;
        VariantInit(value);
        if (SUCCEEDED(hr)) {
            value_hr = key_to_variant(&key, value);
        }
        hr = FAILED(hr) ? hr : value_hr;
    }
    key_clear(&key);
    return hr;
}

ULONGLONG key_list_info(struct key_list *list, bool *ret_is_instance)
{
    ULONGLONG info = 0;
    pthread_mutex_lock(&list->lock);
    *ret_is_instance = list->count > 0 || list->singleton;
    if (list->count > 1) {
        info |= WBEMPATH_INFO_IS_COMPOUND;
    }
    if (list->singleton) {
        info |= WBEMPATH_INFO_CONTAINS_SINGLETON;
    }
    for (ULONG i = 0; i < list->count; i++) {
        info |= list->keys[i].type == CIM_REFERENCE ? WBEMPATH_INFO_HAS_V2_REF_PATHS : 0;
        info |= list->keys[i].name == NULL ? WBEMPATH_INFO_HAS_IMPLIED_KEY : 0;
    }
    pthread_mutex_unlock(&list->lock);
    return info;
}

static HRESULT STDMETHODCALLTYPE list_get_info(IWbemPathKeyList *iface, ULONG requested,
                                               ULONGLONG *ret)
{
    static const char operation[] = "IWbemPathKeyList::GetInfo";
    HRESULT hr = check_reserved(operation, "uRequestedInfo", requested);
    if (FAILED(hr)) {
        return hr;
    }
    if (ret == NULL) {
        return raise_null(operation, "puResponse");
    }
    bool is_instance;
    *ret = key_list_info(list_of(iface), &is_instance);
    return WBEM_S_NO_ERROR;
}

/* With list->lock held. */
static void put_keys(const struct key_list *list, bool quoted, struct path_text *t)
{
    if (list->singleton) {
        path_text_put(t, L"@");
    }
    for (ULONG i = 0; i < list->count; i++) {
        const struct object_path_key *key = &list->keys[i];
        path_text_put(t, i > 0 ? L"," : L"");
        if (key->name != NULL) {
            path_text_put(t, key->name);
            path_text_put(t, L"=");
        }
        if (quoted && key_is_text(key)) {
            path_text_put_quoted(t, key->text);
        } else {
            path_text_put(t, key->text);
        }
    }
}

void key_list_put(struct key_list *list, struct path_text *t)
{
    pthread_mutex_lock(&list->lock);
    if (list->singleton || list->count > 0) {
        path_text_put(t, list->singleton || list->keys[0].name == NULL ? L"=" : L".");
    }
    put_keys(list, true, t);
    pthread_mutex_unlock(&list->lock);
}

static HRESULT STDMETHODCALLTYPE list_get_text(IWbemPathKeyList *iface, LONG flags, ULONG *size,
                                               LPWSTR buffer)
{
    static const char operation[] = "IWbemPathKeyList::GetText";
    if (flags & ~(WBEMPATH_TEXT | WBEMPATH_QUOTEDTEXT)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, "lFlags",
                           "flags are WBEMPATH_TEXT and WBEMPATH_QUOTEDTEXT");
    }
    struct key_list *list = list_of(iface);
    struct path_text t = {0};
    pthread_mutex_lock(&list->lock);
    put_keys(list, flags & WBEMPATH_QUOTEDTEXT, &t);
    pthread_mutex_unlock(&list->lock);
    wchar_t *text;
    HRESULT hr = path_text_done(&t, &text);
    if (SUCCEEDED(hr)) {
        hr = path_give_text(operation, text, size, buffer);
        free(text);
    }
    return hr;
}

static const IWbemPathKeyListVtbl list_vtbl = {
    .QueryInterface = list_query_interface,
    .AddRef = list_add_ref,
    .Release = list_release,
    .GetCount = list_get_count,
    .SetKey = list_set_key,
    .SetKey2 = list_set_key2,
    .GetKey = list_get_key,
    .GetKey2 = list_get_key2,
    .RemoveKey = list_remove_key,
    .RemoveAllKeys = list_remove_all_keys,
    .MakeSingleton = list_make_singleton,
    .GetInfo = list_get_info,
    .GetText = list_get_text,
};

/* ---- making ------------------------------------------------------------------------ */

HRESULT key_list_create(struct key_list **ret)
{
    struct key_list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    list->iface.lpVtbl = &list_vtbl;
    com_ref_init(&list->refs);
    pthread_mutex_init(&list->lock, NULL);
    *ret = list;
    return WBEM_S_NO_ERROR;
}

/* What a number's type is, its digits do not say; the smallest that holds it is the apparent one.
 */
static void narrow(struct object_path_key *key)
{
    if (key->type == CIM_SINT64 && key->number >= INT32_MIN && key->number <= INT32_MAX) {
        key->type = CIM_SINT32;
    }
}

HRESULT key_list_from_path(struct object_path *path, struct key_list **ret)
{
    HRESULT hr = key_list_create(ret);
    if (FAILED(hr)) {
        return hr;
    }
    (*ret)->singleton = path->is_singleton;
    (*ret)->keys = TAKE(path->keys);
    (*ret)->count = path->key_count;
    path->key_count = 0;
    for (ULONG i = 0; i < (*ret)->count; i++) {
        narrow(&(*ret)->keys[i]);
    }
    return WBEM_S_NO_ERROR;
}
