/*
 * What the files of the DCOM server share.
 *
 * server->lock guards the tables and the counts in what they lead to; it is never held while code
 * of an object, a stub or a class runs. An exported object is counted: the table's reference, and
 * one for each call in progress; whoever drops the last one releases the COM pointers, without the
 * lock.
 */
#ifndef WBEM_DCOM_SERVER_PRIVATE_H
#define WBEM_DCOM_SERVER_PRIVATE_H

#include "dcom/channel.h"

#define SERVER_BUCKETS 4096
#define SERVER_SET_BUCKETS 4096
/* Public references with each OBJREF. Windows gives 5, of which clients that give back one for each
 * pointer (impacket) would leave 4, and the object until its pings are missed; who needs more asks
 * for more. */
#define SERVER_REFS 1

/* An interface of an exported object. */
struct server_ipid {
    struct server_ipid *next;         /* in its bucket */
    struct server_ipid *next_of_same; /* of the object */
    struct server_object *object;
    IPID ipid;
    const struct dcom_stub *stub;
    IUnknown *iface; /* counted; fixed */
    uint64_t public_refs;
    uint64_t private_refs;
};

/* Whose objects there are how many of. */
struct server_owner {
    struct server_owner *next;
    char *name;          /* of a principal; NULL: */
    uint64_t connection; /* of a connection */
    uint32_t objects;
};

struct server_object {
    struct com_refs refs;
    struct server_object *next_by_oid;
    struct server_object *next_by_identity;
    uint64_t oid;
    IUnknown *identity;              /* counted; fixed */
    struct server_owner *owner;      /* NULL: everybody's */
    struct server_owner *connection; /* NULL: none in particular */
    struct server_ipid *ipids;
    uint32_t sets;    /* ping sets that it is in */
    uint64_t touched; /* monotonic ms: exported, called, or taken out of the last set */
    bool gone;        /* out of the tables */
};

/* A client's ping set, [MS-DCOM] 3.1.2.1: SETID table. */
struct server_set {
    struct server_set *next;
    uint64_t setid;
    char *owner; /* who made it */
    uint16_t sequence;
    uint64_t pinged; /* monotonic ms */
    uint64_t *oids;  /* owned; sorted */
    size_t count, capacity;
};

struct server_class {
    struct server_class *next;
    CLSID clsid;
    struct dcom_server_class value;
};

struct server_stub {
    struct server_stub *next;
    const struct dcom_stub *stub;
    struct channel_service service;
};

struct dcom_server {
    struct rpc_server *rpc; /* fixed, as all up to `lock` */
    char **addresses;
    size_t address_count;
    uint32_t authn_level;
    uint64_t ping_period_ms;
    uint32_t per_client, per_connection, in_all;
    uint64_t oxid;
    IPID rem_unknown;
    struct channel_service own[6];
    pthread_mutex_t lock;
    pthread_cond_t wake;
    uint16_t resolver_port, object_port;
    struct server_class *classes;
    struct server_stub *stubs;
    struct server_owner *owners[SERVER_BUCKETS];
    struct server_ipid *ipids[SERVER_BUCKETS];
    struct server_object *by_oid[SERVER_BUCKETS];
    struct server_object *by_identity[SERVER_BUCKETS];
    void (*vanished)(IUnknown *identity); /* fixed; may be NULL */
    struct server_set *sets[SERVER_SET_BUCKETS];
    size_t object_count, set_count;
    pthread_t thread;
    bool running, closing;
};

/* Random, never 0. */
HRESULT server_random(uint64_t *ret);

/* ---- objects --------------------------------------------------------------------------- */

const struct dcom_stub *server_stub_find(struct dcom_server *s, REFIID iid); /* under the lock */
/* Exports, counting against a connection (0: none) and giving `refs` public references. */
HRESULT server_export(struct dcom_server *s, IUnknown *object, REFIID riid, const char *owner,
                      uint64_t connection, uint32_t refs, struct dcom_stdobjref *ret);
struct server_ipid *server_ipid_find(struct dcom_server *s, const IPID *ipid); /* under the lock */
/* May this principal use it? */
bool server_object_is_for(const struct server_object *o, const char *peer);
void server_object_unref(struct server_object *o);
/* Out of the tables; the caller drops the table's reference without the lock. Under the lock. */
void server_object_remove(struct dcom_server *s, struct server_object *o);
/* Drops references of an interface; an object that has none left is returned, removed. */
struct server_object *server_ipid_release(struct dcom_server *s, struct server_ipid *p,
                                          uint64_t public_refs, uint64_t private_refs);
struct server_object *server_oid_find(struct dcom_server *s, uint64_t oid); /* under the lock */
void server_objref(struct dcom_server *s, const struct dcom_stdobjref *std, REFIID iid,
                   struct dcom_objref *ref, HRESULT *hr);
void server_owners_done(struct dcom_server *s);

/* Bindings with the endpoint of the exporter, or of the resolver when that isn't the usual. */
HRESULT server_bindings(struct dcom_server *s, bool resolver, struct dcom_bindings *ret);

/* ---- garbage -------------------------------------------------------------------------------- */

void *server_collect(void *dcom_server);
void server_sets_done(struct dcom_server *s);
HRESULT server_set_ping(struct dcom_server *s, uint64_t setid, const char *peer);
/* Makes the set when *setid is 0. The OIDs are overwritten. Win32 codes, as on the wire. */
uint32_t server_set_change(struct dcom_server *s, uint64_t *setid, uint16_t sequence,
                           const char *peer, uint64_t *added, size_t add_count, uint64_t *removed,
                           size_t remove_count);

/* ---- requests ----------------------------------------------------------------------------------
 */

/* Level enough for objects and activation? */
bool server_level_is_enough(struct dcom_server *s, const struct channel_incoming *request);
void server_context(const struct channel_incoming *request, struct com_call_context *ret,
                    wchar_t **ret_name);
channel_dispatch server_dispatch_object;     /* any exported interface */
channel_dispatch server_dispatch_unknown;    /* IRemUnknown, IRemUnknown2 */
channel_dispatch server_dispatch_resolver;   /* IObjectExporter */
channel_dispatch server_dispatch_mapper;     /* ept */
channel_dispatch server_dispatch_activator;  /* IRemoteSCMActivator */
channel_dispatch server_dispatch_activation; /* IActivation */
/* Answers with what was written, or a fault when that failed. */
void server_answer(struct channel_incoming *request, struct ndr_writer *out);
extern const struct dcom_stub server_class_factory_stub;
/* Reads ORPCTHIS and agrees on a version. */
HRESULT server_read_this(struct ndr_reader *r, struct dcom_this *orpc,
                         struct dcom_version *version);

#endif
