/*
 * From credentials to tickets: a password or a key gets them from the KDC into
 * a cache in memory, which lives as long as somebody uses it; a cache or keytab
 * of the user is used where it is.
 */
#include "auth/kerberos.h"

#include <ctype.h>
#include <krb5.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static gss_OID_desc mechanism = {9, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
const gss_OID_desc kerberos_oid = {9, (void *)(uintptr_t) "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
static gss_OID_set_desc mechanisms = {1, &mechanism};

static atomic_uint serial;

static void cleanup_name(gss_name_t *name)
{
    OM_uint32 ignored;
    if (*name) {
        (void)gss_release_name(&ignored, name);
    }
}

static HRESULT import_name(const char *text, gss_name_t *ret)
{
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    OM_uint32 minor;
    OM_uint32 major = gss_import_name(&minor, &buffer, (gss_OID)GSS_KRB5_NT_PRINCIPAL_NAME, ret);
    return GSS_ERROR(major) ? kerberos_failed(major, minor, "Reading the name", text) : S_OK;
}

/* user@REALM: realms of Windows are DNS names in capitals, which people do not always type. */
static HRESULT own_principal(const struct auth_credentials *c, char **ret)
{
    CLEANUP(com_cleanup_free) char *realm = strdup(c->domain);
    for (char *p = realm; p && *p; p++) {
        *p = (char)toupper((unsigned char)*p);
    }
    if (!realm || asprintf(ret, "%s%s%s", c->user, *realm ? "@" : "", realm) < 0) {
        return error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for a name.");
    }
    return S_OK;
}

void kerberos_tickets_unref(struct kerberos_tickets *t)
{
    if (!t || com_ref_dec(&t->refs) > 0) {
        return;
    }
    OM_uint32 ignored;
    krb5_context k = NULL;
    (void)gss_release_cred(&ignored, &t->cred);
    if ((t->cache || t->keytab) && krb5_init_context(&k) == 0) {
        krb5_ccache cache = NULL;
        if (t->cache && krb5_cc_resolve(k, t->cache, &cache) == 0) {
            (void)krb5_cc_destroy(k, cache);
        }
        if (t->keytab) {
            (void)krb5_kt_close(k, t->keytab);
        }
        krb5_free_context(k);
    }
    free(t->cache);
    free(t);
}

static HRESULT acquire_with_password(const struct auth_credentials *c, gss_name_t name,
                                     const char *principal, gss_cred_id_t *ret)
{
    gss_buffer_desc password = {strlen(c->password), c->password};
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred_with_password(&minor, name, &password, 0, &mechanisms,
                                                     GSS_C_INITIATE, ret, NULL, NULL);
    return GSS_ERROR(major) ? kerberos_failed(major, minor, "Logging on as", principal) : S_OK;
}

static HRESULT acquire_from(gss_name_t name, const char *principal, gss_key_value_element_desc *e,
                            size_t count, gss_cred_usage_t usage, gss_cred_id_t *ret)
{
    gss_key_value_set_desc store = {(OM_uint32)count, e};
    OM_uint32 minor;
    OM_uint32 major = gss_acquire_cred_from(&minor, name, 0, &mechanisms, usage,
                                            count > 0 ? &store : NULL, ret, NULL, NULL);
    if (!GSS_ERROR(major)) {
        return S_OK;
    }
    const char *object = count > 0 ? e[0].value : *principal ? principal : NULL;
    return kerberos_failed(major, minor,
                           usage == GSS_C_ACCEPT ? "Opening the server's keytab"
                                                 : "Getting credentials from",
                           object ? object : "the default place");
}

/* The NT hash is the key of type RC4-HMAC, RFC 4757 section 2. */
static HRESULT hash_keytab(const struct auth_credentials *c, const char *principal,
                           const char *name, struct kerberos_tickets *t)
{
    krb5_context k = NULL;
    krb5_keytab keytab = NULL;
    krb5_keytab_entry entry = {.key = {.enctype = ENCTYPE_ARCFOUR_HMAC,
                                       .length = AUTH_NT_HASH_SIZE,
                                       .contents = (krb5_octet *)(uintptr_t)c->nt_hash}};
    krb5_error_code code = krb5_init_context(&k);
    if (code == 0 && (code = krb5_kt_resolve(k, name, &keytab)) == 0 &&
        (code = krb5_parse_name(k, principal, &entry.principal)) == 0) {
        entry.vno = 1;
        code = krb5_kt_add_entry(k, keytab, &entry);
        krb5_free_principal(k, entry.principal);
    }
    t->keytab = keytab;
    if (k) {
        krb5_free_context(k);
    }
    return code == 0
               ? S_OK
               : kerberos_failed(GSS_S_FAILURE, (OM_uint32)code, "Using the hash of", principal);
}

static HRESULT acquire_with_keytab(const struct auth_credentials *c, gss_name_t name,
                                   const char *principal, struct kerberos_tickets *t)
{
    char keytab[64];
    unsigned number = atomic_fetch_add_explicit(&serial, 1, memory_order_relaxed);
    (void)snprintf(keytab, sizeof keytab, "MEMORY:wbem-%p-%u", (void *)t, number);
    t->cache = strdup(keytab);
    if (!t->cache) {
        return error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for a ticket cache.");
    }
    gss_key_value_element_desc elements[2];
    size_t count = 0;
    if (c->kind == SECRET_NT_HASH) {
        HRESULT hr = hash_keytab(c, principal, keytab, t);
        if (FAILED(hr)) {
            return hr;
        }
        elements[count++] = (gss_key_value_element_desc){"client_keytab", keytab};
    } else if (c->store) {
        elements[count++] = (gss_key_value_element_desc){"client_keytab", c->store};
    }
    elements[count++] = (gss_key_value_element_desc){"ccache", t->cache};
    return acquire_from(name, principal, elements, count, GSS_C_INITIATE, &t->cred);
}

static HRESULT acquire(const struct auth_credentials *c, struct kerberos_tickets **ret)
{
    CLEANUP(com_cleanup_free) char *principal = NULL;
    CLEANUP(cleanup_name) gss_name_t name = GSS_C_NO_NAME;
    if (c->kind == SECRET_NONE) {
        return error_raise(SEC_E_NO_CREDENTIALS, "Kerberos", NULL,
                           "Kerberos knows no anonymous user.");
    }
    HRESULT hr = own_principal(c, &principal);
    if (FAILED(hr) || (*c->user && FAILED(hr = import_name(principal, &name)))) {
        return hr;
    }
    struct kerberos_tickets *t = calloc(1, sizeof *t);
    if (!t) {
        return error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for tickets.");
    }
    com_ref_init(&t->refs);
    t->cred = GSS_C_NO_CREDENTIAL;
    if (c->kind == SECRET_PASSWORD) {
        hr = acquire_with_password(c, name, principal, &t->cred);
    } else if (c->kind == SECRET_CCACHE) {
        gss_key_value_element_desc element = {"ccache", c->store};
        hr = acquire_from(name, principal, &element, c->store ? 1 : 0, GSS_C_INITIATE, &t->cred);
    } else {
        hr = acquire_with_keytab(c, name, principal, t);
    }
    if (FAILED(hr)) {
        kerberos_tickets_unref(t);
        return hr;
    }
    *ret = t;
    return S_OK;
}

/* Seconds that tickets have to last to be used once more. */
#define LIFETIME_MIN 60

static bool still_good(struct kerberos_tickets *t)
{
    OM_uint32 minor, left = 0;
    return gss_inquire_cred(&minor, t->cred, NULL, &left, NULL, NULL) == GSS_S_COMPLETE &&
           left > LIFETIME_MIN;
}

HRESULT kerberos_tickets_get(struct auth_credentials *c, struct kerberos_tickets **ret)
{
    HRESULT hr = S_OK;
    (void)pthread_mutex_lock(&c->lock);
    if (!c->tickets || !still_good(c->tickets)) {
        kerberos_tickets_unref(TAKE(c->tickets));
        hr = acquire(c, &c->tickets);
    }
    if (SUCCEEDED(hr)) {
        (void)com_ref_inc(&c->tickets->refs);
        *ret = c->tickets;
    }
    (void)pthread_mutex_unlock(&c->lock);
    return hr;
}

HRESULT kerberos_accept_acquire(const char *keytab, bool again, gss_cred_id_t *ret)
{
    gss_key_value_element_desc elements[2];
    size_t count = 0;
    if (*keytab) {
        elements[count++] = (gss_key_value_element_desc){"keytab", keytab};
    }
    if (again) {
        elements[count++] = (gss_key_value_element_desc){"rcache", "none:"};
    }
    return acquire_from(GSS_C_NO_NAME, "", elements, count, GSS_C_ACCEPT, ret);
}

/* The realm that krb5.conf's domain_realm gives a host; "" asks the KDC to refer us. */
static HRESULT realm_of_host(const char *host, char **ret)
{
    krb5_context k = NULL;
    char **realms = NULL;
    krb5_error_code code = krb5_init_context(&k);
    if (code == 0) {
        code = krb5_get_host_realm(k, host, &realms);
    }
    *ret = code == 0 ? strdup(realms[0]) : NULL;
    if (realms) {
        (void)krb5_free_host_realm(k, realms);
    }
    if (k) {
        krb5_free_context(k);
    }
    if (code != 0) {
        return kerberos_failed(GSS_S_FAILURE, (OM_uint32)code, "Finding the realm of", host);
    }
    return *ret ? S_OK : error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for a name.");
}

HRESULT kerberos_target(const char *spn, gss_name_t *ret)
{
    if (strchr(spn, '@')) {
        return import_name(spn, ret);
    }
    const char *slash = strchr(spn, '/');
    const char *host = slash ? slash + 1 : spn;
    CLEANUP(com_cleanup_free) char *realm = NULL;
    CLEANUP(com_cleanup_free) char *principal = NULL;
    HRESULT hr = realm_of_host(host, &realm);
    if (FAILED(hr)) {
        return hr;
    }
    if (asprintf(&principal, "%s%s@%s", slash ? "" : "host/", spn, realm) < 0) {
        principal = NULL;
        return error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for a name.");
    }
    return import_name(principal, ret);
}
