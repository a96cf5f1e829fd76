/*
 * A thread that runs a libuv loop, and work that other threads hand it.
 */
#ifndef WBEM_RPC_LOOP_H
#define WBEM_RPC_LOOP_H

#include <stdbool.h>
#include <uv.h>
#include <windows.h>

/* Embedded in what the work is on; free for reuse once run() has begun. */
struct loop_task {
    void (*run)(struct loop_task *task);
    struct loop_task *next;
};

struct loop;
HRESULT loop_start(struct loop **ret);
/* Tasks run in order on the loop's thread. */
void loop_post(struct loop *l, struct loop_task *task);
uv_loop_t *loop_uv(struct loop *l);
/* For what is read, until the next read: all that use it are done with it before they return. */
char *loop_buffer(struct loop *l, size_t *size);
bool loop_is_current(const struct loop *l);
/* When all handles that others opened are closed and no task is left: waits for the thread and
 * frees the loop. From its own thread: the thread goes on to do so by itself. */
void loop_stop(struct loop *l);

/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t loop_clock(void);

/* The one that all clients of the process share; starts with the first, ends with the last. */
HRESULT loop_client_acquire(struct loop **ret);
void loop_client_release(struct loop *l);

#endif
