/*
 * Operations of which a provider answers one thing: PutInstance, DeleteInstance,
 * ExecMethod (wbemcli/nf-wbemcli-iwbemservices-putinstanceasync and its kin, as
 * a provider implements them).
 */
#include <stdlib.h>

#include "hosting/hosting_private.h"

struct single {
    struct repository_namespace *name_space;
    const wchar_t *provider;
    const char *operation;
    unsigned needs; /* PROVIDER_*: what the registration must allow */
    const char *lacks;
};

static HRESULT find_able(const struct single *s, struct registration **ret)
{
    struct registration *r;
    HRESULT hr = registration_find(s->name_space, s->provider, s->operation, &r);
    if (FAILED(hr)) {
        return hr;
    }
    if ((r->can & s->needs) != s->needs) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(r->name);
        registration_unref(r);
        return error_raise(WBEM_E_PROVIDER_NOT_CAPABLE, s->operation, name,
                           "provider %s is not registered as one that %s", name ? name : "?",
                           s->lacks);
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

/* Runs the call to its end. *ret_object: the first object, or NULL. Takes what `call` owns. */
static HRESULT run_call(const struct single *s, struct provider_call *call,
                        IWbemClassObject **ret_object, wchar_t **ret_text)
{
    struct registration *r = NULL;
    struct operation *o = NULL;
    HRESULT hr = find_able(s, &r);
    if (FAILED(hr)) {
        provider_call_done(call);
        return hr;
    }
    const struct operation_target target = {s->name_space, r, NULL};
    hr = operation_create(&target, call, s->operation, &o);
    registration_unref(r);
    if (SUCCEEDED(hr)) {
        hr = operation_start(o);
    }
    CLEANUP(com_cleanup_release) IWbemClassObject *first = NULL;
    while (SUCCEEDED(hr) && hr != WBEM_S_FALSE) {
        IWbemClassObject *object = NULL;
        hr = operation_next(o, &object);
        if (!first) {
            first = object;
        } else {
            com_release(object);
        }
    }
    if (SUCCEEDED(hr)) {
        hr = WBEM_S_NO_ERROR;
        if (ret_object) {
            *ret_object = TAKE(first);
        }
        if (ret_text && operation_text(o)) {
            *ret_text = com_wide_copy(operation_text(o));
            hr = *ret_text ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
        }
    }
    operation_unref(o);
    return hr;
}

HRESULT hosting_put_instance(struct repository_namespace *n, const wchar_t *provider,
                             IWbemClassObject *instance, LONG flags, IWbemContext *context,
                             wchar_t **ret_path)
{
    const struct single s = {n, provider, "PutInstance", PROVIDER_INSTANCES | PROVIDER_PUT,
                             "puts instances"};
    struct provider_call call = {.kind = CALL_PUT, .flags = flags};
    if (ret_path) {
        *ret_path = NULL;
    }
    com_addref(context);
    call.context = context;
    com_addref(instance);
    call.in = instance;
    return run_call(&s, &call, NULL, ret_path);
}

HRESULT hosting_delete_instance(struct repository_namespace *n, const wchar_t *provider,
                                const wchar_t *path, LONG flags, IWbemContext *context)
{
    const struct single s = {n, provider, "DeleteInstance", PROVIDER_INSTANCES | PROVIDER_DELETE,
                             "deletes instances"};
    struct provider_call call = {.kind = CALL_DELETE, .flags = flags, .text = SysAllocString(path)};
    if (!call.text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_addref(context);
    call.context = context;
    return run_call(&s, &call, NULL, NULL);
}

HRESULT hosting_exec_method(struct repository_namespace *n, const wchar_t *provider,
                            const wchar_t *path, const wchar_t *method, LONG flags,
                            IWbemContext *context, IWbemClassObject *in, IWbemClassObject **ret_out)
{
    const struct single s = {n, provider, "ExecMethod", PROVIDER_METHODS, "executes methods"};
    struct provider_call call = {.kind = CALL_METHOD,
                                 .flags = flags,
                                 .text = SysAllocString(path),
                                 .method = SysAllocString(method)};
    if (!call.text || !call.method) {
        provider_call_done(&call);
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_addref(context);
    call.context = context;
    com_addref(in);
    call.in = in;
    if (ret_out) {
        *ret_out = NULL;
    }
    return run_call(&s, &call, ret_out, NULL);
}
