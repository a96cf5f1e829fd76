/*
 * Types and their names, and values as XML (DSP0201 "VALUE", "TYPE").
 */
#include <locale.h>
#include <math.h>
#include <oleauto.h>
#include <pthread.h>
#include <string.h>

#include "xml/xml_private.h"

static const struct {
    CIMTYPE type;
    const char *name;
} types[] = {
    {CIM_BOOLEAN, "boolean"}, {CIM_STRING, "string"}, {CIM_CHAR16, "char16"},
    {CIM_UINT8, "uint8"},     {CIM_SINT8, "sint8"},   {CIM_UINT16, "uint16"},
    {CIM_SINT16, "sint16"},   {CIM_UINT32, "uint32"}, {CIM_SINT32, "sint32"},
    {CIM_UINT64, "uint64"},   {CIM_SINT64, "sint64"}, {CIM_DATETIME, "datetime"},
    {CIM_REAL32, "real32"},   {CIM_REAL64, "real64"},
};

const char *xml_type_name(CIMTYPE type)
{
    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        if (types[i].type == (type & ~CIM_FLAG_ARRAY)) {
            return types[i].name;
        }
    }
    return NULL;
}

bool xml_type_from_name(const char *name, CIMTYPE *ret)
{
    for (size_t i = 0; i < ARRAYSIZE(types); i++) {
        if (strcmp(types[i].name, name) == 0) {
            *ret = types[i].type;
            return true;
        }
    }
    return false;
}

/* ---- text --------------------------------------------------------------------------- */

static bool is_xml_character(wchar_t c)
{
    return c == L'\t' || c == L'\n' || c == L'\r' || (c >= L' ' && c < 0xd800) ||
           (c >= 0xe000 && c < 0xfffe) || (c >= 0x10000 && c <= 0x10ffff);
}

static bool is_hex(wchar_t c)
{
    return (c >= L'0' && c <= L'9') || (c >= L'a' && c <= L'f') || (c >= L'A' && c <= L'F');
}

static bool looks_escaped(const wchar_t *text, size_t length)
{
    return length >= 7 && text[1] == L'x' && is_hex(text[2]) && is_hex(text[3]) &&
           is_hex(text[4]) && is_hex(text[5]) && text[6] == L'_';
}

static const char *entity_of(wchar_t c, bool attribute)
{
    switch (c) {
    case L'&':
        return "&amp;";
    case L'<':
        return "&lt;";
    case L'>':
        return "&gt;";
    case L'"':
        return "&quot;";
    case L'\r': /* a parser makes a line end of it */
        return "&#13;";
    case L'\n': /* and of these a space, in an attribute */
        return attribute ? "&#10;" : NULL;
    case L'\t':
        return attribute ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

void xml_put_text(struct xml_writer *w, const wchar_t *text, size_t length, bool attribute)
{
    for (size_t i = 0; i < length; i++) {
        wchar_t c = text[i];
        const char *entity = entity_of(c, attribute);
        char utf8[8];
        if (entity != NULL) {
            (void)fputs(entity, w->out);
        } else if (!is_xml_character(c) || (c == L'_' && looks_escaped(text + i, length - i))) {
            (void)fprintf(w->out, "_x%04X_", (unsigned)c <= 0xffff ? (unsigned)c : 0xfffdU);
        } else {
            size_t size = (size_t)(com_utf8_put_wide(utf8, &c, 1) - utf8);
            (void)fwrite(utf8, 1, size, w->out);
        }
    }
}

void xml_put_bstr(struct xml_writer *w, BSTR text)
{
    if (text != NULL) {
        xml_put_text(w, text, SysStringLen(text), false);
    }
}

/* ---- numbers -------------------------------------------------------------------------- */

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* The fewest digits that read back as the same number. XML Schema's words for what has none. */
static void put_real(struct xml_writer *w, double value, bool single)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_c_locale);
    if (!isfinite(value)) {
        (void)fputs(isnan(value) ? "NaN" : value > 0 ? "INF" : "-INF", w->out);
        return;
    }
    locale_t before = uselocale(c_locale);
    char text[48];
    for (int digits = 1; digits <= (single ? 9 : 17); digits++) {
        (void)snprintf(text, sizeof text, "%.*g", digits, value);
        double back = strtod(text, NULL);
        if (single ? (float)back == (float)value : back == value) {
            break;
        }
    }
    (void)uselocale(before);
    (void)fputs(text, w->out);
}

static void put_scalar(struct xml_writer *w, const VARIANT *v, CIMTYPE type)
{
    wchar_t character;
    switch (V_VT(v)) {
    case VT_BOOL:
        (void)fputs(V_BOOL(v) ? "TRUE" : "FALSE", w->out);
        break;
    case VT_UI1:
        (void)fprintf(w->out, "%u", V_UI1(v));
        break;
    case VT_I2:
        if (type == CIM_CHAR16) {
            character = (wchar_t)(uint16_t)V_I2(v);
            xml_put_text(w, &character, 1, false);
        } else {
            (void)fprintf(w->out, "%d", V_I2(v));
        }
        break;
    case VT_I4: /* of a uint32 as well */
        if (type == CIM_UINT32) {
            (void)fprintf(w->out, "%u", (uint32_t)V_I4(v));
        } else {
            (void)fprintf(w->out, "%d", V_I4(v));
        }
        break;
    case VT_R4:
        put_real(w, (double)V_R4(v), true);
        break;
    case VT_R8:
        put_real(w, V_R8(v), false);
        break;
    case VT_BSTR:
        xml_put_bstr(w, V_BSTR(v));
        break;
    default:
        break;
    }
}

/* ---- values ------------------------------------------------------------------------------ */

/* An element that holds text stands on its line with it: white space within would be the value's.
 */
static void begin_text(struct xml_writer *w, const char *name)
{
    xml_begin(w, name);
    (void)fputs(">", w->out);
    w->depth++;
}

static void end_text(struct xml_writer *w, const char *name)
{
    w->depth--;
    (void)fprintf(w->out, "</%s>", name);
}

static HRESULT put_embedded(struct xml_writer *w, const VARIANT *value)
{
    IWbemClassObject *object = NULL;
    if (w->objects >= XML_MAX_OBJECTS) {
        return WBEM_E_INVALID_OBJECT;
    }
    HRESULT hr =
        V_VT(value) != VT_UNKNOWN || V_UNKNOWN(value) == NULL
            ? WBEM_E_INVALID_OBJECT
            : IUnknown_QueryInterface(V_UNKNOWN(value), &IID_IWbemClassObject, (void **)&object);
    if (FAILED(hr)) {
        return hr;
    }
    /* The CIM DTD has no objects as values: their text is one (as DSP0201 2.3 has it). */
    if (!w->options->wmi) {
        CLEANUP(com_cleanup_free) char *utf8 = NULL;
        struct xml_options plain = *w->options;
        plain.path_level = 0;
        struct xml_writer inner = {.options = &plain, .objects = w->objects + 1};
        size_t size;
        inner.out = open_memstream(&utf8, &size);
        hr = inner.out != NULL ? xml_put_object(&inner, object) : WBEM_E_OUT_OF_MEMORY;
        if (inner.out != NULL && fclose(inner.out) != 0) {
            hr = WBEM_E_OUT_OF_MEMORY;
        }
        CLEANUP(com_cleanup_free) wchar_t *text = SUCCEEDED(hr) ? com_wide_from_utf8(utf8) : NULL;
        if (text == NULL) {
            hr = FAILED(hr) ? hr : WBEM_E_OUT_OF_MEMORY;
        } else {
            begin_text(w, "VALUE");
            xml_put_text(w, text, wcslen(text), false);
            end_text(w, "VALUE");
        }
    } else {
        w->objects++;
        xml_begin(w, "VALUE.OBJECT");
        xml_content(w);
        hr = xml_put_object(w, object);
        xml_end(w, "VALUE.OBJECT");
        w->objects--;
    }
    IWbemClassObject_Release(object);
    return hr;
}

static HRESULT put_one(struct xml_writer *w, const VARIANT *value, CIMTYPE type)
{
    if (type == CIM_OBJECT) {
        return put_embedded(w, value);
    }
    if (type == CIM_REFERENCE) {
        return xml_put_reference(w, V_BSTR(value) != NULL ? V_BSTR(value) : L"");
    }
    begin_text(w, "VALUE");
    put_scalar(w, value, type);
    end_text(w, "VALUE");
    return WBEM_S_NO_ERROR;
}

static HRESULT put_array(struct xml_writer *w, const VARIANT *value, CIMTYPE type)
{
    const char *name = type == CIM_REFERENCE                   ? "VALUE.REFARRAY"
                       : type == CIM_OBJECT && w->options->wmi ? "VALUE.OBJECTARRAY"
                                                               : "VALUE.ARRAY";
    LONG first = 0, last = -1;
    HRESULT hr = SafeArrayGetLBound(V_ARRAY(value), 1, &first);
    if (SUCCEEDED(hr)) {
        hr = SafeArrayGetUBound(V_ARRAY(value), 1, &last);
    }
    xml_begin(w, name);
    xml_content(w);
    for (LONG i = first; SUCCEEDED(hr) && i <= last; i++) {
        VARIANT item;
        VariantInit(&item);
        hr = SafeArrayGetElement(V_ARRAY(value), &i, &V_UI8(&item));
        if (SUCCEEDED(hr)) {
            V_VT(&item) = V_VT(value) & VT_TYPEMASK;
            hr = put_one(w, &item, type);
            (void)VariantClear(&item);
        }
    }
    xml_end(w, name);
    return hr;
}

HRESULT xml_put_value(struct xml_writer *w, const VARIANT *value, CIMTYPE type)
{
    if (V_VT(value) == VT_NULL || V_VT(value) == VT_EMPTY) {
        return WBEM_S_NO_ERROR;
    }
    return V_VT(value) & VT_ARRAY ? put_array(w, value, type & ~CIM_FLAG_ARRAY)
                                  : put_one(w, value, type);
}
