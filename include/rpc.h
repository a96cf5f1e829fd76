/*
 * What a WMI client uses of the RPC headers.
 */
#ifndef WBEM_RPC_H
#define WBEM_RPC_H

#include "windef.h"
#include "winerror.h"

typedef LONG RPC_STATUS;
typedef void *I_RPC_HANDLE;
typedef I_RPC_HANDLE RPC_BINDING_HANDLE;
typedef RPC_BINDING_HANDLE handle_t;
#define __RPC_FAR
#define __RPC_API
#define __RPC_USER
#define __RPC_STUB
#define RPC_ENTRY

#include "rpcdce.h"

#endif
