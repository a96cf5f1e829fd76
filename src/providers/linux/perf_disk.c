/*
 * Parsing /proc/diskstats; see perf_disk.h.
 */
#include "providers/linux/perf_disk.h"

#include <string.h>

#include "providers/linux/procfs.h"

static bool parse(const char *at, struct disk_stats *ret)
{
    uint64_t major, minor, merged;
    if (!linux_parse_u64(&at, &major) || !linux_parse_u64(&at, &minor)) {
        return false;
    }
    at += strspn(at, " ");
    ret->major = (unsigned)major;
    ret->minor = (unsigned)minor;
    ret->name = at;
    ret->name_size = strcspn(at, " \n");
    at += ret->name_size;
    return linux_parse_u64(&at, &ret->reads) && linux_parse_u64(&at, &merged) &&
           linux_parse_u64(&at, &ret->sectors_read) && linux_parse_u64(&at, &ret->read_ms) &&
           linux_parse_u64(&at, &ret->writes) && linux_parse_u64(&at, &merged) &&
           linux_parse_u64(&at, &ret->sectors_written) && linux_parse_u64(&at, &ret->write_ms) &&
           linux_parse_u64(&at, &ret->under_way) && linux_parse_u64(&at, &ret->busy_ms) &&
           linux_parse_u64(&at, &ret->queue_ms);
}

bool disk_stats_next(const char **at, struct disk_stats *ret)
{
    while (**at) {
        const char *line = *at, *end = strchrnul(line, '\n');
        *at = *end ? end + 1 : end;
        if (parse(line, ret)) {
            return true;
        }
    }
    return false;
}

bool disk_stats_find(const char *text, unsigned major, unsigned minor, struct disk_stats *ret)
{
    while (disk_stats_next(&text, ret)) {
        if (ret->major == major && ret->minor == minor) {
            return true;
        }
    }
    return false;
}
