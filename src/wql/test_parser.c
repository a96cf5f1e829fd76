/* What parses, prints back to the same; what doesn't, says where and what was expected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "wql/wql_private.h"

static wchar_t *print(const wchar_t *text)
{
    struct wql_query *q = NULL;
    wchar_t *printed = NULL;
    struct wql_error e = {0};
    if (FAILED(wql_parse(text, &q, &e))) {
        print_message("%ls: column %u, '%s', expected %s\n", text, e.at.column, e.token,
                      e.expected);
        fail();
    }
    assert_int_equal(WBEM_S_NO_ERROR, wql_print(q, &printed));
    wql_destroy(q);
    return printed;
}

static void test_prints_back(void **state)
{
    static const struct {
        const wchar_t *text, *printed;
    } cases[] = {
        {L"SELECT * FROM A", L"SELECT * FROM A"},
        {L"select\t*\r\nfrom A", L"SELECT * FROM A"},
        {L"SELECT a,b , c FROM A", L"SELECT a, b, c FROM A"},
        {L"SELECT Select, From_, Count FROM Where", L"SELECT Select, From_, Count FROM Where"},
        {L"SELECT COUNT(*) FROM A", L"SELECT COUNT(*) FROM A"},
        {L"SELECT count ( * ) FROM A", L"SELECT COUNT(*) FROM A"},
        {L"SELECT * FROM meta_class", L"SELECT * FROM meta_class"},
        {L"SELECT T.Name FROM E", L"SELECT T.Name FROM E"},
        {L"SELECT * FROM A WHERE a=1", L"SELECT * FROM A WHERE a = 1"},
        {L"SELECT * FROM A WHERE a!=1", L"SELECT * FROM A WHERE a <> 1"},
        {L"SELECT * FROM A WHERE a<>'x'", L"SELECT * FROM A WHERE a <> \"x\""},
        {L"SELECT * FROM A WHERE 3<=a", L"SELECT * FROM A WHERE 3 <= a"},
        {L"SELECT * FROM A WHERE a=-0x1F", L"SELECT * FROM A WHERE a = -0x1F"},
        {L"SELECT * FROM A WHERE a>1.5e-3", L"SELECT * FROM A WHERE a > 1.5e-3"},
        {L"SELECT * FROM A WHERE a=true", L"SELECT * FROM A WHERE a = TRUE"},
        {L"SELECT * FROM A WHERE a is null", L"SELECT * FROM A WHERE a IS NULL"},
        {L"SELECT * FROM A WHERE a is not null", L"SELECT * FROM A WHERE a IS NOT NULL"},
        {L"SELECT * FROM A WHERE a = NULL", L"SELECT * FROM A WHERE a IS NULL"},
        {L"SELECT * FROM A WHERE a <> null", L"SELECT * FROM A WHERE a IS NOT NULL"},
        {L"SELECT * FROM A WHERE a like 'x%'", L"SELECT * FROM A WHERE a LIKE \"x%\""},
        {L"SELECT * FROM A WHERE a NOT LIKE 'x%'", L"SELECT * FROM A WHERE a NOT LIKE \"x%\""},
        {L"SELECT * FROM A WHERE __CLASS ISA 'B'", L"SELECT * FROM A WHERE __CLASS ISA \"B\""},
        {L"SELECT * FROM A WHERE a[2] = 1", L"SELECT * FROM A WHERE a[2] = 1"},
        {L"SELECT * FROM A WHERE a=1 or b=2 and c=3",
         L"SELECT * FROM A WHERE a = 1 OR (b = 2 AND c = 3)"},
        {L"SELECT * FROM A WHERE (a=1 or b=2) and not c=3",
         L"SELECT * FROM A WHERE (a = 1 OR b = 2) AND NOT c = 3"},
        {L"SELECT * FROM A WHERE not (a=1 and b=2)",
         L"SELECT * FROM A WHERE NOT (a = 1 AND b = 2)"},
        {L"SELECT * FROM A WHERE ((a=1))", L"SELECT * FROM A WHERE a = 1"},
        {L"SELECT * FROM A WHERE a='it\\'s \"\\\\\"'",
         L"SELECT * FROM A WHERE a = \"it's \\\"\\\\\\\"\""},
        {L"SELECT * FROM A WHERE Not_ = 1", L"SELECT * FROM A WHERE Not_ = 1"},
        {L"SELECT * FROM \x00c4hnlich", L"SELECT * FROM \x00c4hnlich"},
        {L"associators of{ A.K=\"}\" }", L"ASSOCIATORS OF {A.K=\"}\"}"},
        {L"ASSOCIATORS OF {A='\\\'}'} where keysonly role=r ResultRole =s RequiredQualifier = q "
         L"REQUIREDASSOCQUALIFIER = a ResultClass= c AssocClass =d",
         L"ASSOCIATORS OF {A='\\\'}'} WHERE AssocClass = d ResultClass = c ResultRole = s "
         L"Role = r RequiredQualifier = q RequiredAssocQualifier = a KeysOnly"},
        {L"REFERENCES OF {A} WHERE SchemaOnly Role = r", L"REFERENCES OF {A} WHERE Role = r "
                                                         L"SchemaOnly"},
        {L"REFERENCES OF {A=@} WHERE ClassDefsOnly", L"REFERENCES OF {A=@} WHERE ClassDefsOnly"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wchar_t *once = print(cases[i].text);
        if (wcscmp(once, cases[i].printed) != 0) {
            print_message("'%ls' instead of '%ls'\n", once, cases[i].printed);
            fail();
        }
        wchar_t *twice = print(once);
        assert_int_equal(0, wcscmp(once, twice));
        free(once);
        free(twice);
    }
}

static void test_errors(void **state)
{
    static const struct {
        const wchar_t *text;
        ULONG line, column;
        const char *token, *expected;
    } cases[] = {
        {L"", 1, 1, "end of query", "SELECT"},
        {L"SELEC * FROM A", 1, 1, "SELEC", "SELECT"},
        {L"SELECT", 1, 7, "end of query", "COUNT"},
        {L"SELECT FROM A", 1, 8, "FROM", "properties"},
        {L"SELECT * FORM A", 1, 10, "FORM", "FROM"},
        {L"SELECT a b FROM A", 1, 10, "b", "comma"},
        {L"SELECT a, FROM A", 1, 11, "FROM", "property"},
        {L"SELECT * FROM", 1, 14, "end of query", "class"},
        {L"SELECT * FROM A B", 1, 17, "B", "WHERE"},
        {L"SELECT * FROM A WHERE", 1, 22, "end of query", "property or a constant"},
        {L"SELECT *\nFROM A\nWHERE a ==", 3, 10, "=", "property or a constant"},
        {L"SELECT * FROM A WHERE a", 1, 24, "end of query", "operator"},
        {L"SELECT * FROM A WHERE a = ", 1, 27, "end of query", "property or a constant"},
        {L"SELECT * FROM A WHERE 1 = 2", 1, 23, "1", "property on one side"},
        {L"SELECT * FROM A WHERE a = 'x", 1, 27, "'x", "property or a constant"},
        {L"SELECT * FROM A WHERE a = 1 b = 2", 1, 29, "b", "AND"},
        {L"SELECT * FROM A WHERE (a = 1", 1, 29, "end of query", ")"},
        {L"SELECT * FROM A WHERE a = 1)", 1, 28, ")", "AND"},
        {L"SELECT * FROM A WHERE a LIKE 5", 1, 30, "5", "pattern"},
        {L"SELECT * FROM A WHERE a ISA B", 1, 29, "B", "class in quotes"},
        {L"SELECT * FROM A WHERE a IS 5", 1, 28, "5", "NULL"},
        {L"SELECT * FROM A WHERE a < NULL", 1, 27, "NULL", "other than NULL"},
        {L"SELECT * FROM A WHERE a[-1] = 5", 1, 27, "]", "from 0"},
        {L"SELECT * FROM A WHERE a[1 = 5", 1, 27, "=", "]"},
        {L"SELECT * FROM A WHERE a = 99999999999999999999", 1, 27, "99999999999999999999",
         "64 bits"},
        {L"SELECT * FROM A WHERE a = 0x", 1, 27, "0x", "constant"},
        {L"SELECT * FROM A WHERE a = 1e", 1, 27, "1e", "constant"},
        {L"SELECT COUNT(a) FROM A", 1, 14, "a", "*"},
        {L"SELECT * FROM A;", 1, 16, ";", "end"},
        {L"ASSOCIATORS {A=1}", 1, 13, "{A=1}", "OF"},
        {L"ASSOCIATORS OF A=1", 1, 16, "A", "in braces"},
        {L"ASSOCIATORS OF {A=1", 1, 16, "{A=1", "in braces"},
        {L"ASSOCIATORS OF {A.=1}", 1, 16, "{A.=1}", "valid object path"},
        {L"ASSOCIATORS OF {}", 1, 16, "{}", "object path"},
        {L"ASSOCIATORS OF {\\\\.\\root}", 1, 16, "{\\\\.\\root}", "names a class"},
        {L"ASSOCIATORS OF {A}", 1, 16, "{A}", "SchemaOnly"},
        {L"ASSOCIATORS OF {A=1} WHERE SchemaOnly", 1, 16, "{A=1}", "path of a class"},
        {L"ASSOCIATORS OF {A=1} ResultClass = B", 1, 22, "ResultClass", "WHERE"},
        {L"ASSOCIATORS OF {A=1} WHERE", 1, 27, "end of query", "AssocClass"},
        {L"ASSOCIATORS OF {A=1} WHERE ResultClass = B AND Role = C", 1, 44, "AND", "RequiredQual"},
        {L"ASSOCIATORS OF {A=1} WHERE RequiredQualifier <> B", 1, 46, "<>", "="},
        {L"ASSOCIATORS OF {A=1} WHERE Role = 'B'", 1, 35, "'B'", "a name"},
        {L"ASSOCIATORS OF {A=1} WHERE Role = B Role = C", 1, 37, "Role", "once"},
        {L"ASSOCIATORS OF {A=1} WHERE KeysOnly KeysOnly", 1, 37, "KeysOnly", "once"},
        {L"ASSOCIATORS OF {A=1} WHERE ClassDefsOnly ResultClass = B", 1, 42, "ResultClass",
         "only one of"},
        {L"REFERENCES OF {A=1} WHERE ResultClass = B ClassDefsOnly", 1, 43, "ClassDefsOnly",
         "only one of"},
        {L"REFERENCES OF {A=1} WHERE AssocClass = B", 1, 27, "AssocClass", "ResultClass, Role"},
        {L"REFERENCES OF {A=1} WHERE ResultRole = B", 1, 27, "ResultRole", "ResultClass, Role"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct wql_query *q = (struct wql_query *)1;
        struct wql_error e = {0};
        assert_int_equal(WBEM_E_INVALID_QUERY, wql_parse(cases[i].text, &q, &e));
        assert_ptr_equal(q, (struct wql_query *)1); /* untouched */
        if (e.at.line != cases[i].line || e.at.column != cases[i].column ||
            strcmp(e.token, cases[i].token) != 0 || !strstr(e.expected, cases[i].expected)) {
            print_message("%ls: line %u, column %u, '%s', expected %s\n", cases[i].text, e.at.line,
                          e.at.column, e.token, e.expected);
            fail();
        }
        assert_int_equal(WBEM_E_INVALID_QUERY, wql_parse(cases[i].text, &q, NULL));
    }
}

/* Deep nesting and great length end with a quota, not with a crash. */
static void test_limits(void **state)
{
    size_t many = 100000;
    wchar_t *text = calloc(many * 8 + 64, sizeof(*text));
    struct wql_query *q = NULL;
    assert_non_null(text);
    wcscpy(text, L"SELECT * FROM A WHERE ");
    size_t at = wcslen(text);
    wmemset(text + at, L'(', many);
    assert_int_equal(WBEM_E_QUOTA_VIOLATION, wql_parse(text, &q, NULL));

    text[at] = L'\0';
    for (size_t i = 0; i < 5000; i++) {
        wcscpy(text + at + 4 * i, L"NOT ");
    }
    assert_int_equal(WBEM_E_QUOTA_VIOLATION, wql_parse(text, &q, NULL));

    /* A long chain is no deep tree. */
    text[at] = L'\0';
    for (size_t i = 0; i < 20000; i++) {
        wcscpy(text + at + 7 * i, i ? L"OR a=1 " : L"   a=1 ");
    }
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(text, &q, NULL));
    wql_destroy(q);
    free(text);

    text = calloc(WQL_MAX_LENGTH + 2, sizeof(*text));
    assert_non_null(text);
    wmemset(text, L' ', WQL_MAX_LENGTH + 1);
    assert_int_equal(WBEM_E_QUOTA_VIOLATION, wql_parse(text, &q, NULL));
    free(text);
}

static void test_describes(void **state)
{
    struct wql_query *q = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, wql_parse(L"SELECT COUNT(*)\n FROM Some_Class", &q, NULL));
    assert_int_equal(WQL_COUNT, wql_query_kind(q));
    assert_int_equal(0, wcscmp(L"Some_Class", wql_query_class(q)));
    assert_int_equal(2, wql_query_class_position(q).line);
    assert_int_equal(7, wql_query_class_position(q).column);
    wql_destroy(q);
    wql_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prints_back),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_describes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
