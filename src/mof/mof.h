/*
 * MOF (DSP0004): text to tree (lexer, parser), tree to classes and instances
 * (compiler). The compiler builds objects through IWbemClassObject and hands
 * them to a target, so it knows nothing of repositories.
 */
#ifndef WBEM_MOF_MOF_H
#define WBEM_MOF_MOF_H

#include "object/object.h"

struct mof_error {
    char file[256];     /* as given to mof_compile(), or one that it includes */
    ULONG line, column; /* from 1 */
    ULONG object;       /* which class or instance of the file, from 1; 0 when before any */
    HRESULT status;     /* WBEMMOF_E_* or WBEM_E_* */
    char token[64];
    char message[256]; /* what was expected or is wrong, UTF-8 */
    char source[160];  /* the line, UTF-8, tabs as blanks; of a long one what is around the place */
    ULONG caret;       /* where in `source`, in characters from 0 */
};

/* clang-format off */

/* Who gets what was compiled. */
struct mof_target {
    /* A class by name, for superclasses and instances; a new reference or WBEM_E_NOT_FOUND. */
    HRESULT (*get_class)(void *closure, const wchar_t *name_space, const wchar_t *name,
                         IWbemClassObject **ret);
    HRESULT (*put_class)(void *closure, const wchar_t *name_space, IWbemClassObject *cls,
                         LONG flags);
    HRESULT (*put_instance)(void *closure, const wchar_t *name_space, IWbemClassObject *instance,
                            LONG flags);
    /* #pragma deleteclass and deleteinstance; NULL where nothing can be deleted. A missing one is
     * WBEM_E_NOT_FOUND. */
    HRESULT (*delete_class)(void *closure, const wchar_t *name_space, const wchar_t *name);
    HRESULT (*delete_instance)(void *closure, const wchar_t *name_space, const wchar_t *path);
    /* A namespace that #pragma namespace names, and those above it, made where they are missing;
     * NULL: they must be there. */
    HRESULT (*make_namespace)(void *closure, const wchar_t *name_space);
    void *closure;
};

/* clang-format on */

struct mof_input {
    const char *file; /* its name, for messages and for #pragma include */
    const char *text; /* UTF-8, or UTF-16 with a byte order mark; borrowed */
    size_t size;
};

/* What was compiled so far. */
struct mof_counts {
    ULONG files, classes, instances, qualifiers; /* files: included ones too */
    ULONG deleted;
};

struct mof_options {
    LONG class_flags, instance_flags; /* until #pragma classflags, instanceflags: WBEM_FLAG_* */
    const char *const *folders;       /* where included files may be besides beside the file */
    size_t folder_count;
    /* Called now and then; a failure ends the compilation with that status. May be NULL. */
    HRESULT (*progress)(void *closure, const char *file, const struct mof_counts *counts);
    void *closure;
};

/* Compile UTF-8 text, or UTF-16 with a byte order mark. `name_space` is where it starts (#pragma
 * namespace changes it). The first error is reported and ends the compilation; a mistake of syntax
 * is found before the target gets anything. Classes may be used before the point where they are
 * defined only if the target already knows them; instances may be used by their alias from anywhere
 * in the file. *ret_error (may be NULL) is filled on failure. */
HRESULT mof_compile(const char *file, const char *text, size_t size, const wchar_t *name_space,
                    const struct mof_target *target, struct mof_error *ret_error);

/* The same of several files, one after another as if they were one: qualifiers declared in one hold
 * in those after it, each begins in `name_space`. `options` may be NULL; *ret_counts (may be NULL)
 * is filled in any case. */
HRESULT mof_compile_all(const struct mof_input *inputs, size_t count, const wchar_t *name_space,
                        const struct mof_options *options, const struct mof_target *target,
                        struct mof_counts *ret_counts, struct mof_error *ret_error);

#endif
