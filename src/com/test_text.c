/*
 * Text conversion loses nothing: every code point, lone surrogates, and bytes that are not UTF-8.
 */
#include "com/test_support.h"

#include <string.h>

/* These bytes to wide text and back; the wide form must be as expected. */
static void assert_bytes(const char *bytes, size_t size, const wchar_t *expected, size_t length)
{
    assert_int_equal(com_wide_length_of_utf8(bytes, size), length);
    CLEANUP(com_cleanup_free) wchar_t *text = com_wide_from_utf8_n(bytes, size);
    assert_memory_equal(text, expected, length * sizeof *text);
    assert_int_equal(text[length], 0);
    assert_int_equal(com_utf8_size_of_wide(text, length), size);
    CLEANUP(com_cleanup_free) char *back = com_utf8_from_wide_n(text, length);
    assert_memory_equal(back, bytes, size + 1);
}

static void every_code_point_goes_there_and_back(void **state)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xDC80 && c <= 0xDCFF) {
            continue; /* they stand for bytes */
        }
        wchar_t text = (wchar_t)c;
        char utf8[5];
        size_t size = (size_t)(com_utf8_put_wide(utf8, &text, 1) - utf8);
        assert_int_equal(com_utf8_size_of_wide(&text, 1), size);
        wchar_t back[4];
        assert_ptr_equal(com_wide_put_utf8(back, utf8, size), back + 1);
        assert_int_equal(back[0], text);
    }
}

static void bytes_that_are_no_text_survive(void **state)
{
    assert_bytes("a\xFFz", 3, L"a\xDCFFz", 3);
    assert_bytes("\xC3", 1, L"\xDCC3", 1);                               /* cut off */
    assert_bytes("\xC0\x80", 2, L"\xDCC0\xDC80", 2);                     /* overlong */
    assert_bytes("\xE0\x80\x80", 3, L"\xDCE0\xDC80\xDC80", 3);           /* overlong */
    assert_bytes("\xF4\x90\x80\x80", 4, L"\xDCF4\xDC90\xDC80\xDC80", 4); /* above U+10FFFF */
    assert_bytes("\xED\xB2\x80", 3, L"\xDCED\xDCB2\xDC80", 3); /* would come back as a byte */
    assert_bytes("\xED\xA0\x80", 3, L"\xD800", 1);             /* a lone surrogate */
    assert_bytes("12345678\x80", 9, L"12345678\xDC80", 9);
}

/* All strings of three bytes that are not ASCII, and then some ASCII. */
static void all_short_byte_strings_survive(void **state)
{
    char bytes[4] = {0, 0, 0, 'x'};
    for (int a = 0x80; a < 0x100; a++) {
        for (int b = 0x80; b < 0x100; b++) {
            for (int c = 0x7E; c < 0x100; c += 3) {
                bytes[0] = (char)a;
                bytes[1] = (char)b;
                bytes[2] = (char)c;
                wchar_t text[4];
                wchar_t *end = com_wide_put_utf8(text, bytes, 4);
                char back[16];
                size_t size = (size_t)(com_utf8_put_wide(back, text, (size_t)(end - text)) - back);
                assert_int_equal(size, 4);
                assert_memory_equal(back, bytes, 4);
            }
        }
    }
}

static void utf16_pairs_become_one(void **state)
{
    const wchar_t text[] = L"a\x00E9\x20AC\x1F600\xD800z\xDC00";
    const size_t length = ARRAYSIZE(text) - 1;
    uint8_t utf16[2 * 16 + 1];
    assert_int_equal(com_utf16_length_of_wide(text, length), length + 1);
    uint8_t *end = com_utf16_put_wide(utf16 + 1, text, length); /* at an odd address */
    assert_int_equal(end - utf16 - 1, 2 * (length + 1));
    assert_memory_equal(utf16 + 1, "a\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE\x00\xD8z\0\x00\xDC", 16);
    assert_int_equal(com_wide_length_of_utf16(utf16 + 1, length + 1), length);
    wchar_t back[16];
    assert_ptr_equal(com_wide_put_utf16(back, utf16 + 1, length + 1), back + length);
    assert_memory_equal(back, text, length * sizeof *text);
}

static void bstrs_are_made_of_all_encodings(void **state)
{
    BSTR s;
    assert_int_equal(com_bstr_from_utf8("\xC3\xA9t\xC3\xA9", &s), S_OK);
    assert_wide_equal(s, L"\x00E9t\x00E9");
    SysFreeString(s);
    assert_int_equal(com_bstr_from_latin1((const uint8_t *)"\xE9t\xE9", 3, &s), S_OK);
    assert_wide_equal(s, L"\x00E9t\x00E9");
    SysFreeString(s);
    assert_int_equal(com_bstr_from_utf16((const uint8_t *)"\xE9\0t\0", 2, &s), S_OK);
    assert_wide_equal(s, L"\x00E9t");
    SysFreeString(s);
    assert_int_equal(com_bstr_from_wide_n(L"a\0b", 3, &s), S_OK);
    assert_int_equal(SysStringLen(s), 3);
    SysFreeString(s);
    assert_int_equal(com_bstr_from_utf8(NULL, &s), S_OK);
    assert_null(s);
    assert_null(com_utf8_from_wide(NULL));
    assert_null(com_wide_copy(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_goes_there_and_back),
        cmocka_unit_test(bytes_that_are_no_text_survive),
        cmocka_unit_test(all_short_byte_strings_survive),
        cmocka_unit_test(utf16_pairs_become_one),
        cmocka_unit_test(bstrs_are_made_of_all_encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
