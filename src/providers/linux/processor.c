/*
 * Win32_Processor: a row for each package, from /proc/cpuinfo and
 * /sys/devices/system/cpu; what only the firmware knows, from SMBIOS (sections
 * of DSP0134 3.7) when the tables may be read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#include "providers/linux/firmware.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/procfs.h"
#include "providers/linux/topology.h"

#define COLUMNS(X)                                                                                 \
    X(AddressWidth), X(Architecture), X(AssetTag), X(Availability), X(Caption),                    \
        X(Characteristics), X(CpuStatus), X(CreationClassName), X(CurrentClockSpeed),              \
        X(CurrentVoltage), X(DataWidth), X(Description), X(DeviceID), X(ExtClock), X(Family),      \
        X(L2CacheSize), X(L3CacheSize), X(Level), X(LoadPercentage), X(Manufacturer),              \
        X(MaxClockSpeed), X(Name), X(NumberOfCores), X(NumberOfEnabledCore),                       \
        X(NumberOfLogicalProcessors), X(PartNumber), X(ProcessorId), X(ProcessorType),             \
        X(Revision), X(Role), X(SecondLevelAddressTranslationExtensions), X(SerialNumber),         \
        X(SocketDesignation), X(Status), X(StatusInfo), X(Stepping), X(SystemCreationClassName),   \
        X(SystemName), X(ThreadCount), X(UpgradeMethod), X(Version),                               \
        X(VirtualizationFirmwareEnabled), X(VMMonitorModeExtensions), X(VoltageCaps)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

/* Ticks of one package's processors in /proc/stat. */
struct load {
    uint64_t busy, total;
};

struct processor_cursor {
    struct topology topology;
    size_t next;
    struct smbios tables;
    size_t table_offset;
    struct load *before; /* by package; NULL when the load is not wanted */
    char host[LINUX_NAME_SIZE];
    char arch[LINUX_NAME_SIZE];
};

static void processor_close(void *cursor)
{
    struct processor_cursor *c = cursor;
    if (c) {
        topology_done(&c->topology);
        smbios_close(&c->tables);
        free(c->before);
        free(c);
    }
}

/* ---- load ------------------------------------------------------------------- */

/* A line "cpu<n> user nice system idle iowait irq softirq steal …" of proc_stat(5). */
static bool parse_cpu_line(const char *line, uint64_t *ret_cpu, struct load *ret)
{
    const char *at = line + strlen("cpu");
    struct load v = {0};
    if (!linux_parse_u64(&at, ret_cpu)) {
        return false;
    }
    for (unsigned i = 0; i < 8; i++) {
        uint64_t ticks;
        if (!linux_parse_u64(&at, &ticks)) {
            break;
        }
        v.total += ticks;
        v.busy += i == 3 || i == 4 ? 0 : ticks;
    }
    *ret = v;
    return true;
}

static struct load *read_load(const struct topology *t)
{
    enum {
        LIMIT = 16 << 20
    };
    char *text;
    struct load *all = calloc(t->package_count, sizeof *all);
    if (!all || linux_read_all("/proc/stat", LIMIT, &text) < 0) {
        free(all);
        return NULL;
    }
    for (char *line = text; strncmp(line, "cpu", 3) == 0;) {
        uint64_t cpu;
        struct load v;
        if (line[3] != ' ' && parse_cpu_line(line, &cpu, &v) && cpu < t->cpu_limit) {
            for (size_t i = 0; i < t->package_count; i++) {
                if (t->packages[i].id == t->package_of[cpu]) {
                    all[i].busy += v.busy;
                    all[i].total += v.total;
                }
            }
        }
        char *end = strchr(line, '\n');
        if (!end) {
            break;
        }
        line = end + 1;
    }
    free(text);
    return all;
}

/* The kernel counts since boot, so a load needs two looks with a while between them. */
static void set_load(const struct processor_cursor *c, struct provider_row *r, size_t package)
{
    if (!provider_wants(r, COLUMN_LoadPercentage) || !c->before) {
        return;
    }
    struct load *after = read_load(&c->topology);
    if (after && after[package].total > c->before[package].total) {
        uint64_t busy = after[package].busy - c->before[package].busy;
        uint64_t total = after[package].total - c->before[package].total;
        provider_set_uint(r, COLUMN_LoadPercentage, (busy * 100 + total / 2) / total);
    }
    free(after);
}

static void wait_for_load(void)
{
    const struct timespec while_ticking = {.tv_nsec = 250 * 1000000L};
    if (linux_is_live()) {
        (void)nanosleep(&while_ticking, NULL);
    }
}

/* ---- what the kernel tells ----------------------------------------------------- */

static bool is_x86(const char *arch)
{
    return strcmp(arch, "x86_64") == 0 || (arch[0] == 'i' && strcmp(arch + 2, "86") == 0);
}

static void set_architecture(struct provider_row *r, const char *arch)
{
    static const struct {
        const char *prefix;
        unsigned number, bits;
    } known[] = {
        {"x86_64", 9, 64}, {"aarch64", 12, 64}, {"arm", 5, 32},  {"ia64", 6, 64},  {"ppc64", 3, 64},
        {"ppc", 3, 32},    {"mips64", 1, 64},   {"mips", 1, 32}, {"alpha", 2, 64}, {"i", 0, 32},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strncmp(arch, known[i].prefix, strlen(known[i].prefix)) == 0) {
            provider_set_uint(r, COLUMN_Architecture, known[i].number);
            provider_set_uint(r, COLUMN_AddressWidth, known[i].bits);
            provider_set_uint(r, COLUMN_DataWidth, known[i].bits);
            return;
        }
    }
    if (strstr(arch, "64") || strcmp(arch, "s390x") == 0) {
        provider_set_uint(r, COLUMN_AddressWidth, 64);
        provider_set_uint(r, COLUMN_DataWidth, 64);
    }
}

static void set_text(struct provider_row *r, unsigned column, const char *cpuinfo, const char *key)
{
    size_t size;
    const char *value = linux_find_key(cpuinfo, key, ':', &size);
    if (value && size > 0) {
        provider_set_string_n(r, column, value, size);
    }
}

/* x86: family, model and stepping, in the ways that the class repeats them. */
static void set_identity(struct provider_row *r, const char *cpuinfo, const char *arch)
{
    uint64_t family, model, stepping;
    set_text(r, COLUMN_Manufacturer, cpuinfo, "vendor_id");
    set_text(r, COLUMN_Name, cpuinfo, "model name");
    if (!linux_key_u64(cpuinfo, "cpu family", &family) ||
        !linux_key_u64(cpuinfo, "model", &model) ||
        !linux_key_u64(cpuinfo, "stepping", &stepping)) {
        return;
    }

    char vendor[64];
    linux_copy_key(cpuinfo, "vendor_id", ':', vendor, sizeof vendor);
    const char *kind = strcmp(arch, "x86_64") != 0           ? "x86"
                       : strcmp(vendor, "GenuineIntel") == 0 ? "Intel64"
                                                             : "AMD64";
    char caption[128];
    snprintf(caption, sizeof caption, "%s Family %u Model %u Stepping %u", kind, (unsigned)family,
             (unsigned)model, (unsigned)stepping);
    provider_set_string(r, COLUMN_Caption, caption);
    provider_set_string(r, COLUMN_Description, caption);
    provider_set_uint(r, COLUMN_Level, (uint16_t)family);
    provider_set_uint(r, COLUMN_Revision, (uint16_t)(model << 8 | (stepping & 0xff)));
    provider_set_format(r, COLUMN_Stepping, "%u", (unsigned)stepping);
    provider_set_format(r, COLUMN_Version, "Model %u, Stepping %u", (unsigned)model,
                        (unsigned)stepping);
}

static void set_flags(struct provider_row *r, const char *cpuinfo, const char *arch)
{
    if (!is_x86(arch)) {
        return;
    }
    bool vmx = topology_has_flag(cpuinfo, "flags", "vmx");
    bool svm = topology_has_flag(cpuinfo, "flags", "svm");
    provider_set_bool(r, COLUMN_VMMonitorModeExtensions, vmx || svm);
    provider_set_bool(r, COLUMN_SecondLevelAddressTranslationExtensions,
                      topology_has_flag(cpuinfo, "flags", "ept") ||
                          topology_has_flag(cpuinfo, "vmx flags", "ept") ||
                          topology_has_flag(cpuinfo, "flags", "npt"));
    /* The kernel hides vmx when the firmware has locked it; without it nothing is known. */
    if (vmx) {
        provider_set_bool(r, COLUMN_VirtualizationFirmwareEnabled, true);
    }
}

static bool read_cpufreq(unsigned cpu, const char *file, uint64_t *ret)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cpufreq/%s", cpu, file);
    return linux_read_u64(path, ret);
}

static void set_clocks(struct provider_row *r, const char *cpuinfo, unsigned cpu)
{
    uint64_t megahertz, kilohertz;
    if (linux_key_u64(cpuinfo, "cpu MHz", &megahertz)) {
        provider_set_uint(r, COLUMN_CurrentClockSpeed, megahertz);
    } else if (read_cpufreq(cpu, "scaling_cur_freq", &kilohertz)) {
        provider_set_uint(r, COLUMN_CurrentClockSpeed, kilohertz / 1000);
    }
    if (provider_wants(r, COLUMN_MaxClockSpeed) &&
        read_cpufreq(cpu, "cpuinfo_max_freq", &kilohertz)) {
        provider_set_uint(r, COLUMN_MaxClockSpeed, kilohertz / 1000);
    }
}

static void set_counts(struct provider_row *r, const struct topology_package *p)
{
    provider_set_uint(r, COLUMN_NumberOfCores, p->cores);
    provider_set_uint(r, COLUMN_NumberOfEnabledCore, p->cores);
    provider_set_uint(r, COLUMN_NumberOfLogicalProcessors, p->threads);
    provider_set_uint(r, COLUMN_ThreadCount, p->threads);
    if (p->l2_kilobytes) {
        provider_set_uint(r, COLUMN_L2CacheSize, p->l2_kilobytes);
    }
    if (p->l3_kilobytes) {
        provider_set_uint(r, COLUMN_L3CacheSize, p->l3_kilobytes);
    }
}

/* ---- what the firmware tells ----------------------------------------------------- */

/* 7.5.4: the upper bit says which of the two ways the voltage is written. */
static void set_voltage(struct provider_row *r, const struct smbios_structure *s)
{
    uint8_t v;
    if (!smbios_u8(s, 0x11, &v)) {
        return;
    }
    if (v & 0x80) {
        if (v & 0x7f) {
            provider_set_uint(r, COLUMN_CurrentVoltage, v & 0x7f);
        }
    } else if (v & 7) {
        provider_set_uint(r, COLUMN_VoltageCaps, v & 7);
    }
}

/* 7.5 Processor Information */
static void set_firmware(struct provider_row *r, const struct smbios_structure *s)
{
    uint8_t family;
    uint16_t v;
    uint64_t id;
    firmware_set_text(r, COLUMN_SocketDesignation, s, 0x04);
    if (smbios_u8(s, 0x06, &family) && family != 0xfe) {
        provider_set_uint(r, COLUMN_Family, family);
    } else {
        firmware_set_u16(r, COLUMN_Family, s, 0x28);
    }
    if (smbios_u64(s, 0x08, &id)) {
        provider_set_format(r, COLUMN_ProcessorId, "%016llX", (unsigned long long)id);
    }
    set_voltage(r, s);
    if (smbios_u16(s, 0x12, &v) && v != 0) {
        provider_set_uint(r, COLUMN_ExtClock, v);
    }
    firmware_set_u8(r, COLUMN_UpgradeMethod, s, 0x19);
    firmware_set_text(r, COLUMN_SerialNumber, s, 0x20);
    firmware_set_text(r, COLUMN_AssetTag, s, 0x21);
    firmware_set_text(r, COLUMN_PartNumber, s, 0x22);
    firmware_set_u16(r, COLUMN_Characteristics, s, 0x26);
}

/* The next socket with a processor in it: the firmware lists them in the order of packages. */
static bool next_socket(struct processor_cursor *c, struct smbios_structure *ret)
{
    uint8_t status;
    while (smbios_find(&c->tables, &c->table_offset, SMBIOS_PROCESSOR, ret)) {
        if (smbios_u8(ret, 0x18, &status) && status & 0x40) {
            return true;
        }
    }
    return false;
}

/* What SMBIOS would say, asked of the processor itself. */
static void set_processor_id(struct provider_row *r)
{
#if defined(__x86_64__) || defined(__i386__)
    unsigned eax, ebx, ecx, edx;
    if (linux_is_live() && __get_cpuid(1, &eax, &ebx, &ecx, &edx)) {
        provider_set_format(r, COLUMN_ProcessorId, "%08X%08X", edx, eax);
    }
#else
    (void)r;
#endif
}

/* ---- rows --------------------------------------------------------------------------- */

static HRESULT processor_open(const struct provider_request *q, void **ret)
{
    struct processor_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (!topology_read(&c->topology)) {
        processor_close(c);
        return WBEM_S_FALSE;
    }
    if (provider_request_wants(q, COLUMN_L2CacheSize) ||
        provider_request_wants(q, COLUMN_L3CacheSize)) {
        topology_read_caches(&c->topology);
    }
    (void)smbios_open(&c->tables); /* without, those columns are null */
    linux_host_name(c->host);
    linux_architecture(c->arch);
    if (provider_request_wants(q, COLUMN_LoadPercentage)) {
        c->before = read_load(&c->topology);
        wait_for_load();
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static void set_constants(const struct processor_cursor *c, struct provider_row *r)
{
    provider_set_uint(r, COLUMN_Availability, 3);  /* Running/Full Power */
    provider_set_uint(r, COLUMN_CpuStatus, 1);     /* CPU Enabled */
    provider_set_uint(r, COLUMN_StatusInfo, 3);    /* Enabled */
    provider_set_uint(r, COLUMN_ProcessorType, 3); /* Central Processor */
    provider_set_string(r, COLUMN_Role, "CPU");
    provider_set_string(r, COLUMN_Status, "OK");
    provider_set_string(r, COLUMN_CreationClassName, "Win32_Processor");
    provider_set_string(r, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
    provider_set_string(r, COLUMN_SystemName, linux_known(c->host));
}

static HRESULT processor_next(void *cursor, struct provider_row *row)
{
    struct processor_cursor *c = cursor;
    if (c->next == c->topology.package_count) {
        return WBEM_S_FALSE;
    }
    const struct topology_package *p = &c->topology.packages[c->next];
    const char *cpuinfo = topology_cpuinfo(&c->topology, p->first_cpu);

    provider_set_format(row, COLUMN_DeviceID, "CPU%zu", c->next);
    set_constants(c, row);
    set_architecture(row, c->arch);
    set_identity(row, cpuinfo, c->arch);
    set_flags(row, cpuinfo, c->arch);
    set_clocks(row, cpuinfo, p->first_cpu);
    set_counts(row, p);
    set_load(c, row, c->next);

    struct smbios_structure s;
    if (next_socket(c, &s)) {
        set_firmware(row, &s);
    } else {
        set_processor_id(row);
    }
    c->next++;
    return WBEM_S_NO_ERROR;
}

const struct provider_class linux_processor = {
    .name = "Win32_Processor",
    .columns = columns,
    .open = processor_open,
    .next = processor_next,
    .close = processor_close,
};
