/*
 * The built-in classes' provider as the COM provider that it is: asked by its
 * interfaces as a host of providers would, against what queries give; then
 * moved by its registration to a process of its own, and disabled.
 */
#include "methods.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wbemprov.h>
#include <wchar.h>

static IWbemServices *services;
static char folder[] = "/tmp/wbem-live-XXXXXX";

static int prepare(void **state)
{
    char place[64];
    assert_non_null(mkdtemp(folder));
    snprintf(place, sizeof place, "%s/repository", folder);
    setenv("WBEM_REPOSITORY", place, 1);
    services = local_services();
    return 0;
}

static int finish(void **state)
{
    char command[64];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    IWbemServices_Release(services);
    CoUninitialize();
    return system(command);
}

/* ---- helpers ------------------------------------------------------------------------------ */

static IWbemClassObject *get(const wchar_t *path)
{
    IWbemClassObject *object = NULL;
    BSTR text = SysAllocString(path);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, text, 0, NULL, &object, NULL));
    SysFreeString(text);
    return object;
}

/* The whole answer; released by the caller. */
static size_t fetch(const wchar_t *query, IWbemClassObject **objects, ULONG most)
{
    IEnumWbemClassObject *e =
        local_query(services, query, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    ULONG got = 0;
    HRESULT hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, most, objects, &got);
    if (FAILED(hr)) {
        print_error("%ls: %s\n", query, local_error());
    }
    assert_int_equal(WBEM_S_FALSE, hr);
    IEnumWbemClassObject_Release(e);
    return got;
}

static void assert_same(IWbemClassObject *const *a, size_t a_count, IWbemClassObject *const *b,
                        size_t b_count)
{
    assert_int_equal(a_count, b_count);
    for (size_t i = 0; i < a_count; i++) {
        assert_int_equal(WBEM_S_SAME, IWbemClassObject_CompareTo(a[i],
                                                                 WBEM_FLAG_IGNORE_OBJECT_SOURCE |
                                                                     WBEM_FLAG_IGNORE_QUALIFIERS,
                                                                 b[i]));
    }
}

static void release_all(IWbemClassObject **objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
}

static void set_registration(const wchar_t *property, VARIANT *v)
{
    IWbemClassObject *r = get(L"__Win32Provider.Name=\"libwbem\"");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(r, property, 0, v, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, r, 0, NULL, NULL));
    IWbemClassObject_Release(r);
}

static void set_model(const wchar_t *model)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(model);
    set_registration(L"HostingModel", &v);
    VariantClear(&v);
}

/* ---- asked as a host of providers does --------------------------------------------------------
 */

struct init_sink {
    IWbemProviderInitSink iface;
    LONG status;
    unsigned calls;
};

static HRESULT STDMETHODCALLTYPE init_query_interface(IWbemProviderInitSink *s, REFIID riid,
                                                      void **ret)
{
    return E_NOINTERFACE;
}

static ULONG STDMETHODCALLTYPE init_count(IWbemProviderInitSink *s)
{
    return 1;
}

static HRESULT STDMETHODCALLTYPE init_set_status(IWbemProviderInitSink *s, LONG status, LONG flags)
{
    struct init_sink *sink = (struct init_sink *)s;
    sink->status = status;
    sink->calls++;
    return WBEM_S_NO_ERROR;
}

static IWbemProviderInitSinkVtbl init_vtbl = {init_query_interface, init_count, init_count,
                                              init_set_status};

/* Made by the CLSID that the registration gives. */
static IUnknown *make_provider(void)
{
    IUnknown *provider = NULL;
    CLSID clsid;
    IWbemClassObject *r = get(L"__Win32Provider.Name=\"libwbem\"");
    BSTR text = local_string(r, L"CLSID");
    assert_int_equal(S_OK, CLSIDFromString(text, &clsid));
    assert_int_equal(S_OK, CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                                            (void **)&provider));
    SysFreeString(text);
    IWbemClassObject_Release(r);
    return provider;
}

static IWbemServices *load(void)
{
    IUnknown *provider = make_provider();
    IWbemProviderInit *init = NULL;
    IWbemServices *ret = NULL;
    struct init_sink sink = {.iface.lpVtbl = &init_vtbl};
    assert_int_equal(S_OK,
                     IUnknown_QueryInterface(provider, &IID_IWbemProviderInit, (void **)&init));
    assert_int_equal(S_OK, IUnknown_QueryInterface(provider, &IID_IWbemServices, (void **)&ret));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemProviderInit_Initialize(init, NULL, 0, (LPWSTR)L"root\\cimv2", NULL,
                                                  services, NULL, &sink.iface));
    assert_int_equal(1, sink.calls);
    assert_int_equal(WBEM_S_INITIALIZED, sink.status);
    IWbemProviderInit_Release(init);
    IUnknown_Release(provider);
    return ret;
}

/* One call of the provider; `call` begins it. */
#define ASK(to, expected_status, call)                                                             \
    do {                                                                                           \
        memory_sink_init(to);                                                                      \
        assert_int_equal(WBEM_S_NO_ERROR, call);                                                   \
        memory_sink_wait(to);                                                                      \
        assert_int_equal(1, (to)->statuses);                                                       \
        assert_int_equal(expected_status, (to)->status);                                           \
    } while (0)

static void test_registered(void **state)
{
    static const wchar_t *const kinds[] = {L"__InstanceProviderRegistration",
                                           L"__MethodProviderRegistration",
                                           L"__EventProviderRegistration"};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        wchar_t path[128];
        swprintf(path, 128, L"%ls.provider=\"__Win32Provider.Name=\\\"libwbem\\\"\"", kinds[i]);
        IWbemClassObject *registration = get(path);
        IWbemClassObject_Release(registration);
    }
}

static void test_enumerate(void **state)
{
    static struct memory_sink sink;
    IWbemClassObject *expected[4096];
    size_t count = fetch(L"SELECT * FROM Win32_UserAccount", expected, 4096);
    IWbemServices *provider = load();
    BSTR name = SysAllocString(L"Win32_UserAccount");
    assert_true(count > 0);
    ASK(&sink, WBEM_S_NO_ERROR,
        IWbemServices_CreateInstanceEnumAsync(provider, name, 0, NULL, &sink.sink));
    assert_same(expected, count, sink.objects, sink.count);
    memory_sink_done(&sink);
    release_all(expected, count);
    SysFreeString(name);
    IWbemServices_Release(provider);
}

static void test_query(void **state)
{
    static struct memory_sink sink;
    static const wchar_t text[] =
        L"SELECT Name, Domain, SID FROM Win32_UserAccount WHERE Name = 'root'";
    IWbemClassObject *expected[16];
    size_t count = fetch(text, expected, 16);
    IWbemServices *provider = load();
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(text);
    assert_int_equal(1, count);
    ASK(&sink, WBEM_S_NO_ERROR,
        IWbemServices_ExecQueryAsync(provider, language, query, 0, NULL, &sink.sink));
    assert_same(expected, count, sink.objects, sink.count);
    memory_sink_done(&sink);
    release_all(expected, count);

    SysFreeString(query);
    query = SysAllocString(L"SELECT * FROM meta_class"); /* WMI's own to answer */
    memory_sink_init(&sink);
    assert_int_equal(WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY,
                     IWbemServices_ExecQueryAsync(provider, language, query, 0, NULL, &sink.sink));
    assert_int_equal(0, sink.statuses);
    SysFreeString(query);
    SysFreeString(language);
    IWbemServices_Release(provider);
}

static void test_get(void **state)
{
    static struct memory_sink sink;
    IWbemServices *provider = load();
    IWbemClassObject *zone[2];
    size_t count = fetch(L"SELECT * FROM Win32_TimeZone", zone, 2);
    BSTR path;
    assert_int_equal(1, count);
    path = local_string(zone[0], L"__RELPATH");
    ASK(&sink, WBEM_S_NO_ERROR, IWbemServices_GetObjectAsync(provider, path, 0, NULL, &sink.sink));
    assert_same(zone, count, sink.objects, sink.count);
    memory_sink_done(&sink);
    SysFreeString(path);
    path = SysAllocString(L"Win32_Process.Handle=\"999999999\"");
    ASK(&sink, WBEM_E_NOT_FOUND, IWbemServices_GetObjectAsync(provider, path, 0, NULL, &sink.sink));
    memory_sink_done(&sink);
    SysFreeString(path);
    release_all(zone, count);
    IWbemServices_Release(provider);
}

static void own_path(wchar_t path[64])
{
    swprintf(path, 64, L"Win32_Process.Handle=\"%d\"", (int)getpid());
}

static void test_method(void **state)
{
    static struct memory_sink sink;
    wchar_t text[64];
    IWbemServices *provider = load();
    IWbemClassObject *expected = NULL;
    own_path(text);
    assert_int_equal(WBEM_S_NO_ERROR, methods_call(services, text, L"GetOwner", NULL, &expected));
    BSTR path = SysAllocString(text), method = SysAllocString(L"GetOwner");
    ASK(&sink, WBEM_S_NO_ERROR,
        IWbemServices_ExecMethodAsync(provider, path, method, 0, NULL, NULL, &sink.sink));
    assert_same(&expected, 1, sink.objects, sink.count);
    memory_sink_done(&sink);
    IWbemClassObject_Release(expected);
    SysFreeString(path);
    SysFreeString(method);
    IWbemServices_Release(provider);
}

static void test_refused(void **state)
{
    static struct memory_sink sink;
    IUnknown *provider = make_provider();
    IWbemServices *uninitialized = NULL, *loaded = load();
    BSTR name = SysAllocString(L"Win32_Process"), unknown = SysAllocString(L"__Win32Provider");
    memory_sink_init(&sink);
    assert_int_equal(
        S_OK, IUnknown_QueryInterface(provider, &IID_IWbemServices, (void **)&uninitialized));
    assert_int_equal(WBEM_E_INITIALIZATION_FAILURE, IWbemServices_CreateInstanceEnumAsync(
                                                        uninitialized, name, 0, NULL, &sink.sink));
    assert_int_equal(WBEM_E_INVALID_CLASS,
                     IWbemServices_CreateInstanceEnumAsync(loaded, unknown, 0, NULL, &sink.sink));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_CreateInstanceEnumAsync(loaded, name, 0, NULL, NULL));
    assert_int_equal(WBEM_E_PROVIDER_NOT_CAPABLE,
                     IWbemServices_DeleteInstanceAsync(loaded, name, 0, NULL, &sink.sink));
    assert_int_equal(0, sink.statuses + sink.indicates);
    SysFreeString(unknown);
    SysFreeString(name);
    IWbemServices_Release(loaded);
    IWbemServices_Release(uninitialized);
    IUnknown_Release(provider);
}

/* ---- by its registration -----------------------------------------------------------------------
 */

/* Our children, as Win32_Process has them: what runs there is seen from there too. */
static pid_t host_process(void)
{
    wchar_t query[128];
    IWbemClassObject *found[8];
    swprintf(query, 128, L"SELECT Handle, ProcessId FROM Win32_Process WHERE ParentProcessId = %d",
             (int)getpid());
    size_t count = fetch(query, found, 8);
    pid_t pid = count == 1 ? (pid_t)local_long(found[0], L"ProcessId") : -1;
    release_all(found, count);
    return pid;
}

static void test_own_process(void **state)
{
    IWbemClassObject *expected[4096], *got[4096], *out = NULL, *same = NULL;
    wchar_t path[64];
    own_path(path);
    size_t count = fetch(L"SELECT * FROM Win32_UserAccount", expected, 4096);
    assert_int_equal(WBEM_S_NO_ERROR, methods_call(services, path, L"GetOwner", NULL, &out));

    set_model(L"NetworkServiceHost");
    size_t moved = fetch(L"SELECT * FROM Win32_UserAccount", got, 4096);
    assert_same(expected, count, got, moved);
    assert_int_equal(WBEM_S_NO_ERROR, methods_call(services, path, L"GetOwner", NULL, &same));
    assert_same(&out, 1, &same, 1);

    pid_t pid = host_process();
    assert_true(pid > 0);
    assert_int_equal(0, kill(pid, SIGKILL)); /* a crash of a built-in class is that query's alone */
    while (kill(pid, 0) == 0) {
        (void)local_query_status(services, L"SELECT * FROM Win32_TimeZone", 0);
    }
    pid_t again = host_process();
    assert_true(again > 0 && again != pid);

    set_model(L"WmiCore");
    release_all(got, moved);
    release_all(expected, count);
    IWbemClassObject_Release(out);
    IWbemClassObject_Release(same);
}

static void test_disabled(void **state)
{
    VARIANT v;
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_FALSE;
    set_registration(L"Enabled", &v);
    assert_int_equal(WBEM_E_PROVIDER_DISABLED,
                     local_query_status(services, L"SELECT * FROM Win32_Process", 0));
    assert_non_null(strstr(local_error(), "libwbem"));
    V_BOOL(&v) = VARIANT_TRUE;
    set_registration(L"Enabled", &v);
    assert_int_equal(WBEM_S_NO_ERROR,
                     local_query_status(services, L"SELECT * FROM Win32_TimeZone", 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registered), cmocka_unit_test(test_enumerate),
        cmocka_unit_test(test_query),      cmocka_unit_test(test_get),
        cmocka_unit_test(test_method),     cmocka_unit_test(test_refused),
        cmocka_unit_test(test_disabled),   cmocka_unit_test(test_own_process),
    };
    return cmocka_run_group_tests(tests, prepare, finish);
}
