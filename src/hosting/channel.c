/* Frames on a socket; see channel.h and wire.h. */
#include "hosting/channel.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "com/com.h"
#include "object/bytes.h"

void channel_init(struct channel *c, int fd, unsigned send_seconds)
{
    const struct timeval patience = {.tv_sec = (time_t)send_seconds};
    *c = (struct channel){.fd = fd};
    pthread_mutex_init(&c->lock, NULL);
    if (send_seconds) {
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    }
}

void channel_done(struct channel *c)
{
    wire_classes_done(&c->sent);
    wire_classes_done(&c->received);
    pthread_mutex_destroy(&c->lock);
    (void)close(c->fd);
}

void channel_finish(struct channel *c)
{
    (void)shutdown(c->fd, SHUT_WR);
}

void channel_cut(struct channel *c)
{
    (void)shutdown(c->fd, SHUT_RDWR);
}

static bool send_all(int fd, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t sent = send(fd, bytes, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

HRESULT channel_send(struct channel *c, const struct wire_message *m)
{
    uint8_t *frame = NULL;
    size_t size;
    pthread_mutex_lock(&c->lock); /* frames go in the order in which they define classes */
    HRESULT hr = wire_encode(m, &c->sent, &frame, &size);
    bool lost = SUCCEEDED(hr) && !send_all(c->fd, frame, size);
    pthread_mutex_unlock(&c->lock);
    free(frame);
    if (lost) {
        channel_cut(c); /* a part of a frame may have gone */
        return WBEM_E_TRANSPORT_FAILURE;
    }
    return hr;
}

/* Bytes read, fewer than asked for at the end of all; -1: an error. */
static ssize_t receive_all(int fd, uint8_t *bytes, size_t size)
{
    size_t have = 0;
    while (have < size) {
        ssize_t got = recv(fd, bytes + have, size - have, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return -1;
        }
        if (got == 0) {
            break;
        }
        have += (size_t)got;
    }
    return (ssize_t)have;
}

HRESULT channel_receive(struct channel *c, struct wire_message *ret)
{
    uint8_t head[4];
    ssize_t got = receive_all(c->fd, head, sizeof head);
    if (got == 0) {
        return WBEM_S_FALSE;
    }
    if (got != (ssize_t)sizeof head) {
        return WBEM_E_TRANSPORT_FAILURE;
    }
    size_t size = get_u32(head);
    if (size == 0 || size > WIRE_FRAME_MAX) {
        return WBEM_E_INVALID_OBJECT;
    }
    uint8_t *frame = malloc(size);
    if (!frame) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = receive_all(c->fd, frame, size) == (ssize_t)size
                     ? wire_decode(frame, size, &c->received, ret)
                     : WBEM_E_TRANSPORT_FAILURE;
    free(frame);
    return hr;
}
