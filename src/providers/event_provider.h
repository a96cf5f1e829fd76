/*
 * What sits between the event engine and the code that hears of things from the
 * kernel. A provider waits on one descriptor and makes rows of its classes;
 * time, encoding and who gets them are the engine's affair.
 */
#ifndef WBEM_PROVIDERS_EVENT_PROVIDER_H
#define WBEM_PROVIDERS_EVENT_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>
#include <wbemcli.h>

/* The engine's side of a provider that is at work. All calls on the thread that called the
 * provider. */
struct event_feed;

/* True while somebody wants events of the provider's i-th class. */
bool event_feed_wants(const struct event_feed *f, unsigned cls);
/* A row of the i-th class with every property null; NULL when nobody wants it or memory is out. */
struct row *event_feed_row(struct event_feed *f, unsigned cls);
/* Set a column of that row. */
void event_feed_uint(struct event_feed *f, unsigned column, uint64_t v);
void event_feed_string(struct event_feed *f, unsigned column, const char *utf8);
void event_feed_bytes(struct event_feed *f, unsigned column, const uint8_t *bytes, unsigned count);
/* Send the row off; it happened at that moment in nanoseconds of CLOCK_MONOTONIC (0: now). */
void event_feed_put(struct event_feed *f, int64_t when);
/* The source itself lost events (its buffer ran over): an __EventDroppedEvent says so. */
void event_feed_lost(struct event_feed *f);
/* Call tick() in so many nanoseconds; replaces an earlier wish. */
void event_feed_tick(struct event_feed *f, int64_t nanoseconds);

struct event_class {
    const char *name;
    const char *const *columns; /* property names, ends with NULL */
};

struct event_provider {
    const struct event_class *classes;
    unsigned class_count;
    /* Start listening. *ret_fd becomes ready with *ret_events (of epoll_ctl(2)); the engine does
     * not close it. A failure leaves its error object. */
    HRESULT (*open)(struct event_feed *f, void **ret, int *ret_fd, uint32_t *ret_events);
    /* The descriptor is ready, without blocking. A failure ends the subscriptions with it. */
    HRESULT (*ready)(void *state);
    void (*tick)(void *state); /* may be NULL */
    void (*close)(void *state);
};

/* The built-in ones; linux/event_registry.c lists them. Ends with NULL. */
extern const struct event_provider *const event_providers[];

#endif
