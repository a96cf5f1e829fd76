/*
 * Objects to XML and back: the forms that the two DTDs have, every type, every
 * class of the library, and text that is broken or hostile.
 */
#include "object/test_support.h"

#include <objbase.h>
#include <stdio.h>

#include "com/com.h"
#include "repository/repository.h"
#include "services/services.h"
#include "xml/xml.h"

static struct repository *repository;
static struct repository_namespace *things;
static IWbemObjectTextSrc *source;

static const char mof[] =
    "[Description(\"Things & <others>\") : ToSubclass] class Thing {\n"
    "  [key] string Name; [key] sint64 Number; boolean Yes = TRUE; uint8 U8; sint8 S8 = -128;\n"
    "  uint16 U16; sint16 S16; uint32 U32; sint32 S32; uint64 U64; real32 R32; real64 R64 = "
    "1e300;\n"
    "  char16 C16; datetime When; uint8 Bytes[]; string Texts[]; real64 Reals[]; boolean Flags[];\n"
    "  sint64 Longs[]; datetime Moments[]; object Inside; Thing ref Other; object Many[];\n"
    "  [Implemented, Static] uint32 Do([in] string What, [out] Thing ref Which,\n"
    "      [in, out] uint16 Numbers[], [in] object O); void Nothing(); };\n"
    "class Special : Thing { [Units(\"bytes\") : ToSubclass] uint64 Size = 18446744073709551615;\n"
    "  [Override(\"Yes\")] boolean Yes = FALSE; };\n"
    "[singleton] class Only { string Text; };\n"
    "instance of Thing as $one { Name = \"one \\x1F \\xD83D\\xDE00 _x0041_ ]]>\"; Number = -5;\n"
    "  Yes = FALSE; U8 = 255; S16 = -32768; U16 = 65535; S32 = -2147483648; U32 = 4294967295;\n"
    "  U64 = 18446744073709551615; R32 = 1.5; R64 = -2.2250738585072014e-308; C16 = 'x';\n"
    "  When = \"20240229235959.999999+060\"; Bytes = {0, 1, 255}; Texts = {\"a\", \"\", \" b \"};\n"
    "  Reals = {0.1, -0.0}; Flags = {TRUE, FALSE}; Longs = {-9223372036854775808};\n"
    "  Moments = {\"00000001000000.000000:000\"}; };\n"
    "instance of Special { Name = \"two\"; Number = 2; Other = $one;\n"
    "  Inside = instance of Thing { Name = \"in\"; Number = 3; };\n"
    "  Many = { instance of Thing { Name = \"a\"; Number = 1; },\n"
    "           instance of Only { Text = \"o\"; } }; };\n"
    "instance of Only { Text = \"alone\"; };\n";

static IWbemContext *context_with(const wchar_t *const *flags, LONG level)
{
    IWbemContext *c;
    VARIANT v;
    assert_ok(context_create(NULL, &IID_IWbemContext, (void **)&c));
    for (; *flags; flags++) {
        V_VT(&v) = VT_BOOL;
        V_BOOL(&v) = VARIANT_TRUE;
        assert_ok(IWbemContext_SetValue(c, *flags, 0, &v));
    }
    V_VT(&v) = VT_I4;
    V_I4(&v) = level;
    assert_ok(IWbemContext_SetValue(c, L"PathLevel", 0, &v));
    return c;
}

static const wchar_t *const all_flags[] = {L"IncludeQualifiers", L"IncludeClassOrigin", NULL};
static const wchar_t *const no_flags[] = {NULL};

static BSTR text_of(IWbemClassObject *o, ULONG format, const wchar_t *const *flags, LONG level)
{
    BSTR text = NULL;
    IWbemContext *c = context_with(flags, level);
    assert_ok(IWbemObjectTextSrc_GetText(source, 0, o, format, c, &text));
    IWbemContext_Release(c);
    return text;
}

static HRESULT create(const wchar_t *text, IWbemClassObject **ret)
{
    BSTR copy = SysAllocString(text);
    HRESULT hr =
        IWbemObjectTextSrc_CreateFromText(source, 0, copy, WMI_OBJ_TEXT_WMI_DTD_2_0, NULL, ret);
    SysFreeString(copy);
    return hr;
}

static int compare_lines(const void *a, const void *b)
{
    return wcscmp(*(wchar_t *const *)a, *(wchar_t *const *)b);
}

/* Qualifiers have no order: what counts is that all lines are there, and no others. */
static void sort_lines(wchar_t *text)
{
    size_t count = 0, length = wcslen(text), at = 0;
    wchar_t **lines = calloc(length + 1, sizeof *lines), *rest;
    wchar_t *sorted = calloc(length + 2, sizeof *sorted);
    for (wchar_t *line = wcstok(text, L"\n", &rest); line; line = wcstok(NULL, L"\n", &rest)) {
        lines[count++] = line;
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    for (size_t i = 0; i < count; i++) {
        at += (size_t)swprintf(sorted + at, length + 2 - at, L"%ls\n", lines[i]);
    }
    wcscpy(text, sorted);
    free(sorted);
    free(lines);
}

/* Everything that the text says survives: the same object gives the same text. */
static void assert_round_trip(IWbemClassObject *o, LONG level)
{
    static const wchar_t *const flags[] = {L"IncludeQualifiers", L"ExcludeSystemProperties", NULL};
    IWbemClassObject *back;
    BSTR text = text_of(o, WMI_OBJ_TEXT_WMI_DTD_2_0, flags, level);
    HRESULT hr = create(text, &back);
    if (FAILED(hr)) {
        fail_msg("0x%08x for %ls", (unsigned)hr, text);
    }
    BSTR again = text_of(back, WMI_OBJ_TEXT_WMI_DTD_2_0, flags, level);
    sort_lines(text);
    sort_lines(again);
    if (wcscmp(text, again) != 0) {
        fail_msg("%ls\nbecame\n%ls", text, again);
    }
    SysFreeString(again);
    SysFreeString(text);
    IWbemClassObject_Release(back);
}

static IWbemClassObject *class_named(const wchar_t *name)
{
    IWbemClassObject *cls;
    assert_ok(repository_get_class(things, name, false, &cls));
    return cls;
}

static IWbemClassObject *instance_at(const wchar_t *path)
{
    struct object_path *p;
    IWbemClassObject *o;
    assert_ok(object_path_parse(path, &p, NULL));
    assert_ok(repository_get_instance(things, p, &o));
    object_path_destroy(p);
    return o;
}

static void the_form_is_that_of_the_dtd(void **state)
{
    (void)state;
    IWbemClassObject *o = instance_at(L"Only=@");
    static const wchar_t *const flags[] = {L"ExcludeSystemProperties", NULL};
    BSTR text = text_of(o, WMI_OBJ_TEXT_CIM_DTD_2_0, flags, 0);
    assert_int_equal(wcscmp(text, L"<INSTANCE CLASSNAME=\"Only\">\n"
                                  L"\t<PROPERTY NAME=\"Text\" TYPE=\"string\">\n"
                                  L"\t\t<VALUE>alone</VALUE>\n"
                                  L"\t</PROPERTY>\n"
                                  L"</INSTANCE>\n"),
                     0);
    SysFreeString(text);
    text = text_of(o, WMI_OBJ_TEXT_CIM_DTD_2_0, flags, 3);
    assert_non_null(wcsstr(text, L"<VALUE.OBJECTWITHPATH>"));
    assert_non_null(wcsstr(text, L"<NAMESPACE NAME=\"root\"/>"));
    assert_non_null(wcsstr(text, L"<INSTANCENAME CLASSNAME=\"Only\"/>"));
    SysFreeString(text);
    text = text_of(o, WMI_OBJ_TEXT_CIM_DTD_2_0, no_flags, 0);
    assert_non_null(wcsstr(text, L"NAME=\"__CLASS\""));
    SysFreeString(text);
    IWbemClassObject_Release(o);
}

static void every_type_survives(void **state)
{
    (void)state;
    static const wchar_t *const paths[] = {
        L"Thing.Name=\"one \x1f \U0001f600 _x0041_ ]]>\",Number=-5",
        L"Special.Name=\"two\",Number=2", L"Only=@"};
    for (size_t i = 0; i < ARRAYSIZE(paths); i++) {
        IWbemClassObject *o = instance_at(paths[i]), *back;
        for (LONG level = 0; level <= 3; level++) {
            assert_round_trip(o, level);
        }
        BSTR text = text_of(o, WMI_OBJ_TEXT_WMI_DTD_2_0, all_flags, 3);
        assert_ok(create(text, &back));
        SysFreeString(text);
        /* Values, keys and the place: the path is the same. */
        VARIANT a, b;
        assert_ok(IWbemClassObject_Get(o, L"__PATH", 0, &a, NULL, NULL));
        assert_ok(IWbemClassObject_Get(back, L"__PATH", 0, &b, NULL, NULL));
        assert_int_equal(V_VT(&b), VT_BSTR);
        assert_int_equal(wcscmp(V_BSTR(&a), V_BSTR(&b)), 0);
        VariantClear(&a);
        VariantClear(&b);
        IWbemClassObject_Release(back);
        IWbemClassObject_Release(o);
    }
}

static void classes_survive(void **state)
{
    (void)state;
    static const wchar_t *const names[] = {L"Thing", L"Special", L"Only"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        IWbemClassObject *cls = class_named(names[i]);
        assert_round_trip(cls, 0);
        assert_round_trip(cls, 3);
        IWbemClassObject_Release(cls);
    }
    IWbemClassObject *cls = class_named(L"Special"), *back;
    BSTR text = text_of(cls, WMI_OBJ_TEXT_WMI_DTD_2_0, all_flags, 0);
    assert_ok(create(text, &back));
    assert_int_equal(IWbemClassObject_InheritsFrom(back, L"Thing"), WBEM_S_NO_ERROR);
    SysFreeString(text);
    IWbemClassObject_Release(back);
    IWbemClassObject_Release(cls);
}

static HRESULT check_class(void *closure, IWbemClassObject *cls)
{
    assert_round_trip(cls, 0);
    ++*(int *)closure;
    return WBEM_S_NO_ERROR;
}

static void the_librarys_own_classes_survive(void **state)
{
    (void)state;
    struct repository_namespace *cimv2;
    int count = 0;
    assert_ok(repository_open(repository, L"root\\cimv2", &cimv2));
    assert_ok(repository_visit_classes(cimv2, NULL, true, true, check_class, &count));
    assert_true(count > 100);
}

static void options_leave_out(void **state)
{
    (void)state;
    static const wchar_t *const local[] = {L"LocalOnly", NULL};
    IWbemClassObject *cls = class_named(L"Special");
    BSTR text = text_of(cls, WMI_OBJ_TEXT_CIM_DTD_2_0, local, 0);
    assert_non_null(wcsstr(text, L"NAME=\"Size\""));
    assert_null(wcsstr(text, L"NAME=\"Number\""));
    assert_null(wcsstr(text, L"QUALIFIER"));
    SysFreeString(text);
    text = text_of(cls, WMI_OBJ_TEXT_CIM_DTD_2_0, all_flags, 0);
    assert_non_null(wcsstr(text, L"NAME=\"Number\" CLASSORIGIN=\"Thing\" PROPAGATED=\"true\""));
    assert_non_null(wcsstr(text, L"<QUALIFIER NAME=\"Units\""));
    SysFreeString(text);
    IWbemClassObject_Release(cls);
}

static void arguments_are_checked(void **state)
{
    (void)state;
    IWbemClassObject *cls = class_named(L"Only"), *none = NULL;
    BSTR text = NULL;
    assert_hr(IWbemObjectTextSrc_GetText(source, 0, NULL, 1, NULL, &text),
              WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemObjectTextSrc_GetText(source, 1, cls, 1, NULL, &text), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemObjectTextSrc_GetText(source, 0, cls, 3, NULL, &text), WBEM_E_INVALID_PARAMETER);
    assert_hr(IWbemObjectTextSrc_CreateFromText(source, 0, NULL, 1, NULL, &none),
              WBEM_E_INVALID_PARAMETER);
    IWbemContext *c = context_with(no_flags, 4);
    assert_hr(IWbemObjectTextSrc_GetText(source, 0, cls, 1, c, &text), WBEM_E_INVALID_CONTEXT);
    IWbemContext_Release(c);
    IWbemClassObject_Release(cls);
}

static void broken_text_is_refused(void **state)
{
    (void)state;
    static const wchar_t *const texts[] = {
        L"",
        L"<",
        L"<INSTANCE/>",
        L"<CLASS NAME=\"A\"><PROPERTY NAME=\"X\" TYPE=\"int\"/></CLASS>",
        L"<CLASS NAME=\"A\"><PROPERTY TYPE=\"string\"/></CLASS>",
        L"<CLASS NAME=\"A\"><PROPERTY NAME=\"X\" "
        L"TYPE=\"uint8\"><VALUE>256</VALUE></PROPERTY></CLASS>",
        L"<CLASS NAME=\"A b\"/>",
        L"<OTHER/>",
        L"<CLASS NAME=\"A\"></CLASS><CLASS NAME=\"B\"></CLASS>",
        L"<!DOCTYPE a [<!ENTITY x \"y\">]><CLASS NAME=\"&x;\"/>",
        L"<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><CLASS NAME=\"&b;\"/>",
    };
    for (size_t i = 0; i < ARRAYSIZE(texts); i++) {
        IWbemClassObject *none = NULL;
        HRESULT hr = create(texts[i], &none);
        if (SUCCEEDED(hr) || none) {
            fail_msg("%ls", texts[i]);
        }
        IErrorInfo *info = NULL;
        assert_int_equal(GetErrorInfo(0, &info), S_OK); /* that says why */
        IErrorInfo_Release(info);
    }
}

/* Cut anywhere it is refused; nested without end it is, too. */
static void hostile_text_is_refused(void **state)
{
    (void)state;
    IWbemClassObject *o = instance_at(L"Special.Name=\"two\",Number=2"), *none = NULL;
    BSTR text = text_of(o, WMI_OBJ_TEXT_WMI_DTD_2_0, all_flags, 3);
    size_t length = wcslen(text);
    for (size_t cut = 0; cut + 2 < length; cut += 7) {
        BSTR part = SysAllocStringLen(text, (UINT)cut);
        assert_true(FAILED(create(part, &none)));
        SysFreeString(part);
    }
    SysFreeString(text);
    IWbemClassObject_Release(o);

    size_t deep = 100000;
    wchar_t *nested = calloc(deep * 3 + 1, sizeof *nested);
    for (size_t i = 0; i < deep; i++) {
        wcscpy(nested + i * 3, L"<A>");
    }
    assert_hr(create(nested, &none), WBEM_E_INVALID_SYNTAX);
    free(nested);
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    assert_ok(repository_create(NULL, &repository));
    assert_ok(repository_load_mof(repository, "test.mof", mof, strlen(mof), L"root\\default"));
    assert_ok(repository_open(repository, L"root\\default", &things));
    return FAILED(object_text_src_create(NULL, &IID_IWbemObjectTextSrc, (void **)&source));
}

static int tear_down(void **state)
{
    (void)state;
    repository_destroy(repository);
    SetErrorInfo(0, NULL);
    CoUninitialize();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_form_is_that_of_the_dtd),
        cmocka_unit_test(every_type_survives),
        cmocka_unit_test(classes_survive),
        cmocka_unit_test(the_librarys_own_classes_survive),
        cmocka_unit_test(options_leave_out),
        cmocka_unit_test(arguments_are_checked),
        cmocka_unit_test(broken_text_is_refused),
        cmocka_unit_test(hostile_text_is_refused),
    };
    return cmocka_run_group_tests_name("xml", tests, set_up, tear_down);
}
