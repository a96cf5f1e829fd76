/*
 * The live classes of a Linux machine: one struct provider_class for each,
 * defined in the file of its family and listed in registry.c.
 */
#ifndef WBEM_PROVIDERS_LINUX_LINUX_H
#define WBEM_PROVIDERS_LINUX_LINUX_H

#include "providers/provider.h"

extern const struct provider_class linux_process;
extern const struct provider_class linux_thread;

/* A class lists its columns once, #define COLUMNS(X) X(Handle), X(Name) and so on, and makes of
 * them enum { COLUMNS(LINUX_COLUMN_NUMBER) } (COLUMN_Handle …) and the array of their names,
 * {COLUMNS(LINUX_COLUMN_NAME), NULL}. */
#define LINUX_COLUMN_NUMBER(name) COLUMN_##name
#define LINUX_COLUMN_NAME(name) #name

#endif
