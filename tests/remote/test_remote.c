/*
 * Another host's namespace through the public headers: what a wbemd on the
 * loopback gives is compared with what the same definitions give locally.
 */
#include "methods.h"
#include "remote.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wbem.h>
#include <wchar.h>

static const char definitions[] =
    "class Part { [key] uint32 Id; string Name; };\n"
    "class Thing { [key] uint32 Id; string Name; uint64 Size; datetime When; string Tags[];\n"
    "  boolean On; real64 Weight; object Inner; };\n"
    "class Special : Thing { sint8 Small; char16 Letter; uint8 Bytes[]; };\n"
    "[Association] class Holds { [key] Thing ref Whole; [key] Part ref Piece; };\n"
    "instance of Thing { Id = 1; Name = \"one \\x20ac\"; Size = 18446744073709551615;\n"
    "  When = \"20240229123456.123456+060\"; Tags = {\"a\", \"\", \"c\"}; On = TRUE; Weight = "
    "2.5;\n"
    "  Inner = instance of Part { Id = 7; Name = \"inside\"; }; };\n"
    "instance of Thing { Id = 2; };\n"
    "instance of Special { Id = 3; Small = -5; Letter = 'x'; Bytes = {1, 2, 255}; };\n"
    "instance of Part { Id = 1; Name = \"p\"; };\n"
    "instance of Holds { Whole = \"Thing.Id=1\"; Piece = \"Part.Id=1\"; };\n";

#define MANY 5000

static struct remote_server server;
static IWbemServices *local, *far;

static char *all_definitions(void)
{
    size_t size = sizeof(definitions) + MANY * 100;
    char *text = malloc(size);
    assert_non_null(text);
    int at = snprintf(text, size, "%sclass Many { [key] uint32 Id; string Name; };\n", definitions);
    for (int i = 0; i < MANY; i++) {
        at += snprintf(text + at, size - (size_t)at,
                       "instance of Many { Id = %d; Name = \"number %d\"; };\n", i, i);
    }
    return text;
}

static int connect_both(void **state)
{
    char *mof = all_definitions();
    remote_start(&server, mof);
    free(mof);
    const char *files[] = {server.mof};
    wbem_mof_options options = {.name_space = L"root\\cimv2"};
    wbem_mof_result result;
    assert_int_equal(S_OK, wbem_set_repository(":memory:"));
    local = local_services();
    assert_int_equal(S_OK, wbem_mof_compile(files, 1, &options, &result));
    far = remote_services(server.port);
    return 0;
}

static int disconnect_both(void **state)
{
    IWbemServices_Release(far);
    IWbemServices_Release(local);
    CoUninitialize();
    remote_stop(&server);
    return 0;
}

/* ---- the same as locally -------------------------------------------------------------- */

static void assert_same_object(IWbemClassObject *a, IWbemClassObject *b)
{
    BSTR text_a = NULL, text_b = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetObjectText(a, 0, &text_a));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetObjectText(b, 0, &text_b));
    if (wcscmp(text_a, text_b) != 0) {
        fail_msg("%ls\nbecame\n%ls", text_a, text_b);
    }
    SysFreeString(text_a);
    SysFreeString(text_b);
    assert_int_equal(WBEM_S_SAME, IWbemClassObject_CompareTo(a, WBEM_COMPARISON_INCLUDE_ALL, b));
    static const wchar_t *const names[] = {L"__PATH",      L"__RELPATH",    L"__SERVER", L"__CLASS",
                                           L"__NAMESPACE", L"__SUPERCLASS", L"__DYNASTY"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        BSTR x = local_string(a, names[i]), y = local_string(b, names[i]);
        assert_int_equal(!x, !y);
        assert_true(!x || wcscmp(x, y) == 0);
        SysFreeString(x);
        SysFreeString(y);
    }
}

static size_t assert_same_sequence(IEnumWbemClassObject *a, IEnumWbemClassObject *b)
{
    size_t count = 0;
    for (;; count++) {
        IWbemClassObject *x = NULL, *y = NULL;
        ULONG got_x = 0, got_y = 0;
        HRESULT hr = IEnumWbemClassObject_Next(a, WBEM_INFINITE, 1, &x, &got_x);
        assert_int_equal(hr, IEnumWbemClassObject_Next(b, WBEM_INFINITE, 1, &y, &got_y));
        assert_int_equal(got_x, got_y);
        if (got_x == 0) {
            assert_int_equal(WBEM_S_FALSE, hr);
            break;
        }
        assert_same_object(x, y);
        IWbemClassObject_Release(x);
        IWbemClassObject_Release(y);
    }
    IEnumWbemClassObject_Release(a);
    IEnumWbemClassObject_Release(b);
    return count;
}

static void test_queries(void **state)
{
    static const struct {
        const wchar_t *text;
        size_t count;
    } queries[] = {
        {L"SELECT * FROM Thing", 3},
        {L"SELECT Name, Weight FROM Thing WHERE Id < 3", 2},
        {L"SELECT * FROM Special", 1},
        {L"SELECT * FROM Part WHERE Id = 99", 0},
        {L"SELECT * FROM Many", MANY},
        {L"SELECT * FROM meta_class WHERE __CLASS = \"Thing\"", 1},
        {L"ASSOCIATORS OF {Thing.Id=1}", 1},
        {L"REFERENCES OF {Part.Id=1}", 1},
        {L"SELECT COUNT(*) FROM Many", 1},
        {L"SELECT Caption, Version FROM Win32_OperatingSystem", 1},
    };
    for (size_t i = 0; i < ARRAYSIZE(queries); i++) {
        LONG flags = i % 2 ? WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY : 0;
        assert_int_equal(queries[i].count,
                         assert_same_sequence(local_query(local, queries[i].text, flags),
                                              local_query(far, queries[i].text, flags)));
    }
}

static void test_enumerations(void **state)
{
    IEnumWbemClassObject *a = NULL, *b = NULL;
    BSTR name = SysAllocString(L"Thing");
    assert_int_equal(S_OK, IWbemServices_CreateInstanceEnum(local, name, 0, NULL, &a));
    assert_int_equal(S_OK, IWbemServices_CreateInstanceEnum(far, name, 0, NULL, &b));
    assert_int_equal(3, assert_same_sequence(a, b));
    assert_int_equal(S_OK, IWbemServices_CreateClassEnum(local, name, 0, NULL, &a));
    assert_int_equal(S_OK, IWbemServices_CreateClassEnum(far, name, 0, NULL, &b));
    assert_int_equal(1, assert_same_sequence(a, b));
    SysFreeString(name);
    assert_int_equal(S_OK, IWbemServices_CreateClassEnum(local, NULL, WBEM_FLAG_DEEP, NULL, &a));
    assert_int_equal(S_OK, IWbemServices_CreateClassEnum(far, NULL, WBEM_FLAG_DEEP, NULL, &b));
    assert_true(assert_same_sequence(a, b) > 50);
}

static void test_get_object(void **state)
{
    static const wchar_t *const paths[] = {L"Thing.Id=1",    L"Special=3", L"Thing",
                                           L"Win32_Process", L"Holds",     NULL};
    for (size_t i = 0; i < ARRAYSIZE(paths); i++) {
        IWbemClassObject *a = NULL, *b = NULL;
        BSTR path = paths[i] ? SysAllocString(paths[i]) : NULL;
        assert_int_equal(S_OK, IWbemServices_GetObject(local, path, 0, NULL, &a, NULL));
        assert_int_equal(S_OK, IWbemServices_GetObject(far, path, 0, NULL, &b, NULL));
        assert_same_object(a, b);
        IWbemClassObject_Release(a);
        IWbemClassObject_Release(b);
        SysFreeString(path);
    }
}

/* ---- the enumerator --------------------------------------------------------------------- */

static void test_enumerator_is_the_local_one(void **state)
{
    IEnumWbemClassObject *e = local_query(far, L"SELECT * FROM Many", 0), *copy = NULL;
    IWbemClassObject *objects[100];
    ULONG got = 0;
    assert_int_equal(S_OK, IEnumWbemClassObject_Skip(e, WBEM_INFINITE, 4990));
    assert_int_equal(S_OK, IEnumWbemClassObject_Clone(e, &copy));
    assert_int_equal(WBEM_S_FALSE, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 100, objects, &got));
    assert_int_equal(10, got);
    assert_int_equal(4990, local_long(objects[0], L"Id"));
    for (ULONG i = 0; i < got; i++) {
        IWbemClassObject_Release(objects[i]);
    }
    assert_int_equal(S_OK, IEnumWbemClassObject_Reset(copy));
    assert_int_equal(S_OK, IEnumWbemClassObject_Next(copy, WBEM_INFINITE, 1, objects, &got));
    assert_int_equal(0, local_long(objects[0], L"Id"));
    IWbemClassObject_Release(objects[0]);
    IEnumWbemClassObject_Release(copy);
    IEnumWbemClassObject_Release(e);
}

/* N2, N3, N10, N11 over the network. */
static void test_next_async(void **state)
{
    struct memory_sink sink;
    IEnumWbemClassObject *e = local_query(far, L"SELECT * FROM Many",
                                          WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY);
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, 4000, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(4000, sink.count);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    for (size_t i = 0; i < 4000; i++) {
        assert_int_equal(i, local_long(sink.objects[i], L"Id"));
    }
    memory_sink_done(&sink);
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, 4000, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(MANY - 4000, sink.count);
    assert_int_equal(WBEM_S_FALSE, sink.status);
    assert_int_equal(0, sink.late_calls);
    memory_sink_done(&sink);
    IEnumWbemClassObject_Release(e);
}

static void test_asynchronous_methods(void **state)
{
    struct memory_sink sink;
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(L"SELECT * FROM Thing");
    BSTR name = SysAllocString(L"Thing"), path = SysAllocString(L"Thing.Id=1");
    memory_sink_init(&sink);
    assert_int_equal(S_OK, IWbemServices_ExecQueryAsync(far, language, query, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(3, sink.count);
    assert_int_equal(S_OK, sink.status);
    memory_sink_done(&sink);
    memory_sink_init(&sink);
    assert_int_equal(S_OK, IWbemServices_CreateInstanceEnumAsync(far, name, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(3, sink.count);
    memory_sink_done(&sink);
    memory_sink_init(&sink);
    assert_int_equal(S_OK, IWbemServices_CreateClassEnumAsync(far, name, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(1, sink.count);
    memory_sink_done(&sink);
    memory_sink_init(&sink);
    assert_int_equal(S_OK, IWbemServices_GetObjectAsync(far, path, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(1, sink.count);
    assert_int_equal(S_OK, sink.status);
    memory_sink_done(&sink);
    SysFreeString(language);
    SysFreeString(query);
    SysFreeString(name);
    SysFreeString(path);
}

static void test_call_result(void **state)
{
    IWbemCallResult *result = NULL;
    IWbemClassObject *object = NULL;
    LONG status = 1;
    BSTR path = SysAllocString(L"Thing.Id=1");
    assert_int_equal(S_OK, IWbemServices_GetObject(far, path, WBEM_FLAG_RETURN_IMMEDIATELY, NULL,
                                                   NULL, &result));
    assert_int_equal(S_OK, IWbemCallResult_GetCallStatus(result, WBEM_INFINITE, &status));
    assert_int_equal(0, status);
    assert_int_equal(S_OK, IWbemCallResult_GetResultObject(result, WBEM_INFINITE, &object));
    assert_int_equal(1, local_long(object, L"Id"));
    IWbemClassObject_Release(object);
    IWbemCallResult_Release(result);
    SysFreeString(path);
}

/* ---- many at once ----------------------------------------------------------------------- */

/* cmocka's asserts are for its own thread: what is wrong is counted. */
static void *work(void *arg)
{
    static const LONG flags = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY;
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(L"SELECT * FROM Many");
    BSTR path = SysAllocString(L"Thing.Id=1");
    uintptr_t wrong = 0;
    for (int i = 0; i < 5; i++) {
        IEnumWbemClassObject *e = NULL;
        IWbemClassObject *object = NULL, *objects[100];
        ULONG got = 0;
        LONG count = 0;
        HRESULT hr = IWbemServices_GetObject(far, path, 0, NULL, &object, NULL);
        wrong += FAILED(hr);
        if (SUCCEEDED(hr)) {
            IWbemClassObject_Release(object);
        }
        hr = IWbemServices_ExecQuery(far, language, query, flags, NULL, &e);
        wrong += FAILED(hr);
        /* Every other one is left in the middle. */
        while (SUCCEEDED(hr) && hr != WBEM_S_FALSE && (i % 2 == 0 || count < 500)) {
            hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 100, objects, &got);
            for (ULONG n = 0; n < got; n++, count++) {
                IWbemClassObject_Release(objects[n]);
            }
        }
        wrong += FAILED(hr) || (i % 2 == 0 && count != MANY);
        if (e) {
            IEnumWbemClassObject_Release(e);
        }
    }
    SysFreeString(language);
    SysFreeString(query);
    SysFreeString(path);
    return (void *)wrong;
}

static void test_many_threads(void **state)
{
    pthread_t threads[8];
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        assert_int_equal(0, pthread_create(&threads[i], NULL, work, NULL));
    }
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        assert_null(wrong);
    }
}

/* ---- failures --------------------------------------------------------------------------- */

static void assert_refused(HRESULT expected, const wchar_t *name_space, const wchar_t *user,
                           const wchar_t *password, const char *says)
{
    const struct remote_login login = {
        .port = server.port, .name_space = name_space, .user = user, .password = password};
    IWbemServices *services = (IWbemServices *)1;
    HRESULT hr = remote_log_in(&login, &services);
    const char *text = local_error();
    if (hr != expected || !strstr(text, says)) {
        fail_msg("0x%08x %s", (unsigned)hr, text);
    }
    assert_null(services);
}

static void test_refused_connections(void **state)
{
    assert_refused(WBEM_E_INVALID_NAMESPACE, L"root\\nowhere", REMOTE_USER, REMOTE_PASSWORD,
                   "nowhere");
    assert_refused(E_ACCESSDENIED, NULL, REMOTE_USER, L"wrong", "password");
    assert_refused(E_ACCESSDENIED, NULL, L"nobody", REMOTE_PASSWORD, "password");
}

static void test_errors_of_the_host(void **state)
{
    IWbemClassObject *object = (IWbemClassObject *)1;
    BSTR path = SysAllocString(L"Thing.Id=99");
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_GetObject(far, path, 0, NULL, &object, NULL));
    char text[1024];
    strcpy(text, local_error());
    assert_int_equal(WBEM_E_NOT_FOUND,
                     IWbemServices_GetObject(local, path, 0, NULL, &object, NULL));
    assert_int_not_equal(0, strlen(text));
    assert_string_equal(local_error(), text);
    assert_null(object);
    SysFreeString(path);
    assert_int_equal(WBEM_E_INVALID_QUERY, local_query_status(far, L"SELECT FROM", 0));
    assert_int_not_equal(0, strlen(local_error()));
    assert_int_equal(local_query_status(local, L"SELECT * FROM Nothing", 0),
                     local_query_status(far, L"SELECT * FROM Nothing", 0));
}

int main(int argc, char **argv)
{
    remote_program = argc > 1 ? argv[1] : "wbemd";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_enumerations),
        cmocka_unit_test(test_get_object),
        cmocka_unit_test(test_enumerator_is_the_local_one),
        cmocka_unit_test(test_next_async),
        cmocka_unit_test(test_asynchronous_methods),
        cmocka_unit_test(test_call_result),
        cmocka_unit_test(test_many_threads),
        cmocka_unit_test(test_refused_connections),
        cmocka_unit_test(test_errors_of_the_host),
    };
    return cmocka_run_group_tests(tests, connect_both, disconnect_both);
}
