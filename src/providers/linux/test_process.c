/*
 * Win32_Process and Win32_Thread over a made-up /proc.
 */
#include "providers/linux/test_machine.h"

#include <time.h>

#include "providers/linux/linux.h"

static void write_proc(const char *format, unsigned pid, const char *text, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%u/%s", pid, format);
    test_root_bytes(path, text, size);
}

static void write_text(unsigned pid, const char *file, const char *text)
{
    write_proc(file, pid, text, strlen(text));
}

/* proc_pid_stat(5): 42 threads of time enough, nice 5, in session 40. */
static const char stat_42[] =
    "42 (a) (b) S 7 42 40 0 -1 4194560 100 5 20 6 250 150 9 9 25 5 3 0 1000 8192000 25 "
    "18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0\n";
static const char stat_2[] =
    "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 7 0 0 20 0 1 0 3 0 0 18446744073709551615 0 0\n";

static void make_proc(void)
{
    static const char arguments[] = "/opt/a b\0--flag\0\0last\0";
    test_root_file("/proc/stat", "cpu  1 2\nbtime 1000000000\n");
    test_root_file("/proc/sys/kernel/hostname", "box\n");
    test_root_file("/proc/sys/kernel/osrelease", "6.1.0-test\n");
    test_root_file("/etc/os-release", "PRETTY_NAME=\"Test OS 1\"\n");
    test_root_file("/proc/uptime", "1 1\n");
    write_text(2, "stat", stat_2);
    write_text(2, "status", "Name:\tkthreadd\nTgid:\t2\n");
    write_text(42, "stat", stat_42);
    write_text(42, "status",
               "Name:\ta) (b\nTgid:\t42\nVmPeak:\t    9000 kB\nVmSize:\t    8000 kB\nVmHWM:\t"
               "     120 kB\nVmRSS:\t     100 kB\nRssAnon:\t      60 kB\nRssFile:\t      40 kB\n"
               "VmSwap:\t       4 kB\nThreads:\t3\n");
    write_text(42, "io",
               "rchar: 1000\nwchar: 2000\nsyscr: 10\nsyscw: 20\nread_bytes: 0\nwrite_bytes: 0\n");
    write_proc("cmdline", 42, arguments, sizeof arguments - 1);
    write_text(42, "fd/0", "");
    write_text(42, "fd/1", "");
    write_text(42, "fd/2", "");
    test_root_link("/proc/42/exe", "/opt/a b");
    /* The directory of a process that ended just now, and a thread's, which nothing lists. */
    test_root_file("/proc/43/task/none", "");
    write_text(44, "status", "Name:\tb\nTgid:\t42\n");
    write_text(44, "stat", stat_42);
}

static void shows_a_process(void **state)
{
    (void)state;
    struct test_rows rows;
    make_proc();
    test_query(L"SELECT * FROM Win32_Process WHERE ProcessId = 42", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *p = rows.items[0];
    assert_value(p, "__RELPATH", "Win32_Process.Handle=\"42\"");
    assert_value(p, "Name", "a) (b");
    assert_value(p, "Caption", "a) (b");
    assert_value(p, "CommandLine", "/opt/a b --flag  last");
    assert_value(p, "ExecutablePath", "/opt/a b");
    assert_value(p, "ParentProcessId", "7");
    assert_value(p, "SessionId", "40");
    assert_value(p, "PageFaults", "120");
    assert_value(p, "Priority", "14");
    assert_value(p, "ThreadCount", "3");
    assert_value(p, "VirtualSize", "8192000");
    assert_value(p, "WorkingSetSize", "102400");
    assert_value(p, "HandleCount", "3");
    assert_value(p, "PeakVirtualSize", "9216000");
    assert_value(p, "PeakWorkingSetSize", "120");
    assert_value(p, "PageFileUsage", "4");
    assert_value(p, "PrivatePageCount", "65536");
    assert_value(p, "ReadOperationCount", "10");
    assert_value(p, "ReadTransferCount", "1000");
    assert_value(p, "WriteOperationCount", "20");
    assert_value(p, "WriteTransferCount", "2000");
    assert_value(p, "CSName", "box");
    assert_value(p, "OSName", "Test OS 1");
    assert_value(p, "WindowsVersion", "6.1.0-test");
    assert_value(p, "CreationClassName", "Win32_Process");
    /* What Linux does not say. */
    assert_value(p, "ExecutionState", "null");
    assert_value(p, "MaximumWorkingSetSize", "null");
    assert_value(p, "Status", "null");
    test_rows_done(&rows);
}

static void shows_times(void **state)
{
    (void)state;
    struct test_rows rows;
    char ticks[32];
    uint64_t per_tick = 10000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    make_proc();
    setenv("TZ", "UTC0", 1);
    tzset();
    test_query(L"SELECT * FROM Win32_Process WHERE Handle = '42'", &rows);
    assert_int_equal(rows.count, 1);
    snprintf(ticks, sizeof ticks, "%llu", (unsigned long long)(250 * per_tick));
    assert_value(rows.items[0], "UserModeTime", ticks);
    snprintf(ticks, sizeof ticks, "%llu", (unsigned long long)(150 * per_tick));
    assert_value(rows.items[0], "KernelModeTime", ticks);
    /* 1000000000 is 2001-09-09 01:46:40 UTC; 1000 ticks later it began. */
    if (sysconf(_SC_CLK_TCK) == 100) {
        assert_value(rows.items[0], "CreationDate", "20010909014650.000000+000");
    }
    test_rows_done(&rows);
}

static void leaves_out_what_is_gone(void **state)
{
    (void)state;
    struct test_rows rows;
    make_proc();
    test_query(L"SELECT Handle, Name FROM Win32_Process", &rows);
    bool has[64] = {false};
    for (ULONG i = 0; i < rows.count; i++) {
        int number = atoi(test_value(rows.items[i], "Handle"));
        assert_in_range(number, 1, 63);
        assert_false(has[number]);
        has[number] = true;
    }
    assert_true(has[2] && has[42]);
    assert_false(has[43]);
    test_rows_done(&rows);
}

static void shows_a_kernel_thread(void **state)
{
    (void)state;
    struct test_rows rows;
    make_proc();
    test_query(L"SELECT * FROM Win32_Process WHERE Name = 'KThreadd'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Handle", "2");
    assert_value(rows.items[0], "CommandLine", "null");
    assert_value(rows.items[0], "ExecutablePath", "null");
    assert_value(rows.items[0], "HandleCount", "0");
    assert_value(rows.items[0], "PeakVirtualSize", "null");
    assert_value(rows.items[0], "WorkingSetSize", "0");
    test_rows_done(&rows);
}

static void reads_only_the_process_that_is_named(void **state)
{
    (void)state;
    struct test_rows rows;
    make_proc();
    test_query(L"SELECT Handle FROM Win32_Process WHERE Handle = '42' OR Handle = '77'", &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
    /* A thread's number is no process's. */
    test_query(L"SELECT Handle FROM Win32_Process WHERE Handle = '44'", &rows);
    assert_int_equal(rows.count, 0);
    /* The same number written otherwise is another key. */
    test_query(L"SELECT Handle FROM Win32_Process WHERE Handle = '042' OR Handle = '42'", &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
    test_query(L"SELECT Handle FROM Win32_Process WHERE Handle = 'x'", &rows);
    assert_int_equal(rows.count, 0);
}

static void reads_only_the_files_that_are_needed(void **state)
{
    (void)state;
    struct test_rows rows;
    make_proc();
    char full[PATH_MAX];
    test_root_full("/proc/42/stat", full);
    assert_int_equal(unlink(full), 0);
    /* Without its stat file the process counts as gone, but only for those who need it. */
    test_query(L"SELECT ReadTransferCount FROM Win32_Process WHERE ProcessId = 42", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "ReadTransferCount", "1000");
    test_rows_done(&rows);
    test_query(L"SELECT Name FROM Win32_Process WHERE ProcessId = 42", &rows);
    assert_int_equal(rows.count, 0);
}

static void fails_without_proc(void **state)
{
    (void)state;
    struct test_rows rows;
    test_fetch(test_source(&linux_process, L"SELECT * FROM Win32_Process", false), &rows);
    assert_int_equal(rows.count, 0);
    assert_int_equal(rows.status, WBEM_E_PROVIDER_FAILURE);
}

static void make_threads(void)
{
    make_proc();
    write_text(42, "task/42/stat", stat_42);
    write_text(42, "task/44/stat",
               "44 (worker) R 7 42 40 0 -1 64 1 0 0 0 30 10 0 0 -3 0 3 0 1000 8192000 25\n");
    write_text(42, "task/45/other", "");
    write_text(2, "task/2/stat", stat_2);
}

static void shows_threads(void **state)
{
    (void)state;
    struct test_rows rows;
    make_threads();
    test_query(L"SELECT * FROM Win32_Thread", &rows);
    assert_int_equal(rows.count, 3);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Thread WHERE Name = 'worker'", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *t = rows.items[0];
    assert_value(t, "Handle", "44");
    assert_value(t, "ProcessHandle", "42");
    assert_value(t, "ThreadState", "2");
    assert_value(t, "ThreadWaitReason", "null");
    assert_value(t, "Priority", "42");
    assert_value(t, "ProcessCreationClassName", "Win32_Process");
    if (sysconf(_SC_CLK_TCK) == 100) {
        assert_value(t, "ElapsedTime", "400");
    }
    test_rows_done(&rows);
}

static void finds_threads_by_their_keys(void **state)
{
    (void)state;
    struct test_rows rows;
    make_threads();
    test_query(L"SELECT * FROM Win32_Thread WHERE ProcessHandle = '42'", &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Thread WHERE ProcessHandle = '44'", &rows);
    assert_int_equal(rows.count, 0);
    test_query(L"SELECT * FROM Win32_Thread WHERE Handle = '44'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "ProcessHandle", "42");
    assert_value(rows.items[0], "Name", "worker");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Thread WHERE Handle = '44' AND ProcessHandle = '2'", &rows);
    assert_int_equal(rows.count, 0);
}

static void finds_itself_on_the_live_machine(void **state)
{
    (void)state;
    struct test_rows rows;
    wchar_t text[128];
    char number[16];
    linux_set_root(NULL);
    swprintf(text, 128, L"SELECT * FROM Win32_Process WHERE ProcessId = %d", (int)getpid());
    snprintf(number, sizeof number, "%d", (int)getppid());
    test_query(text, &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "ParentProcessId", number);
    test_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(shows_a_process),
        MACHINE_TEST(shows_times),
        MACHINE_TEST(leaves_out_what_is_gone),
        MACHINE_TEST(shows_a_kernel_thread),
        MACHINE_TEST(reads_only_the_process_that_is_named),
        MACHINE_TEST(reads_only_the_files_that_are_needed),
        MACHINE_TEST(fails_without_proc),
        MACHINE_TEST(shows_threads),
        MACHINE_TEST(finds_threads_by_their_keys),
        MACHINE_TEST(finds_itself_on_the_live_machine),
    };
    return RUN_MACHINE_TESTS("process", tests);
}
