/*
 * Code pages: UTF-8, which the system's own page is here, and ISO 8859-1.
 */
#include "com/com.h"

#include <limits.h>
#include <string.h>

#define CP_LATIN1 28591
#define REPLACEMENT 0xFFFD

static bool is_utf8(UINT page)
{
    return page == CP_UTF8 || page == CP_ACP || page == CP_OEMCP || page == CP_THREAD_ACP;
}

static int fail(DWORD error)
{
    SetLastError(error);
    return 0;
}

/* What the escapes of com/text.c stand for: a byte that is no UTF-8. */
static bool is_escaped_byte(wchar_t c)
{
    return c >= 0xDC80 && c <= 0xDCFF;
}

/* Wide text of these bytes, terminated; free() it. */
static wchar_t *widen(UINT page, const char *bytes, size_t size, size_t *ret_length)
{
    if (is_utf8(page)) {
        *ret_length = com_wide_length_of_utf8(bytes, size);
        return com_wide_from_utf8_n(bytes, size);
    }

    wchar_t *text = malloc((size + 1) * sizeof *text);
    if (text) {
        for (size_t i = 0; i < size; i++) {
            text[i] = (wchar_t)(unsigned char)bytes[i];
        }
        text[size] = 0;
        *ret_length = size;
    }
    return text;
}

/* True when there were bytes that are no text. */
static bool replace_escapes(wchar_t *text, size_t length)
{
    bool any = false;
    for (size_t i = 0; i < length; i++) {
        if (is_escaped_byte(text[i])) {
            text[i] = REPLACEMENT;
            any = true;
        }
    }
    return any;
}

int MultiByteToWideChar(UINT page, DWORD flags, LPCSTR bytes, int size, LPWSTR out, int room)
{
    if (!bytes || size == 0 || size < -1 || room < 0 || (room > 0 && !out) ||
        (!is_utf8(page) && page != CP_LATIN1)) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    const DWORD known = MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS | MB_ERR_INVALID_CHARS;
    if (flags & ~known) {
        return fail(ERROR_INVALID_FLAGS);
    }

    size_t count = size < 0 ? strlen(bytes) + 1 : (size_t)size;
    size_t length = 0;
    CLEANUP(com_cleanup_free) wchar_t *text = widen(page, bytes, count, &length);
    if (!text) {
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    if (replace_escapes(text, length) && (flags & MB_ERR_INVALID_CHARS)) {
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    }
    if (length > INT_MAX) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    if (room > 0) {
        if (length > (size_t)room) {
            return fail(ERROR_INSUFFICIENT_BUFFER);
        }
        memcpy(out, text, length * sizeof *text);
    }
    return (int)length;
}

/* Surrogates are no characters of their own. */
static bool is_surrogate(wchar_t c)
{
    return c >= 0xD800 && c <= 0xDFFF;
}

/* A copy in which what the page lacks is replaced. */
static wchar_t *representable(UINT page, const wchar_t *text, size_t length, wchar_t substitute,
                              bool *ret_replaced)
{
    wchar_t *copy = com_wide_copy_n(text, length);
    *ret_replaced = false;
    for (size_t i = 0; copy && i < length; i++) {
        bool lacks = is_utf8(page) ? is_surrogate(copy[i]) || (uint32_t)copy[i] > 0x10FFFF
                                   : (uint32_t)copy[i] > 0xFF;
        if (lacks) {
            copy[i] = substitute;
            *ret_replaced = true;
        }
    }
    return copy;
}

/* Bytes of representable text. */
static char *narrow(UINT page, const wchar_t *text, size_t length, size_t *ret_size)
{
    if (is_utf8(page)) {
        *ret_size = com_utf8_size_of_wide(text, length);
        return com_utf8_from_wide_n(text, length);
    }

    char *bytes = malloc(length + 1);
    if (bytes) {
        for (size_t i = 0; i < length; i++) {
            bytes[i] = (char)(unsigned char)text[i];
        }
        *ret_size = length;
    }
    return bytes;
}

int WideCharToMultiByte(UINT page, DWORD flags, LPCWSTR text, int length, LPSTR out, int room,
                        LPCSTR default_char, BOOL *used_default)
{
    if (!text || length == 0 || length < -1 || room < 0 || (room > 0 && !out) ||
        (!is_utf8(page) && page != CP_LATIN1) ||
        (page == CP_UTF8 && (default_char || used_default))) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    const DWORD known =
        WC_COMPOSITECHECK | WC_DEFAULTCHAR | WC_ERR_INVALID_CHARS | WC_NO_BEST_FIT_CHARS;
    if (flags & ~known) {
        return fail(ERROR_INVALID_FLAGS);
    }

    size_t count = length < 0 ? wcslen(text) + 1 : (size_t)length;
    wchar_t substitute = is_utf8(page) ? REPLACEMENT : '?';
    if (default_char) {
        substitute = (wchar_t)(unsigned char)*default_char;
    }
    bool replaced;
    CLEANUP(com_cleanup_free)
    wchar_t *copy = representable(page, text, count, substitute, &replaced);
    size_t size = 0;
    CLEANUP(com_cleanup_free) char *bytes = copy ? narrow(page, copy, count, &size) : NULL;
    if (!bytes) {
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    if (replaced && (flags & WC_ERR_INVALID_CHARS)) {
        return fail(ERROR_NO_UNICODE_TRANSLATION);
    }
    if (used_default) {
        *used_default = replaced;
    }
    if (size > INT_MAX) {
        return fail(ERROR_INVALID_PARAMETER);
    }
    if (room > 0) {
        if (size > (size_t)room) {
            return fail(ERROR_INSUFFICIENT_BUFFER);
        }
        memcpy(out, bytes, size);
    }
    return (int)size;
}

UINT GetACP(void)
{
    return CP_UTF8;
}

LCID GetUserDefaultLCID(void)
{
    return MAKELCID(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), SORT_DEFAULT);
}

LCID GetSystemDefaultLCID(void)
{
    return GetUserDefaultLCID();
}
