/* What the files of permanent subscriptions share. */
#ifndef WBEM_SUBSCRIPTIONS_PRIVATE_H
#define WBEM_SUBSCRIPTIONS_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "com/com.h"
#include "subscriptions/consumer.h"
#include "subscriptions/subscriptions.h"

/* ---- reading a binding (binding.c) ------------------------------------------------------ */

/* What a binding says; all owned. */
struct binding {
    wchar_t *query;
    struct repository_namespace *event_space; /* borrowed: namespaces live as long as the process */
    IWbemClassObject *consumer;
    wchar_t *consumer_path; /* with its namespace */
    struct repository_namespace *consumer_space;
    consumer_run *deliver; /* NULL: a provider takes the events: */
    wchar_t *provider;
};

/* The binding, its filter and its consumer. A failure leaves its error object. */
HRESULT binding_read(struct repository_namespace *n, IWbemClassObject *instance,
                     struct binding *ret);
void binding_done(struct binding *b);

/* ---- delivering (run.c) -------------------------------------------------------------------- */

struct run;

/* Takes the binding, also on failure. `name` is for log lines. */
HRESULT run_start(struct subscriptions *owner, const wchar_t *name, struct binding *b,
                  struct run **ret);
/* Does the run serve the same query in the same namespace for the same consumer? Then it goes on
 * with the consumer as it is now. Takes what it needs. */
bool run_adopt(struct run *r, struct binding *b);
/* Its query has failed. */
bool run_has_ended(const struct run *r);
/* No event is handed to the consumer from now on; one that is being handed may still be. */
void run_stop(struct run *r);

/* ---- for both (subscriptions.c) ---------------------------------------------------------------
 */

void subscriptions_log(struct subscriptions *s, enum subscriptions_level level, const wchar_t *name,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));
/* The description of a failure and its code, for log lines; free() it. `error` may be NULL. */
char *subscriptions_reason(HRESULT hr, IErrorInfo *error);
/* A run begins, and has ended. */
void subscriptions_enter(struct subscriptions *s);
void subscriptions_leave(struct subscriptions *s);

#endif
