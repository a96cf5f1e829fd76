/*
 * Walking /proc and reading stat files; see proc.h.
 */
#include "providers/linux/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/procfs.h"

static bool skip_fields(const char **at, unsigned count)
{
    const char *p = *at;
    for (; count > 0; count--) {
        while (*p == ' ') {
            p++;
        }
        if (!*p) {
            return false;
        }
        p = strchrnul(p, ' ');
    }
    *at = p;
    return true;
}

/* The name may hold anything, blanks and parentheses too: it ends at the last parenthesis. */
bool proc_stat_parse(const char *text, struct proc_stat *ret)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    if (!open || !close || close < open || close[1] != ' ' || !close[2]) {
        return false;
    }

    struct proc_stat s = {
        .comm = open + 1, .comm_size = (size_t)(close - open - 1), .state = close[2]};
    const char *at = close + 3;
    uint64_t ignored;
    bool good = linux_parse_i64(&at, &s.ppid) && skip_fields(&at, 1) &&    /* pgrp */
                linux_parse_i64(&at, &s.session) && skip_fields(&at, 2) && /* tty, tpgid */
                linux_parse_u64(&at, &s.flags) && linux_parse_u64(&at, &s.minflt) &&
                linux_parse_u64(&at, &ignored) && linux_parse_u64(&at, &s.majflt) &&
                linux_parse_u64(&at, &ignored) && linux_parse_u64(&at, &s.utime) &&
                linux_parse_u64(&at, &s.stime) && skip_fields(&at, 2) &&       /* cutime, cstime */
                linux_parse_i64(&at, &s.priority) && skip_fields(&at, 1) &&    /* nice */
                linux_parse_i64(&at, &s.num_threads) && skip_fields(&at, 1) && /* itrealvalue */
                linux_parse_u64(&at, &s.starttime) && linux_parse_u64(&at, &s.vsize);
    if (good) {
        *ret = s;
    }
    return good;
}

uint32_t proc_stat_urgency(const struct proc_stat *s)
{
    /* The kernel's number falls with urgency: 39 … 0 by nice value, -2 … -100 for real time. */
    int64_t v = 39 - s->priority;
    return v < 0 ? 0 : (uint32_t)v;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

HRESULT proc_walk_limit(struct proc_walk *w, const struct provider_request *q, unsigned column,
                        bool *ret_limited)
{
    const struct cim_value *values;
    uint32_t count, used = 0;
    *ret_limited = false;
    if (!provider_points(q, column, &values, &count)) {
        return WBEM_S_NO_ERROR;
    }

    uint32_t *points = calloc(count + 1, sizeof *points);
    if (!points) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t v;
        if (provider_point_uint(q, column, i, &v) && v > 0 && v <= INT32_MAX) {
            points[used++] = (uint32_t)v;
        }
    }
    /* "7" and "007" are the same number: it must not give two rows. */
    qsort(points, used, sizeof *points, by_number);
    uint32_t unique = 0;
    for (uint32_t i = 0; i < used; i++) {
        if (unique == 0 || points[unique - 1] != points[i]) {
            points[unique++] = points[i];
        }
    }
    free(w->points);
    w->points = points;
    w->count = unique;
    w->next = 0;
    w->limited = *ret_limited = true;
    return WBEM_S_NO_ERROR;
}

HRESULT proc_walk_open(struct proc_walk *w, int dir, const char *name)
{
    w->dir = dir == AT_FDCWD ? linux_opendir(name) : linux_opendir_at(dir, name);
    return w->dir ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND;
}

bool proc_walk_next(struct proc_walk *w, uint32_t *ret)
{
    if (w->limited) {
        if (w->next == w->count) {
            return false;
        }
        *ret = w->points[w->next++];
        return true;
    }

    struct dirent *entry;
    while (w->dir && (entry = readdir(w->dir))) {
        uint64_t v;
        if (linux_is_number(entry->d_name, &v) && v <= INT32_MAX) {
            *ret = (uint32_t)v;
            return true;
        }
    }
    return false;
}

void proc_walk_close(struct proc_walk *w)
{
    if (w->dir) {
        closedir(w->dir);
    }
    free(w->points);
    *w = (struct proc_walk){0};
}

int proc_open(int dir, uint32_t id)
{
    char name[16];
    snprintf(name, sizeof name, "%u", (unsigned)id);
    return linux_open_at(dir, name, O_RDONLY | O_DIRECTORY);
}

bool proc_thread_group(int dir, uint32_t *ret)
{
    char text[4096];
    uint64_t v;
    if (linux_read_once_at(dir, "status", text, sizeof text) <= 0 ||
        !linux_key_u64(text, "Tgid", &v) || v > INT32_MAX) {
        return false;
    }
    *ret = (uint32_t)v;
    return true;
}

bool proc_is_gone(ssize_t error)
{
    return error == -ENOENT || error == -ESRCH || error == -ENOTDIR;
}
