/*
 * Words that headers made by MIDL use.
 */
#ifndef WBEM_RPCNDR_H
#define WBEM_RPCNDR_H

#include "basetyps.h"
#include "rpc.h"

typedef unsigned char byte;
typedef unsigned char cs_byte;
typedef unsigned char boolean;

/* In C++ WBEM_UUID_DECL(name, iid) after the declaration makes __uuidof work. */
#define MIDL_INTERFACE(iid) struct
#define EXTERN_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                               \
    EXTERN_C WBEM_EXPORT const IID name

#define __RPC__in
#define __RPC__in_opt
#define __RPC__in_string
#define __RPC__in_opt_string
#define __RPC__in_xcount(size)
#define __RPC__in_ecount_full(size)
#define __RPC__in_ecount_full_opt(size)
#define __RPC__in_range(low, high)
#define __RPC__inout
#define __RPC__inout_opt
#define __RPC__inout_xcount(size)
#define __RPC__inout_ecount_full(size)
#define __RPC__out
#define __RPC__out_opt
#define __RPC__out_ecount_full(size)
#define __RPC__out_ecount_part(size, length)
#define __RPC__out_xcount_part(size, length)
#define __RPC__deref_in
#define __RPC__deref_in_opt
#define __RPC__deref_inout_opt
#define __RPC__deref_out
#define __RPC__deref_out_opt
#define __RPC__deref_out_ecount_full_opt(size)
#define __RPC__deref_out_string
#define __RPC_string
#define __RPC_unique_pointer

#endif
