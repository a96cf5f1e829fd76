/*
 * The C half of test_headers.cpp: an enumerator whose vtable is a C struct, and a caller of a sink
 * whose vtable the C++ compiler made.
 */
#define COBJMACROS
#include "headers_c_side.h"

static IWbemObjectSink *last_sink;

static HRESULT STDMETHODCALLTYPE query(IEnumWbemClassObject *iface, REFIID iid, void **ret)
{
    if (!IsEqualIID(iid, &IID_IEnumWbemClassObject)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE addref(IEnumWbemClassObject *iface)
{
    (void)iface;
    return 2;
}

static ULONG STDMETHODCALLTYPE release(IEnumWbemClassObject *iface)
{
    (void)iface;
    return 1;
}

static HRESULT STDMETHODCALLTYPE reset(IEnumWbemClassObject *iface)
{
    (void)iface;
    last_sink = NULL;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE next(IEnumWbemClassObject *iface, LONG timeout, ULONG count,
                                      IWbemClassObject **objects, ULONG *returned)
{
    (void)iface;
    (void)objects;
    *returned = count;
    return timeout == WBEM_INFINITE ? WBEM_S_FALSE : WBEM_S_TIMEDOUT;
}

static HRESULT STDMETHODCALLTYPE next_async(IEnumWbemClassObject *iface, ULONG count,
                                            IWbemObjectSink *sink)
{
    (void)iface;
    last_sink = sink;
    IWbemObjectSink_AddRef(sink);
    HRESULT hr = IWbemObjectSink_Indicate(sink, (LONG)count, NULL);
    if (SUCCEEDED(hr)) {
        hr = IWbemObjectSink_SetStatus(sink, WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
    }
    IWbemObjectSink_Release(sink);
    return hr;
}

static HRESULT STDMETHODCALLTYPE clone(IEnumWbemClassObject *iface, IEnumWbemClassObject **ret)
{
    *ret = iface;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE skip(IEnumWbemClassObject *iface, LONG timeout, ULONG count)
{
    (void)iface;
    return timeout == 0 && count == 9 ? WBEM_S_FALSE : WBEM_E_FAILED;
}

static const IEnumWbemClassObjectVtbl vtbl = {
    query, addref, release, reset, next, next_async, clone, skip,
};

IEnumWbemClassObject *c_enumerator(void)
{
    static IEnumWbemClassObject enumerator = {&vtbl};
    return &enumerator;
}

IWbemObjectSink *c_last_sink(void)
{
    return last_sink;
}
