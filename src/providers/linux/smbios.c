/*
 * The SMBIOS tables; see smbios.h. Section numbers are those of DSP0134 3.7.
 */
#include "providers/linux/smbios.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/procfs.h"

enum {
    HEADER = 4,
    TABLE_LIMIT = 4 << 20, /* real ones have some kilobytes */
};

bool smbios_parse_entry(const uint8_t *entry, size_t size, uint8_t *ret_major, uint8_t *ret_minor)
{
    if (size >= 24 && memcmp(entry, "_SM3_", 5) == 0) { /* 5.2.2 */
        *ret_major = entry[7];
        *ret_minor = entry[8];
        return true;
    }
    if (size >= 31 && memcmp(entry, "_SM_", 4) == 0) { /* 5.2.1 */
        *ret_major = entry[6];
        *ret_minor = entry[7];
        return true;
    }
    return false;
}

int smbios_open(struct smbios *s)
{
    *s = (struct smbios){0};
    char *bytes;
    ssize_t size = linux_read_all("/sys/firmware/dmi/tables/DMI", TABLE_LIMIT, &bytes);
    if (size < 0) {
        return (int)size;
    }
    s->bytes = (uint8_t *)bytes;
    s->size = (size_t)size;

    char entry[64];
    ssize_t n = linux_read("/sys/firmware/dmi/tables/smbios_entry_point", entry, sizeof entry);
    if (n > 0) {
        (void)smbios_parse_entry((const uint8_t *)entry, (size_t)n, &s->major, &s->minor);
    }
    return 0;
}

void smbios_close(struct smbios *s)
{
    free(s->bytes);
    *s = (struct smbios){0};
}

/* 6.1.2, 6.1.3: the formatted area is followed by strings, each with a NUL, and one more NUL;
 * two NULs when there are no strings. */
bool smbios_next(const struct smbios *s, size_t *offset, struct smbios_structure *ret)
{
    if (!s->bytes || *offset > s->size) {
        return false;
    }
    size_t left = s->size - *offset;
    const uint8_t *p = s->bytes + *offset;
    if (left < HEADER || p[1] < HEADER || p[1] > left || p[0] == SMBIOS_END) {
        return false;
    }

    size_t length = p[1];
    const uint8_t *strings = p + length;
    size_t rest = left - length, end = 0;
    while (end + 1 < rest && (strings[end] || strings[end + 1])) {
        end++;
    }
    if (end + 1 >= rest) {
        return false;
    }
    *ret = (struct smbios_structure){
        .type = p[0],
        .handle = (uint16_t)(p[2] | p[3] << 8),
        .data = p,
        .length = p[1],
        .strings = (const char *)strings,
        .strings_size = end + 1,
    };
    *offset += length + end + 2;
    return true;
}

bool smbios_find(const struct smbios *s, size_t *offset, uint8_t type, struct smbios_structure *ret)
{
    while (smbios_next(s, offset, ret)) {
        if (ret->type == type) {
            return true;
        }
    }
    return false;
}

static bool read_field(const struct smbios_structure *s, unsigned offset, unsigned size,
                       uint64_t *ret)
{
    if (offset + size > s->length) {
        return false;
    }
    uint64_t v = 0;
    for (unsigned i = size; i > 0; i--) {
        v = v << 8 | s->data[offset + i - 1];
    }
    *ret = v;
    return true;
}

bool smbios_u8(const struct smbios_structure *s, unsigned offset, uint8_t *ret)
{
    uint64_t v;
    bool there = read_field(s, offset, 1, &v);
    if (there) {
        *ret = (uint8_t)v;
    }
    return there;
}

bool smbios_u16(const struct smbios_structure *s, unsigned offset, uint16_t *ret)
{
    uint64_t v;
    bool there = read_field(s, offset, 2, &v);
    if (there) {
        *ret = (uint16_t)v;
    }
    return there;
}

bool smbios_u32(const struct smbios_structure *s, unsigned offset, uint32_t *ret)
{
    uint64_t v;
    bool there = read_field(s, offset, 4, &v);
    if (there) {
        *ret = (uint32_t)v;
    }
    return there;
}

bool smbios_u64(const struct smbios_structure *s, unsigned offset, uint64_t *ret)
{
    return read_field(s, offset, 8, ret);
}

const char *smbios_string(const struct smbios_structure *s, unsigned n, size_t *ret_size)
{
    const char *p = s->strings, *end = s->strings + s->strings_size;
    for (; n > 1 && p < end && *p; n--) {
        p += strnlen(p, (size_t)(end - p)) + 1;
    }
    if (n != 1 || p >= end) {
        return NULL;
    }

    size_t size = strnlen(p, (size_t)(end - p));
    while (size > 0 && p[size - 1] == ' ') {
        size--;
    }
    while (size > 0 && *p == ' ') {
        p++;
        size--;
    }
    *ret_size = size;
    return size > 0 ? p : NULL;
}

const char *smbios_text(const struct smbios_structure *s, unsigned offset, size_t *ret_size)
{
    uint8_t n;
    return smbios_u8(s, offset, &n) ? smbios_string(s, n, ret_size) : NULL;
}
