/*
 * Writers that are killed at any moment: every acknowledged change is there
 * afterwards, none is there by half, and every record and link is whole.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "repository/test_support.h"

enum {
    SLOTS = 24, /* pairs of instances that a writer changes */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    KILLS = 40,
#else
    KILLS = 300,
#endif
};

/* What a writer says before a change and after it. */
struct message {
    bool done;
    uint32_t slot;
    int32_t number; /* < 0: deleted */
};

static char folder[] = "/tmp/wbem-kill-XXXXXX";

static uint32_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* ---- the writer, a process of its own ----------------------------------------------- */

static void must(bool ok)
{
    if (!ok) {
        _exit(3);
    }
}

static void say(int fd, const struct message *m)
{
    must(write(fd, m, sizeof(*m)) == (ssize_t)sizeof(*m));
}

static void put_pair(struct repository_change *c, uint32_t slot, int number)
{
    static const wchar_t *const classes[] = {L"Left", L"Right"};
    for (int side = 0; side < 2; side++) {
        IWbemClassObject *cls = NULL;
        IWbemClassObject *instance = NULL;
        must(SUCCEEDED(repository_change_get_class(c, CIMV2, classes[side], &cls)));
        must(SUCCEEDED(IWbemClassObject_SpawnInstance(cls, 0, &instance)));
        VARIANT v = {.vt = VT_I4};
        V_I4(&v) = (LONG)slot;
        must(SUCCEEDED(IWbemClassObject_Put(instance, L"Slot", 0, &v, 0)));
        V_I4(&v) = number;
        must(SUCCEEDED(IWbemClassObject_Put(instance, L"N", 0, &v, 0)));
        must(SUCCEEDED(repository_change_put_instance(c, CIMV2, instance, 0, NULL)));
        IWbemClassObject_Release(instance);
        IWbemClassObject_Release(cls);
    }
}

static void delete_pair(struct repository_change *c, uint32_t slot)
{
    static const wchar_t *const classes[] = {L"Left", L"Right"};
    for (int side = 0; side < 2; side++) {
        wchar_t text[64];
        struct object_path *p;
        swprintf(text, 64, L"%ls.Slot=%u", classes[side], slot);
        must(SUCCEEDED(object_path_parse(text, &p, NULL)));
        HRESULT hr = repository_change_delete_instance(c, CIMV2, p);
        must(SUCCEEDED(hr) || hr == WBEM_E_NOT_FOUND);
        object_path_destroy(p);
    }
}

/* Now and then a class comes, with a subclass and an instance, or goes. */
static void change_classes(struct repository *r, int number)
{
    char mof[256];
    snprintf(mof, sizeof(mof),
             "class Passing%d { [key] uint32 K; };\nclass Below%d : Passing%d { string S; };\n"
             "instance of Below%d { K = 1; S = \"x\"; };\n%s%d%s",
             number % 7, number % 7, number % 7, number % 7,
             number % 3 ? "#pragma deleteclass(\"Passing" : "/*", number % 7,
             number % 3 ? "\", nofail)\n" : "*/\n");
    must(SUCCEEDED(repository_load_mof(r, "passing.mof", mof, strlen(mof), CIMV2)));
}

static void write_until_killed(int fd, uint64_t seed)
{
    struct repository *r;
    must(SUCCEEDED(repository_create(folder, &r)));
    for (int number = 1;; number++) {
        struct message m = {.slot = next_random(&seed) % SLOTS, .number = number};
        struct repository_change *c;
        if (next_random(&seed) % 16 == 0) {
            change_classes(r, number);
        }
        if (next_random(&seed) % 4 == 0) {
            m.number = -1;
        }
        say(fd, &m);
        must(SUCCEEDED(repository_change_begin(r, &c)));
        if (m.number < 0) {
            delete_pair(c, m.slot);
        } else {
            put_pair(c, m.slot, m.number);
        }
        must(SUCCEEDED(repository_change_commit(c)));
        m.done = true;
        say(fd, &m);
    }
}

/* ---- the model ------------------------------------------------------------------------- */

static int32_t acknowledged[SLOTS]; /* -1: not there */
static struct message pending;      /* said but not acknowledged when the writer was killed */

static void listen_to(int fd)
{
    struct message m;
    pending = (struct message){.done = true};
    while (read(fd, &m, sizeof(m)) == (ssize_t)sizeof(m)) {
        pending = m;
        if (m.done) {
            acknowledged[m.slot] = m.number;
        }
    }
}

/* The number at a path, or -1 when there is none. */
static int32_t stored(const wchar_t *class_name, uint32_t slot)
{
    wchar_t text[64];
    struct object_path *p;
    IWbemClassObject *object;
    swprintf(text, 64, L"%ls.Slot=%u", class_name, slot);
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(text, &p, NULL));
    HRESULT hr = repository_get_instance(cimv2, p, &object);
    object_path_destroy(p);
    if (hr == WBEM_E_NOT_FOUND) {
        return -1;
    }
    assert_int_equal(WBEM_S_NO_ERROR, hr);
    int32_t n = get_number(object, L"N");
    IWbemClassObject_Release(object);
    return n;
}

static void check_everything(void)
{
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(folder, &repository));
    assert_int_equal(WBEM_S_NO_ERROR, repository_check(repository));
    assert_int_equal(WBEM_S_NO_ERROR, repository_open(repository, CIMV2, &cimv2));
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        int32_t left = stored(L"Left", slot);
        assert_int_equal(left, stored(L"Right", slot)); /* no half of a change */
        if (left != acknowledged[slot]) {               /* then it was the one under way */
            assert_false(pending.done);
            assert_int_equal(slot, pending.slot);
            assert_int_equal(left, pending.number);
            acknowledged[slot] = left;
        }
    }
    repository_destroy(repository);
}

static void test_killed_writers(void **state)
{
    static const char mof[] =
        "class Left { [key] uint32 Slot; [indexed] sint32 N; };\n"
        "class Right { [key] uint32 Slot; string Text = \"some text\"; sint32 N; };\n";
    assert_non_null(mkdtemp(folder));
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(folder, &repository));
    assert_int_equal(WBEM_S_NO_ERROR, load(mof));
    repository_destroy(repository);
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        acknowledged[slot] = -1;
    }

    uint64_t random = (uint64_t)time(NULL);
    print_message("seed %llu\n", (unsigned long long)random);
    unsigned acks = 0;
    for (int i = 0; i < KILLS; i++) {
        int fds[2];
        assert_int_equal(0, pipe2(fds, O_CLOEXEC));
        uint64_t seed = random + (uint64_t)i;
        pid_t writer = fork();
        if (writer == 0) {
            close(fds[0]);
            write_until_killed(fds[1], seed);
        }
        assert_true(writer > 0);
        close(fds[1]);
        struct timespec pause = {.tv_nsec = (long)(next_random(&random) % 12000) * 1000};
        nanosleep(&pause, NULL);
        assert_int_equal(0, kill(writer, SIGKILL));
        listen_to(fds[0]);
        close(fds[0]);
        int status;
        assert_int_equal(writer, waitpid(writer, &status, 0));
        assert_true(WIFSIGNALED(status)); /* it never failed by itself */
        acks += pending.number != 0;
        check_everything();
    }
    assert_true(acks > 0);
    print_message("%d writers killed, %u of them while they wrote\n", KILLS, acks);
}

static int remove_folder(void **state)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/data.mdb", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/lock.mdb", folder);
    unlink(path);
    rmdir(folder);
    SetErrorInfo(0, NULL);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_killed_writers, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
