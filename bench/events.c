/*
 * Events: from who raises them, on one thread, to who takes them from an
 * enumerator, on another; beside it the same bytes through a pipe, which is
 * what two threads of a C program would do at the least.
 *
 * The raiser keeps at most WINDOW events ahead, so that nothing is dropped.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"
#include "com/com.h"
#include "events/events.h"
#include "repository/repository.h"
#include "services/services.h"

enum {
    WINDOW = 4096,
    STEP = 64, /* events a credit stands for */
    OTHERS = 10
};

struct stage {
    struct repository *repository;
    struct repository_namespace *cimv2;
    IWbemServices *services;
    IWbemClassObject *event;
    size_t count;
    sem_t credits;
    int pipe[2];
    const void *bytes;
    uint32_t size;
};

static IWbemClassObject *make_event(struct repository_namespace *n)
{
    IWbemClassObject *cls;
    IWbemClassObject *event;
    bench_check("find a class of events",
                repository_get_class(n, L"Win32_VolumeChangeEvent", false, &cls));
    bench_check("make an event", IWbemClassObject_SpawnInstance(cls, 0, &event));
    VARIANT name = {.vt = VT_BSTR, .bstrVal = SysAllocString(L"/media/disk")};
    VARIANT type = {.vt = VT_I4, .lVal = 2};
    VARIANT time = {.vt = VT_BSTR, .bstrVal = SysAllocString(L"134000000000000000")};
    bench_check("fill it", IWbemClassObject_Put(event, L"DriveName", 0, &name, 0));
    bench_check("fill it", IWbemClassObject_Put(event, L"EventType", 0, &type, 0));
    bench_check("fill it", IWbemClassObject_Put(event, L"TIME_CREATED", 0, &time, 0));
    VariantClear(&name);
    VariantClear(&time);
    IWbemClassObject_Release(cls);
    return event;
}

static void stage_create(size_t count, struct stage *ret)
{
    *ret = (struct stage){.count = count};
    bench_check("make a repository", repository_create(NULL, &ret->repository));
    bench_check("open root\\cimv2", repository_open(ret->repository, L"root\\cimv2", &ret->cimv2));
    bench_check("open its services", services_create(ret->cimv2, NULL, &ret->services));
    ret->event = make_event(ret->cimv2);
    const uint8_t *bytes;
    bench_check("see its bytes", object_encoding(ret->event, &bytes, &ret->size));
    ret->bytes = bytes;
    sem_init(&ret->credits, 0, 0);
    bench_check("make a pipe", pipe(ret->pipe) == 0 ? S_OK : E_FAIL);
}

static void stage_destroy(struct stage *s)
{
    close(s->pipe[0]);
    close(s->pipe[1]);
    sem_destroy(&s->credits);
    IWbemClassObject_Release(s->event);
    IWbemServices_Release(s->services);
    delivery_drain();
    repository_destroy(s->repository);
}

static IEnumWbemClassObject *subscribe(const struct stage *s, const wchar_t *query)
{
    IEnumWbemClassObject *e;
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(query);
    bench_check("subscribe", IWbemServices_ExecNotificationQuery(
                                 s->services, language, text,
                                 WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &e));
    SysFreeString(language);
    SysFreeString(text);
    return e;
}

/* ---- the two ways -------------------------------------------------------------------- */

static void wait_for_credit(struct stage *s, size_t i)
{
    if (i >= WINDOW && i % STEP == 0) {
        sem_wait(&s->credits);
    }
}

static void *raise_all(void *closure)
{
    struct stage *s = closure;
    for (size_t i = 0; i < s->count; i++) {
        wait_for_credit(s, i);
        bench_check("raise", events_raise(s->cimv2, s->event));
    }
    return NULL;
}

static double run_events(struct stage *s, IEnumWbemClassObject *e)
{
    IWbemClassObject *objects[STEP];
    pthread_t raiser;
    double start = bench_seconds();
    pthread_create(&raiser, NULL, raise_all, s);
    for (size_t taken = 0; taken < s->count;) {
        ULONG got = 0;
        ULONG want = s->count - taken < STEP ? (ULONG)(s->count - taken) : STEP;
        bench_check("take", IEnumWbemClassObject_Next(e, WBEM_INFINITE, want, objects, &got));
        for (ULONG i = 0; i < got; i++) {
            IWbemClassObject_Release(objects[i]);
        }
        taken += got;
        sem_post(&s->credits);
    }
    pthread_join(raiser, NULL);
    double seconds = bench_seconds() - start;
    while (sem_trywait(&s->credits) == 0) {
    }
    return seconds;
}

static void *write_all(void *closure)
{
    const struct stage *s = closure;
    for (size_t i = 0; i < s->count; i++) {
        if (write(s->pipe[1], s->bytes, s->size) != (ssize_t)s->size) {
            bench_check("write to a pipe", E_FAIL);
        }
    }
    return NULL;
}

static double run_pipe(struct stage *s)
{
    char buffer[65536];
    pthread_t writer;
    double start = bench_seconds();
    pthread_create(&writer, NULL, write_all, s);
    for (size_t left = s->count * s->size; left > 0;) {
        ssize_t n = read(s->pipe[0], buffer, left < sizeof(buffer) ? left : sizeof(buffer));
        if (n <= 0) {
            bench_check("read from a pipe", E_FAIL);
        }
        left -= (size_t)n;
    }
    pthread_join(writer, NULL);
    return bench_seconds() - start;
}

/* ---- the rows ------------------------------------------------------------------------------ */

static void row(struct stage *s, const char *what, IEnumWbemClassObject *e, unsigned repeats)
{
    double ours[16];
    double theirs[16];
    for (unsigned i = 0; i < repeats; i++) {
        ours[i] = run_events(s, e);
        theirs[i] = run_pipe(s);
    }
    double seconds = bench_median(ours, repeats);
    bench_row(what, bench_format("%.2f million/s", (double)s->count / seconds / 1e6),
              bench_format("a pipe: %.2f million/s, %.2f x its time",
                           (double)s->count / bench_median(theirs, repeats) / 1e6,
                           seconds / bench_median(theirs, repeats)),
              NULL);
}

void bench_events(const struct bench_size *size)
{
    struct stage s;
    stage_create(size->objects / 4, &s);
    bench_heading("events, raised on one thread and taken on another");
    IEnumWbemClassObject *e = subscribe(&s, L"SELECT * FROM Win32_VolumeChangeEvent");
    row(&s, "SELECT *", e, size->repeats);
    IEnumWbemClassObject_Release(e);
    e = subscribe(&s, L"SELECT DriveName FROM Win32_VolumeChangeEvent WHERE EventType = 2 AND "
                      L"DriveName LIKE '/media/%'");
    row(&s, "one property, a condition that holds", e, size->repeats);
    IEnumWbemClassObject *others[OTHERS];
    for (unsigned i = 0; i < OTHERS; i++) {
        others[i] = subscribe(&s, L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType = 1");
    }
    row(&s, "the same, ten others whose conditions fail", e, size->repeats);
    for (unsigned i = 0; i < OTHERS; i++) {
        IEnumWbemClassObject_Release(others[i]);
    }
    IEnumWbemClassObject_Release(e);
    stage_destroy(&s);
}
