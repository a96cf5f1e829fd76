/*
 * MOF tokens and what their literals mean.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mof/mof_private.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* In memory of just its size, so that reading past the end is seen. */
static struct mof_token first_token(const char *text, char **ret_copy)
{
    size_t size = strlen(text);
    char *copy = malloc(size == 0 ? 1 : size);
    memcpy(copy, text, size);
    struct mof_lexer lexer;
    struct mof_token token;
    mof_lexer_init(&lexer, copy, size);
    mof_lexer_next(&lexer, &token);
    *ret_copy = copy;
    return token;
}

static void tokens_in_a_row(void **state)
{
    static const char text[] = "#pragma x // comment\n [Key, Max(-0x1F): ToSubclass] /* **/ class"
                               " A_1 : B { uint8 c[] = {1.5e3, 'x', \"s\", $Al}; };";
    static const enum mof_token_kind kinds[] = {
        MOF_TOKEN_PRAGMA,      MOF_TOKEN_WORD,        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_WORD,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_WORD,        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_INTEGER,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_PUNCTUATION, MOF_TOKEN_WORD,        MOF_TOKEN_PUNCTUATION,
        MOF_TOKEN_WORD,        MOF_TOKEN_WORD,        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_WORD,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_WORD,        MOF_TOKEN_WORD,        MOF_TOKEN_PUNCTUATION,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_PUNCTUATION, MOF_TOKEN_PUNCTUATION, MOF_TOKEN_REAL,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_CHAR,        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_STRING,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_ALIAS,       MOF_TOKEN_PUNCTUATION, MOF_TOKEN_PUNCTUATION,
        MOF_TOKEN_PUNCTUATION, MOF_TOKEN_PUNCTUATION, MOF_TOKEN_END,
    };
    struct mof_lexer lexer;
    struct mof_token token;
    mof_lexer_init(&lexer, text, sizeof text - 1);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        mof_lexer_next(&lexer, &token);
        assert_int_equal(token.kind, kinds[i]);
    }
    mof_lexer_next(&lexer, &token);
    assert_int_equal(token.kind, MOF_TOKEN_END); /* and stays there */
}

static void integers_of_every_base(void **state)
{
    static const struct {
        const char *text;
        uint64_t magnitude;
        bool negative;
    } cases[] = {
        {"0", 0, false},    {"42", 42, false},   {"+42", 42, false},
        {"-42", 42, true},  {"0x1F", 31, false}, {"-0Xff", 255, true},
        {"017", 15, false}, {"101b", 5, false},  {"-11B", 3, true},
        {"0b", 0, false},   {"1b", 1, false},    {"0xb", 11, false},
        {"00", 0, false},   {"0x1b", 27, false}, {"18446744073709551615", UINT64_MAX, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy;
        struct mof_token token = first_token(cases[i].text, &copy);
        uint64_t magnitude = 77;
        bool negative = !cases[i].negative;
        assert_int_equal(token.kind, MOF_TOKEN_INTEGER);
        assert_int_equal(token.text.length, strlen(cases[i].text));
        assert_true(mof_decode_integer(token.text, &magnitude, &negative));
        assert_true(magnitude == cases[i].magnitude);
        assert_int_equal(negative, cases[i].negative);
        free(copy);
    }
    char *copy;
    struct mof_token token = first_token("18446744073709551616", &copy);
    uint64_t magnitude;
    bool negative;
    assert_false(mof_decode_integer(token.text, &magnitude, &negative));
    free(copy);
}

static void reals(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {{"1.5", 1.5}, {".5", .5}, {"-0.25", -.25}, {"1.0e3", 1e3}, {"2E-2", 2e-2}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy;
        struct mof_token token = first_token(cases[i].text, &copy);
        assert_int_equal(token.kind, MOF_TOKEN_REAL);
        assert_true(mof_decode_real(token.text) == cases[i].value);
        free(copy);
    }
}

static void strings_and_characters(void **state)
{
    wchar_t text[64];
    static const char joined[] =
        "\"a\\tb\\\"\" /* between */ // them\n \"\\x41\\x00e9\\\\ \xc3\xa9\"";
    size_t length = mof_decode_string((struct mof_slice){joined, sizeof joined - 1}, text);
    text[length] = L'\0';
    assert_int_equal(wcscmp(text, L"a\tb\"A\u00e9\\ \u00e9"), 0);

    /* \x writes UTF-16 */
    static const char pair[] = "\"\\xD83D\\xDE00\"";
    length = mof_decode_string((struct mof_slice){pair, sizeof pair - 1}, text);
    assert_int_equal(length, 1);
    assert_int_equal(text[0], 0x1F600);

    assert_int_equal(mof_decode_char((struct mof_slice){"'a'", 3}), 'a');
    assert_int_equal(mof_decode_char((struct mof_slice){"'\\''", 4}), '\'');
    assert_int_equal(mof_decode_char((struct mof_slice){"'\\x263A'", 8}), 0x263a);
}

static void broken_tokens(void **state)
{
    static const char *const cases[] = {
        "\"abc",
        "\"a\nb\"",
        "\"\\q\"",
        "\"\\x\"",
        "\"\\x0\"",
        "\"\xff\"",
        "\"\xc3\"",
        "'",
        "''",
        "'ab'",
        "'a",
        "0x",
        "12b",
        "09",
        "1x",
        "1.5x",
        "+",
        "-",
        ".",
        "#define",
        "#",
        "$",
        "$1",
        "/* never",
        "@",
        "!",
        "\xff",
        "/",
        "\"\xed\xa0\x80\"",
        "'\xf0\x9f\x98\x80'",
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *copy;
        struct mof_token token = first_token(cases[i], &copy);
        if (token.kind != MOF_TOKEN_BROKEN) {
            fail_msg("accepted: %s", cases[i]);
        }
        assert_true(token.text.length > 0);
        free(copy);
    }
}

static void positions_count_characters(void **state)
{
    static const char text[] = "a\n\xc3\xa9x";
    ULONG line, column;
    mof_position(text, text + 4, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_in_a_row), cmocka_unit_test(integers_of_every_base),
        cmocka_unit_test(reals),           cmocka_unit_test(strings_and_characters),
        cmocka_unit_test(broken_tokens),   cmocka_unit_test(positions_count_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
