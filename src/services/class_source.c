/*
 * Sources of class definitions, for CreateClassEnum, and of the namespaces
 * below one, for queries on __NAMESPACE.
 */
#include <stdlib.h>

#include "hosting/hosting.h"
#include "services/services_private.h"

struct object_list {
    IWbemClassObject **items;
    ULONG count;
    ULONG capacity;
};

static void object_list_done(struct object_list *l)
{
    for (ULONG i = 0; i < l->count; i++) {
        IWbemClassObject_Release(l->items[i]);
    }
    free(l->items);
}

/* Takes the reference, also on failure. */
static HRESULT object_list_add(struct object_list *l, IWbemClassObject *object)
{
    if (l->count == l->capacity) {
        ULONG capacity = l->capacity ? 2 * l->capacity : 64;
        IWbemClassObject **items = realloc(l->items, capacity * sizeof(*items));
        if (!items) {
            IWbemClassObject_Release(object);
            return WBEM_E_OUT_OF_MEMORY;
        }
        l->items = items;
        l->capacity = capacity;
    }
    l->items[l->count++] = object;
    return WBEM_S_NO_ERROR;
}

static HRESULT collect_class(void *closure, IWbemClassObject *cls)
{
    IWbemClassObject_AddRef(cls);
    return object_list_add(closure, cls);
}

HRESULT class_source(struct repository_namespace *n, const wchar_t *superclass, LONG flags,
                     class_texts amended, struct source **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *above = NULL;
    struct object_list list = {0};
    bool deep = !(flags & WBEM_FLAG_SHALLOW);
    HRESULT hr = repository_visit_classes(n, superclass, deep, amended, collect_class, &list);
    if (hr == WBEM_E_NOT_FOUND) {
        hr = hosting_get_class(n, superclass, "CreateClassEnum", &above);
    }
    if (SUCCEEDED(hr)) {
        hr = hosting_visit_classes(n, superclass, deep, "CreateClassEnum", collect_class, &list);
    }
    if (FAILED(hr)) {
        object_list_done(&list);
        return hr;
    }
    hr = source_from_objects(list.items, list.count, ret); /* takes the references */
    free(list.items);
    return hr;
}

struct namespace_rows {
    struct object_list list;
    struct row *row;
    uint32_t name; /* ordinal of __NAMESPACE.Name */
    const struct wql_plan *plan;
    struct schema *as;
    const uint32_t *map;
    struct decoration *where;
};

static void get_row_value(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    row_get(from, ordinal, ret);
}

static HRESULT collect_namespace(void *closure, const wchar_t *name)
{
    struct namespace_rows *rows = closure;
    row_clear(rows->row);
    HRESULT hr = row_set_wide(rows->row, rows->name, name);
    if (FAILED(hr) || (rows->plan && !wql_plan_matches(rows->plan, get_row_value, rows->row))) {
        return hr;
    }

    IWbemClassObject *object;
    hr = row_encode(rows->row, rows->as, rows->map, rows->where, &object);
    return FAILED(hr) ? hr : object_list_add(&rows->list, object);
}

HRESULT namespace_source(struct repository_namespace *n, IWbemClassObject *cls,
                         struct wql_plan *plan, struct source **ret)
{
    struct namespace_rows rows = {.plan = plan, .where = repository_namespace_decoration(n)};
    struct schema *projected = NULL;
    uint32_t *map = NULL;
    struct schema *s = NULL;
    HRESULT hr = schema_of(cls, &s);
    if (SUCCEEDED(hr)) {
        hr = schema_find(s, L"Name", &rows.name);
    }
    if (SUCCEEDED(hr)) {
        hr = row_create(s, &rows.row);
    }
    if (SUCCEEDED(hr) && plan && !wql_plan_selects_all(plan)) {
        hr = schema_project(s, wql_plan_selected(plan), &projected, &map);
    }
    if (SUCCEEDED(hr)) {
        rows.as = projected ? projected : s;
        rows.map = map;
        hr = repository_visit_namespaces(n, collect_namespace, &rows);
    }
    if (SUCCEEDED(hr)) {
        hr = source_from_objects(rows.list.items, rows.list.count, ret);
        free(rows.list.items);
    } else {
        object_list_done(&rows.list);
    }
    row_destroy(rows.row);
    schema_unref(projected);
    free(map);
    wql_plan_destroy(plan);
    return hr;
}
