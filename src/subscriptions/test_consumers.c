/* The standard consumers, each by itself: what reaches a file, a program, a journal of the test's
 * own. */
#include "subscriptions/test_subscriptions.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "providers/linux/procfs.h"
#include "subscriptions/consumer.h"

static char folder[64];
static IWbemClassObject *event;

static int begin(void **state)
{
    test_begin(state);
    event = test_get(TEST_EVENT);
    return 0;
}

static int end(void **state)
{
    IWbemClassObject_Release(event);
    return test_end(state);
}

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/wbem-consumers-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *w)
{
    (void)st;
    (void)type;
    (void)w;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* An instance of the class with these values, whose @ is the folder. */
static IWbemClassObject *consumer(const char *class_name, const char *values)
{
    char text[1024];
    wchar_t path[128];
    char *end = text + sprintf(text, "instance of %s { Name = \"c\"; ", class_name);
    for (; *values; values++) {
        if (*values == '@') {
            end = stpcpy(end, folder);
        } else {
            *end++ = *values;
        }
    }
    stpcpy(end, " };");
    test_load(text);
    swprintf(path, 128, L"%hs.Name=\"c\"", class_name);
    return test_get(path);
}

static HRESULT deliver(IWbemClassObject *c)
{
    consumer_run *run = consumer_find(c);
    assert_non_null(run);
    return run(c, event);
}

static void fails(IWbemClassObject *c, HRESULT expected, const char *why)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    HRESULT hr = deliver(c);
    assert_true(FAILED(hr));
    if (expected) {
        assert_int_equal(expected, hr);
    }
    assert_int_equal(S_OK, GetErrorInfo(0, &error));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(error, &text));
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
    if (!strstr(utf8, why)) {
        print_message("%s\n", utf8);
    }
    assert_non_null(strstr(utf8, why));
    IWbemClassObject_Release(c);
}

/* Its size; the bytes stay until the next call. */
static size_t contents(const char *name, const char **ret)
{
    static char buffer[4096];
    char path[128];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t size = read(fd, buffer, sizeof(buffer) - 1);
    assert_true(size >= 0);
    close(fd);
    buffer[size] = '\0';
    *ret = buffer;
    return (size_t)size;
}

static void expect_file(const char *name, const char *expected)
{
    const char *text;
    contents(name, &text);
    assert_string_equal(expected, text);
}

/* ---- log files ---------------------------------------------------------------------- */

static void test_log(void **state)
{
    IWbemClassObject *c =
        consumer("LogFileEventConsumer", "Filename = \"@/a.log\"; Text = \"%Name% is %Large%\";");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    expect_file("a.log", "a name is 4294967295\na name is 4294967295\n");
    IWbemClassObject_Release(c);
}

static void test_log_moved(void **state)
{
    IWbemClassObject *c = consumer(
        "LogFileEventConsumer", "Filename = \"@/a.log\"; Text = \"%Name%\"; MaximumFileSize = 8;");
    for (int i = 0; i < 5; i++) { /* each file takes lines until it is over 8 bytes */
        assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    }
    expect_file("a.001", "a name\na name\n");
    expect_file("a.002", "a name\na name\n");
    expect_file("a.log", "a name\n");
    IWbemClassObject_Release(c);
    c = consumer("LogFileEventConsumer",
                 "Filename = \"@/long-name.log\"; Text = \"%Name%\"; MaximumFileSize = 1;");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    expect_file("long-name.log.001", "a name\n");
    expect_file("long-name.log", "a name\n");
    IWbemClassObject_Release(c);
}

static void test_log_utf16(void **state)
{
    static const char expected[] = "\xff\xfe"
                                   "7\0\n\0"
                                   "7\0\n\0";
    const char *bytes;
    IWbemClassObject *c =
        consumer("LogFileEventConsumer", "Filename = \"@/u\"; Text = \"%One%\"; IsUnicode = TRUE;");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    IWbemClassObject_Release(c);
    /* What the file is counts, not what the consumer says. */
    c = consumer("LogFileEventConsumer",
                 "Filename = \"@/u\"; Text = \"%One%\"; IsUnicode = FALSE;");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    assert_int_equal(sizeof(expected) - 1, contents("u", &bytes));
    assert_memory_equal(expected, bytes, sizeof(expected) - 1);
    IWbemClassObject_Release(c);
}

static void test_log_fails(void **state)
{
    fails(consumer("LogFileEventConsumer", "Filename = \"@/none/a.log\"; Text = \"x\";"), 0,
          "No such file");
    fails(consumer("LogFileEventConsumer", "Filename = \"relative.log\"; Text = \"x\";"),
          WBEM_E_INVALID_PARAMETER, "whole path");
    char path[128];
    snprintf(path, sizeof(path), "%s/pipe", folder);
    assert_int_equal(0, mkfifo(path, 0600));
    fails(consumer("LogFileEventConsumer", "Filename = \"@/pipe\"; Text = \"x\";"), 0, "log file");
}

/* ---- programs ------------------------------------------------------------------------ */

/* A pipe that a program is to write to, so that its end can be waited for. */
static int make_pipe(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/pipe", folder);
    assert_int_equal(0, mkfifo(path, 0600));
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static void expect_written(int fd, const char *expected)
{
    char text[256];
    struct pollfd p = {.fd = fd, .events = POLLIN};
    assert_int_equal(1, poll(&p, 1, 30000));
    ssize_t size = read(fd, text, sizeof(text) - 1);
    assert_true(size > 0);
    text[size] = '\0';
    assert_string_equal(expected, text);
}

static void test_command(void **state)
{
    int fd = make_pipe();
    IWbemClassObject *c =
        consumer("CommandLineEventConsumer",
                 "WorkingDirectory = \"@\"; "
                 "CommandLineTemplate = \"/bin/sh -c 'pwd >pipe; echo $1 >>pipe' name "
                 "%Name%;%Large%\";");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    char first[128];
    snprintf(first, sizeof(first), "%s\n", folder);
    char all[512] = "";
    while (!strstr(all, "4294967295\n")) {
        size_t have = strlen(all);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        assert_int_equal(1, poll(&p, 1, 30000));
        ssize_t n = read(fd, all + have, sizeof(all) - 1 - have);
        assert_true(n > 0);
        all[have + (size_t)n] = '\0';
    }
    assert_true(strncmp(all, first, strlen(first)) == 0);
    assert_string_equal("a name;4294967295\n", all + strlen(first));
    IWbemClassObject_Release(c);
    close(fd);
}

static void test_command_path(void **state)
{
    int fd = make_pipe();
    IWbemClassObject *c = consumer("CommandLineEventConsumer",
                                   "ExecutablePath = \"/bin/sh\"; Priority = 16384; "
                                   "CommandLineTemplate = \"anything -c 'nice >@/pipe'\";");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    char expected[16];
    snprintf(expected, sizeof(expected), "%d\n", 10);
    expect_written(fd, expected);
    IWbemClassObject_Release(c);
    close(fd);
}

/* It would write its second word if it were not ended; the pipe's other end closes instead. */
static void test_command_killed(void **state)
{
    char path[128];
    int fd = make_pipe();
    IWbemClassObject *c = consumer("CommandLineEventConsumer",
                                   "KillTimeout = 1; CommandLineTemplate = "
                                   "\"/bin/sh -c 'exec >@/pipe; echo begun; exec sleep 600'\";");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    expect_written(fd, "begun\n");
    snprintf(path, sizeof(path), "%s/pipe", folder);
    int reader = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    assert_true(reader >= 0);
    close(fd); /* the program is the only writer now */
    struct pollfd p = {.fd = reader, .events = POLLIN};
    assert_int_equal(1, poll(&p, 1, 60000));
    assert_true(p.revents & POLLHUP);
    close(reader);
    IWbemClassObject_Release(c);
}

static void test_command_fails(void **state)
{
    fails(consumer("CommandLineEventConsumer", "CommandLineTemplate = \"@/none\";"), 0,
          "can't be executed");
    fails(consumer("CommandLineEventConsumer", "CommandLineTemplate = \"%Name% x\";"),
          WBEM_E_INVALID_PARAMETER, "from the event");
    fails(consumer("CommandLineEventConsumer", "KillTimeout = 1;"), WBEM_E_INVALID_PARAMETER,
          "names a program");
    fails(consumer("CommandLineEventConsumer", "ExecutablePath = \"/bin/sh\"; Priority = 3;"),
          WBEM_E_INVALID_PARAMETER, "priority");
}

/* ---- the journal ------------------------------------------------------------------------ */

static int make_journal(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    static const char *const folders[] = {"run", "run/systemd", "run/systemd/journal"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        snprintf(path, sizeof(path), "%s/%s", folder, folders[i]);
        assert_int_equal(0, mkdir(path, 0700));
    }
    snprintf(at.sun_path, sizeof(at.sun_path), "%s/run/systemd/journal/socket", folder);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(0, bind(fd, (const struct sockaddr *)&at, sizeof(at)));
    linux_set_root(folder);
    return fd;
}

static bool has(const char *entry, size_t size, const char *wanted, size_t wanted_size)
{
    return memmem(entry, size, wanted, wanted_size) != NULL;
}
#define HAS(text) assert_true(has(entry, (size_t)size, text, sizeof(text) - 1))

static void test_journal(void **state)
{
    char entry[4096];
    int fd = make_journal();
    IWbemClassObject *c =
        consumer("NTEventLogEventConsumer",
                 "EventID = 77; EventType = 2; Category = 3; SourceName = \"tests\"; "
                 "NumberOfInsertionStrings = 2; InsertionStringTemplates = {\"first %Name%\", "
                 "\"%Large%\", "
                 "\"left out\"}; NameOfRawDataProperty = \"Data\";");
    assert_int_equal(WBEM_S_NO_ERROR, deliver(c));
    IWbemClassObject_Release(c);
    ssize_t size = recv(fd, entry, sizeof(entry), MSG_DONTWAIT);
    assert_true(size > 0);
    HAS("SYSLOG_IDENTIFIER=tests\n");
    HAS("PRIORITY=4\n");
    HAS("EVENT_ID=77\n");
    HAS("EVENT_CATEGORY=3\n");
    HAS("INSERTION_STRING=first a name\nINSERTION_STRING=4294967295\n");
    HAS("MESSAGE\n\x17\0\0\0\0\0\0\0first a name\n4294967295\n");
    HAS("EVENT_DATA\n\x03\0\0\0\0\0\0\0\x01\n\0\n");
    assert_false(has(entry, (size_t)size, "left out", 8));
    close(fd);
    linux_set_root(NULL);
}

static void test_journal_fails(void **state)
{
    linux_set_root(folder);
    fails(consumer("NTEventLogEventConsumer", "EventID = 1; SourceName = \"tests\";"), 0,
          "journal");
    linux_set_root(NULL);
    fails(consumer("NTEventLogEventConsumer",
                   "EventID = 1; SourceName = \"tests\"; NumberOfInsertionStrings = 2;"),
          WBEM_E_INVALID_PARAMETER, "not so many");
    fails(
        consumer("NTEventLogEventConsumer", "EventID = 1; SourceName = \"tests\"; EventType = 3;"),
        WBEM_E_INVALID_PARAMETER, "type");
    fails(consumer("NTEventLogEventConsumer",
                   "EventID = 1; SourceName = \"tests\"; UNCServerName = \"other\";"),
          WBEM_E_NOT_SUPPORTED, "another computer");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_log),
        TEST(test_log_moved),
        TEST(test_log_utf16),
        TEST(test_log_fails),
        TEST(test_command),
        TEST(test_command_path),
        TEST(test_command_killed),
        TEST(test_command_fails),
        TEST(test_journal),
        TEST(test_journal_fails),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
