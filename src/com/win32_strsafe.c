/*
 * strsafe.h: the functions for wide and for narrow text are one text, in strsafe_functions.inc.
 */
#include "com/format.h"

#include <strsafe.h>
#include <string.h>
#include <wchar.h>

#define CHARACTER WCHAR
#define NAME(name) name##W
#define LENGTH_WITHIN wcsnlen
#define FORMAT format_wide
#include "com/strsafe_functions.inc"
#undef CHARACTER
#undef NAME
#undef LENGTH_WITHIN
#undef FORMAT

#define CHARACTER char
#define NAME(name) name##A
#define LENGTH_WITHIN strnlen
#define FORMAT format_narrow
#include "com/strsafe_functions.inc"
