/*
 * Win32_BIOS from SMBIOS, or from /sys/class/dmi/id when the tables may not be
 * read. Section numbers are those of DSP0134 3.7.
 */
#include <stdio.h>
#include <time.h>

#include "providers/linux/firmware.h"
#include "providers/linux/linux.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(BiosCharacteristics), X(BIOSVersion), X(Caption), X(CurrentLanguage), X(Description),        \
        X(EmbeddedControllerMajorVersion), X(EmbeddedControllerMinorVersion),                      \
        X(InstallableLanguages), X(ListOfLanguages), X(Manufacturer), X(Name), X(PrimaryBIOS),     \
        X(ReleaseDate), X(SerialNumber), X(SMBIOSBIOSVersion), X(SMBIOSMajorVersion),              \
        X(SMBIOSMinorVersion), X(SMBIOSPresent), X(SoftwareElementID), X(SoftwareElementState),    \
        X(Status), X(SystemBiosMajorVersion), X(SystemBiosMinorVersion), X(TargetOperatingSystem), \
        X(Version)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

/* MM/DD/YYYY, or MM/DD/YY for 19YY (7.1). A day, so it begins at local midnight. */
static bool parse_release_date(const char *text, int64_t *ret)
{
    unsigned month, day, year;
    char more;
    if (sscanf(text, "%2u/%2u/%4u%c", &month, &day, &year, &more) != 3 || month < 1 || month > 12 ||
        day < 1 || day > 31) {
        return false;
    }
    struct tm tm = {
        .tm_year = (int)(year < 100 ? year : year - 1900),
        .tm_mon = (int)month - 1,
        .tm_mday = (int)day,
        .tm_isdst = -1,
    };
    time_t t = mktime(&tm);
    *ret = (int64_t)t * 1000000;
    return t != -1;
}

/* The keys: the version stands for the firmware, and is "" when it has none. */
static void set_version(struct provider_row *r, const char *version)
{
    const char *const versions[] = {version};
    provider_set_string(r, COLUMN_Caption, version);
    provider_set_string(r, COLUMN_Description, version);
    provider_set_string(r, COLUMN_Name, version);
    provider_set_string(r, COLUMN_SoftwareElementID, version);
    provider_set_string(r, COLUMN_SMBIOSBIOSVersion, linux_known(version));
    provider_set_string(r, COLUMN_Version, version);
    if (version[0]) {
        provider_set_strings(r, COLUMN_BIOSVersion, versions, 1);
    }
}

static void set_common(struct provider_row *r)
{
    provider_set_bool(r, COLUMN_PrimaryBIOS, true);
    provider_set_bool(r, COLUMN_SMBIOSPresent, true);
    provider_set_uint(r, COLUMN_SoftwareElementState, 3);  /* Running */
    provider_set_uint(r, COLUMN_TargetOperatingSystem, 0); /* Unknown: for any */
    provider_set_string(r, COLUMN_Status, "OK");
}

static void set_release_date(struct provider_row *r, const char *text)
{
    int64_t microseconds;
    if (parse_release_date(text, &microseconds)) {
        provider_set_datetime(r, COLUMN_ReleaseDate, microseconds);
    }
}

/* 7.1.1: numbers of the bits that are set. */
static void set_characteristics(struct provider_row *r, const struct smbios_structure *s)
{
    uint64_t bits, numbers[64];
    unsigned count = 0;
    if (!smbios_u64(s, 0x0a, &bits)) {
        return;
    }
    for (unsigned i = 0; i < 64; i++) {
        if (bits >> i & 1) {
            numbers[count++] = i;
        }
    }
    provider_set_uints(r, COLUMN_BiosCharacteristics, numbers, count);
}

/* 7.1: 0xFF in one of the release fields stands for "not told". */
static void set_release(struct provider_row *r, unsigned column, const struct smbios_structure *s,
                        unsigned offset)
{
    uint8_t v;
    if (smbios_u8(s, offset, &v) && v != 0xff) {
        provider_set_uint(r, column, v);
    }
}

static void copy_text(const struct smbios_structure *s, unsigned offset, char *out, size_t size)
{
    size_t length = 0;
    const char *text = smbios_text(s, offset, &length);
    snprintf(out, size, "%.*s", text ? (int)length : 0, text ? text : "");
}

static void set_from_tables(struct provider_row *r, const struct smbios *tables,
                            const struct smbios_structure *bios)
{
    char text[256];
    copy_text(bios, 0x05, text, sizeof text);
    set_version(r, text);
    copy_text(bios, 0x08, text, sizeof text);
    set_release_date(r, text);
    firmware_set_text(r, COLUMN_Manufacturer, bios, 0x04);
    set_characteristics(r, bios);
    set_release(r, COLUMN_SystemBiosMajorVersion, bios, 0x14);
    set_release(r, COLUMN_SystemBiosMinorVersion, bios, 0x15);
    set_release(r, COLUMN_EmbeddedControllerMajorVersion, bios, 0x16);
    set_release(r, COLUMN_EmbeddedControllerMinorVersion, bios, 0x17);
    if (tables->major) {
        provider_set_uint(r, COLUMN_SMBIOSMajorVersion, tables->major);
        provider_set_uint(r, COLUMN_SMBIOSMinorVersion, tables->minor);
    }

    struct smbios_structure s;
    size_t offset = 0;
    if (smbios_find(tables, &offset, SMBIOS_SYSTEM, &s)) {
        firmware_set_text(r, COLUMN_SerialNumber, &s, 0x07);
    }
    offset = 0;
    if (smbios_find(tables, &offset, SMBIOS_LANGUAGE, &s)) {
        firmware_set_u8(r, COLUMN_InstallableLanguages, &s, 0x04);
        firmware_set_strings(r, COLUMN_ListOfLanguages, &s, 0x04);
        firmware_set_text(r, COLUMN_CurrentLanguage, &s, 0x15);
    }
}

static void set_from_id(struct provider_row *r)
{
    char text[256];
    firmware_read_id("bios_version", text, sizeof text);
    set_version(r, text);
    firmware_read_id("bios_date", text, sizeof text);
    set_release_date(r, text);
    firmware_set_id(r, COLUMN_Manufacturer, "bios_vendor");
    firmware_set_id(r, COLUMN_SerialNumber, "product_serial");

    unsigned major, minor;
    if (firmware_read_id("bios_release", text, sizeof text) &&
        sscanf(text, "%3u.%3u", &major, &minor) == 2) {
        provider_set_uint(r, COLUMN_SystemBiosMajorVersion, major);
        provider_set_uint(r, COLUMN_SystemBiosMinorVersion, minor);
    }
}

static HRESULT bios_next(void *cursor, struct provider_row *row)
{
    if (!linux_single_take(cursor)) {
        return WBEM_S_FALSE;
    }

    struct smbios tables;
    struct smbios_structure bios;
    size_t offset = 0;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (smbios_open(&tables) == 0 && smbios_find(&tables, &offset, SMBIOS_BIOS, &bios)) {
        set_from_tables(row, &tables, &bios);
    } else if (linux_exists("/sys/class/dmi/id/bios_vendor") ||
               linux_exists("/sys/class/dmi/id/bios_version")) {
        set_from_id(row);
    } else {
        hr = WBEM_S_FALSE;
    }
    smbios_close(&tables);
    set_common(row);
    return hr;
}

const struct provider_class linux_bios = {
    .name = "Win32_BIOS",
    .columns = columns,
    .open = linux_single_open,
    .next = bios_next,
    .close = linux_single_close,
};
