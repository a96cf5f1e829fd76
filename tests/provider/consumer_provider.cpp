// An event consumer provider, in the way of [WmiSdk] "Writing an Event Consumer Provider": events
// for an instance of Test_Consumer become lines of the file that it names, by a sink for each
// consumer. It needs no IWbemProviderInit.
#include <atomic>
#include <csignal>
#include <fstream>
#include <string>
#include <wbemidl.h>

namespace
{

const CLSID clsid_provider = {
    0x6f0c6a10, 0x1f0b, 0x4f6e, {0x9d, 0x53, 0x2a, 0x8f, 0x10, 0x6e, 0x55, 0x01}};

std::atomic<long> alive;

// Of ASCII characters, as the test has them.
std::string get(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    VariantInit(&v);
    object->Get(name, 0, &v, NULL, NULL);
    std::wstring value = V_VT(&v) == VT_BSTR ? V_BSTR(&v) : L"";
    VariantClear(&v);
    return std::string(value.begin(), value.end());
}

template <class Interface> class Object : public Interface
{
  public:
    Object() : refs(1)
    {
        alive++;
    }
    virtual ~Object()
    {
        alive--;
    }
    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        *ret = riid == IID_IUnknown || riid == __uuidof(Interface) ? this : NULL;
        if (!*ret) {
            return E_NOINTERFACE;
        }
        AddRef();
        return S_OK;
    }
    STDMETHODIMP_(ULONG) AddRef() override
    {
        return (ULONG)++refs;
    }
    STDMETHODIMP_(ULONG) Release() override
    {
        LONG left = --refs;
        if (left == 0) {
            delete this;
        }
        return (ULONG)left;
    }

  private:
    std::atomic<LONG> refs;
};

class Sink : public Object<IWbemUnboundObjectSink>
{
  public:
    explicit Sink(const std::string &file) : file(file)
    {
        std::ofstream(file, std::ios::app) << "found\n";
    }
    STDMETHODIMP IndicateToConsumer(IWbemClassObject *consumer, LONG count,
                                    IWbemClassObject **events) override
    {
        for (LONG i = 0; i < count; i++) {
            std::string what = get(events[i], L"What");
            if (what == "refuse") {
                return WBEM_E_ACCESS_DENIED;
            }
            if (what == "crash") {
                (void)std::raise(SIGKILL);
            }
            std::ofstream(file, std::ios::app) << get(consumer, L"Prefix") << what << "\n";
        }
        return WBEM_S_NO_ERROR;
    }

  private:
    std::string file;
};

class Provider : public Object<IWbemEventConsumerProvider>
{
  public:
    STDMETHODIMP FindConsumer(IWbemClassObject *consumer, IWbemUnboundObjectSink **ret) override
    {
        std::string file = get(consumer, L"File");
        *ret = file.empty() ? NULL : new Sink(file);
        return *ret ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
    }
};

class Factory : public IClassFactory
{
  public:
    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        bool known = riid == IID_IUnknown || riid == IID_IClassFactory;
        *ret = known ? this : NULL;
        return known ? S_OK : E_NOINTERFACE;
    }
    STDMETHODIMP_(ULONG) AddRef() override
    {
        return 2;
    }
    STDMETHODIMP_(ULONG) Release() override
    {
        return 1;
    }
    STDMETHODIMP CreateInstance(IUnknown *outer, REFIID riid, void **ret) override
    {
        *ret = NULL;
        if (outer) {
            return CLASS_E_NOAGGREGATION;
        }
        Provider *provider = new Provider;
        HRESULT hr = provider->QueryInterface(riid, ret);
        provider->Release();
        return hr;
    }
    STDMETHODIMP LockServer(BOOL) override
    {
        return S_OK;
    }
};

Factory factory;

} // namespace

STDAPI DllGetClassObject(REFCLSID clsid, REFIID riid, LPVOID *ret)
{
    *ret = NULL;
    return clsid == clsid_provider ? factory.QueryInterface(riid, ret) : CLASS_E_CLASSNOTAVAILABLE;
}

STDAPI DllCanUnloadNow(void)
{
    return alive == 0 ? S_OK : S_FALSE;
}
