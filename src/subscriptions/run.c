/*
 * One permanent subscription at work: a job of the pool that waits for the
 * filter's events and hands each to the consumer, in their order. A consumer
 * that is slow holds up nobody but its own queue, which is bounded.
 *
 * `lock` guards the consumer, which may be exchanged. The job and the list of
 * subscriptions hold a reference each.
 */
#include <string.h>
#include <wchar.h>

#include "enumerator/enumerator.h"
#include "enumerator/pool.h"
#include "events/events.h"
#include "hosting/hosting.h"
#include "object/object.h"
#include "services/services.h"
#include "subscriptions/subscriptions_private.h"

struct run {
    struct com_refs refs;
    struct subscriptions *owner;
    wchar_t *name;
    struct binding binding; /* under lock: the consumer */
    pthread_mutex_t lock;
    IEnumWbemClassObject *events;
    struct pool_job job;
    /* The provider's sink; NULL: as yet none. The job's alone, as the next. */
    struct hosted_consumer *hosted;
    IWbemClassObject *hosted_for; /* the consumer that it was asked for */
    atomic_bool stopped, ended;
};

static void run_unref(struct run *r)
{
    if (com_ref_dec(&r->refs) == 0) {
        com_release(r->events);
        binding_done(&r->binding);
        free(r->name);
        pthread_mutex_destroy(&r->lock);
        free(r);
    }
}

/* ---- consumers of providers ------------------------------------------------------------- */

/* Without events for so long a provider's sink is given back. */
#define SINK_KEPT_MS 30000

static void close_sink(struct run *r)
{
    hosting_consumer_close(r->hosted);
    com_release(r->hosted_for);
    r->hosted = NULL;
    r->hosted_for = NULL;
}

static HRESULT deliver_to_provider(struct run *r, IWbemClassObject *consumer,
                                   IWbemClassObject *event)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    if (r->hosted_for != consumer) { /* it has been changed */
        close_sink(r);
    }
    if (!r->hosted) {
        hr = hosting_consumer_open(r->binding.consumer_space, r->binding.provider, consumer,
                                   &r->hosted);
        if (FAILED(hr)) {
            return hr;
        }
        com_addref(consumer);
        r->hosted_for = consumer;
    }
    hr = hosting_consumer_deliver(r->hosted, consumer, event);
    if (FAILED(hr)) {
        close_sink(r); /* its process may have ended: the next event begins anew */
    }
    return hr;
}

/* ---- one event ------------------------------------------------------------------------ */

static const wchar_t *class_of(IWbemClassObject *object)
{
    struct schema *s;
    return SUCCEEDED(schema_of(object, &s)) ? schema_class_name(s) : L"?";
}

static void tell_failure(struct run *r, IWbemClassObject *event, HRESULT failure)
{
    CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
    (void)GetErrorInfo(0, &error);
    CLEANUP(com_cleanup_free) char *reason = subscriptions_reason(failure, error);
    subscriptions_log(r->owner, SUBSCRIPTIONS_PROBLEM, r->name, "the consumer has failed: %s",
                      reason ? reason : "out of memory");
    (void)events_consumer_failed(r->binding.consumer_space, event, r->binding.consumer_path,
                                 failure, error);
}

static void deliver(struct run *r, IWbemClassObject *event)
{
    struct schema *s;
    pthread_mutex_lock(&r->lock);
    IWbemClassObject *consumer = r->binding.consumer;
    com_addref(consumer);
    pthread_mutex_unlock(&r->lock);
    CLEANUP(com_cleanup_free) char *what = com_utf8_from_wide(class_of(event));
    if (SUCCEEDED(schema_of(event, &s)) && schema_is_a(s, L"__EventQueueOverflowEvent")) {
        subscriptions_log(r->owner, SUBSCRIPTIONS_PROBLEM, r->name,
                          "events were lost: they came faster than the consumer takes them");
    }
    (void)SetErrorInfo(0, NULL);
    HRESULT hr = r->binding.deliver ? r->binding.deliver(consumer, event)
                                    : deliver_to_provider(r, consumer, event);
    if (FAILED(hr)) {
        tell_failure(r, event, hr);
    } else {
        subscriptions_log(r->owner, SUBSCRIPTIONS_NOTE, r->name, "delivered %s",
                          what ? what : "an event");
    }
    com_release(consumer);
}

static void run_events(struct pool_job *job)
{
    struct run *r = COM_CONTAINER(job, struct run, job);
    HRESULT hr;
    do {
        CLEANUP(com_cleanup_release) IWbemClassObject *event = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(r->events, r->hosted ? SINK_KEPT_MS : WBEM_INFINITE, 1,
                                       &event, &got);
        if (hr == WBEM_S_TIMEDOUT) {
            close_sink(r);
        }
        if (got > 0 && !r->stopped) {
            deliver(r, event);
        }
    } while (SUCCEEDED(hr) && !r->stopped);
    if (FAILED(hr) && !r->stopped) {
        CLEANUP(com_cleanup_release) IErrorInfo *error = NULL;
        (void)GetErrorInfo(0, &error);
        CLEANUP(com_cleanup_free) char *reason = subscriptions_reason(hr, error);
        subscriptions_log(r->owner, SUBSCRIPTIONS_PROBLEM, r->name, "its events have ended: %s",
                          reason ? reason : "out of memory");
    }
    close_sink(r);
    r->ended = true;
    struct subscriptions *owner = r->owner;
    run_unref(r);
    subscriptions_leave(owner);
}

/* ---- beginning and ending -------------------------------------------------------------------- */

static HRESULT subscribe(struct run *r)
{
    CLEANUP(com_cleanup_release) IWbemServices *services = NULL;
    struct source *source;
    const struct enumerator_options options = {.flags = WBEM_FLAG_FORWARD_ONLY |
                                                        WBEM_FLAG_RETURN_IMMEDIATELY};
    HRESULT hr = services_create(r->binding.event_space, NULL, &services);
    if (SUCCEEDED(hr)) {
        hr = events_source(r->binding.event_space, services, r->binding.query, "__EventFilter",
                           &source);
    }
    return SUCCEEDED(hr) ? enumerator_create(source, &options, &r->events) : hr;
}

HRESULT run_start(struct subscriptions *owner, const wchar_t *name, struct binding *b,
                  struct run **ret)
{
    struct run *r = calloc(1, sizeof(*r));
    if (!r) {
        binding_done(b);
        return WBEM_E_OUT_OF_MEMORY;
    }
    com_ref_init(&r->refs);
    pthread_mutex_init(&r->lock, NULL);
    r->owner = owner;
    r->binding = *b;
    *b = (struct binding){.query = NULL};
    r->name = com_wide_copy(name);
    HRESULT hr = r->name ? subscribe(r) : WBEM_E_OUT_OF_MEMORY;
    if (SUCCEEDED(hr)) {
        r->job.run = run_events;
        com_ref_inc(&r->refs);
        subscriptions_enter(owner);
        hr = pool_submit(&r->job);
        if (FAILED(hr)) {
            subscriptions_leave(owner);
            run_unref(r);
        }
    }
    if (FAILED(hr)) {
        run_unref(r);
        return hr;
    }
    *ret = r;
    return WBEM_S_NO_ERROR;
}

static bool same_text(const wchar_t *a, const wchar_t *b)
{
    return a && b ? wcscmp(a, b) == 0 : a == b;
}

bool run_adopt(struct run *r, struct binding *b)
{
    if (r->binding.event_space != b->event_space || wcscmp(r->binding.query, b->query) != 0 ||
        r->binding.deliver != b->deliver || !same_text(r->binding.provider, b->provider) ||
        r->binding.consumer_space != b->consumer_space ||
        wcscmp(r->binding.consumer_path, b->consumer_path) != 0) {
        return false;
    }
    pthread_mutex_lock(&r->lock);
    IWbemClassObject *before = r->binding.consumer;
    r->binding.consumer = TAKE(b->consumer);
    pthread_mutex_unlock(&r->lock);
    com_release(before);
    binding_done(b);
    return true;
}

bool run_has_ended(const struct run *r)
{
    return r->ended;
}

void run_stop(struct run *r)
{
    r->stopped = true;
    enumerator_cancel(r->events);
    run_unref(r);
}
