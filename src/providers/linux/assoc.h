/*
 * Associations between live classes. An association is asked as a query on one
 * class, the one that drives it: each of its rows gives one instance, or as
 * many as expand() finds. Conditions on either end become conditions on the
 * driving class, so that who asks for one end reads what leads there alone.
 */
#ifndef WBEM_PROVIDERS_LINUX_ASSOC_H
#define WBEM_PROVIDERS_LINUX_ASSOC_H

#include "providers/provider.h"

enum assoc_end_kind {
    ASSOC_ROW,    /* the driving row itself */
    ASSOC_SYSTEM, /* this Win32_ComputerSystem */
    ASSOC_KEYS,   /* an object whose keys the row's columns give */
    ASSOC_FOUND,  /* what expand() finds; as ASSOC_KEYS, but columns are not used */
};

/* What a key of the end is. */
enum assoc_key_kind {
    ASSOC_COLUMN, /* the column's value, a text */
    ASSOC_NUMBER, /* the column's value, a number */
    ASSOC_FOLDER, /* of a file's path with a slash at its end: that without the slash */
    ASSOC_HOST,   /* this machine's name */
};

struct assoc_key {
    const char *name; /* NULL: there is none */
    enum assoc_key_kind kind;
    const char *column; /* NULL for ASSOC_HOST and with ASSOC_FOUND */
};

enum {
    ASSOC_KEY_LIMIT = 2,
    ASSOC_NUMBER_LIMIT = 2
};

struct assoc_end {
    enum assoc_end_kind kind;
    const char *class_name;                 /* of ASSOC_KEYS and ASSOC_FOUND */
    struct assoc_key keys[ASSOC_KEY_LIMIT]; /* of those, in the order of the class's path */
};

/* What expand() found for a row: the value of the end's key that is not ASSOC_HOST, and what goes
 * into the columns after the ends. */
struct assoc_found {
    char *key; /* UTF-8; NULL: left out after all */
    uint64_t numbers[ASSOC_NUMBER_LIMIT];
};

struct assoc_list {
    struct assoc_found *items;
    size_t count;
};

/* Takes `key` (NULL: out of memory), also on failure. */
HRESULT assoc_list_add(struct assoc_list *l, char *key, uint64_t first, uint64_t second);
/* Is the key among them? */
struct assoc_found *assoc_list_find(const struct assoc_list *l, const char *key);
void assoc_list_done(struct assoc_list *l);

struct association {
    struct provider_class provider; /* its columns: the two ends, then numbers */
    struct assoc_end ends[2];
    const char *const *driving; /* classes, one after another; ends with NULL */
    const char *where;          /* condition on the driving class; NULL: none */
    const char *const *columns; /* others of the driving class that expand() looks at; NULL: none */
    /* With an ASSOC_FOUND end. *ret_state is given to expand() and done(); may stay NULL. */
    HRESULT (*start)(const struct provider_request *q, void **ret_state);
    HRESULT (*expand)(void *state, const struct provider_inner *row, struct assoc_list *ret);
    void (*done)(void *state);
    /* The same association driven from the other end, for when a condition limits that. */
    const struct association *reverse;
};

/* The provider of an association, for struct association. */
#define ASSOC_PROVIDER(class_name, ...)                                                            \
    {                                                                                              \
        .name = (class_name), .columns = (const char *const[]){__VA_ARGS__, NULL},                 \
        .open = assoc_open, .next = assoc_next, .close = assoc_close                               \
    }
#define ASSOC_DRIVING(...)                                                                         \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

HRESULT assoc_open(const struct provider_request *q, void **ret);
HRESULT assoc_next(void *cursor, struct provider_row *row);
void assoc_close(void *cursor);

#endif
