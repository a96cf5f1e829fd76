/*
 * WQL's conditions against SQLite's: random rows, random conditions, the same
 * rows must match. WBEM_TEST_SEED in the environment tries other ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>
#include <sqlite3.h>

#include "com/com.h"
#include "wql/wql.h"

enum {
    ROWS = 80,
    CONDITIONS = 4000,
    MOST_TEXT = 1 << 14
};

/* Two columns of a kind, so that properties can be compared with each other. */
static const struct {
    const char *name;
    const char *sql;
    CIMTYPE type;
} columns[] = {
    {"Id", "INTEGER", CIM_UINT32},
    {"A", "INTEGER", CIM_SINT32},
    {"B", "INTEGER", CIM_SINT64},
    {"W", "INTEGER", CIM_UINT16},
    {"R", "REAL", CIM_REAL64},
    {"Q", "REAL", CIM_REAL64},
    {"S", "TEXT COLLATE NOCASE", CIM_STRING},
    {"T", "TEXT COLLATE NOCASE", CIM_STRING},
    {"U", "INTEGER", CIM_BOOLEAN},
};
enum {
    ID,
    COLUMNS = sizeof(columns) / sizeof(columns[0])
};

static sqlite3 *database;
static IWbemClassObject *cls;
static struct schema *schema;
static struct row *rows[ROWS];
static uint32_t ordinals[COLUMNS];
static uint64_t seed;

/* xorshift64* */
static uint32_t random_below(uint32_t bound)
{
    seed ^= seed >> 12;
    seed ^= seed << 25;
    seed ^= seed >> 27;
    return (uint32_t)((seed * 0x2545f4914f6cdd1du) >> 33) % bound;
}

static bool one_in(uint32_t n)
{
    return random_below(n) == 0;
}

/* ---- a condition as both languages have it ----------------------------------------------------
 */

struct texts {
    char wql[MOST_TEXT], sql[MOST_TEXT];
};

static void add_to(char *text, const char *what)
{
    assert_true(strlen(text) + strlen(what) < MOST_TEXT);
    strcat(text, what);
}

static void add(struct texts *t, const char *what)
{
    add_to(t->wql, what);
    add_to(t->sql, what);
}

/* Few characters, so that equal strings and patterns that match come up. Between "Z" and "a" there
 * is nothing: SQLite folds down, WQL need not. */
static void random_text(char *out, const char *alphabet)
{
    size_t length = random_below(5);
    for (size_t i = 0; i < length; i++) {
        out[i] = alphabet[random_below((uint32_t)strlen(alphabet))];
    }
    out[length] = '\0';
}

/* Quotes are doubled in SQL and escaped in WQL. */
static void add_string(struct texts *t, const char *text)
{
    add(t, "'");
    for (; *text; text++) {
        char c[2] = {*text, '\0'};
        if (*text == '\'') {
            add_to(t->wql, "\\'");
            add_to(t->sql, "''");
        } else {
            add(t, c);
        }
    }
    add(t, "'");
}

static int64_t random_integer(CIMTYPE type)
{
    static const int64_t far[] = {INT64_MIN, INT64_MAX, INT32_MIN, INT32_MAX, UINT16_MAX, -1};
    if (type == CIM_SINT64 && one_in(8)) {
        return far[random_below(sizeof(far) / sizeof(far[0]))];
    }
    return type == CIM_UINT16 || type == CIM_UINT32 ? (int64_t)random_below(7)
                                                    : (int64_t)random_below(9) - 4;
}

static double random_real(void)
{
    return ((double)random_below(33) - 16) / 4;
}

static void add_constant(struct texts *t, CIMTYPE type)
{
    char text[64];
    if (type == CIM_STRING) {
        random_text(text, "aAbB' ");
        add_string(t, text);
    } else if (type == CIM_BOOLEAN) {
        static const char *const truths[] = {"TRUE", "FALSE", "1", "0"};
        add(t, truths[random_below(4)]);
    } else if (one_in(3)) {
        snprintf(text, sizeof(text), "%.2f", random_real());
        add(t, text);
    } else {
        int64_t number = random_integer(CIM_SINT64); /* also what the column can't hold */
        snprintf(text, sizeof(text), "%lld", (long long)number);
        add(t, text);
    }
}

static bool is_number(CIMTYPE type)
{
    return type != CIM_STRING && type != CIM_BOOLEAN;
}

static void add_operator(struct texts *t)
{
    static const char *const operators[] = {" = ", " <> ", " != ", " < ", " <= ", " > ", " >= "};
    add(t, operators[random_below(sizeof(operators) / sizeof(operators[0]))]);
}

/* Id = 1 OR Id = 2 …: what people write for IN, and what gives points. */
static void add_list(struct texts *t)
{
    uint32_t count = 1 + random_below(5);
    add(t, "(");
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof(text), "%sId = %u", i ? " OR " : "", random_below(ROWS + 10));
        add(t, text);
    }
    add(t, ")");
}

static void add_like(struct texts *t)
{
    char pattern[8];
    add(t, one_in(2) ? "S" : "T");
    add(t, one_in(3) ? " NOT LIKE " : " LIKE ");
    random_text(pattern, "aAbB%_%");
    add_string(t, pattern);
}

static void add_comparison(struct texts *t)
{
    uint32_t c = random_below(COLUMNS);
    CIMTYPE type = columns[c].type;
    uint32_t kind = random_below(12);
    if (kind == 0) {
        add_list(t);
    } else if (kind <= 2) {
        add_like(t);
    } else if (kind <= 4) {
        add(t, columns[c].name);
        add(t, one_in(2) ? " IS NULL" : " IS NOT NULL");
    } else if (kind <= 6) {
        uint32_t other = random_below(COLUMNS);
        while (is_number(columns[other].type) != is_number(type) ||
               (columns[other].type == CIM_STRING) != (type == CIM_STRING)) {
            other = random_below(COLUMNS);
        }
        add(t, columns[c].name);
        add_operator(t);
        add(t, columns[other].name);
    } else if (kind == 7) {
        add_constant(t, type);
        add_operator(t);
        add(t, columns[c].name);
    } else {
        add(t, columns[c].name);
        add_operator(t);
        add_constant(t, type);
    }
}

static void add_condition(struct texts *t, int depth)
{
    uint32_t kind = depth ? random_below(6) : 5;
    if (kind == 0) {
        add(t, "NOT ");
        add(t, "(");
        add_condition(t, depth - 1);
        add(t, ")");
    } else if (kind == 1) {
        add(t, "NOT ");
        add_comparison(t);
    } else if (kind <= 4) {
        /* Without parentheses around the parts: precedence is compared too. */
        uint32_t count = 2 + random_below(3);
        bool grouped = one_in(2);
        add(t, grouped ? "(" : "");
        for (uint32_t i = 0; i < count; i++) {
            add(t, i == 0 ? "" : one_in(2) ? " AND " : " OR ");
            add_condition(t, depth - 1);
        }
        add(t, grouped ? ")" : "");
    } else {
        add_comparison(t);
    }
}

/* ---- rows
 * ---------------------------------------------------------------------------------------- */

static void make_class(void)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"Test_Row");
    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"__CLASS", 0, &v, 0));
    VariantClear(&v);
    for (size_t i = 0; i < COLUMNS; i++) {
        CLEANUP(com_cleanup_free) wchar_t *name = com_wide_from_utf8(columns[i].name);
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemClassObject_Put(cls, name, 0, NULL, columns[i].type));
    }
    assert_int_equal(WBEM_S_NO_ERROR, schema_of(cls, &schema));
    for (size_t i = 0; i < COLUMNS; i++) {
        CLEANUP(com_cleanup_free) wchar_t *name = com_wide_from_utf8(columns[i].name);
        assert_int_equal(WBEM_S_NO_ERROR, schema_find(schema, name, &ordinals[i]));
    }
}

static void set_random(struct row *row, sqlite3_stmt *insert, uint32_t c)
{
    int at = (int)c + 1;
    char text[8];
    int64_t number = random_integer(columns[c].type);
    double real = random_real();
    switch (columns[c].type) {
    case CIM_STRING:
        random_text(text, "aAbB' ");
        assert_int_equal(WBEM_S_NO_ERROR, row_set_string(row, ordinals[c], text));
        sqlite3_bind_text(insert, at, text, -1, SQLITE_TRANSIENT);
        break;
    case CIM_REAL64:
        assert_int_equal(WBEM_S_NO_ERROR, row_set_real(row, ordinals[c], real));
        sqlite3_bind_double(insert, at, real);
        break;
    case CIM_BOOLEAN:
        assert_int_equal(WBEM_S_NO_ERROR, row_set_bool(row, ordinals[c], number > 0));
        sqlite3_bind_int(insert, at, number > 0);
        break;
    default:
        assert_int_equal(WBEM_S_NO_ERROR, row_set_sint(row, ordinals[c], number));
        sqlite3_bind_int64(insert, at, number);
        break;
    }
}

static void make_rows(void)
{
    sqlite3_stmt *insert;
    assert_int_equal(SQLITE_OK,
                     sqlite3_prepare_v2(database, "INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?)", -1,
                                        &insert, NULL));
    for (uint32_t i = 0; i < ROWS; i++) {
        assert_int_equal(WBEM_S_NO_ERROR, row_create(schema, &rows[i]));
        sqlite3_reset(insert);
        sqlite3_clear_bindings(insert);
        for (uint32_t c = ID + 1; c < COLUMNS; c++) {
            if (!one_in(4)) { /* otherwise null */
                set_random(rows[i], insert, c);
            }
        }
        assert_int_equal(WBEM_S_NO_ERROR, row_set_uint(rows[i], ordinals[ID], i));
        sqlite3_bind_int64(insert, ID + 1, i);
        assert_int_equal(SQLITE_DONE, sqlite3_step(insert));
    }
    sqlite3_finalize(insert);
}

static int setup(void **state)
{
    const char *wanted = getenv("WBEM_TEST_SEED");
    seed = wanted ? strtoull(wanted, NULL, 0) | 1 : 0x9e3779b97f4a7c15u;
    char create[512] = "CREATE TABLE t (";
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t used = strlen(create);
        snprintf(create + used, sizeof(create) - used, "%s%s %s", i ? ", " : "", columns[i].name,
                 columns[i].sql);
    }
    strcat(create, ")");
    make_class();
    assert_int_equal(SQLITE_OK, sqlite3_open(":memory:", &database));
    assert_int_equal(SQLITE_OK, sqlite3_exec(database, create, NULL, NULL, NULL));
    make_rows();
    return 0;
}

static int teardown(void **state)
{
    for (uint32_t i = 0; i < ROWS; i++) {
        row_destroy(rows[i]);
    }
    IWbemClassObject_Release(cls);
    sqlite3_close(database);
    return 0;
}

/* ---- the comparison -----------------------------------------------------------------------------
 */

static void ask_sqlite(const char *condition, bool *ret)
{
    static char text[MOST_TEXT + 64];
    sqlite3_stmt *select;
    snprintf(text, sizeof(text), "SELECT Id FROM t WHERE %s", condition);
    if (sqlite3_prepare_v2(database, text, -1, &select, NULL) != SQLITE_OK) {
        print_message("%s\n%s\n", text, sqlite3_errmsg(database));
        fail();
    }
    memset(ret, 0, ROWS * sizeof(*ret));
    while (sqlite3_step(select) == SQLITE_ROW) {
        ret[sqlite3_column_int(select, 0)] = true;
    }
    sqlite3_finalize(select);
}

static void get(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    row_get(from, ordinal, ret);
}

/* A row that matches has its Id among the points, when there are any. */
static bool among_points(const struct wql_plan *p, uint64_t id)
{
    const struct cim_value *values;
    uint32_t count;
    bool found = false;
    if (!wql_plan_points(p, ordinals[ID], &values, &count)) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct cim_value v = {.type = CIM_UINT32, .uint = id};
        int order;
        found = found || (SUCCEEDED(cim_compare(&values[i], &v, &order)) && order == 0);
    }
    return found;
}

static struct wql_query *parse(const wchar_t *text)
{
    struct wql_query *q = NULL;
    struct wql_error e = {0};
    if (FAILED(wql_parse(text, &q, &e))) {
        print_message("%ls\ncolumn %u, '%s': expected %s\n", text, e.at.column, e.token,
                      e.expected);
        fail();
    }
    return q;
}

/* Which rows match; the plan outlives the query, as it may. */
static void ask_wql(struct wql_query *q, bool *ret)
{
    struct wql_plan *p = NULL;
    struct wql_error e = {0};
    if (FAILED(wql_plan_create(q, schema, &p, &e))) {
        print_message("'%s': expected %s\n", e.token, e.expected);
        fail();
    }
    for (uint32_t i = 0; i < ROWS; i++) {
        ret[i] = wql_plan_matches(p, get, rows[i]);
        assert_true(!ret[i] || among_points(p, i));
    }
    wql_plan_destroy(p);
}

static void test_same_rows(void **state)
{
    static struct texts t;
    uint32_t all = 0;
    for (int i = 0; i < CONDITIONS; i++) {
        bool expected[ROWS];
        bool got[ROWS];
        uint64_t before = seed;
        t = (struct texts){.wql = "SELECT * FROM Test_Row WHERE ", .sql = ""};
        add_condition(&t, 3);
        CLEANUP(com_cleanup_free) wchar_t *text = com_wide_from_utf8(t.wql);
        CLEANUP(com_cleanup_free) wchar_t *printed = NULL;
        struct wql_query *q = parse(text);
        assert_int_equal(WBEM_S_NO_ERROR, wql_print(q, &printed));
        ask_sqlite(t.sql, expected);
        for (int round = 0; round < 2; round++) { /* as written, and as printed */
            ask_wql(q, got);
            for (uint32_t r = 0; r < ROWS; r++) {
                if (got[r] != expected[r]) {
                    print_message("seed 0x%llx, row %u: %s\n%s\n", (unsigned long long)before, r,
                                  got[r] ? "WQL alone matches" : "SQLite alone matches", t.wql);
                    fail();
                }
                all += got[r];
            }
            wql_destroy(q);
            q = round ? NULL : parse(printed);
        }
    }
    /* Conditions that nothing or everything satisfies would prove little. */
    assert_in_range(all, 2 * CONDITIONS * ROWS / 10, 2 * CONDITIONS * ROWS / 10 * 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_rows),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
