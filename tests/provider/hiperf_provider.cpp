// A high-performance provider, in the way of [WmiSdk] "Making an Instance Provider into a
// High-Performance Provider": three instances of Test_Fast, whose N counts the refreshes. Of
// Test_Slow it refreshes nothing.
#include <atomic>
#include <cwchar>
#include <map>
#include <string>
#include <wbemidl.h>

namespace
{

const CLSID clsid_provider = {
    0x6f0c6a10, 0x1f0b, 0x4f6e, {0x9d, 0x53, 0x2a, 0x8f, 0x10, 0x6e, 0x55, 0x01}};
// How the provider asks a refresher whether it is its own.
const IID iid_own = {0x6f0c6a11, 0x1f0b, 0x4f6e, {0x9d, 0x53, 0x2a, 0x8f, 0x10, 0x6e, 0x55, 0x02}};

std::atomic<long> alive;

void put(IWbemClassObject *object, const wchar_t *name, LONG value)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = value;
    object->Put(name, 0, &v, 0);
}

std::wstring key_of(IWbemObjectAccess *object)
{
    VARIANT v;
    VariantInit(&v);
    object->Get(L"Id", 0, &v, NULL, NULL);
    std::wstring key = V_VT(&v) == VT_BSTR ? V_BSTR(&v) : L"";
    VariantClear(&v);
    return key;
}

IWbemClassObject *make(IWbemServices *services, LONG i)
{
    IWbemClassObject *cls = NULL, *object = NULL;
    BSTR name = SysAllocString(L"Test_Fast");
    services->GetObject(name, 0, NULL, &cls, NULL);
    SysFreeString(name);
    if (cls) {
        cls->SpawnInstance(0, &object);
        cls->Release();
    }
    if (object) {
        VARIANT v;
        V_VT(&v) = VT_BSTR;
        V_BSTR(&v) = SysAllocString(std::to_wstring(i).c_str());
        object->Put(L"Id", 0, &v, 0);
        VariantClear(&v);
        put(object, L"N", 0);
    }
    return object;
}

class Refresher : public IWbemRefresher
{
  public:
    explicit Refresher(IWbemServices *ns) : refs(1), services(ns), last(0), turn(0)
    {
        services->AddRef();
        alive++;
    }
    virtual ~Refresher()
    {
        for (auto &one : objects) {
            one.second->Release();
        }
        for (auto &one : enums) {
            one.second->Release();
        }
        services->Release();
        alive--;
    }

    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        bool known = riid == IID_IUnknown || riid == IID_IWbemRefresher || riid == iid_own;
        *ret = known ? this : NULL;
        if (known) {
            AddRef();
        }
        return known ? S_OK : E_NOINTERFACE;
    }
    STDMETHODIMP_(ULONG) AddRef() override
    {
        return (ULONG)++refs;
    }
    STDMETHODIMP_(ULONG) Release() override
    {
        long left = --refs;
        if (left == 0) {
            delete this;
        }
        return (ULONG)left;
    }

    STDMETHODIMP Refresh(LONG) override
    {
        turn++;
        for (auto &one : objects) {
            put(one.second, L"N", turn);
        }
        for (auto &one : enums) { // empty it and fill it again; in every third turn with two
            one.second->RemoveAll(0);
            for (LONG i = 0; i < (turn % 3 ? 3 : 2); i++) {
                IWbemClassObject *object = make(services, i);
                IWbemObjectAccess *access = NULL;
                put(object, L"N", turn);
                object->QueryInterface(IID_IWbemObjectAccess, (void **)&access);
                one.second->AddObjects(0, 1, &i, &access);
                access->Release();
                object->Release();
            }
        }
        return WBEM_S_NO_ERROR;
    }

    LONG add(IWbemObjectAccess *object)
    {
        object->AddRef();
        objects[++last] = object;
        return last;
    }
    LONG add(IWbemHiPerfEnum *list)
    {
        list->AddRef();
        enums[++last] = list;
        return last;
    }
    void stop(LONG id)
    {
        if (objects.count(id)) {
            objects[id]->Release();
            objects.erase(id);
        } else if (enums.count(id)) {
            enums[id]->Release();
            enums.erase(id);
        }
    }

  private:
    std::atomic<long> refs;
    IWbemServices *services;
    LONG last, turn;
    std::map<LONG, IWbemObjectAccess *> objects;
    std::map<LONG, IWbemHiPerfEnum *> enums;
};

class Provider : public IWbemHiPerfProvider, public IWbemProviderInit
{
  public:
    Provider() : refs(1)
    {
        alive++;
    }
    virtual ~Provider()
    {
        alive--;
    }

    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        *ret = NULL;
        if (riid == IID_IUnknown || riid == IID_IWbemHiPerfProvider) {
            *ret = static_cast<IWbemHiPerfProvider *>(this);
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
        long left = --refs;
        if (left == 0) {
            delete this;
        }
        return (ULONG)left;
    }

    STDMETHODIMP Initialize(LPWSTR, LONG, LPWSTR, LPWSTR, IWbemServices *, IWbemContext *,
                            IWbemProviderInitSink *sink) override
    {
        sink->SetStatus(WBEM_S_INITIALIZED, 0);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP QueryInstances(IWbemServices *ns, WCHAR *name, LONG, IWbemContext *,
                                IWbemObjectSink *sink) override
    {
        for (LONG i = 0; i < 3 && std::wcscmp(name, L"Test_Fast") == 0; i++) {
            IWbemClassObject *object = make(ns, i);
            sink->Indicate(1, &object);
            object->Release();
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }
    STDMETHODIMP CreateRefresher(IWbemServices *ns, LONG, IWbemRefresher **ret) override
    {
        *ret = new Refresher(ns);
        return WBEM_S_NO_ERROR;
    }
    STDMETHODIMP CreateRefreshableObject(IWbemServices *, IWbemObjectAccess *keys,
                                         IWbemRefresher *refresher, LONG, IWbemContext *,
                                         IWbemObjectAccess **ret, LONG *id) override
    {
        std::wstring key = key_of(keys);
        Refresher *own = mine(refresher);
        if (!own) {
            return WBEM_E_INVALID_PARAMETER;
        }
        HRESULT hr = WBEM_E_NOT_FOUND;
        if (key == L"0" || key == L"1" || key == L"2") {
            IWbemClassObject *copy = NULL;
            keys->Clone(&copy);
            copy->QueryInterface(IID_IWbemObjectAccess, (void **)ret);
            copy->Release();
            *id = own->add(*ret);
            hr = WBEM_S_NO_ERROR;
        }
        own->Release();
        return hr;
    }
    STDMETHODIMP StopRefreshing(IWbemRefresher *refresher, LONG id, LONG) override
    {
        Refresher *own = mine(refresher);
        if (own) {
            own->stop(id);
            own->Release();
        }
        return own ? WBEM_S_NO_ERROR : WBEM_E_INVALID_PARAMETER;
    }
    STDMETHODIMP CreateRefreshableEnum(IWbemServices *, LPCWSTR name, IWbemRefresher *refresher,
                                       LONG, IWbemContext *, IWbemHiPerfEnum *list,
                                       LONG *id) override
    {
        if (std::wcscmp(name, L"Test_Fast") != 0) {
            return WBEM_E_PROVIDER_NOT_CAPABLE;
        }
        Refresher *own = mine(refresher);
        if (own) {
            *id = own->add(list);
            own->Release();
        }
        return own ? WBEM_S_NO_ERROR : WBEM_E_INVALID_PARAMETER;
    }
    STDMETHODIMP GetObjects(IWbemServices *, LONG, IWbemObjectAccess **, LONG,
                            IWbemContext *) override
    {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }

  private:
    static Refresher *mine(IWbemRefresher *refresher)
    {
        void *own = NULL;
        refresher->QueryInterface(iid_own, &own);
        return static_cast<Refresher *>(own);
    }
    std::atomic<long> refs;
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
