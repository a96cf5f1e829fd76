/*
 * NTLM's own: messages ([MS-NLMP] 2.2), keys (3.3.2, 3.4.5) and the protection
 * of a session (3.4), shared by its client, its server and their tests.
 */
#ifndef WBEM_AUTH_NTLM_H
#define WBEM_AUTH_NTLM_H

#include "auth/auth_private.h"

#include <nettle/arcfour.h>

/* [MS-NLMP] 2.2.2.5. */
#define NTLM_UNICODE 0x00000001u
#define NTLM_OEM 0x00000002u
#define NTLM_REQUEST_TARGET 0x00000004u
#define NTLM_SIGN 0x00000010u
#define NTLM_SEAL 0x00000020u
#define NTLM_DATAGRAM 0x00000040u
#define NTLM_LM_KEY 0x00000080u
#define NTLM_NTLM 0x00000200u
#define NTLM_ANONYMOUS 0x00000800u
#define NTLM_DOMAIN_SUPPLIED 0x00001000u
#define NTLM_WORKSTATION_SUPPLIED 0x00002000u
#define NTLM_ALWAYS_SIGN 0x00008000u
#define NTLM_TARGET_DOMAIN 0x00010000u
#define NTLM_TARGET_SERVER 0x00020000u
#define NTLM_EXTENDED_SECURITY 0x00080000u
#define NTLM_IDENTIFY 0x00100000u
#define NTLM_TARGET_INFO 0x00800000u
#define NTLM_VERSION 0x02000000u
#define NTLM_128 0x20000000u
#define NTLM_KEY_EXCH 0x40000000u
#define NTLM_56 0x80000000u

/* [MS-NLMP] 2.2.2.1. */
enum ntlm_av {
    NTLM_AV_EOL,
    NTLM_AV_NB_COMPUTER,
    NTLM_AV_NB_DOMAIN,
    NTLM_AV_DNS_COMPUTER,
    NTLM_AV_DNS_DOMAIN,
    NTLM_AV_DNS_TREE,
    NTLM_AV_FLAGS,
    NTLM_AV_TIMESTAMP,
    NTLM_AV_SINGLE_HOST,
    NTLM_AV_TARGET_NAME,
    NTLM_AV_CHANNEL_BINDINGS,
};
#define NTLM_AV_FLAG_MIC 0x2u
#define NTLM_AV_FLAG_UNTRUSTED_SPN 0x4u

#define NTLM_KEY_SIZE 16
#define NTLM_CHALLENGE_SIZE 8
#define NTLM_SIGNATURE_SIZE 16
#define NTLM_MIC_SIZE 16
/* Where the fixed part of AUTHENTICATE_MESSAGE ends without a MIC, and where the MIC stands. */
#define NTLM_MIC_OFFSET 72
/* NTProofStr, and the temp up to its pairs: [MS-NLMP] 2.2.2.7 and 2.2.2.8. */
#define NTLM_PROOF_SIZE 16
#define NTLM_TEMP_PAIRS 28
#define NTLM_RESPONSE_MIN (NTLM_PROOF_SIZE + NTLM_TEMP_PAIRS + 4)

/* Bytes of a message, borrowed from it. */
struct ntlm_bytes {
    const uint8_t *at;
    size_t size;
};

struct ntlm_negotiate {
    uint32_t flags;
    struct ntlm_bytes domain, workstation; /* OEM */
};

struct ntlm_challenge {
    uint32_t flags;
    uint8_t challenge[NTLM_CHALLENGE_SIZE];
    struct ntlm_bytes target_name, target_info;
    uint64_t version; /* with NTLM_VERSION only */
};

struct ntlm_authenticate {
    uint32_t flags;
    struct ntlm_bytes lm, nt, domain, user, workstation, key;
    uint64_t version;
    size_t payload; /* where the first part that is not empty begins; reading only */
    bool mic;       /* leave room for one; writing only */
};

/* SEC_E_INVALID_TOKEN, with an error object. */
HRESULT ntlm_read_negotiate(const uint8_t *in, size_t size, struct ntlm_negotiate *ret);
HRESULT ntlm_read_challenge(const uint8_t *in, size_t size, struct ntlm_challenge *ret);
HRESULT ntlm_read_authenticate(const uint8_t *in, size_t size, struct ntlm_authenticate *ret);
void ntlm_write_negotiate(struct buffer *out, const struct ntlm_negotiate *m, uint64_t version);
void ntlm_write_challenge(struct buffer *out, const struct ntlm_challenge *m);
void ntlm_write_authenticate(struct buffer *out, const struct ntlm_authenticate *m);
HRESULT ntlm_bad_token(const char *what);

/* The value of a pair; false: the list has none. A list that ntlm_av_check() took. */
bool ntlm_av_find(struct ntlm_bytes list, enum ntlm_av id, struct ntlm_bytes *ret);
/* True when the list has an end within its bytes. *used: bytes to that end, it included. */
bool ntlm_av_check(struct ntlm_bytes list, size_t *used);
void ntlm_av_put(struct buffer *out, enum ntlm_av id, const void *value, size_t size);

/* UTF-16LE of UTF-8, appended; and back (free() it). Bytes that are not text are refused. */
HRESULT ntlm_put_text(struct buffer *out, const char *utf8);
HRESULT ntlm_get_text(struct ntlm_bytes utf16, bool unicode, char **ret);

/* ---- keys --------------------------------------------------------------------- */

void ntlm_hmac_md5(const uint8_t key[NTLM_KEY_SIZE], const struct ntlm_bytes *parts, size_t count,
                   uint8_t ret[16]);
/* NTOWFv2, [MS-NLMP] 3.3.2: of the NT hash, the user in capitals and the domain. */
HRESULT ntlm_response_key(const uint8_t nt_hash[NTLM_KEY_SIZE], const char *user,
                          struct ntlm_bytes domain, uint8_t ret[NTLM_KEY_SIZE]);
/* NTProofStr: of the server's challenge and temp. */
void ntlm_proof(const uint8_t response_key[NTLM_KEY_SIZE],
                const uint8_t challenge[NTLM_CHALLENGE_SIZE], struct ntlm_bytes temp,
                uint8_t ret[NTLM_PROOF_SIZE]);
void ntlm_session_base_key(const uint8_t response_key[NTLM_KEY_SIZE],
                           const uint8_t proof[NTLM_PROOF_SIZE], uint8_t ret[NTLM_KEY_SIZE]);
void ntlm_rc4(const uint8_t key[NTLM_KEY_SIZE], const uint8_t *in, size_t size, uint8_t *out);
void ntlm_mic(const uint8_t session_key[NTLM_KEY_SIZE], struct ntlm_bytes negotiate,
              struct ntlm_bytes challenge, struct ntlm_bytes authenticate,
              uint8_t ret[NTLM_MIC_SIZE]);
/* MD5 of a gss_channel_bindings_struct with these application data; [MS-NLMP] 2.2.2.1. */
void ntlm_channel_bindings_hash(const uint8_t *data, size_t size, uint8_t ret[16]);
/* 100 ns since 1601. */
uint64_t ntlm_time_now(void);

/* ---- the session -------------------------------------------------------------------- */

/* One direction. */
struct ntlm_direction {
    uint8_t sign_key[NTLM_KEY_SIZE], seal_key[NTLM_KEY_SIZE];
    struct arcfour_ctx stream;
    uint32_t number;
};

struct ntlm_session {
    bool key_exchange; /* then checksums are encrypted */
    struct ntlm_direction send, receive;
};

void ntlm_session_init(struct ntlm_session *s, const uint8_t key[NTLM_KEY_SIZE], uint32_t flags,
                       bool client);
void ntlm_session_seal(struct ntlm_session *s, bool privacy, const struct auth_message *m,
                       uint8_t signature[NTLM_SIGNATURE_SIZE]);
HRESULT ntlm_session_unseal(struct ntlm_session *s, bool privacy, const struct auth_message *m,
                            const uint8_t signature[NTLM_SIGNATURE_SIZE]);

/* What client and server embed. */
struct ntlm_context {
    struct auth_context base;
    struct ntlm_session session;
    uint32_t flags;
    unsigned legs;           /* steps taken */
    struct buffer negotiate; /* kept for the MIC */
    struct buffer challenge;
    uint8_t server_challenge[NTLM_CHALLENGE_SIZE];
};

void ntlm_context_finish(struct ntlm_context *n, const uint8_t key[NTLM_KEY_SIZE]);
HRESULT ntlm_signature_size(struct auth_context *c, bool privacy, size_t body_size, size_t *ret);
HRESULT ntlm_protect(struct auth_context *c, bool privacy, const struct auth_message *m,
                     uint8_t *signature, size_t signature_size);
HRESULT ntlm_unprotect(struct auth_context *c, bool privacy, const struct auth_message *m,
                       const uint8_t *signature, size_t signature_size);
void ntlm_restart_signing(struct auth_context *c);
void ntlm_context_destroy(struct auth_context *c);

/* For tests: what is random and what the clock says. */
struct ntlm_given {
    uint8_t client_challenge[NTLM_CHALLENGE_SIZE];
    uint8_t session_key[NTLM_KEY_SIZE];
    uint64_t time;
    uint64_t version;
    const char *workstation;
};
void ntlm_client_set_given(struct auth_context *c, const struct ntlm_given *given);

#endif
