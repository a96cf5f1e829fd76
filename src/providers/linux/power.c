/*
 * Win32_OperatingSystem.Reboot, Shutdown and Win32Shutdown (WmiSdk/cimwin32prov)
 * over logind (org.freedesktop.login1(5)), which asks polkit whether the caller
 * may; without logind systemd itself, which asks too. Where the caller may not,
 * WMI's answer is WBEM_E_PRIVILEGE_NOT_HELD; otherwise the return code is 0 or,
 * as documented, an error code of the system (winerror.h).
 */
#include "providers/linux/power.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "com/com.h"
#include "providers/linux/bus.h"
#include "providers/linux/linux.h"

/* Set by tests only: see power_use_bus(). */
static _Atomic(const char *) test_address;

void power_use_bus(const char *address)
{
    atomic_store(&test_address, address);
}

static int open_at(const char *address, sd_bus **ret)
{
    sd_bus *bus = NULL;
    int result = sd_bus_new(&bus);
    result = result < 0 ? result : sd_bus_set_address(bus, address);
    result = result < 0 ? result : sd_bus_set_bus_client(bus, 1);
    result = result < 0 ? result : sd_bus_start(bus);
    if (result < 0) {
        sd_bus_unref(bus);
        return result;
    }
    *ret = bus;
    return 0;
}

static HRESULT open_bus(sd_bus **ret)
{
    const char *address = atomic_load(&test_address);
    if (!address && secure_getenv("WBEM_NO_POWER")) {
        return error_raise(WBEM_E_PRIVILEGE_NOT_HELD, "ExecMethod", "WBEM_NO_POWER",
                           "the environment variable WBEM_NO_POWER forbids turning this machine "
                           "off");
    }
    int result = address ? open_at(address, ret) : bus_open(ret);
    return result < 0
               ? error_raise(WBEM_E_PROVIDER_LOAD_FAILURE, "ExecMethod", "Win32_OperatingSystem",
                             "the system bus, where logind listens, can't be reached: %s",
                             strerrordesc_np(-result))
               : WBEM_S_NO_ERROR;
}

enum {
    SHUTDOWN_IN_PROGRESS = 1115 /* ERROR_SHUTDOWN_IN_PROGRESS */
};

/* ---- one wish ------------------------------------------------------------------------ */

struct wish {
    const char *method; /* of logind's manager */
    const char *target; /* of systemd */
};

static const struct wish reboot_wish = {"Reboot", "reboot.target"};
static const struct wish power_off_wish = {"PowerOff", "poweroff.target"};

static bool is_missing(const sd_bus_error *e)
{
    return sd_bus_error_has_name(e, SD_BUS_ERROR_SERVICE_UNKNOWN) ||
           sd_bus_error_has_name(e, SD_BUS_ERROR_NAME_HAS_NO_OWNER);
}

static bool is_refused(const sd_bus_error *e, int result)
{
    return result == -EACCES || result == -EPERM ||
           sd_bus_error_has_name(e, SD_BUS_ERROR_ACCESS_DENIED) ||
           sd_bus_error_has_name(e, SD_BUS_ERROR_AUTH_FAILED) ||
           sd_bus_error_has_name(e, SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED);
}

static int ask(sd_bus *bus, const struct wish *w, sd_bus_error *error)
{
    sd_bus_message *reply = NULL;
    int result = bus_call(bus, "org.freedesktop.login1", "/org/freedesktop/login1",
                          "org.freedesktop.login1.Manager", w->method, error, &reply, "b", 0);
    if (result < 0 && is_missing(error)) {
        sd_bus_error_free(error);
        result = bus_call(bus, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
                          "org.freedesktop.systemd1.Manager", "StartUnit", error, &reply, "ss",
                          w->target, "replace-irreversibly");
    }
    sd_bus_message_unref(reply);
    return result;
}

static HRESULT answer(struct provider_call *c, int result, const sd_bus_error *error)
{
    if (result >= 0) {
        return method_return(c, ERROR_SUCCESS);
    }
    const char *why = error->message ? error->message : strerrordesc_np(-result);
    if (is_refused(error, result)) {
        return error_raise(WBEM_E_PRIVILEGE_NOT_HELD, "ExecMethod", "Win32_OperatingSystem",
                           "the caller may not turn this machine off: %s", why);
    }
    if (is_missing(error)) {
        return error_raise(WBEM_E_PROVIDER_LOAD_FAILURE, "ExecMethod", "Win32_OperatingSystem",
                           "neither logind nor systemd is on the system bus: %s", why);
    }
    if (sd_bus_error_has_name(error, "org.freedesktop.login1.OperationInProgress")) {
        return method_return(c, SHUTDOWN_IN_PROGRESS);
    }
    if (sd_bus_error_has_name(error, "org.freedesktop.login1.BlockedByInhibitorLock")) {
        return method_return(c, ERROR_BUSY);
    }
    return error_raise(WBEM_E_PROVIDER_FAILURE, "ExecMethod", "Win32_OperatingSystem", "%s", why);
}

static HRESULT fulfil(struct provider_call *c, const char *method, const struct wish *w)
{
    sd_bus *bus = NULL;
    sd_bus_error error = SD_BUS_ERROR_NULL;
    HRESULT hr = linux_check_live(method);
    if (SUCCEEDED(hr)) {
        hr = open_bus(&bus);
    }
    if (SUCCEEDED(hr)) {
        int result = ask(bus, w, &error);
        hr = result == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : answer(c, result, &error);
    }
    sd_bus_error_free(&error);
    bus_close(bus);
    return hr;
}

/* ---- the methods --------------------------------------------------------------------- */

static HRESULT reboot_method(struct provider_call *c)
{
    return fulfil(c, "Reboot", &reboot_wish);
}

static HRESULT shutdown_method(struct provider_call *c)
{
    return fulfil(c, "Shutdown", &power_off_wish);
}

/* 0 log off, 1 shut down, 2 reboot, 8 power off; 4 more: do not wait for anyone, which logind
 * decides here. Logging off means nothing to a service. */
static HRESULT win32_shutdown(struct provider_call *c)
{
    enum {
        LOG_OFF = 0,
        SHUT_DOWN = 1,
        REBOOT = 2,
        FORCE = 4,
        POWER_OFF = 8
    };
    int64_t flags = -1;
    (void)method_get_sint(c->in, L"Flags", &flags);
    switch (flags < 0 ? -1 : flags & ~FORCE) {
    case LOG_OFF:
        return method_return(c, ERROR_NOT_SUPPORTED);
    case SHUT_DOWN:
    case POWER_OFF:
        return fulfil(c, "Win32Shutdown", &power_off_wish);
    case REBOOT:
        return fulfil(c, "Win32Shutdown", &reboot_wish);
    default:
        return method_return(c, ERROR_INVALID_PARAMETER);
    }
}

const struct provider_method linux_operating_system_methods[] = {
    {"Reboot", reboot_method},
    {"Shutdown", shutdown_method},
    {"Win32Shutdown", win32_shutdown},
    {NULL, NULL},
};
