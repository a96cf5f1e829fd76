/*
 * Win32_Service: the service units of systemd. A query for the state alone asks
 * for two lists; what only a unit's own object knows costs a call for each
 * unit; a condition on Name loads that unit alone.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/units.h"

/* The first few are those that only the unit's object tells. */
#define COLUMNS(X)                                                                                 \
    X(AcceptPause), X(AcceptStop), X(ExitCode), X(PathName), X(ProcessId),                         \
        X(ServiceSpecificExitCode), X(StartName), X(Caption), X(CreationClassName),                \
        X(Description), X(DesktopInteract), X(DisplayName), X(Name), X(ServiceType), X(Started),   \
        X(StartMode), X(State), X(Status), X(SystemCreationClassName), X(SystemName)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

struct service_cursor {
    const struct provider_request *request;
    sd_bus *bus;
    struct units units;
    size_t next;
    bool one_by_one; /* the entries are by name, without states */
    char system[LINUX_NAME_SIZE];
};

static const char suffix[] = ".service";

static void service_close(void *cursor)
{
    struct service_cursor *c = cursor;
    if (c) {
        units_done(&c->units);
        bus_close(c->bus);
        free(c);
    }
}

static HRESULT fail(HRESULT hr, int result, const sd_bus_error *error, const char *what)
{
    if (result == -ENOMEM) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    const char *text = error && error->message ? error->message : strerrordesc_np(-result);
    return error_raise(hr, "ExecQuery", "Win32_Service", "%s: %s", what, text);
}

/* ---- which units ---------------------------------------------------------------- */

/* 1 when every name of the condition is a unit; 0 when one is not as it is written: names are
 * compared without regard to case, so the list has to be looked through. */
static int add_points(struct service_cursor *c, sd_bus_error *error)
{
    int64_t count = linux_point_count(c->request, COLUMN_Name);
    int result = count >= 0;
    for (int64_t i = 0; i < count && result > 0; i++) {
        char *full = NULL;
        char *name = provider_point_string(c->request, COLUMN_Name, (uint32_t)i);
        if (!name) {
            continue; /* no unit has a null name */
        }
        result = asprintf(&full, "%s%s", name, suffix) < 0
                     ? -ENOMEM
                     : units_add(c->bus, full, error, &c->units);
        free(full);
        free(name);
    }
    return result;
}

static HRESULT open_units(struct service_cursor *c)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    int result = add_points(c, &error);
    c->one_by_one = result > 0;
    if (result == 0) {
        units_done(&c->units);
        sd_bus_error_free(&error);
        result = units_list(c->bus, &error, &c->units);
    }
    HRESULT hr = result < 0 ? fail(WBEM_E_PROVIDER_FAILURE, result, &error,
                                   "systemd (org.freedesktop.systemd1 on the system bus) "
                                   "does not list its units")
                            : WBEM_S_NO_ERROR;
    sd_bus_error_free(&error);
    return hr;
}

static HRESULT service_open(const struct provider_request *q, void **ret)
{
    struct service_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    int result = bus_open(&c->bus);
    HRESULT hr = result < 0 ? fail(WBEM_E_PROVIDER_LOAD_FAILURE, result, NULL,
                                   "the system bus, where systemd tells of its services, "
                                   "can't be reached")
                            : open_units(c);
    if (FAILED(hr)) {
        service_close(c);
        /* A machine without systemd has no such services: not a reason for a query on a
         * superclass to fail. */
        return provider_request_is_deep(q) && hr != WBEM_E_OUT_OF_MEMORY ? WBEM_S_FALSE : hr;
    }
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* ---- one service ------------------------------------------------------------------ */

static bool is_one_of(const char *text, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(text, *list) == 0) {
            return true;
        }
    }
    return false;
}

/* systemd's "disabled" only means not started at boot, which Windows calls manual. */
static const char *start_mode(const char *file_state)
{
    static const char *const started[] = {"enabled", "enabled-runtime", NULL};
    static const char *const masked[] = {"masked", "masked-runtime", NULL};
    return is_one_of(file_state, started)  ? "Auto"
           : is_one_of(file_state, masked) ? "Disabled"
                                           : "Manual";
}

static void set_state(struct provider_row *r, const char *active, const char *freezer)
{
    static const struct {
        const char *active, *state, *status;
        bool started;
    } states[] = {
        {"active", "Running", "OK", true},
        {"reloading", "Running", "OK", true},
        {"refreshing", "Running", "OK", true},
        {"inactive", "Stopped", "OK", false},
        {"failed", "Stopped", "Error", false},
        {"activating", "Start Pending", "Starting", false},
        {"deactivating", "Stop Pending", "Stopping", true},
        {"maintenance", "Unknown", "Service", false},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strcmp(states[i].active, active) == 0) {
            bool frozen = freezer && strcmp(freezer, "frozen") == 0;
            provider_set_string(r, COLUMN_State, frozen ? "Paused" : states[i].state);
            provider_set_string(r, COLUMN_Status, states[i].status);
            provider_set_bool(r, COLUMN_Started, states[i].started);
            return;
        }
    }
    provider_set_string(r, COLUMN_State, "Unknown");
    provider_set_string(r, COLUMN_Status, "Unknown");
}

static void set_exit(struct provider_row *r, const struct unit_details *d)
{
    enum {
        ERROR_SERVICE_SPECIFIC = 1066,
        SIGNAL_BASE = 128 /* as shells tell of a signal in a status */
    };
    uint32_t code = (uint32_t)d->exit_status;
    if (d->exit_code == CLD_KILLED || d->exit_code == CLD_DUMPED) {
        code += SIGNAL_BASE;
    }
    provider_set_uint(r, COLUMN_ExitCode, code ? ERROR_SERVICE_SPECIFIC : 0);
    provider_set_uint(r, COLUMN_ServiceSpecificExitCode, code);
}

static void set_description(struct provider_row *r, const char *text)
{
    provider_set_string(r, COLUMN_Description, text);
    provider_set_string(r, COLUMN_DisplayName, text);
    provider_set_string(r, COLUMN_Caption, text);
}

static void set_details(struct provider_row *r, const struct unit_details *d)
{
    const char *active = d->active_state ? d->active_state : "";
    bool runs = strcmp(active, "active") == 0;
    provider_set_bool(r, COLUMN_AcceptStop, runs && d->can_stop);
    provider_set_bool(r, COLUMN_AcceptPause, runs && d->can_freeze);
    provider_set_string(r, COLUMN_PathName, d->command);
    provider_set_uint(r, COLUMN_ProcessId, d->main_pid);
    provider_set_string(r, COLUMN_StartName, d->user && d->user[0] ? d->user : "root");
    set_exit(r, d);
    set_description(r, d->description);
    set_state(r, active, d->freezer_state);
    provider_set_string(r, COLUMN_StartMode, start_mode(d->file_state ? d->file_state : ""));
}

static void set_listed(struct provider_row *r, const struct unit_entry *e)
{
    set_description(r, e->description);
    set_state(r, e->active_state ? e->active_state : "inactive", NULL);
    provider_set_string(r, COLUMN_StartMode, start_mode(e->file_state ? e->file_state : ""));
}

static bool needs_details(const struct service_cursor *c, const struct provider_row *r,
                          const struct unit_entry *e)
{
    return c->one_by_one || provider_wants_any(r, COLUMN_AcceptPause, COLUMN_StartName) ||
           (!e->description &&
            (provider_wants(r, COLUMN_Description) || provider_wants(r, COLUMN_DisplayName) ||
             provider_wants(r, COLUMN_Caption)));
}

/* WBEM_S_FALSE for a unit that has gone. */
static HRESULT fill_details(struct service_cursor *c, const struct unit_entry *e,
                            struct provider_row *row)
{
    struct unit_details d;
    sd_bus_error error = SD_BUS_ERROR_NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    int result = unit_read(c->bus, e, &error, &d);
    if (result < 0) {
        hr = bus_is_gone(&error) ? WBEM_S_FALSE
                                 : fail(WBEM_E_PROVIDER_FAILURE, result, &error, e->name);
    } else if (d.id && strcmp(d.id, e->name) != 0) {
        hr = WBEM_S_FALSE; /* an alias: the unit stands under its own name */
    } else {
        set_details(row, &d);
    }
    if (result >= 0) {
        unit_details_done(&d);
    }
    sd_bus_error_free(&error);
    return hr;
}

static void set_name(struct provider_row *r, const char *name)
{
    size_t length = strlen(name), end = sizeof suffix - 1;
    if (length > end && strcmp(name + length - end, suffix) == 0) {
        length -= end;
    }
    provider_set_string_n(r, COLUMN_Name, name, length);
}

static HRESULT service_next(void *cursor, struct provider_row *row)
{
    struct service_cursor *c = cursor;
    while (c->next < c->units.count) {
        const struct unit_entry *e = &c->units.items[c->next++];
        provider_row_clear(row);
        if (needs_details(c, row, e)) {
            HRESULT hr = fill_details(c, e, row);
            if (FAILED(hr)) {
                return hr;
            }
            if (hr == WBEM_S_FALSE) {
                continue;
            }
        } else {
            set_listed(row, e);
        }
        set_name(row, e->name);
        provider_set_string(row, COLUMN_ServiceType, "Own Process");
        provider_set_bool(row, COLUMN_DesktopInteract, false);
        provider_set_string(row, COLUMN_CreationClassName, "Win32_Service");
        provider_set_string(row, COLUMN_SystemCreationClassName, "Win32_ComputerSystem");
        provider_set_string(row, COLUMN_SystemName, linux_known(c->system));
        return WBEM_S_NO_ERROR;
    }
    return WBEM_S_FALSE;
}

const struct provider_class linux_service = {
    .name = "Win32_Service",
    .columns = columns,
    .open = service_open,
    .next = service_next,
    .close = service_close,
    .methods = linux_service_methods,
};
