/*
 * Encoded objects as JSON that keeps everything: each field of [MS-WMIO] 2.2, and
 * where in the bytes it stands, so that the JSON goes back to the same bytes.
 */
#ifndef WBEM_LAYOUT_LAYOUT_H
#define WBEM_LAYOUT_LAYOUT_H

#include <jansson.h>
#include <stdbool.h>

#include "object/bytes.h"

/* What is wrong, and where: a member's path, or the line and column of the text. */
struct layout_error {
    char text[384];
};

/* The document for bytes in any wrapping that wbem_objects_decode() takes, which must have taken
 * them. One reference for the caller; NULL with *ret_error when it can't be made. */
json_t *layout_dissect(const uint8_t *bytes, size_t size, struct layout_error *ret_error);

/* The bytes at the end of `out`. Whatever is not understood is an error, never left out. */
bool layout_assemble(const json_t *document, struct buffer *out, struct layout_error *ret_error);

#endif
