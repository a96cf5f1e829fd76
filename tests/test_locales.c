/*
 * The texts of locales: ConnectServer's strLocale and
 * WBEM_FLAG_USE_AMENDED_QUALIFIERS, on this machine and, compiled with
 * OF_ANOTHER_HOST, on another one.
 */
#include "local.h"
#ifdef OF_ANOTHER_HOST
#include "remote.h"
#endif

#include <stdio.h>
#include <string.h>
#include <wbem.h>
#include <wchar.h>

/* Texts of their own, then those of two locales as WMI's .mfl files have them. */
static const char definitions[] =
    "[Description(\"a thing\") : Amended ToSubclass ToInstance] class Thing {\n"
    "  [key, Description(\"its name\") : Amended ToSubclass ToInstance] string Name;\n"
    "  [Description(\"its size\") : Amended ToSubclass ToInstance] uint32 Size;\n"
    "  [Description(\"does it\") : Amended ToSubclass ToInstance] uint32 Do([in] uint32 x); };\n"
    "[Description(\"a box\") : Amended ToSubclass ToInstance] class Box : Thing { uint32 Depth; "
    "};\n"
    "class Plain : Thing { uint32 Weight; };\n"
    "instance of Box { Name = \"b\"; Size = 3; };\n"
    "#pragma namespace(\"\\\\\\\\.\\\\root\\\\cimv2\\\\ms_40c\")\n"
    "[Description(\"une chose\") : Amended ToSubclass ToInstance, Amendment, Locale(0x40c)] class "
    "Thing {\n"
    "  [key, Description(\"son nom\") : Amended ToSubclass ToInstance] string Name;\n"
    "  [Description(\"sans objet\") : Amended ToSubclass ToInstance] uint32 Gone;\n"
    "  [Description(\"le fait\") : Amended ToSubclass ToInstance] uint32 Do([in] uint32 x); };\n"
    "#pragma namespace(\"\\\\\\\\.\\\\root\\\\cimv2\\\\ms_407\")\n"
    "[Description(\"ein Kasten\") : Amended ToSubclass ToInstance, Amendment, Locale(0x407)] class "
    "Box {\n"
    "  [Description(\"die Tiefe\") : Amended ToSubclass ToInstance] uint32 Depth; };\n";

#ifdef OF_ANOTHER_HOST
static struct remote_server server;

static HRESULT connect_in(const wchar_t *locale, IWbemServices **ret)
{
    const struct remote_login login = {
        .port = server.port, .user = REMOTE_USER, .password = REMOTE_PASSWORD, .locale = locale};
    return remote_log_in(&login, ret);
}

static int begin(void **state)
{
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    remote_start(&server, definitions);
    return 0;
}

static int end(void **state)
{
    CoUninitialize();
    remote_stop(&server);
    return 0;
}
#else
static HRESULT connect_in(const wchar_t *locale, IWbemServices **ret)
{
    IWbemLocator *locator = NULL;
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_WbemLocator, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IWbemLocator, (void **)&locator));
    BSTR place = SysAllocString(L"root\\cimv2");
    BSTR text = locale ? SysAllocString(locale) : NULL;
    HRESULT hr = IWbemLocator_ConnectServer(locator, place, NULL, NULL, text, 0, NULL, NULL, ret);
    SysFreeString(place);
    SysFreeString(text);
    IWbemLocator_Release(locator);
    return hr;
}

static int begin(void **state)
{
    IMofCompiler *compiler = NULL;
    WBEM_COMPILE_STATUS_INFO info;
    WCHAR place[] = L"\\\\.\\root\\cimv2";
    assert_true(SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)));
    assert_int_equal(S_OK, wbem_set_repository(":memory:"));
    assert_int_equal(S_OK, CoCreateInstance(&CLSID_MofCompiler, NULL, CLSCTX_INPROC_SERVER,
                                            &IID_IMofCompiler, (void **)&compiler));
    HRESULT hr = IMofCompiler_CompileBuffer(compiler, (LONG)strlen(definitions),
                                            (BYTE *)(uintptr_t)definitions, place, NULL, NULL, NULL,
                                            0, 0, 0, &info);
    if (hr != WBEM_S_NO_ERROR) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    IMofCompiler_Release(compiler);
    return 0;
}

static int end(void **state)
{
    CoUninitialize();
    return 0;
}
#endif

static IWbemServices *services_in(const wchar_t *locale)
{
    IWbemServices *services = NULL;
    HRESULT hr = connect_in(locale, &services);
    if (hr != S_OK) {
        fail_msg("%ls: 0x%08x %s", locale ? locale : L"none", (unsigned)hr, local_error());
    }
    return services;
}

static IWbemClassObject *get(IWbemServices *services, const wchar_t *path, LONG flags)
{
    IWbemClassObject *object = NULL;
    BSTR text = SysAllocString(path);
    HRESULT hr = IWbemServices_GetObject(services, text, flags, NULL, &object, NULL);
    SysFreeString(text);
    if (hr != WBEM_S_NO_ERROR) {
        fail_msg("%ls: 0x%08x %s", path, (unsigned)hr, local_error());
    }
    return object;
}

/* Its Description; NULL: none is expected. Takes the set. */
static void assert_described(IWbemQualifierSet *set, const wchar_t *expected)
{
    VARIANT v;
    LONG flavor = 0;
    VariantInit(&v);
    HRESULT hr = IWbemQualifierSet_Get(set, L"Description", 0, &v, &flavor);
    IWbemQualifierSet_Release(set);
    if (hr != (expected ? WBEM_S_NO_ERROR : WBEM_E_NOT_FOUND)) {
        fail_msg("%ls: 0x%08x", expected ? expected : L"no text", (unsigned)hr);
    }
    if (expected) {
        assert_int_equal(VT_BSTR, V_VT(&v));
        if (wcscmp(expected, V_BSTR(&v)) != 0) {
            fail_msg("'%ls' instead of '%ls'", V_BSTR(&v), expected);
        }
        assert_true(flavor & WBEM_FLAVOR_AMENDED);
    }
    VariantClear(&v);
}

static void assert_class(IWbemClassObject *object, const wchar_t *expected)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(object, &set));
    assert_described(set, expected);
}

static void assert_property(IWbemClassObject *object, const wchar_t *name, const wchar_t *expected)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetPropertyQualifierSet(object, name, &set));
    assert_described(set, expected);
}

static void assert_method(IWbemClassObject *object, const wchar_t *name, const wchar_t *expected)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetMethodQualifierSet(object, name, &set));
    assert_described(set, expected);
}

struct texts {
    const wchar_t *locale, *class_name, *of_class, *of_name, *of_size, *of_method;
};

static void assert_texts(const struct texts *t)
{
    IWbemServices *services = services_in(t->locale);
    IWbemClassObject *cls = get(services, t->class_name, WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    assert_class(cls, t->of_class);
    assert_property(cls, L"Name", t->of_name);
    assert_property(cls, L"Size", t->of_size);
    assert_method(cls, L"Do", t->of_method);
    assert_int_equal(WBEM_E_NOT_FOUND, IWbemClassObject_Get(cls, L"Gone", 0, NULL, NULL, NULL));
    IWbemClassObject_Release(cls);
    cls = get(services, t->class_name, 0); /* nobody asked for texts */
    assert_class(cls, NULL);
    assert_property(cls, L"Name", NULL);
    IWbemClassObject_Release(cls);
    IWbemServices_Release(services);
}

static void the_first_locale_that_has_texts_counts(void **state)
{
    static const struct texts all[] = {
        {NULL, L"Thing", L"a thing", L"its name", L"its size", L"does it"},
        {L"MS_409", L"Thing", L"a thing", L"its name", L"its size", L"does it"},
        {L"MS_40C", L"Thing", L"une chose", L"son nom", L"its size", L"le fait"},
        {L"ms_40c", L"Thing", L"une chose", L"son nom", L"its size", L"le fait"},
        {L"MS_411,MS_40c", L"Thing", L"une chose", L"son nom", L"its size", L"le fait"},
        {L"fr-FR, MS_40c", L"Thing", L"une chose", L"son nom", L"its size", L"le fait"},
        {L"MS_407,MS_40c", L"Thing", L"une chose", L"son nom", L"its size", L"le fait"},
        {L"nonsense", L"Thing", L"a thing", L"its name", L"its size", L"does it"},
        {L"MS_", L"Thing", L"a thing", L"its name", L"its size", L"does it"},
        {L"MS_FFFFFFFFFFFFFFFFFF", L"Thing", L"a thing", L"its name", L"its size", L"does it"},
        {L"", L"Thing", L"a thing", L"its name", L"its size", L"does it"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_texts(&all[i]);
    }
}

static void texts_are_inherited(void **state)
{
    static const struct texts all[] = {
        /* What a class says itself is nearer than a translation of what its superclass says. */
        {L"MS_40C", L"Box", L"a box", L"son nom", L"its size", L"le fait"},
        {L"MS_40C", L"Plain", L"une chose", L"son nom", L"its size", L"le fait"},
        {L"MS_407,MS_40C", L"Box", L"ein Kasten", L"its name", L"its size", L"does it"},
        {L"MS_407,MS_40C", L"Plain", L"une chose", L"son nom", L"its size", L"le fait"},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        assert_texts(&all[i]);
    }
}

static void expect_one(IEnumWbemClassObject *e, const wchar_t *of_class, const wchar_t *of_name)
{
    IWbemClassObject *object = NULL;
    ULONG got = 0;
    assert_int_equal(WBEM_S_NO_ERROR, IEnumWbemClassObject_Next(e, 20000, 1, &object, &got));
    assert_int_equal(1, got);
    assert_class(object, of_class);
    assert_property(object, L"Name", of_name);
    IWbemClassObject_Release(object);
    IEnumWbemClassObject_Release(e);
}

static void instances_and_enumerations_have_them(void **state)
{
    IWbemServices *services = services_in(L"MS_407");
    const LONG flags =
        WBEM_FLAG_USE_AMENDED_QUALIFIERS | WBEM_FLAG_RETURN_IMMEDIATELY | WBEM_FLAG_FORWARD_ONLY;
    IEnumWbemClassObject *e = NULL;
    BSTR thing = SysAllocString(L"Thing"), wql = SysAllocString(L"WQL");
    BSTR query = SysAllocString(L"SELECT * FROM meta_class WHERE __CLASS = 'Box'");
    IWbemClassObject *object = get(services, L"Box.Name=\"b\"", WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    assert_class(object, L"ein Kasten");
    assert_property(object, L"Depth", L"die Tiefe");
    assert_int_equal(3, local_long(object, L"Size"));
    IWbemClassObject_Release(object);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_CreateInstanceEnum(services, thing, flags, NULL, &e));
    expect_one(e, L"ein Kasten", L"its name");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_CreateClassEnum(services, thing, flags, NULL, &e));
    expect_one(e, L"ein Kasten", L"its name");
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_ExecQuery(services, wql, query, flags, NULL, &e));
    expect_one(e, L"ein Kasten", L"its name");
    SysFreeString(thing);
    SysFreeString(wql);
    SysFreeString(query);
    IWbemServices_Release(services);
}

/* A change to a locale's class is seen by who is connected already. */
static void changed_texts_are_seen(void **state)
{
    IWbemServices *services = services_in(L"MS_40C"), *locale = NULL;
    BSTR name = SysAllocString(L"ms_40c");
    VARIANT v;
    IWbemQualifierSet *set = NULL;
    IWbemClassObject *cls = get(services, L"Thing", WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    assert_class(cls, L"une chose");
    IWbemClassObject_Release(cls);
    assert_int_equal(WBEM_S_NO_ERROR,
                     IWbemServices_OpenNamespace(services, name, 0, NULL, &locale, NULL));
    SysFreeString(name);
    cls = get(locale, L"Thing", WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    assert_int_equal(WBEM_S_NO_ERROR, IWbemClassObject_GetQualifierSet(cls, &set));
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"un objet");
    assert_int_equal(
        WBEM_S_NO_ERROR,
        IWbemQualifierSet_Put(set, L"Description", &v,
                              WBEM_FLAVOR_AMENDED | WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS));
    VariantClear(&v);
    IWbemQualifierSet_Release(set);
    HRESULT hr = IWbemServices_PutClass(locale, cls, 0, NULL, NULL);
    if (FAILED(hr)) {
        fail_msg("0x%08x %s", (unsigned)hr, local_error());
    }
    IWbemClassObject_Release(cls);
    cls = get(services, L"Thing", WBEM_FLAG_USE_AMENDED_QUALIFIERS);
    assert_class(cls, L"un objet");
    assert_property(cls, L"Name", L"son nom");
    IWbemClassObject_Release(cls);
    IWbemServices_Release(locale);
    IWbemServices_Release(services);
}

int main(int argc, char **argv)
{
#ifdef OF_ANOTHER_HOST
    if (argc != 2) {
        return 2;
    }
    remote_program = argv[1];
#endif
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_locale_that_has_texts_counts),
        cmocka_unit_test(texts_are_inherited),
        cmocka_unit_test(instances_and_enumerations_have_them),
        cmocka_unit_test(changed_texts_are_seen),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
