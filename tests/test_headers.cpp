/*
 * The public headers as a C++ program sees them: interfaces are abstract classes whose vtables are
 * those of C, and __uuidof names their identifiers. Plain C++, as a client would write it.
 */
#include "headers_c_side.h"

#include <wmiutils.h>

#include <cstdio>
#include <type_traits>

static int failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                   \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

/* A virtual destructor would stand in the vtable, where Windows and C have nothing. */
template <class I, class Base = IUnknown> struct is_interface {
    static const bool value = std::is_abstract<I>::value && std::is_base_of<Base, I>::value &&
                              !std::has_virtual_destructor<I>::value && sizeof(I) == sizeof(void *);
};

static_assert(is_interface<IWbemClassObject>::value, "");
static_assert(is_interface<IWbemObjectAccess, IWbemClassObject>::value, "");
static_assert(is_interface<IWbemServices>::value, "");
static_assert(is_interface<IWbemLocator>::value, "");
static_assert(is_interface<IWbemObjectSink>::value, "");
static_assert(is_interface<IWbemObjectSinkEx, IWbemObjectSink>::value, "");
static_assert(is_interface<IEnumWbemClassObject>::value, "");
static_assert(is_interface<IWbemUnsecuredApartment, IUnsecuredApartment>::value, "");
static_assert(is_interface<IWbemBackupRestoreEx, IWbemBackupRestore>::value, "");
static_assert(is_interface<IWbemDecoupledBasicEventProvider, IWbemDecoupledRegistrar>::value, "");
static_assert(is_interface<IWbemEventSink, IWbemObjectSink>::value, "");
static_assert(is_interface<IWbemLevel1Login>::value, "");
static_assert(is_interface<IWbemPath>::value, "");

/* Values keep their sign and width when they meet an HRESULT. */
static_assert(static_cast<HRESULT>(WBEM_E_INVALID_QUERY) == static_cast<HRESULT>(0x80041017), "");
static_assert(FAILED(WBEM_E_FAILED) && SUCCEEDED(WBEM_S_TIMEDOUT), "");
static_assert(WBEM_INFINITE == -1, "");
static_assert((CIM_FLAG_ARRAY | CIM_STRING) == 0x2008, "");

/* A sink as Microsoft's samples write it. */
class QuerySink : public IWbemObjectSink
{
    LONG references;

  public:
    LONG objects;
    HRESULT status;
    LONG kind;
    bool done;

    QuerySink() : references(1), objects(0), status(WBEM_E_FAILED), kind(-1), done(false)
    {
    }

    ULONG references_left() const
    {
        return static_cast<ULONG>(references);
    }

    virtual ULONG STDMETHODCALLTYPE AddRef()
    {
        return static_cast<ULONG>(++references);
    }

    virtual ULONG STDMETHODCALLTYPE Release()
    {
        return static_cast<ULONG>(--references);
    }

    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppv)
    {
        if (riid == IID_IWbemObjectSink) {
            *ppv = static_cast<IWbemObjectSink *>(this);
            AddRef();
            return WBEM_S_NO_ERROR;
        }
        *ppv = nullptr;
        return E_NOINTERFACE;
    }

    virtual HRESULT STDMETHODCALLTYPE Indicate(LONG lObjectCount,
                                               IWbemClassObject __RPC_FAR *__RPC_FAR *apObjArray)
    {
        (void)apObjArray;
        objects += lObjectCount;
        return WBEM_S_NO_ERROR;
    }

    virtual HRESULT STDMETHODCALLTYPE SetStatus(LONG lFlags, HRESULT hResult, BSTR strParam,
                                                IWbemClassObject __RPC_FAR *pObjParam)
    {
        (void)strParam;
        (void)pObjParam;
        kind = lFlags;
        status = hResult;
        done = true;
        return WBEM_S_NO_ERROR;
    }
};

/* Clause N1: from C++, and across the border of the languages in both directions. */
static void n1_vtables_are_those_of_c()
{
    IEnumWbemClassObject *e = c_enumerator();
    QuerySink sink;
    CHECK(e->NextAsync(3, &sink) == WBEM_S_NO_ERROR);
    CHECK(c_last_sink() == &sink);
    CHECK(sink.objects == 3);
    CHECK(sink.done);
    CHECK(sink.kind == WBEM_STATUS_COMPLETE);
    CHECK(sink.status == WBEM_S_NO_ERROR);
    CHECK(sink.references_left() == 1);

    IWbemClassObject *object = nullptr;
    ULONG returned = 0;
    CHECK(e->Next(WBEM_INFINITE, 1, &object, &returned) == WBEM_S_FALSE);
    CHECK(returned == 1);
    CHECK(e->Next(10, 2, &object, &returned) == WBEM_S_TIMEDOUT);
    CHECK(returned == 2);
    CHECK(e->Skip(WBEM_NO_WAIT, 9) == WBEM_S_FALSE);

    IEnumWbemClassObject *other = nullptr;
    CHECK(e->Clone(&other) == WBEM_S_NO_ERROR);
    CHECK(other == e);
    CHECK(e->Reset() == WBEM_S_NO_ERROR);
    CHECK(c_last_sink() == nullptr);
    CHECK(e->AddRef() == 2);
    CHECK(e->Release() == 1);

    void *out = e;
    CHECK(e->QueryInterface(IID_IWbemServices, &out) == E_NOINTERFACE);
    CHECK(out == nullptr);
    CHECK(e->QueryInterface(IID_IEnumWbemClassObject, reinterpret_cast<LPVOID *>(&other)) == S_OK);
}

static void uuidof_names_the_identifiers()
{
#define SAME(interface_) CHECK(__uuidof(interface_) == IID_##interface_)
#define SAME_CLASS(name) CHECK(__uuidof(name) == CLSID_##name)
    SAME(IWbemClassObject);
    SAME(IWbemObjectAccess);
    SAME(IWbemQualifierSet);
    SAME(IWbemServices);
    SAME(IWbemLocator);
    SAME(IWbemObjectSink);
    SAME(IEnumWbemClassObject);
    SAME(IWbemCallResult);
    SAME(IWbemContext);
    SAME(IUnsecuredApartment);
    SAME(IWbemUnsecuredApartment);
    SAME(IWbemStatusCodeText);
    SAME(IWbemBackupRestore);
    SAME(IWbemBackupRestoreEx);
    SAME(IWbemRefresher);
    SAME(IWbemHiPerfEnum);
    SAME(IWbemConfigureRefresher);
    SAME_CLASS(WbemLocator);
    SAME_CLASS(WbemContext);
    SAME_CLASS(UnsecuredApartment);
    SAME_CLASS(WbemClassObject);
    SAME_CLASS(MofCompiler);
    SAME_CLASS(WbemStatusCodeText);
    SAME_CLASS(WbemBackupRestore);
    SAME_CLASS(WbemRefresher);
    SAME_CLASS(WbemObjectTextSrc);
    SAME(IWbemObjectSinkEx);
    SAME(IWbemShutdown);
    SAME(IWbemObjectTextSrc);
    SAME(IMofCompiler);
    SAME(IWbemPropertyProvider);
    SAME(IWbemUnboundObjectSink);
    SAME(IWbemEventProvider);
    SAME(IWbemEventProviderQuerySink);
    SAME(IWbemEventProviderSecurity);
    SAME(IWbemEventConsumerProvider);
    SAME(IWbemProviderInitSink);
    SAME(IWbemProviderInit);
    SAME(IWbemHiPerfProvider);
    SAME(IWbemDecoupledRegistrar);
    SAME_CLASS(WbemAdministrativeLocator);
    SAME_CLASS(WbemAuthenticatedLocator);
    SAME_CLASS(WbemUnauthenticatedLocator);
    SAME_CLASS(WbemDecoupledRegistrar);
    SAME_CLASS(WbemDecoupledBasicEventProvider);
    SAME(IWbemProviderIdentity);
    SAME(IWbemDecoupledBasicEventProvider);
    SAME(IWbemEventSink);
    SAME(IWbemTransport);
    SAME(IWbemLevel1Login);
    SAME(IWbemConnectorLogin);
    SAME(IWbemAddressResolution);
    SAME_CLASS(WbemLevel1Login);
    SAME_CLASS(WbemLocalAddrRes);
    SAME_CLASS(WbemUninitializedClassObject);
    SAME(IWbemClientTransport);
    SAME(IWbemClientConnectionTransport);
    SAME_CLASS(WbemDCOMTransport);
    SAME(IWbemConstructClassObject);
    SAME_CLASS(WbemDefPath);
    SAME_CLASS(WbemQuery);
    SAME(IWbemPathKeyList);
    SAME(IWbemPath);
    SAME(IWbemQuery);
    IWbemServices *services = nullptr;
    CHECK(__uuidof(services) == IID_IWbemServices);
}

int main()
{
    n1_vtables_are_those_of_c();
    uuidof_names_the_identifiers();
    if (failures == 0) {
        std::puts("ok");
    }
    return failures == 0 ? 0 : 1;
}
