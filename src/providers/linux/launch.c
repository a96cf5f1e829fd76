/*
 * Starting a program that is nobody's child of ours; see launch.h.
 *
 * Other threads run while we fork, so between the clone and execve() only what a
 * signal handler may call is called, and all memory is made ready before.
 */
#include "providers/linux/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the command line ---------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* One word from `at` on, without its quotes, to `out`, which is as long as the line. NULL when a
 * quotation does not end. */
static const char *take_word(const char *at, char *out)
{
    char quote = '\0';
    for (; *at && (quote || !is_blank(*at)); at++) {
        if (*at == quote) {
            quote = '\0';
        } else if (!quote && (*at == '\'' || *at == '"')) {
            quote = *at;
        } else if (*at == '\\' && quote != '\'' && at[1] &&
                   (!quote || at[1] == '"' || at[1] == '\\')) {
            *out++ = *++at;
        } else {
            *out++ = *at;
        }
    }
    *out = '\0';
    return quote ? NULL : at;
}

static char **add_word(char **words, size_t count, const char *word)
{
    char **larger = realloc(words, (count + 2) * sizeof *larger);
    if (!larger) {
        return NULL;
    }
    larger[count] = strdup(word);
    larger[count + 1] = NULL;
    return larger;
}

int launch_split(const char *line, char ***ret)
{
    char **words = calloc(1, sizeof *words);
    char *word = malloc(strlen(line) + 1);
    int result = words && word ? 0 : -ENOMEM;
    for (size_t count = 0; result == 0;) {
        while (is_blank(*line)) {
            line++;
        }
        if (!*line) {
            break;
        }
        line = take_word(line, word);
        if (!line) {
            result = -EINVAL;
            break;
        }
        char **larger = add_word(words, count, word);
        words = larger ? larger : words;
        result = larger && words[count] ? 0 : -ENOMEM;
        count++;
    }
    free(word);
    if (result < 0) {
        launch_words_free(words);
        return result;
    }
    *ret = words;
    return 0;
}

void launch_words_free(char **words)
{
    for (char **p = words; p && *p; p++) {
        free(*p);
    }
    free(words);
}

/* ---- where the program may be -------------------------------------------------------- */

static const char *environment_value(char **environment, const char *name)
{
    size_t size = strlen(name);
    for (char **p = environment; p && *p; p++) {
        if (strncmp(*p, name, size) == 0 && (*p)[size] == '=') {
            return *p + size + 1;
        }
    }
    return NULL;
}

/* The files to try, in order: the program as it is when it has a slash, else in each folder of
 * the new environment's PATH. */
static int find_candidates(const char *program, char **environment, char ***ret)
{
    const char *path = environment_value(environment, "PATH");
    if (strchr(program, '/')) {
        *ret = add_word(NULL, 0, program);
        return *ret && (*ret)[0] ? 0 : -ENOMEM;
    }
    path = path ? path : "/usr/local/bin:/usr/bin:/bin";
    char **list = NULL;
    char *file = malloc(strlen(path) + strlen(program) + 3);
    bool ok = file;
    for (size_t count = 0; ok; count++) {
        size_t size = strcspn(path, ":");
        char *end = file;
        if (size == 0) { /* an empty one is the current folder */
            end = stpcpy(end, ".");
        } else {
            end = mempcpy(end, path, size);
        }
        *end++ = '/';
        stpcpy(end, program);
        char **larger = add_word(list, count, file);
        list = larger ? larger : list;
        ok = larger && list[count];
        if (!path[size]) {
            break;
        }
        path += size + 1;
    }
    free(file);
    *ret = list;
    return ok ? 0 : -ENOMEM;
}

/* ---- the new process ----------------------------------------------------------------- */

/* What comes back through the pipe: first who was started, then what failed, if anything. Each is
 * written by one write() of less than PIPE_BUF bytes. */
struct report {
    pid_t pid; /* 0: this is a failure */
    int error;
    enum launch_stage stage;
};

struct birth {
    const struct launch *launch;
    char **candidates;
    char **environment;
    int report; /* the pipe's end */
};

static void send_report(int fd, struct report r)
{
    ssize_t n;
    do {
        n = write(fd, &r, sizeof r);
    } while (n < 0 && errno == EINTR);
}

static _Noreturn void give_up(const struct birth *b, enum launch_stage stage)
{
    send_report(b->report, (struct report){.error = errno, .stage = stage});
    _exit(127);
}

/* Handlers, ignored signals and the mask are not inherited by what is started. */
static void reset_signals(void)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    for (int i = 1; i < NSIG; i++) {
        (void)sigaction(i, &plain, NULL);
    }
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void reset_descriptors(int report)
{
    int null = open("/dev/null", O_RDWR);
    for (int fd = STDIN_FILENO; null >= 0 && fd <= STDERR_FILENO; fd++) {
        (void)dup2(null, fd);
    }
    /* The report's end is marked too, and tells by closing that execve() worked. */
    if (syscall(SYS_close_range, STDERR_FILENO + 1, UINT_MAX, 1u << 2 /* CLOEXEC */) == 0) {
        return;
    }
    long most = sysconf(_SC_OPEN_MAX); /* before Linux 5.11 */
    for (int fd = STDERR_FILENO + 1; fd < (most > 0 && most < INT_MAX ? (int)most : 1024); fd++) {
        if (fd != report) {
            (void)close(fd);
        }
    }
}

static _Noreturn void become_program(const struct birth *b)
{
    const struct launch *l = b->launch;
    if (setsid() < 0) {
        give_up(b, LAUNCH_FORK);
    }
    if (l->directory && chdir(l->directory) != 0) {
        give_up(b, LAUNCH_DIRECTORY);
    }
    if (l->has_nice && setpriority(PRIO_PROCESS, 0, l->nice) != 0) {
        give_up(b, LAUNCH_NICE);
    }
    /* A file that may not be executed is the answer only when no folder has one that may; a folder
     * that may not be looked into has none, as for a shell. */
    int refused = 0;
    for (char **file = b->candidates; *file; file++) {
        struct stat st;
        (void)execve(*file, l->words, b->environment);
        if (errno == EACCES) {
            bool hidden = b->candidates[1] && stat(*file, &st) != 0;
            refused = hidden ? refused : EACCES;
            errno = ENOENT;
        }
        if (errno != ENOENT && errno != ENOTDIR) {
            refused = errno;
            break;
        }
    }
    errno = refused ? refused : ENOENT;
    give_up(b, LAUNCH_EXECUTE);
}

/* The first child only makes the second one and ends, which leaves that to init. */
static _Noreturn void first_child(const struct birth *b)
{
    reset_signals();
    reset_descriptors(b->report);
    pid_t pid = _Fork();
    if (pid < 0) {
        give_up(b, LAUNCH_FORK);
    }
    if (pid == 0) {
        become_program(b);
    }
    send_report(b->report, (struct report){.pid = pid});
    _exit(0);
}

/* The exit signal 0 keeps the first child out of the program's own SIGCHLD and wait(); fork() would
 * also run handlers that other libraries registered. */
static int make_first_child(const struct birth *b)
{
    sigset_t all, before;
    /* No handler of the program's may run in the child. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = (pid_t)syscall(SYS_clone, 0ul, NULL, NULL, NULL, 0ul);
    int error = errno;
    if (pid == 0) {
        first_child(b);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        return -error;
    }
    while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR) {
    }
    return 0;
}

/* Reads until the pipe closes, which execve() does or the child's end. */
static pid_t read_reports(int fd, enum launch_stage *ret_stage)
{
    pid_t pid = -EIO;
    *ret_stage = LAUNCH_FORK;
    for (bool failed = false;;) {
        struct report r;
        ssize_t n = read(fd, &r, sizeof r);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n != (ssize_t)sizeof r) {
            return pid;
        }
        if (r.pid == 0) {
            pid = -r.error;
            *ret_stage = r.stage;
            failed = true;
        } else if (!failed) {
            pid = r.pid;
        }
    }
}

static pid_t run(struct birth *b, enum launch_stage *ret_stage)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return -errno;
    }
    /* Not among 0 to 2, which the child makes /dev/null. */
    b->report = fcntl(ends[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int result = b->report < 0 ? -errno : make_first_child(b);
    close(ends[1]);
    if (b->report >= 0) {
        close(b->report);
    }
    pid_t pid = result < 0 ? result : read_reports(ends[0], ret_stage);
    close(ends[0]);
    return pid;
}

pid_t launch_run(const struct launch *l, enum launch_stage *ret_stage)
{
    struct birth b = {.launch = l, .environment = l->environment ? l->environment : environ};
    *ret_stage = LAUNCH_FORK;
    pid_t pid = find_candidates(l->words[0], b.environment, &b.candidates);
    if (pid == 0) {
        pid = run(&b, ret_stage);
    }
    launch_words_free(b.candidates);
    return pid;
}
