/*
 * What an event query says beyond its condition ([WmiSdk] "WITHIN Clause",
 * "GROUP Clause", "HAVING Clause"), and which classes of embedded objects its
 * condition leaves: what an engine has to poll.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "wql/wql_private.h"

bool wql_query_has_event_clauses(const struct wql_query *q, struct wql_position *ret_at)
{
    if (ret_at) {
        *ret_at = q->event.has_within ? q->event.within_at : q->event.group_at;
    }
    return q->event.has_within || q->event.has_group;
}

HRESULT wql_query_refuse_event_clauses(const struct wql_query *q, struct wql_error *ret_error)
{
    struct wql_position at;
    if (!wql_query_has_event_clauses(q, &at)) {
        return S_OK;
    }
    const wchar_t *word = q->event.has_within ? L"WITHIN" : L"GROUP";
    return wql_fail(ret_error, at, word, wcslen(word),
                    q->where && !q->event.has_within
                        ? "the end: GROUP is for event queries (ExecNotificationQuery)"
                        : "WHERE or the end: WITHIN and GROUP are for event queries "
                          "(ExecNotificationQuery)");
}

bool wql_query_within(const struct wql_query *q, double *ret_seconds)
{
    *ret_seconds = q->event.within;
    return q->event.has_within;
}

bool wql_query_group_within(const struct wql_query *q, double *ret_seconds)
{
    *ret_seconds = q->event.group_within;
    return q->event.has_group;
}

const wchar_t *wql_query_group_by(const struct wql_query *q, size_t i)
{
    return i < q->event.by_count ? q->event.by[i].name : NULL;
}

bool wql_query_having(const struct wql_query *q, struct wql_having *ret)
{
    if (q->event.has_having) {
        *ret = (struct wql_having){.op = operator_text(q->event.having_op),
                                   .value = q->event.having_value,
                                   .at = q->event.having_at};
    }
    return q->event.has_having;
}

bool wql_query_having_matches(const struct wql_query *q, uint32_t number_of_events)
{
    uint32_t value = q->event.having_value;
    int order = (number_of_events > value) - (number_of_events < value);
    return !q->event.has_having || order_fits(q->event.having_op, order);
}

/* ---- what an embedded object must be, or hold ------------------------------------------- */

/* Names of classes, or values, that one of must hold; `limited` false: any may be. */
struct classes {
    bool limited;
    const wchar_t **names;
    size_t count;
};

/* What is looked for: comparisons of `property` for which `names` is true. */
struct wanted {
    const wchar_t *property;
    bool (*names)(const struct node *n, const wchar_t *property);
    int (*compare)(const wchar_t *a, const wchar_t *b);
};

/* Does the comparison name the class of the embedded object, or of the object? */
static bool names_class(const struct node *n, const wchar_t *property)
{
    size_t length = wcslen(property);
    if (n->kind != NODE_COMPARE || n->left.kind != OPERAND_PROPERTY ||
        n->right.kind != OPERAND_STRING || n->left.indexed) {
        return false;
    }
    if (wcscasecmp(property, L"__this") == 0 && wcscasecmp(n->left.text, L"__CLASS") == 0) {
        return n->op == OP_ISA || n->op == OP_EQUAL;
    }
    if (wcsncasecmp(n->left.text, property, length) != 0) {
        return false;
    }
    const wchar_t *rest = n->left.text + length;
    if (wcscasecmp(property, L"__this") == 0) {
        return n->op == OP_ISA && !*rest;
    }
    return (n->op == OP_ISA && (!*rest || wcscasecmp(rest, L".__CLASS") == 0)) ||
           (n->op == OP_EQUAL && wcscasecmp(rest, L".__CLASS") == 0);
}

/* Does the comparison name the value of the property? */
static bool names_value(const struct node *n, const wchar_t *property)
{
    return n->kind == NODE_COMPARE && n->op == OP_EQUAL && n->left.kind == OPERAND_PROPERTY &&
           !n->left.indexed && n->right.kind == OPERAND_STRING &&
           wcscasecmp(n->left.text, property) == 0;
}

static HRESULT add_name(struct classes *c, const struct wanted *w, const wchar_t *name)
{
    for (size_t i = 0; i < c->count; i++) {
        if (w->compare(c->names[i], name) == 0) {
            return S_OK;
        }
    }
    const wchar_t **names = realloc(c->names, (c->count + 1) * sizeof(const wchar_t *));
    if (!names) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->names = names;
    names[c->count++] = name;
    return S_OK;
}

static void classes_done(struct classes *c)
{
    free(c->names);
    *c = (struct classes){0};
}

static HRESULT classes_of(const struct node *n, const struct wanted *w, struct classes *ret);

/* All must hold, so the shortest list serves. */
static HRESULT classes_of_and(const struct node *n, const struct wanted *w, struct classes *ret)
{
    for (const struct node *c = n->first_child; c; c = c->next) {
        struct classes one;
        HRESULT hr = classes_of(c, w, &one);
        if (FAILED(hr)) {
            return hr;
        }
        if (one.limited && (!ret->limited || one.count < ret->count)) {
            classes_done(ret);
            *ret = one;
        } else {
            classes_done(&one);
        }
    }
    return S_OK;
}

/* One must hold: all names together, and no limit when a branch has none. */
static HRESULT classes_of_or(const struct node *n, const struct wanted *w, struct classes *ret)
{
    HRESULT hr = S_OK;
    ret->limited = true;
    for (const struct node *c = n->first_child; c && ret->limited && SUCCEEDED(hr); c = c->next) {
        struct classes one;
        hr = classes_of(c, w, &one);
        ret->limited = one.limited;
        for (size_t i = 0; i < one.count && SUCCEEDED(hr); i++) {
            hr = add_name(ret, w, one.names[i]);
        }
        classes_done(&one);
    }
    if (!ret->limited) {
        classes_done(ret);
    }
    return hr;
}

static HRESULT classes_of(const struct node *n, const struct wanted *w, struct classes *ret)
{
    HRESULT hr = S_OK;
    *ret = (struct classes){0};
    if (n->kind == NODE_AND) {
        hr = classes_of_and(n, w, ret);
    } else if (n->kind == NODE_OR) {
        hr = classes_of_or(n, w, ret);
    } else if (w->names(n, w->property)) {
        ret->limited = true;
        hr = add_name(ret, w, n->right.text);
    }
    if (FAILED(hr)) {
        classes_done(ret);
    }
    return hr;
}

static HRESULT find(const struct wql_query *q, const struct wanted *w, const wchar_t ***ret,
                    size_t *ret_count)
{
    struct classes c = {0};
    HRESULT hr = q->where ? classes_of(q->where, w, &c) : S_OK;
    if (FAILED(hr)) {
        return hr;
    }
    *ret = c.names;
    *ret_count = c.count;
    return WBEM_S_NO_ERROR;
}

HRESULT wql_query_isa(const struct wql_query *q, const wchar_t *property, const wchar_t ***ret,
                      size_t *ret_count)
{
    const struct wanted w = {property, names_class, wcscasecmp};
    return find(q, &w, ret, ret_count);
}

HRESULT wql_query_texts(const struct wql_query *q, const wchar_t *property, const wchar_t ***ret,
                        size_t *ret_count)
{
    const struct wanted w = {property, names_value, wcscmp};
    return find(q, &w, ret, ret_count);
}
