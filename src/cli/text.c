/* Text for people: wide strings to UTF-8, values to text, nothing that could command a terminal. */
#include <fnmatch.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli.h"

static size_t put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c >= 0xdc80 && c <= 0xdcff) { /* a byte that was not UTF-8 */
        to[0] = (char)(c - 0xdc00);
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 0x3f));
        to[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 0x3f));
    to[2] = (char)(0x80 | (c >> 6 & 0x3f));
    to[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

char *utf8_from_wide(const wchar_t *text, size_t length)
{
    char *utf8 = malloc(4 * length + 1);
    if (!utf8) {
        return NULL;
    }
    size_t size = 0;
    for (size_t i = 0; i < length; i++) {
        size += put_utf8(utf8 + size, (uint32_t)text[i] & 0x1fffff);
    }
    utf8[size] = '\0';
    return utf8;
}

void use_locale(void)
{
    setlocale(LC_ALL, "");
    /* That of cron and of services, who nevertheless pass on what others wrote as UTF-8. */
    if (strcmp(nl_langinfo(CODESET), "ANSI_X3.4-1968") == 0) {
        setlocale(LC_CTYPE, "C.UTF-8");
    }
}

BSTR bstr_from_utf8(const char *text)
{
    size_t length = strlen(text);
    wchar_t *wide = calloc(length + 1, sizeof(*wide));
    if (!wide) {
        return NULL;
    }
    mbstate_t state = {0};
    size_t out = 0;
    for (size_t i = 0; i < length;) {
        size_t used = mbrtowc(&wide[out], text + i, length - i, &state);
        if (used == 0 || used > length) { /* not of this locale's encoding: keep the byte */
            wide[out] = (wchar_t)(0xdc00 + (unsigned char)text[i]);
            used = 1;
            state = (mbstate_t){0};
        }
        out++;
        i += used;
    }
    BSTR s = SysAllocStringLen(wide, (UINT)out);
    free(wide);
    return s;
}

void put_visible(FILE *to, const char *utf8)
{
    for (const unsigned char *c = (const unsigned char *)utf8; *c; c++) {
        if (*c == '\t' || *c == '\n' || *c == '\r') {
            fputc(' ', to);
        } else if (*c < 0x20 || *c == 0x7f) {
            fprintf(to, "\\x%02x", *c);
        } else if (*c == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) { /* C1 controls */
            fprintf(to, "\\x%02x", *++c);
        } else {
            fputc(*c, to);
        }
    }
}

size_t visible_width(const char *utf8)
{
    size_t width = 0;
    mbstate_t state = {0};
    const char *end = utf8 + strlen(utf8);
    while (utf8 < end) {
        unsigned char first = (unsigned char)*utf8;
        wchar_t c;
        size_t used = mbrtowc(&c, utf8, (size_t)(end - utf8), &state);
        if (used == 0 || used > (size_t)(end - utf8)) {
            state = (mbstate_t){0};
            used = 1;
            width++;
        } else if (first == '\t' || first == '\n' || first == '\r') {
            width++;
        } else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            width += 4; /* \xNN */
        } else {
            int columns = wcwidth(c);
            width += columns > 0 ? (size_t)columns : 0;
        }
        utf8 += used;
    }
    return width;
}

bool matches_pattern(const char *pattern, const char *name)
{
    return fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}

static char *copy(const char *text)
{
    return strdup(text);
}

/* An embedded object, as its MOF. */
static char *object_text(IUnknown *unknown)
{
    IWbemClassObject *object = NULL;
    if (!unknown ||
        FAILED(IUnknown_QueryInterface(unknown, &IID_IWbemClassObject, (void **)&object))) {
        return copy("");
    }
    BSTR mof = NULL;
    char *text = NULL;
    if (SUCCEEDED(IWbemClassObject_GetObjectText(object, 0, &mof)) && mof) {
        text = utf8_from_wide(mof, SysStringLen(mof));
    }
    SysFreeString(mof);
    IWbemClassObject_Release(object);
    return text ? text : copy("");
}

static char *scalar_text(const VARIANT *v, CIMTYPE type)
{
    switch (V_VT(v)) {
    case VT_EMPTY:
    case VT_NULL:
        return copy("");
    case VT_BSTR:
        return V_BSTR(v) ? utf8_from_wide(V_BSTR(v), SysStringLen(V_BSTR(v))) : copy("");
    case VT_BOOL:
        return copy(V_BOOL(v) ? "TRUE" : "FALSE");
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return object_text(V_UNKNOWN(v));
    default:
        break;
    }
    /* uint32 comes as VT_I4, uint16 as VT_I4: the CIM type says how to read the sign. */
    char text[64];
    switch (V_VT(v)) {
    case VT_UI1:
        snprintf(text, sizeof(text), "%u", V_UI1(v));
        break;
    case VT_I2:
        snprintf(text, sizeof(text), "%d", V_I2(v));
        break;
    case VT_I4:
        if ((type & ~CIM_FLAG_ARRAY) == CIM_UINT32) {
            snprintf(text, sizeof(text), "%u", (unsigned)V_I4(v));
        } else {
            snprintf(text, sizeof(text), "%d", (int)V_I4(v));
        }
        break;
    case VT_R4:
        snprintf(text, sizeof(text), "%.9g", (double)V_R4(v));
        break;
    case VT_R8:
        snprintf(text, sizeof(text), "%.17g", V_R8(v));
        break;
    default:
        snprintf(text, sizeof(text), "(type %u)", V_VT(v));
        break;
    }
    return copy(text);
}

HRESULT array_element(SAFEARRAY *array, VARTYPE type, LONG i, VARIANT *ret)
{
    VariantInit(ret);
    if (type == VT_VARIANT) {
        return SafeArrayGetElement(array, &i, ret);
    }
    HRESULT hr = SafeArrayGetElement(array, &i, &V_UI1(ret)); /* the union's start, any type */
    if (SUCCEEDED(hr)) {
        V_VT(ret) = type;
    }
    return hr;
}

static char *array_text(const VARIANT *v, CIMTYPE type)
{
    LONG low = 0;
    LONG high = -1;
    char *text = NULL;
    size_t size = 0;
    SafeArrayGetLBound(V_ARRAY(v), 1, &low);
    SafeArrayGetUBound(V_ARRAY(v), 1, &high);
    FILE *to = open_memstream(&text, &size);
    if (!to) {
        return NULL;
    }
    for (LONG i = low; i <= high; i++) {
        VARIANT element;
        if (SUCCEEDED(array_element(V_ARRAY(v), V_VT(v) & VT_TYPEMASK, i, &element))) {
            char *item = scalar_text(&element, type);
            fprintf(to, "%s%s", i > low ? ", " : "", item ? item : "");
            free(item);
        }
        VariantClear(&element);
    }
    fclose(to);
    return text;
}

char *value_text(const VARIANT *v, CIMTYPE type)
{
    return V_ISARRAY(v) ? array_text(v, type) : scalar_text(v, type);
}
