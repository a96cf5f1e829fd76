// A WMI client in C++ as Microsoft's documentation writes them, unchanged:
// the operating system's name and its file systems.
#define _WIN32_DCOM
#include <iostream>
#include <comdef.h>
#include <Wbemidl.h>

#pragma comment(lib, "wbemuuid.lib")

using namespace std;

static HRESULT query(IWbemServices *services, const wchar_t *text, const wchar_t *property)
{
    IEnumWbemClassObject *enumerator = NULL;
    HRESULT hr = services->ExecQuery(_bstr_t(L"WQL"), _bstr_t(text),
                                     WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL,
                                     &enumerator);
    if (FAILED(hr)) {
        wcerr << L"Query failed: " << _com_error(hr).ErrorMessage() << endl;
        return hr;
    }
    while (enumerator) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        hr = enumerator->Next(WBEM_INFINITE, 1, &object, &got);
        if (got == 0) {
            break;
        }
        _variant_t value;
        hr = object->Get(property, 0, &value, 0, 0);
        if (SUCCEEDED(hr) && value.vt == VT_BSTR) {
            wcout << L" " << property << L": " << value.bstrVal << endl;
        }
        object->Release();
    }
    enumerator->Release();
    return hr;
}

int main()
{
    HRESULT hr = CoInitializeEx(0, COINIT_MULTITHREADED);
    if (FAILED(hr)) {
        wcerr << L"Failed to initialize COM library." << endl;
        return 1;
    }
    hr = CoInitializeSecurity(NULL, -1, NULL, NULL, RPC_C_AUTHN_LEVEL_DEFAULT,
                              RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE, NULL);
    IWbemLocator *locator = NULL;
    if (SUCCEEDED(hr)) {
        hr = CoCreateInstance(CLSID_WbemLocator, 0, CLSCTX_INPROC_SERVER, IID_IWbemLocator,
                              (LPVOID *)&locator);
    }
    IWbemServices *services = NULL;
    if (SUCCEEDED(hr)) {
        hr = locator->ConnectServer(_bstr_t(L"ROOT\\CIMV2"), NULL, NULL, 0, 0, 0, 0, &services);
        locator->Release();
    }
    if (SUCCEEDED(hr)) {
        hr =
            CoSetProxyBlanket(services, RPC_C_AUTHN_WINNT, RPC_C_AUTHZ_NONE, NULL,
                              RPC_C_AUTHN_LEVEL_CALL, RPC_C_IMP_LEVEL_IMPERSONATE, NULL, EOAC_NONE);
    }
    if (SUCCEEDED(hr)) {
        hr = query(services, L"SELECT * FROM Win32_OperatingSystem", L"Caption");
    }
    if (SUCCEEDED(hr)) {
        hr = query(services, L"SELECT * FROM Win32_LogicalDisk", L"DeviceID");
    }
    if (services) {
        services->Release();
    }
    CoUninitialize();
    return FAILED(hr);
}
