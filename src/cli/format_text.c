/* The formats that need no look ahead: list, CSV, MOF. */
#include <stdlib.h>
#include <string.h>

#include "output.h"

/* ---- list: a line a property, an empty line between objects ---------------------- */

void list_record(struct output *o, const struct record *r)
{
    size_t widest = 0;
    for (size_t i = 0; i < r->count; i++) {
        size_t width = visible_width(r->fields[i].name);
        widest = width > widest ? width : widest;
    }
    for (size_t i = 0; i < r->count; i++) {
        const struct field *f = &r->fields[i];
        fprintf(o->to, "%-*s : ", (int)widest, f->name);
        put_visible(o->to, f->text);
        fputc('\n', o->to);
    }
    fputc('\n', o->to);
}

static void list_object(struct output *o, IWbemClassObject *object, struct record *r)
{
    list_record(o, r);
}

const struct output_ops list_output = {.object = list_object};

/* ---- CSV by RFC 4180; the columns of the first object are those of all -------------- */

static void put_csv(FILE *to, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, to);
        return;
    }
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"') {
            fputc('"', to);
        }
        fputc(*text, to);
    }
    fputc('"', to);
}

static void csv_header(struct output *o, const struct record *r)
{
    o->table_names = calloc(r->count ? r->count : 1, sizeof(*o->table_names));
    for (size_t i = 0; o->table_names && i < r->count; i++) {
        o->table_names[i] = strdup(r->fields[i].name);
        if (!o->table_names[i]) {
            return;
        }
        o->table_count++;
        fputs(i ? "," : "", o->to);
        put_csv(o->to, r->fields[i].name);
    }
    fputs("\r\n", o->to);
}

static void csv_object(struct output *o, IWbemClassObject *object, struct record *r)
{
    if (!o->table_started) {
        o->table_started = true;
        csv_header(o, r);
    }
    for (size_t i = 0; i < o->table_count; i++) {
        const struct field *f = record_find(r, o->table_names[i]);
        fputs(i ? "," : "", o->to);
        put_csv(o->to, f ? f->text : "");
    }
    fputs("\r\n", o->to);
}

const struct output_ops csv_output = {.object = csv_object};

/* ---- MOF ------------------------------------------------------------------------------ */

static void mof_object(struct output *o, IWbemClassObject *object, struct record *r)
{
    BSTR mof = NULL;
    if (FAILED(IWbemClassObject_GetObjectText(object, 0, &mof))) {
        return;
    }
    char *text = utf8_from_wide(mof, SysStringLen(mof));
    if (text) {
        fputs(text, o->to);
    }
    free(text);
    SysFreeString(mof);
}

const struct output_ops mof_output = {.object = mof_object};
