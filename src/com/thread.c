/*
 * The state that COM keeps for each thread, freed when the thread ends.
 */
#include "com/thread.h"

#include <pthread.h>

static _Thread_local struct com_thread thread_state;
static pthread_once_t end_once = PTHREAD_ONCE_INIT;
static pthread_key_t end_key;
static bool end_key_exists;

/* Runs on the ending thread. What its release calls may put in again runs this once more. */
static void thread_ended(void *state)
{
    struct com_thread *self = state;
    self->armed = false;
    IErrorInfo *error = TAKE(self->error);
    com_release(error);
    com_apartment_leave(self);
}

static void create_key(void)
{
    end_key_exists = pthread_key_create(&end_key, thread_ended) == 0;
}

struct com_thread *com_thread_self(void)
{
    return &thread_state;
}

HRESULT com_thread_arm(struct com_thread *self)
{
    if (self->armed) {
        return S_OK;
    }

    (void)pthread_once(&end_once, create_key);
    if (!end_key_exists || pthread_setspecific(end_key, self) != 0) {
        return E_OUTOFMEMORY;
    }
    self->armed = true;
    return S_OK;
}
