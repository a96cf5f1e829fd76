/*
 * IWbemLocator and IWbemServices on the live machine, through the public
 * headers alone: what a client program sees.
 */
#include "local.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

enum {
    SEMISYNC = WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY
};

static IWbemServices *services;

static int connect_once(void **state)
{
    services = local_services();
    return 0;
}

static int disconnect(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

static HRESULT connect_to(const wchar_t *resource, const wchar_t *user, IWbemServices **ret)
{
    IWbemLocator *locator = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    BSTR name = SysAllocString(resource);
    BSTR who = user ? SysAllocString(user) : NULL;
    *ret = (IWbemServices *)1;
    HRESULT hr = IWbemLocator_ConnectServer(locator, name, who, NULL, NULL, 0, NULL, NULL, ret);
    SysFreeString(name);
    SysFreeString(who);
    IWbemLocator_Release(locator);
    return hr;
}

static void test_connect(void **state)
{
    static const wchar_t *const good[] = {L"root\\cimv2", L"ROOT/CIMV2", L"\\\\.\\root\\cimv2",
                                          L"//localhost/root/cimv2", L"root"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        IWbemServices *s;
        assert_int_equal(WBEM_S_NO_ERROR, connect_to(good[i], NULL, &s));
        IWbemServices_Release(s);
    }
    IWbemServices *s;
    assert_int_equal(WBEM_E_INVALID_NAMESPACE, connect_to(L"root\\nowhere", NULL, &s));
    assert_null(s);
    assert_non_null(strstr(local_error(), "root\\nowhere"));
    assert_int_equal(WBEM_E_INVALID_NAMESPACE, connect_to(L"\\\\.", NULL, &s));
    assert_int_equal(HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
                     connect_to(L"\\\\127.0.0.1[1]\\root\\cimv2", NULL, &s));
    assert_int_equal(WBEM_E_LOCAL_CREDENTIALS, connect_to(L"root\\cimv2", L"somebody", &s));
}

static void test_open_namespace(void **state)
{
    IWbemServices *root = NULL;
    IWbemServices *cimv2 = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, connect_to(L"root", NULL, &root));
    BSTR name = SysAllocString(L"cimv2");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_OpenNamespace(root, name, 0, NULL, &cimv2, NULL));
    assert_int_equal(WBEM_S_NO_ERROR,
                     local_query_status(cimv2, L"SELECT * FROM Win32_Process", SEMISYNC));
    IWbemServices_Release(cimv2);

    IWbemCallResult *result = NULL;
    cimv2 = NULL;
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemServices_OpenNamespace(root, name, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, NULL, &result));
    LONG status = -1;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemCallResult_GetCallStatus(result, 0, &status));
    assert_int_equal(WBEM_S_NO_ERROR, status);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemCallResult_GetResultServices(result, WBEM_INFINITE, &cimv2));
    IWbemServices_Release(cimv2);
    IWbemCallResult_Release(result);
    SysFreeString(name);

    name = SysAllocString(L"nowhere");
    assert_int_equal(WBEM_E_INVALID_NAMESPACE,
                     IWbemServices_OpenNamespace(root, name, 0, NULL, &cimv2, NULL));
    SysFreeString(name);
    IWbemServices_Release(root);
}

static void test_query_own_process(void **state)
{
    wchar_t text[128];
    swprintf(text, 128, L"SELECT ProcessId, Name FROM Win32_Process WHERE ProcessId = %d",
             (int)getpid());
    IEnumWbemClassObject *e = local_query(services, text, SEMISYNC);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    assert_int_equal(1, got);
    assert_int_equal(getpid(), local_long(object, L"ProcessId"));
    assert_int_equal(2, local_long(object, L"__PROPERTY_COUNT"));
    IWbemClassObject_Release(object);
    assert_int_equal(WBEM_S_FALSE, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    IEnumWbemClassObject_Release(e);
}

static IWbemClassObject *first_of(const wchar_t *query, LONG flags)
{
    IEnumWbemClassObject *e = local_query(services, query, flags);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    IEnumWbemClassObject_Release(e);
    return object;
}

/* Without its key an object can't tell its path, unless WBEM_FLAG_ENSURE_LOCATABLE asks for it. */
static void test_locatable(void **state)
{
    static const wchar_t query[] = L"SELECT Name FROM Win32_Process";
    IWbemClassObject *object = first_of(query, SEMISYNC);
    assert_null(local_string(object, L"__RELPATH"));
    IWbemClassObject_Release(object);

    object = first_of(query, SEMISYNC | WBEM_FLAG_ENSURE_LOCATABLE);
    BSTR path = local_string(object, L"__PATH");
    assert_non_null(path);
    IWbemClassObject *again = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, path, 0, NULL, &again, NULL));
    SysFreeString(path);
    IWbemClassObject_Release(again);
    IWbemClassObject_Release(object);
}

static void test_prototype(void **state)
{
    IEnumWbemClassObject *e =
        local_query(services, L"SELECT Name FROM Win32_Process", SEMISYNC | WBEM_FLAG_PROTOTYPE);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    assert_int_equal(WBEM_GENUS_CLASS, local_long(object, L"__GENUS"));
    assert_int_equal(1, local_long(object, L"__PROPERTY_COUNT"));
    IWbemClassObject_Release(object);
    assert_int_equal(WBEM_S_FALSE, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    IEnumWbemClassObject_Release(e);
}

static void test_count(void **state)
{
    IWbemClassObject *object =
        first_of(L"SELECT COUNT(*) FROM Win32_Process WHERE ProcessId = 1", SEMISYNC);
    assert_int_equal(1, local_long(object, L"Count"));
    IWbemClassObject_Release(object);
}

/* What is wrong is told with its place and its word. */
static void test_query_errors(void **state)
{
    static const struct {
        const wchar_t *query;
        HRESULT status;
        const char *place, *word;
    } cases[] = {
        {L"SELECT * FORM Win32_Process", WBEM_E_INVALID_QUERY, "column 10", "FORM"},
        {L"SELECT * FROM Win32_Process\nWHERE Name LIKE", WBEM_E_INVALID_QUERY, "line 2", "end"},
        {L"SELECT Nmae FROM Win32_Process", WBEM_E_INVALID_QUERY, "column 8", "Nmae"},
        {L"SELECT * FROM Win32_Process WHERE Nmae = 1", WBEM_E_INVALID_QUERY, "column 35", "Nmae"},
        {L"SELECT * FROM Win32_Nothing", WBEM_E_INVALID_CLASS, "column 15", "Win32_Nothing"},
        {L"", WBEM_E_INVALID_QUERY, "column 1", "end"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cases[i].status, local_query_status(services, cases[i].query, SEMISYNC));
        const char *error = local_error();
        assert_non_null(strstr(error, cases[i].place));
        assert_non_null(strstr(error, cases[i].word));
    }
    BSTR language = SysAllocString(L"SQL");
    BSTR text = SysAllocString(L"SELECT * FROM Win32_Process");
    IEnumWbemClassObject *e = NULL;
    assert_int_equal(WBEM_E_INVALID_QUERY_TYPE,
                     IWbemServices_ExecQuery(services, language, text, SEMISYNC, NULL, &e));
    assert_non_null(strstr(local_error(), "SQL"));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_ExecQuery(services, text, NULL, SEMISYNC, NULL, &e));
    SysFreeString(language);
    language = SysAllocString(L"wql");
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_ExecQuery(services, language, text, 0x40000000, NULL, &e));
    SysFreeString(language);
    SysFreeString(text);
}

static void test_get_object(void **state)
{
    IWbemClassObject *object = NULL;
    wchar_t path[64];
    swprintf(path, 64, L"Win32_Process.Handle=\"%d\"", (int)getpid());
    BSTR text = SysAllocString(path);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, text, 0, NULL, &object, NULL));
    BSTR relpath = local_string(object, L"__RELPATH");
    assert_int_equal(0, wcscmp(path, relpath));
    SysFreeString(relpath);
    IWbemClassObject_Release(object);

    /* Semisynchronously: the object comes through the call result. */
    IWbemCallResult *result = NULL;
    object = NULL;
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemServices_GetObject(services, text, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, NULL, &result));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemCallResult_GetResultObject(result, WBEM_INFINITE, &object));
    assert_int_equal(getpid(), local_long(object, L"ProcessId"));
    IWbemClassObject_Release(object);
    IWbemCallResult_Release(result);

    /* To a sink. */
    struct memory_sink sink;
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObjectAsync(services, text, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    assert_int_equal(1, sink.count);
    memory_sink_done(&sink);
    SysFreeString(text);
}

static void test_get_object_errors(void **state)
{
    static const struct {
        const wchar_t *path;
        HRESULT status;
    } cases[] = {
        {L"Win32_Process.Handle=\"0\"", WBEM_E_NOT_FOUND},
        {L"Win32_Process.Handle=", WBEM_E_INVALID_OBJECT_PATH},
        {L"Win32_Process.Name=\"init\"", WBEM_E_INVALID_OBJECT_PATH},
        {L"Win32_Nothing", WBEM_E_NOT_FOUND},
        {L"Win32_Nothing.A=1", WBEM_E_INVALID_CLASS},
        {L"root\\default:Win32_Process", WBEM_E_INVALID_NAMESPACE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        IWbemClassObject *object = (IWbemClassObject *)1;
        BSTR path = SysAllocString(cases[i].path);
        assert_int_equal(cases[i].status,
                         IWbemServices_GetObject(services, path, 0, NULL, &object, NULL));
        assert_null(object);
        assert_true(strlen(local_error()) > 0);

        /* The same through a call result: the status and its explanation travel. */
        IWbemCallResult *result = NULL;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemServices_GetObject(services, path, WBEM_FLAG_RETURN_IMMEDIATELY, NULL,
                                                 NULL, &result));
        LONG status = 0;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemCallResult_GetCallStatus(result, WBEM_INFINITE, &status));
        assert_int_equal(cases[i].status, status);
        assert_int_equal(cases[i].status,
                         IWbemCallResult_GetResultObject(result, WBEM_INFINITE, &object));
        assert_true(strlen(local_error()) > 0);
        IWbemCallResult_Release(result);
        SysFreeString(path);
    }
}

/* A NULL path gives an empty class to start a definition from. */
static void test_get_empty_class(void **state)
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, NULL, 0, NULL, &object, NULL));
    assert_int_equal(WBEM_GENUS_CLASS, local_long(object, L"__GENUS"));
    assert_int_equal(0, local_long(object, L"__PROPERTY_COUNT"));
    IWbemClassObject_Release(object);
}

static size_t count_classes(const wchar_t *superclass, LONG flags)
{
    IEnumWbemClassObject *e = NULL;
    BSTR name = superclass ? SysAllocString(superclass) : NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_CreateClassEnum(services, name, SEMISYNC | flags, NULL, &e));
    SysFreeString(name);
    size_t count = 0;
    IWbemClassObject *object;
    ULONG got;
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        assert_int_equal(WBEM_GENUS_CLASS, local_long(object, L"__GENUS"));
        IWbemClassObject_Release(object);
        count++;
    }
    IEnumWbemClassObject_Release(e);
    return count;
}

static void test_class_enum(void **state)
{
    size_t all = count_classes(NULL, WBEM_FLAG_DEEP);
    size_t top = count_classes(L"", WBEM_FLAG_SHALLOW);
    assert_true(all > 50);
    assert_in_range(top, 1, all - 1);
    assert_int_equal(1, count_classes(L"CIM_Process", WBEM_FLAG_DEEP));
    size_t direct = count_classes(L"CIM_LogicalElement", WBEM_FLAG_SHALLOW);
    assert_in_range(direct, 2, count_classes(L"CIM_LogicalElement", WBEM_FLAG_DEEP) - 1);
    BSTR name = SysAllocString(L"No_SuchClass");
    IEnumWbemClassObject *e = NULL;
    assert_int_equal(WBEM_E_INVALID_CLASS,
                     IWbemServices_CreateClassEnum(services, name, SEMISYNC, NULL, &e));
    SysFreeString(name);
}

static size_t count_instances(const wchar_t *cls, LONG flags)
{
    IEnumWbemClassObject *e = NULL;
    BSTR name = SysAllocString(cls);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_CreateInstanceEnum(services, name, SEMISYNC | flags, NULL, &e));
    SysFreeString(name);
    size_t count = 0;
    IWbemClassObject *object;
    ULONG got;
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        IWbemClassObject_Release(object);
        count++;
    }
    IEnumWbemClassObject_Release(e);
    return count;
}

/* Deep: the instances of derived classes too. Shallow: of the class itself, which CIM_Process has
 * none of. */
static void test_instance_enum(void **state)
{
    assert_true(count_instances(L"CIM_Process", WBEM_FLAG_DEEP) > 0);
    assert_int_equal(0, count_instances(L"CIM_Process", WBEM_FLAG_SHALLOW));
    assert_int_equal(1, count_instances(L"Win32_OperatingSystem", WBEM_FLAG_SHALLOW));
    IEnumWbemClassObject *e = NULL;
    BSTR name = SysAllocString(L"Win32_Process WHERE ProcessId = 1");
    assert_int_equal(WBEM_E_INVALID_CLASS,
                     IWbemServices_CreateInstanceEnum(services, name, SEMISYNC, NULL, &e));
    SysFreeString(name);
}

/* A query on a base class sees the derived ones; DIRECT_READ does not look at them. */
static void test_polymorphic_query(void **state)
{
    IWbemClassObject *object = first_of(L"SELECT * FROM CIM_Process", SEMISYNC);
    BSTR name = local_string(object, L"__CLASS");
    assert_int_equal(0, wcscmp(L"Win32_Process", name));
    SysFreeString(name);
    IWbemClassObject_Release(object);
    IEnumWbemClassObject *e =
        local_query(services, L"SELECT * FROM CIM_Process", SEMISYNC | WBEM_FLAG_DIRECT_READ);
    ULONG got = 0;
    assert_int_equal(WBEM_S_FALSE, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    IEnumWbemClassObject_Release(e);
}

static bool has_description(LONG flags)
{
    IWbemClassObject *object = NULL;
    BSTR path = SysAllocString(L"Win32_Process");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, path, flags, NULL, &object, NULL));
    SysFreeString(path);
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(object, &set));
    HRESULT hr = IWbemQualifierSet_Get(set, L"Description", 0, NULL, NULL);
    IWbemQualifierSet_Release(set);
    IWbemClassObject_Release(object);
    return hr == WBEM_S_NO_ERROR;
}

static void test_amended_qualifiers(void **state)
{
    assert_false(has_description(0));
    assert_true(has_description(WBEM_FLAG_USE_AMENDED_QUALIFIERS));
}

static void test_query_async(void **state)
{
    struct memory_sink sink;
    memory_sink_init(&sink);
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(L"SELECT Handle FROM Win32_Process");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_ExecQueryAsync(services, language, text, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    assert_true(sink.count > 0);
    assert_int_equal(1, sink.statuses);
    assert_int_equal(0, sink.late_calls);
    memory_sink_done(&sink);
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_ExecQueryAsync(services, language, text, 0, NULL, NULL));
    SysFreeString(language);
    SysFreeString(text);
}

/* A search that would go on for long ends with its cancellation, once. */
static void test_cancel_async_call(void **state)
{
    struct memory_sink sink;
    memory_sink_init(&sink);
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_CancelAsyncCall(services, &sink.sink));
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(L"SELECT Name FROM CIM_DataFile WHERE Extension = 'none of these'");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_ExecQueryAsync(services, language, text, 0, NULL, &sink.sink));
    HRESULT hr = IWbemServices_CancelAsyncCall(services, &sink.sink);
    memory_sink_wait(&sink);
    if (hr == WBEM_S_NO_ERROR) {
        assert_int_equal(WBEM_E_CALL_CANCELLED, sink.status);
    } else { /* a tiny disk: the search was over already */
        assert_int_equal(WBEM_E_NOT_FOUND, hr);
    }
    assert_int_equal(1, sink.statuses);
    SysFreeString(language);
    SysFreeString(text);
    memory_sink_done(&sink);
}

/* What fails clears its out parameters. */
static void test_out_parameters(void **state)
{
    IWbemCallResult *result = (IWbemCallResult *)1;
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_PutInstance(services, NULL, 0, NULL, &result));
    assert_null(result);
    assert_non_null(strstr(local_error(), "NULL"));
    IWbemClassObject *out = (IWbemClassObject *)1;
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_ExecMethod(services, NULL, NULL, 0, NULL, NULL, &out, NULL));
    assert_null(out);
}

/* CoSetProxyBlanket sets what CoQueryProxyBlanket gives; a copy has a blanket of its own. */
static void test_blanket(void **state)
{
    DWORD level = 0;
    assert_int_equal(S_OK, CoSetProxyBlanket((IUnknown *)services, RPC_C_AUTHN_WINNT,
                                             RPC_C_AUTHZ_NONE, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                             RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE));
    IUnknown *copy = NULL;
    assert_int_equal(S_OK, CoCopyProxy((IUnknown *)services, &copy));
    assert_int_equal(S_OK, CoSetProxyBlanket(copy, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL,
                                             RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_IMP_LEVEL_IMPERSONATE,
                                             NULL, EOAC_NONE));
    assert_int_equal(S_OK, CoQueryProxyBlanket((IUnknown *)services, NULL, NULL, NULL, &level, NULL,
                                               NULL, NULL));
    assert_int_equal(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, level);
    assert_int_equal(S_OK, CoQueryProxyBlanket(copy, NULL, NULL, NULL, &level, NULL, NULL, NULL));
    assert_int_equal(RPC_C_AUTHN_LEVEL_CONNECT, level);
    IUnknown_Release(copy);
}

static void test_namespaces(void **state)
{
    IWbemServices *root = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, connect_to(L"root", NULL, &root));
    IEnumWbemClassObject *e = local_query(root, L"SELECT Name FROM __NAMESPACE", SEMISYNC);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    bool found = false;
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        BSTR name = local_string(object, L"Name");
        found = found || wcscmp(name, L"cimv2") == 0;
        SysFreeString(name);
        IWbemClassObject_Release(object);
    }
    assert_true(found);
    IEnumWbemClassObject_Release(e);
    IWbemServices_Release(root);
}

static void test_status_code_text(void **state)
{
    IWbemStatusCodeText *text = NULL;
    BSTR meaning = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemStatusCodeText, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemStatusCodeText, (void **)&text));
    assert_int_equal(S_OK,
                     IWbemStatusCodeText_GetErrorCodeText(text, WBEM_E_INVALID_CLASS, 0,
                                                          WBEMSTATUS_FORMAT_NO_NEWLINE, &meaning));
    assert_non_null(wcsstr(meaning, L"class"));
    SysFreeString(meaning);
    assert_int_equal(S_OK, IWbemStatusCodeText_GetFacilityCodeText(text, WBEM_E_INVALID_CLASS, 0,
                                                                   WBEMSTATUS_FORMAT_NO_NEWLINE,
                                                                   &meaning));
    assert_int_equal(0, wcscmp(L"WMI", meaning));
    SysFreeString(meaning);
    IWbemStatusCodeText_Release(text);
}

static void test_context(void **state)
{
    IWbemContext *c = NULL;
    IWbemContext *copy = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemContext, (void **)&c));
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = 7;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_SetValue(c, L"One", 0, &v));
    V_I4(&v) = 8;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_SetValue(c, L"Two", 0, &v));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_Clone(c, &copy));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_DeleteValue(c, L"one", 0));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemContext_GetValue(c, L"One", 0, &v));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_GetValue(copy, L"ONE", 0, &v));
    assert_int_equal(7, V_I4(&v));

    BSTR name = NULL;
    assert_int_equal(WBEM_E_UNEXPECTED, IWbemContext_Next(copy, 0, &name, &v));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_BeginEnumeration(copy, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_Next(copy, 0, &name, &v));
    assert_int_equal(0, wcscmp(L"One", name));
    SysFreeString(name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_Next(copy, 0, &name, &v));
    SysFreeString(name);
    assert_int_equal(WBEM_S_NO_MORE_DATA, IWbemContext_Next(copy, 0, &name, &v));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_EndEnumeration(copy));

    SAFEARRAY *names = NULL;
    LONG high = -1;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_GetNames(copy, 0, &names));
    assert_int_equal(S_OK, SafeArrayGetUBound(names, 1, &high));
    assert_int_equal(1, high);
    SafeArrayDestroy(names);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_DeleteAll(copy));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemContext_GetValue(copy, L"Two", 0, &v));
    IWbemContext_Release(copy);
    IWbemContext_Release(c);
}

/* A stub takes what the sink would take, and lets go of it at its end. */
static void test_unsecured_apartment(void **state)
{
    IWbemUnsecuredApartment *apartment;
    IWbemObjectSink *stub, *none = NULL;
    IUnknown *object;
    struct memory_sink sink;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_UnsecuredApartment, NULL, CLSCTX_LOCAL_SERVER,
                                            &IID_IWbemUnsecuredApartment, (void **)&apartment));
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemUnsecuredApartment_CreateSinkStub(
                         apartment, &sink.sink, WBEM_FLAG_UNSECAPP_CHECK_ACCESS, NULL, &stub));
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(L"SELECT Handle FROM Win32_Process WHERE Handle = '1'");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_ExecQueryAsync(services, language, text, 0, NULL, stub));
    IWbemObjectSink_Release(stub);
    memory_sink_wait(&sink);
    assert_int_equal(1, sink.count);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);

    assert_int_equal(WBEM_S_NO_ERROR, IWbemUnsecuredApartment_CreateObjectStub(
                                          apartment, (IUnknown *)&sink.sink, &object));
    assert_int_equal(S_OK, IUnknown_QueryInterface(object, &IID_IWbemObjectSink, (void **)&stub));
    IWbemObjectSink_Release(stub);
    IUnknown_Release(object);
    memory_sink_done(&sink);
    assert_int_equal(E_NOINTERFACE, IWbemUnsecuredApartment_CreateObjectStub(
                                        apartment, (IUnknown *)services, &object));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemUnsecuredApartment_CreateSinkStub(apartment, NULL, 0, NULL, &none));
    SysFreeString(language);
    SysFreeString(text);
    IWbemUnsecuredApartment_Release(apartment);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connect),           cmocka_unit_test(test_open_namespace),
        cmocka_unit_test(test_query_own_process), cmocka_unit_test(test_locatable),
        cmocka_unit_test(test_prototype),         cmocka_unit_test(test_count),
        cmocka_unit_test(test_query_errors),      cmocka_unit_test(test_get_object),
        cmocka_unit_test(test_get_object_errors), cmocka_unit_test(test_get_empty_class),
        cmocka_unit_test(test_class_enum),        cmocka_unit_test(test_instance_enum),
        cmocka_unit_test(test_polymorphic_query), cmocka_unit_test(test_amended_qualifiers),
        cmocka_unit_test(test_query_async),       cmocka_unit_test(test_cancel_async_call),
        cmocka_unit_test(test_out_parameters),    cmocka_unit_test(test_blanket),
        cmocka_unit_test(test_namespaces),        cmocka_unit_test(test_status_code_text),
        cmocka_unit_test(test_context),           cmocka_unit_test(test_unsecured_apartment),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
