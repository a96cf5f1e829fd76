/*
 * SPNEGO with NTLM inside, its tokens, and somebody between who takes things
 * out of the offer. With Kerberos: test_kerberos.c.
 */
#include "auth/ntlm.h"
#include "auth/spnego.h"
#include "auth/test_pair.h"

static HRESULT lookup(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    return strcmp(user, "jane") == 0 ? auth_nt_hash("secret", hash) : S_FALSE;
}

static const struct auth_acceptor acceptor = {.lookup = lookup};

static void setup(struct pair *p, const char *password)
{
    struct auth_credentials *c = NULL;
    *p = (struct pair){0};
    assert_int_equal(auth_credentials_password("D", "jane", password, &c), S_OK);
    /* Without a target there is no Kerberos to offer. */
    assert_int_equal(auth_client_new(AUTH_SPNEGO, c, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                     AUTH_DCE_STYLE, &p->client),
                     S_OK);
    assert_int_equal(auth_server_new(AUTH_SPNEGO, &acceptor, &p->server), S_OK);
    auth_credentials_unref(c);
}

static void test_ntlm_inside(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, "secret");
    assert_int_equal(auth_context_mechanism(p.client), AUTH_SPNEGO);
    pair_talk(&p);
    assert_int_equal(p.client_hr, S_OK);
    assert_int_equal(p.server_hr, S_OK);
    assert_int_equal(p.legs, 4);
    assert_int_equal(auth_context_mechanism(p.client), AUTH_NTLM);
    assert_string_equal(auth_peer(p.server)->name, "D\\jane");
    assert_int_equal(auth_peer(p.server)->mechanism, AUTH_NTLM);
    for (size_t size = 0; size < 64; size += 16) {
        pair_send(p.client, p.server, true, size);
        pair_send(p.server, p.client, true, size);
    }
}

/* [MS-SPNG] 3.3.5.1: the signature over the offer has counted as a message, its key stream has not
 * moved. */
static void test_first_message(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, "secret");
    pair_talk(&p);
    size_t size;
    const uint8_t *key = auth_session_key(p.client, &size);
    struct ntlm_session s;
    ntlm_session_init(&s, key, NTLM_KEY_EXCH, true);
    s.send.number = 1;
    uint8_t body[16] = {7}, copy[16] = {7}, signature[16], expected[16];
    const struct auth_message m = {.body = copy, .body_size = sizeof copy};
    ntlm_session_seal(&s, true, &m, expected);
    assert_int_equal(auth_protect(p.client, true, NULL, 0, body, 16, NULL, 0, signature, 16), S_OK);
    assert_memory_equal(signature, expected, 16);
    assert_memory_equal(body, copy, 16);
}

static void test_wrong_password(void **state)
{
    CLEANUP(pair_done) struct pair p;
    CLEANUP(buffer_done) struct buffer a = {0};
    CLEANUP(buffer_done) struct buffer b = {0};
    CLEANUP(buffer_done) struct buffer d = {0};
    CLEANUP(buffer_done) struct buffer e = {0};
    bool done;
    setup(&p, "wrong");
    assert_int_equal(auth_step(p.client, NULL, 0, &a, &done), S_OK);
    assert_int_equal(auth_step(p.server, a.bytes, a.size, &b, &done), S_OK);
    assert_int_equal(auth_step(p.client, b.bytes, b.size, &d, &done), S_OK);
    assert_int_equal(auth_step(p.server, d.bytes, d.size, &e, &done), SEC_E_LOGON_DENIED);
    /* The server's last word, by which the client knows. */
    struct spnego_response r;
    assert_int_equal(spnego_read_response(e.bytes, e.size, &r), S_OK);
    assert_int_equal(r.state, SPNEGO_REJECT);
    buffer_done(&a);
    assert_int_equal(auth_step(p.client, e.bytes, e.size, &a, &done), SEC_E_LOGON_DENIED);
}

/* Kerberos taken out of the offer, or put in. */
static void change_offer(unsigned leg, struct buffer *token)
{
    if (leg == 1) {
        struct spnego_init m;
        assert_int_equal(spnego_read_init(token->bytes, token->size, &m), S_OK);
        const enum spnego_mech mechs[] = {SPNEGO_NTLM, SPNEGO_NTLM};
        struct buffer list = {0}, changed = {0};
        spnego_write_mechs(&list, mechs, 2);
        m.mech_list = (struct der){list.bytes, list.size};
        spnego_write_init(&changed, &m, false);
        buffer_done(token);
        buffer_done(&list);
        *token = changed;
    }
}

/* Nor does it help to drop the signature where it is due. */
static void change_offer_drop_mic(unsigned leg, struct buffer *token)
{
    if (leg == 2) {
        /* The server asks for the signature that only a changed choice needs. */
        struct spnego_response r;
        struct buffer changed = {0};
        assert_int_equal(spnego_read_response(token->bytes, token->size, &r), S_OK);
        r.state = SPNEGO_REQUEST_MIC;
        spnego_write_response(&changed, &r);
        buffer_done(token);
        *token = changed;
    }
    if (leg == 4) {
        struct spnego_response r;
        struct buffer changed = {0};
        assert_int_equal(spnego_read_response(token->bytes, token->size, &r), S_OK);
        r.mic = (struct der){NULL, 0};
        spnego_write_response(&changed, &r);
        buffer_done(token);
        *token = changed;
    }
}

static void change_mic(unsigned leg, struct buffer *token)
{
    if (leg == 3) {
        token->bytes[token->size - 6] ^= 1;
    }
}

static void unknown_mechanism(unsigned leg, struct buffer *token)
{
    if (leg == 1) {
        uint8_t *oid = memmem(token->bytes, token->size, "\x82\x37\x02\x02\x0a", 5);
        assert_non_null(oid);
        oid[4] = 0x1e;
    }
}

static void test_meddling(void **state)
{
    static const struct {
        void (*meddle)(unsigned leg, struct buffer *token);
        bool by_client;
        HRESULT hr;
    } cases[] = {
        {change_offer, false, SEC_E_MESSAGE_ALTERED},
        {change_offer_drop_mic, true, SEC_E_MESSAGE_ALTERED},
        {change_mic, false, SEC_E_MESSAGE_ALTERED},
        {unknown_mechanism, false, SEC_E_SECPKG_NOT_FOUND},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, "secret");
        p.meddle = cases[i].meddle;
        pair_talk(&p);
        assert_int_equal(cases[i].by_client ? p.client_hr : p.server_hr, cases[i].hr);
    }
}

static void test_raw_ntlm(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, "secret");
    struct auth_credentials *c = NULL;
    auth_context_destroy(TAKE(p.client));
    assert_int_equal(auth_credentials_password("D", "jane", "secret", &c), S_OK);
    assert_int_equal(auth_client_new(AUTH_NTLM, c, NULL, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                     AUTH_DCE_STYLE, &p.client),
                     S_OK);
    auth_credentials_unref(c);
    pair_talk(&p);
    assert_int_equal(p.server_hr, S_OK);
    assert_int_equal(p.legs, 3);
    pair_send(p.client, p.server, true, 32);
}

/* [MS-SPNG] 2.2.1: the server begins. */
static void test_hint(void **state)
{
    CLEANUP(pair_done) struct pair p;
    CLEANUP(buffer_done) struct buffer hint = {0};
    CLEANUP(buffer_done) struct buffer first = {0};
    bool done;
    setup(&p, "secret");
    assert_int_equal(auth_step(p.server, NULL, 0, &hint, &done), S_OK);
    struct spnego_init m;
    assert_int_equal(spnego_read_init(hint.bytes, hint.size, &m), S_OK);
    assert_int_equal(m.mech_count, 1);
    assert_int_equal(m.mechs[0], SPNEGO_NTLM);
    assert_int_equal(auth_step(p.client, hint.bytes, hint.size, &first, &done), S_OK);
    assert_int_equal(auth_step(p.server, first.bytes, first.size, &hint, &done), S_OK);
}

/* What Windows sends first, from the examples of RFC 4178's use by it: three mechanisms. */
static void test_known_token(void **state)
{
    static const uint8_t token[] = {0x60, 0x30, 0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02,
                                    0xa0, 0x26, 0x30, 0x24, 0xa0, 0x22, 0x30, 0x20, 0x06, 0x09,
                                    0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x06,
                                    0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02,
                                    0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02, 0x01, 0x01};
    struct spnego_init m;
    assert_int_equal(spnego_read_init(token, sizeof token, &m), S_OK);
    assert_int_equal(m.mech_count, 3);
    assert_int_equal(m.mechs[0], SPNEGO_KERBEROS_MS);
    assert_int_equal(m.mechs[1], SPNEGO_KERBEROS);
    assert_int_equal(m.mechs[2], SPNEGO_UNKNOWN);
    assert_int_equal(m.mech_list.size, 34);
    for (size_t size = 0; size < sizeof token; size++) {
        assert_int_equal(spnego_read_init(token, size, &m), SEC_E_INVALID_TOKEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ntlm_inside),    cmocka_unit_test(test_first_message),
        cmocka_unit_test(test_wrong_password), cmocka_unit_test(test_meddling),
        cmocka_unit_test(test_raw_ntlm),       cmocka_unit_test(test_hint),
        cmocka_unit_test(test_known_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
