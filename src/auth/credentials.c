/*
 * Credentials: unchanging, counted, wiped with the last reference.
 */
#include "auth/kerberos.h"

#include <string.h>

static HRESULT create(enum secret_kind kind, const char *domain, const char *user,
                      struct auth_credentials **ret)
{
    struct auth_credentials *c = calloc(1, sizeof *c);
    if (c) {
        com_ref_init(&c->refs);
        (void)pthread_mutex_init(&c->lock, NULL);
        c->kind = kind;
        c->domain = strdup(domain ? domain : "");
        c->user = strdup(user ? user : "");
    }
    if (!c || !c->domain || !c->user) {
        auth_credentials_unref(c);
        return error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory for credentials.");
    }
    *ret = c;
    return S_OK;
}

HRESULT auth_credentials_password(const char *domain, const char *user, const char *password,
                                  struct auth_credentials **ret)
{
    if (!user || !*user || !password) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", "user",
                           "A password needs the name of its user.");
    }
    struct auth_credentials *c = NULL;
    HRESULT hr = create(SECRET_PASSWORD, domain, user, &c);
    if (FAILED(hr)) {
        return hr;
    }
    c->password = secret_copy(password);
    if (!c->password) {
        auth_credentials_unref(c);
        return error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory for credentials.");
    }
    *ret = c;
    return S_OK;
}

HRESULT auth_credentials_nt_hash(const char *domain, const char *user,
                                 const uint8_t hash[AUTH_NT_HASH_SIZE],
                                 struct auth_credentials **ret)
{
    if (!user || !*user) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "credentials", "user",
                           "A hash needs the name of its user.");
    }
    struct auth_credentials *c = NULL;
    HRESULT hr = create(SECRET_NT_HASH, domain, user, &c);
    if (SUCCEEDED(hr)) {
        memcpy(c->nt_hash, hash, AUTH_NT_HASH_SIZE);
        *ret = c;
    }
    return hr;
}

static HRESULT create_stored(enum secret_kind kind, const char *domain, const char *user,
                             const char *store, struct auth_credentials **ret)
{
    struct auth_credentials *c = NULL;
    HRESULT hr = create(kind, domain, user, &c);
    if (FAILED(hr)) {
        return hr;
    }
    if (store && *store && !(c->store = strdup(store))) {
        auth_credentials_unref(c);
        return error_raise(E_OUTOFMEMORY, "credentials", NULL, "No memory for credentials.");
    }
    *ret = c;
    return S_OK;
}

HRESULT auth_credentials_ccache(const char *domain, const char *user, const char *ccache,
                                struct auth_credentials **ret)
{
    return create_stored(SECRET_CCACHE, domain, user, ccache, ret);
}

HRESULT auth_credentials_keytab(const char *domain, const char *user, const char *keytab,
                                struct auth_credentials **ret)
{
    return create_stored(SECRET_KEYTAB, domain, user, keytab, ret);
}

HRESULT auth_credentials_anonymous(struct auth_credentials **ret)
{
    return create(SECRET_NONE, NULL, NULL, ret);
}

struct auth_credentials *auth_credentials_ref(const struct auth_credentials *c)
{
    /* Only the count changes. */
    struct auth_credentials *counted = (struct auth_credentials *)(uintptr_t)c;
    (void)com_ref_inc(&counted->refs);
    return counted;
}

void auth_credentials_unref(struct auth_credentials *c)
{
    if (!c || com_ref_dec(&c->refs) > 0) {
        return;
    }
    free(c->domain);
    free(c->user);
    free(c->store);
    kerberos_tickets_unref(c->tickets);
    (void)pthread_mutex_destroy(&c->lock);
    secret_text_free(c->password);
    secret_wipe(c->nt_hash, sizeof c->nt_hash);
    free(c);
}

const char *auth_credentials_user(const struct auth_credentials *c)
{
    return c->user;
}

const char *auth_credentials_domain(const struct auth_credentials *c)
{
    return c->domain;
}
