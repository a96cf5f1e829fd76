/*
 * What the MOF module's files share: tokens (lexer.c), the tree (parser.c,
 * print.c), values as VARIANTs (value.c) and the compiler's state.
 *
 * Names and literals in the tree are slices of the source text, which must
 * outlive it; nodes live in one arena and go with it.
 */
#ifndef WBEM_MOF_MOF_PRIVATE_H
#define WBEM_MOF_MOF_PRIVATE_H

#include "mof/mof.h"

#include <stdarg.h>
#include <string.h>
#include <strings.h>

/* Deepest nesting of array and embedded object values. */
#define MOF_MAX_DEPTH 32
/* Longest real literal, without its sign: more than the digits a double can have (1074). */
#define MOF_MAX_REAL 1200
/* Deepest nesting of #pragma include. */
#define MOF_MAX_INCLUDES 16

/* ---- slices ------------------------------------------------------------ */

struct mof_slice {
    const char *start; /* NULL: absent */
    size_t length;
};

/* Words of MOF are ASCII and compared without regard to case. */
static inline bool mof_slice_is(struct mof_slice slice, const char *word)
{
    /* Most comparisons end at the first letter. */
    return slice.length > 0 && ((*slice.start ^ *word) & ~0x20) == 0 &&
           strlen(word) == slice.length && strncasecmp(slice.start, word, slice.length) == 0;
}
bool mof_slice_equal(struct mof_slice a, struct mof_slice b);

/* ---- lexer ------------------------------------------------------------- */

enum mof_token_kind {
    MOF_TOKEN_END,
    MOF_TOKEN_WORD,    /* names and keywords; which, the grammar decides */
    MOF_TOKEN_STRING,  /* one literal with its quotes */
    MOF_TOKEN_CHAR,    /* with its quotes */
    MOF_TOKEN_INTEGER, /* with its sign */
    MOF_TOKEN_REAL,
    MOF_TOKEN_ALIAS,  /* $name, the dollar included */
    MOF_TOKEN_PRAGMA, /* #pragma */
    MOF_TOKEN_PUNCTUATION,
    MOF_TOKEN_BROKEN, /* lexer.problem says what is wrong with it */
};

struct mof_token {
    enum mof_token_kind kind;
    struct mof_slice text;
};

struct mof_lexer {
    const char *at, *end;
    const char *problem; /* of the last broken token */
};

/* `text` without a byte order mark, borrowed; nothing is read past text + size. */
void mof_lexer_init(struct mof_lexer *lexer, const char *text, size_t size);
void mof_lexer_next(struct mof_lexer *lexer, struct mof_token *ret);

/* Literals the lexer has accepted. Decoding writes at most slice.length characters and returns
 * how many. A slice of several string literals (and what is between them) gives them joined. */
size_t mof_decode_string(struct mof_slice literals, wchar_t *out);
wchar_t mof_decode_char(struct mof_slice literal);
/* False when it does not fit. */
bool mof_decode_integer(struct mof_slice literal, uint64_t *ret_magnitude, bool *ret_negative);
double mof_decode_real(struct mof_slice literal);
/* Names: UTF-8 to characters, at most slice.length of them. */
size_t mof_decode_name(struct mof_slice name, wchar_t *out);

/* Line and column, from 1; columns count characters. */
void mof_position(const char *text, const char *at, ULONG *ret_line, ULONG *ret_column);

/* ---- tree ---------------------------------------------------------------- */

enum mof_value_kind {
    MOF_VALUE_ABSENT,
    MOF_VALUE_NULL,
    MOF_VALUE_BOOLEAN,
    MOF_VALUE_INTEGER,
    MOF_VALUE_REAL,
    MOF_VALUE_CHAR,
    MOF_VALUE_STRING, /* text: from the first literal's quote to the last one's */
    MOF_VALUE_ALIAS,
    MOF_VALUE_ARRAY,
    MOF_VALUE_OBJECT, /* instance of … { … } */
};

struct mof_value {
    enum mof_value_kind kind;
    struct mof_slice text;
    struct mof_value *next; /* in an array */
    union {
        bool boolean;
        struct {
            uint64_t magnitude;
            bool negative;
        } integer;
        double real;
        struct {
            struct mof_value *items;
            uint32_t count;
        } array;
        struct mof_instance *object;
    };
};

/* Flavors as written; both of a pair (such as tosubclass, restricted) may be given. */
struct mof_flavors {
    bool given;
    LONG set;     /* WBEM_FLAVOR_* */
    LONG cleared; /* enableoverride, restricted, notto… */
};

struct mof_qualifier {
    struct mof_slice name;
    struct mof_value value; /* absent: TRUE */
    struct mof_flavors flavors;
    struct mof_qualifier *next;
};

struct mof_type {
    CIMTYPE type;                /* without CIM_FLAG_ARRAY; CIM_EMPTY for void */
    struct mof_slice text;       /* as written, for messages */
    struct mof_slice class_name; /* of a reference or an object; absent for any */
    bool array;
    struct mof_slice array_size; /* absent in [] */
};

/* A property, reference, method or parameter. */
struct mof_feature {
    struct mof_qualifier *qualifiers;
    struct mof_type type;
    struct mof_slice name;
    struct mof_value initial; /* a default; of properties only */
    bool method;
    struct mof_feature *parameters;
    struct mof_feature *next;
};

struct mof_class {
    struct mof_qualifier *qualifiers;
    struct mof_slice name, alias, superclass;
    struct mof_feature *features;
};

struct mof_assignment {
    struct mof_qualifier *qualifiers;
    struct mof_slice name;
    struct mof_value value;
    struct mof_assignment *next;
};

struct mof_instance {
    struct mof_qualifier *qualifiers;
    struct mof_slice class_name, alias;
    struct mof_assignment *assignments;
};

struct mof_declaration {
    struct mof_slice name;
    bool typed; /* false for WMI's short form: Qualifier Description : ToSubClass Amended; */
    struct mof_type type;
    struct mof_value initial;
    struct mof_value *scope; /* words */
    struct mof_flavors flavors;
};

struct mof_pragma {
    struct mof_slice name;
    bool parenthesised;
    struct mof_value *parameters; /* strings, numbers, or words (as MOF_VALUE_ALIAS has: text) */
};

enum mof_production_kind {
    MOF_PRODUCTION_CLASS,
    MOF_PRODUCTION_INSTANCE,
    MOF_PRODUCTION_DECLARATION,
    MOF_PRODUCTION_PRAGMA,
};

struct mof_production {
    enum mof_production_kind kind;
    struct mof_production *next;
    union {
        struct mof_class cls;
        struct mof_instance instance;
        struct mof_declaration declaration;
        struct mof_pragma pragma;
    };
};

struct mof_arena_block;

struct mof_tree {
    struct mof_arena_block *blocks;
    struct mof_production *first;
};

/* Fills *ret_error (all but file) and returns its status on failure. `text` is borrowed by the
 * tree. A byte order mark is skipped. */
HRESULT mof_parse(const char *text, size_t size, struct mof_tree **ret,
                  struct mof_error *ret_error);
void mof_tree_destroy(struct mof_tree *tree);
/* Zeroed, small (a node), and gone with the tree. NULL when out of memory. */
void *mof_tree_take(struct mof_tree *tree, size_t size);

/* MOF that parses to an equal tree, in UTF-8; free() it. */
HRESULT mof_print(const struct mof_tree *tree, char **ret, size_t *ret_size);

/* Report at `at` in `text`; the token there goes with it. */
void mof_error_at(struct mof_error *error, const char *text, size_t size, const char *at,
                  HRESULT status, const char *format, ...) __attribute__((format(printf, 6, 7)));
void mof_error_at_v(struct mof_error *error, const char *text, size_t size, const char *at,
                    HRESULT status, const char *format, va_list arguments)
    __attribute__((format(printf, 6, 0)));

#endif
