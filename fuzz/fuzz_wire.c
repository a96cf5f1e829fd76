/*
 * [MS-WMI]'s ObjectArray and IWbemContextBuffer: refused, or objects and values
 * that can be sent on. The first octet of the input chooses which.
 */
#include "fuzz.h"

#include <stdlib.h>

#include "object/object.h"
#include "wire/wire.h"

static void array(const uint8_t *bytes, size_t size)
{
    struct wire_decoder *d;
    struct wire_encoder *e;
    IWbemClassObject **objects;
    uint32_t count, again_size;
    uint8_t *again;
    FUZZ_ASSERT(SUCCEEDED(wire_decoder_create(&d)));
    FUZZ_ASSERT(SUCCEEDED(wire_encoder_create(WIRE_PACKET_SMART_ENUM, &e)));
    /* Twice: the second time its classes are known. */
    for (int i = 0; i < 2; i++) {
        if (FAILED(wire_decoder_read(d, bytes, size, &objects, &count))) {
            continue;
        }
        FUZZ_ASSERT(SUCCEEDED(wire_encoder_write(e, objects, count, &again, &again_size)));
        free(again);
        for (uint32_t k = 0; k < count; k++) {
            IWbemClassObject_Release(objects[k]);
        }
        free(objects);
    }
    wire_encoder_destroy(e);
    wire_decoder_destroy(d);
}

static void context(const uint8_t *bytes, size_t size)
{
    IWbemContext *c, *back;
    uint32_t again_size;
    uint8_t *again;
    if (FAILED(wire_context_read(bytes, size, &c))) {
        return;
    }
    /* All that can be read can be written, and read again. */
    FUZZ_ASSERT(SUCCEEDED(wire_context_write(c, &again, &again_size)));
    FUZZ_ASSERT(SUCCEEDED(wire_context_read(again, again_size, &back)));
    IWbemContext_Release(back);
    IWbemContext_Release(c);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size > 0) {
        (bytes[0] == 'c' ? context : array)(bytes + 1, size - 1);
    }
    return 0;
}
