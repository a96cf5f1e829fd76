/*
 * wbem-bench [--short] [NAME ...]: the figures of docs/performance.md, as one
 * table. --short runs everything once and small, to see that it runs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static const struct {
    const char *name;
    void (*run)(const struct bench_size *size);
} benches[] = {
    {"decode", bench_decode},         {"delivery", bench_delivery}, {"memory", bench_memory},
    {"process", bench_process},       {"latency", bench_latency},   {"scaling", bench_scaling},
    {"refresh", bench_refresh},       {"mof", bench_mof},           {"events", bench_events},
    {"remote", bench_remote},         {"fleet", bench_fleet},       {"rpc", bench_rpc},
#ifdef HAVE_SQLITE
    {"repository", bench_repository},
#endif

};

static bool is_wanted(const char *name, int argc, char **argv)
{
    bool any = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], name) == 0) {
            return true;
        }
        any = any || strcmp(argv[i], "--short") != 0;
    }
    return !any;
}

/* In a process of its own: no bench finds the threads, caches and memory that another has left. */
static bool run_apart(void (*run)(const struct bench_size *size), const struct bench_size *size)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        bench_check("initialize COM", CoInitializeEx(NULL, COINIT_MULTITHREADED));
        run(size);
        CoUninitialize();
        exit(0);
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
    struct bench_size size = {.objects = 2000000, .many = 10000000, .repeats = 5};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--short") == 0) {
            size = (struct bench_size){.objects = 20000, .many = 100000, .repeats = 1};
        }
    }
    bench_row("what", "figure", "compared with", "target");
    for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
        if (is_wanted(benches[i].name, argc, argv) && !run_apart(benches[i].run, &size)) {
            return 1;
        }
    }
    return 0;
}
