/* Shared by the files of this folder only. */
#ifndef WBEM_SECURITY_SECURITY_PRIVATE_H
#define WBEM_SECURITY_SECURITY_PRIVATE_H

#include "security/security.h"

/* A copy into an empty token; false: not there, or no memory. The generation is to be given to
 * token_cache_keep(), for which what was asked for before token_forget_clients() is too old. */
bool token_cache_find(const char *client, struct token *ret, uint64_t *ret_generation);
void token_cache_keep(const char *client, const struct token *t, uint64_t asked_in);

#endif
