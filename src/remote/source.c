/*
 * An enumeration on another host as a source for the local enumerator. The next
 * batch is under way while the last one is being consumed; its size follows the
 * objects' size, the round trip and how fast they come. [MS-WMI] 3.1.4.4, 3.1.4.6.
 *
 * Two calls may be under way: the second is made when the reply to the first begins to come. The
 * host has carried out the first by then, so the objects' order is kept, and the classes' that
 * smart enumerators send once; and the link is never idle while there is something to send.
 */
#include "remote/remote_private.h"

#include <string.h>

#include "object/object.h"
#include "remote/fetch.h"
#include "wire/marshal.h"
#include "wire/wire.h"

enum {
    FIRST_BATCH = 32,
    MOST_BATCH = 4096,
    BATCH_BYTES = 4 * 1024 * 1024,
    GATHER_MS = 100,      /* for which the server may hold a call to gather a batch */
    WAIT_MS = 1000,       /* one that waits for a single object, */
    WAIT_EVENT_MS = 5000, /* and for an event */
    DRAIN_BATCH = 256,
    /* What a batch should take: so much longer than the way there and back that the link is idle
     * for little of the time, but no longer than a person notices. */
    ROUND_TRIPS = 8,
    LEAST_US = 20 * 1000,
    MOST_US = 250 * 1000,
    SLOW_US = 600 * 1000,
    GROWTH = 16, /* from one batch to the next, at most */
};

/* How objects are asked for. */
enum pace {
    PACE_BATCHES, /* as many as fit, which are there or nearly so */
    PACE_ONE,     /* what is slow comes one at a time, so that none waits for another */
    PACE_DRAIN,   /* and then, without waiting, those that have come with it */
};

struct remote_source {
    struct source base;
    struct remote_host *host;
    struct dcom_object *services, *enumerator; /* the latter: IEnum… or its IWbemWCOSmartEnum */
    struct remote_security security;           /* how both are called */
    bool smart, opened, ended, events;
    uint16_t opnum;
    struct ndr_writer in;
    const char *step;
    struct wire_decoder *decoder;
    GUID proxy; /* who we are to the smart enumerator */
    enum pace pace;
    uint32_t batch;             /* of PACE_BATCHES */
    bool growing;               /* the last one was full */
    int64_t round_trip;         /* the shortest that was seen, in microseconds */
    int64_t last_ended;         /* when the last reply had come */
    IWbemClassObject **objects; /* of the last batch; those from `next` on are owned */
    uint32_t count, next;
    pthread_mutex_t lock;
    bool cancelled;         /* under lock */
    struct fetch *calls[2]; /* under lock; changed by the pulling thread alone: the oldest first */
    uint32_t asked[2];      /* how many by each */
};

/* Puts a call under way behind what is. */
static HRESULT begin(struct remote_source *s, struct dcom_object *o, uint16_t opnum,
                     struct ndr_writer *in, uint32_t count)
{
    struct fetch *f;
    HRESULT hr = fetch_begin(o, opnum, in, WAIT_EVENT_MS + s->host->settings.call_ms, &f);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&s->lock);
    int at = s->calls[0] ? 1 : 0;
    s->calls[at] = f;
    s->asked[at] = count;
    bool cancelled = s->cancelled;
    pthread_mutex_unlock(&s->lock);
    if (cancelled) {
        fetch_cancel(f);
    }
    return S_OK;
}

/* Waits for the oldest call and takes its reply; how long that took, the way there and back left
 * out: what came before it on the connection, too. */
static HRESULT finish(struct remote_source *s, struct dcom_reply *ret, int64_t *took_us)
{
    struct fetch *f = s->calls[0];
    int64_t began, ended;
    HRESULT hr = fetch_take(f, ret, &began, &ended);
    int64_t all = ended - began;
    if (began >= s->last_ended) { /* alone: the link was idle for the round trip */
        s->round_trip = s->round_trip == 0 || all < s->round_trip ? all : s->round_trip;
        *took_us = all - s->round_trip;
    } else {
        *took_us = ended - s->last_ended;
    }
    s->last_ended = ended;
    pthread_mutex_lock(&s->lock);
    s->calls[0] = s->calls[1];
    s->asked[0] = s->asked[1];
    s->calls[1] = NULL;
    pthread_mutex_unlock(&s->lock);
    fetch_unref(f);
    if (hr == RPC_E_CALL_CANCELED) {
        return WBEM_E_CALL_CANCELLED;
    }
    return FAILED(hr) ? remote_explain(s->host, hr, ret->replied, ret->error, s->step) : hr;
}

/* ---- opening ------------------------------------------------------------------------ */

/* The faster interface, when the server has it (3.2.4.1). */
static void use_smart_enum(struct remote_source *s)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    struct dcom_object *fetch, *smart;
    if (FAILED(dcom_query_interface(s->enumerator, &remote_iid_fetch_smart_enum, &fetch))) {
        (void)SetErrorInfo(0, NULL);
        return;
    }
    HRESULT hr = dcom_object_set_security(fetch, &s->security.value);
    if (SUCCEEDED(hr)) {
        hr = dcom_call(fetch, OPNUM_GET_SMART_ENUM, &in, 0, &reply);
    }
    if (SUCCEEDED(hr)) {
        hr = remote_read_interface(s->host, &reply.reader, &remote_iid_smart_enum, s->step, &smart);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_object_set_security(smart, &s->security.value);
        if (SUCCEEDED(hr)) {
            hr = wire_decoder_create(&s->decoder);
        }
        if (SUCCEEDED(hr)) {
            dcom_object_unref(s->enumerator);
            s->enumerator = smart;
            s->smart = true;
            (void)CoCreateGuid(&s->proxy);
        } else {
            dcom_object_unref(smart);
        }
    }
    dcom_object_unref(fetch);
    (void)SetErrorInfo(0, NULL);
}

static HRESULT open_source(struct remote_source *s)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    int64_t took;
    s->opened = true;
    HRESULT hr = begin(s, s->services, s->opnum, &s->in, 0);
    if (FAILED(hr)) {
        return remote_failed(s->host, hr, false, s->step);
    }
    hr = finish(s, &reply, &took);
    if (SUCCEEDED(hr)) {
        hr = remote_read_interface(s->host, &reply.reader, &IID_IEnumWbemClassObject, s->step,
                                   &s->enumerator);
    }
    if (SUCCEEDED(hr)) {
        hr = dcom_object_set_security(s->enumerator, &s->security.value);
    }
    if (SUCCEEDED(hr)) {
        use_smart_enum(s);
    }
    return hr;
}

/* ---- batches ------------------------------------------------------------------------- */

static uint32_t batch_size(const struct remote_source *s)
{
    return s->pace == PACE_BATCHES ? s->batch : s->pace == PACE_DRAIN ? DRAIN_BATCH : 1;
}

/* For which the server may hold the call: less than we wait for it. */
static uint32_t wait_ms(const struct remote_source *s)
{
    unsigned most = s->host->settings.call_ms;
    unsigned wait = s->pace == PACE_BATCHES ? GATHER_MS
                    : s->pace == PACE_DRAIN ? 0
                    : s->events             ? WAIT_EVENT_MS
                                            : WAIT_MS;
    return wait < most ? wait : most;
}

static HRESULT ask(struct remote_source *s)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    uint32_t count = batch_size(s);
    if (s->smart) {
        ndr_write_guid(&in, &s->proxy);
    }
    ndr_write_u32(&in, wait_ms(s));
    ndr_write_u32(&in, count);
    return begin(s, s->enumerator, s->smart ? OPNUM_SMART_NEXT : OPNUM_ENUM_NEXT, &in, count);
}

/* The next batch takes as long as it should. */
static void fit_batch(struct remote_source *s, uint32_t asked, uint32_t count, size_t bytes,
                      int64_t took_us)
{
    /* What is quicker than can be told from the round trip is taken for a sixteenth of it. */
    int64_t wanted = s->round_trip * ROUND_TRIPS;
    uint64_t took = (uint64_t)(took_us > s->round_trip / GROWTH ? took_us : s->round_trip / GROWTH);
    wanted = wanted < LEAST_US ? LEAST_US : wanted > MOST_US ? MOST_US : wanted;
    s->growing = count > 0 && count >= asked;
    if (took_us > SLOW_US) {
        s->batch = s->batch > 1 ? s->batch / 2 : 1;
    } else if (took_us < wanted && s->growing) {
        uint64_t more = (uint64_t)asked * (uint64_t)wanted / (took ? took : 1);
        uint64_t fits = BATCH_BYTES / (bytes / count + 1);
        more = more > (uint64_t)asked * GROWTH ? (uint64_t)asked * GROWTH : more;
        more = more > fits ? fits : more;
        s->batch = (uint32_t)(more < 1 ? 1 : more > MOST_BATCH ? MOST_BATCH : more);
    }
}

/* After `count` of the `asked` have come. */
static void set_pace(struct remote_source *s, HRESULT status, uint32_t asked, uint32_t count)
{
    switch (s->pace) {
    case PACE_BATCHES:
        s->pace = status == WBEM_S_TIMEDOUT && count < asked ? PACE_ONE : PACE_BATCHES;
        break;
    case PACE_ONE:
        s->pace = count > 0 ? PACE_DRAIN : PACE_ONE;
        break;
    case PACE_DRAIN:
        if (count < asked) {
            s->pace = PACE_ONE;
        } else if (!s->events) {
            s->pace = PACE_BATCHES;
        }
        break;
    }
}

/* Before this batch is taken apart the next one is on its way. When asking fails the next pull asks
 * again, and says so. */
static void go_on(struct remote_source *s, HRESULT status, uint32_t asked, uint32_t count,
                  size_t bytes, int64_t took_us)
{
    if (status == WBEM_S_FALSE) {
        s->ended = true;
        return;
    }
    if (s->pace == PACE_BATCHES) {
        fit_batch(s, asked, count, bytes, took_us);
    }
    set_pace(s, status, asked, count);
    if (!s->calls[0] && FAILED(ask(s))) {
        (void)SetErrorInfo(0, NULL);
    }
}

struct batch {
    HRESULT status;
    uint32_t asked;
    int64_t took_us;
};

/* [MS-WMI] 3.1.4.6.1: how many, how many bytes, the bytes. */
static HRESULT read_smart(struct remote_source *s, struct ndr_reader *r, const struct batch *b)
{
    size_t bytes = ndr_read_left(r);
    uint32_t returned = ndr_read_u32(r), size = ndr_read_u32(r), there = 0;
    const uint8_t *data = ndr_read_pointer(r) ? ndr_read_byte_array(r, &there) : NULL;
    if (FAILED(r->status) || there != size || (returned > 0 && !data)) {
        return FAILED(r->status) ? r->status : NDR_E_BAD_DATA;
    }
    go_on(s, b->status, b->asked, returned, bytes, b->took_us);
    if (returned == 0) {
        return S_OK;
    }
    HRESULT hr = wire_decoder_read(s->decoder, data, size, &s->objects, &s->count);
    return SUCCEEDED(hr) && s->count != returned ? NDR_E_BAD_DATA : hr;
}

static HRESULT read_plain(struct remote_source *s, struct ndr_reader *r, const struct batch *b)
{
    size_t bytes = ndr_read_left(r);
    s->objects = wire_read_objects(r, true, &s->count);
    if (SUCCEEDED(r->status)) {
        go_on(s, b->status, b->asked, s->count, bytes, b->took_us);
    }
    return r->status;
}

/* One batch into s->objects, the next one asked for already. */
static HRESULT receive(struct remote_source *s)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    HRESULT hr = s->calls[0] ? S_OK : ask(s);
    if (FAILED(hr)) {
        return remote_failed(s->host, hr, false, s->step);
    }
    struct batch b = {.asked = s->asked[0]};
    if (!fetch_wait_for_reply(s->calls[0]) && s->pace == PACE_BATCHES && s->growing &&
        !s->calls[1] && FAILED(ask(s))) {
        (void)SetErrorInfo(0, NULL); /* it is tried again when this one is here */
    }
    b.status = finish(s, &reply, &b.took_us);
    if (FAILED(b.status)) {
        return b.status;
    }
    s->next = 0;
    hr = s->smart ? read_smart(s, &reply.reader, &b) : read_plain(s, &reply.reader, &b);
    return FAILED(hr) ? remote_explain(s->host, hr, false, NULL, s->step) : S_OK;
}

static HRESULT hand_over(struct remote_source *s, ULONG demand, struct result_set *out)
{
    uint32_t n = s->count - s->next < demand ? s->count - s->next : (uint32_t)demand;
    uint32_t from = s->next;
    s->next += n;
    HRESULT hr = S_OK;
    for (uint32_t i = 0; i < n; i++) { /* a server may give null pointers for objects */
        if (!s->objects[from + i]) {
            hr = NDR_E_BAD_DATA;
        }
    }
    if (FAILED(hr)) {
        for (uint32_t i = 0; i < n; i++) {
            com_release(s->objects[from + i]);
        }
        return remote_explain(s->host, hr, false, NULL, s->step);
    }
    return n ? result_set_put_many(out, s->objects + from, n) : S_OK;
}

static void drop_batch(struct remote_source *s)
{
    while (s->next < s->count) {
        com_release(s->objects[s->next++]);
    }
    free(s->objects);
    s->objects = NULL;
    s->count = s->next = 0;
}

static HRESULT source_pull(struct source *base, ULONG demand, struct result_set *out)
{
    struct remote_source *s = COM_CONTAINER(base, struct remote_source, base);
    HRESULT hr = s->opened ? S_OK : open_source(s);
    if (SUCCEEDED(hr) && s->next == s->count) {
        drop_batch(s);
        if (s->ended) {
            return WBEM_S_FALSE;
        }
        hr = receive(s);
    }
    if (SUCCEEDED(hr)) {
        hr = hand_over(s, demand, out);
    }
    if (FAILED(hr)) {
        return hr;
    }
    return s->ended && s->next == s->count ? WBEM_S_FALSE : WBEM_S_NO_ERROR;
}

static void cancel_calls(struct remote_source *s)
{
    struct fetch *calls[2];
    pthread_mutex_lock(&s->lock);
    s->cancelled = true;
    for (int i = 0; i < 2; i++) {
        calls[i] = s->calls[i];
        if (calls[i]) {
            fetch_ref(calls[i]);
        }
    }
    pthread_mutex_unlock(&s->lock);
    for (int i = 0; i < 2; i++) {
        if (calls[i]) {
            fetch_cancel(calls[i]);
            fetch_unref(calls[i]);
        }
    }
}

static void source_cancel(struct source *base)
{
    cancel_calls(COM_CONTAINER(base, struct remote_source, base));
}

static void source_done(struct source *base)
{
    struct remote_source *s = COM_CONTAINER(base, struct remote_source, base);
    cancel_calls(s);
    fetch_unref(s->calls[0]);
    fetch_unref(s->calls[1]);
    drop_batch(s);
    wire_decoder_destroy(s->decoder);
    dcom_object_unref(s->enumerator);
    dcom_object_unref(s->services);
    remote_security_done(&s->security);
    ndr_writer_done(&s->in);
    remote_host_unref(s->host);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

HRESULT remote_source_create(const struct remote_request *q, struct source **ret)
{
    static const struct source_ops ops = {
        .pull = source_pull, .cancel = source_cancel, .destroy = source_done};
    struct remote_source *s = calloc(1, sizeof(*s));
    if (!s) {
        ndr_writer_done(q->in);
        return WBEM_E_OUT_OF_MEMORY;
    }
    s->base.ops = &ops;
    s->host = remote_host_ref(q->host);
    dcom_object_ref(q->services);
    s->services = q->services;
    s->opnum = q->opnum;
    s->in = *q->in;
    memset(q->in, 0, sizeof(*q->in));
    s->step = q->step;
    s->events = q->events;
    s->batch = FIRST_BATCH;
    s->pace = q->events ? PACE_ONE : PACE_BATCHES;
    pthread_mutex_init(&s->lock, NULL);
    HRESULT hr = remote_security_copy(q->security, &s->security);
    if (SUCCEEDED(hr) && q->now) {
        hr = open_source(s);
    }
    if (FAILED(hr)) {
        source_done(&s->base);
        return hr;
    }
    *ret = &s->base;
    return hr;
}
