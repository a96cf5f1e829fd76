/*
 * Object paths: the documented forms, the normal form they print in, and
 * where mistakes are reported.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "object/object.h"

#include <stdlib.h>
#include <wchar.h>

static struct object_path *parse(const wchar_t *text)
{
    struct object_path *path = NULL;
    assert_int_equal(object_path_parse(text, &path, NULL), WBEM_S_NO_ERROR);
    assert_non_null(path);
    return path;
}

static void assert_wide(const wchar_t *a, const wchar_t *b)
{
    if (a == NULL || b == NULL || wcscmp(a, b) != 0) {
        fail_msg("\"%ls\" is not \"%ls\"", a == NULL ? L"NULL" : a, b == NULL ? L"NULL" : b);
    }
}

static void whole_path_has_all_its_parts(void **state)
{
    struct object_path *p =
        parse(L"\\\\srv-1\\root\\cimv2:Win32_Process.Handle=\"42\",Id=7,On=true,Off=FALSE");
    assert_wide(p->server, L"srv-1");
    assert_wide(p->name_space, L"root\\cimv2");
    assert_wide(p->class_name, L"Win32_Process");
    assert_true(p->is_instance);
    assert_false(p->is_singleton);
    assert_int_equal(p->key_count, 4);
    assert_wide(p->keys[0].name, L"Handle");
    assert_int_equal(p->keys[0].type, CIM_STRING);
    assert_wide(p->keys[0].text, L"42");
    assert_int_equal(p->keys[1].type, CIM_SINT64);
    assert_int_equal(p->keys[1].number, 7);
    assert_int_equal(p->keys[2].type, CIM_BOOLEAN);
    assert_int_equal(p->keys[2].number, 1);
    assert_wide(p->keys[2].text, L"TRUE");
    assert_int_equal(p->keys[3].number, 0);
    object_path_destroy(p);
}

static void forms_without_keys(void **state)
{
    struct object_path *p = parse(L"Win32_Process");
    assert_null(p->name_space);
    assert_wide(p->class_name, L"Win32_Process");
    assert_false(p->is_instance);
    object_path_destroy(p);

    p = parse(L"//./root/cimv2");
    assert_wide(p->server, L".");
    assert_wide(p->name_space, L"root\\cimv2");
    assert_null(p->class_name);
    object_path_destroy(p);

    p = parse(L"root\\cimv2");
    assert_null(p->server);
    assert_wide(p->name_space, L"root\\cimv2");
    assert_null(p->class_name);
    object_path_destroy(p);

    p = parse(L"root:__Namespace=\"a\"");
    assert_wide(p->name_space, L"root");
    assert_wide(p->class_name, L"__Namespace");
    assert_null(p->keys[0].name);
    object_path_destroy(p);

    p = parse(L"__SystemSecurity=@");
    assert_true(p->is_singleton);
    assert_true(p->is_instance);
    assert_int_equal(p->key_count, 0);
    object_path_destroy(p);
}

static void numbers_keep_their_value(void **state)
{
    static const struct {
        const wchar_t *text, *decimal;
        CIMTYPE type;
        int64_t number;
    } cases[] = {
        {L"C=0", L"0", CIM_SINT64, 0},
        {L"C=-12", L"-12", CIM_SINT64, -12},
        {L"C=+12", L"12", CIM_SINT64, 12},
        {L"C=0x1F", L"31", CIM_SINT64, 31},
        {L"C=0012", L"12", CIM_SINT64, 12},
        {L"C=9223372036854775807", L"9223372036854775807", CIM_SINT64, INT64_MAX},
        {L"C=-9223372036854775808", L"-9223372036854775808", CIM_SINT64, INT64_MIN},
        {L"C=18446744073709551615", L"18446744073709551615", CIM_UINT64, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct object_path *p = parse(cases[i].text);
        assert_wide(p->keys[0].text, cases[i].decimal);
        assert_int_equal(p->keys[0].type, cases[i].type);
        assert_true(p->keys[0].number == cases[i].number);
        object_path_destroy(p);
    }
}

static void quotes_and_escapes(void **state)
{
    struct object_path *p = parse(L"CIM_DataFile.Name=\"c:\\\\a \\\"b\\\".txt\"");
    assert_wide(p->keys[0].text, L"c:\\a \"b\".txt");
    object_path_destroy(p);

    p = parse(L"A.x='it\\'s \"so\"'");
    assert_wide(p->keys[0].text, L"it's \"so\"");
    object_path_destroy(p);

    p = parse(L"A.x=\"c:\\new\"");
    assert_wide(p->keys[0].text, L"c:\\new");
    object_path_destroy(p);

    p = parse(L"A.x=\"\"");
    assert_wide(p->keys[0].text, L"");
    object_path_destroy(p);
}

static void references_within_references(void **state)
{
    struct object_path *p = parse(
        L"G.Part=\"\\\\\\\\.\\\\root\\\\cimv2:U.Domain=\\\"d\\\",Name=\\\"n\\\"\",Other=\"U\"");
    assert_int_equal(p->keys[0].type, CIM_REFERENCE);
    assert_wide(p->keys[0].text, L"\\\\.\\root\\cimv2:U.Domain=\"d\",Name=\"n\"");
    assert_int_equal(p->keys[1].type, CIM_STRING);

    struct object_path *inner = parse(p->keys[0].text);
    assert_wide(inner->keys[1].text, L"n");
    object_path_destroy(inner);
    object_path_destroy(p);
}

static void printing_gives_the_normal_form(void **state)
{
    static const wchar_t *const cases[][2] = {
        {L"//./root/cimv2:A.k='x'", L"\\\\.\\root\\cimv2:A.k=\"x\""},
        {L"A=0x10", L"A=16"},
        {L"A.b=true", L"A.b=TRUE"},
        {L"A=@", L"A=@"},
        {L"root/a-b", L"root\\a-b"},
        {L"A.x=\"c:\\new\"", L"A.x=\"c:\\\\new\""},
        {L"A.x='\"',y=-1", L"A.x=\"\\\"\",y=-1"},
        {L"\\\\[fe80::1]\\root:A", L"\\\\[fe80::1]\\root:A"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        wchar_t *text = NULL, *again = NULL;
        struct object_path *p = parse(cases[i][0]);
        assert_int_equal(object_path_print(p, &text), WBEM_S_NO_ERROR);
        assert_wide(text, cases[i][1]);
        object_path_destroy(p);

        p = parse(text);
        assert_int_equal(object_path_print(p, &again), WBEM_S_NO_ERROR);
        assert_wide(again, text);
        object_path_destroy(p);
        free(text);
        free(again);
    }
}

static void mistakes_have_their_place(void **state)
{
    static const struct {
        const wchar_t *text;
        size_t offset;
    } cases[] = {
        {L"", 0},
        {L"\\root:A", 0},
        {L"\\\\", 2},
        {L"\\\\server", 8},
        {L"\\\\server\\", 9},
        {L"root\\\\cimv2", 5},
        {L"root\\cimv2.k=1", 10},
        {L"root:", 5},
        {L"1A", 0},
        {L"A.", 2},
        {L"A.k", 3},
        {L"A.k=", 4},
        {L"A.k=maybe", 4},
        {L"A.k=\"x", 6},
        {L"A.k=\"x\" ", 7},
        {L"A.k=1,", 6},
        {L"A.k=1,K=2", 6},
        {L"A=1,2", 3},
        {L"A=12x", 4},
        {L"A=0x", 4},
        {L"A=18446744073709551616", 2},
        {L"A=-9223372036854775809", 2},
        {L"A=@x", 3},
        {L"A B", 1},
        {L"A.k=1.5", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct object_path *p = NULL;
        size_t offset = 999;
        HRESULT hr = object_path_parse(cases[i].text, &p, &offset);
        if (hr != WBEM_E_INVALID_OBJECT_PATH || offset != cases[i].offset) {
            fail_msg("\"%ls\": 0x%x at %zu", cases[i].text, (unsigned)hr, offset);
        }
        assert_null(p);
    }
}

static void too_many_keys_are_refused(void **state)
{
    wchar_t text[4096] = L"A", key[16];
    for (int i = 0; i <= 256; i++) {
        swprintf(key, 16, L"%lck%d=1", i == 0 ? L'.' : L',', i);
        wcscat(text, key);
    }
    struct object_path *p = NULL;
    assert_int_equal(object_path_parse(text, &p, NULL), WBEM_E_INVALID_OBJECT_PATH);
    assert_null(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_path_has_all_its_parts),
        cmocka_unit_test(forms_without_keys),
        cmocka_unit_test(numbers_keep_their_value),
        cmocka_unit_test(quotes_and_escapes),
        cmocka_unit_test(references_within_references),
        cmocka_unit_test(printing_gives_the_normal_form),
        cmocka_unit_test(mistakes_have_their_place),
        cmocka_unit_test(too_many_keys_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
