/*
 * BSTR: [MS-OAUT] 2.2.23 in memory. Eight bytes before the characters, of which the last four count
 * the string's bytes, so that binary BSTRs are aligned for any element; a terminator after them.
 */
#include "com/com.h"

#include <string.h>

#define BSTR_HEADER 8
#define BSTR_MAX_BYTES (UINT32_MAX - BSTR_HEADER - 2 * (uint32_t)sizeof(WCHAR))

static char *bstr_block(BSTR s)
{
    return (char *)s - BSTR_HEADER;
}

static uint32_t bstr_bytes(const OLECHAR *s)
{
    return ((const uint32_t *)(const void *)s)[-1];
}

/* Sets the count and the terminator. Bytes that only fill the last character up are zero too. */
static BSTR bstr_finish(char *block, uint32_t bytes)
{
    char *text = block + BSTR_HEADER;
    memcpy(text - sizeof bytes, &bytes, sizeof bytes);
    if (bytes % sizeof(WCHAR) == 0) {
        memset(text + bytes, 0, sizeof(WCHAR));
    } else {
        memset(text + bytes, 0, 2 * sizeof(WCHAR) - bytes % sizeof(WCHAR));
    }
    return (BSTR)(void *)text;
}

/* Room for the header, the bytes rounded up to characters, and the terminator. */
static size_t bstr_block_size(uint32_t bytes)
{
    return BSTR_HEADER + (size_t)bytes + 2 * sizeof(WCHAR) - bytes % sizeof(WCHAR);
}

static BSTR bstr_create(size_t bytes)
{
    if (bytes > BSTR_MAX_BYTES) {
        return NULL;
    }

    char *block = malloc(bstr_block_size((uint32_t)bytes));
    return block ? bstr_finish(block, (uint32_t)bytes) : NULL;
}

BSTR SysAllocStringLen(const OLECHAR *text, UINT length)
{
    BSTR s = bstr_create((size_t)length * sizeof(WCHAR));
    if (s && text) {
        memcpy(s, text, (size_t)length * sizeof(WCHAR));
    }
    return s;
}

BSTR SysAllocString(const OLECHAR *text)
{
    if (!text) {
        return NULL;
    }

    size_t bytes = wcslen(text) * sizeof(WCHAR);
    BSTR s = bstr_create(bytes);
    if (s) {
        memcpy(s, text, bytes);
    }
    return s;
}

BSTR SysAllocStringByteLen(LPCSTR bytes, UINT size)
{
    BSTR s = bstr_create(size);
    if (s && bytes) {
        memcpy(s, bytes, size);
    }
    return s;
}

INT SysReAllocStringLen(BSTR *s, const OLECHAR *text, UINT length)
{
    if (!s) {
        return FALSE;
    }
    if (!text && *s) {
        /* The text stays, as far as there is room. */
        size_t bytes = (size_t)length * sizeof(WCHAR);
        if (bytes > BSTR_MAX_BYTES) {
            return FALSE;
        }
        char *block = realloc(bstr_block(*s), bstr_block_size((uint32_t)bytes));
        if (!block) {
            return FALSE;
        }
        *s = bstr_finish(block, (uint32_t)bytes);
        return TRUE;
    }

    BSTR fresh = SysAllocStringLen(text, length);
    if (!fresh) {
        return FALSE;
    }
    SysFreeString(*s); /* only now: `text` may lie in it */
    *s = fresh;
    return TRUE;
}

INT SysReAllocString(BSTR *s, const OLECHAR *text)
{
    if (!s) {
        return FALSE;
    }

    BSTR fresh = SysAllocString(text);
    if (!fresh && text) {
        return FALSE;
    }
    SysFreeString(*s);
    *s = fresh;
    return TRUE;
}

void SysFreeString(BSTR s)
{
    if (s) {
        free(bstr_block(s));
    }
}

UINT SysStringLen(BSTR s)
{
    return s ? bstr_bytes(s) / (UINT)sizeof(WCHAR) : 0;
}

UINT SysStringByteLen(BSTR s)
{
    return s ? bstr_bytes(s) : 0;
}
