/* Between a client and a wbemd: passes on what they send, or does what networks do. */
#ifndef WBEM_TESTS_PROXY_H
#define WBEM_TESTS_PROXY_H

#include <stddef.h>

/* Listens at REMOTE_PROXY, that port, and connects to 127.0.0.1. The test fails if it can't. */
void proxy_start(unsigned port);
void proxy_stop(void);

/* As a good network, from now on; connections that there are stay. */
void proxy_pass(void);
/* Both directions stand still, on all connections and new ones, without a word. */
void proxy_stall(void);
/* Cuts all connections now, and new ones at once. */
void proxy_cut(void);
/* Cuts the connection by which the server's byte of that number (from 0, of all that come from now
 * on) would have come, and all after it. */
void proxy_cut_at(size_t place);
/* Changes that byte. */
void proxy_corrupt(size_t place);
/* Passes on a little at a time. */
void proxy_slow(void);
/* The server's bytes since the last of these calls. */
size_t proxy_passed(void);

#endif
