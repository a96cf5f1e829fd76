/*
 * Kerberos' own: what was acquired for credentials, and what its failures mean.
 */
#ifndef WBEM_AUTH_KERBEROS_H
#define WBEM_AUTH_KERBEROS_H

#include "auth/auth_private.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <gssapi/gssapi_krb5.h>

/* A GSSAPI credential and what it stands on; counted, shared by contexts. */
struct kerberos_tickets {
    struct com_refs refs;
    gss_cred_id_t cred;
    void *keytab; /* krb5_keytab of an NT hash, in memory */
    char *cache;  /* name of a ticket cache in memory, to be destroyed */
};

/* A reference to what the credentials stand for; the KDC is asked once for all contexts, and again
 * when that is about to expire. */
HRESULT kerberos_tickets_get(struct auth_credentials *c, struct kerberos_tickets **ret);
void kerberos_tickets_unref(struct kerberos_tickets *t);
/* again: for a message that has been looked up among the replayed ones before. */
HRESULT kerberos_accept_acquire(const char *keytab, bool again, gss_cred_id_t *ret);
/* "service/host" as a principal of the realm that the configuration gives its host; the name is
 * taken as it is, never through DNS. */
HRESULT kerberos_target(const char *spn, gss_name_t *ret);

/* An error object for a failed GSSAPI call: `doing` what, `object` whom or what with (may be NULL).
 */
HRESULT kerberos_failed(OM_uint32 major, OM_uint32 minor, const char *doing, const char *object);

/* The code that a KRB-ERROR (RFC 4120 section 5.9.1) has; 0: it is none. */
OM_uint32 kerberos_read_error(const void *message, size_t size);

extern const gss_OID_desc kerberos_oid;

#endif
