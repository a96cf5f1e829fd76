/*
 * Providers as sources: runs a provider's cursor on demand, drops the rows
 * that the condition refuses before they cost an encoding, and hands over the
 * others with the properties that the select list asks for.
 */
#include "providers/provider.h"

#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "wql/wql.h"

enum {
    NO_ORDINAL = UINT32_MAX
};

/* What one column of the provider is in this query. */
struct column {
    uint32_t ordinal; /* in the class's schema; NO_ORDINAL: the class lacks it */
    bool wanted;      /* selected, or looked at by the condition */
};

struct provider_row {
    struct row *row;
    const struct column *columns;
    unsigned column_count;
    unsigned failed_column; /* where `failure` happened */
    HRESULT failure;        /* the first that a setter met since the row was cleared */
};

struct provider_request {
    const struct provider_class *provider;
    const struct column *columns;
    unsigned column_count;
    const struct wql_plan *plan; /* NULL: everything matches */
    bool deep;
    struct provider_place place;
    const struct provider_request *outer; /* that of the provider which asks; else NULL */
    atomic_bool cancelled;
    struct result_set *out; /* of the pull that runs, else NULL */
};

struct provider_cursor {
    struct source source; /* first, so that the source is the cursor */
    const struct provider_class *provider;
    struct schema *schema;    /* of the class */
    struct schema *projected; /* what is encoded; the class's own when everything is selected */
    uint32_t *map;            /* ordinals of `projected` in `schema`; NULL when they are the same */
    struct wql_plan *plan;
    struct column *columns;
    struct provider_row row;
    struct provider_request request;
    void *cursor; /* the provider's own */
    bool opened;
};

/* ---- rows ---------------------------------------------------------------- */

static bool has_column(const struct provider_row *r, unsigned column)
{
    return column < r->column_count && r->columns[column].wanted;
}

bool provider_wants(const struct provider_row *r, unsigned column)
{
    return has_column(r, column);
}

bool provider_wants_any(const struct provider_row *r, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last && i < r->column_count; i++) {
        if (r->columns[i].wanted) {
            return true;
        }
    }
    return false;
}

static void note(struct provider_row *r, unsigned column, HRESULT hr)
{
    if (FAILED(hr) && !FAILED(r->failure)) {
        r->failure = hr;
        r->failed_column = column;
    }
}

void provider_row_clear(struct provider_row *r)
{
    row_clear(r->row);
    r->failure = WBEM_S_NO_ERROR;
}

#define SET(call)                                                                                  \
    do {                                                                                           \
        if (has_column(r, column)) {                                                               \
            note(r, column, call);                                                                 \
        }                                                                                          \
    } while (0)

void provider_set_null(struct provider_row *r, unsigned column)
{
    SET(row_set_null(r->row, r->columns[column].ordinal));
}

void provider_set_sint(struct provider_row *r, unsigned column, int64_t v)
{
    SET(row_set_sint(r->row, r->columns[column].ordinal, v));
}

void provider_set_uint(struct provider_row *r, unsigned column, uint64_t v)
{
    SET(row_set_uint(r->row, r->columns[column].ordinal, v));
}

void provider_set_bool(struct provider_row *r, unsigned column, bool v)
{
    SET(row_set_bool(r->row, r->columns[column].ordinal, v));
}

void provider_set_real(struct provider_row *r, unsigned column, double v)
{
    SET(row_set_real(r->row, r->columns[column].ordinal, v));
}

void provider_set_string(struct provider_row *r, unsigned column, const char *utf8)
{
    if (!utf8) {
        provider_set_null(r, column);
        return;
    }
    SET(row_set_string(r->row, r->columns[column].ordinal, utf8));
}

void provider_set_string_n(struct provider_row *r, unsigned column, const char *utf8, size_t size)
{
    if (!utf8) {
        provider_set_null(r, column);
        return;
    }
    SET(row_set_string_n(r->row, r->columns[column].ordinal, utf8, size));
}

void provider_set_format(struct provider_row *r, unsigned column, const char *format, ...)
{
    if (!has_column(r, column)) {
        return;
    }

    char small[256];
    char *text = small, *large = NULL;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (length >= (int)sizeof small) {
        va_start(args, format);
        if (vasprintf(&large, format, args) < 0) {
            large = NULL;
        }
        va_end(args);
        text = large;
    }
    if (length < 0 || !text) {
        note(r, column, WBEM_E_OUT_OF_MEMORY);
        return;
    }
    SET(row_set_string_n(r->row, r->columns[column].ordinal, text, (size_t)length));
    free(large);
}

void provider_set_strings(struct provider_row *r, unsigned column, const char *const *utf8,
                          unsigned count)
{
    SET(row_set_string_array(r->row, r->columns[column].ordinal, utf8, count));
}

void provider_set_uints(struct provider_row *r, unsigned column, const uint64_t *v, unsigned count)
{
    SET(row_set_uint_array(r->row, r->columns[column].ordinal, v, count));
}

void provider_set_datetime(struct provider_row *r, unsigned column, int64_t microseconds)
{
    SET(row_set_datetime(r->row, r->columns[column].ordinal, microseconds));
}

void provider_set_interval(struct provider_row *r, unsigned column, uint64_t microseconds)
{
    SET(row_set_interval(r->row, r->columns[column].ordinal, microseconds));
}

/* ---- requests -------------------------------------------------------------- */

bool provider_points(const struct provider_request *q, unsigned column,
                     const struct cim_value **ret, uint32_t *ret_count)
{
    if (!q->plan || column >= q->column_count || q->columns[column].ordinal == NO_ORDINAL) {
        return false;
    }
    return wql_plan_points(q->plan, q->columns[column].ordinal, ret, ret_count);
}

static bool point(const struct provider_request *q, unsigned column, uint32_t i,
                  const struct cim_value **ret)
{
    uint32_t count = 0;
    if (!provider_points(q, column, ret, &count) || i >= count) {
        return false;
    }
    *ret += i;
    return !(*ret)->null;
}

static bool is_text(const struct cim_value *v)
{
    return v->type == CIM_STRING || v->type == CIM_DATETIME || v->type == CIM_REFERENCE;
}

static uint32_t unit_at(const struct cim_string *s, uint32_t i)
{
    return s->wide ? (uint32_t)s->bytes[2 * (size_t)i] | (uint32_t)s->bytes[2 * (size_t)i + 1] << 8
                   : s->bytes[i];
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

char *provider_utf8(const struct cim_string *s)
{
    char *out = malloc(3 * (size_t)s->length + 1);
    if (!out) {
        return NULL;
    }

    size_t size = 0;
    for (uint32_t i = 0; i < s->length; i++) {
        uint32_t c = unit_at(s, i);
        uint32_t next = i + 1 < s->length ? unit_at(s, i + 1) : 0;
        if (c >= 0xd800 && c < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
            size += put_utf8(out + size, 0x10000 + ((c - 0xd800) << 10) + (next - 0xdc00));
            i++;
        } else if (c >= 0xdc80 && c <= 0xdcff) {
            out[size++] = (char)(c - 0xdc00);
        } else {
            size += put_utf8(out + size, c);
        }
    }
    out[size] = '\0';
    return out;
}

char *provider_point_string(const struct provider_request *q, unsigned column, uint32_t i)
{
    const struct cim_value *v;
    if (!point(q, column, i, &v)) {
        return NULL;
    }
    if (is_text(v)) {
        return provider_utf8(&v->string);
    }

    uint64_t number;
    char *text = NULL;
    if (!provider_point_uint(q, column, i, &number) ||
        asprintf(&text, "%llu", (unsigned long long)number) < 0) {
        return NULL;
    }
    return text;
}

static bool text_to_uint(const struct cim_string *s, uint64_t *ret)
{
    uint64_t v = 0;
    for (uint32_t i = 0; i < s->length; i++) {
        uint32_t digit = unit_at(s, i) - '0';
        if (digit > 9 || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, digit, &v)) {
            return false;
        }
    }
    *ret = v;
    return s->length > 0;
}

bool provider_point_uint(const struct provider_request *q, unsigned column, uint32_t i,
                         uint64_t *ret)
{
    const struct cim_value *v;
    if (!point(q, column, i, &v)) {
        return false;
    }

    switch (v->type) {
    case CIM_UINT8:
    case CIM_UINT16:
    case CIM_UINT32:
    case CIM_UINT64:
        *ret = v->uint;
        return true;
    case CIM_SINT8:
    case CIM_SINT16:
    case CIM_SINT32:
    case CIM_SINT64:
    case CIM_BOOLEAN:
    case CIM_CHAR16:
        *ret = (uint64_t)v->sint;
        return v->sint >= 0;
    case CIM_STRING:
        return text_to_uint(&v->string, ret);
    default:
        return false;
    }
}

bool provider_request_wants(const struct provider_request *q, unsigned column)
{
    return column < q->column_count && q->columns[column].wanted;
}

bool provider_request_is_deep(const struct provider_request *q)
{
    return q->deep;
}

const struct provider_class *provider_request_class(const struct provider_request *q)
{
    return q->provider;
}

bool provider_request_cancelled(const struct provider_request *q)
{
    return atomic_load_explicit(&q->cancelled, memory_order_relaxed) ||
           (q->out && result_set_cancelled(q->out)) ||
           (q->outer && provider_request_cancelled(q->outer));
}

HRESULT provider_request_prefix(const struct provider_request *q, wchar_t **ret)
{
    const wchar_t *server = L"";
    const wchar_t *name_space = L"";
    if (q->place.where) {
        decoration_names(q->place.where, &server, &name_space);
    }
    size_t size = wcslen(server) + wcslen(name_space) + 5;
    *ret = calloc(size, sizeof **ret);
    if (*ret && *server && *name_space) {
        swprintf(*ret, size, L"\\\\%ls\\%ls:", server, name_space);
    }
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

HRESULT provider_request_get_class(const struct provider_request *q, const wchar_t *name,
                                   IWbemClassObject **ret)
{
    return q->place.get_class ? q->place.get_class(q->place.closure, name, ret) : WBEM_E_NOT_FOUND;
}

/* ---- the source -------------------------------------------------------------- */

static struct provider_cursor *cursor_of(struct source *s)
{
    return (struct provider_cursor *)s;
}

static void get_from_row(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    row_get(from, ordinal, ret);
}

/* A condition such as "Handle = 7 AND Handle = 9" leaves no value that a property may have. */
static bool nothing_can_match(const struct provider_cursor *c)
{
    const struct cim_value *values;
    uint32_t count;
    for (uint32_t i = 0; c->plan && i < schema_property_count(c->schema); i++) {
        if (wql_plan_points(c->plan, i, &values, &count) && count == 0) {
            return true;
        }
    }
    return false;
}

static HRESULT open_cursor(struct provider_cursor *c)
{
    c->opened = true;
    if (nothing_can_match(c)) {
        return WBEM_S_FALSE;
    }
    return c->provider->open ? c->provider->open(&c->request, &c->cursor) : WBEM_S_NO_ERROR;
}

/* WBEM_S_NO_ERROR also for a row that does not match. */
static HRESULT next_row(struct provider_cursor *c, bool *ret_matches)
{
    provider_row_clear(&c->row);
    HRESULT hr = c->provider->next(c->cursor, &c->row);
    if (FAILED(hr) || hr == WBEM_S_FALSE) {
        return hr;
    }
    if (FAILED(c->row.failure)) {
        const char *column = c->provider->columns[c->row.failed_column];
        return error_raise(c->row.failure, "ExecQuery", column,
                           "the provider of %s gave a value that %s can't hold", c->provider->name,
                           column);
    }
    *ret_matches = !c->plan || wql_plan_matches(c->plan, get_from_row, c->row.row);
    return WBEM_S_NO_ERROR;
}

/* *ret stays NULL for a row that does not match. */
static HRESULT next_object(struct provider_cursor *c, IWbemClassObject **ret)
{
    bool matches = false;
    HRESULT hr = next_row(c, &matches);
    return hr == WBEM_S_NO_ERROR && matches
               ? row_encode(c->row.row, c->projected, c->map, c->request.place.where, ret)
               : hr;
}

static HRESULT pull_rows(struct provider_cursor *c, ULONG demand, struct result_set *out)
{
    if (!c->opened) {
        HRESULT hr = open_cursor(c);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
    }

    while (demand > 0) {
        IWbemClassObject *object = NULL;
        HRESULT hr = next_object(c, &object);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
        if (!object) {
            if (provider_request_cancelled(&c->request)) {
                return WBEM_E_CALL_CANCELLED;
            }
            continue;
        }
        hr = result_set_put(out, object);
        if (FAILED(hr)) {
            return hr;
        }
        demand--;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT cursor_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct provider_cursor *c = cursor_of(s);
    c->request.out = out;
    HRESULT hr = pull_rows(c, demand, out);
    c->request.out = NULL;
    return hr;
}

static void cursor_cancel(struct source *s)
{
    atomic_store_explicit(&cursor_of(s)->request.cancelled, true, memory_order_relaxed);
}

static void cursor_destroy(struct source *s)
{
    struct provider_cursor *c = cursor_of(s);
    if (c->cursor && c->provider->close) {
        c->provider->close(c->cursor);
    }
    row_destroy(c->row.row);
    wql_plan_destroy(c->plan);
    schema_unref(c->projected);
    schema_unref(c->schema);
    decoration_unref(c->request.place.where);
    free(c->map);
    free(c->columns);
    free(c);
}

static const struct source_ops cursor_ops = {
    .pull = cursor_pull,
    .cancel = cursor_cancel,
    .destroy = cursor_destroy,
};

/* Property names are ASCII in every class that a provider stands behind. */
static HRESULT find_property(const struct schema *s, const char *name, uint32_t *ret)
{
    wchar_t wide[128];
    size_t length = strlen(name);
    if (length >= sizeof wide / sizeof *wide) {
        return WBEM_E_NOT_FOUND;
    }
    for (size_t i = 0; i <= length; i++) {
        wide[i] = (wchar_t)(unsigned char)name[i];
    }
    return schema_find(s, wide, ret);
}

static HRESULT resolve_columns(struct provider_cursor *c)
{
    unsigned count = 0;
    while (c->provider->columns[count]) {
        count++;
    }
    c->columns = calloc(count + 1, sizeof *c->columns);
    if (!c->columns) {
        return WBEM_E_OUT_OF_MEMORY;
    }

    const bool *selected = c->plan ? wql_plan_selected(c->plan) : NULL;
    const bool *tested = c->plan ? wql_plan_tested(c->plan) : NULL;
    for (unsigned i = 0; i < count; i++) {
        struct column *column = &c->columns[i];
        if (FAILED(find_property(c->schema, c->provider->columns[i], &column->ordinal))) {
            column->ordinal = NO_ORDINAL;
            continue;
        }
        column->wanted = !c->plan || selected[column->ordinal] || tested[column->ordinal];
    }
    c->row.columns = c->request.columns = c->columns;
    c->row.column_count = c->request.column_count = count;
    return WBEM_S_NO_ERROR;
}

static HRESULT prepare(struct provider_cursor *c, IWbemClassObject *cls)
{
    struct schema *schema;
    HRESULT hr = schema_of(cls, &schema);
    if (FAILED(hr)) {
        return hr;
    }
    c->schema = schema_ref(schema);

    hr = resolve_columns(c);
    if (FAILED(hr)) {
        return hr;
    }
    if (c->plan && !wql_plan_selects_all(c->plan)) {
        hr = schema_project(c->schema, wql_plan_selected(c->plan), &c->projected, &c->map);
        if (FAILED(hr)) {
            return hr;
        }
    } else {
        c->projected = schema_ref(c->schema);
    }
    return row_create(c->schema, &c->row.row);
}

HRESULT provider_source(const struct provider_class *provider, IWbemClassObject *cls,
                        struct wql_plan *plan, bool deep, const struct provider_place *place,
                        struct source **ret)
{
    struct provider_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        wql_plan_destroy(plan);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->source.ops = &cursor_ops;
    c->provider = provider;
    c->plan = plan;
    if (place) {
        c->request.place = *place;
    }
    if (c->request.place.where) {
        decoration_ref(c->request.place.where);
    }
    c->request.provider = provider;
    c->request.plan = plan;
    c->request.deep = deep;
    atomic_init(&c->request.cancelled, false);

    HRESULT hr = prepare(c, cls);
    if (FAILED(hr)) {
        cursor_destroy(&c->source);
        return hr;
    }
    *ret = &c->source;
    return WBEM_S_NO_ERROR;
}

/* ---- asking another class ------------------------------------------------------- */

struct provider_inner {
    struct wql_query *query; /* the plan borrows it */
    struct provider_cursor *cursor;
};

void provider_inner_close(struct provider_inner *i)
{
    if (i) {
        if (i->cursor) {
            cursor_destroy(&i->cursor->source);
        }
        wql_destroy(i->query);
        free(i);
    }
}

/* Adds the cursor to `i`, whose query has been parsed. */
static HRESULT open_inner(const struct provider_request *q, struct provider_inner *i)
{
    IWbemClassObject *cls = NULL;
    struct schema *schema;
    struct wql_plan *plan = NULL;
    struct source *source = NULL;
    const struct provider_class *provider = provider_find(wql_query_class(i->query));
    HRESULT hr = provider ? provider_request_get_class(q, wql_query_class(i->query), &cls)
                          : WBEM_E_NOT_FOUND;
    if (SUCCEEDED(hr)) {
        hr = schema_of(cls, &schema);
    }
    if (SUCCEEDED(hr)) {
        hr = wql_plan_create(i->query, schema, &plan, NULL);
    }
    if (SUCCEEDED(hr)) {
        hr = provider_source(provider, cls, plan, q->deep, &q->place, &source);
    }
    if (SUCCEEDED(hr)) {
        i->cursor = cursor_of(source);
        i->cursor->request.outer = q;
    }
    if (cls) {
        IWbemClassObject_Release(cls);
    }
    return hr;
}

HRESULT provider_inner_open(const struct provider_request *q, const wchar_t *text,
                            struct provider_inner **ret)
{
    struct provider_inner *i = calloc(1, sizeof *i);
    if (!i) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = wql_parse(text, &i->query, NULL);
    if (SUCCEEDED(hr)) {
        hr = open_inner(q, i);
    }
    if (FAILED(hr)) {
        provider_inner_close(i);
        return hr;
    }
    *ret = i;
    return WBEM_S_NO_ERROR;
}

HRESULT provider_inner_next(struct provider_inner *i)
{
    struct provider_cursor *c = i->cursor;
    bool matches = false;
    if (!c->opened) {
        HRESULT hr = open_cursor(c);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
    }
    while (!matches) {
        HRESULT hr = next_row(c, &matches);
        if (FAILED(hr) || hr == WBEM_S_FALSE) {
            return hr;
        }
        if (!matches && provider_request_cancelled(&c->request)) {
            return WBEM_E_CALL_CANCELLED;
        }
    }
    return WBEM_S_NO_ERROR;
}

bool provider_inner_get(const struct provider_inner *i, const char *property, struct cim_value *ret)
{
    uint32_t ordinal;
    if (FAILED(find_property(i->cursor->schema, property, &ordinal))) {
        return false;
    }
    row_get(i->cursor->row.row, ordinal, ret);
    return !ret->null;
}

HRESULT provider_inner_text(const struct provider_inner *i, const char *property, char **ret)
{
    struct cim_value v;
    *ret = NULL;
    if (!provider_inner_get(i, property, &v)) {
        return WBEM_S_NO_ERROR;
    }
    if (is_text(&v)) {
        *ret = provider_utf8(&v.string);
    } else if (asprintf(ret, "%llu", (unsigned long long)v.uint) < 0) {
        *ret = NULL;
    }
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

HRESULT provider_inner_path(const struct provider_inner *i, wchar_t **ret)
{
    return schema_relpath(i->cursor->schema, get_from_row, i->cursor->row.row, ret);
}
