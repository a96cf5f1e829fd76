/*
 * Going through folders: single ones, or whole trees that stay within their
 * file system. One folder is open at a time; nothing is read ahead.
 */
#ifndef WBEM_PROVIDERS_LINUX_FILE_WALK_H
#define WBEM_PROVIDERS_LINUX_FILE_WALK_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

#include "providers/linux/mounts.h"

struct file_walk {
    const struct mounts *mounts; /* borrowed: where trees end. NULL: folders are not descended */
    char **pending;              /* folders still to read, each with a slash at its end */
    size_t pending_count, pending_capacity;
    DIR *dir;   /* the folder that is open */
    char *path; /* its path, with a slash at its end */
    bool entered;
};

struct file_entry {
    int dir;            /* descriptor of the folder */
    const char *path;   /* of the folder, with a slash at its end */
    const char *name;   /* within it; "" for the folder itself, when a tree begins at it */
    unsigned char type; /* DT_REG …, or DT_UNKNOWN */
};

/* Adds a folder (a path with a slash at its end) to what is still to be read; the last added comes
 * first. False: out of memory. */
bool file_walk_add(struct file_walk *w, const char *path);
enum file_walk_result {
    FILE_WALK_ENTRY,
    FILE_WALK_FOLDER, /* a folder was opened: a good time to look whether to go on */
    FILE_WALK_END,
    FILE_WALK_NO_MEMORY
};
/* Folders that may not be read, or are gone, are passed over. *ret is valid until the next call. */
enum file_walk_result file_walk_next(struct file_walk *w, struct file_entry *ret);
void file_walk_done(struct file_walk *w);

#endif
