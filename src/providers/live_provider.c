/*
 * The COM object of the live provider: its interfaces, Initialize
 * (wbemprov/nf-wbemprov-iwbemproviderinit-initialize), the direct interface.
 */
#include "providers/live_private.h"

#include <stdlib.h>
#include <unistd.h>

#include "providers/async_services.h"
#include "providers/provider.h"
#include "wql/wql.h"

/* {c62d7e5e-b354-47df-8589-898ed8fc3634}, as registration.mof says. */
const CLSID CLSID_live_provider = {
    0xc62d7e5e, 0xb354, 0x47df, {0x85, 0x89, 0x89, 0x8e, 0xd8, 0xfc, 0x36, 0x34}};
/* {68d3a3b7-ba35-4369-bf81-640c96f69154} */
const IID IID_direct_provider = {
    0x68d3a3b7, 0xba35, 0x4369, {0xbf, 0x81, 0x64, 0x0c, 0x96, 0xf6, 0x91, 0x54}};

/* ---- IUnknown ------------------------------------------------------------------------- */

static HRESULT query_interface(struct live_provider *p, REFIID riid, void **ret)
{
    const struct {
        const IID *iid;
        void *face;
    } faces[] = {
        {&IID_IUnknown, &p->services},
        {&IID_IWbemServices, &p->services},
        {&IID_IWbemProviderInit, &p->init},
        {&IID_direct_provider, &p->direct},
    };
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    for (size_t i = 0; i < ARRAYSIZE(faces); i++) {
        if (IsEqualIID(riid, faces[i].iid)) {
            (void)com_ref_inc(&p->refs);
            *ret = faces[i].face;
            return S_OK;
        }
    }
    return E_NOINTERFACE;
}

static ULONG release(struct live_provider *p)
{
    ULONG left = com_ref_dec(&p->refs);
    if (left == 0) {
        com_release(p->of);
        decoration_unref(p->where);
        free(p);
    }
    return left;
}

#define LIVE_UNKNOWN(prefix, type, member)                                                         \
    static HRESULT STDMETHODCALLTYPE prefix##_query_interface(type *iface, REFIID riid,            \
                                                              void **ret)                          \
    {                                                                                              \
        return query_interface(COM_CONTAINER(iface, struct live_provider, member), riid, ret);     \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE prefix##_addref(type *iface)                                    \
    {                                                                                              \
        return com_ref_inc(&COM_CONTAINER(iface, struct live_provider, member)->refs);             \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE prefix##_release(type *iface)                                   \
    {                                                                                              \
        return release(COM_CONTAINER(iface, struct live_provider, member));                        \
    }

LIVE_UNKNOWN(services, IWbemServices, services)
LIVE_UNKNOWN(init, IWbemProviderInit, init)
LIVE_UNKNOWN(direct, IUnknown, direct)

/* ---- IWbemProviderInit ------------------------------------------------------------------- */

static HRESULT place_of(const wchar_t *name_space, struct decoration **ret)
{
    char host[256] = "";
    (void)gethostname(host, sizeof host - 1);
    host[strcspn(host, ".")] = '\0';
    CLEANUP(com_cleanup_free) wchar_t *server = com_wide_from_utf8(host);
    return server ? decoration_create(server, name_space, ret) : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT STDMETHODCALLTYPE init_initialize(IWbemProviderInit *iface, LPWSTR user, LONG flags,
                                                 LPWSTR name_space, LPWSTR locale,
                                                 IWbemServices *services, IWbemContext *context,
                                                 IWbemProviderInitSink *sink)
{
    struct live_provider *p = COM_CONTAINER(iface, struct live_provider, init);
    if (!services || !sink || !name_space || p->of) {
        return p->of ? WBEM_E_INVALID_OPERATION : WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = place_of(name_space, &p->where);
    if (SUCCEEDED(hr)) {
        com_addref(services);
        p->of = services;
        hr = WBEM_S_INITIALIZED;
    }
    return IWbemProviderInitSink_SetStatus(sink, hr, 0);
}

/* ---- the direct interface -------------------------------------------------------------------- */

HRESULT live_source(IWbemClassObject *cls, struct wql_plan *plan, bool deep,
                    const struct provider_place *place, struct source **ret)
{
    struct schema *s;
    HRESULT hr = schema_of(cls, &s);
    const struct provider_class *of = SUCCEEDED(hr) ? provider_find(schema_class_name(s)) : NULL;
    if (!of) {
        wql_plan_destroy(plan);
        return FAILED(hr) ? hr : WBEM_E_NOT_FOUND;
    }
    return provider_source(of, cls, plan, deep, place, ret);
}

const struct provider_method *live_find_method(const struct schema *s, const wchar_t *method)
{
    const wchar_t *name = schema_class_name(s);
    for (uint32_t i = 0; name; name = schema_ancestor(s, i++)) {
        const struct provider_class *p = provider_find(name);
        const struct provider_method *m = p ? provider_find_method(p, method) : NULL;
        if (m) {
            return m;
        }
    }
    return NULL;
}

static HRESULT direct_source(struct direct_provider *self, IWbemClassObject *cls,
                             struct wql_plan *plan, bool deep, const struct provider_place *place,
                             struct source **ret)
{
    return live_source(cls, plan, deep, place, ret);
}

static const struct provider_method *
direct_find_method(struct direct_provider *self, const struct schema *s, const wchar_t *method)
{
    return live_find_method(s, method);
}

/* ---- making one ---------------------------------------------------------------------------------
 */

static const IWbemServicesVtbl services_vtbl = {
    .QueryInterface = services_query_interface,
    .AddRef = services_addref,
    .Release = services_release,
    ASYNC_SERVICES_REST,
    .CancelAsyncCall = live_cancel,
    .GetObjectAsync = live_get_object,
    .PutClassAsync = async_incapable_put,
    .DeleteClassAsync = async_incapable_path,
    .CreateClassEnumAsync = async_incapable_path,
    .PutInstanceAsync = async_incapable_put,
    .DeleteInstanceAsync = async_incapable_path,
    .CreateInstanceEnumAsync = live_enumerate,
    .ExecQueryAsync = live_query,
    .ExecNotificationQueryAsync = async_incapable_query,
    .ExecMethodAsync = live_method,
};

static const IWbemProviderInitVtbl init_vtbl = {init_query_interface, init_addref, init_release,
                                                init_initialize};

static const struct direct_provider_vtbl direct_vtbl = {
    direct_query_interface, direct_addref, direct_release, direct_source, direct_find_method};

HRESULT live_provider_create(IUnknown *outer, REFIID riid, void **ret)
{
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    struct live_provider *p = calloc(1, sizeof *p);
    if (!p) {
        return E_OUTOFMEMORY;
    }
    p->services.lpVtbl = (IWbemServicesVtbl *)&services_vtbl;
    p->init.lpVtbl = (IWbemProviderInitVtbl *)&init_vtbl;
    p->direct.vtbl = &direct_vtbl;
    com_ref_init(&p->refs);
    HRESULT hr = query_interface(p, riid, ret);
    (void)release(p);
    return hr;
}

static const struct com_class classes[] = {{&CLSID_live_provider, live_provider_create}};
static struct com_class_table table = {classes, ARRAYSIZE(classes), NULL};

__attribute__((constructor)) static void register_classes(void)
{
    com_register_classes(&table);
}
