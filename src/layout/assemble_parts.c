/* JSON to the parts of an object block: class, methods, instance. The reverse of dissect_parts.c.
 */
#include "layout/assemble_private.h"

static uint32_t nd_size(uint32_t count)
{
    return count ? (count - 1) / 4 + 1 : 0;
}

static unsigned state_of(struct assembly *a, const json_t *o)
{
    const char *text = json_string_value(need(a, o, "state"));
    for (unsigned i = 0; text && i < 4; i++) {
        if (strcmp(layout_states[i], text) == 0) {
            return i;
        }
    }
    assemble_fail(a, "\"state\" must be set, null, default or default null");
    return 0;
}

static void nd_put(uint8_t *nd, uint32_t i, unsigned state)
{
    nd[i / 4] = (uint8_t)(nd[i / 4] | state << (i % 4 * 2));
}

static void put_spare(struct assembly *a, const json_t *o, uint8_t *nd, uint32_t count)
{
    if (count % 4) {
        unsigned free_bits = 8 - count % 4 * 2;
        uint64_t spare = number_or(a, o, "spare", (1u << free_bits) - 1, 0);
        nd[count / 4] = (uint8_t)(nd[count / 4] | spare << (count % 4 * 2));
    }
}

/* The slot of a value that is set. */
static void put_value(struct assembly *a, const json_t *o, unsigned type, uint32_t offset,
                      struct area *table, struct area *heap)
{
    uint8_t slot[8];
    size_t mark = enter(a, "value");
    assemble_value(a, need(a, o, "value"), type, heap, slot);
    (void)area_put(a, table, offset, slot, layout_size(type));
    leave(a, mark);
}

static void put_heap(const json_t *o, const struct area *heap, struct buffer *out)
{
    bool unmarked = json_is_true(json_object_get(json_object_get(o, "heap"), "unmarked"));
    buffer_u32(out, heap->size | (unmarked ? 0 : REF_DICTIONARY));
    buffer_put(out, heap->bytes, heap->size);
}

/* ---- class
 * ------------------------------------------------------------------------------------------ */

static void put_derivation(struct assembly *a, const json_t *o, struct buffer *out)
{
    uint32_t begin = out->size;
    size_t i;
    const json_t *name;
    buffer_u32(out, 0);
    json_array_foreach(need_list(a, o, "derivation"), i, name)
    {
        size_t mark = enter(a, "derivation"), inner = enter_index(a, i);
        uint32_t before = out->size;
        members(a, name, " text utf16 units length ");
        assemble_string(a, name, out);
        buffer_u32(out, (uint32_t)number_or(a, name, "length", UINT32_MAX, out->size - before));
        leave(a, inner);
        leave(a, mark);
    }
    buffer_set_u32(out, begin, out->size - begin);
}

struct class_writing {
    struct area heap, table;
    uint8_t *nd;
    struct buffer lookup;
    struct layout_class *view;
};

static void put_property(struct assembly *a, const json_t *o, struct class_writing *c)
{
    struct buffer info = {0};
    members(a, o, " name at type inherited type_high order offset origin qualifiers state value ");
    unsigned type = assemble_type(a, o), state = state_of(a, o);
    bool inherited = json_is_true(json_object_get(o, "inherited"));
    uint32_t order = (uint32_t)need_number(a, o, "order", 0xffff);
    uint32_t offset = (uint32_t)need_number(a, o, "offset", ASSEMBLED_MAX);
    if (a->failed || order >= c->view->count || c->view->properties[order].there) {
        assemble_fail(a, "\"order\" must be below %u and another for each property",
                      c->view->count);
        return;
    }
    c->view->properties[order].type = type;
    c->view->properties[order].offset = offset;
    c->view->properties[order].name = json_object_get(o, "name");
    c->view->properties[order].there = true;
    buffer_u16(&info, (uint16_t)(type | (inherited ? TYPE_INHERITED : 0)));
    buffer_u16(&info, (uint16_t)number_or(a, o, "type_high", 0xffff, 0));
    buffer_u16(&info, (uint16_t)order);
    buffer_u32(&info, offset);
    buffer_u32(&info, (uint32_t)need_number(a, o, "origin", UINT32_MAX));
    uint32_t name = assemble_string_ref(a, need(a, o, "name"), &c->heap);
    assemble_qualifiers(a, need(a, o, "qualifiers"), &c->heap, &info);
    nd_put(c->nd, order, state);
    if (state == 0) {
        put_value(a, o, type, offset, &c->table, &c->heap);
    } else if (json_object_get(o, "value")) {
        assemble_fail(a, "a value is there, but \"state\" is not set");
    }
    buffer_u32(&c->lookup, name);
    buffer_u32(&c->lookup,
               info.failed ? 0 : area_put(a, &c->heap, place(a, o), info.bytes, info.size));
    buffer_done(&info);
}

static void put_properties(struct assembly *a, const json_t *o, struct class_writing *c)
{
    size_t i;
    const json_t *property;
    json_array_foreach(json_object_get(o, "properties"), i, property)
    {
        size_t mark = enter(a, "properties"), inner = enter_index(a, i);
        put_property(a, property, c);
        leave(a, inner);
        leave(a, mark);
    }
    put_spare(a, o, c->nd, c->view->count);
}

static void put_class_body(struct assembly *a, const json_t *o, struct class_writing *c,
                           struct buffer *out)
{
    struct buffer qualifiers = {0};
    uint32_t begin = out->size, count = c->view->count;
    area_load(a, &c->table, o, "table");
    area_load(a, &c->heap, o, "heap");
    buffer_u32(out, 0);
    buffer_u8(out, (uint8_t)number_or(a, o, "reserved", 255, 0));
    buffer_u32(out, assemble_string_ref(a, need(a, o, "name"), &c->heap));
    uint32_t tables = out->size;
    buffer_u32(out, 0);
    put_derivation(a, o, out);
    assemble_qualifiers(a, need(a, o, "qualifiers"), &c->heap, &qualifiers);
    buffer_put(out, qualifiers.bytes, qualifiers.size);
    put_properties(a, o, c);
    buffer_u32(out, count);
    buffer_put(out, c->lookup.bytes, c->lookup.size);
    buffer_put(out, c->nd, nd_size(count));
    buffer_put(out, c->table.bytes, c->table.size);
    buffer_set_u32(out, tables, nd_size(count) + c->table.size);
    c->view->table_size = c->table.size;
    put_heap(o, &c->heap, out);
    assemble_rest(a, o, out);
    buffer_set_u32(out, begin, out->size - begin);
    out->failed = out->failed || qualifiers.failed || c->lookup.failed;
    buffer_done(&qualifiers);
}

static void put_class_part(struct assembly *a, const json_t *o, struct layout_class *ret,
                           struct buffer *out)
{
    struct layout_class view = {0};
    members(a, o, " reserved name derivation qualifiers properties spare table heap rest ");
    size_t count = json_array_size(need_list(a, o, "properties"));
    if (count > 0xffff) {
        assemble_fail(a, "there are more than 65535 properties");
    }
    if (!a->failed) {
        struct class_writing c = {.view = &view, .nd = calloc(count / 4 + 1, 1)};
        view.count = (uint32_t)count;
        view.properties = calloc(count + 1, sizeof *view.properties);
        if (c.nd && view.properties) {
            put_class_body(a, o, &c, out);
        } else {
            assemble_fail(a, "out of memory");
        }
        area_done(&c.heap);
        area_done(&c.table);
        buffer_done(&c.lookup);
        free(c.nd);
    }
    if (ret) {
        *ret = view;
    } else {
        free(view.properties);
    }
}

/* ---- methods
 * ------------------------------------------------------------------------------------------ */

static uint32_t put_signature(struct assembly *a, const json_t *m, const char *key,
                              struct area *heap)
{
    const json_t *o = need(a, m, key), *object = json_object_get(o, "object");
    struct buffer out = {0};
    if (!o || json_is_null(o)) {
        return REF_NULL;
    }
    size_t mark = enter(a, key);
    members(a, o, " at object ");
    buffer_u32(&out, 0);
    if (object) {
        size_t inner = enter(a, "object");
        assemble_block(a, object, NULL, NULL, &out);
        buffer_set_u32(&out, 0, out.size - 4);
        leave(a, inner);
    }
    uint32_t at = out.failed ? 0 : area_put(a, heap, place(a, o), out.bytes, out.size);
    buffer_done(&out);
    leave(a, mark);
    return at;
}

static void put_method(struct assembly *a, const json_t *o, struct area *heap, struct buffer *out)
{
    const json_t *list = json_object_get(o, "qualifiers");
    uint32_t at = REF_NULL;
    members(a, o, " name flags padding origin qualifiers_at qualifiers in out ");
    buffer_u32(out, assemble_string_ref(a, need(a, o, "name"), heap));
    buffer_u32(out, (uint32_t)(need_number(a, o, "flags", 255) |
                               number_or(a, o, "padding", 0xffffff, 0) << 8));
    buffer_u32(out, (uint32_t)need_number(a, o, "origin", UINT32_MAX));
    if (list) {
        struct buffer set = {0};
        assemble_qualifiers(a, list, heap, &set);
        at = set.failed
                 ? 0
                 : area_put(a, heap, number_or(a, o, "qualifiers_at", ASSEMBLED_MAX, ANYWHERE),
                            set.bytes, set.size);
        buffer_done(&set);
    }
    buffer_u32(out, at);
    buffer_u32(out, put_signature(a, o, "in", heap));
    buffer_u32(out, put_signature(a, o, "out", heap));
}

static void put_methods_part(struct assembly *a, const json_t *o, struct buffer *out)
{
    struct area heap;
    uint32_t begin = out->size;
    size_t i;
    const json_t *m;
    area_open(&heap);
    members(a, o, " padding methods heap rest ");
    const json_t *list = need_list(a, o, "methods");
    if (json_array_size(list) > 0xffff) {
        assemble_fail(a, "there are more than 65535 methods");
    }
    area_load(a, &heap, o, "heap");
    buffer_u32(out, 0);
    buffer_u16(out, (uint16_t)json_array_size(list));
    buffer_u16(out, (uint16_t)number_or(a, o, "padding", 0xffff, 0));
    json_array_foreach(list, i, m)
    {
        size_t mark = enter(a, "methods"), inner = enter_index(a, i);
        put_method(a, m, &heap, out);
        leave(a, inner);
        leave(a, mark);
    }
    put_heap(o, &heap, out);
    assemble_rest(a, o, out);
    buffer_set_u32(out, begin, out->size - begin);
    area_done(&heap);
}

/* ---- instance
 * ------------------------------------------------------------------------------------------- */

/* What is there to read must not say another property than the place does. */
static void check_name(struct assembly *a, const json_t *o, const json_t *name)
{
    const json_t *said = json_object_get(o, "property");
    const json_t *text = json_object_get(name, "text");
    text = text ? text : json_object_get(name, "utf16");
    text = text ? text : json_object_get(name, "word");
    if (said && text && !json_equal(said, text)) {
        assemble_fail(a, "the value in this place is of the property %.60s",
                      json_string_value(text));
    }
}

static void put_values(struct assembly *a, const json_t *o, const struct layout_class *c,
                       uint8_t *nd, struct area *table, struct area *heap)
{
    const json_t *list = need_list(a, o, "values"), *v;
    size_t i;
    if (json_array_size(list) != c->count) {
        assemble_fail(a, "there must be %u values, one for each property of the class", c->count);
    }
    json_array_foreach(list, i, v)
    {
        if (a->failed) {
            return;
        }
        size_t mark = enter(a, "values"), inner = enter_index(a, i);
        unsigned state = state_of(a, v);
        members(a, v, " property state value ");
        check_name(a, v, c->properties[i].name);
        nd_put(nd, (uint32_t)i, state);
        if (state == 0) {
            put_value(a, v, c->properties[i].type, c->properties[i].offset, table, heap);
        } else if (json_object_get(v, "value")) {
            assemble_fail(a, "a value is there, but \"state\" is not set");
        }
        leave(a, inner);
        leave(a, mark);
    }
    put_spare(a, o, nd, c->count);
}

static void put_all_qualifiers(struct assembly *a, const json_t *o, const struct layout_class *c,
                               struct area *heap, struct buffer *out)
{
    const json_t *sets = json_object_get(o, "property_qualifiers"), *set;
    size_t i;
    assemble_qualifiers(a, need(a, o, "qualifiers"), heap, out);
    buffer_u8(out, sets ? 2 : 1);
    if (sets && (!json_is_array(sets) || json_array_size(sets) != c->count)) {
        assemble_fail(a, "\"property_qualifiers\" must have %u lists", c->count);
    }
    json_array_foreach(sets, i, set)
    {
        size_t mark = enter(a, "property_qualifiers"), inner = enter_index(a, i);
        assemble_qualifiers(a, set, heap, out);
        leave(a, inner);
        leave(a, mark);
    }
}

static void put_instance_part(struct assembly *a, const json_t *o, const struct layout_class *c,
                              struct buffer *out)
{
    struct area heap, table;
    struct buffer qualifiers = {0};
    uint32_t begin = out->size;
    uint8_t *nd = calloc(c->count / 4 + 1u, 1);
    area_open(&heap);
    area_open(&table);
    members(a, o, " flags class_name values spare qualifiers property_qualifiers table heap rest ");
    area_load(a, &table, o, "table");
    area_load(a, &heap, o, "heap");
    if (!nd) {
        assemble_fail(a, "out of memory");
    } else if (!a->failed) {
        buffer_u32(out, 0);
        buffer_u8(out, (uint8_t)need_number(a, o, "flags", 255));
        buffer_u32(out, assemble_string_ref(a, need(a, o, "class_name"), &heap));
        put_values(a, o, c, nd, &table, &heap);
        put_all_qualifiers(a, o, c, &heap, &qualifiers);
        if (table.size != c->table_size) {
            assemble_fail(a, "the table of values must have its class's size, %u", c->table_size);
        }
        buffer_put(out, nd, nd_size(c->count));
        buffer_put(out, table.bytes, table.size);
        buffer_put(out, qualifiers.bytes, qualifiers.size);
        put_heap(o, &heap, out);
        assemble_rest(a, o, out);
        buffer_set_u32(out, begin, out->size - begin);
        out->failed = out->failed || qualifiers.failed;
    }
    buffer_done(&qualifiers);
    area_done(&heap);
    area_done(&table);
    free(nd);
}

/* ---- block
 * ---------------------------------------------------------------------------------------------------
 */

static void put_class_and_methods(struct assembly *a, const json_t *o, const char *key,
                                  struct buffer *out)
{
    const json_t *both = need(a, o, key);
    size_t mark = enter(a, key);
    members(a, both, " class methods ");
    size_t inner = enter(a, "class");
    put_class_part(a, need(a, both, "class"), NULL, out);
    leave(a, inner);
    inner = enter(a, "methods");
    put_methods_part(a, need(a, both, "methods"), out);
    leave(a, inner);
    leave(a, mark);
}

static void put_decoration(struct assembly *a, const json_t *o, struct buffer *out)
{
    static const char *const names[] = {"server", "namespace"};
    const json_t *where = need(a, o, "decoration");
    size_t mark = enter(a, "decoration");
    members(a, where, " server namespace ");
    for (int i = 0; i < 2; i++) {
        const json_t *text = need(a, where, names[i]);
        size_t inner = enter(a, names[i]);
        members(a, text, " text utf16 units ");
        assemble_string(a, text, out);
        leave(a, inner);
    }
    leave(a, mark);
}

static void put_instance(struct assembly *a, const json_t *o, const struct layout_class *known,
                         struct layout_class *ret_class, struct buffer *out)
{
    struct layout_class own = {0};
    if (!known) {
        size_t mark = enter(a, "class");
        put_class_part(a, need(a, o, "class"), &own, out);
        leave(a, mark);
    }
    size_t mark = enter(a, "instance");
    if (!a->failed) {
        put_instance_part(a, need(a, o, "instance"), known ? known : &own, out);
    }
    leave(a, mark);
    if (ret_class) {
        *ret_class = own;
    } else {
        free(own.properties);
    }
}

void assemble_block(struct assembly *a, const json_t *o, const struct layout_class *known,
                    struct layout_class *ret_class, struct buffer *out)
{
    uint64_t flags = need_number(a, o, "flags", 255);
    bool is_instance = (flags & FLAG_INSTANCE) != 0, decorated = (flags & FLAG_DECORATED) != 0;
    if (a->depth >= DEPTH_MAX) {
        assemble_fail(a, "objects are in objects too many times");
    }
    members(a, o,
            is_instance && known ? " flags decoration instance rest "
            : is_instance        ? " flags decoration class instance rest "
                                 : " flags decoration parent class rest ");
    if (!decorated && json_object_get(o, "decoration")) {
        assemble_fail(a, "a decoration is there, but \"flags\" has no bit 4");
    }
    if (a->failed) {
        return;
    }
    a->depth++;
    buffer_u8(out, (uint8_t)flags);
    if (decorated) {
        put_decoration(a, o, out);
    }
    if (is_instance) {
        put_instance(a, o, known, ret_class, out);
    } else {
        put_class_and_methods(a, o, "parent", out);
        put_class_and_methods(a, o, "class", out);
    }
    assemble_rest(a, o, out);
    a->depth--;
}
