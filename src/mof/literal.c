/*
 * What the lexer's slices mean: strings with their escapes, characters,
 * numbers, names; and where in the text something stands.
 */
#include "mof/mof_private.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool mof_slice_equal(struct mof_slice a, struct mof_slice b)
{
    return a.start != NULL && b.start != NULL && a.length == b.length &&
           strncasecmp(a.start, b.start, a.length) == 0;
}

/* One sequence that is known to be well-formed. */
static wchar_t decode_utf8(const char **at)
{
    const uint8_t *b = (const uint8_t *)*at;
    if (b[0] < 0x80) {
        *at += 1;
        return (wchar_t)b[0];
    }
    if (b[0] < 0xe0) {
        *at += 2;
        return (wchar_t)((b[0] & 0x1f) << 6 | (b[1] & 0x3f));
    }
    if (b[0] < 0xf0) {
        *at += 3;
        return (wchar_t)((b[0] & 0x0f) << 12 | (b[1] & 0x3f) << 6 | (b[2] & 0x3f));
    }
    *at += 4;
    return (wchar_t)((b[0] & 0x07) << 18 | (b[1] & 0x3f) << 12 | (b[2] & 0x3f) << 6 |
                     (b[3] & 0x3f));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* *at is after the backslash. */
static wchar_t decode_escape(const char **at, const char *end)
{
    static const char letters[] = "btnfr";
    static const char meanings[] = "\b\t\n\f\r";
    char c = *(*at)++;
    if (c == 'x' || c == 'X') {
        int value = 0;
        for (int i = 0; i < 4 && *at < end && hex_digit(**at) >= 0; i++) {
            value = value * 16 + hex_digit(*(*at)++);
        }
        return (wchar_t)value;
    }
    const char *letter = strchr(letters, c);
    return (wchar_t)(uint8_t)(letter == NULL ? c : meanings[letter - letters]);
}

static wchar_t decode_character(const char **at, const char *end)
{
    if (**at == '\\') {
        (*at)++;
        return decode_escape(at, end);
    }
    return decode_utf8(at);
}

/* \x writes UTF-16 code units (DSP0004 "String Constants"), so two in a row may be one character.
 */
static size_t append(wchar_t *out, size_t length, wchar_t c)
{
    if (c >= 0xdc00 && c <= 0xdfff && length > 0 && out[length - 1] >= 0xd800 &&
        out[length - 1] <= 0xdbff) {
        out[length - 1] = 0x10000 + ((out[length - 1] - 0xd800) << 10) + (c - 0xdc00);
        return length;
    }
    out[length] = c;
    return length + 1;
}

static size_t decode_one_string(struct mof_slice literal, wchar_t *out, size_t length)
{
    const char *at = literal.start + 1, *end = literal.start + literal.length - 1;
    while (at < end) {
        if (*at >= ' ' && *at != '\\') {
            out[length++] = (wchar_t)*at++;
        } else {
            length = append(out, length, decode_character(&at, end));
        }
    }
    return length;
}

size_t mof_decode_string(struct mof_slice literals, wchar_t *out)
{
    struct mof_lexer lexer;
    struct mof_token token;
    size_t length = 0;
    mof_lexer_init(&lexer, literals.start, literals.length);
    for (mof_lexer_next(&lexer, &token); token.kind == MOF_TOKEN_STRING;
         mof_lexer_next(&lexer, &token)) {
        length = decode_one_string(token.text, out, length);
    }
    return length;
}

wchar_t mof_decode_char(struct mof_slice literal)
{
    const char *at = literal.start + 1;
    return decode_character(&at, literal.start + literal.length - 1);
}

size_t mof_decode_name(struct mof_slice name, wchar_t *out)
{
    const char *at = name.start, *end = name.start + name.length;
    size_t length = 0;
    while (at < end) {
        out[length++] = decode_utf8(&at);
    }
    return length;
}

bool mof_decode_integer(struct mof_slice literal, uint64_t *ret_magnitude, bool *ret_negative)
{
    const char *at = literal.start, *end = literal.start + literal.length;
    *ret_negative = *at == '-';
    at += *at == '-' || *at == '+' ? 1 : 0;

    unsigned base = 10;
    if (end - at > 2 && (at[1] == 'x' || at[1] == 'X')) {
        base = 16;
        at += 2;
    } else if (end[-1] == 'b' || end[-1] == 'B') {
        base = 2;
        end--;
    } else if (*at == '0') {
        base = 8;
    }

    uint64_t magnitude = 0;
    while (at < end) {
        if (__builtin_mul_overflow(magnitude, (uint64_t)base, &magnitude) ||
            __builtin_add_overflow(magnitude, (uint64_t)hex_digit(*at++), &magnitude)) {
            return false;
        }
    }
    *ret_magnitude = magnitude;
    return true;
}

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

double mof_decode_real(struct mof_slice literal)
{
    /* The user's locale may write a comma where MOF has a point. */
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_c_locale);

    char copy[MOF_MAX_REAL + 2]; /* a sign, a terminator */
    memcpy(copy, literal.start, literal.length);
    copy[literal.length] = '\0';
    return c_locale == (locale_t)0 ? strtod(copy, NULL) : strtod_l(copy, NULL, c_locale);
}

void mof_position(const char *text, const char *at, ULONG *ret_line, ULONG *ret_column)
{
    ULONG line = 1, column = 1;
    for (const char *c = text; c < at; c++) {
        if (*c == '\n') {
            line++;
            column = 1;
        } else if (((uint8_t)*c & 0xc0) != 0x80) { /* not a further byte of a character */
            column++;
        }
    }
    *ret_line = line;
    *ret_column = column;
}
