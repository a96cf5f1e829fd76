/*
 * As much of DER (X.690) as SPNEGO needs: definite lengths, one byte tags, read
 * within the bytes that there are.
 */
#ifndef WBEM_AUTH_DER_H
#define WBEM_AUTH_DER_H

#include "object/bytes.h"

#define DER_ENUMERATED 0x0a
#define DER_BIT_STRING 0x03
#define DER_OCTET_STRING 0x04
#define DER_OID 0x06
#define DER_SEQUENCE 0x30
#define DER_GENERAL_STRING 0x1b
#define DER_CONTEXT(n) (0xa0 + (n))
#define DER_APPLICATION_0 0x60

struct der {
    const uint8_t *at;
    size_t size;
};

/* Takes the element at the front of *in, whatever it is: its tag and contents. False: damaged. */
bool der_next(struct der *in, uint8_t *tag, struct der *contents);
/* The same for an element that has to have this tag. */
bool der_take(struct der *in, uint8_t tag, struct der *contents);
void der_put(struct buffer *out, uint8_t tag, const void *contents, size_t size);

#endif
