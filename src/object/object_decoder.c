/*
 * Objects as they come from another machine, one after the other: the class and
 * the decoration of the one before serve again when their bytes are the same,
 * so that an instance costs a comparison and a copy instead of parsing a class.
 */
#include "object/object_private.h"

void object_decoder_done(struct object_decoder *d)
{
    schema_unref(d->schema);
    decoration_unref(d->where);
    *d = (struct object_decoder){0};
}

bool schema_identical(const struct schema *a, const struct schema *b)
{
    return a == b || (a->class_part_size == b->class_part_size &&
                      memcmp(a->class_part, b->class_part, a->class_part_size) == 0);
}

/* What bytes may cost to look at: see struct check. */
static struct check check_of(size_t size)
{
    return (struct check){.budget = size * 8 + 4096};
}

static bool same_decoration(const struct object_decoder *d, const uint8_t *bytes, size_t size)
{
    return d->where && size >= d->where->encoded_size &&
           memcmp(bytes, d->where->encoded, d->where->encoded_size) == 0;
}

/* The decoration at `bytes`; *ret_size is what it takes. It belongs to the decoder. */
static HRESULT read_decoration(struct object_decoder *d, const uint8_t *bytes, size_t size,
                               size_t *ret_size)
{
    struct decoration *where;
    if (same_decoration(d, bytes, size)) {
        *ret_size = d->where->encoded_size;
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = decoration_parse(bytes, size, &where, ret_size);
    if (SUCCEEDED(hr)) {
        decoration_unref(d->where);
        d->where = where;
    }
    return hr;
}

/* The instance part at `bytes`, all of it and nothing behind. */
static HRESULT read_part(struct schema *s, struct decoration *where, uint8_t flags,
                         const uint8_t *bytes, size_t size, IWbemClassObject **ret)
{
    struct instance_layout layout;
    struct check check = check_of(size);
    struct object *o;
    size_t part;
    HRESULT hr = part_size(bytes, size, INSTANCE_PART_MINIMUM, &part);
    if (SUCCEEDED(hr)) {
        hr = instance_check(s, bytes, part, &check, &layout);
    }
    if (SUCCEEDED(hr)) {
        hr = object_instance_from_part(s, where, bytes, (uint32_t)part, &layout, &o);
    }
    if (SUCCEEDED(hr)) {
        o->wire_flags = flags & FLAGS_PROTOTYPE;
        *ret = &o->iface;
    }
    return hr;
}

HRESULT object_decoder_read_no_class(struct object_decoder *d, struct schema *s,
                                     const uint8_t *bytes, size_t size, IWbemClassObject **ret)
{
    size_t at = 1, used = 0;
    if (size < 1 || size > ENCODING_SIZE_MAX ||
        (bytes[0] & (FLAG_CLASS | FLAG_INSTANCE)) != FLAG_INSTANCE) {
        return WBEM_E_INVALID_OBJECT;
    }
    bool decorated = (bytes[0] & FLAG_DECORATED) != 0;
    if (decorated) {
        HRESULT hr = read_decoration(d, bytes + at, size - at, &used);
        if (FAILED(hr)) {
            return hr;
        }
        at += used;
    }
    return read_part(s, decorated ? d->where : NULL, bytes[0], bytes + at, size - at, ret);
}

/* A class, or an instance of a class not seen just before: remembered for those that follow. */
static HRESULT read_whole(struct object_decoder *d, const uint8_t *bytes, size_t size,
                          IWbemClassObject **ret)
{
    HRESULT hr = object_decode(bytes, size, ret);
    if (FAILED(hr)) {
        return hr;
    }
    struct object *o = object_of(*ret);
    if (!o->is_class) {
        schema_unref(d->schema);
        d->schema = schema_ref(atomic_load_explicit(&o->schema, memory_order_relaxed));
    }
    if (o->where) {
        decoration_unref(d->where);
        d->where = decoration_ref(o->where);
    }
    return hr;
}

HRESULT object_decoder_read(struct object_decoder *d, const uint8_t *bytes, size_t size,
                            IWbemClassObject **ret)
{
    const struct schema *s = d->schema;
    size_t at = 1;
    if (size < 1 || size > ENCODING_SIZE_MAX) {
        return WBEM_E_INVALID_OBJECT;
    }
    if (!s || (bytes[0] & (FLAG_CLASS | FLAG_INSTANCE)) != FLAG_INSTANCE) {
        return read_whole(d, bytes, size, ret);
    }
    bool decorated = (bytes[0] & FLAG_DECORATED) != 0;
    if (decorated) {
        if (!same_decoration(d, bytes + at, size - at)) {
            return read_whole(d, bytes, size, ret);
        }
        at += d->where->encoded_size;
    }
    if (size - at < s->class_part_size ||
        memcmp(bytes + at, s->class_part, s->class_part_size) != 0) {
        return read_whole(d, bytes, size, ret);
    }
    at += s->class_part_size;
    return read_part(d->schema, decorated ? d->where : NULL, bytes[0], bytes + at, size - at, ret);
}

HRESULT object_no_class(IWbemClassObject *instance, struct object_no_class *ret)
{
    struct object *o = object_is_ours(instance) ? object_of(instance) : NULL;
    if (!o || o->is_class) {
        return WBEM_E_INVALID_PARAMETER;
    }
    HRESULT hr = instance_flush(o);
    if (FAILED(hr)) {
        return hr;
    }
    *ret = (struct object_no_class){
        .flags = (uint8_t)(FLAG_INSTANCE | (o->where ? FLAG_DECORATED : 0) | o->wire_flags),
        .decoration = o->where ? o->where->encoded : NULL,
        .decoration_size = o->where ? o->where->encoded_size : 0,
        .part = o->part,
        .part_size = o->part_size,
    };
    return WBEM_S_NO_ERROR;
}
