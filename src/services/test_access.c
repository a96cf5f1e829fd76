/*
 * Access to namespaces: what was read of their descriptors is kept, and still
 * every change counts at once, whoever makes it and whenever somebody asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "com/com.h"
#include "services/access.h"

static char folder[64];
static struct repository *repository;
static struct repository_namespace *root, *cimv2;

/* LMDB's way to its file: what is to happen as soon as something was written. */
static void (*after_write)(void);

__attribute__((visibility("default"))) ssize_t
watched_pwrite(int fd, const void *bytes, size_t size, off_t at) __asm__("pwrite");
ssize_t watched_pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    ssize_t done = syscall(SYS_pwrite64, fd, bytes, size, at);
    if (after_write) {
        after_write();
    }
    return done;
}

static int open_here(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/wbem-access-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static void open_repository(void)
{
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(folder, &repository));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root", &root));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root\\cimv2", &cimv2));
}

static int close_here(void **state)
{
    (void)state;
    static const char *const names[] = {"data.mdb", "lock.mdb", "backup"};
    char path[128];
    after_write = NULL;
    repository_destroy(repository);
    repository = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    SetErrorInfo(0, NULL);
    return 0;
}

/* Everyone has `mask` and nobody more, in n and below. */
static HRESULT allow(struct repository_namespace *n, uint32_t mask)
{
    struct descriptor d = {.has_dacl = true, .protected_dacl = true};
    HRESULT hr = descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT, mask, &sid_everyone);
    if (SUCCEEDED(hr)) {
        hr = access_set_descriptor(n, &d);
    }
    descriptor_done(&d);
    return hr;
}

static void expect_rights(struct repository_namespace *n, uint32_t expected)
{
    for (int i = 0; i < 2; i++) { /* read, and then kept */
        uint32_t rights = ~expected;
        assert_int_equal(WBEM_S_NO_ERROR, access_rights(n, &rights));
        assert_int_equal(expected, rights);
    }
}

static void test_changes_count_at_once(void **state)
{
    open_repository();
    assert_int_equal(WBEM_S_NO_ERROR, allow(cimv2, WBEM_ENABLE));
    expect_rights(cimv2, WBEM_ENABLE);
    assert_int_equal(WBEM_S_NO_ERROR, allow(cimv2, 0));
    expect_rights(cimv2, 0);
    assert_int_equal(WBEM_E_ACCESS_DENIED, access_require(cimv2, WBEM_ENABLE, "test"));
}

static void test_those_above_count(void **state)
{
    open_repository();
    struct repository_namespace *below;
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, L"root\\default", &below));
    assert_int_equal(WBEM_S_NO_ERROR, allow(root, WBEM_ENABLE | WBEM_METHOD_EXECUTE));
    expect_rights(below, WBEM_ENABLE | WBEM_METHOD_EXECUTE);
    assert_int_equal(WBEM_S_NO_ERROR, allow(root, WBEM_ENABLE));
    expect_rights(below, WBEM_ENABLE);
}

static void test_a_restored_backup_counts(void **state)
{
    char file[128];
    open_repository();
    snprintf(file, sizeof(file), "%s/backup", folder);
    assert_int_equal(WBEM_S_NO_ERROR, allow(cimv2, 0));
    assert_int_equal(WBEM_S_NO_ERROR, repository_backup(repository, file));
    assert_int_equal(WBEM_S_NO_ERROR, allow(cimv2, WBEM_ENABLE));
    expect_rights(cimv2, WBEM_ENABLE);
    assert_int_equal(WBEM_S_NO_ERROR, repository_restore(repository, file));
    expect_rights(cimv2, 0);
}

static void test_another_process_counts(void **state)
{
    int go[2], status;
    char token = 0;
    assert_int_equal(0, pipe(go));
    pid_t child = fork(); /* before LMDB is there, which keeps state for each process */
    if (child == 0) {
        close(go[1]);
        bool fine = read(go[0], &token, 1) == 1 &&
                    SUCCEEDED(repository_create(folder, &repository)) &&
                    SUCCEEDED(repository_open(repository, L"root\\cimv2", &cimv2)) &&
                    SUCCEEDED(allow(cimv2, 0));
        _exit(fine ? 0 : 1);
    }
    assert_true(child > 0);
    close(go[0]);
    open_repository();
    assert_int_equal(WBEM_S_NO_ERROR, allow(cimv2, WBEM_ENABLE));
    expect_rights(cimv2, WBEM_ENABLE);
    assert_int_equal(1, write(go[1], &token, 1));
    close(go[1]);
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
    expect_rights(cimv2, 0);
}

static bool was_ahead; /* the file had the commit, snapshots not yet */

static void ask_meanwhile(void)
{
    struct repository_snapshot *s;
    uint32_t rights;
    assert_int_equal(WBEM_S_NO_ERROR, repository_snapshot_take(repository, &s));
    if (repository_now(repository).transaction > repository_moment_of(s).transaction) {
        was_ahead = true;
    }
    repository_snapshot_unref(s);
    assert_int_equal(WBEM_S_NO_ERROR, access_rights(cimv2, &rights));
    assert_int_equal(WBEM_ENABLE, rights);
}

/* Who asks while a commit is being written sees what was before. That must not be kept as if it
 * were what is after. */
static void test_asking_during_a_commit(void **state)
{
    open_repository();
    assert_int_equal(WBEM_S_NO_ERROR, allow(cimv2, WBEM_ENABLE));
    expect_rights(cimv2, WBEM_ENABLE);
    was_ahead = false;
    after_write = ask_meanwhile;
    HRESULT hr = allow(cimv2, 0);
    after_write = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    assert_true(was_ahead);
    expect_rights(cimv2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes_count_at_once, open_here, close_here),
        cmocka_unit_test_setup_teardown(test_those_above_count, open_here, close_here),
        cmocka_unit_test_setup_teardown(test_a_restored_backup_counts, open_here, close_here),
        cmocka_unit_test_setup_teardown(test_another_process_counts, open_here, close_here),
        cmocka_unit_test_setup_teardown(test_asking_during_a_commit, open_here, close_here),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
