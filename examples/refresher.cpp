// Watches the processors and the busiest processes: counters that one call brings up to date.
//
//     refresher [TIMES [MILLISECONDS]]        3 times, a tenth of a second apart
//
// A refresher samples in place: the objects are made once, and each Refresh writes new values into
// them. Formatted classes show what happened since the refresh before. After [WmiSdk] "Accessing
// Performance Data in C++".

#define _WIN32_DCOM
#include <stdio.h>
#include <stdlib.h>
#include <vector>
#include <wbemidl.h>
#pragma comment(lib, "wbemuuid.lib")

namespace
{

void check(HRESULT hr, const char *what)
{
    if (FAILED(hr)) {
        printf("%s: error 0x%08x\n", what, static_cast<unsigned>(hr));
        exit(1);
    }
}

IWbemServices *connect()
{
    IWbemLocator *locator = NULL;
    IWbemServices *services = NULL;
    check(CoCreateInstance(CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, IID_IWbemLocator,
                           reinterpret_cast<void **>(&locator)),
          "make a locator");
    BSTR name = SysAllocString(L"\\\\.\\root\\cimv2");
    check(locator->ConnectServer(name, NULL, NULL, NULL, 0, NULL, NULL, &services), "connect");
    SysFreeString(name);
    locator->Release();
    return services;
}

// Handles are the same for all instances of a class.
LONG handle_of(IWbemObjectAccess *object, const wchar_t *property)
{
    LONG handle = 0;
    check(object->GetPropertyHandle(property, NULL, &handle), "find a property");
    return handle;
}

UINT64 number(IWbemObjectAccess *object, LONG handle)
{
    UINT64 value = 0;
    check(object->ReadQWORD(handle, &value), "read a number");
    return value;
}

// All instances as of the last refresh; the caller releases them.
std::vector<IWbemObjectAccess *> instances(IWbemHiPerfEnum *list)
{
    std::vector<IWbemObjectAccess *> objects;
    ULONG count = 0;
    HRESULT hr = list->GetObjects(0, 0, NULL, &count);
    while (hr == WBEM_E_BUFFER_TOO_SMALL) {
        objects.resize(count);
        hr = list->GetObjects(0, count, objects.data(), &count);
    }
    check(hr, "get the instances");
    objects.resize(count);
    return objects;
}

void show_processes(IWbemHiPerfEnum *list)
{
    for (IWbemObjectAccess *process : instances(list)) {
        static LONG name = handle_of(process, L"Name");
        static LONG time = handle_of(process, L"PercentProcessorTime");
        static LONG memory = handle_of(process, L"WorkingSet");
        wchar_t text[256];
        LONG used = 0;
        check(process->ReadPropertyValue(name, sizeof text, &used, reinterpret_cast<BYTE *>(text)),
              "read a name");
        if (number(process, time) > 0) {
            printf("  %-24ls %4u %% %8u KiB\n", text, static_cast<unsigned>(number(process, time)),
                   static_cast<unsigned>(number(process, memory) / 1024));
        }
        process->Release();
    }
}

} // namespace

int main(int argc, char **argv)
{
    int times = argc > 1 ? atoi(argv[1]) : 3;
    DWORD pause = argc > 2 ? static_cast<DWORD>(atoi(argv[2])) : 100;
    check(CoInitializeEx(NULL, COINIT_MULTITHREADED), "initialize COM");
    IWbemServices *services = connect();

    IWbemRefresher *refresher = NULL;
    IWbemConfigureRefresher *configure = NULL;
    check(CoCreateInstance(CLSID_WbemRefresher, NULL, CLSCTX_INPROC_SERVER, IID_IWbemRefresher,
                           reinterpret_cast<void **>(&refresher)),
          "make a refresher");
    check(refresher->QueryInterface(IID_IWbemConfigureRefresher,
                                    reinterpret_cast<void **>(&configure)),
          "configure the refresher");

    // One object by its path, and all instances of a class.
    IWbemClassObject *object = NULL;
    IWbemObjectAccess *processors = NULL;
    IWbemHiPerfEnum *processes = NULL;
    LONG id = 0;
    check(configure->AddObjectByPath(services,
                                     L"Win32_PerfFormattedData_PerfOS_Processor.Name=\"_Total\"", 0,
                                     NULL, &object, NULL),
          "add the processors");
    check(object->QueryInterface(IID_IWbemObjectAccess, reinterpret_cast<void **>(&processors)),
          "access the processors");
    object->Release();
    check(configure->AddEnum(services, L"Win32_PerfFormattedData_PerfProc_Process", 0, NULL,
                             &processes, &id),
          "add the processes");
    configure->Release();

    LONG busy = handle_of(processors, L"PercentProcessorTime");
    for (int i = 0; i < times; i++) {
        Sleep(pause);
        check(refresher->Refresh(0), "refresh");
        printf("processors %u %%\n", static_cast<unsigned>(number(processors, busy)));
        show_processes(processes);
    }

    processes->Release();
    processors->Release();
    refresher->Release();
    services->Release();
    CoUninitialize();
    return 0;
}
