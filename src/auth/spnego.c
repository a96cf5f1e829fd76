/*
 * SPNEGO, RFC 4178 with [MS-SPNG]: the client offers Kerberos and NTLM, the
 * server takes the first it can; when that is not the client's favourite, both
 * prove by signatures over the offer that nobody between took something out.
 */
#include "auth/spnego.h"

#include <arpa/inet.h>
#include <string.h>

struct spnego_context {
    struct auth_context base;
    struct auth_context *inner;
    enum spnego_mech mech;
    enum spnego_mech offer[3]; /* client */
    size_t offer_count;
    struct buffer mech_list; /* of the client, as it was sent */
    unsigned legs;
    bool raw; /* a client that sends NTLM without SPNEGO */
    bool inner_done;
    bool mic_required; /* the choice is not the client's first one */
    bool mic_sent, mic_checked;
    bool mech_said; /* server: its first answer names the mechanism */
};

static enum auth_mechanism mechanism_of(enum spnego_mech mech)
{
    return mech == SPNEGO_NTLM ? AUTH_NTLM : AUTH_KERBEROS;
}

static HRESULT new_inner(struct spnego_context *s, enum spnego_mech mech)
{
    struct auth_context *c = &s->base;
    auth_context_destroy(TAKE(s->inner));
    s->inner_done = false;
    s->mech = mech;
    HRESULT hr = c->client ? auth_client_new(mechanism_of(mech), c->credentials, c->target,
                                             c->level, c->flags, &s->inner)
                           : auth_server_new(mechanism_of(mech), c->acceptor, &s->inner);
    if (SUCCEEDED(hr) && c->bindings) {
        hr = auth_set_channel_bindings(s->inner, c->bindings, c->bindings_size);
    }
    return hr;
}

static HRESULT step_inner(struct spnego_context *s, struct der in, struct buffer *out)
{
    if (s->inner_done) {
        return spnego_bad_token("the mechanism needs no more tokens");
    }
    return auth_step(s->inner, in.at, in.size, out, &s->inner_done);
}

/* ---- signatures over the offer ------------------------------------------------------ */

/* [MS-SPNG] 3.3.5.1: the stream of NTLM's keys begins again after mechListMIC, its count of
 * messages does not. */
static void restart_signing(struct spnego_context *s)
{
    if (s->inner->operations->restart_signing) {
        s->inner->operations->restart_signing(s->inner);
    }
}

static HRESULT put_mic(struct spnego_context *s, uint8_t mic[AUTH_SIGNATURE_MAX], size_t *size)
{
    HRESULT hr = auth_signature_size(s->inner, false, s->mech_list.size, size);
    if (SUCCEEDED(hr)) {
        hr = auth_protect(s->inner, false, NULL, 0, s->mech_list.bytes, s->mech_list.size, NULL, 0,
                          mic, *size);
    }
    if (SUCCEEDED(hr)) {
        restart_signing(s);
        s->mic_sent = true;
    }
    return hr;
}

static HRESULT check_mic(struct spnego_context *s, struct der mic)
{
    if (!s->inner_done || s->mic_checked) {
        return spnego_bad_token("a signature comes when none can");
    }
    HRESULT hr = auth_unprotect(s->inner, false, NULL, 0, s->mech_list.bytes, s->mech_list.size,
                                NULL, 0, mic.at, mic.size);
    if (FAILED(hr)) {
        return error_raise(SEC_E_MESSAGE_ALTERED, "SPNEGO", NULL,
                           "The offer of mechanisms was changed on its way.");
    }
    restart_signing(s);
    s->mic_checked = true;
    return S_OK;
}

/* An empty token is none: MIT's GSSAPI refuses one where none is due. */
static struct der token_in(const struct buffer *b)
{
    return b->size > 0 ? (struct der){b->bytes, b->size} : (struct der){NULL, 0};
}

/* What is known of the peer is the mechanism's. */
static void finish(struct spnego_context *s)
{
    struct auth_context *c = &s->base;
    size_t size;
    const uint8_t *key = auth_session_key(s->inner, &size);
    memcpy(c->session_key, key, size);
    c->session_key_size = size;
    c->mechanism = s->inner->mechanism;
    c->have_peer = s->inner->have_peer;
    c->peer = s->inner->peer;
}

/* ---- client --------------------------------------------------------------------------- */

/* No KDC knows services by address, and asking takes long where there is none: as Windows, which
 * does not try, unless there is nothing else. */
static bool is_address(const char *target)
{
    struct in6_addr address;
    const char *host = strchr(target, '/');
    return host && (inet_pton(AF_INET, host + 1, &address) == 1 ||
                    inet_pton(AF_INET6, host + 1, &address) == 1);
}

/* A name without a domain is an account of the server's own. The default realm of krb5.conf may be
 * anybody's, as it is where nobody has set one: its KDC would be asked for each such name. */
static bool is_of_server(const struct auth_credentials *c)
{
    return !c->domain || !*c->domain;
}

static bool may_use(const struct spnego_context *s, enum spnego_mech mech)
{
    const struct auth_credentials *c = s->base.credentials;
    enum secret_kind kind = c->kind;
    if (mech == SPNEGO_NTLM) {
        return kind == SECRET_PASSWORD || kind == SECRET_NT_HASH || kind == SECRET_NONE;
    }
    return kind != SECRET_NONE && s->base.target != NULL &&
           (!may_use(s, SPNEGO_NTLM) || !(is_address(s->base.target) || is_of_server(c)));
}

/* Begins with Kerberos if that can be had, else with NTLM. A wrong password stays one: it is not
 * tried again elsewhere. */
static HRESULT begin_inner(struct spnego_context *s, struct buffer *token)
{
    HRESULT hr = SEC_E_NO_CREDENTIALS;
    if (may_use(s, SPNEGO_KERBEROS)) {
        hr = new_inner(s, SPNEGO_KERBEROS_MS);
        if (SUCCEEDED(hr)) {
            hr = step_inner(s, (struct der){NULL, 0}, token);
        }
        if (SUCCEEDED(hr)) {
            s->offer[s->offer_count++] = SPNEGO_KERBEROS_MS;
            s->offer[s->offer_count++] = SPNEGO_KERBEROS;
        }
    }
    if (!may_use(s, SPNEGO_NTLM)) {
        return hr;
    }
    if (s->offer_count == 0) {
        if (hr == SEC_E_LOGON_DENIED) {
            return hr;
        }
        buffer_done(token);
        hr = new_inner(s, SPNEGO_NTLM);
        if (SUCCEEDED(hr)) {
            hr = step_inner(s, (struct der){NULL, 0}, token);
        }
    }
    s->offer[s->offer_count++] = SPNEGO_NTLM;
    return hr;
}

static HRESULT client_begin(struct spnego_context *s, struct der in, struct buffer *out)
{
    if (in.size > 0) {
        /* A server that spoke first: what it offers is not signed, so it only has to be readable.
         */
        struct spnego_init hint;
        HRESULT hr = spnego_read_init(in.at, in.size, &hint);
        if (FAILED(hr)) {
            return hr;
        }
    }
    CLEANUP(buffer_done) struct buffer token = {0};
    HRESULT hr = begin_inner(s, &token);
    if (FAILED(hr)) {
        return hr;
    }
    spnego_write_mechs(&s->mech_list, s->offer, s->offer_count);
    const struct spnego_init m = {
        .mech_list = {s->mech_list.bytes, s->mech_list.size},
        .token = {token.bytes, token.size},
    };
    spnego_write_init(out, &m, false);
    out->failed |= token.failed || s->mech_list.failed;
    return S_OK;
}

/* The server's first answer says what it takes. */
static HRESULT client_choose(struct spnego_context *s, const struct spnego_response *r,
                             struct buffer *token, bool *changed)
{
    *changed = false;
    if (!r->has_mech) {
        return S_OK;
    }
    bool offered = false;
    for (size_t i = 0; i < s->offer_count; i++) {
        offered |= s->offer[i] == r->mech;
    }
    if (!offered) {
        return error_raise(SEC_E_UNSUPPORTED_FUNCTION, "SPNEGO", NULL,
                           "The server wants a mechanism that was not offered.");
    }
    if (mechanism_of(r->mech) == mechanism_of(s->mech)) {
        return S_OK;
    }
    if (s->legs > 2) {
        return spnego_bad_token("it changes the mechanism in the middle");
    }
    *changed = true;
    s->mic_required = true;
    HRESULT hr = new_inner(s, r->mech);
    return SUCCEEDED(hr) ? step_inner(s, (struct der){NULL, 0}, token) : hr;
}

static HRESULT client_answer(struct spnego_context *s, const struct spnego_response *r,
                             struct buffer *token, struct buffer *out, bool *done)
{
    HRESULT hr = S_OK;
    if (r->mic.at && FAILED(hr = check_mic(s, r->mic))) {
        return hr;
    }
    if (r->state == SPNEGO_COMPLETED) {
        if (!s->inner_done || token->size > 0) {
            return spnego_bad_token("the server is done, but the mechanism is not");
        }
        /* Kerberos' last token may come with it: then our signature is still due. */
        if (s->mic_required && !s->mic_checked) {
            return error_raise(SEC_E_MESSAGE_ALTERED, "SPNEGO", NULL,
                               "The server does not prove which mechanisms it was offered.");
        }
        *done = true;
        return S_OK;
    }
    uint8_t mic[AUTH_SIGNATURE_MAX];
    struct spnego_response m = {.state = SPNEGO_NO_STATE, .token = token_in(token)};
    if (s->inner_done && !s->mic_sent && (s->mic_required || s->mech == SPNEGO_NTLM)) {
        hr = put_mic(s, mic, &m.mic.size);
        m.mic.at = mic;
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (!m.token.at && !m.mic.at) {
        return spnego_bad_token("the server waits, but there is nothing to say");
    }
    spnego_write_response(out, &m);
    return S_OK;
}

static HRESULT client_step(struct auth_context *c, const uint8_t *in, size_t in_size,
                           struct buffer *out, bool *done)
{
    struct spnego_context *s = (struct spnego_context *)c;
    struct spnego_response r;
    CLEANUP(buffer_done) struct buffer token = {0};
    if (s->legs++ == 0) {
        return client_begin(s, (struct der){in, in_size}, out);
    }
    HRESULT hr = spnego_read_response(in, in_size, &r);
    if (FAILED(hr)) {
        return hr;
    }
    if (r.state == SPNEGO_REJECT) {
        return error_raise(SEC_E_LOGON_DENIED, "SPNEGO", NULL, "The server refuses the logon.");
    }
    s->mic_required |= r.state == SPNEGO_REQUEST_MIC;
    bool changed;
    hr = client_choose(s, &r, &token, &changed);
    if (SUCCEEDED(hr) && !changed && r.token.at && r.token.size > 0) {
        hr = step_inner(s, r.token, &token);
    }
    if (SUCCEEDED(hr)) {
        hr = client_answer(s, &r, &token, out, done);
    }
    if (SUCCEEDED(hr) && token.failed) {
        hr = error_raise(E_OUTOFMEMORY, "SPNEGO", NULL, "No memory for a token.");
    }
    if (*done && SUCCEEDED(hr)) {
        finish(s);
    }
    return hr;
}

/* ---- server ------------------------------------------------------------------------------ */

static bool server_has(const struct spnego_context *s, enum spnego_mech mech)
{
    const struct auth_acceptor *a = s->base.acceptor;
    return mech == SPNEGO_NTLM ? a->lookup != NULL : mech != SPNEGO_UNKNOWN && a->keytab != NULL;
}

static HRESULT server_hint(struct spnego_context *s, struct buffer *out)
{
    enum spnego_mech mechs[3];
    size_t count = 0;
    if (s->base.acceptor->keytab) {
        mechs[count++] = SPNEGO_KERBEROS_MS;
        mechs[count++] = SPNEGO_KERBEROS;
    }
    if (s->base.acceptor->lookup) {
        mechs[count++] = SPNEGO_NTLM;
    }
    CLEANUP(buffer_done) struct buffer list = {0};
    spnego_write_mechs(&list, mechs, count);
    const struct spnego_init m = {.mech_list = {list.bytes, list.size}};
    spnego_write_init(out, &m, true);
    out->failed |= list.failed;
    return S_OK;
}

static HRESULT server_begin(struct spnego_context *s, struct der in, struct der *token)
{
    struct spnego_init m;
    HRESULT hr = spnego_read_init(in.at, in.size, &m);
    if (FAILED(hr)) {
        return hr;
    }
    size_t chosen = 0;
    while (chosen < m.mech_count && !server_has(s, m.mechs[chosen])) {
        chosen++;
    }
    if (chosen == m.mech_count) {
        return error_raise(SEC_E_SECPKG_NOT_FOUND, "SPNEGO", NULL,
                           "The client offers no mechanism that this server has.");
    }
    buffer_put(&s->mech_list, m.mech_list.at, m.mech_list.size);
    s->mic_required =
        mechanism_of(m.mechs[0]) != mechanism_of(m.mechs[chosen]) || m.mechs[0] == SPNEGO_UNKNOWN;
    /* The token that came along is for the client's first mechanism. */
    *token = s->mic_required ? (struct der){NULL, 0} : m.token;
    return s->mech_list.failed
               ? error_raise(E_OUTOFMEMORY, "SPNEGO", NULL, "No memory for a token.")
               : new_inner(s, m.mechs[chosen]);
}

static HRESULT server_answer(struct spnego_context *s, struct der mic_in, struct buffer *token,
                             struct buffer *out, bool *done)
{
    uint8_t mic[AUTH_SIGNATURE_MAX];
    HRESULT hr = S_OK;
    struct spnego_response m = {
        .state = SPNEGO_INCOMPLETE,
        .has_mech = !s->mech_said,
        .mech = s->mech,
        .token = token_in(token),
    };
    if (mic_in.at && FAILED(hr = check_mic(s, mic_in))) {
        return hr;
    }
    if (s->inner_done && (s->mic_checked || !s->mic_required)) {
        m.state = SPNEGO_COMPLETED;
        *done = true;
        if (s->mic_checked) {
            hr = put_mic(s, mic, &m.mic.size);
            m.mic.at = mic;
        }
    } else if (s->mic_required && !s->mech_said) {
        m.state = SPNEGO_REQUEST_MIC;
    }
    if (FAILED(hr)) {
        return hr;
    }
    s->mech_said = true;
    spnego_write_response(out, &m);
    if (*done) {
        finish(s);
    }
    return S_OK;
}

static HRESULT server_negotiate(struct spnego_context *s, struct der in, struct buffer *out,
                                bool *done)
{
    CLEANUP(buffer_done) struct buffer token = {0};
    struct der inner_in = {NULL, 0}, mic = {NULL, 0};
    HRESULT hr;
    if (!s->inner) {
        hr = server_begin(s, in, &inner_in);
    } else {
        struct spnego_response r;
        hr = spnego_read_response(in.at, in.size, &r);
        inner_in = r.token;
        mic = r.mic;
        if (SUCCEEDED(hr) && r.state == SPNEGO_REJECT) {
            hr = error_raise(SEC_E_LOGON_DENIED, "SPNEGO", NULL, "The client gives up.");
        }
    }
    if (SUCCEEDED(hr) && inner_in.size > 0) {
        hr = step_inner(s, inner_in, &token);
    }
    if (SUCCEEDED(hr)) {
        hr = server_answer(s, mic, &token, out, done);
    }
    if (SUCCEEDED(hr) && token.failed) {
        hr = error_raise(E_OUTOFMEMORY, "SPNEGO", NULL, "No memory for a token.");
    }
    return hr;
}

static HRESULT server_step(struct auth_context *c, const uint8_t *in, size_t in_size,
                           struct buffer *out, bool *done)
{
    struct spnego_context *s = (struct spnego_context *)c;
    HRESULT hr;
    if (s->legs++ == 0 && in_size == 0) {
        return server_hint(s, out);
    }
    /* Windows takes NTLM without its wrapping also, and clients rely on that. */
    if (!s->inner && in_size >= 8 && memcmp(in, "NTLMSSP", 8) == 0 && c->acceptor->lookup) {
        hr = new_inner(s, SPNEGO_NTLM);
        if (FAILED(hr)) {
            return hr;
        }
        s->raw = true;
    }
    if (s->raw) {
        hr = step_inner(s, (struct der){in, in_size}, out);
        *done = SUCCEEDED(hr) && s->inner_done;
        if (*done) {
            finish(s);
        }
        return hr;
    }
    hr = server_negotiate(s, (struct der){in, in_size}, out, done);
    if (FAILED(hr)) {
        const struct spnego_response reject = {.state = SPNEGO_REJECT};
        spnego_write_response(out, &reject);
    }
    return hr;
}

/* ---- the session is the mechanism's ---------------------------------------------------------- */

static HRESULT signature_size(struct auth_context *c, bool privacy, size_t body_size, size_t *ret)
{
    return auth_signature_size(((struct spnego_context *)c)->inner, privacy, body_size, ret);
}

static HRESULT protect(struct auth_context *c, bool privacy, const struct auth_message *m,
                       uint8_t *signature, size_t size)
{
    struct auth_context *inner = ((struct spnego_context *)c)->inner;
    inner->header_signing = c->header_signing;
    return inner->operations->protect(inner, privacy, m, signature, size);
}

static HRESULT unprotect(struct auth_context *c, bool privacy, const struct auth_message *m,
                         const uint8_t *signature, size_t size)
{
    struct auth_context *inner = ((struct spnego_context *)c)->inner;
    inner->header_signing = c->header_signing;
    return inner->operations->unprotect(inner, privacy, m, signature, size);
}

static void destroy(struct auth_context *c)
{
    struct spnego_context *s = (struct spnego_context *)c;
    auth_context_destroy(s->inner);
    buffer_done(&s->mech_list);
    free(s);
}

HRESULT spnego_client_new(struct auth_context **ret)
{
    static const struct auth_operations operations = {
        .step = client_step,
        .signature_size = signature_size,
        .protect = protect,
        .unprotect = unprotect,
        .destroy = destroy,
        .body_alignment = 16,
    };
    return auth_context_create(sizeof(struct spnego_context), &operations, AUTH_SPNEGO, ret);
}

HRESULT spnego_server_new(struct auth_context **ret)
{
    static const struct auth_operations operations = {
        .step = server_step,
        .signature_size = signature_size,
        .protect = protect,
        .unprotect = unprotect,
        .destroy = destroy,
        .body_alignment = 16,
    };
    return auth_context_create(sizeof(struct spnego_context), &operations, AUTH_SPNEGO, ret);
}
