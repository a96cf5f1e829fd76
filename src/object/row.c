/*
 * Rows: one instance being made, filled by a provider, looked at by a condition,
 * then encoded. Used again and again, so its memory is kept between instances.
 */
#include "object/object_private.h"

/* What cells point to; all of it is forgotten by row_clear(). */
struct chunk {
    struct chunk *next;
    size_t used, size;
    max_align_t bytes[];
};

struct row {
    struct schema *schema;
    struct instance_value *cells, *defaults;
    struct chunk *chunks; /* the newest first; the last one stays */
};

#define CHUNK_SIZE 4000u

static void *row_alloc(struct row *r, size_t size)
{
    size = (size + 7) & ~(size_t)7;
    struct chunk *c = r->chunks;
    if (!c || c->size - c->used < size) {
        size_t room = size > CHUNK_SIZE ? size : CHUNK_SIZE;
        c = malloc(sizeof *c + room);
        if (!c) {
            return NULL;
        }
        c->next = r->chunks;
        c->used = 0;
        c->size = room;
        r->chunks = c;
    }
    void *at = (char *)c->bytes + c->used;
    c->used += size;
    return at;
}

HRESULT row_create(struct schema *s, struct row **ret)
{
    struct row *r = calloc(1, sizeof *r);
    if (!r) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    size_t count = s->property_count + 1u;
    r->schema = schema_ref(s);
    r->cells = calloc(count, sizeof *r->cells);
    r->defaults = calloc(count, sizeof *r->defaults);
    HRESULT hr = r->cells && r->defaults ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    for (uint32_t i = 0; SUCCEEDED(hr) && i < s->property_count; i++) {
        r->defaults[i].is_default = true;
        hr = schema_default(s, i, &r->defaults[i].v);
    }
    if (FAILED(hr)) {
        row_destroy(r);
        return hr;
    }
    row_clear(r);
    *ret = r;
    return WBEM_S_NO_ERROR;
}

void row_destroy(struct row *r)
{
    if (!r) {
        return;
    }
    while (r->chunks) {
        struct chunk *next = r->chunks->next;
        free(r->chunks);
        r->chunks = next;
    }
    schema_unref(r->schema);
    free(r->cells);
    free(r->defaults);
    free(r);
}

void row_clear(struct row *r)
{
    while (r->chunks && r->chunks->next) {
        struct chunk *next = r->chunks->next;
        free(r->chunks);
        r->chunks = next;
    }
    if (r->chunks) {
        r->chunks->used = 0;
    }
    memcpy(r->cells, r->defaults, r->schema->property_count * sizeof *r->cells);
}

struct schema *row_schema(const struct row *r)
{
    return r->schema;
}

void row_get(const struct row *r, uint32_t ordinal, struct cim_value *ret)
{
    *ret = r->cells[ordinal].v;
}

/* ---- setting --------------------------------------------------------------------- */

static HRESULT cell_of(struct row *r, uint32_t ordinal, struct instance_value **ret,
                       CIMTYPE *ret_type)
{
    if (ordinal >= r->schema->property_count) {
        return WBEM_E_NOT_FOUND;
    }
    *ret = &r->cells[ordinal];
    *ret_type = r->schema->properties[ordinal].type;
    return WBEM_S_NO_ERROR;
}

/* A copy of the value whose bytes belong to the row. */
static HRESULT keep(struct row *r, const struct cim_value *v, struct instance_value *cell)
{
    uint32_t size = value_heap_size(v), used = 0;
    uint8_t slot[8];
    HRESULT hr = WBEM_S_NO_ERROR;
    cell->v = *v;
    cell->is_default = false;
    if (size >= ENCODING_SIZE_MAX) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    if (size > 0) {
        uint8_t *bytes = row_alloc(r, size);
        if (!bytes) {
            cell->v = value_null(v->type);
            return WBEM_E_OUT_OF_MEMORY;
        }
        value_write(v, slot, bytes, &used);
        hr = value_at(v->type, slot, (struct heap){bytes, used}, &cell->v);
    }
    return hr;
}

HRESULT row_set_value(struct row *r, uint32_t ordinal, const struct cim_value *v)
{
    struct instance_value *cell;
    struct value converted = {0};
    CIMTYPE type;
    HRESULT hr = cell_of(r, ordinal, &cell, &type);
    if (FAILED(hr)) {
        return hr;
    }
    if (v->null) {
        *cell = (struct instance_value){.v = value_null(type)};
        return WBEM_S_NO_ERROR;
    }
    if (v->type == type) {
        return keep(r, v, cell);
    }
    hr = value_convert(v, type, &converted);
    if (SUCCEEDED(hr)) {
        hr = keep(r, &converted.v, cell);
        value_done(&converted);
    }
    return hr;
}

HRESULT row_set_null(struct row *r, uint32_t ordinal)
{
    struct cim_value v = value_null(CIM_STRING);
    return row_set_value(r, ordinal, &v);
}

HRESULT row_set_sint(struct row *r, uint32_t ordinal, int64_t number)
{
    struct cim_value v = {.type = CIM_SINT64, .sint = number};
    return row_set_value(r, ordinal, &v);
}

HRESULT row_set_uint(struct row *r, uint32_t ordinal, uint64_t number)
{
    struct cim_value v = {.type = CIM_UINT64, .uint = number};
    return row_set_value(r, ordinal, &v);
}

HRESULT row_set_bool(struct row *r, uint32_t ordinal, bool truth)
{
    struct cim_value v = {.type = CIM_BOOLEAN, .sint = truth};
    return row_set_value(r, ordinal, &v);
}

HRESULT row_set_real(struct row *r, uint32_t ordinal, double number)
{
    struct cim_value v = {.type = CIM_REAL64, .real = number};
    return row_set_value(r, ordinal, &v);
}

/* Text of the row's own, as a CIM_STRING. */
static HRESULT keep_utf8(struct row *r, const char *utf8, size_t size, struct cim_value *ret)
{
    bool wide;
    uint32_t bytes = utf8_encoded_size(utf8, size, &wide);
    uint8_t *to = bytes < ENCODING_SIZE_MAX ? row_alloc(r, bytes + 1u) : NULL;
    if (!to) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    utf8_write(utf8, size, wide, to);
    *ret = (struct cim_value){
        .type = CIM_STRING,
        .string = {.bytes = to, .length = wide ? bytes / 2 : bytes, .wide = wide}};
    return WBEM_S_NO_ERROR;
}

HRESULT row_set_string_n(struct row *r, uint32_t ordinal, const char *utf8, size_t size)
{
    struct instance_value *cell;
    struct cim_value v;
    CIMTYPE type;
    HRESULT hr = cell_of(r, ordinal, &cell, &type);
    if (SUCCEEDED(hr)) {
        hr = keep_utf8(r, utf8, size, &v);
    }
    if (FAILED(hr)) {
        return hr;
    }
    if (type == CIM_STRING || type == CIM_REFERENCE) { /* no second copy */
        v.type = type;
        *cell = (struct instance_value){.v = v};
        return WBEM_S_NO_ERROR;
    }
    return row_set_value(r, ordinal, &v);
}

HRESULT row_set_string(struct row *r, uint32_t ordinal, const char *utf8)
{
    return row_set_string_n(r, ordinal, utf8, strlen(utf8));
}

HRESULT row_set_wide(struct row *r, uint32_t ordinal, const wchar_t *text)
{
    struct value v = {0};
    HRESULT hr = value_from_wide(CIM_STRING, text, wcslen(text), &v);
    if (SUCCEEDED(hr)) {
        hr = row_set_value(r, ordinal, &v.v);
        value_done(&v);
    }
    return hr;
}

HRESULT row_set_uint_array(struct row *r, uint32_t ordinal, const uint64_t *numbers, uint32_t count)
{
    struct buffer b = {0};
    struct value v = {0};
    array_begin(&b, CIM_UINT64, count);
    for (uint32_t i = 0; i < count; i++) {
        struct cim_value item = {.type = CIM_UINT64, .uint = numbers[i]};
        array_set(&b, CIM_UINT64, i, &item);
    }
    HRESULT hr = array_end(&b, CIM_UINT64, count, &v);
    if (SUCCEEDED(hr)) {
        hr = row_set_value(r, ordinal, &v.v);
        value_done(&v);
    }
    return hr;
}

HRESULT row_set_string_array(struct row *r, uint32_t ordinal, const char *const *utf8,
                             uint32_t count)
{
    struct buffer b = {0};
    struct value v = {0};
    HRESULT hr = WBEM_S_NO_ERROR;
    array_begin(&b, CIM_STRING, count);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        struct cim_value item;
        hr = keep_utf8(r, utf8[i], strlen(utf8[i]), &item);
        if (SUCCEEDED(hr)) {
            array_set(&b, CIM_STRING, i, &item);
        }
    }
    if (FAILED(hr)) {
        buffer_done(&b);
        return hr;
    }
    hr = array_end(&b, CIM_STRING, count, &v);
    if (SUCCEEDED(hr)) {
        hr = row_set_value(r, ordinal, &v.v);
        value_done(&v);
    }
    return hr;
}

static HRESULT set_datetime(struct row *r, uint32_t ordinal, const struct cim_datetime *d)
{
    char text[26];
    struct instance_value *cell;
    CIMTYPE type;
    HRESULT hr = cell_of(r, ordinal, &cell, &type);
    if (FAILED(hr)) {
        return hr;
    }
    cim_datetime_print(d, text);
    struct cim_value v = {.type = CIM_DATETIME,
                          .string = {.bytes = (const uint8_t *)text, .length = 25}};
    if (type == CIM_STRING) {
        v.type = type;
    }
    return type == v.type ? keep(r, &v, cell) : WBEM_E_TYPE_MISMATCH;
}

HRESULT row_set_datetime(struct row *r, uint32_t ordinal, int64_t microseconds)
{
    struct cim_datetime d = {.microseconds = microseconds,
                             .utc_offset = cim_datetime_local_offset(microseconds)};
    return set_datetime(r, ordinal, &d);
}

HRESULT row_set_interval(struct row *r, uint32_t ordinal, uint64_t microseconds)
{
    struct cim_datetime d = {.interval = true, .microseconds = (int64_t)microseconds};
    return set_datetime(r, ordinal, &d);
}

HRESULT row_encode(const struct row *r, struct schema *as, const uint32_t *map,
                   struct decoration *where, IWbemClassObject **ret)
{
    struct object *o;
    HRESULT hr = instance_build(as, r->cells, map, NULL, where, &o);
    if (SUCCEEDED(hr)) {
        *ret = &o->iface;
    }
    return hr;
}
