/* A connection to this machine and a sink that remembers; see local.h. */
#include "local.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

IWbemServices *local_services(void)
{
    IWbemLocator *locator = NULL;
    IWbemServices *services = NULL;
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    BSTR name = SysAllocString(L"ROOT\\CIMV2");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL, 0,
                                                                 NULL, NULL, &services));
    SysFreeString(name);
    IWbemLocator_Release(locator);
    return services;
}

static HRESULT exec(IWbemServices *services, const wchar_t *query, LONG flags,
                    IEnumWbemClassObject **ret)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(query);
    HRESULT hr = IWbemServices_ExecQuery(services, language, text, flags, NULL, ret);
    SysFreeString(language);
    SysFreeString(text);
    return hr;
}

IEnumWbemClassObject *local_query(IWbemServices *services, const wchar_t *query, LONG flags)
{
    IEnumWbemClassObject *e = NULL;
    HRESULT hr = exec(services, query, flags, &e);
    if (FAILED(hr)) {
        fail_msg("%ls: 0x%08x %s", query, (unsigned)hr, local_error());
    }
    assert_non_null(e);
    return e;
}

HRESULT local_query_status(IWbemServices *services, const wchar_t *query, LONG flags)
{
    IEnumWbemClassObject *e = (IEnumWbemClassObject *)1; /* must be cleared on failure */
    HRESULT hr = exec(services, query, flags, &e);
    if (FAILED(hr)) {
        assert_null(e);
    } else {
        IEnumWbemClassObject_Release(e);
    }
    return hr;
}

BSTR local_string(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(object, name, 0, &v, NULL, NULL));
    if (V_VT(&v) == VT_NULL) {
        return NULL;
    }
    assert_int_equal(VT_BSTR, V_VT(&v));
    return V_BSTR(&v);
}

LONG local_long(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(object, name, 0, &v, NULL, NULL));
    assert_int_equal(VT_I4, V_VT(&v));
    return V_I4(&v);
}

const char *local_error(void)
{
    static char text[1024];
    text[0] = '\0';
    IErrorInfo *info = NULL;
    if (GetErrorInfo(0, &info) == S_OK) {
        BSTR description = NULL;
        if (SUCCEEDED(IErrorInfo_GetDescription(info, &description)) && description) {
            snprintf(text, sizeof(text), "%ls", description);
        }
        SysFreeString(description);
        IErrorInfo_Release(info);
    }
    return text;
}

/* ---- the sink -------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE memory_query_interface(IWbemObjectSink *sink, REFIID riid,
                                                        void **ret)
{
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    IWbemObjectSink_AddRef(sink);
    *ret = sink;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE memory_add_ref(IWbemObjectSink *sink)
{
    return (ULONG)(atomic_fetch_add(&((struct memory_sink *)sink)->refs, 1) + 1);
}

static ULONG STDMETHODCALLTYPE memory_release(IWbemObjectSink *sink)
{
    struct memory_sink *s = (struct memory_sink *)sink;
    ULONG left = (ULONG)(atomic_fetch_sub(&s->refs, 1) - 1);
    if (left == 0) {
        sem_post(&s->released);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE memory_indicate(IWbemObjectSink *sink, LONG count,
                                                 IWbemClassObject **objects)
{
    struct memory_sink *s = (struct memory_sink *)sink;
    s->indicates++;
    s->late_calls += s->statuses > 0;
    for (LONG i = 0; i < count; i++) {
        size_t at = s->count++;
        if (at < sizeof(s->objects) / sizeof(s->objects[0])) {
            IWbemClassObject_AddRef(objects[i]);
            s->objects[at] = objects[i];
        }
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE memory_set_status(IWbemObjectSink *sink, LONG flags,
                                                   HRESULT status, BSTR text,
                                                   IWbemClassObject *detail)
{
    struct memory_sink *s = (struct memory_sink *)sink;
    (void)text;
    if (flags == WBEM_STATUS_COMPLETE) {
        s->late_calls += s->statuses > 0;
        s->statuses++;
        s->status = status;
        if (detail) {
            IWbemClassObject_AddRef(detail);
            s->detail = detail;
        }
    }
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl memory_vtbl = {
    .QueryInterface = memory_query_interface,
    .AddRef = memory_add_ref,
    .Release = memory_release,
    .Indicate = memory_indicate,
    .SetStatus = memory_set_status,
};

void memory_sink_init(struct memory_sink *s)
{
    memset(s, 0, sizeof(*s));
    s->sink.lpVtbl = &memory_vtbl;
    sem_init(&s->released, 0, 0);
}

void memory_sink_wait(struct memory_sink *s)
{
    sem_wait(&s->released);
}

void memory_sink_done(struct memory_sink *s)
{
    size_t count = s->count;
    for (size_t i = 0; i < count && i < sizeof(s->objects) / sizeof(s->objects[0]); i++) {
        IWbemClassObject_Release(s->objects[i]);
    }
    if (s->detail) {
        IWbemClassObject_Release(s->detail);
    }
    sem_destroy(&s->released);
}
