/*
 * DMTF datetimes: moments, intervals, asterisks, what people write in WQL,
 * and the local zone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "object/object.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)

static struct cim_string narrow(const char *text)
{
    return (struct cim_string){.bytes = (const uint8_t *)text, .length = (uint32_t)strlen(text)};
}

static HRESULT parse(const char *text, bool lenient, struct cim_datetime *ret)
{
    struct cim_string string = narrow(text);
    return cim_datetime_parse(&string, lenient, ret);
}

static void use_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void moments_are_points_in_utc(void **state)
{
    static const struct {
        const char *text;
        int64_t microseconds;
        int offset;
    } cases[] = {
        {"19700101000000.000000+000", 0, 0},
        {"19700101010000.000000+060", 0, 60},
        {"19691231190000.000000-300", 0, -300},
        {"20000229123456.789012+000", INT64_C(951827696789012), 0},
        {"20240101000000.000001-000", INT64_C(1704067200000001), 0},
        {"00000101000000.000000+000", INT64_C(-62167219200000000), 0},
        {"99991231235959.999999+000", INT64_C(253402300799999999), 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cim_datetime d;
        assert_int_equal(parse(cases[i].text, false, &d), WBEM_S_NO_ERROR);
        assert_false(d.interval);
        assert_false(d.wildcard);
        assert_true(d.microseconds == cases[i].microseconds);
        assert_int_equal(d.utc_offset, cases[i].offset);
        if (cases[i].text[21] == '+' || cases[i].offset != 0) {
            char text[26];
            cim_datetime_print(&d, text);
            assert_string_equal(text, cases[i].text);
        }
    }
}

static void wide_text_reads_the_same(void **state)
{
    static const char text[] = "20240101000000.000000+000";
    uint8_t bytes[2 * sizeof text];
    for (size_t i = 0; i < sizeof text; i++) {
        bytes[2 * i] = (uint8_t)text[i];
        bytes[2 * i + 1] = 0;
    }
    struct cim_string string = {.bytes = bytes, .length = sizeof text - 1, .wide = true};
    struct cim_datetime d;
    assert_int_equal(cim_datetime_parse(&string, false, &d), WBEM_S_NO_ERROR);
    assert_true(d.microseconds == INT64_C(1704067200000000));
    bytes[1] = 1; /* U+0132 is no '2' */
    assert_int_equal(cim_datetime_parse(&string, false, &d), WBEM_E_INVALID_PARAMETER);
}

static void intervals_are_lengths(void **state)
{
    struct cim_datetime d;
    char text[26];
    assert_int_equal(parse("00000001020304.000005:000", false, &d), WBEM_S_NO_ERROR);
    assert_true(d.interval);
    assert_true(d.microseconds == 26 * HOUR + 184 * SECOND + 5);
    cim_datetime_print(&d, text);
    assert_string_equal(text, "00000001020304.000005:000");

    assert_int_equal(parse("99999999235959.999999:000", false, &d), WBEM_S_NO_ERROR);
    cim_datetime_print(&d, text);
    assert_string_equal(text, "99999999235959.999999:000");
}

static void asterisks_count_as_the_lowest_value(void **state)
{
    struct cim_datetime d;
    char text[26];
    assert_int_equal(parse("20241******000.000000+000", false, &d), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(parse("2024**********.******+***", false, &d), WBEM_S_NO_ERROR);
    assert_true(d.wildcard);
    cim_datetime_print(&d, text);
    assert_string_equal(text, "20240101000000.000000+000");

    assert_int_equal(parse("20240102030405.12****+000", false, &d), WBEM_S_NO_ERROR);
    assert_true(d.wildcard);
    cim_datetime_print(&d, text);
    assert_string_equal(text, "20240102030405.120000+000");

    assert_int_equal(parse("000000020304**.******:000", false, &d), WBEM_S_NO_ERROR);
    assert_true(d.wildcard);
    assert_true(d.interval);
}

static void broken_ones_are_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "20240101",
        "20240101000000.000000+00",
        "20240101000000.000000+0000",
        "20240101000000,000000+000",
        "20240101000000.000000 000",
        "20241301000000.000000+000",
        "20240001000000.000000+000",
        "20240230000000.000000+000",
        "20230229000000.000000+000",
        "19000229000000.000000+000",
        "20240101240000.000000+000",
        "20240101006000.000000+000",
        "20240101000060.000000+000",
        "2024010100000a.000000+000",
        "20240101000000.**0000+000",
        "00000001240000.000000:000",
        "00000001000000.000000:001",
        "0000000100000*.000000:000",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cim_datetime d;
        if (parse(cases[i], false, &d) != WBEM_E_INVALID_PARAMETER) {
            fail_msg("accepted: %s", cases[i]);
        }
    }
}

static void lenient_forms_are_local_unless_they_say(void **state)
{
    static const struct {
        const char *text, *dmtf;
    } cases[] = {
        {"2024-03-04", "20240304000000.000000+060"},
        {"3/4/2024", "20240304000000.000000+060"},
        {"07.08.99", "19990708000000.000000+120"},
        {"1/2/29", "20290102000000.000000+060"},
        {"2024-03-04 05:06:07", "20240304050607.000000+060"},
        {"2024-03-04T05:06:07Z", "20240304050607.000000+000"},
        {"2024-03-04T05:06:07.25+02:30", "20240304050607.250000+150"},
        {"2024-03-04T05:06:07.1234567-0500", "20240304050607.123456-300"},
        {"January 21, 1932", "19320121000000.000000+060"},
        {"Jan 21 32", "19320121000000.000000+060"},
        {"Jan 1932", "19320101000000.000000+060"},
        {"21 jan32", "19320121000000.000000+060"},
        {"1932 January 21 4 PM", "19320121160000.000000+060"},
        {"3/4/2024 3:23", "20240304032300.000000+060"},
        {"3/4/2024 12:00 AM", "20240304000000.000000+060"},
        {"3/4/2024 12:30:15PM", "20240304123015.000000+060"},
        {"3/4/2024 3:23:00 GMT", "20240304032300.000000+000"},
        {"3/4/2024 3:23:00:120", "20240304032300.000000+120"},
        {"  3/4/2024  ", "20240304000000.000000+060"},
    };
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cim_datetime d;
        char text[26];
        if (FAILED(parse(cases[i].text, true, &d))) {
            fail_msg("refused: %s", cases[i].text);
        }
        cim_datetime_print(&d, text);
        assert_string_equal(text, cases[i].dmtf);
        assert_int_equal(parse(cases[i].text, false, &d), WBEM_E_INVALID_PARAMETER);
    }
}

static void lenient_has_its_limits(void **state)
{
    static const char *const cases[] = {
        "tomorrow",
        "13/1/2024",
        "2024-02-30",
        "2024-03/04",
        "3/4/2024 25:00",
        "3/4/2024 5",
        "3/4/2024 13:00 PM",
        "3/4/2024 3:23:00x",
        "Jan",
        "Foo 1 2024",
        "1 2 3",
        "3/4/2024 3:",
        "2024-03-04T05:06:07+99:00",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cim_datetime d;
        if (parse(cases[i], true, &d) != WBEM_E_INVALID_PARAMETER) {
            fail_msg("accepted: %s", cases[i]);
        }
    }
}

static void printing_never_leaves_its_25_characters(void **state)
{
    static const struct cim_datetime cases[] = {
        {.microseconds = INT64_MAX},
        {.microseconds = INT64_MIN, .utc_offset = -999},
        {.microseconds = INT64_MIN, .utc_offset = 32767},
        {.interval = true, .microseconds = INT64_MAX},
        {.interval = true, .microseconds = -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cim_datetime d;
        char text[26];
        cim_datetime_print(&cases[i], text);
        assert_int_equal(strlen(text), 25);
        assert_int_equal(parse(text, false, &d), WBEM_S_NO_ERROR);
    }
}

static void local_offset_follows_the_zone_rules(void **state)
{
    use_zone("CET-1CEST,M3.5.0,M10.5.0/3");
    int64_t change = INT64_C(1711846800) * SECOND; /* 2024-03-31 01:00 UTC */
    assert_int_equal(cim_datetime_local_offset(change - 1), 60);
    assert_int_equal(cim_datetime_local_offset(change), 120);
    use_zone("EST5");
    assert_int_equal(cim_datetime_local_offset(-1), -300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_are_points_in_utc),
        cmocka_unit_test(wide_text_reads_the_same),
        cmocka_unit_test(intervals_are_lengths),
        cmocka_unit_test(asterisks_count_as_the_lowest_value),
        cmocka_unit_test(broken_ones_are_refused),
        cmocka_unit_test(lenient_forms_are_local_unless_they_say),
        cmocka_unit_test(lenient_has_its_limits),
        cmocka_unit_test(printing_never_leaves_its_25_characters),
        cmocka_unit_test(local_offset_follows_the_zone_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
