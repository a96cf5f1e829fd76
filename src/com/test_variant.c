/*
 * VARIANTs: who owns what when they are cleared and copied.
 */
#include "com/test_support.h"

#include <string.h>

static void has_the_documented_layout(void **state)
{
    assert_int_equal(sizeof(VARIANT), 8 + 2 * sizeof(void *));
    assert_int_equal(offsetof(VARIANT, lVal), 8);
    assert_int_equal(sizeof(DECIMAL), 16);
    VARIANT v;
    VariantInit(&v);
    V_DECIMAL(&v).scale = 3;
    V_VT(&v) = VT_DECIMAL;
    assert_int_equal(V_DECIMAL(&v).scale, 3);
    assert_int_equal(V_DECIMAL(&v).wReserved, VT_DECIMAL);
}

static void clearing_frees_what_is_owned(void **state)
{
    struct counted object = COUNTED;
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_UNKNOWN;
    V_UNKNOWN(&v) = &object.iface;
    IUnknown_AddRef(&object.iface);
    assert_int_equal(VariantClear(&v), S_OK);
    assert_int_equal(object.refs, 1);
    assert_int_equal(V_VT(&v), VT_EMPTY);

    /* A null object or string is nothing to free. */
    V_VT(&v) = VT_UNKNOWN;
    V_UNKNOWN(&v) = NULL;
    assert_int_equal(VariantClear(&v), S_OK);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = NULL;
    assert_int_equal(VariantClear(&v), S_OK);

    /* What it refers to is somebody else's. */
    IUnknown *pointer = &object.iface;
    V_VT(&v) = VT_UNKNOWN | VT_BYREF;
    V_UNKNOWNREF(&v) = &pointer;
    assert_int_equal(VariantClear(&v), S_OK);
    assert_int_equal(object.refs, 1);
}

static void bad_types_are_refused(void **state)
{
    const VARTYPE bad[] = {15,
                           VT_VARIANT,
                           VT_VOID,
                           VT_CLSID,
                           VT_EMPTY | VT_BYREF,
                           VT_LPSTR,
                           VT_VECTOR | VT_I4,
                           VT_ARRAY | VT_EMPTY,
                           VT_RESERVED | VT_I4};
    for (size_t i = 0; i < ARRAYSIZE(bad); i++) {
        VARIANT v = {0};
        VARIANT to = {0};
        V_VT(&v) = bad[i];
        assert_int_equal(VariantClear(&v), DISP_E_BADVARTYPE);
        assert_int_equal(V_VT(&v), bad[i]);
        assert_int_equal(VariantCopy(&to, &v), DISP_E_BADVARTYPE);
    }
    assert_int_equal(VariantClear(NULL), E_INVALIDARG);
    assert_int_equal(VariantCopy(NULL, NULL), E_INVALIDARG);
}

static void copies_are_deep(void **state)
{
    VARIANT from = {0};
    VARIANT to = {0};
    V_VT(&from) = VT_BSTR;
    V_BSTR(&from) = SysAllocStringLen(L"a\0b", 3);
    assert_int_equal(VariantCopy(&to, &from), S_OK);
    assert_ptr_not_equal(V_BSTR(&to), V_BSTR(&from));
    assert_int_equal(SysStringLen(V_BSTR(&to)), 3);
    assert_int_equal(VariantCopy(&to, &to), S_OK);
    assert_int_equal(V_VT(&to), VT_BSTR);
    VariantClear(&from);

    V_VT(&from) = VT_ARRAY | VT_BSTR;
    V_ARRAY(&from) = SafeArrayCreateVector(VT_BSTR, 0, 1);
    LONG zero = 0;
    assert_int_equal(SafeArrayPutElement(V_ARRAY(&from), &zero, V_BSTR(&to)), S_OK);
    assert_int_equal(VariantCopy(&to, &from), S_OK); /* frees the string */
    assert_ptr_not_equal(V_ARRAY(&to), V_ARRAY(&from));
    VariantClear(&from);
    assert_int_equal(SysStringLen(*(BSTR *)V_ARRAY(&to)->pvData), 3);
    VariantClear(&to);

    struct counted object = COUNTED;
    V_VT(&from) = VT_UNKNOWN;
    V_UNKNOWN(&from) = &object.iface;
    assert_int_equal(VariantCopy(&to, &from), S_OK);
    assert_int_equal(object.refs, 2);
    VariantClear(&to);
    assert_int_equal(object.refs, 1);
}

static void a_locked_array_is_not_freed(void **state)
{
    VARIANT v = {0};
    V_VT(&v) = VT_ARRAY | VT_I4;
    V_ARRAY(&v) = SafeArrayCreateVector(VT_I4, 0, 1);
    SafeArrayLock(V_ARRAY(&v));
    VARIANT from = {0};
    V_VT(&from) = VT_BSTR;
    V_BSTR(&from) = SysAllocString(L"x");
    assert_int_equal(VariantClear(&v), DISP_E_ARRAYISLOCKED);
    assert_int_equal(VariantCopy(&v, &from), DISP_E_ARRAYISLOCKED);
    assert_int_equal(V_VT(&v), VT_ARRAY | VT_I4);
    SafeArrayUnlock(V_ARRAY(&v));
    assert_int_equal(VariantCopy(&v, &from), S_OK);
    VariantClear(&v);
    VariantClear(&from);
}

static void indirection_is_followed_once(void **state)
{
    BSTR text = SysAllocString(L"far");
    VARIANT inner = {0};
    V_VT(&inner) = VT_BSTR | VT_BYREF;
    V_BSTRREF(&inner) = &text;
    VARIANT outer = {0};
    V_VT(&outer) = VT_VARIANT | VT_BYREF;
    V_VARIANTREF(&outer) = &inner;
    VARIANT to = {0};
    assert_int_equal(VariantCopyInd(&to, &outer), S_OK);
    assert_int_equal(V_VT(&to), VT_BSTR);
    assert_wide_equal(V_BSTR(&to), L"far");
    assert_ptr_not_equal(V_BSTR(&to), text);

    V_VARIANTREF(&inner) = &outer;
    V_VT(&inner) = VT_VARIANT | VT_BYREF; /* a reference to a reference to … */
    assert_int_equal(VariantCopyInd(&to, &outer), E_INVALIDARG);
    assert_wide_equal(V_BSTR(&to), L"far");
    SysFreeString(text);
    VariantClear(&to);
}

static void values_of_every_size_are_dereferenced(void **state)
{
    int64_t storage = 0x1122334455667788;
    static const struct {
        VARTYPE vt;
        int64_t expected;
    } types[] = {
        {VT_UI1, 0x88}, {VT_UI2, 0x7788}, {VT_UI4, 0x55667788}, {VT_I8, 0x1122334455667788}};
    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        VARIANT from = {0};
        VARIANT to = {0};
        V_VT(&from) = types[i].vt | VT_BYREF;
        V_BYREF(&from) = &storage;
        assert_int_equal(VariantCopyInd(&to, &from), S_OK);
        assert_int_equal(V_VT(&to), types[i].vt);
        assert_true(V_I8(&to) == types[i].expected);
    }
    DECIMAL decimal = {.scale = 2, .Lo64 = 314};
    VARIANT from = {0};
    VARIANT to = {0};
    V_VT(&from) = VT_DECIMAL | VT_BYREF;
    V_DECIMALREF(&from) = &decimal;
    assert_int_equal(VariantCopyInd(&to, &from), S_OK);
    assert_int_equal(V_VT(&to), VT_DECIMAL);
    assert_int_equal(V_DECIMAL(&to).Lo64, 314);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_the_documented_layout),
        cmocka_unit_test(clearing_frees_what_is_owned),
        cmocka_unit_test(bad_types_are_refused),
        cmocka_unit_test(copies_are_deep),
        cmocka_unit_test(a_locked_array_is_not_freed),
        cmocka_unit_test(indirection_is_followed_once),
        cmocka_unit_test(values_of_every_size_are_dereferenced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
