/*
 * The buffer that encodings are written into.
 */
#include "object/bytes.h"

uint8_t *buffer_add(struct buffer *b, size_t n)
{
    if (b->failed || n > ENCODING_SIZE_MAX - b->size) {
        b->failed = true;
        return NULL;
    }
    if (!b->bytes || n > b->capacity - b->size) {
        size_t wanted = (size_t)b->capacity + b->capacity / 2 + 64;
        if (wanted < b->size + n) {
            wanted = b->size + n;
        }
        if (wanted > ENCODING_SIZE_MAX) {
            wanted = ENCODING_SIZE_MAX;
        }
        uint8_t *bytes = realloc(b->bytes, wanted);
        if (!bytes) {
            b->failed = true;
            return NULL;
        }
        b->bytes = bytes;
        b->capacity = (uint32_t)wanted;
    }
    uint8_t *at = b->bytes + b->size;
    b->size += (uint32_t)n;
    return at;
}
