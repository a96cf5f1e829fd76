/*
 * WQL: what is accepted prints as text that parses to a tree that prints the
 * same; what is refused is refused with a place inside the text.
 */
#include "fuzz.h"

#include "wql/wql.h"

#include <wchar.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* Each byte a character, the upper half standing for what is not ASCII. */
    wchar_t *text = malloc((size + 1) * sizeof *text);
    FUZZ_ASSERT(text != NULL);
    for (size_t i = 0; i < size; i++) {
        text[i] = data[i] < 0x80 ? (wchar_t)data[i] : (wchar_t)data[i] + 0x1f500;
    }
    text[size] = L'\0';

    struct wql_query *query = NULL, *again = NULL;
    struct wql_error error = {0};
    HRESULT hr = wql_parse(text, &query, &error);
    FUZZ_ASSERT(hr == WBEM_S_NO_ERROR || hr == WBEM_E_INVALID_QUERY ||
                hr == WBEM_E_QUOTA_VIOLATION);
    if (FAILED(hr)) {
        FUZZ_ASSERT(hr != WBEM_E_INVALID_QUERY ||
                    (error.at.offset <= wcslen(text) && error.at.line > 0 && error.expected[0]));
        free(text);
        return 0;
    }

    wchar_t *printed = NULL, *reprinted = NULL;
    FUZZ_ASSERT(SUCCEEDED(wql_print(query, &printed)));
    hr = wql_parse(printed, &again, NULL);
    /* Escapes and parentheses that the print adds may just lead beyond a limit. */
    if (hr != WBEM_E_QUOTA_VIOLATION) {
        FUZZ_ASSERT(SUCCEEDED(hr));
        FUZZ_ASSERT(SUCCEEDED(wql_print(again, &reprinted)));
        FUZZ_ASSERT(wcscmp(printed, reprinted) == 0);
        FUZZ_ASSERT(wql_query_kind(query) == wql_query_kind(again));
        wql_destroy(again);
    }
    wql_destroy(query);
    free(printed);
    free(reprinted);
    free(text);
    return 0;
}
