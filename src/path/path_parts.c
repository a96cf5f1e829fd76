/*
 * The parts of an IWbemPath, and a path's text taken apart into them
 * (wmiutils/nf-wmiutils-iwbempath-settext).
 */
#include <string.h>
#include <wchar.h>

#include "path/path_private.h"

#define SET_TEXT "IWbemPath::SetText"

/* ---- namespaces --------------------------------------------------------------------- */

HRESULT path_insert_namespace(struct wbem_path *p, ULONG index, const wchar_t *name)
{
    wchar_t *copy = com_wide_copy(name);
    wchar_t **grown =
        copy != NULL ? realloc(p->namespaces, (p->namespace_count + 1) * sizeof *grown) : NULL;
    if (grown == NULL) {
        free(copy);
        return WBEM_E_OUT_OF_MEMORY;
    }
    p->namespaces = grown;
    memmove(grown + index + 1, grown + index, (p->namespace_count - index) * sizeof *grown);
    grown[index] = copy;
    p->namespace_count++;
    return WBEM_S_NO_ERROR;
}

void path_remove_namespace(struct wbem_path *p, ULONG index)
{
    free(p->namespaces[index]);
    p->namespace_count--;
    memmove(p->namespaces + index, p->namespaces + index + 1,
            (p->namespace_count - index) * sizeof *p->namespaces);
}

/* The names between backslashes. */
static HRESULT split_namespaces(struct wbem_path *p, const wchar_t *names)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    while (SUCCEEDED(hr) && *names != L'\0') {
        size_t length = wcscspn(names, L"\\");
        CLEANUP(com_cleanup_free) wchar_t *name = com_wide_copy_n(names, length);
        hr = name != NULL ? path_insert_namespace(p, p->namespace_count, name)
                          : WBEM_E_OUT_OF_MEMORY;
        names += length + (names[length] == L'\\' ? 1 : 0);
    }
    return hr;
}

/* ---- class part ------------------------------------------------------------------------ */

static void drop_class_part(struct wbem_path *p)
{
    free(p->class_name);
    p->class_name = NULL;
    if (p->keys != NULL) {
        IWbemPathKeyList_Release(&p->keys->iface);
        p->keys = NULL;
    }
}

/* Takes `keys`; a new list when it is NULL. A NULL name: no class part. */
HRESULT path_set_class(struct wbem_path *p, const wchar_t *name, struct key_list *keys)
{
    if (name == NULL) {
        drop_class_part(p);
        return WBEM_S_NO_ERROR;
    }
    wchar_t *copy = com_wide_copy(name);
    HRESULT hr = copy == NULL   ? WBEM_E_OUT_OF_MEMORY
                 : keys == NULL ? key_list_create(&keys)
                                : WBEM_S_NO_ERROR;
    if (FAILED(hr)) {
        free(copy);
        if (keys != NULL) {
            IWbemPathKeyList_Release(&keys->iface);
        }
        return hr;
    }
    drop_class_part(p);
    p->class_name = copy;
    p->keys = keys;
    p->is_parent = false;
    return WBEM_S_NO_ERROR;
}

/* ---- text in ------------------------------------------------------------------------------ */

void path_clear(struct wbem_path *p)
{
    drop_class_part(p);
    while (p->namespace_count > 0) {
        path_remove_namespace(p, p->namespace_count - 1);
    }
    free(p->namespaces);
    free(p->server);
    free(p->original);
    p->namespaces = NULL;
    p->server = NULL;
    p->original = NULL;
    p->is_parent = false;
}

static bool is_separator(wchar_t c)
{
    return c == L'\\' || c == L'/';
}

/* \\server and nothing more, with or without a separator behind it: its name, or NULL. */
static wchar_t *lone_server(const wchar_t *text)
{
    if (!is_separator(text[0]) || !is_separator(text[1])) {
        return NULL;
    }
    size_t length = wcscspn(text + 2, L"\\/");
    const wchar_t *rest = text + 2 + length;
    bool alone = *rest == L'\0' || rest[1] == L'\0';
    return length > 0 && alone ? com_wide_copy_n(text + 2, length) : NULL;
}

static HRESULT raise_not_accepted(const char *why)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, SET_TEXT, "uMode", "uMode does not accept %s",
                       why);
}

static HRESULT take_parts(struct wbem_path *p, ULONG mode, struct object_path *path)
{
    if (path->server == NULL &&
        !(mode & (WBEMPATH_CREATE_ACCEPT_RELATIVE | WBEMPATH_CREATE_ACCEPT_ALL))) {
        return raise_not_accepted("a path without a server");
    }
    if (mode & WBEMPATH_TREAT_SINGLE_IDENT_AS_NS && path->name_space == NULL &&
        !path->is_instance) {
        path->name_space = TAKE(path->class_name);
    }
    p->server = TAKE(path->server);
    HRESULT hr = path->name_space != NULL ? split_namespaces(p, path->name_space) : WBEM_S_NO_ERROR;
    if (FAILED(hr) || path->class_name == NULL) {
        return hr;
    }
    struct key_list *keys;
    hr = key_list_from_path(path, &keys);
    return SUCCEEDED(hr) ? path_set_class(p, path->class_name, keys) : hr;
}

static HRESULT parse(struct wbem_path *p, ULONG mode, const wchar_t *text)
{
    if (*text == L'\0') {
        return mode & WBEMPATH_CREATE_ACCEPT_ALL ? WBEM_S_NO_ERROR
                                                 : raise_not_accepted("an empty path");
    }
    if (wcscmp(text, L"..") == 0) {
        p->is_parent = true;
        return WBEM_S_NO_ERROR;
    }
    wchar_t *server = lone_server(text);
    if (server != NULL) {
        p->server = server;
        HRESULT hr = path_check_part(SET_TEXT, "pszPath", PATH_SERVER, server);
        return FAILED(hr) || mode & WBEMPATH_CREATE_ACCEPT_ALL
                   ? hr
                   : raise_not_accepted("a server alone");
    }
    struct object_path *path = NULL;
    size_t offset = 0;
    HRESULT hr = object_path_parse(text, &path, &offset);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
        return hr == WBEM_E_OUT_OF_MEMORY
                   ? hr
                   : error_raise(WBEM_E_INVALID_PARAMETER, SET_TEXT, utf8,
                                 "not an object path, from character %zu", offset + 1);
    }
    hr = take_parts(p, mode, path);
    object_path_destroy(path);
    return hr;
}

/* A path that is refused leaves the object as it was. */
HRESULT path_set_text(struct wbem_path *p, ULONG mode, const wchar_t *text)
{
    struct wbem_path parsed = {.original = com_wide_copy(text)};
    HRESULT hr = parsed.original != NULL ? parse(&parsed, mode, text) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        path_clear(&parsed);
        return hr;
    }
    path_clear(p);
    p->server = parsed.server;
    p->namespaces = parsed.namespaces;
    p->namespace_count = parsed.namespace_count;
    p->class_name = parsed.class_name;
    p->keys = parsed.keys;
    p->original = parsed.original;
    p->is_parent = parsed.is_parent;
    return WBEM_S_NO_ERROR;
}

/* ---- text out ------------------------------------------------------------------------------- */

void path_put_namespaces(const struct wbem_path *p, struct path_text *t)
{
    for (ULONG i = 0; i < p->namespace_count; i++) {
        path_text_put(t, i > 0 ? L"\\" : L"");
        path_text_put(t, p->namespaces[i]);
    }
}

void path_put_class_part(const struct wbem_path *p, struct path_text *t)
{
    if (p->class_name != NULL) {
        path_text_put(t, p->class_name);
        key_list_put(p->keys, t);
    }
}
