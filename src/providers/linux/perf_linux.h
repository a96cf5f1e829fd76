/*
 * What the performance objects of a Linux machine share.
 */
#ifndef WBEM_PROVIDERS_LINUX_PERF_LINUX_H
#define WBEM_PROVIDERS_LINUX_PERF_LINUX_H

#include "providers/perf.h"

/* Walks the numbered entries of a directory without allocating, as a refresh must not. */
struct linux_numbers {
    int dir; /* -1: at the end */
    long size, at;
    char buffer[16384] __attribute__((aligned(8)));
};

/* Takes the descriptor, which stands at the directory's beginning. */
void linux_numbers_begin(struct linux_numbers *n, int dir);
bool linux_numbers_next(struct linux_numbers *n, uint32_t *ret);
void linux_numbers_end(struct linux_numbers *n);
/* How many entries a directory has that do not begin with a dot; takes the descriptor. */
uint64_t linux_count_entries(int dir);

/* In text of lines "key number": the number of that key. */
bool linux_word_u64(const char *text, const char *key, uint64_t *ret);

#endif
