/*
 * Journal entries in the terms of the Windows event log; and, where
 * systemd-journal-remote can write one, a journal made for the test.
 */
#include "providers/linux/test_machine.h"

#include "providers/linux/journal.h"

static void tells_logs_apart(void **state)
{
    (void)state;
    assert_int_equal(journal_log_of("kernel", "0", NULL), JOURNAL_SYSTEM);
    assert_int_equal(journal_log_of("journal", "3", "1"), JOURNAL_SYSTEM);
    assert_int_equal(journal_log_of("audit", NULL, NULL), JOURNAL_SECURITY);
    assert_int_equal(journal_log_of("syslog", "10", "77"), JOURNAL_SECURITY);
    assert_int_equal(journal_log_of("syslog", "4", "1"), JOURNAL_SECURITY);
    assert_int_equal(journal_log_of("stdout", "3", "77"), JOURNAL_APPLICATION);
    assert_int_equal(journal_log_of(NULL, NULL, NULL), JOURNAL_APPLICATION);
}

static void tells_types_apart(void **state)
{
    (void)state;
    assert_int_equal(journal_type_of("0"), JOURNAL_ERROR);
    assert_int_equal(journal_type_of("3"), JOURNAL_ERROR);
    assert_int_equal(journal_type_of("4"), JOURNAL_WARNING);
    assert_int_equal(journal_type_of("6"), JOURNAL_INFORMATION);
    assert_int_equal(journal_type_of(NULL), JOURNAL_INFORMATION);
    assert_int_equal(journal_type_of("urgent"), JOURNAL_INFORMATION);
}

static void reads_sequence_numbers(void **state)
{
    (void)state;
    uint64_t v;
    assert_true(journal_sequence("s=ab;i=1a2b;b=cd", &v));
    assert_int_equal(v, 0x1a2b);
    assert_true(journal_sequence("i=f", &v));
    assert_int_equal(v, 15);
    assert_false(journal_sequence("", &v));
    assert_false(journal_sequence("s=i=5", &v));
    assert_false(journal_sequence("s=1;i=;b=2", &v));
    assert_false(journal_sequence("s=1;i=5x;b=2", &v));
}

static void has_no_events_without_a_journal(void **state)
{
    (void)state;
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_NTLogEvent", &rows);
    assert_int_equal(rows.count, 0);
    test_root_file("/var/log/journal/broken.journal", "no journal at all");
    test_query(L"SELECT * FROM Win32_NTLogEvent", &rows);
    assert_int_equal(rows.count, 0);
}

/* The journal export format: fields one a line, entries apart by blank lines. */
static const char entries[] = "__REALTIME_TIMESTAMP=1600000000000000\n"
                              "__MONOTONIC_TIMESTAMP=1000\n"
                              "_BOOT_ID=00112233445566778899aabbccddeeff\n"
                              "_TRANSPORT=kernel\nPRIORITY=3\nSYSLOG_IDENTIFIER=kernel\n"
                              "_HOSTNAME=box\nMESSAGE=disk on fire\n"
                              "\n"
                              "__REALTIME_TIMESTAMP=1600000001000000\n"
                              "__MONOTONIC_TIMESTAMP=2000\n"
                              "_BOOT_ID=00112233445566778899aabbccddeeff\n"
                              "_TRANSPORT=syslog\nPRIORITY=6\n_COMM=sshd\nSYSLOG_FACILITY=10\n"
                              "_HOSTNAME=box\n_UID=0\n_SOURCE_REALTIME_TIMESTAMP=1600000000500000\n"
                              "MESSAGE=caf\xe9 open\n"
                              "\n";

static bool make_journal(void)
{
    static const char *const places[] = {"/usr/lib/systemd/systemd-journal-remote",
                                         "/lib/systemd/systemd-journal-remote"};
    char command[3 * PATH_MAX], full[PATH_MAX];
    test_root_file("/var/log/journal/entries", entries);
    test_root_full("/var/log/journal/", full);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (access(places[i], X_OK) == 0) {
            snprintf(command, sizeof command, "%s -o %stest.journal - <%sentries >/dev/null 2>&1",
                     places[i], full, full);
            return system(command) == 0;
        }
    }
    return false;
}

static void shows_events_newest_first(void **state)
{
    (void)state;
    if (!make_journal()) {
        skip();
    }
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_NTLogEvent", &rows);
    assert_int_equal(rows.count, 2);
    IWbemClassObject *ssh = rows.items[0], *kernel = rows.items[1];
    assert_value(ssh, "Logfile", "Security");
    assert_value(ssh, "RecordNumber", "2");
    assert_value(ssh, "SourceName", "sshd");
    assert_value(ssh, "User", "root");
    assert_value(ssh, "Type", "Information");
    assert_memory_equal(test_value(ssh, "TimeGenerated") + 14, ".500000", 7);
    assert_memory_equal(test_value(ssh, "TimeWritten") + 14, ".000000", 7);
    assert_value(kernel, "Logfile", "System");
    assert_value(kernel, "RecordNumber", "1");
    assert_value(kernel, "EventType", "1");
    assert_value(kernel, "Message", "disk on fire");
    assert_value(kernel, "ComputerName", "box");
    assert_value(kernel, "User", "null");
    test_rows_done(&rows);

    test_query(L"SELECT * FROM Win32_NTLogEvent WHERE Logfile = 'System' AND RecordNumber = 1",
               &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_NTLogEvent WHERE RecordNumber = 9", &rows);
    assert_int_equal(rows.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(tells_logs_apart),          MACHINE_TEST(tells_types_apart),
        MACHINE_TEST(reads_sequence_numbers),    MACHINE_TEST(has_no_events_without_a_journal),
        MACHINE_TEST(shows_events_newest_first),
    };
    return RUN_MACHINE_TESTS("journal", tests);
}
