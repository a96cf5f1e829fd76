/*
 * JSON: an array of objects, or one object a line (NDJSON). Numbers are
 * numbers, also the 64-bit ones that the API hands out as strings; only what
 * JSON libraries could not hold (above 2^63 - 1) stays a string.
 */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static json_t *text_value(const char *text)
{
    json_t *v = json_string(text);
    if (v) {
        return v;
    }
    /* Bytes that are not UTF-8 can't be in JSON: each is shown as U+FFFD. */
    char *clean = malloc(3 * strlen(text) + 1);
    if (!clean) {
        return NULL;
    }
    size_t size = 0;
    for (const char *c = text; *c;) {
        size_t run = 1;
        while (run < 4 && c[run] && ((unsigned char)c[run] & 0xc0) == 0x80) {
            run++;
        }
        json_t *one = json_stringn(c, run);
        if (one) {
            memcpy(clean + size, c, run);
            size += run;
            json_decref(one);
        } else {
            memcpy(clean + size, "\xef\xbf\xbd", 3);
            size += 3;
            run = 1;
        }
        c += run;
    }
    v = json_stringn(clean, size);
    free(clean);
    return v;
}

static json_t *integer_value(const char *text)
{
    errno = 0;
    char *end;
    long long n = strtoll(text, &end, 10);
    return errno || *end || end == text ? json_string(text) : json_integer(n);
}

static json_t *scalar_value(const VARIANT *v, CIMTYPE type)
{
    if (V_VT(v) == VT_NULL || V_VT(v) == VT_EMPTY) {
        return json_null();
    }
    char *text = value_text(v, type);
    if (!text) {
        return NULL;
    }
    json_t *value;
    switch (type) {
    case CIM_BOOLEAN:
        value = json_boolean(V_BOOL(v));
        break;
    case CIM_STRING:
    case CIM_DATETIME:
    case CIM_REFERENCE:
    case CIM_OBJECT:
        value = text_value(text);
        break;
    case CIM_REAL32:
    case CIM_REAL64: {
        json_t *number = json_real(strtod(text, NULL));
        value = number ? number : json_null(); /* NaN and infinity are not JSON */
        break;
    }
    default:
        value = integer_value(text);
        break;
    }
    free(text);
    return value;
}

static json_t *array_value(const VARIANT *v, CIMTYPE type)
{
    json_t *items = json_array();
    LONG low = 0;
    LONG high = -1;
    SafeArrayGetLBound(V_ARRAY(v), 1, &low);
    SafeArrayGetUBound(V_ARRAY(v), 1, &high);
    for (LONG i = low; items && i <= high; i++) {
        VARIANT element;
        VariantInit(&element);
        if (FAILED(SafeArrayGetElement(V_ARRAY(v), &i, &V_UI1(&element)))) {
            continue;
        }
        V_VT(&element) = V_VT(v) & VT_TYPEMASK;
        json_array_append_new(items, scalar_value(&element, type & ~CIM_FLAG_ARRAY));
        VariantClear(&element);
    }
    return items;
}

static void put_record(struct output *o, const struct record *r, size_t flags)
{
    json_t *object = json_object();
    for (size_t i = 0; object && i < r->count; i++) {
        const struct field *f = &r->fields[i];
        json_t *value = V_ISARRAY(&f->value) ? array_value(&f->value, f->type)
                                             : scalar_value(&f->value, f->type);
        json_object_set_new(object, f->name, value);
    }
    json_dumpf(object, o->to, flags | JSON_REAL_PRECISION(17));
    json_decref(object);
}

static void json_object_out(struct output *o, IWbemClassObject *object, struct record *r)
{
    fputs(o->objects ? ",\n" : "[\n", o->to);
    put_record(o, r, JSON_INDENT(2));
}

static void json_end(struct output *o)
{
    fputs(o->objects ? "\n]\n" : "[]\n", o->to);
}

static void ndjson_object(struct output *o, IWbemClassObject *object, struct record *r)
{
    put_record(o, r, JSON_COMPACT);
    fputc('\n', o->to);
}

const struct output_ops json_output = {.object = json_object_out, .end = json_end};
const struct output_ops ndjson_output = {.object = ndjson_object};
