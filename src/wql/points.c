/*
 * Which finite sets of values a condition leaves for each property: "=" gives
 * one value, OR joins, AND intersects, everything else leaves no limit.
 * Providers read only what these sets name.
 */
#include <stdlib.h>
#include <string.h>

#include "wql/wql_private.h"

enum {
    MOST_POINTS = 4096, /* beyond that a scan serves as well */
};

static bool contains(const struct points *set, const struct cim_value *v)
{
    for (uint32_t i = 0; i < set->count; i++) {
        int order;
        if (SUCCEEDED(cim_compare(&set->values[i], v, &order)) && order == 0) {
            return true;
        }
    }
    return false;
}

static HRESULT add_all(struct points *to, const struct points *from)
{
    if (from->count == 0) {
        return S_OK;
    }
    struct cim_value *values =
        realloc(to->values, ((size_t)to->count + from->count) * sizeof(*values));
    if (!values) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    to->values = values;
    for (uint32_t i = 0; i < from->count; i++) {
        if (!contains(to, &from->values[i])) {
            to->values[to->count++] = from->values[i];
        }
    }
    return S_OK;
}

static void keep_common(struct points *set, const struct points *with)
{
    uint32_t kept = 0;
    if (set->count && with->count && set->values[0].type == CIM_REFERENCE) {
        return; /* texts that differ may be one path: either set is a limit, their overlap is not */
    }
    for (uint32_t i = 0; i < set->count; i++) {
        if (contains(with, &set->values[i])) {
            set->values[kept++] = set->values[i];
        }
    }
    set->count = kept;
}

static void unlimit(struct points *set)
{
    free(set->values);
    *set = (struct points){0};
}

static HRESULT points_of(const struct test *t, uint32_t ordinal, struct points *ret);

/* Any limit of a child limits the whole. */
static HRESULT points_of_and(const struct test *t, uint32_t ordinal, struct points *ret)
{
    for (const struct test *c = t->first_child; c; c = c->next) {
        struct points one;
        HRESULT hr = points_of(c, ordinal, &one);
        if (FAILED(hr)) {
            unlimit(ret);
            return hr;
        }
        if (one.limited && ret->limited) {
            keep_common(ret, &one);
            unlimit(&one);
        } else if (one.limited) {
            *ret = one;
        }
    }
    return S_OK;
}

/* Limited only when every child is. */
static HRESULT points_of_or(const struct test *t, uint32_t ordinal, struct points *ret)
{
    ret->limited = true;
    for (const struct test *c = t->first_child; c && ret->limited; c = c->next) {
        struct points one;
        HRESULT hr = points_of(c, ordinal, &one);
        if (SUCCEEDED(hr) && one.limited) {
            hr = add_all(ret, &one);
        }
        bool without_limit = !one.limited;
        unlimit(&one);
        if (FAILED(hr) || without_limit || ret->count > MOST_POINTS) {
            unlimit(ret);
            return hr;
        }
    }
    return S_OK;
}

static HRESULT points_of(const struct test *t, uint32_t ordinal, struct points *ret)
{
    *ret = (struct points){0};
    switch (t->kind) {
    case TEST_AND:
        return points_of_and(t, ordinal, ret);
    case TEST_OR:
        return points_of_or(t, ordinal, ret);
    case TEST_CONSTANT:
        ret->limited = t->truth != TRUE_TRUTH; /* no row can match */
        return S_OK;
    case TEST_VALUE:
    case TEST_REFERENCE: /* the path as written, which may be written otherwise as well */
        if (t->op != OP_EQUAL || t->subject.ordinal != ordinal || t->subject.indexed ||
            t->subject.inner || t->subject.prefix) {
            return S_OK;
        }
        ret->values = malloc(sizeof(*ret->values));
        if (!ret->values) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        ret->values[0] = t->value; /* borrows the test's storage */
        ret->count = 1;
        ret->limited = true;
        return S_OK;
    default:
        return S_OK;
    }
}

HRESULT plan_find_points(struct wql_plan *p)
{
    uint32_t count = schema_property_count(p->schema);
    for (uint32_t i = 0; p->test && i < count; i++) {
        /* A constant condition limits every property; otherwise only those it looks at. */
        if (p->tested[i] || p->test->kind == TEST_CONSTANT) {
            HRESULT hr = points_of(p->test, i, &p->points[i]);
            if (FAILED(hr)) {
                return hr;
            }
        }
    }
    return S_OK;
}
