/*
 * The formatter behind wsprintf, strsafe.h and the wide half of stdio. One parser serves narrow and
 * wide formats; numbers are left to snprintf() with a specification rebuilt from the parsed parts.
 */
#include "com/format.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Where text goes: one of `wide` and `narrow` is in use. Counts on after the room is used up. */
struct output {
    bool is_wide;
    wchar_t *wide;
    char *narrow;
    size_t room; /* without the terminator */
    size_t length;
};

/* The format: characters of either kind. */
struct input {
    const wchar_t *wide; /* NULL: it is narrow */
    const char *narrow;
};

static uint32_t peek(const struct input *in)
{
    return in->wide ? (uint32_t)*in->wide : (unsigned char)*in->narrow;
}

static void advance(struct input *in)
{
    if (in->wide) {
        in->wide++;
    } else {
        in->narrow++;
    }
}

static bool accept(struct input *in, uint32_t c)
{
    if (peek(in) != c) {
        return false;
    }
    advance(in);
    return true;
}

/* ---- output ---------------------------------------------------------------------- */

static void put_wide_char(struct output *out, wchar_t c)
{
    if (out->length < out->room) {
        out->wide[out->length] = c;
    }
    out->length++;
}

static void put_byte(struct output *out, char c)
{
    if (out->length < out->room) {
        out->narrow[out->length] = c;
    }
    out->length++;
}

static void put_wide(struct output *out, const wchar_t *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (out->is_wide) {
            put_wide_char(out, text[i]);
        } else {
            char bytes[4];
            char *end = com_utf8_put_wide(bytes, &text[i], 1);
            for (char *p = bytes; p < end; p++) {
                put_byte(out, *p);
            }
        }
    }
}

static void put_narrow(struct output *out, const char *text, size_t size)
{
    if (!out->is_wide) {
        for (size_t i = 0; i < size; i++) {
            put_byte(out, text[i]);
        }
        return;
    }

    size_t length = com_wide_length_of_utf8(text, size);
    if (length <= 64) {
        wchar_t buffer[64];
        com_wide_put_utf8(buffer, text, size);
        put_wide(out, buffer, length);
        return;
    }
    /* Long text: as far as there is room, straight into place. */
    if (out->length < out->room && length <= out->room - out->length) {
        com_wide_put_utf8(out->wide + out->length, text, size);
        out->length += length;
        return;
    }
    wchar_t *copy = com_wide_from_utf8_n(text, size);
    if (copy) {
        put_wide(out, copy, length);
        free(copy);
    } else {
        out->length += length;
    }
}

static void put_padding(struct output *out, size_t length, int width, char fill)
{
    for (size_t i = length; i < (size_t)(width > 0 ? width : 0); i++) {
        if (out->is_wide) {
            put_wide_char(out, fill);
        } else {
            put_byte(out, fill);
        }
    }
}

/* ---- one specification ---------------------------------------------------------------- */

enum size {
    SIZE_DEFAULT,
    SIZE_CHAR,    /* hh */
    SIZE_SHORT,   /* h */
    SIZE_LONG,    /* l, w: 32 bits for a number, wide for text */
    SIZE_64,      /* ll, I64, j */
    SIZE_POINTER, /* I, z, t */
    SIZE_LONG_DOUBLE
};

struct spec {
    char flags[8];
    bool left;
    int width;     /* 0: none */
    int precision; /* -1: none */
    enum size size;
    char conversion;
};

static bool parse_flags(struct input *in, struct spec *s)
{
    size_t n = 0;
    for (;;) {
        uint32_t c = peek(in);
        if (c != '-' && c != '+' && c != ' ' && c != '#' && c != '0') {
            break;
        }
        if (!memchr(s->flags, (int)c, n) && n + 1 < sizeof s->flags) {
            s->flags[n++] = (char)c;
        }
        s->left = s->left || c == '-';
        advance(in);
    }
    return true;
}

/* A decimal number; -1 when it is too large. */
static int parse_number(struct input *in)
{
    int value = 0;
    while (peek(in) >= '0' && peek(in) <= '9') {
        int digit = (int)peek(in) - '0';
        if (value < 0 || value > (INT_MAX - digit) / 10) {
            value = -1;
        } else {
            value = value * 10 + digit;
        }
        advance(in);
    }
    return value;
}

static void parse_size(struct input *in, struct spec *s)
{
    if (accept(in, 'h')) {
        s->size = accept(in, 'h') ? SIZE_CHAR : SIZE_SHORT;
    } else if (accept(in, 'l')) {
        s->size = accept(in, 'l') ? SIZE_64 : SIZE_LONG;
    } else if (accept(in, 'w')) {
        s->size = SIZE_LONG;
    } else if (accept(in, 'L')) {
        s->size = SIZE_LONG_DOUBLE;
    } else if (accept(in, 'j')) {
        s->size = SIZE_64;
    } else if (accept(in, 'z') || accept(in, 't')) {
        s->size = SIZE_POINTER;
    } else if (accept(in, 'I')) {
        struct input digits = *in;
        if (accept(&digits, '6') && accept(&digits, '4')) {
            s->size = SIZE_64;
            *in = digits;
            return;
        }
        digits = *in;
        if (accept(&digits, '3') && accept(&digits, '2')) {
            s->size = SIZE_DEFAULT;
            *in = digits;
            return;
        }
        s->size = SIZE_POINTER;
    }
}

/* A va_list in a structure can be handed down by address on every platform. */
struct arguments {
    va_list list;
};

static bool parse_spec(struct input *in, struct arguments *args, struct spec *s)
{
    *s = (struct spec){.precision = -1};
    parse_flags(in, s);
    if (accept(in, '*')) {
        s->width = va_arg(args->list, int);
        if (s->width < 0) {
            s->left = true;
            s->width = s->width == INT_MIN ? -1 : -s->width;
        }
    } else {
        s->width = parse_number(in);
    }
    if (accept(in, '.')) {
        if (accept(in, '*')) {
            s->precision = va_arg(args->list, int);
            s->precision = s->precision < 0 ? -1 : s->precision;
        } else {
            s->precision = parse_number(in);
            if (s->precision < 0) {
                return false;
            }
        }
    }
    parse_size(in, s);
    uint32_t c = peek(in);
    s->conversion = c < 0x80 ? (char)c : 0;
    if (c != 0) {
        advance(in);
    }
    return s->width >= 0 && s->conversion != 0;
}

/* ---- conversions ------------------------------------------------------------------------ */

/* "%" flags width precision modifier conversion, for snprintf(). */
static void rebuild(const struct spec *s, const char *modifier, char out[64])
{
    int n = sprintf(out, "%%%s%s", s->flags, s->left && !strchr(s->flags, '-') ? "-" : "");
    if (s->width > 0) {
        n += sprintf(out + n, "%d", s->width);
    }
    if (s->precision >= 0) {
        n += sprintf(out + n, ".%d", s->precision);
    }
    (void)sprintf(out + n, "%s%c", modifier, s->conversion);
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* rebuild() makes what snprintf() gets */

/* snprintf() of one argument into memory of the size that it needs. */
#define FORMAT_ONE(out, format, value)                                                             \
    do {                                                                                           \
        char small[128];                                                                           \
        int length_ = snprintf(small, sizeof small, format, value);                                \
        char *text_ = small;                                                                       \
        if (length_ >= (int)sizeof small) {                                                        \
            text_ = malloc((size_t)length_ + 1);                                                   \
            if (text_) {                                                                           \
                (void)snprintf(text_, (size_t)length_ + 1, format, value);                         \
            }                                                                                      \
        }                                                                                          \
        if (length_ < 0 || !text_) {                                                               \
            return false;                                                                          \
        }                                                                                          \
        put_narrow(out, text_, (size_t)length_);                                                   \
        if (text_ != small) {                                                                      \
            free(text_);                                                                           \
        }                                                                                          \
    } while (0)

static bool convert_integer(struct output *out, const struct spec *s, struct arguments *args)
{
    char format[64];
    bool is_signed = s->conversion == 'd' || s->conversion == 'i';
    long long value;
    switch (s->size) {
    case SIZE_CHAR:
        value = va_arg(args->list, int);
        value = is_signed ? (signed char)value : (unsigned char)value;
        break;
    case SIZE_SHORT:
        value = va_arg(args->list, int);
        value = is_signed ? (short)value : (unsigned short)value;
        break;
    case SIZE_64:
        value = va_arg(args->list, long long);
        break;
    case SIZE_POINTER:
        value = (long long)va_arg(args->list, ptrdiff_t);
        break;
    default:
        value = va_arg(args->list, int);
        value = is_signed ? value : (unsigned)value;
        break;
    }
    rebuild(s, "ll", format);
    FORMAT_ONE(out, format, value);
    return true;
}

static bool convert_real(struct output *out, const struct spec *s, struct arguments *args)
{
    char format[64];
    if (s->size == SIZE_LONG_DOUBLE) {
        long double value = va_arg(args->list, long double);
        rebuild(s, "L", format);
        FORMAT_ONE(out, format, value);
    } else {
        double value = va_arg(args->list, double);
        rebuild(s, "", format);
        FORMAT_ONE(out, format, value);
    }
    return true;
}

static bool convert_pointer(struct output *out, const struct spec *s, struct arguments *args)
{
    char format[64];
    void *value = va_arg(args->list, void *);
    rebuild(s, "", format);
    FORMAT_ONE(out, format, value);
    return true;
}

#pragma GCC diagnostic pop

/* Is the text or character of a specification wide? */
static bool is_wide_text(const struct output *out, const struct spec *s)
{
    if (s->size == SIZE_LONG) {
        return true;
    }
    if (s->size == SIZE_SHORT || s->size == SIZE_CHAR) {
        return false;
    }
    bool own_kind = s->conversion == 's' || s->conversion == 'c';
    return own_kind == out->is_wide;
}

static void convert_wide_text(struct output *out, const struct spec *s, const wchar_t *text)
{
    text = text ? text : L"(null)";
    size_t length = s->precision >= 0 ? wcsnlen(text, (size_t)s->precision) : wcslen(text);
    if (!s->left) {
        put_padding(out, length, s->width, ' ');
    }
    put_wide(out, text, length);
    if (s->left) {
        put_padding(out, length, s->width, ' ');
    }
}

static void convert_narrow_text(struct output *out, const struct spec *s, const char *text)
{
    text = text ? text : "(null)";
    size_t size = s->precision >= 0 ? strnlen(text, (size_t)s->precision) : strlen(text);
    size_t length = com_wide_length_of_utf8(text, size);
    if (!s->left) {
        put_padding(out, length, s->width, ' ');
    }
    put_narrow(out, text, size);
    if (s->left) {
        put_padding(out, length, s->width, ' ');
    }
}

static bool convert_text(struct output *out, const struct spec *s, struct arguments *args)
{
    if (is_wide_text(out, s)) {
        convert_wide_text(out, s, va_arg(args->list, const wchar_t *));
    } else {
        convert_narrow_text(out, s, va_arg(args->list, const char *));
    }
    return true;
}

static bool convert_char(struct output *out, const struct spec *s, struct arguments *args)
{
    bool wide = is_wide_text(out, s);
    wchar_t c = va_arg(args->list, int);
    c = wide ? c : (wchar_t)(unsigned char)c;
    if (!s->left) {
        put_padding(out, 1, s->width, ' ');
    }
    if (wide || out->is_wide) {
        put_wide(out, &c, 1);
    } else {
        put_byte(out, (char)c);
    }
    if (s->left) {
        put_padding(out, 1, s->width, ' ');
    }
    return true;
}

static bool convert(struct output *out, const struct spec *s, struct arguments *args)
{
    switch (s->conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        return convert_integer(out, s, args);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return convert_real(out, s, args);
    case 'p':
        return convert_pointer(out, s, args);
    case 's':
    case 'S':
        return convert_text(out, s, args);
    case 'c':
    case 'C':
        return convert_char(out, s, args);
    default:
        return false;
    }
}

/* ---- the whole ----------------------------------------------------------------------------- */

static void put_literal(struct output *out, struct input *in)
{
    if (in->wide) {
        put_wide(out, in->wide, 1);
    } else {
        put_byte(out, *in->narrow);
    }
    advance(in);
}

static int format_all(struct output *out, struct input in, va_list list)
{
    struct arguments args;
    va_copy(args.list, list);
    bool good = true;
    while (good && peek(&in)) {
        struct spec s;
        if (peek(&in) != '%') {
            put_literal(out, &in);
            continue;
        }
        advance(&in);
        if (peek(&in) == '%') {
            put_literal(out, &in);
            continue;
        }
        good = parse_spec(&in, &args, &s) && convert(out, &s, &args);
    }
    va_end(args.list);
    return good && out->length < INT_MAX ? (int)out->length : -1;
}

int format_wide(wchar_t *text, size_t room, const wchar_t *format, va_list args)
{
    struct output out = {.is_wide = true, .wide = text, .room = room ? room - 1 : 0};
    int length = format_all(&out, (struct input){.wide = format}, args);
    if (room > 0) {
        text[length < 0 ? 0 : out.length < out.room ? out.length : out.room] = 0;
    }
    return length;
}

int format_narrow(char *text, size_t room, const char *format, va_list args)
{
    struct output out = {.narrow = text, .room = room ? room - 1 : 0};
    int length = format_all(&out, (struct input){.narrow = format}, args);
    if (room > 0) {
        text[length < 0 ? 0 : out.length < out.room ? out.length : out.room] = 0;
    }
    return length;
}
