/*
 * A table: on a terminal with aligned columns, as a list when it would be
 * wider than the terminal; elsewhere one line an object with tabs between,
 * easy to cut. Rows are held back only until the widths are known.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "output.h"

enum {
    HELD_ROWS = 64,     /* rows looked at before the widths are settled */
    DEFAULT_WIDTH = 80, /* of a terminal that doesn't tell */
};

static size_t terminal_width(FILE *to)
{
    struct winsize w = {0};
    if (ioctl(fileno(to), TIOCGWINSZ, &w) != 0 || w.ws_col == 0) {
        return DEFAULT_WIDTH;
    }
    return w.ws_col;
}

/* ---- elsewhere: tabs --------------------------------------------------------------- */

/* The columns of the first object are those of all. */
static bool settle_names(struct output *o, const struct record *r)
{
    o->table_names = calloc(r->count ? r->count : 1, sizeof(*o->table_names));
    o->table_widths = calloc(r->count ? r->count : 1, sizeof(*o->table_widths));
    if (!o->table_names || !o->table_widths) {
        return false;
    }
    for (size_t i = 0; i < r->count; i++) {
        o->table_names[i] = strdup(r->fields[i].name);
        if (!o->table_names[i]) {
            return false;
        }
        o->table_count++;
    }
    return true;
}

static void put_plain(struct output *o, const struct record *r)
{
    for (size_t i = 0; i < o->table_count; i++) {
        if (i) {
            fputc('\t', o->to);
        }
        const struct field *f = r ? record_find(r, o->table_names[i]) : NULL;
        put_visible(o->to, r ? (f ? f->text : "") : o->table_names[i]);
    }
    fputc('\n', o->to);
}

/* ---- a terminal: aligned ------------------------------------------------------------- */

static bool is_number(CIMTYPE type)
{
    switch (type) {
    case CIM_SINT8:
    case CIM_UINT8:
    case CIM_SINT16:
    case CIM_UINT16:
    case CIM_SINT32:
    case CIM_UINT32:
    case CIM_SINT64:
    case CIM_UINT64:
    case CIM_REAL32:
    case CIM_REAL64:
        return true;
    default:
        return false;
    }
}

static void put_padding(FILE *to, size_t count)
{
    for (; count; count--) {
        fputc(' ', to);
    }
}

static void put_cell(struct output *o, size_t column, const char *text, bool right)
{
    size_t width = visible_width(text);
    size_t padding = o->table_widths[column] > width ? o->table_widths[column] - width : 0;
    if (column) {
        fputs("  ", o->to);
    }
    if (right) {
        put_padding(o->to, padding);
    }
    put_visible(o->to, text);
    if (!right && column + 1 < o->table_count) {
        put_padding(o->to, padding);
    }
}

static void put_aligned(struct output *o, const struct record *r, const struct record *types)
{
    for (size_t i = 0; i < o->table_count; i++) {
        const struct field *f = record_find(types, o->table_names[i]);
        const struct field *shown = r ? record_find(r, o->table_names[i]) : NULL;
        const char *text = r ? (shown ? shown->text : "") : o->table_names[i];
        put_cell(o, i, text, f && is_number(f->type));
    }
    fputc('\n', o->to);
}

static void settle_widths(struct output *o)
{
    for (size_t i = 0; i < o->table_count; i++) {
        o->table_widths[i] = visible_width(o->table_names[i]);
        for (size_t k = 0; k < o->held_count; k++) {
            const struct field *f = record_find(&o->held[k], o->table_names[i]);
            size_t width = f ? visible_width(f->text) : 0;
            o->table_widths[i] = width > o->table_widths[i] ? width : o->table_widths[i];
        }
    }
}

static bool fits(const struct output *o)
{
    size_t width = 0;
    for (size_t i = 0; i < o->table_count; i++) {
        width += o->table_widths[i] + (i ? 2 : 0);
    }
    return width <= terminal_width(o->to);
}

static void table_flush(struct output *o)
{
    if (!o->held_count) {
        return;
    }
    if (!o->table_started) {
        o->table_started = true;
        if (!settle_names(o, &o->held[0])) {
            return;
        }
        settle_widths(o);
        o->as_list = !fits(o) && o->table_count > 1;
        if (!o->as_list) {
            put_aligned(o, NULL, &o->held[0]);
        }
    }
    for (size_t i = 0; i < o->held_count; i++) {
        if (o->as_list) {
            list_record(o, &o->held[i]);
        } else {
            put_aligned(o, &o->held[i], &o->held[i]);
        }
        record_done(&o->held[i]);
    }
    o->held_count = 0;
}

static void table_object(struct output *o, IWbemClassObject *object, struct record *r)
{
    if (!o->terminal) {
        if (!o->table_started) {
            o->table_started = true;
            if (!settle_names(o, r)) {
                return;
            }
            put_plain(o, NULL);
        }
        put_plain(o, r);
        return;
    }
    if (!o->held) {
        o->held = calloc(HELD_ROWS, sizeof(*o->held));
        if (!o->held) {
            return;
        }
    }
    o->held[o->held_count++] = *r;
    *r = (struct record){0}; /* kept */
    if (o->table_started || o->held_count == HELD_ROWS) {
        table_flush(o);
    }
}

const struct output_ops table_output = {.object = table_object, .flush = table_flush};
