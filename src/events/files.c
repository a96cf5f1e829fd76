/*
 * CIM_DataFile by TargetInstance.Name or .Path, CIM_DirectoryContainsFile by
 * TargetInstance.GroupComponent: one folder for each value that the condition
 * allows. Names are compared by the file system, so their case counts.
 */
#include "events/files.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "object/object.h"

enum {
    LOOKS_MOST = 64 /* more than that are polled */
};

/* How a value leads to a folder; false: it does not. Absolute, without a slash at the end. */
typedef bool folder_of(const wchar_t *value, wchar_t **ret);

static bool cut(const wchar_t *path, size_t length, wchar_t **ret)
{
    if (path[0] != L'/') {
        return false;
    }
    *ret = com_wide_copy_n(path, length > 0 ? length : 1);
    return true;
}

static bool folder_of_file(const wchar_t *value, wchar_t **ret)
{
    const wchar_t *slash = wcsrchr(value, L'/');
    return slash && slash[1] && cut(value, (size_t)(slash - value), ret);
}

static bool folder_of_path(const wchar_t *value, wchar_t **ret)
{
    size_t length = wcslen(value);
    return length > 0 && value[length - 1] == L'/' && cut(value, length - 1, ret);
}

static bool folder_of_reference(const wchar_t *value, wchar_t **ret)
{
    struct object_path *path;
    bool found = false;
    if (FAILED(object_path_parse(value, &path, NULL))) {
        return false;
    }
    if (path->key_count == 1 && path->keys[0].text) {
        found = cut(path->keys[0].text, wcslen(path->keys[0].text), ret);
    }
    object_path_destroy(path);
    return found;
}

static const struct kind {
    const wchar_t *target, *property;
    folder_of *folder;
} kinds[] = {
    {L"CIM_DataFile", L"Name", folder_of_file},
    {L"CIM_DataFile", L"Path", folder_of_path},
    {L"CIM_DirectoryContainsFile", L"GroupComponent", folder_of_reference},
};

/* SELECT * FROM class WHERE property = 'value', with what WQL needs escaped. */
static wchar_t *query_for(const struct kind *k, const wchar_t *value)
{
    size_t size = wcslen(k->target) + wcslen(k->property) + 2 * wcslen(value) + 64;
    wchar_t *query = calloc(size, sizeof(*query));
    if (!query) {
        return NULL;
    }
    int begun = swprintf(query, size, L"SELECT * FROM %ls WHERE %ls = '", k->target, k->property);
    wchar_t *end = query + (begun > 0 ? begun : 0);
    for (; *value; value++) {
        if (*value == L'\\' || *value == L'\'') {
            *end++ = L'\\';
        }
        *end++ = *value;
    }
    *end++ = L'\'';
    *end = L'\0';
    return query;
}

/* WBEM_S_FALSE: the value leads to no folder. */
static HRESULT add_look(struct file_looks *l, const struct kind *k, const wchar_t *value)
{
    CLEANUP(com_cleanup_free) wchar_t *folder = NULL;
    if (!k->folder(value, &folder)) {
        return WBEM_S_FALSE;
    }
    struct file_look look = {.query = query_for(k, value), .folder = com_utf8_from_wide(folder)};
    struct file_look *grown = realloc(l->items, (l->count + 1) * sizeof(*grown));
    l->items = grown ? grown : l->items;
    if (!grown || !look.query || !look.folder) {
        free(look.query);
        free(look.folder);
        return WBEM_E_OUT_OF_MEMORY;
    }
    l->items[l->count++] = look;
    return WBEM_S_NO_ERROR;
}

static HRESULT find_by(const struct wql_query *q, const struct kind *k, struct file_looks *ret)
{
    wchar_t property[64];
    CLEANUP(com_cleanup_free) const wchar_t **values = NULL;
    size_t count;
    swprintf(property, ARRAYSIZE(property), L"TargetInstance.%ls", k->property);
    HRESULT hr = wql_query_texts(q, property, &values, &count);
    if (SUCCEEDED(hr) && (count == 0 || count > LOOKS_MOST)) {
        return WBEM_S_FALSE;
    }
    for (size_t i = 0; hr == WBEM_S_NO_ERROR && i < count; i++) {
        hr = add_look(ret, k, values[i]);
    }
    if (hr != WBEM_S_NO_ERROR) {
        file_looks_done(ret);
    }
    return hr;
}

HRESULT file_looks_find(const struct wql_query *q, const wchar_t *target, struct file_looks *ret)
{
    HRESULT hr = WBEM_S_FALSE;
    *ret = (struct file_looks){.items = NULL};
    for (size_t i = 0; hr == WBEM_S_FALSE && i < ARRAYSIZE(kinds); i++) {
        if (wcscasecmp(kinds[i].target, target) == 0) {
            hr = find_by(q, &kinds[i], ret);
        }
    }
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

void file_looks_done(struct file_looks *l)
{
    while (l->count > 0) {
        l->count--;
        free(l->items[l->count].query);
        free(l->items[l->count].folder);
    }
    free(l->items);
    l->items = NULL;
}
