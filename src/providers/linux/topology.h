/*
 * How many processor packages, cores and threads there are, and which caches,
 * as /sys/devices/system/cpu and /proc/cpuinfo tell.
 */
#ifndef WBEM_PROVIDERS_LINUX_TOPOLOGY_H
#define WBEM_PROVIDERS_LINUX_TOPOLOGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct topology_package {
    int64_t id;
    unsigned first_cpu; /* lowest number of an online processor in it */
    unsigned cores, threads;
    uint64_t l2_kilobytes, l3_kilobytes; /* all together; 0: not known, or not read */
};

struct topology {
    struct topology_package *packages; /* ascending by id */
    size_t package_count;
    int64_t *package_of; /* by processor number; -1: offline or absent */
    size_t cpu_limit;    /* one more than the highest number */
    unsigned threads;    /* online */
    char *cpuinfo;       /* text of /proc/cpuinfo; "" when there is none */
};

/* False: out of memory, or the machine tells nothing. */
bool topology_read(struct topology *t);
/* Add the sizes of caches: several files for each processor. */
void topology_read_caches(struct topology *t);
void topology_done(struct topology *t);

/* The part of cpuinfo on one processor, for linux_find_key(); the first part when none says that
 * it is on that one. */
const char *topology_cpuinfo(const struct topology *t, unsigned cpu);
/* True when `flag` is a word of the value of `key` ("flags", "vmx flags", "Features"). */
bool topology_has_flag(const char *cpuinfo, const char *key, const char *flag);

#endif
