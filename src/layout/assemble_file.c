/* A document of encoded objects to its bytes: the reverse of dissect_file.c. */
#include "layout/assemble_private.h"

#include <stdio.h>

/* The classes of the instances so far, by the part that brought them. */
struct brought {
    struct layout_class *classes; /* one for each part; without properties: none */
    size_t count;
};

/* What stands around a part counts its bytes. */
static void check_size(struct assembly *a, const json_t *o, uint32_t size)
{
    uint64_t wanted = number_or(a, o, "size", ASSEMBLED_MAX, size);
    if (!a->failed && wanted != size) {
        assemble_fail(a,
                      "it has %u bytes now, but those around it count %llu; leave them and "
                      "\"size\" out to encode it alone",
                      size, (unsigned long long)wanted);
    }
}

static void put_unit(struct assembly *a, const json_t *o, struct buffer *out)
{
    size_t mark = enter(a, "unit");
    uint32_t begin = out->size;
    members(a, o, " unit size ");
    buffer_u32(out, 0x12345678); /* [MS-WMIO] 2.2.77 */
    buffer_u32(out, 0);
    assemble_block(a, json_object_get(o, "unit"), NULL, NULL, out);
    buffer_set_u32(out, begin + 4, out->size - begin - 8);
    leave(a, mark);
    check_size(a, o, out->size - begin);
}

static void put_object(struct assembly *a, const json_t *o, struct brought *b, size_t part,
                       struct buffer *out)
{
    const struct layout_class *known = NULL;
    uint32_t begin = out->size;
    members(a, o, " object class_of size ");
    if (json_object_get(o, "class_of")) {
        uint64_t of = need_number(a, o, "class_of", UINT32_MAX);
        known = of < part && b->classes[of].properties ? &b->classes[of] : NULL;
        if (!known) {
            assemble_fail(a, "\"class_of\" must be the number of an earlier part that has an "
                             "instance with its class, from 0");
        }
    }
    size_t mark = enter(a, "object");
    assemble_block(a, json_object_get(o, "object"), known, &b->classes[part], out);
    leave(a, mark);
    check_size(a, o, out->size - begin);
}

static void put_part(struct assembly *a, const json_t *o, struct brought *b, size_t part,
                     struct buffer *out)
{
    if (json_object_get(o, "unit")) {
        put_unit(a, o, out);
    } else if (json_object_get(o, "object")) {
        put_object(a, o, b, part, out);
    } else {
        members(a, o, " bytes ");
        put_hex(a, need(a, o, "bytes"), out);
    }
}

bool layout_assemble(const json_t *document, struct buffer *out, struct layout_error *ret_error)
{
    struct assembly a = {.error = ret_error};
    struct brought b = {0};
    size_t i;
    const json_t *o;
    members(&a, document, " wmio parts ");
    if (!a.failed && need_number(&a, document, "wmio", 1) != 1) {
        assemble_fail(&a, "\"wmio\" must be 1, the version of this form");
    }
    const json_t *parts = need_list(&a, document, "parts");
    b.count = json_array_size(parts);
    b.classes = calloc(b.count + 1, sizeof *b.classes);
    if (!b.classes) {
        assemble_fail(&a, "out of memory");
    }
    json_array_foreach(parts, i, o)
    {
        if (a.failed) {
            break;
        }
        size_t mark = enter(&a, "parts"), inner = enter_index(&a, i);
        put_part(&a, o, &b, i, out);
        leave(&a, inner);
        leave(&a, mark);
    }
    for (i = 0; b.classes && i < b.count; i++) {
        free(b.classes[i].properties);
    }
    free(b.classes);
    if (out->failed) {
        assemble_fail(&a, "out of memory");
    }
    return !a.failed;
}
