/*
 * FormatMessage: our own sentence for a code, or a text with %1 to %99 replaced.
 */
#include "com/com.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Text that grows; `failed` once memory has run out. */
struct builder {
    wchar_t *text;
    size_t length;
    size_t room;
    bool failed;
};

static void build_char(struct builder *b, wchar_t c)
{
    if (b->failed) {
        return;
    }
    if (b->length + 1 >= b->room) {
        size_t room = b->room ? b->room * 2 : 128;
        wchar_t *text = realloc(b->text, room * sizeof *text);
        if (!text) {
            b->failed = true;
            return;
        }
        b->text = text;
        b->room = room;
    }
    b->text[b->length++] = c;
    b->text[b->length] = 0;
}

static void build_text(struct builder *b, const wchar_t *text)
{
    for (; text && *text; text++) {
        build_char(b, *text);
    }
}

/* Where inserts come from: an array of pointers, or a va_list read in order. */
struct inserts {
    bool ignore;
    const DWORD_PTR *array;
    va_list *list;
    DWORD_PTR seen[99];
    int seen_count;
};

static DWORD_PTR insert_at(struct inserts *in, int number)
{
    if (in->array) {
        return in->array[number - 1];
    }
    while (in->list && in->seen_count < number) {
        in->seen[in->seen_count++] = va_arg(*in->list, DWORD_PTR);
    }
    return in->list ? in->seen[number - 1] : 0;
}

/* %1 and %1!d!: the insert is wide text unless its format says a number. `wide`: which kind of text
 * the function that was called has. */
static const wchar_t *build_insert(struct builder *b, const wchar_t *p, struct inserts *in,
                                   bool wide)
{
    int number = 0;
    while (*p >= '0' && *p <= '9' && number < 10) {
        number = number * 10 + (int)(*p++ - '0');
    }
    char format[32] = "s";
    if (*p == '!') {
        size_t n = 0;
        for (p++; *p && *p != '!'; p++) {
            if (n + 1 < sizeof format) {
                format[n++] = (char)*p;
            }
        }
        format[n] = 0;
        p += *p == '!';
    }
    DWORD_PTR value = insert_at(in, number);
    char kind = format[0] ? format[strlen(format) - 1] : 's';
    wchar_t digits[32];
    switch (kind) {
    case 'd':
    case 'i':
        build_text(b, _i64tow(strstr(format, "64") ? (LONGLONG)value : (LONG)value, digits, 10));
        break;
    case 'u':
        build_text(b, _ui64tow(strstr(format, "64") ? value : (ULONG)value, digits, 10));
        break;
    case 'x':
    case 'X':
        build_text(b, _ui64tow(strstr(format, "64") ? value : (ULONG)value, digits, 16));
        break;
    case 's':
    case 'S':
        if (wide == (kind == 's')) {
            build_text(b, (const wchar_t *)value);
        } else {
            CLEANUP(com_cleanup_free) wchar_t *text = com_wide_from_utf8((const char *)value);
            build_text(b, text);
        }
        break;
    default:
        break;
    }
    return p;
}

/* %0 ends the text, %n is a line's end, other characters stand for themselves. */
static void build_message(struct builder *b, const wchar_t *p, struct inserts *in, bool wide)
{
    while (*p) {
        if (*p != '%' || in->ignore || !p[1]) {
            build_char(b, *p++);
            continue;
        }
        p++;
        if (*p == '0') {
            return;
        }
        if (*p >= '1' && *p <= '9') {
            p = build_insert(b, p, in, wide);
            continue;
        }
        if (*p == 'n') {
            build_text(b, L"\r\n");
        } else {
            build_char(b, *p == 't' ? '\t' : *p);
        }
        p++;
    }
}

/* The whole text, or NULL with the last error set; free() it. `source` is wide. */
static wchar_t *message_text(DWORD flags, const wchar_t *source, DWORD id, struct inserts *in,
                             bool wide, size_t *ret_length)
{
    struct builder b = {.text = NULL};
    if (flags & FORMAT_MESSAGE_FROM_STRING) {
        if (!source) {
            SetLastError(ERROR_INVALID_PARAMETER);
            return NULL;
        }
        build_message(&b, source, in, wide);
        build_text(&b, L"");
    } else {
        const char *text = com_status_text((HRESULT)id);
        if (!text) {
            SetLastError(317); /* ERROR_MR_MID_NOT_FOUND */
            return NULL;
        }
        for (; *text; text++) {
            build_char(&b, *text);
        }
        build_text(&b, L"\r\n");
    }
    if (b.failed || !b.text) {
        free(b.text);
        SetLastError(b.failed ? ERROR_NOT_ENOUGH_MEMORY : ERROR_SUCCESS);
        return NULL;
    }
    *ret_length = b.length;
    return b.text;
}

static bool flags_are_good(DWORD flags)
{
    const DWORD sources =
        FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_FROM_HMODULE;
    if (!(flags & sources)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return false;
    }
    return true;
}

/* Hand `size` bytes over: into new memory whose address goes to *(void **)out, or into out. */
static bool hand_over(DWORD flags, const void *text, size_t size, size_t minimum, void *out,
                      size_t room)
{
    if (flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) {
        size_t wanted = size > minimum ? size : minimum;
        void *copy = LocalAlloc(LMEM_ZEROINIT, wanted);
        if (!copy) {
            return false;
        }
        memcpy(copy, text, size);
        memcpy(out, &copy, sizeof copy);
        return true;
    }
    if (!out || size > room) {
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return false;
    }
    memcpy(out, text, size);
    return true;
}

static void inserts_init(struct inserts *in, DWORD flags, void *arguments)
{
    *in = (struct inserts){.ignore = (flags & FORMAT_MESSAGE_IGNORE_INSERTS) != 0};
    if (flags & FORMAT_MESSAGE_ARGUMENT_ARRAY) {
        in->array = arguments;
    } else {
        in->list = arguments;
    }
}

DWORD FormatMessageW(DWORD flags, LPCVOID source, DWORD id, DWORD language, LPWSTR out, DWORD room,
                     va_list *arguments)
{
    if (!flags_are_good(flags)) {
        return 0;
    }

    struct inserts in;
    inserts_init(&in, flags, arguments);
    size_t length = 0;
    CLEANUP(com_cleanup_free)
    wchar_t *text = message_text(flags, source, id, &in, true, &length);
    if (!text || !hand_over(flags, text, (length + 1) * sizeof *text, room * sizeof *text, out,
                            room * sizeof *text)) {
        return 0;
    }
    return (DWORD)length;
}

DWORD FormatMessageA(DWORD flags, LPCVOID source, DWORD id, DWORD language, LPSTR out, DWORD room,
                     va_list *arguments)
{
    if (!flags_are_good(flags)) {
        return 0;
    }

    struct inserts in;
    inserts_init(&in, flags, arguments);
    CLEANUP(com_cleanup_free) wchar_t *wide_source = NULL;
    if (flags & FORMAT_MESSAGE_FROM_STRING) {
        wide_source = com_wide_from_utf8(source);
    }
    size_t length = 0;
    CLEANUP(com_cleanup_free)
    wchar_t *text = message_text(flags, wide_source, id, &in, false, &length);
    CLEANUP(com_cleanup_free) char *utf8 = com_utf8_from_wide(text);
    if (!utf8 || !hand_over(flags, utf8, strlen(utf8) + 1, room, out, room)) {
        return 0;
    }
    return (DWORD)strlen(utf8);
}
