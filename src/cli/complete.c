/*
 * wbem complete KIND [NAME]: word lists for shell completion, one a line, and
 * silence where there is nothing to offer.
 *   namespaces         root and everything below it
 *   classes            of --namespace
 *   properties CLASS   of that class
 */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static HRESULT connect_quietly(const char *name_space, IWbemServices **ret)
{
    IWbemLocator *locator = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER, &IID_IWbemLocator,
                                  (void **)&locator);
    if (FAILED(hr)) {
        return hr;
    }
    BSTR name = bstr_from_utf8(name_space);
    hr = name ? IWbemLocator_ConnectServer(locator, name, NULL, NULL, NULL, 0, NULL, NULL, ret)
              : WBEM_E_OUT_OF_MEMORY;
    SysFreeString(name);
    IWbemLocator_Release(locator);
    return hr;
}

/* The named string property of each object; malloc'd names go to `each`. */
static void for_each(IEnumWbemClassObject *e, const wchar_t *property,
                     void (*each)(const char *name, const char *prefix), const char *prefix)
{
    IWbemClassObject *object;
    ULONG got;
    while (IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got) == WBEM_S_NO_ERROR) {
        VARIANT v;
        VariantInit(&v);
        if (SUCCEEDED(IWbemClassObject_Get(object, property, 0, &v, NULL, NULL)) &&
            V_VT(&v) == VT_BSTR) {
            char *name = utf8_from_wide(V_BSTR(&v), SysStringLen(V_BSTR(&v)));
            if (name) {
                each(name, prefix);
            }
            free(name);
        }
        VariantClear(&v);
        IWbemClassObject_Release(object);
    }
}

static void put_name(const char *name, const char *prefix)
{
    puts(name);
}

static void complete_namespaces(const char *name_space);

static void put_namespace(const char *name, const char *prefix)
{
    size_t size = strlen(prefix) + strlen(name) + 2;
    char *full = malloc(size);
    if (full) {
        snprintf(full, size, "%s\\%s", prefix, name);
        complete_namespaces(full);
    }
    free(full);
}

static void complete_namespaces(const char *name_space)
{
    puts(name_space);
    IWbemServices *services = NULL;
    if (FAILED(connect_quietly(name_space, &services))) {
        return;
    }
    IEnumWbemClassObject *e = NULL;
    BSTR name = SysAllocString(L"__NAMESPACE");
    if (SUCCEEDED(IWbemServices_CreateInstanceEnum(
            services, name, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e))) {
        for_each(e, L"Name", put_namespace, name_space);
        IEnumWbemClassObject_Release(e);
    }
    SysFreeString(name);
    IWbemServices_Release(services);
}

static void complete_classes(const char *name_space)
{
    IWbemServices *services = NULL;
    IEnumWbemClassObject *e = NULL;
    if (FAILED(connect_quietly(name_space, &services))) {
        return;
    }
    if (SUCCEEDED(IWbemServices_CreateClassEnum(
            services, NULL, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e))) {
        for_each(e, L"__CLASS", put_name, NULL);
        IEnumWbemClassObject_Release(e);
    }
    IWbemServices_Release(services);
}

static void complete_properties(const char *name_space, const char *class_name)
{
    IWbemServices *services = NULL;
    IWbemClassObject *cls = NULL;
    if (FAILED(connect_quietly(name_space, &services))) {
        return;
    }
    BSTR name = bstr_from_utf8(class_name);
    if (SUCCEEDED(IWbemServices_GetObject(services, name, 0, NULL, &cls, NULL)) &&
        SUCCEEDED(IWbemClassObject_BeginEnumeration(cls, WBEM_FLAG_NONSYSTEM_ONLY))) {
        BSTR property = NULL;
        while (IWbemClassObject_Next(cls, 0, &property, NULL, NULL, NULL) == WBEM_S_NO_ERROR) {
            char *utf8 = utf8_from_wide(property, SysStringLen(property));
            puts(utf8 ? utf8 : "");
            free(utf8);
            SysFreeString(property);
        }
    }
    if (cls) {
        IWbemClassObject_Release(cls);
    }
    SysFreeString(name);
    IWbemServices_Release(services);
}

int command_complete(const struct options *o)
{
    const char *kind = o->arguments[0];
    if (strcmp(kind, "namespaces") == 0) {
        complete_namespaces("root");
    } else if (strcmp(kind, "classes") == 0) {
        complete_classes(o->name_space);
    } else if (strcmp(kind, "properties") == 0 && o->argument_count == 2) {
        complete_properties(o->name_space, o->arguments[1]);
    } else {
        fprintf(stderr, "wbem: complete namespaces, classes or properties CLASS\n");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}
