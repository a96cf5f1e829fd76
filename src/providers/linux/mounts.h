/*
 * The mounted file systems that hold data: what df lists, from
 * /proc/self/mountinfo alone, so that no mount is touched by listing it.
 */
#ifndef WBEM_PROVIDERS_LINUX_MOUNTS_H
#define WBEM_PROVIDERS_LINUX_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What stands behind a mount, with the numbers of Win32_LogicalDisk.DriveType. */
enum mount_kind {
    MOUNT_UNKNOWN = 0,
    MOUNT_REMOVABLE = 2,
    MOUNT_LOCAL = 3,
    MOUNT_NETWORK = 4,
    MOUNT_OPTICAL = 5,
    MOUNT_MEMORY = 6,
};

struct mount {
    unsigned major, minor; /* of the file system; major 0 when no block device is behind it */
    char *root;            /* what of the file system is mounted; "/" when all */
    char *point;           /* where */
    size_t point_size;     /* of that, in bytes */
    char *type;            /* such as "ext4" */
    char *source;          /* device, server's path, or a word of no meaning */
    char *options;         /* of the mount, then a comma, then of the file system */
    bool hidden; /* another mount of the same file system stands for it, or lies over it */
    enum mount_kind kind;
};

struct mounts {
    struct mount *items;
    size_t count;
};

/* Parses text in the form of proc(5)'s mountinfo; lines that are not of that form are skipped.
 * With `all`, pseudo file systems and second mounts stay in the list. False: out of memory. */
bool mounts_parse(const char *text, bool all, struct mounts *ret);
/* The machine's own; an empty list when the file is not there. */
bool mounts_read(bool all, struct mounts *ret);
void mounts_done(struct mounts *m);

/* True when the comma-separated list has the word, alone or before "=". */
bool mount_has_option(const struct mount *m, const char *word);
/* The mount that the absolute path is on; NULL when none is known. */
const struct mount *mounts_of_path(const struct mounts *m, const char *path);
/* The mount that is listed for the same file system: `a` itself unless it is hidden. */
const struct mount *mounts_listed(const struct mounts *m, const struct mount *a);
/* True for a type whose statvfs() may wait for another machine or program. */
bool mount_may_hang(const struct mount *m);

/* ---- what the kinds of file system can do; -1 when we don't know ----------- */

int mount_supports_quotas(const char *type);
int mount_supports_compression(const char *type); /* of single files */
int mount_is_compressed(const char *type);        /* as a whole */
/* 1 when quotas are in force on this mount. */
int mount_quotas(const struct mount *m);
/* A FAT file system's identifier is its serial number, XXXX-XXXX; false for other identifiers. */
bool mount_fat_serial(const char *uuid, uint32_t *ret);

#endif
