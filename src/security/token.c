/*
 * Who the caller is: this process with its user and groups, or the account that
 * a remote client has authenticated as.
 */
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "com/com.h"
#include "security/security_private.h"

void token_done(struct token *t)
{
    free(t->sids);
    *t = (struct token){.count = 0};
}

HRESULT token_add(struct token *t, const struct sid *sid)
{
    if (t->count == t->capacity) {
        uint32_t capacity = t->capacity ? t->capacity * 2 : 16;
        struct sid *sids = realloc(t->sids, capacity * sizeof(*sids));
        if (!sids) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        t->sids = sids;
        t->capacity = capacity;
    }
    t->sids[t->count++] = *sid;
    return WBEM_S_NO_ERROR;
}

bool token_has(const struct token *t, const struct sid *sid)
{
    for (uint32_t i = 0; i < t->count; i++) {
        if (sid_equal(&t->sids[i], sid)) {
            return true;
        }
    }
    return false;
}

static HRESULT add_user(struct token *t, uid_t uid)
{
    struct sid sid;
    sid_of_user(uid, &sid);
    HRESULT hr = token_add(t, &sid);
    if (SUCCEEDED(hr) && uid == 0) {
        hr = token_add(t, &sid_administrators);
    }
    return hr;
}

static HRESULT add_groups(struct token *t, const gid_t *groups, size_t count)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct sid sid;
        sid_of_group(groups[i], &sid);
        hr = token_add(t, &sid);
    }
    return hr;
}

HRESULT token_add_everybody(struct token *t)
{
    HRESULT hr = token_add(t, &sid_everyone);
    return SUCCEEDED(hr) ? token_add(t, &sid_authenticated_users) : hr;
}

static HRESULT token_of_process(struct token *ret)
{
    gid_t own = getegid();
    int count = getgroups(0, NULL);
    gid_t *groups = count > 0 ? calloc((size_t)count, sizeof(*groups)) : NULL;
    HRESULT hr = add_user(ret, geteuid());
    if (SUCCEEDED(hr)) {
        hr = add_groups(ret, &own, 1);
    }
    if (SUCCEEDED(hr) && count > 0) {
        count = groups ? getgroups(count, groups) : -1;
        hr = count < 0 ? WBEM_E_OUT_OF_MEMORY : add_groups(ret, groups, (size_t)count);
    }
    free(groups);
    return SUCCEEDED(hr) ? token_add_everybody(ret) : hr;
}

HRESULT token_of_account(const char *name, struct token *ret)
{
    CLEANUP(com_cleanup_free) gid_t *groups = NULL;
    uid_t uid;
    gid_t primary;
    size_t count = 0;
    struct token t = {.count = 0};
    HRESULT hr = account_find_user(name, &uid, &primary);
    if (SUCCEEDED(hr)) {
        hr = account_groups(name, primary, &groups, &count);
    }
    if (SUCCEEDED(hr)) {
        hr = add_user(&t, uid);
    }
    if (SUCCEEDED(hr)) {
        hr = add_groups(&t, groups, count);
    }
    if (SUCCEEDED(hr)) {
        hr = token_add_everybody(&t);
    }
    if (FAILED(hr)) {
        token_done(&t);
        return hr;
    }
    *ret = t;
    return WBEM_S_NO_ERROR;
}

static token_map_fn *client_map;
static void *client_map_context;

void token_set_map(token_map_fn *map, void *context)
{
    client_map_context = context;
    client_map = map;
    token_forget_clients();
}

/* DOMAIN\user or user: the account of that name, if this machine has one; whoever authenticated it
 * has to know that its domain is this machine's. One that the machine lacks, and user@REALM, are
 * everybody and no more: principals of another realm don't become this machine's by their name. */
static HRESULT token_of_client(const wchar_t *client, struct token *ret)
{
    CLEANUP(com_cleanup_free) char *whole = com_utf8_from_wide(client);
    if (!whole) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    uint64_t generation;
    if (token_cache_find(whole, ret, &generation)) {
        return WBEM_S_NO_ERROR;
    }
    const char *separator = strchr(whole, '\\');
    const char *name = separator ? separator + 1 : whole;
    HRESULT hr = client_map          ? client_map(client_map_context, whole, ret)
                 : strchr(name, '@') ? WBEM_E_NOT_FOUND
                                     : token_of_account(name, ret);
    if (hr == WBEM_E_NOT_FOUND) {
        hr = token_add_everybody(ret);
    }
    if (SUCCEEDED(hr)) {
        hr = token_add(ret, &sid_network);
    }
    ret->remote = true;
    if (SUCCEEDED(hr)) {
        token_cache_keep(whole, ret, generation);
    }
    return hr;
}

HRESULT token_of_caller(struct token *ret)
{
    const struct com_call_context *context = com_call_context_current();
    *ret = (struct token){.count = 0};
    HRESULT hr =
        context && context->client ? token_of_client(context->client, ret) : token_of_process(ret);
    if (FAILED(hr)) {
        token_done(ret);
    }
    return hr;
}

uint32_t access_granted(const struct descriptor *d, const struct token *t, uint32_t all)
{
    uint32_t granted = 0, denied = 0;
    if (!d->has_dacl) {
        return all;
    }
    if (d->owner.size && token_has(t, &d->owner)) {
        granted = SECURITY_READ_CONTROL | SECURITY_WRITE_DAC;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        const struct ace *a = &d->aces[i];
        if (a->flags & ACE_INHERIT_ONLY || !token_has(t, &a->sid)) {
            continue;
        }
        if (a->type == ACE_DENIED) {
            denied |= a->mask & ~granted;
        } else {
            granted |= a->mask & ~denied;
        }
    }
    return granted & all;
}
