/*
 * dpkg's status file and rpm's output, made up; and Win32_Product over them.
 */
#include "providers/linux/test_machine.h"

#include <utime.h>

#include "providers/linux/packages.h"

static const char status[] = "Package: bash\n"
                             "Essential: yes\n"
                             "Status: install ok installed\n"
                             "Maintainer: Some One <one@example.org>\n"
                             "Architecture: amd64\n"
                             "Multi-Arch: foreign\n"
                             "Version: 5.2-1+b7\n"
                             "Description: shell\n"
                             " Package: not this line\n"
                             " .\n"
                             "Homepage:   http://example.org/ \n"
                             "\n"
                             "\n"
                             "Package: gone\n"
                             "Status: deinstall ok config-files\n"
                             "Version: 1\n"
                             "\n"
                             "Package: half\n"
                             "Status: install reinstreq half-configured\n"
                             "Version: 2:1.0-1\n"
                             "\n"
                             "Package: noversion\n"
                             "Status: install ok installed\n"
                             "\n"
                             "Status: install ok installed\n"
                             "Version: 3\n"
                             "\n"
                             "Package: ../evil\n"
                             "Status: install ok installed\n"
                             "Version: 4";

static void set_time(const char *path, time_t seconds)
{
    char full[PATH_MAX];
    test_root_full(path, full);
    assert_int_equal(utime(full, &(struct utimbuf){seconds, seconds}), 0);
}

static void shows_packages_of_dpkg(void **state)
{
    (void)state;
    test_root_file("/var/lib/dpkg/status", status);
    test_root_file("/var/lib/dpkg/info/bash.list", "");
    set_time("/var/lib/dpkg/info/bash.list", 1600000000);
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Product", &rows);
    assert_int_equal(rows.count, 3);
    IWbemClassObject *bash = rows.items[0];
    assert_value(bash, "Name", "bash");
    assert_value(bash, "Version", "5.2-1+b7");
    assert_value(bash, "IdentifyingNumber", "bash:amd64");
    assert_value(bash, "Vendor", "Some One <one@example.org>");
    assert_value(bash, "Description", "shell");
    assert_value(bash, "URLInfoAbout", "http://example.org/");
    assert_value(bash, "InstallState", "5");
    assert_memory_equal(test_value(bash, "InstallDate2"), test_value(bash, "InstallDate"), 8);
    assert_value(rows.items[1], "Name", "half");
    assert_value(rows.items[1], "IdentifyingNumber", "half");
    assert_value(rows.items[1], "InstallState", "-6");
    assert_value(rows.items[1], "InstallDate", "null");
    assert_value(rows.items[1], "Vendor", "null");
    assert_value(rows.items[2], "Name", "../evil");
    assert_value(rows.items[2], "InstallDate", "null");
    test_rows_done(&rows);
}

static void has_no_packages_without_files(void **state)
{
    (void)state;
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Product", &rows);
    assert_int_equal(rows.count, 0);
}

static bool is(struct package_field f, const char *text)
{
    return f.text && f.size == strlen(text) && memcmp(f.text, text, f.size) == 0;
}

static void reads_what_rpm_prints(void **state)
{
    (void)state;
    const char *at =
        "bash\0375.2-1.fc38\037x86_64\037Fedora Project\037(none)\0371600000000\037A shell\n"
        "gpg-pubkey\0371-2\037(none)\037(none)\037(none)\0371\037key\n"
        "\n"
        "short\0371\n"
        "\0371\n"
        "last\0372:3-4\037noarch\037\037\037x\037";
    struct package p;
    assert_true(rpm_next(&at, &p));
    assert_true(is(p.name, "bash"));
    assert_true(is(p.version, "5.2-1.fc38"));
    assert_true(is(p.architecture, "x86_64"));
    assert_true(is(p.vendor, "Fedora Project"));
    assert_null(p.home_page.text);
    assert_true(is(p.summary, "A shell"));
    assert_int_equal(p.installed, 1600000000);
    assert_true(rpm_next(&at, &p));
    assert_true(is(p.name, "short"));
    assert_true(rpm_next(&at, &p));
    assert_true(is(p.name, "last"));
    assert_true(is(p.version, "2:3-4"));
    assert_int_equal(p.installed, 0);
    assert_false(rpm_next(&at, &p));
}

static void survives_cut_status_files(void **state)
{
    (void)state;
    for (size_t cut = 0; cut < sizeof status; cut++) {
        char *text = strndup(status, cut);
        const char *at = text;
        struct package p;
        while (dpkg_next(&at, &p)) {
        }
        assert_int_equal(at - text, cut < sizeof status - 1 ? cut : sizeof status - 1);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        MACHINE_TEST(shows_packages_of_dpkg),
        MACHINE_TEST(has_no_packages_without_files),
        MACHINE_TEST(reads_what_rpm_prints),
        MACHINE_TEST(survives_cut_status_files),
    };
    return RUN_MACHINE_TESTS("packages", tests);
}
