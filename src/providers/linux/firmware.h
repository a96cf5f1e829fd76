/*
 * Setting columns from SMBIOS fields; shared by the classes that show them.
 */
#ifndef WBEM_PROVIDERS_LINUX_FIRMWARE_H
#define WBEM_PROVIDERS_LINUX_FIRMWARE_H

#include "providers/linux/smbios.h"
#include "providers/provider.h"

/* What the structure lacks stays null. */
void firmware_set_text(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                       unsigned offset);
void firmware_set_u8(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                     unsigned offset);
void firmware_set_u16(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                      unsigned offset);
/* Strings number 1 to n, n being the byte at `offset`. */
void firmware_set_strings(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                          unsigned offset);
/* A file of /sys/class/dmi/id, which all may read (but for serial numbers). */
void firmware_set_id(struct provider_row *r, unsigned column, const char *file);
/* Reads such a file; false: absent, empty or not to be read. */
bool firmware_read_id(const char *file, char *buffer, size_t size);

#endif
