/*
 * Properties and qualifiers from XML into a class or instance.
 */
#include <oleauto.h>
#include <string.h>
#include <wchar.h>

#include "xml/xml_private.h"

bool xml_is_property(const struct xml_element *e)
{
    return strncmp(e->name, "PROPERTY", 8) == 0 && (e->name[8] == '\0' || e->name[8] == '.');
}

/* ---- qualifiers ---------------------------------------------------------------------- */

static LONG flavor_of(const struct xml_element *e)
{
    return (xml_get_flag(e, "OVERRIDABLE", true) ? 0 : WBEM_FLAVOR_NOT_OVERRIDABLE) |
           (xml_get_flag(e, "TOSUBCLASS", true) ? WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS : 0) |
           (xml_get_flag(e, "TOINSTANCE", false) ? WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE : 0) |
           (xml_get_flag(e, "TRANSLATABLE", false) ? WBEM_FLAVOR_AMENDED : 0);
}

/* The type says it already, but for the class of a reference or object. */
static bool is_only_type(const wchar_t *name, const VARIANT *value)
{
    return wcscasecmp(name, L"CIMTYPE") == 0 &&
           (V_VT(value) != VT_BSTR || wcschr(V_BSTR(value), L':') == NULL);
}

static HRESULT read_qualifier(struct xml_reader *r, const struct xml_element *e,
                              IWbemQualifierSet *set)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CIMTYPE type = CIM_EMPTY;
    VARIANT value;
    VariantInit(&value);
    HRESULT hr = xml_get_wide(r, e, "NAME", &name);
    if (SUCCEEDED(hr)) {
        hr = xml_read_type(r, e, &type);
    }
    if (FAILED(hr)) {
        return hr;
    }
    /* QUALIFIER has one form: its value says whether it is an array. */
    if (xml_child(e, "VALUE.ARRAY") != NULL) {
        type |= CIM_FLAG_ARRAY;
    }
    hr = xml_read_value(r, e, type, &value);
    if (SUCCEEDED(hr) && V_VT(&value) == VT_NULL) {
        return xml_fail(r, e, "a qualifier has a value");
    }
    if (SUCCEEDED(hr) && !is_only_type(name, &value)) {
        hr = IWbemQualifierSet_Put(set, name, &value, flavor_of(e));
        hr = FAILED(hr) && hr != WBEM_E_OUT_OF_MEMORY
                 ? xml_fail(r, e, "the qualifier can't be put (0x%08x)", (unsigned)hr)
                 : hr;
    }
    (void)VariantClear(&value);
    return hr;
}

HRESULT xml_read_qualifiers(struct xml_reader *r, const struct xml_element *e, int propagated,
                            IWbemQualifierSet *set)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        if (xml_is(i, "QUALIFIER") &&
            (propagated < 0 || xml_get_flag(i, "PROPAGATED", false) == (propagated > 0))) {
            hr = read_qualifier(r, i, set);
        }
    }
    return hr;
}

/* ---- properties ------------------------------------------------------------------------ */

static HRESULT put_class_of_type(const struct xml_element *e, CIMTYPE type, IWbemQualifierSet *set)
{
    const char *name = xml_get(e, "REFERENCECLASS");
    CIMTYPE scalar = type & ~CIM_FLAG_ARRAY;
    if (name == NULL || (scalar != CIM_REFERENCE && scalar != CIM_OBJECT)) {
        return WBEM_S_NO_ERROR;
    }
    size_t size = strlen(name) + 8;
    CLEANUP(com_cleanup_free) char *text = malloc(size);
    VARIANT value;
    VariantInit(&value);
    if (text == NULL) {
        return WBEM_E_OUT_OF_MEMORY;
    }
    (void)snprintf(text, size, "%s:%s", scalar == CIM_REFERENCE ? "ref" : "object", name);
    HRESULT hr = com_bstr_from_utf8(text, &V_BSTR(&value));
    if (SUCCEEDED(hr)) {
        V_VT(&value) = VT_BSTR;
        hr = IWbemQualifierSet_Put(set, L"CIMTYPE", &value,
                                   WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE |
                                       WBEM_FLAVOR_FLAG_PROPAGATE_TO_DERIVED_CLASS);
    }
    (void)VariantClear(&value);
    return hr;
}

HRESULT xml_read_property(struct xml_reader *r, const struct xml_element *e, const wchar_t *name,
                          int propagated, bool with_value, IWbemClassObject *cls)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    CIMTYPE type = CIM_EMPTY;
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_NULL;
    HRESULT hr = xml_read_type(r, e, &type);
    if (SUCCEEDED(hr) && with_value) {
        hr = xml_read_value(r, e, type, &value);
    }
    if (FAILED(hr)) {
        return hr;
    }
    hr = IWbemClassObject_Put(cls, name, 0, &value, type);
    (void)VariantClear(&value);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetPropertyQualifierSet(cls, name, &set);
    }
    if (SUCCEEDED(hr)) {
        hr = put_class_of_type(e, type, set);
    }
    if (FAILED(hr)) {
        return hr == WBEM_E_OUT_OF_MEMORY
                   ? hr
                   : xml_fail(r, e, "the property can't be added (0x%08x)", (unsigned)hr);
    }
    return xml_read_qualifiers(r, e, propagated, set);
}
