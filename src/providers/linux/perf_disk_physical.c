/*
 * Win32_PerfRawData_PerfDisk_PhysicalDisk: the drives that Win32_DiskDrive
 * lists, with their counters from /proc/diskstats.
 */
#include <stdio.h>
#include <stdlib.h>

#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/perf_disk.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X) DISK_COUNTERS(X)

PERF_COUNTER_TABLES(COUNTERS);

struct physical_reader {
    struct perf_text text;
    struct perf_stamp stamp;
    struct blocks blocks;
    size_t at;
    uint64_t known_devices; /* a hash of the devices that `blocks` was read with */
};

static HRESULT physical_open(void **ret)
{
    *ret = calloc(1, sizeof(struct physical_reader));
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static void physical_close(void *reader)
{
    struct physical_reader *r = reader;
    perf_text_done(&r->text);
    blocks_done(&r->blocks);
    free(r);
}

/* What devices there are; /sys is read again only when that changes. */
static uint64_t devices_of(const char *text)
{
    struct disk_stats d;
    uint64_t hash = 1;
    while (disk_stats_next(&text, &d)) {
        hash = hash * 31 + d.major;
        hash = hash * 31 + d.minor;
        for (size_t i = 0; i < d.name_size; i++) {
            hash = hash * 31 + (uint8_t)d.name[i];
        }
    }
    return hash;
}

static HRESULT physical_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    (void)wanted;
    struct physical_reader *r = reader;
    r->stamp = *stamp;
    r->at = 0;
    if (!perf_text_read(&r->text, "/proc/diskstats")) {
        r->at = r->blocks.count;
        return WBEM_S_NO_ERROR;
    }
    uint64_t devices = devices_of(r->text.bytes);
    if (devices != r->known_devices) {
        blocks_done(&r->blocks);
        r->blocks = (struct blocks){0};
        r->known_devices = 0;
        if (!blocks_read(&r->blocks)) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        r->known_devices = devices;
    }
    return WBEM_S_NO_ERROR;
}

static bool physical_next(void *reader, struct perf_item *item)
{
    struct physical_reader *r = reader;
    while (r->at < r->blocks.count) {
        struct disk_stats d;
        const struct block *b = &r->blocks.items[r->at++];
        if (b->drive >= 0 && b->partition == 0 &&
            disk_stats_find(r->text.bytes, b->major, b->minor, &d)) {
            snprintf(item->name, sizeof item->name, "%d %.*s", b->drive, (int)d.name_size, d.name);
            DISK_SET_COUNTERS(item, &d, &r->stamp);
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
    .total_of_others = true,
    .history = &history,
    .open = physical_open,
    .close = physical_close,
    .begin = physical_begin,
    .next = physical_next,
};

PERF_CLASSES(linux_perf_physical_disk, "PerfDisk_PhysicalDisk", object);
