/*
 * GetObjectText: how objects print, and that the text compiles to an equal
 * object.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "com/com.h"
#include "mof/test_target.h"
#include "providers/builtin_mof.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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

static void compile(const char *text)
{
    struct mof_target functions = test_target_of(&target);
    struct mof_error e;
    if (FAILED(mof_compile("t.mof", text, strlen(text), L"root\\test", &functions, &e))) {
        fail_msg("%u:%u: '%s': %s (0x%x) in\n%s", (unsigned)e.line, (unsigned)e.column, e.token,
                 e.message, (unsigned)e.status, text);
    }
}

static char *text_of(IWbemClassObject *object, LONG flags)
{
    BSTR text = NULL;
    assert_int_equal(object_text(object, flags, &text), WBEM_S_NO_ERROR);
    char *utf8 = com_utf8_from_wide_n(text, SysStringLen(text));
    assert_non_null(utf8);
    SysFreeString(text);
    return utf8;
}

static void assert_text(IWbemClassObject *object, LONG flags, const char *expected)
{
    char *text = text_of(object, flags);
    assert_string_equal(text, expected);
    free(text);
}

/* The text compiles to an object that is equal and prints the same. */
static void assert_round_trip(IWbemClassObject *object, bool is_class)
{
    char *text = text_of(object, 0);
    size_t before = is_class ? target.class_count : target.instance_count;
    compile(text);
    assert_int_equal(is_class ? target.class_count : target.instance_count, before + 1);
    IWbemClassObject *again =
        is_class ? target.classes[before].object : target.instances[before].object;
    assert_text(again, 0, text);
    if (IWbemClassObject_CompareTo(object, WBEM_FLAG_IGNORE_OBJECT_SOURCE, again) !=
        WBEM_S_NO_ERROR) {
        fail_msg("not equal after compiling\n%s", text);
    }
    free(text);
}

static void a_class_prints_as_mof(void **state)
{
    compile(
        "class My_Base { [key] string k; uint32 inherited = 1; };\n"
        "[abstract, Description(\"a \\\"b\\\"\\n\") : ToSubclass Amended, n(-5), v{\"x\", \"y\"},"
        " off(FALSE)]\n"
        "class My_Class : My_Base { [q : ToInstance] uint8 a[] = {1, 2}; My_Base ref r;"
        " object:My_Base o; object any; datetime w; char16 c = 'x'; real32 f = 1.5;"
        " sint64 big = -5; boolean t = TRUE; uint32 u = 4294967295;"
        " [Static] uint32 M([in] string x[], [in, out] My_Base ref y, [out] boolean z);"
        " void N(); };");
    IWbemClassObject *cls = test_target_class(&target, L"My_Class");
    assert_text(cls, 0,
                "\n[abstract, Description(\"a \\\"b\\\"\\n\"): ToSubclass Amended, n(-5), "
                "v{\"x\", \"y\"}, off(FALSE)]\n"
                "class My_Class : My_Base\n"
                "{\n"
                "\t[q: ToInstance] uint8 a[] = {1, 2};\n"
                "\tMy_Base ref r;\n"
                "\tobject:My_Base o;\n"
                "\tobject any;\n"
                "\tdatetime w;\n"
                "\tchar16 c = 120;\n"
                "\treal32 f = 1.5e+00;\n"
                "\tsint64 big = \"-5\";\n"
                "\tboolean t = TRUE;\n"
                "\tuint32 u = 4294967295;\n"
                "\t[Static] uint32 M([in] string x[], [in, out] My_Base ref y, [out] boolean "
                "z);\n"
                "\tvoid N();\n"
                "};\n");
    assert_round_trip(cls, true);
    assert_round_trip(test_target_class(&target, L"My_Base"), true);
}

static void flavors_can_be_left_out(void **state)
{
    compile("[a : ToInstance ToSubclass DisableOverride, b(1) : Amended] class A {"
            " [key] string k; };");
    IWbemClassObject *cls = test_target_class(&target, L"A");
    assert_text(cls, WBEM_FLAG_NO_FLAVORS, "\n[a, b(1)]\nclass A\n{\n\t[key] string k;\n};\n");
    assert_text(cls, 0,
                "\n[a: ToInstance ToSubclass DisableOverride, b(1): Amended]\nclass A\n{\n"
                "\t[key: ToInstance ToSubclass DisableOverride] string k;\n};\n");
    assert_round_trip(cls, true);
}

static void a_flavor_that_the_compiler_would_add_is_denied(void **state)
{
    compile("[Association : NotToInstance EnableOverride] class A {};");
    IWbemClassObject *cls = test_target_class(&target, L"A");
    assert_text(cls, 0,
                "\n[Association: NotToInstance ToSubclass EnableOverride]\nclass A\n{\n};\n");
    assert_round_trip(cls, true);
}

static void an_instance_prints_as_mof(void **state)
{
    compile("class In { string s; uint16 n; };\n"
            "class A { [key] string k; uint32 u; uint64 big; object:In one; object:In many[];"
            " string list[]; boolean t; real64 f; string none; };\n"
            "instance of A { k = \"a\\\\b\\t\\x01\\x7f\xc3\xa9\"; u = 4294967295; big = 5;"
            " one = instance of In { s = \"deep\"; n = 65535; };"
            " many = {instance of In {}, instance of In { s = \"2\"; }}; list = {\"x\", \"\"};"
            " t = FALSE; f = 1.0e300; };");
    IWbemClassObject *a = target.instances[0].object;
    assert_text(a, 0,
                "\ninstance of A\n"
                "{\n"
                "\tk = \"a\\\\b\\t\\x0001\\x007F\xc3\xa9\";\n"
                "\tu = 4294967295;\n"
                "\tbig = \"5\";\n"
                "\tone = \n"
                "\tinstance of In\n"
                "\t{\n"
                "\t\ts = \"deep\";\n"
                "\t\tn = 65535;\n"
                "\t};\n"
                "\tmany = {\n"
                "\tinstance of In\n"
                "\t{\n"
                "\t}, \n"
                "\tinstance of In\n"
                "\t{\n"
                "\t\ts = \"2\";\n"
                "\t}};\n"
                "\tlist = {\"x\", \"\"};\n"
                "\tt = FALSE;\n"
                "\tf = 1.0e+300;\n"
                "};\n");
    assert_round_trip(a, false);
}

static void reals_print_with_the_digits_they_need(void **state)
{
    static const char *const values[] = {
        "0.1",         "-0.0",    "3.141592653589793", "1.0e-308", "4.9406564584124654e-324",
        "123456789.0", "\"INF\"", "\"-INF\""};
    compile("class A { real64 d; real32 s; };");
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[128];
        (void)snprintf(text, sizeof text, "instance of A { d = %s; s = %s; };", values[i],
                       values[i]);
        compile(text);
        assert_round_trip(target.instances[target.instance_count - 1].object, false);
    }
}

static void text_that_utf8_can_not_carry(void **state)
{
    /* A byte that is not UTF-8, as names on disk may hold, stands as a lone surrogate. */
    compile("class A { string s; };\ninstance of A { s = \"x\\xDC80y\\xD83D\\xDE00\"; };");
    IWbemClassObject *a = target.instances[0].object;
    assert_text(a, 0, "\ninstance of A\n{\n\ts = \"x\\xDC80y\xf0\x9f\x98\x80\";\n};\n");
    assert_round_trip(a, false);
}

static void the_librarys_own_classes_round_trip(void **state)
{
    for (size_t i = 0; i < builtin_mof_count; i++) {
        struct mof_target functions = test_target_of(&target);
        struct mof_error e;
        if (FAILED(mof_compile(builtin_mofs[i].name, builtin_mofs[i].text, builtin_mofs[i].size,
                               L"root\\test", &functions, &e))) {
            fail_msg("%s:%u:%u: '%s': %s", e.file, (unsigned)e.line, (unsigned)e.column, e.token,
                     e.message);
        }
    }
    size_t count = target.class_count;
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_round_trip(target.classes[i].object, true);
    }
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_class_prints_as_mof),
        TEST(flavors_can_be_left_out),
        TEST(a_flavor_that_the_compiler_would_add_is_denied),
        TEST(an_instance_prints_as_mof),
        TEST(reals_print_with_the_digits_they_need),
        TEST(text_that_utf8_can_not_carry),
        TEST(the_librarys_own_classes_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
