/* Conditions over one row with a value of every kind: which match, which are refused, and which
 * points they leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "com/com.h"
#include "wql/wql.h"

static const struct {
    const wchar_t *name;
    CIMTYPE type;
} properties[] = {
    {L"Id", CIM_UINT32},     {L"Name", CIM_STRING},    {L"Big", CIM_UINT64},
    {L"Small", CIM_SINT8},   {L"Load", CIM_REAL64},    {L"Up", CIM_BOOLEAN},
    {L"Made", CIM_DATETIME}, {L"Nothing", CIM_STRING}, {L"List", CIM_UINT16 | CIM_FLAG_ARRAY},
    {L"Long", CIM_SINT64},   {L"Other", CIM_STRING},   {L"Words", CIM_STRING | CIM_FLAG_ARRAY},
    {L"Void", CIM_UINT32},
};

static IWbemClassObject *base, *derived;
static struct schema *schema;
static struct row *row;

static void put_string(IWbemClassObject *cls, const wchar_t *name, const wchar_t *text)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, name, 0, &v, 0));
    VariantClear(&v);
}

static uint32_t ordinal(const wchar_t *name)
{
    uint32_t o;
    assert_int_equal(WBEM_S_NO_ERROR, schema_find(schema, name, &o));
    return o;
}

static void make_class(void)
{
    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&base));
    put_string(base, L"__CLASS", L"Test_Base");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(base, L"Id", 0, NULL, CIM_UINT32));
    IWbemQualifierSet *set;
    VARIANT v;
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetPropertyQualifierSet(base, L"Id", &set));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemQualifierSet_Put(set, L"key", &v,
                                           WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                               WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS));
    IWbemQualifierSet_Release(set);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnDerivedClass(base, 0, &derived));
    put_string(derived, L"__CLASS", L"Test_Derived");
    for (size_t i = 1; i < sizeof(properties) / sizeof(properties[0]); i++) {
        assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(derived, properties[i].name, 0, NULL,
                                                               properties[i].type));
    }
}

static int setup(void **state)
{
    static const uint64_t list[] = {10, 20, 30};
    static const char *const words[] = {"alpha", "beta"};
    make_class();
    assert_int_equal(WBEM_S_NO_ERROR, schema_of(derived, &schema));
    assert_int_equal(WBEM_S_NO_ERROR, row_create(schema, &row));
    row_set_uint(row, ordinal(L"Id"), 7);
    row_set_string(row, ordinal(L"Name"),
                   "Stra\xc3\x9f"
                   "e_50%");
    row_set_uint(row, ordinal(L"Big"), 18446744073709551615u);
    row_set_sint(row, ordinal(L"Small"), -5);
    row_set_real(row, ordinal(L"Load"), 0.5);
    row_set_bool(row, ordinal(L"Up"), true);
    row_set_wide(row, ordinal(L"Made"), L"20240131120000.000000+060");
    row_set_uint_array(row, ordinal(L"List"), list, 3);
    row_set_sint(row, ordinal(L"Long"), -9223372036854775807 - 1);
    row_set_string(row, ordinal(L"Other"), "42");
    row_set_string_array(row, ordinal(L"Words"), words, 2);
    return 0;
}

static int teardown(void **state)
{
    row_destroy(row);
    IWbemClassObject_Release(derived);
    IWbemClassObject_Release(base);
    return 0;
}

static HRESULT plan_for(const wchar_t *condition, struct wql_query **q, struct wql_plan **p,
                        struct wql_error *e)
{
    wchar_t text[512];
    swprintf(text, 512, L"SELECT * FROM Test_Derived WHERE %ls", condition);
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(text, q, NULL));
    HRESULT hr = wql_plan_create(*q, schema, p, e);
    if (FAILED(hr)) {
        wql_destroy(*q);
    }
    return hr;
}

static void get(const void *from, uint32_t o, struct cim_value *ret)
{
    row_get(from, o, ret);
}

static bool matches(const wchar_t *condition)
{
    struct wql_query *q = NULL;
    struct wql_plan *p = NULL;
    struct wql_error e = {0};
    if (FAILED(plan_for(condition, &q, &p, &e))) {
        print_message("%ls: '%s', expected %s\n", condition, e.token, e.expected);
        fail();
    }
    bool result = wql_plan_matches(p, get, row);
    wql_plan_destroy(p);
    wql_destroy(q);
    return result;
}

static void test_matches(void **state)
{
    static const wchar_t *const yes[] = {
        L"Id = 7",
        L"id = 0x7",
        L"Id = '7'",
        L"7 = Id",
        L"Id <> 8",
        L"Id != 8",
        L"Id > 6",
        L"6 < Id",
        L"Id >= 7",
        L"Id <= 7",
        L"Id < 7.5",
        L"Id > -1",
        L"Id < 99999999999",
        L"Big = 18446744073709551615",
        L"Big > 5",
        L"Big > Id",
        L"Big = '18446744073709551615'",
        L"Small = -5",
        L"Small < 0",
        L"Small < Id",
        L"Small > -1000",
        L"Long = -9223372036854775808",
        L"Long < Small",
        L"Long < Big",
        L"Load = 0.5",
        L"Load < 1",
        L"Load > '0.25'",
        L"Load >= 5e-1",
        L"Up = TRUE",
        L"Up = 1",
        L"Up = 'true'",
        L"Up <> FALSE",
        L"Up = true",
        L"Name = 'stra\x00df"
        L"e_50%'",
        L"Name = 'STRA\x00df"
        L"E_50%'",
        L"Name > 'a'",
        L"Name LIKE 'stra%'",
        L"Name LIKE '%50[%]'",
        L"Name LIKE 'stra_e[_]50%'",
        L"Name LIKE '[r-t]tra%'",
        L"Name LIKE '[^a-r]%'",
        L"Name LIKE '%'",
        L"Name LIKE '%%e%5%'",
        L"Name NOT LIKE 'x%'",
        L"NOT Name LIKE 'x%'",
        L"Other = 42",
        L"Other = '42'",
        L"Other LIKE '4_'",
        L"Made = '20240131110000.000000+000'",
        L"Made > '20240131105959.999999+000'",
        L"Made < '20250101000000.000000+000'",
        L"Nothing IS NULL",
        L"Nothing = NULL",
        L"Name IS NOT NULL",
        L"Name <> NULL",
        L"NOT Nothing IS NOT NULL",
        L"List[0] = 10",
        L"List[2] >= 30",
        L"Words[1] LIKE 'B%'",
        L"List IS NOT NULL",
        L"List[9] IS NULL",
        L"Id = 1 OR Id = 7",
        L"Id = 7 AND Up = TRUE",
        L"NOT Id = 8",
        L"NOT (Id = 8 AND Up = TRUE)",
        L"(Id = 1 OR Id = 7) AND (Up = FALSE OR Load = 0.5)",
        L"Void = 1 OR Id = 7",
        L"NOT (Void = 1 AND Id = 8)",
        L"__CLASS = 'test_derived'",
        L"__CLASS ISA 'Test_Base'",
        L"__this ISA 'Test_Derived'",
        L"__CLASS LIKE 'Test[_]%'",
        L"__SUPERCLASS = 'Test_Base'",
        L"__DYNASTY = 'Test_Base'",
        L"__GENUS = 2",
        L"__PROPERTY_COUNT > 5",
        L"__SUPERCLASS IS NOT NULL",
        L"__RELPATH = 'Test_Derived.Id=7'",
        L"__RELPATH = 'Test_Derived=7'",
        L"__PATH <> 'Test_Derived.Id=8'",
        L"__RELPATH LIKE '%.Id=7'",
        L"__RELPATH < 'Test_Derived.Id=8'",
        L"__RELPATH IS NOT NULL",
        L"__DERIVATION[0] = 'Test_Base'",
        L"__DERIVATION[1] IS NULL",
    };
    static const wchar_t *const no[] = {
        L"Id = 8",
        L"Id <> 7",
        L"Id < 7",
        L"Id = -7",
        L"Id = 7.5",
        L"Big = -1",
        L"Small = 5",
        L"Up = FALSE",
        L"Up = 0",
        L"Name = 'x'",
        L"Name LIKE 'trasse'",
        L"Name LIKE ''",
        L"Name LIKE '_'",
        L"Name LIKE '[^s]%'",
        L"Name LIKE 'stra%x'",
        L"Other = 43",
        L"Nothing = 'x'",
        L"Nothing <> 'x'",
        L"NOT Nothing = 'x'",
        L"Nothing LIKE '%'",
        L"Nothing IS NOT NULL",
        L"Void > 0",
        L"NOT Void > 0",
        L"Void = 1 AND Id = 7",
        L"NOT (Void = 1 OR Id = 8)",
        L"List[0] = 20",
        L"List[9] = 10",
        L"Words[1] = 'alpha'",
        L"Made > '20240131120000.000000+060'",
        L"__CLASS = 'Test_Base'",
        L"__CLASS ISA 'Elsewhere'",
        L"__RELPATH = 'Test_Derived.Id=8'",
        L"__RELPATH = 'Test_Base.Id=7'",
        L"__GENUS = 1",
        L"Id = 7 AND NOT Up = TRUE",
    };
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (!matches(yes[i])) {
            print_message("should match: %ls\n", yes[i]);
            fail();
        }
    }
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
        if (matches(no[i])) {
            print_message("should not match: %ls\n", no[i]);
            fail();
        }
    }
}

static void test_refused(void **state)
{
    static const struct {
        const wchar_t *condition;
        const char *token, *expected;
    } cases[] = {
        {L"Nmae = 1", "Nmae", "property of the class"},
        {L"Id = 'seven'", "seven", "a number"},
        {L"Id LIKE '7'", "Id", "type string"},
        {L"Up = 'maybe'", "maybe", "TRUE or FALSE"},
        {L"Made = 'yesterday'", "yesterday", "date"},
        {L"Made > 5", "5", "date"},
        {L"List = 10", "List", "one element"},
        {L"Id[0] = 1", "Id", "array"},
        {L"Id ISA 'B'", "Id", "__CLASS"},
        {L"Id = Name", "Name", "compared"},
        {L"Id = Nmae", "Nmae", "property of the class"},
        {L"Id.Name = 1", "Id.Name", "embedded"},
        {L"T.Name = 1", "T.Name", "property of the class"},
        {L"__SERVER = 'x'", "__SERVER", "conditions can test"},
        {L"__RELPATH ISA 'x'", "__RELPATH", "before ISA"},
        {L"__RELPATH = 5", "__RELPATH", "object path"},
        {L"__PATH LIKE 'x'", "__PATH", "__RELPATH"},
        {L"__SUPERCLASS ISA 'x'", "__SUPERCLASS", "before ISA"},
        {L"__DERIVATION = 'x'", "__DERIVATION", "conditions can test"},
        {L"__RELPATH = '='", "=", "object path"},
        {L"__CLASS = Name", "Name", "constant"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wql_query *q = NULL;
        struct wql_plan *p = NULL;
        struct wql_error e = {0};
        assert_int_equal(WBEM_E_INVALID_QUERY, plan_for(cases[i].condition, &q, &p, &e));
        if (strcmp(e.token, cases[i].token) != 0 || !strstr(e.expected, cases[i].expected)) {
            print_message("%ls: '%s', expected %s\n", cases[i].condition, e.token, e.expected);
            fail();
        }
    }
}

static void test_points(void **state)
{
    static const struct {
        const wchar_t *condition;
        int count; /* -1: no limit */
    } cases[] = {
        {L"Id = 7", 1},
        {L"Id = 7 OR Id = 9", 2},
        {L"Id = 7 OR Id = 7", 1},
        {L"Id = 7 OR Id = '7'", 1},
        {L"Id = 7 AND Id = 9", 0},
        {L"Id = 7 AND Name = 'x'", 1},
        {L"Id = 7 OR Name = 'x'", -1},
        {L"(Id = 7 OR Id = 9) AND (Id = 9 OR Id = 11)", 1},
        {L"Id <> 7", -1},
        {L"NOT Id = 7", -1},
        {L"Id > 7", -1},
        {L"Id > 7 AND Id = 9", 1},
        {L"__RELPATH = 'Test_Derived.Id=7'", 1},
        {L"__CLASS = 'Elsewhere'", 0},
        {L"__CLASS = 'Elsewhere' OR Id = 3", 1},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wql_query *q = NULL;
        struct wql_plan *p = NULL;
        const struct cim_value *values = NULL;
        uint32_t count = 0;
        assert_int_equal(WBEM_S_NO_ERROR, plan_for(cases[i].condition, &q, &p, NULL));
        bool limited = wql_plan_points(p, ordinal(L"Id"), &values, &count);
        if (limited != (cases[i].count >= 0) || (limited && (int)count != cases[i].count)) {
            print_message("%ls: %d values\n", cases[i].condition, limited ? (int)count : -1);
            fail();
        }
        wql_plan_destroy(p);
        wql_destroy(q);
    }
}

static void check_selection(const wchar_t *text, bool id, bool name, bool all)
{
    struct wql_query *q = NULL;
    struct wql_plan *p = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(text, &q, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, wql_plan_create(q, schema, &p, NULL));
    assert_int_equal(id, wql_plan_selected(p)[ordinal(L"Id")]);
    assert_int_equal(name, wql_plan_selected(p)[ordinal(L"Name")]);
    assert_int_equal(all, wql_plan_selects_all(p));
    wql_plan_select_keys(p);
    assert_true(wql_plan_selected(p)[ordinal(L"Id")]);
    wql_plan_destroy(p);
    wql_destroy(q);
}

static void test_selection(void **state)
{
    check_selection(L"SELECT * FROM T", true, true, true);
    check_selection(L"SELECT name FROM T WHERE Id = 3", false, true, false);
    check_selection(L"SELECT __RELPATH FROM T", true, false, false);
    check_selection(L"SELECT __CLASS FROM T", false, false, false);
    check_selection(L"SELECT COUNT(*) FROM T", false, false, false);
    struct wql_query *q = NULL;
    struct wql_plan *p = NULL;
    struct wql_error e = {0};
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(L"SELECT Id,\n Nmae FROM T", &q, NULL));
    assert_int_equal(WBEM_E_INVALID_QUERY, wql_plan_create(q, schema, &p, &e));
    assert_int_equal(2, e.at.line);
    assert_int_equal(2, e.at.column);
    assert_string_equal("Nmae", e.token);
    wql_destroy(q);
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(L"SELECT Id FROM T WHERE Up = TRUE", &q, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, wql_plan_create(q, schema, &p, &e));
    assert_true(wql_plan_tested(p)[ordinal(L"Up")]);
    assert_false(wql_plan_tested(p)[ordinal(L"Id")]);
    wql_plan_destroy(p);
    wql_destroy(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_points),
        cmocka_unit_test(test_selection),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
