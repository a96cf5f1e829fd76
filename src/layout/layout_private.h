/*
 * What taking apart and putting together share: names of types and states, and
 * the fields' sizes.
 */
#ifndef WBEM_LAYOUT_LAYOUT_PRIVATE_H
#define WBEM_LAYOUT_LAYOUT_PRIVATE_H

#include "layout/layout.h"

#define REF_NULL 0xffffffffu /* [MS-WMIO] 2.2.69 */
#define REF_DICTIONARY                                                                             \
    0x80000000u /* 2.2.80; in a heap's length a bit that is always set: 2.2.66                     \
                 */

enum {
    TYPE_ARRAY = 0x2000,
    TYPE_INHERITED = 0x4000, /* of a property: 2.2.32 */
    TYPE_STRING = 8,
    TYPE_OBJECT = 13,
    TYPE_BOOLEAN = 11,
    TYPE_REAL32 = 4,
    TYPE_REAL64 = 5,

    FLAG_CLASS = 1, /* 2.2.6 */
    FLAG_INSTANCE = 2,
    FLAG_DECORATED = 4,

    CLASS_HEADER = 13,
    PROPERTY_INFO = 14,
    QUALIFIER_FIXED = 9,
    METHOD = 24,
    INSTANCE_HEADER = 9,
    DEPTH_MAX = 64, /* of objects in objects */
};

struct layout_type {
    const char *name;
    unsigned type, size;
    bool is_signed;
};

const struct layout_type *layout_type_of(unsigned base); /* NULL: none */
const struct layout_type *layout_type_named(const char *name, size_t length);
/* In a table, an array or a qualifier. */
unsigned layout_size(unsigned type);
bool layout_is_string(unsigned base);

extern const char *const layout_dictionary[];
extern const unsigned layout_dictionary_size;
extern const char *const layout_states[4]; /* by the two bits of 2.2.27 */

#endif
