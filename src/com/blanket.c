/*
 * struct com_blanket: an object's IClientSecurity. It keeps what it is told; what that means on the
 * network is the owner's affair.
 */
#include "com/com.h"

#include <string.h>

static struct com_blanket *blanket_of(IClientSecurity *iface)
{
    return COM_CONTAINER(iface, struct com_blanket, iface);
}

static HRESULT STDMETHODCALLTYPE blanket_query_interface(IClientSecurity *iface, REFIID riid,
                                                         void **ret)
{
    return IUnknown_QueryInterface(blanket_of(iface)->owner, riid, ret);
}

static ULONG STDMETHODCALLTYPE blanket_addref(IClientSecurity *iface)
{
    return IUnknown_AddRef(blanket_of(iface)->owner);
}

static ULONG STDMETHODCALLTYPE blanket_release(IClientSecurity *iface)
{
    return IUnknown_Release(blanket_of(iface)->owner);
}

/* A copy for the caller to CoTaskMemFree. */
static HRESULT principal_copy(const wchar_t *principal, OLECHAR **ret)
{
    *ret = NULL;
    if (!principal) {
        return S_OK;
    }

    size_t size = (wcslen(principal) + 1) * sizeof *principal;
    *ret = CoTaskMemAlloc(size);
    if (!*ret) {
        return E_OUTOFMEMORY;
    }
    memcpy(*ret, principal, size);
    return S_OK;
}

static void put_dword(DWORD *out, DWORD value)
{
    if (out) {
        *out = value;
    }
}

static HRESULT STDMETHODCALLTYPE blanket_get(IClientSecurity *iface, IUnknown *proxy,
                                             DWORD *authn_svc, DWORD *authz_svc,
                                             OLECHAR **server_principal, DWORD *authn_level,
                                             DWORD *imp_level, void **identity, DWORD *capabilities)
{
    struct com_blanket *b = blanket_of(iface);
    HRESULT hr = S_OK;
    pthread_mutex_lock(&b->lock);
    if (server_principal) {
        hr = principal_copy(b->server_principal, server_principal);
    }
    put_dword(authn_svc, b->authn_svc);
    put_dword(authz_svc, b->authz_svc);
    put_dword(authn_level, b->authn_level);
    put_dword(imp_level, b->imp_level);
    put_dword(capabilities, b->capabilities);
    if (identity) {
        *identity = b->identity;
    }
    pthread_mutex_unlock(&b->lock);
    return hr;
}

/* The values that stand for "as the process has it" or, for what has negotiated its own with
 * another host, as it is now. */
static void fill_in_defaults(struct com_blanket *wanted, const struct com_blanket *now)
{
    struct com_security process;
    com_security_get(&process);
    if (wanted->authn_svc == RPC_C_AUTHN_DEFAULT) {
        wanted->authn_svc = now ? now->authn_svc : RPC_C_AUTHN_WINNT;
    }
    if (wanted->authz_svc == RPC_C_AUTHZ_DEFAULT) {
        wanted->authz_svc = RPC_C_AUTHZ_NONE;
    }
    if (wanted->authn_level == RPC_C_AUTHN_LEVEL_DEFAULT) {
        wanted->authn_level = now ? now->authn_level : process.authn_level;
    }
    if (wanted->imp_level == RPC_C_IMP_LEVEL_DEFAULT) {
        wanted->imp_level = process.imp_level;
    }
    if (wanted->capabilities & EOAC_DEFAULT) {
        wanted->capabilities = EOAC_NONE;
    }
}

static void blanket_take(struct com_blanket *b, struct com_blanket *wanted)
{
    pthread_mutex_lock(&b->lock);
    wchar_t *old = b->server_principal;
    b->authn_svc = wanted->authn_svc;
    b->authz_svc = wanted->authz_svc;
    b->authn_level = wanted->authn_level;
    b->imp_level = wanted->imp_level;
    b->capabilities = wanted->capabilities;
    b->server_principal = TAKE(wanted->server_principal);
    b->identity = wanted->identity;
    pthread_mutex_unlock(&b->lock);
    free(old);
}

static HRESULT STDMETHODCALLTYPE blanket_set(IClientSecurity *iface, IUnknown *proxy,
                                             DWORD authn_svc, DWORD authz_svc,
                                             OLECHAR *server_principal, DWORD authn_level,
                                             DWORD imp_level, void *identity, DWORD capabilities)
{
    struct com_blanket *b = blanket_of(iface);
    if (authn_level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY || imp_level > RPC_C_IMP_LEVEL_DELEGATE ||
        (identity && identity != COLE_DEFAULT_AUTHINFO && authn_svc == RPC_C_AUTHN_NONE)) {
        return E_INVALIDARG;
    }

    struct com_blanket wanted = {.authn_svc = authn_svc,
                                 .authz_svc = authz_svc,
                                 .authn_level = authn_level,
                                 .imp_level = imp_level,
                                 .capabilities = capabilities};
    pthread_mutex_lock(&b->lock);
    const struct com_blanket now = {.authn_svc = b->authn_svc, .authn_level = b->authn_level};
    pthread_mutex_unlock(&b->lock);
    fill_in_defaults(&wanted, b->changing ? &now : NULL);
    wanted.identity = identity == COLE_DEFAULT_AUTHINFO ? NULL : identity;
    if (server_principal && server_principal != COLE_DEFAULT_PRINCIPAL) {
        wanted.server_principal = com_wide_copy(server_principal);
        if (!wanted.server_principal) {
            return E_OUTOFMEMORY;
        }
    }
    HRESULT hr = b->changing ? b->changing(b, &wanted) : S_OK;
    if (SUCCEEDED(hr)) {
        blanket_take(b, &wanted);
    }
    free(wanted.server_principal);
    return hr;
}

/* Within one process there is no proxy to copy: the settings decide nothing, so one object will
 * do. An owner whose calls leave the process answers IID_IClientSecurity with its own. */
static HRESULT STDMETHODCALLTYPE blanket_copy_proxy(IClientSecurity *iface, IUnknown *proxy,
                                                    IUnknown **ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    if (!proxy) {
        return E_INVALIDARG;
    }
    struct com_blanket *b = blanket_of(iface);
    if (b->copy) {
        return b->copy(b, ret);
    }
    com_addref(proxy);
    *ret = proxy;
    return S_OK;
}

static const IClientSecurityVtbl blanket_vtbl = {
    blanket_query_interface, blanket_addref, blanket_release, blanket_get, blanket_set,
    blanket_copy_proxy};

void com_blanket_init(struct com_blanket *b, IUnknown *owner)
{
    *b = (struct com_blanket){.iface = {&blanket_vtbl},
                              .owner = owner,
                              .authn_svc = RPC_C_AUTHN_WINNT,
                              .authz_svc = RPC_C_AUTHZ_NONE,
                              .authn_level = RPC_C_AUTHN_LEVEL_DEFAULT,
                              .imp_level = RPC_C_IMP_LEVEL_DEFAULT};
    fill_in_defaults(b, NULL);
    pthread_mutex_init(&b->lock, NULL);
}

void com_blanket_done(struct com_blanket *b)
{
    free(TAKE(b->server_principal));
    pthread_mutex_destroy(&b->lock);
}

HRESULT com_blanket_query(struct com_blanket *b, IClientSecurity **ret)
{
    com_addref(b->owner);
    *ret = &b->iface;
    return S_OK;
}

HRESULT com_blanket_copy(struct com_blanket *from, struct com_blanket *to)
{
    struct com_blanket values = {.server_principal = NULL};
    pthread_mutex_lock(&from->lock);
    values.authn_svc = from->authn_svc;
    values.authz_svc = from->authz_svc;
    values.authn_level = from->authn_level;
    values.imp_level = from->imp_level;
    values.capabilities = from->capabilities;
    values.identity = from->identity;
    values.server_principal = com_wide_copy(from->server_principal);
    bool out_of_memory = from->server_principal && !values.server_principal;
    pthread_mutex_unlock(&from->lock);
    if (out_of_memory) {
        return E_OUTOFMEMORY;
    }
    blanket_take(to, &values);
    return S_OK;
}
