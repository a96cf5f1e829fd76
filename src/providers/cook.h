/*
 * The formulas of performance counters ([WmiSdk] "WMI Performance Counter
 * Types"): what one value, or the change between two samples, says.
 */
#ifndef WBEM_PROVIDERS_COOK_H
#define WBEM_PROVIDERS_COOK_H

#include <stdbool.h>
#include <stdint.h>

/* Values of the qualifier CounterType ([WmiSdk] "CounterType Qualifier"). */
#define PERF_COUNTER_RAWCOUNT_HEX UINT32_C(0)
#define PERF_COUNTER_LARGE_RAWCOUNT_HEX UINT32_C(256)
#define PERF_COUNTER_TEXT UINT32_C(2816)
#define PERF_COUNTER_RAWCOUNT UINT32_C(65536)
#define PERF_COUNTER_LARGE_RAWCOUNT UINT32_C(65792)
#define PERF_DOUBLE_RAW UINT32_C(73728)
#define PERF_COUNTER_DELTA UINT32_C(4195328)
#define PERF_COUNTER_LARGE_DELTA UINT32_C(4195584)
#define PERF_SAMPLE_COUNTER UINT32_C(4260864)
#define PERF_COUNTER_QUEUELEN_TYPE UINT32_C(4523008)
#define PERF_COUNTER_LARGE_QUEUELEN_TYPE UINT32_C(4523264)
#define PERF_COUNTER_100NS_QUEUELEN_TYPE UINT32_C(5571840)
#define PERF_COUNTER_OBJ_TIME_QUEUELEN_TYPE UINT32_C(6620416)
#define PERF_COUNTER_COUNTER UINT32_C(272696320)
#define PERF_COUNTER_BULK_COUNT UINT32_C(272696576)
#define PERF_RAW_FRACTION UINT32_C(537003008)
#define PERF_COUNTER_TIMER UINT32_C(541132032)
#define PERF_PRECISION_SYSTEM_TIMER UINT32_C(541525248)
#define PERF_100NSEC_TIMER UINT32_C(542180608)
#define PERF_PRECISION_100NS_TIMER UINT32_C(542573824)
#define PERF_OBJ_TIME_TIMER UINT32_C(543229184)
#define PERF_PRECISION_OBJECT_TIMER UINT32_C(543622400)
#define PERF_SAMPLE_FRACTION UINT32_C(549585920)
#define PERF_COUNTER_TIMER_INV UINT32_C(557909248)
#define PERF_100NSEC_TIMER_INV UINT32_C(558957824)
#define PERF_COUNTER_MULTI_TIMER UINT32_C(574686464)
#define PERF_100NSEC_MULTI_TIMER UINT32_C(575735040)
#define PERF_COUNTER_MULTI_TIMER_INV UINT32_C(591463680)
#define PERF_100NSEC_MULTI_TIMER_INV UINT32_C(592512256)
#define PERF_AVERAGE_TIMER UINT32_C(805438464)
#define PERF_ELAPSED_TIME UINT32_C(807666944)
#define PERF_COUNTER_NODATA UINT32_C(1073742336)
#define PERF_AVERAGE_BULK UINT32_C(1073874176)
#define PERF_SAMPLE_BASE UINT32_C(1073939457)
#define PERF_AVERAGE_BASE UINT32_C(1073939458)
#define PERF_RAW_BASE UINT32_C(1073939459)
#define PERF_PRECISION_TIMESTAMP UINT32_C(1073939712)
#define PERF_LARGE_RAW_BASE UINT32_C(1073939715)
#define PERF_COUNTER_MULTI_BASE UINT32_C(1107494144)
#define PERF_COUNTER_HISTOGRAM_TYPE UINT32_C(2147483648)

/* The name of a type as the qualifier CookingType has it; NULL: there is no such type. */
const char *cook_name(uint32_t type);

/* Which of a sample's three times a type is computed by. */
enum cook_time {
    COOK_TIME_NONE,
    COOK_TIME_PERF,   /* Timestamp_PerfTime */
    COOK_TIME_100NS,  /* Timestamp_Sys100NS */
    COOK_TIME_OBJECT, /* Timestamp_Object */
};
enum cook_time cook_time(uint32_t type);

/* True for a type that needs the base counter which follows it. */
bool cook_has_base(uint32_t type);
/* True for a type that is such a base itself: it is not shown. */
bool cook_is_base(uint32_t type);
/* 32 or 64: a counter of 32 bits begins again at 0. */
unsigned cook_bits(uint32_t type);

struct cook_sample {
    uint64_t value, base;
    uint64_t time, frequency; /* by cook_time() */
};

/* What the counter shows at `second`. Without a `first` sample a type that needs two shows 0, as
 * Windows does. False: the type shows nothing. */
bool cook(uint32_t type, const struct cook_sample *first, const struct cook_sample *second,
          double *ret);

#endif
