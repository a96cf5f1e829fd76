/*
 * What programs expect of Microsoft's C library beyond the standard, and the wide half of stdio as
 * it works there.
 *
 * On Windows narrow and wide output mix on one stream, and in wprintf %s means wide text. In the C
 * libraries of Linux the first output decides for a stream, the other kind is lost from then on,
 * and %s means narrow text everywhere. So that programs print what they print on Windows, wprintf
 * and its kin are the library's own after this header: text is written as UTF-8, %s and %c are
 * wide, %S, %hs and %hc narrow, `l` before a number says 32 bits (%lld and %I64d: 64), and
 * std::wcout goes the same way. Define WBEM_NO_WIDE_STDIO before the first include to keep the C
 * library's.
 */
#ifndef WBEM_CRT_H
#define WBEM_CRT_H

#ifdef __cplusplus
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>
#include "winnt.h"

#define WBEM_CRT EXTERN_C WBEM_EXPORT

typedef int errno_t;
typedef size_t rsize_t;
#define _TRUNCATE ((size_t)-1)

/* ---- the wide half of stdio -------------------------------------------------------- */

WBEM_CRT int wbem_wprintf(const wchar_t *format, ...);
WBEM_CRT int wbem_vwprintf(const wchar_t *format, va_list args);
WBEM_CRT int wbem_fwprintf(FILE *file, const wchar_t *format, ...);
WBEM_CRT int wbem_vfwprintf(FILE *file, const wchar_t *format, va_list args);
/* -1 when there is not enough room, as the standard says of swprintf. */
WBEM_CRT int wbem_swprintf(wchar_t *out, size_t room, const wchar_t *format, ...);
WBEM_CRT int wbem_vswprintf(wchar_t *out, size_t room, const wchar_t *format, va_list args);
WBEM_CRT int wbem_fputws(const wchar_t *text, FILE *file);
WBEM_CRT int _putws(const wchar_t *text);
WBEM_CRT wint_t wbem_fputwc(wchar_t c, FILE *file);
/* length characters as UTF-8; false when the file has an error. */
WBEM_CRT int wbem_write_wide(const wchar_t *text, size_t length, FILE *file);
/* The length of the text, whether or not there is a buffer for it. */
WBEM_CRT int _scwprintf(const wchar_t *format, ...);
/* -1, and no terminator, when there is not enough room. */
WBEM_CRT int _snwprintf(wchar_t *out, size_t room, const wchar_t *format, ...);
WBEM_CRT int _vsnwprintf(wchar_t *out, size_t room, const wchar_t *format, va_list args);
WBEM_CRT int _snprintf(char *out, size_t room, const char *format, ...);
WBEM_CRT int _vsnprintf(char *out, size_t room, const char *format, va_list args);

#ifndef WBEM_NO_WIDE_STDIO
#undef wprintf
#undef vwprintf
#undef fwprintf
#undef vfwprintf
#undef swprintf
#undef vswprintf
#undef fputws
#undef fputwc
#undef putwc
#undef putwchar
#define wprintf(...) wbem_wprintf(__VA_ARGS__)
#define vwprintf(format, args) wbem_vwprintf(format, args)
#define fwprintf(...) wbem_fwprintf(__VA_ARGS__)
#define vfwprintf(file, format, args) wbem_vfwprintf(file, format, args)
#define swprintf(...) wbem_swprintf(__VA_ARGS__)
#define vswprintf(out, room, format, args) wbem_vswprintf(out, room, format, args)
#define fputws(text, file) wbem_fputws(text, file)
#define fputwc(c, file) wbem_fputwc(c, file)
#define putwc(c, file) wbem_fputwc(c, file)
#define putwchar(c) wbem_fputwc(c, stdout)
#ifdef __cplusplus
/* For programs that write std::wprintf. */
namespace std
{
using ::wbem_fputwc;
using ::wbem_fputws;
using ::wbem_fwprintf;
using ::wbem_swprintf;
using ::wbem_vfwprintf;
using ::wbem_vswprintf;
using ::wbem_vwprintf;
using ::wbem_wprintf;
} // namespace std
#endif
#endif

/* ---- strings under their Windows names -------------------------------------------------- */

#define _stricmp strcasecmp
#define _strcmpi strcasecmp
#define _strnicmp strncasecmp
#define _strdup strdup
#define strtok_s strtok_r
#define _wcsicmp wcscasecmp
#define _wcsnicmp wcsncasecmp
#define _wcsdup wcsdup
#define wcstok_s wcstok
#define _strtoi64 strtoll
#define _strtoui64 strtoull
#define _wcstoi64 wcstoll
#define _wcstoui64 wcstoull
#define _atoi64 atoll

WBEM_CRT int _wtoi(const wchar_t *text);
WBEM_CRT LONG _wtol(const wchar_t *text);
WBEM_CRT LONGLONG _wtoi64(const wchar_t *text);
WBEM_CRT double _wtof(const wchar_t *text);
WBEM_CRT wchar_t *_wcslwr(wchar_t *text);
WBEM_CRT wchar_t *_wcsupr(wchar_t *text);
/* The buffer must have room for 65 characters. Radix 2 to 36. */
WBEM_CRT wchar_t *_itow(int value, wchar_t *out, int radix);
WBEM_CRT wchar_t *_ultow(ULONG value, wchar_t *out, int radix);
WBEM_CRT wchar_t *_i64tow(LONGLONG value, wchar_t *out, int radix);
WBEM_CRT wchar_t *_ui64tow(ULONGLONG value, wchar_t *out, int radix);
WBEM_CRT errno_t _itow_s(int value, wchar_t *out, size_t room, int radix);
WBEM_CRT errno_t _i64tow_s(LONGLONG value, wchar_t *out, size_t room, int radix);
WBEM_CRT errno_t _ui64tow_s(ULONGLONG value, wchar_t *out, size_t room, int radix);

/* ---- with the size of the buffer ------------------------------------------------------------ */

/* 0, or EINVAL or ERANGE with the buffer made empty; _TRUNCATE as count: STRUNCATE when text was
 * cut. The printf kind returns the length or -1. */
#define STRUNCATE 80
WBEM_CRT errno_t strcpy_s(char *out, size_t room, const char *text);
WBEM_CRT errno_t strncpy_s(char *out, size_t room, const char *text, size_t count);
WBEM_CRT errno_t strcat_s(char *out, size_t room, const char *text);
WBEM_CRT errno_t strncat_s(char *out, size_t room, const char *text, size_t count);
WBEM_CRT errno_t wcscpy_s(wchar_t *out, size_t room, const wchar_t *text);
WBEM_CRT errno_t wcsncpy_s(wchar_t *out, size_t room, const wchar_t *text, size_t count);
WBEM_CRT errno_t wcscat_s(wchar_t *out, size_t room, const wchar_t *text);
WBEM_CRT errno_t wcsncat_s(wchar_t *out, size_t room, const wchar_t *text, size_t count);
WBEM_CRT errno_t memcpy_s(void *out, size_t room, const void *data, size_t size);
WBEM_CRT int sprintf_s(char *out, size_t room, const char *format, ...);
WBEM_CRT int vsprintf_s(char *out, size_t room, const char *format, va_list args);
WBEM_CRT int swprintf_s(wchar_t *out, size_t room, const wchar_t *format, ...);
WBEM_CRT int vswprintf_s(wchar_t *out, size_t room, const wchar_t *format, va_list args);
WBEM_CRT errno_t localtime_s(struct tm *out, const time_t *t);
WBEM_CRT errno_t gmtime_s(struct tm *out, const time_t *t);
#define printf_s printf
#define fprintf_s fprintf
#define wprintf_s wbem_wprintf
#define fwprintf_s wbem_fwprintf

#ifdef __cplusplus
/* The size of an array is known. */
extern "C++" {
template <size_t N> errno_t strcpy_s(char (&out)[N], const char *text)
{
    return strcpy_s(out, N, text);
}

template <size_t N> errno_t strcat_s(char (&out)[N], const char *text)
{
    return strcat_s(out, N, text);
}

template <size_t N> errno_t wcscpy_s(wchar_t (&out)[N], const wchar_t *text)
{
    return wcscpy_s(out, N, text);
}

template <size_t N> errno_t wcscat_s(wchar_t (&out)[N], const wchar_t *text)
{
    return wcscat_s(out, N, text);
}

template <size_t N> int sprintf_s(char (&out)[N], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsprintf_s(out, N, format, args);
    va_end(args);
    return length;
}

template <size_t N> int swprintf_s(wchar_t (&out)[N], const wchar_t *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vswprintf_s(out, N, format, args);
    va_end(args);
    return length;
}
}
#endif

#endif
