/*
 * Delivery through NextAsync on one core, against a memcpy of the same
 * instance bytes; memory over many objects; scaling with the batch, the
 * number of objects and the number of threads.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum {
    SAMPLE_COUNT = 100000, /* more bytes than the caches hold */
    BATCH = 100,
};

static cpu_set_t all_cpus;

/* Every thread from here on shares one processor with this one. */
static void use_one_cpu(void)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    sched_getaffinity(0, sizeof(all_cpus), &all_cpus);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all_cpus)) {
            CPU_SET(i, &one);
            break;
        }
    }
    sched_setaffinity(0, sizeof(one), &one);
    delivery_drain(); /* threads that are there already could be elsewhere */
}

static void use_all_cpus(void)
{
    sched_setaffinity(0, sizeof(all_cpus), &all_cpus);
    delivery_drain();
}

/* Of all threads. */
static double processor_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double time_delivery(const struct sample *s, size_t total, ULONG batch)
{
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY |
                                                        WBEM_FLAG_RETURN_IMMEDIATELY};
    IEnumWbemClassObject *e;
    double start = bench_seconds();
    bench_check("make an enumerator", enumerator_create(sample_source(s, total), &options, &e));
    size_t got = drain_with_sink(e, batch);
    IEnumWbemClassObject_Release(e);
    double seconds = bench_seconds() - start;
    if (got != total) {
        fprintf(stderr, "wbem-bench: %zu objects delivered instead of %zu\n", got, total);
        exit(1);
    }
    return seconds;
}

/* The same bytes, instance by instance, from one place to another as large; processor time. */
static double time_memcpy(const struct sample *s, size_t total)
{
    uint8_t *to = malloc(s->offsets[s->count]);
    bench_check("hold the copy", to ? S_OK : E_OUTOFMEMORY);
    memset(to, 1, s->offsets[s->count]);
    double start = processor_seconds();
    for (size_t i = 0; i < total; i++) {
        size_t k = i % s->count;
        memcpy(to + s->offsets[k], s->bytes + s->offsets[k], s->offsets[k + 1] - s->offsets[k]);
        __asm__ volatile("" : : "r"(to) : "memory"); /* each copy is made */
    }
    double seconds = processor_seconds() - start;
    free(to);
    return seconds;
}

void bench_delivery(const struct bench_size *size)
{
    struct sample s;
    double delivery[16];
    double busy[16];
    double copy[16];
    double ratio[16];
    sample_create(SAMPLE_COUNT, &s);
    use_one_cpu();
    for (unsigned i = 0; i < size->repeats; i++) {
        /* Processor time too: others may be running, and then the clock counts their share. */
        double start = processor_seconds();
        delivery[i] = time_delivery(&s, size->objects, BATCH);
        busy[i] = processor_seconds() - start;
        copy[i] = time_memcpy(&s, size->objects);
        ratio[i] = busy[i] / copy[i];
    }
    use_all_cpus();
    double n = (double)size->objects;
    double d = bench_median(delivery, size->repeats);
    double p = bench_median(busy, size->repeats);
    double c = bench_median(copy, size->repeats);
    bench_row("NextAsync, 10 properties, 2 read, batch 100",
              bench_format("%.2f million objects/s", n / d / 1e6), "one core, by the clock",
              "5 million objects/s");
    bench_row("the same by processor time", bench_format("%.2f million objects/s", n / p / 1e6),
              "one core, all threads", "5 million objects/s");
    bench_row("the same against memcpy of the bytes",
              bench_format("%.2f x", bench_median(ratio, size->repeats)),
              bench_format("%.0f ns against %.0f ns (%u bytes)", p / n * 1e9, c / n * 1e9,
                           s.offsets[s.count] / (unsigned)s.count),
              "within 5 x");
    sample_destroy(&s);
}

/* ---- memory ------------------------------------------------------------------------- */

static double resident_mib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (!f || fscanf(f, "%*s %ld", &pages) != 1) {
        pages = 0;
    }
    if (f) {
        fclose(f);
    }
    return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1048576;
}

/* The highest since the process began, or since reset_peak(). */
static double peak_mib(void)
{
    char line[256];
    double mib = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof(line), f)) {
        long kib;
        if (sscanf(line, "VmHWM: %ld kB", &kib) == 1) {
            mib = (double)kib / 1024;
        }
    }
    if (f) {
        fclose(f);
    }
    return mib;
}

static void reset_peak(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
}

void bench_memory(const struct bench_size *size)
{
    struct sample s;
    sample_create(1000, &s);
    reset_peak();
    double before = resident_mib();
    time_delivery(&s, size->many, BATCH);
    double growth = peak_mib() - before;
    bench_row(bench_format("memory, %.1f million objects forward-only", (double)size->many / 1e6),
              bench_format("%.1f MiB above the start", growth), NULL, "under 32 MiB");
    sample_destroy(&s);
}

/* ---- scaling --------------------------------------------------------------------------- */

struct worker {
    pthread_t thread;
    const struct sample *sample;
    size_t total;
};

static void *work(void *closure)
{
    struct worker *w = closure;
    time_delivery(w->sample, w->total, BATCH);
    return NULL;
}

static double time_threads(const struct sample *s, size_t total, unsigned threads)
{
    struct worker workers[16];
    double start = bench_seconds();
    for (unsigned i = 0; i < threads; i++) {
        workers[i] = (struct worker){.sample = s, .total = total / threads};
        pthread_create(&workers[i].thread, NULL, work, &workers[i]);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
    }
    return bench_seconds() - start;
}

void bench_scaling(const struct bench_size *size)
{
    static const ULONG batches[] = {1, 10, 100, 1000};
    static const unsigned threads[] = {1, 2, 4, 8};
    struct sample s;
    sample_create(SAMPLE_COUNT, &s);
    double n = (double)size->objects;
    bench_heading("scaling: the same delivery, all processors");
    for (size_t i = 0; i < 4; i++) {
        size_t total = batches[i] == 1 ? size->objects / 10 : size->objects;
        double t = time_delivery(&s, total, batches[i]);
        bench_row(bench_format("batch %u", batches[i]),
                  bench_format("%.2f million objects/s", (double)total / t / 1e6), NULL, NULL);
    }
    for (size_t i = 0; i < 4; i++) {
        double t = time_threads(&s, size->objects, threads[i]);
        bench_row(bench_format("%u enumerators at once", threads[i]),
                  bench_format("%.2f million objects/s", n / t / 1e6), NULL, NULL);
    }
    for (size_t total = 100; total <= size->objects; total *= 10) {
        double t = time_delivery(&s, total, BATCH);
        bench_row(bench_format("%zu objects", total),
                  bench_format("%.0f ns an object", t / (double)total * 1e9), NULL, NULL);
    }
    sample_destroy(&s);
}
