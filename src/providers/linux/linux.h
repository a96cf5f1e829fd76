/*
 * The live classes of a Linux machine: one struct provider_class for each,
 * defined in the file of its family and listed in registry.c.
 */
#ifndef WBEM_PROVIDERS_LINUX_LINUX_H
#define WBEM_PROVIDERS_LINUX_LINUX_H

#include "providers/provider.h"

#endif
