/*
 * Enumerators as clients see them: IEnumWbemClassObject ([MS-WMI] 3.1.4.4), and
 * the smart enumerators (3.1.4.5, 3.1.4.6) that send each class once.
 */
#include "server/server_private.h"

#include <string.h>

#include "object/object.h"
#include "wire/wire.h"

/* clang-format off */
const IID IID_IWbemFetchSmartEnum = {
    0x1c1c45ee, 0x4395, 0x11d2, {0xb6, 0x0b, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
const IID IID_IWbemWCOSmartEnum = {
    0x423ec01e, 0x2e35, 0x11d2, {0xb6, 0x04, 0x00, 0x10, 0x4b, 0x70, 0x3e, 0xfd}};
/* clang-format on */

/* Of one Next: more are asked for again. */
#define OBJECTS_MAX 65536u
/* As many are asked of the enumerator at a time. */
#define CHUNK 1024u
/* How often a call that waits looks whether it still should. */
#define SLICE_MS 250

struct enumerator {
    struct server_object base;
    struct quota_item item;
    IEnumWbemClassObject *local;
};

struct smart_enumerator {
    struct server_object base;
    struct quota_item item;
    struct enumerator *of; /* counted */
    pthread_mutex_t lock;  /* one Next at a time: the order of batches is the order of classes */
    GUID proxy;            /* under lock: whose classes `encoder` keeps count of */
    struct wire_encoder *encoder;
};

static struct enumerator *enumerator_of(struct request *q)
{
    return COM_CONTAINER(q->call->object, struct enumerator, base.iface);
}

static void enumerator_destroy(struct server_object *o)
{
    struct enumerator *e = COM_CONTAINER(o, struct enumerator, base);
    quota_leave(&e->item);
    com_release(e->local);
    free(e);
}

/* The client's face of it, counted for its user. */
static HRESULT enumerator_new(struct quota_user *u, IEnumWbemClassObject *local, IUnknown **ret)
{
    static const IID *const iids[] = {&IID_IEnumWbemClassObject, &IID_IWbemFetchSmartEnum, NULL};
    struct enumerator *e = calloc(1, sizeof(*e));
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    server_object_init(&e->base, iids, enumerator_destroy);
    e->local = local;
    com_addref(local);
    HRESULT hr = quota_enter(&e->item, u, &e->base);
    if (FAILED(hr)) {
        com_release(&e->base.iface);
        return hr;
    }
    *ret = &e->base.iface;
    return S_OK;
}

HRESULT write_enumerator(struct request *q, struct quota_user *u, HRESULT hr,
                         IEnumWbemClassObject *local)
{
    CLEANUP(com_cleanup_release) IUnknown *face = NULL;
    if (SUCCEEDED(hr) && local) {
        HRESULT made = enumerator_new(u, local, &face);
        hr = FAILED(made) ? made : hr;
    }
    return write_interface(q, hr, face, &IID_IEnumWbemClassObject);
}

/* ---- waiting ------------------------------------------------------------------- */

struct batch {
    IWbemClassObject **objects;
    ULONG count, capacity;
};

static void batch_done(struct batch *b)
{
    for (ULONG i = 0; i < b->count; i++) {
        com_release(b->objects[i]);
    }
    free(b->objects);
}

/* Room for `more` further objects. */
static bool batch_grow(struct batch *b, ULONG more)
{
    if (b->capacity - b->count >= more) {
        return true;
    }
    ULONG capacity = b->count + more;
    IWbemClassObject **objects = realloc(b->objects, capacity * sizeof(IWbemClassObject *));
    if (!objects) {
        return false;
    }
    b->objects = objects;
    b->capacity = capacity;
    return true;
}

/* Next, in slices of time, so that a client that is gone does not keep a thread for ever, and of
 * objects, so that memory goes to those that there are and not to those that were asked for. */
static HRESULT fetch(struct request *q, IEnumWbemClassObject *local, LONG timeout, ULONG count,
                     struct batch *b)
{
    uint64_t begun = quota_now_ms();
    for (;;) {
        ULONG asked = count - b->count < CHUNK ? count - b->count : CHUNK, got = 0;
        uint64_t spent = quota_now_ms() - begun;
        LONG slice = SLICE_MS;
        if (timeout != (LONG)WBEM_INFINITE) {
            uint64_t left = spent < (uint64_t)timeout ? (uint64_t)timeout - spent : 0;
            slice = left < SLICE_MS ? (LONG)left : SLICE_MS;
        }
        if (!batch_grow(b, asked ? asked : 1)) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        if (count == 0 || timeout < (LONG)WBEM_INFINITE) { /* nothing to wait for: its own answer */
            return IEnumWbemClassObject_Next(local, timeout, asked, b->objects, &got);
        }
        HRESULT hr = IEnumWbemClassObject_Next(local, slice, asked, b->objects + b->count, &got);
        b->count += got;
        if (SUCCEEDED(hr) && b->count == count) {
            return WBEM_S_NO_ERROR;
        }
        bool more = SUCCEEDED(hr) && got == asked;
        if (!more && hr != WBEM_S_TIMEDOUT) {
            return hr;
        }
        if (!more && timeout != (LONG)WBEM_INFINITE &&
            quota_now_ms() - begun >= (uint64_t)timeout) {
            return WBEM_S_TIMEDOUT;
        }
        if (server_should_end(q)) {
            return b->count ? WBEM_S_TIMEDOUT : WBEM_E_CALL_CANCELLED;
        }
        if (quota_now_ms() - begun >= quota_call_ms()) {
            return WBEM_S_TIMEDOUT;
        }
    }
}

/* ---- IEnumWbemClassObject --------------------------------------------------------- */

static HRESULT enum_reset(struct request *q)
{
    return IEnumWbemClassObject_Reset(enumerator_of(q)->local);
}

/* 3.1.4.4.2 */
static HRESULT enum_next(struct request *q)
{
    struct batch b = {0};
    LONG timeout = (LONG)ndr_read_u32(q->in);
    ULONG count = ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = count <= OBJECTS_MAX
                     ? fetch(q, enumerator_of(q)->local, timeout, count, &b)
                     : error_raise(WBEM_E_INVALID_PARAMETER, "Next", "uCount",
                                   "at most %u objects are given at once", OBJECTS_MAX);
    wire_write_objects(&q->out, b.objects, b.count, count, true);
    ndr_write_u32(&q->out, b.count);
    batch_done(&b);
    return hr;
}

/* 3.1.4.4.3 */
static HRESULT enum_next_async(struct request *q)
{
    HRESULT hr;
    ULONG count = ndr_read_u32(q->in);
    CLEANUP(com_cleanup_release) IWbemObjectSink *sink = read_sink(q, &hr);
    return FAILED(q->in->status) || FAILED(hr)
               ? hr
               : IEnumWbemClassObject_NextAsync(enumerator_of(q)->local, count, sink);
}

static HRESULT enum_clone(struct request *q)
{
    CLEANUP(com_cleanup_release) IEnumWbemClassObject *copy = NULL;
    struct quota_user *u = NULL;
    HRESULT hr = quota_user_of(q->call, &u);
    if (SUCCEEDED(hr)) {
        hr = IEnumWbemClassObject_Clone(enumerator_of(q)->local, &copy);
    }
    hr = write_enumerator(q, u, hr, copy);
    quota_user_unref(u);
    return hr;
}

/* By Next, since a Skip that waits can't be told to end. */
static HRESULT enum_skip(struct request *q)
{
    LONG timeout = (LONG)ndr_read_u32(q->in);
    ULONG count = ndr_read_u32(q->in);
    IEnumWbemClassObject *local = enumerator_of(q)->local;
    uint64_t begun = quota_now_ms();
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    if (count == 0 || timeout < (LONG)WBEM_INFINITE) { /* nothing to wait for: its own answer */
        return IEnumWbemClassObject_Skip(local, timeout, count);
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    while (count > 0 && hr == WBEM_S_NO_ERROR) {
        struct batch b = {0};
        uint64_t spent = quota_now_ms() - begun;
        LONG left = timeout == (LONG)WBEM_INFINITE ? timeout
                    : spent < (uint64_t)timeout    ? (LONG)((uint64_t)timeout - spent)
                                                   : 0;
        hr = fetch(q, local, left, count < CHUNK ? count : CHUNK, &b);
        count -= b.count;
        batch_done(&b);
    }
    return hr;
}

static void enumerator_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {enum_reset, enum_next, enum_next_async, enum_clone,
                                         enum_skip};
    CLEANUP(com_cleanup_release) IUnknown *object = call->object; /* the answer lets it go */
    struct enumerator *e = COM_CONTAINER(object, struct enumerator, base.iface);
    struct callback *before = NULL;
    com_addref(object);
    quota_call_begin(&e->item);
    struct sink_visit *inside = sink_callback_enter(call, &before);
    server_dispatch(call, methods, ARRAYSIZE(methods));
    sink_callback_leave(inside, before);
    quota_call_end(&e->item);
}

const struct dcom_stub enumerator_stub = {&IID_IEnumWbemClassObject, 8, enumerator_dispatch};

/* ---- smart enumerators --------------------------------------------------------------- */

static void smart_destroy(struct server_object *o)
{
    struct smart_enumerator *s = COM_CONTAINER(o, struct smart_enumerator, base);
    quota_leave(&s->item);
    com_release(&s->of->base.iface);
    wire_encoder_destroy(s->encoder);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

static HRESULT get_smart_enum(struct request *q)
{
    static const IID *const iids[] = {&IID_IWbemWCOSmartEnum, NULL};
    CLEANUP(com_cleanup_release) IUnknown *face = NULL;
    struct smart_enumerator *s = calloc(1, sizeof(*s));
    if (s) {
        server_object_init(&s->base, iids, smart_destroy);
        s->of = enumerator_of(q);
        com_addref(&s->of->base.iface);
        (void)pthread_mutex_init(&s->lock, NULL);
        quota_watch(&s->item, &s->base);
        face = &s->base.iface;
    }
    return write_interface(q, s ? S_OK : WBEM_E_OUT_OF_MEMORY, face, &IID_IWbemWCOSmartEnum);
}

static void fetch_smart_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {get_smart_enum};
    server_dispatch(call, methods, ARRAYSIZE(methods));
}

const struct dcom_stub fetch_smart_enum_stub = {&IID_IWbemFetchSmartEnum, 4, fetch_smart_dispatch};

/* Another proxy has no classes yet. */
static HRESULT encode(struct smart_enumerator *s, const GUID *proxy, const struct batch *b,
                      uint8_t **ret, uint32_t *ret_size)
{
    HRESULT hr = S_OK;
    pthread_mutex_lock(&s->lock);
    if (!s->encoder || !IsEqualGUID(&s->proxy, proxy)) {
        wire_encoder_destroy(s->encoder);
        s->encoder = NULL;
        hr = wire_encoder_create(WIRE_PACKET_SMART_ENUM, &s->encoder);
        s->proxy = *proxy;
    }
    if (SUCCEEDED(hr)) {
        hr = wire_encoder_write(s->encoder, b->objects, b->count, ret, ret_size);
    }
    pthread_mutex_unlock(&s->lock);
    return hr;
}

/* 3.1.4.6.1 */
static HRESULT smart_next(struct request *q)
{
    struct smart_enumerator *s =
        COM_CONTAINER(q->call->object, struct smart_enumerator, base.iface);
    struct batch b = {0};
    CLEANUP(com_cleanup_free) uint8_t *bytes = NULL;
    uint32_t size = 0;
    GUID proxy;
    ndr_read_guid(q->in, &proxy);
    LONG timeout = (LONG)ndr_read_u32(q->in);
    ULONG count = ndr_read_u32(q->in);
    if (FAILED(q->in->status)) {
        return q->in->status;
    }
    HRESULT hr = fetch(q, s->of->local, timeout, count < OBJECTS_MAX ? count : OBJECTS_MAX, &b);
    if (b.count) {
        HRESULT encoded = encode(s, &proxy, &b, &bytes, &size);
        hr = FAILED(encoded) ? encoded : hr;
    }
    ndr_write_u32(&q->out, SUCCEEDED(hr) ? b.count : 0);
    ndr_write_u32(&q->out, size);
    if (ndr_write_pointer(&q->out, size > 0)) {
        ndr_write_byte_array(&q->out, bytes, size);
    }
    batch_done(&b);
    return hr;
}

static void smart_dispatch(struct dcom_server_call *call)
{
    static method_fn *const methods[] = {smart_next};
    CLEANUP(com_cleanup_release) IUnknown *object = call->object; /* the answer lets it go */
    struct smart_enumerator *s = COM_CONTAINER(object, struct smart_enumerator, base.iface);
    com_addref(object);
    quota_call_begin(&s->item);
    quota_call_begin(&s->of->item);
    server_dispatch(call, methods, ARRAYSIZE(methods));
    quota_call_end(&s->of->item);
    quota_call_end(&s->item);
}

const struct dcom_stub smart_enum_stub = {&IID_IWbemWCOSmartEnum, 4, smart_dispatch};
