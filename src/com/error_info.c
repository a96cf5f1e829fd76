/*
 * Each thread's error object, and the plain kind that CreateErrorInfo makes. WMI's own, which also
 * answers as an __ExtendedStatus instance, is made in src/object.
 */
#include "com/thread.h"

#include <pthread.h>

/* One object, two faces. Whoever fills it and whoever reads it may be different threads. */
struct error_info {
    IErrorInfo info;
    ICreateErrorInfo create;
    struct com_refs refs;
    pthread_mutex_t lock;
    GUID guid;          /* under lock */
    BSTR source;        /* under lock */
    BSTR description;   /* under lock */
    BSTR help_file;     /* under lock */
    DWORD help_context; /* under lock */
};

static struct error_info *of_info(IErrorInfo *iface)
{
    return COM_CONTAINER(iface, struct error_info, info);
}

static struct error_info *of_create(ICreateErrorInfo *iface)
{
    return COM_CONTAINER(iface, struct error_info, create);
}

/* ---- IUnknown of both faces --------------------------------------------------- */

static HRESULT error_query_interface(struct error_info *e, REFIID riid, void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    if (IsEqualIID(riid, &IID_IUnknown) || IsEqualIID(riid, &IID_IErrorInfo)) {
        *ret = &e->info;
    } else if (IsEqualIID(riid, &IID_ICreateErrorInfo)) {
        *ret = &e->create;
    } else {
        *ret = NULL;
        return E_NOINTERFACE;
    }
    (void)com_ref_inc(&e->refs);
    return S_OK;
}

static ULONG error_release(struct error_info *e)
{
    ULONG left = com_ref_dec(&e->refs);
    if (left == 0) {
        SysFreeString(e->source);
        SysFreeString(e->description);
        SysFreeString(e->help_file);
        pthread_mutex_destroy(&e->lock);
        free(e);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE info_query_interface(IErrorInfo *iface, REFIID riid, void **ret)
{
    return error_query_interface(of_info(iface), riid, ret);
}

static ULONG STDMETHODCALLTYPE info_addref(IErrorInfo *iface)
{
    return com_ref_inc(&of_info(iface)->refs);
}

static ULONG STDMETHODCALLTYPE info_release(IErrorInfo *iface)
{
    return error_release(of_info(iface));
}

static HRESULT STDMETHODCALLTYPE create_query_interface(ICreateErrorInfo *iface, REFIID riid,
                                                        void **ret)
{
    return error_query_interface(of_create(iface), riid, ret);
}

static ULONG STDMETHODCALLTYPE create_addref(ICreateErrorInfo *iface)
{
    return com_ref_inc(&of_create(iface)->refs);
}

static ULONG STDMETHODCALLTYPE create_release(ICreateErrorInfo *iface)
{
    return error_release(of_create(iface));
}

/* ---- reading --------------------------------------------------------------------- */

static HRESULT error_get_text(struct error_info *e, const BSTR *field, BSTR *ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    pthread_mutex_lock(&e->lock);
    *ret = *field ? SysAllocStringLen(*field, SysStringLen(*field)) : NULL;
    HRESULT hr = *field && !*ret ? E_OUTOFMEMORY : S_OK;
    pthread_mutex_unlock(&e->lock);
    return hr;
}

static HRESULT STDMETHODCALLTYPE info_get_guid(IErrorInfo *iface, GUID *ret)
{
    struct error_info *e = of_info(iface);
    if (!ret) {
        return E_INVALIDARG;
    }

    pthread_mutex_lock(&e->lock);
    *ret = e->guid;
    pthread_mutex_unlock(&e->lock);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE info_get_source(IErrorInfo *iface, BSTR *ret)
{
    return error_get_text(of_info(iface), &of_info(iface)->source, ret);
}

static HRESULT STDMETHODCALLTYPE info_get_description(IErrorInfo *iface, BSTR *ret)
{
    return error_get_text(of_info(iface), &of_info(iface)->description, ret);
}

static HRESULT STDMETHODCALLTYPE info_get_help_file(IErrorInfo *iface, BSTR *ret)
{
    return error_get_text(of_info(iface), &of_info(iface)->help_file, ret);
}

static HRESULT STDMETHODCALLTYPE info_get_help_context(IErrorInfo *iface, DWORD *ret)
{
    struct error_info *e = of_info(iface);
    if (!ret) {
        return E_INVALIDARG;
    }

    pthread_mutex_lock(&e->lock);
    *ret = e->help_context;
    pthread_mutex_unlock(&e->lock);
    return S_OK;
}

static const IErrorInfoVtbl info_vtbl = {
    info_query_interface, info_addref,          info_release,       info_get_guid,
    info_get_source,      info_get_description, info_get_help_file, info_get_help_context};

/* ---- filling ------------------------------------------------------------------------ */

static HRESULT error_set_text(struct error_info *e, BSTR *field, LPCOLESTR text)
{
    BSTR copy;
    HRESULT hr = com_bstr_from_wide(text, &copy);
    if (FAILED(hr)) {
        return hr;
    }

    pthread_mutex_lock(&e->lock);
    BSTR old = *field;
    *field = copy;
    pthread_mutex_unlock(&e->lock);
    SysFreeString(old);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE create_set_guid(ICreateErrorInfo *iface, REFGUID guid)
{
    struct error_info *e = of_create(iface);
    pthread_mutex_lock(&e->lock);
    e->guid = *guid;
    pthread_mutex_unlock(&e->lock);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE create_set_source(ICreateErrorInfo *iface, LPOLESTR text)
{
    return error_set_text(of_create(iface), &of_create(iface)->source, text);
}

static HRESULT STDMETHODCALLTYPE create_set_description(ICreateErrorInfo *iface, LPOLESTR text)
{
    return error_set_text(of_create(iface), &of_create(iface)->description, text);
}

static HRESULT STDMETHODCALLTYPE create_set_help_file(ICreateErrorInfo *iface, LPOLESTR text)
{
    return error_set_text(of_create(iface), &of_create(iface)->help_file, text);
}

static HRESULT STDMETHODCALLTYPE create_set_help_context(ICreateErrorInfo *iface, DWORD context)
{
    struct error_info *e = of_create(iface);
    pthread_mutex_lock(&e->lock);
    e->help_context = context;
    pthread_mutex_unlock(&e->lock);
    return S_OK;
}

static const ICreateErrorInfoVtbl create_vtbl = {
    create_query_interface, create_addref,          create_release,       create_set_guid,
    create_set_source,      create_set_description, create_set_help_file, create_set_help_context};

HRESULT CreateErrorInfo(ICreateErrorInfo **ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    struct error_info *e = calloc(1, sizeof *e);
    if (!e) {
        return E_OUTOFMEMORY;
    }
    e->info.lpVtbl = &info_vtbl;
    e->create.lpVtbl = &create_vtbl;
    com_ref_init(&e->refs);
    pthread_mutex_init(&e->lock, NULL);
    *ret = &e->create;
    return S_OK;
}

/* ---- the thread's slot ------------------------------------------------------------------ */

HRESULT SetErrorInfo(ULONG reserved, IErrorInfo *error)
{
    if (reserved != 0) {
        return E_INVALIDARG;
    }

    struct com_thread *self = com_thread_self();
    if (error) {
        HRESULT hr = com_thread_arm(self);
        if (FAILED(hr)) {
            return hr;
        }
        com_addref(error);
    }
    IErrorInfo *old = self->error;
    self->error = error;
    com_release(old);
    return S_OK;
}

HRESULT GetErrorInfo(ULONG reserved, IErrorInfo **ret)
{
    if (!ret) {
        return E_INVALIDARG;
    }

    *ret = NULL;
    if (reserved != 0) {
        return E_INVALIDARG;
    }
    struct com_thread *self = com_thread_self();
    *ret = TAKE(self->error);
    return *ret ? S_OK : S_FALSE;
}
