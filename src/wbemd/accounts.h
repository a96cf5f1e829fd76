/*
 * Who may come in, and what they are on this machine: the password file, users
 * made for this run, the keytab, PAM, and the rules that give a principal an
 * account and groups. docs/server.md says the same for administrators.
 *
 * Unchanging once made, so a reload makes new ones; connections keep what they began with, which is
 * why old ones stay until the end.
 */
#ifndef WBEM_WBEMD_ACCOUNTS_H
#define WBEM_WBEMD_ACCOUNTS_H

#include "auth/auth.h"
#include "security/security.h"
#include "wbemd/settings.h"

struct accounts;

/* `older` (NULL: none) is destroyed together with the new ones. Failures have been logged. */
HRESULT accounts_new(const struct settings *s, struct accounts *older, struct accounts **ret);
void accounts_destroy(struct accounts *a); /* NULL is fine */
/* Could anybody come in at all? */
bool accounts_is_empty(const struct accounts *a);
const struct auth_acceptor *accounts_acceptor(const struct accounts *a);

/* The name under which a principal ("DOMAIN\user", "user@REALM") is known here: a user whose line
 * in the password file is for any domain is the user alone, whatever domain the client claims. In
 * small letters. */
HRESULT accounts_identify(const struct accounts *a, const char *principal, char **ret);
/* The account of this machine that it stands for: S_FALSE and NULL when there is none. */
HRESULT accounts_account(const struct accounts *a, const char *principal, char **ret);
/* token_map_fn: its account's identifiers and its groups'. */
HRESULT accounts_token(const struct accounts *a, const char *principal, struct token *ret);
/* PAM's account phase, where there is a service. E_ACCESSDENIED with the reason in `why`. May take
 * its time. */
HRESULT accounts_admit(const struct accounts *a, const char *principal, const char *address,
                       char *why, size_t why_size);

/* pam.c. Without libpam every service is refused. */
bool pam_is_there(void);
HRESULT pam_admit(const char *service, const char *account, const char *address, char *why,
                  size_t why_size);

#endif
