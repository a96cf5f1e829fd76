/*
 * WQL, the query language of WMI: text to tree (parser), names to properties
 * (plan), rows to yes or no (evaluation). Knows classes only through
 * struct schema, and nothing of namespaces, providers or repositories.
 */
#ifndef WBEM_WQL_WQL_H
#define WBEM_WQL_WQL_H

#include "object/object.h"

struct wql_position {
    ULONG line, column; /* from 1 */
    ULONG offset;       /* characters from 0 */
};

struct wql_error {
    struct wql_position at;
    char token[64];     /* the offending token, UTF-8, cut when long; "end of query" at the end */
    char expected[160]; /* what would have been right there */
};

struct wql_query;

enum wql_kind {
    WQL_SELECT, /* SELECT … FROM class [WHERE …] */
    WQL_COUNT,  /* SELECT COUNT(*) FROM class [WHERE …] */
};

/* WBEM_E_INVALID_QUERY with *ret_error (may be NULL) filled; WBEM_E_OUT_OF_MEMORY;
 * WBEM_E_QUOTA_VIOLATION beyond the limits on length and depth. */
HRESULT wql_parse(const wchar_t *text, struct wql_query **ret, struct wql_error *ret_error);
void wql_destroy(struct wql_query *q);
/* The tree as text that parses to an equal tree; free() it. */
HRESULT wql_print(const struct wql_query *q, wchar_t **ret);

enum wql_kind wql_query_kind(const struct wql_query *q);
const wchar_t *wql_query_class(const struct wql_query *q);
/* Where the class stands in the text, for error messages. */
struct wql_position wql_query_class_position(const struct wql_query *q);

/* For CLEANUP. */
static inline void wql_query_cleanup(struct wql_query **q)
{
    wql_destroy(*q);
}

/* A query bound to one class: names resolved, constants converted. The plan borrows the query and
 * holds the schema. */
struct wql_plan;

/* WBEM_E_INVALID_QUERY for a property the class lacks (with *ret_error). */
HRESULT wql_plan_create(const struct wql_query *q, struct schema *s, struct wql_plan **ret,
                        struct wql_error *ret_error);
void wql_plan_destroy(struct wql_plan *p);

/* Which properties (by ordinal) conditions look at, and which the select list wants; arrays of
 * schema_property_count(s), owned by the plan. `selected` is all true for SELECT *. System
 * properties that need keys (__PATH, __RELPATH) select the keys. */
const bool *wql_plan_tested(const struct wql_plan *p);
const bool *wql_plan_selected(const struct wql_plan *p);
bool wql_plan_selects_all(const struct wql_plan *p);
/* Adds the keys to the selected properties, so that __PATH can be told. */
void wql_plan_select_keys(struct wql_plan *p);

/* The finite set of values that property `ordinal` must have for any row to match, as far as the
 * condition implies one ("Handle = 7 OR Handle = 9" gives two). False: not limited. Values are
 * owned by the plan; an empty set means that no row can match. */
bool wql_plan_points(const struct wql_plan *p, uint32_t ordinal, const struct cim_value **ret,
                     uint32_t *ret_count);

/* Does this row match? Three-valued logic inside: unknown counts as no. */
bool wql_plan_matches(const struct wql_plan *p,
                      void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                      const void *from);

#endif
