/*
 * Messages between the library and a provider's process: refused, or read
 * without harm and written again as a message that reads the same. The input is
 * a row of frames, as on a connection: what one defines, later ones use.
 */
#include "fuzz.h"

#include "com/com.h"
#include "hosting/wire.h"
#include "object/bytes.h"
#include "services/services.h"

static void check(const struct wire_message *m, struct wire_classes *sent,
                  struct wire_classes *received)
{
    struct wire_message again;
    uint8_t *frame;
    size_t size;
    if (FAILED(wire_encode(m, sent, &frame, &size))) {
        return;
    }
    FUZZ_ASSERT(get_u32(frame) == size - 4);
    FUZZ_ASSERT(SUCCEEDED(wire_decode(frame + 4, size - 4, received, &again)));
    FUZZ_ASSERT(again.type == m->type && again.call == m->call);
    FUZZ_ASSERT(again.object_count == m->object_count);
    for (uint32_t i = 0; i < m->object_count; i++) {
        FUZZ_ASSERT(!again.objects[i] == !m->objects[i]);
    }
    wire_message_done(&again);
    free(frame);
}

static const struct com_class contexts[] = {{&CLSID_WbemContext, context_create}};
static struct com_class_table table = {contexts, ARRAYSIZE(contexts), NULL};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wire_classes first = {0}, sent = {0}, received = {0};
    static bool initialized; /* contexts are made by CoCreateInstance */
    if (!initialized) {
        com_register_classes(&table);
        FUZZ_ASSERT(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
        initialized = true;
    }
    while (size >= 4) {
        struct wire_message m;
        size_t length = get_u32(data);
        data += 4;
        size -= 4;
        length = length < size ? length : size;
        HRESULT hr = wire_decode(data, length, &first, &m);
        FUZZ_ASSERT(SUCCEEDED(hr) || hr == WBEM_E_INVALID_OBJECT || hr == WBEM_E_OUT_OF_MEMORY ||
                    m.type == 0);
        if (SUCCEEDED(hr)) {
            check(&m, &sent, &received);
            wire_message_done(&m);
        }
        data += length;
        size -= length;
    }
    wire_classes_done(&first);
    wire_classes_done(&sent);
    wire_classes_done(&received);
    return 0;
}
