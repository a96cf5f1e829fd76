/*
 * The way around IWbemServices to a provider in this process that can give rows
 * (providers/live_provider.h). Its registration counts as for any other.
 */
#include "hosting/hosting_private.h"
#include "providers/live_provider.h"

HRESULT hosting_direct(struct repository_namespace *n, const wchar_t *provider,
                       enum hosting_need need, const char *operation, struct direct_provider **ret)
{
    const unsigned needs = need == HOSTING_NEEDS_METHODS ? PROVIDER_METHODS : PROVIDER_INSTANCES;
    struct registration *r;
    struct hosted *h = NULL;
    *ret = NULL;
    HRESULT hr = registration_find(n, provider, operation, &r);
    if (FAILED(hr)) {
        return hr;
    }
    bool here = r->model == HOSTING_IN_PROCESS && registration_is_own(r) && (r->can & needs);
    hr = here ? hosted_acquire(n, r, &h) : WBEM_S_FALSE;
    registration_unref(r);
    if (hr != WBEM_S_NO_ERROR) {
        return hr;
    }
    hr = IUnknown_QueryInterface(hosted_object(h), &IID_direct_provider, (void **)ret);
    hosted_release(h);
    return FAILED(hr) ? WBEM_S_FALSE : WBEM_S_NO_ERROR;
}
