/*
 * MOF to objects: classes, qualifiers and their flavors, methods, instances,
 * aliases, directives, and where mistakes of meaning are reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mof/test_target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define PROPAGATE                                                                                  \
    (WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE | WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS)

static struct test_target target;

static int setup(void **state)
{
    memset(&target, 0, sizeof target);
    return 0;
}

static int teardown(void **state)
{
    test_target_done(&target);
    return 0;
}

static HRESULT compile_as(const char *file, const char *text, struct mof_error *error)
{
    struct mof_target functions = test_target_of(&target);
    memset(error, 0, sizeof *error);
    return mof_compile(file, text, strlen(text), L"root\\test", &functions, error);
}

static void compile(const char *text)
{
    struct mof_error e;
    if (FAILED(compile_as("test.mof", text, &e))) {
        fail_msg("%s:%u:%u: '%s': %s (0x%x)", e.file, (unsigned)e.line, (unsigned)e.column, e.token,
                 e.message, (unsigned)e.status);
    }
}

static IWbemClassObject *class_named(const wchar_t *name)
{
    IWbemClassObject *cls = test_target_class(&target, name);
    if (cls == NULL) {
        fail_msg("no class %ls", name);
    }
    return cls;
}

static VARIANT get(IWbemClassObject *object, const wchar_t *name, CIMTYPE type)
{
    VARIANT value;
    CIMTYPE found = 0;
    VariantInit(&value);
    if (FAILED(IWbemClassObject_Get(object, name, 0, &value, &found, NULL))) {
        fail_msg("no property %ls", name);
    }
    assert_int_equal(found, type);
    return value;
}

static void assert_text(VARIANT value, const wchar_t *text)
{
    assert_int_equal(V_VT(&value), VT_BSTR);
    if (wcscmp(V_BSTR(&value), text) != 0) {
        fail_msg("\"%ls\" is not \"%ls\"", V_BSTR(&value), text);
    }
    (void)VariantClear(&value);
}

static void assert_long(VARIANT value, VARTYPE vt, long expected)
{
    assert_int_equal(V_VT(&value), vt);
    assert_int_equal(vt == VT_I4    ? V_I4(&value)
                     : vt == VT_I2  ? V_I2(&value)
                     : vt == VT_UI1 ? V_UI1(&value)
                                    : V_BOOL(&value),
                     expected);
}

static VARIANT qualifier_in(IWbemQualifierSet *set, const wchar_t *name, LONG *ret_flavor)
{
    VARIANT value;
    VariantInit(&value);
    if (FAILED(IWbemQualifierSet_Get(set, name, 0, &value, ret_flavor))) {
        fail_msg("no qualifier %ls", name);
    }
    IWbemQualifierSet_Release(set);
    return value;
}

static VARIANT class_qualifier(IWbemClassObject *cls, const wchar_t *name, LONG *ret_flavor)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(IWbemClassObject_GetQualifierSet(cls, &set), WBEM_S_NO_ERROR);
    return qualifier_in(set, name, ret_flavor);
}

static VARIANT property_qualifier(IWbemClassObject *cls, const wchar_t *property,
                                  const wchar_t *name, LONG *ret_flavor)
{
    IWbemQualifierSet *set = NULL;
    assert_int_equal(IWbemClassObject_GetPropertyQualifierSet(cls, property, &set),
                     WBEM_S_NO_ERROR);
    return qualifier_in(set, name, ret_flavor);
}

/* ---- classes ------------------------------------------------------------------ */

static void properties_have_their_types_and_defaults(void **state)
{
    compile("class A { sint8 a = -128; uint8 b = 255; sint16 c = -0x8000; uint16 d = 65535;"
            " sint32 e = -2147483648; uint32 f = 4294967295; sint64 g = -9223372036854775808;"
            " uint64 h = 18446744073709551615; uint64 q = \"0018\"; real32 i = 1.5;"
            " real64 j = -2; boolean k = TRUE; string l = \"x\" \"\\ty\"; char16 n = 'z';"
            " datetime o = \"20240101000000.000000+000\"; string p; A ref r = \"A=1\"; };");
    IWbemClassObject *a = class_named(L"A");
    assert_long(get(a, L"a", CIM_SINT8), VT_I2, -128);
    assert_long(get(a, L"b", CIM_UINT8), VT_UI1, 255);
    assert_long(get(a, L"c", CIM_SINT16), VT_I2, -32768);
    assert_long(get(a, L"d", CIM_UINT16), VT_I4, 65535);
    assert_long(get(a, L"e", CIM_SINT32), VT_I4, INT32_MIN);
    assert_long(get(a, L"f", CIM_UINT32), VT_I4, -1); /* the bits, as [WmiSdk] "Numbers" has it */
    assert_text(get(a, L"g", CIM_SINT64), L"-9223372036854775808");
    assert_text(get(a, L"h", CIM_UINT64), L"18446744073709551615");
    assert_text(get(a, L"q", CIM_UINT64), L"18");
    assert_true(V_R4(&(VARIANT[]){get(a, L"i", CIM_REAL32)}[0]) == 1.5f);
    assert_true(V_R8(&(VARIANT[]){get(a, L"j", CIM_REAL64)}[0]) == -2.0);
    assert_long(get(a, L"k", CIM_BOOLEAN), VT_BOOL, VARIANT_TRUE);
    assert_text(get(a, L"l", CIM_STRING), L"x\ty");
    assert_long(get(a, L"n", CIM_CHAR16), VT_I2, 'z');
    assert_text(get(a, L"o", CIM_DATETIME), L"20240101000000.000000+000");
    VARIANT p = get(a, L"p", CIM_STRING);
    assert_int_equal(V_VT(&p), VT_NULL);
    assert_text(get(a, L"r", CIM_REFERENCE), L"A=1");
    assert_text(property_qualifier(a, L"r", L"CIMTYPE", NULL), L"ref:A");
}

static void arrays(void **state)
{
    compile("class A { uint8 a[] = {1, 2, 3}; string b[2] = {\"x\", \"y\"}; boolean c[]; };");
    IWbemClassObject *a = class_named(L"A");
    VARIANT v = get(a, L"a", CIM_UINT8 | CIM_FLAG_ARRAY);
    assert_int_equal(V_VT(&v), VT_ARRAY | VT_UI1);
    LONG high = 0, i = 2;
    BYTE b = 0;
    assert_int_equal(SafeArrayGetUBound(V_ARRAY(&v), 1, &high), S_OK);
    assert_int_equal(high, 2);
    assert_int_equal(SafeArrayGetElement(V_ARRAY(&v), &i, &b), S_OK);
    assert_int_equal(b, 3);
    (void)VariantClear(&v);

    v = get(a, L"b", CIM_STRING | CIM_FLAG_ARRAY);
    assert_int_equal(V_VT(&v), VT_ARRAY | VT_BSTR);
    BSTR s = NULL;
    i = 1;
    assert_int_equal(SafeArrayGetElement(V_ARRAY(&v), &i, &s), S_OK);
    assert_int_equal(wcscmp(s, L"y"), 0);
    SysFreeString(s);
    (void)VariantClear(&v);
    assert_long(property_qualifier(a, L"b", L"MAX", NULL), VT_I4, 2);
    v = get(a, L"c", CIM_BOOLEAN | CIM_FLAG_ARRAY);
    assert_int_equal(V_VT(&v), VT_NULL);
}

static void classes_derive(void **state)
{
    compile("[abstract] class A { [key] string k; uint32 n = 1; };\n"
            "class B : A { uint32 n = 2; string own; };");
    IWbemClassObject *b = class_named(L"B");
    assert_text(get(b, L"__SUPERCLASS", CIM_STRING), L"A");
    assert_long(get(b, L"n", CIM_UINT32), VT_I4, 2);
    (void)get(b, L"k", CIM_STRING);
    assert_long(property_qualifier(b, L"k", L"key", NULL), VT_BOOL, VARIANT_TRUE);
    assert_int_equal(target.class_count, 2);
    assert_int_equal(wcscmp(target.classes[0].name_space, L"root\\test"), 0);
}

/* ---- qualifiers -------------------------------------------------------------------- */

static void qualifier_values(void **state)
{
    compile("[a, b(FALSE), c(-5), d(2.5), e(\"t\"), f{\"x\", \"y\"}, g{1, 2}, h(5000000000)]"
            "class A {};");
    IWbemClassObject *a = class_named(L"A");
    assert_long(class_qualifier(a, L"a", NULL), VT_BOOL, VARIANT_TRUE);
    assert_long(class_qualifier(a, L"B", NULL), VT_BOOL, VARIANT_FALSE);
    assert_long(class_qualifier(a, L"c", NULL), VT_I4, -5);
    VARIANT d = class_qualifier(a, L"d", NULL);
    assert_int_equal(V_VT(&d), VT_R8);
    assert_true(V_R8(&d) == 2.5);
    assert_text(class_qualifier(a, L"e", NULL), L"t");
    VARIANT f = class_qualifier(a, L"f", NULL);
    assert_int_equal(V_VT(&f), VT_ARRAY | VT_BSTR);
    (void)VariantClear(&f);
    VARIANT g = class_qualifier(a, L"g", NULL);
    assert_int_equal(V_VT(&g), VT_ARRAY | VT_I4);
    (void)VariantClear(&g);
    assert_text(class_qualifier(a, L"h", NULL), L"5000000000");
}

static LONG flavor_of(const wchar_t *name)
{
    LONG flavor = 0;
    VARIANT value = class_qualifier(class_named(L"A"), name, &flavor);
    (void)VariantClear(&value);
    return flavor & ~WBEM_FLAVOR_MASK_ORIGIN;
}

static void flavors_written_declared_and_known(void **state)
{
    compile("Qualifier Declared : ToSubclass Amended;\n"
            "Qualifier Long : string = null, Scope(class), Flavor(DisableOverride, ToSubclass);\n"
            "Qualifier Usual : boolean = false, Scope(any);\n"
            "[usual, plain, written : ToInstance ToSubclass DisableOverride, declared, long(\"x\"),"
            " LONG2 : Restricted, Association] class A {};\n");
    assert_int_equal(flavor_of(L"plain"), 0);
    assert_int_equal(flavor_of(L"written"), PROPAGATE | WBEM_FLAVOR_NOT_OVERRIDABLE);
    assert_int_equal(flavor_of(L"declared"),
                     WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS | WBEM_FLAVOR_AMENDED);
    assert_int_equal(flavor_of(L"long"),
                     WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS | WBEM_FLAVOR_NOT_OVERRIDABLE);
    assert_int_equal(flavor_of(L"long2"), 0);
    assert_int_equal(flavor_of(L"usual"), WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS);
    assert_int_equal(flavor_of(L"association"), PROPAGATE | WBEM_FLAVOR_NOT_OVERRIDABLE);
}

static void a_written_flavor_wins_over_the_declared_one(void **state)
{
    compile("Qualifier q : DisableOverride ToSubclass;\n"
            "[q : EnableOverride ToInstance] class A {};");
    assert_int_equal(flavor_of(L"q"), PROPAGATE);
}

/* ---- methods ------------------------------------------------------------------------- */

static void methods_become_two_signatures(void **state)
{
    compile("class A { [Static, Description(\"d\")] uint32 M([in] string x, [in, out] uint8 y[],"
            " [out] A ref z, boolean w); void N(); };");
    IWbemClassObject *a = class_named(L"A"), *in = NULL, *out = NULL;
    assert_int_equal(IWbemClassObject_GetMethod(a, L"M", 0, &in, &out), WBEM_S_NO_ERROR);
    assert_non_null(in);
    assert_non_null(out);
    assert_text(get(in, L"__CLASS", CIM_STRING), L"__PARAMETERS");
    assert_long(property_qualifier(in, L"x", L"ID", NULL), VT_I4, 0);
    assert_long(property_qualifier(in, L"x", L"in", NULL), VT_BOOL, VARIANT_TRUE);
    (void)get(in, L"y", CIM_UINT8 | CIM_FLAG_ARRAY);
    (void)get(out, L"y", CIM_UINT8 | CIM_FLAG_ARRAY);
    assert_long(property_qualifier(out, L"y", L"ID", NULL), VT_I4, 1);
    assert_long(property_qualifier(out, L"z", L"ID", NULL), VT_I4, 2);
    assert_text(property_qualifier(out, L"z", L"CIMTYPE", NULL), L"ref:A");
    assert_long(property_qualifier(in, L"w", L"ID", NULL), VT_I4, 3);
    assert_long(property_qualifier(in, L"w", L"in", NULL), VT_BOOL, VARIANT_TRUE);
    (void)get(out, L"ReturnValue", CIM_UINT32);
    assert_int_equal(IWbemClassObject_Get(in, L"z", 0, NULL, NULL, NULL), WBEM_E_NOT_FOUND);
    IWbemClassObject_Release(in);
    IWbemClassObject_Release(out);

    IWbemQualifierSet *set = NULL;
    assert_int_equal(IWbemClassObject_GetMethodQualifierSet(a, L"M", &set), WBEM_S_NO_ERROR);
    assert_text(qualifier_in(set, L"Description", NULL), L"d");

    in = out = NULL;
    assert_int_equal(IWbemClassObject_GetMethod(a, L"N", 0, &in, &out), WBEM_S_NO_ERROR);
    assert_null(in);
    assert_null(out);
}

static void utf16_is_read_by_its_mark(void **state)
{
    static const char text[] = "class A { string s = \"\xc3\xa9\"; };";
    uint8_t bytes[2][2 * sizeof text] = {{0xff, 0xfe}, {0xfe, 0xff}};
    size_t units = 1;
    for (size_t i = 0; i < sizeof text - 1; i++, units++) {
        uint8_t c = (uint8_t)text[i];
        if (c == 0xc3) {
            c = 0xe9; /* one unit for the two bytes */
            i++;
        }
        bytes[0][2 * units] = c;
        bytes[1][2 * units + 1] = c;
    }
    for (int i = 0; i < 2; i++) {
        struct mof_target functions = test_target_of(&target);
        struct mof_error e;
        assert_int_equal(
            mof_compile("t.mof", (const char *)bytes[i], 2 * units, L"root", &functions, &e),
            WBEM_S_NO_ERROR);
        assert_text(get(class_named(L"A"), L"s", CIM_STRING), L"\u00e9");
        test_target_done(&target);
    }
}

/* ---- instances -------------------------------------------------------------------------- */

static void instances_and_their_embedded_objects(void **state)
{
    compile("class In { string s; }; class A { [key] uint32 k; object:In one; object:In many[];"
            " };\n"
            "instance of A { k = 7; one = instance of In { s = \"deep\"; };"
            " many = {instance of In {}, instance of In { s = \"2\"; }}; };");
    assert_int_equal(target.instance_count, 1);
    IWbemClassObject *a = target.instances[0].object, *in = NULL;
    assert_long(get(a, L"k", CIM_UINT32), VT_I4, 7);
    assert_text(get(a, L"__RELPATH", CIM_STRING), L"A.k=7");
    VARIANT one = get(a, L"one", CIM_OBJECT);
    assert_int_equal(V_VT(&one), VT_UNKNOWN);
    assert_int_equal(IUnknown_QueryInterface(V_UNKNOWN(&one), &IID_IWbemClassObject, (void **)&in),
                     S_OK);
    assert_text(get(in, L"s", CIM_STRING), L"deep");
    IWbemClassObject_Release(in);
    (void)VariantClear(&one);
    VARIANT many = get(a, L"many", CIM_OBJECT | CIM_FLAG_ARRAY);
    LONG high = 0;
    assert_int_equal(SafeArrayGetUBound(V_ARRAY(&many), 1, &high), S_OK);
    assert_int_equal(high, 1);
    (void)VariantClear(&many);
}

static void aliases_become_paths(void **state)
{
    compile("class A { [key] string k; }; class L { A ref one; A ref two; };\n"
            "instance of A as $First { k = \"1\"; };\n"
            "instance of L { one = $first; two = $Later; };\n" /* one of them below */
            "instance of A as $Later { k = \"a\\\"b\"; };");
    assert_int_equal(target.instance_count, 3);
    IWbemClassObject *l = target.instances[1].object;
    assert_text(get(l, L"one", CIM_REFERENCE), L"A.k=\"1\"");
    assert_text(get(l, L"two", CIM_REFERENCE), L"A.k=\"a\\\"b\"");
    assert_int_equal(wcscmp(target.instances[2].class_name, L"A"), 0);
}

static void aliases_across_namespaces_have_whole_paths(void **state)
{
    compile("class A { [key] string k; };\n"
            "instance of A as $X { k = \"1\"; };\n"
            "#pragma namespace(\"\\\\\\\\.\\\\root\\\\other\")\n"
            "class L { object ref one; };\n"
            "instance of L { one = $X; };");
    assert_text(get(target.instances[1].object, L"one", CIM_REFERENCE),
                L"\\\\.\\root\\test:A.k=\"1\"");
}

/* ---- directives ----------------------------------------------------------------------------- */

static void directives(void **state)
{
    compile("#pragma autorecover\n#pragma locale(\"en_US\")\n"
            "class A {};\n"
            "#pragma classflags(\"updateonly\", \"forceupdate\")\n"
            "#pragma namespace(\"root/other\")\n"
            "class A {};\n"
            "#pragma deleteclass(\"A\", fail)\n"
            "#pragma deleteclass(\"A\", nofail)\n"
            "#pragma namespace(\"root\")\n"
            "#pragma classflags(2)\n"
            "class A {};\n");
    assert_int_equal(target.class_count, 2);
    assert_int_equal(wcscmp(target.classes[0].name_space, L"root\\test"), 0);
    assert_int_equal(target.classes[0].flags, 0);
    assert_int_equal(wcscmp(target.classes[1].name_space, L"root"), 0);
    assert_int_equal(target.classes[1].flags, WBEM_FLAG_CREATE_ONLY);
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void remove_file(const char *folder, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path);
}

static void included_files_are_found_beside_the_file(void **state)
{
    char folder[] = "/tmp/wbem-mof-XXXXXX", path[512];
    struct mof_error e;
    assert_non_null(mkdtemp(folder));
    write_file(folder, "good.mof", "class Base { [key] string k; };");
    write_file(folder, "bad.mof", "\n  class Bad : Unknown {};");
    write_file(folder, "self.mof", "#pragma include(\"self.mof\")");
    (void)snprintf(path, sizeof path, "%s/main.mof", folder);

    assert_int_equal(compile_as(path, "#pragma include(\"good.mof\")\nclass D : Base {};", &e),
                     WBEM_S_NO_ERROR);
    assert_int_equal(target.class_count, 2);

    assert_int_equal(compile_as(path, "class X {};\n#pragma include(\"bad.mof\")", &e),
                     WBEM_E_INVALID_SUPERCLASS);
    assert_non_null(strstr(e.file, "bad.mof"));
    assert_int_equal(e.line, 2);
    assert_int_equal(e.object, 1);
    assert_string_equal(e.token, "Unknown");

    assert_int_equal(compile_as(path, "#pragma include(\"self.mof\")", &e),
                     WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE);
    assert_int_equal(compile_as(path, "\n#pragma include(\"missing.mof\")", &e),
                     WBEMMOF_E_ERROR_INVALID_INCLUDE_FILE);
    assert_int_equal(e.line, 2);
    assert_string_equal(e.file, path);

    remove_file(folder, "good.mof");
    remove_file(folder, "bad.mof");
    remove_file(folder, "self.mof");
    (void)rmdir(folder);
}

/* ---- mistakes
 * ------------------------------------------------------------------------------------ */

static void mistakes_of_meaning_have_their_place(void **state)
{
    static const struct {
        const char *text;
        ULONG line, column, object;
        HRESULT status;
        const char *token;
    } cases[] = {
        {"class A : B {};", 1, 11, 1, WBEM_E_INVALID_SUPERCLASS, "B"},
        {"instance of A {};", 1, 13, 1, WBEM_E_INVALID_CLASS, "A"},
        {"class A { uint8 a = 256; };", 1, 21, 1, WBEMMOF_E_OUT_OF_RANGE, "256"},
        {"class A { uint8 a = -1; };", 1, 21, 1, WBEMMOF_E_OUT_OF_RANGE, "-1"},
        {"class A { sint8 a = -129; };", 1, 21, 1, WBEMMOF_E_OUT_OF_RANGE, "-129"},
        {"class A { uint8 a = \"1\"; };", 1, 21, 1, WBEMMOF_E_TYPE_MISMATCH, "\"1\""},
        {"class A { uint64 a = \"x\"; };", 1, 22, 1, WBEMMOF_E_TYPE_MISMATCH, "\"x\""},
        {"class A { string a = 1; };", 1, 22, 1, WBEMMOF_E_TYPE_MISMATCH, "1"},
        {"class A { boolean a = 1; };", 1, 23, 1, WBEMMOF_E_TYPE_MISMATCH, "1"},
        {"class A { datetime a = \"now\"; };", 1, 24, 1, WBEMMOF_E_TYPE_MISMATCH, "\"now\""},
        {"class A { uint8 a[] = 1; };", 1, 23, 1, WBEMMOF_E_TYPE_MISMATCH, "1"},
        {"class A { uint8 a = {1}; };", 1, 21, 1, WBEMMOF_E_UNEXPECTED_ARRAY_INIT, "{"},
        {"class A { uint8 a[] = {1, NULL}; };", 1, 27, 1, WBEMMOF_E_NULL_ARRAY_ELEM, "NULL"},
        {"class A { uint8 a; string A; };", 1, 27, 1, WBEMMOF_E_DUPLICATE_PROPERTY, "A"},
        {"[q, r, Q] class A {};", 1, 8, 1, WBEMMOF_E_DUPLICATE_QUALIFIER, "Q"},
        {"[q('x')] class A {};", 1, 4, 1, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE, "'x'"},
        {"[q{1, \"a\"}] class A {};", 1, 7, 1, WBEMMOF_E_TYPE_MISMATCH, "\"a\""},
        {"class A { void M([in(FALSE)] uint8 p); };", 1, 36, 1, WBEMMOF_E_MUST_BE_IN_OR_OUT, "p"},
        {"class A { uint8 a; };\ninstance of A { b = 1; };", 2, 17, 2, WBEM_E_NOT_FOUND, "b"},
        {"class A { uint8 a; };\ninstance of A { a = 1; A = 2; };", 2, 24, 2,
         WBEMMOF_E_DUPLICATE_PROPERTY, "A"},
        {"class A { A ref a; };\ninstance of A { a = $X; };", 2, 21, 2, WBEMMOF_E_UNEXPECTED_ALIAS,
         "$X"},
        {"class A { A ref a; };\ninstance of A as $X { a = $X; };", 2, 27, 2,
         WBEMMOF_E_UNEXPECTED_ALIAS, "$X"},
        {"class A { A ref a; };\ninstance of A as $X { a = $Y; };\n"
         "instance of A as $Y { a = $X; };",
         3, 27, 3, WBEMMOF_E_UNEXPECTED_ALIAS, "$X"},
        {"class A as $X {};\nclass B as $x {};", 2, 12, 0, WBEMMOF_E_MULTIPLE_ALIASES, "$x"},
        {"#pragma namespace(\"a b\")", 1, 19, 0, WBEMMOF_E_INVALID_NAMESPACE_SYNTAX, "\"a b\""},
        {"#pragma namespace(\"//far/root\")", 1, 19, 0, WBEM_E_NOT_SUPPORTED, "\"//far/root\""},
        {"#pragma namespace", 1, 9, 0, WBEMMOF_E_INVALID_PRAGMA, "namespace"},
        {"#pragma classflags(\"fast\")", 1, 20, 0, WBEMMOF_E_INVALID_FLAGS_SYNTAX, "\"fast\""},
        {"#pragma deleteclass(\"A\", fail)", 1, 21, 0, WBEM_E_NOT_FOUND, "\"A\""},
        {"#pragma deleteclass(\"A\")", 1, 9, 0, WBEMMOF_E_INVALID_DELETECLASS_SYNTAX,
         "deleteclass"},
        {"#pragma deleteinstance(\"A=1\", fail)", 1, 9, 0, WBEM_E_NOT_SUPPORTED, "deleteinstance"},
        {"class A { string x };", 1, 20, 1, WBEMMOF_E_EXPECTED_SEMI, "}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct mof_error e;
        test_target_done(&target);
        HRESULT hr = compile_as("t.mof", cases[i].text, &e);
        if (hr != cases[i].status || e.status != hr || e.line != cases[i].line ||
            e.column != cases[i].column || e.object != cases[i].object ||
            strcmp(e.token, cases[i].token) != 0 || strcmp(e.file, "t.mof") != 0) {
            fail_msg("%s\ngave 0x%x at %u:%u '%s' in object %u: %s", cases[i].text, (unsigned)hr,
                     (unsigned)e.line, (unsigned)e.column, e.token, (unsigned)e.object, e.message);
        }
        assert_true(e.message[0] != '\0');
    }
}

/* A declaration's scope and type hold for what it declares. */
static void declarations_are_enforced(void **state)
{
    (void)state;
    static const char declared[] =
        "Qualifier W : uint32 = 5, Scope(property), Flavor(ToSubclass);\n"
        "Qualifier L : string[], Scope(class, method);\n"
        "Qualifier B : boolean = false, Scope(any);\n"
        "Qualifier S : string = null, Scope(any);\n";
    static const struct {
        const char *text;
        HRESULT status;
    } cases[] = {
        {"class A { [W(3)] string X; };", WBEM_S_NO_ERROR},
        {"class A { [W] string X; };", WBEM_S_NO_ERROR},
        {"[W(3)] class A { };", WBEMMOF_E_UNRECOGNIZED_TOKEN},
        {"class A { [W(\"3\")] string X; };", WBEM_E_TYPE_MISMATCH},
        {"class A { [W{3}] string X; };", WBEM_E_TYPE_MISMATCH},
        {"[L{\"a\"}] class A { };", WBEM_S_NO_ERROR},
        {"[L(\"a\")] class A { };", WBEM_E_TYPE_MISMATCH},
        {"[L{\"a\", 5}] class A { };", WBEM_E_TYPE_MISMATCH},
        {"class A { [L{\"a\"}] string X; };", WBEMMOF_E_UNRECOGNIZED_TOKEN},
        {"class A { [L{\"a\"}] uint32 M(); };", WBEM_S_NO_ERROR},
        {"class A { uint32 M([L{\"a\"}] uint32 P); };", WBEMMOF_E_UNRECOGNIZED_TOKEN},
        {"[B] class A { [B(TRUE)] string X; };", WBEM_S_NO_ERROR},
        {"[B(1)] class A { };", WBEM_E_TYPE_MISMATCH},
        {"[Undeclared(1)] class A { };", WBEM_S_NO_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[512];
        struct mof_error error = {0};
        (void)snprintf(text, sizeof text, "%s%s", declared, cases[i].text);
        HRESULT hr = compile_as("test.mof", text, &error);
        if (hr != cases[i].status) {
            fail_msg("%s: 0x%08x %s", cases[i].text, (unsigned)hr, error.message);
        }
        assert_true(SUCCEEDED(hr) || error.line == 5);
    }
}

static void a_declared_default_is_the_value(void **state)
{
    (void)state;
    compile("Qualifier W : uint32 = 5, Scope(property), Flavor(ToSubclass);\n"
            "class A { [W] string X; };");
    assert_long(property_qualifier(class_named(L"A"), L"X", L"W", NULL), VT_I4, 5);
}

/* The texts go to the locale's namespace as well. */
static void amendments_are_kept_apart(void **state)
{
    (void)state;
    compile("#pragma amendment(\"MS_40c\")\n"
            "[Description(\"chose\") : Amended, Version(\"1\")]\n"
            "class A { [key, Description(\"nom\") : Amended] string Name; string Rest;\n"
            "  [Description(\"fait\") : Amended] uint32 Do([in] uint32 x); };");
    const struct test_object *stub = NULL;
    for (size_t i = 0; i < target.class_count; i++) {
        if (wcsstr(target.classes[i].name_space, L"\\MS_40c")) {
            stub = &target.classes[i];
        }
    }
    assert_non_null(stub);
    LONG flavor;
    assert_text(class_qualifier(stub->object, L"Description", &flavor), L"chose");
    assert_int_equal(flavor & WBEM_FLAVOR_AMENDED, WBEM_FLAVOR_AMENDED);
    assert_long(class_qualifier(stub->object, L"Locale", NULL), VT_I4, 0x40c);
    assert_text(property_qualifier(stub->object, L"Name", L"Description", NULL), L"nom");
    assert_int_equal(IWbemClassObject_Get(stub->object, L"Rest", 0, NULL, NULL, NULL),
                     WBEM_E_NOT_FOUND);
    IWbemQualifierSet *set;
    assert_int_equal(IWbemClassObject_GetMethodQualifierSet(stub->object, L"Do", &set), S_OK);
    assert_text(qualifier_in(set, L"Description", NULL), L"fait");

    static const char *const wrong[] = {"#pragma amendment(\"\")", "#pragma amendment(\"MS_\")",
                                        "#pragma amendment(\"MS_40x\")", "#pragma amendment(5)"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct mof_error error = {0};
        assert_true(FAILED(compile_as("test.mof", wrong[i], &error)));
        assert_int_equal(error.line, 1);
    }
}

/* The place of a mistake can be shown, however long its line is. */
static void errors_show_their_line(void **state)
{
    (void)state;
    struct mof_error error = {0};
    assert_true(FAILED(compile_as("t.mof", "class A {\n\tuint32 ä = \"x\";\n};", &error)));
    assert_string_equal(error.source, " uint32 ä = \"x\";");
    assert_int_equal(error.caret, 12);

    char text[2000] = "class A { /*";
    while (strlen(text) < 1500) {
        strcat(text, "ä b ");
    }
    strcat(text, "*/ uint32 X = \"wrong\"; }; // and more and more and more and more and more and "
                 "more and more and more and more and more and more and more and more and more");
    assert_true(FAILED(compile_as("t.mof", text, &error)));
    assert_true(strlen(error.source) < sizeof error.source);
    /* The mark is below the literal. */
    const char *at = error.source;
    for (ULONG i = 0; i < error.caret; i++) {
        at++;
        while ((*at & 0xc0) == 0x80) {
            at++;
        }
    }
    assert_int_equal(strncmp(at, "\"wrong\"", 7), 0);
}

static HRESULT end_at_once(void *closure, const char *file, const struct mof_counts *counts)
{
    (void)file;
    *(ULONG *)closure = counts->classes;
    return WBEM_E_CALL_CANCELLED;
}

/* Several files are one: declarations hold on, namespaces and flags don't; a progress that fails
 * ends it. */
static void several_files_are_one(void **state)
{
    (void)state;
    static const char first[] = "Qualifier W : uint32 = 5, Scope(property);\n"
                                "#pragma namespace(\"root\\\\other\")\n"
                                "class A { };\n";
    static const char second[] = "class B { [W] string X; };\n";
    const struct mof_input inputs[] = {{"a.mof", first, strlen(first)},
                                       {"b.mof", second, strlen(second)}};
    const struct mof_target to = test_target_of(&target);
    struct mof_counts counts;
    struct mof_error error = {0};
    assert_int_equal(mof_compile_all(inputs, 2, L"root\\test", NULL, &to, &counts, &error), S_OK);
    assert_int_equal(counts.files, 2);
    assert_int_equal(counts.classes, 2);
    assert_int_equal(counts.qualifiers, 1);
    assert_int_equal(wcscmp(target.classes[1].name_space, L"root\\test"), 0);

    char many[4096] = "";
    for (int i = 0; i < 100; i++) {
        (void)snprintf(many + strlen(many), sizeof many - strlen(many), "class C%d {};\n", i);
    }
    const struct mof_input input = {"many.mof", many, strlen(many)};
    ULONG seen = 0;
    const struct mof_options options = {.progress = end_at_once, .closure = &seen};
    assert_int_equal(
        (unsigned)mof_compile_all(&input, 1, L"root\\test", &options, &to, &counts, &error),
        (unsigned)WBEM_E_CALL_CANCELLED);
    assert_true(seen > 0 && seen < 100);
}

static void what_the_target_refuses_is_reported(void **state)
{
    struct mof_error e;
    target.refuse = WBEM_E_ACCESS_DENIED;
    assert_int_equal(compile_as("t.mof", "\nclass A {};", &e), WBEM_E_ACCESS_DENIED);
    assert_int_equal(e.line, 2);
    assert_string_equal(e.token, "A");
    assert_non_null(strstr(e.message, "denied"));
}

static void a_mistake_of_syntax_comes_before_any_object(void **state)
{
    struct mof_error e;
    assert_int_equal(compile_as("t.mof", "class A {};\nclass B {}", &e), WBEMMOF_E_EXPECTED_SEMI);
    assert_int_equal(target.class_count, 0);
    assert_int_equal(e.object, 2);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(properties_have_their_types_and_defaults),
        TEST(arrays),
        TEST(classes_derive),
        TEST(qualifier_values),
        TEST(flavors_written_declared_and_known),
        TEST(a_written_flavor_wins_over_the_declared_one),
        TEST(methods_become_two_signatures),
        TEST(utf16_is_read_by_its_mark),
        TEST(instances_and_their_embedded_objects),
        TEST(aliases_become_paths),
        TEST(aliases_across_namespaces_have_whole_paths),
        TEST(directives),
        TEST(included_files_are_found_beside_the_file),
        TEST(mistakes_of_meaning_have_their_place),
        TEST(declarations_are_enforced),
        TEST(a_declared_default_is_the_value),
        TEST(amendments_are_kept_apart),
        TEST(errors_show_their_line),
        TEST(several_files_are_one),
        TEST(what_the_target_refuses_is_reported),
        TEST(a_mistake_of_syntax_comes_before_any_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
