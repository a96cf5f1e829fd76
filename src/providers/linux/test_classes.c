/*
 * The classes that describe the machine, over made-up files; and what must
 * hold for every class that has a provider.
 */
#include "providers/linux/test_machine.h"

#include <time.h>

#include "providers/linux/linux.h"

/* ---- SMBIOS tables for the test ---------------------------------------- */

static uint8_t table[4096];
static size_t table_size;

/* A structure of `length` bytes, all zero but for the header; its strings follow, separated by
 * '|'. Returns its bytes. */
static uint8_t *add_structure(uint8_t type, uint8_t length, uint16_t handle, const char *strings)
{
    uint8_t *s = table + table_size;
    memset(s, 0, length);
    s[0] = type;
    s[1] = length;
    s[2] = (uint8_t)handle;
    s[3] = (uint8_t)(handle >> 8);
    table_size += length;
    for (const char *p = strings; *p; p++) {
        table[table_size++] = *p == '|' ? 0 : (uint8_t)*p;
    }
    table_size += *strings ? 1 : 0;
    table[table_size - (*strings ? 1 : 0)] = 0;
    table[table_size++] = 0;
    if (!*strings) {
        table[table_size++] = 0;
    }
    return s;
}

static void put16(uint8_t *s, unsigned offset, uint16_t v)
{
    s[offset] = (uint8_t)v;
    s[offset + 1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *s, unsigned offset, uint32_t v)
{
    put16(s, offset, (uint16_t)v);
    put16(s, offset + 2, (uint16_t)(v >> 16));
}

static void add_memory(uint16_t handle, uint16_t size, uint32_t extended)
{
    uint8_t *s = add_structure(17, 0x28, handle, "DIMM 0|BANK 0|Maker|S123|P456");
    put16(s, 0x08, 72);
    put16(s, 0x0a, 64);
    put16(s, 0x0c, size);
    s[0x0e] = 9; /* DIMM */
    s[0x10] = 1;
    s[0x11] = 2;
    s[0x12] = 0x1a; /* DDR4 */
    put16(s, 0x13, 0x80);
    put16(s, 0x15, 3200);
    s[0x17] = 3;
    s[0x18] = 4;
    s[0x1a] = 5;
    s[0x1b] = 2;
    put32(s, 0x1c, extended);
    put16(s, 0x20, 2933);
    put16(s, 0x26, 1200);
}

static void make_firmware(void)
{
    table_size = 0;
    uint8_t *s = add_structure(0, 0x1a, 0, "Vendor|1.2.3|03/15/2020");
    s[0x04] = 1;
    s[0x05] = 2;
    s[0x08] = 3;
    put32(s, 0x0a, 1u << 7 | 1u << 11); /* PCI, flash */
    s[0x14] = 1;
    s[0x15] = 2;
    s[0x16] = s[0x17] = 0xff;
    s = add_structure(1, 0x1b, 1, "Maker|Box|0|SN1");
    s[0x07] = 4;
    s[0x18] = 6; /* power switch */
    s = add_structure(2, 0x0f, 2, "BoardMaker|Board|A1|BSN");
    s[0x04] = 1;
    s[0x05] = 2;
    s[0x06] = 3;
    s[0x07] = 4;
    s[0x09] = 0x09; /* hosting, replaceable */
    s = add_structure(3, 0x16, 3, "Chassis SKU");
    s[0x09] = s[0x0a] = s[0x0b] = 3;
    s[0x15] = 1;
    s = add_structure(4, 0x2a, 4, "CPU Socket 1");
    s[0x04] = 1;
    s[0x06] = 0xfe;
    put32(s, 0x08, 0x000a06f1);
    put32(s, 0x0c, 0xbfebfbff);
    s[0x11] = 0x80 | 9;
    put16(s, 0x12, 100);
    s[0x18] = 0x41;
    s[0x19] = 1;
    put16(s, 0x26, 0xfc);
    put16(s, 0x28, 0x118);
    s = add_structure(11, 5, 5, "one|two");
    s[0x04] = 2;
    add_memory(0x20, 0x7fff, 32768);
    add_memory(0x21, 0, 0);
    add_memory(0x22, 4096, 0);
    add_memory(0x23, 0x8000 | 512, 0);
    add_memory(0x24, 0xffff, 0);
    s = add_structure(20, 0x13, 0x30, "");
    put16(s, 0x0c, 0x22);
    s[0x10] = 1;
    s[0x11] = 2;
    s[0x12] = 0xff;
    s = add_structure(24, 5, 6, "");
    s[0x04] = 0x60; /* power-on enabled, keyboard not implemented */
    add_structure(127, 4, 7, "");
    test_root_bytes("/sys/firmware/dmi/tables/DMI", table, table_size);
    uint8_t entry[24] = "_SM3_";
    entry[7] = 3;
    entry[8] = 2;
    test_root_bytes("/sys/firmware/dmi/tables/smbios_entry_point", entry, sizeof entry);
}

/* ---- firmware ------------------------------------------------------------- */

static void shows_the_bios(void **state)
{
    (void)state;
    struct test_rows rows;
    make_firmware();
    setenv("TZ", "UTC0", 1);
    tzset();
    test_query(L"SELECT * FROM Win32_BIOS", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *o = rows.items[0];
    assert_value(o, "Manufacturer", "Vendor");
    assert_value(o, "Name", "1.2.3");
    assert_value(o, "SMBIOSBIOSVersion", "1.2.3");
    assert_value(o, "BIOSVersion", "{1.2.3}");
    assert_value(o, "ReleaseDate", "20200315000000.000000+000");
    assert_value(o, "BiosCharacteristics", "{7,11}");
    assert_value(o, "SystemBiosMajorVersion", "1");
    assert_value(o, "EmbeddedControllerMajorVersion", "null");
    assert_value(o, "SMBIOSMajorVersion", "3");
    assert_value(o, "SMBIOSMinorVersion", "2");
    assert_value(o, "SerialNumber", "SN1");
    assert_value(o, "PrimaryBIOS", "true");
    assert_value(o, "__RELPATH",
                 "Win32_BIOS.Name=\"1.2.3\",SoftwareElementID=\"1.2.3\",SoftwareElementState=3,"
                 "TargetOperatingSystem=0,Version=\"1.2.3\"");
    test_rows_done(&rows);
}

static void shows_what_all_may_read_of_the_bios(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/sys/class/dmi/id/bios_vendor", "Vendor\n");
    test_root_file("/sys/class/dmi/id/bios_version", "4.5\n");
    test_root_file("/sys/class/dmi/id/bios_date", "not a date\n");
    test_root_file("/sys/class/dmi/id/bios_release", "4.17\n");
    test_query(L"SELECT * FROM Win32_BIOS", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Manufacturer", "Vendor");
    assert_value(rows.items[0], "Version", "4.5");
    assert_value(rows.items[0], "ReleaseDate", "null");
    assert_value(rows.items[0], "SystemBiosMinorVersion", "17");
    assert_value(rows.items[0], "SerialNumber", "null");
    test_rows_done(&rows);
}

static void shows_the_board(void **state)
{
    (void)state;
    struct test_rows rows;
    make_firmware();
    test_query(L"SELECT * FROM Win32_BaseBoard", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Tag", "Base Board 0");
    assert_value(rows.items[0], "Manufacturer", "BoardMaker");
    assert_value(rows.items[0], "Product", "Board");
    assert_value(rows.items[0], "Version", "A1");
    assert_value(rows.items[0], "SerialNumber", "BSN");
    assert_value(rows.items[0], "HostingBoard", "true");
    assert_value(rows.items[0], "Removable", "false");
    assert_value(rows.items[0], "Replaceable", "true");
    assert_value(rows.items[0], "ConfigOptions", "null");
    test_rows_done(&rows);
}

static void shows_what_all_may_read_of_the_board(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/sys/class/dmi/id/board_vendor", "Maker\n");
    test_root_file("/sys/class/dmi/id/board_name", "Name\n");
    test_query(L"SELECT * FROM Win32_BaseBoard", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Product", "Name");
    assert_value(rows.items[0], "HostingBoard", "null");
    test_rows_done(&rows);
}

static void shows_memory_modules(void **state)
{
    (void)state;
    struct test_rows rows;
    make_firmware();
    test_query(L"SELECT * FROM Win32_PhysicalMemory", &rows);
    assert_int_equal(rows.count, 4); /* the empty slot is left out */
    IWbemClassObject *o = rows.items[0];
    assert_value(o, "Tag", "Physical Memory 0");
    assert_value(o, "Capacity", "34359738368");
    assert_value(o, "DeviceLocator", "DIMM 0");
    assert_value(o, "BankLabel", "BANK 0");
    assert_value(o, "Manufacturer", "Maker");
    assert_value(o, "SerialNumber", "S123");
    assert_value(o, "PartNumber", "P456");
    assert_value(o, "FormFactor", "8");
    assert_value(o, "MemoryType", "26");
    assert_value(o, "SMBIOSMemoryType", "26");
    assert_value(o, "TotalWidth", "72");
    assert_value(o, "DataWidth", "64");
    assert_value(o, "Speed", "3200");
    assert_value(o, "ConfiguredClockSpeed", "2933");
    assert_value(o, "ConfiguredVoltage", "1200");
    assert_value(o, "MinVoltage", "null");
    assert_value(o, "TypeDetail", "128");
    assert_value(o, "InterleavePosition", "null");

    assert_value(rows.items[1], "Tag", "Physical Memory 2");
    assert_value(rows.items[1], "Capacity", "4294967296");
    assert_value(rows.items[1], "PositionInRow", "1");
    assert_value(rows.items[1], "InterleavePosition", "2");
    assert_value(rows.items[1], "InterleaveDataDepth", "null");
    assert_value(rows.items[2], "Capacity", "524288");
    assert_value(rows.items[3], "Capacity", "null");
    test_rows_done(&rows);
}

static void has_no_firmware_classes_without_firmware(void **state)
{
    (void)state;
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_BIOS", &rows);
    assert_int_equal(rows.count, 0);
    test_query(L"SELECT * FROM Win32_BaseBoard", &rows);
    assert_int_equal(rows.count, 0);
    test_query(L"SELECT * FROM Win32_PhysicalMemory", &rows);
    assert_int_equal(rows.count, 0);
}

/* ---- system and processors --------------------------------------------------- */

static void make_machine(void)
{
    test_root_file("/proc/sys/kernel/hostname", "box.example.org\n");
    test_root_file("/proc/sys/kernel/osrelease", "6.1.0-test\n");
    test_root_file("/proc/sys/kernel/arch", "x86_64\n");
    test_root_file("/proc/sys/kernel/pid_max", "4194304\n");
    test_root_file("/proc/sys/kernel/threads-max", "1000\n");
    test_root_file("/proc/sys/kernel/panic", "0\n");
    test_root_file("/proc/cmdline", "root=/dev/sda1 singleton quiet\n");
    test_root_file("/proc/stat", "cpu0 1 1 1 1\nbtime 1000000000\n");
    test_root_file("/proc/7/stat", "");
    test_root_file("/proc/8/stat", "");
    test_root_file("/proc/self/mounts", "proc /proc proc rw 0 0\n/dev/sda1 / ext4 rw 0 0\n");
    test_root_file("/proc/meminfo", "MemTotal:       16000 kB\nMemFree:         1000 kB\n"
                                    "MemAvailable:    9000 kB\nSwapTotal:       4000 kB\n"
                                    "SwapFree:        3000 kB\n");
    test_root_file("/etc/os-release", "PRETTY_NAME=\"Test OS 1.2\"\nVERSION_ID=\"1.2\"\n"
                                      "VARIANT_ID=server\nSUPPORT_URL=https://example.org\n");
    test_root_file("/run/systemd/sessions/1", "UID=0\nCLASS=user\n");
    test_root_file("/run/systemd/sessions/c2", "UID=0\nCLASS=manager\n");
    test_root_file("/proc/cpuinfo",
                   "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 158\n"
                   "model name\t: Test CPU @ 3.00GHz\nstepping\t: 10\ncpu MHz\t\t: 2999.998\n"
                   "flags\t\t: fpu nx vmx ept hypervisor\n\n"
                   "processor\t: 1\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n\n");
    test_root_file("/sys/devices/system/cpu/online", "0-1\n");
    test_root_file("/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n");
    test_root_file("/sys/devices/system/cpu/cpu1/topology/physical_package_id", "0\n");
    test_root_file("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0-1\n");
    test_root_file("/sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "0-1\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq", "3500000\n");
    test_root_file("/sys/class/dmi/id/sys_vendor", "Maker\n");
    test_root_file("/sys/class/dmi/id/product_name", "Box 9\n");
    test_root_file("/sys/firmware/acpi/pm_profile", "4\n");
}

static void shows_the_operating_system(void **state)
{
    (void)state;
    struct test_rows rows;
    make_machine();
    setenv("TZ", "UTC0", 1);
    tzset();
    test_query(L"SELECT * FROM Win32_OperatingSystem", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *o = rows.items[0];
    assert_value(o, "__RELPATH", "Win32_OperatingSystem=@");
    assert_value(o, "Caption", "Test OS 1.2");
    assert_value(o, "Name", "Test OS 1.2");
    assert_value(o, "Version", "1.2");
    assert_value(o, "BuildNumber", "6.1.0-test");
    assert_value(o, "CSName", "box");
    assert_value(o, "OSType", "36");
    assert_value(o, "OSArchitecture", "64-bit");
    assert_value(o, "ProductType", "3");
    assert_value(o, "TotalVisibleMemorySize", "16000");
    assert_value(o, "FreePhysicalMemory", "9000");
    assert_value(o, "FreeSpaceInPagingFiles", "3000");
    assert_value(o, "FreeVirtualMemory", "12000");
    assert_value(o, "TotalVirtualMemorySize", "20000");
    assert_value(o, "TotalSwapSpaceSize", "4000");
    assert_value(o, "NumberOfProcesses", "2");
    assert_value(o, "MaxNumberOfProcesses", "1000");
    assert_value(o, "NumberOfUsers", "1");
    assert_value(o, "SystemDevice", "/dev/sda1");
    assert_value(o, "LastBootUpTime", "20010909014640.000000+000");
    assert_value(o, "DataExecutionPrevention_Available", "true");
    assert_value(o, "Manufacturer", "null");
    assert_value(o, "SystemDirectory", "null");
    test_rows_done(&rows);
}

static void shows_the_computer(void **state)
{
    (void)state;
    struct test_rows rows;
    make_machine();
    make_firmware();
    test_query(L"SELECT * FROM Win32_ComputerSystem", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *o = rows.items[0];
    assert_value(o, "Name", "box");
    assert_value(o, "DNSHostName", "box");
    assert_value(o, "Domain", "example.org");
    assert_value(o, "Manufacturer", "Maker");
    assert_value(o, "Model", "Box 9");
    assert_value(o, "NumberOfProcessors", "1");
    assert_value(o, "NumberOfLogicalProcessors", "2");
    assert_value(o, "TotalPhysicalMemory", "16384000");
    assert_value(o, "SystemType", "x64-based PC");
    assert_value(o, "HypervisorPresent", "true");
    assert_value(o, "PCSystemType", "4");
    assert_value(o, "BootupState", "Normal boot");
    assert_value(o, "AutomaticResetBootOption", "false");
    assert_value(o, "WakeUpType", "6");
    assert_value(o, "OEMStringArray", "{one,two}");
    assert_value(o, "ChassisSKUNumber", "Chassis SKU");
    assert_value(o, "ThermalState", "3");
    assert_value(o, "PowerOnPasswordStatus", "1");
    assert_value(o, "KeyboardPasswordStatus", "2");
    assert_value(o, "SupportContactDescription", "{https://example.org}");
    assert_value(o, "UserName", "null");
    assert_value(o, "ResetCount", "null");
    test_rows_done(&rows);
}

static void shows_processors(void **state)
{
    (void)state;
    struct test_rows rows;
    make_machine();
    make_firmware();
    test_query(L"SELECT * FROM Win32_Processor", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *o = rows.items[0];
    assert_value(o, "DeviceID", "CPU0");
    assert_value(o, "Name", "Test CPU @ 3.00GHz");
    assert_value(o, "Manufacturer", "GenuineIntel");
    assert_value(o, "Caption", "Intel64 Family 6 Model 158 Stepping 10");
    assert_value(o, "Revision", "40458");
    assert_value(o, "Architecture", "9");
    assert_value(o, "AddressWidth", "64");
    assert_value(o, "NumberOfCores", "1");
    assert_value(o, "NumberOfLogicalProcessors", "2");
    assert_value(o, "CurrentClockSpeed", "2999");
    assert_value(o, "MaxClockSpeed", "3500");
    assert_value(o, "VMMonitorModeExtensions", "true");
    assert_value(o, "VirtualizationFirmwareEnabled", "true");
    assert_value(o, "SecondLevelAddressTranslationExtensions", "true");
    assert_value(o, "SocketDesignation", "CPU Socket 1");
    assert_value(o, "Family", "280");
    assert_value(o, "ProcessorId", "BFEBFBFF000A06F1");
    assert_value(o, "CurrentVoltage", "9");
    assert_value(o, "VoltageCaps", "null");
    assert_value(o, "ExtClock", "100");
    assert_value(o, "SystemName", "box");
    /* The counters of a snapshot stand still. */
    assert_value(o, "LoadPercentage", "null");
    assert_value(o, "L2CacheSize", "null");
    test_rows_done(&rows);
}

/* ---- time and environment -------------------------------------------------------- */

static void shows_the_time_zone(void **state)
{
    (void)state;
    struct test_rows rows;
    char bytes[128] = "TZif2";
    size_t size = 44;
    size += (size_t)snprintf(bytes + size, sizeof bytes - size, "\nCET-1CEST,M3.5.0,M10.5.0/3\n");
    test_root_bytes("/usr/share/zoneinfo/Europe/Berlin", bytes, size);
    test_root_link("/etc/localtime", "../usr/share/zoneinfo/Europe/Berlin");
    test_query(L"SELECT * FROM Win32_TimeZone", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *o = rows.items[0];
    assert_value(o, "StandardName", "CET");
    assert_value(o, "DaylightName", "CEST");
    assert_value(o, "Bias", "60");
    assert_value(o, "DaylightBias", "-60");
    assert_value(o, "DaylightMonth", "3");
    assert_value(o, "DaylightDay", "5");
    assert_value(o, "DaylightDayOfWeek", "0");
    assert_value(o, "DaylightHour", "2");
    assert_value(o, "StandardMonth", "10");
    assert_value(o, "StandardHour", "3");
    assert_value(o, "Caption", "(UTC+01:00) Europe/Berlin");
    test_rows_done(&rows);
}

static void shows_the_time(void **state)
{
    (void)state;
    struct test_rows rows;
    time_t before = time(NULL);
    test_query(L"SELECT * FROM Win32_UTCTime", &rows);
    time_t after = time(NULL);
    assert_int_equal(rows.count, 1);
    struct tm t = {0};
    t.tm_year = atoi(test_value(rows.items[0], "Year")) - 1900;
    t.tm_mon = atoi(test_value(rows.items[0], "Month")) - 1;
    t.tm_mday = atoi(test_value(rows.items[0], "Day"));
    t.tm_hour = atoi(test_value(rows.items[0], "Hour"));
    t.tm_min = atoi(test_value(rows.items[0], "Minute"));
    t.tm_sec = atoi(test_value(rows.items[0], "Second"));
    assert_in_range(timegm(&t), before, after);
    assert_int_equal(t.tm_wday, atoi(test_value(rows.items[0], "DayOfWeek")));
    assert_value(rows.items[0], "Milliseconds", "null");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_LocalTime", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "__RELPATH", "Win32_LocalTime=@");
    test_rows_done(&rows);
}

static void shows_the_environment(void **state)
{
    (void)state;
    struct test_rows rows;
    static const char variables[] = "HOME=/root\0EMPTY=\0HOME=/second\0=odd\0none\0";
    test_root_bytes("/proc/self/environ", variables, sizeof variables - 1);
    test_root_file("/proc/sys/kernel/hostname", "box\n");
    test_root_file("/etc/environment",
                   "# comment=1\nPATH=\"/usr/bin:/bin\"\n export LANG='C' \n\nx\n");
    test_query(L"SELECT * FROM Win32_Environment", &rows);
    assert_int_equal(rows.count, 4);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Environment WHERE SystemVariable = TRUE", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "Name", "PATH");
    assert_value(rows.items[0], "VariableValue", "/usr/bin:/bin");
    assert_value(rows.items[0], "UserName", "<SYSTEM>");
    assert_value(rows.items[0], "Caption", "<SYSTEM>\\PATH");
    assert_value(rows.items[1], "Name", "LANG");
    assert_value(rows.items[1], "VariableValue", "C");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Environment WHERE Name = 'HOME'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "VariableValue", "/root");
    assert_int_equal(strncmp(test_value(rows.items[0], "UserName"), "box\\", 4), 0);
    test_rows_done(&rows);
}

/* ---- every class ---------------------------------------------------------------------- */

static bool has_column(const struct provider_class *p, const wchar_t *property)
{
    for (const char *const *c = p->columns; *c; c++) {
        wchar_t wide[128];
        swprintf(wide, 128, L"%s", *c);
        if (wcscasecmp(wide, property) == 0) {
            return true;
        }
    }
    return false;
}

/* A base of a counter, which formatted classes do not show. */
static bool may_lack(const struct provider_class *p, const char *column)
{
    const struct perf_class *c = perf_class_of(p);
    size_t size = strlen(column);
    return c && c->formatted && size > 5 && strcmp(column + size - 5, "_Base") == 0;
}

static void check_class(const struct provider_class *p, IWbemClassObject *cls)
{
    struct schema *s;
    uint32_t ordinal;
    wchar_t wide[128];
    assert_int_equal(schema_of(cls, &s), WBEM_S_NO_ERROR);
    for (const char *const *c = p->columns; *c; c++) {
        swprintf(wide, 128, L"%s", *c);
        if (FAILED(schema_find(s, wide, &ordinal)) && !may_lack(p, *c)) {
            fail_msg("%s has no property %s", p->name, *c);
        }
    }
    for (uint32_t i = 0; i < schema_property_count(s); i++) {
        if (schema_property_is_key(s, i) && !has_column(p, schema_property_name(s, i))) {
            fail_msg("nobody fills the key %ls of %s", schema_property_name(s, i), p->name);
        }
    }
}

static void agrees_with_the_definitions(void **state)
{
    (void)state;
    unsigned dynamic = 0;
    for (size_t i = 0; i < test_class_count; i++) {
        IWbemQualifierSet *set = NULL;
        VARIANT v, name;
        assert_int_equal(IWbemClassObject_GetQualifierSet(test_classes[i], &set), S_OK);
        HRESULT hr = IWbemQualifierSet_Get(set, L"provider", 0, &v, NULL);
        IWbemQualifierSet_Release(set);
        if (FAILED(hr)) {
            continue;
        }
        VariantClear(&v);
        assert_int_equal(IWbemClassObject_Get(test_classes[i], L"__CLASS", 0, &name, NULL, NULL),
                         WBEM_S_NO_ERROR);
        const struct provider_class *p = provider_find(V_BSTR(&name));
        if (!p) {
            fail_msg("%ls has no provider", V_BSTR(&name));
        }
        check_class(p, test_classes[i]);
        VariantClear(&name);
        dynamic++;
    }
    assert_true(dynamic >= 12);
    assert_null(provider_find(L"Win32_Proces"));
    assert_null(provider_find(L"Win32_Processes"));
    assert_ptr_equal(provider_find(L"WIN32_process"), &linux_process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(shows_the_bios),
        MACHINE_TEST(shows_what_all_may_read_of_the_bios),
        MACHINE_TEST(shows_the_board),
        MACHINE_TEST(shows_what_all_may_read_of_the_board),
        MACHINE_TEST(shows_memory_modules),
        MACHINE_TEST(has_no_firmware_classes_without_firmware),
        MACHINE_TEST(shows_the_operating_system),
        MACHINE_TEST(shows_the_computer),
        MACHINE_TEST(shows_processors),
        MACHINE_TEST(shows_the_time_zone),
        MACHINE_TEST(shows_the_time),
        MACHINE_TEST(shows_the_environment),
        cmocka_unit_test(agrees_with_the_definitions),
    };
    return RUN_MACHINE_TESTS("classes", tests);
}
