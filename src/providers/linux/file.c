/*
 * CIM_DataFile and Win32_Directory. A condition on Name looks at that file
 * alone, one on Path reads that folder. Without either, a query on the class
 * itself goes through the local file systems one after another, those that a
 * condition on Drive allows; a query that only comes by, through a superclass,
 * gets nothing: nobody asked for the whole disk.
 *
 * Drive is the mount point, as in Win32_LogicalDisk.DeviceID; Path is the whole
 * path of the folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/linux/file_walk.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/mounts.h"
#include "providers/linux/procfs.h"

/* The first few are those that statx() tells, then those of faccessat(). */
#define COLUMNS(X)                                                                                 \
    X(Compressed), X(CreationDate), X(Encrypted), X(FileSize), X(InstallDate), X(LastAccessed),    \
        X(LastModified), X(Readable), X(Writeable), X(Drive), X(FSName), X(Caption),               \
        X(CreationClassName), X(CSCreationClassName), X(CSName), X(Description), X(Extension),     \
        X(FileName), X(FileType), X(FSCreationClassName), X(Hidden), X(Name), X(Path), X(Status)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

enum {
    ENTRIES_PER_LOOK = 256 /* that are left out, before we look whether the caller has gone */
};

struct file_cursor {
    const struct provider_request *request;
    bool folders; /* Win32_Directory */
    struct mounts mounts;
    uint32_t next_point; /* of Name */
    bool by_name;
    struct file_walk walk;
    const struct mount *mount; /* of the folder that the walk is in */
    const char *class_name;
    char system[LINUX_NAME_SIZE];
};

static void file_close(void *cursor)
{
    struct file_cursor *c = cursor;
    if (c) {
        file_walk_done(&c->walk);
        mounts_done(&c->mounts);
        free(c);
    }
}

/* ---- what to look at ---------------------------------------------------------- */

/* A path that is written as we write it: from the root, no empty and no dotted parts. */
static bool is_plain_path(const char *path)
{
    return path && path[0] == '/' && !strstr(path, "//") && !strstr(path, "/./") &&
           !strstr(path, "/../");
}

static bool add_folders(struct file_cursor *c, int64_t count)
{
    for (int64_t i = count - 1; i >= 0; i--) {
        char *path = provider_point_string(c->request, COLUMN_Path, (uint32_t)i);
        size_t length = path ? strlen(path) : 0;
        bool ok = !is_plain_path(path) || path[length - 1] != '/' || file_walk_add(&c->walk, path);
        free(path);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool may_walk(const struct file_cursor *c, const struct mount *m)
{
    if (!linux_may_be_string(c->request, COLUMN_Drive, m->point) ||
        !linux_may_be_string(c->request, COLUMN_FSName, m->type)) {
        return false;
    }
    /* Other machines' files are gone through when their mount is named. */
    return linux_point_count(c->request, COLUMN_Drive) >= 0 || !mount_may_hang(m);
}

static bool add_trees(struct file_cursor *c)
{
    struct mounts listed;
    bool ok = mounts_read(false, &listed);
    for (size_t i = ok ? listed.count : 0; ok && i-- > 0;) {
        char *path = NULL;
        if (may_walk(c, &listed.items[i])) {
            bool is_root = strcmp(listed.items[i].point, "/") == 0;
            ok = asprintf(&path, is_root ? "%s" : "%s/", listed.items[i].point) >= 0 &&
                 file_walk_add(&c->walk, path);
            free(path);
        }
    }
    mounts_done(&listed);
    c->walk.mounts = &c->mounts;
    return ok;
}

static HRESULT open_class(const struct provider_request *q, void **ret, const char *class_name,
                          bool folders)
{
    int64_t names = linux_point_count(q, COLUMN_Name), paths = linux_point_count(q, COLUMN_Path);
    if (names < 0 && paths < 0 && provider_request_is_deep(q)) {
        return WBEM_S_FALSE;
    }
    struct file_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    c->folders = folders;
    c->class_name = class_name;
    c->by_name = names >= 0;
    bool trees = names < 0 && paths < 0;
    bool wants_mounts = trees || provider_request_wants(q, COLUMN_Drive) ||
                        provider_request_wants(q, COLUMN_FSName);
    if ((wants_mounts && !mounts_read(true, &c->mounts)) ||
        (names < 0 && !(trees ? add_trees(c) : add_folders(c, paths)))) {
        file_close(c);
        return WBEM_E_OUT_OF_MEMORY;
    }
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static HRESULT data_file_open(const struct provider_request *q, void **ret)
{
    return open_class(q, ret, "CIM_DataFile", false);
}

static HRESULT directory_open(const struct provider_request *q, void **ret)
{
    return open_class(q, ret, "Win32_Directory", true);
}

/* ---- one file -------------------------------------------------------------------- */

static int64_t microseconds(const struct statx_timestamp *t)
{
    return t->tv_sec * 1000000 + t->tv_nsec / 1000;
}

static void set_attribute(struct provider_row *r, unsigned column, const struct statx *st,
                          uint64_t attribute)
{
    if (st->stx_attributes_mask & attribute) {
        provider_set_bool(r, column, st->stx_attributes & attribute);
    }
}

/* False when the file has gone. */
static bool set_status(struct provider_row *r, const struct file_entry *e)
{
    if (!provider_wants_any(r, COLUMN_Compressed, COLUMN_LastModified)) {
        return true;
    }
    struct statx st;
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (e->name[0] ? 0 : AT_EMPTY_PATH);
    if (statx(e->dir, e->name, flags, STATX_BASIC_STATS | STATX_BTIME, &st) < 0) {
        return errno != ENOENT && errno != ENOTDIR;
    }
    if (e->type != DT_DIR) {
        provider_set_uint(r, COLUMN_FileSize, st.stx_size);
    }
    provider_set_datetime(r, COLUMN_LastAccessed, microseconds(&st.stx_atime));
    provider_set_datetime(r, COLUMN_LastModified, microseconds(&st.stx_mtime));
    /* Images made without a clock have files born in 1970. */
    if (st.stx_mask & STATX_BTIME && st.stx_btime.tv_sec > 0) {
        provider_set_datetime(r, COLUMN_CreationDate, microseconds(&st.stx_btime));
        provider_set_datetime(r, COLUMN_InstallDate, microseconds(&st.stx_btime));
    }
    set_attribute(r, COLUMN_Compressed, &st, STATX_ATTR_COMPRESSED);
    set_attribute(r, COLUMN_Encrypted, &st, STATX_ATTR_ENCRYPTED);
    return true;
}

static void set_access(struct provider_row *r, const struct file_entry *e)
{
    const char *name = e->name[0] ? e->name : ".";
    if (e->type == DT_LNK) {
        return; /* a link has no rights of its own */
    }
    if (provider_wants(r, COLUMN_Readable)) {
        provider_set_bool(r, COLUMN_Readable, faccessat(e->dir, name, R_OK, AT_EACCESS) == 0);
    }
    if (provider_wants(r, COLUMN_Writeable)) {
        provider_set_bool(r, COLUMN_Writeable, faccessat(e->dir, name, W_OK, AT_EACCESS) == 0);
    }
}

/* The tree's root "/mnt/" is the entry "mnt" of "/"; "/" itself has no name and no folder. */
static void set_names(struct provider_row *r, const struct file_entry *e)
{
    size_t path_size = strlen(e->path);
    const char *name = e->name;
    size_t name_size = strlen(name);
    if (!name[0] && path_size > 1) {
        const char *slash = memrchr(e->path, '/', path_size - 1);
        name = slash + 1;
        name_size = path_size - 1 - (size_t)(name - e->path);
        path_size = (size_t)(name - e->path);
    }
    int before = (int)path_size, length = (int)name_size;
    provider_set_format(r, COLUMN_Name, "%.*s%.*s", before, e->path, length, name);
    provider_set_format(r, COLUMN_Caption, "%.*s%.*s", before, e->path, length, name);
    provider_set_format(r, COLUMN_Description, "%.*s%.*s", before, e->path, length, name);
    if (name_size > 0) {
        provider_set_string_n(r, COLUMN_Path, e->path, path_size);
    }

    const char *dot = name_size > 1 ? memrchr(name + 1, '.', name_size - 1) : NULL;
    size_t stem = dot ? (size_t)(dot - name) : name_size;
    provider_set_string_n(r, COLUMN_FileName, name, stem);
    provider_set_string_n(r, COLUMN_Extension, dot ? dot + 1 : "", dot ? name_size - stem - 1 : 0);
    /* A leading dot is how files are hidden here. */
    provider_set_bool(r, COLUMN_Hidden, name_size > 0 && name[0] == '.');
}

static bool fill(struct file_cursor *c, const struct file_entry *e, struct provider_row *r)
{
    if (!set_status(r, e)) {
        return false;
    }
    set_access(r, e);
    set_names(r, e);
    if (c->mount) {
        provider_set_string(r, COLUMN_Drive, mounts_listed(&c->mounts, c->mount)->point);
        provider_set_string(r, COLUMN_FSName, c->mount->type);
    }
    provider_set_string(r, COLUMN_FileType,
                        e->type == DT_DIR   ? "File Folder"
                        : e->type == DT_LNK ? "Symbolic Link"
                                            : "File");
    provider_set_string(r, COLUMN_Status, "OK");
    provider_set_string(r, COLUMN_CreationClassName, c->class_name);
    provider_set_string(r, COLUMN_CSCreationClassName, "Win32_ComputerSystem");
    provider_set_string(r, COLUMN_CSName, linux_known(c->system));
    provider_set_string(r, COLUMN_FSCreationClassName, "Win32_FileSystem");
    return true;
}

static bool is_of_class(const struct file_cursor *c, unsigned char type)
{
    return c->folders ? type == DT_DIR : type == DT_REG || type == DT_LNK;
}

/* ---- by name ---------------------------------------------------------------------- */

/* The file of an absolute path: its folder is opened, nothing else. */
static bool fill_named(struct file_cursor *c, const char *path, struct provider_row *row)
{
    struct stat st;
    size_t length = strlen(path);
    bool is_root = length == 1;
    if (!is_plain_path(path) || (!is_root && path[length - 1] == '/')) {
        return false;
    }
    const char *name = strrchr(path, '/') + 1;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return false;
    }
    char *folder = strndup(path, (size_t)(name - path));
    int dir = folder ? linux_open(folder, O_PATH | O_DIRECTORY) : -1;
    struct file_entry e = {.dir = dir, .path = folder, .name = name};
    bool ok = dir >= 0 &&
              fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW | (is_root ? AT_EMPTY_PATH : 0)) == 0;
    if (ok) {
        e.type = (unsigned char)IFTODT(st.st_mode);
        c->mount = mounts_of_path(&c->mounts, path);
        ok = is_of_class(c, e.type) && fill(c, &e, row);
    }
    if (dir >= 0) {
        close(dir);
    }
    free(folder);
    return ok;
}

static HRESULT next_named(struct file_cursor *c, struct provider_row *row)
{
    int64_t count = linux_point_count(c->request, COLUMN_Name);
    while (c->next_point < count) {
        char *path = provider_point_string(c->request, COLUMN_Name, c->next_point++);
        bool found = path && fill_named(c, path, row);
        free(path);
        if (found) {
            return WBEM_S_NO_ERROR;
        }
        provider_row_clear(row);
    }
    return WBEM_S_FALSE;
}

/* ---- by folder ---------------------------------------------------------------------- */

static HRESULT next_walked(struct file_cursor *c, struct provider_row *row)
{
    unsigned left_out = 0;
    for (;;) {
        struct file_entry e;
        switch (file_walk_next(&c->walk, &e)) {
        case FILE_WALK_END:
            return WBEM_S_FALSE;
        case FILE_WALK_NO_MEMORY:
            return WBEM_E_OUT_OF_MEMORY;
        case FILE_WALK_FOLDER:
            c->mount = mounts_of_path(&c->mounts, c->walk.path);
            left_out = ENTRIES_PER_LOOK;
            break;
        case FILE_WALK_ENTRY:
            if (is_of_class(c, e.type)) {
                if (fill(c, &e, row)) {
                    return WBEM_S_NO_ERROR;
                }
                provider_row_clear(row);
            }
            left_out++;
            break;
        }
        if (left_out >= ENTRIES_PER_LOOK) {
            left_out = 0;
            if (provider_request_cancelled(c->request)) {
                return WBEM_E_CALL_CANCELLED;
            }
        }
    }
}

static HRESULT file_next(void *cursor, struct provider_row *row)
{
    struct file_cursor *c = cursor;
    return c->by_name ? next_named(c, row) : next_walked(c, row);
}

const struct provider_class linux_data_file = {
    .name = "CIM_DataFile",
    .columns = columns,
    .open = data_file_open,
    .next = file_next,
    .close = file_close,
    .methods = linux_data_file_methods,
};

const struct provider_class linux_directory = {
    .name = "Win32_Directory",
    .columns = columns,
    .open = directory_open,
    .next = file_next,
    .close = file_close,
    .methods = linux_directory_methods,
};
