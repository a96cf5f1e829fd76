/*
 * ExecMethod and ExecMethodAsync on the live machine, and the methods of
 * Win32_Process. This program takes orphans in, so that it can wait for what
 * Create started and see how it ended.
 */
#include "methods.h"

#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static IWbemServices *services;
static char folder[] = "/tmp/wbem-methods-XXXXXX";

static int connect_once(void **state)
{
    assert_non_null(mkdtemp(folder));
    assert_int_equal(0, prctl(PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L));
    services = local_services();
    return 0;
}

static int disconnect(void **state)
{
    rmdir(folder);
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

/* ---- starting ------------------------------------------------------------------------ */

static LONG create(const wchar_t *line, const wchar_t *directory, IWbemClassObject *startup,
                   pid_t *ret)
{
    IWbemClassObject *in = methods_in(services, L"Win32_Process", L"Create"), *out = NULL;
    methods_put_string(in, L"CommandLine", line);
    if (directory) {
        methods_put_string(in, L"CurrentDirectory", directory);
    }
    if (startup) {
        VARIANT v;
        V_VT(&v) = VT_UNKNOWN;
        V_UNKNOWN(&v) = (IUnknown *)startup;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemClassObject_Put(in, L"ProcessStartupInformation", 0, &v, 0));
    }
    HRESULT hr = methods_call(services, L"Win32_Process", L"Create", in, &out);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    LONG code = local_long(out, L"ReturnValue");
    if (code == 0) {
        *ret = (pid_t)local_long(out, L"ProcessId");
        assert_true(*ret > 0);
    } else {
        VARIANT v;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemClassObject_Get(out, L"ProcessId", 0, &v, NULL, NULL));
        assert_int_equal(VT_NULL, V_VT(&v));
    }
    IWbemClassObject_Release(out);
    return code;
}

/* What `line` wrote to the file "out" in our folder, which it was given as its directory; it has
 * ended well. Static. */
static const char *output_of(const wchar_t *line, IWbemClassObject *startup)
{
    static char text[4096];
    char path[64];
    wchar_t wide[64];
    pid_t pid = -1;
    int status = -1;
    swprintf(wide, 64, L"%hs", folder);
    assert_int_equal(0, create(line, wide, startup, &pid));
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_true(WIFEXITED(status));
    assert_int_equal(0, WEXITSTATUS(status));
    snprintf(path, sizeof path, "%s/out", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    remove(path);
    return text;
}

static void process_path(pid_t pid, wchar_t path[64])
{
    swprintf(path, 64, L"Win32_Process.Handle=\"%d\"", (int)pid);
}

static bool is_there(pid_t pid)
{
    wchar_t query[128];
    ULONG got = 0;
    IWbemClassObject *object = NULL;
    swprintf(query, 128, L"SELECT Handle FROM Win32_Process WHERE ProcessId = %d", (int)pid);
    IEnumWbemClassObject *e =
        local_query(services, query, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    assert_true(SUCCEEDED(IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got)));
    if (got) {
        IWbemClassObject_Release(object);
    }
    IEnumWbemClassObject_Release(e);
    return got == 1;
}

static void assert_value(IWbemClassObject *object, const wchar_t *name, const char *expected)
{
    char text[512];
    BSTR value = local_string(object, name);
    assert_non_null(value);
    snprintf(text, sizeof text, "%ls", value);
    assert_string_equal(expected, text);
    SysFreeString(value);
}

static void test_life_of_a_process(void **state)
{
    pid_t pid = -1;
    wchar_t path[64];
    IWbemClassObject *out = NULL;
    assert_int_equal(0, create(L"sleep 1000", NULL, NULL, &pid));
    assert_true(is_there(pid));
    assert_int_equal(pid, getsid(pid));
    process_path(pid, path);

    assert_int_equal(WBEM_S_NO_ERROR, methods_call(services, path, L"GetOwner", NULL, &out));
    assert_int_equal(0, local_long(out, L"ReturnValue"));
    struct passwd *me = getpwuid(geteuid());
    char number[32];
    snprintf(number, sizeof number, "%u", (unsigned)geteuid());
    assert_value(out, L"User", me ? me->pw_name : number);
    IWbemClassObject_Release(out);

    assert_int_equal(WBEM_S_NO_ERROR, methods_call(services, path, L"GetOwnerSid", NULL, &out));
    char sid[32];
    snprintf(sid, sizeof sid, "S-1-22-1-%u", (unsigned)geteuid());
    assert_value(out, L"Sid", sid);
    IWbemClassObject_Release(out);

    IWbemClassObject *in = methods_in(services, L"Win32_Process", L"SetPriority");
    methods_put_long(in, L"Priority", 16384);
    assert_int_equal(0, methods_result(services, path, L"setpriority", in));
    assert_int_equal(10, getpriority(PRIO_PROCESS, (id_t)pid));
    in = methods_in(services, L"Win32_Process", L"SetPriority");
    methods_put_long(in, L"Priority", 5);
    assert_int_equal(21, methods_result(services, path, L"SetPriority", in));

    assert_int_equal(1, methods_result(services, path, L"AttachDebugger", NULL));

    assert_int_equal(0, methods_result(services, path, L"Terminate", NULL));
    int status = 0;
    assert_int_equal(pid, waitpid(pid, &status, 0));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(SIGKILL, WTERMSIG(status));
    assert_false(is_there(pid));
    assert_int_equal(WBEM_E_NOT_FOUND, methods_call(services, path, L"Terminate", NULL, NULL));
}

/* ---- how a program is started -------------------------------------------------------- */

static void test_command_line(void **state)
{
    assert_string_equal("a b|\\|\"|$HOME|c'd|", output_of(L"sh -c 'printf \"%s|\" \"$@\" > out' sh "
                                                          L"\"a b\" \\\\ \"\\\"\" $HOME c\\'d",
                                                          NULL));
}

static IWbemClassObject *startup_create(void)
{
    IWbemClassObject *definition = NULL, *startup = NULL;
    BSTR name = SysAllocString(L"Win32_ProcessStartup");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, name, 0, NULL, &definition, NULL));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(definition, 0, &startup));
    IWbemClassObject_Release(definition);
    SysFreeString(name);
    return startup;
}

static void put_environment(IWbemClassObject *startup, const wchar_t *const *texts, ULONG count)
{
    VARIANT v;
    V_VT(&v) = VT_ARRAY | VT_BSTR;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_BSTR, 0, count);
    for (LONG i = 0; i < (LONG)count; i++) {
        BSTR text = SysAllocString(texts[i]);
        assert_int_equal(S_OK, SafeArrayPutElement(V_ARRAY(&v), &i, text));
        SysFreeString(text);
    }
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Put(startup, L"EnvironmentVariables", 0, &v, 0));
    VariantClear(&v);
}

static void test_startup(void **state)
{
    static const wchar_t *const settings[] = {L"PATH=/bin:/usr/bin", L"COLOUR=dark red"};
    static const wchar_t *const wrong[] = {L"NOTHING"};
    IWbemClassObject *startup = startup_create();
    put_environment(startup, settings, 2);
    methods_put_long(startup, L"PriorityClass", 64);
    assert_string_equal("dark red,,19\n",
                        output_of(L"sh -c 'echo \"$COLOUR,$HOME,$(nice)\" > out'", startup));
    pid_t pid;
    put_environment(startup, wrong, 1);
    assert_int_equal(21, create(L"true", NULL, startup, &pid));
    IWbemClassObject_Release(startup);

    startup = startup_create();
    methods_put_long(startup, L"PriorityClass", 7);
    assert_int_equal(21, create(L"true", NULL, startup, &pid));
    IWbemClassObject_Release(startup);
}

/* Nothing of ours is open in it, and no signal is ignored or blocked. */
static void test_detached(void **state)
{
    int ends[2];
    assert_int_equal(0, pipe(ends)); /* without O_CLOEXEC */
    assert_true(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
    assert_string_equal("/dev/null\n", output_of(L"sh -c 'readlink /proc/$$/fd/2 > out'", NULL));
    const char *open = output_of(L"sh -c 'ls /proc/$$/fd > out'", NULL);
    char leaked[16];
    snprintf(leaked, sizeof leaked, "\n%d\n", ends[1]);
    assert_null(strstr(open, leaked));
    /* Of grep, which inherits them: the shell itself blocks some while it waits. */
    const char *signals = output_of(L"sh -c 'grep -E ^Sig[BI] /proc/self/status > out'", NULL);
    assert_non_null(strstr(signals, "SigBlk:\t0000000000000000"));
    assert_non_null(strstr(signals, "SigIgn:\t0000000000000000"));
    signal(SIGUSR1, SIG_DFL);
    close(ends[0]);
    close(ends[1]);
}

static void test_create_refused(void **state)
{
    pid_t pid;
    wchar_t line[128];
    char path[64];
    assert_int_equal(9, create(L"/nowhere/nothing", NULL, NULL, &pid));
    assert_int_equal(9, create(L"there-is-no-such-program", NULL, NULL, &pid));
    assert_int_equal(9, create(L"true", L"/nowhere", NULL, &pid));
    assert_int_equal(21, create(L"  ", NULL, NULL, &pid));
    assert_int_equal(21, create(L"echo 'no end", NULL, NULL, &pid));
    snprintf(path, sizeof path, "%s/text", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs("nothing to execute\n", f);
    fclose(f);
    swprintf(line, 128, L"%hs", path);
    assert_int_equal(2, create(line, NULL, NULL, &pid)); /* even for root: no x at all */
    assert_int_equal(0, chmod(path, 0700));
    assert_int_equal(8, create(line, NULL, NULL, &pid)); /* no program, and no shell is asked */
    remove(path);
    /* Those that came to nothing are orphans too; the children between them and us are gone. */
    while (waitpid(-1, NULL, 0) > 0) {
    }
    assert_int_equal(-1, waitpid(-1, NULL, WNOHANG | __WALL));
}

/* ---- the call ------------------------------------------------------------------------ */

static void test_refused(void **state)
{
    wchar_t self[64];
    process_path(getpid(), self);
    static const struct {
        const wchar_t *path, *method;
        HRESULT expected;
    } cases[] = {
        {NULL, L"Create", WBEM_E_INVALID_PARAMETER},
        {L"Win32_Process", NULL, WBEM_E_INVALID_PARAMETER},
        {L"Win32_Process.", L"Create", WBEM_E_INVALID_OBJECT_PATH},
        {L"Win32_Nothing", L"Create", WBEM_E_INVALID_CLASS},
        {L"root\\default:Win32_Process", L"Create", WBEM_E_INVALID_NAMESPACE},
        {L"Win32_Process", L"Nothing", WBEM_E_INVALID_METHOD},
        {L"Win32_Process", L"Terminate", WBEM_E_INVALID_OBJECT_PATH}, /* an instance's */
        {L"Win32_Process.Handle=\"0\"", L"GetOwner", WBEM_E_NOT_FOUND},
        {L"Win32_Process.Handle=\"0\"", L"GetAvailableVirtualSize", WBEM_E_METHOD_NOT_IMPLEMENTED},
        {L"Win32_Process", L"Create", WBEM_E_INVALID_METHOD_PARAMETERS}, /* no command line */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        IWbemClassObject *out = (IWbemClassObject *)1;
        assert_int_equal(cases[i].expected,
                         methods_call(services, cases[i].path, cases[i].method, NULL, &out));
        assert_null(out);
        assert_string_not_equal("", local_error());
    }
}

static void test_wrong_parameters(void **state)
{
    VARIANT v;
    /* One that the method does not have: an object of some other kind. */
    IWbemClassObject *in = methods_in(services, L"Win32_Process", L"SetPriority");
    methods_put_long(in, L"Priority", 32);
    assert_int_equal(WBEM_E_INVALID_METHOD_PARAMETERS,
                     methods_call(services, L"Win32_Process", L"Create", in, NULL));
    assert_non_null(strstr(local_error(), "Priority"));

    /* One of another type. */
    IWbemClassObject *signature = NULL, *definition = NULL;
    BSTR name = SysAllocString(L"__PARAMETERS");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(services, name, 0, NULL, &definition, NULL));
    SysFreeString(name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Clone(definition, &signature));
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"much");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Put(signature, L"Priority", 0, &v, CIM_STRING));
    VariantClear(&v);
    wchar_t self[64];
    process_path(getpid(), self);
    IWbemClassObject_AddRef(signature);
    assert_int_equal(WBEM_E_INVALID_METHOD_PARAMETERS,
                     methods_call(services, self, L"SetPriority", signature, NULL));
    assert_non_null(strstr(local_error(), "Priority"));
    /* To a method that takes none. */
    assert_int_equal(WBEM_E_INVALID_METHOD_PARAMETERS,
                     methods_call(services, self, L"GetOwner", signature, NULL));
    assert_non_null(strstr(local_error(), "Priority"));
    IWbemClassObject_Release(definition);

    /* An embedded object of another class. */
    in = methods_in(services, L"Win32_Process", L"Create");
    methods_put_string(in, L"CommandLine", L"true");
    IWbemClassObject *wrong = methods_in(services, L"Win32_Process", L"SetPriority");
    V_VT(&v) = VT_UNKNOWN;
    V_UNKNOWN(&v) = (IUnknown *)wrong;
    if (SUCCEEDED(IWbemClassObject_Put(in, L"ProcessStartupInformation", 0, &v, 0))) {
        assert_int_equal(WBEM_E_INVALID_METHOD_PARAMETERS,
                         methods_call(services, L"Win32_Process", L"Create", in, NULL));
        assert_non_null(strstr(local_error(), "ProcessStartupInformation"));
    } else {
        IWbemClassObject_Release(in);
    }
    IWbemClassObject_Release(wrong);
}

static HRESULT start_on(pid_t pid, const wchar_t *method, LONG flags, IWbemObjectSink *sink,
                        IWbemCallResult **ret)
{
    wchar_t path[64];
    process_path(pid, path);
    BSTR path_text = SysAllocString(path), name = SysAllocString(method);
    HRESULT hr =
        sink ? IWbemServices_ExecMethodAsync(services, path_text, name, flags, NULL, NULL, sink)
             : IWbemServices_ExecMethod(services, path_text, name, flags, NULL, NULL, NULL, ret);
    SysFreeString(path_text);
    SysFreeString(name);
    return hr;
}

static HRESULT start(const wchar_t *method, LONG flags, IWbemObjectSink *sink,
                     IWbemCallResult **ret)
{
    return start_on(getpid(), method, flags, sink, ret);
}

static void test_semisynchronous(void **state)
{
    IWbemCallResult *result = NULL;
    IWbemClassObject *out = NULL;
    LONG status = -1;
    assert_int_equal(WBEM_S_NO_ERROR,
                     start(L"GetOwner", WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &result));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemCallResult_GetResultObject(result, WBEM_INFINITE, &out));
    assert_int_equal(0, local_long(out, L"ReturnValue"));
    IWbemClassObject_Release(out);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemCallResult_GetCallStatus(result, 0, &status));
    assert_int_equal(WBEM_S_NO_ERROR, status);
    IWbemCallResult_Release(result);

    /* An object that is not there is found out in the background. */
    assert_int_equal(WBEM_S_NO_ERROR,
                     start_on(0, L"GetOwner", WBEM_FLAG_RETURN_IMMEDIATELY, NULL, &result));
    assert_int_equal(WBEM_E_NOT_FOUND,
                     IWbemCallResult_GetResultObject(result, WBEM_INFINITE, &out));
    assert_non_null(strstr(local_error(), "no such instance"));
    IWbemCallResult_Release(result);

    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     start(L"GetOwner", WBEM_FLAG_RETURN_IMMEDIATELY, NULL, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     start(L"GetOwner", WBEM_FLAG_SHALLOW, NULL, &result));
    assert_null(result);
}

static void test_asynchronous(void **state)
{
    struct memory_sink sink;
    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, start(L"GetOwner", WBEM_FLAG_SEND_STATUS, &sink.sink, NULL));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, sink.status);
    assert_int_equal(1, sink.count);
    assert_int_equal(0, local_long(sink.objects[0], L"ReturnValue"));
    memory_sink_done(&sink);

    memory_sink_init(&sink);
    assert_int_equal(WBEM_S_NO_ERROR, start_on(0, L"GetOwner", 0, &sink.sink, NULL));
    memory_sink_wait(&sink);
    assert_int_equal(WBEM_E_NOT_FOUND, sink.status);
    assert_int_equal(0, sink.count);
    assert_int_equal(1, sink.statuses);
    assert_non_null(sink.detail);
    memory_sink_done(&sink);

    /* What is wrong with the call itself is told at once, and the sink is not used. */
    memory_sink_init(&sink);
    assert_int_equal(WBEM_E_INVALID_METHOD, start(L"Nothing", 0, &sink.sink, NULL));
    assert_int_equal(WBEM_E_INVALID_PARAMETER,
                     start(L"GetOwner", WBEM_FLAG_RETURN_IMMEDIATELY, &sink.sink, NULL));
    assert_int_equal(0, sink.statuses);
    memory_sink_done(&sink);
}

static void *wait_for_end(void *arg)
{
    int *ends = arg;
    char end;
    pid_t self = gettid();
    assert_int_equal(sizeof self, write(ends[3], &self, sizeof self));
    assert_int_equal(1, read(ends[0], &end, 1));
    return NULL;
}

/* A process's priority is that of all of its threads. Last, as only root gets it back. */
static void test_priority_of_threads(void **state)
{
    int ends[4];
    pthread_t thread;
    pid_t other;
    assert_int_equal(0, pipe(ends));
    assert_int_equal(0, pipe(ends + 2));
    assert_int_equal(0, pthread_create(&thread, NULL, wait_for_end, ends));
    assert_int_equal(sizeof other, read(ends[2], &other, sizeof other));
    wchar_t self[64];
    process_path(getpid(), self);
    IWbemClassObject *in = methods_in(services, L"Win32_Process", L"SetPriority");
    methods_put_long(in, L"Priority", 16384);
    assert_int_equal(0, methods_result(services, self, L"SetPriority", in));
    assert_int_equal(10, getpriority(PRIO_PROCESS, (id_t)getpid()));
    assert_int_equal(10, getpriority(PRIO_PROCESS, (id_t)other));
    assert_int_equal(1, write(ends[1], "", 1));
    assert_int_equal(0, pthread_join(thread, NULL));
    for (size_t i = 0; i < 4; i++) {
        close(ends[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life_of_a_process), cmocka_unit_test(test_command_line),
        cmocka_unit_test(test_startup),           cmocka_unit_test(test_detached),
        cmocka_unit_test(test_create_refused),    cmocka_unit_test(test_refused),
        cmocka_unit_test(test_wrong_parameters),  cmocka_unit_test(test_semisynchronous),
        cmocka_unit_test(test_asynchronous),      cmocka_unit_test(test_priority_of_threads),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
