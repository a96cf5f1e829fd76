/*
 * WMI's error object: an IErrorInfo that also gives an __ExtendedStatus instance
 * to who asks it for IWbemClassObject ([WmiSdk] "__ExtendedStatus"). The instance
 * is an object of its own, as the one that SetStatus gets is.
 */
#include "object/object_private.h"

#include <pthread.h>
#include <stdio.h>

struct error_object {
    IErrorInfo iface;
    atomic_uint refs;
    BSTR source, description;
    IWbemClassObject *status;
};

static struct error_object *error_of(IErrorInfo *iface)
{
    return (struct error_object *)((char *)iface - offsetof(struct error_object, iface));
}

/* ---- the class --------------------------------------------------------------------- */

enum status_property {
    STATUS_CODE,
    STATUS_DESCRIPTION,
    STATUS_OPERATION,
    STATUS_PARAMETER,
    STATUS_PROVIDER
};

/* class __SystemClass; class __NotifyStatus : __SystemClass; class __ExtendedStatus :
 * __NotifyStatus, the properties in the order of enum status_property. */
static const struct {
    const wchar_t *class_name, *property;
    CIMTYPE type;
} definition[] = {
    {L"__SystemClass", NULL, 0},
    {L"__NotifyStatus", L"StatusCode", CIM_UINT32},
    {L"__ExtendedStatus", L"Description", CIM_STRING},
    {NULL, L"Operation", CIM_STRING},
    {NULL, L"ParameterInfo", CIM_STRING},
    {NULL, L"ProviderName", CIM_STRING},
};

static struct schema *status_schema; /* set once, kept until the process ends */
static pthread_once_t status_once = PTHREAD_ONCE_INIT;

static HRESULT name_class(IWbemClassObject *c, const wchar_t *name)
{
    struct draft *d;
    HRESULT hr = object_draft(object_of(c), &d);
    if (SUCCEEDED(hr)) {
        d->name = name_copy(name);
        hr = d->name ? hr : WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

/* The class itself, or one that derives from *c, which is released. */
static HRESULT next_class(IWbemClassObject **c, const wchar_t *name)
{
    IWbemClassObject *made = NULL;
    HRESULT hr = *c ? object_spawn_derived(object_of(*c), 0, &made) : object_create_class(&made);
    if (*c) {
        object_release(object_of(*c));
    }
    *c = made;
    return SUCCEEDED(hr) ? name_class(made, name) : hr;
}

static void make_status_schema(void)
{
    IWbemClassObject *c = NULL;
    struct schema *s;
    HRESULT hr = WBEM_S_NO_ERROR;
    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof definition / sizeof definition[0]; i++) {
        if (definition[i].class_name) {
            hr = next_class(&c, definition[i].class_name);
        }
        if (SUCCEEDED(hr) && definition[i].property) {
            hr = object_put(object_of(c), definition[i].property, 0, NULL, definition[i].type);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = schema_of(c, &s);
    }
    if (SUCCEEDED(hr)) {
        status_schema = schema_ref(s);
    }
    if (c) {
        object_release(object_of(c));
    }
}

static HRESULT set_text(struct row *r, uint32_t ordinal, const char *text)
{
    return text ? row_set_string(r, ordinal, text) : row_set_null(r, ordinal);
}

static HRESULT make_status(HRESULT code, const char *operation, const char *parameter,
                           const char *provider, const char *description, IWbemClassObject **ret)
{
    struct row *r;
    pthread_once(&status_once, make_status_schema);
    if (!status_schema) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = row_create(status_schema, &r);
    if (FAILED(hr)) {
        return hr;
    }
    hr = row_set_uint(r, STATUS_CODE, (uint32_t)code);
    if (SUCCEEDED(hr)) {
        hr = set_text(r, STATUS_DESCRIPTION, description);
    }
    if (SUCCEEDED(hr)) {
        hr = set_text(r, STATUS_OPERATION, operation);
    }
    if (SUCCEEDED(hr)) {
        hr = set_text(r, STATUS_PARAMETER, parameter);
    }
    if (SUCCEEDED(hr)) {
        hr = set_text(r, STATUS_PROVIDER, provider);
    }
    if (SUCCEEDED(hr)) {
        hr = row_encode(r, status_schema, NULL, NULL, ret);
    }
    row_destroy(r);
    return hr;
}

/* ---- IErrorInfo ----------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE error_query_interface(IErrorInfo *iface, REFIID iid, void **ret)
{
    struct error_object *e = error_of(iface);
    if (!ret) {
        return E_POINTER;
    }
    if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IErrorInfo)) {
        *ret = iface;
        atomic_fetch_add_explicit(&e->refs, 1, memory_order_relaxed);
        return S_OK;
    }
    return e->status->lpVtbl->QueryInterface(e->status, iid, ret);
}

static ULONG STDMETHODCALLTYPE error_add_ref(IErrorInfo *iface)
{
    return (ULONG)(atomic_fetch_add_explicit(&error_of(iface)->refs, 1, memory_order_relaxed) + 1);
}

static void error_destroy(struct error_object *e)
{
    if (e->status) {
        object_release(object_of(e->status));
    }
    SysFreeString(e->source);
    SysFreeString(e->description);
    free(e);
}

static ULONG STDMETHODCALLTYPE error_release(IErrorInfo *iface)
{
    struct error_object *e = error_of(iface);
    ULONG left = (ULONG)(atomic_fetch_sub_explicit(&e->refs, 1, memory_order_acq_rel) - 1);
    if (left == 0) {
        error_destroy(e);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE error_guid(IErrorInfo *iface, GUID *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }
    *ret = (GUID){0}; /* the operation tells the interface better */
    return S_OK;
}

static HRESULT give_text(BSTR text, BSTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }
    *ret = SysAllocStringLen(text, SysStringLen(text));
    return *ret ? S_OK : E_OUTOFMEMORY;
}

static HRESULT STDMETHODCALLTYPE error_source(IErrorInfo *iface, BSTR *ret)
{
    return give_text(error_of(iface)->source, ret);
}

static HRESULT STDMETHODCALLTYPE error_description(IErrorInfo *iface, BSTR *ret)
{
    return give_text(error_of(iface)->description, ret);
}

static HRESULT STDMETHODCALLTYPE error_help_file(IErrorInfo *iface, BSTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }
    *ret = NULL;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE error_help_context(IErrorInfo *iface, DWORD *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }
    *ret = 0;
    return S_OK;
}

static const IErrorInfoVtbl error_vtable = {
    .QueryInterface = error_query_interface,
    .AddRef = error_add_ref,
    .Release = error_release,
    .GetGUID = error_guid,
    .GetSource = error_source,
    .GetDescription = error_description,
    .GetHelpFile = error_help_file,
    .GetHelpContext = error_help_context,
};

/* ---- making ------------------------------------------------------------------------------ */

static HRESULT status_text(IWbemClassObject *status, uint32_t ordinal, BSTR *ret)
{
    static const struct cim_string empty = {.bytes = (const uint8_t *)""};
    struct cim_value v;
    HRESULT hr = object_get_value(status, ordinal, &v);
    if (SUCCEEDED(hr) && v.type != CIM_STRING) {
        hr = WBEM_E_INVALID_OBJECT; /* another class of that name */
    }
    if (SUCCEEDED(hr)) {
        *ret = string_to_bstr(v.null ? &empty : &v.string);
        hr = *ret ? hr : WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

/* Takes the reference to `status`, also on failure. */
static HRESULT error_over(IWbemClassObject *status, IErrorInfo **ret)
{
    struct error_object *e = calloc(1, sizeof *e);
    if (!e) {
        object_release(object_of(status));
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->iface.lpVtbl = &error_vtable;
    atomic_init(&e->refs, 1);
    e->status = status;
    HRESULT hr = status_text(e->status, STATUS_PROVIDER, &e->source);
    if (SUCCEEDED(hr)) {
        hr = status_text(e->status, STATUS_DESCRIPTION, &e->description);
    }
    if (FAILED(hr)) {
        error_destroy(e);
        return hr;
    }
    *ret = &e->iface;
    return WBEM_S_NO_ERROR;
}

HRESULT error_create(HRESULT code, const char *operation, const char *parameter,
                     const char *provider, const char *description, IErrorInfo **ret)
{
    IWbemClassObject *status;
    /* What the page says stands there when no provider is involved. */
    HRESULT hr = make_status(code, operation, parameter, provider ? provider : "Windows Management",
                             description, &status);
    return FAILED(hr) ? hr : error_over(status, ret);
}

HRESULT error_from_status(IWbemClassObject *status, IErrorInfo **ret)
{
    struct schema *s;
    if (!object_is_ours(status) || FAILED(schema_of(status, &s)) ||
        !name_equal(schema_class_name(s), L"__ExtendedStatus")) {
        return WBEM_E_INVALID_OBJECT;
    }
    status->lpVtbl->AddRef(status);
    return error_over(status, ret);
}

HRESULT error_raise(HRESULT code, const char *operation, const char *parameter, const char *format,
                    ...)
{
    char description[1024];
    IErrorInfo *info = NULL;
    va_list args;
    va_start(args, format);
    vsnprintf(description, sizeof description, format, args);
    va_end(args);
    /* Out of memory there is no object, and the code must do. */
    if (FAILED(error_create(code, operation, parameter, NULL, description, &info))) {
        info = NULL;
    }
    (void)SetErrorInfo(0, info);
    if (info) {
        info->lpVtbl->Release(info);
    }
    return code;
}
