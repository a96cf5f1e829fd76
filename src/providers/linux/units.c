/*
 * The service units of systemd, over its D-Bus interface
 * (org.freedesktop.systemd1(5)); see units.h.
 */
#include "providers/linux/units.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANAGER_PATH "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

static void entry_done(struct unit_entry *e)
{
    free(e->name);
    free(e->path);
    free(e->description);
    free(e->load_state);
    free(e->active_state);
    free(e->file_state);
}

void units_done(struct units *u)
{
    for (size_t i = 0; i < u->count; i++) {
        entry_done(&u->items[i]);
    }
    free(u->items);
    *u = (struct units){0};
}

/* Takes the entry's texts; with one missing for want of memory `complete` is false. */
static int append(struct units *u, struct unit_entry *e, bool complete)
{
    if (complete && (u->count & (u->count - 1)) == 0) { /* a power of two: full */
        struct unit_entry *larger =
            realloc(u->items, (u->count ? 2 * u->count : 1) * sizeof *larger);
        complete = larger;
        u->items = larger ? larger : u->items;
    }
    if (!complete) {
        entry_done(e);
        return -ENOMEM;
    }
    u->items[u->count++] = *e;
    return 0;
}

static int compare(const void *a, const void *b)
{
    const struct unit_entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

/* ListUnitsByPatterns: name, description, load state, active state, sub state, followed unit,
 * object, job's number, kind and object. */
static int read_loaded(sd_bus_message *m, struct units *ret)
{
    int result = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "(ssssssouso)");
    while (result >= 0) {
        const char *name, *description, *load, *active, *sub, *following, *path, *job, *job_path;
        uint32_t number;
        result = sd_bus_message_read(m, "(ssssssouso)", &name, &description, &load, &active, &sub,
                                     &following, &path, &number, &job, &job_path);
        if (result <= 0) {
            break;
        }
        if (strcmp(load, "not-found") == 0) {
            continue; /* other units want it, but it is not installed */
        }
        struct unit_entry e = {.name = strdup(name),
                               .path = strdup(path),
                               .description = strdup(description),
                               .load_state = strdup(load),
                               .active_state = strdup(active)};
        result =
            append(ret, &e, e.name && e.path && e.description && e.load_state && e.active_state);
    }
    return result < 0 ? result : 0;
}

/* A template ("getty@.service") is no service, an alias is another name of one. */
static bool is_unit_file(const char *name, const char *state)
{
    const char *at = strchr(name, '@');
    return !(at && strcmp(at, "@.service") == 0) && strcmp(state, "alias") != 0;
}

static int read_files(sd_bus_message *m, struct units *ret)
{
    size_t loaded = ret->count;
    int result = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "(ss)");
    while (result >= 0) {
        const char *file, *state;
        result = sd_bus_message_read(m, "(ss)", &file, &state);
        if (result <= 0) {
            break;
        }
        const char *slash = strrchr(file, '/');
        struct unit_entry e = {.name = strdup(slash ? slash + 1 : file),
                               .file_state = strdup(state)};
        struct unit_entry *known =
            e.name && loaded > 0 ? bsearch(&e, ret->items, loaded, sizeof e, compare) : NULL;
        if (known && !known->file_state) {
            known->file_state = e.file_state;
            e.file_state = NULL;
        }
        if (known || (e.name && !is_unit_file(e.name, state))) {
            entry_done(&e);
        } else {
            result = append(ret, &e, e.name && e.file_state);
        }
    }
    return result < 0 ? result : 0;
}

static int list(sd_bus *bus, const char *method, sd_bus_error *error, struct units *ret,
                int (*read)(sd_bus_message *m, struct units *ret))
{
    sd_bus_message *m = NULL;
    int result = bus_call(bus, UNITS_SERVICE, MANAGER_PATH, MANAGER, method, error, &m, "asas", 0,
                          1, "*.service");
    if (result >= 0) {
        result = read(m, ret);
    }
    sd_bus_message_unref(m);
    if (result >= 0 && ret->count > 0) {
        qsort(ret->items, ret->count, sizeof *ret->items, compare);
    }
    return result;
}

int units_list(sd_bus *bus, sd_bus_error *error, struct units *ret)
{
    *ret = (struct units){0};
    int result = list(bus, "ListUnitsByPatterns", error, ret, read_loaded);
    if (result >= 0) {
        result = list(bus, "ListUnitFilesByPatterns", error, ret, read_files);
    }
    if (result < 0) {
        units_done(ret);
    }
    return result;
}

static int load(sd_bus *bus, const char *name, sd_bus_error *error, char **ret_path)
{
    sd_bus_message *m = NULL;
    const char *path;
    int result =
        bus_call(bus, UNITS_SERVICE, MANAGER_PATH, MANAGER, "LoadUnit", error, &m, "s", name);
    if (result >= 0) {
        result = sd_bus_message_read_basic(m, SD_BUS_TYPE_OBJECT_PATH, &path);
    }
    if (result >= 0) {
        *ret_path = strdup(path);
        result = *ret_path ? 0 : -ENOMEM;
    }
    sd_bus_message_unref(m);
    return result;
}

int units_add(sd_bus *bus, const char *name, sd_bus_error *error, struct units *ret)
{
    char *path = NULL, *load_state = NULL;
    int result = load(bus, name, error, &path);
    if (result >= 0) {
        result =
            sd_bus_get_property_string(bus, UNITS_SERVICE, path, "org.freedesktop.systemd1.Unit",
                                       "LoadState", error, &load_state);
    }
    if (result < 0 || strcmp(load_state, "not-found") == 0) {
        bool gone = result >= 0 || bus_is_gone(error);
        free(path);
        free(load_state);
        return gone ? 0 : result;
    }
    struct unit_entry e = {.name = strdup(name), .path = path, .load_state = load_state};
    result = append(ret, &e, e.name);
    return result < 0 ? result : 1;
}

/* ---- one unit --------------------------------------------------------------- */

static bool add_text(char **to, const char *text)
{
    char *longer = NULL;
    int n = *to ? asprintf(&longer, "%s %s", *to, text) : asprintf(&longer, "%s", text);
    if (n < 0) {
        return false;
    }
    free(*to);
    *to = longer;
    return true;
}

/* ExecStart: for each command its path, arguments (the first is the name it is run under), whether
 * failure is ignored, and how it last ran. A service has one, but for oneshots. */
static int read_command(sd_bus_message *m, void *out)
{
    char **command = out;
    int result = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "(sasbttttuii)");
    bool first = true;
    while (result >= 0 &&
           (result = sd_bus_message_enter_container(m, SD_BUS_TYPE_STRUCT, "sasbttttuii")) > 0) {
        const char *text;
        bool enough = true;
        unsigned i = 0;
        result = sd_bus_message_read_basic(m, SD_BUS_TYPE_STRING, &text);
        if (result >= 0 && first) {
            enough = add_text(command, text);
        }
        if (result >= 0) {
            result = sd_bus_message_enter_container(m, SD_BUS_TYPE_ARRAY, "s");
        }
        while (result >= 0 &&
               (result = sd_bus_message_read_basic(m, SD_BUS_TYPE_STRING, &text)) > 0) {
            if (first && i++ > 0) {
                enough = enough && add_text(command, text);
            }
        }
        result = result < 0 ? result : sd_bus_message_exit_container(m);
        result = result < 0 ? result : sd_bus_message_skip(m, "bttttuii");
        result = result < 0 ? result : sd_bus_message_exit_container(m);
        if (!enough) {
            return -ENOMEM;
        }
        first = false;
    }
    return result < 0 ? result : sd_bus_message_exit_container(m);
}

#define PROPERTY(name, type, field)                                                                \
    {                                                                                              \
        name, type, offsetof(struct unit_details, field), NULL                                     \
    }

static const struct bus_property properties[] = {
    PROPERTY("Id", 's', id),
    PROPERTY("Description", 's', description),
    PROPERTY("LoadState", 's', load_state),
    PROPERTY("ActiveState", 's', active_state),
    PROPERTY("UnitFileState", 's', file_state),
    PROPERTY("FreezerState", 's', freezer_state),
    PROPERTY("User", 's', user),
    PROPERTY("CanStop", 'b', can_stop),
    PROPERTY("CanFreeze", 'b', can_freeze),
    PROPERTY("MainPID", 'u', main_pid),
    PROPERTY("ExecMainCode", 'i', exit_code),
    PROPERTY("ExecMainStatus", 'i', exit_status),
    {"ExecStart", 0, offsetof(struct unit_details, command), read_command},
    {NULL, 0, 0, NULL},
};

int unit_read(sd_bus *bus, const struct unit_entry *e, sd_bus_error *error,
              struct unit_details *ret)
{
    char *loaded = NULL;
    *ret = (struct unit_details){0};
    int result = e->path ? 0 : load(bus, e->name, error, &loaded);
    if (result >= 0) {
        result = bus_get_all(bus, UNITS_SERVICE, e->path ? e->path : loaded, properties, ret, error,
                             &ret->message);
    }
    free(loaded);
    if (result < 0) {
        unit_details_done(ret);
    }
    return result;
}

void unit_details_done(struct unit_details *d)
{
    sd_bus_message_unref(d->message);
    free(d->command);
    *d = (struct unit_details){0};
}
