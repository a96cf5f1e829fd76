/* The objects that a command of wbem wmic means: by a query, a path, or the class itself. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wbem.h>

#include "console.h"

void results_done(struct results *r)
{
    for (size_t i = 0; i < r->count; i++) {
        IWbemClassObject_Release(r->items[i].object);
    }
    free(r->items);
    words_done(&r->nodes);
    words_done(&r->columns);
    *r = (struct results){0};
}

/* Takes the reference, also on failure. */
static HRESULT add(struct results *r, size_t node, IWbemClassObject *object)
{
    struct result *items = realloc(r->items, (r->count + 1) * sizeof(*items));
    if (!items) {
        IWbemClassObject_Release(object);
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->items = items;
    items[r->count++] = (struct result){.node = node, .object = object};
    return S_OK;
}

int node_fail(const char *node, const char *what, HRESULT hr)
{
    const char *meaning = wbem_status_meaning(hr);
    fflush(stdout);
    fprintf(stderr, "Node - %s\nERROR:\nDescription = %s\n", node,
            meaning ? meaning : "unknown error");
    return fail(what, hr);
}

char *object_property(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    CIMTYPE type = CIM_EMPTY;
    VariantInit(&v);
    char *text =
        SUCCEEDED(IWbemClassObject_Get(object, name, 0, &v, &type, NULL)) && V_VT(&v) != VT_NULL
            ? value_text(&v, type)
            : NULL;
    VariantClear(&v);
    return text;
}

HRESULT object_of_path(IWbemServices *services, const char *path, IWbemClassObject **ret)
{
    BSTR wide = bstr_from_utf8(path);
    HRESULT hr = wide ? IWbemServices_GetObject(services, wide, WBEM_FLAG_USE_AMENDED_QUALIFIERS,
                                                NULL, ret, NULL)
                      : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(wide);
    return hr;
}

/* ---- queries ------------------------------------------------------------------------------ */

static HRESULT run_query(IWbemServices *services, const char *query, LONG flags, size_t node,
                         struct results *ret)
{
    IEnumWbemClassObject *e = NULL;
    BSTR language = SysAllocString(L"WQL"), text = bstr_from_utf8(query);
    HRESULT hr = language && text
                     ? IWbemServices_ExecQuery(
                           services, language, text,
                           flags | WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e)
                     : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(language);
    SysFreeString(text);
    while (SUCCEEDED(hr)) {
        IWbemClassObject *batch[64];
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 64, batch, &got);
        for (ULONG i = 0; i < got; i++) {
            HRESULT added = add(ret, node, batch[i]);
            hr = FAILED(added) ? added : hr;
        }
        if (hr == WBEM_S_FALSE) {
            break;
        }
    }
    if (e) {
        IEnumWbemClassObject_Release(e);
    }
    return hr;
}

/* The names of the list that the class has: other versions have other properties. */
static HRESULT keep_present(IWbemServices *services, const char *class_name, const char *list,
                            struct words *ret)
{
    IWbemClassObject *cls = NULL;
    struct words names = {0};
    HRESULT hr = object_of_path(services, class_name, &cls);
    if (SUCCEEDED(hr) && !words_split(&names, list)) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < names.count; i++) {
        BSTR name = bstr_from_utf8(names.items[i]);
        bool there = name && SUCCEEDED(IWbemClassObject_Get(cls, name, 0, NULL, NULL, NULL));
        SysFreeString(name);
        if (there && !words_have(ret, names.items[i]) &&
            !words_add(ret, names.items[i], strlen(names.items[i]))) {
            hr = WBEM_E_OUT_OF_MEMORY;
        }
    }
    words_done(&names);
    if (cls) {
        IWbemClassObject_Release(cls);
    }
    return hr;
}

static HRESULT set_columns(IWbemServices *services, const struct request *r, struct words *ret)
{
    static const char status[] = "Name,DeviceID,Status,State,StatusInfo,Availability,"
                                 "LastErrorCode,ErrorDescription";
    static const char system[] = "__CLASS,__DERIVATION,__DYNASTY,__GENUS,__NAMESPACE,__PATH,"
                                 "__PROPERTY_COUNT,__RELPATH,__SERVER,__SUPERCLASS";
    bool fine = true;
    if (r->verb == VERB_GET) {
        for (size_t i = 0; fine && i < r->words.count; i++) {
            const char *name = r->words.items[i];
            if (strcmp(name, "*") == 0) {
                words_done(ret);
                break;
            }
            fine = !*name || words_have(ret, name) || words_add(ret, name, strlen(name));
        }
    } else if (r->verb == VERB_LIST && r->adverb) {
        if (strcmp(r->adverb, "brief") == 0 && r->alias) {
            return keep_present(services, r->class_name, r->alias->brief, ret);
        }
        if (strcmp(r->adverb, "status") == 0) {
            return keep_present(services, r->class_name, status, ret);
        }
        fine = strcmp(r->adverb, "instance") == 0 ? words_add(ret, "__PATH", 6)
               : strcmp(r->adverb, "system") == 0 ? words_split(ret, system)
                                                  : true;
    }
    return fine ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

/* System properties come with whole objects only. */
static bool are_plain(const struct words *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (strncmp(columns->items[i], "__", 2) == 0) {
            return false;
        }
    }
    return columns->count > 0;
}

static void put_condition(FILE *to, const struct request *r)
{
    const char *fixed = r->alias ? r->alias->where : "";
    if (*fixed && r->where) {
        fprintf(to, " WHERE (%s) AND (%s)", fixed, r->where);
    } else if (*fixed || r->where) {
        fprintf(to, " WHERE %s", *fixed ? fixed : r->where);
    }
}

static HRESULT fetch_query(IWbemServices *services, const struct request *r, size_t node,
                           bool whole, struct results *ret)
{
    char *query = NULL;
    size_t size = 0;
    bool plain = !whole && are_plain(&ret->columns);
    FILE *to = open_memstream(&query, &size);
    if (!to) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    fputs("SELECT ", to);
    for (size_t i = 0; plain && i < ret->columns.count; i++) {
        fprintf(to, "%s%s", i ? ", " : "", ret->columns.items[i]);
    }
    fprintf(to, "%s FROM %s", plain ? "" : "*", r->class_name);
    put_condition(to, r);
    bool written = fclose(to) == 0;
    HRESULT hr = written
                     ? run_query(services, query, plain ? 0 : WBEM_FLAG_ENSURE_LOCATABLE, node, ret)
                     : WBEM_E_OUT_OF_MEMORY;
    free(query);
    return hr;
}

HRESULT results_fetch(IWbemServices *services, const struct request *r, size_t node, bool whole,
                      struct results *ret)
{
    HRESULT hr = whole ? S_OK : set_columns(services, r, &ret->columns);
    if (FAILED(hr) || !(r->path || r->is_class)) {
        return FAILED(hr) ? hr : fetch_query(services, r, node, whole, ret);
    }
    IWbemClassObject *object = NULL;
    hr = object_of_path(services, r->path ? r->path : r->class_name, &object);
    return SUCCEEDED(hr) ? add(ret, node, object) : hr;
}

/* ---- associators ---------------------------------------------------------------------------- */

static HRESULT associators_of(IWbemServices *services, const struct request *r, const char *path,
                              bool schema, size_t node, struct results *ret)
{
    char *query = NULL;
    size_t size = 0;
    FILE *to = open_memstream(&query, &size);
    if (!to) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    fprintf(to, "ASSOCIATORS OF {%s}", path);
    if (schema || r->result_class || r->result_role || r->assoc_class) {
        fputs(" WHERE", to);
    }
    if (r->assoc_class) {
        fprintf(to, " AssocClass=%s", r->assoc_class);
    }
    if (r->result_class) {
        fprintf(to, " ResultClass=%s", r->result_class);
    }
    if (r->result_role) {
        fprintf(to, " ResultRole=%s", r->result_role);
    }
    fputs(schema ? " SchemaOnly" : "", to);
    bool written = fclose(to) == 0;
    HRESULT hr = written ? run_query(services, query, 0, node, ret) : WBEM_E_OUT_OF_MEMORY;
    free(query);
    return hr;
}

/* Of a class or an alias as a whole the classes, of instances what is associated with each. */
HRESULT results_associators(IWbemServices *services, const struct request *r, size_t node,
                            struct results *ret)
{
    if (!words_have(&ret->columns, "__PATH") && !words_add(&ret->columns, "__PATH", 6)) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (r->path) {
        return associators_of(services, r, r->path, false, node, ret);
    }
    if (r->is_class || !r->where) {
        return associators_of(services, r, r->class_name, true, node, ret);
    }
    struct results of = {0};
    HRESULT hr = results_fetch(services, r, node, true, &of);
    for (size_t i = 0; SUCCEEDED(hr) && i < of.count; i++) {
        char *path = object_property(of.items[i].object, L"__RELPATH");
        hr =
            path ? associators_of(services, r, path, false, node, ret) : WBEM_E_INVALID_OBJECT_PATH;
        free(path);
    }
    results_done(&of);
    return hr;
}
