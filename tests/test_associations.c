/*
 * Associations of the live machine: both ends of each instance are there, each
 * leads to the other by ASSOCIATORS OF, and this program finds itself in them.
 */
#include "local.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

static IWbemServices *services;
static char folder[] = "/tmp/wbem-associations-XXXXXX";

enum {
    PER_CLASS = 12, /* instances that are looked at */
    TEXT = 4096
};

static int connect_once(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    services = local_services();
    return 0;
}

static int disconnect(void **state)
{
    (void)state;
    rmdir(folder);
    IWbemServices_Release(services);
    CoUninitialize();
    return 0;
}

static HRESULT get(const wchar_t *path, IWbemClassObject **ret)
{
    BSTR text = SysAllocString(path);
    HRESULT hr = IWbemServices_GetObject(services, text, 0, NULL, ret, NULL);
    SysFreeString(text);
    return hr;
}

/* Is `wanted` among the __PATHs that the query gives? *ret_count: how many there are. */
static bool has_path(const wchar_t *query, const wchar_t *wanted, ULONG *ret_count)
{
    IEnumWbemClassObject *e =
        local_query(services, query, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    IWbemClassObject *object;
    ULONG got;
    bool found = false;
    HRESULT hr;
    *ret_count = 0;
    while ((hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got)) ==
           WBEM_S_NO_ERROR) {
        BSTR path = local_string(object, L"__PATH");
        found = found || (path && wcscmp(path, wanted) == 0);
        SysFreeString(path);
        IWbemClassObject_Release(object);
        (*ret_count)++;
    }
    if (FAILED(hr)) {
        fail_msg("%ls: 0x%08x %s", query, (unsigned)hr, local_error());
    }
    IEnumWbemClassObject_Release(e);
    return found;
}

/* ---- every association ----------------------------------------------------------- */

/* Processes and threads may end, files and sessions go, while we look. */
static bool may_vanish(const wchar_t *path)
{
    static const wchar_t *const names[] = {L":Win32_Process.", L":Win32_Thread.", L":CIM_DataFile.",
                                           L":Win32_Directory.", L":Win32_LogonSession."};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (wcsstr(path, names[i])) {
            return true;
        }
    }
    return false;
}

/* The end's own path is the text of the reference. False: it has gone. */
static bool check_end(const wchar_t *class_name, const wchar_t *path)
{
    IWbemClassObject *end = NULL;
    HRESULT hr = get(path, &end);
    if (hr == WBEM_E_NOT_FOUND && may_vanish(path)) {
        return false;
    }
    if (FAILED(hr)) {
        fail_msg("%ls: %ls: 0x%08x %s", class_name, path, (unsigned)hr, local_error());
    }
    BSTR own = local_string(end, L"__PATH");
    if (!own || wcscmp(own, path) != 0) {
        fail_msg("%ls: %ls is %ls", class_name, path, own ? own : L"(none)");
    }
    SysFreeString(own);
    IWbemClassObject_Release(end);
    return true;
}

static void check_leads(const wchar_t *class_name, const wchar_t *from, const wchar_t *to)
{
    wchar_t query[TEXT];
    ULONG count;
    assert_true(swprintf(query, TEXT, L"ASSOCIATORS OF {%ls} WHERE AssocClass=%ls KeysOnly", from,
                         class_name) > 0);
    if (!has_path(query, to, &count)) {
        IWbemClassObject *gone = NULL;
        if (FAILED(get(from, &gone)) || FAILED(get(to, &gone))) {
            return; /* between the two looks */
        }
        fail_msg("%ls does not lead from %ls to %ls", class_name, from, to);
    }
}

/* The names of the class's references, in *ret; free each with SysFreeString(). */
static unsigned references_of(IWbemClassObject *object, BSTR ret[2])
{
    unsigned count = 0;
    BSTR name;
    CIMTYPE type;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_BeginEnumeration(object, WBEM_FLAG_NONSYSTEM_ONLY));
    while (IWbemClassObject_Next(object, 0, &name, NULL, &type, NULL) == WBEM_S_NO_ERROR) {
        if (type == CIM_REFERENCE && count < 2) {
            ret[count++] = name;
        } else {
            SysFreeString(name);
        }
    }
    IWbemClassObject_EndEnumeration(object);
    return count;
}

static void check_instance(const wchar_t *class_name, IWbemClassObject *object)
{
    BSTR names[2];
    assert_int_equal(2, references_of(object, names));
    BSTR one = local_string(object, names[0]), other = local_string(object, names[1]);
    assert_non_null(one);
    assert_non_null(other);
    if (check_end(class_name, one) && check_end(class_name, other)) {
        check_leads(class_name, one, other);
        check_leads(class_name, other, one);
    }
    SysFreeString(one);
    SysFreeString(other);
    SysFreeString(names[0]);
    SysFreeString(names[1]);
}

/* 0 when the machine lacks what provides the class (systemd). */
static unsigned check_class(const wchar_t *class_name)
{
    wchar_t query[256];
    unsigned count = 0;
    IWbemClassObject *object;
    ULONG got;
    HRESULT hr = WBEM_S_NO_ERROR;
    swprintf(query, 256, L"SELECT * FROM %ls", class_name);
    IEnumWbemClassObject *e =
        local_query(services, query, WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY);
    while (count < PER_CLASS && (hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object,
                                                                &got)) == WBEM_S_NO_ERROR) {
        check_instance(class_name, object);
        IWbemClassObject_Release(object);
        count++;
    }
    IEnumWbemClassObject_Release(e);
    if (FAILED(hr) && hr != WBEM_E_PROVIDER_LOAD_FAILURE) {
        fail_msg("%ls: 0x%08x %s", class_name, (unsigned)hr, local_error());
    }
    return count;
}

static bool has_qualifier(IWbemClassObject *cls, const wchar_t *name)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(cls, &set));
    HRESULT hr = IWbemQualifierSet_Get(set, name, 0, NULL, NULL);
    IWbemQualifierSet_Release(set);
    return SUCCEEDED(hr);
}

static void ends_are_there_and_lead_to_each_other(void **state)
{
    (void)state;
    IEnumWbemClassObject *e = NULL;
    IWbemClassObject *cls;
    ULONG got;
    unsigned classes = 0, instances = 0;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_CreateClassEnum(
                         services, NULL, WBEM_FLAG_DEEP | WBEM_FLAG_FORWARD_ONLY, NULL, &e));
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &cls, &got) == WBEM_S_NO_ERROR) {
        if (has_qualifier(cls, L"association") && has_qualifier(cls, L"dynamic")) {
            BSTR name = local_string(cls, L"__CLASS");
            unsigned count = check_class(name);
            printf("%ls: %u\n", name, count);
            instances += count;
            classes++;
            SysFreeString(name);
        }
        IWbemClassObject_Release(cls);
    }
    IEnumWbemClassObject_Release(e);
    assert_true(classes >= 22);
    assert_true(instances >= 3 * PER_CLASS); /* processes, files, users at least */
}

/* ---- this program ------------------------------------------------------------------ */

/* The prefix of all paths: \\SERVER\root\cimv2: */
static void put_prefix(wchar_t out[256])
{
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, get(L"Win32_OperatingSystem=@", &object));
    BSTR path = local_string(object, L"__PATH");
    wcscpy(out, path);
    *(wcschr(out, L':') + 1) = L'\0';
    SysFreeString(path);
    IWbemClassObject_Release(object);
}

static void a_process_executes_its_program(void **state)
{
    (void)state;
    char program[1024];
    wchar_t prefix[256], query[TEXT], path[TEXT];
    ULONG count;
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    assert_true(size > 0);
    program[size] = '\0';
    put_prefix(prefix);
    swprintf(query, TEXT,
             L"ASSOCIATORS OF {Win32_Process.Handle=\"%d\"} WHERE AssocClass=CIM_ProcessExecutable",
             (int)getpid());
    swprintf(path, TEXT, L"%lsCIM_DataFile.Name=\"%hs\"", prefix, program);
    assert_true(has_path(query, path, &count));
    assert_true(count > 1); /* the C library too, or the sanitizer's */
}

static void *stand_still(void *barrier)
{
    pthread_barrier_wait(barrier);
    pthread_barrier_wait(barrier);
    return NULL;
}

static void a_process_has_its_threads(void **state)
{
    (void)state;
    wchar_t prefix[256], query[TEXT], path[TEXT];
    ULONG count;
    pthread_t thread;
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, 2);
    assert_int_equal(0, pthread_create(&thread, NULL, stand_still, &barrier));
    pthread_barrier_wait(&barrier);
    put_prefix(prefix);
    swprintf(query, TEXT,
             L"ASSOCIATORS OF {Win32_Process.Handle=\"%d\"} WHERE ResultClass=Win32_Thread",
             (int)getpid());
    swprintf(path, TEXT, L"%lsWin32_Thread.Handle=\"%d\",ProcessHandle=\"%d\"", prefix,
             (int)getpid(), (int)getpid());
    assert_true(has_path(query, path, &count));
    assert_true(count >= 2);
    swprintf(query, TEXT, L"REFERENCES OF {%ls} WHERE ResultClass=CIM_ProcessThread", path);
    (void)has_path(query, L"", &count);
    assert_int_equal(1, count);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
}

/* A process leads to no file but what it executes, whoever asks. */
static void a_process_leads_to_few_classes(void **state)
{
    (void)state;
    wchar_t query[TEXT];
    ULONG count;
    IWbemClassObject *object;
    ULONG got;
    swprintf(query, TEXT, L"REFERENCES OF {Win32_Process.Handle=\"%d\"} WHERE ClassDefsOnly",
             (int)getpid());
    IEnumWbemClassObject *e = local_query(services, query, WBEM_FLAG_FORWARD_ONLY);
    bool executes = false, threads = false, system = false;
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        BSTR name = local_string(object, L"__CLASS");
        executes = executes || wcscmp(name, L"CIM_ProcessExecutable") == 0;
        threads = threads || wcscmp(name, L"CIM_ProcessThread") == 0;
        system = system || wcscmp(name, L"Win32_SystemProcesses") == 0;
        assert_int_not_equal(0, wcscmp(name, L"CIM_DirectoryContainsFile"));
        SysFreeString(name);
        IWbemClassObject_Release(object);
    }
    IEnumWbemClassObject_Release(e);
    assert_true(executes && threads && system);
    /* Through the superclass nobody walks the disk. */
    assert_false(
        has_path(L"SELECT * FROM CIM_Component WHERE __CLASS = 'Win32_SubDirectory'", L"", &count));
    assert_int_equal(0, count);
}

/* ---- a folder of ours ---------------------------------------------------------------- */

static void make(const char *name, bool is_folder)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (is_folder) {
        assert_int_equal(0, mkdir(path, 0700));
    } else {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        fclose(f);
    }
}

static void take_away(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(0, remove(path));
}

static void a_folder_has_its_files(void **state)
{
    (void)state;
    static const char *const files[] = {"plain", "quo\"te", "back\\slash", "\xff\xfe", "br}ace"};
    wchar_t query[TEXT], prefix[256], path[TEXT];
    ULONG count;
    for (size_t i = 0; i < 5; i++) {
        make(files[i], false);
    }
    make("sub", true);
    put_prefix(prefix);
    swprintf(query, TEXT,
             L"ASSOCIATORS OF {Win32_Directory.Name=\"%hs\"} "
             L"WHERE AssocClass=CIM_DirectoryContainsFile",
             folder);
    swprintf(path, TEXT, L"%lsCIM_DataFile.Name=\"%hs/quo\\\"te\"", prefix, folder);
    assert_true(has_path(query, path, &count));
    assert_int_equal(5, count);
    swprintf(query, TEXT,
             L"ASSOCIATORS OF {Win32_Directory.Name=\"%hs\"} "
             L"WHERE AssocClass=Win32_SubDirectory ResultRole=PartComponent",
             folder);
    swprintf(path, TEXT, L"%lsWin32_Directory.Name=\"%hs/sub\"", prefix, folder);
    assert_true(has_path(query, path, &count));
    assert_int_equal(1, count);
    swprintf(query, TEXT, L"ASSOCIATORS OF {CIM_DataFile.Name=\"%hs/back\\\\slash\"}", folder);
    swprintf(path, TEXT, L"%lsWin32_Directory.Name=\"%hs\"", prefix, folder);
    assert_true(has_path(query, path, &count));
    assert_int_equal(1, count);
    for (size_t i = 0; i < 5; i++) {
        take_away(files[i]);
    }
    take_away("sub");
}

/* What a computer without systemd lacks is no reason to fail for who asks for everything. */
static void a_system_leads_to_what_it_has(void **state)
{
    (void)state;
    wchar_t query[TEXT], prefix[256], path[TEXT];
    ULONG count;
    IWbemClassObject *object = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, get(L"Win32_OperatingSystem=@", &object));
    BSTR host = local_string(object, L"CSName");
    put_prefix(prefix);
    swprintf(query, TEXT, L"ASSOCIATORS OF {Win32_ComputerSystem.Name=\"%ls\"} WHERE KeysOnly",
             host);
    swprintf(path, TEXT, L"%lsWin32_Process.Handle=\"%d\"", prefix, (int)getpid());
    assert_true(has_path(query, path, &count));
    swprintf(path, TEXT, L"%lsWin32_OperatingSystem=@", prefix);
    assert_true(has_path(query, path, &count));
    swprintf(query, TEXT, L"SELECT * FROM Win32_SystemOperatingSystem WHERE PrimaryOS = TRUE");
    (void)has_path(query, L"", &count);
    assert_int_equal(1, count);
    SysFreeString(host);
    IWbemClassObject_Release(object);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ends_are_there_and_lead_to_each_other),
        cmocka_unit_test(a_process_executes_its_program),
        cmocka_unit_test(a_process_has_its_threads),
        cmocka_unit_test(a_process_leads_to_few_classes),
        cmocka_unit_test(a_folder_has_its_files),
        cmocka_unit_test(a_system_leads_to_what_it_has),
    };
    return cmocka_run_group_tests_name("associations", tests, connect_once, disconnect);
}
