/*
 * Text to tokens, without allocating: each token is a place and a length in
 * the text. A word is a keyword only where the grammar wants one, so the lexer
 * knows names alone.
 */
#include <wctype.h>

#include "wql/wql_private.h"

void lexer_init(struct lexer *l, const wchar_t *text)
{
    l->next = text;
    l->at = (struct wql_position){.line = 1, .column = 1};
}

static void advance(struct lexer *l)
{
    if (*l->next == L'\n') {
        l->at.line++;
        l->at.column = 1;
    } else {
        l->at.column++;
    }
    l->at.offset++;
    l->next++;
}

static bool is_space(wchar_t c)
{
    return c == L' ' || c == L'\t' || c == L'\r' || c == L'\n';
}

static bool is_digit(wchar_t c)
{
    return c >= L'0' && c <= L'9';
}

static bool is_hex_digit(wchar_t c)
{
    return is_digit(c) || (c >= L'a' && c <= L'f') || (c >= L'A' && c <= L'F');
}

/* DSP0004: letters, digits, underscores and everything from U+0080 on. */
static bool is_name_start(wchar_t c)
{
    return (c >= L'a' && c <= L'z') || (c >= L'A' && c <= L'Z') || c == L'_' || (unsigned)c >= 0x80;
}

static bool is_name_part(wchar_t c)
{
    return is_name_start(c) || is_digit(c);
}

static enum token_kind lex_string(struct lexer *l)
{
    wchar_t quote = *l->next;
    advance(l);
    while (*l->next && *l->next != quote) {
        if (*l->next == L'\\' && l->next[1]) {
            advance(l);
        }
        advance(l);
    }
    if (!*l->next) {
        return TOKEN_BROKEN;
    }
    advance(l);
    return TOKEN_STRING;
}

/* An object path has quoted parts of its own, which may hold braces. */
static enum token_kind lex_path(struct lexer *l)
{
    advance(l);
    while (*l->next && *l->next != L'}') {
        if (*l->next != L'"' && *l->next != L'\'') {
            advance(l);
        } else if (lex_string(l) == TOKEN_BROKEN) {
            return TOKEN_BROKEN;
        }
    }
    if (!*l->next) {
        return TOKEN_BROKEN;
    }
    advance(l);
    return TOKEN_PATH;
}

static void skip_digits(struct lexer *l)
{
    while (is_digit(*l->next)) {
        advance(l);
    }
}

static enum token_kind lex_number(struct lexer *l)
{
    enum token_kind kind = TOKEN_INTEGER;
    if (*l->next == L'-' || *l->next == L'+') {
        advance(l);
    }
    if (*l->next == L'0' && (l->next[1] == L'x' || l->next[1] == L'X')) {
        advance(l);
        advance(l);
        if (!is_hex_digit(*l->next)) {
            return TOKEN_BROKEN;
        }
        while (is_hex_digit(*l->next)) {
            advance(l);
        }
        return is_name_part(*l->next) ? TOKEN_BROKEN : TOKEN_INTEGER;
    }
    skip_digits(l);
    if (*l->next == L'.') {
        kind = TOKEN_REAL;
        advance(l);
        skip_digits(l);
    }
    if (*l->next == L'e' || *l->next == L'E') {
        kind = TOKEN_REAL;
        advance(l);
        if (*l->next == L'-' || *l->next == L'+') {
            advance(l);
        }
        if (!is_digit(*l->next)) {
            return TOKEN_BROKEN;
        }
        skip_digits(l);
    }
    return is_name_part(*l->next) ? TOKEN_BROKEN : kind;
}

/* One or two characters; the second decides. */
static enum token_kind lex_operator(struct lexer *l)
{
    wchar_t first = *l->next;
    advance(l);
    wchar_t second = *l->next;
    switch (first) {
    case L'=':
        return TOKEN_EQUAL;
    case L'<':
        if (second == L'>' || second == L'=') {
            advance(l);
            return second == L'>' ? TOKEN_NOT_EQUAL : TOKEN_LESS_EQUAL;
        }
        return TOKEN_LESS;
    case L'>':
        if (second == L'=') {
            advance(l);
            return TOKEN_GREATER_EQUAL;
        }
        return TOKEN_GREATER;
    case L'!':
        if (second == L'=') {
            advance(l);
            return TOKEN_NOT_EQUAL;
        }
        return TOKEN_BROKEN;
    case L'(':
        return TOKEN_OPEN;
    case L')':
        return TOKEN_CLOSE;
    case L'[':
        return TOKEN_OPEN_BRACKET;
    case L']':
        return TOKEN_CLOSE_BRACKET;
    case L',':
        return TOKEN_COMMA;
    case L'.':
        return TOKEN_DOT;
    case L'*':
        return TOKEN_STAR;
    default:
        return TOKEN_BROKEN;
    }
}

static bool starts_number(const wchar_t *at)
{
    if (*at == L'-' || *at == L'+') {
        at++;
    }
    return is_digit(*at) || (*at == L'.' && is_digit(at[1]));
}

void lexer_next(struct lexer *l, struct token *ret)
{
    while (is_space(*l->next)) {
        advance(l);
    }
    *ret = (struct token){.kind = TOKEN_END, .start = l->next, .at = l->at};
    if (!*l->next) {
        return;
    }
    if (is_name_start(*l->next)) {
        ret->kind = TOKEN_NAME;
        while (is_name_part(*l->next)) {
            advance(l);
        }
    } else if (*l->next == L'"' || *l->next == L'\'') {
        ret->kind = lex_string(l);
    } else if (*l->next == L'{') {
        ret->kind = lex_path(l);
    } else if (starts_number(l->next)) {
        ret->kind = lex_number(l);
    } else {
        ret->kind = lex_operator(l);
    }
    ret->length = (size_t)(l->next - ret->start);
}

bool token_is_word(const struct token *t, const wchar_t *word)
{
    if (t->kind != TOKEN_NAME) {
        return false;
    }
    for (size_t i = 0; i < t->length; i++) {
        wchar_t c = t->start[i];
        c = c >= L'a' && c <= L'z' ? c - (L'a' - L'A') : c;
        if (c != word[i]) { /* also at the word's end */
            return false;
        }
    }
    return word[t->length] == L'\0';
}
