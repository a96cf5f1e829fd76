/*
 * WMI for other machines ([MS-WMI]): the login, services, enumerators and call
 * results of this process's repository as objects of a DCOM server.
 */
#ifndef WBEM_SERVER_SERVER_H
#define WBEM_SERVER_SERVER_H

#include "dcom/dcom.h"

#include <stdint.h>

/* Makes the login's class known to the server, and how all of WMI's interfaces are called. Whom it
 * lets in is the namespaces' affair: WBEM_REMOTE_ACCESS. */
HRESULT server_register(struct dcom_server *s);
/* As whom clients' sinks are called; borrowed for good, before anything is served. NULL, and
 * without this: with the Kerberos tickets of the user who runs the process. */
struct auth_credentials;
void server_set_callback_credentials(struct auth_credentials *credentials);
/* Calls of this process that wait for objects end, with what they have got: before the rpc server
 * is stopped gracefully. For good. */
void server_stop_waiting(void);

/* What clients' enumerators may cost. Each 0 is no limit. */
struct server_policy {
    uint32_t enumerators_per_user;  /* open at once; one more is WBEM_E_QUOTA_VIOLATION */
    uint64_t results_per_user;      /* objects that they keep; then they fail so */
    uint64_t result_bytes_per_user; /* the same in bytes */
    uint64_t call_ms;               /* for which a call may wait for objects */
    /* The name under which a user is counted (free() it), for the one that authentication has.
     * NULL: the same. */
    HRESULT (*identify)(void *context, const char *peer, char **ret);
    void *context;
};
/* From now on; at any time. */
void server_set_policy(const struct server_policy *p);
/* Takes enumerators that nobody has called for so long from their clients; how many. To be called
 * now and then. */
size_t server_end_idle(struct dcom_server *s, uint64_t idle_ms);
/* Open enumerators, of all clients. */
size_t server_enumerator_count(void);

#endif
