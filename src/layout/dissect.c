/*
 * Object blocks, [MS-WMIO] 2.2.5, to JSON. Each field is read in its place; what
 * no field covers (gaps in heaps and tables, bytes behind a part) is kept as
 * hexadecimal digits beside it.
 */
#include "layout/dissect_private.h"

#include <stdio.h>

void dissect_fail(struct dissection *d, const char *why)
{
    if (!d->failed) {
        (void)snprintf(d->error->text, sizeof d->error->text, "%s", why);
    }
    d->failed = true;
}

const uint8_t *take(struct dissection *d, struct span *from, size_t n)
{
    static const uint8_t zeros[64];
    if (d->failed || n > from->left) {
        dissect_fail(d, "the bytes end within a field");
        /* Callers take headers and slots: smaller than that, and never looked at again. */
        return zeros;
    }
    const uint8_t *at = from->at;
    from->at += n;
    from->left -= n;
    return at;
}

struct span part(struct dissection *d, struct span *from, size_t least)
{
    uint32_t size = from->left >= 4 ? get_u32(from->at) : 0;
    struct span inner = {from->at, size};
    if (d->failed || size < least || size > from->left) {
        dissect_fail(d, "a part's length is not that of its contents");
        return (struct span){0};
    }
    from->at += size;
    from->left -= size;
    return inner;
}

void put(struct dissection *d, json_t *o, const char *key, json_t *value)
{
    if (json_object_set_new(o, key, value) != 0) {
        dissect_fail(d, "out of memory");
    }
}

void append(struct dissection *d, json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) != 0) {
        dissect_fail(d, "out of memory");
    }
}

json_t *hex(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * size + 1);
    for (size_t i = 0; text && i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *v = text ? json_stringn(text, 2 * size) : NULL;
    free(text);
    return v;
}

/* ---- regions that fields lie about in: heaps and tables ------------------------------------ */

void region_open(struct dissection *d, struct region *r, const uint8_t *bytes, uint32_t size)
{
    *r = (struct region){.bytes = bytes, .size = size, .covered = calloc((size_t)size + 1, 1)};
    if (!r->covered) {
        dissect_fail(d, "out of memory");
        r->size = 0;
    }
}

const uint8_t *region_take(struct dissection *d, struct region *r, size_t at, size_t n)
{
    struct span s = {r->bytes, r->size};
    if (at > r->size) {
        dissect_fail(d, "a reference points beyond its heap");
        at = r->size;
    }
    s.at += at;
    s.left -= at;
    const uint8_t *bytes = take(d, &s, n);
    if (!d->failed && n > 0) {
        memset(r->covered + at, 1, n);
    }
    return bytes;
}

void region_close(struct dissection *d, struct region *r, json_t *o)
{
    json_t *gaps = json_array();
    for (uint32_t i = 0; i < r->size;) {
        uint32_t from = i;
        while (i < r->size && !r->covered[i]) {
            i++;
        }
        if (i > from) {
            json_t *gap = json_object();
            put(d, gap, "at", json_integer(from));
            put(d, gap, "bytes", hex(r->bytes + from, i - from));
            append(d, gaps, gap);
        }
        i += i == from;
    }
    put(d, o, "size", json_integer(r->size));
    if (json_array_size(gaps) > 0) {
        put(d, o, "gaps", gaps);
    } else {
        json_decref(gaps);
    }
    free(r->covered);
    r->covered = NULL;
}

/* ---- strings --------------------------------------------------------------------------------- */

static size_t utf8_put(uint32_t c, char *to)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const uint8_t first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n - 1; i > 0; i--, c >>= 6) {
        to[i] = (char)(0x80 | (c & 0x3f));
    }
    to[0] = (char)(first[n] | c);
    return n;
}

/* NULL without failure where surrogates stand alone, which JSON has no text for. */
static json_t *utf16_text(struct dissection *d, const uint8_t *p, size_t units)
{
    char *text = malloc(units * 3 + 1);
    size_t size = 0;
    if (!text) {
        dissect_fail(d, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < units; i++) {
        uint32_t c = get_u16(p + 2 * i);
        if ((c & 0xfc00) == 0xd800 && i + 1 < units &&
            (get_u16(p + 2 * (i + 1)) & 0xfc00) == 0xdc00) {
            c = 0x10000 + ((c & 0x3ff) << 10) + (get_u16(p + 2 * ++i) & 0x3ffu);
        } else if ((c & 0xf800) == 0xd800) {
            free(text);
            return NULL;
        }
        size += utf8_put(c, text + size);
    }
    json_t *v = json_stringn(text, size);
    free(text);
    if (!v) {
        dissect_fail(d, "out of memory");
    }
    return v;
}

static json_t *latin1_text(struct dissection *d, const uint8_t *p, size_t length)
{
    char *text = malloc(length * 2 + 1);
    size_t size = 0;
    for (size_t i = 0; text && i < length; i++) {
        size += utf8_put(p[i], text + size);
    }
    json_t *v = text ? json_stringn(text, size) : NULL;
    free(text);
    if (!v) {
        dissect_fail(d, "out of memory");
    }
    return v;
}

/* 2.2.78: its size with flag and terminator; 0 when there is none. */
static size_t string_size(const uint8_t *p, size_t left)
{
    if (left < 2 || p[0] > 1) {
        return 0;
    }
    size_t step = p[0] == 1 ? 2 : 1;
    for (size_t at = 1; at + step <= left; at += step) {
        if (p[at] == 0 && (step == 1 || p[at + 1] == 0)) {
            return at + step;
        }
    }
    return 0;
}

static void put_text(struct dissection *d, json_t *o, const uint8_t *p, size_t size)
{
    if (p[0] == 0) {
        put(d, o, "text", latin1_text(d, p + 1, size - 2));
        return;
    }
    json_t *text = utf16_text(d, p + 1, (size - 3) / 2);
    if (text) {
        put(d, o, "utf16", text);
    } else {
        put(d, o, "units", hex(p + 1, size - 3));
    }
}

size_t dissect_string(struct dissection *d, struct span *from, json_t *o)
{
    size_t size = d->failed ? 0 : string_size(from->at, from->left);
    if (size == 0) {
        dissect_fail(d, "a string has no end");
        return 0;
    }
    put_text(d, o, take(d, from, size), size);
    return size;
}

json_t *dissect_string_ref(struct dissection *d, struct region *heap, uint32_t ref)
{
    json_t *o;
    if (ref == REF_NULL) {
        return json_null();
    }
    o = json_object();
    if (ref & REF_DICTIONARY) {
        uint32_t i = ref & ~REF_DICTIONARY;
        if (i >= layout_dictionary_size) {
            dissect_fail(d, "a well-known string is none of those there are");
            i = 0;
        }
        put(d, o, "word", json_string(layout_dictionary[i]));
        return o;
    }
    size_t size = ref < heap->size ? string_size(heap->bytes + ref, heap->size - ref) : 0;
    if (size == 0) {
        dissect_fail(d, "a reference to a string points to none");
        return o;
    }
    put(d, o, "at", json_integer(ref));
    put_text(d, o, region_take(d, heap, ref, size), size);
    return o;
}

/* ---- values ------------------------------------------------------------------------------------
 */

static json_t *bits(uint64_t value, unsigned size)
{
    char text[24];
    json_t *o = json_object();
    (void)snprintf(text, sizeof text, "%0*llx", (int)size * 2, (unsigned long long)value);
    (void)json_object_set_new(o, "bits", json_string(text));
    return o;
}

static json_t *real(const uint8_t *slot, unsigned size)
{
    uint64_t raw = size == 4 ? get_u32(slot) : get_u64(slot);
    uint64_t exponent = size == 4 ? (raw >> 23) & 0xff : (raw >> 52) & 0x7ff;
    if (exponent == (size == 4 ? 0xff : 0x7ff)) {
        return bits(raw, size); /* infinity and what is no number are not JSON */
    }
    double value;
    if (size == 4) {
        uint32_t single_bits = (uint32_t)raw;
        float single;
        memcpy(&single, &single_bits, sizeof single);
        value = single;
    } else {
        memcpy(&value, &raw, sizeof value);
    }
    return json_real(value);
}

static json_t *number(unsigned base, const uint8_t *slot)
{
    const struct layout_type *t = layout_type_of(base);
    if (base == TYPE_REAL32 || base == TYPE_REAL64) {
        return real(slot, t->size);
    }
    uint64_t raw = t->size == 1   ? slot[0]
                   : t->size == 2 ? get_u16(slot)
                   : t->size == 4 ? get_u32(slot)
                                  : get_u64(slot);
    if (base == TYPE_BOOLEAN && (raw == 0 || raw == 0xffff)) {
        return json_boolean(raw != 0);
    }
    if (t->is_signed) {
        unsigned shift = 64 - 8 * t->size;
        return json_integer((json_int_t)((int64_t)(raw << shift) >> shift));
    }
    char text[24];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)raw);
    return raw > INT64_MAX ? json_string(text) : json_integer((json_int_t)raw);
}

static json_t *array(struct dissection *d, unsigned base, uint32_t ref, struct region *heap)
{
    json_t *o = json_object(), *items = json_array();
    unsigned size = layout_size(base);
    uint32_t count = get_u32(region_take(d, heap, ref, 4));
    put(d, o, "at", json_integer(ref));
    if (!d->failed && count > (heap->size - ref - 4) / size) {
        dissect_fail(d, "an array goes beyond its heap");
    }
    for (uint32_t i = 0; !d->failed && i < count; i++) {
        append(
            d, items,
            dissect_value(d, base, region_take(d, heap, ref + 4 + (size_t)i * size, size), heap));
    }
    put(d, o, "items", items);
    return o;
}

static json_t *embedded(struct dissection *d, uint32_t ref, struct region *heap)
{
    json_t *o = json_object();
    uint32_t size = get_u32(region_take(d, heap, ref, 4));
    put(d, o, "at", json_integer(ref));
    if (!d->failed && size > heap->size - ref - 4) {
        dissect_fail(d, "an object goes beyond its heap");
    }
    if (!d->failed) {
        memset(heap->covered + ref + 4, 1, size);
        put(d, o, "object", dissect_block(d, (struct span){heap->bytes + ref + 4, size}));
    }
    return o;
}

json_t *dissect_value(struct dissection *d, unsigned type, const uint8_t *slot, struct region *heap)
{
    unsigned base = type & ~(unsigned)TYPE_ARRAY;
    if (layout_size(type) == 0) {
        dissect_fail(d, "a value has no known type");
    }
    if (d->failed) {
        return json_null();
    }
    if (base == type && !layout_is_string(base) && base != TYPE_OBJECT) {
        return number(base, slot);
    }
    uint32_t ref = get_u32(slot);
    if (ref == REF_NULL) {
        return json_null();
    }
    if (base != type) {
        return array(d, base, ref, heap);
    }
    return base == TYPE_OBJECT ? embedded(d, ref, heap) : dissect_string_ref(d, heap, ref);
}

void put_type(struct dissection *d, json_t *o, unsigned type)
{
    const struct layout_type *t = layout_type_of(type & ~(unsigned)TYPE_ARRAY);
    char text[24];
    if (!t) {
        dissect_fail(d, "a type is none of those there are");
        return;
    }
    (void)snprintf(text, sizeof text, "%s%s", t->name, type & TYPE_ARRAY ? "[]" : "");
    put(d, o, "type", json_string(text));
}

/* ---- qualifiers
 * ----------------------------------------------------------------------------------- */

json_t *dissect_qualifiers(struct dissection *d, struct span *from, struct region *heap)
{
    json_t *list = json_array();
    struct span set = part(d, from, 4);
    (void)take(d, &set, 4);
    while (!d->failed && set.left > 0) {
        json_t *o = json_object();
        const uint8_t *fixed = take(d, &set, QUALIFIER_FIXED);
        unsigned type = get_u16(fixed + 5), high = get_u16(fixed + 7);
        put(d, o, "name", dissect_string_ref(d, heap, get_u32(fixed)));
        put(d, o, "flavor", json_integer(fixed[4]));
        put_type(d, o, type);
        if (high) {
            put(d, o, "type_high", json_integer(high));
        }
        put(d, o, "value", dissect_value(d, type, take(d, &set, layout_size(type)), heap));
        append(d, list, o);
    }
    return list;
}

json_t *dissect_qualifiers_at(struct dissection *d, struct region *heap, size_t at)
{
    uint32_t size = get_u32(region_take(d, heap, at, 4));
    struct span s = {region_take(d, heap, at, d->failed ? 0 : size), d->failed ? 0 : size};
    return dissect_qualifiers(d, &s, heap);
}

void put_rest(struct dissection *d, json_t *o, const struct span *rest)
{
    if (!d->failed && rest->left > 0) {
        put(d, o, "rest", hex(rest->at, rest->left));
    }
}
