/*
 * The performance objects over made-up files, and what two samples of them show.
 */
#include "providers/linux/test_machine.h"

#include "providers/linux/linux.h"
#include "providers/perf.h"

/* ---- the tables and the classes ---------------------------------------------------- */

static const struct perf_class *const raw_classes[] = {
    &linux_perf_logical_disk_raw,  &linux_perf_memory_raw,  &linux_perf_network_raw,
    &linux_perf_physical_disk_raw, &linux_perf_process_raw, &linux_perf_processor_raw,
    &linux_perf_system_raw,
};
static const struct perf_class *const formatted_classes[] = {
    &linux_perf_logical_disk_formatted, &linux_perf_memory_formatted,
    &linux_perf_network_formatted,      &linux_perf_physical_disk_formatted,
    &linux_perf_process_formatted,      &linux_perf_processor_formatted,
    &linux_perf_system_formatted,
};

static IWbemClassObject *class_of(const struct perf_class *c)
{
    wchar_t name[128];
    swprintf(name, 128, L"%s", c->provider.name);
    IWbemClassObject *cls = test_class(name);
    assert_non_null(cls);
    return cls;
}

static IWbemQualifierSet *qualifiers_of(IWbemClassObject *cls, const char *property)
{
    wchar_t name[128];
    swprintf(name, 128, L"%s", property);
    IWbemQualifierSet *q = NULL;
    if (FAILED(IWbemClassObject_GetPropertyQualifierSet(cls, name, &q))) {
        fail_msg("there is no property %s", property);
    }
    return q;
}

/* The qualifier as text; "" without one. */
static const char *qualifier(IWbemQualifierSet *q, const wchar_t *name)
{
    static char out[256];
    VARIANT v;
    out[0] = '\0';
    VariantInit(&v);
    if (SUCCEEDED(IWbemQualifierSet_Get(q, name, 0, &v, NULL))) {
        test_append_variant(out, sizeof out, &v);
        VariantClear(&v);
    }
    return out;
}

static void raw_classes_are_as_the_tables(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof raw_classes / sizeof *raw_classes; c++) {
        const struct perf_object *object = raw_classes[c]->object;
        IWbemClassObject *cls = class_of(raw_classes[c]);
        for (unsigned i = 0; i < object->counter_count; i++) {
            const struct perf_counter *counter = &object->counters[i];
            char number[16];
            CIMTYPE type = 0;
            wchar_t name[128];
            IWbemQualifierSet *q = qualifiers_of(cls, counter->name);
            snprintf(number, sizeof number, "%u", counter->type);
            assert_string_equal(qualifier(q, L"CounterType"), number);
            IWbemQualifierSet_Release(q);
            swprintf(name, 128, L"%s", counter->name);
            assert_int_equal(IWbemClassObject_Get(cls, name, 0, NULL, &type, NULL),
                             WBEM_S_NO_ERROR);
            assert_int_equal(type, cook_bits(counter->type) == 32 ? CIM_UINT32 : CIM_UINT64);
            assert_string_equal(object->columns[PERF_COLUMN_COUNTERS + i], counter->name);
            if (cook_has_base(counter->type)) {
                assert_true(cook_is_base(object->counters[i + 1].type));
            }
        }
        assert_null(object->columns[PERF_COLUMN_COUNTERS + object->counter_count]);
    }
}

static void formatted_classes_are_as_the_tables(void **state)
{
    (void)state;
    static const char *const times[] = {"", "PerfTime", "Sys100NS", "Object"};
    for (size_t c = 0; c < sizeof formatted_classes / sizeof *formatted_classes; c++) {
        const struct perf_object *object = formatted_classes[c]->object;
        IWbemClassObject *cls = class_of(formatted_classes[c]);
        assert_ptr_equal(object, raw_classes[c]->object);
        for (unsigned i = 0; i < object->counter_count; i++) {
            const struct perf_counter *counter = &object->counters[i];
            char expected[64] = "";
            if (cook_is_base(counter->type)) {
                assert_string_equal(test_value(cls, counter->name), "absent");
                continue;
            }
            IWbemQualifierSet *q = qualifiers_of(cls, counter->name);
            assert_string_equal(qualifier(q, L"CookingType"), cook_name(counter->type));
            assert_string_equal(qualifier(q, L"Counter"), counter->name);
            assert_string_equal(qualifier(q, L"Base"),
                                cook_has_base(counter->type) ? object->counters[i + 1].name : "");
            enum cook_time time = cook_time(counter->type);
            if (time != COOK_TIME_NONE) {
                snprintf(expected, sizeof expected, "Timestamp_%s", times[time]);
            }
            assert_string_equal(qualifier(q, L"PerfTimeStamp"), expected);
            IWbemQualifierSet_Release(q);
        }
    }
}

/* ---- objects --------------------------------------------------------------------------- */

static void shows_processors(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/proc/stat", "cpu  30 0 60 600 0 0 0 0 0 0\n"
                                 "cpu0 10 5 20 300 50 1 2 0 0 0\n"
                                 "cpu2 20 0 40 300 0 0 0 0 0 0\nintr 1 2 3\nctxt 5\n");
    test_root_file("/proc/interrupts", "           CPU0       CPU2\n"
                                       "  1:        100         20   IO-APIC   1-edge  i8042\n"
                                       "NMI:          5          6   Non-maskable interrupts\n"
                                       "ERR:          9\n");
    test_root_file("/proc/softirqs", "                    CPU0       CPU2\n"
                                     "          HI:          1          2\n"
                                     "       TIMER:         30         40\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state0/name", "POLL\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state0/time", "99999\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state1/name", "C1\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state1/time", "100\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state1/usage", "7\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state2/name", "C1E\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state2/time", "50\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state2/usage", "3\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state3/name", "C10\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state3/time", "400\n");
    test_root_file("/sys/devices/system/cpu/cpu0/cpuidle/state3/usage", "2\n");
    test_query(L"SELECT * FROM Win32_PerfRawData_PerfOS_Processor", &rows);
    assert_int_equal(rows.count, 3);
    IWbemClassObject *p = rows.items[0];
    assert_value(p, "__RELPATH", "Win32_PerfRawData_PerfOS_Processor.Name=\"0\"");
    assert_value(p, "InterruptsPerSec", "105");
    assert_value(p, "DPCsQueuedPerSec", "31");
    assert_value(p, "PercentC1Time", "1500");
    assert_value(p, "C1TransitionsPerSec", "10");
    assert_value(p, "PercentC2Time", "null");
    assert_value(p, "PercentC3Time", "4000");
    assert_value(p, "C3TransitionsPerSec", "2");
    assert_value(p, "DPCRate", "null");
    assert_value(p, "Frequency_Sys100NS", "10000000");
    if (sysconf(_SC_CLK_TCK) == 100) {
        assert_value(p, "PercentProcessorTime", "35000000"); /* it counts idle time */
        assert_value(p, "PercentIdleTime", "35000000");
        assert_value(p, "PercentUserTime", "1500000");
        assert_value(p, "PercentPrivilegedTime", "2300000");
        assert_value(p, "PercentInterruptTime", "100000");
        assert_value(p, "PercentDPCTime", "200000");
        assert_value(rows.items[2], "PercentIdleTime", "32500000");
    }
    assert_value(rows.items[1], "Name", "2");
    assert_value(rows.items[1], "InterruptsPerSec", "26");
    assert_value(rows.items[1], "PercentC1Time", "null");
    assert_value(rows.items[2], "Name", "_Total");
    assert_value(rows.items[2], "InterruptsPerSec", "131");
    assert_value(rows.items[2], "PercentC1Time", "null"); /* that of processor 2 is not known */
    test_rows_done(&rows);
}

static void write_process(unsigned pid, const char *name, unsigned user, unsigned start)
{
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%u/stat", pid);
    snprintf(text, sizeof text,
             "%u (%s) S 7 42 40 0 -1 4194560 100 5 20 6 %u 150 9 9 25 5 3 0 %u 8192000 25 "
             "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n",
             pid, name, user, start);
    test_root_file(path, text);
    snprintf(path, sizeof path, "/proc/%u/status", pid);
    test_root_file(path, "Name:\tx\nTgid:\t42\nVmPeak:\t    9000 kB\nVmSize:\t    8000 kB\n"
                         "VmHWM:\t     120 kB\nVmRSS:\t     100 kB\nRssAnon:\t      60 kB\n"
                         "RssFile:\t      40 kB\nVmSwap:\t       4 kB\nThreads:\t3\n");
    snprintf(path, sizeof path, "/proc/%u/fd/0", pid);
    test_root_file(path, "");
}

static IWbemClassObject *named(const struct test_rows *rows, const char *name)
{
    for (ULONG i = 0; i < rows->count; i++) {
        if (strcmp(test_value(rows->items[i], "Name"), name) == 0) {
            return rows->items[i];
        }
    }
    fail_msg("there is no instance %s", name);
    return NULL;
}

static void shows_processes(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/proc/stat", "cpu  1 2\nbtime 1000000000\n");
    write_process(42, "sh", 250, 1000);
    write_process(43, "sh", 50, 2000);
    write_process(50, "cron (a)", 0, 3000);
    test_root_file("/proc/42/io",
                   "rchar: 1000\nwchar: 2000\nsyscr: 10\nsyscw: 20\nread_bytes: 0\n");
    test_query(L"SELECT * FROM Win32_PerfRawData_PerfProc_Process", &rows);
    assert_int_equal(rows.count, 4);
    IWbemClassObject *p = named(&rows, "sh"), *other = named(&rows, "sh#1");
    if (strcmp(test_value(p, "IDProcess"), "42") != 0) { /* a plain directory has its own order */
        IWbemClassObject *swap = p;
        p = other;
        other = swap;
    }
    assert_value(p, "IDProcess", "42");
    assert_value(other, "IDProcess", "43");
    assert_value(p, "CreatingProcessID", "7");
    assert_value(p, "PageFaultsPerSec", "120");
    assert_value(p, "ThreadCount", "3");
    assert_value(p, "PriorityBase", "14");
    assert_value(p, "VirtualBytes", "8192000");
    assert_value(p, "VirtualBytesPeak", "9216000");
    assert_value(p, "WorkingSet", "102400");
    assert_value(p, "WorkingSetPeak", "122880");
    assert_value(p, "WorkingSetPrivate", "61440");
    assert_value(p, "PrivateBytes", "65536");
    assert_value(p, "PageFileBytes", "4096");
    assert_value(p, "HandleCount", "1");
    assert_value(p, "IOReadBytesPerSec", "1000");
    assert_value(p, "IOWriteOperationsPerSec", "20");
    assert_value(p, "IODataBytesPerSec", "3000");
    assert_value(p, "IOOtherBytesPerSec", "null");
    assert_value(p, "PoolPagedBytes", "null");
    assert_value(other, "IODataBytesPerSec", "null");
    if (sysconf(_SC_CLK_TCK) == 100) {
        assert_value(p, "PercentProcessorTime", "40000000");
        assert_value(p, "PercentUserTime", "25000000");
        /* 2001-09-09 01:46:50 UTC. */
        assert_value(p, "ElapsedTime", "126444736100000000");
    }
    IWbemClassObject *total = named(&rows, "_Total");
    assert_value(total, "ThreadCount", "9");
    assert_value(total, "HandleCount", "3");
    assert_value(total, "IDProcess", "null");
    assert_value(total, "IODataBytesPerSec", "null"); /* two may not be read */
    named(&rows, "cron (a)");
    test_rows_done(&rows);
}

/* 1 s on one processor in every second of the clock is 100. */
static void formats_from_the_sample_before(void **state)
{
    (void)state;
    struct test_rows rows;
    const wchar_t *query = L"SELECT * FROM Win32_PerfFormattedData_PerfProc_Process";
    test_root_file("/proc/stat", "cpu  1 2\nbtime 1000000000\n");
    write_process(77, "first", 100, 1000);
    test_query(query, &rows); /* whatever other tests left is of other processes */
    assert_int_equal(rows.count, 2);
    IWbemClassObject *p = named(&rows, "first");
    assert_value(p, "PercentUserTime", "0");
    assert_value(p, "PageFaultsPerSec", "0");
    assert_value(p, "ThreadCount", "3");
    assert_value(p, "Timestamp_PerfTime", "null");
    test_rows_done(&rows);

    /* Far more time than the clock's. */
    write_process(77, "first", 1000000, 1000);
    write_process(78, "second", 5, 2000);
    test_query(query, &rows);
    assert_int_equal(rows.count, 3);
    assert_true(atof(test_value(named(&rows, "first"), "PercentUserTime")) > 100);
    assert_value(named(&rows, "first"), "PercentPrivilegedTime", "0");
    assert_value(named(&rows, "second"), "PercentUserTime", "0");
    test_rows_done(&rows);

    /* Another process of the same identifier is another. */
    write_process(77, "first", 3000000, 9000);
    test_query(query, &rows);
    assert_value(named(&rows, "first"), "PercentUserTime", "0");
    test_rows_done(&rows);
}

static void shows_memory(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/proc/meminfo",
                   "MemTotal: 1000000 kB\nMemFree: 2000 kB\nMemAvailable: 3072 kB\n"
                   "Buffers: 10 kB\nCached: 20 kB\nSlab: 77 kB\nCommitLimit: 400000 kB\n"
                   "Committed_AS: 100000 kB\n");
    test_root_file("/proc/vmstat", "pswpin 3\npswpout 4\npgfault 500\npgmajfault 6\n");
    test_query(L"SELECT * FROM Win32_PerfRawData_PerfOS_Memory", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *m = rows.items[0];
    assert_value(m, "__RELPATH", "Win32_PerfRawData_PerfOS_Memory=@");
    assert_value(m, "AvailableBytes", "3145728");
    assert_value(m, "AvailableMBytes", "3");
    assert_value(m, "CacheBytes", "30720");
    assert_value(m, "PageFaultsPerSec", "500");
    assert_value(m, "PageReadsPerSec", "6");
    assert_value(m, "PagesOutputPerSec", "4");
    assert_value(m, "PagesPerSec", "null");
    assert_value(m, "PoolNonpagedBytes", "78848");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_PerfFormattedData_PerfOS_Memory", &rows);
    assert_value(rows.items[0], "PercentCommittedBytesInUse", "25");
    assert_value(rows.items[0], "CommittedBytes", "102400000");
    test_rows_done(&rows);
}

static void shows_the_system(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/proc/stat", "cpu  1 2\nctxt 5000000000\nbtime 1000000000\n");
    test_root_file("/proc/loadavg", "0.20 0.18 0.12 1/80 11206\n");
    test_root_file("/proc/1/stat", "");
    test_root_file("/proc/23/stat", "");
    test_query(L"SELECT * FROM Win32_PerfRawData_PerfOS_System", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "ContextSwitchesPerSec", "705032704"); /* its low 32 bits */
    assert_value(rows.items[0], "Threads", "80");
    assert_value(rows.items[0], "Processes", "2");
    assert_value(rows.items[0], "SystemUpTime", "126444736000000000");
    assert_value(rows.items[0], "SystemCallsPerSec", "null");
    test_rows_done(&rows);
}

static void shows_interfaces(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file(
        "/proc/net/dev",
        "Inter-|   Receive                            |  Transmit\n"
        " face |bytes    packets errs drop fifo frame compressed multicast|bytes\n"
        "    lo: 6534      58    0    0    0     0          0         0     6534      58 "
        "   0    0    0     0       0          0\n"
        "  eth0:100 2 3 4 0 0 0 9 200 5 6 7 0 0 0 0\n");
    test_root_file("/sys/class/net/eth0/speed", "1000\n");
    test_root_file("/sys/class/net/lo/speed", "-1\n");
    test_query(L"SELECT * FROM Win32_PerfRawData_Tcpip_NetworkInterface", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "Name", "lo");
    assert_value(rows.items[0], "CurrentBandwidth", "null");
    IWbemClassObject *e = rows.items[1];
    assert_value(e, "Name", "eth0");
    assert_value(e, "BytesReceivedPerSec", "100");
    assert_value(e, "BytesSentPerSec", "200");
    assert_value(e, "BytesTotalPerSec", "300");
    assert_value(e, "PacketsPerSec", "7");
    assert_value(e, "PacketsReceivedErrors", "3");
    assert_value(e, "PacketsReceivedDiscarded", "4");
    assert_value(e, "PacketsOutboundErrors", "6");
    assert_value(e, "PacketsOutboundDiscarded", "7");
    assert_value(e, "CurrentBandwidth", "1000000000");
    test_rows_done(&rows);
}

static void make_disks(void)
{
    test_root_file("/sys/block/sda/dev", "8:0\n");
    test_root_file("/sys/block/sda/size", "1000\n");
    test_root_file("/sys/block/sda/device/type", "0\n");
    test_root_file("/sys/block/sda/sda1/dev", "8:1\n");
    test_root_file("/sys/block/sda/sda1/partition", "1\n");
    test_root_file("/proc/diskstats",
                   "   7       0 loop0 0 0 0 0 0 0 0 0 0 0 0\n"
                   "   8       0 sda 10 1 80 40 20 2 320 60 3 70 100 0 0 0 0 0 0\n"
                   "   8       1 sda1 4 0 16 5 6 0 24 7 0 8 9\n");
}

static void shows_drives(void **state)
{
    (void)state;
    struct test_rows rows;
    make_disks();
    test_query(L"SELECT * FROM Win32_PerfRawData_PerfDisk_PhysicalDisk", &rows);
    assert_int_equal(rows.count, 2);
    IWbemClassObject *d = rows.items[0];
    assert_value(d, "Name", "0 sda");
    assert_value(d, "DiskReadsPerSec", "10");
    assert_value(d, "DiskTransfersPerSec", "30");
    assert_value(d, "DiskReadBytesPerSec", "40960");
    assert_value(d, "DiskBytesPerSec", "204800");
    assert_value(d, "AvgDiskBytesPerRead", "40960");
    assert_value(d, "AvgDiskBytesPerRead_Base", "10");
    assert_value(d, "AvgDiskSecPerWrite", "600000");
    assert_value(d, "AvgDiskSecPerWrite_Base", "20");
    assert_value(d, "AvgDiskQueueLength", "1000000");
    assert_value(d, "PercentDiskTime", "1000000");
    assert_value(d, "CurrentDiskQueueLength", "3");
    assert_value(d, "SplitIOPerSec", "null");
    assert_value(rows.items[1], "Name", "_Total");
    assert_value(rows.items[1], "DiskReadsPerSec", "10");
    test_rows_done(&rows);
}

static void shows_file_systems(void **state)
{
    (void)state;
    struct test_rows rows;
    make_disks();
    test_root_file("/proc/self/mountinfo",
                   "27 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw\n"
                   "30 27 0:30 / /run rw,relatime - tmpfs tmpfs rw,size=100k\n");
    test_query(L"SELECT * FROM Win32_PerfRawData_PerfDisk_LogicalDisk", &rows);
    assert_int_equal(rows.count, 3);
    assert_value(named(&rows, "/"), "DiskReadsPerSec", "4");
    assert_value(named(&rows, "/"), "DiskWriteBytesPerSec", "12288");
    assert_value(named(&rows, "/run"), "DiskReadsPerSec", "null");
    assert_value(named(&rows, "_Total"), "DiskReadsPerSec", "4"); /* of those that have it */
    test_rows_done(&rows);
}

static void needs_no_files(void **state)
{
    (void)state;
    struct test_rows rows;
    test_root_file("/proc/none", "");
    for (size_t c = 0; c < sizeof raw_classes / sizeof *raw_classes; c++) {
        wchar_t query[128];
        swprintf(query, 128, L"SELECT * FROM %s", raw_classes[c]->provider.name);
        test_query(query, &rows);
        assert_int_equal(rows.count, raw_classes[c]->object->singleton ? 1 : 0);
        test_rows_done(&rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_classes_are_as_the_tables),
        cmocka_unit_test(formatted_classes_are_as_the_tables),
        MACHINE_TEST(shows_processors),
        MACHINE_TEST(shows_processes),
        MACHINE_TEST(formats_from_the_sample_before),
        MACHINE_TEST(shows_memory),
        MACHINE_TEST(shows_the_system),
        MACHINE_TEST(shows_interfaces),
        MACHINE_TEST(shows_drives),
        MACHINE_TEST(shows_file_systems),
        MACHINE_TEST(needs_no_files),
    };
    return RUN_MACHINE_TESTS("perf", tests);
}
