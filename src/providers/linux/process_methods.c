/*
 * The methods of Win32_Process (WmiSdk/cimwin32prov "Win32_Process class").
 * The object was found right before; a process that ends meanwhile gives
 * "path not found", as for any other system call that comes too late.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "providers/linux/account_name.h"
#include "providers/linux/launch.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/proc.h"
#include "providers/linux/procfs.h"

/* Return codes of all of the class's methods. */
enum {
    PROCESS_SUCCESS = 0,
    PROCESS_NOT_SUPPORTED = 1,
    PROCESS_ACCESS_DENIED = 2,
    PROCESS_INSUFFICIENT_PRIVILEGE = 3,
    PROCESS_UNKNOWN_FAILURE = 8,
    PROCESS_PATH_NOT_FOUND = 9,
    PROCESS_INVALID_PARAMETER = 21
};

static uint32_t code_of(int error)
{
    switch (error) {
    case EACCES:
    case EPERM:
        return PROCESS_ACCESS_DENIED;
    case ENOENT:
    case ENOTDIR:
    case ESRCH:
        return PROCESS_PATH_NOT_FOUND;
    case EINVAL:
    case E2BIG:
    case ENAMETOOLONG:
        return PROCESS_INVALID_PARAMETER;
    default:
        return PROCESS_UNKNOWN_FAILURE;
    }
}

HRESULT linux_check_live(const char *method)
{
    return linux_is_live() ? WBEM_S_NO_ERROR
                           : error_raise(WBEM_E_PROVIDER_NOT_CAPABLE, "ExecMethod", method,
                                         "a snapshot of a machine (WBEM_LINUX_ROOT) is looked at: "
                                         "%s could only change the machine we run on",
                                         method);
}

/* The number in Handle: 1 and up, so that it never means a group of processes. */
static bool get_pid(const struct provider_call *c, pid_t *ret)
{
    uint64_t v = 0;
    char *handle = method_get_string(c->instance, L"Handle");
    bool ok = handle && linux_is_number(handle, &v) && v > 0 && v <= INT32_MAX;
    free(handle);
    *ret = (pid_t)v;
    return ok;
}

/* ---- priorities ---------------------------------------------------------------------- */

/* Priority classes as nice values; also of Win32_ProcessStartup.PriorityClass. */
static bool nice_of(uint64_t priority_class, int *ret)
{
    static const struct {
        uint32_t priority_class;
        int nice;
    } classes[] = {
        {64, 19},    /* idle */
        {16384, 10}, /* below normal */
        {32, 0},     /* normal */
        {32768, -5}, /* above normal */
        {128, -10},  /* high */
        {256, -20},  /* real time: the most that nice values give */
    };
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (classes[i].priority_class == priority_class) {
            *ret = classes[i].nice;
            return true;
        }
    }
    return false;
}

/* Linux has a nice value for each thread. 0 or an error number. */
static int set_nice(pid_t pid, int nice)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = linux_opendir(path);
    if (!tasks) {
        return errno == ENOENT ? ESRCH : errno;
    }
    int error = 0;
    for (struct dirent *entry; error == 0 && (entry = readdir(tasks));) {
        uint64_t id;
        if (linux_is_number(entry->d_name, &id) && id <= INT32_MAX &&
            setpriority(PRIO_PROCESS, (id_t)id, nice) != 0 && errno != ESRCH) {
            error = errno;
        }
    }
    closedir(tasks);
    return error;
}

static HRESULT set_priority(struct provider_call *c)
{
    pid_t pid;
    int nice;
    uint64_t wanted;
    HRESULT hr = linux_check_live("SetPriority");
    if (FAILED(hr)) {
        return hr;
    }
    if (!method_get_uint(c->in, L"Priority", &wanted) || !nice_of(wanted, &nice)) {
        return method_return(c, PROCESS_INVALID_PARAMETER);
    }
    if (!get_pid(c, &pid)) {
        return method_return(c, PROCESS_PATH_NOT_FOUND);
    }
    int error = set_nice(pid, nice);
    /* EACCES: one may be nicer, but not less nice again, without the right to. */
    return method_return(c, error == 0        ? PROCESS_SUCCESS
                            : error == EACCES ? PROCESS_INSUFFICIENT_PRIVILEGE
                                              : code_of(error));
}

/* ---- Create --------------------------------------------------------------------------- */

enum {
    FLAG_DEBUG = 0x1 | 0x2, /* DEBUG_PROCESS, DEBUG_ONLY_THIS_PROCESS */
    FLAG_SUSPENDED = 0x4
};

static bool are_settings(char **environment)
{
    for (; *environment; environment++) {
        const char *is = strchr(*environment, '=');
        if (!is || is == *environment) {
            return false;
        }
    }
    return true;
}

/* What of Win32_ProcessStartup means something here; what it says of windows and consoles does
 * not. WBEM_S_FALSE: a value can't be honoured. */
static HRESULT read_startup(IWbemClassObject *startup, struct launch *l)
{
    uint64_t v;
    if (method_get_uint(startup, L"CreateFlags", &v) && (v & (FLAG_DEBUG | FLAG_SUSPENDED))) {
        return WBEM_S_FALSE;
    }
    if (method_get_uint(startup, L"PriorityClass", &v)) {
        if (!nice_of(v, &l->nice)) {
            return WBEM_S_FALSE;
        }
        l->has_nice = true;
    }
    HRESULT hr = method_get_strings(startup, L"EnvironmentVariables", &l->environment);
    if (FAILED(hr)) {
        return hr;
    }
    return hr == WBEM_S_FALSE || are_settings(l->environment) ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

static HRESULT start(struct provider_call *c, struct launch *l, const char *line)
{
    IWbemClassObject *startup = NULL;
    HRESULT hr = method_get_object(c->in, L"ProcessStartupInformation", &startup);
    if (SUCCEEDED(hr) && startup) {
        hr = read_startup(startup, l);
        IWbemClassObject_Release(startup);
        if (hr == WBEM_S_FALSE) {
            return method_return(c, PROCESS_INVALID_PARAMETER);
        }
    }
    int result = SUCCEEDED(hr) ? launch_split(line, &l->words) : 0;
    if (FAILED(hr) || result == -ENOMEM) {
        return FAILED(hr) ? hr : WBEM_E_OUT_OF_MEMORY;
    }
    if (result < 0 || !l->words[0] || !l->words[0][0]) {
        return method_return(c, PROCESS_INVALID_PARAMETER);
    }
    enum launch_stage stage;
    pid_t pid = launch_run(l, &stage);
    if (pid < 0) {
        return method_return(c,
                             stage == LAUNCH_NICE ? PROCESS_INSUFFICIENT_PRIVILEGE : code_of(-pid));
    }
    method_set_uint(c, L"ProcessId", (uint64_t)pid);
    return method_return(c, PROCESS_SUCCESS);
}

static HRESULT create(struct provider_call *c)
{
    HRESULT hr = linux_check_live("Create");
    if (FAILED(hr)) {
        return hr;
    }
    char *line = method_get_string(c->in, L"CommandLine");
    char *directory = method_get_string(c->in, L"CurrentDirectory");
    struct launch l = {.directory = directory && directory[0] ? directory : NULL};
    hr = line ? start(c, &l, line) : WBEM_E_OUT_OF_MEMORY;
    launch_words_free(l.words);
    method_strings_free(l.environment);
    free(directory);
    free(line);
    return hr;
}

/* ---- the others ---------------------------------------------------------------------- */

/* As Windows ends a process: at once, without asking it. A status that it did not choose itself
 * can't be given to it, so Reason is not used. */
static HRESULT terminate(struct provider_call *c)
{
    pid_t pid;
    HRESULT hr = linux_check_live("Terminate");
    if (FAILED(hr)) {
        return hr;
    }
    if (!get_pid(c, &pid)) {
        return method_return(c, PROCESS_PATH_NOT_FOUND);
    }
    return method_return(c, kill(pid, SIGKILL) == 0 ? PROCESS_SUCCESS : code_of(errno));
}

/* The effective user, by whose rights the process acts. 0 or -errno. */
static int read_owner(const struct provider_call *c, uint32_t *ret)
{
    pid_t pid;
    char path[64], text[8192], uids[128];
    if (!get_pid(c, &pid)) {
        return -ESRCH;
    }
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    ssize_t n = linux_read(path, text, sizeof text);
    if (n <= 0) {
        return n < 0 ? (int)n : -ESRCH;
    }
    uint64_t real, effective;
    const char *at = uids;
    if (!linux_copy_key(text, "Uid", ':', uids, sizeof uids) || !linux_parse_u64(&at, &real) ||
        !linux_parse_u64(&at, &effective) || effective > UINT32_MAX) {
        return -EIO;
    }
    *ret = (uint32_t)effective;
    return 0;
}

static HRESULT get_owner(struct provider_call *c)
{
    uint32_t uid;
    int result = read_owner(c, &uid);
    if (result < 0) {
        return method_return(c, code_of(-result));
    }
    char host[LINUX_NAME_SIZE];
    char *name = account_user_name(uid);
    if (!name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    linux_host_name(host);
    method_set_string(c, L"User", name);
    method_set_string(c, L"Domain", linux_known(host));
    free(name);
    return method_return(c, PROCESS_SUCCESS);
}

/* The same identifiers as Win32_UserAccount.SID. */
static HRESULT get_owner_sid(struct provider_call *c)
{
    uint32_t uid;
    int result = read_owner(c, &uid);
    if (result < 0) {
        return method_return(c, code_of(-result));
    }
    char sid[32];
    snprintf(sid, sizeof sid, "S-1-22-1-%u", (unsigned)uid);
    method_set_string(c, L"Sid", sid);
    return method_return(c, PROCESS_SUCCESS);
}

/* Nothing registers a debugger here, as Windows' AeDebug does. */
static HRESULT attach_debugger(struct provider_call *c)
{
    return method_return(c, PROCESS_NOT_SUPPORTED);
}

const struct provider_method linux_process_methods[] = {
    {"AttachDebugger", attach_debugger},
    {"Create", create},
    {"GetOwner", get_owner},
    {"GetOwnerSid", get_owner_sid},
    {"SetPriority", set_priority},
    {"Terminate", terminate},
    {NULL, NULL},
};
