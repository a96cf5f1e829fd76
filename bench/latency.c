/* From the moment a slow source has produced its first object to its arrival at the sink. */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "bench.h"

struct slow {
    struct source base;
    IWbemClassObject *object;
    double *ret_produced;
    sem_t *release; /* the source stays busy until then, as one that has more to come */
    bool given;
};

static HRESULT slow_pull(struct source *source, ULONG demand, struct result_set *out)
{
    struct slow *s = (struct slow *)source;
    if (s->given) {
        sem_wait(s->release);
        return WBEM_S_FALSE;
    }
    const struct timespec pause = {.tv_nsec = 2000000}; /* the source's work; the sink waits */
    nanosleep(&pause, NULL);
    s->given = true;
    IWbemClassObject_AddRef(s->object);
    *s->ret_produced = bench_seconds();
    HRESULT hr = result_set_put(out, s->object);
    sem_wait(s->release); /* within the same pull: the first must not wait for the second */
    return FAILED(hr) ? hr : WBEM_S_FALSE;
}

static void slow_destroy(struct source *source)
{
    free(source);
}

static const struct source_ops slow_ops = {.pull = slow_pull, .destroy = slow_destroy};

struct clock_sink {
    IWbemObjectSink sink;
    double arrived;
    sem_t *release;
    atomic_int refs;
    sem_t released; /* the library has let go of the sink */
};

static HRESULT STDMETHODCALLTYPE clock_query_interface(IWbemObjectSink *sink, REFIID riid,
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

static ULONG STDMETHODCALLTYPE clock_add_ref(IWbemObjectSink *sink)
{
    return (ULONG)atomic_fetch_add(&((struct clock_sink *)sink)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE clock_release(IWbemObjectSink *sink)
{
    struct clock_sink *s = (struct clock_sink *)sink;
    ULONG left = (ULONG)atomic_fetch_sub(&s->refs, 1) - 1;
    if (left == 0) {
        sem_post(&s->released);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE clock_indicate(IWbemObjectSink *sink, LONG count,
                                                IWbemClassObject **objects)
{
    struct clock_sink *s = (struct clock_sink *)sink;
    s->arrived = bench_seconds();
    sem_post(s->release);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE clock_set_status(IWbemObjectSink *sink, LONG flags, HRESULT status,
                                                  BSTR text, IWbemClassObject *object)
{
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl clock_vtbl = {
    .QueryInterface = clock_query_interface,
    .AddRef = clock_add_ref,
    .Release = clock_release,
    .Indicate = clock_indicate,
    .SetStatus = clock_set_status,
};

static double one_latency(IWbemClassObject *object)
{
    sem_t release;
    sem_init(&release, 0, 0);
    double produced = 0;
    struct slow *s = calloc(1, sizeof(*s));
    bench_check("make a source", s ? S_OK : E_OUTOFMEMORY);
    *s = (struct slow){
        .base = {&slow_ops}, .object = object, .ret_produced = &produced, .release = &release};
    struct clock_sink sink = {.sink = {&clock_vtbl}, .release = &release};
    sem_init(&sink.released, 0, 0);
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY |
                                                        WBEM_FLAG_RETURN_IMMEDIATELY};
    IEnumWbemClassObject *e;
    bench_check("make an enumerator", enumerator_create(&s->base, &options, &e));
    bench_check("ask for objects", IEnumWbemClassObject_NextAsync(e, 100, &sink.sink));
    sem_wait(&sink.released);
    IEnumWbemClassObject_Release(e);
    delivery_drain();
    sem_destroy(&sink.released);
    sem_destroy(&release);
    return sink.arrived - produced;
}

void bench_latency(const struct bench_size *size)
{
    enum {
        MOST = 500
    };
    static double seconds[MOST];
    unsigned count = size->repeats == 1 ? 10 : MOST;
    struct sample s;
    sample_create(1, &s);
    IWbemClassObject *object;
    bench_check("make an object",
                object_from_instance_bytes(s.schema, s.where, s.bytes, s.offsets[1], &object));
    for (unsigned i = 0; i < count; i++) {
        seconds[i] = one_latency(object);
    }
    double median = bench_median(seconds, count);
    bench_row("first object of a slow source to the sink",
              bench_format("%.3f ms median", median * 1e3),
              bench_format("%.3f ms at the 99th of 100, worst %.3f ms",
                           seconds[count * 99 / 100] * 1e3, seconds[count - 1] * 1e3),
              "within 1 ms");
    IWbemClassObject_Release(object);
    sample_destroy(&s);
}
