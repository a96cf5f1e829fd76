#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "providers/linux/machine.h"
#include "providers/linux/test_root.h"

static int set_up(void **state)
{
    (void)state;
    test_root_create();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_root_destroy();
    return 0;
}

static void reads_under_the_root(void **state)
{
    (void)state;
    char buffer[16];
    test_root_file("/proc/thing", "hello\n");
    assert_int_equal(linux_read("/proc/thing", buffer, sizeof buffer), 6);
    assert_string_equal(buffer, "hello\n");
    assert_int_equal(linux_read("/proc/absent", buffer, sizeof buffer), -ENOENT);
    assert_string_equal(buffer, "");
    assert_true(linux_exists("/proc/thing"));
    assert_false(linux_exists("/proc/absent"));
    assert_false(linux_is_live());
}

static void leaves_out_what_does_not_fit(void **state)
{
    (void)state;
    char buffer[4];
    test_root_file("/f", "123456");
    assert_int_equal(linux_read("/f", buffer, sizeof buffer), 3);
    assert_string_equal(buffer, "123");
    int dir = linux_open("/", O_RDONLY | O_DIRECTORY);
    assert_true(dir >= 0);
    assert_int_equal(linux_read_once_at(dir, "f", buffer, sizeof buffer), 3);
    assert_string_equal(buffer, "123");
    close(dir);
}

static void reads_all_up_to_a_limit(void **state)
{
    (void)state;
    char large[10000], *all = NULL;
    memset(large, 'x', sizeof large);
    test_root_bytes("/large", large, sizeof large);
    assert_int_equal(linux_read_all("/large", 10000, &all), 10000);
    assert_int_equal(strlen(all), 10000);
    free(all);
    assert_int_equal(linux_read_all("/large", 9999, &all), -EFBIG);
    assert_int_equal(linux_read_all("/none", 9999, &all), -ENOENT);
}

static void reads_lines_numbers_and_links(void **state)
{
    (void)state;
    char buffer[32];
    uint64_t v = 0;
    test_root_file("/line", "  some text \t\nmore\n");
    assert_true(linux_read_line("/line", buffer, sizeof buffer));
    assert_string_equal(buffer, "some text");
    test_root_file("/empty", " \n");
    assert_false(linux_read_line("/empty", buffer, sizeof buffer));
    test_root_file("/number", "4096\n");
    assert_true(linux_read_u64("/number", &v));
    assert_int_equal(v, 4096);
    assert_false(linux_read_u64("/line", &v));

    test_root_link("/exe", "/usr/bin/thing");
    assert_int_equal(linux_read_link("/exe", buffer, sizeof buffer), 14);
    assert_string_equal(buffer, "/usr/bin/thing");
    assert_int_equal(linux_read_link("/exe", buffer, 14), -ENAMETOOLONG);
    assert_int_equal(linux_read_link("/none", buffer, sizeof buffer), -ENOENT);
}

static void parses_numbers(void **state)
{
    (void)state;
    uint64_t u = 1;
    int64_t i = 1;
    const char *at = " 18446744073709551615 rest";
    assert_true(linux_parse_u64(&at, &u));
    assert_true(u == UINT64_MAX);
    assert_string_equal(at, " rest");
    at = "18446744073709551616";
    assert_false(linux_parse_u64(&at, &u));
    at = "-5";
    assert_false(linux_parse_u64(&at, &u));
    assert_true(linux_parse_i64(&at, &i));
    assert_int_equal(i, -5);
    at = "fFx";
    assert_true(linux_parse_hex(&at, &u));
    assert_int_equal(u, 255);
    assert_string_equal(at, "x");
    at = "10000000000000000";
    assert_false(linux_parse_hex(&at, &u));
    assert_true(linux_is_number("42", &u));
    assert_false(linux_is_number("42x", &u));
    assert_false(linux_is_number(" 42", &u));
    assert_false(linux_is_number("", &u));
}

static void finds_keys(void **state)
{
    (void)state;
    static const char text[] =
        "model\t: 7\nmodel name\t: Thing 9 \nempty\t:\nVmRSS:\t  12 kB\nlast:x";
    char buffer[16];
    size_t size = 99;
    uint64_t v;
    assert_true(linux_copy_key(text, "model name", ':', buffer, sizeof buffer));
    assert_string_equal(buffer, "Thing 9");
    assert_true(linux_key_u64(text, "model", &v));
    assert_int_equal(v, 7);
    assert_true(linux_key_u64(text, "VmRSS", &v));
    assert_int_equal(v, 12);
    assert_non_null(linux_find_key(text, "empty", ':', &size));
    assert_int_equal(size, 0);
    assert_true(linux_copy_key(text, "last", ':', buffer, sizeof buffer));
    assert_string_equal(buffer, "x");
    assert_null(linux_find_key(text, "mode", ':', &size));
    assert_null(linux_find_key(text, "name", ':', &size));
    assert_false(linux_copy_key(text, "model name", ':', buffer, 7));
}

static void parses_cpu_lists(void **state)
{
    (void)state;
    uint64_t bits[2] = {0, 0};
    assert_int_equal(linux_parse_cpu_list("0-2,8,64-65", bits, 2), 6);
    assert_int_equal(bits[0], 0x107);
    assert_int_equal(bits[1], 3);
    assert_int_equal(linux_parse_cpu_list("", NULL, 0), 0);
    assert_int_equal(linux_parse_cpu_list("500", bits, 2), 1);
    /* Broken ones end where they break. */
    assert_int_equal(linux_parse_cpu_list("1,5-3", NULL, 0), 1);
    assert_int_equal(linux_parse_cpu_list("0-99999999999", NULL, 0), 0);
}

static void reads_os_release(void **state)
{
    (void)state;
    char text[LINUX_NAME_SIZE];
    assert_false(linux_os_name(text));
    test_root_file("/usr/lib/os-release", "NAME=Vendor\n");
    assert_true(linux_os_name(text));
    assert_string_equal(text, "Vendor");
    test_root_file("/etc/os-release",
                   "NAME='It''s'\nPRETTY_NAME=\"A \\\"B\\\" \\$C\"\nVERSION_ID=1.2\nEMPTY=\n");
    assert_true(linux_os_name(text));
    assert_string_equal(text, "A \"B\" $C");
    assert_true(linux_os_release("VERSION_ID", text, sizeof text));
    assert_string_equal(text, "1.2");
    assert_true(linux_os_release("NAME", text, sizeof text));
    assert_string_equal(text, "Its");
    assert_false(linux_os_release("EMPTY", text, sizeof text));
    assert_false(linux_os_release("VERSION", text, sizeof text));
}

static void reads_boot_time(void **state)
{
    (void)state;
    int64_t boot = 0;
    assert_false(linux_boot_time(&boot));
    test_root_file("/proc/stat", "cpu  1 2 3\nintr 5 0 0\nbtime 1700000000\nprocesses 9\n");
    assert_true(linux_boot_time(&boot));
    assert_true(boot == INT64_C(1700000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(reads_under_the_root, set_up, tear_down),
        cmocka_unit_test_setup_teardown(leaves_out_what_does_not_fit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_all_up_to_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_lines_numbers_and_links, set_up, tear_down),
        cmocka_unit_test(parses_numbers),
        cmocka_unit_test(finds_keys),
        cmocka_unit_test(parses_cpu_lists),
        cmocka_unit_test_setup_teardown(reads_os_release, set_up, tear_down),
        cmocka_unit_test_setup_teardown(reads_boot_time, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("procfs", tests, NULL, NULL);
}
