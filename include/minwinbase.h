/*
 * Structures that several headers share: dates by fields, events' attributes,
 * critical sections.
 */
#ifndef WBEM_MINWINBASE_H
#define WBEM_MINWINBASE_H

#include "windef.h"

typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;     /* from 1 */
    WORD wDayOfWeek; /* Sunday is 0 */
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

/* Taken and ignored. */
typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

/* A recursive lock; the fields are the library's. */
typedef struct _RTL_CRITICAL_SECTION {
    union {
        LONG_PTR align;
        unsigned char bytes[64];
    } opaque;
} CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;

typedef DWORD(WINAPI *PTHREAD_START_ROUTINE)(LPVOID lpThreadParameter);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;

#endif
