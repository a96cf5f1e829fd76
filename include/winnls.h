/*
 * Conversion between code pages and wide text. The code pages here are UTF-8
 * (which CP_ACP and CP_OEMCP mean too) and ISO 8859-1 (28591).
 */
#ifndef WBEM_WINNLS_H
#define WBEM_WINNLS_H

#include "windef.h"

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_THREAD_ACP 3
#define CP_UTF7 65000
#define CP_UTF8 65001
#define MB_PRECOMPOSED 0x1
#define MB_COMPOSITE 0x2
#define MB_USEGLYPHCHARS 0x4
#define MB_ERR_INVALID_CHARS 0x8
#define WC_COMPOSITECHECK 0x200
#define WC_DEFAULTCHAR 0x40
#define WC_ERR_INVALID_CHARS 0x80
#define WC_NO_BEST_FIT_CHARS 0x400

/* Characters written (with the terminator when the length given was -1), the room needed when the
 * buffer's size is 0, or 0 with GetLastError: ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_PARAMETER,
 * ERROR_INVALID_FLAGS, ERROR_NO_UNICODE_TRANSLATION. Bytes that are not UTF-8 become U+FFFD. */
EXTERN_C WBEM_EXPORT int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags,
                                                    LPCSTR lpMultiByteStr, int cbMultiByte,
                                                    LPWSTR lpWideCharStr, int cchWideChar);
EXTERN_C WBEM_EXPORT int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags,
                                                    LPCWSTR lpWideCharStr, int cchWideChar,
                                                    LPSTR lpMultiByteStr, int cbMultiByte,
                                                    LPCSTR lpDefaultChar, BOOL *lpUsedDefaultChar);
EXTERN_C WBEM_EXPORT UINT WINAPI GetACP(void);
/* Always English (United States): the language of the library's texts. */
EXTERN_C WBEM_EXPORT LCID WINAPI GetUserDefaultLCID(void);
EXTERN_C WBEM_EXPORT LCID WINAPI GetSystemDefaultLCID(void);

#endif
