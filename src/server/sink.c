/*
 * Clients' own sinks: what asynchronous methods deliver to ([MS-WMI] 3.2.4.1,
 * where the server is the client of IWbemObjectSink).
 *
 * A sink is called at the authentication level of the call that brought it, never weaker (N16); who
 * does not answer there gets nothing. `lock` guards the list of sinks, by which CancelAsyncCall
 * finds the one that a reference means, and that of the calls which are being made to them: a
 * client that calls an enumerator from inside its own Indicate is known by the causality id that it
 * passes on, and is then inside that callback here too (N7). Several operations may call one sink
 * at once.
 */
#include "server/server_private.h"

#include <string.h>

#include "auth/auth.h"
#include "enumerator/enumerator.h"
#include "object/object.h"

enum {
    INDICATE = 3,
    SET_STATUS = 4,
};

/* As many as anybody has calls at once; more are refused. */
#define SINKS_MAX 4096u
/* Whose end is watched for one sink: they are kept for it. */
#define SERVICES_MAX 16u

struct remote_sink {
    IWbemObjectSink iface;
    struct com_refs refs;
    struct dcom_object *proxy;        /* fixed, as the next */
    char *peer;                       /* whose it is */
    struct remote_sink *next;         /* under lock, as what follows */
    IUnknown *services[SERVICES_MAX]; /* counted; identities of what its calls were made on */
    size_t service_count;
};

/* A client is in a method of its sink. On the stack of who waits for it; fixed but for what is
 * under lock. */
struct sink_visit {
    struct sink_visit *next, **at; /* under lock */
    const char *peer;
    GUID causality;
    struct callback *callback; /* called from inside this callback of the engine's */
    unsigned nested;           /* under lock: calls of its own that go on inside */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t nested_left = PTHREAD_COND_INITIALIZER;
static struct remote_sink *sinks; /* under lock */
static struct sink_visit *visits; /* under lock */
static unsigned sink_count;       /* under lock */
static struct auth_credentials *callback_credentials;

void server_set_callback_credentials(struct auth_credentials *credentials)
{
    callback_credentials = credentials;
}

HRESULT sink_credentials(void)
{
    if (callback_credentials) {
        return S_OK;
    }
    HRESULT hr = auth_credentials_from_environment(&callback_credentials);
    return FAILED(hr) ? hr : S_OK;
}

static struct remote_sink *sink_of(IWbemObjectSink *iface)
{
    return COM_CONTAINER(iface, struct remote_sink, iface);
}

/* ---- calls ------------------------------------------------------------------------- */

static void visit_begin(struct sink_visit *v)
{
    pthread_mutex_lock(&lock);
    v->at = &visits;
    v->next = visits;
    if (v->next) {
        v->next->at = &v->next;
    }
    visits = v;
    pthread_mutex_unlock(&lock);
}

/* Calls made from inside end first: they stand in a callback of this thread's. */
static void visit_end(struct sink_visit *v)
{
    pthread_mutex_lock(&lock);
    *v->at = v->next;
    if (v->next) {
        v->next->at = v->at;
    }
    while (v->nested > 0) {
        pthread_cond_wait(&nested_left, &lock);
    }
    pthread_mutex_unlock(&lock);
}

static HRESULT sink_call(struct remote_sink *s, uint16_t opnum, struct ndr_writer *in)
{
    CLEANUP(dcom_cleanup_reply) struct dcom_reply reply = {0};
    struct sink_visit visit = {.peer = s->peer, .callback = callback_innermost()};
    HRESULT hr = CoCreateGuid(&visit.causality);
    if (FAILED(hr)) {
        return hr;
    }
    visit_begin(&visit);
    struct dcom_causality before = dcom_causality_push(&visit.causality);
    hr = dcom_call(s->proxy, opnum, in, 0, &reply);
    dcom_causality_pop(before);
    visit_end(&visit);
    return hr;
}

struct sink_visit *sink_callback_enter(const struct dcom_server_call *call,
                                       struct callback **ret_before)
{
    pthread_mutex_lock(&lock);
    struct sink_visit *v = visits;
    while (v &&
           !(IsEqualGUID(&v->causality, &call->causality) && strcmp(v->peer, call->peer) == 0)) {
        v = v->next;
    }
    if (v) {
        v->nested++;
        *ret_before = callback_swap(v->callback);
    }
    pthread_mutex_unlock(&lock);
    return v;
}

void sink_callback_leave(struct sink_visit *v, struct callback *before)
{
    if (!v) {
        return;
    }
    (void)callback_swap(before);
    pthread_mutex_lock(&lock);
    v->nested--;
    pthread_cond_broadcast(&nested_left);
    pthread_mutex_unlock(&lock);
}

/* ---- IWbemObjectSink ------------------------------------------------------------------ */

static HRESULT STDMETHODCALLTYPE sink_query_interface(IWbemObjectSink *iface, REFIID riid,
                                                      void **ret)
{
    if (!ret) {
        return E_POINTER;
    }
    *ret = NULL;
    if (!IsEqualIID(riid, &IID_IUnknown) && !IsEqualIID(riid, &IID_IWbemObjectSink)) {
        return E_NOINTERFACE;
    }
    com_addref(iface);
    *ret = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE sink_add_ref(IWbemObjectSink *iface)
{
    return com_ref_inc(&sink_of(iface)->refs);
}

static ULONG STDMETHODCALLTYPE sink_release(IWbemObjectSink *iface)
{
    struct remote_sink *s = sink_of(iface);
    pthread_mutex_lock(&lock); /* nobody finds it in the list between its last count and its end */
    ULONG left = com_ref_dec(&s->refs);
    if (left == 0) {
        struct remote_sink **p = &sinks;
        while (*p != s) {
            p = &(*p)->next;
        }
        *p = s->next;
        sink_count--;
    }
    pthread_mutex_unlock(&lock);
    if (left == 0) {
        for (size_t i = 0; i < s->service_count; i++) {
            com_release(s->services[i]);
        }
        dcom_object_unref(s->proxy);
        free(s->peer);
        free(s);
    }
    return left;
}

/* 3.2.4.1.1. Each object whole: that WBEM_S_NEW_STYLE asks for batches with each class once is a
 * wish that need not be heard. */
static HRESULT STDMETHODCALLTYPE sink_indicate(IWbemObjectSink *iface, LONG count,
                                               IWbemClassObject **objects)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    if (count <= 0 || !objects) {
        return count < 0 || (count && !objects) ? WBEM_E_INVALID_PARAMETER : WBEM_S_NO_ERROR;
    }
    ndr_write_u32(&in, (uint32_t)count);
    wire_write_objects(&in, objects, (uint32_t)count, (uint32_t)count, false);
    HRESULT hr = FAILED(in.status) ? in.status : sink_call(sink_of(iface), INDICATE, &in);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

static HRESULT STDMETHODCALLTYPE sink_set_status(IWbemObjectSink *iface, LONG flags, HRESULT result,
                                                 BSTR text, IWbemClassObject *object)
{
    CLEANUP(ndr_cleanup_writer) struct ndr_writer in = {0};
    ndr_write_u32(&in, (uint32_t)flags);
    ndr_write_u32(&in, (uint32_t)result);
    wire_write_bstr(&in, text);
    wire_write_object(&in, object);
    return FAILED(in.status) ? in.status : sink_call(sink_of(iface), SET_STATUS, &in);
}

static IWbemObjectSinkVtbl sink_vtbl = {
    .QueryInterface = sink_query_interface,
    .AddRef = sink_add_ref,
    .Release = sink_release,
    .Indicate = sink_indicate,
    .SetStatus = sink_set_status,
};

/* ---- which sink a reference means ------------------------------------------------------------ */

/* Under lock, a new reference. */
static struct remote_sink *sink_find(const struct dcom_object *proxy, const char *peer)
{
    struct remote_sink *s = sinks;
    while (s && !(dcom_object_same(s->proxy, proxy) && strcmp(s->peer, peer) == 0)) {
        s = s->next;
    }
    if (s) {
        (void)com_ref_inc(&s->refs);
    }
    return s;
}

/* The sink of a proxy, which is taken: the same one for the same object of the same client. */
static HRESULT sink_of_proxy(struct request *q, struct dcom_object *proxy, IWbemObjectSink **ret)
{
    HRESULT hr = S_OK;
    struct remote_sink *fresh = calloc(1, sizeof(*fresh));
    char *peer = strdup(q->call->peer);
    if (!fresh || !peer) {
        free(fresh);
        free(peer);
        dcom_object_unref(proxy);
        return WBEM_E_OUT_OF_MEMORY;
    }
    pthread_mutex_lock(&lock);
    struct remote_sink *s = sink_find(proxy, peer);
    if (!s && sink_count < SINKS_MAX) {
        *fresh = (struct remote_sink){
            .iface = {&sink_vtbl}, .proxy = proxy, .peer = peer, .next = sinks};
        com_ref_init(&fresh->refs);
        sinks = s = TAKE(fresh);
        sink_count++;
        peer = NULL;
        proxy = NULL;
    }
    pthread_mutex_unlock(&lock);
    if (s) {
        *ret = &s->iface;
    } else {
        hr = error_raise(WBEM_E_SERVER_TOO_BUSY, "IWbemObjectSink", NULL,
                         "there are %u sinks of clients already", SINKS_MAX);
    }
    free(fresh);
    free(peer);
    dcom_object_unref(proxy);
    return hr;
}

/* ---- clients that have gone --------------------------------------------------------------- */

/* Where it stands, or the end. Under lock. */
static size_t find_services(const struct remote_sink *s, const IUnknown *services)
{
    size_t i = 0;
    while (i < s->service_count && s->services[i] != services) {
        i++;
    }
    return i;
}

HRESULT sink_serves(IWbemObjectSink *iface, IUnknown *services)
{
    struct remote_sink *s = sink_of(iface);
    CLEANUP(com_cleanup_release) IUnknown *identity = NULL;
    HRESULT hr = IUnknown_QueryInterface(services, &IID_IUnknown, (void **)&identity);
    if (FAILED(hr)) {
        return hr;
    }
    pthread_mutex_lock(&lock);
    if (find_services(s, identity) == s->service_count && s->service_count < SERVICES_MAX) {
        s->services[s->service_count++] = TAKE(identity);
    }
    pthread_mutex_unlock(&lock);
    return hr;
}

/* Calls that deliver nothing for long, such as those that wait for events, would not notice: the
 * sink is called only when there is something to say. A client that gives its IWbemServices back
 * and waits on has its calls. */
void sinks_of_vanished(IUnknown *services)
{
    for (struct remote_sink *s;;) {
        pthread_mutex_lock(&lock);
        for (s = sinks; s; s = s->next) {
            size_t i = find_services(s, services);
            if (i < s->service_count) {
                s->services[i] = s->services[--s->service_count];
                (void)com_ref_inc(&s->refs);
                break;
            }
        }
        pthread_mutex_unlock(&lock);
        if (!s) {
            return;
        }
        (void)delivery_cancel(&s->iface);
        com_release(services); /* the sink's */
        com_release(&s->iface);
    }
}

/* ---- references -------------------------------------------------------------------------- */

/* Our own credentials go to whichever host the reference names, so they let it do nothing but know
 * who calls. */
static HRESULT proxy_of(struct request *q, const struct dcom_objref *ref, struct dcom_object **ret)
{
    struct dcom_security security = {
        .authn_service = callback_credentials ? q->call->authn_service : RPC_C_AUTHN_GSS_KERBEROS,
        .authn_level = q->call->authn_level,
        .imp_level = RPC_C_IMP_LEVEL_IDENTIFY,
        .credentials = callback_credentials};
    if (security.authn_level < RPC_C_AUTHN_LEVEL_PKT_INTEGRITY) {
        security.authn_level = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    }
    return dcom_server_unmarshal(q->call->server, ref, &IID_IWbemObjectSink, &security, ret);
}

IWbemObjectSink *read_sink(struct request *q, HRESULT *hr)
{
    CLEANUP(dcom_cleanup_objref) struct dcom_objref ref = {0};
    struct dcom_object *proxy = NULL;
    IWbemObjectSink *sink = NULL;
    bool null = true;
    *hr = S_OK;
    dcom_read_objref(q->in, &ref, &null);
    if (FAILED(q->in->status) || null) {
        return NULL;
    }
    *hr = proxy_of(q, &ref, &proxy);
    if (SUCCEEDED(*hr)) {
        *hr = sink_of_proxy(q, proxy, &sink);
    }
    return sink;
}
