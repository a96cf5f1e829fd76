/* One end of the connection between the library and a provider in another process: messages out,
 * from any thread; messages in, read by one. */
#ifndef WBEM_HOSTING_CHANNEL_H
#define WBEM_HOSTING_CHANNEL_H

#include <pthread.h>

#include "hosting/wire.h"

struct channel {
    int fd; /* owned */
    pthread_mutex_t lock;
    struct wire_classes sent;     /* under lock */
    struct wire_classes received; /* the reader's */
};

/* Takes fd. send_seconds: how long the other end may leave what is sent to it unread; 0: as long as
 * it likes. */
void channel_init(struct channel *c, int fd, unsigned send_seconds);
void channel_done(struct channel *c);

/* WBEM_E_TRANSPORT_FAILURE: the other end is gone or does not read; nothing can be sent any more.
 * Other failures are of the message (wire_encode()), and the channel goes on. */
HRESULT channel_send(struct channel *c, const struct wire_message *m);
/* The next message, waited for. WBEM_S_FALSE: the other end has closed.
 * WBEM_E_TRANSPORT_FAILURE, WBEM_E_INVALID_OBJECT: what came is no message. */
HRESULT channel_receive(struct channel *c, struct wire_message *ret);
/* No more is sent; the other end reads its end. Any thread. */
void channel_finish(struct channel *c);
/* Neither side sends any more; who reads or writes returns. Any thread. */
void channel_cut(struct channel *c);

#endif
