/*
 * Encoded-String, [MS-WMIO] 2.2.78: one byte a character where all are below
 * U+0100, else UTF-16; and the names and texts that become one.
 */
#include "object/object_private.h"

#include <unicase.h>

/* [MS-WMIO] 2.2.80 */
static const char *const dictionary[] = {"\"",       "key",      "",         "read",
                                         "write",    "volatile", "provider", "dynamic",
                                         "cimwin32", "DWORD",    "CIMTYPE"};
#define DICTIONARY_SIZE (sizeof dictionary / sizeof dictionary[0])

uint32_t fold_beyond_ascii(uint32_t c)
{
    return uc_tolower(uc_toupper(c));
}

int name_compare(const wchar_t *a, const wchar_t *b)
{
    for (;; a++, b++) {
        uint32_t x = fold((uint32_t)*a), y = fold((uint32_t)*b);
        if (x != y) {
            return x < y ? -1 : 1;
        }
        if (x == 0) {
            return 0;
        }
    }
}

bool name_equal(const wchar_t *a, const wchar_t *b)
{
    return name_compare(a, b) == 0;
}

uint32_t name_hash(const wchar_t *name, uint32_t *ret_length)
{
    uint32_t hash = 2166136261u, length = 0;
    for (; name[length]; length++) {
        hash = (hash ^ fold((uint32_t)name[length])) * 16777619u;
    }
    *ret_length = length;
    return hash ^ hash >> 15;
}

wchar_t *name_copy(const wchar_t *name)
{
    size_t size = (wcslen(name) + 1) * sizeof *name;
    wchar_t *copy = malloc(size);
    return copy ? memcpy(copy, name, size) : NULL;
}

/* ---- reading ---------------------------------------------------------------- */

HRESULT string_parse(const uint8_t *bytes, size_t size, struct cim_string *ret, size_t *ret_size)
{
    if (size < 2 || bytes[0] > 1) {
        return WBEM_E_INVALID_OBJECT;
    }

    const uint8_t *text = bytes + 1;
    size_t left = size - 1, length;
    if (bytes[0] == 0) {
        const uint8_t *end = memchr(text, 0, left);
        if (!end) {
            return WBEM_E_INVALID_OBJECT;
        }
        length = (size_t)(end - text);
        *ret_size = length + 2;
    } else {
        for (length = 0;; length++) {
            if (left - length * 2 < 2) {
                return WBEM_E_INVALID_OBJECT;
            }
            if (text[length * 2] == 0 && text[length * 2 + 1] == 0) {
                break;
            }
        }
        *ret_size = length * 2 + 3;
    }
    if (length > ENCODING_SIZE_MAX) {
        return WBEM_E_INVALID_OBJECT;
    }
    *ret = (struct cim_string){.bytes = text, .length = (uint32_t)length, .wide = bytes[0] == 1};
    return WBEM_S_NO_ERROR;
}

HRESULT string_at(struct heap heap, uint32_t ref, struct cim_string *ret)
{
    if (ref & HEAP_REF_DICTIONARY) {
        uint32_t i = ref & ~HEAP_REF_DICTIONARY;
        if (i >= DICTIONARY_SIZE) {
            return WBEM_E_INVALID_OBJECT;
        }
        *ret = (struct cim_string){.bytes = (const uint8_t *)dictionary[i],
                                   .length = (uint32_t)strlen(dictionary[i])};
        return WBEM_S_NO_ERROR;
    }
    if (ref >= heap.size) {
        return WBEM_E_INVALID_OBJECT;
    }
    size_t used;
    return string_parse(heap.bytes + ref, heap.size - ref, ret, &used);
}

int dictionary_find(const struct cim_string *s)
{
    if (s->wide) {
        return -1;
    }
    for (size_t i = 0; i < DICTIONARY_SIZE; i++) {
        if (strlen(dictionary[i]) == s->length &&
            strncasecmp(dictionary[i], (const char *)s->bytes, s->length) == 0) {
            return (int)i;
        }
    }
    return -1;
}

uint32_t string_next(const struct cim_string *s, uint32_t *at)
{
    if (!s->wide) {
        return s->bytes[(*at)++];
    }
    uint32_t c = get_u16(s->bytes + (size_t)(*at)++ * 2);
    if ((c & 0xfc00) == 0xd800 && *at < s->length) {
        uint32_t low = get_u16(s->bytes + (size_t)*at * 2);
        if ((low & 0xfc00) == 0xdc00) {
            (*at)++;
            return 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
        }
    }
    return c;
}

uint32_t string_wide_length(const struct cim_string *s)
{
    if (!s->wide) {
        return s->length;
    }
    uint32_t count = 0;
    for (uint32_t at = 0; at < s->length; count++) {
        string_next(s, &at);
    }
    return count;
}

void string_to_wide(const struct cim_string *s, wchar_t *out)
{
    if (!s->wide) {
        for (uint32_t i = 0; i < s->length; i++) {
            out[i] = s->bytes[i];
        }
        out[s->length] = 0;
        return;
    }
    for (uint32_t at = 0; at < s->length;) {
        *out++ = (wchar_t)string_next(s, &at);
    }
    *out = 0;
}

wchar_t *string_wide_copy(const struct cim_string *s)
{
    wchar_t *text = malloc(((size_t)string_wide_length(s) + 1) * sizeof *text);
    if (text) {
        string_to_wide(s, text);
    }
    return text;
}

BSTR string_to_bstr(const struct cim_string *s)
{
    BSTR text = SysAllocStringLen(NULL, string_wide_length(s));
    if (text) {
        string_to_wide(s, text);
    }
    return text;
}

/* ---- comparing ---------------------------------------------------------------- */

int cim_string_compare(const struct cim_string *a, const struct cim_string *b)
{
    uint32_t i = 0, j = 0;
    while (i < a->length && j < b->length) {
        uint32_t x = fold(string_next(a, &i)), y = fold(string_next(b, &j));
        if (x != y) {
            return x < y ? -1 : 1;
        }
    }
    return (i < a->length) - (j < b->length);
}

bool string_identical(const struct cim_string *a, const struct cim_string *b)
{
    uint32_t i = 0, j = 0;
    while (i < a->length && j < b->length) {
        if (string_next(a, &i) != string_next(b, &j)) {
            return false;
        }
    }
    return i == a->length && j == b->length;
}

bool string_is(const struct cim_string *s, const wchar_t *name)
{
    uint32_t at = 0;
    while (at < s->length) {
        if (*name == 0 || fold(string_next(s, &at)) != fold((uint32_t)*name++)) {
            return false;
        }
    }
    return *name == 0;
}

/* ---- writing ------------------------------------------------------------------ */

bool string_is_latin1(const struct cim_string *s)
{
    if (s->wide) {
        for (uint32_t i = 0; i < s->length; i++) {
            if (s->bytes[(size_t)i * 2 + 1]) {
                return false;
            }
        }
    }
    return true;
}

uint32_t string_encoded_size(const struct cim_string *s)
{
    return string_is_latin1(s) ? s->length + 2 : s->length * 2 + 3;
}

uint8_t *string_write(const struct cim_string *s, uint8_t *to)
{
    if (!s->wide) {
        *to++ = 0;
        memcpy(to, s->bytes, s->length);
        to[s->length] = 0;
        return to + s->length + 1;
    }
    if (string_is_latin1(s)) {
        *to++ = 0;
        for (uint32_t i = 0; i < s->length; i++) {
            *to++ = s->bytes[(size_t)i * 2];
        }
        *to = 0;
        return to + 1;
    }
    *to++ = 1;
    memcpy(to, s->bytes, (size_t)s->length * 2);
    to += (size_t)s->length * 2;
    put_u16(to, 0);
    return to + 2;
}

uint32_t text_encoded_size(const wchar_t *text, size_t length, bool *ret_wide)
{
    size_t units = 0;
    bool wide = false;
    for (size_t i = 0; i < length && text[i]; i++) {
        wide = wide || text[i] > 0xff;
        units += text[i] > 0xffff ? 2 : 1;
    }
    *ret_wide = wide;
    size_t size = wide ? units * 2 : units;
    return size < ENCODING_SIZE_MAX ? (uint32_t)size : ENCODING_SIZE_MAX;
}

static uint8_t *put_utf16(uint32_t c, uint8_t *to)
{
    if (c > 0x10ffff) {
        c = 0xfffd;
    }
    if (c > 0xffff) {
        put_u16(to, (uint16_t)(0xd800 + ((c - 0x10000) >> 10)));
        to += 2;
        c = 0xdc00 + (c & 0x3ff);
    }
    put_u16(to, (uint16_t)c);
    return to + 2;
}

void text_write(const wchar_t *text, size_t length, bool wide, uint8_t *to)
{
    for (size_t i = 0; i < length && text[i]; i++) {
        if (wide) {
            to = put_utf16((uint32_t)text[i], to);
        } else {
            *to++ = (uint8_t)text[i];
        }
    }
}

/* The character at `at`. A byte that begins no valid sequence is U+DC00 and the byte. */
static uint32_t utf8_next(const uint8_t *s, size_t size, size_t *at)
{
    uint32_t c = s[*at];
    size_t more = c < 0x80                ? 0
                  : c >= 0xc2 && c < 0xe0 ? 1
                  : c >= 0xe0 && c < 0xf0 ? 2
                  : c >= 0xf0 && c < 0xf5 ? 3
                                          : 4;
    if (more == 0) {
        (*at)++;
        return c;
    }
    if (more < 4 && size - *at > more) {
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        uint32_t v = c & (0x3fu >> more);
        size_t i = 1;
        for (; i <= more && (s[*at + i] & 0xc0) == 0x80; i++) {
            v = v << 6 | (s[*at + i] & 0x3fu);
        }
        if (i > more && v >= least[more] && v <= 0x10ffff && (v & 0xfffff800) != 0xd800) {
            *at += more + 1;
            return v;
        }
    }
    (*at)++;
    return 0xdc00 + c;
}

uint32_t utf8_encoded_size(const char *utf8, size_t size, bool *ret_wide)
{
    const uint8_t *s = (const uint8_t *)utf8;
    size_t units = 0, ascii = 0;
    bool wide = false;
    while (ascii < size && s[ascii] && s[ascii] < 0x80) {
        ascii++;
    }
    units = ascii;
    for (size_t at = ascii; at < size && s[at];) {
        uint32_t c = utf8_next(s, size, &at);
        wide = wide || c > 0xff;
        units += c > 0xffff ? 2 : 1;
    }
    *ret_wide = wide;
    size_t bytes = wide ? units * 2 : units;
    return bytes < ENCODING_SIZE_MAX ? (uint32_t)bytes : ENCODING_SIZE_MAX;
}

void utf8_write(const char *utf8, size_t size, bool wide, uint8_t *to)
{
    const uint8_t *s = (const uint8_t *)utf8;
    for (size_t at = 0; at < size && s[at];) {
        uint32_t c = utf8_next(s, size, &at);
        if (wide) {
            to = put_utf16(c, to);
        } else {
            *to++ = (uint8_t)c;
        }
    }
}
