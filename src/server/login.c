/*
 * Where clients begin: IWbemLevel1Login ([MS-WMI] 3.1.4.1) opens namespaces,
 * IWbemLoginClientID (3.1.4.7) hears who the client says it is.
 */
#include "server/server_private.h"

#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "object/object.h"
#include "services/access.h"
#include "services/services.h"

/* clang-format off */
const IID IID_IWbemLoginClientID = {
    0xd4781cd6, 0xe5d3, 0x44df, {0xad, 0x94, 0x93, 0x0e, 0xfe, 0x48, 0xa8, 0x87}};
/* clang-format on */

static void login_destroy(struct server_object *o)
{
    free(o);
}

HRESULT login_activate(void *arg, const char *peer, REFIID riid, void **ret)
{
    static const IID *const iids[] = {&IID_IWbemLevel1Login, &IID_IWbemLoginClientID, NULL};
    *ret = NULL;
    struct server_object *o = calloc(1, sizeof(*o));
    if (!o) {
        return E_OUTOFMEMORY;
    }
    server_object_init(o, iids, login_destroy);
    HRESULT hr = IUnknown_QueryInterface(&o->iface, riid, ret);
    com_release(&o->iface);
    return hr;
}

/* The namespace of \\server\root\cimv2, //./root/cimv2 and root\cimv2. The server part is what the
 * client calls us, which may be any name or address. */
static const wchar_t *namespace_of(const wchar_t *path)
{
    if (wcschr(L"\\/", path[0]) && path[0] && wcschr(L"\\/", path[1]) && path[1]) {
        const wchar_t *rest = path + 2 + wcscspn(path + 2, L"\\/");
        return *rest ? rest + 1 : rest;
    }
    return path;
}

static HRESULT open_namespace(const wchar_t *path, const wchar_t *locales, IWbemServices **ret)
{
    struct repository *r;
    struct repository_namespace *n;
    CLEANUP(com_cleanup_free) char *text = com_utf8_from_wide(path);
    const wchar_t *name = path ? namespace_of(path) : L"";
    if (!*name) {
        return error_raise(WBEM_E_INVALID_NAMESPACE, "NTLMLogin", text,
                           "'%s' is not a namespace path such as //./root/cimv2", text ? text : "");
    }
    HRESULT hr = repository_default(&r);
    if (SUCCEEDED(hr)) {
        hr = repository_open(r, name, &n);
    }
    if (FAILED(hr)) {
        return error_raise(hr, "NTLMLogin", text, "there is no namespace '%s'", text ? text : "");
    }
    hr = access_connect(n, "NTLMLogin");
    return SUCCEEDED(hr) ? services_create(n, locales, ret) : hr;
}

static void skip_string(struct request *q)
{
    free(wire_read_string_pointer(q->in));
}

/* 3.1.4.1.1: NTLMLogin takes what is no name of a locale, and makes nothing of it. */
static HRESULT establish_position(struct request *q)
{
    skip_string(q);
    (void)ndr_read_u32(q->in);
    ndr_write_u32(&q->out, 1); /* LocaleVersion */
    return S_OK;
}

/* 3.1.4.1.2 and 3.1.4.1.3: left from a login of old; never answered. */
static HRESULT request_challenge(struct request *q)
{
    static const uint8_t nothing[16];
    skip_string(q);
    skip_string(q);
    ndr_write_u32(&q->out, sizeof(nothing));
    ndr_write_u32(&q->out, 0);
    ndr_write_u32(&q->out, sizeof(nothing));
    ndr_write_bytes(&q->out, nothing, sizeof(nothing));
    return WBEM_E_NOT_SUPPORTED;
}

static HRESULT wbem_login(struct request *q)
{
    return write_interface(q, WBEM_E_NOT_SUPPORTED, NULL, &IID_IWbemServices);
}

/* 3.1.4.1.4 */
static HRESULT ntlm_login(struct request *q)
{
    CLEANUP(com_cleanup_free) wchar_t *path = wire_read_string_pointer(q->in);
    CLEANUP(com_cleanup_free) wchar_t *locales = wire_read_string_pointer(q->in);
    uint32_t flags = ndr_read_u32(q->in);
    com_release(wire_read_context(q->in));
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = flags ? error_raise(WBEM_E_INVALID_PARAMETER, "NTLMLogin", "lFlags",
                                     "unknown flags 0x%x", (unsigned)flags)
                       : open_namespace(path, locales, &services);
    return write_interface(q, hr, services, &IID_IWbemServices);
}

static void level1_login(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {establish_position, request_challenge, wbem_login,
                                         ntlm_login};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub level1_login_stub = {&IID_IWbemLevel1Login, 7, level1_login};

/* 3.1.4.7.1: what the client claims of itself proves nothing, so nothing is made of it. */
static HRESULT set_client_info(struct request *q)
{
    skip_string(q);
    (void)ndr_read_u32(q->in);
    (void)ndr_read_u32(q->in);
    return S_OK;
}

static void login_client_id(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {set_client_info};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub login_client_id_stub = {&IID_IWbemLoginClientID, 4, login_client_id};
