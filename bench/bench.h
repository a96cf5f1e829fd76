/*
 * What the benchmarks share. Each compares two things in one run and prints
 * one row or more of the table; nothing is asserted.
 */
#ifndef WBEM_BENCH_BENCH_H
#define WBEM_BENCH_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wbemcli.h>

#include "enumerator/enumerator.h"
#include "object/object.h"

struct bench_size {
    size_t objects;   /* of one delivery */
    size_t many;      /* of the memory run */
    unsigned repeats; /* the median of so many is told */
};

/* One row: what was measured, the figure with its unit, what it is compared with and its target
 * (NULL: none). */
void bench_row(const char *what, const char *figure, const char *rival, const char *target);
void bench_heading(const char *text);
char *bench_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

double bench_seconds(void);
/* Sorts, and gives the middle. */
double bench_median(double *values, unsigned count);
/* Ends the program with the name and meaning of the failure. */
void bench_check(const char *what, HRESULT hr);

/* ---- the static class of 10 properties (sample.c) -------------------------------- */

struct sample {
    IWbemClassObject *cls;
    struct schema *schema;
    struct decoration *where;
    uint8_t *bytes;    /* `count` instances, one after another */
    uint32_t *offsets; /* count + 1 of them */
    size_t count;
};

void sample_create(size_t count, struct sample *ret);
void sample_destroy(struct sample *s);
/* A source of `total` objects made from the sample's bytes, over and over. */
struct source *sample_source(const struct sample *s, size_t total);

/* A sink that reads two properties of each object and counts. Waits for the end of `count` objects
 * asked for in calls of `batch`, and gives what was delivered. */
size_t drain_with_sink(IEnumWbemClassObject *e, ULONG batch);

/* ---- a wbemd of the benchmark's (server.c) ----------------------------------------- */

struct bench_server {
    pid_t pid;
    unsigned port;
    char folder[32], mof[64], passwords[64];
};

/* Ends the program with what errno says. */
void bench_must(bool good, const char *what);
/* Serves `count` instances of Sample at that name; `more` arguments of wbemd, or NULL, in place of
 * listening on the loopback address alone. */
void bench_server_start(struct bench_server *s, const char *name, size_t count,
                        const char *const *more);
void bench_server_end(struct bench_server *s);
/* RPC_C_AUTHN_LEVEL_DEFAULT: as ConnectServer leaves it, on the connection that there is. */
IWbemServices *bench_log_in(const char *host, unsigned port, DWORD level);

void bench_decode(const struct bench_size *size);
void bench_delivery(const struct bench_size *size);
void bench_memory(const struct bench_size *size);
void bench_process(const struct bench_size *size);
void bench_refresh(const struct bench_size *size);
void bench_latency(const struct bench_size *size);
void bench_mof(const struct bench_size *size);
void bench_events(const struct bench_size *size);
void bench_repository(const struct bench_size *size);
void bench_remote(const struct bench_size *size);
void bench_fleet(const struct bench_size *size);
void bench_rpc(const struct bench_size *size);
void bench_scaling(const struct bench_size *size);

#endif
