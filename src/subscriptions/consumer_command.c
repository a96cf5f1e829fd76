/*
 * CommandLineEventConsumer: a program for each event, started as
 * Win32_Process.Create does it: no shell, a session of its own, nobody waits
 * for it. Who it runs as is who we are.
 *
 * Those that run are watched, so that there are not too many of them at a time
 * and each can be ended after its KillTimeout. `children.lock` guards their
 * number.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "com/com.h"
#include "events/reactor.h"
#include "object/object.h"
#include "providers/linux/launch.h"
#include "subscriptions/consumer.h"
#include "subscriptions/template.h"

enum {
    CHILDREN_MOST = 256
};

struct child {
    struct reactor_watch end;
    struct reactor_timer kill;
    int fd; /* pidfd */
};

static struct {
    pthread_mutex_t lock;
    unsigned count;
} children = {.lock = PTHREAD_MUTEX_INITIALIZER};

static HRESULT raise_parameter(HRESULT hr, const char *parameter, const char *what)
{
    return error_raise(hr, "CommandLineEventConsumer", parameter, "%s", what);
}

/* ---- those that run --------------------------------------------------------------------- */

static bool children_enter(void)
{
    pthread_mutex_lock(&children.lock);
    bool free_place = children.count < CHILDREN_MOST;
    children.count += free_place;
    pthread_mutex_unlock(&children.lock);
    return free_place;
}

static void children_leave(void)
{
    pthread_mutex_lock(&children.lock);
    children.count--;
    pthread_mutex_unlock(&children.lock);
}

/* On the reactor's thread, on which both callbacks are. */
static void child_ended(struct reactor_watch *w, uint32_t events)
{
    struct child *c = COM_CONTAINER(w, struct child, end);
    (void)events;
    reactor_unwatch(&c->end);
    reactor_unset(&c->kill);
    close(c->fd);
    free(c);
    children_leave();
}

static void child_late(struct reactor_timer *t)
{
    const struct child *c = COM_CONTAINER(t, struct child, kill);
    (void)syscall(SYS_pidfd_send_signal, c->fd, SIGKILL, NULL, 0u);
}

/* Mind the process until it ends. What can't be minded runs all the same. */
static void mind_child(pid_t pid, uint64_t kill_seconds)
{
    struct child *c = calloc(1, sizeof(*c));
    int fd = c ? (int)syscall(SYS_pidfd_open, pid, 0u) : -1;
    if (fd < 0) { /* it has ended, as a rule */
        free(c);
        children_leave();
        return;
    }
    c->fd = fd;
    c->end.ready = child_ended;
    c->kill.expired = child_late;
    if (kill_seconds > 0) { /* before the watch, which may free it */
        (void)reactor_set(&c->kill, reactor_now() + (int64_t)kill_seconds * 1000000000);
    }
    if (FAILED(reactor_watch(&c->end, fd, EPOLLIN))) {
        reactor_unset(&c->kill);
        close(fd);
        free(c);
        children_leave();
    }
}

/* ---- what is run ----------------------------------------------------------------------------- */

/* Priority classes as nice values, as Win32_Process.SetPriority has them. */
static HRESULT read_priority(IWbemClassObject *consumer, struct launch *l)
{
    static const struct {
        uint64_t priority;
        int nice;
    } classes[] = {{64, 19}, {16384, 10}, {32768, -5}, {128, -10}, {256, -20}};
    uint64_t wanted = consumer_number(consumer, L"Priority", 32);
    if (wanted == 32) {
        return WBEM_S_NO_ERROR;
    }
    for (size_t i = 0; i < ARRAYSIZE(classes); i++) {
        if (classes[i].priority == wanted) {
            l->has_nice = true;
            l->nice = classes[i].nice;
            return WBEM_S_NO_ERROR;
        }
    }
    return raise_parameter(WBEM_E_INVALID_PARAMETER, "Priority", "this is no priority class");
}

/* The words of the command line, the program before them. */
static HRESULT read_words(IWbemClassObject *consumer, IWbemClassObject *event, struct launch *l)
{
    CLEANUP(com_cleanup_free) wchar_t *program = NULL;
    CLEANUP(com_cleanup_free) wchar_t *line = NULL;
    HRESULT hr = consumer_text(consumer, L"ExecutablePath", &program);
    if (SUCCEEDED(hr)) {
        hr = consumer_text(consumer, L"CommandLineTemplate", &line);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (line) {
        hr = template_words(line, event, &l->words);
        if (FAILED(hr)) {
            return raise_parameter(hr, "CommandLineTemplate",
                                   "the command line has a quotation without an end, is too long "
                                   "or takes the program's name from the event");
        }
    }
    if (program) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(program);
        char **words = l->words;
        if (name && (!words || !words[0])) {
            launch_words_free(words);
            l->words = words = calloc(2, sizeof(char *));
        }
        if (!name || !words) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        free(words[0]);
        words[0] = TAKE(name);
    }
    return l->words && l->words[0] && *l->words[0]
               ? WBEM_S_NO_ERROR
               : raise_parameter(WBEM_E_INVALID_PARAMETER, "CommandLineTemplate",
                                 "neither CommandLineTemplate nor ExecutablePath names a program");
}

static HRESULT start(const struct launch *l, uint64_t kill_seconds)
{
    static const char *const stages[] = {[LAUNCH_FORK] = "can't be started",
                                         [LAUNCH_DIRECTORY] = "can't be started in that folder",
                                         [LAUNCH_NICE] = "can't be given that priority",
                                         [LAUNCH_EXECUTE] = "can't be executed"};
    if (!children_enter()) {
        return raise_parameter(WBEM_E_QUOTA_VIOLATION, l->words[0],
                               "too many programs run that consumers have started");
    }
    enum launch_stage stage;
    pid_t pid = launch_run(l, &stage);
    if (pid < 0) {
        children_leave();
        return error_raise(com_hresult_from_errno(-pid), "CommandLineEventConsumer", l->words[0],
                           "the program '%s' %s: %s", l->words[0], stages[stage], strerror(-pid));
    }
    mind_child(pid, kill_seconds);
    return WBEM_S_NO_ERROR;
}

HRESULT consumer_command_line(IWbemClassObject *consumer, IWbemClassObject *event)
{
    CLEANUP(com_cleanup_free) wchar_t *folder = NULL;
    struct launch l = {.words = NULL};
    HRESULT hr = consumer_text(consumer, L"WorkingDirectory", &folder);
    CLEANUP(com_cleanup_free) char *directory = com_utf8_from_wide(folder);
    if (FAILED(hr) || (folder && !directory)) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    l.directory = directory;
    hr = read_priority(consumer, &l);
    if (SUCCEEDED(hr)) {
        hr = read_words(consumer, event, &l);
    }
    if (SUCCEEDED(hr)) {
        hr = start(&l, consumer_number(consumer, L"KillTimeout", 0));
    }
    launch_words_free(l.words);
    return hr;
}
