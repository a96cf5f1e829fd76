/*
 * Mounts, block devices, and the classes over them, on made-up files.
 */
#include "providers/linux/test_machine.h"

#include "providers/linux/block.h"
#include "providers/linux/mounts.h"

/* ---- mountinfo -------------------------------------------------------------- */

static const struct mount *mount_at(const struct mounts *m, const char *point)
{
    for (size_t i = 0; i < m->count; i++) {
        if (strcmp(m->items[i].point, point) == 0) {
            return &m->items[i];
        }
    }
    return NULL;
}

static void reads_mounts(void **state)
{
    (void)state;
    struct mounts m;
    assert_true(
        mounts_parse("22 27 0:21 / /proc rw,relatime - proc proc rw\n"
                     "27 1 8:1 / / rw,relatime shared:1 master:2 - ext4 /dev/sda1 rw,usrquota\n"
                     "30 27 0:40 / /srv/a\\040b\\134c ro - nfs4 host:/x\\040y ro,addr=1.2.3.4\n"
                     "31 27 0:41 / /run rw - tmpfs tmpfs rw\n"
                     "32 27 11:0 / /media/cd ro - iso9660 /dev/sr0 ro\n"
                     "33 27 0:42 / /home/u/remote rw - fuse.sshfs u@h: rw\n",
                     false, &m));
    assert_int_equal(m.count, 5);
    assert_null(mount_at(&m, "/proc"));
    assert_int_equal(mount_at(&m, "/")->kind, MOUNT_LOCAL);
    assert_int_equal(mount_at(&m, "/")->major, 8);
    assert_true(mount_has_option(mount_at(&m, "/"), "usrquota"));
    assert_false(mount_has_option(mount_at(&m, "/"), "usr"));
    assert_int_equal(mount_quotas(mount_at(&m, "/")), 1);
    const struct mount *nfs = mount_at(&m, "/srv/a b\\c");
    assert_non_null(nfs);
    assert_string_equal(nfs->source, "host:/x y");
    assert_int_equal(nfs->kind, MOUNT_NETWORK);
    assert_true(mount_may_hang(nfs));
    assert_int_equal(mount_at(&m, "/run")->kind, MOUNT_MEMORY);
    assert_int_equal(mount_at(&m, "/media/cd")->kind, MOUNT_OPTICAL);
    assert_int_equal(mount_at(&m, "/home/u/remote")->kind, MOUNT_NETWORK);
    assert_string_equal(mounts_of_path(&m, "/home/u/remote/f")->point, "/home/u/remote");
    assert_string_equal(mounts_of_path(&m, "/home/u/remotely")->point, "/");
    mounts_done(&m);
}

static void takes_one_mount_for_a_file_system(void **state)
{
    (void)state;
    struct mounts m;
    const char text[] = "27 1 8:1 /var/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n"
                        "28 1 8:1 / /mnt/whole rw - ext4 /dev/sda1 rw\n"
                        "29 1 8:1 / /mnt/whole/again rw - ext4 /dev/sda1 rw\n"
                        "30 1 0:50 /sub1 /a rw - btrfs /dev/sdb rw\n"
                        "31 1 0:50 /sub2 /b rw - btrfs /dev/sdb rw\n"
                        "32 1 8:2 / /x rw - ext4 /dev/sda2 rw\n"
                        "33 1 8:3 / /x rw - ext4 /dev/sda3 rw\n";
    assert_true(mounts_parse(text, false, &m));
    assert_int_equal(m.count, 4);
    assert_non_null(mount_at(&m, "/mnt/whole"));
    assert_non_null(mount_at(&m, "/a"));
    assert_non_null(mount_at(&m, "/b"));
    assert_int_equal(mount_at(&m, "/x")->minor, 3); /* it lies over the other */
    mounts_done(&m);

    assert_true(mounts_parse(text, true, &m));
    assert_int_equal(m.count, 7);
    assert_string_equal(mounts_listed(&m, mount_at(&m, "/etc/hosts"))->point, "/mnt/whole");
    mounts_done(&m);
}

static void survives_odd_mountinfo(void **state)
{
    (void)state;
    static const char *const odd[] = {
        "",
        "\n\n\n",
        "27",
        "27 1 8:1",
        "27 1 8:1 / /",
        "27 1 8:1 / / rw",
        "27 1 8:1 / / rw -",
        "27 1 8:1 / / rw - ext4", /* has all that is needed */
        "27 1 8 / / rw - ext4 /dev/sda1 rw",
        "27 1 :1 / / rw - ext4 /dev/sda1 rw",
        "27 1 99999999999999999999:1 / / rw - ext4 /dev/sda1 rw",
        "27 1 8:1 / relative rw - ext4 /dev/sda1 rw",
        "27 1 8:1 / /\\9\\0\\ rw - ext4 /dev/sda1 rw",
        " - - - - - - - - -",
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct mounts m;
        assert_true(mounts_parse(odd[i], false, &m));
        assert_int_equal(m.count, i == 7 || i == 12);
        mounts_done(&m);
    }

    char *lengthy = malloc(300000);
    struct mounts m;
    strcpy(lengthy, "27 1 8:1 / /");
    memset(lengthy + strlen(lengthy), 'a', 200000);
    strcpy(lengthy + 200012, " rw - ext4 /dev/sda1 rw");
    assert_true(mounts_parse(lengthy, false, &m));
    assert_int_equal(m.count, 1);
    assert_int_equal(strlen(m.items[0].point), 200001);
    mounts_done(&m);
    free(lengthy);
}

/* ---- a machine with disks --------------------------------------------------------- */

static void make_disk(const char *name, const char *place, const char *dev, const char *size)
{
    char path[256], target[256];
    snprintf(target, sizeof target, "../devices/%s/block/%s", place, name);
    snprintf(path, sizeof path, "/sys/block/%s", name);
    test_root_link(path, target);
    snprintf(path, sizeof path, "/sys/devices/%s/block/%s/dev", place, name);
    test_root_file(path, dev);
    snprintf(path, sizeof path, "/sys/devices/%s/block/%s/size", place, name);
    test_root_file(path, size);
}

static void make_file(const char *folder, const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "/sys/devices/%s/%s", folder, name);
    test_root_file(path, text);
}

#define SDA "pci0000:00/ata1/host2/target2:0:1/2:0:1:3/block/sda"

static void make_machine(void)
{
    test_root_file("/sys/block/.keep", "");
    make_disk("sda", "pci0000:00/ata1/host2/target2:0:1/2:0:1:3", "8:0\n", "2048000\n");
    make_file(SDA, "removable", "0\n");
    make_file(SDA, "ro", "0\n");
    make_file(SDA, "queue/logical_block_size", "4096\n");
    make_file(SDA, "device/model", "Fast Disk       \n");
    make_file(SDA, "device/vendor", "ATA     \n");
    make_file(SDA, "device/rev", "1.23\n");
    make_file(SDA, "device/state", "running\n");
    test_root_bytes("/sys/devices/" SDA "/device/vpd_pg80", "\0\200\0\10  AB12  ", 12);
    make_file(SDA, "sda1/partition", "1\n");
    make_file(SDA, "sda1/dev", "8:1\n");
    make_file(SDA, "sda1/size", "1000\n");
    make_file(SDA, "sda1/start", "2048\n");
    make_file(SDA, "sda1/ro", "0\n");
    make_file(SDA, "sda10/partition", "10\n");
    make_file(SDA, "sda10/dev", "8:10\n");
    make_file(SDA, "sda10/size", "16\n");
    make_file(SDA, "sda2/partition", "2\n");
    make_file(SDA, "sda2/dev", "8:2\n");
    make_file(SDA, "sda2/size", "8\n");
    make_disk("loop0", "virtual", "7:0\n", "8\n");
    make_disk("cciss!c0d0", "pci0000:00/x", "104:0\n", "16\n");
    make_file("pci0000:00/x/block/cciss!c0d0", "device/state", "offline\n");
    make_disk("sr0", "pci0000:00/ata2/host3/target3:0:0/3:0:0:0", "11:0\n", "0\n");
    make_file("pci0000:00/ata2/host3/target3:0:0/3:0:0:0/block/sr0", "device/type", "5\n");

    test_root_file("/run/udev/data/b8:0",
                   "E:ID_PART_TABLE_TYPE=dos\nE:ID_PART_TABLE_UUID=1234abcd\n");
    test_root_file("/run/udev/data/b8:1",
                   "S:disk/by-label/x\nE:ID_FS_LABEL_ENC=My\\x20Disk\nE:ID_FS_UUID_ENC=1A2B-3C4D\n"
                   "E:ID_FS_USAGE=filesystem\nE:ID_FS_TYPE=vfat\nE:ID_PART_ENTRY_SCHEME=dos\n"
                   "E:ID_PART_ENTRY_TYPE=0xc\nE:ID_PART_ENTRY_FLAGS=0x80\n");
    test_root_file(
        "/run/udev/data/b8:2",
        "E:ID_FS_LABEL_ENC=spare\nE:ID_FS_UUID_ENC=11111111-2222-3333-4444-555555555555\n"
        "E:ID_FS_USAGE=filesystem\nE:ID_FS_TYPE=xfs\nE:ID_PART_ENTRY_SCHEME=gpt\n"
        "E:ID_PART_ENTRY_TYPE=C12A7328-F81F-11D2-BA4B-00A0C93EC93B\n");
    test_root_file("/run/udev/data/b8:10", "E:ID_FS_USAGE=other\nE:ID_FS_TYPE=swap\n");
    test_root_file("/proc/self/mountinfo", "27 1 0:30 / / rw - overlay overlay rw\n"
                                           "28 27 8:1 / /boot/efi ro - vfat /dev/sda1 rw\n"
                                           "29 27 0:31 / /srv rw - nfs4 server:/export rw\n"
                                           "30 27 0:32 / /run rw - tmpfs tmpfs rw\n");
    test_root_file("/proc/swaps",
                   "Filename\tType\n/dev/sda10   partition 1 2\n/swapfile  file 1 2 -2\n");
    test_root_file("/proc/sys/kernel/hostname", "box\n");
}

static void shows_logical_disks(void **state)
{
    (void)state;
    make_machine();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_LogicalDisk", &rows);
    assert_int_equal(rows.count, 4);
    assert_value(rows.items[0], "__RELPATH", "Win32_LogicalDisk.DeviceID=\"/\"");
    assert_value(rows.items[0], "DriveType", "3");
    assert_value(rows.items[0], "MediaType", "0");
    assert_value(rows.items[0], "Size", "null"); /* a snapshot has no statvfs() */
    IWbemClassObject *efi = rows.items[1];
    assert_value(efi, "DeviceID", "/boot/efi");
    assert_value(efi, "VolumeName", "My Disk");
    assert_value(efi, "VolumeSerialNumber", "1A2B3C4D");
    assert_value(efi, "Access", "1");
    assert_value(efi, "FileSystem", "vfat");
    assert_value(efi, "MediaType", "12");
    assert_value(efi, "SupportsDiskQuotas", "false");
    assert_value(efi, "QuotasDisabled", "null");
    assert_value(efi, "ProviderName", "null");
    assert_value(rows.items[2], "DriveType", "6");
    IWbemClassObject *nfs = rows.items[3]; /* last, as it may hang */
    assert_value(nfs, "DeviceID", "/srv");
    assert_value(nfs, "DriveType", "4");
    assert_value(nfs, "ProviderName", "server:/export");
    assert_value(nfs, "Compressed", "null");
    test_rows_done(&rows);

    test_query(L"SELECT * FROM Win32_LogicalDisk WHERE DeviceID = '/Boot/EFI' AND DriveType = 3",
               &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
}

static void shows_volumes(void **state)
{
    (void)state;
    make_machine();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Volume", &rows);
    assert_int_equal(rows.count, 3);
    assert_value(rows.items[0], "DeviceID", "/"); /* no device is behind an overlay */
    assert_value(rows.items[0], "BootVolume", "true");
    assert_value(rows.items[0], "SystemVolume", "null");
    assert_value(rows.items[0], "PageFilePresent", "true");
    assert_value(rows.items[1], "DeviceID", "/dev/sda1");
    assert_value(rows.items[1], "Name", "/boot/efi");
    assert_value(rows.items[1], "Label", "My Disk");
    assert_value(rows.items[1], "SerialNumber", "439041101");
    assert_value(rows.items[1], "SystemVolume", "true");
    assert_value(rows.items[1], "PageFilePresent", "false");
    assert_value(rows.items[2], "DeviceID", "/dev/sda2"); /* not mounted */
    assert_value(rows.items[2], "Name", "/dev/sda2");
    assert_value(rows.items[2], "FileSystem", "xfs");
    assert_value(rows.items[2], "Label", "spare");
    assert_value(rows.items[2], "SerialNumber", "null");
    assert_value(rows.items[2], "Capacity", "4096");
    assert_value(rows.items[2], "FreeSpace", "null");
    test_rows_done(&rows);
}

static void shows_drives(void **state)
{
    (void)state;
    make_machine();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_DiskDrive", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "DeviceID", "/dev/cciss/c0d0");
    assert_value(rows.items[0], "Index", "0");
    assert_value(rows.items[0], "Status", "Error");
    assert_value(rows.items[0], "Model", "null");
    assert_value(rows.items[0], "InterfaceType", "null");
    assert_value(rows.items[0], "SCSIPort", "null");
    IWbemClassObject *sda = rows.items[1];
    assert_value(sda, "DeviceID", "/dev/sda");
    assert_value(sda, "Index", "1");
    assert_value(sda, "Model", "Fast Disk");
    assert_value(sda, "Caption", "Fast Disk");
    assert_value(sda, "Manufacturer", "null");
    assert_value(sda, "FirmwareRevision", "1.23");
    assert_value(sda, "SerialNumber", "AB12");
    assert_value(sda, "InterfaceType", "IDE");
    assert_value(sda, "SCSIPort", "2");
    assert_value(sda, "SCSIBus", "0");
    assert_value(sda, "SCSITargetId", "1");
    assert_value(sda, "SCSILogicalUnit", "3");
    assert_value(sda, "Size", "1048576000");
    assert_value(sda, "BytesPerSector", "4096");
    assert_value(sda, "TotalSectors", "256000");
    assert_value(sda, "TotalCylinders", "null");
    assert_value(sda, "Partitions", "3");
    assert_value(sda, "Signature", "305441741");
    assert_value(sda, "Capabilities", "{3,4}");
    assert_value(sda, "Status", "OK");
    test_rows_done(&rows);
}

static void shows_partitions(void **state)
{
    (void)state;
    make_machine();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_DiskPartition", &rows);
    assert_int_equal(rows.count, 3);
    IWbemClassObject *first = rows.items[0];
    assert_value(first, "DeviceID", "/dev/sda1");
    assert_value(first, "Index", "1");
    assert_value(first, "DiskIndex", "1");
    assert_value(first, "Size", "512000");
    assert_value(first, "StartingOffset", "1048576");
    assert_value(first, "BlockSize", "4096");
    assert_value(first, "NumberOfBlocks", "125");
    assert_value(first, "Type", "Win95 w/Extended Int 13");
    assert_value(first, "Bootable", "true");
    assert_value(first, "PrimaryPartition", "true");
    assert_value(first, "SystemName", "box");
    assert_value(rows.items[1], "Type", "GPT: System");
    assert_value(rows.items[2], "DeviceID", "/dev/sda10"); /* numbers count, not letters */
    assert_value(rows.items[2], "Type", "null");
    assert_value(rows.items[2], "Bootable", "null");
    test_rows_done(&rows);

    test_query(L"SELECT * FROM Win32_DiskPartition WHERE DeviceID = '/dev/sda2'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Index", "2");
    test_rows_done(&rows);
}

static void has_no_disks_without_files(void **state)
{
    (void)state;
    static const wchar_t *const queries[] = {
        L"SELECT * FROM Win32_LogicalDisk", L"SELECT * FROM Win32_Volume",
        L"SELECT * FROM Win32_DiskDrive", L"SELECT * FROM Win32_DiskPartition"};
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct test_rows rows;
        test_query(queries[i], &rows);
        assert_int_equal(rows.count, 0);
    }
}

/* What a kernel would never write must still not harm. */
static void survives_odd_devices(void **state)
{
    (void)state;
    test_root_file("/sys/block/a/dev", "8");
    test_root_file("/sys/block/b/dev", "8:99999999999");
    test_root_file("/sys/block/c/dev", "9:1");
    test_root_file("/sys/block/c/device/state", "");
    test_root_file("/sys/block/c/size", "18446744073709551615");
    test_root_file("/sys/block/c/queue/logical_block_size", "0");
    test_root_file("/sys/block/c/device/vpd_pg80", "1");
    test_root_file("/sys/block/c/d/partition", "x");
    test_root_file("/sys/block/c/e/partition", "1");
    test_root_file("/run/udev/data/b9:1", "E:ID_PART_TABLE_TYPE\nE:ID_PART_TABLE_UUID=\\x\n=\n");
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_DiskDrive", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "DeviceID", "/dev/c");
    assert_value(rows.items[0], "BytesPerSector", "null");
    assert_value(rows.items[0], "SerialNumber", "null");
    test_rows_done(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(reads_mounts),           MACHINE_TEST(takes_one_mount_for_a_file_system),
        MACHINE_TEST(survives_odd_mountinfo), MACHINE_TEST(shows_logical_disks),
        MACHINE_TEST(shows_volumes),          MACHINE_TEST(shows_drives),
        MACHINE_TEST(shows_partitions),       MACHINE_TEST(has_no_disks_without_files),
        MACHINE_TEST(survives_odd_devices),
    };
    return RUN_MACHINE_TESTS("disks", tests);
}
