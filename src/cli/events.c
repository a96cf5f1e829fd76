/* wbem events: permanent subscriptions, in the foreground. */
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <wbem.h>

#include "cli.h"

static void say(void *closure, int is_problem, const char *line)
{
    const struct options *o = closure;
    if (is_problem || o->verbose) {
        flockfile(stderr);
        fputs("wbem: ", stderr);
        put_visible(stderr, line);
        putc('\n', stderr);
        funlockfile(stderr);
    }
}

/* Until Ctrl-C, SIGTERM or --for; these are the ends that are meant to be. */
static void wait_for_end(const struct options *o, const sigset_t *ends)
{
    if (o->duration <= 0) {
        int signal_number;
        (void)sigwait(ends, &signal_number);
        return;
    }
    const struct timespec most = {.tv_sec = (time_t)o->duration,
                                  .tv_nsec =
                                      (long)((o->duration - (double)(time_t)o->duration) * 1e9)};
    (void)sigtimedwait(ends, NULL, &most);
}

int command_events(const struct options *o)
{
    if (refuse_host(o, "events")) {
        return EXIT_USAGE;
    }
    if (strcmp(o->arguments[0], "run") != 0) {
        fprintf(stderr, "wbem: events can run; see wbem events --help\n");
        return EXIT_USAGE;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &ends, NULL); /* for the library's threads, too */
    wbem_subscriptions *s = NULL;
    HRESULT hr = wbem_subscriptions_start(say, (void *)o, &s);
    if (FAILED(hr)) {
        return fail("run the permanent subscriptions", hr);
    }
    if (o->verbose) {
        fputs("wbem: the permanent subscriptions run; Ctrl-C ends\n", stderr);
    }
    wait_for_end(o, &ends);
    wbem_subscriptions_stop(s);
    return EXIT_OK;
}
