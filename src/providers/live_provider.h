/*
 * The built-in classes as a provider of WMI's own interfaces: a COM class that
 * anybody can make, registered in root\cimv2 as the provider "libwbem", with
 * one interface more for whoever asks for it in the same process.
 */
#ifndef WBEM_PROVIDERS_LIVE_PROVIDER_H
#define WBEM_PROVIDERS_LIVE_PROVIDER_H

#include "com/com.h"
#include "enumerator/source.h"
#include "object/object.h"

struct provider_method;
struct provider_place;
struct schema;
struct wql_plan;

/* CLSID of the provider: IWbemProviderInit and IWbemServices, of which it does
 * CreateInstanceEnumAsync, ExecQueryAsync, GetObjectAsync, ExecMethodAsync and CancelAsyncCall. */
extern const CLSID CLSID_live_provider;
extern const IID IID_direct_provider;

/* Rows instead of objects. IWbemServices costs an object for each instance before the condition is
 * looked at and a copy after it; here the query's plan goes down to where the rows are made. What
 * comes is the same. Its table begins with IUnknown's. */
struct direct_provider {
    const struct direct_provider_vtbl *vtbl;
};

/* clang-format off */
struct direct_provider_vtbl {
    HRESULT (STDMETHODCALLTYPE *QueryInterface)(IUnknown *self, REFIID riid, void **ret);
    ULONG (STDMETHODCALLTYPE *AddRef)(IUnknown *self);
    ULONG (STDMETHODCALLTYPE *Release)(IUnknown *self);
    /* As provider_source(), with the provider of `cls`. WBEM_E_NOT_FOUND: it provides no such
     * class. The source holds no reference to the provider. */
    HRESULT (*source)(struct direct_provider *self, IWbemClassObject *cls, struct wql_plan *plan,
                      bool deep, const struct provider_place *place, struct source **ret);
    /* The method of the class, or of a superclass for all that are derived from it; NULL: it is
     * not done here. */
    const struct provider_method *(*find_method)(struct direct_provider *self,
                                                 const struct schema *s, const wchar_t *method);
};
/* clang-format on */

/* One. `outer` must be NULL. */
HRESULT live_provider_create(IUnknown *outer, REFIID riid, void **ret);

#endif
