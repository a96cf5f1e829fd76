/*
 * Which service needs which: systemd's Requires, Requisite and BindsTo, and
 * Conflicts, between service units. Each has a property with the opposite
 * direction, so that either end can be asked.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "providers/linux/assoc.h"
#include "providers/linux/linux.h"
#include "providers/linux/units.h"

enum {
    /* CIM_ServiceServiceDependency.TypeOfDependency */
    MUST_BE_STARTED = 3,
    MUST_NOT_BE_STARTED = 4
};

#define SUFFIX ".service"

struct dependency {
    const char *property; /* of org.freedesktop.systemd1.Unit */
    unsigned type;
};

static void service_done(void *state)
{
    bus_close(state);
}

/* Without a bus there are no rows either: Win32_Service, which is asked next, says why. */
static HRESULT service_start(const struct provider_request *q, void **ret)
{
    (void)q;
    sd_bus *bus = NULL;
    if (bus_open(&bus) < 0) {
        bus = bus_close(bus);
    }
    *ret = bus;
    return WBEM_S_NO_ERROR;
}

/* The names of units in the message, those of services. */
static HRESULT add_services(sd_bus_message *m, unsigned type, struct assoc_list *ret)
{
    const char *name;
    HRESULT hr = WBEM_S_NO_ERROR;
    int result = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "s");
    while (result > 0 && SUCCEEDED(hr) && (result = sd_bus_message_read(m, "s", &name)) > 0) {
        size_t length = strlen(name);
        size_t stem = length > strlen(SUFFIX) ? length - strlen(SUFFIX) : 0;
        CLEANUP(com_cleanup_free) char *service = strndup(name, stem);
        if (!service) {
            hr = WBEM_E_OUT_OF_MEMORY;
        } else if (stem > 0 && strcmp(name + stem, SUFFIX) == 0 && !assoc_list_find(ret, service)) {
            hr = assoc_list_add(ret, TAKE(service), type, 0);
        }
    }
    return result < 0 ? WBEM_E_PROVIDER_FAILURE : hr;
}

static HRESULT add_property(sd_bus *bus, const char *path, const struct dependency *d,
                            struct assoc_list *ret)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *m = NULL;
    int result = bus_call(bus, UNITS_SERVICE, path, "org.freedesktop.DBus.Properties", "Get",
                          &error, &m, "ss", "org.freedesktop.systemd1.Unit", d->property);
    HRESULT hr = WBEM_S_NO_ERROR;
    if (result >= 0 && sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, "as") > 0) {
        hr = add_services(m, d->type, ret);
    }
    if (result < 0 && !bus_is_gone(&error)) {
        hr = error_raise(WBEM_E_PROVIDER_FAILURE, "Win32_DependentService", path,
                         "systemd does not tell %s: %s", d->property,
                         error.message ? error.message : strerrordesc_np(-result));
    }
    sd_bus_message_unref(m);
    sd_bus_error_free(&error);
    return hr;
}

/* All dependencies of one unit; the table ends with a NULL property. */
static HRESULT add_unit(sd_bus *bus, const char *unit, const struct dependency *table,
                        struct assoc_list *ret)
{
    struct units units = {0};
    sd_bus_error error = SD_BUS_ERROR_NULL;
    int found = units_add(bus, unit, &error, &units);
    HRESULT hr = found == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
    const char *path = found > 0 ? units.items[0].path : NULL;
    for (; path && SUCCEEDED(hr) && table->property; table++) {
        hr = add_property(bus, path, table, ret);
    }
    sd_bus_error_free(&error);
    units_done(&units);
    return hr;
}

static HRESULT find_services(sd_bus *bus, const struct provider_inner *row,
                             const struct dependency *table, struct assoc_list *ret)
{
    CLEANUP(com_cleanup_free) char *service = NULL;
    CLEANUP(com_cleanup_free) char *unit = NULL;
    HRESULT hr = provider_inner_text(row, "Name", &service);
    if (!bus || !service) {
        return hr;
    }
    if (asprintf(&unit, "%s" SUFFIX, service) < 0) {
        unit = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    return add_unit(bus, unit, table, ret);
}

static HRESULT find_needed(void *state, const struct provider_inner *row, struct assoc_list *ret)
{
    static const struct dependency table[] = {{"Requires", MUST_BE_STARTED},
                                              {"Requisite", MUST_BE_STARTED},
                                              {"BindsTo", MUST_BE_STARTED},
                                              {"Conflicts", MUST_NOT_BE_STARTED},
                                              {NULL, 0}};
    return find_services(state, row, table, ret);
}

static HRESULT find_needing(void *state, const struct provider_inner *row, struct assoc_list *ret)
{
    static const struct dependency table[] = {{"RequiredBy", MUST_BE_STARTED},
                                              {"RequisiteOf", MUST_BE_STARTED},
                                              {"BoundBy", MUST_BE_STARTED},
                                              {"ConflictedBy", MUST_NOT_BE_STARTED},
                                              {NULL, 0}};
    return find_services(state, row, table, ret);
}

#define FOUND_SERVICE                                                                              \
    {                                                                                              \
        .kind = ASSOC_FOUND, .class_name = "Win32_Service", .keys = {                              \
            {"Name", ASSOC_COLUMN, NULL}                                                           \
        }                                                                                          \
    }

static const struct association from_antecedent = {
    .provider =
        ASSOC_PROVIDER("Win32_DependentService", "Antecedent", "Dependent", "TypeOfDependency"),
    .ends = {{.kind = ASSOC_ROW}, FOUND_SERVICE},
    .driving = ASSOC_DRIVING("Win32_Service"),
    .start = service_start,
    .expand = find_needing,
    .done = service_done,
};

const struct association linux_dependent_service = {
    .provider =
        ASSOC_PROVIDER("Win32_DependentService", "Antecedent", "Dependent", "TypeOfDependency"),
    .ends = {FOUND_SERVICE, {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_Service"),
    .start = service_start,
    .expand = find_needed,
    .done = service_done,
    .reverse = &from_antecedent,
};
