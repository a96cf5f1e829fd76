/*
 * The SMBIOS tables (DSP0134) that the firmware leaves in memory and the
 * kernel shows under /sys/firmware/dmi/tables, to the superuser only.
 *
 * The bytes are the firmware's, so nothing in them is believed: a structure
 * that does not fit ends the table, a field beyond the structure's length is
 * absent.
 */
#ifndef WBEM_PROVIDERS_LINUX_SMBIOS_H
#define WBEM_PROVIDERS_LINUX_SMBIOS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct smbios {
    uint8_t *bytes;
    size_t size;
    uint8_t major, minor; /* 0.0: the entry point does not say */
};

/* 0; -ENOENT when the machine has none; -EACCES when the caller may not read it; other errors. */
int smbios_open(struct smbios *s);
void smbios_close(struct smbios *s);
/* The version from an entry point structure (DSP0134 5.2), 32 or 64 bits. */
bool smbios_parse_entry(const uint8_t *entry, size_t size, uint8_t *ret_major, uint8_t *ret_minor);

enum {
    SMBIOS_BIOS = 0,
    SMBIOS_SYSTEM = 1,
    SMBIOS_BASE_BOARD = 2,
    SMBIOS_CHASSIS = 3,
    SMBIOS_PROCESSOR = 4,
    SMBIOS_OEM_STRINGS = 11,
    SMBIOS_CONFIGURATION = 12,
    SMBIOS_LANGUAGE = 13,
    SMBIOS_MEMORY_DEVICE = 17,
    SMBIOS_MEMORY_DEVICE_ADDRESS = 20,
    SMBIOS_RESET = 23,
    SMBIOS_SECURITY = 24,
    SMBIOS_BOOT = 32,
    SMBIOS_END = 127,
};

struct smbios_structure {
    uint8_t type;
    uint16_t handle;
    const uint8_t *data; /* with the header of four bytes; offsets are those of DSP0134 */
    uint8_t length;
    const char *strings; /* each with a terminator, then one more */
    size_t strings_size;
};

/* The structure at *offset (from 0), which moves behind it. */
bool smbios_next(const struct smbios *s, size_t *offset, struct smbios_structure *ret);
/* The next one of that type. */
bool smbios_find(const struct smbios *s, size_t *offset, uint8_t type,
                 struct smbios_structure *ret);

/* False: the structure is too short to have the field. */
bool smbios_u8(const struct smbios_structure *s, unsigned offset, uint8_t *ret);
bool smbios_u16(const struct smbios_structure *s, unsigned offset, uint16_t *ret);
bool smbios_u32(const struct smbios_structure *s, unsigned offset, uint32_t *ret);
bool smbios_u64(const struct smbios_structure *s, unsigned offset, uint64_t *ret);
/* String number n (from 1) without the blanks that makers pad with; NULL when there is none. */
const char *smbios_string(const struct smbios_structure *s, unsigned n, size_t *ret_size);
/* The string whose number the field at `offset` holds. */
const char *smbios_text(const struct smbios_structure *s, unsigned offset, size_t *ret_size);

#endif
