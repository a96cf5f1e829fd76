/*
 * Win32_DiskDrive from /sys/block: what has a device behind it. The drive's
 * own words are given as they are, and what modern disks no longer have
 * (cylinders, heads, tracks) stays null.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/block.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(BytesPerSector), X(Capabilities), X(CapabilityDescriptions), X(Caption),                     \
        X(CreationClassName), X(Description), X(DeviceID), X(FirmwareRevision), X(Index),          \
        X(InterfaceType), X(Manufacturer), X(MediaLoaded), X(MediaType), X(Model), X(Name),        \
        X(Partitions), X(SCSIBus), X(SCSILogicalUnit), X(SCSIPort), X(SCSITargetId),               \
        X(SerialNumber), X(Signature), X(Size), X(Status), X(SystemCreationClassName),             \
        X(SystemName), X(TotalSectors)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

/* The first of the attributes that the kernel has; each kind of disk names them otherwise. */
static bool first_attribute(const struct block *b, const char *const *names, char *out, size_t size)
{
    for (; *names; names++) {
        if (block_attribute(b, *names, out, size)) {
            return true;
        }
    }
    out[0] = '\0';
    return false;
}

static void set_names(struct provider_row *r, const struct block *b, const char *device)
{
    static const char *const models[] = {"device/model", "device/name", NULL};
    static const char *const revisions[] = {"device/firmware_rev", "device/rev", "device/fwrev",
                                            NULL};
    char text[BLOCK_TEXT_SIZE];
    bool known = first_attribute(b, models, text, sizeof text);
    provider_set_string(r, COLUMN_Model, linux_known(text));
    provider_set_string(r, COLUMN_Caption, known ? text : device);
    /* ATA drives come as the vendor "ATA", and virtio's is a PCI number: neither made the drive. */
    if (block_attribute(b, "device/vendor", text, sizeof text) && strcmp(text, "ATA") != 0 &&
        strncmp(text, "0x", 2) != 0) {
        provider_set_string(r, COLUMN_Manufacturer, text);
    }
    if (provider_wants(r, COLUMN_FirmwareRevision) &&
        first_attribute(b, revisions, text, sizeof text)) {
        provider_set_string(r, COLUMN_FirmwareRevision, text);
    }
}

/* SCSI vital product data, page 80h: a header of 4 bytes, then the serial number. */
static bool read_serial_page(const struct block *b, char *out, size_t size)
{
    char path[2 * BLOCK_NAME_SIZE];
    char page[4 + 256];
    snprintf(path, sizeof path, "/sys/block/%s/device/vpd_pg80", b->name);
    ssize_t n = linux_read(path, page, sizeof page);
    if (n <= 4) {
        return false;
    }
    const char *start = page + 4, *end = page + n;
    while (start < end && (*start == ' ' || *start == '\0')) {
        start++;
    }
    while (end > start && (end[-1] == ' ' || end[-1] == '\0')) {
        end--;
    }
    size_t length = (size_t)(end - start);
    if (length == 0 || length >= size) {
        return false;
    }
    memcpy(out, start, length);
    out[length] = '\0';
    return true;
}

static void set_serial(struct provider_row *r, const struct block *b)
{
    static const char *const serials[] = {"device/serial", "serial", NULL};
    char text[BLOCK_TEXT_SIZE];
    if (provider_wants(r, COLUMN_SerialNumber) &&
        (first_attribute(b, serials, text, sizeof text) || read_serial_page(b, text, sizeof text) ||
         block_udev(b, "ID_SERIAL_SHORT", text, sizeof text))) {
        provider_set_string(r, COLUMN_SerialNumber, text);
    }
    const char *at = text;
    uint64_t signature;
    if (provider_wants(r, COLUMN_Signature) &&
        block_udev(b, "ID_PART_TABLE_TYPE", text, sizeof text) && strcmp(text, "dos") == 0 &&
        block_udev(b, "ID_PART_TABLE_UUID", text, sizeof text) &&
        linux_parse_hex(&at, &signature) && !*at && signature <= UINT32_MAX) {
        provider_set_uint(r, COLUMN_Signature, signature);
    }
}

/* What the drive hangs on, from its place in /sys/devices. NULL where Windows has no word. */
static const char *interface_type(const char *place)
{
    return strstr(place, "/usb")                                   ? "USB"
           : strstr(place, "/ata")                                 ? "IDE"
           : strstr(place, "/fw")                                  ? "1394"
           : strstr(place, "/target") && !strstr(place, "/virtio") ? "SCSI"
                                                                   : NULL;
}

static bool parse_address(const char *at, const char *end, uint64_t ret[4])
{
    for (unsigned i = 0; i < 4; i++) {
        if ((i > 0 && *at++ != ':') || !linux_parse_u64(&at, &ret[i]) ||
            (i < 3 && ret[i] > UINT16_MAX)) {
            return false;
        }
    }
    return at == end;
}

/* SCSI devices are called host:channel:target:unit. */
static void set_scsi(struct provider_row *r, const char *place)
{
    const char *last = strstr(place, "/block/");
    const char *start = last;
    while (start && start > place && start[-1] != '/') {
        start--;
    }
    uint64_t numbers[4];
    if (!start || !parse_address(start, last, numbers)) {
        return;
    }
    provider_set_uint(r, COLUMN_SCSIPort, numbers[0]);
    provider_set_uint(r, COLUMN_SCSIBus, numbers[1]);
    provider_set_uint(r, COLUMN_SCSITargetId, numbers[2]);
    /* Units above are addressed in other ways; the property has 16 bits. */
    if (numbers[3] <= UINT16_MAX) {
        provider_set_uint(r, COLUMN_SCSILogicalUnit, numbers[3]);
    }
}

static void set_media(struct provider_row *r, const struct block *b, const char *place)
{
    enum {
        RANDOM_ACCESS = 3,
        SUPPORTS_WRITING = 4,
        SUPPORTS_REMOVABLE_MEDIA = 7
    };
    uint64_t removable = 0, read_only = 0, capabilities[3] = {RANDOM_ACCESS};
    const char *texts[3] = {"Random Access"};
    unsigned n = 1;
    block_number(b, "removable", &removable);
    block_number(b, "ro", &read_only);
    if (!read_only) {
        texts[n] = "Supports Writing";
        capabilities[n++] = SUPPORTS_WRITING;
    }
    if (removable) {
        texts[n] = "Supports Removable Media";
        capabilities[n++] = SUPPORTS_REMOVABLE_MEDIA;
    }
    provider_set_uints(r, COLUMN_Capabilities, capabilities, n);
    provider_set_strings(r, COLUMN_CapabilityDescriptions, texts, n);
    provider_set_string(r, COLUMN_MediaType,
                        removable               ? "Removable media other than floppy"
                        : strstr(place, "/usb") ? "External hard disk media"
                                                : "Fixed hard disk media");
}

static void set_size(struct provider_row *r, const struct block *b)
{
    uint64_t sectors, sector_size;
    bool has_size = block_number(b, "size", &sectors);
    bool has_sector = block_number(b, "queue/logical_block_size", &sector_size) && sector_size;
    if (has_size) {
        provider_set_uint(r, COLUMN_Size, sectors * 512); /* the unit of /sys, always */
        provider_set_bool(r, COLUMN_MediaLoaded, sectors > 0);
    }
    if (has_sector) {
        provider_set_uint(r, COLUMN_BytesPerSector, sector_size);
    }
    if (has_size && has_sector) {
        provider_set_uint(r, COLUMN_TotalSectors, sectors * 512 / sector_size);
    }
}

static void set_state(struct provider_row *r, const struct block *b)
{
    char text[BLOCK_TEXT_SIZE];
    if (block_attribute(b, "device/state", text, sizeof text)) {
        bool runs = strcmp(text, "running") == 0 || strcmp(text, "live") == 0;
        provider_set_string(r, COLUMN_Status, runs ? "OK" : "Error");
    }
}

static unsigned count_partitions(const struct blocks *all, const struct block *disk)
{
    unsigned n = 0;
    for (size_t i = 0; i < all->count; i++) {
        n += strcmp(all->items[i].parent, disk->name) == 0;
    }
    return n;
}

static HRESULT drive_next(void *cursor, struct provider_row *row)
{
    struct block_cursor *c = cursor;
    char device[BLOCK_TEXT_SIZE], place[2048], path[2 * BLOCK_NAME_SIZE];
    const struct block *b;
    do {
        b = block_cursor_next(c);
        if (!b) {
            return WBEM_S_FALSE;
        }
        block_device_path(b, device, sizeof device);
    } while (b->drive < 0 || b->parent[0] ||
             !linux_may_be_string(c->request, COLUMN_DeviceID, device));

    snprintf(path, sizeof path, "/sys/block/%s", b->name);
    linux_read_link(path, place, sizeof place);
    provider_set_string(row, COLUMN_DeviceID, device);
    provider_set_string(row, COLUMN_Name, device);
    provider_set_uint(row, COLUMN_Index, (uint64_t)b->drive);
    provider_set_uint(row, COLUMN_Partitions, count_partitions(&c->blocks, b));
    provider_set_string(row, COLUMN_InterfaceType, interface_type(place));
    set_names(row, b, device);
    set_serial(row, b);
    set_scsi(row, place);
    set_media(row, b, place);
    set_size(row, b);
    set_state(row, b);
    provider_set_string(row, COLUMN_Description, "Disk drive");
    provider_set_string(row, COLUMN_CreationClassName, "Win32_DiskDrive");
    provider_set_string(row, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
    provider_set_string(row, COLUMN_SystemName, linux_known(c->system));
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_disk_drive = {
    .name = "Win32_DiskDrive",
    .columns = columns,
    .open = block_cursor_open,
    .next = drive_next,
    .close = block_cursor_close,
};
