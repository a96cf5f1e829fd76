/*
 * For tests: a bus of its own, with what the test offers on it in place of
 * systemd and logind. Without dbus-daemon there is none, and tests that need
 * one are skipped.
 */
#ifndef WBEM_PROVIDERS_LINUX_TEST_FAKE_BUS_H
#define WBEM_PROVIDERS_LINUX_TEST_FAKE_BUS_H

#include "providers/linux/bus.h"

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char test_bus_folder[] = "/tmp/wbem-bus-XXXXXX";
static char test_bus_address[128];
static bool test_bus_runs;
static pid_t test_bus_daemon;
static pthread_t test_bus_thread;
static int test_bus_pipe[2];

static inline void *test_bus_serve(void *bus)
{
    for (;;) {
        int r;
        while ((r = sd_bus_process(bus, NULL)) > 0) {
        }
        struct pollfd fds[2] = {{.fd = sd_bus_get_fd(bus), .events = (short)sd_bus_get_events(bus)},
                                {.fd = test_bus_pipe[0], .events = POLLIN}};
        if (r < 0 || poll(fds, 2, -1) < 0 || fds[1].revents) {
            sd_bus_flush_close_unref(bus);
            return NULL;
        }
    }
}

/* dbus-daemon says by the end of its first line that it listens. */
static inline bool test_bus_start_daemon(void)
{
    char command[256], line[256];
    snprintf(command, sizeof command,
             "dbus-daemon --session --fork --print-pid --address=%s 2>/dev/null", test_bus_address);
    FILE *out = popen(command, "r");
    test_bus_daemon = out && fgets(line, sizeof line, out) ? atoi(line) : 0;
    return out && pclose(out) == 0 && test_bus_daemon > 1;
}

/* From now on the system bus is this one, or one that is not there. */
static inline void test_bus_start(bool (*offer)(sd_bus *bus))
{
    sd_bus *bus = NULL;
    assert_non_null(mkdtemp(test_bus_folder));
    snprintf(test_bus_address, sizeof test_bus_address, "unix:path=%s/bus", test_bus_folder);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", test_bus_address, 1);
    if (test_bus_start_daemon()) {
        assert_int_equal(pipe(test_bus_pipe), 0);
        assert_true(sd_bus_open_system(&bus) >= 0 && offer(bus));
        assert_int_equal(pthread_create(&test_bus_thread, NULL, test_bus_serve, bus), 0);
        test_bus_runs = true;
    }
}

static inline void test_bus_stop(void)
{
    if (test_bus_runs) {
        assert_int_equal(write(test_bus_pipe[1], "", 1), 1);
        pthread_join(test_bus_thread, NULL);
        kill(test_bus_daemon, SIGTERM);
    }
    unlink(test_bus_address + strlen("unix:path="));
    rmdir(test_bus_folder);
}

#define NEEDS_BUS()                                                                                \
    do {                                                                                           \
        if (!test_bus_runs) {                                                                      \
            skip();                                                                                \
        }                                                                                          \
    } while (0)

#endif
