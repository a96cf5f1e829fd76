/*
 * The service units of systemd: which there are, and the properties of one.
 */
#ifndef WBEM_PROVIDERS_LINUX_UNITS_H
#define WBEM_PROVIDERS_LINUX_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "providers/linux/bus.h"

#define UNITS_SERVICE "org.freedesktop.systemd1"

struct unit_entry {
    char *name;        /* with its suffix */
    char *path;        /* of its object; NULL for a unit file that is not loaded */
    char *description; /* these three NULL when it is not loaded */
    char *load_state;
    char *active_state;
    char *file_state; /* "enabled" …; NULL when it has no file */
};

struct units {
    struct unit_entry *items;
    size_t count;
};

/* What the object of a service unit says; texts live as long as `message`. */
struct unit_details {
    sd_bus_message *message;
    const char *id, *description, *load_state, *active_state, *file_state, *freezer_state, *user;
    int can_stop, can_freeze;
    uint32_t main_pid;
    int32_t exit_code, exit_status; /* CLD_EXITED …, and the status or signal */
    char *command;                  /* of ExecStart, with its arguments; freed by done */
};

/* All service units, those that run and those that are only installed, by name. 0 or -errno. */
int units_list(sd_bus *bus, sd_bus_error *error, struct units *ret);
/* Appends one by its full name, if systemd knows it: 1; 0 when it does not; -errno. */
int units_add(sd_bus *bus, const char *name, sd_bus_error *error, struct units *list);
void units_done(struct units *u);

/* Loads the unit when it is not. */
int unit_read(sd_bus *bus, const struct unit_entry *e, sd_bus_error *error,
              struct unit_details *ret);
void unit_details_done(struct unit_details *d);

#endif
