/*
 * #pragma amendment: the texts of a class, its qualifiers of flavor Amended, as
 * a class of the same name in the namespace of the locale ([WmiSdk] "Localizing
 * WMI Class Information"): without superclass, with the qualifiers Amendment
 * and Locale, and with no more of each property and method than its texts need.
 */
#include "mof/compiler_private.h"

#include <stdlib.h>
#include <wchar.h>

/* Copies the amended qualifiers of one set; `to` NULL: only counts. *ret_count grows by their
 * number. */
static HRESULT copy_amended(IWbemQualifierSet *from, IWbemQualifierSet *to, unsigned *ret_count)
{
    HRESULT hr = IWbemQualifierSet_BeginEnumeration(from, WBEM_FLAG_LOCAL_ONLY);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        VARIANT value;
        LONG flavor;
        VariantInit(&value);
        hr = IWbemQualifierSet_Next(from, 0, &name, &value, &flavor);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        if (flavor & WBEM_FLAVOR_AMENDED) {
            hr = to == NULL
                     ? hr
                     : IWbemQualifierSet_Put(to, name, &value, flavor & ~WBEM_FLAVOR_MASK_ORIGIN);
            ++*ret_count;
        }
        SysFreeString(name);
        (void)VariantClear(&value);
    }
    (void)IWbemQualifierSet_EndEnumeration(from);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* ---- properties and methods ------------------------------------------------------------- */

static HRESULT amend_property(IWbemClassObject *cls, const wchar_t *name, IWbemClassObject *stub)
{
    IWbemQualifierSet *from = NULL, *to = NULL;
    unsigned count = 0;
    CIMTYPE type;
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(cls, name, &from);
    if (SUCCEEDED(hr)) {
        hr = copy_amended(from, NULL, &count);
    }
    if (SUCCEEDED(hr) && count > 0) {
        hr = IWbemClassObject_Get(cls, name, 0, NULL, &type, NULL);
        if (SUCCEEDED(hr)) {
            hr = IWbemClassObject_Put(stub, name, 0, NULL, type);
        }
        if (SUCCEEDED(hr)) {
            hr = IWbemClassObject_GetPropertyQualifierSet(stub, name, &to);
        }
        if (SUCCEEDED(hr)) {
            hr = copy_amended(from, to, &count);
        }
    }
    if (from != NULL) {
        IWbemQualifierSet_Release(from);
    }
    if (to != NULL) {
        IWbemQualifierSet_Release(to);
    }
    return hr;
}

/* The texts of parameters stay with the signatures. */
static HRESULT amend_method(IWbemClassObject *cls, const wchar_t *name, IWbemClassObject *stub)
{
    IWbemClassObject *in = NULL, *out = NULL;
    IWbemQualifierSet *from = NULL, *to = NULL;
    unsigned count = 0;
    HRESULT hr = IWbemClassObject_GetMethod(cls, name, 0, &in, &out);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_PutMethod(stub, name, 0, in, out);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethodQualifierSet(cls, name, &from);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethodQualifierSet(stub, name, &to);
    }
    if (SUCCEEDED(hr)) {
        hr = copy_amended(from, to, &count);
    }
    IUnknown *const all[] = {(IUnknown *)in, (IUnknown *)out, (IUnknown *)from, (IUnknown *)to};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] != NULL) {
            IUnknown_Release(all[i]);
        }
    }
    return hr;
}

static HRESULT amend_features(struct mof_compiler *c, const struct mof_class *decl,
                              IWbemClassObject *cls, IWbemClassObject *stub)
{
    wchar_t name[MOF_MAX_NAME + 1];
    HRESULT hr = WBEM_S_NO_ERROR;
    for (const struct mof_feature *f = decl->features; SUCCEEDED(hr) && f != NULL; f = f->next) {
        hr = mof_name(c, f->name, name);
        if (SUCCEEDED(hr)) {
            hr = f->method ? amend_method(cls, name, stub) : amend_property(cls, name, stub);
        }
    }
    return hr;
}

/* ---- the class ---------------------------------------------------------------------------- */

static HRESULT mark(struct mof_compiler *c, IWbemClassObject *cls, IWbemClassObject *stub)
{
    IWbemQualifierSet *from = NULL, *to = NULL;
    VARIANT value;
    unsigned count = 0;
    HRESULT hr = IWbemClassObject_GetQualifierSet(cls, &from);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetQualifierSet(stub, &to);
    }
    if (SUCCEEDED(hr)) {
        V_VT(&value) = VT_BOOL;
        V_BOOL(&value) = VARIANT_TRUE;
        hr = IWbemQualifierSet_Put(to, L"AMENDMENT", &value, 0);
    }
    if (SUCCEEDED(hr)) {
        V_VT(&value) = VT_I4;
        V_I4(&value) = (LONG)wcstol(c->locale + 3, NULL, 16);
        hr = IWbemQualifierSet_Put(to, L"LOCALE", &value, 0);
    }
    if (SUCCEEDED(hr)) {
        hr = copy_amended(from, to, &count);
    }
    if (from != NULL) {
        IWbemQualifierSet_Release(from);
    }
    if (to != NULL) {
        IWbemQualifierSet_Release(to);
    }
    return hr;
}

static HRESULT make_stub(struct mof_compiler *c, const struct mof_class *decl,
                         IWbemClassObject *cls, IWbemClassObject **ret)
{
    VARIANT name;
    IWbemClassObject *stub;
    VariantInit(&name);
    HRESULT hr = object_create_class(&stub);
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_Get(cls, L"__CLASS", 0, &name, NULL, NULL);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Put(stub, L"__CLASS", 0, &name, 0);
    }
    (void)VariantClear(&name);
    if (SUCCEEDED(hr)) {
        hr = mark(c, cls, stub);
    }
    if (SUCCEEDED(hr)) {
        hr = amend_features(c, decl, cls, stub);
    }
    if (FAILED(hr)) {
        IWbemClassObject_Release(stub);
        return hr;
    }
    *ret = stub;
    return hr;
}

HRESULT mof_put_amendment(struct mof_compiler *c, const struct mof_class *decl,
                          IWbemClassObject *cls)
{
    size_t room = wcslen(c->name_space) + wcslen(c->locale) + 2;
    wchar_t *name_space = malloc(room * sizeof *name_space);
    IWbemClassObject *stub = NULL;
    if (name_space == NULL) {
        return mof_fail(c, decl->name, WBEM_E_OUT_OF_MEMORY, "out of memory");
    }
    (void)swprintf(name_space, room, L"%ls\\%ls", c->name_space, c->locale);
    HRESULT hr = c->target->make_namespace == NULL
                     ? WBEM_S_NO_ERROR
                     : c->target->make_namespace(c->target->closure, name_space);
    if (SUCCEEDED(hr)) {
        hr = make_stub(c, decl, cls, &stub);
    }
    if (SUCCEEDED(hr)) {
        hr = c->target->put_class(c->target->closure, name_space, stub, c->class_flags);
        IWbemClassObject_Release(stub);
    }
    free(name_space);
    return FAILED(hr) ? mof_fail_call(c, decl->name, hr, "its texts can't be kept apart") : hr;
}
