/* What the files that put bytes together share. */
#ifndef WBEM_LAYOUT_ASSEMBLE_PRIVATE_H
#define WBEM_LAYOUT_ASSEMBLE_PRIVATE_H

#include "layout/layout_private.h"

#define ASSEMBLED_MAX (64u << 20)
#define ANYWHERE UINT64_MAX /* no place asked for: at the end */

/* The first failure is kept with the path of the member at fault. */
struct assembly {
    bool failed;
    unsigned depth;
    size_t path_size;
    char path[200];
    struct layout_error *error;
};

/* Bytes that fields are put into by offset, in any order. */
struct area {
    uint8_t *bytes, *written;
    uint32_t size, capacity;
};

void assemble_fail(struct assembly *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* The path grows by a member or an element; leave() with what enter() gave. */
size_t enter(struct assembly *a, const char *key);
size_t enter_index(struct assembly *a, size_t i);
void leave(struct assembly *a, size_t mark);

/* Members of an object: a failure unless they are there and of their kind. `names` are all that it
 * may have, with a space before and behind each. */
void members(struct assembly *a, const json_t *o, const char *names);
const json_t *need(struct assembly *a, const json_t *o, const char *key);
const json_t *need_list(struct assembly *a, const json_t *o, const char *key);
uint64_t need_number(struct assembly *a, const json_t *o, const char *key, uint64_t most);
uint64_t number_or(struct assembly *a, const json_t *o, const char *key, uint64_t most,
                   uint64_t otherwise);
void put_hex(struct assembly *a, const json_t *text, struct buffer *out);

void area_open(struct area *area);
void area_done(struct area *area);
/* `form` is what region_close() made: the size and the gaps. */
void area_load(struct assembly *a, struct area *area, const json_t *form, const char *key);
/* Gives where it went. */
uint32_t area_put(struct assembly *a, struct area *area, uint64_t at, const uint8_t *bytes,
                  size_t size);
/* The place that a member asks for, or ANYWHERE. */
uint64_t place(struct assembly *a, const json_t *o);

/* The string in one of its forms, encoded. */
void assemble_string(struct assembly *a, const json_t *o, struct buffer *out);
uint32_t assemble_string_ref(struct assembly *a, const json_t *o, struct area *heap);
void assemble_value(struct assembly *a, const json_t *v, unsigned type, struct area *heap,
                    uint8_t *slot);
unsigned assemble_type(struct assembly *a, const json_t *o);
void assemble_qualifiers(struct assembly *a, const json_t *list, struct area *heap,
                         struct buffer *out);
void assemble_rest(struct assembly *a, const json_t *o, struct buffer *out);

/* The properties by declaration order, for instances. */
struct layout_class {
    struct {
        unsigned type;
        uint32_t offset;
        const json_t *name;
        bool there;
    } * properties; /* free() */
    uint32_t count, table_size;
};

/* `known`: of an instance without its class. ret_class may be NULL. */
void assemble_block(struct assembly *a, const json_t *o, const struct layout_class *known,
                    struct layout_class *ret_class, struct buffer *out);

#endif
