// A program that offers itself as a provider of instances and of events. usage: decoupled-provider
// NAMESPACE. Writes "r" when it is ready; for each "e" that it reads it sends an event and writes
// "e"; it ends with its input.
#include "provider.h"

#include <cstdio>
#include <string>
#include <unistd.h>

std::atomic<long> objects_alive;

namespace
{

void put(IWbemClassObject *object, const wchar_t *name, LONG value)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = value;
    object->Put(name, 0, &v, 0);
}

HRESULT spawn(IWbemServices *services, const wchar_t *name, IWbemClassObject **ret)
{
    IWbemClassObject *cls = NULL;
    BSTR text = SysAllocString(name);
    HRESULT hr = services->GetObject(text, 0, NULL, &cls, NULL);
    SysFreeString(text);
    if (SUCCEEDED(hr)) {
        hr = cls->SpawnInstance(0, ret);
        cls->Release();
    }
    return hr;
}

// Refuses queries that ask for its refusal, and counts those that are active in a static the
// instances show.
std::atomic<LONG> queries_active;

class Things : public ProviderBase,
               public IWbemEventProvider,
               public IWbemEventProviderQuerySink,
               public IWbemEventProviderSecurity
{
  public:
    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        if (riid == IID_IWbemEventProvider) {
            *ret = static_cast<IWbemEventProvider *>(this);
        } else if (riid == IID_IWbemEventProviderQuerySink) {
            *ret = static_cast<IWbemEventProviderQuerySink *>(this);
        } else if (riid == IID_IWbemEventProviderSecurity) {
            *ret = static_cast<IWbemEventProviderSecurity *>(this);
        } else {
            return ProviderBase::QueryInterface(riid, ret);
        }
        AddRef();
        return S_OK;
    }
    STDMETHODIMP_(ULONG) AddRef() override
    {
        return ProviderBase::AddRef();
    }
    STDMETHODIMP_(ULONG) Release() override
    {
        return ProviderBase::Release();
    }
    STDMETHODIMP ProvideEvents(IWbemObjectSink *, LONG) override
    {
        return WBEM_S_NO_ERROR; // it has none to give
    }
    STDMETHODIMP NewQuery(ULONG, WBEM_WSTR, WBEM_WSTR) override
    {
        queries_active++;
        return WBEM_S_NO_ERROR;
    }
    STDMETHODIMP CancelQuery(ULONG) override
    {
        queries_active--;
        return WBEM_S_NO_ERROR;
    }
    STDMETHODIMP AccessCheck(WBEM_CWSTR, WBEM_CWSTR query, LONG, const BYTE *) override
    {
        bool refused = std::wstring(query).find(L"Refused") != std::wstring::npos;
        return refused ? WBEM_E_ACCESS_DENIED : WBEM_S_NO_ERROR;
    }

    STDMETHODIMP CreateInstanceEnumAsync(const BSTR, LONG, IWbemContext *,
                                         IWbemObjectSink *sink) override
    {
        HRESULT hr = WBEM_S_NO_ERROR;
        for (LONG i = 0; i < 1000 && SUCCEEDED(hr); i++) {
            IWbemClassObject *object = NULL;
            hr = spawn(services, L"Test_Offered", &object);
            if (SUCCEEDED(hr)) {
                put(object, L"Number", i);
                put(object, L"Process", (LONG)getpid());
                put(object, L"Queries", queries_active);
                hr = sink->Indicate(1, &object);
                object->Release();
            }
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }
};

HRESULT send_event(IWbemDecoupledBasicEventProvider *provider)
{
    IWbemServices *services = NULL;
    IWbemObjectSink *sink = NULL;
    IWbemClassObject *event = NULL;
    HRESULT hr = provider->GetService(0, NULL, &services);
    if (SUCCEEDED(hr)) {
        hr = spawn(services, L"Test_OfferedEvent", &event);
        services->Release();
    }
    if (SUCCEEDED(hr)) {
        put(event, L"Process", (LONG)getpid());
        hr = provider->GetSink(0, NULL, &sink);
    }
    if (SUCCEEDED(hr)) {
        hr = sink->Indicate(1, &event);
        sink->Release();
    }
    if (event) {
        event->Release();
    }
    return hr;
}

int run(const wchar_t *scope)
{
    IWbemDecoupledRegistrar *registrar = NULL;
    IWbemDecoupledBasicEventProvider *events = NULL;
    HRESULT hr = CoCreateInstance(CLSID_WbemDecoupledRegistrar, NULL, CLSCTX_INPROC_SERVER,
                                  IID_IWbemDecoupledRegistrar, (void **)&registrar);
    if (SUCCEEDED(hr)) {
        hr = CoCreateInstance(CLSID_WbemDecoupledBasicEventProvider, NULL, CLSCTX_INPROC_SERVER,
                              IID_IWbemDecoupledBasicEventProvider, (void **)&events);
    }
    Things *things = new Things;
    if (SUCCEEDED(hr)) {
        hr = registrar->Register(0, NULL, NULL, NULL, scope, L"OfferedThings",
                                 static_cast<IWbemServices *>(things));
    }
    if (SUCCEEDED(hr)) {
        hr = events->Register(0, NULL, NULL, NULL, scope, L"OfferedEvents", NULL);
    }
    things->Release();
    if (FAILED(hr)) {
        fprintf(stderr, "0x%08x\n", (unsigned)hr);
        return 1;
    }
    for (char c = 'r'; write(1, &c, 1) == 1 && read(0, &c, 1) == 1;) {
        c = SUCCEEDED(send_event(events)) ? 'e' : '!';
    }
    events->UnRegister();
    registrar->UnRegister();
    events->Release();
    registrar->Release();
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 2 || FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED))) {
        return 2;
    }
    std::string narrow = argv[1];
    int result = run(std::wstring(narrow.begin(), narrow.end()).c_str());
    CoUninitialize();
    return result;
}
