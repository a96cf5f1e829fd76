/*
 * SELECT * FROM Win32_Process, delivered to a sink, against a bare loop that
 * opens and reads the same files of /proc and keeps nothing.
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

enum {
    EXTRA_PROCESSES = 300, /* so that there is something to read on a quiet machine */
};

static void read_file(int directory, const char *name)
{
    char text[65536];
    int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        while (read(fd, text, sizeof(text)) == (ssize_t)sizeof(text)) {
        }
        close(fd);
    }
}

/* The files that the provider reads for all of its properties. */
static size_t bare_loop(void)
{
    size_t count = 0;
    DIR *proc = opendir("/proc");
    bench_check("open /proc", proc ? S_OK : E_FAIL);
    for (struct dirent *entry; (entry = readdir(proc));) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') {
            continue;
        }
        int directory = openat(dirfd(proc), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (directory < 0) {
            continue;
        }
        char text[4096];
        struct stat st;
        read_file(directory, "stat");
        read_file(directory, "status");
        read_file(directory, "io");
        read_file(directory, "cmdline");
        (void)!readlinkat(directory, "exe", text, sizeof(text));
        (void)!fstatat(directory, "fd", &st, 0);
        close(directory);
        count++;
    }
    closedir(proc);
    return count;
}

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

static size_t query_all(IWbemServices *services)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR query = SysAllocString(L"SELECT * FROM Win32_Process");
    IEnumWbemClassObject *e;
    bench_check("query", IWbemServices_ExecQuery(
                             services, language, query,
                             WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &e));
    size_t count = 0;
    ULONG got;
    HRESULT hr;
    do {
        IWbemClassObject *objects[100];
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 100, objects, &got);
        bench_check("fetch", hr);
        for (ULONG i = 0; i < got; i++) {
            IWbemClassObject_Release(objects[i]);
        }
        count += got;
    } while (hr == WBEM_S_NO_ERROR);
    IEnumWbemClassObject_Release(e);
    SysFreeString(language);
    SysFreeString(query);
    return count;
}

static void start_processes(pid_t *pids, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            pause();
            _exit(0);
        }
    }
}

static void stop_processes(const pid_t *pids, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (pids[i] > 0) {
            kill(pids[i], SIGKILL);
            waitpid(pids[i], NULL, 0);
        }
    }
}

void bench_process(const struct bench_size *size)
{
    pid_t pids[EXTRA_PROCESSES];
    unsigned extra = size->repeats == 1 ? 10 : EXTRA_PROCESSES;
    unsigned rounds = size->repeats == 1 ? 1 : 15;
    start_processes(pids, extra);
    IWbemServices *services = connect_local();
    query_all(services); /* both have been there once */
    size_t count = bare_loop();
    double wmi[16];
    double bare[16];
    double ratio[16];
    for (unsigned i = 0; i < rounds; i++) {
        double start = bench_seconds();
        query_all(services);
        double middle = bench_seconds();
        bare_loop();
        wmi[i] = middle - start;
        bare[i] = bench_seconds() - middle;
        ratio[i] = wmi[i] / bare[i];
    }
    stop_processes(pids, extra);
    bench_row(bench_format("SELECT * FROM Win32_Process, %zu processes", count),
              bench_format("%.2f x a bare C loop", bench_median(ratio, rounds)),
              bench_format("%.2f ms against %.2f ms", bench_median(wmi, rounds) * 1e3,
                           bench_median(bare, rounds) * 1e3),
              "within 1.25 x");
    IWbemServices_Release(services);
}
