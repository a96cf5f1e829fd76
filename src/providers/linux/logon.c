/*
 * Win32_LogonSession: the sessions of systemd-logind
 * (org.freedesktop.login1(5)); of utmp(5) where logind does not run.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <utmp.h>

#include "providers/linux/bus.h"
#include "providers/linux/linux.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(AuthenticationPackage), X(Caption), X(LogonId), X(LogonType), X(Name), X(StartTime), X(Status)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

#define LOGIN_SERVICE "org.freedesktop.login1"

enum {
    UTMP_LIMIT = 4 << 20,
    /* Win32_LogonSession.LogonType */
    TYPE_INTERACTIVE = 2,
    TYPE_BATCH = 4,
    TYPE_SERVICE = 5,
    TYPE_UNLOCK = 7,
    TYPE_REMOTE_INTERACTIVE = 10
};

struct logon_cursor {
    sd_bus *bus;          /* NULL: from utmp */
    sd_bus_message *list; /* of logind's sessions, at the next one */
    char *utmp;
    size_t utmp_size, utmp_at;
};

static void logon_close(void *cursor)
{
    struct logon_cursor *c = cursor;
    if (c) {
        sd_bus_message_unref(c->list);
        bus_close(c->bus);
        free(c->utmp);
        free(c);
    }
}

static int open_logind(struct logon_cursor *c)
{
    sd_bus_error error = SD_BUS_ERROR_NULL;
    int result = bus_open(&c->bus);
    if (result >= 0) {
        result = bus_call(c->bus, LOGIN_SERVICE, "/org/freedesktop/login1",
                          "org.freedesktop.login1.Manager", "ListSessions", &error, &c->list, NULL);
    }
    if (result >= 0) {
        result = sd_bus_message_enter_container(c->list, SD_BUS_TYPE_ARRAY, "(susso)");
    }
    sd_bus_error_free(&error);
    return result;
}

static HRESULT logon_open(const struct provider_request *q, void **ret)
{
    (void)q;
    struct logon_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (open_logind(c) < 0) {
        c->bus = bus_close(c->bus);
        c->list = sd_bus_message_unref(c->list);
        ssize_t size = linux_read_all("/var/run/utmp", UTMP_LIMIT, &c->utmp);
        if (size < 0) {
            logon_close(c);
            return size == -ENOMEM ? WBEM_E_OUT_OF_MEMORY : WBEM_S_FALSE;
        }
        c->utmp_size = (size_t)size;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

/* ---- logind --------------------------------------------------------------------- */

struct session {
    const char *name, *service, *class_name, *state;
    int remote;
    uint64_t start; /* microseconds since 1970 */
};

#define PROPERTY(name, type, field)                                                                \
    {                                                                                              \
        name, type, offsetof(struct session, field), NULL                                          \
    }

static const struct bus_property properties[] = {
    PROPERTY("Name", 's', name),
    PROPERTY("Service", 's', service),
    PROPERTY("Class", 's', class_name),
    PROPERTY("State", 's', state),
    PROPERTY("Remote", 'b', remote),
    PROPERTY("Timestamp", 't', start),
    {NULL, 0, 0, NULL},
};

static bool begins(const char *text, const char *with)
{
    return text && strncmp(text, with, strlen(with)) == 0;
}

static unsigned logon_type(const struct session *s)
{
    return begins(s->class_name, "background")    ? TYPE_BATCH
           : begins(s->class_name, "manager")     ? TYPE_SERVICE
           : begins(s->class_name, "lock-screen") ? TYPE_UNLOCK
           : s->remote                            ? TYPE_REMOTE_INTERACTIVE
                                                  : TYPE_INTERACTIVE;
}

static void set_session(struct provider_row *r, const char *id, const char *user,
                        const struct session *s)
{
    provider_set_string(r, COLUMN_LogonId, id);
    provider_set_string(r, COLUMN_Name, user);
    provider_set_string(r, COLUMN_Caption, user);
    provider_set_uint(r, COLUMN_LogonType, logon_type(s));
    provider_set_string(r, COLUMN_AuthenticationPackage,
                        s->service && s->service[0] ? s->service : NULL);
    if (s->start) {
        provider_set_datetime(r, COLUMN_StartTime, (int64_t)s->start);
    }
    provider_set_string(r, COLUMN_Status,
                        begins(s->state, "closing")   ? "Stopping"
                        : begins(s->state, "opening") ? "Starting"
                                                      : "OK");
}

static HRESULT next_session(struct logon_cursor *c, struct provider_row *row)
{
    for (;;) {
        const char *id, *user, *seat, *path;
        uint32_t uid;
        int result = sd_bus_message_read(c->list, "(susso)", &id, &uid, &user, &seat, &path);
        if (result <= 0) {
            return result < 0 ? WBEM_E_PROVIDER_FAILURE : WBEM_S_FALSE;
        }

        struct session s = {0};
        sd_bus_message *m = NULL;
        sd_bus_error error = SD_BUS_ERROR_NULL;
        result = bus_get_all(c->bus, LOGIN_SERVICE, path, properties, &s, &error, &m);
        bool gone = bus_is_gone(&error);
        HRESULT hr = WBEM_S_NO_ERROR;
        if (result >= 0) {
            set_session(row, id, user, &s);
        } else if (!gone) {
            hr = error_raise(WBEM_E_PROVIDER_FAILURE, "ExecQuery", id,
                             "systemd-logind does not tell of session %s: %s", id,
                             error.message ? error.message : strerrordesc_np(-result));
        }
        sd_bus_message_unref(m);
        sd_bus_error_free(&error);
        if (result >= 0 || !gone) {
            return hr;
        }
    }
}

/* ---- utmp ------------------------------------------------------------------------ */

static HRESULT next_record(struct logon_cursor *c, struct provider_row *row)
{
    while (c->utmp_size - c->utmp_at >= sizeof(struct utmp)) {
        struct utmp u;
        memcpy(&u, c->utmp + c->utmp_at, sizeof u);
        c->utmp_at += sizeof u;
        if (u.ut_type != USER_PROCESS) {
            continue;
        }
        char line[sizeof u.ut_line + 1] = "", user[sizeof u.ut_user + 1] = "";
        memcpy(line, u.ut_line, sizeof u.ut_line);
        memcpy(user, u.ut_user, sizeof u.ut_user);
        /* A display such as ":0" is here; any other host is elsewhere. */
        struct session s = {.remote = u.ut_host[0] && u.ut_host[0] != ':'};
        set_session(row, line, user, &s);
        provider_set_datetime(row, COLUMN_StartTime,
                              (int64_t)u.ut_tv.tv_sec * 1000000 + u.ut_tv.tv_usec);
        return WBEM_S_NO_ERROR;
    }
    return WBEM_S_FALSE;
}

static HRESULT logon_next(void *cursor, struct provider_row *row)
{
    struct logon_cursor *c = cursor;
    return c->bus ? next_session(c, row) : next_record(c, row);
}

const struct provider_class linux_logon_session = {
    .name = "Win32_LogonSession",
    .columns = columns,
    .open = logon_open,
    .next = logon_next,
    .close = logon_close,
};
