/*
 * Providers in processes of their own: what their end means for who asks, how
 * long they live, and hosts that are none. usage: test-provider-process
 * SHARED_OBJECT, with WBEM_PROVIDER_HOST set.
 */
#include "hosting.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

static IWbemServices *services;

static void register_provider(const wchar_t *name, const wchar_t *unload)
{
    const struct hosting_registration r = {.name = name,
                                           .clsid = TEST_CLSID,
                                           .model = L"NetworkServiceHost",
                                           .unload_timeout = unload,
                                           .get = true,
                                           .enumerate = true};
    hosting_register(services, &r);
}

static int prepare(void **state)
{
    services = hosting_namespace(L"hosting");
    register_provider(L"TestProvider", NULL);
    hosting_class(services, L"Test_Thing", NULL, L"TestProvider");
    hosting_class(services, L"Test_Asked", NULL, L"TestProvider");
    hosting_class(services, L"Test_Crash", NULL, L"TestProvider");
    hosting_class(services, L"Test_Hang", NULL, L"TestProvider");
    hosting_class(services, L"Test_Deaf", NULL, L"TestProvider");
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

static void test_apart(void **state)
{
    pid_t pid = hosting_told(services, L"process");
    assert_true(pid > 0);
    assert_int_not_equal(getpid(), pid);
    assert_int_equal(pid, hosting_told(services, L"process")); /* one for many queries */
}

/* A crash is an error of its query that says what happened; the next query has a new process. */
static void test_crash(void **state)
{
    LONG before = hosting_told(services, L"process");
    expect(L"SELECT * FROM Test_Crash", WBEM_E_PROVIDER_FAILURE, 0);
    const char *error = local_error();
    assert_non_null(strstr(error, "TestProvider"));
    assert_non_null(strstr(error, "its process"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they catch the signal */
    assert_non_null(strstr(error, "signal 11"));
#endif
    expect(L"SELECT * FROM Test_Thing", WBEM_S_NO_ERROR, 100);
    assert_int_not_equal(before, hosting_told(services, L"process"));
}

/* Queries that are under way when the process goes end too. */
static void test_killed(void **state)
{
    LONG pid = hosting_told(services, L"process");
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Test_Hang",
                                          WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(e, 0, 1, &object, &got));
    while (!hosting_asked(services, L"enumerate Test_Hang")) {
    }
    assert_int_equal(0, kill(pid, SIGKILL));
    assert_int_equal(WBEM_E_PROVIDER_FAILURE,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    assert_non_null(strstr(local_error(), "signal 9"));
    IEnumWbemClassObject_Release(e);
}

/* A cancelled query of a provider that hears nothing does not keep anybody waiting. */
static void test_deaf(void **state)
{
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Test_Deaf",
                                          WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    while (!hosting_asked(services, L"enumerate Test_Deaf")) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(e, 0, 1, &object, &got));
    }
    IEnumWbemClassObject_Release(e);
    expect(L"SELECT * FROM Test_Thing", WBEM_S_NO_ERROR, 100);
}

/* One that nobody has used for its UnloadTimeout ends. */
static void test_idle(void **state)
{
    register_provider(L"ShortProvider", L"00000000000000.010000:000");
    hosting_class(services, L"Test_Asked", NULL, L"ShortProvider");
    LONG pid = hosting_told(services, L"process");
    assert_true(pid > 0);
    while (kill(pid, 0) == 0) {
        usleep(1000);
    }
    assert_int_equal(ESRCH, errno);
    hosting_class(services, L"Test_Asked", NULL, L"TestProvider");
}

/* Hosts that are not ours: `script` is what one does. */
static void with_host(const wchar_t *name, const char *script, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%ls", hosting_folder(), name);
    if (script) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fprintf(f, "#!/bin/sh\n%s\n", script);
        assert_int_equal(0, fclose(f));
        assert_int_equal(0, chmod(path, 0755));
    }
    hosting_host(path);
    register_provider(name, NULL);
    hosting_class(services, L"Test_Host", NULL, name);
    unsigned count;
    HRESULT hr = hosting_count(services, L"SELECT * FROM Test_Host", &count);
    assert_true(FAILED(hr));
    assert_int_equal(0, count);
    const char *error = local_error();
    if (!strstr(error, text)) {
        fail_msg("%ls: 0x%08x, %s", name, (unsigned)hr, error);
    }
    hosting_host(NULL);
}

static void test_bad_hosts(void **state)
{
    with_host(L"HostMissing", NULL, "can't be run");
    with_host(L"HostEnds", "exit 3", "ended with status 3");
    with_host(L"HostBabbles", "yes >&3", "not of the protocol");
    /* A frame as large as can be said, and one that ends in the middle. */
    with_host(L"HostBoasts", "printf '\\377\\377\\377\\377' >&3; sleep 1", "not of the protocol");
    with_host(L"HostStops", "printf '\\100\\0\\0\\0ab' >&3", "ended with status 0");
}

/* __ProviderHostQuotaConfiguration in root. */
static void test_quota(void **state)
{
    IWbemLocator *locator = NULL;
    IWbemServices *root = NULL;
    BSTR name = SysAllocString(L"root");
    BSTR path = SysAllocString(L"__ProviderHostQuotaConfiguration=@");
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL, 0,
                                                                 NULL, NULL, &root));
    IWbemClassObject *quota = hosting_spawn(root, L"__ProviderHostQuotaConfiguration");
    hosting_put_long(quota, L"ProcessLimitAllHosts", 1);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(root, quota, 0, NULL, NULL));
    IWbemClassObject_Release(quota);

    expect(L"SELECT * FROM Test_Thing", WBEM_S_NO_ERROR, 100); /* it runs already */
    register_provider(L"OneTooMany", NULL);
    hosting_class(services, L"Test_Init", NULL, L"OneTooMany");
    expect(L"SELECT * FROM Test_Init", WBEM_E_QUOTA_VIOLATION, 0);
    assert_non_null(strstr(local_error(), "OneTooMany"));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_DeleteInstance(root, path, 0, NULL, NULL));
    expect(L"SELECT * FROM Test_Init", WBEM_S_NO_ERROR, 100);

    IWbemServices_Release(root);
    IWbemLocator_Release(locator);
    SysFreeString(name);
    SysFreeString(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_apart),    cmocka_unit_test(test_crash),
        cmocka_unit_test(test_killed),   cmocka_unit_test(test_deaf),
        cmocka_unit_test(test_idle),     cmocka_unit_test(test_quota),
        cmocka_unit_test(test_bad_hosts)};
    hosting_prepare(argc > 1 ? argv[1] : "");
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
