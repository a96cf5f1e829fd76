/*
 * Sampling a performance object, and what its classes show of the samples; see
 * perf.h.
 */
#include "providers/perf.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "providers/linux/procfs.h"

/* ---- samples -------------------------------------------------------------------- */

struct perf_stamp perf_now(void)
{
    struct timespec monotonic, real;
    (void)clock_gettime(CLOCK_MONOTONIC, &monotonic);
    (void)clock_gettime(CLOCK_REALTIME, &real);
    return (struct perf_stamp){
        .perf_time = (uint64_t)monotonic.tv_sec * PERF_TIME_FREQUENCY +
                     (uint64_t)monotonic.tv_nsec / (1000000000 / PERF_TIME_FREQUENCY),
        .sys_100ns = PERF_100NS_EPOCH + (uint64_t)real.tv_sec * PERF_100NS_FREQUENCY +
                     (uint64_t)real.tv_nsec / (1000000000 / PERF_100NS_FREQUENCY),
    };
}

HRESULT perf_pass_begin(struct perf_pass *p, const struct perf_object *object, void *reader,
                        uint64_t wanted)
{
    p->object = object;
    p->reader = reader;
    p->stamp = perf_now();
    p->counted = 0;
    p->totalled = !object->has_total;
    p->total.id[0] = p->total.id[1] = UINT64_MAX;
    strcpy(p->total.name, "_Total");
    p->total.known = 0;
    memset(p->total.values, 0, sizeof p->total.values);
    memset(p->counted_of, 0, sizeof p->counted_of);
    return object->begin(reader, wanted, &p->stamp);
}

static void add_to_total(struct perf_pass *p, const struct perf_item *item)
{
    for (unsigned i = 0; i < p->object->counter_count; i++) {
        if (item->known >> i & 1) {
            p->total.values[i] += item->values[i];
            p->counted_of[i]++;
        }
    }
    p->counted++;
}

static void finish_total(struct perf_pass *p)
{
    for (unsigned i = 0; i < p->object->counter_count; i++) {
        enum perf_total kind = p->object->counters[i].total;
        unsigned enough = p->object->total_of_others ? 1 : p->counted;
        if (kind == PERF_TOTAL_NONE || p->counted_of[i] < enough) {
            continue;
        }
        if (kind == PERF_TOTAL_MEAN) {
            p->total.values[i] /= p->counted_of[i];
        }
        p->total.known |= UINT64_C(1) << i;
    }
    p->totalled = true;
}

bool perf_pass_next(struct perf_pass *p, struct perf_item *ret)
{
    ret->id[0] = ret->id[1] = 0;
    ret->name[0] = '\0';
    ret->known = 0;
    if (p->object->next(p->reader, ret)) {
        if (!p->totalled) {
            add_to_total(p, ret);
        }
        return true;
    }
    if (p->totalled || p->counted == 0) {
        return false;
    }
    finish_total(p);
    *ret = p->total;
    return true;
}

bool perf_same(const struct perf_item *a, const struct perf_item *b)
{
    return a->id[0] == b->id[0] && a->id[1] == b->id[1] &&
           (a->id[0] || a->id[1] || strcmp(a->name, b->name) == 0);
}

/* ---- what a class shows ------------------------------------------------------------- */

static void put(struct perf_numbers *n, unsigned column, uint64_t v)
{
    n->values[column] = v;
    n->known |= UINT64_C(1) << column;
}

void perf_raw_numbers(const struct perf_object *object, const struct perf_stamp *stamp,
                      const struct perf_item *item, struct perf_numbers *ret)
{
    ret->known = 0;
    put(ret, PERF_COLUMN_TIMESTAMP_PERF_TIME, stamp->perf_time);
    put(ret, PERF_COLUMN_FREQUENCY_PERF_TIME, PERF_TIME_FREQUENCY);
    put(ret, PERF_COLUMN_TIMESTAMP_SYS100NS, stamp->sys_100ns);
    put(ret, PERF_COLUMN_FREQUENCY_SYS100NS, PERF_100NS_FREQUENCY);
    put(ret, PERF_COLUMN_TIMESTAMP_OBJECT, stamp->sys_100ns);
    put(ret, PERF_COLUMN_FREQUENCY_OBJECT, PERF_100NS_FREQUENCY);
    for (unsigned i = 0; i < object->counter_count; i++) {
        if (item->known >> i & 1) {
            uint64_t v = item->values[i];
            put(ret, PERF_COLUMN_COUNTERS + i,
                cook_bits(object->counters[i].type) == 32 ? (uint32_t)v : v);
        }
    }
}

static struct cook_sample sample_of(const struct perf_object *object, unsigned i,
                                    const struct perf_stamp *stamp, const struct perf_item *item)
{
    uint32_t type = object->counters[i].type;
    bool by_perf_time = cook_time(type) == COOK_TIME_PERF;
    return (struct cook_sample){
        .value = item->values[i],
        .base = cook_has_base(type) ? item->values[i + 1] : 0,
        .time = by_perf_time ? stamp->perf_time : stamp->sys_100ns,
        .frequency = by_perf_time ? PERF_TIME_FREQUENCY : PERF_100NS_FREQUENCY,
    };
}

static bool has_values(const struct perf_object *object, unsigned i, const struct perf_item *item)
{
    uint64_t needed = cook_has_base(object->counters[i].type) ? 3 : 1;
    return (item->known >> i & needed) == needed;
}

/* To the nearest whole number that the property holds. */
static uint64_t whole(double v, unsigned bits)
{
    if (!(v > 0)) {
        return 0;
    }
    double limit = bits == 32 ? 0x1p32 : 0x1p64;
    v = floor(v + 0.5);
    return v < limit ? (uint64_t)v : bits == 32 ? UINT32_MAX : UINT64_MAX;
}

void perf_formatted_numbers(const struct perf_object *object, const struct perf_stamp *first_stamp,
                            const struct perf_item *first, const struct perf_stamp *stamp,
                            const struct perf_item *item, struct perf_numbers *ret)
{
    ret->known = 0;
    for (unsigned i = 0; i < object->counter_count; i++) {
        uint32_t type = object->counters[i].type;
        if (!has_values(object, i, item)) {
            continue;
        }
        double v;
        struct cook_sample a, b = sample_of(object, i, stamp, item);
        bool two = first && has_values(object, i, first);
        if (two) {
            a = sample_of(object, i, first_stamp, first);
        }
        if (cook(type, two ? &a : NULL, &b, &v)) {
            put(ret, PERF_COLUMN_COUNTERS + i, whole(v, cook_bits(type)));
        }
    }
}

/* ---- texts ---------------------------------------------------------------------------- */

enum {
    TEXT_LIMIT = 16 << 20 /* /proc/interrupts of a machine with very many processors */
};

static bool text_grow(struct perf_text *t)
{
    size_t capacity = t->capacity ? 2 * t->capacity : 4096;
    char *bytes = capacity <= TEXT_LIMIT ? realloc(t->bytes, capacity) : NULL;
    if (!bytes) {
        return false;
    }
    t->bytes = bytes;
    t->capacity = capacity;
    return true;
}

bool perf_text_read(struct perf_text *t, const char *path)
{
    if (!t->bytes && !text_grow(t)) {
        return false;
    }
    for (;;) {
        ssize_t n = linux_read(path, t->bytes, t->capacity);
        if (n < 0) {
            return false;
        }
        if ((size_t)n < t->capacity - 1) {
            return true;
        }
        if (!text_grow(t)) {
            t->bytes[0] = '\0';
            return false;
        }
    }
}

void perf_text_done(struct perf_text *t)
{
    free(t->bytes);
    *t = (struct perf_text){0};
}
