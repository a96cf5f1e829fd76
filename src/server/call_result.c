/*
 * IWbemCallResult for clients ([MS-WMI] 3.1.4.2): the outcome of a
 * semisynchronous call.
 */
#include "server/server_private.h"

#include "services/services_private.h"

static IWbemCallResult *result_of(struct request *q)
{
    return (IWbemCallResult *)(void *)q->call->object;
}

HRESULT call_result_of_done(HRESULT hr, IWbemClassObject *object, IWbemCallResult **ret)
{
    IWbemObjectSink *sink;
    VARIANT path;
    VariantInit(&path);
    HRESULT made = call_result_create(ret, &sink);
    if (FAILED(made)) {
        return made;
    }
    if (object) {
        (void)IWbemClassObject_Get(object, L"__RELPATH", 0, &path, NULL, NULL);
    }
    (void)IWbemObjectSink_SetStatus(sink, WBEM_STATUS_COMPLETE, hr,
                                    V_VT(&path) == VT_BSTR ? V_BSTR(&path) : NULL, NULL);
    (void)IWbemObjectSink_Release(sink);
    (void)VariantClear(&path);
    return hr;
}

/* Until there is a result, in slices of time, so that a client that is gone does not keep a thread;
 * what is left of the time-out then. */
static LONG await(struct request *q, LONG timeout)
{
    enum {
        SLICE_MS = 100
    };
    uint64_t begun = quota_now_ms();
    while (timeout == (LONG)WBEM_INFINITE || timeout > SLICE_MS) {
        LONG status;
        uint64_t spent = quota_now_ms() - begun;
        if (IWbemCallResult_GetCallStatus(result_of(q), SLICE_MS, &status) != WBEM_S_TIMEDOUT ||
            server_should_end(q) || spent >= quota_call_ms() ||
            (timeout != (LONG)WBEM_INFINITE && spent >= (uint64_t)timeout)) {
            return 0;
        }
    }
    return timeout;
}

static HRESULT get_result_object(struct request *q)
{
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    LONG timeout = (LONG)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemCallResult_GetResultObject(result_of(q), await(q, timeout), &object);
    wire_write_object(&q->out, object);
    return hr;
}

static HRESULT get_result_string(struct request *q)
{
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    LONG timeout = (LONG)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemCallResult_GetResultString(result_of(q), await(q, timeout), &text);
    wire_write_bstr(&q->out, text);
    return hr;
}

static HRESULT get_result_services(struct request *q)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    LONG timeout = (LONG)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemCallResult_GetResultServices(result_of(q), await(q, timeout), &services);
    return write_interface(q, hr, services, &IID_IWbemServices);
}

static HRESULT get_call_status(struct request *q)
{
    LONG status = 0;
    LONG timeout = (LONG)ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = IWbemCallResult_GetCallStatus(result_of(q), await(q, timeout), &status);
    ndr_write_u32(&q->out, (uint32_t)status);
    return hr;
}

static void call_result_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {get_result_object, get_result_string, get_result_services,
                                         get_call_status};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub call_result_stub = {&IID_IWbemCallResult, 7, call_result_dispatch};
