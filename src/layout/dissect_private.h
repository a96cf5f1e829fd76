/* What the files that take bytes apart share. */
#ifndef WBEM_LAYOUT_DISSECT_PRIVATE_H
#define WBEM_LAYOUT_DISSECT_PRIVATE_H

#include "layout/layout_private.h"

/* The first failure is kept; after it everything goes on with nothing. */
struct dissection {
    bool failed;
    unsigned depth;
    struct layout_error *error;
};

/* Bytes not yet taken. */
struct span {
    const uint8_t *at;
    size_t left;
};

/* Bytes in which fields lie by offset. */
struct region {
    const uint8_t *bytes;
    uint32_t size;
    uint8_t *covered; /* one for each byte: a field has it */
};

void dissect_fail(struct dissection *d, const char *why);
const uint8_t *take(struct dissection *d, struct span *from, size_t n);
/* A part that begins with its own length, of at least so many bytes; the length is included. */
struct span part(struct dissection *d, struct span *from, size_t least);
void put(struct dissection *d, json_t *o, const char *key, json_t *value);
void append(struct dissection *d, json_t *list, json_t *value);
json_t *hex(const uint8_t *bytes, size_t size);

void region_open(struct dissection *d, struct region *r, const uint8_t *bytes, uint32_t size);
const uint8_t *region_take(struct dissection *d, struct region *r, size_t at, size_t n);
/* Puts its size and what no field covers into `o`. */
void region_close(struct dissection *d, struct region *r, json_t *o);

/* The encoded string, as a member of `o` that is named by its form; gives its size. */
size_t dissect_string(struct dissection *d, struct span *from, json_t *o);
json_t *dissect_string_ref(struct dissection *d, struct region *heap, uint32_t ref);
json_t *dissect_value(struct dissection *d, unsigned type, const uint8_t *slot,
                      struct region *heap);
void put_type(struct dissection *d, json_t *o, unsigned type);
json_t *dissect_qualifiers(struct dissection *d, struct span *from, struct region *heap);
json_t *dissect_qualifiers_at(struct dissection *d, struct region *heap, size_t at);
void put_rest(struct dissection *d, json_t *o, const struct span *rest);

/* A property as the instances of its class need it. */
struct property {
    unsigned type;
    uint32_t offset;
    json_t *name; /* borrowed */
};

struct class_view {
    struct property *properties; /* by declaration order; free() */
    uint32_t count, table_size;
};

/* ret may be NULL. */
json_t *dissect_class_part(struct dissection *d, struct span *from, struct class_view *ret);
json_t *dissect_methods_part(struct dissection *d, struct span *from);
json_t *dissect_instance_part(struct dissection *d, struct span *from, const struct class_view *c);
json_t *dissect_block(struct dissection *d, struct span block);
/* With `known` an instance without its class; else *ret_class, if not NULL, gets an instance's. */
json_t *dissect_object(struct dissection *d, struct span block, const struct class_view *known,
                       struct class_view *ret_class);

#endif
