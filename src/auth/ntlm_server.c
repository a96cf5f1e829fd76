/*
 * The server's side of NTLMv2, [MS-NLMP] 3.2.5.1. An unknown user, a wrong
 * password and an answer to another challenge take the same work and give the
 * same error.
 */
#include "auth/ntlm.h"

#include <ctype.h>
#include <string.h>
#include <unistd.h>

#define OUR_VERSION UINT64_C(0x0f0000000000000a)
#define TICKS_PER_SECOND 10000000u
#define SKEW_DEFAULT 1800u
/* It has two short names, and is kept for the MIC. */
#define NEGOTIATE_MOST 4096

/* What the server takes up when the client offers it. */
#define UNDERSTOOD                                                                                 \
    (NTLM_UNICODE | NTLM_OEM | NTLM_SIGN | NTLM_SEAL | NTLM_ALWAYS_SIGN | NTLM_EXTENDED_SECURITY | \
     NTLM_128 | NTLM_KEY_EXCH | NTLM_56 | NTLM_VERSION | NTLM_REQUEST_TARGET)

struct ntlm_server {
    struct ntlm_context n;
    char host[256];
};

/* What the client claims. */
struct claim {
    char *domain, *user, *workstation, *target;
};

static void claim_done(struct claim *c)
{
    free(c->domain);
    free(c->user);
    free(c->workstation);
    free(c->target);
}

static HRESULT too_weak(uint32_t flags, uint32_t needed)
{
    return error_raise(SEC_E_UNSUPPORTED_FUNCTION, "NTLM", NULL,
                       "The client offers too little (flags 0x%08x, missing 0x%08x): extended "
                       "session security and 128 bits are required.",
                       flags, needed & ~flags);
}

static HRESULT check_strength(uint32_t flags)
{
    const uint32_t needed = NTLM_EXTENDED_SECURITY | NTLM_128;
    if ((flags & needed) != needed) {
        return too_weak(flags, needed);
    }
    return (flags & (NTLM_UNICODE | NTLM_OEM)) ? S_OK : too_weak(flags, NTLM_UNICODE);
}

/* ---- the challenge ---------------------------------------------------------------- */

static void put_name(struct buffer *pairs, enum ntlm_av id, const char *text)
{
    CLEANUP(buffer_done) struct buffer utf16 = {0};
    if (FAILED(ntlm_put_text(&utf16, text)) || utf16.failed) {
        pairs->failed = true;
        return;
    }
    ntlm_av_put(pairs, id, utf16.bytes, utf16.size);
}

/* The host name's first label in capitals, 15 of them at most: what NetBIOS would call us. */
static void netbios_name(const char *host, char ret[16])
{
    size_t n = 0;
    while (n < 15 && host[n] != '\0' && host[n] != '.') {
        ret[n] = (char)toupper((unsigned char)host[n]);
        n++;
    }
    ret[n] = '\0';
}

static HRESULT put_target_info(struct ntlm_server *s, struct buffer *name, struct buffer *pairs,
                               bool unicode)
{
    const struct auth_acceptor *a = s->n.base.acceptor;
    char short_name[16];
    (void)gethostname(s->host, sizeof s->host - 1);
    netbios_name(s->host, short_name);
    const char *computer = a->netbios_computer ? a->netbios_computer : short_name;
    const char *dns = a->dns_computer ? a->dns_computer : s->host;
    const char *dot = strchr(dns, '.');
    const char *dns_domain = a->dns_domain ? a->dns_domain : dot ? dot + 1 : "";

    /* In this order in what Windows sends. */
    put_name(pairs, NTLM_AV_NB_DOMAIN, a->netbios_domain ? a->netbios_domain : computer);
    put_name(pairs, NTLM_AV_NB_COMPUTER, computer);
    put_name(pairs, NTLM_AV_DNS_DOMAIN, dns_domain);
    put_name(pairs, NTLM_AV_DNS_COMPUTER, dns);
    uint8_t now[8];
    put_u64(now, ntlm_time_now());
    ntlm_av_put(pairs, NTLM_AV_TIMESTAMP, now, sizeof now);
    ntlm_av_put(pairs, NTLM_AV_EOL, NULL, 0);
    if (!unicode) {
        buffer_put(name, computer, strlen(computer));
        return S_OK;
    }
    return ntlm_put_text(name, computer);
}

static HRESULT send_challenge(struct ntlm_server *s, const uint8_t *in, size_t in_size,
                              struct buffer *out)
{
    struct ntlm_negotiate m;
    if (in_size > NEGOTIATE_MOST) {
        return ntlm_bad_token("it is too long");
    }
    HRESULT hr = ntlm_read_negotiate(in, in_size, &m);
    if (FAILED(hr) || FAILED(hr = check_strength(m.flags)) ||
        FAILED(hr = auth_random(s->n.server_challenge, sizeof s->n.server_challenge))) {
        return hr;
    }
    bool unicode = (m.flags & NTLM_UNICODE) != 0;
    s->n.flags = (m.flags & UNDERSTOOD & ~(unicode ? NTLM_OEM : 0)) | NTLM_NTLM | NTLM_TARGET_INFO |
                 NTLM_TARGET_SERVER | NTLM_VERSION;
    CLEANUP(buffer_done) struct buffer name = {0};
    CLEANUP(buffer_done) struct buffer pairs = {0};
    hr = put_target_info(s, &name, &pairs, unicode);
    if (FAILED(hr)) {
        return hr;
    }
    struct ntlm_challenge ch = {
        .flags = s->n.flags,
        .target_name = {name.bytes, name.size},
        .target_info = {pairs.bytes, pairs.size},
        .version = OUR_VERSION,
    };
    memcpy(ch.challenge, s->n.server_challenge, sizeof ch.challenge);
    ntlm_write_challenge(&s->n.challenge, &ch);
    buffer_put(&s->n.negotiate, in, in_size);
    if (name.failed || pairs.failed || s->n.challenge.failed || s->n.negotiate.failed) {
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for a challenge.");
    }
    buffer_put(out, s->n.challenge.bytes, s->n.challenge.size);
    return S_OK;
}

/* ---- the answer --------------------------------------------------------------------- */

static HRESULT denied(void)
{
    return error_raise(SEC_E_LOGON_DENIED, "NTLM", NULL, "The user name or the password is wrong.");
}

/* Whether the proof is right; then *base_key is the session's. The same work for every user,
 * known or not. */
static HRESULT check_proof(struct ntlm_server *s, const struct ntlm_authenticate *m,
                           const struct claim *claim, uint8_t base_key[NTLM_KEY_SIZE])
{
    const struct auth_acceptor *a = s->n.base.acceptor;
    if (m->nt.size < NTLM_RESPONSE_MIN) {
        return error_raise(SEC_E_LOGON_DENIED, "NTLM", NULL,
                           "The client answers with NTLMv1 or LM, which are refused.");
    }
    uint8_t hash[NTLM_KEY_SIZE] = {0};
    HRESULT hr = auth_random(hash, sizeof hash);
    if (FAILED(hr)) {
        return hr;
    }
    bool known = a->lookup(a->lookup_context, claim->domain, claim->user, hash) == S_OK;
    const struct ntlm_bytes temp = {m->nt.at + NTLM_PROOF_SIZE, m->nt.size - NTLM_PROOF_SIZE};
    /* The second one: clients that leave the domain out of their key, [MS-NLMP] 3.2.5.1.2. */
    const struct ntlm_bytes domains[] = {m->domain, {m->domain.at, 0}};
    bool right = false;
    for (size_t i = 0; i < ARRAYSIZE(domains); i++) {
        uint8_t key[NTLM_KEY_SIZE], proof[NTLM_PROOF_SIZE];
        hr = ntlm_response_key(hash, claim->user, domains[i], key);
        if (FAILED(hr)) {
            break;
        }
        ntlm_proof(key, s->n.server_challenge, temp, proof);
        bool equal = auth_equal(proof, m->nt.at, sizeof proof);
        if (equal && !right) {
            ntlm_session_base_key(key, proof, base_key);
        }
        right |= equal;
        secret_wipe(key, sizeof key);
    }
    secret_wipe(hash, sizeof hash);
    return FAILED(hr) ? hr : known && right ? S_OK : denied();
}

static HRESULT check_time(const struct auth_acceptor *a, const struct ntlm_authenticate *m,
                          struct ntlm_bytes pairs)
{
    struct ntlm_bytes stamp;
    uint64_t theirs = get_u64(m->nt.at + NTLM_PROOF_SIZE + 8), now = ntlm_time_now();
    if (ntlm_av_find(pairs, NTLM_AV_TIMESTAMP, &stamp) && stamp.size == 8) {
        theirs = get_u64(stamp.at);
    }
    uint64_t off = theirs > now ? theirs - now : now - theirs;
    uint64_t allowed = a->clock_skew ? a->clock_skew : SKEW_DEFAULT;
    if (off <= allowed * TICKS_PER_SECOND) {
        return S_OK;
    }
    return error_raise(SEC_E_TIME_SKEW, "NTLM", NULL,
                       "The client's answer is %llu seconds off the server's clock; %llu are "
                       "allowed.",
                       (unsigned long long)(off / TICKS_PER_SECOND), (unsigned long long)allowed);
}

static HRESULT check_target(const struct auth_acceptor *a, struct ntlm_bytes pairs,
                            struct claim *claim)
{
    struct ntlm_bytes name = {0};
    if (ntlm_av_find(pairs, NTLM_AV_TARGET_NAME, &name) && name.size > 0) {
        HRESULT hr = ntlm_get_text(name, true, &claim->target);
        if (FAILED(hr)) {
            return hr;
        }
    }
    if (a->target_name == AUTH_PROTECTION_OFF) {
        return S_OK;
    }
    if (claim->target ? auth_target_is_ours(a, claim->target)
                      : a->target_name != AUTH_PROTECTION_REQUIRE) {
        return S_OK;
    }
    return error_raise(SEC_E_WRONG_PRINCIPAL, "NTLM", claim->target,
                       "The client means to reach %s, which is not a name of this server: its "
                       "answer may have been relayed.",
                       claim->target ? claim->target : "an unnamed server");
}

static HRESULT check_bindings(const struct auth_acceptor *a, struct ntlm_bytes pairs)
{
    static const uint8_t none[16];
    struct ntlm_bytes theirs;
    if (a->channel_binding == AUTH_PROTECTION_OFF) {
        return S_OK;
    }
    bool said = ntlm_av_find(pairs, NTLM_AV_CHANNEL_BINDINGS, &theirs) && theirs.size == 16 &&
                !auth_equal(theirs.at, none, sizeof none);
    uint8_t ours[16];
    ntlm_channel_bindings_hash(a->channel_bindings, a->channel_bindings_size, ours);
    if (said ? auth_equal(theirs.at, ours, sizeof ours)
             : a->channel_binding != AUTH_PROTECTION_REQUIRE) {
        return S_OK;
    }
    return error_raise(SEC_E_BAD_BINDINGS, "NTLM", NULL,
                       said ? "The client's channel is another one than this: its answer may have "
                              "been relayed."
                            : "The client says nothing of the channel, which the server requires.");
}

/* [MS-NLMP] 3.2.5.1.2: with the bit set the three messages have to be as they were sent. */
static HRESULT check_mic(struct ntlm_server *s, const struct ntlm_authenticate *m,
                         struct ntlm_bytes message, struct ntlm_bytes pairs,
                         const uint8_t session_key[NTLM_KEY_SIZE])
{
    struct ntlm_bytes flags;
    bool claimed = ntlm_av_find(pairs, NTLM_AV_FLAGS, &flags) && flags.size == 4 &&
                   (get_u32(flags.at) & NTLM_AV_FLAG_MIC);
    if (!claimed) {
        return s->n.base.acceptor->require_mic
                   ? error_raise(SEC_E_UNSUPPORTED_FUNCTION, "NTLM", NULL,
                                 "The client sends no MIC, which the server requires.")
                   : S_OK;
    }
    if (m->payload < NTLM_MIC_OFFSET + NTLM_MIC_SIZE) {
        return ntlm_bad_token("it has no room for the MIC it promises");
    }
    uint8_t mic[NTLM_MIC_SIZE];
    ntlm_mic(session_key, (struct ntlm_bytes){s->n.negotiate.bytes, s->n.negotiate.size},
             (struct ntlm_bytes){s->n.challenge.bytes, s->n.challenge.size}, message, mic);
    return auth_equal(mic, message.at + NTLM_MIC_OFFSET, sizeof mic)
               ? S_OK
               : error_raise(SEC_E_MESSAGE_ALTERED, "NTLM", NULL,
                             "The messages of the handshake were changed on their way.");
}

static HRESULT read_claim(const struct ntlm_authenticate *m, bool unicode, struct claim *ret)
{
    HRESULT hr = ntlm_get_text(m->domain, unicode, &ret->domain);
    if (SUCCEEDED(hr)) {
        hr = ntlm_get_text(m->user, unicode, &ret->user);
    }
    /* Put together they must not read as somebody else's name. */
    if (SUCCEEDED(hr) && (strchr(ret->domain, '\\') || strchr(ret->user, '\\'))) {
        hr = ntlm_bad_token("there is a backslash in a name");
    }
    return SUCCEEDED(hr) ? ntlm_get_text(m->workstation, unicode, &ret->workstation) : hr;
}

static HRESULT unwrap_key(struct ntlm_server *s, const struct ntlm_authenticate *m,
                          const uint8_t base_key[NTLM_KEY_SIZE], uint8_t ret[NTLM_KEY_SIZE])
{
    memcpy(ret, base_key, NTLM_KEY_SIZE);
    if (!(s->n.flags & NTLM_KEY_EXCH)) {
        return S_OK;
    }
    if (m->key.size != NTLM_KEY_SIZE) {
        return ntlm_bad_token("its session key is not one");
    }
    ntlm_rc4(base_key, m->key.at, NTLM_KEY_SIZE, ret);
    return S_OK;
}

/* Once the user is known: who and where to. Nothing here counts before the proof is right, which
 * covers the pairs. */
static HRESULT check_known(struct ntlm_server *s, const struct ntlm_authenticate *m,
                           struct ntlm_bytes message, const uint8_t session_key[NTLM_KEY_SIZE],
                           struct claim *claim)
{
    const struct auth_acceptor *a = s->n.base.acceptor;
    struct ntlm_bytes pairs = {m->nt.at + NTLM_PROOF_SIZE + NTLM_TEMP_PAIRS,
                               m->nt.size - NTLM_PROOF_SIZE - NTLM_TEMP_PAIRS};
    size_t used;
    if (!ntlm_av_check(pairs, &used)) {
        return ntlm_bad_token("the target information in the answer has no end");
    }
    pairs.size = used;
    HRESULT hr = check_mic(s, m, message, pairs, session_key);
    if (SUCCEEDED(hr)) {
        hr = check_time(a, m, pairs);
    }
    if (SUCCEEDED(hr)) {
        hr = check_target(a, pairs, claim);
    }
    return SUCCEEDED(hr) ? check_bindings(a, pairs) : hr;
}

static HRESULT check_answer(struct ntlm_server *s, const uint8_t *in, size_t in_size)
{
    struct auth_context *c = &s->n.base;
    struct ntlm_authenticate m;
    CLEANUP(claim_done) struct claim claim = {0};
    HRESULT hr = ntlm_read_authenticate(in, in_size, &m);
    if (FAILED(hr) || FAILED(hr = check_strength(m.flags)) ||
        FAILED(hr = read_claim(&m, (m.flags & NTLM_UNICODE) != 0, &claim))) {
        return hr;
    }
    /* A client may leave out what it offered before, and add nothing. */
    s->n.flags &= m.flags | NTLM_NTLM | NTLM_TARGET_INFO;
    c->peer.identify_only = (m.flags & NTLM_IDENTIFY) != 0;
    c->peer.anonymous = m.user.size == 0 && m.nt.size == 0 && m.lm.size <= 1;

    uint8_t base_key[NTLM_KEY_SIZE] = {0}, session_key[NTLM_KEY_SIZE];
    if (c->peer.anonymous) {
        hr = c->acceptor->allow_anonymous
                 ? S_OK
                 : error_raise(SEC_E_LOGON_DENIED, "NTLM", NULL, "Anonymous users are not let in.");
    } else {
        hr = check_proof(s, &m, &claim, base_key);
    }
    if (SUCCEEDED(hr)) {
        hr = unwrap_key(s, &m, base_key, session_key);
    }
    if (SUCCEEDED(hr) && !c->peer.anonymous) {
        hr = check_known(s, &m, (struct ntlm_bytes){in, in_size}, session_key, &claim);
    }
    if (SUCCEEDED(hr)) {
        hr = auth_context_set_peer(c, claim.domain, claim.user, NULL, claim.workstation,
                                   claim.target);
    }
    if (SUCCEEDED(hr)) {
        ntlm_context_finish(&s->n, session_key);
    }
    secret_wipe(base_key, sizeof base_key);
    secret_wipe(session_key, sizeof session_key);
    return hr;
}

static HRESULT step(struct auth_context *c, const uint8_t *in, size_t in_size, struct buffer *out,
                    bool *done)
{
    struct ntlm_server *s = (struct ntlm_server *)c;
    if (s->n.legs++ == 0) {
        return send_challenge(s, in, in_size, out);
    }
    HRESULT hr = check_answer(s, in, in_size);
    *done = SUCCEEDED(hr);
    return hr;
}

HRESULT ntlm_server_new(struct auth_context **ret)
{
    static const struct auth_operations operations = {
        .step = step,
        .signature_size = ntlm_signature_size,
        .protect = ntlm_protect,
        .unprotect = ntlm_unprotect,
        .destroy = ntlm_context_destroy,
        .body_alignment = 1,
        .restart_signing = ntlm_restart_signing,
    };
    return auth_context_create(sizeof(struct ntlm_server), &operations, AUTH_NTLM, ret);
}
