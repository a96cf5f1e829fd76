/*
 * Providers of others: code that implements wbemprov.h's interfaces, found by
 * its registration in a namespace, loaded from a shared object or run in a
 * process of its own, and asked for instances, methods, properties, events.
 * docs/providers.md is the guide to all of it.
 */
#ifndef WBEM_HOSTING_HOSTING_H
#define WBEM_HOSTING_HOSTING_H

#include "enumerator/source.h"
#include "repository/repository.h"
#include "wql/wql.h"

/* How hosting gets the services of a namespace: for reading registrations and as the pNamespace of
 * Initialize. Set once, while the library is loaded. */
void hosting_use_services(HRESULT (*create)(struct repository_namespace *n, IWbemServices **ret));

/* The name by which the library's own provider is registered. */
#define LIBRARY_PROVIDER L"libwbem"

/* ---- what a class says ------------------------------------------------------------ */

/* The name in the class's qualifier `provider`; free() it. WBEM_S_FALSE: it has none. dynamic: only
 * when the class has the qualifier `dynamic` too, that is, when its instances come from the
 * provider. */
HRESULT hosting_class_provider(IWbemClassObject *cls, bool dynamic, wchar_t **ret);

/* ---- class providers ------------------------------------------------------------------ */

/* A class that the repository does not have, from the class providers of the namespace; a new
 * reference. WBEM_E_NOT_FOUND, without an error object: none has it. Their failures are failures.
 * Blocks while they answer. */
HRESULT hosting_get_class(struct repository_namespace *n, const wchar_t *name,
                          const char *operation, IWbemClassObject **ret);
/* The repository's class of that name, else a class provider's. */
HRESULT hosting_find_class(struct repository_namespace *n, const wchar_t *name, class_texts amended,
                           const char *operation, IWbemClassObject **ret);
/* The classes of class providers below one (NULL or "": top-level ones), as
 * repository_visit_classes() visits the repository's, without those that the repository has. */
HRESULT hosting_visit_classes(struct repository_namespace *n, const wchar_t *superclass, bool deep,
                              const char *operation,
                              HRESULT (*visit)(void *closure, IWbemClassObject *cls),
                              void *closure);

/* ---- a provider that offers rows ------------------------------------------------------------ */

struct direct_provider;

enum hosting_need {
    HOSTING_NEEDS_INSTANCES,
    HOSTING_NEEDS_METHODS,
};

/* The provider's interface for rows (providers/live_provider.h), to be released. WBEM_S_FALSE: it
 * has none, or runs in another process, or is yet to be loaded, which others than the library's own
 * are when they are needed. */
HRESULT hosting_direct(struct repository_namespace *n, const wchar_t *provider,
                       enum hosting_need need, const char *operation, struct direct_provider **ret);

/* ---- instances ---------------------------------------------------------------------- */

/* What one query wants of one class. */
struct hosting_request {
    struct repository_namespace *name_space;
    IWbemClassObject *cls;
    const wchar_t *provider;       /* as hosting_class_provider() gave it */
    const struct wql_query *query; /* NULL: all instances */
    const wchar_t *text;           /* of the query */
    struct wql_plan *plan;         /* for the schema of cls, or NULL; taken, also on failure */
    const char *operation;         /* for error objects */
};

/* The class's instances that match. WBEM_E_PROVIDER_NOT_FOUND, WBEM_E_PROVIDER_NOT_CAPABLE,
 * WBEM_E_INVALID_PROVIDER_REGISTRATION. */
HRESULT hosting_source(const struct hosting_request *request, struct source **ret);

/* PutInstance and DeleteInstance of a class whose provider it is; flags as the operations take
 * them. *ret_path (may be NULL) is the path the provider gave, or NULL; free() it. */
HRESULT hosting_put_instance(struct repository_namespace *n, const wchar_t *provider,
                             IWbemClassObject *instance, LONG flags, IWbemContext *context,
                             wchar_t **ret_path);
HRESULT hosting_delete_instance(struct repository_namespace *n, const wchar_t *provider,
                                const wchar_t *path, LONG flags, IWbemContext *context);

/* ---- properties of stored instances ------------------------------------------------------- */

/* Does the class say (DynProps) that providers have values of its stored instances? */
bool hosting_has_dynamic_properties(IWbemClassObject *cls);
/* The stored instances that `stored` gives, all of the class, with these values, and of them those
 * that match the request's plan. Takes `stored`, also on failure. */
HRESULT hosting_property_source(const struct hosting_request *request, struct source *stored,
                                struct source **ret);
/* Tell the providers that set values what an instance has, before it is stored. */
HRESULT hosting_put_properties(struct repository_namespace *n, IWbemClassObject *cls,
                               IWbemClassObject *instance);

/* ---- methods -------------------------------------------------------------------------- */

/* Execute a method of the object at `path` (relative). *ret_out (may be NULL) is the object of out
 * parameters, or NULL. */
HRESULT hosting_exec_method(struct repository_namespace *n, const wchar_t *provider,
                            const wchar_t *path, const wchar_t *method, LONG flags,
                            IWbemContext *context, IWbemClassObject *in,
                            IWbemClassObject **ret_out);

/* ---- event consumers ------------------------------------------------------------------ */

/* The provider that is registered, in the consumer's namespace n, for the consumer's class or one
 * that it is derived from; free() it. WBEM_S_FALSE: none is. */
HRESULT hosting_consumer_provider(struct repository_namespace *n, IWbemClassObject *consumer,
                                  wchar_t **ret);
/* That provider's sink for a logical consumer: loads it, and keeps it loaded. Blocks. All leave an
 * error object. */
struct hosted_consumer;
HRESULT hosting_consumer_open(struct repository_namespace *n, const wchar_t *provider,
                              IWbemClassObject *consumer, struct hosted_consumer **ret);
HRESULT hosting_consumer_deliver(struct hosted_consumer *c, IWbemClassObject *consumer,
                                 IWbemClassObject *event);
void hosting_consumer_close(struct hosted_consumer *c); /* NULL is fine */

/* ---- high performance ------------------------------------------------------------------ */

struct refresh_set;

/* What the provider keeps up to date for one refresher (providers/refresh.h). WBEM_S_FALSE: it has
 * no IWbemHiPerfProvider. Loads it; the set keeps it loaded. */
HRESULT hosting_refresh_create(struct repository_namespace *n, const wchar_t *provider,
                               IWbemServices *services, struct refresh_set **ret);

/* ---- programs that are providers (registrar.c) ------------------------------------------ */

/* Creators for CoCreateInstance. */
HRESULT decoupled_registrar_create(IUnknown *outer, REFIID riid, void **ret);
HRESULT decoupled_events_create(IUnknown *outer, REFIID riid, void **ret);

/* ---- lifetime ---------------------------------------------------------------------------- */

/* Unload every provider that nobody uses, without waiting for its time (tests). */
void hosting_unload_idle(void);

#endif
