/*
 * Win32_DiskPartition: the partitions that the kernel found, from /sys/block;
 * what their table says of them from udev, since reading it takes privilege.
 */
#include <stdlib.h>
#include <string.h>

#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(Access), X(BlockSize), X(Bootable), X(BootPartition), X(Caption), X(CreationClassName),      \
        X(Description), X(DeviceID), X(DiskIndex), X(Index), X(Name), X(NumberOfBlocks),           \
        X(PrimaryPartition), X(Size), X(StartingOffset), X(SystemCreationClassName),               \
        X(SystemName), X(Type)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

/* The texts of Win32_DiskPartition.Type for the type bytes of a master boot record. */
static const char *dos_type(uint64_t type)
{
    switch (type) {
    case 0x00:
        return "Unused";
    case 0x01:
        return "12-bit FAT";
    case 0x02:
        return "Xenix Type 1";
    case 0x03:
        return "Xenix Type 2";
    case 0x04:
        return "16-bit FAT";
    case 0x05:
        return "Extended Partition";
    case 0x06:
        return "MS-DOS V4 Huge";
    case 0x07:
        return "Installable File System";
    case 0x0b:
    case 0x0c:
        return "Win95 w/Extended Int 13";
    case 0x0f:
        return "Extended w/Extended Int 13";
    case 0x41:
        return "PowerPC Reference Platform";
    case 0x42:
        return "Logical Disk Manager";
    case 0x63:
        return "UNIX";
    default:
        return "Unknown";
    }
}

static void set_dos(struct provider_row *r, const struct block *b)
{
    enum {
        ACTIVE = 0x80
    };
    char text[BLOCK_TEXT_SIZE];
    const char *at;
    uint64_t number;
    /* Both are written "0x83"; an inactive partition has no flags. */
    at = text + 2;
    if (block_udev(b, "ID_PART_ENTRY_TYPE", text, sizeof text) && strncmp(text, "0x", 2) == 0 &&
        linux_parse_hex(&at, &number)) {
        provider_set_string(r, COLUMN_Type, dos_type(number));
    }
    at = text + 2;
    bool active = block_udev(b, "ID_PART_ENTRY_FLAGS", text, sizeof text) &&
                  strncmp(text, "0x", 2) == 0 && linux_parse_hex(&at, &number) && number & ACTIVE;
    provider_set_bool(r, COLUMN_Bootable, active);
    provider_set_bool(r, COLUMN_BootPartition, active);
    provider_set_bool(r, COLUMN_PrimaryPartition, b->partition <= 4);
}

/* UEFI 2.10, 5.3.3: the type of the EFI system partition. */
static void set_gpt(struct provider_row *r, const struct block *b)
{
    char text[BLOCK_TEXT_SIZE];
    if (!block_udev(b, "ID_PART_ENTRY_TYPE", text, sizeof text)) {
        return;
    }
    bool system = strcasecmp(text, "c12a7328-f81f-11d2-ba4b-00a0c93ec93b") == 0;
    bool basic = strcasecmp(text, "ebd0a0a2-b9e5-4433-87c0-68b6b72699c7") == 0;
    provider_set_string(r, COLUMN_Type,
                        system  ? "GPT: System"
                        : basic ? "GPT: Basic Data"
                                : "GPT: Unknown");
    provider_set_bool(r, COLUMN_Bootable, system);
    provider_set_bool(r, COLUMN_BootPartition, system);
    provider_set_bool(r, COLUMN_PrimaryPartition, true);
}

static void set_table_entry(struct provider_row *r, const struct block *b)
{
    char scheme[BLOCK_TEXT_SIZE];
    if (!provider_wants_any(r, COLUMN_Bootable, COLUMN_BootPartition) &&
        !provider_wants(r, COLUMN_PrimaryPartition) && !provider_wants(r, COLUMN_Type)) {
        return;
    }
    if (block_udev(b, "ID_PART_ENTRY_SCHEME", scheme, sizeof scheme)) {
        if (strcmp(scheme, "dos") == 0) {
            set_dos(r, b);
        } else if (strcmp(scheme, "gpt") == 0) {
            set_gpt(r, b);
        }
    }
}

static void set_extent(struct provider_row *r, const struct blocks *all, const struct block *b)
{
    enum {
        ACCESS_READ = 1,
        ACCESS_READ_WRITE = 3,
        SECTOR = 512 /* the unit of /sys, always */
    };
    uint64_t v, block_size = 0;
    /* A partition has no queue; its disk, which stands before it, does. */
    const struct block *disk = b;
    while (disk > all->items && disk->parent[0]) {
        disk--;
    }
    if (block_number(disk, "queue/logical_block_size", &block_size) && block_size) {
        provider_set_uint(r, COLUMN_BlockSize, block_size);
    }
    if (block_number(b, "size", &v)) {
        provider_set_uint(r, COLUMN_Size, v * SECTOR);
        if (block_size) {
            provider_set_uint(r, COLUMN_NumberOfBlocks, v * SECTOR / block_size);
        }
    }
    if (block_number(b, "start", &v)) {
        provider_set_uint(r, COLUMN_StartingOffset, v * SECTOR);
    }
    if (block_number(b, "ro", &v)) {
        provider_set_uint(r, COLUMN_Access, v ? ACCESS_READ : ACCESS_READ_WRITE);
    }
}

static HRESULT partition_next(void *cursor, struct provider_row *row)
{
    struct block_cursor *c = cursor;
    char device[BLOCK_TEXT_SIZE];
    const struct block *b;
    do {
        b = block_cursor_next(c);
        if (!b) {
            return WBEM_S_FALSE;
        }
        block_device_path(b, device, sizeof device);
    } while (!b->parent[0] || !linux_may_be_string(c->request, COLUMN_DeviceID, device));

    provider_set_string(row, COLUMN_DeviceID, device);
    provider_set_string(row, COLUMN_Name, device);
    provider_set_string(row, COLUMN_Caption, device);
    provider_set_uint(row, COLUMN_Index, b->partition);
    if (b->drive >= 0) {
        provider_set_uint(row, COLUMN_DiskIndex, (uint64_t)b->drive);
    }
    set_extent(row, &c->blocks, b);
    set_table_entry(row, b);
    provider_set_string(row, COLUMN_CreationClassName, "Win32_DiskPartition");
    provider_set_string(row, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
    provider_set_string(row, COLUMN_SystemName, linux_known(c->system));
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_disk_partition = {
    .name = "Win32_DiskPartition",
    .columns = columns,
    .open = block_cursor_open,
    .next = partition_next,
    .close = block_cursor_close,
};
