/*
 * The system's older allocators, all of them malloc() here, and erasing secrets.
 */
#include "com/com.h"

#include <string.h>

HLOCAL LocalAlloc(UINT flags, SIZE_T size)
{
    void *p = flags & LMEM_ZEROINIT ? calloc(1, size ? size : 1) : malloc(size ? size : 1);
    if (!p) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
    }
    return p;
}

HLOCAL LocalFree(HLOCAL p)
{
    free(p);
    return NULL;
}

HANDLE GetProcessHeap(void)
{
    static char heap;
    return &heap;
}

LPVOID HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size)
{
    return flags & HEAP_ZERO_MEMORY ? calloc(1, size ? size : 1) : malloc(size ? size : 1);
}

LPVOID HeapReAlloc(HANDLE heap, DWORD flags, LPVOID p, SIZE_T size)
{
    if (flags & HEAP_ZERO_MEMORY) {
        return NULL; /* what the block had before can't be told */
    }
    return realloc(p, size ? size : 1);
}

BOOL HeapFree(HANDLE heap, DWORD flags, LPVOID p)
{
    free(p);
    return TRUE;
}

PVOID wbem_secure_zero(PVOID p, SIZE_T size)
{
    explicit_bzero(p, size); /* which the compiler may not leave out */
    return p;
}
