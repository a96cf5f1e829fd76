/*
 * Win32_Service and Win32_LogonSession against a systemd and a logind made for
 * the test, on a bus of its own. Without dbus-daemon only what holds without a
 * bus is tested.
 */
#include "providers/linux/bus.h"

#include "providers/linux/test_fake_bus.h"
#include "providers/linux/test_machine.h"

#include <signal.h>
#include <stdatomic.h>

/* ---- the bus ------------------------------------------------------------------- */

static atomic_uint loads, details, lists;

struct fake {
    const char *name, *path, *description, *active, *file_state;
    uint32_t pid;
    int32_t code, status;
};

static const struct fake fakes[] = {
    {"ssh.service", "/org/freedesktop/systemd1/unit/ssh", "OpenSSH server", "active", "enabled", 77,
     0, 0},
    {"bad.service", "/org/freedesktop/systemd1/unit/bad", "Failing", "failed", "disabled", 0,
     CLD_KILLED, 9},
    {"idle.service", "/org/freedesktop/systemd1/unit/idle", "Idle", "inactive", "masked", 0, 0, 0},
    {"none.service", "/org/freedesktop/systemd1/unit/none", "none", "inactive", "", 0, 0, 0},
};

enum {
    FAKES = sizeof fakes / sizeof *fakes,
    LISTED = 2, /* the others are only files, the last not even that */
    NOT_FOUND = FAKES - 1
};

static int list_units(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data, (void)error;
    sd_bus_message *reply = NULL;
    lists++;
    int r = sd_bus_message_new_method_return(m, &reply);
    r = r < 0 ? r : sd_bus_message_open_container(reply, 'a', "(ssssssouso)");
    for (size_t i = 0; r >= 0 && i < LISTED; i++) {
        r = sd_bus_message_append(reply, "(ssssssouso)", fakes[i].name, fakes[i].description,
                                  "loaded", fakes[i].active, "sub", "", fakes[i].path, 0, "", "/");
    }
    r = r < 0
            ? r
            : sd_bus_message_append(reply, "(ssssssouso)", fakes[NOT_FOUND].name, "x", "not-found",
                                    "inactive", "dead", "", fakes[NOT_FOUND].path, 0, "", "/");
    r = r < 0 ? r : sd_bus_message_close_container(reply);
    r = r < 0 ? r : sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return r;
}

static int list_unit_files(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data, (void)error;
    return sd_bus_reply_method_return(m, "a(ss)", 5, "/lib/systemd/system/ssh.service", "enabled",
                                      "/lib/systemd/system/bad.service", "disabled",
                                      "/etc/systemd/system/idle.service", "masked",
                                      "/lib/systemd/system/getty@.service", "static",
                                      "/etc/systemd/system/other.service", "alias");
}

static int load_unit(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    const char *name;
    loads++;
    int r = sd_bus_message_read(m, "s", &name);
    for (size_t i = 0; r >= 0 && i < FAKES; i++) {
        if (strcmp(fakes[i].name, name) == 0) {
            return sd_bus_reply_method_return(m, "o", fakes[i].path);
        }
    }
    if (r >= 0 && strchr(name, ' ')) {
        return sd_bus_error_set(error, SD_BUS_ERROR_INVALID_ARGS, "not a unit's name");
    }
    return r < 0 ? r : sd_bus_reply_method_return(m, "o", fakes[NOT_FOUND].path);
}

static int get_text(sd_bus *bus, const char *path, const char *iface, const char *property,
                    sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)iface, (void)error;
    const struct fake *f = data;
    details += strcmp(property, "Id") == 0;
    const char *text = strcmp(property, "Id") == 0            ? f->name
                       : strcmp(property, "Description") == 0 ? f->description
                       : strcmp(property, "ActiveState") == 0 ? f->active
                       : strcmp(property, "UnitFileState") == 0
                           ? f->file_state
                           : (f == &fakes[NOT_FOUND] ? "not-found" : "loaded");
    return sd_bus_message_append(reply, "s", text);
}

/* ssh needs bad, and a target, which is no service; it can't run beside idle. */
static int get_needs(sd_bus *bus, const char *path, const char *iface, const char *property,
                     sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)iface, (void)error;
    bool is_ssh = data == &fakes[0], is_bad = data == &fakes[1];
    if (is_ssh && strcmp(property, "Requires") == 0) {
        return sd_bus_message_append(reply, "as", 2, "sysinit.target", "bad.service");
    }
    if (is_ssh && strcmp(property, "Conflicts") == 0) {
        return sd_bus_message_append(reply, "as", 1, "idle.service");
    }
    if (is_bad && strcmp(property, "RequiredBy") == 0) {
        return sd_bus_message_append(reply, "as", 1, "ssh.service");
    }
    return sd_bus_message_append(reply, "as", 0);
}

static int get_flag(sd_bus *bus, const char *path, const char *iface, const char *property,
                    sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)iface, (void)property, (void)data, (void)error;
    return sd_bus_message_append(reply, "b", 1);
}

static int get_command(sd_bus *bus, const char *path, const char *iface, const char *property,
                       sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)iface, (void)property, (void)data, (void)error;
    return sd_bus_message_append(reply, "a(sasbttttuii)", 2, "/usr/sbin/sshd", 3, "sshd", "-D",
                                 "two words", 0, 0ull, 0ull, 0ull, 0ull, 0u, 0, 0, "/bin/second", 1,
                                 "second", 0, 0ull, 0ull, 0ull, 0ull, 0u, 0, 0);
}

static const sd_bus_vtable manager_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ListUnitsByPatterns", "asas", "a(ssssssouso)", list_units,
                  SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ListUnitFilesByPatterns", "asas", "a(ss)", list_unit_files,
                  SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("LoadUnit", "s", "o", load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable unit_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Id", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("Description", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("LoadState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("ActiveState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("UnitFileState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("CanStop", "b", get_flag, 0, 0),
    SD_BUS_PROPERTY("Requires", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("Requisite", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("BindsTo", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("Conflicts", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("RequiredBy", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("RequisiteOf", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("BoundBy", "as", get_needs, 0, 0),
    SD_BUS_PROPERTY("ConflictedBy", "as", get_needs, 0, 0),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable service_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("MainPID", "u", NULL, offsetof(struct fake, pid), 0),
    SD_BUS_PROPERTY("ExecMainCode", "i", NULL, offsetof(struct fake, code), 0),
    SD_BUS_PROPERTY("ExecMainStatus", "i", NULL, offsetof(struct fake, status), 0),
    SD_BUS_PROPERTY("ExecStart", "a(sasbttttuii)", get_command, 0, 0),
    SD_BUS_VTABLE_END,
};

static int list_sessions(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data, (void)error;
    return sd_bus_reply_method_return(m, "a(susso)", 2, "c1", 1000, "anna", "seat0",
                                      "/org/freedesktop/login1/session/c1", "c2", 1001, "bert", "",
                                      "/org/freedesktop/login1/session/gone");
}

static int get_session(sd_bus *bus, const char *path, const char *iface, const char *property,
                       sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)iface, (void)data, (void)error;
    if (strcmp(property, "Timestamp") == 0) {
        return sd_bus_message_append(reply, "t", 1600000000000000ull);
    }
    return sd_bus_message_append(reply, "s", strcmp(property, "Service") == 0 ? "sshd" : "active");
}

static const sd_bus_vtable login_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("ListSessions", NULL, "a(susso)", list_sessions, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable session_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Timestamp", "t", get_session, 0, 0),
    SD_BUS_PROPERTY("Service", "s", get_session, 0, 0),
    SD_BUS_PROPERTY("State", "s", get_session, 0, 0),
    SD_BUS_PROPERTY("Remote", "b", get_flag, 0, 0),
    SD_BUS_VTABLE_END,
};

static bool offer(sd_bus *bus)
{
    int r = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/systemd1",
                                     "org.freedesktop.systemd1.Manager", manager_table, NULL);
    for (size_t i = 0; r >= 0 && i < FAKES; i++) {
        void *fake = (void *)(uintptr_t)&fakes[i];
        r = sd_bus_add_object_vtable(bus, NULL, fakes[i].path, "org.freedesktop.systemd1.Unit",
                                     unit_table, fake);
        r = r < 0
                ? r
                : sd_bus_add_object_vtable(bus, NULL, fakes[i].path,
                                           "org.freedesktop.systemd1.Service", service_table, fake);
    }
    r = r < 0 ? r
              : sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/login1",
                                         "org.freedesktop.login1.Manager", login_table, NULL);
    r = r < 0 ? r
              : sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/login1/session/c1",
                                         "org.freedesktop.login1.Session", session_table, NULL);
    r = r < 0 ? r : sd_bus_request_name(bus, "org.freedesktop.systemd1", 0);
    r = r < 0 ? r : sd_bus_request_name(bus, "org.freedesktop.login1", 0);
    return r >= 0;
}

static int start(void **state)
{
    linux_set_root(NULL);
    test_bus_start(offer);
    return test_machine_compile(state);
}

static int finish(void **state)
{
    test_bus_stop();
    return test_machine_forget(state);
}

static int count_from_zero(void **state)
{
    (void)state;
    loads = details = lists = 0;
    return 0;
}

/* ---- services ------------------------------------------------------------------------ */

static void shows_services(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Service", &rows);
    assert_int_equal(rows.count, 3);
    IWbemClassObject *bad = rows.items[0], *idle = rows.items[1], *ssh = rows.items[2];
    assert_value(ssh, "Name", "ssh");
    assert_value(ssh, "DisplayName", "OpenSSH server");
    assert_value(ssh, "State", "Running");
    assert_value(ssh, "Status", "OK");
    assert_value(ssh, "Started", "true");
    assert_value(ssh, "StartMode", "Auto");
    assert_value(ssh, "ProcessId", "77");
    assert_value(ssh, "PathName", "/usr/sbin/sshd -D two words");
    assert_value(ssh, "AcceptStop", "true");
    assert_value(ssh, "AcceptPause", "false");
    assert_value(ssh, "StartName", "root");
    assert_value(ssh, "ExitCode", "0");
    assert_value(bad, "State", "Stopped");
    assert_value(bad, "Status", "Error");
    assert_value(bad, "StartMode", "Manual");
    assert_value(bad, "ExitCode", "1066");
    assert_value(bad, "ServiceSpecificExitCode", "137");
    assert_value(bad, "AcceptStop", "false");
    assert_value(idle, "State", "Stopped");
    assert_value(idle, "StartMode", "Disabled");
    test_rows_done(&rows);
    assert_int_equal(details, 3);
    assert_int_equal(loads, 1); /* of the one that is only a file */
}

static void lists_states_without_asking_each(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT Name, State, StartMode FROM Win32_Service WHERE State = 'Stopped'", &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
    assert_int_equal(details, 0);
    assert_int_equal(loads, 0);
}

static void loads_only_the_named(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Service WHERE Name = 'ssh' OR Name = 'idle'", &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
    assert_int_equal(lists, 0);
    assert_int_equal(loads, 2);
    assert_int_equal(details, 2);
}

static void finds_names_in_any_case(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_Service WHERE Name = 'SSH'", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Name", "ssh");
    test_rows_done(&rows);
    test_query(L"SELECT * FROM Win32_Service WHERE Name = 'not there'", &rows);
    assert_int_equal(rows.count, 0);
    test_query(L"SELECT * FROM Win32_Service WHERE Name = 'none'", &rows);
    assert_int_equal(rows.count, 0);
}

static void shows_which_services_need_which(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_DependentService", &rows);
    assert_int_equal(rows.count, 2);
    assert_value(rows.items[0], "Dependent", "Win32_Service.Name=\"ssh\"");
    assert_value(rows.items[0], "Antecedent", "Win32_Service.Name=\"bad\"");
    assert_value(rows.items[0], "TypeOfDependency", "3");
    assert_value(rows.items[1], "Antecedent", "Win32_Service.Name=\"idle\"");
    assert_value(rows.items[1], "TypeOfDependency", "4");
    test_rows_done(&rows);
}

static void asks_only_the_service_at_either_end(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_DependentService WHERE Dependent = 'Win32_Service=\"ssh\"'",
               &rows);
    assert_int_equal(rows.count, 2);
    test_rows_done(&rows);
    assert_int_equal(lists, 0);
    assert_int_equal(loads, 2); /* for the row, and for what it needs */
    test_query(L"SELECT * FROM Win32_DependentService "
               L"WHERE Antecedent = 'Win32_Service.Name=\"bad\"'",
               &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Dependent", "Win32_Service.Name=\"ssh\"");
    assert_value(rows.items[0], "TypeOfDependency", "3");
    test_rows_done(&rows);
    assert_int_equal(lists, 0);
    assert_int_equal(loads, 4);
}

static void shows_who_opened_a_session(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_LoggedOnUser", &rows);
    assert_int_equal(rows.count, 1);
    assert_value(rows.items[0], "Dependent", "Win32_LogonSession.LogonId=\"c1\"");
    assert_non_null(strstr(test_value(rows.items[0], "Antecedent"), "Name=\"anna\""));
    test_rows_done(&rows);
}

static void shows_sessions_that_remain(void **state)
{
    (void)state;
    NEEDS_BUS();
    struct test_rows rows;
    test_query(L"SELECT * FROM Win32_LogonSession", &rows);
    assert_int_equal(rows.count, 1); /* c2 ended meanwhile */
    assert_value(rows.items[0], "LogonId", "c1");
    assert_value(rows.items[0], "Name", "anna");
    assert_value(rows.items[0], "AuthenticationPackage", "sshd");
    assert_value(rows.items[0], "LogonType", "10");
    assert_value(rows.items[0], "Status", "OK");
    test_rows_done(&rows);
}

static void says_that_there_is_no_bus(void **state)
{
    (void)state;
    struct test_rows rows;
    setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    const struct provider_class *p = provider_find(L"Win32_Service");
    test_fetch(test_source(p, L"SELECT * FROM Win32_Service", false), &rows);
    assert_int_equal(rows.status, WBEM_E_PROVIDER_LOAD_FAILURE);
    test_fetch(test_source(p, L"SELECT * FROM Win32_Service", true), &rows);
    assert_int_equal(rows.status, WBEM_S_FALSE);
    assert_int_equal(rows.count, 0);
    p = provider_find(L"Win32_DependentService");
    test_fetch(test_source(p, L"SELECT * FROM Win32_DependentService", false), &rows);
    assert_int_equal(rows.status, WBEM_E_PROVIDER_LOAD_FAILURE);
    test_fetch(test_source(p, L"SELECT * FROM Win32_DependentService", true), &rows);
    assert_int_equal(rows.status, WBEM_S_FALSE);
    setenv("DBUS_SYSTEM_BUS_ADDRESS", test_bus_address, 1);
}

#define BUS_TEST(name) cmocka_unit_test_setup(name, count_from_zero)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BUS_TEST(shows_services),
        BUS_TEST(lists_states_without_asking_each),
        BUS_TEST(loads_only_the_named),
        BUS_TEST(finds_names_in_any_case),
        BUS_TEST(shows_which_services_need_which),
        BUS_TEST(asks_only_the_service_at_either_end),
        BUS_TEST(shows_who_opened_a_session),
        BUS_TEST(shows_sessions_that_remain),
        BUS_TEST(says_that_there_is_no_bus),
    };
    return cmocka_run_group_tests_name("bus", tests, start, finish);
}
