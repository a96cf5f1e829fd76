/* What the files of the WQL module share: tokens, the tree, the bound condition. */
#ifndef WBEM_WQL_WQL_PRIVATE_H
#define WBEM_WQL_WQL_PRIVATE_H

#include "wql/wql.h"

enum {
    WQL_MAX_LENGTH = 1 << 20, /* characters of a query; Windows' own quota is far lower */
    WQL_MAX_DEPTH = 256,      /* of parentheses and NOT */
    WQL_MAX_TERMS = 100000,   /* comparisons in one query */
};

/* ---- tokens (lexer.c) ------------------------------------------------------------ */

enum token_kind {
    TOKEN_END,
    TOKEN_NAME,
    TOKEN_STRING,  /* with its quotes */
    TOKEN_INTEGER, /* digits, or 0x and hexadecimal digits; a sign belongs to it */
    TOKEN_REAL,
    TOKEN_EQUAL,
    TOKEN_NOT_EQUAL,
    TOKEN_LESS,
    TOKEN_LESS_EQUAL,
    TOKEN_GREATER,
    TOKEN_GREATER_EQUAL,
    TOKEN_OPEN,
    TOKEN_CLOSE,
    TOKEN_OPEN_BRACKET,
    TOKEN_CLOSE_BRACKET,
    TOKEN_COMMA,
    TOKEN_DOT,
    TOKEN_STAR,
    TOKEN_PATH,   /* an object path with its braces */
    TOKEN_BROKEN, /* an unknown character, an unfinished string or number */
};

struct token {
    enum token_kind kind;
    const wchar_t *start;
    size_t length;
    struct wql_position at;
};

struct lexer {
    const wchar_t *next;
    struct wql_position at;
};

void lexer_init(struct lexer *l, const wchar_t *text);
void lexer_next(struct lexer *l, struct token *ret);
bool token_is_word(const struct token *t, const wchar_t *word); /* without regard to case */

/* ---- the parser (parser.c; parse_associators.c) ---------------------------------------- */

struct parser {
    struct lexer lexer;
    struct token token; /* the next one */
    unsigned depth;
    unsigned terms;
    struct wql_error *error;
};

void parser_next(struct parser *p);
HRESULT parser_fail(struct parser *p, const char *expected);
bool parser_accept_word(struct parser *p, const wchar_t *word);
bool parser_accept(struct parser *p, enum token_kind kind);
/* ASSOCIATORS OF … and REFERENCES OF …, to the end. */
HRESULT parse_association_query(struct parser *p, struct wql_query *q);

/* ---- the tree (tree.c) -------------------------------------------------------------- */

enum operand_kind {
    OPERAND_PROPERTY,
    OPERAND_STRING,
    OPERAND_INTEGER,
    OPERAND_REAL,
    OPERAND_BOOLEAN,
    OPERAND_NULL,
};

struct operand {
    enum operand_kind kind;
    struct wql_position at;
    wchar_t *text; /* owned: the property (with dots), the string, or the number as written */
    bool indexed;  /* property[index] */
    uint32_t index;
    bool negative; /* of an integer; its magnitude is `integer` */
    uint64_t integer;
    double real;
    bool boolean;
};

enum operator_kind {
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS,
    OP_LESS_EQUAL,
    OP_GREATER,
    OP_GREATER_EQUAL,
    OP_LIKE,
    OP_NOT_LIKE,
    OP_ISA,
    OP_IS_NULL,
    OP_IS_NOT_NULL,
};

enum node_kind {
    NODE_AND,
    NODE_OR,
    NODE_NOT,
    NODE_COMPARE,
};

struct node {
    enum node_kind kind;
    struct node *first_child, *last_child; /* owned; of AND, OR (two or more) and NOT (one) */
    struct node *next;                     /* sibling */
    enum operator_kind op;                 /* of a comparison */
    struct operand left, right;            /* right is unused by IS NULL */
};

struct column {
    wchar_t *name;
    struct wql_position at;
};

struct wql_query {
    enum wql_kind kind;
    struct column *columns; /* NULL and none: SELECT * */
    size_t column_count;
    wchar_t *class_name;
    struct wql_position class_at;
    struct node *where; /* NULL: none */
    struct event_clauses {
        bool has_within, has_group, has_having;
        double within, group_within; /* seconds */
        struct column *by;
        size_t by_count;
        enum operator_kind having_op;
        uint32_t having_value;
        struct wql_position within_at, group_at, having_at;
    } event;
    struct wql_association association; /* of ASSOCIATORS OF and REFERENCES OF; owns its texts */
};

struct node *node_create(enum node_kind kind);
void node_destroy(struct node *n); /* NULL is fine */
void node_adopt(struct node *parent, struct node *child);
void operand_done(struct operand *o);
const wchar_t *operator_text(enum operator_kind op); /* print.c */

/* ---- errors (error.c) ------------------------------------------------------------------ */

/* Fills *e (may be NULL) and returns WBEM_E_INVALID_QUERY. */
HRESULT wql_fail(struct wql_error *e, struct wql_position at, const wchar_t *token, size_t length,
                 const char *expected);

/* ---- patterns (like.c) ------------------------------------------------------------------ */

struct pattern;

/* [WmiSdk] "LIKE Operator". The pattern is copied and folded. WBEM_E_OUT_OF_MEMORY. */
HRESULT pattern_create(const wchar_t *text, struct pattern **ret);
void pattern_destroy(struct pattern *p);
bool pattern_matches(const struct pattern *p, const struct cim_string *s);

/* ---- the bound condition (plan.c makes it, evaluate.c runs it) ---------------------------- */

enum truth {
    FALSE_TRUTH,
    UNKNOWN_TRUTH, /* a null was compared */
    TRUE_TRUTH,
};

enum test_kind {
    TEST_CONSTANT, /* decided when the query was bound */
    TEST_AND,
    TEST_OR,
    TEST_NOT,
    TEST_NULL,     /* IS NULL */
    TEST_VALUE,    /* property against constant */
    TEST_PROPERTY, /* property against property */
    TEST_LIKE,
    TEST_REFERENCE, /* a reference against an object path, = or <> */
    TEST_ISA,       /* an embedded object is of a class */
};

/* What a test looks at. */
struct subject {
    uint32_t ordinal;
    bool indexed;
    uint32_t index;
    /* What follows the first full stop: found in the embedded object of each row. Owned. */
    wchar_t **inner;
    uint32_t inner_count;
    /* For __RELPATH and __PATH, which are made of the row's keys; NULL otherwise. */
    wchar_t *prefix; /* owned */
    const struct schema *schema;
};

/* A constant to be compared with a property whose type is known only when the row is there: bound
 * to each type that it can be compared with. */
struct late_constant {
    struct cim_value value;
    uint8_t *storage; /* owned */
    bool usable;
};

struct test {
    enum test_kind kind;
    struct test *first_child, *next; /* owned */
    enum truth truth;                /* TEST_CONSTANT */
    enum operator_kind op;           /* TEST_VALUE and TEST_PROPERTY */
    struct subject subject, other;
    struct cim_value value;     /* TEST_VALUE; of the property's type where it fits */
    uint8_t *storage;           /* owned: what the value's string points into */
    struct pattern *pattern;    /* owned; TEST_LIKE */
    struct late_constant *late; /* owned, LATE_TYPE_COUNT; TEST_VALUE of an embedded property */
    wchar_t *class_name;        /* owned; TEST_ISA */
    struct object_path *path;   /* owned; TEST_REFERENCE, whose `value` is the path as written */
};

void subject_done(struct subject *s);
void test_destroy(struct test *t);

/* One row being looked at. Embedded objects met on the way are kept until its end. */
struct held;
struct evaluation {
    void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret);
    const void *from;
    struct held *held;
};
void evaluation_done(struct evaluation *e);
enum truth test_run(const struct test *t, struct evaluation *e);
bool order_fits(enum operator_kind op, int order);

/* ---- embedded objects (embedded.c) ------------------------------------------------------- */

enum {
    LATE_TYPE_COUNT = 14
};
/* Which of the late constants goes with a value of this type; -1: none does. */
int late_type_index(CIMTYPE type);
CIMTYPE late_type(int index);
/* Splits the part of a property's name after its first full stop. */
HRESULT subject_set_inner(struct subject *s, const wchar_t *path);
enum presence {
    VALUE_MISSING, /* no such property: every test of it is unknown */
    VALUE_NULL,
    VALUE_PRESENT,
};
/* Follows s->inner from the value of the outermost property on. */
enum presence embedded_get(const struct subject *s, struct evaluation *e, struct cim_value *value);
/* The row's path. */
enum presence path_get(const struct subject *s, struct evaluation *e, struct cim_value *ret);
/* Is the embedded object of that class? */
enum truth embedded_isa(const struct cim_value *value, const wchar_t *class_name,
                        struct evaluation *e);

struct points {
    bool limited;
    struct cim_value *values;
    uint32_t count;
};

struct wql_plan {
    struct schema *schema;
    struct test *test; /* NULL: everything matches */
    bool *tested;
    bool *selected;
    bool selects_all;
    struct points *points; /* one for each property */
};

/* points.c: which finite sets of values the condition leaves. */
HRESULT plan_find_points(struct wql_plan *p);

#endif
