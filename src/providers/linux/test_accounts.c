/*
 * Users, groups and utmp's sessions on made-up files.
 */
#include "providers/linux/test_machine.h"

#include <utmp.h>

#include "providers/linux/account_file.h"

static void make_users(void)
{
    test_root_file("/proc/sys/kernel/hostname", "box\n");
    test_root_file("/etc/passwd", "root:x:0:0:Super User,Room 1,,:/root:/bin/sh\n"
                                  "# a comment\n"
                                  "\n"
                                  "+nis::::::\n"
                                  "broken\n"
                                  "nouid:x:one:2:::\n"
                                  "big:x:4294967295:1:::\n"
                                  "toobig:x:4294967296:1:::\n"
                                  "open::1000:1000\n"
                                  "expired:x:1001:1001:Old One:/:/bin/sh\n"
                                  "j\xf6rg:x:1002:1002::/:/bin/sh"); /* Latin-1, no newline */
    test_root_file("/etc/group", "root:x:0:\nusers:x:100:a,b,c\nbad:x:\n");
}

static void shows_users(void **state)
{
    (void)state;
    make_users();
    test_root_file("/etc/shadow", "expired:!$6$x:1:0:30:7::10:\n"
                                  "root:$6$abc:1:5:3:7:::\n"
                                  "big:*:19000:0:99999:7:::\n");
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_UserAccount", &rows);
    assert_int_equal(rows.count, 5);
    IWbemClassObject *root = rows.items[0];
    assert_value(root, "__RELPATH", "Win32_UserAccount.Domain=\"box\",Name=\"root\"");
    assert_value(root, "FullName", "Super User");
    assert_value(root, "Caption", "box\\root");
    assert_value(root, "SID", "S-1-22-1-0");
    assert_value(root, "SIDType", "1");
    assert_value(root, "LocalAccount", "true");
    assert_value(root, "Disabled", "false");
    assert_value(root, "Lockout", "false");
    assert_value(root, "PasswordChangeable", "false");
    assert_value(root, "PasswordExpires", "true");
    assert_value(root, "PasswordRequired", "true");
    assert_value(rows.items[1], "SID", "S-1-22-1-4294967295");
    assert_value(rows.items[1], "PasswordExpires", "false");
    assert_value(rows.items[2], "Name", "open");
    assert_value(rows.items[2], "PasswordRequired", "false");
    assert_value(rows.items[2], "Lockout", "null");
    assert_value(rows.items[3], "Name", "expired");
    assert_value(rows.items[3], "Disabled", "true");
    assert_value(rows.items[3], "Lockout", "true");
    assert_value(rows.items[3], "Status", "Degraded");
    assert_value(rows.items[4], "SID", "S-1-22-1-1002");
    test_rows_done(&rows);
}

static void says_nothing_without_shadow(void **state)
{
    (void)state;
    make_users();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_UserAccount WHERE Name = 'ROOT'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Disabled", "null");
    assert_value(rows.items[0], "Lockout", "null");
    assert_value(rows.items[0], "PasswordRequired", "null");
    assert_value(rows.items[0], "Status", "null");
    test_rows_done(&rows);
}

static void shows_groups(void **state)
{
    (void)state;
    make_users();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Group", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[1], "Name", "users");
    assert_value(rows.items[1], "SID", "S-1-22-2-100");
    assert_value(rows.items[1], "SIDType", "2");
    test_rows_done(&rows);
}

static void has_no_accounts_without_files(void **state)
{
    (void)state;
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_UserAccount", &rows);
    assert_int_equal(rows.count, 0);
    test_query(L"SELECT * FROM Win32_Group", &rows);
    assert_int_equal(rows.count, 0);
    test_query(L"SELECT * FROM Win32_LogonSession", &rows);
    assert_int_equal(rows.count, 0);
}

/* The machine's own, through the name service: an account that only it knows is not local. */
static void asks_the_name_service(void **state)
{
    (void)state;
    linux_set_root(NULL);
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_UserAccount WHERE Name = 'root' OR Name = 'no.such-user'",
               &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "SID", "S-1-22-1-0");
    test_rows_done(&rows);
}

static void finds_records_in_any_order(void **state)
{
    (void)state;
    test_root_file("/f", "a:1\nb:2\nc:3\n");
    struct account_file f;
    struct account_record r;
    int64_t v;
    assert_int_equal(account_file_open("/f", &f), 0);
    assert_true(account_file_find(&f, "c", 1, &r));
    assert_true(account_file_find(&f, "a", 1, &r));
    assert_true(account_number(&r, 1, &v));
    assert_int_equal(v, 1);
    assert_true(account_file_find(&f, "b", 1, &r));
    assert_false(account_file_find(&f, "d", 1, &r));
    assert_true(account_file_find(&f, "b", 1, &r));
    assert_false(account_number(&r, 2, &v));
    assert_false(account_number(&r, ACCOUNT_FIELDS, &v));
    account_file_close(&f);
}

static void shows_sessions_of_utmp(void **state)
{
    (void)state;
    struct utmp u[4] = {0};
    u[0].ut_type = BOOT_TIME;
    u[1].ut_type = USER_PROCESS;
    memcpy(u[1].ut_line, "tty1", 5);
    memcpy(u[1].ut_user, "anna", 5);
    u[1].ut_tv.tv_sec = 1600000000;
    u[2].ut_type = USER_PROCESS;
    memset(u[2].ut_line, 'l', sizeof u[2].ut_line); /* no terminator */
    memset(u[2].ut_user, 'u', sizeof u[2].ut_user);
    memcpy(u[2].ut_host, "10.0.0.1", 9);
    u[3].ut_type = DEAD_PROCESS;
    test_root_bytes("/var/run/utmp", u, sizeof u - 7); /* and a record cut short */
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_LogonSession", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "LogonId", "tty1");
    assert_value(rows.items[0], "Name", "anna");
    assert_value(rows.items[0], "LogonType", "2");
    assert_value(rows.items[0], "AuthenticationPackage", "null");
    assert_value(rows.items[1], "LogonType", "10");
    test_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(shows_users),
        MACHINE_TEST(says_nothing_without_shadow),
        MACHINE_TEST(shows_groups),
        MACHINE_TEST(has_no_accounts_without_files),
        MACHINE_TEST(asks_the_name_service),
        MACHINE_TEST(finds_records_in_any_order),
        MACHINE_TEST(shows_sessions_of_utmp),
    };
    return RUN_MACHINE_TESTS("accounts", tests);
}
