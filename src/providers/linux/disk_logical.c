/*
 * Win32_LogicalDisk: the mounted file systems that df lists. Only statvfs()
 * can wait for a dead server, so it is called when a query wants what it gives,
 * for mounts that the condition allows, and for those that may hang last.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/mounts.h"
#include "providers/linux/procfs.h"

/* The first few are those that statvfs() tells. */
#define COLUMNS(X)                                                                                 \
    X(BlockSize), X(FreeSpace), X(MaximumComponentLength), X(NumberOfBlocks), X(Size), X(Access),  \
        X(Caption), X(Compressed), X(CreationClassName), X(Description), X(DeviceID),              \
        X(DriveType), X(FileSystem), X(MediaType), X(Name), X(ProviderName), X(QuotasDisabled),    \
        X(SupportsDiskQuotas), X(SupportsFileBasedCompression), X(SystemCreationClassName),        \
        X(SystemName), X(VolumeName), X(VolumeSerialNumber)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct disk_cursor {
    const struct provider_request *request;
    struct mounts mounts;
    size_t next;
    bool second; /* the turn of those that may hang */
    char system[LINUX_NAME_SIZE];
};

static void disk_close(void *cursor)
{
    struct disk_cursor *c = cursor;
    if (c) {
        mounts_done(&c->mounts);
        free(c);
    }
}

static HRESULT disk_open(const struct provider_request *q, void **ret)
{
    struct disk_cursor *c = calloc(1, sizeof *c);
    if (!c || !mounts_read(false, &c->mounts)) {
        free(c);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static bool may_match(const struct provider_request *q, const struct mount *m)
{
    return linux_may_be_string(q, COLUMN_DeviceID, m->point) &&
           linux_may_be_string(q, COLUMN_Name, m->point) &&
           linux_may_be_string(q, COLUMN_Caption, m->point) &&
           linux_may_be_string(q, COLUMN_FileSystem, m->type) &&
           linux_may_be_uint(q, COLUMN_DriveType, (uint64_t)m->kind) &&
           (m->kind != MOUNT_NETWORK || linux_may_be_string(q, COLUMN_ProviderName, m->source));
}

/* The next in turn that the condition allows, or NULL. */
static const struct mount *next_mount(struct disk_cursor *c)
{
    for (;;) {
        if (c->next == c->mounts.count) {
            if (c->second) {
                return NULL;
            }
            c->second = true;
            c->next = 0;
            continue;
        }
        const struct mount *m = &c->mounts.items[c->next++];
        if (mount_may_hang(m) == c->second && may_match(c->request, m)) {
            return m;
        }
    }
}

/* Texts that Windows gives for the same types of drive. */
static const char *description(enum mount_kind kind)
{
    switch (kind) {
    case MOUNT_REMOVABLE:
        return "Removable Disk";
    case MOUNT_LOCAL:
        return "Local Fixed Disk";
    case MOUNT_NETWORK:
        return "Network Connection";
    case MOUNT_OPTICAL:
        return "CD-ROM Disc";
    case MOUNT_MEMORY:
        return "RAM Disk";
    default:
        return NULL;
    }
}

static void set_known(struct provider_row *r, unsigned column, int known)
{
    if (known >= 0) {
        provider_set_bool(r, column, known);
    }
}

static void set_fixed(struct provider_row *r, const struct mount *m)
{
    enum {
        MEDIA_UNKNOWN = 0,
        MEDIA_REMOVABLE = 11,
        MEDIA_FIXED = 12,
        ACCESS_READ = 1,
        ACCESS_READ_WRITE = 3
    };
    provider_set_string(r, COLUMN_DeviceID, m->point);
    provider_set_string(r, COLUMN_Name, m->point);
    provider_set_string(r, COLUMN_Caption, m->point);
    provider_set_string(r, COLUMN_Description, description(m->kind));
    provider_set_uint(r, COLUMN_DriveType, (uint64_t)m->kind);
    provider_set_uint(r, COLUMN_MediaType,
                      m->kind == MOUNT_LOCAL && m->major                       ? MEDIA_FIXED
                      : m->kind == MOUNT_REMOVABLE || m->kind == MOUNT_OPTICAL ? MEDIA_REMOVABLE
                                                                               : MEDIA_UNKNOWN);
    provider_set_string(r, COLUMN_FileSystem, m->type);
    provider_set_uint(r, COLUMN_Access,
                      mount_has_option(m, "ro") ? ACCESS_READ : ACCESS_READ_WRITE);
    if (m->kind == MOUNT_NETWORK) {
        provider_set_string(r, COLUMN_ProviderName, m->source);
    }
    set_known(r, COLUMN_Compressed, mount_is_compressed(m->type));
    set_known(r, COLUMN_SupportsFileBasedCompression, mount_supports_compression(m->type));
    set_known(r, COLUMN_SupportsDiskQuotas, mount_supports_quotas(m->type));
    int quotas = mount_quotas(m);
    set_known(r, COLUMN_QuotasDisabled, quotas < 0 ? -1 : !quotas);
}

static void set_labels(struct provider_row *r, const struct mount *m)
{
    if (!m->major || !provider_wants_any(r, COLUMN_VolumeName, COLUMN_VolumeSerialNumber)) {
        return;
    }
    const struct block b = {.major = m->major, .minor = m->minor};
    char text[BLOCK_TEXT_SIZE];
    if (block_udev(&b, "ID_FS_LABEL_ENC", text, sizeof text)) {
        provider_set_string(r, COLUMN_VolumeName, text);
    }
    if (block_udev(&b, "ID_FS_UUID_ENC", text, sizeof text)) {
        uint32_t serial;
        if (mount_fat_serial(text, &serial)) {
            provider_set_format(r, COLUMN_VolumeSerialNumber, "%08X", serial);
        } else {
            provider_set_string(r, COLUMN_VolumeSerialNumber, text);
        }
    }
}

/* False for a file system without blocks, which df leaves out. */
static bool set_usage(struct provider_row *r, const struct mount *m)
{
    bool only_type_tells = m->kind == MOUNT_LOCAL && !m->major && !mount_may_hang(m);
    struct statvfs v;
    if (!linux_is_live() ||
        !(only_type_tells || provider_wants_any(r, COLUMN_BlockSize, COLUMN_Size)) ||
        statvfs(m->point, &v) < 0) {
        return true;
    }
    if (only_type_tells && v.f_blocks == 0) {
        return false;
    }
    provider_set_uint(r, COLUMN_BlockSize, v.f_frsize);
    provider_set_uint(r, COLUMN_NumberOfBlocks, v.f_blocks);
    provider_set_uint(r, COLUMN_Size, (uint64_t)v.f_blocks * v.f_frsize);
    provider_set_uint(r, COLUMN_FreeSpace, (uint64_t)v.f_bavail * v.f_frsize);
    provider_set_uint(r, COLUMN_MaximumComponentLength, v.f_namemax);
    return true;
}

static HRESULT disk_next(void *cursor, struct provider_row *row)
{
    struct disk_cursor *c = cursor;
    for (;;) {
        const struct mount *m = next_mount(c);
        if (!m) {
            return WBEM_S_FALSE;
        }
        if (set_usage(row, m)) {
            set_fixed(row, m);
            set_labels(row, m);
            provider_set_string(row, COLUMN_CreationClassName, "Win32_LogicalDisk");
            provider_set_string(row, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
            provider_set_string(row, COLUMN_SystemName, linux_known(c->system));
            return WBEM_S_NO_ERROR;
        }
        provider_row_clear(row);
    }
}

const struct provider_class linux_logical_disk = {
    .name = "Win32_LogicalDisk",
    .columns = columns,
    .open = disk_open,
    .next = disk_next,
    .close = disk_close,
};
