/*
 * Values as MOF literals, and the buffer they are put in.
 */
#include "object/text_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* ---- the buffer ------------------------------------------------------------ */

static void put_characters(struct text *t, const wchar_t *text, size_t count)
{
    if (FAILED(t->hr)) {
        return;
    }
    if (t->room - t->length < count) {
        size_t room = (t->room + count) * 2;
        wchar_t *grown = realloc(t->characters, room * sizeof *grown);
        if (grown == NULL) {
            t->hr = WBEM_E_OUT_OF_MEMORY;
            return;
        }
        t->characters = grown;
        t->room = room;
    }
    if (count > 0) {
        wmemcpy(t->characters + t->length, text, count);
        t->length += count;
    }
}

void text_put(struct text *t, const wchar_t *text)
{
    put_characters(t, text, wcslen(text));
}

void text_indent(struct text *t, int depth)
{
    for (int i = 0; i < depth; i++) {
        put_characters(t, L"\t", 1);
    }
}

/* ---- strings ------------------------------------------------------------------ */

/* What needs an escape (DSP0004 "String Constants"). Surrogates stand alone here, a character
 * beyond U+FFFF being one wchar_t; UTF-8 can't carry them. */
static bool needs_escape(wchar_t c)
{
    return c == L'"' || c == L'\\' || c < L' ' || c == 0x7f || (c >= 0xd800 && c <= 0xdfff);
}

static void put_escape(struct text *t, wchar_t c)
{
    static const wchar_t special[] = L"\"\\\b\t\n\f\r";
    static const wchar_t letters[] = L"\"\\btnfr";
    wchar_t escape[8] = {L'\\', 0, 0};
    const wchar_t *known = c == L'\0' ? NULL : wcschr(special, c);
    if (known != NULL) {
        escape[1] = letters[known - special];
    } else {
        (void)swprintf(escape, sizeof escape / sizeof escape[0], L"\\x%04X", (unsigned)c);
    }
    text_put(t, escape);
}

static void put_string(struct text *t, const wchar_t *text, size_t length)
{
    size_t done = 0;
    text_put(t, L"\"");
    for (size_t i = 0; i < length; i++) {
        if (needs_escape(text[i])) {
            put_characters(t, text + done, i - done);
            put_escape(t, text[i]);
            done = i + 1;
        }
    }
    if (length > done) { /* a NULL BSTR is an empty string */
        put_characters(t, text + done, length - done);
    }
    text_put(t, L"\"");
}

/* ---- numbers --------------------------------------------------------------------- */

static void put_ascii(struct text *t, const char *text)
{
    wchar_t wide[64];
    size_t length = 0;
    while (text[length] != '\0' && length + 1 < sizeof wide / sizeof wide[0]) {
        wide[length] = (wchar_t)text[length];
        length++;
    }
    put_characters(t, wide, length);
}

static void put_integer(struct text *t, int64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%lld", (long long)value);
    put_ascii(t, text);
}

/* The fewest digits that read back as the same number, with a point whatever the locale has. */
static void put_real(struct text *t, double value, bool single)
{
    char text[48];
    if (!isfinite(value)) {
        /* No literal writes these; the compiler takes the words for a real. */
        text_put(t, isnan(value) ? L"\"NaN\"" : value > 0 ? L"\"INF\"" : L"\"-INF\"");
        return;
    }
    int digits = 2, most = single ? 9 : 17;
    for (; digits <= most; digits++) {
        (void)snprintf(text, sizeof text, "%.*e", digits - 1, value);
        double back = strtod(text, NULL);
        if (single ? (float)back == (float)value : back == value) {
            break;
        }
    }
    /* d.ddde+dd: whatever stands between the first digit and the next is the locale's point. */
    char *first = text + (text[0] == '-' ? 1 : 0);
    char *rest = first + 1;
    while (*rest < '0' || *rest > '9') {
        rest++;
    }
    rest[-1] = '.';
    memmove(first + 1, rest - 1, strlen(rest) + 2);
    put_ascii(t, text);
}

/* ---- values ------------------------------------------------------------------------ */

static void put_unknown(struct text *t, IUnknown *unknown, int depth)
{
    IWbemClassObject *object = NULL;
    HRESULT hr = unknown == NULL
                     ? WBEM_E_INVALID_OBJECT
                     : IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&object);
    if (SUCCEEDED(hr)) {
        hr = text_put_object(t, object, depth);
        IWbemClassObject_Release(object);
    }
    if (FAILED(hr) && SUCCEEDED(t->hr)) {
        t->hr = hr;
    }
}

static void put_long(struct text *t, LONG value, CIMTYPE type)
{
    bool is_unsigned = (type & ~CIM_FLAG_ARRAY) == CIM_UINT32;
    put_integer(t, is_unsigned ? (int64_t)(uint32_t)value : value);
}

static void put_short(struct text *t, SHORT value, CIMTYPE type)
{
    bool is_character = (type & ~CIM_FLAG_ARRAY) == CIM_CHAR16;
    put_integer(t, is_character ? (int64_t)(uint16_t)value : value);
}

/* One element at `data`, which is of VARIANT type `vt`. */
static void put_element(struct text *t, VARTYPE vt, const void *data, CIMTYPE type, int depth)
{
    switch (vt) {
    case VT_UI1:
        put_integer(t, *(const BYTE *)data);
        break;
    case VT_I2:
        put_short(t, *(const SHORT *)data, type);
        break;
    case VT_I4:
        put_long(t, *(const LONG *)data, type);
        break;
    case VT_R4:
        put_real(t, (double)*(const float *)data, true);
        break;
    case VT_R8:
        put_real(t, *(const double *)data, false);
        break;
    case VT_BOOL:
        text_put(t, *(const VARIANT_BOOL *)data != VARIANT_FALSE ? L"TRUE" : L"FALSE");
        break;
    case VT_BSTR: {
        BSTR text = *(BSTR const *)data;
        put_string(t, text, SysStringLen(text));
        break;
    }
    case VT_UNKNOWN:
    case VT_DISPATCH:
        put_unknown(t, *(IUnknown *const *)data, depth);
        break;
    default:
        text_put(t, L"NULL");
        break;
    }
}

static void put_array(struct text *t, SAFEARRAY *array, VARTYPE vt, CIMTYPE type, int depth)
{
    char *data = NULL;
    LONG low = 0, high = -1;
    HRESULT hr = SafeArrayGetLBound(array, 1, &low);
    if (SUCCEEDED(hr)) {
        hr = SafeArrayGetUBound(array, 1, &high);
    }
    if (SUCCEEDED(hr)) {
        hr = SafeArrayAccessData(array, (void **)&data);
    }
    if (FAILED(hr)) {
        t->hr = FAILED(t->hr) ? t->hr : hr;
        return;
    }
    size_t size = SafeArrayGetElemsize(array);
    text_put(t, L"{");
    for (LONG i = low; i <= high; i++) {
        text_put(t, i == low ? L"" : L", ");
        put_element(t, vt, data + (size_t)(i - low) * size, type, depth);
    }
    text_put(t, L"}");
    (void)SafeArrayUnaccessData(array);
}

void text_put_value(struct text *t, const VARIANT *value, CIMTYPE type, int depth)
{
    VARTYPE vt = V_VT(value);
    if ((vt & VT_ARRAY) != 0) {
        put_array(t, V_ARRAY(value), vt & ~VT_ARRAY & 0xffff, type, depth);
    } else {
        put_element(t, vt, &V_UI1(value), type, depth);
    }
}
