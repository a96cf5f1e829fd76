/*
 * Protection of fragments by a security context: [MS-RPCE] 2.2.2.11 and 3.3.1.5.2.
 */
#ifndef WBEM_RPC_SECURITY_H
#define WBEM_RPC_SECURITY_H

#include "rpc/pdu.h"

/* One security context of a connection: auth_context_id's. */
struct security {
    struct security *next;
    struct auth_context *context; /* owned */
    uint32_t id;
    uint8_t type, level; /* auth_type, auth_level */
    bool done;
    uint32_t refusal; /* 0, or the fault of every request: known, and not welcome */
};

/* Do fragments carry a signature? At connect only the handshake is authenticated. */
static inline bool security_signs(const struct security *s)
{
    return s && s->level >= RPC_C_AUTHN_LEVEL_CALL;
}
void security_destroy(struct security *s); /* NULL is fine */

/* How much of a stub a fragment can carry behind a header of that size; a multiple of 16. */
HRESULT security_room(struct security *s, size_t fragment_max, size_t header_size, size_t *ret);
/* `pdu` has a header and a body of stub, and room for PDU_FRAGMENT_SIZE bytes: adds padding,
 * trailer and signature, encrypts, and fills in the lengths. s NULL: only the lengths. *size is the
 * whole. */
HRESULT security_protect(struct security *s, uint8_t *pdu, size_t header_size, size_t body_size,
                         size_t *size);
/* Checks and decrypts a fragment in place; its stub, without padding, begins at header_size. */
HRESULT security_unprotect(struct security *s, struct pdu *p, size_t header_size,
                           size_t *stub_size);

#endif
