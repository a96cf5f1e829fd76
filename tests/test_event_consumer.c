/*
 * Permanent subscriptions with consumers of others: a provider takes the events,
 * refuses some, ends in the midst of one and is begun again.
 * usage: test-event-consumer SHARED_OBJECT [own]
 */
#include "hosting.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wbem.h>
#include <wchar.h>

static IWbemServices *services;
static const char *model = "WmiCore";
static wbem_subscriptions *running;

static struct {
    pthread_mutex_t lock;
    sem_t said;
    char lines[100][300]; /* under lock, as what follows */
    size_t count, taken;
} told = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void hear(void *closure, int is_problem, const char *line)
{
    pthread_mutex_lock(&told.lock);
    if (told.count < 100) {
        snprintf(told.lines[told.count++], sizeof told.lines[0], "%s", line);
        sem_post(&told.said);
    }
    pthread_mutex_unlock(&told.lock);
}

/* Passes over the lines before it. */
static void wait_for(const char *what)
{
    for (bool found = false; !found;) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 60;
        if (sem_timedwait(&told.said, &until) != 0) {
            fail_msg("nobody said '%s'", what);
        }
        pthread_mutex_lock(&told.lock);
        found = strstr(told.lines[told.taken++], what) != NULL;
        pthread_mutex_unlock(&told.lock);
    }
}

static const char mof[] =
    "class Test_Event : __ExtrinsicEvent { string What; };"
    "class Test_Consumer : __EventConsumer { [key] string Name; string File; string Prefix; };"
    "class Test_Derived : Test_Consumer { };"
    "class Test_Orphan : __EventConsumer { [key] string Name; };"
    "instance of __Win32Provider as $P { Name = \"Consumers\"; HostingModel = \"%s\";"
    "  CLSID = \"{6F0C6A10-1F0B-4F6E-9D53-2A8F106E5501}\"; };"
    "instance of __EventConsumerProviderRegistration"
    "  { provider = $P; ConsumerClassNames = {\"Test_Other\", \"Test_Consumer\"}; };"
    "instance of __EventFilter as $F"
    "  { Name = \"f\"; QueryLanguage = \"WQL\"; Query = \"SELECT * FROM Test_Event\"; };"
    "instance of Test_Derived as $C { Name = \"c\"; File = \"%s/lines\"; Prefix = \"1 \"; };"
    "instance of __FilterToConsumerBinding { Filter = $F; Consumer = $C; };";
static const char changed[] =
    "instance of Test_Derived { Name = \"c\"; File = \"%s/lines\"; Prefix = \"2 \"; };";
static const char orphan[] =
    "instance of Test_Orphan as $C { Name = \"o\"; };"
    "instance of __FilterToConsumerBinding { Filter = \"__EventFilter.Name=\\\"f\\\"\";"
    "  Consumer = $C; };";

static const char late[] = "instance of __EventConsumerProviderRegistration"
                           "  { provider = \"__Win32Provider.Name=\\\"Consumers\\\"\";"
                           "    ConsumerClassNames = {\"Test_Consumer\", \"Test_Orphan\"}; };";

static void compile(const char *text)
{
    IMofCompiler *compiler = NULL;
    wchar_t place[] = L"root\\subscription";
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_MofCompiler, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IMofCompiler, (void **)&compiler));
    HRESULT hr = IMofCompiler_CompileBuffer(compiler, (LONG)strlen(text), (BYTE *)(uintptr_t)text,
                                            place, NULL, NULL, NULL, 0, 0, 0, NULL);
    if (FAILED(hr)) {
        fail_msg("0x%08x, %s", (unsigned)hr, local_error());
    }
    IMofCompiler_Release(compiler);
}

static void raise_event(const wchar_t *what)
{
    IWbemObjectSink *sink = NULL;
    IWbemClassObject *event = hosting_spawn(services, L"Test_Event");
    hosting_put_text(event, L"What", what);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_QueryObjectSink(services, 0, &sink));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemObjectSink_Indicate(sink, 1, &event));
    IWbemObjectSink_Release(sink);
    IWbemClassObject_Release(event);
}

static void expect_lines(const char *expected)
{
    char path[200], text[1000] = "";
    snprintf(path, sizeof path, "%s/lines", hosting_folder());
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    (void)fread(text, 1, sizeof text - 1, f);
    (void)fclose(f);
    assert_string_equal(expected, text);
}

static int prepare(void **state)
{
    IWbemLocator *locator = NULL;
    char text[4096];
    sem_init(&told.said, 0, 0);
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    snprintf(text, sizeof text, mof, model, hosting_folder());
    compile(text);
    BSTR place = SysAllocString(L"root\\subscription");
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    assert_int_equal(S_OK, IWbemLocator_ConnectServer(locator, place, NULL, NULL, NULL, 0, NULL,
                                                      NULL, &services));
    SysFreeString(place);
    IWbemLocator_Release(locator);
    assert_int_equal(S_OK, wbem_subscriptions_start(hear, NULL, &running));
    return 0;
}

static int finish(void **state)
{
    wbem_subscriptions_stop(running);
    IWbemServices_Release(services);
    CoUninitialize();
    sem_destroy(&told.said);
    return 0;
}

static void test_events_go_to_the_provider(void **state)
{
    char text[500];
    raise_event(L"a");
    wait_for("delivered Test_Event");
    raise_event(L"b");
    wait_for("delivered Test_Event");
    expect_lines("found\n1 a\n1 b\n");
    /* A consumer that is changed is found anew. */
    snprintf(text, sizeof text, changed, hosting_folder());
    compile(text);
    raise_event(L"c");
    wait_for("delivered Test_Event");
    expect_lines("found\n1 a\n1 b\nfound\n2 c\n");
}

static void test_what_it_refuses_is_told(void **state)
{
    bool own = strcmp(model, "WmiCore") != 0;
    raise_event(L"refuse");
    wait_for("Consumers did not take the event: 0x80041003 WBEM_E_ACCESS_DENIED");
    if (own) {
        raise_event(L"crash");
        wait_for("the consumer has failed");
    }
    /* After a failure the sink is asked for anew. */
    raise_event(L"d");
    wait_for("delivered Test_Event");
    expect_lines(own ? "found\n1 a\n1 b\nfound\n2 c\nfound\nfound\n2 d\n"
                     : "found\n1 a\n1 b\nfound\n2 c\nfound\n2 d\n");
}

static void test_nobody_serves_other_classes(void **state)
{
    compile(orphan);
    wait_for("there is nothing that serves consumers of the class Test_Orphan");
    compile(late);
    raise_event(L"e");
    wait_for("found no sink for the consumer"); /* it is asked: an orphan has no File */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_events_go_to_the_provider),
                                       cmocka_unit_test(test_what_it_refuses_is_told),
                                       cmocka_unit_test(test_nobody_serves_other_classes)};
    if (argc > 2 && strcmp(argv[2], "own") == 0) {
        model = "LocalServiceHost";
    }
    hosting_prepare(argc > 1 ? argv[1] : "");
    int failed = cmocka_run_group_tests(tests, prepare, finish);
    hosting_cleanup();
    return failed;
}
