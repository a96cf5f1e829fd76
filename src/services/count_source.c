/*
 * SELECT COUNT(*): one object with the number of objects that another source
 * yields. WMI answers with an instance of a class named __Generic that has one
 * property, Count; the class is in no namespace.
 */
#include <stdlib.h>

#include "services/services_private.h"

enum {
    COUNT_BATCH = 256, /* objects fetched at a time */
};

struct count_source {
    struct source base;
    IEnumWbemClassObject *counted; /* owned; it owns the source */
    struct decoration *where;
};

HRESULT count_class(struct decoration *where, IWbemClassObject **ret)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    HRESULT hr = object_create_class(&cls);
    if (FAILED(hr)) {
        return hr;
    }
    CLEANUP(com_cleanup_bstr) BSTR name = SysAllocString(L"__Generic");
    if (!name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = name;
    hr = IWbemClassObject_Put(cls, L"__CLASS", 0, &v, 0);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Put(cls, L"Count", 0, NULL, CIM_UINT32);
    }
    if (SUCCEEDED(hr)) {
        hr = object_decorate(cls, where);
    }
    if (FAILED(hr)) {
        return hr;
    }
    *ret = TAKE(cls);
    return WBEM_S_NO_ERROR;
}

static HRESULT count_all(struct count_source *c, struct result_set *out, ULONG *ret)
{
    ULONG total = 0;
    for (;;) {
        IWbemClassObject *objects[COUNT_BATCH];
        ULONG got = 0;
        HRESULT hr =
            IEnumWbemClassObject_Next(c->counted, WBEM_INFINITE, COUNT_BATCH, objects, &got);
        for (ULONG i = 0; i < got; i++) {
            IWbemClassObject_Release(objects[i]);
        }
        total += got;
        if (FAILED(hr)) {
            return hr;
        }
        if (hr == WBEM_S_FALSE) {
            *ret = total;
            return WBEM_S_NO_ERROR;
        }
        if (result_set_cancelled(out)) {
            return WBEM_E_CALL_CANCELLED;
        }
    }
}

static HRESULT count_pull(struct source *s, ULONG demand, struct result_set *out)
{
    struct count_source *c = (struct count_source *)s;
    ULONG total;
    HRESULT hr = count_all(c, out, &total);
    if (FAILED(hr)) {
        return hr;
    }

    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *answer = NULL;
    hr = count_class(c->where, &cls);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_SpawnInstance(cls, 0, &answer);
    }
    if (SUCCEEDED(hr)) {
        VARIANT v;
        V_VT(&v) = VT_I4;
        V_I4(&v) = (LONG)total;
        hr = IWbemClassObject_Put(answer, L"Count", 0, &v, 0);
    }
    if (SUCCEEDED(hr)) {
        hr = result_set_put(out, TAKE(answer));
    }
    return FAILED(hr) ? hr : WBEM_S_FALSE;
}

static void count_cancel(struct source *s)
{
    enumerator_cancel(((struct count_source *)s)->counted);
}

static void count_destroy(struct source *s)
{
    struct count_source *c = (struct count_source *)s;
    IEnumWbemClassObject_Release(c->counted);
    decoration_unref(c->where);
    free(c);
}

static const struct source_ops count_ops = {
    .pull = count_pull,
    .cancel = count_cancel,
    .destroy = count_destroy,
};

HRESULT count_source(struct source *counted, struct decoration *where, struct source **ret)
{
    struct count_source *c = calloc(1, sizeof(*c));
    if (!c) {
        source_destroy(counted);
        return WBEM_E_OUT_OF_MEMORY;
    }
    const struct enumerator_options options = {
        .flags = WBEM_FLAG_FORWARD_ONLY | WBEM_FLAG_RETURN_IMMEDIATELY, .internal = true};
    HRESULT hr = enumerator_create(counted, &options, &c->counted);
    if (FAILED(hr)) {
        free(c);
        return hr;
    }
    c->base.ops = &count_ops;
    c->where = decoration_ref(where);
    *ret = &c->base;
    return WBEM_S_NO_ERROR;
}
