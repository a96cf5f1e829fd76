/*
 * ObjectArray, [MS-WMI] 2.2.14: many objects in one answer, a class only with
 * the first of its instances.
 *
 *   ordering 4 | "WBEMDATA" 8 | header 1: 26 | data 1 | flags 4 | version 1 | packet type 1
 *   | header 2: 8 | data 2 | header 3: 12 | data 3 | count
 *   | count times: header 9 | data | object type 1
 *       | header 8 or 24 | data [| class id 16] | object block
 */
#include "wire/wire.h"

#include <sys/random.h>

#include "object/bytes.h"
#include "object/object.h"

#define HEADER_1 26u
#define HEADER_2 8u
#define HEADER_3 12u
#define HEADERS (HEADER_1 + HEADER_2 + HEADER_3)
#define OBJECT_HEADER 9u
#define CLASS_HEADER 8u
#define INSTANCE_HEADER 24u
#define VERSION 1u

/* 2.2.14.1 */
enum object_type {
    TYPE_CLASS = 1,
    TYPE_INSTANCE = 2,
    TYPE_INSTANCE_NO_CLASS = 3,
};

/* A receiver knows no more classes at once, and refuses more ids than that; a sender with more
 * gives the ids of old classes to new ones. */
#define CLASSES_MAX 4096u

static const uint8_t signature[8] = {'W', 'B', 'E', 'M', 'D', 'A', 'T', 'A'};

struct known_class {
    GUID id;
    struct schema *schema; /* NULL: of none, the id can be had */
};

struct known_classes {
    struct known_class *items;
    uint32_t count, capacity;
    uint32_t last; /* where the last search ended: mostly the next one's answer */
};

static void classes_forget(struct known_classes *c, uint32_t count)
{
    while (c->count > count) {
        schema_unref(c->items[--c->count].schema);
    }
    c->last = 0;
}

static void classes_done(struct known_classes *c)
{
    classes_forget(c, 0);
    free(c->items);
}

static HRESULT classes_add(struct known_classes *c, const GUID *id, struct schema *s)
{
    if (c->count == c->capacity) {
        uint32_t capacity = c->capacity ? c->capacity * 2 : 4;
        struct known_class *items = realloc(c->items, capacity * sizeof *items);
        if (!items) {
            return WBEM_E_OUT_OF_MEMORY;
        }
        c->items = items;
        c->capacity = capacity;
    }
    c->items[c->count] = (struct known_class){*id, schema_ref(s)};
    c->last = c->count++;
    return WBEM_S_NO_ERROR;
}

static struct known_class *classes_find(struct known_classes *c, const GUID *id)
{
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t at = (c->last + i) % c->count;
        if (IsEqualGUID(&c->items[at].id, id)) {
            c->last = at;
            return &c->items[at];
        }
    }
    return NULL;
}

static struct known_class *classes_find_schema(struct known_classes *c, const struct schema *s)
{
    for (uint32_t i = 0; i < c->count; i++) {
        uint32_t at = (c->last + i) % c->count;
        if (c->items[at].schema == s) {
            c->last = at;
            return &c->items[at];
        }
    }
    /* The same class, parsed twice. */
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->items[i].schema && schema_identical(c->items[i].schema, s)) {
            c->last = i;
            return &c->items[i];
        }
    }
    return NULL;
}

/* ---- writing ---------------------------------------------------------------- */

struct wire_encoder {
    enum wire_packet packet;
    struct known_classes classes;
    uint64_t reused; /* how many ids, from the first on and round */
};

HRESULT wire_encoder_create(enum wire_packet packet, struct wire_encoder **ret)
{
    struct wire_encoder *e = calloc(1, sizeof *e);
    if (!e) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    e->packet = packet;
    *ret = e;
    return WBEM_S_NO_ERROR;
}

void wire_encoder_destroy(struct wire_encoder *e)
{
    if (e) {
        classes_done(&e->classes);
        free(e);
    }
}

static void write_headers(struct buffer *out, enum wire_packet packet)
{
    buffer_u32(out, 0); /* dwByteOrdering */
    buffer_put(out, signature, sizeof signature);
    buffer_u32(out, HEADER_1);
    buffer_u32(out, 0); /* dwDataSize1, later */
    buffer_u32(out, 0); /* dwFlags */
    buffer_u8(out, VERSION);
    buffer_u8(out, (uint8_t)packet);
    buffer_u32(out, HEADER_2);
    buffer_u32(out, 0); /* dwDataSize2, later */
    buffer_u32(out, HEADER_3);
    buffer_u32(out, 0); /* dwDataSize3, later */
    buffer_u32(out, 0); /* dwNumObjects, later */
}

static void finish_headers(struct buffer *out, uint32_t count)
{
    buffer_set_u32(out, 16, out->size - HEADER_1);
    buffer_set_u32(out, HEADER_1 + 4, out->size - HEADER_1 - HEADER_2);
    buffer_set_u32(out, HEADER_1 + HEADER_2 + 4, out->size - HEADERS);
    buffer_set_u32(out, HEADER_1 + HEADER_2 + 8, count);
}

static void write_object_headers(struct buffer *out, enum object_type type, const GUID *id,
                                 uint32_t block_size)
{
    uint32_t header = type == TYPE_CLASS ? CLASS_HEADER : INSTANCE_HEADER;
    buffer_u32(out, OBJECT_HEADER);
    buffer_u32(out, header + block_size);
    buffer_u8(out, (uint8_t)type);
    buffer_u32(out, header);
    buffer_u32(out, block_size);
    if (type != TYPE_CLASS) {
        buffer_u32(out, (uint32_t)id->Data1);
        buffer_u16(out, id->Data2);
        buffer_u16(out, id->Data3);
        buffer_put(out, id->Data4, sizeof id->Data4);
    }
}

static HRESULT new_class_id(GUID *ret)
{
    return getrandom(ret, sizeof *ret, 0) == (ssize_t)sizeof *ret ? WBEM_S_NO_ERROR : WBEM_E_FAILED;
}

/* An id for the class, which the receiver takes to be its from now on. */
static HRESULT name_class(struct wire_encoder *e, struct schema *s, GUID *ret)
{
    struct known_classes *c = &e->classes;
    if (c->count < CLASSES_MAX) {
        HRESULT hr = new_class_id(ret);
        return SUCCEEDED(hr) ? classes_add(c, ret, s) : hr;
    }
    struct known_class *old = &c->items[e->reused++ % CLASSES_MAX];
    schema_unref(old->schema);
    old->schema = schema_ref(s);
    *ret = old->id;
    return WBEM_S_NO_ERROR;
}

/* What the receiver will not hear of: the ids that were named since then are of no class. */
static void take_back(struct wire_encoder *e, uint32_t count, uint64_t reused)
{
    for (uint32_t i = 0; i < CLASSES_MAX && e->reused > reused; i++) {
        struct known_class *k = &e->classes.items[--e->reused % CLASSES_MAX];
        schema_unref(k->schema);
        k->schema = NULL;
    }
    e->reused = reused;
    classes_forget(&e->classes, count);
}

static HRESULT write_whole(struct buffer *out, enum object_type type, const GUID *id,
                           IWbemClassObject *object)
{
    const uint8_t *block;
    uint32_t size;
    HRESULT hr = object_encoding(object, &block, &size);
    if (SUCCEEDED(hr)) {
        write_object_headers(out, type, id, size);
        buffer_put(out, block, size);
    }
    return hr;
}

static HRESULT write_instance(struct wire_encoder *e, struct buffer *out, IWbemClassObject *object,
                              struct schema *s)
{
    struct object_no_class n;
    const struct known_class *known = classes_find_schema(&e->classes, s);
    if (!known) {
        GUID id;
        HRESULT hr = name_class(e, s, &id);
        return SUCCEEDED(hr) ? write_whole(out, TYPE_INSTANCE, &id, object) : hr;
    }
    HRESULT hr = object_no_class(object, &n);
    if (SUCCEEDED(hr)) {
        write_object_headers(out, TYPE_INSTANCE_NO_CLASS, &known->id,
                             1 + n.decoration_size + n.part_size);
        buffer_u8(out, n.flags);
        buffer_put(out, n.decoration, n.decoration_size);
        buffer_put(out, n.part, n.part_size);
    }
    return hr;
}

static HRESULT write_object(struct wire_encoder *e, struct buffer *out, IWbemClassObject *object)
{
    struct schema *s;
    bool cls = false;
    HRESULT hr = object_is_ours(object) ? schema_of(object, &s) : WBEM_E_INVALID_PARAMETER;
    if (SUCCEEDED(hr)) {
        hr = object_is_class(object, &cls);
    }
    if (FAILED(hr)) {
        return hr;
    }
    return cls ? write_whole(out, TYPE_CLASS, NULL, object) : write_instance(e, out, object, s);
}

HRESULT wire_encoder_write(struct wire_encoder *e, IWbemClassObject *const *objects, uint32_t count,
                           uint8_t **ret, uint32_t *ret_size)
{
    struct buffer out = {0};
    uint32_t before = e->classes.count;
    uint64_t reused = e->reused;
    HRESULT hr = WBEM_S_NO_ERROR;
    write_headers(&out, e->packet);
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        hr = write_object(e, &out, objects[i]);
    }
    finish_headers(&out, count);
    if (SUCCEEDED(hr) && out.failed) {
        hr = WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(hr)) {
        take_back(e, before, reused);
        buffer_done(&out);
        return hr;
    }
    *ret = out.bytes;
    *ret_size = out.size;
    return WBEM_S_NO_ERROR;
}

/* ---- reading ---------------------------------------------------------------- */

struct wire_decoder {
    struct known_classes classes;
    struct object_decoder objects;
};

HRESULT wire_decoder_create(struct wire_decoder **ret)
{
    *ret = calloc(1, sizeof **ret);
    return *ret ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
}

void wire_decoder_destroy(struct wire_decoder *d)
{
    if (d) {
        classes_done(&d->classes);
        object_decoder_done(&d->objects);
        free(d);
    }
}

struct cursor {
    const uint8_t *at;
    size_t left;
};

/* A header of `expected` bytes that begins with its own size and that of what follows it, which
 * must be there. Bytes behind that are left out of the cursor. */
static bool open_header(struct cursor *c, uint32_t expected, const uint8_t **ret)
{
    if (c->left < expected || get_u32(c->at) != expected) {
        return false;
    }
    uint32_t data = get_u32(c->at + 4);
    if (data > c->left - expected) {
        return false;
    }
    *ret = c->at;
    c->at += expected;
    c->left = data;
    return true;
}

static bool open_array(struct cursor *c, uint32_t *ret_count)
{
    const uint8_t *header;
    if (c->left < HEADERS || get_u32(c->at) != 0 ||
        memcmp(c->at + 4, signature, sizeof signature) != 0 || c->at[24] != VERSION) {
        return false;
    }
    c->at += 12; /* to dwSizeOfHeader1, which counts from the beginning */
    c->left -= 12;
    uint32_t data = get_u32(c->at + 4);
    if (get_u32(c->at) != HEADER_1 || data > c->left - (HEADER_1 - 12)) {
        return false;
    }
    c->at += HEADER_1 - 12;
    c->left = data;
    if (!open_header(c, HEADER_2, &header) || !open_header(c, HEADER_3, &header)) {
        return false;
    }
    *ret_count = get_u32(header + 8);
    return *ret_count <= c->left / (OBJECT_HEADER + CLASS_HEADER);
}

static void read_class_id(const uint8_t *p, GUID *ret)
{
    ret->Data1 = get_u32(p);
    ret->Data2 = get_u16(p + 4);
    ret->Data3 = get_u16(p + 6);
    memcpy(ret->Data4, p + 8, sizeof ret->Data4);
}

/* A whole instance: what follows with that id is of its class, also if the id stood for another. */
static HRESULT read_instance(struct wire_decoder *d, const GUID *id, const uint8_t *block,
                             size_t size, IWbemClassObject **ret)
{
    struct schema *s;
    HRESULT hr = object_decoder_read(&d->objects, block, size, ret);
    if (FAILED(hr)) {
        return hr;
    }
    hr = schema_of(*ret, &s);
    struct known_class *known = SUCCEEDED(hr) ? classes_find(&d->classes, id) : NULL;
    if (known && known->schema != s) {
        schema_unref(known->schema);
        known->schema = schema_ref(s);
    } else if (SUCCEEDED(hr) && !known) {
        hr = d->classes.count < CLASSES_MAX ? classes_add(&d->classes, id, s)
                                            : WBEM_E_QUOTA_VIOLATION;
    }
    if (FAILED(hr)) {
        IWbemClassObject_Release(*ret);
    }
    return hr;
}

static HRESULT read_object(struct wire_decoder *d, struct cursor *array, IWbemClassObject **ret)
{
    struct cursor c = *array;
    const uint8_t *header;
    GUID id = {0};
    if (!open_header(&c, OBJECT_HEADER, &header)) {
        return WBEM_E_INVALID_OBJECT;
    }
    array->left -= OBJECT_HEADER + c.left;
    array->at = c.at + c.left;
    uint8_t type = header[8];
    if (type < TYPE_CLASS || type > TYPE_INSTANCE_NO_CLASS ||
        !open_header(&c, type == TYPE_CLASS ? CLASS_HEADER : INSTANCE_HEADER, &header)) {
        return WBEM_E_INVALID_OBJECT;
    }
    if (type == TYPE_CLASS) {
        return object_decoder_read(&d->objects, c.at, c.left, ret);
    }
    read_class_id(header + 8, &id);
    if (type == TYPE_INSTANCE) {
        return read_instance(d, &id, c.at, c.left, ret);
    }
    const struct known_class *known = classes_find(&d->classes, &id);
    return known ? object_decoder_read_no_class(&d->objects, known->schema, c.at, c.left, ret)
                 : WBEM_E_INVALID_STREAM;
}

HRESULT wire_decoder_read(struct wire_decoder *d, const uint8_t *bytes, size_t size,
                          IWbemClassObject ***ret, uint32_t *ret_count)
{
    struct cursor c = {bytes, size};
    uint32_t count, i = 0;
    *ret = NULL;
    *ret_count = 0;
    if (!open_array(&c, &count)) {
        return WBEM_E_INVALID_OBJECT;
    }
    if (count == 0) {
        return WBEM_S_NO_ERROR;
    }
    IWbemClassObject **objects = calloc(count, sizeof(*objects));
    HRESULT hr = objects ? WBEM_S_NO_ERROR : WBEM_E_OUT_OF_MEMORY;
    while (SUCCEEDED(hr) && i < count) {
        hr = read_object(d, &c, &objects[i]);
        i += SUCCEEDED(hr);
    }
    if (FAILED(hr)) {
        for (uint32_t k = 0; k < i; k++) {
            IWbemClassObject_Release(objects[k]);
        }
        free(objects);
        return hr;
    }
    *ret = objects;
    *ret_count = count;
    return WBEM_S_NO_ERROR;
}
