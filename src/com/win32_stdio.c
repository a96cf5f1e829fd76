/*
 * The wide half of stdio: formatted as on Windows, written as UTF-8 to the narrow stream.
 */
#include "com/format.h"

#include <stdio.h>
#include <string.h>

/* A stream that is wide already, such as open_wmemstream() makes, takes nothing else. */
static bool write_to_wide_stream(const wchar_t *text, size_t length, FILE *file)
{
    for (size_t i = 0; i < length; i++) {
        if (fputwc(text[i], file) == WEOF) {
            return false;
        }
    }
    return true;
}

int wbem_write_wide(const wchar_t *text, size_t length, FILE *file)
{
    if (fwide(file, 0) > 0) {
        return write_to_wide_stream(text, length, file);
    }

    char chunk[1024];
    const size_t step = sizeof chunk / 4; /* a character takes at most four bytes */
    while (length > 0) {
        size_t n = length < step ? length : step;
        size_t size = (size_t)(com_utf8_put_wide(chunk, text, n) - chunk);
        if (fwrite(chunk, 1, size, file) != size) {
            return FALSE;
        }
        text += n;
        length -= n;
    }
    return TRUE;
}

int wbem_vfwprintf(FILE *file, const wchar_t *format, va_list args)
{
    wchar_t small[512];
    wchar_t *text = small;
    int length = format_wide(small, ARRAYSIZE(small), format, args);
    if (length >= (int)ARRAYSIZE(small)) {
        size_t room = (size_t)length + 1;
        text = malloc(room * sizeof *text);
        if (!text) {
            return -1;
        }
        length = format_wide(text, room, format, args);
    }
    if (length >= 0 && !wbem_write_wide(text, (size_t)length, file)) {
        length = -1;
    }
    if (text != small) {
        free(text);
    }
    return length;
}

int wbem_fwprintf(FILE *file, const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = wbem_vfwprintf(file, format, args);
    va_end(args);
    return length;
}

int wbem_vwprintf(const wchar_t *format, va_list args)
{
    return wbem_vfwprintf(stdout, format, args);
}

int wbem_wprintf(const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = wbem_vfwprintf(stdout, format, args);
    va_end(args);
    return length;
}

int wbem_vswprintf(wchar_t *out, size_t room, const wchar_t *format, va_list args)
{
    int length = format_wide(out, room, format, args);
    return length >= 0 && (size_t)length < room ? length : -1;
}

int wbem_swprintf(wchar_t *out, size_t room, const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = wbem_vswprintf(out, room, format, args);
    va_end(args);
    return length;
}

int wbem_fputws(const wchar_t *text, FILE *file)
{
    return wbem_write_wide(text, wcslen(text), file) ? 0 : EOF;
}

int _putws(const wchar_t *text)
{
    return wbem_fputws(text, stdout) == 0 && putchar('\n') != EOF ? 0 : EOF;
}

wint_t wbem_fputwc(wchar_t c, FILE *file)
{
    return wbem_write_wide(&c, 1, file) ? (wint_t)c : WEOF;
}

int _scwprintf(const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = format_wide(NULL, 0, format, args);
    va_end(args);
    return length;
}

/* ---- without a terminator when the room is just used up -------------------------------- */

int _vsnwprintf(wchar_t *out, size_t room, const wchar_t *format, va_list args)
{
    if (room == 0) {
        return -1;
    }

    int length = format_wide(out, room, format, args);
    if (length < 0 || (size_t)length < room) {
        return length;
    }
    wchar_t *text = malloc(((size_t)length + 1) * sizeof *text);
    if (!text) {
        return -1;
    }
    (void)format_wide(text, (size_t)length + 1, format, args);
    memcpy(out, text, room * sizeof *text);
    free(text);
    return (size_t)length == room ? length : -1;
}

int _snwprintf(wchar_t *out, size_t room, const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = _vsnwprintf(out, room, format, args);
    va_end(args);
    return length;
}

int _vsnprintf(char *out, size_t room, const char *format, va_list args)
{
    if (room == 0) {
        return -1;
    }

    int length = format_narrow(out, room, format, args);
    if (length < 0 || (size_t)length < room) {
        return length;
    }
    char *text = malloc((size_t)length + 1);
    if (!text) {
        return -1;
    }
    (void)format_narrow(text, (size_t)length + 1, format, args);
    memcpy(out, text, room);
    free(text);
    return (size_t)length == room ? length : -1;
}

int _snprintf(char *out, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = _vsnprintf(out, room, format, args);
    va_end(args);
    return length;
}

/* ---- wsprintf ------------------------------------------------------------------------------ */

#define WSPRINTF_ROOM 1025 /* documented: 1024 characters and the terminator */

int wvsprintfW(LPWSTR out, LPCWSTR format, va_list args)
{
    int length = format_wide(out, WSPRINTF_ROOM, format, args);
    return length < WSPRINTF_ROOM ? length : WSPRINTF_ROOM - 1;
}

int wsprintfW(LPWSTR out, LPCWSTR format, ...)
{
    va_list args;
    va_start(args, format);
    int length = wvsprintfW(out, format, args);
    va_end(args);
    return length;
}

int wvsprintfA(LPSTR out, LPCSTR format, va_list args)
{
    int length = format_narrow(out, WSPRINTF_ROOM, format, args);
    return length < WSPRINTF_ROOM ? length : WSPRINTF_ROOM - 1;
}

int wsprintfA(LPSTR out, LPCSTR format, ...)
{
    va_list args;
    va_start(args, format);
    int length = wvsprintfA(out, format, args);
    va_end(args);
    return length;
}
