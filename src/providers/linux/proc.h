/*
 * What Win32_Process and Win32_Thread share: walking the numbered directories
 * of /proc, or those that a condition names, and reading a stat file.
 */
#ifndef WBEM_PROVIDERS_LINUX_PROC_H
#define WBEM_PROVIDERS_LINUX_PROC_H

#include <dirent.h>
#include <sys/types.h>

#include "providers/provider.h"

/* Fields of proc_pid_stat(5), by the names there. */
struct proc_stat {
    const char *comm; /* points into the text, not terminated */
    size_t comm_size;
    char state;
    int64_t ppid, session, priority, num_threads;
    uint64_t flags, minflt, majflt, utime, stime, starttime, vsize;
};

/* One of the kernel's own threads: it has no program, arguments or descriptors. */
#define PROC_FLAG_KERNEL_THREAD 0x00200000u /* PF_KTHREAD of the kernel's sched.h */

/* False when the text is not a stat file's. */
bool proc_stat_parse(const char *text, struct proc_stat *ret);
/* Priority as ps -o pri shows it: 0 (nice 19) to 39 (nice -20), then real-time ones up to 139. */
uint32_t proc_stat_urgency(const struct proc_stat *s);

/* The numbers in a directory, or the points of a column. */
struct proc_walk {
    DIR *dir;
    uint32_t *points; /* ascending, each once */
    uint32_t count, next;
    bool limited;
};

/* Limit the walk to what the condition allows for `column`; true when it is limited. */
HRESULT proc_walk_limit(struct proc_walk *w, const struct provider_request *q, unsigned column,
                        bool *ret_limited);
/* Walk the numbers in `name` (absolute when dir is AT_FDCWD). WBEM_E_NOT_FOUND, others. */
HRESULT proc_walk_open(struct proc_walk *w, int dir, const char *name);
bool proc_walk_next(struct proc_walk *w, uint32_t *ret);
void proc_walk_close(struct proc_walk *w);

/* The descriptor of <dir>/<id>, or -errno. */
int proc_open(int dir, uint32_t id);
/* "Tgid" in /proc/<id>/status: the process that the thread `id` belongs to. */
bool proc_thread_group(int dir, uint32_t *ret);

/* True for what a process that has ended answers: it is left out of the result. */
bool proc_is_gone(ssize_t error);

#endif
