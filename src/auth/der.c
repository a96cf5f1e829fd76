/*
 * DER elements, read and written.
 */
#include "auth/der.h"

bool der_next(struct der *in, uint8_t *tag, struct der *contents)
{
    /* Tags of more than one byte are none of SPNEGO's. */
    if (in->size < 2 || (in->at[0] & 0x1f) == 0x1f) {
        return false;
    }
    size_t length = in->at[1], at = 2;
    if (length & 0x80) {
        size_t bytes = length & 0x7f;
        /* 0x80 alone is the indefinite form of BER. Peers write lengths longer than they need. */
        if (bytes == 0 || bytes > 4 || in->size - 2 < bytes) {
            return false;
        }
        length = 0;
        for (; bytes > 0; bytes--) {
            length = length << 8 | in->at[at++];
        }
    }
    if (length > in->size - at) {
        return false;
    }
    *tag = in->at[0];
    *contents = (struct der){in->at + at, length};
    in->at += at + length;
    in->size -= at + length;
    return true;
}

bool der_take(struct der *in, uint8_t wanted, struct der *contents)
{
    uint8_t tag;
    struct der copy = *in;
    if (!der_next(&copy, &tag, contents) || tag != wanted) {
        return false;
    }
    *in = copy;
    return true;
}

void der_put(struct buffer *out, uint8_t tag, const void *contents, size_t size)
{
    buffer_u8(out, tag);
    if (size >= 0x80) {
        unsigned bytes = size > 0xffffff ? 4 : size > 0xffff ? 3 : size > 0xff ? 2 : 1;
        buffer_u8(out, (uint8_t)(0x80 | bytes));
        for (unsigned i = bytes - 1; i > 0; i--) {
            buffer_u8(out, (uint8_t)(size >> (8 * i)));
        }
    }
    buffer_u8(out, (uint8_t)size);
    buffer_put(out, contents, size);
}
