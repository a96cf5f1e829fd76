/*
 * Objects to object blocks and back, [MS-WMIO] 2.2.5.
 */
#include "object/object_private.h"

/* 2.2.38 with the least in every field. */
#define METHODS_PART_MINIMUM 12u

/* ---- writing ------------------------------------------------------------------------ */

static void write_class_and_methods(const struct schema *s, struct buffer *out)
{
    static const uint8_t no_class[CLASS_PART_MINIMUM] = {
        29, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, /* ClassHeader */
        4,  0, 0, 0, 4, 0,    0,    0,    0,    0, 0, 0, 0, 0, 0, 0x80};
    buffer_put(out, s ? s->class_part : no_class, s ? s->class_part_size : sizeof no_class);
    if (s && s->methods_part) {
        buffer_put(out, s->methods_part, s->methods_part_size);
    } else {
        buffer_put(out, empty_methods_part, sizeof empty_methods_part);
    }
}

static HRESULT write_block(struct object *o, struct schema *s, struct buffer *out)
{
    /* Room for the header that makes it a struct block. */
    buffer_add(out, sizeof(struct block));
    buffer_u8(out, (uint8_t)((o->is_class ? FLAG_CLASS : FLAG_INSTANCE) |
                             (o->where ? FLAG_DECORATED : 0) | o->wire_flags));
    if (o->where) {
        buffer_put(out, o->where->encoded, o->where->encoded_size);
    }
    if (o->is_class) {
        write_class_and_methods(s->parent, out);
        write_class_and_methods(s, out);
    } else {
        buffer_put(out, s->class_part, s->class_part_size);
        buffer_put(out, o->part, o->part_size);
    }
    return out->failed ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}

HRESULT object_encoding(IWbemClassObject *object, const uint8_t **ret, uint32_t *ret_size)
{
    struct object_extras *e;
    struct schema *s;
    struct object *o = object_is_ours(object) ? object_of(object) : NULL;
    if (!o) {
        return WBEM_E_INVALID_PARAMETER;
    }
    if (o->wire_size > 0) {
        *ret = o->bytes;
        *ret_size = o->wire_size;
        return WBEM_S_NO_ERROR;
    }

    HRESULT hr = o->is_class ? WBEM_S_NO_ERROR : instance_flush(o);
    if (SUCCEEDED(hr)) {
        hr = object_extras(o, &e);
    }
    if (SUCCEEDED(hr)) {
        hr = object_schema(o, &s);
    }
    if (FAILED(hr)) {
        return hr;
    }
    struct block *b = atomic_load_explicit(&e->block, memory_order_acquire), *none = NULL;
    if (!b) {
        struct buffer out = {0};
        hr = write_block(o, s, &out);
        if (FAILED(hr)) {
            buffer_done(&out);
            return hr;
        }
        b = (struct block *)(void *)out.bytes; /* from malloc, so aligned */
        b->size = out.size - (uint32_t)sizeof *b;
        if (!atomic_compare_exchange_strong_explicit(&e->block, &none, b, memory_order_acq_rel,
                                                     memory_order_acquire)) {
            free(b);
            b = none;
        }
    }
    *ret = b->bytes;
    *ret_size = b->size;
    return WBEM_S_NO_ERROR;
}

/* ---- reading -------------------------------------------------------------------------- */

/* A block being taken apart. */
struct decoding {
    const uint8_t *bytes;
    size_t at, size;
    struct check *check;
};

/* ClassPart and, in a class, MethodsPart. */
static HRESULT read_class_and_methods(struct decoding *d, bool methods, struct schema *parent,
                                      struct schema **ret)
{
    size_t class_size, methods_size = 0;
    const uint8_t *class_part = d->bytes + d->at;
    HRESULT hr = part_size(class_part, d->size - d->at, CLASS_PART_MINIMUM, &class_size);
    if (FAILED(hr)) {
        return hr;
    }
    d->at += class_size;
    if (methods) {
        hr = part_size(d->bytes + d->at, d->size - d->at, METHODS_PART_MINIMUM, &methods_size);
        if (FAILED(hr)) {
            return hr;
        }
        d->at += methods_size;
    }
    return schema_parse(class_part, class_size, methods ? class_part + class_size : NULL,
                        methods_size, parent, d->check, ret);
}

/* 2.2.11: the superclass, which stands there without a name when there is none, then the class. */
static HRESULT read_class(struct decoding *d, struct schema **ret)
{
    struct schema *parent = NULL;
    HRESULT hr = read_class_and_methods(d, true, NULL, &parent);
    if (FAILED(hr)) {
        return hr;
    }
    hr = read_class_and_methods(d, true, parent->name ? parent : NULL, ret);
    schema_unref(parent);
    return hr;
}

static HRESULT read_instance(struct decoding *d, struct schema **ret, size_t *ret_part,
                             size_t *ret_size, struct instance_layout *ret_layout)
{
    HRESULT hr = read_class_and_methods(d, false, NULL, ret);
    if (FAILED(hr)) {
        return hr;
    }
    *ret_part = d->at;
    hr = part_size(d->bytes + d->at, d->size - d->at, INSTANCE_PART_MINIMUM, ret_size);
    if (SUCCEEDED(hr)) {
        hr = instance_check(*ret, d->bytes + d->at, *ret_size, d->check, ret_layout);
    }
    if (FAILED(hr)) {
        schema_unref(*ret);
    }
    return hr;
}

HRESULT object_decode_checked(const uint8_t *bytes, size_t size, struct check *check,
                              struct object **ret)
{
    struct decoding d = {bytes, 1, size, check};
    struct decoration *where = NULL;
    struct schema *s = NULL;
    struct instance_layout layout = {0};
    size_t used = 0, part = 0, part_length = 0;
    if (size < 1 || size > ENCODING_SIZE_MAX || size > check->budget) {
        return WBEM_E_INVALID_OBJECT;
    }
    check->budget -= size;
    bool is_class = (bytes[0] & FLAG_CLASS) != 0;
    if (is_class == ((bytes[0] & FLAG_INSTANCE) != 0)) {
        return WBEM_E_INVALID_OBJECT;
    }

    HRESULT hr = WBEM_S_NO_ERROR;
    if (bytes[0] & FLAG_DECORATED) {
        hr = decoration_parse(bytes + d.at, size - d.at, &where, &used);
        d.at += used;
    }
    if (SUCCEEDED(hr)) {
        hr = is_class ? read_class(&d, &s) : read_instance(&d, &s, &part, &part_length, &layout);
    }
    struct object *o = SUCCEEDED(hr) ? object_alloc(size) : NULL;
    if (!o) {
        decoration_unref(where);
        if (SUCCEEDED(hr)) {
            schema_unref(s);
            hr = WBEM_E_OUT_OF_MEMORY;
        }
        return hr;
    }
    memcpy(o->bytes, bytes, size);
    o->is_class = is_class;
    o->wire_flags = bytes[0] & FLAGS_PROTOTYPE;
    o->wire_size = (uint32_t)size;
    o->where = where;
    atomic_init(&o->schema, s);
    if (!is_class) {
        o->part = o->bytes + part;
        o->part_size = (uint32_t)part_length;
        o->layout = layout;
    }
    *ret = o;
    return WBEM_S_NO_ERROR;
}

HRESULT object_decode(const uint8_t *bytes, size_t size, IWbemClassObject **ret)
{
    /* Honest bytes are looked at a few times at most: as bytes, as names, as values. */
    struct check check = {.budget = size < SIZE_MAX / 16 ? size * 8 + 4096 : SIZE_MAX};
    struct object *o;
    HRESULT hr = object_decode_checked(bytes, size, &check, &o);
    if (SUCCEEDED(hr)) {
        *ret = &o->iface;
    }
    return hr;
}

HRESULT object_decode_instance(struct schema *s, struct decoration *where, const uint8_t *bytes,
                               size_t size, IWbemClassObject **ret)
{
    struct check check = {.budget = size < SIZE_MAX / 16 ? size * 8 + 4096 : SIZE_MAX};
    struct instance_layout layout;
    size_t used;
    HRESULT hr = part_size(bytes, size, INSTANCE_PART_MINIMUM, &used);
    if (SUCCEEDED(hr) && used != size) {
        hr = WBEM_E_INVALID_OBJECT;
    }
    if (SUCCEEDED(hr)) {
        hr = instance_check(s, bytes, size, &check, &layout);
    }
    return SUCCEEDED(hr) ? object_from_instance_bytes(s, where, bytes, size, ret) : hr;
}

void instance_bytes_put_name(const struct schema *s, void *bytes, size_t size)
{
    struct instance_view view;
    struct cim_string name;
    size_t used;
    if (s->name && SUCCEEDED(instance_view_open(s, bytes, size, &view)) &&
        SUCCEEDED(string_parse(view.part + view.heap, view.heap_size, &name, &used)) &&
        string_is(&name, s->name)) {
        put_u32((uint8_t *)bytes + 5, 0); /* after EncodingLength and flags */
    }
}

struct decoration *object_decoration(IWbemClassObject *object)
{
    return object_of(object)->where;
}
