/*
 * Kerberos through GSSAPI, [MS-KILE]: handshake with or without DCE style (the
 * client's second AP-REP proves that the server's was fresh), and protection of
 * messages in parts. With DCE style the tokens are bare, without the frame of
 * RFC 2743 3.1, inside SPNEGO also.
 */
#include "auth/der.h"
#include "auth/kerberos.h"

#include <rpcdce.h>
#include <string.h>

/* Kinds of tokens in frames, RFC 4121 section 4.1. */
enum {
    TOKEN_REQUEST = 1,
    TOKEN_ERROR = 3
};

struct kerberos_context {
    struct auth_context base;
    gss_ctx_id_t gss;
    struct kerberos_tickets *tickets; /* client */
    gss_cred_id_t keytab;             /* server */
    gss_name_t target;                /* client */
    bool begun;
};

static void fill_bindings(const uint8_t *data, size_t size, struct gss_channel_bindings_struct *b)
{
    *b = (struct gss_channel_bindings_struct){
        .application_data = {size, (void *)(uintptr_t)data},
    };
}

static void take_session_key(struct kerberos_context *k)
{
    OM_uint32 minor;
    gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
    if (gss_inquire_sec_context_by_oid(&minor, k->gss, GSS_C_INQ_SSPI_SESSION_KEY, &set) ==
            GSS_S_COMPLETE &&
        set && set->count > 0 && set->elements[0].length <= sizeof k->base.session_key) {
        k->base.session_key_size = set->elements[0].length;
        memcpy(k->base.session_key, set->elements[0].value, set->elements[0].length);
    }
    for (size_t i = 0; set && i < set->count; i++) {
        secret_wipe(set->elements[i].value, set->elements[i].length);
    }
    (void)gss_release_buffer_set(&minor, &set);
}

static HRESULT name_text(gss_name_t name, char **ret)
{
    OM_uint32 minor, ignored;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    OM_uint32 major = gss_display_name(&minor, name, &text, NULL);
    if (GSS_ERROR(major)) {
        return kerberos_failed(major, minor, "Reading the peer's name", NULL);
    }
    *ret = strndup(text.value, text.length);
    (void)gss_release_buffer(&ignored, &text);
    return *ret ? S_OK : error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for a name.");
}

/* ---- client --------------------------------------------------------------------- */

static OM_uint32 client_flags(const struct auth_context *c)
{
    OM_uint32 flags =
        GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_INTEG_FLAG;
    flags |= c->level >= RPC_C_AUTHN_LEVEL_PKT_PRIVACY ? GSS_C_CONF_FLAG : 0;
    flags |= (c->flags & AUTH_DCE_STYLE) ? GSS_C_DCE_STYLE : 0;
    flags |= (c->flags & AUTH_IDENTIFY) ? GSS_C_IDENTIFY_FLAG : 0;
    flags |= (c->flags & AUTH_DELEGATE) ? GSS_C_DELEG_FLAG : 0;
    return flags;
}

static HRESULT begin_client(struct kerberos_context *k)
{
    k->begun = true;
    if (!k->base.target) {
        return error_raise(SEC_E_TARGET_UNKNOWN, "Kerberos", NULL,
                           "Kerberos needs the name of the service, such as host/server.example.");
    }
    HRESULT hr = kerberos_target(k->base.target, &k->target);
    return FAILED(hr) ? hr : kerberos_tickets_get(k->base.credentials, &k->tickets);
}

static HRESULT finish_client(struct kerberos_context *k, OM_uint32 got)
{
    OM_uint32 needed = client_flags(&k->base) &
                       (GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_CONF_FLAG | GSS_C_DCE_STYLE);
    if ((got & needed) != needed) {
        return error_raise(SEC_E_UNSUPPORTED_FUNCTION, "Kerberos", k->base.target,
                           "The server does not offer what is asked for (flags 0x%x of 0x%x).", got,
                           needed);
    }
    CLEANUP(com_cleanup_free) char *name = NULL;
    HRESULT hr = name_text(k->target, &name);
    if (SUCCEEDED(hr)) {
        take_session_key(k);
        hr = auth_context_set_peer(&k->base, "", "", name, "", k->base.target);
    }
    return hr;
}

/* What is within a token's frame (RFC 2743 section 3.1), if it is of that kind. */
static bool take_frame(gss_buffer_desc token, uint8_t kind, gss_buffer_desc *ret)
{
    struct der in = {token.value, token.length}, frame, oid;
    if (!der_take(&in, DER_APPLICATION_0, &frame) || !der_take(&frame, DER_OID, &oid) ||
        frame.size <= 2 || frame.at[0] != kind || frame.at[1] != 0) {
        return false;
    }
    *ret = (gss_buffer_desc){frame.size - 2, (void *)(uintptr_t)(frame.at + 2)};
    return true;
}

/* In DCE style MIT's library takes an AP-REP only, so a KRB-ERROR, framed or bare, is ours to read.
 * It is not authenticated: good for saying why, and nothing else. */
static OM_uint32 what_the_server_said(gss_buffer_desc token, OM_uint32 minor)
{
    gss_buffer_desc error = token;
    (void)take_frame(token, TOKEN_ERROR, &error);
    OM_uint32 code = error.length > 0 ? kerberos_read_error(error.value, error.length) : 0;
    return code ? code : minor;
}

static HRESULT client_step(struct auth_context *c, const uint8_t *in, size_t in_size,
                           struct buffer *out, bool *done)
{
    struct kerberos_context *k = (struct kerberos_context *)c;
    HRESULT hr = k->begun ? S_OK : begin_client(k);
    if (FAILED(hr)) {
        return hr;
    }
    gss_buffer_desc token = {in_size, (void *)(uintptr_t)in};
    struct gss_channel_bindings_struct bindings;
    fill_bindings(c->bindings, c->bindings_size, &bindings);
    gss_buffer_desc reply = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, ignored, got = 0;
    OM_uint32 major = gss_init_sec_context(
        &minor, k->tickets->cred, &k->gss, k->target, (gss_OID)(uintptr_t)&kerberos_oid,
        client_flags(c), 0, c->bindings ? &bindings : GSS_C_NO_CHANNEL_BINDINGS,
        in_size > 0 ? &token : GSS_C_NO_BUFFER, NULL, &reply, &got, NULL);
    buffer_put(out, reply.value, reply.length);
    (void)gss_release_buffer(&ignored, &reply);
    if (GSS_ERROR(major)) {
        return kerberos_failed(major, what_the_server_said(token, minor), "Authentication to",
                               c->target);
    }
    *done = major == GSS_S_COMPLETE;
    return *done ? finish_client(k, got) : S_OK;
}

/* ---- server --------------------------------------------------------------------------- */

static HRESULT check_server_name(struct kerberos_context *k, char **ret)
{
    const struct auth_acceptor *a = k->base.acceptor;
    OM_uint32 minor, ignored;
    gss_name_t name = GSS_C_NO_NAME;
    OM_uint32 major =
        gss_inquire_context(&minor, k->gss, NULL, &name, NULL, NULL, NULL, NULL, NULL);
    if (GSS_ERROR(major)) {
        return kerberos_failed(major, minor, "Reading the server's name", NULL);
    }
    HRESULT hr = name ? name_text(name, ret) : S_OK;
    (void)gss_release_name(&ignored, &name);
    if (FAILED(hr) || a->target_name == AUTH_PROTECTION_OFF ||
        (*ret && auth_target_is_ours(a, *ret))) {
        return hr;
    }
    return error_raise(SEC_E_WRONG_PRINCIPAL, "Kerberos", *ret,
                       "The client's ticket is for %s, which is not a name of this server.",
                       *ret ? *ret : "an unnamed server");
}

static HRESULT finish_server(struct kerberos_context *k, gss_name_t source, OM_uint32 got)
{
    struct auth_context *c = &k->base;
    CLEANUP(com_cleanup_free) char *name = NULL;
    CLEANUP(com_cleanup_free) char *user = NULL;
    CLEANUP(com_cleanup_free) char *target = NULL;
    if (c->acceptor->channel_binding == AUTH_PROTECTION_REQUIRE &&
        !(got & GSS_C_CHANNEL_BOUND_FLAG)) {
        return error_raise(SEC_E_BAD_BINDINGS, "Kerberos", NULL,
                           "The client says nothing of the channel, which the server requires.");
    }
    HRESULT hr = name_text(source, &name);
    if (FAILED(hr) || FAILED(hr = check_server_name(k, &target))) {
        return hr;
    }
    const char *at = strrchr(name, '@');
    user = strndup(name, at ? (size_t)(at - name) : strlen(name));
    if (!user) {
        return error_raise(E_OUTOFMEMORY, "Kerberos", NULL, "No memory for a name.");
    }
    c->peer.anonymous = (got & GSS_C_ANON_FLAG) != 0;
    c->peer.identify_only = (got & GSS_C_IDENTIFY_FLAG) != 0;
    if (c->peer.anonymous && !c->acceptor->allow_anonymous) {
        return error_raise(SEC_E_LOGON_DENIED, "Kerberos", NULL, "Anonymous users are not let in.");
    }
    take_session_key(k);
    return auth_context_set_peer(c, at ? at + 1 : "", user, name, "", target);
}

/* What accepting a token gives. */
struct acceptance {
    OM_uint32 minor, got;
    gss_name_t source;
    gss_buffer_desc reply;
};

static OM_uint32 accept_token(struct kerberos_context *k, gss_buffer_desc token,
                              struct acceptance *a)
{
    struct auth_context *c = &k->base;
    struct gss_channel_bindings_struct bindings;
    fill_bindings(c->acceptor->channel_bindings, c->acceptor->channel_bindings_size, &bindings);
    return gss_accept_sec_context(
        &a->minor, &k->gss, k->keytab, &token,
        c->acceptor->channel_binding == AUTH_PROTECTION_OFF ? GSS_C_NO_CHANNEL_BINDINGS : &bindings,
        &a->source, NULL, &a->reply, &a->got, NULL, NULL);
}

/* In DCE style a request has no frame; MIT's refuses one that has, which impacket sends, and
 * Windows takes it. By then it stands among those that have come, so it isn't looked up there
 * again. */
static HRESULT accept_without_frame(struct kerberos_context *k, gss_buffer_desc token,
                                    struct acceptance *a, OM_uint32 *major)
{
    gss_buffer_desc request;
    OM_uint32 ignored;
    if (!take_frame(token, TOKEN_REQUEST, &request)) {
        return S_OK;
    }
    (void)gss_delete_sec_context(&ignored, &k->gss, GSS_C_NO_BUFFER);
    (void)gss_release_cred(&ignored, &k->keytab);
    (void)gss_release_buffer(&ignored, &a->reply);
    HRESULT hr = kerberos_accept_acquire(k->base.acceptor->keytab, true, &k->keytab);
    if (SUCCEEDED(hr)) {
        *major = accept_token(k, request, a);
    }
    return hr;
}

static HRESULT server_step(struct auth_context *c, const uint8_t *in, size_t in_size,
                           struct buffer *out, bool *done)
{
    struct kerberos_context *k = (struct kerberos_context *)c;
    bool first = !k->begun;
    HRESULT hr = first ? kerberos_accept_acquire(c->acceptor->keytab, false, &k->keytab) : S_OK;
    if (FAILED(hr)) {
        return hr;
    }
    gss_buffer_desc token = {in_size, (void *)(uintptr_t)in};
    k->begun = true;
    struct acceptance a = {.source = GSS_C_NO_NAME};
    OM_uint32 ignored, major = accept_token(k, token, &a);
    if (first && GSS_ERROR(major) == GSS_S_DEFECTIVE_TOKEN) {
        hr = accept_without_frame(k, token, &a, &major);
    }
    buffer_put(out, a.reply.value, a.reply.length);
    (void)gss_release_buffer(&ignored, &a.reply);
    if (SUCCEEDED(hr) && GSS_ERROR(major)) {
        hr = kerberos_failed(major, a.minor, "Accepting a client", NULL);
    } else if (SUCCEEDED(hr) && major == GSS_S_COMPLETE) {
        *done = true;
        hr = finish_server(k, a.source, a.got);
    }
    if (a.source) {
        (void)gss_release_name(&ignored, &a.source);
    }
    return hr;
}

/* ---- messages ------------------------------------------------------------------------------ */

#define PARTS_MAX 4

static gss_iov_buffer_desc part(OM_uint32 type, const void *at, size_t size)
{
    return (gss_iov_buffer_desc){type, {size, (void *)(uintptr_t)at}};
}

/* The order is the one in which the parts are signed; the signature's place in it does not matter.
 * [MS-KILE] 3.4.5.4.1. */
static int fill_parts(const struct auth_context *c, bool privacy, const struct auth_message *m,
                      const void *signature, size_t signature_size,
                      gss_iov_buffer_desc parts[PARTS_MAX])
{
    int n = 0;
    if (c->header_signing && m->header_size > 0) {
        parts[n++] = part(GSS_IOV_BUFFER_TYPE_SIGN_ONLY, m->header, m->header_size);
    }
    parts[n++] = part(GSS_IOV_BUFFER_TYPE_DATA, m->body, m->body_size);
    if (c->header_signing && m->trailer_size > 0) {
        parts[n++] = part(GSS_IOV_BUFFER_TYPE_SIGN_ONLY, m->trailer, m->trailer_size);
    }
    parts[n++] = part(privacy ? GSS_IOV_BUFFER_TYPE_HEADER : GSS_IOV_BUFFER_TYPE_MIC_TOKEN,
                      signature, signature_size);
    return n;
}

static HRESULT signature_size(struct auth_context *c, bool privacy, size_t body_size, size_t *ret)
{
    struct kerberos_context *k = (struct kerberos_context *)c;
    const struct auth_message m = {.body_size = body_size};
    gss_iov_buffer_desc parts[PARTS_MAX];
    int n = fill_parts(c, privacy, &m, NULL, 0, parts);
    OM_uint32 minor;
    OM_uint32 major =
        privacy ? gss_wrap_iov_length(&minor, k->gss, 1, GSS_C_QOP_DEFAULT, NULL, parts, n)
                : gss_get_mic_iov_length(&minor, k->gss, GSS_C_QOP_DEFAULT, parts, n);
    if (GSS_ERROR(major)) {
        return kerberos_failed(major, minor, "Measuring a signature", NULL);
    }
    *ret = parts[n - 1].buffer.length;
    return *ret <= AUTH_SIGNATURE_MAX
               ? S_OK
               : error_raise(SEC_E_UNSUPPORTED_FUNCTION, "Kerberos", NULL,
                             "A signature of %zu bytes is more than was planned for.", *ret);
}

static HRESULT protect(struct auth_context *c, bool privacy, const struct auth_message *m,
                       uint8_t *signature, size_t size)
{
    struct kerberos_context *k = (struct kerberos_context *)c;
    size_t needed = 0;
    HRESULT hr = signature_size(c, privacy, m->body_size, &needed);
    if (FAILED(hr)) {
        return hr;
    }
    if (needed != size) {
        return error_raise(SEC_E_INVALID_TOKEN, "Kerberos", NULL,
                           "A signature has %zu bytes instead of %zu.", size, needed);
    }
    gss_iov_buffer_desc parts[PARTS_MAX];
    int n = fill_parts(c, privacy, m, signature, size, parts), sealed = 0;
    OM_uint32 minor;
    OM_uint32 major = privacy
                          ? gss_wrap_iov(&minor, k->gss, 1, GSS_C_QOP_DEFAULT, &sealed, parts, n)
                          : gss_get_mic_iov(&minor, k->gss, GSS_C_QOP_DEFAULT, parts, n);
    if (GSS_ERROR(major) || (privacy && !sealed)) {
        return kerberos_failed(major, minor, "Protecting a message", NULL);
    }
    return S_OK;
}

static HRESULT unprotect(struct auth_context *c, bool privacy, const struct auth_message *m,
                         const uint8_t *signature, size_t size)
{
    struct kerberos_context *k = (struct kerberos_context *)c;
    /* Decryption works on its header in place, so it gets a copy. */
    uint8_t copy[AUTH_SIGNATURE_MAX];
    if (size > sizeof copy) {
        return error_raise(SEC_E_INVALID_TOKEN, "Kerberos", NULL,
                           "A signature of %zu bytes is more than any that makes sense.", size);
    }
    memcpy(copy, signature, size);
    gss_iov_buffer_desc parts[PARTS_MAX];
    int n = fill_parts(c, privacy, m, copy, size, parts), sealed = 0;
    OM_uint32 minor;
    OM_uint32 major = privacy ? gss_unwrap_iov(&minor, k->gss, &sealed, NULL, parts, n)
                              : gss_verify_mic_iov(&minor, k->gss, NULL, parts, n);
    if (GSS_ERROR(major)) {
        /* Whatever the mechanism calls it: a token that does not fit its message. */
        HRESULT hr = kerberos_failed(major, minor, "Checking a message", NULL);
        return hr == SEC_E_CONTEXT_EXPIRED
                   ? hr
                   : error_raise(SEC_E_MESSAGE_ALTERED, "Kerberos", NULL,
                                 "The signature of a message is wrong: it was changed on its way.");
    }
    if (major != GSS_S_COMPLETE) {
        return error_raise(SEC_E_OUT_OF_SEQUENCE, "Kerberos", NULL,
                           "A message is not the one that was to come: one was lost or repeated.");
    }
    return !privacy || sealed ? S_OK
                              : error_raise(SEC_E_MESSAGE_ALTERED, "Kerberos", NULL,
                                            "A message that is to be encrypted is not.");
}

static void destroy(struct auth_context *c)
{
    struct kerberos_context *k = (struct kerberos_context *)c;
    OM_uint32 ignored;
    if (k->gss) {
        (void)gss_delete_sec_context(&ignored, &k->gss, GSS_C_NO_BUFFER);
    }
    if (k->target) {
        (void)gss_release_name(&ignored, &k->target);
    }
    if (k->keytab) {
        (void)gss_release_cred(&ignored, &k->keytab);
    }
    kerberos_tickets_unref(k->tickets);
    free(k);
}

HRESULT kerberos_client_new(struct auth_context **ret)
{
    static const struct auth_operations operations = {
        .step = client_step,
        .signature_size = signature_size,
        .protect = protect,
        .unprotect = unprotect,
        .destroy = destroy,
        .body_alignment = 16,
    };
    return auth_context_create(sizeof(struct kerberos_context), &operations, AUTH_KERBEROS, ret);
}

HRESULT kerberos_server_new(struct auth_context **ret)
{
    static const struct auth_operations operations = {
        .step = server_step,
        .signature_size = signature_size,
        .protect = protect,
        .unprotect = unprotect,
        .destroy = destroy,
        .body_alignment = 16,
    };
    return auth_context_create(sizeof(struct kerberos_context), &operations, AUTH_KERBEROS, ret);
}
