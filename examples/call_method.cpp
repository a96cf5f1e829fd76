// Calling a provider's method in C++, in the steps of Microsoft's "Example:
// Calling a Provider Method": Win32_Process.Create with a command line.
#define _WIN32_DCOM
#include <iostream>
#include <comdef.h>
#include <Wbemidl.h>

#pragma comment(lib, "wbemuuid.lib")

using namespace std;

static HRESULT start(IWbemServices *services, const wchar_t *command_line)
{
    _bstr_t method(L"Create"), name(L"Win32_Process");
    IWbemClassObject *cls = NULL, *in_class = NULL, *in = NULL, *out = NULL;

    HRESULT hr = services->GetObject(name, 0, NULL, &cls, NULL);
    if (SUCCEEDED(hr)) {
        hr = cls->GetMethod(method, 0, &in_class, NULL);
    }
    if (SUCCEEDED(hr)) {
        hr = in_class->SpawnInstance(0, &in);
    }
    if (SUCCEEDED(hr)) {
        _variant_t value(command_line);
        hr = in->Put(L"CommandLine", 0, &value, 0);
        wcout << L"The command is: " << value.bstrVal << endl;
    }
    if (SUCCEEDED(hr)) {
        hr = services->ExecMethod(name, method, 0, NULL, in, &out, NULL);
    }
    if (SUCCEEDED(hr)) {
        _variant_t code, process;
        hr = out->Get(_bstr_t(L"ReturnValue"), 0, &code, NULL, 0);
        if (SUCCEEDED(hr)) {
            hr = out->Get(L"ProcessId", 0, &process, NULL, 0);
        }
        if (SUCCEEDED(hr) && code.lVal == 0) {
            wcout << L"Process " << process.lVal << L" was started" << endl;
        } else {
            wcout << L"Not started: " << code.lVal << endl;
            hr = SUCCEEDED(hr) ? E_FAIL : hr;
        }
    }

    if (out) {
        out->Release();
    }
    if (in) {
        in->Release();
    }
    if (in_class) {
        in_class->Release();
    }
    if (cls) {
        cls->Release();
    }
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
        hr = start(services, L"true");
    }
    if (FAILED(hr)) {
        wcerr << L"Failed: " << _com_error(hr).ErrorMessage() << endl;
    }
    if (services) {
        services->Release();
    }
    CoUninitialize();
    return FAILED(hr);
}
