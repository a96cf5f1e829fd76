/*
 * What the stubs share: the request that a method reads and answers, and the
 * objects that exist for clients only.
 */
#ifndef WBEM_SERVER_SERVER_PRIVATE_H
#define WBEM_SERVER_SERVER_PRIVATE_H

#include <wbemcli.h>
#include <wbemtran.h>

#include "com/com.h"
#include "server/server.h"
#include "wire/marshal.h"

/* One call of one method. */
struct request {
    struct dcom_server_call *call;
    struct ndr_reader *in; /* its failure is the call's: a fault */
    struct ndr_writer out; /* the [out] parameters, which are written on failure too */
};

/* Reads its arguments, makes the local call, writes the [out] parameters; returns the method's
 * HRESULT. */
typedef HRESULT method_fn(struct request *q);

/* Serves a call by a table that begins with the method of opnum 3. */
void server_dispatch(struct dcom_server_call *call, method_fn *const *methods, size_t count);

/* [in, out, unique] double pointers of MS-WMI: did the client give a place? What it put there is
 * skipped. */
bool read_place(struct request *q);
/* The results for such places; nothing but a null pointer when there is no place. */
void write_placed_object(struct request *q, bool place, IWbemClassObject *object);
HRESULT write_placed_interface(struct request *q, bool place, void *object, REFIID riid);
/* [out] interface pointer. `hr` is the method's so far; the result is to be returned. */
HRESULT write_interface(struct request *q, HRESULT hr, void *object, REFIID riid);

/* Is there reason to wait no longer: the client gave up or went, the server stops? */
bool server_should_end(struct request *q);

/* enumerator.c: an enumerator as clients see it, with its smart enumerators. */
struct quota_user;
HRESULT write_enumerator(struct request *q, struct quota_user *u, HRESULT hr,
                         IEnumWbemClassObject *local);

/* sink.c: what sinks are called with is there, or may not be there. */
HRESULT sink_credentials(void);
/* The client's sink that comes as an argument, counted; NULL for a null pointer, and when
 * *hr or the reader says why not. */
IWbemObjectSink *read_sink(struct request *q, HRESULT *hr);
/* An asynchronous call of this IWbemServices goes to the sink: it is cancelled when the client no
 * longer pings that. */
HRESULT sink_serves(IWbemObjectSink *sink, IUnknown *services);
void sinks_of_vanished(IUnknown *services);
/* While this thread serves a call that a client makes from inside a method of its sink, it is
 * inside the callback that called the sink. NULL when the call is no such. */
struct callback;
struct sink_visit;
struct sink_visit *sink_callback_enter(const struct dcom_server_call *call,
                                       struct callback **ret_before);
void sink_callback_leave(struct sink_visit *v, struct callback *before); /* NULL is fine */

/* services_async.c: methods of IWbemServices. */
method_fn cancel_async_call, query_object_sink, get_object_async, put_class_async,
    delete_class_async, create_class_enum_async, put_instance_async, delete_instance_async,
    create_instance_enum_async, exec_query_async, exec_notification_query_async, exec_method_async;

/* call_result.c: the result of a synchronous call, for a client that gives a place for one:
 * impacket asks for changes no other way, and Windows answers it so. `object` is what was put, or
 * NULL. */
HRESULT call_result_of_done(HRESULT hr, IWbemClassObject *object, IWbemCallResult **ret);

/* quota.c: what an enumerator counts for. */
struct quota_user;
struct server_object;
struct quota_item {
    struct quota_item *next, **at; /* of all; at NULL: not in the list */
    struct quota_user *user;       /* NULL: is only watched */
    struct server_object *object;  /* whose part this is */
    uint64_t used_ms;
    unsigned calls; /* that are served now */
    bool ended;     /* was idle for too long */
};
/* Who the caller is, to be counted; quota_user_unref() it. */
HRESULT quota_user_of(const struct dcom_server_call *call, struct quota_user **ret);
void quota_user_unref(struct quota_user *u); /* NULL is fine */
/* While this thread carries out a call: what its enumerators keep, and what goes on in the
 * background, is the user's. Gives what was before. */
struct result_budget *quota_begin(struct quota_user *u);
void quota_end(struct result_budget *before);
/* Counts an enumerator (WBEM_E_QUOTA_VIOLATION), or watches what belongs to one, until it leaves,
 * which it does first when it is destroyed. */
HRESULT quota_enter(struct quota_item *i, struct quota_user *u, struct server_object *object);
void quota_watch(struct quota_item *i, struct server_object *object);
void quota_leave(struct quota_item *i);
void quota_call_begin(struct quota_item *i);
void quota_call_end(struct quota_item *i);
/* How long a call may wait; UINT64_MAX: for ever. */
uint64_t quota_call_ms(void);
uint64_t quota_now_ms(void);

extern const struct dcom_stub level1_login_stub, login_client_id_stub, services_stub,
    enumerator_stub, fetch_smart_enum_stub, smart_enum_stub, call_result_stub, object_sink_stub,
    backup_stub, backup_ex_stub, refreshing_stub, remote_refresher_stub;
extern const IID IID_IWbemLoginClientID, IID_IWbemFetchSmartEnum, IID_IWbemWCOSmartEnum,
    IID_IWbemRemoteRefresher;
/* login.c: for activation. */
HRESULT login_activate(void *arg, const char *peer, REFIID riid, void **ret);
/* backup.c: the same. */
HRESULT backup_activate(void *arg, const char *peer, REFIID riid, void **ret);

/* An object that only stubs look into: all its faces are itself, with IUnknown's methods. */
struct server_object {
    IUnknown iface;
    struct com_refs refs;
    const IID *const *iids; /* its interfaces beside IUnknown, NULL at the end */
    void (*destroy)(struct server_object *self);
};
void server_object_init(struct server_object *o, const IID *const *iids,
                        void (*destroy)(struct server_object *self));

#endif
