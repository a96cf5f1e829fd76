/*
 * MOF text to tokens (DSP0004 annex A). Allocates nothing: a token is a
 * kind and a slice of the text. What a literal means is decoded from its slice
 * on demand (literal.c), the lexer having made sure that it means something.
 */
#include "mof/mof_private.h"

#include <string.h>

enum char_class {
    C_OTHER,
    C_SPACE,
    C_NAME,  /* letters and underscore */
    C_DIGIT, /* also part of names */
    C_SIGN,
    C_DOT,
    C_QUOTE,
    C_APOSTROPHE,
    C_DOLLAR,
    C_HASH,
    C_SLASH,
    C_PUNCTUATION,
    C_HIGH, /* a byte of a longer UTF-8 sequence: names only */
};

/* clang-format off */
static const uint8_t char_classes[256] = {
    [' '] = C_SPACE, ['\t'] = C_SPACE, ['\r'] = C_SPACE, ['\n'] = C_SPACE,
    ['\v'] = C_SPACE, ['\f'] = C_SPACE,
    ['a' ... 'z'] = C_NAME, ['A' ... 'Z'] = C_NAME, ['_'] = C_NAME,
    ['0' ... '9'] = C_DIGIT,
    ['+'] = C_SIGN, ['-'] = C_SIGN, ['.'] = C_DOT,
    ['"'] = C_QUOTE, ['\''] = C_APOSTROPHE, ['$'] = C_DOLLAR, ['#'] = C_HASH, ['/'] = C_SLASH,
    ['{'] = C_PUNCTUATION, ['}'] = C_PUNCTUATION, ['('] = C_PUNCTUATION, [')'] = C_PUNCTUATION,
    ['['] = C_PUNCTUATION, [']'] = C_PUNCTUATION, [';'] = C_PUNCTUATION, [','] = C_PUNCTUATION,
    [':'] = C_PUNCTUATION, ['='] = C_PUNCTUATION,
    [0x80 ... 0xff] = C_HIGH,
};
/* clang-format on */

static enum char_class class_of(char c)
{
    return (enum char_class)char_classes[(uint8_t)c];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_name(char c)
{
    enum char_class k = class_of(c);
    return k == C_NAME || k == C_DIGIT || k == C_HIGH;
}

void mof_lexer_init(struct mof_lexer *lexer, const char *text, size_t size)
{
    *lexer = (struct mof_lexer){.at = text, .end = text + size};
}

static char peek(const struct mof_lexer *lexer, size_t ahead)
{
    return ahead < (size_t)(lexer->end - lexer->at) ? lexer->at[ahead] : '\0';
}

static enum mof_token_kind broken(struct mof_lexer *lexer, const char *problem)
{
    lexer->problem = problem;
    return MOF_TOKEN_BROKEN;
}

/* ---- blanks and comments ---------------------------------------------------- */

/* False at a comment that does not end, with lexer->at at its start. */
static bool skip_blanks(struct mof_lexer *lexer)
{
    for (;;) {
        while (lexer->at < lexer->end && class_of(*lexer->at) == C_SPACE) {
            lexer->at++;
        }
        if (peek(lexer, 0) != '/') {
            return true;
        }
        size_t left = (size_t)(lexer->end - lexer->at);
        if (peek(lexer, 1) == '/') {
            const char *newline = memchr(lexer->at, '\n', left);
            lexer->at = newline == NULL ? lexer->end : newline + 1;
        } else if (peek(lexer, 1) == '*') {
            const char *close = memmem(lexer->at + 2, left - 2, "*/", 2);
            if (close == NULL) {
                return false;
            }
            lexer->at = close + 2;
        } else {
            return true;
        }
    }
}

/* ---- UTF-8 --------------------------------------------------------------------- */

/* Length of the well-formed sequence at `at` (RFC 3629), 0 when there is none. */
static size_t utf8_length(const char *at, const char *end)
{
    uint8_t lead = (uint8_t)*at;
    size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length == 0 || lead > 0xf4 || (size_t)(end - at) < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if (((uint8_t)at[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    uint8_t second = length > 1 ? (uint8_t)at[1] : 0;
    bool bad = (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
               (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f);
    return bad ? 0 : length;
}

/* ---- literals ------------------------------------------------------------------- */

/* After the backslash: DSP0004 "String Constants", \b \t \n \f \r \" \' \\ and \x with one to four
 * digits. NULL stands for text that is fine. */
static const char *skip_escape(struct mof_lexer *lexer)
{
    char c = peek(lexer, 0);
    if (c != '\0' && strchr("btnfr\"'\\", c) != NULL) {
        lexer->at++;
        return NULL;
    }
    if (c != 'x' && c != 'X') {
        return "an escape is one of \\b \\t \\n \\f \\r \\\" \\' \\\\ and \\x with up to four "
               "digits";
    }
    lexer->at++;
    bool zero = true;
    int digits = 0;
    for (; digits < 4 && is_hex(peek(lexer, 0)); digits++) {
        zero = zero && *lexer->at == '0';
        lexer->at++;
    }
    return digits == 0 ? "\\x needs one to four hexadecimal digits"
           : zero      ? "a NUL character, which would end the text"
                       : NULL;
}

/* One character of a literal. NULL when it was fine. */
static const char *skip_character(struct mof_lexer *lexer)
{
    if (*lexer->at == '\\') {
        lexer->at++;
        return skip_escape(lexer);
    }
    if (*lexer->at == '\n') {
        return "the literal does not end on its line";
    }
    if (*lexer->at == '\0') {
        return "a NUL byte";
    }
    size_t length = utf8_length(lexer->at, lexer->end);
    lexer->at += length == 0 ? 1 : length;
    return length == 0 ? "not UTF-8" : NULL;
}

static enum mof_token_kind lex_string(struct mof_lexer *lexer)
{
    lexer->at++;
    for (;;) {
        /* The common case first: letters, figures and blanks. */
        while (lexer->at < lexer->end && *lexer->at >= ' ' && *lexer->at != '"' &&
               *lexer->at != '\\') {
            lexer->at++;
        }
        if (lexer->at == lexer->end) {
            return broken(lexer, "the string does not end");
        }
        if (*lexer->at == '"') {
            lexer->at++;
            return MOF_TOKEN_STRING;
        }
        const char *problem = skip_character(lexer);
        if (problem != NULL) {
            return broken(lexer, problem);
        }
    }
}

static enum mof_token_kind lex_char(struct mof_lexer *lexer)
{
    lexer->at++;
    if (lexer->at == lexer->end || *lexer->at == '\'') {
        return broken(lexer, "a character must stand between the apostrophes");
    }
    if (class_of(*lexer->at) == C_HIGH && (uint8_t)*lexer->at >= 0xf0) {
        return broken(lexer, "the character does not fit in 16 bits");
    }
    const char *problem = skip_character(lexer);
    if (problem != NULL) {
        return broken(lexer, problem);
    }
    if (peek(lexer, 0) != '\'') {
        return broken(lexer, "one character and then an apostrophe");
    }
    lexer->at++;
    return MOF_TOKEN_CHAR;
}

static size_t count_digits(const struct mof_lexer *lexer, size_t from)
{
    size_t count = 0;
    while (is_digit(peek(lexer, from + count))) {
        count++;
    }
    return count;
}

/* digits "." digits ["e" ["+" / "-"] digits]; the part that makes it a real may be either. */
static bool skip_fraction(struct mof_lexer *lexer)
{
    bool real = false;
    if (peek(lexer, 0) == '.' && is_digit(peek(lexer, 1))) {
        lexer->at += 1 + count_digits(lexer, 1);
        real = true;
    }
    if (peek(lexer, 0) == 'e' || peek(lexer, 0) == 'E') {
        size_t sign = peek(lexer, 1) == '+' || peek(lexer, 1) == '-' ? 1 : 0;
        size_t digits = count_digits(lexer, 1 + sign);
        lexer->at += digits == 0 ? 0 : 1 + sign + digits;
        real = real || digits != 0;
    }
    return real;
}

static bool all_in(const char *start, const char *end, char last)
{
    while (start < end) {
        if (*start++ > last) {
            return false;
        }
    }
    return true;
}

/* DSP0004 annex A: 0x…, …b, 0…, decimal, with a sign. */
static enum mof_token_kind lex_number(struct mof_lexer *lexer)
{
    lexer->at += class_of(*lexer->at) == C_SIGN ? 1 : 0;
    const char *first = lexer->at;
    enum mof_token_kind kind = MOF_TOKEN_INTEGER;
    if (peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X')) {
        lexer->at += 2;
        const char *digits = lexer->at;
        while (is_hex(peek(lexer, 0))) {
            lexer->at++;
        }
        if (lexer->at == digits) {
            return broken(lexer, "0x needs hexadecimal digits");
        }
    } else {
        lexer->at += count_digits(lexer, 0);
        if (lexer->at > first && (peek(lexer, 0) == 'b' || peek(lexer, 0) == 'B')) {
            if (!all_in(first, lexer->at, '1')) {
                return broken(lexer, "a binary number has the figures 0 and 1");
            }
            lexer->at++;
        } else if (skip_fraction(lexer)) {
            kind = MOF_TOKEN_REAL;
        } else if (lexer->at == first) {
            lexer->at += peek(lexer, 0) == '.' ? 1 : 0;
            return broken(lexer, "a sign or a point needs figures");
        } else if (*first == '0' && !all_in(first, lexer->at, '7')) {
            return broken(lexer, "a number that begins with 0 is octal");
        }
    }
    if (lexer->at < lexer->end && is_name(*lexer->at)) {
        return broken(lexer, "a number and a name need a blank between them");
    }
    if (kind == MOF_TOKEN_REAL && lexer->at - first > MOF_MAX_REAL) {
        return broken(lexer, "more digits than any real number has");
    }
    return kind;
}

/* ---- the rest ----------------------------------------------------------------------- */

static enum mof_token_kind lex_name(struct mof_lexer *lexer, enum mof_token_kind kind)
{
    while (lexer->at < lexer->end && is_name(*lexer->at)) {
        size_t length = utf8_length(lexer->at, lexer->end);
        if (length == 0) {
            lexer->at++;
            return broken(lexer, "not UTF-8");
        }
        lexer->at += length;
    }
    return kind;
}

static enum mof_token_kind lex_marked_name(struct mof_lexer *lexer, enum mof_token_kind kind)
{
    const char *mark = lexer->at++;
    enum mof_token_kind found = lex_name(lexer, kind);
    if (found == kind && (lexer->at == mark + 1 || is_digit(mark[1]))) {
        return broken(lexer, "a name must follow");
    }
    return found;
}

static enum mof_token_kind lex_pragma(struct mof_lexer *lexer)
{
    const char *start = lexer->at;
    enum mof_token_kind kind = lex_marked_name(lexer, MOF_TOKEN_PRAGMA);
    struct mof_slice word = {start, (size_t)(lexer->at - start)};
    if (kind == MOF_TOKEN_PRAGMA && !mof_slice_is(word, "#pragma")) {
        return broken(lexer, "the only directive is #pragma");
    }
    return kind;
}

static enum mof_token_kind lex_token(struct mof_lexer *lexer)
{
    switch (class_of(*lexer->at)) {
    case C_NAME:
    case C_HIGH:
        return lex_name(lexer, MOF_TOKEN_WORD);
    case C_DIGIT:
    case C_SIGN:
    case C_DOT:
        return lex_number(lexer);
    case C_QUOTE:
        return lex_string(lexer);
    case C_APOSTROPHE:
        return lex_char(lexer);
    case C_DOLLAR:
        return lex_marked_name(lexer, MOF_TOKEN_ALIAS);
    case C_HASH:
        return lex_pragma(lexer);
    case C_PUNCTUATION:
        lexer->at++;
        return MOF_TOKEN_PUNCTUATION;
    case C_SPACE:
    case C_SLASH:
    case C_OTHER:
        break;
    }
    lexer->at++;
    return broken(lexer, "no token of MOF begins so");
}

void mof_lexer_next(struct mof_lexer *lexer, struct mof_token *ret)
{
    bool ended = skip_blanks(lexer);
    ret->text.start = lexer->at;
    if (!ended) {
        lexer->at = lexer->end;
        ret->kind = broken(lexer, "the comment does not end");
    } else if (lexer->at == lexer->end) {
        ret->kind = MOF_TOKEN_END;
    } else {
        ret->kind = lex_token(lexer);
    }
    ret->text.length = (size_t)(lexer->at - ret->text.start);
}
