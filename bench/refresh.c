/*
 * A refresh of 1,000 processes' objects against a bare loop that reads the same
 * files of /proc in the same way and keeps nothing.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum {
    PROCESSES = 1000
};

/* ---- allocations ---------------------------------------------------------------------- */

static atomic_bool counting;
static atomic_ulong allocations;

/* A sanitizer stands there itself. */
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

static void count_one(void)
{
    if (atomic_load_explicit(&counting, memory_order_relaxed)) {
        atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    }
}

void *malloc(size_t size)
{
    count_one();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    count_one();
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    count_one();
    return __libc_realloc(old, size);
}

#endif

/* ---- the bare loop ------------------------------------------------------------------------ */

static void read_once(int directory, const char *name)
{
    char text[8192];
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        (void)!read(fd, text, sizeof text);
        close(fd);
    }
}

static void bare_loop(int proc, const pid_t *pids, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        char name[16];
        struct stat st;
        snprintf(name, sizeof name, "%d", (int)pids[i]);
        int directory = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        read_once(directory, "stat");
        read_once(directory, "status");
        read_once(directory, "io");
        (void)!fstatat(directory, "fd", &st, 0);
        close(directory);
    }
}

/* ---- the refresher ----------------------------------------------------------------------------
 */

static IWbemServices *connect_local(void)
{
    IWbemLocator *locator;
    IWbemServices *services;
    BSTR name = SysAllocString(L"root\\cimv2");
    bench_check("make a locator", CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                                   &IID_IWbemLocator, (void **)&locator));
    bench_check("connect", IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL, 0, NULL,
                                                      NULL, &services));
    IWbemLocator_Release(locator);
    SysFreeString(name);
    return services;
}

struct refreshed {
    IWbemRefresher *refresher;
    IWbemConfigureRefresher *configure;
    IWbemClassObject *objects[PROCESSES];
    unsigned count;
};

static void create(struct refreshed *r)
{
    r->count = 0;
    bench_check("make a refresher",
                CoCreateInstance(&CLSID_WbemRefresher, NULL, CLSCTX_INPROC_SERVER,
                                 &IID_IWbemRefresher, (void **)&r->refresher));
    bench_check("configure it",
                IWbemRefresher_QueryInterface(r->refresher, &IID_IWbemConfigureRefresher,
                                              (void **)&r->configure));
}

static bool is_child(IWbemClassObject *object)
{
    VARIANT v;
    VariantInit(&v);
    bench_check("read", IWbemClassObject_Get(object, L"CreatingProcessID", 0, &v, NULL, NULL));
    return V_I4(&v) == (LONG)getpid();
}

/* The children's instances, as templates for what is to be refreshed. */
static void add_children(struct refreshed *r, IWbemServices *services, const wchar_t *class_name)
{
    BSTR name = SysAllocString(L"Win32_PerfRawData_PerfProc_Process");
    IEnumWbemClassObject *e;
    ULONG got;
    bench_check(
        "list the processes",
        IWbemServices_CreateInstanceEnum(
            services, name, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &e));
    do {
        IWbemClassObject *object = NULL;
        bench_check("fetch", IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
        if (got && r->count < PROCESSES && is_child(object)) {
            wchar_t path[512];
            VARIANT v;
            VariantInit(&v);
            bench_check("read", IWbemClassObject_Get(object, L"Name", 0, &v, NULL, NULL));
            swprintf(path, 512, L"%ls.Name=\"%ls\"", class_name, V_BSTR(&v));
            VariantClear(&v);
            bench_check("add",
                        IWbemConfigureRefresher_AddObjectByPath(
                            r->configure, services, path, 0, NULL, &r->objects[r->count++], NULL));
        }
        if (got) {
            IWbemClassObject_Release(object);
        }
    } while (got);
    IEnumWbemClassObject_Release(e);
    SysFreeString(name);
}

static void destroy(struct refreshed *r)
{
    for (unsigned i = 0; i < r->count; i++) {
        IWbemClassObject_Release(r->objects[i]);
    }
    IWbemConfigureRefresher_Release(r->configure);
    IWbemRefresher_Release(r->refresher);
}

static void measure(IWbemServices *services, const wchar_t *class_name, const char *kind,
                    const pid_t *pids, unsigned rounds)
{
    static struct refreshed r;
    double wmi[32], bare[32], ratio[32];
    int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    create(&r);
    add_children(&r, services, class_name);
    bench_check("refresh", IWbemRefresher_Refresh(r.refresher, 0));
    bare_loop(proc, pids, r.count); /* both have been there once */
    for (unsigned i = 0; i < rounds; i++) {
        double start = bench_seconds();
        bench_check("refresh", IWbemRefresher_Refresh(r.refresher, 0));
        double middle = bench_seconds();
        bare_loop(proc, pids, r.count);
        wmi[i] = middle - start;
        bare[i] = bench_seconds() - middle;
        ratio[i] = wmi[i] / bare[i];
    }
    atomic_store(&allocations, 0);
    atomic_store(&counting, true);
    bench_check("refresh", IWbemRefresher_Refresh(r.refresher, 0));
    atomic_store(&counting, false);
    bench_row(bench_format("refresh of %u %s process objects", r.count, kind),
              bench_format("%.2f x a bare C loop, %lu allocations", bench_median(ratio, rounds),
                           (unsigned long)atomic_load(&allocations)),
              bench_format("%.2f ms against %.2f ms", bench_median(wmi, rounds) * 1e3,
                           bench_median(bare, rounds) * 1e3),
              "no allocations");
    destroy(&r);
    close(proc);
}

void bench_refresh(const struct bench_size *size)
{
    static pid_t pids[PROCESSES];
    unsigned count = size->repeats == 1 ? 10 : PROCESSES;
    unsigned rounds = size->repeats == 1 ? 1 : 31;
    for (unsigned i = 0; i < count; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            pause();
            _exit(0);
        }
    }
    IWbemServices *services = connect_local();
    measure(services, L"Win32_PerfRawData_PerfProc_Process", "raw", pids, rounds);
    measure(services, L"Win32_PerfFormattedData_PerfProc_Process", "formatted", pids, rounds);
    IWbemServices_Release(services);
    for (unsigned i = 0; i < count; i++) {
        if (pids[i] > 0) {
            kill(pids[i], SIGKILL);
            waitpid(pids[i], NULL, 0);
        }
    }
}
