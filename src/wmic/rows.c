/*
 * The old program's output: "CLASS: name", the names of the properties, a row
 * for each object; the first two again whenever the class changes.
 */
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "wmic.h"

static void put_scalar(FILE *to, const VARIANT *v, CIMTYPE type)
{
    if (V_VT(v) == VT_NULL || V_VT(v) == VT_EMPTY) {
        fputs("(null)", to);
    } else if (V_VT(v) == VT_BOOL) {
        fputs(V_BOOL(v) ? "True" : "False", to);
    } else {
        char *text = value_text(v, type);
        fputs(text ? text : "", to);
        free(text);
    }
}

/* Arrays as (a,b). */
static void put_value(FILE *to, const VARIANT *v, CIMTYPE type)
{
    LONG last = -1;
    if (!V_ISARRAY(v)) {
        put_scalar(to, v, type);
        return;
    }
    fputc('(', to);
    (void)SafeArrayGetUBound(V_ARRAY(v), 1, &last);
    for (LONG i = 0; i <= last; i++) {
        VARIANT element;
        if (i > 0) {
            fputc(',', to);
        }
        if (SUCCEEDED(array_element(V_ARRAY(v), V_VT(v) & VT_TYPEMASK, i, &element))) {
            put_scalar(to, &element, type & ~CIM_FLAG_ARRAY);
        }
        VariantClear(&element);
    }
    fputc(')', to);
}

/* The names, or the values, of all properties with the delimiter between them. */
static HRESULT put_line(const struct rows *r, IWbemClassObject *object, bool names)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(object, WBEM_FLAG_NONSYSTEM_ONLY);
    const char *before = "";
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        CIMTYPE type = 0;
        VARIANT v;
        VariantInit(&v);
        hr = IWbemClassObject_Next(object, 0, &name, &v, &type, NULL);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        fputs(before, r->to);
        before = r->delimiter;
        if (names) {
            char *text = utf8_from_wide(name, SysStringLen(name));
            fputs(text ? text : "", r->to);
            free(text);
        } else {
            put_value(r->to, &v, type);
        }
        SysFreeString(name);
        VariantClear(&v);
    }
    (void)IWbemClassObject_EndEnumeration(object);
    fputc('\n', r->to);
    return FAILED(hr) ? hr : S_OK;
}

/* Begins anew when the object is of another class than the one before. */
static HRESULT put_header(struct rows *r, IWbemClassObject *object)
{
    VARIANT v;
    VariantInit(&v);
    HRESULT hr = IWbemClassObject_Get(object, L"__CLASS", 0, &v, NULL, NULL);
    if (FAILED(hr) || V_VT(&v) != VT_BSTR) {
        VariantClear(&v);
        return FAILED(hr) ? hr : WBEM_E_INVALID_OBJECT;
    }
    if (!r->class_name || wcscmp(r->class_name, V_BSTR(&v)) != 0) {
        char *text = utf8_from_wide(V_BSTR(&v), SysStringLen(V_BSTR(&v)));
        free(r->class_name);
        r->class_name = wcsdup(V_BSTR(&v));
        fprintf(r->to, "CLASS: %s\n", text ? text : "");
        free(text);
        hr = r->class_name ? put_line(r, object, true) : WBEM_E_OUT_OF_MEMORY;
    }
    VariantClear(&v);
    return hr;
}

HRESULT rows_put(struct rows *r, IWbemClassObject *object)
{
    HRESULT hr = put_header(r, object);
    return SUCCEEDED(hr) ? put_line(r, object, false) : hr;
}

void rows_done(struct rows *r)
{
    free(r->class_name);
    r->class_name = NULL;
}
