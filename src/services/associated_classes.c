/*
 * Class definitions as the answer to ASSOCIATORS OF and REFERENCES OF: those
 * that the definitions of the associations name, for SchemaOnly.
 */
#include <stdlib.h>
#include <wchar.h>

#include "services/association.h"

void class_set_done(struct class_set *s)
{
    for (ULONG i = 0; i < s->count; i++) {
        IWbemClassObject_Release(s->items[i]);
    }
    free(s->items);
    *s = (struct class_set){0};
}

static bool class_set_has(const struct class_set *set, const wchar_t *name)
{
    for (ULONG i = 0; i < set->count; i++) {
        struct schema *s;
        if (SUCCEEDED(schema_of(set->items[i], &s)) &&
            wcscasecmp(schema_class_name(s), name) == 0) {
            return true;
        }
    }
    return false;
}

HRESULT class_set_add(struct class_set *s, struct repository_namespace *n, const wchar_t *name,
                      class_texts amended)
{
    IWbemClassObject *cls = NULL;
    if (class_set_has(s, name)) {
        return WBEM_S_FALSE;
    }
    HRESULT hr = repository_get_class(n, name, amended, &cls);
    if (FAILED(hr)) {
        return hr;
    }
    IWbemClassObject **items =
        realloc(s->items, ((size_t)s->count + 1) * sizeof(IWbemClassObject *));
    if (!items) {
        IWbemClassObject_Release(cls);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->items = items;
    items[s->count++] = cls;
    return WBEM_S_NO_ERROR;
}

/* The last one added, when it is not what the query asks for. */
static void drop_unwanted(struct class_set *set, const struct wql_association *a)
{
    IWbemClassObject *cls = set->items[set->count - 1];
    struct schema *s;
    if (FAILED(schema_of(cls, &s)) || (a->result_class && !schema_is_a(s, a->result_class)) ||
        !association_has_qualifier(cls, a->required_qualifier)) {
        IWbemClassObject_Release(cls);
        set->count--;
    }
}

/* The classes at the other ends of one association. */
static HRESULT add_ends(struct repository_namespace *n, const struct wql_query *q,
                        const struct association_role *role, class_texts amended,
                        struct class_set *set)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; i < schema_property_count(role->schema) && SUCCEEDED(hr); i++) {
        if (!association_is_end(q, role->schema, role->ordinal, i)) {
            continue;
        }
        CLEANUP(com_cleanup_free) wchar_t *name = NULL;
        hr = association_target(role->cls, i, &name);
        if (FAILED(hr) || !*name) {
            continue;
        }
        hr = class_set_add(set, n, name, amended);
        if (hr == WBEM_S_NO_ERROR) {
            drop_unwanted(set, wql_query_association(q));
        }
        hr = hr == WBEM_E_NOT_FOUND ? WBEM_S_NO_ERROR : hr;
    }
    return hr;
}

HRESULT associated_classes(struct repository_namespace *n, const struct wql_query *q,
                           const struct association_roles *roles, class_texts amended,
                           struct source **ret)
{
    struct class_set set = {0};
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; i < roles->count && SUCCEEDED(hr); i++) {
        const struct association_role *role = &roles->items[i];
        if (wql_query_kind(q) == WQL_ASSOCIATORS) {
            hr = add_ends(n, q, role, amended, &set);
        } else if (!role->same_class) {
            hr = class_set_add(&set, n, schema_class_name(role->schema), amended);
        }
    }
    if (FAILED(hr)) {
        class_set_done(&set);
        return hr;
    }
    hr = source_from_objects(set.items, set.count, ret); /* takes the references */
    free(set.items);
    return hr;
}
