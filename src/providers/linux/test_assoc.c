/*
 * Associations on a made-up machine: what bare containers lack, and that a
 * condition on an end keeps everything else from being read.
 */
#include "providers/linux/test_machine.h"

#include <utmp.h>

static void add_process(const char *pid, const char *maps, const char *stat_rest)
{
    char path[128], text[512];
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    snprintf(text, sizeof text, "%s (a) b) S 1 %s %s %s\n", pid, pid, pid, stat_rest);
    test_root_file(path, text);
    snprintf(path, sizeof path, "/proc/%s/status", pid);
    snprintf(text, sizeof text, "Name:\ta\nTgid:\t%s\n", pid);
    test_root_file(path, text);
    snprintf(path, sizeof path, "/proc/%s/task/%s/stat", pid, pid);
    test_root_file(path, "");
    if (maps) {
        snprintf(path, sizeof path, "/proc/%s/maps", pid);
        test_root_file(path, maps);
    }
}

/* Whoever opens this waits for ever: nobody writes into it. */
static void add_trap(const char *path)
{
    char full[PATH_MAX];
    test_root_full(path, full);
    assert_int_equal(mkfifo(full, 0600), 0);
}

#define NO_TERMINAL "0 -1 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0"

/* ---- processes ------------------------------------------------------------------- */

static const char maps[] = "1000-2000 r--p 00000000 08:01 11 /usr/bin/a b\n"
                           "2000-3000 r-xp 00001000 08:01 11 /usr/bin/a b\n"
                           "3000-4000 rw-p 00000000 00:00 0 \n"
                           "4000-5000 r-xp 00000000 08:01 12 /usr/lib/gone.so (deleted)\n"
                           "5000-6000 r--p 00000000 08:01 13 /usr/share/text.mo\n"
                           "7f00-7f10 r-xp 00000000 08:01 14 /usr/lib/x.so\n"
                           "7f10-7f20 r-xp 00000000 00:00 0 [vdso]\n"
                           "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]";

static void shows_what_a_process_executes(void **state)
{
    (void)state;
    add_process("7", maps, NO_TERMINAL);
    add_process("8", NULL, NO_TERMINAL); /* a kernel thread, or one that we may not look at */
    struct test_rows rows;
    test_query(L"SELECT * FROM CIM_ProcessExecutable", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "Antecedent", "CIM_DataFile.Name=\"/usr/bin/a b\"");
    assert_value(rows.items[0], "Dependent", "Win32_Process.Handle=\"7\"");
    assert_value(rows.items[0], "BaseAddress", "4096");
    assert_value(rows.items[0], "ProcessCount", "null");
    assert_value(rows.items[1], "Antecedent", "CIM_DataFile.Name=\"/usr/lib/x.so\"");
    assert_value(rows.items[1], "BaseAddress", "32512");
    test_rows_done(&rows);
}

static void survives_odd_maps(void **state)
{
    (void)state;
    static const char *const odd[] = {"",       "\n\n", "/",           "1000-2000",
                                      "1000 /", "x /a", "1000-2000 /", "1000-2000 rwxp"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        add_process("7", odd[i], NO_TERMINAL);
        struct test_rows rows;
        test_query(L"SELECT * FROM CIM_ProcessExecutable", &rows);
        assert_int_equal(rows.count, 0);
    }
}

static void reads_no_other_process(void **state)
{
    (void)state;
    add_process("7", maps, NO_TERMINAL);
    add_process("8", NULL, NO_TERMINAL);
    add_trap("/proc/8/maps");
    struct test_rows rows;
    test_query(L"SELECT * FROM CIM_ProcessExecutable "
               L"WHERE Dependent = '\\\\\\\\BOX\\\\root\\\\cimv2:win32_process.handle=7'",
               &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM CIM_ProcessExecutable WHERE "
               L"Antecedent = 'CIM_DataFile.Name=\"/usr/lib/x.so\"' AND "
               L"(Dependent = 'Win32_Process=\"7\"' OR Dependent = 'Win32_Process=\"9\"')",
               &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
    /* What can be no process is none; nothing is read for it. */
    static const wchar_t *const none[] = {L"Win32_Process.Handle=\"9\"",
                                          L"Win32_Process.Name=\"7\"",
                                          L"Win32_Thread.Handle=\"7\"",
                                          L"Win32_Process",
                                          L"no path at all",
                                          L"Win32_Process=@",
                                          L"Win32_Process.Handle=\"7\",X=1"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        wchar_t text[256];
        swprintf(text, 256, L"SELECT * FROM CIM_ProcessExecutable WHERE Dependent = '%ls'",
                 none[i]);
        test_query(text, &rows);
        assert_int_equal(rows.count, 0);
    }
}

static void shows_threads_of_a_process(void **state)
{
    (void)state;
    add_process("7", NULL, NO_TERMINAL);
    test_root_file("/proc/7/task/12/stat", "");
    add_process("8", NULL, NO_TERMINAL);
    struct test_rows rows;
    test_query(L"SELECT * FROM CIM_ProcessThread "
               L"WHERE GroupComponent = 'Win32_Process.Handle=\"7\"'",
               &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "GroupComponent", "Win32_Process.Handle=\"7\"");
    assert_non_null(strstr(test_value(rows.items[1], "PartComponent"), "ProcessHandle=\"7\""));
    test_rows_done(&rows);
}

static void shows_processes_of_sessions(void **state)
{
    (void)state;
    struct utmp u[2] = {0};
    u[0].ut_type = u[1].ut_type = USER_PROCESS;
    strcpy(u[0].ut_line, "pts/3");
    strcpy(u[0].ut_user, "anna");
    strcpy(u[1].ut_line, "tty2");
    strcpy(u[1].ut_user, "bert");
    test_root_bytes("/var/run/utmp", u, sizeof u);
    test_root_file("/proc/sys/kernel/hostname", "box\n");
    add_process("7", NULL, "34819 -1 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0"); /* 136:3 */
    add_process("8", NULL, "1026 -1 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0");  /* 4:2 */
    add_process("9", NULL, "1027 -1 0 0 0 0 0 0 0 0 0 0 20 0 1 0 5 0 0");  /* nobody's */
    add_process("10", NULL, NO_TERMINAL);
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_SessionProcess", &rows);
    assert_int_equal(rows.count, 2);
    for (ULONG i = 0; i < 2; i++) {
        bool first = strstr(test_value(rows.items[i], "Dependent"), "\"7\"");
        assert_value(rows.items[i], "Antecedent",
                     first ? "Win32_LogonSession.LogonId=\"pts/3\""
                           : "Win32_LogonSession.LogonId=\"tty2\"");
    }
    test_rows_done(&rows);

    /* A control group of logind's counts before the terminal. */
    test_root_file("/proc/7/cgroup", "0::/user.slice/user-1000.slice/session-tty2.scope\n");
    test_query(L"SELECT * FROM Win32_SessionProcess "
               L"WHERE Antecedent = 'Win32_LogonSession=\"tty2\"'",
               &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);

    test_query(L"SELECT * FROM Win32_LoggedOnUser", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "Antecedent", "Win32_UserAccount.Domain=\"box\",Name=\"anna\"");
    assert_value(rows.items[0], "Dependent", "Win32_LogonSession.LogonId=\"pts/3\"");
    test_rows_done(&rows);
}

/* ---- accounts -------------------------------------------------------------------- */

static void shows_users_of_groups(void **state)
{
    (void)state;
    test_root_file("/proc/sys/kernel/hostname", "box\n");
    test_root_file("/etc/passwd",
                   "root:x:0:0::/:/bin/sh\nanna:x:1000:50::/:\nbert:x:1001:50::/:\n");
    test_root_file("/etc/group", "root:x:0:\nstaff:x:50:root,anna,nobody,,anna\nempty:x:51:\n");
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_GroupUser "
               L"WHERE GroupComponent = 'Win32_Group.Name=\"staff\",Domain=\"box\"'",
               &rows);
    assert_int_equal(rows.count, 3); /* members first, then those whose own group it is */
    assert_value(rows.items[0], "PartComponent", "Win32_UserAccount.Domain=\"box\",Name=\"root\"");
    assert_value(rows.items[1], "PartComponent", "Win32_UserAccount.Domain=\"box\",Name=\"anna\"");
    assert_value(rows.items[2], "PartComponent", "Win32_UserAccount.Domain=\"box\",Name=\"bert\"");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_GroupUser "
               L"WHERE PartComponent = 'Win32_UserAccount.Domain=\"box\",Name=\"root\"'",
               &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_SystemUsers", &rows);
    assert_int_equal(rows.count, 3);
    assert_value(rows.items[0], "GroupComponent", "Win32_ComputerSystem.Name=\"box\"");
    test_rows_done(&rows);
}

/* ---- disks ------------------------------------------------------------------------- */

static void add_block(const char *folder, const char *name, const char *numbers)
{
    char path[256];
    snprintf(path, sizeof path, "/sys/devices/%s/dev", folder);
    test_root_file(path, numbers);
    if (name) {
        char target[256];
        snprintf(path, sizeof path, "/sys/block/%s", name);
        snprintf(target, sizeof target, "../devices/%s", folder);
        test_root_link(path, target);
    }
}

static void make_disks(void)
{
    test_root_file("/sys/block/.keep", "");
    add_block("pci0/block/sda", "sda", "8:0\n");
    test_root_file("/sys/devices/pci0/block/sda/device/state", "running\n");
    add_block("pci0/block/sda/sda1", NULL, "8:1\n");
    test_root_file("/sys/devices/pci0/block/sda/sda1/partition", "1\n");
    test_root_file("/sys/devices/pci0/block/sda/sda1/start", "2048\n");
    test_root_file("/sys/devices/pci0/block/sda/sda1/size", "1000\n");
    add_block("pci0/block/sda/sda2", NULL, "8:2\n");
    test_root_file("/sys/devices/pci0/block/sda/sda2/partition", "2\n");
    test_root_file("/sys/devices/pci0/block/sda/sda2/start", "4096\n");
    test_root_file("/sys/devices/pci0/block/sda/sda2/size", "8\n");
    add_block("virtual/block/dm-0", "dm-0", "253:0\n"); /* encrypted, on sda2 */
    test_root_file("/sys/devices/virtual/block/dm-0/slaves/sda2", "");
    add_block("virtual/block/dm-1", "dm-1", "253:1\n"); /* a volume on that */
    test_root_file("/sys/devices/virtual/block/dm-1/slaves/dm-0", "");
    test_root_file("/sys/devices/virtual/block/dm-1/slaves/dm-1", ""); /* nonsense */
    test_root_file("/proc/self/mountinfo", "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                           "28 27 253:1 / /home rw - ext4 /dev/dm-1 rw\n"
                                           "29 27 0:40 / /data rw - btrfs /dev/sda2 rw\n"
                                           "30 27 0:41 / /net rw - nfs4 a:/b rw\n");
    test_root_file("/proc/sys/kernel/hostname", "box\n");
}

static void shows_partitions_of_drives(void **state)
{
    (void)state;
    make_disks();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_DiskDriveToDiskPartition", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "Antecedent", "Win32_DiskDrive.DeviceID=\"/dev/sda\"");
    assert_value(rows.items[0], "Dependent", "Win32_DiskPartition.DeviceID=\"/dev/sda1\"");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_SystemPartitions", &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
}

static void shows_partitions_under_file_systems(void **state)
{
    (void)state;
    make_disks();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_LogicalDiskToPartition", &rows);
    assert_int_equal(rows.count, 3);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_LogicalDiskToPartition "
               L"WHERE Dependent = 'Win32_LogicalDisk.DeviceID=\"/\"'",
               &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Antecedent", "Win32_DiskPartition.DeviceID=\"/dev/sda1\"");
    assert_value(rows.items[0], "StartingAddress", "1048576");
    assert_value(rows.items[0], "EndingAddress", "1560575");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_LogicalDiskToPartition "
               L"WHERE Antecedent = 'Win32_DiskPartition=\"/dev/sda2\"'",
               &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
}

static void shows_where_volumes_are_mounted(void **state)
{
    (void)state;
    make_disks();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_MountPoint "
               L"WHERE Directory = 'Win32_Directory.Name=\"/home\"'",
               &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Directory", "Win32_Directory.Name=\"/home\"");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_LogicalDiskRootDirectory", &rows);
    assert_int_equal(rows.count, 4);
    assert_value(rows.items[0], "PartComponent", "Win32_Directory.Name=\"/\"");
    test_rows_done(&rows);
}

/* ---- files -------------------------------------------------------------------------- */

static void shows_what_is_in_a_folder(void **state)
{
    (void)state;
    test_root_file("/proc/self/mountinfo", "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    test_root_file("/d/a\"b\\c", "");
    test_root_file("/d/sub/deeper", "");
    test_root_file("/d/\xff", "");
    struct test_rows rows;
    test_query(L"SELECT * FROM CIM_DirectoryContainsFile "
               L"WHERE GroupComponent = 'Win32_Directory.Name=\"/d\"'",
               &rows);
    assert_int_equal(rows.count, 2); /* not what is deeper */
    test_rows_done(&rows);
    test_query(L"SELECT * FROM CIM_DirectoryContainsFile WHERE "
               L"PartComponent = 'CIM_DataFile.Name=\"/d/a\\\\\\\"b\\\\\\\\c\"'",
               &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "GroupComponent", "Win32_Directory.Name=\"/d\"");
    assert_value(rows.items[0], "PartComponent", "CIM_DataFile.Name=\"/d/a\\\"b\\\\c\"");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM CIM_DirectoryContainsFile "
               L"WHERE PartComponent = 'CIM_DataFile.Name=\"/d/\xdcff\"'",
               &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_SubDirectory "
               L"WHERE GroupComponent = 'Win32_Directory.Name=\"/d\"'",
               &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "PartComponent", "Win32_Directory.Name=\"/d/sub\"");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_SubDirectory "
               L"WHERE GroupComponent = 'Win32_Directory.Name=\"/\"'",
               &rows);
    assert_int_equal(rows.count, 2); /* d and proc */
    test_rows_done(&rows);
}

static void walks_no_disk_for_who_comes_by(void **state)
{
    (void)state;
    test_root_file("/proc/self/mountinfo", "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n");
    test_root_file("/d/file", "");
    static const wchar_t *const names[] = {L"CIM_DirectoryContainsFile", L"Win32_SubDirectory"};
    for (size_t i = 0; i < 2; i++) {
        struct test_rows rows;
        wchar_t text[256];
        swprintf(text, 256, L"SELECT * FROM %ls", names[i]);
        test_fetch(test_source(provider_find(names[i]), text, true), &rows);
        assert_int_equal(rows.status, WBEM_S_FALSE);
        assert_int_equal(rows.count, 0);
        swprintf(text, 256,
                 L"SELECT * FROM %ls WHERE GroupComponent = 'Win32_Directory.Name=\"/d\"'",
                 names[i]);
        test_fetch(test_source(provider_find(names[i]), text, true), &rows);
        assert_int_equal(rows.count, i == 0);
        test_rows_done(&rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(shows_what_a_process_executes),
        MACHINE_TEST(survives_odd_maps),
        MACHINE_TEST(reads_no_other_process),
        MACHINE_TEST(shows_threads_of_a_process),
        MACHINE_TEST(shows_processes_of_sessions),
        MACHINE_TEST(shows_users_of_groups),
        MACHINE_TEST(shows_partitions_of_drives),
        MACHINE_TEST(shows_partitions_under_file_systems),
        MACHINE_TEST(shows_where_volumes_are_mounted),
        MACHINE_TEST(shows_what_is_in_a_folder),
        MACHINE_TEST(walks_no_disk_for_who_comes_by),
    };
    return RUN_MACHINE_TESTS("assoc", tests);
}
