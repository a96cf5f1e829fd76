/*
 * Client and server of DCOM against each other: activation, calls, error objects,
 * whose objects are whose, how long they live, calls back to the client.
 */
#include "dcom/server_private.h"
#include "dcom/test_thing.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- tests
 * ------------------------------------------------------------------------------------------ */

static void an_object_lives_from_activation_to_release(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    assert_int_equal(1, atomic_load(&living));
    assert_adds(o);
    dcom_object_unref(o);
    dcom_client_unref(c); /* sends what is due */
    assert_int_equal(0, dcom_server_object_count(f.server));
    assert_int_equal(0, atomic_load(&living));
    stop(&f);
}

static void old_servers_are_activated_by_remote_activation(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o;
    assert_int_equal(S_OK, client_activate(c, 4, true, &clsid_test, &iid_test, &o, NULL));
    assert_adds(o);
    dcom_object_unref(o);
    assert_int_equal(REGDB_E_CLASSNOTREG,
                     client_activate(c, 4, true, &iid_none, &iid_test, &o, NULL));
    assert_int_equal(S_OK, client_activate(c, 3, true, &clsid_test, &IID_IClassFactory, &o, NULL));
    dcom_object_unref(o);
    dcom_client_unref(c);
    stop(&f);
}

static void what_is_not_there_is_refused_with_an_error_object(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o;
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    assert_int_equal(REGDB_E_CLASSNOTREG, dcom_activate(c, &iid_none, &iid_test, &o));
    assert_null(o);
    assert_int_equal(S_OK, GetErrorInfo(0, &error));
    assert_int_equal(E_NOINTERFACE, dcom_activate(c, &clsid_test, &iid_none, &o));
    dcom_client_unref(c);
    assert_int_equal(0, atomic_load(&living));
    stop(&f);
}

static void interfaces_are_asked_for(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    struct dcom_object *more, *none, *again;
    assert_int_equal(S_OK, dcom_query_interface(o, &iid_more, &more));
    assert_true(dcom_object_same(o, more));
    assert_true(IsEqualIID(&iid_more, dcom_object_iid(more)));
    assert_false(IsEqualGUID(dcom_object_ipid(o), dcom_object_ipid(more)));
    assert_int_equal(S_OK, dcom_query_interface(more, &iid_test, &again));
    assert_true(IsEqualGUID(dcom_object_ipid(o), dcom_object_ipid(again)));
    assert_int_equal(E_NOINTERFACE, dcom_query_interface(o, &iid_none, &none));
    dcom_object_unref(o);
    assert_adds(more); /* has references of its own */
    dcom_object_unref(more);
    dcom_object_unref(again);
    dcom_client_unref(c);
    assert_int_equal(0, atomic_load(&living));
    stop(&f);
}

static void error_objects_come_with_failures(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    (void)SetErrorInfo(0, NULL);
    assert_int_equal(WBEM_E_NOT_FOUND, call_empty(o, FAIL));
    assert_int_equal(S_OK, GetErrorInfo(0, &error));
    assert_int_equal(S_OK, IErrorInfo_GetDescription(error, &text));
    assert_int_equal(0, wcscmp(L"what went wrong", text));
    /* Arguments that are none; a method that there isn't. */
    assert_true(FAILED(call_empty(o, ADD)));
    assert_int_equal(HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE), call_empty(o, METHODS));
    assert_int_equal(HRESULT_FROM_WIN32(RPC_S_PROCNUM_OUT_OF_RANGE), call_empty(o, 0));
    dcom_object_unref(o);
    dcom_client_unref(c);
    stop(&f);
}

static void objects_are_handed_out_by_methods(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    struct dcom_object *another;
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    bool null;
    assert_int_equal(S_OK, dcom_call(o, ANOTHER, &in, 0, &reply));
    dcom_read_objref(&reply.reader, &ref, &null);
    assert_false(null);
    assert_int_equal(S_OK, dcom_unmarshal_objref(c, &ref, &iid_test, &another));
    assert_false(dcom_object_same(o, another));
    dcom_object_unref(o);
    assert_adds(another);
    dcom_object_unref(another);
    dcom_client_unref(c);
    assert_int_equal(0, atomic_load(&living));
    stop(&f);
}

static void class_objects_make_instances(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *factory, *o;
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    bool null;
    assert_int_equal(S_OK, dcom_get_class_object(c, &clsid_test, &IID_IClassFactory, &factory));
    ndr_write_guid(&in, &iid_test);
    assert_int_equal(S_OK, dcom_call(factory, 3, &in, 0, &reply));
    dcom_read_objref(&reply.reader, &ref, &null);
    assert_int_equal(S_OK, dcom_unmarshal_objref(c, &ref, &iid_test, &o));
    assert_adds(o);
    dcom_object_unref(o);
    dcom_object_unref(factory);
    dcom_client_unref(c);
    stop(&f);
}

static void others_are_denied(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_client *thief = client_as(&f, "TEST\\other");
    struct dcom_object *o = activate(c), *stolen, *more;
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    assert_int_equal(S_OK, dcom_object_marshal(o, &ref));
    assert_int_equal(S_OK, dcom_unmarshal_objref(thief, &ref, &iid_test, &stolen));
    struct ndr_writer in = {0};
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    assert_int_equal(E_ACCESSDENIED, dcom_call(stolen, ADD, &in, 0, &reply));
    assert_int_equal(E_ACCESSDENIED, dcom_query_interface(stolen, &iid_more, &more));
    dcom_object_unref(stolen);
    dcom_client_unref(thief); /* its release is refused too */
    assert_adds(o);
    assert_int_equal(1, atomic_load(&living));
    dcom_object_unref(o);
    dcom_client_unref(c);
    stop(&f);
}

static void weak_levels_are_denied(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_client *weak;
    struct dcom_client_options options = {
        .host = PEER_HOST, .port = f.peer.port, .security = peer_security("TEST\\user")};
    options.security.authn_level = RPC_C_AUTHN_LEVEL_CONNECT;
    struct dcom_object *o;
    assert_int_equal(S_OK, dcom_client_new(&options, &weak));
    assert_int_equal(E_ACCESSDENIED, dcom_activate(weak, &clsid_test, &iid_test, &o));
    dcom_client_unref(weak);
    dcom_client_unref(c);
    stop(&f);
}

static void objects_are_counted_for_each_client(void **state)
{
    struct fixture f;
    struct dcom_server_options options = {.objects_per_client = 2};
    start(&f, &options);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_client *other = client_as(&f, "TEST\\other");
    struct dcom_object *a = activate(c), *b = activate(c), *none;
    assert_int_equal(RPC_E_OUT_OF_RESOURCES, dcom_activate(c, &clsid_test, &iid_test, &none));
    struct dcom_object *theirs = activate(other);
    dcom_object_unref(theirs);
    dcom_object_unref(a);
    dcom_object_unref(b);
    dcom_client_unref(other);
    dcom_client_unref(c);
    assert_int_equal(0, atomic_load(&living));
    stop(&f);
}

static void resolvers_say_where_things_are(void **state)
{
    struct fixture f;
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_version version;
    struct dcom_bindings bindings;
    assert_int_equal(S_OK, dcom_server_alive(c, &version, &bindings));
    assert_int_equal(5, version.major);
    assert_int_equal(7, version.minor);
    assert_true(bindings.string_count >= 1);
    assert_true(bindings.security_count >= 1);
    dcom_bindings_done(&bindings);
    uint16_t port = 0;
    assert_int_equal(S_OK, client_map_endpoint(c, PEER_HOST, &iid_test, &port));
    assert_int_equal(f.peer.port, port);
    assert_int_equal(S_OK, client_map_endpoint(c, PEER_HOST, &dcom_iid_scm_activator, &port));
    assert_int_equal(f.peer.port, port);
    assert_int_equal(HRESULT_FROM_WIN32(EPT_S_NOT_REGISTERED),
                     client_map_endpoint(c, PEER_HOST, &iid_none, &port));
    dcom_client_unref(c);
    stop(&f);
}

static void references_are_found_by_their_bindings(void **state)
{
    struct fixture f;
    start(&f, NULL);
    IUnknown *thing = thing_new();
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    size_t size;
    assert_int_equal(S_OK, dcom_export(f.server, thing, &iid_test, "TEST\\user", &ref));
    IUnknown *found = dcom_server_find(f.server, &ref, "TEST\\user");
    assert_ptr_equal(thing, found);
    com_release(found);
    assert_null(dcom_server_find(f.server, &ref, "TEST\\other"));
    assert_int_equal(S_OK, dcom_objref_write(&ref, &bytes, &size));
    struct dcom_client_options options = {.security = peer_security("TEST\\user")};
    struct dcom_client *c;
    struct dcom_object *o, *more, *none;
    assert_int_equal(S_OK, dcom_client_new(&options, &c)); /* knows of no host */
    assert_int_equal(S_OK, dcom_unmarshal(c, bytes, size, &iid_test, &o));
    assert_adds(o);
    assert_int_equal(S_OK, dcom_unmarshal(c, bytes, size, &iid_more, &more));
    assert_true(dcom_object_same(o, more));
    assert_int_equal(RPC_E_INVALID_OBJREF, dcom_unmarshal(c, bytes, 10, &iid_test, &none));
    assert_null(none);
    dcom_object_unref(o);
    /* Taken back: gone for those who still have it. */
    dcom_unexport(f.server, thing);
    assert_int_equal(RPC_E_DISCONNECTED, call_empty(more, ADD));
    dcom_object_unref(more);
    dcom_client_unref(c);
    IUnknown_Release(thing);
    stop(&f);
}

static void bindings_are_tried_one_after_another(void **state)
{
    struct fixture f;
    start(&f, NULL);
    IUnknown *thing = thing_new();
    struct dcom_objref ref;
    struct dcom_bindings several = {0};
    assert_int_equal(S_OK, dcom_export(f.server, thing, &iid_test, "TEST\\user", &ref));
    IUnknown_Release(thing);
    assert_int_equal(S_OK, dcom_bindings_add_string(&several, 0x1F, PEER_HOST)); /* not TCP */
    assert_int_equal(S_OK, dcom_bindings_add_string(&several, DCOM_TOWER_TCP, "]["));
    assert_int_equal(S_OK, dcom_bindings_add_string(&several, DCOM_TOWER_TCP, PEER_NOWHERE));
    for (size_t i = 0; i < ref.resolver.string_count; i++) {
        assert_int_equal(S_OK, dcom_bindings_add_string(&several, DCOM_TOWER_TCP,
                                                        ref.resolver.strings[i].address));
    }
    dcom_bindings_done(&ref.resolver);
    ref.resolver = several;
    struct dcom_client_options options = {.security = peer_security("TEST\\user"),
                                          .connect_timeout_ms = 3000};
    struct dcom_client *c;
    struct dcom_object *o;
    assert_int_equal(S_OK, dcom_client_new(&options, &c));
    assert_int_equal(S_OK, dcom_unmarshal_objref(c, &ref, &iid_test, &o));
    assert_adds(o);
    dcom_object_unref(o);
    dcom_client_unref(c);
    dcom_objref_done(&ref);
    stop(&f);
}

/* A list of bindings may be long on purpose. */
static void few_bindings_are_tried(void **state)
{
    struct fixture f;
    start(&f, NULL);
    IUnknown *thing = thing_new();
    struct dcom_objref ref;
    struct dcom_bindings many = {0};
    assert_int_equal(S_OK, dcom_export(f.server, thing, &iid_test, "TEST\\user", &ref));
    IUnknown_Release(thing);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(S_OK, dcom_bindings_add_string(&many, DCOM_TOWER_TCP, PEER_HOST "[1]"));
    }
    assert_int_equal(
        S_OK, dcom_bindings_add_string(&many, DCOM_TOWER_TCP, ref.resolver.strings[0].address));
    dcom_bindings_done(&ref.resolver);
    ref.resolver = many;
    struct dcom_client_options options = {.security = peer_security("TEST\\user")};
    struct dcom_client *c;
    struct dcom_object *o;
    assert_int_equal(S_OK, dcom_client_new(&options, &c));
    assert_int_equal(HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE),
                     dcom_unmarshal_objref(c, &ref, &iid_test, &o));
    dcom_client_unref(c);
    dcom_objref_done(&ref);
    stop(&f);
}

/* ---- calls that are not waited for
 * ------------------------------------------------------------------- */

struct outcome {
    sem_t ended;
    atomic_int times;
    HRESULT hr;
};

static void note(void *arg, HRESULT hr, struct dcom_reply *reply)
{
    struct outcome *o = arg;
    o->hr = hr;
    atomic_fetch_add(&o->times, 1);
    sem_post(&o->ended);
}

static void calls_end_once_by_reply_or_cancel(void **state)
{
    struct fixture f;
    struct outcome outcome = {.times = 0};
    sem_init(&outcome.ended, 0, 0);
    start(&f, NULL);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    struct dcom_call *call;
    struct ndr_writer in = {0};
    assert_int_equal(S_OK, dcom_call_begin(o, WAIT, &in, 0, note, &outcome, &call));
    sem_wait(&waiting);
    assert_int_equal(0, atomic_load(&outcome.times));
    sem_post(&go_on);
    sem_wait(&outcome.ended);
    assert_int_equal(S_OK, outcome.hr);
    dcom_call_cancel(call); /* too late */
    dcom_call_unref(call);

    assert_int_equal(S_OK, dcom_call_begin(o, WAIT, &in, 0, note, &outcome, &call));
    sem_wait(&waiting);
    dcom_call_cancel(call);
    sem_wait(&outcome.ended);
    assert_int_equal(RPC_E_CALL_CANCELED, outcome.hr);
    dcom_call_cancel(call);
    dcom_call_unref(call);
    sem_post(&go_on);
    dcom_object_unref(o);
    dcom_client_unref(c);
    stop(&f);
    assert_int_equal(2, atomic_load(&outcome.times));
    sem_destroy(&outcome.ended);
}

/* ---- calls back, causality
 * -------------------------------------------------------------------------------- */

static void servers_call_objects_of_their_clients(void **state)
{
    struct fixture f, own;
    start(&f, NULL);
    start(&own, NULL); /* the client exports its sinks itself */
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    IUnknown *sink = thing_new();
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    GUID id;
    assert_int_equal(S_OK, CoCreateGuid(&id));
    assert_int_equal(S_OK, dcom_export(own.server, sink, &iid_test, "TEST\\server", &ref));
    struct ndr_writer in = {0};
    (void)ndr_write_pointer(&in, true);
    dcom_write_objref(&in, &ref);
    /* The call back carries the causality id of the call that it comes from. */
    struct dcom_causality before = dcom_causality_push(&id);
    assert_int_equal(S_OK, dcom_call(o, CALL_BACK, &in, 0, &reply));
    dcom_causality_pop(before);
    assert_int_equal(42, ndr_read_u32(&reply.reader));
    assert_true(saw_causality(&id));
    assert_adds(o); /* without a push: another one */
    assert_false(saw_causality(&id));
    dcom_object_unref(o);
    dcom_client_unref(c);
    dcom_unexport(own.server, sink);
    IUnknown_Release(sink);
    peer_stop(&f.peer);
    peer_stop(&own.peer);
    dcom_server_destroy(f.server);
    dcom_server_destroy(own.server);
    peer_done(&f.peer);
    peer_done(&own.peer);
    assert_int_equal(0, atomic_load(&living));
}

/* ---- pings
 * --------------------------------------------------------------------------------------------------
 */

static void drain(sem_t *s)
{
    while (sem_trywait(s) == 0) {
    }
}

static void objects_of_vanished_clients_go(void **state)
{
    struct fixture f;
    struct dcom_server_options options = {.ping_period_ms = 20};
    start(&f, &options);
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    drain(&died);
    dcom_client_disconnect(c); /* without a word */
    sem_wait(&died);
    assert_int_equal(0, atomic_load(&living));
    assert_true(FAILED(call_empty(o, ADD)));
    dcom_object_unref(o);
    dcom_client_unref(c);
    stop(&f);
}

static void pings_keep_objects(void **state)
{
    struct fixture f;
    struct dcom_server_options options = {.ping_period_ms = 300};
    start(&f, &options);
    f.peer.ping_period_ms = 50;
    struct dcom_client *c = client_as(&f, "TEST\\user");
    struct dcom_object *o = activate(c);
    /* An object that nobody pings goes first; ours was there before it, and stays. */
    IUnknown *forgotten = thing_new();
    struct dcom_objref ref;
    assert_int_equal(S_OK, dcom_export(f.server, forgotten, &iid_test, "TEST\\user", &ref));
    dcom_objref_done(&ref);
    drain(&died);
    IUnknown_Release(forgotten);
    sem_wait(&died);
    assert_int_equal(1, dcom_server_object_count(f.server));
    assert_adds(o);
    /* Out of the set by a delta ping, and with it out of the server. */
    dcom_object_unref(o);
    sem_wait(&died);
    dcom_client_unref(c);
    stop(&f);
}

static uint32_t change(struct dcom_server *s, uint64_t *setid, uint64_t added)
{
    return server_set_change(s, setid, 1, "", &added, 1, NULL, 0);
}

/* Pings need no authentication, so what they keep has to be of some object. */
static void ping_sets_are_for_who_knows_an_object(void **state)
{
    struct fixture f;
    start(&f, NULL);
    IUnknown *thing = thing_new();
    struct dcom_objref ref;
    uint64_t setid = 0, others[8] = {0}, kept = 0;
    assert_int_equal(0, change(f.server, &setid, 42));
    assert_int_equal(0, setid);
    assert_int_equal(0, f.server->set_count);
    assert_int_equal(S_OK, dcom_export(f.server, thing, &iid_test, "TEST\\user", &ref));
    IUnknown_Release(thing);
    assert_int_equal(0, change(f.server, &setid, ref.std.oid));
    assert_int_not_equal(0, setid);
    assert_int_equal(S_OK, server_set_ping(f.server, setid, ""));
    assert_true(FAILED(server_set_ping(f.server, setid, "TEST\\another")));
    for (size_t i = 0; i < ARRAYSIZE(others); i++) {
        assert_int_equal(0, change(f.server, &others[i], ref.std.oid));
        kept += others[i] != 0;
    }
    assert_int_equal(3, kept); /* beside the first */
    assert_int_equal(4, f.server->set_count);
    dcom_objref_done(&ref);
    stop(&f);
}

/* What a ping says twice, out of order or of objects that are not there changes nothing more. */
static void ping_sets_hold_each_object_once(void **state)
{
    enum {
        COUNT = 40
    };
    struct fixture f;
    start(&f, NULL);
    IUnknown *things[COUNT];
    uint64_t oids[COUNT], ping[3 * COUNT], setid = 0;
    for (size_t i = 0; i < COUNT; i++) {
        struct dcom_objref ref;
        things[i] = thing_new();
        assert_int_equal(S_OK, dcom_export(f.server, things[i], &iid_test, "TEST\\user", &ref));
        oids[i] = ping[i] = ref.std.oid;
        ping[2 * COUNT - 1 - i] = ref.std.oid;
        ping[2 * COUNT + i] = i;
        dcom_objref_done(&ref);
    }
    assert_int_equal(0, server_set_change(f.server, &setid, 1, "", ping, 1, NULL, 0));
    memcpy(ping, oids, sizeof oids);
    assert_int_equal(0, server_set_change(f.server, &setid, 2, "", ping, 3 * COUNT, NULL, 0));
    struct server_set *set = f.server->sets[setid % SERVER_SET_BUCKETS];
    assert_int_equal(COUNT, set->count);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(1, server_oid_find(f.server, oids[i])->sets);
    }
    /* One is removed and added by the same ping: it goes. A released one leaves by itself. */
    uint64_t removed[] = {oids[7], oids[3], 42, oids[7]}, added[] = {oids[3], oids[3]};
    assert_int_equal(0, server_set_change(f.server, &setid, 3, "", added, 2, removed, 4));
    assert_int_equal(COUNT - 2, set->count);
    assert_int_equal(0, server_oid_find(f.server, oids[7])->sets);
    assert_int_equal(0, server_oid_find(f.server, oids[3])->sets);
    dcom_unexport(f.server, things[9]);
    memcpy(ping, oids, sizeof oids);
    assert_int_equal(0, server_set_change(f.server, &setid, 4, "", ping, COUNT, NULL, 0));
    assert_true(set->count == COUNT || set->count == COUNT - 1);
    for (size_t i = 0; i < COUNT; i++) {
        const struct server_object *o = server_oid_find(f.server, oids[i]);
        assert_int_equal(i == 9, !o);
        assert_int_equal(1, o ? o->sets : 1);
        IUnknown_Release(things[i]);
    }
    stop(&f);
}

/* ---- many at once
 * -----------------------------------------------------------------------------------------------
 */

static void *work(void *arg)
{
    struct dcom_client *c = arg;
    for (int i = 0; i < 25; i++) {
        struct dcom_object *o = activate(c), *more;
        assert_adds(o);
        assert_int_equal(S_OK, dcom_query_interface(o, &iid_more, &more));
        dcom_object_unref(o);
        assert_adds(more);
        dcom_object_unref(more);
    }
    return NULL;
}

static void threads_share_a_client(void **state)
{
    struct fixture f;
    struct dcom_server_options options = {.ping_period_ms = 2000};
    start(&f, &options);
    f.peer.ping_period_ms = 10;
    struct dcom_client *c = client_as(&f, "TEST\\user");
    pthread_t threads[4];
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        assert_int_equal(0, pthread_create(&threads[i], NULL, work, c));
    }
    for (size_t i = 0; i < ARRAYSIZE(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    dcom_client_unref(c);
    assert_int_equal(0, dcom_server_object_count(f.server));
    stop(&f);
}

/* One thread knows for all of them when there is something to send, and none is forgotten. */
static void many_clients_keep_house(void **state)
{
    struct fixture f;
    struct dcom_server_options options = {.ping_period_ms = 500};
    struct dcom_client *clients[60];
    struct dcom_object *objects[ARRAYSIZE(clients)];
    start(&f, &options);
    f.peer.ping_period_ms = 150;
    for (size_t i = 0; i < ARRAYSIZE(clients); i++) {
        clients[i] = client_as(&f, "TEST\\user");
        objects[i] = activate(clients[i]);
    }
    IUnknown *forgotten = thing_new();
    struct dcom_objref ref;
    assert_int_equal(S_OK, dcom_export(f.server, forgotten, &iid_test, "TEST\\user", &ref));
    dcom_objref_done(&ref);
    drain(&died);
    IUnknown_Release(forgotten);
    sem_wait(&died);
    assert_int_equal(ARRAYSIZE(clients), dcom_server_object_count(f.server));
    for (size_t i = 0; i < ARRAYSIZE(clients); i++) {
        assert_adds(objects[i]);
        dcom_object_unref(objects[i]);
    }
    /* Releases go by themselves, and what is left of them with the client. */
    for (size_t i = 0; i < ARRAYSIZE(clients) / 2; i++) {
        sem_wait(&died);
    }
    for (size_t i = 0; i < ARRAYSIZE(clients); i++) {
        dcom_client_unref(clients[i]);
    }
    assert_int_equal(0, dcom_server_object_count(f.server));
    stop(&f);
}

/* ---- without memory
 * ------------------------------------------------------------------------------------------ */

/* Allocations are caught by standing before the C library's; a sanitizer does the same. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

static void each_allocation_fails(void **state)
{
    skip();
}

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *p, size_t size);

static atomic_long
    countdown; /* allocations, of whatever thread, until one fails; <= 0: none does */

static bool refuse(void)
{
    return atomic_load(&countdown) > 0 && atomic_fetch_sub(&countdown, 1) == 1;
}

void *malloc(size_t size)
{
    return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuse() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refuse() ? NULL : __libc_realloc(old, size);
}

static HRESULT scenario(struct fixture *f)
{
    struct dcom_client *c = NULL;
    struct dcom_object *o = NULL, *more = NULL;
    struct dcom_client_options options = {.host = PEER_HOST,
                                          .port = f->peer.port,
                                          .security = peer_security("TEST\\user"),
                                          .call_timeout_ms = 20000,
                                          .release_delay_ms = 1};
    HRESULT hr = dcom_client_new(&options, &c);
    if (SUCCEEDED(hr)) {
        hr = dcom_activate(c, &clsid_test, &iid_test, &o);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_query_interface(o, &iid_more, &more);
    }
    if (SUCCEEDED(hr)) {
        hr = call_empty(more, FAIL) == WBEM_E_NOT_FOUND ? S_OK : E_FAIL;
    }
    dcom_object_unref(more);
    dcom_object_unref(o);
    dcom_client_unref(c);
    return hr;
}

/* Each round ends, without a crash, and leaves no object when the server has gone. */
static void each_allocation_fails(void **state)
{
    struct fixture f;
    bool failed = true;
    if (!peer_in_process) {
        skip();
    }
    for (long n = 1; failed; n++) {
        start(&f, NULL);
        atomic_store(&countdown, n);
        HRESULT hr = scenario(&f);
        failed = atomic_exchange(&countdown, 0) <= 0;
        assert_true(failed || hr == S_OK);
        stop(&f);
    }
}

#endif

/* ---- a peer of another make
 * ---------------------------------------------------------------------------------- */

/* Runs a program with the port of a server of ours; gives its exit status. */
static int serve_to(const char *program)
{
    struct fixture f;
    char port[16];
    int status = 0;
    start(&f, NULL);
    (void)snprintf(port, sizeof port, "%u", f.peer.port);
    pid_t child = fork();
    if (child == 0) {
        (void)execlp("/usr/bin/python3", "python3", program, port, (char *)NULL);
        _exit(77);
    }
    (void)waitpid(child, &status, 0);
    peer_stop(&f.peer);
    dcom_server_destroy(f.server); /* what the peer left behind */
    peer_done(&f.peer);
    return WIFEXITED(status) && atomic_load(&living) == 0 ? WEXITSTATUS(status) : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_object_lives_from_activation_to_release),
        cmocka_unit_test(old_servers_are_activated_by_remote_activation),
        cmocka_unit_test(what_is_not_there_is_refused_with_an_error_object),
        cmocka_unit_test(interfaces_are_asked_for),
        cmocka_unit_test(error_objects_come_with_failures),
        cmocka_unit_test(objects_are_handed_out_by_methods),
        cmocka_unit_test(class_objects_make_instances),
        cmocka_unit_test(others_are_denied),
        cmocka_unit_test(weak_levels_are_denied),
        cmocka_unit_test(objects_are_counted_for_each_client),
        cmocka_unit_test(resolvers_say_where_things_are),
        cmocka_unit_test(references_are_found_by_their_bindings),
        cmocka_unit_test(bindings_are_tried_one_after_another),
        cmocka_unit_test(few_bindings_are_tried),
        cmocka_unit_test(calls_end_once_by_reply_or_cancel),
        cmocka_unit_test(servers_call_objects_of_their_clients),
        cmocka_unit_test(objects_of_vanished_clients_go),
        cmocka_unit_test(pings_keep_objects),
        cmocka_unit_test(ping_sets_are_for_who_knows_an_object),
        cmocka_unit_test(ping_sets_hold_each_object_once),
        cmocka_unit_test(threads_share_a_client),
        cmocka_unit_test(many_clients_keep_house),
        cmocka_unit_test(each_allocation_fails),
    };
    sem_init(&died, 0, 0);
    sem_init(&waiting, 0, 0);
    sem_init(&go_on, 0, 0);
    if (argc == 2) {
        return serve_to(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
