/*
 * CoInitializeSecurity's settings, and the functions on an object's blanket, which all go through
 * the object's IClientSecurity. Values: [MS-RPCE] 2.2.1.1.7 to 2.2.1.1.9.
 */
#include "com/thread.h"

#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct com_security settings; /* under lock */

/* What a process gets that says nothing: Windows answers packet integrity since KB5004442. */
#define AUTHN_LEVEL_UNSAID RPC_C_AUTHN_LEVEL_PKT_INTEGRITY
#define IMP_LEVEL_UNSAID RPC_C_IMP_LEVEL_IDENTIFY

static bool levels_are_valid(DWORD authn_level, DWORD imp_level)
{
    return authn_level <= RPC_C_AUTHN_LEVEL_PKT_PRIVACY && imp_level <= RPC_C_IMP_LEVEL_DELEGATE;
}

HRESULT CoInitializeSecurity(PSECURITY_DESCRIPTOR descriptor, LONG service_count,
                             SOLE_AUTHENTICATION_SERVICE *services, void *reserved1,
                             DWORD authn_level, DWORD imp_level, void *auth_list,
                             DWORD capabilities, void *reserved3)
{
    if (!com_is_initialized()) {
        return CO_E_NOTINITIALIZED;
    }
    if (reserved1 || reserved3 || service_count < -1 || (service_count > 0 && !services) ||
        !levels_are_valid(authn_level, imp_level)) {
        return E_INVALIDARG;
    }

    HRESULT hr = RPC_E_TOO_LATE;
    pthread_mutex_lock(&lock);
    if (!settings.initialized) {
        settings.initialized = true;
        settings.authn_level = authn_level ? authn_level : AUTHN_LEVEL_UNSAID;
        settings.imp_level = imp_level ? imp_level : IMP_LEVEL_UNSAID;
        settings.capabilities = capabilities;
        hr = S_OK;
    }
    pthread_mutex_unlock(&lock);
    return hr;
}

void com_security_get(struct com_security *ret)
{
    pthread_mutex_lock(&lock);
    *ret = settings;
    pthread_mutex_unlock(&lock);
    if (!ret->initialized) {
        ret->authn_level = AUTHN_LEVEL_UNSAID;
        ret->imp_level = IMP_LEVEL_UNSAID;
    }
}

void com_security_reset(void)
{
    pthread_mutex_lock(&lock);
    settings = (struct com_security){.initialized = false};
    pthread_mutex_unlock(&lock);
}

/* ---- functions on a proxy ---------------------------------------------------- */

static HRESULT client_security_of(IUnknown *proxy, IClientSecurity **ret)
{
    *ret = NULL;
    if (!proxy) {
        return E_INVALIDARG;
    }
    return IUnknown_QueryInterface(proxy, &IID_IClientSecurity, (void **)ret);
}

HRESULT CoSetProxyBlanket(IUnknown *proxy, DWORD authn_svc, DWORD authz_svc,
                          OLECHAR *server_principal, DWORD authn_level, DWORD imp_level,
                          RPC_AUTH_IDENTITY_HANDLE identity, DWORD capabilities)
{
    CLEANUP(com_cleanup_release) IClientSecurity *security = NULL;
    HRESULT hr = client_security_of(proxy, &security);
    if (FAILED(hr)) {
        return hr;
    }
    return IClientSecurity_SetBlanket(security, proxy, authn_svc, authz_svc, server_principal,
                                      authn_level, imp_level, identity, capabilities);
}

HRESULT CoQueryProxyBlanket(IUnknown *proxy, DWORD *authn_svc, DWORD *authz_svc,
                            OLECHAR **server_principal, DWORD *authn_level, DWORD *imp_level,
                            RPC_AUTH_IDENTITY_HANDLE *identity, DWORD *capabilities)
{
    CLEANUP(com_cleanup_release) IClientSecurity *security = NULL;
    HRESULT hr = client_security_of(proxy, &security);
    if (FAILED(hr)) {
        return hr;
    }
    return IClientSecurity_QueryBlanket(security, proxy, authn_svc, authz_svc, server_principal,
                                        authn_level, imp_level, identity, capabilities);
}

HRESULT CoCopyProxy(IUnknown *proxy, IUnknown **ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    CLEANUP(com_cleanup_release) IClientSecurity *security = NULL;
    HRESULT hr = client_security_of(proxy, &security);
    if (FAILED(hr)) {
        return hr;
    }
    return IClientSecurity_CopyProxy(security, proxy, ret);
}
