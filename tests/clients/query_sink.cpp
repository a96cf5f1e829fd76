// A client in the manner of programs written for Windows: a sink class with
// interlocked counts and a critical section, a wait with Sleep, secrets wiped.
#define _WIN32_DCOM
#include <Windows.h>
#include <iostream>
#include <string>
#include <comdef.h>
#include <WbemCli.h>
#include <strsafe.h>

#pragma comment(lib, "wbemuuid.lib")
#pragma comment(lib, "credui.lib")

_COM_SMARTPTR_TYPEDEF(IWbemLocator, __uuidof(IWbemLocator));
_COM_SMARTPTR_TYPEDEF(IWbemServices, __uuidof(IWbemServices));

class QuerySink : public IWbemObjectSink
{
    LONG m_lRef;
    bool bDone;
    LONG m_count;
    HRESULT m_status;
    CRITICAL_SECTION threadLock;

  public:
    QuerySink() : m_lRef(0), bDone(false), m_count(0), m_status(E_PENDING)
    {
        InitializeCriticalSection(&threadLock);
    }
    virtual ~QuerySink()
    {
        DeleteCriticalSection(&threadLock);
    }

    virtual ULONG STDMETHODCALLTYPE AddRef()
    {
        return InterlockedIncrement(&m_lRef);
    }
    virtual ULONG STDMETHODCALLTYPE Release()
    {
        LONG lRef = InterlockedDecrement(&m_lRef);
        if (lRef == 0) {
            delete this;
        }
        return lRef;
    }
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void **ppv)
    {
        if (riid == IID_IUnknown || riid == __uuidof(IWbemObjectSink)) {
            *ppv = static_cast<IWbemObjectSink *>(this);
            AddRef();
            return WBEM_S_NO_ERROR;
        }
        return E_NOINTERFACE;
    }

    virtual HRESULT STDMETHODCALLTYPE Indicate(LONG lObjectCount,
                                               IWbemClassObject __RPC_FAR *__RPC_FAR *apObjArray)
    {
        for (LONG i = 0; i < lObjectCount; i++) {
            VARIANT varName;
            HRESULT hres = apObjArray[i]->Get(_bstr_t(L"Name"), 0, &varName, 0, 0);
            if (FAILED(hres)) {
                std::cout << "Failed to get the data. Error code = 0x" << std::hex << hres << "\n";
                return WBEM_E_FAILED;
            }
            std::wstring name(V_BSTR(&varName));
            std::wcout << L"Name: " << name << std::endl;
            VariantClear(&varName);
            InterlockedIncrement(&m_count);
        }
        return WBEM_S_NO_ERROR;
    }

    virtual HRESULT STDMETHODCALLTYPE SetStatus(LONG lFlags, HRESULT hResult, BSTR,
                                                IWbemClassObject __RPC_FAR *)
    {
        if (lFlags == WBEM_STATUS_COMPLETE) {
            EnterCriticalSection(&threadLock);
            m_status = hResult;
            bDone = true;
            LeaveCriticalSection(&threadLock);
        }
        return WBEM_S_NO_ERROR;
    }

    bool IsDone()
    {
        EnterCriticalSection(&threadLock);
        bool done = bDone;
        LeaveCriticalSection(&threadLock);
        return done;
    }
    LONG Count() const
    {
        return m_count;
    }
    HRESULT Status() const
    {
        return m_status;
    }
};

int __cdecl main(int, char **)
{
    HRESULT hres = CoInitializeEx(0, COINIT_MULTITHREADED);
    if (FAILED(hres)) {
        return 1;
    }
    hres = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_DEFAULT,
                                RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE, NULL);

    wchar_t text[64];
    if (FAILED(StringCchPrintfW(text, 64, L"SELECT * FROM %ls", L"Win32_OperatingSystem"))) {
        return 1;
    }
    char secret[] = "secret";
    SecureZeroMemory(secret, sizeof(secret));

    int code = 1;
    try {
        IWbemLocatorPtr locator(CLSID_WbemLocator);
        IWbemServicesPtr services;
        hres = locator->ConnectServer(_bstr_t(L"ROOT\\CIMV2"), NULL, NULL, 0, 0, 0, 0, &services);
        if (FAILED(hres)) {
            _com_issue_error(hres);
        }
        QuerySink *pResponseSink = new QuerySink;
        pResponseSink->AddRef();
        hres = services->ExecQueryAsync(_bstr_t("WQL"), _bstr_t(text), WBEM_FLAG_BIDIRECTIONAL,
                                        NULL, pResponseSink);
        if (FAILED(hres)) {
            _com_issue_error(hres);
        }
        while (!pResponseSink->IsDone()) {
            Sleep(10);
        }
        code = pResponseSink->Count() == 1 && pResponseSink->Status() == WBEM_S_NO_ERROR ? 0 : 1;
        pResponseSink->Release();
    } catch (const _com_error &e) {
        std::wcout << L"error 0x" << std::hex << e.Error() << L": " << e.ErrorMessage()
                   << std::endl;
    }
    CoUninitialize();
    return code;
}
