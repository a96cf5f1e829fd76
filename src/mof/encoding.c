/*
 * Files in UTF-16 (mofcomp writes and reads them): to UTF-8, which the lexer
 * reads. Told by their byte order mark, so UTF-8 passes through untouched.
 */
#include "com/com.h"
#include "mof/compiler_private.h"

#include <stdlib.h>

static void swap_bytes(uint8_t *bytes, size_t units)
{
    for (size_t i = 0; i < units; i++) {
        uint8_t first = bytes[2 * i];
        bytes[2 * i] = bytes[2 * i + 1];
        bytes[2 * i + 1] = first;
    }
}

static char *utf8_of_utf16(const uint8_t *bytes, size_t units, size_t *ret_size)
{
    size_t length = com_wide_length_of_utf16(bytes, units);
    wchar_t *wide = malloc((length + 1) * sizeof *wide);
    if (wide == NULL) {
        return NULL;
    }
    (void)com_wide_put_utf16(wide, bytes, units);
    *ret_size = com_utf8_size_of_wide(wide, length);
    char *utf8 = malloc(*ret_size + 1);
    if (utf8 != NULL) {
        (void)com_utf8_put_wide(utf8, wide, length);
    }
    free(wide);
    return utf8;
}

HRESULT mof_to_utf8(const char *text, size_t size, char **ret, size_t *ret_size)
{
    const uint8_t *bytes = (const uint8_t *)text;
    bool little = size >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe;
    bool big = size >= 2 && bytes[0] == 0xfe && bytes[1] == 0xff;
    *ret = NULL;
    if (!little && !big) {
        return WBEM_S_NO_ERROR;
    }

    size_t units = (size - 2) / 2;
    uint8_t *copy = malloc(units * 2 + 1);
    if (copy == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    memcpy(copy, bytes + 2, units * 2);
    if (big) {
        swap_bytes(copy, units);
    }
    *ret = utf8_of_utf16(copy, units, ret_size);
    free(copy);
    return *ret == NULL ? WBEM_E_OUT_OF_MEMORY : WBEM_S_NO_ERROR;
}
