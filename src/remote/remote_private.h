/* What the files of the client share. */
#ifndef WBEM_REMOTE_REMOTE_PRIVATE_H
#define WBEM_REMOTE_REMOTE_PRIVATE_H

#include "com/com.h"
#include "dcom/dcom.h"
#include "enumerator/enumerator.h"
#include "remote/remote.h"
#include "remote/settings.h"

/* [MS-WMI] 1.9, and the opnums of 3.1.4. */
extern const IID remote_iid_fetch_smart_enum, remote_iid_smart_enum, remote_iid_refreshing,
    remote_iid_refresher;
enum {
    OPNUM_ENUM_NEXT = 4,
    OPNUM_GET_SMART_ENUM = 3,
    OPNUM_SMART_NEXT = 3,
};

/* How far a connection has got, for what a failure means. */
enum remote_phase {
    REMOTE_REACHING, /* the object resolver, activation */
    REMOTE_LOGGING_IN,
    REMOTE_CONNECTED,
};

/* The machine at the other end, as one user at first: counted, shared by what its namespaces give.
 * Does not change once connected. */
struct remote_host {
    struct com_refs refs;
    char *name; /* as the caller wrote it, for people */
    struct dcom_client *client;
    struct remote_settings settings;
    struct dcom_security security; /* what ConnectServer was told; owns its credentials */
    char *target;                  /* security.target; may be NULL */
    wchar_t *locale;               /* may be NULL */
    enum remote_phase phase;
};
struct remote_host *remote_host_ref(struct remote_host *h);
void remote_host_unref(struct remote_host *h); /* NULL is fine */

/* The services of a namespace; of a host that was connected before, and has been gone, anew. */
HRESULT remote_log_in(struct remote_host *h, const wchar_t *name_space, struct dcom_object **ret);

/* Calls and waits. A failure leaves the host's own error object as this thread's or, when it gave
 * none, one that says where, at which step and what to look at. */
HRESULT remote_invoke(struct remote_host *h, struct dcom_object *o, uint16_t opnum,
                      struct ndr_writer *in, unsigned timeout_ms, const char *step,
                      struct dcom_reply *ret);
/* The second half of it, for calls that were made otherwise; replied: it is the host's own answer.
 * Returns hr. */
HRESULT remote_explain(const struct remote_host *h, HRESULT hr, bool replied, IErrorInfo *error,
                       const char *step);
/* The same with this thread's error object. */
HRESULT remote_failed(const struct remote_host *h, HRESULT hr, bool replied, const char *step);
/* What a failure means there, and what a person can do about it. detail: what the layers below say
 * of it; may be NULL. */
const char *remote_advice(enum remote_phase phase, HRESULT hr, bool replied, const char *detail);
/* An [out] interface pointer of a reply. NDR_E_BAD_DATA: there is none. */
HRESULT remote_read_interface(struct remote_host *h, struct ndr_reader *r, REFIID riid,
                              const char *step, struct dcom_object **ret);

/* A copy that owns its parts. */
struct remote_security {
    struct dcom_security value;
    char *target; /* value.target */
};
HRESULT remote_security_copy(const struct dcom_security *from, struct remote_security *ret);
void remote_security_done(struct remote_security *s);
/* `now` changed as a blanket wants it. */
HRESULT remote_security_from_blanket(const struct dcom_security *now, struct com_blanket *wanted,
                                     struct remote_security *ret);

/* Services of the namespace that `object` is, called with that security. Takes the object, also on
 * failure. */
HRESULT remote_services_create(struct remote_host *h, struct dcom_object *object,
                               const struct dcom_security *security, IWbemServices **ret);

/* Whose services they are, when they are a proxy of ours; both borrowed. */
bool remote_services_of(IWbemServices *services, struct remote_host **ret_host,
                        struct dcom_object **ret_object);

/* How such a proxy's calls are made now. */
HRESULT remote_services_security(IWbemServices *services, struct remote_security *ret);

/* A sink of the host's. Takes the object, also on failure. */
HRESULT remote_sink_create(struct remote_host *h, struct dcom_object *object,
                           IWbemObjectSink **ret);

/* What a method that gives an IEnumWbemClassObject yields. Takes the writer's bytes. */
struct remote_request {
    struct remote_host *host;             /* borrowed */
    struct dcom_object *services;         /* borrowed */
    const struct dcom_security *security; /* as the services are called; borrowed */
    uint16_t opnum;
    struct ndr_writer *in;
    const char *step;
    bool events; /* they come one at a time and have to be there at once */
    bool now;    /* make the call before this returns; else with the first pull */
};
HRESULT remote_source_create(const struct remote_request *request, struct source **ret);

#endif
