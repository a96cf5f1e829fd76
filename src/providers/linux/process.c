/*
 * Win32_Process from /proc. Each process's directory is opened once, and only
 * the files that the query needs are read from it, so that all of a row is of
 * one process even if its identifier is used again meanwhile.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/proc.h"
#include "providers/linux/procfs.h"

/* Columns that come from one file stand together: those of stat from Caption to VirtualSize,
 * of status to WorkingSetSize, of io to WriteTransferCount; then cmdline, exe and fd. */
#define COLUMNS(X)                                                                                 \
    X(Handle), X(ProcessId), X(CreationClassName), X(CSCreationClassName), X(CSName),              \
        X(OSCreationClassName), X(OSName), X(WindowsVersion), X(Caption), X(Description), X(Name), \
        X(CreationDate), X(KernelModeTime), X(PageFaults), X(ParentProcessId), X(Priority),        \
        X(SessionId), X(ThreadCount), X(UserModeTime), X(VirtualSize), X(PageFileUsage),           \
        X(PeakVirtualSize), X(PeakWorkingSetSize), X(PrivatePageCount), X(WorkingSetSize),         \
        X(ReadOperationCount), X(ReadTransferCount), X(WriteOperationCount),                       \
        X(WriteTransferCount), X(CommandLine), X(ExecutablePath), X(HandleCount)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct process_cursor {
    const struct provider_request *request;
    struct proc_walk walk;
    int proc;            /* descriptor of /proc */
    int64_t boot_time;   /* -1: not known */
    bool counts_handles; /* the kernel tells the number of descriptors as the size of fd */
    bool kernel_thread;  /* the process that is being read is one */
    char host[LINUX_NAME_SIZE];
    char os[LINUX_NAME_SIZE];
    char release[LINUX_NAME_SIZE];
    char *text; /* TEXT_SIZE bytes for whatever is read */
};

enum {
    TEXT_SIZE = 64 * 1024,
    COMMAND_LINE_LIMIT = 4 << 20, /* beyond what execve() takes for all arguments by default */
};

static bool wants_any(const struct provider_request *q, unsigned first, unsigned last)
{
    for (unsigned i = first; i <= last; i++) {
        if (provider_request_wants(q, i)) {
            return true;
        }
    }
    return false;
}

static void process_close(void *cursor)
{
    struct process_cursor *c = cursor;
    if (c) {
        proc_walk_close(&c->walk);
        if (c->proc >= 0) {
            close(c->proc);
        }
        free(c->text);
        free(c);
    }
}

static HRESULT start_walk(struct process_cursor *c)
{
    bool limited;
    c->proc = linux_open("/proc", O_RDONLY | O_DIRECTORY);
    if (c->proc < 0) {
        return error_raise(WBEM_E_PROVIDER_FAILURE, "Win32_Process", "/proc",
                           "the process file system can't be read: %s", strerror(-c->proc));
    }
    HRESULT hr = proc_walk_limit(&c->walk, c->request, COLUMN_Handle, &limited);
    if (FAILED(hr) || limited) {
        return hr;
    }
    hr = proc_walk_limit(&c->walk, c->request, COLUMN_ProcessId, &limited);
    if (FAILED(hr) || limited) {
        return hr;
    }
    return proc_walk_open(&c->walk, c->proc, ".");
}

/* Linux 6.2 and later show the number of descriptors so; this process has some. */
static bool kernel_counts_handles(int proc)
{
    struct stat st;
    return linux_is_live() && fstatat(proc, "self/fd", &st, 0) == 0 && st.st_size > 0;
}

static HRESULT process_open(const struct provider_request *q, void **ret)
{
    struct process_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    c->proc = -1;
    c->boot_time = -1;
    c->text = malloc(TEXT_SIZE);
    HRESULT hr = c->text ? start_walk(c) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr)) {
        process_close(c);
        return hr;
    }

    if (provider_request_wants(q, COLUMN_HandleCount)) {
        c->counts_handles = kernel_counts_handles(c->proc);
    }
    if (provider_request_wants(q, COLUMN_CSName)) {
        linux_host_name(c->host);
    }
    if (provider_request_wants(q, COLUMN_OSName)) {
        linux_os_name(c->os);
    }
    if (provider_request_wants(q, COLUMN_WindowsVersion)) {
        linux_kernel_release(c->release);
    }
    if (provider_request_wants(q, COLUMN_CreationDate) && !linux_boot_time(&c->boot_time)) {
        c->boot_time = -1;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static void set_common(const struct process_cursor *c, struct provider_row *r, uint32_t pid)
{
    provider_set_format(r, COLUMN_Handle, "%u", (unsigned)pid);
    provider_set_uint(r, COLUMN_ProcessId, pid);
    provider_set_string(r, COLUMN_CreationClassName, "Win32_Process");
    provider_set_string(r, COLUMN_CSCreationClassName, "Win32_ComputerSystem");
    provider_set_string(r, COLUMN_CSName, linux_known(c->host));
    provider_set_string(r, COLUMN_OSCreationClassName, "Win32_OperatingSystem");
    provider_set_string(r, COLUMN_OSName, linux_known(c->os));
    provider_set_string(r, COLUMN_WindowsVersion, linux_known(c->release));
}

/* The set_ functions return a negative errno when the process is gone, else 0: what may not be
 * read stays null. */

static ssize_t set_stat(struct process_cursor *c, struct provider_row *r, int dir)
{
    ssize_t n = linux_read_once_at(dir, "stat", c->text, TEXT_SIZE);
    struct proc_stat s;
    if (n <= 0 || !proc_stat_parse(c->text, &s)) {
        return proc_is_gone(n) || n == 0 ? -ESRCH : 0;
    }

    c->kernel_thread = s.flags & PROC_FLAG_KERNEL_THREAD;
    provider_set_string_n(r, COLUMN_Caption, s.comm, s.comm_size);
    provider_set_string_n(r, COLUMN_Description, s.comm, s.comm_size);
    provider_set_string_n(r, COLUMN_Name, s.comm, s.comm_size);
    if (c->boot_time >= 0) {
        uint64_t since_boot = linux_ticks_to_microseconds(s.starttime);
        provider_set_datetime(r, COLUMN_CreationDate, c->boot_time + (int64_t)since_boot);
    }
    provider_set_uint(r, COLUMN_KernelModeTime, linux_ticks_to_microseconds(s.stime) * 10);
    provider_set_uint(r, COLUMN_UserModeTime, linux_ticks_to_microseconds(s.utime) * 10);
    provider_set_uint(r, COLUMN_PageFaults, (uint32_t)(s.minflt + s.majflt));
    provider_set_sint(r, COLUMN_ParentProcessId, s.ppid);
    provider_set_uint(r, COLUMN_Priority, proc_stat_urgency(&s));
    provider_set_sint(r, COLUMN_SessionId, s.session);
    provider_set_sint(r, COLUMN_ThreadCount, s.num_threads);
    provider_set_uint(r, COLUMN_VirtualSize, s.vsize);
    return 0;
}

/* Keys in the order of the file, so that one pass finds them all. */
static ssize_t set_status(struct process_cursor *c, struct provider_row *r, int dir)
{
    ssize_t n = linux_read_once_at(dir, "status", c->text, TEXT_SIZE);
    if (n <= 0) {
        return proc_is_gone(n) ? -ESRCH : 0;
    }

    uint64_t peak, highest, resident, anonymous, swapped;
    const char *at = c->text;
    if (!linux_next_key_u64(&at, "VmPeak", &peak) || !linux_next_key_u64(&at, "VmHWM", &highest) ||
        !linux_next_key_u64(&at, "VmRSS", &resident)) {
        /* A kernel thread, or a process that has ended and waits for its parent. */
        provider_set_uint(r, COLUMN_WorkingSetSize, 0);
        return 0;
    }
    provider_set_uint(r, COLUMN_PeakVirtualSize, peak * 1024);
    provider_set_uint(r, COLUMN_PeakWorkingSetSize, highest);
    /* Exact, as against the figure in stat, which the kernel lets lag behind. */
    provider_set_uint(r, COLUMN_WorkingSetSize, resident * 1024);
    bool has_anonymous = linux_next_key_u64(&at, "RssAnon", &anonymous);
    if (linux_next_key_u64(&at, "VmSwap", &swapped)) {
        provider_set_uint(r, COLUMN_PageFileUsage, swapped);
        if (has_anonymous) {
            provider_set_uint(r, COLUMN_PrivatePageCount, (anonymous + swapped) * 1024);
        }
    }
    return 0;
}

static ssize_t set_io(struct process_cursor *c, struct provider_row *r, int dir)
{
    static const struct {
        unsigned column;
        const char *key;
    } keys[] = {
        {COLUMN_ReadTransferCount, "rchar"}, /* in the order of the file */
        {COLUMN_WriteTransferCount, "wchar"},
        {COLUMN_ReadOperationCount, "syscr"},
        {COLUMN_WriteOperationCount, "syscw"},
    };
    ssize_t n = linux_read_once_at(dir, "io", c->text, TEXT_SIZE);
    if (n <= 0) {
        /* A kernel without CONFIG_TASK_IO_ACCOUNTING has no such file. */
        return n == -ESRCH ? -ESRCH : 0;
    }
    const char *at = c->text;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        uint64_t v;
        if (linux_next_key_u64(&at, keys[i].key, &v)) {
            provider_set_uint(r, keys[i].column, v);
        }
    }
    return 0;
}

/* Arguments end with a NUL each; ps shows them joined by blanks, and so do we. A kernel thread
 * has none. */
static void set_joined(struct provider_row *r, char *text, size_t size)
{
    while (size > 0 && text[size - 1] == '\0') {
        size--;
    }
    if (size == 0) {
        return;
    }
    for (char *p = text; (p = memchr(p, '\0', size - (size_t)(p - text))); p++) {
        *p = ' ';
    }
    provider_set_string_n(r, COLUMN_CommandLine, text, size);
}

static ssize_t set_command_line(struct process_cursor *c, struct provider_row *r, int dir)
{
    ssize_t n = linux_read_once_at(dir, "cmdline", c->text, TEXT_SIZE);
    if (n < TEXT_SIZE - 1) {
        if (n > 0) {
            set_joined(r, c->text, (size_t)n);
        }
        return n == -ESRCH ? -ESRCH : 0;
    }

    char *all;
    n = linux_read_all_at(dir, "cmdline", COMMAND_LINE_LIMIT, &all);
    if (n > 0) {
        set_joined(r, all, (size_t)n);
    }
    if (n >= 0) {
        free(all);
    }
    return n == -ESRCH ? -ESRCH : 0;
}

static ssize_t set_executable(struct process_cursor *c, struct provider_row *r, int dir)
{
    ssize_t n = linux_read_link_at(dir, "exe", c->text, TEXT_SIZE);
    if (n > 0) {
        provider_set_string_n(r, COLUMN_ExecutablePath, c->text, (size_t)n);
    }
    return n == -ESRCH ? -ESRCH : 0; /* ENOENT: a kernel thread */
}

static ssize_t set_handle_count(const struct process_cursor *c, struct provider_row *r, int dir)
{
    struct stat st;
    if (c->counts_handles && fstatat(dir, "fd", &st, 0) == 0) {
        provider_set_uint(r, COLUMN_HandleCount, (uint64_t)st.st_size);
        return 0;
    }

    DIR *fds = linux_opendir_at(dir, "fd");
    if (!fds) {
        return errno == ESRCH ? -ESRCH : 0;
    }
    uint64_t count = 0;
    for (struct dirent *entry; (entry = readdir(fds));) {
        count += entry->d_name[0] != '.';
    }
    closedir(fds);
    provider_set_uint(r, COLUMN_HandleCount, count);
    return 0;
}

static bool fill(struct process_cursor *c, struct provider_row *r, int dir, uint32_t pid)
{
    uint32_t group;
    /* /proc/<thread> can be opened too, though no directory lists it. */
    if (c->walk.limited && (!proc_thread_group(dir, &group) || group != pid)) {
        return false;
    }
    set_common(c, r, pid);

    c->kernel_thread = false;
    if (provider_wants_any(r, COLUMN_Caption, COLUMN_VirtualSize) && set_stat(c, r, dir) < 0) {
        return false;
    }
    if (provider_wants_any(r, COLUMN_PageFileUsage, COLUMN_WorkingSetSize) &&
        set_status(c, r, dir) < 0) {
        return false;
    }
    if (provider_wants_any(r, COLUMN_ReadOperationCount, COLUMN_WriteTransferCount) &&
        set_io(c, r, dir) < 0) {
        return false;
    }
    if (c->kernel_thread) {
        provider_set_uint(r, COLUMN_HandleCount, 0);
        return true;
    }
    if (provider_wants(r, COLUMN_CommandLine) && set_command_line(c, r, dir) < 0) {
        return false;
    }
    if (provider_wants(r, COLUMN_ExecutablePath) && set_executable(c, r, dir) < 0) {
        return false;
    }
    return !provider_wants(r, COLUMN_HandleCount) || set_handle_count(c, r, dir) == 0;
}

static HRESULT process_next(void *cursor, struct provider_row *row)
{
    struct process_cursor *c = cursor;
    bool reads = c->walk.limited || wants_any(c->request, COLUMN_Caption, COLUMN_HandleCount);
    uint32_t pid;
    while (proc_walk_next(&c->walk, &pid)) {
        if (!reads) {
            set_common(c, row, pid);
            return WBEM_S_NO_ERROR;
        }

        int dir = proc_open(c->proc, pid);
        if (dir < 0) {
            if (proc_is_gone(dir)) {
                continue;
            }
            return error_raise(WBEM_E_PROVIDER_FAILURE, "Win32_Process", "/proc",
                               "process %u can't be read: %s", (unsigned)pid, strerror(-dir));
        }
        bool there = fill(c, row, dir, pid);
        close(dir);
        if (there) {
            return WBEM_S_NO_ERROR;
        }
        provider_row_clear(row);
    }
    return WBEM_S_FALSE;
}

const struct provider_class linux_process = {
    .name = "Win32_Process",
    .columns = columns,
    .open = process_open,
    .next = process_next,
    .close = process_close,
    .methods = linux_process_methods,
};
