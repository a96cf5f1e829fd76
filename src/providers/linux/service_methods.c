/*
 * The methods of Win32_Service over systemd's D-Bus interface
 * (org.freedesktop.systemd1(5)); return codes of WmiSdk/cimwin32prov
 * "StartService method of the Win32_Service class" and its neighbours. As on
 * Windows a start or stop is asked for, not waited for.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "providers/linux/linux.h"
#include "providers/linux/units.h"

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

/* Return codes of all of the class's methods. */
enum {
    SERVICE_SUCCESS = 0,
    SERVICE_NOT_SUPPORTED = 1,
    SERVICE_ACCESS_DENIED = 2,
    SERVICE_CANNOT_ACCEPT = 5,
    SERVICE_NOT_ACTIVE = 6,
    SERVICE_TIMEOUT = 7,
    SERVICE_UNKNOWN_FAILURE = 8,
    SERVICE_PATH_NOT_FOUND = 9,
    SERVICE_ALREADY_RUNNING = 10,
    SERVICE_DISABLED = 14,
    SERVICE_CIRCULAR = 18,
    SERVICE_INVALID_PARAMETER = 21,
    SERVICE_ALREADY_PAUSED = 24
};

/* One call of a method: the bus, the unit and what it says of itself. */
struct service_call {
    sd_bus *bus;
    char *unit; /* full name */
    struct unit_details details;
    sd_bus_error error;
};

static uint32_t code_of(const sd_bus_error *error, int result)
{
    static const struct {
        const char *name;
        uint32_t code;
    } codes[] = {
        {SD_BUS_ERROR_ACCESS_DENIED, SERVICE_ACCESS_DENIED},
        {SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, SERVICE_ACCESS_DENIED},
        {SD_BUS_ERROR_AUTH_FAILED, SERVICE_ACCESS_DENIED},
        {SD_BUS_ERROR_NO_REPLY, SERVICE_TIMEOUT},
        {SD_BUS_ERROR_TIMEOUT, SERVICE_TIMEOUT},
        {SD_BUS_ERROR_NOT_SUPPORTED, SERVICE_NOT_SUPPORTED},
        {SD_BUS_ERROR_UNKNOWN_METHOD, SERVICE_NOT_SUPPORTED}, /* an older systemd */
        {SD_BUS_ERROR_FILE_NOT_FOUND, SERVICE_PATH_NOT_FOUND},
        {"org.freedesktop.systemd1.NoSuchUnit", SERVICE_PATH_NOT_FOUND},
        {"org.freedesktop.systemd1.UnitMasked", SERVICE_DISABLED},
        {"org.freedesktop.systemd1.OnlyByDependency", SERVICE_CANNOT_ACCEPT},
        {"org.freedesktop.systemd1.JobTypeNotApplicable", SERVICE_CANNOT_ACCEPT},
        {"org.freedesktop.systemd1.UnitBusy", SERVICE_CANNOT_ACCEPT},
        {"org.freedesktop.systemd1.UnitInactive", SERVICE_NOT_ACTIVE},
        {"org.freedesktop.systemd1.TransactionOrderIsCyclic", SERVICE_CIRCULAR},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (sd_bus_error_has_name(error, codes[i].name)) {
            return codes[i].code;
        }
    }
    return result == -EACCES || result == -EPERM ? SERVICE_ACCESS_DENIED
           : result == -ETIMEDOUT                ? SERVICE_TIMEOUT
                                                 : SERVICE_UNKNOWN_FAILURE;
}

/* ---- the call ------------------------------------------------------------------------ */

static int ask_manager(struct service_call *s, const char *method, const char *types, ...)
{
    sd_bus_message *m = NULL, *reply = NULL;
    int result =
        sd_bus_message_new_method_call(s->bus, &m, UNITS_SERVICE, MANAGER_PATH, MANAGER, method);
    if (result >= 0) {
        result = sd_bus_message_set_auto_start(m, 0);
    }
    if (result >= 0 && types) {
        va_list args;
        va_start(args, types);
        result = sd_bus_message_appendv(m, types, args);
        va_end(args);
    }
    if (result >= 0) {
        result = sd_bus_call(s->bus, m, 0, &s->error, &reply);
    }
    sd_bus_message_unref(m);
    sd_bus_message_unref(reply);
    return result < 0 ? result : 0;
}

static int open_unit(const struct provider_call *c, struct service_call *s)
{
    char *name = method_get_string(c->instance, L"Name");
    int result = name && asprintf(&s->unit, "%s.service", name) >= 0 ? 0 : -ENOMEM;
    free(name);
    if (result == 0) {
        result = bus_open(&s->bus);
    }
    if (result >= 0) {
        const struct unit_entry e = {.name = s->unit};
        result = unit_read(s->bus, &e, &s->error, &s->details);
    }
    return result;
}

/* `work` gives 0 or -errno with the error, or a return code above 0. */
static HRESULT with_service(struct provider_call *c, const char *method,
                            int (*work)(struct service_call *s, const struct provider_call *c))
{
    struct service_call s = {.error = SD_BUS_ERROR_NULL};
    HRESULT hr = linux_check_live(method);
    if (FAILED(hr)) {
        return hr;
    }
    int result = open_unit(c, &s);
    if (result >= 0) {
        result = work(&s, c);
    }
    hr = result == -ENOMEM
             ? WBEM_E_OUT_OF_MEMORY
             : method_return(c, result < 0 ? code_of(&s.error, result) : (uint32_t)result);
    unit_details_done(&s.details);
    sd_bus_error_free(&s.error);
    bus_close(s.bus);
    free(s.unit);
    return hr;
}

static bool is(const char *text, const char *expected)
{
    return text && strcmp(text, expected) == 0;
}

/* ---- running ------------------------------------------------------------------------- */

static bool is_active(const struct service_call *s)
{
    return is(s->details.active_state, "active") || is(s->details.active_state, "reloading") ||
           is(s->details.active_state, "refreshing");
}

static bool is_frozen(const struct service_call *s)
{
    return is(s->details.freezer_state, "frozen") || is(s->details.freezer_state, "freezing");
}

static int do_start(struct service_call *s, const struct provider_call *c)
{
    (void)c;
    if (is_active(s)) {
        return SERVICE_ALREADY_RUNNING;
    }
    return is(s->details.load_state, "masked")
               ? SERVICE_DISABLED
               : ask_manager(s, "StartUnit", "ss", s->unit, "replace");
}

static int do_stop(struct service_call *s, const struct provider_call *c)
{
    (void)c;
    if (is(s->details.active_state, "inactive") || is(s->details.active_state, "failed")) {
        return SERVICE_NOT_ACTIVE;
    }
    return s->details.can_stop ? ask_manager(s, "StopUnit", "ss", s->unit, "replace")
                               : SERVICE_CANNOT_ACCEPT;
}

static int do_pause(struct service_call *s, const struct provider_call *c)
{
    (void)c;
    if (is_frozen(s)) {
        return SERVICE_ALREADY_PAUSED;
    }
    if (!is_active(s)) {
        return SERVICE_NOT_ACTIVE;
    }
    return s->details.can_freeze ? ask_manager(s, "FreezeUnit", "s", s->unit)
                                 : SERVICE_CANNOT_ACCEPT;
}

static int do_resume(struct service_call *s, const struct provider_call *c)
{
    (void)c;
    if (is_frozen(s)) {
        return ask_manager(s, "ThawUnit", "s", s->unit);
    }
    return is_active(s) ? SERVICE_ALREADY_RUNNING : SERVICE_NOT_ACTIVE;
}

/* ---- when it is started -------------------------------------------------------------- */

static int unmask_if_masked(struct service_call *s)
{
    return is(s->details.file_state, "masked") || is(s->details.load_state, "masked")
               ? ask_manager(s, "UnmaskUnitFiles", "asb", 1, s->unit, 0)
               : 0;
}

/* As Win32_Service.StartMode shows it: Auto is enabled, Disabled is masked, all else is Manual.
 * Boot and System are for drivers. */
static int set_mode(struct service_call *s, const char *mode)
{
    bool automatic = strcasecmp(mode, "Automatic") == 0;
    int result;
    if (automatic &&
        (is(s->details.file_state, "static") || is(s->details.file_state, "generated") ||
         is(s->details.file_state, "transient"))) {
        return SERVICE_NOT_SUPPORTED; /* it says of nothing that would start it */
    }
    if (automatic || strcasecmp(mode, "Manual") == 0) {
        result = unmask_if_masked(s);
        if (result == 0) {
            result = automatic ? ask_manager(s, "EnableUnitFiles", "asbb", 1, s->unit, 0, 0)
                               : ask_manager(s, "DisableUnitFiles", "asb", 1, s->unit, 0);
        }
    } else if (strcasecmp(mode, "Disabled") == 0) {
        result = ask_manager(s, "MaskUnitFiles", "asbb", 1, s->unit, 0, 0);
    } else {
        return SERVICE_INVALID_PARAMETER;
    }
    return result == 0 ? ask_manager(s, "Reload", NULL) : result;
}

static int do_change_mode(struct service_call *s, const struct provider_call *c)
{
    char *mode = method_get_string(c->in, L"StartMode");
    int result = mode ? set_mode(s, mode) : -ENOMEM;
    free(mode);
    return result;
}

static HRESULT start_service(struct provider_call *c)
{
    return with_service(c, "StartService", do_start);
}

static HRESULT stop_service(struct provider_call *c)
{
    return with_service(c, "StopService", do_stop);
}

static HRESULT pause_service(struct provider_call *c)
{
    return with_service(c, "PauseService", do_pause);
}

static HRESULT resume_service(struct provider_call *c)
{
    return with_service(c, "ResumeService", do_resume);
}

static HRESULT change_start_mode(struct provider_call *c)
{
    return with_service(c, "ChangeStartMode", do_change_mode);
}

const struct provider_method linux_service_methods[] = {
    {"ChangeStartMode", change_start_mode}, {"PauseService", pause_service},
    {"ResumeService", resume_service},      {"StartService", start_service},
    {"StopService", stop_service},          {NULL, NULL},
};
