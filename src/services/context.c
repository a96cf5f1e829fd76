/*
 * IWbemContext: named values that go to a provider with a call (wbemcli/
 * nn-wbemcli-iwbemcontext). A context belongs to its caller; like Microsoft's
 * it is not meant for two threads at once.
 */
#include <stdlib.h>
#include <wchar.h>

#include "services/services_private.h"

struct context_value {
    struct context_value *next;
    wchar_t *name;
    VARIANT value;
};

struct context {
    IWbemContext iface;
    atomic_ulong refs;
    struct context_value *first; /* in order of setting */
    struct context_value *at;    /* what Next gives next */
    bool enumerating;
};

static struct context *context_of(IWbemContext *iface)
{
    return (struct context *)((char *)iface - offsetof(struct context, iface));
}

static HRESULT new_context(IWbemContext **ret);

static void value_destroy(struct context_value *v)
{
    VariantClear(&v->value);
    free(v->name);
    free(v);
}

static void delete_all(struct context *c)
{
    for (struct context_value *v = c->first, *next; v; v = next) {
        next = v->next;
        value_destroy(v);
    }
    c->first = NULL;
    c->at = NULL;
}

/* The link that points at the value, or the end of the list. */
static struct context_value **find(struct context *c, const wchar_t *name)
{
    struct context_value **at = &c->first;
    while (*at && wcscasecmp((*at)->name, name) != 0) {
        at = &(*at)->next;
    }
    return at;
}

static HRESULT STDMETHODCALLTYPE context_query_interface(IWbemContext *iface, REFIID riid,
                                                         void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemContext)) {
        return E_NOINTERFACE;
    }
    IWbemContext_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE context_add_ref(IWbemContext *iface)
{
    struct context *c = context_of(iface);
    return (ULONG)atomic_fetch_add_explicit(&c->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE context_release(IWbemContext *iface)
{
    struct context *c = context_of(iface);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&c->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        delete_all(c);
        free(c);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE context_set_value(IWbemContext *iface, LPCWSTR name, LONG flags,
                                                   VARIANT *value)
{
    if (!name || !value || flags) {
        return WBEM_E_INVALID_PARAMETER;
    }
    struct context_value **at = find(context_of(iface), name);
    if (*at) {
        return FAILED(VariantCopy(&(*at)->value, value)) ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
    }

    struct context_value *v = calloc(1, sizeof(*v));
    if (!v) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    VariantInit(&v->value);
    v->name = wcsdup(name);
    if (!v->name || FAILED(VariantCopy(&v->value, value))) {
        value_destroy(v);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *at = v;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE context_get_value(IWbemContext *iface, LPCWSTR name, LONG flags,
                                                   VARIANT *ret)
{
    if (!name || !ret || flags) {
        return WBEM_E_INVALID_PARAMETER;
    }
    struct context_value *v = *find(context_of(iface), name);
    if (!v) {
        return WBEM_E_NOT_FOUND;
    }
    VariantInit(ret);
    return FAILED(VariantCopy(ret, &v->value)) ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE context_delete_value(IWbemContext *iface, LPCWSTR name, LONG flags)
{
    if (!name || flags) {
        return WBEM_E_INVALID_PARAMETER;
    }
    struct context *c = context_of(iface);
    struct context_value **at = find(c, name);
    struct context_value *v = *at;
    if (!v) {
        return WBEM_E_NOT_FOUND;
    }
    *at = v->next;
    if (c->at == v) {
        c->at = v->next; /* an enumeration goes on behind it */
    }
    value_destroy(v);
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE context_delete_all(IWbemContext *iface)
{
    delete_all(context_of(iface));
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE context_clone(IWbemContext *iface, IWbemContext **ret)
{
    if (!ret) {
        return WBEM_E_INVALID_PARAMETER;
    }
    *ret = NULL;
    IWbemContext *copy;
    HRESULT hr = new_context(&copy);
    for (struct context_value *v = context_of(iface)->first; v && SUCCEEDED(hr); v = v->next) {
        hr = IWbemContext_SetValue(copy, v->name, 0, &v->value);
        if (FAILED(hr)) {
            IWbemContext_Release(copy);
        }
    }
    if (SUCCEEDED(hr)) {
        *ret = copy;
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE context_get_names(IWbemContext *iface, LONG flags, SAFEARRAY **ret)
{
    if (!ret || flags) {
        return WBEM_E_INVALID_PARAMETER;
    }
    struct context *c = context_of(iface);
    ULONG count = 0;
    for (struct context_value *v = c->first; v; v = v->next) {
        count++;
    }
    SAFEARRAY *names = SafeArrayCreateVector(VT_BSTR, 0, count);
    LONG i = 0;
    for (struct context_value *v = c->first; v && names; v = v->next, i++) {
        BSTR name = SysAllocString(v->name);
        if (!name || FAILED(SafeArrayPutElement(names, &i, name))) {
            SafeArrayDestroy(names);
            names = NULL;
        }
        SysFreeString(name); /* the array holds a copy */
    }
    *ret = names;
    return names ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT STDMETHODCALLTYPE context_begin(IWbemContext *iface, LONG flags)
{
    struct context *c = context_of(iface);
    if (flags) {
        return WBEM_E_INVALID_PARAMETER;
    }
    c->at = c->first;
    c->enumerating = true;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE context_next(IWbemContext *iface, LONG flags, BSTR *ret_name,
                                              VARIANT *ret_value)
{
    struct context *c = context_of(iface);
    if (ret_name) {
        *ret_name = NULL;
    }
    if (ret_value) {
        VariantInit(ret_value);
    }
    if (flags || !ret_name || !ret_value) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (!c->enumerating) {
        return WBEM_E_UNEXPECTED;
    }
    struct context_value *v = c->at;
    if (!v) {
        return WBEM_S_NO_MORE_DATA;
    }
    BSTR name = SysAllocString(v->name);
    if (!name || FAILED(VariantCopy(ret_value, &v->value))) {
        SysFreeString(name);
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret_name = name;
    c->at = v->next;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE context_end(IWbemContext *iface)
{
    struct context *c = context_of(iface);
    c->enumerating = false;
    c->at = NULL;
    return WBEM_S_NO_ERROR;
}

static const IWbemContextVtbl context_vtbl = {
    .QueryInterface = context_query_interface,
    .AddRef = context_add_ref,
    .Release = context_release,
    .Clone = context_clone,
    .GetNames = context_get_names,
    .BeginEnumeration = context_begin,
    .Next = context_next,
    .EndEnumeration = context_end,
    .SetValue = context_set_value,
    .GetValue = context_get_value,
    .DeleteValue = context_delete_value,
    .DeleteAll = context_delete_all,
};

static HRESULT new_context(IWbemContext **ret)
{
    struct context *c = calloc(1, sizeof(*c));
    if (!c) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    c->iface.lpVtbl = &context_vtbl;
    atomic_init(&c->refs, 1);
    *ret = &c->iface;
    return WBEM_S_NO_ERROR;
}

HRESULT context_create(IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    IWbemContext *c;
    HRESULT hr = new_context(&c);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemContext_QueryInterface(c, riid, ret);
    IWbemContext_Release(c);
    return hr;
}
