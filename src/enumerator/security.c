/*
 * Who may call an enumerator, and at which authentication level its sinks are
 * called (N16, N23). Delivery happens inside this process, by the thread that
 * read the objects, so a callback is never weaker than the call: the level that
 * the enumerator's blanket names is what CoQueryClientBlanket tells the sink.
 */
#include "enumerator/enumerator_private.h"

#include <stdlib.h>
#include <wchar.h>

/* ---- principals ------------------------------------------------------------ */

struct principal {
    WCHAR *name;
};

/* The caller's name, borrowed for as long as the call lasts; NULL for this process. */
static const WCHAR *caller_name(void)
{
    const struct com_call_context *context = com_call_context_current();
    return context ? context->client : NULL;
}

static HRESULT principal_create(const WCHAR *name, struct principal **ret)
{
    *ret = NULL;
    if (!name) {
        return WBEM_S_NO_ERROR;
    }
    struct principal *p = calloc(1, sizeof(*p));
    if (p) {
        p->name = com_wide_copy(name);
    }
    if (!p || !p->name) {
        free(p);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret = p;
    return WBEM_S_NO_ERROR;
}

HRESULT principal_capture(struct principal **ret)
{
    return principal_create(caller_name(), ret);
}

HRESULT principal_copy(const struct principal *p, struct principal **ret)
{
    return principal_create(p ? p->name : NULL, ret);
}

void principal_destroy(struct principal *p)
{
    if (p) {
        free(p->name);
        free(p);
    }
}

HRESULT principal_check(const struct principal *p)
{
    const WCHAR *name = caller_name();
    bool same = p && name ? wcscmp(p->name, name) == 0 : !p && !name;
    return same ? WBEM_S_NO_ERROR : WBEM_E_ACCESS_DENIED;
}

/* ---- blankets ----------------------------------------------------------------- */

static HRESULT copy_name(const WCHAR *name, WCHAR **ret)
{
    *ret = NULL;
    if (name) {
        size_t size = (wcslen(name) + 1) * sizeof(*name);
        *ret = CoTaskMemAlloc(size);
        if (!*ret) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        wmemcpy(*ret, name, size / sizeof(*name));
    }
    return WBEM_S_NO_ERROR;
}

void blanket_init(struct blanket *b)
{
    const struct com_call_context *context = com_call_context_current();
    *b = (struct blanket){.authn_service = RPC_C_AUTHN_WINNT,
                          .authz_service = RPC_C_AUTHZ_NONE,
                          .authn_level = context && context->authn_level != 0
                                             ? context->authn_level
                                             : RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                          .imp_level = RPC_C_IMP_LEVEL_IMPERSONATE};
}

HRESULT blanket_copy(const struct blanket *from, struct blanket *ret)
{
    *ret = *from;
    return copy_name(from->server_name, &ret->server_name);
}

void blanket_done(struct blanket *b)
{
    CoTaskMemFree(b->server_name);
    b->server_name = NULL;
}

HRESULT blanket_set(struct blanket *b, DWORD authn_service, DWORD authz_service,
                    const WCHAR *server_name, DWORD authn_level, DWORD imp_level, void *auth_info,
                    DWORD capabilities)
{
    if (authn_level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY || imp_level > RPC_C_IMP_LEVEL_DELEGATE) {
        return E_INVALIDARG;
    }
    /* COLE_DEFAULT_PRINCIPAL leaves the name as it is, and is no pointer. */
    if (server_name != (const WCHAR *)COLE_DEFAULT_PRINCIPAL) {
        WCHAR *copy;
        HRESULT hr = copy_name(server_name, &copy);
        if (FAILED(hr)) {
            return hr;
        }
        CoTaskMemFree(b->server_name);
        b->server_name = copy;
    }
    if (authn_service != RPC_C_AUTHN_DEFAULT) {
        b->authn_service = authn_service;
    }
    if (authz_service != RPC_C_AUTHZ_DEFAULT) {
        b->authz_service = authz_service;
    }
    if (authn_level != RPC_C_AUTHN_LEVEL_DEFAULT) {
        b->authn_level = authn_level;
    }
    if (imp_level != RPC_C_IMP_LEVEL_DEFAULT) {
        b->imp_level = imp_level;
    }
    if (auth_info != COLE_DEFAULT_AUTHINFO) {
        b->auth_info = auth_info;
    }
    b->capabilities = capabilities;
    return S_OK;
}

/* ---- sinks -------------------------------------------------------------------------- */

HRESULT sink_accepts_level(IWbemObjectSink *sink, DWORD authn_level)
{
    IClientSecurity *security;
    if (FAILED(IWbemObjectSink_QueryInterface(sink, &IID_IClientSecurity, (void **)&security))) {
        return WBEM_S_NO_ERROR;
    }
    DWORD wanted = RPC_C_AUTHN_LEVEL_DEFAULT;
    HRESULT hr = IClientSecurity_QueryBlanket(security, (IUnknown *)sink, NULL, NULL, NULL, &wanted,
                                              NULL, NULL, NULL);
    IClientSecurity_Release(security);
    return SUCCEEDED(hr) && wanted > authn_level ? E_ACCESSDENIED : WBEM_S_NO_ERROR;
}

void sink_context_push(struct sink_context *s, const struct principal *p, DWORD authn_level)
{
    com_call_context_local(&s->context);
    s->context.authn_level = authn_level;
    if (p) {
        s->context.client = p->name; /* so that the sink may go on using its enumerator */
    }
    com_call_context_push(&s->context);
}

void sink_context_pop(struct sink_context *s)
{
    com_call_context_pop(&s->context);
}
