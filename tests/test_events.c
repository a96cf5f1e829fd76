/*
 * Events through the public headers alone: subscribing, raising, waiting,
 * cancelling, losing. What an event is made of here is an instance of
 * Win32_VolumeChangeEvent, which the test raises itself.
 */
#include "local_events.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static int connect_once(void **state)
{
    events_connect();
    return 0;
}

static int disconnect(void **state)
{
    events_disconnect();
    return 0;
}

/* The code; its error object must mention `why`. */
static void refused(const wchar_t *query, HRESULT expected, const char *why)
{
    IEnumWbemClassObject *e;
    assert_int_equal(expected, try_subscribe(query, SEMISYNC, &e));
    assert_null(e);
    const char *error = local_error();
    if (!strstr(error, why)) {
        print_message("%ls: %s\n", query, error);
    }
    assert_non_null(strstr(error, why));
}

/* ---- what is refused ----------------------------------------------------------------- */

static void test_flags(void **state)
{
    static const wchar_t query[] = L"SELECT * FROM Win32_VolumeChangeEvent";
    static const LONG wrong[] = {0, WBEM_FLAG_FORWARD_ONLY, WBEM_FLAG_RETURN_IMMEDIATELY,
                                 SEMISYNC | WBEM_FLAG_PROTOTYPE};
    IEnumWbemClassObject *e;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(WBEM_E_INVALID_PARAMETER, try_subscribe(query, wrong[i], &e));
        assert_null(e);
    }
    BSTR text = SysAllocString(query);
    BSTR language = SysAllocString(L"CQL");
    assert_int_equal(
        WBEM_E_INVALID_QUERY_TYPE,
        IWbemServices_ExecNotificationQuery(event_services, language, text, SEMISYNC, NULL, &e));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemServices_ExecNotificationQuery(
                                                   event_services, NULL, text, SEMISYNC, NULL, &e));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemServices_ExecNotificationQueryAsync(
                                                   event_services, language, text, 0, NULL, NULL));
    SysFreeString(language);
    SysFreeString(text);
}

static void test_query_errors(void **state)
{
    refused(L"SELECT * FORM Win32_VolumeChangeEvent", WBEM_E_UNPARSABLE_QUERY, "line 1, column 10");
    refused(L"SELECT * FROM NoSuchEvent", WBEM_E_INVALID_CLASS, "NoSuchEvent");
    refused(L"SELECT * FROM Win32_Process", WBEM_E_NOT_EVENT_CLASS, "__InstanceOperationEvent");
    refused(L"SELECT * FROM Win32_VolumeChangeEvent WHERE Colour = 'red'", WBEM_E_INVALID_QUERY,
            "Colour");
}

/* ---- raising and receiving -------------------------------------------------------------- */

static void test_raised(void **state)
{
    IEnumWbemClassObject *all = subscribe(L"SELECT * FROM __ExtrinsicEvent");
    IEnumWbemClassObject *some =
        subscribe(L"SELECT EventType FROM Win32_DeviceChangeEvent WHERE EventType = 2");
    expect_nothing(some);
    raise_event(L"/raised/1", 3);
    raise_event(L"/raised/2", 2);

    IWbemClassObject *event = next_event(all);
    expect_text(event, L"DriveName", L"/raised/1");
    expect_text(event, L"__CLASS", L"Win32_VolumeChangeEvent");
    BSTR time = local_string(event, L"TIME_CREATED"); /* a uint64 is text */
    assert_non_null(time);
    assert_true(wcstoull(time, NULL, 10) > 130000000000000000ULL); /* after 2012 */
    SysFreeString(time);
    IWbemClassObject_Release(event);
    event = next_event(all);
    expect_text(event, L"DriveName", L"/raised/2");
    IWbemClassObject_Release(event);

    event = next_event(some); /* the condition of a superclass, for an event of a subclass */
    assert_int_equal(2, local_long(event, L"EventType"));
    IWbemClassObject_Release(event);
    expect_nothing(some);
    IEnumWbemClassObject_Release(all);
    IEnumWbemClassObject_Release(some);
}

static void test_projected(void **state)
{
    IEnumWbemClassObject *e = subscribe(
        L"SELECT DriveName FROM Win32_VolumeChangeEvent WHERE DriveName LIKE '/wanted/%'");
    raise_event(L"/raised/3", 2);
    raise_event(L"/wanted/4", 2);
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"DriveName", L"/wanted/4");
    assert_int_equal(1, local_long(event, L"__PROPERTY_COUNT"));
    IWbemClassObject_Release(event);
    expect_nothing(e);
    IEnumWbemClassObject_Release(e);
}

static void test_not_an_event(void **state)
{
    IWbemObjectSink *sink = raise_sink();
    IWbemClassObject *object = new_instance(L"Win32_Process");
    assert_int_equal(WBEM_E_INVALID_OBJECT, IWbemObjectSink_Indicate(sink, 1, &object));
    assert_non_null(strstr(local_error(), "__Event"));
    IWbemClassObject_Release(object);
    object = NULL;
    assert_int_equal(WBEM_E_INVALID_OBJECT, IWbemObjectSink_Indicate(sink, 1, &object));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemObjectSink_Indicate(sink, -1, &object));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_Indicate(sink, 0, NULL));
    IWbemObjectSink_Release(sink);
}

/* An event enumerator is an enumerator: some now, the rest later; no Reset and no Clone. */
static void test_enumerator(void **state)
{
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType=4");
    IEnumWbemClassObject *clone = NULL;
    assert_int_equal(WBEM_E_INVALID_OPERATION, IEnumWbemClassObject_Clone(e, &clone));
    assert_int_equal(WBEM_E_INVALID_OPERATION, IEnumWbemClassObject_Reset(e));
    raise_event(L"/one", 4);
    raise_event(L"/two", 4);
    IWbemClassObject *events[3] = {NULL};
    ULONG got = 0;
    /* Two are there or on their way; the third will not come. */
    ULONG have = 0;
    while (have < 2) {
        HRESULT hr = IEnumWbemClassObject_Next(e, 100, 3 - have, events + have, &got);
        assert_int_equal(WBEM_S_TIMEDOUT, hr);
        have += got;
    }
    expect_text(events[0], L"DriveName", L"/one");
    expect_text(events[1], L"DriveName", L"/two");
    IWbemClassObject_Release(events[0]);
    IWbemClassObject_Release(events[1]);
    raise_event(L"/skipped", 4);
    raise_event(L"/taken", 4);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_Skip(e, 30000, 1));
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"DriveName", L"/taken");
    IWbemClassObject_Release(event);
    IEnumWbemClassObject_Release(e);
}

static void test_next_async(void **state)
{
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType=4");
    struct memory_sink sink;
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, 2, &sink.sink));
    raise_event(L"/async/1", 4);
    raise_event(L"/async/2", 4);
    memory_sink_wait(&sink);
    assert_int_equal(2, sink.count);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    expect_text(sink.objects[1], L"DriveName", L"/async/2");
    memory_sink_done(&sink);

    /* Releasing the enumerator ends what waits. */
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, 2, &sink.sink));
    IEnumWbemClassObject_Release(e);
    memory_sink_wait(&sink);
    assert_int_equal(0, sink.count);
    assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    assert_int_equal(0, sink.late_calls);
    memory_sink_done(&sink);
}

static void subscribe_async(const wchar_t *query, struct memory_sink *sink)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(query);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_ExecNotificationQueryAsync(
                                          event_services, language, text, 0, NULL, &sink->sink));
    SysFreeString(language);
    SysFreeString(text);
}

static void *cancel_it(void *closure)
{
    struct memory_sink *sink = closure;
    while (atomic_load(&sink->count) == 0) {
        usleep(1000);
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_CancelAsyncCall(event_services, &sink->sink));
    return NULL;
}

static void test_cancel_async(void **state)
{
    struct memory_sink sink;
    memory_sink_init(&sink);
    subscribe_async(L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType = 4", &sink);
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_it, &sink);
    raise_event(L"/cancelled", 4);
    memory_sink_wait(&sink);
    pthread_join(thread, NULL);
    assert_int_equal(1, sink.count);
    assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(0, sink.late_calls);
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_CancelAsyncCall(event_services, &sink.sink));
    memory_sink_done(&sink);
}

/* ---- losing -----------------------------------------------------------------------------------
 */

static void test_overflow(void **state)
{
    enum {
        RAISED = 12000
    };
    IEnumWbemClassObject *watch = subscribe(L"SELECT * FROM __EventQueueOverflowEvent");
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType=4");
    IWbemObjectSink *sink = raise_sink();
    IWbemClassObject *event = new_instance(L"Win32_VolumeChangeEvent");
    put_string(event, L"DriveName", L"/many");
    put_long(event, L"EventType", 4);
    for (int i = 0; i < RAISED; i++) {
        assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_Indicate(sink, 1, &event));
    }
    IWbemClassObject_Release(event);
    IWbemObjectSink_Release(sink);

    int got = 0;
    for (;;) {
        event = next_event(e);
        BSTR name = local_string(event, L"__CLASS");
        bool overflow = wcscmp(name, L"__EventQueueOverflowEvent") == 0;
        SysFreeString(name);
        if (overflow) {
            break;
        }
        IWbemClassObject_Release(event);
        got++;
    }
    assert_true(got < RAISED);
    VARIANT lost;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(event, L"Event", 0, &lost, NULL, NULL));
    assert_int_equal(VT_UNKNOWN, V_VT(&lost));
    VariantClear(&lost);
    IWbemClassObject_Release(event);

    /* It goes on after the gap, and whoever watches for such gaps was told. */
    raise_event(L"/after", 4);
    event = next_event(e);
    expect_text(event, L"DriveName", L"/after");
    IWbemClassObject_Release(event);
    event = next_event(watch);
    expect_text(event, L"__CLASS", L"__EventQueueOverflowEvent");
    IWbemClassObject_Release(event);
    IEnumWbemClassObject_Release(e);
    IEnumWbemClassObject_Release(watch);
}

/* ---- the kernel's events
 * ------------------------------------------------------------------------- */

static pid_t run_process(int code)
{
    pid_t child = fork();
    if (child == 0) {
        char script[32];
        snprintf(script, sizeof(script), "exit %d", code);
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

/* The next event of that process; those of others are passed over. */
static IWbemClassObject *event_of(IEnumWbemClassObject *e, pid_t process)
{
    for (;;) {
        IWbemClassObject *event = next_event(e);
        if (local_long(event, L"ProcessID") == (LONG)process) {
            return event;
        }
        IWbemClassObject_Release(event);
    }
}

static void test_processes(void **state)
{
    IEnumWbemClassObject *e;
    HRESULT hr = try_subscribe(L"SELECT * FROM Win32_ProcessTrace", SEMISYNC, &e);
    if (hr == WBEM_E_ACCESS_DENIED) {
        assert_non_null(strstr(local_error(), "CAP_NET_ADMIN"));
        skip();
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    pid_t child = run_process(7);
    IWbemClassObject *event = event_of(e, child);
    expect_text(event, L"__CLASS", L"Win32_ProcessStartTrace");
    assert_int_equal(getpid(), local_long(event, L"ParentProcessID"));
    expect_text(event, L"ProcessName", L"sh");
    VARIANT sid;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(event, L"Sid", 0, &sid, NULL, NULL));
    assert_int_equal(VT_ARRAY | VT_UI1, V_VT(&sid));
    VariantClear(&sid);
    IWbemClassObject_Release(event);

    event = event_of(e, child);
    expect_text(event, L"__CLASS", L"Win32_ProcessStopTrace");
    assert_int_equal(7, local_long(event, L"ExitStatus"));
    expect_text(event, L"ProcessName", L"sh");
    IWbemClassObject_Release(event);
    assert_int_equal(child, waitpid(child, NULL, 0));
    IEnumWbemClassObject_Release(e);
}

/* A file system mounted where nobody else sees it would not be reported, so it is made in a place
 * of its own and taken away again. */
static void test_volumes(void **state)
{
    char place[] = "/tmp/wbem-volume-XXXXXX";
    assert_non_null(mkdtemp(place));
    wchar_t query[128];
    swprintf(query, 128, L"SELECT * FROM Win32_VolumeChangeEvent WHERE DriveName = '%hs'", place);
    IEnumWbemClassObject *e = subscribe(query);
    if (mount("none", place, "tmpfs", 0, NULL) != 0) {
        IEnumWbemClassObject_Release(e);
        rmdir(place);
        skip();
    }
    IWbemClassObject *event = next_event(e);
    int mounted = umount(place);
    rmdir(place);
    assert_int_equal(2, local_long(event, L"EventType"));
    IWbemClassObject_Release(event);
    assert_int_equal(0, mounted);
    event = next_event(e);
    assert_int_equal(3, local_long(event, L"EventType"));
    IWbemClassObject_Release(event);
    IEnumWbemClassObject_Release(e);
}

static void put_timer(const wchar_t *class_name, const wchar_t *id, const wchar_t *property,
                      VARIANT value)
{
    IWbemClassObject *cls, *timer;
    BSTR name = SysAllocString(class_name);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(event_services, name, 0, NULL, &cls, NULL));
    SysFreeString(name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &timer));
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(id);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(timer, L"TimerId", 0, &v, 0));
    VariantClear(&v);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(timer, property, 0, &value, 0));
    VariantClear(&value);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_PutInstance(event_services, timer, 0, NULL, NULL));
    IWbemClassObject_Release(timer);
    IWbemClassObject_Release(cls);
}

static void delete_timer(const wchar_t *path)
{
    BSTR text = SysAllocString(path);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_DeleteInstance(event_services, text, 0, NULL, NULL));
    SysFreeString(text);
}

/* One that was there before, one that is put while somebody listens; each again and again. */
static void test_interval_timers(void **state)
{
    VARIANT interval = {.vt = VT_I4, .lVal = 20};
    put_timer(L"__IntervalTimerInstruction", L"before", L"IntervalBetweenEvents", interval);
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM __TimerEvent");
    for (int i = 0; i < 3; i++) {
        IWbemClassObject *event = next_event(e);
        BSTR id = local_string(event, L"TimerId");
        assert_int_equal(0, wcscmp(id, L"before"));
        assert_true(local_long(event, L"NumFirings") >= 1);
        SysFreeString(id);
        IWbemClassObject_Release(event);
    }
    put_timer(L"__IntervalTimerInstruction", L"meanwhile", L"IntervalBetweenEvents", interval);
    delete_timer(L"__IntervalTimerInstruction=\"before\"");
    bool seen = false;
    for (int i = 0; i < 100 && !seen; i++) {
        IWbemClassObject *event = next_event(e);
        BSTR id = local_string(event, L"TimerId");
        seen = wcscmp(id, L"meanwhile") == 0;
        SysFreeString(id);
        IWbemClassObject_Release(event);
    }
    assert_true(seen);
    delete_timer(L"__IntervalTimerInstruction=\"meanwhile\"");
    IEnumWbemClassObject_Release(e);
}

/* A moment that has passed when it is put counts at once, one of long ago in no way when the
 * listening begins: so nobody may listen to timers before this test. */
static void test_absolute_timers(void **state)
{
    VARIANT moment = {.vt = VT_BSTR, .bstrVal = SysAllocString(L"20200101000000.000000+000")};
    VARIANT again = {.vt = VT_BSTR, .bstrVal = SysAllocString(L"20200102000000.000000+000")};
    put_timer(L"__AbsoluteTimerInstruction", L"old", L"EventDateTime", moment);
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM __TimerEvent WHERE NumFirings = 1");
    put_timer(L"__AbsoluteTimerInstruction", L"new", L"EventDateTime", again);
    IWbemClassObject *event = next_event(e);
    BSTR id = local_string(event, L"TimerId");
    assert_int_equal(0, wcscmp(id, L"new"));
    SysFreeString(id);
    IWbemClassObject_Release(event);
    IEnumWbemClassObject_Release(e);
    delete_timer(L"__AbsoluteTimerInstruction=\"old\"");
    delete_timer(L"__AbsoluteTimerInstruction=\"new\"");
}

static void *end_at_once(void *closure)
{
    return closure;
}

static void test_threads(void **state)
{
    wchar_t query[128];
    swprintf(query, 128, L"SELECT * FROM Win32_ThreadTrace WHERE ProcessID = %d", (int)getpid());
    IEnumWbemClassObject *e;
    if (try_subscribe(query, SEMISYNC, &e) == WBEM_E_ACCESS_DENIED) {
        skip();
    }
    pthread_t thread;
    pthread_create(&thread, NULL, end_at_once, NULL);
    pthread_join(thread, NULL);
    bool started = false;
    bool stopped = false;
    while (!started || !stopped) { /* the library has threads of its own */
        IWbemClassObject *event = next_event(e);
        BSTR name = local_string(event, L"__CLASS");
        started |= wcscmp(name, L"Win32_ThreadStartTrace") == 0;
        stopped |= wcscmp(name, L"Win32_ThreadStopTrace") == 0;
        SysFreeString(name);
        assert_int_equal(getpid(), local_long(event, L"ProcessID"));
        IWbemClassObject_Release(event);
    }
    IEnumWbemClassObject_Release(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flags),           cmocka_unit_test(test_query_errors),
        cmocka_unit_test(test_raised),          cmocka_unit_test(test_projected),
        cmocka_unit_test(test_not_an_event),    cmocka_unit_test(test_enumerator),
        cmocka_unit_test(test_next_async),      cmocka_unit_test(test_cancel_async),
        cmocka_unit_test(test_overflow),        cmocka_unit_test(test_processes),
        cmocka_unit_test(test_threads),         cmocka_unit_test(test_volumes),
        cmocka_unit_test(test_absolute_timers), cmocka_unit_test(test_interval_timers),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
