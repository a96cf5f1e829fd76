/*
 * What can go wrong around a repository: no room, no rights, damage, several
 * processes; and backups.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "repository/test_support.h"

static char folder[64];

static void file_in(char *path, size_t size, const char *name)
{
    snprintf(path, size, "%s/%s", folder, name);
}

static int setup(void **state)
{
    strcpy(folder, "/tmp/wbem-fault-XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int teardown(void **state)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "backup", "other/data.mdb",
                                        "other/lock.mdb"};
    char path[128];
    chmod(folder, 0700);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        file_in(path, sizeof(path), names[i]);
        unlink(path);
    }
    file_in(path, sizeof(path), "other");
    rmdir(path);
    rmdir(folder);
    SetErrorInfo(0, NULL);
    return 0;
}

static void open_here(void)
{
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(folder, &repository));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, CIMV2, &cimv2));
}

/* The number of instances of a class, by asking for all of them. */
static int count(const wchar_t *text)
{
    int sum;
    return query(text, &sum);
}

/* Run in a process of its own, as LMDB keeps state for each process; its exit code is 0 when all
 * assertions hold. */
static int in_child(void (*run)(void *closure), void *closure)
{
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        run(closure);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(child, waitpid(child, &status, 0));
    return status;
}

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            _exit(4);                                                                              \
        }                                                                                          \
    } while (0)

/* ---- a full disk ------------------------------------------------------------------------ */

static void fill_the_disk(void *closure)
{
    struct rlimit limit;
    struct stat st;
    char path[128];
    char mof[4096 + 128];
    signal(SIGXFSZ, SIG_IGN);
    open_here();
    CHECK(SUCCEEDED(load("class T { [key] uint32 N; string Text; };\n")));
    file_in(path, sizeof(path), "data.mdb");
    CHECK(stat(path, &st) == 0);
    CHECK(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    rlim_t was = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)st.st_size + 64 * 1024;
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    HRESULT hr = WBEM_S_NO_ERROR;
    int put = 0;
    for (; SUCCEEDED(hr) && put < 1000; put++) {
        int at = snprintf(mof, sizeof(mof), "instance of T { N = %d; Text = \"", put);
        memset(mof + at, 'x', 3900);
        strcpy(mof + at + 3900, "\"; };\n");
        hr = load(mof);
    }
    put--;
    CHECK(hr == WBEM_E_OUT_OF_DISK_SPACE);
    CHECK(put > 0);
    CHECK(count(L"SELECT * FROM T") == put);
    CHECK(repository_check(repository) == WBEM_S_NO_ERROR);
    limit.rlim_cur = was; /* room again */
    CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
    CHECK(SUCCEEDED(load("instance of T { N = 5000; };\n")));
    CHECK(count(L"SELECT * FROM T") == put + 1);
    CHECK(repository_check(repository) == WBEM_S_NO_ERROR);
    repository_destroy(repository);
}

static void test_full_disk(void **state)
{
    assert_int_equal(0, in_child(fill_the_disk, NULL));
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
    assert_true(count(L"SELECT * FROM T") > 1);
    repository_destroy(repository);
}

/* ---- no rights ----------------------------------------------------------------------------- */

/* As somebody else: root may write anywhere. */
static void without_rights(void *closure)
{
    struct repository_change *c;
    IWbemClassObject *cls = NULL;
    if (geteuid() == 0) {
        CHECK(setgid(65534) == 0 && setuid(65534) == 0);
    }
    CHECK(repository_set_default_place(closure) == WBEM_S_NO_ERROR);
    CHECK(repository_default(&repository) == WBEM_S_NO_ERROR);
    CHECK(repository_open(repository, CIMV2, &cimv2) == WBEM_S_NO_ERROR);
    CHECK(repository_get_class(cimv2, L"Win32_Process", false, &cls) == WBEM_S_NO_ERROR);
    IWbemClassObject_Release(cls);
    CHECK(repository_change_begin(repository, &c) == WBEM_E_ACCESS_DENIED);
    IErrorInfo *info = NULL;
    BSTR text = NULL;
    CHECK(GetErrorInfo(0, &info) == S_OK);
    CHECK(IErrorInfo_GetDescription(info, &text) == S_OK);
    CHECK(wcsstr(text, L"can't be changed"));
}

static void test_no_rights(void **state)
{
    char place[128];
    chmod(folder, 0755);
    file_in(place, sizeof(place), "other"); /* can't be made by another */
    if (geteuid() != 0) {
        chmod(folder, 0555);
    }
    assert_int_equal(0, in_child(without_rights, place));
    /* One that is there and can only be read. */
    chmod(folder, 0755);
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(folder, &repository));
    repository_destroy(repository);
    char path[128];
    file_in(path, sizeof(path), "data.mdb");
    chmod(path, 0444);
    file_in(path, sizeof(path), "lock.mdb");
    chmod(path, 0444);
    chmod(folder, 0555);
    assert_int_equal(0, in_child(without_rights, folder));
}

/* ---- damage -----------------------------------------------------------------------------------
 */

/* Opens it and looks at everything: an error is fine, a crash is not. */
static void read_damaged(void *closure)
{
    if (SUCCEEDED(repository_create(folder, &repository))) {
        if (SUCCEEDED(repository_check(repository)) &&
            SUCCEEDED(repository_open(repository, CIMV2, &cimv2))) {
            (void)count(L"SELECT * FROM T");
        }
        repository_destroy(repository);
    }
}

static void fill_for_damage(void)
{
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, load("class T { [key] uint32 N; string Text; };\n"));
    struct repository_change *c;
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(repository, &c));
    for (int i = 0; i < 500; i++) {
        IWbemClassObject *cls = get_class(L"T");
        IWbemClassObject *instance;
        assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
        put_number(instance, L"N", i);
        assert_int_equal(WBEM_S_NO_ERROR,
                         repository_change_put_instance(c, CIMV2, instance, 0, NULL));
        IWbemClassObject_Release(instance);
        IWbemClassObject_Release(cls);
    }
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_commit(c));
    repository_destroy(repository);
}

static void test_cut_off(void **state)
{
    struct stat st;
    char path[128];
    fill_for_damage();
    file_in(path, sizeof(path), "data.mdb");
    assert_int_equal(0, stat(path, &st));
    for (int part = 9; part >= 1; part -= 2) {
        assert_int_equal(0, truncate(path, st.st_size / 10 * part));
        assert_int_equal(0, in_child(read_damaged, NULL));
    }
}

static void write_file(const char *path, const char *text, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(size, write(fd, text, size));
    close(fd);
}

static void test_not_a_repository(void **state)
{
    char path[128];
    char text[8192];
    memset(text, 'x', sizeof(text));
    file_in(path, sizeof(path), "data.mdb");
    write_file(path, text, sizeof(text));
    assert_int_equal(WBEM_E_CRITICAL_ERROR, repository_create(folder, &repository));
    expect_reason(L"wbem-fault");
    write_file(path, text, 10);
    assert_true(FAILED(repository_create(folder, &repository)));
    expect_reason(L"wbem-fault");
    /* An empty file is a new repository. */
    write_file(path, text, 0);
    open_here();
    repository_destroy(repository);
}

/* A byte of an instance's record, found by its text and changed in the file. */
static void test_damaged_record(void **state)
{
    char path[128];
    char *bytes;
    struct stat st;
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, load("class T { [key] string Id; };\n"
                                           "instance of T { Id = \"find me in the file\"; };\n"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
    repository_destroy(repository);
    file_in(path, sizeof(path), "data.mdb");
    assert_int_equal(0, stat(path, &st));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bytes = malloc((size_t)st.st_size);
    assert_int_equal(st.st_size, read(fd, bytes, (size_t)st.st_size));
    char *at = bytes;
    int found = 0;
    while ((at = memmem(at, (size_t)(st.st_size - (at - bytes)), "find me in", 10))) {
        assert_int_equal(2, pwrite(fd, "XX", 2, at - bytes));
        at += 10;
        found++;
    }
    assert_true(found > 0);
    free(bytes);
    close(fd);
    open_here();
    /* Key and value were both changed, so they differ by what is folded; or the key is lost. */
    HRESULT hr = repository_check(repository);
    IWbemClassObject *none;
    struct object_path *p;
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(L"T=\"find me in the file\"", &p, NULL));
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_instance(cimv2, p, &none));
    object_path_destroy(p);
    assert_int_equal(WBEM_E_CRITICAL_ERROR, hr);
    repository_destroy(repository);
}

/* ---- several processes
 * --------------------------------------------------------------------------- */

enum {
    PROCESSES = 4,
    EACH = 25,
};

static void put_some(void *closure)
{
    int number = *(int *)closure;
    open_here();
    for (int i = 0; i < EACH; i++) {
        char mof[64];
        snprintf(mof, sizeof(mof), "instance of T { N = %d; };\n", number * EACH + i);
        CHECK(SUCCEEDED(load(mof)));
        CHECK(count(L"SELECT * FROM T") > i);
    }
    repository_destroy(repository);
}

static void test_several_processes(void **state)
{
    pid_t children[PROCESSES];
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, load("class T { [key] uint32 N; };\n"));
    repository_destroy(repository);
    fflush(NULL);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            put_some(&i);
            _exit(0);
        }
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(children[i], waitpid(children[i], &status, 0));
        assert_int_equal(0, status);
    }
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
    assert_int_equal(PROCESSES * EACH, count(L"SELECT * FROM T"));
    repository_destroy(repository);
}

/* One changes a class while another, which has read it, goes on: it sees the change. */
static void change_class(void *closure)
{
    open_here();
    CHECK(SUCCEEDED(load("class T { [key] uint32 N; string More; };\n")));
    repository_destroy(repository);
}

static void test_class_of_another_process(void **state)
{
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, load("class T { [key] uint32 N; };\n"));
    repository_destroy(repository);
    /* A fork must not carry an open environment along, so the reader opens after it. */
    int ready[2];
    int go[2];
    char token = 0;
    assert_int_equal(0, pipe(ready));
    assert_int_equal(0, pipe(go));
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        CHECK(read(go[0], &token, 1) == 1);
        change_class(NULL);
        CHECK(write(ready[1], "x", 1) == 1);
        _exit(0);
    }
    open_here();
    IWbemClassObject *cls = get_class(L"T");
    assert_true(FAILED(IWbemClassObject_Get(cls, L"More", 0, NULL, NULL, NULL)));
    IWbemClassObject_Release(cls);
    assert_int_equal(1, write(go[1], "x", 1));
    assert_int_equal(1, read(ready[0], &token, 1));
    cls = get_class(L"T");
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Get(cls, L"More", 0, NULL, NULL, NULL));
    IWbemClassObject_Release(cls);
    int status;
    assert_int_equal(child, waitpid(child, &status, 0));
    assert_int_equal(0, status);
    repository_destroy(repository);
    close(ready[0]);
    close(ready[1]);
    close(go[0]);
    close(go[1]);
}

/* ---- backups
 * -------------------------------------------------------------------------------------- */

static void test_backup_and_restore(void **state)
{
    char backup[128];
    char nowhere[160];
    IWbemClassObject *cls;
    file_in(backup, sizeof(backup), "backup");
    open_here();
    assert_int_equal(WBEM_S_NO_ERROR, load("class T { [key] uint32 N; [indexed] string S; };\n"
                                           "instance of T { N = 1; S = \"one\"; };\n"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_backup(repository, backup));
    assert_int_equal(WBEM_S_NO_ERROR, load("instance of T { N = 2; };\n"
                                           "class U { [key] uint32 N; };\n"));
    assert_int_equal(2, count(L"SELECT * FROM T"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_restore(repository, backup));
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
    assert_int_equal(1, count(L"SELECT * FROM T WHERE S = 'one'"));
    assert_int_equal(1, count(L"SELECT * FROM T"));
    assert_int_equal(WBEM_E_NOT_FOUND, repository_get_class(cimv2, L"U", false, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, load("class U { [key] string Other; };\n"));

    /* What can't be read or is none leaves everything as it was. */
    snprintf(nowhere, sizeof(nowhere), "%s/none/backup", folder);
    assert_int_equal(WBEM_E_NOT_FOUND, repository_restore(repository, nowhere));
    expect_reason(L"none/backup");
    assert_int_equal(WBEM_E_NOT_FOUND, repository_backup(repository, nowhere));
    assert_true(FAILED(repository_restore(repository, folder)));
    write_file(backup, "no backup", 9);
    assert_true(FAILED(repository_restore(repository, backup)));
    expect_reason(L"backup");
    assert_int_equal(1, count(L"SELECT * FROM T"));
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
    repository_destroy(repository);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_full_disk),
        TEST(test_no_rights),
        TEST(test_cut_off),
        TEST(test_not_a_repository),
        TEST(test_damaged_record),
        TEST(test_several_processes),
        TEST(test_class_of_another_process),
        TEST(test_backup_and_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
