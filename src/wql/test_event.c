/* Event queries: their clauses, the classes they leave to be polled, and conditions on embedded
 * objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "com/com.h"
#include "wql/wql.h"

static struct wql_query *parse(const wchar_t *text)
{
    struct wql_query *q = NULL;
    struct wql_error e = {0};
    if (FAILED(wql_parse(text, &q, &e))) {
        print_message("%ls: '%s', expected %s\n", text, e.token, e.expected);
        fail();
    }
    return q;
}

static void test_clauses(void **state)
{
    double seconds;
    struct wql_having having;
    struct wql_query *q = parse(L"SELECT * FROM __InstanceCreationEvent WITHIN 0.5 WHERE "
                                L"TargetInstance ISA 'Win32_NTLogEvent' group within 600 by "
                                L"TargetInstance.SourceName, Type HAVING NumberOfEvents >= 25");
    assert_true(wql_query_within(q, &seconds));
    assert_true(seconds == 0.5);
    assert_true(wql_query_group_within(q, &seconds));
    assert_true(seconds == 600);
    assert_int_equal(0, wcscmp(L"TargetInstance.SourceName", wql_query_group_by(q, 0)));
    assert_int_equal(0, wcscmp(L"Type", wql_query_group_by(q, 1)));
    assert_null(wql_query_group_by(q, 2));
    assert_true(wql_query_having(q, &having));
    assert_int_equal(0, wcscmp(L">=", having.op));
    assert_int_equal(25, having.value);
    assert_true(wql_query_having_matches(q, 25));
    assert_false(wql_query_having_matches(q, 24));
    wql_destroy(q);

    q = parse(L"SELECT * FROM EmailEvent GROUP WITHIN 300");
    assert_false(wql_query_within(q, &seconds));
    assert_true(wql_query_group_within(q, &seconds));
    assert_null(wql_query_group_by(q, 0));
    assert_false(wql_query_having(q, &having));
    assert_true(wql_query_having_matches(q, 0));
    assert_true(wql_query_has_event_clauses(q, NULL));
    wql_destroy(q);

    q = parse(L"SELECT * FROM Within");
    assert_false(wql_query_has_event_clauses(q, NULL));
    assert_int_equal(S_OK, wql_query_refuse_event_clauses(q, NULL));
    wql_destroy(q);
}

static void test_refused_in_data_queries(void **state)
{
    struct wql_error e = {0};
    struct wql_query *q = parse(L"SELECT * FROM T\n WITHIN 2 WHERE a = 1");
    assert_int_equal(WBEM_E_INVALID_QUERY, wql_query_refuse_event_clauses(q, &e));
    assert_string_equal("WITHIN", e.token);
    assert_int_equal(2, e.at.line);
    assert_int_equal(2, e.at.column);
    wql_destroy(q);
    q = parse(L"SELECT * FROM T WHERE a = 1 GROUP WITHIN 1");
    assert_int_equal(WBEM_E_INVALID_QUERY, wql_query_refuse_event_clauses(q, &e));
    assert_string_equal("GROUP", e.token);
    assert_int_equal(29, e.at.column);
    wql_destroy(q);
}

static void test_mistakes(void **state)
{
    static const struct {
        const wchar_t *text;
        const char *token, *expected;
    } cases[] = {
        {L"SELECT * FROM E WITHIN", "end of query", "an interval in seconds"},
        {L"SELECT * FROM E WITHIN -1", "-1", "from 0"},
        {L"SELECT * FROM E WITHIN 1e300", "1e300", "from 0"},
        {L"SELECT * FROM E WITHIN 'x'", "'x'", "an interval in seconds"},
        {L"SELECT * FROM E WITHIN 1 2", "2", "WHERE"},
        {L"SELECT * FROM E WHERE a = 1 WITHIN 1", "WITHIN", "AND, OR"},
        {L"SELECT * FROM E GROUP BY a", "BY", "WITHIN"},
        {L"SELECT * FROM E GROUP WITHIN 1 BY", "end of query", "name of a property"},
        {L"SELECT * FROM E GROUP WITHIN 1 BY a,", "end of query", "name of a property"},
        {L"SELECT * FROM E GROUP WITHIN 1 BY a b", "b", "a comma"},
        {L"SELECT * FROM E GROUP WITHIN 1 HAVING x > 1", "x", "NumberOfEvents"},
        {L"SELECT * FROM E GROUP WITHIN 1 HAVING NumberOfEvents LIKE 1", "LIKE", "operator"},
        {L"SELECT * FROM E GROUP WITHIN 1 HAVING NumberOfEvents > 1.5", "1.5", "number of events"},
        {L"SELECT * FROM E GROUP WITHIN 1 HAVING NumberOfEvents > -1", "-1", "number of events"},
        {L"SELECT * FROM E GROUP WITHIN 1 HAVING NumberOfEvents > 1 x", "x", "the end"},
        {L"SELECT * FROM E HAVING NumberOfEvents > 1", "HAVING", "WHERE"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wql_query *q = NULL;
        struct wql_error e = {0};
        assert_int_equal(WBEM_E_INVALID_QUERY, wql_parse(cases[i].text, &q, &e));
        if (strcmp(e.token, cases[i].token) != 0 || !strstr(e.expected, cases[i].expected)) {
            print_message("%ls: '%s', expected %s\n", cases[i].text, e.token, e.expected);
            fail();
        }
    }
}

static void test_printed(void **state)
{
    static const wchar_t text[] =
        L"SELECT * FROM E WITHIN 2.5 WHERE TargetInstance.Name = \"x\" GROUP WITHIN 10 BY "
        L"TargetInstance.Name, b HAVING NumberOfEvents <> 3";
    struct wql_query *q = parse(text);
    wchar_t *printed;
    assert_int_equal(WBEM_S_NO_ERROR, wql_print(q, &printed));
    assert_int_equal(0, wcscmp(text, printed));
    free(printed);
    wql_destroy(q);
}

static void test_classes_to_poll(void **state)
{
    static const struct {
        const wchar_t *condition, *classes;
    } cases[] = {
        {L"TargetInstance ISA 'A'", L"A"},
        {L"targetinstance isa 'A' AND TargetInstance.Name = 'x'", L"A"},
        {L"TargetInstance ISA 'A' OR TargetInstance ISA 'B'", L"A B"},
        {L"TargetInstance ISA 'A' OR TargetInstance ISA 'a'", L"A"},
        {L"TargetInstance.__CLASS = 'A' OR TargetInstance.__CLASS ISA 'B'", L"A B"},
        {L"(TargetInstance ISA 'A' OR TargetInstance ISA 'B') AND TargetInstance ISA 'C'", L"C"},
        {L"TargetInstance ISA 'A' OR TargetInstance.Name = 'x'", L""},
        {L"NOT TargetInstance ISA 'A'", L""},
        {L"PreviousInstance ISA 'A'", L""},
        {L"TargetInstance2 ISA 'A'", L""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wchar_t text[512];
        wchar_t found[64] = L"";
        const wchar_t **names;
        size_t count;
        swprintf(text, 512, L"SELECT * FROM E WHERE %ls", cases[i].condition);
        struct wql_query *q = parse(text);
        assert_int_equal(WBEM_S_NO_ERROR, wql_query_isa(q, L"TargetInstance", &names, &count));
        for (size_t k = 0; k < count; k++) {
            wcscat(wcscat(found, k ? L" " : L""), names[k]);
        }
        if (wcscmp(found, cases[i].classes) != 0) {
            print_message("%ls: %ls\n", text, found);
            fail();
        }
        free(names);
        wql_destroy(q);
    }
}

static void test_texts(void **state)
{
    static const struct {
        const wchar_t *condition, *texts;
    } cases[] = {
        {L"TargetInstance.Name = 'a'", L"a"},
        {L"TargetInstance.name = 'a' OR TargetInstance.NAME = 'A'", L"a A"},
        {L"TargetInstance.Name = 'a' AND TargetInstance.Size > 5", L"a"},
        {L"TargetInstance.Name = 'a' OR TargetInstance.Size > 5", L""},
        {L"TargetInstance.Name > 'a'", L""},
        {L"TargetInstance.Name LIKE 'a'", L""},
        {L"TargetInstance.Name.Part = 'a'", L""},
        {L"NOT TargetInstance.Name = 'a'", L""},
        {L"Name = 'a'", L""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wchar_t text[512];
        wchar_t found[256] = L"";
        const wchar_t **texts;
        size_t count;
        swprintf(text, 512, L"SELECT * FROM __Event WHERE %ls", cases[i].condition);
        struct wql_query *q = parse(text);
        assert_int_equal(WBEM_S_NO_ERROR,
                         wql_query_texts(q, L"TargetInstance.Name", &texts, &count));
        for (size_t j = 0; j < count; j++) {
            wcscat(wcscat(found, j ? L" " : L""), texts[j]);
        }
        if (wcscmp(cases[i].texts, found) != 0) {
            print_message("%ls: '%ls'\n", cases[i].condition, found);
        }
        assert_true(wcscmp(cases[i].texts, found) == 0);
        free(texts);
        wql_destroy(q);
    }
}

/* ---- conditions on embedded objects -------------------------------------------------------- */

static IWbemClassObject *event_class, *event;

static void put(IWbemClassObject *object, const wchar_t *name, VARIANT v, CIMTYPE type)
{
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, type));
    VariantClear(&v);
}

static VARIANT text_of(const wchar_t *text)
{
    VARIANT v = {0};
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    return v;
}

static VARIANT number_of(LONG number)
{
    VARIANT v = {0};
    V_VT(&v) = VT_I4;
    V_I4(&v) = number;
    return v;
}

static VARIANT object_of(IUnknown *object) /* takes it */
{
    VARIANT v = {0};
    V_VT(&v) = VT_UNKNOWN;
    V_UNKNOWN(&v) = object;
    return v;
}

/* Test_Disk (of Test_Device) with a Name, Free, Big and Part, an embedded Test_Part. */
static IWbemClassObject *disk(const wchar_t *name, LONG free_space)
{
    IWbemClassObject *base, *cls, *part_class, *part, *instance;
    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&part_class));
    put(part_class, L"__CLASS", text_of(L"Test_Part"), 0);
    IWbemClassObject_Put(part_class, L"Label", 0, NULL, CIM_STRING);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(part_class, 0, &part));
    put(part, L"Label", text_of(L"first"), 0);

    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&base));
    put(base, L"__CLASS", text_of(L"Test_Device"), 0);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnDerivedClass(base, 0, &cls));
    put(cls, L"__CLASS", text_of(L"Test_Disk"), 0);
    IWbemClassObject_Put(cls, L"Name", 0, NULL, CIM_STRING);
    IWbemClassObject_Put(cls, L"Free", 0, NULL, CIM_UINT32);
    IWbemClassObject_Put(cls, L"Big", 0, NULL, CIM_UINT64);
    IWbemClassObject_Put(cls, L"Void", 0, NULL, CIM_STRING);
    IWbemClassObject_Put(cls, L"Part", 0, NULL, CIM_OBJECT);
    IWbemClassObject_Put(cls, L"Owner", 0, NULL, CIM_REFERENCE);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    put(instance, L"Name", text_of(name), 0);
    put(instance, L"Free", number_of(free_space), 0);
    put(instance, L"Big", text_of(L"18446744073709551615"), 0);
    put(instance, L"Part", object_of((IUnknown *)part), 0);
    put(instance, L"Owner", text_of(L"\\\\host\\root\\test:User.Name=\"Ann\""), 0);
    IWbemClassObject_Release(part_class);
    IWbemClassObject_Release(base);
    IWbemClassObject_Release(cls);
    return instance;
}

static int make_event(void **state)
{
    assert_int_equal(WBEM_S_NO_ERROR, object_create_class(&event_class));
    put(event_class, L"__CLASS", text_of(L"Test_Event"), 0);
    IWbemClassObject_Put(event_class, L"TargetInstance", 0, NULL, CIM_OBJECT);
    IWbemClassObject_Put(event_class, L"PreviousInstance", 0, NULL, CIM_OBJECT);
    IWbemClassObject_Put(event_class, L"Empty", 0, NULL, CIM_OBJECT);
    IWbemClassObject_Put(event_class, L"Number", 0, NULL, CIM_UINT32);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(event_class, 0, &event));
    put(event, L"TargetInstance", object_of((IUnknown *)disk(L"sda", 10)), 0);
    put(event, L"PreviousInstance", object_of((IUnknown *)disk(L"sda", 20)), 0);
    put(event, L"Number", number_of(10), 0);
    return 0;
}

static int drop_event(void **state)
{
    IWbemClassObject_Release(event);
    IWbemClassObject_Release(event_class);
    return 0;
}

static bool matches(const wchar_t *condition)
{
    wchar_t text[512];
    struct schema *s;
    struct wql_plan *p = NULL;
    struct wql_error e = {0};
    swprintf(text, 512, L"SELECT * FROM Test_Event WHERE %ls", condition);
    struct wql_query *q = parse(text);
    assert_int_equal(WBEM_S_NO_ERROR, schema_of(event_class, &s));
    if (FAILED(wql_plan_create(q, s, &p, &e))) {
        print_message("%ls: '%s', expected %s\n", condition, e.token, e.expected);
        fail();
    }
    bool result = wql_plan_matches_object(p, event);
    wql_plan_destroy(p);
    wql_destroy(q);
    return result;
}

static void test_embedded(void **state)
{
    static const wchar_t *const yes[] = {
        L"TargetInstance ISA 'Test_Disk'",
        L"TargetInstance ISA 'test_device'",
        L"TargetInstance.__CLASS ISA 'Test_Device'",
        L"TargetInstance.__CLASS = 'test_disk'",
        L"TargetInstance.__CLASS LIKE 'Test%'",
        L"TargetInstance.__DYNASTY = 'Test_Device'",
        L"TargetInstance.__GENUS = 2",
        L"TargetInstance.Name = 'SDA'",
        L"'sda' = TargetInstance.Name",
        L"TargetInstance.Name LIKE 's_a'",
        L"TargetInstance.Name NOT LIKE 'x%'",
        L"TargetInstance.Free = 10",
        L"TargetInstance.Free < 10.5",
        L"TargetInstance.Free = '10'",
        L"5 < TargetInstance.Free",
        L"TargetInstance.Big = 18446744073709551615",
        L"TargetInstance.Big > -1",
        L"TargetInstance.Free < PreviousInstance.Free",
        L"TargetInstance.Name = PreviousInstance.Name",
        L"TargetInstance.Free = Number",
        L"Number = TargetInstance.Free",
        L"TargetInstance.Part ISA 'Test_Part'",
        L"TargetInstance.Part.Label = 'first'",
        L"TargetInstance.Owner = 'User.Name=\"ann\"'",
        L"TargetInstance.Owner <> 'User.Name=\"bob\"'",
        L"TargetInstance.Void IS NULL",
        L"TargetInstance.Part IS NOT NULL",
        L"Empty IS NULL",
        L"TargetInstance IS NOT NULL",
        L"TargetInstance ISA 'Test_Disk' AND TargetInstance.Name = 'sda' AND Number = 10",
        L"TargetInstance.Nothing = 1 OR Number = 10",
    };
    static const wchar_t *const no[] = {
        L"TargetInstance ISA 'Test_Part'",
        L"NOT TargetInstance ISA 'Test_Device'",
        L"Empty ISA 'Test_Disk'",
        L"NOT Empty ISA 'Test_Disk'",
        L"TargetInstance.Name = 'sdb'",
        L"TargetInstance.Name = 5",
        L"TargetInstance.Free = 'x'",
        L"TargetInstance.Free LIKE '1%'",
        L"TargetInstance.Free > PreviousInstance.Free",
        L"TargetInstance.Name = PreviousInstance.Free",
        L"TargetInstance.Nothing = 1",
        L"NOT TargetInstance.Nothing = 1",
        L"TargetInstance.Nothing IS NULL",
        L"TargetInstance.Name.Deeper = 1",
        L"TargetInstance.Void = 'x'",
        L"NOT TargetInstance.Void = 'x'",
        L"Empty.Name = 'x'",
        L"TargetInstance.Name[0] = 's'",
        L"TargetInstance.Part ISA 'Test_Disk'",
        L"TargetInstance.Owner = 'User.Name=\"bob\"'",
        L"TargetInstance.Owner <> 'User=\"Ann\"'",
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

static void test_embedded_selection(void **state)
{
    struct schema *s;
    struct wql_plan *p = NULL;
    uint32_t target, number;
    struct wql_query *q = parse(L"SELECT TargetInstance.Name FROM Test_Event");
    assert_int_equal(WBEM_S_NO_ERROR, schema_of(event_class, &s));
    assert_int_equal(WBEM_S_NO_ERROR, schema_find(s, L"TargetInstance", &target));
    assert_int_equal(WBEM_S_NO_ERROR, schema_find(s, L"Number", &number));
    assert_int_equal(WBEM_S_NO_ERROR, wql_plan_create(q, s, &p, NULL));
    assert_true(wql_plan_selected(p)[target]);
    assert_false(wql_plan_selected(p)[number]);
    wql_plan_destroy(p);
    wql_destroy(q);

    struct wql_error e = {0};
    q = parse(L"SELECT Number.Name FROM Test_Event");
    assert_int_equal(WBEM_E_INVALID_QUERY, wql_plan_create(q, s, &p, &e));
    assert_string_equal("Number.Name", e.token);
    wql_destroy(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clauses),
        cmocka_unit_test(test_refused_in_data_queries),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_printed),
        cmocka_unit_test(test_classes_to_poll),
        cmocka_unit_test(test_texts),
        cmocka_unit_test_setup_teardown(test_embedded, make_event, drop_event),
        cmocka_unit_test_setup_teardown(test_embedded_selection, make_event, drop_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
