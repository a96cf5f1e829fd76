/* Classes and registrations for the tests of providers; see hosting.h. */
#include "hosting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static char folder[] = "/tmp/wbem-hosting-XXXXXX";
static char *original_host; /* the path in the environment at the start; NULL: none */

const char *hosting_folder(void)
{
    return folder;
}

void hosting_prepare(const char *module)
{
    hosting_prepare_for(module, TEST_CLSID);
}

void hosting_prepare_for(const char *module, const wchar_t *clsid)
{
    char path[256];
    char *whole = realpath(module, NULL);
    if (!whole || !mkdtemp(folder)) {
        abort();
    }
    snprintf(path, sizeof path, "%s/repository", folder);
    setenv("WBEM_REPOSITORY", path, 1);
    setenv("WBEM_PROVIDER_PATH", folder, 1);
    const char *host = getenv("WBEM_PROVIDER_HOST");
    if (host) {
        original_host = strdup(host);
        hosting_host(NULL);
        snprintf(path, sizeof path, "%s/host", folder);
        setenv("WBEM_PROVIDER_HOST", path, 1);
    }
    snprintf(path, sizeof path, "%s/test.conf", folder);
    FILE *f = fopen(path, "w");
    if (!f) {
        abort();
    }
    fprintf(f, "# for the tests\n[%ls]\nPath = %s\n", clsid, whole);
    (void)fclose(f);
    free(whole);
}

void hosting_host(const char *program)
{
    char path[256];
    snprintf(path, sizeof path, "%s/host", folder);
    (void)unlink(path);
    if (symlink(program ? program : original_host, path) != 0) {
        abort();
    }
}

void hosting_initialize(const char *how)
{
    char path[256];
    snprintf(path, sizeof path, "%s/initialize", folder);
    if (!how) {
        assert_int_equal(0, unlink(path));
        return;
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(how, f) >= 0);
    assert_int_equal(0, fclose(f));
}

void hosting_cleanup(void)
{
    free(original_host);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    if (system(command) != 0) {
        fprintf(stderr, "%s is left\n", folder);
    }
}

void hosting_put_text(IWbemClassObject *object, const wchar_t *name, const wchar_t *value)
{
    VARIANT v;
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(value);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
    VariantClear(&v);
}

void hosting_put_long(IWbemClassObject *object, const wchar_t *name, LONG value)
{
    VARIANT v;
    V_VT(&v) = VT_I4;
    V_I4(&v) = value;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
}

static void put_bool(IWbemClassObject *object, const wchar_t *name, bool value)
{
    VARIANT v;
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = value ? VARIANT_TRUE : VARIANT_FALSE;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(object, name, 0, &v, 0));
}

HRESULT hosting_get(IWbemServices *s, const wchar_t *path, IWbemClassObject **ret)
{
    BSTR text = path ? SysAllocString(path) : NULL;
    HRESULT hr = IWbemServices_GetObject(s, text, 0, NULL, ret, NULL);
    SysFreeString(text);
    return hr;
}

IWbemClassObject *hosting_spawn(IWbemServices *s, const wchar_t *class_name)
{
    IWbemClassObject *cls = NULL;
    IWbemClassObject *instance = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(s, class_name, &cls));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnInstance(cls, 0, &instance));
    IWbemClassObject_Release(cls);
    return instance;
}

IWbemServices *hosting_namespace(const wchar_t *name)
{
    IWbemServices *cimv2 = local_services();
    IWbemServices *child = NULL;
    IWbemClassObject *instance = hosting_spawn(cimv2, L"__NAMESPACE");
    hosting_put_text(instance, L"Name", name);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(cimv2, instance, 0, NULL, NULL));
    IWbemClassObject_Release(instance);
    BSTR text = SysAllocString(name);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_OpenNamespace(cimv2, text, 0, NULL, &child, NULL));
    SysFreeString(text);
    IWbemServices_Release(cimv2);
    return child;
}

static void qualify(IWbemQualifierSet *set, const wchar_t *name, VARTYPE type, const wchar_t *text)
{
    VARIANT v;
    V_VT(&v) = type;
    if (type == VT_BSTR) {
        V_BSTR(&v) = SysAllocString(text);
    } else {
        V_BOOL(&v) = VARIANT_TRUE;
    }
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemQualifierSet_Put(set, name, &v,
                                           WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                               WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS));
    VariantClear(&v);
}

static IWbemClassObject *fresh_class(IWbemServices *s, const wchar_t *superclass)
{
    IWbemClassObject *base = NULL;
    IWbemClassObject *cls = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(s, superclass, &base));
    if (!superclass) {
        return base;
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_SpawnDerivedClass(base, 0, &cls));
    IWbemClassObject_Release(base);
    return cls;
}

/* sint32 Add([in] sint32 A, [in] sint32 B, [out] sint32 Sum) */
static void add_method(IWbemServices *s, IWbemClassObject *cls)
{
    static const wchar_t *const names[] = {L"A", L"B", L"Sum", L"ReturnValue"};
    IWbemClassObject *in = NULL;
    IWbemClassObject *out = NULL;
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(s, L"__PARAMETERS", &in));
    assert_int_equal(WBEM_S_NO_ERROR, hosting_get(s, L"__PARAMETERS", &out));
    for (LONG i = 0; i < 4; i++) {
        VARIANT v;
        V_VT(&v) = VT_I4;
        V_I4(&v) = i;
        IWbemClassObject *to = i < 2 ? in : out;
        assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_Put(to, names[i], 0, NULL, CIM_SINT32));
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemClassObject_GetPropertyQualifierSet(to, names[i], &set));
        if (i < 3) {
            assert_int_equal(WBEM_S_NO_ERROR, IWbemQualifierSet_Put(set, L"ID", &v, 0));
        }
        V_VT(&v) = VT_BOOL;
        V_BOOL(&v) = VARIANT_TRUE;
        assert_int_equal(WBEM_S_NO_ERROR,
                         IWbemQualifierSet_Put(set, i < 2 ? L"in" : L"out", &v, 0));
        IWbemQualifierSet_Release(set);
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_PutMethod(cls, L"Add", 0, in, out));
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetMethodQualifierSet(cls, L"Add", &set));
    qualify(set, L"Implemented", VT_BOOL, NULL);
    IWbemQualifierSet_Release(set);
    IWbemClassObject_Release(in);
    IWbemClassObject_Release(out);
}

void hosting_class(IWbemServices *s, const wchar_t *name, const wchar_t *superclass,
                   const wchar_t *provider)
{
    IWbemClassObject *cls = fresh_class(s, superclass);
    IWbemQualifierSet *set = NULL;
    hosting_put_text(cls, L"__CLASS", name);
    if (!superclass) {
        IWbemClassObject_Put(cls, L"Id", 0, NULL, CIM_STRING);
        IWbemClassObject_Put(cls, L"N", 0, NULL, CIM_SINT32);
        IWbemClassObject_Put(cls, L"Text", 0, NULL, CIM_STRING);
        IWbemClassObject_GetPropertyQualifierSet(cls, L"Id", &set);
        qualify(set, L"key", VT_BOOL, NULL);
        IWbemQualifierSet_Release(set);
        add_method(s, cls);
    }
    if (provider) {
        assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(cls, &set));
        qualify(set, L"dynamic", VT_BOOL, NULL);
        qualify(set, L"provider", VT_BSTR, provider);
        IWbemQualifierSet_Release(set);
    }
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutClass(s, cls, 0, NULL, NULL));
    IWbemClassObject_Release(cls);
}

static void put(IWbemServices *s, IWbemClassObject *instance)
{
    assert_int_equal(WBEM_S_NO_ERROR, IWbemServices_PutInstance(s, instance, 0, NULL, NULL));
    IWbemClassObject_Release(instance);
}

static void put_levels(IWbemClassObject *instance)
{
    VARIANT v;
    LONG at = 0;
    BSTR level = SysAllocString(L"WQL:UnarySelect");
    V_VT(&v) = VT_ARRAY | VT_BSTR;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_BSTR, 0, 1);
    SafeArrayPutElement(V_ARRAY(&v), &at, level);
    SysFreeString(level);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemClassObject_Put(instance, L"QuerySupportLevels", 0, &v, 0));
    VariantClear(&v);
}

void hosting_register(IWbemServices *s, const struct hosting_registration *r)
{
    wchar_t path[128];
    swprintf(path, 128, L"__Win32Provider.Name=\"%ls\"", r->name);
    IWbemClassObject *provider = hosting_spawn(s, L"__Win32Provider");
    hosting_put_text(provider, L"Name", r->name);
    hosting_put_text(provider, L"CLSID", r->clsid);
    if (r->model) {
        hosting_put_text(provider, L"HostingModel", r->model);
    }
    if (r->operation_timeout) {
        hosting_put_text(provider, L"OperationTimeoutInterval", r->operation_timeout);
    }
    if (r->unload_timeout) {
        hosting_put_text(provider, L"UnloadTimeout", r->unload_timeout);
    }
    put(s, provider);

    IWbemClassObject *instances = hosting_spawn(s, L"__InstanceProviderRegistration");
    hosting_put_text(instances, L"provider", path);
    put_bool(instances, L"SupportsGet", r->get);
    put_bool(instances, L"SupportsPut", r->put);
    put_bool(instances, L"SupportsDelete", r->del);
    put_bool(instances, L"SupportsEnumeration", r->enumerate);
    if (r->query) {
        put_levels(instances);
    }
    put(s, instances);
    if (r->methods) {
        IWbemClassObject *methods = hosting_spawn(s, L"__MethodProviderRegistration");
        hosting_put_text(methods, L"provider", path);
        put(s, methods);
    }
}

HRESULT hosting_count(IWbemServices *s, const wchar_t *query, unsigned *ret_count)
{
    BSTR language = SysAllocString(L"WQL");
    BSTR text = SysAllocString(query);
    IEnumWbemClassObject *e = NULL;
    *ret_count = 0;
    HRESULT hr = IWbemServices_ExecQuery(
        s, language, text, WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY, NULL, &e);
    SysFreeString(language);
    SysFreeString(text);
    while (SUCCEEDED(hr) && hr != WBEM_S_FALSE) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        hr = IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got);
        if (got) {
            IWbemClassObject_Release(object);
            ++*ret_count;
        }
    }
    if (e) {
        IEnumWbemClassObject_Release(e);
    }
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* The N of the last instance of Test_Asked with this Id; -1 when there is none. */
LONG hosting_told(IWbemServices *s, const wchar_t *what)
{
    LONG found = -1;
    IEnumWbemClassObject *e = local_query(s, L"SELECT * FROM Test_Asked", 0);
    for (;;) {
        IWbemClassObject *object = NULL;
        ULONG got = 0;
        assert_true(SUCCEEDED(IEnumWbemClassObject_Next(e, WBEM_INFINITE, 1, &object, &got)));
        if (!got) {
            break;
        }
        BSTR id = local_string(object, L"Id");
        if (wcscmp(id, what) == 0) {
            found = local_long(object, L"N");
        }
        SysFreeString(id);
        IWbemClassObject_Release(object);
    }
    IEnumWbemClassObject_Release(e);
    return found;
}

bool hosting_asked(IWbemServices *s, const wchar_t *what)
{
    return hosting_told(s, what) >= 0;
}
