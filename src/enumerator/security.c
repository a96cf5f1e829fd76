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

/* ---- levels --------------------------------------------------------------------- */

DWORD starting_level(void)
{
    const struct com_call_context *context = com_call_context_current();
    return context && context->authn_level != 0 ? context->authn_level
                                                : RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
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
