/*
 * MOF in UTF-8 or UTF-16: what parses prints to text that parses to the same
 * print; a mistake has a status of the compiler's, a place and words, and a mark
 * within the line that is shown.
 */
#include "fuzz.h"

#include "mof/compiler_private.h"

#include <string.h>

static void check_error(HRESULT hr, const struct mof_error *error)
{
    FUZZ_ASSERT(hr == error->status);
    FUZZ_ASSERT((hr & (HRESULT)0xfffff000) == (HRESULT)0x80044000); /* WBEMMOF_E_… */
    FUZZ_ASSERT(error->line >= 1 && error->column >= 1 && error->message[0] != '\0');
    FUZZ_ASSERT(memchr(error->message, '\0', sizeof error->message) != NULL);
    FUZZ_ASSERT(memchr(error->source, '\0', sizeof error->source) != NULL);
    FUZZ_ASSERT(error->caret <= strlen(error->source));
}

static void check_text(const char *text, size_t size)
{
    struct mof_tree *tree = NULL, *again = NULL;
    struct mof_error error = {0};
    HRESULT hr = mof_parse(text, size, &tree, &error);
    if (FAILED(hr)) {
        check_error(hr, &error);
        return;
    }

    char *printed = NULL, *reprinted = NULL;
    size_t printed_size, reprinted_size;
    FUZZ_ASSERT(SUCCEEDED(mof_print(tree, &printed, &printed_size)));
    FUZZ_ASSERT(SUCCEEDED(mof_parse(printed, printed_size, &again, &error)));
    FUZZ_ASSERT(SUCCEEDED(mof_print(again, &reprinted, &reprinted_size)));
    FUZZ_ASSERT(printed_size == reprinted_size && memcmp(printed, reprinted, printed_size) == 0);
    mof_tree_destroy(tree);
    mof_tree_destroy(again);
    free(printed);
    free(reprinted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *converted = NULL;
    size_t converted_size = 0;
    FUZZ_ASSERT(SUCCEEDED(mof_to_utf8((const char *)data, size, &converted, &converted_size)));
    if (converted != NULL) {
        check_text(converted, converted_size);
    } else {
        check_text((const char *)data, size);
    }
    free(converted);
    return 0;
}
