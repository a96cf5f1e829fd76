/* The sink of the benchmarks, and the loop that asks for batch after batch. */
#include <semaphore.h>
#include <stdatomic.h>

#include "bench.h"

struct drain {
    IWbemObjectSink sink;
    IEnumWbemClassObject *from;
    ULONG batch;
    size_t delivered;
    uint64_t sum; /* of what was read, so that reading can't be left out */
    atomic_int refs;
    sem_t released; /* the library has let go of the sink: the last thing it does with it */
};

static HRESULT STDMETHODCALLTYPE drain_query_interface(IWbemObjectSink *sink, REFIID riid,
                                                       void **ret)
{
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    IWbemObjectSink_AddRef(sink);
    *ret = sink;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE drain_add_ref(IWbemObjectSink *sink)
{
    return (ULONG)atomic_fetch_add(&((struct drain *)sink)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE drain_release(IWbemObjectSink *sink)
{
    struct drain *d = (struct drain *)sink;
    ULONG left = (ULONG)atomic_fetch_sub(&d->refs, 1) - 1;
    if (left == 0) {
        sem_post(&d->released);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE drain_indicate(IWbemObjectSink *sink, LONG count,
                                                IWbemClassObject **objects)
{
    struct drain *d = (struct drain *)sink;
    for (LONG i = 0; i < count; i++) {
        VARIANT id;
        VARIANT name;
        bench_check("read Id", IWbemClassObject_Get(objects[i], L"Id", 0, &id, NULL, NULL));
        bench_check("read Name", IWbemClassObject_Get(objects[i], L"Name", 0, &name, NULL, NULL));
        d->sum += (uint64_t)V_I4(&id) + SysStringLen(V_BSTR(&name));
        VariantClear(&name);
    }
    d->delivered += (size_t)count;
    return WBEM_S_NO_ERROR;
}

/* The next batch is asked for from inside the final status: no thread waits between two. */
static HRESULT STDMETHODCALLTYPE drain_set_status(IWbemObjectSink *sink, LONG flags, HRESULT status,
                                                  BSTR text, IWbemClassObject *object)
{
    struct drain *d = (struct drain *)sink;
    if (flags != WBEM_STATUS_COMPLETE) {
        return WBEM_S_NO_ERROR;
    }
    bench_check("deliver", status);
    if (status == WBEM_S_NO_ERROR) {
        bench_check("ask for more", IEnumWbemClassObject_NextAsync(d->from, d->batch, sink));
    }
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl drain_vtbl = {
    .QueryInterface = drain_query_interface,
    .AddRef = drain_add_ref,
    .Release = drain_release,
    .Indicate = drain_indicate,
    .SetStatus = drain_set_status,
};

size_t drain_with_sink(IEnumWbemClassObject *e, ULONG batch)
{
    struct drain d = {.sink = {&drain_vtbl}, .from = e, .batch = batch};
    sem_init(&d.released, 0, 0);
    HRESULT hr = IEnumWbemClassObject_NextAsync(e, batch, &d.sink);
    bench_check("ask for objects", hr);
    if (hr == WBEM_S_NO_ERROR) {
        sem_wait(&d.released);
    }
    static volatile uint64_t kept;
    kept = d.sum;
    (void)kept;
    sem_destroy(&d.released);
    return d.delivered;
}
