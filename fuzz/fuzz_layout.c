/*
 * Bytes of objects to JSON and back: whatever decodes comes back as the same bytes.
 * What begins as JSON is put together instead: refused, or bytes.
 */
#include "fuzz.h"

#include <wbem.h>

#include "layout/layout.h"

static void back(const json_t *document, const uint8_t *bytes, size_t size)
{
    struct layout_error error = {{0}};
    struct buffer out = {0};
    char *text = json_dumps(document, JSON_COMPACT);
    FUZZ_ASSERT(text != NULL);
    json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    FUZZ_ASSERT(read != NULL);
    FUZZ_ASSERT(layout_assemble(read, &out, &error));
    FUZZ_ASSERT(out.size == size && memcmp(out.bytes, bytes, size) == 0);
    buffer_done(&out);
    json_decref(read);
    free(text);
}

static void assemble(const char *text, size_t size)
{
    struct layout_error error = {{0}};
    struct buffer out = {0};
    json_t *document = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    if (document) {
        FUZZ_ASSERT(layout_assemble(document, &out, &error) || error.text[0]);
    }
    buffer_done(&out);
    json_decref(document);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    IWbemClassObject **objects = NULL;
    size_t count = 0;
    struct layout_error error = {{0}};
    if (size > 0 && data[0] == '{') {
        assemble((const char *)data, size);
        return 0;
    }
    if (FAILED(wbem_objects_decode(data, size, &objects, &count))) {
        (void)SetErrorInfo(0, NULL);
        return 0;
    }
    json_t *document = layout_dissect(data, size, &error);
    FUZZ_ASSERT(document != NULL);
    back(document, data, size);
    json_decref(document);
    for (size_t i = 0; i < count; i++) {
        IWbemClassObject_Release(objects[i]);
    }
    free(objects);
    return 0;
}
