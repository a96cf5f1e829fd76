/*
 * Win32_PerfRawData_PerfOS_System: context switches, processes, threads, and
 * when the machine booted.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/perf_linux.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X)                                                                                \
    X(AlignmentFixupsPerSec, PERF_COUNTER_COUNTER, NONE),                                          \
        X(ContextSwitchesPerSec, PERF_COUNTER_COUNTER, NONE),                                      \
        X(ExceptionDispatchesPerSec, PERF_COUNTER_COUNTER, NONE),                                  \
        X(FileControlBytesPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                  \
        X(FileControlOperationsPerSec, PERF_COUNTER_COUNTER, NONE),                                \
        X(FileDataOperationsPerSec, PERF_COUNTER_COUNTER, NONE),                                   \
        X(FileReadBytesPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                     \
        X(FileReadOperationsPerSec, PERF_COUNTER_COUNTER, NONE),                                   \
        X(FileWriteBytesPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                    \
        X(FileWriteOperationsPerSec, PERF_COUNTER_COUNTER, NONE),                                  \
        X(FloatingEmulationsPerSec, PERF_COUNTER_COUNTER, NONE),                                   \
        X(PercentRegistryQuotaInUse, PERF_RAW_FRACTION, NONE),                                     \
        X(PercentRegistryQuotaInUse_Base, PERF_RAW_BASE, NONE),                                    \
        X(Processes, PERF_COUNTER_RAWCOUNT, NONE),                                                 \
        X(ProcessorQueueLength, PERF_COUNTER_RAWCOUNT, NONE),                                      \
        X(SystemCallsPerSec, PERF_COUNTER_COUNTER, NONE),                                          \
        X(SystemUpTime, PERF_ELAPSED_TIME, NONE), X(Threads, PERF_COUNTER_RAWCOUNT, NONE)

PERF_COUNTER_TABLES(COUNTERS);

struct system_reader {
    struct perf_text text;
    uint64_t wanted;
    bool done;
};

static HRESULT system_open(void **ret)
{
    *ret = calloc(1, sizeof(struct system_reader));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static void system_close(void *reader)
{
    struct system_reader *r = reader;
    perf_text_done(&r->text);
    free(r);
}

static HRESULT system_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    (void)stamp;
    struct system_reader *r = reader;
    r->wanted = wanted;
    r->done = false;
    return WBEM_S_NO_ERROR;
}

static void read_stat(struct system_reader *r, struct perf_item *item)
{
    uint64_t v;
    if (!perf_text_read(&r->text, "/proc/stat")) {
        return;
    }
    if (linux_word_u64(r->text.bytes, "ctxt", &v)) {
        perf_set(item, COUNTER_ContextSwitchesPerSec, v);
    }
    if (linux_word_u64(r->text.bytes, "btime", &v)) {
        perf_set(item, COUNTER_SystemUpTime, PERF_100NS_EPOCH + v * PERF_100NS_FREQUENCY);
    }
}

/* "0.20 0.18 0.12 1/80 11206": after the slash the number of threads. */
static void read_threads(struct perf_item *item)
{
    char text[128];
    uint64_t v;
    if (linux_read("/proc/loadavg", text, sizeof text) <= 0) {
        return;
    }
    const char *slash = strchr(text, '/');
    if (slash && (slash++, linux_parse_u64(&slash, &v))) {
        perf_set(item, COUNTER_Threads, v);
    }
}

static void count_processes(struct perf_item *item)
{
    struct linux_numbers n;
    uint32_t id;
    uint64_t count = 0;
    int proc = linux_open("/proc", O_RDONLY | O_DIRECTORY);
    if (proc < 0) {
        return;
    }
    for (linux_numbers_begin(&n, proc); linux_numbers_next(&n, &id);) {
        count++;
    }
    linux_numbers_end(&n);
    perf_set(item, COUNTER_Processes, count);
}

static bool system_next(void *reader, struct perf_item *item)
{
    struct system_reader *r = reader;
    if (r->done) {
        return false;
    }
    r->done = true;
    if (perf_wants(r->wanted, COUNTER_ContextSwitchesPerSec, COUNTER_ContextSwitchesPerSec) ||
        perf_wants(r->wanted, COUNTER_SystemUpTime, COUNTER_SystemUpTime)) {
        read_stat(r, item);
    }
    if (perf_wants(r->wanted, COUNTER_Threads, COUNTER_Threads)) {
        read_threads(item);
    }
    if (perf_wants(r->wanted, COUNTER_Processes, COUNTER_Processes)) {
        count_processes(item);
    }
    return true;
}

static struct perf_history history = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const struct perf_object object = {
    .columns = columns,
    .counters = counters,
    .counter_count = COUNTER_COUNT,
    .singleton = true,
    .history = &history,
    .open = system_open,
    .close = system_close,
    .begin = system_begin,
    .next = system_next,
};

PERF_CLASSES(linux_perf_system, "PerfOS_System", object);
