/* Subscribing, raising and waiting, with the checks that every test of events makes; see
 * local_events.h. */
#include "local_events.h"

#include <string.h>
#include <wchar.h>

IWbemServices *event_services;

void events_connect(void)
{
    event_services = local_services();
}

void events_disconnect(void)
{
    IWbemServices_Release(event_services);
    CoUninitialize();
}

HRESULT try_subscribe(const wchar_t *query, LONG flags, IEnumWbemClassObject **ret)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(query);
    *ret = (IEnumWbemClassObject *)1; /* must be cleared on failure */
    HRESULT hr =
        IWbemServices_ExecNotificationQuery(event_services, language, text, flags, NULL, ret);
    SysFreeString(language);
    SysFreeString(text);
    return hr;
}

IEnumWbemClassObject *subscribe(const wchar_t *query)
{
    IEnumWbemClassObject *e;
    HRESULT hr = try_subscribe(query, SEMISYNC, &e);
    if (FAILED(hr)) {
        print_message("%ls: %s\n", query, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    return e;
}

IWbemObjectSink *raise_sink(void)
{
    IWbemObjectSink *sink = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_QueryObjectSink(event_services, 0, &sink));
    return sink;
}

IWbemClassObject *new_instance(const wchar_t *class_name)
{
    IWbemClassObject *cls = NULL;
    IWbemClassObject *instance = NULL;
    BSTR name = SysAllocString(class_name);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(event_services, name, 0, NULL, &cls, NULL));
    SysFreeString(name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    IWbemClassObject_Release(cls);
    return instance;
}

void put_string(IWbemClassObject *object, const wchar_t *name, const wchar_t *text)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
    VariantClear(&v);
}

void put_long(IWbemClassObject *object, const wchar_t *name, LONG number)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = number;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
}

void raise_event(const wchar_t *drive, LONG type)
{
    IWbemObjectSink *sink = raise_sink();
    IWbemClassObject *event = new_instance(L"Win32_VolumeChangeEvent");
    put_string(event, L"DriveName", drive);
    put_long(event, L"EventType", type);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_Indicate(sink, 1, &event));
    IWbemClassObject_Release(event);
    IWbemObjectSink_Release(sink);
}

IWbemClassObject *next_event(IEnumWbemClassObject *e)
{
    IWbemClassObject *event = NULL;
    ULONG got = 0;
    HRESULT hr = IEnumWbemClassObject_Next(e, 30000, 1, &event, &got);
    if (FAILED(hr)) {
        print_message("Next: %08x %s\n", (unsigned)hr, local_error());
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    assert_int_equal(1, got);
    return event;
}

void expect_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *expected)
{
    BSTR text = local_string(object, name);
    assert_non_null(text);
    if (wcscmp(expected, text) != 0) {
        print_message("%ls is '%ls', not '%ls'\n", name, text, expected);
    }
    assert_true(wcscmp(expected, text) == 0);
    SysFreeString(text);
}

void expect_nothing(IEnumWbemClassObject *e)
{
    IWbemClassObject *event = NULL;
    ULONG got = 1;
    assert_int_equal(WBEM_S_TIMEDOUT, IEnumWbemClassObject_Next(e, 0, 1, &event, &got));
    assert_int_equal(0, got);
}

IWbemClassObject *embedded(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    IWbemClassObject *found = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(object, name, 0, &v, NULL, NULL));
    assert_int_equal(VT_UNKNOWN, V_VT(&v));
    assert_int_equal(
        S_OK, IUnknown_QueryInterface(V_UNKNOWN(&v), &IID_IWbemClassObject, (void **)&found));
    VariantClear(&v);
    return found;
}
