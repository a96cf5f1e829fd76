/*
 * The DCOM server: its life, the classes and stubs that it knows, where it is to
 * be found.
 */
#include "dcom/server_private.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define DEFAULT_PORT 135
#define DEFAULT_PING_MS 120000
#define DEFAULT_PER_CLIENT 10000
#define DEFAULT_PER_CONNECTION 5000
#define DEFAULT_IN_ALL 200000

HRESULT server_random(uint64_t *ret)
{
    do {
        if (getrandom(ret, sizeof *ret, 0) != (ssize_t)sizeof *ret) {
            return E_FAIL;
        }
    } while (*ret == 0);
    return S_OK;
}

/* ---- bindings -------------------------------------------------------------------------- */

HRESULT server_bindings(struct dcom_server *s, bool resolver, struct dcom_bindings *ret)
{
    struct dcom_bindings b = {0};
    HRESULT hr = S_OK;
    pthread_mutex_lock(&s->lock);
    /* A resolver's bindings have no endpoint ([MS-DCOM] 2.2.18.4: it is the well-known one). */
    unsigned port = resolver ? s->resolver_port : s->object_port;
    bool with_port = !resolver || port != DEFAULT_PORT;
    pthread_mutex_unlock(&s->lock);
    for (size_t i = 0; i < s->address_count && SUCCEEDED(hr); i++) {
        char text[300];
        int length = with_port ? snprintf(text, sizeof text, "%s[%u]", s->addresses[i], port)
                               : snprintf(text, sizeof text, "%s", s->addresses[i]);
        hr = length < (int)sizeof text ? dcom_bindings_add_string(&b, DCOM_TOWER_TCP, text)
                                       : E_INVALIDARG;
    }
    /* Negotiation first, then the two by name, as Windows does. */
    static const uint16_t services[] = {RPC_C_AUTHN_GSS_NEGOTIATE, RPC_C_AUTHN_WINNT,
                                        RPC_C_AUTHN_GSS_KERBEROS};
    for (size_t i = 0; i < ARRAYSIZE(services) && SUCCEEDED(hr); i++) {
        hr = dcom_bindings_add_security(&b, services[i], "");
    }
    if (FAILED(hr)) {
        dcom_bindings_done(&b);
        return hr;
    }
    *ret = b;
    return S_OK;
}

/* ---- stubs and classes --------------------------------------------------------------------- */

const struct dcom_stub *server_stub_find(struct dcom_server *s, REFIID iid)
{
    for (struct server_stub *e = s->stubs; e; e = e->next) {
        if (IsEqualIID(e->stub->iid, iid)) {
            return e->stub;
        }
    }
    return NULL;
}

HRESULT dcom_server_register_stub(struct dcom_server *s, const struct dcom_stub *stub)
{
    struct server_stub *e = calloc(1, sizeof *e);
    if (!e) {
        return E_OUTOFMEMORY;
    }
    e->stub = stub;
    e->service = (struct channel_service){server_dispatch_object, s, s->authn_level};
    pthread_mutex_lock(&s->lock);
    bool known = server_stub_find(s, stub->iid) != NULL;
    if (!known) {
        e->next = s->stubs;
        s->stubs = e;
    }
    pthread_mutex_unlock(&s->lock);
    if (known) {
        free(e);
        return S_OK;
    }
    return channel_serve(s->rpc, stub->iid, 0, &e->service);
}

HRESULT dcom_server_register_class(struct dcom_server *s, const struct dcom_server_class *class)
{
    struct server_class *e = calloc(1, sizeof *e);
    if (!e) {
        return E_OUTOFMEMORY;
    }
    e->clsid = *class->clsid;
    e->value = *class;
    e->value.clsid = &e->clsid;
    pthread_mutex_lock(&s->lock);
    e->next = s->classes;
    s->classes = e;
    pthread_mutex_unlock(&s->lock);
    return S_OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

static HRESULT copy_addresses(struct dcom_server *s, const struct dcom_server_options *options)
{
    s->addresses = calloc(options->address_count + 1, sizeof *s->addresses);
    if (!s->addresses) {
        return E_OUTOFMEMORY;
    }
    for (size_t i = 0; i < options->address_count; i++) {
        s->addresses[i] = strdup(options->addresses[i]);
        if (!s->addresses[i]) {
            return E_OUTOFMEMORY;
        }
        s->address_count = i + 1;
    }
    return S_OK;
}

static void apply_options(struct dcom_server *s, const struct dcom_server_options *options)
{
    s->rpc = options->rpc;
    s->resolver_port = options->resolver_port ? options->resolver_port : DEFAULT_PORT;
    s->object_port = options->object_port;
    s->authn_level = options->authn_level ? options->authn_level : RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    s->ping_period_ms = options->ping_period_ms ? options->ping_period_ms : DEFAULT_PING_MS;
    s->per_client = options->objects_per_client ? options->objects_per_client : DEFAULT_PER_CLIENT;
    s->per_connection =
        options->objects_per_connection ? options->objects_per_connection : DEFAULT_PER_CONNECTION;
    s->in_all = options->objects ? options->objects : DEFAULT_IN_ALL;
}

static HRESULT serve_own(struct dcom_server *s)
{
    const struct {
        const IID *iid;
        uint16_t version;
        channel_dispatch *dispatch;
        bool anybody; /* the resolver's: [MS-DCOM] 2.1 */
    } own[] = {
        {&dcom_iid_object_exporter, 0, server_dispatch_resolver, true},
        {&dcom_iid_scm_activator, 0, server_dispatch_activator, false},
        {&dcom_iid_activation, 0, server_dispatch_activation, false},
        {&dcom_iid_rem_unknown, 0, server_dispatch_unknown, false},
        {&dcom_iid_rem_unknown2, 0, server_dispatch_unknown, false},
        {&dcom_iid_endpoint_mapper, 3, server_dispatch_mapper, true},
    };
    HRESULT hr = S_OK;
    for (size_t i = 0; i < ARRAYSIZE(own) && SUCCEEDED(hr); i++) {
        unsigned level = own[i].anybody ? RPC_C_AUTHN_LEVEL_NONE : s->authn_level;
        s->own[i] = (struct channel_service){own[i].dispatch, s, level};
        hr = channel_serve(s->rpc, own[i].iid, own[i].version, &s->own[i]);
    }
    return FAILED(hr) ? hr : dcom_server_register_stub(s, &server_class_factory_stub);
}

HRESULT dcom_server_new(const struct dcom_server_options *options, struct dcom_server **ret)
{
    *ret = NULL;
    struct dcom_server *s = calloc(1, sizeof *s);
    if (!s) {
        return E_OUTOFMEMORY;
    }
    apply_options(s, options);
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    HRESULT hr = copy_addresses(s, options);
    if (SUCCEEDED(hr)) {
        hr = server_random(&s->oxid);
    }
    if (SUCCEEDED(hr)) {
        hr = CoCreateGuid(&s->rem_unknown);
    }
    if (SUCCEEDED(hr)) {
        hr = serve_own(s);
    }
    if (SUCCEEDED(hr)) {
        int error = pthread_create(&s->thread, NULL, server_collect, s);
        s->running = error == 0;
        hr = error ? com_hresult_from_errno(error) : S_OK;
    }
    if (FAILED(hr)) {
        dcom_server_destroy(s);
        return hr;
    }
    *ret = s;
    return S_OK;
}

void dcom_server_on_vanish(struct dcom_server *s, void (*vanished)(IUnknown *identity))
{
    pthread_mutex_lock(&s->lock); /* the collector runs already */
    s->vanished = vanished;
    pthread_mutex_unlock(&s->lock);
}

void dcom_server_set_ports(struct dcom_server *s, uint16_t resolver_port, uint16_t object_port)
{
    pthread_mutex_lock(&s->lock);
    s->resolver_port = resolver_port ? resolver_port : DEFAULT_PORT;
    s->object_port = object_port;
    pthread_mutex_unlock(&s->lock);
}

static void release_all(struct dcom_server *s)
{
    for (size_t i = 0; i < SERVER_BUCKETS; i++) {
        for (;;) {
            pthread_mutex_lock(&s->lock);
            struct server_object *o = s->by_oid[i];
            if (o) {
                server_object_remove(s, o);
            }
            pthread_mutex_unlock(&s->lock);
            if (!o) {
                break;
            }
            server_object_unref(o);
        }
    }
}

void dcom_server_destroy(struct dcom_server *s)
{
    if (!s) {
        return;
    }
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    pthread_cond_signal(&s->wake);
    pthread_mutex_unlock(&s->lock);
    if (s->running) {
        (void)pthread_join(s->thread, NULL);
    }
    release_all(s);
    server_sets_done(s);
    server_owners_done(s);
    while (s->classes) {
        struct server_class *e = s->classes;
        s->classes = e->next;
        free(e);
    }
    while (s->stubs) {
        struct server_stub *e = s->stubs;
        s->stubs = e->next;
        free(e);
    }
    for (size_t i = 0; i < s->address_count; i++) {
        free(s->addresses[i]);
    }
    free(s->addresses);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

size_t dcom_server_object_count(struct dcom_server *s)
{
    pthread_mutex_lock(&s->lock);
    size_t count = s->object_count;
    pthread_mutex_unlock(&s->lock);
    return count;
}
