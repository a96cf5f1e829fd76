/*
 * What tests of DCOM share: an object, its interfaces' stub, a server of it and
 * clients.
 */
#ifndef WBEM_DCOM_TEST_THING_H
#define WBEM_DCOM_TEST_THING_H

#include "dcom/client_private.h"
#include "dcom/test_peer.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <wbemcli.h>

#include <cmocka.h>

/* ---- an object to be exported -------------------------------------------------------------- */

static const IID iid_test = {
    0x6A3F2B11, 0x0C5D, 0x4E0F, {0x93, 0x21, 0x5B, 0x7C, 0x1D, 0x20, 0x44, 0x01}};
static const IID iid_more = {
    0x6A3F2B11, 0x0C5D, 0x4E0F, {0x93, 0x21, 0x5B, 0x7C, 0x1D, 0x20, 0x44, 0x02}};
static const IID iid_none = {
    0x6A3F2B11, 0x0C5D, 0x4E0F, {0x93, 0x21, 0x5B, 0x7C, 0x1D, 0x20, 0x44, 0x03}};
static const CLSID clsid_test = {
    0x6A3F2B11, 0x0C5D, 0x4E0F, {0x93, 0x21, 0x5B, 0x7C, 0x1D, 0x20, 0x44, 0x04}};

enum {
    ADD = 3,
    FAIL = 4,
    WAIT = 5,
    ANOTHER = 6,
    WHO = 7,
    CALL_BACK = 8,
    METHODS = 9
};

static atomic_int living;
static sem_t died, waiting, go_on;
static pthread_mutex_t seen_lock = PTHREAD_MUTEX_INITIALIZER;
static GUID seen_causality; /* of the last ADD; under seen_lock */

struct thing {
    IUnknown iface;
    struct com_refs refs;
};

static inline HRESULT STDMETHODCALLTYPE thing_query(IUnknown *iface, REFIID riid, void **ret)
{
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &iid_test) &&
        !IsEqualIID(riid, &iid_more)) {
        return E_NOINTERFACE;
    }
    (void)com_ref_inc(&COM_CONTAINER(iface, struct thing, iface)->refs);
    *ret = iface;
    return S_OK;
}

static inline ULONG STDMETHODCALLTYPE thing_addref(IUnknown *iface)
{
    return com_ref_inc(&COM_CONTAINER(iface, struct thing, iface)->refs);
}

static inline ULONG STDMETHODCALLTYPE thing_release(IUnknown *iface)
{
    struct thing *t = COM_CONTAINER(iface, struct thing, iface);
    ULONG left = com_ref_dec(&t->refs);
    if (left == 0) {
        atomic_fetch_sub(&living, 1);
        free(t);
        sem_post(&died);
    }
    return left;
}

static inline IUnknown *thing_new(void)
{
    static IUnknownVtbl vtbl = {thing_query, thing_addref, thing_release};
    struct thing *t = calloc(1, sizeof *t);
    if (!t) {
        return NULL;
    }
    t->iface.lpVtbl = &vtbl;
    com_ref_init(&t->refs);
    atomic_fetch_add(&living, 1);
    return &t->iface;
}

static inline HRESULT activate_thing(void *arg, const char *peer, REFIID riid, void **ret)
{
    IUnknown *thing = thing_new();
    HRESULT hr = thing ? IUnknown_QueryInterface(thing, riid, ret) : E_OUTOFMEMORY;
    com_release(thing);
    return hr;
}

static inline void raise_error(void)
{
    CLEANUP(com_cleanup_release) ICreateErrorInfo *create = NULL;
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    wchar_t text[] = L"what went wrong";
    if (SUCCEEDED(CreateErrorInfo(&create)) &&
        SUCCEEDED(ICreateErrorInfo_SetDescription(create, text)) &&
        SUCCEEDED(ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&error))) {
        (void)SetErrorInfo(0, error);
    }
}

/* Adds two numbers there by calling ADD of an object of the caller's. */
static inline HRESULT call_back(struct dcom_server_call *call, uint32_t *ret)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct dcom_security security = peer_security("TEST\\server");
    struct dcom_object *sink;
    bool null;
    dcom_read_objref(&call->in, &ref, &null);
    if (null || FAILED(call->in.status)) {
        return E_POINTER;
    }
    HRESULT hr = dcom_server_unmarshal(call->server, &ref, &iid_test, &security, &sink);
    if (FAILED(hr)) {
        return hr;
    }
    struct ndr_writer in = {0};
    ndr_write_u32(&in, 20);
    ndr_write_u32(&in, 22);
    hr = dcom_call(sink, ADD, &in, 0, &reply);
    *ret = ndr_read_u32(&reply.reader);
    dcom_object_unref(sink);
    return hr;
}

static inline HRESULT test_method(struct dcom_server_call *call, struct ndr_writer *out)
{
    HRESULT hr = S_OK;
    uint32_t sum = 0;
    IUnknown *another = NULL;
    CLEANUP(com_cleanup_free) wchar_t *who = NULL;
    switch (call->opnum) {
    case ADD:
        pthread_mutex_lock(&seen_lock);
        seen_causality = call->causality;
        pthread_mutex_unlock(&seen_lock);
        sum = ndr_read_u32(&call->in) + ndr_read_u32(&call->in);
        ndr_write_u32(out, sum);
        break;
    case FAIL:
        hr = WBEM_E_NOT_FOUND;
        raise_error();
        break;
    case WAIT:
        sem_post(&waiting);
        sem_wait(&go_on);
        break;
    case ANOTHER:
        another = thing_new();
        hr = dcom_server_write_interface(call, out, another, &iid_test);
        IUnknown_Release(another);
        break;
    case WHO:
        who = com_wide_from_utf8(call->peer);
        ndr_write_string(out, who);
        break;
    default:
        hr = call_back(call, &sum);
        ndr_write_u32(out, sum);
        break;
    }
    return hr;
}

static inline void test_dispatch(struct dcom_server_call *call)
{
    struct ndr_writer out = {0};
    HRESULT hr = test_method(call, &out);
    if (FAILED(call->in.status)) {
        ndr_writer_done(&out);
        dcom_server_fault(call, call->in.status);
        return;
    }
    ndr_write_u32(&out, (uint32_t)hr);
    dcom_server_reply(call, &out, hr);
}

static const struct dcom_stub test_stub = {&iid_test, METHODS, test_dispatch};
static const struct dcom_stub more_stub = {&iid_more, METHODS, test_dispatch};

static inline bool saw_causality(const GUID *id)
{
    pthread_mutex_lock(&seen_lock);
    bool same = IsEqualGUID(id, &seen_causality);
    pthread_mutex_unlock(&seen_lock);
    return same;
}

/* ---- both ends ----------------------------------------------------------------------------------
 */

struct fixture {
    struct peer peer;
    struct dcom_server *server;
};

static inline void start(struct fixture *f, const struct dcom_server_options *wanted)
{
    struct dcom_server_options options = wanted ? *wanted : (struct dcom_server_options){0};
    static const struct dcom_server_class class = {&clsid_test, activate_thing, NULL};
    peer_start(&f->peer, &options);
    assert_int_equal(S_OK, dcom_server_new(&options, &f->server));
    assert_int_equal(S_OK, dcom_server_register_stub(f->server, &test_stub));
    assert_int_equal(S_OK, dcom_server_register_stub(f->server, &more_stub));
    assert_int_equal(S_OK, dcom_server_register_class(f->server, &class));
}

static inline void stop(struct fixture *f)
{
    peer_stop(&f->peer);
    dcom_server_destroy(f->server);
    peer_done(&f->peer);
    assert_int_equal(0, atomic_load(&living));
}

static inline struct dcom_client *client_as(struct fixture *f, const char *user)
{
    struct dcom_client *c;
    struct dcom_client_options options = {.host = PEER_HOST,
                                          .port = f->peer.port,
                                          .security = peer_security(user),
                                          .call_timeout_ms = 20000,
                                          .release_delay_ms = 5,
                                          .ping_period_ms = f->peer.ping_period_ms};
    assert_int_equal(S_OK, dcom_client_new(&options, &c));
    return c;
}

static inline struct dcom_object *activate(struct dcom_client *c)
{
    struct dcom_object *o;
    assert_int_equal(S_OK, dcom_activate(c, &clsid_test, &iid_test, &o));
    return o;
}

static inline void assert_adds(struct dcom_object *o)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    ndr_write_u32(&in, 40);
    ndr_write_u32(&in, 2);
    assert_int_equal(S_OK, dcom_call(o, ADD, &in, 0, &reply));
    assert_int_equal(42, ndr_read_u32(&reply.reader));
    assert_true(reply.replied);
}

static inline HRESULT call_empty(struct dcom_object *o, uint16_t opnum)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct ndr_writer in = {0};
    return dcom_call(o, opnum, &in, 0, &reply);
}

#endif
