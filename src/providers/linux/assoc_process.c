/*
 * What a process is made of: the files that it executes (/proc/<pid>/maps), its
 * threads; and the session that it belongs to (its control group, or where
 * logind does not run its terminal).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "com/com.h"
#include "providers/linux/assoc.h"
#include "providers/linux/linux.h"
#include "providers/linux/procfs.h"

enum {
    PATH_SIZE = 64,
    MAPS_LIMIT = 64 << 20,
    NAMESPACE_SIZE = 64
};

/* ---- CIM_ProcessThread ----------------------------------------------------------- */

const struct association linux_process_thread = {
    .provider = ASSOC_PROVIDER("CIM_ProcessThread", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_KEYS,
              .class_name = "Win32_Process",
              .keys = {{"Handle", ASSOC_COLUMN, "ProcessHandle"}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Thread"),
};

/* ---- CIM_ProcessExecutable ------------------------------------------------------- */

/* True when the process sees the files that we see under the same names: it is in our mount
 * namespace, and its root is ours. What can't be told is taken for true, since its maps may not be
 * read then either. */
static bool shares_files(const char *handle)
{
    char path[PATH_SIZE], ours[NAMESPACE_SIZE], theirs[NAMESPACE_SIZE];
    struct stat root, own;
    snprintf(path, sizeof path, "/proc/%s/ns/mnt", handle);
    if (linux_read_link("/proc/self/ns/mnt", ours, sizeof ours) > 0 &&
        linux_read_link(path, theirs, sizeof theirs) > 0 && strcmp(ours, theirs) != 0) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/%s/root/.", handle);
    return !linux_is_live() || stat(path, &root) < 0 || stat("/", &own) < 0 ||
           (root.st_dev == own.st_dev && root.st_ino == own.st_ino);
}

/* One line of maps: "start-end perms offset device inode path". */
struct mapping {
    uint64_t start;
    bool executable;
    const char *path;
    size_t path_size;
};

/* False for memory without a file, or with one that has been deleted. */
static bool parse_mapping(const char *line, size_t size, struct mapping *ret)
{
    static const char deleted[] = " (deleted)";
    const size_t suffix = sizeof deleted - 1;
    const char *at = line;
    const char *end = line + size;
    const char *path = memchr(line, '/', size);
    const char *permissions = memchr(line, ' ', size);
    if (!linux_parse_hex(&at, &ret->start) || !path || !permissions || path - permissions < 5) {
        return false;
    }
    ret->executable = permissions[3] == 'x';
    ret->path = path;
    ret->path_size = (size_t)(end - path);
    return ret->path_size < suffix || memcmp(end - suffix, deleted, suffix) != 0;
}

/* Adds the mapping's file with the address of its first mapping, and notes whether any of it may
 * be executed: the code of a library lies in the middle. */
static HRESULT add_mapping(const struct mapping *m, struct assoc_list *ret)
{
    CLEANUP(com_cleanup_free) char *path = strndup(m->path, m->path_size);
    if (!path) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    struct assoc_found *known = assoc_list_find(ret, path);
    if (known) {
        known->numbers[1] |= m->executable;
        return WBEM_S_NO_ERROR;
    }
    return assoc_list_add(ret, TAKE(path), m->start, m->executable);
}

/* Files of which nothing may be executed, as message catalogues, are not wanted. */
static void drop_data(struct assoc_list *l)
{
    for (size_t i = 0; i < l->count; i++) {
        if (!l->items[i].numbers[1]) {
            free(l->items[i].key);
            l->items[i].key = NULL;
        }
    }
}

static HRESULT find_files(void *state, const struct provider_inner *row, struct assoc_list *ret)
{
    (void)state;
    char path[PATH_SIZE];
    CLEANUP(com_cleanup_free) char *handle = NULL;
    CLEANUP(com_cleanup_free) char *maps = NULL;
    HRESULT hr = provider_inner_text(row, "Handle", &handle);
    if (!handle || !shares_files(handle)) {
        return hr;
    }
    snprintf(path, sizeof path, "/proc/%s/maps", handle);
    ssize_t size = linux_read_all(path, MAPS_LIMIT, &maps);
    hr = size == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
    for (const char *at = maps; size > 0 && SUCCEEDED(hr) && *at;) {
        size_t length = strcspn(at, "\n");
        struct mapping m;
        if (parse_mapping(at, length, &m)) {
            hr = add_mapping(&m, ret);
        }
        at += length + (at[length] == '\n');
    }
    drop_data(ret);
    return hr;
}

const struct association linux_process_executable = {
    .provider = ASSOC_PROVIDER("CIM_ProcessExecutable", "Antecedent", "Dependent", "BaseAddress"),
    .ends = {{.kind = ASSOC_FOUND,
              .class_name = "CIM_DataFile",
              .keys = {{"Name", ASSOC_COLUMN, NULL}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Process"),
    .expand = find_files,
};

/* ---- Win32_SessionProcess ---------------------------------------------------------- */

static void session_done(void *state)
{
    struct assoc_list *sessions = state;
    if (sessions) {
        assoc_list_done(sessions);
        free(sessions);
    }
}

static HRESULT list_sessions(const struct provider_request *q, struct assoc_list *ret)
{
    struct provider_inner *rows = NULL;
    HRESULT hr = provider_inner_open(q, L"SELECT LogonId FROM Win32_LogonSession", &rows);
    while (SUCCEEDED(hr) && (hr = provider_inner_next(rows)) == WBEM_S_NO_ERROR) {
        char *id;
        hr = provider_inner_text(rows, "LogonId", &id);
        hr = id ? assoc_list_add(ret, id, 0, 0) : hr;
    }
    provider_inner_close(rows);
    return hr;
}

static HRESULT session_start(const struct provider_request *q, void **ret)
{
    struct assoc_list *sessions = calloc(1, sizeof *sessions);
    HRESULT hr = sessions ? list_sessions(q, sessions) : WBEM_E_OUT_OF_MEMORY;
    if (FAILED(hr) || sessions->count == 0) {
        session_done(sessions);
        return FAILED(hr) ? hr : WBEM_S_FALSE;
    }
    *ret = sessions;
    return WBEM_S_NO_ERROR;
}

/* "…/session-2.scope" in the text of /proc/<pid>/cgroup: systemd-logind's unit of a session. */
static char *session_of_group(const char *text)
{
    const char *at = strstr(text, "/session-");
    const char *id = at ? at + strlen("/session-") : NULL;
    size_t size = id ? strcspn(id, "./\n") : 0;
    return size && strncmp(id + size, ".scope", strlen(".scope")) == 0 ? strndup(id, size) : NULL;
}

/* The line of the controlling terminal, as utmp has it. proc_pid_stat(5): tty_nr is the fifth
 * field behind the name; the minor number is in bits 31 to 20 and 7 to 0, the major in 15 to 8. */
static char *terminal_of(const char *stat_text)
{
    enum {
        PTS_MAJOR = 136,
        PTS_MAJORS = 8,
        TTY_MAJOR = 4,
        TTY_COUNT = 64,
        FIELDS_BETWEEN = 3 /* ppid, pgrp, session */
    };
    const char *at = strrchr(stat_text, ')');
    int64_t tty = 0;
    char *line = NULL;
    if (!at || strlen(at) < 5) {
        return NULL;
    }
    at += 4; /* behind ") S " */
    for (unsigned i = 0; i <= FIELDS_BETWEEN; i++) {
        if (!linux_parse_i64(&at, &tty)) {
            return NULL;
        }
    }
    unsigned major = (unsigned)tty >> 8 & 0xff;
    unsigned minor = ((unsigned)tty & 0xff) | ((unsigned)tty >> 12 & 0xfff00);
    int length = -1;
    if (major >= PTS_MAJOR && major < PTS_MAJOR + PTS_MAJORS) {
        length = asprintf(&line, "pts/%u", (major - PTS_MAJOR) * 256 + minor);
    } else if (major == TTY_MAJOR && minor < TTY_COUNT) {
        length = asprintf(&line, "tty%u", minor);
    }
    return length < 0 ? NULL : line;
}

static HRESULT find_session(void *state, const struct provider_inner *row, struct assoc_list *ret)
{
    const struct assoc_list *sessions = state;
    char path[PATH_SIZE], text[4096];
    CLEANUP(com_cleanup_free) char *handle = NULL;
    CLEANUP(com_cleanup_free) char *session = NULL;
    HRESULT hr = provider_inner_text(row, "Handle", &handle);
    if (!handle) {
        return hr;
    }
    snprintf(path, sizeof path, "/proc/%s/cgroup", handle);
    if (linux_read(path, text, sizeof text) > 0) {
        session = session_of_group(text);
    }
    snprintf(path, sizeof path, "/proc/%s/stat", handle);
    if (!session && linux_read(path, text, sizeof text) > 0) {
        session = terminal_of(text);
    }
    return session && assoc_list_find(sessions, session) ? assoc_list_add(ret, TAKE(session), 0, 0)
                                                         : WBEM_S_NO_ERROR;
}

const struct association linux_session_process = {
    .provider = ASSOC_PROVIDER("Win32_SessionProcess", "Antecedent", "Dependent"),
    .ends = {{.kind = ASSOC_FOUND,
              .class_name = "Win32_LogonSession",
              .keys = {{"LogonId", ASSOC_COLUMN, NULL}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Process"),
    .start = session_start,
    .expand = find_session,
    .done = session_done,
};
