/*
 * Who is let in and how much each may have at once: connections and calls of a
 * user and in all. What a user's objects may cost is counted here too.
 */
#ifndef WBEM_WBEMD_GUARD_H
#define WBEM_WBEMD_GUARD_H

#include "rpc/rpc.h"
#include "wbemd/accounts.h"
#include "wbemd/settings.h"

struct guard_limits {
    unsigned connections_per_user, calls, calls_per_user;
    int64_t bytes_per_user; /* of requests and replies */
};

struct guard;
HRESULT guard_new(struct guard **ret);
/* After the servers that ask it. NULL is fine. */
void guard_destroy(struct guard *g);
/* What holds from now on; `a` is borrowed for as long as the guard lives. */
void guard_set(struct guard *g, const struct accounts *a, const struct settings *s);
const struct accounts *guard_accounts(struct guard *g);
/* For rpc_server_options. */
struct rpc_server_guard guard_of(struct guard *g);
void guard_closed(void *guard, uint64_t connection);

#endif
