/*
 * Permanent subscriptions: bindings that come, change and go while they run,
 * broken ones among good ones, consumers that fail. What has happened is known
 * from the log, for whose lines the tests wait.
 */
#include "subscriptions/test_subscriptions.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "events/events.h"
#include "hosting/hosting.h"
#include "services/services.h"
#include "subscriptions/subscriptions.h"

enum {
    LINES_MOST = 256
};

static struct {
    pthread_mutex_t lock;
    sem_t said;
    char *lines[LINES_MOST]; /* under lock */
    size_t count, taken;
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static char folder[64];
static struct subscriptions *running;

static void hear(void *closure, enum subscriptions_level level, const char *line)
{
    (void)closure;
    pthread_mutex_lock(&told.lock);
    if (told.count < LINES_MOST && asprintf(&told.lines[told.count], "%s%s",
                                            level == SUBSCRIPTIONS_PROBLEM ? "! " : "", line) > 0) {
        told.count++;
        sem_post(&told.said);
    }
    pthread_mutex_unlock(&told.lock);
}

/* Waits for the next line that has both texts; what comes before it is passed over. */
static void wait_for(const char *one, const char *other)
{
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 60;
        if (sem_timedwait(&told.said, &until) != 0) {
            fail_msg("nobody said '%s' and '%s'", one, other);
        }
        pthread_mutex_lock(&told.lock);
        const char *line = told.lines[told.taken++];
        bool found = strstr(line, one) && strstr(line, other);
        pthread_mutex_unlock(&told.lock);
        if (found) {
            return;
        }
    }
}

/* Has it been said at all? */
static bool was_said(const char *one, const char *other)
{
    bool found = false;
    pthread_mutex_lock(&told.lock);
    for (size_t i = 0; i < told.count; i++) {
        found |= strstr(told.lines[i], one) && strstr(told.lines[i], other);
    }
    pthread_mutex_unlock(&told.lock);
    return found;
}

/* What the library does while it is loaded, which a test that is linked from its parts is not. */
static HRESULT create_services(struct repository_namespace *n, IWbemServices **ret)
{
    return services_create(n, NULL, ret);
}

static int begin(void **state)
{
    static const struct subscriptions_options options = {.log = hear};
    strcpy(folder, "/tmp/wbem-subscriptions-XXXXXX");
    assert_non_null(mkdtemp(folder));
    sem_init(&told.said, 0, 0);
    told.count = told.taken = 0;
    test_begin(state);
    hosting_use_services(create_services);
    assert_int_equal(WBEM_S_NO_ERROR, subscriptions_start(test_repository, &options, &running));
    return 0;
}

static int end(void **state)
{
    char command[128];
    subscriptions_stop(running);
    while (told.count > 0) {
        free(told.lines[--told.count]);
    }
    sem_destroy(&told.said);
    snprintf(command, sizeof(command), "rm -rf %s", folder);
    assert_int_equal(0, system(command));
    return test_end(state);
}

/* ---- what the tests put and raise ---------------------------------------------------- */

static void put_filter(const char *name, const char *query)
{
    char text[512];
    snprintf(
        text, sizeof(text),
        "instance of __EventFilter { Name = \"%s\"; QueryLanguage = \"WQL\"; Query = \"%s\"; };",
        name, query);
    test_load(text);
}

static void put_consumer(const char *name, const char *template)
{
    char text[512];
    snprintf(text, sizeof(text),
             "instance of LogFileEventConsumer { Name = \"%s\"; Filename = \"%s/%s\"; "
             "Text = \"%s\"; };",
             name, folder, name, template);
    test_load(text);
}

static void put_binding(const char *filter, const char *consumer)
{
    char text[512];
    snprintf(text, sizeof(text),
             "instance of __FilterToConsumerBinding { Filter = \"__EventFilter.Name=\\\"%s\\\"\"; "
             "Consumer = \"LogFileEventConsumer.Name=\\\"%s\\\"\"; };",
             filter, consumer);
    test_load(text);
}

static void delete_binding(const wchar_t *filter, const wchar_t *consumer)
{
    wchar_t text[512];
    struct object_path *path;
    struct repository_change *c;
    swprintf(text, 512,
             L"__FilterToConsumerBinding.Consumer=\"LogFileEventConsumer.Name=\\\"%ls\\\"\","
             L"Filter=\"__EventFilter.Name=\\\"%ls\\\"\"",
             consumer, filter);
    assert_int_equal(WBEM_S_NO_ERROR, object_path_parse(text, &path, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_begin(test_repository, &c));
    assert_int_equal(WBEM_S_NO_ERROR,
                     repository_change_delete_instance(c, L"root\\subscription", path));
    assert_int_equal(WBEM_S_NO_ERROR, repository_change_commit(c));
    object_path_destroy(path);
}

static void raise_named(const wchar_t *name)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *event = NULL;
    struct repository_namespace *n = test_namespace(L"root\\subscription");
    assert_int_equal(WBEM_S_NO_ERROR, repository_get_class(n, L"Test_Event", false, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &event));
    VARIANT v = {.vt = VT_BSTR, .bstrVal = SysAllocString(name)};
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(event, L"Name", 0, &v, 0));
    VariantClear(&v);
    assert_int_equal(WBEM_S_NO_ERROR, events_raise(n, event));
}

static void expect_file(const char *name, const char *expected)
{
    char path[128];
    char text[1024] = "";
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
    assert_true(size >= 0);
    if (fd >= 0) {
        close(fd);
    }
    assert_string_equal(expected, text);
}

/* ---- the tests ---------------------------------------------------------------------------- */

/* It counts as soon as it is put, follows what is changed, and ends with its binding. */
static void test_comes_and_goes(void **state)
{
    put_filter("f", "SELECT * FROM Test_Event WHERE Name LIKE 'x%'");
    put_consumer("a", "%Name%");
    put_consumer("fence", "%Name%");
    raise_named(L"x before");
    put_binding("f", "a");
    raise_named(L"x1");
    raise_named(L"other");
    wait_for("\\\"a\\\"", "delivered Test_Event");
    expect_file("a", "x1\n");

    put_consumer("a", "now %Name%"); /* the consumer is changed, then the filter */
    raise_named(L"x2");
    wait_for("\\\"a\\\"", "delivered");
    put_filter("f", "SELECT * FROM Test_Event WHERE Name LIKE 'y%'");
    raise_named(L"x3");
    raise_named(L"y4");
    wait_for("\\\"a\\\"", "delivered");
    expect_file("a", "x1\nnow x2\nnow y4\n");

    put_binding("f", "fence");
    delete_binding(L"f", L"a");
    raise_named(L"y5");
    wait_for("\\\"fence\\\"", "delivered");
    expect_file("a", "x1\nnow x2\nnow y4\n");
    expect_file("fence", "y5\n");
}

/* What was stored before the start counts as well; nothing does after the end. */
static void test_restart(void **state)
{
    static const struct subscriptions_options options = {.log = hear};
    put_filter("f", "SELECT * FROM Test_Event");
    put_consumer("a", "%Name%");
    put_binding("f", "a");
    subscriptions_stop(running);
    raise_named(L"nobody");
    assert_int_equal(WBEM_S_NO_ERROR, subscriptions_start(test_repository, &options, &running));
    raise_named(L"one");
    wait_for("\\\"a\\\"", "delivered");
    expect_file("a", "one\n");
}

static void test_broken_filters(void **state)
{
    put_filter("bad", "SELECT FROM WHERE");
    put_filter("absent", "SELECT * FROM Not_There_Yet");
    put_filter("good", "SELECT * FROM Test_Event");
    put_consumer("a", "%Name%");
    put_consumer("b", "%Name%");
    put_binding("bad", "a");
    wait_for("\\\"bad\\\"", "! root\\subscription:");
    assert_true(was_said("\\\"bad\\\"", "line 1, column 8"));
    put_binding("absent", "a");
    wait_for("\\\"absent\\\"", "there is no such class");
    put_binding("missing", "a");
    wait_for("\\\"missing\\\"", "WBEM_E_NOT_FOUND");
    put_binding("good", "b");
    raise_named(L"one");
    wait_for("\\\"b\\\"", "delivered");
    expect_file("b", "one\n");
    expect_file("a", "");

    /* Each works once what was wrong is right. */
    put_filter("bad", "SELECT * FROM Test_Event");
    wait_for("\\\"bad\\\"", "works");
    test_load("class Not_There_Yet : __ExtrinsicEvent { };");
    wait_for("\\\"absent\\\"", "works");
    raise_named(L"two");
    wait_for("\\\"bad\\\"", "delivered");
    expect_file("a", "two\n");
}

static void test_failing_consumer(void **state)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *failures = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *failure = NULL;
    CLEANUP(com_cleanup_bstr) BSTR language = SysAllocString(L"WQL");
    CLEANUP(com_cleanup_bstr) BSTR query = SysAllocString(L"SELECT * FROM __ConsumerFailureEvent");
    assert_int_equal(WBEM_S_NO_ERROR,
                     services_create(test_namespace(L"root\\subscription"), NULL, &services));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_ExecNotificationQuery(
                         services, language, query,
                         WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &failures));
    put_filter("f", "SELECT * FROM Test_Event");
    put_filter("failed", "SELECT * FROM __ConsumerFailureEvent");
    put_consumer("none/bad", "%Name%"); /* in a folder that is not there */
    put_consumer("good", "%Name%");
    put_consumer("log", "%Event.Name% %ErrorDescription%");
    put_binding("f", "none/bad");
    put_binding("failed", "none/bad"); /* must not go round for ever */
    put_binding("failed", "log");
    put_binding("f", "good");
    raise_named(L"one");
    wait_for("\\\"log\\\"", "delivered __ConsumerFailureEvent");
    raise_named(L"two");
    wait_for("\\\"good\\\"", "delivered");

    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IEnumWbemClassObject_Next(failures, 30000, 1, &failure, &got));
    CLEANUP(com_cleanup_variant) VARIANT consumer = {0};
    CLEANUP(com_cleanup_variant) VARIANT why = {0};
    CLEANUP(com_cleanup_variant) VARIANT code = {0};
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Get(failure, L"IntendedConsumer", 0, &consumer, NULL, NULL));
    assert_non_null(wcsstr(V_BSTR(&consumer), L"LogFileEventConsumer.Name=\"none/bad\""));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Get(failure, L"ErrorDescription", 0, &why, NULL, NULL));
    assert_non_null(wcsstr(V_BSTR(&why), L"No such file"));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Get(failure, L"ErrorCode", 0, &code, NULL, NULL));
    assert_true(V_I4(&code) < 0);
}

/* A consumer of a class that nothing serves is said, not passed over. */
static void test_unknown_consumer(void **state)
{
    put_filter("f", "SELECT * FROM Test_Event");
    test_load("class MyConsumer : __EventConsumer { [key] string Name; };"
              "instance of MyConsumer { Name = \"m\"; };"
              "instance of __FilterToConsumerBinding { Filter = \"__EventFilter.Name=\\\"f\\\"\"; "
              "Consumer = \"MyConsumer.Name=\\\"m\\\"\"; };");
    wait_for("MyConsumer", "nothing that serves");
}

/* Events of another namespace, for a filter that names it. */
static void test_other_namespace(void **state)
{
    test_load("instance of __EventFilter { Name = \"f\"; QueryLanguage = \"WQL\"; "
              "EventNamespace = \"root\\\\cimv2\"; Query = \"SELECT * FROM __TimerEvent\"; };"
              "#pragma namespace(\"\\\\\\\\.\\\\root\\\\cimv2\")\n"
              "instance of __IntervalTimerInstruction { TimerId = \"t\"; "
              "IntervalBetweenEvents = 20; };");
    put_consumer("a", "%TimerId%");
    put_binding("f", "a");
    wait_for("\\\"a\\\"", "delivered __TimerEvent");
}

static void test_foreign_repository(void **state)
{
    struct repository *r;
    struct subscriptions *s = NULL;
    char place[128];
    snprintf(place, sizeof(place), "%s/repository", folder);
    assert_int_equal(WBEM_S_NO_ERROR, repository_create(place, &r));
    assert_int_equal(0, chmod(place, 0777));
    assert_int_equal(WBEM_E_ACCESS_DENIED, subscriptions_start(r, NULL, &s));
    assert_null(s);
    assert_int_equal(0, chmod(place, 0700));
    assert_int_equal(WBEM_S_NO_ERROR, subscriptions_start(r, NULL, &s));
    subscriptions_stop(s);
    repository_destroy(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_comes_and_goes),     TEST(test_restart),          TEST(test_broken_filters),
        TEST(test_failing_consumer),   TEST(test_unknown_consumer), TEST(test_other_namespace),
        TEST(test_foreign_repository),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
