/*
 * Block devices as /sys/block shows them, and what udev knows of each
 * (/run/udev/data): drives, their partitions, labels and identifiers.
 */
#ifndef WBEM_PROVIDERS_LINUX_BLOCK_H
#define WBEM_PROVIDERS_LINUX_BLOCK_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/linux/machine.h"
#include "providers/provider.h"

enum {
    BLOCK_NAME_SIZE = NAME_MAX + 1,
    BLOCK_TEXT_SIZE = 512
};

struct block {
    char name[BLOCK_NAME_SIZE];   /* in /sys, where "!" stands for "/" */
    char parent[BLOCK_NAME_SIZE]; /* the disk that a partition is on; "" for a whole device */
    unsigned major, minor;
    unsigned partition; /* its number; 0 for a whole device */
    int drive;          /* for a drive or its partition: the drive's number, from 0; else -1 */
};

struct blocks {
    struct block *items; /* by name, numbers in names by value; a disk before its partitions */
    size_t count;
};

/* False: out of memory. No /sys/block is an empty list. */
bool blocks_read(struct blocks *ret);
void blocks_done(struct blocks *b);
/* NULL when there is none. */
const struct block *blocks_find(const struct blocks *b, unsigned major, unsigned minor);

/* The device's path in /dev. */
void block_device_path(const struct block *b, char *out, size_t size);
/* An attribute: a file under the device's folder in /sys/block. False: not there, or empty. */
bool block_attribute(const struct block *b, const char *name, char *out, size_t size);
bool block_number(const struct block *b, const char *name, uint64_t *ret);
/* A property from udev's database, decoded; false when there is none. */
bool block_udev(const struct block *b, const char *key, char *out, size_t size);
/* The same for any file of udev's database. */
bool udev_property(const char *record, const char *key, char *out, size_t size);
/* True when the whole device says that its media can be taken out. */
bool block_is_removable(unsigned major, unsigned minor);

/* The cursor of a class that has an instance for some of the devices. */
struct block_cursor {
    const struct provider_request *request;
    struct blocks blocks;
    size_t next;
    char system[LINUX_NAME_SIZE];
};
HRESULT block_cursor_open(const struct provider_request *q, void **ret_cursor);
const struct block *block_cursor_next(struct block_cursor *c); /* NULL: no more */
void block_cursor_close(void *cursor);

#endif
