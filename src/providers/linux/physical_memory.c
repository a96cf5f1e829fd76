/*
 * Win32_PhysicalMemory from SMBIOS. Section numbers are those of DSP0134 3.7.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/firmware.h"
#include "providers/linux/linux.h"

#define COLUMNS(X)                                                                                 \
    X(Attributes), X(BankLabel), X(Capacity), X(Caption), X(ConfiguredClockSpeed),                 \
        X(ConfiguredVoltage), X(CreationClassName), X(DataWidth), X(Description),                  \
        X(DeviceLocator), X(FormFactor), X(InterleaveDataDepth), X(InterleavePosition),            \
        X(Manufacturer), X(MaxVoltage), X(MemoryType), X(MinVoltage), X(Name), X(PartNumber),      \
        X(PositionInRow), X(SerialNumber), X(SMBIOSMemoryType), X(Speed), X(Tag), X(TotalWidth),   \
        X(TypeDetail)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct memory_cursor {
    struct smbios tables;
    size_t offset;
    unsigned slot; /* of the next structure */
};

static void memory_close(void *cursor)
{
    struct memory_cursor *c = cursor;
    if (c) {
        smbios_close(&c->tables);
        free(c);
    }
}

static HRESULT memory_open(const struct provider_request *q, void **ret)
{
    struct memory_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    int error = smbios_open(&c->tables);
    if (error < 0) {
        memory_close(c);
        /* Whoever asks for a superclass gets what there is to see. */
        if ((error != -EACCES && error != -EPERM) || provider_request_is_deep(q)) {
            return WBEM_S_FALSE;
        }
        return error_raise(WBEM_E_ACCESS_DENIED, "Win32_PhysicalMemory",
                           "/sys/firmware/dmi/tables/DMI",
                           "the firmware's tables can be read by the superuser only");
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* 7.18.1: the size in bytes; 0 for an empty slot; false when it is not known. */
static bool memory_size(const struct smbios_structure *s, uint64_t *ret)
{
    uint16_t size;
    uint32_t extended;
    if (!smbios_u16(s, 0x0c, &size) || size == 0xffff) {
        return false;
    }
    if (size == 0x7fff && smbios_u32(s, 0x1c, &extended)) {
        *ret = (uint64_t)(extended & 0x7fffffff) << 20;
    } else if (size & 0x8000) {
        *ret = (uint64_t)(size & 0x7fff) << 10;
    } else {
        *ret = (uint64_t)size << 20;
    }
    return true;
}

/* 7.18.1 Memory Device: Form Factor, to the numbers of CIM_Chip.FormFactor. */
static unsigned cim_form_factor(uint8_t v)
{
    static const uint8_t numbers[] = {0, 1, 0, 7, 2, 1, 3, 4, 6, 8, 9, 1, 11, 12, 13, 8, 1};
    return v < sizeof numbers ? numbers[v] : 0;
}

/* 7.18.2 Memory Device: Type, to the numbers of CIM_PhysicalMemory.MemoryType; what CIM has no
 * number for (DDR5 and the like) is 0. */
static unsigned cim_memory_type(uint8_t v)
{
    static const uint8_t numbers[] = {0,  1,  0,  2,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15,
                                      16, 17, 18, 19, 20, 21, 22, 0, 0,  0,  24, 25, 26};
    return v < sizeof numbers ? numbers[v] : 0;
}

/* Fields whose highest value, or 0, stands for "not known". */
static void set_known_u16(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                          unsigned offset)
{
    uint16_t v;
    if (smbios_u16(s, offset, &v) && v != 0 && v != 0xffff) {
        provider_set_uint(r, column, v);
    }
}

/* 7.18.4: a speed beyond 65534 megatransfers a second stands in a field of its own. */
static void set_speed(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                      unsigned offset, unsigned extended_offset)
{
    uint16_t v;
    uint32_t extended;
    if (smbios_u16(s, offset, &v) && v == 0xffff && smbios_u32(s, extended_offset, &extended)) {
        provider_set_uint(r, column, extended & 0x7fffffff);
    } else {
        set_known_u16(r, column, s, offset);
    }
}

/* 7.21 Memory Device Mapped Address, the one that speaks of this device; 0xFF: not known. */
static void set_interleave(struct provider_row *r, const struct smbios *tables, uint16_t handle)
{
    struct smbios_structure s;
    size_t offset = 0;
    uint16_t device;
    while (smbios_find(tables, &offset, SMBIOS_MEMORY_DEVICE_ADDRESS, &s)) {
        uint8_t row, position, depth;
        if (smbios_u16(&s, 0x0c, &device) && device == handle && smbios_u8(&s, 0x10, &row) &&
            smbios_u8(&s, 0x11, &position) && smbios_u8(&s, 0x12, &depth)) {
            if (row != 0xff) {
                provider_set_uint(r, COLUMN_PositionInRow, row);
            }
            if (position != 0xff) {
                provider_set_uint(r, COLUMN_InterleavePosition, position);
            }
            if (depth != 0xff) {
                provider_set_uint(r, COLUMN_InterleaveDataDepth, depth);
            }
            return;
        }
    }
}

/* 7.18 Memory Device */
static void set_device(struct provider_row *r, const struct smbios_structure *s)
{
    uint8_t v;
    set_known_u16(r, COLUMN_TotalWidth, s, 0x08);
    set_known_u16(r, COLUMN_DataWidth, s, 0x0a);
    if (smbios_u8(s, 0x0e, &v)) {
        provider_set_uint(r, COLUMN_FormFactor, cim_form_factor(v));
    }
    firmware_set_text(r, COLUMN_DeviceLocator, s, 0x10);
    firmware_set_text(r, COLUMN_BankLabel, s, 0x11);
    if (smbios_u8(s, 0x12, &v)) {
        provider_set_uint(r, COLUMN_MemoryType, cim_memory_type(v));
        provider_set_uint(r, COLUMN_SMBIOSMemoryType, v);
    }
    firmware_set_u16(r, COLUMN_TypeDetail, s, 0x13);
    set_speed(r, COLUMN_Speed, s, 0x15, 0x54);
    firmware_set_text(r, COLUMN_Manufacturer, s, 0x17);
    firmware_set_text(r, COLUMN_SerialNumber, s, 0x18);
    firmware_set_text(r, COLUMN_PartNumber, s, 0x1a);
    firmware_set_u8(r, COLUMN_Attributes, s, 0x1b);
    set_speed(r, COLUMN_ConfiguredClockSpeed, s, 0x20, 0x58);
    set_known_u16(r, COLUMN_MinVoltage, s, 0x22);
    set_known_u16(r, COLUMN_MaxVoltage, s, 0x24);
    set_known_u16(r, COLUMN_ConfiguredVoltage, s, 0x26);
}

static HRESULT memory_next(void *cursor, struct provider_row *row)
{
    struct memory_cursor *c = cursor;
    struct smbios_structure s;
    while (smbios_find(&c->tables, &c->offset, SMBIOS_MEMORY_DEVICE, &s)) {
        unsigned slot = c->slot++;
        uint64_t size = 0;
        bool known_size = memory_size(&s, &size);
        if (known_size && size == 0) {
            continue;
        }
        if (known_size) {
            provider_set_uint(row, COLUMN_Capacity, size);
        }
        set_device(row, &s);
        set_interleave(row, &c->tables, s.handle);
        provider_set_string(row, COLUMN_Caption, "Physical Memory");
        provider_set_string(row, COLUMN_Description, "Physical Memory");
        provider_set_string(row, COLUMN_Name, "Physical Memory");
        provider_set_string(row, COLUMN_CreationClassName, "Win32_PhysicalMemory");
        provider_set_format(row, COLUMN_Tag, "Physical Memory %u", slot);
        return WBEM_S_NO_ERROR;
    }
    return WBEM_S_FALSE;
}

const struct provider_class linux_physical_memory = {
    .name = "Win32_PhysicalMemory",
    .columns = columns,
    .open = memory_open,
    .next = memory_next,
    .close = memory_close,
};
