/*
 * printf as Windows has it: %s means the function's own kind of text, %S the other, %hs narrow and
 * %ls (or %ws) wide everywhere; %I64d, %I32d; `l` before a number says 32 bits, as LONG has.
 * Narrow text is UTF-8. %n is refused.
 */
#ifndef WBEM_COM_FORMAT_H
#define WBEM_COM_FORMAT_H

#include "com/com.h"

#include <stdarg.h>

/* Writes at most `room` characters, the terminator included (none when room is 0). Returns the
 * length that the whole text has, or -1 for a malformed format or one too long for an int. */
int format_wide(wchar_t *out, size_t room, const wchar_t *format, va_list args);
int format_narrow(char *out, size_t room, const char *format, va_list args);

#endif
