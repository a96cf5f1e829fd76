/*
 * A provider from a shared object, in the process that asks or in its own:
 * registration, enumeration, one object, queries, changes, and every way in
 * which it may misbehave. Through the public headers alone.
 * usage: test-hosting SHARED_OBJECT HOSTING_MODEL
 */
#include "hosting.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <wchar.h>

static IWbemServices *services;
static const wchar_t *model = L"WmiCore";

static const wchar_t *const classes[] = {
    L"Test_Asked", L"Test_Return", L"Test_Silent", L"Test_Async", L"Test_Hang",    L"Test_Fail",
    L"Test_Null",  L"Test_Wrong",  L"Test_Store",  L"Test_Twice", L"Test_Endless", L"Test_Early"};

static int prepare(void **state)
{
    services = hosting_namespace(L"hosting");
    const struct hosting_registration usual = {.name = L"TestProvider",
                                               .clsid = TEST_CLSID,
                                               .model = model,
                                               .get = true,
                                               .put = true,
                                               .del = true,
                                               .enumerate = true,
                                               .methods = true};
    const struct hosting_registration queries = {.name = L"QueryProvider",
                                                 .clsid = TEST_CLSID,
                                                 .model = model,
                                                 .enumerate = true,
                                                 .query = true};
    const struct hosting_registration impatient = {.name = L"ImpatientProvider",
                                                   .clsid = TEST_CLSID,
                                                   .model = model,
                                                   .operation_timeout =
                                                       L"00000000000000.100000:000",
                                                   .enumerate = true};
    const struct hosting_registration poor = {
        .name = L"PoorProvider", .clsid = TEST_CLSID, .model = model, .get = true};
    hosting_register(services, &usual);
    hosting_register(services, &queries);
    hosting_register(services, &impatient);
    hosting_register(services, &poor);
    hosting_class(services, L"Test_Base", NULL, NULL);
    hosting_class(services, L"Test_Thing", L"Test_Base", L"TestProvider");
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        hosting_class(services, classes[i], NULL, L"TestProvider");
    }
    hosting_class(services, L"Test_Query", NULL, L"QueryProvider");
    hosting_class(services, L"Test_NoQuery", NULL, L"QueryProvider");
    hosting_class(services, L"Test_Poor", NULL, L"PoorProvider");
    hosting_class(services, L"Test_Unknown", NULL, L"NoSuchProvider");
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

static void test_enumerate(void **state)
{
    expect(L"SELECT * FROM Test_Thing", WBEM_S_NO_ERROR, 100);
    assert_true(hosting_asked(services, L"enumerate Test_Thing"));
    expect(L"SELECT * FROM Test_Async", WBEM_S_NO_ERROR, 1000);
}

/* Objects that a provider goes on to change are nevertheless as they were when indicated; they say
 * where they come from. */
static void test_objects(void **state)
{
    IEnumWbemClassObject *e = local_query(services, L"SELECT N FROM Test_Thing WHERE N > 97", 0);
    IWbemClassObject *objects[3];
    ULONG got = 0;
    assert_int_equal(WBEM_S_FALSE, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 3, objects, &got));
    assert_int_equal(2, got);
    assert_int_equal(98, local_long(objects[0], L"N"));
    assert_int_equal(99, local_long(objects[1], L"N"));
    VARIANT v;
    assert_int_equal(WBEM_E_NOT_FOUND,
                     IWbemClassObject_Get(objects[0], L"Text", 0, &v, NULL, NULL));
    BSTR name_space = local_string(objects[0], L"__NAMESPACE");
    assert_int_equal(0, wcscasecmp(L"root\\cimv2\\hosting", name_space));
    SysFreeString(name_space);
    IWbemClassObject_Release(objects[0]);
    IWbemClassObject_Release(objects[1]);
    IEnumWbemClassObject_Release(e);
}

/* A superclass's instances are those of the classes below it. */
static void test_deep(void **state)
{
    expect(L"SELECT * FROM Test_Base WHERE N < 5", WBEM_S_NO_ERROR, 5);
}

static void test_get(void **state)
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Thing.Id=\"t42\"", &object));
    assert_int_equal(42, local_long(object, L"N"));
    IWbemClassObject_Release(object);
    assert_true(hosting_asked(services, L"get Test_Thing.Id=\"t42\""));
    assert_int_equal(WBEM_E_NOT_FOUND, hosting_get(services, L"Test_Thing.Id=\"nobody\"", &object));
    expect(L"SELECT * FROM Test_Thing WHERE Id = 't7'", WBEM_S_NO_ERROR, 1);
    assert_true(hosting_asked(services, L"get Test_Thing.Id=\"t7\""));
    expect(L"SELECT * FROM Test_Thing WHERE Id = 't8' AND N = 9", WBEM_S_NO_ERROR, 0);
}

static void test_query(void **state)
{
    expect(L"SELECT * FROM Test_Query WHERE N > 6", WBEM_S_NO_ERROR, 3);
    expect(L"SELECT * FROM Test_Query", WBEM_S_NO_ERROR, 100); /* an enumeration */
    expect(L"SELECT * FROM Test_NoQuery WHERE N > 90", WBEM_S_NO_ERROR, 9);
    if (wcscmp(model, L"WmiCore") == 0) { /* else the one who tells is in another process */
        assert_true(hosting_asked(services, L"query SELECT * FROM Test_NoQuery WHERE N > 90"));
        assert_true(hosting_asked(services, L"enumerate Test_NoQuery"));
    }
}

static void test_changes(void **state)
{
    IWbemClassObject *object = hosting_spawn(services, L"Test_Store");
    hosting_put_text(object, L"Id", L"a");
    hosting_put_long(object, L"N", 5);
    IWbemCallResult *result = NULL;
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemServices_PutInstance(services, object, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &result));
    BSTR path = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemCallResult_GetResultString(result, WBEM_INFINITE, &path));
    assert_int_equal(0, wcscmp(path, L"Test_Store.Id=\"a\""));
    IWbemCallResult_Release(result);
    expect(L"SELECT * FROM Test_Store WHERE N = 5", WBEM_S_NO_ERROR, 1);

    hosting_put_text(object, L"Id", L"refused");
    assert_int_equal(WBEM_E_ACCESS_DENIED,
                     IWbemServices_PutInstance(services, object, 0, NULL, NULL));
    assert_non_null(strstr(local_error(), "TestProvider"));
    IWbemClassObject_Release(object);

    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_DeleteInstance(services, path, 0, NULL, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_DeleteInstance(services, path, 0, NULL, NULL));
    SysFreeString(path);
    expect(L"SELECT * FROM Test_Store", WBEM_S_NO_ERROR, 0);
}

static IWbemClassObject *in_parameters(LONG a, LONG b)
{
    IWbemClassObject *cls = NULL;
    IWbemClassObject *signature = NULL;
    IWbemClassObject *in = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Test_Thing", &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetMethod(cls, L"Add", 0, &signature, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(signature, 0, &in));
    hosting_put_long(in, L"A", a);
    hosting_put_long(in, L"B", b);
    IWbemClassObject_Release(signature);
    IWbemClassObject_Release(cls);
    return in;
}

static HRESULT add(const wchar_t *path, IWbemClassObject *in, IWbemClassObject **ret)
{
    BSTR object = SysAllocString(path);
    BSTR method = SysAllocString(L"Add");
    HRESULT hr = IWbemServices_ExecMethod(services, object, method, 0, NULL, in, ret, NULL);
    SysFreeString(object);
    SysFreeString(method);
    return hr;
}

static void test_method(void **state)
{
    IWbemClassObject *in = in_parameters(40, 2);
    IWbemClassObject *out = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, add(L"Test_Thing.Id=\"t1\"", in, &out));
    assert_int_equal(42, local_long(out, L"Sum"));
    assert_int_equal(0, local_long(out, L"ReturnValue"));
    IWbemClassObject_Release(out);
    assert_true(hosting_asked(services, L"method Test_Thing.Id=\"t1\" Add"));
    IWbemClassObject_Release(in);
}

static void test_not_capable(void **state)
{
    IWbemClassObject *object = hosting_spawn(services, L"Test_Poor");
    hosting_put_text(object, L"Id", L"t1");
    assert_int_equal(WBEM_E_PROVIDER_NOT_CAPABLE,
                     IWbemServices_PutInstance(services, object, 0, NULL, NULL));
    IWbemClassObject_Release(object);
    expect(L"SELECT * FROM Test_Poor", WBEM_E_PROVIDER_NOT_CAPABLE, 0);
    expect(L"SELECT * FROM Test_Poor WHERE Id = 't1'", WBEM_S_NO_ERROR, 1);
}

/* What was given before a failure is delivered; the provider's own words come with it. */
static void test_failures(void **state)
{
    expect(L"SELECT * FROM Test_Fail", WBEM_E_ACCESS_DENIED, 3);
    assert_non_null(strstr(local_error(), "the dog ate it"));
    expect(L"SELECT * FROM Test_Return", WBEM_E_ACCESS_DENIED, 0);
    assert_non_null(strstr(local_error(), "TestProvider"));
    expect(L"SELECT * FROM Test_Unknown", WBEM_E_PROVIDER_NOT_FOUND, 0);
    assert_non_null(strstr(local_error(), "NoSuchProvider"));
}

static void test_misbehaviour(void **state)
{
    expect(L"SELECT * FROM Test_Silent", WBEM_E_PROVIDER_FAILURE, 0);
    assert_non_null(strstr(local_error(), "SetStatus"));
    expect(L"SELECT * FROM Test_Wrong", WBEM_E_PROVIDER_FAILURE, 0);
    assert_non_null(strstr(local_error(), "Test_Wrong"));
    expect(L"SELECT * FROM Test_Null", WBEM_E_PROVIDER_FAILURE, 0);
    expect(L"SELECT * FROM Test_Early", WBEM_S_NO_ERROR, 100);
    expect(L"SELECT * FROM Test_Twice", WBEM_S_NO_ERROR, 100);
    while (!hosting_asked(services, L"twice refused")) {
        assert_false(hosting_asked(services, L"twice taken"));
    }
}

/* Its Indicate waits for whoever reads, and fails once nobody does. */
static void test_back_pressure(void **state)
{
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Test_Endless",
                                          WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    IWbemClassObject_Release(object);
    IEnumWbemClassObject_Release(e);
    /* It stopped: what it has indicated grows no more, and is not beyond what may be ahead. */
    assert_true(hosting_told(services, L"indicated") < 5000);
}

static void test_cancel(void **state)
{
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Test_Hang",
                                          WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(e, 0, 1, &object, &got));
    while (!hosting_asked(services, L"enumerate Test_Hang")) {
    }
    IEnumWbemClassObject_Release(e);
    while (!hosting_asked(services, L"cancel")) {
    }
}

static void test_time_out(void **state)
{
    hosting_class(services, L"Test_Hang", NULL, L"ImpatientProvider");
    expect(L"SELECT * FROM Test_Hang", WBEM_E_PROVIDER_TIMED_OUT, 0);
    assert_non_null(strstr(local_error(), "ImpatientProvider"));
}

static void test_initialize(void **state)
{
    static const struct {
        const char *how;
        const wchar_t *name;
        HRESULT status;
        const char *text;
    } cases[] = {{"fail", L"InitFail", WBEM_E_PROVIDER_LOAD_FAILURE, "WBEM_E_ACCESS_DENIED"},
                 {"refuse", L"InitRefuse", WBEM_E_PROVIDER_LOAD_FAILURE, "could not initialize"},
                 {"silent", L"InitSilent", WBEM_E_PROVIDER_LOAD_FAILURE, "without saying"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct hosting_registration r = {
            .name = cases[i].name, .clsid = TEST_CLSID, .model = model, .enumerate = true};
        hosting_register(services, &r);
        hosting_class(services, L"Test_Init", NULL, cases[i].name);
        hosting_initialize(cases[i].how);
        expect(L"SELECT * FROM Test_Init", cases[i].status, 0);
        assert_non_null(strstr(local_error(), cases[i].text));
        hosting_initialize(NULL);
        expect(L"SELECT * FROM Test_Init", WBEM_S_NO_ERROR, 100); /* a failure is not kept */
    }
}

static void test_registration(void **state)
{
    const struct hosting_registration no_class = {.name = L"NoClass",
                                                  .clsid =
                                                      L"{6F0C6A10-1F0B-4F6E-9D53-2A8F106E55FF}",
                                                  .model = model,
                                                  .enumerate = true};
    hosting_register(services, &no_class);
    hosting_class(services, L"Test_Init", NULL, L"NoClass");
    expect(L"SELECT * FROM Test_Init", WBEM_E_PROVIDER_LOAD_FAILURE, 0);
    assert_non_null(strstr(local_error(), "CLSID"));
    const struct hosting_registration bad = {
        .name = L"BadModel", .clsid = TEST_CLSID, .model = L"Elsewhere", .enumerate = true};
    hosting_register(services, &bad);
    hosting_class(services, L"Test_Init", NULL, L"BadModel");
    expect(L"SELECT * FROM Test_Init", WBEM_E_INVALID_PROVIDER_REGISTRATION, 0);
}

/* A shared object that others may write is not loaded. */
static void test_writable(void **state)
{
    static const wchar_t id[] = L"{6F0C6A10-1F0B-4F6E-9D53-2A8F106E55AA}";
    char path[256];
    snprintf(path, sizeof path, "%s/open.so", hosting_folder());
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(0, fclose(f));
    assert_int_equal(0, chmod(path, 0666));
    snprintf(path, sizeof path, "%s/open.conf", hosting_folder());
    f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "[%ls]\nPath = open.so\n", id);
    assert_int_equal(0, fclose(f));
    const struct hosting_registration r = {
        .name = L"Writable", .clsid = id, .model = model, .enumerate = true};
    hosting_register(services, &r);
    hosting_class(services, L"Test_Init", NULL, L"Writable");
    expect(L"SELECT * FROM Test_Init", WBEM_E_PROVIDER_LOAD_FAILURE, 0);
    assert_non_null(strstr(local_error(), "others may write it"));
}

/* CoCreateInstance knows the classes of registered shared objects too. */
static void test_create_instance(void **state)
{
    CLSID clsid;
    IWbemProviderInit *init = NULL;
    assert_int_equal(S_OK, CLSIDFromString(TEST_CLSID, &clsid));
    assert_int_equal(S_OK, CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemProviderInit, (void **)&init));
    IWbemProviderInit_Release(init);
    CoFreeUnusedLibraries();
    clsid.Data1++;
    assert_int_equal(REGDB_E_CLASSNOTREG, CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER,
                                                           &IID_IUnknown, (void **)&init));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enumerate),      cmocka_unit_test(test_objects),
        cmocka_unit_test(test_deep),           cmocka_unit_test(test_get),
        cmocka_unit_test(test_query),          cmocka_unit_test(test_changes),
        cmocka_unit_test(test_method),         cmocka_unit_test(test_not_capable),
        cmocka_unit_test(test_failures),       cmocka_unit_test(test_misbehaviour),
        cmocka_unit_test(test_back_pressure),  cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_time_out),       cmocka_unit_test(test_initialize),
        cmocka_unit_test(test_registration),   cmocka_unit_test(test_writable),
        cmocka_unit_test(test_create_instance)};
    if (argc > 2 && strcmp(argv[2], "own") == 0) {
        model = L"NetworkServiceHost";
    }
    hosting_prepare(argc > 1 ? argv[1] : "");
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
