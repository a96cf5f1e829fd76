/*
 * Packages, cores, threads and caches; see topology.h.
 */
#include "providers/linux/topology.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/procfs.h"

enum {
    CPU_LIMIT = 1 << 16, /* more than any kernel is built for */
    CPUINFO_LIMIT = 64 << 20,
    CACHE_LIMIT = 16, /* indexes of caches; real ones have four or five */
};

static bool read_cpu_text(unsigned cpu, const char *file, char *text, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/%s", cpu, file);
    return linux_read_line(path, text, size);
}

/* The lowest processor of a list such as "1,5"; a processor that is alone is its own. */
static unsigned first_of_list(unsigned cpu, const char *file)
{
    char text[4096];
    uint64_t first;
    const char *at = text;
    return read_cpu_text(cpu, file, text, sizeof text) && linux_parse_u64(&at, &first)
               ? (unsigned)first
               : cpu;
}

static bool cpu_package(const struct topology *t, unsigned cpu, int64_t *ret)
{
    char text[64];
    const char *at = text;
    size_t size;
    if (!read_cpu_text(cpu, "topology/physical_package_id", text, sizeof text)) {
        at = linux_find_key(topology_cpuinfo(t, cpu), "physical id", ':', &size);
    }
    if (!at || !linux_parse_i64(&at, ret)) {
        return false;
    }
    /* Some ARM machines say -1: then there is one package. */
    *ret = *ret < 0 ? 0 : *ret;
    return true;
}

static struct topology_package *find_package(struct topology *t, int64_t id)
{
    for (size_t i = 0; i < t->package_count; i++) {
        if (t->packages[i].id == id) {
            return &t->packages[i];
        }
    }
    return NULL;
}

static struct topology_package *add_package(struct topology *t, int64_t id, unsigned cpu)
{
    struct topology_package *more =
        realloc(t->packages, (t->package_count + 1) * sizeof *t->packages);
    if (!more) {
        return NULL;
    }
    t->packages = more;
    more[t->package_count] = (struct topology_package){.id = id, .first_cpu = cpu};
    return &more[t->package_count++];
}

/* Caches whose list of processors begins with this one: so each counts once. */
static void add_caches(struct topology_package *p, unsigned cpu)
{
    for (unsigned i = 0; i < CACHE_LIMIT; i++) {
        char file[64], text[64];
        uint64_t level, size;
        const char *at = text;
        snprintf(file, sizeof file, "cache/index%u/level", i);
        if (!read_cpu_text(cpu, file, text, sizeof text) || !linux_is_number(text, &level)) {
            return;
        }
        snprintf(file, sizeof file, "cache/index%u/size", i);
        if (!read_cpu_text(cpu, file, text, sizeof text) || !linux_parse_u64(&at, &size)) {
            continue;
        }
        size *= *at == 'M' ? 1024 : 1;
        snprintf(file, sizeof file, "cache/index%u/shared_cpu_list", i);
        if (first_of_list(cpu, file) != cpu) {
            continue;
        }
        p->l2_kilobytes += level == 2 ? size : 0;
        p->l3_kilobytes += level == 3 ? size : 0;
    }
}

static bool add_cpu(struct topology *t, unsigned cpu)
{
    int64_t id = 0;
    (void)cpu_package(t, cpu, &id); /* a machine that does not say has one package */
    struct topology_package *p = find_package(t, id);
    if (!p) {
        p = add_package(t, id, cpu);
    }
    if (!p) {
        return false;
    }
    t->package_of[cpu] = id;
    t->threads++;
    p->threads++;
    p->cores += first_of_list(cpu, "topology/thread_siblings_list") == cpu;
    return true;
}

/* Which are online: from /sys, else those that cpuinfo has. */
static unsigned online_cpus(const char *cpuinfo, uint64_t *bits, size_t words)
{
    char text[4096];
    unsigned count = 0;
    if (linux_read_line("/sys/devices/system/cpu/online", text, sizeof text)) {
        count = linux_parse_cpu_list(text, bits, words);
    }
    if (count > 0) {
        return count;
    }
    for (const char *p = cpuinfo; (p = strstr(p, "processor\t")); p++) {
        const char *colon = strchr(p, ':');
        const char *at = colon ? colon + 1 : NULL;
        uint64_t cpu;
        if (at && linux_parse_u64(&at, &cpu) && cpu < words * 64) {
            bits[cpu / 64] |= UINT64_C(1) << (cpu % 64);
            count++;
        }
    }
    return count;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = ((const struct topology_package *)a)->id;
    int64_t y = ((const struct topology_package *)b)->id;
    return x < y ? -1 : x > y;
}

bool topology_read(struct topology *t)
{
    enum {
        WORDS = CPU_LIMIT / 64
    };
    *t = (struct topology){0};
    if (linux_read_all("/proc/cpuinfo", CPUINFO_LIMIT, &t->cpuinfo) < 0) {
        t->cpuinfo = strdup("");
    }
    uint64_t *online = calloc(WORDS, sizeof *online);
    t->package_of = malloc(CPU_LIMIT * sizeof *t->package_of);
    bool good = t->cpuinfo && online && t->package_of && online_cpus(t->cpuinfo, online, WORDS);
    for (unsigned cpu = 0; good && cpu < CPU_LIMIT; cpu++) {
        t->package_of[cpu] = -1;
        if (online[cpu / 64] >> (cpu % 64) & 1) {
            t->cpu_limit = cpu + 1;
            good = add_cpu(t, cpu);
        }
    }
    free(online);
    good = good && t->package_count > 0;
    if (good) {
        qsort(t->packages, t->package_count, sizeof *t->packages, by_id);
    } else {
        topology_done(t);
    }
    return good;
}

void topology_read_caches(struct topology *t)
{
    for (unsigned cpu = 0; cpu < t->cpu_limit; cpu++) {
        struct topology_package *p =
            t->package_of[cpu] < 0 ? NULL : find_package(t, t->package_of[cpu]);
        if (p) {
            add_caches(p, cpu);
        }
    }
}

void topology_done(struct topology *t)
{
    free(t->packages);
    free(t->package_of);
    free(t->cpuinfo);
    *t = (struct topology){0};
}

const char *topology_cpuinfo(const struct topology *t, unsigned cpu)
{
    const char *p = t->cpuinfo;
    while (*p) {
        uint64_t number;
        size_t size;
        const char *value = linux_find_key(p, "processor", ':', &size);
        const char *line = value;
        if (!value || !linux_parse_u64(&value, &number)) {
            break;
        }
        if (number == cpu) {
            return line;
        }
        p = value;
    }
    return t->cpuinfo;
}

bool topology_has_flag(const char *cpuinfo, const char *key, const char *flag)
{
    size_t size, length = strlen(flag);
    const char *p = linux_find_key(cpuinfo, key, ':', &size);
    const char *end = p ? p + size : NULL;
    while (p && p < end) {
        const char *word_end = p;
        while (word_end < end && *word_end != ' ') {
            word_end++;
        }
        if ((size_t)(word_end - p) == length && memcmp(p, flag, length) == 0) {
            return true;
        }
        p = word_end + (word_end < end);
    }
    return false;
}
