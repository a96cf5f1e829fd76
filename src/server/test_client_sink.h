/*
 * What a client's sink is in the tests: it counts what it is called with, over a
 * server of its own.
 */
#ifndef WBEM_SERVER_TEST_CLIENT_SINK_H
#define WBEM_SERVER_TEST_CLIENT_SINK_H

#include "dcom/dcom.h"
#include "wire/marshal.h"

#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "com/com.h"

struct sink {
    IUnknown iface;
    struct com_refs refs;
    atomic_int objects, statuses;
    atomic_int weakest;   /* level of the calls */
    atomic_int status;    /* the last one */
    wchar_t text[64];     /* of the last status */
    HRESULT answer;       /* to Indicate */
    sem_t *began, *go_on; /* of Indicate; may be NULL */
    sem_t done;           /* SetStatus came */
    sem_t released;
    /* Called in Indicate; may be NULL. */
    void (*inside)(struct sink *s);
    void *argument;
};

static struct sink *sink_of(IUnknown *iface)
{
    return COM_CONTAINER(iface, struct sink, iface);
}

static HRESULT STDMETHODCALLTYPE sink_query(IUnknown *iface, REFIID riid, void **ret)
{
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        return E_NOINTERFACE;
    }
    com_addref(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_addref(IUnknown *iface)
{
    return com_ref_inc(&sink_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE sink_release(IUnknown *iface)
{
    ULONG left = com_ref_dec(&sink_of(iface)->refs);
    if (left == 1) { /* the test's own */
        sem_post(&sink_of(iface)->released);
    }
    return left;
}

static void sink_init(struct sink *s)
{
    static IUnknownVtbl vtbl = {sink_query, sink_addref, sink_release};
    *s = (struct sink){.iface = {&vtbl}, .weakest = RPC_C_AUTHN_LEVEL_PKT_PRIVACY};
    com_ref_init(&s->refs);
    sem_init(&s->done, 0, 0);
    sem_init(&s->released, 0, 0);
}

static HRESULT sink_indicate(struct sink *s, struct ndr_reader *in)
{
    uint32_t count;
    (void)ndr_read_u32(in);
    IWbemClassObject **objects = wire_read_objects(in, false, &count);
    atomic_fetch_add(&s->objects, (int)count);
    for (uint32_t i = 0; i < count; i++) {
        com_release(objects[i]);
    }
    free(objects);
    if (s->began) {
        sem_post(s->began);
    }
    if (s->go_on) {
        sem_wait(s->go_on);
    }
    if (s->inside) {
        s->inside(s);
    }
    return s->answer;
}

static void sink_set_status(struct sink *s, struct ndr_reader *in)
{
    assert_int_equal(WBEM_STATUS_COMPLETE, ndr_read_u32(in));
    atomic_store(&s->status, (int)ndr_read_u32(in));
    CLEANUP(com_cleanup_bstr) BSTR text = wire_read_bstr(in);
    com_release(wire_read_object(in));
    if (text) {
        wcsncpy(s->text, text, ARRAYSIZE(s->text) - 1);
    }
    atomic_fetch_add(&s->statuses, 1);
    sem_post(&s->done);
}

static void sink_dispatch(struct dcom_server_call *call)
{
    struct sink *s = sink_of(call->object);
    HRESULT hr = S_OK;
    if ((int)call->authn_level < atomic_load(&s->weakest)) {
        atomic_store(&s->weakest, (int)call->authn_level);
    }
    if (call->opnum == 3) {
        hr = sink_indicate(s, &call->in);
    } else {
        sink_set_status(s, &call->in);
    }
    dcom_server_reply_result(call, FAILED(call->in.status) ? call->in.status : hr);
}

static const struct dcom_stub client_sink_stub = {&IID_IWbemObjectSink, 5, sink_dispatch};

#endif
