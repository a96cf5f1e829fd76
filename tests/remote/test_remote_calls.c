/*
 * What does something on another host: changes, methods, subscriptions, and as
 * whom and at which level it is called.
 */
#include "methods.h"
#include "remote.h"

#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wbem.h>
#include <wchar.h>

static const char definitions[] = "class Part { [key] uint32 Id; string Name; };\n"
                                  "instance of Part { Id = 1; Name = \"first\"; };\n";

static struct remote_server server;
static IWbemServices *far;

static int connect_once(void **state)
{
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    remote_start(&server, definitions);
    far = remote_services(server.port);
    return 0;
}

static int disconnect(void **state)
{
    IWbemServices_Release(far);
    CoUninitialize();
    remote_stop(&server);
    return 0;
}

static IWbemClassObject *get(const wchar_t *path)
{
    IWbemClassObject *object = NULL;
    BSTR text = path ? SysAllocString(path) : NULL;
    HRESULT hr = IWbemServices_GetObject(far, text, 0, NULL, &object, NULL);
    SysFreeString(text);
    if (FAILED(hr)) {
        fail_msg("%ls: 0x%08x %s", path, (unsigned)hr, local_error());
    }
    return object;
}

static HRESULT status_of(const wchar_t *path)
{
    IWbemClassObject *object = NULL;
    BSTR text = SysAllocString(path);
    HRESULT hr = IWbemServices_GetObject(far, text, 0, NULL, &object, NULL);
    SysFreeString(text);
    if (object) {
        IWbemClassObject_Release(object);
    }
    return hr;
}

static IWbemClassObject *new_part(LONG id, const wchar_t *name)
{
    IWbemClassObject *cls = get(L"Part"), *part = NULL;
    assert_int_equal(S_OK, IWbemClassObject_SpawnInstance(cls, 0, &part));
    methods_put_long(part, L"Id", id);
    methods_put_string(part, L"Name", name);
    IWbemClassObject_Release(cls);
    return part;
}

static void assert_name(const wchar_t *path, const wchar_t *name)
{
    IWbemClassObject *part = get(path);
    BSTR text = local_string(part, L"Name");
    assert_int_equal(0, wcscmp(name, text));
    SysFreeString(text);
    IWbemClassObject_Release(part);
}

/* ---- changes ----------------------------------------------------------------------------- */

static void test_put_and_delete(void **state)
{
    IWbemClassObject *part = new_part(2, L"second");
    assert_int_equal(S_OK, IWbemServices_PutInstance(far, part, 0, NULL, NULL));
    assert_name(L"Part=2", L"second");
    assert_int_equal(WBEM_E_ALREADY_EXISTS,
                     IWbemServices_PutInstance(far, part, WBEM_FLAG_CREATE_ONLY, NULL, NULL));
    IWbemClassObject_Release(part);
    BSTR path = SysAllocString(L"Part=2");
    assert_int_equal(S_OK, IWbemServices_DeleteInstance(far, path, 0, NULL, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_DeleteInstance(far, path, 0, NULL, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND, status_of(L"Part=2"));
    SysFreeString(path);
}

/* Whoever does not wait is told the path of what was put. */
static void test_put_semisynchronously(void **state)
{
    IWbemClassObject *part = new_part(3, L"third");
    IWbemCallResult *result = NULL;
    BSTR path = NULL;
    LONG status = 1;
    assert_int_equal(
        S_OK, IWbemServices_PutInstance(far, part, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &result));
    assert_int_equal(S_OK, IWbemCallResult_GetResultString(result, WBEM_INFINITE, &path));
    assert_non_null(wcsstr(path, L"Part.Id=3"));
    assert_int_equal(S_OK, IWbemCallResult_GetCallStatus(result, 0, &status));
    assert_int_equal(0, status);
    SysFreeString(path);
    IWbemCallResult_Release(result);
    IWbemClassObject_Release(part);
    path = SysAllocString(L"Part=3");
    assert_int_equal(
        S_OK, IWbemServices_DeleteInstance(far, path, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &result));
    assert_int_equal(S_OK, IWbemCallResult_GetCallStatus(result, WBEM_INFINITE, &status));
    assert_int_equal(0, status);
    IWbemCallResult_Release(result);
    SysFreeString(path);
}

static void test_put_asynchronously(void **state)
{
    struct memory_sink sink;
    IWbemClassObject *part = new_part(4, L"fourth");
    memory_sink_init(&sink);
    assert_int_equal(S_OK, IWbemServices_PutInstanceAsync(far, part, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(S_OK, sink.status);
    memory_sink_done(&sink);
    memory_sink_init(&sink);
    assert_int_equal(
        S_OK, IWbemServices_PutInstanceAsync(far, part, WBEM_FLAG_CREATE_ONLY, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_E_ALREADY_EXISTS, sink.status);
    assert_non_null(sink.detail);
    memory_sink_done(&sink);
    BSTR path = SysAllocString(L"Part=4");
    memory_sink_init(&sink);
    assert_int_equal(S_OK, IWbemServices_DeleteInstanceAsync(far, path, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(S_OK, sink.status);
    memory_sink_done(&sink);
    SysFreeString(path);
    IWbemClassObject_Release(part);
}

static void test_classes(void **state)
{
    IWbemClassObject *base = get(L"Part"), *derived = NULL;
    BSTR name = SysAllocString(L"SparePart");
    VARIANT v = {.vt = VT_BSTR, .bstrVal = name};
    assert_int_equal(S_OK, IWbemClassObject_SpawnDerivedClass(base, 0, &derived));
    assert_int_equal(S_OK, IWbemClassObject_Put(derived, L"__CLASS", 0, &v, 0));
    assert_int_equal(S_OK, IWbemClassObject_Put(derived, L"Shelf", 0, NULL, CIM_UINT16));
    assert_int_equal(S_OK, IWbemServices_PutClass(far, derived, 0, NULL, NULL));
    IWbemClassObject_Release(derived);
    derived = get(L"SparePart");
    CIMTYPE type = 0;
    assert_int_equal(S_OK, IWbemClassObject_Get(derived, L"Shelf", 0, NULL, &type, NULL));
    assert_int_equal(CIM_UINT16, type);
    assert_int_equal(S_OK, IWbemServices_DeleteClass(far, name, 0, NULL, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND, status_of(L"SparePart"));
    IWbemClassObject_Release(derived);
    IWbemClassObject_Release(base);
    SysFreeString(name);
}

static void test_open_namespace(void **state)
{
    const struct remote_login login = {.port = server.port,
                                       .name_space = L"root",
                                       .user = REMOTE_USER,
                                       .password = REMOTE_PASSWORD};
    IWbemServices *root = NULL, *child = NULL;
    IWbemClassObject *part = NULL;
    IWbemCallResult *result = NULL;
    BSTR name = SysAllocString(L"cimv2"), path = SysAllocString(L"Part=1");
    assert_int_equal(S_OK, remote_log_in(&login, &root));
    assert_int_equal(S_OK, IWbemServices_OpenNamespace(root, name, 0, NULL, &child, NULL));
    assert_int_equal(S_OK, IWbemServices_GetObject(child, path, 0, NULL, &part, NULL));
    IWbemClassObject_Release(part);
    IWbemServices_Release(child);
    assert_int_equal(S_OK, IWbemServices_OpenNamespace(root, name, WBEM_FLAG_RETURN_IMMEDIATELY,
                                                       NULL, NULL, &result));
    assert_int_equal(S_OK, IWbemCallResult_GetResultServices(result, WBEM_INFINITE, &child));
    IWbemServices_Release(child);
    IWbemCallResult_Release(result);
    SysFreeString(name);
    name = SysAllocString(L"nowhere");
    assert_int_equal(WBEM_E_INVALID_NAMESPACE,
                     IWbemServices_OpenNamespace(root, name, 0, NULL, &child, NULL));
    assert_null(child);
    IWbemServices_Release(root);
    SysFreeString(name);
    SysFreeString(path);
}

/* ---- methods ----------------------------------------------------------------------------- */

static IWbemServices *as_owner(void)
{
    const struct remote_login login = {
        .port = server.port, .user = server.owner, .password = REMOTE_PASSWORD};
    IWbemServices *services = NULL;
    HRESULT hr = remote_log_in(&login, &services);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    return services;
}

/* An object within the parameters, and an answer. */
static void test_method_with_an_embedded_object(void **state)
{
    IWbemServices *services = as_owner();
    IWbemClassObject *in = methods_in(services, L"Win32_Process", L"Create"), *out = NULL;
    IWbemClassObject *cls = NULL, *startup = NULL;
    BSTR name = SysAllocString(L"Win32_ProcessStartup");
    assert_int_equal(S_OK, IWbemServices_GetObject(services, name, 0, NULL, &cls, NULL));
    assert_int_equal(S_OK, IWbemClassObject_SpawnInstance(cls, 0, &startup));
    methods_put_long(startup, L"PriorityClass", 64);
    VARIANT v = {.vt = VT_UNKNOWN, .punkVal = (IUnknown *)startup};
    assert_int_equal(S_OK, IWbemClassObject_Put(in, L"ProcessStartupInformation", 0, &v, 0));
    methods_put_string(in, L"CommandLine", L"sleep 100");
    HRESULT hr = methods_call(services, L"Win32_Process", L"Create", in, &out);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    assert_int_equal(0, local_long(out, L"ReturnValue"));
    LONG pid = local_long(out, L"ProcessId");
    wchar_t path[60];
    swprintf(path, 60, L"Win32_Process.Handle=\"%d\"", (int)pid);
    assert_int_equal(0, methods_result(services, path, L"Terminate",
                                       methods_in(services, L"Win32_Process", L"Terminate")));
    IWbemClassObject_Release(out);
    IWbemClassObject_Release(startup);
    IWbemClassObject_Release(cls);
    SysFreeString(name);
    IWbemServices_Release(services);
}

static void test_methods_in_the_background(void **state)
{
    struct memory_sink sink;
    IWbemCallResult *result = NULL;
    IWbemClassObject *out = NULL;
    wchar_t text[60];
    swprintf(text, 60, L"Win32_Process.Handle=\"%d\"", (int)server.pid);
    BSTR path = SysAllocString(text), method = SysAllocString(L"GetOwner");
    memory_sink_init(&sink);
    assert_int_equal(S_OK,
                     IWbemServices_ExecMethodAsync(far, path, method, 0, NULL, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(S_OK, sink.status);
    assert_int_equal(1, sink.count);
    assert_int_equal(0, local_long(sink.objects[0], L"ReturnValue"));
    memory_sink_done(&sink);
    assert_int_equal(S_OK, IWbemServices_ExecMethod(far, path, method, WBEM_FLAG_RETURN_IMMEDIATELY,
                                                    NULL, NULL, NULL, &result));
    assert_int_equal(S_OK, IWbemCallResult_GetResultObject(result, WBEM_INFINITE, &out));
    BSTR user = local_string(out, L"User");
    assert_int_equal(0, wcscmp(server.owner, user));
    SysFreeString(user);
    IWbemClassObject_Release(out);
    IWbemCallResult_Release(result);
    SysFreeString(path);
    SysFreeString(method);
}

/* ---- events ------------------------------------------------------------------------------- */

static IEnumWbemClassObject *subscribe(IWbemServices *services)
{
    IEnumWbemClassObject *events = NULL;
    BSTR language = SysAllocString(L"WQL");
    BSTR query =
        SysAllocString(L"SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA \"Part\"");
    HRESULT hr = IWbemServices_ExecNotificationQuery(
        services, language, query, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL,
        &events);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    SysFreeString(language);
    SysFreeString(query);
    return events;
}

static void put_part(LONG id)
{
    IWbemClassObject *part = new_part(id, L"new");
    assert_int_equal(S_OK, IWbemServices_PutInstance(far, part, 0, NULL, NULL));
    IWbemClassObject_Release(part);
}

static void test_events(void **state)
{
    IEnumWbemClassObject *events = subscribe(far);
    IWbemClassObject *event = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(events, 0, 1, &event, &got));
    for (LONG id = 100; id < 140; id++) {
        put_part(id);
    }
    for (LONG id = 100; id < 140; id++) {
        VARIANT v;
        assert_int_equal(S_OK, IEnumWbemClassObject_Next(events, WBEM_INFINITE, 1, &event, &got));
        assert_int_equal(S_OK, IWbemClassObject_Get(event, L"TargetInstance", 0, &v, NULL, NULL));
        assert_int_equal(VT_UNKNOWN, V_VT(&v));
        assert_int_equal(id, local_long((IWbemClassObject *)V_UNKNOWN(&v), L"Id"));
        VariantClear(&v);
        IWbemClassObject_Release(event);
    }
    IEnumWbemClassObject_Release(events); /* while it waits on the server */
}

/* An event of one's own, raised there. */
static void test_raised_event(void **state)
{
    IWbemServices *services = as_owner();
    IEnumWbemClassObject *events = NULL;
    IWbemObjectSink *sink = NULL;
    IWbemClassObject *cls = NULL, *event = NULL, *seen = NULL;
    ULONG got = 0;
    BSTR language = SysAllocString(L"WQL"), name = SysAllocString(L"Win32_VolumeChangeEvent");
    BSTR query = SysAllocString(L"SELECT * FROM Win32_VolumeChangeEvent WHERE DriveName = 'far'");
    assert_int_equal(S_OK, IWbemServices_ExecNotificationQuery(services, language, query,
                                                               WBEM_FLAG_RETURN_IMMEDIATELY |
                                                                   WBEM_FLAG_FORWARD_ONLY,
                                                               NULL, &events));
    assert_int_equal(S_OK, IWbemServices_QueryObjectSink(services, 0, &sink));
    assert_int_equal(S_OK, IWbemServices_GetObject(services, name, 0, NULL, &cls, NULL));
    assert_int_equal(S_OK, IWbemClassObject_SpawnInstance(cls, 0, &event));
    methods_put_string(event, L"DriveName", L"far");
    HRESULT hr = IWbemObjectSink_Indicate(sink, 1, &event);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemObjectSink_Indicate(sink, -1, &event));
    assert_int_equal(S_OK, IEnumWbemClassObject_Next(events, WBEM_INFINITE, 1, &seen, &got));
    BSTR drive = local_string(seen, L"DriveName");
    assert_int_equal(0, wcscmp(L"far", drive));
    SysFreeString(drive);
    IWbemClassObject_Release(seen);
    IWbemClassObject_Release(event);
    IWbemClassObject_Release(cls);
    IWbemObjectSink_Release(sink);
    IEnumWbemClassObject_Release(events);
    IWbemServices_Release(services);
    SysFreeString(language);
    SysFreeString(query);
    SysFreeString(name);
}

/* CancelAsyncCall ends a subscription, once. */
static void test_cancelled_subscription(void **state)
{
    struct memory_sink sink;
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(L"SELECT * FROM __InstanceDeletionEvent");
    memory_sink_init(&sink);
    assert_int_equal(
        S_OK, IWbemServices_ExecNotificationQueryAsync(far, language, query, 0, NULL, &sink.sink));
    assert_int_equal(S_OK, IWbemServices_CancelAsyncCall(far, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_CancelAsyncCall(far, &sink.sink));
    memory_sink_done(&sink);
    SysFreeString(language);
    SysFreeString(query);
}

/* ---- what is dropped here ends there ------------------------------------------------------ */

/* The server lets its user have one enumerator: the next is let in when the one before has gone.
 * Who doesn't tell it so waits for three ping periods, which are longer than this. */
static IEnumWbemClassObject *when_there_is_room(IWbemServices *services, bool events)
{
    IEnumWbemClassObject *e = NULL;
    BSTR language = SysAllocString(L"WQL");
    BSTR query =
        SysAllocString(events ? L"SELECT * FROM __InstanceDeletionEvent" : L"SELECT * FROM Part");
    LONG flags = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY;
    HRESULT hr = WBEM_E_QUOTA_VIOLATION;
    for (int i = 0; i < 1000 && hr == WBEM_E_QUOTA_VIOLATION; i++) {
        usleep(i ? 20000 : 0); /* references go back together, in the background */
        hr = events
                 ? IWbemServices_ExecNotificationQuery(services, language, query, flags, NULL, &e)
                 : IWbemServices_ExecQuery(services, language, query, flags, NULL, &e);
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    SysFreeString(language);
    SysFreeString(query);
    assert_int_equal(WBEM_E_QUOTA_VIOLATION,
                     local_query_status(services, L"SELECT * FROM Part", 0));
    return e;
}

/* More than is read ahead. */
static char *many_parts(void)
{
    char *mof = NULL;
    size_t size;
    FILE *f = open_memstream(&mof, &size);
    assert_non_null(f);
    fputs("class Part { [key] uint32 Id; };\n", f);
    for (int i = 0; i < 3000; i++) {
        fprintf(f, "instance of Part { Id = %d; };\n", i);
    }
    assert_int_equal(0, fclose(f));
    return mof;
}

static void test_dropped(void **state)
{
    struct remote_server narrow = {0};
    struct memory_sink sink;
    char *mof = many_parts();
    remote_start_with_one_enumerator(&narrow, mof);
    free(mof);
    IWbemServices *services = remote_services(narrow.port);
    /* One that was not read to its end, and one that still waits for objects. */
    IEnumWbemClassObject *e = when_there_is_room(services, false);
    IEnumWbemClassObject_Release(e);
    e = when_there_is_room(services, true);
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_NextAsync(e, 1, &sink.sink));
    IEnumWbemClassObject_Release(e);
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    memory_sink_done(&sink);
    e = when_there_is_room(services, false);
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(services);
    remote_stop(&narrow);
}

/* ---- security ------------------------------------------------------------------------------- */

static DWORD level_of(void *proxy)
{
    DWORD level = 0;
    assert_int_equal(
        S_OK, CoQueryProxyBlanket((IUnknown *)proxy, NULL, NULL, NULL, &level, NULL, NULL, NULL));
    return level;
}

static HRESULT set_level(void *proxy, DWORD service, DWORD level, COAUTHIDENTITY *identity)
{
    return CoSetProxyBlanket((IUnknown *)proxy, service, RPC_C_AUTHZ_NONE, NULL, level,
                             RPC_C_IMP_LEVEL_IMPERSONATE, identity, EOAC_NONE);
}

static void test_levels(void **state)
{
    IWbemServices *services = remote_services(server.port);
    assert_int_equal(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, level_of(services));
    static const struct {
        DWORD asked, had;
    } levels[] = {
        {RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY},
        {RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_AUTHN_LEVEL_PKT_PRIVACY},
        {RPC_C_AUTHN_LEVEL_CALL, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY},
        {RPC_C_AUTHN_LEVEL_DEFAULT, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY},
    };
    for (size_t i = 0; i < ARRAYSIZE(levels); i++) {
        assert_int_equal(S_OK, set_level(services, RPC_C_AUTHN_DEFAULT, levels[i].asked, NULL));
        assert_int_equal(levels[i].had, level_of(services));
        IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Part WHERE Id = 1", 0);
        IWbemClassObject *part = NULL;
        ULONG got = 0;
        assert_int_equal(S_OK, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &part, &got));
        assert_int_equal(1, local_long(part, L"Id"));
        IWbemClassObject_Release(part);
        IEnumWbemClassObject_Release(e);
    }
    assert_int_equal(S_OK,
                     set_level(services, RPC_C_AUTHN_WINNT, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, local_query_status(services, L"SELECT * FROM Part", 0));
    assert_int_equal(E_INVALIDARG,
                     set_level(services, 14, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, NULL)); /* Schannel */
    IWbemServices_Release(services);
}

/* A copy has settings of its own; an identity counts from then on. */
static void test_identities(void **state)
{
    wchar_t user[] = L"alice", password[] = L"password", wrong[] = L"wrong";
    COAUTHIDENTITY identity = {.User = user,
                               .UserLength = 5,
                               .Password = password,
                               .PasswordLength = 8,
                               .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    IWbemServices *copy = NULL;
    assert_int_equal(S_OK, CoCopyProxy((IUnknown *)far, (IUnknown **)&copy));
    assert_ptr_not_equal(far, copy);
    assert_int_equal(
        S_OK, set_level(copy, RPC_C_AUTHN_WINNT, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, &identity));
    assert_int_equal(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, level_of(far));
    assert_int_equal(RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, level_of(copy));
    assert_int_equal(WBEM_S_NO_ERROR, local_query_status(copy, L"SELECT * FROM Part", 0));
    identity.Password = wrong;
    identity.PasswordLength = 5;
    assert_int_equal(
        S_OK, set_level(copy, RPC_C_AUTHN_WINNT, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, &identity));
    assert_int_equal(E_ACCESSDENIED, local_query_status(copy, L"SELECT * FROM Part", 0));
    assert_int_equal(WBEM_S_NO_ERROR, local_query_status(far, L"SELECT * FROM Part", 0));
    IWbemServices_Release(copy);
}

static void test_settings(void **state)
{
    static const struct {
        const wchar_t *name, *value;
        HRESULT expected;
    } settings[] = {
        {L"WBEM_AUTH_LEVEL", L"integrity", S_OK},
        {L"WBEM_AUTH_LEVEL", L"connect", WBEM_E_INVALID_PARAMETER},
        {L"WBEM_CALL_TIMEOUT", L"2.5", S_OK},
        {L"WBEM_CALL_TIMEOUT", L"-1", WBEM_E_INVALID_PARAMETER},
        {L"WBEM_NT_HASH", L"8846f7eaee8fb117ad06bdd830b7586c", S_OK},
        {L"WBEM_NT_HASH", L"00000000000000000000000000000000", E_ACCESSDENIED},
        {L"WBEM_CREDENTIALS", L"/nowhere/at/all", HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)},
    };
    for (size_t i = 0; i < ARRAYSIZE(settings); i++) {
        IWbemContext *context = NULL;
        IWbemServices *services = NULL;
        VARIANT v = {.vt = VT_BSTR, .bstrVal = SysAllocString(settings[i].value)};
        assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER,
                                                &IID_IWbemContext, (void **)&context));
        assert_int_equal(S_OK, IWbemContext_SetValue(context, settings[i].name, 0, &v));
        const struct remote_login login = {.port = server.port,
                                           .user = REMOTE_USER,
                                           .password = REMOTE_PASSWORD,
                                           .context = context};
        HRESULT hr = remote_log_in(&login, &services);
        if (hr != settings[i].expected) {
            fail_msg("%ls: 0x%08x %s", settings[i].name, (unsigned)hr, local_error());
        }
        if (SUCCEEDED(hr)) {
            IWbemServices_Release(services);
        }
        VariantClear(&v);
        IWbemContext_Release(context);
    }
}

static void test_authorities(void **state)
{
    struct remote_login login = {.port = server.port,
                                 .user = REMOTE_USER,
                                 .password = REMOTE_PASSWORD,
                                 .authority = L"ntlmdomain:SOMEWHERE"};
    IWbemServices *services = NULL;
    DWORD service = 0;
    assert_int_equal(S_OK, remote_log_in(&login, &services));
    assert_int_equal(S_OK, CoQueryProxyBlanket((IUnknown *)services, &service, NULL, NULL, NULL,
                                               NULL, NULL, NULL));
    assert_int_equal(RPC_C_AUTHN_WINNT, service);
    IWbemServices_Release(services);
    login.user = L"SOMEWHERE\\alice";
    assert_int_equal(WBEM_E_INVALID_PARAMETER, remote_log_in(&login, &services));
    login.authority = L"nonsense";
    assert_int_equal(WBEM_E_INVALID_PARAMETER, remote_log_in(&login, &services));
}

static bool has_ipv6(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return has;
}

/* As it is, in brackets, and as UNC paths have it. */
static void test_addresses_of_ipv6(void **state)
{
    static const wchar_t *const hosts[] = {L"::1", L"[::1]", L"0--1.ipv6-literal.net",
                                           L"0-0-0-0-0-0-0-1.IPv6-Literal.NET"};
    struct remote_server there = {0};
    if (!has_ipv6()) {
        skip();
    }
    remote_start_at(&there, "::1", definitions);
    for (size_t i = 0; i < ARRAYSIZE(hosts); i++) {
        const struct remote_login login = {
            .host = hosts[i], .port = there.port, .user = REMOTE_USER, .password = REMOTE_PASSWORD};
        IWbemServices *services = NULL;
        HRESULT hr = remote_log_in(&login, &services);
        if (FAILED(hr)) {
            fail_msg("%ls: 0x%08x %s", hosts[i], (unsigned)hr, local_error());
        }
        IWbemServices_Release(services);
    }
    remote_stop(&there);
}

int main(int argc, char **argv)
{
    remote_program = argc > 1 ? argv[1] : "wbemd";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_and_delete),
        cmocka_unit_test(test_put_semisynchronously),
        cmocka_unit_test(test_put_asynchronously),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_open_namespace),
        cmocka_unit_test(test_method_with_an_embedded_object),
        cmocka_unit_test(test_methods_in_the_background),
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_raised_event),
        cmocka_unit_test(test_cancelled_subscription),
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_identities),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_authorities),
        cmocka_unit_test(test_addresses_of_ipv6),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
