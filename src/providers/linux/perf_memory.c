/*
 * Win32_PerfRawData_PerfOS_Memory from /proc/meminfo and /proc/vmstat.
 */
#include <stdlib.h>
#include <unistd.h>

#include "providers/linux/linux.h"
#include "providers/linux/perf_linux.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X)                                                                                \
    X(AvailableBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                          \
        X(AvailableKBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                     \
        X(AvailableMBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                     \
        X(CacheBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                          \
        X(CacheBytesPeak, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                      \
        X(CacheFaultsPerSec, PERF_COUNTER_COUNTER, NONE),                                          \
        X(CommitLimit, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                         \
        X(CommittedBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                      \
        X(DemandZeroFaultsPerSec, PERF_COUNTER_COUNTER, NONE),                                     \
        X(FreeAndZeroPageListBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                            \
        X(FreeSystemPageTableEntries, PERF_COUNTER_RAWCOUNT, NONE),                                \
        X(ModifiedPageListBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                               \
        X(PageFaultsPerSec, PERF_COUNTER_COUNTER, NONE),                                           \
        X(PageReadsPerSec, PERF_COUNTER_COUNTER, NONE),                                            \
        X(PagesInputPerSec, PERF_COUNTER_COUNTER, NONE),                                           \
        X(PagesOutputPerSec, PERF_COUNTER_COUNTER, NONE),                                          \
        X(PagesPerSec, PERF_COUNTER_COUNTER, NONE),                                                \
        X(PageWritesPerSec, PERF_COUNTER_COUNTER, NONE),                                           \
        X(PercentCommittedBytesInUse, PERF_RAW_FRACTION, NONE),                                    \
        X(PercentCommittedBytesInUse_Base, PERF_RAW_BASE, NONE),                                   \
        X(PoolNonpagedAllocs, PERF_COUNTER_RAWCOUNT, NONE),                                        \
        X(PoolNonpagedBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                   \
        X(PoolPagedAllocs, PERF_COUNTER_RAWCOUNT, NONE),                                           \
        X(PoolPagedBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                      \
        X(PoolPagedResidentBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                              \
        X(StandbyCacheCoreBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                               \
        X(StandbyCacheNormalPriorityBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                     \
        X(StandbyCacheReserveBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                            \
        X(SystemCacheResidentBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                            \
        X(SystemCodeResidentBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                             \
        X(SystemCodeTotalBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                \
        X(SystemDriverResidentBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                           \
        X(SystemDriverTotalBytes, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                              \
        X(TransitionFaultsPerSec, PERF_COUNTER_COUNTER, NONE),                                     \
        X(WriteCopiesPerSec, PERF_COUNTER_COUNTER, NONE)

PERF_COUNTER_TABLES(COUNTERS);

struct memory_reader {
    struct perf_text text;
    bool done;
};

static HRESULT memory_open(void **ret)
{
    *ret = calloc(1, sizeof(struct memory_reader));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static void memory_close(void *reader)
{
    struct memory_reader *r = reader;
    perf_text_done(&r->text);
    free(r);
}

static HRESULT memory_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    (void)wanted, (void)stamp;
    ((struct memory_reader *)reader)->done = false;
    return WBEM_S_NO_ERROR;
}

static void set_available(struct perf_item *item, uint64_t kilobytes)
{
    perf_set(item, COUNTER_AvailableBytes, kilobytes * 1024);
    perf_set(item, COUNTER_AvailableKBytes, kilobytes);
    perf_set(item, COUNTER_AvailableMBytes, kilobytes / 1024);
}

/* Keys in the order of the file. */
static void set_memory(struct perf_item *item, const char *at)
{
    uint64_t v, cached, limit, page = (uint64_t)sysconf(_SC_PAGESIZE) / 1024;
    if (linux_next_key_u64(&at, "MemFree", &v)) {
        perf_set(item, COUNTER_FreeAndZeroPageListBytes, v * 1024);
    }
    if (linux_next_key_u64(&at, "MemAvailable", &v)) {
        set_available(item, v);
    }
    if (linux_next_key_u64(&at, "Buffers", &v) && linux_next_key_u64(&at, "Cached", &cached)) {
        perf_set(item, COUNTER_CacheBytes, (v + cached) * 1024);
        perf_set(item, COUNTER_SystemCacheResidentBytes, (v + cached) * 1024);
    }
    if (linux_next_key_u64(&at, "Slab", &v)) {
        perf_set(item, COUNTER_PoolNonpagedBytes, v * 1024);
    }
    if (linux_next_key_u64(&at, "CommitLimit", &limit) &&
        linux_next_key_u64(&at, "Committed_AS", &v)) {
        perf_set(item, COUNTER_CommitLimit, limit * 1024);
        perf_set(item, COUNTER_CommittedBytes, v * 1024);
        perf_set(item, COUNTER_PercentCommittedBytesInUse, v / page);
        perf_set(item, COUNTER_PercentCommittedBytesInUse_Base, limit / page);
    }
}

static void set_events(struct perf_item *item, const char *text)
{
    static const struct {
        const char *key;
        unsigned counter;
    } keys[] = {
        {"pgfault", COUNTER_PageFaultsPerSec},
        {"pgmajfault", COUNTER_PageReadsPerSec},
        {"pswpout", COUNTER_PagesOutputPerSec},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint64_t v;
        if (linux_word_u64(text, keys[i].key, &v)) {
            perf_set(item, keys[i].counter, v);
        }
    }
}

static bool memory_next(void *reader, struct perf_item *item)
{
    struct memory_reader *r = reader;
    if (r->done) {
        return false;
    }
    r->done = true;
    if (perf_text_read(&r->text, "/proc/meminfo")) {
        set_memory(item, r->text.bytes);
    }
    if (perf_text_read(&r->text, "/proc/vmstat")) {
        set_events(item, r->text.bytes);
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
    .open = memory_open,
    .close = memory_close,
    .begin = memory_begin,
    .next = memory_next,
};

PERF_CLASSES(linux_perf_memory, "PerfOS_Memory", object);
