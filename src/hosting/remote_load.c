/*
 * Providers in processes of their own, from the side of who asks: start a host,
 * tell it what to load, put a proxy in the place of the provider's object.
 */
#include <string.h>

#include "hosting/remote.h"

/* What the host needs to find the same registration. */
static HRESULT ask_to_load(struct remote *remote, struct repository_namespace *n,
                           const struct registration *r, struct remote_answer *ret)
{
    CLEANUP(com_cleanup_bstr) BSTR place = NULL;
    CLEANUP(com_cleanup_bstr) BSTR name_space = SysAllocString(repository_namespace_name(n));
    CLEANUP(com_cleanup_bstr) BSTR name = SysAllocString(r->name);
    HRESULT hr = com_bstr_from_utf8(repository_place(repository_of(n)), &place);
    if (FAILED(hr) || !name_space || !name) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    LONG timeout = r->initialize_timeout ? r->initialize_timeout : INITIALIZE_SECONDS * 1000;
    timeout = timeout < INT32_MAX - REMOTE_GRACE_SECONDS * 1000
                  ? timeout + REMOTE_GRACE_SECONDS * 1000
                  : INT32_MAX;
    struct wire_message m = {
        .method = METHOD_LOAD, .number = WIRE_VERSION, .text = {place, name_space, name}};
    return remote_call(remote, &m, NULL, timeout, ret);
}

static HRESULT connect_to(struct repository_namespace *n, const struct registration *r,
                          struct remote **ret)
{
    struct process *process = NULL;
    int fd;
    HRESULT hr = r->model == HOSTING_DECOUPLED
                     ? decoupled_connect(repository_namespace_name(n), r->name, &fd)
                     : process_start(n, r->name, &process, &fd);
    return SUCCEEDED(hr) ? remote_create(fd, process, r->name, ret) : hr;
}

HRESULT remote_load(struct repository_namespace *n, struct registration *r, struct remote **ret,
                    IUnknown **ret_object)
{
    struct remote *remote;
    struct remote_answer answer;
    CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(r->name);
    if (strcmp(repository_place(repository_of(n)), ":memory:") == 0) {
        return error_raise(WBEM_E_PROVIDER_LOAD_FAILURE, "wbem-provider-host", name,
                           "provider %s: a process of its own can't read a repository in memory",
                           name ? name : "?");
    }
    HRESULT hr = connect_to(n, r, &remote);
    if (FAILED(hr)) {
        return hr;
    }
    hr = ask_to_load(remote, n, r, &answer);
    if (SUCCEEDED(hr)) {
        (void)VariantClear(&answer.value);
        hr = remote_proxy_create(remote, answer.number, ret_object);
    }
    if (FAILED(hr)) {
        remote_close(remote);
        remote_unref(remote);
        return hr;
    }
    *ret = remote;
    return WBEM_S_NO_ERROR;
}
