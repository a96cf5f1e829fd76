/*
 * Win32_UserAccount and Win32_Group: the accounts of /etc/passwd and
 * /etc/group, and others that the name service switch knows, when a condition
 * names them: a directory of a whole company is not listed. Security
 * identifiers are those that Samba gives Unix accounts that have no other.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "providers/linux/account_file.h"
#include "providers/linux/linux.h"
#include "providers/linux/machine.h"
#include "providers/linux/match.h"
#include "providers/linux/procfs.h"

/* Both classes begin with these; the first few of the others are those that shadow tells. */
#define COMMON(X)                                                                                  \
    X(Caption), X(Domain), X(LocalAccount), X(Name), X(SID), X(SIDType), X(Status), X(Description)
#define COLUMNS(X)                                                                                 \
    COMMON(X), X(Disabled), X(Lockout), X(PasswordChangeable), X(PasswordExpires),                 \
        X(PasswordRequired), X(AccountType), X(FullName)

enum {
    COLUMNS(LINUX_COLUMN_NUMBER)
};

static const char *const group_columns[] = {COMMON(LINUX_COLUMN_NAME), NULL};
static const char *const user_columns[] = {COLUMNS(LINUX_COLUMN_NAME), NULL};

enum {
    SID_TYPE_USER = 1,
    SID_TYPE_GROUP = 2,
    /* Fields of passwd, shadow and group. */
    PASSWD_PASSWORD = 1,
    PASSWD_ID = 2,
    PASSWD_GROUP = 3,
    PASSWD_COMMENT = 4,
    GROUP_ID = 2,
    SHADOW_PASSWORD = 1,
    SHADOW_MINIMUM = 3,
    SHADOW_MAXIMUM = 4,
    SHADOW_EXPIRES = 7
};

struct account_cursor {
    const struct provider_request *request;
    struct account_file accounts, shadow;
    uint32_t next_point;
    char system[LINUX_NAME_SIZE];
};

static void account_close(void *cursor)
{
    struct account_cursor *c = cursor;
    if (c) {
        account_file_close(&c->accounts);
        account_file_close(&c->shadow);
        free(c);
    }
}

static HRESULT account_open(const struct provider_request *q, const char *path, void **ret)
{
    struct account_cursor *c = calloc(1, sizeof *c);
    if (!c || account_file_open(path, &c->accounts) < 0) {
        free(c);
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->request = q;
    linux_host_name(c->system);
    *ret = c;
    return WBEM_S_NO_ERROR;
}

static bool text_to_id(const struct account_record *r, unsigned field, uint32_t *ret)
{
    int64_t v;
    if (!account_number(r, field, &v) || v < 0 || v > UINT32_MAX) {
        return false;
    }
    *ret = (uint32_t)v;
    return true;
}

static void set_common(struct provider_row *r, const struct account_cursor *c, const char *name,
                       size_t size, bool local)
{
    provider_set_string_n(r, COLUMN_Name, name, size);
    provider_set_string(r, COLUMN_Domain, c->system);
    provider_set_bool(r, COLUMN_LocalAccount, local);
    if (size < LINUX_NAME_SIZE) {
        provider_set_format(r, COLUMN_Caption, "%s\\%.*s", c->system, (int)size, name);
        provider_set_format(r, COLUMN_Description, "%s\\%.*s", c->system, (int)size, name);
    }
}

/* ---- names that the condition asks for and the file does not have ---------------- */

static bool in_file(const struct account_cursor *c, const char *name)
{
    struct account_file f = {.text = c->accounts.text, .at = c->accounts.text};
    struct account_record record;
    return account_file_find(&f, name, strlen(name), &record);
}

/* The next of the condition's names that is not in the file; free() it. */
static char *next_foreign_name(struct account_cursor *c)
{
    int64_t count = linux_is_live() ? linux_point_count(c->request, COLUMN_Name) : -1;
    while (c->next_point < count) {
        char *name = provider_point_string(c->request, COLUMN_Name, c->next_point++);
        if (name && !in_file(c, name)) {
            return name;
        }
        free(name);
    }
    return NULL;
}

/* Calls a getXXnam_r() function with a buffer that grows until the answer fits. */
typedef int lookup(const char *name, void *entry, char *buffer, size_t size, void **ret);

static bool look_up(lookup *call, const char *name, void *entry, char **buffer)
{
    enum {
        FIRST_SIZE = 1024,
        LAST_SIZE = 16 << 20
    };
    void *found = NULL;
    for (size_t size = FIRST_SIZE; size <= LAST_SIZE; size *= 2) {
        char *larger = realloc(*buffer, size);
        if (!larger) {
            return false;
        }
        *buffer = larger;
        int result = call(name, entry, *buffer, size, &found);
        if (result != ERANGE) {
            return result == 0 && found;
        }
    }
    return false;
}

static int look_up_user(const char *name, void *entry, char *buffer, size_t size, void **ret)
{
    return getpwnam_r(name, entry, buffer, size, (struct passwd **)ret);
}

static int look_up_group(const char *name, void *entry, char *buffer, size_t size, void **ret)
{
    return getgrnam_r(name, entry, buffer, size, (struct group **)ret);
}

/* ---- users ------------------------------------------------------------------------- */

static HRESULT user_open(const struct provider_request *q, void **ret)
{
    HRESULT hr = account_open(q, "/etc/passwd", ret);
    bool wants_shadow = false;
    for (unsigned i = COLUMN_Disabled; i <= COLUMN_PasswordRequired; i++) {
        wants_shadow = wants_shadow || provider_request_wants(q, i);
    }
    wants_shadow = wants_shadow || provider_request_wants(q, COLUMN_Status);
    struct account_cursor *c = FAILED(hr) ? NULL : *ret;
    if (c && wants_shadow && account_file_open("/etc/shadow", &c->shadow) < 0) {
        account_close(c);
        *ret = NULL;
        return WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

static void set_user(struct provider_row *r, uint32_t id, const char *comment, size_t size)
{
    enum {
        UF_NORMAL_ACCOUNT = 512
    };
    provider_set_format(r, COLUMN_SID, "S-1-22-1-%u", id);
    provider_set_uint(r, COLUMN_SIDType, SID_TYPE_USER);
    provider_set_uint(r, COLUMN_AccountType, UF_NORMAL_ACCOUNT);
    /* The comment's first part is the full name; office and telephones may follow. */
    const char *comma = memchr(comment, ',', size);
    provider_set_string_n(r, COLUMN_FullName, comment, comma ? (size_t)(comma - comment) : size);
}

static bool in_shadow(struct provider_row *r, struct account_cursor *c,
                      const struct account_record *user)
{
    struct account_record s;
    if (!account_file_find(&c->shadow, user->fields[0].text, user->fields[0].size, &s)) {
        return false;
    }
    enum {
        DAY = 86400,
        NEVER = 99999 /* what tools write into SHADOW_MAXIMUM for no limit */
    };
    int64_t minimum, maximum, expires;
    bool has_maximum = account_number(&s, SHADOW_MAXIMUM, &maximum) && maximum >= 0;
    bool has_minimum = account_number(&s, SHADOW_MINIMUM, &minimum) && minimum >= 0;
    bool disabled = account_number(&s, SHADOW_EXPIRES, &expires) && expires >= 0 &&
                    expires <= (int64_t)time(NULL) / DAY;
    bool locked = s.fields[SHADOW_PASSWORD].size > 0 && *s.fields[SHADOW_PASSWORD].text == '!';
    provider_set_bool(r, COLUMN_Disabled, disabled);
    provider_set_bool(r, COLUMN_Lockout, locked);
    provider_set_bool(r, COLUMN_PasswordExpires, has_maximum && maximum < NEVER);
    /* shadow(5): a minimum above the maximum means that the user can't change the password. */
    provider_set_bool(r, COLUMN_PasswordChangeable,
                      !(has_minimum && has_maximum && minimum > maximum));
    provider_set_bool(r, COLUMN_PasswordRequired, s.fields[SHADOW_PASSWORD].size > 0);
    provider_set_string(r, COLUMN_Status, disabled ? "Degraded" : "OK");
    return true;
}

static void set_password(struct provider_row *r, struct account_cursor *c,
                         const struct account_record *user)
{
    /* An "x" stands for the field in shadow; without shadow the field counts as it is. */
    bool elsewhere =
        user->fields[PASSWD_PASSWORD].size == 1 && *user->fields[PASSWD_PASSWORD].text == 'x';
    if (!in_shadow(r, c, user) && !elsewhere) {
        provider_set_bool(r, COLUMN_PasswordRequired, user->fields[PASSWD_PASSWORD].size > 0);
    }
}

static bool next_foreign_user(struct account_cursor *c, struct provider_row *row)
{
    char *name;
    bool found = false;
    while (!found && (name = next_foreign_name(c))) {
        struct passwd entry;
        char *buffer = NULL;
        found = look_up(look_up_user, name, &entry, &buffer);
        if (found) {
            set_common(row, c, entry.pw_name, strlen(entry.pw_name), false);
            set_user(row, entry.pw_uid, entry.pw_gecos, strlen(entry.pw_gecos));
        }
        free(buffer);
        free(name);
    }
    return found;
}

static HRESULT user_next(void *cursor, struct provider_row *row)
{
    struct account_cursor *c = cursor;
    struct account_record user;
    uint32_t id, group;
    while (account_file_next(&c->accounts, &user)) {
        if (text_to_id(&user, PASSWD_ID, &id) && text_to_id(&user, PASSWD_GROUP, &group)) {
            set_common(row, c, user.fields[0].text, user.fields[0].size, true);
            set_user(row, id, user.fields[PASSWD_COMMENT].text, user.fields[PASSWD_COMMENT].size);
            set_password(row, c, &user);
            return WBEM_S_NO_ERROR;
        }
    }
    return next_foreign_user(c, row) ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

const struct provider_class linux_user_account = {
    .name = "Win32_UserAccount",
    .columns = user_columns,
    .open = user_open,
    .next = user_next,
    .close = account_close,
};

/* ---- groups -------------------------------------------------------------------------- */

static HRESULT group_open(const struct provider_request *q, void **ret)
{
    return account_open(q, "/etc/group", ret);
}

static void set_group(struct provider_row *r, uint32_t id)
{
    provider_set_format(r, COLUMN_SID, "S-1-22-2-%u", id);
    provider_set_uint(r, COLUMN_SIDType, SID_TYPE_GROUP);
    provider_set_string(r, COLUMN_Status, "OK");
}

static bool next_foreign_group(struct account_cursor *c, struct provider_row *row)
{
    char *name;
    bool found = false;
    while (!found && (name = next_foreign_name(c))) {
        struct group entry;
        char *buffer = NULL;
        found = look_up(look_up_group, name, &entry, &buffer);
        if (found) {
            set_common(row, c, entry.gr_name, strlen(entry.gr_name), false);
            set_group(row, entry.gr_gid);
        }
        free(buffer);
        free(name);
    }
    return found;
}

static HRESULT group_next(void *cursor, struct provider_row *row)
{
    struct account_cursor *c = cursor;
    struct account_record group;
    uint32_t id;
    while (account_file_next(&c->accounts, &group)) {
        if (text_to_id(&group, GROUP_ID, &id)) {
            set_common(row, c, group.fields[0].text, group.fields[0].size, true);
            set_group(row, id);
            return WBEM_S_NO_ERROR;
        }
    }
    return next_foreign_group(c, row) ? WBEM_S_NO_ERROR : WBEM_S_FALSE;
}

const struct provider_class linux_group = {
    .name = "Win32_Group",
    .columns = group_columns,
    .open = group_open,
    .next = group_next,
    .close = account_close,
};
