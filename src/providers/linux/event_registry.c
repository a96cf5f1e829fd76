/* The providers of the kernel's events. */
#include <stddef.h>

#include "providers/linux/events.h"

const struct event_provider *const event_providers[] = {&linux_process_events, &linux_volume_events,
                                                        NULL};
