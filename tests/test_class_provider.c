/*
 * A provider of classes, in the process that asks or in its own: a class by its
 * name, among all, in schema queries, its instances, its failures; the
 * repository's classes come first. Through the public headers alone.
 * usage: test-class-provider SHARED_OBJECT HOSTING_MODEL
 */
#include "hosting.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static IWbemServices *services;
static IWbemServices *without; /* a namespace without a class provider */
static const wchar_t *model = L"WmiCore";

static void register_classes(IWbemServices *s, const wchar_t *provider, bool get, bool enumerate,
                             LONG interaction)
{
    wchar_t path[128];
    VARIANT v;
    swprintf(path, 128, L"__Win32Provider.Name=\"%ls\"", provider);
    IWbemClassObject *r = hosting_spawn(s, L"__ClassProviderRegistration");
    hosting_put_text(r, L"provider", path);
    hosting_put_long(r, L"InteractionType", interaction);
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = get ? VARIANT_TRUE : VARIANT_FALSE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(r, L"SupportsGet", 0, &v, 0));
    V_BOOL(&v) = enumerate ? VARIANT_TRUE : VARIANT_FALSE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(r, L"SupportsEnumeration", 0, &v, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(s, r, 0, NULL, NULL));
    IWbemClassObject_Release(r);
}

static int prepare(void **state)
{
    services = hosting_namespace(L"classes");
    without = hosting_namespace(L"without");
    const struct hosting_registration usual = {.name = L"TestProvider",
                                               .clsid = TEST_CLSID,
                                               .model = model,
                                               .get = true,
                                               .put = true,
                                               .enumerate = true};
    hosting_register(services, &usual);
    hosting_register(without, &usual);
    hosting_class(services, L"Test_Base", NULL, NULL);
    hosting_class(services, L"Test_Asked", NULL, L"TestProvider");
    hosting_class(without, L"Test_Asked", NULL, L"TestProvider");
    register_classes(services, L"TestProvider", true, true, 0);
    return 0;
}

static int finish(void **state)
{
    IWbemServices_Release(services);
    IWbemServices_Release(without);
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

static void test_get(void **state)
{
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Class_Given", &cls));
    BSTR text = local_string(cls, L"__CLASS");
    assert_int_equal(0, wcscmp(text, L"Class_Given"));
    SysFreeString(text);
    text = local_string(cls, L"__NAMESPACE");
    assert_int_equal(0, wcscasecmp(text, L"root\\cimv2\\classes"));
    SysFreeString(text);
    IWbemClassObject_Release(cls);
    assert_true(hosting_asked(services, L"get Class_Given"));
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Class_Below", &cls));
    text = local_string(cls, L"__SUPERCLASS");
    assert_int_equal(0, wcscmp(text, L"Class_Given"));
    SysFreeString(text);
    IWbemClassObject_Release(cls);
}

/* Its failures are the operation's; not to have a class is none. */
static void test_failures(void **state)
{
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_E_NOT_FOUND, hosting_get(services, L"Class_Missing", &cls));
    assert_non_null(strstr(local_error(), "no such class"));
    assert_int_equal(WBEM_E_ACCESS_DENIED, hosting_get(services, L"Class_Denied", &cls));
    assert_non_null(strstr(local_error(), "TestProvider"));
    expect(L"SELECT * FROM Class_Denied", WBEM_E_ACCESS_DENIED, 0);
    expect(L"SELECT * FROM Class_Missing", WBEM_E_INVALID_CLASS, 0);
}

/* What the repository has is not asked for. */
static void test_repository_first(void **state)
{
    IWbemClassObject *cls = NULL;
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Base", &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(cls, L"Text", 0, &v, NULL, NULL));
    VariantClear(&v);
    IWbemClassObject_Release(cls);
    assert_false(hosting_asked(services, L"get Test_Base"));
}

/* How many classes below `superclass` have a name that begins with `prefix`. */
static unsigned enumerate(IWbemServices *s, const wchar_t *superclass, LONG flags,
                          const wchar_t *prefix)
{
    BSTR name = superclass ? SysAllocString(superclass) : NULL;
    IEnumWbemClassObject *e = NULL;
    unsigned count = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_CreateClassEnum(s, name, flags, NULL, &e));
    SysFreeString(name);
    for (;;) {
        IWbemClassObject *cls = NULL;
        ULONG got = 0;
        assert_true(SUCCEEDED(IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &cls, &got)));
        if (!got) {
            break;
        }
        BSTR text = local_string(cls, L"__CLASS");
        count += wcsncmp(text, prefix, wcslen(prefix)) == 0;
        SysFreeString(text);
        IWbemClassObject_Release(cls);
    }
    IEnumWbemClassObject_Release(e);
    return count;
}

static void test_enumerate(void **state)
{
    assert_int_equal(2, enumerate(services, NULL, WBEM_FLAG_DEEP, L"Class_"));
    assert_int_equal(1, enumerate(services, NULL, WBEM_FLAG_DEEP, L"Test_Base"));
    assert_int_equal(1, enumerate(services, NULL, WBEM_FLAG_SHALLOW, L"Class_"));
    assert_int_equal(1, enumerate(services, L"Class_Given", WBEM_FLAG_DEEP, L""));
    assert_int_equal(1, enumerate(services, L"Class_Given", WBEM_FLAG_SHALLOW, L"Class_Below"));
    assert_int_equal(0, enumerate(services, L"Class_Below", WBEM_FLAG_DEEP, L""));
    assert_int_equal(0, enumerate(services, L"Test_Base", WBEM_FLAG_DEEP, L""));
    assert_true(hosting_asked(services, L"classes Class_Given"));
}

static void test_schema_query(void **state)
{
    expect(L"SELECT * FROM meta_class WHERE __CLASS = 'Class_Below'", WBEM_S_NO_ERROR, 1);
    expect(L"SELECT * FROM meta_class WHERE __this ISA 'Class_Given'", WBEM_S_NO_ERROR, 2);
    expect(L"SELECT * FROM meta_class WHERE __CLASS = 'Test_Base'", WBEM_S_NO_ERROR, 1);
}

/* The classes name no provider: their instances are of the one that has the classes. */
static void test_instances(void **state)
{
    IWbemClassObject *object = NULL;
    expect(L"SELECT * FROM Class_Below", WBEM_S_NO_ERROR, 100);
    expect(L"SELECT * FROM Class_Given WHERE N < 5", WBEM_S_NO_ERROR, 10); /* of both */
    expect(L"SELECT Nothing FROM Class_Given", WBEM_E_INVALID_QUERY, 0);
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Class_Given.Id=\"t42\"", &object));
    assert_int_equal(42, local_long(object, L"N"));
    IWbemClassObject_Release(object);
    object = hosting_spawn(services, L"Class_Given");
    hosting_put_text(object, L"Id", L"refused");
    assert_int_equal(WBEM_E_ACCESS_DENIED,
                     IWbemServices_PutInstance(services, object, 0, NULL, NULL));
    IWbemClassObject_Release(object);
}

/* Without a registration, with that of a push provider, and without Get. */
static void test_registration(void **state)
{
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_E_NOT_FOUND, hosting_get(without, L"Class_Given", &cls));
    assert_int_equal(0, enumerate(without, NULL, WBEM_FLAG_DEEP, L"Class_"));
    register_classes(without, L"TestProvider", true, true, 1);
    assert_int_equal(WBEM_E_NOT_FOUND, hosting_get(without, L"Class_Given", &cls));
    register_classes(without, L"TestProvider", false, true, 0);
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(without, L"Class_Given", &cls));
    IWbemClassObject_Release(cls);
    register_classes(without, L"TestProvider", true, false, 0);
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(without, L"Class_Given", &cls));
    IWbemClassObject_Release(cls);
    assert_int_equal(0, enumerate(without, NULL, WBEM_FLAG_DEEP, L"Class_"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_get),
                                       cmocka_unit_test(test_failures),
                                       cmocka_unit_test(test_repository_first),
                                       cmocka_unit_test(test_enumerate),
                                       cmocka_unit_test(test_schema_query),
                                       cmocka_unit_test(test_instances),
                                       cmocka_unit_test(test_registration)};
    if (argc > 2 && strcmp(argv[2], "own") == 0) {
        model = L"NetworkServiceHost";
    }
    hosting_prepare(argc > 1 ? argv[1] : "");
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
