/*
 * IClientSecurity of a services object: the blanket that CoSetProxyBlanket
 * sets. A copy made by CoCopyProxy serves the same namespace with a blanket of
 * its own, as proxies do.
 */
#include "services/services_private.h"

static struct services *services_of_security(IClientSecurity *iface)
{
    return COM_CONTAINER(iface, struct services, security);
}

static HRESULT STDMETHODCALLTYPE security_query_interface(IClientSecurity *iface, REFIID riid,
                                                          void **ret)
{
    return IWbemServices_QueryInterface(&services_of_security(iface)->iface, riid, ret);
}

static ULONG STDMETHODCALLTYPE security_add_ref(IClientSecurity *iface)
{
    return IWbemServices_AddRef(&services_of_security(iface)->iface);
}

static ULONG STDMETHODCALLTYPE security_release(IClientSecurity *iface)
{
    return IWbemServices_Release(&services_of_security(iface)->iface);
}

static HRESULT STDMETHODCALLTYPE security_query_blanket(IClientSecurity *iface, IUnknown *proxy,
                                                        DWORD *ret_authn, DWORD *ret_authz,
                                                        OLECHAR **ret_server, DWORD *ret_level,
                                                        DWORD *ret_imp_level, void **ret_auth_info,
                                                        DWORD *ret_capabilities)
{
    struct services *s = services_of_security(iface);
    pthread_mutex_lock(&s->lock);
    HRESULT hr = blanket_query(&s->blanket, ret_authn, ret_authz, ret_server, ret_level,
                               ret_imp_level, ret_auth_info, ret_capabilities);
    pthread_mutex_unlock(&s->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE security_set_blanket(IClientSecurity *iface, IUnknown *proxy,
                                                      DWORD authn, DWORD authz, OLECHAR *server,
                                                      DWORD level, DWORD imp_level, void *auth_info,
                                                      DWORD capabilities)
{
    struct services *s = services_of_security(iface);
    pthread_mutex_lock(&s->lock);
    HRESULT hr =
        blanket_set(&s->blanket, authn, authz, server, level, imp_level, auth_info, capabilities);
    pthread_mutex_unlock(&s->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE security_copy_proxy(IClientSecurity *iface, IUnknown *proxy,
                                                     IUnknown **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    struct services *s = services_of_security(iface);
    IWbemServices *copy = NULL;
    HRESULT hr = services_create(s->name_space, &copy);
    if (SUCCEEDED(hr)) {
        struct services *c = COM_CONTAINER(copy, struct services, iface);
        blanket_done(&c->blanket);
        pthread_mutex_lock(&s->lock);
        hr = blanket_copy(&s->blanket, &c->blanket);
        pthread_mutex_unlock(&s->lock);
        if (FAILED(hr)) {
            IWbemServices_Release(copy);
            copy = NULL;
        }
    }
    *ret = (IUnknown *)copy;
    return hr;
}

const IClientSecurityVtbl services_security_vtbl = {
    .QueryInterface = security_query_interface,
    .AddRef = security_add_ref,
    .Release = security_release,
    .QueryBlanket = security_query_blanket,
    .SetBlanket = security_set_blanket,
    .CopyProxy = security_copy_proxy,
};
