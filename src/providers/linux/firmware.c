/*
 * Setting columns from SMBIOS fields; see firmware.h.
 */
#include "providers/linux/firmware.h"

#include <stdio.h>

#include "providers/linux/procfs.h"

enum {
    ID_SIZE = 256
};

void firmware_set_text(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                       unsigned offset)
{
    size_t size = 0;
    const char *text = smbios_text(s, offset, &size);
    if (text) {
        provider_set_string_n(r, column, text, size);
    }
}

void firmware_set_u8(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                     unsigned offset)
{
    uint8_t v;
    if (smbios_u8(s, offset, &v)) {
        provider_set_uint(r, column, v);
    }
}

void firmware_set_u16(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                      unsigned offset)
{
    uint16_t v;
    if (smbios_u16(s, offset, &v)) {
        provider_set_uint(r, column, v);
    }
}

void firmware_set_strings(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                          unsigned offset)
{
    uint8_t count;
    if (!provider_wants(r, column) || !smbios_u8(s, offset, &count) || count == 0) {
        return;
    }
    const char *texts[UINT8_MAX];
    unsigned used = 0;
    for (unsigned i = 1; i <= count; i++) {
        size_t size;
        const char *text = smbios_string(s, i, &size);
        if (text) {
            texts[used++] = text;
        }
    }
    provider_set_strings(r, column, texts, used);
}

bool firmware_read_id(const char *file, char *buffer, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/sys/class/dmi/id/%s", file);
    buffer[0] = '\0';
    return linux_read_line(path, buffer, size);
}

void firmware_set_id(struct provider_row *r, unsigned column, const char *file)
{
    char text[ID_SIZE];
    if (provider_wants(r, column) && firmware_read_id(file, text, sizeof text)) {
        provider_set_string(r, column, text);
    }
}
