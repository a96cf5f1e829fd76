/* A provider at the other end of a channel: calls go out under numbers, what comes is sorted to
 * them by a thread that reads. */
#ifndef WBEM_HOSTING_REMOTE_H
#define WBEM_HOSTING_REMOTE_H

#include "hosting/channel.h"
#include "hosting/hosting_private.h"

enum {
    /* WIRE_OBJECTS frames of a call that may be under way unread. */
    REMOTE_WINDOW = 8,
    /* Objects that go into one of them. */
    REMOTE_BATCH = 64,
    /* How long a host process may leave what is sent to it unread. */
    REMOTE_SEND_SECONDS = 30,
    /* How long it may take to end when it is told to. */
    REMOTE_END_SECONDS = 10,
    /* What it may take longer than the provider in it. */
    REMOTE_GRACE_SECONDS = 5,
};

/* What the provider's object answers to, as the host says after loading. */
enum {
    REMOTE_SERVICES = 1 << 0,
    REMOTE_EVENTS = 1 << 1,
    REMOTE_QUERY_SINK = 1 << 2,
    REMOTE_SECURITY = 1 << 3,
    REMOTE_PROPERTIES = 1 << 4,
    REMOTE_CONSUMERS = 1 << 5,
    REMOTE_UNBOUND_SINK = 1 << 6,
};

struct process;
struct remote;

/* Takes fd and the process (may be NULL: it is not ours), also on failure. `name`: the provider's,
 * for messages. The reading thread runs until the other end is gone. */
HRESULT remote_create(int fd, struct process *p, const wchar_t *name, struct remote **ret);
struct remote *remote_ref(struct remote *r);
void remote_unref(struct remote *r); /* NULL is fine */
/* Tell the other end to go, and end it when it does not. */
void remote_close(struct remote *r);
bool remote_closing(struct remote *r); /* remote_close() was called */
/* False: nothing can be asked any more. */
bool remote_alive(struct remote *r);

/* What a call gives besides objects; remote_answer_done() it. */
struct remote_answer {
    HRESULT status;
    uint32_t number;
    VARIANT value;
};

/* Make a call and wait for its end. m: type and call are filled in; borrowed. Objects go to the
 * sink (may be NULL), and a good end too, as SetStatus; a failure leaves its error object instead.
 * milliseconds: how long it may take; 0: any time. WBEM_E_PROVIDER_FAILURE: the other end went. */
HRESULT remote_call(struct remote *r, struct wire_message *m, IWbemObjectSink *sink,
                    LONG milliseconds, struct remote_answer *ret);
/* The same for events, which come until the other end goes; `began` is called when the provider's
 * ProvideEvents has returned well. */
HRESULT remote_call_events(struct remote *r, struct wire_message *m, IWbemObjectSink *sink,
                           void (*began)(void *closure), void *closure);
/* End the call whose sink it is. WBEM_E_NOT_FOUND. */
HRESULT remote_cancel(struct remote *r, IWbemObjectSink *sink);

/* A target other than the provider is no longer needed. */
void remote_forget(struct remote *r, uint32_t target);

/* The provider's object here, with the interfaces of REMOTE_*; its last Release closes. */
HRESULT remote_proxy_create(struct remote *r, unsigned interfaces, IUnknown **ret);

/* ---- processes (process.c) ------------------------------------------------------------------- */

/* Start wbem-provider-host with one end of a socket pair; *ret_fd is the other. WBEM_E_FAILED and
 * its kin, with an error object. `name`: the provider's. */
HRESULT process_start(struct repository_namespace *n, const wchar_t *name, struct process **ret,
                      int *ret_fd);
void process_kill(struct process *p);
/* Wait for its end and say how that was, such as "was killed by signal 11 (Segmentation fault)".
 * Frees it. */
void process_end(struct process *p, char *ret_how, size_t size);

/* ---- loading over there (remote_load.c)
 * ------------------------------------------------------------ */

/* The registration's provider in a process of its own, or in the one that has registered it,
 * initialized. Leaves an error object. */
HRESULT remote_load(struct repository_namespace *n, struct registration *r, struct remote **ret,
                    IUnknown **ret_object);

/* ---- the other end (host.c) -------------------------------------------------------------------
 */

/* True in a host process, where all providers are loaded in process. */
bool host_is_here(void);
/* Serve a client of a decoupled provider until it closes; takes fd. */
void host_serve(int fd);

/* ---- decoupled providers (decoupled.c) --------------------------------------------------------
 */

/* The object that this process has registered for the provider in the namespace; a new reference.
 * NULL: none. */
IUnknown *decoupled_find(const wchar_t *name_space, const wchar_t *provider);
struct offer;

/* Offer the object to this process and, on a socket, to others of this user. scope: a namespace;
 * NULL: all. WBEM_E_ALREADY_EXISTS: this process offers it already. */
HRESULT decoupled_offer(const wchar_t *scope, const wchar_t *provider, IUnknown *object,
                        struct offer **ret);
/* Clients are cut off. Calls that run may go on for a moment. */
void decoupled_withdraw(struct offer *o);
/* A connection to another process that has. WBEM_E_PROVIDER_LOAD_FAILURE, with an error object. */
HRESULT decoupled_connect(const wchar_t *name_space, const wchar_t *provider, int *ret_fd);

#endif
