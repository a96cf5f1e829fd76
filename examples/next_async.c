/*
 * Controlled asynchronous retrieval: this client decides how many objects it
 * wants, gets them in the background, and asks for more only when it is ready.
 *
 * Each NextAsync delivers at most BATCH objects to the sink and ends with one
 * final SetStatus. From there, inside the callback, the sink asks for the
 * next batch: the call is queued and returns at once, so the chain needs no
 * thread of its own. What the sink does not ask for is not produced.
 */
#define COBJMACROS
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <wbemidl.h>

enum {
    BATCH = 5,   /* objects a call asks for */
    BATCHES = 4, /* and how many such calls this client wants at most */
};

/* A sink is any object with IWbemObjectSink's methods. The library holds a reference from NextAsync
 * until after the final SetStatus; when the last is released, nothing will touch the sink again,
 * and main, on whose stack this one lives, may go on. */
struct printer {
    IWbemObjectSink sink;
    atomic_int references;
    IEnumWbemClassObject *processes;
    int batch;
    HRESULT status; /* of the last call */
    sem_t released;
};

static HRESULT STDMETHODCALLTYPE query_interface(IWbemObjectSink *sink, REFIID riid, void **ret)
{
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    IWbemObjectSink_AddRef(sink);
    *ret = sink;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE add_ref(IWbemObjectSink *sink)
{
    return (ULONG)atomic_fetch_add(&((struct printer *)sink)->references, 1) + 1;
}

static ULONG STDMETHODCALLTYPE release(IWbemObjectSink *sink)
{
    struct printer *p = (struct printer *)sink;
    ULONG left = (ULONG)atomic_fetch_sub(&p->references, 1) - 1;
    if (left == 0) {
        sem_post(&p->released);
    }
    return left;
}

/* Some of the objects; they belong to the library, AddRef what is to be kept. */
static HRESULT STDMETHODCALLTYPE indicate(IWbemObjectSink *sink, LONG count,
                                          IWbemClassObject **objects)
{
    (void)sink;
    for (LONG i = 0; i < count; i++) {
        VARIANT id;
        VARIANT name;
        IWbemClassObject_Get(objects[i], L"ProcessId", 0, &id, NULL, NULL);
        IWbemClassObject_Get(objects[i], L"Name", 0, &name, NULL, NULL);
        printf("    %8d  %ls\n", (int)V_I4(&id), V_BSTR(&name));
        VariantClear(&name);
    }
    return WBEM_S_NO_ERROR;
}

/* The last of a call: WBEM_S_NO_ERROR, all that was asked for; WBEM_S_FALSE, the sequence ended
 * first; otherwise an error. */
static HRESULT STDMETHODCALLTYPE set_status(IWbemObjectSink *sink, LONG flags, HRESULT status,
                                            BSTR text, IWbemClassObject *object)
{
    struct printer *p = (struct printer *)sink;
    (void)text;
    (void)object;
    if (flags != WBEM_STATUS_COMPLETE) {
        return WBEM_S_NO_ERROR;
    }
    p->status = status;
    printf("  batch %d ended with 0x%08x\n", p->batch, (unsigned)status);
    if (status == WBEM_S_NO_ERROR && p->batch < BATCHES) {
        p->batch++;
        p->status = IEnumWbemClassObject_NextAsync(p->processes, BATCH, sink);
    }
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl printer_vtbl = {
    .QueryInterface = query_interface,
    .AddRef = add_ref,
    .Release = release,
    .Indicate = indicate,
    .SetStatus = set_status,
};

static HRESULT open_processes(IEnumWbemClassObject **ret)
{
    IWbemLocator *locator = NULL;
    IWbemServices *services = NULL;
    BSTR name_space = SysAllocString(L"root\\cimv2");
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(L"SELECT ProcessId, Name FROM Win32_Process");
    HRESULT hr = CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                                  (void **)&locator);
    if (SUCCEEDED(hr)) {
        hr = IWbemLocator_ConnectServer(locator, name_space, NULL, NULL, NULL, 0, NULL, NULL,
                                        &services);
        IWbemLocator_Release(locator);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemServices_ExecQuery(services, language, query,
                                     WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL,
                                     ret);
        IWbemServices_Release(services);
    }
    SysFreeString(query);
    SysFreeString(language);
    SysFreeString(name_space);
    return hr;
}

int main(void)
{
    struct printer p = {.sink = {&printer_vtbl}, .batch = 1};
    sem_init(&p.released, 0, 0);
    HRESULT hr = CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (SUCCEEDED(hr)) {
        hr = open_processes(&p.processes);
    }
    if (SUCCEEDED(hr)) {
        printf("asking for %d processes at a time:\n", BATCH);
        hr = IEnumWbemClassObject_NextAsync(p.processes, BATCH, &p.sink);
        if (hr == WBEM_S_NO_ERROR) {
            sem_wait(&p.released); /* a client would do something useful here */
            hr = p.status;
        }
        IEnumWbemClassObject_Release(p.processes);
    }
    if (FAILED(hr)) {
        fprintf(stderr, "error 0x%08x\n", (unsigned)hr);
    }
    CoUninitialize();
    sem_destroy(&p.released);
    return FAILED(hr);
}
