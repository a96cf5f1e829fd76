/*
 * The printing functions that Windows keeps with its windows.
 */
#ifndef WBEM_WINUSER_H
#define WBEM_WINUSER_H

#include <stdarg.h>
#include "windef.h"

/* Windows's format letters: in the W functions %s is wide, in the A functions narrow, %S the other,
 * %hs narrow and %ls wide in both; %I64d; `l` before a number says 32 bits, as LONG has. At most
 * 1024 characters are written. */
EXTERN_C WBEM_EXPORT int wsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, ...);
EXTERN_C WBEM_EXPORT int wsprintfA(LPSTR lpOut, LPCSTR lpFmt, ...);
EXTERN_C WBEM_EXPORT int wvsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, va_list arglist);
EXTERN_C WBEM_EXPORT int wvsprintfA(LPSTR lpOut, LPCSTR lpFmt, va_list arglist);

#ifdef UNICODE
#define wsprintf wsprintfW
#define wvsprintf wvsprintfW
#else
#define wsprintf wsprintfA
#define wvsprintf wvsprintfA
#endif

#endif
