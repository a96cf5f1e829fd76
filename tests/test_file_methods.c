/*
 * The methods of CIM_DataFile and Win32_Directory in a folder of the test's
 * own; and the classes whose methods must not, or can't, do anything here.
 */
#include "methods.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

static IWbemServices *services;
static char folder[] = "/tmp/wbem-files-XXXXXX";

static int connect_once(void **state)
{
    assert_non_null(mkdtemp(folder));
    assert_int_equal(0, chdir(folder));
    services = local_services();
    return 0;
}

static int disconnect(void **state)
{
    IWbemServices_Release(services);
    CoUninitialize();
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1; /* nothing was left behind */
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(0, fclose(f));
}

static bool holds(const char *name, const char *expected)
{
    char text[256];
    FILE *f = fopen(name, "r");
    if (!f) {
        return false;
    }
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return strcmp(text, expected) == 0;
}

static unsigned entries(void)
{
    unsigned count = 0;
    DIR *d = opendir(".");
    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d));) {
        count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    }
    closedir(d);
    return count;
}

static bool is_link(const char *name)
{
    struct stat st;
    return lstat(name, &st) == 0 && S_ISLNK(st.st_mode);
}

/* A method of class[name in our folder]; `to` is a name there too, or a path, or NULL. */
static LONG run(const wchar_t *class_name, const char *name, const wchar_t *method, const char *to)
{
    wchar_t path[256], target[256];
    swprintf(path, 256, L"%ls.Name=\"%hs/%hs\"", class_name, folder, name);
    if (!to) {
        return methods_result(services, path, method, NULL);
    }
    if (to[0] == '/') {
        swprintf(target, 256, L"%hs", to);
    } else {
        swprintf(target, 256, L"%hs/%hs", folder, to);
    }
    IWbemClassObject *in = methods_in(services, class_name, method);
    methods_put_string(in, L"FileName", target);
    return methods_result(services, path, method, in);
}

static LONG file(const char *name, const wchar_t *method, const char *to)
{
    return run(L"CIM_DataFile", name, method, to);
}

static LONG directory(const char *name, const wchar_t *method, const char *to)
{
    return run(L"Win32_Directory", name, method, to);
}

static void test_copy(void **state)
{
    struct stat from, to;
    write_file("a", "some text");
    assert_int_equal(0, chmod("a", 06640));
    assert_int_equal(0, file("a", L"Copy", "b"));
    assert_true(holds("b", "some text"));
    assert_int_equal(0, stat("a", &from));
    assert_int_equal(0, stat("b", &to));
    assert_int_equal(0640, to.st_mode & 07777); /* without the bits that lend rights */
    assert_int_equal(from.st_mtim.tv_sec, to.st_mtim.tv_sec);

    write_file("b", "another");
    assert_int_equal(10, file("a", L"Copy", "b"));
    assert_int_equal(10, file("a", L"Copy", "a"));
    assert_true(holds("b", "another"));
    assert_int_equal(9, file("a", L"Copy", "nowhere/b"));
    assert_int_equal(9, file("a", L"Copy", "b/c"));
    assert_int_equal(21, file("a", L"Copy", "../b"));
    assert_int_equal(21, file("a", L"Copy", "c/"));
    assert_int_equal(21, file("a", L"Copy", "/"));
    assert_int_not_equal(0, file("a", L"Copy", "/proc/wbem")); /* takes no new files */
    assert_int_equal(2, entries());                            /* no temporary */
    remove("a");
    remove("b");
}

/* More than one piece, and a file that claims to be empty. */
static void test_copy_contents(void **state)
{
    enum {
        LENGTH = 3 * 1024 * 1024 + 7
    };
    char *bytes = malloc(LENGTH), *copy = malloc(LENGTH);
    assert_true(bytes && copy);
    for (size_t i = 0; i < LENGTH; i++) {
        bytes[i] = (char)(i * 7 + i / 1000);
    }
    FILE *f = fopen("large", "w");
    assert_int_equal(LENGTH, fwrite(bytes, 1, LENGTH, f));
    assert_int_equal(0, fclose(f));
    assert_int_equal(0, file("large", L"Copy", "same"));
    f = fopen("same", "r");
    assert_non_null(f);
    assert_int_equal(LENGTH, fread(copy, 1, LENGTH, f));
    assert_int_equal(EOF, fgetc(f));
    fclose(f);
    assert_memory_equal(bytes, copy, LENGTH);
    free(bytes);
    free(copy);
    remove("large");
    remove("same");
}

/* A link is copied, renamed and deleted itself; what it leads to stays as it is. */
static void test_links(void **state)
{
    write_file("real", "precious");
    assert_int_equal(0, symlink("real", "link"));
    assert_int_equal(0, file("link", L"Copy", "copy"));
    assert_true(is_link("copy"));
    assert_int_equal(0, file("link", L"Rename", "renamed"));
    assert_true(is_link("renamed"));
    assert_int_equal(0, file("renamed", L"Delete", NULL));
    assert_int_equal(0, file("copy", L"Delete", NULL));
    assert_true(holds("real", "precious"));

    /* Nor is one replaced that leads nowhere. */
    assert_int_equal(0, symlink("nowhere", "link"));
    assert_int_equal(10, file("real", L"Copy", "link"));
    assert_int_equal(10, file("real", L"Rename", "link"));
    remove("link");

    assert_int_equal(0, mkdir("full", 0700));
    write_file("full/file", "precious");
    assert_int_equal(0, symlink("full", "link"));
    assert_int_equal(0, file("link", L"Delete", NULL));
    assert_true(holds("full/file", "precious"));
    remove("full/file");
    remove("full");
    remove("real");
    assert_int_equal(0, entries());
}

static void test_rename_and_delete(void **state)
{
    write_file("a", "1");
    write_file("b", "2");
    assert_int_equal(10, file("a", L"Rename", "b"));
    assert_int_equal(9, file("a", L"Rename", "nowhere/c"));
    assert_int_equal(0, file("a", L"Rename", "c"));
    assert_true(holds("c", "1") && holds("b", "2"));
    assert_int_equal(0, file("b", L"Delete", NULL));
    assert_int_equal(0, file("c", L"Delete", NULL));
    assert_int_equal(0, entries());

    wchar_t path[256];
    swprintf(path, 256, L"CIM_DataFile.Name=\"%hs/c\"", folder);
    assert_int_equal(WBEM_E_NOT_FOUND, methods_call(services, path, L"Delete", NULL, NULL));
}

static void test_other_file_system(void **state)
{
    struct stat here, there;
    write_file("a", "1");
    if (stat(".", &here) != 0 || stat("/dev/shm", &there) != 0 || here.st_dev == there.st_dev ||
        access("/dev/shm", W_OK) != 0) {
        remove("a");
        skip();
    }
    char target[64];
    snprintf(target, sizeof target, "/dev/shm/wbem-files-%d", (int)getpid());
    assert_int_equal(13, file("a", L"Rename", target));
    assert_int_equal(0, file("a", L"Copy", target));
    assert_true(holds(target, "1"));
    remove(target);
    remove("a");
}

static void test_folders(void **state)
{
    assert_int_equal(0, mkdir("one", 0700));
    write_file("one/file", "x");
    assert_int_equal(14, directory("one", L"Delete", NULL));
    assert_int_equal(0, directory("one", L"Rename", "two"));
    assert_true(holds("two/file", "x"));
    assert_int_equal(21, directory("two", L"Rename", "two/below"));
    remove("two/file");
    assert_int_equal(0, directory("two", L"Delete", NULL));
    assert_int_equal(0, entries());
}

static void test_copy_folder(void **state)
{
    struct stat st;
    assert_int_equal(0, mkdir("one", 0750));
    assert_int_equal(0, mkdir("one/two", 0700));
    write_file("one/file", "x");
    write_file("one/two/file", "y");
    assert_int_equal(0, symlink("/etc", "one/link"));
    assert_int_equal(0, directory("one", L"Copy", "copy"));
    assert_true(holds("copy/file", "x") && holds("copy/two/file", "y") && is_link("copy/link"));
    assert_int_equal(0, stat("copy", &st));
    assert_int_equal(0750, st.st_mode & 07777);
    assert_int_equal(10, directory("one", L"Copy", "copy"));

    /* What fails in the middle leaves nothing, and what a link leads to is left alone. */
    assert_int_equal(21, directory("one", L"Copy", "one/two/copy"));
    assert_int_equal(0, mkfifo("one/two/pipe", 0600));
    assert_int_equal(8, directory("one", L"Copy", "again"));
    assert_int_equal(2, entries());
    assert_int_equal(0, access("/etc/passwd", F_OK));

    static const char *const made[] = {"one/two/pipe", "one/two/file", "one/two",       "one/file",
                                       "one/link",     "one",          "copy/two/file", "copy/two",
                                       "copy/file",    "copy/link",    "copy"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        assert_int_equal(0, remove(made[i]));
    }
}

static void test_refused_for_want_of_rights(void **state)
{
    if (geteuid() == 0) {
        skip(); /* root may do all of it */
    }
    assert_int_equal(0, mkdir("locked", 0500));
    write_file("a", "1");
    assert_int_equal(2, file("a", L"Copy", "locked/a"));
    assert_int_equal(2, file("a", L"Rename", "locked/a"));
    remove("a");
    remove("locked");
}

/* What reads the registry learns that there is none; in either namespace. */
static void test_no_registry(void **state)
{
    IWbemClassObject *in = methods_in(services, L"StdRegProv", L"GetStringValue");
    methods_put_string(in, L"sSubKeyName", L"SOFTWARE");
    assert_int_equal(WBEM_E_NOT_SUPPORTED,
                     methods_call(services, L"StdRegProv", L"GetStringValue", in, NULL));
    assert_non_null(strstr(local_error(), "no registry"));

    IWbemLocator *locator = NULL;
    IWbemServices *other = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    BSTR name = SysAllocString(L"root\\default");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL, 0,
                                                                 NULL, NULL, &other));
    SysFreeString(name);
    IWbemLocator_Release(locator);
    assert_int_equal(WBEM_E_NOT_SUPPORTED,
                     methods_call(other, L"StdRegProv", L"EnumKey", NULL, NULL));
    IWbemServices_Release(other);
}

static IWbemClassObject *operating_system(void)
{
    IEnumWbemClassObject *e = local_query(services, L"SELECT * FROM Win32_OperatingSystem",
                                          WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got));
    IEnumWbemClassObject_Release(e);
    return object;
}

/* Where the environment says so, which it always does in the tests, nothing is turned off. The
 * rest is tested against a bus of the test's own. */
static void test_power_is_refused(void **state)
{
    const char *set = getenv("WBEM_NO_POWER");
    if (!set || !*set) {
        skip(); /* not run by meson test: by no means go on */
    }
    IWbemClassObject *object = operating_system();
    BSTR path = local_string(object, L"__PATH");
    assert_int_equal(WBEM_E_PRIVILEGE_NOT_HELD,
                     methods_call(services, path, L"Reboot", NULL, NULL));
    assert_non_null(strstr(local_error(), "WBEM_NO_POWER"));
    assert_int_equal(WBEM_E_PRIVILEGE_NOT_HELD,
                     methods_call(services, path, L"Shutdown", NULL, NULL));
    SysFreeString(path);
    IWbemClassObject_Release(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_copy_contents),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_rename_and_delete),
        cmocka_unit_test(test_other_file_system),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_copy_folder),
        cmocka_unit_test(test_refused_for_want_of_rights),
        cmocka_unit_test(test_no_registry),
        cmocka_unit_test(test_power_is_refused),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
