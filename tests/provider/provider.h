// What a provider in C++ has to have and does not use: every operation answers that the provider is
// not capable of it, until a class derived from this does better.
#ifndef WBEM_TESTS_PROVIDER_H
#define WBEM_TESTS_PROVIDER_H

#include <atomic>
#include <wbemidl.h>

extern std::atomic<long> objects_alive;

class ProviderBase : public IWbemServices, public IWbemProviderInit
{
  public:
    ProviderBase() : refs(1), services(NULL)
    {
        objects_alive++;
    }
    virtual ~ProviderBase()
    {
        if (services) {
            services->Release();
        }
        objects_alive--;
    }

    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        *ret = NULL;
        if (riid == IID_IUnknown || riid == IID_IWbemServices) {
            *ret = static_cast<IWbemServices *>(this);
        } else if (riid == IID_IWbemProviderInit) {
            *ret = static_cast<IWbemProviderInit *>(this);
        } else {
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

    STDMETHODIMP Initialize(LPWSTR, LONG, LPWSTR, LPWSTR, IWbemServices *ns, IWbemContext *,
                            IWbemProviderInitSink *sink) override
    {
        services = ns;
        services->AddRef();
        sink->SetStatus(WBEM_S_INITIALIZED, 0);
        return WBEM_S_NO_ERROR;
    }

    // clang-format off
    STDMETHODIMP OpenNamespace(const BSTR, LONG, IWbemContext *, IWbemServices **, IWbemCallResult **) override { return no(); }
    STDMETHODIMP CancelAsyncCall(IWbemObjectSink *) override { return no(); }
    STDMETHODIMP QueryObjectSink(LONG, IWbemObjectSink **) override { return no(); }
    STDMETHODIMP GetObject(const BSTR, LONG, IWbemContext *, IWbemClassObject **, IWbemCallResult **) override { return no(); }
    STDMETHODIMP GetObjectAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP PutClass(IWbemClassObject *, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP PutClassAsync(IWbemClassObject *, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP DeleteClass(const BSTR, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP DeleteClassAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP CreateClassEnum(const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP CreateClassEnumAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP PutInstance(IWbemClassObject *, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP PutInstanceAsync(IWbemClassObject *, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP DeleteInstance(const BSTR, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP DeleteInstanceAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP CreateInstanceEnum(const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP CreateInstanceEnumAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP ExecQuery(const BSTR, const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP ExecQueryAsync(const BSTR, const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP ExecNotificationQuery(const BSTR, const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP ExecNotificationQueryAsync(const BSTR, const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP ExecMethod(const BSTR, const BSTR, LONG, IWbemContext *, IWbemClassObject *, IWbemClassObject **, IWbemCallResult **) override { return no(); }
    STDMETHODIMP ExecMethodAsync(const BSTR, const BSTR, LONG, IWbemContext *, IWbemClassObject *, IWbemObjectSink *) override { return no(); }
    // clang-format on

  protected:
    static HRESULT no()
    {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }

    std::atomic<LONG> refs;
    IWbemServices *services;
};

#endif
