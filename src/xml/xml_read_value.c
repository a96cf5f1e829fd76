/*
 * Values from XML, as the VARIANTs that IWbemClassObject::Put takes for their
 * CIM types ([WmiSdk] "Numbers").
 */
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <oleauto.h>
#include <pthread.h>
#include <string.h>

#include "xml/xml_private.h"

HRESULT xml_read_type(struct xml_reader *r, const struct xml_element *e, CIMTYPE *ret)
{
    static const struct {
        const char *form;
        CIMTYPE type;
    } forms[] = {{".REFERENCE", CIM_REFERENCE},
                 {".REFARRAY", CIM_REFERENCE | CIM_FLAG_ARRAY},
                 {".OBJECT", CIM_OBJECT},
                 {".OBJECTARRAY", CIM_OBJECT | CIM_FLAG_ARRAY}};
    const char *form = strchr(e->name, '.');
    for (size_t i = 0; form != NULL && i < ARRAYSIZE(forms); i++) {
        if (strcmp(form, forms[i].form) == 0) {
            *ret = forms[i].type;
            return WBEM_S_NO_ERROR;
        }
    }
    const char *name = xml_get(e, "TYPE");
    if (name == NULL || !xml_type_from_name(name, ret)) {
        return xml_fail(r, e, "'%.32s' is not a type", name != NULL ? name : "");
    }
    *ret |= form != NULL && strcmp(form, ".ARRAY") == 0 ? CIM_FLAG_ARRAY : 0;
    return WBEM_S_NO_ERROR;
}

/* ---- scalars ------------------------------------------------------------------------- */

static locale_t c_locale;

static void make_c_locale(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* What stands between the white space around it, in place. */
static char *trimmed(const struct xml_element *e)
{
    char *text = e->text, *end;
    if (text == NULL) {
        return (char *)"";
    }
    text += strspn(text, " \t\r\n");
    end = text + strlen(text);
    while (end > text && strchr(" \t\r\n", end[-1]) != NULL) {
        end--;
    }
    *end = '\0';
    return text;
}

static bool read_real(const char *text, double *ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, make_c_locale);
    if (strcmp(text, "NaN") == 0) {
        *ret = (double)NAN;
        return true;
    }
    if (strcmp(text, "INF") == 0 || strcmp(text, "-INF") == 0) {
        *ret = *text == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (*text == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0') {
        return false;
    }
    char *end;
    *ret = strtod_l(text, &end, c_locale);
    return *end == '\0' && isfinite(*ret);
}

static bool read_unsigned(const char *text, uint64_t most, uint64_t *ret)
{
    char *end;
    if (*text < '0' || *text > '9') {
        return false;
    }
    errno = 0;
    *ret = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0 && *ret <= most;
}

static bool read_signed(const char *text, int64_t least, int64_t most, int64_t *ret)
{
    char *end;
    const char *digits = text + (*text == '-' ? 1 : 0);
    if (*digits < '0' || *digits > '9') {
        return false;
    }
    errno = 0;
    *ret = strtoll(text, &end, 10);
    return *end == '\0' && errno == 0 && *ret >= least && *ret <= most;
}

/* 64-bit integers are VT_BSTR; the rest as wide as their VARIANT. */
static bool read_integer(const char *text, CIMTYPE type, VARIANT *ret)
{
    int64_t s = 0;
    uint64_t u = 0;
    switch (type) {
    case CIM_SINT8:
        V_VT(ret) = VT_I2;
        return read_signed(text, INT8_MIN, INT8_MAX, &s) && ((V_I2(ret) = (SHORT)s), true);
    case CIM_UINT8:
        V_VT(ret) = VT_UI1;
        return read_unsigned(text, UINT8_MAX, &u) && ((V_UI1(ret) = (BYTE)u), true);
    case CIM_SINT16:
        V_VT(ret) = VT_I2;
        return read_signed(text, INT16_MIN, INT16_MAX, &s) && ((V_I2(ret) = (SHORT)s), true);
    case CIM_UINT16:
        V_VT(ret) = VT_I4;
        return read_unsigned(text, UINT16_MAX, &u) && ((V_I4(ret) = (LONG)u), true);
    case CIM_SINT32:
        V_VT(ret) = VT_I4;
        return read_signed(text, INT32_MIN, INT32_MAX, &s) && ((V_I4(ret) = (LONG)s), true);
    case CIM_UINT32:
        V_VT(ret) = VT_I4;
        return read_unsigned(text, UINT32_MAX, &u) && ((V_I4(ret) = (LONG)(uint32_t)u), true);
    case CIM_SINT64:
        return read_signed(text, INT64_MIN, INT64_MAX, &s);
    default:
        return read_unsigned(text, UINT64_MAX, &u);
    }
}

static HRESULT read_character(struct xml_reader *r, const struct xml_element *e, VARIANT *ret)
{
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    HRESULT hr = xml_text_bstr(e, &text);
    if (FAILED(hr)) {
        return hr;
    }
    if (SysStringLen(text) != 1 || text[0] > 0xffff) {
        return xml_fail(r, e, "a char16 is one character");
    }
    V_VT(ret) = VT_I2;
    V_I2(ret) = (SHORT)text[0];
    return WBEM_S_NO_ERROR;
}

static HRESULT read_text(const struct xml_element *e, VARIANT *ret)
{
    HRESULT hr = xml_text_bstr(e, &V_BSTR(ret));
    V_VT(ret) = SUCCEEDED(hr) ? VT_BSTR : VT_EMPTY;
    return hr;
}

static HRESULT read_number(struct xml_reader *r, const struct xml_element *e, CIMTYPE type,
                           VARIANT *ret)
{
    const char *text = trimmed(e);
    double real = 0;
    bool read = type == CIM_REAL32 || type == CIM_REAL64 ? read_real(text, &real)
                                                         : read_integer(text, type, ret);
    if (!read) {
        V_VT(ret) = VT_EMPTY;
        return xml_fail(r, e, "'%.64s' is not a %s", text, xml_type_name(type));
    }
    if (type == CIM_REAL32) {
        V_VT(ret) = VT_R4;
        V_R4(ret) = (float)real;
    } else if (type == CIM_REAL64) {
        V_VT(ret) = VT_R8;
        V_R8(ret) = real;
    } else if (type == CIM_SINT64 || type == CIM_UINT64) {
        HRESULT hr = com_bstr_from_utf8(text, &V_BSTR(ret));
        V_VT(ret) = SUCCEEDED(hr) ? VT_BSTR : VT_EMPTY;
        return hr;
    }
    return WBEM_S_NO_ERROR;
}

static HRESULT read_scalar(struct xml_reader *r, const struct xml_element *e, CIMTYPE type,
                           VARIANT *ret)
{
    switch (type) {
    case CIM_STRING:
    case CIM_DATETIME:
        return read_text(e, ret);
    case CIM_CHAR16:
        return read_character(r, e, ret);
    case CIM_BOOLEAN: {
        const char *text = trimmed(e);
        bool yes = strcasecmp(text, "true") == 0;
        if (!yes && strcasecmp(text, "false") != 0) {
            return xml_fail(r, e, "'%.64s' is not a boolean", text);
        }
        V_VT(ret) = VT_BOOL;
        V_BOOL(ret) = yes ? VARIANT_TRUE : VARIANT_FALSE;
        return WBEM_S_NO_ERROR;
    }
    default:
        return read_number(r, e, type, ret);
    }
}

/* ---- by kind ------------------------------------------------------------------------------ */

static HRESULT read_embedded(struct xml_reader *r, const struct xml_element *e, VARIANT *ret)
{
    IWbemClassObject *object = NULL;
    if (e->first == NULL) {
        return xml_fail(r, e, "the object is missing");
    }
    if (r->objects >= XML_MAX_OBJECTS) {
        return xml_fail(r, e, "objects are nested too deep");
    }
    r->objects++;
    HRESULT hr = xml_read_object(r, e->first, &object);
    r->objects--;
    if (SUCCEEDED(hr)) {
        V_VT(ret) = VT_UNKNOWN;
        V_UNKNOWN(ret) = (IUnknown *)object;
    }
    return hr;
}

static HRESULT read_one(struct xml_reader *r, const struct xml_element *e, CIMTYPE type,
                        VARIANT *ret)
{
    if (type == CIM_OBJECT) {
        return read_embedded(r, e, ret);
    }
    if (type == CIM_REFERENCE) {
        HRESULT hr = xml_read_reference(r, e, &V_BSTR(ret));
        V_VT(ret) = SUCCEEDED(hr) ? VT_BSTR : VT_EMPTY;
        return hr;
    }
    return read_scalar(r, e, type, ret);
}

static const char *element_of(CIMTYPE type)
{
    switch (type) {
    case CIM_REFERENCE:
        return "VALUE.REFERENCE";
    case CIM_OBJECT:
        return "VALUE.OBJECT";
    case CIM_REFERENCE | CIM_FLAG_ARRAY:
        return "VALUE.REFARRAY";
    case CIM_OBJECT | CIM_FLAG_ARRAY:
        return "VALUE.OBJECTARRAY";
    default:
        return type & CIM_FLAG_ARRAY ? "VALUE.ARRAY" : "VALUE";
    }
}

static HRESULT put_item(SAFEARRAY *array, LONG i, const VARIANT *item)
{
    void *data = V_VT(item) == VT_BSTR || V_VT(item) == VT_UNKNOWN ? (void *)V_BSTR(item)
                                                                   : (void *)&V_UI8(item);
    return SafeArrayPutElement(array, &i, data);
}

static HRESULT read_array(struct xml_reader *r, const struct xml_element *e, CIMTYPE type,
                          VARIANT *ret)
{
    const char *name = element_of(type);
    ULONG count = 0;
    for (const struct xml_element *item = e->first; item != NULL; item = item->next) {
        if (!xml_is(item, name)) {
            return xml_fail(r, item, "only %s may stand here", name);
        }
        count++;
    }
    SAFEARRAY *array = SafeArrayCreateVector(cim_variant_type(type), 0, count);
    if (array == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = WBEM_S_NO_ERROR;
    LONG i = 0;
    for (const struct xml_element *item = e->first; item != NULL && SUCCEEDED(hr);
         item = item->next, i++) {
        VARIANT value;
        VariantInit(&value);
        hr = read_one(r, item, type, &value);
        if (SUCCEEDED(hr)) {
            hr = put_item(array, i, &value);
        }
        (void)VariantClear(&value);
    }
    if (FAILED(hr)) {
        (void)SafeArrayDestroy(array);
        return hr;
    }
    V_VT(ret) = VT_ARRAY | cim_variant_type(type);
    V_ARRAY(ret) = array;
    return WBEM_S_NO_ERROR;
}

HRESULT xml_read_value(struct xml_reader *r, const struct xml_element *holder, CIMTYPE type,
                       VARIANT *ret)
{
    VariantInit(ret);
    const struct xml_element *e = xml_child(holder, element_of(type));
    if (e == NULL) {
        V_VT(ret) = VT_NULL;
        return WBEM_S_NO_ERROR;
    }
    return type & CIM_FLAG_ARRAY ? read_array(r, e, type & ~CIM_FLAG_ARRAY, ret)
                                 : read_one(r, e, type, ret);
}
