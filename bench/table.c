/* The table, the clock, and the end of a benchmark that can't go on. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <wbem.h>

#include "bench.h"

void bench_row(const char *what, const char *figure, const char *rival, const char *target)
{
    printf("%-44s %-26s %-40s %s\n", what, figure, rival ? rival : "", target ? target : "");
    fflush(stdout);
}

void bench_heading(const char *text)
{
    printf("\n-- %s\n", text);
}

/* A text that lives until the next eight calls: rows are printed at once. */
char *bench_format(const char *format, ...)
{
    static char texts[8][128];
    static unsigned next;
    char *text = texts[next++ % 8];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(texts[0]), format, arguments);
    va_end(arguments);
    return text;
}

double bench_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

double bench_median(double *values, unsigned count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

void bench_check(const char *what, HRESULT hr)
{
    if (FAILED(hr)) {
        const char *name = wbem_status_name(hr);
        fprintf(stderr, "wbem-bench: can't %s: %s (0x%08x)\n", what, name ? name : "error",
                (unsigned)hr);
        exit(1);
    }
}
