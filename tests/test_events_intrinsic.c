/*
 * Events of instances, classes and namespaces that come, go and change: polled
 * or told by the repository; and groups of events.
 */
#include "local_events.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

/* ---- a class of the test's own ------------------------------------------------------------- */

static void put_thing_class(const wchar_t *name)
{
    IWbemClassObject *cls = NULL;
    IWbemQualifierSet *qualifiers = NULL;
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_GetObject(event_services, NULL, 0, NULL, &cls, NULL));
    put_string(cls, L"__CLASS", name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"Name", 0, NULL, CIM_STRING));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(cls, L"Value", 0, NULL, CIM_SINT32));
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_GetPropertyQualifierSet(cls, L"Name", &qualifiers));
    VARIANT v;
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemQualifierSet_Put(qualifiers, L"key", &v, 0));
    IWbemQualifierSet_Release(qualifiers);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutClass(event_services, cls, 0, NULL, NULL));
    IWbemClassObject_Release(cls);
}

static void put_instance(IWbemClassObject *instance)
{
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_PutInstance(event_services, instance, 0, NULL, NULL));
    IWbemClassObject_Release(instance);
}

static void put_thing(const wchar_t *cls, const wchar_t *name, LONG value)
{
    IWbemClassObject *thing = new_instance(cls);
    put_string(thing, L"Name", name);
    put_long(thing, L"Value", value);
    put_instance(thing);
}

static void delete_instance(const wchar_t *path)
{
    BSTR text = SysAllocString(path);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_DeleteInstance(event_services, text, 0, NULL, NULL));
    SysFreeString(text);
}

static void delete_class(const wchar_t *name)
{
    BSTR text = SysAllocString(name);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_DeleteClass(event_services, text, 0, NULL, NULL));
    SysFreeString(text);
}

/* The macro would evaluate its argument twice. */
static void release(IWbemClassObject *object)
{
    IWbemClassObject_Release(object);
}

/* The next event is of this class, about the thing of this name and value. */
static IWbemClassObject *expect_thing(IEnumWbemClassObject *e, const wchar_t *event_class,
                                      const wchar_t *name, LONG value)
{
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"__CLASS", event_class);
    IWbemClassObject *target = embedded(event, L"TargetInstance");
    expect_text(target, L"Name", name);
    assert_int_equal(value, local_long(target, L"Value"));
    IWbemClassObject_Release(target);
    return event;
}

static void expect_changes(IEnumWbemClassObject *e, const wchar_t *cls)
{
    wchar_t path[64];
    put_thing(cls, L"a", 1);
    release(expect_thing(e, L"__InstanceCreationEvent", L"a", 1));
    put_thing(cls, L"a", 2);
    IWbemClassObject *event = expect_thing(e, L"__InstanceModificationEvent", L"a", 2);
    IWbemClassObject *before = embedded(event, L"PreviousInstance");
    assert_int_equal(1, local_long(before, L"Value"));
    IWbemClassObject_Release(before);
    IWbemClassObject_Release(event);
    swprintf(path, 64, L"%ls.Name=\"a\"", cls);
    delete_instance(path);
    release(expect_thing(e, L"__InstanceDeletionEvent", L"a", 2));
    expect_nothing(e);
}

/* ---- told by the repository ---------------------------------------------------------------- */

static void test_static_instances(void **state)
{
    put_thing_class(L"Test_Thing");
    IEnumWbemClassObject *e =
        subscribe(L"SELECT * FROM __InstanceOperationEvent WHERE TargetInstance ISA 'Test_Thing'");
    IEnumWbemClassObject *some =
        subscribe(L"SELECT * FROM __InstanceModificationEvent WHERE TargetInstance ISA "
                  L"'Test_Thing' AND PreviousInstance.Value < TargetInstance.Value");
    expect_changes(e, L"Test_Thing");
    release(expect_thing(some, L"__InstanceModificationEvent", L"a", 2));
    expect_nothing(some);
    IEnumWbemClassObject_Release(some);
    IEnumWbemClassObject_Release(e);
    delete_class(L"Test_Thing");
}

static void test_classes(void **state)
{
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM __ClassOperationEvent");
    IEnumWbemClassObject *polled =
        subscribe(L"SELECT * FROM __ClassCreationEvent WITHIN 0.05 WHERE TargetClass.__CLASS = "
                  L"'Test_Class'");
    put_thing_class(L"Test_Class");
    for (int i = 0; i < 2; i++) {
        IWbemClassObject *event = next_event(i == 0 ? e : polled);
        expect_text(event, L"__CLASS", L"__ClassCreationEvent");
        IWbemClassObject *target = embedded(event, L"TargetClass");
        expect_text(target, L"__CLASS", L"Test_Class");
        IWbemClassObject_Release(target);
        IWbemClassObject_Release(event);
    }
    delete_class(L"Test_Class");
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"__CLASS", L"__ClassDeletionEvent");
    IWbemClassObject_Release(event);
    expect_nothing(polled);
    IEnumWbemClassObject_Release(polled);
    IEnumWbemClassObject_Release(e);
}

static void test_namespaces(void **state)
{
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM __NamespaceOperationEvent");
    IEnumWbemClassObject *polled =
        subscribe(L"SELECT * FROM __NamespaceOperationEvent WITHIN 0.05");
    IWbemClassObject *instance = new_instance(L"__NAMESPACE");
    put_string(instance, L"Name", L"watched");
    put_instance(instance);
    for (int i = 0; i < 2; i++) {
        IWbemClassObject *event = next_event(i == 0 ? e : polled);
        expect_text(event, L"__CLASS", L"__NamespaceCreationEvent");
        IWbemClassObject *target = embedded(event, L"TargetNamespace");
        expect_text(target, L"Name", L"watched");
        IWbemClassObject_Release(target);
        IWbemClassObject_Release(event);
    }
    delete_instance(L"__NAMESPACE.Name=\"watched\"");
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"__CLASS", L"__NamespaceDeletionEvent");
    IWbemClassObject_Release(event);
    IEnumWbemClassObject_Release(polled);
    IEnumWbemClassObject_Release(e);
}

/* ---- polled
 * ------------------------------------------------------------------------------------------ */

static void test_polled_instances(void **state)
{
    put_thing_class(L"Test_Polled");
    put_thing(L"Test_Polled", L"there before", 7);
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM __InstanceOperationEvent WITHIN 0.02 "
                                        L"WHERE TargetInstance ISA 'Test_Polled'");
    expect_changes(e, L"Test_Polled");
    /* One more at the same interval shares the poll and sees what comes from now on. */
    put_thing(L"Test_Polled", L"b", 1);
    IEnumWbemClassObject *late = subscribe(L"SELECT * FROM __InstanceCreationEvent WITHIN 0.02 "
                                           L"WHERE TargetInstance ISA 'Test_Polled'");
    put_thing(L"Test_Polled", L"c", 1);
    release(expect_thing(e, L"__InstanceCreationEvent", L"b", 1));
    release(expect_thing(e, L"__InstanceCreationEvent", L"c", 1));
    release(expect_thing(late, L"__InstanceCreationEvent", L"c", 1));
    IEnumWbemClassObject_Release(e);
    put_thing(L"Test_Polled", L"d", 1); /* the other goes on */
    release(expect_thing(late, L"__InstanceCreationEvent", L"d", 1));
    IEnumWbemClassObject_Release(late);
    delete_class(L"Test_Polled");
}

/* A poll can't go on without its class: what waits is told. */
static void test_class_goes(void **state)
{
    put_thing_class(L"Test_Gone");
    IEnumWbemClassObject *e = subscribe(L"SELECT * FROM __InstanceCreationEvent WITHIN 0.02 "
                                        L"WHERE TargetInstance ISA 'Test_Gone'");
    delete_class(L"Test_Gone");
    IWbemClassObject *event = NULL;
    ULONG got;
    assert_int_equal(WBEM_E_INVALID_CLASS, IEnumWbemClassObject_Next(e, 30000, 1, &event, &got));
    IEnumWbemClassObject_Release(e);
}

static void expect_process(IEnumWbemClassObject *e, const wchar_t *event_class, pid_t process)
{
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"__CLASS", event_class);
    IWbemClassObject *target = embedded(event, L"TargetInstance");
    assert_int_equal(process, local_long(target, L"ProcessId"));
    IWbemClassObject_Release(target);
    IWbemClassObject_Release(event);
}

static void test_polled_processes(void **state)
{
    wchar_t query[256];
    swprintf(query, 256,
             L"SELECT * FROM __InstanceOperationEvent WITHIN 0.02 WHERE TargetInstance ISA "
             L"'Win32_Process' AND TargetInstance.ParentProcessId = %d AND NOT __CLASS = "
             L"'__InstanceModificationEvent'",
             (int)getpid());
    IEnumWbemClassObject *e = subscribe(query);
    pid_t child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    expect_process(e, L"__InstanceCreationEvent", child);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    expect_process(e, L"__InstanceDeletionEvent", child);
    IEnumWbemClassObject_Release(e);
}

/* ---- files: an interval of a day shows that nothing is polled ---------------------------------
 */

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(0, fclose(f));
}

/* The next event of that class whose object's property is the text; modifications of others are
 * passed over, since one write can be several. */
static void expect_file(IEnumWbemClassObject *e, const wchar_t *event_class,
                        const wchar_t *property, const wchar_t *text)
{
    for (bool found = false; !found;) {
        IWbemClassObject *event = next_event(e);
        IWbemClassObject *target = embedded(event, L"TargetInstance");
        BSTR name = local_string(event, L"__CLASS");
        BSTR value = local_string(target, property);
        found = wcscmp(name, event_class) == 0 && value && wcscmp(value, text) == 0;
        assert_true(found || wcscmp(name, L"__InstanceModificationEvent") == 0);
        SysFreeString(name);
        SysFreeString(value);
        IWbemClassObject_Release(target);
        IWbemClassObject_Release(event);
    }
}

static void test_files(void **state)
{
    char folder[] = "/tmp/wbem-files-XXXXXX";
    char path[64];
    char other[64];
    wchar_t wide[64];
    wchar_t query[256];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/it's", folder);
    snprintf(other, sizeof(other), "%s/other", folder);
    swprintf(wide, 64, L"%hs", path);
    swprintf(query, 256,
             L"SELECT * FROM __InstanceOperationEvent WITHIN 86400 WHERE TargetInstance ISA "
             L"'CIM_DataFile' AND TargetInstance.Path = '%hs/'",
             folder);
    IEnumWbemClassObject *all = subscribe(query);
    swprintf(query, 256,
             L"SELECT * FROM __InstanceDeletionEvent WHERE TargetInstance ISA 'CIM_DataFile' AND "
             L"TargetInstance.Name = '%hs/it\\'s'",
             folder);
    IEnumWbemClassObject *one = subscribe(query);
    swprintf(query, 256,
             L"SELECT * FROM __InstanceCreationEvent WITHIN 86400 WHERE TargetInstance ISA "
             L"'CIM_DirectoryContainsFile' AND TargetInstance.GroupComponent = "
             L"'Win32_Directory.Name=\"%hs\"'",
             folder);
    IEnumWbemClassObject *contained = subscribe(query);

    write_file(path, "");
    expect_file(all, L"__InstanceCreationEvent", L"Name", wide);
    IWbemClassObject *event = next_event(contained);
    IWbemClassObject_Release(event);
    write_file(path, "12345");
    expect_file(all, L"__InstanceModificationEvent", L"FileSize", L"5");
    write_file(other, "");
    assert_int_equal(0, unlink(other));
    assert_int_equal(0, unlink(path));
    expect_file(one, L"__InstanceDeletionEvent", L"Name", wide);
    IEnumWbemClassObject_Release(all);
    IEnumWbemClassObject_Release(one);
    IEnumWbemClassObject_Release(contained);
    assert_int_equal(0, rmdir(folder));
}

/* A folder that is not there yet is polled until it is. */
static void test_files_later(void **state)
{
    char folder[] = "/tmp/wbem-files-XXXXXX";
    char path[64];
    wchar_t wide[64];
    wchar_t query[256];
    assert_non_null(mkdtemp(folder));
    assert_int_equal(0, rmdir(folder));
    snprintf(path, sizeof(path), "%s/file", folder);
    swprintf(wide, 64, L"%hs", path);
    swprintf(query, 256,
             L"SELECT * FROM __InstanceCreationEvent WITHIN 0.05 WHERE TargetInstance ISA "
             L"'CIM_DataFile' AND TargetInstance.Path = '%hs/'",
             folder);
    IEnumWbemClassObject *e = subscribe(query);
    assert_int_equal(0, mkdir(folder, 0700));
    write_file(path, "x");
    expect_file(e, L"__InstanceCreationEvent", L"Name", wide);
    IEnumWbemClassObject_Release(e);
    assert_int_equal(0, unlink(path));
    assert_int_equal(0, rmdir(folder));
}

static void refused(const wchar_t *query, HRESULT expected, const char *why)
{
    IEnumWbemClassObject *e;
    assert_int_equal(expected, try_subscribe(query, SEMISYNC, &e));
    assert_null(e);
    assert_non_null(strstr(local_error(), why));
}

static void test_refused(void **state)
{
    refused(L"SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Win32_Process'",
            WBEMESS_E_REGISTRATION_TOO_PRECISE, "WITHIN");
    refused(L"SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'CIM_LogicalElement'",
            WBEMESS_E_REGISTRATION_TOO_PRECISE, "CIM_LogicalElement");
    refused(L"SELECT * FROM __InstanceCreationEvent WITHIN 1", WBEMESS_E_REGISTRATION_TOO_BROAD,
            "TargetInstance ISA");
    refused(L"SELECT * FROM __InstanceCreationEvent WITHIN 1 WHERE TargetInstance ISA 'Nothing'",
            WBEM_E_INVALID_CLASS, "Nothing");
    refused(L"SELECT * FROM __InstanceCreationEvent WHERE TargetInstance ISA 'Nothing'",
            WBEM_E_INVALID_CLASS, "Nothing");
}

/* ---- grouped
 * -------------------------------------------------------------------------------------- */

static void expect_group(IEnumWbemClassObject *e, LONG count, const wchar_t *drive)
{
    IWbemClassObject *event = next_event(e);
    expect_text(event, L"__CLASS", L"__AggregateEvent");
    assert_int_equal(count, local_long(event, L"NumberOfEvents"));
    IWbemClassObject *one = embedded(event, L"Representative");
    expect_text(one, L"DriveName", drive);
    IWbemClassObject_Release(one);
    IWbemClassObject_Release(event);
}

static void test_groups(void **state)
{
    IEnumWbemClassObject *all = subscribe(
        L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType = 4 GROUP WITHIN 1 BY DriveName");
    IEnumWbemClassObject *many =
        subscribe(L"SELECT * FROM Win32_VolumeChangeEvent WHERE EventType = 4 GROUP WITHIN 1 BY "
                  L"DriveName HAVING NumberOfEvents > 1");
    raise_event(L"/x", 4);
    raise_event(L"/y", 4);
    raise_event(L"/other", 3);
    raise_event(L"/y", 4);
    raise_event(L"/y", 4);
    expect_group(all, 1, L"/x");
    expect_group(all, 3, L"/y");
    expect_group(many, 3, L"/y");
    expect_nothing(all);
    IEnumWbemClassObject_Release(all);
    IEnumWbemClassObject_Release(many);
}

static int connect_once(void **state)
{
    events_connect();
    return 0;
}

static int disconnect(void **state)
{
    events_disconnect();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_static_instances),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_polled_instances),
        cmocka_unit_test(test_class_goes),
        cmocka_unit_test(test_polled_processes),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_files_later),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_groups),
    };
    return cmocka_run_group_tests(tests, connect_once, disconnect);
}
