/* The parts of an object block to JSON: class ([MS-WMIO] 2.2.15), methods (2.2.38), instance
 * (2.2.53). */
#include "layout/dissect_private.h"

/* A heap's length field and its bytes; `o` gets the bit of the length that is set by custom. */
static void open_heap(struct dissection *d, struct span *from, struct region *heap, json_t *o)
{
    uint32_t length = get_u32(take(d, from, 4));
    uint32_t size = length & ~REF_DICTIONARY;
    if (!d->failed && size > from->left) {
        dissect_fail(d, "a heap is longer than its part");
    }
    size = d->failed ? 0 : size;
    region_open(d, heap, from->at, size);
    from->at += size;
    from->left -= size;
    if (!(length & REF_DICTIONARY)) {
        put(d, o, "unmarked", json_true());
    }
}

/* 2.2.17 */
static json_t *derivation(struct dissection *d, struct span *from)
{
    json_t *list = json_array();
    struct span inner = part(d, from, 4);
    (void)take(d, &inner, 4);
    while (!d->failed && inner.left > 0) {
        json_t *o = json_object();
        size_t size = dissect_string(d, &inner, o);
        uint32_t length = get_u32(take(d, &inner, 4)); /* 2.2.18: the string's, flag included */
        if (length != size) {
            put(d, o, "length", json_integer(length));
        }
        append(d, list, o);
    }
    return list;
}

static unsigned state_of(const uint8_t *nd, uint32_t i)
{
    return (unsigned)(nd[i / 4] >> (i % 4 * 2)) & 3u;
}

static uint32_t nd_size(uint32_t count)
{
    return count ? (count - 1) / 4 + 1 : 0;
}

static void put_spare(struct dissection *d, json_t *o, const uint8_t *nd, uint32_t count)
{
    unsigned spare = count % 4 && !d->failed ? nd[count / 4] >> (count % 4 * 2) : 0;
    if (spare) {
        put(d, o, "spare", json_integer(spare));
    }
}

/* The state and value of a property; a slot whose state says that it has none is a gap. */
static void put_value(struct dissection *d, json_t *o, const struct property *p, unsigned state,
                      struct region *table, struct region *heap)
{
    put(d, o, "state", json_string(layout_states[state]));
    if (state == 0) {
        put(d, o, "value",
            dissect_value(d, p->type, region_take(d, table, p->offset, layout_size(p->type)),
                          heap));
    }
}

/* ---- class --------------------------------------------------------------------------------------
 */

struct class_reading {
    struct region heap, table;
    const uint8_t *nd;
    struct class_view *view;
};

static json_t *property(struct dissection *d, struct class_reading *c, const uint8_t *lookup)
{
    json_t *o = json_object(), *name = dissect_string_ref(d, &c->heap, get_u32(lookup));
    uint32_t at = get_u32(lookup + 4);
    const uint8_t *info = region_take(d, &c->heap, at, PROPERTY_INFO);
    unsigned type = get_u16(info) & ~(unsigned)TYPE_INHERITED, order = get_u16(info + 4);
    put(d, o, "name", name);
    put(d, o, "at", json_integer(at));
    put_type(d, o, type);
    if (get_u16(info) & TYPE_INHERITED) {
        put(d, o, "inherited", json_true());
    }
    if (get_u16(info + 2)) {
        put(d, o, "type_high", json_integer(get_u16(info + 2)));
    }
    put(d, o, "order", json_integer(order));
    put(d, o, "offset", json_integer(get_u32(info + 6)));
    put(d, o, "origin", json_integer(get_u32(info + 10)));
    put(d, o, "qualifiers", dissect_qualifiers_at(d, &c->heap, (size_t)at + PROPERTY_INFO));
    if (!d->failed && order >= c->view->count) {
        dissect_fail(d, "a property's place among the others is beyond them");
    }
    if (!d->failed) {
        c->view->properties[order] = (struct property){type, get_u32(info + 6), name};
        put_value(d, o, &c->view->properties[order], state_of(c->nd, order), &c->table, &c->heap);
    }
    return o;
}

static void class_body(struct dissection *d, json_t *o, struct span *s, struct class_view *view,
                       const uint8_t *header)
{
    struct class_reading c = {.view = view};
    json_t *derived = derivation(d, s), *heap = json_object(), *table = json_object();
    json_t *properties = json_array();
    struct span qualifiers = *s;
    (void)part(d, s, 4);
    uint32_t count = get_u32(take(d, s, 4)), tables = get_u32(header + 9);
    if (!d->failed && (count > 0xffff || s->left / 8 < count || tables < nd_size(count) ||
                       s->left - (size_t)count * 8 < tables)) {
        dissect_fail(d, "a class's tables are longer than the class");
    }
    count = d->failed ? 0 : count;
    tables = d->failed ? 0 : tables;
    struct span lookup = {s->at, (size_t)count * 8};
    s->at += (size_t)count * 8 + tables;
    s->left -= (size_t)count * 8 + tables;
    c.nd = lookup.at + lookup.left;
    region_open(d, &c.table, c.nd + nd_size(count), tables - nd_size(count));
    open_heap(d, s, &c.heap, heap);
    *view = (struct class_view){calloc(count + 1u, sizeof *view->properties), count,
                                tables - nd_size(count)};
    if (!view->properties) {
        dissect_fail(d, "out of memory");
    }

    put(d, o, "name", dissect_string_ref(d, &c.heap, get_u32(header + 5)));
    put(d, o, "derivation", derived);
    put(d, o, "qualifiers", dissect_qualifiers(d, &qualifiers, &c.heap));
    while (!d->failed && lookup.left > 0) {
        append(d, properties, property(d, &c, take(d, &lookup, 8)));
    }
    put(d, o, "properties", properties);
    put_spare(d, o, c.nd, count);
    region_close(d, &c.table, table);
    put(d, o, "table", table);
    region_close(d, &c.heap, heap);
    put(d, o, "heap", heap);
}

json_t *dissect_class_part(struct dissection *d, struct span *from, struct class_view *ret)
{
    json_t *o = json_object();
    struct class_view view = {0};
    struct span s = part(d, from, CLASS_HEADER);
    const uint8_t *header = take(d, &s, CLASS_HEADER);
    if (header[4]) {
        put(d, o, "reserved", json_integer(header[4]));
    }
    class_body(d, o, &s, &view, header);
    put_rest(d, o, &s);
    if (ret) {
        *ret = view;
    } else {
        free(view.properties);
    }
    return o;
}

/* ---- methods
 * ---------------------------------------------------------------------------------------- */

/* 2.2.70 */
static json_t *signature(struct dissection *d, struct region *heap, uint32_t ref)
{
    if (ref == REF_NULL) {
        return json_null();
    }
    json_t *o = json_object();
    uint32_t size = get_u32(region_take(d, heap, ref, 4));
    put(d, o, "at", json_integer(ref));
    if (!d->failed && size > heap->size - ref - 4) {
        dissect_fail(d, "a method's signature goes beyond its heap");
    }
    if (!d->failed && size > 0) {
        memset(heap->covered + ref + 4, 1, size);
        put(d, o, "object", dissect_block(d, (struct span){heap->bytes + ref + 4, size}));
    }
    return o;
}

static json_t *method(struct dissection *d, struct region *heap, const uint8_t *m)
{
    json_t *o = json_object();
    uint32_t qualifiers = get_u32(m + 12), padding = get_u32(m + 4) >> 8;
    put(d, o, "name", dissect_string_ref(d, heap, get_u32(m)));
    put(d, o, "flags", json_integer(m[4]));
    if (padding) {
        put(d, o, "padding", json_integer(padding));
    }
    put(d, o, "origin", json_integer(get_u32(m + 8)));
    if (qualifiers != REF_NULL) {
        put(d, o, "qualifiers_at", json_integer(qualifiers));
        put(d, o, "qualifiers", dissect_qualifiers_at(d, heap, qualifiers));
    }
    put(d, o, "in", signature(d, heap, get_u32(m + 16)));
    put(d, o, "out", signature(d, heap, get_u32(m + 20)));
    return o;
}

json_t *dissect_methods_part(struct dissection *d, struct span *from)
{
    json_t *o = json_object(), *list = json_array(), *heap_form = json_object();
    struct region heap;
    struct span s = part(d, from, 12);
    const uint8_t *header = take(d, &s, 8);
    uint32_t count = get_u16(header + 4), padding = get_u16(header + 6);
    if (!d->failed && s.left / METHOD < count) {
        dissect_fail(d, "there are fewer methods than their count");
    }
    count = d->failed ? 0 : count;
    struct span methods = {s.at, (size_t)count * METHOD};
    s.at += methods.left;
    s.left -= methods.left;
    open_heap(d, &s, &heap, heap_form);
    while (!d->failed && methods.left > 0) {
        append(d, list, method(d, &heap, take(d, &methods, METHOD)));
    }
    if (padding) {
        put(d, o, "padding", json_integer(padding));
    }
    put(d, o, "methods", list);
    region_close(d, &heap, heap_form);
    put(d, o, "heap", heap_form);
    put_rest(d, o, &s);
    return o;
}

/* ---- instance
 * ------------------------------------------------------------------------------------------ */

static json_t *property_qualifiers(struct dissection *d, struct span *s, uint32_t count,
                                   struct region *heap)
{
    json_t *list = json_array();
    for (uint32_t i = 0; !d->failed && i < count; i++) {
        append(d, list, dissect_qualifiers(d, s, heap));
    }
    return list;
}

static json_t *values(struct dissection *d, const struct class_view *c, const uint8_t *nd,
                      struct region *table, struct region *heap)
{
    json_t *list = json_array();
    for (uint32_t i = 0; !d->failed && i < c->count; i++) {
        json_t *o = json_object();
        if (c->properties[i].name) {
            const json_t *text = json_object_get(c->properties[i].name, "text");
            text = text ? text : json_object_get(c->properties[i].name, "utf16");
            if (text) {
                put(d, o, "property", json_string(json_string_value(text)));
            }
        }
        put_value(d, o, &c->properties[i], state_of(nd, i), table, heap);
        append(d, list, o);
    }
    return list;
}

json_t *dissect_instance_part(struct dissection *d, struct span *from, const struct class_view *c)
{
    json_t *o = json_object(), *table_form = json_object(), *heap_form = json_object();
    struct region heap, table;
    struct span s = part(d, from, INSTANCE_HEADER);
    const uint8_t *header = take(d, &s, INSTANCE_HEADER);
    if (!d->failed && s.left < (size_t)nd_size(c->count) + c->table_size) {
        dissect_fail(d, "an instance is shorter than its class's tables");
    }
    uint32_t tables = d->failed ? 0 : nd_size(c->count) + c->table_size;
    const uint8_t *nd = s.at;
    region_open(d, &table, s.at + (d->failed ? 0 : nd_size(c->count)),
                d->failed ? 0 : c->table_size);
    s.at += tables;
    s.left -= tables;
    struct span own = s, of_properties;
    (void)part(d, &s, 4);
    uint8_t flag = *take(d, &s, 1);
    of_properties = s;
    for (uint32_t i = 0; flag == 2 && !d->failed && i < c->count; i++) {
        (void)part(d, &s, 4);
    }
    open_heap(d, &s, &heap, heap_form);

    put(d, o, "flags", json_integer(header[4]));
    put(d, o, "class_name", dissect_string_ref(d, &heap, get_u32(header + 5)));
    put(d, o, "values", values(d, c, nd, &table, &heap));
    put_spare(d, o, nd, c->count);
    put(d, o, "qualifiers", dissect_qualifiers(d, &own, &heap));
    if (flag == 2) { /* 2.2.65 */
        put(d, o, "property_qualifiers", property_qualifiers(d, &of_properties, c->count, &heap));
    }
    region_close(d, &table, table_form);
    put(d, o, "table", table_form);
    region_close(d, &heap, heap_form);
    put(d, o, "heap", heap_form);
    put_rest(d, o, &s);
    return o;
}

/* ---- block
 * ------------------------------------------------------------------------------------------------
 */

static json_t *class_and_methods(struct dissection *d, struct span *from)
{
    json_t *o = json_object();
    put(d, o, "class", dissect_class_part(d, from, NULL));
    put(d, o, "methods", dissect_methods_part(d, from));
    return o;
}

static json_t *decoration(struct dissection *d, struct span *from)
{
    json_t *o = json_object(), *server = json_object(), *name_space = json_object();
    dissect_string(d, from, server);
    dissect_string(d, from, name_space);
    put(d, o, "server", server);
    put(d, o, "namespace", name_space);
    return o;
}

static void instance(struct dissection *d, json_t *o, struct span *s,
                     const struct class_view *known, struct class_view *ret_class)
{
    struct class_view own = {0};
    if (!known) {
        put(d, o, "class", dissect_class_part(d, s, &own));
    }
    put(d, o, "instance", dissect_instance_part(d, s, known ? known : &own));
    if (ret_class) {
        *ret_class = own;
    } else {
        free(own.properties);
    }
}

json_t *dissect_object(struct dissection *d, struct span s, const struct class_view *known,
                       struct class_view *ret_class)
{
    json_t *o = json_object();
    uint8_t flags = *take(d, &s, 1);
    if (++d->depth > DEPTH_MAX) {
        dissect_fail(d, "objects are in objects too many times");
    }
    put(d, o, "flags", json_integer(flags));
    if (flags & FLAG_DECORATED) {
        put(d, o, "decoration", decoration(d, &s));
    }
    if (flags & FLAG_INSTANCE) {
        instance(d, o, &s, known, ret_class);
    } else {
        put(d, o, "parent", class_and_methods(d, &s));
        put(d, o, "class", class_and_methods(d, &s));
    }
    put_rest(d, o, &s);
    d->depth--;
    return o;
}

json_t *dissect_block(struct dissection *d, struct span block)
{
    return dissect_object(d, block, NULL, NULL);
}
