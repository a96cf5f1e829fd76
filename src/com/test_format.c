/*
 * printf as Windows has it, strsafe.h, and the string functions with sizes.
 */
#include "com/test_support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strsafe.h>

static void wide_formats_take_wide_text(void **state)
{
    WCHAR out[128];
    assert_int_equal(
        wsprintfW(out, L"%s %S %hs %ls %c%C", L"w\u00E4", "n\xC3\xA4", "h", L"l", L'x', 'y'), 12);
    assert_wide_equal(out, L"w\u00E4 n\u00E4 h l xy");
    assert_int_equal(wsprintfW(out, L"[%5s|%-5s|%.2s]", L"ab", L"cd", L"efg"), 16);
    assert_wide_equal(out, L"[   ab|cd   |ef]");
    wsprintfW(out, L"%s %S", (WCHAR *)NULL, (char *)NULL);
    assert_wide_equal(out, L"(null) (null)");
}

static void narrow_formats_take_narrow_text(void **state)
{
    char out[128];
    wsprintfA(out, "%s %S %hs %ls %ws", "n", L"w\u00E4", "h", L"l", L"ws");
    assert_string_equal(out, "n w\xC3\xA4 h l ws");
    wsprintfA(out, "%c%C%%", 'a', L'\u00E4');
    assert_string_equal(out, "a\xC3\xA4%");
}

static void numbers_have_windows_sizes(void **state)
{
    char out[256];
    wsprintfA(out, "%I64d %lld %I32d %d", 1LL << 40, -(1LL << 40), 5, -5);
    assert_string_equal(out, "1099511627776 -1099511627776 5 -5");
    wsprintfA(out, "%ld %lu %08lX", (LONG)-1, (ULONG)7, (ULONG)0x80041001);
    assert_string_equal(out, "-1 7 80041001");
    wsprintfA(out, "%hd %hhu %zu %u", 70000, 300, sizeof(void *), UINT32_MAX);
    assert_string_equal(out, "4464 44 8 4294967295");
    wsprintfA(out, "%#x %+d %05d %-4d| %.3d %*d", 255, 1, 42, 7, 7, 4, 9);
    assert_string_equal(out, "0xff +1 00042 7   | 007    9");
    wsprintfA(out, "%.2f %g %Lf", 1.005, 0.5, 2.0L);
    assert_string_equal(out, "1.00 0.5 2.000000");
    /* Every size that an argument can have, mixed, so that one taken wrongly spoils the next. */
    wsprintfA(out, "%d %I64u %s %f %d", 1, UINT64_MAX, "s", 2.5, 3);
    assert_string_equal(out, "1 18446744073709551615 s 2.500000 3");
}

static void wsprintf_has_its_limit(void **state)
{
    WCHAR out[1100];
    WCHAR longer[2000];
    wmemset(longer, L'x', 1999);
    longer[1999] = 0;
    assert_int_equal(wsprintfW(out, L"%s", longer), 1024);
    assert_int_equal(wcslen(out), 1024);
}

static void strsafe_always_terminates(void **state)
{
    WCHAR out[5] = L"zzzz";
    assert_int_equal(StringCchCopyW(out, 5, L"1234"), S_OK);
    assert_wide_equal(out, L"1234");
    assert_int_equal(StringCchCopyW(out, 5, L"12345"), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_wide_equal(out, L"1234");
    assert_int_equal(StringCchCopyNW(out, 5, L"12345", 2), S_OK);
    assert_wide_equal(out, L"12");
    assert_int_equal(StringCchCatW(out, 5, L"34"), S_OK);
    assert_int_equal(StringCchCatW(out, 5, L"5"), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_wide_equal(out, L"1234");
    assert_int_equal(StringCchCatW(out, 4, L"5"), STRSAFE_E_INVALID_PARAMETER); /* no end in it */
    assert_int_equal(StringCchPrintfW(out, 5, L"%d-%d", 12, 3), S_OK);
    assert_wide_equal(out, L"12-3");
    assert_int_equal(StringCchPrintfW(out, 5, L"%d", 123456), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_wide_equal(out, L"1234");
    assert_int_equal(StringCchPrintfW(out, 5, L"%y"), STRSAFE_E_INVALID_PARAMETER);
    assert_int_equal(StringCchPrintfW(out, 5, L"%n", out), STRSAFE_E_INVALID_PARAMETER);
    assert_int_equal(StringCchPrintfW(out, 0, L""), STRSAFE_E_INVALID_PARAMETER);
    size_t length = 9;
    assert_int_equal(StringCchLengthW(L"abc", 4, &length), S_OK);
    assert_int_equal(length, 3);
    assert_int_equal(StringCchLengthW(L"abc", 3, &length), STRSAFE_E_INVALID_PARAMETER);
    assert_int_equal(length, 0);
}

static void strsafe_counts_bytes_too(void **state)
{
    WCHAR wide[4];
    char narrow[4];
    size_t size;
    assert_int_equal(StringCbCopyW(wide, sizeof wide, L"abcd"), STRSAFE_E_INSUFFICIENT_BUFFER);
    assert_wide_equal(wide, L"abc");
    assert_int_equal(StringCbLengthW(wide, sizeof wide, &size), S_OK);
    assert_int_equal(size, 3 * sizeof(WCHAR));
    assert_int_equal(StringCbPrintfA(narrow, sizeof narrow, "%s", "abc"), S_OK);
    assert_string_equal(narrow, "abc");
    assert_int_equal(StringCbCatA(narrow, sizeof narrow, "d"), STRSAFE_E_INSUFFICIENT_BUFFER);
}

static void secure_functions_check_the_room(void **state)
{
    char out[4] = "zzz";
    WCHAR wide[4];
    assert_int_equal(strcpy_s(out, 4, "abc"), 0);
    assert_int_equal(strcpy_s(out, 4, "abcd"), ERANGE);
    assert_string_equal(out, "");
    assert_int_equal(strcpy_s(out, 4, NULL), EINVAL);
    assert_int_equal(strncpy_s(out, 4, "abcdef", 2), 0);
    assert_string_equal(out, "ab");
    assert_int_equal(strcat_s(out, 4, "c"), 0);
    assert_int_equal(strncpy_s(out, 4, "abcdef", _TRUNCATE), STRUNCATE);
    assert_string_equal(out, "abc");
    assert_int_equal(wcscpy_s(wide, 4, L"abc"), 0);
    assert_int_equal(wcscat_s(wide, 4, L"d"), ERANGE);
    assert_wide_equal(wide, L"");
    assert_int_equal(wcsncat_s(wide, 4, L"abcdef", 3), 0);
    assert_wide_equal(wide, L"abc");
    assert_int_equal(swprintf_s(wide, 4, L"%d", 123), 3);
    assert_int_equal(swprintf_s(wide, 4, L"%d", 1234), -1);
    assert_wide_equal(wide, L"");
    assert_int_equal(sprintf_s(out, 4, "%s", "abc"), 3);
    assert_int_equal(_snprintf(out, 3, "%s", "abc"), 3); /* full, without a terminator */
    assert_memory_equal(out, "abc", 3);
    assert_int_equal(_snprintf(out, 2, "%s", "abc"), -1);
    assert_int_equal(_scwprintf(L"%s", L"12345"), 5);
    assert_int_equal(memcpy_s(out, 2, "abc", 3), ERANGE);
    assert_memory_equal(out, "\0\0", 2);
}

static void numbers_print_in_any_radix(void **state)
{
    WCHAR out[66];
    assert_wide_equal(_itow(-42, out, 10), L"-42");
    assert_wide_equal(_itow(-1, out, 16), L"ffffffff");
    assert_wide_equal(_i64tow(INT64_MIN, out, 10), L"-9223372036854775808");
    assert_int_equal(wcslen(_ui64tow(UINT64_MAX, out, 2)), 64);
    assert_int_equal(_i64tow_s(12345, out, 5, 10), ERANGE);
    assert_int_equal(_i64tow_s(1, out, 5, 37), EINVAL);
    assert_int_equal(_wtoi(L" 17x"), 17);
}

/* Wide text goes to narrow streams as UTF-8, and as it is to wide ones. */
static void streams_take_wide_text(void **state)
{
    char *bytes = NULL;
    size_t size = 0;
    FILE *narrow = open_memstream(&bytes, &size);
    fputs("n ", narrow);
    assert_int_equal(wbem_fwprintf(narrow, L"%s\n", L"\u00E4\U0001F600"), 3);
    fputs("n", narrow);
    fclose(narrow);
    assert_string_equal(bytes, "n \xC3\xA4\xF0\x9F\x98\x80\nn");
    free(bytes);

    WCHAR *text = NULL;
    FILE *wide = open_wmemstream(&text, &size);
    assert_int_equal(wbem_fwprintf(wide, L"%s", L"\u00E4"), 1);
    fclose(wide);
    assert_wide_equal(text, L"\u00E4");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_formats_take_wide_text),
        cmocka_unit_test(narrow_formats_take_narrow_text),
        cmocka_unit_test(numbers_have_windows_sizes),
        cmocka_unit_test(wsprintf_has_its_limit),
        cmocka_unit_test(strsafe_always_terminates),
        cmocka_unit_test(strsafe_counts_bytes_too),
        cmocka_unit_test(secure_functions_check_the_room),
        cmocka_unit_test(numbers_print_in_any_radix),
        cmocka_unit_test(streams_take_wide_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
