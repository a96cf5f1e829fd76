/*
 * MOF: what parses prints to text that parses to the same print; a mistake has
 * a status of the compiler's, a place and words.
 */
#include "fuzz.h"

#include "mof/mof_private.h"

#include <string.h>

static void check_error(HRESULT hr, const struct mof_error *error)
{
    FUZZ_ASSERT(hr == error->status);
    FUZZ_ASSERT((hr & (HRESULT)0xfffff000) == (HRESULT)0x80044000); /* WBEMMOF_E_… */
    FUZZ_ASSERT(error->line >= 1 && error->column >= 1 && error->message[0] != '\0');
    FUZZ_ASSERT(memchr(error->message, '\0', sizeof error->message) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mof_tree *tree = NULL, *again = NULL;
    struct mof_error error = {0};
    HRESULT hr = mof_parse((const char *)data, size, &tree, &error);
    if (FAILED(hr)) {
        check_error(hr, &error);
        return 0;
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
    return 0;
}
