/*
 * SMBIOS tables: whatever bytes the firmware left, each walk ends, structures
 * follow one another without overlap, and nothing outside of them is read.
 */
#include "fuzz.h"

#include "providers/linux/smbios.h"

#include <string.h>

static void check_structure(const struct smbios_structure *e, const uint8_t *end)
{
    FUZZ_ASSERT(e->length >= 4 && e->data + e->length <= end);
    FUZZ_ASSERT((const uint8_t *)e->strings == e->data + e->length);
    FUZZ_ASSERT((const uint8_t *)e->strings + e->strings_size < end);
    for (unsigned offset = 0; offset < 300; offset++) {
        uint64_t q;
        size_t size;
        bool there = smbios_u64(e, offset, &q);
        FUZZ_ASSERT(there == (offset + 8 <= e->length));
        const char *text = smbios_text(e, offset, &size);
        if (text) {
            FUZZ_ASSERT(size > 0 && memchr(text, '\0', size) == NULL);
            FUZZ_ASSERT(text >= e->strings && text + size <= e->strings + e->strings_size);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct smbios s = {.bytes = malloc(size ? size : 1), .size = size};
    struct smbios_structure e;
    size_t offset = 0, before = 0;
    if (!s.bytes) {
        return 0;
    }
    memcpy(s.bytes, data, size);
    while (smbios_next(&s, &offset, &e)) {
        FUZZ_ASSERT(e.data == s.bytes + before && offset > before && offset <= size);
        check_structure(&e, s.bytes + size);
        before = offset;
    }
    uint8_t major, minor;
    (void)smbios_parse_entry(s.bytes, size, &major, &minor);
    smbios_close(&s);
    return 0;
}
