/*
 * The IWbemServices object: its methods in the order of the interface. What
 * yields objects is in operations.c, what changes the repository in change.c, what has to do
 * with events in events.c, what calls methods in exec_method.c.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "services/access.h"
#include "services/services_private.h"

static struct services *services_of(IWbemServices *iface)
{
    return (struct services *)((char *)iface - offsetof(struct services, iface));
}

static HRESULT STDMETHODCALLTYPE services_query_interface(IWbemServices *iface, REFIID riid,
                                                          void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    struct services *s = services_of(iface);
    if (IsEqualIID(riid, &IID_IClientSecurity)) {
        return com_blanket_query(&s->blanket, (IClientSecurity **)ret);
    }
    const struct com_call_context *context = com_call_context_current();
    if (IsEqualIID(riid, &services_iid_refreshing) && context && context->client) {
        *ret = &s->refreshing;
    } else if (IsEqualIID(riid, &IID_IUnknown) || IsEqualIID(riid, &IID_IWbemServices)) {
        *ret = iface;
    } else {
        return E_NOINTERFACE;
    }
    IWbemServices_AddRef(iface);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE services_add_ref(IWbemServices *iface)
{
    struct services *s = services_of(iface);
    return (ULONG)atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE services_release(IWbemServices *iface)
{
    struct services *s = services_of(iface);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        com_blanket_done(&s->blanket);
        free(s);
    }
    return left;
}

/* ---- the face of IWbemRefreshingServices: for stubs, which find the services by it ---- */

const IID services_iid_refreshing = {
    0x2c9273e0, 0x1dc3, 0x11d3, {0xb3, 0x64, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};

static IWbemServices *services_of_refreshing(IUnknown *iface)
{
    return &COM_CONTAINER(iface, struct services, refreshing)->iface;
}

static HRESULT STDMETHODCALLTYPE refreshing_query_interface(IUnknown *iface, REFIID riid,
                                                            void **ret)
{
    return IWbemServices_QueryInterface(services_of_refreshing(iface), riid, ret);
}

static ULONG STDMETHODCALLTYPE refreshing_add_ref(IUnknown *iface)
{
    return IWbemServices_AddRef(services_of_refreshing(iface));
}

static ULONG STDMETHODCALLTYPE refreshing_release(IUnknown *iface)
{
    return IWbemServices_Release(services_of_refreshing(iface));
}

static IUnknownVtbl refreshing_vtbl = {
    .QueryInterface = refreshing_query_interface,
    .AddRef = refreshing_add_ref,
    .Release = refreshing_release,
};

static HRESULT create(struct repository_namespace *n, class_texts texts, IWbemServices **ret);

/* ---- namespaces, sinks ------------------------------------------------------- */

static HRESULT open_relative(struct services *s, const wchar_t *name, IWbemServices **ret)
{
    const wchar_t *base = repository_namespace_name(s->name_space);
    size_t size = wcslen(base) + wcslen(name) + 2;
    CLEANUP(com_cleanup_free) wchar_t *full = calloc(size, sizeof(*full));
    if (!full) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    swprintf(full, size, L"%ls\\%ls", base, name);
    struct repository_namespace *n;
    HRESULT hr = repository_open(repository_of(s->name_space), full, &n);
    if (FAILED(hr)) {
        CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(full);
        return error_raise(hr, "OpenNamespace", text, "there is no namespace '%s'", text);
    }
    hr = access_connect(n, "OpenNamespace");
    return SUCCEEDED(hr) ? create(n, s->texts, ret) : hr;
}

static HRESULT STDMETHODCALLTYPE services_open_namespace(IWbemServices *iface, const BSTR name,
                                                         LONG flags, IWbemContext *context,
                                                         IWbemServices **ret_services,
                                                         IWbemCallResult **ret_result)
{
    if (ret_services) {
        *ret_services = NULL;
    }
    if (ret_result) {
        *ret_result = NULL;
    }
    if (!name || !*name || (!ret_services && !ret_result)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "OpenNamespace",
                           name && *name ? "ppWorkingNamespace" : "strNamespace",
                           "the parameter must not be NULL or empty");
    }
    HRESULT hr = services_check_flags("OpenNamespace", flags, WBEM_FLAG_RETURN_IMMEDIATELY);
    if (FAILED(hr)) {
        return hr;
    }

    /* Opening takes no time, so a semisynchronous call is complete when it returns. */
    CLEANUP(com_cleanup_release) IWbemServices *opened = NULL;
    hr = open_relative(services_of(iface), name, &opened);
    if (FAILED(hr)) {
        return hr;
    }
    if (ret_result && (flags & WBEM_FLAG_RETURN_IMMEDIATELY)) {
        hr = call_result_with_services(opened, ret_result);
    }
    if (SUCCEEDED(hr) && ret_services) {
        *ret_services = TAKE(opened);
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE services_cancel_async_call(IWbemServices *iface,
                                                            IWbemObjectSink *sink)
{
    if (!sink) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "CancelAsyncCall", "pSink",
                           "the parameter must not be NULL");
    }
    HRESULT hr = delivery_cancel(sink);
    if (hr == WBEM_E_NOT_FOUND) {
        return error_raise(hr, "CancelAsyncCall", "pSink", "no call delivers to this sink");
    }
    return hr;
}

static HRESULT STDMETHODCALLTYPE services_object_sink(IWbemServices *iface, LONG flags,
                                                      IWbemObjectSink **ret)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_WRITE_PROVIDER, "QueryObjectSink");
    if (SUCCEEDED(hr)) { /* events make permanent subscriptions run programs */
        hr = access_act("QueryObjectSink", "raising events");
    }
    return SUCCEEDED(hr) ? services_query_object_sink(s, flags, ret) : hr;
}

/* ---- single objects ---------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE services_get(IWbemServices *iface, const BSTR path, LONG flags,
                                              IWbemContext *context, IWbemClassObject **ret,
                                              IWbemCallResult **ret_result)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "GetObject");
    return SUCCEEDED(hr) ? services_get_object(s, path, flags, ret, ret_result) : hr;
}

static HRESULT STDMETHODCALLTYPE services_get_async(IWbemServices *iface, const BSTR path,
                                                    LONG flags, IWbemContext *context,
                                                    IWbemObjectSink *sink)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "GetObjectAsync");
    return SUCCEEDED(hr) ? services_get_object_async(s, path, flags, sink) : hr;
}

/* ---- changes --------------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE services_put_class_method(IWbemServices *iface,
                                                           IWbemClassObject *object, LONG flags,
                                                           IWbemContext *context,
                                                           IWbemCallResult **ret_result)
{
    return services_put_class(services_of(iface), object, flags, ret_result);
}

static HRESULT STDMETHODCALLTYPE services_put_class_async_method(IWbemServices *iface,
                                                                 IWbemClassObject *object,
                                                                 LONG flags, IWbemContext *context,
                                                                 IWbemObjectSink *sink)
{
    return services_put_class_async(services_of(iface), object, flags, sink);
}

static HRESULT STDMETHODCALLTYPE services_delete_class_method(IWbemServices *iface, const BSTR name,
                                                              LONG flags, IWbemContext *context,
                                                              IWbemCallResult **ret_result)
{
    return services_delete_class(services_of(iface), name, flags, ret_result);
}

static HRESULT STDMETHODCALLTYPE services_delete_class_async_method(IWbemServices *iface,
                                                                    const BSTR name, LONG flags,
                                                                    IWbemContext *context,
                                                                    IWbemObjectSink *sink)
{
    return services_delete_class_async(services_of(iface), name, flags, sink);
}

/* ---- enumerations ------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE services_class_enum(IWbemServices *iface, const BSTR superclass,
                                                     LONG flags, IWbemContext *context,
                                                     IEnumWbemClassObject **ret)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "CreateClassEnum");
    return SUCCEEDED(hr) ? services_create_class_enum(s, superclass, flags, ret) : hr;
}

static HRESULT STDMETHODCALLTYPE services_class_enum_async(IWbemServices *iface,
                                                           const BSTR superclass, LONG flags,
                                                           IWbemContext *context,
                                                           IWbemObjectSink *sink)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "CreateClassEnumAsync");
    return SUCCEEDED(hr) ? services_create_class_enum_async(s, superclass, flags, sink) : hr;
}

static HRESULT STDMETHODCALLTYPE services_put_instance_method(IWbemServices *iface,
                                                              IWbemClassObject *instance,
                                                              LONG flags, IWbemContext *context,
                                                              IWbemCallResult **ret_result)
{
    return services_put_instance(services_of(iface), instance, flags, context, ret_result);
}

static HRESULT STDMETHODCALLTYPE services_put_instance_async_method(IWbemServices *iface,
                                                                    IWbemClassObject *instance,
                                                                    LONG flags,
                                                                    IWbemContext *context,
                                                                    IWbemObjectSink *sink)
{
    return services_put_instance_async(services_of(iface), instance, flags, context, sink);
}

static HRESULT STDMETHODCALLTYPE services_delete_instance_method(IWbemServices *iface,
                                                                 const BSTR path, LONG flags,
                                                                 IWbemContext *context,
                                                                 IWbemCallResult **ret_result)
{
    return services_delete_instance(services_of(iface), path, flags, ret_result);
}

static HRESULT STDMETHODCALLTYPE services_delete_instance_async_method(IWbemServices *iface,
                                                                       const BSTR path, LONG flags,
                                                                       IWbemContext *context,
                                                                       IWbemObjectSink *sink)
{
    return services_delete_instance_async(services_of(iface), path, flags, sink);
}

static HRESULT STDMETHODCALLTYPE services_instance_enum(IWbemServices *iface, const BSTR name,
                                                        LONG flags, IWbemContext *context,
                                                        IEnumWbemClassObject **ret)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "CreateInstanceEnum");
    return SUCCEEDED(hr) ? services_create_instance_enum(s, name, flags, ret) : hr;
}

static HRESULT STDMETHODCALLTYPE services_instance_enum_async(IWbemServices *iface, const BSTR name,
                                                              LONG flags, IWbemContext *context,
                                                              IWbemObjectSink *sink)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "CreateInstanceEnumAsync");
    return SUCCEEDED(hr) ? services_create_instance_enum_async(s, name, flags, sink) : hr;
}

static HRESULT STDMETHODCALLTYPE services_query(IWbemServices *iface, const BSTR language,
                                                const BSTR query, LONG flags, IWbemContext *context,
                                                IEnumWbemClassObject **ret)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "ExecQuery");
    return SUCCEEDED(hr) ? services_exec_query(s, language, query, flags, ret) : hr;
}

static HRESULT STDMETHODCALLTYPE services_query_async(IWbemServices *iface, const BSTR language,
                                                      const BSTR query, LONG flags,
                                                      IWbemContext *context, IWbemObjectSink *sink)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "ExecQueryAsync");
    return SUCCEEDED(hr) ? services_exec_query_async(s, language, query, flags, sink) : hr;
}

/* ---- events, methods ------------------------------------------------------------- */

static HRESULT STDMETHODCALLTYPE services_notification_query(IWbemServices *iface,
                                                             const BSTR language, const BSTR query,
                                                             LONG flags, IWbemContext *context,
                                                             IEnumWbemClassObject **ret)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "ExecNotificationQuery");
    return SUCCEEDED(hr) ? services_exec_notification_query(s, language, query, flags, ret) : hr;
}

static HRESULT STDMETHODCALLTYPE services_notification_query_async(IWbemServices *iface,
                                                                   const BSTR language,
                                                                   const BSTR query, LONG flags,
                                                                   IWbemContext *context,
                                                                   IWbemObjectSink *sink)
{
    struct services *s = services_of(iface);
    HRESULT hr = access_require(s->name_space, WBEM_ENABLE, "ExecNotificationQueryAsync");
    return SUCCEEDED(hr) ? services_exec_notification_query_async(s, language, query, flags, sink)
                         : hr;
}

static HRESULT STDMETHODCALLTYPE services_method(IWbemServices *iface, const BSTR path,
                                                 const BSTR method, LONG flags,
                                                 IWbemContext *context, IWbemClassObject *in,
                                                 IWbemClassObject **ret_out,
                                                 IWbemCallResult **ret_result)
{
    return services_exec_method(services_of(iface), path, method, flags, context, in, ret_out,
                                ret_result);
}

static HRESULT STDMETHODCALLTYPE services_method_async(IWbemServices *iface, const BSTR path,
                                                       const BSTR method, LONG flags,
                                                       IWbemContext *context, IWbemClassObject *in,
                                                       IWbemObjectSink *sink)
{
    return services_exec_method_async(services_of(iface), path, method, flags, context, in, sink);
}

static const IWbemServicesVtbl services_vtbl = {
    .QueryInterface = services_query_interface,
    .AddRef = services_add_ref,
    .Release = services_release,
    .OpenNamespace = services_open_namespace,
    .CancelAsyncCall = services_cancel_async_call,
    .QueryObjectSink = services_object_sink,
    .GetObject = services_get,
    .GetObjectAsync = services_get_async,
    .PutClass = services_put_class_method,
    .PutClassAsync = services_put_class_async_method,
    .DeleteClass = services_delete_class_method,
    .DeleteClassAsync = services_delete_class_async_method,
    .CreateClassEnum = services_class_enum,
    .CreateClassEnumAsync = services_class_enum_async,
    .PutInstance = services_put_instance_method,
    .PutInstanceAsync = services_put_instance_async_method,
    .DeleteInstance = services_delete_instance_method,
    .DeleteInstanceAsync = services_delete_instance_async_method,
    .CreateInstanceEnum = services_instance_enum,
    .CreateInstanceEnumAsync = services_instance_enum_async,
    .ExecQuery = services_query,
    .ExecQueryAsync = services_query_async,
    .ExecNotificationQuery = services_notification_query,
    .ExecNotificationQueryAsync = services_notification_query_async,
    .ExecMethod = services_method,
    .ExecMethodAsync = services_method_async,
};

struct repository_namespace *services_namespace(IWbemServices *iface)
{
    return iface->lpVtbl == &services_vtbl ? services_of(iface)->name_space : NULL;
}

/* CoCopyProxy: services of the same namespace with a blanket of their own. */
static HRESULT services_copy(struct com_blanket *blanket, IUnknown **ret)
{
    struct services *s = COM_CONTAINER(blanket, struct services, blanket);
    IWbemServices *copy = NULL;
    HRESULT hr = create(s->name_space, s->texts, &copy);
    if (FAILED(hr)) {
        return hr;
    }
    hr = com_blanket_copy(blanket, &services_of(copy)->blanket);
    if (FAILED(hr)) {
        IWbemServices_Release(copy);
        return hr;
    }
    *ret = (IUnknown *)copy;
    return S_OK;
}

static HRESULT create(struct repository_namespace *n, class_texts texts, IWbemServices **ret)
{
    struct services *s = calloc(1, sizeof(*s));
    if (!s) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->iface.lpVtbl = &services_vtbl;
    s->refreshing.lpVtbl = &refreshing_vtbl;
    atomic_init(&s->refs, 1);
    s->name_space = n;
    s->texts = texts;
    com_blanket_init(&s->blanket, (IUnknown *)&s->iface);
    s->blanket.copy = services_copy;
    *ret = &s->iface;
    return WBEM_S_NO_ERROR;
}

HRESULT services_create(struct repository_namespace *n, const wchar_t *locales, IWbemServices **ret)
{
    return create(n, class_texts_of_locales(locales), ret);
}

class_texts services_texts(const struct services *s, LONG flags)
{
    return flags & WBEM_FLAG_USE_AMENDED_QUALIFIERS ? s->texts : TEXTS_NONE;
}
