/*
 * MOF to tree and back: what is printed parses to the same print, and mistakes
 * are reported where they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mof/mof_private.h"

#include <stdlib.h>
#include <string.h>

static char *print_of(const char *text, size_t size, size_t *ret_size)
{
    struct mof_tree *tree = NULL;
    struct mof_error error = {0};
    char *printed = NULL;
    if (FAILED(mof_parse(text, size, &tree, &error))) {
        fail_msg("%u:%u: %s at '%s'", (unsigned)error.line, (unsigned)error.column, error.message,
                 error.token);
    }
    assert_int_equal(mof_print(tree, &printed, ret_size), WBEM_S_NO_ERROR);
    mof_tree_destroy(tree);
    return printed;
}

static void assert_prints_as(const char *text, const char *normal)
{
    size_t size, again_size;
    char *printed = print_of(text, strlen(text), &size);
    assert_string_equal(printed, normal);
    char *again = print_of(printed, size, &again_size);
    assert_string_equal(again, printed);
    free(printed);
    free(again);
}

static void a_class_with_everything(void **state)
{
    assert_prints_as(
        "[abstract, Description(\"a\" \"b\") : ToSubclass Amended,\n"
        " Values{\"x\", \"y\"}, Max(-7):DisableOverride]\n"
        "CLASS My_Class AS $Alias : My_Base { [key] string Name; uint8 Data[];\n"
        "  uint16 Fixed[4] = {1, 0x2, 03, 100b}; My_Other REF Other = NULL; object ref Any;\n"
        "  object Inner; object:My_Class Typed; My_Class Bare; datetime When; char16 C = 'x';\n"
        "  real32 R = -1.5; boolean B = true; string Ref;\n"
        "  [Static] uint32 Run([in] string A[], [in, out] My_Class ref B); void Stop(); };",
        "[abstract, Description(\"a\" \"b\"): ToSubclass Amended, Values{\"x\", \"y\"}, "
        "Max(-7): DisableOverride]\n"
        "class My_Class as $Alias : My_Base\n"
        "{\n"
        "\t[key] string Name;\n"
        "\tuint8 Data[];\n"
        "\tuint16 Fixed[4] = {1, 0x2, 03, 100b};\n"
        "\tMy_Other ref Other = NULL;\n"
        "\tobject ref Any;\n"
        "\tobject Inner;\n"
        "\tobject:My_Class Typed;\n"
        "\tobject:My_Class Bare;\n"
        "\tdatetime When;\n"
        "\tchar16 C = 'x';\n"
        "\treal32 R = -1.5;\n"
        "\tboolean B = true;\n"
        "\tstring Ref;\n"
        "\t[Static] uint32 Run([in] string A[], [in, out] My_Class ref B);\n"
        "\tvoid Stop();\n"
        "};\n");
}

static void instances_and_directives(void **state)
{
    assert_prints_as("\xef\xbb\xbf#pragma namespace(\"root\\\\x\") #pragma autorecover\n"
                     "#pragma deleteclass(\"A\", nofail)\n"
                     "Qualifier Description : ToSubClass Amended;"
                     "Qualifier Max : uint32 = 5, Scope(property, method), Flavor(Restricted);"
                     "[q] instance of A as $I { [w] S = \"x\" /* c */ \"y\"; N = NULL; R = $I;\n"
                     "E = instance of B { L = {instance of C {}, instance of C {X=1;}}; }; };",
                     "#pragma namespace(\"root\\\\x\")\n"
                     "\n"
                     "#pragma autorecover\n"
                     "\n"
                     "#pragma deleteclass(\"A\", nofail)\n"
                     "\n"
                     "Qualifier Description : ToSubclass Amended;\n"
                     "\n"
                     "Qualifier Max : uint32 = 5, Scope(property, method), Flavor(NotToInstance "
                     "NotToSubclass);\n"
                     "\n"
                     "[q]\n"
                     "instance of A as $I\n"
                     "{\n"
                     "\t[w] S = \"x\" \"y\";\n"
                     "\tN = NULL;\n"
                     "\tR = $I;\n"
                     "\tE = \n"
                     "\tinstance of B\n"
                     "\t{\n"
                     "\t\tL = {\n"
                     "\t\tinstance of C\n"
                     "\t\t{\n"
                     "\t\t}, \n"
                     "\t\tinstance of C\n"
                     "\t\t{\n"
                     "\t\t\tX = 1;\n"
                     "\t\t}};\n"
                     "\t};\n"
                     "};\n");
}

static void nothing_is_a_specification_too(void **state)
{
    assert_prints_as("", "");
    assert_prints_as(" // only a comment", "");
}

struct mistake {
    const char *text;
    ULONG line, column, object;
    HRESULT status;
    const char *token;
};

static void assert_mistake(const struct mistake *m)
{
    struct mof_tree *tree = NULL;
    struct mof_error error = {0};
    HRESULT hr = mof_parse(m->text, strlen(m->text), &tree, &error);
    if (hr != m->status || error.status != m->status || error.line != m->line ||
        error.column != m->column || error.object != m->object ||
        strcmp(error.token, m->token) != 0) {
        fail_msg("%s\ngave 0x%x at %u:%u '%s' in object %u: %s", m->text, (unsigned)hr,
                 (unsigned)error.line, (unsigned)error.column, error.token, (unsigned)error.object,
                 error.message);
    }
    assert_null(tree);
    assert_true(error.message[0] != '\0');
}

static void mistakes_have_their_place(void **state)
{
    static const struct mistake cases[] = {
        {"klass A {};", 1, 1, 1, WBEMMOF_E_INVALID_CLASS_DECLARATION, "klass"},
        {"class {", 1, 7, 1, WBEMMOF_E_EXPECTED_CLASS_NAME, "{"},
        {"class A {}", 1, 11, 1, WBEMMOF_E_EXPECTED_SEMI, ""},
        {"class A : {};", 1, 11, 1, WBEMMOF_E_EXPECTED_CLASS_NAME, "{"},
        {"class A };", 1, 9, 1, WBEMMOF_E_EXPECTED_OPEN_BRACE, "}"},
        {"class A as B {};", 1, 12, 1, WBEMMOF_E_EXPECTED_DOLLAR, "B"},
        {"class A {\n  string;\n};", 2, 9, 1, WBEMMOF_E_EXPECTED_PROPERTY_NAME, ";"},
        {"class A {\n  string x\n};", 3, 1, 1, WBEMMOF_E_EXPECTED_SEMI, "}"},
        {"class A { unit32 x; };", 1, 11, 1, WBEMMOF_E_UNRECOGNIZED_TYPE, "unit32"},
        {"class A { string x", 1, 19, 1, WBEMMOF_E_EXPECTED_SEMI, ""},
        {"class A { string x; 5 };", 1, 21, 1, WBEMMOF_E_EXPECTED_CLOSE_BRACE, "5"},
        {"class A { string x = ; };", 1, 22, 1, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE, ";"},
        {"class A { string x = maybe; };", 1, 22, 1, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE, "maybe"},
        {"class A { uint8 x[0]; };", 1, 19, 1, WBEMMOF_E_OUT_OF_RANGE, "0"},
        {"class A { uint8 x[1; };", 1, 20, 1, WBEMMOF_E_EXPECTED_CLOSE_BRACKET, ";"},
        {"class A { uint8 x[] = {1, {2}}; };", 1, 27, 1, WBEMMOF_E_UNEXPECTED_ARRAY_INIT, "{"},
        {"class A { uint8 x[] = {1,}; };", 1, 26, 1, WBEMMOF_E_ILLEGAL_CONSTANT_VALUE, "}"},
        {"class A { uint8 x[] = {1; };", 1, 25, 1, WBEMMOF_E_EXPECTED_CLOSE_BRACE, ";"},
        {"class A { uint64 x = 99999999999999999999; };", 1, 22, 1, WBEMMOF_E_OUT_OF_RANGE,
         "99999999999999999999"},
        {"class A { uint8 f[](); };", 1, 20, 1, WBEMMOF_E_NO_ARRAYS_RETURNED, "("},
        {"class A { uint8 f([in] uint8); };", 1, 29, 1, WBEMMOF_E_EXPECTED_PROPERTY_NAME, ")"},
        {"class A { uint8 f([in] uint8 x; };", 1, 31, 1, WBEMMOF_E_EXPECTED_CLOSE_PAREN, ";"},
        {"class A { void x; };", 1, 17, 1, WBEMMOF_E_EXPECTED_OPEN_PAREN, ";"},
        {"[key class A {};", 1, 6, 1, WBEMMOF_E_EXPECTED_CLOSE_BRACKET, "class"},
        {"[key,] class A {};", 1, 6, 1, WBEMMOF_E_EXPECTED_QUALIFIER_NAME, "]"},
        {"[Max(5] class A {};", 1, 7, 1, WBEMMOF_E_EXPECTED_CLOSE_PAREN, "]"},
        {"[key:] class A {};", 1, 6, 1, WBEMMOF_E_EXPECTED_FLAVOR_TYPE, "]"},
        {"[key:ToMars] class A {};", 1, 6, 1, WBEMMOF_E_EXPECTED_FLAVOR_TYPE, "ToMars"},
        {"[k:ToSubclass Restricted] class A {};", 1, 15, 1, WBEMMOF_E_INCOMPATIBLE_FLAVOR_TYPES,
         "Restricted"},
        {"class A {};\ninstance A {};", 2, 10, 2, WBEMMOF_E_INVALID_INSTANCE_DECLARATION, "A"},
        {"instance of A { x };", 1, 19, 1, WBEMMOF_E_INVALID_INSTANCE_DECLARATION, "}"},
        {"instance of A { x = 1 };", 1, 23, 1, WBEMMOF_E_EXPECTED_SEMI, "}"},
        {"instance of A { x = instance of B as $C {}; };", 1, 38, 1, WBEMMOF_E_ALIASES_IN_EMBEDDED,
         "$C"},
        {"Qualifier : string;", 1, 11, 0, WBEMMOF_E_EXPECTED_QUALIFIER_NAME, ":"},
        {"Qualifier Q string;", 1, 13, 0, WBEMMOF_E_INVALID_QUALIFIER_SYNTAX, "string"},
        {"Qualifier Q : string, Skope(any);", 1, 23, 0, WBEMMOF_E_INVALID_QUALIFIER_SYNTAX,
         "Skope"},
        {"#pragma (x)", 1, 9, 0, WBEMMOF_E_INVALID_PRAGMA, "("},
        {"#pragma x(\"a\"", 1, 14, 0, WBEMMOF_E_EXPECTED_CLOSE_PAREN, ""},
        {"#define x", 1, 1, 1, WBEMMOF_E_UNRECOGNIZED_TOKEN, "#define"},
        {"class A { string x = \"oops; };\n};", 1, 22, 1, WBEMMOF_E_UNRECOGNIZED_TOKEN,
         "\"oops; };"},
        {"/* class A", 1, 1, 1, WBEMMOF_E_UNRECOGNIZED_TOKEN, "/* class A"},
        {"// \xc3\xa4\n\xc3\xa4 @", 2, 1, 1, WBEMMOF_E_INVALID_CLASS_DECLARATION, "\xc3\xa4"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_mistake(&cases[i]);
    }
}

static void nesting_is_bounded(void **state)
{
    char text[4096] = "instance of A { x = ";
    for (int i = 0; i < 100; i++) {
        strcat(text, "instance of A { x = ");
    }
    struct mof_tree *tree = NULL;
    struct mof_error error = {0};
    assert_int_equal(mof_parse(text, strlen(text), &tree, &error),
                     WBEMMOF_E_ILLEGAL_CONSTANT_VALUE);
    assert_null(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_class_with_everything),
        cmocka_unit_test(instances_and_directives),
        cmocka_unit_test(nothing_is_a_specification_too),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(nesting_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
