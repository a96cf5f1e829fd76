/*
 * From ConnectServer's arguments to the services of a namespace on another
 * host: [MS-WMI] 3.2.3, activation of IWbemLevel1Login and NTLMLogin.
 */
#include "remote/remote_private.h"

#include <string.h>
#include <unistd.h>
#include <wbemtran.h>
#include <wchar.h>

#include "auth/auth.h"
#include "object/object.h"
#include "wire/marshal.h"

static const IID iid_login_client_id = {
    0xd4781cd6, 0xe5d3, 0x44df, {0xad, 0x94, 0x93, 0x0e, 0xfe, 0x48, 0xa8, 0x87}};

enum {
    OPNUM_ESTABLISH_POSITION = 3,
    OPNUM_NTLM_LOGIN = 6,
    OPNUM_SET_CLIENT_INFO = 3,
};

/* "2001-db8--1.ipv6-literal.net", as addresses stand in UNC paths, is 2001:db8::1; an s there
 * begins the zone. So are those in brackets. */
static void take_literal(char *host)
{
    static const char domain[] = ".ipv6-literal.net";
    size_t size = strlen(host);
    if (host[0] == '[' && size > 2 && host[size - 1] == ']' && strchr(host, ':')) {
        memmove(host, host + 1, size - 2);
        host[size - 2] = '\0';
        return;
    }
    if (size < sizeof domain || strcasecmp(host + size - (sizeof domain - 1), domain) != 0) {
        return;
    }
    host[size - (sizeof domain - 1)] = '\0';
    for (char *p = host; *p; p++) {
        *p = *p == '-' ? ':' : *p == 's' || *p == 'S' ? '%' : *p;
    }
}

/* "host" or "host[port]". */
static HRESULT split_server(const struct remote_target *t, char **ret_host, uint16_t *ret_port)
{
    char *host = com_utf8_from_wide_n(t->server, t->server_length);
    if (!host) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    *ret_host = host;
    *ret_port = 0;
    char *port = strrchr(host, '['), *end;
    if (port && !strchr(port, ':')) { /* else it is an address in brackets */
        unsigned long value = strtoul(port + 1, &end, 10);
        if (port == host || end == port + 1 || strcmp(end, "]") != 0 || value == 0 ||
            value > UINT16_MAX) {
            return error_raise(WBEM_E_INVALID_PARAMETER, "ConnectServer", host,
                               "'%s' is no host, or host[port] with a port from 1 to 65535", host);
        }
        *port = '\0';
        *ret_port = (uint16_t)value;
    }
    take_literal(host);
    return S_OK;
}

/* Who connects: whom the context names, else the arguments, else the environment. */
static HRESULT find_credentials(const struct remote_target *t, struct remote_host *h)
{
    enum auth_mechanism mechanism = AUTH_SPNEGO;
    struct auth_credentials *found = TAKE(h->settings.credentials);
    HRESULT hr = found ? S_OK : S_FALSE;
    if (hr == S_FALSE && !t->user && !t->password) {
        hr = auth_credentials_from_environment(&found);
    }
    if (hr == S_FALSE) {
        hr = auth_credentials_from_logon(t->user, t->password, t->authority, &found, &mechanism,
                                         &h->target);
    } else if (SUCCEEDED(hr) && t->authority) { /* it says how, if not who */
        CLEANUP(auth_cleanup_credentials) struct auth_credentials *unused = NULL;
        hr = auth_credentials_from_logon(NULL, NULL, t->authority, &unused, &mechanism, &h->target);
    }
    h->security = (struct dcom_security){
        .authn_service = mechanism == AUTH_SPNEGO ? RPC_C_AUTHN_DEFAULT : (uint32_t)mechanism,
        .authn_level = h->settings.authn_level,
        .imp_level = RPC_C_IMP_LEVEL_IMPERSONATE,
        .target = h->target,
        .credentials = found,
    };
    return hr;
}

/* 1.9 of the page of ConnectServer: with the flag it comes back within two minutes, which are the
 * sum of what its steps may take. */
#define STEP_MS 15000u
#define STEP_CONNECT_MS 10000u

static HRESULT host_create(const struct remote_target *t, struct remote_host **ret)
{
    struct remote_host *h = calloc(1, sizeof(*h));
    struct dcom_client_options options = {0};
    if (!h) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_ref_init(&h->refs);
    h->locale = t->locale ? wcsdup(t->locale) : NULL;
    HRESULT hr =
        t->locale && !h->locale ? WBEM_E_OUT_OF_MEMORY : split_server(t, &h->name, &options.port);
    if (SUCCEEDED(hr)) {
        hr = remote_settings_read(t->context, t->user, &h->settings);
    }
    if (SUCCEEDED(hr)) {
        hr = find_credentials(t, h);
    }
    if (SUCCEEDED(hr)) {
        bool hurry = (t->flags & WBEM_FLAG_CONNECT_USE_MAX_WAIT) != 0;
        options.host = h->name;
        options.security = h->security;
        options.connect_timeout_ms = hurry && h->settings.connect_ms > STEP_CONNECT_MS
                                         ? STEP_CONNECT_MS
                                         : h->settings.connect_ms;
        options.call_timeout_ms =
            hurry && h->settings.call_ms > STEP_MS ? STEP_MS : h->settings.call_ms;
        hr = dcom_client_new(&options, &h->client);
    }
    if (FAILED(hr)) {
        remote_host_unref(h);
        return hr;
    }
    *ret = h;
    return S_OK;
}

static void unread(void *arg, HRESULT hr, struct dcom_reply *reply)
{
}

/* 3.2.3: which language the server is to speak, and who we are for its records. Servers may have
 * neither, and nothing depends on them: nobody waits for the first. Fails when the host is gone. */
static HRESULT introduce(struct remote_host *h, struct dcom_object *login)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    struct dcom_object *id;
    wire_write_string_pointer(&in, NULL);
    ndr_write_u32(&in, 0);
    HRESULT hr = dcom_call_begin(login, OPNUM_ESTABLISH_POSITION, &in, 0, unread, NULL, NULL);
    if (FAILED(hr)) {
        return remote_failed(h, hr, false, "logging in to the namespace");
    }
    if (SUCCEEDED(dcom_query_interface(login, &iid_login_client_id, &id))) {
        char name[256] = "";
        (void)gethostname(name, sizeof(name) - 1);
        CLEANUP(com_cleanup_free) wchar_t *machine = com_wide_from_utf8(name);
        wire_write_string_pointer(&in, machine);
        ndr_write_u32(&in, (uint32_t)getpid());
        ndr_write_u32(&in, 0);
        hr = dcom_call(id, OPNUM_SET_CLIENT_INFO, &in, 0, &reply);
        dcom_object_unref(id);
    }
    if (FAILED(hr) && !reply.replied) {
        return remote_failed(h, hr, false, "logging in to the namespace");
    }
    (void)SetErrorInfo(0, NULL);
    return S_OK;
}

/* "MS_40C", the form of 2.2.29 that all servers know. */
static bool is_old_locale(const wchar_t *name, size_t length)
{
    return length > 3 && wcsncasecmp(name, L"MS_", 3) == 0 &&
           wcsspn(name + 3, L"0123456789abcdefABCDEF") == length - 3;
}

static HRESULT first_old_locale(const wchar_t *names, wchar_t **ret)
{
    for (; *names; names += wcsspn(names, L", ")) {
        size_t length = wcscspn(names, L", ");
        if (is_old_locale(names, length)) {
            *ret = calloc(length + 1, sizeof(**ret));
            if (!*ret) {
                return WBEM_E_OUT_OF_MEMORY;
            }
            wmemcpy(*ret, names, length);
            return S_OK;
        }
        names += length;
    }
    return S_OK;
}

/* 3.2.3: lists, and names of the other form, are for servers that pass over what they do not know.
 * Others get the first of the old form. *ret: free() it; NULL: the server's own choice. */
static HRESULT agree_on_locale(struct remote_host *h, struct dcom_object *login, wchar_t **ret)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    *ret = NULL;
    if (!h->locale) {
        return S_OK;
    }
    if (!is_old_locale(h->locale, wcslen(h->locale))) {
        wire_write_string_pointer(&in, NULL);
        ndr_write_u32(&in, 0);
        HRESULT hr = dcom_call(login, OPNUM_ESTABLISH_POSITION, &in, 0, &reply);
        if (FAILED(hr) && !reply.replied) {
            return remote_failed(h, hr, false, "logging in to the namespace");
        }
        (void)SetErrorInfo(0, NULL);
        uint32_t version = SUCCEEDED(hr) ? ndr_read_u32(&reply.reader) : 0;
        if (version == 0 || FAILED(reply.reader.status)) {
            return first_old_locale(h->locale, ret);
        }
    }
    *ret = wcsdup(h->locale);
    return *ret ? S_OK : WBEM_E_OUT_OF_MEMORY;
}

static HRESULT log_in(struct remote_host *h, struct dcom_object *login, const wchar_t *name_space,
                      struct dcom_object **ret)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    CLEANUP(com_cleanup_free) wchar_t *host = com_wide_from_utf8(h->name);
    size_t size = host ? wcslen(host) + wcslen(name_space) + 4 : 0;
    CLEANUP(com_cleanup_free) wchar_t *path = host ? calloc(size, sizeof(*path)) : NULL;
    CLEANUP(com_cleanup_free) wchar_t *locale = NULL;
    if (!path) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = agree_on_locale(h, login, &locale);
    if (FAILED(hr)) {
        return hr;
    }
    swprintf(path, size, L"\\\\%ls\\%ls", host, name_space);
    wire_write_string_pointer(&in, path);
    wire_write_string_pointer(&in, locale);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, h->settings.context);
    hr = remote_invoke(h, login, OPNUM_NTLM_LOGIN, &in, 0, "logging in to the namespace", &reply);
    return SUCCEEDED(hr) ? remote_read_interface(h, &reply.reader, &IID_IWbemServices,
                                                 "taking the namespace's services", ret)
                         : hr;
}

static void advance(struct remote_host *h, enum remote_phase phase)
{
    if (h->phase < phase) { /* a host that was connected stays as it is, for other threads */
        h->phase = phase;
    }
}

HRESULT remote_log_in(struct remote_host *h, const wchar_t *name_space, struct dcom_object **ret)
{
    struct dcom_object *login;
    bool answered = false;
    HRESULT hr = dcom_activate_told(h->client, &CLSID_WbemLevel1Login, &IID_IWbemLevel1Login,
                                    &login, &answered);
    if (FAILED(hr)) {
        return remote_failed(h, hr, answered, "connecting to WMI");
    }
    advance(h, REMOTE_LOGGING_IN);
    hr = introduce(h, login);
    if (SUCCEEDED(hr)) {
        hr = log_in(h, login, name_space, ret);
    }
    dcom_object_unref(login);
    advance(h, REMOTE_CONNECTED);
    return hr;
}

HRESULT remote_connect(const struct remote_target *target, IWbemServices **ret)
{
    struct remote_host *h;
    struct dcom_object *services;
    HRESULT hr = host_create(target, &h);
    if (FAILED(hr)) {
        return hr;
    }
    hr = remote_log_in(h, target->name_space, &services);
    if (SUCCEEDED(hr)) {
        hr = remote_services_create(h, services, &h->security, ret);
    }
    remote_host_unref(h);
    return hr;
}
