/*
 * What the mechanisms share: the context they embed, their table of functions,
 * the insides of credentials.
 */
#ifndef WBEM_AUTH_AUTH_PRIVATE_H
#define WBEM_AUTH_AUTH_PRIVATE_H

#include "auth/auth.h"
#include "com/com.h"
#include "object/object.h"

/* No token of a peer is larger: Kerberos tickets with many groups reach 64 KB. */
#define AUTH_TOKEN_MAX 0x20000
/* Names from a peer, in bytes of UTF-8; [MS-NLMP] gives them 16 bits. */
#define AUTH_NAME_MAX 1024

enum secret_kind {
    SECRET_NONE, /* NTLM's anonymous user */
    SECRET_PASSWORD,
    SECRET_NT_HASH,
    SECRET_CCACHE,
    SECRET_KEYTAB,
};

struct auth_credentials {
    struct com_refs refs;
    enum secret_kind kind;
    char *domain; /* "" for none */
    char *user;
    char *password;                     /* SECRET_PASSWORD; locked in memory */
    uint8_t nt_hash[AUTH_NT_HASH_SIZE]; /* SECRET_NT_HASH */
    char *store;                        /* a cache or keytab; NULL: the user's own */
    pthread_mutex_t lock;
    struct kerberos_tickets *tickets; /* under lock: what they got us last, or NULL */
};

/* The four parts of a protected message; `body` is changed in place. */
struct auth_message {
    const uint8_t *header;
    size_t header_size;
    uint8_t *body;
    size_t body_size;
    const uint8_t *trailer;
    size_t trailer_size;
};

struct auth_operations {
    HRESULT(*step)
    (struct auth_context *c, const uint8_t *in, size_t in_size, struct buffer *out, bool *done);
    HRESULT (*signature_size)(struct auth_context *c, bool privacy, size_t body_size, size_t *ret);
    HRESULT(*protect)
    (struct auth_context *c, bool privacy, const struct auth_message *m, uint8_t *signature,
     size_t signature_size);
    HRESULT(*unprotect)
    (struct auth_context *c, bool privacy, const struct auth_message *m, const uint8_t *signature,
     size_t signature_size);
    void (*destroy)(struct auth_context *c);
    size_t body_alignment;
    /* SPNEGO's wish: what is signed so far does not count, [MS-SPNG] 3.3.5.1. May be NULL. */
    void (*restart_signing)(struct auth_context *c);
};

struct auth_context {
    const struct auth_operations *operations;
    enum auth_mechanism mechanism;
    bool client;
    bool done;
    bool failed;
    bool header_signing;
    unsigned level, flags;                /* client */
    struct auth_credentials *credentials; /* client; owned */
    char *target;                         /* client; owned; NULL for none */
    const struct auth_acceptor *acceptor; /* server; borrowed */
    uint8_t *bindings;                    /* client; owned */
    size_t bindings_size;
    uint8_t session_key[64];
    size_t session_key_size;
    bool have_peer;
    struct auth_principal peer; /* its text is owned by the context */
    char *peer_text[5];
};

/* Zeroed context of `size` bytes whose first member is a struct auth_context. */
HRESULT auth_context_create(size_t size, const struct auth_operations *operations,
                            enum auth_mechanism mechanism, struct auth_context **ret);
/* Takes copies; NULL counts as "". `name` NULL: made of domain and user. */
HRESULT auth_context_set_peer(struct auth_context *c, const char *domain, const char *user,
                              const char *name, const char *workstation, const char *target);

HRESULT ntlm_client_new(struct auth_context **ret);
HRESULT ntlm_server_new(struct auth_context **ret);
HRESULT kerberos_client_new(struct auth_context **ret);
HRESULT kerberos_server_new(struct auth_context **ret);
HRESULT spnego_client_new(struct auth_context **ret);
HRESULT spnego_server_new(struct auth_context **ret);

/* True when `name` (a service principal, "service/host" or "host", any @REALM left out) is one of
 * the acceptor's names; a name of the acceptor without a service stands for all services. */
bool auth_target_is_ours(const struct auth_acceptor *a, const char *name);

/* Constant in time for equal sizes. */
bool auth_equal(const void *a, const void *b, size_t size);
HRESULT auth_random(void *to, size_t size);

#endif
