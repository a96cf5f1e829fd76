/*
 * For tests of what happens without memory: allocations are counted, and one of them can be made to
 * fail, by standing before the C library's. A sanitizer does the same, so such tests skip under
 * one: WBEM_CATCHES_ALLOCATIONS says whether this works. To be included by one file of a program.
 */
#ifndef WBEM_COM_TEST_ALLOCATIONS_H
#define WBEM_COM_TEST_ALLOCATIONS_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WBEM_CATCHES_ALLOCATIONS 0
#else
#define WBEM_CATCHES_ALLOCATIONS 1

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);
extern void __libc_free(void *p);

static long countdown; /* allocations until one fails; 0: none does */
static bool has_failed;
static long live; /* blocks */

static bool refuse(void)
{
    if (countdown == 0 || --countdown != 0) {
        return false;
    }
    has_failed = true;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    void *p = refuse() ? NULL : __libc_malloc(size);
    live += p != NULL;
    return p;
}

void *calloc(size_t count, size_t size)
{
    void *p = refuse() ? NULL : __libc_calloc(count, size);
    live += p != NULL;
    return p;
}

void *realloc(void *old, size_t size)
{
    void *p = refuse() ? NULL : __libc_realloc(old, size);
    live += p != NULL && old == NULL;
    return p;
}

void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}

#endif
#endif
