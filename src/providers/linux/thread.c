/*
 * Win32_Thread from /proc/<pid>/task.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/proc.h"
#include "providers/linux/procfs.h"

/* Those from Caption on come from stat. */
#define COLUMNS(X)                                                                                 \
    X(Handle), X(ProcessHandle), X(CreationClassName), X(CSCreationClassName), X(CSName),          \
        X(OSCreationClassName), X(OSName), X(ProcessCreationClassName), X(Caption),                \
        X(Description), X(Name), X(ElapsedTime), X(KernelModeTime), X(Priority), X(PriorityBase),  \
        X(ThreadState), X(ThreadWaitReason), X(UserModeTime)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct thread_cursor {
    const struct provider_request *request;
    struct proc_walk processes; /* limited to ProcessHandle's points */
    struct proc_walk threads;   /* of `process`; or limited to Handle's points, of any process */
    int proc;                   /* descriptor of /proc */
    uint32_t process;
    int tasks; /* descriptor of /proc/<process>/task; -1 */
    char host[LINUX_NAME_SIZE];
    char os[LINUX_NAME_SIZE];
};

static void thread_close(void *cursor)
{
    struct thread_cursor *c = cursor;
    if (c) {
        if (c->tasks >= 0) {
            close(c->tasks);
        }
        if (c->proc >= 0) {
            close(c->proc);
        }
        proc_walk_close(&c->threads);
        proc_walk_close(&c->processes);
        free(c);
    }
}

static HRESULT start_walk(struct thread_cursor *c)
{
    bool limited;
    c->proc = linux_open("/proc", O_RDONLY | O_DIRECTORY);
    if (c->proc < 0) {
        return error_raise(WBEM_E_PROVIDER_FAILURE, "Win32_Thread", "/proc",
                           "the process file system can't be read: %s", strerror(-c->proc));
    }
    HRESULT hr = proc_walk_limit(&c->threads, c->request, COLUMN_Handle, &limited);
    if (FAILED(hr) || limited) {
        return hr;
    }
    hr = proc_walk_limit(&c->processes, c->request, COLUMN_ProcessHandle, &limited);
    if (FAILED(hr) || limited) {
        return hr;
    }
    return proc_walk_open(&c->processes, c->proc, ".");
}

static HRESULT thread_open(const struct provider_request *q, void **ret)
{
    struct thread_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    c->proc = c->tasks = -1;
    HRESULT hr = start_walk(c);
    if (FAILED(hr)) {
        thread_close(c);
        return hr;
    }
    if (provider_request_wants(q, COLUMN_CSName)) {
        linux_host_name(c->host);
    }
    if (provider_request_wants(q, COLUMN_OSName)) {
        linux_os_name(c->os);
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* The kernel's letters (proc_pid_stat(5)) as the documentation's numbers. */
static uint32_t thread_state(char letter)
{
    switch (letter) {
    case 'R':
        return 2; /* Running: the kernel does not tell who waits for a processor */
    case 'S':
    case 'D':
    case 'T':
    case 't':
    case 'I':
        return 5; /* Waiting */
    case 'Z':
    case 'X':
        return 4; /* Terminated */
    default:
        return 7; /* Unknown */
    }
}

static void set_wait_reason(struct provider_row *r, char letter)
{
    if (letter == 'T' || letter == 't') {
        provider_set_uint(r, COLUMN_ThreadWaitReason, 5); /* Suspended */
    } else if (letter == 'S' || letter == 'D' || letter == 'I') {
        provider_set_uint(r, COLUMN_ThreadWaitReason, 13); /* Unknown */
    }
}

static void set_stat(struct provider_row *r, const struct proc_stat *s)
{
    uint64_t kernel = linux_ticks_to_microseconds(s->stime);
    uint64_t user = linux_ticks_to_microseconds(s->utime);
    provider_set_string_n(r, COLUMN_Caption, s->comm, s->comm_size);
    provider_set_string_n(r, COLUMN_Description, s->comm, s->comm_size);
    provider_set_string_n(r, COLUMN_Name, s->comm, s->comm_size);
    provider_set_uint(r, COLUMN_ElapsedTime, (kernel + user) / 1000);
    provider_set_uint(r, COLUMN_KernelModeTime, kernel * 10);
    provider_set_uint(r, COLUMN_UserModeTime, user * 10);
    provider_set_uint(r, COLUMN_Priority, proc_stat_urgency(s));
    provider_set_uint(r, COLUMN_PriorityBase, proc_stat_urgency(s));
    provider_set_uint(r, COLUMN_ThreadState, thread_state(s->state));
    set_wait_reason(r, s->state);
}

/* False when the thread is gone. */
static bool fill(const struct thread_cursor *c, struct provider_row *r, uint32_t process,
                 uint32_t thread)
{
    if (provider_wants_any(r, COLUMN_Caption, COLUMN_UserModeTime)) {
        char name[32], text[1024];
        struct proc_stat s;
        snprintf(name, sizeof name, "%u/stat", (unsigned)thread);
        if (linux_read_once_at(c->tasks, name, text, sizeof text) <= 0 ||
            !proc_stat_parse(text, &s)) {
            return false;
        }
        set_stat(r, &s);
    }
    provider_set_format(r, COLUMN_Handle, "%u", (unsigned)thread);
    provider_set_format(r, COLUMN_ProcessHandle, "%u", (unsigned)process);
    provider_set_string(r, COLUMN_CreationClassName, "Win32_Thread");
    provider_set_string(r, COLUMN_CSCreationClassName, "Win32_ComputerSystem");
    provider_set_string(r, COLUMN_CSName, linux_known(c->host));
    provider_set_string(r, COLUMN_OSCreationClassName, "Win32_OperatingSystem");
    provider_set_string(r, COLUMN_OSName, linux_known(c->os));
    provider_set_string(r, COLUMN_ProcessCreationClassName, "Win32_Process");
    return true;
}

/* Turn to the threads of `process`; false when it is gone, or is a thread's own identifier. */
static bool enter(struct thread_cursor *c, uint32_t process)
{
    int dir = proc_open(c->proc, process);
    if (dir < 0) {
        return false;
    }
    uint32_t group;
    bool right = !c->processes.limited || (proc_thread_group(dir, &group) && group == process);
    if (c->tasks >= 0) {
        close(c->tasks);
    }
    c->tasks = right ? linux_open_at(dir, "task", O_RDONLY | O_DIRECTORY) : -1;
    c->process = process;
    close(dir);
    if (c->tasks < 0) {
        c->tasks = -1;
        return false;
    }
    return true;
}

/* The next thread when the condition names threads: their processes have to be found. */
static bool next_named(struct thread_cursor *c, uint32_t *ret)
{
    while (proc_walk_next(&c->threads, ret)) {
        uint32_t process;
        int dir = proc_open(c->proc, *ret);
        if (dir < 0) {
            continue;
        }
        bool known_process = proc_thread_group(dir, &process);
        close(dir);
        if (known_process && enter(c, process)) {
            return true;
        }
    }
    return false;
}

static bool next_of_all(struct thread_cursor *c, uint32_t *ret)
{
    for (;;) {
        if (c->threads.dir && proc_walk_next(&c->threads, ret)) {
            return true;
        }
        proc_walk_close(&c->threads);
        uint32_t process;
        if (!proc_walk_next(&c->processes, &process)) {
            return false;
        }
        if (enter(c, process)) {
            (void)proc_walk_open(&c->threads, c->tasks, ".");
        }
    }
}

static HRESULT thread_next(void *cursor, struct provider_row *row)
{
    struct thread_cursor *c = cursor;
    uint32_t thread;
    while (c->threads.limited ? next_named(c, &thread) : next_of_all(c, &thread)) {
        if (fill(c, row, c->process, thread)) {
            return WBEM_S_NO_ERROR;
        }
    }
    return WBEM_S_FALSE;
}

const struct provider_class linux_thread = {
    .name = "Win32_Thread",
    .columns = columns,
    .open = thread_open,
    .next = thread_next,
    .close = thread_close,
};
