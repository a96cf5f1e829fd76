/* The sink that event providers are given. */
#ifndef WBEM_HOSTING_EVENT_SINK_H
#define WBEM_HOSTING_EVENT_SINK_H

#include "hosting/hosting_private.h"

struct event_sink_ops {
    /* The objects are of this library and borrowed. Any thread. */
    HRESULT (*indicate)(void *closure, uint32_t count, IWbemClassObject **objects);
    /* There will be no more events; detail (an __ExtendedStatus) may be NULL. */
    void (*failed)(void *closure, HRESULT hr, IWbemClassObject *detail);
    /* Does anybody want events of these classes, or with count 0 of any? */
    bool (*active)(void *closure, const wchar_t *const *classes, size_t count);
    void (*destroy)(void *closure); /* may be NULL */
};

HRESULT event_sink_create(const struct event_sink_ops *ops, void *closure, IWbemObjectSink **ret);

#endif
