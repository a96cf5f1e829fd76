/*
 * The class definitions that the library carries: the files of mof/, as text,
 * in an order in which each finds its superclasses defined before it.
 */
#ifndef WBEM_PROVIDERS_BUILTIN_MOF_H
#define WBEM_PROVIDERS_BUILTIN_MOF_H

#include <stddef.h>

struct builtin_mof {
    const char *name; /* such as "process.mof" */
    const char *text; /* UTF-8, with a terminator that `size` does not count */
    size_t size;
};

extern const struct builtin_mof builtin_mofs[];
extern const size_t builtin_mof_count;

#endif
