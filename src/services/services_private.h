/* What the files of the services share. */
#ifndef WBEM_SERVICES_SERVICES_PRIVATE_H
#define WBEM_SERVICES_SERVICES_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "com/com.h"
#include "enumerator/enumerator.h"
#include "services/services.h"
#include "wql/wql.h"

struct services {
    IWbemServices iface;
    atomic_ulong refs;
    struct repository_namespace *name_space; /* borrowed: namespaces are never removed */
    class_texts texts;                       /* for WBEM_FLAG_USE_AMENDED_QUALIFIERS */
    struct com_blanket blanket;
    IUnknown refreshing; /* another face: services_iid_refreshing */
};

/* [MS-WMI] 3.1.4.12 IWbemRefreshingServices, which remote clients alone may ask services for: no
 * header of the SDK has it, and what they get is good for its identity only. */
extern const IID services_iid_refreshing;

/* The namespace of services that were made here; NULL for a proxy, or a caller's own. */
struct repository_namespace *services_namespace(IWbemServices *iface);

/* The classes that the services provide themselves, in every namespace: __SystemSecurity. */
struct provider_class;
const struct provider_class *services_find_class(const wchar_t *class_name);

/* What the flags of an operation want of them. */
class_texts services_texts(const struct services *s, LONG flags);

/* Flags that an operation takes; any other is WBEM_E_INVALID_PARAMETER ([MS-WMI] 3.1.4.3.*). */
HRESULT services_check_flags(const char *operation, LONG flags, LONG allowed);

/* ---- sources (class_source.c, instance_source.c, query.c) -------------------- */

/* Classes: the subclasses of `superclass` (NULL or blank: top-level ones). */
HRESULT class_source(struct repository_namespace *n, const wchar_t *superclass, LONG flags,
                     class_texts amended, struct source **ret);

/* What the answer to a query must have beyond its text. */
struct query_options {
    bool shallow;   /* the class itself only, without its subclasses */
    bool locatable; /* with the keys, so that __PATH is there */
    class_texts amended;
    bool prototype;        /* the class of the answer instead of the answer */
    bool by_the_way;       /* nobody named the class: providers need not do all that they can */
    const char *operation; /* for error objects: ExecQuery, CreateInstanceEnum, … */
};

/* Instances that answer a parsed query. `text` is the query as given, for error objects. */
HRESULT query_source(struct repository_namespace *n, const struct wql_query *q, const wchar_t *text,
                     const struct query_options *options, struct source **ret);
/* Class definitions that answer a query FROM meta_class (schema_query.c). */
HRESULT schema_query_source(struct repository_namespace *n, const struct wql_query *q,
                            const wchar_t *text, const struct query_options *options,
                            struct source **ret);
/* What answers ASSOCIATORS OF and REFERENCES OF (associators.c). */
HRESULT association_source(struct repository_namespace *n, const struct wql_query *q,
                           const wchar_t *text, const struct query_options *options,
                           struct source **ret);
/* A query that was understood but can't be answered: WBEM_E_INVALID_QUERY and the like, saying
 * where and at which word. */
HRESULT raise_query_error(HRESULT hr, const struct query_options *o, const wchar_t *text,
                          const struct wql_error *e);
/* The one object of SELECT COUNT(*): counts what `counted` yields (takes it). */
HRESULT count_source(struct source *counted, struct decoration *where, struct source **ret);
/* The class a COUNT answer is an instance of. */
HRESULT count_class(struct decoration *where, IWbemClassObject **ret);
/* The child namespaces of n, as instances of __NAMESPACE. */
HRESULT namespace_source(struct repository_namespace *n, IWbemClassObject *cls,
                         struct wql_plan *plan, struct source **ret);

/* ---- single objects (get_object.c) -------------------------------------------- */

/* GetObject's work, in whatever thread. */
HRESULT get_object(struct repository_namespace *n, const wchar_t *path, LONG flags,
                   class_texts amended, IWbemClassObject **ret);
/* The same of an instance with only its keys. */
HRESULT get_object_keys(struct repository_namespace *n, const wchar_t *path, class_texts amended,
                        IWbemClassObject **ret);

/* ---- call results (call_result.c) --------------------------------------------- */

/* An IWbemCallResult and the sink through which its answer arrives: its one object by Indicate, or
 * a string (the path of what PutInstance put) as the strParam of the final SetStatus. */
HRESULT call_result_create(IWbemCallResult **ret, IWbemObjectSink **ret_sink);
/* One that is complete, with these services as its answer. */
HRESULT call_result_with_services(IWbemServices *services, IWbemCallResult **ret);

/* ---- changes (change.c, partial_update.c) ---------------------------------------- */

/* The properties that PutInstance puts; count 0: all. */
struct partial_update {
    wchar_t **names;
    size_t count;
    bool strict_nulls;
};
HRESULT partial_update_read(IWbemContext *context, struct partial_update *ret);
void partial_update_done(struct partial_update *p);

HRESULT services_put_class(struct services *s, IWbemClassObject *object, LONG flags,
                           IWbemCallResult **ret_result);
HRESULT services_put_class_async(struct services *s, IWbemClassObject *object, LONG flags,
                                 IWbemObjectSink *sink);
HRESULT services_delete_class(struct services *s, const wchar_t *name, LONG flags,
                              IWbemCallResult **ret_result);
HRESULT services_delete_class_async(struct services *s, const wchar_t *name, LONG flags,
                                    IWbemObjectSink *sink);
HRESULT services_put_instance(struct services *s, IWbemClassObject *instance, LONG flags,
                              IWbemContext *context, IWbemCallResult **ret_result);
HRESULT services_put_instance_async(struct services *s, IWbemClassObject *instance, LONG flags,
                                    IWbemContext *context, IWbemObjectSink *sink);
HRESULT services_delete_instance(struct services *s, const wchar_t *path, LONG flags,
                                 IWbemCallResult **ret_result);
HRESULT services_delete_instance_async(struct services *s, const wchar_t *path, LONG flags,
                                       IWbemObjectSink *sink);

/* ---- operations (operations.c), with their arguments as IWbemServices has them -- */

HRESULT services_exec_query(struct services *s, const wchar_t *language, const wchar_t *text,
                            LONG flags, IEnumWbemClassObject **ret);
HRESULT services_exec_query_async(struct services *s, const wchar_t *language, const wchar_t *text,
                                  LONG flags, IWbemObjectSink *sink);
HRESULT services_create_instance_enum(struct services *s, const wchar_t *name, LONG flags,
                                      IEnumWbemClassObject **ret);
HRESULT services_create_instance_enum_async(struct services *s, const wchar_t *name, LONG flags,
                                            IWbemObjectSink *sink);
HRESULT services_create_class_enum(struct services *s, const wchar_t *superclass, LONG flags,
                                   IEnumWbemClassObject **ret);
HRESULT services_create_class_enum_async(struct services *s, const wchar_t *superclass, LONG flags,
                                         IWbemObjectSink *sink);
HRESULT services_get_object(struct services *s, const wchar_t *path, LONG flags,
                            IWbemClassObject **ret, IWbemCallResult **ret_result);
HRESULT services_get_object_async(struct services *s, const wchar_t *path, LONG flags,
                                  IWbemObjectSink *sink);

/* ---- events (events.c), likewise ------------------------------------------------- */

HRESULT services_exec_notification_query(struct services *s, const wchar_t *language,
                                         const wchar_t *text, LONG flags,
                                         IEnumWbemClassObject **ret);
HRESULT services_exec_notification_query_async(struct services *s, const wchar_t *language,
                                               const wchar_t *text, LONG flags,
                                               IWbemObjectSink *sink);
HRESULT services_query_object_sink(struct services *s, LONG flags, IWbemObjectSink **ret);

/* ---- methods (exec_method.c), likewise --------------------------------------------- */

HRESULT services_exec_method(struct services *s, const wchar_t *path, const wchar_t *method,
                             LONG flags, IWbemContext *context, IWbemClassObject *in,
                             IWbemClassObject **ret_out, IWbemCallResult **ret_result);
HRESULT services_exec_method_async(struct services *s, const wchar_t *path, const wchar_t *method,
                                   LONG flags, IWbemContext *context, IWbemClassObject *in,
                                   IWbemObjectSink *sink);

#endif
