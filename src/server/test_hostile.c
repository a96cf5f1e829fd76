/*
 * Arguments that are none: every method of every interface is called with
 * nothing, with what was cut off, and with bytes at random. The server answers
 * each call, and goes on.
 */
#include "dcom/test_peer.h"
#include "server/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <wbemtran.h>

#include <cmocka.h>

#include "com/com.h"
#include "repository/repository.h"
#include "security/security.h"
#include "services/access.h"
#include "services/services.h"
#include "wire/marshal.h"

#define NTLM_LOGIN 6
#define EXEC_QUERY 20
#define ADD_OBJECT 3
#define ADD_TEMPLATE 4
#define ADD_ENUM 5
#define GET_REMOTE_REFRESHER 7
#define RECONNECT 8
#define STOP_REFRESHING 4
#define RANDOM_ROUNDS 200

static const IID iid_fetch = {
    0x1c1c45ee, 0x4395, 0x11d2, {0xb6, 0x0b, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
static const IID iid_smart = {
    0x423ec01e, 0x2e35, 0x11d2, {0xb6, 0x04, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
static const IID iid_refreshing = {
    0x2c9273e0, 0x1dc3, 0x11d3, {0xb3, 0x64, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};
static const IID iid_refresher = {
    0xf1e9c5b2, 0xf59b, 0x11d2, {0xb3, 0x62, 0x00, 0x10, 0x5a, 0x1f, 0x81, 0x77}};

struct fixture {
    struct peer peer;
    struct dcom_server *server;
    struct dcom_client *client;
    struct dcom_object *login, *services, *enumerator, *fetch, *smart, *refreshing, *refresher;
};

static uint32_t seed = 1;

static uint32_t draw(uint32_t below)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static HRESULT call_for_interface(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                                  REFIID riid, struct dcom_object **ret)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    bool null;
    HRESULT hr = dcom_call(o, opnum, in, 0, &reply);
    if (FAILED(hr)) {
        return hr;
    }
    dcom_read_objref(&reply.reader, &ref, &null);
    return dcom_unmarshal_objref(dcom_object_client(o), &ref, riid, ret);
}

static void write_login(struct ndr_writer *in)
{
    wire_write_string_pointer(in, L"//./root/cimv2");
    wire_write_string_pointer(in, L"MS_409");
    ndr_write_u32(in, 0);
    wire_write_context(in, NULL);
}

static void write_query(struct ndr_writer *in)
{
    wire_write_bstr(in, L"WQL");
    wire_write_bstr(in, L"SELECT * FROM __NAMESPACE");
    ndr_write_u32(in, WBEM_FLAG_RETURN_IMMEDIATELY);
    wire_write_context(in, NULL);
}

/* _WBEM_REFRESHER_ID, [MS-WMI] 2.2.21 */
static void write_refresher_id(struct ndr_writer *in)
{
    static const GUID id = {1, 2, 3, {4}};
    (void)ndr_write_pointer(in, true);
    ndr_write_u32(in, 1);
    ndr_write_guid(in, &id);
    ndr_write_u32(in, 5);
    ndr_write_u32(in, 0);
    ndr_write_u32(in, 5);
    ndr_write_bytes(in, "here", 5);
    ndr_write_align(in, 4);
}

static void write_addition(struct ndr_writer *in, const wchar_t *path)
{
    write_refresher_id(in);
    ndr_write_string(in, path);
    ndr_write_align(in, 4);
    ndr_write_u32(in, 0);
    wire_write_context(in, NULL);
    ndr_write_u32(in, 2);
}

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

static int start(void **state)
{
    static struct fixture f;
    struct dcom_server_options options = {0};
    struct ndr_writer in = {0};
    struct repository *r;
    assert_int_equal(S_OK, CoInitializeEx(NULL, COINIT_MULTITHREADED));
    assert_int_equal(S_OK, repository_default(&r));
    open_to_all(r);
    peer_start(&f.peer, &options);
    assert_int_equal(S_OK, dcom_server_new(&options, &f.server));
    assert_int_equal(S_OK, server_register(f.server));
    struct dcom_client_options of_client = {.host = PEER_HOST,
                                            .port = f.peer.port,
                                            .security = peer_security("TEST\\client"),
                                            .call_timeout_ms = 60000};
    assert_int_equal(S_OK, dcom_client_new(&of_client, &f.client));
    assert_int_equal(
        S_OK, dcom_activate(f.client, &CLSID_WbemLevel1Login, &IID_IWbemLevel1Login, &f.login));
    write_login(&in);
    assert_int_equal(S_OK,
                     call_for_interface(f.login, NTLM_LOGIN, &in, &IID_IWbemServices, &f.services));
    write_query(&in);
    assert_int_equal(S_OK, call_for_interface(f.services, EXEC_QUERY, &in,
                                              &IID_IEnumWbemClassObject, &f.enumerator));
    assert_int_equal(S_OK, dcom_query_interface(f.enumerator, &iid_fetch, &f.fetch));
    assert_int_equal(S_OK, call_for_interface(f.fetch, 3, &in, &iid_smart, &f.smart));
    assert_int_equal(S_OK, dcom_query_interface(f.services, &iid_refreshing, &f.refreshing));
    write_refresher_id(&in);
    ndr_write_u32(&in, 0);
    ndr_write_u32(&in, 2);
    assert_int_equal(S_OK, call_for_interface(f.refreshing, GET_REMOTE_REFRESHER, &in,
                                              &iid_refresher, &f.refresher));
    *state = &f;
    return 0;
}

static int stop(void **state)
{
    struct fixture *f = *state;
    dcom_object_unref(f->refresher);
    dcom_object_unref(f->refreshing);
    dcom_object_unref(f->smart);
    dcom_object_unref(f->fetch);
    dcom_object_unref(f->enumerator);
    dcom_object_unref(f->services);
    dcom_object_unref(f->login);
    dcom_client_unref(f->client);
    server_stop_waiting();
    peer_stop(&f->peer);
    dcom_server_destroy(f->server);
    peer_done(&f->peer);
    return 0;
}

/* Answered, well or badly: the connection and the server are still there. */
static void send(struct dcom_object *o, uint16_t opnum, const void *bytes, size_t size)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    ndr_write_bytes(&in, bytes, size);
    HRESULT hr = dcom_call(o, opnum, &in, 0, &reply);
    assert_int_not_equal(RPC_E_TIMEOUT, hr);
    assert_int_not_equal(HRESULT_FROM_WIN32(RPC_S_CALL_FAILED), hr);
    assert_int_not_equal(HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE), hr);
    (void)SetErrorInfo(0, NULL);
}

static void still_serves(struct fixture *f)
{
    struct ndr_writer in = {0};
    struct dcom_object *e = NULL;
    write_query(&in);
    assert_int_equal(
        S_OK, call_for_interface(f->services, EXEC_QUERY, &in, &IID_IEnumWbemClassObject, &e));
    dcom_object_unref(e);
}

static void each_method(struct fixture *f, void (*attack)(struct dcom_object *o, uint16_t opnum))
{
    const struct {
        struct dcom_object *o;
        uint16_t methods; /* and one that there is not */
    } all[] = {{f->login, 7}, {f->services, 26},  {f->enumerator, 8}, {f->fetch, 4},
               {f->smart, 4}, {f->refreshing, 9}, {f->refresher, 6}};
    for (size_t i = 0; i < ARRAYSIZE(all); i++) {
        for (uint16_t opnum = 3; opnum <= all[i].methods; opnum++) {
            attack(all[i].o, opnum);
        }
    }
    still_serves(f);
}

static void nothing(struct dcom_object *o, uint16_t opnum)
{
    send(o, opnum, "", 0);
}

/* Small numbers, since large ones are lengths that the first check refuses. */
static void at_random(struct dcom_object *o, uint16_t opnum)
{
    uint8_t bytes[256];
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
        size_t size = draw(sizeof bytes);
        for (size_t i = 0; i < size; i++) {
            bytes[i] = (uint8_t)(draw(3) ? 0 : draw(16) ? draw(32) : draw(256));
        }
        /* A timeout, where there is one, that ends within the test. */
        memset(bytes + 2, 0, 2);
        send(o, opnum, bytes, size);
    }
}

static void methods_get_nothing(void **state)
{
    each_method(*state, nothing);
}

static void methods_get_bytes_at_random(void **state)
{
    each_method(*state, at_random);
}

/* Cut at each byte, and each byte changed. */
static void damage(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in)
{
    assert_false(FAILED(in->status));
    for (size_t size = 0; size < in->size; size++) {
        send(o, opnum, in->data, size);
    }
    for (size_t i = 0; i < in->size; i++) {
        uint8_t before = in->data[i];
        in->data[i] ^= (uint8_t)(1 + draw(255));
        send(o, opnum, in->data, in->size);
        in->data[i] = before;
    }
    ndr_writer_done(in);
}

static void damaged_arguments_of_logins_and_queries(void **state)
{
    struct fixture *f = *state;
    struct ndr_writer in = {0};
    write_login(&in);
    damage(f->login, NTLM_LOGIN, &in);
    write_query(&in);
    damage(f->services, EXEC_QUERY, &in);
    still_serves(f);
}

/* An object and a context by value. */
static void damaged_objects_and_contexts(void **state)
{
    struct fixture *f = *state;
    struct ndr_writer in = {0};
    CLEANUP(com_cleanup_release) IWbemClassObject *object = NULL;
    CLEANUP(com_cleanup_release) IWbemContext *context = NULL;
    VARIANT v = {.vt = VT_I4, .lVal = 7};
    struct repository *r;
    struct repository_namespace *n;
    assert_int_equal(S_OK, repository_default(&r));
    assert_int_equal(S_OK, repository_open(r, L"root\\cimv2", &n));
    assert_int_equal(S_OK, repository_get_class(n, L"__NAMESPACE", false, &object));
    assert_int_equal(S_OK, context_create(NULL, &IID_IWbemContext, (void **)&context));
    assert_int_equal(S_OK, IWbemContext_SetValue(context, L"value", 0, &v));
    wire_write_object(&in, object);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, context);
    (void)ndr_write_pointer(&in, false);
    damage(f->services, 8, &in); /* PutClass, of a class that can't be put */
    still_serves(f);
}

/* What the client adds by its path, its template and its class, and takes out again. */
static void damaged_refreshers(void **state)
{
    struct fixture *f = *state;
    struct ndr_writer in = {0};
    CLEANUP(com_cleanup_release) IWbemClassObject *cls = NULL;
    CLEANUP(com_cleanup_release) IWbemClassObject *template = NULL;
    struct repository *r;
    struct repository_namespace *n;
    assert_int_equal(S_OK, repository_default(&r));
    assert_int_equal(S_OK, repository_open(r, L"root\\cimv2", &n));
    assert_int_equal(S_OK, repository_get_class(n, L"__NAMESPACE", false, &cls));
    assert_int_equal(S_OK, IWbemClassObject_SpawnInstance(cls, 0, &template));
    write_addition(&in, L"Win32_PerfRawData_PerfOS_System=@");
    damage(f->refreshing, ADD_OBJECT, &in);
    write_addition(&in, L"Win32_PerfRawData_PerfOS_Processor");
    damage(f->refreshing, ADD_ENUM, &in);
    write_refresher_id(&in);
    wire_write_object(&in, template);
    ndr_write_u32(&in, 0);
    wire_write_context(&in, NULL);
    ndr_write_u32(&in, 2);
    damage(f->refreshing, ADD_TEMPLATE, &in);
    still_serves(f);
}

/* Two to be made again, with the results that the client had; two to be taken out. */
static void damaged_lists_of_refreshers(void **state)
{
    struct fixture *f = *state;
    struct ndr_writer in = {0};
    write_refresher_id(&in);
    ndr_write_u32(&in, 0);
    ndr_write_u32(&in, 2);
    ndr_write_u32(&in, 2); /* the version, then the array's */
    ndr_write_u32(&in, 2);
    for (uint32_t i = 0; i < 2; i++) {
        ndr_write_u32(&in, i);
        (void)ndr_write_pointer(&in, true);
    }
    ndr_write_string(&in, L"Win32_PerfRawData_PerfOS_System=@");
    ndr_write_align(&in, 4);
    ndr_write_string(&in, L"Win32_PerfRawData_PerfOS_Processor");
    ndr_write_align(&in, 4);
    ndr_write_u32(&in, 2);
    for (uint32_t i = 0; i < 4; i++) {
        ndr_write_u32(&in, 0);
    }
    damage(f->refreshing, RECONNECT, &in);
    ndr_write_u32(&in, 2);
    ndr_write_u32(&in, 2);
    ndr_write_u32(&in, 1);
    ndr_write_u32(&in, 2);
    ndr_write_u32(&in, 0);
    damage(f->refresher, STOP_REFRESHING, &in);
    still_serves(f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_get_nothing),
        cmocka_unit_test(methods_get_bytes_at_random),
        cmocka_unit_test(damaged_arguments_of_logins_and_queries),
        cmocka_unit_test(damaged_objects_and_contexts),
        cmocka_unit_test(damaged_refreshers),
        cmocka_unit_test(damaged_lists_of_refreshers),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
