/*
 * VariantChangeType between the types that CIM values have: values, limits, text forms.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "com/com.h"

static VARIANT bstr_value(const wchar_t *text)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_BSTR;
    V_BSTR(&v) = SysAllocString(text);
    return v;
}

static VARIANT i8_value(int64_t x)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_I8;
    V_I8(&v) = x;
    return v;
}

static VARIANT ui8_value(uint64_t x)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_UI8;
    V_UI8(&v) = x;
    return v;
}

static VARIANT r8_value(double x)
{
    VARIANT v;
    VariantInit(&v);
    V_VT(&v) = VT_R8;
    V_R8(&v) = x;
    return v;
}

/* The value as text, as `flags` asks; the VARIANT is cleared. */
static void assert_text_flags(VARIANT v, USHORT flags, const wchar_t *expected)
{
    assert_int_equal(VariantChangeType(&v, &v, flags, VT_BSTR), S_OK);
    assert_int_equal(V_VT(&v), VT_BSTR);
    if (wcscmp(V_BSTR(&v), expected) != 0) {
        fail_msg("\"%ls\" is not \"%ls\"", V_BSTR(&v), expected);
    }
    assert_int_equal(SysStringLen(V_BSTR(&v)), wcslen(expected));
    VariantClear(&v);
}

static void assert_text(VARIANT v, const wchar_t *expected)
{
    assert_text_flags(v, 0, expected);
}

static void assert_fails(VARIANT v, VARTYPE vt, HRESULT expected)
{
    VARTYPE before = V_VT(&v);
    assert_int_equal(VariantChangeType(&v, &v, 0, vt), expected);
    assert_int_equal(V_VT(&v), before); /* as it was */
    VariantClear(&v);
}

static void integers_print_in_decimal(void **state)
{
    assert_text(i8_value(0), L"0");
    assert_text(i8_value(-1), L"-1");
    assert_text(i8_value(INT64_MIN), L"-9223372036854775808");
    assert_text(ui8_value(UINT64_MAX), L"18446744073709551615");
    VARIANT v = {0};
    V_VT(&v) = VT_I1;
    V_I1(&v) = -128;
    assert_text(v, L"-128");
    V_VT(&v) = VT_UI4;
    V_UI4(&v) = UINT32_MAX;
    assert_text(v, L"4294967295");
}

static void reals_print_with_fifteen_digits(void **state)
{
    assert_text(r8_value(0), L"0");
    assert_text(r8_value(-0.0), L"0");
    assert_text(r8_value(0.1), L"0.1");
    assert_text(r8_value(-1234.5), L"-1234.5");
    assert_text(r8_value(1.0 / 3), L"0.333333333333333");
    assert_text(r8_value(123456789012345.0), L"123456789012345");
    assert_text(r8_value(1e15), L"1E+15");
    assert_text(r8_value(1.5e-7), L"1.5E-07");
    assert_text(r8_value(0.0001), L"0.0001");
    assert_text(r8_value(DBL_MAX), L"1.79769313486232E+308");
    assert_text(r8_value(INFINITY), L"1.#INF");
    VARIANT v = {0};
    V_VT(&v) = VT_R4;
    V_R4(&v) = 0.1F;
    assert_text(v, L"0.1");
}

static void booleans_print_as_asked(void **state)
{
    VARIANT v = {0};
    V_VT(&v) = VT_BOOL;
    V_BOOL(&v) = VARIANT_TRUE;
    assert_text(v, L"-1");
    assert_text_flags(v, VARIANT_ALPHABOOL, L"True");
    V_BOOL(&v) = VARIANT_FALSE;
    assert_text(v, L"0");
    assert_text_flags(v, VARIANT_ALPHABOOL, L"False");
}

static void empty_is_zero_and_null_is_nothing(void **state)
{
    VARIANT v = {0};
    assert_text(v, L"");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_I4), S_OK);
    assert_int_equal(V_I4(&v), 0);
    V_VT(&v) = VT_NULL;
    assert_fails(v, VT_I4, DISP_E_TYPEMISMATCH);
    assert_fails(v, VT_BSTR, DISP_E_TYPEMISMATCH);
}

/* Every integer type at its limits, from text and from the widest integers. */
static void integers_are_checked_against_their_range(void **state)
{
    static const struct {
        VARTYPE vt;
        const wchar_t *low;
        const wchar_t *below;
        const wchar_t *high;
        const wchar_t *above;
    } types[] = {
        {VT_I1, L"-128", L"-129", L"127", L"128"},
        {VT_UI1, L"0", L"-1", L"255", L"256"},
        {VT_I2, L"-32768", L"-32769", L"32767", L"32768"},
        {VT_UI2, L"0", L"-1", L"65535", L"65536"},
        {VT_I4, L"-2147483648", L"-2147483649", L"2147483647", L"2147483648"},
        {VT_UI4, L"0", L"-1", L"4294967295", L"4294967296"},
        {VT_I8, L"-9223372036854775808", L"-9223372036854775809", L"9223372036854775807",
         L"9223372036854775808"},
        {VT_UI8, L"0", L"-1", L"18446744073709551615", L"18446744073709551616"},
    };
    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        const wchar_t *good[] = {types[i].low, types[i].high};
        const wchar_t *bad[] = {types[i].below, types[i].above, L"1e400"};
        for (size_t k = 0; k < ARRAYSIZE(good); k++) {
            VARIANT v = bstr_value(good[k]);
            assert_int_equal(VariantChangeType(&v, &v, 0, types[i].vt), S_OK);
            assert_int_equal(V_VT(&v), types[i].vt);
            assert_text(v, good[k]);
        }
        for (size_t k = 0; k < ARRAYSIZE(bad); k++) {
            assert_fails(bstr_value(bad[k]), types[i].vt, DISP_E_OVERFLOW);
        }
    }
}

static void assert_i4(VARIANT v, LONG expected)
{
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_I4), S_OK);
    assert_int_equal(V_I4(&v), expected);
}

static void halves_round_to_even(void **state)
{
    assert_i4(r8_value(0.5), 0);
    assert_i4(r8_value(1.5), 2);
    assert_i4(r8_value(-2.5), -2);
    assert_i4(bstr_value(L"2.5"), 2);
    assert_i4(bstr_value(L"3.5"), 4);
    assert_i4(bstr_value(L"2.50000000000000000000000000000000000000000001"), 3);
    assert_i4(bstr_value(L"-0.4"), 0);
}

static void text_is_read_as_basic_reads_it(void **state)
{
    assert_i4(bstr_value(L"  42 "), 42);
    assert_i4(bstr_value(L"+7"), 7);
    assert_i4(bstr_value(L"- 7"), -7);
    assert_i4(bstr_value(L"1,234"), 1234);
    assert_i4(bstr_value(L"1.2e3"), 1200);
    assert_i4(bstr_value(L"12D1"), 120);
    assert_i4(bstr_value(L"&H1f"), 31);
    assert_i4(bstr_value(L"&O17"), 15);
    const wchar_t *malformed[] = {L"",    L" ", L"abc", L"1x",  L"0x10", L"1e",
                                  L"--1", L".", L"&H",  L"&Hg", L"1 2",  L",1"};
    for (size_t i = 0; i < ARRAYSIZE(malformed); i++) {
        assert_fails(bstr_value(malformed[i]), VT_I4, DISP_E_TYPEMISMATCH);
    }
    assert_fails(bstr_value(L"&HFFFFFFFFFFFFFFFFF"), VT_UI8, DISP_E_OVERFLOW);
}

static void text_becomes_booleans(void **state)
{
    static const struct {
        const wchar_t *text;
        VARIANT_BOOL expected;
    } good[] = {{L"True", VARIANT_TRUE},   {L"TRUE", VARIANT_TRUE}, {L"#TRUE#", VARIANT_TRUE},
                {L"false", VARIANT_FALSE}, {L"0", VARIANT_FALSE},   {L"-1", VARIANT_TRUE},
                {L"0.1", VARIANT_TRUE}};
    for (size_t i = 0; i < ARRAYSIZE(good); i++) {
        VARIANT v = bstr_value(good[i].text);
        assert_int_equal(VariantChangeType(&v, &v, 0, VT_BOOL), S_OK);
        assert_int_equal(V_BOOL(&v), good[i].expected);
    }
    assert_fails(bstr_value(L"yes"), VT_BOOL, DISP_E_TYPEMISMATCH);
    VARIANT v = i8_value(7);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_BOOL), S_OK);
    assert_int_equal(V_BOOL(&v), VARIANT_TRUE);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_I2), S_OK);
    assert_int_equal(V_I2(&v), -1);
}

static void reals_are_checked(void **state)
{
    assert_fails(r8_value(1e39), VT_R4, DISP_E_OVERFLOW);
    assert_fails(r8_value(NAN), VT_I4, DISP_E_OVERFLOW);
    assert_fails(r8_value(9223372036854775808.0), VT_I8, DISP_E_OVERFLOW);
    assert_fails(r8_value(18446744073709551616.0), VT_UI8, DISP_E_OVERFLOW);
    assert_fails(r8_value(-0.6), VT_UI8, DISP_E_OVERFLOW);
    assert_fails(r8_value(1e30), VT_CY, DISP_E_OVERFLOW);
    assert_fails(r8_value(1e30), VT_DATE, DISP_E_OVERFLOW);
    VARIANT v = r8_value(-9223372036854775808.0);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_I8), S_OK);
    assert_true(V_I8(&v) == INT64_MIN);
    v = bstr_value(L"1.7976931348623157e308");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_R8), S_OK);
    assert_true(V_R8(&v) == DBL_MAX);
}

static void money_and_decimals_stay_exact(void **state)
{
    VARIANT v = bstr_value(L"922337203685477.5807");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_CY), S_OK);
    assert_true(V_CY(&v).int64 == INT64_MAX);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_DECIMAL), S_OK);
    assert_int_equal(V_VT(&v), VT_DECIMAL);
    assert_text(v, L"922337203685477.5807");

    v = bstr_value(L"-79228162514264337593543950335");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_DECIMAL), S_OK);
    assert_int_equal(V_DECIMAL(&v).Hi32, 0xFFFFFFFF);
    assert_int_equal(V_DECIMAL(&v).sign, DECIMAL_NEG);
    assert_text(v, L"-79228162514264337593543950335");
    assert_fails(bstr_value(L"79228162514264337593543950336"), VT_DECIMAL, DISP_E_OVERFLOW);

    v = bstr_value(L"0.0050");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_DECIMAL), S_OK);
    assert_text(v, L"0.005");
    v = r8_value(0.1);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_DECIMAL), S_OK);
    assert_text(v, L"0.1");
}

static void dates_have_the_invariant_form(void **state)
{
    VARIANT v = {0};
    V_VT(&v) = VT_DATE;
    V_DATE(&v) = 2.25; /* 1900-01-01 06:00 */
    assert_text(v, L"01/01/1900 06:00:00");
    V_DATE(&v) = -1.25; /* the fraction still counts forward */
    assert_text(v, L"12/29/1899 06:00:00");
    V_DATE(&v) = 0.75;
    assert_text(v, L"18:00:00");
    V_DATE(&v) = 45351;
    assert_text(v, L"02/29/2024");

    v = bstr_value(L"2024-02-29 13:14:15");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_DATE), S_OK);
    assert_text(v, L"02/29/2024 13:14:15");
    v = bstr_value(L"2/29/2024 1:14 pm");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_DATE), S_OK);
    assert_text(v, L"02/29/2024 13:14:00");
    assert_fails(bstr_value(L"2/30/2024"), VT_DATE, DISP_E_TYPEMISMATCH);
    assert_fails(bstr_value(L"2/29/2024 25:00"), VT_DATE, DISP_E_TYPEMISMATCH);
    assert_fails(bstr_value(L"2/29/2024x"), VT_DATE, DISP_E_TYPEMISMATCH);
}

static void every_day_goes_there_and_back(void **state)
{
    for (int day = -657434; day <= 2958465; day += 97) {
        DATE date = day < 0 ? day - 0.5 : day + 0.5;
        SYSTEMTIME t;
        DATE back;
        assert_true(VariantTimeToSystemTime(date, &t));
        assert_true(SystemTimeToVariantTime(&t, &back));
        assert_true(back == date);
        int64_t microseconds;
        assert_int_equal(com_microseconds_from_date(date, &microseconds), S_OK);
        assert_int_equal(com_date_from_microseconds(microseconds, &back), S_OK);
        assert_true(back == date);
    }
    DATE epoch;
    assert_int_equal(com_date_from_microseconds(0, &epoch), S_OK);
    assert_true(epoch == 25569);
    SYSTEMTIME t;
    assert_false(VariantTimeToSystemTime(-657435, &t));
    assert_false(VariantTimeToSystemTime(2958466, &t));
    assert_true(VariantTimeToSystemTime(36526, &t)); /* 2000-01-01 was a Saturday */
    assert_int_equal(t.wYear, 2000);
    assert_int_equal(t.wDayOfWeek, 6);
}

/* A locale with a decimal comma changes nothing. */
static void the_locale_is_not_asked(void **state)
{
    const char *names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8"};
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        if (setlocale(LC_ALL, names[i])) {
            break;
        }
    }
    assert_text(r8_value(1.5), L"1.5");
    VARIANT v = bstr_value(L"1.5");
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_R8), S_OK);
    assert_true(V_R8(&v) == 1.5);
    setlocale(LC_ALL, "C");
}

static void references_are_followed(void **state)
{
    LONG number = 17;
    VARIANT inner = {0};
    V_VT(&inner) = VT_I4 | VT_BYREF;
    V_I4REF(&inner) = &number;
    VARIANT outer = {0};
    V_VT(&outer) = VT_VARIANT | VT_BYREF;
    V_VARIANTREF(&outer) = &inner;
    VARIANT v = {0};
    assert_int_equal(VariantChangeType(&v, &outer, 0, VT_UI2), S_OK);
    assert_int_equal(V_UI2(&v), 17);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_I4 | VT_BYREF), DISP_E_BADVARTYPE);
}

static void bad_types_are_refused(void **state)
{
    VARIANT v = i8_value(1);
    assert_int_equal(VariantChangeType(&v, &v, 0, 15), DISP_E_BADVARTYPE);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_CLSID), DISP_E_BADVARTYPE);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_UNKNOWN), DISP_E_TYPEMISMATCH);
    assert_int_equal(VariantChangeType(&v, &v, 0, VT_ARRAY | VT_I4), DISP_E_TYPEMISMATCH);
    assert_int_equal(VariantChangeType(NULL, &v, 0, VT_I4), E_INVALIDARG);
}

static void comparison_is_exact(void **state)
{
    VARIANT a = ui8_value(UINT64_MAX);
    VARIANT b = i8_value(-1);
    assert_int_equal(VarCmp(&a, &b, 0, 0), VARCMP_GT);
    assert_int_equal(VarCmp(&b, &a, 0, 0), VARCMP_LT);
    b = i8_value(INT64_MAX);
    a = i8_value(INT64_MAX - 1); /* equal as doubles */
    assert_int_equal(VarCmp(&a, &b, 0, 0), VARCMP_LT);
    a = r8_value(1.5);
    b = i8_value(1);
    assert_int_equal(VarCmp(&a, &b, 0, 0), VARCMP_GT);
    V_VT(&a) = VT_NULL;
    assert_int_equal(VarCmp(&a, &b, 0, 0), VARCMP_NULL);
    a = bstr_value(L"abc");
    b = bstr_value(L"ABD");
    assert_int_equal(VarCmp(&a, &b, 0, 0), VARCMP_GT);
    assert_int_equal(VarCmp(&a, &b, 0, NORM_IGNORECASE), VARCMP_LT);
    VariantClear(&a);
    VariantClear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_print_in_decimal),
        cmocka_unit_test(reals_print_with_fifteen_digits),
        cmocka_unit_test(booleans_print_as_asked),
        cmocka_unit_test(empty_is_zero_and_null_is_nothing),
        cmocka_unit_test(integers_are_checked_against_their_range),
        cmocka_unit_test(halves_round_to_even),
        cmocka_unit_test(text_is_read_as_basic_reads_it),
        cmocka_unit_test(text_becomes_booleans),
        cmocka_unit_test(reals_are_checked),
        cmocka_unit_test(money_and_decimals_stay_exact),
        cmocka_unit_test(dates_have_the_invariant_form),
        cmocka_unit_test(every_day_goes_there_and_back),
        cmocka_unit_test(the_locale_is_not_asked),
        cmocka_unit_test(references_are_followed),
        cmocka_unit_test(bad_types_are_refused),
        cmocka_unit_test(comparison_is_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
