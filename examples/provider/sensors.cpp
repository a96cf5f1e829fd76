// A provider of instances, a method and events: three sensors, whose temperature the method Heat
// changes and whose limits can be put. docs/providers.md walks through it; sensors.mof registers
// it. Nothing here is particular to Linux.
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <wbemidl.h>

namespace
{

const CLSID clsid_sensors = {
    0x0d9a6f52, 0x5e0b, 0x4c7b, {0x8b, 0x1c, 0x2f, 0x6d, 0x9e, 0x3a, 0x7c, 0x11}};

std::atomic<long> objects_alive;

struct Sensor {
    LONG temperature;
    LONG limit;
};

void put(IWbemClassObject *object, const wchar_t *name, LONG value)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = value;
    object->Put(name, 0, &v, 0);
}

void put(IWbemClassObject *object, const wchar_t *name, const std::wstring &value)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(value.c_str());
    object->Put(name, 0, &v, 0);
    VariantClear(&v);
}

bool get(IWbemClassObject *object, const wchar_t *name, LONG *ret)
{
    VARIANT v;
    VariantInit(&v);
    bool is = SUCCEEDED(object->Get(name, 0, &v, NULL, NULL)) && V_VT(&v) == VT_I4;
    *ret = is ? V_I4(&v) : 0;
    VariantClear(&v);
    return is;
}

// The key in a path such as Example_Sensor.Name="cellar"; empty when there is none.
std::wstring name_of(const std::wstring &path)
{
    size_t first = path.find(L'"');
    size_t last = path.rfind(L'"');
    return first == last ? L"" : path.substr(first + 1, last - first - 1);
}

// WMI calls from several threads at once, so what they share is under `lock`; no call out of the
// provider is made under it.
class Sensors : public IWbemServices, public IWbemProviderInit, public IWbemEventProvider
{
  public:
    Sensors()
    {
        objects_alive++;
        all[L"cellar"] = {12, 30};
        all[L"kitchen"] = {21, 30};
        all[L"roof"] = {25, 40};
    }
    virtual ~Sensors()
    {
        if (events) {
            events->Release();
        }
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
        } else if (riid == IID_IWbemEventProvider) {
            *ret = static_cast<IWbemEventProvider *>(this);
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

    // Once, before anything else.
    STDMETHODIMP Initialize(LPWSTR, LONG, LPWSTR, LPWSTR, IWbemServices *ns, IWbemContext *,
                            IWbemProviderInitSink *sink) override
    {
        services = ns;
        services->AddRef();
        sink->SetStatus(WBEM_S_INITIALIZED, 0);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP CreateInstanceEnumAsync(const BSTR, LONG, IWbemContext *,
                                         IWbemObjectSink *sink) override
    {
        HRESULT hr = WBEM_S_NO_ERROR;
        for (const auto &entry : copy()) {
            hr = SUCCEEDED(hr) ? give(entry.first, entry.second, sink) : hr;
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP GetObjectAsync(const BSTR path, LONG, IWbemContext *,
                                IWbemObjectSink *sink) override
    {
        std::map<std::wstring, Sensor> now = copy();
        auto found = now.find(name_of(path));
        HRESULT hr =
            found == now.end() ? WBEM_E_NOT_FOUND : give(found->first, found->second, sink);
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    // Sensors are there or not: only the limit of one that is there can be put.
    STDMETHODIMP PutInstanceAsync(IWbemClassObject *object, LONG, IWbemContext *,
                                  IWbemObjectSink *sink) override
    {
        VARIANT v;
        LONG limit;
        VariantInit(&v);
        HRESULT hr = object->Get(L"Name", 0, &v, NULL, NULL);
        std::wstring name = SUCCEEDED(hr) && V_VT(&v) == VT_BSTR ? V_BSTR(&v) : L"";
        VariantClear(&v);
        {
            std::lock_guard<std::mutex> guard(lock);
            auto found = all.find(name);
            if (found == all.end()) {
                hr = WBEM_E_NOT_FOUND;
            } else if (get(object, L"Limit", &limit)) {
                found->second.limit = limit;
            }
        }
        BSTR path = SysAllocString((L"Example_Sensor.Name=\"" + name + L"\"").c_str());
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, path, NULL);
        SysFreeString(path);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP ExecMethodAsync(const BSTR path, const BSTR method, LONG, IWbemContext *,
                                 IWbemClassObject *in, IWbemObjectSink *sink) override
    {
        HRESULT hr = WBEM_E_METHOD_NOT_IMPLEMENTED;
        if (std::wstring(method) == L"Heat") {
            hr = heat(name_of(path), in, sink);
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    // From now on alarms go to this sink, until WMI lets the provider go.
    STDMETHODIMP ProvideEvents(IWbemObjectSink *sink, LONG) override
    {
        sink->AddRef();
        std::lock_guard<std::mutex> guard(lock);
        events = sink;
        return WBEM_S_NO_ERROR;
    }

    // What it is not registered for.
    // clang-format off
    STDMETHODIMP OpenNamespace(const BSTR, LONG, IWbemContext *, IWbemServices **, IWbemCallResult **) override { return no(); }
    STDMETHODIMP CancelAsyncCall(IWbemObjectSink *) override { return no(); }
    STDMETHODIMP QueryObjectSink(LONG, IWbemObjectSink **) override { return no(); }
    STDMETHODIMP GetObject(const BSTR, LONG, IWbemContext *, IWbemClassObject **, IWbemCallResult **) override { return no(); }
    STDMETHODIMP PutClass(IWbemClassObject *, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP PutClassAsync(IWbemClassObject *, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP DeleteClass(const BSTR, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP DeleteClassAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP CreateClassEnum(const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP CreateClassEnumAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP PutInstance(IWbemClassObject *, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP DeleteInstance(const BSTR, LONG, IWbemContext *, IWbemCallResult **) override { return no(); }
    STDMETHODIMP DeleteInstanceAsync(const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP CreateInstanceEnum(const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP ExecQuery(const BSTR, const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP ExecQueryAsync(const BSTR, const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP ExecNotificationQuery(const BSTR, const BSTR, LONG, IWbemContext *, IEnumWbemClassObject **) override { return no(); }
    STDMETHODIMP ExecNotificationQueryAsync(const BSTR, const BSTR, LONG, IWbemContext *, IWbemObjectSink *) override { return no(); }
    STDMETHODIMP ExecMethod(const BSTR, const BSTR, LONG, IWbemContext *, IWbemClassObject *, IWbemClassObject **, IWbemCallResult **) override { return no(); }
    // clang-format on

  private:
    static HRESULT no()
    {
        return WBEM_E_PROVIDER_NOT_CAPABLE;
    }

    std::map<std::wstring, Sensor> copy()
    {
        std::lock_guard<std::mutex> guard(lock);
        return all;
    }

    HRESULT get_class(const wchar_t *name, IWbemClassObject **ret)
    {
        BSTR text = SysAllocString(name);
        HRESULT hr = services->GetObject(text, 0, NULL, ret, NULL);
        SysFreeString(text);
        return hr;
    }

    HRESULT spawn(const wchar_t *name, IWbemClassObject **ret)
    {
        IWbemClassObject *cls = NULL;
        HRESULT hr = get_class(name, &cls);
        if (SUCCEEDED(hr)) {
            hr = cls->SpawnInstance(0, ret);
            cls->Release();
        }
        return hr;
    }

    HRESULT give(const std::wstring &name, const Sensor &sensor, IWbemObjectSink *sink)
    {
        IWbemClassObject *object = NULL;
        HRESULT hr = spawn(L"Example_Sensor", &object);
        if (SUCCEEDED(hr)) {
            put(object, L"Name", name);
            put(object, L"Temperature", sensor.temperature);
            put(object, L"Limit", sensor.limit);
            hr = sink->Indicate(1, &object);
            object->Release();
        }
        return hr;
    }

    HRESULT heat(const std::wstring &name, IWbemClassObject *in, IWbemObjectSink *sink)
    {
        LONG by = 0;
        Sensor now;
        if (!in || !get(in, L"By", &by)) {
            return WBEM_E_INVALID_METHOD_PARAMETERS;
        }
        {
            std::lock_guard<std::mutex> guard(lock);
            auto found = all.find(name);
            if (found == all.end()) {
                return WBEM_E_NOT_FOUND;
            }
            found->second.temperature += by;
            now = found->second;
        }
        if (now.temperature > now.limit) {
            alarm(name, now);
        }
        return answer(now, sink);
    }

    HRESULT answer(const Sensor &now, IWbemObjectSink *sink)
    {
        IWbemClassObject *cls = NULL;
        IWbemClassObject *out_class = NULL;
        IWbemClassObject *out = NULL;
        HRESULT hr = get_class(L"Example_Sensor", &cls);
        if (SUCCEEDED(hr)) {
            hr = cls->GetMethod(L"Heat", 0, NULL, &out_class);
            cls->Release();
        }
        if (SUCCEEDED(hr)) {
            hr = out_class->SpawnInstance(0, &out);
            out_class->Release();
        }
        if (SUCCEEDED(hr)) {
            put(out, L"Temperature", now.temperature);
            put(out, L"ReturnValue", 0);
            hr = sink->Indicate(1, &out);
            out->Release();
        }
        return hr;
    }

    void alarm(const std::wstring &name, const Sensor &now)
    {
        IWbemObjectSink *to = NULL;
        {
            std::lock_guard<std::mutex> guard(lock);
            to = events;
            if (to) {
                to->AddRef();
            }
        }
        IWbemClassObject *event = NULL;
        if (to && SUCCEEDED(spawn(L"Example_Alarm", &event))) {
            put(event, L"Sensor", name);
            put(event, L"Temperature", now.temperature);
            to->Indicate(1, &event);
            event->Release();
        }
        if (to) {
            to->Release();
        }
    }

    std::atomic<long> refs{1};
    IWbemServices *services = NULL;
    std::mutex lock;
    std::map<std::wstring, Sensor> all; // under lock
    IWbemObjectSink *events = NULL;     // under lock
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
        return 2; // lives as long as the shared object
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
        Sensors *sensors = new Sensors;
        HRESULT hr = sensors->QueryInterface(riid, ret);
        sensors->Release();
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
    return clsid == clsid_sensors ? factory.QueryInterface(riid, ret) : CLASS_E_CLASSNOTAVAILABLE;
}

STDAPI DllCanUnloadNow(void)
{
    return objects_alive == 0 ? S_OK : S_FALSE;
}
