/*
 * The example provider as a user sees it: its MOF compiled, its instances
 * queried and put, its method called, its events received, in process and in a
 * process of its own. usage: test-example-provider SHARED_OBJECT MOF MODEL
 */
#include "hosting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static IWbemServices *services;
static const char *mof;
static const char *model;

/* The MOF with the hosting model of this run. */
static char *read_mof(void)
{
    static const char usual[] = "NetworkServiceHost";
    FILE *f = fopen(mof, "r");
    char *text = calloc(1, 65536);
    assert_non_null(f);
    assert_true(fread(text, 1, 65535, f) > 0);
    assert_int_equal(0, fclose(f));
    char *at = strstr(text, usual);
    assert_non_null(at);
    memmove(at + strlen(model), at + strlen(usual), strlen(at + strlen(usual)) + 1);
    memcpy(at, model, strlen(model));
    return text;
}

static int prepare(void **state)
{
    IMofCompiler *compiler = NULL;
    WBEM_COMPILE_STATUS_INFO info;
    wchar_t place[] = L"root\\cimv2\\example";
    services = hosting_namespace(L"example");
    char *text = read_mof();
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_MofCompiler, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IMofCompiler, (void **)&compiler));
    HRESULT hr = IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)text, place, NULL,
                                            NULL, NULL, 0, 0, 0, &info);
    if (FAILED(hr)) {
        print_error("0x%08x, %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    assert_int_equal(0, info.lPhaseError);
    IMofCompiler_Release(compiler);
    free(text);
    return 0;
}

static int finish(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

static void test_instances(void **state)
{
    unsigned count;
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     hosting_count(services, L"SELECT * FROM Example_Sensor", &count));
    assert_int_equal(3, count);
    assert_int_equal(
        WBEM_S_NO_ERROR,
        hosting_count(services, L"SELECT * FROM Example_Sensor WHERE Temperature > 20", &count));
    assert_int_equal(2, count);
    assert_int_equal(WBEM_S_NO_ERROR,
                     hosting_get(services, L"Example_Sensor.Name=\"cellar\"", &object));
    assert_int_equal(12, local_long(object, L"Temperature"));
    hosting_put_long(object, L"Limit", 15);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(services, object, 0, NULL, NULL));
    IWbemClassObject_Release(object);
    assert_int_equal(WBEM_S_NO_ERROR,
                     hosting_get(services, L"Example_Sensor.Name=\"cellar\"", &object));
    assert_int_equal(15, local_long(object, L"Limit"));
    IWbemClassObject_Release(object);
}

static LONG heat(const wchar_t *path, LONG by)
{
    IWbemClassObject *cls = NULL;
    IWbemClassObject *signature = NULL;
    IWbemClassObject *in = NULL;
    IWbemClassObject *out = NULL;
    BSTR object = SysAllocString(path);
    BSTR method = SysAllocString(L"Heat");
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(services, L"Example_Sensor", &cls));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_GetMethod(cls, L"Heat", 0, &signature, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(signature, 0, &in));
    hosting_put_long(in, L"By", by);
    HRESULT hr = IWbemServices_ExecMethod(services, object, method, 0, NULL, in, &out, NULL);
    if (FAILED(hr)) {
        print_error("0x%08x, %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    LONG now = local_long(out, L"Temperature");
    IWbemClassObject_Release(out);
    IWbemClassObject_Release(in);
    IWbemClassObject_Release(signature);
    IWbemClassObject_Release(cls);
    SysFreeString(object);
    SysFreeString(method);
    return now;
}

static void test_method(void **state)
{
    assert_int_equal(26, heat(L"Example_Sensor.Name=\"roof\"", 1));
    assert_int_equal(25, heat(L"Example_Sensor.Name=\"roof\"", -1));
}

static IEnumWbemClassObject *watch(const wchar_t *text)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(text);
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = IWbemServices_ExecNotificationQuery(
        services, language, query, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e);
    SysFreeString(language);
    SysFreeString(query);
    if (FAILED(hr)) {
        print_error("0x%08x, %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    return e;
}

static void test_events(void **state)
{
    IEnumWbemClassObject *e = watch(L"SELECT * FROM Example_Alarm WHERE Sensor = 'kitchen'");
    IEnumWbemClassObject *all = watch(L"SELECT * FROM __ExtrinsicEvent");
    IWbemClassObject *event = NULL;
    ULONG got = 0;
    assert_int_equal(45, heat(L"Example_Sensor.Name=\"roof\"", 20));    /* not this sensor */
    assert_int_equal(23, heat(L"Example_Sensor.Name=\"kitchen\"", 2));  /* not above its limit */
    assert_int_equal(33, heat(L"Example_Sensor.Name=\"kitchen\"", 10)); /* this one */
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &event, &got));
    assert_int_equal(33, local_long(event, L"Temperature"));
    IWbemClassObject_Release(event);
    assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(e, 0, 1, &event, &got));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(all, WBEM_INFINITE, 1, &event, &got));
    assert_int_equal(45, local_long(event, L"Temperature"));
    IWbemClassObject_Release(event);
    IEnumWbemClassObject_Release(all);
    IEnumWbemClassObject_Release(e);
    /* And again, after nobody has listened. */
    assert_int_equal(34, heat(L"Example_Sensor.Name=\"kitchen\"", 1));
    e = watch(L"SELECT Temperature FROM Example_Alarm");
    assert_int_equal(35, heat(L"Example_Sensor.Name=\"kitchen\"", 1));
    LONG temperature;
    do { /* the event of 34 may still be under way from the provider's process */
        assert_int_equal(WBEM_S_NO_ERROR,
                         IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &event, &got));
        temperature = local_long(event, L"Temperature");
        IWbemClassObject_Release(event);
    } while (temperature == 34);
    assert_int_equal(35, temperature);
    IEnumWbemClassObject_Release(e);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_instances),
                                       cmocka_unit_test(test_method),
                                       cmocka_unit_test(test_events)};
    if (argc != 4) {
        return 2;
    }
    mof = argv[2];
    model = argv[3];
    hosting_prepare_for(argv[1], L"{0D9A6F52-5E0B-4C7B-8B1C-2F6D9E3A7C11}");
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
