/*
 * Programs that are providers: found while they run, from another process and
 * from their own, not found before and after. usage: test-decoupled PROGRAM
 */
#include "hosting.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static IWbemServices *services;
static const char *program;
static pid_t child;
static int to_child, from_child;

static char mof[] =
    "instance of __Win32Provider as $T { Name = \"OfferedThings\"; HostingModel = "
    "\"Decoupled:Com\"; };"
    "instance of __InstanceProviderRegistration { provider = $T; SupportsEnumeration = TRUE; };"
    "instance of __Win32Provider as $E { Name = \"OfferedEvents\"; HostingModel = "
    "\"Decoupled:Com\"; };"
    "instance of __EventProviderRegistration"
    "  { provider = $E; EventQueryList = {\"SELECT * FROM Test_OfferedEvent\"}; };"
    "[dynamic, provider(\"OfferedThings\")] class Test_Offered"
    "  { [key] sint32 Number; sint32 Process; sint32 Queries; };"
    "instance of __EventProviderRegistration"
    "  { provider = $T; EventQueryList = {\"SELECT * FROM Test_Told\"}; };"
    "class Test_Told : __ExtrinsicEvent { string Refused; };"
    "class Test_OfferedEvent : __ExtrinsicEvent { sint32 Process; };";

static int prepare(void **state)
{
    IMofCompiler *compiler = NULL;
    wchar_t place[] = L"root\\cimv2\\offered";
    services = hosting_namespace(L"offered");
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_MofCompiler, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IMofCompiler, (void **)&compiler));
    HRESULT hr = IMofCompiler_CompileBuffer(compiler, (LONG)strlen(mof), (BYTE *)mof, place, NULL,
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

static char hear(void)
{
    char c = 0;
    assert_int_equal(1, read(from_child, &c, 1));
    return c;
}

static void start(void)
{
    int in[2], out[2];
    assert_int_equal(0, pipe2(in, O_CLOEXEC));
    assert_int_equal(0, pipe2(out, O_CLOEXEC));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)dup2(in[0], 0);
        (void)dup2(out[1], 1);
        execl(program, program, "root\\cimv2\\offered", (char *)NULL);
        _exit(127);
    }
    (void)close(in[0]);
    (void)close(out[1]);
    to_child = in[1];
    from_child = out[0];
    assert_int_equal('r', hear());
}

static void stop(int signal)
{
    int status;
    if (signal) {
        assert_int_equal(0, kill(child, signal));
    }
    (void)close(to_child);
    assert_int_equal(child, waitpid(child, &status, 0));
    (void)close(from_child);
    assert_true(signal ? WIFSIGNALED(status) : WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void expect(HRESULT status, unsigned count)
{
    unsigned got;
    HRESULT hr = hosting_count(services, L"SELECT * FROM Test_Offered", &got);
    if (hr != status) {
        print_error("0x%08x, %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(status, hr);
    assert_int_equal(count, got);
}

static IWbemClassObject *next(IEnumWbemClassObject *e)
{
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    return object;
}

static HRESULT try_watch(const wchar_t *text, IEnumWbemClassObject **ret)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(text);
    HRESULT hr = IWbemServices_ExecNotificationQuery(
        services, language, query, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL,
        ret);
    SysFreeString(language);
    SysFreeString(query);
    return hr;
}

static IEnumWbemClassObject *watch(void)
{
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = try_watch(L"SELECT * FROM Test_OfferedEvent", &e);
    if (FAILED(hr)) {
        print_error("0x%08x, %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    return e;
}

static void test_instances(void **state)
{
    expect(WBEM_E_PROVIDER_LOAD_FAILURE, 0);
    assert_non_null(strstr(local_error(), "OfferedThings"));
    start();
    expect(WBEM_S_NO_ERROR, 1000);
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Test_Offered", 0);
    IWbemClassObject *object = next(e);
    assert_int_equal(child, local_long(object, L"Process"));
    IWbemClassObject_Release(object);
    IEnumWbemClassObject_Release(e);
    stop(0);
    expect(WBEM_E_PROVIDER_LOAD_FAILURE, 0);
    start();
    expect(WBEM_S_NO_ERROR, 1000);
    stop(SIGKILL);
    expect(WBEM_E_PROVIDER_LOAD_FAILURE, 0);
}

static void test_events(void **state)
{
    start();
    IEnumWbemClassObject *first = watch();
    IEnumWbemClassObject *second = watch();
    for (int i = 0; i < 3; i++) {
        assert_int_equal(1, write(to_child, "e", 1));
        assert_int_equal('e', hear());
        IWbemClassObject *event = next(first);
        assert_int_equal(child, local_long(event, L"Process"));
        IWbemClassObject_Release(event);
        event = next(second);
        IWbemClassObject_Release(event);
    }
    IEnumWbemClassObject_Release(second);
    stop(SIGKILL);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_E_PROVIDER_FAILURE,
                     IEnumWbemClassObject_Next(first, WBEM_INFINITE, 1, &object, &got));
    assert_non_null(strstr(local_error(), "OfferedEvents"));
    IEnumWbemClassObject_Release(first);
}

static LONG active_queries(void)
{
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Test_Offered", 0);
    IWbemClassObject *object = next(e);
    LONG active = local_long(object, L"Queries");
    IWbemClassObject_Release(object);
    IEnumWbemClassObject_Release(e);
    return active;
}

/* A provider is told what is asked, when that ends, and may refuse it. */
static void test_told(void **state)
{
    IEnumWbemClassObject *first = NULL;
    IEnumWbemClassObject *second = NULL;
    start();
    assert_int_equal(WBEM_S_NO_ERROR, try_watch(L"SELECT * FROM Test_Told", &first));
    assert_int_equal(1, active_queries());
    assert_int_equal(WBEM_E_ACCESS_DENIED,
                     try_watch(L"SELECT * FROM Test_Told WHERE Refused = 'x'", &second));
    assert_non_null(strstr(local_error(), "OfferedThings"));
    assert_int_equal(1, active_queries());
    assert_int_equal(WBEM_S_NO_ERROR, try_watch(L"SELECT TIME_CREATED FROM Test_Told", &second));
    assert_int_equal(2, active_queries());
    IEnumWbemClassObject_Release(second);
    IEnumWbemClassObject_Release(first);
    while (active_queries() > 0) { /* what ends ends in the background */
    }
    stop(0);
}

/* The program that offers and the one that asks may be the same. */
static void test_same_process(void **state)
{
    IWbemDecoupledBasicEventProvider *provider = NULL;
    IWbemObjectSink *sink = NULL;
    assert_int_equal(
        S_OK, CoCreateInstance(&CLSID_WbemDecoupledBasicEventProvider, NULL, CLSCTX_INPROC_SERVER,
                               &IID_IWbemDecoupledBasicEventProvider, (void **)&provider));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemDecoupledBasicEventProvider_Register(
                                          provider, 0, NULL, NULL, NULL,
                                          L"\\\\.\\root\\cimv2\\offered", L"OfferedEvents", NULL));
    assert_int_equal(WBEM_E_ALREADY_EXISTS,
                     IWbemDecoupledBasicEventProvider_Register(provider, 0, NULL, NULL, NULL, NULL,
                                                               L"OfferedEvents", NULL));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemDecoupledBasicEventProvider_GetSink(provider, 0, NULL, &sink));
    for (int round = 0; round < 2; round++) {
        IEnumWbemClassObject *e = watch();
        IWbemClassObject *event = hosting_spawn(services, L"Test_OfferedEvent");
        hosting_put_long(event, L"Process", round);
        assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_Indicate(sink, 1, &event));
        IWbemClassObject_Release(event);
        event = next(e);
        assert_int_equal(round, local_long(event, L"Process"));
        IWbemClassObject_Release(event);
        ULONG got = 0;
        assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(e, 0, 1, &event, &got));
        IEnumWbemClassObject_Release(e);
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemDecoupledBasicEventProvider_UnRegister(provider));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemDecoupledBasicEventProvider_UnRegister(provider));
    IWbemObjectSink_Release(sink);
    IWbemDecoupledBasicEventProvider_Release(provider);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_instances),
                                       cmocka_unit_test(test_events), cmocka_unit_test(test_told),
                                       cmocka_unit_test(test_same_process)};
    program = argc > 1 ? argv[1] : "";
    (void)signal(SIGPIPE, SIG_IGN);
    hosting_prepare(program);
    (void)setenv("XDG_RUNTIME_DIR", hosting_folder(), 1);
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
