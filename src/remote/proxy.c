/*
 * IWbemServices of another host: each method's arguments as [MS-WMI] 3.1.4.3
 * has them, in the order of the interface.
 */
#include <wchar.h>

#include "object/object.h"
#include "remote/task.h"
#include "services/services_private.h"
#include "wire/marshal.h"

enum {
    OPEN_NAMESPACE = 3,
    QUERY_OBJECT_SINK = 5,
    GET_OBJECT = 6,
    PUT_CLASS = 8,
    DELETE_CLASS = 10,
    CREATE_CLASS_ENUM = 12,
    PUT_INSTANCE = 14,
    DELETE_INSTANCE = 16,
    CREATE_INSTANCE_ENUM = 18,
    EXEC_QUERY = 20,
    EXEC_NOTIFICATION_QUERY = 22,
    EXEC_METHOD = 24,
};

struct proxy {
    IWbemServices iface;
    struct com_refs refs;
    struct remote_host *host;
    struct dcom_object *object;
    struct com_blanket blanket;
    pthread_mutex_t lock;
    struct remote_security security; /* under lock: how the object is called */
};

static struct proxy *proxy_of(IWbemServices *iface)
{
    return COM_CONTAINER(iface, struct proxy, iface);
}

static HRESULT STDMETHODCALLTYPE proxy_query_interface(IWbemServices *iface, REFIID riid,
                                                       void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    struct proxy *p = proxy_of(iface);
    if (IsEqualIID(riid, &IID_IClientSecurity)) {
        return com_blanket_query(&p->blanket, (IClientSecurity **)ret);
    }
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemServices)) {
        return E_NOINTERFACE;
    }
    (void)com_ref_inc(&p->refs);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE proxy_add_ref(IWbemServices *iface)
{
    return com_ref_inc(&proxy_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE proxy_release(IWbemServices *iface)
{
    struct proxy *p = proxy_of(iface);
    ULONG left = com_ref_dec(&p->refs);
    if (left == 0) {
        com_blanket_done(&p->blanket);
        remote_security_done(&p->security);
        pthread_mutex_destroy(&p->lock);
        dcom_object_unref(p->object);
        remote_host_unref(p->host);
        free(p);
    }
    return left;
}

/* ---- security --------------------------------------------------------------------------- */

static struct proxy *proxy_of_blanket(struct com_blanket *blanket)
{
    return COM_CONTAINER(blanket, struct proxy, blanket);
}

static HRESULT current_security(struct proxy *p, struct remote_security *ret)
{
    pthread_mutex_lock(&p->lock);
    HRESULT hr = remote_security_copy(&p->security.value, ret);
    pthread_mutex_unlock(&p->lock);
    return hr;
}

static HRESULT blanket_changing(struct com_blanket *blanket, struct com_blanket *wanted)
{
    struct proxy *p = proxy_of_blanket(blanket);
    CLEANUP(remote_security_done) struct remote_security now = {0}, changed = {0};
    HRESULT hr = current_security(p, &now);
    if (SUCCEEDED(hr)) {
        hr = remote_security_from_blanket(&now.value, wanted, &changed);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_object_set_security(p->object, &changed.value);
    }
    if (SUCCEEDED(hr)) {
        pthread_mutex_lock(&p->lock);
        struct remote_security old = p->security;
        p->security = changed;
        changed = old;
        pthread_mutex_unlock(&p->lock);
    }
    return hr;
}

/* CoCopyProxy: a reference of its own to the same object, for its own settings. */
static HRESULT blanket_copying(struct com_blanket *blanket, IUnknown **ret)
{
    struct proxy *p = proxy_of_blanket(blanket);
    CLEANUP(remote_security_done) struct remote_security now = {0};
    struct dcom_object *object = NULL;
    IWbemServices *copy = NULL;
    HRESULT hr = current_security(p, &now);
    if (SUCCEEDED(hr)) {
        hr = dcom_query_interface(p->object, &IID_IWbemServices, &object);
    }
    if (SUCCEEDED(hr)) {
        hr = remote_services_create(p->host, object, &now.value, &copy);
    }
    if (SUCCEEDED(hr)) {
        hr = com_blanket_copy(blanket, &proxy_of(copy)->blanket);
        if (FAILED(hr)) {
            com_release(TAKE(copy));
        }
    }
    *ret = (IUnknown *)copy;
    return hr;
}

/* What CoQueryProxyBlanket tells of what ConnectServer settled. */
static HRESULT blanket_begin(struct proxy *p)
{
    const struct dcom_security *s = &p->security.value;
    struct com_blanket *b = &p->blanket;
    com_blanket_init(b, (IUnknown *)&p->iface);
    b->authn_svc =
        s->authn_service == RPC_C_AUTHN_DEFAULT ? RPC_C_AUTHN_GSS_NEGOTIATE : s->authn_service;
    b->authn_level = s->authn_level;
    b->imp_level = s->imp_level;
    b->changing = blanket_changing;
    b->copy = blanket_copying;
    if (s->target) {
        b->server_principal = com_wide_from_utf8(s->target);
        return b->server_principal ? S_OK : WBEM_E_OUT_OF_MEMORY;
    }
    return S_OK;
}

static HRESULT require(const void *argument, const char *operation, const char *name)
{
    return argument ? S_OK
                    : error_raise(WBEM_E_INVALID_PARAMETER, operation, name,
                                  "the parameter must not be NULL");
}

/* ---- single answers --------------------------------------------------------------------- */

/* What the host is asked for does not depend on how the caller here waits for it. */
static uint32_t host_flags(LONG flags)
{
    return (uint32_t)(flags & ~(WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_SEND_STATUS));
}

static struct remote_task *path_task(struct proxy *p, uint16_t opnum, const wchar_t *path,
                                     LONG flags, IWbemContext *context, const char *step)
{
    bool get = opnum == GET_OBJECT;
    struct remote_task *t =
        remote_task_create(p->host, p->object, opnum, get ? GIVES_OBJECT : GIVES_NOTHING,
                           get ? p->host->settings.call_ms : p->host->settings.method_ms, step);
    if (t) {
        wire_write_bstr(&t->in, path);
        ndr_write_u32(&t->in, host_flags(flags));
        wire_write_context(&t->in, context);
    }
    return t;
}

/* Whoever does not wait for PutInstance is told the path, which only a call result gives. */
static struct remote_task *put_task(struct proxy *p, uint16_t opnum, IWbemClassObject *object,
                                    LONG flags, IWbemContext *context, bool waits, const char *step)
{
    bool path = opnum == PUT_INSTANCE && !waits;
    struct remote_task *t =
        remote_task_create(p->host, p->object, opnum, path ? GIVES_PATH : GIVES_NOTHING,
                           p->host->settings.method_ms, step);
    if (t) {
        wire_write_object(&t->in, object);
        ndr_write_u32(&t->in, host_flags(flags) | (path ? WBEM_FLAG_RETURN_IMMEDIATELY : 0u));
        wire_write_context(&t->in, context);
        if (path && FAILED(current_security(p, &t->security))) {
            ndr_write_fail(&t->in, WBEM_E_OUT_OF_MEMORY);
        }
    }
    return t;
}

static HRESULT finish(struct proxy *p, struct remote_task *t, LONG flags, IWbemClassObject **ret,
                      IWbemCallResult **ret_result)
{
    if (ret_result) {
        *ret_result = NULL;
    }
    return t ? remote_task_finish(t, flags, (IUnknown *)&p->iface, ret, ret_result)
             : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT start(struct proxy *p, struct remote_task *t, IWbemObjectSink *sink)
{
    return t ? remote_task_start(t, (IUnknown *)&p->iface, sink) : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT STDMETHODCALLTYPE proxy_get(IWbemServices *iface, const BSTR path, LONG flags,
                                           IWbemContext *context, IWbemClassObject **ret,
                                           IWbemCallResult **ret_result)
{
    struct proxy *p = proxy_of(iface);
    if (ret) {
        *ret = NULL;
    }
    return finish(p, path_task(p, GET_OBJECT, path, flags, context, "GetObject"), flags, ret,
                  ret_result);
}

static HRESULT STDMETHODCALLTYPE proxy_get_async(IWbemServices *iface, const BSTR path, LONG flags,
                                                 IWbemContext *context, IWbemObjectSink *sink)
{
    struct proxy *p = proxy_of(iface);
    HRESULT hr = require(sink, "GetObjectAsync", "pResponseHandler");
    return FAILED(hr) ? hr
                      : start(p, path_task(p, GET_OBJECT, path, flags, context, "GetObject"), sink);
}

/* The four methods of classes or instances to put or delete have the same shapes. */
#define PUT_METHODS(name, opnum, text)                                                             \
    static HRESULT STDMETHODCALLTYPE proxy_##name(IWbemServices *iface, IWbemClassObject *object,  \
                                                  LONG flags, IWbemContext *context,               \
                                                  IWbemCallResult **ret_result)                    \
    {                                                                                              \
        struct proxy *p = proxy_of(iface);                                                         \
        HRESULT hr = require(object, text, "pObject");                                             \
        return FAILED(hr) ? hr                                                                     \
                          : finish(p,                                                              \
                                   put_task(p, opnum, object, flags, context,                      \
                                            !(flags & WBEM_FLAG_RETURN_IMMEDIATELY), text),        \
                                   flags, NULL, ret_result);                                       \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE proxy_##name##_async(                                         \
        IWbemServices *iface, IWbemClassObject *object, LONG flags, IWbemContext *context,         \
        IWbemObjectSink *sink)                                                                     \
    {                                                                                              \
        struct proxy *p = proxy_of(iface);                                                         \
        HRESULT hr = require(object && sink ? sink : NULL, text "Async",                           \
                             object ? "pResponseHandler" : "pObject");                             \
        return FAILED(hr)                                                                          \
                   ? hr                                                                            \
                   : start(p, put_task(p, opnum, object, flags, context, false, text), sink);      \
    }
#define DELETE_METHODS(name, opnum, text)                                                          \
    static HRESULT STDMETHODCALLTYPE proxy_##name(IWbemServices *iface, const BSTR path,           \
                                                  LONG flags, IWbemContext *context,               \
                                                  IWbemCallResult **ret_result)                    \
    {                                                                                              \
        struct proxy *p = proxy_of(iface);                                                         \
        HRESULT hr = require(path, text, "strObjectPath");                                         \
        return FAILED(hr) ? hr                                                                     \
                          : finish(p, path_task(p, opnum, path, flags, context, text), flags,      \
                                   NULL, ret_result);                                              \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE proxy_##name##_async(IWbemServices *iface, const BSTR path,   \
                                                          LONG flags, IWbemContext *context,       \
                                                          IWbemObjectSink *sink)                   \
    {                                                                                              \
        struct proxy *p = proxy_of(iface);                                                         \
        HRESULT hr = require(path && sink ? sink : NULL, text "Async",                             \
                             path ? "pResponseHandler" : "strObjectPath");                         \
        return FAILED(hr) ? hr : start(p, path_task(p, opnum, path, flags, context, text), sink);  \
    }

PUT_METHODS(put_class, PUT_CLASS, "PutClass")
PUT_METHODS(put_instance, PUT_INSTANCE, "PutInstance")
DELETE_METHODS(delete_class, DELETE_CLASS, "DeleteClass")
DELETE_METHODS(delete_instance, DELETE_INSTANCE, "DeleteInstance")

static struct remote_task *method_task(struct proxy *p, const wchar_t *path, const wchar_t *method,
                                       LONG flags, IWbemContext *context, IWbemClassObject *in)
{
    struct remote_task *t = remote_task_create(p->host, p->object, EXEC_METHOD, GIVES_ANSWER,
                                               p->host->settings.method_ms, "ExecMethod");
    if (t) {
        wire_write_bstr(&t->in, path);
        wire_write_bstr(&t->in, method);
        ndr_write_u32(&t->in, host_flags(flags));
        wire_write_context(&t->in, context);
        wire_write_object(&t->in, in);
    }
    return t;
}

static HRESULT STDMETHODCALLTYPE proxy_method(IWbemServices *iface, const BSTR path,
                                              const BSTR method, LONG flags, IWbemContext *context,
                                              IWbemClassObject *in, IWbemClassObject **ret,
                                              IWbemCallResult **ret_result)
{
    struct proxy *p = proxy_of(iface);
    if (ret) {
        *ret = NULL;
    }
    HRESULT hr = require(path && method ? path : NULL, "ExecMethod",
                         path ? "strMethodName" : "strObjectPath");
    return FAILED(hr) ? hr
                      : finish(p, method_task(p, path, method, flags, context, in), flags, ret,
                               ret_result);
}

static HRESULT STDMETHODCALLTYPE proxy_method_async(IWbemServices *iface, const BSTR path,
                                                    const BSTR method, LONG flags,
                                                    IWbemContext *context, IWbemClassObject *in,
                                                    IWbemObjectSink *sink)
{
    struct proxy *p = proxy_of(iface);
    HRESULT hr = require(path && method ? sink : NULL, "ExecMethodAsync",
                         !path    ? "strObjectPath"
                         : method ? "pResponseHandler"
                                  : "strMethodName");
    return FAILED(hr) ? hr : start(p, method_task(p, path, method, flags, context, in), sink);
}

/* ---- enumerations ------------------------------------------------------------------------- */

/* The host is asked for a forward-only enumeration that it begins at once; rewinding, copies and
 * waiting are the local enumerator's. */
static HRESULT make_source(struct proxy *p, uint16_t opnum, const wchar_t *first,
                           const wchar_t *second, LONG flags, IWbemContext *context,
                           const char *step, bool now, struct source **ret)
{
    struct ndr_writer in = {0};
    bool query = opnum == EXEC_QUERY || opnum == EXEC_NOTIFICATION_QUERY;
    wire_write_bstr(&in, first);
    if (query) {
        wire_write_bstr(&in, second);
    }
    ndr_write_u32(&in, host_flags(flags) | WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY);
    wire_write_context(&in, context);
    CLEANUP(remote_security_done) struct remote_security security = {0};
    HRESULT hr = current_security(p, &security);
    if (FAILED(hr)) {
        ndr_writer_done(&in);
        return hr;
    }
    struct remote_request request = {
        .host = p->host,
        .services = p->object,
        .security = &security.value,
        .opnum = opnum,
        .in = &in,
        .step = step,
        .events = opnum == EXEC_NOTIFICATION_QUERY,
        .now = now,
    };
    return remote_source_create(&request, ret);
}

static HRESULT enumerate(struct proxy *p, uint16_t opnum, const wchar_t *first,
                         const wchar_t *second, LONG flags, IWbemContext *context, const char *step,
                         IEnumWbemClassObject **ret)
{
    HRESULT hr = require(ret, step, "ppEnum");
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    struct source *source;
    hr = make_source(p, opnum, first, second, flags, context, step, true, &source);
    struct enumerator_options options = {.flags = flags};
    return SUCCEEDED(hr) ? enumerator_create(source, &options, ret) : hr;
}

static HRESULT deliver(struct proxy *p, uint16_t opnum, const wchar_t *first, const wchar_t *second,
                       LONG flags, IWbemContext *context, const char *step, IWbemObjectSink *sink)
{
    HRESULT hr = require(sink, step, "pResponseHandler");
    struct source *source;
    if (SUCCEEDED(hr)) {
        hr = make_source(p, opnum, first, second, flags, context, step, false, &source);
    }
    return SUCCEEDED(hr) ? delivery_start(source, flags, (IUnknown *)&p->iface, sink) : hr;
}

static HRESULT STDMETHODCALLTYPE proxy_class_enum(IWbemServices *iface, const BSTR superclass,
                                                  LONG flags, IWbemContext *context,
                                                  IEnumWbemClassObject **ret)
{
    return enumerate(proxy_of(iface), CREATE_CLASS_ENUM, superclass, NULL, flags, context,
                     "CreateClassEnum", ret);
}

static HRESULT STDMETHODCALLTYPE proxy_class_enum_async(IWbemServices *iface, const BSTR superclass,
                                                        LONG flags, IWbemContext *context,
                                                        IWbemObjectSink *sink)
{
    return deliver(proxy_of(iface), CREATE_CLASS_ENUM, superclass, NULL, flags, context,
                   "CreateClassEnum", sink);
}

static HRESULT STDMETHODCALLTYPE proxy_instance_enum(IWbemServices *iface, const BSTR name,
                                                     LONG flags, IWbemContext *context,
                                                     IEnumWbemClassObject **ret)
{
    return enumerate(proxy_of(iface), CREATE_INSTANCE_ENUM, name, NULL, flags, context,
                     "CreateInstanceEnum", ret);
}

static HRESULT STDMETHODCALLTYPE proxy_instance_enum_async(IWbemServices *iface, const BSTR name,
                                                           LONG flags, IWbemContext *context,
                                                           IWbemObjectSink *sink)
{
    return deliver(proxy_of(iface), CREATE_INSTANCE_ENUM, name, NULL, flags, context,
                   "CreateInstanceEnum", sink);
}

static HRESULT STDMETHODCALLTYPE proxy_query(IWbemServices *iface, const BSTR language,
                                             const BSTR query, LONG flags, IWbemContext *context,
                                             IEnumWbemClassObject **ret)
{
    return enumerate(proxy_of(iface), EXEC_QUERY, language, query, flags, context, "ExecQuery",
                     ret);
}

static HRESULT STDMETHODCALLTYPE proxy_query_async(IWbemServices *iface, const BSTR language,
                                                   const BSTR query, LONG flags,
                                                   IWbemContext *context, IWbemObjectSink *sink)
{
    return deliver(proxy_of(iface), EXEC_QUERY, language, query, flags, context, "ExecQuery", sink);
}

static HRESULT STDMETHODCALLTYPE proxy_notification(IWbemServices *iface, const BSTR language,
                                                    const BSTR query, LONG flags,
                                                    IWbemContext *context,
                                                    IEnumWbemClassObject **ret)
{
    return enumerate(proxy_of(iface), EXEC_NOTIFICATION_QUERY, language, query, flags, context,
                     "ExecNotificationQuery", ret);
}

static HRESULT STDMETHODCALLTYPE proxy_notification_async(IWbemServices *iface, const BSTR language,
                                                          const BSTR query, LONG flags,
                                                          IWbemContext *context,
                                                          IWbemObjectSink *sink)
{
    return deliver(proxy_of(iface), EXEC_NOTIFICATION_QUERY, language, query, flags, context,
                   "ExecNotificationQuery", sink);
}

/* ---- namespaces, sinks ------------------------------------------------------------------ */

static HRESULT open_namespace(struct proxy *p, const wchar_t *name, IWbemContext *context,
                              IWbemServices **ret)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    wire_write_bstr(&in, name);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, context);
    if (ndr_write_pointer(&in, true)) {
        (void)ndr_write_pointer(&in, false);
    }
    (void)ndr_write_pointer(&in, false);
    HRESULT hr = remote_invoke(p->host, p->object, OPEN_NAMESPACE, &in, 0, "OpenNamespace", &reply);
    struct dcom_object *object;
    CLEANUP(remote_security_done) struct remote_security security = {0};
    if (SUCCEEDED(hr) && !ndr_read_pointer(&reply.reader)) {
        hr = remote_explain(p->host, NDR_E_BAD_DATA, false, NULL, "OpenNamespace");
    }
    if (SUCCEEDED(hr)) {
        hr = remote_read_interface(p->host, &reply.reader, &IID_IWbemServices, "OpenNamespace",
                                   &object);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = current_security(p, &security);
    if (SUCCEEDED(hr)) {
        hr = dcom_object_set_security(object, &security.value);
    }
    if (FAILED(hr)) {
        dcom_object_unref(object);
        return hr;
    }
    return remote_services_create(p->host, object, &security.value, ret);
}

static HRESULT STDMETHODCALLTYPE proxy_open_namespace(IWbemServices *iface, const BSTR name,
                                                      LONG flags, IWbemContext *context,
                                                      IWbemServices **ret,
                                                      IWbemCallResult **ret_result)
{
    if (ret) {
        *ret = NULL;
    }
    if (ret_result) {
        *ret_result = NULL;
    }
    HRESULT hr = require(name && (ret || ret_result) ? name : NULL, "OpenNamespace",
                         name ? "ppWorkingNamespace" : "strNamespace");
    CLEANUP(com_cleanup_release) IWbemServices *opened = NULL;
    if (SUCCEEDED(hr)) {
        hr = open_namespace(proxy_of(iface), name, context, &opened);
    }
    if (SUCCEEDED(hr) && ret_result && (flags & WBEM_FLAG_RETURN_IMMEDIATELY)) {
        hr = call_result_with_services(opened, ret_result);
    }
    if (SUCCEEDED(hr) && ret) {
        *ret = TAKE(opened);
    }
    return hr;
}

/* Nothing on the host knows our sinks: what is delivered to them comes from here. */
static HRESULT STDMETHODCALLTYPE proxy_cancel_async_call(IWbemServices *iface,
                                                         IWbemObjectSink *sink)
{
    HRESULT hr = require(sink, "CancelAsyncCall", "pSink");
    if (SUCCEEDED(hr)) {
        hr = delivery_cancel(sink);
    }
    return hr == WBEM_E_NOT_FOUND
               ? error_raise(hr, "CancelAsyncCall", "pSink", "no call delivers to this sink")
               : hr;
}

static HRESULT STDMETHODCALLTYPE proxy_object_sink(IWbemServices *iface, LONG flags,
                                                   IWbemObjectSink **ret)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(remote_security_done) struct remote_security security = {0};
    struct ndr_writer in = {0};
    struct proxy *p = proxy_of(iface);
    struct dcom_object *object = NULL;
    HRESULT hr = require(ret, "QueryObjectSink", "ppResponseHandler");
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    ndr_write_u32(&in, (uint32_t)flags);
    hr = remote_invoke(p->host, p->object, QUERY_OBJECT_SINK, &in, p->host->settings.call_ms,
                       "QueryObjectSink", &reply);
    if (SUCCEEDED(hr)) {
        hr = remote_read_interface(p->host, &reply.reader, &IID_IWbemObjectSink, "QueryObjectSink",
                                   &object);
    }
    if (SUCCEEDED(hr)) {
        hr = current_security(p, &security);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_object_set_security(object, &security.value);
    }
    if (FAILED(hr)) {
        dcom_object_unref(object);
        return hr;
    }
    return remote_sink_create(p->host, object, ret);
}

static const IWbemServicesVtbl proxy_vtbl = {
    .QueryInterface = proxy_query_interface,
    .AddRef = proxy_add_ref,
    .Release = proxy_release,
    .OpenNamespace = proxy_open_namespace,
    .CancelAsyncCall = proxy_cancel_async_call,
    .QueryObjectSink = proxy_object_sink,
    .GetObject = proxy_get,
    .GetObjectAsync = proxy_get_async,
    .PutClass = proxy_put_class,
    .PutClassAsync = proxy_put_class_async,
    .DeleteClass = proxy_delete_class,
    .DeleteClassAsync = proxy_delete_class_async,
    .CreateClassEnum = proxy_class_enum,
    .CreateClassEnumAsync = proxy_class_enum_async,
    .PutInstance = proxy_put_instance,
    .PutInstanceAsync = proxy_put_instance_async,
    .DeleteInstance = proxy_delete_instance,
    .DeleteInstanceAsync = proxy_delete_instance_async,
    .CreateInstanceEnum = proxy_instance_enum,
    .CreateInstanceEnumAsync = proxy_instance_enum_async,
    .ExecQuery = proxy_query,
    .ExecQueryAsync = proxy_query_async,
    .ExecNotificationQuery = proxy_notification,
    .ExecNotificationQueryAsync = proxy_notification_async,
    .ExecMethod = proxy_method,
    .ExecMethodAsync = proxy_method_async,
};

bool remote_services_of(IWbemServices *services, struct remote_host **ret_host,
                        struct dcom_object **ret_object)
{
    if (services->lpVtbl != &proxy_vtbl) {
        return false;
    }
    *ret_host = proxy_of(services)->host;
    *ret_object = proxy_of(services)->object;
    return true;
}

HRESULT remote_services_security(IWbemServices *services, struct remote_security *ret)
{
    return current_security(proxy_of(services), ret);
}

HRESULT remote_services_create(struct remote_host *h, struct dcom_object *object,
                               const struct dcom_security *security, IWbemServices **ret)
{
    struct proxy *p = calloc(1, sizeof(*p));
    if (!p) {
        dcom_object_unref(object);
        return WBEM_E_OUT_OF_MEMORY;
    }
    p->iface.lpVtbl = &proxy_vtbl;
    com_ref_init(&p->refs);
    p->host = remote_host_ref(h);
    p->object = object;
    pthread_mutex_init(&p->lock, NULL);
    HRESULT hr = remote_security_copy(security, &p->security);
    if (SUCCEEDED(hr)) {
        hr = blanket_begin(p);
    } else {
        com_blanket_init(&p->blanket, (IUnknown *)&p->iface);
    }
    if (FAILED(hr)) {
        (void)proxy_release(&p->iface);
        return hr;
    }
    *ret = &p->iface;
    return S_OK;
}
