/*
 * Every mechanism through RPC, at every level: NTLM, Kerberos and SPNEGO with
 * either inside. Then what somebody on the way can do to it, and what is said when
 * authentication fails. Kerberos is left out where no KDC is installed.
 */
#include "auth/test_kdc.h"
#include "rpc/test_relay.h"

#include <krb5.h>
#include <stdio.h>

#define SPN "host/server.example.test"
#define PFC_FIRST_LAST 3
#define PFC_SIGNS_HEADERS 4
enum {
    REQUEST = 0,
    RESPONSE = 2,
    FAULT = 3,
    BIND = 11,
    BIND_ACK = 12
};

static bool have_kdc;

struct how {
    const char *name;
    enum auth_mechanism mechanism;
    const char *domain, *user, *target;
    const char *seen; /* how the server knows the user */
    bool kerberos;
};

static const struct how ways[] = {
    {"NTLM", AUTH_NTLM, "", "wmi", NULL, "wmi", false},
    {"Kerberos", AUTH_KERBEROS, "example.test", "jane", SPN, "jane@EXAMPLE.TEST", true},
    {"SPNEGO, Kerberos", AUTH_SPNEGO, "example.test", "jane", SPN, "jane@EXAMPLE.TEST", true},
    {"SPNEGO, NTLM", AUTH_SPNEGO, "", "wmi", NULL, "wmi", false},
};
static const unsigned levels[] = {RPC_C_AUTHN_LEVEL_CONNECT, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY,
                                  RPC_C_AUTHN_LEVEL_PKT_PRIVACY};

static void start(struct echo_server *s)
{
    echo_start(s, NULL, RPC_C_AUTHN_LEVEL_NONE, "127.0.0.1");
    s->acceptor.keytab = have_kdc ? kdc_keytab : NULL;
}

static struct rpc_connection *connect_with(uint16_t port, const struct how *how, unsigned level,
                                           const struct auth_credentials *given)
{
    struct rpc_connection *c;
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *credentials = NULL;
    if (given) {
        credentials = auth_credentials_ref(given);
    } else {
        assert_int_equal(auth_credentials_password(how->domain, how->user, "secret", &credentials),
                         S_OK);
    }
    struct rpc_client_options o = {.host = "127.0.0.1",
                                   .port = port,
                                   .mechanism = how->mechanism,
                                   .level = level,
                                   .target = how->target,
                                   .credentials = credentials};
    assert_int_equal(rpc_connection_open(&o, &c), S_OK);
    return c;
}

static void echoes(struct rpc_connection *c, const struct rpc_syntax *syntax, size_t size)
{
    struct rpc_reply reply;
    uint8_t *stub = malloc(size + 1);
    for (size_t i = 0; i < size; i++) {
        stub[i] = pattern(i);
    }
    assert_int_equal(echo_call(c, syntax, ECHO_BACK, stub, size, &reply), S_OK);
    assert_int_equal(reply.size, size);
    assert_memory_equal(reply.data, stub, size);
    rpc_reply_done(&reply);
    free(stub);
}

/* The calling thread's error object says that. */
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

static bool is_left_out(const struct how *how)
{
    return how->kerberos && !have_kdc;
}

static void every_mechanism_at_every_level(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 5700, 5751, 5784, 5816, 11633, 300001};
    struct echo_server s;
    start(&s);
    for (size_t i = 0; i < ARRAYSIZE(ways) * ARRAYSIZE(levels); i++) {
        const struct how *how = &ways[i / ARRAYSIZE(levels)];
        unsigned level = levels[i % ARRAYSIZE(levels)];
        if (is_left_out(how)) {
            continue;
        }
        struct rpc_connection *c = connect_with(s.port, how, level, NULL);
        struct rpc_reply reply;
        char seen[64];
        assert_int_equal(echo_call(c, &echo, ECHO_PEER, NULL, 0, &reply), S_OK);
        (void)snprintf(seen, sizeof seen, "%u ", level);
        assert_memory_equal(reply.data, seen, strlen(seen));
        assert_non_null(strstr((char *)reply.data, how->seen));
        rpc_reply_done(&reply);
        for (size_t k = 0; k < ARRAYSIZE(sizes); k++) {
            echoes(c, k % 2 ? &echo : &echo_too, sizes[k]); /* the second by alter_context */
        }
        rpc_connection_unref(c);
    }
    echo_stop(&s);
}

struct at_once {
    struct rpc_connection *c;
    uint32_t seed;
};

static void *call_often(void *arg)
{
    struct at_once *a = arg;
    for (uint32_t i = 0; i < 15; i++) {
        struct rpc_reply reply;
        uint32_t size = (a->seed * 7919 + i * 977) % 20000;
        if (FAILED(echo_call(a->c, i % 3 ? &echo : &echo_too, ECHO_GROW, &size, 4, &reply)) ||
            reply.size != size || (size > 0 && reply.data[size - 1] != pattern(size - 1))) {
            abort();
        }
        rpc_reply_done(&reply);
    }
    return NULL;
}

static void threads_share_a_protected_connection(void **state)
{
    struct echo_server s;
    start(&s);
    for (size_t i = 0; i < ARRAYSIZE(ways); i++) {
        pthread_t threads[4];
        struct at_once a[ARRAYSIZE(threads)];
        if (is_left_out(&ways[i])) {
            continue;
        }
        struct rpc_connection *c =
            connect_with(s.port, &ways[i], RPC_C_AUTHN_LEVEL_PKT_PRIVACY, NULL);
        for (size_t k = 0; k < ARRAYSIZE(threads); k++) {
            a[k] = (struct at_once){c, (uint32_t)k};
            assert_int_equal(pthread_create(&threads[k], NULL, call_often, &a[k]), 0);
        }
        for (size_t k = 0; k < ARRAYSIZE(threads); k++) {
            pthread_join(threads[k], NULL);
        }
        rpc_connection_unref(c);
    }
    echo_stop(&s);
}

/* ---- somebody on the way ------------------------------------------------------------------ */

struct damage {
    uint8_t type; /* of the PDU */
    size_t at;    /* its byte */
    uint8_t bits;
    unsigned done;
};

static void flip(struct relay *r, bool to_server, uint8_t *pdu, size_t *size)
{
    struct damage *d = r->context;
    if (pdu[2] == d->type && d->at < *size && d->done++ == 0) {
        pdu[d->at] ^= d->bits;
    }
}

/* What the call then ends with. */
static HRESULT call_damaged(const struct how *how, unsigned level, struct damage *d)
{
    struct echo_server s;
    struct relay r;
    struct rpc_reply reply = {0};
    start(&s);
    relay_start(&r, s.port, flip, d);
    struct rpc_connection *c = connect_with(r.port, how, level, NULL);
    HRESULT hr = echo_call(c, &echo, ECHO_BACK, "what was said by the client", 27, &reply);
    rpc_reply_done(&reply);
    rpc_connection_unref(c);
    relay_stop(&r);
    assert_true(d->done > 0);
    if (d->type == REQUEST) {
        assert_int_equal(atomic_load(&s.served), 0);
    }
    echo_stop(&s);
    return hr;
}

static void a_changed_byte_is_noticed(void **state)
{
    /* Header (alloc_hint, context, opnum), stub, pad, trailer, signature. */
    static const size_t requests[] = {16, 22, 24, 40, 52, 61, 68};
    static const size_t responses[] = {16, 24, 40, 52, 61, 68};
    for (size_t i = 0; i < ARRAYSIZE(ways) * 2; i++) {
        const struct how *how = &ways[i / 2];
        unsigned level = levels[1 + i % 2];
        if (is_left_out(how)) {
            continue;
        }
        for (size_t k = 0; k < ARRAYSIZE(requests); k++) {
            struct damage d = {REQUEST, requests[k], 0x40, 0};
            assert_int_equal(call_damaged(how, level, &d), E_ACCESSDENIED);
        }
        for (size_t k = 0; k < ARRAYSIZE(responses); k++) {
            struct damage d = {RESPONSE, responses[k], 0x40, 0};
            assert_true(FAILED(call_damaged(how, level, &d)));
        }
    }
}

/* Who takes header signing off a bind could change headers of Kerberos' messages; the verification
 * trailer, which is signed, gives it away: [MS-RPCE] 2.2.2.13.2. */
static void header_signing_cannot_be_taken_off(void **state)
{
    for (size_t i = 0; i < ARRAYSIZE(ways); i++) {
        struct damage d = {BIND, 3, PFC_SIGNS_HEADERS, 0};
        if (!is_left_out(&ways[i])) {
            assert_int_equal(call_damaged(&ways[i], RPC_C_AUTHN_LEVEL_PKT_PRIVACY, &d),
                             E_ACCESSDENIED);
        }
    }
}

/* A fault before the first reply; `verifier` bytes behind it that pretend to be one. */
static void forge(struct relay *r, bool to_server, uint8_t *pdu, size_t *size)
{
    unsigned *verifier = r->context;
    if (to_server || pdu[2] != RESPONSE || *verifier == UINT32_MAX) {
        return;
    }
    uint8_t fault[32 + 8 + 16] = {5, 0, FAULT, PFC_FIRST_LAST, 0x10,    0,       0,      0, 0,
                                  0, 0, 0,     pdu[12],        pdu[13], pdu[14], pdu[15]};
    size_t whole = *verifier ? sizeof fault : 32;
    fault[8] = (uint8_t)whole;
    fault[10] = (uint8_t)*verifier;
    fault[24] = 5; /* access denied */
    fault[32] = AUTH_NTLM;
    fault[33] = RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
    relay_send(r->client, fault, whole);
    *verifier = UINT32_MAX;
}

/* Faults go unsigned: sec_trailers are asked for in requests and responses only ([MS-RPCE]
 * 2.2.2.11), and Windows' have none. So whoever is on the way can make a call fail, as by cutting
 * the connection; it can't make one succeed, and the connection is none the worse. */
static void a_forged_fault_fails_its_call_only(void **state)
{
    struct echo_server s;
    struct relay r;
    struct rpc_reply reply;
    unsigned verifier = 0;
    start(&s);
    relay_start(&r, s.port, forge, &verifier);
    struct rpc_connection *c = connect_with(r.port, &ways[0], RPC_C_AUTHN_LEVEL_PKT_PRIVACY, NULL);
    assert_int_equal(echo_call(c, &echo, ECHO_BACK, "x", 1, &reply), E_ACCESSDENIED);
    expect_text(L"fault");
    echoes(c, &echo, 100);
    assert_true(rpc_connection_is_open(c));
    rpc_connection_unref(c);
    relay_stop(&r);
    echo_stop(&s);
}

static void a_fault_signed_by_another_ends_the_connection(void **state)
{
    struct echo_server s;
    struct relay r;
    struct rpc_reply reply;
    unsigned verifier = 16;
    start(&s);
    relay_start(&r, s.port, forge, &verifier);
    struct rpc_connection *c = connect_with(r.port, &ways[0], RPC_C_AUTHN_LEVEL_PKT_PRIVACY, NULL);
    assert_int_not_equal(echo_call(c, &echo, ECHO_BACK, "x", 1, &reply), S_OK);
    assert_false(rpc_connection_is_open(c));
    rpc_connection_unref(c);
    relay_stop(&r);
    echo_stop(&s);
}

/* ---- failures ------------------------------------------------------------------------------ */

/* A cache with jane's ticket for the server, used by somebody whose clock is two hours ahead. */
static void write_skewed_cache(const char *name)
{
    krb5_context k;
    krb5_principal who, server;
    krb5_creds creds, wanted = {0}, *service = NULL;
    krb5_ccache cache, memory;
    assert_int_equal(krb5_init_context(&k), 0);
    assert_int_equal(krb5_parse_name(k, "jane@EXAMPLE.TEST", &who), 0);
    assert_int_equal(krb5_parse_name(k, SPN "@EXAMPLE.TEST", &server), 0);
    assert_int_equal(
        krb5_get_init_creds_password(k, &creds, who, "secret", NULL, NULL, 0, NULL, NULL), 0);
    assert_int_equal(krb5_cc_new_unique(k, "MEMORY", NULL, &memory), 0);
    assert_int_equal(krb5_cc_initialize(k, memory, who), 0);
    assert_int_equal(krb5_cc_store_cred(k, memory, &creds), 0);
    wanted.client = who;
    wanted.server = server;
    assert_int_equal(krb5_get_credentials(k, 0, memory, &wanted, &service), 0);
    /* A cache's file remembers how far the clock of this context is off the KDC's. */
    krb5_timestamp now;
    assert_int_equal(krb5_timeofday(k, &now), 0);
    assert_int_equal(krb5_set_real_time(k, now + 7200, 0), 0);
    assert_int_equal(krb5_cc_resolve(k, name, &cache), 0);
    assert_int_equal(krb5_cc_initialize(k, cache, who), 0);
    assert_int_equal(krb5_cc_store_cred(k, cache, &creds), 0);
    assert_int_equal(krb5_cc_store_cred(k, cache, service), 0);
    assert_int_equal(krb5_cc_close(k, cache), 0);
    assert_int_equal(krb5_cc_destroy(k, memory), 0);
    krb5_free_creds(k, service);
    krb5_free_cred_contents(k, &creds);
    krb5_free_principal(k, who);
    krb5_free_principal(k, server);
    krb5_free_context(k);
}

static void expect_failure(const struct how *how, const struct auth_credentials *credentials,
                           HRESULT expected, const wchar_t *text)
{
    struct echo_server s;
    struct rpc_reply reply;
    start(&s);
    struct rpc_connection *c =
        connect_with(s.port, how, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, credentials);
    assert_int_equal(echo_call(c, &echo, ECHO_BACK, "x", 1, &reply), expected);
    expect_text(text);
    assert_int_equal(atomic_load(&s.served), 0);
    rpc_connection_unref(c);
    echo_stop(&s);
}

static void a_clock_that_is_off_is_told(void **state)
{
    if (!have_kdc) {
        skip();
    }
    char path[128];
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *c = NULL;
    (void)snprintf(path, sizeof path, "%s/skewed", kdc_folder);
    write_skewed_cache(path);
    assert_int_equal(auth_credentials_ccache(NULL, NULL, path, &c), S_OK);
    expect_failure(&ways[1], c, SEC_E_TIME_SKEW, L"NTP");
}

static void failed_authentication_says_why(void **state)
{
    static const struct how unknown = {
        "", AUTH_KERBEROS, "example.test", "jane", "host/unknown.example.test", "", true};
    static const struct how no_key = {
        "", AUTH_KERBEROS, "example.test", "jane", "HTTP/server.example.test", "", true};
    static const struct how ntlm = {"", AUTH_NTLM, "", "wmi", NULL, "", false};
    CLEANUP(auth_cleanup_credentials) struct auth_credentials *wrong = NULL;
    assert_int_equal(auth_credentials_password("", "wmi", "wrong", &wrong), S_OK);
    expect_failure(&ntlm, wrong, E_ACCESSDENIED, L"credentials");
    if (have_kdc) {
        CLEANUP(auth_cleanup_credentials) struct auth_credentials *jane = NULL;
        assert_int_equal(auth_credentials_password("example.test", "jane", "wrong", &jane), S_OK);
        expect_failure(&ways[1], jane, SEC_E_LOGON_DENIED, L"password");
        expect_failure(&unknown, NULL, SEC_E_TARGET_UNKNOWN, L"no such service");
        expect_failure(&no_key, NULL, SEC_E_WRONG_PRINCIPAL, L"another service");
    }
}

static int drain(void **state)
{
    pool_drain();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_mechanism_at_every_level),
        cmocka_unit_test(threads_share_a_protected_connection),
        cmocka_unit_test(a_changed_byte_is_noticed),
        cmocka_unit_test(header_signing_cannot_be_taken_off),
        cmocka_unit_test(a_forged_fault_fails_its_call_only),
        cmocka_unit_test(a_fault_signed_by_another_ends_the_connection),
        cmocka_unit_test(a_clock_that_is_off_is_told),
        cmocka_unit_test(failed_authentication_says_why),
    };
    have_kdc = kdc_start();
    int failed = cmocka_run_group_tests(tests, NULL, drain);
    if (have_kdc) {
        kdc_stop();
    }
    return failed;
}
