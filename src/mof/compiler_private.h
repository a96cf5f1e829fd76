/*
 * The compiler's own parts: its state, values (value.c), qualifiers
 * (qualifier.c), classes (class.c), instances and aliases (instance.c),
 * directives (pragma.c).
 *
 * A function that fails has reported why and where in compiler.error, once.
 */
#ifndef WBEM_MOF_COMPILER_PRIVATE_H
#define WBEM_MOF_COMPILER_PRIVATE_H

#include "mof/mof_private.h"

#include <oleauto.h>

/* Names are short; what is longer is refused before it is stored anywhere. */
#define MOF_MAX_NAME 256
/* Aliases that stand for instances further down, each needing the next. */
#define MOF_MAX_ALIAS_DEPTH 64

/* One file with its tree; kept to the end since aliases and declarations point into it. */
struct mof_source {
    struct mof_source *next;
    char *file;       /* owned */
    char *owned_text; /* of an included file, or converted; may be NULL */
    const char *text; /* without a byte order mark */
    size_t size;
    struct mof_tree *tree;
};

struct mof_alias {
    struct mof_alias *next;
    struct mof_slice name;
    struct mof_source *source;
    const struct mof_production *production;
    ULONG object;
    bool being_made;          /* a circle of aliases comes back here */
    IWbemClassObject *made;   /* the instance, before or after it is put; owned */
    wchar_t *made_name_space; /* owned */
};

struct mof_known_qualifier {
    struct mof_known_qualifier *next;
    const struct mof_declaration *declaration;
};

struct mof_compiler {
    const struct mof_target *target;
    const struct mof_options *options;
    struct mof_counts counts;
    struct mof_error *error;
    struct mof_source *source;              /* being compiled; borrowed from sources */
    struct mof_source *sources;             /* all; owned */
    struct mof_alias *aliases;              /* owned */
    struct mof_known_qualifier *qualifiers; /* owned; the latest first */
    wchar_t *name_space;                    /* owned */
    wchar_t *locale;                        /* of #pragma amendment; owned; NULL: none */
    LONG class_flags, instance_flags;
    struct mof_slice place; /* of the class or instance being compiled */
    ULONG object;           /* number of the class or instance, from 1 */
    int include_depth, alias_depth;
    wchar_t *scratch; /* a string literal's characters; owned */
    size_t scratch_room;
};

/* Report at `at` (a slice of the current source, otherwise c->place) and return `status`. */
HRESULT mof_fail(struct mof_compiler *c, struct mof_slice at, HRESULT status, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));
/* The same for a failure of the object model or the target: says what was being done. */
HRESULT mof_fail_call(struct mof_compiler *c, struct mof_slice at, HRESULT hr, const char *doing);

HRESULT mof_compile_source(struct mof_compiler *c, struct mof_source *source);
/* *ret is NULL when the text is UTF-8 already, otherwise a copy in UTF-8; free() it. */
HRESULT mof_to_utf8(const char *text, size_t size, char **ret, size_t *ret_size);
/* Parse and compile. Takes owned_text (may be NULL: `text` is borrowed). */
HRESULT mof_compile_text(struct mof_compiler *c, const char *file, char *owned_text,
                         const char *text, size_t size);

/* A terminated copy of a name in `out`. */
HRESULT mof_name(struct mof_compiler *c, struct mof_slice name, wchar_t out[MOF_MAX_NAME + 1]);
/* A string literal in c->scratch, terminated, until the next call. */
HRESULT mof_string(struct mof_compiler *c, const struct mof_value *value, size_t *ret_length);

/* `type` with CIM_FLAG_ARRAY for an array. An absent value or NULL gives VT_NULL. */
HRESULT mof_property_value(struct mof_compiler *c, const struct mof_value *value, CIMTYPE type,
                           VARIANT *ret);
/* Qualifiers have no declared type: VT_I4, VT_R8, VT_BOOL, VT_BSTR or an array of one of them. */
HRESULT mof_qualifier_value(struct mof_compiler *c, const struct mof_qualifier *qualifier,
                            VARIANT *ret);

/* What a qualifier stands on: bits of DSP0004's scopes. */
enum mof_scope {
    MOF_SCOPE_CLASS = 1,
    MOF_SCOPE_ASSOCIATION = 2,
    MOF_SCOPE_INDICATION = 4,
    MOF_SCOPE_PROPERTY = 8,
    MOF_SCOPE_REFERENCE = 16,
    MOF_SCOPE_METHOD = 32,
    MOF_SCOPE_PARAMETER = 64,
    MOF_SCOPE_ANY = 127,
};
/* `set` is borrowed. What a declaration of the qualifier says of its scope and type must hold. */
HRESULT mof_put_qualifiers(struct mof_compiler *c, const struct mof_qualifier *first,
                           unsigned scope, IWbemQualifierSet *set);
/* Of the class that is declared so. */
unsigned mof_class_scope(const struct mof_qualifier *first);
bool mof_has_qualifier(const struct mof_qualifier *first, const char *name);
/* Its value when boolean, TRUE when it has none, `absent` when it is not there. */
bool mof_qualifier_is_true(const struct mof_qualifier *first, const char *name, bool absent);

HRESULT mof_get_class(struct mof_compiler *c, struct mof_slice name, IWbemClassObject **ret);
HRESULT mof_compile_class(struct mof_compiler *c, const struct mof_class *cls);

HRESULT mof_make_instance(struct mof_compiler *c, const struct mof_instance *instance,
                          IWbemClassObject **ret);
HRESULT mof_compile_instance(struct mof_compiler *c, const struct mof_production *production);
HRESULT mof_register_aliases(struct mof_compiler *c, struct mof_source *source);
void mof_alias_destroy(struct mof_alias *alias);
/* The path of what the alias stands for, or the object itself. */
HRESULT mof_alias_path(struct mof_compiler *c, const struct mof_value *value, BSTR *ret);
HRESULT mof_alias_object(struct mof_compiler *c, const struct mof_value *value,
                         IWbemClassObject **ret);

HRESULT mof_compile_pragma(struct mof_compiler *c, const struct mof_pragma *pragma);
/* Also puts what is amended of the class into the namespace of the locale (amendment.c). */
HRESULT mof_put_amendment(struct mof_compiler *c, const struct mof_class *decl,
                          IWbemClassObject *cls);

#endif
