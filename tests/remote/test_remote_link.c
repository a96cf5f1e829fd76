/*
 * A host behind 50 ms and a link that loses one packet of a hundred each way: everything arrives,
 * in order and once. When the link is gone for a while too; when it is gone for good, N15.
 */
#include "link.h"
#include "methods.h"
#include "remote.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define MANY 3000

static const struct link_shape lossy = {.delay = 0.025, .loss = 0.01}, dead = {.loss = 1};
static struct remote_server server;

static char *definitions(void)
{
    size_t size = 400 * MANY;
    char *mof = malloc(size);
    assert_non_null(mof);
    int at = snprintf(mof, size, "class Many { [key] uint32 Id; string Name; string Text; };\n");
    for (int i = 0; i < MANY; i++) {
        at += snprintf(mof + at, size - (size_t)at,
                       "instance of Many { Id = %d; Name = \"number %d\"; Text = \"a good many of "
                       "them, each of some length, so that there is something to lose on the "
                       "way from there to here: %060d\"; };\n",
                       i, i, i);
    }
    return mof;
}

static int begin(void **state)
{
    char *mof = definitions();
    link_go_far();
    remote_start_at(&server, LINK_FAR, mof);
    link_go_near();
    free(mof);
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    return 0;
}

static int end(void **state)
{
    CoUninitialize();
    remote_stop(&server);
    return 0;
}

static IWbemServices *services_with(const wchar_t *level, const wchar_t *seconds)
{
    static const wchar_t *const names[] = {L"WBEM_AUTH_LEVEL", L"WBEM_CONNECT_TIMEOUT",
                                           L"WBEM_CALL_TIMEOUT"};
    const wchar_t *const values[] = {level, seconds, seconds};
    IWbemContext *context = NULL;
    IWbemServices *services = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemContext, (void **)&context));
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        VARIANT v = {.vt = VT_BSTR, .bstrVal = SysAllocString(values[i])};
        assert_int_equal(S_OK, IWbemContext_SetValue(context, names[i], 0, &v));
        VariantClear(&v);
    }
    wchar_t host[32];
    swprintf(host, ARRAYSIZE(host), L"%hs", LINK_FAR);
    const struct remote_login login = {.host = host,
                                       .port = server.port,
                                       .user = REMOTE_USER,
                                       .password = REMOTE_PASSWORD,
                                       .context = context};
    HRESULT hr = remote_log_in(&login, &services);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    IWbemContext_Release(context);
    return services;
}

static IEnumWbemClassObject *enumerate(IWbemServices *services)
{
    return local_query(services, L"SELECT * FROM Many",
                       WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY);
}

/* That an object is the `i`-th, whole. */
static void assert_object(IWbemClassObject *object, LONG i)
{
    char digits[80];
    assert_int_equal(i, local_long(object, L"Id"));
    BSTR text = local_string(object, L"Text");
    assert_non_null(text);
    snprintf(digits, sizeof digits, "%060d", (int)i);
    for (size_t d = 0, at = SysStringLen(text) - 60; d < 60; d++) {
        assert_int_equal(digits[d], text[at + d]);
    }
    SysFreeString(text);
}

/* What comes of `count` calls' worth; the status of the last. */
static HRESULT take(IEnumWbemClassObject *e, LONG *at, LONG most)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    while (*at < most && (hr == WBEM_S_NO_ERROR || hr == WBEM_S_TIMEDOUT)) {
        IWbemClassObject *objects[100];
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 100, objects, &got);
        for (ULONG i = 0; i < got; i++) {
            assert_object(objects[i], (*at)++);
            IWbemClassObject_Release(objects[i]);
        }
    }
    return hr;
}

static void enumerate_at(const wchar_t *level)
{
    IWbemServices *services = services_with(level, L"60");
    IEnumWbemClassObject *e = enumerate(services);
    const uint64_t lost = link_to_near().lost;
    LONG count = 0;
    HRESULT hr = take(e, &count, MANY + 1);
    if (hr != WBEM_S_FALSE) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    assert_int_equal(MANY, count);
    assert_true(link_to_near().lost > lost);
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(services);
}

static void test_integrity(void **state)
{
    enumerate_at(L"integrity");
}

static void test_privacy(void **state)
{
    enumerate_at(L"privacy");
}

static void test_next_async(void **state)
{
    IWbemServices *services = services_with(L"privacy", L"60");
    IEnumWbemClassObject *e = enumerate(services);
    static struct memory_sink sinks[3];
    static const ULONG asked[] = {1000, 1, 4000};
    static const size_t delivered[] = {1000, 1, MANY - 1001};
    LONG at = 0;
    for (size_t i = 0; i < ARRAYSIZE(sinks); i++) {
        memory_sink_init(&sinks[i]);
        assert_int_equal(WBEM_S_NO_ERROR,
                         IEnumWbemClassObject_NextAsync(e, asked[i], &sinks[i].sink));
    }
    for (size_t i = 0; i < ARRAYSIZE(sinks); i++) {
        memory_sink_wait(&sinks[i]);
        assert_int_equal(i < 2 ? WBEM_S_NO_ERROR : WBEM_S_FALSE, sinks[i].status);
        assert_int_equal(1, atomic_load(&sinks[i].statuses));
        assert_int_equal(delivered[i], atomic_load(&sinks[i].count));
        for (size_t n = 0; n < delivered[i]; n++) {
            assert_object(sinks[i].objects[n], at++);
        }
        assert_int_equal(0, atomic_load(&sinks[i].late_calls));
        memory_sink_done(&sinks[i]);
    }
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(services);
}

static void test_cancelled(void **state)
{
    IWbemServices *services = services_with(L"privacy", L"60");
    IEnumWbemClassObject *e = enumerate(services);
    static struct memory_sink sink;
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, MANY, &sink.sink));
    while (atomic_load(&sink.count) == 0) {
        usleep(1000);
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_CancelAsyncCall(services, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    memory_sink_done(&sink);
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(services);
}

static void *revive(void *link_is_dead_for_us)
{
    usleep(*(useconds_t *)link_is_dead_for_us);
    link_set(&lossy);
    return NULL;
}

/* Nothing arrives for a while: TCP makes up for it, and nobody above notices. */
static void test_outage(void **state)
{
    IWbemServices *services = services_with(L"privacy", L"60");
    IEnumWbemClassObject *e = enumerate(services);
    LONG count = 0;
    pthread_t thread;
    useconds_t outage = 1500000;
    assert_int_equal(WBEM_S_NO_ERROR, take(e, &count, 100));
    link_set(&dead);
    assert_int_equal(0, pthread_create(&thread, NULL, revive, &outage));
    assert_int_equal(WBEM_S_FALSE, take(e, &count, MANY + 1));
    assert_int_equal(MANY, count);
    pthread_join(thread, NULL);
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(services);
}

/* It does not come back within the time that calls have: one failure, and a new call connects anew
 * when it does. */
static void test_gone(void **state)
{
    IWbemServices *services = services_with(L"privacy", L"5");
    IEnumWbemClassObject *e = enumerate(services);
    LONG count = 0;
    assert_int_equal(WBEM_S_NO_ERROR, take(e, &count, 100));
    link_set(&dead);
    HRESULT hr = take(e, &count, MANY + 1);
    if (hr != RPC_E_TIMEOUT && hr != HRESULT_FROM_WIN32(RPC_S_CALL_FAILED) &&
        hr != HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    assert_non_null(strstr(local_error(), LINK_FAR));
    assert_true(count < MANY);
    IEnumWbemClassObject_Release(e);
    link_set(&lossy);
    /* Packets are lost on the way still, and a busy machine is slow: a call may take too long. */
    hr = RPC_E_TIMEOUT;
    for (int i = 0; i < 10 && hr == RPC_E_TIMEOUT; i++) {
        hr = local_query_status(services, L"SELECT * FROM Many WHERE Id = 7", 0);
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    IWbemServices_Release(services);
}

int main(int argc, char **argv)
{
    const char *why;
    remote_program = argc > 1 ? argv[1] : "wbemd";
    if (!link_open(&lossy, &why)) {
        fprintf(stderr, "skipped: %s (as root they can)\n", why);
        return 77;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_integrity),  cmocka_unit_test(test_privacy),
        cmocka_unit_test(test_next_async), cmocka_unit_test(test_cancelled),
        cmocka_unit_test(test_outage),     cmocka_unit_test(test_gone),
    };
    int failed = cmocka_run_group_tests(tests, begin, end);
    struct link_count in = link_to_near(), out = link_to_far();
    fprintf(stderr, "packets lost: %llu of %llu there, %llu of %llu back\n",
            (unsigned long long)out.lost, (unsigned long long)out.packets,
            (unsigned long long)in.lost, (unsigned long long)in.packets);
    link_close();
    return failed;
}
