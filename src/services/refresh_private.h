/* What the files of the refresher share. */
#ifndef WBEM_SERVICES_REFRESH_PRIVATE_H
#define WBEM_SERVICES_REFRESH_PRIVATE_H

#include "providers/refresh.h"

HRESULT hiperf_enum_create(IWbemHiPerfEnum **ret);

/* A set that asks `services` again at each refresh: for classes that no high-performance provider
 * stands behind, and for services of another kind than ours. `flags` is 0 or
 * WBEM_FLAG_USE_AMENDED_QUALIFIERS. */
HRESULT query_refresh_create(IWbemServices *services, LONG flags, struct refresh_set **ret);

#endif
