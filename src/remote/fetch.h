/* A call that is under way, waited for by one thread and cancelled by any. */
#ifndef WBEM_REMOTE_FETCH_H
#define WBEM_REMOTE_FETCH_H

#include "dcom/dcom.h"

struct fetch;

/* A failure leaves its error object on this thread. */
HRESULT fetch_begin(struct dcom_object *o, uint16_t opnum, struct ndr_writer *in,
                    unsigned timeout_ms, struct fetch **ret);
void fetch_ref(struct fetch *f);
void fetch_unref(struct fetch *f); /* NULL is fine */
void fetch_cancel(struct fetch *f);
/* Until the reply begins to come, or has come or will not: true when it is over. */
bool fetch_wait_for_reply(struct fetch *f);
/* Until it is over. The call's result; *ret has the reply; when it began and ended, in
 * microseconds. Once. */
HRESULT fetch_take(struct fetch *f, struct dcom_reply *ret, int64_t *began_us, int64_t *ended_us);

#endif
