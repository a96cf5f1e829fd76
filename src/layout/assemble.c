/*
 * JSON to the fields of object blocks: paths of errors, places in heaps, strings,
 * values, qualifiers. The reverse of dissect.c.
 */
#include "layout/assemble_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

/* ---- errors
 * -------------------------------------------------------------------------------------- */

void assemble_fail(struct assembly *a, const char *format, ...)
{
    if (a->failed) {
        return;
    }
    char why[160];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(why, sizeof why, format, args);
    va_end(args);
    (void)snprintf(a->error->text, sizeof a->error->text, "%s%s%s", a->path_size ? a->path : "",
                   a->path_size ? ": " : "", why);
    a->failed = true;
}

static size_t extended(struct assembly *a, int added)
{
    size_t mark = a->path_size, room = sizeof a->path - mark;
    a->path_size += added < 0 ? 0 : (size_t)added < room ? (size_t)added : room - 1;
    return mark;
}

size_t enter(struct assembly *a, const char *key)
{
    return extended(a, snprintf(a->path + a->path_size, sizeof a->path - a->path_size, "%s%s",
                                a->path_size ? "." : "", key));
}

size_t enter_index(struct assembly *a, size_t i)
{
    return extended(a, snprintf(a->path + a->path_size, sizeof a->path - a->path_size, "[%zu]", i));
}

void leave(struct assembly *a, size_t mark)
{
    a->path_size = mark;
    a->path[mark] = '\0';
}

/* ---- members
 * -------------------------------------------------------------------------------------- */

void members(struct assembly *a, const json_t *o, const char *names)
{
    if (!json_is_object(o)) {
        assemble_fail(a, "an object is needed");
        return;
    }
    void *i;
    for (i = json_object_iter((json_t *)o); i && !a->failed;
         i = json_object_iter_next((json_t *)o, i)) {
        char name[48];
        const char *key = json_object_iter_key(i);
        int n = snprintf(name, sizeof name, " %s ", key);
        if (n < 0 || (size_t)n >= sizeof name || strchr(key, ' ') || !strstr(names, name)) {
            assemble_fail(a, "there is no member '%.40s' here, only%s", key, names);
        }
    }
}

const json_t *need(struct assembly *a, const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);
    if (!v) {
        assemble_fail(a, "'%s' is missing", key);
    }
    return v;
}

const json_t *need_list(struct assembly *a, const json_t *o, const char *key)
{
    const json_t *v = need(a, o, key);
    if (v && !json_is_array(v)) {
        assemble_fail(a, "'%s' must be a list", key);
    }
    return v;
}

static uint64_t whole(struct assembly *a, const json_t *v, const char *key, uint64_t most)
{
    if (!json_is_integer(v) || json_integer_value(v) < 0 ||
        (uint64_t)json_integer_value(v) > most) {
        assemble_fail(a, "'%s' must be a whole number from 0 to %llu", key,
                      (unsigned long long)most);
        return 0;
    }
    return (uint64_t)json_integer_value(v);
}

uint64_t need_number(struct assembly *a, const json_t *o, const char *key, uint64_t most)
{
    const json_t *v = need(a, o, key);
    return v ? whole(a, v, key, most) : 0;
}

uint64_t number_or(struct assembly *a, const json_t *o, const char *key, uint64_t most,
                   uint64_t otherwise)
{
    const json_t *v = json_object_get(o, key);
    return v ? whole(a, v, key, most) : otherwise;
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void put_hex(struct assembly *a, const json_t *text, struct buffer *out)
{
    const char *s = json_string_value(text);
    size_t size = json_string_length(text);
    if (!s || size % 2 || strspn(s, "0123456789abcdef") != size) {
        assemble_fail(a, "bytes must be an even count of digits 0-9 and a-f");
        return;
    }
    uint8_t *to = buffer_add(out, size / 2);
    for (size_t i = 0; to && i < size; i += 2) {
        to[i / 2] = (uint8_t)(nibble(s[i]) << 4 | nibble(s[i + 1]));
    }
}

/* ---- areas
 * ------------------------------------------------------------------------------------------ */

void area_open(struct area *area)
{
    *area = (struct area){0};
}

void area_done(struct area *area)
{
    free(area->bytes);
    free(area->written);
    area_open(area);
}

static bool area_grow(struct assembly *a, struct area *area, uint64_t size)
{
    if (size > ASSEMBLED_MAX) {
        assemble_fail(a, "a place beyond %u bytes", ASSEMBLED_MAX);
    } else if (size > area->capacity) {
        uint32_t capacity = (uint32_t)size + (uint32_t)size / 2 + 64;
        uint8_t *bytes = realloc(area->bytes, capacity);
        area->bytes = bytes ? bytes : area->bytes;
        uint8_t *written = bytes ? realloc(area->written, capacity) : NULL;
        area->written = written ? written : area->written;
        if (!written) {
            assemble_fail(a, "out of memory");
            return false;
        }
        memset(area->bytes + area->capacity, 0, capacity - area->capacity);
        memset(area->written + area->capacity, 0, capacity - area->capacity);
        area->capacity = capacity;
    }
    if (!a->failed && size > area->size) {
        area->size = (uint32_t)size;
    }
    return !a->failed;
}

uint32_t area_put(struct assembly *a, struct area *area, uint64_t at, const uint8_t *bytes,
                  size_t size)
{
    at = at == ANYWHERE ? area->size : at;
    if (a->failed || size > ASSEMBLED_MAX || !area_grow(a, area, at + size)) {
        assemble_fail(a, "too large");
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        if (area->written[at + i] && area->bytes[at + i] != bytes[i]) {
            assemble_fail(a, "byte %llu is another's already; without \"at\" this goes to the end",
                          (unsigned long long)at + i);
            return 0;
        }
        area->written[at + i] = 1;
        area->bytes[at + i] = bytes[i];
    }
    return (uint32_t)at;
}

uint64_t place(struct assembly *a, const json_t *o)
{
    return number_or(a, o, "at", ASSEMBLED_MAX, ANYWHERE);
}

void area_load(struct assembly *a, struct area *area, const json_t *o, const char *key)
{
    size_t mark = enter(a, key);
    const json_t *form = json_object_get(o, key), *gap;
    size_t i;
    members(a, form, " size gaps unmarked ");
    if (!a->failed) {
        (void)area_grow(a, area, need_number(a, form, "size", ASSEMBLED_MAX));
    }
    json_array_foreach(json_object_get(form, "gaps"), i, gap)
    {
        struct buffer bytes = {0};
        size_t inner = enter(a, "gaps"), item = enter_index(a, i);
        members(a, gap, " at bytes ");
        put_hex(a, need(a, gap, "bytes"), &bytes);
        (void)area_put(a, area, need_number(a, gap, "at", ASSEMBLED_MAX), bytes.bytes, bytes.size);
        buffer_done(&bytes);
        leave(a, item);
        leave(a, inner);
    }
    leave(a, mark);
}

/* ---- strings
 * ------------------------------------------------------------------------------------------ */

/* The next character of UTF-8 that jansson has checked. */
static uint32_t utf8_next(const char *s, size_t *at)
{
    uint8_t c = (uint8_t)s[(*at)++];
    if (c < 0x80) {
        return c;
    }
    unsigned more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    uint32_t v = c & (0x3fu >> more);
    for (; more > 0; more--) {
        v = v << 6 | ((uint8_t)s[(*at)++] & 0x3fu);
    }
    return v;
}

static void put_characters(struct assembly *a, const json_t *text, bool wide, struct buffer *out)
{
    const char *s = json_string_value(text);
    for (size_t at = 0; s && at < json_string_length(text);) {
        uint32_t c = utf8_next(s, &at);
        if (c == 0) {
            assemble_fail(a, "a string can't contain U+0000");
        } else if (!wide && c > 0xff) {
            assemble_fail(a, "U+%04X needs \"utf16\" instead of \"text\"", c);
        } else if (!wide) {
            buffer_u8(out, (uint8_t)c);
        } else if (c > 0xffff) {
            buffer_u16(out, (uint16_t)(0xd7c0 + (c >> 10)));
            buffer_u16(out, (uint16_t)(0xdc00 + (c & 0x3ff)));
        } else {
            buffer_u16(out, (uint16_t)c);
        }
    }
    if (!s) {
        assemble_fail(a, "a text is needed");
    }
}

void assemble_string(struct assembly *a, const json_t *o, struct buffer *out)
{
    const json_t *text = json_object_get(o, "text"), *utf16 = json_object_get(o, "utf16");
    const json_t *units = json_object_get(o, "units");
    if (!text + !utf16 + !units != 2) {
        assemble_fail(a, "one of \"text\", \"utf16\" and \"units\" is needed");
        return;
    }
    buffer_u8(out, !text);
    if (units) {
        uint32_t before = out->size;
        put_hex(a, units, out);
        if (!out->failed && (out->size - before) % 2) {
            assemble_fail(a, "units of UTF-16 have two bytes each");
        }
    } else {
        put_characters(a, text ? text : utf16, !text, out);
    }
    buffer_put(out, "\0", text ? 1 : 2);
}

uint32_t assemble_string_ref(struct assembly *a, const json_t *o, struct area *heap)
{
    if (!o || json_is_null(o)) {
        return REF_NULL;
    }
    const json_t *word = json_object_get(o, "word");
    members(a, o, word ? " word " : " at text utf16 units ");
    if (word) {
        const char *s = json_string_value(word);
        for (unsigned i = 0; s && i < layout_dictionary_size; i++) {
            if (strcmp(layout_dictionary[i], s) == 0) {
                return REF_DICTIONARY | i;
            }
        }
        assemble_fail(a, "\"word\" is none of the well-known strings; use \"text\"");
        return 0;
    }
    struct buffer bytes = {0};
    assemble_string(a, o, &bytes);
    uint32_t at = area_put(a, heap, place(a, o), bytes.bytes, bytes.size);
    buffer_done(&bytes);
    return at;
}

/* ---- values
 * ---------------------------------------------------------------------------------------------- */

static void put_raw(uint64_t raw, unsigned size, uint8_t *slot)
{
    for (unsigned i = 0; i < size; i++) {
        slot[i] = (uint8_t)(raw >> (8 * i));
    }
}

static uint64_t bits_of(struct assembly *a, const json_t *v, unsigned size)
{
    struct buffer out = {0};
    uint64_t raw = 0;
    members(a, v, " bits ");
    put_hex(a, json_object_get(v, "bits"), &out);
    if (!a->failed && out.size != size) {
        assemble_fail(a, "\"bits\" must be %u digits", 2 * size);
    }
    for (unsigned i = 0; !a->failed && i < size; i++) {
        raw = raw << 8 | out.bytes[i];
    }
    buffer_done(&out);
    return raw;
}

static uint64_t real_of(struct assembly *a, const json_t *v, unsigned size)
{
    uint64_t raw = 0;
    double value = json_number_value(v);
    if (!json_is_number(v)) {
        assemble_fail(a, "a number or \"bits\" is needed");
    } else if (size == 4) {
        float single = (float)value;
        uint32_t single_bits;
        memcpy(&single_bits, &single, sizeof single_bits);
        raw = single_bits;
        if (isinf(single)) {
            assemble_fail(a, "the number is too large for a real32");
        }
    } else {
        memcpy(&raw, &value, sizeof raw);
    }
    return raw;
}

static uint64_t integer_of(struct assembly *a, const json_t *v, const struct layout_type *t)
{
    uint64_t most = t->size == 8 ? UINT64_MAX : (1ull << (8 * t->size)) - 1;
    if (t->type == TYPE_BOOLEAN && json_is_boolean(v)) {
        return json_is_true(v) ? 0xffff : 0;
    }
    if (json_is_string(v) && t->size == 8 && !t->is_signed) {
        const char *s = json_string_value(v);
        char *end;
        unsigned long long n = strtoull(s, &end, 10);
        if (s[0] >= '0' && s[0] <= '9' && !*end) {
            return n;
        }
    }
    json_int_t n = json_integer_value(v);
    if (!json_is_integer(v) ||
        (t->is_signed ? n > (json_int_t)(most >> 1) || n < -(json_int_t)(most >> 1) - 1
                      : n < 0 || (uint64_t)n > most)) {
        assemble_fail(a, "it is no %s", t->name);
    }
    return (uint64_t)n;
}

static uint32_t assemble_array(struct assembly *a, const json_t *v, unsigned base,
                               struct area *heap)
{
    struct buffer out = {0};
    const json_t *items = need_list(a, v, "items"), *item;
    size_t i, mark = enter(a, "items");
    unsigned size = layout_size(base);
    members(a, v, " at items ");
    buffer_u32(&out, (uint32_t)json_array_size(items));
    json_array_foreach(items, i, item)
    {
        uint8_t slot[8];
        size_t inner = enter_index(a, i);
        assemble_value(a, item, base, heap, slot);
        buffer_put(&out, slot, size);
        leave(a, inner);
    }
    leave(a, mark);
    uint32_t at = area_put(a, heap, place(a, v), out.bytes, out.size);
    buffer_done(&out);
    return at;
}

static uint32_t assemble_embedded(struct assembly *a, const json_t *v, struct area *heap)
{
    struct buffer out = {0};
    size_t mark = enter(a, "object");
    members(a, v, " at object ");
    buffer_u32(&out, 0);
    assemble_block(a, need(a, v, "object"), NULL, NULL, &out);
    buffer_set_u32(&out, 0, out.size - 4);
    leave(a, mark);
    uint32_t at = out.failed ? 0 : area_put(a, heap, place(a, v), out.bytes, out.size);
    buffer_done(&out);
    return at;
}

void assemble_value(struct assembly *a, const json_t *v, unsigned type, struct area *heap,
                    uint8_t *slot)
{
    unsigned base = type & ~(unsigned)TYPE_ARRAY;
    const struct layout_type *t = layout_type_of(base);
    memset(slot, 0, 8);
    if (a->failed || !t || !v) {
        assemble_fail(a, "a value is needed");
    } else if (base == type && !layout_is_string(base) && base != TYPE_OBJECT) {
        bool is_real = base == TYPE_REAL32 || base == TYPE_REAL64;
        put_raw(is_real && json_is_object(v) ? bits_of(a, v, t->size)
                : is_real                    ? real_of(a, v, t->size)
                                             : integer_of(a, v, t),
                t->size, slot);
    } else if (json_is_null(v)) {
        put_u32(slot, REF_NULL);
    } else if (base != type) {
        put_u32(slot, assemble_array(a, v, base, heap));
    } else {
        put_u32(slot, base == TYPE_OBJECT ? assemble_embedded(a, v, heap)
                                          : assemble_string_ref(a, v, heap));
    }
}

unsigned assemble_type(struct assembly *a, const json_t *o)
{
    const json_t *v = need(a, o, "type");
    const char *name = json_string_value(v);
    size_t length = json_string_length(v);
    bool is_array = length > 2 && strcmp(name + length - 2, "[]") == 0;
    const struct layout_type *t =
        name ? layout_type_named(name, length - (is_array ? 2 : 0)) : NULL;
    if (!t) {
        assemble_fail(a, "'%.40s' is no type", name ? name : "");
        return TYPE_STRING;
    }
    return t->type | (is_array ? TYPE_ARRAY : 0);
}

/* ---- qualifiers
 * ---------------------------------------------------------------------------------------------- */

void assemble_qualifiers(struct assembly *a, const json_t *list, struct area *heap,
                         struct buffer *out)
{
    uint32_t begin = out->size;
    size_t i;
    const json_t *o;
    buffer_u32(out, 0);
    if (!json_is_array(list)) {
        assemble_fail(a, "a list of qualifiers is needed");
    }
    json_array_foreach(list, i, o)
    {
        size_t mark = enter(a, "qualifiers"), inner = enter_index(a, i);
        uint8_t slot[8];
        members(a, o, " name flavor type type_high value ");
        unsigned type = assemble_type(a, o);
        buffer_u32(out, assemble_string_ref(a, need(a, o, "name"), heap));
        buffer_u8(out, (uint8_t)need_number(a, o, "flavor", 255));
        buffer_u16(out, (uint16_t)type);
        buffer_u16(out, (uint16_t)number_or(a, o, "type_high", 0xffff, 0));
        assemble_value(a, need(a, o, "value"), type, heap, slot);
        buffer_put(out, slot, layout_size(type));
        leave(a, inner);
        leave(a, mark);
    }
    buffer_set_u32(out, begin, out->size - begin);
}

void assemble_rest(struct assembly *a, const json_t *o, struct buffer *out)
{
    const json_t *rest = json_object_get(o, "rest");
    if (rest) {
        put_hex(a, rest, out);
    }
}
