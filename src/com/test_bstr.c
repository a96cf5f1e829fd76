/*
 * BSTRs: the count, embedded NULs, growing and shrinking in place, binary ones.
 */
#include "com/test_support.h"

#include <string.h>

static void keeps_length_and_nuls(void **state)
{
    BSTR s = SysAllocStringLen(L"a\0b", 3);
    assert_int_equal(SysStringLen(s), 3);
    assert_int_equal(SysStringByteLen(s), 3 * sizeof(WCHAR));
    assert_int_equal(((const uint32_t *)(const void *)s)[-1], 3 * sizeof(WCHAR));
    assert_memory_equal(s, L"a\0b", 4 * sizeof(WCHAR)); /* with the terminator */
    SysFreeString(s);
}

static void null_is_empty(void **state)
{
    assert_null(SysAllocString(NULL));
    assert_int_equal(SysStringLen(NULL), 0);
    assert_int_equal(SysStringByteLen(NULL), 0);
    SysFreeString(NULL);
    BSTR s = SysAllocString(L"");
    assert_non_null(s);
    assert_int_equal(SysStringLen(s), 0);
    SysFreeString(s);
}

static void bytes_need_not_fill_characters(void **state)
{
    for (UINT size = 0; size <= 9; size++) {
        BSTR s = SysAllocStringByteLen("123456789", size);
        assert_int_equal(SysStringByteLen(s), size);
        assert_int_equal(SysStringLen(s), size / sizeof(WCHAR));
        assert_memory_equal(s, "123456789", size);
        /* What is left of the last character, and the terminator, are zero. */
        size_t end = (size + sizeof(WCHAR) - 1) / sizeof(WCHAR) * sizeof(WCHAR) + sizeof(WCHAR);
        for (size_t i = size; i < end; i++) {
            assert_int_equal(((const char *)s)[i], 0);
        }
        SysFreeString(s);
    }
}

static void reallocation_keeps_or_replaces(void **state)
{
    BSTR s = SysAllocString(L"hello");
    assert_true(SysReAllocStringLen(&s, s + 1, 3)); /* a part of itself */
    assert_wide_equal(s, L"ell");
    assert_true(SysReAllocStringLen(&s, NULL, 2)); /* cut off */
    assert_wide_equal(s, L"el");
    assert_int_equal(SysStringLen(s), 2);
    assert_true(SysReAllocStringLen(&s, NULL, 4));
    assert_memory_equal(s, L"el", 2 * sizeof(WCHAR));
    assert_int_equal(s[4], 0);
    assert_true(SysReAllocString(&s, L"new"));
    assert_wide_equal(s, L"new");
    assert_true(SysReAllocString(&s, NULL));
    assert_null(s);
    assert_false(SysReAllocString(NULL, L"x"));
}

static void what_no_count_can_say_is_refused(void **state)
{
    assert_null(SysAllocStringLen(NULL, UINT32_MAX));
    assert_null(SysAllocStringLen(NULL, UINT32_MAX / sizeof(WCHAR)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_length_and_nuls),
        cmocka_unit_test(null_is_empty),
        cmocka_unit_test(bytes_need_not_fill_characters),
        cmocka_unit_test(reallocation_keeps_or_replaces),
        cmocka_unit_test(what_no_count_can_say_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
