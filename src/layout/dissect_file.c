/*
 * A file of encoded objects to JSON: the parts it is made of, of which objects are
 * taken apart and what the protocols put around them is kept as it is.
 */
#include "layout/dissect_private.h"

#include <stdio.h>

enum {
    UNIT_HEADER = 8,
    UNIT_SIGNATURE = 0x12345678,   /* [MS-WMIO] 2.2.77 */
    OBJREF_SIGNATURE = 0x574f454d, /* [MS-DCOM] 2.2.18 */
    CUSTOM_HEADER = 48,            /* 2.2.18.6 before the data */
    MARSHALED_HEADER = 8,
    ARRAY_HEADERS = 46, /* [MS-WMI] 2.2.14 */
    ARRAY_COUNT_AT = 42,
    OBJECT_HEADERS = 9 + 8,
    INSTANCE_ID = 16,
};

static void put_bytes(struct dissection *d, json_t *parts, struct span *from, size_t n)
{
    n = n < from->left ? n : from->left;
    if (!d->failed && n > 0) {
        json_t *o = json_object();
        put(d, o, "bytes", hex(from->at, n));
        append(d, parts, o);
        from->at += n;
        from->left -= n;
    }
}

static void put_unit(struct dissection *d, json_t *parts, struct span *from, bool fixed)
{
    json_t *o = json_object();
    uint32_t size = get_u32(take(d, from, UNIT_HEADER) + 4);
    if (!d->failed && size > from->left) {
        dissect_fail(d, "a unit is cut off");
    }
    size = d->failed ? 0 : size;
    put(d, o, "unit", dissect_block(d, (struct span){from->at, size}));
    if (fixed) {
        put(d, o, "size", json_integer((json_int_t)size + UNIT_HEADER));
    }
    append(d, parts, o);
    from->at += size;
    from->left -= size;
    put_bytes(d, parts, from, from->left);
}

/* ---- batches, [MS-WMI] 2.2.14 -------------------------------------------------------------------
 */

/* Classes that came, by their ids. */
struct classes {
    struct {
        const uint8_t *id;
        size_t part; /* where in the document it is */
        struct class_view view;
    } * items;
    size_t count;
};

static void put_object(struct dissection *d, json_t *parts, struct span *from, struct classes *c)
{
    if (from->left < OBJECT_HEADERS) {
        dissect_fail(d, "a batch ends within an object");
        return;
    }
    uint8_t type = from->at[8];
    size_t headers = OBJECT_HEADERS + (type == 1 ? 0 : INSTANCE_ID);
    uint32_t size = get_u32(from->at + 13), outer = get_u32(from->at + 4);
    if (from->left < headers || size > from->left - headers || outer > from->left - 9 ||
        outer < headers - 9 + size) {
        dissect_fail(d, "an object of a batch is longer than the batch");
        return;
    }
    const uint8_t *id = from->at + OBJECT_HEADERS;
    size_t behind = outer - (headers - 9 + size), k = c->count;
    put_bytes(d, parts, from, headers);
    json_t *o = json_object();
    struct span block = {from->at, size};
    if (type == 3) {
        while (k > 0 && memcmp(c->items[k - 1].id, id, INSTANCE_ID) != 0) {
            k--;
        }
        if (k == 0) {
            dissect_fail(d, "an instance's class is not in the batch");
        } else {
            put(d, o, "object", dissect_object(d, block, &c->items[k - 1].view, NULL));
            put(d, o, "class_of", json_integer((json_int_t)c->items[k - 1].part));
        }
    } else {
        struct class_view view = {0};
        put(d, o, "object", dissect_object(d, block, NULL, &view));
        if (type == 2) {
            c->items[c->count].id = id;
            c->items[c->count].part = json_array_size(parts);
            c->items[c->count++].view = view;
        }
    }
    put(d, o, "size", json_integer(size));
    append(d, parts, o);
    from->at += size;
    from->left -= size;
    put_bytes(d, parts, from, behind);
}

static void put_array(struct dissection *d, json_t *parts, struct span *from)
{
    uint32_t count = from->left < ARRAY_HEADERS ? 0 : get_u32(from->at + ARRAY_COUNT_AT);
    size_t most = from->left / OBJECT_HEADERS + 1;
    struct classes c = {.items = calloc(most, sizeof *c.items)};
    if (!c.items) {
        dissect_fail(d, "out of memory");
        return;
    }
    put_bytes(d, parts, from, ARRAY_HEADERS);
    for (uint32_t i = 0; !d->failed && i < count; i++) {
        put_object(d, parts, from, &c);
    }
    put_bytes(d, parts, from, from->left);
    for (size_t i = 0; i < c.count; i++) {
        free(c.items[i].view.properties);
    }
    free(c.items);
}

/* ---- which wrapping
 * -------------------------------------------------------------------------------- */

static bool has(struct span s, size_t at, uint32_t signature)
{
    return s.left >= at + 4 && get_u32(s.at + at) == signature;
}

static void put_reference(struct dissection *d, json_t *parts, struct span *from, size_t before)
{
    if (!has(*from, before + CUSTOM_HEADER, UNIT_SIGNATURE)) {
        dissect_fail(d, "a reference has no unit in it");
        return;
    }
    put_bytes(d, parts, from, before + CUSTOM_HEADER);
    put_unit(d, parts, from, true);
}

static void put_parts(struct dissection *d, json_t *parts, struct span *s)
{
    if (has(*s, 0, UNIT_SIGNATURE) && s->left >= UNIT_HEADER) {
        put_unit(d, parts, s, false);
    } else if (has(*s, 0, OBJREF_SIGNATURE)) {
        put_reference(d, parts, s, 0);
    } else if (has(*s, MARSHALED_HEADER, OBJREF_SIGNATURE)) {
        put_reference(d, parts, s, MARSHALED_HEADER);
    } else if (s->left >= 12 && memcmp(s->at + 4, "WBEMDATA", 8) == 0) {
        put_array(d, parts, s);
    } else {
        json_t *o = json_object();
        put(d, o, "object", dissect_block(d, *s));
        append(d, parts, o);
    }
}

json_t *layout_dissect(const uint8_t *bytes, size_t size, struct layout_error *ret_error)
{
    struct dissection d = {.error = ret_error};
    struct span s = {bytes, size};
    json_t *o = json_object(), *parts = json_array();
    put(&d, o, "wmio", json_integer(1));
    put_parts(&d, parts, &s);
    put(&d, o, "parts", parts);
    if (d.failed) {
        json_decref(o);
        return NULL;
    }
    return o;
}
