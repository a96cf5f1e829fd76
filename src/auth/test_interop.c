/*
 * Against others' implementations: NTLM of gss-ntlmssp and SPNEGO of MIT's
 * GSSAPI, each as client of our server and as server of our client. Skipped
 * where gss-ntlmssp is not installed.
 */
#include "auth/auth_private.h"
#include "auth/kerberos.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <rpcdce.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* gss-ntlmssp is unloaded at the end without freeing what it holds of OpenSSL and krb5. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libcrypto\nleak:libkrb5\nleak:gssntlmssp\n";
}

static gss_OID_desc ntlm_oid = {10, (void *)(uintptr_t) "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"};
static gss_OID_desc spnego_oid = {6, (void *)(uintptr_t) "\x2b\x06\x01\x05\x05\x02"};
static gss_OID_set_desc ntlm_set = {1, &ntlm_oid};

static char users[] = "/tmp/wbem-ntlm-users-XXXXXX";

static HRESULT lookup(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    return strcmp(user, "jane") == 0 ? auth_nt_hash("s3cret", hash) : S_FALSE;
}

/* gss-ntlmssp's client sends a MIC within SPNEGO only. */
static const struct auth_acceptor acceptor = {.lookup = lookup};
static const struct auth_acceptor strict_acceptor = {.lookup = lookup, .require_mic = true};

/* A call that has to succeed; it sets `minor`, which is looked at after it. */
#define MUST(call)                                                                                 \
    do {                                                                                           \
        OM_uint32 major_ = (call);                                                                 \
        check_status(major_, minor, #call);                                                        \
    } while (0)

static void check_status(OM_uint32 major, OM_uint32 minor, const char *what)
{
    if (GSS_ERROR(major)) {
        OM_uint32 ignored, more = 0;
        gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
        (void)gss_display_status(&ignored, minor, GSS_C_MECH_CODE, &ntlm_oid, &more, &text);
        print_error("%s: 0x%x 0x%x %.*s\n", what, major, minor, (int)text.length,
                    (char *)text.value);
        fail();
    }
}

static gss_name_t name_of(const char *text, gss_OID type)
{
    OM_uint32 minor;
    gss_name_t name = GSS_C_NO_NAME;
    gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
    MUST(gss_import_name(&minor, &buffer, type, &name));
    return name;
}

static gss_cred_id_t their_client_cred(gss_OID mech)
{
    OM_uint32 minor, ignored;
    gss_OID_set_desc mechs = {1, mech};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_name_t name = name_of("EXAMPLE\\jane", GSS_C_NT_USER_NAME);
    gss_buffer_desc password = {6, (void *)(uintptr_t) "s3cret"};
    MUST(gss_acquire_cred_with_password(&minor, name, &password, 0, &mechs, GSS_C_INITIATE, &cred,
                                        NULL, NULL));
    if (mech == &spnego_oid) {
        MUST(gss_set_neg_mechs(&minor, cred, &ntlm_set));
    }
    (void)gss_release_name(&ignored, &name);
    return cred;
}

/* Their client, our server; the contexts that come of it. */
static void talk_to_server(gss_OID mech, gss_ctx_id_t *theirs, struct auth_context *ours)
{
    OM_uint32 minor, ignored, major = GSS_S_CONTINUE_NEEDED;
    gss_cred_id_t cred = their_client_cred(mech);
    gss_name_t target = name_of("host@server.example.test", GSS_C_NT_HOSTBASED_SERVICE);
    struct buffer reply = {0};
    bool done = false;
    for (unsigned leg = 0; leg < 8 && (major == GSS_S_CONTINUE_NEEDED || !done); leg++) {
        gss_buffer_desc in = {reply.size, reply.bytes}, out = GSS_C_EMPTY_BUFFER;
        major = gss_init_sec_context(&minor, cred, theirs, target, mech,
                                     GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG |
                                         GSS_C_SEQUENCE_FLAG | GSS_C_REPLAY_FLAG,
                                     0, NULL, &in, NULL, &out, NULL, NULL);
        check_status(major, minor, "gss_init_sec_context");
        buffer_done(&reply);
        if (out.length > 0) {
            assert_int_equal(auth_step(ours, out.value, out.length, &reply, &done), S_OK);
        }
        (void)gss_release_buffer(&ignored, &out);
    }
    buffer_done(&reply);
    assert_true(done);
    assert_int_equal(major, GSS_S_COMPLETE);
    (void)gss_release_cred(&ignored, &cred);
    (void)gss_release_name(&ignored, &target);
}

static void talk_to_client(gss_OID mech, gss_ctx_id_t *theirs, struct auth_context *ours)
{
    OM_uint32 minor, ignored, major = GSS_S_CONTINUE_NEEDED;
    gss_OID_set_desc mechs = {1, mech};
    gss_cred_id_t cred = GSS_C_NO_CREDENTIAL;
    gss_name_t name = name_of("host@server.example.test", GSS_C_NT_HOSTBASED_SERVICE);
    MUST(gss_acquire_cred(&minor, name, 0, &mechs, GSS_C_ACCEPT, &cred, NULL, NULL));
    if (mech == &spnego_oid) {
        MUST(gss_set_neg_mechs(&minor, cred, &ntlm_set));
    }
    struct buffer token = {0};
    bool done = false;
    assert_int_equal(auth_step(ours, NULL, 0, &token, &done), S_OK);
    for (unsigned leg = 0; leg < 8 && token.size > 0; leg++) {
        gss_buffer_desc in = {token.size, token.bytes}, out = GSS_C_EMPTY_BUFFER;
        major = gss_accept_sec_context(&minor, theirs, cred, &in, NULL, NULL, NULL, &out, NULL,
                                       NULL, NULL);
        check_status(major, minor, "gss_accept_sec_context");
        buffer_done(&token);
        if (out.length > 0) {
            assert_int_equal(auth_step(ours, out.value, out.length, &token, &done), S_OK);
        }
        (void)gss_release_buffer(&ignored, &out);
    }
    buffer_done(&token);
    assert_true(done);
    assert_int_equal(major, GSS_S_COMPLETE);
    (void)gss_release_cred(&ignored, &cred);
    (void)gss_release_name(&ignored, &name);
}

/* Messages both ways. Their wrapped token is the signature and then the encrypted text. */
static void exchange(gss_ctx_id_t theirs, struct auth_context *ours)
{
    static const char text[] = "sixteen bytes or more of a text";
    OM_uint32 minor, ignored;
    for (unsigned i = 0; i < 3; i++) {
        uint8_t body[sizeof text], signature[16], both[16 + sizeof text];
        gss_buffer_desc plain = {sizeof text, (void *)(uintptr_t)text}, out = GSS_C_EMPTY_BUFFER;
        int sealed = 0;
        MUST(gss_wrap(&minor, theirs, 1, GSS_C_QOP_DEFAULT, &plain, &sealed, &out));
        assert_int_equal(out.length, sizeof both);
        memcpy(body, (uint8_t *)out.value + 16, sizeof body);
        assert_int_equal(
            auth_unprotect(ours, true, NULL, 0, body, sizeof body, NULL, 0, out.value, 16), S_OK);
        assert_string_equal((char *)body, text);
        (void)gss_release_buffer(&ignored, &out);

        assert_int_equal(auth_protect(ours, true, NULL, 0, body, sizeof body, NULL, 0, both, 16),
                         S_OK);
        memcpy(both + 16, body, sizeof body);
        gss_buffer_desc in = {sizeof both, both};
        MUST(gss_unwrap(&minor, theirs, &in, &out, &sealed, NULL));
        assert_int_equal(out.length, sizeof text);
        assert_memory_equal(out.value, text, sizeof text);
        (void)gss_release_buffer(&ignored, &out);

        MUST(gss_get_mic(&minor, theirs, GSS_C_QOP_DEFAULT, &plain, &out));
        memcpy(body, text, sizeof body);
        assert_int_equal(
            auth_unprotect(ours, false, NULL, 0, body, sizeof body, NULL, 0, out.value, out.length),
            S_OK);
        (void)gss_release_buffer(&ignored, &out);
        assert_int_equal(
            auth_protect(ours, false, NULL, 0, body, sizeof body, NULL, 0, signature, 16), S_OK);
        gss_buffer_desc mic = {16, signature};
        MUST(gss_verify_mic(&minor, theirs, &plain, &mic, NULL));
    }
}

static void check_server(enum auth_mechanism mechanism, gss_OID mech)
{
    OM_uint32 ignored;
    gss_ctx_id_t theirs = GSS_C_NO_CONTEXT;
    CLEANUP(auth_cleanup_context) struct auth_context *ours = NULL;
    assert_int_equal(
        auth_server_new(mechanism, mechanism == AUTH_NTLM ? &acceptor : &strict_acceptor, &ours),
        S_OK);
    talk_to_server(mech, &theirs, ours);
    assert_string_equal(auth_peer(ours)->name, "EXAMPLE\\jane");
    exchange(theirs, ours);
    (void)gss_delete_sec_context(&ignored, &theirs, GSS_C_NO_BUFFER);
}

static void check_client(enum auth_mechanism mechanism, gss_OID mech)
{
    OM_uint32 ignored;
    gss_ctx_id_t theirs = GSS_C_NO_CONTEXT;
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
    CLEANUP(auth_cleanup_context) struct auth_context *ours = NULL;
    assert_int_equal(auth_credentials_password("EXAMPLE", "jane", "s3cret", &c), S_OK);
    /* For SPNEGO no target: there is no KDC here. */
    assert_int_equal(auth_client_new(mechanism, c,
                                     mechanism == AUTH_NTLM ? "host/server.example.test" : NULL,
                                     RPC_C_AUTHN_LEVEL_PKT_PRIVACY, 0, &ours),
                     S_OK);
    talk_to_client(mech, &theirs, ours);
    exchange(theirs, ours);
    (void)gss_delete_sec_context(&ignored, &theirs, GSS_C_NO_BUFFER);
}

static void test_ntlm_server(void **state)
{
    check_server(AUTH_NTLM, &ntlm_oid);
}

static void test_ntlm_client(void **state)
{
    check_client(AUTH_NTLM, &ntlm_oid);
}

static void test_spnego_server(void **state)
{
    check_server(AUTH_SPNEGO, &spnego_oid);
}

static void test_spnego_client(void **state)
{
    check_client(AUTH_SPNEGO, &spnego_oid);
}

static bool has_ntlm(void)
{
    OM_uint32 minor, ignored;
    int present = 0;
    gss_OID_set all = GSS_C_NO_OID_SET;
    if (gss_indicate_mechs(&minor, &all) == GSS_S_COMPLETE) {
        (void)gss_test_oid_set_member(&minor, &ntlm_oid, all, &present);
        (void)gss_release_oid_set(&ignored, &all);
    }
    return present != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ntlm_server),
        cmocka_unit_test(test_ntlm_client),
        cmocka_unit_test(test_spnego_server),
        cmocka_unit_test(test_spnego_client),
    };
    static const char line[] = "EXAMPLE:jane:s3cret\n";
    int fd = has_ntlm() ? mkstemp(users) : -1;
    if (fd < 0) {
        return 77;
    }
    bool written = write(fd, line, sizeof line - 1) == (ssize_t)sizeof line - 1;
    close(fd);
    (void)setenv("NTLM_USER_FILE", users, 1);
    int failed = written ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    (void)unlink(users);
    return failed;
}
