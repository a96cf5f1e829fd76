/* Names of types ([MS-WMIO] 2.2.82), of states (2.2.27) and of well-known strings (2.2.80). */
#include "layout/layout_private.h"

static const struct layout_type types[] = {
    {"sint8", 16, 1, true},
    {"uint8", 17, 1, false},
    {"sint16", 2, 2, true},
    {"uint16", 18, 2, false},
    {"sint32", 3, 4, true},
    {"uint32", 19, 4, false},
    {"sint64", 20, 8, true},
    {"uint64", 21, 8, false},
    {"real32", TYPE_REAL32, 4, false},
    {"real64", 5, 8, false},
    {"boolean", 11, 2, false},
    {"string", TYPE_STRING, 4, false},
    {"datetime", 101, 4, 0},
    {"reference", 102, 4, 0},
    {"char16", 103, 2, false},
    {"object", TYPE_OBJECT, 4, false},
};

const char *const layout_dictionary[] = {"\"",       "key",      "",         "read",
                                         "write",    "volatile", "provider", "dynamic",
                                         "cimwin32", "DWORD",    "CIMTYPE"};
const unsigned layout_dictionary_size = sizeof layout_dictionary / sizeof layout_dictionary[0];

const char *const layout_states[4] = {"set", "null", "default", "default null"};

const struct layout_type *layout_type_of(unsigned base)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == base) {
            return &types[i];
        }
    }
    return NULL;
}

const struct layout_type *layout_type_named(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strlen(types[i].name) == length && memcmp(types[i].name, name, length) == 0) {
            return &types[i];
        }
    }
    return NULL;
}

unsigned layout_size(unsigned type)
{
    const struct layout_type *t = layout_type_of(type & ~(unsigned)TYPE_ARRAY);
    return !t ? 0 : type & TYPE_ARRAY ? 4 : t->size;
}

bool layout_is_string(unsigned base)
{
    return base == TYPE_STRING || base == 101 || base == 102;
}
