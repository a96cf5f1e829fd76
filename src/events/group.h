/*
 * GROUP WITHIN … BY …: events that come within a while of the first of them,
 * counted together. Knows no clock: the time is handed in.
 */
#ifndef WBEM_EVENTS_GROUP_H
#define WBEM_EVENTS_GROUP_H

#include <stddef.h>
#include <stdint.h>
#include <wbemcli.h>

enum {
    GROUPS_MOST = 10000 /* open at a time; beyond that the oldest is closed before its time */
};

struct event_groups;

/* `by`: property names, with dots when of an embedded object; borrowed for as long as this lives.
 * No names: one group for all. `window` in the unit of the times below. */
HRESULT event_groups_create(const wchar_t *const *by, size_t by_count, int64_t window,
                            struct event_groups **ret);
void event_groups_destroy(struct event_groups *g); /* NULL is fine */

/* Called with each group that closes: how many events it had and one of them. */
typedef void event_groups_closed(void *closure, IWbemClassObject *representative, uint32_t count);

/* Count `event`, by whose values it is grouped; `shown` (a reference is taken) represents it. */
HRESULT event_groups_add(struct event_groups *g, IWbemClassObject *event, IWbemClassObject *shown,
                         int64_t now, event_groups_closed *closed, void *closure);
/* When the next group closes; INT64_MAX: none is open. */
int64_t event_groups_due(const struct event_groups *g);
/* Close those whose time has come, oldest first. */
void event_groups_expire(struct event_groups *g, int64_t now, event_groups_closed *closed,
                         void *closure);

#endif
