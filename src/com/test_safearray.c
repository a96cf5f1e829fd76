/*
 * SAFEARRAYs: order of elements, bounds, ownership, locks, resizing.
 */
#include "com/test_support.h"

#include <string.h>

static void elements_lie_in_column_major_order(void **state)
{
    SAFEARRAYBOUND bounds[] = {{2, 0}, {3, 10}}; /* [0..1, 10..12] */
    SAFEARRAY *a = SafeArrayCreate(VT_I4, 2, bounds);
    assert_int_equal(SafeArrayGetDim(a), 2);
    assert_int_equal(SafeArrayGetElemsize(a), 4);
    for (LONG i = 0; i < 2; i++) {
        for (LONG j = 10; j < 13; j++) {
            LONG indices[] = {i, j};
            LONG value = 100 * i + j;
            assert_int_equal(SafeArrayPutElement(a, indices, &value), S_OK);
        }
    }
    const LONG expected[] = {10, 110, 11, 111, 12, 112}; /* the left index runs fastest */
    LONG *data;
    assert_int_equal(SafeArrayAccessData(a, (void **)&data), S_OK);
    assert_memory_equal(data, expected, sizeof expected);
    assert_int_equal(SafeArrayUnaccessData(a), S_OK);

    LONG bound;
    assert_int_equal(SafeArrayGetLBound(a, 2, &bound), S_OK);
    assert_int_equal(bound, 10);
    assert_int_equal(SafeArrayGetUBound(a, 1, &bound), S_OK);
    assert_int_equal(bound, 1);
    assert_int_equal(SafeArrayGetUBound(a, 3, &bound), DISP_E_BADINDEX);
    assert_int_equal(SafeArrayGetUBound(a, 0, &bound), DISP_E_BADINDEX);
    /* The rightmost dimension comes first in the structure. */
    assert_int_equal(a->rgsabound[0].cElements, 3);

    LONG outside[][2] = {{-1, 10}, {2, 10}, {0, 9}, {0, 13}};
    for (size_t i = 0; i < ARRAYSIZE(outside); i++) {
        LONG value;
        assert_int_equal(SafeArrayGetElement(a, outside[i], &value), DISP_E_BADINDEX);
    }
    assert_int_equal(SafeArrayDestroy(a), S_OK);
}

static void strings_are_copied_in_and_out(void **state)
{
    SAFEARRAY *a = SafeArrayCreateVector(VT_BSTR, 1, 2);
    BSTR text = SysAllocString(L"one");
    LONG index = 1;
    assert_int_equal(SafeArrayPutElement(a, &index, text), S_OK);
    assert_int_equal(SafeArrayPutElement(a, &index, text), S_OK); /* frees the first */
    SysFreeString(text);
    assert_int_equal(SafeArrayGetElement(a, &index, &text), S_OK);
    assert_wide_equal(text, L"one");
    SysFreeString(text);
    index = 2;
    assert_int_equal(SafeArrayGetElement(a, &index, &text), S_OK);
    assert_null(text);

    SAFEARRAY *copy;
    assert_int_equal(SafeArrayCopy(a, &copy), S_OK);
    assert_int_equal(SafeArrayDestroy(a), S_OK);
    VARTYPE vt;
    assert_int_equal(SafeArrayGetVartype(copy, &vt), S_OK);
    assert_int_equal(vt, VT_BSTR);
    index = 1;
    assert_int_equal(SafeArrayGetElement(copy, &index, &text), S_OK);
    assert_wide_equal(text, L"one");
    SysFreeString(text);
    assert_int_equal(SafeArrayDestroy(copy), S_OK);
}

static void objects_are_counted(void **state)
{
    struct counted object = COUNTED;
    SAFEARRAY *a = SafeArrayCreateVector(VT_UNKNOWN, 0, 2);
    LONG index = 0;
    assert_int_equal(SafeArrayPutElement(a, &index, &object.iface), S_OK);
    assert_int_equal(object.refs, 2);
    IUnknown *got;
    assert_int_equal(SafeArrayGetElement(a, &index, &got), S_OK);
    assert_int_equal(object.refs, 3);
    IUnknown_Release(got);
    SAFEARRAY *copy;
    assert_int_equal(SafeArrayCopy(a, &copy), S_OK);
    assert_int_equal(object.refs, 3);
    GUID iid;
    assert_int_equal(SafeArrayGetIID(copy, &iid), S_OK);
    assert_true(IsEqualGUID(&iid, &IID_IUnknown));
    assert_int_equal(SafeArrayDestroy(copy), S_OK);
    assert_int_equal(SafeArrayPutElement(a, &index, NULL), S_OK);
    assert_int_equal(object.refs, 1);
    assert_int_equal(SafeArrayDestroy(a), S_OK);
}

static void variants_are_copied(void **state)
{
    SAFEARRAY *a = SafeArrayCreateVector(VT_VARIANT, 0, 1);
    VARIANT v = {0};
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(L"v");
    LONG index = 0;
    assert_int_equal(SafeArrayPutElement(a, &index, &v), S_OK);
    VariantClear(&v);
    assert_int_equal(SafeArrayGetElement(a, &index, &v), S_OK);
    assert_wide_equal(V_BSTR(&v), L"v");
    VariantClear(&v);
    assert_int_equal(SafeArrayDestroy(a), S_OK);
}

static void locks_hold_it(void **state)
{
    SAFEARRAY *a = SafeArrayCreateVector(VT_UI1, 0, 4);
    SAFEARRAYBOUND bound = {8, 0};
    assert_int_equal(SafeArrayLock(a), S_OK);
    assert_int_equal(SafeArrayLock(a), S_OK);
    assert_int_equal(SafeArrayUnlock(a), S_OK);
    assert_int_equal(SafeArrayDestroy(a), DISP_E_ARRAYISLOCKED);
    assert_int_equal(SafeArrayDestroyData(a), DISP_E_ARRAYISLOCKED);
    assert_int_equal(SafeArrayRedim(a, &bound), DISP_E_ARRAYISLOCKED);
    assert_int_equal(SafeArrayUnlock(a), S_OK);
    assert_int_equal(SafeArrayUnlock(a), E_UNEXPECTED);
    assert_int_equal(SafeArrayRedim(a, &bound), S_OK);
    assert_int_equal(SafeArrayDestroy(a), S_OK);
}

static void the_last_dimension_grows_and_shrinks(void **state)
{
    SAFEARRAYBOUND bounds[] = {{2, 0}, {2, 0}};
    SAFEARRAY *a = SafeArrayCreate(VT_BSTR, 2, bounds);
    BSTR text = SysAllocString(L"kept");
    LONG corner[] = {1, 1};
    assert_int_equal(SafeArrayPutElement(a, corner, text), S_OK);
    SysFreeString(text);
    SAFEARRAYBOUND more = {5, 0};
    assert_int_equal(SafeArrayRedim(a, &more), S_OK);
    assert_int_equal(SafeArrayGetElement(a, corner, &text), S_OK);
    assert_wide_equal(text, L"kept");
    LONG far_corner[] = {1, 4};
    assert_int_equal(SafeArrayPutElement(a, far_corner, text), S_OK);
    SysFreeString(text);
    SAFEARRAYBOUND less = {1, 0};
    assert_int_equal(SafeArrayRedim(a, &less), S_OK); /* frees both strings */
    assert_int_equal(SafeArrayGetElement(a, corner, &text), DISP_E_BADINDEX);
    assert_int_equal(SafeArrayDestroy(a), S_OK);
}

static void what_can_not_be_is_refused(void **state)
{
    SAFEARRAYBOUND huge[] = {{UINT32_MAX, 0}, {UINT32_MAX, 0}};
    SAFEARRAYBOUND beyond = {2, INT32_MAX};
    assert_null(SafeArrayCreate(VT_UI1, 2, huge));
    assert_null(SafeArrayCreate(VT_UI1, 1, &beyond));
    assert_null(SafeArrayCreateVector(VT_EMPTY, 0, 1));
    assert_null(SafeArrayCreateVector(VT_RECORD, 0, 1));
    assert_null(SafeArrayCreate(VT_UI1, 0, huge));
    assert_int_equal(SafeArrayDestroy(NULL), S_OK);
    assert_int_equal(SafeArrayGetDim(NULL), 0);
    SAFEARRAY *copy = (SAFEARRAY *)1;
    assert_int_equal(SafeArrayCopy(NULL, &copy), S_OK);
    assert_null(copy);
    SAFEARRAY *empty = SafeArrayCreateVector(VT_I4, 0, 0);
    LONG bound;
    assert_int_equal(SafeArrayGetUBound(empty, 1, &bound), S_OK);
    assert_int_equal(bound, -1);
    assert_int_equal(SafeArrayDestroy(empty), S_OK);
}

static void bytes_become_a_string_and_back(void **state)
{
    BSTR s = SysAllocStringByteLen("12345", 5);
    SAFEARRAY *a;
    assert_int_equal(VectorFromBstr(s, &a), S_OK);
    assert_int_equal(a->rgsabound[0].cElements, 5);
    BSTR back;
    assert_int_equal(BstrFromVector(a, &back), S_OK);
    assert_int_equal(SysStringByteLen(back), 5);
    assert_memory_equal(back, "12345", 5);
    SysFreeString(s);
    SysFreeString(back);
    SafeArrayDestroy(a);
}

/* Memory of the caller's is emptied, not freed. */
static void static_arrays_stay(void **state)
{
    BSTR data[2] = {SysAllocString(L"x"), NULL};
    SAFEARRAY *a;
    assert_int_equal(SafeArrayAllocDescriptorEx(VT_BSTR, 1, &a), S_OK);
    a->rgsabound[0].cElements = 2;
    a->pvData = data;
    a->fFeatures |= FADF_STATIC;
    assert_int_equal(SafeArrayDestroyData(a), S_OK);
    assert_null(data[0]);
    a->fFeatures &= (USHORT)~FADF_STATIC;
    a->pvData = NULL;
    assert_int_equal(SafeArrayDestroy(a), S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_lie_in_column_major_order),
        cmocka_unit_test(strings_are_copied_in_and_out),
        cmocka_unit_test(objects_are_counted),
        cmocka_unit_test(variants_are_copied),
        cmocka_unit_test(locks_hold_it),
        cmocka_unit_test(the_last_dimension_grows_and_shrinks),
        cmocka_unit_test(what_can_not_be_is_refused),
        cmocka_unit_test(bytes_become_a_string_and_back),
        cmocka_unit_test(static_arrays_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
