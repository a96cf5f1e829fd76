/*
 * Win32_PerfRawData_PerfProc_Process from /proc/<pid>/stat, status, io and fd.
 * Sampling allocates nothing once the reader has its buffers: a refresh of many
 * processes is these system calls and little else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/perf_linux.h"
#include "providers/linux/proc.h"
#include "providers/linux/procfs.h"

#define COUNTERS(X)                                                                                \
    X(CreatingProcessID, PERF_COUNTER_RAWCOUNT, NONE), X(ElapsedTime, PERF_ELAPSED_TIME, NONE),    \
        X(HandleCount, PERF_COUNTER_RAWCOUNT, SUM), X(IDProcess, PERF_COUNTER_RAWCOUNT, NONE),     \
        X(IODataBytesPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                        \
        X(IODataOperationsPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                   \
        X(IOOtherBytesPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                      \
        X(IOOtherOperationsPerSec, PERF_COUNTER_BULK_COUNT, NONE),                                 \
        X(IOReadBytesPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                        \
        X(IOReadOperationsPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                   \
        X(IOWriteBytesPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                       \
        X(IOWriteOperationsPerSec, PERF_COUNTER_BULK_COUNT, SUM),                                  \
        X(PageFaultsPerSec, PERF_COUNTER_COUNTER, SUM),                                            \
        X(PageFileBytes, PERF_COUNTER_LARGE_RAWCOUNT, SUM),                                        \
        X(PageFileBytesPeak, PERF_COUNTER_LARGE_RAWCOUNT, NONE),                                   \
        X(PercentPrivilegedTime, PERF_100NSEC_TIMER, SUM),                                         \
        X(PercentProcessorTime, PERF_100NSEC_TIMER, SUM),                                          \
        X(PercentUserTime, PERF_100NSEC_TIMER, SUM),                                               \
        X(PoolNonpagedBytes, PERF_COUNTER_RAWCOUNT, NONE),                                         \
        X(PoolPagedBytes, PERF_COUNTER_RAWCOUNT, NONE),                                            \
        X(PriorityBase, PERF_COUNTER_RAWCOUNT, NONE),                                              \
        X(PrivateBytes, PERF_COUNTER_LARGE_RAWCOUNT, SUM),                                         \
        X(ThreadCount, PERF_COUNTER_RAWCOUNT, SUM),                                                \
        X(VirtualBytes, PERF_COUNTER_LARGE_RAWCOUNT, SUM),                                         \
        X(VirtualBytesPeak, PERF_COUNTER_LARGE_RAWCOUNT, SUM),                                     \
        X(WorkingSet, PERF_COUNTER_LARGE_RAWCOUNT, SUM),                                           \
        X(WorkingSetPeak, PERF_COUNTER_LARGE_RAWCOUNT, SUM),                                       \
        X(WorkingSetPrivate, PERF_COUNTER_LARGE_RAWCOUNT, SUM)

PERF_COUNTER_TABLES(COUNTERS);

/* How many processes of each name this sample has met. By a hash of 64 bits: should two names ever
 * share one, their numbers still differ. */
struct name_count {
    uint64_t hash; /* 0: free */
    unsigned count;
};

struct process_reader {
    int proc;            /* descriptor of /proc */
    int64_t boot_time;   /* microseconds since 1970; -1: not known */
    bool counts_handles; /* the kernel tells the number of descriptors as the size of fd */
    uint64_t wanted;
    struct linux_numbers walk;
    struct name_count *names; /* hash table, a power of 2, never more than half full */
    size_t name_capacity, name_used;
    char text[8192];
};

static void process_close(void *reader)
{
    struct process_reader *r = reader;
    linux_numbers_end(&r->walk);
    if (r->proc >= 0) {
        close(r->proc);
    }
    free(r->names);
    free(r);
}

static HRESULT process_open(void **ret)
{
    struct process_reader *r = calloc(1, sizeof *r);
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->walk.dir = -1;
    r->name_capacity = 1024;
    r->names = calloc(r->name_capacity, sizeof *r->names);
    r->proc = linux_open("/proc", O_RDONLY | O_DIRECTORY);
    if (!r->names || r->proc < 0) {
        HRESULT hr = !r->names ? WBEM_E_OUT_OF_MEMORY
                               : error_raise(WBEM_E_PROVIDER_FAILURE, "Win32_Perf", "/proc",
                                             "the process file system can't be read: %s",
                                             strerror(-r->proc));
        process_close(r);
        return hr;
    }
    struct stat st; /* Linux 6.2 and later show the number so; this process has some */
    r->counts_handles =
        linux_is_live() && fstatat(r->proc, "self/fd", &st, 0) == 0 && st.st_size > 0;
    if (!linux_boot_time(&r->boot_time)) {
        r->boot_time = -1;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

/* ---- names ------------------------------------------------------------------------ */

static struct name_count *name_slot(struct name_count *names, size_t capacity, uint64_t hash)
{
    size_t i = hash & (capacity - 1);
    while (names[i].hash && names[i].hash != hash) {
        i = (i + 1) & (capacity - 1);
    }
    return &names[i];
}

static bool names_grow(struct process_reader *r)
{
    size_t capacity = 2 * r->name_capacity;
    struct name_count *names = calloc(capacity, sizeof *names);
    if (!names) {
        return false;
    }
    for (size_t i = 0; i < r->name_capacity; i++) {
        if (r->names[i].hash) {
            *name_slot(names, capacity, r->names[i].hash) = r->names[i];
        }
    }
    free(r->names);
    r->names = names;
    r->name_capacity = capacity;
    return true;
}

/* How many of that name came before. */
static unsigned name_number(struct process_reader *r, const char *name, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ (uint8_t)name[i]) * UINT64_C(0x100000001b3);
    }
    hash |= hash == 0;
    if (2 * r->name_used >= r->name_capacity && !names_grow(r) &&
        r->name_used + 1 >= r->name_capacity) {
        return 0;
    }
    struct name_count *n = name_slot(r->names, r->name_capacity, hash);
    if (!n->hash) {
        n->hash = hash;
        n->count = 0;
        r->name_used++;
    }
    return n->count++;
}

/* As Windows names them: "sh", "sh#1", "sh#2". */
static void set_name(struct process_reader *r, struct perf_item *item, const struct proc_stat *s)
{
    size_t size = s->comm_size < 128 ? s->comm_size : 128;
    unsigned number = name_number(r, s->comm, size);
    memcpy(item->name, s->comm, size);
    item->name[size] = '\0';
    if (number > 0) {
        snprintf(item->name + size, sizeof item->name - size, "#%u", number);
    }
}

/* ---- counters ------------------------------------------------------------------------ */

/* The set_ functions return false when the process is gone; what may not be read stays null. */

static void set_stat(const struct process_reader *r, struct perf_item *item,
                     const struct proc_stat *s, uint32_t pid)
{
    uint64_t kernel = linux_ticks_to_microseconds(s->stime) * 10;
    uint64_t user = linux_ticks_to_microseconds(s->utime) * 10;
    perf_set(item, COUNTER_IDProcess, pid);
    perf_set(item, COUNTER_CreatingProcessID, (uint64_t)s->ppid);
    perf_set(item, COUNTER_PercentPrivilegedTime, kernel);
    perf_set(item, COUNTER_PercentUserTime, user);
    perf_set(item, COUNTER_PercentProcessorTime, kernel + user);
    perf_set(item, COUNTER_PageFaultsPerSec, s->minflt + s->majflt);
    perf_set(item, COUNTER_PriorityBase, proc_stat_urgency(s));
    perf_set(item, COUNTER_ThreadCount, (uint64_t)s->num_threads);
    perf_set(item, COUNTER_VirtualBytes, s->vsize);
    if (r->boot_time >= 0) {
        uint64_t begun = (uint64_t)r->boot_time + linux_ticks_to_microseconds(s->starttime);
        perf_set(item, COUNTER_ElapsedTime, PERF_100NS_EPOCH + begun * 10);
    }
}

/* A kernel thread has no address space, and neither has a process that has ended. */
static void set_no_memory(struct perf_item *item)
{
    perf_set(item, COUNTER_VirtualBytesPeak, 0);
    perf_set(item, COUNTER_WorkingSet, 0);
    perf_set(item, COUNTER_WorkingSetPeak, 0);
    perf_set(item, COUNTER_WorkingSetPrivate, 0);
    perf_set(item, COUNTER_PrivateBytes, 0);
    perf_set(item, COUNTER_PageFileBytes, 0);
}

static bool set_status(struct process_reader *r, struct perf_item *item, int dir)
{
    ssize_t n = linux_read_once_at(dir, "status", r->text, sizeof r->text);
    if (n <= 0) {
        return !proc_is_gone(n);
    }
    uint64_t peak, highest, resident, anonymous, swapped;
    const char *at = r->text;
    if (!linux_next_key_u64(&at, "VmPeak", &peak) || !linux_next_key_u64(&at, "VmHWM", &highest) ||
        !linux_next_key_u64(&at, "VmRSS", &resident)) {
        set_no_memory(item);
        return true;
    }
    perf_set(item, COUNTER_VirtualBytesPeak, peak * 1024);
    perf_set(item, COUNTER_WorkingSetPeak, highest * 1024);
    perf_set(item, COUNTER_WorkingSet, resident * 1024);
    bool has_anonymous = linux_next_key_u64(&at, "RssAnon", &anonymous);
    if (has_anonymous) {
        perf_set(item, COUNTER_WorkingSetPrivate, anonymous * 1024);
    }
    if (linux_next_key_u64(&at, "VmSwap", &swapped)) {
        perf_set(item, COUNTER_PageFileBytes, swapped * 1024);
        if (has_anonymous) {
            perf_set(item, COUNTER_PrivateBytes, (anonymous + swapped) * 1024);
        }
    }
    return true;
}

static bool set_io(struct process_reader *r, struct perf_item *item, int dir)
{
    ssize_t n = linux_read_once_at(dir, "io", r->text, sizeof r->text);
    if (n <= 0) {
        /* A kernel without CONFIG_TASK_IO_ACCOUNTING has no such file. */
        return n != -ESRCH;
    }
    uint64_t read_bytes, written_bytes, reads, writes;
    const char *at = r->text; /* the keys are in the order of the file */
    if (linux_next_key_u64(&at, "rchar", &read_bytes) &&
        linux_next_key_u64(&at, "wchar", &written_bytes) &&
        linux_next_key_u64(&at, "syscr", &reads) && linux_next_key_u64(&at, "syscw", &writes)) {
        perf_set(item, COUNTER_IOReadBytesPerSec, read_bytes);
        perf_set(item, COUNTER_IOWriteBytesPerSec, written_bytes);
        perf_set(item, COUNTER_IODataBytesPerSec, read_bytes + written_bytes);
        perf_set(item, COUNTER_IOReadOperationsPerSec, reads);
        perf_set(item, COUNTER_IOWriteOperationsPerSec, writes);
        perf_set(item, COUNTER_IODataOperationsPerSec, reads + writes);
    }
    return true;
}

static bool set_handles(const struct process_reader *r, struct perf_item *item, int dir)
{
    struct stat st;
    if (r->counts_handles && fstatat(dir, "fd", &st, 0) == 0) {
        perf_set(item, COUNTER_HandleCount, (uint64_t)st.st_size);
        return true;
    }
    int fds = linux_open_at(dir, "fd", O_RDONLY | O_DIRECTORY);
    if (fds < 0) {
        return fds != -ESRCH;
    }
    perf_set(item, COUNTER_HandleCount, linux_count_entries(fds));
    return true;
}

static bool wants_status(uint64_t wanted)
{
    return perf_wants(wanted, COUNTER_VirtualBytesPeak, COUNTER_WorkingSetPrivate) ||
           perf_wants(wanted, COUNTER_PageFileBytes, COUNTER_PageFileBytes) ||
           perf_wants(wanted, COUNTER_PrivateBytes, COUNTER_PrivateBytes);
}

static bool set_rest(struct process_reader *r, struct perf_item *item, const struct proc_stat *s,
                     int dir)
{
    bool kernel_thread = s->flags & PROC_FLAG_KERNEL_THREAD;
    if (wants_status(r->wanted)) {
        if (kernel_thread) {
            set_no_memory(item);
        } else if (!set_status(r, item, dir)) {
            return false;
        }
    }
    if (perf_wants(r->wanted, COUNTER_IODataBytesPerSec, COUNTER_IOWriteOperationsPerSec) &&
        !set_io(r, item, dir)) {
        return false;
    }
    if (!perf_wants(r->wanted, COUNTER_HandleCount, COUNTER_HandleCount)) {
        return true;
    }
    if (kernel_thread) {
        perf_set(item, COUNTER_HandleCount, 0);
        return true;
    }
    return set_handles(r, item, dir);
}

/* ---- sampling -------------------------------------------------------------------------- */

/* Reads the process in `dir`. With `again` it must be the one that item->id says, and keeps its
 * name. False: it is gone. */
static bool sample(struct process_reader *r, int dir, uint32_t pid, bool again,
                   struct perf_item *item)
{
    struct proc_stat s;
    ssize_t n = linux_read_once_at(dir, "stat", r->text, sizeof r->text);
    if (n <= 0 || !proc_stat_parse(r->text, &s) || (again && s.starttime != item->id[1])) {
        return false;
    }
    set_stat(r, item, &s, pid);
    if (!again) {
        item->id[0] = pid;
        item->id[1] = s.starttime;
        set_name(r, item, &s);
    }
    return set_rest(r, item, &s, dir); /* last: it overwrites the text that s points into */
}

static int open_process(const struct process_reader *r, uint32_t pid)
{
    char name[12], *p = name + sizeof name;
    *--p = '\0';
    do {
        *--p = (char)('0' + pid % 10);
        pid /= 10;
    } while (pid > 0);
    return linux_open_at(r->proc, p, O_RDONLY | O_DIRECTORY);
}

static bool read_process(struct process_reader *r, uint32_t pid, bool again, struct perf_item *item)
{
    int dir = open_process(r, pid);
    if (dir < 0) {
        return false;
    }
    bool there = sample(r, dir, pid, again, item);
    close(dir);
    return there;
}

static HRESULT process_begin(void *reader, uint64_t wanted, const struct perf_stamp *stamp)
{
    (void)stamp;
    struct process_reader *r = reader;
    r->wanted = wanted;
    r->name_used = 0;
    memset(r->names, 0, r->name_capacity * sizeof *r->names);
    linux_numbers_end(&r->walk);
    int dir = linux_open_at(r->proc, ".", O_RDONLY | O_DIRECTORY);
    if (dir < 0) {
        return error_raise(WBEM_E_PROVIDER_FAILURE, "Win32_Perf", "/proc",
                           "the process file system can't be read: %s", strerror(-dir));
    }
    linux_numbers_begin(&r->walk, dir);
    return WBEM_S_NO_ERROR;
}

static bool process_next(void *reader, struct perf_item *item)
{
    struct process_reader *r = reader;
    uint32_t pid;
    while (linux_numbers_next(&r->walk, &pid)) {
        item->known = 0;
        if (read_process(r, pid, false, item)) {
            return true;
        }
    }
    return false;
}

static bool process_again(void *reader, struct perf_item *item)
{
    struct process_reader *r = reader;
    r->wanted = ~UINT64_C(0);
    item->known = 0;
    return read_process(r, (uint32_t)item->id[0], true, item);
}

static struct perf_history history = {.lock = PTHREAD_MUTEX_INITIALIZER};
static const struct perf_object object = {
    .columns = columns,
    .counters = counters,
    .counter_count = COUNTER_COUNT,
    .has_total = true,
    .history = &history,
    .open = process_open,
    .close = process_close,
    .begin = process_begin,
    .next = process_next,
    .again = process_again,
};

PERF_CLASSES(linux_perf_process, "PerfProc_Process", object);
