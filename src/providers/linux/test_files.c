/*
 * CIM_DataFile and Win32_Directory over a made-up tree.
 */
#include "providers/linux/test_machine.h"

#include <fcntl.h>

/* What the query sees is the tree below the root; that it is not `/` itself shows in nothing. */
static void make_tree(void)
{
    test_root_file("/etc/hosts", "12345");
    test_root_file("/etc/a.tar.gz", "1");
    test_root_file("/etc/.hidden", "");
    test_root_file("/etc/caf\xe9", ""); /* Latin-1: no UTF-8 */
    test_root_file("/etc/sub/deep/file", "");
    test_root_file("/mnt/other/inner/file", "");
    test_root_file("/home/me/x", "");
    test_root_link("/etc/link", "hosts");
    test_root_link("/etc/loop", "/etc");
    test_root_file("/proc/self/mountinfo", "27 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                                           "28 27 8:2 / /mnt/other rw - xfs /dev/sda2 rw\n"
                                           "29 27 8:2 /me /home/me rw - xfs /dev/sda2 rw\n"
                                           "30 27 0:9 / /srv rw - nfs4 server:/x rw\n");
    test_root_file("/srv/remote", "");
}

static unsigned count_of(const wchar_t *query)
{
    struct test_rows rows;
    test_query(query, &rows);
    unsigned n = rows.count;
    test_rows_done(&rows);
    return n;
}

/* The rows' names, blanks between them, in order of bytes. */
static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static const char *names_of(const wchar_t *query)
{
    static char out[4096];
    char *names[64];
    struct test_rows rows;
    test_query(query, &rows);
    assert_true(rows.count <= 64);
    for (ULONG i = 0; i < rows.count; i++) {
        names[i] = strdup(test_value(rows.items[i], "Name"));
    }
    if (rows.count > 0) {
        qsort(names, rows.count, sizeof *names, compare);
    }
    out[0] = '\0';
    for (ULONG i = 0; i < rows.count; i++) {
        strcat(strcat(out, i ? " " : ""), names[i]);
        free(names[i]);
    }
    test_rows_done(&rows);
    return out;
}

static void shows_one_file(void **state)
{
    (void)state;
    make_tree();
    struct test_rows rows;
    test_query(L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/a.tar.gz'", &rows);
    assert_int_equal(rows.count, 1);
    IWbemClassObject *f = rows.items[0];
    assert_value(f, "FileName", "a.tar");
    assert_value(f, "Extension", "gz");
    assert_value(f, "Path", "/etc/");
    assert_value(f, "Drive", "/");
    assert_value(f, "FSName", "ext4");
    assert_value(f, "FileSize", "1");
    assert_value(f, "FileType", "File");
    assert_value(f, "Hidden", "false");
    assert_value(f, "Readable", "true");
    assert_value(f, "CreationClassName", "CIM_DataFile");
    test_rows_done(&rows);

    test_query(L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/link' OR Name = '/etc/.hidden'",
               &rows);
    assert_int_equal(rows.count, 2);
    for (ULONG i = 0; i < 2; i++) {
        bool link = strcmp(test_value(rows.items[i], "Name"), "/etc/link") == 0;
        assert_value(rows.items[i], "FileType", link ? "Symbolic Link" : "File");
        assert_value(rows.items[i], "Readable", link ? "null" : "true");
        assert_value(rows.items[i], "FileName", link ? "link" : ".hidden");
        assert_value(rows.items[i], "Hidden", link ? "false" : "true");
        assert_value(rows.items[i], "Extension", "");
    }
    test_rows_done(&rows);
}

static void shows_one_folder(void **state)
{
    (void)state;
    make_tree();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Directory WHERE Name = '/etc/sub'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "FileType", "File Folder");
    assert_value(rows.items[0], "FileSize", "null");
    assert_value(rows.items[0], "Path", "/etc/");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Directory WHERE Name = '/'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "FileName", "");
    assert_value(rows.items[0], "Path", "null");
    test_rows_done(&rows);
    /* Of a bind mount the drive is the listed one of the same file system. */
    test_query(L"SELECT * FROM CIM_DataFile WHERE Name = '/home/me/x'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Drive", "/mnt/other");
    test_rows_done(&rows);
}

static void finds_only_plain_names_of_the_class(void **state)
{
    (void)state;
    make_tree();
    static const wchar_t *const none[] = {
        L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/sub'",
        L"SELECT * FROM Win32_Directory WHERE Name = '/etc/hosts'",
        L"SELECT * FROM Win32_Directory WHERE Name = '/etc/loop'", /* a link */
        L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/nothing'",
        L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/hosts/x'",
        L"SELECT * FROM CIM_DataFile WHERE Name = 'hosts'",
        L"SELECT * FROM CIM_DataFile WHERE Name = ''",
        L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/../etc/hosts'",
        L"SELECT * FROM CIM_DataFile WHERE Name = '//etc/hosts'",
        L"SELECT * FROM Win32_Directory WHERE Name = '/etc/'",
        L"SELECT * FROM Win32_Directory WHERE Name = '/etc/.'",
        L"SELECT * FROM Win32_Directory WHERE Name = '/etc/..'",
        L"SELECT * FROM CIM_DataFile WHERE Path = '/etc'",
        L"SELECT * FROM CIM_DataFile WHERE Path = '/nowhere/'",
        L"SELECT * FROM CIM_DataFile WHERE Path = ''",
    };
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_int_equal(count_of(none[i]), 0);
    }
}

static void keeps_names_that_are_no_utf8(void **state)
{
    (void)state;
    make_tree();
    /* The byte E9 is U+DCE9 in the text. */
    const wchar_t query[] = {L'/', L'e', L't', L'c', L'/', L'c', L'a', L'f', 0xdce9, L'\'', 0};
    wchar_t text[128] = L"SELECT * FROM CIM_DataFile WHERE Name = '";
    wcscat(text, query);
    assert_int_equal(count_of(text), 1);
    assert_int_equal(count_of(L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/caf\u00e9'"), 0);
}

static void reads_one_folder(void **state)
{
    (void)state;
    make_tree();
    assert_int_equal(count_of(L"SELECT * FROM CIM_DataFile WHERE Path = '/etc/'"), 6);
    assert_string_equal(names_of(L"SELECT * FROM Win32_Directory WHERE Path = '/etc/'"),
                        "/etc/sub");
    assert_string_equal(names_of(L"SELECT * FROM Win32_Directory WHERE Path = '/'"),
                        "/etc /home /mnt /proc /srv");
    assert_string_equal(names_of(L"SELECT * FROM CIM_DataFile WHERE Path = '/etc/sub/deep/' OR "
                                 L"Path = '/mnt/other/inner/'"),
                        "/etc/sub/deep/file /mnt/other/inner/file");
    assert_int_equal(
        count_of(L"SELECT * FROM CIM_DataFile WHERE Path = '/etc/' AND Drive = '/mnt/other'"), 0);
}

static void goes_through_one_file_system(void **state)
{
    (void)state;
    make_tree();
    assert_string_equal(names_of(L"SELECT Name FROM Win32_Directory WHERE Drive = '/mnt/other'"),
                        "/mnt/other /mnt/other/inner");
    assert_string_equal(names_of(L"SELECT Name FROM CIM_DataFile WHERE Drive = '/srv'"),
                        "/srv/remote"); /* named, so the server is asked */
    assert_string_equal(names_of(L"SELECT Name FROM Win32_Directory WHERE Drive = '/'"),
                        "/ /etc /etc/sub /etc/sub/deep /home /mnt /proc /proc/self");
}

static void goes_through_local_file_systems_when_asked(void **state)
{
    (void)state;
    make_tree();
    assert_string_equal(names_of(L"SELECT Name FROM CIM_DataFile WHERE FileName LIKE 'f%'"),
                        "/etc/sub/deep/file /mnt/other/inner/file");
    assert_int_equal(count_of(L"SELECT Name FROM CIM_DataFile WHERE Name LIKE '/srv/%'"), 0);
}

static void yields_nothing_through_a_superclass(void **state)
{
    (void)state;
    make_tree();
    struct test_rows rows;
    test_fetch(test_source(provider_find(L"CIM_DataFile"), L"SELECT * FROM CIM_DataFile", true),
               &rows);
    assert_int_equal(rows.status, WBEM_S_FALSE);
    assert_int_equal(rows.count, 0);
    test_fetch(test_source(provider_find(L"CIM_DataFile"),
                           L"SELECT * FROM CIM_DataFile WHERE Name = '/etc/hosts'", true),
               &rows);
    assert_int_equal(rows.count, 1);
    test_rows_done(&rows);
}

static void passes_over_folders_that_may_not_be_read(void **state)
{
    (void)state;
    make_tree();
    char full[PATH_MAX];
    test_root_full("/etc/sub", full);
    assert_int_equal(chmod(full, 0), 0);
    /* root may read it all the same */
    unsigned expected = geteuid() == 0 ? 4 : 2;
    assert_int_equal(
        count_of(L"SELECT Name FROM Win32_Directory WHERE Drive = '/' AND Name LIKE '/etc%'") + 1,
        expected);
    chmod(full, 0700);
}

/* Deeper than PATH_MAX: what can't be named can't be opened, and is left out. */
static void survives_deep_trees(void **state)
{
    (void)state;
    test_root_file("/proc/self/mountinfo", "27 1 8:1 / /deep rw - ext4 /dev/sda1 rw\n");
    test_root_file("/deep/x", "");
    char part[201], full[PATH_MAX];
    memset(part, 'd', 200);
    part[200] = '\0';
    test_root_full("/deep", full);
    int dir = open(full, O_RDONLY | O_DIRECTORY);
    for (unsigned i = 0; i < 30; i++) {
        assert_int_equal(mkdirat(dir, part, 0700), 0);
        int next = openat(dir, part, O_RDONLY | O_DIRECTORY);
        close(dir);
        dir = next;
    }
    close(dir);
    unsigned n = count_of(L"SELECT Name FROM Win32_Directory");
    assert_true(n > 15 && n < 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(shows_one_file),
        MACHINE_TEST(shows_one_folder),
        MACHINE_TEST(finds_only_plain_names_of_the_class),
        MACHINE_TEST(keeps_names_that_are_no_utf8),
        MACHINE_TEST(reads_one_folder),
        MACHINE_TEST(goes_through_one_file_system),
        MACHINE_TEST(goes_through_local_file_systems_when_asked),
        MACHINE_TEST(yields_nothing_through_a_superclass),
        MACHINE_TEST(passes_over_folders_that_may_not_be_read),
        MACHINE_TEST(survives_deep_trees),
    };
    return RUN_MACHINE_TESTS("files", tests);
}
