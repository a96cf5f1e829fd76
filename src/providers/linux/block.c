/*
 * Block devices as /sys/block shows them; see block.h.
 */
#include "providers/linux/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/procfs.h"

enum {
    PATH_SIZE = 1024,
    UDEV_LIMIT = 1 << 20
};

static bool sys_path(char path[PATH_SIZE], const struct block *b, const char *attribute)
{
    int n = b->parent[0]
                ? snprintf(path, PATH_SIZE, "/sys/block/%s/%s/%s", b->parent, b->name, attribute)
                : snprintf(path, PATH_SIZE, "/sys/block/%s/%s", b->name, attribute);
    return n > 0 && n < PATH_SIZE;
}

bool block_attribute(const struct block *b, const char *name, char *out, size_t size)
{
    char path[PATH_SIZE];
    out[0] = '\0';
    return sys_path(path, b, name) && linux_read_line(path, out, size);
}

bool block_number(const struct block *b, const char *name, uint64_t *ret)
{
    char text[64];
    return block_attribute(b, name, text, sizeof text) && linux_is_number(text, ret);
}

void block_device_path(const struct block *b, char *out, size_t size)
{
    snprintf(out, size, "/dev/%s", b->name);
    for (char *p = out; *p; p++) {
        if (*p == '!') {
            *p = '/'; /* the kernel's device names may have slashes, its folders not */
        }
    }
}

/* ---- udev ------------------------------------------------------------------ */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* udev writes what is not safe in a file name as \xhh. */
static void decode(char *text)
{
    char *out = text;
    for (const char *p = text; *p;) {
        if (p[0] == '\\' && p[1] == 'x' && hex(p[2]) >= 0 && hex(p[3]) >= 0) {
            *out++ = (char)(hex(p[2]) << 4 | hex(p[3]));
            p += 4;
        } else {
            *out++ = *p++;
        }
    }
    *out = '\0';
}

bool udev_property(const char *record, const char *key, char *out, size_t size)
{
    char path[PATH_SIZE], full_key[128];
    char *text = NULL;
    out[0] = '\0';
    snprintf(path, sizeof path, "/run/udev/data/%s", record);
    snprintf(full_key, sizeof full_key, "E:%s", key);
    if (linux_read_all(path, UDEV_LIMIT, &text) < 0) {
        return false;
    }
    bool found = linux_copy_key(text, full_key, '=', out, size) && out[0];
    free(text);
    decode(out);
    return found;
}

bool block_udev(const struct block *b, const char *key, char *out, size_t size)
{
    char record[64];
    snprintf(record, sizeof record, "b%u:%u", b->major, b->minor);
    return udev_property(record, key, out, size);
}

bool block_is_removable(unsigned major, unsigned minor)
{
    /* /sys/dev/block/8:1 is a link to the device; a partition's disk is the folder above. */
    char path[PATH_SIZE];
    uint64_t removable;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/removable", major, minor);
    if (linux_read_u64(path, &removable)) {
        return removable == 1;
    }
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u/../removable", major, minor);
    return linux_read_u64(path, &removable) && removable == 1;
}

/* ---- the list --------------------------------------------------------------- */

static bool read_numbers(struct block *b)
{
    char text[64];
    const char *at = text;
    uint64_t major, minor;
    if (!block_attribute(b, "dev", text, sizeof text) || !linux_parse_u64(&at, &major) ||
        *at++ != ':' || !linux_parse_u64(&at, &minor) || *at || major > UINT32_MAX ||
        minor > UINT32_MAX) {
        return false;
    }
    b->major = (unsigned)major;
    b->minor = (unsigned)minor;
    return true;
}

static bool add(struct blocks *list, const struct block *b)
{
    if ((list->count & (list->count - 1)) == 0) { /* a power of two: full */
        size_t capacity = list->count ? 2 * list->count : 1;
        struct block *larger = realloc(list->items, capacity * sizeof *larger);
        if (!larger) {
            return false;
        }
        list->items = larger;
    }
    list->items[list->count++] = *b;
    return true;
}

static bool copy_name(char *out, const char *name)
{
    size_t length = strlen(name);
    if (name[0] == '.' || length >= BLOCK_NAME_SIZE) {
        return false;
    }
    memcpy(out, name, length + 1);
    return true;
}

static bool add_partitions(struct blocks *list, const struct block *disk)
{
    char path[PATH_SIZE];
    DIR *dir = sys_path(path, disk, ".") ? linux_opendir(path) : NULL;
    bool ok = true;
    for (struct dirent *e; ok && dir && (e = readdir(dir));) {
        struct block b = {.drive = -1};
        uint64_t number;
        memcpy(b.parent, disk->name, sizeof b.parent);
        if (copy_name(b.name, e->d_name) && block_number(&b, "partition", &number) &&
            number <= UINT32_MAX && read_numbers(&b)) {
            b.partition = (unsigned)number;
            ok = add(list, &b);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return ok;
}

static int compare(const void *a, const void *b)
{
    const struct block *x = a, *y = b;
    const char *x_disk = x->parent[0] ? x->parent : x->name;
    const char *y_disk = y->parent[0] ? y->parent : y->name;
    int order = strverscmp(x_disk, y_disk);
    if (order == 0) {
        order = (x->partition > y->partition) - (x->partition < y->partition);
    }
    return order;
}

/* A drive has a device behind it, and is neither optical (Win32_CDROMDrive) nor one path of
 * several to an NVMe namespace. */
static bool is_drive(const struct block *b)
{
    char path[PATH_SIZE];
    uint64_t type, hidden;
    if (b->parent[0] || !sys_path(path, b, "device") || !linux_exists(path)) {
        return false;
    }
    enum {
        SCSI_TYPE_ROM = 5
    };
    return !(block_number(b, "device/type", &type) && type == SCSI_TYPE_ROM) &&
           !(block_number(b, "hidden", &hidden) && hidden);
}

static void number_drives(struct blocks *list)
{
    int next = 0, current = -1;
    for (size_t i = 0; i < list->count; i++) {
        struct block *b = &list->items[i];
        if (!b->parent[0]) {
            current = is_drive(b) ? next++ : -1;
        }
        b->drive = current;
    }
}

bool blocks_read(struct blocks *ret)
{
    *ret = (struct blocks){0};
    DIR *dir = linux_opendir("/sys/block");
    bool ok = true;
    for (struct dirent *e; ok && dir && (e = readdir(dir));) {
        struct block b = {.drive = -1};
        if (copy_name(b.name, e->d_name) && read_numbers(&b)) {
            ok = add(ret, &b) && add_partitions(ret, &b);
        }
    }
    if (dir) {
        closedir(dir);
    }
    if (!ok) {
        blocks_done(ret);
        return false;
    }
    if (ret->count > 0) {
        qsort(ret->items, ret->count, sizeof *ret->items, compare);
    }
    number_drives(ret);
    return true;
}

void blocks_done(struct blocks *b)
{
    free(b->items);
    *b = (struct blocks){0};
}

const struct block *blocks_find(const struct blocks *b, unsigned major, unsigned minor)
{
    for (size_t i = 0; i < b->count; i++) {
        if (b->items[i].major == major && b->items[i].minor == minor) {
            return &b->items[i];
        }
    }
    return NULL;
}

HRESULT block_cursor_open(const struct provider_request *q, void **ret)
{
    struct block_cursor *c = calloc(1, sizeof *c);
    if (!c || !blocks_read(&c->blocks)) {
        free(c);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

const struct block *block_cursor_next(struct block_cursor *c)
{
    return c->next < c->blocks.count ? &c->blocks.items[c->next++] : NULL;
}

void block_cursor_close(void *cursor)
{
    struct block_cursor *c = cursor;
    if (c) {
        blocks_done(&c->blocks);
        free(c);
    }
}
