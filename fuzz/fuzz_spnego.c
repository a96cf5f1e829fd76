/*
 * SPNEGO's tokens to both sides, with NTLM inside: what is read lies within the
 * token and comes back when it is written; nobody gets in.
 */
#include "fuzz.h"

#include "auth/spnego.h"

#include <rpcdce.h>
#include <string.h>

static HRESULT lookup(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    memset(hash, 7, 16);
    return S_OK;
}

static const struct auth_acceptor acceptor = {.lookup = lookup, .netbios_computer = "SERVER"};

static void check_part(const uint8_t *data, size_t size, struct der part)
{
    FUZZ_ASSERT(part.at == NULL || (part.at >= data && part.size <= size &&
                                    (size_t)(part.at - data) <= size - part.size));
}

static void read_init(const uint8_t *data, size_t size)
{
    struct spnego_init m, again;
    struct buffer out = {0};
    if (FAILED(spnego_read_init(data, size, &m))) {
        return;
    }
    FUZZ_ASSERT(m.mech_count > 0 && m.mech_count <= SPNEGO_MECHS_MAX);
    check_part(data, size, m.mech_list);
    check_part(data, size, m.token);
    check_part(data, size, m.mic);
    spnego_write_init(&out, &m, false);
    FUZZ_ASSERT(!out.failed && SUCCEEDED(spnego_read_init(out.bytes, out.size, &again)));
    FUZZ_ASSERT(again.mech_count == m.mech_count && again.token.size == m.token.size);
    FUZZ_ASSERT(memcmp(again.mechs, m.mechs, sizeof m.mechs) == 0);
    buffer_done(&out);
}

static void read_response(const uint8_t *data, size_t size)
{
    struct spnego_response m, again;
    struct buffer out = {0};
    if (FAILED(spnego_read_response(data, size, &m))) {
        return;
    }
    check_part(data, size, m.token);
    check_part(data, size, m.mic);
    spnego_write_response(&out, &m);
    FUZZ_ASSERT(!out.failed && SUCCEEDED(spnego_read_response(out.bytes, out.size, &again)));
    FUZZ_ASSERT(again.state == m.state && again.has_mech == m.has_mech && again.mech == m.mech);
    FUZZ_ASSERT(again.token.size == m.token.size && again.mic.size == m.mic.size);
    buffer_done(&out);
}

/* Two tokens, as an outsider could send them: the first byte is the size of the first. */
static void talk(struct auth_context *c, bool client, const uint8_t *data, size_t size)
{
    struct buffer out = {0};
    bool done = false;
    size_t first = size > 0 ? data[0] : 0;
    first = first < size ? first : size;
    if (client) {
        FUZZ_ASSERT(SUCCEEDED(auth_step(c, NULL, 0, &out, &done)));
    }
    if (size > 0 && SUCCEEDED(auth_step(c, data + 1, first > 0 ? first - 1 : 0, &out, &done))) {
        (void)auth_step(c, data + first, size - first, &out, &done);
    }
    FUZZ_ASSERT(!done);
    buffer_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct auth_credentials *credentials = NULL;
    struct auth_context *client = NULL, *server = NULL;
    read_init(data, size);
    read_response(data, size);
    FUZZ_ASSERT(SUCCEEDED(auth_credentials_parse("D\\user", "password", false, &credentials)));
    /* No target, so no Kerberos: nothing here may ask a KDC. */
    FUZZ_ASSERT(SUCCEEDED(auth_client_new(AUTH_SPNEGO, credentials, NULL,
                                          RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE, &client)));
    FUZZ_ASSERT(SUCCEEDED(auth_server_new(AUTH_SPNEGO, &acceptor, &server)));
    talk(client, true, data, size);
    talk(server, false, data, size);
    auth_context_destroy(client);
    auth_context_destroy(server);
    auth_credentials_unref(credentials);
    (void)SetErrorInfo(0, NULL);
    return 0;
}
