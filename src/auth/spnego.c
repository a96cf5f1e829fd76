#include "auth/auth_private.h"
HRESULT spnego_client_new(struct auth_context **ret)
{
    return error_raise(SEC_E_SECPKG_NOT_FOUND, "authentication", NULL, "This build has no spnego.");
}
HRESULT spnego_server_new(struct auth_context **ret)
{
    return spnego_client_new(ret);
}
