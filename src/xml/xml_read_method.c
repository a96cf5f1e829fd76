/*
 * Methods from XML: the one list of parameters to the two __PARAMETERS classes
 * ([WmiSdk] IWbemClassObject::PutMethod).
 */
#include <oleauto.h>
#include <string.h>
#include <strings.h>

#include "xml/xml_private.h"

#define ID_FLAVOR (WBEM_FLAVOR_FLAG_PROPAGATE_TO_INSTANCE | WBEM_FLAVOR_NOT_OVERRIDABLE)

struct signatures {
    IWbemClassObject *in, *out; /* NULL when there is none */
};

static bool is_parameter(const struct xml_element *e)
{
    return strncmp(e->name, "PARAMETER", 9) == 0 && (e->name[9] == '\0' || e->name[9] == '.');
}

static const struct xml_element *find_qualifier(const struct xml_element *e, const char *name)
{
    for (const struct xml_element *i = e->first; i != NULL; i = i->next) {
        const char *own = xml_is(i, "QUALIFIER") ? xml_get(i, "NAME") : NULL;
        if (own != NULL && strcasecmp(own, name) == 0) {
            return i;
        }
    }
    return NULL;
}

static bool qualifier_is_true(const struct xml_element *e, const char *name)
{
    const struct xml_element *q = find_qualifier(e, name);
    const struct xml_element *value = q != NULL ? xml_child(q, "VALUE") : NULL;
    return value != NULL && value->text != NULL && strncasecmp(value->text, "true", 4) == 0;
}

static HRESULT need(IWbemClassObject **signature)
{
    if (*signature != NULL) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = object_create_class(signature);
    return SUCCEEDED(hr) ? object_name_class(*signature, L"__PARAMETERS") : hr;
}

static HRESULT put_variant(IWbemClassObject *signature, const wchar_t *parameter,
                           const wchar_t *name, VARIANT *value, LONG flavor)
{
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = IWbemClassObject_GetPropertyQualifierSet(signature, parameter, &set);
    return SUCCEEDED(hr) ? IWbemQualifierSet_Put(set, name, value, flavor) : hr;
}

static HRESULT put_flag(IWbemClassObject *signature, const wchar_t *parameter, const wchar_t *name)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BOOL;
    V_BOOL(&value) = VARIANT_TRUE;
    return put_variant(signature, parameter, name, &value, 0);
}

static HRESULT put_parameter(struct xml_reader *r, const struct xml_element *e, LONG id,
                             bool assumed_in, IWbemClassObject **signature)
{
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    HRESULT hr = need(signature);
    if (SUCCEEDED(hr)) {
        hr = xml_get_wide(r, e, "NAME", &name);
    }
    if (SUCCEEDED(hr)) {
        hr = xml_read_property(r, e, name, -1, false, *signature);
    }
    if (SUCCEEDED(hr) && find_qualifier(e, "ID") == NULL && id >= 0) {
        VARIANT value;
        VariantInit(&value);
        V_VT(&value) = VT_I4;
        V_I4(&value) = id;
        hr = put_variant(*signature, name, L"ID", &value, ID_FLAVOR);
    }
    return SUCCEEDED(hr) && assumed_in ? put_flag(*signature, name, L"In") : hr;
}

/* A parameter that says neither is an input (DSP0004, qualifier In); what is named ReturnValue is
 * what the method returns, for a type that METHOD's TYPE can't have. */
static HRESULT read_parameters(struct xml_reader *r, const struct xml_element *e,
                               struct signatures *s)
{
    HRESULT hr = WBEM_S_NO_ERROR;
    LONG id = 0;
    for (const struct xml_element *i = e->first; i != NULL && SUCCEEDED(hr); i = i->next) {
        if (!is_parameter(i)) {
            continue;
        }
        const char *name = xml_get(i, "NAME");
        bool returned = name != NULL && strcasecmp(name, "ReturnValue") == 0;
        bool out = returned || qualifier_is_true(i, "Out");
        bool assumed_in = !out && find_qualifier(i, "In") == NULL;
        if (assumed_in || (!returned && qualifier_is_true(i, "In"))) {
            hr = put_parameter(r, i, id, assumed_in, &s->in);
        }
        if (SUCCEEDED(hr) && out) {
            hr = put_parameter(r, i, returned ? -1 : id, false, &s->out);
        }
        id += returned ? 0 : 1;
    }
    return hr;
}

static HRESULT read_return_type(struct xml_reader *r, const struct xml_element *e,
                                struct signatures *s)
{
    CIMTYPE type = CIM_EMPTY;
    if (xml_get(e, "TYPE") == NULL) {
        return WBEM_S_NO_ERROR;
    }
    HRESULT hr = xml_read_type(r, e, &type);
    if (SUCCEEDED(hr)) {
        hr = need(&s->out);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_Put(s->out, L"ReturnValue", 0, NULL, type);
    }
    return SUCCEEDED(hr) ? put_flag(s->out, L"ReturnValue", L"out") : hr;
}

HRESULT xml_read_method(struct xml_reader *r, const struct xml_element *e, int propagated,
                        IWbemClassObject *cls)
{
    struct signatures s = {NULL, NULL};
    CLEANUP(com_cleanup_free) wchar_t *name = NULL;
    CLEANUP(com_cleanup_release) IWbemQualifierSet *set = NULL;
    HRESULT hr = xml_get_wide(r, e, "NAME", &name);
    if (SUCCEEDED(hr)) {
        hr = read_parameters(r, e, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = read_return_type(r, e, &s);
    }
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_PutMethod(cls, name, 0, s.in, s.out);
        hr = FAILED(hr) && hr != WBEM_E_OUT_OF_MEMORY
                 ? xml_fail(r, e, "the method can't be added (0x%08x)", (unsigned)hr)
                 : hr;
    }
    com_release(s.in);
    com_release(s.out);
    if (SUCCEEDED(hr)) {
        hr = IWbemClassObject_GetMethodQualifierSet(cls, name, &set);
    }
    return SUCCEEDED(hr) ? xml_read_qualifiers(r, e, propagated, set) : hr;
}
