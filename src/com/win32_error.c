/*
 * The last error of each thread, process and thread ids.
 */
#include "com/thread.h"

#include <unistd.h>

DWORD GetLastError(void)
{
    return com_thread_self()->last_error;
}

void SetLastError(DWORD code)
{
    com_thread_self()->last_error = code;
}

DWORD GetCurrentProcessId(void)
{
    return (DWORD)getpid();
}

DWORD GetCurrentThreadId(void)
{
    return (DWORD)gettid();
}
