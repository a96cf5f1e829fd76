/* The built-in event providers, as a supplier of the hub. */
#ifndef WBEM_EVENTS_FEED_H
#define WBEM_EVENTS_FEED_H

#include <wbemcli.h>

/* Once is enough; further calls do nothing. */
HRESULT feeds_start(void);

#endif
