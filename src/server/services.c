/*
 * IWbemServices for clients ([MS-WMI] 3.1.4.3): each method reads its arguments
 * and calls the local services, which check what the caller may do.
 */
#include "server/server_private.h"

#include "object/object.h"

static IWbemServices *services_of(struct request *q)
{
    return (IWbemServices *)(void *)q->call->object;
}

/* The arguments that most methods have; those read are released together. */
struct arguments {
    BSTR first, second;
    IWbemClassObject *object;
    LONG flags;
    IWbemContext *context;
};

static void arguments_done(struct arguments *a)
{
    SysFreeString(a->first);
    SysFreeString(a->second);
    com_release(a->object);
    com_release(a->context);
}

static void read_tail(struct request *q, struct arguments *a)
{
    a->flags = (LONG)ndr_read_u32(q->in);
    a->context = wire_read_context(q->in);
}

static HRESULT open_namespace(struct request *q)
{
    CLEANUP(arguments_done) struct arguments a = {.first = wire_read_bstr(q->in)};
    CLEANUP(com_cleanup_release) IWbemServices *opened = NULL;
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    read_tail(q, &a);
    bool place = read_place(q), result_place = read_place(q);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemServices_OpenNamespace(services_of(q), a.first, a.flags, a.context,
                                             place ? &opened : NULL, result_place ? &result : NULL);
    HRESULT written = write_placed_interface(q, place, opened, &IID_IWbemServices);
    HRESULT result_written = write_placed_interface(q, result_place, result, &IID_IWbemCallResult);
    written = FAILED(written) ? written : result_written;
    return SUCCEEDED(hr) && FAILED(written) ? written : hr;
}

/* The results of GetObject and ExecMethod. */
static HRESULT write_object_and_result(struct request *q, HRESULT hr, bool place,
                                       IWbemClassObject *object, bool result_place,
                                       IWbemCallResult *result)
{
    write_placed_object(q, place, object);
    HRESULT written = write_placed_interface(q, result_place, result, &IID_IWbemCallResult);
    return SUCCEEDED(hr) && FAILED(written) ? written : hr;
}

static HRESULT get_object(struct request *q)
{
    CLEANUP(arguments_done) struct arguments a = {.first = wire_read_bstr(q->in)};
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    read_tail(q, &a);
    bool place = read_place(q), result_place = read_place(q);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemServices_GetObject(services_of(q), a.first, a.flags, a.context,
                                         place ? &object : NULL, result_place ? &result : NULL);
    return write_object_and_result(q, hr, place, object, result_place, result);
}

static HRESULT exec_method(struct request *q)
{
    CLEANUP(arguments_done) struct arguments a = {.first = wire_read_bstr(q->in)};
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    a.second = wire_read_bstr(q->in);
    read_tail(q, &a);
    a.object = wire_read_object(q->in);
    bool place = read_place(q), result_place = read_place(q);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr =
        IWbemServices_ExecMethod(services_of(q), a.first, a.second, a.flags, a.context, a.object,
                                 place ? &object : NULL, result_place ? &result : NULL);
    return write_object_and_result(q, hr, place, object, result_place, result);
}

/* ---- changes ------------------------------------------------------------------ */

typedef HRESULT STDMETHODCALLTYPE put_fn(IWbemServices *s, IWbemClassObject *object, LONG flags,
                                         IWbemContext *context, IWbemCallResult **ret);
typedef HRESULT STDMETHODCALLTYPE delete_fn(IWbemServices *s, const BSTR name, LONG flags,
                                            IWbemContext *context, IWbemCallResult **ret);

static HRESULT change(struct request *q, put_fn *put, delete_fn *delete)
{
    CLEANUP(arguments_done) struct arguments a = {0};
    CLEANUP(com_cleanup_release) IWbemCallResult *result = NULL;
    if (put) {
        a.object = wire_read_object(q->in);
    } else {
        a.first = wire_read_bstr(q->in);
    }
    read_tail(q, &a);
    bool place = read_place(q);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    bool later = (a.flags & WBEM_FLAG_RETURN_IMMEDIATELY) != 0;
    IWbemCallResult **ret = place && later ? &result : NULL;
    HRESULT hr = put ? put(services_of(q), a.object, a.flags, a.context, ret)
                     : delete (services_of(q), a.first, a.flags, a.context, ret);
    if (SUCCEEDED(hr) && place && !later) {
        hr = call_result_of_done(hr, put ? a.object : NULL, &result);
    }
    HRESULT written = write_placed_interface(q, place, result, &IID_IWbemCallResult);
    return SUCCEEDED(hr) && FAILED(written) ? written : hr;
}

static HRESULT put_class(struct request *q)
{
    return change(q, services_of(q)->lpVtbl->PutClass, NULL);
}

static HRESULT put_instance(struct request *q)
{
    return change(q, services_of(q)->lpVtbl->PutInstance, NULL);
}

static HRESULT delete_class(struct request *q)
{
    return change(q, NULL, services_of(q)->lpVtbl->DeleteClass);
}

static HRESULT delete_instance(struct request *q)
{
    return change(q, NULL, services_of(q)->lpVtbl->DeleteInstance);
}

/* ---- enumerations -------------------------------------------------------------- */

typedef HRESULT STDMETHODCALLTYPE enum_fn(IWbemServices *s, const BSTR name, LONG flags,
                                          IWbemContext *context, IEnumWbemClassObject **ret);
typedef HRESULT STDMETHODCALLTYPE query_fn(IWbemServices *s, const BSTR language, const BSTR query,
                                           LONG flags, IWbemContext *context,
                                           IEnumWbemClassObject **ret);

static HRESULT enumerate(struct request *q, enum_fn *by_name, query_fn *by_query)
{
    CLEANUP(arguments_done) struct arguments a = {.first = wire_read_bstr(q->in)};
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *found = NULL;
    if (by_query) {
        a.second = wire_read_bstr(q->in);
    }
    read_tail(q, &a);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    struct quota_user *u = NULL;
    HRESULT hr = quota_user_of(q->call, &u);
    if (SUCCEEDED(hr)) {
        hr = by_query ? by_query(services_of(q), a.first, a.second, a.flags, a.context, &found)
                      : by_name(services_of(q), a.first, a.flags, a.context, &found);
    }
    hr = write_enumerator(q, u, hr, found);
    quota_user_unref(u);
    return hr;
}

static HRESULT create_class_enum(struct request *q)
{
    return enumerate(q, services_of(q)->lpVtbl->CreateClassEnum, NULL);
}

static HRESULT create_instance_enum(struct request *q)
{
    return enumerate(q, services_of(q)->lpVtbl->CreateInstanceEnum, NULL);
}

static HRESULT exec_query(struct request *q)
{
    return enumerate(q, NULL, services_of(q)->lpVtbl->ExecQuery);
}

static HRESULT exec_notification_query(struct request *q)
{
    return enumerate(q, NULL, services_of(q)->lpVtbl->ExecNotificationQuery);
}

/* In the order of the interface, from OpenNamespace. */
static void services_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {
        open_namespace,
        cancel_async_call,
        query_object_sink,
        get_object,
        get_object_async,
        put_class,
        put_class_async,
        delete_class,
        delete_class_async,
        create_class_enum,
        create_class_enum_async,
        put_instance,
        put_instance_async,
        delete_instance,
        delete_instance_async,
        create_instance_enum,
        create_instance_enum_async,
        exec_query,
        exec_query_async,
        exec_notification_query,
        exec_notification_query_async,
        exec_method,
        exec_method_async,
    };
    /* Who can't be told any more, since his account has gone, makes no enumerators. */
    struct quota_user *u = NULL;
    (void)quota_user_of(call, &u);
    struct result_budget *before = quota_begin(u);
    server_dispatch(call, methods, ARRAYSIZE(methods)); /* frees the call */
    quota_end(before);
    quota_user_unref(u);
}

const struct dcom_stub services_stub = {&IID_IWbemServices, 26, services_dispatch};
