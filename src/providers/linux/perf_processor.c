/*
 * Win32_PerfRawData_PerfOS_Processor: times from /proc/stat, interrupts from
 * /proc/interrupts and /proc/softirqs, idle states from cpuidle in /sys.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/perf_linux.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X)                                                                                \
    X(C1TransitionsPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                          \
        X(C2TransitionsPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                      \
        X(C3TransitionsPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                      \
        X(DPCRate, PERF_COUNTER_RAWCOUNT, NONE), X(DPCsQueuedPerSec, PERF_COUNTER_COUNTER, SUM),   \
        X(InterruptsPerSec, PERF_COUNTER_COUNTER, SUM),                                            \
        X(PercentC1Time, PERF_100NSEC_TIMER, MEAN), X(PercentC2Time, PERF_100NSEC_TIMER, MEAN),    \
        X(PercentC3Time, PERF_100NSEC_TIMER, MEAN), X(PercentDPCTime, PERF_100NSEC_TIMER, MEAN),   \
        X(PercentIdleTime, PERF_100NSEC_TIMER, MEAN),                                              \
        X(PercentInterruptTime, PERF_100NSEC_TIMER, MEAN),                                         \
        X(PercentPrivilegedTime, PERF_100NSEC_TIMER, MEAN),                                        \
        X(PercentProcessorTime, PERF_100NSEC_TIMER_INV, MEAN),                                     \
        X(PercentUserTime, PERF_100NSEC_TIMER, MEAN)

PERF_COUNTER_TABLES(COUNTERS);

/* The numbers of a "cpu" line of /proc/stat, proc_stat(5). Time of guests is in that of users. */
enum {
    USER,
    NICE,
    SYSTEM,
    IDLE,
    IOWAIT,
    IRQ,
    SOFTIRQ,
    STEAL,
    NUMBER_COUNT
};

/* A table whose columns are processors: the sum of each column. */
struct columns_sum {
    struct perf_text text;
    uint32_t *cpus; /* of each column */
    uint64_t *sums;
    size_t count, capacity;
    bool known;
};

struct processor_reader {
    struct perf_text stat;
    const char *at;
    uint64_t wanted;
    struct columns_sum interrupts, softirqs;
};

static HRESULT processor_open(void **ret)
{
    *ret = calloc(1, sizeof(struct processor_reader));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static void sum_done(struct columns_sum *s)
{
    perf_text_done(&s->text);
    free(s->cpus);
    free(s->sums);
}

static void processor_close(void *reader)
{
    struct processor_reader *r = reader;
    perf_text_done(&r->stat);
    sum_done(&r->interrupts);
    sum_done(&r->softirqs);
    free(r);
}

static bool sum_grow(struct columns_sum *s)
{
    size_t capacity = s->capacity ? 2 * s->capacity : 64;
    uint32_t *cpus = reallocarray(s->cpus, capacity, sizeof *cpus);
    if (cpus) {
        s->cpus = cpus;
    }
    uint64_t *sums = reallocarray(s->sums, capacity, sizeof *sums);
    if (sums) {
        s->sums = sums;
    }
    if (!cpus || !sums) {
        return false;
    }
    s->capacity = capacity;
    return true;
}

/* The heading: "    CPU0   CPU2 …". */
static bool sum_heading(struct columns_sum *s, const char **at)
{
    const char *p = *at;
    s->count = 0;
    for (;;) {
        uint64_t cpu;
        p += strspn(p, " \t");
        if (strncmp(p, "CPU", 3) != 0) {
            break;
        }
        p += 3;
        if (!linux_parse_u64(&p, &cpu) || (s->count == s->capacity && !sum_grow(s))) {
            return false;
        }
        s->cpus[s->count] = (uint32_t)cpu;
        s->sums[s->count++] = 0;
    }
    *at = p;
    return s->count > 0;
}

/* Lines are "  name:  1  2  … text"; some have one number, which is of no processor. */
static void sum_read(struct columns_sum *s, const char *path)
{
    s->known = false;
    if (!perf_text_read(&s->text, path)) {
        return;
    }
    const char *line = s->text.bytes;
    if (!sum_heading(s, &line)) {
        return;
    }
    while (*line) {
        const char *end = strchrnul(line, '\n'), *at = memchr(line, ':', (size_t)(end - line));
        size_t count = 0;
        for (const char *p = at ? at + 1 : end; p < end && count < s->count; count++) {
            uint64_t v;
            if (!linux_parse_u64(&p, &v) || p > end) {
                break;
            }
        }
        if (count == s->count && at) {
            at++;
            for (size_t i = 0; i < count; i++) {
                uint64_t v = 0;
                (void)linux_parse_u64(&at, &v);
                s->sums[i] += v;
            }
        }
        line = *end ? end + 1 : end;
    }
    s->known = true;
}

static bool sum_of(const struct columns_sum *s, uint32_t cpu, uint64_t *ret)
{
    for (size_t i = 0; s->known && i < s->count; i++) {
        if (s->cpus[i] == cpu) {
            *ret = s->sums[i];
            return true;
        }
    }
    return false;
}

static HRESULT processor_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    (void)stamp;
    struct processor_reader *r = reader;
    r->wanted = wanted;
    r->at = perf_text_read(&r->stat, "/proc/stat") ? r->stat.bytes : "";
    r->interrupts.known = r->softirqs.known = false;
    if (perf_wants(wanted, COUNTER_InterruptsPerSec, COUNTER_InterruptsPerSec)) {
        sum_read(&r->interrupts, "/proc/interrupts");
    }
    if (perf_wants(wanted, COUNTER_DPCsQueuedPerSec, COUNTER_DPCsQueuedPerSec)) {
        sum_read(&r->softirqs, "/proc/softirqs");
    }
    return WBEM_S_NO_ERROR;
}

static void set_times(struct perf_item *item, const uint64_t *v)
{
    uint64_t tick = linux_ticks_to_microseconds(1000) / 100; /* in 100 ns */
    uint64_t idle = (v[IDLE] + v[IOWAIT]) * tick;
    perf_set(item, COUNTER_PercentIdleTime, idle);
    perf_set(item, COUNTER_PercentProcessorTime, idle); /* it is the inverse of idle time */
    perf_set(item, COUNTER_PercentUserTime, (v[USER] + v[NICE]) * tick);
    perf_set(item, COUNTER_PercentPrivilegedTime, (v[SYSTEM] + v[IRQ] + v[SOFTIRQ]) * tick);
    perf_set(item, COUNTER_PercentInterruptTime, v[IRQ] * tick);
    perf_set(item, COUNTER_PercentDPCTime, v[SOFTIRQ] * tick);
}

static void add(struct perf_item *item, unsigned counter, uint64_t v)
{
    perf_set(item, counter, (item->known >> counter & 1 ? item->values[counter] : 0) + v);
}

/* The kernel's idle states are called "C1", "C1E", "C6_…"; others, such as POLL, are no C-state. */
static void set_idle_states(struct perf_item *item, uint32_t cpu)
{
    enum {
        STATE_LIMIT = 16 /* CPUIDLE_STATE_MAX is 10 */
    };
    for (unsigned i = 0; i < STATE_LIMIT; i++) {
        char path[96], name[64];
        uint64_t microseconds, usage;
        int length = snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cpuidle/state%u/",
                              (unsigned)cpu, i);
        snprintf(path + length, sizeof path - (size_t)length, "name");
        if (!linux_read_line(path, name, sizeof name)) {
            return;
        }
        if (name[0] != 'C' || name[1] < '1' || name[1] > '9') {
            continue;
        }
        unsigned level =
            name[1] >= '3' || (name[2] >= '0' && name[2] <= '9') ? 2 : (unsigned)(name[1] - '1');
        snprintf(path + length, sizeof path - (size_t)length, "time");
        if (linux_read_u64(path, &microseconds)) {
            add(item, COUNTER_PercentC1Time + level, microseconds * 10);
        }
        snprintf(path + length, sizeof path - (size_t)length, "usage");
        if (linux_read_u64(path, &usage)) {
            add(item, COUNTER_C1TransitionsPerSec + level, usage);
        }
    }
}

/* "cpu3 1 2 3 …": the number of the processor and its times. */
static bool parse(const char *line, uint32_t *ret_cpu, uint64_t *v)
{
    uint64_t cpu;
    if (strncmp(line, "cpu", 3) != 0 || line[3] < '0' || line[3] > '9') {
        return false;
    }
    line += 3;
    if (!linux_parse_u64(&line, &cpu)) {
        return false;
    }
    for (unsigned i = 0; i < NUMBER_COUNT; i++) {
        if (!linux_parse_u64(&line, &v[i])) {
            return false;
        }
    }
    *ret_cpu = (uint32_t)cpu;
    return true;
}

static void set_all(struct processor_reader *r, struct perf_item *item, uint32_t cpu,
                    const uint64_t *v)
{
    uint64_t sum;
    snprintf(item->name, sizeof item->name, "%u", (unsigned)cpu);
    set_times(item, v);
    if (sum_of(&r->interrupts, cpu, &sum)) {
        perf_set(item, COUNTER_InterruptsPerSec, sum);
    }
    if (sum_of(&r->softirqs, cpu, &sum)) {
        perf_set(item, COUNTER_DPCsQueuedPerSec, sum);
    }
    if (perf_wants(r->wanted, COUNTER_C1TransitionsPerSec, COUNTER_C3TransitionsPerSec) ||
        perf_wants(r->wanted, COUNTER_PercentC1Time, COUNTER_PercentC3Time)) {
        set_idle_states(item, cpu);
    }
}

static bool processor_next(void *reader, struct perf_item *item)
{
    struct processor_reader *r = reader;
    while (*r->at) {
        uint64_t v[NUMBER_COUNT];
        uint32_t cpu;
        const char *line = r->at, *end = strchrnul(line, '\n');
        r->at = *end ? end + 1 : end;
        if (parse(line, &cpu, v)) {
            set_all(r, item, cpu, v);
            return true;
        }
    }
    return false;
}

static struct perf_history history = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const struct perf_object object = {
    .columns = columns,
    .counters = counters,
    .counter_count = COUNTER_COUNT,
    .has_total = true,
    .history = &history,
    .open = processor_open,
    .close = processor_close,
    .begin = processor_begin,
    .next = processor_next,
};

PERF_CLASSES(linux_perf_processor, "PerfOS_Processor", object);
