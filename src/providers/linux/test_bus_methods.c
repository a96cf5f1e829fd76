/*
 * The methods of Win32_Service and Win32_OperatingSystem against a systemd and
 * a logind made for the test, which note what they are asked for. The methods
 * that turn a machine off are tied to that bus, whether it is there or not,
 * before anything else happens.
 */
#include "providers/linux/test_fake_bus.h"

#include "com/com.h"
#include "providers/linux/linux.h"
#include "providers/linux/power.h"
#include "providers/linux/test_machine.h"

/* What was asked, one after another: "StartUnit ssh.service replace;". */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char asked[512];
static const char *refusal; /* the error that the next request gets */

static void note(const char *what, const char *more)
{
    pthread_mutex_lock(&lock);
    size_t size = strlen(asked);
    snprintf(asked + size, sizeof asked - size, "%s%s%s;", what, more[0] ? " " : "", more);
    pthread_mutex_unlock(&lock);
}

static int refuse_or(sd_bus_message *m, sd_bus_error *error, const char *types, ...)
{
    if (refusal) {
        return sd_bus_error_set(error, refusal, "no");
    }
    sd_bus_message *reply = NULL;
    va_list args;
    va_start(args, types);
    int r = sd_bus_message_new_method_return(m, &reply);
    r = r < 0 ? r : sd_bus_message_appendv(reply, types, args);
    va_end(args);
    r = r < 0 ? r : sd_bus_send(NULL, reply, NULL);
    sd_bus_message_unref(reply);
    return r;
}

/* ---- systemd ------------------------------------------------------------------------- */

struct fake {
    const char *name, *path, *active, *freezer, *file_state, *load;
    int can_freeze;
};

static const struct fake fakes[] = {
    {"run.service", "/org/freedesktop/systemd1/unit/run", "active", "running", "enabled", "loaded",
     1},
    {"cold.service", "/org/freedesktop/systemd1/unit/cold", "active", "frozen", "enabled", "loaded",
     1},
    {"idle.service", "/org/freedesktop/systemd1/unit/idle", "inactive", "running", "disabled",
     "loaded", 1},
    {"hid.service", "/org/freedesktop/systemd1/unit/hid", "inactive", "running", "masked", "masked",
     0},
};

enum {
    FAKES = sizeof fakes / sizeof *fakes
};

static int load_unit(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    const char *name;
    int r = sd_bus_message_read(m, "s", &name);
    for (size_t i = 0; r >= 0 && i < FAKES; i++) {
        if (strcmp(fakes[i].name, name) == 0) {
            return sd_bus_reply_method_return(m, "o", fakes[i].path);
        }
    }
    return r < 0 ? r : sd_bus_error_set(error, "org.freedesktop.systemd1.NoSuchUnit", name);
}

static int get_text(sd_bus *bus, const char *path, const char *face, const char *property,
                    sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)face, (void)error;
    const struct fake *f = data;
    const char *text = strcmp(property, "Id") == 0              ? f->name
                       : strcmp(property, "ActiveState") == 0   ? f->active
                       : strcmp(property, "FreezerState") == 0  ? f->freezer
                       : strcmp(property, "UnitFileState") == 0 ? f->file_state
                                                                : f->load;
    return sd_bus_message_append(reply, "s", text);
}

static int get_flag(sd_bus *bus, const char *path, const char *face, const char *property,
                    sd_bus_message *reply, void *data, sd_bus_error *error)
{
    (void)bus, (void)path, (void)face, (void)error;
    const struct fake *f = data;
    return sd_bus_message_append(reply, "b", strcmp(property, "CanStop") == 0 || f->can_freeze);
}

static int unit_job(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    const char *name, *mode;
    char text[128];
    int r = sd_bus_message_read(m, "ss", &name, &mode);
    if (r < 0) {
        return r;
    }
    snprintf(text, sizeof text, "%s %s", name, mode);
    note(sd_bus_message_get_member(m), text);
    return refuse_or(m, error, "o", "/org/freedesktop/systemd1/job/1");
}

static int unit_freezer(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    const char *name;
    int r = sd_bus_message_read(m, "s", &name);
    note(sd_bus_message_get_member(m), r < 0 ? "?" : name);
    return refuse_or(m, error, "");
}

static int unit_files(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    const char *name = "?";
    int r = sd_bus_message_enter_container(m, 'a', "s");
    r = r < 0 ? r : sd_bus_message_read(m, "s", &name);
    note(sd_bus_message_get_member(m), r < 0 ? "?" : name);
    return strcmp(sd_bus_message_get_member(m), "EnableUnitFiles") == 0
               ? refuse_or(m, error, "ba(sss)", 1, 0)
               : refuse_or(m, error, "a(sss)", 0);
}

static int reload(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    note("Reload", "");
    return refuse_or(m, error, "");
}

static const sd_bus_vtable manager_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("LoadUnit", "s", "o", load_unit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("StartUnit", "ss", "o", unit_job, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("StopUnit", "ss", "o", unit_job, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("FreezeUnit", "s", "", unit_freezer, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("ThawUnit", "s", "", unit_freezer, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("EnableUnitFiles", "asbb", "ba(sss)", unit_files, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("DisableUnitFiles", "asb", "a(sss)", unit_files, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("MaskUnitFiles", "asbb", "a(sss)", unit_files, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("UnmaskUnitFiles", "asb", "a(sss)", unit_files, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Reload", "", "", reload, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const sd_bus_vtable unit_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_PROPERTY("Id", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("LoadState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("ActiveState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("FreezerState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("UnitFileState", "s", get_text, 0, 0),
    SD_BUS_PROPERTY("CanStop", "b", get_flag, 0, 0),
    SD_BUS_PROPERTY("CanFreeze", "b", get_flag, 0, 0),
    SD_BUS_VTABLE_END,
};

/* ---- logind -------------------------------------------------------------------------- */

static int power(sd_bus_message *m, void *data, sd_bus_error *error)
{
    (void)data;
    note(sd_bus_message_get_member(m), "");
    return refuse_or(m, error, "");
}

static const sd_bus_vtable login_table[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Reboot", "b", "", power, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("PowerOff", "b", "", power, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static bool offer(sd_bus *bus)
{
    int r = sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/systemd1",
                                     "org.freedesktop.systemd1.Manager", manager_table, NULL);
    for (size_t i = 0; r >= 0 && i < FAKES; i++) {
        r = sd_bus_add_object_vtable(bus, NULL, fakes[i].path, "org.freedesktop.systemd1.Unit",
                                     unit_table, (void *)(uintptr_t)&fakes[i]);
    }
    r = r < 0 ? r
              : sd_bus_add_object_vtable(bus, NULL, "/org/freedesktop/login1",
                                         "org.freedesktop.login1.Manager", login_table, NULL);
    r = r < 0 ? r : sd_bus_request_name(bus, "org.freedesktop.systemd1", 0);
    r = r < 0 ? r : sd_bus_request_name(bus, "org.freedesktop.login1", 0);
    return r >= 0;
}

/* ---- calls --------------------------------------------------------------------------- */

static int start(void **state)
{
    power_use_bus("unix:path=/nonexistent/bus");
    linux_set_root(NULL);
    test_bus_start(offer);
    power_use_bus(test_bus_address);
    return test_machine_compile(state);
}

static int finish(void **state)
{
    test_bus_stop();
    return test_machine_forget(state); /* the address stays */
}

static int forget(void **state)
{
    (void)state;
    asked[0] = '\0';
    refusal = NULL;
    return 0;
}

/* The answer: the call's status, or its ReturnValue. `parameter` may be NULL. */
static HRESULT run(const wchar_t *query, const wchar_t *class_name, const wchar_t *method,
                   const wchar_t *parameter, const wchar_t *text, int number)
{
    IWbemClassObject *cls = test_class(class_name), *in = NULL, *out = NULL;
    IWbemClassObject *in_class = NULL, *out_class = NULL;
    struct test_rows rows = {0};
    VARIANT v;
    if (query) {
        test_query(query, &rows);
        assert_int_equal(rows.count, 1);
    }
    assert_int_equal(IWbemClassObject_GetMethod(cls, method, 0, &in_class, &out_class),
                     WBEM_S_NO_ERROR);
    if (in_class) {
        assert_int_equal(IWbemClassObject_SpawnInstance(in_class, 0, &in), WBEM_S_NO_ERROR);
    }
    if (parameter) {
        V_VT(&v) = text ? VT_BSTR : VT_I4;
        if (text) {
            V_BSTR(&v) = SysAllocString(text);
        } else {
            V_I4(&v) = number;
        }
        assert_int_equal(IWbemClassObject_Put(in, parameter, 0, &v, 0), WBEM_S_NO_ERROR);
        VariantClear(&v);
    }
    const struct provider_method *m = provider_find_method(provider_find(class_name), method);
    assert_non_null(m);
    struct provider_call call = {.in = in, .instance = query ? rows.items[0] : NULL};
    HRESULT hr = provider_run_method(m, &call, out_class, NULL, &out);
    if (SUCCEEDED(hr)) {
        assert_int_equal(IWbemClassObject_Get(out, L"ReturnValue", 0, &v, NULL, NULL),
                         WBEM_S_NO_ERROR);
        hr = V_I4(&v);
    }
    com_release(in);
    com_release(out);
    com_release(in_class);
    com_release(out_class);
    test_rows_done(&rows);
    return hr;
}

static HRESULT service(const wchar_t *name, const wchar_t *method)
{
    wchar_t query[128];
    swprintf(query, 128, L"SELECT * FROM Win32_Service WHERE Name = '%ls'", name);
    return run(query, L"Win32_Service", method, NULL, NULL, 0);
}

static HRESULT mode(const wchar_t *name, const wchar_t *wanted)
{
    wchar_t query[128];
    swprintf(query, 128, L"SELECT * FROM Win32_Service WHERE Name = '%ls'", name);
    return run(query, L"Win32_Service", L"ChangeStartMode", L"StartMode", wanted, 0);
}

static void starts_and_stops(void **state)
{
    (void)state;
    NEEDS_BUS();
    assert_int_equal(service(L"idle", L"StartService"), 0);
    assert_int_equal(service(L"run", L"StartService"), 10);
    assert_int_equal(service(L"hid", L"StartService"), 14);
    assert_int_equal(service(L"run", L"StopService"), 0);
    assert_int_equal(service(L"idle", L"StopService"), 6);
    assert_string_equal(asked, "StartUnit idle.service replace;StopUnit run.service replace;");
}

static void pauses_and_resumes(void **state)
{
    (void)state;
    NEEDS_BUS();
    assert_int_equal(service(L"run", L"PauseService"), 0);
    assert_int_equal(service(L"cold", L"PauseService"), 24);
    assert_int_equal(service(L"idle", L"PauseService"), 6);
    assert_int_equal(service(L"cold", L"ResumeService"), 0);
    assert_int_equal(service(L"run", L"ResumeService"), 10);
    assert_int_equal(service(L"idle", L"ResumeService"), 6);
    assert_string_equal(asked, "FreezeUnit run.service;ThawUnit cold.service;");
}

static void changes_start_modes(void **state)
{
    (void)state;
    NEEDS_BUS();
    assert_int_equal(mode(L"idle", L"Automatic"), 0);
    assert_int_equal(mode(L"run", L"manual"), 0);
    assert_int_equal(mode(L"run", L"Disabled"), 0);
    assert_int_equal(mode(L"hid", L"Automatic"), 0);
    assert_int_equal(mode(L"run", L"Boot"), 21);
    assert_int_equal(mode(L"run", L"never"), 21);
    assert_string_equal(asked, "EnableUnitFiles idle.service;Reload;"
                               "DisableUnitFiles run.service;Reload;"
                               "MaskUnitFiles run.service;Reload;"
                               "UnmaskUnitFiles hid.service;EnableUnitFiles hid.service;Reload;");
}

static void tells_why_services_refuse(void **state)
{
    (void)state;
    NEEDS_BUS();
    static const struct {
        const char *error;
        int code;
    } cases[] = {
        {SD_BUS_ERROR_ACCESS_DENIED, 2},
        {SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, 2},
        {"org.freedesktop.systemd1.OnlyByDependency", 5},
        {"org.freedesktop.systemd1.NoSuchUnit", 9},
        {"org.freedesktop.systemd1.UnitMasked", 14},
        {"org.freedesktop.systemd1.TransactionOrderIsCyclic", 18},
        {SD_BUS_ERROR_NO_REPLY, 7},
        {"org.example.Unheard", 8},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        refusal = cases[i].error;
        assert_int_equal(service(L"idle", L"StartService"), cases[i].code);
    }
    refusal = SD_BUS_ERROR_ACCESS_DENIED;
    assert_int_equal(mode(L"idle", L"Automatic"), 2);
}

/* ---- turning off --------------------------------------------------------------------- */

static HRESULT turn(const wchar_t *method)
{
    return run(NULL, L"Win32_OperatingSystem", method, NULL, NULL, 0);
}

static HRESULT win32_shutdown(int flags)
{
    return run(NULL, L"Win32_OperatingSystem", L"Win32Shutdown", L"Flags", NULL, flags);
}

static void turns_off(void **state)
{
    (void)state;
    NEEDS_BUS();
    assert_int_equal(turn(L"Reboot"), 0);
    assert_int_equal(turn(L"Shutdown"), 0);
    assert_string_equal(asked, "Reboot;PowerOff;");
    forget(NULL);
    assert_int_equal(win32_shutdown(1), 0);
    assert_int_equal(win32_shutdown(2), 0);
    assert_int_equal(win32_shutdown(6), 0);
    assert_int_equal(win32_shutdown(12), 0);
    assert_string_equal(asked, "PowerOff;Reboot;Reboot;PowerOff;");
    forget(NULL);
    assert_int_equal(win32_shutdown(0), 50);  /* ERROR_NOT_SUPPORTED */
    assert_int_equal(win32_shutdown(3), 87);  /* ERROR_INVALID_PARAMETER */
    assert_int_equal(win32_shutdown(-1), 87); /* likewise */
    assert_string_equal(asked, "");
}

static void tells_why_it_stays_on(void **state)
{
    (void)state;
    NEEDS_BUS();
    refusal = SD_BUS_ERROR_ACCESS_DENIED;
    assert_int_equal(turn(L"Reboot"), WBEM_E_PRIVILEGE_NOT_HELD);
    refusal = SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED;
    assert_int_equal(turn(L"Reboot"), WBEM_E_PRIVILEGE_NOT_HELD);
    refusal = "org.freedesktop.login1.OperationInProgress";
    assert_int_equal(turn(L"Reboot"), 1115);
    refusal = "org.freedesktop.login1.BlockedByInhibitorLock";
    assert_int_equal(turn(L"Reboot"), 170);
    refusal = "org.example.Unheard";
    assert_int_equal(turn(L"Reboot"), WBEM_E_PROVIDER_FAILURE);
}

static void needs_a_bus_to_turn_off(void **state)
{
    (void)state;
    power_use_bus("unix:path=/nonexistent/bus");
    assert_int_equal(turn(L"Reboot"), WBEM_E_PROVIDER_LOAD_FAILURE);
    power_use_bus(test_bus_address);
}

/* A snapshot of a machine is looked at, and the one that we run on would be turned off. */
static void leaves_us_alone_for_a_snapshot(void **state)
{
    (void)state;
    linux_set_root("/nonexistent");
    assert_int_equal(turn(L"Reboot"), WBEM_E_PROVIDER_NOT_CAPABLE);
    linux_set_root(NULL);
    assert_string_equal(asked, "");
}

#define BUS_TEST(name) cmocka_unit_test_setup(name, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BUS_TEST(starts_and_stops),
        BUS_TEST(pauses_and_resumes),
        BUS_TEST(changes_start_modes),
        BUS_TEST(tells_why_services_refuse),
        BUS_TEST(turns_off),
        BUS_TEST(tells_why_it_stays_on),
        BUS_TEST(needs_a_bus_to_turn_off),
        BUS_TEST(leaves_us_alone_for_a_snapshot),
    };
    return cmocka_run_group_tests_name("bus methods", tests, start, finish);
}
