/*
 * Clients that serve sinks of their own: asynchronous methods and NextAsync over
 * the wire, with the clauses of docs/nextasync.md that the wire could break.
 */
#include "dcom/test_peer.h"
#include "server/server.h"
#include "server/test_client_sink.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>
#include <wbemtran.h>
#include <wchar.h>

#include <cmocka.h>

#include "com/com.h"
#include "repository/repository.h"
#include "security/security.h"
#include "services/access.h"
#include "wire/marshal.h"

enum {
    NTLM_LOGIN = 6,
    CANCEL_ASYNC_CALL = 4,
    QUERY_OBJECT_SINK = 5,
    GET_OBJECT = 6,
    GET_OBJECT_ASYNC = 7,
    PUT_INSTANCE_ASYNC = 15,
    DELETE_INSTANCE_ASYNC = 17,
    EXEC_QUERY = 20,
    EXEC_QUERY_ASYNC = 21,
    CREATE_CLASS_ENUM_ASYNC = 13,
    EXEC_NOTIFICATION_QUERY_ASYNC = 23,
    EXEC_METHOD_ASYNC = 25,
    ENUM_RESET = 3,
    ENUM_NEXT = 4,
    ENUM_NEXT_ASYNC = 5,
};

static const char mof[] = "class Test_Event : __ExtrinsicEvent { string What; };\n"
                          "class Test_Item { [key] uint32 Number; string Label; };\n"
                          "instance of Test_Item { Number = 1; };\n"
                          "instance of Test_Item { Number = 2; };\n"
                          "instance of Test_Item { Number = 3; };\n"
                          "instance of Test_Item { Number = 4; };\n"
                          "instance of Test_Item { Number = 5; };\n";
static const wchar_t all_items[] = L"SELECT * FROM Test_Item";

/* ---- both sides ------------------------------------------------------------------------ */

struct fixture {
    struct peer peer, own; /* where wbemd's and the client's servers are */
    struct dcom_server *server, *sinks;
    struct dcom_client *client;
    struct dcom_object *services;
};

static void start_server(struct peer *p, uint32_t level, unsigned ping_ms, struct dcom_server **ret)
{
    struct dcom_server_options options = {.authn_level = level, .ping_period_ms = ping_ms};
    peer_start(p, &options);
    assert_int_equal(S_OK, dcom_server_new(&options, ret));
}

static struct dcom_client *client_as(struct fixture *f, const char *user, uint32_t level)
{
    struct dcom_client *c;
    struct dcom_client_options options = {.host = PEER_HOST,
                                          .port = f->peer.port,
                                          .security = peer_security(user),
                                          .call_timeout_ms = 20000,
                                          .release_delay_ms = 5};
    options.security.authn_level = level;
    assert_int_equal(S_OK, dcom_client_new(&options, &c));
    return c;
}

/* What a call returns that gives an interface as its last [out] parameter. */
static HRESULT call_for_interface(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                                  REFIID riid, struct dcom_object **ret)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    bool null;
    *ret = NULL;
    HRESULT hr = dcom_call(o, opnum, in, 0, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    dcom_read_objref(&reply.reader, &ref, &null);
    assert_false(null);
    assert_int_equal(S_OK, dcom_unmarshal_objref(dcom_object_client(o), &ref, riid, ret));
    return hr;
}

static struct dcom_object *login(struct dcom_client *c)
{
    struct dcom_object *level1, *services;
    struct ndr_writer in = {0};
    assert_int_equal(S_OK,
                     dcom_activate(c, &CLSID_WbemLevel1Login, &IID_IWbemLevel1Login, &level1));
    wire_write_string_pointer(&in, L"//./root/cimv2");
    wire_write_string_pointer(&in, NULL);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    assert_int_equal(S_OK,
                     call_for_interface(level1, NTLM_LOGIN, &in, &IID_IWbemServices, &services));
    dcom_object_unref(level1);
    return services;
}

/* Anybody who has authenticated may do everything. */
static void open_to_all(struct repository *r)
{
    struct descriptor d = {
        .owner = sid_administrators, .group = sid_administrators, .has_dacl = true};
    struct repository_namespace *n;
    assert_int_equal(S_OK, repository_open(r, L"root", &n));
    assert_int_equal(S_OK, descriptor_add(&d, ACE_ALLOWED, ACE_CONTAINER_INHERIT, SECURITY_ALL,
                                          &sid_authenticated_users));
    assert_int_equal(S_OK, access_set_descriptor(n, &d));
    descriptor_done(&d);
}

/* Events of one's own are for administrators. */
static HRESULT administrators(void *context, const char *client, struct token *ret)
{
    HRESULT hr = token_add_everybody(ret);
    return SUCCEEDED(hr) ? token_add(ret, &sid_administrators) : hr;
}

static int as_administrator(void **state)
{
    token_set_map(administrators, NULL);
    token_forget_clients();
    return 0;
}

static int as_stranger(void **state)
{
    token_set_map(NULL, NULL);
    token_forget_clients();
    return 0;
}

static int define(void **state)
{
    const struct mof_input input = {"test", mof, sizeof mof - 1};
    const struct mof_options options = {0};
    struct repository_mof m = {
        .inputs = &input, .count = 1, .options = &options, .name_space = L"root\\cimv2"};
    struct mof_error e = {0};
    struct repository *r;
    struct dcom_security own = peer_security("TEST\\server");
    assert_int_equal(S_OK, CoInitializeEx(NULL, COINIT_MULTITHREADED));
    assert_int_equal(S_OK, repository_default(&r));
    open_to_all(r);
    assert_int_equal(S_OK, repository_compile_mof(r, &m, NULL, &e));
    server_set_callback_credentials(own.credentials);
    return 0;
}

static void start_pinged(struct fixture *f, uint32_t call_level, uint32_t sink_level,
                         unsigned ping_ms)
{
    *f = (struct fixture){0};
    start_server(&f->peer, 0, ping_ms, &f->server);
    assert_int_equal(S_OK, server_register(f->server));
    start_server(&f->own, sink_level, 0, &f->sinks);
    assert_int_equal(S_OK, dcom_server_register_stub(f->sinks, &client_sink_stub));
    f->client = client_as(f, "TEST\\client", call_level);
    f->services = login(f->client);
}

static void start(struct fixture *f, uint32_t call_level, uint32_t sink_level)
{
    start_pinged(f, call_level, sink_level, 0);
}

static void stop(struct fixture *f)
{
    dcom_object_unref(f->services);
    dcom_client_unref(f->client);
    peer_stop(&f->peer);
    dcom_server_destroy(f->server);
    peer_done(&f->peer);
    peer_stop(&f->own);
    dcom_server_destroy(f->sinks);
    peer_done(&f->own);
}

static void write_sink(struct fixture *f, struct ndr_writer *in, struct sink *s)
{
    struct dcom_objref ref = {0};
    if (s) {
        assert_int_equal(S_OK, dcom_export(f->sinks, &s->iface, &IID_IWbemObjectSink, NULL, &ref));
    }
    if (ndr_write_pointer(in, s != NULL)) {
        dcom_write_objref(in, &ref);
    }
    dcom_objref_done(&ref);
}

static HRESULT call(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    return dcom_call(o, opnum, in, 0, &reply);
}

static void write_query(struct ndr_writer *in, const wchar_t *query)
{
    wire_write_bstr(in, L"WQL");
    wire_write_bstr(in, query);
    ndr_write_u32(in, WBEM_FLAG_RETURN_IMMEDIATELY);
    wire_write_context(in, NULL);
}

static HRESULT ask_async(struct fixture *f, uint16_t opnum, const wchar_t *query, struct sink *s)
{
    struct ndr_writer in = {0};
    wire_write_bstr(&in, L"WQL");
    wire_write_bstr(&in, query);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    write_sink(f, &in, s);
    return call(f->services, opnum, &in);
}

static HRESULT query_async(struct fixture *f, const wchar_t *query, struct sink *s)
{
    return ask_async(f, EXEC_QUERY_ASYNC, query, s);
}

static HRESULT cancel(struct fixture *f, struct sink *s)
{
    struct ndr_writer in = {0};
    write_sink(f, &in, s);
    return call(f->services, CANCEL_ASYNC_CALL, &in);
}

static struct dcom_object *query(struct fixture *f)
{
    struct ndr_writer in = {0};
    struct dcom_object *e;
    write_query(&in, all_items);
    assert_int_equal(
        S_OK, call_for_interface(f->services, EXEC_QUERY, &in, &IID_IEnumWbemClassObject, &e));
    return e;
}

static HRESULT next_async(struct fixture *f, struct dcom_object *e, uint32_t count, struct sink *s)
{
    struct ndr_writer in = {0};
    ndr_write_u32(&in, count);
    write_sink(f, &in, s);
    return call(e, ENUM_NEXT_ASYNC, &in);
}

static void assert_heard(struct sink *s, int objects, int statuses, HRESULT status)
{
    assert_int_equal(objects, atomic_load(&s->objects));
    assert_int_equal(statuses, atomic_load(&s->statuses));
    assert_int_equal(status, atomic_load(&s->status));
}

/* The server has let go of it: nothing more can come (N17). */
static void sink_done(struct fixture *f, struct sink *s)
{
    sem_wait(&s->released);
    sem_destroy(&s->done);
    sem_destroy(&s->released);
}

static void assert_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *wanted)
{
    VARIANT v;
    assert_int_equal(S_OK, IWbemClassObject_Get(object, name, 0, &v, NULL, NULL));
    assert_int_equal(VT_BSTR, V_VT(&v));
    assert_int_equal(0, wcscmp(V_BSTR(&v), wanted));
    (void)VariantClear(&v);
}

/* ---- tests ------------------------------------------------------------------------------- */

static void results_come_and_one_status(void **state)
{
    struct fixture f;
    struct sink s;
    start(&f, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, 0);
    sink_init(&s);
    assert_int_equal(WBEM_S_NO_ERROR, query_async(&f, all_items, &s));
    sem_wait(&s.done);
    assert_heard(&s, 5, 1, WBEM_S_NO_ERROR);
    assert_int_equal(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, atomic_load(&s.weakest));
    sink_done(&f, &s);
    stop(&f);
}

static void wrong_calls_leave_the_sink_alone(void **state)
{
    struct fixture f;
    struct sink s;
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *status = NULL;
    start(&f, 0, 0);
    sink_init(&s);
    assert_int_equal(WBEM_E_INVALID_QUERY, query_async(&f, L"SELECT FROM", &s));
    assert_int_equal(S_OK, GetErrorInfo(0, &error));
    assert_int_equal(S_OK,
                     IErrorInfo_QueryInterface(error, &IID_IWbemClassObject, (void **)&status));
    assert_text(status, L"__CLASS", L"__ExtendedStatus");
    assert_text(status, L"Operation", L"ExecQueryAsync");
    assert_int_equal(WBEM_E_INVALID_PARAMETER, query_async(&f, all_items, NULL));
    sink_done(&f, &s);
    assert_heard(&s, 0, 0, 0);
    stop(&f);
}

static void test_n16_a_sink_is_not_called_at_a_weaker_level(void **state)
{
    struct fixture f;
    struct sink s;
    start(&f, RPC_C_AUTHN_LEVEL_PKT_INTEGRITY, RPC_C_AUTHN_LEVEL_PKT_PRIVACY);
    sink_init(&s);
    s.weakest = RPC_C_AUTHN_LEVEL_PKT_PRIVACY;
    /* The client takes calls with privacy only, and called with integrity: nothing gets through,
     * or the server calls at the client's level; in no case weaker. */
    HRESULT hr = query_async(&f, all_items, &s);
    if (SUCCEEDED(hr)) {
        sem_wait(&s.released);
    }
    assert_int_equal(RPC_C_AUTHN_LEVEL_PKT_PRIVACY, atomic_load(&s.weakest));
    stop(&f);
}

static void test_n2_n4_n10_n11_batches_on_demand(void **state)
{
    struct fixture f;
    struct sink s;
    start(&f, 0, 0);
    sink_init(&s);
    struct dcom_object *e = query(&f);
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, e, 2, &s));
    sem_wait(&s.done);
    assert_heard(&s, 2, 1, WBEM_S_NO_ERROR);
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, e, 10, &s));
    sem_wait(&s.done);
    assert_heard(&s, 5, 2, WBEM_S_FALSE);
    assert_int_equal(WBEM_S_FALSE, next_async(&f, e, 1, &s));
    assert_int_equal(WBEM_S_FALSE, next_async(&f, e, 0, &s));
    assert_int_equal(WBEM_E_INVALID_PARAMETER, next_async(&f, e, 1, NULL));
    struct ndr_writer in = {0};
    assert_int_equal(WBEM_S_NO_ERROR, call(e, ENUM_RESET, &in));
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, e, 5, &s));
    sem_wait(&s.done);
    assert_heard(&s, 10, 3, WBEM_S_NO_ERROR);
    dcom_object_unref(e);
    sink_done(&f, &s);
    stop(&f);
}

struct inside {
    struct fixture *f;
    struct dcom_object *e;
    struct sink *next;
    HRESULT hr;
};

static void ask_for_more(struct sink *s)
{
    struct inside *i = s->argument;
    s->inside = NULL;
    i->hr = next_async(i->f, i->e, 3, i->next);
}

/* The callback's own thread serves the enumerator at the server: a call from inside it that waited
 * for its turn would wait for itself. */
static void test_n7_a_call_from_inside_a_callback_returns_at_once(void **state)
{
    struct fixture f;
    struct sink first, second;
    start(&f, 0, 0);
    sink_init(&first);
    sink_init(&second);
    struct inside i = {&f, query(&f), &second, E_FAIL};
    first.inside = ask_for_more;
    first.argument = &i;
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, i.e, 2, &first));
    sem_wait(&first.done);
    sem_wait(&second.done);
    assert_int_equal(WBEM_S_NO_ERROR, i.hr);
    assert_heard(&first, 2, 1, WBEM_S_NO_ERROR);
    assert_heard(&second, 3, 1, WBEM_S_NO_ERROR);
    dcom_object_unref(i.e);
    sink_done(&f, &first);
    sink_done(&f, &second);
    stop(&f);
}

static void test_n19_a_sink_that_fails_ends_its_call(void **state)
{
    struct fixture f;
    struct sink s, after;
    start(&f, 0, 0);
    sink_init(&s);
    sink_init(&after);
    s.answer = WBEM_E_FAILED;
    struct dcom_object *e = query(&f);
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, e, 2, &s));
    sem_wait(&s.done);
    assert_int_equal(WBEM_E_CALL_CANCELLED, atomic_load(&s.status));
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, e, 10, &after));
    sem_wait(&after.done);
    assert_heard(&after, 5 - atomic_load(&s.objects), 1, WBEM_S_FALSE);
    dcom_object_unref(e);
    sink_done(&f, &s);
    sink_done(&f, &after);
    stop(&f);
}

static void test_n20_calls_are_cancelled(void **state)
{
    struct fixture f;
    struct sink s;
    sem_t began, go_on;
    start(&f, 0, 0);
    sink_init(&s);
    sem_init(&began, 0, 0);
    sem_init(&go_on, 0, 0);
    s.began = &began;
    s.go_on = &go_on;
    struct dcom_object *e = query(&f);
    assert_int_equal(WBEM_S_NO_ERROR, next_async(&f, e, 1, &s));
    sem_wait(&began);
    assert_int_equal(WBEM_S_NO_ERROR, cancel(&f, &s));
    sem_post(&go_on);
    sem_wait(&s.done);
    assert_heard(&s, 1, 1, WBEM_E_CALL_CANCELLED);
    assert_int_equal(WBEM_E_NOT_FOUND, cancel(&f, &s));
    dcom_object_unref(e);
    sink_done(&f, &s);
    sem_destroy(&began);
    sem_destroy(&go_on);
    stop(&f);
}

static void test_n23_an_enumerator_answers_its_creator_only(void **state)
{
    struct fixture f;
    struct dcom_objref ref;
    struct dcom_object *stolen;
    start(&f, 0, 0);
    struct dcom_object *e = query(&f);
    struct dcom_client *other = client_as(&f, "TEST\\other", 0);
    assert_int_equal(S_OK, dcom_object_marshal(e, &ref));
    HRESULT hr = dcom_unmarshal_objref(other, &ref, &IID_IEnumWbemClassObject, &stolen);
    if (SUCCEEDED(hr)) {
        struct ndr_writer in = {0};
        ndr_write_u32(&in, 0);
        ndr_write_u32(&in, 1);
        hr = call(stolen, ENUM_NEXT, &in);
        dcom_object_unref(stolen);
    }
    assert_int_equal(E_ACCESSDENIED, hr);
    dcom_objref_done(&ref);
    dcom_client_unref(other);
    dcom_object_unref(e);
    stop(&f);
}

static IWbemClassObject *get_object(struct fixture *f, const wchar_t *path)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    wire_write_bstr(&in, path);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    (void)ndr_write_pointer(&in, true); /* a place for the object… */
    (void)ndr_write_pointer(&in, false);
    (void)ndr_write_pointer(&in, false); /* …and none for a result */
    assert_int_equal(S_OK, dcom_call(f->services, GET_OBJECT, &in, 0, &reply));
    assert_true(ndr_read_pointer(&reply.reader));
    IWbemClassObject *object = wire_read_object(&reply.reader);
    assert_non_null(object);
    return object;
}

static HRESULT by_path_async(struct fixture *f, uint16_t opnum, const wchar_t *path, struct sink *s)
{
    struct ndr_writer in = {0};
    wire_write_bstr(&in, path);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    write_sink(f, &in, s);
    return call(f->services, opnum, &in);
}

static void objects_are_got_put_and_deleted(void **state)
{
    struct fixture f;
    struct sink s;
    struct ndr_writer in = {0};
    VARIANT v = {.vt = VT_I4, .lVal = 77};
    start(&f, 0, 0);
    sink_init(&s);
    assert_int_equal(S_OK, by_path_async(&f, GET_OBJECT_ASYNC, L"Test_Item.Number=1", &s));
    sem_wait(&s.done);
    assert_heard(&s, 1, 1, WBEM_S_NO_ERROR);
    CLEANUP(com_cleanup_release) IWbemClassObject *object = get_object(&f, L"Test_Item.Number=1");
    assert_int_equal(S_OK, IWbemClassObject_Put(object, L"Number", 0, &v, 0));
    wire_write_object(&in, object);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    write_sink(&f, &in, &s);
    assert_int_equal(S_OK, call(f.services, PUT_INSTANCE_ASYNC, &in));
    sem_wait(&s.done);
    assert_heard(&s, 1, 2, WBEM_S_NO_ERROR);
    assert_true(wcsstr(s.text, L"Test_Item.Number=77") != NULL);
    assert_int_equal(S_OK, by_path_async(&f, DELETE_INSTANCE_ASYNC, L"Test_Item.Number=77", &s));
    sem_wait(&s.done);
    assert_heard(&s, 1, 3, WBEM_S_NO_ERROR);
    assert_int_equal(S_OK, by_path_async(&f, DELETE_INSTANCE_ASYNC, L"Test_Item.Number=77", &s));
    sem_wait(&s.done);
    assert_heard(&s, 1, 4, WBEM_E_NOT_FOUND);
    sink_done(&f, &s);
    stop(&f);
}

static void the_server_has_a_sink_for_events(void **state)
{
    struct fixture f;
    struct dcom_object *sink;
    struct ndr_writer in = {0};
    start(&f, 0, 0);
    CLEANUP(com_cleanup_release) IWbemClassObject *object = get_object(&f, L"Test_Item.Number=1");
    ndr_write_u32(&in, 0);
    assert_int_equal(
        S_OK, call_for_interface(f.services, QUERY_OBJECT_SINK, &in, &IID_IWbemObjectSink, &sink));
    ndr_write_u32(&in, 1);
    wire_write_objects(&in, &object, 1, 1, false);
    assert_int_not_equal(S_OK, call(sink, 3, &in)); /* it is no event */
    ndr_write_u32(&in, WBEM_STATUS_COMPLETE);
    ndr_write_u32(&in, 0);
    wire_write_bstr(&in, NULL);
    wire_write_object(&in, NULL);
    assert_int_equal(S_OK, call(sink, 4, &in));
    dcom_object_unref(sink);
    stop(&f);
}

/* Events come until the call is cancelled: of what another call changes, and those that the client
 * brings itself. */
static void events_come_to_the_sink(void **state)
{
    struct fixture f;
    struct sink changes, own, s;
    struct dcom_object *events;
    struct ndr_writer in = {0};
    CLEANUP(com_cleanup_release) IWbemClassObject *event = NULL;
    VARIANT v = {.vt = VT_I4, .lVal = 99};
    sem_t came;
    start(&f, 0, 0);
    sem_init(&came, 0, 0);
    sink_init(&changes);
    sink_init(&own);
    sink_init(&s);
    changes.began = own.began = &came;
    assert_int_equal(S_OK, ask_async(&f, EXEC_NOTIFICATION_QUERY_ASYNC,
                                     L"SELECT * FROM __InstanceCreationEvent WHERE TargetInstance "
                                     L"ISA 'Test_Item'",
                                     &changes));
    CLEANUP(com_cleanup_release) IWbemClassObject *object = get_object(&f, L"Test_Item.Number=1");
    assert_int_equal(S_OK, IWbemClassObject_Put(object, L"Number", 0, &v, 0));
    wire_write_object(&in, object);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    write_sink(&f, &in, &s);
    assert_int_equal(S_OK, call(f.services, PUT_INSTANCE_ASYNC, &in));
    sem_wait(&s.done);
    sem_wait(&came);
    assert_int_equal(S_OK, by_path_async(&f, DELETE_INSTANCE_ASYNC, L"Test_Item.Number=99", &s));
    sem_wait(&s.done);

    assert_int_equal(
        S_OK, ask_async(&f, EXEC_NOTIFICATION_QUERY_ASYNC, L"SELECT * FROM Test_Event", &own));
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = get_object(&f, L"Test_Event");
    assert_int_equal(S_OK, IWbemClassObject_SpawnInstance(cls, 0, &event));
    ndr_write_u32(&in, 0);
    assert_int_equal(S_OK, call_for_interface(f.services, QUERY_OBJECT_SINK, &in,
                                              &IID_IWbemObjectSink, &events));
    ndr_write_u32(&in, 1);
    wire_write_objects(&in, &event, 1, 1, false);
    assert_int_equal(S_OK, call(events, 3, &in));
    sem_wait(&came);
    dcom_object_unref(events);

    assert_int_equal(S_OK, cancel(&f, &changes));
    assert_int_equal(S_OK, cancel(&f, &own));
    sem_wait(&changes.done);
    sem_wait(&own.done);
    assert_heard(&changes, 1, 1, WBEM_E_CALL_CANCELLED);
    assert_heard(&own, 1, 1, WBEM_E_CALL_CANCELLED);
    sink_done(&f, &changes);
    sink_done(&f, &own);
    sink_done(&f, &s);
    sem_destroy(&came);
    stop(&f);
}

static void classes_and_results_of_methods_come(void **state)
{
    struct fixture f;
    struct sink s;
    struct ndr_writer in = {0};
    wchar_t path[64];
    start(&f, 0, 0);
    sink_init(&s);
    assert_int_equal(S_OK, by_path_async(&f, CREATE_CLASS_ENUM_ASYNC, L"Test_Item", &s));
    sem_wait(&s.done);
    assert_heard(&s, 0, 1, WBEM_S_NO_ERROR);
    wire_write_bstr(&in, L"__SystemSecurity=@");
    wire_write_bstr(&in, L"GetCallerAccessRights");
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    wire_write_object(&in, NULL);
    write_sink(&f, &in, &s);
    assert_int_equal(S_OK, call(f.services, EXEC_METHOD_ASYNC, &in));
    sem_wait(&s.done);
    assert_heard(&s, 1, 2, WBEM_S_NO_ERROR);
    /* With the server's rights, which the client has none of. */
    (void)swprintf(path, ARRAYSIZE(path), L"Win32_Process.Handle=\"%d\"", (int)getpid());
    wire_write_bstr(&in, path);
    wire_write_bstr(&in, L"Terminate");
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    wire_write_object(&in, NULL);
    write_sink(&f, &in, &s);
    assert_int_equal(WBEM_E_ACCESS_DENIED, call(f.services, EXEC_METHOD_ASYNC, &in));
    sink_done(&f, &s);
    stop(&f);
}

/* What goes on in the background is counted, though the client has no enumerator: one user may have
 * so much of it, and more again when some has ended. */
static void work_in_the_background_is_counted(void **state)
{
    struct fixture f;
    struct sink s;
    const struct server_policy one = {.enumerators_per_user = 1}, any = {0};
    const wchar_t *never = L"SELECT * FROM __NamespaceDeletionEvent";
    unsigned began = 0;
    HRESULT hr = S_OK;
    start(&f, 0, 0);
    sink_init(&s);
    server_set_policy(&one);
    for (; began < 1000 && SUCCEEDED(hr); began += SUCCEEDED(hr)) {
        hr = ask_async(&f, EXEC_NOTIFICATION_QUERY_ASYNC, never, &s);
    }
    assert_int_equal(WBEM_E_QUOTA_VIOLATION, hr);
    assert_int_equal(64, began);
    assert_int_equal(S_OK, cancel(&f, &s));
    for (unsigned i = 0; i < began; i++) {
        sem_wait(&s.done);
    }
    for (int i = 0; i < 1000 && hr == WBEM_E_QUOTA_VIOLATION; i++) {
        usleep(i ? 10000 : 0); /* the last has said so and is about to end */
        hr = ask_async(&f, EXEC_NOTIFICATION_QUERY_ASYNC, never, &s);
    }
    assert_int_equal(S_OK, hr);
    assert_int_equal(S_OK, cancel(&f, &s));
    sem_wait(&s.done);
    server_set_policy(&any);
    sink_done(&f, &s);
    stop(&f);
}

/* Whoever waits for what never comes says nothing, and is known to be there by its pings alone. */
static void calls_of_clients_that_have_gone_end(void **state)
{
    struct fixture f;
    struct sink s;
    const wchar_t *never = L"SELECT * FROM __NamespaceDeletionEvent";
    start_pinged(&f, 0, 0, 1000);
    sink_init(&s);
    assert_int_equal(S_OK, ask_async(&f, EXEC_NOTIFICATION_QUERY_ASYNC, never, &s));
    assert_int_equal(S_OK, ask_async(&f, EXEC_NOTIFICATION_QUERY_ASYNC, never, &s));
    sem_wait(&s.done); /* the client's next ping would be two minutes from now */
    sem_wait(&s.done);
    assert_heard(&s, 0, 2, WBEM_E_CALL_CANCELLED);
    sink_done(&f, &s);
    stop(&f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_and_one_status),
        cmocka_unit_test(wrong_calls_leave_the_sink_alone),
        cmocka_unit_test(test_n16_a_sink_is_not_called_at_a_weaker_level),
        cmocka_unit_test(test_n2_n4_n10_n11_batches_on_demand),
        cmocka_unit_test(test_n7_a_call_from_inside_a_callback_returns_at_once),
        cmocka_unit_test(test_n19_a_sink_that_fails_ends_its_call),
        cmocka_unit_test(test_n20_calls_are_cancelled),
        cmocka_unit_test(test_n23_an_enumerator_answers_its_creator_only),
        cmocka_unit_test(objects_are_got_put_and_deleted),
        cmocka_unit_test_setup_teardown(the_server_has_a_sink_for_events, as_administrator,
                                        as_stranger),
        cmocka_unit_test(work_in_the_background_is_counted),
        cmocka_unit_test_setup_teardown(events_come_to_the_sink, as_administrator, as_stranger),
        cmocka_unit_test(classes_and_results_of_methods_come),
        cmocka_unit_test(calls_of_clients_that_have_gone_end),
    };
    return cmocka_run_group_tests(tests, define, NULL);
}
