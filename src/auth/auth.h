/*
 * Who is at the other end, and that nobody between changes or reads what is
 * said: NTLM, Kerberos and their negotiation for a protocol that carries the
 * tokens. Knows nothing of RPC; docs/security.md says what is supported.
 */
#ifndef WBEM_AUTH_AUTH_H
#define WBEM_AUTH_AUTH_H

#include "object/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>

/* The values of sec_trailer's auth_type, [MS-RPCE] 2.2.1.1.7. */
enum auth_mechanism {
    AUTH_SPNEGO = 9,
    AUTH_NTLM = 10,
    AUTH_KERBEROS = 16,
};

#define AUTH_NT_HASH_SIZE 16
/* No signature of any mechanism is larger: what to keep free at the end of a fragment. */
#define AUTH_SIGNATURE_MAX 128

/* ---- secrets ------------------------------------------------------------- */

/* Zeroed memory that stays out of swap where the limits allow it; wiped by secret_free(). */
void *secret_alloc(size_t size);
void secret_free(void *secret, size_t size);
/* A copy of text, and its end; NULL is fine. */
char *secret_copy(const char *text);
void secret_text_free(char *text);
void secret_wipe(void *secret, size_t size);

/* ---- credentials -------------------------------------------------------------- */

/* Who we are and what proves it: counted, unchanging once made, safe to share between threads,
 * wiped with the last reference. All text is UTF-8. `domain` may be NULL or empty. */
struct auth_credentials;

HRESULT auth_credentials_password(const char *domain, const char *user, const char *password,
                                  struct auth_credentials **ret);
/* For NTLM; for Kerberos the key of type RC4. */
HRESULT auth_credentials_nt_hash(const char *domain, const char *user,
                                 const uint8_t hash[AUTH_NT_HASH_SIZE],
                                 struct auth_credentials **ret);
/* Kerberos only. A cache of tickets ("FILE:/tmp/krb5cc_0"; NULL: the user's own), and a keytab
 * (NULL: the user's client keytab) with the key of user@domain; user may be NULL for both. */
HRESULT auth_credentials_ccache(const char *domain, const char *user, const char *ccache,
                                struct auth_credentials **ret);
HRESULT auth_credentials_keytab(const char *domain, const char *user, const char *keytab,
                                struct auth_credentials **ret);
/* NTLM's anonymous user. */
HRESULT auth_credentials_anonymous(struct auth_credentials **ret);
struct auth_credentials *auth_credentials_ref(const struct auth_credentials *c);
void auth_credentials_unref(struct auth_credentials *c);
static inline void auth_cleanup_credentials(struct auth_credentials **c)
{
    auth_credentials_unref(*c);
}
/* "" where there is none; borrowed. */
const char *auth_credentials_user(const struct auth_credentials *c);
const char *auth_credentials_domain(const struct auth_credentials *c);

/* What CoSetProxyBlanket and its like are given. NULL: the user's own tickets, *ret a reference to
 * credentials of a ticket cache. */
HRESULT auth_credentials_from_identity(const COAUTHIDENTITY *identity,
                                       struct auth_credentials **ret);
/* IWbemLocator::ConnectServer: user "DOMAIN\user", "user@realm" or "user"; authority NULL,
 * "ntlmdomain:DOMAIN" or "kerberos:principal". A domain in both is WBEM_E_INVALID_PARAMETER. With
 * no user the user's own tickets. What the authority says of the mechanism goes to *mechanism
 * (AUTH_SPNEGO: it says nothing), its principal to *spn (free() it; NULL: none); both may be NULL.
 */
HRESULT auth_credentials_from_logon(const wchar_t *user, const wchar_t *password,
                                    const wchar_t *authority, struct auth_credentials **ret,
                                    enum auth_mechanism *mechanism, char **spn);
/* The same with UTF-8, for the command line; `hash` takes the password as an NT hash. */
HRESULT auth_credentials_parse(const char *user, const char *password, bool hash,
                               struct auth_credentials **ret);
/* Lines "username = …", "password = …", "domain = …". A file that others may read is refused unless
 * `lax`. */
HRESULT auth_credentials_from_file(const char *path, bool lax, struct auth_credentials **ret);
/* WBEM_USER, WBEM_PASSWORD, WBEM_DOMAIN, WBEM_NT_HASH, WBEM_CREDENTIALS (a file),
 * WBEM_CCACHE, WBEM_KEYTAB. S_FALSE and NULL when none is set. */
HRESULT auth_credentials_from_environment(struct auth_credentials **ret);
/* Asks on the terminal, not echoing; *ret for secret_text_free(). E_ABORT: no terminal, or its end.
 */
HRESULT auth_prompt_password(const char *prompt, char **ret);

/* MD4 of the password as UTF-16LE, [MS-NLMP] 3.3.1. */
HRESULT auth_nt_hash(const char *password, uint8_t ret[AUTH_NT_HASH_SIZE]);
/* "LMHASH:NTHASH", ":NTHASH" or 32 hexadecimal digits. E_INVALIDARG. */
HRESULT auth_nt_hash_parse(const char *text, uint8_t ret[AUTH_NT_HASH_SIZE]);

/* ---- whom a server believes --------------------------------------------------------- */

/* The NT hash of a user. S_FALSE: no such user. Any thread. Domain and user as the client wrote
 * them, in UTF-8; compare without regard to case. */
typedef HRESULT (*auth_lookup)(void *context, const char *domain, const char *user,
                               uint8_t hash[AUTH_NT_HASH_SIZE]);

enum auth_protection {
    AUTH_PROTECTION_OFF,
    AUTH_PROTECTION_ALLOW,   /* what the client says must be right */
    AUTH_PROTECTION_REQUIRE, /* and it must say it */
};

/* Borrowed for as long as contexts made with it live. */
struct auth_acceptor {
    auth_lookup lookup; /* NULL: no NTLM */
    void *lookup_context;
    const char *keytab;           /* "" is the machine's; NULL: no Kerberos */
    const char *netbios_computer; /* NULL: from the host name */
    const char *netbios_domain;   /* NULL: as the computer */
    const char *dns_computer;     /* NULL: the host name */
    const char *dns_domain;       /* NULL: what follows the host name's first dot */
    bool allow_anonymous;
    bool require_mic;    /* refuse NTLM clients that send none (some libraries do not) */
    uint32_t clock_skew; /* seconds NTLM's time may be off; 0: 30 minutes */
    enum auth_protection target_name; /* the names below against what the client meant to reach */
    const char *const *target_names;  /* "host/name" or "name", NULL at the end */
    enum auth_protection channel_binding;
    const uint8_t *channel_bindings; /* application data, RFC 5929: "tls-server-end-point:…" */
    size_t channel_bindings_size;
};

/* The server's file: lines "user:domain:nt-hash"; an empty domain stands for any; # begins a
 * comment. Loaded again when it has changed; a change that cannot be read leaves what was there. */
struct auth_password_file;
HRESULT auth_password_file_open(const char *path, struct auth_password_file **ret);
void auth_password_file_close(struct auth_password_file *f);
/* Is told of a version that cannot be taken, once for each, with this thread's error object: on the
 * thread of a lookup and under the lock of f, which it must leave alone. */
typedef void (*auth_password_file_failed)(void *context, const char *path, HRESULT hr);
void auth_password_file_on_failure(struct auth_password_file *f, auth_password_file_failed failed,
                                   void *context);
/* Of the type auth_lookup. */
HRESULT auth_password_file_lookup(void *file, const char *domain, const char *user,
                                  uint8_t hash[AUTH_NT_HASH_SIZE]);
/* Adds, replaces or (password NULL) removes a line, by a new file of the same owner renamed over
 * the old. S_FALSE: there was none to remove. */
HRESULT auth_password_file_set(const char *path, const char *domain, const char *user,
                               const char *password);
/* The same with the password's hash; NULL removes. */
HRESULT auth_password_file_set_hash(const char *path, const char *domain, const char *user,
                                    const uint8_t hash[AUTH_NT_HASH_SIZE]);
/* Whose line lets this user in: *ret_domain (free() it) is that line's, "" of one for any. S_FALSE:
 * there is none. */
HRESULT auth_password_file_domain(struct auth_password_file *f, const char *domain,
                                  const char *user, char **ret_domain);
/* Every user, in the order of the file; a failure of `each` ends it and is returned. `each` runs
 * under the lock of f, and must leave f alone. */
HRESULT auth_password_file_each(struct auth_password_file *f,
                                HRESULT (*each)(void *context, const char *domain,
                                                const char *user),
                                void *context);

/* ---- contexts -------------------------------------------------------------------------- */

/* One side of one association. Steps and protection of one context are for one thread at a time. */
struct auth_context;

/* Flags of a client. */
#define AUTH_DCE_STYLE 0x1 /* three legs and signatures apart, as RPC has them */
#define AUTH_IDENTIFY 0x2  /* the server may know us, not act as us */
#define AUTH_DELEGATE 0x4  /* the server may use our ticket elsewhere (Kerberos) */

/* target_spn: "RPCSS/host" or "host/host", "service/host@REALM"; NULL with NTLM only. level:
 * RPC_C_AUTHN_LEVEL_*, of which privacy asks for encryption. */
HRESULT auth_client_new(enum auth_mechanism mechanism, const struct auth_credentials *credentials,
                        const char *target_spn, unsigned level, unsigned flags,
                        struct auth_context **ret);
HRESULT auth_server_new(enum auth_mechanism mechanism, const struct auth_acceptor *acceptor,
                        struct auth_context **ret);
void auth_context_destroy(struct auth_context *c);
static inline void auth_cleanup_context(struct auth_context **c)
{
    auth_context_destroy(*c);
}

/* Before the first step. Application data of the channel, RFC 5929; copied. Client. */
HRESULT auth_set_channel_bindings(struct auth_context *c, const void *data, size_t size);
/* What PFC_SUPPORT_HEADER_SIGN agreed on; before the first message. Off to begin with. */
void auth_set_header_signing(struct auth_context *c, bool on);

/* Takes the peer's token (none: a client's beginning) and appends the one to send to *out, which
 * may be none. *done: authenticated; send what is in *out, if anything, and begin. After a failure
 * the context is of no use, but *out may have a token that tells the peer. An error object says
 * why: SEC_E_LOGON_DENIED, SEC_E_INVALID_TOKEN, SEC_E_UNSUPPORTED_FUNCTION, SEC_E_TARGET_UNKNOWN,
 * SEC_E_TIME_SKEW, SEC_E_NO_CREDENTIALS, SEC_E_CONTEXT_EXPIRED, SEC_E_BAD_BINDINGS and the like.
 *
 * Legs: NTLM 3; Kerberos 3 with DCE style (AP-REQ, AP-REP, AP-REP back); SPNEGO up to 4 or 5. */
HRESULT auth_step(struct auth_context *c, const void *in, size_t in_size, struct buffer *out,
                  bool *done);

/* What sec_trailer's auth_length will be for a body (stub and pad) of that size. Once done. */
HRESULT auth_signature_size(struct auth_context *c, bool privacy, size_t body_size, size_t *ret);
/* Bodies of encrypted messages have to be multiples of this: 16 for RPC whatever the mechanism,
 * [MS-RPCE] 2.2.2.11; here the mechanism's own need. */
size_t auth_body_alignment(const struct auth_context *c);

/* Signs header, body and trailer (the PDU up to its body, the stub and its pad, the sec_trailer
 * without the signature) and, for privacy, encrypts the body in place. NTLM covers header and
 * trailer always ([MS-NLMP] 3.4.6: all buffers), Kerberos with header signing only. Messages are
 * numbered: protect in the order of sending, unprotect in the order of receiving. */
HRESULT auth_protect(struct auth_context *c, bool privacy, const void *header, size_t header_size,
                     void *body, size_t body_size, const void *trailer, size_t trailer_size,
                     void *signature, size_t signature_size);
/* SEC_E_MESSAGE_ALTERED, SEC_E_OUT_OF_SEQUENCE: give up the connection. */
HRESULT auth_unprotect(struct auth_context *c, bool privacy, const void *header, size_t header_size,
                       void *body, size_t body_size, const void *trailer, size_t trailer_size,
                       const void *signature, size_t signature_size);

/* Who the other side is; NULL until done, and for a client that did not ask for mutual
 * authentication of a named server. Borrowed from the context. */
struct auth_principal {
    enum auth_mechanism mechanism; /* what SPNEGO settled on, never AUTH_SPNEGO */
    const char *domain, *user;     /* the realm for Kerberos; "" where there is none */
    const char *name;              /* DOMAIN\user, or user@REALM for Kerberos */
    const char *workstation;       /* what an NTLM client claims; not proved */
    const char *target;            /* what the client meant to reach; "" when it did not say */
    bool anonymous;
    bool identify_only; /* may not be impersonated */
};
const struct auth_principal *auth_peer(const struct auth_context *c);
/* Another `name` for the peer: who it is here, when it may say that in several ways. */
HRESULT auth_name_peer(struct auth_context *c, const char *name);
/* The mechanism in use; AUTH_SPNEGO while that is open. */
enum auth_mechanism auth_context_mechanism(const struct auth_context *c);
/* The session's key, borrowed; 0 bytes until done. */
const uint8_t *auth_session_key(const struct auth_context *c, size_t *size);

#endif
