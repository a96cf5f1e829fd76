/*
 * wbem-bench [--short] [NAME ...]: the figures of docs/performance.md, as one
 * table. --short runs everything once and small, to see that it runs.
 */
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const struct {
    const char *name;
    void (*run)(const struct bench_size *size);
} benches[] = {
    {"delivery", bench_delivery},
    {"memory", bench_memory},
    {"process", bench_process},
    {"latency", bench_latency},
    {"scaling", bench_scaling},
    {"refresh", bench_refresh},
    {"mof", bench_mof},
    {"events", bench_events},
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

int main(int argc, char **argv)
{
    struct bench_size size = {.objects = 2000000, .many = 10000000, .repeats = 5};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--short") == 0) {
            size = (struct bench_size){.objects = 20000, .many = 100000, .repeats = 1};
        }
    }
    bench_check("initialize COM", CoInitializeEx(NULL, COINIT_MULTITHREADED));
    bench_row("what", "figure", "compared with", "target");
    for (size_t i = 0; i < sizeof(benches) / sizeof(benches[0]); i++) {
        if (is_wanted(benches[i].name, argc, argv)) {
            benches[i].run(&size);
        }
    }
    CoUninitialize();
    return 0;
}
