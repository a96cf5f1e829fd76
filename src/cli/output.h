/* What the output formats share. */
#ifndef WBEM_CLI_OUTPUT_H
#define WBEM_CLI_OUTPUT_H

#include "cli.h"

/* One property of one object, ready to show. */
struct field {
    char *name;
    char *text; /* "" when null */
    CIMTYPE type;
    VARIANT value;
};

struct record {
    struct field *fields;
    size_t count;
    char *class_name;
};

struct output {
    const struct output_ops *ops;
    FILE *to;
    bool terminal;
    bool system;
    bool amended;
    struct columns columns; /* as asked for; count 0: each object's own */
    size_t objects;         /* shown so far */
    /* Tables: rows held back until the columns' widths are known. */
    struct record *held;
    size_t held_count;
    char **table_names; /* of the columns now shown */
    size_t *table_widths;
    size_t table_count;
    bool table_started;
    bool as_list; /* a terminal's table turned out too wide */
};

struct output_ops {
    /* Each may leave errors to ferror(). */
    void (*object)(struct output *o, IWbemClassObject *object, struct record *r);
    void (*flush)(struct output *o);
    void (*end)(struct output *o);
};

extern const struct output_ops table_output, list_output, json_output, ndjson_output, csv_output,
    mof_output;

void record_done(struct record *r);
/* The field of that name, without regard to case, or NULL. */
const struct field *record_find(const struct record *r, const char *name);
void list_record(struct output *o, const struct record *r);

#endif
