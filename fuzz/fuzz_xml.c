/*
 * Objects from XML: refused with a reason, or an object whose own text makes an
 * object again.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "xml/xml_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct xml_options options = {.wmi = true, .qualifiers = true, .no_system = true};
    IWbemClassObject *object, *again;
    char *text;
    if (FAILED(xml_read("CreateFromText", (const char *)data, size, &object))) {
        SetErrorInfo(0, NULL);
        return 0;
    }
    if (SUCCEEDED(xml_write(object, &options, &text))) {
        /* What is written may nest deeper by a level than what was read, so it may be refused. */
        if (SUCCEEDED(xml_read("CreateFromText", text, strlen(text), &again))) {
            IWbemClassObject_Release(again);
        }
        free(text);
    }
    IWbemClassObject_Release(object);
    SetErrorInfo(0, NULL);
    return 0;
}
