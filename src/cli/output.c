/* From an object to its fields, and from there to the chosen format. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "output.h"

/* ---- columns ------------------------------------------------------------------ */

void columns_done(struct columns *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->names[i]);
    }
    free(c->names);
    *c = (struct columns){0};
}

static bool columns_add(struct columns *c, const char *name, size_t length)
{
    char **names = realloc(c->names, (c->count + 1) * sizeof(*names));
    if (!names) {
        return false;
    }
    c->names = names;
    c->names[c->count] = strndup(name, length);
    return c->names[c->count] && ++c->count;
}

static const char *skip_space(const char *text)
{
    while (isspace((unsigned char)*text)) {
        text++;
    }
    return text;
}

/* WMI gives properties in the class's order; people expect the order they wrote. Only a plain
 * list of names is looked at here; anything else is left to the query parser to judge. */
void columns_of_query(const char *query, struct columns *ret)
{
    *ret = (struct columns){0};
    const char *at = skip_space(query);
    if (strncasecmp(at, "select", 6) != 0 || !isspace((unsigned char)at[6])) {
        return;
    }
    at += 6;
    do {
        at = skip_space(at);
        size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_");
        if (length == 0 || !columns_add(ret, at, length)) {
            columns_done(ret);
            return;
        }
        at = skip_space(at + length);
    } while (*at++ == ',');
    if (strncasecmp(at - 1, "from", 4) != 0) {
        columns_done(ret);
    }
}

/* ---- records -------------------------------------------------------------------- */

void record_done(struct record *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->fields[i].name);
        free(r->fields[i].text);
        VariantClear(&r->fields[i].value);
    }
    free(r->fields);
    free(r->class_name);
    *r = (struct record){0};
}

const struct field *record_find(const struct record *r, const char *name)
{
    for (size_t i = 0; i < r->count; i++) {
        if (strcasecmp(r->fields[i].name, name) == 0) {
            return &r->fields[i];
        }
    }
    return NULL;
}

/* Takes the name and the value, also on failure. */
static bool record_add(struct record *r, BSTR name, VARIANT *value, CIMTYPE type)
{
    struct field *fields = realloc(r->fields, (r->count + 1) * sizeof(*fields));
    if (fields) {
        r->fields = fields;
        r->fields[r->count] = (struct field){
            .name = utf8_from_wide(name, SysStringLen(name)),
            .text = value_text(value, type),
            .type = type,
            .value = *value,
        };
        r->count++;
    } else {
        VariantClear(value);
    }
    SysFreeString(name);
    return fields && r->fields[r->count - 1].name && r->fields[r->count - 1].text;
}

static bool add_by_name(struct record *r, IWbemClassObject *object, const char *name)
{
    BSTR wide = bstr_from_utf8(name);
    VARIANT v;
    CIMTYPE type = CIM_EMPTY;
    VariantInit(&v);
    if (!wide || FAILED(IWbemClassObject_Get(object, wide, 0, &v, &type, NULL))) {
        V_VT(&v) = VT_NULL; /* an object of another class lacks it */
    }
    return wide && record_add(r, wide, &v, type);
}

static bool add_all(struct record *r, IWbemClassObject *object, bool system)
{
    LONG which = system ? 0 : WBEM_FLAG_NONSYSTEM_ONLY;
    if (FAILED(IWbemClassObject_BeginEnumeration(object, which))) {
        return false;
    }
    bool fine = true;
    for (;;) {
        BSTR name = NULL;
        VARIANT v;
        CIMTYPE type;
        VariantInit(&v);
        HRESULT hr = IWbemClassObject_Next(object, 0, &name, &v, &type, NULL);
        if (hr != WBEM_S_NO_ERROR) {
            fine = fine && SUCCEEDED(hr);
            break;
        }
        fine = record_add(r, name, &v, type) && fine;
    }
    IWbemClassObject_EndEnumeration(object);
    return fine;
}

static bool is_class(IWbemClassObject *object)
{
    VARIANT v;
    VariantInit(&v);
    return SUCCEEDED(IWbemClassObject_Get(object, L"__GENUS", 0, &v, NULL, NULL)) &&
           V_VT(&v) == VT_I4 && V_I4(&v) == WBEM_GENUS_CLASS;
}

static bool record_of(struct output *o, IWbemClassObject *object, struct record *ret)
{
    *ret = (struct record){0};
    bool fine = true;
    if (!o->columns.count && !o->system && is_class(object)) {
        /* Of a definition the values say little: schema queries are asked for the names. */
        fine = add_by_name(ret, object, "__CLASS") && add_by_name(ret, object, "__SUPERCLASS") &&
               add_by_name(ret, object, "__DYNASTY");
    } else if (o->columns.count) {
        for (size_t i = 0; i < o->columns.count; i++) {
            fine = add_by_name(ret, object, o->columns.names[i]) && fine;
        }
    } else {
        fine = add_all(ret, object, o->system);
    }
    VARIANT v;
    VariantInit(&v);
    if (SUCCEEDED(IWbemClassObject_Get(object, L"__CLASS", 0, &v, NULL, NULL))) {
        ret->class_name = value_text(&v, CIM_STRING);
    }
    VariantClear(&v);
    return fine;
}

/* ---- output ----------------------------------------------------------------------- */

static const struct output_ops *ops_of(enum output_format f)
{
    switch (f) {
    case FORMAT_LIST:
        return &list_output;
    case FORMAT_JSON:
        return &json_output;
    case FORMAT_NDJSON:
        return &ndjson_output;
    case FORMAT_CSV:
        return &csv_output;
    case FORMAT_MOF:
        return &mof_output;
    case FORMAT_AUTO:
    case FORMAT_TABLE:
        break;
    }
    return &table_output;
}

struct output *output_create(const struct options *o, const struct columns *c, FILE *to)
{
    struct output *out = calloc(1, sizeof(*out));
    if (!out) {
        return NULL;
    }
    out->ops = ops_of(o->format);
    out->to = to;
    out->terminal = isatty(fileno(to));
    out->system = o->system;
    out->amended = o->amended;
    if (c) {
        out->columns = *c;
    }
    return out;
}

static bool is_fine(struct output *o)
{
    return fflush(o->to) == 0 && !ferror(o->to);
}

bool output_object(struct output *o, IWbemClassObject *object)
{
    struct record r = {0};
    bool fine = o->ops == &mof_output || record_of(o, object, &r);
    if (fine) {
        o->ops->object(o, object, &r);
        o->objects++;
    }
    record_done(&r); /* whoever wanted to keep it has emptied it */
    return fine && !ferror(o->to);
}

bool output_push(struct output *o)
{
    return is_fine(o);
}

bool output_flush(struct output *o)
{
    if (o->ops->flush) {
        o->ops->flush(o);
    }
    return is_fine(o);
}

bool output_destroy(struct output *o)
{
    if (!o) {
        return true;
    }
    if (o->ops->flush) {
        o->ops->flush(o);
    }
    if (o->ops->end) {
        o->ops->end(o);
    }
    bool fine = is_fine(o);
    for (size_t i = 0; i < o->held_count; i++) {
        record_done(&o->held[i]);
    }
    free(o->held);
    for (size_t i = 0; i < o->table_count; i++) {
        free(o->table_names[i]);
    }
    free(o->table_names);
    free(o->table_widths);
    free(o);
    return fine;
}
