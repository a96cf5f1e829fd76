// A provider that behaves as the class it is asked for says: well or badly in one way each. What it
// was asked can be read from its class Test_Asked.
#include "provider.h"

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

std::atomic<long> objects_alive;

namespace
{

const CLSID clsid_provider = {
    0x6f0c6a10, 0x1f0b, 0x4f6e, {0x9d, 0x53, 0x2a, 0x8f, 0x10, 0x6e, 0x55, 0x01}};

// What is never destroyed: a program may end while a thread of WMI's is in a call.
template <class Type> union Lasting {
    Type value;
    Lasting() : value()
    {
    }
    ~Lasting()
    {
    }
};

Lasting<std::mutex> lasting_lock;
Lasting<std::condition_variable> lasting_changed;
Lasting<std::map<std::wstring, LONG>> lasting_stored;
Lasting<std::vector<std::wstring>> lasting_asked;
std::mutex &lock = lasting_lock.value;
std::condition_variable &changed = lasting_changed.value;
std::map<std::wstring, LONG> &stored = lasting_stored.value; // under lock; of Test_Store
std::vector<std::wstring> &asked = lasting_asked.value;      // under lock
IWbemObjectSink *hanging;                                    // under lock; of Test_Hang
std::atomic<long> endless_indicated;

// What they hold goes with the shared object.
struct Emptier {
    ~Emptier()
    {
        std::lock_guard<std::mutex> guard(lock);
        std::map<std::wstring, LONG>().swap(stored);
        std::vector<std::wstring>().swap(asked);
    }
} emptier;

void note(const std::wstring &what)
{
    std::lock_guard<std::mutex> guard(lock);
    asked.push_back(what);
}

void put_long(IWbemClassObject *object, const wchar_t *name, LONG value)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = value;
    object->Put(name, 0, &v, 0);
}

void put_text(IWbemClassObject *object, const wchar_t *name, const std::wstring &value)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(value.c_str());
    object->Put(name, 0, &v, 0);
    VariantClear(&v);
}

LONG get_long(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    VariantInit(&v);
    object->Get(name, 0, &v, NULL, NULL);
    LONG value = V_VT(&v) == VT_I4 ? V_I4(&v) : 0;
    VariantClear(&v);
    return value;
}

std::wstring get_text(IWbemClassObject *object, const wchar_t *name)
{
    VARIANT v;
    VariantInit(&v);
    object->Get(name, 0, &v, NULL, NULL);
    std::wstring value = V_VT(&v) == VT_BSTR ? V_BSTR(&v) : L"";
    VariantClear(&v);
    return value;
}

class Provider : public ProviderBase, public IWbemPropertyProvider
{
  public:
    STDMETHODIMP QueryInterface(REFIID riid, void **ret) override
    {
        if (riid != IID_IWbemPropertyProvider) {
            return ProviderBase::QueryInterface(riid, ret);
        }
        *ret = static_cast<IWbemPropertyProvider *>(this);
        ProviderBase::AddRef();
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

    // A text is the three mapping strings; what was put is given back.
    STDMETHODIMP GetProperty(LONG, const BSTR, const BSTR cls, const BSTR instance,
                             const BSTR property, VARIANT *value) override
    {
        std::wstring mapping = property ? property : L"";
        if (mapping == L"refused") {
            return WBEM_E_ACCESS_DENIED;
        }
        std::lock_guard<std::mutex> guard(lock);
        if (mapping == L"number") {
            auto at = stored.find(instance ? instance : L"");
            V_VT(value) = VT_I4;
            V_I4(value) = at == stored.end() ? 7 : at->second;
            return WBEM_S_NO_ERROR;
        }
        std::wstring all =
            std::wstring(cls ? cls : L"-") + L"|" + (instance ? instance : L"-") + L"|" + mapping;
        V_VT(value) = VT_BSTR;
        V_BSTR(value) = SysAllocString(all.c_str());
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP PutProperty(LONG, const BSTR, const BSTR, const BSTR instance, const BSTR property,
                             const VARIANT *value) override
    {
        if (std::wstring(property ? property : L"") == L"number" && V_VT(value) == VT_I4) {
            std::lock_guard<std::mutex> guard(lock);
            stored[instance ? instance : L""] = V_I4(value);
        }
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP Initialize(LPWSTR user, LONG flags, LPWSTR name_space, LPWSTR locale,
                            IWbemServices *ns, IWbemContext *context,
                            IWbemProviderInitSink *sink) override
    {
        const char *folder = getenv("WBEM_PROVIDER_PATH"); /* hosting_initialize() */
        std::ifstream file(std::string(folder ? folder : "") + "/initialize");
        std::string mode;
        std::getline(file, mode);
        if (mode == "fail") {
            return WBEM_E_ACCESS_DENIED;
        }
        if (mode == "refuse") {
            sink->SetStatus(WBEM_E_FAILED, 0);
            return WBEM_S_NO_ERROR;
        }
        if (mode == "silent") {
            return WBEM_S_NO_ERROR;
        }
        return ProviderBase::Initialize(user, flags, name_space, locale, ns, context, sink);
    }

    STDMETHODIMP CreateInstanceEnumAsync(const BSTR name, LONG, IWbemContext *,
                                         IWbemObjectSink *sink) override
    {
        std::wstring cls = name;
        note(L"enumerate " + cls);
        if (cls == L"Test_Return") {
            return WBEM_E_ACCESS_DENIED;
        }
        if (cls == L"Test_Silent") {
            return WBEM_S_NO_ERROR; // and never a SetStatus
        }
        if (cls == L"Test_Crash") {
            kill(getpid(), SIGSEGV); // this thread takes no signals
            pause();
        }
        if (cls == L"Test_Async") {
            sink->AddRef();
            std::thread([this, cls, sink] {
                enumerate(cls, 1000, sink);
                sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
                sink->Release();
            }).detach();
            return WBEM_S_NO_ERROR;
        }
        if (cls == L"Test_Hang") {
            sink->AddRef();
            std::lock_guard<std::mutex> guard(lock);
            hanging = sink;
            return WBEM_S_NO_ERROR;
        }
        if (cls == L"Test_Caller") { // who it is told that asks, and what acting as him answers
            void *client = NULL;
            CoQueryClientBlanket(NULL, NULL, NULL, NULL, NULL, &client, NULL);
            const std::wstring who = client ? static_cast<const wchar_t *>(client) : L"myself";
            HRESULT acting = CoImpersonateClient();
            HRESULT hr = give(cls, who, acting, sink);
            CoRevertToSelf();
            sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
            return WBEM_S_NO_ERROR;
        }
        if (cls == L"Test_Deaf") { // nothing reaches it any more
            for (;;) {
                pause();
            }
        }
        return badly(cls, sink);
    }

    STDMETHODIMP CancelAsyncCall(IWbemObjectSink *sink) override
    {
        std::unique_lock<std::mutex> guard(lock);
        asked.push_back(L"cancel");
        IWbemObjectSink *mine = hanging == sink ? hanging : NULL;
        hanging = mine ? NULL : hanging;
        guard.unlock();
        if (mine) {
            mine->SetStatus(WBEM_STATUS_COMPLETE, WBEM_E_CALL_CANCELLED, NULL, NULL);
            mine->Release();
        }
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP GetObjectAsync(const BSTR path, LONG, IWbemContext *,
                                IWbemObjectSink *sink) override
    {
        note(std::wstring(L"get ") + path);
        std::wstring text = path;
        if (text == L"Class_Denied") {
            return WBEM_E_ACCESS_DENIED;
        }
        if (text == L"Class_Given" || text == L"Class_Below") {
            return give_class(text, sink);
        }
        size_t quote = text.find(L'"');
        std::wstring id =
            quote == std::wstring::npos ? L"" : text.substr(quote + 1, text.size() - quote - 2);
        std::wstring cls = text.substr(0, text.find(L'.'));
        HRESULT hr = WBEM_E_NOT_FOUND;
        LONG n = 0;
        if (find(cls, id, &n)) {
            hr = give(cls, id, n, sink);
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    // All that it has, whatever was asked for, and one that is the repository's: WMI chooses.
    STDMETHODIMP CreateClassEnumAsync(const BSTR superclass, LONG, IWbemContext *,
                                      IWbemObjectSink *sink) override
    {
        note(std::wstring(L"classes ") + (superclass ? superclass : L""));
        for (const wchar_t *name : {L"Class_Given", L"Class_Below", L"Test_Base"}) {
            IWbemClassObject *cls = NULL;
            if (SUCCEEDED(make_class(name, &cls))) {
                sink->Indicate(1, &cls);
                cls->Release();
            }
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP ExecQueryAsync(const BSTR, const BSTR query, LONG, IWbemContext *,
                                IWbemObjectSink *sink) override
    {
        note(std::wstring(L"query ") + query);
        std::wstring text = query;
        if (text.find(L"Test_Query") == std::wstring::npos) {
            return WBEM_E_PROVIDER_NOT_CAPABLE;
        }
        // More than was asked for: WMI filters again.
        enumerate(L"Test_Query", 10, sink);
        sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP PutInstanceAsync(IWbemClassObject *object, LONG, IWbemContext *,
                                  IWbemObjectSink *sink) override
    {
        std::wstring id = get_text(object, L"Id");
        note(L"put " + id);
        if (id == L"refused") {
            sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_E_ACCESS_DENIED, NULL, NULL);
            return WBEM_S_NO_ERROR;
        }
        {
            std::lock_guard<std::mutex> guard(lock);
            stored[id] = get_long(object, L"N");
        }
        BSTR path = SysAllocString((L"Test_Store.Id=\"" + id + L"\"").c_str());
        sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, path, NULL);
        SysFreeString(path);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP DeleteInstanceAsync(const BSTR path, LONG, IWbemContext *,
                                     IWbemObjectSink *sink) override
    {
        std::wstring text = path;
        note(L"delete " + text);
        size_t quote = text.find(L'"');
        std::wstring id = text.substr(quote + 1, text.size() - quote - 2);
        std::unique_lock<std::mutex> guard(lock);
        HRESULT hr = stored.erase(id) ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
        guard.unlock();
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    STDMETHODIMP ExecMethodAsync(const BSTR path, const BSTR method, LONG, IWbemContext *,
                                 IWbemClassObject *in, IWbemObjectSink *sink) override
    {
        note(std::wstring(L"method ") + path + L" " + method);
        IWbemClassObject *cls = NULL;
        IWbemClassObject *out_class = NULL;
        IWbemClassObject *out = NULL;
        BSTR name = SysAllocString(L"Test_Thing");
        HRESULT hr = services->GetObject(name, 0, NULL, &cls, NULL);
        SysFreeString(name);
        if (SUCCEEDED(hr)) {
            hr = cls->GetMethod(method, 0, NULL, &out_class);
            cls->Release();
        }
        if (SUCCEEDED(hr)) {
            hr = out_class->SpawnInstance(0, &out);
            out_class->Release();
        }
        if (SUCCEEDED(hr)) {
            put_long(out, L"Sum", get_long(in, L"A") + get_long(in, L"B"));
            put_long(out, L"ReturnValue", 0);
            hr = sink->Indicate(1, &out);
            out->Release();
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

  private:
    // With a key Id, an N, and nothing that says who has its instances.
    HRESULT make_class(const std::wstring &name, IWbemClassObject **ret)
    {
        IWbemClassObject *cls = NULL;
        IWbemQualifierSet *set = NULL;
        HRESULT hr = S_OK;
        if (name == L"Class_Below") {
            IWbemClassObject *above = NULL;
            hr = make_class(L"Class_Given", &above);
            if (SUCCEEDED(hr)) {
                hr = above->SpawnDerivedClass(0, &cls);
                above->Release();
            }
        } else {
            hr = services->GetObject(NULL, 0, NULL, &cls, NULL);
        }
        if (FAILED(hr)) {
            return hr;
        }
        put_text(cls, L"__CLASS", name);
        if (name != L"Class_Below") {
            cls->Put(L"Id", 0, NULL, CIM_STRING);
            cls->Put(L"N", 0, NULL, CIM_SINT32);
            VARIANT yes;
            V_VT(&yes) = VT_BOOL;
            V_BOOL(&yes) = VARIANT_TRUE;
            hr = cls->GetPropertyQualifierSet(L"Id", &set);
            if (SUCCEEDED(hr)) {
                hr = set->Put(L"key", &yes, WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS);
                set->Release();
            }
        }
        *ret = cls;
        return hr;
    }

    HRESULT give_class(const std::wstring &name, IWbemObjectSink *sink)
    {
        IWbemClassObject *cls = NULL;
        HRESULT hr = make_class(name, &cls);
        if (SUCCEEDED(hr)) {
            hr = sink->Indicate(1, &cls);
            cls->Release();
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, hr, NULL, NULL);
        return WBEM_S_NO_ERROR;
    }

    static bool find(const std::wstring &cls, const std::wstring &id, LONG *ret)
    {
        if (cls == L"Test_Store") {
            std::lock_guard<std::mutex> guard(lock);
            auto at = stored.find(id);
            *ret = at == stored.end() ? 0 : at->second;
            return at != stored.end();
        }
        *ret = id.size() > 1 ? (LONG)wcstol(id.c_str() + 1, NULL, 10) : -1;
        return id[0] == L't' && *ret >= 0 && *ret < 100;
    }

    HRESULT spawn(const std::wstring &cls, IWbemClassObject **ret)
    {
        IWbemClassObject *object = NULL;
        BSTR name = SysAllocString(cls.c_str());
        HRESULT hr = cls.compare(0, 6, L"Class_") == 0
                         ? make_class(cls, &object)
                         : services->GetObject(name, 0, NULL, &object, NULL);
        SysFreeString(name);
        if (SUCCEEDED(hr)) {
            hr = object->SpawnInstance(0, ret);
            object->Release();
        }
        return hr;
    }

    HRESULT give(const std::wstring &cls, const std::wstring &id, LONG n, IWbemObjectSink *sink)
    {
        IWbemClassObject *object = NULL;
        HRESULT hr = spawn(cls, &object);
        if (SUCCEEDED(hr)) {
            put_text(object, L"Id", id);
            put_long(object, L"N", n);
            hr = sink->Indicate(1, &object);
            object->Release();
        }
        return hr;
    }

    // One object, changed and indicated again and again, as many providers do.
    HRESULT enumerate(const std::wstring &cls, LONG count, IWbemObjectSink *sink)
    {
        IWbemClassObject *object = NULL;
        HRESULT hr = spawn(cls, &object);
        for (LONG i = 0; SUCCEEDED(hr) && (count < 0 || i < count); i++) {
            put_text(object, L"Id", L"t" + std::to_wstring(i));
            put_long(object, L"N", i);
            hr = sink->Indicate(1, &object);
            endless_indicated += count < 0;
        }
        if (object) {
            object->Release();
        }
        return hr;
    }

    HRESULT tell_asked(IWbemObjectSink *sink)
    {
        std::vector<std::wstring> all;
        {
            std::lock_guard<std::mutex> guard(lock);
            all = asked;
        }
        LONG n = 0;
        for (const std::wstring &what : all) {
            give(L"Test_Asked", what, n++, sink);
        }
        give(L"Test_Asked", L"indicated", (LONG)endless_indicated, sink);
        give(L"Test_Asked", L"process", (LONG)getpid(), sink);
        return sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
    }

    HRESULT fail(IWbemObjectSink *sink)
    {
        IWbemClassObject *status = NULL;
        spawn(L"__ExtendedStatus", &status);
        put_text(status, L"Description", L"the dog ate it");
        put_text(status, L"ProviderName", L"TestProvider");
        put_text(status, L"Operation", L"CreateInstanceEnum");
        sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_E_ACCESS_DENIED, NULL, status);
        status->Release();
        return WBEM_S_NO_ERROR;
    }

    HRESULT badly(const std::wstring &cls, IWbemObjectSink *sink)
    {
        if (cls == L"Test_Asked") {
            return tell_asked(sink);
        }
        if (cls == L"Test_Fail") {
            enumerate(cls, 3, sink);
            return fail(sink);
        }
        if (cls == L"Test_Null") {
            IWbemClassObject *none = NULL;
            sink->Indicate(1, &none);
        } else if (cls == L"Test_Wrong") {
            enumerate(L"Test_Thing", 3, sink);
        } else if (cls == L"Test_Endless") {
            enumerate(cls, -1, sink);
        } else if (cls == L"Test_Store") {
            std::map<std::wstring, LONG> all;
            {
                std::lock_guard<std::mutex> guard(lock);
                all = stored;
            }
            for (const auto &entry : all) {
                give(cls, entry.first, entry.second, sink);
            }
        } else {
            enumerate(cls, 100, sink);
        }
        sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_S_NO_ERROR, NULL, NULL);
        if (cls == L"Test_Twice") {
            HRESULT again = sink->SetStatus(WBEM_STATUS_COMPLETE, WBEM_E_FAILED, NULL, NULL);
            HRESULT late = enumerate(cls, 1, sink);
            note(SUCCEEDED(again) || SUCCEEDED(late) ? L"twice taken" : L"twice refused");
        }
        if (cls == L"Test_Early") { // more than it was given
            sink->Release();
            sink->Release();
        }
        return WBEM_S_NO_ERROR;
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
    return objects_alive == 0 ? S_OK : S_FALSE;
}
