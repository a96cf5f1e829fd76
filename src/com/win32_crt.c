/*
 * Functions of Microsoft's C library: numbers as wide text, and the string functions that know the
 * size of their buffer.
 */
#include "com/format.h"

#include <errno.h>
#include <string.h>
#include <wctype.h>

int _wtoi(const wchar_t *text)
{
    return (int)wcstol(text, NULL, 10);
}

LONG _wtol(const wchar_t *text)
{
    return (LONG)wcstol(text, NULL, 10);
}

LONGLONG _wtoi64(const wchar_t *text)
{
    return wcstoll(text, NULL, 10);
}

double _wtof(const wchar_t *text)
{
    return wcstod(text, NULL);
}

wchar_t *_wcslwr(wchar_t *text)
{
    for (wchar_t *p = text; *p; p++) {
        *p = (wchar_t)towlower((wint_t)*p);
    }
    return text;
}

wchar_t *_wcsupr(wchar_t *text)
{
    for (wchar_t *p = text; *p; p++) {
        *p = (wchar_t)towupper((wint_t)*p);
    }
    return text;
}

/* ---- numbers ------------------------------------------------------------------------- */

static errno_t number_to_wide(ULONGLONG value, bool negative, wchar_t *out, size_t room, int radix)
{
    if (!out || room == 0) {
        return EINVAL;
    }

    out[0] = 0;
    if (radix < 2 || radix > 36) {
        return EINVAL;
    }
    wchar_t reversed[65];
    size_t n = 0;
    do {
        reversed[n++] = (wchar_t) "0123456789abcdefghijklmnopqrstuvwxyz"[value % (unsigned)radix];
        value /= (unsigned)radix;
    } while (value != 0);
    if (negative) {
        reversed[n++] = '-';
    }
    if (n >= room) {
        return ERANGE;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = reversed[n - 1 - i];
    }
    out[n] = 0;
    return 0;
}

/* Only decimal numbers have a sign; others are the bits. */
static errno_t signed_to_wide(LONGLONG value, ULONGLONG bits, wchar_t *out, size_t room, int radix)
{
    if (radix == 10 && value < 0) {
        return number_to_wide(0 - (ULONGLONG)value, true, out, room, radix);
    }
    return number_to_wide(bits, false, out, room, radix);
}

errno_t _itow_s(int value, wchar_t *out, size_t room, int radix)
{
    return signed_to_wide(value, (unsigned)value, out, room, radix);
}

errno_t _i64tow_s(LONGLONG value, wchar_t *out, size_t room, int radix)
{
    return signed_to_wide(value, (ULONGLONG)value, out, room, radix);
}

errno_t _ui64tow_s(ULONGLONG value, wchar_t *out, size_t room, int radix)
{
    return number_to_wide(value, false, out, room, radix);
}

#define NUMBER_ROOM 65

wchar_t *_itow(int value, wchar_t *out, int radix)
{
    (void)_itow_s(value, out, NUMBER_ROOM, radix);
    return out;
}

wchar_t *_ultow(ULONG value, wchar_t *out, int radix)
{
    (void)_ui64tow_s(value, out, NUMBER_ROOM, radix);
    return out;
}

wchar_t *_i64tow(LONGLONG value, wchar_t *out, int radix)
{
    (void)_i64tow_s(value, out, NUMBER_ROOM, radix);
    return out;
}

wchar_t *_ui64tow(ULONGLONG value, wchar_t *out, int radix)
{
    (void)_ui64tow_s(value, out, NUMBER_ROOM, radix);
    return out;
}

/* ---- strings with the size of the buffer --------------------------------------------------- */

/* Put `length` characters of `size` bytes each, and a terminator, at out + used. */
static errno_t put_counted(void *out, size_t used, size_t room, const void *text, size_t length,
                           size_t count, size_t size)
{
    bool cut = false;
    size_t wanted = length < count ? length : count;
    if (count == _TRUNCATE && used < room && wanted >= room - used) {
        wanted = room - used - 1;
        cut = true;
    }
    if (used >= room || wanted >= room - used) {
        memset(out, 0, size);
        return ERANGE;
    }
    memcpy((char *)out + used * size, text, wanted * size);
    memset((char *)out + (used + wanted) * size, 0, size);
    return cut ? STRUNCATE : 0;
}

#define WHOLE ((size_t)-2) /* as long as it is, and an error if that does not fit */

static bool is_whole(size_t count)
{
    return count == WHOLE || count == _TRUNCATE;
}

static errno_t narrow_put(char *out, size_t used, size_t room, const char *text, size_t count)
{
    if (!out || room == 0) {
        return EINVAL;
    }
    if (!text) {
        out[0] = 0;
        return EINVAL;
    }
    size_t length = is_whole(count) ? strlen(text) : strnlen(text, count);
    return put_counted(out, used, room, text, length, count, sizeof *text);
}

static errno_t wide_put(wchar_t *out, size_t used, size_t room, const wchar_t *text, size_t count)
{
    if (!out || room == 0) {
        return EINVAL;
    }
    if (!text) {
        out[0] = 0;
        return EINVAL;
    }
    size_t length = is_whole(count) ? wcslen(text) : wcsnlen(text, count);
    return put_counted(out, used, room, text, length, count, sizeof *text);
}

errno_t strcpy_s(char *out, size_t room, const char *text)
{
    return narrow_put(out, 0, room, text, WHOLE);
}

errno_t strncpy_s(char *out, size_t room, const char *text, size_t count)
{
    return narrow_put(out, 0, room, text, count);
}

errno_t strcat_s(char *out, size_t room, const char *text)
{
    return narrow_put(out, out ? strnlen(out, room) : 0, room, text, WHOLE);
}

errno_t strncat_s(char *out, size_t room, const char *text, size_t count)
{
    return narrow_put(out, out ? strnlen(out, room) : 0, room, text, count);
}

errno_t wcscpy_s(wchar_t *out, size_t room, const wchar_t *text)
{
    return wide_put(out, 0, room, text, WHOLE);
}

errno_t wcsncpy_s(wchar_t *out, size_t room, const wchar_t *text, size_t count)
{
    return wide_put(out, 0, room, text, count);
}

errno_t wcscat_s(wchar_t *out, size_t room, const wchar_t *text)
{
    return wide_put(out, out ? wcsnlen(out, room) : 0, room, text, WHOLE);
}

errno_t wcsncat_s(wchar_t *out, size_t room, const wchar_t *text, size_t count)
{
    return wide_put(out, out ? wcsnlen(out, room) : 0, room, text, count);
}

errno_t memcpy_s(void *out, size_t room, const void *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    if (!out) {
        return EINVAL;
    }
    if (!data || size > room) {
        memset(out, 0, room);
        return data ? ERANGE : EINVAL;
    }
    memcpy(out, data, size);
    return 0;
}

int vsprintf_s(char *out, size_t room, const char *format, va_list args)
{
    if (!out || room == 0 || !format) {
        return -1;
    }

    int length = format_narrow(out, room, format, args);
    if (length < 0 || (size_t)length >= room) {
        out[0] = 0;
        return -1;
    }
    return length;
}

int sprintf_s(char *out, size_t room, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsprintf_s(out, room, format, args);
    va_end(args);
    return length;
}

int vswprintf_s(wchar_t *out, size_t room, const wchar_t *format, va_list args)
{
    if (!out || room == 0 || !format) {
        return -1;
    }

    int length = format_wide(out, room, format, args);
    if (length < 0 || (size_t)length >= room) {
        out[0] = 0;
        return -1;
    }
    return length;
}

int swprintf_s(wchar_t *out, size_t room, const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vswprintf_s(out, room, format, args);
    va_end(args);
    return length;
}

errno_t localtime_s(struct tm *out, const time_t *t)
{
    return out && t && localtime_r(t, out) ? 0 : EINVAL;
}

errno_t gmtime_s(struct tm *out, const time_t *t)
{
    return out && t && gmtime_r(t, out) ? 0 : EINVAL;
}
