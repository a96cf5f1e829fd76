/*
 * Win32_BaseBoard from SMBIOS, or from /sys/class/dmi/id when the tables may
 * not be read. Section numbers are those of DSP0134 3.7.
 */
#include <stdlib.h>

#include "providers/linux/firmware.h"
#include "providers/linux/linux.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(Caption), X(ConfigOptions), X(CreationClassName), X(Description), X(HostingBoard),           \
        X(HotSwappable), X(Manufacturer), X(Name), X(OtherIdentifyingInfo), X(PoweredOn),          \
        X(Product), X(Removable), X(Replaceable), X(RequiresDaughterBoard), X(SerialNumber),       \
        X(Status), X(Tag), X(Version)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct board_cursor {
    struct smbios tables;
    size_t offset;
    unsigned number;
    bool from_id; /* one row, from /sys/class/dmi/id */
};

static void board_close(void *cursor)
{
    struct board_cursor *c = cursor;
    if (c) {
        smbios_close(&c->tables);
        free(c);
    }
}

static bool has_id(void)
{
    return linux_exists("/sys/class/dmi/id/board_vendor") ||
           linux_exists("/sys/class/dmi/id/board_name");
}

static HRESULT board_open(const struct provider_request *q, void **ret)
{
    (void)q;
    struct board_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->from_id = smbios_open(&c->tables) < 0;
    if (c->from_id && !has_id()) {
        board_close(c);
        return WBEM_S_FALSE;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static void set_common(struct provider_row *r, unsigned number)
{
    provider_set_string(r, COLUMN_Caption, "Base Board");
    provider_set_string(r, COLUMN_Description, "Base Board");
    provider_set_string(r, COLUMN_Name, "Base Board");
    provider_set_string(r, COLUMN_CreationClassName, "Win32_BaseBoard");
    provider_set_format(r, COLUMN_Tag, "Base Board %u", number);
    provider_set_bool(r, COLUMN_PoweredOn, true); /* it runs this */
    provider_set_string(r, COLUMN_Status, "OK");
}

static void set_from_id(struct provider_row *r)
{
    firmware_set_id(r, COLUMN_Manufacturer, "board_vendor");
    firmware_set_id(r, COLUMN_Product, "board_name");
    firmware_set_id(r, COLUMN_Version, "board_version");
    firmware_set_id(r, COLUMN_SerialNumber, "board_serial");
    firmware_set_id(r, COLUMN_OtherIdentifyingInfo, "board_asset_tag");
}

/* 7.3 Baseboard Information */
static void set_from_table(struct provider_row *r, const struct smbios *tables,
                           const struct smbios_structure *s)
{
    firmware_set_text(r, COLUMN_Manufacturer, s, 0x04);
    firmware_set_text(r, COLUMN_Product, s, 0x05);
    firmware_set_text(r, COLUMN_Version, s, 0x06);
    firmware_set_text(r, COLUMN_SerialNumber, s, 0x07);
    firmware_set_text(r, COLUMN_OtherIdentifyingInfo, s, 0x08);
    uint8_t flags;
    if (smbios_u8(s, 0x09, &flags)) {
        provider_set_bool(r, COLUMN_HostingBoard, flags & 1);
        provider_set_bool(r, COLUMN_RequiresDaughterBoard, flags >> 1 & 1);
        provider_set_bool(r, COLUMN_Removable, flags >> 2 & 1);
        provider_set_bool(r, COLUMN_Replaceable, flags >> 3 & 1);
        provider_set_bool(r, COLUMN_HotSwappable, flags >> 4 & 1);
    }

    struct smbios_structure options;
    size_t offset = 0;
    if (smbios_find(tables, &offset, SMBIOS_CONFIGURATION, &options)) {
        firmware_set_strings(r, COLUMN_ConfigOptions, &options, 0x04);
    }
}

static HRESULT board_next(void *cursor, struct provider_row *row)
{
    struct board_cursor *c = cursor;
    struct smbios_structure s;
    if (c->from_id) {
        if (c->number > 0) {
            return WBEM_S_FALSE;
        }
        set_from_id(row);
    } else if (smbios_find(&c->tables, &c->offset, SMBIOS_BASE_BOARD, &s)) {
        set_from_table(row, &c->tables, &s);
    } else {
        return WBEM_S_FALSE;
    }
    set_common(row, c->number++);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_base_board = {
    .name = "Win32_BaseBoard",
    .columns = columns,
    .open = board_open,
    .next = board_next,
    .close = board_close,
};
