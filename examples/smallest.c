/*
 * The smallest WMI client in C: the names of this machine's processes.
 *
 *     cc smallest.c $(pkg-config --cflags --libs wbem) && ./a.out
 *
 * It is as it would be on Windows: COBJMACROS gives the C form of the calls.
 */
#define COBJMACROS
#include <stdio.h>
#include <wbemidl.h>

int main(void)
{
    IWbemLocator *locator = NULL;
    IWbemServices *services = NULL;
    IEnumWbemClassObject *processes = NULL;
    BSTR name_space = SysAllocString(L"root\\cimv2");
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(L"SELECT ProcessId, Name FROM Win32_Process");

    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        hr = CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                              (void **)&locator);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemLocator_ConnectServer(locator, name_space, NULL, NULL, NULL, 0, NULL, NULL,
                                        &services);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_ExecQuery(services, language, query,
                                     WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL,
                                     &processes);
    }
    while (hr == WBEM_S_NO_ERROR) {
        IWbemClassObject *process = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(processes, WBEM_INFINITE, 1, &process, &got);
        if (got == 0) {
            break;
        }
        VARIANT id;
        VARIANT name;
        IWbemClassObject_Get(process, L"ProcessId", 0, &id, NULL, NULL);
        IWbemClassObject_Get(process, L"Name", 0, &name, NULL, NULL);
        printf("%8d  %ls\n", (int)V_I4(&id), V_BSTR(&name));
        VariantClear(&name);
        IWbemClassObject_Release(process);
    }
    if (FAILED(hr)) {
        fprintf(stderr, "error 0x%08x\n", (unsigned)hr);
    }

    if (processes) {
        IEnumWbemClassObject_Release(processes);
    }
    if (services) {
        IWbemServices_Release(services);
    }
    if (locator) {
        IWbemLocator_Release(locator);
    }
    SysFreeString(query);
    SysFreeString(language);
    SysFreeString(name_space);
    CoUninitialize();
    return FAILED(hr);
}
