/*
 * Little-endian bytes: reading, writing, a buffer that grows. [MS-WMIO] 2.2
 * stores all numbers little-endian and nothing is aligned, so bytes are copied
 * and never cast.
 */
#ifndef WBEM_OBJECT_BYTES_H
#define WBEM_OBJECT_BYTES_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* [MS-WMIO] 2.2.66: lengths and offsets in a heap have 31 bits. */
#define ENCODING_SIZE_MAX 0x7fffffffu

static inline uint16_t get_u16(const uint8_t *p)
{
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return le16toh(v);
}

static inline uint32_t get_u32(const uint8_t *p)
{
    uint32_t v;
    memcpy(&v, p, sizeof v);
    return le32toh(v);
}

static inline uint64_t get_u64(const uint8_t *p)
{
    uint64_t v;
    memcpy(&v, p, sizeof v);
    return le64toh(v);
}

static inline void put_u16(uint8_t *p, uint16_t v)
{
    v = htole16(v);
    memcpy(p, &v, sizeof v);
}

static inline void put_u32(uint8_t *p, uint32_t v)
{
    v = htole32(v);
    memcpy(p, &v, sizeof v);
}

static inline void put_u64(uint8_t *p, uint64_t v)
{
    v = htole64(v);
    memcpy(p, &v, sizeof v);
}

/* Bytes being made. A failed allocation sticks: write on, and look at `failed` once. */
struct buffer {
    uint8_t *bytes;
    uint32_t size, capacity;
    bool failed;
};

/* Room for n more bytes, uninitialised; NULL when out of memory or over ENCODING_SIZE_MAX. */
uint8_t *buffer_add(struct buffer *b, size_t n);

static inline void buffer_done(struct buffer *b)
{
    free(b->bytes);
    *b = (struct buffer){0};
}

static inline void buffer_put(struct buffer *b, const void *bytes, size_t n)
{
    uint8_t *to = buffer_add(b, n);
    if (to && n > 0) {
        memcpy(to, bytes, n);
    }
}

static inline void buffer_u8(struct buffer *b, uint8_t v)
{
    buffer_put(b, &v, 1);
}

static inline void buffer_u16(struct buffer *b, uint16_t v)
{
    uint8_t *to = buffer_add(b, 2);
    if (to) {
        put_u16(to, v);
    }
}

static inline void buffer_u32(struct buffer *b, uint32_t v)
{
    uint8_t *to = buffer_add(b, 4);
    if (to) {
        put_u32(to, v);
    }
}

/* A length that is known later: remember the place, fill it in. */
static inline void buffer_set_u32(struct buffer *b, uint32_t at, uint32_t v)
{
    if (!b->failed) {
        put_u32(b->bytes + at, v);
    }
}

#endif
