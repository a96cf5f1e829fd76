/* Who may do what in a namespace; see access.h. */
#include "services/access.h"

#include <stdio.h>
#include <stdlib.h>
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
    return stat(repository_place(r), &st) == 0 ? st.st_uid : geteuid();
}

static HRESULT begin_with(struct repository *r, struct descriptor *ret)
{
    struct sid owner;
    sid_of_user(owner_of(r), &owner);
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

/* The namespace's own entries. WBEM_S_FALSE: it has none. */
static HRESULT own_descriptor(struct repository_namespace *n, struct descriptor *ret)
{
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    uint32_t size;
    HRESULT hr = repository_get_security(n, &bytes, &size);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    hr = descriptor_read(bytes, size, ret);
    if (hr == WBEM_E_INVALID_PARAMETER) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(repository_namespace_name(n));
        return error_raise(WBEM_E_CRITICAL_ERROR, "Repository", name,
                           "the security descriptor of %s is damaged", name ? name : "?");
    }
    return hr;
}

/* What `above` becomes one level further down, where n is. */
static HRESULT step_down(struct repository_namespace *n, struct descriptor *above)
{
    struct descriptor own = {.has_dacl = false};
    HRESULT hr = own_descriptor(n, &own);
    if (FAILED(hr)) {
        return hr;
    }
    if (hr == WBEM_S_FALSE) {
        own.owner = above->owner;
        own.group = above->group;
        own.has_dacl = above->has_dacl;
    }
    if (own.has_dacl && !own.protected_dacl) {
        hr = descriptor_inherit(above, &own);
    }
    descriptor_done(above);
    *above = own;
    return hr;
}

HRESULT access_descriptor(struct repository_namespace *n, struct descriptor *ret)
{
    struct repository *r = repository_of(n);
    struct descriptor d = {.has_dacl = false};
    CLEANUP(com_cleanup_free) wchar_t *name = wcsdup(repository_namespace_name(n));
    HRESULT hr = name ? begin_with(r, &d) : WBEM_E_OUT_OF_MEMORY;
    /* Each namespace from the root down to n. */
    for (wchar_t *end = name; SUCCEEDED(hr) && end;) {
        struct repository_namespace *part = n;
        end = wcschr(end, L'\\');
        if (end) {
            *end = L'\0';
            hr = repository_open(r, name, &part);
            *end++ = L'\\';
        }
        if (SUCCEEDED(hr)) {
            hr = step_down(part, &d);
        }
    }
    if (FAILED(hr)) {
        descriptor_done(&d);
        return hr;
    }
    *ret = d;
    return WBEM_S_NO_ERROR;
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

static HRESULT rights_of(struct repository_namespace *n, const struct token *t, uint32_t *ret)
{
    struct descriptor d;
    HRESULT hr = access_descriptor(n, &d);
    if (SUCCEEDED(hr)) {
        *ret = access_granted(&d, t, SECURITY_ALL | WBEM_RIGHT_SUBSCRIBE | WBEM_RIGHT_PUBLISH);
        descriptor_done(&d);
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

HRESULT access_require(struct repository_namespace *n, uint32_t rights, const char *operation)
{
    uint32_t granted;
    HRESULT hr = access_rights(n, &granted);
    if (FAILED(hr)) {
        return hr;
    }
    return (granted & rights) == rights ? WBEM_S_NO_ERROR
                                        : access_refuse(n, rights & ~granted, operation);
}

HRESULT access_connect(struct repository_namespace *n, const char *operation)
{
    struct token t;
    uint32_t granted;
    HRESULT hr = token_of_caller(&t);
    if (FAILED(hr)) {
        return hr;
    }
    uint32_t wanted = WBEM_ENABLE | (t.remote ? (uint32_t)WBEM_REMOTE_ACCESS : 0);
    hr = rights_of(n, &t, &granted);
    token_done(&t);
    if (FAILED(hr)) {
        return hr;
    }
    return (granted & wanted) == wanted ? WBEM_S_NO_ERROR
                                        : access_refuse(n, wanted & ~granted, operation);
}
