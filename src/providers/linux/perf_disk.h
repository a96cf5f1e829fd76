/*
 * What drives and file systems share as performance objects: the counters of a
 * block device, from /proc/diskstats. A file's COUNTERS() begin with
 * DISK_COUNTERS(), so its COUNTER_ numbers fit DISK_SET_COUNTERS().
 */
#ifndef WBEM_PROVIDERS_LINUX_PERF_DISK_H
#define WBEM_PROVIDERS_LINUX_PERF_DISK_H

#include "providers/perf.h"

/* A line of /proc/diskstats (the kernel's Documentation/admin-guide/iostats.rst). */
struct disk_stats {
    unsigned major, minor;
    const char *name; /* points into the text, not terminated */
    size_t name_size;
    uint64_t reads, sectors_read, read_ms, writes, sectors_written, write_ms, under_way, busy_ms,
        queue_ms;
};

/* The next line that can be read, *at moving behind it. */
bool disk_stats_next(const char **at, struct disk_stats *ret);
/* That of a device. */
bool disk_stats_find(const char *text, unsigned major, unsigned minor, struct disk_stats *ret);

#define DISK_SECTOR 512u /* whatever the device's own sectors are */
#define DISK_MS_TO_100NS 10000u

/* What a block device counts, for COUNTERS(X) of a file: see PERF_COUNTER_NUMBER. */
#define DISK_COUNTERS(X)                                                                           \
    X(AvgDiskBytesPerRead, PERF_AVERAGE_BULK, SUM),                                                \
        X(AvgDiskBytesPerRead_Base, PERF_AVERAGE_BASE, SUM),                                       \
        X(AvgDiskBytesPerTransfer, PERF_AVERAGE_BULK, SUM),                                        \
        X(AvgDiskBytesPerTransfer_Base, PERF_AVERAGE_BASE, SUM),                                   \
        X(AvgDiskBytesPerWrite, PERF_AVERAGE_BULK, SUM),                                           \
        X(AvgDiskBytesPerWrite_Base, PERF_AVERAGE_BASE, SUM),                                      \
        X(AvgDiskQueueLength, PERF_COUNTER_100NS_QUEUELEN_TYPE, SUM),                              \
        X(AvgDiskReadQueueLength, PERF_COUNTER_100NS_QUEUELEN_TYPE, SUM),                          \
        X(AvgDiskSecPerRead, PERF_AVERAGE_TIMER, SUM),                                             \
        X(AvgDiskSecPerRead_Base, PERF_AVERAGE_BASE, SUM),                                         \
        X(AvgDiskSecPerTransfer, PERF_AVERAGE_TIMER, SUM),                                         \
        X(AvgDiskSecPerTransfer_Base, PERF_AVERAGE_BASE, SUM),                                     \
        X(AvgDiskSecPerWrite, PERF_AVERAGE_TIMER, SUM),                                            \
        X(AvgDiskSecPerWrite_Base, PERF_AVERAGE_BASE, SUM),                                        \
        X(AvgDiskWriteQueueLength, PERF_COUNTER_100NS_QUEUELEN_TYPE, SUM),                         \
        X(CurrentDiskQueueLength, PERF_COUNTER_RAWCOUNT, SUM),                                     \
        X(DiskBytesPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                          \
        X(DiskReadBytesPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                      \
        X(DiskReadsPerSec, PERF_COUNTER_COUNTER, SUM),                                             \
        X(DiskTransfersPerSec, PERF_COUNTER_COUNTER, SUM),                                         \
        X(DiskWriteBytesPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                     \
        X(DiskWritesPerSec, PERF_COUNTER_COUNTER, SUM),                                            \
        X(PercentDiskReadTime, PERF_PRECISION_100NS_TIMER, MEAN),                                  \
        X(PercentDiskReadTime_Base, PERF_PRECISION_TIMESTAMP, MEAN),                               \
        X(PercentDiskTime, PERF_PRECISION_100NS_TIMER, MEAN),                                      \
        X(PercentDiskTime_Base, PERF_PRECISION_TIMESTAMP, MEAN),                                   \
        X(PercentDiskWriteTime, PERF_PRECISION_100NS_TIMER, MEAN),                                 \
        X(PercentDiskWriteTime_Base, PERF_PRECISION_TIMESTAMP, MEAN),                              \
        X(PercentIdleTime, PERF_PRECISION_100NS_TIMER, MEAN),                                      \
        X(PercentIdleTime_Base, PERF_PRECISION_TIMESTAMP, MEAN),                                   \
        X(SplitIOPerSec, PERF_COUNTER_COUNTER, NONE)

/* Time in a queue, or of all requests together, counts for each request, so that a second of the
 * clock may hold many. Idle time is the clock's less the device's busy time. */
#define DISK_SET_COUNTERS(item, d, stamp)                                                          \
    do {                                                                                           \
        uint64_t transfers_ = (d)->reads + (d)->writes;                                            \
        uint64_t read_bytes_ = (d)->sectors_read * DISK_SECTOR;                                    \
        uint64_t written_bytes_ = (d)->sectors_written * DISK_SECTOR;                              \
        uint64_t read_time_ = (d)->read_ms * DISK_MS_TO_100NS;                                     \
        uint64_t write_time_ = (d)->write_ms * DISK_MS_TO_100NS;                                   \
        uint64_t now_ = (stamp)->sys_100ns;                                                        \
        perf_set(item, COUNTER_AvgDiskBytesPerRead, read_bytes_);                                  \
        perf_set(item, COUNTER_AvgDiskBytesPerRead_Base, (d)->reads);                              \
        perf_set(item, COUNTER_AvgDiskBytesPerTransfer, read_bytes_ + written_bytes_);             \
        perf_set(item, COUNTER_AvgDiskBytesPerTransfer_Base, transfers_);                          \
        perf_set(item, COUNTER_AvgDiskBytesPerWrite, written_bytes_);                              \
        perf_set(item, COUNTER_AvgDiskBytesPerWrite_Base, (d)->writes);                            \
        perf_set(item, COUNTER_AvgDiskQueueLength, (d)->queue_ms *DISK_MS_TO_100NS);               \
        perf_set(item, COUNTER_AvgDiskReadQueueLength, read_time_);                                \
        perf_set(item, COUNTER_AvgDiskWriteQueueLength, write_time_);                              \
        /* In ticks of Timestamp_PerfTime, which are 100 ns too. */                                \
        perf_set(item, COUNTER_AvgDiskSecPerRead, read_time_);                                     \
        perf_set(item, COUNTER_AvgDiskSecPerRead_Base, (d)->reads);                                \
        perf_set(item, COUNTER_AvgDiskSecPerTransfer, read_time_ + write_time_);                   \
        perf_set(item, COUNTER_AvgDiskSecPerTransfer_Base, transfers_);                            \
        perf_set(item, COUNTER_AvgDiskSecPerWrite, write_time_);                                   \
        perf_set(item, COUNTER_AvgDiskSecPerWrite_Base, (d)->writes);                              \
        perf_set(item, COUNTER_CurrentDiskQueueLength, (d)->under_way);                            \
        perf_set(item, COUNTER_DiskBytesPerSec, read_bytes_ + written_bytes_);                     \
        perf_set(item, COUNTER_DiskReadBytesPerSec, read_bytes_);                                  \
        perf_set(item, COUNTER_DiskWriteBytesPerSec, written_bytes_);                              \
        perf_set(item, COUNTER_DiskReadsPerSec, (d)->reads);                                       \
        perf_set(item, COUNTER_DiskWritesPerSec, (d)->writes);                                     \
        perf_set(item, COUNTER_DiskTransfersPerSec, transfers_);                                   \
        perf_set(item, COUNTER_PercentDiskReadTime, read_time_);                                   \
        perf_set(item, COUNTER_PercentDiskReadTime_Base, now_);                                    \
        perf_set(item, COUNTER_PercentDiskTime, read_time_ + write_time_);                         \
        perf_set(item, COUNTER_PercentDiskTime_Base, now_);                                        \
        perf_set(item, COUNTER_PercentDiskWriteTime, write_time_);                                 \
        perf_set(item, COUNTER_PercentDiskWriteTime_Base, now_);                                   \
        perf_set(item, COUNTER_PercentIdleTime, now_ - (d)->busy_ms * DISK_MS_TO_100NS);           \
        perf_set(item, COUNTER_PercentIdleTime_Base, now_);                                        \
    } while (0)

#endif
