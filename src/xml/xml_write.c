/*
 * A class or instance as XML: elements, qualifiers, properties, and what stands
 * around the object by PathLevel ([WmiSdk] IWbemObjectTextSrc::GetText). Goes by
 * the public interfaces, so it writes anybody's implementation of them.
 */
#include <oleauto.h>
#include <string.h>
#include <wchar.h>

#include "xml/xml_private.h"

/* ---- elements ----------------------------------------------------------------------- */

void xml_begin(struct xml_writer *w, const char *name)
{
    if (w->depth > 0) {
        (void)fputc('\n', w->out);
    }
    for (int i = 0; i < w->depth; i++) {
        (void)fputc('\t', w->out);
    }
    (void)fprintf(w->out, "<%s", name);
}

void xml_attribute(struct xml_writer *w, const char *name, const wchar_t *value)
{
    (void)fprintf(w->out, " %s=\"", name);
    xml_put_text(w, value, wcslen(value), true);
    (void)fputc('"', w->out);
}

void xml_attribute_ascii(struct xml_writer *w, const char *name, const char *value)
{
    (void)fprintf(w->out, " %s=\"%s\"", name, value);
}

void xml_content(struct xml_writer *w)
{
    (void)fputc('>', w->out);
    w->depth++;
}

void xml_end_empty(struct xml_writer *w)
{
    (void)fputs("/>", w->out);
}

void xml_end(struct xml_writer *w, const char *name)
{
    w->depth--;
    (void)fputc('\n', w->out);
    for (int i = 0; i < w->depth; i++) {
        (void)fputc('\t', w->out);
    }
    (void)fprintf(w->out, "</%s>", name);
}

/* ---- qualifiers ----------------------------------------------------------------------- */

/* The CIM type of a qualifier's value ([WmiSdk] IWbemQualifierSet::Put lists the VARIANTs). */
static CIMTYPE type_of_variant(const VARIANT *v)
{
    CIMTYPE array = V_VT(v) & VT_ARRAY ? CIM_FLAG_ARRAY : 0;
    switch (V_VT(v) & VT_TYPEMASK) {
    case VT_BOOL:
        return CIM_BOOLEAN | array;
    case VT_UI1:
        return CIM_UINT8 | array;
    case VT_I2:
        return CIM_SINT16 | array;
    case VT_I4:
        return CIM_SINT32 | array;
    case VT_R4:
        return CIM_REAL32 | array;
    case VT_R8:
        return CIM_REAL64 | array;
    default:
        return CIM_STRING | array;
    }
}

/* DSP0201's defaults: overridable and to subclasses, neither to instances nor translatable. */
static void put_flavor(struct xml_writer *w, LONG flavor)
{
    if ((flavor & WBEM_FLAVOR_MASK_ORIGIN) == WBEM_FLAVOR_ORIGIN_PROPAGATED) {
        xml_attribute_ascii(w, "PROPAGATED", "true");
    }
    if (flavor & WBEM_FLAVOR_NOT_OVERRIDABLE) {
        xml_attribute_ascii(w, "OVERRIDABLE", "false");
    }
    if (!(flavor & WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS)) {
        xml_attribute_ascii(w, "TOSUBCLASS", "false");
    }
    if (flavor & WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE) {
        xml_attribute_ascii(w, "TOINSTANCE", "true");
    }
    if (flavor & WBEM_FLAVOR_AMENDED) {
        xml_attribute_ascii(w, "TRANSLATABLE", "true");
    }
}

static HRESULT put_qualifier(struct xml_writer *w, const wchar_t *name, const VARIANT *value,
                             LONG flavor)
{
    CIMTYPE type = type_of_variant(value);
    if (w->options->local_only &&
        (flavor & WBEM_FLAVOR_MASK_ORIGIN) == WBEM_FLAVOR_ORIGIN_PROPAGATED) {
        return WBEM_S_NO_ERROR;
    }
    xml_begin(w, "QUALIFIER");
    xml_attribute(w, "NAME", name);
    xml_put_type(w, type);
    put_flavor(w, flavor);
    xml_content(w);
    HRESULT hr = xml_put_value(w, value, type);
    xml_end(w, "QUALIFIER");
    return hr;
}

HRESULT xml_put_qualifiers(struct xml_writer *w, IWbemQualifierSet *set)
{
    if (!w->options->qualifiers) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = IWbemQualifierSet_BeginEnumeration(set, 0);
    while (SUCCEEDED(hr)) {
        BSTR name = NULL;
        VARIANT value;
        LONG flavor = 0;
        VariantInit(&value);
        hr = IWbemQualifierSet_Next(set, 0, &name, &value, &flavor);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        hr = put_qualifier(w, name, &value, flavor);
        SysFreeString(name);
        (void)VariantClear(&value);
    }
    (void)IWbemQualifierSet_EndEnumeration(set);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

void xml_reference_class(struct xml_writer *w, IWbemQualifierSet *set)
{
    VARIANT cimtype;
    VariantInit(&cimtype);
    if (SUCCEEDED(IWbemQualifierSet_Get(set, L"CIMTYPE", 0, &cimtype, NULL)) &&
        V_VT(&cimtype) == VT_BSTR) {
        const wchar_t *colon = wcschr(V_BSTR(&cimtype), L':');
        if (colon != NULL && colon[1] != L'\0') {
            xml_attribute(w, "REFERENCECLASS", colon + 1);
        }
    }
    (void)VariantClear(&cimtype);
}

/* ---- properties --------------------------------------------------------------------------- */

const char *xml_form_of_type(const struct xml_writer *w, CIMTYPE type)
{
    bool array = (type & CIM_FLAG_ARRAY) != 0;
    switch (type & ~CIM_FLAG_ARRAY) {
    case CIM_REFERENCE:
        return array ? ".REFARRAY" : ".REFERENCE";
    case CIM_OBJECT:
        if (w->options->wmi) {
            return array ? ".OBJECTARRAY" : ".OBJECT";
        }
        break;
    default:
        break;
    }
    return array ? ".ARRAY" : "";
}

void xml_put_type(struct xml_writer *w, CIMTYPE type)
{
    CIMTYPE scalar = type & ~CIM_FLAG_ARRAY;
    const char *name = xml_type_name(scalar);
    if (name == NULL && scalar == CIM_OBJECT && !w->options->wmi) {
        name = "string"; /* the object's text */
    }
    if (name != NULL) {
        xml_attribute_ascii(w, "TYPE", name);
    }
}

struct property {
    BSTR name;
    VARIANT value;
    CIMTYPE type;
    LONG flavor;
};

static HRESULT put_property_inside(struct xml_writer *w, const struct property *p,
                                   const wchar_t *origin, IWbemQualifierSet *set)
{
    char name[32];
    (void)snprintf(name, sizeof name, "PROPERTY%s", xml_form_of_type(w, p->type));
    xml_begin(w, name);
    xml_attribute(w, "NAME", p->name);
    if (origin != NULL) {
        xml_attribute(w, "CLASSORIGIN", origin);
    }
    if (p->flavor == WBEM_FLAVOR_ORIGIN_PROPAGATED) {
        xml_attribute_ascii(w, "PROPAGATED", "true");
    }
    xml_put_type(w, p->type);
    if (set != NULL) {
        xml_reference_class(w, set);
    }
    xml_content(w);
    HRESULT hr = set != NULL ? xml_put_qualifiers(w, set) : WBEM_S_NO_ERROR;
    if (SUCCEEDED(hr)) {
        hr = xml_put_value(w, &p->value, p->type);
    }
    xml_end(w, name);
    return hr;
}

static HRESULT put_property(struct xml_writer *w, IWbemClassObject *object,
                            const struct property *p)
{
    bool is_system = p->flavor == WBEM_FLAVOR_ORIGIN_SYSTEM;
    if ((is_system && w->options->no_system) ||
        (w->options->local_only && p->flavor == WBEM_FLAVOR_ORIGIN_PROPAGATED)) {
        return WBEM_S_NO_ERROR;
    }
    CLEANUP(com_cleanup_bstr) BSTR origin = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = WBEM_S_NO_ERROR;
    if (!is_system) {
        hr = IWbemClassObject_GetPropertyQualifierSet(object, p->name, &set);
    }
    if (SUCCEEDED(hr) && w->options->class_origin) {
        hr = is_system ? com_bstr_from_utf8("___SYSTEM", &origin)
                       : IWbemClassObject_GetPropertyOrigin(object, p->name, &origin);
    }
    return SUCCEEDED(hr) ? put_property_inside(w, p, origin, set) : hr;
}

static HRESULT put_properties(struct xml_writer *w, IWbemClassObject *object)
{
    HRESULT hr = IWbemClassObject_BeginEnumeration(object, 0);
    while (SUCCEEDED(hr)) {
        struct property p = {0};
        VariantInit(&p.value);
        hr = IWbemClassObject_Next(object, 0, &p.name, &p.value, &p.type, &p.flavor);
        if (hr != WBEM_S_NO_ERROR) {
            break;
        }
        hr = put_property(w, object, &p);
        SysFreeString(p.name);
        (void)VariantClear(&p.value);
    }
    (void)IWbemClassObject_EndEnumeration(object);
    return FAILED(hr) ? hr : WBEM_S_NO_ERROR;
}

/* ---- objects --------------------------------------------------------------------------------- */

/* NULL for a property that is NULL. */
static HRESULT get_string(IWbemClassObject *object, const wchar_t *name, BSTR *ret)
{
    VARIANT value;
    VariantInit(&value);
    *ret = NULL;
    HRESULT hr = IWbemClassObject_Get(object, name, 0, &value, NULL, NULL);
    if (SUCCEEDED(hr) && V_VT(&value) == VT_BSTR) {
        *ret = TAKE(V_BSTR(&value));
    }
    (void)VariantClear(&value);
    return hr;
}

static HRESULT put_inside(struct xml_writer *w, IWbemClassObject *object, bool cls)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetQualifierSet(object, &set);
    if (SUCCEEDED(hr)) {
        hr = xml_put_qualifiers(w, set);
    }
    if (SUCCEEDED(hr)) {
        hr = put_properties(w, object);
    }
    return SUCCEEDED(hr) && cls ? xml_put_methods(w, object) : hr;
}

HRESULT xml_put_object(struct xml_writer *w, IWbemClassObject *object)
{
    CLEANUP(com_cleanup_bstr) BSTR name = NULL;
    CLEANUP(com_cleanup_bstr) BSTR superclass = NULL;
    bool cls = false;
    HRESULT hr = object_is_class(object, &cls);
    if (SUCCEEDED(hr)) {
        hr = get_string(object, L"__CLASS", &name);
    }
    if (SUCCEEDED(hr) && cls) {
        hr = get_string(object, L"__SUPERCLASS", &superclass);
    }
    if (FAILED(hr)) {
        return hr;
    }
    const char *element = cls ? "CLASS" : "INSTANCE";
    xml_begin(w, element);
    xml_attribute(w, cls ? "NAME" : "CLASSNAME", name != NULL ? name : L"");
    if (superclass != NULL) {
        xml_attribute(w, "SUPERCLASS", superclass);
    }
    xml_content(w);
    hr = put_inside(w, object, cls);
    xml_end(w, element);
    return hr;
}

/* The object's path; for one that is in no namespace, or has no keys, as much as there is of it. */
static HRESULT path_of_object(IWbemClassObject *object, bool cls, struct object_path **ret)
{
    CLEANUP(com_cleanup_bstr) BSTR text = NULL;
    HRESULT hr = get_string(object, L"__PATH", &text);
    if (SUCCEEDED(hr) && text == NULL) {
        hr = get_string(object, L"__RELPATH", &text);
    }
    bool nameless = SUCCEEDED(hr) && text == NULL;
    if (nameless) {
        hr = get_string(object, L"__CLASS", &text);
    }
    if (SUCCEEDED(hr)) {
        hr = text != NULL ? object_path_parse(text, ret, NULL) : WBEM_E_INVALID_OBJECT;
    }
    if (SUCCEEDED(hr) && nameless) {
        (*ret)->is_instance = !cls;
    }
    return hr;
}

static HRESULT put_located(struct xml_writer *w, IWbemClassObject *object)
{
    static const char *const names[] = {"VALUE.NAMEDOBJECT", "VALUE.OBJECTWITHLOCALPATH",
                                        "VALUE.OBJECTWITHPATH"};
    const LONG level = w->options->path_level;
    struct object_path *path = NULL;
    bool cls = false;
    HRESULT hr = object_is_class(object, &cls);
    if (SUCCEEDED(hr)) {
        hr = path_of_object(object, cls, &path);
    }
    if (FAILED(hr)) {
        return hr;
    }
    xml_begin(w, names[level - 1]);
    xml_content(w);
    if (!cls || level > 1) {
        hr = xml_put_path(w, path, level);
    }
    if (SUCCEEDED(hr)) {
        hr = xml_put_object(w, object);
    }
    xml_end(w, names[level - 1]);
    object_path_destroy(path);
    return hr;
}

HRESULT xml_write(IWbemClassObject *object, const struct xml_options *options, char **ret)
{
    char *text = NULL;
    size_t size = 0;
    struct xml_writer w = {.options = options, .out = open_memstream(&text, &size)};
    if (w.out == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    HRESULT hr = options->path_level == 0 ? xml_put_object(&w, object) : put_located(&w, object);
    (void)fputc('\n', w.out);
    bool written = !ferror(w.out);
    if (fclose(w.out) != 0 || !written) {
        hr = FAILED(hr) ? hr : WBEM_E_OUT_OF_MEMORY;
    }
    if (FAILED(hr)) {
        free(text);
        return hr;
    }
    *ret = text;
    return WBEM_S_NO_ERROR;
}
