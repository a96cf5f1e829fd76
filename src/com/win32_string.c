/*
 * Names of this machine, the lstr functions, and output for a debugger.
 */
#include "com/com.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wchar.h>

int lstrlenW(LPCWSTR text)
{
    return text ? (int)wcslen(text) : 0;
}

int lstrlenA(LPCSTR text)
{
    return text ? (int)strlen(text) : 0;
}

int lstrcmpW(LPCWSTR a, LPCWSTR b)
{
    return wcscmp(a, b);
}

int lstrcmpA(LPCSTR a, LPCSTR b)
{
    return strcmp(a, b);
}

int lstrcmpiW(LPCWSTR a, LPCWSTR b)
{
    return wcscasecmp(a, b);
}

int lstrcmpiA(LPCSTR a, LPCSTR b)
{
    return strcasecmp(a, b);
}

LPWSTR lstrcpyW(LPWSTR out, LPCWSTR text)
{
    return wcscpy(out, text);
}

LPSTR lstrcpyA(LPSTR out, LPCSTR text)
{
    return strcpy(out, text);
}

void OutputDebugStringA(LPCSTR text)
{
    (void)fputs(text ? text : "", stderr);
}

void OutputDebugStringW(LPCWSTR text)
{
    if (text) {
        (void)wbem_write_wide(text, wcslen(text), stderr);
    }
}

/* The name up to the first dot, in capitals as a NetBIOS name has them. */
BOOL GetComputerNameA(LPSTR out, LPDWORD room)
{
    char name[MAX_COMPUTERNAME_LENGTH + 1] = "";
    if (gethostname(name, sizeof name - 1) != 0) {
        SetLastError((DWORD)HRESULT_CODE(com_hresult_from_errno(errno)));
        return FALSE;
    }
    name[strcspn(name, ".")] = 0;
    for (char *p = name; *p; p++) {
        *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
    }
    DWORD length = (DWORD)strlen(name);
    if (!out || *room <= length) {
        *room = length + 1;
        SetLastError(ERROR_BUFFER_OVERFLOW);
        return FALSE;
    }
    memcpy(out, name, length + 1);
    *room = length;
    return TRUE;
}

BOOL GetComputerNameW(LPWSTR out, LPDWORD room)
{
    char name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = sizeof name;
    if (!GetComputerNameA(name, &size)) {
        return FALSE;
    }
    size_t length = com_wide_length_of_utf8(name, size);
    if (!out || *room <= length) {
        *room = (DWORD)length + 1;
        SetLastError(ERROR_BUFFER_OVERFLOW);
        return FALSE;
    }
    *com_wide_put_utf8(out, name, size) = 0;
    *room = (DWORD)length;
    return TRUE;
}
