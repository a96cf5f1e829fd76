/*
 * Every allocation of a handshake is made to fail once: a side that cannot go on
 * says so, and nothing is left behind. Allocations are caught by standing before
 * the C library's, so a sanitizer, which does the same, skips this.
 */
#include "auth/test_pair.h"
#include "com/test_allocations.h"

#if !WBEM_CATCHES_ALLOCATIONS

int main(void)
{
    return 77;
}

#else

static HRESULT lookup(void *context, const char *domain, const char *user, uint8_t hash[16])
{
    return auth_nt_hash("secret", hash);
}

static const struct auth_acceptor acceptor = {.lookup = lookup};

/* The handshake and a message; false when something failed, as it should then. */
static bool scenario(enum auth_mechanism mechanism)
{
    struct auth_credentials *c = NULL;
    struct pair p = {0};
    bool good = false;
    if (SUCCEEDED(auth_credentials_parse("D\\jane", "secret", false, &c)) &&
        SUCCEEDED(auth_client_new(mechanism, c, mechanism == AUTH_NTLM ? "host/server" : NULL,
                                  RPC_C_AUTHN_LEVEL_PKT_PRIVACY, AUTH_DCE_STYLE, &p.client)) &&
        SUCCEEDED(auth_set_channel_bindings(p.client, "abc", 3)) &&
        SUCCEEDED(auth_server_new(mechanism, &acceptor, &p.server))) {
        pair_talk(&p);
        good = SUCCEEDED(p.client_hr) && SUCCEEDED(p.server_hr);
        countdown = 0; /* from here on the test itself allocates */
        if (good) {
            pair_send(p.client, p.server, true, 0);
        }
    }
    pair_done(&p);
    auth_credentials_unref(c);
    (void)SetErrorInfo(0, NULL);
    return good;
}

static void fail_each(enum auth_mechanism mechanism)
{
    /* What the process keeps for itself is there before anything is counted. */
    (void)error_raise(E_FAIL, "test", "parameter", "text");
    assert_true(scenario(mechanism));
    for (long n = 1;; n++) {
        long before = live;
        countdown = n;
        has_failed = false;
        bool good = scenario(mechanism);
        bool failed = has_failed;
        countdown = 0;
        assert_int_equal(live, before);
        if (!failed) {
            assert_true(good);
            assert_true(n > 10);
            return;
        }
    }
}

static void test_ntlm(void **state)
{
    fail_each(AUTH_NTLM);
}

static void test_spnego(void **state)
{
    fail_each(AUTH_SPNEGO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ntlm),
        cmocka_unit_test(test_spnego),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
