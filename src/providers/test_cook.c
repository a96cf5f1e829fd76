/*
 * The formulas of performance counters, one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "providers/cook.h"

#define SECOND UINT64_C(10000000)

static double shows(uint32_t type, struct cook_sample first, struct cook_sample second)
{
    double v = -1;
    assert_true(cook(type, &first, &second, &v));
    return v;
}

#define assert_shows(type, first, second, expected)                                                \
    assert_float_equal(shows(type, (struct cook_sample)first, (struct cook_sample)second),         \
                       expected, 1e-9)
#define S(...)                                                                                     \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }

static void shows_values(void **state)
{
    (void)state;
    assert_shows(PERF_COUNTER_RAWCOUNT, S(.value = 3), S(.value = 7), 7);
    assert_shows(PERF_COUNTER_LARGE_RAWCOUNT, S(.value = 3), S(.value = UINT64_C(1) << 40),
                 (double)(UINT64_C(1) << 40));
    assert_shows(PERF_COUNTER_DELTA, S(.value = 3), S(.value = 10), 7);
    assert_shows(PERF_COUNTER_LARGE_DELTA, S(.value = 3), S(.value = 10), 7);
}

/* Average number of operations in each second of the interval. */
static void shows_rates(void **state)
{
    (void)state;
    static const uint32_t types[] = {PERF_COUNTER_COUNTER, PERF_COUNTER_BULK_COUNT,
                                     PERF_SAMPLE_COUNTER};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_shows(types[i], S(.value = 1000, .time = SECOND, .frequency = SECOND),
                     S(.value = 1500, .time = 3 * SECOND, .frequency = SECOND), 250);
    }
    /* No time has passed. */
    assert_shows(PERF_COUNTER_COUNTER, S(.value = 1, .time = 5, .frequency = 1),
                 S(.value = 2, .time = 5, .frequency = 1), 0);
}

/* A counter of 32 bits goes on from 0; one of 64 bits that falls has begun anew. */
static void goes_over_the_end(void **state)
{
    (void)state;
    assert_shows(PERF_COUNTER_COUNTER, S(.value = UINT32_MAX - 9, .frequency = 1),
                 S(.value = 10, .time = 2, .frequency = 1), 10);
    assert_shows(PERF_COUNTER_BULK_COUNT, S(.value = 500, .frequency = 1),
                 S(.value = 10, .time = 2, .frequency = 1), 0);
}

static void shows_percentages_of_time(void **state)
{
    (void)state;
    struct cook_sample a = {.value = 100, .time = 1000}, b = {.value = 350, .time = 2000};
    assert_float_equal(shows(PERF_COUNTER_TIMER, a, b), 25, 1e-9);
    assert_float_equal(shows(PERF_100NSEC_TIMER, a, b), 25, 1e-9);
    assert_float_equal(shows(PERF_OBJ_TIME_TIMER, a, b), 25, 1e-9);
    assert_float_equal(shows(PERF_COUNTER_TIMER_INV, a, b), 75, 1e-9);
    assert_float_equal(shows(PERF_100NSEC_TIMER_INV, a, b), 75, 1e-9);
    /* Two components. */
    a.base = b.base = 2;
    assert_float_equal(shows(PERF_100NSEC_MULTI_TIMER, a, b), 12.5, 1e-9);
    assert_float_equal(shows(PERF_COUNTER_MULTI_TIMER, a, b), 12.5, 1e-9);
    assert_float_equal(shows(PERF_100NSEC_MULTI_TIMER_INV, a, b), 175, 1e-9);
    assert_float_equal(shows(PERF_COUNTER_MULTI_TIMER_INV, a, b), 175, 1e-9);
    /* More idle time than time: clocks differ by a tick. */
    b.value = 1200;
    assert_float_equal(shows(PERF_100NSEC_TIMER_INV, a, b), 0, 1e-9);
}

/* The time base is the counter's own, whatever the sample's is. */
static void shows_precision_timers(void **state)
{
    (void)state;
    assert_shows(PERF_PRECISION_100NS_TIMER, S(.value = 10, .base = 1000, .time = 1),
                 S(.value = 60, .base = 1200, .time = 9), 25);
    assert_shows(PERF_PRECISION_SYSTEM_TIMER, S(.value = 10, .base = 1000),
                 S(.value = 60, .base = 1200), 25);
}

static void shows_fractions(void **state)
{
    (void)state;
    /* PercentFreeSpace over PercentFreeSpace_Base, times 100 ("Basic Algorithm Counter Types"). */
    assert_shows(PERF_RAW_FRACTION, S(.value = 9, .base = 9), S(.value = 30, .base = 120), 25);
    assert_shows(PERF_RAW_FRACTION, S(.value = 0), S(.value = 30, .base = 0), 0);
    assert_shows(PERF_SAMPLE_FRACTION, S(.value = 10, .base = 100), S(.value = 25, .base = 150),
                 30);
}

static void shows_averages(void **state)
{
    (void)state;
    /* AvgDiskBytesPerRead: (Sample2 - Sample1) / (Base Sample2 - Base Sample1)
     * ("Property Qualifiers for Performance Counter Classes"). */
    assert_shows(PERF_AVERAGE_BULK, S(.value = 4096, .base = 1), S(.value = 20480, .base = 5),
                 4096);
    assert_shows(PERF_AVERAGE_BULK, S(.value = 4096, .base = 5), S(.value = 4096, .base = 5), 0);
    /* AvgDiskSecPerRead: seconds of all operations, by their number. */
    assert_shows(PERF_AVERAGE_TIMER, S(.value = 0, .base = 0, .frequency = SECOND),
                 S(.value = 3 * SECOND, .base = 12, .frequency = SECOND), 0.25);
    assert_shows(PERF_COUNTER_100NS_QUEUELEN_TYPE, S(.value = 0, .time = SECOND),
                 S(.value = 5 * SECOND, .time = 3 * SECOND), 2.5);
}

static void shows_elapsed_time(void **state)
{
    (void)state;
    struct cook_sample now = {.value = 5 * SECOND, .time = 65 * SECOND, .frequency = SECOND};
    double v;
    assert_true(cook(PERF_ELAPSED_TIME, NULL, &now, &v));
    assert_float_equal(v, 60, 1e-9);
}

static void shows_nothing_of_one_sample(void **state)
{
    (void)state;
    struct cook_sample now = {.value = 5, .base = 10, .time = 65, .frequency = 1};
    double v = -1;
    assert_true(cook(PERF_COUNTER_COUNTER, NULL, &now, &v));
    assert_float_equal(v, 0, 0);
    assert_true(cook(PERF_100NSEC_TIMER_INV, NULL, &now, &v));
    assert_float_equal(v, 0, 0);
    assert_true(cook(PERF_COUNTER_RAWCOUNT, NULL, &now, &v));
    assert_float_equal(v, 5, 0);
    assert_true(cook(PERF_RAW_FRACTION, NULL, &now, &v));
    assert_float_equal(v, 50, 0);
}

static void knows_the_types(void **state)
{
    (void)state;
    struct cook_sample now = {0};
    double v;
    assert_string_equal(cook_name(272696320), "PERF_COUNTER_COUNTER");
    assert_string_equal(cook_name(0), "PERF_COUNTER_RAWCOUNT_HEX");
    assert_string_equal(cook_name(2147483648), "PERF_COUNTER_HISTOGRAM_TYPE");
    assert_null(cook_name(1));
    assert_false(cook(1, NULL, &now, &v));
    assert_false(cook(PERF_RAW_BASE, NULL, &now, &v));
    assert_true(cook_is_base(PERF_RAW_BASE));
    assert_true(cook_is_base(PERF_PRECISION_TIMESTAMP));
    assert_false(cook_is_base(PERF_AVERAGE_BULK));
    assert_true(cook_has_base(PERF_AVERAGE_BULK));
    assert_false(cook_has_base(PERF_COUNTER_COUNTER));
    assert_int_equal(cook_bits(PERF_COUNTER_COUNTER), 32);
    assert_int_equal(cook_bits(PERF_AVERAGE_BULK), 64);
    assert_int_equal(cook_bits(PERF_AVERAGE_TIMER), 32);
    assert_int_equal(cook_bits(PERF_PRECISION_TIMESTAMP), 64);
    assert_int_equal(cook_time(PERF_100NSEC_TIMER_INV), COOK_TIME_100NS);
    assert_int_equal(cook_time(PERF_COUNTER_COUNTER), COOK_TIME_PERF);
    assert_int_equal(cook_time(PERF_ELAPSED_TIME), COOK_TIME_OBJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_values),
        cmocka_unit_test(shows_rates),
        cmocka_unit_test(goes_over_the_end),
        cmocka_unit_test(shows_percentages_of_time),
        cmocka_unit_test(shows_precision_timers),
        cmocka_unit_test(shows_fractions),
        cmocka_unit_test(shows_averages),
        cmocka_unit_test(shows_elapsed_time),
        cmocka_unit_test(shows_nothing_of_one_sample),
        cmocka_unit_test(knows_the_types),
    };
    return cmocka_run_group_tests_name("cook", tests, NULL, NULL);
}
