/*
 * The users of groups (of /etc/group, and those whose primary group it is in
 * /etc/passwd), and who has opened a session.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "com/com.h"
#include "providers/linux/account_file.h"
#include "providers/linux/assoc.h"
#include "providers/linux/linux.h"

enum {
    GROUP_ID = 2,
    GROUP_MEMBERS = 3,
    PASSWD_GROUP = 3
};

struct group_state {
    struct account_file users, groups;
};

static void group_done(void *state)
{
    struct group_state *s = state;
    if (s) {
        account_file_close(&s->users);
        account_file_close(&s->groups);
        free(s);
    }
}

static HRESULT group_start(const struct provider_request *q, void **ret)
{
    (void)q;
    struct group_state *s = calloc(1, sizeof *s);
    if (!s || account_file_open("/etc/passwd", &s->users) < 0 ||
        account_file_open("/etc/group", &s->groups) < 0) {
        group_done(s);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = s;
    return WBEM_S_NO_ERROR;
}

/* Adds a user of the file that is not in the list yet. */
static HRESULT add_user(struct group_state *s, const char *name, size_t size,
                        struct assoc_list *ret)
{
    struct account_record user;
    CLEANUP(com_cleanup_free) char *copy = strndup(name, size);
    if (!copy) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (assoc_list_find(ret, copy) || !account_file_find(&s->users, name, size, &user)) {
        return WBEM_S_NO_ERROR;
    }
    return assoc_list_add(ret, TAKE(copy), 0, 0);
}

static HRESULT add_members(struct group_state *s, const char *at, size_t size,
                           struct assoc_list *ret)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    while (size > 0 && SUCCEEDED(hr)) {
        const char *comma = memchr(at, ',', size);
        size_t length = comma ? (size_t)(comma - at) : size;
        hr = length ? add_user(s, at, length, ret) : hr;
        length += comma != NULL;
        at += length;
        size -= length;
    }
    return hr;
}

static HRESULT add_primary(struct group_state *s, int64_t id, struct assoc_list *ret)
{
    struct account_file all = {.text = s->users.text, .at = s->users.text};
    struct account_record user;
    HRESULT hr = WBEM_S_NO_ERROR;
    while (all.text && SUCCEEDED(hr) && account_file_next(&all, &user)) {
        int64_t group;
        if (account_number(&user, PASSWD_GROUP, &group) && group == id) {
            hr = add_user(s, user.fields[0].text, user.fields[0].size, ret);
        }
    }
    return hr;
}

static HRESULT find_users(void *state, const struct provider_inner *row, struct assoc_list *ret)
{
    struct group_state *s = state;
    struct account_record group;
    int64_t id;
    CLEANUP(com_cleanup_free) char *name = NULL;
    HRESULT hr = provider_inner_text(row, "Name", &name);
    if (!name || !account_file_find(&s->groups, name, strlen(name), &group)) {
        return hr;
    }
    hr = add_members(s, group.fields[GROUP_MEMBERS].text, group.fields[GROUP_MEMBERS].size, ret);
    return SUCCEEDED(hr) && account_number(&group, GROUP_ID, &id) ? add_primary(s, id, ret) : hr;
}

const struct association linux_group_user = {
    .provider = ASSOC_PROVIDER("Win32_GroupUser", "GroupComponent", "PartComponent"),
    .ends = {{.kind = ASSOC_ROW},
             {.kind = ASSOC_FOUND,
              .class_name = "Win32_UserAccount",
              .keys = {{"Domain", ASSOC_HOST, NULL}, {"Name", ASSOC_COLUMN, NULL}}}},
    .driving = ASSOC_DRIVING("Win32_Group"),
    .start = group_start,
    .expand = find_users,
    .done = group_done,
};

const struct association linux_logged_on_user = {
    .provider = ASSOC_PROVIDER("Win32_LoggedOnUser", "Antecedent", "Dependent"),
    .ends = {{.kind = ASSOC_KEYS,
              .class_name = "Win32_UserAccount",
              .keys = {{"Domain", ASSOC_HOST, NULL}, {"Name", ASSOC_COLUMN, "Name"}}},
             {.kind = ASSOC_ROW}},
    .driving = ASSOC_DRIVING("Win32_LogonSession"),
};
