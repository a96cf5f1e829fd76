/*
 * Signatures and encryption of an NTLM session with extended session security
 * and 128 bits, [MS-NLMP] 3.4: each direction has its keys, its RC4 stream and
 * its count of messages.
 */
#include "auth/ntlm.h"

#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <string.h>

/* SIGNKEY and SEALKEY, [MS-NLMP] 3.4.5.2 and 3.4.5.3; the text's terminator counts. */
static void derive(const uint8_t key[NTLM_KEY_SIZE], const char *magic, uint8_t ret[NTLM_KEY_SIZE])
{
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, NTLM_KEY_SIZE, key);
    md5_update(&md5, strlen(magic) + 1, (const uint8_t *)magic);
    md5_digest(&md5, NTLM_KEY_SIZE, ret);
    secret_wipe(&md5, sizeof md5);
}

static void direction_init(struct ntlm_direction *d, const uint8_t key[NTLM_KEY_SIZE],
                           bool from_client)
{
    derive(key,
           from_client ? "session key to client-to-server signing key magic constant"
                       : "session key to server-to-client signing key magic constant",
           d->sign_key);
    derive(key,
           from_client ? "session key to client-to-server sealing key magic constant"
                       : "session key to server-to-client sealing key magic constant",
           d->seal_key);
    arcfour_set_key(&d->stream, NTLM_KEY_SIZE, d->seal_key);
    d->number = 0;
}

void ntlm_session_init(struct ntlm_session *s, const uint8_t key[NTLM_KEY_SIZE], uint32_t flags,
                       bool client)
{
    s->key_exchange = (flags & NTLM_KEY_EXCH) != 0;
    direction_init(&s->send, key, client);
    direction_init(&s->receive, key, !client);
}

/* [MS-NLMP] 3.4.4.2: HMAC_MD5 of number and message, of which eight bytes count. */
static void checksum(const struct ntlm_direction *d, const struct auth_message *m, uint8_t ret[16])
{
    uint8_t number[4];
    put_u32(number, d->number);
    const struct ntlm_bytes parts[] = {
        {number, sizeof number},
        {m->header, m->header_size},
        {m->body, m->body_size},
        {m->trailer, m->trailer_size},
    };
    ntlm_hmac_md5(d->sign_key, parts, ARRAYSIZE(parts), ret);
}

/* NTLMSSP_MESSAGE_SIGNATURE for extended session security, [MS-NLMP] 2.2.2.9.2. */
static void put_signature(uint8_t signature[NTLM_SIGNATURE_SIZE], const uint8_t sum[8],
                          uint32_t number)
{
    put_u32(signature, 1);
    memcpy(signature + 4, sum, 8);
    put_u32(signature + 12, number);
}

void ntlm_session_seal(struct ntlm_session *s, bool privacy, const struct auth_message *m,
                       uint8_t signature[NTLM_SIGNATURE_SIZE])
{
    struct ntlm_direction *d = &s->send;
    uint8_t sum[16];
    checksum(d, m, sum);
    if (privacy) {
        arcfour_crypt(&d->stream, m->body_size, m->body, m->body);
    }
    if (s->key_exchange) {
        arcfour_crypt(&d->stream, 8, sum, sum);
    }
    put_signature(signature, sum, d->number);
    d->number++;
}

HRESULT ntlm_session_unseal(struct ntlm_session *s, bool privacy, const struct auth_message *m,
                            const uint8_t signature[NTLM_SIGNATURE_SIZE])
{
    struct ntlm_direction *d = &s->receive;
    uint8_t sum[16], expected[NTLM_SIGNATURE_SIZE];
    if (privacy) {
        arcfour_crypt(&d->stream, m->body_size, m->body, m->body);
    }
    checksum(d, m, sum);
    if (s->key_exchange) {
        arcfour_crypt(&d->stream, 8, sum, sum);
    }
    put_signature(expected, sum, d->number);
    if (!auth_equal(expected, signature, sizeof expected)) {
        if (get_u32(signature + 12) != d->number) {
            return error_raise(SEC_E_OUT_OF_SEQUENCE, "NTLM", NULL,
                               "A message has the number %u where %u was to come: one was lost, "
                               "repeated or changed.",
                               get_u32(signature + 12), d->number);
        }
        return error_raise(SEC_E_MESSAGE_ALTERED, "NTLM", NULL,
                           "The signature of message %u is wrong: it was changed on its way, or "
                           "the peer has another key.",
                           d->number);
    }
    d->number++;
    return S_OK;
}

/* ---- as the operations of a context ---------------------------------------------- */

void ntlm_context_finish(struct ntlm_context *n, const uint8_t key[NTLM_KEY_SIZE])
{
    memcpy(n->base.session_key, key, NTLM_KEY_SIZE);
    n->base.session_key_size = NTLM_KEY_SIZE;
    ntlm_session_init(&n->session, key, n->flags, n->base.client);
}

HRESULT ntlm_signature_size(struct auth_context *c, bool privacy, size_t body_size, size_t *ret)
{
    *ret = NTLM_SIGNATURE_SIZE;
    return S_OK;
}

static HRESULT check_size(size_t signature_size)
{
    return signature_size == NTLM_SIGNATURE_SIZE
               ? S_OK
               : error_raise(SEC_E_INVALID_TOKEN, "NTLM", NULL,
                             "A signature has %zu bytes instead of 16.", signature_size);
}

HRESULT ntlm_protect(struct auth_context *c, bool privacy, const struct auth_message *m,
                     uint8_t *signature, size_t signature_size)
{
    HRESULT hr = check_size(signature_size);
    if (SUCCEEDED(hr)) {
        ntlm_session_seal(&((struct ntlm_context *)c)->session, privacy, m, signature);
    }
    return hr;
}

HRESULT ntlm_unprotect(struct auth_context *c, bool privacy, const struct auth_message *m,
                       const uint8_t *signature, size_t signature_size)
{
    HRESULT hr = check_size(signature_size);
    return FAILED(hr)
               ? hr
               : ntlm_session_unseal(&((struct ntlm_context *)c)->session, privacy, m, signature);
}

void ntlm_restart_signing(struct auth_context *c)
{
    struct ntlm_session *s = &((struct ntlm_context *)c)->session;
    arcfour_set_key(&s->send.stream, NTLM_KEY_SIZE, s->send.seal_key);
    arcfour_set_key(&s->receive.stream, NTLM_KEY_SIZE, s->receive.seal_key);
}

void ntlm_context_destroy(struct auth_context *c)
{
    struct ntlm_context *n = (struct ntlm_context *)c;
    buffer_done(&n->negotiate);
    buffer_done(&n->challenge);
    secret_wipe(&n->session, sizeof n->session);
    free(n);
}
