/*
 * What the writer and the reader of NDR share.
 */
#ifndef WBEM_RPC_NDR_PRIVATE_H
#define WBEM_RPC_NDR_PRIVATE_H

#include "rpc/ndr.h"

/* A pointee whose turn comes when the structure that points to it is through. */
struct ndr_deferred {
    struct ndr_deferred *next;
    ndr_write_fn *write; /* of a writer */
    const void *pointee; /* borrowed */
    ndr_read_fn *read;   /* of a reader */
    void *target;        /* borrowed */
};

void ndr_deferred_free(struct ndr_deferred *first);

#endif
