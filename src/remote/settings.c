/*
 * Settings of a connection: values of the context that ConnectServer is given,
 * and of the environment. What is for us is taken out before the context is sent.
 */
#include "remote/settings.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>

#include "auth/auth.h"
#include "com/com.h"
#include "object/object.h"

enum {
    CONNECT_MS = 10 * 1000,
    CALL_MS = 60 * 1000,
    METHOD_MS = 10 * 60 * 1000,
    LONGEST_S = 24 * 60 * 60,
};

static const wchar_t *const names[] = {
    L"WBEM_CONNECT_TIMEOUT", L"WBEM_CALL_TIMEOUT", L"WBEM_METHOD_TIMEOUT",
    L"WBEM_AUTH_LEVEL",      L"WBEM_NT_HASH",      L"WBEM_CREDENTIALS",
};

static HRESULT bad_value(const char *name, const char *text, const char *wanted)
{
    return error_raise(WBEM_E_INVALID_PARAMETER, "ConnectServer", name, "%s is '%s', and not %s",
                       name, text, wanted);
}

/* The context's value as text, malloc'd; NULL when it has none. */
static HRESULT context_text(IWbemContext *context, const wchar_t *name, char **ret)
{
    VARIANT v;
    *ret = NULL;
    if (!context || FAILED(IWbemContext_GetValue(context, name, 0, &v))) {
        (void)SetErrorInfo(0, NULL);
        return S_OK;
    }
    VARIANT text;
    VariantInit(&text);
    HRESULT hr = VariantChangeType(&text, &v, 0, VT_BSTR);
    if (SUCCEEDED(hr) && V_BSTR(&text)) {
        *ret = com_utf8_from_wide(V_BSTR(&text));
        hr = *ret ? S_OK : WBEM_E_OUT_OF_MEMORY;
    }
    VariantClear(&text);
    VariantClear(&v);
    return FAILED(hr) && hr != WBEM_E_OUT_OF_MEMORY
               ? error_raise(WBEM_E_INVALID_PARAMETER, "ConnectServer", "pCtx",
                             "the context's value %ls is neither text nor a number", name)
               : hr;
}

/* The same, or the environment's. */
static HRESULT setting_text(IWbemContext *context, size_t i, char **ret)
{
    char name[40];
    (void)snprintf(name, sizeof(name), "%ls", names[i]);
    HRESULT hr = context_text(context, names[i], ret);
    const char *value = getenv(name);
    if (SUCCEEDED(hr) && !*ret && value && *value) {
        *ret = strdup(value);
        hr = *ret ? S_OK : WBEM_E_OUT_OF_MEMORY;
    }
    return hr;
}

static HRESULT read_seconds(IWbemContext *context, size_t i, unsigned usual, unsigned *ret)
{
    CLEANUP(com_cleanup_free) char *text = NULL;
    HRESULT hr = setting_text(context, i, &text);
    *ret = usual;
    if (FAILED(hr) || !text) {
        return hr;
    }
    char *end, name[40];
    double seconds = strtod(text, &end);
    if (end == text || *end || !isfinite(seconds) || seconds < 0.001 || seconds > LONGEST_S) {
        (void)snprintf(name, sizeof(name), "%ls", names[i]);
        return bad_value(name, text, "a number of seconds, up to a day");
    }
    *ret = (unsigned)(seconds * 1000);
    return S_OK;
}

/* Nothing below packet integrity: no Windows takes it any more (KB5004442). */
static HRESULT read_level(IWbemContext *context, uint32_t *ret)
{
    CLEANUP(com_cleanup_free) char *text = NULL;
    HRESULT hr = setting_text(context, 3, &text);
    *ret = RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
    if (FAILED(hr) || !text || strcasecmp(text, "privacy") == 0) {
        return hr;
    }
    if (strcasecmp(text, "integrity") != 0) {
        return bad_value("WBEM_AUTH_LEVEL", text, "integrity or privacy");
    }
    *ret = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    return S_OK;
}

/* A hash in the place of the password, or a file with all of it: given by the context alone, since
 * the environment's go together with its user. */
static HRESULT read_credentials(IWbemContext *context, const wchar_t *user,
                                struct auth_credentials **ret)
{
    CLEANUP(com_cleanup_free) char *hash = NULL, *file = NULL;
    HRESULT hr = context_text(context, L"WBEM_NT_HASH", &hash);
    if (SUCCEEDED(hr)) {
        hr = context_text(context, L"WBEM_CREDENTIALS", &file);
    }
    if (SUCCEEDED(hr) && hash && user) {
        CLEANUP(com_cleanup_free) char *name = com_utf8_from_wide(user);
        hr = name ? auth_credentials_parse(name, hash, true, ret) : WBEM_E_OUT_OF_MEMORY;
    } else if (SUCCEEDED(hr) && file) {
        hr = auth_credentials_from_file(file, false, ret);
    }
    if (hash) {
        secret_wipe(hash, strlen(hash));
    }
    return hr;
}

/* A copy without what is ours. */
static HRESULT rest_of_context(IWbemContext *context, IWbemContext **ret)
{
    CLEANUP(com_cleanup_release) IWbemContext *copy = NULL;
    SAFEARRAY *left = NULL;
    HRESULT hr = context ? IWbemContext_Clone(context, &copy) : S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && copy && i < ARRAYSIZE(names); i++) {
        (void)IWbemContext_DeleteValue(copy, names[i], 0);
    }
    (void)SetErrorInfo(0, NULL);
    if (SUCCEEDED(hr) && copy) {
        hr = IWbemContext_GetNames(copy, 0, &left);
    }
    LONG last = -1;
    if (SUCCEEDED(hr) && left && SUCCEEDED(SafeArrayGetUBound(left, 1, &last)) && last >= 0) {
        *ret = TAKE(copy);
    }
    if (left) {
        (void)SafeArrayDestroy(left);
    }
    return hr;
}

HRESULT remote_settings_read(IWbemContext *context, const wchar_t *user,
                             struct remote_settings *ret)
{
    struct remote_settings s = {0};
    HRESULT hr = read_seconds(context, 0, CONNECT_MS, &s.connect_ms);
    if (SUCCEEDED(hr)) {
        hr = read_seconds(context, 1, CALL_MS, &s.call_ms);
    }
    if (SUCCEEDED(hr)) {
        /* Who says only how long calls may take means all of them. */
        hr = read_seconds(context, 2, s.call_ms == CALL_MS ? METHOD_MS : s.call_ms, &s.method_ms);
    }
    if (SUCCEEDED(hr)) {
        hr = read_level(context, &s.authn_level);
    }
    if (SUCCEEDED(hr)) {
        hr = read_credentials(context, user, &s.credentials);
    }
    if (SUCCEEDED(hr)) {
        hr = rest_of_context(context, &s.context);
    }
    if (FAILED(hr)) {
        remote_settings_done(&s);
        return hr;
    }
    *ret = s;
    return S_OK;
}

void remote_settings_done(struct remote_settings *s)
{
    auth_credentials_unref(s->credentials);
    com_release(s->context);
    *s = (struct remote_settings){0};
}
