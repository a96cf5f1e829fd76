/* The one header that WMI programs include: the client API, the provider API and the transport's
 * login interfaces. */
#ifndef WBEMIDL_H
#define WBEMIDL_H

#include "wbemcli.h"
#include "wbemprov.h"
#include "wbemtran.h"

#endif /* WBEMIDL_H */
