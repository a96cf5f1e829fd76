/*
 * Contexts, whatever the mechanism: arguments are checked here, states kept
 * (nothing is protected before both sides are known, nothing after a failure),
 * and the work is the mechanism's.
 */
#include "auth/auth_private.h"

#include <rpcdce.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

HRESULT auth_context_create(size_t size, const struct auth_operations *operations,
                            enum auth_mechanism mechanism, struct auth_context **ret)
{
    /* The key schedules of the session lie in here. */
    struct auth_context *c = calloc(1, size);
    if (!c) {
        return error_raise(E_OUTOFMEMORY, "authentication", NULL, "No memory for a context.");
    }
    c->operations = operations;
    c->mechanism = mechanism;
    *ret = c;
    return S_OK;
}

void auth_context_destroy(struct auth_context *c)
{
    if (!c) {
        return;
    }
    auth_credentials_unref(c->credentials);
    free(c->target);
    free(c->bindings);
    for (size_t i = 0; i < ARRAYSIZE(c->peer_text); i++) {
        free(c->peer_text[i]);
    }
    secret_wipe(c->session_key, sizeof c->session_key);
    c->operations->destroy(c);
}

HRESULT auth_context_set_peer(struct auth_context *c, const char *domain, const char *user,
                              const char *name, const char *workstation, const char *target)
{
    const char *texts[] = {domain, user, name, workstation, target};
    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        free(c->peer_text[i]);
        c->peer_text[i] = NULL;
        if (i == 2 && !name) {
            if (asprintf(&c->peer_text[i], "%s%s%s", domain ? domain : "",
                         domain && *domain ? "\\" : "", user ? user : "") < 0) {
                c->peer_text[i] = NULL;
            }
        } else {
            c->peer_text[i] = strdup(texts[i] ? texts[i] : "");
        }
        if (!c->peer_text[i]) {
            return error_raise(E_OUTOFMEMORY, "authentication", NULL, "No memory for a name.");
        }
    }
    c->peer = (struct auth_principal){
        .mechanism = c->mechanism,
        .domain = c->peer_text[0],
        .user = c->peer_text[1],
        .name = c->peer_text[2],
        .workstation = c->peer_text[3],
        .target = c->peer_text[4],
        .anonymous = c->peer.anonymous,
        .identify_only = c->peer.identify_only,
    };
    c->have_peer = true;
    return S_OK;
}

HRESULT auth_client_new(enum auth_mechanism mechanism, const struct auth_credentials *credentials,
                        const char *target_spn, unsigned level, unsigned flags,
                        struct auth_context **ret)
{
    if (!credentials || !ret || level < RPC_C_AUTHN_LEVEL_CONNECT ||
        level > RPC_C_AUTHN_LEVEL_PKT_PRIVACY) {
        return E_INVALIDARG;
    }
    struct auth_context *c = NULL;
    HRESULT hr = mechanism == AUTH_NTLM       ? ntlm_client_new(&c)
                 : mechanism == AUTH_KERBEROS ? kerberos_client_new(&c)
                 : mechanism == AUTH_SPNEGO
                     ? spnego_client_new(&c)
                     : error_raise(SEC_E_SECPKG_NOT_FOUND, "authentication", NULL,
                                   "Mechanism %d is not known; NTLM is 10, Kerberos 16, SPNEGO 9.",
                                   (int)mechanism);
    if (FAILED(hr)) {
        return hr;
    }
    c->client = true;
    c->level = level;
    c->flags = flags;
    c->credentials = auth_credentials_ref(credentials);
    if (target_spn && !(c->target = strdup(target_spn))) {
        auth_context_destroy(c);
        return error_raise(E_OUTOFMEMORY, "authentication", NULL, "No memory for a context.");
    }
    *ret = c;
    return S_OK;
}

HRESULT auth_server_new(enum auth_mechanism mechanism, const struct auth_acceptor *acceptor,
                        struct auth_context **ret)
{
    if (!acceptor || !ret) {
        return E_INVALIDARG;
    }
    struct auth_context *c = NULL;
    HRESULT hr = SEC_E_SECPKG_NOT_FOUND;
    if (mechanism == AUTH_NTLM && acceptor->lookup) {
        hr = ntlm_server_new(&c);
    } else if (mechanism == AUTH_KERBEROS && acceptor->keytab) {
        hr = kerberos_server_new(&c);
    } else if (mechanism == AUTH_SPNEGO && (acceptor->lookup || acceptor->keytab)) {
        hr = spnego_server_new(&c);
    } else {
        return error_raise(SEC_E_SECPKG_NOT_FOUND, "authentication", NULL,
                           "The server has no users or keys for mechanism %d.", (int)mechanism);
    }
    if (FAILED(hr)) {
        return hr;
    }
    c->acceptor = acceptor;
    *ret = c;
    return S_OK;
}

HRESULT auth_set_channel_bindings(struct auth_context *c, const void *data, size_t size)
{
    if (!c || !c->client || (!data && size > 0) || size > AUTH_TOKEN_MAX) {
        return E_INVALIDARG;
    }
    uint8_t *copy = malloc(size + 1);
    if (!copy) {
        return E_OUTOFMEMORY;
    }
    if (size > 0) {
        memcpy(copy, data, size);
    }
    free(c->bindings);
    c->bindings = copy;
    c->bindings_size = size;
    return S_OK;
}

void auth_set_header_signing(struct auth_context *c, bool on)
{
    c->header_signing = on;
}

HRESULT auth_step(struct auth_context *c, const void *in, size_t in_size, struct buffer *out,
                  bool *done)
{
    if (!c || !out || !done || (!in && in_size > 0)) {
        return E_INVALIDARG;
    }
    *done = false;
    if (c->failed || c->done) {
        return error_raise(SEC_E_INVALID_HANDLE, "authentication", NULL,
                           "Authentication is over already.");
    }
    HRESULT hr =
        in_size > AUTH_TOKEN_MAX
            ? error_raise(SEC_E_INVALID_TOKEN, "authentication", NULL,
                          "A token of %zu bytes is more than any that makes sense.", in_size)
            : c->operations->step(c, in, in_size, out, done);
    if (SUCCEEDED(hr) && out->failed) {
        hr = error_raise(E_OUTOFMEMORY, "authentication", NULL, "No memory for a token.");
    }
    if (FAILED(hr)) {
        c->failed = true;
        *done = false;
        return hr;
    }
    c->done = *done;
    return S_OK;
}

static HRESULT check_ready(struct auth_context *c)
{
    return c && c->done && !c->failed ? S_OK
                                      : error_raise(SEC_E_INVALID_HANDLE, "authentication", NULL,
                                                    "The two sides have not agreed on keys.");
}

HRESULT auth_signature_size(struct auth_context *c, bool privacy, size_t body_size, size_t *ret)
{
    HRESULT hr = check_ready(c);
    return FAILED(hr) ? hr : c->operations->signature_size(c, privacy, body_size, ret);
}

size_t auth_body_alignment(const struct auth_context *c)
{
    return c->operations->body_alignment;
}

HRESULT auth_protect(struct auth_context *c, bool privacy, const void *header, size_t header_size,
                     void *body, size_t body_size, const void *trailer, size_t trailer_size,
                     void *signature, size_t signature_size)
{
    const struct auth_message m = {header, header_size, body, body_size, trailer, trailer_size};
    HRESULT hr = check_ready(c);
    if (FAILED(hr)) {
        return hr;
    }
    hr = c->operations->protect(c, privacy, &m, signature, signature_size);
    c->failed = c->failed || FAILED(hr);
    return hr;
}

HRESULT auth_unprotect(struct auth_context *c, bool privacy, const void *header, size_t header_size,
                       void *body, size_t body_size, const void *trailer, size_t trailer_size,
                       const void *signature, size_t signature_size)
{
    const struct auth_message m = {header, header_size, body, body_size, trailer, trailer_size};
    HRESULT hr = check_ready(c);
    if (FAILED(hr)) {
        return hr;
    }
    hr = c->operations->unprotect(c, privacy, &m, signature, signature_size);
    /* Streams of keys are out of step from here on; [MS-RPCE] 3.3.3.4.2 ends the connection. */
    c->failed = c->failed || FAILED(hr);
    return hr;
}

const struct auth_principal *auth_peer(const struct auth_context *c)
{
    return c && c->done && c->have_peer ? &c->peer : NULL;
}

HRESULT auth_name_peer(struct auth_context *c, const char *name)
{
    enum {
        NAME = 2 /* among auth_context_set_peer()'s texts */
    };
    char *copy = strdup(name);
    if (!copy) {
        return E_OUTOFMEMORY;
    }
    free(c->peer_text[NAME]);
    c->peer_text[NAME] = copy;
    c->peer.name = copy;
    return S_OK;
}

enum auth_mechanism auth_context_mechanism(const struct auth_context *c)
{
    return c->mechanism;
}

const uint8_t *auth_session_key(const struct auth_context *c, size_t *size)
{
    *size = c->done ? c->session_key_size : 0;
    return c->session_key;
}

bool auth_target_is_ours(const struct auth_acceptor *a, const char *name)
{
    size_t size = strcspn(name, "@");
    const char *slash = memchr(name, '/', size);
    for (size_t i = 0; a->target_names && a->target_names[i]; i++) {
        const char *ours = a->target_names[i];
        const char *part = name;
        if (slash && !strchr(ours, '/')) {
            part = slash + 1;
        }
        size_t part_size = size - (size_t)(part - name);
        if (strlen(ours) == part_size && strncasecmp(ours, part, part_size) == 0) {
            return true;
        }
    }
    return false;
}
