/*
 * The server's file of users: looked up, changed, read again, refused.
 */
#include "auth/auth_private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HASH "a4f49c406510bdcab6824ee7c30fd852"

static char path[] = "/tmp/wbem-passwords-XXXXXX";

static void write_file(const char *text, mode_t mode)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static bool has(struct auth_password_file *f, const char *domain, const char *user,
                const char *password)
{
    uint8_t hash[16], expected[16];
    HRESULT hr = auth_password_file_lookup(f, domain, user, hash);
    if (hr != S_OK) {
        assert_int_equal(hr, S_FALSE);
        return false;
    }
    assert_int_equal(auth_nt_hash(password, expected), S_OK);
    return memcmp(hash, expected, 16) == 0;
}

static void test_lookup(void **state)
{
    struct auth_password_file *f = NULL;
    write_file("# users\n\nJane::" HASH "\nj\xc3\xb6rg:EXAMPLE:" HASH "\r\n", 0600);
    assert_int_equal(auth_password_file_open(path, &f), S_OK);
    assert_true(has(f, "", "jane", "Password"));
    assert_true(has(f, "ANY", "JANE", "Password"));
    assert_true(has(f, "example", "J\xc3\x96RG", "Password"));
    assert_false(has(f, "OTHER", "j\xc3\xb6rg", "Password"));
    assert_false(has(f, "", "j\xc3\xb6rg", "Password"));
    assert_false(has(f, "", "jan", "Password"));
    assert_false(has(f, "", "", "Password"));
    auth_password_file_close(f);
}

static unsigned failures;
static HRESULT failure;

static void count_failure(void *context, const char *at, HRESULT hr)
{
    IErrorInfo *info = NULL;
    assert_ptr_equal(context, path);
    assert_string_equal(at, path);
    assert_int_equal(GetErrorInfo(0, &info), S_OK); /* with its reason */
    IErrorInfo_Release(info);
    failures++;
    failure = hr;
}

/* A version that cannot be taken is told of once, and leaves no error on the caller's thread. */
static void test_stale(void **state)
{
    struct auth_password_file *f = NULL;
    IErrorInfo *info = NULL;
    write_file("jane::" HASH "\n", 0600);
    assert_int_equal(auth_password_file_open(path, &f), S_OK);
    auth_password_file_on_failure(f, count_failure, path);
    failures = 0;
    assert_int_equal(chmod(path, 0644), 0);
    assert_true(has(f, "", "jane", "Password"));
    assert_true(has(f, "", "jane", "Password"));
    assert_int_equal(failures, 1);
    assert_int_equal(failure, E_ACCESSDENIED);
    assert_int_equal(GetErrorInfo(0, &info), S_FALSE);
    assert_int_equal(chmod(path, 0600), 0);
    assert_true(has(f, "", "jane", "Password"));
    assert_int_equal(failures, 1);
    assert_int_equal(unlink(path), 0);
    assert_true(has(f, "", "jane", "Password"));
    assert_true(has(f, "", "jane", "Password"));
    assert_int_equal(failures, 2);
    write_file("", 0600);
    assert_false(has(f, "", "jane", "Password"));
    assert_int_equal(failures, 2);
    auth_password_file_close(f);
}

/* root changes the file of the server's user. */
static void test_owner(void **state)
{
    struct stat st;
    if (geteuid() != 0) {
        skip();
    }
    write_file("jane::" HASH "\n", 0600);
    assert_int_equal(chown(path, 12345, 54321), 0);
    assert_int_equal(auth_password_file_set(path, NULL, "bob", "one"), S_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_uid, 12345);
    assert_int_equal(st.st_gid, 54321);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(unlink(path), 0);
    /* One who may write to the folder, but not give files away. */
    char folder[] = "/tmp/wbem-passwords-XXXXXX", other[64];
    assert_non_null(mkdtemp(folder));
    (void)snprintf(other, sizeof other, "%s/passwd", folder);
    assert_int_equal(auth_password_file_set(other, NULL, "jane", "one"), S_OK);
    assert_int_equal(chmod(other, 0644), 0);
    assert_int_equal(chown(folder, 12345, (gid_t)-1), 0);
    assert_int_equal(seteuid(12345), 0);
    HRESULT hr = auth_password_file_set(other, NULL, "bob", "two");
    assert_int_equal(seteuid(0), 0);
    assert_true(FAILED(hr));
    assert_int_equal(stat(other, &st), 0);
    assert_int_equal(st.st_uid, 0);
    assert_int_equal(unlink(other), 0);
    assert_int_equal(rmdir(folder), 0); /* no half of a new file in it */
}

/* A file that ends in a failure of the medium is no shorter file. */
static void test_read_error(void **state)
{
    struct auth_password_file *f = NULL;
    char folder[] = "/tmp/wbem-passwords-XXXXXX";
    assert_non_null(mkdtemp(folder)); /* it opens, and read() fails */
    assert_true(FAILED(auth_password_file_set(folder, NULL, "bob", "two")));
    assert_true(FAILED(auth_password_file_open(folder, &f)));
    assert_int_equal(rmdir(folder), 0);
}

static void test_change(void **state)
{
    struct auth_password_file *f = NULL;
    write_file("# kept\njane::" HASH, 0600);
    assert_int_equal(auth_password_file_open(path, &f), S_OK);
    assert_int_equal(auth_password_file_set(path, "", "bob", "one"), S_OK);
    assert_int_equal(auth_password_file_set(path, "D", "bob", "two"), S_OK);
    /* Seen at once, and the domain's own line goes first. */
    assert_true(has(f, "X", "bob", "one"));
    assert_true(has(f, "D", "bob", "two"));
    assert_true(has(f, "D", "jane", "Password"));
    assert_int_equal(auth_password_file_set(path, NULL, "BOB", "three"), S_OK);
    assert_true(has(f, "X", "bob", "three"));
    assert_int_equal(auth_password_file_set(path, NULL, "bob", NULL), S_OK);
    assert_int_equal(auth_password_file_set(path, NULL, "bob", NULL), S_FALSE);
    assert_false(has(f, "X", "bob", "three"));
    assert_true(has(f, "D", "bob", "two"));
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    char text[512] = "";
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    assert_true(fread(text, 1, sizeof text - 1, in) > 0);
    (void)fclose(in);
    assert_true(strncmp(text, "# kept\njane::" HASH "\n", 20) == 0);

    /* A change that cannot be read leaves what was there. */
    write_file("jane::nonsense\n", 0600);
    assert_true(has(f, "D", "bob", "two"));
    assert_int_equal(unlink(path), 0);
    assert_true(has(f, "D", "bob", "two"));
    auth_password_file_close(f);
    /* The first user makes the file. */
    assert_int_equal(auth_password_file_set(path, NULL, "first", "x"), S_OK);
    assert_int_equal(auth_password_file_open(path, &f), S_OK);
    assert_true(has(f, "", "first", "x"));
    auth_password_file_close(f);
}

static void test_refused(void **state)
{
    struct auth_password_file *f = NULL;
    static const char *const wrong[] = {"jane\n", "jane:" HASH "\n", ":D:" HASH "\n",
                                        "jane:D:" HASH "00\n", "jane:D:\n"};
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        write_file(wrong[i], 0600);
        assert_int_equal(auth_password_file_open(path, &f), WBEM_E_INVALID_PARAMETER);
    }
    write_file("jane::" HASH "\n", 0640);
    assert_int_equal(auth_password_file_open(path, &f), E_ACCESSDENIED);
    assert_true(FAILED(auth_password_file_open("/nonexistent", &f)));
    assert_int_equal(auth_password_file_set(path, NULL, "a:b", "x"), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(auth_password_file_set(path, NULL, "a\nb", "x"), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(auth_password_file_set(path, NULL, "", "x"), WBEM_E_INVALID_PARAMETER);
    assert_int_equal(auth_password_file_set(path, "a:b", "u", "x"), WBEM_E_INVALID_PARAMETER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lookup),     cmocka_unit_test(test_change),
        cmocka_unit_test(test_stale),      cmocka_unit_test(test_owner),
        cmocka_unit_test(test_read_error), cmocka_unit_test(test_refused),
    };
    int fd = mkstemp(path);
    if (fd < 0) {
        return 1;
    }
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    (void)unlink(path);
    return failed;
}
