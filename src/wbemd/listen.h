/* Where wbemd is reached: its sockets, or those that systemd has opened for it. */
#ifndef WBEM_WBEMD_LISTEN_H
#define WBEM_WBEMD_LISTEN_H

#include "rpc/rpc.h"
#include "wbemd/settings.h"

struct listen_ports {
    uint16_t resolver, objects;
    char **names; /* under which clients reach us */
    size_t name_count;
};

/* A failure has been logged, with what to do about it. */
HRESULT listen_all(struct rpc_server *rpc, const struct settings *s, struct listen_ports *ret);
void listen_ports_done(struct listen_ports *p);
/* --port-file and --ready-fd: the port of the resolver and a line's end. False: logged. */
bool listen_tell(const struct settings *s, const struct listen_ports *p);

#endif
