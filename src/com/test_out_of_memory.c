/*
 * Every allocation of a scenario is made to fail once: each round must report it and leave nothing
 * behind. Allocations are caught by standing before the C library's, so a sanitizer, which does the
 * same, skips this.
 */
#include "com/test_allocations.h"
#include "com/test_support.h"

#include <string.h>

#if !WBEM_CATCHES_ALLOCATIONS

int main(void)
{
    return 77;
}

#else

/* Runs the scenario until no allocation fails in it. */
static void each_allocation_fails(HRESULT (*scenario)(void), HRESULT expected)
{
    for (long n = 1;; n++) {
        long before = live;
        has_failed = false;
        countdown = n;
        HRESULT hr = scenario();
        countdown = 0;
        assert_int_equal(live, before);
        if (!has_failed) {
            assert_int_equal(hr, S_OK);
            assert_true(n > 1);
            return;
        }
        assert_int_equal(hr, expected);
    }
}

static HRESULT copy_nested_values(void)
{
    VARIANT v = {0};
    VARIANT copy = {0};
    BSTR text = SysAllocString(L"text");
    SAFEARRAY *strings = SafeArrayCreateVector(VT_BSTR, 0, 3);
    HRESULT hr = text && strings ? S_OK : E_OUTOFMEMORY;
    for (LONG i = 0; i < 3 && SUCCEEDED(hr); i++) {
        hr = SafeArrayPutElement(strings, &i, text);
    }
    SysFreeString(text);
    V_VT(&v) = VT_ARRAY | VT_BSTR;
    V_ARRAY(&v) = strings;
    if (SUCCEEDED(hr)) {
        hr = VariantCopy(&copy, &v);
    }
    if (SUCCEEDED(hr)) {
        SAFEARRAYBOUND bound = {9, 0};
        hr = SafeArrayRedim(V_ARRAY(&copy), &bound);
    }
    VariantClear(&v);
    VariantClear(&copy);
    return hr;
}

static HRESULT convert_values(void)
{
    VARIANT v = {0};
    V_VT(&v) = VT_R8;
    V_R8(&v) = 0.5;
    HRESULT hr = VariantChangeType(&v, &v, 0, VT_BSTR);
    if (SUCCEEDED(hr)) {
        hr = VariantChangeType(&v, &v, 0, VT_DECIMAL);
    }
    VariantClear(&v);
    return hr;
}

static HRESULT fill_an_error(void)
{
    wchar_t text[] = L"text";
    ICreateErrorInfo *create;
    HRESULT hr = CreateErrorInfo(&create);
    if (FAILED(hr)) {
        return hr;
    }
    hr = ICreateErrorInfo_SetDescription(create, text);
    if (SUCCEEDED(hr)) {
        hr = ICreateErrorInfo_SetDescription(create, text);
    }
    IErrorInfo *info;
    BSTR description = NULL;
    ICreateErrorInfo_QueryInterface(create, &IID_IErrorInfo, (void **)&info);
    if (SUCCEEDED(hr)) {
        hr = IErrorInfo_GetDescription(info, &description);
    }
    SysFreeString(description);
    IErrorInfo_Release(info);
    ICreateErrorInfo_Release(create);
    return hr;
}

static HRESULT convert_text(void)
{
    CLEANUP(com_cleanup_free) wchar_t *wide = com_wide_from_utf8("text");
    CLEANUP(com_cleanup_free) char *utf8 = wide ? com_utf8_from_wide(wide) : NULL;
    CLEANUP(com_cleanup_bstr) BSTR s = NULL;
    return utf8 ? com_bstr_from_utf8(utf8, &s) : E_OUTOFMEMORY;
}

static HRESULT make_messages(void)
{
    char *message = NULL;
    DWORD length = FormatMessageA(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM, NULL,
                                  (DWORD)E_FAIL, 0, (LPSTR)&message, 0, NULL);
    LocalFree(message);
    return length > 0 ? S_OK : E_OUTOFMEMORY;
}

static void nothing_is_lost(void **state)
{
    HRESULT(*const scenarios[])
    (void) = {copy_nested_values, convert_values, fill_an_error, convert_text, make_messages};
    for (size_t i = 0; i < ARRAYSIZE(scenarios); i++) {
        each_allocation_fails(scenarios[i], E_OUTOFMEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
