/*
 * Keys of the databases: bytes whose order and equality are those of what they
 * stand for. Texts are folded, numbers big-endian, what is too long ends in a
 * digest.
 */
#include <nettle/sha2.h>
#include <stdlib.h>
#include <wchar.h>

#include "repository/repository_private.h"

MDB_val key_val(const struct key *k)
{
    return (MDB_val){.mv_size = k->size, .mv_data = (void *)(uintptr_t)k->bytes};
}

static void key_put(struct key *k, const void *bytes, size_t size)
{
    if (size > sizeof(k->bytes) - k->size) {
        size = sizeof(k->bytes) - k->size; /* texts are cut before this can happen */
    }
    memcpy(k->bytes + k->size, bytes, size);
    k->size += size;
}

static void key_u8(struct key *k, uint8_t v)
{
    key_put(k, &v, 1);
}

void key_u32(struct key *k, uint32_t v)
{
    v = htobe32(v);
    key_put(k, &v, sizeof(v));
}

static void key_u64(struct key *k, uint64_t v)
{
    v = htobe64(v);
    key_put(k, &v, sizeof(v));
}

/* ---- texts ------------------------------------------------------------------- */

/* UTF-8, of every code point: surrogates that stand alone must survive. */
static size_t put_utf8(uint8_t *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (uint8_t)(0xc0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (uint8_t)(0xe0 | c >> 12);
        to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        to[2] = (uint8_t)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (uint8_t)(0xf0 | (c >> 18 & 7));
    to[1] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
    to[2] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    to[3] = (uint8_t)(0x80 | (c & 0x3f));
    return 4;
}

/* Text going into a key: the first bytes as they are, everything into the digest. */
struct key_text {
    struct key *key;
    size_t left; /* room as it is */
    bool cut;
    struct sha256_ctx digest;
};

static void text_begin(struct key_text *t, struct key *k, size_t most)
{
    t->key = k;
    t->left = most;
    t->cut = false;
    sha256_init(&t->digest);
}

static void text_add(struct key_text *t, uint32_t c)
{
    uint8_t bytes[4];
    size_t size = put_utf8(bytes, (uint32_t)cim_fold((wchar_t)c));
    sha256_update(&t->digest, size, bytes);
    if (!t->cut && size <= t->left) {
        key_put(t->key, bytes, size);
        t->left -= size;
    } else {
        t->cut = true;
    }
}

/* The end: a zero byte, which folded text does not hold, keeps "a" before "ab". */
static void text_end(struct key_text *t)
{
    if (t->cut) {
        uint8_t digest[DIGEST_SIZE];
        sha256_digest(&t->digest, sizeof(digest), digest);
        key_u8(t->key, 0xff);
        key_put(t->key, digest, sizeof(digest));
    }
    key_u8(t->key, 0);
}

void key_text(struct key *k, const wchar_t *text, size_t most)
{
    struct key_text t;
    text_begin(&t, k, most);
    for (; *text; text++) {
        text_add(&t, (uint32_t)*text);
    }
    text_end(&t);
}

void key_namespace(struct key *k, const wchar_t *name)
{
    struct key_text t;
    text_begin(&t, k, KEY_TEXT_MOST);
    size_t length = wcslen(name);
    while (length > 0 && (name[length - 1] == L'\\' || name[length - 1] == L'/')) {
        length--;
    }
    size_t i = 0;
    while (i < length && (name[i] == L'\\' || name[i] == L'/')) {
        i++;
    }
    for (; i < length; i++) {
        text_add(&t, name[i] == L'/' ? L'\\' : (uint32_t)name[i]);
    }
    text_end(&t);
}

/* ---- values -------------------------------------------------------------------- */

static void key_string(struct key *k, const struct cim_string *s, size_t most)
{
    struct key_text t;
    text_begin(&t, k, most);
    for (uint32_t i = 0; i < s->length; i++) {
        uint32_t c = s->wide ? get_u16(s->bytes + 2 * (size_t)i) : s->bytes[i];
        if (c >= 0xd800 && c < 0xdc00 && i + 1 < s->length) {
            uint32_t low = get_u16(s->bytes + 2 * ((size_t)i + 1));
            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                i++;
            }
        }
        text_add(&t, c);
    }
    text_end(&t);
}

static uint64_t ordered_double(double v)
{
    uint64_t bits;
    v = v == 0 ? 0 : v; /* -0 is 0 */
    memcpy(&bits, &v, sizeof(bits));
    return bits >> 63 ? ~bits : bits | UINT64_C(1) << 63;
}

void key_value(struct key *k, const struct cim_value *v, size_t most)
{
    switch (v->type) {
    case CIM_STRING:
    case CIM_REFERENCE:
    case CIM_DATETIME:
        key_string(k, &v->string, most);
        break;
    case CIM_REAL32:
    case CIM_REAL64:
        key_u64(k, ordered_double(v->real));
        break;
    case CIM_UINT8:
    case CIM_UINT16:
    case CIM_UINT32:
    case CIM_UINT64:
        key_u64(k, v->uint);
        break;
    default: /* signed ones, booleans, characters */
        key_u64(k, (uint64_t)v->sint ^ UINT64_C(1) << 63);
        break;
    }
}

/* ---- instances -------------------------------------------------------------------- */

/* The ordinals of the keys in the order of their names: what makes keys canonical whatever the
 * order of a path. Returns how many; at most `most`. */
static uint32_t sorted_keys(const struct schema *s, uint32_t *ordinals, uint32_t most)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < schema_property_count(s) && count < most; i++) {
        if (!schema_property_is_key(s, i)) {
            continue;
        }
        uint32_t at = count++;
        for (; at > 0 && wcscasecmp(schema_property_name(s, ordinals[at - 1]),
                                    schema_property_name(s, i)) > 0;
             at--) {
            ordinals[at] = ordinals[at - 1];
        }
        ordinals[at] = i;
    }
    return count;
}

enum {
    KEYS_MOST = 64,
};

/* Room for each text when there are several keys: what all of them share. */
static size_t room_for_each(uint32_t keys)
{
    size_t room = (KEY_MOST - 8) / keys;
    return room > DIGEST_SIZE + 3 ? room - (DIGEST_SIZE + 3) : 0;
}

/* More keys than fit side by side become one digest. */
static void squeeze(struct key *k, struct sha256_ctx *all)
{
    uint8_t digest[DIGEST_SIZE];
    sha256_digest(all, sizeof(digest), digest);
    k->size = 0;
    key_u8(k, 0xfe);
    key_put(k, digest, sizeof(digest));
}

HRESULT key_of_instance(struct key *k, const struct schema *s,
                        void (*get)(const void *from, uint32_t ordinal, struct cim_value *ret),
                        const void *from)
{
    uint32_t ordinals[KEYS_MOST];
    uint32_t count = sorted_keys(s, ordinals, KEYS_MOST);
    k->size = 0;
    if (count == 0) {
        key_u8(k, '@'); /* the singleton */
        return WBEM_S_NO_ERROR;
    }
    struct sha256_ctx all;
    sha256_init(&all);
    for (uint32_t i = 0; i < count; i++) {
        struct cim_value v;
        struct key one = {.size = 0};
        get(from, ordinals[i], &v);
        if (v.null) {
            return WBEM_E_ILLEGAL_NULL;
        }
        key_value(&one, &v, count <= 8 ? room_for_each(count) : 64);
        sha256_update(&all, one.size, one.bytes);
        key_put(k, one.bytes, one.size);
    }
    if (count > 8) {
        squeeze(k, &all);
    }
    return WBEM_S_NO_ERROR;
}

void getter_of_object(const void *object, uint32_t ordinal, struct cim_value *ret)
{
    IWbemClassObject *o = (IWbemClassObject *)(uintptr_t)object;
    if (FAILED(object_get_value(o, ordinal, ret))) {
        *ret = (struct cim_value){.null = true};
    }
}

static const struct object_path_key *path_key(const struct object_path *path, const wchar_t *name)
{
    if (path->key_count == 1 && !path->keys[0].name) {
        return &path->keys[0];
    }
    for (uint32_t i = 0; i < path->key_count; i++) {
        if (path->keys[i].name && wcscasecmp(path->keys[i].name, name) == 0) {
            return &path->keys[i];
        }
    }
    return NULL;
}

static void get_from_row(const void *from, uint32_t ordinal, struct cim_value *ret)
{
    row_get(from, ordinal, ret);
}

/* By way of a row, which converts each text to its property's type. */
HRESULT key_of_path(struct key *k, struct schema *s, const struct object_path *path)
{
    uint32_t ordinals[KEYS_MOST];
    uint32_t count = sorted_keys(s, ordinals, KEYS_MOST);
    if (count != path->key_count || (count == 0) != path->is_singleton) {
        return WBEM_E_INVALID_OBJECT_PATH;
    }
    struct row *row;
    HRESULT hr = row_create(s, &row);
    if (FAILED(hr)) {
        return hr;
    }
    for (uint32_t i = 0; SUCCEEDED(hr) && i < count; i++) {
        const struct object_path_key *given = path_key(path, schema_property_name(s, ordinals[i]));
        hr = given ? row_set_wide(row, ordinals[i], given->text) : WBEM_E_INVALID_OBJECT_PATH;
        if (hr == WBEM_E_TYPE_MISMATCH) {
            hr = WBEM_E_INVALID_OBJECT_PATH;
        }
    }
    if (SUCCEEDED(hr)) {
        hr = key_of_instance(k, s, get_from_row, row);
    }
    row_destroy(row);
    return hr;
}
