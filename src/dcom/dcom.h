/*
 * DCOM ([MS-DCOM]): activation, object references, calls on them and their
 * lifetime, as a client of another host and as a server of objects. Knows
 * nothing of WMI; dcom_data.h has the structures that travel.
 *
 * Nothing here holds a lock while a callback of its user runs. All may be called from any thread.
 */
#ifndef WBEM_DCOM_DCOM_H
#define WBEM_DCOM_DCOM_H

#include "dcom/dcom_data.h"
#include "rpc/ndr.h"

#include <windows.h>

/* How one end proves who it is; credentials are src/auth's, counted. */
struct auth_credentials;
struct dcom_security {
    uint32_t authn_service; /* RPC_C_AUTHN_*; RPC_C_AUTHN_DEFAULT: what both sides can */
    uint32_t authn_level;   /* RPC_C_AUTHN_LEVEL_*; 0 is packet integrity, the least that Windows
                             * takes since KB5004442 */
    uint32_t imp_level;     /* RPC_C_IMP_LEVEL_*; 0 is impersonate */
    const char *target;     /* service principal; NULL: "host/" and the host's name */
    struct auth_credentials *credentials; /* NULL: this process's own */
};

/* What happens on connections that are opened from now on, as rpc.h has it; NULL: nobody is told.
 */
struct rpc_trace_event;
typedef void dcom_trace_fn(void *context, const struct rpc_trace_event *event);
void dcom_set_trace(dcom_trace_fn *trace, void *context);

/* ---- client ------------------------------------------------------------------ */

/* One remote machine as one identity. Holds a connection to each object resolver (port 135) and one
 * to each object exporter that it has met, and a thread for pings and releases while there are
 * objects. Counted. */
struct dcom_client;

struct dcom_client_options {
    const char *host; /* name or address; NULL: only objects that dcom_unmarshal() brings, found by
                       * the bindings in their references */
    uint16_t port;    /* of the object resolver; 0: 135 */
    struct dcom_security security;
    unsigned connect_timeout_ms; /* 0: 10 s */
    unsigned call_timeout_ms;    /* of calls that give none, and of our own; 0: 60 s */
    unsigned ping_period_ms;     /* 0: 120 s, [MS-DCOM] 3.2.6.1; shorter for tests */
    unsigned release_delay_ms;   /* for which releases are gathered; 0: 100 ms */
};

HRESULT dcom_client_new(const struct dcom_client_options *options, struct dcom_client **ret);
void dcom_client_ref(struct dcom_client *c);
/* The last one sends the releases that are due (waiting release_delay_ms at most for each machine)
 * and closes the connections. Objects hold their client, so it comes after theirs. */
void dcom_client_unref(struct dcom_client *c); /* NULL is fine */
/* Cut off: every call in progress and to come fails with RPC_E_DISCONNECTED. */
void dcom_client_disconnect(struct dcom_client *c);

/* Is the resolver there, which version does it speak, and where and how can it be reached: not
 * authenticated (3.2.4.1.2.1). ret_bindings is to be given to dcom_bindings_done(); may be NULL. */
HRESULT dcom_server_alive(struct dcom_client *c, struct dcom_version *ret,
                          struct dcom_bindings *ret_bindings);

/* A remote interface pointer: one IPID. Counted here; the references that the exporter counts go
 * back in the background, several at once, after the last dcom_object_unref(). */
struct dcom_object;

/* A new object of a class, seen as riid: RemoteCreateInstance, or RemoteActivation with servers
 * older than 5.6. REGDB_E_CLASSNOTREG, E_ACCESSDENIED, E_NOINTERFACE,
 * HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), … */
HRESULT dcom_activate(struct dcom_client *c, REFCLSID clsid, REFIID riid, struct dcom_object **ret);
/* The same; *ret_answered: a failure is the activator's own answer (after the user was found to be
 * who he says), and not one on the way to it. */
HRESULT dcom_activate_told(struct dcom_client *c, REFCLSID clsid, REFIID riid,
                           struct dcom_object **ret, bool *ret_answered);
/* The class object itself: RemoteGetClassObject. */
HRESULT dcom_get_class_object(struct dcom_client *c, REFCLSID clsid, REFIID riid,
                              struct dcom_object **ret);

/* The object that an OBJREF refers to; takes over the references that came with it. A reference
 * with another IID than riid is asked for riid. RPC_E_INVALID_OBJREF for what is none or can't be
 * called (custom ones are the caller's to take apart: dcom_objref_read()). */
HRESULT dcom_unmarshal(struct dcom_client *c, const void *bytes, size_t size, REFIID riid,
                       struct dcom_object **ret);
/* The same for a reference that is taken apart already; borrowed. */
HRESULT dcom_unmarshal_objref(struct dcom_client *c, const struct dcom_objref *ref, REFIID riid,
                              struct dcom_object **ret);

void dcom_object_ref(struct dcom_object *o);
/* Never waits and never calls back: may come from inside any callback. */
void dcom_object_unref(struct dcom_object *o); /* NULL is fine */
const IID *dcom_object_iid(const struct dcom_object *o);
const IPID *dcom_object_ipid(const struct dcom_object *o);
struct dcom_client *dcom_object_client(struct dcom_object *o); /* borrowed */
/* Do both stand for the same remote object (OXID and OID)? */
bool dcom_object_same(const struct dcom_object *a, const struct dcom_object *b);
/* RemQueryInterface. E_NOINTERFACE. */
HRESULT dcom_query_interface(struct dcom_object *o, REFIID riid, struct dcom_object **ret);
/* A reference to it to send on as an argument, with one public reference of its own. To be given to
 * dcom_objref_done(). */
HRESULT dcom_object_marshal(struct dcom_object *o, struct dcom_objref *ret);
/* From now on calls on this one pointer are made as told: CoSetProxyBlanket. */
HRESULT dcom_object_set_security(struct dcom_object *o, const struct dcom_security *security);

/* What came back. */
struct dcom_reply {
    struct ndr_reader reader; /* after ORPCTHAT: the [out] parameters, then the HRESULT */
    bool replied;             /* false: nothing came; the HRESULT is the transport's */
    HRESULT result;           /* the last four bytes: what the method returned */
    IErrorInfo *error;        /* of ORPCTHAT's extensions, or with dcom_call_begin() the
                               * transport's; owned, may be NULL */
    uint8_t *stub;            /* owned */
};
void dcom_reply_done(struct dcom_reply *reply);
static inline void dcom_cleanup_reply(struct dcom_reply *reply) /* for CLEANUP */
{
    dcom_reply_done(reply);
}

/* Calls a method and waits. `in` has the arguments, alignment counted from their start; it is as
 * new afterwards. timeout_ms 0: the client's. Returns the method's HRESULT or the transport's
 * failure and leaves the error object of either as this thread's. *ret is to be given to
 * dcom_reply_done() whatever comes. Failures of the transport: HRESULT_FROM_WIN32 of
 * RPC_S_SERVER_UNAVAILABLE, RPC_S_CALL_FAILED; RPC_E_DISCONNECTED (the object or its server is
 * gone), RPC_E_TIMEOUT, RPC_E_CALL_CANCELED, E_ACCESSDENIED, RPC_E_VERSION_MISMATCH,
 * NDR_E_BAD_DATA. */
HRESULT dcom_call(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in, unsigned timeout_ms,
                  struct dcom_reply *ret);

/* The same without waiting, once there is a connection: `done` is called exactly once, on a thread
 * of the library, unless this fails at once. reply is borrowed for the callback, which may TAKE
 * what it owns; the error object is in it, not the thread's. ret may be NULL; otherwise *ret is for
 * dcom_call_cancel() and to be given to dcom_call_unref(). */
struct dcom_call;
typedef void dcom_call_done(void *arg, HRESULT hr, struct dcom_reply *reply);
HRESULT dcom_call_begin(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                        unsigned timeout_ms, dcom_call_done *done, void *arg,
                        struct dcom_call **ret);
/* The same; `replying` is called when the first of several fragments of the reply has come, on the
 * network's thread: the call has been carried out, and another one may be made that has to come
 * after it. Never after `done`. */
HRESULT dcom_call_begin_told(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                             unsigned timeout_ms, dcom_call_done *done, void (*replying)(void *arg),
                             void *arg, struct dcom_call **ret);
/* Ends the call with RPC_E_CALL_CANCELED, unless it has ended. */
void dcom_call_cancel(struct dcom_call *call);
void dcom_call_unref(struct dcom_call *call); /* NULL is fine */

/* ---- causality ------------------------------------------------------------------ */

/* The causality id of the calls that this thread makes ([MS-DCOM] 1.3.5): while it serves a call,
 * the served call's; otherwise a new one each time. Pops with what push gave. */
struct dcom_causality {
    GUID id;
    bool set;
};
struct dcom_causality dcom_causality_push(const GUID *id);
void dcom_causality_pop(struct dcom_causality before);

/* ---- error objects ---------------------------------------------------------------- */

/* Error objects travel as OBJREF_CUSTOM ([MS-DCOM] 2.2.21.1). Those of CLSID_ErrorObject are done
 * here; a module that has richer ones registers how to take theirs apart, and how to write one: to
 * *ret_clsid and *bytes, or S_FALSE when the object is not of its kind. Once, from a constructor
 * function. */
struct dcom_error_codec {
    const CLSID *clsid; /* of the unmarshaler */
    HRESULT (*read)(const uint8_t *bytes, size_t size, IErrorInfo **ret);
    HRESULT (*write)(IErrorInfo *error, struct ndr_writer *bytes); /* may be NULL */
};
void dcom_set_error_codec(const struct dcom_error_codec *codec);

/* ---- server ----------------------------------------------------------------------- */

/* An object exporter with its object resolver and endpoint mapper. */
struct dcom_server;
struct rpc_server;
struct rpc_server_call;

struct dcom_server_options {
    struct rpc_server *rpc;       /* borrowed for the server's life; its owner listens and stops */
    const char *const *addresses; /* under which clients find us, in order of preference */
    size_t address_count;
    uint16_t resolver_port; /* 0: 135. Another one is written into references, for our own kind */
    uint16_t object_port;   /* of the exporter's bindings; required */
    uint32_t authn_level;   /* the least for calls on objects and activation; 0: packet integrity */
    unsigned ping_period_ms;         /* 0: 120 s; objects go after three without a ping (3.1.2.6) */
    uint32_t objects_per_client;     /* 0: 10,000 */
    uint32_t objects_per_connection; /* 0: 5,000 */
    uint32_t objects;                /* in all; 0: 200,000 */
};

HRESULT dcom_server_new(const struct dcom_server_options *options, struct dcom_server **ret);
/* Is told of each object that goes because its client no longer pings it (3.1.2.6), before its last
 * reference: on a thread of the server's own, which has all other garbage wait meanwhile. Before
 * the first export. */
void dcom_server_on_vanish(struct dcom_server *s, void (*vanished)(IUnknown *identity));
/* Releases all objects; calls in progress keep theirs. Before the rpc server goes, after it has
 * stopped. */
void dcom_server_destroy(struct dcom_server *s); /* NULL is fine */
/* After listening on port 0: what it became. Before the first export. */
void dcom_server_set_ports(struct dcom_server *s, uint16_t resolver_port, uint16_t object_port);

/* A call on an exported interface. */
struct dcom_server_call {
    struct dcom_server *server;
    IUnknown *object; /* the exported interface pointer, of iid; held for the call */
    IID iid;
    uint16_t opnum;
    struct ndr_reader in;   /* after ORPCTHIS */
    const char *peer;       /* the authenticated principal, "DOMAIN\\user"; "" for none */
    uint32_t authn_service; /* RPC_C_AUTHN_* */
    uint32_t authn_level;   /* RPC_C_AUTHN_LEVEL_* */
    uint32_t imp_level;     /* RPC_C_IMP_LEVEL_*: what the peer lets us do with its identity */
    GUID causality;
    struct dcom_version version; /* the lower of the client's and ours */
    uint64_t connection;         /* the same for calls that come by one */
    struct rpc_server_call *rpc; /* underneath */
};

/* How calls on one interface are served: one table of functions for an interface. */
struct dcom_stub {
    const IID *iid;
    uint16_t methods; /* IUnknown's three included; a higher opnum is answered by us */
    /* On a thread of the rpc server; answers with dcom_server_reply() or _fault(), now or later on
     * any thread, exactly once. CoGetCallContext() works meanwhile, the causality id is set, and
     * the thread's error object is empty at the start. */
    void (*dispatch)(struct dcom_server_call *call);
};
/* Stubs are the caller's and stay; the interface can be bound to from now on. Needed once for each
 * interface that is exported or asked for. */
HRESULT dcom_server_register_stub(struct dcom_server *s, const struct dcom_stub *stub);

/* Ends the call: ORPCTHAT, then `out` (with the [out] parameters and the HRESULT at its end, as
 * `result` repeats it), which is as new afterwards. When result is a failure this thread's error
 * object goes along and is taken. */
void dcom_server_reply(struct dcom_server_call *call, struct ndr_writer *out, HRESULT result);
/* A method that has nothing but its HRESULT to return. */
void dcom_server_reply_result(struct dcom_server_call *call, HRESULT result);
/* Ends the call with an RPC fault: NDR_E_BAD_DATA for arguments that are none, … */
void dcom_server_fault(struct dcom_server_call *call, HRESULT hr);

/* Makes an interface of an object callable by `owner` (a principal; others get access denied; NULL:
 * by all) and gives a reference to send, with public references of its own; to be given to
 * dcom_objref_done(). The same object has one OID, each of its interfaces one IPID, for each owner.
 * E_NOINTERFACE when there is no stub; RPC_E_OUT_OF_RESOURCES when the owner has too many. */
HRESULT dcom_export(struct dcom_server *s, IUnknown *object, REFIID riid, const char *owner,
                    struct dcom_objref *ret);
/* The same for the peer of a call, counted against its connection too. */
HRESULT dcom_server_call_export(struct dcom_server_call *call, IUnknown *object, REFIID riid,
                                struct dcom_objref *ret);
/* The same, written as MInterfacePointer * (a unique pointer, its pointee at once): an [out]
 * parameter. object may be NULL; when this fails, a null pointer is written. */
HRESULT dcom_server_write_interface(struct dcom_server_call *call, struct ndr_writer *out,
                                    IUnknown *object, REFIID riid);
/* Takes an object back whoever refers to it: calls on it fail with RPC_E_DISCONNECTED. */
void dcom_unexport(struct dcom_server *s, IUnknown *object);
/* Which of our own objects does a reference mean, if any; counted. */
IUnknown *dcom_server_find(struct dcom_server *s, const struct dcom_objref *ref, const char *owner);
/* How many objects are exported now. */
size_t dcom_server_object_count(struct dcom_server *s);

/* What makes objects of a class for activation. `activate` gets the call's peer by
 * CoGetCallContext() and gives the object, seen as riid. */
struct dcom_server_class {
    const CLSID *clsid;
    HRESULT (*activate)(void *arg, const char *peer, REFIID riid, void **ret);
    void *arg;
};
/* Copied. */
HRESULT dcom_server_register_class(struct dcom_server *s, const struct dcom_server_class *class);

/* Objects of a client's that came as arguments (sinks): the client of the caller's machine, with
 * resolution by the bindings in the reference, no weaker than `security` asks. */
HRESULT dcom_server_unmarshal(struct dcom_server *s, const struct dcom_objref *ref, REFIID riid,
                              const struct dcom_security *security, struct dcom_object **ret);

#endif
