/*
 * The tokens of SPNEGO, RFC 4178 4.2 and [MS-SPNG] 2.2.1.
 */
#ifndef WBEM_AUTH_SPNEGO_H
#define WBEM_AUTH_SPNEGO_H

#include "auth/auth_private.h"
#include "auth/der.h"

#define SPNEGO_MECHS_MAX 16

enum spnego_mech {
    SPNEGO_UNKNOWN,
    SPNEGO_KERBEROS,
    SPNEGO_KERBEROS_MS, /* Windows 2000's slip of a bit, which all still send */
    SPNEGO_NTLM,
};

enum spnego_state {
    SPNEGO_COMPLETED,
    SPNEGO_INCOMPLETE,
    SPNEGO_REJECT,
    SPNEGO_REQUEST_MIC,
    SPNEGO_NO_STATE,
};

/* All parts are borrowed from the token; at == NULL where there is none. */
struct spnego_init {
    enum spnego_mech mechs[SPNEGO_MECHS_MAX];
    size_t mech_count;
    struct der mech_list; /* with its tag: what mechListMIC signs */
    struct der token, mic;
};

struct spnego_response {
    enum spnego_state state;
    bool has_mech;
    enum spnego_mech mech;
    struct der token, mic;
};

/* SEC_E_INVALID_TOKEN with an error object. */
HRESULT spnego_read_init(const uint8_t *in, size_t size, struct spnego_init *ret);
HRESULT spnego_read_response(const uint8_t *in, size_t size, struct spnego_response *ret);
/* The list of mechanisms with its tag. */
void spnego_write_mechs(struct buffer *out, const enum spnego_mech *mechs, size_t count);
/* hint: as [MS-SPNG]'s NegTokenInit2, which a server sends when it begins. */
void spnego_write_init(struct buffer *out, const struct spnego_init *m, bool hint);
void spnego_write_response(struct buffer *out, const struct spnego_response *m);
HRESULT spnego_bad_token(const char *what);

#endif
