/*
 * Datetimes: what is accepted prints in the strict form and reads back as the
 * same moment or length.
 */
#include "fuzz.h"

#include "object/object.h"

#include <string.h>

static void check(const struct cim_string *text, bool lenient)
{
    struct cim_datetime d, again;
    HRESULT hr = cim_datetime_parse(text, lenient, &d);
    FUZZ_ASSERT(hr == WBEM_S_NO_ERROR || hr == WBEM_E_INVALID_PARAMETER);
    if (FAILED(hr)) {
        return;
    }

    char printed[26];
    cim_datetime_print(&d, printed);
    FUZZ_ASSERT(strlen(printed) == 25);
    struct cim_string narrow = {.bytes = (const uint8_t *)printed, .length = 25};
    FUZZ_ASSERT(SUCCEEDED(cim_datetime_parse(&narrow, false, &again)));
    FUZZ_ASSERT(again.microseconds == d.microseconds && again.interval == d.interval &&
                again.utc_offset == d.utc_offset);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > UINT32_MAX / 2) {
        return 0;
    }
    struct cim_string narrow = {.bytes = data, .length = (uint32_t)size};
    struct cim_string wide = {.bytes = data, .length = (uint32_t)(size / 2), .wide = true};
    check(&narrow, false);
    check(&narrow, true);
    check(&wide, true);
    return 0;
}
