/*
 * Values of stored instances from a property provider: read, queried by, put,
 * refused. usage: test-property-provider SHARED_OBJECT [own]
 */
#include "hosting.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

static IWbemServices *services;
static const char *model = "WmiCore";

static const char mof[] =
    "instance of __Win32Provider as $P { Name = \"Props\"; HostingModel = \"%s\";"
    "  CLSID = \"{6F0C6A10-1F0B-4F6E-9D53-2A8F106E5501}\"; };"
    "instance of __PropertyProviderRegistration"
    "  { provider = $P; SupportsGet = TRUE; SupportsPut = TRUE; };"
    "[DynProps, ClassContext(\"cls\")] class Test_Props {"
    "  [key] string Name;"
    "  string Plain;"
    "  [dynamic, provider(\"Props\"), PropertyContext(\"words\")] string Text;"
    "  [dynamic, provider(\"Props\"), PropertyContext(\"number\")] sint32 Number; };"
    "[DynProps] class Test_Refused {"
    "  [key] string Name;"
    "  [dynamic, provider(\"Props\"), PropertyContext(\"refused\")] string Text; };"
    "[DynProps] class Test_Nobody {"
    "  [key] string Name;"
    "  [dynamic, provider(\"Nobody\"), PropertyContext(\"x\")] string Text; };"
    "[InstanceContext(\"one\")] instance of Test_Props { Name = \"a\"; Plain = \"stored\"; };"
    "instance of Test_Props { Name = \"b\"; };"
    "instance of Test_Refused { Name = \"a\"; };"
    "instance of Test_Nobody { Name = \"a\"; };";

static int prepare(void **state)
{
    IMofCompiler *compiler = NULL;
    wchar_t place[] = L"root\\cimv2\\props";
    char text[4096];
    services = hosting_namespace(L"props");
    snprintf(text, sizeof text, mof, model);
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_MofCompiler, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IMofCompiler, (void **)&compiler));
    HRESULT hr = IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)text, place, NULL,
                                            NULL, NULL, 0, 0, 0, NULL);
    if (FAILED(hr)) {
        print_error("0x%08x, %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    IMofCompiler_Release(compiler);
    return 0;
}

static int finish(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

static void expect(const wchar_t *query, HRESULT status, unsigned count)
{
    unsigned got;
    HRESULT hr = hosting_count(services, query, &got);
    if (hr != status) {
        print_error("%ls: 0x%08x, %s\n", query, (unsigned)hr, local_error());
    }
    assert_int_equal(status, hr);
    assert_int_equal(count, got);
}

static void expect_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *expected)
{
    BSTR text = local_string(object, name);
    assert_non_null(text);
    assert_int_equal(0, wcscmp(expected, text));
    SysFreeString(text);
}

static void test_values(void **state)
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Props.Name=\"a\"", &object));
    expect_text(object, L"Plain", L"stored");
    expect_text(object, L"Text", L"cls|one|words");
    assert_int_equal(7, local_long(object, L"Number"));
    IWbemClassObject_Release(object);
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Props.Name=\"b\"", &object));
    expect_text(object, L"Text", L"cls|-|words");
    IWbemClassObject_Release(object);
}

static void test_condition(void **state)
{
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    expect(L"SELECT * FROM Test_Props", WBEM_S_NO_ERROR, 2);
    expect(L"SELECT * FROM Test_Props WHERE Number = 7", WBEM_S_NO_ERROR, 2);
    expect(L"SELECT * FROM Test_Props WHERE Text = 'cls|one|words'", WBEM_S_NO_ERROR, 1);
    IEnumWbemClassObject *e =
        local_query(services, L"SELECT Text FROM Test_Props WHERE Plain = 'stored'", 0);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    expect_text(object, L"Text", L"cls|one|words");
    IWbemClassObject_Release(object);
    IEnumWbemClassObject_Release(e);
}

static void test_put(void **state)
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Props.Name=\"a\"", &object));
    hosting_put_long(object, L"Number", 99);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, object, 0, NULL, NULL));
    IWbemClassObject_Release(object);
    expect(L"SELECT * FROM Test_Props WHERE Number = 99", WBEM_S_NO_ERROR, 1);
    expect(L"SELECT * FROM Test_Props WHERE Number = 7", WBEM_S_NO_ERROR, 1);
}

static void test_failures(void **state)
{
    expect(L"SELECT * FROM Test_Refused", WBEM_E_ACCESS_DENIED, 0);
    assert_non_null(strstr(local_error(), "Props"));
    expect(L"SELECT * FROM Test_Nobody", WBEM_E_PROVIDER_NOT_FOUND, 0);
    assert_non_null(strstr(local_error(), "Nobody"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),
                                       cmocka_unit_test(test_condition), cmocka_unit_test(test_put),
                                       cmocka_unit_test(test_failures)};
    if (argc > 2 && strcmp(argv[2], "own") == 0) {
        model = "LocalServiceHost";
    }
    hosting_prepare(argc > 1 ? argv[1] : "");
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
