/*
 * wbem complete KIND [NAME]: word lists for shell completion, one a line, and
 * silence where there is nothing to offer.
 *   namespaces         root and everything below it
 *   classes            of --namespace
 *   properties CLASS   of that class
 *   methods CLASS      of that class
 *   parameters CLASS METHOD
 *                      that go in, with a = behind each
 *   aliases            of wbem wmic; each can stand for its class above
 */
#include <stdlib.h>
#include <string.h>

#include "console.h"

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

/* NULL when there is no such class. */
static IWbemClassObject *get_class(const char *name_space, const char *class_name)
{
    IWbemServices *services = NULL;
    IWbemClassObject *cls = NULL;
    if (FAILED(connect_quietly(name_space, &services))) {
        return NULL;
    }
    const struct alias *alias = alias_find(class_name);
    BSTR name = bstr_from_utf8(alias ? alias->class_name : class_name);
    if (name) {
        (void)IWbemServices_GetObject(services, name, 0, NULL, &cls, NULL);
    }
    SysFreeString(name);
    IWbemServices_Release(services);
    return cls;
}

static void put_wide(BSTR name, const char *end)
{
    char *utf8 = utf8_from_wide(name, SysStringLen(name));
    printf("%s%s\n", utf8 ? utf8 : "", end);
    free(utf8);
    SysFreeString(name);
}

static void put_properties(IWbemClassObject *cls, const char *end)
{
    BSTR name = NULL;
    if (FAILED(IWbemClassObject_BeginEnumeration(cls, WBEM_FLAG_NONSYSTEM_ONLY))) {
        return;
    }
    while (IWbemClassObject_Next(cls, 0, &name, NULL, NULL, NULL) == WBEM_S_NO_ERROR) {
        put_wide(name, end);
    }
}

static void complete_properties(const char *name_space, const char *class_name)
{
    IWbemClassObject *cls = get_class(name_space, class_name);
    if (cls) {
        put_properties(cls, "");
        IWbemClassObject_Release(cls);
    }
}

static void complete_methods(const char *name_space, const char *class_name)
{
    IWbemClassObject *cls = get_class(name_space, class_name);
    BSTR name = NULL;
    if (cls && SUCCEEDED(IWbemClassObject_BeginMethodEnumeration(cls, 0))) {
        while (IWbemClassObject_NextMethod(cls, 0, &name, NULL, NULL) == WBEM_S_NO_ERROR) {
            put_wide(name, "");
        }
    }
    if (cls) {
        IWbemClassObject_Release(cls);
    }
}

static void complete_parameters(const char *name_space, const char *class_name, const char *method)
{
    IWbemClassObject *cls = get_class(name_space, class_name), *in = NULL;
    BSTR name = bstr_from_utf8(method);
    if (cls && name && SUCCEEDED(IWbemClassObject_GetMethod(cls, name, 0, &in, NULL)) && in) {
        put_properties(in, "=");
        IWbemClassObject_Release(in);
    }
    if (cls) {
        IWbemClassObject_Release(cls);
    }
    SysFreeString(name);
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
    } else if (strcmp(kind, "methods") == 0 && o->argument_count == 2) {
        complete_methods(o->name_space, o->arguments[1]);
    } else if (strcmp(kind, "parameters") == 0 && o->argument_count == 3) {
        complete_parameters(o->name_space, o->arguments[1], o->arguments[2]);
    } else if (strcmp(kind, "aliases") == 0) {
        for (size_t i = 0; i < console_alias_count; i++) {
            puts(console_aliases[i].name);
        }
    } else {
        fprintf(stderr, "wbem: complete namespaces, classes, properties CLASS, methods CLASS, "
                        "parameters CLASS METHOD or aliases\n");
        return EXIT_USAGE;
    }
    return EXIT_OK;
}
