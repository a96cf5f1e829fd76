/*
 * Copying, renaming and deleting files; see file_copy.h.
 */
#include "providers/linux/file_copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- where a path's last part is ----------------------------------------------------- */

struct place {
    int folder;       /* descriptor of what holds it */
    const char *name; /* points into the path */
};

/* Everything is done relative to the folder as it was found, whoever moves it meanwhile. */
static int place_open(const char *path, struct place *ret)
{
    const char *slash = strrchr(path, '/');
    if (!slash || !slash[1]) {
        return -EINVAL;
    }
    char *folder = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    if (!folder) {
        return -ENOMEM;
    }
    ret->name = slash + 1;
    ret->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int result = ret->folder < 0 ? -errno : 0;
    free(folder);
    return result;
}

/* ---- renaming ------------------------------------------------------------------------ */

/* For file systems that do not know RENAME_NOREPLACE: a hard link is not made over something that
 * is there either; a folder may replace an empty one, which we make and so know to be ours. */
static int rename_otherwise(const struct place *from, const struct place *to)
{
    struct stat st;
    if (fstatat(from->folder, from->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return -errno;
    }
    if (S_ISDIR(st.st_mode)) {
        if (mkdirat(to->folder, to->name, 0700) != 0) {
            return -errno;
        }
        if (renameat(from->folder, from->name, to->folder, to->name) == 0) {
            return 0;
        }
        int error = errno;
        (void)unlinkat(to->folder, to->name, AT_REMOVEDIR);
        return -error;
    }
    if (linkat(from->folder, from->name, to->folder, to->name, 0) != 0) {
        return -errno;
    }
    if (unlinkat(from->folder, from->name, 0) != 0) {
        int error = errno;
        (void)unlinkat(to->folder, to->name, 0);
        return -error;
    }
    return 0;
}

static int rename_at(const struct place *from, const struct place *to)
{
    if (renameat2(from->folder, from->name, to->folder, to->name, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    /* EINVAL is also the answer for moving a folder into itself; then the second way says so. */
    return errno == EINVAL || errno == ENOSYS ? rename_otherwise(from, to) : -errno;
}

/* ---- copying ------------------------------------------------------------------------- */

enum {
    PIECE = 256 * 1024
};

static int write_all(int to, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = write(to, bytes, size);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        bytes += n > 0 ? n : 0;
        size -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int copy_by_hand(int from, int to)
{
    char *buffer = malloc(PIECE);
    int result = buffer ? 0 : -ENOMEM;
    while (result == 0) {
        ssize_t n = read(from, buffer, PIECE);
        if (n == 0) {
            break;
        }
        result = n > 0 ? write_all(to, buffer, (size_t)n) : errno == EINTR ? 0 : -errno;
    }
    free(buffer);
    return result;
}

/* The kernel's own copy shares blocks where the file system can; what it does not do from where it
 * stopped on is read and written, such as the files of /proc, which claim to be empty. */
static int copy_bytes(int from, int to)
{
    ssize_t n;
    do {
        n = copy_file_range(from, NULL, to, NULL, (size_t)1 << 30, 0);
    } while (n > 0 || (n < 0 && errno == EINTR));
    if (n < 0 && errno != EXDEV && errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP &&
        errno != EBADF && errno != EPERM && errno != ETXTBSY) {
        return -errno;
    }
    return copy_by_hand(from, to);
}

static int copy_contents(int from, int to, const struct stat *st)
{
    const struct timespec times[] = {st->st_atim, st->st_mtim};
    int result = copy_bytes(from, to);
    if (result < 0) {
        return result;
    }
    /* Not the bits that give rights to whoever runs the file: the owner is another. */
    return fchmod(to, st->st_mode & 0777) != 0 || futimens(to, times) != 0 || fsync(to) != 0
               ? -errno
               : 0;
}

/* A name of our own beside the target, hidden, that nobody guesses. */
static void temporary_name(char out[40])
{
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) < 0) {
        random = (uint64_t)getpid();
    }
    snprintf(out, 40, ".wbem-copy-%016llx", (unsigned long long)random);
}

/* Gives the finished temporary its name, or takes it away. */
static int settle(const struct place *temporary, const struct place *target, int result)
{
    if (result == 0) {
        result = rename_at(temporary, target);
    }
    if (result < 0) {
        (void)unlinkat(temporary->folder, temporary->name, 0);
    }
    return result;
}

static int copy_file(int from, const struct stat *st, const struct place *target)
{
    char name[40];
    temporary_name(name);
    const struct place temporary = {.folder = target->folder, .name = name};
    int to = openat(target->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (to < 0) {
        return -errno;
    }
    int result = copy_contents(from, to, st);
    if (close(to) != 0 && result == 0) {
        result = -errno;
    }
    return settle(&temporary, target, result);
}

static int copy_link(const struct place *source, const struct place *target)
{
    char text[PATH_MAX];
    ssize_t n = readlinkat(source->folder, source->name, text, sizeof text - 1);
    if (n < 0) {
        return -errno;
    }
    text[n] = '\0';
    return symlinkat(text, target->folder, target->name) == 0 ? 0 : -errno; /* never replaces */
}

static int copy_at(const struct place *source, const struct place *target)
{
    struct stat st;
    if (fstatat(target->folder, target->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        return -EEXIST; /* told before the work; the end of it looks again */
    }
    int from = openat(source->folder, source->name,
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (from < 0) {
        return errno == ELOOP ? copy_link(source, target) : -errno;
    }
    int result = fstat(from, &st) != 0 ? -errno
                 : S_ISREG(st.st_mode) ? copy_file(from, &st, target)
                                       : -EINVAL;
    close(from);
    return result;
}

/* ---- copying a folder ------------------------------------------------------------------- */

/* The copy on its way, which the walk must not meet. */
struct tree {
    dev_t device;
    ino_t inode;
    unsigned depth;
};

enum {
    DEEPEST = 128 /* each level holds descriptors */
};

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* The folder for reading, by no link; or -errno. */
static int open_folder(const struct place *p)
{
    int fd = openat(p->folder, p->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Its entries, by a descriptor of their own. NULL with errno. */
static DIR *list_folder(int folder)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && !d) {
        int error = errno;
        close(fd);
        errno = error;
    }
    return d;
}

/* Takes away the folder and all that is in it, through no link. */
static void remove_tree(const struct place *p)
{
    int fd = open_folder(p);
    DIR *d = fd < 0 ? NULL : list_folder(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        const struct place child = {.folder = fd, .name = e->d_name};
        if (!is_dots(e->d_name) && unlinkat(fd, e->d_name, 0) != 0 &&
            (errno == EISDIR || errno == EPERM)) {
            remove_tree(&child);
        }
    }
    if (d) {
        closedir(d);
    }
    if (fd >= 0) {
        close(fd);
    }
    (void)unlinkat(p->folder, p->name, AT_REMOVEDIR);
}

static int copy_below(struct tree *t, int from, int to);

/* Into a folder that has just been made. */
static int copy_into(struct tree *t, const struct place *source, const struct place *target)
{
    int from = open_folder(source);
    if (from < 0) {
        return from;
    }
    int to = open_folder(target);
    int result = to < 0 ? to : copy_below(t, from, to);
    if (to >= 0) {
        close(to);
    }
    close(from);
    return result;
}

static int copy_entry(struct tree *t, const struct place *source, const struct place *target)
{
    struct stat st;
    if (fstatat(source->folder, source->name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return -errno;
    }
    if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode)) {
        return copy_at(source, target);
    }
    if (!S_ISDIR(st.st_mode)) {
        return -EOPNOTSUPP;
    }
    if (st.st_dev == t->device && st.st_ino == t->inode) {
        return -EINVAL;
    }
    if (t->depth == DEEPEST) {
        return -ENAMETOOLONG;
    }
    if (mkdirat(target->folder, target->name, 0700) != 0) {
        return -errno;
    }
    t->depth++;
    int result = copy_into(t, source, target);
    t->depth--;
    return result;
}

/* What is in one folder, then the folder's own rights and times. */
static int copy_below(struct tree *t, int from, int to)
{
    struct stat st;
    DIR *d = list_folder(from);
    if (!d) {
        return -errno;
    }
    int result = fstat(from, &st) == 0 ? 0 : -errno;
    for (struct dirent *e; result == 0 && (e = readdir(d));) {
        const struct place source = {.folder = from, .name = e->d_name};
        const struct place target = {.folder = to, .name = e->d_name};
        result = is_dots(e->d_name) ? 0 : copy_entry(t, &source, &target);
    }
    closedir(d);
    if (result == 0) {
        const struct timespec times[] = {st.st_atim, st.st_mtim};
        result = fchmod(to, st.st_mode & 0777) != 0 || futimens(to, times) != 0 ? -errno : 0;
    }
    return result;
}

static int copy_tree(const struct place *source, const struct place *target)
{
    char name[40];
    struct stat st;
    if (fstatat(target->folder, target->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        return -EEXIST; /* told before the work; the end of it looks again */
    }
    temporary_name(name);
    const struct place temporary = {.folder = target->folder, .name = name};
    if (mkdirat(target->folder, name, 0700) != 0) {
        return -errno;
    }
    int result = fstatat(target->folder, name, &st, AT_SYMLINK_NOFOLLOW) != 0 ? -errno : 0;
    if (result == 0) {
        struct tree t = {.device = st.st_dev, .inode = st.st_ino};
        result = copy_into(&t, source, &temporary);
    }
    if (result == 0) {
        result = rename_at(&temporary, target);
    }
    if (result < 0) {
        remove_tree(&temporary);
    }
    return result;
}

/* ---- by their paths ---------------------------------------------------------------------- */

static int with_places(const char *from, const char *to,
                       int (*work)(const struct place *source, const struct place *target))
{
    struct place source, target;
    int result = place_open(from, &source);
    if (result < 0) {
        return result;
    }
    result = place_open(to, &target);
    if (result == 0) {
        result = work(&source, &target);
        close(target.folder);
    }
    close(source.folder);
    return result;
}

int file_rename(const char *from, const char *to)
{
    return with_places(from, to, rename_at);
}

int file_copy(const char *from, const char *to)
{
    return with_places(from, to, copy_at);
}

int file_copy_folder(const char *from, const char *to)
{
    return with_places(from, to, copy_tree);
}

/* ---- deleting ------------------------------------------------------------------------ */

static int delete_at(const char *path, int flags)
{
    struct place place;
    int result = place_open(path, &place);
    if (result < 0) {
        return result;
    }
    result = unlinkat(place.folder, place.name, flags) == 0 ? 0 : -errno;
    close(place.folder);
    return result;
}

int file_delete(const char *path)
{
    return delete_at(path, 0);
}

int file_delete_folder(const char *path)
{
    return delete_at(path, AT_REMOVEDIR);
}
