/*
 * Intrinsic events by looking again and again: the instances of a class, the
 * classes or the namespaces of a namespace, compared with what they were.
 */
#ifndef WBEM_EVENTS_POLLER_H
#define WBEM_EVENTS_POLLER_H

#include "events/events_private.h"

/* What an intrinsic event tells of; an index to intrinsic_families[]. */
enum intrinsic_family {
    OF_INSTANCES,
    OF_CLASSES,
    OF_NAMESPACES
};

/* Names of the classes and properties of one family. */
struct intrinsic_names {
    const wchar_t *operation; /* the superclass of the others */
    const wchar_t *creation, *deletion, *modification;
    const wchar_t *target, *previous;
};
extern const struct intrinsic_names intrinsic_families[];

/* The event of a change (one of before and after may be NULL): intrinsic.c. */
HRESULT intrinsic_event(struct repository_namespace *n, enum intrinsic_family family,
                        IWbemClassObject *before, IWbemClassObject *after, IWbemClassObject **ret);
/* The name of its class. */
const wchar_t *intrinsic_class(enum intrinsic_family family, const IWbemClassObject *before,
                               const IWbemClassObject *after);
/* Does a query for this class get events of that class? */
bool intrinsic_covers(const wchar_t *wanted, enum intrinsic_family family, const wchar_t *event);

/* Is anybody subscribed, and not by polling, to events of that class? (hub.c) */
bool hub_wants(const struct repository_namespace *n, enum intrinsic_family family,
               const wchar_t *event);

struct poll_request {
    enum intrinsic_family family;
    const wchar_t *target; /* the class whose instances are meant; NULL for the other families */
    int64_t interval;      /* ns */
    const wchar_t *query;  /* asked instead of for all instances of the class; NULL: none */
    const char *folder;    /* looked at when something in it changes (inotify), at the interval only
                              while it can't be watched; NULL: none */
    IWbemServices *services;
    const char *operation; /* for error objects */
};

/* From when this returns, changes reach the subscription; a class that takes longer than a moment
 * to enumerate is a bit later, in the background. Fails as the first enumeration does. */
HRESULT poller_attach(struct subscription *s, const struct poll_request *q);
/* When it returns, nothing will reach the subscription any more. Does nothing for one that was
 * never attached. */
void poller_detach(struct subscription *s);

#endif
