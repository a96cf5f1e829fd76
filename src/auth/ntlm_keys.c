/*
 * The keys of NTLMv2, [MS-NLMP] 3.3.2 and 3.1.5.1.2: from the password to the
 * key of the session. NTLMv1 and LM are not here: nobody should answer to them.
 */
#include "auth/ntlm.h"

#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <string.h>
#include <time.h>
#include <unicase.h>

void ntlm_hmac_md5(const uint8_t key[NTLM_KEY_SIZE], const struct ntlm_bytes *parts, size_t count,
                   uint8_t ret[16])
{
    struct hmac_md5_ctx h;
    hmac_md5_set_key(&h, NTLM_KEY_SIZE, key);
    for (size_t i = 0; i < count; i++) {
        hmac_md5_update(&h, parts[i].size, parts[i].at);
    }
    hmac_md5_digest(&h, 16, ret);
    secret_wipe(&h, sizeof h);
}

HRESULT auth_nt_hash(const char *password, uint8_t ret[AUTH_NT_HASH_SIZE])
{
    size_t size = strlen(password);
    /* Neither has more units than UTF-8 has bytes; both are wiped. */
    size_t wide_size = (size + 1) * sizeof(wchar_t), utf16_size = 2 * size + 2;
    wchar_t *wide = secret_alloc(wide_size);
    uint8_t *utf16 = secret_alloc(utf16_size);
    HRESULT hr = E_OUTOFMEMORY;
    if (wide && utf16) {
        size_t length = (size_t)(com_wide_put_utf8(wide, password, size) - wide);
        size_t bytes = (size_t)(com_utf16_put_wide(utf16, wide, length) - utf16);
        struct md4_ctx md4;
        md4_init(&md4);
        md4_update(&md4, bytes, utf16);
        md4_digest(&md4, AUTH_NT_HASH_SIZE, ret);
        secret_wipe(&md4, sizeof md4);
        hr = S_OK;
    }
    secret_free(wide, wide_size);
    secret_free(utf16, utf16_size);
    return hr;
}

/* Windows folds character by character (RtlUpcaseUnicodeString): no ß to SS, no language's rules.
 */
static HRESULT put_capitals(struct buffer *out, const char *user)
{
    CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(user);
    if (!wide) {
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for a name.");
    }
    size_t length = wcslen(wide);
    for (size_t i = 0; i < length; i++) {
        wide[i] = (wchar_t)uc_toupper((ucs4_t)wide[i]);
    }
    uint8_t *to = buffer_add(out, 2 * com_utf16_length_of_wide(wide, length));
    if (to) {
        (void)com_utf16_put_wide(to, wide, length);
    }
    return S_OK;
}

HRESULT ntlm_response_key(const uint8_t nt_hash[NTLM_KEY_SIZE], const char *user,
                          struct ntlm_bytes domain, uint8_t ret[NTLM_KEY_SIZE])
{
    CLEANUP(buffer_done) struct buffer name = {0};
    HRESULT hr = put_capitals(&name, user);
    if (SUCCEEDED(hr) && name.failed) {
        hr = error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for a name.");
    }
    if (FAILED(hr)) {
        return hr;
    }
    const struct ntlm_bytes parts[] = {{name.bytes, name.size}, domain};
    ntlm_hmac_md5(nt_hash, parts, ARRAYSIZE(parts), ret);
    return S_OK;
}

void ntlm_proof(const uint8_t response_key[NTLM_KEY_SIZE],
                const uint8_t challenge[NTLM_CHALLENGE_SIZE], struct ntlm_bytes temp,
                uint8_t ret[NTLM_PROOF_SIZE])
{
    const struct ntlm_bytes parts[] = {{challenge, NTLM_CHALLENGE_SIZE}, temp};
    ntlm_hmac_md5(response_key, parts, ARRAYSIZE(parts), ret);
}

void ntlm_session_base_key(const uint8_t response_key[NTLM_KEY_SIZE],
                           const uint8_t proof[NTLM_PROOF_SIZE], uint8_t ret[NTLM_KEY_SIZE])
{
    ntlm_hmac_md5(response_key, &(struct ntlm_bytes){proof, NTLM_PROOF_SIZE}, 1, ret);
}

void ntlm_rc4(const uint8_t key[NTLM_KEY_SIZE], const uint8_t *in, size_t size, uint8_t *out)
{
    struct arcfour_ctx rc4;
    arcfour_set_key(&rc4, NTLM_KEY_SIZE, key);
    arcfour_crypt(&rc4, size, out, in);
    secret_wipe(&rc4, sizeof rc4);
}

void ntlm_mic(const uint8_t session_key[NTLM_KEY_SIZE], struct ntlm_bytes negotiate,
              struct ntlm_bytes challenge, struct ntlm_bytes authenticate,
              uint8_t ret[NTLM_MIC_SIZE])
{
    static const uint8_t zero[NTLM_MIC_SIZE];
    /* The MIC stands as zeros while it is computed. */
    const size_t after = NTLM_MIC_OFFSET + NTLM_MIC_SIZE;
    const struct ntlm_bytes parts[] = {
        negotiate,
        challenge,
        {authenticate.at, NTLM_MIC_OFFSET},
        {zero, sizeof zero},
        {authenticate.at + after, authenticate.size - after},
    };
    ntlm_hmac_md5(session_key, parts, ARRAYSIZE(parts), ret);
}

void ntlm_channel_bindings_hash(const uint8_t *data, size_t size, uint8_t ret[16])
{
    /* gss_channel_bindings_struct as RFC 4121 4.1.1.2 lays it out: no addresses, then the data. */
    uint8_t head[20] = {0};
    put_u32(head + 16, (uint32_t)size);
    struct md5_ctx md5;
    md5_init(&md5);
    md5_update(&md5, sizeof head, head);
    md5_update(&md5, size, data);
    md5_digest(&md5, 16, ret);
}

uint64_t ntlm_time_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return ((uint64_t)now.tv_sec + 11644473600u) * 10000000u + (uint64_t)now.tv_nsec / 100u;
}
