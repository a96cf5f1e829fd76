/*
 * The client's side of NTLMv2, [MS-NLMP] 3.1.5.1: asks, answers the challenge,
 * and proves with a MIC that nobody changed what was negotiated. A server that
 * offers less than 128 bits or extended session security is refused.
 */
#include "auth/ntlm.h"

#include <ctype.h>
#include <rpcdce.h>
#include <string.h>
#include <unistd.h>

/* Product 10.0 with NTLM's revision 15, [MS-NLMP] 2.2.2.10: for people who read captures. */
#define OUR_VERSION UINT64_C(0x0f0000000000000a)

#define WANTED                                                                                     \
    (NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN |               \
     NTLM_EXTENDED_SECURITY | NTLM_VERSION | NTLM_128 | NTLM_KEY_EXCH | NTLM_56)

struct ntlm_client {
    struct ntlm_context n;
    bool given;
    struct ntlm_given values;
    char workstation[16];
};

/* The message being made. */
struct answer {
    struct buffer domain, user, workstation, pairs, nt;
    uint8_t lm[24];
    size_t lm_size;
    uint8_t base_key[NTLM_KEY_SIZE], session_key[NTLM_KEY_SIZE], wrapped_key[NTLM_KEY_SIZE];
    bool mic;
};

static void answer_done(struct answer *a)
{
    buffer_done(&a->domain);
    buffer_done(&a->user);
    buffer_done(&a->workstation);
    buffer_done(&a->pairs);
    buffer_done(&a->nt);
    secret_wipe(a, sizeof *a);
}

void ntlm_client_set_given(struct auth_context *c, const struct ntlm_given *given)
{
    struct ntlm_client *k = (struct ntlm_client *)c;
    k->given = true;
    k->values = *given;
}

static uint32_t wanted_flags(const struct auth_context *c)
{
    return WANTED | (c->level >= RPC_C_AUTHN_LEVEL_PKT_PRIVACY ? NTLM_SEAL : 0) |
           ((c->flags & AUTH_IDENTIFY) ? NTLM_IDENTIFY : 0) |
           (c->credentials->kind == SECRET_NONE ? NTLM_ANONYMOUS : 0);
}

static HRESULT send_negotiate(struct ntlm_client *k, struct buffer *out)
{
    struct auth_context *c = &k->n.base;
    enum secret_kind kind = c->credentials->kind;
    if (kind != SECRET_PASSWORD && kind != SECRET_NT_HASH && kind != SECRET_NONE) {
        return error_raise(SEC_E_NO_CREDENTIALS, "NTLM", NULL,
                           "NTLM needs a password or its hash; tickets and keytabs are for "
                           "Kerberos.");
    }
    k->n.flags = wanted_flags(c);
    struct ntlm_negotiate m = {.flags = k->n.flags};
    ntlm_write_negotiate(&k->n.negotiate, &m, k->given ? k->values.version : OUR_VERSION);
    buffer_put(out, k->n.negotiate.bytes, k->n.negotiate.size);
    out->failed |= k->n.negotiate.failed;
    return S_OK;
}

static HRESULT check_strength(struct ntlm_client *k, const struct ntlm_challenge *ch)
{
    const struct auth_context *c = &k->n.base;
    uint32_t needed = NTLM_UNICODE | NTLM_EXTENDED_SECURITY | NTLM_128;
    needed |= c->level >= RPC_C_AUTHN_LEVEL_PKT ? NTLM_SIGN : 0;
    needed |= c->level >= RPC_C_AUTHN_LEVEL_PKT_PRIVACY ? NTLM_SEAL : 0;
    if ((ch->flags & needed) != needed) {
        return error_raise(SEC_E_UNSUPPORTED_FUNCTION, "NTLM", NULL,
                           "The server does not offer what is asked for (flags 0x%08x, missing "
                           "0x%08x): NTLMv2 with extended session security and 128 bits is "
                           "required. Look at its policy, or for somebody between.",
                           ch->flags, needed & ~ch->flags);
    }
    return ch->target_info.size > 0
               ? S_OK
               : error_raise(SEC_E_UNSUPPORTED_FUNCTION, "NTLM", NULL,
                             "The server sends no target information: it knows NTLMv1 only.");
}

static bool find_time(struct ntlm_bytes pairs, struct ntlm_bytes *ret)
{
    return ntlm_av_find(pairs, NTLM_AV_TIMESTAMP, ret) && ret->size == 8;
}

/* The server's pairs and ours, [MS-NLMP] 3.1.5.1.2. Its own flags are kept; of what only a client
 * says, nothing is taken over. */
static HRESULT make_pairs(struct ntlm_client *k, struct ntlm_bytes theirs, struct buffer *pairs)
{
    const struct auth_context *c = &k->n.base;
    struct ntlm_bytes value;
    bool stamped = find_time(theirs, &value);
    uint32_t flags = stamped ? NTLM_AV_FLAG_MIC : 0;
    if (ntlm_av_find(theirs, NTLM_AV_FLAGS, &value) && value.size == 4) {
        flags |= get_u32(value.at);
    }
    for (size_t at = 0; get_u16(theirs.at + at) != NTLM_AV_EOL;) {
        uint16_t id = get_u16(theirs.at + at);
        size_t size = 4 + (size_t)get_u16(theirs.at + at + 2);
        if (id != NTLM_AV_FLAGS && id != NTLM_AV_TARGET_NAME && id != NTLM_AV_CHANNEL_BINDINGS) {
            buffer_put(pairs, theirs.at + at, size);
        }
        at += size;
    }
    if (flags != 0) {
        uint8_t word[4];
        put_u32(word, flags);
        ntlm_av_put(pairs, NTLM_AV_FLAGS, word, sizeof word);
    }
    if (stamped || c->bindings) {
        /* Zeros say: a client that knows of bindings has none. */
        uint8_t hash[16] = {0};
        if (c->bindings) {
            ntlm_channel_bindings_hash(c->bindings, c->bindings_size, hash);
        }
        ntlm_av_put(pairs, NTLM_AV_CHANNEL_BINDINGS, hash, sizeof hash);
    }
    HRESULT hr = S_OK;
    if (c->target) {
        CLEANUP(buffer_done) struct buffer text = {0};
        hr = ntlm_put_text(&text, c->target);
        ntlm_av_put(pairs, NTLM_AV_TARGET_NAME, text.bytes, text.size);
        pairs->failed |= text.failed;
    }
    ntlm_av_put(pairs, NTLM_AV_EOL, NULL, 0);
    return hr;
}

static HRESULT own_nt_hash(const struct auth_credentials *c, uint8_t hash[NTLM_KEY_SIZE])
{
    if (c->kind == SECRET_NT_HASH) {
        memcpy(hash, c->nt_hash, NTLM_KEY_SIZE);
        return S_OK;
    }
    HRESULT hr = auth_nt_hash(c->password, hash);
    return SUCCEEDED(hr) ? hr : error_raise(hr, "NTLM", NULL, "No memory for the password.");
}

/* NTLMv2_RESPONSE and LMv2_RESPONSE, [MS-NLMP] 3.3.2. */
static HRESULT respond(struct ntlm_client *k, const struct ntlm_challenge *ch, struct answer *a)
{
    uint8_t hash[NTLM_KEY_SIZE], key[NTLM_KEY_SIZE], client_challenge[NTLM_CHALLENGE_SIZE];
    const struct auth_credentials *cred = k->n.base.credentials;
    HRESULT hr = make_pairs(k, ch->target_info, &a->pairs);
    if (FAILED(hr) || FAILED(hr = own_nt_hash(cred, hash)) ||
        FAILED(hr = auth_random(client_challenge, sizeof client_challenge))) {
        return hr;
    }
    hr = ntlm_response_key(hash, cred->user, (struct ntlm_bytes){a->domain.bytes, a->domain.size},
                           key);
    secret_wipe(hash, sizeof hash);
    if (FAILED(hr)) {
        return hr;
    }

    uint64_t now = k->given ? k->values.time : ntlm_time_now();
    struct ntlm_bytes stamp;
    bool stamped = find_time(ch->target_info, &stamp);
    if (stamped) {
        now = get_u64(stamp.at);
    }
    if (k->given) {
        memcpy(client_challenge, k->values.client_challenge, sizeof client_challenge);
    }
    uint8_t *nt = buffer_add(&a->nt, NTLM_PROOF_SIZE + NTLM_TEMP_PAIRS + a->pairs.size + 4);
    if (!nt || a->pairs.failed) {
        secret_wipe(key, sizeof key);
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for an answer.");
    }
    uint8_t *temp = nt + NTLM_PROOF_SIZE;
    memset(nt, 0, a->nt.size);
    temp[0] = temp[1] = 1;
    put_u64(temp + 8, now);
    memcpy(temp + 16, client_challenge, sizeof client_challenge);
    memcpy(temp + NTLM_TEMP_PAIRS, a->pairs.bytes, a->pairs.size);
    ntlm_proof(key, ch->challenge, (struct ntlm_bytes){temp, a->nt.size - NTLM_PROOF_SIZE}, nt);
    ntlm_session_base_key(key, nt, a->base_key);

    /* LMv2 for servers that send no time; else zeros: it would be the weaker proof. */
    a->lm_size = sizeof a->lm;
    if (!stamped) {
        ntlm_proof(key, ch->challenge,
                   (struct ntlm_bytes){client_challenge, sizeof client_challenge}, a->lm);
        memcpy(a->lm + NTLM_PROOF_SIZE, client_challenge, sizeof client_challenge);
    }
    a->mic = stamped;
    secret_wipe(key, sizeof key);
    return S_OK;
}

/* The name of this machine as NetBIOS has it; only for the server's records. */
static const char *own_workstation(struct ntlm_client *k)
{
    if (k->given) {
        return k->values.workstation;
    }
    char host[256] = "";
    (void)gethostname(host, sizeof host - 1);
    size_t n = 0;
    while (n < sizeof k->workstation - 1 && host[n] != '\0' && host[n] != '.') {
        k->workstation[n] = (char)toupper((unsigned char)host[n]);
        n++;
    }
    k->workstation[n] = '\0';
    return k->workstation;
}

static HRESULT make_keys(struct ntlm_client *k, struct answer *a)
{
    /* KXKEY for NTLMv2 is the session base key itself, [MS-NLMP] 3.4.5.1. */
    memcpy(a->session_key, a->base_key, sizeof a->session_key);
    if (!(k->n.flags & NTLM_KEY_EXCH)) {
        return S_OK;
    }
    HRESULT hr = auth_random(a->session_key, sizeof a->session_key);
    if (k->given) {
        memcpy(a->session_key, k->values.session_key, sizeof a->session_key);
    }
    ntlm_rc4(a->base_key, a->session_key, sizeof a->session_key, a->wrapped_key);
    return hr;
}

static HRESULT fill_answer(struct ntlm_client *k, const struct ntlm_challenge *ch, struct answer *a)
{
    const struct auth_credentials *cred = k->n.base.credentials;
    HRESULT hr = S_OK;
    if (FAILED(hr = ntlm_put_text(&a->domain, cred->domain)) ||
        FAILED(hr = ntlm_put_text(&a->user, cred->user)) ||
        FAILED(hr = ntlm_put_text(&a->workstation, own_workstation(k)))) {
        return hr;
    }
    if (a->domain.failed || a->user.failed || a->workstation.failed) {
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for an answer.");
    }
    if (cred->kind == SECRET_NONE) {
        a->lm_size = 1; /* [MS-NLMP] 3.2.5.1.2: how the anonymous user is told from a wrong one */
    } else if (FAILED(hr = respond(k, ch, a))) {
        return hr;
    }
    return make_keys(k, a);
}

static HRESULT send_answer(struct ntlm_client *k, struct answer *a, struct buffer *out)
{
    struct ntlm_authenticate m = {
        .flags = k->n.flags,
        .lm = {a->lm, a->lm_size},
        .nt = {a->nt.bytes, a->nt.size},
        .domain = {a->domain.bytes, a->domain.size},
        .user = {a->user.bytes, a->user.size},
        .workstation = {a->workstation.bytes, a->workstation.size},
        .key = {a->wrapped_key, (k->n.flags & NTLM_KEY_EXCH) ? sizeof a->wrapped_key : 0},
        .version = k->given ? k->values.version : OUR_VERSION,
        .mic = a->mic,
    };
    uint32_t start = out->size;
    ntlm_write_authenticate(out, &m);
    if (out->failed || k->n.negotiate.failed || k->n.challenge.failed) {
        return error_raise(E_OUTOFMEMORY, "NTLM", NULL, "No memory for an answer.");
    }
    if (a->mic) {
        uint8_t mic[NTLM_MIC_SIZE];
        ntlm_mic(a->session_key, (struct ntlm_bytes){k->n.negotiate.bytes, k->n.negotiate.size},
                 (struct ntlm_bytes){k->n.challenge.bytes, k->n.challenge.size},
                 (struct ntlm_bytes){out->bytes + start, out->size - start}, mic);
        memcpy(out->bytes + start + NTLM_MIC_OFFSET, mic, sizeof mic);
    }
    return S_OK;
}

static HRESULT answer_challenge(struct ntlm_client *k, const uint8_t *in, size_t in_size,
                                struct buffer *out)
{
    struct ntlm_challenge ch;
    HRESULT hr = ntlm_read_challenge(in, in_size, &ch);
    if (FAILED(hr) || FAILED(hr = check_strength(k, &ch))) {
        return hr;
    }
    buffer_put(&k->n.challenge, in, in_size);
    k->n.flags = (k->n.flags & (ch.flags | NTLM_REQUEST_TARGET | NTLM_IDENTIFY | NTLM_ANONYMOUS)) |
                 NTLM_TARGET_INFO;
    CLEANUP(answer_done) struct answer a = {0};
    hr = fill_answer(k, &ch, &a);
    if (SUCCEEDED(hr)) {
        hr = send_answer(k, &a, out);
    }
    if (SUCCEEDED(hr)) {
        ntlm_context_finish(&k->n, a.session_key);
    }
    return hr;
}

static HRESULT step(struct auth_context *c, const uint8_t *in, size_t in_size, struct buffer *out,
                    bool *done)
{
    struct ntlm_client *k = (struct ntlm_client *)c;
    if (k->n.legs++ == 0) {
        return in_size == 0 ? send_negotiate(k, out) : ntlm_bad_token("the client begins");
    }
    HRESULT hr = answer_challenge(k, in, in_size, out);
    *done = SUCCEEDED(hr);
    return hr;
}

HRESULT ntlm_client_new(struct auth_context **ret)
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
    return auth_context_create(sizeof(struct ntlm_client), &operations, AUTH_NTLM, ret);
}
