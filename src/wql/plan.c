/*
 * A query bound to one class: which properties its select list and its
 * condition mean, and the condition made ready to run.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "com/com.h"
#include "wql/bind.h"

void wql_plan_destroy(struct wql_plan *p)
{
    if (!p) {
        return;
    }
    uint32_t count = schema_property_count(p->schema);
    for (uint32_t i = 0; p->points && i < count; i++) {
        free(p->points[i].values);
    }
    free(p->points);
    test_destroy(p->test);
    free(p->tested);
    free(p->selected);
    schema_unref(p->schema);
    free(p);
}

void wql_plan_select_keys(struct wql_plan *p)
{
    uint32_t count = schema_property_count(p->schema);
    for (uint32_t i = 0; i < count; i++) {
        p->selected[i] = p->selected[i] || schema_property_is_key(p->schema, i);
    }
}

void wql_plan_select_tested(struct wql_plan *p)
{
    uint32_t count = schema_property_count(p->schema);
    for (uint32_t i = 0; i < count; i++) {
        p->selected[i] = p->selected[i] || p->tested[i];
    }
}

static bool is_system_property(const wchar_t *name)
{
    static const wchar_t *const names[] = {
        L"__GENUS",          L"__CLASS",      L"__SUPERCLASS", L"__DYNASTY",   L"__RELPATH",
        L"__PROPERTY_COUNT", L"__DERIVATION", L"__SERVER",     L"__NAMESPACE", L"__PATH"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (wcscasecmp(names[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static HRESULT find_n(const struct schema *s, const wchar_t *name, size_t length, uint32_t *ret)
{
    CLEANUP(com_cleanup_free) wchar_t *copy = com_wide_copy_n(name, length);
    return copy ? schema_find(s, copy, ret) : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT select_column(struct wql_plan *p, const struct column *c, struct wql_error *e)
{
    uint32_t ordinal;
    if (SUCCEEDED(schema_find(p->schema, c->name, &ordinal))) {
        p->selected[ordinal] = true;
        return S_OK;
    }
    const wchar_t *stop = wcschr(c->name, L'.');
    if (stop && SUCCEEDED(find_n(p->schema, c->name, (size_t)(stop - c->name), &ordinal)) &&
        schema_property_type(p->schema, ordinal) == CIM_OBJECT) {
        p->selected[ordinal] = true; /* the embedded object as a whole */
        return S_OK;
    }
    if (!is_system_property(c->name)) {
        return wql_fail(e, c->at, c->name, wcslen(c->name), "a property of the class");
    }
    /* System properties are always there; these two are made of the keys. */
    if (wcscasecmp(c->name, L"__PATH") == 0 || wcscasecmp(c->name, L"__RELPATH") == 0) {
        wql_plan_select_keys(p);
    }
    return S_OK;
}

static HRESULT select_columns(struct wql_plan *p, const struct wql_query *q, struct wql_error *e)
{
    if (q->kind == WQL_COUNT) {
        return S_OK; /* counting needs no property */
    }
    if (q->column_count == 0) {
        memset(p->selected, true, schema_property_count(p->schema));
        p->selects_all = true;
    }
    for (size_t i = 0; i < q->column_count; i++) {
        HRESULT hr = select_column(p, &q->columns[i], e);
        if (FAILED(hr)) {
            return hr;
        }
    }
    return S_OK;
}

/* [WmiSdk] "SELECT Statement for Schema Queries": only * is supported. */
static HRESULT select_class(struct wql_plan *p, const struct wql_query *q, struct wql_error *e)
{
    if (q->kind == WQL_COUNT || q->column_count > 0) {
        const wchar_t *token = q->column_count ? q->columns[0].name : L"COUNT";
        struct wql_position at = {.line = 1, .column = 8, .offset = 7};
        return wql_fail(e, q->column_count ? q->columns[0].at : at, token, wcslen(token),
                        "* before FROM meta_class");
    }
    p->selects_all = true;
    return S_OK;
}

static HRESULT create(const struct wql_query *q, struct schema *s, struct binding *b,
                      struct wql_plan **ret)
{
    uint32_t count = schema_property_count(s);
    struct wql_plan *p = calloc(1, sizeof(*p));
    if (!p) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    b->plan = p;
    p->schema = schema_ref(s);
    p->tested = calloc(count + 1, sizeof(*p->tested));
    p->selected = calloc(count + 1, sizeof(*p->selected));
    p->points = calloc(count + 1, sizeof(*p->points));
    HRESULT hr = p->tested && p->selected && p->points ? S_OK : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        hr = b->is_class ? select_class(p, q, b->error) : select_columns(p, q, b->error);
    }
    if (SUCCEEDED(hr) && q->where) {
        hr = bind_condition(b, q->where, &p->test);
    }
    if (SUCCEEDED(hr) && !b->is_class) {
        hr = plan_find_points(p);
    }
    if (FAILED(hr)) {
        wql_plan_destroy(p);
        return hr;
    }
    *ret = p;
    return WBEM_S_NO_ERROR;
}

HRESULT wql_plan_create(const struct wql_query *q, struct schema *s, struct wql_plan **ret,
                        struct wql_error *ret_error)
{
    return wql_plan_create_at(q, s, NULL, ret, ret_error);
}

HRESULT wql_plan_create_at(const struct wql_query *q, struct schema *s,
                           const struct decoration *where, struct wql_plan **ret,
                           struct wql_error *ret_error)
{
    struct binding b = {.where = where, .error = ret_error};
    return create(q, s, &b, ret);
}

HRESULT wql_plan_create_for_class(const struct wql_query *q, struct schema *s,
                                  const struct decoration *where, struct wql_plan **ret,
                                  struct wql_error *ret_error)
{
    struct binding b = {.where = where, .is_class = true, .error = ret_error};
    return create(q, s, &b, ret);
}

const bool *wql_plan_tested(const struct wql_plan *p)
{
    return p->tested;
}

const bool *wql_plan_selected(const struct wql_plan *p)
{
    return p->selected;
}

bool wql_plan_selects_all(const struct wql_plan *p)
{
    return p->selects_all;
}

bool wql_plan_points(const struct wql_plan *p, uint32_t ordinal, const struct cim_value **ret,
                     uint32_t *ret_count)
{
    const struct points *points = &p->points[ordinal];
    if (!points->limited) {
        return false;
    }
    *ret = points->values;
    *ret_count = points->count;
    return true;
}
