/*
 * Partitions: the drive that each is on, and those that a mounted file system
 * is on, through whatever is mapped between (/sys/block/<name>/slaves).
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "providers/linux/assoc.h"
#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/mounts.h"
#include "providers/linux/procfs.h"

enum {
    SECTOR = 512, /* the unit of "start" and "size" in /sys, whatever the drive's own is */
    DEEPEST = 8   /* mapped devices on mapped devices */
};

struct disk_state {
    struct blocks blocks;
    struct mounts mounts;
};

static void disk_done(void *state)
{
    struct disk_state *s = state;
    if (s) {
        blocks_done(&s->blocks);
        mounts_done(&s->mounts);
        free(s);
    }
}

static HRESULT disk_start(const struct provider_request *q, void **ret)
{
    (void)q;
    struct disk_state *s = calloc(1, sizeof *s);
    if (!s || !blocks_read(&s->blocks) || !mounts_read(false, &s->mounts)) {
        disk_done(s);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = s;
    return WBEM_S_NO_ERROR;
}

static const struct block *block_by_name(const struct blocks *b, const char *name)
{
    for (size_t i = 0; i < b->count; i++) {
        if (strcmp(b->items[i].name, name) == 0) {
            return &b->items[i];
        }
    }
    return NULL;
}

static const struct block *block_by_path(const struct blocks *b, const char *path)
{
    for (size_t i = 0; i < b->count; i++) {
        char device[BLOCK_TEXT_SIZE];
        block_device_path(&b->items[i], device, sizeof device);
        if (strcmp(device, path) == 0) {
            return &b->items[i];
        }
    }
    return NULL;
}

/* ---- Win32_DiskDriveToDiskPartition ---------------------------------------------- */

static HRESULT find_drive(void *state, const struct provider_inner *row, struct assoc_list *ret)
{
    const struct disk_state *s = state;
    char device[BLOCK_TEXT_SIZE];
    CLEANUP(com_cleanup_free) char *path = NULL;
    HRESULT hr = provider_inner_text(row, "DeviceID", &path);
    const struct block *partition = path ? block_by_path(&s->blocks, path) : NULL;
    const struct block *drive =
        partition && partition->drive >= 0 ? block_by_name(&s->blocks, partition->parent) : NULL;
    if (!drive) {
        return hr;
    }
    block_device_path(drive, device, sizeof device);
    return assoc_list_add(ret, strdup(device), 0, 0);
}

const struct association linux_disk_drive_to_disk_partition = {
    .provider = ASSOC_PROVIDER("Win32_DiskDriveToDiskPartition", "Antecedent", "Dependent"),
    .ends = {{.kind = ASSOC_FOUND,
              .class_name = "Win32_DiskDrive",
              .keys = {{"DeviceID", ASSOC_COLUMN, NULL}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_DiskPartition"),
    .start = disk_start,
    .expand = find_drive,
    .done = disk_done,
};

/* ---- Win32_LogicalDiskToPartition ------------------------------------------------ */

/* The first and the last byte of the partition on its drive, as Windows gives them. */
static HRESULT add_partition(const struct block *b, struct assoc_list *ret)
{
    char device[BLOCK_TEXT_SIZE];
    uint64_t start = 0, size = 0;
    block_device_path(b, device, sizeof device);
    if (assoc_list_find(ret, device)) {
        return WBEM_S_NO_ERROR;
    }
    bool known = block_number(b, "start", &start) && block_number(b, "size", &size) && size > 0;
    return assoc_list_add(ret, strdup(device), start * SECTOR,
                          known ? (start + size) * SECTOR - 1 : start * SECTOR);
}

static HRESULT add_partitions(const struct blocks *all, const struct block *b, unsigned depth,
                              struct assoc_list *ret)
{
    if (b->partition) {
        return add_partition(b, ret);
    }
    char path[BLOCK_NAME_SIZE + 32];
    snprintf(path, sizeof path, "/sys/block/%s/slaves", b->name);
    DIR *dir = depth < DEEPEST ? linux_opendir(path) : NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (struct dirent *e; dir && SUCCEEDED(hr) && (e = readdir(dir));) {
        const struct block *below = block_by_name(all, e->d_name);
        hr = below ? add_partitions(all, below, depth + 1, ret) : WBEM_S_NO_ERROR;
    }
    if (dir) {
        closedir(dir);
    }
    return hr;
}

static HRESULT find_partitions(void *state, const struct provider_inner *row,
                               struct assoc_list *ret)
{
    const struct disk_state *s = state;
    CLEANUP(com_cleanup_free) char *point = NULL;
    HRESULT hr = provider_inner_text(row, "DeviceID", &point);
    for (size_t i = 0; point && i < s->mounts.count; i++) {
        const struct mount *m = &s->mounts.items[i];
        if (strcmp(m->point, point) == 0) {
            /* btrfs has a number of its own; its source is one of the devices. */
            const struct block *b = m->major ? blocks_find(&s->blocks, m->major, m->minor)
                                             : block_by_path(&s->blocks, m->source);
            return b ? add_partitions(&s->blocks, b, 0, ret) : WBEM_S_NO_ERROR;
        }
    }
    return hr;
}

const struct association linux_logical_disk_to_partition = {
    .provider = ASSOC_PROVIDER("Win32_LogicalDiskToPartition", "Antecedent", "Dependent",
                               "StartingAddress", "EndingAddress"),
    .ends = {{.kind = ASSOC_FOUND,
              .class_name = "Win32_DiskPartition",
              .keys = {{"DeviceID", ASSOC_COLUMN, NULL}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_LogicalDisk"),
    .start = disk_start,
    .expand = find_partitions,
    .done = disk_done,
};
