/*
 * passwd(5), group(5) and shadow(5): lines of fields between colons.
 */
#ifndef WBEM_PROVIDERS_LINUX_ACCOUNT_FILE_H
#define WBEM_PROVIDERS_LINUX_ACCOUNT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ACCOUNT_FIELDS = 9 /* shadow has the most */
};

struct account_file {
    char *text; /* NULL when the file may not be read, or is not there */
    const char *at;
};

/* One line; fields that it lacks are empty. Not terminated: they point into the file's text. */
struct account_record {
    struct {
        const char *text;
        size_t size;
    } fields[ACCOUNT_FIELDS];
    unsigned count;
};

/* 0, also when the file can't be read; -ENOMEM. */
int account_file_open(const char *path, struct account_file *ret);
void account_file_close(struct account_file *f);
/* The next line that names an account; those of NIS ("+…", "-…"), comments and blank lines are
 * passed over, as the C library does. */
bool account_file_next(struct account_file *f, struct account_record *ret);
/* The account's line; the search begins where the last one ended, since such files mostly have the
 * same order. */
bool account_file_find(struct account_file *f, const char *name, size_t size,
                       struct account_record *ret);
/* False for a field that is empty or not a number. */
bool account_number(const struct account_record *r, unsigned field, int64_t *ret);

#endif
