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
    WQL_SELECT,      /* SELECT … FROM class [WHERE …] */
    WQL_COUNT,       /* SELECT COUNT(*) FROM class [WHERE …] */
    WQL_ASSOCIATORS, /* ASSOCIATORS OF {path} [WHERE …] */
    WQL_REFERENCES,  /* REFERENCES OF {path} [WHERE …] */
};

/* WBEM_E_INVALID_QUERY with *ret_error (may be NULL) filled; WBEM_E_OUT_OF_MEMORY;
 * WBEM_E_QUOTA_VIOLATION beyond the limits on length and depth. */
HRESULT wql_parse(const wchar_t *text, struct wql_query **ret, struct wql_error *ret_error);
void wql_destroy(struct wql_query *q);
/* The tree as text that parses to an equal tree; free() it. */
HRESULT wql_print(const struct wql_query *q, wchar_t **ret);

enum wql_kind wql_query_kind(const struct wql_query *q);
/* Of the last two kinds: the class in the path. */
const wchar_t *wql_query_class(const struct wql_query *q);
/* Where the class stands in the text, for error messages. */
struct wql_position wql_query_class_position(const struct wql_query *q);

/* FROM meta_class: a query for class definitions ([WmiSdk] "SELECT Statement for Schema Queries").
 */
bool wql_query_is_schema(const struct wql_query *q);

/* ---- ASSOCIATORS OF and REFERENCES OF --------------------------------------------------------
 * [WmiSdk] "ASSOCIATORS OF Statement", "REFERENCES OF Statement"; KeysOnly and SchemaOnly: "WQL
 * (SQL for WMI)". What is not given is NULL or false. All belongs to the query. */
struct wql_association {
    wchar_t *path_text; /* as written, without the braces */
    struct object_path *path;
    wchar_t *assoc_class, *result_class, *role, *result_role;
    wchar_t *required_qualifier, *required_assoc_qualifier;
    bool class_defs_only, keys_only, schema_only;
    struct wql_position assoc_class_at, result_class_at;
};

/* NULL for other kinds. */
const struct wql_association *wql_query_association(const struct wql_query *q);

/* ---- event queries ([WmiSdk] "SELECT Statement for Event Queries") ---------------------------
 *
 *     SELECT … FROM class [WITHIN s] [WHERE …]
 *         [GROUP WITHIN s [BY property, …] [HAVING NumberOfEvents op n]]
 *
 * An event engine binds the query to the event class's schema with wql_plan_create() and asks
 * wql_plan_matches_object() for every event. Conditions on embedded objects (TargetInstance ISA
 * 'X', TargetInstance.Name = 'y', PreviousInstance.State <> TargetInstance.State) are resolved
 * when an event is there: each embedded object is decoded at most once for an event, and only when
 * the condition comes to it. A property that the embedded object lacks makes its comparison
 * unknown. Selecting TargetInstance.Name selects TargetInstance. */

struct wql_having {
    const wchar_t *op; /* "=", "<>", "<", "<=", ">" or ">=" */
    uint32_t value;
    struct wql_position at;
};

/* WITHIN, GROUP, BY or HAVING stands in the query: no data query then. *ret_at (may be NULL) is
 * the first one's place. */
bool wql_query_has_event_clauses(const struct wql_query *q, struct wql_position *ret_at);
/* The same as an error of a data query: WBEM_E_INVALID_QUERY with *ret_error filled, or S_OK. */
HRESULT wql_query_refuse_event_clauses(const struct wql_query *q, struct wql_error *ret_error);
/* The interval of polling in seconds, false when there is none. */
bool wql_query_within(const struct wql_query *q, double *ret_seconds);
/* The interval of grouping, false when the query does not group. */
bool wql_query_group_within(const struct wql_query *q, double *ret_seconds);
/* The i-th property after BY (with dots when of an embedded object), NULL after the last. */
const wchar_t *wql_query_group_by(const struct wql_query *q, size_t i);
/* False without HAVING. */
bool wql_query_having(const struct wql_query *q, struct wql_having *ret);
/* Does a group of so many events satisfy HAVING? True without it. */
bool wql_query_having_matches(const struct wql_query *q, uint32_t number_of_events);

/* The classes that the embedded object `property` (or with "__this" the object itself) must be of
 * (itself or derived) for any event to match, as far as the condition implies some: what to poll.
 * "TargetInstance ISA 'A' OR TargetInstance ISA 'B'" gives two; TargetInstance.__CLASS = 'A' counts
 * too. *ret_count is 0 when the condition does not limit the class. The names belong to the query;
 * free() the array. WBEM_E_OUT_OF_MEMORY. */
HRESULT wql_query_isa(const struct wql_query *q, const wchar_t *property, const wchar_t ***ret,
                      size_t *ret_count);

/* The texts one of which the property (such as TargetInstance.Name) must equal for any event to
 * match, as far as the condition implies some; otherwise as wql_query_isa(). Their case is kept. */
HRESULT wql_query_texts(const struct wql_query *q, const wchar_t *property, const wchar_t ***ret,
                        size_t *ret_count);

/* The query for the one instance that a path leads to: SELECT * FROM class WHERE key = value …, or
 * for its keys only; free() it. WBEM_E_INVALID_OBJECT_PATH with the reason in *ret_why. */
HRESULT wql_text_of_path(const struct object_path *p, const struct schema *s, bool keys_only,
                         wchar_t **ret, const char **ret_why);

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
/* The same for objects from a place: conditions may then test __SERVER, __NAMESPACE and all of
 * __PATH. `where` is borrowed for the call; NULL: not known. */
HRESULT wql_plan_create_at(const struct wql_query *q, struct schema *s,
                           const struct decoration *where, struct wql_plan **ret,
                           struct wql_error *ret_error);
/* Bound to a class definition, for a query FROM meta_class: the condition may test system
 * properties alone and is decided by the plan, whatever getter wql_plan_matches() is given. */
HRESULT wql_plan_create_for_class(const struct wql_query *q, struct schema *s,
                                  const struct decoration *where, struct wql_plan **ret,
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
/* Adds what the condition looks at, for whoever tests it again. */
void wql_plan_select_tested(struct wql_plan *p);

/* A reference's points are paths as the query has them: other texts may lead to the same object.
 *
 * The finite set of values that property `ordinal` must have for any row to match, as far as the
 * condition implies one ("Handle = 7 OR Handle = 9" gives two). False: not limited. Values are
 * owned by the plan; an empty set means that no row can match. */
bool wql_plan_points(const struct wql_plan *p, uint32_t ordinal, const struct cim_value **ret,
                     uint32_t *ret_count);

/* Does this row match? Three-valued logic inside: unknown counts as no. Any number of threads may
 * ask one plan at a time. */
bool wql_plan_matches(const struct wql_plan *p,
                      void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                      const void *from);
/* The same for an instance, such as an event, of the plan's class. */
bool wql_plan_matches_object(const struct wql_plan *p, IWbemClassObject *object);

#endif
