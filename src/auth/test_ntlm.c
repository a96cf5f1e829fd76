/*
 * NTLM's client and server against each other, and each against what a peer or
 * somebody between could do.
 */
#include "auth/ntlm.h"
#include "auth/test_pair.h"

#include <strings.h>

static const char password[] = "pa\xc3\x9fw\xc3\xb6rd \xf0\x9f\x94\x91";

/* One user: EXAMPLE\Jörg. */
static HRESULT lookup(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    if (strcasecmp(domain, "EXAMPLE") != 0 && *domain) {
        return S_FALSE;
    }
    return strcmp(user, "J\xc3\xb6rg") == 0 ? auth_nt_hash(password, hash) : S_FALSE;
}

static const struct auth_acceptor plain_acceptor = {.lookup = lookup, .netbios_computer = "SERVER"};

static void setup(struct pair *p, const char *user, const char *secret, unsigned level,
                  const struct auth_acceptor *acceptor)
{
    struct auth_credentials *c = NULL;
    *p = (struct pair){0};
    assert_int_equal(auth_credentials_password("EXAMPLE", user, secret, &c), S_OK);
    assert_int_equal(
        auth_client_new(AUTH_NTLM, c, "RPCSS/server", level, AUTH_DCE_STYLE, &p->client), S_OK);
    assert_int_equal(auth_server_new(AUTH_NTLM, acceptor, &p->server), S_OK);
    auth_credentials_unref(c);
}

static void test_handshake(void **state)
{
    for (unsigned level = RPC_C_AUTHN_LEVEL_CONNECT; level <= RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
         level++) {
        bool privacy = level == RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
        CLEANUP(pair_done) struct pair p;
        setup(&p, "J\xc3\xb6rg", password, level, &plain_acceptor);
        assert_null(auth_peer(p.server));
        pair_talk(&p);
        assert_int_equal(p.client_hr, S_OK);
        assert_int_equal(p.server_hr, S_OK);
        assert_int_equal(p.legs, 3);
        const struct auth_principal *who = auth_peer(p.server);
        assert_non_null(who);
        assert_string_equal(who->name, "EXAMPLE\\J\xc3\xb6rg");
        assert_string_equal(who->target, "RPCSS/server");
        assert_false(who->anonymous);
        for (size_t size = 0; size < 100; size += 33) {
            pair_send(p.client, p.server, privacy, size);
            pair_send(p.server, p.client, privacy, size);
            pair_send(p.server, p.client, privacy, 3 * size);
        }
        size_t a, b;
        assert_memory_equal(auth_session_key(p.client, &a), auth_session_key(p.server, &b), 16);
        assert_int_equal(a, b);
    }
}

static void test_nt_hash(void **state)
{
    struct auth_credentials *c = NULL;
    CLEANUP(pair_done) struct pair p = {0};
    uint8_t hash[16];
    assert_int_equal(auth_nt_hash(password, hash), S_OK);
    assert_int_equal(auth_credentials_nt_hash(NULL, "J\xc3\xb6rg", hash, &c), S_OK);
    assert_int_equal(auth_client_new(AUTH_NTLM, c, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                     AUTH_IDENTIFY, &p.client),
                     S_OK);
    auth_credentials_unref(c);
    assert_int_equal(auth_server_new(AUTH_NTLM, &plain_acceptor, &p.server), S_OK);
    pair_talk(&p);
    assert_int_equal(p.server_hr, S_OK);
    assert_string_equal(auth_peer(p.server)->name, "J\xc3\xb6rg");
    assert_string_equal(auth_peer(p.server)->target, "");
    assert_true(auth_peer(p.server)->identify_only);
}

/* What an outsider sees of an unknown user and of a wrong password is the same. */
static void test_wrong(void **state)
{
    static const struct {
        const char *user, *secret;
    } wrong[] = {{"J\xc3\xb6rg", "password"}, {"nobody", password}, {"J\xc3\xb6rg", ""}};
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, wrong[i].user, wrong[i].secret, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &plain_acceptor);
        pair_talk(&p);
        assert_int_equal(p.server_hr, SEC_E_LOGON_DENIED);
        assert_null(auth_peer(p.server));
        size_t size;
        (void)auth_session_key(p.server, &size);
        assert_int_equal(size, 0);
        CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
        CLEANUP(com_cleanup_bstr) BSTR text = NULL;
        assert_int_equal(GetErrorInfo(0, &info), S_OK);
        assert_int_equal(info->lpVtbl->GetDescription(info, &text), S_OK);
        assert_true(wcsstr(text, L"The user name or the password is wrong.") != NULL);
        /* Over is over: no second guess against the same challenge. */
        CLEANUP(buffer_done) struct buffer out = {0};
        bool done;
        assert_int_equal(auth_step(p.server, "x", 1, &out, &done), SEC_E_INVALID_HANDLE);
    }
}

static HRESULT lookup_any(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    return auth_nt_hash(password, hash);
}

/* DOMAIN\user is put together from two texts of the client's. */
static void test_names_that_read_as_another(void **state)
{
    static const struct auth_acceptor any = {.lookup = lookup_any, .netbios_computer = "SERVER"};
    static const struct {
        const char *user;
        HRESULT hr;
    } users[] = {{"jane", S_OK}, {"ADMIN\\jane", SEC_E_INVALID_TOKEN}, {"\\", SEC_E_INVALID_TOKEN}};
    for (size_t i = 0; i < ARRAYSIZE(users); i++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, users[i].user, password, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &any);
        pair_talk(&p);
        assert_int_equal(p.server_hr, users[i].hr);
        assert_true((auth_peer(p.server) != NULL) == SUCCEEDED(users[i].hr));
    }
}

static void test_damaged_messages(void **state)
{
    for (unsigned part = 0; part < 4; part++) {
        for (unsigned privacy = 0; privacy < 2; privacy++) {
            CLEANUP(pair_done) struct pair p;
            setup(&p, "J\xc3\xb6rg", password, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &plain_acceptor);
            pair_talk(&p);
            pair_send(p.client, p.server, privacy, 40);
            assert_int_equal(pair_send_damaged(p.client, p.server, privacy, part),
                             SEC_E_MESSAGE_ALTERED);
            /* The streams are out of step: nothing more is taken. */
            uint8_t signature[16] = {0};
            assert_int_equal(auth_unprotect(p.server, privacy, NULL, 0, NULL, 0, NULL, 0, signature,
                                            sizeof signature),
                             SEC_E_INVALID_HANDLE);
        }
    }
}

static void test_replayed_message(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, "J\xc3\xb6rg", password, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, &plain_acceptor);
    pair_talk(&p);
    uint8_t body[8] = {1}, signature[16];
    assert_int_equal(auth_protect(p.client, false, NULL, 0, body, 8, NULL, 0, signature, 16), S_OK);
    assert_int_equal(auth_unprotect(p.server, false, NULL, 0, body, 8, NULL, 0, signature, 16),
                     S_OK);
    assert_int_equal(auth_unprotect(p.server, false, NULL, 0, body, 8, NULL, 0, signature, 16),
                     SEC_E_OUT_OF_SEQUENCE);
}

static void test_not_before_done(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, "J\xc3\xb6rg", password, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &plain_acceptor);
    uint8_t body[8] = {0}, signature[16];
    assert_int_equal(auth_protect(p.client, true, NULL, 0, body, 8, NULL, 0, signature, 16),
                     SEC_E_INVALID_HANDLE);
    pair_talk(&p);
    assert_int_equal(auth_protect(p.client, true, NULL, 0, body, 8, NULL, 0, signature, 12),
                     SEC_E_INVALID_TOKEN);
}

/* ---- somebody between ------------------------------------------------------------ */

static void drop_128(unsigned leg, struct buffer *token)
{
    if (leg == 2) {
        put_u32(token->bytes + 20, get_u32(token->bytes + 20) & ~NTLM_128);
    }
}

static void drop_seal(unsigned leg, struct buffer *token)
{
    if (leg == 1) {
        put_u32(token->bytes + 12, get_u32(token->bytes + 12) & ~NTLM_SEAL);
    }
}

static void drop_extended_security(unsigned leg, struct buffer *token)
{
    if (leg == 1) {
        put_u32(token->bytes + 12, get_u32(token->bytes + 12) & ~NTLM_EXTENDED_SECURITY);
    }
}

static void drop_target_info(unsigned leg, struct buffer *token)
{
    if (leg == 2) {
        put_u32(token->bytes + 40, 0);
    }
}

/* What the MIC is for: a change that neither side would see. */
static void change_version(unsigned leg, struct buffer *token)
{
    if (leg == 1) {
        token->bytes[32] ^= 1;
    }
}

static void change_workstation(unsigned leg, struct buffer *token)
{
    if (leg == 3) {
        size_t at = get_u32(token->bytes + 12 + 8 * 4 + 4);
        token->bytes[at] ^= 1;
    }
}

static void remove_mic(unsigned leg, struct buffer *token)
{
    if (leg == 3) {
        memset(token->bytes + NTLM_MIC_OFFSET, 0, NTLM_MIC_SIZE);
    }
}

/* The promise of a MIC stands under the proof. */
static void remove_mic_flag(unsigned leg, struct buffer *token)
{
    if (leg == 3) {
        uint8_t pair[] = {NTLM_AV_FLAGS, 0, 4, 0, NTLM_AV_FLAG_MIC, 0, 0, 0};
        uint8_t *at = memmem(token->bytes, token->size, pair, sizeof pair);
        assert_non_null(at);
        at[4] = 0;
    }
}

static void cut(unsigned leg, struct buffer *token)
{
    if (leg == 3) {
        token->size -= 5;
    }
}

static void test_meddling(void **state)
{
    static const struct {
        void (*meddle)(unsigned leg, struct buffer *token);
        bool by_client;
        HRESULT hr;
    } cases[] = {
        {drop_128, true, SEC_E_UNSUPPORTED_FUNCTION},
        {drop_seal, true, SEC_E_UNSUPPORTED_FUNCTION},
        {drop_extended_security, false, SEC_E_UNSUPPORTED_FUNCTION},
        {drop_target_info, true, SEC_E_UNSUPPORTED_FUNCTION},
        {change_version, false, SEC_E_MESSAGE_ALTERED},
        {change_workstation, false, SEC_E_MESSAGE_ALTERED},
        {remove_mic, false, SEC_E_MESSAGE_ALTERED},
        {remove_mic_flag, false, SEC_E_LOGON_DENIED},
        {cut, false, SEC_E_INVALID_TOKEN},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, "J\xc3\xb6rg", password, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &plain_acceptor);
        p.meddle = cases[i].meddle;
        pair_talk(&p);
        assert_int_equal(cases[i].by_client ? p.client_hr : p.server_hr, cases[i].hr);
    }
}

/* ---- policies of the server ---------------------------------------------------------- */

static void test_anonymous(void **state)
{
    for (unsigned allowed = 0; allowed < 2; allowed++) {
        struct auth_acceptor a = plain_acceptor;
        a.allow_anonymous = allowed;
        struct auth_credentials *c = NULL;
        CLEANUP(pair_done) struct pair p = {0};
        assert_int_equal(auth_credentials_anonymous(&c), S_OK);
        assert_int_equal(
            auth_client_new(AUTH_NTLM, c, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, 0, &p.client), S_OK);
        auth_credentials_unref(c);
        assert_int_equal(auth_server_new(AUTH_NTLM, &a, &p.server), S_OK);
        pair_talk(&p);
        assert_int_equal(p.server_hr, allowed ? S_OK : SEC_E_LOGON_DENIED);
        if (allowed) {
            assert_true(auth_peer(p.server)->anonymous);
            pair_send(p.client, p.server, true, 64);
        }
    }
}

static void test_target_name(void **state)
{
    static const char *const ours[] = {"host/server", "RPCSS/SERVER", NULL};
    static const char *const by_host[] = {"server", NULL};
    static const char *const others[] = {"RPCSS/other", "serve", "HTTP/server", NULL};
    static const struct {
        const char *const *names;
        HRESULT hr;
    } cases[] = {{ours, S_OK}, {by_host, S_OK}, {others, SEC_E_WRONG_PRINCIPAL}};
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        struct auth_acceptor a = plain_acceptor;
        a.target_name = AUTH_PROTECTION_ALLOW;
        a.target_names = cases[i].names;
        CLEANUP(pair_done) struct pair p;
        setup(&p, "J\xc3\xb6rg", password, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &a);
        pair_talk(&p);
        assert_int_equal(p.server_hr, cases[i].hr);
    }
}

static void test_channel_bindings(void **state)
{
    static const uint8_t channel[] = "tls-server-end-point:0123456789abcdef";
    static const struct {
        enum auth_protection policy;
        const char *client;
        HRESULT hr;
    } cases[] = {
        {AUTH_PROTECTION_OFF, "another", S_OK},
        {AUTH_PROTECTION_ALLOW, NULL, S_OK},
        {AUTH_PROTECTION_ALLOW, "another", SEC_E_BAD_BINDINGS},
        {AUTH_PROTECTION_ALLOW, (const char *)channel, S_OK},
        {AUTH_PROTECTION_REQUIRE, NULL, SEC_E_BAD_BINDINGS},
        {AUTH_PROTECTION_REQUIRE, (const char *)channel, S_OK},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        struct auth_acceptor a = plain_acceptor;
        a.channel_binding = cases[i].policy;
        a.channel_bindings = channel;
        a.channel_bindings_size = sizeof channel - 1;
        CLEANUP(pair_done) struct pair p;
        setup(&p, "J\xc3\xb6rg", password, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &a);
        if (cases[i].client) {
            assert_int_equal(
                auth_set_channel_bindings(p.client, cases[i].client, strlen(cases[i].client)),
                S_OK);
        }
        pair_talk(&p);
        assert_int_equal(p.server_hr, cases[i].hr);
    }
}

/* The hash of a known certificate's bindings, published by Microsoft with the extension. */
static void test_channel_bindings_hash(void **state)
{
    static const uint8_t expected[] = {0x65, 0x86, 0xe9, 0x9d, 0x81, 0xc2, 0xfc, 0x98,
                                       0x4e, 0x47, 0x17, 0x2f, 0xd4, 0xdd, 0x03, 0x10};
    static const uint8_t data[] = {'t',  'l',  's',  '-',  's',  'e',  'r',  'v',  'e',  'r',  '-',
                                   'e',  'n',  'd',  '-',  'p',  'o',  'i',  'n',  't',  ':',  0xea,
                                   0x05, 0xfe, 0xfe, 0xcc, 0x6b, 0x0b, 0xd5, 0x71, 0xdb, 0xbc, 0x5b,
                                   0xaa, 0x3e, 0xd4, 0x53, 0x86, 0xd0, 0x44, 0x68, 0x35, 0xf7, 0xb7,
                                   0x4c, 0x85, 0x62, 0x1b, 0x99, 0x83, 0x47, 0x5f, 0x95};
    uint8_t hash[16];
    ntlm_channel_bindings_hash(data, sizeof data, hash);
    assert_memory_equal(hash, expected, 16);
}

/* Names without Unicode: [MS-NLMP] 2.2.2.5 bit B. */
static void test_oem_challenge(void **state)
{
    static const struct ntlm_negotiate ask = {.flags = NTLM_OEM | NTLM_EXTENDED_SECURITY |
                                                       NTLM_128 | NTLM_SIGN | NTLM_KEY_EXCH};
    CLEANUP(auth_cleanup_context) struct auth_context *server = NULL;
    CLEANUP(buffer_done) struct buffer in = {0};
    CLEANUP(buffer_done) struct buffer out = {0};
    bool done;
    assert_int_equal(auth_server_new(AUTH_NTLM, &plain_acceptor, &server), S_OK);
    ntlm_write_negotiate(&in, &ask, 0);
    assert_int_equal(auth_step(server, in.bytes, in.size, &out, &done), S_OK);
    struct ntlm_challenge ch;
    assert_int_equal(ntlm_read_challenge(out.bytes, out.size, &ch), S_OK);
    assert_int_equal(ch.target_name.size, 6);
    assert_memory_equal(ch.target_name.at, "SERVER", 6);
    assert_false(ch.flags & NTLM_UNICODE);
}

static void test_tickets_are_not_for_ntlm(void **state)
{
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
    CLEANUP(auth_cleanup_context) struct auth_context *client = NULL;
    CLEANUP(buffer_done) struct buffer out = {0};
    bool done;
    assert_int_equal(auth_credentials_ccache(NULL, NULL, NULL, &c), S_OK);
    assert_int_equal(auth_client_new(AUTH_NTLM, c, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, 0, &client),
                     S_OK);
    assert_int_equal(auth_step(client, NULL, 0, &out, &done), SEC_E_NO_CREDENTIALS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake),
        cmocka_unit_test(test_nt_hash),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test(test_names_that_read_as_another),
        cmocka_unit_test(test_damaged_messages),
        cmocka_unit_test(test_replayed_message),
        cmocka_unit_test(test_not_before_done),
        cmocka_unit_test(test_meddling),
        cmocka_unit_test(test_anonymous),
        cmocka_unit_test(test_target_name),
        cmocka_unit_test(test_channel_bindings),
        cmocka_unit_test(test_channel_bindings_hash),
        cmocka_unit_test(test_oem_challenge),
        cmocka_unit_test(test_tickets_are_not_for_ntlm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
