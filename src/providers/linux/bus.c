/*
 * Calls on the system bus; see bus.h.
 */
#include "providers/linux/bus.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "providers/linux/procfs.h"

int bus_open(sd_bus **ret)
{
    return linux_is_live() ? sd_bus_open_system(ret) : -ENOENT;
}

sd_bus *bus_close(sd_bus *bus)
{
    return sd_bus_flush_close_unref(bus);
}

int bus_call(sd_bus *bus, const char *service, const char *path, const char *face,
             const char *method, sd_bus_error *error, sd_bus_message **ret, const char *types, ...)
{
    sd_bus_message *m = NULL;
    int result = sd_bus_message_new_method_call(bus, &m, service, path, face, method);
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
        result = sd_bus_call(bus, m, 0, error, ret);
    }
    sd_bus_message_unref(m);
    return result < 0 ? result : 0;
}

static const struct bus_property *find(const struct bus_property *table, const char *name)
{
    for (; table->name; table++) {
        if (strcmp(table->name, name) == 0) {
            return table;
        }
    }
    return NULL;
}

/* The value, at which the message stands, is of the expected type or is passed over. */
static int read_value(sd_bus_message *m, const struct bus_property *p, void *out)
{
    char type;
    const char *contents;
    int result = sd_bus_message_peek_type(m, &type, &contents);
    if (result < 0) {
        return result;
    }
    if (!p || type != SD_BUS_TYPE_VARIANT ||
        (p->type && (contents[0] != p->type || contents[1] != '\0'))) {
        return sd_bus_message_skip(m, "v");
    }

    result = sd_bus_message_enter_container(m, SD_BUS_TYPE_VARIANT, contents);
    if (result < 0) {
        return result;
    }
    result = p->type ? sd_bus_message_read_basic(m, p->type, (char *)out + p->offset)
                     : p->read(m, (char *)out + p->offset);
    return result < 0 ? result : sd_bus_message_exit_container(m);
}

static int read_all(sd_bus_message *m, const struct bus_property *table, void *out)
{
    int result = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "{sv}");
    while (result >= 0 &&
           (result = sd_bus_message_enter_container(m, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
        const char *name;
        result = sd_bus_message_read_basic(m, SD_BUS_TYPE_STRING, &name);
        if (result >= 0) {
            result = read_value(m, find(table, name), out);
        }
        if (result >= 0) {
            result = sd_bus_message_exit_container(m);
        }
    }
    return result < 0 ? result : 0;
}

int bus_get_all(sd_bus *bus, const char *service, const char *path,
                const struct bus_property *table, void *out, sd_bus_error *error,
                sd_bus_message **ret)
{
    sd_bus_message *m = NULL;
    /* The empty name stands for all interfaces that the object has. */
    int result = bus_call(bus, service, path, "org.freedesktop.DBus.Properties", "GetAll", error,
                          &m, "s", "");
    if (result >= 0) {
        result = read_all(m, table, out);
    }
    if (result < 0) {
        sd_bus_message_unref(m);
        return result;
    }
    *ret = m;
    return 0;
}

bool bus_is_gone(const sd_bus_error *error)
{
    return sd_bus_error_has_name(error, "org.freedesktop.systemd1.NoSuchUnit") ||
           sd_bus_error_has_name(error, "org.freedesktop.login1.NoSuchSession") ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_OBJECT) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_INTERFACE) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_UNKNOWN_METHOD) ||
           sd_bus_error_has_name(error, SD_BUS_ERROR_INVALID_ARGS);
}
