/*
 * wbem-provider-host: the process of one provider, started by the library for
 * itself. usage: wbem-provider-host MEMORY HANDLES, with a socket as
 * descriptor 3; the limits are in bytes and in open files, 0 for none.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hosting/host.h"

enum {
    CONNECTION = 3
};

/* Never above what the process has already. */
static void limit(__rlimit_resource_t what, const char *text)
{
    unsigned long long wanted = strtoull(text, NULL, 10);
    struct rlimit now;
    if (wanted == 0 || getrlimit(what, &now) != 0) {
        return;
    }
    if (now.rlim_max == RLIM_INFINITY || wanted < now.rlim_max) {
        now.rlim_max = wanted;
    }
    now.rlim_cur = now.rlim_max;
    (void)setrlimit(what, &now);
}

int main(int argc, char **argv)
{
    int type;
    socklen_t size = sizeof type;
    if (argc != 3 || getsockopt(CONNECTION, SOL_SOCKET, SO_TYPE, &type, &size) != 0) {
        fprintf(stderr, "wbem-provider-host is started by libwbem, not by hand\n");
        return 2;
    }
    /* What the program that asks has open is none of the provider's business. */
    if (close_range(CONNECTION + 1, ~0U, 0) != 0) {
        for (int fd = CONNECTION + 1; fd < 1024; fd++) {
            (void)close(fd);
        }
    }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they reserve terabytes */
    limit(RLIMIT_DATA, argv[1]);
#endif
    limit(RLIMIT_NOFILE, argv[2]);
    return wbem_provider_host_run(CONNECTION);
}
