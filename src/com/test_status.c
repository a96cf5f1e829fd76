/*
 * Names and meanings of codes, errno as HRESULT, FormatMessage.
 */
#include "com/test_support.h"

#include <errno.h>
#include <string.h>
#include <wbemcli.h>

static void codes_have_names(void **state)
{
    assert_string_equal(com_status_name(WBEM_E_INVALID_QUERY), "WBEM_E_INVALID_QUERY");
    assert_string_equal(com_status_name(E_OUTOFMEMORY), "E_OUTOFMEMORY");
    assert_string_equal(com_status_name(HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE)),
                        "RPC_S_SERVER_UNAVAILABLE");
    assert_string_equal(com_status_name(ERROR_FILE_NOT_FOUND), "ERROR_FILE_NOT_FOUND");
    assert_null(com_status_name((HRESULT)0x8ABCDEF0));
    assert_null(com_status_text((HRESULT)0x8ABCDEF0));
}

static void every_status_of_wmi_has_a_meaning(void **state)
{
    const struct {
        HRESULT first;
        HRESULT last;
    } ranges[] = {{WBEM_E_FAILED, WBEM_E_CANNOT_CHANGE_KEY_INHERITANCE},
                  {WBEM_E_CANNOT_CHANGE_INDEX_INHERITANCE, WBEM_E_AGGREGATING_BY_OBJECT},
                  {WBEM_E_UNINTERPRETABLE_PROVIDER_QUERY, WBEM_E_VETO_PUT},
                  {WBEM_E_INVALID_LOCALE, WBEM_E_PROVIDER_DISABLED},
                  {WBEMMOF_E_EXPECTED_QUALIFIER_NAME, WBEMMOF_E_INVALID_DELETECLASS_SYNTAX}};
    for (size_t i = 0; i < ARRAYSIZE(ranges); i++) {
        for (HRESULT hr = ranges[i].first; hr <= ranges[i].last; hr++) {
            if (!com_status_name(hr)) {
                fail_msg("0x%08x has no name", (unsigned)hr);
            }
            const char *text = com_status_text(hr);
            assert_non_null(text);
            assert_int_equal(text[strlen(text) - 1], '.');
        }
    }
}

static void errno_is_converted(void **state)
{
    assert_int_equal(com_hresult_from_errno(ENOMEM), E_OUTOFMEMORY);
    assert_int_equal(com_hresult_from_errno(EACCES), E_ACCESSDENIED);
    assert_int_equal(com_hresult_from_errno(ENOENT), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    for (int error = 0; error < 200; error++) {
        assert_true(FAILED(com_hresult_from_errno(error)));
    }
}

static void macros_take_codes_apart(void **state)
{
    assert_int_equal(MAKE_HRESULT(1, FACILITY_WIN32, 5), E_ACCESSDENIED);
    assert_int_equal(HRESULT_FROM_WIN32(0), S_OK);
    assert_int_equal(HRESULT_FROM_WIN32(E_FAIL), E_FAIL);
    assert_int_equal(HRESULT_CODE(E_ACCESSDENIED), 5);
    assert_int_equal(HRESULT_FACILITY(E_ACCESSDENIED), FACILITY_WIN32);
    assert_true(FAILED(E_FAIL) && SUCCEEDED(S_FALSE));
}

static void messages_are_formatted(void **state)
{
    char *text = NULL;
    DWORD length = FormatMessageA(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM, NULL,
                                  (DWORD)E_ACCESSDENIED, 0, (LPSTR)&text, 0, NULL);
    assert_string_equal(text, "Access is denied.\r\n");
    assert_int_equal(length, strlen(text));
    LocalFree(text);

    WCHAR wide[64];
    assert_int_equal(FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, NULL, (DWORD)E_ACCESSDENIED, 0,
                                    wide, ARRAYSIZE(wide), NULL),
                     19);
    assert_wide_equal(wide, L"Access is denied.\r\n");
    assert_int_equal(
        FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, NULL, (DWORD)E_ACCESSDENIED, 0, wide, 19, NULL),
        0);
    assert_int_equal(GetLastError(), ERROR_INSUFFICIENT_BUFFER);
    assert_int_equal(
        FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM, NULL, 0x8ABCDEF0, 0, wide, 64, NULL), 0);
    assert_int_equal(FormatMessageW(0, NULL, 5, 0, wide, 64, NULL), 0);
}

static DWORD format_strings(LPWSTR out, DWORD room, LPCWSTR format, ...)
{
    va_list args;
    va_start(args, format);
    DWORD length = FormatMessageW(FORMAT_MESSAGE_FROM_STRING, format, 0, 0, out, room, &args);
    va_end(args);
    return length;
}

static void inserts_are_replaced(void **state)
{
    WCHAR out[64];
    assert_true(format_strings(out, 64, L"%2 before %1%n%%%!", L"one", L"two") > 0);
    assert_wide_equal(out, L"two before one\r\n%!");
    DWORD_PTR numbers[] = {(DWORD_PTR)-5, 255};
    assert_true(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                               L"%1!d! %2!x!%0 gone", 0, 0, out, 64, (va_list *)numbers) > 0);
    assert_wide_equal(out, L"-5 ff");
    assert_true(FormatMessageW(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_IGNORE_INSERTS, L"100%1",
                               0, 0, out, 64, NULL) > 0);
    assert_wide_equal(out, L"100%1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_names),
        cmocka_unit_test(every_status_of_wmi_has_a_meaning),
        cmocka_unit_test(errno_is_converted),
        cmocka_unit_test(macros_take_codes_apart),
        cmocka_unit_test(messages_are_formatted),
        cmocka_unit_test(inserts_are_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
