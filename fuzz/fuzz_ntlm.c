/*
 * NTLM's messages to both sides: the first byte says to which, at which leg.
 * What is read lies within the message, and no message made without the
 * password gets anybody in.
 */
#include "fuzz.h"

#include "auth/ntlm.h"

#include <rpcdce.h>
#include <string.h>

static HRESULT lookup(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    memset(hash, 7, 16);
    return S_OK;
}

static const struct auth_acceptor acceptor = {
    .lookup = lookup,
    .netbios_computer = "SERVER",
    .target_name = AUTH_PROTECTION_ALLOW,
    .channel_binding = AUTH_PROTECTION_ALLOW,
};

static void check_bytes(const uint8_t *data, size_t size, struct ntlm_bytes part)
{
    FUZZ_ASSERT(part.size == 0 || (part.at >= data && part.size <= size &&
                                   (size_t)(part.at - data) <= size - part.size));
}

static void read_all(const uint8_t *data, size_t size)
{
    struct ntlm_negotiate n;
    struct ntlm_challenge c;
    struct ntlm_authenticate a;
    if (SUCCEEDED(ntlm_read_negotiate(data, size, &n))) {
        check_bytes(data, size, n.domain);
        check_bytes(data, size, n.workstation);
    }
    if (SUCCEEDED(ntlm_read_challenge(data, size, &c))) {
        check_bytes(data, size, c.target_name);
        check_bytes(data, size, c.target_info);
        struct buffer out = {0};
        struct ntlm_challenge again;
        ntlm_write_challenge(&out, &c);
        FUZZ_ASSERT(!out.failed);
        FUZZ_ASSERT(SUCCEEDED(ntlm_read_challenge(out.bytes, out.size, &again)));
        FUZZ_ASSERT(again.flags == c.flags && again.target_info.size == c.target_info.size);
        buffer_done(&out);
    }
    if (SUCCEEDED(ntlm_read_authenticate(data, size, &a))) {
        const struct ntlm_bytes parts[] = {a.lm, a.nt, a.domain, a.user, a.workstation, a.key};
        for (size_t i = 0; i < ARRAYSIZE(parts); i++) {
            check_bytes(data, size, parts[i]);
        }
    }
}

static void to_client(const uint8_t *data, size_t size)
{
    struct auth_credentials *credentials = NULL;
    struct auth_context *c = NULL;
    struct buffer out = {0};
    bool done;
    FUZZ_ASSERT(SUCCEEDED(auth_credentials_parse("D\\user", "password", false, &credentials)));
    FUZZ_ASSERT(SUCCEEDED(auth_client_new(AUTH_NTLM, credentials, "host/server",
                                          RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE, &c)));
    FUZZ_ASSERT(SUCCEEDED(auth_step(c, NULL, 0, &out, &done)));
    buffer_done(&out);
    if (SUCCEEDED(auth_step(c, data, size, &out, &done))) {
        struct ntlm_authenticate a;
        FUZZ_ASSERT(done);
        FUZZ_ASSERT(SUCCEEDED(ntlm_read_authenticate(out.bytes, out.size, &a)));
        uint8_t signature[16];
        FUZZ_ASSERT(FAILED(
            auth_unprotect(c, true, NULL, 0, NULL, 0, NULL, 0, data, size < 16 ? size : 16)));
        FUZZ_ASSERT(FAILED(auth_protect(c, true, NULL, 0, NULL, 0, NULL, 0, signature, 16)));
    }
    buffer_done(&out);
    auth_context_destroy(c);
    auth_credentials_unref(credentials);
}

static void to_server(const uint8_t *data, size_t size, bool second)
{
    static const struct ntlm_negotiate hello = {.flags = NTLM_UNICODE | NTLM_EXTENDED_SECURITY |
                                                         NTLM_128 | NTLM_SIGN | NTLM_KEY_EXCH};
    struct auth_context *s = NULL;
    struct buffer in = {0}, out = {0};
    bool done;
    FUZZ_ASSERT(SUCCEEDED(auth_server_new(AUTH_NTLM, &acceptor, &s)));
    if (second) {
        ntlm_write_negotiate(&in, &hello, 0);
        FUZZ_ASSERT(SUCCEEDED(auth_step(s, in.bytes, in.size, &out, &done)));
        buffer_done(&out);
    }
    HRESULT hr = auth_step(s, data, size, &out, &done);
    FUZZ_ASSERT(!done && auth_peer(s) == NULL);
    FUZZ_ASSERT(second ? FAILED(hr) : FAILED(hr) || out.size > 0);
    buffer_done(&in);
    buffer_done(&out);
    auth_context_destroy(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    uint8_t kind = data[0] % 3;
    read_all(data + 1, size - 1);
    if (kind == 0) {
        to_client(data + 1, size - 1);
    } else {
        to_server(data + 1, size - 1, kind == 2);
    }
    (void)SetErrorInfo(0, NULL);
    return 0;
}
