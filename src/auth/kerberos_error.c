/*
 * What went wrong in Kerberos, in words that say what to look at.
 */
#include "auth/kerberos.h"

#include <krb5.h>
#include <stdio.h>
#include <string.h>

struct meaning {
    krb5_error_code code;
    HRESULT hr;
    const char *advice;
};

static const struct meaning meanings[] = {
    {KRB5KRB_AP_ERR_SKEW, SEC_E_TIME_SKEW,
     "The clocks of this machine and the other differ by more than is allowed; set both by NTP."},
    {KRB5_KDCREP_SKEW, SEC_E_TIME_SKEW,
     "The clocks of this machine and the KDC differ by more than is allowed; set both by NTP."},
    {KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SEC_E_TARGET_UNKNOWN,
     "The KDC has no such service. Name the host as the domain knows it (its full DNS name, not an "
     "address); setspn -Q shows the names that exist."},
    {KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, SEC_E_UNKNOWN_CREDENTIALS,
     "The KDC has no such user. Check the name and the realm, which is the domain's DNS name."},
    {KRB5KDC_ERR_PREAUTH_FAILED, SEC_E_LOGON_DENIED, "The password or the key is wrong."},
    {KRB5KRB_AP_ERR_BAD_INTEGRITY, SEC_E_LOGON_DENIED,
     "The password or the key is wrong, or the server's keytab is not that of its account."},
    {KRB5KDC_ERR_KEY_EXP, SEC_E_LOGON_DENIED, "The password has expired and must be changed."},
    {KRB5KDC_ERR_CLIENT_REVOKED, SEC_E_LOGON_DENIED, "The account is locked or disabled."},
    {KRB5KDC_ERR_POLICY, SEC_E_LOGON_DENIED, "The domain's policy forbids this logon."},
    {KRB5KDC_ERR_NAME_EXP, SEC_E_LOGON_DENIED, "The account has expired."},
    {KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_CONTEXT_EXPIRED,
     "The ticket has expired; get a new one with kinit."},
    {KRB5KRB_AP_ERR_TKT_NYV, SEC_E_TIME_SKEW, "The ticket is not valid yet; look at the clocks."},
    {KRB5KRB_AP_ERR_REPEAT, SEC_E_LOGON_DENIED, "The same request came twice: a replay."},
    {KRB5_KDC_UNREACH, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     "No KDC of the realm answers; look at krb5.conf, DNS and port 88."},
    {KRB5_REALM_UNKNOWN, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     "Nothing says where the KDC of the realm is; the realm is the domain's DNS name, not its "
     "short one."},
    {KRB5_REALM_CANT_RESOLVE, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     "The KDC's name cannot be resolved; look at krb5.conf and DNS."},
    {KRB5_CONFIG_NODEFREALM, SEC_E_NO_AUTHENTICATING_AUTHORITY,
     "No realm was given and krb5.conf has no default_realm."},
    {KRB5_FCC_NOFILE, SEC_E_NO_CREDENTIALS, "There is no ticket cache; run kinit."},
    {KRB5_CC_NOTFOUND, SEC_E_NO_CREDENTIALS, "The ticket cache has no such ticket; run kinit."},
    {KRB5_KT_NOTFOUND, SEC_E_NO_CREDENTIALS,
     "The keytab has no key for this principal; klist -k shows what it has."},
    {KRB5_KT_IOERR, SEC_E_NO_CREDENTIALS, "The keytab cannot be read."},
    {KRB5_KT_NAME_TOOLONG, SEC_E_NO_CREDENTIALS, "The keytab's name is too long."},
    {KRB5KRB_AP_WRONG_PRINC, SEC_E_WRONG_PRINCIPAL,
     "The ticket is for a service of which the keytab has no key."},
    {KRB5KRB_AP_ERR_NOT_US, SEC_E_WRONG_PRINCIPAL, "The ticket is for another service."},
    {KRB5KRB_AP_ERR_BADKEYVER, SEC_E_WRONG_PRINCIPAL,
     "The keytab is older than the account's password; make a new one."},
    {KRB5KRB_AP_ERR_NOKEY, SEC_E_WRONG_PRINCIPAL,
     "The keytab has no key for the ticket's service; klist -k shows what it has."},
    {KRB5KDC_ERR_ETYPE_NOSUPP, SEC_E_UNSUPPORTED_FUNCTION,
     "Client and KDC have no encryption type in common; look at permitted_enctypes."},
    {KRB5_KDCREP_MODIFIED, SEC_E_LOGON_DENIED, "The KDC's answer does not fit the request."},
    {KRB5_PARSE_MALFORMED, WBEM_E_INVALID_PARAMETER, "The name is not one of Kerberos."},
};

static HRESULT of_major(OM_uint32 major, const char **advice)
{
    *advice = "";
    switch (GSS_ERROR(major)) {
    case GSS_S_BAD_BINDINGS:
        *advice = "The two sides have different channels: the ticket may have been relayed.";
        return SEC_E_BAD_BINDINGS;
    case GSS_S_DEFECTIVE_TOKEN:
    case GSS_S_DUPLICATE_TOKEN:
        return SEC_E_INVALID_TOKEN;
    case GSS_S_BAD_SIG:
        *advice = "The message was changed on its way.";
        return SEC_E_MESSAGE_ALTERED;
    case GSS_S_NO_CRED:
    case GSS_S_DEFECTIVE_CREDENTIAL:
        *advice = "There are no credentials to use.";
        return SEC_E_NO_CREDENTIALS;
    case GSS_S_CREDENTIALS_EXPIRED:
    case GSS_S_CONTEXT_EXPIRED:
        *advice = "The ticket has expired; get a new one with kinit.";
        return SEC_E_CONTEXT_EXPIRED;
    case GSS_S_BAD_NAME:
    case GSS_S_BAD_NAMETYPE:
        return SEC_E_TARGET_UNKNOWN;
    default:
        return SEC_E_INTERNAL_ERROR;
    }
}

/* What the mechanism itself says, its first line. */
static void mechanism_text(OM_uint32 major, OM_uint32 minor, char *text, size_t size)
{
    OM_uint32 ignored, more = 0;
    gss_buffer_desc line = GSS_C_EMPTY_BUFFER;
    bool of_minor = minor != 0;
    if (gss_display_status(&ignored, of_minor ? minor : major,
                           of_minor ? GSS_C_MECH_CODE : GSS_C_GSS_CODE,
                           of_minor ? (gss_OID)(uintptr_t)&kerberos_oid : GSS_C_NO_OID, &more,
                           &line) == GSS_S_COMPLETE) {
        (void)snprintf(text, size, "%.*s", (int)line.length, (const char *)line.value);
        (void)gss_release_buffer(&ignored, &line);
    } else {
        (void)snprintf(text, size, "status 0x%08x, 0x%08x", major, minor);
    }
}

HRESULT kerberos_failed(OM_uint32 major, OM_uint32 minor, const char *doing, const char *object)
{
    const char *advice;
    HRESULT hr = of_major(major, &advice);
    for (size_t i = 0; i < ARRAYSIZE(meanings); i++) {
        if (meanings[i].code == (krb5_error_code)minor) {
            hr = meanings[i].hr;
            advice = meanings[i].advice;
        }
    }
    char text[256];
    mechanism_text(major, minor, text, sizeof text);
    return error_raise(hr, "Kerberos", object, "%s%s%s failed: %s. %s", doing, object ? " " : "",
                       object ? object : "", text, advice);
}

OM_uint32 kerberos_read_error(const void *message, size_t size)
{
    krb5_context k = NULL;
    krb5_error *error = NULL;
    krb5_data data = {.length = (unsigned)size, .data = (char *)(uintptr_t)message};
    OM_uint32 code = 0;
    if (size <= AUTH_TOKEN_MAX && krb5_init_context(&k) == 0) {
        if (krb5_rd_error(k, &data, &error) == 0) {
            code = error->error > 0 && error->error < 128
                       ? (OM_uint32)(ERROR_TABLE_BASE_krb5 + (long)error->error)
                       : 0;
            krb5_free_error(k, error);
        }
        krb5_free_context(k);
    }
    return code;
}
