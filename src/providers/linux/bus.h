/*
 * Calls on the system bus, and properties of its objects read into structs.
 */
#ifndef WBEM_PROVIDERS_LINUX_BUS_H
#define WBEM_PROVIDERS_LINUX_BUS_H

#include <stdbool.h>
#include <stddef.h>

/* <basetyps.h> makes a macro of "interface", as COM's headers always did; sd-bus has parameters of
 * that name. */
#pragma push_macro("interface")
#undef interface
#include <systemd/sd-bus.h>
#pragma pop_macro("interface")

/* A connection of the caller's own; 0 or -errno. A snapshot directory has no bus. */
int bus_open(sd_bus **ret);
sd_bus *bus_close(sd_bus *bus); /* NULL is fine; gives NULL */

/* A method call that starts no service which does not run; `types` as sd_bus_message_append()
 * takes them. What went wrong is in *error. */
int bus_call(sd_bus *bus, const char *service, const char *path, const char *face,
             const char *method, sd_bus_error *error, sd_bus_message **ret, const char *types, ...);

/* Where a property goes: its D-Bus type (s, b, u, i or t) and the offset of a const char *, int,
 * uint32_t, int32_t or uint64_t. Type 0: a call of `read` with the message at the value. */
struct bus_property {
    const char *name;
    char type;
    size_t offset;
    int (*read)(sd_bus_message *m, void *out);
};

/* All properties of all interfaces of the object; those of the table (ended by a NULL name) are
 * written to `out`. Texts live as long as *ret. 0 or -errno. */
int bus_get_all(sd_bus *bus, const char *service, const char *path,
                const struct bus_property *table, void *out, sd_bus_error *error,
                sd_bus_message **ret);

/* True when the error says that there is no such object, rather than that the call failed. */
bool bus_is_gone(const sd_bus_error *error);

#endif
