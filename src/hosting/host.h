/* The one function of the library that wbem-provider-host calls. */
#ifndef WBEM_HOSTING_HOST_H
#define WBEM_HOSTING_HOST_H

#include <wbemcli.h>

/* Serve the provider that the other end of the socket asks for, until it closes. Takes fd. The exit
 * status. */
EXTERN_C WBEM_EXPORT int wbem_provider_host_run(int fd);

#endif
