/*
 * MOF (DSP0004): text to tree (lexer, parser), tree to classes and instances
 * (compiler). The compiler builds objects through IWbemClassObject and hands
 * them to a target, so it knows nothing of repositories.
 */
#ifndef WBEM_MOF_MOF_H
#define WBEM_MOF_MOF_H

#include "object/object.h"

struct mof_error {
    const char *file;   /* as given to mof_compile() */
    ULONG line, column; /* from 1 */
    ULONG object;       /* which object of the file, from 1; 0 when outside any */
    HRESULT status;     /* WBEMMOF_E_* or WBEM_E_* */
    char token[64];
    char message[256]; /* what was expected or is wrong, UTF-8 */
};

/* Who gets what was compiled. */
struct mof_target {
    /* A class by name, for superclasses and instances; a new reference or WBEM_E_NOT_FOUND. */
    HRESULT(*get_class)
    (void *closure, const wchar_t *name_space, const wchar_t *name, IWbemClassObject **ret);
    HRESULT(*put_class)
    (void *closure, const wchar_t *name_space, IWbemClassObject *cls, LONG flags);
    HRESULT(*put_instance)
    (void *closure, const wchar_t *name_space, IWbemClassObject *instance, LONG flags);
    void *closure;
};

/* Compile UTF-8 (BOM allowed) text. `name_space` is where it starts (#pragma namespace changes
 * it). The first error is reported and ends the compilation. Classes may be used before the point
 * where they are defined only if the target already knows them. */
HRESULT mof_compile(const char *file, const char *text, size_t size, const wchar_t *name_space,
                    const struct mof_target *target, struct mof_error *ret_error);

#endif
