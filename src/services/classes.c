/* The classes that CoCreateInstance knows. */
#include <wbemprov.h>

#include "com/com.h"
#include "hosting/hosting.h"
#include "services/services.h"
#include "xml/xml.h"

static const struct com_class classes[] = {
    {&CLSID_WbemLocator, locator_create},
    {&CLSID_WbemAdministrativeLocator, locator_create},
    {&CLSID_WbemAuthenticatedLocator, locator_create},
    {&CLSID_WbemUnauthenticatedLocator, locator_create},
    {&CLSID_WbemContext, context_create},
    {&CLSID_WbemRefresher, refresher_create},
    {&CLSID_MofCompiler, mof_compiler_create},
    {&CLSID_WbemDecoupledRegistrar, decoupled_registrar_create},
    {&CLSID_WbemDecoupledBasicEventProvider, decoupled_events_create},
    {&CLSID_WbemBackupRestore, backup_restore_create},
    {&CLSID_WbemObjectTextSrc, object_text_src_create},
    {&CLSID_WbemStatusCodeText, status_code_text_create},
    {&CLSID_UnsecuredApartment, unsecured_apartment_create},
};

static struct com_class_table table = {classes, ARRAYSIZE(classes), NULL};

static HRESULT create_services(struct repository_namespace *n, IWbemServices **ret)
{
    return services_create(n, NULL, ret);
}

__attribute__((constructor)) static void register_classes(void)
{
    com_register_classes(&table);
    hosting_use_services(create_services);
}
