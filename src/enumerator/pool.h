/*
 * Threads on demand, for whatever of the library runs in the background.
 */
#ifndef WBEM_ENUMERATOR_POOL_H
#define WBEM_ENUMERATOR_POOL_H

#include <wbemcli.h>

/* Embedded in what the job works on; free for reuse once run() has begun. */
struct pool_job {
    void (*run)(struct pool_job *job);
    struct pool_job *next;
};

/* Run the job on a thread of its own: an idle one, or a new one. There is no upper limit, since
 * any number of jobs may block in sinks that wait for each other. WBEM_E_OUT_OF_MEMORY: no thread
 * could be had; the job will not run. */
HRESULT pool_submit(struct pool_job *job);
/* Wait until every job has ended and every thread is gone. Not for a job's own thread. */
void pool_drain(void);

#endif
