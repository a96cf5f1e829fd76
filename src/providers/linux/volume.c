/*
 * Win32_Volume: local file systems, mounted (from mountinfo) or only known to
 * udev as being there. Network and memory file systems are no volumes.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/mounts.h"
#include "providers/linux/procfs.h"

/* The first few are those that statvfs() tells. */
#define COLUMNS(X)                                                                                 \
    X(BlockSize), X(Capacity), X(FreeSpace), X(MaximumFileNameLength), X(NumberOfBlocks),          \
        X(Access), X(BootVolume), X(Caption), X(Compressed), X(CreationClassName), X(DeviceID),    \
        X(DriveType), X(FileSystem), X(Label), X(Name), X(PageFilePresent), X(QuotasEnabled),      \
        X(SerialNumber), X(SupportsDiskQuotas), X(SupportsFileBasedCompression),                   \
        X(SystemCreationClassName), X(SystemName), X(SystemVolume)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct volume_cursor {
    const struct provider_request *request;
    struct mounts mounts;
    struct blocks blocks;
    bool *seen; /* of blocks.items */
    size_t next_mount, next_block;
    char system[LINUX_NAME_SIZE];
};

static void volume_close(void *cursor)
{
    struct volume_cursor *c = cursor;
    if (c) {
        mounts_done(&c->mounts);
        blocks_done(&c->blocks);
        free(c->seen);
        free(c);
    }
}

static HRESULT volume_open(const struct provider_request *q, void **ret)
{
    struct volume_cursor *c = calloc(1, sizeof *c);
    if (!c || !mounts_read(false, &c->mounts) || !blocks_read(&c->blocks)) {
        volume_close(c);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->seen = calloc(c->blocks.count + 1, sizeof *c->seen);
    if (!c->seen) {
        volume_close(c);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* btrfs and the like have no device number of their own, but name a device as their source. */
static const struct block *block_of(const struct volume_cursor *c, const struct mount *m)
{
    if (m->major) {
        return blocks_find(&c->blocks, m->major, m->minor);
    }
    if (strncmp(m->source, "/dev/", 5) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < c->blocks.count; i++) {
        char path[BLOCK_TEXT_SIZE];
        block_device_path(&c->blocks.items[i], path, sizeof path);
        if (strcmp(path, m->source) == 0) {
            return &c->blocks.items[i];
        }
    }
    struct stat st;
    if (linux_is_live() && stat(m->source, &st) == 0 && S_ISBLK(st.st_mode)) {
        return blocks_find(&c->blocks, major(st.st_rdev), minor(st.st_rdev));
    }
    return NULL;
}

static void set_known(struct provider_row *r, unsigned column, int known)
{
    if (known >= 0) {
        provider_set_bool(r, column, known);
    }
}

static void set_type(struct provider_row *r, const char *type)
{
    provider_set_string(r, COLUMN_FileSystem, type);
    set_known(r, COLUMN_Compressed, mount_is_compressed(type));
    set_known(r, COLUMN_SupportsFileBasedCompression, mount_supports_compression(type));
    set_known(r, COLUMN_SupportsDiskQuotas, mount_supports_quotas(type));
}

static void set_labels(struct provider_row *r, const struct block *b)
{
    char text[BLOCK_TEXT_SIZE];
    uint32_t serial;
    if (provider_wants(r, COLUMN_Label) && block_udev(b, "ID_FS_LABEL_ENC", text, sizeof text)) {
        provider_set_string(r, COLUMN_Label, text);
    }
    if (provider_wants(r, COLUMN_SerialNumber) &&
        block_udev(b, "ID_FS_UUID_ENC", text, sizeof text) && mount_fat_serial(text, &serial)) {
        provider_set_uint(r, COLUMN_SerialNumber, serial);
    }
}

/* A swap file is listed in /proc/swaps by its path, with the word "file" behind it. */
static bool has_swap_file(const struct volume_cursor *c, const struct mount *m)
{
    char text[8192];
    linux_read("/proc/swaps", text, sizeof text);
    bool found = false;
    for (char *line = text; *line && !found;) {
        char *end = strchrnul(line, '\n');
        char *type = line + strcspn(line, " \t\n");
        char *path_end = type;
        type += strspn(type, " \t");
        if (*line == '/' && strncmp(type, "file", 4) == 0) {
            *path_end = '\0';
            found = mounts_of_path(&c->mounts, line) == m;
        }
        line = *end ? end + 1 : end;
    }
    return found;
}

static void set_roles(struct provider_row *r, const struct volume_cursor *c, const struct mount *m)
{
    provider_set_bool(r, COLUMN_BootVolume, strcmp(m->point, "/") == 0);
    /* Where the boot loader's files are when they are apart; else only / can have them, which
     * then is not certain, as a virtual machine may boot without any. */
    bool is_boot = strcmp(m->point, "/boot") == 0 || strcmp(m->point, "/boot/efi") == 0 ||
                   strcmp(m->point, "/efi") == 0;
    if (is_boot || strcmp(m->point, "/") != 0) {
        provider_set_bool(r, COLUMN_SystemVolume, is_boot);
    }
    if (provider_wants(r, COLUMN_PageFilePresent)) {
        provider_set_bool(r, COLUMN_PageFilePresent, has_swap_file(c, m));
    }
}

static void set_usage(struct provider_row *r, const struct mount *m)
{
    struct statvfs v;
    if (!linux_is_live() || !provider_wants_any(r, COLUMN_BlockSize, COLUMN_NumberOfBlocks) ||
        statvfs(m->point, &v) < 0) {
        return;
    }
    provider_set_uint(r, COLUMN_BlockSize, v.f_frsize);
    provider_set_uint(r, COLUMN_NumberOfBlocks, v.f_blocks);
    provider_set_uint(r, COLUMN_Capacity, (uint64_t)v.f_blocks * v.f_frsize);
    provider_set_uint(r, COLUMN_FreeSpace, (uint64_t)v.f_bavail * v.f_frsize);
    provider_set_uint(r, COLUMN_MaximumFileNameLength, v.f_namemax);
}

static void set_common(struct provider_row *r, const struct volume_cursor *c, const char *id,
                       const char *name)
{
    provider_set_string(r, COLUMN_DeviceID, id);
    provider_set_string(r, COLUMN_Name, name);
    provider_set_string(r, COLUMN_Caption, name);
    provider_set_string(r, COLUMN_CreationClassName, "Win32_Volume");
    provider_set_string(r, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
    provider_set_string(r, COLUMN_SystemName, linux_known(c->system));
}

static bool may_match(const struct volume_cursor *c, const char *id, const char *name)
{
    return linux_may_be_string(c->request, COLUMN_DeviceID, id) &&
           linux_may_be_string(c->request, COLUMN_Name, name) &&
           linux_may_be_string(c->request, COLUMN_Caption, name);
}

static bool fill_mounted(struct volume_cursor *c, const struct mount *m, struct provider_row *r)
{
    enum {
        ACCESS_READ = 1,
        ACCESS_READ_WRITE = 3
    };
    const struct block *b = block_of(c, m);
    if (b && c->seen[b - c->blocks.items]) {
        return false; /* another subvolume */
    }
    if (b) {
        c->seen[b - c->blocks.items] = true;
    }

    char id[BLOCK_TEXT_SIZE];
    if (b) {
        block_device_path(b, id, sizeof id);
    }
    const char *device_id = b ? id : m->point;
    if (!may_match(c, device_id, m->point)) {
        return false;
    }
    set_common(r, c, device_id, m->point);
    set_type(r, m->type);
    set_known(r, COLUMN_QuotasEnabled, mount_quotas(m));
    provider_set_uint(r, COLUMN_DriveType, (uint64_t)m->kind);
    provider_set_uint(r, COLUMN_Access,
                      mount_has_option(m, "ro") ? ACCESS_READ : ACCESS_READ_WRITE);
    set_roles(r, c, m);
    set_usage(r, m);
    if (b) {
        set_labels(r, b);
    }
    return true;
}

/* A block device that is not mounted, but holds a file system according to udev. */
static bool fill_unmounted(struct volume_cursor *c, size_t i, struct provider_row *r)
{
    const struct block *b = &c->blocks.items[i];
    char text[BLOCK_TEXT_SIZE], id[BLOCK_TEXT_SIZE];
    uint64_t sectors;
    if (c->seen[i] || !block_udev(b, "ID_FS_USAGE", text, sizeof text) ||
        strcmp(text, "filesystem") != 0) {
        return false;
    }
    block_device_path(b, id, sizeof id);
    if (!may_match(c, id, id)) {
        return false;
    }
    set_common(r, c, id, id);
    if (block_udev(b, "ID_FS_TYPE", text, sizeof text)) {
        set_type(r, text);
    }
    provider_set_uint(r, COLUMN_DriveType,
                      block_is_removable(b->major, b->minor) ? MOUNT_REMOVABLE : MOUNT_LOCAL);
    if (block_number(b, "size", &sectors)) {
        provider_set_uint(r, COLUMN_Capacity, sectors * 512); /* the unit of /sys, always */
    }
    provider_set_bool(r, COLUMN_BootVolume, false);
    provider_set_bool(r, COLUMN_PageFilePresent, false);
    set_labels(r, b);
    return true;
}

static bool is_volume(const struct mount *m)
{
    return m->kind != MOUNT_NETWORK && m->kind != MOUNT_MEMORY && m->kind != MOUNT_UNKNOWN &&
           (m->major || !mount_may_hang(m));
}

static HRESULT volume_next(void *cursor, struct provider_row *row)
{
    struct volume_cursor *c = cursor;
    while (c->next_mount < c->mounts.count) {
        const struct mount *m = &c->mounts.items[c->next_mount++];
        if (is_volume(m) && fill_mounted(c, m, row)) {
            return WBEM_S_NO_ERROR;
        }
    }
    while (c->next_block < c->blocks.count) {
        if (fill_unmounted(c, c->next_block++, row)) {
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_S_FALSE;
}

const struct provider_class linux_volume = {
    .name = "Win32_Volume",
    .columns = columns,
    .open = volume_open,
    .next = volume_next,
    .close = volume_close,
};
