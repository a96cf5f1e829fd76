/*
 * Win32_PerfRawData_PerfDisk_LogicalDisk: the file systems that
 * Win32_LogicalDisk lists, with the counters of the block device behind each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "providers/linux/linux.h"
#include "providers/linux/mounts.h"
#include "providers/linux/perf_disk.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X)                                                                                \
    DISK_COUNTERS(X), X(FreeMegabytes, PERF_COUNTER_RAWCOUNT, SUM),                                \
        X(PercentFreeSpace, PERF_RAW_FRACTION, SUM), X(PercentFreeSpace_Base, PERF_RAW_BASE, SUM)

PERF_COUNTER_TABLES(COUNTERS);

struct logical_reader {
    struct perf_text text, mount_text;
    struct perf_stamp stamp;
    uint64_t wanted;
    struct mounts mounts;
    char *mounted; /* the text that `mounts` was parsed from */
    size_t at;
};

static HRESULT logical_open(void **ret)
{
    *ret = calloc(1, sizeof(struct logical_reader));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static void logical_close(void *reader)
{
    struct logical_reader *r = reader;
    perf_text_done(&r->text);
    perf_text_done(&r->mount_text);
    mounts_done(&r->mounts);
    free(r->mounted);
    free(r);
}

/* Parses what is mounted, when it is not what it was. */
static HRESULT read_mounts(struct logical_reader *r)
{
    const char *text =
        perf_text_read(&r->mount_text, "/proc/self/mountinfo") ? r->mount_text.bytes : "";
    if (r->mounted && strcmp(r->mounted, text) == 0) {
        return WBEM_S_NO_ERROR;
    }
    mounts_done(&r->mounts);
    free(r->mounted);
    r->mounts = (struct mounts){0};
    r->mounted = strdup(text);
    if (!r->mounted || !mounts_parse(text, false, &r->mounts)) {
        free(r->mounted);
        r->mounted = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT logical_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    struct logical_reader *r = reader;
    r->stamp = *stamp;
    r->wanted = wanted;
    r->at = 0;
    HRESULT hr = read_mounts(r);
    if (SUCCEEDED(hr) && !perf_text_read(&r->text, "/proc/diskstats") && !r->text.bytes) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

/* False for a file system without blocks, which df leaves out. A refresh must not wait for a server
 * that is gone, so of a file system that may hang nothing is asked. */
static bool set_space(struct logical_reader *r, const struct mount *m, struct perf_item *item)
{
    bool only_type_tells = m->kind == MOUNT_LOCAL && !m->major && !mount_may_hang(m);
    struct statvfs v;
    if (!linux_is_live() || mount_may_hang(m) ||
        !(only_type_tells || perf_wants(r->wanted, COUNTER_FreeMegabytes, COUNTER_FreeMegabytes) ||
          perf_wants(r->wanted, COUNTER_PercentFreeSpace, COUNTER_PercentFreeSpace_Base)) ||
        statvfs(m->point, &v) < 0) {
        return true;
    }
    if (only_type_tells && v.f_blocks == 0) {
        return false;
    }
    uint64_t available = (uint64_t)v.f_bavail * v.f_frsize >> 20;
    perf_set(item, COUNTER_FreeMegabytes, available);
    perf_set(item, COUNTER_PercentFreeSpace, available);
    perf_set(item, COUNTER_PercentFreeSpace_Base, (uint64_t)v.f_blocks * v.f_frsize >> 20);
    return true;
}

static bool logical_next(void *reader, struct perf_item *item)
{
    struct logical_reader *r = reader;
    while (r->at < r->mounts.count) {
        const struct mount *m = &r->mounts.items[r->at++];
        struct disk_stats d;
        if (m->hidden || !set_space(r, m, item)) {
            continue;
        }
        snprintf(item->name, sizeof item->name, "%s", m->point);
        if (m->major && disk_stats_find(r->text.bytes, m->major, m->minor, &d)) {
            DISK_SET_COUNTERS(item, &d, &r->stamp);
        }
        return true;
    }
    return false;
}

static struct perf_history history = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const struct perf_object object = {
    .columns = columns,
    .counters = counters,
    .counter_count = COUNTER_COUNT,
    .has_total = true,
    .total_of_others = true,
    .history = &history,
    .open = logical_open,
    .close = logical_close,
    .begin = logical_begin,
    .next = logical_next,
};

PERF_CLASSES(linux_perf_logical_disk, "PerfDisk_LogicalDisk", object);
