/*
 * Associations between live classes; see assoc.h. What a condition says of an
 * end comes as paths, which may be written in many ways: it is taken apart into
 * keys here, and the whole condition is checked again on what was found.
 */
#include "providers/linux/assoc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"

/* ---- lists ----------------------------------------------------------------------- */

HRESULT assoc_list_add(struct assoc_list *l, char *key, uint64_t first, uint64_t second)
{
    bool full = (l->count & (l->count - 1)) == 0; /* at each power of two */
    if (key && full) {
        struct assoc_found *larger =
            realloc(l->items, (l->count ? 2 * l->count : 1) * sizeof *larger);
        if (!larger) {
            free(key);
            return WBEM_E_OUT_OF_MEMORY;
        }
        l->items = larger;
    }
    if (!key) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    l->items[l->count++] = (struct assoc_found){.key = key, .numbers = {first, second}};
    return WBEM_S_NO_ERROR;
}

struct assoc_found *assoc_list_find(const struct assoc_list *l, const char *key)
{
    for (size_t i = 0; i < l->count; i++) {
        if (l->items[i].key && strcmp(l->items[i].key, key) == 0) {
            return &l->items[i];
        }
    }
    return NULL;
}

void assoc_list_done(struct assoc_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        free(l->items[i].key);
    }
    free(l->items);
    *l = (struct assoc_list){0};
}

/* ---- the cursor ------------------------------------------------------------------ */

struct assoc_cursor {
    const struct provider_request *request;
    const struct association *association;
    wchar_t *prefix; /* of paths: "\\SERVER\root\cimv2:" */
    char host[LINUX_NAME_SIZE];
    void *state;
    size_t driving; /* the class being asked */
    struct provider_inner *rows;
    struct assoc_list found; /* for the current row */
    size_t next_found;
};

void assoc_close(void *cursor)
{
    struct assoc_cursor *c = cursor;
    if (c) {
        provider_inner_close(c->rows);
        assoc_list_done(&c->found);
        if (c->association->done) {
            c->association->done(c->state);
        }
        free(c->prefix);
        free(c);
    }
}

/* The association that has this provider, or its reverse when only that is limited. */
static const struct association *choose(const struct provider_request *q)
{
    const struct association *a =
        COM_CONTAINER(provider_request_class(q), const struct association, provider);
    for (unsigned i = 0; a->reverse && i < 2; i++) {
        if (a->ends[i].kind == ASSOC_FOUND && linux_point_count(q, i) >= 0 &&
            linux_point_count(q, 1 - i) < 0) {
            return a->reverse;
        }
    }
    return a;
}

HRESULT assoc_open(const struct provider_request *q, void **ret)
{
    struct assoc_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    c->association = choose(q);
    linux_host_name(c->host);
    HRESULT hr = provider_request_prefix(q, &c->prefix);
    if (SUCCEEDED(hr) && c->association->start) {
        hr = c->association->start(q, &c->state);
    }
    if (FAILED(hr) || hr == WBEM_S_FALSE) {
        assoc_close(c);
        return hr;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* ---- the query on the driving class ------------------------------------------------ */

/* The value and what follows it within the quotes. */
static void put_quoted(FILE *to, const wchar_t *value, const wchar_t *suffix)
{
    fputwc(L'"', to);
    for (; *value; value++) {
        if (*value == L'"' || *value == L'\\') {
            fputwc(L'\\', to);
        }
        fputwc(*value, to);
    }
    fwprintf(to, L"%ls\"", suffix);
}

static void put_column(FILE *to, const char *name, bool *first)
{
    fwprintf(to, L"%ls%s", *first ? L"" : L", ", name);
    *first = false;
}

/* The class's keys, and what the ends and expand() need. */
static void put_columns(const struct association *a, const struct schema *s, FILE *to)
{
    bool first = true;
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        if (schema_property_is_key(s, i)) {
            fwprintf(to, L"%ls%ls", first ? L"" : L", ", schema_property_name(s, i));
            first = false;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        for (size_t k = 0; k < ASSOC_KEY_LIMIT; k++) {
            if (a->ends[i].keys[k].column) {
                put_column(to, a->ends[i].keys[k].column, &first);
            }
        }
    }
    for (size_t i = 0; a->columns && a->columns[i]; i++) {
        put_column(to, a->columns[i], &first);
    }
    fputws(first ? L"*" : L"", to);
}

/* The value of a path's key as WQL has it; a folder gets its slash back. */
static void put_value(FILE *to, const struct object_path_key *key, bool folder)
{
    if (key->type == CIM_STRING || key->type == CIM_REFERENCE) {
        put_quoted(to, key->text, folder && wcscmp(key->text, L"/") != 0 ? L"/" : L"");
    } else {
        fputws(key->text, to);
    }
}

/* A condition on the row's own keys. False: the path is none of this class. */
static bool put_row_point(const struct object_path *p, const struct schema *s, FILE *to)
{
    for (uint32_t i = 0; i < p->key_count; i++) {
        uint32_t ordinal = 0;
        if (p->keys[i].name) {
            if (FAILED(schema_find(s, p->keys[i].name, &ordinal))) {
                return false;
            }
        } else {
            while (ordinal < schema_property_count(s) && !schema_property_is_key(s, ordinal)) {
                ordinal++;
            }
        }
        if (ordinal >= schema_property_count(s) || !schema_property_is_key(s, ordinal)) {
            return false;
        }
        fwprintf(to, L"%ls%ls = ", i ? L" AND " : L"", schema_property_name(s, ordinal));
        put_value(to, &p->keys[i], false);
    }
    return p->key_count > 0;
}

static const struct object_path_key *find_key(const struct object_path *p, const char *name)
{
    for (uint32_t i = 0; i < p->key_count; i++) {
        if (p->keys[i].name ? provider_is_named(name, p->keys[i].name) : p->key_count == 1) {
            return &p->keys[i];
        }
    }
    return NULL;
}

/* A condition on the columns that give the end's keys. */
static bool put_key_point(const struct object_path *p, const struct assoc_end *e, FILE *to)
{
    bool put = false;
    for (size_t i = 0; i < ASSOC_KEY_LIMIT && e->keys[i].name; i++) {
        const struct assoc_key *k = &e->keys[i];
        const struct object_path_key *key = find_key(p, k->name);
        if (!key) {
            return false;
        }
        if (!k->column) {
            continue;
        }
        fwprintf(to, L"%ls%s = ", put ? L" AND " : L"", k->column);
        put_value(to, key, k->kind == ASSOC_FOLDER);
        put = true;
    }
    return put;
}

/* One point of an end as "(a = 1 AND b = 2)". An empty answer: it can be none of this class. */
static HRESULT point_text(const struct assoc_end *e, const struct schema *s,
                          const struct cim_value *v, wchar_t **ret)
{
    CLEANUP(com_cleanup_free) wchar_t *text = v->null ? NULL : cim_string_wide(&v->string);
    struct object_path *p = NULL;
    size_t size = 0;
    bool fits = false;
    *ret = NULL;
    if (!text || FAILED(object_path_parse(text, &p, NULL))) {
        return WBEM_S_NO_ERROR;
    }
    FILE *to = open_wmemstream(ret, &size);
    if (!to) {
        object_path_destroy(p);
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (!p->class_name || !p->is_instance) {
        fits = false;
    } else if (e->kind == ASSOC_ROW) {
        fits = wcscasecmp(p->class_name, schema_class_name(s)) == 0 && put_row_point(p, s, to);
    } else {
        fits = provider_is_named(e->class_name, p->class_name) && put_key_point(p, e, to);
    }
    bool broken = ferror(to);
    broken |= fclose(to) != 0;
    object_path_destroy(p);
    if (broken || !fits) {
        free(*ret);
        *ret = NULL;
    }
    return broken ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}

/* Do conditions on the end become conditions on the driving class? Those of a class without keys,
 * as Win32_OperatingSystem, limit nothing. */
static bool is_pushed(const struct assoc_end *e, const struct schema *s)
{
    bool has_key = false;
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        has_key = has_key || schema_property_is_key(s, i);
    }
    return (e->kind == ASSOC_ROW && has_key) || e->kind == ASSOC_KEYS;
}

/* " WHERE (… OR …)". WBEM_S_FALSE: no row can match. */
static HRESULT put_points(const struct assoc_cursor *c, unsigned end, const struct schema *s,
                          const wchar_t **before, FILE *to)
{
    const struct assoc_end *e = &c->association->ends[end];
    const struct cim_value *values;
    uint32_t count;
    if (!is_pushed(e, s) || !provider_points(c->request, end, &values, &count)) {
        return WBEM_S_NO_ERROR;
    }
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        CLEANUP(com_cleanup_free) wchar_t *text = NULL;
        HRESULT hr = point_text(e, s, &values[i], &text);
        if (FAILED(hr)) {
            return hr;
        }
        if (text) {
            fwprintf(to, L"%ls(%ls)", any ? L" OR " : *before, text);
            any = true;
        }
    }
    fputws(any ? L")" : L"", to);
    *before = L" AND (";
    return any ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static HRESULT driving_query(const struct assoc_cursor *c, const struct schema *s, wchar_t **ret)
{
    size_t size = 0;
    const wchar_t *before = L" WHERE (";
    FILE *to = open_wmemstream(ret, &size);
    if (!to) {
        *ret = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    fputws(L"SELECT ", to);
    put_columns(c->association, s, to);
    fwprintf(to, L" FROM %ls", schema_class_name(s));
    if (c->association->where) {
        fwprintf(to, L" WHERE (%s)", c->association->where);
        before = L" AND (";
    }
    HRESULT hr = put_points(c, 0, s, &before, to);
    if (hr == WBEM_S_NO_ERROR) {
        hr = put_points(c, 1, s, &before, to);
    }
    bool broken = ferror(to);
    broken |= fclose(to) != 0;
    return broken ? WBEM_E_OUT_OF_MEMORY : hr;
}

/* To the next driving class. WBEM_S_FALSE: there is none left. */
static HRESULT next_class(struct assoc_cursor *c)
{
    const char *name;
    while ((name = c->association->driving[c->driving])) {
        c->driving++;
        CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(name);
        CLEANUP(com_cleanup_free) wchar_t *text = NULL;
        CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
        struct schema *s;
        HRESULT hr =
            wide ? provider_request_get_class(c->request, wide, &cls) : WBEM_E_OUT_OF_MEMORY;
        if (hr == WBEM_E_NOT_FOUND) {
            continue; /* somebody has deleted the class */
        }
        if (SUCCEEDED(hr)) {
            hr = schema_of(cls, &s);
        }
        if (SUCCEEDED(hr)) {
            hr = driving_query(c, s, &text);
        }
        if (hr == WBEM_S_FALSE) {
            continue;
        }
        return SUCCEEDED(hr) ? provider_inner_open(c->request, text, &c->rows) : hr;
    }
    return WBEM_S_FALSE;
}

/* ---- paths of the ends --------------------------------------------------------------- */

/* The value of one key; *ret (for free()) is NULL when the row has none. */
static HRESULT key_value(const struct assoc_cursor *c, const struct assoc_key *k,
                         const struct assoc_found *found, wchar_t **ret)
{
    CLEANUP(com_cleanup_free) char *text = NULL;
    struct cim_value v;
    *ret = NULL;
    if (k->kind == ASSOC_HOST || found) {
        const char *utf8 = k->kind == ASSOC_HOST ? c->host : found->key;
        *ret = utf8 ? com_wide_from_utf8(utf8) : NULL;
        return utf8 && !*ret ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
    }
    if (k->kind == ASSOC_NUMBER) {
        HRESULT hr = provider_inner_text(c->rows, k->column, &text);
        *ret = text ? com_wide_from_utf8(text) : NULL;
        return text && !*ret ? WBEM_E_OUT_OF_MEMORY : hr;
    }
    if (!provider_inner_get(c->rows, k->column, &v)) {
        return WBEM_S_NO_ERROR;
    }
    *ret = cim_string_wide(&v.string);
    size_t length = *ret ? wcslen(*ret) : 0;
    if (k->kind == ASSOC_FOLDER && length > 1) {
        (*ret)[length - 1] = L'\0';
    }
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

/* Writes "Class.Key=\"value\"". WBEM_S_FALSE: a key is null, so there is no such object. */
static HRESULT put_keys(const struct assoc_cursor *c, const struct assoc_end *e,
                        const struct assoc_found *found, FILE *to)
{
    for (size_t i = 0; i < ASSOC_KEY_LIMIT && e->keys[i].name; i++) {
        const struct assoc_key *k = &e->keys[i];
        CLEANUP(com_cleanup_free) wchar_t *value = NULL;
        HRESULT hr = key_value(c, k, found, &value);
        if (FAILED(hr) || !value) {
            return FAILED(hr) ? hr : WBEM_S_FALSE;
        }
        fwprintf(to, L"%s%ls%s=", i ? "" : e->class_name, i ? L"," : L".", k->name);
        if (k->kind == ASSOC_NUMBER) {
            fputws(value, to);
        } else {
            put_quoted(to, value, L"");
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT put_row(const struct assoc_cursor *c, FILE *to)
{
    CLEANUP(com_cleanup_free) wchar_t *path = NULL;
    HRESULT hr = provider_inner_path(c->rows, &path);
    fputws(path ? path : L"", to);
    return SUCCEEDED(hr) && !path ? WBEM_S_FALSE : hr;
}

static HRESULT put_end(const struct assoc_cursor *c, const struct assoc_end *e,
                       const struct assoc_found *found, FILE *to)
{
    static const struct assoc_end system = {.class_name = "Win32_ComputerSystem",
                                            .keys = {{"Name", ASSOC_HOST, NULL}}};
    fputws(c->prefix, to);
    switch (e->kind) {
    case ASSOC_ROW:
        return put_row(c, to);
    case ASSOC_SYSTEM:
        return put_keys(c, &system, NULL, to);
    case ASSOC_KEYS:
        return put_keys(c, e, NULL, to);
    case ASSOC_FOUND:
        break;
    }
    return put_keys(c, e, found, to);
}

/* WBEM_S_FALSE: the end is not there. */
static HRESULT set_end(const struct assoc_cursor *c, unsigned end, const struct assoc_found *found,
                       struct provider_row *row)
{
    CLEANUP(com_cleanup_free) wchar_t *path = NULL;
    size_t size = 0;
    FILE *to = open_wmemstream(&path, &size);
    if (!to) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = put_end(c, &c->association->ends[end], found, to);
    bool broken = ferror(to);
    broken |= fclose(to) != 0;
    if (broken || hr != WBEM_S_NO_ERROR) {
        return broken ? WBEM_E_OUT_OF_MEMORY : hr;
    }
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(path);
    if (!utf8) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    provider_set_string(row, end, utf8);
    return WBEM_S_NO_ERROR;
}

/* ---- rows ------------------------------------------------------------------------------ */

/* To the next row of the driving class, of any of them. */
static HRESULT next_driving_row(struct assoc_cursor *c)
{
    for (;;) {
        HRESULT hr = c->rows ? WBEM_S_NO_ERROR : next_class(c);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
        hr = provider_inner_next(c->rows);
        if (hr != WBEM_S_FALSE) {
            return hr;
        }
        provider_inner_close(c->rows);
        c->rows = NULL;
    }
}

/* To the next instance; *ret_found is what expand() found for it. */
static HRESULT next_instance(struct assoc_cursor *c, const struct assoc_found **ret_found)
{
    *ret_found = NULL;
    if (!c->association->expand) {
        return next_driving_row(c);
    }
    while (c->next_found == c->found.count) {
        assoc_list_done(&c->found);
        c->next_found = 0;
        HRESULT hr = next_driving_row(c);
        if (hr == WBEM_S_NO_ERROR && provider_request_cancelled(c->request)) {
            hr = WBEM_E_CALL_CANCELLED;
        }
        if (hr == WBEM_S_NO_ERROR) {
            hr = c->association->expand(c->state, c->rows, &c->found);
        }
        if (hr != WBEM_S_NO_ERROR) {
            return hr;
        }
    }
    *ret_found = &c->found.items[c->next_found++];
    return WBEM_S_NO_ERROR;
}

static void set_others(const struct assoc_cursor *c, const struct assoc_found *found,
                       struct provider_row *row)
{
    const char *const *columns = c->association->provider.columns;
    for (unsigned i = 2; columns[i] && i < 2 + ASSOC_NUMBER_LIMIT; i++) {
        if (found) {
            provider_set_uint(row, i, found->numbers[i - 2]);
        } else {
            provider_set_bool(row, i, true);
        }
    }
}

HRESULT assoc_next(void *cursor, struct provider_row *row)
{
    struct assoc_cursor *c = cursor;
    for (;;) {
        const struct assoc_found *found;
        HRESULT hr = next_instance(c, &found);
        if (hr != WBEM_S_NO_ERROR) {
            return hr;
        }
        hr = set_end(c, 0, found, row);
        if (hr == WBEM_S_NO_ERROR) {
            hr = set_end(c, 1, found, row);
        }
        if (hr == WBEM_S_NO_ERROR) {
            set_others(c, found, row);
            return hr;
        }
        if (FAILED(hr)) {
            return hr;
        }
        provider_row_clear(row);
    }
}
