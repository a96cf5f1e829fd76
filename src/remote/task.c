/*
 * Methods with a single answer. What the host does is always the synchronous
 * method; that a caller here need not wait for it is this side's work, which
 * saves the calls that asking a remote IWbemCallResult takes.
 */
#include "remote/task.h"

#include <time.h>

#include "object/object.h"
#include "services/services_private.h"
#include "wire/marshal.h"

struct remote_task *remote_task_create(struct remote_host *h, struct dcom_object *services,
                                       uint16_t opnum, enum task_result gives, unsigned timeout_ms,
                                       const char *step)
{
    struct remote_task *t = calloc(1, sizeof(*t));
    if (t) {
        t->host = remote_host_ref(h);
        dcom_object_ref(services);
        t->services = services;
        t->opnum = opnum;
        t->gives = gives;
        t->timeout_ms = timeout_ms;
        t->step = step;
    }
    return t;
}

static void task_destroy(void *closure)
{
    struct remote_task *t = closure;
    ndr_writer_done(&t->in);
    remote_security_done(&t->security);
    dcom_object_unref(t->services);
    remote_host_unref(t->host);
    free(t);
}

/* [out, in, unique] T **: a pointer to a pointer, both of which may be null. */
static HRESULT perform(void *closure, IWbemClassObject **ret)
{
    struct remote_task *t = closure;
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    bool object_too = t->gives == GIVES_OBJECT || t->gives == GIVES_ANSWER;
    if (object_too && ndr_write_pointer(&t->in, true)) {
        (void)ndr_write_pointer(&t->in, false);
    }
    (void)ndr_write_pointer(&t->in, false); /* ppCallResult */
    HRESULT hr =
        remote_invoke(t->host, t->services, t->opnum, &t->in, t->timeout_ms, t->step, &reply);
    if (FAILED(hr) || !object_too) {
        return hr;
    }
    IWbemClassObject *object = NULL;
    if (ndr_read_pointer(&reply.reader)) {
        object = wire_read_object(&reply.reader);
    }
    if (!object && t->gives == GIVES_OBJECT) {
        ndr_read_fail(&reply.reader, NDR_E_BAD_DATA);
    }
    if (FAILED(reply.reader.status)) {
        com_release(object);
        return remote_explain(t->host, reply.reader.status, false, NULL, t->step);
    }
    *ret = object;
    return hr;
}

/* ---- the path of what was put ------------------------------------------------------------- */

enum {
    OPNUM_RESULT_STRING = 4,
    RESULT_WAIT_MS = 5000,
};

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* [MS-WMI] 3.1.4.2.2: not there yet is WBEM_S_TIMEDOUT, which is progress, until our time is up. */
static HRESULT wait_for_path(struct remote_task *t, struct dcom_object *result, BSTR *ret)
{
    int64_t until = now_ms() + t->timeout_ms;
    for (;;) {
        CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
        CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
        ndr_write_u32(&in, RESULT_WAIT_MS);
        HRESULT hr = remote_invoke(t->host, result, OPNUM_RESULT_STRING, &in,
                                   RESULT_WAIT_MS + t->host->settings.call_ms, t->step, &reply);
        if (hr == WBEM_S_TIMEDOUT && now_ms() < until) {
            continue;
        }
        if (hr == WBEM_S_TIMEDOUT) {
            return remote_explain(t->host, RPC_E_TIMEOUT, false, NULL, t->step);
        }
        if (SUCCEEDED(hr)) {
            *ret = wire_read_bstr(&reply.reader);
            hr = FAILED(reply.reader.status)
                     ? remote_explain(t->host, reply.reader.status, false, NULL, t->step)
                     : hr;
        }
        return hr;
    }
}

/* The call is made semisynchronously, since only its result tells. */
static HRESULT perform_put(void *closure, BSTR *ret)
{
    struct remote_task *t = closure;
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct dcom_object *result = NULL;
    if (ndr_write_pointer(&t->in, true)) {
        (void)ndr_write_pointer(&t->in, false);
    }
    HRESULT hr =
        remote_invoke(t->host, t->services, t->opnum, &t->in, t->timeout_ms, t->step, &reply);
    if (SUCCEEDED(hr) && !ndr_read_pointer(&reply.reader)) {
        hr = remote_explain(t->host, NDR_E_BAD_DATA, false, NULL, t->step);
    }
    if (SUCCEEDED(hr)) {
        hr = remote_read_interface(t->host, &reply.reader, &IID_IWbemCallResult, t->step, &result);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_object_set_security(result, &t->security.value);
    }
    if (SUCCEEDED(hr)) {
        hr = wait_for_path(t, result, ret);
    }
    dcom_object_unref(result);
    return hr;
}

/* ---- running ------------------------------------------------------------------------------- */

HRESULT remote_task_run(struct remote_task *t, IWbemClassObject **ret)
{
    IWbemClassObject *object = NULL;
    HRESULT hr = perform(t, &object);
    task_destroy(t);
    if (ret) {
        *ret = TAKE(object);
    }
    com_release(object);
    return hr;
}

HRESULT remote_task_start(struct remote_task *t, IUnknown *owner, IWbemObjectSink *sink)
{
    return t->gives == GIVES_PATH ? delivery_run_text(perform_put, t, task_destroy, owner, sink)
                                  : delivery_run(perform, t, task_destroy, owner, sink);
}

HRESULT remote_task_finish(struct remote_task *t, LONG flags, IUnknown *owner,
                           IWbemClassObject **ret, IWbemCallResult **ret_result)
{
    if (!(flags & WBEM_FLAG_RETURN_IMMEDIATELY)) {
        return remote_task_run(t, ret);
    }
    IWbemCallResult *result;
    IWbemObjectSink *sink;
    HRESULT hr = call_result_create(&result, &sink);
    if (FAILED(hr)) {
        task_destroy(t);
        return hr;
    }
    hr = remote_task_start(t, owner, sink);
    IWbemObjectSink_Release(sink);
    if (SUCCEEDED(hr) && ret_result) {
        *ret_result = result;
    } else {
        IWbemCallResult_Release(result);
    }
    return hr;
}
