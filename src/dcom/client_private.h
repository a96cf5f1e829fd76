/*
 * What the files of the DCOM client share.
 *
 * client->lock guards everything here but what is said to be fixed; it is never held over the
 * network or a callback. The `connecting` locks are held while a connection is opened, are taken
 * without client->lock, and keep two threads from opening the same one. Resolvers and OXIDs live as
 * long as their client, so pointers to them need no counting.
 */
#ifndef WBEM_DCOM_CLIENT_PRIVATE_H
#define WBEM_DCOM_CLIENT_PRIVATE_H

#include "dcom/channel.h"
#include "enumerator/pool.h"

#define CLIENT_OID_BUCKETS 256

/* A copy that owns its parts. */
struct client_security {
    struct dcom_security value;
    char *target; /* value.target */
};

/* An object resolver: [MS-DCOM] 3.2.1, Resolver table and SETID table. */
struct client_resolver {
    struct client_resolver *next;
    char *host;                 /* fixed */
    uint16_t port;              /* fixed */
    pthread_mutex_t connecting; /* guards channel too */
    struct channel *channel;
    uint64_t setid;    /* 0: none yet; these two are client_keep_house()'s */
    uint16_t sequence; /* of the next ComplexPing */
};

/* A connection to an exporter with some security. */
struct client_channel {
    struct client_channel *next;
    struct client_security security;
    struct channel *channel;
};

/* An object exporter: OXID table. */
struct client_oxid {
    struct client_oxid *next;
    uint64_t oxid; /* fixed, as all up to `connecting` */
    struct client_resolver *resolver;
    IPID rem_unknown;
    struct dcom_version version; /* to be spoken */
    struct dcom_bindings bindings;
    uint32_t authn_hint;
    pthread_mutex_t connecting;
    struct client_channel *channels;        /* under connecting */
    struct dcom_bindings resolver_bindings; /* of its references, to marshal them on */
};

/* An object that is pinged: OID table. */
struct client_oid {
    struct client_oid *next;
    uint64_t oid;
    struct client_resolver *resolver;
    size_t refs; /* of dcom_objects */
    bool in_set; /* the server has it in our ping set */
};

/* References that are to go back. */
struct client_release {
    struct client_release *next;
    struct client_oxid *oxid;
    IPID ipid;
    uint32_t public_refs;
};

/* Under the lock of client_house.c. */
struct client_house {
    struct dcom_client *next, *previous;
    struct pool_job job;
    uint64_t due; /* monotonic, in ms; UINT64_MAX: never, or the job will say */
    bool busy;    /* the job is under way */
};

struct dcom_client {
    struct com_refs refs;
    char *host; /* fixed, as all up to `lock`; may be NULL */
    uint16_t port;
    struct client_security security;
    unsigned connect_timeout_ms, call_timeout_ms, ping_period_ms, release_delay_ms;
    pthread_mutex_t lock;
    pthread_cond_t ended; /* for who waits for `over` */
    struct client_resolver *resolvers;
    struct client_oxid *oxids;
    struct client_oid *oids[CLIENT_OID_BUCKETS];
    struct client_release *releases;
    uint64_t release_due, ping_due; /* monotonic, in ms */
    bool disconnected;
    bool kept;     /* its house is kept, client_house.c */
    bool closing;  /* for the last time */
    bool detached; /* nobody waits for that: the client is freed then */
    bool over;     /* it is done */
    struct client_house house;
};

struct dcom_object {
    struct com_refs refs;
    struct dcom_client *client; /* counted */
    struct client_oxid *oxid;
    struct client_oid *oid; /* NULL: not pinged */
    uint64_t oid_value;
    IPID ipid;
    IID iid;
    uint32_t public_refs;            /* under client->lock */
    struct client_security security; /* under client->lock */
};

HRESULT client_security_copy(const struct dcom_security *from, struct client_security *ret);
void client_security_done(struct client_security *s);
/* From now on releases and pings are sent. Under c->lock. */
HRESULT client_run(struct dcom_client *c);
/* What is due now, and then house_rest() or house_leave(). */
void client_keep_house(struct dcom_client *c);
void client_unref_without_waiting(struct dcom_client *c);
/* An error object for this thread that says what failed where, and what the layer below has left
 * there about it; returns hr. */
HRESULT client_raise(struct dcom_client *c, HRESULT hr, const char *operation);

/* ---- when there is something to send (client_house.c) ------------------------------------- */

/* With c->lock, but for house_leave(). client_keep_house() is called, never twice at once, */
HRESULT house_enter(struct dcom_client *c, uint64_t due); /* from now on, first at that time; */
void house_schedule(struct dcom_client *c, uint64_t due); /* then, if not earlier; */
void house_hurry(struct dcom_client *c);                  /* at once. */
/* By client_keep_house(), at its end: the next time, */
void house_rest(struct dcom_client *c, uint64_t due);
void house_leave(struct dcom_client *c); /* or none. */

/* ---- resolvers and exporters ------------------------------------------------------------- */

HRESULT client_resolver_get(struct dcom_client *c, const char *host, uint16_t port,
                            struct client_resolver **ret);
/* The client's own. */
HRESULT client_resolver_main(struct dcom_client *c, struct client_resolver **ret);
/* Calls IObjectExporter or an activator of a resolver; frees `in`'s bytes. */
HRESULT client_resolver_call(struct dcom_client *c, struct client_resolver *r, const IID *iid,
                             uint16_t opnum, unsigned timeout_ms, struct ndr_writer *in,
                             struct channel_reply *ret);
/* ResolveOxid2 by a reference's bindings. */
HRESULT client_oxid_resolve(struct dcom_client *c, const struct dcom_objref *ref,
                            struct client_oxid **ret);
/* Makes an exporter known; takes bindings. */
HRESULT client_oxid_add(struct dcom_client *c, struct client_resolver *resolver, uint64_t oxid,
                        const IPID *rem_unknown, struct dcom_version version, uint32_t authn_hint,
                        struct dcom_bindings *bindings, struct client_oxid **ret);
/* An open connection, counted. */
HRESULT client_oxid_channel(struct dcom_client *c, struct client_oxid *x,
                            const struct dcom_security *security, struct channel **ret);
/* Had connections, and has none now. */
bool client_oxid_is_lost(struct client_oxid *x);
/* The port of an interface, from the endpoint mapper of a host. */
HRESULT client_map_endpoint(struct dcom_client *c, const char *host, const IID *iid,
                            uint16_t *ret_port);

/* ---- calls ------------------------------------------------------------------------------- */

/* ORPCTHIS and the arguments; `in` is as new. */
HRESULT client_request(struct client_oxid *x, struct ndr_writer *in, uint8_t **ret, size_t *size);
/* Takes what came apart: the method's HRESULT, or what is wrong. */
HRESULT client_take_reply(struct channel_reply *from, struct dcom_reply *ret);
/* A call on the exporter's own object, IRemUnknown. */
HRESULT client_rem_unknown(struct dcom_client *c, struct client_oxid *x, uint16_t opnum,
                           struct ndr_writer *in, unsigned timeout_ms, struct dcom_reply *ret);

/* RemoteCreateInstance (4) or RemoteGetClassObject (3); old: as if the server knew neither. */
HRESULT client_activate(struct dcom_client *c, uint16_t opnum, bool old, REFCLSID clsid,
                        REFIID riid, struct dcom_object **ret, bool *ret_answered);

/* ---- lifetime ------------------------------------------------------------------------------ */

void client_send_releases(struct dcom_client *c, struct client_release *first);
void client_ping_all(struct dcom_client *c);
/* Finds or makes; counts. Under c->lock. */
HRESULT client_oid_get(struct dcom_client *c, uint64_t oid, struct client_resolver *r,
                       struct client_oid **ret);
void client_oid_put(struct dcom_client *c, struct client_oid *o); /* under c->lock */
HRESULT client_object_new(struct dcom_client *c, struct client_oxid *x,
                          const struct dcom_stdobjref *std, REFIID iid, struct dcom_object **ret);

#endif
