/*
 * A path to an instance as the query for it, so that one reads one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include "wql/wql.h"

static void put_quoted(FILE *to, const wchar_t *value)
{
    fputwc(L'"', to);
    for (; *value; value++) {
        if (*value == L'"' || *value == L'\\') {
            fputwc(L'\\', to);
        }
        fputwc(*value, to);
    }
    fputwc(L'"', to);
}

/* The one key of a class, for paths such as Win32_Process=7. */
static HRESULT only_key(const struct schema *s, uint32_t *ret)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        if (schema_property_is_key(s, i)) {
            *ret = i;
            found++;
        }
    }
    return found == 1 ? WBEM_S_NO_ERROR : WBEM_E_INVALID_OBJECT_PATH;
}

/* Writes "name = value" for each key of the path. */
static HRESULT put_condition(const struct object_path *p, const struct schema *s, FILE *to)
{
    for (uint32_t i = 0; i < p->key_count; i++) {
        const struct object_path_key *k = &p->keys[i];
        uint32_t ordinal;
        HRESULT hr = k->name ? schema_find(s, k->name, &ordinal) : only_key(s, &ordinal);
        if (FAILED(hr) || !schema_property_is_key(s, ordinal)) {
            return WBEM_E_INVALID_OBJECT_PATH;
        }
        fwprintf(to, L"%ls%ls = ", i ? L" AND " : L" WHERE ", schema_property_name(s, ordinal));
        if (k->type == CIM_STRING || k->type == CIM_REFERENCE) {
            put_quoted(to, k->text);
        } else {
            fwprintf(to, L"%ls", k->text);
        }
    }
    return WBEM_S_NO_ERROR;
}

/* A path must give every key once ([WmiSdk] "Object path requirements"). */
static bool gives_all_keys(const struct object_path *p, const struct schema *s)
{
    uint32_t keys = 0;
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        keys += schema_property_is_key(s, i);
    }
    return p->is_singleton ? keys == 0 : keys == p->key_count;
}

/* "*", or the names of the keys. */
static void put_columns(const struct schema *s, bool keys_only, FILE *to)
{
    const wchar_t *before = L"";
    for (uint32_t i = 0; keys_only && i < schema_property_count(s); i++) {
        if (schema_property_is_key(s, i)) {
            fwprintf(to, L"%ls%ls", before, schema_property_name(s, i));
            before = L", ";
        }
    }
    fputws(*before ? L"" : L"*", to);
}

HRESULT wql_text_of_path(const struct object_path *p, const struct schema *s, bool keys_only,
                         wchar_t **ret, const char **ret_why)
{
    if (!gives_all_keys(p, s)) {
        *ret_why = "the path does not give each of the class's keys";
        return WBEM_E_INVALID_OBJECT_PATH;
    }
    *ret_why = "the path names a property that is not a key of the class";
    wchar_t *text = NULL;
    size_t size = 0;
    FILE *to = open_wmemstream(&text, &size);
    if (!to) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    fputws(L"SELECT ", to);
    put_columns(s, keys_only, to);
    fwprintf(to, L" FROM %ls", p->class_name);
    HRESULT hr = p->is_singleton ? WBEM_S_NO_ERROR : put_condition(p, s, to);
    bool broken = ferror(to);
    broken |= fclose(to) != 0;
    if (SUCCEEDED(hr) && broken) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(hr)) {
        free(text);
        return hr;
    }
    *ret = text;
    return WBEM_S_NO_ERROR;
}
