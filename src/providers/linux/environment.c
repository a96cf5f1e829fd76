/*
 * Win32_Environment: the variables that this process was started with, as those
 * of its user, and those that /etc/environment gives to all users.
 */
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/procfs.h"

#define COLUMNS(X)                                                                                 \
    X(Caption), X(Description), X(Name), X(Status), X(SystemVariable), X(UserName), X(VariableValue)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

enum {
    LIMIT = 4 << 20
};

struct environment_cursor {
    char *user_text;   /* name=value, each with a terminator */
    size_t user_size;  /* 0: none */
    size_t user_at;    /* of the next variable */
    char *system_text; /* lines of /etc/environment; may be NULL */
    char *system_at;   /* of the next line */
    char user[2 * LINUX_NAME_SIZE];
};

static void environment_close(void *cursor)
{
    struct environment_cursor *c = cursor;
    if (c) {
        free(c->user_text);
        free(c->system_text);
        free(c);
    }
}

static void find_user(struct environment_cursor *c)
{
    char host[LINUX_NAME_SIZE], buffer[4096];
    struct passwd entry, *found = NULL;
    linux_host_name(host);
    if (getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found) {
        snprintf(c->user, sizeof c->user, "%s\\%s", host, found->pw_name);
    } else {
        snprintf(c->user, sizeof c->user, "%s\\%u", host, (unsigned)geteuid());
    }
}

static HRESULT environment_open(const struct provider_request *q, void **ret)
{
    (void)q;
    struct environment_cursor *c = calloc(1, sizeof *c);
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    find_user(c);
    /* Not getenv(): another thread may be changing that. */
    ssize_t size = linux_read_all("/proc/self/environ", LIMIT, &c->user_text);
    c->user_size = size > 0 ? (size_t)size : 0;
    if (linux_read_all("/etc/environment", LIMIT, &c->system_text) > 0) {
        c->system_at = c->system_text;
    }
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static void set_variable(struct provider_row *r, const char *user, bool system, const char *name,
                         size_t name_size, const char *value, size_t value_size)
{
    provider_set_format(r, COLUMN_Caption, "%s\\%.*s", user, (int)name_size, name);
    provider_set_format(r, COLUMN_Description, "%s\\%.*s", user, (int)name_size, name);
    provider_set_string_n(r, COLUMN_Name, name, name_size);
    provider_set_string(r, COLUMN_Status, "OK");
    provider_set_bool(r, COLUMN_SystemVariable, system);
    provider_set_string(r, COLUMN_UserName, user);
    provider_set_string_n(r, COLUMN_VariableValue, value, value_size);
}

/* Of two variables with one name programs see the first. */
static bool seen_before(const struct environment_cursor *c, size_t at, size_t name_size)
{
    for (size_t i = 0; i < at; i += strlen(c->user_text + i) + 1) {
        if (strncmp(c->user_text + i, c->user_text + at, name_size + 1) == 0) {
            return true;
        }
    }
    return false;
}

static bool next_of_user(struct environment_cursor *c, struct provider_row *r)
{
    while (c->user_at < c->user_size) {
        size_t at = c->user_at;
        const char *name = c->user_text + at;
        const char *equals = strchr(name, '=');
        c->user_at += strlen(name) + 1;
        if (equals && equals != name && !seen_before(c, at, (size_t)(equals - name))) {
            set_variable(r, c->user, false, name, (size_t)(equals - name), equals + 1,
                         strlen(equals + 1));
            return true;
        }
    }
    return false;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* pam_env(8): comments, an "export " before the name, quotes around the value. */
static bool next_of_system(struct environment_cursor *c, struct provider_row *r)
{
    while (c->system_at && *c->system_at) {
        const char *p = c->system_at;
        const char *end = strchrnul(p, '\n');
        c->system_at += (end - p) + (*end != '\0');
        while (p < end && is_blank(*p)) {
            p++;
        }
        if (end - p > 7 && strncmp(p, "export ", 7) == 0) {
            p += 7;
        }
        while (end > p && is_blank(end[-1])) {
            end--;
        }
        const char *equals = memchr(p, '=', (size_t)(end - p));
        if (*p == '#' || !equals || equals == p) {
            continue;
        }
        const char *value = equals + 1;
        if (end - value >= 2 && (*value == '"' || *value == '\'') && end[-1] == *value) {
            value++;
            end--;
        }
        set_variable(r, "<SYSTEM>", true, p, (size_t)(equals - p), value, (size_t)(end - value));
        return true;
    }
    return false;
}

static HRESULT environment_next(void *cursor, struct provider_row *row)
{
    struct environment_cursor *c = cursor;
    return next_of_system(c, row) || next_of_user(c, row) ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

const struct provider_class linux_environment = {
    .name = "Win32_Environment",
    .columns = columns,
    .open = environment_open,
    .next = environment_next,
    .close = environment_close,
};
