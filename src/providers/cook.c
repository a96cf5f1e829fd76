/*
 * The formulas of performance counters; see cook.h. N is the counter's value,
 * D the time, F its frequency, B the base; 0 the first sample, 1 the second.
 */
#include "providers/cook.h"

#include <stddef.h>

enum formula {
    SHOWS_NOTHING,
    VALUE,           /* N1 */
    DELTA,           /* N1 - N0 */
    RATE,            /* (N1 - N0) / ((D1 - D0) / F) */
    LENGTH,          /* (N1 - N0) / (D1 - D0) */
    PERCENT,         /* 100 (N1 - N0) / (D1 - D0) */
    PERCENT_INVERSE, /* 100 (1 - (N1 - N0) / (D1 - D0)) */
    MULTI,           /* 100 (N1 - N0) / (D1 - D0) / B1 */
    MULTI_INVERSE,   /* 100 (B1 - (N1 - N0) / (D1 - D0)) */
    PRECISION,       /* 100 (N1 - N0) / (B1 - B0) */
    FRACTION,        /* 100 N1 / B1 */
    SAMPLE_FRACTION, /* 100 (N1 - N0) / (B1 - B0) */
    AVERAGE,         /* (N1 - N0) / (B1 - B0) */
    AVERAGE_TIME,    /* ((N1 - N0) / F) / (B1 - B0) */
    ELAPSED          /* (D1 - N1) / F */
};

struct type {
    uint32_t value;
    const char *name;
    enum formula formula;
    enum cook_time time;
};

#define TYPE(name, formula, time)                                                                  \
    {                                                                                              \
        name, #name, formula, COOK_TIME_##time                                                     \
    }

/* By value. */
static const struct type types[] = {
    TYPE(PERF_COUNTER_RAWCOUNT_HEX, VALUE, NONE),
    TYPE(PERF_COUNTER_LARGE_RAWCOUNT_HEX, VALUE, NONE),
    TYPE(PERF_COUNTER_TEXT, SHOWS_NOTHING, NONE),
    TYPE(PERF_COUNTER_RAWCOUNT, VALUE, NONE),
    TYPE(PERF_COUNTER_LARGE_RAWCOUNT, VALUE, NONE),
    TYPE(PERF_DOUBLE_RAW, SHOWS_NOTHING, NONE), /* no property here holds a real number */
    TYPE(PERF_COUNTER_DELTA, DELTA, NONE),
    TYPE(PERF_COUNTER_LARGE_DELTA, DELTA, NONE),
    TYPE(PERF_SAMPLE_COUNTER, RATE, PERF),
    TYPE(PERF_COUNTER_QUEUELEN_TYPE, LENGTH, PERF),
    TYPE(PERF_COUNTER_LARGE_QUEUELEN_TYPE, LENGTH, PERF),
    TYPE(PERF_COUNTER_100NS_QUEUELEN_TYPE, LENGTH, 100NS),
    TYPE(PERF_COUNTER_OBJ_TIME_QUEUELEN_TYPE, LENGTH, OBJECT),
    TYPE(PERF_COUNTER_COUNTER, RATE, PERF),
    TYPE(PERF_COUNTER_BULK_COUNT, RATE, PERF),
    TYPE(PERF_RAW_FRACTION, FRACTION, NONE),
    TYPE(PERF_COUNTER_TIMER, PERCENT, PERF),
    TYPE(PERF_PRECISION_SYSTEM_TIMER, PRECISION, PERF),
    TYPE(PERF_100NSEC_TIMER, PERCENT, 100NS),
    TYPE(PERF_PRECISION_100NS_TIMER, PRECISION, 100NS),
    TYPE(PERF_OBJ_TIME_TIMER, PERCENT, OBJECT),
    TYPE(PERF_PRECISION_OBJECT_TIMER, PRECISION, OBJECT),
    TYPE(PERF_SAMPLE_FRACTION, SAMPLE_FRACTION, NONE),
    TYPE(PERF_COUNTER_TIMER_INV, PERCENT_INVERSE, PERF),
    TYPE(PERF_100NSEC_TIMER_INV, PERCENT_INVERSE, 100NS),
    TYPE(PERF_COUNTER_MULTI_TIMER, MULTI, PERF),
    TYPE(PERF_100NSEC_MULTI_TIMER, MULTI, 100NS),
    TYPE(PERF_COUNTER_MULTI_TIMER_INV, MULTI_INVERSE, PERF),
    TYPE(PERF_100NSEC_MULTI_TIMER_INV, MULTI_INVERSE, 100NS),
    TYPE(PERF_AVERAGE_TIMER, AVERAGE_TIME, PERF),
    TYPE(PERF_ELAPSED_TIME, ELAPSED, OBJECT),
    TYPE(PERF_COUNTER_NODATA, SHOWS_NOTHING, NONE),
    TYPE(PERF_AVERAGE_BULK, AVERAGE, PERF),
    TYPE(PERF_SAMPLE_BASE, SHOWS_NOTHING, NONE),
    TYPE(PERF_AVERAGE_BASE, SHOWS_NOTHING, NONE),
    TYPE(PERF_RAW_BASE, SHOWS_NOTHING, NONE),
    TYPE(PERF_PRECISION_TIMESTAMP, SHOWS_NOTHING, NONE),
    TYPE(PERF_LARGE_RAW_BASE, SHOWS_NOTHING, NONE),
    TYPE(PERF_COUNTER_MULTI_BASE, SHOWS_NOTHING, NONE),
    TYPE(PERF_COUNTER_HISTOGRAM_TYPE, SHOWS_NOTHING, NONE),
};

static const struct type *find(uint32_t type)
{
    size_t low = 0, high = sizeof types / sizeof *types;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (types[middle].value < type) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < sizeof types / sizeof *types && types[low].value == type ? &types[low] : NULL;
}

const char *cook_name(uint32_t type)
{
    const struct type *t = find(type);
    return t ? t->name : NULL;
}

enum cook_time cook_time(uint32_t type)
{
    const struct type *t = find(type);
    return t ? t->time : COOK_TIME_NONE;
}

bool cook_has_base(uint32_t type)
{
    const struct type *t = find(type);
    if (!t) {
        return false;
    }
    switch (t->formula) {
    case MULTI:
    case MULTI_INVERSE:
    case PRECISION:
    case FRACTION:
    case SAMPLE_FRACTION:
    case AVERAGE:
    case AVERAGE_TIME:
        return true;
    default:
        return false;
    }
}

bool cook_is_base(uint32_t type)
{
    return type >= PERF_SAMPLE_BASE && type <= PERF_COUNTER_MULTI_BASE;
}

/* winperf.h: the bits 8 and 9 of a type are its size, 1 for a large one. */
unsigned cook_bits(uint32_t type)
{
    return (type & 0x300) == 0x100 ? 64 : 32;
}

/* How far a counter has come. What falls has begun anew, with the thing or the machine: nothing is
 * known of it, so it shows no change. A counter of 32 bits falls when it overflows. */
static double change(unsigned bits, uint64_t from, uint64_t to)
{
    if (bits == 32) {
        return (double)(uint32_t)(to - from);
    }
    return to > from ? (double)(to - from) : 0;
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static unsigned base_bits(enum formula f)
{
    return f == PRECISION ? 64 : 32;
}

static double of_two(const struct type *t, const struct cook_sample *a, const struct cook_sample *b)
{
    double n = change(cook_bits(t->value), a->value, b->value);
    double d = change(64, a->time, b->time);
    double base = change(base_bits(t->formula), a->base, b->base);
    double frequency = (double)b->frequency;
    switch (t->formula) {
    case DELTA:
        return n;
    case RATE:
        return ratio(n * frequency, d);
    case LENGTH:
        return ratio(n, d);
    case PERCENT:
        return 100 * ratio(n, d);
    case PERCENT_INVERSE:
        return d > 0 && n < d ? 100 * (1 - n / d) : 0;
    case MULTI:
        return 100 * ratio(ratio(n, d), (double)b->base);
    case MULTI_INVERSE:
        return d > 0 && n / d < (double)b->base ? 100 * ((double)b->base - n / d) : 0;
    case PRECISION:
    case SAMPLE_FRACTION:
        return 100 * ratio(n, base);
    case AVERAGE:
        return ratio(n, base);
    case AVERAGE_TIME:
        return ratio(ratio(n, frequency), base);
    default:
        return 0;
    }
}

bool cook(uint32_t type, const struct cook_sample *first, const struct cook_sample *second,
          double *ret)
{
    const struct type *t = find(type);
    if (!t || t->formula == SHOWS_NOTHING) {
        return false;
    }
    switch (t->formula) {
    case VALUE:
        *ret = (double)second->value;
        break;
    case FRACTION:
        *ret = 100 * ratio((double)second->value, (double)second->base);
        break;
    case ELAPSED:
        *ret = ratio(change(64, second->value, second->time), (double)second->frequency);
        break;
    default:
        *ret = first ? of_two(t, first, second) : 0;
    }
    return true;
}
