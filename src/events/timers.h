/* Timer events, as a supplier of the hub. */
#ifndef WBEM_EVENTS_TIMERS_H
#define WBEM_EVENTS_TIMERS_H

#include <wbemcli.h>

/* Once is enough; further calls do nothing. */
HRESULT timers_start(void);

#endif
