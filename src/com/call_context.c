/*
 * Who is calling, while a thread serves a call: a stack of contexts for each thread, and the
 * IServerSecurity that CoGetCallContext gives of the innermost one.
 */
#include "com/thread.h"

#include <string.h>

static atomic_uint_fast64_t next_serial = 1;

void com_call_context_local(struct com_call_context *ret)
{
    struct com_security process;
    com_security_get(&process);
    *ret = (struct com_call_context){.authn_svc = RPC_C_AUTHN_WINNT,
                                     .authz_svc = RPC_C_AUTHZ_NONE,
                                     .authn_level = RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                     .imp_level = process.imp_level};
}

void com_call_context_push(struct com_call_context *context)
{
    struct com_thread *self = com_thread_self();
    context->impersonating = false;
    context->serial = atomic_fetch_add_explicit(&next_serial, 1, memory_order_relaxed);
    context->below = self->context;
    self->context = context;
}

static HRESULT context_revert(struct com_call_context *context)
{
    if (!context->impersonating) {
        return S_OK;
    }

    context->impersonating = false;
    return context->revert ? context->revert(context) : S_OK;
}

void com_call_context_pop(struct com_call_context *context)
{
    struct com_thread *self = com_thread_self();
    (void)context_revert(context);
    self->context = context->below;
    context->below = NULL;
}

struct com_call_context *com_call_context_current(void)
{
    return com_thread_self()->context;
}

/* ---- callers --------------------------------------------------------------------- */

HRESULT com_caller_capture(struct com_caller *ret)
{
    const struct com_call_context *context = com_call_context_current();
    const wchar_t *name = !context          ? NULL
                          : context->client ? context->client
                                            : context->on_behalf_of;
    *ret = (struct com_caller){.name = NULL};
    if (!name) {
        return S_OK;
    }
    *ret = (struct com_caller){com_wide_copy(name), context->authn_svc, context->authn_level};
    return ret->name ? S_OK : E_OUTOFMEMORY;
}

void com_caller_done(struct com_caller *c)
{
    free(c->name);
    c->name = NULL;
}

void com_call_context_for(const struct com_caller *c, struct com_call_context *ret)
{
    com_call_context_local(ret);
    if (c->name) {
        ret->on_behalf_of = c->name;
        ret->authn_svc = c->authn_svc;
        ret->authn_level = c->authn_level;
        ret->imp_level = RPC_C_IMP_LEVEL_IDENTIFY;
    }
}

/* ---- IServerSecurity ----------------------------------------------------------- */

/* Names a call by its serial: good only on its thread and while it lasts. */
struct server_security {
    IServerSecurity iface;
    struct com_refs refs;
    uint64_t serial;
};

static struct server_security *security_of(IServerSecurity *iface)
{
    return COM_CONTAINER(iface, struct server_security, iface);
}

static struct com_call_context *context_of(IServerSecurity *iface)
{
    struct com_call_context *context = com_call_context_current();
    while (context && context->serial != security_of(iface)->serial) {
        context = context->below;
    }
    return context;
}

static HRESULT STDMETHODCALLTYPE security_query_interface(IServerSecurity *iface, REFIID riid,
                                                          void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IServerSecurity)) {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    *ret = iface;
    (void)com_ref_inc(&security_of(iface)->refs);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE security_addref(IServerSecurity *iface)
{
    return com_ref_inc(&security_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE security_release(IServerSecurity *iface)
{
    ULONG left = com_ref_dec(&security_of(iface)->refs);
    if (left == 0) {
        free(security_of(iface));
    }
    return left;
}

static void put_dword(DWORD *out, DWORD value)
{
    if (out) {
        *out = value;
    }
}

static HRESULT STDMETHODCALLTYPE security_query_blanket(IServerSecurity *iface, DWORD *authn_svc,
                                                        DWORD *authz_svc,
                                                        OLECHAR **server_principal,
                                                        DWORD *authn_level, DWORD *imp_level,
                                                        void **client, DWORD *capabilities)
{
    if (server_principal) {
        *server_principal = NULL;
    }
    if (client) {
        *client = NULL;
    }
    struct com_call_context *context = context_of(iface);
    if (!context) {
        return RPC_E_CALL_COMPLETE;
    }

    if (server_principal && context->server_principal) {
        size_t size = (wcslen(context->server_principal) + 1) * sizeof(OLECHAR);
        *server_principal = CoTaskMemAlloc(size);
        if (!*server_principal) {
            return E_OUTOFMEMORY;
        }
        memcpy(*server_principal, context->server_principal, size);
    }
    put_dword(authn_svc, context->authn_svc);
    put_dword(authz_svc, context->authz_svc);
    put_dword(authn_level, context->authn_level);
    put_dword(imp_level, context->imp_level);
    put_dword(capabilities, context->capabilities);
    if (client) {
        const wchar_t *name = context->client ? context->client : context->on_behalf_of;
        *client = (void *)(uintptr_t)name; /* documented as untyped; not to be changed */
    }
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE security_impersonate(IServerSecurity *iface)
{
    struct com_call_context *context = context_of(iface);
    if (!context) {
        return RPC_E_CALL_COMPLETE;
    }

    HRESULT hr = context->impersonate                       ? context->impersonate(context)
                 : context->client || context->on_behalf_of ? E_ACCESSDENIED
                                                            : S_OK;
    context->impersonating = context->impersonating || SUCCEEDED(hr);
    return hr;
}

static HRESULT STDMETHODCALLTYPE security_revert(IServerSecurity *iface)
{
    struct com_call_context *context = context_of(iface);
    return context ? context_revert(context) : RPC_E_CALL_COMPLETE;
}

static BOOL STDMETHODCALLTYPE security_is_impersonating(IServerSecurity *iface)
{
    struct com_call_context *context = context_of(iface);
    return context && context->impersonating;
}

static const IServerSecurityVtbl security_vtbl = {
    security_query_interface, security_addref, security_release,         security_query_blanket,
    security_impersonate,     security_revert, security_is_impersonating};

HRESULT CoGetCallContext(REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }

    *ret = NULL;
    struct com_call_context *context = com_call_context_current();
    if (!context) {
        return RPC_E_CALL_COMPLETE;
    }
    struct server_security *s = malloc(sizeof *s);
    if (!s) {
        return E_OUTOFMEMORY;
    }
    s->iface.lpVtbl = &security_vtbl;
    com_ref_init(&s->refs);
    s->serial = context->serial;
    HRESULT hr = IServerSecurity_QueryInterface(&s->iface, riid, ret);
    (void)IServerSecurity_Release(&s->iface);
    return hr;
}

/* ---- the same as functions --------------------------------------------------------- */

static HRESULT current_security(IServerSecurity **ret)
{
    return CoGetCallContext(&IID_IServerSecurity, (void **)ret);
}

HRESULT CoQueryClientBlanket(DWORD *authn_svc, DWORD *authz_svc, OLECHAR **server_principal,
                             DWORD *authn_level, DWORD *imp_level, RPC_AUTHZ_HANDLE *client,
                             DWORD *capabilities)
{
    CLEANUP(com_cleanup_release) IServerSecurity *security = NULL;
    HRESULT hr = current_security(&security);
    if (FAILED(hr)) {
        return hr;
    }
    return IServerSecurity_QueryBlanket(security, authn_svc, authz_svc, server_principal,
                                        authn_level, imp_level, client, capabilities);
}

HRESULT CoImpersonateClient(void)
{
    CLEANUP(com_cleanup_release) IServerSecurity *security = NULL;
    HRESULT hr = current_security(&security);
    return FAILED(hr) ? hr : IServerSecurity_ImpersonateClient(security);
}

HRESULT CoRevertToSelf(void)
{
    CLEANUP(com_cleanup_release) IServerSecurity *security = NULL;
    HRESULT hr = current_security(&security);
    return FAILED(hr) ? hr : IServerSecurity_RevertToSelf(security);
}
