/*
 * Win32_ProcessStartTrace, Win32_ProcessStopTrace, Win32_ThreadStartTrace and
 * Win32_ThreadStopTrace from the kernel's process events connector.
 *
 * A process is told of by its id alone, and when it has ended nothing more can be
 * asked; so a table keeps of each process what its events say. A process starts
 * with fork(2), but has its name only after execve(2): its start is held back
 * until then, or until it ends, or for SETTLE at most.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "object/object.h"
#include "providers/event_provider.h"
#include "providers/linux/proc.h"
#include "providers/linux/proc_events.h"
#include "providers/linux/procfs.h"

#define SETTLE INT64_C(50000000) /* ns */

enum {
    BUCKETS = 1024,
    BATCH = 64,
    ROUNDS = 64, /* of recv() before others have their turn */
    NAME_SIZE = 64
};

enum {
    PROCESS_START,
    PROCESS_STOP,
    THREAD_START,
    THREAD_STOP
};

enum {
    COLUMN_ProcessID,
    COLUMN_ParentProcessID,
    COLUMN_Sid,
    COLUMN_ProcessName,
    COLUMN_SessionID,
    COLUMN_ExitStatus
};

enum {
    THREAD_COLUMN_ProcessID,
    THREAD_COLUMN_ThreadID
};

static const char *const start_columns[] = {"ProcessID",   "ParentProcessID", "Sid",
                                            "ProcessName", "SessionID",       NULL};
static const char *const stop_columns[] = {"ProcessID", "ParentProcessID", "Sid", "ProcessName",
                                           "SessionID", "ExitStatus",      NULL};
static const char *const thread_columns[] = {"ProcessID", "ThreadID", NULL};

static const struct event_class classes[] = {
    [PROCESS_START] = {"Win32_ProcessStartTrace", start_columns},
    [PROCESS_STOP] = {"Win32_ProcessStopTrace", stop_columns},
    [THREAD_START] = {"Win32_ThreadStartTrace", thread_columns},
    [THREAD_STOP] = {"Win32_ThreadStopTrace", thread_columns},
};

struct known_process {
    struct known_process *next;                          /* in the bucket */
    struct known_process *next_starting, *prev_starting; /* oldest first */
    uint32_t id, parent, user, session;
    bool starting; /* its start has not been told yet */
    int64_t started;
    char name[NAME_SIZE];
};

struct process_events {
    struct event_feed *feed;
    int fd;
    int proc;
    struct known_process *buckets[BUCKETS];
    struct known_process *first_starting, *last_starting;
};

/* ---- the table ---------------------------------------------------------------------------- */

static struct known_process **find_link(struct process_events *e, uint32_t id)
{
    struct known_process **link = &e->buckets[id % BUCKETS];
    while (*link && (*link)->id != id) {
        link = &(*link)->next;
    }
    return link;
}

static struct known_process *find(struct process_events *e, uint32_t id)
{
    return *find_link(e, id);
}

static struct known_process *add(struct process_events *e, uint32_t id)
{
    struct known_process **link = find_link(e, id);
    if (!*link) {
        *link = calloc(1, sizeof(**link));
    }
    struct known_process *p = *link;
    if (p) {
        p->id = id;
    }
    return p;
}

static void starting_add(struct process_events *e, struct known_process *p, int64_t when)
{
    p->starting = true;
    p->started = when;
    p->next_starting = NULL;
    p->prev_starting = e->last_starting;
    if (e->last_starting) {
        e->last_starting->next_starting = p;
    } else {
        e->first_starting = p;
    }
    e->last_starting = p;
}

static void starting_remove(struct process_events *e, struct known_process *p)
{
    if (!p->starting) {
        return;
    }
    p->starting = false;
    *(p->prev_starting ? &p->prev_starting->next_starting : &e->first_starting) = p->next_starting;
    *(p->next_starting ? &p->next_starting->prev_starting : &e->last_starting) = p->prev_starting;
}

static void forget(struct process_events *e, uint32_t id)
{
    struct known_process **link = find_link(e, id);
    struct known_process *p = *link;
    if (p) {
        starting_remove(e, p);
        *link = p->next;
        free(p);
    }
}

/* What /proc says of the process now; what it no longer says stays as it was. */
static void refresh(struct process_events *e, struct known_process *p)
{
    char path[32];
    char text[2048];
    struct proc_stat s;
    snprintf(path, sizeof(path), "%u/stat", (unsigned)p->id);
    if (linux_read_once_at(e->proc, path, text, sizeof(text)) <= 0 || !proc_stat_parse(text, &s)) {
        return;
    }
    size_t size = s.comm_size < NAME_SIZE - 1 ? s.comm_size : NAME_SIZE - 1;
    memcpy(p->name, s.comm, size);
    p->name[size] = '\0';
    p->parent = (uint32_t)s.ppid;
    p->session = (uint32_t)s.session;
    snprintf(path, sizeof(path), "%u/status", (unsigned)p->id);
    uint64_t user;
    if (linux_read_at(e->proc, path, text, sizeof(text)) > 0 && linux_key_u64(text, "Uid", &user)) {
        p->user = (uint32_t)user;
    }
}

static void know_all(struct process_events *e)
{
    struct proc_walk walk = {0};
    uint32_t id;
    if (FAILED(proc_walk_open(&walk, e->proc, "."))) {
        return;
    }
    while (proc_walk_next(&walk, &id)) {
        struct known_process *p = add(e, id);
        if (p) {
            refresh(e, p);
        }
    }
    proc_walk_close(&walk);
}

/* ---- telling ----------------------------------------------------------------------------------
 */

/* S-1-22-1-<uid>, as Win32_UserAccount has it: revision, count of parts, authority (big-endian),
 * parts (little-endian); [MS-DTYP] 2.4.2.2. */
static void put_sid(struct event_feed *f, uint32_t user)
{
    const uint8_t sid[] = {1,
                           2,
                           0,
                           0,
                           0,
                           0,
                           0,
                           22,
                           1,
                           0,
                           0,
                           0,
                           (uint8_t)user,
                           (uint8_t)(user >> 8),
                           (uint8_t)(user >> 16),
                           (uint8_t)(user >> 24)};
    event_feed_bytes(f, COLUMN_Sid, sid, sizeof(sid));
}

static void put_process(struct process_events *e, const struct known_process *p)
{
    event_feed_uint(e->feed, COLUMN_ProcessID, p->id);
    event_feed_uint(e->feed, COLUMN_ParentProcessID, p->parent);
    put_sid(e->feed, p->user);
    if (p->name[0]) {
        event_feed_string(e->feed, COLUMN_ProcessName, p->name);
    }
    event_feed_uint(e->feed, COLUMN_SessionID, p->session);
}

static void tell_start(struct process_events *e, struct known_process *p)
{
    if (!p->starting) {
        return;
    }
    starting_remove(e, p);
    if (event_feed_row(e->feed, PROCESS_START)) {
        put_process(e, p);
        event_feed_put(e->feed, p->started);
    }
}

/* As a shell shows it: what it ended with, or 128 and the signal that ended it. */
static uint32_t exit_status(uint32_t code)
{
    int status = (int)code;
    return WIFSIGNALED(status) ? 128 + (uint32_t)WTERMSIG(status) : (uint32_t)WEXITSTATUS(status);
}

static void tell_stop(struct process_events *e, const struct known_process *p,
                      const struct proc_report *r)
{
    if (event_feed_row(e->feed, PROCESS_STOP)) {
        put_process(e, p);
        event_feed_uint(e->feed, COLUMN_ExitStatus, exit_status(r->code));
        event_feed_put(e->feed, r->when);
    }
}

static void tell_thread(struct process_events *e, unsigned cls, const struct proc_report *r)
{
    if (event_feed_row(e->feed, cls)) {
        event_feed_uint(e->feed, THREAD_COLUMN_ProcessID, r->process);
        event_feed_uint(e->feed, THREAD_COLUMN_ThreadID, r->id);
        event_feed_put(e->feed, r->when);
    }
}

/* ---- hearing ------------------------------------------------------------------------------------
 */

static void forked(struct process_events *e, const struct proc_report *r)
{
    if (r->id != r->process) {
        return; /* a thread */
    }
    forget(e, r->id); /* its end was missed */
    struct known_process *p = add(e, r->id);
    if (!p) {
        return;
    }
    const struct known_process *parent = find(e, r->parent);
    if (parent) {
        p->user = parent->user;
        p->session = parent->session;
        memcpy(p->name, parent->name, sizeof(p->name));
    }
    refresh(e, p);
    p->parent = r->parent; /* /proc may show who has adopted it since */
    if (!e->first_starting) {
        event_feed_tick(e->feed, SETTLE);
    }
    starting_add(e, p, r->when);
}

static void changed(struct process_events *e, const struct proc_report *r)
{
    struct known_process *p = find(e, r->process);
    if (!p) {
        return;
    }
    uint32_t parent = p->parent;
    if (r->kind == PROC_EXECED) {
        p->name[0] = '\0'; /* no longer that, even if it is gone already */
    }
    refresh(e, p);
    if (p->starting) {
        p->parent = parent;
    }
    if (r->kind == PROC_NEW_USER) {
        p->user = r->user;
    }
    if (r->kind == PROC_EXECED) {
        tell_start(e, p);
    }
}

static void ended(struct process_events *e, const struct proc_report *r)
{
    struct known_process unknown = {.id = r->process};
    struct known_process *p = find(e, r->process);
    if (!p) { /* began before there was a table, or in a gap */
        p = &unknown;
    }
    tell_start(e, p);
    tell_stop(e, p, r);
    forget(e, r->process);
}

static void hear(struct process_events *e, const struct proc_report *r)
{
    switch (r->kind) {
    case PROC_ACK:
        break;
    case PROC_FORKED:
        tell_thread(e, THREAD_START, r);
        forked(e, r);
        break;
    case PROC_EXECED:
    case PROC_NEW_USER:
    case PROC_NEW_SESSION:
        changed(e, r);
        break;
    case PROC_ENDED:
        tell_thread(e, THREAD_STOP, r);
        if (r->id == r->process) {
            ended(e, r);
        }
        break;
    }
}

/* The kernel's buffer ran over: the table is brought up to date from /proc. Processes that ended
 * meanwhile stay in it until their id is used again. */
static void resume(struct process_events *e)
{
    event_feed_lost(e->feed);
    know_all(e);
}

static HRESULT process_ready(void *state)
{
    struct process_events *e = state;
    uint8_t buffer[8192];
    for (int round = 0; round < ROUNDS; round++) {
        ssize_t size = recv(e->fd, buffer, sizeof(buffer), 0);
        if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
            return WBEM_S_NO_ERROR;
        }
        if (size < 0 && errno == ENOBUFS) {
            resume(e);
            continue;
        }
        if (size < 0) {
            return error_raise(WBEM_E_PROVIDER_FAILURE, "ExecNotificationQuery", "netlink",
                               "the kernel's process events can't be read: %s", strerror(errno));
        }
        for (size_t at = 0, used; at < (size_t)size; at += used) {
            struct proc_report reports[BATCH];
            size_t count = proc_events_parse(buffer + at, (size_t)size - at, reports, BATCH, &used);
            for (size_t i = 0; i < count; i++) {
                hear(e, &reports[i]);
            }
        }
    }
    return WBEM_S_NO_ERROR;
}

static void process_tick(void *state)
{
    struct process_events *e = state;
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t now = (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
    while (e->first_starting && now - e->first_starting->started >= SETTLE) {
        struct known_process *p = e->first_starting;
        uint32_t parent = p->parent;
        refresh(e, p);
        p->parent = parent;
        tell_start(e, p);
    }
    if (e->first_starting) {
        event_feed_tick(e->feed, SETTLE - (now - e->first_starting->started));
    }
}

static void process_close(void *state)
{
    struct process_events *e = state;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (e->buckets[i]) {
            forget(e, e->buckets[i]->id);
        }
    }
    if (e->fd >= 0) {
        close(e->fd);
    }
    if (e->proc >= 0) {
        close(e->proc);
    }
    free(e);
}

static HRESULT raise_refused(int error)
{
    if (error == -EPERM || error == -EACCES) {
        return error_raise(WBEM_E_ACCESS_DENIED, "ExecNotificationQuery", "CAP_NET_ADMIN",
                           "the kernel reports processes and threads only to who has the right "
                           "CAP_NET_ADMIN (root, or setcap cap_net_admin+ep on the program)");
    }
    if (error == -ENOTSUP) {
        return error_raise(WBEM_E_ACCESS_DENIED, "ExecNotificationQuery", "CAP_NET_ADMIN",
                           "the kernel does not report processes and threads here: it does so "
                           "only in the initial user and PID namespaces, not in a container, with "
                           "the right CAP_NET_ADMIN and built with CONFIG_PROC_EVENTS");
    }
    return error_raise(WBEM_E_PROVIDER_FAILURE, "ExecNotificationQuery", "netlink",
                       "the kernel's process events can't be had: %s", strerror(-error));
}

static HRESULT process_open(struct event_feed *f, void **ret, int *ret_fd, uint32_t *ret_events)
{
    struct process_events *e = calloc(1, sizeof(*e));
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->feed = f;
    e->proc = linux_open("/proc", O_RDONLY | O_DIRECTORY);
    e->fd = proc_events_open();
    if (e->fd < 0) {
        int error = e->fd;
        process_close(e);
        return raise_refused(error);
    }
    know_all(e); /* after listening has begun, so that none is missed */
    *ret = e;
    *ret_fd = e->fd;
    *ret_events = EPOLLIN;
    return WBEM_S_NO_ERROR;
}

const struct event_provider linux_process_events = {
    .classes = classes,
    .class_count = sizeof(classes) / sizeof(classes[0]),
    .open = process_open,
    .ready = process_ready,
    .tick = process_tick,
    .close = process_close,
};
