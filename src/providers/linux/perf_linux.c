/*
 * Directories, read by the system call alone, and numbers in texts; see perf_linux.h.
 */
#include "providers/linux/perf_linux.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "providers/linux/procfs.h"

void linux_numbers_begin(struct linux_numbers *n, int dir)
{
    n->dir = dir;
    n->size = n->at = 0;
}

void linux_numbers_end(struct linux_numbers *n)
{
    if (n->dir >= 0) {
        close(n->dir);
    }
    n->dir = -1;
}

static const struct dirent64 *next_entry(struct linux_numbers *n)
{
    if (n->dir < 0) {
        return NULL;
    }
    if (n->at == n->size) {
        n->size = getdents64(n->dir, n->buffer, sizeof n->buffer);
        n->at = 0;
        if (n->size <= 0) {
            n->size = 0;
            linux_numbers_end(n);
            return NULL;
        }
    }
    const struct dirent64 *d = (const struct dirent64 *)(const void *)(n->buffer + n->at);
    n->at += d->d_reclen;
    return d;
}

bool linux_numbers_next(struct linux_numbers *n, uint32_t *ret)
{
    for (const struct dirent64 *d; (d = next_entry(n));) {
        uint64_t v;
        if (linux_is_number(d->d_name, &v) && v <= INT32_MAX) {
            *ret = (uint32_t)v;
            return true;
        }
    }
    return false;
}

uint64_t linux_count_entries(int dir)
{
    struct linux_numbers n;
    uint64_t count = 0;
    linux_numbers_begin(&n, dir);
    for (const struct dirent64 *d; (d = next_entry(&n));) {
        count += d->d_name[0] != '.';
    }
    return count;
}

bool linux_word_u64(const char *text, const char *key, uint64_t *ret)
{
    size_t length = strlen(key);
    while (*text) {
        if (strncmp(text, key, length) == 0 && text[length] == ' ') {
            text += length;
            return linux_parse_u64(&text, ret);
        }
        text = strchrnul(text, '\n');
        text += *text == '\n';
    }
    return false;
}
