/* The providers of a Linux machine's events, each defined in the file of its family. */
#ifndef WBEM_PROVIDERS_LINUX_EVENTS_H
#define WBEM_PROVIDERS_LINUX_EVENTS_H

#include "providers/event_provider.h"

extern const struct event_provider linux_process_events;
extern const struct event_provider linux_volume_events;

#endif
