/*
 * Win32_ComputerSystem: the machine as the kernel and its firmware describe it.
 * Section numbers are those of DSP0134 3.7.
 */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "providers/linux/firmware.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/procfs.h"
#include "providers/linux/topology.h"
#include "providers/linux/zone.h"

#define COLUMNS(X)                                                                                 \
    X(AdminPasswordStatus), X(AutomaticResetBootOption), X(BootOptionOnLimit),                     \
        X(BootOptionOnWatchDog), X(BootStatus), X(BootupState), X(Caption), X(ChassisBootupState), \
        X(ChassisSKUNumber), X(CreationClassName), X(CurrentTimeZone), X(DaylightInEffect),        \
        X(DNSHostName), X(Domain), X(EnableDaylightSavingsTime), X(FrontPanelResetStatus),         \
        X(HypervisorPresent), X(KeyboardPasswordStatus), X(Manufacturer), X(Model), X(Name),       \
        X(NumberOfLogicalProcessors), X(NumberOfProcessors), X(OEMStringArray), X(PCSystemType),   \
        X(PCSystemTypeEx), X(PowerOnPasswordStatus), X(PowerSupplyState), X(ResetCount),           \
        X(ResetLimit), X(Status), X(SupportContactDescription), X(SystemFamily),                   \
        X(SystemSKUNumber), X(SystemType), X(ThermalState), X(TotalPhysicalMemory), X(UserName),   \
        X(WakeUpType)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

static void set_names(struct provider_row *r)
{
    char name[LINUX_NAME_SIZE];
    provider_set_string(r, COLUMN_CreationClassName, "Win32_ComputerSystem");
    provider_set_string(r, COLUMN_Status, "OK");
    linux_host_name(name);
    provider_set_string(r, COLUMN_Caption, linux_known(name));
    provider_set_string(r, COLUMN_Name, linux_known(name));
    provider_set_string(r, COLUMN_DNSHostName, linux_known(name));
    linux_host_domain(name);
    provider_set_string(r, COLUMN_Domain, linux_known(name));
}

static void set_time(struct provider_row *r)
{
    time_t t = time(NULL);
    struct tm tm;
    provider_set_sint(r, COLUMN_CurrentTimeZone, cim_datetime_local_offset((int64_t)t * 1000000));
    if (localtime_r(&t, &tm)) {
        provider_set_bool(r, COLUMN_DaylightInEffect, tm.tm_isdst > 0);
    }
    struct zone zone;
    if (provider_wants(r, COLUMN_EnableDaylightSavingsTime) && zone_read(&zone)) {
        provider_set_bool(r, COLUMN_EnableDaylightSavingsTime, zone.has_daylight);
    }
}

static void set_processors(struct provider_row *r)
{
    struct topology t;
    if (!topology_read(&t)) {
        return;
    }
    size_t size;
    provider_set_uint(r, COLUMN_NumberOfProcessors, t.package_count);
    provider_set_uint(r, COLUMN_NumberOfLogicalProcessors, t.threads);
    if (linux_exists("/sys/hypervisor/type")) {
        provider_set_bool(r, COLUMN_HypervisorPresent, true);
    } else if (linux_find_key(t.cpuinfo, "flags", ':', &size)) {
        provider_set_bool(r, COLUMN_HypervisorPresent,
                          topology_has_flag(t.cpuinfo, "flags", "hypervisor"));
    }
    topology_done(&t);
}

static void set_system_type(struct provider_row *r)
{
    char arch[LINUX_NAME_SIZE];
    linux_architecture(arch);
    if (strcmp(arch, "x86_64") == 0) {
        provider_set_string(r, COLUMN_SystemType, "x64-based PC");
    } else if (arch[0] == 'i' && strcmp(arch + 2, "86") == 0) {
        provider_set_string(r, COLUMN_SystemType, "X86-based PC");
    } else if (strcmp(arch, "aarch64") == 0) {
        provider_set_string(r, COLUMN_SystemType, "ARM64-based PC");
    }
}

static void set_memory(struct provider_row *r)
{
    char text[8192];
    uint64_t kilobytes;
    if (linux_read("/proc/meminfo", text, sizeof text) > 0 &&
        linux_key_u64(text, "MemTotal", &kilobytes)) {
        provider_set_uint(r, COLUMN_TotalPhysicalMemory, kilobytes * 1024);
    }
}

/* True when the kernel's command line has this word. */
static bool has_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *p = text; (p = strstr(p, word)); p++) {
        if ((p == text || p[-1] == ' ') && (!p[length] || p[length] == ' ' || p[length] == '\n')) {
            return true;
        }
    }
    return false;
}

static void set_boot(struct provider_row *r)
{
    static const char *const careful[] = {"single",
                                          "s",
                                          "S",
                                          "1",
                                          "rescue",
                                          "emergency",
                                          "systemd.unit=rescue.target",
                                          "systemd.unit=emergency.target"};
    char text[8192], path[] = "/proc/sys/kernel/panic";
    int64_t seconds;
    const char *at = text;
    if (linux_read("/proc/cmdline", text, sizeof text) > 0) {
        bool safe = false;
        for (size_t i = 0; i < sizeof careful / sizeof *careful; i++) {
            safe = safe || has_word(text, careful[i]);
        }
        provider_set_string(r, COLUMN_BootupState, safe ? "Fail-safe boot" : "Normal boot");
    }
    if (linux_read(path, text, sizeof text) > 0 && linux_parse_i64(&at, &seconds)) {
        provider_set_bool(r, COLUMN_AutomaticResetBootOption, seconds != 0);
    }
}

/* Who holds the console, from what logind writes of the first seat. */
static void set_user(struct provider_row *r)
{
    char text[4096], buffer[4096], host[LINUX_NAME_SIZE];
    const char *at;
    size_t size;
    uint64_t uid;
    struct passwd entry, *found = NULL;
    if (!provider_wants(r, COLUMN_UserName) ||
        linux_read("/run/systemd/seats/seat0", text, sizeof text) <= 0 ||
        !(at = linux_find_key(text, "ACTIVE_UID", '=', &size)) || !linux_parse_u64(&at, &uid) ||
        getpwuid_r((uid_t)uid, &entry, buffer, sizeof buffer, &found) != 0 || !found) {
        return;
    }
    linux_host_name(host);
    provider_set_format(r, COLUMN_UserName, "%s\\%s", host, found->pw_name);
}

/* [ACPI] 5.2.9.1 Preferred PM Profile, whose numbers the class uses. */
static void set_profile(struct provider_row *r)
{
    uint64_t profile;
    if (linux_read_u64("/sys/firmware/acpi/pm_profile", &profile) && profile <= 8) {
        provider_set_uint(r, COLUMN_PCSystemTypeEx, profile);
        if (profile < 8) {
            provider_set_uint(r, COLUMN_PCSystemType, profile);
        }
    }
}

static void set_ids(struct provider_row *r)
{
    char model[256];
    firmware_set_id(r, COLUMN_Manufacturer, "sys_vendor");
    firmware_set_id(r, COLUMN_SystemFamily, "product_family");
    firmware_set_id(r, COLUMN_SystemSKUNumber, "product_sku");
    if (firmware_read_id("product_name", model, sizeof model) ||
        linux_read_line("/proc/device-tree/model", model, sizeof model)) {
        provider_set_string(r, COLUMN_Model, model);
    }
    char url[LINUX_NAME_SIZE];
    const char *const support[] = {url};
    if (linux_os_release("SUPPORT_URL", url, sizeof url)) {
        provider_set_strings(r, COLUMN_SupportContactDescription, support, 1);
    }
}

/* 7.24 System Reset: two bits each, from bit 1 and from bit 3; counts of 0xFFFF are unknown. */
static void set_reset(struct provider_row *r, const struct smbios_structure *s)
{
    uint8_t capabilities;
    uint16_t v;
    if (!smbios_u8(s, 0x04, &capabilities)) {
        return;
    }
    provider_set_uint(r, COLUMN_BootOptionOnWatchDog, capabilities >> 1 & 3);
    provider_set_uint(r, COLUMN_BootOptionOnLimit, capabilities >> 3 & 3);
    if (smbios_u16(s, 0x05, &v)) {
        provider_set_sint(r, COLUMN_ResetCount, v > INT16_MAX ? -1 : v);
    }
    if (smbios_u16(s, 0x07, &v)) {
        provider_set_sint(r, COLUMN_ResetLimit, v > INT16_MAX ? -1 : v);
    }
}

/* 7.25 Hardware Security: four states of two bits. */
static void set_security(struct provider_row *r, const struct smbios_structure *s)
{
    uint8_t v;
    if (smbios_u8(s, 0x04, &v)) {
        provider_set_uint(r, COLUMN_PowerOnPasswordStatus, v >> 6 & 3);
        provider_set_uint(r, COLUMN_KeyboardPasswordStatus, v >> 4 & 3);
        provider_set_uint(r, COLUMN_AdminPasswordStatus, v >> 2 & 3);
        provider_set_uint(r, COLUMN_FrontPanelResetStatus, v & 3);
    }
}

/* 7.4 System Enclosure or Chassis: its SKU number stands behind the contained elements. */
static void set_chassis(struct provider_row *r, const struct smbios_structure *s)
{
    uint8_t count, length;
    firmware_set_u8(r, COLUMN_ChassisBootupState, s, 0x09);
    firmware_set_u8(r, COLUMN_PowerSupplyState, s, 0x0a);
    firmware_set_u8(r, COLUMN_ThermalState, s, 0x0b);
    if (smbios_u8(s, 0x13, &count) && smbios_u8(s, 0x14, &length)) {
        firmware_set_text(r, COLUMN_ChassisSKUNumber, s, 0x15u + (unsigned)count * length);
    }
}

/* 7.33 System Boot Information: ten bytes. */
static void set_boot_status(struct provider_row *r, const struct smbios_structure *s)
{
    uint64_t values[10];
    unsigned count = 0;
    for (uint8_t v; count < 10 && smbios_u8(s, 0x0a + count, &v); count++) {
        values[count] = v;
    }
    if (count > 0) {
        provider_set_uints(r, COLUMN_BootStatus, values, count);
    }
}

static void set_firmware(struct provider_row *r)
{
    struct smbios tables;
    struct smbios_structure s;
    size_t offset = 0;
    if (smbios_open(&tables) < 0) {
        return;
    }
    while (smbios_next(&tables, &offset, &s)) {
        switch (s.type) {
        case SMBIOS_SYSTEM:
            firmware_set_u8(r, COLUMN_WakeUpType, &s, 0x18);
            break;
        case SMBIOS_CHASSIS:
            set_chassis(r, &s);
            break;
        case SMBIOS_OEM_STRINGS:
            firmware_set_strings(r, COLUMN_OEMStringArray, &s, 0x04);
            break;
        case SMBIOS_RESET:
            set_reset(r, &s);
            break;
        case SMBIOS_SECURITY:
            set_security(r, &s);
            break;
        case SMBIOS_BOOT:
            set_boot_status(r, &s);
            break;
        default:
            break;
        }
    }
    smbios_close(&tables);
}

static HRESULT computer_system_next(void *cursor, struct provider_row *row)
{
    if (!linux_single_take(cursor)) {
        return WBEM_S_FALSE;
    }
    set_names(row);
    set_time(row);
    if (provider_wants(row, COLUMN_NumberOfProcessors) ||
        provider_wants(row, COLUMN_NumberOfLogicalProcessors) ||
        provider_wants(row, COLUMN_HypervisorPresent)) {
        set_processors(row);
    }
    set_system_type(row);
    set_memory(row);
    set_boot(row);
    set_user(row);
    set_profile(row);
    set_ids(row);
    set_firmware(row);
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_computer_system = {
    .name = "Win32_ComputerSystem",
    .columns = columns,
    .open = linux_single_open,
    .next = computer_system_next,
    .close = linux_single_close,
};
