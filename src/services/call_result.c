/*
 * IWbemCallResult: the ticket of a semisynchronous call (wbemcli/
 * nn-wbemcli-iwbemcallresult). The call's background half delivers to a sink
 * that is a second face of the same object.
 *
 * call_result.lock guards every field below it until the final SetStatus, which
 * signals `done` once; after it nothing changes.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "services/services_private.h"

struct call_result {
    IWbemCallResult iface;
    IWbemObjectSink sink; /* shares the reference count */
    atomic_ulong refs;

    pthread_mutex_t lock;
    pthread_cond_t done;
    bool complete;            /* under lock */
    HRESULT status;           /* under lock; of the call, once complete */
    IWbemClassObject *object; /* under lock; owned; GetResultObject's answer */
    BSTR string;              /* under lock; owned; GetResultString's answer */
    IErrorInfo *error;        /* under lock; owned; explains a failed status */
    IWbemServices *services;  /* fixed at creation; owned; GetResultServices' answer */
};

static struct call_result *result_of(IWbemCallResult *iface)
{
    return (struct call_result *)((char *)iface - offsetof(struct call_result, iface));
}

static struct call_result *result_of_sink(IWbemObjectSink *sink)
{
    return (struct call_result *)((char *)sink - offsetof(struct call_result, sink));
}

/* ---- reference counting, both faces ------------------------------------------ */

static ULONG result_ref(struct call_result *r)
{
    return (ULONG)atomic_fetch_add_explicit(&r->refs, 1, memory_order_relaxed) + 1;
}

static ULONG result_unref(struct call_result *r)
{
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&r->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        if (r->object) {
            IWbemClassObject_Release(r->object);
        }
        if (r->error) {
            IErrorInfo_Release(r->error);
        }
        if (r->services) {
            IWbemServices_Release(r->services);
        }
        SysFreeString(r->string);
        pthread_cond_destroy(&r->done);
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
    return left;
}

static HRESULT STDMETHODCALLTYPE result_query_interface(IWbemCallResult *iface, REFIID riid,
                                                        void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemCallResult)) {
        return E_NOINTERFACE;
    }
    result_ref(result_of(iface));
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE result_add_ref(IWbemCallResult *iface)
{
    return result_ref(result_of(iface));
}

static ULONG STDMETHODCALLTYPE result_release(IWbemCallResult *iface)
{
    return result_unref(result_of(iface));
}

/* ---- the sink's face: private, so it answers for IWbemObjectSink only --------- */

static HRESULT STDMETHODCALLTYPE sink_query_interface(IWbemObjectSink *sink, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        return E_NOINTERFACE;
    }
    result_ref(result_of_sink(sink));
    *ret = sink;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_add_ref(IWbemObjectSink *sink)
{
    return result_ref(result_of_sink(sink));
}

static ULONG STDMETHODCALLTYPE sink_release(IWbemObjectSink *sink)
{
    return result_unref(result_of_sink(sink));
}

static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemObjectSink *sink, LONG count,
                                               IWbemClassObject **objects)
{
    struct call_result *r = result_of_sink(sink);
    pthread_mutex_lock(&r->lock);
    if (count > 0 && !r->object) {
        IWbemClassObject_AddRef(objects[0]);
        r->object = objects[0];
    }
    pthread_mutex_unlock(&r->lock);
    return WBEM_S_NO_ERROR;
}

/* The status parameter's string is what the operation returned ([WmiSdk]
 * IWbemObjectSink::SetStatus: for PutInstance the path of the instance). */
static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemObjectSink *sink, LONG flags, HRESULT status,
                                                 BSTR text, IWbemClassObject *object)
{
    if (flags != WBEM_STATUS_COMPLETE) {
        return WBEM_S_NO_ERROR;
    }
    struct call_result *r = result_of_sink(sink);
    IErrorInfo *error = NULL;
    if (object) {
        (void)error_from_status(object, &error); /* without it the status alone must do */
    }
    BSTR string = NULL;
    if (SUCCEEDED(status) && text &&
        FAILED(com_bstr_from_wide_n(text, SysStringLen(text), &string))) {
        status = WBEM_E_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&r->lock);
    r->status = status;
    r->error = error;
    r->string = string;
    r->complete = true;
    pthread_cond_broadcast(&r->done);
    pthread_mutex_unlock(&r->lock);
    return WBEM_S_NO_ERROR;
}

static const IWbemObjectSinkVtbl sink_vtbl = {
    .QueryInterface = sink_query_interface,
    .AddRef = sink_add_ref,
    .Release = sink_release,
    .Indicate = sink_indicate,
    .SetStatus = sink_set_status,
};

/* ---- waiting ------------------------------------------------------------------ */

/* Timeouts are milliseconds, or WBEM_INFINITE. Returns with the lock held. */
static HRESULT lock_when_done(struct call_result *r, LONG timeout)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (timeout > 0) {
        until.tv_sec += timeout / 1000;
        until.tv_nsec += (long)(timeout % 1000) * 1000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
    }
    pthread_mutex_lock(&r->lock);
    int error = 0;
    while (!r->complete && error != ETIMEDOUT) {
        error = timeout == WBEM_INFINITE ? pthread_cond_wait(&r->done, &r->lock)
                                         : pthread_cond_timedwait(&r->done, &r->lock, &until);
    }
    return r->complete ? WBEM_S_NO_ERROR : WBEM_S_TIMEDOUT;
}

static HRESULT check_arguments(const char *operation, LONG timeout, const void *out,
                               const char *name)
{
    if (!out || (timeout < 0 && timeout != WBEM_INFINITE)) {
        return error_raise(WBEM_E_INVALID_PARAMETER, operation, out ? "lTimeout" : name,
                           out ? "a timeout is not negative, or WBEM_INFINITE"
                               : "the parameter must not be NULL");
    }
    return WBEM_S_NO_ERROR;
}

/* Waits, and gives the call's own status once there is one: a failed call's error code is that of
 * its result's methods, with its error object. Returns without the lock: nothing changes after the
 * final status. */
static HRESULT wait_for_status(struct call_result *r, LONG timeout)
{
    HRESULT hr = lock_when_done(r, timeout);
    IErrorInfo *error = NULL;
    if (hr == WBEM_S_NO_ERROR && FAILED(r->status)) {
        hr = r->status;
        error = r->error;
    }
    pthread_mutex_unlock(&r->lock);
    if (error) {
        SetErrorInfo(0, error); /* held by the result, which the caller holds */
    }
    return hr;
}

static HRESULT raise_other_kind(const char *operation, const char *kind)
{
    return error_raise(WBEM_E_INVALID_OPERATION, operation, NULL,
                       "the call that this is the result of does not return %s", kind);
}

static HRESULT STDMETHODCALLTYPE result_get_object(IWbemCallResult *iface, LONG timeout,
                                                   IWbemClassObject **ret)
{
    HRESULT hr = check_arguments("GetResultObject", timeout, ret, "ppResultObject");
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    struct call_result *r = result_of(iface);
    hr = wait_for_status(r, timeout);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    if (!r->object) {
        return raise_other_kind("GetResultObject", "an object");
    }
    IWbemClassObject_AddRef(r->object);
    *ret = r->object;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE result_get_string(IWbemCallResult *iface, LONG timeout, BSTR *ret)
{
    HRESULT hr = check_arguments("GetResultString", timeout, ret, "pstrResultString");
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    struct call_result *r = result_of(iface);
    hr = wait_for_status(r, timeout);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    if (!r->string) {
        return raise_other_kind("GetResultString", "a string; only PutInstance does");
    }
    hr = com_bstr_from_wide_n(r->string, SysStringLen(r->string), ret);
    return FAILED(hr) ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE result_get_services(IWbemCallResult *iface, LONG timeout,
                                                     IWbemServices **ret)
{
    HRESULT hr = check_arguments("GetResultServices", timeout, ret, "ppServices");
    if (FAILED(hr)) {
        return hr;
    }
    *ret = NULL;
    struct call_result *r = result_of(iface);
    hr = wait_for_status(r, timeout);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    if (!r->services) {
        return raise_other_kind("GetResultServices", "services; only OpenNamespace does");
    }
    IWbemServices_AddRef(r->services);
    *ret = r->services;
    return WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE result_get_status(IWbemCallResult *iface, LONG timeout, LONG *ret)
{
    HRESULT hr = check_arguments("GetCallStatus", timeout, ret, "plStatus");
    if (FAILED(hr)) {
        return hr;
    }
    struct call_result *r = result_of(iface);
    hr = lock_when_done(r, timeout);
    if (hr == WBEM_S_NO_ERROR) {
        *ret = r->status;
    }
    pthread_mutex_unlock(&r->lock);
    return hr;
}

static const IWbemCallResultVtbl result_vtbl = {
    .QueryInterface = result_query_interface,
    .AddRef = result_add_ref,
    .Release = result_release,
    .GetResultObject = result_get_object,
    .GetResultString = result_get_string,
    .GetResultServices = result_get_services,
    .GetCallStatus = result_get_status,
};

static HRESULT result_create(struct call_result **ret)
{
    struct call_result *r = calloc(1, sizeof(*r));
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    r->iface.lpVtbl = &result_vtbl;
    r->sink.lpVtbl = &sink_vtbl;
    atomic_init(&r->refs, 1);
    pthread_mutex_init(&r->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->done, &monotonic);
    pthread_condattr_destroy(&monotonic);
    *ret = r;
    return WBEM_S_NO_ERROR;
}

HRESULT call_result_create(IWbemCallResult **ret, IWbemObjectSink **ret_sink)
{
    struct call_result *r;
    HRESULT hr = result_create(&r);
    if (SUCCEEDED(hr)) {
        result_ref(r);
        *ret = &r->iface;
        *ret_sink = &r->sink;
    }
    return hr;
}

HRESULT call_result_with_services(IWbemServices *services, IWbemCallResult **ret)
{
    struct call_result *r;
    HRESULT hr = result_create(&r);
    if (SUCCEEDED(hr)) {
        r->complete = true;
        r->services = services;
        IWbemServices_AddRef(services);
        *ret = &r->iface;
    }
    return hr;
}
