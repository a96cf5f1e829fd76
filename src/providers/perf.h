/*
 * Performance objects: things with counters (processors, processes, disks)
 * that are read again and again. A provider says how to read the counters once;
 * from that come the raw class, the formatted class with what two readings
 * show (cook.h), and the in-place refresh of both (perf_refresh.c).
 */
#ifndef WBEM_PROVIDERS_PERF_H
#define WBEM_PROVIDERS_PERF_H

#include <pthread.h>

#include "providers/cook.h"
#include "providers/provider.h"

enum {
    PERF_COUNTERS_MAX = 48,
    PERF_NAME_SIZE = 256, /* Name's MaxLen; a longer one is cut */
};

/* What _Total shows of a counter. */
enum perf_total {
    PERF_TOTAL_NONE, /* nothing */
    PERF_TOTAL_SUM,
    PERF_TOTAL_MEAN,
};

/* A counter that has a base is followed by it. */
struct perf_counter {
    const char *name;
    uint32_t type; /* CounterType */
    enum perf_total total;
};

/* When a sample was taken, by the clocks of Win32_Perf; Timestamp_Object is sys_100ns here. */
struct perf_stamp {
    uint64_t perf_time, sys_100ns;
};

#define PERF_TIME_FREQUENCY UINT64_C(10000000) /* that of QueryPerformanceCounter() */
#define PERF_100NS_FREQUENCY UINT64_C(10000000)
/* From 1601-01-01, where sys_100ns begins, to 1970-01-01. */
#define PERF_100NS_EPOCH UINT64_C(116444736000000000)

/* One instance, sampled. */
struct perf_item {
    uint64_t id[2]; /* which thing it is, whatever its name; 0, 0: the one of that name */
    char name[PERF_NAME_SIZE];
    uint64_t known; /* bit i: counter i has a value */
    uint64_t values[PERF_COUNTERS_MAX];
};

static inline void perf_set(struct perf_item *item, unsigned counter, uint64_t v)
{
    item->values[counter] = v;
    item->known |= UINT64_C(1) << counter;
}

/* The last sample of each object, which the next formatted query computes from. */
struct perf_history {
    pthread_mutex_t lock;
    struct perf_table *last;
};

struct perf_object {
    const char *const *columns; /* PERF_COMMON_COLUMNS and the counters' names, then NULL */
    const struct perf_counter *counters;
    unsigned counter_count;
    bool singleton; /* one instance, without a name */
    bool has_total; /* _Total follows the instances */
    /* A counter that an instance lacks is one that it can't have, such as a disk's of a file system
     * in memory: _Total is of the others. Without this it is one that we can't know, and _Total is
     * not known either. */
    bool total_of_others;
    struct perf_history *history;
    /* A reader keeps what saves work from one sample to the next: descriptors and buffers. Used by
     * one thread at a time. */
    HRESULT (*open)(void **ret_reader);
    void (*close)(void *reader);
    /* Begin a sample of every instance. Bit i of `wanted`: counter i is looked at. */
    HRESULT (*begin)(void *reader, uint64_t wanted, const struct perf_stamp *stamp);
    /* The next instance, in `item` with known == 0. False: there is none left. */
    bool (*next)(void *reader, struct perf_item *item);
    /* Sample the one instance item->id again, without begin(); the name stays. False: it is gone.
     * NULL when that is no cheaper than sampling all. */
    bool (*again)(void *reader, struct perf_item *item);
};

/* ---- samples -------------------------------------------------------------------- */

struct perf_stamp perf_now(void);

/* Samples every instance and then _Total, one at a time. */
struct perf_pass {
    const struct perf_object *object;
    void *reader;
    struct perf_stamp stamp;
    struct perf_item total;
    unsigned counted; /* instances */
    unsigned counted_of[PERF_COUNTERS_MAX];
    bool totalled;
};

HRESULT perf_pass_begin(struct perf_pass *p, const struct perf_object *object, void *reader,
                        uint64_t wanted);
bool perf_pass_next(struct perf_pass *p, struct perf_item *ret);

/* True for two samples of one thing. */
bool perf_same(const struct perf_item *a, const struct perf_item *b);

/* ---- what a class shows of a sample ------------------------------------------------- */

/* The columns that raw and formatted classes have before the counters. */
#define PERF_COMMON_COLUMNS                                                                        \
    "Name", "Timestamp_PerfTime", "Frequency_PerfTime", "Timestamp_Sys100NS",                      \
        "Frequency_Sys100NS", "Timestamp_Object", "Frequency_Object"
enum {
    PERF_COLUMN_NAME,
    PERF_COLUMN_TIMESTAMP_PERF_TIME,
    PERF_COLUMN_FREQUENCY_PERF_TIME,
    PERF_COLUMN_TIMESTAMP_SYS100NS,
    PERF_COLUMN_FREQUENCY_SYS100NS,
    PERF_COLUMN_TIMESTAMP_OBJECT,
    PERF_COLUMN_FREQUENCY_OBJECT,
    PERF_COLUMN_COUNTERS,
    PERF_COLUMNS_MAX = PERF_COLUMN_COUNTERS + PERF_COUNTERS_MAX
};
_Static_assert((int)PERF_COLUMNS_MAX <= 64, "a column is a bit");

/* The numbers of one instance, by column (that of Name is not used). */
struct perf_numbers {
    uint64_t known; /* bit i: column i */
    uint64_t values[PERF_COLUMNS_MAX];
};

void perf_raw_numbers(const struct perf_object *object, const struct perf_stamp *stamp,
                      const struct perf_item *item, struct perf_numbers *ret);
/* From two samples; without the first, what one alone can show. */
void perf_formatted_numbers(const struct perf_object *object, const struct perf_stamp *first_stamp,
                            const struct perf_item *first, const struct perf_stamp *stamp,
                            const struct perf_item *item, struct perf_numbers *ret);

/* ---- classes --------------------------------------------------------------------------- */

struct perf_class {
    struct provider_class provider;
    const struct perf_object *object;
    bool formatted;
};

HRESULT perf_raw_open(const struct provider_request *q, void **ret_cursor);
HRESULT perf_raw_next(void *cursor, struct provider_row *row);
void perf_raw_close(void *cursor);
HRESULT perf_formatted_open(const struct provider_request *q, void **ret_cursor);
HRESULT perf_formatted_next(void *cursor, struct provider_row *row);
void perf_formatted_close(void *cursor);

/* The object's two classes, `symbol`_raw and `symbol`_formatted. */
#define PERF_CLASSES(symbol, name_, object_)                                                       \
    const struct perf_class symbol##_raw = {.provider = {.name = "Win32_PerfRawData_" name_,       \
                                                         .columns = columns,                       \
                                                         .open = perf_raw_open,                    \
                                                         .next = perf_raw_next,                    \
                                                         .close = perf_raw_close},                 \
                                            .object = &(object_)};                                 \
    const struct perf_class symbol##_formatted = {                                                 \
        .provider = {.name = "Win32_PerfFormattedData_" name_,                                     \
                     .columns = columns,                                                           \
                     .open = perf_formatted_open,                                                  \
                     .next = perf_formatted_next,                                                  \
                     .close = perf_formatted_close},                                               \
        .object = &(object_),                                                                      \
        .formatted = true}

/* A file lists its counters once, #define COUNTERS(X) X(name, type, total), … and makes of them
 * with PERF_COUNTER_TABLES(COUNTERS) their numbers, COUNTER_name, and the tables that its object
 * names. */
#define PERF_COUNTER_NUMBER(name, type, total) COUNTER_##name
#define PERF_COUNTER_ENTRY(name, type, total)                                                      \
    {                                                                                              \
#name, type, PERF_TOTAL_##total                                                            \
    }
#define PERF_COUNTER_COLUMN(name, type, total) #name
#define PERF_COUNTER_TABLES(list)                                                                  \
    enum {                                                                                         \
        list(PERF_COUNTER_NUMBER),                                                                 \
        COUNTER_COUNT                                                                              \
    };                                                                                             \
    _Static_assert((int)COUNTER_COUNT <= (int)PERF_COUNTERS_MAX, "too many counters");             \
    static const struct perf_counter counters[] = {list(PERF_COUNTER_ENTRY)};                      \
    static const char *const columns[] = {PERF_COMMON_COLUMNS, list(PERF_COUNTER_COLUMN), NULL}

/* The class behind a provider, when it is one of performance counters; else NULL. */
const struct perf_class *perf_class_of(const struct provider_class *provider);

/* ---- for readers --------------------------------------------------------------------- */

/* A file's text, in memory that is used again. */
struct perf_text {
    char *bytes;
    size_t capacity;
};

/* The whole file with a terminator; "" when it can't be read. False: that, or out of memory. */
bool perf_text_read(struct perf_text *t, const char *path);
void perf_text_done(struct perf_text *t);

/* True when any counter of the range is wanted. */
static inline bool perf_wants(uint64_t wanted, unsigned first, unsigned last)
{
    return (wanted >> first & (~UINT64_C(0) >> (63 - (last - first)))) != 0;
}

#endif
