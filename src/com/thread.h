/*
 * What COM keeps for each thread: its apartment, error object, call contexts, last error.
 */
#ifndef WBEM_COM_THREAD_H
#define WBEM_COM_THREAD_H

#include "com/com.h"

struct com_thread {
    ULONG initialized;  /* CoInitializeEx calls not yet paired */
    bool multithreaded; /* which apartment, while initialized > 0 */
    bool armed;         /* the end of the thread will be noticed */
    DWORD last_error;
    IErrorInfo *error;                /* owned */
    struct com_call_context *context; /* innermost; borrowed */
};

/* This thread's. Call com_thread_arm() before anything is put in that the thread's end must free.
 * E_OUTOFMEMORY: its end could not be noticed. */
struct com_thread *com_thread_self(void);
HRESULT com_thread_arm(struct com_thread *self);

/* Leave the apartment for good, as at the thread's end. */
void com_apartment_leave(struct com_thread *self);

/* Forget CoInitializeSecurity: nobody in the process uses COM any more. */
void com_security_reset(void);

#endif
