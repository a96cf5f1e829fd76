/* Who may do what in a namespace; see access.h. */
#include "services/access.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "com/com.h"

/* What authenticated users may do unless they are told otherwise ([WmiSdk] "Default Permissions on
 * WMI Namespaces"). */
#define USERS_BEGIN_WITH (WBEM_ENABLE | WBEM_METHOD_EXECUTE | WBEM_WRITE_PROVIDER)

/* ---- descriptors ---------------------------------------------------------------- */

/* Whose the repository is: the files', or this process's. */
static uid_t owner_of(struct repository *r)
{
    struct stat st;
    const char *place = repository_place(r);
    return strcmp(place, ":memory:") != 0 && stat(place, &st) == 0 ? st.st_uid : geteuid();
}

static HRESULT begin_with(uid_t uid, struct descriptor *ret)
{
    struct sid owner;
    sid_of_user(uid, &owner);
    ret->owner = sid_administrators;
    ret->group = sid_administrators;
    HRESULT hr =
        descriptor_add(ret, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL, &sid_administrators);
    if (SUCCEEDED(hr)) {
        hr = descriptor_add(ret, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL, &owner);
    }
    if (SUCCEEDED(hr)) {
        hr = descriptor_add(ret, ACE_ALLOWED, ACE_CONTAINER_INHERIT, USERS_BEGIN_WITH,
                            &sid_authenticated_users);
    }
    return hr;
}

/* The own entries of the namespace `name`. WBEM_S_FALSE: it has none. */
static HRESULT own_descriptor(const struct repository_snapshot *at, const wchar_t *name,
                              struct descriptor *ret)
{
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    uint32_t size;
    HRESULT hr = repository_get_security(at, name, &bytes, &size);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    hr = descriptor_read(bytes, size, ret);
    if (hr == WBEM_E_INVALID_PARAMETER) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(name);
        return error_raise(WBEM_E_CRITICAL_ERROR, "Repository", text,
                           "the security descriptor of %s is damaged", text ? text : "?");
    }
    return hr;
}

/* What `above` becomes one level further down, at the namespace `name`. */
static HRESULT step_down(const struct repository_snapshot *at, const wchar_t *name,
                         struct descriptor *above)
{
    struct descriptor own = {.has_dacl = false};
    HRESULT hr = own_descriptor(at, name, &own);
    if (FAILED(hr)) {
        return hr;
    }
    if (hr == WBEM_S_FALSE) {
        own.owner = above->owner;
        own.group = above->group;
        own.has_dacl = above->has_dacl;
        hr = WBEM_S_NO_ERROR;
    }
    if (own.has_dacl && !own.protected_dacl) {
        hr = descriptor_inherit(above, &own);
    }
    descriptor_done(above);
    *above = own;
    return hr;
}

/* All of one snapshot, so that no change is seen by halves. */
static HRESULT descriptor_at(const struct repository_snapshot *at, struct repository_namespace *n,
                             uid_t owner, struct descriptor *ret)
{
    struct descriptor d = {.has_dacl = false};
    CLEANUP(com_cleanup_free) wchar_t *name = wcsdup(repository_namespace_name(n));
    HRESULT hr = name ? begin_with(owner, &d) : WBEM_E_OUT_OF_MEMORY;
    /* Each namespace from the root down to n. */
    for (wchar_t *end = name; SUCCEEDED(hr) && end;) {
        end = wcschr(end, L'\\');
        if (end) {
            *end = L'\0';
        }
        hr = step_down(at, name, &d);
        if (end) {
            *end++ = L'\\';
        }
    }
    if (FAILED(hr)) {
        descriptor_done(&d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
}

HRESULT access_descriptor(struct repository_namespace *n, struct descriptor *ret)
{
    struct repository *r = repository_of(n);
    struct repository_snapshot *at;
    HRESULT hr = repository_snapshot_take(r, &at);
    if (SUCCEEDED(hr)) {
        hr = descriptor_at(at, n, owner_of(r), ret);
        repository_snapshot_unref(at);
    }
    return hr;
}

HRESULT access_set_descriptor(struct repository_namespace *n, const struct descriptor *d)
{
    struct descriptor own = {.owner = d->owner,
                             .group = d->group,
                             .has_dacl = d->has_dacl,
                             .protected_dacl = d->protected_dacl};
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    struct repository_change *c;
    uint32_t size;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < d->count; i++) {
        const struct ace *a = &d->aces[i];
        if (!(a->flags & ACE_INHERITED)) {
            hr = descriptor_add(&own, a->type, a->flags, a->mask, &a->sid);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = descriptor_write(&own, &bytes, &size);
    }
    descriptor_done(&own);
    if (SUCCEEDED(hr)) {
        hr = repository_change_begin(repository_of(n), &c);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = repository_change_set_security(c, repository_namespace_name(n), bytes, size);
    if (FAILED(hr)) {
        repository_change_abort(c);
        return hr;
    }
    return repository_change_commit(c);
}

/* ---- checks --------------------------------------------------------------------- */

/* Descriptors as they were last read. They hold until anything is committed, by whatever process,
 * so that a change counts at once, also for who is connected. */
enum {
    KEPT_MAX = 32
};

struct kept_descriptor {
    ULONG refs; /* under kept.lock */
    struct repository_moment at;
    struct repository_namespace *name_space;
    uid_t owner; /* of the files: no commit tells of another */
    struct descriptor descriptor;
};

static struct {
    pthread_mutex_t lock;
    struct kept_descriptor *entries[KEPT_MAX]; /* references; under lock, as the next */
    unsigned next;                             /* to be replaced */
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void kept_unref(struct kept_descriptor *k)
{
    pthread_mutex_lock(&kept.lock);
    bool last = k && --k->refs == 0;
    pthread_mutex_unlock(&kept.lock);
    if (last) {
        descriptor_done(&k->descriptor);
        free(k);
    }
}

/* A new reference, or NULL. */
static struct kept_descriptor *kept_find(struct repository_namespace *n, uid_t owner)
{
    const struct repository_moment now = repository_now(repository_of(n));
    struct kept_descriptor *found = NULL;
    pthread_mutex_lock(&kept.lock);
    for (size_t i = 0; i < KEPT_MAX && !found; i++) {
        struct kept_descriptor *k = kept.entries[i];
        if (k && k->name_space == n && k->owner == owner && k->at.repository == now.repository &&
            k->at.transaction == now.transaction) {
            k->refs++;
            found = k;
        }
    }
    pthread_mutex_unlock(&kept.lock);
    return found;
}

/* In the place of an older one of the namespace, or of the one that is there longest. */
static void kept_put(struct kept_descriptor *k)
{
    size_t at = 0;
    pthread_mutex_lock(&kept.lock);
    while (at < KEPT_MAX && !(kept.entries[at] && kept.entries[at]->name_space == k->name_space)) {
        at++;
    }
    if (at == KEPT_MAX) {
        at = kept.next;
        kept.next = (kept.next + 1) % KEPT_MAX;
    }
    struct kept_descriptor *old = kept.entries[at];
    kept.entries[at] = k;
    k->refs++;
    pthread_mutex_unlock(&kept.lock);
    kept_unref(old);
}

static HRESULT kept_read(struct repository_namespace *n, uid_t owner, struct kept_descriptor **ret)
{
    struct repository_snapshot *at;
    struct kept_descriptor *k = calloc(1, sizeof(*k));
    HRESULT hr = k ? repository_snapshot_take(repository_of(n), &at) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        *k = (struct kept_descriptor){1, repository_moment_of(at), n, owner, {.count = 0}};
        hr = descriptor_at(at, n, owner, &k->descriptor);
        repository_snapshot_unref(at);
    }
    if (FAILED(hr)) {
        free(k);
        return hr;
    }
    kept_put(k);
    *ret = k;
    return WBEM_S_NO_ERROR;
}

static HRESULT rights_of(struct repository_namespace *n, const struct token *t, uint32_t *ret)
{
    const uid_t owner = owner_of(repository_of(n));
    struct kept_descriptor *k = kept_find(n, owner);
    HRESULT hr = k ? WBEM_S_NO_ERROR : kept_read(n, owner, &k);
    if (SUCCEEDED(hr)) {
        *ret = access_granted(&k->descriptor, t,
                              SECURITY_ALL | WBEM_RIGHT_SUBSCRIBE | WBEM_RIGHT_PUBLISH);
        kept_unref(k);
    }
    return hr;
}

HRESULT access_rights(struct repository_namespace *n, uint32_t *ret)
{
    struct token t;
    HRESULT hr = token_of_caller(&t);
    if (SUCCEEDED(hr)) {
        hr = rights_of(n, &t, ret);
        token_done(&t);
    }
    return hr;
}

static const struct {
    uint32_t right;
    const char *name;
} right_names[] = {
    {WBEM_ENABLE, "WBEM_ENABLE"},
    {WBEM_METHOD_EXECUTE, "WBEM_METHOD_EXECUTE"},
    {WBEM_FULL_WRITE_REP, "WBEM_FULL_WRITE_REP"},
    {WBEM_PARTIAL_WRITE_REP, "WBEM_PARTIAL_WRITE_REP"},
    {WBEM_WRITE_PROVIDER, "WBEM_WRITE_PROVIDER"},
    {WBEM_REMOTE_ACCESS, "WBEM_REMOTE_ACCESS"},
    {SECURITY_READ_CONTROL, "READ_CONTROL"},
    {SECURITY_WRITE_DAC, "WRITE_DAC"},
};

HRESULT access_refuse(struct repository_namespace *n, uint32_t rights, const char *operation)
{
    char names[160] = "";
    size_t at = 0;
    const struct com_call_context *context = com_call_context_current();
    CLEANUP(com_cleanup_free) char *where = com_utf8_from_wide(repository_namespace_name(n));
    CLEANUP(com_cleanup_free)
    char *client = context && context->client ? com_utf8_from_wide(context->client) : NULL;
    for (size_t i = 0; i < sizeof(right_names) / sizeof(*right_names); i++) {
        if (rights & right_names[i].right) {
            at += (size_t)snprintf(names + at, sizeof(names) - at, "%s%s", at ? " or " : "",
                                   right_names[i].name);
        }
    }
    if (client) {
        return error_raise(WBEM_E_ACCESS_DENIED, operation, where,
                           "%s has no right %s to the namespace %s", client, names,
                           where ? where : "?");
    }
    return error_raise(WBEM_E_ACCESS_DENIED, operation, where,
                       "the user with number %u has no right %s to the namespace %s",
                       (unsigned)geteuid(), names, where ? where : "?");
}

static HRESULT require_of(struct repository_namespace *n, const struct token *t, uint32_t rights,
                          const char *operation)
{
    uint32_t granted;
    HRESULT hr = rights_of(n, t, &granted);
    if (FAILED(hr)) {
        return hr;
    }
    return (granted & rights) == rights ? WBEM_S_NO_ERROR
                                        : access_refuse(n, rights & ~granted, operation);
}

HRESULT access_require(struct repository_namespace *n, uint32_t rights, const char *operation)
{
    struct token t;
    HRESULT hr = token_of_caller(&t);
    if (SUCCEEDED(hr)) {
        hr = require_of(n, &t, rights, operation);
        token_done(&t);
    }
    return hr;
}

HRESULT access_connect(struct repository_namespace *n, const char *operation)
{
    struct token t;
    HRESULT hr = token_of_caller(&t);
    if (SUCCEEDED(hr)) {
        uint32_t remote = t.remote ? (uint32_t)WBEM_REMOTE_ACCESS : 0;
        hr = require_of(n, &t, WBEM_ENABLE | remote, operation);
        token_done(&t);
    }
    return hr;
}

HRESULT access_act(const char *operation, const char *what)
{
    struct token t;
    struct sid own;
    sid_of_user(geteuid(), &own);
    HRESULT hr = token_of_caller(&t);
    if (FAILED(hr)) {
        return hr;
    }
    bool may = !t.remote || token_has(&t, &own) || token_has(&t, &sid_administrators);
    token_done(&t);
    return may ? WBEM_S_NO_ERROR
               : error_raise(WBEM_E_ACCESS_DENIED, operation, what,
                             "%s is done with the server's rights, so over the network it is for "
                             "administrators and the server's own user",
                             what);
}
