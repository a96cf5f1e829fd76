/*
 * IUnsecuredApartment and IWbemUnsecuredApartment (wbemcli/
 * nn-wbemcli-iwbemunsecuredapartment): stubs for sinks. On Windows they let a
 * client without rights of its own be called back from another process. Here
 * sinks are called by this library alone, within the process that passed them,
 * so a stub hands on what it gets; what it is for is to be let go of when the
 * caller is done, while the sink lives on.
 */
#include <stdlib.h>

#include "services/services_private.h"

struct sink_stub {
    IWbemObjectSink iface;
    atomic_ulong refs;
    IWbemObjectSink *sink; /* a reference */
};

static struct sink_stub *stub_of(IWbemObjectSink *iface)
{
    return COM_CONTAINER(iface, struct sink_stub, iface);
}

/* What else the sink can do (IClientSecurity, IWbemObjectSinkEx), it is asked for itself. */
static HRESULT STDMETHODCALLTYPE stub_query_interface(IWbemObjectSink *iface, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        return E_NOINTERFACE;
    }
    IWbemObjectSink_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE stub_add_ref(IWbemObjectSink *iface)
{
    return (ULONG)atomic_fetch_add_explicit(&stub_of(iface)->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE stub_release(IWbemObjectSink *iface)
{
    struct sink_stub *s = stub_of(iface);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        IWbemObjectSink_Release(s->sink);
        free(s);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE stub_indicate(IWbemObjectSink *iface, LONG count,
                                               IWbemClassObject **objects)
{
    return IWbemObjectSink_Indicate(stub_of(iface)->sink, count, objects);
}

static HRESULT STDMETHODCALLTYPE stub_set_status(IWbemObjectSink *iface, LONG flags, HRESULT status,
                                                 BSTR text, IWbemClassObject *object)
{
    return IWbemObjectSink_SetStatus(stub_of(iface)->sink, flags, status, text, object);
}

static const IWbemObjectSinkVtbl stub_vtbl = {stub_query_interface, stub_add_ref, stub_release,
                                              stub_indicate, stub_set_status};

/* ---- the apartment ---------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE apartment_query_interface(IWbemUnsecuredApartment *iface,
                                                           REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IUnsecuredApartment) &&
        !IsEqualIID(riid, &IID_IWbemUnsecuredApartment)) {
        return E_NOINTERFACE;
    }
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE apartment_add_ref(IWbemUnsecuredApartment *iface)
{
    (void)iface;
    return 2;
}

static ULONG STDMETHODCALLTYPE apartment_release(IWbemUnsecuredApartment *iface)
{
    (void)iface;
    return 1;
}

/* Takes the reference to the sink. */
static HRESULT make_stub(IWbemObjectSink *sink, IWbemObjectSink **ret)
{
    struct sink_stub *s = calloc(1, sizeof(*s));
    if (!s) {
        IWbemObjectSink_Release(sink);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->iface.lpVtbl = &stub_vtbl;
    atomic_init(&s->refs, 1);
    s->sink = sink;
    *ret = &s->iface;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE apartment_object_stub(IWbemUnsecuredApartment *iface,
                                                       IUnknown *object, IUnknown **ret)
{
    IWbemObjectSink *sink, *stub;
    (void)iface;
    if (!object || !ret) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "CreateObjectStub",
                           object ? "ppStub" : "pObject", "the parameter must not be NULL");
    }
    *ret = NULL;
    HRESULT hr = IUnknown_QueryInterface(object, &IID_IWbemObjectSink, (void **)&sink);
    if (FAILED(hr)) {
        return error_raise(hr, "CreateObjectStub", "pObject", "the object is no IWbemObjectSink");
    }
    hr = make_stub(sink, &stub);
    if (SUCCEEDED(hr)) {
        *ret = (IUnknown *)stub;
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE apartment_sink_stub(IWbemUnsecuredApartment *iface,
                                                     IWbemObjectSink *sink, DWORD flags,
                                                     LPCWSTR reserved, IWbemObjectSink **ret)
{
    (void)iface;
    if (!sink || !ret) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "CreateSinkStub", sink ? "ppStub" : "pSink",
                           "the parameter must not be NULL");
    }
    *ret = NULL;
    if (flags > WBEM_FLAG_UNSECAPP_DONT_CHECK_ACCESS || reserved) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "CreateSinkStub",
                           reserved ? "wszReserved" : "dwFlags", "the parameter is not valid");
    }
    IWbemObjectSink_AddRef(sink);
    return make_stub(sink, ret);
}

static const IWbemUnsecuredApartmentVtbl apartment_vtbl = {
    apartment_query_interface, apartment_add_ref, apartment_release, apartment_object_stub,
    apartment_sink_stub};

HRESULT unsecured_apartment_create(IUnknown *outer, REFIID riid, void **ret)
{
    static IWbemUnsecuredApartment apartment = {&apartment_vtbl};
    *ret = NULL;
    return outer ? CLASS_E_NOAGGREGATION : apartment_query_interface(&apartment, riid, ret);
}
