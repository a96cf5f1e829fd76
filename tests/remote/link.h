/*
 * A network of two hosts within a process: a network namespace at each end, and between them a link
 * that delays, loses and carries so much a second, so that the kernel's own TCP has to cope.
 * It needs root and /dev/net/tun.
 */
#ifndef WBEM_TESTS_LINK_H
#define WBEM_TESTS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINK_NEAR "10.88.0.1"
#define LINK_FAR "10.88.0.2"

struct link_shape {
    double delay; /* seconds, one way */
    double loss;  /* of packets, each way: 0 to 1 */
    double rate;  /* bytes a second, each way; 0: as they come */
    size_t queue; /* bytes that wait for their turn before packets are dropped; 0: any number */
};

/* The calling thread becomes one of the near host, and so do those that it starts: before the
 * library has threads. False: the machine does not let us, and *ret_why says why. */
bool link_open(const struct link_shape *shape, const char **ret_why);
void link_set(const struct link_shape *shape);
/* The calling thread, and what it starts from then on, is of the far host, or of the near one. */
void link_go_far(void);
void link_go_near(void);

struct link_count {
    uint64_t packets, bytes, lost;
};
struct link_count link_to_near(void);
struct link_count link_to_far(void);

/* The calling thread is where it was before link_open(). */
void link_close(void);

#endif
