/*
 * Turning the machine off: the methods of Win32_OperatingSystem.
 */
#ifndef WBEM_PROVIDERS_LINUX_POWER_H
#define WBEM_PROVIDERS_LINUX_POWER_H

#include "providers/method.h"

extern const struct provider_method linux_operating_system_methods[];

/* For tests: from now on, until NULL, these methods talk to the bus at this address and to no
 * other. Without that, and where the environment has WBEM_NO_POWER, they refuse. */
void power_use_bus(const char *address);

#endif
