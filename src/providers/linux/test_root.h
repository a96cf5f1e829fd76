/*
 * For tests: a directory that stands for "/", made of the files that a test
 * writes, gone when the test ends.
 */
#ifndef WBEM_PROVIDERS_LINUX_TEST_ROOT_H
#define WBEM_PROVIDERS_LINUX_TEST_ROOT_H

#include <assert.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "providers/linux/procfs.h"

static char test_root_path[64];

static inline void test_root_create(void)
{
    snprintf(test_root_path, sizeof test_root_path, "/tmp/wbem-root-XXXXXX");
    char *made = mkdtemp(test_root_path);
    assert(made);
    (void)made;
    linux_set_root(test_root_path);
}

static inline int test_root_remove_one(const char *path, const struct stat *st, int type,
                                       struct FTW *where)
{
    (void)st, (void)type, (void)where;
    return remove(path);
}

static inline void test_root_destroy(void)
{
    linux_set_root(NULL);
    nftw(test_root_path, test_root_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path under the root, its directories made. */
static inline void test_root_full(const char *path, char full[PATH_MAX])
{
    snprintf(full, PATH_MAX, "%s%s", test_root_path, path);
    for (char *p = full + strlen(test_root_path) + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(full, 0700);
        *p = '/';
    }
}

static inline void test_root_bytes(const char *path, const void *bytes, size_t size)
{
    char full[PATH_MAX];
    test_root_full(path, full);
    FILE *f = fopen(full, "w");
    assert(f);
    fwrite(bytes, 1, size, f);
    fclose(f);
}

static inline void test_root_file(const char *path, const char *text)
{
    test_root_bytes(path, text, strlen(text));
}

static inline void test_root_link(const char *path, const char *target)
{
    char full[PATH_MAX];
    test_root_full(path, full);
    int failed = symlink(target, full);
    assert(!failed);
    (void)failed;
}

#endif
