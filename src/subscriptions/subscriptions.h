/*
 * Permanent subscriptions: __FilterToConsumerBinding instances of a repository
 * are followed while this runs, each filter's events are handed to its
 * consumer. Those that are put, changed and deleted meanwhile count at once.
 * See docs/events.md.
 */
#ifndef WBEM_SUBSCRIPTIONS_SUBSCRIPTIONS_H
#define WBEM_SUBSCRIPTIONS_SUBSCRIPTIONS_H

#include "repository/repository.h"

enum subscriptions_level {
    SUBSCRIPTIONS_PROBLEM, /* a subscription does not work, a consumer has failed, events are lost
                            */
    SUBSCRIPTIONS_NOTE     /* what goes on */
};

struct subscriptions_options {
    /* One line, UTF-8, without its end. On any thread, also after subscriptions_stop() has begun,
     * but not after it has returned. May be NULL. */
    void (*log)(void *closure, enum subscriptions_level level, const char *line);
    void *closure;
};

struct subscriptions;

/* Consumers write files and start programs as the user of this process, so the repository must be
 * that user's and not writable for others: WBEM_E_ACCESS_DENIED. What is wrong with one
 * subscription is logged, and does not keep the others from working. `options` may be NULL. */
HRESULT subscriptions_start(struct repository *r, const struct subscriptions_options *options,
                            struct subscriptions **ret);
/* Waits for consumers that are at work; programs that they have started go on. NULL is fine. */
void subscriptions_stop(struct subscriptions *s);

#endif
