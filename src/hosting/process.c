/*
 * Host processes: wbem-provider-host with one end of a socket pair as its
 * descriptor 3. The program is $WBEM_PROVIDER_HOST or the installed one. Its
 * limits are those of __ProviderHostQuotaConfiguration (WmiSdk page of that
 * name), which it sets for itself before it loads anything.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hosting/remote.h"

#ifndef WBEM_PROVIDER_HOST
#define WBEM_PROVIDER_HOST "/usr/libexec/wbem-provider-host"
#endif

extern char **environ;

/* Held by descriptor where the kernel has that, so that a number taken anew is nobody's harm. */
struct process {
    pid_t pid;
    int pidfd; /* -1: none */
};

static atomic_uint running;

/* What __ProviderHostQuotaConfiguration has on a fresh Windows. */
struct quota {
    uint64_t memory;
    uint32_t handles;
    uint32_t processes;
};

static uint64_t get_number(IWbemClassObject *object, const wchar_t *name, uint64_t otherwise)
{
    CLEANUP(com_cleanup_variant) VARIANT v = {0};
    CLEANUP(com_cleanup_variant) VARIANT number = {0};
    if (FAILED(IWbemClassObject_Get(object, name, 0, &v, NULL, NULL)) || V_VT(&v) == VT_NULL ||
        FAILED(VariantChangeType(&number, &v, 0, VT_UI8)) || V_UI8(&number) == 0) {
        return otherwise;
    }
    return V_UI8(&number);
}

static HRESULT visit_quota(void *closure, IWbemClassObject *object)
{
    struct quota *q = closure;
    q->memory = get_number(object, L"MemoryPerHost", q->memory);
    q->handles = (uint32_t)get_number(object, L"HandlesPerHost", q->handles);
    q->processes = (uint32_t)get_number(object, L"ProcessLimitAllHosts", q->processes);
    return WBEM_S_NO_ERROR;
}

/* The instance is in the namespace root. */
static struct quota read_quota(struct repository_namespace *n)
{
    struct quota q = {.memory = 512u << 20, .handles = 4096, .processes = 80};
    struct repository_namespace *root;
    if (SUCCEEDED(repository_open(repository_of(n), L"root", &root))) {
        (void)registration_visit(root, L"__ProviderHostQuotaConfiguration", visit_quota, &q);
        (void)SetErrorInfo(0, NULL);
    }
    return q;
}

static HRESULT raise_process(const wchar_t *name, HRESULT hr, const char *what, const char *why)
{
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
    return error_raise(hr, "wbem-provider-host", text, "provider %s: %s: %s", text ? text : "?",
                       what, why);
}

/* No signal that the program blocks or ignores, no Ctrl-C that is meant for it, its own group. What
 * the provider prints goes where messages go, not into the program's output. */
static int spawn(const char *path, char *const *arguments, int fd, pid_t *ret)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    if (posix_spawn_file_actions_init(&files) != 0) {
        return ENOMEM;
    }
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&files);
        return ENOMEM;
    }
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETPGROUP);
    int error = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    error = error ? error : posix_spawn_file_actions_adddup2(&files, 2, 1);
    error = error ? error : posix_spawn_file_actions_adddup2(&files, fd, 3);
    error = error ? error : posix_spawn(ret, path, &files, &attributes, arguments, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&files);
    return error;
}

static int pid_descriptor(pid_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    return -1;
#endif
}

/* A pair whose far end is not 3 itself: dup2() of a descriptor on itself would leave it to be
 * closed by exec. */
static int make_pair(int ret[2])
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ret) != 0) {
        return errno;
    }
    if (ret[1] <= 3) {
        int higher = fcntl(ret[1], F_DUPFD_CLOEXEC, 4);
        int error = errno;
        (void)close(ret[1]);
        if (higher < 0) {
            (void)close(ret[0]);
            return error;
        }
        ret[1] = higher;
    }
    return 0;
}

static HRESULT start(const wchar_t *name, const struct quota *q, struct process **ret, int *ret_fd)
{
    const char *given = secure_getenv("WBEM_PROVIDER_HOST");
    const char *path = given ? given : WBEM_PROVIDER_HOST;
    char memory[32], handles[32];
    char *const arguments[] = {(char *)path, memory, handles, NULL};
    int pair[2];
    struct process *p = calloc(1, sizeof *p);
    if (!p) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    snprintf(memory, sizeof memory, "%llu", (unsigned long long)q->memory);
    snprintf(handles, sizeof handles, "%u", q->handles);
    int error = make_pair(pair);
    if (error) {
        free(p);
        return raise_process(name, WBEM_E_PROVIDER_LOAD_FAILURE,
                             "no socket can be made for its process", strerror(error));
    }
    error = spawn(path, arguments, pair[1], &p->pid);
    (void)close(pair[1]);
    if (error) {
        (void)close(pair[0]);
        free(p);
        CLEANUP(com_cleanup_free) char *what = NULL;
        if (asprintf(&what, "%s can't be run", path) < 0) {
            what = NULL;
        }
        return raise_process(name, WBEM_E_PROVIDER_LOAD_FAILURE, what ? what : path,
                             strerror(error));
    }
    p->pidfd = pid_descriptor(p->pid);
    *ret = p;
    *ret_fd = pair[0];
    return WBEM_S_NO_ERROR;
}

HRESULT process_start(struct repository_namespace *n, const wchar_t *name, struct process **ret,
                      int *ret_fd)
{
    const struct quota q = read_quota(n);
    if (atomic_fetch_add(&running, 1) >= q.processes) {
        atomic_fetch_sub(&running, 1);
        return raise_process(name, WBEM_E_QUOTA_VIOLATION,
                             "too many processes of providers run already",
                             "ProcessLimitAllHosts of __ProviderHostQuotaConfiguration");
    }
    HRESULT hr = start(name, &q, ret, ret_fd);
    if (FAILED(hr)) {
        atomic_fetch_sub(&running, 1);
    }
    return hr;
}

void process_kill(struct process *p)
{
#ifdef SYS_pidfd_send_signal
    if (p->pidfd >= 0) {
        (void)syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
        return;
    }
#endif
    (void)kill(p->pid, SIGKILL);
}

void process_end(struct process *p, char *ret_how, size_t size)
{
    int status = 0;
    pid_t got;
    do {
        got = waitpid(p->pid, &status, 0);
    } while (got < 0 && errno == EINTR);
    if (got != p->pid) { /* the program has waited for it, or ignores SIGCHLD */
        snprintf(ret_how, size, "has ended");
    } else if (WIFSIGNALED(status)) {
        snprintf(ret_how, size, "was killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    } else {
        snprintf(ret_how, size, "ended with status %d", WEXITSTATUS(status));
    }
    if (p->pidfd >= 0) {
        (void)close(p->pidfd);
    }
    free(p);
    atomic_fetch_sub(&running, 1);
}
