/*
 * CoSetProxyBlanket and its kin on another host's services: how the calls that
 * follow are authenticated.
 */
#include "remote/remote_private.h"

#include <string.h>

#include "auth/auth.h"
#include "object/object.h"

HRESULT remote_security_copy(const struct dcom_security *from, struct remote_security *ret)
{
    struct remote_security s = {.value = *from};
    s.target = from->target ? strdup(from->target) : NULL;
    if (from->target && !s.target) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s.value.target = s.target;
    s.value.credentials = from->credentials ? auth_credentials_ref(from->credentials) : NULL;
    *ret = s;
    return S_OK;
}

void remote_security_done(struct remote_security *s)
{
    auth_credentials_unref(s->value.credentials);
    free(s->target);
    *s = (struct remote_security){0};
}

static HRESULT service_of(DWORD authn_svc, uint32_t *ret)
{
    switch (authn_svc) {
    case RPC_C_AUTHN_WINNT:
    case RPC_C_AUTHN_GSS_NEGOTIATE:
    case RPC_C_AUTHN_GSS_KERBEROS:
    case RPC_C_AUTHN_DEFAULT:
        *ret = authn_svc;
        return S_OK;
    default:
        return error_raise(E_INVALIDARG, "CoSetProxyBlanket", "dwAuthnSvc",
                           "authentication service %u is neither NTLM, Kerberos nor their "
                           "negotiation",
                           (unsigned)authn_svc);
    }
}

/* Levels below packet integrity become it: what asks for less, as many programs do, could not call
 * any Windows of today. Without an identity it stays who ConnectServer was told. */
HRESULT remote_security_from_blanket(const struct dcom_security *now, struct com_blanket *wanted,
                                     struct remote_security *ret)
{
    CLEANUP(com_cleanup_free) char *target = com_utf8_from_wide(wanted->server_principal);
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *other = NULL;
    struct dcom_security s = *now;
    HRESULT hr = service_of(wanted->authn_svc, &s.authn_service);
    if (SUCCEEDED(hr) && wanted->server_principal) {
        s.target = target;
        hr = target ? S_OK : WBEM_E_OUT_OF_MEMORY;
    }
    if (SUCCEEDED(hr) && wanted->identity) {
        hr = auth_credentials_from_identity(wanted->identity, &other);
        s.credentials = other;
    }
    if (wanted->authn_level < RPC_C_AUTHN_LEVEL_PKT_INTEGRITY) {
        wanted->authn_level = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    }
    s.authn_level = wanted->authn_level;
    s.imp_level = wanted->imp_level;
    return SUCCEEDED(hr) ? remote_security_copy(&s, ret) : hr;
}
