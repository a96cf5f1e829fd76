/*
 * The mounted file systems that hold data; see mounts.h.
 */
#include "providers/linux/mounts.h"

#include <stdlib.h>
#include <string.h>

#include "providers/linux/block.h"
#include "providers/linux/procfs.h"

enum {
    MOUNTINFO_LIMIT = 16 << 20
};

static bool listed(const char *const *list, const char *word)
{
    for (; *list; list++) {
        if (strcmp(*list, word) == 0) {
            return true;
        }
    }
    return false;
}

/* Types that have no data of their own: df leaves them out since they are 0 blocks large, which we
 * could learn only by asking each. */
static bool is_pseudo(const char *type)
{
    static const char *const pseudo[] = {
        "autofs",     "binfmt_misc", "bpf",       "cgroup",    "cgroup2",
        "configfs",   "debugfs",     "devpts",    "efivarfs",  "fuse.gvfsd-fuse",
        "fuse.lxcfs", "fuse.portal", "fusectl",   "hugetlbfs", "ignore",
        "kernfs",     "mqueue",      "nfsd",      "none",      "nsfs",
        "proc",       "pstore",      "ramfs",     "resctrl",   "rootfs",
        "rpc_pipefs", "securityfs",  "selinuxfs", "smackfs",   "subfs",
        "sysfs",      "tracefs",     "usbfs",     NULL};
    return listed(pseudo, type);
}

static bool is_network(const char *type)
{
    static const char *const network[] = {"9p",
                                          "acfs",
                                          "afs",
                                          "beegfs",
                                          "ceph",
                                          "cifs",
                                          "coda",
                                          "fuse.ceph-fuse",
                                          "fuse.glusterfs",
                                          "fuse.rclone",
                                          "fuse.s3fs",
                                          "fuse.sshfs",
                                          "gpfs",
                                          "lustre",
                                          "ncpfs",
                                          "nfs",
                                          "nfs4",
                                          "orangefs",
                                          "prl_fs",
                                          "pvfs2",
                                          "smb3",
                                          "smbfs",
                                          "vboxsf",
                                          "virtiofs",
                                          "vmhgfs",
                                          NULL};
    return listed(network, type);
}

bool mount_may_hang(const struct mount *m)
{
    return m->kind == MOUNT_NETWORK || strncmp(m->type, "fuse", 4) == 0;
}

static enum mount_kind kind_of(const struct mount *m)
{
    if (strcmp(m->type, "tmpfs") == 0 || strcmp(m->type, "devtmpfs") == 0) {
        return MOUNT_MEMORY;
    }
    if (is_network(m->type)) {
        return MOUNT_NETWORK;
    }
    if (strcmp(m->type, "iso9660") == 0 || (strcmp(m->type, "udf") == 0 && m->major == 11)) {
        return MOUNT_OPTICAL;
    }
    if (strncmp(m->type, "fuse.", 5) == 0) {
        return MOUNT_UNKNOWN; /* whatever the program behind it does */
    }
    return m->major && block_is_removable(m->major, m->minor) ? MOUNT_REMOVABLE : MOUNT_LOCAL;
}

/* ---- parsing -------------------------------------------------------------- */

static bool is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* The kernel writes blanks, newlines and backslashes as \ooo. */
static char *unescape(const char *text, size_t size)
{
    char *out = malloc(size + 1);
    if (!out) {
        return NULL;
    }

    size_t n = 0;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '\\' && i + 3 < size && is_octal(text[i + 1]) && is_octal(text[i + 2]) &&
            is_octal(text[i + 3])) {
            out[n++] =
                (char)((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
            i += 3;
        } else {
            out[n++] = text[i];
        }
    }
    out[n] = '\0';
    return out;
}

struct field {
    const char *text;
    size_t size;
};

static struct field next_field(const char **at, const char *end)
{
    while (*at < end && **at == ' ') {
        (*at)++;
    }
    struct field f = {*at, 0};
    while (*at < end && **at != ' ') {
        (*at)++;
    }
    f.size = (size_t)(*at - f.text);
    return f;
}

static bool is_dash(struct field f)
{
    return f.size == 1 && *f.text == '-';
}

static bool parse_device(struct field f, struct mount *ret)
{
    const char *at = f.text;
    uint64_t major, minor;
    if (!linux_parse_u64(&at, &major) || *at++ != ':' || !linux_parse_u64(&at, &minor) ||
        at != f.text + f.size || major > UINT32_MAX || minor > UINT32_MAX) {
        return false;
    }
    ret->major = (unsigned)major;
    ret->minor = (unsigned)minor;
    return true;
}

static void mount_done(struct mount *m)
{
    free(m->root);
    free(m->point);
    free(m->type);
    free(m->source);
    free(m->options);
    *m = (struct mount){0};
}

static char *join_options(struct field a, struct field b)
{
    char *out = malloc(a.size + b.size + 2);
    if (out) {
        memcpy(out, a.text, a.size);
        out[a.size] = ',';
        memcpy(out + a.size + 1, b.text, b.size);
        out[a.size + 1 + b.size] = '\0';
    }
    return out;
}

/* One line of proc_pid_mountinfo(5): id parent major:minor root point options [tag…] - type source
 * options. *ret_ok is false for a line of another form; the result is false without memory. */
static bool parse_line(const char *line, const char *end, struct mount *ret, bool *ret_ok)
{
    const char *at = line;
    struct field f[6];
    for (int i = 0; i < 6; i++) {
        f[i] = next_field(&at, end);
    }
    struct field tag = f[5];
    while (tag.size > 0 && !is_dash(tag)) {
        tag = next_field(&at, end);
    }
    struct field type = next_field(&at, end), source = next_field(&at, end);
    struct field super = next_field(&at, end);

    *ret = (struct mount){0};
    *ret_ok = type.size > 0 && f[4].size > 0 && *f[4].text == '/' && parse_device(f[2], ret);
    if (!*ret_ok) {
        return true;
    }
    ret->root = unescape(f[3].text, f[3].size);
    ret->point = unescape(f[4].text, f[4].size);
    ret->type = unescape(type.text, type.size);
    ret->source = unescape(source.text, source.size);
    ret->options = join_options(f[5], super);
    if (!ret->root || !ret->point || !ret->type || !ret->source || !ret->options) {
        mount_done(ret);
        return false;
    }
    ret->point_size = strlen(ret->point);
    return true;
}

/* ---- which mounts stand for a file system --------------------------------- */

static bool same_file_system(const struct mount *a, const struct mount *b)
{
    if (a->major != b->major || a->minor != b->minor) {
        return false;
    }
    /* Subvolumes are file systems of their own to stat() and df. */
    return strcmp(a->type, "btrfs") != 0 || strcmp(a->root, b->root) == 0;
}

/* Of mounts of one file system: the one of its root, else of the shortest part, then the one with
 * the shortest path, as df prefers it. */
static bool is_better(const struct mount *a, const struct mount *b)
{
    size_t a_root = strlen(a->root), b_root = strlen(b->root);
    if (a_root != b_root) {
        return a_root < b_root;
    }
    return a->point_size < b->point_size;
}

static void hide(struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++) {
        struct mount *a = &m->items[i];
        for (size_t j = i + 1; j < m->count && !a->hidden; j++) {
            const struct mount *b = &m->items[j]; /* the later one lies over it */
            a->hidden =
                a->point_size == b->point_size && memcmp(a->point, b->point, a->point_size) == 0;
        }
    }
    for (size_t i = 0; i < m->count; i++) {
        struct mount *a = &m->items[i];
        for (size_t j = 0; j < i && !a->hidden; j++) {
            struct mount *b = &m->items[j];
            if (!b->hidden && same_file_system(a, b)) {
                *(is_better(a, b) ? &b->hidden : &a->hidden) = true;
            }
        }
    }
}

static void drop_hidden(struct mounts *m)
{
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (m->items[i].hidden || is_pseudo(m->items[i].type)) {
            mount_done(&m->items[i]);
        } else {
            m->items[n++] = m->items[i];
        }
    }
    m->count = n;
}

static size_t count_lines(const char *text)
{
    size_t n = 1;
    while ((text = strchr(text, '\n'))) {
        text++;
        n++;
    }
    return n;
}

bool mounts_parse(const char *text, bool all, struct mounts *ret)
{
    ret->count = 0;
    ret->items = calloc(count_lines(text), sizeof *ret->items);
    if (!ret->items) {
        return false;
    }

    for (const char *line = text; *line;) {
        const char *end = strchrnul(line, '\n');
        bool ok;
        if (!parse_line(line, end, &ret->items[ret->count], &ok)) {
            mounts_done(ret);
            return false;
        }
        if (ok) {
            ret->items[ret->count].kind = kind_of(&ret->items[ret->count]);
            ret->count++;
        }
        line = *end ? end + 1 : end;
    }
    hide(ret);
    if (!all) {
        drop_hidden(ret);
    }
    return true;
}

bool mounts_read(bool all, struct mounts *ret)
{
    char *text = NULL;
    ssize_t size = linux_read_all("/proc/self/mountinfo", MOUNTINFO_LIMIT, &text);
    bool ok = mounts_parse(size < 0 ? "" : text, all, ret);
    free(text);
    return ok;
}

void mounts_done(struct mounts *m)
{
    for (size_t i = 0; i < m->count; i++) {
        mount_done(&m->items[i]);
    }
    free(m->items);
    *m = (struct mounts){0};
}

/* ---- questions ------------------------------------------------------------ */

bool mount_has_option(const struct mount *m, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = m->options; *p;) {
        const char *end = strchrnul(p, ',');
        if (strncmp(p, word, length) == 0 &&
            (p + length == end || (p + length < end && p[length] == '='))) {
            return true;
        }
        p = *end ? end + 1 : end;
    }
    return false;
}

static bool is_under(const char *path, size_t size, const struct mount *m)
{
    if (m->point_size == 1) {
        return *path == '/';
    }
    return m->point_size <= size && memcmp(path, m->point, m->point_size) == 0 &&
           (path[m->point_size] == '/' || path[m->point_size] == '\0');
}

const struct mount *mounts_of_path(const struct mounts *m, const char *path)
{
    const struct mount *best = NULL;
    size_t size = strlen(path);
    for (size_t i = 0; i < m->count; i++) {
        const struct mount *a = &m->items[i];
        if ((!best || a->point_size >= best->point_size) && /* the later lies above */
            is_under(path, size, a)) {
            best = a;
        }
    }
    return best;
}

const struct mount *mounts_listed(const struct mounts *m, const struct mount *a)
{
    for (size_t i = 0; a->hidden && i < m->count; i++) {
        if (!m->items[i].hidden && same_file_system(&m->items[i], a)) {
            return &m->items[i];
        }
    }
    return a;
}

/* ---- kinds of file system ------------------------------------------------- */

static const char *const disk_types[] = {
    "bcachefs", "btrfs",  "erofs",   "exfat",   "ext2",    "ext3",     "ext4",
    "f2fs",     "hfs",    "hfsplus", "iso9660", "jffs2",   "jfs",      "minix",
    "msdos",    "nilfs2", "ntfs3",   "ocfs2",   "overlay", "reiserfs", "squashfs",
    "ubifs",    "udf",    "ufs",     "vfat",    "xfs",     "zfs",      NULL};

int mount_supports_quotas(const char *type)
{
    static const char *const with[] = {"bcachefs", "btrfs", "ext2", "ext3",  "ext4",
                                       "f2fs",     "gfs2",  "jfs",  "ocfs2", "reiserfs",
                                       "ubifs",    "xfs",   "zfs",  NULL};
    return listed(with, type) ? 1 : listed(disk_types, type) ? 0 : -1;
}

int mount_supports_compression(const char *type)
{
    static const char *const with[] = {"bcachefs", "btrfs", "f2fs", "jffs2",
                                       "ntfs3",    "ubifs", "zfs",  NULL};
    return listed(with, type) ? 1 : listed(disk_types, type) ? 0 : -1;
}

int mount_is_compressed(const char *type)
{
    static const char *const with[] = {"cramfs", "erofs", "squashfs", NULL};
    return listed(with, type) ? 1 : listed(disk_types, type) ? 0 : -1;
}

int mount_quotas(const struct mount *m)
{
    /* As ext4(5), xfs(5) and f2fs write them into the options of the file system. */
    static const char *const words[] = {"quota",     "usrquota",  "grpquota", "prjquota",
                                        "uquota",    "gquota",    "pquota",   "usrjquota",
                                        "grpjquota", "prjjquota", NULL};
    if (mount_supports_quotas(m->type) != 1 || strcmp(m->type, "btrfs") == 0 ||
        strcmp(m->type, "zfs") == 0) {
        return -1; /* not theirs, or no matter of options */
    }
    for (const char *const *word = words; *word; word++) {
        if (mount_has_option(m, *word)) {
            return 1;
        }
    }
    return 0;
}

bool mount_fat_serial(const char *uuid, uint32_t *ret)
{
    const char *at = uuid;
    uint64_t high, low;
    if (strlen(uuid) != 9 || uuid[4] != '-' || !linux_parse_hex(&at, &high) || at != uuid + 4) {
        return false;
    }
    at++;
    if (!linux_parse_hex(&at, &low) || *at) {
        return false;
    }
    *ret = (uint32_t)(high << 16 | low);
    return true;
}
