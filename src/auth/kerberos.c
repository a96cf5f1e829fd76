#include "auth/auth_private.h"
HRESULT kerberos_client_new(struct auth_context **ret)
{
    return error_raise(SEC_E_SECPKG_NOT_FOUND, "authentication", NULL,
                       "This build has no kerberos.");
}
HRESULT kerberos_server_new(struct auth_context **ret)
{
    return kerberos_client_new(ret);
}
