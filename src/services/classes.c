/* The classes that CoCreateInstance knows. */
#include "com/com.h"
#include "services/services.h"

const struct com_class com_classes[] = {
    {&CLSID_WbemLocator, locator_create},
    {&CLSID_WbemAdministrativeLocator, locator_create},
    {&CLSID_WbemAuthenticatedLocator, locator_create},
    {&CLSID_WbemContext, context_create},
    {&CLSID_WbemStatusCodeText, status_code_text_create},
};
const size_t com_class_count = sizeof(com_classes) / sizeof(com_classes[0]);
