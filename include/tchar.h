/*
 * Names that mean wide functions where _UNICODE is defined and narrow ones where it is not.
 */
#ifndef WBEM_TCHAR_H
#define WBEM_TCHAR_H

#include "crt.h"

#ifdef _UNICODE

typedef wchar_t _TCHAR;
typedef wchar_t _TSCHAR;
typedef wchar_t _TUCHAR;
typedef wint_t _TINT;
#define WBEM_T(quote) L##quote
#define _tmain wmain
#define _tWinMain wWinMain
#define _tprintf wbem_wprintf
#define _tprintf_s wbem_wprintf
#define _ftprintf wbem_fwprintf
#define _ftprintf_s wbem_fwprintf
#define _stprintf wbem_swprintf
#define _stprintf_s swprintf_s
#define _sntprintf _snwprintf
#define _vtprintf wbem_vwprintf
#define _vstprintf_s vswprintf_s
#define _putts _putws
#define _fputts wbem_fputws
#define _tcslen wcslen
#define _tcsnlen wcsnlen
#define _tcscpy wcscpy
#define _tcscpy_s wcscpy_s
#define _tcsncpy wcsncpy
#define _tcsncpy_s wcsncpy_s
#define _tcscat wcscat
#define _tcscat_s wcscat_s
#define _tcscmp wcscmp
#define _tcsncmp wcsncmp
#define _tcsicmp wcscasecmp
#define _tcsnicmp wcsncasecmp
#define _tcschr wcschr
#define _tcsrchr wcsrchr
#define _tcsstr wcsstr
#define _tcsdup wcsdup
#define _tcstok wcstok
#define _tcstok_s wcstok
#define _tcstol wcstol
#define _tcstoul wcstoul
#define _tcstod wcstod
#define _ttoi _wtoi
#define _ttol _wtol
#define _ttoi64 _wtoi64
#define _istdigit iswdigit
#define _istspace iswspace
#define _istalpha iswalpha
#define _totlower towlower
#define _totupper towupper

#else

typedef char _TCHAR;
typedef signed char _TSCHAR;
typedef unsigned char _TUCHAR;
typedef int _TINT;
#define WBEM_T(quote) quote
#define _tmain main
#define _tWinMain WinMain
#define _tprintf printf
#define _tprintf_s printf
#define _ftprintf fprintf
#define _ftprintf_s fprintf
#define _stprintf sprintf
#define _stprintf_s sprintf_s
#define _sntprintf _snprintf
#define _vtprintf vprintf
#define _vstprintf_s vsprintf_s
#define _putts puts
#define _fputts fputs
#define _tcslen strlen
#define _tcsnlen strnlen
#define _tcscpy strcpy
#define _tcscpy_s strcpy_s
#define _tcsncpy strncpy
#define _tcsncpy_s strncpy_s
#define _tcscat strcat
#define _tcscat_s strcat_s
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcsicmp strcasecmp
#define _tcsnicmp strncasecmp
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcsdup strdup
#define _tcstok strtok
#define _tcstok_s strtok_r
#define _tcstol strtol
#define _tcstoul strtoul
#define _tcstod strtod
#define _ttoi atoi
#define _ttol atol
#define _ttoi64 atoll
#define _istdigit isdigit
#define _istspace isspace
#define _istalpha isalpha
#define _totlower tolower
#define _totupper toupper

#endif

#include <ctype.h>
#include <wctype.h>

#define _T(quote) WBEM_T(quote)
#define _TEXT(quote) WBEM_T(quote)

#endif
