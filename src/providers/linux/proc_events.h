/*
 * The kernel's own reports of processes and threads that start and end: the
 * process events connector (Documentation/driver-api/connector.rst,
 * linux/cn_proc.h) over netlink(7).
 */
#ifndef WBEM_PROVIDERS_LINUX_PROC_EVENTS_H
#define WBEM_PROVIDERS_LINUX_PROC_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum proc_event_kind {
    PROC_ACK,    /* the answer to a request: `code` is its errno or 0 */
    PROC_FORKED, /* a process or thread `id` of `process`, made by `parent` */
    PROC_EXECED,
    PROC_NEW_USER,
    PROC_NEW_SESSION,
    PROC_ENDED, /* `code`: its wait(2) status */
};

struct proc_report {
    enum proc_event_kind kind;
    uint32_t id;      /* thread */
    uint32_t process; /* thread group; equals id for the process itself */
    uint32_t parent;  /* process; 0 where the report does not say */
    uint32_t user;    /* PROC_NEW_USER: real user */
    uint32_t code;
    int64_t when; /* CLOCK_MONOTONIC, ns */
};

/* The reports in what one recv() gave, in order; those of other kinds, and what does not fit its
 * own lengths, are left out. Takes at most `most`; returns how many. *ret_used: bytes looked at, to
 * go on from when there were more. */
size_t proc_events_parse(const void *bytes, size_t size, struct proc_report *ret, size_t most,
                         size_t *ret_used);

/* A socket that listens, or -errno: -EPERM without the right; -ENOTSUP where the kernel does not
 * answer, as outside of the initial namespaces. */
int proc_events_open(void);

#endif
