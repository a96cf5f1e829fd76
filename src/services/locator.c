/*
 * IWbemLocator: from a network path such as \\.\root\cimv2 to the services of
 * a namespace. Source: wbemcli/nf-wbemcli-iwbemlocator-connectserver.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "remote/remote.h"
#include "services/access.h"
#include "services/services_private.h"

struct locator {
    IWbemLocator iface;
    atomic_ulong refs;
};

static struct locator *locator_of(IWbemLocator *iface)
{
    return (struct locator *)((char *)iface - offsetof(struct locator, iface));
}

static HRESULT STDMETHODCALLTYPE locator_query_interface(IWbemLocator *iface, REFIID riid,
                                                         void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemLocator)) {
        return E_NOINTERFACE;
    }
    IWbemLocator_AddRef(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE locator_add_ref(IWbemLocator *iface)
{
    struct locator *l = locator_of(iface);
    return (ULONG)atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed) + 1;
}

static ULONG STDMETHODCALLTYPE locator_release(IWbemLocator *iface)
{
    struct locator *l = locator_of(iface);
    ULONG left = (ULONG)atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) - 1;
    if (left == 0) {
        free(l);
    }
    return left;
}

static bool is_separator(wchar_t c)
{
    return c == L'\\' || c == L'/';
}

/* True when `name` (of `length` characters) is this machine. */
static bool is_local_server(const wchar_t *name, size_t length)
{
    if (length == 1 && name[0] == L'.') {
        return true;
    }
    if (length == 9 && wcsncasecmp(name, L"localhost", 9) == 0) {
        return true;
    }
    char host[256] = "";
    if (gethostname(host, sizeof(host) - 1) != 0) {
        return false;
    }
    size_t whole = strlen(host);
    size_t first = strcspn(host, ".");
    if (length != whole && length != first) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (towlower((wint_t)name[i]) != towlower((wint_t)(unsigned char)host[i])) {
            return false;
        }
    }
    return true;
}

/* Splits \\server\namespace; *ret_name points at the namespace's part of `path`. */
static HRESULT split_path(const wchar_t *path, const wchar_t **ret_server, size_t *ret_length,
                          const wchar_t **ret_name)
{
    *ret_server = NULL;
    *ret_length = 0;
    *ret_name = path;
    if (!is_separator(path[0])) {
        return path[0] ? WBEM_S_NO_ERROR : WBEM_E_INVALID_NAMESPACE;
    }
    if (!is_separator(path[1])) {
        return WBEM_E_INVALID_NAMESPACE;
    }
    *ret_server = path + 2;
    while ((*ret_server)[*ret_length] && !is_separator((*ret_server)[*ret_length])) {
        ++*ret_length;
    }
    const wchar_t *rest = *ret_server + *ret_length;
    if (*ret_length == 0 || !rest[0] || !rest[1]) {
        return WBEM_E_INVALID_NAMESPACE;
    }
    *ret_name = rest + 1;
    return WBEM_S_NO_ERROR;
}

static HRESULT connect_local(const wchar_t *name, const char *resource, const wchar_t *locale,
                             IWbemServices **ret)
{
    struct repository *r;
    HRESULT hr = repository_default(&r);
    if (FAILED(hr)) {
        return hr;
    }

    struct repository_namespace *n;
    hr = repository_open(r, name, &n);
    if (FAILED(hr)) {
        return error_raise(hr, "ConnectServer", resource, "there is no namespace '%s'", resource);
    }
    hr = access_connect(n, "ConnectServer");
    return SUCCEEDED(hr) ? services_create(n, locale, ret) : hr;
}

static HRESULT STDMETHODCALLTYPE locator_connect_server(IWbemLocator *iface, const BSTR resource,
                                                        const BSTR user, const BSTR password,
                                                        const BSTR locale, LONG security_flags,
                                                        const BSTR authority, IWbemContext *context,
                                                        IWbemServices **ret)
{
    if (ret) {
        *ret = NULL;
    }
    if (!resource || !ret) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "ConnectServer",
                           resource ? "ppNamespace" : "strNetworkResource",
                           "the parameter must not be NULL");
    }
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(resource);
    if (!text) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (security_flags & ~WBEM_FLAG_CONNECT_USE_MAX_WAIT) {
        return error_raise(WBEM_E_INVALID_PARAMETER, "ConnectServer", "lSecurityFlags",
                           "unknown flags 0x%x", (unsigned)security_flags);
    }

    const wchar_t *server;
    const wchar_t *name;
    size_t length;
    HRESULT hr = split_path(resource, &server, &length, &name);
    if (FAILED(hr)) {
        return error_raise(hr, "ConnectServer", text,
                           "'%s' is not a namespace path such as \\\\.\\root\\cimv2", text);
    }
    if (server && !is_local_server(server, length)) {
        struct remote_target target = {server,    length, name,    user,          password,
                                       authority, locale, context, security_flags};
        return remote_connect(&target, ret);
    }
    if (user || password || authority) {
        return error_raise(WBEM_E_LOCAL_CREDENTIALS, "ConnectServer", "strUser",
                           "a local connection takes no user, password or authority");
    }
    return connect_local(name, text, locale, ret);
}

static const IWbemLocatorVtbl locator_vtbl = {
    .QueryInterface = locator_query_interface,
    .AddRef = locator_add_ref,
    .Release = locator_release,
    .ConnectServer = locator_connect_server,
};

HRESULT locator_create(IUnknown *outer, REFIID riid, void **ret)
{
    *ret = NULL;
    if (outer) {
        return CLASS_E_NOAGGREGATION;
    }
    struct locator *l = calloc(1, sizeof(*l));
    if (!l) {
        return E_OUTOFMEMORY;
    }
    l->iface.lpVtbl = &locator_vtbl;
    atomic_init(&l->refs, 1);
    HRESULT hr = IWbemLocator_QueryInterface(&l->iface, riid, ret);
    IWbemLocator_Release(&l->iface);
    return hr;
}
