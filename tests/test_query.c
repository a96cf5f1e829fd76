/*
 * IWbemQuery through the public headers: what Parse takes and refuses, and
 * every part of what GetAnalysis gives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>
#include <wchar.h>
#include <wbemidl.h>
#include <wmiutils.h>

static IWbemQuery *query;

static int setup(void **state)
{
    return CoCreateInstance(&CLSID_WbemQuery, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemQuery,
                            (void **)&query) != S_OK;
}

static int teardown(void **state)
{
    return IWbemQuery_Release(query) != 0;
}

static void assert_wide(const wchar_t *expected, const wchar_t *got)
{
    if (!got || wcscmp(expected, got) != 0) {
        fail_msg("expected '%ls', got '%ls'", expected, got ? got : L"(NULL)");
    }
}

static void *analyse(const wchar_t *text, ULONG type)
{
    void *result = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_Parse(query, L"WQL", text, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_GetAnalysis(query, type, 0, &result));
    assert_non_null(result);
    return result;
}

static SWbemRpnEncodedQuery *rpn(const wchar_t *text)
{
    return analyse(text, WMIQ_ANALYSIS_RPN_SEQUENCE);
}

static void free_it(void *memory)
{
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_FreeMemory(query, memory));
}

static void test_parse(void **state)
{
    void *result = (void *)1;
    assert_int_equal(WBEM_E_INVALID_OPERATION,
                     IWbemQuery_GetAnalysis(query, WMIQ_ANALYSIS_QUERY_TEXT, 0, &result));
    assert_null(result);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_Parse(query, L"SQL", L"SELECT * FROM A", 0));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemQuery_Parse(query, L"wql", L"SELECT * FROM A", 0));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemQuery_Parse(query, L"WQL", L"SELECT * FROM A", 1));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemQuery_Parse(query, NULL, L"SELECT", 0));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemQuery_Parse(query, L"WQL", NULL, 0));
    assert_int_equal(WBEM_E_INVALID_SYNTAX, IWbemQuery_Parse(query, L"WQL", L"SELECT * FORM A", 0));
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    assert_int_equal(S_OK, GetErrorInfo(0, &info));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(info, &text));
    assert_non_null(wcsstr(text, L"column 10, at 'FORM'"));
    SysFreeString(text);
    IErrorInfo_Release(info);

    /* A refused query leaves the one before. */
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemQuery_GetAnalysis(query, WMIQ_ANALYSIS_QUERY_TEXT, 0, &result));
    assert_wide(L"SELECT * FROM A", result);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_Empty(query));
    assert_wide(L"SELECT * FROM A", result); /* still the caller's */
    free_it(result);
    assert_int_equal(WBEM_E_INVALID_OPERATION,
                     IWbemQuery_GetAnalysis(query, WMIQ_ANALYSIS_QUERY_TEXT, 0, &result));
}

static void test_not_implemented(void **state)
{
    ULONG one = 1;
    assert_int_equal(E_NOTIMPL, IWbemQuery_SetLanguageFeatures(query, 0, 1, &one));
    assert_int_equal(E_NOTIMPL, IWbemQuery_TestLanguageFeatures(query, 0, &one, &one));
    assert_int_equal(E_NOTIMPL, IWbemQuery_GetQueryInfo(query, 1, 1, 4, &one));
}

static void test_arguments(void **state)
{
    void *result = NULL;
    int mine = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_Parse(query, L"WQL", L"SELECT * FROM A", 0));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemQuery_GetAnalysis(query, 1, 0, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemQuery_GetAnalysis(query, 1, 1, &result));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemQuery_GetAnalysis(query, WMIQ_ANALYSIS_PROP_ANALYSIS_MATRIX, 0, &result));
    assert_int_equal(WBEM_E_NOT_FOUND,
                     IWbemQuery_GetAnalysis(query, WMIQ_ANALYSIS_ASSOC_QUERY, 0, &result));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_Parse(query, L"WQL", L"REFERENCES OF {A=1}", 0));
    assert_int_equal(WBEM_E_NOT_FOUND,
                     IWbemQuery_GetAnalysis(query, WMIQ_ANALYSIS_RPN_SEQUENCE, 0, &result));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemQuery_FreeMemory(query, &mine));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQuery_FreeMemory(query, NULL));
    (void)analyse(L"SELECT * FROM A", WMIQ_ANALYSIS_RPN_SEQUENCE); /* goes with the object */
}

static void test_select(void **state)
{
    SWbemRpnEncodedQuery *q = rpn(L"SELECT a, T.b FROM C");
    assert_int_equal(1, q->m_uVersion);
    assert_int_equal(0, q->m_uTokenType);
    assert_int_equal(2, q->m_uSelectListSize);
    assert_int_equal(1, q->m_ppSelectList[0]->m_uNameListSize);
    assert_wide(L"a", q->m_ppSelectList[0]->m_ppszNameList[0]);
    assert_int_equal(2, q->m_ppSelectList[1]->m_uNameListSize);
    assert_wide(L"T", q->m_ppSelectList[1]->m_ppszNameList[0]);
    assert_wide(L"b", q->m_ppSelectList[1]->m_ppszNameList[1]);
    assert_int_equal(WMIQ_RPN_FROM_UNARY, q->m_uFromTargetType);
    assert_null(q->m_pszOptionalFromPath);
    assert_int_equal(1, q->m_uFromListSize);
    assert_wide(L"C", q->m_ppszFromList[0]);
    assert_int_equal(0, q->m_uWhereClauseSize);
    assert_null(q->m_ppRpnWhereClause);
    assert_int_equal(0, q->m_uOrderByListSize);
    free_it(q);

    q = rpn(L"SELECT * FROM E WITHIN 0.5 WHERE a = 1 GROUP WITHIN 30");
    assert_int_equal(1, q->m_uSelectListSize);
    assert_wide(L"*", q->m_ppSelectList[0]->m_ppszNameList[0]);
    assert_true(q->m_dblWithinPolling == 0.5);
    assert_true(q->m_dblWithinWindow == 30);
    free_it(q);
}

/* The condition, one word a token. */
static void spell(const SWbemRpnEncodedQuery *q, wchar_t *out, size_t size)
{
    static const wchar_t *const operators[] = {L"?",   L"=",      L"<>",     L">=",
                                               L"<=",  L"<",      L">",      L"LIKE",
                                               L"ISA", L"ISNOTA", L"ISNULL", L"NOTNULL"};
    static const wchar_t *const types[] = {L"?", L"", L"AND", L"OR", L"NOT"};
    out[0] = L'\0';
    for (ULONG i = 0; i < q->m_uWhereClauseSize; i++) {
        const SWbemRpnQueryToken *t = q->m_ppRpnWhereClause[i];
        size_t used = wcslen(out);
        const wchar_t *space = i ? L" " : L"";
        assert_int_equal(1, t->m_uVersion);
        if (t->m_uTokenType != WMIQ_RPN_TOKEN_EXPRESSION) {
            swprintf(out + used, size - used, L"%ls%ls", space, types[t->m_uTokenType]);
            continue;
        }
        assert_true(t->m_uSubexpressionShape & WMIQ_RPN_RELOP);
        assert_true(t->m_uSubexpressionShape & WMIQ_RPN_LEFT_PROPERTY_NAME);
        assert_int_equal(!(t->m_uSubexpressionShape & WMIQ_RPN_RIGHT_PROPERTY_NAME),
                         !t->m_pRightIdent);
        swprintf(out + used, size - used, L"%ls%ls%ls%ls", space,
                 t->m_pLeftIdent->m_ppszNameList[0], operators[t->m_uOperator],
                 t->m_pRightIdent ? t->m_pRightIdent->m_ppszNameList[0] : L"");
    }
}

static void test_conditions(void **state)
{
    static const struct {
        const wchar_t *condition, *spelled;
    } cases[] = {
        {L"c < 1000 AND d ISA 'e'", L"c< dISA AND"},
        {L"a = 1 OR b = 2 AND c <> 3", L"a= b= c<> AND OR"},
        {L"a = 1 AND b = 2 AND c >= 3", L"a= b= AND c>= AND"},
        {L"NOT (a = 1 OR b > 2)", L"a= b> OR NOT"},
        {L"5 < a", L"a>"},
        {L"5 >= a", L"a<="},
        {L"a LIKE 'x' AND b NOT LIKE 'y'", L"aLIKE bLIKE NOT AND"},
        {L"a IS NULL OR b IS NOT NULL", L"aISNULL bNOTNULL OR"},
        {L"a = b", L"a=b"},
        {L"a[2] = 1", L"a[2]="},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        wchar_t text[256];
        wchar_t got[256];
        swprintf(text, 256, L"SELECT * FROM A WHERE %ls", cases[i].condition);
        SWbemRpnEncodedQuery *q = rpn(text);
        spell(q, got, 256);
        assert_wide(cases[i].spelled, got);
        free_it(q);
    }
}

static void test_constants(void **state)
{
    SWbemRpnEncodedQuery *q = rpn(
        L"SELECT * FROM A WHERE a = -5 AND a = 3000000000 AND a = 5000000000 AND a = -5000000000 "
        L"AND a = 18446744073709551615 AND a = 0.5 AND a = TRUE AND a = 'x\\'y' AND a IS NULL");
    SWbemRpnQueryToken **t = q->m_ppRpnWhereClause;
    assert_int_equal(17, q->m_uWhereClauseSize);
    assert_int_equal(VT_I4, t[0]->m_uConstApparentType);
    assert_int_equal(-5, t[0]->m_Const.m_lLongVal);
    assert_int_equal(VT_UI4, t[1]->m_uConstApparentType);
    assert_int_equal(3000000000u, t[1]->m_Const.m_uLongVal);
    assert_int_equal(VT_I8, t[3]->m_uConstApparentType);
    assert_true(t[3]->m_Const.m_lVal64 == 5000000000);
    assert_int_equal(VT_I8, t[5]->m_uConstApparentType);
    assert_true(t[5]->m_Const.m_lVal64 == -5000000000);
    assert_int_equal(VT_UI8, t[7]->m_uConstApparentType);
    assert_true((uint64_t)t[7]->m_Const.m_uVal64 == UINT64_MAX);
    assert_int_equal(VT_R8, t[9]->m_uConstApparentType);
    assert_true(t[9]->m_Const.m_dblVal == 0.5);
    assert_int_equal(VT_BOOL, t[11]->m_uConstApparentType);
    assert_int_equal(1, t[11]->m_Const.m_bBoolVal);
    assert_int_equal(VT_LPWSTR, t[13]->m_uConstApparentType);
    assert_wide(L"x'y", t[13]->m_Const.m_pszStrVal);
    assert_false(t[15]->m_uSubexpressionShape & WMIQ_RPN_CONST);
    free_it(q);
}

static void test_associators(void **state)
{
    static const wchar_t text[] =
        L"ASSOCIATORS OF {A.K=\"v\"} WHERE AssocClass = B ResultClass = C "
        L"Role = D ResultRole = E RequiredQualifier = F "
        L"RequiredAssocQualifier = G KeysOnly";
    SWbemAssocQueryInf *q = analyse(text, WMIQ_ANALYSIS_ASSOC_QUERY);
    wchar_t name[16];
    ULONG size = 16;
    assert_int_equal(2, q->m_uVersion);
    assert_int_equal(2, q->m_uAnalysisType);
    assert_int_equal(WMIQ_ASSOCQ_ASSOCIATORS | WMIQ_ASSOCQ_RESULTCLASS | WMIQ_ASSOCQ_ASSOCCLASS |
                         WMIQ_ASSOCQ_ROLE | WMIQ_ASSOCQ_RESULTROLE | WMIQ_ASSOCQ_REQUIREDQUALIFIER |
                         WMIQ_ASSOCQ_REQUIREDASSOCQUALIFIER | WMIQ_ASSOCQ_KEYSONLY,
                     q->m_uFeatureMask);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemPath_GetClassName(q->m_pPath, &size, name));
    assert_wide(L"A", name);
    assert_wide(L"A.K=\"v\"", q->m_pszPath);
    assert_wide(text, q->m_pszQueryText);
    assert_wide(L"B", q->m_pszAssocClass);
    assert_wide(L"C", q->m_pszResultClass);
    assert_wide(L"D", q->m_pszRole);
    assert_wide(L"E", q->m_pszResultRole);
    assert_wide(L"F", q->m_pszRequiredQualifier);
    assert_wide(L"G", q->m_pszRequiredAssocQualifier);
    free_it(q);

    q = analyse(L"REFERENCES OF {A} WHERE SchemaOnly", WMIQ_ANALYSIS_ASSOC_QUERY);
    assert_int_equal(WMIQ_ASSOCQ_REFERENCES | WMIQ_ASSOCQ_SCHEMAONLY, q->m_uFeatureMask);
    assert_null(q->m_pszRole);
    free_it(q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parse, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_implemented, setup, teardown),
        cmocka_unit_test_setup_teardown(test_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_select, setup, teardown),
        cmocka_unit_test_setup_teardown(test_conditions, setup, teardown),
        cmocka_unit_test_setup_teardown(test_constants, setup, teardown),
        cmocka_unit_test_setup_teardown(test_associators, setup, teardown),
    };
    if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED))) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    CoUninitialize();
    return failed;
}
