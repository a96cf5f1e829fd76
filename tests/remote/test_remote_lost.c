/*
 * N15: networks that cut, stand still, change and delay what is sent, and hosts
 * that die. Each failure is one COM code, told once, and nothing hangs.
 */
#include "methods.h"
#include "proxy.h"
#include "remote.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wbem.h>
#include <wchar.h>

#define MANY 6000
#define PROXY L"127.0.0.2"

static struct remote_server server;

static int begin(void **state)
{
    size_t size = 200 * MANY;
    char *mof = malloc(size);
    int at = snprintf(mof, size, "class Many { [key] uint32 Id; string Name; };\n");
    for (int i = 0; i < MANY; i++) {
        at += snprintf(mof + at, size - (size_t)at,
                       "instance of Many { Id = %d; Name = \"number %d of a good many, so that it "
                       "is of some length on the way\"; };\n",
                       i, i);
    }
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    remote_start_behind_proxy(&server, mof);
    proxy_start(server.port);
    free(mof);
    return 0;
}

static int end(void **state)
{
    CoUninitialize();
    proxy_stop();
    remote_stop(&server);
    return 0;
}

static HRESULT log_in(const wchar_t *seconds, IWbemServices **ret)
{
    IWbemContext *context = NULL;
    VARIANT v = {.vt = VT_BSTR, .bstrVal = SysAllocString(seconds)};
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemContext, (void **)&context));
    assert_int_equal(S_OK, IWbemContext_SetValue(context, L"WBEM_CONNECT_TIMEOUT", 0, &v));
    assert_int_equal(S_OK, IWbemContext_SetValue(context, L"WBEM_CALL_TIMEOUT", 0, &v));
    const struct remote_login login = {.host = PROXY,
                                       .port = server.port,
                                       .user = REMOTE_USER,
                                       .password = REMOTE_PASSWORD,
                                       .context = context};
    HRESULT hr = remote_log_in(&login, ret);
    VariantClear(&v);
    IWbemContext_Release(context);
    return hr;
}

static IWbemServices *services_within(const wchar_t *seconds)
{
    IWbemServices *services = NULL;
    proxy_pass();
    HRESULT hr = log_in(seconds, &services);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    return services;
}

/* What programs know a lost connection by. */
static void assert_lost(HRESULT hr)
{
    if (hr != HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE) &&
        hr != HRESULT_FROM_WIN32(RPC_S_CALL_FAILED) && hr != RPC_E_DISCONNECTED) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
}

static IEnumWbemClassObject *enumerate(IWbemServices *services)
{
    return local_query(services, L"SELECT * FROM Many",
                       WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY);
}

/* Takes all there is, in order; how it ended. What came before a failure comes with
 * WBEM_S_TIMEDOUT, and the failure with the next call (N21). */
static HRESULT drain(IEnumWbemClassObject *e, LONG *ret_count)
{
    HRESULT hr;
    LONG count = 0;
    ULONG got;
    do {
        IWbemClassObject *objects[100];
        got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 100, objects, &got);
        for (ULONG i = 0; i < got; i++) {
            assert_int_equal(count++, local_long(objects[i], L"Id"));
            IWbemClassObject_Release(objects[i]);
        }
    } while (hr == WBEM_S_NO_ERROR || (hr == WBEM_S_TIMEDOUT && got > 0));
    *ret_count = count;
    return hr;
}

/* ---- cut ------------------------------------------------------------------------------- */

static void test_cut_while_enumerating(void **state)
{
    IWbemServices *services = services_within(L"20");
    IEnumWbemClassObject *e = enumerate(services);
    LONG count;
    proxy_cut_at(100000);
    HRESULT hr = drain(e, &count);
    assert_lost(hr);
    assert_non_null(strstr(local_error(), "127.0.0.2"));
    assert_true(count > 0 && count < MANY);
    IEnumWbemClassObject_Release(e);
    /* Calls to come fail too, until the network is there again. */
    proxy_cut();
    assert_lost(local_query_status(services, L"SELECT * FROM Many", 0));
    proxy_pass();
    assert_int_equal(WBEM_S_NO_ERROR,
                     local_query_status(services, L"SELECT * FROM Many WHERE Id = 1", 0));
    IWbemServices_Release(services);
}

static void test_cut_while_delivering(void **state)
{
    IWbemServices *services = services_within(L"20");
    IEnumWbemClassObject *e = enumerate(services);
    struct memory_sink sink;
    memory_sink_init(&sink);
    proxy_cut_at(100000);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, MANY, &sink.sink));
    memory_sink_wait(&sink);
    assert_lost(sink.status);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(0, sink.late_calls);
    assert_non_null(sink.detail);
    assert_true(sink.count < MANY);
    memory_sink_done(&sink);
    IEnumWbemClassObject_Release(e);
    proxy_pass();
    memory_sink_init(&sink);
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(L"SELECT * FROM Many");
    proxy_cut_at(100000);
    assert_int_equal(S_OK,
                     IWbemServices_ExecQueryAsync(services, language, query, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_lost(sink.status);
    assert_int_equal(1, sink.statuses);
    memory_sink_done(&sink);
    SysFreeString(language);
    SysFreeString(query);
    IWbemServices_Release(services);
}

static HRESULT one_query(void)
{
    IWbemServices *services = NULL;
    HRESULT hr = log_in(L"20", &services);
    if (FAILED(hr)) {
        assert_int_not_equal(0, strlen(local_error()));
        return hr;
    }
    IEnumWbemClassObject *e = NULL;
    BSTR language = SysAllocString(L"WQL"),
         query = SysAllocString(L"SELECT * FROM Many WHERE Id<3");
    hr = IWbemServices_ExecQuery(services, language, query,
                                 WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e);
    if (SUCCEEDED(hr)) {
        LONG count;
        hr = drain(e, &count);
        assert_true(FAILED(hr) || count == 3);
        IEnumWbemClassObject_Release(e);
    }
    SysFreeString(language);
    SysFreeString(query);
    IWbemServices_Release(services);
    return hr;
}

/* At every place, from the first byte to after the last. */
static void test_cut_anywhere(void **state)
{
    proxy_pass();
    assert_int_equal(WBEM_S_FALSE, one_query());
    size_t all = proxy_passed();
    assert_true(all > 2000);
    for (size_t place = 0; place < all; place += 131) {
        proxy_cut_at(place);
        HRESULT hr = one_query();
        if (FAILED(hr)) {
            assert_lost(hr);
        }
        proxy_cut();
        proxy_pass();
    }
    assert_int_equal(WBEM_S_FALSE, one_query());
}

/* ---- changed ------------------------------------------------------------------------------- */

/* Whatever is changed on the way is either of no consequence or a failure, never another value. */
static void test_corrupted_anywhere(void **state)
{
    unsigned failures = 0;
    proxy_pass();
    assert_int_equal(WBEM_S_FALSE, one_query());
    size_t all = proxy_passed();
    for (size_t place = 0; place < all; place += 61) {
        proxy_corrupt(place);
        /* A length that has become larger makes us wait for what never comes. */
        IWbemServices *services = NULL;
        HRESULT hr = log_in(L"0.3", &services);
        if (SUCCEEDED(hr)) {
            IEnumWbemClassObject *e = NULL;
            BSTR language = SysAllocString(L"WQL");
            BSTR query = SysAllocString(L"SELECT * FROM Many WHERE Id < 3");
            hr = IWbemServices_ExecQuery(services, language, query,
                                         WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY,
                                         NULL, &e);
            LONG count = 3;
            if (SUCCEEDED(hr)) {
                hr = drain(e, &count);
                IEnumWbemClassObject_Release(e);
            }
            assert_true(FAILED(hr) || count == 3);
            SysFreeString(language);
            SysFreeString(query);
            IWbemServices_Release(services);
        }
        failures += FAILED(hr);
        proxy_cut();
        proxy_pass();
    }
    assert_true(failures > 10);
}

/* ---- standing still -------------------------------------------------------------------------- */

static void test_half_open(void **state)
{
    IWbemServices *services = services_within(L"0.5"), *second = NULL;
    IEnumWbemClassObject *e = enumerate(services);
    IWbemClassObject *object = NULL;
    LONG count;
    BSTR path = SysAllocString(L"Many=1");
    proxy_stall();
    assert_int_equal(RPC_E_TIMEOUT,
                     IWbemServices_GetObject(services, path, 0, NULL, &object, NULL));
    assert_non_null(strstr(local_error(), "in time"));
    assert_int_equal(RPC_E_TIMEOUT, drain(e, &count));
    IEnumWbemClassObject_Release(e);
    /* Nobody answers the bind. */
    HRESULT hr = log_in(L"0.5", &second);
    assert_true(hr == RPC_E_TIMEOUT || hr == HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE));
    assert_int_not_equal(0, strlen(local_error()));
    SysFreeString(path);
    IWbemServices_Release(services);
}

/* Next's own time-out is progress, not a failure; letting go does not wait for the host. */
static void test_letting_go_of_what_stands_still(void **state)
{
    IWbemServices *services = services_within(L"30");
    IEnumWbemClassObject *e = enumerate(services);
    struct memory_sink sink;
    proxy_stall();
    HRESULT hr;
    do {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, 50, 1, &object, &got);
        if (got) {
            IWbemClassObject_Release(object);
        }
    } while (hr == WBEM_S_NO_ERROR);
    assert_int_equal(WBEM_S_TIMEDOUT, hr);
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, MANY, &sink.sink));
    IEnumWbemClassObject_Release(e);
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    assert_int_equal(1, sink.statuses);
    memory_sink_done(&sink);
    proxy_pass();
    IWbemServices_Release(services);
}

static void test_silent_subscription(void **state)
{
    IWbemServices *services = services_within(L"0.5");
    IEnumWbemClassObject *events = NULL;
    IWbemClassObject *event = NULL;
    ULONG got = 0;
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(L"SELECT * FROM __InstanceCreationEvent");
    assert_int_equal(S_OK, IWbemServices_ExecNotificationQuery(services, language, query,
                                                               WBEM_FLAG_RETURN_IMMEDIATELY |
                                                                   WBEM_FLAG_FORWARD_ONLY,
                                                               NULL, &events));
    assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(events, 1500, 1, &event, &got));
    proxy_stall();
    assert_int_equal(RPC_E_TIMEOUT,
                     IEnumWbemClassObject_Next(events, WBEM_INFINITE, 1, &event, &got));
    proxy_pass();
    IEnumWbemClassObject_Release(events);
    IWbemServices_Release(services);
    SysFreeString(language);
    SysFreeString(query);
}

static void test_slow_network(void **state)
{
    IWbemServices *services = services_within(L"20");
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Many WHERE Id < 1000",
                                          WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY);
    LONG count;
    proxy_slow();
    assert_int_equal(WBEM_S_FALSE, drain(e, &count));
    assert_int_equal(1000, count);
    proxy_pass();
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(services);
}

/* ---- hosts that die ---------------------------------------------------------------------------
 */

static void test_killed_server(void **state)
{
    IWbemServices *services = services_within(L"20");
    IEnumWbemClassObject *e = enumerate(services);
    LONG count;
    proxy_cut_at(50000);
    proxy_pass();
    remote_end(&server, SIGKILL);
    HRESULT hr = drain(e, &count);
    if (hr != WBEM_S_FALSE) { /* all had come already */
        assert_lost(hr);
    }
    IEnumWbemClassObject_Release(e);
    assert_lost(local_query_status(services, L"SELECT * FROM Many", 0));
    /* Restarted, it does not know our objects; new ones it gives. */
    remote_restart(&server);
    assert_lost(local_query_status(services, L"SELECT * FROM Many", 0));
    IWbemServices_Release(services);
    assert_int_equal(WBEM_S_FALSE, one_query());
}

static void test_unreachable(void **state)
{
    static const struct {
        const wchar_t *host;
        unsigned port;
        const char *says;
    } hosts[] = {
        {L"127.0.0.1", 1, "nobody listens"},
        {L"nowhere.invalid", 135, "DNS"},
    };
    for (size_t i = 0; i < ARRAYSIZE(hosts); i++) {
        const struct remote_login login = {.host = hosts[i].host,
                                           .port = hosts[i].port,
                                           .user = REMOTE_USER,
                                           .password = REMOTE_PASSWORD};
        IWbemServices *services = NULL;
        assert_int_equal(HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
                         remote_log_in(&login, &services));
        const char *text = local_error();
        if (!strstr(text, hosts[i].says)) {
            fail_msg("%s", text);
        }
    }
}

int main(int argc, char **argv)
{
    remote_program = argc > 1 ? argv[1] : "wbemd";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_while_enumerating),
        cmocka_unit_test(test_cut_while_delivering),
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_corrupted_anywhere),
        cmocka_unit_test(test_half_open),
        cmocka_unit_test(test_letting_go_of_what_stands_still),
        cmocka_unit_test(test_silent_subscription),
        cmocka_unit_test(test_slow_network),
        cmocka_unit_test(test_killed_server),
        cmocka_unit_test(test_unreachable),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
