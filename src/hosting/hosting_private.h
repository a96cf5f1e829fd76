/* What the files of hosting share. */
#ifndef WBEM_HOSTING_HOSTING_PRIVATE_H
#define WBEM_HOSTING_HOSTING_PRIVATE_H

#include <wbemidl.h>

#include "com/com.h"
#include "enumerator/enumerator_private.h"
#include "hosting/hosting.h"

/* ---- limits ---------------------------------------------------------------------- */

enum {
    /* Objects that a provider may be ahead of whoever reads them; its Indicate waits then. */
    OPERATION_QUEUE = 256,
    /* How long Initialize may take when the registration says nothing. */
    INITIALIZE_SECONDS = 60,
    /* How long a provider stays loaded that nobody uses, when nothing else is said: what
     * __ObjectProviderCacheControl.ClearAfter is on Windows. */
    IDLE_UNLOAD_SECONDS = 30,
};

/* ---- registrations (registration.c) ----------------------------------------------- */

/* What the registration instances that refer to one provider let it do. */
enum {
    PROVIDER_GET = 1 << 0,
    PROVIDER_PUT = 1 << 1,
    PROVIDER_DELETE = 1 << 2,
    PROVIDER_ENUMERATE = 1 << 3,
    PROVIDER_QUERY = 1 << 4, /* WQL:UnarySelect */
    PROVIDER_INSTANCES = 1 << 5,
    PROVIDER_METHODS = 1 << 6,
    PROVIDER_PROPERTIES = 1 << 7,
    PROVIDER_EVENTS = 1 << 8,
    PROVIDER_CLASSES = 1 << 9,
    PROVIDER_CONSUMERS = 1 << 10,
    PROVIDER_CLASS_GET = 1 << 11, /* as PROVIDER_GET and so on, of class definitions */
    PROVIDER_CLASS_ENUMERATE = 1 << 12,
};

/* Where it runs. */
enum hosting_model {
    HOSTING_IN_PROCESS,
    HOSTING_OWN_PROCESS,
    HOSTING_DECOUPLED,
};

struct registration {
    struct com_refs refs;
    wchar_t *name;
    CLSID clsid;
    bool has_clsid;
    enum hosting_model model;
    bool per_user, per_locale;
    unsigned can;
    /* Milliseconds; 0: as if nothing were said. */
    LONG initialize_timeout, operation_timeout, unload_timeout;
    IWbemClassObject *object; /* the __Win32Provider instance; owned; may be NULL */
};

struct registration *registration_ref(struct registration *r);
void registration_unref(struct registration *r); /* NULL is fine */

/* The provider of that name in the namespace, a new reference. Leaves an error object:
 * WBEM_E_PROVIDER_NOT_FOUND, WBEM_E_INVALID_PROVIDER_REGISTRATION, WBEM_E_PROVIDER_DISABLED. */
HRESULT registration_find(struct repository_namespace *n, const wchar_t *name,
                          const char *operation, struct registration **ret);
/* The instances of a class and of those derived from it; a failing visit ends it. */
HRESULT registration_visit(struct repository_namespace *n, const wchar_t *class_name,
                           HRESULT (*visit)(void *closure, IWbemClassObject *object),
                           void *closure);
/* The name of the provider that a __ProviderRegistration instance refers to, or NULL; free() it. */
HRESULT registration_provider_name(IWbemClassObject *object, wchar_t **ret);
/* Has the library itself the class, so that it needs no loading or unloading? */
bool registration_is_own(const struct registration *r);
HRESULT registration_model(const wchar_t *text, enum hosting_model *ret);

/* Services of the namespace, as hosting_use_services() made them known. */
HRESULT hosting_services(struct repository_namespace *n, IWbemServices **ret);

/* ---- shared objects (module.c) --------------------------------------------------------- */

/* The class object of a CLSID from the shared object
 * that a file of the provider folders names. Leaves an error object but for REGDB_E_CLASSNOTREG. */
HRESULT module_get_class_object(REFCLSID clsid, REFIID riid, void **ret);
/* dlclose() the shared objects that say so by DllCanUnloadNow. */
void module_unload_unused(void);

/* ---- loaded providers (hosted.c) --------------------------------------------------------- */

/* A provider that runs: one for a registration in a namespace. */
struct hosted;

/* The running one, or a new one, which is loaded and initialized here. Blocks for that long; to be
 * called on a thread that may. hosted_release() it. Leaves an error object. */
HRESULT hosted_acquire(struct repository_namespace *n, struct registration *r, struct hosted **ret);
void hosted_addref(struct hosted *h);
void hosted_release(struct hosted *h); /* NULL is fine */

/* The provider's own object; borrowed. */
IUnknown *hosted_object(struct hosted *h);

/* An object is not to be given out any more. */
void hosted_forget(IUnknown *object);

/* True: the caller is to call ProvideEvents, and hosted_end_events() then. False: it has been
 * called already; waited for. */
bool hosted_begin_events(struct hosted *h);
void hosted_end_events(struct hosted *h, bool provides);

/* ---- one call of a provider (operation.c) ------------------------------------------------- */

enum provider_call_kind {
    CALL_ENUMERATE,
    CALL_QUERY,
    CALL_GET,
    CALL_PUT,
    CALL_DELETE,
    CALL_METHOD,
    CALL_PUT_CLASS,
    CALL_DELETE_CLASS,
    CALL_CLASS_ENUM,
    CALL_NOTIFICATION_QUERY,
};

struct provider_call {
    enum provider_call_kind kind;
    BSTR text;   /* the class, query or path; owned */
    BSTR method; /* the method, or the query's language; owned */
    LONG flags;
    IWbemContext *context; /* owned; may be NULL */
    IWbemClassObject *in;  /* instance or in parameters; owned; may be NULL */
};
void provider_call_done(struct provider_call *c);

/* A call of a provider that has no IWbemServices but this: all instances
 * (wbemprov/nf-wbemprov-iwbemhiperfprovider-queryinstances), else WBEM_E_PROVIDER_NOT_CAPABLE. */
HRESULT hiperf_query_instances(struct repository_namespace *n, IWbemHiPerfProvider *provider,
                               const struct provider_call *call, IWbemObjectSink *sink);

struct operation;

/* Who is called: the provider of a registration in a namespace, loaded when need be, or an object
 * that is there already. */
struct operation_target {
    struct repository_namespace *name_space;
    struct registration *registration;
    IUnknown *object; /* NULL: the registration's */
};

/* Takes what `call` owns, also on failure. Nothing happens before operation_start(). */
HRESULT operation_create(const struct operation_target *target, struct provider_call *call,
                         const char *operation, struct operation **ret);
/* Its objects as they are, as a source; takes the operation, also on failure. */
HRESULT operation_source(struct operation *o, struct source **ret);
void operation_unref(struct operation *o); /* NULL is fine; cancels what still runs */
/* Load the provider and call it, on a thread of the pool. */
HRESULT operation_start(struct operation *o);
/* The next object, waited for; a new reference. WBEM_S_FALSE: the provider has ended well. A
 * failure leaves its error object. */
HRESULT operation_next(struct operation *o, IWbemClassObject **ret);
/* True when operation_next() would not wait. */
bool operation_ready(struct operation *o);
/* Any thread, any time; the provider is told in the background. */
void operation_cancel(struct operation *o);
/* What the provider's last SetStatus had as text; borrowed, NULL when none. Once it has ended. */
const wchar_t *operation_text(const struct operation *o);
/* End it with a failure that is the provider's fault; the text is for people, UTF-8. */
HRESULT operation_fault(struct operation *o, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
