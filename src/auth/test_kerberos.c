/*
 * Kerberos against a KDC of MIT's: every source of credentials, RC4 and AES,
 * with and without DCE style, and what is said when it fails; then SPNEGO with
 * Kerberos inside. Skipped where no KDC is installed.
 */
#include "auth/kerberos.h"
#include "auth/test_kdc.h"
#include "auth/test_pair.h"

#include <krb5.h>
#include <stdio.h>
#include <unistd.h>

#define SERVER "host/server.example.test"

static struct auth_acceptor acceptor;

static HRESULT no_users(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    return S_FALSE;
}

static HRESULT one_user(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    return strcmp(user, "jane") == 0 ? auth_nt_hash("secret", hash) : S_FALSE;
}

/* Takes the credentials. */
static void setup(struct pair *p, enum auth_mechanism mechanism, struct auth_credentials *c,
                  const char *target, unsigned level, unsigned flags)
{
    *p = (struct pair){0};
    assert_int_equal(auth_client_new(mechanism, c, target, level, flags, &p->client), S_OK);
    assert_int_equal(auth_server_new(mechanism, &acceptor, &p->server), S_OK);
    auth_credentials_unref(c);
}

static struct auth_credentials *password_of(const char *user, const char *password)
{
    struct auth_credentials *c = NULL;
    assert_int_equal(auth_credentials_password("example.test", user, password, &c), S_OK);
    return c;
}

static void expect_text(const wchar_t *part)
{
    CLEANUP(com_cleanup_release) IErrorInfo *info = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    assert_int_equal(GetErrorInfo(0, &info), S_OK);
    assert_int_equal(info->lpVtbl->GetDescription(info, &text), S_OK);
    if (!wcsstr(text, part)) {
        print_error("'%ls' is not in '%ls'\n", part, text);
        fail();
    }
}

static void exchange(struct pair *p, bool privacy)
{
    for (unsigned headers = 0; headers < 2; headers++) {
        auth_set_header_signing(p->client, headers);
        auth_set_header_signing(p->server, headers);
        for (size_t size = 0; size <= 160; size += 80) {
            pair_send(p->client, p->server, privacy, size);
            pair_send(p->server, p->client, privacy, size);
        }
    }
}

static void test_handshake(void **state)
{
    static const struct {
        enum auth_mechanism mechanism;
        const char *target;
        unsigned flags, legs;
    } cases[] = {
        {AUTH_KERBEROS, SERVER, AUTH_DCE_STYLE, 3},
        {AUTH_KERBEROS, SERVER, 0, 2},
        {AUTH_KERBEROS, "RPCSS/server.example.test", AUTH_DCE_STYLE, 3},
        {AUTH_KERBEROS, "host/rc4.example.test@EXAMPLE.TEST", AUTH_DCE_STYLE, 3},
        {AUTH_KERBEROS, "host/rc4.example.test", 0, 2},
        {AUTH_SPNEGO, SERVER, AUTH_DCE_STYLE, 4},
        {AUTH_SPNEGO, SERVER, 0, 2},
        {AUTH_SPNEGO, "host/rc4.example.test", AUTH_DCE_STYLE, 4},
    };
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        for (unsigned level = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
             level <= RPC_C_AUTHN_LEVEL_PKT_PRIVACY; level++) {
            CLEANUP(pair_done) struct pair p;
            setup(&p, cases[i].mechanism, password_of("jane", "secret"), cases[i].target, level,
                  cases[i].flags);
            pair_talk(&p);
            assert_int_equal(p.client_hr, S_OK);
            assert_int_equal(p.server_hr, S_OK);
            assert_int_equal(p.legs, cases[i].legs);
            assert_string_equal(auth_peer(p.server)->name, "jane@EXAMPLE.TEST");
            assert_string_equal(auth_peer(p.server)->user, "jane");
            assert_string_equal(auth_peer(p.server)->domain, "EXAMPLE.TEST");
            assert_int_equal(auth_peer(p.server)->mechanism, AUTH_KERBEROS);
            assert_int_equal(auth_context_mechanism(p.client), AUTH_KERBEROS);
            assert_non_null(auth_peer(p.client));
            size_t a, b;
            const uint8_t *client_key = auth_session_key(p.client, &a);
            const uint8_t *server_key = auth_session_key(p.server, &b);
            assert_int_equal(a, b);
            assert_in_range(a, 16, 64);
            assert_memory_equal(client_key, server_key, a);
            exchange(&p, false);
            if (level == RPC_C_AUTHN_LEVEL_PKT_PRIVACY) {
                exchange(&p, true);
            }
        }
    }
}

static void test_damaged_messages(void **state)
{
    for (unsigned part = 0; part < 4; part++) {
        for (unsigned privacy = 0; privacy < 2; privacy++) {
            CLEANUP(pair_done) struct pair p;
            setup(&p, AUTH_KERBEROS, password_of("jane", "secret"), SERVER,
                  RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
            pair_talk(&p);
            auth_set_header_signing(p.client, true);
            auth_set_header_signing(p.server, true);
            assert_int_equal(pair_send_damaged(p.client, p.server, privacy, part),
                             SEC_E_MESSAGE_ALTERED);
        }
    }
}

static void test_replayed_message(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, AUTH_KERBEROS, password_of("jane", "secret"), SERVER, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
          AUTH_DCE_STYLE);
    pair_talk(&p);
    uint8_t body[16] = {1}, signature[AUTH_SIGNATURE_MAX];
    size_t size;
    assert_int_equal(auth_signature_size(p.client, false, 16, &size), S_OK);
    assert_int_equal(auth_protect(p.client, false, NULL, 0, body, 16, NULL, 0, signature, size),
                     S_OK);
    assert_int_equal(auth_unprotect(p.server, false, NULL, 0, body, 16, NULL, 0, signature, size),
                     S_OK);
    assert_int_equal(auth_unprotect(p.server, false, NULL, 0, body, 16, NULL, 0, signature, size),
                     SEC_E_OUT_OF_SEQUENCE);
}

/* A cache of tickets in a file, the ticket good until then. */
static void write_cache(const char *path, bool expired)
{
    krb5_context k;
    krb5_principal who;
    krb5_creds creds = {0};
    krb5_ccache cache;
    char name[128];
    (void)snprintf(name, sizeof name, "FILE:%s", path);
    assert_int_equal(krb5_init_context(&k), 0);
    assert_int_equal(krb5_parse_name(k, "jane@EXAMPLE.TEST", &who), 0);
    assert_int_equal(
        krb5_get_init_creds_password(k, &creds, who, "secret", NULL, NULL, 0, NULL, NULL), 0);
    if (expired) {
        creds.times.starttime -= 7200;
        creds.times.endtime = creds.times.starttime + 3600;
    }
    assert_int_equal(krb5_cc_resolve(k, name, &cache), 0);
    assert_int_equal(krb5_cc_initialize(k, cache, who), 0);
    assert_int_equal(krb5_cc_store_cred(k, cache, &creds), 0);
    assert_int_equal(krb5_cc_close(k, cache), 0);
    krb5_free_cred_contents(k, &creds);
    krb5_free_principal(k, who);
    krb5_free_context(k);
}

static void test_sources(void **state)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/ccache", kdc_folder);
    write_cache(path, false);
    write_cache(getenv("KRB5CCNAME"), false);
    uint8_t hash[16];
    assert_int_equal(auth_nt_hash("secret", hash), S_OK);
    struct auth_credentials *sources[5] = {0};
    const char *const users[] = {"jane", "jane", "jane", "jane", "rc4"};
    assert_int_equal(auth_credentials_ccache(NULL, NULL, path, &sources[0]), S_OK);
    assert_int_equal(auth_credentials_ccache(NULL, NULL, NULL, &sources[1]), S_OK);
    assert_int_equal(auth_credentials_ccache("EXAMPLE.TEST", "jane", path, &sources[2]), S_OK);
    assert_int_equal(
        auth_credentials_keytab("EXAMPLE.TEST", "jane", kdc_client_keytab, &sources[3]), S_OK);
    assert_int_equal(auth_credentials_nt_hash("EXAMPLE.TEST", "rc4", hash, &sources[4]), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(sources); i++) {
        /* The second use takes the tickets of the first. */
        for (unsigned use = 0; use < 2; use++) {
            CLEANUP(pair_done) struct pair p;
            setup(&p, AUTH_KERBEROS, auth_credentials_ref(sources[i]), SERVER,
                  RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
            pair_talk(&p);
            assert_int_equal(p.client_hr, S_OK);
            assert_int_equal(p.server_hr, S_OK);
            assert_string_equal(auth_peer(p.server)->user, users[i]);
            pair_send(p.client, p.server, true, 64);
        }
        auth_credentials_unref(sources[i]);
    }
    (void)unlink(getenv("KRB5CCNAME"));
}

static void test_client_failures(void **state)
{
    char expired[128];
    (void)snprintf(expired, sizeof expired, "%s/expired", kdc_folder);
    write_cache(expired, true);
    struct auth_credentials *c[7] = {0};
    c[0] = password_of("jane", "wrong");
    c[1] = password_of("nobody", "secret");
    c[2] = password_of("jane", "secret");
    assert_int_equal(auth_credentials_ccache(NULL, NULL, expired, &c[3]), S_OK);
    assert_int_equal(auth_credentials_ccache(NULL, NULL, "FILE:/nonexistent/cc", &c[4]), S_OK);
    assert_int_equal(auth_credentials_password("GONE.TEST", "jane", "secret", &c[5]), S_OK);
    c[6] = password_of("old", "secret");
    static const struct {
        const char *target;
        HRESULT hr;
        const wchar_t *text;
    } expected[] = {
        {SERVER, SEC_E_LOGON_DENIED, L"password"},
        {SERVER, SEC_E_UNKNOWN_CREDENTIALS, L"no such user"},
        {"host/unknown.example.test", SEC_E_TARGET_UNKNOWN, L"no such service"},
        {SERVER, SEC_E_CONTEXT_EXPIRED, L"kinit"},
        {SERVER, SEC_E_NO_CREDENTIALS, L"kinit"},
        {SERVER, SEC_E_NO_AUTHENTICATING_AUTHORITY, L"No KDC"},
        {SERVER, SEC_E_LOGON_DENIED, L"expired"},
    };
    for (size_t i = 0; i < ARRAYSIZE(expected); i++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, AUTH_KERBEROS, c[i], expected[i].target, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
              AUTH_DCE_STYLE);
        pair_talk(&p);
        assert_int_equal(p.client_hr, expected[i].hr);
        expect_text(expected[i].text);
    }
}

static void test_clock_skew(void **state)
{
    assert_int_equal(kerberos_failed(GSS_S_FAILURE, (OM_uint32)KRB5KRB_AP_ERR_SKEW, "It", NULL),
                     SEC_E_TIME_SKEW);
    expect_text(L"NTP");
}

static void test_server_without_key(void **state)
{
    CLEANUP(pair_done) struct pair p;
    setup(&p, AUTH_KERBEROS, password_of("jane", "secret"), "HTTP/server.example.test",
          RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
    pair_talk(&p);
    assert_int_equal(p.server_hr, SEC_E_WRONG_PRINCIPAL);
    expect_text(L"keytab");
}

static void test_target_policy(void **state)
{
    static const char *const names[] = {"RPCSS/server.example.test", NULL};
    struct auth_acceptor usual = acceptor;
    acceptor.target_name = AUTH_PROTECTION_REQUIRE;
    acceptor.target_names = names;
    for (unsigned right = 0; right < 2; right++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, AUTH_KERBEROS, password_of("jane", "secret"), right ? names[0] : SERVER,
              RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
        pair_talk(&p);
        assert_int_equal(p.server_hr, right ? S_OK : SEC_E_WRONG_PRINCIPAL);
    }
    acceptor = usual;
}

static void test_channel_bindings(void **state)
{
    static const uint8_t channel[] = "tls-server-end-point:0123";
    static const struct {
        const char *client;
        HRESULT hr;
    } cases[] = {{(const char *)channel, S_OK},
                 {"tls-server-end-point:4567", SEC_E_BAD_BINDINGS},
                 {NULL, SEC_E_BAD_BINDINGS}};
    struct auth_acceptor usual = acceptor;
    acceptor.channel_binding = AUTH_PROTECTION_REQUIRE;
    acceptor.channel_bindings = channel;
    acceptor.channel_bindings_size = sizeof channel - 1;
    for (size_t i = 0; i < ARRAYSIZE(cases); i++) {
        CLEANUP(pair_done) struct pair p;
        setup(&p, AUTH_KERBEROS, password_of("jane", "secret"), SERVER,
              RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
        if (cases[i].client) {
            assert_int_equal(
                auth_set_channel_bindings(p.client, cases[i].client, strlen(cases[i].client)),
                S_OK);
        }
        pair_talk(&p);
        assert_int_equal(p.server_hr, cases[i].hr);
    }
    acceptor = usual;
}

/* ---- SPNEGO between the two mechanisms -------------------------------------------- */

/* A server without keys: the client's favourite is not to be had, so the offer is signed. */
static void test_server_of_ntlm_only(void **state)
{
    struct auth_acceptor usual = acceptor;
    acceptor.keytab = NULL;
    acceptor.lookup = one_user;
    CLEANUP(pair_done) struct pair p;
    setup(&p, AUTH_SPNEGO, password_of("jane", "secret"), SERVER, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
          AUTH_DCE_STYLE);
    pair_talk(&p);
    assert_int_equal(p.client_hr, S_OK);
    assert_int_equal(p.server_hr, S_OK);
    assert_int_equal(auth_context_mechanism(p.client), AUTH_NTLM);
    assert_string_equal(auth_peer(p.server)->name, "example.test\\jane");
    pair_send(p.client, p.server, true, 64);
    pair_send(p.server, p.client, true, 64);
    acceptor = usual;
}

/* Kerberos is not to be had: NTLM it is, unless the password was refused. */
static void test_fallback(void **state)
{
    struct auth_acceptor usual = acceptor;
    acceptor.lookup = one_user;
    CLEANUP(pair_done) struct pair p, q;
    setup(&p, AUTH_SPNEGO, password_of("jane", "secret"), "host/unknown.example.test",
          RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
    pair_talk(&p);
    assert_int_equal(p.server_hr, S_OK);
    assert_int_equal(auth_context_mechanism(p.server), AUTH_NTLM);
    setup(&q, AUTH_SPNEGO, password_of("jane", "wrong"), SERVER, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
          AUTH_DCE_STYLE);
    pair_talk(&q);
    assert_int_equal(q.client_hr, SEC_E_LOGON_DENIED);
    acceptor = usual;
}

/* A user without a domain is the server's: the KDC of the default realm, which has a user of that
 * name, is not asked. Where there is only a ticket or a key it is. */
static void test_user_of_the_server(void **state)
{
    struct auth_acceptor usual = acceptor;
    struct auth_credentials *c = NULL;
    acceptor.lookup = one_user;
    CLEANUP(pair_done) struct pair p, q;
    assert_int_equal(auth_credentials_password("", "jane", "secret", &c), S_OK);
    setup(&p, AUTH_SPNEGO, c, SERVER, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
    pair_talk(&p);
    assert_int_equal(p.server_hr, S_OK);
    assert_int_equal(auth_context_mechanism(p.server), AUTH_NTLM);
    assert_int_equal(auth_credentials_password("", "jane", "secret", &c), S_OK);
    setup(&q, AUTH_KERBEROS, c, SERVER, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE);
    pair_talk(&q);
    assert_int_equal(q.server_hr, S_OK);
    assert_string_equal(auth_peer(q.server)->name, "jane@EXAMPLE.TEST");
    acceptor = usual;
}

/* ---- SPNEGO of MIT's own ------------------------------------------------------------ */

static gss_OID_desc spnego_oid = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02"};

static gss_name_t server_name(void)
{
    gss_name_t name = GSS_C_NO_NAME;
    assert_int_equal(kerberos_target(SERVER, &name), S_OK);
    return name;
}

/* A message of theirs, as DCE has it: header, body and trailer apart. */
static void expect_their_message(gss_ctx_id_t theirs, struct auth_context *ours)
{
    uint8_t header[24] = {1}, body[32] = {2}, trailer[8] = {3}, signature[AUTH_SIGNATURE_MAX];
    size_t size;
    assert_int_equal(auth_signature_size(ours, true, sizeof body, &size), S_OK);
    gss_iov_buffer_desc parts[] = {
        {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, {sizeof header, header}},
        {GSS_IOV_BUFFER_TYPE_DATA, {sizeof body, body}},
        {GSS_IOV_BUFFER_TYPE_SIGN_ONLY, {sizeof trailer, trailer}},
        {GSS_IOV_BUFFER_TYPE_HEADER, {size, signature}},
    };
    OM_uint32 minor;
    int sealed = 0;
    assert_int_equal(gss_wrap_iov(&minor, theirs, 1, GSS_C_QOP_DEFAULT, &sealed, parts, 4),
                     GSS_S_COMPLETE);
    auth_set_header_signing(ours, true);
    assert_int_equal(auth_unprotect(ours, true, header, sizeof header, body, sizeof body, trailer,
                                    sizeof trailer, signature, size),
                     S_OK);
    assert_int_equal(body[0], 2);
}

static void test_their_spnego_client(void **state)
{
    char cache[128];
    (void)snprintf(cache, sizeof cache, "%s/their_ccache", kdc_folder);
    write_cache(cache, false);
    const char *usual = getenv("KRB5CCNAME");
    (void)setenv("KRB5CCNAME", cache, 1);
    CLEANUP(auth_cleanup_context) struct auth_context *ours = NULL;
    assert_int_equal(auth_server_new(AUTH_SPNEGO, &acceptor, &ours), S_OK);
    gss_ctx_id_t theirs = GSS_C_NO_CONTEXT;
    gss_name_t target = server_name();
    struct buffer reply = {0};
    OM_uint32 minor, major = GSS_S_CONTINUE_NEEDED;
    bool done = false;
    for (unsigned leg = 0; leg < 6 && (major == GSS_S_CONTINUE_NEEDED || !done); leg++) {
        gss_buffer_desc in = {reply.size, reply.bytes}, out = GSS_C_EMPTY_BUFFER;
        major = gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &theirs, target, &spnego_oid,
                                     GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
                                         GSS_C_SEQUENCE_FLAG | GSS_C_DCE_STYLE,
                                     0, NULL, &in, NULL, &out, NULL, NULL);
        assert_false(GSS_ERROR(major));
        buffer_done(&reply);
        if (out.length > 0) {
            assert_int_equal(auth_step(ours, out.value, out.length, &reply, &done), S_OK);
        }
        (void)gss_release_buffer(&minor, &out);
    }
    buffer_done(&reply);
    assert_true(done);
    assert_string_equal(auth_peer(ours)->name, "jane@EXAMPLE.TEST");
    expect_their_message(theirs, ours);
    (void)gss_delete_sec_context(&minor, &theirs, GSS_C_NO_BUFFER);
    (void)gss_release_name(&minor, &target);
    (void)setenv("KRB5CCNAME", usual ? usual : "", 1);
}

static void test_their_spnego_server(void **state)
{
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = password_of("jane", "secret");
    CLEANUP(auth_cleanup_context) struct auth_context *ours = NULL;
    assert_int_equal(auth_client_new(AUTH_SPNEGO, c, SERVER, RPC_C_AUTHN_LEVEL_PKT_PRIVACY,
                                     AUTH_DCE_STYLE, &ours),
                     S_OK);
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_ctx_id_t theirs = GSS_C_NO_CONTEXT;
    gss_OID_set_desc mechs = {1, &spnego_oid};
    gss_key_value_element_desc element = {"keytab", kdc_keytab};
    gss_key_value_set_desc store = {1, &element};
    struct buffer token = {0};
    OM_uint32 minor;
    bool done = false;
    assert_int_equal(gss_acquire_cred_from(&minor, GSS_C_NO_NAME, 0, &mechs, GSS_C_ACCEPT, &store,
                                           &cred, NULL, NULL),
                     GSS_S_COMPLETE);
    assert_int_equal(auth_step(ours, NULL, 0, &token, &done), S_OK);
    for (unsigned leg = 0; leg < 6 && token.size > 0; leg++) {
        gss_buffer_desc in = {token.size, token.bytes}, out = GSS_C_EMPTY_BUFFER;
        OM_uint32 major = gss_accept_sec_context(&minor, &theirs, cred, &in, NULL, NULL, NULL, &out,
                                                 NULL, NULL, NULL);
        assert_false(GSS_ERROR(major));
        buffer_done(&token);
        if (out.length > 0) {
            assert_int_equal(auth_step(ours, out.value, out.length, &token, &done), S_OK);
        }
        (void)gss_release_buffer(&minor, &out);
    }
    buffer_done(&token);
    assert_true(done);
    expect_their_message(theirs, ours);
    (void)gss_delete_sec_context(&minor, &theirs, GSS_C_NO_BUFFER);
    (void)gss_release_cred(&minor, &cred);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_handshake),
        cmocka_unit_test(test_damaged_messages),
        cmocka_unit_test(test_replayed_message),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_client_failures),
        cmocka_unit_test(test_clock_skew),
        cmocka_unit_test(test_server_without_key),
        cmocka_unit_test(test_target_policy),
        cmocka_unit_test(test_channel_bindings),
        cmocka_unit_test(test_server_of_ntlm_only),
        cmocka_unit_test(test_fallback),
        cmocka_unit_test(test_user_of_the_server),
        cmocka_unit_test(test_their_spnego_client),
        cmocka_unit_test(test_their_spnego_server),
    };
    if (!kdc_start()) {
        return 77;
    }
    acceptor = (struct auth_acceptor){.lookup = no_users, .keytab = kdc_keytab};
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    kdc_stop();
    return failed;
}
