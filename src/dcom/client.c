/*
 * The DCOM client: its life, and the releases and pings that it sends while there
 * are objects.
 */
#include "dcom/client_private.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DEFAULT_PORT 135
#define DEFAULT_CONNECT_MS 10000
#define DEFAULT_CALL_MS 60000
#define DEFAULT_PING_MS 120000
#define DEFAULT_RELEASE_MS 100

_Thread_local unsigned dcom_callback_depth;

uint64_t dcom_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- security ------------------------------------------------------------------------------ */

HRESULT client_security_copy(const struct dcom_security *from, struct client_security *ret)
{
    struct client_security s = {.value = *from};
    if (from->target) {
        s.target = strdup(from->target);
        if (!s.target) {
            return E_OUTOFMEMORY;
        }
    }
    s.value.target = s.target;
    if (s.value.authn_level == RPC_C_AUTHN_LEVEL_DEFAULT) {
        s.value.authn_level = RPC_C_AUTHN_LEVEL_PKT_INTEGRITY;
    }
    if (s.value.imp_level == RPC_C_IMP_LEVEL_DEFAULT) {
        s.value.imp_level = RPC_C_IMP_LEVEL_IMPERSONATE;
    }
    channel_credentials_ref(s.value.credentials);
    *ret = s;
    return S_OK;
}

void client_security_done(struct client_security *s)
{
    channel_credentials_unref(s->value.credentials);
    free(s->target);
    *s = (struct client_security){0};
}

/* ---- errors --------------------------------------------------------------------------------- */

HRESULT client_raise(struct dcom_client *c, HRESULT hr, const char *operation)
{
    char text[1024];
    const char *meaning = com_status_text(hr);
    const char *name = com_status_name(hr);
    CLEANUP(com_cleanup_release) IErrorInfo *below = NULL;
    CLEANUP(com_cleanup_bstr) BSTR description = NULL;
    if (GetErrorInfo(0, &below) == S_OK) {
        (void)IErrorInfo_GetDescription(below, &description);
    }
    CLEANUP(com_cleanup_free) char *detail = com_utf8_from_wide(description);
    (void)snprintf(text, sizeof text, "%s on %s failed: %s (0x%08X)", operation,
                   c->host ? c->host : "another host",
                   detail    ? detail
                   : meaning ? meaning
                   : name    ? name
                             : "no further explanation",
                   (unsigned)hr);
    CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8(text);
    CLEANUP(com_cleanup_release) ICreateErrorInfo *create = NULL;
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    wchar_t source[] = L"DCOM";
    if (wide && SUCCEEDED(CreateErrorInfo(&create)) &&
        SUCCEEDED(ICreateErrorInfo_SetDescription(create, wide)) &&
        SUCCEEDED(ICreateErrorInfo_SetSource(create, source)) &&
        SUCCEEDED(ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&error))) {
        (void)SetErrorInfo(0, error);
    }
    return hr;
}

/* ---- housekeeping -------------------------------------------------------------------------------
 */

static void client_destroy(struct dcom_client *c)
{
    while (c->oxids) {
        struct client_oxid *x = c->oxids;
        c->oxids = x->next;
        while (x->channels) {
            struct client_channel *channel = x->channels;
            x->channels = channel->next;
            channel_unref(channel->channel);
            client_security_done(&channel->security);
            free(channel);
        }
        dcom_bindings_done(&x->bindings);
        dcom_bindings_done(&x->resolver_bindings);
        pthread_mutex_destroy(&x->connecting);
        free(x);
    }
    while (c->resolvers) {
        struct client_resolver *r = c->resolvers;
        c->resolvers = r->next;
        channel_unref(r->channel);
        pthread_mutex_destroy(&r->connecting);
        free(r->host);
        free(r);
    }
    for (size_t i = 0; i < CLIENT_OID_BUCKETS; i++) {
        while (c->oids[i]) {
            struct client_oid *o = c->oids[i];
            c->oids[i] = o->next;
            free(o);
        }
    }
    while (c->releases) {
        struct client_release *release = c->releases;
        c->releases = release->next;
        free(release);
    }
    client_security_done(&c->security);
    pthread_cond_destroy(&c->ended);
    pthread_mutex_destroy(&c->lock);
    free(c->host);
    free(c);
}

static uint64_t next_due(const struct dcom_client *c)
{
    return c->releases && c->release_due < c->ping_due ? c->release_due : c->ping_due;
}

void client_keep_house(struct dcom_client *c)
{
    pthread_mutex_lock(&c->lock);
    for (;;) {
        uint64_t now = dcom_now();
        if (c->releases && (c->closing || now >= c->release_due)) {
            struct client_release *first = TAKE(c->releases);
            pthread_mutex_unlock(&c->lock);
            client_send_releases(c, first);
            pthread_mutex_lock(&c->lock);
        } else if (c->closing) {
            break;
        } else if (now >= c->ping_due) {
            c->ping_due = now + c->ping_period_ms;
            pthread_mutex_unlock(&c->lock);
            client_ping_all(c);
            pthread_mutex_lock(&c->lock);
        } else {
            house_rest(c, next_due(c));
            pthread_mutex_unlock(&c->lock);
            return;
        }
    }
    bool detached = c->detached;
    pthread_mutex_unlock(&c->lock);
    house_leave(c);
    if (detached) {
        client_destroy(c);
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->over = true;
    pthread_cond_signal(&c->ended);
    pthread_mutex_unlock(&c->lock);
}

HRESULT client_run(struct dcom_client *c)
{
    if (c->kept) {
        return S_OK;
    }
    c->ping_due = dcom_now() + c->ping_period_ms;
    HRESULT hr = house_enter(c, c->ping_due);
    c->kept = SUCCEEDED(hr);
    return hr;
}

/* ---- life ---------------------------------------------------------------------------------------
 */

HRESULT dcom_client_new(const struct dcom_client_options *options, struct dcom_client **ret)
{
    *ret = NULL;
    struct dcom_client *c = calloc(1, sizeof *c);
    if (!c) {
        return E_OUTOFMEMORY;
    }
    com_ref_init(&c->refs);
    c->port = options->port ? options->port : DEFAULT_PORT;
    c->connect_timeout_ms =
        options->connect_timeout_ms ? options->connect_timeout_ms : DEFAULT_CONNECT_MS;
    c->call_timeout_ms = options->call_timeout_ms ? options->call_timeout_ms : DEFAULT_CALL_MS;
    c->ping_period_ms = options->ping_period_ms ? options->ping_period_ms : DEFAULT_PING_MS;
    c->release_delay_ms =
        options->release_delay_ms ? options->release_delay_ms : DEFAULT_RELEASE_MS;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->ended, NULL);
    HRESULT hr = client_security_copy(&options->security, &c->security);
    if (SUCCEEDED(hr) && options->host) {
        c->host = strdup(options->host);
        hr = c->host ? S_OK : E_OUTOFMEMORY;
    }
    if (FAILED(hr)) {
        client_destroy(c);
        return hr;
    }
    *ret = c;
    return S_OK;
}

void dcom_client_ref(struct dcom_client *c)
{
    (void)com_ref_inc(&c->refs);
}

static void last_reference_gone(struct dcom_client *c, bool may_wait)
{
    pthread_mutex_lock(&c->lock);
    bool kept = c->kept;
    c->closing = true;
    c->detached = !may_wait;
    if (kept) {
        house_hurry(c);
    }
    while (kept && may_wait && !c->over) {
        pthread_cond_wait(&c->ended, &c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    if (!kept || may_wait) {
        client_destroy(c);
    }
}

void client_unref_without_waiting(struct dcom_client *c)
{
    if (com_ref_dec(&c->refs) == 0) {
        last_reference_gone(c, false);
    }
}

void dcom_client_unref(struct dcom_client *c)
{
    if (c && com_ref_dec(&c->refs) == 0) {
        last_reference_gone(c, dcom_callback_depth == 0);
    }
}

void dcom_client_disconnect(struct dcom_client *c)
{
    pthread_mutex_lock(&c->lock);
    c->disconnected = true;
    struct client_resolver *resolvers = c->resolvers;
    struct client_oxid *oxids = c->oxids;
    pthread_mutex_unlock(&c->lock);
    for (struct client_resolver *r = resolvers; r; r = r->next) {
        pthread_mutex_lock(&r->connecting);
        if (r->channel) {
            channel_close(r->channel);
        }
        pthread_mutex_unlock(&r->connecting);
    }
    for (struct client_oxid *x = oxids; x; x = x->next) {
        pthread_mutex_lock(&x->connecting);
        for (struct client_channel *channel = x->channels; channel; channel = channel->next) {
            if (channel->channel) {
                channel_close(channel->channel);
            }
        }
        pthread_mutex_unlock(&x->connecting);
    }
}
