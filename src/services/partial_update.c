/*
 * What an IWbemContext asks of PutInstance (wbemcli
 * nf-wbemcli-iwbemservices-putinstanceasync): __PUT_EXTENSIONS with
 * __PUT_EXT_PROPERTIES, the properties to put, and __PUT_EXT_STRICT_NULLS,
 * whether a null among them is a value or means "as it is".
 */
#include <stdlib.h>
#include <wchar.h>

#include "services/services_private.h"

static bool context_is_true(IWbemContext *context, const wchar_t *name)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemContext_GetValue(context, name, 0, &v);
    bool is = SUCCEEDED(hr) && V_VT(&v) == VT_BOOL && V_BOOL(&v);
    VariantClear(&v);
    return is;
}

void partial_update_done(struct partial_update *p)
{
    for (size_t i = 0; i < p->count; i++) {
        free(p->names[i]);
    }
    free(p->names);
    *p = (struct partial_update){0};
}

static HRESULT read_names(SAFEARRAY *names, struct partial_update *ret)
{
    LONG low = 0;
    LONG high = -1;
    HRESULT hr = SafeArrayGetLBound(names, 1, &low);
    if (SUCCEEDED(hr)) {
        hr = SafeArrayGetUBound(names, 1, &high);
    }
    if (FAILED(hr) || high < low) {
        return hr;
    }
    ret->names = calloc((size_t)(high - low) + 1, sizeof(*ret->names));
    if (!ret->names) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    for (LONG i = low; SUCCEEDED(hr) && i <= high; i++) {
        BSTR name = NULL;
        hr = SafeArrayGetElement(names, &i, &name);
        if (SUCCEEDED(hr)) {
            ret->names[ret->count] = wcsdup(name ? name : L"");
            hr = ret->names[ret->count] ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
            ret->count += SUCCEEDED(hr);
            SysFreeString(name);
        }
    }
    return hr;
}

HRESULT partial_update_read(IWbemContext *context, struct partial_update *ret)
{
    VARIANT v;
    *ret = (struct partial_update){0};
    if (!context_is_true(context, L"__PUT_EXTENSIONS")) {
        return WBEM_S_NO_ERROR;
    }
    ret->strict_nulls = context_is_true(context, L"__PUT_EXT_STRICT_NULLS");
    VariantInit(&v);
    HRESULT hr = IWbemContext_GetValue(context, L"__PUT_EXT_PROPERTIES", 0, &v);
    if (FAILED(hr)) {
        return WBEM_S_NO_ERROR; /* every property, then */
    }
    if (V_VT(&v) == (VT_ARRAY | VT_BSTR)) {
        hr = read_names(V_ARRAY(&v), ret);
    } else {
        hr = error_raise(WBEM_E_INVALID_CONTEXT, "PutInstance", "__PUT_EXT_PROPERTIES",
                         "the context's value must be an array of strings");
    }
    VariantClear(&v);
    if (FAILED(hr)) {
        partial_update_done(ret);
    }
    return hr;
}
