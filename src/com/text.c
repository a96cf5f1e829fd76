/*
 * Text between UTF-8, wchar_t and UTF-16LE, losing nothing: bytes that are not UTF-8 become lone
 * surrogates U+DC80 to U+DCFF and come back as those bytes; other lone surrogates go through UTF-8
 * as the three bytes that generalized UTF-8 has for them.
 */
#include "com/com.h"

#include <limits.h>
#include <string.h>

#define ESCAPE_BASE 0xDC00u
#define REPLACEMENT 0xFFFDu

static bool is_escape(uint32_t c)
{
    return c >= 0xDC80 && c <= 0xDCFF;
}

static bool is_high_surrogate(uint32_t c)
{
    return c >= 0xD800 && c <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t c)
{
    return c >= 0xDC00 && c <= 0xDFFF;
}

static bool is_trail(unsigned char b)
{
    return (b & 0xC0) == 0x80;
}

/* How many of these bytes, from the first, are ASCII. */
static size_t ascii_prefix(const char *s, size_t size)
{
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, s + i, 8);
        if (word & 0x8080808080808080u) {
            break;
        }
    }
    while (i < size && !(s[i] & 0x80)) {
        i++;
    }
    return i;
}

/* One character that is not ASCII; returns the bytes it takes. A first byte that starts no valid
 * sequence stands for itself. An encoded U+DC80 to U+DCFF is not valid: it would come back as a
 * single byte. */
static size_t decode(const unsigned char *s, size_t size, uint32_t *ret)
{
    unsigned char first = s[0];
    size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    *ret = ESCAPE_BASE + first;
    if (first < 0xC2 || first > 0xF4 || size < length || !is_trail(s[1])) {
        return 1;
    }
    if (length == 2) {
        *ret = ((first & 0x1Fu) << 6) | (s[1] & 0x3Fu);
        return 2;
    }
    if (!is_trail(s[2])) {
        return 1;
    }
    if (length == 3) {
        uint32_t c = ((first & 0x0Fu) << 12) | ((s[1] & 0x3Fu) << 6) | (s[2] & 0x3Fu);
        if (c < 0x800 || is_escape(c)) {
            return 1;
        }
        *ret = c;
        return 3;
    }
    if (!is_trail(s[3])) {
        return 1;
    }
    uint32_t c =
        ((first & 0x07u) << 18) | ((s[1] & 0x3Fu) << 12) | ((s[2] & 0x3Fu) << 6) | (s[3] & 0x3Fu);
    if (c < 0x10000 || c > 0x10FFFF) {
        return 1;
    }
    *ret = c;
    return 4;
}

size_t com_wide_length_of_utf8(const char *utf8, size_t size)
{
    size_t length = 0;
    size_t i = 0;
    while (i < size) {
        size_t run = ascii_prefix(utf8 + i, size - i);
        i += run;
        length += run;
        while (i < size && (utf8[i] & 0x80)) {
            uint32_t c;
            i += decode((const unsigned char *)utf8 + i, size - i, &c);
            length++;
        }
    }
    return length;
}

wchar_t *com_wide_put_utf8(wchar_t *out, const char *utf8, size_t size)
{
    size_t i = 0;
    while (i < size) {
        size_t run = ascii_prefix(utf8 + i, size - i);
        for (size_t k = 0; k < run; k++) {
            out[k] = (wchar_t)(unsigned char)utf8[i + k];
        }
        i += run;
        out += run;
        while (i < size && (utf8[i] & 0x80)) {
            uint32_t c;
            i += decode((const unsigned char *)utf8 + i, size - i, &c);
            *out++ = (wchar_t)c;
        }
    }
    return out;
}

static size_t encoded_size(uint32_t c)
{
    if (c < 0x80 || is_escape(c)) {
        return 1;
    }
    if (c < 0x800) {
        return 2;
    }
    return c < 0x10000 || c > 0x10FFFF ? 3 : 4;
}

size_t com_utf8_size_of_wide(const wchar_t *text, size_t length)
{
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        size += encoded_size((uint32_t)text[i]);
    }
    return size;
}

static char *encode(char *out, uint32_t c)
{
    switch (encoded_size(c)) {
    case 1:
        *out++ = (char)(c & 0xFF); /* of an escape, the byte it stands for */
        break;
    case 2:
        *out++ = (char)(0xC0 | (c >> 6));
        *out++ = (char)(0x80 | (c & 0x3F));
        break;
    case 3:
        c = c > 0x10FFFF ? REPLACEMENT : c;
        *out++ = (char)(0xE0 | (c >> 12));
        *out++ = (char)(0x80 | ((c >> 6) & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
        break;
    default:
        *out++ = (char)(0xF0 | (c >> 18));
        *out++ = (char)(0x80 | ((c >> 12) & 0x3F));
        *out++ = (char)(0x80 | ((c >> 6) & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
        break;
    }
    return out;
}

char *com_utf8_put_wide(char *out, const wchar_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint32_t c = (uint32_t)text[i];
        if (c < 0x80) {
            *out++ = (char)c;
        } else {
            out = encode(out, c);
        }
    }
    return out;
}

/* ---- UTF-16LE --------------------------------------------------------------- */

static uint32_t unit_at(const uint8_t *utf16, size_t i)
{
    return utf16[2 * i] | ((uint32_t)utf16[2 * i + 1] << 8);
}

static bool is_pair_at(const uint8_t *utf16, size_t i, size_t units)
{
    return is_high_surrogate(unit_at(utf16, i)) && i + 1 < units &&
           is_low_surrogate(unit_at(utf16, i + 1));
}

size_t com_wide_length_of_utf16(const uint8_t *utf16, size_t units)
{
    size_t pairs = 0;
    for (size_t i = 0; i < units; i++) {
        if (is_pair_at(utf16, i, units)) {
            pairs++;
            i++;
        }
    }
    return units - pairs;
}

wchar_t *com_wide_put_utf16(wchar_t *out, const uint8_t *utf16, size_t units)
{
    for (size_t i = 0; i < units; i++) {
        uint32_t c = unit_at(utf16, i);
        if (is_pair_at(utf16, i, units)) {
            c = 0x10000 + ((c - 0xD800) << 10) + (unit_at(utf16, i + 1) - 0xDC00);
            i++;
        }
        *out++ = (wchar_t)c;
    }
    return out;
}

size_t com_utf16_length_of_wide(const wchar_t *text, size_t length)
{
    size_t units = length;
    for (size_t i = 0; i < length; i++) {
        uint32_t c = (uint32_t)text[i];
        units += c >= 0x10000 && c <= 0x10FFFF;
    }
    return units;
}

static uint8_t *put_unit(uint8_t *out, uint32_t unit)
{
    out[0] = (uint8_t)(unit & 0xFF);
    out[1] = (uint8_t)(unit >> 8);
    return out + 2;
}

uint8_t *com_utf16_put_wide(uint8_t *out, const wchar_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint32_t c = (uint32_t)text[i];
        if (c < 0x10000) {
            out = put_unit(out, c);
        } else if (c > 0x10FFFF) {
            out = put_unit(out, REPLACEMENT);
        } else {
            out = put_unit(out, 0xD800 + ((c - 0x10000) >> 10));
            out = put_unit(out, 0xDC00 + ((c - 0x10000) & 0x3FF));
        }
    }
    return out;
}

/* ---- copies --------------------------------------------------------------------- */

char *com_utf8_from_wide_n(const wchar_t *text, size_t length)
{
    if (!text) {
        return NULL;
    }

    char *utf8 = malloc(com_utf8_size_of_wide(text, length) + 1);
    if (utf8) {
        *com_utf8_put_wide(utf8, text, length) = 0;
    }
    return utf8;
}

char *com_utf8_from_wide(const wchar_t *text)
{
    return text ? com_utf8_from_wide_n(text, wcslen(text)) : NULL;
}

wchar_t *com_wide_from_utf8_n(const char *utf8, size_t size)
{
    if (!utf8) {
        return NULL;
    }

    size_t length = com_wide_length_of_utf8(utf8, size);
    wchar_t *text = malloc((length + 1) * sizeof *text);
    if (text) {
        *com_wide_put_utf8(text, utf8, size) = 0;
    }
    return text;
}

wchar_t *com_wide_from_utf8(const char *utf8)
{
    return utf8 ? com_wide_from_utf8_n(utf8, strlen(utf8)) : NULL;
}

wchar_t *com_wide_copy_n(const wchar_t *text, size_t length)
{
    if (!text) {
        return NULL;
    }

    wchar_t *copy = malloc((length + 1) * sizeof *copy);
    if (copy) {
        memcpy(copy, text, length * sizeof *copy);
        copy[length] = 0;
    }
    return copy;
}

wchar_t *com_wide_copy(const wchar_t *text)
{
    return text ? com_wide_copy_n(text, wcslen(text)) : NULL;
}

/* A BSTR with room for so many characters, its text unset. */
static HRESULT bstr_with_room(size_t length, BSTR *ret)
{
    *ret = length <= UINT_MAX ? SysAllocStringLen(NULL, (UINT)length) : NULL;
    return *ret ? S_OK : E_OUTOFMEMORY;
}

HRESULT com_bstr_from_utf8_n(const char *utf8, size_t size, BSTR *ret)
{
    *ret = NULL;
    if (!utf8) {
        return S_OK;
    }

    HRESULT hr = bstr_with_room(com_wide_length_of_utf8(utf8, size), ret);
    if (FAILED(hr)) {
        return hr;
    }
    com_wide_put_utf8(*ret, utf8, size);
    return S_OK;
}

HRESULT com_bstr_from_utf8(const char *utf8, BSTR *ret)
{
    return com_bstr_from_utf8_n(utf8, utf8 ? strlen(utf8) : 0, ret);
}

HRESULT com_bstr_from_wide_n(const wchar_t *text, size_t length, BSTR *ret)
{
    *ret = NULL;
    if (!text) {
        return S_OK;
    }

    HRESULT hr = bstr_with_room(length, ret);
    if (FAILED(hr)) {
        return hr;
    }
    memcpy(*ret, text, length * sizeof *text);
    return S_OK;
}

HRESULT com_bstr_from_wide(const wchar_t *text, BSTR *ret)
{
    return com_bstr_from_wide_n(text, text ? wcslen(text) : 0, ret);
}

HRESULT com_bstr_from_utf16(const uint8_t *utf16, size_t units, BSTR *ret)
{
    HRESULT hr = bstr_with_room(com_wide_length_of_utf16(utf16, units), ret);
    if (FAILED(hr)) {
        return hr;
    }
    com_wide_put_utf16(*ret, utf16, units);
    return S_OK;
}

HRESULT com_bstr_from_latin1(const uint8_t *bytes, size_t length, BSTR *ret)
{
    HRESULT hr = bstr_with_room(length, ret);
    if (FAILED(hr)) {
        return hr;
    }
    BSTR out = *ret;
    for (size_t i = 0; i < length; i++) {
        out[i] = (WCHAR)bytes[i];
    }
    return S_OK;
}
