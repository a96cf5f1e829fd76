/*
 * Identifiers as text and back, new ones, and the task allocator.
 */
#include "com/test_support.h"

static const wchar_t dispatch_text[] = L"{00020400-0000-0000-C000-000000000046}";

static void prints_and_reads(void **state)
{
    OLECHAR text[39];
    assert_int_equal(StringFromGUID2(&IID_IDispatch, text, 39), 39);
    assert_wide_equal(text, dispatch_text);
    assert_int_equal(StringFromGUID2(&IID_IDispatch, text, 38), 0);

    GUID guid;
    assert_int_equal(CLSIDFromString(dispatch_text, &guid), S_OK);
    assert_true(IsEqualGUID(&guid, &IID_IDispatch));
    assert_int_equal(IIDFromString(L"{1cf2b120-547d-101b-8e65-08002b2bd119}", &guid), S_OK);
    assert_true(IsEqualGUID(&guid, &IID_IErrorInfo));
    assert_int_equal(CLSIDFromString(NULL, &guid), S_OK);
    assert_true(IsEqualGUID(&guid, &GUID_NULL));
}

static void refuses_what_is_no_identifier(void **state)
{
    const wchar_t *malformed[] = {L"",
                                  L"{}",
                                  L"00020400-0000-0000-C000-000000000046",
                                  L"{00020400-0000-0000-C000-000000000046",
                                  L"{00020400-0000-0000-C000-000000000046}x",
                                  L"{00020400-0000-0000-C000-00000000004g}",
                                  L"{00020400-0000-0000-C000000000000046}",
                                  L"Word.Application"};
    for (size_t i = 0; i < ARRAYSIZE(malformed); i++) {
        GUID guid;
        assert_int_equal(CLSIDFromString(malformed[i], &guid), CO_E_CLASSSTRING);
        assert_true(IsEqualGUID(&guid, &GUID_NULL));
        assert_int_equal(IIDFromString(malformed[i], &guid), CO_E_IIDSTRING);
    }
}

static void new_ones_are_random_and_marked_so(void **state)
{
    GUID a;
    GUID b;
    assert_int_equal(CoCreateGuid(&a), S_OK);
    assert_int_equal(CoCreateGuid(&b), S_OK);
    assert_false(IsEqualGUID(&a, &b));
    assert_int_equal(a.Data3 >> 12, 4);
    assert_int_equal(a.Data4[0] >> 6, 2);
    LPOLESTR text;
    GUID back;
    assert_int_equal(StringFromCLSID(&a, &text), S_OK);
    assert_int_equal(CLSIDFromString(text, &back), S_OK);
    assert_true(IsEqualGUID(&a, &back));
    CoTaskMemFree(text);
}

static void the_allocator_is_one_object(void **state)
{
    IMalloc *task;
    assert_int_equal(CoGetMalloc(MEMCTX_SHARED, &task), E_INVALIDARG);
    assert_int_equal(CoGetMalloc(MEMCTX_TASK, &task), S_OK);
    void *p = IMalloc_Alloc(task, 10);
    assert_true(IMalloc_GetSize(task, p) >= 10);
    p = IMalloc_Realloc(task, p, 100);
    CoTaskMemFree(p);
    IUnknown *same;
    assert_int_equal(IMalloc_QueryInterface(task, &IID_IUnknown, (void **)&same), S_OK);
    assert_ptr_equal(same, task);
    p = CoTaskMemAlloc(0);
    assert_non_null(p);
    assert_null(CoTaskMemRealloc(p, 0)); /* frees it */
    CoTaskMemFree(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_and_reads),
        cmocka_unit_test(refuses_what_is_no_identifier),
        cmocka_unit_test(new_ones_are_random_and_marked_so),
        cmocka_unit_test(the_allocator_is_one_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
