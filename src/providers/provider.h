/*
 * What a built-in provider is: a class name, the properties it can fill, and a
 * cursor that fills one row after another from the live machine.
 *
 * A cursor is used by one thread at a time, but not always by the same one.
 */
#ifndef WBEM_PROVIDERS_PROVIDER_H
#define WBEM_PROVIDERS_PROVIDER_H

#include "object/object.h"
#include "providers/method.h"

/* One instance being filled. Columns are the provider's own numbering: column i is the class's
 * property provider_class.columns[i]. Setting a column that nobody asked for is a cheap no-op, so
 * that only reading what a column needs is worth a look at provider_wants(). Setters remember the
 * first failure; provider code need not check each. */
struct provider_row;

bool provider_wants(const struct provider_row *r, unsigned column);
/* True when any column of the range [first, last] is wanted. */
bool provider_wants_any(const struct provider_row *r, unsigned first, unsigned last);

/* Forget what was set, for a thing that turned out to be gone. */
void provider_row_clear(struct provider_row *r);
void provider_set_null(struct provider_row *r, unsigned column);
void provider_set_sint(struct provider_row *r, unsigned column, int64_t v);
void provider_set_uint(struct provider_row *r, unsigned column, uint64_t v);
void provider_set_bool(struct provider_row *r, unsigned column, bool v);
void provider_set_real(struct provider_row *r, unsigned column, double v);
/* NULL text sets null. */
void provider_set_string(struct provider_row *r, unsigned column, const char *utf8);
void provider_set_string_n(struct provider_row *r, unsigned column, const char *utf8, size_t size);
void provider_set_format(struct provider_row *r, unsigned column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void provider_set_strings(struct provider_row *r, unsigned column, const char *const *utf8,
                          unsigned count);
void provider_set_uints(struct provider_row *r, unsigned column, const uint64_t *v, unsigned count);
/* Microseconds since 1970-01-01 UTC; a length of time in microseconds. */
void provider_set_datetime(struct provider_row *r, unsigned column, int64_t microseconds);
void provider_set_interval(struct provider_row *r, unsigned column, uint64_t microseconds);

/* What a query asks of the class. Valid until the cursor is closed. */
struct provider_request;

/* The finite set of values that a column must have, when the condition limits it to one
 * (a GetObject by path limits its keys to one value each). False: not limited. Using it is an
 * optimisation only: rows that do not match are dropped anyway. */
bool provider_points(const struct provider_request *q, unsigned column,
                     const struct cim_value **ret, uint32_t *ret_count);
/* The i-th of those as UTF-8 (free() it; NULL when there is no such or it is null), or as number.
 */
char *provider_point_string(const struct provider_request *q, unsigned column, uint32_t i);
bool provider_point_uint(const struct provider_request *q, unsigned column, uint32_t i,
                         uint64_t *ret);
/* Columns that the select list or the condition needs, before there is a row. */
bool provider_request_wants(const struct provider_request *q, unsigned column);
/* True when the class was reached through a superclass (SELECT * FROM CIM_LogicalElement): what
 * would walk a whole disk yields nothing then. */
bool provider_request_is_deep(const struct provider_request *q);
/* The class that is asked: for an open() that serves several. */
const struct provider_class *provider_request_class(const struct provider_request *q);
/* The namespace asked, as a prefix of object paths: "\\\\SERVER\\root\\cimv2:", or "" when it is
 * not known. */
HRESULT provider_request_prefix(const struct provider_request *q, wchar_t **ret);
/* True once the caller has gone; look at it in long loops that make no row. */
bool provider_request_cancelled(const struct provider_request *q);

struct provider_class {
    const char *name;           /* such as "Win32_Process" */
    const char *const *columns; /* property names, ends with NULL */
    /* Failures leave an error object (error_raise()). *ret_cursor may stay NULL; next() then gets
     * that. WBEM_S_FALSE: there are no instances, next() is not called. */
    HRESULT (*open)(const struct provider_request *q, void **ret_cursor);
    /* WBEM_S_NO_ERROR: the row holds an instance. WBEM_S_FALSE: there is none left. A thing that
     * vanishes while it is read is skipped inside. */
    HRESULT (*next)(void *cursor, struct provider_row *row);
    void (*close)(void *cursor); /* NULL cursor is fine */
    /* What of the class's methods is done here, ends with a NULL name; NULL: none. */
    const struct provider_method *methods;
};

/* The built-in provider for a class, or NULL. linux/registry.c lists them. */
const struct provider_class *provider_find(const wchar_t *class_name);
/* The same name but for the case of its letters. */
bool provider_is_named(const char *ascii, const wchar_t *name);
/* A value's text as UTF-8 for free(); NULL when memory runs out. The reverse of what
 * row_set_string() does: a lone U+DC80 to U+DCFF is the byte that it stands for, so that a file's
 * name survives the round trip. */
char *provider_utf8(const struct cim_string *s);

#include "enumerator/source.h"

struct wql_plan;

/* Where a provider is asked. Copied; what it points to outlives the source. */
struct provider_place {
    struct decoration *where; /* NULL: not known */
    /* A class of the namespace, for providers that ask others; NULL: there are none. */
    HRESULT (*get_class)(void *closure, const wchar_t *name, IWbemClassObject **ret);
    void *closure;
};

/* A source of the instances of `cls` that match `plan` (NULL: all), projected as it selects.
 * The plan must be for the schema of `cls` and is taken, also on failure. */
HRESULT provider_source(const struct provider_class *provider, IWbemClassObject *cls,
                        struct wql_plan *plan, bool deep, const struct provider_place *place,
                        struct source **ret);

/* ---- asking another class ------------------------------------------------ */

/* The rows of another built-in class, for a provider whose instances are made of them. */
struct provider_inner;

/* `text` is a WQL query on one class with a built-in provider. It counts as coming by
 * (provider_request_is_deep()) when `q` does, and ends when the caller of `q` goes. */
HRESULT provider_inner_open(const struct provider_request *q, const wchar_t *text,
                            struct provider_inner **ret);
/* To the next row; WBEM_S_FALSE: there is none left. */
HRESULT provider_inner_next(struct provider_inner *i);
/* Of the current row. False for null; *ret is borrowed until the next row. */
bool provider_inner_get(const struct provider_inner *i, const char *property,
                        struct cim_value *ret);
/* As UTF-8, for free(); NULL for null. */
HRESULT provider_inner_text(const struct provider_inner *i, const char *property, char **ret);
/* The instance's path without its namespace, for free(); NULL when a key is null. All keys must be
 * selected. */
HRESULT provider_inner_path(const struct provider_inner *i, wchar_t **ret);
void provider_inner_close(struct provider_inner *i); /* NULL is fine */
/* The class's definition, as provider_place gives it. */
HRESULT provider_request_get_class(const struct provider_request *q, const wchar_t *name,
                                   IWbemClassObject **ret);

#endif
