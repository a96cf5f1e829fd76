/*
 * Object paths: what is accepted prints in a normal form that reads back as
 * itself, and IWbemPath gives the same form; a mistake lies within the text.
 */
#include "fuzz.h"

#include "object/object.h"
#include "path/path_private.h"

#include <wchar.h>

static void check_object(const wchar_t *text, const wchar_t *printed)
{
    IWbemPath *path = NULL;
    ULONG size = 0;
    FUZZ_ASSERT(SUCCEEDED(wbem_path_create(NULL, &IID_IWbemPath, (void **)&path)));
    FUZZ_ASSERT(SUCCEEDED(IWbemPath_SetText(path, WBEMPATH_CREATE_ACCEPT_ALL, text)));
    FUZZ_ASSERT(SUCCEEDED(IWbemPath_GetText(path, 0, &size, NULL)));
    wchar_t *again = malloc(size * sizeof *again);
    FUZZ_ASSERT(again != NULL);
    FUZZ_ASSERT(SUCCEEDED(IWbemPath_GetText(path, 0, &size, again)));
    FUZZ_ASSERT(wcscmp(printed, again) == 0);
    free(again);
    IWbemPath_Release(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Each byte a character, the upper half standing for what is not ASCII. */
    wchar_t *text = malloc((size + 1) * sizeof *text);
    FUZZ_ASSERT(text != NULL);
    for (size_t i = 0; i < size; i++) {
        text[i] = data[i] < 0x80 ? (wchar_t)data[i] : (wchar_t)data[i] + 0x1f500;
    }
    text[size] = L'\0';

    struct object_path *path = NULL, *again = NULL;
    size_t offset = 0;
    HRESULT hr = object_path_parse(text, &path, &offset);
    FUZZ_ASSERT(hr == WBEM_S_NO_ERROR || hr == WBEM_E_INVALID_OBJECT_PATH);
    if (FAILED(hr)) {
        FUZZ_ASSERT(offset <= wcslen(text));
        free(text);
        return 0;
    }

    wchar_t *printed = NULL, *reprinted = NULL;
    FUZZ_ASSERT(SUCCEEDED(object_path_print(path, &printed)));
    FUZZ_ASSERT(SUCCEEDED(object_path_parse(printed, &again, NULL)));
    FUZZ_ASSERT(SUCCEEDED(object_path_print(again, &reprinted)));
    FUZZ_ASSERT(wcscmp(printed, reprinted) == 0);
    FUZZ_ASSERT(path->key_count == again->key_count);
    for (uint32_t i = 0; i < path->key_count; i++) {
        FUZZ_ASSERT(path->keys[i].type == again->keys[i].type);
        FUZZ_ASSERT(path->keys[i].number == again->keys[i].number);
        FUZZ_ASSERT(wcscmp(path->keys[i].text, again->keys[i].text) == 0);
    }
    check_object(text, printed);
    object_path_destroy(path);
    object_path_destroy(again);
    free(printed);
    free(reprinted);
    free(text);
    return 0;
}
