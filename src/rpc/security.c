/*
 * A protected fragment:
 *
 *     header | stub ... | pad to 16 | sec_trailer (8) | signature
 *     `--------- frag_length -------------------------------------'
 *              `- encrypted at privacy -'
 *
 * Header and trailer are signed along, as far as the mechanism does so.
 */
#include "rpc/security.h"

#include "com/com.h"
#include "object/bytes.h"

#include <string.h>

void security_destroy(struct security *s)
{
    if (s) {
        auth_context_destroy(s->context);
        free(s);
    }
}

static bool is_private(const struct security *s)
{
    return s->level == RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
}

HRESULT security_room(struct security *s, size_t fragment_max, size_t header_size, size_t *ret)
{
    size_t reserved = header_size;
    if (security_signs(s)) {
        size_t signature;
        HRESULT hr =
            auth_signature_size(s->context, is_private(s), fragment_max & ~(size_t)15, &signature);
        if (FAILED(hr)) {
            return hr;
        }
        reserved += PDU_TRAILER_SIZE + signature;
    }
    if (fragment_max < reserved + 16) {
        return HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR);
    }
    *ret = (fragment_max - reserved) & ~(size_t)15;
    return S_OK;
}

HRESULT security_protect(struct security *s, uint8_t *pdu, size_t header_size, size_t body_size,
                         size_t *size)
{
    *size = header_size + body_size;
    if (!security_signs(s)) {
        pdu_put_lengths(pdu, *size, 0);
        return S_OK;
    }
    size_t pad = (0 - body_size) & 15, signature;
    uint8_t *body = pdu + header_size, *trailer = body + body_size + pad;
    memset(body + body_size, 0, pad);
    trailer[0] = s->type;
    trailer[1] = s->level;
    trailer[2] = (uint8_t)pad;
    trailer[3] = 0;
    put_u32(trailer + 4, s->id);
    HRESULT hr = auth_signature_size(s->context, is_private(s), body_size + pad, &signature);
    if (FAILED(hr)) {
        return hr;
    }
    *size += pad + PDU_TRAILER_SIZE + signature;
    if (*size > PDU_FRAGMENT_SIZE) {
        return HRESULT_FROM_WIN32(RPC_S_SEC_PKG_ERROR);
    }
    pdu_put_lengths(pdu, *size, signature);
    return auth_protect(s->context, is_private(s), pdu, header_size, body, body_size + pad, trailer,
                        PDU_TRAILER_SIZE, trailer + PDU_TRAILER_SIZE, signature);
}

HRESULT security_unprotect(struct security *s, struct pdu *p, size_t header_size, size_t *stub_size)
{
    if (p->body_end < header_size || p->auth_pad > p->body_end - header_size) {
        return HRESULT_FROM_WIN32(RPC_S_PROTOCOL_ERROR);
    }
    *stub_size = p->body_end - header_size - p->auth_pad;
    if (!security_signs(s)) {
        return S_OK;
    }
    if (p->auth_length == 0 || p->auth_type != s->type || p->auth_level != s->level) {
        return E_ACCESSDENIED;
    }
    return auth_unprotect(s->context, is_private(s), p->bytes, header_size, p->bytes + header_size,
                          p->body_end - header_size, p->bytes + p->body_end, PDU_TRAILER_SIZE,
                          p->token, p->auth_length);
}
