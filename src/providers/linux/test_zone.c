#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "providers/linux/test_root.h"
#include "providers/linux/zone.h"

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

static void parses_a_rule_with_daylight(void **state)
{
    (void)state;
    struct zone z = {0};
    assert_true(zone_parse("CET-1CEST,M3.5.0,M10.5.0/3", &z));
    assert_string_equal(z.standard, "CET");
    assert_string_equal(z.daylight, "CEST");
    assert_int_equal(z.standard_east, 3600);
    assert_int_equal(z.daylight_east, 7200);
    assert_int_equal(z.to_daylight.month, 3);
    assert_int_equal(z.to_daylight.week, 5);
    assert_int_equal(z.to_daylight.seconds, 7200);
    assert_int_equal(z.to_standard.month, 10);
    assert_int_equal(z.to_standard.seconds, 10800);
}

static void parses_other_forms(void **state)
{
    (void)state;
    struct zone z = {0};
    assert_true(zone_parse("UTC0", &z));
    assert_false(z.has_daylight);
    assert_true(zone_parse("<+0330>-3:30", &z));
    assert_string_equal(z.standard, "+0330");
    assert_int_equal(z.standard_east, 12600);
    /* Half an hour of daylight saving time, and a time before midnight. */
    assert_true(zone_parse("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", &z));
    assert_int_equal(z.daylight_east - z.standard_east, 1800);
    assert_true(zone_parse("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", &z));
    assert_int_equal(z.to_daylight.seconds, -3600);
    /* Days of the year have no month. */
    assert_true(zone_parse("AAA3BBB,J60/1,300", &z));
    assert_int_equal(z.to_daylight.month, 0);
}

static void refuses_what_is_no_rule(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        "UT0",
        "CET",
        "CET-",
        "<CET-1",
        "CET-1CEST",
        "CET-1CEST,M3.5.0",
        "CET-1CEST,M13.5.0,M1.1.1",
        "CET-1CEST,M3.6.0,M1.1.1",
        "CET-1CEST,M3.5.7,M1.1.1",
        "CET-1CEST,M3.5.0,M10.5.0/3x",
        "CET-1CEST,M3.5.0/,M10.5.0",
        "CET-999",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz0",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct zone z = {0};
        assert_false(zone_parse(wrong[i], &z));
    }
}

/* RFC 8536: a header of 44 bytes, whatever follows, and the rule in the last line. */
static void write_tzif(const char *path, const char *footer)
{
    char bytes[256] = "TZif2";
    size_t size = 44;
    size += (size_t)snprintf(bytes + size, sizeof bytes - size, "\n%s\n", footer);
    test_root_bytes(path, bytes, size);
}

static void reads_the_machines_zone(void **state)
{
    (void)state;
    struct zone z;
    assert_true(zone_read(&z));
    assert_string_equal(z.standard, "UTC");
    write_tzif("/etc/localtime", "EST5EDT,M3.2.0,M11.1.0");
    assert_true(zone_read(&z));
    assert_string_equal(z.standard, "EST");
    assert_int_equal(z.standard_east, -5 * 3600);
    assert_string_equal(z.id, "");
}

static void takes_the_name_from_the_link(void **state)
{
    (void)state;
    struct zone z;
    write_tzif("/usr/share/zoneinfo/Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3");
    test_root_link("/etc/localtime", "../usr/share/zoneinfo/Europe/Berlin");
    assert_true(zone_read(&z));
    assert_string_equal(z.id, "Europe/Berlin");
    assert_string_equal(z.standard, "CET");
}

static void refuses_a_broken_file(void **state)
{
    (void)state;
    struct zone z;
    test_root_file("/etc/localtime",
                   "TZif2 and then nothing that such a file has, but long enough");
    assert_false(zone_read(&z));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_a_rule_with_daylight),
        cmocka_unit_test(parses_other_forms),
        cmocka_unit_test(refuses_what_is_no_rule),
        cmocka_unit_test_setup_teardown(reads_the_machines_zone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(takes_the_name_from_the_link, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_a_broken_file, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
