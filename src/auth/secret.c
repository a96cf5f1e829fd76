/*
 * Memory for passwords and keys: zeroed, kept out of swap and core files where
 * the limits allow it, wiped before it is given back.
 */
#include "auth/auth_private.h"

#include <errno.h>
#include <nettle/memops.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* Each secret has pages of its own, so that unlocking one leaves the others locked. */
static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + page - 1) / page * page;
}

void *secret_alloc(size_t size)
{
    if (size == 0 || size > ENCODING_SIZE_MAX) {
        return NULL;
    }
    void *p =
        mmap(NULL, whole_pages(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        return NULL;
    }
    /* Both are as well as may be: an unprivileged process may lock little. */
    (void)mlock(p, whole_pages(size));
    (void)madvise(p, whole_pages(size), MADV_DONTDUMP);
    return p;
}

void secret_free(void *secret, size_t size)
{
    if (secret) {
        explicit_bzero(secret, size);
        (void)munmap(secret, whole_pages(size));
    }
}

char *secret_copy(const char *text)
{
    if (!text) {
        return NULL;
    }
    size_t size = strlen(text) + 1;
    char *copy = secret_alloc(size);
    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

void secret_text_free(char *text)
{
    if (text) {
        secret_free(text, strlen(text) + 1);
    }
}

void secret_wipe(void *secret, size_t size)
{
    if (secret && size > 0) {
        explicit_bzero(secret, size);
    }
}

bool auth_equal(const void *a, const void *b, size_t size)
{
    return memeql_sec(a, b, size) == 1;
}

HRESULT auth_random(void *to, size_t size)
{
    uint8_t *p = to;
    while (size > 0) {
        ssize_t n = getrandom(p, size, 0);
        if (n < 0 && errno != EINTR) {
            return com_hresult_from_errno(errno);
        }
        if (n > 0) {
            p += n;
            size -= (size_t)n;
        }
    }
    return S_OK;
}
