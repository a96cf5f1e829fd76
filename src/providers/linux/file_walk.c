/*
 * Going through folders; see file_walk.h.
 */
#include "providers/linux/file_walk.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/linux/procfs.h"

static bool add(struct file_walk *w, char *path)
{
    if (path && w->pending_count == w->pending_capacity) {
        size_t capacity = w->pending_capacity ? 2 * w->pending_capacity : 16;
        char **larger = reallocarray(w->pending, capacity, sizeof *larger);
        if (!larger) {
            free(path);
            return false;
        }
        w->pending = larger;
        w->pending_capacity = capacity;
    }
    if (!path) {
        return false;
    }
    w->pending[w->pending_count++] = path;
    return true;
}

bool file_walk_add(struct file_walk *w, const char *path)
{
    return add(w, strdup(path));
}

static void leave(struct file_walk *w)
{
    if (w->dir) {
        closedir(w->dir);
    }
    free(w->path);
    w->dir = NULL;
    w->path = NULL;
    w->entered = false;
}

void file_walk_done(struct file_walk *w)
{
    leave(w);
    while (w->pending_count > 0) {
        free(w->pending[--w->pending_count]);
    }
    free(w->pending);
    *w = (struct file_walk){0};
}

/* In a tree a folder that became a link since it was listed is not followed. */
static DIR *open_folder(const struct file_walk *w, const char *path)
{
    int flags = O_RDONLY | O_DIRECTORY | (w->mounts ? O_NOFOLLOW : 0);
    size_t length = strlen(path);
    char *bare = length > 1 ? strndup(path, length - 1) : strdup(path); /* "x/" follows links */
    int fd = bare ? linux_open(bare, flags) : -1;
    free(bare);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (fd >= 0 && !dir) {
        close(fd);
    }
    return dir;
}

static bool is_mount_point(const struct mounts *m, const char *path, size_t length)
{
    for (size_t i = 0; i < m->count; i++) {
        if (m->items[i].point_size == length && memcmp(m->items[i].point, path, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool descend(struct file_walk *w, const char *name, bool *ret_elsewhere)
{
    char *path;
    if (asprintf(&path, "%s%s/", w->path, name) < 0) {
        return false;
    }
    if (is_mount_point(w->mounts, path, strlen(path) - 1)) {
        free(path);
        *ret_elsewhere = true;
        return true;
    }
    return add(w, path);
}

static unsigned char type_of(const struct file_walk *w, const struct dirent *e)
{
    struct stat st;
    if (e->d_type != DT_UNKNOWN ||
        fstatat(dirfd(w->dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        return e->d_type;
    }
    return (unsigned char)IFTODT(st.st_mode);
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* The roots of trees are themselves entries; other folders came as entries of their own. */
static bool is_root(const struct file_walk *w)
{
    size_t length = strlen(w->path);
    return w->mounts && (length == 1 || is_mount_point(w->mounts, w->path, length - 1));
}

static enum file_walk_result next_in_folder(struct file_walk *w, struct file_entry *ret)
{
    *ret = (struct file_entry){.dir = dirfd(w->dir), .path = w->path};
    if (!w->entered) {
        w->entered = true;
        if (is_root(w)) {
            ret->name = "";
            ret->type = DT_DIR;
            return FILE_WALK_ENTRY;
        }
    }
    for (struct dirent *e; (e = readdir(w->dir));) {
        if (is_dots(e->d_name)) {
            continue;
        }
        ret->name = e->d_name;
        ret->type = type_of(w, e);
        if (ret->type == DT_DIR && w->mounts) {
            bool elsewhere = false;
            if (!descend(w, e->d_name, &elsewhere)) {
                return FILE_WALK_NO_MEMORY;
            }
            if (elsewhere) {
                continue; /* what is mounted here is a tree of its own */
            }
        }
        return FILE_WALK_ENTRY;
    }
    return FILE_WALK_END;
}

enum file_walk_result file_walk_next(struct file_walk *w, struct file_entry *ret)
{
    if (w->dir) {
        enum file_walk_result result = next_in_folder(w, ret);
        if (result != FILE_WALK_END) {
            return result;
        }
        leave(w);
    }
    while (w->pending_count > 0) {
        w->path = w->pending[--w->pending_count];
        w->dir = open_folder(w, w->path);
        if (w->dir) {
            return FILE_WALK_FOLDER;
        }
        leave(w);
    }
    return FILE_WALK_END;
}
