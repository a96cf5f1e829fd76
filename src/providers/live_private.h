/* What the files of the live provider share. */
#ifndef WBEM_PROVIDERS_LIVE_PRIVATE_H
#define WBEM_PROVIDERS_LIVE_PRIVATE_H

#include <wbemprov.h>

#include "providers/live_provider.h"

struct live_provider {
    IWbemServices services; /* the first, and the object's identity */
    IWbemProviderInit init;
    struct direct_provider direct;
    struct com_refs refs;
    IWbemServices *of;        /* where its classes are; NULL before Initialize */
    struct decoration *where; /* the same as a place; NULL before Initialize */
};

static inline struct live_provider *live_of_services(IWbemServices *iface)
{
    return COM_CONTAINER(iface, struct live_provider, services);
}

/* ---- the calls of IWbemServices (live_calls.c) -------------------------------------------- */

HRESULT STDMETHODCALLTYPE live_cancel(IWbemServices *iface, IWbemObjectSink *sink);
HRESULT STDMETHODCALLTYPE live_get_object(IWbemServices *iface, const BSTR path, LONG flags,
                                          IWbemContext *context, IWbemObjectSink *sink);
HRESULT STDMETHODCALLTYPE live_enumerate(IWbemServices *iface, const BSTR name, LONG flags,
                                         IWbemContext *context, IWbemObjectSink *sink);
HRESULT STDMETHODCALLTYPE live_query(IWbemServices *iface, const BSTR language, const BSTR query,
                                     LONG flags, IWbemContext *context, IWbemObjectSink *sink);
HRESULT STDMETHODCALLTYPE live_method(IWbemServices *iface, const BSTR path, const BSTR method,
                                      LONG flags, IWbemContext *context, IWbemClassObject *in,
                                      IWbemObjectSink *sink);

/* ---- what the calls and the direct interface have in common ---------------------------------- */

/* As direct_provider_vtbl has them. */
HRESULT live_source(IWbemClassObject *cls, struct wql_plan *plan, bool deep,
                    const struct provider_place *place, struct source **ret);
const struct provider_method *live_find_method(const struct schema *s, const wchar_t *method);

#endif
