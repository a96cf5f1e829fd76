/*
 * Many at once: one client process with a connection to each of 1,000 hosts, and
 * one server with 5,000 clients. The hosts are addresses of the loopback network,
 * behind which one wbemd answers.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define THREADS 16 /* that log in, as ConnectServer waits */
#define OBJECTS 1000
#define BATCH 100
#define SOCKETS 3 /* of one connection to a host, and some to spare */
#define SPARE_FILES 200

struct fleet {
    struct bench_server server;
    size_t count;
    bool one_address;
    IWbemServices **services;
    atomic_size_t next, objects;
};

/* A number in a file of /proc; 0: there is none. In KiB where it is memory. */
static size_t status_of(pid_t pid, const char *name)
{
    char path[64], line[200];
    size_t value = 0;
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof(line), f)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            value = strtoul(line + strlen(name), NULL, 10);
        }
    }
    if (f) {
        fclose(f);
    }
    return value;
}

/* As many as the limit of open files lets us have: raised to the hard one, which the server
 * inherits. */
static size_t raise_files(size_t count)
{
    struct rlimit files;
    bench_must(getrlimit(RLIMIT_NOFILE, &files) == 0, "getrlimit");
    rlim_t wanted = count * SOCKETS + SPARE_FILES;
    if (files.rlim_cur < wanted) {
        files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
        bench_must(setrlimit(RLIMIT_NOFILE, &files) == 0, "setrlimit");
    }
    if (files.rlim_cur < wanted) {
        count = files.rlim_cur > SPARE_FILES ? (files.rlim_cur - SPARE_FILES) / SOCKETS : 1;
        fprintf(stderr, "wbem-bench: %lu open files are allowed: %zu connections instead\n",
                (unsigned long)files.rlim_cur, count);
    }
    return count;
}

/* ---- many threads ------------------------------------------------------------------------- */

static void on_threads(struct fleet *f, void *(*work)(void *fleet))
{
    pthread_t threads[THREADS];
    atomic_store(&f->next, 0);
    for (size_t i = 0; i < THREADS; i++) {
        bench_must(pthread_create(&threads[i], NULL, work, f) == 0, "thread");
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
}

static void *log_in_some(void *arg)
{
    struct fleet *f = arg;
    for (size_t i; (i = atomic_fetch_add(&f->next, 1)) < f->count;) {
        char host[32] = "127.0.0.1";
        if (!f->one_address) {
            snprintf(host, sizeof(host), "127.1.%zu.%zu", i / 250, i % 250 + 1);
        }
        f->services[i] = bench_log_in(host, f->server.port, RPC_C_AUTHN_LEVEL_DEFAULT);
    }
    return NULL;
}

static IEnumWbemClassObject *begin(struct fleet *f, size_t i, const wchar_t *text)
{
    BSTR language = SysAllocString(L"WQL"), query = SysAllocString(text);
    IEnumWbemClassObject *e;
    bench_check("ExecQuery", IWbemServices_ExecQuery(
                                 f->services[i], language, query,
                                 WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e));
    SysFreeString(language);
    SysFreeString(query);
    return e;
}

static void *query_some(void *arg)
{
    struct fleet *f = arg;
    for (size_t i; (i = atomic_fetch_add(&f->next, 1)) < f->count;) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        IEnumWbemClassObject *e = begin(f, i, L"SELECT * FROM Sample WHERE Id = 7");
        bench_check("Next", IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
        bench_must(got == 1, "a query without its object");
        atomic_fetch_add(&f->objects, got);
        IWbemClassObject_Release(object);
        IEnumWbemClassObject_Release(e);
    }
    return NULL;
}

static void *release_some(void *arg)
{
    struct fleet *f = arg;
    for (size_t i; (i = atomic_fetch_add(&f->next, 1)) < f->count;) {
        IWbemServices_Release(f->services[i]);
    }
    return NULL;
}

/* ---- all at the same time ----------------------------------------------------------------- */

/* A thread a host, of the benchmark's own, would hide what the library needs: each enumeration is
 * asked on by its own sink. */
struct crowd {
    IWbemObjectSink sink;
    IEnumWbemClassObject *from;
    struct fleet *fleet;
    atomic_int refs;
    struct gathering *all;
};

struct gathering {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t left; /* under lock */
};

static HRESULT STDMETHODCALLTYPE crowd_query_interface(IWbemObjectSink *sink, REFIID riid,
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

static ULONG STDMETHODCALLTYPE crowd_add_ref(IWbemObjectSink *sink)
{
    return (ULONG)atomic_fetch_add(&((struct crowd *)sink)->refs, 1) + 1;
}

static ULONG STDMETHODCALLTYPE crowd_release(IWbemObjectSink *sink)
{
    struct crowd *c = (struct crowd *)sink;
    ULONG left = (ULONG)atomic_fetch_sub(&c->refs, 1) - 1;
    if (left == 0) {
        pthread_mutex_lock(&c->all->lock);
        c->all->left--;
        pthread_cond_signal(&c->all->changed);
        pthread_mutex_unlock(&c->all->lock);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE crowd_indicate(IWbemObjectSink *sink, LONG count,
                                                IWbemClassObject **objects)
{
    atomic_fetch_add(&((struct crowd *)sink)->fleet->objects, (size_t)count);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE crowd_set_status(IWbemObjectSink *sink, LONG flags, HRESULT status,
                                                  BSTR text, IWbemClassObject *object)
{
    struct crowd *c = (struct crowd *)sink;
    if (flags == WBEM_STATUS_COMPLETE) {
        bench_check("deliver", status);
        if (status == WBEM_S_NO_ERROR) {
            bench_check("ask for more", IEnumWbemClassObject_NextAsync(c->from, BATCH, sink));
        }
    }
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl crowd_vtbl = {
    .QueryInterface = crowd_query_interface,
    .AddRef = crowd_add_ref,
    .Release = crowd_release,
    .Indicate = crowd_indicate,
    .SetStatus = crowd_set_status,
};

/* The most threads that there were meanwhile. */
static size_t enumerate_all(struct fleet *f)
{
    struct gathering all = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, f->count};
    struct crowd *crowd = calloc(f->count, sizeof(*crowd));
    size_t most = 0;
    bench_must(crowd != NULL, "memory");
    for (size_t i = 0; i < f->count; i++) {
        crowd[i] = (struct crowd){.sink = {&crowd_vtbl}, .fleet = f, .refs = 1, .all = &all};
        crowd[i].from = begin(f, i, L"SELECT * FROM Sample");
    }
    for (size_t i = 0; i < f->count; i++) {
        bench_check("ask for objects",
                    IEnumWbemClassObject_NextAsync(crowd[i].from, BATCH, &crowd[i].sink));
        IWbemObjectSink_Release(&crowd[i].sink);
    }
    pthread_mutex_lock(&all.lock);
    while (all.left > 0) {
        struct timespec soon;
        clock_gettime(CLOCK_REALTIME, &soon);
        soon.tv_sec += 1;
        pthread_cond_timedwait(&all.changed, &all.lock, &soon);
        if (all.left % 50 == 0) {
            size_t threads = status_of(getpid(), "Threads:");
            most = threads > most ? threads : most;
        }
    }
    pthread_mutex_unlock(&all.lock);
    for (size_t i = 0; i < f->count; i++) {
        IEnumWbemClassObject_Release(crowd[i].from);
    }
    free(crowd);
    return most;
}

/* ---- the rows ------------------------------------------------------------------------------ */

static void start(struct fleet *f, size_t count, bool one_address)
{
    static const char *const arguments[] = {"--listen",
                                            "0.0.0.0",
                                            "--max-connections",
                                            "100000",
                                            "--max-connections-per-address",
                                            "100000",
                                            "--max-connections-per-user",
                                            "100000",
                                            "--max-unauthenticated",
                                            "100000",
                                            "--max-calls",
                                            "100000",
                                            "--max-calls-per-user",
                                            "100000",
                                            "--max-objects-per-user",
                                            "200000",
                                            "--max-enumerators-per-user",
                                            "100000",
                                            "--max-results-per-user",
                                            "100000000",
                                            NULL};
    *f = (struct fleet){.count = raise_files(count), .one_address = one_address};
    f->services = calloc(f->count, sizeof(*f->services));
    bench_must(f->services != NULL, "memory");
    bench_server_start(&f->server, "127.0.0.1", OBJECTS, arguments);
    /* What there is once for all is there before anything is weighed. */
    IWbemServices_Release(bench_log_in("127.0.0.1", f->server.port, RPC_C_AUTHN_LEVEL_DEFAULT));
}

static double seconds_of(struct fleet *f, void *(*work)(void *fleet))
{
    double begun = bench_seconds();
    on_threads(f, work);
    return bench_seconds() - begun;
}

static void end(struct fleet *f)
{
    (void)seconds_of(f, release_some);
    bench_server_end(&f->server);
    free(f->services);
}

static double each(size_t kib, size_t before, size_t count)
{
    return kib > before ? (double)(kib - before) / (double)count : 0;
}

static void run_hosts(size_t count)
{
    struct fleet f;
    start(&f, count, false);
    size_t before = status_of(getpid(), "VmRSS:"), threads = status_of(getpid(), "Threads:");
    double took = seconds_of(&f, log_in_some);
    bench_row(bench_format("%zu hosts, one client: to log in to all", f.count),
              bench_format("%.1f s, %.0f hosts/s", took, (double)f.count / took),
              bench_format("%.0f KiB a host, %zu threads more",
                           each(status_of(getpid(), "VmRSS:"), before, f.count),
                           status_of(getpid(), "Threads:") - threads),
              NULL);
    double begun = bench_seconds();
    size_t most = enumerate_all(&f);
    took = bench_seconds() - begun;
    bench_must(atomic_load(&f.objects) == f.count * OBJECTS, "not all objects have come");
    bench_row(bench_format("%zu hosts enumerated at once, %d objects each", f.count, OBJECTS),
              bench_format("%.0f objects/s", (double)f.count * OBJECTS / took),
              bench_format("%.1f s; at most %.0f KiB a host; %zu threads", took,
                           each(status_of(getpid(), "VmHWM:"), before, f.count), most),
              NULL);
    end(&f);
}

static void run_clients(size_t count)
{
    struct fleet f;
    start(&f, count, true);
    size_t before = status_of(f.server.pid, "VmRSS:");
    double took = seconds_of(&f, log_in_some);
    bench_row(bench_format("%zu clients of one server: to log all in", f.count),
              bench_format("%.1f s, %.0f clients/s", took, (double)f.count / took),
              bench_format("%.0f KiB a client on the server, %zu threads",
                           each(status_of(f.server.pid, "VmRSS:"), before, f.count),
                           status_of(f.server.pid, "Threads:")),
              NULL);
    took = seconds_of(&f, query_some);
    bench_must(atomic_load(&f.objects) == f.count, "not all objects have come");
    bench_row("a query from each of them, by key",
              bench_format("%.1f s, %.0f queries/s", took, (double)f.count / took), NULL, NULL);
    end(&f);
}

void bench_fleet(const struct bench_size *size)
{
    bool small = size->repeats == 1;
    run_hosts(small ? 50 : 1000);
    run_clients(small ? 100 : 5000);
}
