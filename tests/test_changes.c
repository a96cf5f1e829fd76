/*
 * PutClass, PutInstance, DeleteInstance and DeleteClass through the public
 * headers, in all their forms, in a namespace of the test's own.
 */
#include "local.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static IWbemServices *services;

static IWbemServices *open_child(IWbemServices *parent, const wchar_t *name)
{
    IWbemServices *child = NULL;
    BSTR text = SysAllocString(name);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_OpenNamespace(parent, text, 0, NULL, &child, NULL));
    SysFreeString(text);
    return child;
}

static void put_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *text)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
    VariantClear(&v);
}

static void put_long(IWbemClassObject *object, const wchar_t *name, LONG number)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = number;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
}

static HRESULT get(const wchar_t *path, IWbemClassObject **ret)
{
    BSTR text = path ? SysAllocString(path) : NULL;
    HRESULT hr = IWbemServices_GetObject(services, text, 0, NULL, ret, NULL);
    SysFreeString(text);
    return hr;
}

static IWbemClassObject *spawn(const wchar_t *class_name)
{
    IWbemClassObject *cls = NULL;
    IWbemClassObject *instance = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, get(class_name, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    IWbemClassObject_Release(cls);
    return instance;
}

/* As Microsoft's "Creating a Base Class" does it. */
static IWbemClassObject *new_class(const wchar_t *name)
{
    IWbemClassObject *cls = NULL;
    IWbemQualifierSet *set = NULL;
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, get(NULL, &cls));
    put_text(cls, L"__CLASS", name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"Id", 0, NULL, CIM_STRING));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"N", 0, NULL, CIM_UINT32));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"M", 0, NULL, CIM_UINT32));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetPropertyQualifierSet(cls, L"Id", &set));
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemQualifierSet_Put(set, L"key", &v,
                                           WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                               WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS |
                                               WBEM_FLAVOR_NOT_OVERRIDABLE));
    IWbemQualifierSet_Release(set);
    return cls;
}

static int connect_once(void **state)
{
    IWbemServices *cimv2 = local_services();
    BSTR path = SysAllocString(L"__NAMESPACE");
    BSTR name = SysAllocString(L"changes");
    IWbemClassObject *cls = NULL;
    IWbemClassObject *instance = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_GetObject(cimv2, path, 0, NULL, &cls, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    put_text(instance, L"Name", name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(cimv2, instance, 0, NULL, NULL));
    services = open_child(cimv2, name);
    IWbemClassObject_Release(instance);
    IWbemClassObject_Release(cls);
    SysFreeString(path);
    SysFreeString(name);

    cls = new_class(L"Thing");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutClass(services, cls, 0, NULL, NULL));
    IWbemClassObject_Release(cls);
    IWbemServices_Release(cimv2);
    return 0;
}

static int disconnect(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

static HRESULT put(const wchar_t *id, LONG n, LONG flags)
{
    IWbemClassObject *thing = spawn(L"Thing");
    put_text(thing, L"Id", id);
    put_long(thing, L"N", n);
    HRESULT hr = IWbemServices_PutInstance(services, thing, flags, NULL, NULL);
    IWbemClassObject_Release(thing);
    return hr;
}

static HRESULT delete_instance(const wchar_t *path)
{
    BSTR text = SysAllocString(path);
    HRESULT hr = IWbemServices_DeleteInstance(services, text, 0, NULL, NULL);
    SysFreeString(text);
    return hr;
}

static LONG number_of(const wchar_t *path, const wchar_t *property)
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, get(path, &object));
    LONG n = local_long(object, property);
    IWbemClassObject_Release(object);
    return n;
}

static void test_put_get_delete(void **state)
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, put(L"one", 1, WBEM_FLAG_CREATE_ONLY));
    assert_int_equal(1, number_of(L"Thing.Id=\"one\"", L"N"));
    assert_int_equal(WBEM_E_ALREADY_EXISTS, put(L"one", 2, WBEM_FLAG_CREATE_ONLY));
    assert_non_null(strstr(local_error(), "Thing"));
    assert_int_equal(WBEM_E_NOT_FOUND, put(L"two", 2, WBEM_FLAG_UPDATE_ONLY));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     put(L"two", 2, WBEM_FLAG_UPDATE_ONLY | WBEM_FLAG_CREATE_ONLY));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, put(L"two", 2, 0x800));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"one", 3, 0));
    assert_int_equal(3, number_of(L"Thing=\"one\"", L"N"));
    assert_int_equal(WBEM_S_NO_ERROR, local_query_status(services, L"SELECT * FROM Thing", 0));
    assert_int_equal(WBEM_S_NO_ERROR, delete_instance(L"Thing.Id=\"one\""));
    assert_int_equal(WBEM_E_NOT_FOUND, get(L"Thing.Id=\"one\"", &object));
}

static void test_refusals(void **state)
{
    static const struct {
        const wchar_t *path;
        HRESULT status;
    } cases[] = {
        {L"Thing.Id=\"none\"", WBEM_E_NOT_FOUND},
        {L"Nothing.Id=\"one\"", WBEM_E_INVALID_CLASS},
        {L"Thing.N=1", WBEM_E_INVALID_OBJECT_PATH},
        {L"Thing", WBEM_E_INVALID_OBJECT_PATH},
        {L"Thing.Id=", WBEM_E_INVALID_OBJECT_PATH},
        {L"\\\\.\\root\\cimv2:Thing.Id=\"one\"", WBEM_E_INVALID_NAMESPACE},
        {L"", WBEM_E_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cases[i].status, delete_instance(cases[i].path));
        assert_true(*local_error());
    }
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     IWbemServices_PutInstance(services, NULL, 0, NULL, NULL));
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, get(L"Thing", &cls));
    assert_int_equal(WBEM_E_INVALID_OBJECT,
                     IWbemServices_PutInstance(services, cls, 0, NULL, NULL));
    IWbemClassObject *thing = spawn(L"Thing");
    assert_int_equal(WBEM_E_INVALID_OBJECT, IWbemServices_PutClass(services, thing, 0, NULL, NULL));
    assert_int_equal(WBEM_E_ILLEGAL_NULL,
                     IWbemServices_PutInstance(services, thing, 0, NULL, NULL));
    assert_int_equal(
        WBEM_E_INVALID_PARAMETER,
        IWbemServices_PutInstance(services, thing, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, NULL));
    IWbemClassObject_Release(thing);
    IWbemClassObject_Release(cls);
}

/* The machine's own classes take no changes. */
static void test_live_classes(void **state)
{
    IWbemServices *cimv2 = local_services();
    BSTR path = SysAllocString(L"Win32_Process.Handle=\"1\"");
    assert_int_equal(WBEM_E_PROVIDER_NOT_CAPABLE,
                     IWbemServices_DeleteInstance(cimv2, path, 0, NULL, NULL));
    assert_non_null(strstr(local_error(), "provider"));
    SysFreeString(path);
    IWbemServices_Release(cimv2);
    CoUninitialize();
}

static void test_semisynchronous(void **state)
{
    IWbemClassObject *thing = spawn(L"Thing");
    IWbemCallResult *result = NULL;
    LONG status = -1;
    BSTR path = NULL;
    put_text(thing, L"Id", L"semi \"quoted\"");
    put_long(thing, L"N", 5);
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemServices_PutInstance(services, thing, WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &result));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemCallResult_GetCallStatus(result, (LONG)WBEM_INFINITE, &status));
    assert_int_equal(WBEM_S_NO_ERROR, status);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemCallResult_GetResultString(result, (LONG)WBEM_INFINITE, &path));
    assert_int_equal(0, wcscmp(path, L"Thing.Id=\"semi \\\"quoted\\\"\""));
    assert_int_equal(5, number_of(path, L"N"));
    IWbemCallResult_Release(result);

    result = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_PutInstance(services, thing,
                                               WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_CREATE_ONLY,
                                               NULL, &result));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemCallResult_GetCallStatus(result, (LONG)WBEM_INFINITE, &status));
    assert_int_equal(WBEM_E_ALREADY_EXISTS, status);
    IWbemCallResult_Release(result);
    IWbemClassObject_Release(thing);
    SysFreeString(path);
}

static void test_asynchronous(void **state)
{
    IWbemClassObject *cls = new_class(L"Passing");
    IWbemClassObject *none = NULL;
    struct memory_sink sink;
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_PutClassAsync(services, cls, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    memory_sink_done(&sink);
    IWbemClassObject_Release(cls);

    IWbemClassObject *instance = spawn(L"Passing");
    put_text(instance, L"Id", L"x");
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_PutInstanceAsync(services, instance, 0, NULL, &sink.sink));
    put_text(instance, L"Id", L"changed while it is put"); /* the call has its own copy */
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    memory_sink_done(&sink);
    IWbemClassObject_Release(instance);
    assert_int_equal(WBEM_S_NO_ERROR, delete_instance(L"Passing.Id=\"x\""));

    BSTR path = SysAllocString(L"Passing.Id=\"x\"");
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_DeleteInstanceAsync(services, path, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_E_NOT_FOUND, sink.status);
    assert_non_null(sink.detail);
    memory_sink_done(&sink);
    SysFreeString(path);

    BSTR name = SysAllocString(L"Passing");
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_DeleteClassAsync(services, name, 0, NULL, &sink.sink));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    memory_sink_done(&sink);
    assert_int_equal(WBEM_E_NOT_FOUND, get(name, &none));
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemServices_DeleteClass(services, name, 0, NULL, NULL));
    SysFreeString(name);
}

static void context_bool(IWbemContext *context, const wchar_t *name)
{
    VARIANT v;
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemContext_SetValue(context, name, 0, &v));
}

static void context_names(IWbemContext *context, const wchar_t *name)
{
    SAFEARRAYBOUND bound = {1, 0};
    LONG at = 0;
    VARIANT v;
    BSTR text = SysAllocString(name);
    V_VT(&v) = VT_ARRAY | VT_BSTR;
    V_ARRAY(&v) = SafeArrayCreate(VT_BSTR, 1, &bound);
    assert_int_equal(S_OK, SafeArrayPutElement(V_ARRAY(&v), &at, text));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemContext_SetValue(context, L"__PUT_EXT_PROPERTIES", 0, &v));
    SysFreeString(text);
    VariantClear(&v);
}

/* __PUT_EXTENSIONS: only the named properties are put. */
static void test_partial_update(void **state)
{
    IWbemContext *context = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemContext, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemContext, (void **)&context));
    IWbemClassObject *thing = spawn(L"Thing");
    put_text(thing, L"Id", L"part");
    put_long(thing, L"N", 1);
    put_long(thing, L"M", 2);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, thing, 0, NULL, NULL));
    put_long(thing, L"N", 10);
    put_long(thing, L"M", 20);
    context_bool(context, L"__PUT_EXTENSIONS");
    context_names(context, L"M");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, thing, 0, context, NULL));
    assert_int_equal(1, number_of(L"Thing.Id=\"part\"", L"N"));
    assert_int_equal(20, number_of(L"Thing.Id=\"part\"", L"M"));

    /* A null is "as it is" unless nulls are strict. */
    VARIANT null = {.vt = VT_NULL};
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(thing, L"M", 0, &null, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, thing, 0, context, NULL));
    assert_int_equal(20, number_of(L"Thing.Id=\"part\"", L"M"));
    context_bool(context, L"__PUT_EXT_STRICT_NULLS");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, thing, 0, context, NULL));
    IWbemClassObject *stored = NULL;
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, get(L"Thing.Id=\"part\"", &stored));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(stored, L"M", 0, &v, NULL, NULL));
    assert_int_equal(VT_NULL, V_VT(&v));
    IWbemClassObject_Release(stored);

    context_names(context, L"Unknown");
    assert_int_equal(WBEM_E_INVALID_PROPERTY,
                     IWbemServices_PutInstance(services, thing, 0, context, NULL));
    assert_non_null(strstr(local_error(), "partial update"));
    IWbemClassObject_Release(thing);
    IWbemContext_Release(context);
}

/* An enumeration that began before a change shows the state before it. */
static void test_enumeration_is_a_snapshot(void **state)
{
    wchar_t id[16];
    for (int i = 0; i < 50; i++) {
        swprintf(id, 16, L"snap %d", i);
        assert_int_equal(WBEM_S_NO_ERROR, put(id, i, 0));
    }
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Thing WHERE Id LIKE 'snap%'",
                                          WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY);
    for (int i = 0; i < 50; i++) {
        swprintf(id, 16, L"Thing=\"snap %d\"", i);
        assert_int_equal(WBEM_S_NO_ERROR, delete_instance(id));
    }
    IWbemClassObject *object = NULL;
    ULONG got;
    int count = 0;
    while (IEnumWbemClassObject_Next(e, (LONG)WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        IWbemClassObject_Release(object);
        count++;
    }
    assert_int_equal(50, count);
    IEnumWbemClassObject_Release(e);
}

/* IWbemBackupRestoreEx: there and back, and writes held back in between. */
static void test_backup(void **state)
{
    IWbemBackupRestoreEx *b = NULL;
    IWbemClassObject *none = NULL;
    struct memory_sink sink;
    char file[] = "/tmp/wbem-backup-XXXXXX";
    wchar_t name[sizeof(file)];
    int fd = mkstemp(file);
    assert_true(fd >= 0);
    close(fd);
    mbstowcs(name, file, sizeof(file));
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemBackupRestore, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemBackupRestoreEx, (void **)&b));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"kept", 1, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemBackupRestoreEx_Backup(b, name, 0));
    assert_int_equal(WBEM_S_NO_ERROR, put(L"lost", 2, 0));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemBackupRestoreEx_Restore(b, name, 0));
    assert_int_equal(1, number_of(L"Thing.Id=\"kept\"", L"N"));
    assert_int_equal(WBEM_E_NOT_FOUND, get(L"Thing.Id=\"lost\"", &none));

    assert_int_equal(WBEM_E_INVALID_OPERATION, IWbemBackupRestoreEx_Resume(b));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemBackupRestoreEx_Pause(b));
    assert_int_equal(WBEM_E_INVALID_OPERATION, IWbemBackupRestoreEx_Pause(b));
    BSTR path = SysAllocString(L"Thing.Id=\"kept\"");
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_DeleteInstanceAsync(services, path, 0, NULL, &sink.sink));
    assert_int_equal(1, number_of(path, L"N")); /* reads go on, the deletion waits */
    assert_int_equal(0, sink.statuses);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemBackupRestoreEx_Resume(b));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    memory_sink_done(&sink);
    assert_int_equal(WBEM_E_NOT_FOUND, get(path, &none));
    SysFreeString(path);

    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemBackupRestoreEx_Backup(b, NULL, 0));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, IWbemBackupRestoreEx_Restore(b, name, 8));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemBackupRestoreEx_Pause(b));
    IWbemBackupRestoreEx_Release(b); /* ends the pause */
    assert_int_equal(WBEM_S_NO_ERROR, put(L"after", 3, 0));
    unlink(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_put_get_delete),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_live_classes),
        cmocka_unit_test(test_semisynchronous),
        cmocka_unit_test(test_asynchronous),
        cmocka_unit_test(test_partial_update),
        cmocka_unit_test(test_enumeration_is_a_snapshot),
        cmocka_unit_test(test_backup),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
