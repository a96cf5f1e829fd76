/*
 * Who may do what in a namespace: security identifiers, descriptors and the
 * access check of [MS-DTYP] 2.4 and 2.5.3, and who the caller is on Linux.
 *
 * Users and groups of this machine have the identifiers S-1-22-1-<uid> and S-1-22-2-<gid>.
 */
#ifndef WBEM_SECURITY_SECURITY_H
#define WBEM_SECURITY_SECURITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <wbemcli.h>

/* Standard rights ([MS-DTYP] 2.4.3) that a namespace has beside the WBEM_* ones. */
#define SECURITY_READ_CONTROL 0x00020000u
#define SECURITY_WRITE_DAC 0x00040000u
/* All of a namespace. */
#define SECURITY_ALL 0x0006003fu

/* ---- identifiers ([MS-DTYP] 2.4.2) -------------------------------------------- */

#define SID_SUB_AUTHORITIES_MAX 15u
#define SID_SIZE_MAX (8u + 4u * SID_SUB_AUTHORITIES_MAX)

/* In the form of the packet (2.4.2.2). */
struct sid {
    uint8_t bytes[SID_SIZE_MAX];
    uint32_t size;
};

void sid_of_user(uid_t uid, struct sid *ret);
void sid_of_group(gid_t gid, struct sid *ret);
/* 2.4.2.4 */
extern const struct sid sid_everyone, sid_network, sid_authenticated_users, sid_administrators;
bool sid_equal(const struct sid *a, const struct sid *b);
/* False: the bytes are no identifier. They may go on behind it. */
bool sid_read(const uint8_t *bytes, size_t size, struct sid *ret);
/* "S-1-5-32-544" and back. `out` has SID_TEXT_MAX characters. */
#define SID_TEXT_MAX 192u
void sid_print(const struct sid *s, char *out);
bool sid_parse(const char *text, struct sid *ret);

/* ---- descriptors ([MS-DTYP] 2.4.6) --------------------------------------------- */

#define SECURITY_DESCRIPTOR_SIZE_MAX 65535u

/* 2.4.4.1 */
enum {
    ACE_ALLOWED = 0,
    ACE_DENIED = 1,
};
enum {
    ACE_OBJECT_INHERIT = 0x01,
    ACE_CONTAINER_INHERIT = 0x02,
    ACE_NO_PROPAGATE_INHERIT = 0x04,
    ACE_INHERIT_ONLY = 0x08,
    ACE_INHERITED = 0x10,
};

struct ace {
    uint8_t type, flags;
    uint32_t mask;
    struct sid sid;
};

/* A discretionary list with its owner and group. Zeroed: no owner, no group, an empty list. */
struct descriptor {
    struct sid owner, group; /* size 0: none */
    bool has_dacl;           /* without a list everything is granted */
    bool protected_dacl;     /* SE_DACL_PROTECTED: nothing is inherited */
    struct ace *aces;
    uint32_t count, capacity;
};

void descriptor_done(struct descriptor *d);
HRESULT descriptor_add(struct descriptor *d, uint8_t type, uint8_t flags, uint32_t mask,
                       const struct sid *sid);
/* Self-relative bytes. WBEM_E_INVALID_PARAMETER, with an error object that says what is wrong: also
 * for entries of a type that can't be checked here. The auditing list is not kept. */
HRESULT descriptor_read(const uint8_t *bytes, size_t size, struct descriptor *ret);
HRESULT descriptor_write(const struct descriptor *d, uint8_t **ret, uint32_t *ret_size);
/* What a container below inherits (2.5.3.4), appended to `child` behind its own entries. */
HRESULT descriptor_inherit(const struct descriptor *parent, struct descriptor *child);

/* ---- the caller ----------------------------------------------------------------- */

/* Everything that identifies a caller: the user, its groups, what it is beside. */
struct token {
    struct sid *sids;
    uint32_t count, capacity;
    bool remote;
};

void token_done(struct token *t);
HRESULT token_add(struct token *t, const struct sid *sid);
/* The caller of the call that this thread serves, or this process itself. */
HRESULT token_of_caller(struct token *ret);
/* What remote clients are is kept for half a minute; this forgets it, since it may have changed. */
void token_forget_clients(void);
/* What remote clients are on this machine: fills an empty token for the name of a client, as
 * authentication has it. Without one they are the account of the same name, or everybody. Set while
 * nobody asks; NULL: none. */
typedef HRESULT token_map_fn(void *context, const char *client, struct token *ret);
void token_set_map(token_map_fn *map, void *context);
/* A user of this machine with all its groups. As account_find_user(). */
HRESULT token_of_account(const char *name, struct token *ret);
/* The numbers of a user and its primary group, and of a group. WBEM_E_NOT_FOUND: there is none;
 * WBEM_E_FAILED: the databases do not say. */
HRESULT account_find_user(const char *name, uid_t *ret_user, gid_t *ret_group);
HRESULT account_find_group(const char *name, gid_t *ret);
/* All groups of a user; *ret is the caller's to free(). */
HRESULT account_groups(const char *name, gid_t primary, gid_t **ret, size_t *ret_count);
/* The identifiers that everybody has who is known by name. */
HRESULT token_add_everybody(struct token *t);
bool token_has(const struct token *t, const struct sid *sid);

/* The rights of `all` that the descriptor grants ([MS-DTYP] 2.5.3.2, in the order of the list; the
 * owner always has SECURITY_READ_CONTROL and SECURITY_WRITE_DAC). */
uint32_t access_granted(const struct descriptor *d, const struct token *t, uint32_t all);

#endif
